"""A relay of TCP connections that holds the server's answers back, so that every client, however fast, is in the middle of its answer when something
breaks. It changes no byte, and ends the client's connection as the server ended its own: by FIN, or by RST."""
import contextlib
import select
import socket
import struct
import threading

_FIRST = 64 << 10  # bytes of an answer that pass
_BUFFER = 16 << 10  # of a connection to the server, so that little is under way
_PART = 256 << 10
_LOOK = 0.05  # seconds after which a connection that is held looks whether it still is


class Gate:
    """Listens on `port` until close(). Holds answers back until open(). `held` counts the answers that it holds or held back."""

    def __init__(self, server_port):
        self._server_port = server_port
        self._open = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self.held = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def open(self):
        self._open.set()

    def close(self):
        # Unlike close(), this ends accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client):
        with client, socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            with contextlib.suppress(OSError):
                server.connect(("127.0.0.1", self._server_port))
                if self._copy(client, server):
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _copy(self, client, server):
        """Returns whether the server reset the connection. Raises OSError if the client is gone."""
        passed, held, asks = 0, False, True
        while True:
            if passed >= _FIRST and not held:
                held = True
                with self._lock:
                    self.held += 1
            flows = not held or self._open.is_set()
            ready = select.select(([client] if asks else []) + ([server] if flows else []), [], [], None if flows else _LOOK)[0]
            if client in ready:
                part = client.recv(_BUFFER)
                asks = bool(part)
                server.sendall(part) if part else server.shutdown(socket.SHUT_WR)
            if server in ready:
                try:
                    part = server.recv(_PART)
                except ConnectionResetError:
                    return True
                if not part:
                    return False
                client.sendall(part)
                passed += len(part)
