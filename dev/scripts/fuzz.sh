#!/bin/sh
# fuzz.sh SECONDS [TARGET]: runs build/fuzz's fuzz_TARGET, or every target, one on each core, on its committed seeds. The corpus that it builds
# stays in build/fuzz-corpus, and inputs that crash are left in build/fuzz-crashes.
set -eu
cd "$(dirname "$0")/../.."
seconds=$1
target=${2:-}
if [ -z "$target" ]; then
  targets=$(for source in src/*/fuzz/*.cc; do [ ! -e "$source" ] || basename "$source" .cc; done)
  if [ -z "$targets" ]; then
    echo "fuzz: no targets" >&2
    exit 1
  fi
  # What each prints is kept together, and what failed comes last, where readers look first.
  failed=$(mktemp -d)
  trap 'rm -rf "$failed"' EXIT
  # shellcheck disable=SC2016 # the inner shell expands it
  echo "$targets" | xargs -P "$(nproc)" -I TARGET sh -c '
    if "$1" "$2" "$4" > "$3/$4.log" 2>&1; then
      grep -E "^fuzz:|number_of_executed_units" "$3/$4.log" | paste -s -
      rm "$3/$4.log"
    else
      echo "fuzz: $4 failed"
    fi' - dev/scripts/fuzz.sh "$seconds" "$failed" TARGET
  [ -n "$(ls "$failed")" ] || exit 0
  for log in "$failed"/*.log; do
    # libFuzzer prints the stack first and what repeats the crash last.
    grep -vE '# Uses: |Recommended dictionary|^$' "$log" | tail -n 80
  done
  exit 1
fi
mkdir -p build/fuzz-crashes
binary=$(find build/fuzz -type f -name "fuzz_$target" -perm -u+x | head -n 1)
if [ -z "$binary" ]; then
  echo "fuzz: no target $target" >&2
  exit 1
fi
corpus=build/fuzz-corpus/$target
mkdir -p "$corpus"
seeds=$(find src/*/fuzz/seeds -maxdepth 1 -type d -name "$target" 2> /dev/null | head -n 1)
echo "fuzz: $target for $seconds s"
# shellcheck disable=SC2086 # $seeds may be empty
"$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -verbosity=0 \
  -artifact_prefix="build/fuzz-crashes/$target-" "$corpus" $seeds
