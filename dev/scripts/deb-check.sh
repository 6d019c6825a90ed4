#!/bin/sh
# Builds the Debian package, installs it in a fresh minimal Debian 12 and verifies that it serves there, under the service's account and with the
# package's own settings (deploy-check.sh checks it from outside). Then removes and purges it. Needs root and debootstrap.
#
#   deb-check.sh [PACKAGE.deb]
set -eu
cd "$(dirname "$0")/../.."
api_port=${API_PORT:-14000}
admin_port=${ADMIN_PORT:-14001}
package=${1:-$(dev/scripts/deb.sh | tail -n 1)}
mkdir -p build
root=$(mktemp -d "$PWD/build/deb-check.XXXXXX")
server=''
finish() {
  status=$?
  [ -z "$server" ] || kill "$server" 2> /dev/null || true
  dev/scripts/debian-root.sh --unmount "$root"
  rm -rf --one-file-system "$root"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

step() { echo "deb-check: $*"; }
# Runs a command inside the Debian root, with a clean environment.
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }
must() {
  description=$1
  shift
  if "$@" > /dev/null 2>&1; then
    echo "ok      $description"
  else
    echo "FAILED  $description" >&2
    exit 1
  fi
}

step "$package"
dpkg-deb --info "$package" | sed -n '/^ Package/,$p'
step "a fresh Debian 12"
dev/scripts/debian-root.sh "$root"
cp "$package" "$root/tmp/offloader.deb"
step "installing"
inside sh -c 'apt-get update -q && apt-get install -q -y --no-install-recommends /tmp/offloader.deb' > "$root/var/log/install.log" 2>&1 || {
  tail -n 30 "$root/var/log/install.log" >&2
  exit 1
}

must "the program runs" inside offloader version
must "its DuckDB is the private one" sh -c "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot '$root' ldd /usr/bin/offloader | grep -q '/usr/bin/../lib/offloader/libduckdb.so'"
must "every library is named" sh -c "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot '$root' ldd /usr/bin/offloader | grep -q libcurl"
must "no library is missing" sh -c "! env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot '$root' ldd /usr/bin/offloader | grep -q 'not found'"
must "the account exists, without a shell" sh -c "grep -q '^offloader:.*:/var/lib/offloader:/usr/sbin/nologin' '$root/etc/passwd'"
must "the cache folder belongs to it" sh -c "[ \"\$(chroot '$root' stat -c '%U %a' /var/lib/offloader/cache)\" = 'offloader 750' ]"
must "the secret is root's alone" sh -c "[ \"\$(chroot '$root' stat -c '%U %a %s' /etc/offloader/secret-key-base)\" = 'root 600 64' ]"
must "the settings are a conffile" sh -c "chroot '$root' dpkg-query -W -f '\${Conffiles}' offloader | grep -q /etc/default/offloader"
must "the unit is there" test -s "$root/lib/systemd/system/offloader.service"
must "the manual page is there" sh -c "zcat '$root/usr/share/man/man1/offloader.1.gz' | grep -q '^.TH OFFLOADER'"
must "bash completes it" test -s "$root/usr/share/bash-completion/completions/offloader"
must "zsh completes it" test -s "$root/usr/share/zsh/vendor-completions/_offloader"
must "the examples are there" test -s "$root/usr/share/doc/offloader/examples/customer-analytics/offloader.yml"
must "nothing of the build machine is in the program" sh -c "! grep -qaF '$PWD/build' '$root/usr/bin/offloader'"

step "booting it as the service's account"
cp -R "$root/usr/share/doc/offloader/examples/customer-analytics/." "$root/etc/offloader/"
chroot "$root" chgrp -R offloader /etc/offloader/offloader.yml /etc/offloader/datasets /etc/offloader/endpoints /etc/offloader/keys /etc/offloader/data
admin_token=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
# As the unit does: settings from the package's file, the secret as a credential, and an account without privileges.
install -m 0600 /dev/null "$root/run/secret"
cp "$root/etc/offloader/secret-key-base" "$root/run/secret"
chroot "$root" chown offloader /run/secret
(
  set -a  # export the following variables
  # shellcheck disable=SC1091 # of the package
  . "$root/etc/default/offloader"
  export OFFLOADER_SECRET_KEY_BASE_FILE=/run/secret OFFLOADER_ADMIN_TOKEN="$admin_token"
  export OFFLOADER_API_BIND=127.0.0.1 OFFLOADER_API_PORT="$api_port" OFFLOADER_ADMIN_PORT="$admin_port"
  exec chroot "$root" /usr/bin/setpriv --reuid=offloader --regid=offloader --init-groups --no-new-privs --bounding-set=-all \
    /usr/bin/offloader start
) > "$root/var/log/offloader.log" 2>&1 &
server=$!
key=$(sed -n 's/^| `acme_demo`.*`\(offl_[0-9a-f]*\)`.*/\1/p' examples/customer-analytics/README.md)
if ! OFFLOADER_KEY=$key OFFLOADER_ADMIN_TOKEN=$admin_token dev/scripts/deploy-check.sh \
  --api "http://127.0.0.1:$api_port" --admin "http://127.0.0.1:$admin_port"; then
  tail -n 30 "$root/var/log/offloader.log" >&2
  exit 1
fi
kill "$server"
stopped=0
wait "$server" || stopped=$?
server=''
must "it stops with status 0" test "$stopped" -eq 0

step "removing and purging"
inside dpkg --remove offloader > /dev/null
must "removing keeps the cache" test -d "$root/var/lib/offloader/cache"
inside dpkg --purge offloader > /dev/null
must "purging takes the cache and the secret" sh -c "[ ! -e '$root/var/lib/offloader' ] && [ ! -e '$root/etc/offloader/secret-key-base' ]"
must "and leaves the operator's project" test -s "$root/etc/offloader/offloader.yml"
step "passed"
