#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin compare: verdicts, limits for CI, points by their parameters, plots, what cannot be compared.
. "${top_srcdir:?run it by make check}/tests/command.sh"

verdicts='(higher|lower|no difference shown)'
# Every line of the table ends with a verdict, and no other line has one.
sound_table()
{
    is "$1 lines" [ "$(grep -Ec "^[a-z][a-z0-9_.]*  .*  $verdicts\$" "$work/out")" -eq "$1" ]
    is 'no verdict elsewhere' [ "$(grep -Eo "$verdicts" "$work/out" | wc -l)" -eq "$1" ]
}
# all_say VERDICT METRIC: all lines of that metric do.
all_say()
{
    is "$2: $1" [ "$(grep "^$2  " "$work/out" | sed -E "s/.*  $verdicts\$/\1/" | sort -u)" = "$1" ]
}

vary='vary: {links.wan.both.loss.p: [0, 5%], links.wan.both.delay.time: [10ms, 40ms]}'
scenario a.yaml 500 "sweep: {replications: 4, $vary}"
runs 0 "$SYNFIN" sweep a.yaml -o a.db
runs 0 "$SYNFIN" sweep a.yaml -o b.db --set hosts.server.tcp.synack_retries=3
runs 0 "$SYNFIN" sweep a.yaml -o seed2.db --seed 2

# The same differs by nothing at all, and no limit is broken.
runs 0 "$SYNFIN" compare a.db a.db --fail-if 'setup.mean > 0%' --fail-if 'setup.mean < 0ms'
quiet err
sound_table 20
says '^A  a\.db: a test, seed 1, synfin '
says '^B  a\.db: a test, seed 1, synfin '
says '^Replications in common: 4, with common random numbers; '
says '^Comparisons: 20\. '
says '^metric +wan loss each way, wan delay each way +A +B +B - A +95 % interval +of A +p +D +p of D +verdict on B$'
is 'exactly nothing' [ "$(grep -Ec ' +0 +\[0, 0\] +0 % +1 +0 +1 +no difference shown$' "$work/out")" -eq 20 ]

# A setting that never acts changes nothing; other numbers of the same differ by chance alone.
runs 0 "$SYNFIN" compare a.db b.db
all_say 'no difference shown' setup
complains '^A and B differ in hosts\.server\.tcp\.synack_retries: not set in A, 3 in B$'
is 'that alone' [ "$(wc -l <"$work/err")" -eq 1 ]
runs 0 "$SYNFIN" compare a.db seed2.db
says '^Replications: 4 and 4, with random numbers of their own; '
all_say 'no difference shown' setup
all_say 'no difference shown' lifetime
says '^setup +5 %, 10 ms +[0-9.]+ ms +[0-9.]+ ms +[+-][0-9.]+ ms +\[-[0-9.]+ ms, \+[0-9.]+ ms\] +[+-]'

# Two points of a database, by whole words of a path, or by the path; B against A.
runs 1 "$SYNFIN" compare a.db:loss=0 a.db:loss=5% --fail-if 'setup.mean > +2%' --fail-if 'setup.p99 > 1s' -o plots
sound_table 12
all_say higher setup
all_say higher setup.p99
says '^A  a\.db:loss=0: '
says '^metric +wan delay each way +A '
complains "^synfin compare: error: setup at 10 ms: B - A is \+[0-9.]+ ms \(\+[0-9]+ %\), fails 'setup\.mean > \+2%'\$"
complains "^synfin compare: error: setup at 40 ms: "
is 'one limit is broken at both points' [ "$(grep -c '^synfin compare: error: ' "$work/err")" -ge 2 ]
is 'a plot a metric and point' [ "$(find plots -type f | wc -l)" -eq 10 ]
says '^plots/cdf-setup-0\.svg$'
is 'it names A' grep -q 'A: a.db:loss=0' plots/cdf-setup-0.svg
is 'it names B' grep -q 'B: a.db:loss=5%' plots/cdf-setup-0.svg
rm -r plots
runs 0 "$SYNFIN" compare a.db:links.wan.both.loss.p=0.05,delay=40ms a.db:links.wan.both.loss.p=0,delay=40ms \
    --metric setup,connections.opened --fail-if 'setup.mean > 0%' -o plots
is 'long words stand in the small print' grep -q '>A: a\.db:links\.wan\.both\.loss\.p=0\.05,delay=40ms · ' plots/cdf-setup.svg
is 'not in the legend' grep -q '>B<' plots/cdf-setup.svg
rm -r plots
sound_table 2
all_say lower setup
all_say 'no difference shown' connections.opened
says '^metric +A +B '
runs 1 "$SYNFIN" compare a.db:loss=5% a.db:loss=0 --metric setup --fail-if 'setup.mean < -50%'
runs 0 "$SYNFIN" compare a.db:loss=5% a.db:loss=0 --metric setup --fail-if 'setup.mean < -99.9%'
runs 0 "$SYNFIN" compare a.db:delay=10ms a.db:delay=40ms --metric setup -o plots --format txt
is 'drawn as text' grep -q 'How long does it take to set up a connection' plots/cdf-setup-0.txt
rm -r plots

# Other scenarios: what both have is compared, the rest is listed.
scenario c.yaml 500 'sweep: {replications: 4, vary: {links.wan.both.delay.time: [0.04s, 70ms]}}'
runs 0 "$SYNFIN" sweep c.yaml -o c.db
runs 0 "$SYNFIN" compare a.db c.db --metric setup
sound_table 1
says '^setup +0, 40 ms +80 ms +80 ms +0 +\[0, 0\] +0 % +1 +0 +1 +no difference shown$'
says '^only in A: wan loss each way, wan delay each way: 5 %, 10 ms$'
says '^only in B: wan delay each way: 70 ms$'

# Rare failures, of which both may have none at a point.
scenario d.yaml 500 'sweep: {replications: 4, vary: {links.wan.both.loss.p: [0, 10%, 40%]}}'
runs 0 "$SYNFIN" sweep d.yaml -o d.db --set hosts.client.tcp.syn_retries=1
runs 0 "$SYNFIN" sweep d.yaml -o e.db --set hosts.client.tcp.syn_retries=4
runs 1 "$SYNFIN" compare d.db e.db --fail-if 'connections.failed.timeout < 0' --fail-if 'setup.mean > 1ms'
is 'two points had failures, three are asked about' [ "$(grep -c '^connections.failed.timeout  ' "$work/out")" -eq 3 ]
says '^connections\.failed\.timeout +40 % +[0-9.]+ +[0-9.]+ +-[0-9.]+ +\[-[0-9.]+, -[0-9.]+\] +-[0-9.]+ % +.* lower$'
complains "^synfin compare: error: connections\.failed\.timeout at 40 %: B - A is -"
runs 0 "$SYNFIN" compare d.db e.db
is 'not where there were none' [ "$(grep -c '^connections.failed.timeout  ' "$work/out")" -eq 2 ]

# One replication shows nothing, but a limit can still be broken.
scenario one.yaml 500 'sweep: {vary: {links.wan.both.loss.p: [0, 30%]}}'
runs 0 "$SYNFIN" sweep one.yaml -o one.db
runs 1 "$SYNFIN" compare one.db:loss=0 one.db:loss=30% --metric setup --fail-if 'setup.mean > 10%'
says '^One replication: no interval can be given; it takes two replications or more of both\.$'
says '^setup +20 ms +[0-9.]+ m?s +\+[0-9.]+ m?s +- +\+[0-9]+ % +- .* no difference shown$'
sound_table 1

# A side on which nothing is set up breaks every limit.
scenario dead.yaml 50 'sweep: {replications: 2, vary: {links.wan.both.loss.p: [0, 100%]}}'
runs 0 "$SYNFIN" sweep dead.yaml -o dead.db
runs 1 "$SYNFIN" compare dead.db:loss=0 dead.db:loss=100% --metric setup --fail-if 'setup.mean > 1000%'
complains "^synfin compare: error: setup: dead\.db:loss=100% has no values, fails 'setup\.mean > 1000%'\$"
sound_table 1

# What cannot be.
runs 2 "$SYNFIN" compare a.db
complains '^synfin compare: error: the second of two databases is missing$'
runs 2 "$SYNFIN" compare a.db a.yaml
complains '^a\.yaml: error: it is no database; '
runs 2 "$SYNFIN" compare a.db nowhere.db:loss=1%
complains '^nowhere\.db:loss=1%: error: unable to open database file: No such file or directory$'
runs 2 "$SYNFIN" compare a.db:loss=7% a.db:loss=0
complains '^a\.db:loss=7%: error: no point with runs is like that; there are links\.wan\.both\.loss\.p=0, 5%$'
runs 2 "$SYNFIN" compare a.db:rate=7 a.db
complains "^a\.db:rate=7: error: its sweep does not vary 'rate'; it varies links\.wan\.both\.loss\.p, links\..*\.time\$"
runs 2 "$SYNFIN" compare a.db:wan=0 a.db
complains "^a\.db:wan=0: error: 'wan' may be several parameters; give the whole path: "
runs 2 "$SYNFIN" compare a.db:loss a.db
complains "^a\.db:loss: error: 'loss' is no condition; write DATABASE:KEY=VALUE, such as "
runs 2 "$SYNFIN" compare a.db:loss=0 a.db
complains '^a\.db: error: 0, 10 ms and 5 %, 10 ms would both be compared with one point of the other side; '
runs 2 "$SYNFIN" compare a.db:loss=0,delay=10ms a.db:delay=40ms,loss=5% --metric setpu
complains "^--metric setpu: error: .*did you mean 'setup'"
runs 2 "$SYNFIN" compare a.db a.db --metric setup.max
complains "^--metric setup\.max: error: 'setup\.max' has no interval; there are means "
runs 2 "$SYNFIN" compare a.db a.db --metric response
complains "^a\.db, a\.db: error: neither has values of 'response' at the points compared\$"
runs 2 "$SYNFIN" compare a.db a.db --fail-if 'links.lan.forward.lost > 3'
complains "^a\.db: error: there is no count 'links\.lan\.forward\.lost' in it; "
runs 2 "$SYNFIN" compare a.db a.db --fail-if 'setup.mean >> 2%'
complains '^--fail-if setup\.mean >> 2%: error: it is no limit to a difference; '
for limit in setup.mean 'setup.mean == 2%' 'setup.mean > fast' 'setup.mean > 5'; do
    runs 2 "$SYNFIN" compare a.db a.db --fail-if "$limit"
    complains "^--fail-if $limit: error: "
    quiet out
done
runs 2 "$SYNFIN" compare a.db d.db:loss=10%
complains '^a\.db: error: 0, 10 ms and 5 %, 10 ms would both be compared '
runs 2 "$SYNFIN" compare a.db:delay=10ms,loss=5% one.db
complains '^one\.db: error: 0 and 30 % would both be compared with one point of the other side; '
scenario far.yaml 5 'sweep: {vary: {links.wan.both.delay.time: [1s, 2s]}}'
runs 0 "$SYNFIN" sweep far.yaml -o far.db
runs 2 "$SYNFIN" compare c.db far.db
complains '^c\.db, far\.db: error: no point of one has the parameters of a point of the other; '
runs 1 "$SYNFIN" compare a.db a.db -o no/where
complains '^no/where: error: the folder cannot be made: No such file or directory$'

finish command_compare
