/* SPDX-License-Identifier: BSD-2-Clause */
#include "plot_curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many connections of the point were opened, all replications together. */
static int opened_at(struct plot_context *c, size_t point, double *opened)
{
    char name[2 * LABEL_SIZE];
    double *values;
    size_t n;
    bool all = strcmp(c->plot->workload, ROWS_ALL) == 0;
    snprintf(name, sizeof name, "%s%s%sconnections.opened", all ? "" : "workloads.", all ? "" : c->plot->workload,
             all ? "" : ".");
    *opened = 0;
    if (results_values(c->results, point, ROWS_ALL, -1, name, &values, &n) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        *opened += values[i];
    free(values);
    return 0;
}

int plot_no_values(const struct plot_context *c)
{
    fprintf(stderr, "%s: error: plots: entry %zu (%s): %s has no values in these results; plot another metric\n",
            c->results->path, c->plot->number + 1, c->plot->kind, c->plot->name);
    return -1;
}

int plot_extent(struct plot_context *c, struct plot_extent *e)
{
    sqlite3_stmt *s = results_prepare(c->results, "SELECT min(min_ns) / 1e6, max(max_ns) / 1e6 FROM metrics"
                                                  " WHERE workload = ? AND metric = ?");
    if (!s)
        return -1;
    sqlite3_bind_text(s, 1, c->plot->workload, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, synfin_metric_name((enum synfin_metric)c->plot->metric), -1, SQLITE_STATIC);
    bool found = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL;
    *e = (struct plot_extent){sqlite3_column_double(s, 0), sqlite3_column_double(s, 1), 0};
    sqlite3_finalize(s);
    if (!found)
        return plot_no_values(c);
    for (size_t point = 0; point < c->results->points; point++) {
        double opened;
        if (opened_at(c, point, &opened) != 0)
            return -1;
        e->opened = fmax(e->opened, opened);
    }
    return 0;
}

struct plot_axis plot_extent_axis(const struct plot_extent *e)
{
    double low = e->low > 0 ? e->low : e->high / 1e4;
    return plot_axis(low, e->high, 20);
}

int plot_each_curve(struct plot_context *c, plot_curve_function *each, void *user)
{
    size_t curve = 0;
    for (size_t point = 0; point < c->results->points; point++) {
        double opened;
        if (results_done(c->results, point, RESULTS_EVERY) == 0)
            continue;
        struct synfin_statistic *pooled = synfin_statistic_new();
        int bad =
            !pooled || opened_at(c, point, &opened) != 0 ||
            results_pool(c->results, point, RESULTS_EVERY, c->plot->workload, (enum synfin_metric)c->plot->metric,
                         pooled) != 0 ||
            each(c, curve++, opened, pooled, user) != 0;
        synfin_statistic_free(pooled);
        if (bad)
            return -1;
    }
    return 0;
}
