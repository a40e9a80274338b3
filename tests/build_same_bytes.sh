#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The same file and seed give the same bytes, whatever the compiler and the optimisation.
set -eu
: "${top_srcdir:?run it by make check}" "${SYNFIN:?}"
unset MAKEFLAGS MFLAGS MAKELEVEL
for cc in gcc clang; do
    command -v $cc >/dev/null || { echo "$cc is missing (Debian: $cc)"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# Everything that a run can say; what depends on the machine is left out.
outputs()
{
    scenario=$1
    to=$2
    "$3" run "$scenario" -q --json --connections "$to.connections" --trace "$to.trace" --pcap "$to.pcap" |
        sed -E 's/"(wall_s|events_per_s|connections_per_s|peak_rss_mib)":[^,}]*//g' >"$to.json"
    cat "$to.json" "$to.connections" "$to.trace" "$to.pcap" >"$to.all"
    [ -s "$to.trace" ] && [ -s "$to.pcap" ] && [ -s "$to.connections" ] && [ -s "$to.json" ]
}

for cc in gcc clang; do
    for level in O0 O3; do
        mkdir "$work/$cc-$level"
        cd "$work/$cc-$level"
        "$top_srcdir/configure" -q CC=$cc CFLAGS=-$level --disable-shared
        make -s -j2 synfin
    done
done
for scenario in "$top_srcdir"/tests/same_bytes/*.yaml; do
    name=$(basename "$scenario" .yaml)
    outputs "$scenario" "$work/$name" "$SYNFIN"
    for build in gcc-O0 gcc-O3 clang-O0 clang-O3; do
        outputs "$scenario" "$work/$build/$name" "$work/$build/synfin"
        if cmp "$work/$name.all" "$work/$build/$name.all"; then
            passed=$((passed + 1))
        else
            echo "$name: $build gives other bytes than the build under test"
            failed=$((failed + 1))
        fi
    done
done
echo "build_same_bytes: $passed passed, $failed failed"
[ $failed -eq 0 ]
