/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading databases of results. */
#include "results.h"

#include "interval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy of a column's text; NULL where it is NULL. */
static char *column(sqlite3_stmt *s, int n)
{
    const char *text = (const char *)sqlite3_column_text(s, n);
    return text ? strdup(text) : NULL;
}

char *results_meta(struct results *r, const char *key)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT value FROM meta WHERE key = ?");
    if (!s)
        return NULL;
    sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    char *value = sqlite3_step(s) == SQLITE_ROW ? column(s, 0) : NULL;
    sqlite3_finalize(s);
    return value;
}

double results_level(const struct results *r)
{
    return r->looks > 1 ? 1 - (1 - INTERVAL_LEVEL) / (double)r->looks : INTERVAL_LEVEL;
}

int results_parameter(struct results *r, size_t point, size_t n, struct results_parameter *parameter)
{
    *parameter = (struct results_parameter){0};
    sqlite3_stmt *s = results_prepare(r, "SELECT path, text, unit, value FROM parameters"
                                         " WHERE point = ? AND position = ?");
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, (int64_t)point);
    sqlite3_bind_int64(s, 2, (int64_t)n);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found)
        *parameter = (struct results_parameter){column(s, 0), column(s, 1), column(s, 2), sqlite3_column_double(s, 3)};
    sqlite3_finalize(s);
    if (found && parameter->path && parameter->text)
        return 0;
    results_parameter_free(parameter);
    return results_failed(r);
}

void results_parameter_free(struct results_parameter *parameter)
{
    free(parameter->path);
    free(parameter->text);
    free(parameter->unit);
    *parameter = (struct results_parameter){0};
}

/* The one whole number of a query about replications of a point, 0 where there is none. */
static int64_t number_at(struct results *r, const char *sql, size_t point, uint32_t bound)
{
    sqlite3_stmt *s = results_prepare(r, sql);
    if (!s)
        return 0;
    sqlite3_bind_int64(s, 1, (int64_t)point);
    sqlite3_bind_int64(s, 2, bound);
    int64_t value = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return value;
}

size_t results_done(struct results *r, size_t point, uint32_t bound)
{
    return (size_t)number_at(r, "SELECT count(*) FROM runs WHERE point = ? AND replication < ? AND status = 'done'",
                             point, bound);
}

bool results_independent(struct results *r, size_t point, uint32_t bound)
{
    return number_at(r, "SELECT min(independent) FROM runs WHERE point = ? AND replication < ? AND status = 'done'",
                     point, bound) == 1;
}

/* ---- Distributions ----------------------------------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 wide;

/* Decimal text of a sum. False: it is none, or does not fit. */
static bool read_sum(const char *text, uint64_t halves[2])
{
    wide x = 0, most = ~(wide)0;
    if (!text || !*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || x > (most - (unsigned)(*text - '0')) / 10)
            return false;
        x = 10 * x + (unsigned)(*text - '0');
    }
    halves[0] = (uint64_t)(x >> 64);
    halves[1] = (uint64_t)x;
    return true;
}

/* Bins of one row, kept from row to row. */
struct bins {
    struct synfin_bin *bin;
    size_t room;
};

static bool restore(struct synfin_statistic *to, sqlite3_stmt *s, struct bins *bins)
{
    size_t size = (size_t)sqlite3_column_bytes(s, 4);
    if (size / 4 > bins->room) {
        struct synfin_bin *bin = realloc(bins->bin, size / 4 * sizeof *bin);
        if (!bin)
            return false;
        bins->bin = bin;
        bins->room = size / 4;
    }
    uint64_t sum[2], squares[2];
    ptrdiff_t n = rows_decode(sqlite3_column_blob(s, 4), size, bins->bin, bins->room);
    return n > 0 && read_sum((const char *)sqlite3_column_text(s, 0), sum) &&
           read_sum((const char *)sqlite3_column_text(s, 1), squares) &&
           synfin_statistic_restore(to, bins->bin, (size_t)n, sqlite3_column_int64(s, 2), sqlite3_column_int64(s, 3),
                                    sum, squares) == 0;
}

int results_pool(struct results *r, size_t point, uint32_t bound, const char *workload, enum synfin_metric metric,
                 struct synfin_statistic *pooled)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT sum_ns, sum_squares_ns2, min_ns, max_ns, bins FROM metrics"
                                         " JOIN histograms USING (point, workload, metric, replication)"
                                         " WHERE point = ? AND workload = ? AND metric = ?"
                                         " AND replication < ?");
    struct synfin_statistic *one = synfin_statistic_new();
    struct bins bins = {0};
    int code = SQLITE_NOMEM;
    bool sound = true;
    if (s && one) {
        sqlite3_bind_int64(s, 1, (int64_t)point);
        sqlite3_bind_text(s, 2, workload, -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 3, synfin_metric_name(metric), -1, SQLITE_STATIC);
        sqlite3_bind_int64(s, 4, bound);
        while (sound && (code = sqlite3_step(s)) == SQLITE_ROW) {
            sound = restore(one, s, &bins);
            if (sound)
                synfin_statistic_merge(pooled, one);
        }
    }
    if (s && !sound)
        fprintf(stderr, "%s: error: the histogram of %s at point %zu is damaged; make the database anew\n", r->path,
                synfin_metric_name(metric), point);
    else if (s && code != SQLITE_DONE)
        results_failed(r);
    sqlite3_finalize(s);
    synfin_statistic_free(one);
    free(bins.bin);
    return code == SQLITE_DONE && sound && !synfin_statistic_failed(pooled) ? 0 : -1;
}

/* ---- Numbers ----------------------------------------------------------------------------------------------------- */

/* The expression and the tables that give one number of each replication; of counts all, with the position of this one.
   False: there is no such name. */
static bool number_query(const struct results *r, int metric, const char *name, char *sql, size_t size,
                         size_t *position)
{
    static const struct {
        const char *name, *column;
    } statistics[] = {
        {"mean", "mean_ms"}, {"sd", "sd_ms"},   {"min", "min_ns / 1e6"}, {"max", "max_ns / 1e6"}, {"count", "count"},
        {"p50", "p50_ms"},   {"p90", "p90_ms"}, {"p99", "p99_ms"},       {"p999", "p999_ms"},
    };
    if (metric >= 0) {
        for (size_t i = 0; i < sizeof statistics / sizeof statistics[0]; i++) {
            if (strcmp(name, statistics[i].name) == 0) {
                snprintf(sql, size, "SELECT %s, replication FROM metrics WHERE point = ? AND workload = ?"
                                    " AND metric = ? ORDER BY replication", statistics[i].column);
                return true;
            }
        }
        return false;
    }
    for (size_t i = 0; i < r->names; i++) {
        if (strcmp(name, r->name[i]) == 0) {
            snprintf(sql, size, "SELECT counts, replication FROM runs"
                                " WHERE point = ? AND status = 'done' ORDER BY replication");
            *position = i;
            return true;
        }
    }
    return false;
}

/* An element of an array of counts, `[1,null,3]`; NAN: there is none. */
static double count_at(const char *text, size_t position)
{
    const char *p = text && *text == '[' ? text + 1 : NULL;
    for (size_t i = 0; i < position && p; i++) {
        p = strchr(p, ',');
        p += p != NULL;
    }
    return p && *p >= '0' && *p <= '9' ? (double)strtoull(p, NULL, 10) : (double)NAN;
}

/* Adds a number of a replication to the arrays, which have room for powers of two; -1: no memory. */
static int add_number(double **values, uint32_t **replications, size_t *n, double value, uint32_t replication)
{
    if ((*n & (*n - 1)) == 0) {
        size_t room = *n ? 2 * *n : 1;
        double *more = realloc(*values, room * sizeof *more);
        if (more)
            *values = more;
        uint32_t *numbers = realloc(*replications, room * sizeof *numbers);
        if (numbers)
            *replications = numbers;
        if (!more || !numbers)
            return -1;
    }
    (*values)[*n] = value;
    (*replications)[(*n)++] = replication;
    return 0;
}

int results_numbered(struct results *r, size_t point, const char *workload, int metric, const char *name,
                     double **values, uint32_t **replications, size_t *n)
{
    char sql[256];
    *values = NULL;
    *replications = NULL;
    *n = 0;
    size_t position = 0;
    if (!number_query(r, metric, name, sql, sizeof sql, &position)) {
        fprintf(stderr, "%s: error: there is no %s '%s' in the results; %s\n", r->path,
                metric < 0 ? "count" : "statistic", name,
                metric < 0 ? "`SELECT name FROM count_names` lists them"
                           : "there are count, mean, sd, min, p50, p90, p99, p999, max");
        return -1;
    }
    sqlite3_stmt *s = results_prepare(r, sql);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, (int64_t)point);
    if (metric >= 0) {
        sqlite3_bind_text(s, 2, workload, -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 3, synfin_metric_name((enum synfin_metric)metric), -1, SQLITE_STATIC);
    }
    int code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        double value = metric < 0 ? count_at((const char *)sqlite3_column_text(s, 0), position)
                                  : sqlite3_column_double(s, 0);
        if (!isnan(value) &&
            add_number(values, replications, n, value, (uint32_t)sqlite3_column_int64(s, 1)) != 0)
            break;
    }
    sqlite3_finalize(s);
    return code == SQLITE_DONE ? 0 : results_failed(r);
}

int results_values(struct results *r, size_t point, const char *workload, int metric, const char *name, double **values,
                   size_t *n)
{
    uint32_t *replications;
    int status = results_numbered(r, point, workload, metric, name, values, &replications, n);
    free(replications);
    return status;
}

/* ---- What is not as it should be --------------------------------------------------------------------------------- */

int results_bad(struct results *r, results_bad_run *each, void *user)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT point, replication, reason, NULL, NULL FROM runs"
                                         " WHERE status = 'failed' UNION ALL"
                                         " SELECT point, replication, NULL, text, found FROM expectations"
                                         " WHERE NOT holds"
                                         " ORDER BY point, replication");
    if (!s)
        return -1;
    int code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        double found = sqlite3_column_type(s, 4) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(s, 4);
        each(user, (size_t)sqlite3_column_int64(s, 0), (uint32_t)sqlite3_column_int64(s, 1),
             (const char *)sqlite3_column_text(s, 2), (const char *)sqlite3_column_text(s, 3), found);
    }
    sqlite3_finalize(s);
    return code == SQLITE_DONE ? 0 : results_failed(r);
}

int results_unjudged(struct results *r, const char *expectation, size_t *runs)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT count(*) FROM runs AS r WHERE status = 'done' AND NOT EXISTS"
                                         " (SELECT 1 FROM expectations AS e WHERE e.point = r.point"
                                         " AND e.replication = r.replication"
                                         " AND e.text = ?)");
    if (!s)
        return -1;
    sqlite3_bind_text(s, 1, expectation, -1, SQLITE_STATIC);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    *runs = found ? (size_t)sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return found ? 0 : results_failed(r);
}

int results_absent(struct results *r, size_t *failed, size_t *missing)
{
    char *text = results_meta(r, "replications");
    uint64_t replications = text && text[strspn(text, "0123456789")] == '\0' ? strtoull(text, NULL, 10) : 0;
    free(text);
    sqlite3_stmt *s = results_prepare(r, "SELECT coalesce(sum(status = 'failed'), 0), coalesce(sum(replication < ?), 0)"
                                         " FROM runs");
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, (int64_t)replications);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    uint64_t there = found ? (uint64_t)sqlite3_column_int64(s, 1) : 0, asked = replications * r->points;
    *failed = found ? (size_t)sqlite3_column_int64(s, 0) : 0;
    *missing = asked > there ? (size_t)(asked - there) : 0;
    int status = found ? 0 : results_failed(r);
    sqlite3_finalize(s);
    return status;
}
