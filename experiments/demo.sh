#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The main experiment from nothing: installs what is missing, builds, and shows how loss changes TCP set-up latency.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/prepare.sh"

# shellcheck disable=SC2086,SC2154 # words, on purpose; set by prepare.sh
need $build_packages gnuplot-nox
build demo

scenario=experiments/loss-setup-latency.yaml
out=build/demo/results
cd "$top"
rm -rf "$out"
mkdir -p "$out"
PATH=$top/build/demo:$PATH

# Shows a command as one would type it, and runs it.
show()
{
    echo
    echo "\$ $*"
    "$@"
}

show synfin sweep "$scenario" -o "$out/results.db"
show synfin plot "$out/results.db" -o "$out"

# A connection that lost its SYN-ACK, found in the trace; any run can be repeated to look at one connection of it.
loss=links.wan.both.loss.p=5%
few=workloads.churn.connections=1000
synfin run "$scenario" --set $loss --set $few --trace "$out/trace.csv" -q >/dev/null
connection=$(awk -F, '$3 == "lost" && $8 == "syn_ack" { print $5; exit }' "$out/trace.csv")
show synfin ladder "$scenario" --set $loss --set $few --connection "$connection"
synfin ladder "$scenario" --set $loss --set $few --connection "$connection" -o "$out/lost-syn-ack.svg"

echo
echo "In $out:"
(cd "$out" && for file in *; do echo "    $file"; done)
echo "The command is build/demo/synfin; README.md goes on from here."
