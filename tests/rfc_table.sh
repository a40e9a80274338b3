#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Prints the table of tests/rfc_rules.txt's rules and the tests that hold them. A test says HOLDS(id, id ...) in a
# comment above itself, or anywhere in a script. Fails where a test names a rule that does not exist, or is not run.
set -eu
cd "${top_srcdir:-.}/tests"
LC_ALL=C awk '
function complain(text) { print text >"/dev/stderr"; wrong = 1 }
function trim(text) { gsub(/^ +| +$/, "", text); return text }

# ids of HOLDS(...) on this line, for the test that comes next
function collect(line,    list, n, i, id) {
    while (match(line, /HOLDS\([^)]*\)/)) {
        list = substr(line, RSTART + 6, RLENGTH - 7)
        line = substr(line, RSTART + RLENGTH)
        n = split(list, id, ",")
        for (i = 1; i <= n; i++)
            pending[++waiting] = trim(id[i])
    }
}
function attach(test,    i) {
    for (i = 1; i <= waiting; i++) {
        if (!(pending[i] in level))
            complain(FILENAME ": " pending[i] " is no rule of rfc_rules.txt")
        if (pending[i] in why)
            complain(FILENAME ": " pending[i] " does not apply, says rfc_rules.txt")
        held[pending[i]] = held[pending[i]] (held[pending[i]] == "" ? "" : ", ") test
    }
    waiting = 0
}
function base(name) { sub(/\.(c|sh)$/, "", name); return name }

FILENAME == "rfc_rules.txt" {
    if (/^#/ || /^$/)
        next
    order[++lines] = $0
    if (/^= /)
        next
    n = split($0, field, / \| /)
    if (n < 4 || field[1] in level)
        complain("rfc_rules.txt:" FNR ": four or five fields, the first not there before: " $0)
    level[field[1]] = field[3]
    if (n > 4)
        why[field[1]] = field[5]
    next
}
FNR == 1 { # the script or program before this one
    if (waiting)
        complain(before ": HOLDS without a test below")
    before = FILENAME
    script = FILENAME ~ /\.sh$/
}
script && /^# .*HOLDS\(/ { collect($0); attach("`" base(FILENAME) "`") }
!script && /HOLDS\(/ { collect($0) }
!script && waiting && /^static void [a-z0-9_]+\(void\)$/ {
    name = $3
    sub(/\(void\)/, "", name)
    attach("`" base(FILENAME) "` " name)
    promised[FILENAME " " name] = 1
}
!script && /[a-z0-9_]+\},$/ { # a line of the table of cases, or the end of one
    name = $0
    sub(/\},$/, "", name)
    sub(/.*[ ,]/, "", name)
    run[FILENAME " " name] = 1
}
END {
    for (name in promised) {
        if (!(name in run))
            complain(name " says HOLDS but is no case")
    }
    for (i = 1; i <= lines; i++) {
        if (order[i] ~ /^= /)
            continue
        split(order[i], field, / \| /)
        n_held += field[1] in held
        n_not += field[1] in why
        n_open += !(field[1] in held) && !(field[1] in why)
    }
    print "<!-- SPDX-License-Identifier: BSD-2-Clause -->"
    print "# What the RFCs ask of set-up, teardown and reliability, and the tests that hold it\n"
    print "Made by `make rfc-rules` of rfc_rules.txt and what the tests say that they hold."
    printf "%d rules are held by tests, %d do not apply, %d have no test.\n", n_held, n_not, n_open
    for (i = 1; i <= lines; i++) {
        if (order[i] ~ /^= /) {
            print "\n## " substr(order[i], 3) "\n"
            print "| rule | section | level | what it asks | held by |\n|---|---|---|---|---|"
            continue
        }
        split(order[i], field, / \| /)
        id = field[1]
        by = id in held ? held[id] : id in why ? "does not apply: " why[id] : "**no test**"
        print "| " id " | " field[2] " | " field[3] " | " field[4] " | " by " |"
    }
    exit wrong
}' rfc_rules.txt test_*.c [!r]*.sh readme.sh run.sh
