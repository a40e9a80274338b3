#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The table of rules and tests is what the tests say now, and every rule that a test names exists.
set -eu
: "${top_srcdir:?run it by make check}"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
sh "$top_srcdir/tests/rfc_table.sh" >"$new"
if ! diff "$top_srcdir/tests/RFC-RULES.md" "$new"; then
    echo 'to make it anew: make rfc-rules'
    exit 1
fi
