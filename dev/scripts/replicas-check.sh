#!/bin/sh
# Runs three replicas behind nginx and then behind HAProxy, with the files in deploy/, all on loopback. Under load, it kills one replica, drains
# one with SIGTERM, and upgrades one (stops it and starts it again with the same cache). No request may fail.
#
#   replicas-check.sh [nginx|haproxy]…
set -eu
cd "$(dirname "$0")/../.."
balancers=${*:-nginx haproxy}
binary=${BINARY:-build/release/bin/offloader}
base_port=${BASE_PORT:-15000}
connections=${CONNECTIONS:-16}
[ -x "$binary" ] || { echo "replicas-check: no $binary; make build first" >&2; exit 2; }
command -v haproxy > /dev/null && command -v nginx > /dev/null && command -v wrk > /dev/null || dev/scripts/setup.sh --tools deploy

work=$(mktemp -d)
pids=''
finish() {
  status=$?
  # Only processes that this script started. Some may have ended already.
  for pid in $pids; do kill -9 "$pid" 2> /dev/null || true; done
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

secret=replicas-check-secret-of-no-worth-at-all-0000
key=$(sed -n 's/^| `acme_demo`.*`\(offl_[0-9a-f]*\)`.*/\1/p' examples/customer-analytics/README.md)
api_port() { echo $((base_port + 10 * $1)); }
admin_port() { echo $((base_port + 10 * $1 + 1)); }
front=$base_port

# start N: starts replica N and writes its pid to $work/N.pid.
start() {
  OFFLOADER_CONFIG=examples/customer-analytics OFFLOADER_SECRET_KEY_BASE=$secret OFFLOADER_CACHE_DIR="$work/cache$1" \
    OFFLOADER_API_BIND=127.0.0.1 OFFLOADER_API_PORT=$(api_port "$1") OFFLOADER_ADMIN_PORT=$(admin_port "$1") \
    OFFLOADER_ACCESS_LOG=off OFFLOADER_LOG_FORMAT=text OFFLOADER_DRAIN_SECONDS=3 OFFLOADER_DUCKDB_MEMORY_LIMIT=512MB \
    OFFLOADER_POOL_SIZE=4 "$binary" start >> "$work/replica$1.log" 2>&1 &
  echo $! > "$work/$1.pid"
  pids="$pids $!"
}
pid_of() { cat "$work/$1.pid"; }

# await SECONDS COMMAND…: repeats the command until it succeeds, for at most SECONDS.
await() {
  left=$(($1 * 10))
  shift
  until "$@" > /dev/null 2>&1; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then
      echo "replicas-check: gave up waiting for: $*" >&2
      tail -n 5 "$work"/*.log >&2
      return 1
    fi
    sleep 0.1
  done
}
ready() { curl -q -s -f -m 2 -o /dev/null "http://127.0.0.1:$(admin_port "$1")/ready"; }
gone() { ! kill -0 "$1" 2> /dev/null; }

# Copies the files of deploy/ with this machine's ports instead of the example's.
configure() {
  case $1 in
    nginx)
      {
        echo "daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/nginx-errors.log warn;"
        echo "events { worker_connections 1024; }"
        echo "http { access_log $work/nginx-access.log; client_body_temp_path $work/t1; proxy_temp_path $work/t2;"
        echo "fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;"
        sed -e "s/10\.0\.0\.1\([123]\):4000/127.0.0.1:${base_port%??}\10/" -e "s/listen 8080/listen 127.0.0.1:$front/" deploy/nginx/offloader.conf
        echo "}"
      } > "$work/nginx.conf"
      ;;
    haproxy)
      sed -e "s/server replica\([123]\) 10\.0\.0\.1[123]:4000/server replica\1 127.0.0.1:${base_port%??}\10 check port ${base_port%??}\11/" \
        -e 's/default-server check port 4001/default-server check/' -e "s/bind :8080/bind 127.0.0.1:$front/" \
        -e 's/maxconn 20000/maxconn 1000/' -e 's/^  log stdout.*//' -e 's/^  log global$//' deploy/haproxy/haproxy.cfg > "$work/haproxy.cfg"
      ;;
  esac
}

# Counts the answers with a status other than 200 and reports them at the end of the load.
cat > "$work/count.lua" <<'LUA'
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() other = 0 end
function response(status) if status ~= 200 then other = other + 1 end end
function done(summary)
  local other = 0
  for _, thread in ipairs(threads) do other = other + thread:get("other") end
  local e = summary.errors
  io.write(string.format("result %d %d %d %d %d %d %.0f\n", summary.requests, other, e.connect, e.read, e.write, e.timeout,
    summary.requests / (summary.duration / 1e6)))
end
LUA

status=0
for balancer in $balancers; do
  echo "replicas-check: $balancer"
  for replica in 1 2 3; do start "$replica"; done
  for replica in 1 2 3; do await 60 ready "$replica"; done
  configure "$balancer"
  case $balancer in
    nginx) nginx -p "$work" -c "$work/nginx.conf" > "$work/balancer.log" 2>&1 & ;;
    haproxy) haproxy -db -f "$work/haproxy.cfg" > "$work/balancer.log" 2>&1 & ;;
    *) echo "replicas-check: nginx or haproxy, not $balancer" >&2; exit 2 ;;
  esac
  balancer_pid=$!
  pids="$pids $balancer_pid"
  await 30 curl -q -s -f -o /dev/null -H "Authorization: Bearer $key" "http://127.0.0.1:$front/v1/endpoints/top_accounts"
  etag() { curl -q -s -o /dev/null -D - -H "Authorization: Bearer $key" "http://127.0.0.1:$1/v1/endpoints/top_accounts" | sed -n 's/^[Ee][Tt]ag: //p'; }
  if [ -z "$(etag "$(api_port 1)")" ] || [ "$(etag "$(api_port 1)")" != "$(etag "$(api_port 2)")" ] || [ "$(etag "$(api_port 2)")" != "$(etag "$(api_port 3)")" ]; then
    echo "FAILED  $balancer: the replicas do not agree on the ETag" >&2
    status=1
  fi

  wrk -t 1 -c "$connections" -d "${SECONDS_OF_LOAD:-40}s" --timeout 10s -s "$work/count.lua" -H "Authorization: Bearer $key" \
    "http://127.0.0.1:$front/v1/endpoints/account_totals?from=2025-02-01" > "$work/wrk.log" 2>&1 &
  load=$!
  pids="$pids $load"
  sleep 2
  echo "        replica 1 killed"
  kill -9 "$(pid_of 1)"
  sleep 3
  start 1
  await 60 ready 1
  sleep 2
  echo "        replica 2 drained"
  drained=$(pid_of 2)
  kill -TERM "$drained"
  await 30 gone "$drained"
  sleep 1
  start 2
  await 60 ready 2
  sleep 2
  echo "        replica 3 upgraded"
  upgraded=$(pid_of 3)
  kill -TERM "$upgraded"
  await 30 gone "$upgraded"
  start 3
  await 60 ready 3
  if gone "$load"; then
    echo "FAILED  $balancer: the load ended before the last step; set SECONDS_OF_LOAD higher" >&2
    status=1
  fi
  wait "$load" || true
  if ! grep -q '^result ' "$work/wrk.log"; then
    cat "$work/wrk.log" >&2
    exit 1
  fi
  # shellcheck disable=SC2046 # the words of that line
  set -- $(sed -n 's/^result //p' "$work/wrk.log")
  echo "        $1 requests at $7/s; not 200: $2; connect, read, write, timeout errors: $3 $4 $5 $6"
  if [ "$1" -gt 1000 ] && [ "$2$3$4$5$6" = 00000 ]; then
    echo "ok      $balancer: killed, drained and upgraded without a failed request"
  else
    echo "FAILED  $balancer" >&2
    tail -n 5 "$work"/nginx-errors.log "$work/balancer.log" 2> /dev/null >&2 || true
    status=1
  fi
  kill "$balancer_pid" 2> /dev/null || true
  await 10 gone "$balancer_pid"
  for replica in 1 2 3; do
    pid=$(pid_of "$replica")
    kill -9 "$pid"
    await 10 gone "$pid"
    rm -rf "$work/cache$replica"
  done
done
exit "$status"
