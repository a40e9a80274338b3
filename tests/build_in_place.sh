#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A clone configured in place gives a command at its top that runs there, and git sees nothing new; tests/run.sh and
# experiments/demo.sh can still build elsewhere.
set -eu
: "${top_srcdir:?run it by make check}" "${CC:?}"
unset MAKEFLAGS MFLAGS MAKELEVEL
if ! git -C "$top_srcdir" rev-parse --git-dir >/dev/null 2>&1; then
    echo 'not a git work tree'
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone -q "$top_srcdir" "$work/clone"
cd "$work/clone"
autoreconf -fi >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
./configure -q CC="$CC" CFLAGS=-O0
make -s -j2 all
make -s -j2 check TESTS=tests/test_statistics >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
./synfin --version

new=$(git status --porcelain)
[ -z "$new" ] || { echo "git sees what a build makes:"; echo "$new"; exit 1; }

top=$work/clone
. "$top/tests/prepare.sh"
build elsewhere CFLAGS=-O0
"$top/build/elsewhere/synfin" --version
