#!/bin/sh
# Runs a command on every C++ file that git tracks or would add: for-each-source.sh clang-format-16 -i
set -eu
cd "$(dirname "$0")/../.."
git ls-files -z --cached --others --exclude-standard -- '*.cc' '*.h' | xargs -0 -r -n 32 -P 2 "$@"
