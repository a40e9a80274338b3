/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of runs: all parameters of the point as columns, then what was measured. */
#include "export.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "number.h"
#include "runner.h"
#include "tidy.h"

/* ---- Points and their runs --------------------------------------------------------------------------------------- */

struct count {
    bool there;
    uint64_t value;
};

struct parameter {
    char *unit; /* NULL: a text */
    char *text;
    double value;
};

/* One point after the other, one run after the other. */
struct runs {
    struct results *results;
    struct tidy table;
    sqlite3_stmt *values, *runs; /* of a point: parameters, runs */
    struct parameter *parameter;
    struct count *count;         /* of the run, by position */
    int64_t point, replication;
};

static int open_runs(struct runs *r, struct results *results, FILE *out, bool json)
{
    *r = (struct runs){.results = results, .table = {.out = out, .json = json}};
    r->values = results_prepare(results, "SELECT text, value FROM parameters WHERE point = ? ORDER BY position");
    r->runs = results_prepare(results, "SELECT replication, counts, simulated_ns, events FROM runs"
                                       " WHERE point = ? AND status = 'done' ORDER BY replication");
    r->parameter = calloc(results->parameters + 1, sizeof *r->parameter);
    r->count = calloc(results->names + 1, sizeof *r->count);
    if (!r->values || !r->runs || !r->parameter || !r->count)
        return -1;
    tidy_column(&r->table, "point");
    tidy_column(&r->table, "replication");
    for (size_t i = 0; i < results->parameters; i++) {
        struct results_parameter p;
        if (results_parameter(results, 0, i, &p) != 0)
            return -1;
        tidy_column(&r->table, "%s%s", p.path, results_suffix(p.unit));
        r->parameter[i].unit = p.unit;
        p.unit = NULL;
        results_parameter_free(&p);
    }
    return 0;
}

static int close_runs(struct runs *r, int status)
{
    sqlite3_finalize(r->values);
    sqlite3_finalize(r->runs);
    for (size_t i = 0; i < r->results->parameters && r->parameter; i++) {
        free(r->parameter[i].unit);
        free(r->parameter[i].text);
    }
    free(r->parameter);
    free(r->count);
    if (status == STATUS_DONE && tidy_end(&r->table) != 0)
        status = STATUS_FAILED;
    tidy_free(&r->table);
    return status;
}

static int begin_point(struct runs *r, size_t point)
{
    int code = SQLITE_DONE;
    r->point = (int64_t)point;
    sqlite3_reset(r->values);
    sqlite3_bind_int64(r->values, 1, r->point);
    for (size_t i = 0; i < r->results->parameters; i++) {
        code = sqlite3_step(r->values);
        const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(r->values, 0) : NULL;
        free(r->parameter[i].text);
        r->parameter[i].text = text ? strdup(text) : NULL;
        if (!r->parameter[i].text)
            return results_failed(r->results);
        r->parameter[i].value = sqlite3_column_double(r->values, 1);
    }
    sqlite3_reset(r->runs);
    return sqlite3_bind_int64(r->runs, 1, r->point) == SQLITE_OK ? 0 : results_failed(r->results);
}

/* Counts of a run, `[1,null,3]`; those past the end of an array from before their names were known are missing. */
static void read_counts(struct runs *r, const char *text)
{
    memset(r->count, 0, r->results->names * sizeof *r->count);
    for (size_t i = 0; i < r->results->names && text && *text && *text != ']'; i++) {
        char *end;
        text++;
        r->count[i].value = strtoull(text, &end, 10);
        r->count[i].there = end > text;
        text += strcspn(text, ",]");
    }
}

/* The next run of the point: 1; 0: there is none; -1 after the error. */
static int next_run(struct runs *r)
{
    int code = sqlite3_step(r->runs);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return results_failed(r->results);
    r->replication = sqlite3_column_int64(r->runs, 0);
    read_counts(r, (const char *)sqlite3_column_text(r->runs, 1));
    return 1;
}

/* The first cells of each row. */
static void put_run(struct runs *r)
{
    tidy_count(&r->table, (uint64_t)r->point);
    tidy_count(&r->table, (uint64_t)r->replication);
    for (size_t i = 0; i < r->results->parameters; i++) {
        if (r->parameter[i].unit)
            tidy_number(&r->table, r->parameter[i].value);
        else
            tidy_text(&r->table, r->parameter[i].text);
    }
}

static void put_count(struct runs *r, size_t position)
{
    if (position < r->results->names && r->count[position].there)
        tidy_count(&r->table, r->count[position].value);
    else
        tidy_missing(&r->table);
}

typedef int run_function(struct runs *, void *user);

/* Calls for each run, and before the first of a point. -1 from either: an error, after its message. */
static int each_run(struct runs *r, run_function *at_point, run_function *at_run, void *user)
{
    for (size_t point = 0; point < r->results->points; point++) {
        int more;
        if (begin_point(r, point) != 0 || (at_point && at_point(r, user) != 0))
            return STATUS_FAILED;
        while ((more = next_run(r)) > 0) {
            if (runner_interrupted())
                return STATUS_INTERRUPTED;
            if (at_run(r, user) != 0)
                return STATUS_FAILED;
        }
        if (more < 0)
            return STATUS_FAILED;
    }
    return STATUS_DONE;
}

/* ---- Metrics ----------------------------------------------------------------------------------------------------- */

enum { CONNECTION_COUNTS = 16 };

/* The rows of a series at a point, by replication. */
struct cursor {
    const struct export_series *series;
    sqlite3_stmt *rows;
    bool row;                           /* whether one is at hand */
    size_t position[CONNECTION_COUNTS]; /* of the workload's counts of connections */
};

struct metrics {
    size_t cursors, counts;
    struct cursor *cursor;
    char count_name[CONNECTION_COUNTS][64]; /* connections.opened ... */
};

static void name_counts(struct metrics *m)
{
    for (const struct field *f = connection_fields; f->name && m->counts < CONNECTION_COUNTS; f++)
        snprintf(m->count_name[m->counts++], sizeof m->count_name[0], "connections.%s", f->name);
    for (const struct field_group *g = connection_groups; g->name; g++) {
        for (const struct field *f = g->fields; f->name && m->counts < CONNECTION_COUNTS; f++)
            snprintf(m->count_name[m->counts++], sizeof m->count_name[0], "connections.%s.%s", g->name, f->name);
    }
}

static size_t find_count(const struct results *r, const char *workload, const char *count)
{
    char name[400];
    bool all = strcmp(workload, ROWS_ALL) == 0;
    size_t i = 0;
    snprintf(name, sizeof name, "%s%s%s%s", all ? "" : "workloads.", all ? "" : workload, all ? "" : ".", count);
    while (i < r->names && strcmp(r->name[i], name) != 0)
        i++;
    return i;
}

static int open_cursor(struct cursor *c, const struct metrics *m, struct results *r, const struct export_series *series)
{
    c->series = series;
    c->rows = results_prepare(r, "SELECT replication, count, mean_ms, sd_ms, min_ns, p50_ms, p90_ms, p99_ms, p999_ms,"
                                 " max_ns FROM metrics WHERE point = ? AND workload = ? AND metric = ?"
                                 " ORDER BY replication");
    if (!c->rows)
        return -1;
    sqlite3_bind_text(c->rows, 2, series->workload, -1, SQLITE_STATIC);
    sqlite3_bind_text(c->rows, 3, synfin_metric_name(series->metric), -1, SQLITE_STATIC);
    for (size_t i = 0; i < m->counts; i++)
        c->position[i] = find_count(r, series->workload, m->count_name[i]);
    return 0;
}

static int step(struct runs *r, struct cursor *c)
{
    int code = sqlite3_step(c->rows);
    c->row = code == SQLITE_ROW;
    return c->row || code == SQLITE_DONE ? 0 : results_failed(r->results);
}

static int begin_metrics(struct runs *r, void *user)
{
    struct metrics *m = user;
    for (size_t i = 0; i < m->cursors; i++) {
        sqlite3_reset(m->cursor[i].rows);
        sqlite3_bind_int64(m->cursor[i].rows, 1, r->point);
        if (step(r, &m->cursor[i]) != 0)
            return -1;
    }
    return 0;
}

static void put_statistics(struct tidy *t, sqlite3_stmt *row)
{
    enum { COUNT = 1, MEAN, SD, MIN, P50, P999 = P50 + ROWS_QUANTILES - 1, MAX };
    tidy_count(t, (uint64_t)sqlite3_column_int64(row, COUNT));
    tidy_number(t, sqlite3_column_double(row, MEAN));
    if (sqlite3_column_int64(row, COUNT) > 1)
        tidy_number(t, sqlite3_column_double(row, SD));
    else
        tidy_missing(t);
    tidy_ms(t, sqlite3_column_int64(row, MIN));
    for (int i = P50; i <= P999; i++)
        tidy_number(t, sqlite3_column_double(row, i));
    tidy_ms(t, sqlite3_column_int64(row, MAX));
}

static void put_no_statistics(struct tidy *t)
{
    tidy_count(t, 0);
    for (int i = 1; i < SUMMARIES; i++)
        tidy_missing(t);
}

static int put_metrics(struct runs *r, void *user)
{
    struct metrics *m = user;
    for (size_t i = 0; i < m->cursors; i++) {
        struct cursor *c = &m->cursor[i];
        while (c->row && sqlite3_column_int64(c->rows, 0) < r->replication) { /* of a run that is not done */
            if (step(r, c) != 0)
                return -1;
        }
        put_run(r);
        tidy_text(&r->table, c->series->workload);
        tidy_text(&r->table, synfin_metric_name(c->series->metric));
        if (c->row && sqlite3_column_int64(c->rows, 0) == r->replication)
            put_statistics(&r->table, c->rows);
        else
            put_no_statistics(&r->table);
        for (size_t j = 0; j < m->counts; j++)
            put_count(r, c->position[j]);
    }
    return 0;
}

int export_metrics(struct results *results, FILE *out, bool json)
{
    struct runs r;
    struct metrics m = {0};
    struct export_series *series;
    int bad = open_runs(&r, results, out, json) != 0;
    bad = export_series(results, &series, &m.cursors) != 0 || bad;
    m.cursor = calloc(m.cursors + 1, sizeof *m.cursor);
    name_counts(&m);
    for (size_t i = 0; i < m.cursors && !bad; i++)
        bad = !m.cursor || open_cursor(&m.cursor[i], &m, results, &series[i]) != 0;
    tidy_column(&r.table, "workload");
    tidy_column(&r.table, "metric");
    for (int i = 0; i < SUMMARIES; i++)
        tidy_column(&r.table, "%s%s", summary_names[i], i == SUMMARY_COUNT ? "" : "_ms");
    for (size_t i = 0; i < m.counts; i++)
        tidy_column(&r.table, "%s", m.count_name[i]);
    int status = bad ? STATUS_FAILED : each_run(&r, begin_metrics, put_metrics, &m);
    for (size_t i = 0; i < m.cursors && m.cursor; i++)
        sqlite3_finalize(m.cursor[i].rows);
    free(m.cursor);
    export_series_free(series, m.cursors);
    return close_runs(&r, status);
}

/* ---- Counts ------------------------------------------------------------------------------------------------------ */

struct order {
    const char *name;
    size_t position;
};

static int by_name(const void *x, const void *y)
{
    return strcmp(((const struct order *)x)->name, ((const struct order *)y)->name);
}

static int put_counts(struct runs *r, void *user)
{
    const struct order *order = user;
    char seconds[NUMBER_SIZE];
    put_run(r);
    tidy_number(&r->table, strtod(number_seconds(seconds, sqlite3_column_int64(r->runs, 2)), NULL));
    tidy_count(&r->table, (uint64_t)sqlite3_column_int64(r->runs, 3));
    for (size_t i = 0; i < r->results->names; i++)
        put_count(r, order[i].position);
    return 0;
}

int export_counts(struct results *results, FILE *out, bool json)
{
    struct runs r;
    int bad = open_runs(&r, results, out, json) != 0;
    struct order *order = calloc(results->names + 1, sizeof *order);
    tidy_column(&r.table, "simulated_s");
    tidy_column(&r.table, "events");
    for (size_t i = 0; i < results->names && order; i++)
        order[i] = (struct order){results->name[i], i};
    if (order) /* positions are in the order in which runs came */
        qsort(order, results->names, sizeof *order, by_name);
    for (size_t i = 0; i < results->names && order; i++)
        tidy_column(&r.table, "%s", order[i].name);
    int status = bad || !order ? STATUS_FAILED : each_run(&r, NULL, put_counts, order);
    free(order);
    return close_runs(&r, status);
}
