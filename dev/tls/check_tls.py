#!/usr/bin/env python3
"""check_tls.py BINARY: runs the server with TLS on both ports, and asks it as OpenSSL's s_client, curl, Python's ssl and Node do: versions and suites, resumption,
client certificates, rotation under load, a pair that does not fit, exports with a slow reader, and exports that break. Run it with the Python of
.deps/readers (setup.sh --tools test)."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import pyarrow as pa

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "formats"))

import certificates  # noqa: E402
import project  # noqa: E402
import server  # noqa: E402

ROWS = 400_000
SMALL = "/v1/endpoints/lines?limit=5"
LARGE = f"/v1/endpoints/lines?format=csv&limit={ROWS}"
MEMORY = 64 << 20  # bytes that an export may add
ROTATIONS = 8
problems = []


def expect(condition, what):
    if not condition:
        problems.append(what)
        print(f"FAILED  {what}", file=sys.stderr)


def write_project(folder):
    """Some 60 MB of rows, so that an export does not fit into buffers on the way."""
    table = pa.table({"tenant": [project.cells.TENANT] * ROWS, "id": pa.array(range(ROWS), pa.int32()), "note": [f"{i:08}" * 18 for i in range(ROWS)]})
    project.write_dataset(folder, "lines", {"tenant": "VARCHAR", "id": "INTEGER", "note": "VARCHAR"}, table)
    project.write_file(folder, "endpoints/lines.yml", {
        "name": "lines", "version": 1, "dataset": "lines", "tenant": {"column": "tenant"}, "columns": ["id", "note"],
        "query": {"select": [{"as": name, "column": name} for name in ("id", "note")]}, "formats": project.FORMATS, "export": {"max_rows": ROWS, "concurrency": 8},
    })
    project.write_key(folder, ["lines"])


class Scene:
    """The files of a server with TLS on both ports, and clients of it."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, pathlib.Path(folder)
        self.authority = certificates.Authority(folder, "servers")
        self.clients = certificates.Authority(folder, "clients")
        self.others = certificates.Authority(folder, "others")
        self.certificate, self.key = self.folder / "port.pem", self.folder / "port.key"
        self.renew()
        self.config = self.folder / "project"
        self.config.mkdir()
        write_project(self.config)

    def renew(self):
        certificates.install(self.authority.issue("localhost"), self.certificate, self.key)

    def running(self, client_ca=False, **settings):
        files = {f"OFFLOADER_{port}_TLS_{kind}": str(path) for port in ("API", "ADMIN") for kind, path in (("CERT", self.certificate), ("KEY", self.key))}
        if client_ca:
            files |= {f"OFFLOADER_{port}_TLS_CLIENT_CA": str(self.clients.certificate) for port in ("API", "ADMIN")}
        return server.running(self.binary, self.config / "offloader.yml", admin_tls=self.context(), OFFLOADER_ADMIN_TOKEN="right", **files, **settings)

    def context(self, pair=None):
        out = ssl.create_default_context(cafile=self.authority.certificate)
        if pair:
            out.load_cert_chain(*pair)
        return out

    def get(self, port, target, pair=None, token=project.KEY):
        """Returns the status and the body of a request on a new connection."""
        with contextlib.closing(http.client.HTTPSConnection("localhost", port, timeout=60, context=self.context(pair))) as connection:
            connection.request("GET", target, headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            return response.status, response.read()

    def served(self, port):
        """The serial number of the certificate that a new connection gets."""
        with socket.create_connection(("localhost", port)) as raw, self.context().wrap_socket(raw, server_hostname="localhost") as connection:
            return int(connection.getpeercert()["serialNumber"], 16)

    def curl(self, *arguments):
        return subprocess.run(["curl", "-q", "-sS", "--max-time", "60", "-H", f"Authorization: Bearer {project.KEY}", *arguments], capture_output=True, text=True)

    def s_client(self, port, *arguments, text="GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
        return subprocess.run(["openssl", "s_client", "-connect", f"localhost:{port}", "-CAfile", str(self.authority.certificate), "-ign_eof", *arguments],
                              input=text, capture_output=True, text=True, timeout=60)


def check_versions(scene, api):
    for flag in ("-tls1", "-tls1_1"):
        expect("Cipher is (NONE)" in scene.s_client(api.api_port, flag, "-cipher", "ALL:@SECLEVEL=0").stdout, f"s_client {flag} is refused")
    for flag, suite in (("-tls1_2", "ECDHE-ECDSA-"), ("-tls1_3", "TLS_")):
        out = scene.s_client(api.api_port, flag, "-alpn", "h2,http/1.1").stdout
        for part in ("HTTP/1.1 200 OK", f"Cipher is {suite}", "ALPN protocol: http/1.1", "Compression: NONE", "Verification: OK"):
            expect(part in out, f"s_client {flag} says {part}")
        session = scene.folder / "session"
        scene.s_client(api.api_port, flag, "-sess_out", str(session))
        expect("Reused, " in scene.s_client(api.api_port, flag, "-sess_in", str(session)).stdout, f"s_client {flag} resumes its session")
    expect("Cipher is (NONE)" in scene.s_client(api.api_port, "-tls1_2", "-cipher", "AES128-SHA:ECDHE-ECDSA-AES128-SHA").stdout, "suites without AEAD are refused")
    expect("no application protocol" in scene.s_client(api.api_port, "-alpn", "h2").stderr, "a client of h2 alone is refused")
    expect("no renegotiation" in scene.s_client(api.api_port, "-tls1_2", "-no_ign_eof", text="R\n").stderr.lower(), "renegotiation is refused")


def check_curl(scene, api):
    url, ca = f"https://localhost:{api.api_port}{SMALL}", ("--cacert", str(scene.authority.certificate))
    expect(json.loads(scene.curl(*ca, url).stdout or "{}").get("data"), "curl gets rows")
    expect(scene.curl(url).returncode == 60, "curl without the authority rejects the certificate")
    told = scene.curl(f"http://localhost:{api.api_port}{SMALL}")
    expect("this port speaks TLS" in told.stdout, "curl over plain HTTP is told to use https")
    expect(scene.curl("--http2", *ca, url).returncode == 0, "curl that prefers HTTP/2 gets HTTP/1.1")
    with server.running(scene.binary, scene.config / "offloader.yml") as plain:
        expect(scene.curl(*ca, f"https://localhost:{plain.api_port}{SMALL}").returncode == 35, "curl over TLS fails on a plain port")


def check_commands(scene, api):
    """The CLI and deploy-check over https."""
    environment = {"PATH": os.environ["PATH"], "OFFLOADER_KEY": project.KEY, "OFFLOADER_ADMIN_TOKEN": "right", "OFFLOADER_CA_FILE": str(scene.authority.certificate),
                   "OFFLOADER_ADMIN_PORT": str(api.admin_port), "OFFLOADER_ADMIN_TLS_CERT": str(scene.certificate), "OFFLOADER_ADMIN_TLS_KEY": str(scene.key)}
    api_url, admin_url = f"https://localhost:{api.api_port}", f"https://localhost:{api.admin_port}"
    export = str(scene.folder / "export.csv")

    def run(*command, without=()):
        return subprocess.run(command, env={name: value for name, value in environment.items() if name not in without}, capture_output=True, text=True, timeout=300)

    for command in (["endpoint", "test", "--endpoint", "lines", "--url", api_url, "--params", "limit=5"],
                    ["endpoint", "export", "--endpoint", "lines", "--url", api_url, "--out", export],
                    ["healthcheck"], ["snapshot", "status"], ["docs"],
                    ["snapshot", "refresh", "lines", "--admin-url", admin_url],
                    ["support-bundle", "--config", str(scene.config), "--out", str(scene.folder / "bundle.tar.gz")]):
        done = run(scene.binary, *command)
        expect(done.returncode == 0, f"offloader {' '.join(command[:2])} works over https: {done.stdout[-300:]}{done.stderr[-300:]}")
    out = run(scene.binary, "doctor", "--config", str(scene.config / "offloader.yml"), "--admin-url", admin_url).stdout
    expect(re.search(r"ok +server", out) and re.search(r"ok +certificates +the admin port's certificate expires", out), f"doctor checks a server over https: {out}")
    expect(run(scene.binary, "endpoint", "test", "--endpoint", "lines", "--url", api_url, without=("OFFLOADER_CA_FILE",)).returncode != 0,
           "the CLI rejects a certificate of an unknown authority")
    expect(run(scene.binary, "healthcheck", without=("OFFLOADER_CA_FILE",)).returncode == 0, "healthcheck accepts any certificate")
    done = run(str(HERE.parent / "scripts/deploy-check.sh"), "--api", api_url, "--admin", admin_url)
    expect(done.returncode == 0, f"deploy-check passes over https: {done.stdout[-300:]}{done.stderr[-600:]}")


def check_client_certificates(scene):
    accepted = scene.clients.issue("billing", "URI:spiffe://example.org/billing,DNS:billing.example")
    refused = {"no certificate": None, "one of another authority": scene.others.issue("billing", "URI:spiffe://example.org/billing"),
               "one that has expired": scene.clients.issue("billing", days=-1)}
    with scene.running(client_ca=True) as api:
        expect(scene.get(api.api_port, SMALL, accepted)[0] == 200, "Python with a client certificate gets rows")
        expect(scene.get(api.api_port, SMALL, accepted, token="wrong")[0] == 401, "a certificate does not replace a wrong key")
        expect(scene.get(api.admin_port, "/metrics", accepted)[0] == 200, "the admin port accepts the certificate")
        for what, pair in refused.items():
            for target in (SMALL, "/v1", "/nothing"):
                status, body = scene.get(api.api_port, target, pair)
                expect(status == 401 and b"client certificate" in body, f"{what} is 401 on {target}, not {status}")
            for target in ("/metrics", "/status", "/docs", "/diagnostics"):
                expect(scene.get(api.admin_port, target, pair, token="right")[0] == 401, f"{what} is 401 on {target} of the admin port")
            expect(scene.get(api.api_port, "/healthz", pair)[0] == 200, f"{what} is enough for /healthz")
            for target in ("/live", "/ready"):
                expect(scene.get(api.admin_port, target, pair)[0] == 200, f"{what} is enough for {target}")
        done = scene.curl("--cacert", str(scene.authority.certificate), "--cert", str(accepted[0]), "--key", str(accepted[1]), f"https://localhost:{api.api_port}{SMALL}")
        expect('"data"' in done.stdout, "curl with a client certificate gets rows")


class PythonLoad:
    """Requests until stop(), from clients that keep their connection and from clients that do not."""

    def __init__(self, scene, port):
        self._scene, self._port, self._stop = scene, port, threading.Event()
        self.answered, self.failed = 0, []
        self._threads = [threading.Thread(target=self._ask, args=(keeps,)) for keeps in (True, True, False)]
        for thread in self._threads:
            thread.start()

    def _ask(self, keeps):
        context = self._scene.context()
        connection = None
        while not self._stop.is_set():
            try:
                connection = connection or http.client.HTTPSConnection("localhost", self._port, timeout=60, context=context)
                connection.request("GET", SMALL, headers={"Authorization": f"Bearer {project.KEY}"})
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    raise RuntimeError(f"status {response.status}")
                self.answered += 1
            except Exception as error:  # noqa: BLE001 - every failure counts
                self.failed.append(repr(error))
                connection = None
            if not keeps and connection:
                connection.close()
                connection = None

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()


def check_rotation(scene, api):
    node = subprocess.Popen(["node", str(HERE / "load.mjs"), str(api.api_port), str(scene.authority.certificate), SMALL, project.KEY],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    load = PythonLoad(scene, api.api_port)
    for _ in range(ROTATIONS):
        before, answered = scene.served(api.api_port), load.answered
        scene.renew()
        for port in (api.api_port, api.admin_port):
            server.until("the new certificate", lambda: scene.served(port) != before)
        server.until("more answers", lambda: load.answered > answered + 20)
    # A certificate whose key does not come.
    before, log = scene.served(api.api_port), len(api.log)
    certificates.install(scene.authority.issue("localhost")[:1], scene.certificate, scene.key)
    warned = lambda: [line for line in api.log[log:] if "previous ones stay in use" in line]
    server.until("the warnings of both ports", lambda: len(warned()) == 2)
    expect(all('"level":"warning"' in line and "_TLS_KEY " in line and scene.key.name in line for line in warned()), f"the warning names the setting: {warned()}")
    expect(scene.served(api.api_port) == before, "a pair that does not fit keeps the old one")
    api.child.send_signal(signal.SIGHUP)
    server.until("the warnings after SIGHUP", lambda: len(warned()) == 4)
    expect(scene.served(api.api_port) == before, "a pair that does not fit keeps the old one after SIGHUP")
    scene.renew()
    api.child.send_signal(signal.SIGHUP)
    server.until("the certificate after SIGHUP", lambda: scene.served(api.api_port) != before)
    load.stop()
    seen = json.loads(node.communicate("", timeout=60)[0])
    expect(not load.failed and load.answered > 100, f"no request of Python fails during rotations: {load.answered} answered, {load.failed[:3]}")
    expect(not seen["failed"] and seen["answered"] > 100, f"no request of Node fails during rotations: {seen}")
    print(f"rotations: {ROTATIONS}, answered to Python {load.answered}, to Node {seen['answered']}, failed 0")


def check_metric(scene, api):
    left = [float(value) for value in re.findall(r'^offloader_tls_certificate_expires_seconds\{port="(?:api|admin)"\} (\S+)$',
                                                 scene.get(api.admin_port, "/metrics")[1].decode(), re.MULTILINE)]
    expect(len(left) == 2 and all(89 * 86400 < seconds <= 90 * 86400 for seconds in left), f"the metric says when the certificates expire: {left}")


def resident(api):
    return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{api.child.pid}/status").read_text())[1]) * 1024


def check_slow_reader(scene, api):
    scene.get(api.api_port, LARGE)  # so that memory that stays is there
    before = most = resident(api)
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        raw.connect(("127.0.0.1", api.api_port))
        with scene.context().wrap_socket(raw, server_hostname="localhost") as connection:
            connection.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {project.KEY}\r\nConnection: close\r\n\r\n".encode())
            size = 0
            for _ in range(50):
                size += len(connection.recv(64 << 10))
                time.sleep(0.04)
                most = max(most, resident(api))
            tail = b""
            while part := connection.recv(1 << 20):
                size, tail = size + len(part), (tail + part)[-16:]
    expect(tail.endswith(b"0\r\n\r\n") and size > 50 << 20, f"a slow reader gets the whole export: {size} bytes")
    expect(most - before < MEMORY, f"an export to a slow reader adds {(most - before) >> 20} MiB")
    print(f"slow reader: {size >> 20} MiB, memory +{(most - before) / (1 << 20):.1f} MiB")


def check_breaks(scene):
    """Kills the server in the middle of exports. No client may take what it got for a whole."""
    # Exports have a quarter of the pool.
    with scene.running(OFFLOADER_POOL_SIZE="64") as api:
        url, ca, port = f"https://localhost:{api.api_port}{LARGE}", str(scene.authority.certificate), str(api.api_port)
        auth = f"Authorization: Bearer {project.KEY}"
        commands = {
            "curl": ["curl", "-q", "-sS", "--limit-rate", "2M", "--cacert", ca, "-H", auth, "-o", os.devnull, url],
            "curl of HTTP/1.0": ["curl", "-q", "-sS", "--http1.0", "--limit-rate", "2M", "--cacert", ca, "-H", auth, "-o", os.devnull, url],
            "Python": [sys.executable, "-c", "import ssl,sys,time,urllib.request as u\n"
                       "r = u.urlopen(u.Request(sys.argv[1], headers={'Authorization': sys.argv[2]}), context=ssl.create_default_context(cafile=sys.argv[3]))\n"
                       "while r.read(1 << 16): time.sleep(0.02)", url, auth.removeprefix("Authorization: "), ca],
            "Node": ["node", str(HERE / "download.mjs"), port, ca, LARGE, project.KEY],
        }
        started = {name: subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for name, command in commands.items()}
        busy = lambda: int(re.search(r'offloader_connections\{port="api"\} (\d+)', scene.get(api.admin_port, "/metrics")[1].decode())[1])
        server.until("the exports to run", lambda: busy() == len(commands))
        time.sleep(1)
        still = [name for name, child in started.items() if child.poll() is None]
        expect(len(still) == len(commands), f"the exports are under way: {still}")
        api.child.kill()
        for name, child in started.items():
            told = child.communicate(timeout=60)[1]
            expect(child.returncode != 0, f"{name} notices an export that breaks")
            reason = [line for line in told.splitlines() if re.match(r"curl: |\S*Error|\S*IncompleteRead", line)]
            print(f"broken export: {name} says {' '.join(reason)[:100]}")


def check_refused_starts(scene):
    other = scene.authority.issue("localhost")
    for what, settings, told in (
            ("no key", {"OFFLOADER_API_TLS_CERT": scene.certificate}, "OFFLOADER_API_TLS_KEY is not set"),
            ("a key of another certificate", {"OFFLOADER_API_TLS_CERT": scene.certificate, "OFFLOADER_API_TLS_KEY": other[1]}, "Invalid OFFLOADER_API_TLS_KEY "),
            ("no such file", {"OFFLOADER_ADMIN_TLS_CERT": scene.folder / "absent", "OFFLOADER_ADMIN_TLS_KEY": other[1]}, "Invalid OFFLOADER_ADMIN_TLS_CERT")):
        environment = {"PATH": os.environ["PATH"], "OFFLOADER_CONFIG": str(scene.config), "OFFLOADER_SECRET_KEY_BASE": "k" * 32,
                       "OFFLOADER_CACHE_DIR": str(scene.folder / "refused"), **{name: str(value) for name, value in settings.items()}}
        done = subprocess.run([scene.binary, "start"], env=environment, capture_output=True, text=True, timeout=60)
        lines = done.stderr.strip().splitlines()
        expect(done.returncode == 1 and len(lines) == 1 and told in lines[0], f"a start with {what} is refused by one line: {done.returncode} {lines}")


def main():
    binary = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="offloader-tls-") as folder:
        scene = Scene(binary, folder)
        check_refused_starts(scene)
        with scene.running() as api:
            for check in (check_versions, check_curl, check_metric, check_commands, check_slow_reader, check_rotation):
                check(scene, api)
        check_client_certificates(scene)
        check_breaks(scene)
    if problems:
        sys.exit(f"{len(problems)} of the checks failed")
    print("TLS: every check passed")


if __name__ == "__main__":
    main()
