#!/bin/sh
# Writes src/catalog/zone_names.inc, the time zones that contracts may name: the engine's names, one a line on standard input
# (`SELECT name FROM pg_timezone_names()`), without those that IANA does not have. IANA's names are those of the system's tzdata.
# Run it when DuckDB is upgraded; TimeZones.Names_Engine_AreTheTable fails until then.
set -eu
cd "$(dirname "$0")/../.."
system=$(mktemp)
trap 'rm -f "$system"' EXIT
python3 -c 'import zoneinfo; print("\n".join(zoneinfo.available_timezones()))' | LC_ALL=C sort > "$system"
LC_ALL=C sort -u | LC_ALL=C comm -12 - "$system" | sed 's/.*/"&",/' | fmt -w 100 > src/catalog/zone_names.inc
