#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Exact distributions: synfin run --theory, and `theory: true` in plots.
. "${top_srcdir:?run it by make check}/tests/command.sh"

# file NAME PLOTS: half of the connections go to a server that sends its SYN+ACK once.
file()
{
    cat >"$1" <<END
name: exact
hosts:
  client: {addresses: 80, profile: rfc9293}
  server: {profile: rfc9293, listen: {port: 80}}
  once: {profile: rfc9293, listen: {port: 80}, tcp: {synack_retries: 0}}
links:
  wan:
    forward: {delay: {model: constant, time: 10ms}}
    backward: {delay: {model: table, file: delays.txt}, loss: {model: bernoulli, p: 0}}
workloads:
  one:
    {from: client, to: server, over: wan, arrivals: {model: constant, rate: 9000/s}, connections: 20000, close: client}
  two:
    {from: client, to: once, over: wan, arrivals: {model: poisson, rate: 9000/s}, connections: 10000, close: client}
sweep:
  vary: {links.wan.backward.loss.p: [10%, 30%]}
plots: $2
END
}
echo '10ms 3
50ms 1' >delays.txt

# ---- run -----------------------------------------------------------------------------------------------------------
file exact.yaml '[]'
runs 0 "$SYNFIN" run exact.yaml --theory --set links.wan.backward.loss.p=20%
quiet err
says '^theory +setup deviates by 0\.0[0-9]+ at most, 99\.9 % band 0\.011255: agrees$'
says '^  one +setup deviates by 0\.0[0-9]+ at most, 99\.9 % band 0\.013785: agrees$'
says '^  two +setup deviates by 0\.0[0-9]+ at most, 99\.9 % band 0\.019495: agrees$'
runs 0 "$SYNFIN" run exact.yaml --theory --json
is 'JSON has one a workload, and one of all' [ \
    "$(grep -Ec '"theory":\{"max_deviation":[0-9.e-]+,"band":0\.01[0-9]+,"agrees":true\}' "$work/out")" -eq 3 ]
runs 0 "$SYNFIN" run exact.yaml --json
is 'only where it is asked for' sh -c "! grep -q theory '$work/out'"

queue='links.wan.forward.queue'
runs 0 "$SYNFIN" run exact.yaml --theory --set $queue.model=droptail --set $queue.rate=1Gbit/s --set $queue.limit=9
says '^theory +not known: queue on wan: no closed form$'
runs 0 "$SYNFIN" run exact.yaml --theory --set $queue.model=droptail --set $queue.rate=1Gbit/s --set $queue.limit=9 \
    --json
says '"theory":\{"unknown":"queue on wan: no closed form"\}'
runs 0 "$SYNFIN" run exact.yaml --theory --set workloads.one.port=81
says '^theory +not known: nothing listens at port 81 of server: connections are refused$'
says '^  two +setup deviates by .*: agrees$'

# ---- plots ---------------------------------------------------------------------------------------------------------
file wrong.yaml '[{kind: line, x: links.wan.backward.loss.p, theory: true}]'
runs 2 "$SYNFIN" check wrong.yaml
complains '^wrong\.yaml:17:9: error: theory is about the distribution of setup; draw it as kind: cdf or miss$'
file wrong.yaml '[{kind: cdf, metric: close, theory: true}]'
runs 2 "$SYNFIN" check wrong.yaml
file wrong.yaml '[{kind: cdf, theory: maybe}]'
runs 2 "$SYNFIN" check wrong.yaml
complains '^wrong\.yaml:17:29: error: '

if ! command -v gnuplot >/dev/null; then
    skipped=1
    finish command_theory
fi
file exact.yaml '[{kind: cdf}]'
runs 0 "$SYNFIN" sweep exact.yaml -o exact.db
runs 0 "$SYNFIN" plot exact.db -o before
# It may be asked for later: nothing is run again.
file exact.yaml '[{kind: cdf, theory: true}, {kind: miss, theory: true},
    {kind: cdf, metric: workloads.two.setup, theory: true}]'
runs 0 "$SYNFIN" sweep exact.yaml -o exact.db
complains '0 made now'
rm exact.yaml delays.txt
for folder in one two; do
    runs 0 "$SYNFIN" plot exact.db -o $folder
    quiet err
done
for picture in cdf-setup miss-setup cdf-workloads.two.setup; do
    is "$picture: two curves of theory, which agree" [ \
        "$(grep -Ec 'theory off [0-9.e-]+: in 99\.9 % band' one/$picture.svg)" -eq 2 ]
    is "$picture: the same bytes again" cmp one/$picture.svg two/$picture.svg
done
is 'without theory there is none' sh -c '! grep -q theory before/cdf-setup.svg'
finish command_theory
