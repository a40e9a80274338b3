#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Recorded timelines of a live Linux kernel: those that tests/timelines_agree.txt names must agree.
set -eu
: "${top_srcdir:?run it by make check}" "${top_builddir:?run it by make check}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Exit status 1 only says that not all agree yet.
status=0
"$top_builddir/tests/timelines" "$top_srcdir/tests/timelines.json" >"$work/out" || status=$?
[ "$status" -le 1 ] || exit "$status"
sed -n '$s/^\([0-9]*\) agree, \([0-9]*\) differ$/\1 of the recorded timelines agree, \2 differ/p' "$work/out"
sed -n 's/: agrees$//p' "$work/out" | LC_ALL=C sort >"$work/agree"
LC_ALL=C sort "$top_srcdir/tests/timelines_agree.txt" | LC_ALL=C comm -23 - "$work/agree" >"$work/lost"
while read -r name; do
    grep "^$name: " "$work/out" || echo "$name: is no case"
done <"$work/lost"
[ ! -s "$work/lost" ]
