#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the README tells to type works and prints what it shows. A block ```yaml whose first line is `# NAME.yaml` is
# written to that file (`# NAME.yaml, continued` appended to it); each line `$ COMMAND` of a block ```console is run in
# the same folder; the lines below it must be printed, in that order, with others between them only where `...` stands.
set -eu
: "${top_srcdir:?run it by make check}" "${SYNFIN:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/here" "$work/steps"
ln -s "$SYNFIN" "$work/bin/synfin"
ln -s "$top_srcdir/experiments" "$work/here/experiments"
PATH=$work/bin:$PATH
cd "$work/here"

awk -v steps="$work/steps/" '
/^```/ && block != "" { if (file) print "END" > step; block = file = ""; next }
/^```/ { block = substr($0, 4); first = 1; shown = ""; next }
block == "yaml" && first {
    first = 0
    if ($2 ~ /^[A-Za-z0-9_-]+\.yaml,?$/) {
        file = $2
        to = sub(/,$/, "", file) ? ">>" : ">" # `# NAME.yaml, continued`
        step = sprintf("%s%03d.sh", steps, ++n)
        print "cat " to " " file " <<\\END" > step
        printf "" > (steps sprintf("%03d.shown", n))
    }
}
file { print > step }
block == "console" && /^\$ / {
    shown = sprintf("%s%03d.shown", steps, ++n)
    print substr($0, 3) > sprintf("%s%03d.sh", steps, n)
    printf "" > shown
    next
}
block == "console" && shown { print > shown }
' "$top_srcdir/README.md"

passed=0 failed=0
for step in "$work"/steps/*.sh; do
    command=$(cat "$step")
    status=0
    sh "$step" >"$work/said" 2>&1 </dev/null || status=$?
    if [ $status -eq 0 ] && { [ ! -s "${step%.sh}.shown" ] || awk '
        { sub(/ +$/, "") }
        NR == FNR { shown[++n] = $0; next }
        { said[++m] = $0 }
        END {
            j = 1
            for (i = 1; i <= n; i++) {
                if (shown[i] == "...") { open = 1; continue }
                while (open && j <= m && said[j] != shown[i]) j++
                if (j > m || said[j] != shown[i]) { print "not printed: " shown[i]; exit 1 }
                j++
                open = 0
            }
            if (!open && j <= m) { print "not shown: " said[j]; exit 1 }
        }' "${step%.sh}.shown" "$work/said"; }; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $command (exit status $status)"
        cat "$work/said"
    fi
done
echo "readme: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
