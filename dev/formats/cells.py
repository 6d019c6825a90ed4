"""Rows with every type, and with the values of each type that writers and readers get wrong."""
import datetime as dt
import random
import uuid
from decimal import Decimal, localcontext

TENANT = "acme"
SCHEMA = {
    "tenant": "VARCHAR", "id": "INTEGER", "part": "INTEGER", "flag": "BOOLEAN", "small": "INTEGER", "big": "BIGINT", "ratio": "DOUBLE",
    "price": "DECIMAL(12,2)", "wide": "DECIMAL(38,10)", "day": "DATE", "at": "TIMESTAMP", "instant": "TIMESTAMPTZ", "name": "VARCHAR",
    "key": "UUID", "doc": "JSON",
}
ROWS = 1500
UTC = dt.timezone.utc

_bools = [True, False]
_smalls = [0, -1, 1, 2**31 - 1, -(2**31)]
_bigs = [0, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 123456789012345678]
# NaN and the infinities become null at load, and -0.0 becomes 0.0.
_ratios = [0.0, -0.0, 0.1, 1 / 3, 34.0, 1e15, 1e16, 1e21, 1e22, 123456789.125, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
           -1.7976931348623157e308, 1e-7, float("nan"), float("inf"), float("-inf")]
_prices = [Decimal(text) for text in ("0.00", "-0.01", "12.50", "9999999999.99", "-9999999999.99", "0.10", "100.00")]
_wides = [Decimal(text) for text in ("0.0000000000", "0.0000000001", "-0.0000000001", "9999999999999999999999999999.9999999999",
                                     "-9999999999999999999999999999.9999999999", "90071992547409.9300000000", "12345678901234567890.1234567890")]
_days = [dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(1970, 1, 1), dt.date(1969, 12, 31), dt.date(2024, 2, 29), dt.date(1582, 10, 10)]
_times = [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999), dt.datetime(1970, 1, 1), dt.datetime(1969, 12, 31, 23, 59, 59, 999999),
          dt.datetime(2024, 2, 29, 12, 30, 0, 1), dt.datetime(2026, 1, 31, 23, 59, 59), dt.datetime(2026, 1, 31, 1, 2, 3, 500000)]
_names = ["", " ", "plain", "a,b", 'say "hi"', '"', '""', ",", "\n", "\r", "\r\n", "one\ntwo", "one\rtwo", "one\r\ntwo", "\ttab", "tab\tbed", "=1+2", "+1", "-1", "@sum",
          "'quoted'", "null", "NULL", "NaN", "true", "007", "1e5", "2026-01-31", " edges ", "Zoë Ångström", "日本語", "👩‍👩‍👧 family", "e\u0301", "\u200fعربي", "\ufeffmark",
          "\\", "\\n", "back\\slash", "#comment", ";", "a;b|c", "\u2028", "\x01\x1f\x7f", "\U0010ffff", "x" * 70000, 'x"' * 300, "</script>", "{}", "[1]"]
_docs = ["{}", "[]", "null", "1", '"text"', "true", '{"a":{"b":[1,2.50,{"c":null}]},"z":"quote \\" comma , line \\n emoji 👍"}', '{"big":9007199254740993}', '[[],[[]],{"":""}]',
         '{"é":"\\u0000"}', "12.50", '"=1+2"', '"a,b\\r\\n"']


def _nth(values, index):
    """The values in turn, and a null after all of them."""
    return (values + [None])[index % (len(values) + 1)]


def _random_row(source, index):
    pick = lambda make: None if source.random() < 0.1 else make()
    moment = lambda: dt.datetime(1900, 1, 1) + dt.timedelta(microseconds=source.randrange(200 * 365 * 86400 * 10**6))
    scaled = lambda digits, scale: Decimal(source.randrange(-(10**digits), 10**digits)).scaleb(-scale)
    return {
        "id": index, "part": index % 7 if index % 11 else None, "flag": pick(lambda: source.random() < 0.5), "small": pick(lambda: source.randrange(-(2**31), 2**31)),
        "big": pick(lambda: source.randrange(-(2**63), 2**63)), "ratio": pick(lambda: source.uniform(-1, 1) * 10.0 ** source.randrange(-20, 20)),
        "price": pick(lambda: scaled(12, 2)), "wide": pick(lambda: scaled(34, 10)), "day": pick(lambda: moment().date()), "at": pick(moment),
        "instant": pick(lambda: moment().replace(tzinfo=UTC)), "name": pick(lambda: source.choice(_names[:44]) + str(source.randrange(100))),
        "key": pick(lambda: str(uuid.UUID(int=source.getrandbits(128)))), "doc": pick(lambda: source.choice(_docs)),
    }


def rows():
    """Returns ROWS dicts by column, without the tenant. The first ones have the special values. Each of those is a `part` of its own, since a
    sum over several of them would have too many digits."""
    source = random.Random(17)
    out = []
    for index in range(ROWS):
        if index >= 2 * len(_names):
            with localcontext() as context:
                context.prec = 60
                out.append(_random_row(source, index))
            continue
        out.append({
            "id": index, "part": 1000 + index, "flag": _nth(_bools, index), "small": _nth(_smalls, index), "big": _nth(_bigs, index), "ratio": _nth(_ratios, index),
            "price": _nth(_prices, index), "wide": _nth(_wides, index), "day": _nth(_days, index), "at": _nth(_times, index),
            "instant": (lambda at: at and at.replace(tzinfo=UTC))(_nth(_times, index + 1)), "name": _nth(_names, index),
            "key": _nth(["00000000-0000-0000-0000-000000000000", "FFFFFFFF-ffff-ffff-ffff-ffffffffffff", "0b9f0d4e-31a6-4c1a-8e1b-6f5f0f5f0f5f"], index),
            "doc": _nth(_docs, index),
        })
    return out
