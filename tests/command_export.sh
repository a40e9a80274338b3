#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin export: the same bytes however a sweep was made, what programs read, what cannot be.
. "${top_srcdir:?run it by make check}/tests/command.sh"

vary='vary: {links.wan.both.loss.p: [0, 20%], links.wan.both.delay.time: [10ms, 0.25s]}'
scenario sweep.yaml 100 "sweep: {replications: 3, $vary}"
runs 0 "$SYNFIN" sweep sweep.yaml -o sweep.db

# One row a run and metric, the parameters in one unit each, units in the names.
runs 0 "$SYNFIN" export sweep.db
quiet err
cp "$work/out" "$work/csv"
is 'a heading and a row a run and metric' [ "$(wc -l <"$work/csv")" -eq $((1 + 4 * 3 * 5)) ]
parameters='links\.wan\.both\.loss\.p_percent,links\.wan\.both\.delay\.time_ms'
says "^point,replication,$parameters,workload,metric,count,mean_ms,"
says '^0,0,0,10,\*,setup,100,20,0,20,20,20,20,20,20,100,100,100,0,[0-9]+,0,0,0,0,0,0,0$'
says '^3,2,20,250,\*,lifetime,[0-9]+,[0-9.]+,'
is 'by point and replication' sh -c "tail -n +2 '$work/csv' | cut -d, -f1,2 | sort -c -t, -k1,1n -k2,2n"
is 'every row has every cell' [ "$(awk -F, '{print NF}' "$work/csv" | sort -u | wc -l)" -eq 1 ]

# A file has the same bytes as standard output.
runs 0 "$SYNFIN" export sweep.db --format csv -o out.csv
quiet out
is 'the same in a file' cmp out.csv "$work/csv"
has_only sweep.yaml sweep.db out.csv

# However the sweep was made: anew, or stopped and gone on with, or with replications added later.
runs 0 "$SYNFIN" sweep sweep.yaml -o again.db
sed 's/replications: 3/replications: 1/' sweep.yaml >less.yaml
runs 0 "$SYNFIN" sweep less.yaml -o added.db
runs 0 "$SYNFIN" sweep sweep.yaml -o added.db
for words in '' '--counts' '--format json' '--counts --format json' '--format hgrm'; do
    # shellcheck disable=SC2086 # words, on purpose
    runs 0 "$SYNFIN" export sweep.db $words
    cp "$work/out" "$work/first"
    for db in again added; do
        # shellcheck disable=SC2086
        runs 0 "$SYNFIN" export $db.db $words
        is "the same bytes of $db.db" cmp "$work/out" "$work/first"
    done
done
rm again.db added.db less.yaml out.csv

# All counts, a row a run.
runs 0 "$SYNFIN" export sweep.db --counts
is 'a row a run' [ "$(wc -l <"$work/out")" -eq $((1 + 4 * 3)) ]
says "^point,replication,$parameters,simulated_s,events,connections\.closed,.*,segments\.forward\.syn_ack\$"

# JSON is JSON, with the same numbers.
if command -v python3 >/dev/null; then
    runs 0 "$SYNFIN" export sweep.db --format json
    is 'the same cells in both' python3 - "$work/out" "$work/csv" <<'END'
import csv, json, sys
rows, table = json.load(open(sys.argv[1])), list(csv.DictReader(open(sys.argv[2])))
assert len(rows) == len(table) == 60
for row, cells in zip(rows, table):
    assert list(row) == list(cells)
    for name, value in row.items():
        assert value == (cells[name] if isinstance(value, str) else float(cells[name]) if cells[name] else None), name
END
else
    skipped=$((skipped + 1))
fi

# Where nothing can be measured, that is told; so are failed runs.
scenario dead.yaml 10 'sweep: {vary: {links.wan.both.loss.p: [0, 100%]}}'
runs 0 "$SYNFIN" sweep dead.yaml -o dead.db
runs 0 "$SYNFIN" export dead.db
says '^1,0,100,\*,setup,0,,,,,,,,,10,0,0,0,10,10,0,0,0,0,0,0$'
quiet err
if command -v sqlite3 >/dev/null; then
    sqlite3 -batch dead.db "UPDATE runs SET status = 'failed', reason = 'it crashed' WHERE point = 1"
    runs 0 "$SYNFIN" export dead.db
    is 'only the other run' [ "$(cut -d, -f1 "$work/out" | sort -u | tr '\n' ' ')" = '0 point ' ]
    complains "^dead\.db: 1 failed run is left out; the sweep's command tries again\$"
    sqlite3 -batch dead.db 'DELETE FROM runs WHERE point = 0'
    runs 0 "$SYNFIN" export dead.db -o left.csv
    complains '^dead\.db: the sweep is not finished, 1 run is missing; its command goes on$'
    complains "^dead\.db: 1 failed run is left out; the sweep's command tries again\$"
    is 'a heading alone' [ "$(wc -l <left.csv)" -eq 1 ]
    rm left.csv
else
    skipped=$((skipped + 7))
fi
rm dead.yaml dead.db

# HdrHistogram's text: all one after the other, or a file each.
runs 0 "$SYNFIN" export sweep.db --format hgrm
heading='^ *Value  *Percentile TotalCount 1/(1-Percentile)$'
is 'a distribution a point and metric' [ "$(grep -c "$heading" "$work/out")" -eq 20 ]
says '^# setup \(ms\), links\.wan\.both\.loss\.p = 20%, links\.wan\.both\.delay\.time = 0\.25s$'
says '^#\[Max     = +[0-9.]+, Total count    = +300\]$'
runs 0 "$SYNFIN" export sweep.db --format hgrm -o all.hgrm
is 'the same in a file' cmp all.hgrm "$work/first"
runs 0 "$SYNFIN" export sweep.db --format hgrm -o each/
says '^each/setup-3-20%-0\.25s\.hgrm$'
is 'a file each' [ "$(find each -type f | wc -l)" -eq 20 ]
is 'and nothing else in it' [ "$(grep -c '^#\[Mean' each/setup-3-20%-0.25s.hgrm)" -eq 1 ]
runs 0 "$SYNFIN" export sweep.db --format hgrm -o each
rm -r each all.hgrm

# What cannot be.
runs 2 "$SYNFIN" export
complains '^synfin export: error: RESULTS\.db, the database of a sweep, is missing$'
runs 2 "$SYNFIN" export sweep.db --format xml
complains "^--format xml: error: 'xml' is not a format; choose from csv, json, hgrm\$"
runs 2 "$SYNFIN" export sweep.db --counts --format hgrm
complains '^--counts: error: hgrm is a format of distributions; write counts as csv or json$'
runs 2 "$SYNFIN" export sweep.yaml
complains '^sweep\.yaml: error: it is no database; give the name of one that `synfin sweep` made$'
runs 2 "$SYNFIN" export nowhere.db
complains '^nowhere\.db: error: unable to open database file: No such file or directory$'
runs 1 "$SYNFIN" export sweep.db -o no/where.csv
complains '^no/where\.csv: error: cannot be written: No such file or directory$'
runs 1 "$SYNFIN" export sweep.db --format hgrm -o no/where/
complains '^no/where/: error: the folder cannot be made: No such file or directory$'
if [ -w /dev/full ]; then
    runs 1 sh -c 'exec "$SYNFIN" export sweep.db >/dev/full'
    complains '^standard output: error: cannot be written: No space left on device$'
    runs 1 "$SYNFIN" export sweep.db -o /dev/full
    complains '^/dev/full: error: cannot be written: No space left on device$'
else
    skipped=$((skipped + 4))
fi
has_only sweep.yaml sweep.db

finish command_export
