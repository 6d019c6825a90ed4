#!/bin/sh
# bench.sh [NAME]: runs every Google Benchmark binary of build/release and then bench/compare.sh. With NAME, runs only the binary of that
# name; `compare` runs only bench/compare.sh.
set -eu
cd "$(dirname "$0")/../.."
name=${1:-}
for source in src/*/bench/*.cc; do
  [ -e "$source" ] || continue
  module=$(basename "$(dirname "$(dirname "$source")")")
  bench=${module}_$(basename "$source" .cc)
  if [ -n "$name" ] && [ "$name" != "$bench" ]; then continue; fi
  echo "== $bench"
  "build/release/src/$module/$bench"
done
if [ -z "$name" ] || [ "$name" = compare ]; then
  echo "== bench/compare.sh"
  exec bench/compare.sh
fi
