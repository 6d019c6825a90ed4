"""One text for each value, whatever a reader made of it, so that answers in different formats can be compared. Null is None."""
import datetime as dt
import json
import math
from decimal import Decimal


def of_python(declared, value):
    """The text of what a typed reader returns: pyarrow, Polars and DuckDB agree on these Python types."""
    if value is None:
        return None
    if declared == "BOOLEAN":
        _expect(value, bool)
        return "true" if value else "false"
    if declared in ("INTEGER", "BIGINT"):
        _expect(value, int)
        return str(value)
    if declared == "DOUBLE":
        _expect(value, float)
        return value.hex()
    if declared.startswith("DECIMAL"):
        _expect(value, Decimal)
        return format(value, "f")
    if declared == "DATE":
        _expect(value, dt.date)
        return value.isoformat()
    if declared == "TIMESTAMP":
        _expect(value, dt.datetime)
        return _moment(value, None)
    if declared == "TIMESTAMPTZ":
        _expect(value, dt.datetime)
        return _moment(value, dt.timedelta(0))
    _expect(value, str)
    return _document(value) if declared == "JSON" else value


def of_text(declared, value):
    """The text of what a reader without types returns, such as a CSV reader."""
    if value is None:
        return None
    if declared == "DOUBLE":
        return float(value).hex()
    if declared == "TIMESTAMP":
        return _moment(dt.datetime.fromisoformat(value), None)
    if declared == "TIMESTAMPTZ":
        return _moment(dt.datetime.fromisoformat(value), dt.timedelta(0))
    return _document(value) if declared == "JSON" else value


def of_json(declared, value, encoded=False):
    """The text of a value that parse_json() read. `encoded`: integers and decimals are JSON strings."""
    if value is None or declared == "JSON":
        # A JSON column that holds `null` and one that is null look the same.
        return None if value is None else _dump(value)
    if declared == "BOOLEAN":
        _expect(value, bool)
        return "true" if value else "false"
    if declared == "DOUBLE":
        _expect(value, _Number)
        return float(value).hex()
    if declared in ("INTEGER", "BIGINT") or declared.startswith("DECIMAL"):
        _expect(value, str if encoded else _Number)
        return str(value)
    _expect(value, str)
    return of_text(declared, value)


class _Number(str):
    """A number of a JSON text, by its characters."""


def parse_json(text):
    return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=lambda word: _expect(word, None))


def loaded(value):
    """What a snapshot holds for a value of the files: null for NaN and the infinities, 0.0 for -0.0."""
    if not isinstance(value, float):
        return value
    return value + 0.0 if math.isfinite(value) else None


def _document(text):
    value = parse_json(text)
    return None if value is None else _dump(value)


def _dump(value):
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(key) + ":" + _dump(each) for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_dump, value)) + "]"
    return str(value) if isinstance(value, _Number) else json.dumps(value)


def _moment(value, offset):
    if value.utcoffset() != offset:
        raise TypeError(f"{value!r} has the offset {value.utcoffset()}")
    return value.replace(tzinfo=None).isoformat(timespec="microseconds")


def _expect(value, wanted):
    # bool is an int, and datetime a date.
    if wanted is None or not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)) or (wanted is dt.date and isinstance(value, dt.datetime)):
        raise TypeError(f"{value!r} is no {wanted and wanted.__name__}")
    if wanted is str and isinstance(value, _Number):
        raise TypeError(f"{value} is a number, and not a string")
