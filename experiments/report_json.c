/* SPDX-License-Identifier: BSD-2-Clause */
/* The object of `run --json`: its keys and their order are a contract. */
#include <inttypes.h>

#include "fields.h"
#include "json_string.h"
#include "number.h"
#include "report.h"

static void put_number(FILE *f, double x)
{
    char text[NUMBER_SIZE];
    fputs(number_shortest(text, x), f);
}

static void put_fields(FILE *f, const struct field *table, const void *counts)
{
    for (const struct field *field = table; field->name; field++)
        fprintf(f, "%s\"%s\":%" PRIu64, field == table ? "" : ",", field->name, field_value(field, counts));
}

static void put_group(FILE *f, const struct field_group *group, const struct synfin_connection_counts *counts)
{
    fprintf(f, ",\"%s\":{", group->name);
    put_fields(f, group->fields, counts);
    fputs("}", f);
}

static void put_connections(FILE *f, const struct synfin_connection_counts *counts)
{
    fputs("{", f);
    for (const struct field *field = connection_fields; field->name; field++) {
        if (!field[1].name)
            put_group(f, &connection_groups[GROUP_FAILED], counts);
        fprintf(f, "%s\"%s\":%" PRIu64, field == connection_fields ? "" : ",", field->name, field_value(field, counts));
    }
    for (int i = GROUP_FAILED + 1; i < GROUPS; i++)
        put_group(f, &connection_groups[i], counts);
    fputs("}", f);
}

static void put_latencies(FILE *f, struct synfin_statistic *const *metric, const char *separator)
{
    fputs("{", f);
    for (int i = 0; i < SYNFIN_METRICS; i++) {
        fprintf(f, "%s\"%s\":{", i ? separator : "", synfin_metric_name((enum synfin_metric)i));
        for (int j = 0; j < SUMMARIES; j++) {
            fprintf(f, "%s\"%s\":", j ? "," : "", summary_names[j]);
            if (j == SUMMARY_COUNT)
                fprintf(f, "%" PRIu64, synfin_statistic_count(metric[i]));
            else
                put_number(f, summary_value(metric[i], (enum summary)j));
        }
        fputs("}", f);
    }
    fputs("}", f);
}

/* Both directions of counts of `size` bytes. */
static void put_directions(FILE *f, const struct field *table, const void *counts, size_t size)
{
    fputs("{", f);
    for (int d = 0; d < 2; d++) {
        fprintf(f, "%s\"%s\":{", d ? "," : "", direction_names[d]);
        put_fields(f, table, (const char *)counts + (size_t)d * size);
        fputs("}", f);
    }
    fputs("}", f);
}

static void put_theory(FILE *f, const struct theory_verdict *v)
{
    if (v->unknown[0]) {
        fputs("\"theory\":{\"unknown\":", f);
        json_string(f, v->unknown);
    } else {
        fputs("\"theory\":{\"max_deviation\":", f);
        put_number(f, v->max_deviation);
        fputs(",\"band\":", f);
        put_number(f, v->band);
        fprintf(f, ",\"agrees\":%s", v->agrees ? "true" : "false");
    }
    fputs("}", f);
}

static void put_workloads(FILE *f, const struct synfin_results *r, const struct theory_verdict *theory)
{
    fputs(",\n \"workloads\":{", f);
    for (size_t i = 0; i < r->workloads; i++) {
        const struct synfin_workload_results *w = &r->workload[i];
        fputs(i ? ",\n  " : "\n  ", f);
        json_string(f, w->name);
        fputs(":{\"connections\":", f);
        put_connections(f, &w->connections);
        fputs(",\n   \"latency_ms\":", f);
        put_latencies(f, w->metric, ",\n    ");
        fputs(",\n   \"segments\":", f);
        put_directions(f, segment_fields, w->segments, sizeof w->segments[0]);
        if (theory) {
            fputs(",\n   ", f);
            put_theory(f, &theory[i]);
        }
        fputs("}", f);
    }
    fputs("}", f);
}

static void put_links(FILE *f, const struct synfin_results *r)
{
    fputs(",\n \"links\":{", f);
    for (size_t i = 0; i < r->links; i++) {
        fputs(i ? ",\n  " : "\n  ", f);
        json_string(f, r->link[i].name);
        fputs(":", f);
        put_directions(f, link_fields, r->link[i].direction, sizeof r->link[i].direction[0]);
    }
    fputs("}", f);
}

static void put_verdicts(FILE *f, const struct report *report)
{
    fputs(",\n \"expect\":[", f);
    for (size_t i = 0; i < report->verdicts; i++) {
        const struct report_verdict *v = &report->verdict[i];
        fputs(i ? ",\n  {\"text\":" : "\n  {\"text\":", f);
        json_string(f, v->expect->text);
        fprintf(f, ",\"holds\":%s,\"value\":", v->holds ? "true" : "false");
        put_number(f, v->value);
        fputs("}", f);
    }
    fputs("]", f);
}

void report_json(FILE *f, const struct report *report)
{
    const struct synfin_results *r = report->results;
    char seconds[NUMBER_SIZE];

    fputs("{\"synfin\":", f);
    json_string(f, PACKAGE_VERSION);
    fputs(",\n \"scenario\":", f);
    json_string(f, report->scenario);
    fprintf(f, ",\n \"seed\":%" PRIu64 ",\n \"replication\":%" PRIu32 ",\n \"simulated_s\":%s", report->seed,
            report->replication, number_seconds(seconds, r->simulated));
    fputs(",\n \"connections\":", f);
    put_connections(f, &r->total.connections);
    fputs(",\n \"latency_ms\":", f);
    put_latencies(f, r->total.metric, ",\n  ");
    fputs(",\n \"segments\":", f);
    put_directions(f, segment_fields, r->total.segments, sizeof r->total.segments[0]);
    put_workloads(f, r, report->theory);
    put_links(f, r);
    put_verdicts(f, report);
    if (report->theory) {
        fputs(",\n ", f);
        put_theory(f, &report->theory[r->workloads]);
    }
    fprintf(f, ",\n \"events\":%" PRIu64 ",\n \"wall_s\":", r->events);
    put_number(f, report->machine.wall_s);
    fputs(",\n \"events_per_s\":", f);
    put_number(f, report->machine.events_per_s);
    fputs(",\n \"connections_per_s\":", f);
    put_number(f, report->machine.connections_per_s);
    fputs(",\n \"peak_rss_mib\":", f);
    put_number(f, report->machine.peak_rss_mib);
    fputs("}\n", f);
}
