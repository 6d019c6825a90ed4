#!/usr/bin/env python3
"""check_formats.py BINARY: asks a running server for the same rows in every format, reads them with readers that this project did not write
(readers.py), and compares them value by value with the JSON answer. Run it with the Python of .deps/readers (setup.sh --tools test)."""
import itertools
import pathlib
import sys
import tempfile
import time

import cells
import many
import project
import readers
import server
import truncated
import values

MEDIA = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8; header=present", "arrow": "application/vnd.apache.arrow.stream",
         "parquet": "application/vnd.apache.parquet"}
ENCODED = {"rows_exact": ("big", "price", "wide"), "parts_exact": ("smalls", "bigs", "prices", "wides")}
REQUESTS = {
    "rows": [{"limit": 5000}, {"limit": 1000}, {"id": 12}, {"id": -1}, {"limit": 1000, "offset": 700}, {"limit": 700, "columns": "name"}, {"limit": 500, "columns": "id,doc"}],
    "rows_exported": [{"limit": 5000}, {"limit": 1000}, {"id": 12}, {"id": -1}, {"limit": 1000, "offset": 700}],
    "rows_unordered": [{"limit": 5000}, {"below": 1000, "limit": 1000}, {"id": 12}, {"id": -1}],
    "rows_exact": [{"limit": 5000}], "rows_guarded": [{"limit": 5000}, {"id": -1}],
    "totals": [{}, {"id": -1}, {"id": 1100}], "parts": [{"limit": 5000}, {"id": 5}, {"id": -1}], "parts_exported": [{"limit": 5000}, {"id": -1}], "parts_exact": [{"limit": 5000}],
    "months": [{"limit": 5000}, {"id": -1}], "hours": [{"limit": 5000}],
}


class Findings:
    """Collects findings, so that a run reports all of them."""

    def __init__(self):
        self.checks, self.all, self.notes = 0, [], []

    def expect(self, holds, message):
        self.checks += 1
        if not holds:
            self.all.append(message)

    def note(self, message):
        self.notes.append(message)

    def attempt(self, what, read):
        """Returns what `read` returns; what it raises is a finding."""
        self.checks += 1
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - a reader may raise anything
            self.all.append(f"{what}: {type(error).__name__}: {str(error)[:600]} {(getattr(error, 'stderr', b'') or b'')[:300]!r}")
            return None

    def equal(self, what, got, wanted):
        """Compares columns, {name: list of texts}."""
        for name in wanted:
            pairs = enumerate(itertools.zip_longest(got[name], wanted[name], fillvalue="(no row)"))
            different = [f"row {row}: {found!a:.120}, not {expected!a:.120}" for row, (found, expected) in pairs if found != expected]
            self.expect(not different, f"{what}, {name}: {len(different)} of {len(wanted[name])} differ: {'; '.join(different[:3])}")


def source_columns(types):
    """The columns that cells.py wrote, as answers have them."""
    rows = [{**row, "key": row["key"] and row["key"].lower()} for row in cells.rows()]
    return {name: [values.of_python(declared, values.loaded(row[name])) for row in rows] for name, declared in types.items()}


def by_id(columns):
    """An answer in no order, by id."""
    order = sorted(range(len(columns["id"])), key=lambda row: int(columns["id"][row]))
    return {name: [column[row] for row in order] for name, column in columns.items()}


def guarded(text):
    return "'" + text if text and text[0] in "=+-@\t\r" else text


def check_request(findings, api, endpoint, params, types, folder):
    types = {name: declared for name, declared in types.items() if name in params.get("columns", ",".join(types)).split(",")}
    encoded = ENCODED.get(endpoint, ())
    ordered = endpoint != "rows_unordered"
    arrange = (lambda columns: columns) if ordered else by_id
    answer = values.parse_json(api.get(endpoint, params)[1])
    wanted = arrange(readers.of_objects(answer["data"], types, encoded))
    count = len(answer["data"])
    for format_ in project.FORMATS:
        what = f"{endpoint} {params} {format_}"
        headers, body = api.get(endpoint, {**params, "format": format_})
        findings.expect(headers["content-type"] == MEDIA[format_], f"{what}: content-type {headers['content-type']}")
        findings.expect(headers["content-encoding"] is None, f"{what}: content-encoding {headers['content-encoding']}")
        for encoding in ("gzip", "zstd"):
            headers, decoded = api.get(endpoint, {**params, "format": format_}, encoding)
            findings.expect(decoded == body, f"{what}: differs under {encoding}")
            if format_ in ("arrow", "parquet"):
                findings.expect(headers["content-encoding"] is None, f"{what}: is compressed twice, by {encoding}")
        for reader in readers.OF_FORMAT[format_]:
            read = (lambda: reader(body, types, folder, encoded)) if format_ == "ndjson" else (lambda: reader(body, types, folder))
            got = findings.attempt(f"{what}, {reader.__name__}", read)
            if got is None:
                continue
            expected = wanted
            if endpoint == "rows_guarded" and format_ == "csv":
                expected = {**wanted, "name": [text if text is None else guarded(text) for text in wanted["name"]]}
            if reader is readers.csv_python:
                # It knows no null. A document that is `null` is one for us and a text for it.
                expected = {name: ["" if text is None else text for text in column] for name, column in expected.items()}
                got = {name: ["" if text is None else text for text in column] for name, column in got.items()}
            if reader is readers.arrow_node:
                # The decoder of JavaScript takes U+FEFF at the start of a text for a byte order mark.
                expected = {name: [text and text.removeprefix("\ufeff") for text in column] for name, column in expected.items()}
            findings.equal(f"{what}, {reader.__name__}", arrange(got), expected)
        if format_ == "csv" and count > 0:
            sniffed = findings.attempt(f"{what}, csv_duckdb_sniffed", lambda: readers.csv_duckdb_sniffed(body, types, folder))
            findings.expect(sniffed in (None, count), f"{what}: DuckDB's sniffer finds {sniffed} rows, not {count}")
    return wanted


def check_office(findings, api, types, folder):
    body = api.get("rows", {"limit": 1000, "format": "csv"})[1]
    got = findings.attempt("LibreOffice", lambda: readers.csv_libreoffice(body, types, folder))
    if got is None:
        findings.note("LibreOffice is not installed, so its import is not checked")
        return
    wanted = readers.csv_python(body, types, folder)
    # A cell's lines end in LF, and it has no more than 65,535 characters.
    wanted["name"] = [text.replace("\r\n", "\n").replace("\r", "\n")[:65535] for text in wanted["name"]]
    findings.equal("LibreOffice", got, wanted)


def main(binary):
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="offloader-check-") as folder:
        types, source = project.write(pathlib.Path(folder, "project"))
        with server.running(binary, pathlib.Path(folder, "project")) as api:
            for endpoint, requests in REQUESTS.items():
                for params in requests:
                    wanted = check_request(findings, api, endpoint, params, types[endpoint], folder)
                    if endpoint.startswith("rows") and params == {"limit": 5000}:
                        findings.equal(f"{endpoint} {params} json", wanted, source_columns(types[endpoint]))
            check_office(findings, api, types["rows"], folder)
            many.check(findings, api, source, folder)
            truncated.check(findings, api, folder)
    for note in findings.notes:
        print(f"formats: {note}")
    for finding in findings.all[:50]:
        print(finding, file=sys.stderr)
    if findings.all:
        print(f"formats: {len(findings.all)} of {findings.checks} checks failed", file=sys.stderr)
        return 1
    print(f"formats: {findings.checks} checks hold, of the formats {', '.join(project.FORMATS)}")
    return 0


if __name__ == "__main__":
    started = time.monotonic()
    status = main(str(pathlib.Path(sys.argv[1]).resolve()))
    print(f"formats: {time.monotonic() - started:.0f} s")
    sys.exit(status)
