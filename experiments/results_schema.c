/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of a database of results, described where they are made: `.schema` of the sqlite3 shell shows it all. */
#include "results.h"

#include "interval.h"
#include "parameter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char results_schema[] =
    "CREATE TABLE meta ( -- what this is\n"
    "  key TEXT PRIMARY KEY, -- synfin (version), name, seed, random, plugins, points, replications (as asked for),\n"
    "                        -- looks (how often `until` may have looked at an interval), scenario (the file),\n"
    "  value TEXT NOT NULL   -- scenario_sha256, `sha256 of NAME` (of files that models read)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE settings ( -- the scenario without the sweep, --set included\n"
    "  path TEXT PRIMARY KEY,\n"
    "  text TEXT NOT NULL\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE parameters ( -- what the sweep sets at each point\n"
    "  point INTEGER NOT NULL, -- from 0; the first axis of the sweep varies slowest\n"
    "  position INTEGER NOT NULL, -- of the parameter in the sweep\n"
    "  path TEXT NOT NULL,\n"
    "  text TEXT NOT NULL, -- as written\n"
    "  value REAL, -- as a number of `unit`; NULL: it is no number\n"
    "  unit TEXT, -- ms, bytes, bit/s, /s, % or empty\n"
    "  PRIMARY KEY (point, position)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE runs (\n"
    "  point INTEGER NOT NULL,\n"
    "  replication INTEGER NOT NULL, -- from 0\n"
    "  status TEXT NOT NULL, -- done or failed\n"
    "  reason TEXT, -- of a failure\n"
    "  independent INTEGER, -- 1: no connection met the memory of another (queues, full listeners, ports ...)\n"
    "  simulated_ns INTEGER, -- instant of the last event\n"
    "  events INTEGER,\n"
    "  counts TEXT, -- JSON array; the view `counts` unfolds it\n"
    "  PRIMARY KEY (point, replication)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE wall_clock ( -- all that differs when the same is run again\n"
    "  point INTEGER NOT NULL,\n"
    "  replication INTEGER NOT NULL,\n"
    "  wall_s REAL, -- of the simulation, first to last event\n"
    "  PRIMARY KEY (point, replication)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE count_names ( -- names of `run --json`\n"
    "  position INTEGER PRIMARY KEY, -- in runs.counts\n"
    "  name TEXT UNIQUE NOT NULL\n"
    ");\n"
    "CREATE TABLE metrics ( -- one row a run, workload and metric that has values\n"
    "  point INTEGER NOT NULL,\n"
    "  workload TEXT NOT NULL, -- *: all together; by name only where there are several\n"
    "  metric TEXT NOT NULL, -- setup, accept, response, transfer, teardown, close, lifetime\n"
    "  replication INTEGER NOT NULL,\n"
    "  count INTEGER NOT NULL,\n"
    "  sum_ns NOT NULL, sum_squares_ns2 NOT NULL, -- exact; as text where they exceed 2^63 - 1\n"
    "  mean_ms REAL NOT NULL, sd_ms REAL NOT NULL,\n"
    "  min_ns INTEGER NOT NULL, max_ns INTEGER NOT NULL,\n"
    "  p50_ms REAL NOT NULL, p90_ms REAL NOT NULL, p99_ms REAL NOT NULL, p999_ms REAL NOT NULL,\n"
    "  PRIMARY KEY (point, workload, metric, replication)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE histograms (\n"
    "  point INTEGER NOT NULL,\n"
    "  workload TEXT NOT NULL,\n"
    "  metric TEXT NOT NULL,\n"
    "  replication INTEGER NOT NULL,\n"
    "  bins BLOB NOT NULL, -- per bin, ascending, four numbers: gap to the end of the bin before (ns), log2 of the\n"
    "                      -- width (ns), count, sum of (value - low end) (ns); seven bits a byte, lowest first, the\n"
    "                      -- top bit set where the number goes on\n"
    "  PRIMARY KEY (point, replication, workload, metric)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE samples ( -- of `series:`: endpoints in each state, segments emitted since the sample before\n"
    "  point INTEGER NOT NULL,\n"
    "  replication INTEGER NOT NULL,\n"
    "  time_ns INTEGER NOT NULL,\n"
    "  closed INTEGER, listen INTEGER, syn_sent INTEGER, syn_received INTEGER, established INTEGER,\n"
    "  fin_wait_1 INTEGER, fin_wait_2 INTEGER, close_wait INTEGER, closing INTEGER, last_ack INTEGER,\n"
    "  time_wait INTEGER,\n"
    "  segments_forward INTEGER, segments_backward INTEGER,\n"
    "  PRIMARY KEY (point, replication, time_ns)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE queue_samples ( -- of `series:`: packets waiting, of queues that ever held one\n"
    "  point INTEGER NOT NULL,\n"
    "  replication INTEGER NOT NULL,\n"
    "  link TEXT NOT NULL,\n"
    "  direction TEXT NOT NULL, -- forward or backward\n"
    "  time_ns INTEGER NOT NULL,\n"
    "  packets INTEGER NOT NULL,\n"
    "  PRIMARY KEY (point, replication, link, direction, time_ns)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE expectations ( -- of `expect:`\n"
    "  point INTEGER NOT NULL,\n"
    "  replication INTEGER NOT NULL,\n"
    "  text TEXT NOT NULL,\n"
    "  holds INTEGER NOT NULL,\n"
    "  found REAL, -- durations in ms\n"
    "  PRIMARY KEY (point, replication, text)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE plots ( -- `plots:` of the scenario\n"
    "  plot INTEGER PRIMARY KEY,\n"
    "  kind TEXT NOT NULL, metric TEXT, x TEXT, by TEXT, title TEXT,\n"
    "  statistics TEXT, -- separated by blanks\n"
    "  theory INTEGER NOT NULL -- 1: with the exact distribution\n"
    ");\n"
    "CREATE TABLE theories ( -- of which workloads the exact distribution of setup was asked for\n"
    "  point INTEGER NOT NULL,\n"
    "  workload TEXT NOT NULL,\n"
    "  unknown TEXT, -- why it is not known; NULL: it is\n"
    "  PRIMARY KEY (point, workload)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE theory_points ( -- the distribution function; between two rows it is linear\n"
    "  point INTEGER NOT NULL,\n"
    "  workload TEXT NOT NULL,\n"
    "  time_ns INTEGER NOT NULL,\n"
    "  before REAL NOT NULL, -- share of the connections that are established earlier\n"
    "  after REAL NOT NULL, -- and by then\n"
    "  PRIMARY KEY (point, workload, time_ns)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE measured ( -- distributions measured elsewhere, to be drawn on top\n"
    "  plot INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  label TEXT NOT NULL,\n"
    "  csv TEXT NOT NULL, -- bin_ms,count\n"
    "  PRIMARY KEY (plot, position)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE student_t ( -- Student's distribution lies within -t95 to t95 with 95 %; where `until` decided on\n"
    "                         -- replications, with what makes all its looks (meta) hold together with 95 %\n"
    "  degrees_of_freedom INTEGER PRIMARY KEY,\n"
    "  t95 REAL NOT NULL\n"
    ");\n"
    "CREATE VIEW counts AS -- one row a run and name\n"
    "  SELECT runs.point, runs.replication, count_names.name, j.value\n"
    "  FROM runs, json_each(runs.counts) AS j JOIN count_names ON count_names.position = j.key\n"
    "  WHERE j.value IS NOT NULL;\n";

/* ---- Views whose columns are the parameters ---------------------------------------------------------------------- */

static const struct {
    const char *unit, *suffix;
} suffixes[] = {{"ms", "_ms"}, {"bytes", "_bytes"}, {"bit/s", "_bits_per_s"}, {"/s", "_per_s"}, {"%", "_percent"}};

const char *results_suffix(const char *unit)
{
    for (size_t i = 0; unit && i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (strcmp(unit, suffixes[i].unit) == 0)
            return suffixes[i].suffix;
    }
    return "";
}

/* The parameters' columns: of the table's values (inner) or of the inner query's columns (outer). */
static void print_columns(FILE *out, const struct scenario_file *file, bool inner)
{
    for (size_t i = 0; i < parameter_count(file); i++) {
        const char *unit = parameter_unit(file, i);
        if (inner)
            fprintf(out, " p%zu.%s AS", i, unit ? "value" : "text");
        fprintf(out, " \"%s%s\",", parameter_path(file, i), results_suffix(unit));
    }
}

static void print_joins(FILE *out, const struct scenario_file *file)
{
    for (size_t i = 0; i < parameter_count(file); i++)
        fprintf(out, " JOIN parameters AS p%zu ON p%zu.point = m.point AND p%zu.position = %zu", i, i, i, i);
}

/* The interval's half width from the replications' standard deviation; NULL below two replications. */
static const char half_width[] =
    "(SELECT t95 FROM student_t WHERE degrees_of_freedom <= replications - 1 ORDER BY degrees_of_freedom DESC LIMIT 1)"
    " * CASE WHEN least < most THEN"
    " sqrt(max(0, squares - replications * average * average) / (replications - 1) / replications) ELSE 0 END";

char *results_views(const struct scenario_file *file)
{
    char *sql = NULL;
    size_t size;
    FILE *out = open_memstream(&sql, &size);
    if (!out)
        return NULL;
    fprintf(out, "CREATE VIEW points AS -- means of the replications' means, with their 95 %% interval (Student's t)\n"
                 "SELECT point,");
    print_columns(out, file, false);
    fprintf(out, " workload, metric, replications, count, average AS mean_ms, average - %s AS mean_low_ms,"
                 " average + %s AS mean_high_ms, min_ms, max_ms\nFROM (SELECT m.point,", half_width, half_width);
    print_columns(out, file, true);
    fprintf(out, " workload, metric, count(*) AS replications, sum(count) AS count, avg(mean_ms) AS average,"
                 " sum(mean_ms * mean_ms) AS squares, min(mean_ms) AS least, max(mean_ms) AS most,"
                 " min(min_ns) / 1e6 AS min_ms, max(max_ns) / 1e6 AS max_ms"
                 " FROM metrics AS m");
    print_joins(out, file);
    fprintf(out, " GROUP BY m.point, workload, metric);\n");

    fprintf(out, "CREATE VIEW quantiles AS -- means of the replications' quantiles, with their 95 %% interval\n"
                 "SELECT point,");
    print_columns(out, file, false);
    fprintf(out, " workload, metric, quantile, replications, average AS value_ms, average - %s AS low_ms,"
                 " average + %s AS high_ms\nFROM (SELECT m.point,", half_width, half_width);
    print_columns(out, file, true);
    fprintf(out, " workload, metric, quantile, count(*) AS replications, avg(ms) AS average,"
                 " sum(ms * ms) AS squares, min(ms) AS least, max(ms) AS most\nFROM (");
    for (int i = 0; i < ROWS_QUANTILES; i++)
        fprintf(out, "%sSELECT point, workload, metric, %g AS quantile, %s_ms AS ms FROM metrics",
                i ? " UNION ALL " : "", rows_quantile[i], rows_quantile_name[i]);
    fprintf(out, ") AS m");
    print_joins(out, file);
    fprintf(out, " GROUP BY m.point, workload, metric, quantile);\n");

    if (fclose(out) != 0) {
        free(sql);
        return NULL;
    }
    return sql;
}

int results_put_student(struct results *r, double level)
{
    sqlite3_stmt *s = results_prepare(r, "INSERT OR REPLACE INTO student_t VALUES (?, ?)");
    int bad = !s;
    for (size_t degrees = 1; degrees <= 1000 && !bad; degrees = degrees < 200 ? degrees + 1 : degrees + 100)
        bad = results_step(r, s, "id", (int64_t)degrees, interval_student(degrees, level)) != 0;
    sqlite3_finalize(s);
    return bad ? -1 : 0;
}
