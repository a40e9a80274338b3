#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The gallery's pictures, which the README shows, are those that this build draws: `make gallery` draws them anew.
. "${top_srcdir:?run it by make check}/tests/command.sh"

for scenario in "$top_srcdir"/experiments/gallery/*.yaml; do
    picture=${scenario%.yaml}.svg
    runs 0 "$SYNFIN" ladder "$scenario" -o fresh.svg
    is "${picture##*/} is current" cmp -s fresh.svg "$picture"
done
is 'every picture has its scenario' [ "$(find "$top_srcdir/experiments/gallery" -name '*.svg' | wc -l)" -eq \
    "$(find "$top_srcdir/experiments/gallery" -name '*.yaml' | wc -l)" ]
finish gallery_current
