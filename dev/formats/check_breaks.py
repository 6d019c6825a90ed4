#!/usr/bin/env python3
"""check_breaks.py BINARY: breaks exports in mid-stream, in every way that a server, a snapshot or a query can break, and checks that no client
(clients.py) takes the part that it got for a whole. Run it with the Python of .deps/readers (setup.sh --tools test).

It prints how many clients noticed (`error`) or got everything (`whole`), and with -v what each of them said. It notes what a user finds who reads
curl's file in spite of curl's exit code: a CSV has no end that a reader would miss. There is no other engine than DuckDB and the index that could be
gone."""
import collections
import contextlib
import json
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time

import polars as pl
import pyarrow as pa

import clients
import gate
import project
import server

ROWS = 130_000
NEEDLE = "Needle"
FIRST, LAST = 80_000, 1_000  # rows that a search finds, at the start and at the end
SCHEMA = {"tenant": "VARCHAR", "id": "INTEGER", "note": "VARCHAR", "probe": "VARCHAR"}
# A stream may take ten times as long to its next rows, less than the search between the first and the last ones that it finds.
TIMEOUT_MS = 40
# A slow machine needs longer to the first rows, and its search takes longer in proportion.
LONGEST_TIMEOUT_MS = 8 * TIMEOUT_MS
AT_ONCE = 4  # clients that start
# The codes of errors in the log, where the server lives on. A stream beside the one that finds the damage may find the instance or the snapshot gone.
CODES = {"index truncated": {"unavailable"}, "snapshot overwritten": {"corrupt", "unavailable", "busy"}, "timed out": {"timeout"}}
# Streams are a quarter of the pool, and an eighth of the memory is for writing Parquet files.
SETTINGS = {"OFFLOADER_POOL_SIZE": "256", "OFFLOADER_DUCKDB_MEMORY_LIMIT": "2GB"}


def write(folder):
    """Writes a project with 17 MB of texts that compress badly. Returns the rows of its endpoint by `id`."""
    source = random.Random(17)
    text = "".join(source.choices([chr(code) for code in range(0x410, 0x450)], k=1 << 20))
    part = lambda length: text[(at := source.randrange(len(text) - length)):at + length]
    table = pa.table({"id": pa.array(range(ROWS), pa.int32()), "note": pa.array([part(60) for _ in range(ROWS)])})
    tenant = pa.array([project.cells.TENANT] * ROWS)
    # Short where the search finds something, and long where it does not.
    probe = pa.array([part(700) if FIRST <= index < ROWS - LAST else NEEDLE for index in range(ROWS)])
    project.write_dataset(folder, "texts", SCHEMA, table.add_column(0, "tenant", tenant).append_column("probe", probe))
    params = [{"name": "text", "type": "string"}, {"name": "from", "type": "integer"}]
    # The filter of `id` makes it the order of the snapshot.
    filters = [{"column": "probe", "op": "icontains", "param": "text"}, {"column": "id", "op": "gte", "param": "from"}]
    project.write_file(folder, "endpoints/texts.yml", {
        "name": "texts", "version": 1, "dataset": "texts", "tenant": {"column": "tenant"}, "params": params, "columns": table.column_names,
        "query": {"select": [{"as": name, "column": name} for name in table.column_names], "filters": filters},
        "formats": project.FORMATS, "export": {"max_rows": 10 * ROWS, "concurrency": 64},
    })
    project.write_key(folder, ["texts"])
    return table


# The ways to break. Each is (name, settings, params, formats, breaking); breaking(api) returns when it is done.

def kill(api):
    api.child.kill()
    api.child.wait()


def stop(api):
    api.child.send_signal(signal.SIGTERM)
    api.child.wait(20)


def truncate_index(api):
    (index,) = pathlib.Path(api.cache).glob("datasets/*/*.index")
    with index.open("r+b") as file:
        file.truncate(4096)


def overwrite_snapshot(api):
    (database,) = pathlib.Path(api.cache).glob("datasets/*/*.duckdb")
    size = database.stat().st_size
    with database.open("r+b") as file:
        # After the headers, so that it still looks like a DuckDB file.
        file.seek(64 << 10)
        file.write(random.Random(17).randbytes(size - (64 << 10)))


def nothing(api):
    """The clock does it."""


WAYS = [
    ("stopped", {}, {}, project.FORMATS, stop),
    ("killed", {}, {}, project.FORMATS, kill),
    ("index truncated", {"OFFLOADER_INDEX": "on"}, {}, project.FORMATS, truncate_index),
    # A Parquet file is complete before its first byte is sent. Then DuckDB has the whole snapshot in memory, and nothing breaks.
    ("snapshot overwritten", {"OFFLOADER_INDEX": "off"}, {}, [each for each in project.FORMATS if each != "parquet"], overwrite_snapshot),
    ("timed out", {"OFFLOADER_INDEX": "off"}, {"text": NEEDLE}, project.FORMATS, nothing),
]


class Attempt:
    """A client at work, in a thread of its own."""

    def __init__(self, client, request):
        self.client, self.request, self.error, self.got = client, request, None, None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __str__(self):
        encoding = "" if self.request.encoding == "identity" else f" {self.request.encoding}"
        return f"{self.client.__name__} {self.request.format}{encoding}{' TE' if self.request.trailers else ''}"

    def _run(self):
        try:
            self.got = self.client(self.request)
        except Exception as error:  # noqa: BLE001 - a client may raise anything
            self.error = error

    def ended(self):
        return not self._thread.is_alive()

    def join(self):
        self._thread.join(clients.PATIENCE)
        if not self.ended():
            self.error, self.got = None, "has not ended"

    def got_some(self):
        """Whether a client that reads slowly by itself is in mid-stream."""
        return self.request.out.exists() and self.request.out.stat().st_size > 64 << 10


def same(got, wanted):
    """Whether a client's result is all rows."""
    if isinstance(got, tuple):
        return got == (wanted.num_rows, sum(wanted.column("id").to_pylist()))
    return isinstance(got, pa.Table) and got.num_rows == wanted.num_rows and got.cast(wanted.schema).sort_by("id").equals(wanted)


def start_all(binary, api, doors, folder, turn):
    """Starts all clients, a few at once, and waits until each is in mid-stream, or has ended."""
    way, _, params, formats, _ = WAYS[turn]
    # The slow one goes without the gate and gets everything if there is time, so it is the last, and only where things break at once.
    slow = [each for each in clients.ALL if each[0] is clients.curl_slow and way in ("killed", "index truncated")]
    gated, attempts = [], []
    # An answer that ended may have been held before.
    starting = lambda: len(gated) - doors.held - sum(map(Attempt.ended, gated))
    # Parquet after the other formats, whose first rows would otherwise have to wait for its queries.
    others = sorted((each for each in clients.ALL if each[0] is not clients.curl_slow), key=lambda each: each[1] == "parquet")
    for number, (client, format_, encoding) in enumerate(others + slow):
        if format_ not in formats:
            continue
        direct = client is clients.curl_slow
        if direct:
            server.until("all others in mid-stream", lambda: starting() <= 0, 20, 0.005)
        request = clients.Request(binary, api.api_port if direct else doors.port, "texts", {**params, "limit": 10 * ROWS}, format_, encoding, (number + turn) % 2 == 0,
                                  pathlib.Path(folder, f"{number}"))
        attempt = Attempt(client, request)
        attempts.append(attempt)
        if direct:
            server.until(f"{attempt} in mid-stream", lambda: attempt.ended() or attempt.got_some(), 20, 0.005)
        else:
            gated.append(attempt)
            server.until(f"room for more than {attempt}", lambda: starting() < AT_ONCE, 20, 0.005)
    server.until("all in mid-stream", lambda: starting() <= 0, 20, 0.005)
    return attempts


def describe(got):
    if isinstance(got, tuple):
        return f"{got[0]} rows"
    return f"{got.num_rows} rows" if isinstance(got, pa.Table) else repr(got)


def judge(way, attempts, wanted, findings, notes):
    outcomes = collections.Counter()
    for attempt in attempts:
        if attempt.error is not None:
            outcomes["error"] += 1
        elif same(attempt.got, wanted):
            outcomes["whole"] += 1
        else:
            outcomes["PART"] += 1
            findings.append(f"{way}: {attempt} takes {describe(attempt.got)} for all {wanted.num_rows}")
    return outcomes


def read_what_is_left(way, attempts, notes):
    """What curl left, for a user who ignores its exit code."""
    for attempt in attempts:
        if attempt.client is not clients.curl or attempt.error is None or not attempt.request.out.exists():
            continue
        readers = {"pyarrow" if attempt.request.format in ("arrow", "parquet") else "DuckDB": lambda: clients.read(attempt.request.format, attempt.request.out).num_rows}
        polars = {"csv": pl.read_csv, "ndjson": pl.read_ndjson, "arrow": pl.read_ipc_stream, "parquet": pl.read_parquet}[attempt.request.format]
        readers["Polars"] = lambda: polars(attempt.request.out).height
        for name, count in readers.items():
            with contextlib.suppress(Exception):
                notes.append(f"{way}: {attempt} failed, and in the file that it left {name} finds {count()} rows without an error")


def check_afterwards(way, api, attempts, outcomes, source, findings):
    def ended():
        found = collections.Counter()
        for labels, count in api.metrics("offloader_exports_total").items():
            found[labels.split('outcome="')[1].split('"')[0]] += count
        return found

    counted = lambda: sum(ended().values()) >= len(attempts)
    server.until("the metric of all exports", counted, 20)
    found = ended()
    if found["complete"] != outcomes["whole"] or found["failed"] + found["client_gone"] + found["refused"] != outcomes["error"]:
        findings.append(f"{way}: offloader_exports_total says {dict(found)}, and the clients {dict(outcomes)}")
    # Only those who know what failed repair it: a snapshot that is `corrupt` is built again.
    failed = [entry for entry in map(json.loads, list(api.log)) if entry.get("message") == "request failed"]
    codes = collections.Counter(entry["code"] for entry in failed)
    if set(codes) - CODES[way]:
        detail = next(entry["detail"] for entry in failed if entry["code"] not in CODES[way])
        findings.append(f"{way}: the log says {dict(codes)}, and not only {' or '.join(sorted(CODES[way]))}: {detail[:300]!r}")
    # The snapshot may be built again meanwhile. Until it is there, answers are errors.
    tried = []

    def whole():
        try:
            body = api.get("texts", {"format": "arrow", "limit": 10 * ROWS})[1]
        except Exception as error:  # noqa: BLE001
            tried.append(error)
            return False
        with pa.ipc.open_stream(body) as stream:
            table = stream.read_all()
        if not same(table, source):
            findings.append(f"{way}: the next export is a 200 with {table.num_rows} rows that are not those of the snapshot")
        return True

    try:
        server.until("the next whole export", whole, 20)
    except TimeoutError:
        findings.append(f"{way}: no export was whole afterwards: {tried[-1]}")
    return f"{len(tried)} refused before the next whole export, {dict(found)}"


def break_exports(binary, config, source, turn, findings, notes, breaks, timeout_ms=TIMEOUT_MS):
    """Sets the event `breaks` when it does. Goes on with a longer timeout if most exports timed out before their first rows."""
    way, settings, params, _, breaking = WAYS[turn]
    if way == "timed out":
        settings = {**settings, "OFFLOADER_QUERY_TIMEOUT_MS": str(timeout_ms)}
    began = time.monotonic()
    wanted = pa.concat_tables([source[:FIRST], source[ROWS - LAST:]]) if params else source
    with tempfile.TemporaryDirectory(prefix="offloader-check-") as folder, server.running(binary, config, **SETTINGS, **settings) as api:
        ready = time.monotonic()
        doors = gate.Gate(api.api_port)
        attempts = start_all(binary, api, doors, folder, turn)
        early = [str(attempt) for attempt in attempts if attempt.ended()]
        # On a busy machine some first rows may come too late as well, and Parquet has no first rows before it has all.
        too_short = way == "timed out" and len(early) > len(attempts) // 2
        if early and (way != "timed out" or (too_short and timeout_ms == LONGEST_TIMEOUT_MS)):
            findings.append(f"{way}: not in mid-stream: {early}")
        started = time.monotonic()
        breaks.set()
        breaking(api)
        doors.open()
        for attempt in attempts:
            attempt.join()
        doors.close()
        ended = time.monotonic()
        outcomes = judge(way, attempts, wanted, findings, notes)
        read_what_is_left(way, attempts, notes)
        after = check_afterwards(way, api, attempts, outcomes, source, findings) if api.child.poll() is None else f"the server ended with {api.child.returncode}"
        if way == "stopped" and api.child.returncode != 0:
            findings.append(f"{way}: the server ended with {api.child.returncode}")
    # Until the server is ready, until all are in mid-stream, until all have ended, and afterwards.
    times = f"{ready - began:.1f} + {started - ready:.1f} + {ended - started:.1f} + {time.monotonic() - ended:.1f} s"
    print(f"{way}: {dict(outcomes)}; {after}; {times}", flush=True)
    if "-v" in sys.argv:
        for attempt in attempts:
            error = str(getattr(attempt.error, "stderr", None) or attempt.error)
            print(f"  {attempt}: {'whole' if attempt.error is None else ''}{type(attempt.error).__name__} {error[-160:]!r}")
    if too_short and timeout_ms < LONGEST_TIMEOUT_MS:
        break_exports(binary, config, source, turn, findings, notes, breaks, 2 * timeout_ms)


def main(binary):
    findings, notes = [], []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="offloader-check-") as folder:
        source = write(pathlib.Path(folder))
        breaks = threading.Event()

        def first():
            try:
                break_exports(binary, folder, source, 0, findings, notes, breaks)
            except Exception as error:  # noqa: BLE001 - the others go on
                findings.append(f"{WAYS[0][0]}: {error!r}")
            finally:
                breaks.set()

        # A server that is stopped waits for its clients, so break the others meanwhile.
        stopping = threading.Thread(target=first)
        stopping.start()
        breaks.wait()
        for turn in range(1, len(WAYS)):
            break_exports(binary, folder, source, turn, findings, notes, threading.Event())
        stopping.join()
    for note in notes:
        print("note:", note)
    for finding in findings:
        print("FINDING:", finding)
    print(f"{len(findings)} findings, {time.monotonic() - began:.0f} s")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
