#!/bin/sh
# Builds the Debian package: build/release/offloader_VERSION-1_ARCH.deb, and with --out FOLDER a copy there as offloader.deb.
# The package has no debug symbols; they are in build/release/bin/offloader.
set -eu
cd "$(dirname "$0")/../.."
out=''
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift 2 ;;
    *) sed -n '2,3s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
command -v dpkg-shlibdeps > /dev/null || dev/scripts/setup.sh --tools package
cmake --preset release > /dev/null
cmake --build --preset release --parallel "${JOBS:-$(nproc)}" --target offloader
if [ -f docs/offloader.1 ]; then cmake --build --preset release --target offloader_manual > /dev/null; fi
rm -f build/release/offloader_*.deb
(cd build/release && SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 0)}" cpack -G DEB > cpack.log) || {
  cat build/release/cpack.log >&2
  exit 1
}
package=$(ls build/release/offloader_*.deb)
if [ -n "$out" ]; then
  mkdir -p "$out"
  cp "$package" "$out/offloader.deb"
fi
echo "$package"
