#!/bin/sh
# Builds deploy/Containerfile with buildah over a fresh Debian root instead of a base image from a registry, inspects the result, and boots it
# like a container: uid 10001, read-only root, no capability. Needs root, debootstrap and buildah.
#
#   image-check.sh [--package FILE.deb]     uses this package instead of building one in the first stage; the second stage is the same
#
# Exit status: 0 every check passed, 1 one failed, 3 this machine allows no builds (the reason is printed), so only some checks ran.
set -eu
cd "$(dirname "$0")/../.."
package=''
while [ $# -gt 0 ]; do
  case $1 in
    --package) package=$2; shift 2 ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
[ "$(id -u)" -eq 0 ] || { echo "image-check: needs root" >&2; exit 2; }
command -v buildah > /dev/null && command -v debootstrap > /dev/null || dev/scripts/setup.sh --tools deploy
api_port=${API_PORT:-14020}
admin_port=${ADMIN_PORT:-14021}
mkdir -p build
work=$(mktemp -d "$PWD/build/image-check.XXXXXX")
server=''
# Separate storage, so that the machine's images are neither used nor changed. vfs works on any file system; an overlay on an overlay does not.
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$work/storage" --runroot "$work/run" "$@"; }
finish() {
  status=$?
  [ -z "$server" ] || kill "$server" 2> /dev/null || true
  [ ! -d "$work/root" ] || dev/scripts/debian-root.sh --unmount "$work/root"
  buildah umount --all > /dev/null 2>&1 || true
  rm -rf --one-file-system "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
failed=0
must() {
  description=$1
  shift
  if "$@" > "$work/said" 2>&1; then
    echo "ok      $description"
  else
    echo "FAILED  $description" >&2
    tail -n 5 "$work/said" >&2
    failed=1
  fi
}

# The base: the equivalent of a slim Debian image, with this machine's mirror, registry and certificates.
dev/scripts/debian-root.sh "$work/root" ca-certificates
rm -f "$work/root/usr/sbin/policy-rc.d"
dev/scripts/debian-root.sh --unmount "$work/root"
if ! { container=$(buildah from scratch) && buildah add -q "$container" "$work/root" / > "$work/log" 2>&1 &&
  buildah run "$container" true >> "$work/log" 2>&1; }; then
  echo "image-check: buildah cannot build here: $(tail -n 2 "$work/log" | tr '\n' ' ')" >&2
  echo "image-check: it wants namespaces, chroot and mounts; deb-check.sh checks the package that the image installs" >&2
  exit 3
fi
buildah commit -q --rm "$container" localhost/debian-root > /dev/null
rm -rf --one-file-system "$work/root"

containerfile=deploy/Containerfile
context=.
if [ -n "$package" ]; then
  # Replace the first stage, which builds the package, by the given package. From the second FROM on, the file is unchanged.
  context=$work/context
  containerfile=$context/Containerfile
  mkdir -p "$context"
  cp "$package" "$context/offloader.deb"
  {
    sed -n '/^ARG DEBIAN_IMAGE/p' deploy/Containerfile
    printf 'FROM ${DEBIAN_IMAGE} AS build\nCOPY offloader.deb /out/offloader.deb\n\n'
    awk '/^FROM / { stages++ } stages >= 2' deploy/Containerfile
  } > "$containerfile"
fi
buildah build --quiet --format docker --layers=false --build-arg DEBIAN_IMAGE=localhost/debian-root --build-arg VERSION=0.0.0-check \
  --build-arg REVISION=check -f "$containerfile" -t localhost/offloader:check "$context" > "$work/log" 2>&1 || {
  tail -n 30 "$work/log" >&2
  exit 1
}
echo "ok      built"

said=$(buildah inspect --type image localhost/offloader:check |
  node -e 'console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(0, "utf8")).Docker.config))')
says() { printf '%s' "$said" | grep -qF -- "$1"; }
must "it runs as uid 10001" says '"User":"10001:10001"'
must "it checks its own health" says '"Test":["CMD","offloader","healthcheck"]'
must "it starts the server" says '"Cmd":["start"]'
must "its admin port can be published" says 'OFFLOADER_ADMIN_BIND=0.0.0.0'
must "its project is mounted" says 'OFFLOADER_CONFIG=/etc/offloader/offloader.yml'
must "it names its version" says '"org.opencontainers.image.version":"0.0.0-check"'
must "it names its licence" says '"org.opencontainers.image.licenses":"Apache-2.0"'
must "it stops by SIGTERM" says '"StopSignal":"SIGTERM"'
container=$(buildah from --pull-never localhost/offloader:check)
root=$(buildah mount "$container")
must "the program is aboard" test -x "$root/usr/bin/offloader"
must "curl is aboard" test -x "$root/usr/bin/curl"
must "no secret is baked in" test ! -e "$root/etc/offloader/secret-key-base"
must "no project is baked in" test ! -e "$root/etc/offloader/offloader.yml"
must "no compiler is left" test ! -e "$root/usr/bin/g++"
must "the cache folder is uid 10001's" sh -c "[ \"\$(stat -c '%u:%g %a' '$root/var/lib/offloader/cache')\" = '10001:10001 750' ]"

# Run it like a container: private mounts, a read-only root, the project mounted, and only the cache writable.
key=$(sed -n 's/^| `acme_demo`.*`\(offl_[0-9a-f]*\)`.*/\1/p' examples/customer-analytics/README.md)
admin_token=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
cat > "$work/boot" <<BOOT
set -e
mount --bind '$root' '$root'
mount -t tmpfs -o uid=10001,gid=10001,mode=750 cache '$root/var/lib/offloader/cache'
mount --bind '$PWD/examples/customer-analytics' '$root/etc/offloader'
mount -t proc proc '$root/proc'
mount -o remount,bind,ro '$root'
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin OFFLOADER_CONFIG=/etc/offloader/offloader.yml OFFLOADER_CACHE_DIR=/var/lib/offloader/cache OFFLOADER_LOG_FORMAT=json \
  OFFLOADER_SECRET_KEY_BASE=image-check-secret-of-no-worth-at-all-00 OFFLOADER_ADMIN_TOKEN=$admin_token OFFLOADER_API_BIND=127.0.0.1 OFFLOADER_ADMIN_BIND=127.0.0.1 \
  OFFLOADER_API_PORT=$api_port OFFLOADER_ADMIN_PORT=$admin_port OFFLOADER_DRAIN_SECONDS=0 \
  chroot '$root' setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all offloader start
BOOT
unshare -m sh "$work/boot" > "$work/server.log" 2>&1 &
server=$!
OFFLOADER_KEY=$key OFFLOADER_ADMIN_TOKEN=$admin_token dev/scripts/deploy-check.sh \
  --api "http://127.0.0.1:$api_port" --admin "http://127.0.0.1:$admin_port" || {
  tail -n 20 "$work/server.log" >&2
  exit 1
}
# Enter the server's mount namespace: without /proc, the program does not find its private libduckdb.so.
must "its health check says yes" nsenter --target "$server" --mount env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin OFFLOADER_ADMIN_PORT="$admin_port" chroot "$root" setpriv --reuid=10001 --regid=10001 --clear-groups \
  offloader healthcheck
kill "$server"
stopped=0
wait "$server" || stopped=$?
server=''
must "it stops with status 0" test "$stopped" -eq 0
[ "$failed" -eq 0 ] && echo "image-check: passed"
exit "$failed"
