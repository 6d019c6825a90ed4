#!/bin/sh
# Runs the README's two commands and the quickstart literally in a Debian 12 that has only git and make: a clone of the committed repository,
# this machine's apt and npm registries, no compiler cache. Prints the time of each part. Needs root, debootstrap, the ports 4000 and 4001, and
# about 6 GB.
#
#   fresh-machine.sh [--keep] [serve|test|quickstart]…     default: all three
set -eu
cd "$(dirname "$0")/../.."
keep=no
parts=''
for argument in "$@"; do
  case $argument in
    --keep) keep=yes ;;
    serve | test | quickstart) parts="$parts $argument" ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
parts=${parts:- serve test quickstart}
mkdir -p build
root=$(mktemp -d "$PWD/build/fresh-machine.XXXXXX")
server=''
finish() {
  status=$?
  [ -z "$server" ] || kill -- "-$server" 2> /dev/null || true
  dev/scripts/debian-root.sh --unmount "$root"
  if [ "$keep" = yes ]; then echo "kept: $root" >&2; else rm -rf --one-file-system "$root"; fi
  exit "$status"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

now() { date +%s; }
began=$(now)
timed() {
  echo "fresh-machine: $1: $(($(now) - began)) s"
  began=$(now)
}
as=''
inside() {
  $as env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 ${JOBS:+JOBS="$JOBS"} \
    ${https_proxy:+https_proxy="$https_proxy"} ${http_proxy:+http_proxy="$http_proxy"} \
    chroot "$root" "$@"
}
said() {
  tail -n 40 "$1" >&2
  exit 1
}

dev/scripts/debian-root.sh "$root" git make ca-certificates
timed "a Debian 12 with git and make"
git clone -q --no-hardlinks . "$root/root/offloader"
timed "git clone"

# The README's two indented commands without their comments.
serve_command=$(sed -n 's/^    \(make [^#]*[^# ]\) *#.*/\1/p' README.md | sed -n 1p)
test_command=$(sed -n 's/^    \(make [^#]*[^# ]\) *#.*/\1/p' README.md | sed -n 2p)
echo "fresh-machine: the README says: $serve_command; $test_command"

for part in $parts; do
  case $part in
    serve)
      # Runs in its own process group, so that stopping the group stops make and the server.
      (as='exec setsid' && inside sh -c "cd /root/offloader && exec $serve_command") > build/fresh-serve.log 2>&1 &
      server=$!
      key=$(sed -n 's/^| `acme_demo`.*`\(offl_[0-9a-f]*\)`.*/\1/p' examples/customer-analytics/README.md)
      until curl -q -s -f -o /dev/null http://127.0.0.1:4001/ready; do
        kill -0 "$server" 2> /dev/null || said build/fresh-serve.log
        sleep 1
      done
      timed "$serve_command, from nothing to ready"
      curl -q -s -f -H "Authorization: Bearer $key" http://127.0.0.1:4000/v1/endpoints/top_accounts | head -c 200
      echo
      OFFLOADER_KEY=$key dev/scripts/deploy-check.sh --api http://127.0.0.1:4000 --admin http://127.0.0.1:4001
      kill -- "-$server"
      wait "$server" || true
      server=''
      while curl -q -s -o /dev/null http://127.0.0.1:4001/live; do sleep 0.2; done
      timed "checked and stopped"
      ;;
    test)
      inside sh -c "cd /root/offloader && exec $test_command" > build/fresh-test.log 2>&1 || said build/fresh-test.log
      sed -n '/tests passed/,$p' build/fresh-test.log
      timed "$test_command"
      ;;
    quickstart)
      if [ ! -x dev/scripts/run-doc-commands ] || [ ! -f docs/quickstart.md ]; then
        echo "fresh-machine: no docs/quickstart.md with dev/scripts/run-doc-commands yet" >&2
        continue
      fi
      inside sh -c 'cd /root/offloader && exec dev/scripts/run-doc-commands docs/quickstart.md' > build/fresh-quickstart.log 2>&1 ||
        said build/fresh-quickstart.log
      timed "the quickstart"
      ;;
  esac
done
echo "fresh-machine: passed"
