/* SPDX-License-Identifier: BSD-2-Clause */
#include "sweep_table.h"

#include <stdlib.h>
#include <string.h>

#include "interval.h"
#include "number.h"
#include "plot_label.h"

enum { MIN_WIDTH = 10 };

/* Set-up latency, or what a protocol without set-up has instead. */
static enum synfin_metric main_metric(struct results *r)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT 1 FROM metrics WHERE workload = '*' AND metric = 'setup' LIMIT 1");
    bool setup = s && sqlite3_step(s) == SQLITE_ROW;
    sqlite3_finalize(s);
    return setup ? SYNFIN_SETUP : SYNFIN_RESPONSE;
}

static int width_of(const char *heading)
{
    int width = (int)strlen(heading);
    return width < MIN_WIDTH ? MIN_WIDTH : width;
}

static void put(FILE *f, const char *text, int width)
{
    fprintf(f, "%*s  ", width, text);
}

/* Sum of a count over the replications. */
static int put_count(struct results *r, FILE *f, size_t point, const char *name, double *sum)
{
    double *values;
    size_t n;
    char text[NUMBER_SIZE];
    if (results_values(r, point, ROWS_ALL, -1, name, &values, &n) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        *sum += values[i];
    free(values);
    if (f)
        put(f, number_grouped(text, (uint64_t)*sum), MIN_WIDTH + 2);
    return 0;
}

static int put_failed(struct results *r, FILE *f, size_t point)
{
    double sum = 0;
    char name[64], text[NUMBER_SIZE];
    for (int i = 0; i < SYNFIN_FAILURES; i++) {
        snprintf(name, sizeof name, "connections.failed.%s",
                 synfin_outcome_name((enum synfin_outcome)(SYNFIN_OUTCOME_TIMEOUT + i)));
        if (put_count(r, NULL, point, name, &sum) != 0)
            return -1;
    }
    put(f, number_grouped(text, (uint64_t)sum), MIN_WIDTH);
    return 0;
}

/* Mean with its interval, quantiles of all replications together, maximum. */
static int put_latency(struct results *r, FILE *f, size_t point, enum synfin_metric metric)
{
    struct synfin_statistic *pooled = synfin_statistic_new();
    double *means = NULL;
    size_t n;
    int bad = !pooled || results_pool(r, point, RESULTS_EVERY, ROWS_ALL, metric, pooled) != 0 ||
              results_values(r, point, ROWS_ALL, metric, "mean", &means, &n) != 0;
    char text[LABEL_SIZE] = "-", half[LABEL_SIZE] = "-";
    if (!bad && n > 0) {
        struct interval interval;
        label_duration(synfin_statistic_mean(pooled) / 1e6, text);
        if (interval_mean(means, n, results_level(r), &interval))
            label_duration((interval.high - interval.low) / 2, half);
        put(f, text, MIN_WIDTH);
        put(f, half, MIN_WIDTH);
        for (int i = 0; i < ROWS_QUANTILES; i++) {
            label_duration(synfin_statistic_quantile(pooled, rows_quantile[i]) / 1e6, text);
            put(f, text, MIN_WIDTH);
        }
        label_duration((double)synfin_statistic_max(pooled) / 1e6, text);
        put(f, text, MIN_WIDTH);
    }
    free(means);
    synfin_statistic_free(pooled);
    return bad ? -1 : 0;
}

static int put_heading(struct results *r, FILE *f, enum synfin_metric metric, int *width)
{
    static const char *const columns[] = {"mean", "+/-", "p50", "p90", "p99", "p999", "max"};
    char looks[64] = "";
    if (r->looks > 1) /* Bonferroni: see until.h */
        snprintf(looks, sizeof looks, "; widened for %zu looks", r->looks);
    fprintf(f, "%s at each point of the sweep; +/-: 95 %% interval of the mean, Student's t over the replications%s"
               "\n\n", label_metric(metric), looks);
    for (size_t i = 0; i < r->parameters; i++) {
        struct results_parameter p;
        char label[LABEL_SIZE];
        if (results_parameter(r, 0, i, &p) != 0)
            return -1;
        label_parameter(r, p.path, label);
        results_parameter_free(&p);
        width[i] = width_of(label);
        put(f, label, width[i]);
    }
    if (r->looks > 0)
        put(f, "runs", MIN_WIDTH);
    put(f, "connections", MIN_WIDTH + 2);
    put(f, "failed", MIN_WIDTH);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        put(f, columns[i], MIN_WIDTH);
    fputc('\n', f);
    return 0;
}

static int put_point(struct results *r, FILE *f, size_t point, enum synfin_metric metric, const int *width)
{
    double opened = 0;
    char runs[NUMBER_SIZE];
    for (size_t i = 0; i < r->parameters; i++) {
        struct results_parameter p;
        char value[LABEL_SIZE];
        if (results_parameter(r, point, i, &p) != 0)
            return -1;
        label_value(p.text, value);
        results_parameter_free(&p);
        put(f, value, width[i]);
    }
    if (r->looks > 0)
        put(f, number_grouped(runs, results_done(r, point, RESULTS_EVERY)), MIN_WIDTH);
    if (put_count(r, f, point, "connections.opened", &opened) != 0 || put_failed(r, f, point) != 0 ||
        put_latency(r, f, point, metric) != 0)
        return -1;
    fputc('\n', f);
    return 0;
}

int sweep_table(struct results *r, FILE *f)
{
    enum synfin_metric metric = main_metric(r);
    int *width = calloc(r->parameters + 1, sizeof *width);
    int bad = !width || put_heading(r, f, metric, width) != 0;
    for (size_t point = 0; point < r->points && !bad; point++) {
        if (results_done(r, point, RESULTS_EVERY) > 0)
            bad = put_point(r, f, point, metric, width);
    }
    free(width);
    return bad ? -1 : 0;
}
