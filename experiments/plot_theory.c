/* SPDX-License-Identifier: BSD-2-Clause */
/* Exact distributions under simulated ones: a thin line a curve, and in the legend how far the simulation is off. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"

/* ---- How far the simulation is off ------------------------------------------------------------------------------- */

/* The sum of a count over the replications of a point. */
static int count_at(struct plot_context *c, size_t point, const char *name, double *sum)
{
    char full[2 * LABEL_SIZE];
    double *values;
    size_t n;
    bool all = strcmp(c->plot->workload, ROWS_ALL) == 0;
    snprintf(full, sizeof full, "%s%s%sconnections.%s", all ? "" : "workloads.", all ? "" : c->plot->workload,
             all ? "" : ".", name);
    *sum = 0;
    if (results_values(c->results, point, ROWS_ALL, -1, full, &values, &n) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        *sum += values[i];
    free(values);
    return 0;
}

/* Whether runs end before all is done. */
static int stops(struct results *r, bool *stop)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT EXISTS (SELECT 1 FROM settings WHERE path = 'stop'"
                                         " UNION SELECT 1 FROM parameters WHERE path = 'stop')");
    bool found = s && sqlite3_step(s) == SQLITE_ROW;
    *stop = found && sqlite3_column_int(s, 0) != 0;
    sqlite3_finalize(s);
    return found ? 0 : results_failed(r);
}

static int judge(struct plot_context *c, size_t point, const struct theory *t, struct theory_verdict *v)
{
    double opened, established, open, no_port;
    bool stop;
    struct synfin_statistic *pooled = synfin_statistic_new();
    int bad = !pooled || stops(c->results, &stop) != 0 || count_at(c, point, "opened", &opened) != 0 ||
              count_at(c, point, "established", &established) != 0 || count_at(c, point, "open", &open) != 0 ||
              count_at(c, point, "failed.no_port", &no_port) != 0 ||
              results_pool(c->results, point, RESULTS_EVERY, c->plot->workload, SYNFIN_SETUP, pooled) != 0;
    if (!bad) {
        theory_judge(v, t, pooled, (uint64_t)(opened - no_port));
        if (!v->unknown[0] && stop && open > 0 && opened > established)
            snprintf(v->unknown, sizeof v->unknown, "stop: connections may have been cut off before");
    }
    synfin_statistic_free(pooled);
    return bad ? -1 : 0;
}

static void put_legend(char legend[LABEL_SIZE], const struct theory_verdict *v)
{
    if (v->unknown[0])
        snprintf(legend, LABEL_SIZE, "theory: not known");
    else
        snprintf(legend, LABEL_SIZE, "theory off %.2g: %s 99.9 %% band",
                 v->max_deviation < 1e-9 ? 0 : v->max_deviation, /* what rounding leaves is no deviation */
                 v->agrees ? "in" : "NOT in");
}

/* The first reason that there is goes into the small print. */
static int tell_reason(struct plot_context *c, size_t point, const char *reason)
{
    static const char begin[] = " · no theory";
    char label[LABEL_SIZE];
    size_t used = strlen(c->small);
    if (!reason[0] || strstr(c->small, begin))
        return 0;
    if (label_point(c->results, point, 0, label) != 0)
        return -1;
    snprintf(c->small + used, sizeof c->small - used, "%s%s%s: %s", begin, label[0] ? " at " : "", label, reason);
    return 0;
}

/* ---- Data -------------------------------------------------------------------------------------------------------- */

struct pen {
    FILE *f;
    const struct plot_axis *x;
    bool miss;
    double least, all; /* lowest share, percent; share of connections that counts as 100 % */
    double at_x, at_y; /* drawn last, in parts of the axes */
};

/* Points that lie nearer to the last than a third of a pixel are left out. */
static void put_point(struct pen *p, double ms, double share, bool force)
{
    double percent = 100 * (p->miss ? 1 - share : share / p->all), low = p->x->low, high = p->x->high;
    double x = fmin(fmax(ms, low), high), y = p->miss ? fmax(percent, p->least) : percent;
    double at_x = p->x->log ? log(x / low) / log(high / low) : (x - low) / (high - low);
    double at_y = p->miss ? log10(y / p->least) / log10(100 / p->least) : y / 100;
    if (!force && fabs(at_x - p->at_x) < 5e-4 && fabs(at_y - p->at_y) < 5e-4)
        return;
    fprintf(p->f, "%.10g %.10g\n", x, y);
    p->at_x = at_x;
    p->at_y = at_y;
}

static void put_line(struct pen *p, const struct theory *t)
{
    put_point(p, p->x->low, 0, true);
    for (size_t i = 0; i < t->points; i++) {
        double ms = (double)t->point[i].time / 1e6;
        if (ms > p->x->high)
            break;
        put_point(p, ms, t->point[i].before, false);
        put_point(p, ms, t->point[i].after, false);
    }
    put_point(p, p->x->high, theory_at(t, (synfin_time)(p->x->high * 1e6)), true);
}

int plot_theory_data(struct plot_context *c, const struct plot_axis *x, bool miss, double least,
                     struct plot_theory *theory)
{
    *theory = (struct plot_theory){.curve = calloc(c->results->points + 1, sizeof *theory->curve)};
    int bad = !theory->curve;
    for (size_t point = 0; point < c->results->points && !bad; point++) {
        struct theory t;
        struct theory_verdict v;
        if (results_done(c->results, point, RESULTS_EVERY) == 0)
            continue;
        if (results_theory(c->results, point, c->plot->workload, &t) != 0)
            return -1;
        bad = judge(c, point, &t, &v) != 0 || tell_reason(c, point, v.unknown) != 0;
        struct plot_theory_curve *curve = &theory->curve[theory->curves];
        if (!bad)
            put_legend(curve->legend, &v);
        curve->known = !bad && !t.unknown[0];
        if (curve->known) {
            struct pen pen = {.f = c->script, .x = x, .miss = miss, .least = least, .all = miss ? 1 : 1 - t.never};
            fprintf(c->script, "$t%zu << EOD\n", theory->curves);
            put_line(&pen, &t);
            fputs("EOD\n", c->script);
        }
        theory->curves++;
        theory_free(&t);
    }
    return bad ? -1 : 0;
}

void plot_theory_free(struct plot_theory *theory)
{
    free(theory->curve);
    *theory = (struct plot_theory){0};
}

/* ---- Words ------------------------------------------------------------------------------------------------------- */

static const char thin[] = "with lines lw 1 dt solid lc rgb '#000000'";

bool plot_theory_words(struct plot_context *c, const struct plot_theory *theory, size_t curve, const char *separator)
{
    if (curve >= theory->curves || !theory->curve[curve].known)
        return false;
    fprintf(c->script, "%s $t%zu using 1:2 %s notitle", separator, curve, thin);
    return true;
}

void plot_theory_legend(struct plot_context *c, const struct plot_theory *theory, size_t curve)
{
    if (curve >= theory->curves)
        return;
    fprintf(c->script, ", NaN %s title ", theory->curve[curve].known ? thin : "with lines lw 0 lc rgb '#ffffff'");
    plot_quote(c->script, theory->curve[curve].legend);
}
