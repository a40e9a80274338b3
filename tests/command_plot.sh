#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin plot: a picture of each entry, the same bytes each time; the table of missed connections; what cannot be drawn.
. "${top_srcdir:?run it by make check}/tests/command.sh"

if ! command -v gnuplot >/dev/null; then
    skipped=1
    finish command_plot
fi

# Every connection loses its first SYN+ACK, at 30 % further ones; every kind of plot.
cat >all.yaml <<'END'
name: "it's a \"test\" 5 % {x} #1"
series: 20ms
hosts:
  client: {addresses: 16}
  server: {listen: {port: 80, backlog: 65536}}
links:
  wan:
    forward:
      queue: {model: droptail, rate: 500kbit/s, limit: 50}
      delay: {model: constant, time: 10ms}
    backward:
      loss: [{model: script, segments: [syn_ack:1]}, {model: bernoulli, p: 0}]
      delay: {model: constant, time: 10ms}
workloads:
  churn:
    {from: client, to: server, over: wan, arrivals: {model: constant, rate: 1000/s}, connections: 500, close: client}
sweep:
  replications: 3
  vary:
    links.wan.backward.loss.1.p: [0, 30%]
    links.wan.backward.delay.time: [10ms, 20ms]
plots:
  - kind: cdf
    metric: setup
    by: links.wan.backward.loss.1.p
    measured: [{file: kernel.csv, label: "it's measured"}]
  - {kind: miss, metric: setup, title: "What's missed at 5 %?"}
  - {kind: histogram, metric: lifetime}
  - kind: line
    metric: setup
    statistic: [mean, p99]
    x: links.wan.backward.loss.1.p
    by: links.wan.backward.delay.time
  - {kind: line, metric: segments.backward.lost, x: links.wan.backward.delay.time}
  - {kind: heat, metric: setup, statistic: p90, x: links.wan.backward.loss.1.p, by: links.wan.backward.delay.time}
  - {kind: states}
  - {kind: series}
END
printf 'bin_ms,count\n1020,90\n2020,10\n' >kernel.csv
runs 0 "$SYNFIN" sweep all.yaml -o all.db
# The database holds all that plots need.
rm all.yaml kernel.csv

pictures='cdf-setup histogram-lifetime line-setup line-segments.backward.lost heat-setup miss-setup
    states states-2 states-3 states-4 series series-2 series-3 series-4'
for format in svg png txt; do
    for folder in one two; do
        runs 0 "$SYNFIN" plot all.db -o $folder --format $format
        quiet err
    done
    for picture in $pictures; do
        is "$picture.$format is there" [ -s "one/$picture.$format" ]
        is "$picture.$format: the same bytes again" cmp "one/$picture.$format" "two/$picture.$format"
        says "^two/$picture\.$format\$"
    done
done
is 'nothing else is there' [ "$(find one -type f | wc -l)" -eq "$(($(echo "$pictures" | wc -w) * 3))" ]
for picture in $pictures; do
    is "$picture.svg is whole" [ "$(grep . "one/$picture.svg" | tail -n 1)" = '</svg>' ]
    is "$picture.svg names scenario, seed and version" \
        grep -q 'it.s a "test" 5 % {x} #1 .* seed 1 .* 3 replications .* synfin [0-9]' "one/$picture.svg"
done
is 'PNG it is' [ "$(head -c 8 one/cdf-setup.png | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ]
is 'the legend tells the parameters' grep -q 'wan loss 1 backward' one/cdf-setup.svg
is 'and their values' grep -q '>30 %<' one/cdf-setup.svg
is 'what by does not name has a panel for each value' [ "$(grep -cE '>(10|20) ms<' one/cdf-setup.svg)" -eq 2 ]
is 'and is told above them' grep -q 'by wan delay backward' one/cdf-setup.svg
is 'without by few curves stay together' grep -q '30 %, 20 ms' one/miss-setup.svg
is 'measured values are drawn' grep -q 'it.s measured' one/cdf-setup.svg
is 'the title of the entry' grep -q 'What.s missed at 5 %?' one/miss-setup.svg
is 'intervals are told' grep -q "95 % intervals (Student.s t over replications)" one/line-setup.svg

# Connections of 10 ms each way are there after 1.02 s, of 10 and 20 ms after 1.03 s.
says '^setup: which connections does a timeout miss\?$'
says '^timeout +0, 10 ms +0, 20 ms +30 %, 10 ms +30 %, 20 ms$'
says '^1 s +100 % +100 % +100 % +100 %$'
says '^5 s +0 +0 +[0-9.]+ % +[0-9.]+ %$'

# Text without a folder goes to standard output.
runs 0 "$SYNFIN" plot all.db --format txt
says 'How long does it take to set up a connection'
says 'time from the first SYN until the client is ESTABLISHED'
has_only all.db one two
rm -r one two

# Small multiples: a panel for each value of what neither x nor by names; parameters that move together are one.
scenario panels.yaml 50 'sweep:
  vary:
    links.wan.both.loss.p: [0, 13%, 23%]
    links.wan.both.delay.time: [13ms, 23ms, 53ms]
  together: [{hosts.client.tcp.syn_retries: [6, 2], hosts.server.tcp.synack_retries: [5, 3]}]
plots:
  - {kind: cdf, by: links.wan.both.loss.p, theory: true}
  - {kind: miss}
  - {kind: line, statistic: [mean, p99], x: links.wan.both.loss.p, by: hosts.client.tcp.syn_retries}
  - {kind: line, metric: segments.forward.syn, x: hosts.client.tcp.syn_retries, by: links.wan.both.delay.time}
  - {kind: heat, x: links.wan.both.loss.p, by: links.wan.both.delay.time}'
runs 0 "$SYNFIN" sweep panels.yaml -o panels.db
runs 0 "$SYNFIN" plot panels.db -o panels
quiet err
# panels FILE N NAMES VALUES: so many panels, told above them, each under such values.
panels()
{
    is "$1 has $2 panels" [ "$(grep -cE ">$4<" "panels/$1.svg")" -eq "$2" ]
    is "$1 tells what they are" grep -q ">$3<" "panels/$1.svg"
}
both='client syn_retries, server synack_retries'
panels cdf-setup 6 "by wan delay each way, $both" '[125]3 ms, (6, 5|2, 3)'
is 'each with its theory' [ "$(grep -c '>theory off' panels/cdf-setup.svg)" -eq 18 ]
panels miss-setup 9 'by wan loss each way, wan delay each way' '(0|[12]3 %), [125]3 ms'
is 'and its curves are the last parameters' [ "$(grep -cE '>(6, 5|2, 3)<' panels/miss-setup.svg)" -eq 2 ]
panels line-setup 3 'by wan delay each way' '[125]3 ms'
is 'lines by syn_retries' [ "$(grep -cE '>(mean|p99), (6, 5|2, 3)<' panels/line-setup.svg)" -eq 4 ]
panels line-segments.forward.syn 2 'by wan loss each way' '[12]3 %' # and one of 0
panels heat-setup 2 "mean, by $both" '(6, 5|2, 3)'
# Of many points the table has a row each.
says '^ +timeout +100 ms +200 ms .* 60 s$'
says '^ +0, 13 ms, 6, 5 +0 +0 '
runs 0 "$SYNFIN" plot panels.db --format txt
says 'by wan delay each way, client syn_retries, server synack_retries'
rm -r panels panels.db panels.yaml

# Of more panels than can be drawn the first ones are.
scenario many.yaml 5 'sweep: {vary: {links.wan.both.loss.p: {from: 1%, to: 60%, steps: 60}}}
plots: [{kind: histogram}]'
runs 0 "$SYNFIN" sweep many.yaml -o many.db
runs 0 "$SYNFIN" plot many.db -o many
is 'it says how many' grep -q ' 48 of 60 panels' many/histogram-setup.svg
is 'and draws them' [ "$(grep -cE '>[0-9]+ %<' many/histogram-setup.svg)" -ge 48 ]
is 'but no more' sh -c '! grep -q ">49 %<" many/histogram-setup.svg'
rm -r many many.db many.yaml

# Without `plots:` the usual ones, and one curve without a sweep.
scenario plain.yaml 100
runs 0 "$SYNFIN" sweep plain.yaml -o plain.db
runs 0 "$SYNFIN" plot plain.db -o usual
quiet err
is 'three pictures' [ "$(cd usual && echo *)" = 'cdf-setup.svg histogram-setup.svg miss-setup.svg' ]
rm -r usual

# Connections that fail are never there: with one SYN each, half of them lost, no timeout reaches them.
scenario half.yaml 1000 'plots: [{kind: miss}]'
runs 0 "$SYNFIN" sweep half.yaml -o half.db --set links.wan.forward.loss.p=50% \
    --set "links.wan.forward.loss.only=[syn]" --set hosts.client.tcp.syn_retries=0
missed=$(awk 'NR == 4 { print $2 / 10 }' "$work/out")
runs 0 "$SYNFIN" plot half.db -o out
says '^100 ms +(4[3-9]|5[0-7])(\.[0-9])? %$'
says "^60 s +$missed %\$"
rm -r half.yaml half.db out

# What cannot be.
runs 2 "$SYNFIN" plot plain.db --format gif
complains "^--format gif: error: 'gif' is not a format; choose from svg, png, txt\$"
runs 2 "$SYNFIN" plot plain.yaml
complains '^plain\.yaml: error: it is no database; give the name of one that .synfin sweep. made$'
runs 2 "$SYNFIN" plot nowhere.db
complains '^nowhere\.db: error: unable to open database file: No such file or directory$'
runs 1 "$SYNFIN" plot plain.db -o no/where
complains '^no/where: error: the folder cannot be made: No such file or directory$'
scenario still.yaml 100 'plots: [{kind: states}]'
runs 0 "$SYNFIN" sweep still.yaml -o still.db
runs 1 "$SYNFIN" plot still.db -o out
complains '^still\.db: error: plots: entry 1 \(states\): there are no samples; set .series: 100ms. in the scenario '
is 'no picture of it' [ -z "$(ls out)" ]
# What has no values does not keep the others from being drawn.
scenario some.yaml 100 'sweep: {vary: {links.wan.both.loss.p: [0, 5%]}}' 'plots:
  - {kind: states}
  - {kind: line, metric: response, x: links.wan.both.loss.p}
  - {kind: cdf}'
runs 0 "$SYNFIN" sweep some.yaml -o some.db
runs 1 "$SYNFIN" plot some.db -o some
complains '^some\.db: error: plots: entry 1 \(states\): there are no samples; '
complains '^some/states-2\.svg is not drawn$'
complains '^some\.db: error: plots: entry 2 \(line\): response has no values in these results; plot another metric$'
complains '^some/line-response\.svg is not drawn$'
says '^some/cdf-setup\.svg$'
is 'one picture' [ "$(cd some && echo *)" = 'cdf-setup.svg' ]
rm -r some

runs 1 env PATH=/nowhere "$SYNFIN" plot plain.db -o out
complains '^synfin plot: error: gnuplot cannot be started: .*; install it \(Debian: gnuplot-nox\)$'
is 'no picture of it' [ -z "$(ls out)" ]
mkdir bin
printf '#!/bin/sh\ncat >/dev/null\necho half a picture\nexit 3\n' >bin/gnuplot
chmod +x bin/gnuplot
runs 1 env PATH="$PWD/bin:$PATH" "$SYNFIN" plot plain.db -o out
complains '^synfin plot: error: gnuplot failed$'
is 'no picture of it' [ -z "$(ls out)" ]
scenario lost.yaml 10 'plots: [{kind: cdf, measured: [{file: nowhere.csv, label: x}]}]'
runs 1 "$SYNFIN" sweep lost.yaml -o lost.db
complains '^lost\.yaml: error: plots: cannot read the measured distribution nowhere\.csv; '
is 'no database of it' [ ! -e lost.db ]

finish command_plot
