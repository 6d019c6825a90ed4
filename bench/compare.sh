#!/bin/sh
# compare.sh [--quick] [--out FILE]: Offloader beside nginx, its own DuckDB path, the hand-made service and PostgreSQL
# (docs/benchmarks.md). --quick, or BENCH_QUICK=1, measures only what the bounds need, in a few minutes.
set -eu
cd "$(dirname "$0")/.."
[ -d bench/handmade/node_modules/fastify ] || (cd bench/handmade && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
exec node bench/compare.mjs "$@"
