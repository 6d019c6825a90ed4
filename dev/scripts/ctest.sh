#!/bin/sh
# Usage: ctest.sh LOG [ARGUMENT...]: runs the tests of the build folder that LOG is in, with ctest, and writes
# their output to LOG. When tests fail, what they said is repeated at the end, because ctest prints it in the
# middle of all that they wrote.
set -eu
log=$(realpath -m "$1")
shift
status=0
ctest --output-on-failure --no-tests=error --test-dir "$(dirname "$log")" --output-log "$log" "$@" || status=$?
[ "$status" -eq 0 ] && exit 0
echo
echo "==== what failed (everything is in $log)"
awk '/: Failure$|ERROR: [A-Z][A-Za-z]*Sanitizer|WARNING: ThreadSanitizer|runtime error:/ { left = 30 }
     left > 0 { print substr($0, 1, 1000); left--; if (++printed == 300) exit }' "$log"
exit "$status"
