/* SPDX-License-Identifier: BSD-2-Clause */
#include "until.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

/* ---- Looks ------------------------------------------------------------------------------------------------------- */

uint32_t until_next_look(const struct scenario_until *u, uint32_t replications)
{
    uint32_t next = replications + replications / 2 + replications % 2;
    return next < u->most ? next : u->most;
}

size_t until_looks(const struct scenario_until *u)
{
    size_t looks = 1;
    for (uint32_t n = u->least; n < u->most; n = until_next_look(u, n))
        looks++;
    return looks;
}

/* ---- Goals ------------------------------------------------------------------------------------------------------- */

/* A quantile's replications may lie on both sides of a gap: their mean is then a narrow interval around nothing. */
static bool lies_in_gap(const struct estimate *e)
{
    return !e->binomial && estimate_spans_gap(e);
}

/* Replications that are all equal: what is rare may not have come yet. Order statistics know how rare it then is. */
static bool all_equal(const struct estimate *e)
{
    return e->known && !e->binomial && !(e->interval.high > e->interval.low);
}

bool until_met(const struct estimate *e, double width)
{
    return e->known && (e->interval.high - e->interval.low) / 2 <= width * fabs(e->value) && !lies_in_gap(e) &&
           !all_equal(e);
}

/* The goal was parsed when the file was read. */
static int look_at(struct estimate *e, struct quantity *q, struct results *r, size_t point, uint32_t bound,
                   const struct scenario_goal *goal)
{
    char error[512];
    if (quantity_parse(q, goal->name, error, sizeof error) != 0)
        return -1;
    return estimate_at(e, r, point, bound, q->workload, q->metric, q->name);
}

int until_check(const struct scenario_file *file, const struct synfin_results *results)
{
    for (size_t i = 0; i < file->until.goals; i++) {
        const char *name = file->until.goal[i].name;
        char error[512], full[LABEL_SIZE + 8];
        double value;
        struct quantity q;
        if (quantity_parse(&q, name, error, sizeof error) != 0)
            return -1;
        snprintf(full, sizeof full, "%s%s", q.label, strcmp(q.name, "mean") == 0 ? ".mean" : "");
        bool alone = results->workloads == 1 && strncmp(name, "workloads.", strlen("workloads.")) == 0;
        if (alone || expect_lookup(results, full, &value) != 0) {
            fprintf(stderr, "%s: error: sweep.replications.until: %s: %s\n", file->path, name,
                    alone ? "there is one workload only; leave out what names it"
                          : "the results of this scenario have no such name; `synfin run --json` shows all there are");
            return -1;
        }
    }
    return 0;
}

/* Whether all goals are met: 1 or 0; -1 after an error. */
static int all_met(struct results *r, const struct scenario_until *u, size_t point, uint32_t bound)
{
    for (size_t i = 0; i < u->goals; i++) {
        struct estimate e;
        struct quantity q;
        if (look_at(&e, &q, r, point, bound, &u->goal[i]) != 0)
            return -1;
        if (!until_met(&e, u->goal[i].width))
            return 0;
    }
    return 1;
}

int until_raise(struct results *r, const struct scenario_until *u, size_t point, uint32_t *replications)
{
    if (*replications < u->least)
        *replications = u->least;
    while (*replications < u->most && results_done(r, point, *replications) == *replications) {
        int met = all_met(r, u, point, *replications);
        if (met != 0)
            return met > 0 ? 0 : -1;
        *replications = until_next_look(u, *replications);
    }
    return 0;
}

/* ---- What is not there yet --------------------------------------------------------------------------------------- */

enum { MOST_GOALS = 64 };

/* The text of `replications` in `meta`: `until setup.p99 2%, setup 1%, min 10, max 200`. It is cut up. Whether it is
   whole. */
static bool read_asked(char *text, struct scenario_until *u)
{
    unsigned long least = 0, most = 0;
    char *rest = NULL;
    for (char *part = strtok_r(text, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
        double percent;
        int end;
        part += strspn(part, " ");
        part += strncmp(part, "until ", 6) == 0 ? 6 : 0;
        if (sscanf(part, "min %lu", &least) == 1 || sscanf(part, "max %lu", &most) == 1)
            continue;
        if (sscanf(part, "%*s%n %lf%%", &end, &percent) != 1 || u->goals == MOST_GOALS)
            return false;
        part[end] = '\0';
        u->goal[u->goals++] = (struct scenario_goal){part, percent / 100};
    }
    u->least = (uint32_t)least;
    u->most = (uint32_t)most;
    return u->goals > 0 && least > 0 && most >= least;
}

int until_missing(struct results *r, size_t *runs)
{
    struct scenario_goal goals[MOST_GOALS];
    struct scenario_until u = {.goal = goals};
    char *text = results_meta(r, "replications");
    int bad = text == NULL;
    *runs = 0;
    if (!bad && read_asked(text, &u)) {
        for (size_t point = 0; point < r->points && !bad; point++) {
            uint32_t asked = 0;
            bad = until_raise(r, &u, point, &asked) != 0;
            size_t done = results_done(r, point, asked);
            *runs += asked > done ? asked - done : 0;
        }
    }
    free(text);
    return bad ? -1 : 0;
}

/* ---- What is not met --------------------------------------------------------------------------------------------- */

static void tell(const struct scenario_file *file, const struct quantity *q, const struct scenario_goal *goal,
                 const struct estimate *e, const char *where, size_t replications)
{
    char value[LABEL_SIZE], low[LABEL_SIZE], high[LABEL_SIZE];
    quantity_label(q, e->value, value);
    fprintf(stderr, "%s: %s%s%s: ", file->path, q->label, where[0] ? " at " : "", where);
    if (!e->known) {
        fprintf(stderr, "%s, no interval after %zu replications\n", isnan(e->value) ? "no values" : value,
                replications);
        return;
    }
    if (all_equal(e)) {
        fprintf(stderr, "%s in each of %zu replications: what is rare may not have come yet\n", value, replications);
        return;
    }
    quantity_label(q, e->interval.low, low);
    quantity_label(q, e->interval.high, high);
    fprintf(stderr, "%s, interval %s to %s after %zu replications, wider than +/- %g %%", value, low, high,
            replications, 100 * goal->width);
    if (estimate_spans_gap(e)) {
        quantity_label(q, e->gap.low, low);
        quantity_label(q, e->gap.high, high);
        fprintf(stderr, "; it spans a gap of the distribution, %s to %s, which more replications do not close", low,
                high);
    }
    fputc('\n', stderr);
}

int until_report(struct results *r, const struct scenario_file *file)
{
    enum { TOLD = 20 };
    size_t unmet = 0;
    for (size_t point = 0; point < r->points; point++) {
        char where[LABEL_SIZE];
        if (label_point(r, point, 0, where) != 0)
            return -1;
        for (size_t i = 0; i < file->until.goals; i++) {
            const struct scenario_goal *goal = &file->until.goal[i];
            struct estimate e;
            struct quantity q;
            if (look_at(&e, &q, r, point, RESULTS_EVERY, goal) != 0)
                return -1;
            if (!until_met(&e, goal->width) && unmet++ < TOLD)
                tell(file, &q, goal, &e, where, results_done(r, point, RESULTS_EVERY));
        }
    }
    if (unmet > TOLD)
        fprintf(stderr, "and %zu more\n", unmet - TOLD);
    return 0;
}
