#!/bin/sh
# compare.sh [--quick] [--out FILE]: compares Offloader with nginx, its own DuckDB path, the hand-made service and PostgreSQL
# (docs/benchmarks.md). --quick or BENCH_QUICK=1 uses a thousand and a million rows and short cells.
set -eu
cd "$(dirname "$0")/.."
for program in node npm; do
  command -v $program > /dev/null || { echo "bench: $program is not installed: dev/scripts/setup.sh --tools bench" >&2; exit 2; }
done
if ! [ -d bench/handmade/node_modules/fastify ]; then
  (cd bench/handmade && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
    { echo "bench: what the hand-made service uses cannot be fetched (npm ci in bench/handmade)" >&2; exit 2; }
fi
exec node bench/compare.mjs "$@"
