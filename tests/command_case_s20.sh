#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Case S20: the same sweep on any number of workers, through any interruption; replications are no copies of each other.
. "${top_srcdir:?run it by make check}/tests/command.sh"

vary='vary: {links.wan.both.loss.p: [1%, 10%], links.wan.both.delay.time: [10ms, 20ms, 50ms]}'
scenario case.yaml 2000 "sweep: {replications: 5, $vary}"

# exports DB: as one worker's sweep does, with 30 runs, each once.
exports()
{
    runs 0 "$SYNFIN" export "$1" --counts
    is '30 distinct runs' [ "$(tail -n +2 "$work/out" | cut -d, -f1,2 | sort -u | wc -l)" -eq 30 ]
    is 'and no more' [ "$(wc -l <"$work/out")" -eq 31 ]
    runs 0 "$SYNFIN" export "$1" --format csv -o "$1.csv"
    is "the same bytes of $1" cmp -s "$1.csv" j1.db.csv
}

# (a) any number of workers
for workers in 1 4 16; do
    runs 0 "$SYNFIN" sweep case.yaml -o j$workers.db -j $workers
    exports j$workers.db
done

# (b), (c) stopped when about half is done
for signal in KILL INT; do
    command="sweep case.yaml, stopped by $signal" status=0
    "$SYNFIN" sweep case.yaml -o $signal.db -j 2 >"$work/out" 2>"$work/err" &
    pid=$! halted=
    while kill -0 $pid 2>/dev/null; do
        there=$("$SYNFIN" export $signal.db --counts 2>/dev/null | wc -l) || :
        if [ "${there:-0}" -gt 12 ]; then
            kill -s $signal $pid && halted=1
            break
        fi
    done
    wait $pid || status=$?
    if [ "$halted" ] && [ $status -ne 0 ]; then # else it was over before
        runs 0 "$SYNFIN" sweep case.yaml -o $signal.db -j 2
        complains "^$signal\\.db: [1-9][0-9]* (of [0-9]+ )?runs are there already\$"
    fi
    exports $signal.db
done

# At 10 % loss and 10 ms (point 3) the five means differ, and what a connection meets says nothing of another run's.
means=$(awk -F, '$1 == 3 && $6 == "setup" { print $8 }' j1.db.csv | sort -u | wc -l)
is 'five means of setup' [ "$means" -eq 5 ]
for replication in 0 1 2 3 4; do
    runs 0 "$SYNFIN" run case.yaml -q --set links.wan.both.loss.p=10% --replication $replication --connections c.csv
    tail -n +2 c.csv | cut -d, -f11 >syn$replication
done
paste -d, syn0 syn1 syn2 syn3 syn4 | awk -F, '
    { for (i = 1; i <= 5; i++) { s[i] += $i; for (j = 1; j <= 5; j++) p[i, j] += $i * $j } }
    END {
        for (i = 1; i <= 5; i++) {
            for (j = i + 1; j <= 5; j++) {
                r = (NR * p[i, j] - s[i] * s[j]) / sqrt((NR * p[i, i] - s[i]^2) * (NR * p[j, j] - s[j]^2))
                print i - 1, j - 1, r
                if (NR != 2000 || r >= 0.07 || r <= -0.07) bad = 1
            }
        }
        exit bad
    }' >"$work/out" && correlated=0 || correlated=1
is 'no two replications are correlated: 3/sqrt(2000) at most' [ $correlated -eq 0 ]

finish command_case_s20
