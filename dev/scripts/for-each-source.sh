#!/bin/sh
# Runs a command over every C++ file that git knows or would add: for-each-source.sh clang-format-16 -i
set -eu
cd "$(dirname "$0")/../.."
git ls-files -z --cached --others --exclude-standard -- '*.cc' '*.h' | xargs -0 -r -n 32 -P 2 "$@"
