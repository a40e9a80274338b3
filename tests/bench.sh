#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin bench runs its cases and says what it measured. Nothing here depends on how fast the machine is.
. "${top_srcdir:?run it by make check}/tests/command.sh"

n='[1-9][0-9.e+]*'
times="\"lifecycles_per_s\":$n,\"ns_per_lifecycle\":$n,\"events_per_s\":$n,\"ns_per_event\":$n,\"ns_per_segment\":$n"
pr="\"p_ns\":$n,\"r_ns\":$n"
no_churn='"lifecycle_over_churn":null,"lifecycle_over_churn_limit":null'
runs 0 "$SYNFIN" bench churn:2000 crowd:3000 queue:200 data:1 --json
says '^\{"synfin":"[0-9.]+","cases":\[$'
says "^ \{\"case\":\"churn\",\"size\":2000,\"connections\":2000,\"runs\":5,$times,\"bytes_per_open_connection\":null,$pr,\
\"unit\":\"lifecycle\",\"reference\":\"P\",\"ratio\":$n,\"ratio_limit\":45,$no_churn,\"bytes_limit\":null\},$"
says "^ \{\"case\":\"crowd\",\"size\":3000,\"connections\":3000,\"runs\":5,$times,\"bytes_per_open_connection\":$n,$pr,\
\"unit\":\"lifecycle\",\"reference\":\"P\+R\",\"ratio\":$n,\"ratio_limit\":25,\"lifecycle_over_churn\":null,\
\"lifecycle_over_churn_limit\":2,\"bytes_limit\":320\},$"
says "^ \{\"case\":\"queue\",\"size\":200,\"connections\":200,.*\"unit\":\"event\",\"reference\":\"P\",\"ratio\":$n,"
says "^ \{\"case\":\"data\",\"size\":1,\"connections\":1,.*\"unit\":\"segment\",\"reference\":\"P\",\"ratio\":$n,"
says '^\]\}$'
runs 0 "$SYNFIN" bench churn-loss:500 crowd-loss:500 jitter:500 startup:500
for case in churn-loss crowd-loss jitter; do
    says "^$case +500 "
done
says '^startup +10000 ' # 20 runs
runs 0 "$SYNFIN" bench churn-connections:500 churn-trace:500 statistics:500 --json
says '"case":"statistics","size":500,.*"events_per_s":null,'

runs 2 "$SYNFIN" bench crowds
complains 'crowds: error: no such case; there are churn, churn-loss, crowd, crowd-loss, queue, jitter, data, '
runs 2 "$SYNFIN" bench churn:2000 churn:0
complains 'churn:0: error: bad number of connections; '
runs 2 "$SYNFIN" bench churn:1x
complains 'churn:1x: error: bad number of connections; '
runs 2 "$SYNFIN" bench links:33
complains 'links:33: error: bad number of links; 1 to 32 would be right'
finish bench
