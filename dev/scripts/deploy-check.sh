#!/bin/sh
# Checks a rollout from outside: both ports, health, readiness, metrics, one answered request, denied requests, and that
# neither port serves the routes of the other. Needs curl and a POSIX shell, and changes nothing.
#
#   deploy-check.sh --api URL --admin URL [--key TOKEN] [--admin-token TOKEN] [--endpoint NAME] [--wait SECONDS]
#
# The default tokens are OFFLOADER_KEY and OFFLOADER_ADMIN_TOKEN. Without a key, the answered request is skipped unless the
# project is open. Without an admin token, the diagnostics are skipped. OFFLOADER_CA_FILE verifies the servers of https URLs.
# Exit status: 0 every check passed, 1 one failed, 2 wrong usage.
set -u

usage() {
  sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

api='' admin='' endpoint='' wait_seconds=60
key=${OFFLOADER_KEY:-}
admin_token=${OFFLOADER_ADMIN_TOKEN:-}
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --api) api=${2%/} ;;
    --admin) admin=${2%/} ;;
    --key) key=$2 ;;
    --admin-token) admin_token=$2 ;;
    --endpoint) endpoint=$2 ;;
    --wait) wait_seconds=$2 ;;
    *) usage ;;
  esac
  shift 2
done
[ -n "$api" ] && [ -n "$admin" ] || usage

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0
status=000

# Passes a token to curl in a file, so that it does not appear in a process list.
bearer() {
  (umask 077 && printf 'header = "Authorization: Bearer %s"\n' "$1" > "$work/bearer")
  printf '%s' "$work/bearer"
}

# get URL [curl option...]: leaves the status in $status, the body in $work/body, the headers in $work/head.
get() {
  url=$1
  shift
  status=$(curl -q -s -S -m 15 ${OFFLOADER_CA_FILE:+--cacert "$OFFLOADER_CA_FILE"} -o "$work/body" -D "$work/head" -w '%{http_code}' "$@" "$url" 2> "$work/why") || status=000
}

pass() {
  passed=$((passed + 1))
  echo "ok      $1"
}

fail() {
  failed=$((failed + 1))
  echo "FAILED  $1" >&2
  [ ! -s "$work/why" ] || sed 's/^/        /' "$work/why" >&2
  if [ -s "$work/body" ]; then
    head -c 300 "$work/body" | tr -d '\000-\010\013-\037' | sed 's/^/        /' >&2
    echo >&2
  fi
}

# expect NAME STATUS [TEXT]: checks the status and text of the last answer.
expect() {
  if [ "$status" != "$2" ]; then
    fail "$1: status $status, not $2"
  elif [ -n "${3:-}" ] && ! grep -qF -- "$3" "$work/body"; then
    fail "$1: no $3 in the answer"
  else
    pass "$1"
  fi
  rm -f "$work/body" "$work/why"
}

# The value after "NAME": in JSON without spaces around the colon.
text_field() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p' | head -n 1; }

echo "API $api, admin $admin"

waited=0
get "$admin/ready"
while [ "$status" != 200 ] && [ "$waited" -lt "$wait_seconds" ]; do
  sleep 1
  waited=$((waited + 1))
  get "$admin/ready"
done
expect "admin: ready" 200 '"ready":true'
get "$admin/live"
expect "admin: alive" 200 '"status":"ok"'
get "$api/healthz"
expect "API: healthy" 200 '"status":"ok"'
get "$admin/status"
expect "admin: status names the service" 200 '"service":"offloader"'
get "$admin/metrics"
if [ "$status" = 200 ] && grep -q '^offloader_up 1' "$work/body" && grep -q '^offloader_ready 1' "$work/body" &&
  grep -q '^offloader_build_info{' "$work/body"; then
  pass "admin: metrics say up and ready"
else
  fail "admin: metrics say up and ready (status $status)"
fi
get "$admin/openapi.json"
expect "admin: OpenAPI" 200 '"openapi"'
get "$admin/docs" -H 'Accept: application/json'
expect "admin: the endpoint catalog" 200 '"endpoints"'

# The endpoint to call: the given one, or the first that needs no parameter.
get "$admin/schema"
cp "$work/body" "$work/schema" 2> /dev/null || : > "$work/schema"
expect "admin: schema" 200 '"endpoints"'
auth=$(text_field auth < "$work/schema")
[ -n "$auth" ] || auth=$(sed -n 's/.*"auth": *{[^}]*"mode": *"\([^"]*\)".*/\1/p' "$work/schema" | head -n 1)
if [ -z "$endpoint" ]; then
  # Put each endpoint on its own line: it begins with its name and version.
  endpoint=$(tr -d '\n' < "$work/schema" | sed 's/{"name":"\([a-z][a-z0-9_]*\)","version":/\
&/g' | grep '^{"name":"[a-z][a-z0-9_]*","version":' | grep -v '"required":true' |
    head -n 1 | cut -d\" -f4)
fi

unknown=deploy_check_no_such_endpoint
if [ -z "$endpoint" ]; then
  fail "schema: an endpoint that needs no parameter (name one with --endpoint NAME or --endpoint 'NAME?a=b')"
elif [ "$auth" = none ]; then
  get "$api/v1/endpoints/$endpoint"
  expect "API: $endpoint answers" 200 '"meta":'
  get "$api/v1/endpoints/$unknown"
  expect "API: an unknown endpoint is not found" 404 '"family":"not_found"'
else
  get "$api/v1/endpoints/$endpoint"
  expect "API: no key is refused" 401 '"family":"unauthorized"'
  get "$api/v1/endpoints/$endpoint" -K "$(bearer offl_000000000000000000000000000000000000000000000000)"
  expect "API: a wrong key is refused" 401 '"family":"unauthorized"'
  get "$api/v1/endpoints/$unknown"
  expect "API: an unknown endpoint without a key is refused, not denied" 401 '"family":"unauthorized"'
  if [ -n "$key" ]; then
    get "$api/v1/endpoints/$endpoint" -K "$(bearer "$key")"
    expect "API: $endpoint answers" 200 '"meta":'
    get "$api/v1/endpoints/$unknown" -K "$(bearer "$key")"
    expect "API: an unknown endpoint is not found" 404 '"family":"not_found"'
  else
    echo "left out: an answered request, for want of --key"
  fi
fi
get "$api/deploy-check/no/such/path"
expect "API: an unknown path is not found" 404 '"family":"not_found"'

for route in live ready status metrics docs schema openapi.json diagnostics support-bundle; do
  get "$api/$route"
  expect "API: no /$route here" 404 '"family":"not_found"'
done
for route in healthz "v1/endpoints/${endpoint:-$unknown}"; do
  if [ -n "$key" ]; then get "$admin/$route" -K "$(bearer "$key")"; else get "$admin/$route"; fi
  expect "admin: no /${route%%\?*} here" 404 '"family":"not_found"'
done

get "$admin/diagnostics"
case $status in
  401) expect "admin: diagnostics need the token" 401 '"family":"unauthorized"' ;;
  *) expect "admin: diagnostics are closed while no token is set" 403 OFFLOADER_ADMIN_TOKEN ;;
esac
if [ -n "$admin_token" ]; then
  get "$admin/diagnostics" -K "$(bearer "$admin_token")"
  expect "admin: diagnostics" 200 '"duckdb_status":"ok"'
  get "$admin/diagnostics" -K "$(bearer "${admin_token}x")"
  expect "admin: a wrong token is refused" 401 '"family":"unauthorized"'
else
  echo "left out: the diagnostics, for want of --admin-token"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
