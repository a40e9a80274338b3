/* SPDX-License-Identifier: BSD-2-Clause */
/* What to draw: the entries of `plots:`, as they stand in the database. */
#include <stdlib.h>
#include <string.h>

#include "plot.h"

static const struct kind {
    const char *name;
    bool distribution; /* needs a metric, not a count */
    bool needs_x, needs_by;
    bool per_point;         /* a picture for each point */
    const char *statistics; /* default */
} kinds[] = {
    {"cdf", true, false, false, false, ""},       {"miss", true, false, false, false, ""},
    {"histogram", true, false, false, false, ""}, {"line", false, true, false, false, "mean"},
    {"heat", false, true, true, false, "mean"},   {"states", false, false, false, true, ""},
    {"series", false, false, false, true, ""},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

static int wrong(const struct results *r, const struct plot *p, const char *what, const char *value, const char *right)
{
    fprintf(stderr, "%s: error: plots: entry %zu (%s): %s%s%s; %s\n", r->path, p->number + 1, p->kind, what,
            value ? " " : "", value ? value : "", right);
    return -1;
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

/* The number of a swept path. */
static int find_parameter(struct results *r, const struct plot *plot, const char *path, size_t *n)
{
    *n = PLOT_NO_PARAMETER;
    for (size_t i = 0; path && i < r->parameters && *n == PLOT_NO_PARAMETER; i++) {
        struct results_parameter p;
        if (results_parameter(r, 0, i, &p) != 0)
            return -1;
        if (strcmp(p.path, path) == 0)
            *n = i;
        results_parameter_free(&p);
    }
    if (path && *n == PLOT_NO_PARAMETER)
        return wrong(r, plot, "the sweep does not vary", path, "give a path of `sweep:`");
    return 0;
}

/* `setup`, `workloads.churn.setup`, else a count. */
static void parse_metric(struct plot *p)
{
    static const char prefix[] = "workloads.";
    const char *last = strrchr(p->name, '.');
    copy(p->workload, sizeof p->workload, ROWS_ALL);
    p->metric = synfin_metric_find(p->name);
    if (p->metric < 0 && last && strncmp(p->name, prefix, sizeof prefix - 1) == 0) {
        const char *workload = p->name + sizeof prefix - 1;
        p->metric = synfin_metric_find(last + 1);
        if (p->metric >= 0)
            snprintf(p->workload, sizeof p->workload, "%.*s", (int)(last - workload), workload);
    }
}

static void parse_statistics(struct plot *p, const char *words)
{
    char copied[512], *rest = NULL;
    copy(copied, sizeof copied, words);
    for (char *w = strtok_r(copied, " ", &rest); w && p->statistics < PLOT_STATISTICS; w = strtok_r(NULL, " ", &rest))
        copy(p->statistic[p->statistics++], PLOT_NAME, w);
}

static int check(struct results *r, struct plot *p, const char *x, const char *by)
{
    const struct kind *kind = find_kind(p->kind);
    if (!kind)
        return wrong(r, p, "there is no such kind", NULL, "there are cdf, miss, histogram, line, heat, states, series");
    if (kind->distribution && p->metric < 0)
        return wrong(r, p, "there is no metric", p->name,
                     "there are setup, accept, response, transfer, teardown, close, lifetime, workloads.NAME.setup");
    if (find_parameter(r, p, x, &p->x) != 0 || find_parameter(r, p, by, &p->by) != 0)
        return -1;
    if (kind->needs_x && p->x == PLOT_NO_PARAMETER)
        return wrong(r, p, "`x` is missing", NULL, "give a path of `sweep:`");
    if (kind->needs_by && p->by == PLOT_NO_PARAMETER)
        return wrong(r, p, "`by` is missing", NULL, "give a path of `sweep:`");
    if (p->statistics == 0)
        parse_statistics(p, kind->statistics);
    return 0;
}

static int read_entry(struct results *r, sqlite3_stmt *s, struct plot *p)
{
    const char *text[7];
    for (int i = 1; i < 7; i++)
        text[i] = (const char *)sqlite3_column_text(s, i);
    *p = (struct plot){.number = (size_t)sqlite3_column_int64(s, 0), .theory = sqlite3_column_int(s, 7) != 0};
    copy(p->kind, sizeof p->kind, text[1]);
    copy(p->name, sizeof p->name, text[2] ? text[2] : "setup");
    copy(p->title, sizeof p->title, text[5]);
    parse_metric(p);
    parse_statistics(p, text[6]);
    return check(r, p, text[3], text[4]);
}

/* ---- Where the scenario names none ------------------------------------------------------------------------------- */

/* The first parameter whose values are numbers. */
static size_t numeric_parameter(struct results *r)
{
    for (size_t i = 0; i < r->parameters; i++) {
        struct results_parameter p;
        if (results_parameter(r, 0, i, &p) != 0)
            break;
        bool numeric = p.unit != NULL;
        results_parameter_free(&p);
        if (numeric)
            return i;
    }
    return PLOT_NO_PARAMETER;
}

static size_t usual(struct results *r, struct plot *plots)
{
    static const char *const names[] = {"cdf", "miss", "histogram", "line"};
    size_t x = numeric_parameter(r), n = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bool line = strcmp(names[i], "line") == 0;
        if (line && x == PLOT_NO_PARAMETER)
            continue;
        struct plot *p = &plots[n];
        *p = (struct plot){.number = n, .x = line ? x : PLOT_NO_PARAMETER, .by = PLOT_NO_PARAMETER};
        copy(p->kind, sizeof p->kind, names[i]);
        copy(p->name, sizeof p->name, "setup");
        parse_metric(p);
        parse_statistics(p, line ? "mean p50 p99" : "");
        n++;
    }
    return n;
}

static size_t pictures(const struct results *r, const struct plot *p)
{
    return find_kind(p->kind)->per_point ? r->points : 1;
}

static struct plot *unfold(struct results *r, struct plot *plots, size_t *n)
{
    size_t all = 0;
    for (size_t i = 0; i < *n; i++)
        all += pictures(r, &plots[i]);
    struct plot *unfolded = calloc(all + 1, sizeof *unfolded);
    size_t used = 0;
    for (size_t i = 0; i < *n && unfolded; i++) {
        for (size_t point = 0; point < pictures(r, &plots[i]); point++) {
            unfolded[used] = plots[i];
            unfolded[used++].point = point;
        }
    }
    free(plots);
    *n = used;
    return unfolded;
}

int plot_entries(struct results *r, struct plot **plots, size_t *n)
{
    enum { MOST = 1000 };
    sqlite3_stmt *s = results_prepare(r, "SELECT plot, kind, metric, x, by, title, statistics, theory FROM plots"
                                         " ORDER BY plot LIMIT 1000");
    *n = 0;
    *plots = calloc(MOST, sizeof **plots);
    int bad = !s || !*plots, code = SQLITE_DONE;
    while (!bad && (code = sqlite3_step(s)) == SQLITE_ROW)
        bad = read_entry(r, s, &(*plots)[(*n)++]) != 0;
    if (!bad && code != SQLITE_DONE)
        bad = results_failed(r) != 0;
    sqlite3_finalize(s);
    if (!bad && *n == 0)
        *n = usual(r, *plots);
    *plots = bad ? *plots : unfold(r, *plots, n);
    return bad || !*plots ? -1 : 0;
}
