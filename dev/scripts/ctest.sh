#!/bin/sh
# Usage: ctest.sh LOG [ARGUMENT...]: runs the tests of the build folder that LOG is in, with ctest, and writes their output to LOG. When
# tests fail, their failures are repeated at the end: failed assertions, reports of sanitizers, and the last lines of each failed test.
# ctest prints these among everything else that the tests wrote.
set -eu
log=$(realpath -m "$1")
shift
status=0
ctest --output-on-failure --no-tests=error --test-dir "$(dirname "$log")" --output-log "$log" "$@" || status=$?
[ "$status" -eq 0 ] && exit 0
echo
echo "==== what failed (everything is in $log)"
awk '
  function print_last(  i) {
    for (i = lines > 15 ? lines - 15 : 0; i < lines; i++) print substr(last[i], 1, 1000)
    lines = 0
  }
  /^ *[0-9]+\/[0-9]+ Test +#|^ +Start +[0-9]+:|tests passed,/ { print_last(); failed = 0; found = 0 }
  /^ *[0-9]+\/[0-9]+ Test +#.*\*\*\*/ { failed = 1; print; next }
  !failed { next }
  /: Failure$|ERROR: [A-Z][A-Za-z]*Sanitizer|WARNING: ThreadSanitizer|runtime error:/ { found = 30 }
  found > 0 { if (printed++ < 300) print substr($0, 1, 1000); found--; next }
  { last[lines++] = $0 }' "$log"
exit "$status"
