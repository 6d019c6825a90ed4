"""Clients as users have them. Each is called with a Request, and returns what it takes for a whole answer: a table, or (rows, sum of `id`). It raises
if it notices that the answer is not whole."""
import codecs
import contextlib
import csv
import dataclasses
import gzip
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import project

_here = pathlib.Path(__file__).resolve().parent
PATIENCE = 60  # seconds
_COLUMNS = {"id": "INTEGER", "note": "VARCHAR"}


@dataclasses.dataclass
class Request:
    """`file`: a name for what the client leaves, with no suffix. `port`: of the server, or of what is before it."""
    binary: str
    port: int
    endpoint: str
    params: dict
    format: str
    encoding: str  # "identity" or "gzip"
    trailers: bool  # asks for them
    file: pathlib.Path

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1/endpoints/{self.endpoint}?{urllib.parse.urlencode({**self.params, 'format': self.format})}"

    @property
    def out(self):
        return self.file.with_suffix(f".{self.format}")

    @property
    def headers(self):
        return {"Authorization": f"Bearer {project.KEY}", "Accept-Encoding": self.encoding, **({"TE": "trailers"} if self.trailers else {})}


def read(format_, path):
    """Reads a file with a reader that fails if the format shows that the end is missing, as far as it can."""
    if format_ == "arrow":
        with pa.ipc.open_stream(str(path)) as stream:
            return stream.read_all()
    if format_ == "parquet":
        return pq.read_table(path)
    if format_ == "csv":
        return duckdb.connect().read_csv(str(path), dtype=_COLUMNS).to_arrow_table()
    return duckdb.connect().read_json(str(path), format="newline_delimited", columns=_COLUMNS).to_arrow_table()


# curl

def _curl_command(request, *more):
    headers = [part for name, value in request.headers.items() if name != "Accept-Encoding" for part in ("-H", f"{name}: {value}")]
    compressed = ["--compressed"] if request.encoding == "gzip" else []
    return ["curl", "-sSf", "--max-time", str(PATIENCE), *compressed, *headers, *more, "-o", str(request.out), request.url]


def curl(request):
    subprocess.run(_curl_command(request), check=True, capture_output=True)
    return read(request.format, request.out)


def curl_slow(request):
    """Reads slowly, so that it needs no gate."""
    subprocess.run(_curl_command(request, "--limit-rate", "5M"), check=True, capture_output=True)
    return read(request.format, request.out)


def curl_then_duckdb(request):
    """curl … && DuckDB over the file."""
    reads = "import sys, duckdb; print(duckdb.connect().execute('SELECT count(*), sum(id) FROM \\'' + sys.argv[1] + '\\'').fetchone())"
    command = 'python=$1 reads=$2 out=$3; shift 3; "$@" && "$python" -c "$reads" "$out"'
    said = subprocess.run(["sh", "-c", command, "sh", sys.executable, reads, str(request.out), *_curl_command(request)], check=True, capture_output=True, text=True)
    return tuple(map(int, said.stdout.strip("()\n").split(", ")))


# Python's urllib, and the libraries over it

@contextlib.contextmanager
def _opened(request):
    with urllib.request.urlopen(urllib.request.Request(request.url, headers=request.headers), timeout=PATIENCE) as response:
        yield response


def _downloaded(request):
    with _opened(request) as response:
        body = response.read()
    return gzip.decompress(body) if request.encoding == "gzip" else body


def urllib_pyarrow(request):
    with _opened(request) as response, pa.ipc.open_stream(response) as stream:
        return stream.read_all()


def urllib_lines(request):
    """A row at a time while they arrive."""
    with _opened(request) as response:
        lines = gzip.GzipFile(fileobj=response) if request.encoding == "gzip" else response
        return pa.Table.from_pylist([json.loads(line) for line in lines])


def urllib_csv(request):
    """A row at a time while they arrive."""
    with _opened(request) as response:
        lines = gzip.GzipFile(fileobj=response) if request.encoding == "gzip" else response
        rows = list(csv.reader(io.TextIOWrapper(lines, "utf-8", newline=""), strict=True))
    return pa.table({"id": [int(row[0]) for row in rows[1:]], "note": [row[1] for row in rows[1:]]})


def urllib_csv_lines(request):
    """As many programs do it: the response is iterated."""
    with _opened(request) as response:
        rows = list(csv.reader(codecs.iterdecode(response, "utf-8"), strict=True))
    return pa.table({"id": [int(row[0]) for row in rows[1:]], "note": [row[1] for row in rows[1:]]})


def polars(request):
    readers = {"arrow": pl.read_ipc_stream, "parquet": pl.read_parquet, "csv": pl.read_csv, "ndjson": pl.read_ndjson}
    return readers[request.format](io.BytesIO(_downloaded(request))).to_arrow()


def duckdb_pyarrow(request):
    """DuckDB over the stream while it arrives."""
    with _opened(request) as response, pa.ipc.open_stream(response) as stream:
        return duckdb.connect().from_arrow(stream).to_arrow_table()


# Node

def _node(request, way):
    headers = [f"{name}={value}" for name, value in request.headers.items() if name != "Authorization"]
    subprocess.run(["node", _here / "fetch.mjs", way, request.url, project.KEY, request.out, *headers], check=True, capture_output=True, timeout=PATIENCE)
    return tuple(json.loads(request.out.read_text())) if way == "arrow" else read(request.format, request.out)


def fetch_whole(request):
    return _node(request, "whole")


def fetch_stream(request):
    return _node(request, "stream")


def fetch_arrow(request):
    return _node(request, "arrow")


# This project's command line

def offloader_export(request):
    params = [part for name, value in request.params.items() for part in ("--params", f"{name}={value}")]
    command = [request.binary, "endpoint", "export", "--endpoint", request.endpoint, "--url", f"http://127.0.0.1:{request.port}", "--format", request.format, "--out", request.out]
    try:
        subprocess.run([*command, *params], env={**os.environ, "OFFLOADER_KEY": project.KEY}, check=True, capture_output=True, timeout=PATIENCE)
    except subprocess.CalledProcessError:
        left = [path.name for path in request.out.parent.glob(request.file.name + "*")]
        if left:
            return f"the failed export left {left}"
        raise
    return read(request.format, request.out)


# A client of 1996

def http10(request):
    """HTTP/1.0 has no chunks: the end of the connection is the end of the answer."""
    with socket.create_connection(("127.0.0.1", request.port), timeout=PATIENCE) as connection:
        path = request.url.split("/", 3)[3]
        lines = [f"GET /{path} HTTP/1.0", *(f"{name}: {value}" for name, value in request.headers.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode())
        answer = bytearray()
        while part := connection.recv(64 << 10):
            answer += part
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise ValueError(head[:200])
    request.out.write_bytes(body)
    return read(request.format, request.out)


# (client, format, encoding). Every client is tried with `TE: trailers` and without, where it can choose.
ALL = [
    *((curl, format_, encoding) for format_ in ("csv", "ndjson") for encoding in ("identity", "gzip")),
    (curl, "arrow", "identity"), (curl, "parquet", "identity"), (curl_slow, "csv", "identity"), (curl_then_duckdb, "csv", "identity"), (curl_then_duckdb, "parquet", "identity"),
    (urllib_pyarrow, "arrow", "identity"), (duckdb_pyarrow, "arrow", "identity"), (urllib_lines, "ndjson", "identity"), (urllib_lines, "ndjson", "gzip"),
    (urllib_csv_lines, "csv", "identity"), (urllib_csv, "csv", "identity"), (urllib_csv, "csv", "gzip"), (polars, "arrow", "identity"), (polars, "csv", "identity"), (polars, "csv", "gzip"),
    (polars, "ndjson", "identity"), (polars, "parquet", "identity"), (fetch_whole, "csv", "identity"), (fetch_whole, "csv", "gzip"), (fetch_whole, "arrow", "identity"),
    (fetch_whole, "parquet", "identity"), (fetch_stream, "csv", "gzip"), (fetch_stream, "ndjson", "identity"), (fetch_stream, "ndjson", "gzip"), (fetch_arrow, "arrow", "identity"),
    (offloader_export, "csv", "gzip"), (offloader_export, "ndjson", "gzip"), (offloader_export, "arrow", "identity"), (offloader_export, "parquet", "identity"),
    (http10, "csv", "identity"), (http10, "arrow", "identity"),
]
