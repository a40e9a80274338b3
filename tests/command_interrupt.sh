#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Ctrl-C: the run stops, says how far it came, prints what was measured so far, leaves no half-written file; status 130.
. "${top_srcdir:?run it by make check}/tests/command.sh"

scenario long.yaml 1000000000 'expect: [setup.p50 == 1h]'
for signal in INT TERM; do
    for form in '' --json; do
        command="synfin run long.yaml $form, stopped by $signal" status=0
        # shellcheck disable=SC2086 # words, on purpose
        timeout --preserve-status -s $signal -k 20 2 "$SYNFIN" run long.yaml $form --connections out.csv \
            >"$work/out" 2>"$work/err" </dev/null || status=$?
        is 'exit status 130' [ $status -eq 130 ]
        complains '^interrupted at [0-9.]+ s: [0-9,]+ of 1,000,000,000 connections over; '
        if [ "$form" ]; then
            says '"expect":\[\]'
            says '"peak_rss_mib":[0-9.]+\}$'
        else
            says '^setup +[1-9][0-9,]* +20\.000 '
        fi
        has_only long.yaml
    done
done

finish command_interrupt
