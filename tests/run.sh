#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs what is missing, builds with warnings as errors, runs every test, and the unit tests once more under
# AddressSanitizer and UndefinedBehaviorSanitizer. The last line counts what ran.
#
# usage: sh tests/run.sh [--long]     --long adds the tests that take longer than a quarter of an hour in all
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/prepare.sh"

SYNFIN_LONG=
limit=600 # seconds for one test program, so that one that hangs is a failure too
case $*  in
'') ;;
--long)
    SYNFIN_LONG=1
    limit=7200
    ;;
*)
    echo 'usage: sh tests/run.sh [--long]' >&2
    exit 2
    ;;
esac
export SYNFIN_LONG

passed=0 failed=0 skipped=0

finish()
{
    echo
    if [ "$skipped" -gt 0 ]; then
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

broken()
{
    echo "FAILED: $*"
    failed=$((failed + 1))
    finish
}

# The number before a word in a line `NAME: N passed, N failed, N skipped`; 0 where there is none.
number()
{
    n=$(printf '%s\n' "$1" | sed -n "s/.* \([0-9][0-9]*\) $2.*/\1/p")
    echo "${n:-0}"
}

# count FOLDER TEST...: adds up what the tests printed; one that prints no count is one test. What failed is shown.
count()
{
    folder=$1
    shift
    for test; do
        name=${test%.sh}
        log=$top/$folder/$name.log
        result=$(sed -n 's/^:global-test-result: //p' "$top/$folder/$name.trs" 2>/dev/null)
        line=$(grep -E '^[^:]+: [0-9]+ passed, [0-9]+ failed' "$log" 2>/dev/null | tail -n 1)
        p=$(number "$line" passed) f=$(number "$line" failed) s=$(number "$line" skipped)
        case $result in
        PASS) [ -n "$line" ] || p=1 ;;
        SKIP) [ "$s" -gt 0 ] || s=1 ;;
        *) [ "$f" -gt 0 ] || f=1 ;; # it crashed, was stopped, or never ran
        esac
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
        if [ "$f" -gt 0 ]; then
            echo
            echo "FAILED: $test in $folder (${result:-did not run})"
            tail -n 60 "$log" 2>/dev/null
            echo "again: make -C $folder check TESTS=$test VERBOSE=1"
        elif [ "$s" -gt 0 ]; then
            echo "skipped: $test: $(tail -n 1 "$log")"
        fi
    done
}

# check FOLDER TARGET LIST: runs a make target for tests, and counts those that the target LIST names.
check()
{
    folder=build/$1
    make -s -C "$top/$folder" check TESTS= >"$top/$folder/check.log" 2>&1 ||
        { cat "$top/$folder/check.log"; broken "the tests do not build in $folder"; }
    echo "Testing in $folder"
    make -s -k -C "$top/$folder" -j "$(nproc)" "$2" LOG_COMPILER="timeout -k 9 $limit" \
        SH_LOG_COMPILER="timeout -k 9 $limit sh" >"$top/$folder/check.log" 2>&1
    # shellcheck disable=SC2046 # words, on purpose
    count "$folder" $(make -s -C "$top/$folder" "$3")
}

# clang: its builds give the same bytes; sqlite3, tshark, gnuplot: outputs are read with them.
# shellcheck disable=SC2086,SC2154 # words, on purpose; set by prepare.sh
need $build_packages libcunit1-dev clang gnuplot-nox tshark sqlite3 || broken 'not all that is missing could be installed'

build tests --enable-werror || broken 'the build in build/tests'
check tests check list-tests
build sanitizers --enable-werror --enable-sanitizers --disable-shared CFLAGS='-O1 -g' ||
    broken 'the build in build/sanitizers'
check sanitizers check-units list-units
finish
