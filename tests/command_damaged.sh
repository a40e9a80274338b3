#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Damaged databases: nothing is added to them, and whatever their bytes are, readers end with an exit status of theirs.
. "${top_srcdir:?run it by make check}/tests/command.sh"

vary='vary: {links.wan.both.loss.p: [1%, 10%]}'
scenario sweep.yaml 100 "sweep: {replications: 30, $vary}"
scenario less.yaml 100 "sweep: {replications: 10, $vary}"
runs 0 "$SYNFIN" sweep sweep.yaml -o whole.db
runs 0 "$SYNFIN" sweep less.yaml -o less.db

size=$(wc -c <less.db)
# damaged HOW COMMAND...: does it to a copy.
damaged()
{
    how=$1
    shift
    cp less.db bad.db
    "$@" 2>/dev/null
    cp bad.db before.db
    runs 2 "$SYNFIN" sweep sweep.yaml -o bad.db
    complains '^bad\.db: error: it is (damaged; take a copy|no database; give the name)'
    is "the database $how is as it was" cmp -s bad.db before.db
    rm bad.db before.db
}
damaged 'cut in half' truncate -s $((size / 2)) bad.db
damaged 'short of its last bytes' truncate -s $((size - 100)) bad.db
damaged 'with another page in its middle' dd if=sweep.yaml of=bad.db bs=4096 seek=$((size / 8192)) conv=notrunc,sync
damaged 'with zeros in its middle' dd if=/dev/zero of=bad.db bs=4096 seek=$((size / 8192)) count=2 conv=notrunc
damaged 'without its tables' dd if=sweep.yaml of=bad.db bs=1 seek=100 count=300 conv=notrunc
damaged 'that is a text' cp sweep.yaml bad.db
# Bytes of another database in five random places.
for seed in 1 2 3 4 5 6 7 8 9 10; do
    cp less.db bad.db
    awk -v seed=$seed -v size="$size" 'BEGIN { srand(seed); for (i = 0; i < 5; i++) print 100 + int(rand() * (size - 200)),
        1 + int(rand() * 60), int(rand() * 400) }' | while read -r at count from; do
        dd if=whole.db of=bad.db bs=1 seek="$at" skip=$((from * 97)) count="$count" conv=notrunc 2>/dev/null
    done
    for words in export 'export --counts' 'export --format hgrm' 'compare less.db'; do
        command="$words bad.db, seed $seed" status=0
        # shellcheck disable=SC2086 # words, on purpose
        timeout 60 "$SYNFIN" $words bad.db >"$work/out" 2>"$work/err" || status=$?
        is 'exit status 0, 1 or 2' [ $status -le 2 ]
    done
done
rm -f bad.db
# What is missing is no endless loop.
if command -v sqlite3 >/dev/null; then
    cp less.db bad.db
    sqlite3 -batch bad.db "DELETE FROM meta WHERE key = 'points'"
    runs 2 timeout 60 "$SYNFIN" export bad.db
    complains '^bad\.db: error: there is no memory, or it is damaged; '
    rm bad.db
else
    skipped=$((skipped + 2))
fi
has_only sweep.yaml less.yaml whole.db less.db

finish command_damaged
