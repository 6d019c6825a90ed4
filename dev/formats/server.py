"""Starts the real server on ephemeral ports, and asks it as a client of Python's standard library does."""
import contextlib
import http.client
import io
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
import urllib.parse
import zlib

import pyarrow as pa

import project


class Server:
    """`log`: its lines up to now."""

    def __init__(self, api_port, admin_port, child, cache, log):
        self.api_port, self.admin_port, self.child, self.cache, self.log = api_port, admin_port, child, cache, log

    def get(self, endpoint, params=None, encoding="identity"):
        """Returns the headers and the decoded body. Raises if the answer is not a complete 200."""
        headers, body = self.get_raw(endpoint, params, encoding)
        return headers, decode(body, headers.get("content-encoding"))

    def get_raw(self, endpoint, params=None, encoding="identity"):
        """As get(), with the body as it was sent."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api_port, timeout=120)
        try:
            target = f"/v1/endpoints/{endpoint}?{urllib.parse.urlencode(params or {})}"
            connection.request("GET", target, headers={"Authorization": f"Bearer {project.KEY}", "Accept-Encoding": encoding})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise RuntimeError(f"{target}: {response.status} {body[:500]!r}")
        return response.headers, body

    def metrics(self, name):
        """Returns {labels as they are written: value} of a metric."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        try:
            connection.request("GET", "/metrics")
            lines = connection.getresponse().read().decode().splitlines()
        finally:
            connection.close()
        split = (line[len(name):].rpartition(" ") for line in lines if line.startswith((name + "{", name + " ")))
        return {labels: float(value) for labels, _, value in split}


def decode(body, encoding):
    """Raises if the body is not the whole of what was compressed."""
    if encoding is None:
        return body
    if encoding == "gzip":
        stream = zlib.decompressobj(wbits=31)
        out = stream.decompress(body)
        if not stream.eof or stream.unused_data:
            raise ValueError("not one whole gzip member")
        return out
    with pa.CompressedInputStream(io.BytesIO(body), encoding) as stream:
        return stream.read()


def until(what, condition, seconds=60, step=0.05):
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if condition():
                return
        if time.monotonic() > end:
            raise TimeoutError(f"gave up waiting for {what}")
        time.sleep(step)


def _ready(port, tls):
    if tls:
        connection = http.client.HTTPSConnection("localhost", port, timeout=5, context=tls)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    finally:
        connection.close()


@contextlib.contextmanager
def running(binary, config, admin_tls=None, **settings):
    """Runs a server until the block ends, with more `settings`, such as OFFLOADER_INDEX="off". The block may end the server. The server's log follows
    an exception of the block. `admin_tls`: an SSLContext, if the admin port speaks TLS."""
    with tempfile.TemporaryDirectory(prefix="offloader-check-") as cache:
        environment = {
            "PATH": os.environ["PATH"], "OFFLOADER_CONFIG": str(config), "OFFLOADER_SECRET_KEY_BASE": "only-for-checks-only-for-checks-0000", "OFFLOADER_CACHE_DIR": f"{cache}/cache",
            "OFFLOADER_API_BIND": "127.0.0.1", "OFFLOADER_API_PORT": "0", "OFFLOADER_ADMIN_PORT": "0", "OFFLOADER_DRAIN_SECONDS": "0", "OFFLOADER_POOL_SIZE": "4",
            "OFFLOADER_DUCKDB_MEMORY_LIMIT": "512MB", "OFFLOADER_LOG_FORMAT": "json", "OFFLOADER_POOL_WAIT_MS": "10000", **settings,
        }
        child = subprocess.Popen([binary, "start"], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        log, ports = [], queue.Queue()

        def read():
            for line in child.stderr:
                log.append(line)
                with contextlib.suppress(ValueError):
                    entry = json.loads(line)
                    if entry.get("message") == "listening":
                        ports.put(entry)
            ports.put(None)

        reader = threading.Thread(target=read)
        reader.start()
        try:
            listening = ports.get(timeout=60)
            if listening is None:
                raise RuntimeError("the server ended before it listened")
            until("readiness", lambda: _ready(int(listening["admin_port"]), admin_tls))
            yield Server(int(listening["api_port"]), int(listening["admin_port"]), child, f"{cache}/cache", log)
        except BaseException as error:
            error.add_note("The end of the log of the server:\n" + "".join(log[-10:]))
            raise
        finally:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            reader.join()
