"""Readers that this project did not write. Each reads a whole answer, `(body, types, folder)`: its bytes, the declared type of each column, and a
folder for files. Each returns {column: list of texts} (values.py), with all columns in their order, and raises if it cannot read the answer."""
import atexit
import csv
import io
import json
import pathlib
import shutil
import subprocess

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

import project
import values

_here = pathlib.Path(__file__).resolve().parent


def _columns(names, rows, types, of):
    if list(names) != list(types):
        raise ValueError(f"the columns are {list(names)}")
    return {name: [of(declared, row[i]) for row in rows] for i, (name, declared) in enumerate(types.items())}


# CSV

def csv_python(body, types, folder):
    """Knows no null: it is an empty text."""
    # Of a line without any character it makes a row without fields.
    rows = [row or [""] for row in csv.reader(io.StringIO(body.decode(), newline=""), strict=True)]
    return _columns(rows[0], rows[1:], types, lambda declared, text: values.of_text(declared, text) if text else "")


def csv_duckdb_texts(body, types, folder):
    """DuckDB's sniffer finds the dialect and the header, and all values are texts. It takes a quoted empty text for null unless told not to."""
    relation = duckdb.connect().read_csv(_file(folder, "answer.csv", body), all_varchar=True, allow_quoted_nulls=False, max_line_size=4 << 20)
    return _columns(relation.columns, relation.fetchall(), types, values.of_text)


def csv_duckdb_sniffed(body, types, folder):
    """DuckDB's sniffer with its defaults, types too. What it makes of a column of texts depends on the rows, so compares the number of values."""
    relation = duckdb.connect().read_csv(_file(folder, "answer.csv", body), max_line_size=4 << 20)
    if relation.columns != list(types):
        raise ValueError(f"the columns are {relation.columns}")
    return len(relation.fetchall())


def csv_libreoffice(body, types, folder):
    """LibreOffice's import (UTF-8, all columns as text), written as CSV again. Returns None where it is not installed."""
    office = shutil.which("soffice")
    if office is None:
        return None
    comma, quote, utf8, text = 44, 34, 76, 2
    formats = "/".join(f"{i + 1}/{text}" for i in range(len(types)))
    subprocess.run([office, "--headless", f"-env:UserInstallation=file://{folder}/office", f"--infilter=CSV:{comma},{quote},{utf8},1,{formats}", "--convert-to",
                    f"csv:Text - txt - csv (StarCalc):{comma},{quote},{utf8},1,,0,false,true", "--outdir", f"{folder}/imported", _file(folder, "answer.csv", body)],
                   check=True, timeout=120, stdout=subprocess.DEVNULL)
    return csv_python(pathlib.Path(folder, "imported", "answer.csv").read_bytes(), types, folder)


# NDJSON

def ndjson_python(body, types, folder, encoded=()):
    lines = body.decode().split("\n")
    if lines.pop() != "":
        raise ValueError("the last line has no end")
    return of_objects([values.parse_json(line) for line in lines], types, encoded)


def ndjson_jq(body, types, folder, encoded=()):
    """jq 1.6 holds numbers as doubles, so returns those of ndjson_python after checking that they are the same doubles."""
    said = subprocess.run(["jq", "-c", "[to_entries[] | [.key, .value]]"], input=body, capture_output=True, check=True, timeout=120)
    rows = [dict(json.loads(line)) for line in said.stdout.decode().split("\n")[:-1]]
    exact = [json.loads(line) for line in body.decode().split("\n")[:-1]]
    doubles = lambda value: json.loads(json.dumps(value), parse_int=float)
    for row, (got, wanted) in enumerate(zip(doubles(rows), doubles(exact), strict=True)):
        if got != wanted:
            raise ValueError(f"jq reads row {row} as {got}")
    return ndjson_python(body, types, folder, encoded)


def of_objects(rows, types, encoded=()):
    """The columns of JSON objects that values.parse_json() read."""
    for row in rows:
        if list(row) != list(types):
            raise ValueError(f"a row has the keys {list(row)}")
    return {name: [values.of_json(declared, row[name], name in encoded) for row in rows] for name, declared in types.items()}


# Arrow

def arrow_table(body):
    """Reads a stream, and validates every value of it."""
    with pa.ipc.open_stream(body) as stream:
        table = stream.read_all()
    table.validate(full=True)
    return table


def arrow_pyarrow(body, types, folder):
    return _table(arrow_table(body), types)


def arrow_polars(body, types, folder):
    frame = pl.read_ipc_stream(io.BytesIO(body))
    wanted = pl.from_arrow(pa.schema([(name, project.arrow_type(declared)) for name, declared in types.items()]).empty_table()).schema
    if frame.schema != wanted:
        raise ValueError(f"the schema is {frame.schema}")
    return _columns(frame.columns, frame.rows(), types, values.of_python)


def arrow_node(body, types, folder):
    """apache-arrow, the library in JavaScript, which browsers use."""
    said = node.ask(_file(folder, "answer.arrows", body), "values")
    wanted = {name: _javascript_type(declared) for name, declared in types.items()}
    if said["schema"] != wanted:
        raise ValueError(f"the schema is {said['schema']}")
    return {name: [values.of_text(declared, text) for text in said["columns"][name]] for name, declared in types.items()}


def _javascript_type(declared):
    if declared.startswith("DECIMAL"):
        precision, scale = declared[len("DECIMAL("):-1].split(",")
        return f"Decimal[{precision}e{'+' * (scale != '0')}{scale}]"
    return {"BOOLEAN": "Bool", "INTEGER": "Int32", "BIGINT": "Int64", "DOUBLE": "Float64", "DATE": "Date32<DAY>", "TIMESTAMP": "Timestamp<MICROSECOND>",
            "TIMESTAMPTZ": "Timestamp<MICROSECOND, UTC>"}.get(declared, "Utf8")


# Parquet

def parquet_pyarrow(body, types, folder):
    table = pq.read_table(io.BytesIO(body))
    table.validate(full=True)
    return _table(table, types)


def parquet_duckdb(body, types, folder):
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    relation = connection.read_parquet(_file(folder, "answer.parquet", body))
    wanted = [{"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE", "UUID": "VARCHAR", "JSON": "VARCHAR"}.get(each, each) for each in types.values()]
    if list(map(str, relation.types)) != wanted:
        raise ValueError(f"the types are {relation.types}")
    return _columns(relation.columns, relation.fetchall(), types, values.of_python)


def _table(table, types):
    wanted = pa.schema([(name, project.arrow_type(declared)) for name, declared in types.items()])
    if not table.schema.equals(wanted):
        raise ValueError(f"the schema is\n{table.schema}")
    return {name: [values.of_python(declared, value) for value in table.column(name).to_pylist()] for name, declared in types.items()}


def _file(folder, name, body):
    path = pathlib.Path(folder, name)
    path.write_bytes(body)
    return str(path)


class _Node:
    """read-arrow.mjs, which is started once, with the first question."""

    def __init__(self):
        self._child = None

    def ask(self, path, what):
        if self._child is None:
            self._child = subprocess.Popen(["node", _here / "read-arrow.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
            atexit.register(self._end)
        self._child.stdin.write(json.dumps([path, what]) + "\n")
        self._child.stdin.flush()
        said = json.loads(self._child.stdout.readline() or '{"error": "Node.js ended"}')
        if "error" in said:
            raise ValueError(said["error"])
        return said

    def _end(self):
        self._child.stdin.close()
        self._child.wait(20)


node = _Node()

# The readers of each format that return all values.
OF_FORMAT = {
    "csv": [csv_python, csv_duckdb_texts],
    "ndjson": [ndjson_python, ndjson_jq],
    "arrow": [arrow_pyarrow, arrow_polars, arrow_node],
    "parquet": [parquet_pyarrow, parquet_duckdb],
}
