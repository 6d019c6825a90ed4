#!/bin/sh
# Installs what is missing to build Offloader on Debian 12, and nothing else: Debian packages by name, and DuckDB
# as dev/duckdb pins it. Asks nothing; run again, it only looks at a stamp.
#
#   setup.sh [--tools test|format|tidy|fuzz|bench|stores|package|deploy]...
#
# --tools adds what only some targets need. OFFLOADER_DUCKDB_ROOT names a DuckDB that is there already.
set -eu
cd "$(dirname "$0")/../.."

build_packages="g++ cmake ninja-build ccache pkg-config ca-certificates curl
  libboost1.81-dev libboost-url1.81-dev libexpected-dev libcurl4-openssl-dev libssl-dev libyaml-cpp-dev
  nlohmann-json3-dev libcli11-dev libspdlog-dev libfmt-dev prometheus-cpp-dev libarchive-dev libpugixml-dev
  zlib1g-dev libzstd-dev libutf8proc-dev libsnappy-dev liblz4-dev libbrotli-dev libxxhash-dev libflatbuffers-dev libgtest-dev libgmock-dev libbenchmark-dev"
packages=$build_packages
tools=build
checks=no
node=no
while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
    # What the tests of the admin port are made with: promtool and Prometheus, a browser, and Node.js for the rest.
    # Python's zoneinfo over tzdata is what time zones are tested against, because DuckDB brings zone data of its own.
    # oidc-provider (dev/identity) is a real issuer of JWTs, and nginx a real proxy in front of keys that are bound to addresses.
    # jq and python3-venv are for the readers of answers' formats (dev/formats).
    "--tools test") packages="$packages prometheus chromium python3 python3-venv tzdata jq nginx-light"; checks=yes ;;
    "--tools format") packages="$packages clang-format-16" ;;
    "--tools tidy") packages="$packages clang-16 clang-tidy-16" ;;
    "--tools fuzz") packages="$packages clang-16 libclang-rt-16-dev llvm-16" ;;
    "--tools bench") packages="$packages wrk nginx-light postgresql"; node=yes ;;
    # The real servers that `make test-stores` starts.
    "--tools stores") packages="$packages ceph-mon ceph-osd radosgw ceph-common nginx-light openssl python3" ;;
    "--tools package") packages="$packages dpkg-dev file" ;;
    "--tools deploy") packages="$packages dpkg-dev file debootstrap buildah crun haproxy nginx-light wrk" ;;
    *) echo "usage: setup.sh [--tools test|format|tidy|fuzz|bench|stores|package|deploy]..." >&2; exit 2 ;;
  esac
  tools="$tools-$2"
  shift 2
done

duckdb=${OFFLOADER_DUCKDB_ROOT:-.deps/duckdb}
stamp=.deps/setup-$tools.stamp
state=$(cat dev/scripts/setup.sh dev/duckdb/package-lock.json dev/duckdb/headers.txt dev/openapi/package-lock.json \
  dev/formats/package-lock.json dev/formats/requirements.txt dev/identity/package-lock.json | sha256sum)
pinned=$(cat dev/duckdb/package-lock.json dev/duckdb/headers.txt | sha256sum)

duckdb_ready() { [ -s "$duckdb/lib/libduckdb.so" ] && [ -s "$duckdb/include/duckdb.h" ]; }

readers_ready() { cmp -s dev/formats/requirements.txt .deps/readers/requirements.txt; }

checks_ready() {
  [ "$checks" = no ] || { [ -d dev/openapi/node_modules/ajv ] && [ -d dev/formats/node_modules/apache-arrow ] && [ -d dev/identity/node_modules/oidc-provider ] && readers_ready; }
}

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] && duckdb_ready && checks_ready; then exit 0; fi

say() { echo "setup: $*" >&2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    say "needs root or sudo to run: $*"
    exit 1
  fi
}

# The packages of its arguments that are not installed.
missing_of() {
  for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || true)
    [ "$status" = installed ] || printf '%s ' "$package"
  done
}

if ! command -v dpkg-query > /dev/null; then
  say "not a Debian system: install these yourself:" $packages
  exit 1
fi

fetch_duckdb=no
if ! duckdb_ready || { [ "$duckdb" = .deps/duckdb ] && [ "$(cat .deps/duckdb.lock 2> /dev/null)" != "$pinned" ]; }; then
  if [ "$duckdb" != .deps/duckdb ]; then
    say "OFFLOADER_DUCKDB_ROOT=$duckdb holds no include/duckdb.h and lib/libduckdb.so"
    exit 1
  fi
  fetch_duckdb=yes
fi
if [ "$fetch_duckdb" = yes ] || [ "$checks" = yes ] || [ "$node" = yes ]; then
  # A newer Node.js from elsewhere conflicts with Debian's npm package, so an npm that is there is used as it is.
  command -v npm > /dev/null || packages="$packages nodejs npm"
fi
# pip fetches DuckDB's headers, and no more: the build runs no Python.
[ "$fetch_duckdb" = no ] || python3 -m pip --version > /dev/null 2>&1 || packages="$packages python3 python3-pip"

# shellcheck disable=SC2086 # a list of words
missing=$(missing_of $packages)
if [ -n "$missing" ]; then
  say "installing $missing"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
  # RUNLEVEL=1: a package's service (Prometheus's) is installed and not started.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -q -y --no-install-recommends $missing
fi

if [ "$fetch_duckdb" = yes ]; then
  dev/duckdb/fetch.sh .deps/duckdb
  echo "$pinned" > .deps/duckdb.lock
fi

if [ "$checks" = yes ]; then
  say "fetching what the checks of the admin port use"
  (cd dev/openapi && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2
  say "fetching the readers that answers' formats are tested with"
  (cd dev/formats && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2
  say "fetching the OpenID provider that JWTs are tested with"
  (cd dev/identity && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2
  if ! readers_ready; then
    python3 -m venv --clear .deps/readers
    .deps/readers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r dev/formats/requirements.txt >&2
    cp dev/formats/requirements.txt .deps/readers/
  fi
fi

mkdir -p .deps
echo "$state" > "$stamp"
