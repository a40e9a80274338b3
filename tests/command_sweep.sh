#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin sweep: every run once, resumed after anything, judged by expectations, another sweep's database refused.
. "${top_srcdir:?run it by make check}/tests/command.sh"

# query SQL [DATABASE]: the answer of the sqlite3 shell, its rows joined by blanks.
query()
{
    sqlite3 -batch "${2:-sweep.db}" "$1" | tr '\n' ' ' | sed 's/ $//'
}
# answers SQL ANSWER [DATABASE]: skipped where there is no sqlite3 shell.
answers()
{
    if command -v sqlite3 >/dev/null; then
        is "$1 gives $2" [ "$(query "$1" "${3:-}")" = "$2" ]
    else
        skipped=$((skipped + 1))
    fi
}
# same_results A.db B.db: all but the wall clock, and the order in which runs came.
same_results()
{
    for db; do
        sqlite3 -batch "$db" .dump | grep -v 'INSERT INTO wall_clock' | sort >"$work/$db.sql"
    done
    is "$1 holds what $2 does" cmp "$work/$1.sql" "$work/$2.sql"
}

vary='vary: {links.wan.both.loss.p: [0, 20%], links.wan.both.delay.time: [10ms, 1s, 2s]}'
scenario sweep.yaml 200 "sweep: {replications: 2, $vary}"

# Every point times every replication.
runs 0 "$SYNFIN" sweep sweep.yaml -o sweep.db
complains '^sweep\.db: 12 runs \(6 points, 2 replications\), 12 made now$'
says '^wan loss each way +wan delay each way +connections +failed +mean '
says '^ +0 +10 ms +400 +0 +20 ms +0 +20 ms +20 ms +20 ms +20 ms +20 ms *$'
has_only sweep.yaml sweep.db
answers 'SELECT count(*), count(DISTINCT point), max(replication) FROM runs WHERE status = "done"' '12|6|1'
answers 'SELECT DISTINCT sum_ns FROM metrics WHERE point = 1 AND metric = "setup"' 400000000000
answers 'SELECT DISTINCT value FROM counts WHERE name = "connections.opened"' 200
answers 'SELECT "links.wan.both.loss.p_percent", "links.wan.both.delay.time_ms" FROM points
    WHERE point = 4 AND metric = "setup"' '20.0|1000.0'
# Where they do not, the interval is that value, without a rounding error.
answers 'SELECT count(*) FROM points WHERE point < 3 AND NOT (mean_high_ms = mean_ms AND mean_low_ms = mean_ms)' 0
answers 'SELECT count(*) FROM quantiles WHERE point < 3 AND NOT (high_ms = value_ms AND low_ms = value_ms)' 0
# Replications differ, and with common random numbers the first loss falls on the same connections whatever the delay.
answers 'SELECT count(DISTINCT mean_ms) FROM metrics WHERE point = 3 AND metric = "setup"' 2
cp "$work/out" "$work/table"
cp sweep.db first.db

# The same command again makes nothing anew.
runs 0 "$SYNFIN" sweep sweep.yaml -o sweep.db
complains '^sweep\.db: 12 runs are there already$'
complains ', 0 made now$'
is 'the same table' cmp "$work/table" "$work/out"

# More replications keep those that are there.
sed 's/replications: 2/replications: 3/' sweep.yaml >more.yaml
runs 0 "$SYNFIN" sweep more.yaml -o sweep.db
complains '^sweep\.db: 12 runs are there already$'
complains ' 6 made now$'
runs 0 "$SYNFIN" sweep more.yaml -o whole.db
if command -v sqlite3 >/dev/null; then
    same_results sweep.db whole.db
fi
rm more.yaml sweep.db whole.db first.db

# Stopped by a signal, or killed: the same command goes on from there, and all is as if nothing had happened.
scenario long.yaml 30000 'sweep: {replications: 10, vary: {links.wan.both.loss.p: [1%, 10%]}}'
runs 0 "$SYNFIN" sweep long.yaml -o whole.db
cp "$work/out" "$work/table"
for signal in INT TERM KILL; do
    command="sweep long.yaml, stopped by $signal" status=0
    "$SYNFIN" sweep long.yaml -o stopped.db >"$work/out" 2>"$work/err" &
    while [ ! -s stopped.db ] || { [ $signal != KILL ] && [ ! -s stopped.db-wal ]; }; do :; done
    sleep 0.3
    kill -s $signal $! 2>/dev/null || :
    wait $! 2>/dev/null || status=$?
    if [ $signal = INT ] && [ $status -ne 0 ]; then
        is 'exit status 130' [ $status -eq 130 ]
        complains '^interrupted: [0-9]+ of 20 runs are in stopped\.db; the same command goes on from there$'
        has_only sweep.yaml long.yaml whole.db stopped.db
    fi
    runs 0 "$SYNFIN" sweep long.yaml -o stopped.db
    is 'the same table' cmp "$work/table" "$work/out"
    if command -v sqlite3 >/dev/null; then
        same_results stopped.db whole.db
    fi
    rm stopped.db
done
rm long.yaml whole.db

# An expectation that does not hold somewhere: where, what was found, and the command that repeats that run.
for random in common independent; do
    scenario judged.yaml 200 "sweep: {random: $random, replications: 2, vary: {links.wan.both.loss.p: [0, 30%]}}" \
        'expect: [setup.max == 20ms, connections.opened == 200]'
    runs 1 "$SYNFIN" sweep judged.yaml -o judged.db --set links.wan.both.delay.time=10ms
    named=$(grep -c '^judged\.yaml: error: expected setup\.max == 20ms; it is [0-9.]* ms$' "$work/err") || :
    is 'two runs are named' [ "$named" -eq 2 ]
    complains '^repeat it with: synfin run judged\.yaml (--seed [0-9]+ )?--set links\.wan\.both\.loss\.p=30% --set '
    complains ' --set links\.wan\.both\.delay\.time=10ms --replication 1$'
    found=$(sed -n 's/.*; it is //p' "$work/err" | tail -n 1)
    again=$(sed -n 's/^repeat it with: synfin //p' "$work/err" | tail -n 1)
    runs 1 sh -c "\"\$SYNFIN\" $again"
    complains "^judged\.yaml: error: expected setup\.max == 20ms; it is $found\$"
    rm judged.db
done
# One written later was not evaluated by the runs that are there.
scenario judged.yaml 200
runs 0 "$SYNFIN" sweep judged.yaml -o judged.db
scenario judged.yaml 200 'expect: [setup.max == 20ms]'
runs 1 "$SYNFIN" sweep judged.yaml -o judged.db
complains '^judged\.yaml: error: expected setup\.max == 20ms; 1 runs in judged\.db were made before it was written'
scenario judged.yaml 200 'expect: [setup.middle == 20ms]'
runs 2 "$SYNFIN" sweep judged.yaml -o other.db
has_only sweep.yaml judged.yaml judged.db
rm judged.yaml judged.db

# A --set wins over what the sweep varies: a warning, as all points are the same then.
runs 0 "$SYNFIN" sweep sweep.yaml -o set.db --set links.wan.both.loss.p=3%
complains '^sweep\.yaml: warning: --set links\.wan\.both\.loss\.p=3% wins over the sweep.s values of links\.wan\.both\.loss\.p'
answers "SELECT DISTINCT text FROM parameters WHERE path = 'links.wan.both.loss.p'" 3% set.db
runs 0 "$SYNFIN" check sweep.yaml --set links.wan.both.delay.time=3ms
says '^warning: --set links\.wan\.both\.delay\.time=3ms wins over the sweep.s values of links\.wan\.both\.delay\.time'
rm set.db
sed 's/both\.loss/forward.loss/g' sweep.yaml >forward.yaml
runs 0 "$SYNFIN" sweep forward.yaml -o set.db --set links.wan.both.loss.p=3%
complains 'wins over the sweep.s values of links\.wan\.forward\.loss\.p'
answers "SELECT DISTINCT text FROM parameters WHERE path = 'links.wan.forward.loss.p'" 3% set.db
rm set.db
runs 0 "$SYNFIN" sweep forward.yaml -o set.db --set links.wan.backward.loss.p=3%
is 'no warning' sh -c "! grep -q warning '$work/err'"
rm set.db forward.yaml

# Another sweep's database, and what is no database, stay as they are.
runs 0 "$SYNFIN" sweep sweep.yaml -o sweep.db
cp sweep.db before.db
runs 2 "$SYNFIN" sweep sweep.yaml -o sweep.db --seed 2
complains '^sweep\.db: error: it holds another sweep; give another name with -o, or remove it\. What differs:$'
complains '^    seed is 1 there, 2 here$'
runs 2 "$SYNFIN" sweep sweep.yaml -o sweep.db --set links.wan.forward.loss.p=1%
complains '^    links\.wan\.forward\.loss\.p is not set there, 1% here$'
sed 's/20%/21%/' sweep.yaml >other.yaml
runs 2 "$SYNFIN" sweep other.yaml -o sweep.db
complains '^    links\.wan\.both\.loss\.p at point 3 is 20% there, 21% here$'
is 'it is as it was' cmp sweep.db before.db
sed '/^name:/d' sweep.yaml >renamed.yaml
echo 'name: another name for the same' >>renamed.yaml
cp sweep.db renamed.db
runs 0 "$SYNFIN" sweep renamed.yaml -o renamed.db
answers "SELECT value FROM meta WHERE key = 'name'" 'another name for the same' renamed.db
rm -f renamed.yaml renamed.db*
runs 2 "$SYNFIN" sweep sweep.yaml -o other.yaml
complains '^other\.yaml: error: it is no database; give the name of one that .synfin sweep. made$'
is 'it is as it was' grep -q 21% other.yaml

# Until intervals are narrow: only points that need them have more replications. A quantile at a gap never gets there,
# nor does a mean that is the same in all replications.
narrow()
{
    scenario until.yaml 100 "sweep: {replications: {until: {$1}, min: 4, max: $2}, vary: {links.wan.both.loss.p: [$3]}}"
}
goals='setup.p99: 2%, setup: 30%'
narrow "$goals" 40 '0, 0.5%, 10%'
runs 0 "$SYNFIN" sweep until.yaml -o until.db -j 1
says '^set-up latency .* 95 % interval of the mean, .*; widened for 7 looks$'
says '^ +0 +40 +4,000 +0 +20 ms +0 '
complains '^until\.yaml: setup at 0: 20 ms in each of 40 replications: what is rare may not have come yet$'
says '^ +0\.5 % +40 +4,000 '
complains '^until\.yaml: setup\.p99 at 0\.5 %: .* after 40 replications, .*; it spans a gap of the distribution, 20 ms '
complains '^until\.db: [0-9]+ runs \(3 points, [0-9]+ to 40 replications\), [0-9]+ made now$'
answers "SELECT value FROM meta WHERE key IN ('looks', 'replications') ORDER BY key" \
    '7 until setup.p99 2%, setup 30%, min 4, max 40' until.db
answers 'SELECT round(t95, 3) FROM student_t WHERE degrees_of_freedom = 9' 3.462 until.db
runs 0 "$SYNFIN" compare until.db:loss=0.5% until.db:loss=10% --metric setup
says '^Intervals decided on the number of replications \(until\): all of this holds for 7 looks at once '
runs 0 "$SYNFIN" export until.db -o whole.csv
quiet err
# Looks that decided on replications count for good, whatever is asked for later; so do the runs that are there.
cp until.db fewer.db
for replications in 2 '{until: {setup: 90%}, min: 4, max: 6}'; do
    sed "s/replications: {until.*max: 40}/replications: $replications/" until.yaml >fewer.yaml
    runs 0 "$SYNFIN" sweep fewer.yaml -o fewer.db
    says '; widened for 7 looks$'
    complains '^fewer\.db: [0-9]+ runs \(3 points, [0-9]+ to 40 replications\), 0 made now$'
    answers "SELECT value FROM meta WHERE key = 'looks'" 7 fewer.db
    answers 'SELECT round(t95, 3) FROM student_t WHERE degrees_of_freedom = 9' 3.462 fewer.db
    runs 0 "$SYNFIN" compare fewer.db:loss=0.5% fewer.db:loss=10% --metric setup
    says 'all of this holds for 7 looks at once \(Bonferroni\)\.$'
done
rm fewer.yaml fewer.db
# One that is not finished is told, at its first look and at a later one.
for replication in 3 5; do
    if command -v sqlite3 >/dev/null; then
        cp until.db part.db
        sqlite3 part.db "DELETE FROM runs WHERE point = 1 AND replication >= $replication"
        runs 0 "$SYNFIN" export part.db
        complains '^part\.db: the sweep is not finished, 1 run is missing; its command goes on$'
        rm part.db
    else
        skipped=$((skipped + 2))
    fi
done
# As many with several workers; after any interruption the same: wherever it was, it goes on.
for workers in 1 3; do
    for wait in 0.05 0.15 0.3 0.5; do
        "$SYNFIN" sweep until.yaml -o stopped.db -j $workers >/dev/null 2>&1 &
        sleep $wait
        kill -KILL $! 2>/dev/null || :
        wait $! 2>/dev/null || :
    done
    runs 0 "$SYNFIN" sweep until.yaml -o stopped.db -j $workers
    runs 0 "$SYNFIN" export stopped.db -o stopped.csv
    is "the same results with $workers workers" cmp whole.csv stopped.csv
    rm stopped.db stopped.csv
done
# More may be asked for later: nothing is made again, and all is as if it had been asked for at first.
narrow "$goals" 60 '0, 0.5%, 10%'
runs 0 "$SYNFIN" sweep until.yaml -o until.db
complains ', [34][0-9] made now$'
runs 0 "$SYNFIN" sweep until.yaml -o at-once.db
runs 0 "$SYNFIN" export until.db -o whole.csv
runs 0 "$SYNFIN" export at-once.db -o at-once.csv
is 'the same as at once' cmp whole.csv at-once.csv
# Goals that can never be met end at the most.
narrow "$goals" 6 '100%'
runs 0 "$SYNFIN" sweep until.yaml -o never.db
complains '^until\.yaml: setup at 100 %: no values, no interval after 6 replications$'
for goal in setup.max events wall_s links.lan.forward.lost workloads.churn.setup; do
    narrow "$goal: 2%" 20 '1%'
    runs 2 "$SYNFIN" sweep until.yaml -o other.db
done
complains '^until\.yaml: error: sweep\.replications\.until: workloads\.churn\.setup: there is one workload only; '
rm never.db at-once.db until.db whole.csv at-once.csv
rm until.yaml
runs 1 "$SYNFIN" sweep sweep.yaml -o nowhere/sweep.db
complains '^nowhere/sweep\.db: error: it cannot be written: No such file or directory; name a file in a folder'
has_only sweep.yaml sweep.db before.db other.yaml

finish command_sweep
