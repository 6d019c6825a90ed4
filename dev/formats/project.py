"""Writes a project of two datasets, `cells` (cells.py) and `many`, a million plain rows, with the endpoints that the checks ask."""
import hashlib
import json
import pathlib
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import cells

# The one place that says whether endpoints offer Parquet.
PARQUET = True
FORMATS = ["ndjson", "csv", "arrow"] + (["parquet"] if PARQUET else [])

KEY = "offl_" + "1f" * 24
MANY = 1_000_000
MANY_SCHEMA = {
    "tenant": "VARCHAR", "id": "INTEGER", "big": "BIGINT", "amount": "DECIMAL(12,2)", "day": "DATE", "at": "TIMESTAMP", "ratio": "DOUBLE", "flag": "BOOLEAN", "name": "VARCHAR",
}


def arrow_type(declared):
    """The Arrow type of a declared type (docs/consumer-api.md, "Formats")."""
    if declared.startswith("DECIMAL"):
        precision, scale = declared[len("DECIMAL("):-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return {
        "BOOLEAN": pa.bool_(), "INTEGER": pa.int32(), "BIGINT": pa.int64(), "DOUBLE": pa.float64(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"),
        "TIMESTAMPTZ": pa.timestamp("us", "UTC"), "VARCHAR": pa.string(), "UUID": pa.string(), "JSON": pa.string(),
    }[declared]


def _cells():
    schema = pa.schema([(name, arrow_type(declared)) for name, declared in cells.SCHEMA.items()])
    own = [{"tenant": cells.TENANT, **row} for row in cells.rows()]
    # Rows of another tenant, which no answer may have.
    foreign = [{"tenant": "globex", **row, "id": row["id"] + 10**6, "name": "foreign"} for row in cells.rows()[:50]]
    return pa.Table.from_pylist(own + foreign, schema)


def many():
    """The rows of the dataset `many`, without the tenant, by `id`."""
    ids = pa.array(range(MANY), pa.int32())
    wide = ids.cast(pa.int64())
    nulls = lambda array, every: pc.if_else(pc.equal(pc.subtract(ids, pc.multiply(pc.divide(ids, every), every)), 0), pa.scalar(None, array.type), array)
    micros = pc.add(pc.multiply(wide, 61_000_003), 1_700_000_000_000_000)
    columns = {
        "id": ids,
        "big": nulls(pc.subtract(pc.multiply(wide, 9_007_199_254_741), 2**62), 13),
        "amount": nulls(pc.multiply(pc.subtract(wide, 500_000).cast(pa.decimal128(19, 0)), pa.scalar(Decimal("1.37"))).cast(pa.decimal128(12, 2)), 17),
        "day": nulls(pc.divide(ids, 40).cast(pa.int32()).cast(pa.date32()), 19),
        "at": nulls(micros.cast(pa.timestamp("us")), 23),
        "ratio": nulls(pc.divide(ids.cast(pa.float64()), 7.0), 29),
        "flag": nulls(pc.equal(pc.bit_wise_and(ids, 3), 1), 31),
        "name": nulls(pc.binary_join_element_wise(pa.array(['Müller, "', "plain ", "=line\r\n", "😀 "]).take(pc.bit_wise_and(ids, 3)), ids.cast(pa.string()), ""), 37),
    }
    return pa.table(columns)


def write_dataset(folder, name, schema, table):
    """Writes a dataset of one Parquet file and its manifest. `schema`: {column: declared type}, with the column `tenant`."""
    data = folder / "data" / name
    data.mkdir(parents=True)
    pq.write_table(table, data / "part-0.parquet")
    size = (data / "part-0.parquet").stat().st_size
    schema = [{"name": column, "type": declared} for column, declared in schema.items()]
    (data / "manifest.json").write_text(json.dumps({
        "dataset_id": name, "snapshot_id": "snapshot-1", "created_at": "2026-02-01T02:10:00Z", "watermark": "2026-02-01T00:00:00Z", "schema": schema,
        "files": [{"path": "part-0.parquet", "format": "parquet", "row_count": table.num_rows, "size_bytes": size}], "partition_columns": [], "sort_columns": [],
        "row_count": table.num_rows, "size_bytes": size, "producer": "checks", "upstream_run_id": "1", "schema_version": 1, "data_quality_status": "passed",
        "compatibility_policy": "additive_only",
    }))
    write_file(folder, f"datasets/{name}.yml", {"id": name, "tenant_column": "tenant", "manifest": f"data/{name}/manifest.json", "schema": schema})


def write_file(folder, path, value):
    """Writes JSON, which is YAML too."""
    at = folder / path
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(json.dumps(value, indent=1))


_AGGREGATES = {
    # name: (select, declared type of the result)
    "rows": ({"column": "*", "agg": "count"}, "BIGINT"),
    "named": ({"column": "name", "agg": "count"}, "BIGINT"),
    "names": ({"column": "name", "agg": "count_distinct"}, "BIGINT"),
    "smalls": ({"column": "small", "agg": "sum"}, "DECIMAL(38,0)"),
    "bigs": ({"column": "big", "agg": "sum"}, "DECIMAL(38,0)"),
    "prices": ({"column": "price", "agg": "sum"}, "DECIMAL(38,2)"),
    "wides": ({"column": "wide", "agg": "sum"}, "DECIMAL(38,10)"),
    "ratios": ({"column": "ratio", "agg": "sum"}, "DOUBLE"),
    "mean_big": ({"column": "big", "agg": "avg"}, "DOUBLE"),
    "mean_price": ({"column": "price", "agg": "avg"}, "DOUBLE"),
    "middle": ({"column": "price", "agg": "median"}, "DOUBLE"),
    "p90": ({"column": "small", "agg": "quantile", "q": 0.9}, "DOUBLE"),
    "first_day": ({"column": "day", "agg": "min"}, "DATE"),
    "last_day": ({"column": "day", "agg": "max"}, "DATE"),
    "last_instant": ({"column": "instant", "agg": "max"}, "TIMESTAMPTZ"),
    "most": ({"column": "wide", "agg": "max"}, "DECIMAL(38,10)"),
    "least_name": ({"column": "name", "agg": "min"}, "VARCHAR"),
    "first_name": ({"column": "name", "agg": "first", "by": "id"}, "VARCHAR"),
    "first_price": ({"column": "price", "agg": "first", "by": "id"}, "DECIMAL(12,2)"),
    "any_flag": ({"column": "flag", "agg": "max"}, "BOOLEAN"),
    "first_key": ({"column": "key", "agg": "first", "by": "id"}, "UUID"),
    "share": ({"expr": "100 * named / rows"}, "DOUBLE"),
    "gross": ({"expr": "prices * 1.19"}, "DECIMAL(38,4)"),
}


def _endpoints():
    """Yields (endpoint, declared types of its answer)."""
    plain = {name: declared for name, declared in cells.SCHEMA.items() if name != "tenant"}
    params = [{"name": "id", "type": "integer"}, {"name": "below", "type": "integer"}]
    filters = [{"column": "id", "op": "eq", "param": "id"}, {"column": "id", "op": "lt", "param": "below"}]

    def of(name, select, types, dataset="cells", **more):
        query = {"select": select, "filters": filters, **more.pop("query", {})}
        return {"name": name, "version": 1, "dataset": dataset, "tenant": {"column": "tenant"}, "params": params, "query": query, "columns": list(types),
                "formats": FORMATS, "pagination": {"default_limit": 100, "max_limit": 5000}, **more}, types

    columns = [{"as": name, "column": name} for name in plain]
    exact = [{**each, "encode": "string"} if plain[each["as"]] in ("BIGINT", "DECIMAL(12,2)", "DECIMAL(38,10)") else each for each in columns]
    by_id = {"order_by": [{"column": "id"}]}
    export = {"export": {"max_rows": 10 * MANY}}
    yield of("rows", columns, plain, query=by_id)
    yield of("rows_exported", columns, plain, query=by_id, **export)
    yield of("rows_unordered", columns, plain, **export)
    yield of("rows_exact", exact, plain, query=by_id)
    yield of("rows_guarded", columns, plain, query=by_id, csv_guard=True)
    measures = [{"as": name, **select} for name, (select, _) in _AGGREGATES.items()]
    types = {name: declared for name, (_, declared) in _AGGREGATES.items()}
    by_part = {"group_by": ["part"], "order_by": [{"column": "part"}]}
    yield of("totals", measures, types)
    yield of("parts", [{"as": "part", "column": "part"}, *measures], {"part": "INTEGER", **types}, query=by_part)
    yield of("parts_exported", [{"as": "part", "column": "part"}, *measures], {"part": "INTEGER", **types}, query=by_part, **export)
    encoded = [{**each, "encode": "string"} if each.get("agg") == "sum" and each["as"] != "ratios" else each for each in measures]
    yield of("parts_exact", [{"as": "part", "column": "part"}, *encoded], {"part": "INTEGER", **types}, query=by_part)
    months = [{"as": "month", "column": "instant", "bucket": {"grain": "month"}}, {"as": "hours", "column": "*", "agg": "count"}]
    yield of("months", months, {"month": "DATE", "hours": "BIGINT"}, query={"group_by": ["month"]})
    hours = [{"as": "hour", "column": "instant", "bucket": {"grain": "hour"}}, {"as": "hours", "column": "*", "agg": "count"}]
    yield of("hours", hours, {"hour": "TIMESTAMPTZ", "hours": "BIGINT"}, query={"group_by": ["hour"]})
    types = {name: declared for name, declared in MANY_SCHEMA.items() if name != "tenant"}
    yield of("many", [{"as": name, "column": name} for name in types], types, dataset="many", **export)


def write_key(folder, endpoints):
    """Writes offloader.yml, and the one key of the project."""
    write_file(folder, "offloader.yml", {"version": 1, "auth": "required", "keys": "keys/keys.yml"})
    key = {"id": "checks", "hash": hashlib.sha256(KEY.encode()).hexdigest(), "tenant": cells.TENANT, "endpoints": endpoints, "status": "active"}
    write_file(folder, "keys/keys.yml", {"keys": [key]})


def write(folder):
    """Writes the project. Returns the declared types of each endpoint's answer, in its order."""
    folder = pathlib.Path(folder)
    write_dataset(folder, "cells", cells.SCHEMA, _cells())
    table = many()
    write_dataset(folder, "many", MANY_SCHEMA, table.add_column(0, "tenant", pa.array([cells.TENANT] * MANY).dictionary_encode()))
    types = {}
    for endpoint, of in _endpoints():
        write_file(folder, f"endpoints/{endpoint['name']}.yml", endpoint)
        types[endpoint["name"]] = of
    write_key(folder, list(types))
    return types, table
