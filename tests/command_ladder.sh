#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin ladder: which connection, which format, and what it says where there is nothing to draw.
. "${top_srcdir:?run it by make check}/tests/command.sh"

scenario a.yaml 200
lossy='links.wan.both.loss.p=20%'

# Which connection.
runs 0 "$SYNFIN" ladder a.yaml
says '^a test: connection churn:0, closed$'
runs 0 "$SYNFIN" ladder a.yaml --connection 7
says '^a test: connection churn:7, closed$'
cp "$work/out" seven
runs 0 "$SYNFIN" ladder a.yaml --connection churn:7
is 'the same by its full name' cmp -s seven "$work/out"
rm seven
runs 0 "$SYNFIN" run a.yaml --set $lossy --connections rows.csv -q
slowest=$(tail -n +2 rows.csv | sort -t, -k4,4nr -k10,10nr -k3,3n | head -1 | cut -d, -f1)
runs 0 "$SYNFIN" ladder a.yaml --set $lossy --slowest
says "^a test: connection churn:$slowest, closed$"
rm rows.csv
runs 0 "$SYNFIN" ladder a.yaml --set links.wan.both.loss.p=100% --set workloads.churn.connect_timeout=2s --failed --explain
says '^a test: connection churn:0, timeout$'
says '^1\. 0\.000 s: the application of the client opens the connection \(RFC 9293 3\.10\.1\)'
says 'lost: links\.wan\.forward loss bernoulli'

# The fate of a connection is that of the whole run: seed and replication change it, other connections do not.
runs 0 "$SYNFIN" ladder a.yaml --set $lossy --connection 20 --explain
cp "$work/out" first
runs 0 "$SYNFIN" ladder a.yaml --set $lossy --connection 20 --explain --set workloads.churn.connections=21
is 'fewer connections change nothing' cmp -s first "$work/out"
runs 0 "$SYNFIN" ladder a.yaml --set $lossy --connection 20 --explain --replication 3
is 'another replication changes it' [ "$(cat first)" != "$(cat "$work/out")" ]
rm first

# Formats.
runs 0 env LC_ALL=C "$SYNFIN" ladder a.yaml
is 'a plain terminal gets ASCII' [ -z "$(LC_ALL=C tr -d ' -~\n' <"$work/out")" ]
runs 0 env LC_ALL=C.UTF-8 "$SYNFIN" ladder a.yaml
says '─ SYN SEQ 0 ─'
for ending in txt svg png; do
    [ $ending != png ] || command -v rsvg-convert >/dev/null || { skipped=$((skipped + 3)); continue; }
    runs 0 "$SYNFIN" ladder a.yaml -o a.$ending
    quiet out
    is "there is a $ending" [ -s a.$ending ]
done
is 'text in a file is UTF-8' grep -q '─ SYN SEQ 0 ─' a.txt
is 'an SVG' grep -q '^<svg ' a.svg
if command -v rsvg-convert >/dev/null; then
    is 'a PNG' [ "$(head -c 4 a.png | tail -c 3)" = PNG ]
fi
rm -f a.txt a.svg a.png
mkdir empty
runs 1 env PATH="$PWD/empty" "$SYNFIN" ladder a.yaml -o a.png
complains 'rsvg-convert is not there; install it \(Debian: librsvg2-bin\)'
rmdir empty
has_only a.yaml

# What is wrong.
runs 2 "$SYNFIN" ladder a.yaml -o a.pdf
complains '^-o a\.pdf: error: not a picture.s name; it ends in \.svg, \.png or \.txt$'
runs 2 "$SYNFIN" ladder a.yaml --explain -o a.svg
complains '^-o a\.svg: error: --explain writes text; let the name end in \.txt$'
runs 2 "$SYNFIN" ladder a.yaml --connection x
complains '^--connection x: error: not a connection.s number'
runs 2 "$SYNFIN" ladder a.yaml --connection churm:1
complains "^--connection churm:1: error: 'churm' is not a workload; did you mean 'churn'"
runs 2 "$SYNFIN" ladder a.yaml --connection 200
complains '^--connection 200: error: there is none; churn has 200, from 0 to 199$'
runs 2 "$SYNFIN" ladder a.yaml --connection 99999999999999999999
complains '^--connection 99999999999999999999: error: there is none; churn has 200'
runs 1 "$SYNFIN" ladder a.yaml --set workloads.churn.start=2s --set stop=1s
complains '^a\.yaml: error: churn opened no connection$'
runs 1 "$SYNFIN" ladder a.yaml --failed
complains 'no connection failed; --slowest draws the one that took longest'
runs 1 "$SYNFIN" ladder a.yaml --set hosts.client.addresses=1 --set hosts.client.ports=40000-40000 --failed
complains 'connection churn:1 sent nothing: no_port'
has_only a.yaml
sed 's/^  churn:/  other:/' a.yaml | sed -n '/^  other:/,$p' >other
cat other >>a.yaml
rm other
runs 2 "$SYNFIN" ladder a.yaml --connection 7
complains '^--connection 7: error: there are several workloads; say which, as in churn:7$'
runs 0 "$SYNFIN" ladder a.yaml --connection other:7
says '^a test: connection other:7, closed$'
finish command_ladder
