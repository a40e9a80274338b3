/* SPDX-License-Identifier: BSD-2-Clause */
/* Exact distributions in a database of results: put there with the plots that ask for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "runner.h"

static int no_memory(const struct results *r)
{
    fprintf(stderr, "%s: error: out of memory\n", r->path);
    return -1;
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static int put_theory(struct results *r, size_t point, const char *workload, const struct theory *t)
{
    sqlite3_stmt *head = results_prepare(r, "INSERT INTO theories VALUES (?, ?, ?)");
    sqlite3_stmt *row = results_prepare(r, "INSERT INTO theory_points VALUES (?, ?, ?, ?, ?)");
    int bad = !head || !row ||
              results_step(r, head, "itt", (int64_t)point, workload, t->unknown[0] ? t->unknown : NULL) != 0;
    for (size_t i = 0; i < t->points && !bad; i++)
        bad = results_step(r, row, "itidd", (int64_t)point, workload, (int64_t)t->point[i].time, t->point[i].before,
                           t->point[i].after) != 0;
    sqlite3_finalize(head);
    sqlite3_finalize(row);
    return bad ? -1 : 0;
}

static int put_point(struct results *r, const struct scenario_file *file, size_t point)
{
    struct synfin_scenario *scenario = scenario_file_scenario(file, point);
    int bad = !scenario;
    for (size_t i = 0; !bad && i < scenario->workloads; i++) {
        struct theory t;
        if (theory_of_workload(&t, scenario, i, theory_expected(&scenario->workload[i])) != 0) {
            bad = no_memory(r);
            break;
        }
        bad = put_theory(r, point, scenario->workload[i].name, &t);
        theory_free(&t);
    }
    synfin_scenario_free(scenario);
    return bad ? -1 : 0;
}

/* A point's never changes: it is computed once. */
int results_put_theory(struct results *r, const struct scenario_file *file)
{
    bool wanted = false;
    for (size_t i = 0; i < file->plots; i++)
        wanted = wanted || file->plot[i].theory;
    sqlite3_stmt *has = wanted ? results_prepare(r, "SELECT count(*) FROM theories WHERE point = ?") : NULL;
    int bad = wanted && !has;
    for (size_t point = 0; has && point < scenario_file_points(file) && !bad; point++) {
        sqlite3_bind_int64(has, 1, (int64_t)point);
        bad = runner_interrupted() || sqlite3_step(has) != SQLITE_ROW ? results_failed(r)
                                              : sqlite3_column_int(has, 0) == 0 && put_point(r, file, point) != 0;
        sqlite3_reset(has);
    }
    sqlite3_finalize(has);
    return bad ? -1 : 0;
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static int add_point(struct theory *t, struct theory_point point)
{
    if ((t->points & (t->points + 1)) == 0) { /* at 2^n - 1 */
        struct theory_point *grown = realloc(t->point, 2 * (t->points + 1) * sizeof *grown);
        if (!grown)
            return -1;
        t->point = grown;
    }
    t->point[t->points++] = point;
    t->never = 1 - point.after;
    return 0;
}

static int read_points(struct results *r, size_t point, const char *workload, struct theory *t)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT time_ns, before, after FROM theory_points"
                                         " WHERE point = ? AND workload = ? ORDER BY time_ns");
    int code = SQLITE_ROW, bad = !s;
    t->never = 1;
    if (s) {
        sqlite3_bind_int64(s, 1, (int64_t)point);
        sqlite3_bind_text(s, 2, workload, -1, SQLITE_STATIC);
    }
    while (!bad && (code = sqlite3_step(s)) == SQLITE_ROW) {
        if (add_point(t, (struct theory_point){sqlite3_column_int64(s, 0), sqlite3_column_double(s, 1),
                                               sqlite3_column_double(s, 2)}) != 0)
            bad = no_memory(r);
    }
    if (!bad && code != SQLITE_DONE)
        bad = results_failed(r);
    sqlite3_finalize(s);
    return bad ? -1 : 0;
}

/* How many connections of a workload were opened, all replications together; of the only one, 1. */
static int weigh(struct results *r, size_t point, const char *workload, bool only, double *weight)
{
    char name[512];
    double *values;
    size_t n;
    *weight = only;
    if (only)
        return 0;
    snprintf(name, sizeof name, "workloads.%s.connections.opened", workload);
    if (results_values(r, point, ROWS_ALL, -1, name, &values, &n) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        *weight += values[i];
    free(values);
    return 0;
}

/* The workloads of a point that are asked for, each with its weight. */
struct parts {
    size_t used;
    struct theory *theory;
    double *weight;
};

static int read_part(struct results *r, size_t point, sqlite3_stmt *s, bool only, struct parts *p)
{
    const char *workload = (const char *)sqlite3_column_text(s, 0), *unknown = (const char *)sqlite3_column_text(s, 1);
    struct theory *theory = realloc(p->theory, (p->used + 1) * sizeof *theory);
    if (theory)
        p->theory = theory;
    double *weight = theory ? realloc(p->weight, (p->used + 1) * sizeof *weight) : NULL;
    if (weight)
        p->weight = weight;
    if (!theory || !weight || !workload)
        return no_memory(r);
    struct theory *t = &p->theory[p->used++];
    *t = (struct theory){0};
    snprintf(t->unknown, sizeof t->unknown, "%s", unknown ? unknown : "");
    return weigh(r, point, workload, only, &p->weight[p->used - 1]) != 0 || read_points(r, point, workload, t) != 0;
}

static int mix(struct results *r, struct parts *p, struct theory *t)
{
    const struct theory **part = calloc(p->used + 1, sizeof(struct theory *));
    double all = 0;
    for (size_t i = 0; i < p->used; i++)
        all += p->weight[i];
    for (size_t i = 0; part && i < p->used; i++) {
        part[i] = &p->theory[i];
        p->weight[i] = all > 0 ? p->weight[i] / all : 1 / (double)p->used;
    }
    int bad = !part || theory_mix(t, part, p->weight, p->used) != 0 ? no_memory(r) : 0;
    free(part);
    return bad;
}

int results_theory(struct results *r, size_t point, const char *workload, struct theory *t)
{
    bool all = strcmp(workload, ROWS_ALL) == 0;
    struct parts parts = {0};
    *t = (struct theory){.unknown = "it was not asked for when the results were made"};
    sqlite3_stmt *s = results_prepare(r, "SELECT workload, unknown, (SELECT count(*) FROM theories WHERE point = ?1)"
                                         " FROM theories WHERE point = ?1 AND (workload = ?2 OR ?3) ORDER BY workload");
    int code = SQLITE_ROW, bad = !s;
    if (s) {
        sqlite3_bind_int64(s, 1, (int64_t)point);
        sqlite3_bind_text(s, 2, workload, -1, SQLITE_STATIC);
        sqlite3_bind_int(s, 3, all);
    }
    while (!bad && (code = sqlite3_step(s)) == SQLITE_ROW)
        bad = read_part(r, point, s, !all || sqlite3_column_int(s, 2) == 1, &parts);
    if (!bad && code != SQLITE_DONE)
        bad = results_failed(r);
    sqlite3_finalize(s);
    if (!bad && parts.used > 0)
        bad = mix(r, &parts, t);
    for (size_t i = 0; i < parts.used; i++)
        theory_free(&parts.theory[i]);
    free(parts.theory);
    free(parts.weight);
    return bad ? -1 : 0;
}
