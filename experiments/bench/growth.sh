#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: growth.sh [SYNFIN [MOST]]
# How a life cycle's time grows with connections (10,000 to MOST, 10,000,000 unless said), with hosts that share the
# same load, and with links on a path. Writes growth.csv and draws growth.svg, beside this script.
set -eu

synfin=${1:-synfin}
most=${2:-10000000}
case $most in
*[!0-9]* | '') most=0 ;;
esac
if [ "$most" -lt 100000 ]; then
    echo 'usage: growth.sh [SYNFIN [MOST]]; MOST in digits, 100000 at least' >&2
    exit 2
fi
folder=$(dirname "$0")

n=10000
cases=
while [ "$n" -le "$most" ]; do
    cases="$cases churn:$n"
    n=$((n * 10))
done
for n in 2 10 100 1000 10000; do
    cases="$cases hosts:$n"
done
for n in 1 2 4 8 16; do
    cases="$cases links:$n"
done

# One case a line, with the same members in the same order.
# shellcheck disable=SC2086 # each word is a case
"$synfin" bench --json $cases | awk '
    BEGIN { print "grows,n,connections,ns_per_lifecycle,lifecycles_per_s,p_ns,r_ns,lifecycle_per_p" }
    function member(name) {
        match($0, "\"" name "\":[^,}]*")
        value = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
        gsub("\"", "", value)
        return value
    }
    /"case":/ {
        name = member("case")
        if (name == "churn")
            name = "connections"
        print name "," member("size") "," member("connections") "," member("ns_per_lifecycle") "," \
            member("lifecycles_per_s") "," member("p_ns") "," member("r_ns") "," member("ratio")
    }' > "$folder/growth.csv.tmp"
[ "$(wc -l < "$folder/growth.csv.tmp")" -gt 1 ] || { rm "$folder/growth.csv.tmp"; exit 1; }
mv "$folder/growth.csv.tmp" "$folder/growth.csv"

gnuplot <<GNUPLOT
set terminal svg size 900,320 font 'sans-serif,12' background 'white'
set output '$folder/growth.svg'
set datafile separator ','
set multiplot layout 1,3
set logscale xy
set grid
set format x '10^{%T}'
set yrange [10:*]
set key off
set ylabel 'a life cycle, in P'
set xlabel 'connections'
plot '$folder/growth.csv' using (strcol(1) eq 'connections' ? \$2 : NaN):8 with linespoints pointtype 7
unset ylabel
set xlabel 'hosts, the same load in all'
plot '$folder/growth.csv' using (strcol(1) eq 'hosts' ? \$2 : NaN):8 with linespoints pointtype 7
set format x '%g'
set logscale x 2
set xlabel 'links on the path'
plot '$folder/growth.csv' using (strcol(1) eq 'links' ? \$2 : NaN):8 with linespoints pointtype 7
unset multiplot
GNUPLOT
