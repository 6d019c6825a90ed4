#!/bin/sh
# Boots examples/customer-analytics on loopback like a deployment (`start`, settings from the environment), runs deploy-check.sh against it,
# and stops it.
set -eu
cd "$(dirname "$0")/../.."
binary=${BINARY:-build/release/bin/offloader}
api_port=${API_PORT:-14010}
admin_port=${ADMIN_PORT:-14011}
work=$(mktemp -d)
server=''
finish() {
  status=$?
  [ -z "$server" ] || kill "$server" 2> /dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

OFFLOADER_KEY=$(sed -n 's/^| `acme_demo`.*`\(offl_[0-9a-f]*\)`.*/\1/p' examples/customer-analytics/README.md)
OFFLOADER_ADMIN_TOKEN=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
export OFFLOADER_KEY OFFLOADER_ADMIN_TOKEN
OFFLOADER_CONFIG=examples/customer-analytics OFFLOADER_SECRET_KEY_BASE=$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n') \
  OFFLOADER_CACHE_DIR="$work/cache" OFFLOADER_API_BIND=127.0.0.1 OFFLOADER_API_PORT=$api_port OFFLOADER_ADMIN_PORT=$admin_port \
  OFFLOADER_DRAIN_SECONDS=0 "$binary" start > "$work/log" 2>&1 &
server=$!
dev/scripts/deploy-check.sh --api "http://127.0.0.1:$api_port" --admin "http://127.0.0.1:$admin_port" || {
  tail -n 20 "$work/log" >&2
  exit 1
}
kill "$server"
status=0
wait "$server" || status=$?
server=''
[ "$status" -eq 0 ] || { echo "FAILED  it stopped with status $status, not 0" >&2; exit 1; }
echo "ok      stopped with status 0"
