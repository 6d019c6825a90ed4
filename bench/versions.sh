#!/bin/sh
# versions.sh OLD [NEW]: compares two builds of the server in pairs (docs/benchmarks.md, "Two versions"). OLD and NEW are programs. The
# default of NEW is build/release/bin/offloader.
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 1 ] && [ $# -le 2 ] || { echo "usage: bench/versions.sh OLD [NEW]" >&2; exit 2; }
for program in node npm taskset; do
  command -v $program > /dev/null || { echo "bench: $program is not installed: dev/scripts/setup.sh --tools bench" >&2; exit 2; }
done
if ! [ -d bench/handmade/node_modules/@duckdb ]; then
  (cd bench/handmade && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
    { echo "bench: what generates the rows cannot be fetched (npm ci in bench/handmade)" >&2; exit 2; }
fi
exec node bench/versions.mjs "$@"
