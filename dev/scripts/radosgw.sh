#!/bin/sh
# Runs Ceph's radosgw for tests, as an S3 server that verifies signatures: one monitor, one memstore OSD, no manager, on
# loopback. Needs Debian's ceph-mon, ceph-osd, radosgw and ceph-common (setup.sh --tools stores). Takes about a minute.
#
#   radosgw.sh start FOLDER   creates FOLDER (use a short path, because it contains sockets), starts the server, and when
#                             it answers, prints lines of KEY=value: endpoint, key_id, secret, role
#   radosgw.sh stop FOLDER    stops it and removes FOLDER
set -eu
usage() {
  echo "usage: radosgw.sh start|stop FOLDER" >&2
  exit 2
}
[ $# -eq 2 ] || usage
command=$1
folder=$2
conf=$folder/ceph.conf

stop() {
  for daemon in radosgw osd mon; do
    [ -s "$folder/$daemon.pid" ] || continue
    pid=$(cat "$folder/$daemon.pid")
    # A pid file may outlive its process, and another process may have the same pid.
    grep -qa "$conf" "/proc/$pid/cmdline" 2> /dev/null || continue
    kill "$pid" 2> /dev/null || true
    tries=0
    while kill -0 "$pid" 2> /dev/null && [ $tries -lt 50 ]; do
      sleep 0.1
      tries=$((tries + 1))
    done
    kill -9 "$pid" 2> /dev/null || true
  done
  rm -rf "$folder"
}

fail() {
  echo "radosgw: $1" >&2
  for log in mon osd radosgw; do
    [ -s "$folder/$log.log" ] && tail -n 15 "$folder/$log.log" >&2
  done
  stop
  exit 1
}

free_ports() {
  python3 -c 'import socket
held = [socket.socket() for _ in range(2)]
for one in held: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))'
}

in_background() { # NAME COMMAND…
  name=$1
  shift
  setsid "$@" > "$folder/$name.log" 2>&1 < /dev/null &
  echo $! > "$folder/$name.pid"
}

wait_for() { # SECONDS WHAT COMMAND…
  until=$(($(date +%s) + $1))
  what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$(date +%s)" -lt "$until" ] || fail "$what did not come up"
    sleep 0.3
  done
}

start() {
  for needed in ceph-mon ceph-osd radosgw radosgw-admin monmaptool python3; do
    command -v "$needed" > /dev/null || { echo "radosgw: no $needed: dev/scripts/setup.sh --tools stores" >&2; exit 3; }
  done
  mkdir -p "$folder/mon" "$folder/osd" "$folder/run"
  # shellcheck disable=SC2046 # two words
  set -- $(free_ports)
  mon_port=$1
  rgw_port=$2
  fsid=$(cat /proc/sys/kernel/random/uuid)
  cat > "$conf" << CONF
[global]
fsid = $fsid
mon host = [v1:127.0.0.1:$mon_port]
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
auth cluster required = none
auth service required = none
auth client required = none
auth supported = none
ms bind msgr2 = false
ms bind ipv6 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail crit = 0
mon data avail warn = 0
run dir = $folder/run
admin socket =
log file =
log to stderr = true
keyring = $folder/keyring
[mon.a]
mon data = $folder/mon
[osd.0]
osd objectstore = memstore
osd data = $folder/osd
memstore device bytes = 1073741824
osd class load list = *
osd class default list = *
osd scrub during recovery = false
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$rgw_port
rgw thread pool size = 16
rgw dns name = localhost
rgw enable ops log = false
rgw enable usage log = false
rgw s3 auth use sts = true
rgw sts key = abcdefghijklmnop
rgw run sync thread = false
rgw enable gc threads = false
rgw enable lc threads = false
CONF
  : > "$folder/keyring"
  monmaptool --create --fsid "$fsid" --addv a "[v1:127.0.0.1:$mon_port]" "$folder/monmap" > "$folder/setup.log" 2>&1 ||
    fail "no monitor map"
  ceph-mon -c "$conf" -i a --mkfs --monmap "$folder/monmap" >> "$folder/setup.log" 2>&1 || fail "no monitor store"
  in_background mon ceph-mon -c "$conf" -i a -f
  wait_for 60 "the monitor" timeout 10 ceph -c "$conf" --connect-timeout 5 osd new "$(cat /proc/sys/kernel/random/uuid)" 0 || :
  uuid=$(timeout 10 ceph -c "$conf" osd dump --format json 2> /dev/null | sed -n 's/.*"osd":0,"uuid":"\([^"]*\)".*/\1/p')
  ceph-osd -c "$conf" -i 0 --mkfs ${uuid:+--osd-uuid "$uuid"} >> "$folder/setup.log" 2>&1 || fail "no OSD store"
  timeout 20 ceph -c "$conf" osd crush add osd.0 1.0 host=localhost root=default >> "$folder/setup.log" 2>&1 ||
    fail "no place for the OSD"
  # On a busy machine, an OSD may fail to register at boot and then wait forever, so start it again.
  up="timeout 10 ceph -c '$conf' osd stat 2> /dev/null | grep -q '1 up'"
  in_background osd ceph-osd -c "$conf" -i 0 -f
  until=$(($(date +%s) + 40))
  until sh -c "$up" || [ "$(date +%s)" -ge "$until" ]; do sleep 0.3; done
  if ! sh -c "$up"; then
    kill -9 "$(cat "$folder/osd.pid")" 2> /dev/null || true
    in_background osd ceph-osd -c "$conf" -i 0 -f
    wait_for 60 "the OSD" sh -c "$up"
  fi
  in_background radosgw radosgw -c "$conf" -n client.rgw -f
  wait_for 120 "radosgw" python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$rgw_port/', timeout=5)"
  key_id=OFFLOADERTESTKEY
  secret=offloader/test+secret=of-radosgw
  timeout 60 radosgw-admin -c "$conf" -n client.rgw user create --uid=offloader --display-name=Offloader \
    --access-key="$key_id" --secret-key="$secret" >> "$folder/setup.log" 2>&1 || fail "no user"
  # The role that AssumeRole exchanges for keys with a session token.
  trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/offloader"]},"Action":["sts:AssumeRole"]}]}'
  allow='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"arn:aws:s3:::*"}]}'
  timeout 60 radosgw-admin -c "$conf" -n client.rgw role create --role-name=reader --path=/ \
    "--assume-role-policy-doc=$trust" >> "$folder/setup.log" 2>&1 || fail "no role"
  timeout 60 radosgw-admin -c "$conf" -n client.rgw role-policy put --role-name=reader --policy-name=read \
    "--policy-doc=$allow" >> "$folder/setup.log" 2>&1 || fail "no policy of the role"
  echo "endpoint=http://127.0.0.1:$rgw_port"
  echo "key_id=$key_id"
  echo "secret=$secret"
  echo "role=arn:aws:iam:::role/reader"
}

case $command in
  start) start ;;
  stop) stop ;;
  *) usage ;;
esac
