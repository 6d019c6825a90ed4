#!/bin/sh
# Writes the software bill of materials as CycloneDX 1.5 JSON to standard output: each Debian package that Offloader is compiled from or linked
# with, in the version installed here; DuckDB's library as pinned by the lock file of dev/duckdb; and the source distribution of its headers as
# pinned by headers.txt. The same tree on the same machine gives the same bytes.
#
#   sbom.sh [BINARY; default build/release/bin/offloader]
#
# If the binary does not exist, libraries that only linking reveals are left out.
set -eu
cd "$(dirname "$0")/../.."
binary=${1:-build/release/bin/offloader}
version=$(sed -n 's/^project(offloader VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Compiled in: the libraries of setup.sh without tools and libraries that only tests use.
sed -n '/^build_packages="/,/"$/p' dev/scripts/setup.sh | tr -d '"' | sed 's/^build_packages=//' | tr -s ' \n' '\n\n' |
  grep -E -- '-dev$' | grep -Ev '^(libgtest|libgmock|libbenchmark)-dev$' > "$work/names"
# Linked: the package of each library that the loader finds, except DuckDB's.
if [ -x "$binary" ]; then
  ldd "$binary" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | grep -v libduckdb | while read -r library; do
    real=$(readlink -f "$library")
    dpkg-query -S "$real" 2> /dev/null || dpkg-query -S "${real#/usr}" 2> /dev/null || {
      echo "sbom: no package owns $library" >&2
      exit 1
    }
  done | cut -d: -f1 >> "$work/names"
fi
sort -u "$work/names" > "$work/packages"
xargs dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n' < "$work/packages" > "$work/debian"

# name, version and integrity of each package in the lock file; the folder's name is the package's name.
awk -F '"' '
  /^    "node_modules\// { name = $2; sub(/^.*node_modules\//, "", name); version = "" }
  name != "" && $2 == "version" && version == "" { version = $4 }
  name != "" && $2 == "integrity" { print name "\t" version "\t" $4; name = "" }
' dev/duckdb/package-lock.json | grep -E "^@duckdb/node-bindings-linux-($(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/'))	" > "$work/npm"
while IFS='	' read -r name npm_version integrity; do
  hash=$(printf '%s' "${integrity#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  printf '%s\t%s\t%s\tnpm\tSHA-512\n' "$name" "$npm_version" "$hash"
done < "$work/npm" > "$work/pinned"
sed -n 's/^\([a-z]*\)==\([0-9.]*\) --hash=sha256:\([0-9a-f]*\)$/\1\t\2\t\3\tpypi\tSHA-256/p' dev/duckdb/headers.txt >> "$work/pinned"

created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 0)}" +%Y-%m-%dT%H:%M:%SZ)
digest=$(cat "$work/debian" "$work/pinned" | sha256sum | cut -c1-32)
serial=$(echo "$digest" | sed 's/\(.\{8\}\)\(.\{4\}\).\(.\{3\}\).\(.\{3\}\)\(.\{12\}\)/\1-\2-5\3-8\4-\5/')

awk -F '\t' -v version="$version" -v created="$created" -v serial="$serial" -v architecture="$architecture" -v debian="$work/debian" '
  function text(value) { gsub(/\\/, "\\\\", value); gsub(/"/, "\\\"", value); return "\"" value "\"" }
  function encoded(value) { gsub(/%/, "%25", value); gsub(/\+/, "%2B", value); gsub(/~/, "~", value); gsub(/:/, "%3A", value); gsub(/@/, "%40", value); return value }
  function component(type, name, version, purl, extra) {
    components = components (components == "" ? "" : ",\n") "    {\"type\": " text(type) ", \"bom-ref\": " text(purl) ", \"name\": " text(name) \
      ", \"version\": " text(version) ", \"purl\": " text(purl) extra "}"
    refs = refs (refs == "" ? "" : ", ") text(purl)
  }
  FILENAME == debian {
    component("library", $1, $2, "pkg:deb/debian/" encoded($1) "@" encoded($2) "?arch=" $3 "&distro=bookworm",
      ", \"properties\": [{\"name\": \"debian:source\", \"value\": " text($4 " " $5) "}]")
    next
  }
  {
    component("library", $1, $2, "pkg:" $4 "/" encoded($1) "@" encoded($2), ", \"hashes\": [{\"alg\": " text($5) ", \"content\": " text($3) "}]")
  }
  END {
    root = "pkg:generic/offloader@" version "?arch=" architecture
    print "{"
    print "  \"bomFormat\": \"CycloneDX\","
    print "  \"specVersion\": \"1.5\","
    print "  \"serialNumber\": " text("urn:uuid:" serial) ","
    print "  \"version\": 1,"
    print "  \"metadata\": {"
    print "    \"timestamp\": " text(created) ","
    print "    \"component\": {\"type\": \"application\", \"bom-ref\": " text(root) ", \"name\": \"offloader\", \"version\": " text(version) \
      ", \"purl\": " text(root) ", \"licenses\": [{\"license\": {\"id\": \"Apache-2.0\"}}]}"
    print "  },"
    print "  \"components\": ["
    print components
    print "  ],"
    print "  \"dependencies\": [{\"ref\": " text(root) ", \"dependsOn\": [" refs "]}]"
    print "}"
  }
' "$work/debian" "$work/pinned"
