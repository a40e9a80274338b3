/* SPDX-License-Identifier: BSD-2-Clause */
#include "estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The p of `p50`, `p99`, `p999` ...; 0: it is none. */
static double quantile_of(const char *name)
{
    size_t digits = strspn(name + 1, "0123456789");
    if (name[0] != 'p' || digits == 0 || digits > 9 || name[1 + digits])
        return 0;
    return digits == 1 ? strtod(name + 1, NULL) / 100 : strtod(name + 1, NULL) / pow(10, (double)digits);
}

/* The widest part of the interval without a value of the statistic. */
static void find_gap(struct estimate *e, const struct synfin_statistic *s)
{
    double end = e->interval.low;
    struct synfin_bin bin;
    bool more = true;
    for (size_t cursor = 0; more;) {
        more = synfin_statistic_next(s, &cursor, &bin);
        double ms = more ? ((double)bin.low + (double)bin.excess / (double)bin.count) / 1e6 : (double)INFINITY;
        double next = fmin(ms, e->interval.high);
        if (next - end > e->gap.high - e->gap.low)
            e->gap = (struct interval){end, next};
        end = fmax(end, next);
    }
}

/* Of all values together: order statistics. */
static void pooled_quantile(struct estimate *e, const struct synfin_statistic *pooled, double p, double level)
{
    if (synfin_statistic_count(pooled) == 0)
        return;
    e->value = synfin_statistic_quantile(pooled, p) / 1e6;
    e->known = interval_quantile(pooled, p, level, &e->interval);
    e->binomial = e->known;
    e->interval.low /= 1e6;
    e->interval.high /= 1e6;
}

/* The mean over replications. */
static int mean(struct estimate *e, struct results *r, size_t point, uint32_t bound, const char *workload, int metric,
                const char *name)
{
    double *value, sum = 0;
    uint32_t *replication;
    size_t n, used = 0;
    int bad = results_numbered(r, point, workload, metric, name, &value, &replication, &n) != 0;
    for (; !bad && used < n && replication[used] < bound; used++)
        sum += value[used];
    if (!bad && used > 0)
        e->value = sum / (double)used;
    /* The least and the greatest value are no means of anything. */
    if (!bad && (metric < 0 || (strcmp(name, "min") != 0 && strcmp(name, "max") != 0)))
        e->known = interval_mean(value, used, results_level(r), &e->interval);
    free(value);
    free(replication);
    return bad ? -1 : 0;
}

int estimate_at(struct estimate *e, struct results *r, size_t point, uint32_t bound, const char *workload, int metric,
                const char *name)
{
    double p = metric >= 0 ? quantile_of(name) : 0;
    *e = (struct estimate){.value = (double)NAN};
    if (!(p > 0))
        return mean(e, r, point, bound, workload, metric, name);
    struct synfin_statistic *pooled = synfin_statistic_new();
    int bad = !pooled || results_pool(r, point, bound, workload, (enum synfin_metric)metric, pooled) != 0;
    if (!bad && results_independent(r, point, bound))
        pooled_quantile(e, pooled, p, results_level(r));
    else if (!bad)
        bad = mean(e, r, point, bound, workload, metric, name) != 0;
    if (!bad && e->known)
        find_gap(e, pooled);
    synfin_statistic_free(pooled);
    return bad ? -1 : 0;
}

bool estimate_spans_gap(const struct estimate *e)
{
    double width = e->interval.high - e->interval.low;
    return e->known && width > 0 && e->gap.high - e->gap.low > width / 2;
}
