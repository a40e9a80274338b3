#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Files that models read are part of a sweep, by what they hold: a database made with other contents is refused.
. "${top_srcdir:?run it by make check}/tests/command.sh"

scenario plain.yaml 100 'sweep: {replications: 2, vary: {links.wan.both.loss.p: [1%, 10%]}}'
mkdir inputs
echo 10ms >inputs/delays.txt
echo 20ms >inputs/late.txt
seq -f '%gms' 1 100 >inputs/arrivals.txt
sed -e 's/delay: {[^}]*}/delay: {model: table, file: delays.txt}/' \
    -e 's/arrivals: {[^}]*}, connections: 100/arrivals: {model: file, path: arrivals.txt}, connections: 100/' \
    -e 's/vary: .*/vary: {links.wan.both.delay.file: [delays.txt, late.txt]}}/' plain.yaml >inputs/sweep.yaml
runs 0 "$SYNFIN" sweep inputs/sweep.yaml -o inputs.db
for name in delays late arrivals; do
    cp inputs.db before.db
    cp inputs/$name.txt kept.txt
    seq -f '%gms' 2 101 >inputs/$name.txt
    runs 2 "$SYNFIN" sweep inputs/sweep.yaml -o inputs.db
    complains "^    sha256 of $name\\.txt is [0-9a-f]{64} there, [0-9a-f]{64} here\$"
    is 'only that differs' [ "$(grep -c '^    ' "$work/err")" -eq 1 ]
    is 'it is as it was' cmp inputs.db before.db
    mv kept.txt inputs/$name.txt
done
# From another folder it is the same sweep.
runs 0 sh -c 'cd inputs && exec "$SYNFIN" sweep sweep.yaml -o ../inputs.db'
complains ' 0 made now$'
rm -r inputs inputs.db before.db
has_only plain.yaml

finish command_inputs
