#!/bin/sh
# Runs clang-tidy on the sources of the project, with the flags of build/tidy.
set -eu
cd "$(dirname "$0")/../.."
git ls-files -z -- 'src/*.cc' 'dev/*.cc' | grep -zv '/fuzz/' |
  xargs -0 -r -n 4 -P 2 clang-tidy-16 -p build/tidy --quiet --warnings-as-errors='*'
