"""Streams a million rows in every format, and compares them with the file that they were loaded from, a column at a time."""
import collections
import csv
import io
import pathlib
import subprocess

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import project
import readers

_SQL_TYPES = {name: declared for name, declared in project.MANY_SCHEMA.items() if name != "tenant"}


def check(findings, api, source, folder):
    for format_, compare in {"arrow": _arrow, "csv": _csv, "ndjson": _ndjson, "parquet": _parquet}.items():
        if format_ not in project.FORMATS:
            continue
        params = {"format": format_, "limit": project.MANY}
        body = api.get("many", params)[1]
        if format_ in ("csv", "ndjson"):
            for encoding in ("gzip", "zstd"):
                headers, decoded = api.get("many", params, encoding)
                findings.expect(headers["content-encoding"] == encoding and decoded == body, f"many {format_}: differs under {encoding}")
        findings.attempt(f"many {format_}", lambda: compare(findings, body, source, folder))


def _same(findings, what, got, source):
    """Compares a table with the source, whatever the order of its rows and the layout of its texts."""
    got = pa.table(got).sort_by("id").cast(source.schema)
    findings.expect(got.num_rows == source.num_rows, f"{what}: {got.num_rows} rows")
    for name in source.column_names:
        findings.expect(got.column(name).equals(source.column(name)), f"{what}: {name} differs")


def _arrow(findings, body, source, folder):
    _same(findings, "many, pyarrow", readers.arrow_table(body), source)
    _same(findings, "many, Polars", pl.read_ipc_stream(io.BytesIO(body)).to_arrow(), source)
    path = pathlib.Path(folder, "many.arrows")
    path.write_bytes(body)
    said = readers.node.ask(str(path), "sums")
    findings.expect(said["rows"] == source.num_rows, f"many, apache-arrow: {said['rows']} rows")
    for name in source.column_names:
        findings.expect(said["nulls"][name] == source.column(name).null_count, f"many, apache-arrow: {name} has {said['nulls'][name]} nulls")
    wide = pa.decimal128(38, 0)
    sums = {name: pc.sum(source.column(name).cast(wide)).as_py() for name in ("id", "big")}
    sums["amount"] = pc.sum(source.column("amount").cast(pa.decimal128(38, 2))).as_py().scaleb(2)
    for name, wanted in sums.items():
        findings.expect(said["sums"][name] == format(wanted, "f"), f"many, apache-arrow: the sum of {name} is {said['sums'][name]}, not {wanted:f}")


def _csv(findings, body, source, folder):
    widths = collections.Counter(map(len, csv.reader(io.StringIO(body.decode(), newline=""), strict=True)))
    findings.expect(widths == {source.num_columns: source.num_rows + 1}, f"many, csv of Python: rows by their number of fields {widths}")
    path = pathlib.Path(folder, "many.csv")
    path.write_bytes(body)
    connection = duckdb.connect()
    sniffed = connection.read_csv(str(path))
    findings.expect(sniffed.columns == source.column_names, f"many, DuckDB's sniffer: the columns are {sniffed.columns}")
    findings.expect([str(sniffed.types[sniffed.columns.index(name)]) for name in ("big", "day", "at", "ratio", "flag", "name")]
                    == ["BIGINT", "DATE", "TIMESTAMP", "DOUBLE", "BOOLEAN", "VARCHAR"], f"many, DuckDB's sniffer: the types are {sniffed.types}")
    # Money is a DOUBLE for the sniffer, so it is given the types to compare the values.
    _same(findings, "many, CSV by DuckDB", connection.read_csv(str(path), dtype=_SQL_TYPES).to_arrow_table(), source)


def _ndjson(findings, body, source, folder):
    path = pathlib.Path(folder, "many.ndjson")
    path.write_bytes(body)
    _same(findings, "many, NDJSON by DuckDB", duckdb.connect().read_json(str(path), format="newline_delimited", columns=_SQL_TYPES).to_arrow_table(), source)
    program = "reduce inputs as $row ([0, 0, 0]; [.[0] + 1, .[1] + $row.id, .[2] + (if $row.name == null then 1 else 0 end)])"
    said = subprocess.run(["jq", "-c", "-n", program, path], capture_output=True, check=True, timeout=120, text=True).stdout.strip()
    wanted = f"[{source.num_rows},{pc.sum(source.column('id')).as_py()},{source.column('name').null_count}]"
    findings.expect(said == wanted, f"many, jq: rows, the sum of id and nulls of name are {said}, not {wanted}")


def _parquet(findings, body, source, folder):
    _same(findings, "many, pyarrow", pq.read_table(io.BytesIO(body)), source)
    path = pathlib.Path(folder, "many.parquet")
    path.write_bytes(body)
    _same(findings, "many, Parquet by DuckDB", duckdb.connect().read_parquet(str(path)).to_arrow_table(), source)
