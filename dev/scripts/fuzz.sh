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
  # What each prints is kept together.
  echo "$targets" | xargs -P "$(nproc)" -I TARGET sh -c 'out=$("$1" "$2" "$3" 2>&1) && code=0 || code=$?; echo "$out"; exit $code' - dev/scripts/fuzz.sh "$seconds" TARGET
  exit
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
