#!/bin/sh
# Creates a fresh, minimal Debian 12 in a folder, from the mirror of this machine's apt and with this machine's CA certificates.
#
#   debian-root.sh FOLDER [PACKAGE…]
#
# Keeps the base system as a tar file in build/debian-root/ and unpacks it the next time. Needs root and debootstrap. `debian-root.sh
# --unmount FOLDER` unmounts its /proc and /dev, and the caller can then remove the folder.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)

if [ "${1:-}" = --unmount ]; then
  for mount in dev/pts dev proc; do
    if mountpoint -q "$2/$mount"; then umount "$2/$mount" || umount -l "$2/$mount"; fi
  done
  exit 0
fi

root=$1
shift
[ "$(id -u)" -eq 0 ] || { echo "debian-root: needs root" >&2; exit 2; }
command -v debootstrap > /dev/null || "$top/dev/scripts/setup.sh" --tools deploy

# This machine's mirror of Debian 12, or Debian's own if it has none.
mirror=$(apt-get indextargets --format '$(CODENAME) $(LABEL) $(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
  sed -n 's/^bookworm Debian //p' | head -n 1)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
bare=$top/build/debian-root/bookworm-$(dpkg --print-architecture).tar
if [ ! -s "$bare" ]; then
  mkdir -p "$(dirname "$bare")"
  making=$(mktemp -d "$top/build/debian-root/making.XXXXXX")
  trap 'rm -rf "$making"' EXIT
  debootstrap --variant=minbase ${mirror:+--keyring="$keyring"} bookworm "$making" ${mirror:+"$mirror"} > "$top/build/debian-root/debootstrap.log" 2>&1 || {
    tail -n 20 "$top/build/debian-root/debootstrap.log" >&2
    exit 1
  }
  tar -C "$making" --one-file-system -cf "$bare.part" .
  mv "$bare.part" "$bare"
  rm -rf "$making"
  trap - EXIT
fi
mkdir -p "$root"
tar -C "$root" -xpf "$bare"
# mktemp creates it for root only, but it is the / of every account inside.
chmod 755 "$root"

# Copy this machine's registries and certificates, so that downloads work inside as well.
rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
apt-get indextargets --format 'deb [signed-by='"$keyring"'] $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
  grep ' bookworm' | grep -i debian | sort -u > "$root/etc/apt/sources.list"
[ ! -f "$keyring" ] || install -D -m 0644 "$keyring" "$root$keyring"
for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*proxy*; do
  [ ! -f "$file" ] || install -D -m 0644 "$file" "$root$file"
done
for file in /usr/local/share/ca-certificates/*.crt; do
  [ ! -f "$file" ] || install -D -m 0644 "$file" "$root$file"
done
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2> /dev/null || true
cp -L /etc/hosts "$root/etc/hosts" 2> /dev/null || true
if command -v npm > /dev/null; then
  {
    echo "registry=$(npm config get registry)"
    echo "cafile=/etc/ssl/certs/ca-certificates.crt"
  } > "$root/etc/npmrc"
  install -D -m 0644 "$root/etc/npmrc" "$root/root/.npmrc"
  rm "$root/etc/npmrc"
fi
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mkdir -p "$root/dev/pts"
if [ $# -gt 0 ]; then
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive ${https_proxy:+https_proxy="$https_proxy"} \
    ${http_proxy:+http_proxy="$http_proxy"} \
    chroot "$root" sh -c 'apt-get update -q && apt-get install -q -y --no-install-recommends "$@"' sh "$@" > "$root/var/log/setup.log" 2>&1 || {
    tail -n 20 "$root/var/log/setup.log" >&2
    exit 1
  }
fi
