#!/bin/sh
# fetch.sh FOLDER: downloads DuckDB into FOLDER, as lib/libduckdb.so and include/.
#
# The prebuilt library comes from npm (package-lock.json has its SHA-512). The headers come from the source distribution of the
# same version on PyPI (headers.txt has its SHA-256), which is unpacked but never built. Both hashes are checked before anything
# is unpacked, and both versions before the result is installed. Needs npm, and Python 3 with pip.
set -eu
[ $# -eq 1 ] || { echo "usage: fetch.sh FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
target=$1
say() { echo "duckdb: $*" >&2; }

case $(uname -m) in
  x86_64) platform=x64 ;;
  aarch64) platform=arm64 ;;
  *) say "DuckDB is prebuilt for x86_64 and aarch64 only, not for $(uname -m)"; exit 1 ;;
esac
version=$(sed -n 's/^duckdb==\([0-9.]*\) .*/\1/p' "$here/headers.txt")
say "fetching DuckDB $version"
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$(dirname "$target")/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

cp "$here/package.json" "$here/package-lock.json" "$work"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2

# To read the metadata of a source distribution, pip would download and run its build backend without checking a hash.
# metadata-backend/ takes its place. --require-hashes: pip opens no file whose hash differs.
PYTHONPATH="$here/metadata-backend" PYTHONDONTWRITEBYTECODE=1 python3 -m pip download --quiet --disable-pip-version-check \
  --no-deps --no-binary duckdb --no-build-isolation --require-hashes -r "$here/headers.txt" -d "$work/sdist" >&2
mkdir -p "$work/unpacked" "$work/duckdb/lib"
tar -xzf "$work/sdist/duckdb-$version.tar.gz" -C "$work/unpacked" --strip-components=1 \
  "duckdb-$version/external/duckdb/src/include"
mv "$work/unpacked/external/duckdb/src/include" "$work/duckdb/include"
cp -L "$work/node_modules/@duckdb/node-bindings-linux-$platform/libduckdb.so" "$work/duckdb/lib/libduckdb.so"

# Headers of one version may not link with the library of another or, worse, may link and misbehave.
library=$(sed -n 's/.*"version": *"\([^"-]*\).*/\1/p' \
  "$work/node_modules/@duckdb/node-bindings-linux-$platform/package.json" | head -n 1)
part() { sed -n "s/^#define DUCKDB_API_VERSION_$1 *\([0-9]*\).*/\1/p" "$work/duckdb/include/duckdb.h" | head -n 1; }
headers="$(part MAJOR).$(part MINOR).$(part PATCH)"
if [ "$headers" != "$version" ] || [ "$library" != "$version" ]; then
  say "wanted DuckDB $version, found headers of $headers and a library of $library"
  exit 1
fi
rm -rf "$target"
mv "$work/duckdb" "$target"
