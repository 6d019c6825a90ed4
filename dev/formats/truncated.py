"""Feeds readers a part of a streamed answer, as a client has it that does not notice how its connection ended. No reader may take the part of an
Arrow stream or a Parquet file for a whole."""
import io
import pathlib

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import project
import readers
import server

LIMIT = 200_000  # rows: several batches


def _read_arrow(body, path):
    path.write_bytes(body)
    return {
        "pyarrow": lambda: readers.arrow_table(body).num_rows,
        "Polars": lambda: pl.read_ipc_stream(io.BytesIO(body)).height,
        "apache-arrow": lambda: readers.node.ask(str(path), "sums")["rows"],
        "DuckDB over pyarrow": lambda: _count_by_duckdb(body),
    }


def _count_by_duckdb(body):
    with pa.ipc.open_stream(body) as batches:
        return duckdb.connect().from_arrow(batches).count("*").fetchall()[0][0]


def _read_parquet(body, path):
    path.write_bytes(body)
    return {
        "pyarrow": lambda: pq.read_table(io.BytesIO(body)).num_rows,
        "Polars": lambda: pl.read_parquet(io.BytesIO(body)).height,
        "DuckDB": lambda: duckdb.connect().read_parquet(str(path)).count("*").fetchall()[0][0],
    }


def _read_csv(body, path):
    path.write_bytes(body)
    return {"DuckDB": lambda: len(duckdb.connect().read_csv(str(path))), "Polars": lambda: pl.read_csv(io.BytesIO(body)).height}


def _read_ndjson(body, path):
    path.write_bytes(body)
    return {"DuckDB": lambda: len(duckdb.connect().read_json(str(path), format="newline_delimited")), "Polars": lambda: pl.read_ndjson(io.BytesIO(body)).height}


def _outcome(read):
    """Returns what a reader counts, or None if it fails."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - a reader may raise anything
        return None


def _message_ends(body):
    """The places after each message of an Arrow stream."""
    source = pa.BufferReader(body)
    messages = pa.ipc.MessageReader.open_stream(source)
    ends = []
    while True:
        try:
            messages.read_next_message()
        except StopIteration:
            return ends
        ends.append(source.tell())


def check(findings, api, folder):
    folder = pathlib.Path(folder)
    formats = {"arrow": _read_arrow, "parquet": _read_parquet, "ndjson": _read_ndjson, "csv": _read_csv}
    for format_, read in formats.items():
        if format_ not in project.FORMATS:
            continue
        params = {"format": format_, "limit": LIMIT}
        body = api.get("many", params)[1]
        path = folder / f"part.{format_}"
        for reader, count in read(body, path).items():
            rows = _outcome(count)
            findings.expect(rows == LIMIT, f"truncated: {reader} counts {rows} rows in all of the {format_} answer")
        for reader, count in read(body[:len(body) // 2], path).items():
            rows = _outcome(count)
            if format_ == "csv":
                # CSV has no end that could be missing.
                findings.note(f"{reader} {'rejects' if rows is None else f'counts {rows} rows in'} the first half of a CSV answer of {LIMIT}")
            else:
                findings.expect(rows is None, f"truncated: {reader} counts {rows} rows in the first half of the {format_} answer")
        if format_ == "arrow":
            _check_message_ends(findings, body, read, path)
        if format_ in ("csv", "ndjson"):
            _check_compressed(findings, api, params, format_)


def _check_message_ends(findings, body, read, path):
    """Readers need no end of the stream: what ends between two messages is a whole for them."""
    ends = _message_ends(body)
    findings.expect(len(ends) > 3 and ends[-1] == len(body) - 8, f"truncated: the messages of the arrow answer end at {ends}, of {len(body)}")
    accept = [reader for reader, count in read(body[:ends[len(ends) // 2]], path).items() if _outcome(count) is not None]
    findings.note(f"an Arrow stream that is cut between two messages is a whole for {', '.join(accept) or 'no reader'}")


def _check_compressed(findings, api, params, format_):
    for encoding in ("gzip", "zstd"):
        body = api.get_raw("many", params, encoding)[1]
        findings.expect(_outcome(lambda: server.decode(body[:len(body) // 2], encoding)) is None, f"truncated: half of a {format_} answer under {encoding} can be decoded")
