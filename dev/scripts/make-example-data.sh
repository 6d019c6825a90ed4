#!/bin/sh
# make-example-data.sh [OUT [PARQUET_TOOL]]: writes the examples' data and manifests below OUT (default: examples/). The output is
# the same each time, byte for byte. The default Parquet tool is that of build/release.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$root/examples}
tool=${2:-$root/build/release/dev/tools/make-example-parquet}
export LC_ALL=C

snapshot="$out/customer-analytics/data/account_daily"
mkdir -p "$snapshot"
awk '
  # The Park-Miller generator, because rand() differs between implementations of awk.
  function draw(n) { seed = (seed * 16807) % 2147483647; return seed % n }
  BEGIN {
    seed = 20250101
    split("acme globex", tenants, " ")
    names["acme"] = "Northwind Traders|Café Amélie|Müller & Söhne|Łódź Textiles|\"Blue, Ltd\"|Ångström Labs|Sakura 商店|Delta Freight|El Niño Surf|Ostrich Farms|Piñata Palace|Zephyr Energy"
    names["globex"] = "Hank Scorpio Inc|Crème de la Crème|Straße Süd|Τρία Αστέρια|Volcano Lair|Кофейня|Smörgås AB|Cypress Creek|Ganymede Mining|Òmnia Arts|Pōhutukawa Bay|Quartz & Co"
    split("emea amer apac", regions, " ")
    split("31 28 31", month_days, " ")
    print "tenant_id,day,account_id,account_name,region,plan,events,revenue"
    for (month = 1; month <= 3; month++)
      for (d = 1; d <= month_days[month]; d++)
        for (t = 1; t <= 2; t++) {
          tenant = tenants[t]
          count = split(names[tenant], accounts, "|")
          for (a = 1; a <= count; a++) {
            events = 20 + draw(480) + a * 10
            cents = events * (3 + a) + draw(100)
            plan = a % 4 == 0 ? "enterprise" : a % 2 == 0 ? "team" : "free"
            if (plan == "free") cents = 0
            printf "%s,2025-%02d-%02d,%s_%02d,%s,%s,%s,%d,%d.%02d\n", tenant, month, d, tenant, a, accounts[a],
              regions[a % 3 + 1], plan, events, int(cents / 100), cents % 100
          }
        }
  }' > "$snapshot/part-0.csv"
rows=$(($(wc -l < "$snapshot/part-0.csv") - 1))
size=$(($(wc -c < "$snapshot/part-0.csv")))
cat > "$snapshot/manifest.json" <<JSON
{
  "dataset_id": "account_daily",
  "snapshot_id": "2025-03-31",
  "created_at": "2025-04-01T02:00:00Z",
  "watermark": "2025-04-01T00:00:00Z",
  "schema": [
    {"name": "tenant_id", "type": "VARCHAR"},
    {"name": "day", "type": "DATE"},
    {"name": "account_id", "type": "VARCHAR"},
    {"name": "account_name", "type": "VARCHAR"},
    {"name": "region", "type": "VARCHAR"},
    {"name": "plan", "type": "VARCHAR"},
    {"name": "events", "type": "INTEGER"},
    {"name": "revenue", "type": "DECIMAL(12,2)"}
  ],
  "files": [{"path": "part-0.csv", "format": "csv", "row_count": $rows, "size_bytes": $size}],
  "partition_columns": [],
  "sort_columns": ["day", "tenant_id", "account_id"],
  "row_count": $rows,
  "size_bytes": $size,
  "producer": "make-example-data",
  "upstream_run_id": "example-1",
  "schema_version": 1,
  "data_quality_status": "passed",
  "compatibility_policy": "additive_only"
}
JSON

snapshot="$out/public-metrics/data/air_quality"
mkdir -p "$snapshot"
"$tool" "$snapshot/part-0.parquet"
rows=$((6 * 365))
size=$(($(wc -c < "$snapshot/part-0.parquet")))
cat > "$snapshot/manifest.json" <<JSON
{
  "dataset_id": "air_quality",
  "snapshot_id": "2025-12-31",
  "created_at": "2026-01-01T02:00:00Z",
  "watermark": "2026-01-01T00:00:00Z",
  "schema": [
    {"name": "day", "type": "DATE"},
    {"name": "station", "type": "VARCHAR"},
    {"name": "city", "type": "VARCHAR"},
    {"name": "temperature", "type": "DOUBLE"},
    {"name": "humidity", "type": "INTEGER"},
    {"name": "location", "type": "JSON"},
    {"name": "readings", "type": "JSON"}
  ],
  "files": [{"path": "part-0.parquet", "format": "parquet", "row_count": $rows, "size_bytes": $size}],
  "partition_columns": [],
  "sort_columns": ["day", "station"],
  "row_count": $rows,
  "size_bytes": $size,
  "producer": "make-example-data",
  "upstream_run_id": "example-1",
  "schema_version": 1,
  "data_quality_status": "passed",
  "compatibility_policy": "exact"
}
JSON
