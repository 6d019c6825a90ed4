#!/usr/bin/env bash
# Compares a server's answer with nginx, which serves the same bytes from a file. Each has one worker and one core, and they alternate.
#   bench/hit-vs-nginx.sh URL PID [ROUNDS] [SECONDS] [-H HEADER…]   (PID of the server, to pin it to core 0)
set -euo pipefail
url=$1; pid=$2; rounds=${3:-5}; seconds=${4:-3}; shift $(( $# < 4 ? $# : 4 ))
folder=$(mktemp -d); port=${NGINX_PORT:-18480}
curl -fsS "$@" "$url" > "$folder/hit.json"; chmod 755 "$folder"
cat > "$folder/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $folder/pid; error_log /dev/null crit;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on; default_type application/json;
  client_body_temp_path $folder/b; proxy_temp_path $folder/p; fastcgi_temp_path $folder/f; uwsgi_temp_path $folder/u; scgi_temp_path $folder/s;
  server { listen 127.0.0.1:$port; root $folder; } }
CONF
taskset -c 0 nginx -e /dev/null -c "$folder/nginx.conf" & nginx=$!
trap 'kill $nginx; wait $nginx || true; rm -rf "$folder"' EXIT
taskset -a -cp 0 "$pid" > /dev/null
for _ in $(seq 100); do curl -fso /dev/null "http://127.0.0.1:$port/hit.json" && break; sleep 0.05; done
rate() { taskset -c 1 wrk -t1 -c32 -d"${seconds}s" "$@" | awk '/Non-2xx|Socket errors/ {bad = 1} /Requests\/sec/ {rate = $2} END {if (bad) exit 1; print rate}'; }
median() { sort -n | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
ours=(); theirs=()
for _ in $(seq "$rounds"); do
  ours+=("$(rate "$@" "$url")"); theirs+=("$(rate "http://127.0.0.1:$port/hit.json")")
done
a=$(printf '%s\n' "${ours[@]}" | median); b=$(printf '%s\n' "${theirs[@]}" | median)
echo "server: ${ours[*]} median $a requests/s"
echo "nginx:  ${theirs[*]} median $b requests/s"
awk -v a="$a" -v b="$b" 'BEGIN {printf "ratio:  %.2f\n", a / b}'
