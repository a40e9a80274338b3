#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What is drawn, exported and compared of a large sweep is not held in memory: a database of 20,000 runs, with --long of
# 1,000,000, below 500 MiB of address space.
. "${top_srcdir:?run it by make check}/tests/command.sh"
if ! command -v sqlite3 >/dev/null; then
    skipped=1
    finish command_million
fi
replications=200
[ -z "${SYNFIN_LONG:-}" ] || replications=10000

# confined STATUS WORDS...: synfin with these words, in 500 MiB, programs that it calls included.
confined()
{
    expected=$1
    shift
    # shellcheck disable=SC2016 # for the inner shell
    runs "$expected" sh -c 'ulimit -v 512000 && exec "$0" "$@"' "$SYNFIN" "$@"
}

# Ten replications are made, the others are copies of them.
vary='links.wan.both.loss.p: {from: 1%, to: 10%, steps: 10},
  links.wan.both.delay.time: {from: 10ms, to: 100ms, steps: 10}'
plots='plots: [{kind: cdf, metric: setup, by: links.wan.both.loss.p},
  {kind: line, metric: setup, statistic: [mean, p99], x: links.wan.both.loss.p, by: links.wan.both.delay.time},
  {kind: histogram, metric: lifetime, by: links.wan.both.loss.p},
  {kind: heat, metric: segments.forward.lost, x: links.wan.both.loss.p, by: links.wan.both.delay.time}]'
scenario large.yaml 20 "sweep: {replications: 10, vary: {$vary}}" "$plots"
runs 0 "$SYNFIN" sweep large.yaml -o large.db
sqlite3 large.db <<END
CREATE TEMP TABLE n AS WITH RECURSIVE n(k) AS (SELECT 10 UNION ALL SELECT k + 10 FROM n WHERE k + 10 < $replications)
    SELECT k FROM n;
BEGIN;
INSERT INTO runs SELECT point, replication + k, status, reason, independent, simulated_ns, events, counts FROM runs, n;
INSERT INTO wall_clock SELECT point, replication + k, wall_s FROM wall_clock, n;
INSERT INTO metrics SELECT point, workload, metric, replication + k, count, sum_ns, sum_squares_ns2, mean_ms, sd_ms,
    min_ns, max_ns, p50_ms, p90_ms, p99_ms, p999_ms FROM metrics, n;
INSERT INTO histograms SELECT point, workload, metric, replication + k, bins FROM histograms, n;
COMMIT;
END
sed -i "s/replications: 10/replications: $replications/" large.yaml
total=$((100 * replications))

confined 0 sweep large.yaml -o large.db
complains "^large\\.db: $total runs \\(100 points, $replications replications\\), 0 made now\$"
says "^ +1 % +10 ms +$(echo $((20 * replications)) | sed 's/\(.*\)\(...\)$/\1,\2/') "
confined 0 export large.db -o large.csv
is 'a row a run and metric' [ "$(wc -l <large.csv)" -eq $((1 + 5 * total)) ]
rm large.csv
confined 0 export large.db --counts -o large.csv
is 'a row a run' [ "$(wc -l <large.csv)" -eq $((1 + total)) ]
rm large.csv
confined 0 compare large.db:loss=1% large.db:loss=10% --metric setup,setup.p99
says 'higher$'
if command -v gnuplot >/dev/null; then
    confined 0 plot large.db -o plots
    is 'every plot is there' [ "$(find plots -name '*.svg' | wc -l)" -eq 4 ]
else
    skipped=$((skipped + 1))
fi
finish command_million
