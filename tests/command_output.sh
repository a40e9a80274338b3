#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Output that cannot be written: exit status 1, the reason, and no half-written file under the final name.
. "${top_srcdir:?run it by make check}/tests/command.sh"

scenario a.yaml 2000
for option in --connections --trace --pcap; do
    runs 1 "$SYNFIN" run a.yaml $option missing/out
    complains '^missing/out: error: cannot be written: No such file or directory$'
    quiet out
    runs 1 "$SYNFIN" run a.yaml $option .
    complains '^\.: error: cannot be written: Is a directory$'
    if [ -w /dev/full ]; then
        runs 1 "$SYNFIN" run a.yaml $option /dev/full
        complains '^/dev/full: error: cannot be written: No space left on device$'
    else
        skipped=$((skipped + 2))
    fi
    runs 0 "$SYNFIN" run a.yaml $option out
    is 'the file is there' [ -s out ]
    has_only a.yaml out
    rm out
done

# One that fails takes no other with it, and what was there before stays.
echo before >old
if [ -w /dev/full ]; then
    runs 1 "$SYNFIN" run a.yaml --connections old --trace /dev/full
    complains '^/dev/full: error: cannot be written: No space left on device$'
    is 'the other file is complete' [ "$(wc -l <old)" -eq 2001 ]
fi

# A disk that is full: a file system of 256 KiB.
if [ "$(id -u)" -eq 0 ] && mkdir small && mount -t tmpfs -o size=256k none small 2>/dev/null; then
    trap 'umount "$work/here/small"; rm -rf "$work"' EXIT
    for option in --connections --trace --pcap; do
        echo before >small/out
        runs 1 "$SYNFIN" run a.yaml --set workloads.churn.connections=20000 $option small/out
        complains '^[^:]*small/out: error: cannot be written: No space left on device$'
        is 'the old file stays' [ "$(cat small/out)" = before ]
        is 'no other file is left' [ "$(ls -A small)" = out ]
    done
else
    skipped=$((skipped + 12))
fi
finish command_output
