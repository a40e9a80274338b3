/* SPDX-License-Identifier: BSD-2-Clause */
/* Distributions as sums of pieces and as distribution functions; what is simulated against what is computed. */
#include <math.h>
#include <stdlib.h>

#include "theory_part.h"

/* ---- Sums of pieces ---------------------------------------------------------------------------------------------- */

int theory_sum_add(struct theory_sum *sum, synfin_time low, synfin_time high, double probability)
{
    if (sum->used == sum->room) {
        size_t room = sum->room ? 2 * sum->room : 64;
        struct theory_piece *grown = realloc(sum->piece, room * sizeof *grown);
        if (!grown)
            return -1;
        sum->piece = grown;
        sum->room = room;
    }
    sum->piece[sum->used++] = (struct theory_piece){low, high, probability};
    return 0;
}

double theory_sum_cut(struct theory_sum *sum, synfin_time end)
{
    size_t kept = 0;
    double left = 0;
    for (size_t i = 0; i < sum->used; i++) {
        struct theory_piece p = sum->piece[i];
        if (p.low >= end)
            continue;
        if (p.high >= end) {
            p.probability *= (double)(end - p.low) / (double)(p.high - p.low);
            p.high = end;
        }
        left += p.probability;
        sum->piece[kept++] = p;
    }
    sum->used = kept;
    return left;
}

int theory_sum_merge(struct theory_sum *sum, const struct theory_sum *from, synfin_time shift, double weight)
{
    int bad = 0;
    for (size_t i = 0; i < from->used && !bad; i++) {
        const struct theory_piece *p = &from->piece[i];
        bad = theory_sum_add(sum, p->low + shift, p->high + shift, p->probability * weight);
    }
    return bad;
}

int theory_sum_merge_points(struct theory_sum *sum, const struct theory *from, double weight)
{
    int bad = 0;
    for (size_t i = 0; i < from->points && !bad; i++) {
        const struct theory_point *p = &from->point[i];
        if (i > 0 && p->before > p[-1].after)
            bad = theory_sum_add(sum, p[-1].time, p->time, (p->before - p[-1].after) * weight);
        if (!bad && p->after > p->before)
            bad = theory_sum_add(sum, p->time, p->time, (p->after - p->before) * weight);
    }
    return bad;
}

void theory_sum_free(struct theory_sum *sum)
{
    free(sum->piece);
    *sum = (struct theory_sum){0};
}

/* ---- Distribution functions -------------------------------------------------------------------------------------- */

/* Where the function jumps, or its slope changes. */
struct change {
    synfin_time time;
    double jump, slope;
    int ramps; /* how many pieces begin here, less those that end */
};

static int compare_changes(const void *a, const void *b)
{
    synfin_time x = ((const struct change *)a)->time, y = ((const struct change *)b)->time;
    return x < y ? -1 : x > y;
}

static size_t list_changes(const struct theory_sum *sum, struct change *change)
{
    size_t n = 0;
    for (size_t i = 0; i < sum->used; i++) {
        const struct theory_piece *p = &sum->piece[i];
        if (p->low == p->high) {
            change[n++] = (struct change){.time = p->low, .jump = p->probability};
            continue;
        }
        double slope = p->probability / (double)(p->high - p->low);
        change[n++] = (struct change){.time = p->low, .slope = slope, .ramps = 1};
        change[n++] = (struct change){.time = p->high, .slope = -slope, .ramps = -1};
    }
    qsort(change, n, sizeof *change, compare_changes);
    return n;
}

/* Adds up in order of time. Where no piece goes on, nothing is left of the slope but rounding. */
static void accumulate(struct theory *t, const struct change *change, size_t n)
{
    double slope = 0, sum = 0;
    int ramps = 0;
    for (size_t i = 0; i < n; i++) {
        struct theory_point *p = t->points ? &t->point[t->points - 1] : NULL;
        if (!p || p->time != change[i].time) {
            sum += p ? slope * (double)(change[i].time - p->time) : 0;
            p = &t->point[t->points++];
            *p = (struct theory_point){change[i].time, sum, sum};
        }
        sum = p->after += change[i].jump;
        ramps += change[i].ramps;
        slope = ramps ? slope + change[i].slope : 0;
    }
    t->never = 1 - sum;
}

int theory_sum_finish(struct theory_sum *sum, struct theory *t)
{
    struct change *change = malloc((2 * sum->used + 1) * sizeof *change);
    t->point = malloc((2 * sum->used + 1) * sizeof *t->point);
    if (!change || !t->point) {
        free(change);
        return -1;
    }
    accumulate(t, change, list_changes(sum, change));
    free(change);
    return 0;
}

void theory_free(struct theory *t)
{
    free(t->point);
    *t = (struct theory){0};
}

/* How many points are at `time` or earlier. */
static size_t points_until(const struct theory *t, synfin_time time)
{
    size_t low = 0, high = t->points;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->point[middle].time <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double theory_at(const struct theory *t, synfin_time time)
{
    size_t n = points_until(t, time);
    if (n == 0)
        return 0;
    const struct theory_point *p = &t->point[n - 1];
    if (n == t->points || p[1].before <= p->after)
        return p->after;
    return p->after + (p[1].before - p->after) * (double)(time - p->time) / (double)(p[1].time - p->time);
}

/* ---- Simulated against computed ---------------------------------------------------------------------------------- */

/* Whether all that theory puts into a bin lies at one instant. */
static bool single_instant(const struct theory *t, const struct synfin_bin *bin, synfin_time *instant)
{
    size_t n = points_until(t, bin->low - 1);
    if (points_until(t, bin->low + bin->width - 1) != n + 1)
        return false;
    const struct theory_point *p = &t->point[n];
    *instant = p->time;
    return (n == 0 || p->before <= p[-1].after) && (n + 1 == t->points || p[1].before <= p->after);
}

/*
 * Both functions rise; simulated ones only within bins, so that their distance is largest at an end of a bin. Within
 * one it is known where all lies at one instant: there the mean of the simulated values must be.
 */
static double largest_deviation(const struct theory *t, const struct synfin_statistic *setup, double opened)
{
    struct synfin_bin bin;
    size_t cursor = 0;
    synfin_time instant;
    double count = 0, largest = 0;
    while (synfin_statistic_next(setup, &cursor, &bin)) {
        double before = count / opened, expected_before = theory_at(t, bin.low - 1);
        count += (double)bin.count;
        double after = count / opened, expected_after = theory_at(t, bin.low + bin.width - 1);
        largest = fmax(largest, fmax(fabs(before - expected_before), fabs(after - expected_after)));
        if (!single_instant(t, &bin, &instant))
            continue;
        uint64_t excess = bin.count * (uint64_t)(instant - bin.low);
        if (bin.excess < excess)
            largest = fmax(largest, fabs(after - expected_before));
        else if (bin.excess > excess)
            largest = fmax(largest, fabs(before - expected_after));
    }
    return fmax(largest, fabs(count / opened - (1 - t->never)));
}

void theory_judge(struct theory_verdict *v, const struct theory *t, const struct synfin_statistic *setup,
                  uint64_t opened)
{
    *v = (struct theory_verdict){0};
    if (t->unknown[0]) {
        theory_unknown(v->unknown, "%s", t->unknown);
    } else if (opened == 0) {
        theory_unknown(v->unknown, "no connection was opened");
    } else {
        v->max_deviation = largest_deviation(t, setup, (double)opened);
        /* Massart (1990): P(D > e) <= 2 exp(-2 n e^2). */
        v->band = sqrt(log(2 / 0.001) / (2 * (double)opened));
        v->agrees = v->max_deviation <= v->band;
    }
}
