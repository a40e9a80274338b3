#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin beside ns-3: installs what is missing, builds both sides, runs them in turn, prints medians and their ratios.
# `sh compare.sh [RUNS]`; a run of each takes half a minute.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
runs=${1:-3}
case $runs in
*[!0-9]* | 0 | '') echo "usage: compare.sh [RUNS]; a whole number of runs, 3 unless said" >&2; exit 2 ;;
esac
. "$top/tests/prepare.sh"

# shellcheck disable=SC2086,SC2154 # words, on purpose; set by prepare.sh
need $build_packages g++ libns3-dev libgsl-dev
build ns3 --prefix="$top/build/ns3/installed"
cd "$top/build/ns3"
make -s install >install.log 2>&1 || { cat install.log >&2; exit 1; }
mkdir -p beside
cp "$here"/Makefile "$here"/*.cc "$here"/*.h beside
cd beside
PKG_CONFIG_PATH=$top/build/ns3/installed/lib/pkgconfig LD_LIBRARY_PATH=$top/build/ns3/installed/lib
export PKG_CONFIG_PATH LD_LIBRARY_PATH
make -s

median()
{
    sort -g "$1" | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2 }'
}

# row WHAT RATE CONNECTIONS CONNECTIONS [held]: those of ns-3, then those of synfin
row()
{
    what=$1 rate=$2 few=$3 many=$4
    shift 4
    : >ns3.values
    : >synfin.values
    i=0
    while [ "$i" -lt "$runs" ]; do
        ./beside ns3 "$rate" "$few" "$@" >>ns3.values
        ./beside synfin "$rate" "$many" "$@" >>synfin.values
        i=$((i + 1))
    done
    awk -v what="$what" -v rate="$rate" -v few="$few" -v many="$many" -v a="$(median ns3.values)" \
        -v b="$(median synfin.values)" 'BEGIN {
            printf "| %s | %d | %d | %d | %.0f | %.0f | %.0f |\n", what, rate, few, many, a, b, a < b ? b / a : a / b }'
}

echo "| | arrivals/s | connections, ns-3 | connections, synfin | ns-3 | synfin | times |"
echo "|---|---|---|---|---|---|---|"
row 'connections/s' 100 4000 300000
row 'connections/s' 1000 8000 300000
row 'connections/s' 10000 10000 1000000
row 'bytes per open connection' 10000 10000 1000000 held
