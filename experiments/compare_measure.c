/* SPDX-License-Identifier: BSD-2-Clause */
/* Measures what differs between pairs of points, and judges all of it together. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- What there is at a point ------------------------------------------------------------------------------------ */

struct sample {
    double *value; /* of each replication */
    uint32_t *replication;
    size_t n;
    struct synfin_statistic *pooled; /* of metrics: all replications together */
};

static int read_sample(struct sample *s, struct results *r, size_t point, const struct compare_item *item)
{
    *s = (struct sample){0};
    if (results_numbered(r, point, item->of.workload, item->of.metric, item->of.name, &s->value, &s->replication,
                         &s->n) != 0)
        return -1;
    if (item->of.metric < 0)
        return 0;
    s->pooled = synfin_statistic_new();
    if (!s->pooled)
        return -1;
    return results_pool(r, point, RESULTS_EVERY, item->of.workload, (enum synfin_metric)item->of.metric, s->pooled);
}

static void free_sample(struct sample *s)
{
    free(s->value);
    free(s->replication);
    synfin_statistic_free(s->pooled);
}

/* Leaves the replications that both have, in pairs. */
static void keep_common(struct sample s[2])
{
    size_t i = 0, j = 0, n = 0;
    while (i < s[0].n && j < s[1].n) {
        if (s[0].replication[i] == s[1].replication[j]) {
            s[0].value[n] = s[0].value[i++];
            s[1].value[n++] = s[1].value[j++];
        } else if (s[0].replication[i] < s[1].replication[j]) {
            i++;
        } else {
            j++;
        }
    }
    s[0].n = s[1].n = n;
}

/* ---- Grains: what a single connection changes -------------------------------------------------------------------- */

/* Of a run's mean, ms. Deviations weigh as their squares do, so that among many connections alike the few that are not
   count; with one such connection it is what that one changes. */
static double grain_of_mean(const struct synfin_statistic *pooled, double connections)
{
    double mean = synfin_statistic_mean(pooled), squares = 0, fourths = 0;
    struct synfin_bin b;
    for (size_t cursor = 0; synfin_statistic_next(pooled, &cursor, &b);) {
        double deviation = (double)b.low + (double)b.excess / (double)b.count - mean, square = deviation * deviation;
        squares += square * (double)b.count;
        fourths += square * square * (double)b.count;
    }
    return squares > 0 ? sqrt(fourths / squares) / connections / 1e6 : 0;
}

/* Of a run's p-quantile, ms: what lies within a standard deviation of its rank. */
static double grain_of_quantile(const struct synfin_statistic *pooled, double connections, double p)
{
    double off = sqrt(p * (1 - p) / connections), least = 0.5 / (double)synfin_statistic_count(pooled);
    double above = synfin_statistic_quantile(pooled, fmin(1, p + off));
    return (above - synfin_statistic_quantile(pooled, fmax(least, p - off))) / 1e6;
}

/* Where distributions differ by more than any coincidence, rare events did not make the difference. */
#define SURE 1e-6

static double grain(const struct sample *s, const struct compare_item *item)
{
    if (!s->pooled || strcmp(item->of.name, "count") == 0)
        return 1;
    if (s->n == 0)
        return 0;
    double connections = (double)synfin_statistic_count(s->pooled) / (double)s->n;
    for (int i = 0; i < ROWS_QUANTILES; i++) {
        if (strcmp(item->of.name, rows_quantile_name[i]) == 0)
            return grain_of_quantile(s->pooled, connections, rows_quantile[i]);
    }
    return grain_of_mean(s->pooled, connections);
}

/* ---- Lines ------------------------------------------------------------------------------------------------------- */

static bool all_zero(const struct sample *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (fabs(s->value[i]) > 0)
            return false;
    }
    return true;
}

/* Whether there is something to say. */
static bool worth_a_line(const struct sample s[2], const struct compare_item *item)
{
    bool zero = item->of.metric < 0 && all_zero(&s[0]) && all_zero(&s[1]);
    return s[0].n + s[1].n > 0 && !(item->usual && zero);
}

/* Whether no item before has compared the same distributions. */
static bool first_of_metric(const struct compare *c, const struct compare_item *item)
{
    for (const struct compare_item *i = c->item; i < item; i++) {
        if (i->of.metric == item->of.metric && strcmp(i->of.workload, item->of.workload) == 0)
            return false;
    }
    return item->of.metric >= 0;
}

static void compare_distributions(struct compare *c, struct compare_line *line, const struct sample s[2])
{
    const size_t *pair = c->pairs.pair[line->pair];
    line->distance_p = (double)NAN;
    if (line->item->of.metric < 0 || synfin_statistic_count(s[0].pooled) == 0 ||
        synfin_statistic_count(s[1].pooled) == 0)
        return;
    line->distributions = first_of_metric(c, line->item);
    double p = two_sample_kolmogorov(s[0].pooled, s[1].pooled, &line->distance);
    if (results_independent(&c->side[0].results, pair[0], RESULTS_EVERY) &&
        results_independent(&c->side[1].results, pair[1], RESULTS_EVERY))
        line->distance_p = p;
}

static int measure(struct compare *c, const struct compare_item *item, size_t pair)
{
    struct sample s[2] = {{0}, {0}};
    int bad = 0;
    for (int k = 0; k < 2 && !bad; k++)
        bad = read_sample(&s[k], &c->side[k].results, c->pairs.pair[pair][k], item) != 0;
    if (!bad && worth_a_line(s, item)) {
        struct compare_line *line = &c->line[c->lines++];
        *line = (struct compare_line){.pair = pair, .item = item};
        compare_distributions(c, line, s);
        bool sure = line->distance_p < SURE;
        double grains[2] = {sure ? 0 : grain(&s[0], item), sure ? 0 : grain(&s[1], item)};
        if (c->paired && s[0].n > 0 && s[1].n > 0) {
            keep_common(s);
            line->test = two_sample_paired(s[0].value, s[1].value, s[0].n, grains);
        } else {
            line->test = two_sample_welch(s[0].value, s[0].n, s[1].value, s[1].n, grains);
        }
        line->replications[0] = s[0].n;
        line->replications[1] = s[1].n;
    }
    free_sample(&s[0]);
    free_sample(&s[1]);
    return bad ? -1 : 0;
}

/* ---- All together ------------------------------------------------------------------------------------------------ */

/* Where `until` decided on the replications of a side, when it stopped depends on what is compared. So what is said
   must hold at each number of replications that there could have been: of pairs, those of either side; else each of
   one side with each of the other. */
static size_t count_looks(const struct compare *c)
{
    size_t a = c->side[0].results.looks, b = c->side[1].results.looks;
    if (!c->paired)
        return (a ? a : 1) * (b ? b : 1);
    bool same = a > 0 && a == b && strcmp(c->side[0].replications, c->side[1].replications) == 0;
    return same ? a : a + b > 0 ? a + b : 1;
}

static double for_looks(const struct compare *c, double p)
{
    return isnan(p) ? p : fmin(1, p * (double)c->looks);
}

static int judge(struct compare *c)
{
    double **p = calloc(c->lines + 1, sizeof *p);
    size_t distances = 0;
    if (!p)
        return -1;
    c->looks = count_looks(c);
    for (size_t i = 0; i < c->lines; i++) {
        c->line[i].adjusted = for_looks(c, c->line[i].test.p);
        c->line[i].distance_p = for_looks(c, c->line[i].distance_p);
        if (c->line[i].test.degrees > 0)
            p[c->comparisons++] = &c->line[i].adjusted;
    }
    if (c->comparisons > 0)
        two_sample_holm(p, c->comparisons);
    for (size_t i = 0; i < c->lines; i++) {
        c->line[i].shown = c->line[i].test.degrees > 0 && c->line[i].adjusted <= COMPARE_ALPHA;
        if (c->line[i].distributions && !isnan(c->line[i].distance_p))
            p[distances++] = &c->line[i].distance_p;
    }
    if (distances > 0)
        two_sample_holm(p, distances);
    free(p);
    return 0;
}

int compare_measure(struct compare *c)
{
    c->line = calloc(c->items * c->pairs.pairs + 1, sizeof *c->line);
    if (!c->line)
        return -1;
    for (size_t i = 0; i < c->items; i++) {
        for (size_t pair = 0; pair < c->pairs.pairs; pair++) {
            if (measure(c, &c->item[i], pair) != 0)
                return -1;
        }
    }
    return judge(c);
}

double compare_share(const struct two_sample *t)
{
    return fabs(t->difference) > 0 ? t->difference / fabs(t->mean[0]) : 0;
}
