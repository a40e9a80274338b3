/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of `run`: one row a metric, times in ms. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "fields.h"
#include "number.h"
#include "report.h"

enum { FIRST = 14, COLUMN = 11, COUNT = 10 }; /* widths */

static void put_count(FILE *f, int width, uint64_t x)
{
    char text[NUMBER_SIZE];
    fprintf(f, " %*s", width, number_grouped(text, x));
}

/* Milliseconds to the microsecond. */
static void put_ms(FILE *f, double ms)
{
    if (isnan(ms))
        fprintf(f, " %*s", COLUMN, "-");
    else
        fprintf(f, " %*.3f", COLUMN, ms);
}

static void put_counts(FILE *f, const char *first, const struct field *table,
                       const struct synfin_connection_counts *counts)
{
    char text[NUMBER_SIZE];

    fprintf(f, "%-*s", FIRST, first);
    for (const struct field *field = table; field->name; field++)
        fprintf(f, " %s %s%s", field->name, number_grouped(text, field_value(field, counts)),
                field[1].name ? "  " : "\n");
}

static void put_connections(FILE *f, const struct synfin_connection_counts *counts)
{
    put_counts(f, "connections", connection_fields, counts);
    put_counts(f, "  failed", connection_groups[GROUP_FAILED].fields, counts);
    if (counts->failed[SYNFIN_NO_PORT])
        put_counts(f, "  no port", connection_groups[GROUP_NO_PORT].fields, counts);
    if (counts->time_wait_overflow)
        put_counts(f, "  time-wait", connection_groups[GROUP_TIME_WAIT].fields, counts);
    fputs("\n", f);
}

static void put_latencies(FILE *f, struct synfin_statistic *const *metric)
{
    fprintf(f, "%-*s", FIRST, "latency, ms");
    for (int j = 0; j < SUMMARIES; j++)
        fprintf(f, " %*s", COLUMN, summary_names[j]);
    fputs("\n", f);
    for (int i = 0; i < SYNFIN_METRICS; i++) {
        fprintf(f, "%-*s", FIRST, synfin_metric_name((enum synfin_metric)i));
        put_count(f, COLUMN, synfin_statistic_count(metric[i]));
        for (int j = SUMMARY_COUNT + 1; j < SUMMARIES; j++)
            put_ms(f, summary_value(metric[i], (enum summary)j));
        fputs("\n", f);
    }
    fputs("\n", f);
}

static void put_head(FILE *f, const char *first, const struct field *table)
{
    fprintf(f, "%-*s", FIRST, first);
    for (const struct field *field = table; field->name; field++)
        fprintf(f, " %*s", COUNT, field->name);
    fputs("\n", f);
}

static void put_directions(FILE *f, const struct field *table, const char *prefix, const void *counts, size_t size)
{
    for (int d = 0; d < 2; d++) {
        int n = fprintf(f, "%s%s", prefix, direction_names[d]);
        fprintf(f, "%*s", n < FIRST ? FIRST - n : 0, "");
        for (const struct field *field = table; field->name; field++)
            put_count(f, COUNT, field_value(field, (const char *)counts + (size_t)d * size));
        fputs("\n", f);
    }
}

static void put_workload(FILE *f, const struct synfin_workload_results *w)
{
    put_connections(f, &w->connections);
    put_latencies(f, w->metric);
    put_head(f, "segments", segment_fields);
    put_directions(f, segment_fields, "", w->segments, sizeof w->segments[0]);
    fputs("\n", f);
}

static void put_links(FILE *f, const struct synfin_results *r)
{
    char prefix[512];

    if (r->links == 0)
        return;
    put_head(f, "links", link_fields);
    for (size_t i = 0; i < r->links; i++) {
        snprintf(prefix, sizeof prefix, "%s ", r->link[i].name);
        put_directions(f, link_fields, prefix, r->link[i].direction, sizeof r->link[i].direction[0]);
    }
    fputs("\n", f);
}

static void put_verdicts(FILE *f, const struct report *report)
{
    char text[NUMBER_SIZE];

    for (size_t i = 0; i < report->verdicts; i++) {
        const struct report_verdict *v = &report->verdict[i];
        fprintf(f, "%-*s%-40s %s", FIRST, i ? "" : "expect", v->expect->text, v->holds ? "holds" : "FAILS");
        if (!v->holds)
            fprintf(f, ": it is %s%s", isnan(v->value) ? "not measured" : number_shortest(text, v->value),
                    isnan(v->value) ? "" : v->expect->unit);
        fputs("\n", f);
    }
    if (report->verdicts > 0)
        fputs("\n", f);
}

static void put_theory(FILE *f, const char *first, const struct theory_verdict *v)
{
    fprintf(f, "%-*s", FIRST, first);
    if (v->unknown[0])
        fprintf(f, "not known: %s\n", v->unknown);
    else
        fprintf(f, "setup deviates by %.6f at most, 99.9 %% band %.6f: %s\n", v->max_deviation, v->band,
                v->agrees ? "agrees" : "DISAGREES");
}

static void put_theories(FILE *f, const struct theory_verdict *theory, const struct synfin_results *r)
{
    char first[512];

    put_theory(f, "theory", &theory[r->workloads]);
    for (size_t i = 0; r->workloads > 1 && i < r->workloads; i++) {
        snprintf(first, sizeof first, "  %s ", r->workload[i].name);
        put_theory(f, first, &theory[i]);
    }
    fputs("\n", f);
}

/* Last: what differs from one machine and one time to another. */
static void put_machine(FILE *f, const struct report *report)
{
    const struct report_machine *m = &report->machine;
    char text[NUMBER_SIZE];

    fprintf(f, "%s events in %.3f s", number_grouped(text, report->results->events), m->wall_s);
    if (!isnan(m->events_per_s))
        fprintf(f, ", %s/s", number_grouped(text, (uint64_t)m->events_per_s));
    if (!isnan(m->connections_per_s))
        fprintf(f, "; %s connections/s", number_grouped(text, (uint64_t)m->connections_per_s));
    if (!isnan(m->peak_rss_mib))
        fprintf(f, "; peak memory %.1f MiB", m->peak_rss_mib);
    fputs("\n", f);
}

void report_table(FILE *f, const struct report *report)
{
    const struct synfin_results *r = report->results;
    char seconds[NUMBER_SIZE];

    fprintf(f, "%s: seed %" PRIu64 ", replication %" PRIu32 ", %s s simulated\n\n", report->scenario, report->seed,
            report->replication, number_seconds(seconds, r->simulated));
    put_workload(f, &r->total);
    for (size_t i = 0; r->workloads > 1 && i < r->workloads; i++) {
        fprintf(f, "--- workload %s ---\n", r->workload[i].name);
        put_workload(f, &r->workload[i]);
    }
    put_links(f, r);
    put_verdicts(f, report);
    if (report->theory)
        put_theories(f, report->theory, r);
    put_machine(f, report);
}
