#!/bin/sh
# build-time.sh: measures a clean release build of the program, without ccache, in a separate folder.
# The limit of 6 minutes is for two cores with nothing else running.
set -eu
cd "$(dirname "$0")/../.."
folder=build/timed
rm -rf "$folder"
export CCACHE_DISABLE=1
cmake --preset release -B "$folder" > /dev/null
start=$(date +%s)
cmake --build "$folder" --parallel "${JOBS:-2}" --target offloader
end=$(date +%s)
rm -rf "$folder"
echo "build-time: $((end - start)) s with ${JOBS:-2} jobs on $(nproc) cores (bound: 360 s on two)"
