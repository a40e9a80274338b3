#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# `make distcheck`: the archive holds all that a build out of tree from a read-only source takes, tests included;
# install, uninstall, DESTDIR and distclean do what Automake promises. All tests run from the archive with SYNFIN_LONG,
# the quick ones without.
set -eu
: "${top_srcdir:?run it by make check}" "${CC:?}"
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
"$top_srcdir/configure" -q CC="$CC" CFLAGS=-O1
tests=tests/test_statistics
[ -z "${SYNFIN_LONG:-}" ] || tests=$(make -s list-tests | tr ' ' '\n' | grep -v '^tests/build_' | tr '\n' ' ')
if ! make -s -j2 distcheck TESTS="$tests" DISTCHECK_CONFIGURE_FLAGS="CC='$CC' CFLAGS=-O1" >log 2>&1; then
    tail -n 60 log
    exit 1
fi
tail -n 3 log
