#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Recorded timelines of a live Linux kernel: all agree; and one that is wrong is found out.
set -eu
: "${top_srcdir:?run it by make check}" "${top_builddir:?run it by make check}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=$top_srcdir/tests/timelines.json

status=0
"$top_builddir/tests/timelines" "$file" >"$work/out" || status=$?
grep -v ': agrees$' "$work/out"
[ "$status" -eq 0 ]

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
