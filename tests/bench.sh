#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin bench runs its cases and says what it measured. Nothing here depends on how fast the machine is.
set -eu
: "${SYNFIN:?run it by make check}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# holds WHAT COMMAND...: counts a test; shows what the command said where it failed.
holds()
{
    what=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what: $*"
        cat "$work/said"
    fi
}
# says STATUS PATTERN COMMAND...: the command exits with STATUS and prints the pattern.
says()
{
    expected=$1 pattern=$2 status=0
    shift 2
    "$@" >"$work/out" 2>&1 || status=$?
    cat "$work/out"
    [ $status -eq "$expected" ] && grep -Eq -- "$pattern" "$work/out"
}

positive='[1-9][0-9.e+]*'
row="\"runs\":5,\"lifecycles_per_s\":$positive,\"ns_per_lifecycle\":$positive,\"events_per_s\":$positive,\"bytes_per_open_connection\":$positive,\"p_ns\":$positive,\"r_ns\":$positive,"
holds 'churn is measured' says 0 "\"case\":\"churn\",\"connections\":2000,$row" "$SYNFIN" bench churn:2000 --json
holds 'churn-loss loses and goes on' says 0 "\"case\":\"churn-loss\",\"connections\":2000,$row" \
    "$SYNFIN" bench churn-loss:2000 --json
holds 'crowd is a table' says 0 '^crowd +20000 ' "$SYNFIN" bench crowd:20000
holds 'an unknown case is refused' says 2 'crowds: error: no such case; there are churn, churn-loss, crowd$' \
    "$SYNFIN" bench crowds
holds 'no connections are refused' says 2 'churn:0: error: bad number of connections' "$SYNFIN" bench churn:0
holds 'half a number is refused' says 2 'churn:1x: error: bad number of connections' "$SYNFIN" bench churn:1x
echo "bench: $passed passed, $failed failed"
[ $failed -eq 0 ]
