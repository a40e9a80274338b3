/* SPDX-License-Identifier: BSD-2-Clause */
#include "rows.h"

#include "fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const double rows_quantile[ROWS_QUANTILES] = {0.5, 0.9, 0.99, 0.999};
const char *const rows_quantile_name[ROWS_QUANTILES] = {"p50", "p90", "p99", "p999"};

/* ---- Counts ------------------------------------------------------------------------------------------------------ */

/* The names of counts as they are told, one after the other. */
struct names {
    struct rows *rows;
    FILE *out;
};

/* Adds every field of a table; `under` stands before their names. */
static int add_fields(struct names *n, const struct field *table, const void *counts, const char *under)
{
    struct rows *rows = n->rows;
    for (const struct field *f = table; f->name; f++) {
        if ((rows->counts & (rows->counts - 1)) == 0) { /* doubles at powers of two */
            uint64_t *count = realloc(rows->count, (rows->counts ? 2 * rows->counts : 1) * sizeof *count);
            if (!count)
                return -1;
            rows->count = count;
        }
        rows->count[rows->counts++] = field_value(f, counts);
        fputs(under, n->out);
        fputc('.', n->out);
        fputs(f->name, n->out);
        fputc('\0', n->out);
    }
    return 0;
}

/* Of all workloads, or of one: `prefix` is empty or `workloads.NAME.`. */
static int add_workload(struct names *n, const char *prefix, const struct synfin_workload_results *results)
{
    char under[300];
    snprintf(under, sizeof under, "%sconnections", prefix);
    int bad = add_fields(n, connection_fields, &results->connections, under);
    for (const struct field_group *g = connection_groups; g->name; g++) {
        snprintf(under, sizeof under, "%sconnections.%s", prefix, g->name);
        bad |= add_fields(n, g->fields, &results->connections, under);
    }
    for (int d = 0; d < 2; d++) {
        snprintf(under, sizeof under, "%ssegments.%s", prefix, direction_names[d]);
        bad |= add_fields(n, segment_fields, &results->segments[d], under);
    }
    return bad;
}

static int add_counts(struct names *n, const struct synfin_results *results)
{
    int bad = add_workload(n, "", &results->total);
    char name[280];
    for (size_t i = 0; i < results->workloads && results->workloads > 1; i++) {
        snprintf(name, sizeof name, "workloads.%s.", results->workload[i].name);
        bad |= add_workload(n, name, &results->workload[i]);
    }
    for (size_t i = 0; i < 2 * results->links; i++) {
        snprintf(name, sizeof name, "links.%s.%s", results->link[i / 2].name, direction_names[i % 2]);
        bad |= add_fields(n, link_fields, &results->link[i / 2].direction[i % 2], name);
    }
    return bad;
}

static int fill_counts(struct rows *rows, const struct synfin_results *results)
{
    struct names n = {rows, open_memstream(&rows->names, &rows->names_size)};
    if (!n.out)
        return -1;
    int bad = add_counts(&n, results);
    return fclose(n.out) != 0 || bad ? -1 : 0;
}

/* ---- Metrics ----------------------------------------------------------------------------------------------------- */

static int fill_metric(struct rows_metric *row, const char *workload, enum synfin_metric metric,
                       const struct synfin_statistic *s)
{
    row->metric = metric;
    row->count = synfin_statistic_count(s);
    synfin_statistic_sums(s, row->sum, row->squares);
    row->mean_ms = synfin_statistic_mean(s) / 1e6;
    row->sd_ms = synfin_statistic_sd(s) / 1e6;
    for (int i = 0; i < ROWS_QUANTILES; i++)
        row->quantile_ms[i] = synfin_statistic_quantile(s, rows_quantile[i]) / 1e6;
    row->min = synfin_statistic_min(s);
    row->max = synfin_statistic_max(s);
    row->workload = strdup(workload);
    row->bins = rows_encode(s, &row->size);
    return row->workload && row->bins ? 0 : -1;
}

static int fill_metrics(struct rows *rows, const char *workload, const struct synfin_workload_results *results)
{
    for (int i = 0; i < SYNFIN_METRICS; i++) {
        if (synfin_statistic_count(results->metric[i]) == 0)
            continue;
        if (fill_metric(&rows->metric[rows->metrics++], workload, (enum synfin_metric)i, results->metric[i]) != 0)
            return -1;
    }
    return 0;
}

static int fill_all_metrics(struct rows *rows, const struct synfin_results *results)
{
    size_t apart = results->workloads > 1 ? results->workloads : 0;
    rows->metric = calloc((1 + apart) * SYNFIN_METRICS, sizeof *rows->metric);
    if (!rows->metric || fill_metrics(rows, ROWS_ALL, &results->total) != 0)
        return -1;
    for (size_t i = 0; i < apart; i++) {
        if (fill_metrics(rows, results->workload[i].name, &results->workload[i]) != 0)
            return -1;
    }
    return 0;
}

/* ---- Samples ----------------------------------------------------------------------------------------------------- */

static int fill_samples(struct rows *rows, const struct synfin_results *results)
{
    if (results->samples == 0)
        return 0;
    size_t queues = 0;
    for (size_t i = 0; i < results->links; i++)
        queues += (results->link[i].direction[0].max_queue > 0) + (results->link[i].direction[1].max_queue > 0);
    rows->sample = malloc(results->samples * sizeof *rows->sample);
    rows->waiting = calloc(results->samples * queues + 1, sizeof *rows->waiting);
    if (!rows->sample || !rows->waiting)
        return -1;
    for (size_t i = 0; i < results->samples; i++) {
        rows->sample[i] = results->sample[i];
        rows->sample[i].waiting = NULL;
        for (size_t j = 0; j < 2 * results->links; j++) {
            if (results->link[j / 2].direction[j % 2].max_queue == 0)
                continue;
            char *link = strdup(results->link[j / 2].name);
            if (!link)
                return -1;
            rows->waiting[rows->waitings++] =
                (struct rows_waiting){results->sample[i].time, link, j % 2, results->sample[i].waiting[j]};
        }
    }
    rows->samples = results->samples;
    return 0;
}

/* ---- All of it --------------------------------------------------------------------------------------------------- */

/* A stage that has memory of other connections' segments. */
static bool links_remember(const struct synfin_scenario *scenario)
{
    for (size_t i = 0; i < scenario->links; i++) {
        for (size_t j = 0; j < 2 * SYNFIN_LINK_STAGES; j++) {
            const struct scenario_stage *stage = &scenario->link[i].stage[j % 2][j / 2];
            for (size_t k = 0; k < stage->models; k++) {
                const struct synfin_model *model = stage->model[k].model;
                if (model->state_size > 0 && (!model->has_memory || model->has_memory(stage->model[k].config)))
                    return true;
            }
        }
    }
    return false;
}

/* Connections that wait for the application to accept them, or bring back the cookie that an earlier one got. */
static bool hosts_remember(const struct synfin_scenario *scenario)
{
    for (size_t i = 0; i < scenario->hosts; i++) {
        for (size_t j = 0; j < scenario->host[i].listeners; j++) {
            if (scenario->host[i].listener[j].queues)
                return true;
        }
    }
    for (size_t i = 0; i < scenario->workloads; i++) {
        if (scenario->workload[i].fast_open)
            return true;
    }
    return false;
}

/* Whether what one connection meets is independent of all others: nothing has memory of them, and there was room for
   all at listeners, in TIME-WAIT and among the ports. */
static bool connections_independent(const struct synfin_scenario *scenario, const struct synfin_results *results)
{
    const struct synfin_connection_counts *all = &results->total.connections;
    return !links_remember(scenario) && !hosts_remember(scenario) && results->crowded == 0 &&
           all->time_wait_overflow == 0 && all->failed[SYNFIN_NO_PORT] == 0;
}

int rows_fill(struct rows *rows, const struct synfin_scenario *scenario, const struct synfin_results *results)
{
    rows->independent = connections_independent(scenario, results);
    rows->simulated = results->simulated;
    rows->events = results->events;
    if (fill_all_metrics(rows, results) != 0 || fill_counts(rows, results) != 0 || fill_samples(rows, results) != 0)
        return -1;
    return 0;
}

void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->metrics; i++) {
        free(rows->metric[i].workload);
        free(rows->metric[i].bins);
    }
    for (size_t i = 0; i < rows->waitings; i++)
        free(rows->waiting[i].link);
    for (size_t i = 0; i < rows->expectations; i++)
        free(rows->expectation[i].text);
    free(rows->metric);
    free(rows->names);
    free(rows->count);
    free(rows->sample);
    free(rows->waiting);
    free(rows->expectation);
    free(rows->failure);
    *rows = (struct rows){0};
}
