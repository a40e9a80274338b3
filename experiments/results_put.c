/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing runs into a database of results. */
#include "results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

static const char *const sql[RESULTS_STATEMENTS] = {
    [RESULTS_PUT_RUN] = "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [RESULTS_PUT_WALL_CLOCK] = "INSERT OR REPLACE INTO wall_clock VALUES (?, ?, ?)",
    [RESULTS_PUT_METRIC] = "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [RESULTS_PUT_HISTOGRAM] = "INSERT INTO histograms VALUES (?, ?, ?, ?, ?)",
    [RESULTS_PUT_SAMPLE] = "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [RESULTS_PUT_WAITING] = "INSERT INTO queue_samples VALUES (?, ?, ?, ?, ?, ?)",
    [RESULTS_PUT_EXPECTATION] = "INSERT INTO expectations VALUES (?, ?, ?, ?, ?)",
    [RESULTS_PUT_NAME] = "INSERT INTO count_names VALUES (?, ?)",
    [RESULTS_HAS] = "SELECT count(*) FROM runs WHERE point = ? AND replication = ? AND status = 'done'",
    [RESULTS_BEGIN] = "BEGIN IMMEDIATE",
    [RESULTS_COMMIT] = "COMMIT",
};

static sqlite3_stmt *statement(struct results *r, enum results_statement which)
{
    if (!r->statement[which])
        r->statement[which] = results_prepare(r, sql[which]);
    return r->statement[which];
}

/* ---- Counts: an array by position -------------------------------------------------------------------------------- */

static int add_name(struct results *r, const char *name)
{
    char **names = realloc(r->name, (r->names + 1) * sizeof *names), *copy = strdup(name);
    if (names)
        r->name = names;
    if (!names || !copy) {
        free(copy);
        return -1;
    }
    r->name[r->names] = copy;
    if (results_step(r, statement(r, RESULTS_PUT_NAME), "it", (int64_t)r->names, name) != 0) {
        free(copy);
        return -1;
    }
    r->names++;
    return 0;
}

/* The position of a name; `guess` is looked at first. names: there is none. */
static size_t position_of(const struct results *r, const char *name, size_t guess)
{
    if (guess < r->names && strcmp(r->name[guess], name) == 0)
        return guess;
    size_t i = 0;
    while (i < r->names && strcmp(r->name[i], name) != 0)
        i++;
    return i;
}

/* Where each count of the rows stands, r->names at most. -1: no memory, or an error. */
static int find_positions(struct results *r, const struct rows *rows, size_t *position)
{
    const char *name = rows->names;
    for (size_t i = 0; i < rows->counts; i++, name += strlen(name) + 1) {
        position[i] = position_of(r, name, i);
        if (position[i] == r->names && add_name(r, name) != 0)
            return -1;
    }
    return 0;
}

static char *put_number(char *p, uint64_t x)
{
    char digits[20], *d = digits;
    do
        *d++ = (char)('0' + (int)(x % 10));
    while ((x /= 10) > 0);
    while (d > digits)
        *p++ = *--d;
    return p;
}

enum { COUNT_SIZE = 21 }; /* the largest, and a comma */

/* The counts as a JSON array, `null` where there is none, to be freed; NULL: no memory, or an error. */
static char *count_array(struct results *r, const struct rows *rows)
{
    size_t *position = calloc(rows->counts + 1, sizeof *position);
    if (!position || find_positions(r, rows, position) != 0) {
        free(position);
        return NULL;
    }
    const uint64_t **at = calloc(r->names + 1, sizeof *at);
    char *text = malloc(r->names * COUNT_SIZE + 3), *p = text;
    for (size_t i = 0; i < rows->counts && at; i++)
        at[position[i]] = &rows->count[i];
    if (at && text) {
        *p++ = '[';
        for (size_t i = 0; i < r->names; i++) {
            if (i)
                *p++ = ',';
            p = at[i] ? put_number(p, *at[i]) : stpcpy(p, "null");
        }
        strcpy(p, "]");
    } else {
        free(text);
        text = NULL;
    }
    free(position);
    free(at);
    return text;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

enum { WIDE_DIGITS = 40 };

static const char *decimal(char text[WIDE_DIGITS], const uint64_t halves[2])
{
    wide x = (wide)halves[0] << 64 | halves[1];
    char *p = text + WIDE_DIGITS - 1;
    *p = '\0';
    do {
        *--p = (char)('0' + (int)(x % 10));
        x /= 10;
    } while (x > 0);
    return p;
}

/* Binds a sum: a number where it fits, else text. */
static void bind_sum(sqlite3_stmt *s, int column, const uint64_t halves[2])
{
    char text[WIDE_DIGITS];
    if (halves[0] == 0 && halves[1] <= INT64_MAX)
        sqlite3_bind_int64(s, column, (int64_t)halves[1]);
    else
        sqlite3_bind_text(s, column, decimal(text, halves), -1, SQLITE_TRANSIENT);
}

static int put_metric(struct results *r, const struct rows *rows, const struct rows_metric *m)
{
    int64_t point = (int64_t)rows->point, replication = rows->replication;
    const char *metric = synfin_metric_name(m->metric);
    sqlite3_stmt *s = statement(r, RESULTS_PUT_METRIC);
    if (!s)
        return -1;
    bind_sum(s, 6, m->sum);
    bind_sum(s, 7, m->squares);
    sqlite3_bind_double(s, 8, m->mean_ms);
    sqlite3_bind_double(s, 9, m->sd_ms);
    sqlite3_bind_int64(s, 10, m->min);
    sqlite3_bind_int64(s, 11, m->max);
    for (int i = 0; i < ROWS_QUANTILES; i++)
        sqlite3_bind_double(s, 12 + i, m->quantile_ms[i]);
    if (results_step(r, s, "ittii", point, m->workload, metric, replication, (int64_t)m->count) != 0)
        return -1;
    return results_step(r, statement(r, RESULTS_PUT_HISTOGRAM), "ittib", point, m->workload, metric, replication,
                        (const void *)m->bins, m->size);
}

static int put_sample(struct results *r, const struct rows *rows, const struct synfin_sample *sample)
{
    sqlite3_stmt *s = statement(r, RESULTS_PUT_SAMPLE);
    if (!s)
        return -1;
    for (int i = 0; i < SYNFIN_SERIES_STATES; i++)
        sqlite3_bind_int64(s, 4 + i, (int64_t)sample->state[i]);
    for (int d = 0; d < 2; d++)
        sqlite3_bind_int64(s, 4 + SYNFIN_SERIES_STATES + d, (int64_t)sample->segments[d]);
    return results_step(r, s, "iii", (int64_t)rows->point, (int64_t)rows->replication, (int64_t)sample->time);
}

static int put_all(struct results *r, const struct rows *rows)
{
    int64_t point = (int64_t)rows->point, replication = rows->replication;
    if (rows->failure)
        return results_step(r, statement(r, RESULTS_PUT_RUN), "iittnnnn", point, replication, "failed", rows->failure);
    char *counts = count_array(r, rows);
    int bad = counts ? results_step(r, statement(r, RESULTS_PUT_RUN), "iittiiit", point, replication, "done",
                                    (const char *)NULL, (int64_t)rows->independent, (int64_t)rows->simulated,
                                    (int64_t)rows->events, counts)
                     : results_failed(r);
    free(counts);
    bad = bad || results_step(r, statement(r, RESULTS_PUT_WALL_CLOCK), "iid", point, replication, rows->wall_s) != 0;
    for (size_t i = 0; i < rows->metrics && !bad; i++)
        bad = put_metric(r, rows, &rows->metric[i]);
    for (size_t i = 0; i < rows->samples && !bad; i++)
        bad = put_sample(r, rows, &rows->sample[i]);
    for (size_t i = 0; i < rows->waitings && !bad; i++) {
        const struct rows_waiting *w = &rows->waiting[i];
        bad = results_step(r, statement(r, RESULTS_PUT_WAITING), "iittii", point, replication, w->link,
                           w->backward ? "backward" : "forward", (int64_t)w->time, (int64_t)w->packets);
    }
    for (size_t i = 0; i < rows->expectations && !bad; i++) {
        const struct rows_expectation *e = &rows->expectation[i];
        bad = results_step(r, statement(r, RESULTS_PUT_EXPECTATION), "iitid", point, replication, e->text,
                           (int64_t)e->holds, e->found);
    }
    return bad ? -1 : 0;
}

int results_put(struct results *r, const struct rows *rows)
{
    if (results_step(r, statement(r, RESULTS_BEGIN), "") != 0)
        return -1;
    if (put_all(r, rows) == 0 && results_step(r, statement(r, RESULTS_COMMIT), "") == 0)
        return 0;
    sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

int results_sync(struct results *r)
{
    sqlite3_file *log = NULL; /* the write-ahead log */
    if (sqlite3_file_control(r->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK)
        return results_failed(r);
    int code = log && log->pMethods ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) : SQLITE_OK;
    if (code == SQLITE_OK)
        return 0;
    fprintf(stderr, "%s: error: the disk does not take it: %s\n", r->path, sqlite3_errstr(code));
    return -1;
}

int results_has(struct results *r, size_t point, uint32_t replication)
{
    sqlite3_stmt *s = statement(r, RESULTS_HAS);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, (int64_t)point);
    sqlite3_bind_int64(s, 2, replication);
    int found = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int(s, 0) : results_failed(r);
    sqlite3_reset(s);
    return found;
}

int results_there(struct results *r, size_t *runs)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT count(*) FROM runs WHERE status = 'done'");
    int found = s && sqlite3_step(s) == SQLITE_ROW;
    if (found)
        *runs = (size_t)sqlite3_column_int64(s, 0);
    else if (s)
        results_failed(r);
    sqlite3_finalize(s);
    return found ? 0 : -1;
}
