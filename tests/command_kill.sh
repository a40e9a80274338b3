#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin sweep, killed at random instants (the command, one of its workers, both), goes on with the same command, makes
# no finished run again, and ends in what an undisturbed sweep exports.
. "${top_srcdir:?run it by make check}/tests/command.sh"

seed=20 # of the instants
kills=20 # with each number of workers
runs=60

scenario sweep.yaml 1500 \
    'sweep: {replications: 12, vary: {links.wan.both.loss.p: [0, 1%, 2%, 5%, 10%]}}'
begin=$(date +%s%N)
runs 0 "$SYNFIN" sweep sweep.yaml -o whole.db -j 1
duration=$((($(date +%s%N) - begin) / 1000)) # us
runs 0 "$SYNFIN" export whole.db -o whole.csv
runs 0 "$SYNFIN" export whole.db --counts -o whole-counts.csv

# done_runs: those that are in the database, each with the time it took, which no second run would repeat.
done_runs()
{
    sqlite3 -batch sweep.db 'SELECT * FROM wall_clock' 2>"$work/err" | sort
}

# gone PID...: whether all of them end; a worker outlives its parent for a moment.
gone()
{
    tries=0
    for pid; do
        while kill -0 "$pid" 2>/dev/null; do
            tries=$((tries + 1))
            [ $tries -lt 1000 ] || return 1
            sleep 0.01
        done
    done
}

# killed WORKERS WHOM US: starts the sweep, and kills after that time.
killed()
{
    command="synfin sweep -j $1, its $2 killed after $3 us" status=0
    "$SYNFIN" sweep sweep.yaml -o sweep.db -j "$1" >"$work/out" 2>"$work/err" &
    sweep=$!
    sleep "$(awk "BEGIN {print $3 / 1e6}")"
    pids=$(pgrep -P $sweep) || :
    one=$(printf '%s\n' "$pids" | tail -n 1)
    case $2 in
    command) kill -KILL $sweep 2>/dev/null ;;
    worker) [ -z "$one" ] || kill -KILL "$one" 2>/dev/null ;;
    both) kill -KILL "${one:-$sweep}" $sweep 2>/dev/null ;;
    esac || :
    wait $sweep 2>/dev/null || status=$?
    # shellcheck disable=SC2086 # words, on purpose
    is 'no worker is left' gone $pids
}

resumed()
{
    : >before
    [ ! -s sweep.db ] || ! command -v sqlite3 >/dev/null || done_runs >before || :
    runs 0 "$SYNFIN" sweep sweep.yaml -o sweep.db -j "$1"
    complains "^sweep\\.db: $runs runs \\(5 points, 12 replications\\), "
    if command -v sqlite3 >/dev/null; then
        done_runs >after
        is 'what was done was not done again' [ "$(comm -23 before after)" = '' ]
        done=$((done + $(wc -l <before)))
    fi
    runs 0 "$SYNFIN" export sweep.db -o sweep.csv
    runs 0 "$SYNFIN" export sweep.db --counts -o sweep-counts.csv
    is 'the same export' cmp sweep.csv whole.csv
    is 'the same export of counts' cmp sweep-counts.csv whole-counts.csv
    rm sweep.db sweep.csv sweep-counts.csv
}

done=0
for workers in 1 4; do
    awk "BEGIN {srand($seed + $workers); split(\"command worker both\", whom)
        for (i = 0; i < $kills; i++) print whom[i % 3 + 1], int(rand() * $duration)}" >instants
    while read -r whom instant; do
        killed $workers "$whom" "$instant"
        resumed $workers
    done <instants
done
# Or the instants would test nothing.
! command -v sqlite3 >/dev/null || is 'most were killed in the middle' [ $done -gt $((runs * kills / 4)) ]

finish command_kill
