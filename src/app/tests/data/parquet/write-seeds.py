#!/usr/bin/env python3
"""Writes the Parquet files of this folder that pyarrow makes: small ones of every physical type, encoding, codec and
page version, for the test that damages them. `pip install pyarrow==26.0.1`, then run it here. The test does not run
it: the files are in the repository."""
import datetime
import decimal
import random

import pyarrow as pa
import pyarrow.parquet as pq

random.seed(1)
ROWS = 120
UTC = datetime.timezone.utc


def maybe(value, share=0.15):
    return None if random.random() < share else value


def numbers(lo, hi):
    return [maybe(random.randint(lo, hi)) for _ in range(ROWS)]


WORDS = ["", "a", "Zürich", "line\nbreak", "x" * 70, "東京", "same", "same", "same"]
DAY = datetime.date(1969, 12, 25)
INTEGERS = pa.table({
    "i8": pa.array(numbers(-128, 127), pa.int8()), "u8": pa.array(numbers(0, 255), pa.uint8()),
    "i16": pa.array(numbers(-2**15, 2**15 - 1), pa.int16()), "i32": pa.array(numbers(-2**31, 2**31 - 1), pa.int32()),
    "u32": pa.array(numbers(0, 2**32 - 1), pa.uint32()), "i64": pa.array(numbers(-2**63, 2**63 - 1), pa.int64()),
    "row": pa.array(range(ROWS), pa.int64())})
TEXTS = pa.table({
    "text": pa.array([maybe(random.choice(WORDS)) for _ in range(ROWS)]),
    "key": pa.array([f"key-{i:04}" for i in range(ROWS)])})
REALS = pa.table({
    "f32": pa.array([maybe(random.uniform(-1e9, 1e9)) for _ in range(ROWS)], pa.float32()),
    "f64": pa.array([maybe(random.uniform(-1e99, 1e99)) for _ in range(ROWS)], pa.float64())})
TIMES = pa.table({
    "day": pa.array([maybe(DAY + datetime.timedelta(days=i)) for i in range(ROWS)]),
    **{f"at_{unit}": pa.array([maybe(datetime.datetime(1969, 12, 31) + datetime.timedelta(minutes=7 * i))
                              for i in range(ROWS)], pa.timestamp(unit)) for unit in ("ms", "us", "ns")},
    "zoned": pa.array([maybe(datetime.datetime(2024, 3, 1, tzinfo=UTC) + datetime.timedelta(hours=i))
                       for i in range(ROWS)], pa.timestamp("us", "UTC"))})
FLAGS = pa.table({"flag": pa.array([maybe(i % 7 < 3) for i in range(ROWS)]), "row": pa.array(range(ROWS), pa.int32())})
DECIMALS = pa.table({f"d{p}": pa.array([maybe(decimal.Decimal(random.randint(-10**(p - 1), 10**(p - 1))).scaleb(-2))
                                        for _ in range(ROWS)], pa.decimal128(p, 2)) for p in (9, 18, 38)})
NESTED = pa.table({
    "list": pa.array([maybe([maybe(j) for j in range(i % 4)]) for i in range(ROWS)], pa.list_(pa.int32())),
    "struct": pa.array([maybe({"a": maybe(i), "b": [{"c": random.choice(WORDS)}] * (i % 3)}) for i in range(ROWS)]),
    "map": pa.array([maybe([(f"k{j}", maybe(j * 0.5)) for j in range(i % 3)]) for i in range(ROWS)],
                    pa.map_(pa.string(), pa.float64())),
    "deep": pa.array([[[[i]] * (i % 2)] * (i % 3) for i in range(ROWS)])})

PLAIN = {"use_dictionary": False, "compression": "none"}


def write(name, table, **options):
    pq.write_table(table, name + ".parquet", **options)


for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
    write(f"texts-{codec}", TEXTS, compression=codec)
write("integers-dictionary", INTEGERS, compression="none")
write("integers-plain", INTEGERS, **PLAIN)
write("integers-delta", INTEGERS, **PLAIN, data_page_version="2.0",
      column_encoding={name: "DELTA_BINARY_PACKED" for name in INTEGERS.column_names})
write("texts-delta-length", TEXTS, **PLAIN,
      column_encoding={name: "DELTA_LENGTH_BYTE_ARRAY" for name in TEXTS.column_names})
write("texts-delta", TEXTS, **PLAIN, data_page_version="2.0",
      column_encoding={name: "DELTA_BYTE_ARRAY" for name in TEXTS.column_names})
write("reals-split", REALS, **PLAIN, column_encoding={name: "BYTE_STREAM_SPLIT" for name in REALS.column_names})
write("reals-pages", REALS, use_dictionary=False, compression="zstd", data_page_size=64, write_batch_size=16,
      write_page_index=True, data_page_version="2.0")
write("times", TIMES, compression="snappy", version="2.6")
write("times-int96", TIMES.select(["at_ms", "at_ns"]), compression="none", use_deprecated_int96_timestamps=True)
write("flags-rle", FLAGS, compression="none", use_dictionary=False, column_encoding={"flag": "RLE"},
      data_page_version="2.0")
write("flags-checksums", FLAGS, compression="snappy", write_page_checksum=True)
write("decimals", DECIMALS, compression="none")
write("decimals-integer", DECIMALS.select(["d9", "d18"]), compression="none", store_decimal_as_integer=True)
write("nested", NESTED, compression="none")
write("nested-pages", NESTED, compression="snappy", data_page_version="2.0", data_page_size=128, write_batch_size=16)
write("row-groups", INTEGERS, compression="zstd", row_group_size=17, write_statistics=False)
