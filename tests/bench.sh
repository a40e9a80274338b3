#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin bench runs its cases and says what it measured. Nothing here depends on how fast the machine is.
. "${top_srcdir:?run it by make check}/tests/command.sh"

n='[1-9][0-9.e+]*'
row="\"connections\":2000,\"runs\":5,\"lifecycles_per_s\":$n,\"ns_per_lifecycle\":$n,\"events_per_s\":$n,"
row="$row\"bytes_per_open_connection\":$n,\"p_ns\":$n,\"r_ns\":$n,\"lifecycle_per_p\":$n,\"lifecycle_per_p_plus_r\":$n"
runs 0 "$SYNFIN" bench churn:2000 churn-loss:2000 --json
says "^ \{\"case\":\"churn\",$row\},$"
says "^ \{\"case\":\"churn-loss\",$row\}$"
runs 0 "$SYNFIN" bench crowd:20000
says '^crowd +20000 '
runs 2 "$SYNFIN" bench crowds
complains 'crowds: error: no such case; there are churn, churn-loss, crowd$'
runs 2 "$SYNFIN" bench churn:0
complains 'churn:0: error: bad number of connections; '
runs 2 "$SYNFIN" bench churn:1x
complains 'churn:1x: error: bad number of connections; '
finish bench
