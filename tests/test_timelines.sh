#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Recorded timelines of a live Linux kernel, and others that follow from its rules: all agree; one that is wrong is found
# out, and of one that cannot be played it is said why.
set -eu
: "${top_srcdir:?run it by make check}" "${top_builddir:?run it by make check}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=$top_srcdir/tests/timelines.json

for all in "$file" "$top_srcdir/tests/timelines_other.json"; do
    status=0
    "$top_builddir/tests/timelines" "$all" >"$work/out" || status=$?
    grep -v ': agrees$' "$work/out"
    [ "$status" -eq 0 ]
done

# A kernel that waited 10 s longer, or acknowledged something else, would be another one.
for change in 's/"t": 7119.09/"t": 17119.09/' '/^"rfc5961_syn"/,/^"rfc5961_rst"/s/"ack": 101/"ack": 102/'; do
    sed "$change" "$file" >"$work/wrong.json"
    if cmp -s "$file" "$work/wrong.json"; then
        echo "nothing to change by $change"
        exit 1
    fi
    if "$top_builddir/tests/timelines" "$work/wrong.json" syn_blackhole_default rfc5961_syn >"$work/out"; then
        echo "agrees after $change"
        exit 1
    fi
done

# An answer too many is found out close to the end, too.
printf '{"cases": {"odd": {"setup": {"role": "none"}, "events": [
    {"t": 1, "ev": "in", "flags": "S", "seq": 0}, {"t": 6, "ev": "in", "flags": "R", "seq": 1}]}}}' >"$work/wrong.json"
if "$top_builddir/tests/timelines" "$work/wrong.json" >"$work/out"; then
    echo 'agrees with an answer too many'
    exit 1
fi

# Sysctls are what differs from the file's own defaults, and jiffies are those of its hz.
sed 's/"tcp_syn_retries": "6"/"tcp_syn_retries": "5"/' "$file" >"$work/wrong.json"
if "$top_builddir/tests/timelines" "$work/wrong.json" syn_blackhole_default >"$work/out"; then
    echo 'agrees with another default'
    exit 1
fi
"$top_builddir/tests/timelines" "$work/wrong.json" syn_blackhole_retries1 >"$work/out"
sed 's/"hz": 250/"hz": 100/' "$file" >"$work/wrong.json"
if "$top_builddir/tests/timelines" "$work/wrong.json" syn_blackhole_default >"$work/out"; then
    echo 'agrees with another hz'
    exit 1
fi

# A case with what is not understood is told of, and the others are played.
says()
{
    status=0
    {
        printf '{"cases": {"odd": {"setup": {"role": "%s"}, "sysctls": {%s}, "events": [%s]},' "$2" "$3" "$4"
        printf '"plain": {"setup": {"role": "none"}, "events": [{"t": 1, "ev": "in", "flags": "R", "seq": 1}]}}}'
    } >"$work/odd.json"
    "$top_builddir/tests/timelines" "$work/odd.json" >"$work/out" || status=$?
    if ! grep -q "^odd: cannot be played: .*$1" "$work/out" || ! grep -q '^plain: agrees$' "$work/out" ||
        ! tail -n 1 "$work/out" | grep -q '^1 agree, 1 differ$' || [ "$status" -ne 1 ]; then
        echo "does not say '$1' (status $status):"
        cat "$work/out"
        exit 1
    fi
}
plain='{"t": 1, "ev": "in", "flags": "S"}'
says 'role .server.' server '' "$plain"
says 'no events' client '' ''
says 'tcp_unheard_of is not known' none '"tcp_unheard_of": 1' "$plain"
says 'is no number' none '"tcp_syn_retries": "4 5 6"' "$plain"
says 'out of range' none '"tcp_syn_retries": -1' "$plain"
says 'flag X' none '' '{"t": 1, "ev": "in", "flags": "SX"}'
says 'flags are missing' none '' '{"t": 1, "ev": "in"}'
says 'win is no number' none '' '{"t": 1, "ev": "in", "flags": "S", "win": 65536}'
says 'option `mss' none '' '{"t": 1, "ev": "in", "flags": "S", "opt": "mss -1"}'
says 'option `sack' none '' '{"t": 1, "ev": "in", "flags": ".", "opt": "sack"}'
says 'no kind of event' none '' '{"t": 1, "ev": "inn", "flags": "S"}'
says 'time is missing' none '' '{"ev": "in", "flags": "S"}'
says 'before that of the last' none '' '{"t": 2, "ev": "in", "flags": "S"}, {"t": 1, "ev": "in", "flags": "S"}'
says 'states are a list' none '' '{"t": 1, "ev": "state", "states": "x"}'
says 'call `fly' client '' '{"t": 1, "ev": "api", "call": "fly"}'
says 'no listener to close' client '' '{"t": 1, "ev": "api", "call": "close listener = ok"}'

# What is no file of timelines is none.
for bad in '' '{' '[]' '{"cases": {}}' '{"cases": [1]}' "$(printf '\001\002')"; do
    printf '%s' "$bad" >"$work/bad.json"
    status=0
    "$top_builddir/tests/timelines" "$work/bad.json" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq 2 ]
    grep -q 'no JSON file with timelines' "$work/err"
done
