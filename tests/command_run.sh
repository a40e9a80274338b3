#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin run: table, JSON, rows of connections, expectations, and the command that repeats a run.
. "${top_srcdir:?run it by make check}/tests/command.sh"

# Without loss every number is known: 20 ms to set up, four segments each way at most.
scenario plain.yaml 100 'expect: [setup.p50 == 20ms, connections.failed.timeout == 0]'
runs 0 "$SYNFIN" run plain.yaml
quiet err
says '^a test: seed 1, replication 0, '
says '^connections +opened 100   established 100   closed 100   open 0   peak_concurrent [0-9]+$'
says '^setup +100 +20\.000 +0\.000 +20\.000 +20\.000 +20\.000 +20\.000 +20\.000 +20\.000$'
says '^response +0 +- +-'
says '^expect +setup\.p50 == 20ms +holds$'
says '^ +connections\.failed\.timeout == 0 +holds$'

runs 0 "$SYNFIN" run plain.yaml --json --connections out.csv
quiet err
says '^\{"synfin":"[0-9.]+",$'
says '"scenario":"a test"'
says '"setup":\{"count":100,"mean":20,"sd":0,"min":20,"p50":20,"p90":20,"p99":20,"p999":20,"max":20\}'
says '\{"text":"setup.p50 == 20ms","holds":true,"value":20\}'
says '"peak_rss_mib":[0-9.]+\}$'
is 'a header and a row a connection' [ "$(wc -l <out.csv)" -eq 101 ]
is 'sixteen columns in each row' [ "$(awk -F, '{ print NF }' out.csv | sort -u)" = 16 ]
is 'rows by number' [ "$(tail -n +2 out.csv | cut -d, -f1 | tr '\n' ' ')" = "$(seq 0 99 | tr '\n' ' ')" ]
is 'set-up in nanoseconds' [ "$(tail -n +2 out.csv | cut -d, -f4 | sort -u)" = 20000000 ]
is 'all are closed' [ "$(tail -n +2 out.csv | cut -d, -f16 | sort -u)" = closed ]
rm out.csv

# The same seed gives the same bytes, another seed others; so does another replication.
"$SYNFIN" run plain.yaml --set links.wan.both.loss.p=10% -q --connections /dev/stdout >"$work/out" 2>&1 || :
is 'rows go to standard output' [ "$(sed -n '1s/,.*//p' "$work/out")" = connection ]
is 'the table follows' [ "$(sed -n '102s/:.*//p' "$work/out")" = 'a test' ]
for words in '' '--seed 2' '--replication 1'; do
    for n in 1 2; do
        # shellcheck disable=SC2086 # words, on purpose
        "$SYNFIN" run plain.yaml --set links.wan.both.loss.p=10% $words --connections "$n$words.csv" \
            >"$work/out" 2>&1 || :
    done
    is "the same bytes again ($words)" cmp "1$words.csv" "2$words.csv"
done
is 'another seed, other losses' sh -c '! cmp -s 1.csv "1--seed 2.csv"'
is 'another replication, other losses' sh -c '! cmp -s 1.csv "1--replication 1.csv"'
rm -- *.csv

# An expectation that does not hold: named, with what was found, and the command that repeats the run.
runs 1 "$SYNFIN" run plain.yaml --set links.wan.both.delay.time=30ms --seed 3
says '^expect +setup\.p50 == 20ms +FAILS: it is 60 ms$'
complains '^plain.yaml: error: expected setup\.p50 == 20ms; it is 60 ms$'
is 'the last line repeats the run' [ "$(tail -n 1 "$work/err")" = \
    'repeat it with: synfin run plain.yaml --seed 3 --set links.wan.both.delay.time=30ms' ]
cp "$work/out" "$work/first"
again=$(sed -n 's/^repeat it with: synfin //p' "$work/err")
runs 1 sh -c "\"\$SYNFIN\" $again"
is 'it does' [ "$(sed '$d' "$work/out")" = "$(sed '$d' "$work/first")" ]
runs 1 "$SYNFIN" run plain.yaml --set links.wan.both.delay.time=30ms --json
says '\{"text":"setup.p50 == 20ms","holds":false,"value":60\}'
says '\{"text":"connections.failed.timeout == 0","holds":true,"value":0\}'

# What cannot be found is said before anything is run.
scenario unknown.yaml 100 'expect: [links.lan.forward.lost == 0]'
runs 2 "$SYNFIN" run unknown.yaml
quiet out
complains "unknown.yaml.*error: .*there is no link 'lan'"
scenario machine.yaml 100 'expect: [wall_s < 10min, peak_rss_mib > 0]'
runs 0 "$SYNFIN" run machine.yaml
says '^expect +wall_s < 10min +holds$'
# The example that sets TCP and UDP side by side: what it expects holds.
runs 0 "$SYNFIN" run "$top_srcdir/experiments/tcp-udp.yaml"
says '^ +workloads\.udp\.response\.min == 40ms +holds$'

finish command_run
