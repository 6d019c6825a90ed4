#!/bin/sh
# Measures the time from `offloader init` to the first answered request, as for a new user. With OFFLOADER_SOAK=1 (on a quiet machine), it fails
# if that takes more than 5 seconds.
#
#   first-answer.sh OFFLOADER
set -eu
binary=$(realpath "${1:?the program}")
work=$(mktemp -d)
server=''
finish() {
  status=$?
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2> /dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

began=$(date +%s%N)
key=$("$binary" init --out demo --json | sed 's/.*"key": *"\([^"]*\)".*/\1/')
"$binary" serve demo > said 2> errors &
server=$!
code=none
until [ "$code" = 200 ]; do
  kill -0 "$server" 2> /dev/null || { cat errors >&2; exit 1; }
  [ $(($(date +%s%N) - began)) -lt 120000000000 ] || { echo "no answer in 120 s" >&2; exit 1; }
  api=$(sed -n 's#^API *\(http.*\)/v1/.*#\1#p' said)
  if [ -z "$api" ]; then
    sleep 0.02
    continue
  fi
  code=$(curl -q -s -o answer -w '%{http_code}' -m 10 -H "Authorization: Bearer $key" "$api/v1/endpoints/orders_by_product") || code=none
  [ "$code" = 200 ] || sleep 0.02
done
milliseconds=$((($(date +%s%N) - began) / 1000000))
grep -q '"data":\[{"product":' answer || { cat answer >&2; exit 1; }
echo "first answer after $milliseconds ms"
[ "${OFFLOADER_SOAK:-}" != 1 ] || [ "$milliseconds" -lt 5000 ] || { echo "FAILED  more than 5 seconds" >&2; exit 1; }
