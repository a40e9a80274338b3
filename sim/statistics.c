/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Distributions of durations. The histogram is log-linear (the layout of HdrHistogram): values below 2^10 have bins of
 * width 1, and every octave [2^k, 2^(k+1)) above is cut into 2^10 bins of equal width, so no bin is wider than 2^-10
 * of its values. Everything kept is an integer, hence adding and merging commute exactly.
 *
 * What the values of a bin exceed its least one by may come to 2^64, of hours those of 2^32; the sum of squares holds
 * 2^44 of them.
 */
#include "statistics.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SUB_BITS = 10,
    BINS = 1 << SUB_BITS,            /* of an octave */
    OCTAVES = 1 + (63 - SUB_BITS),   /* octave 0: values below BINS; the last ends at 2^63 - 1 */
    BLOCK_BITS = 6,
    BLOCK = 1 << BLOCK_BITS,         /* bins that are taken at once: latencies often are few and far apart */
    BLOCKS = OCTAVES * BINS / BLOCK, /* in ascending order */
};

__extension__ typedef unsigned __int128 wide;

struct bin {
    uint64_t count;
    uint64_t sum; /* modulo 2^64, as is what it exceeds `count` of the least values by, which has no more digits */
};

struct synfin_statistic {
    struct statistic_new new; /* first */
    uint64_t count;           /* of those that have been added, as all below */
    synfin_time min, max;     /* INT64_MAX and 0 while empty */
    wide sum, squares;
    bool failed;
    size_t first, end; /* of the blocks taken; both 0 where there is none */
    struct bin *block[BLOCKS]; /* NULL until the first value comes */
};

static const char *const metric_names[SYNFIN_METRICS] = {
    [SYNFIN_SETUP] = "setup",       [SYNFIN_ACCEPT] = "accept",     [SYNFIN_RESPONSE] = "response",
    [SYNFIN_TRANSFER] = "transfer", [SYNFIN_TEARDOWN] = "teardown", [SYNFIN_CLOSE] = "close",
    [SYNFIN_LIFETIME] = "lifetime",
};

static const char *const outcome_names[SYNFIN_OUTCOMES] = {
    [SYNFIN_OUTCOME_OPEN] = "open",       [SYNFIN_OUTCOME_CLOSED] = "closed",   [SYNFIN_OUTCOME_TIMEOUT] = "timeout",
    [SYNFIN_OUTCOME_RESET] = "reset",     [SYNFIN_OUTCOME_REFUSED] = "refused", [SYNFIN_OUTCOME_NO_PORT] = "no_port",
};

const char *synfin_metric_name(enum synfin_metric metric)
{
    assert((unsigned)metric < SYNFIN_METRICS);
    return metric_names[metric];
}

int synfin_metric_find(const char *name)
{
    for (int i = 0; i < SYNFIN_METRICS; i++) {
        if (strcmp(metric_names[i], name) == 0)
            return i;
    }
    return -1;
}

const char *synfin_outcome_name(enum synfin_outcome outcome)
{
    assert((unsigned)outcome < SYNFIN_OUTCOMES);
    return outcome_names[outcome];
}

/* ---- Bins -------------------------------------------------------------------------------------------------------- */

/* A value's bin is 2^shift wide. */
static inline unsigned shift_of(uint64_t value)
{
    return 63u - SUB_BITS - (unsigned)__builtin_clzll(value | BINS);
}

/* The number of a value's bin among all: the bits left of the value are BINS or more in all octaves but 0. */
static inline size_t bin_of(uint64_t value)
{
    unsigned shift = shift_of(value);
    return ((size_t)shift << SUB_BITS) + (value >> shift);
}

static inline unsigned bin_shift(size_t bin)
{
    return bin < BINS ? 0 : (unsigned)(bin >> SUB_BITS) - 1;
}

static synfin_time low_of(size_t bin)
{
    return (synfin_time)((bin - ((size_t)bin_shift(bin) << SUB_BITS)) << bin_shift(bin));
}

/* Of them that are taken; NULL: no memory. */
__attribute__((noinline)) static struct bin *take_block(struct synfin_statistic *s, size_t block)
{
    if (s->block[block])
        return s->block[block];
    struct bin *bins = calloc(BLOCK, sizeof *bins);
    if (!bins) {
        s->failed = true;
        return NULL;
    }
    if (s->end == 0 || block < s->first)
        s->first = block;
    if (block >= s->end)
        s->end = block + 1;
    return s->block[block] = bins;
}

static void free_blocks(struct synfin_statistic *s)
{
    for (size_t i = s->first; i < s->end; i++)
        free(s->block[i]);
}

/* The mean of a bin, rounded once where it lies below 2^53 ns. */
static double bin_mean(const struct synfin_bin *b)
{
    return (double)(b->low + (synfin_time)(b->excess / b->count)) + (double)(b->excess % b->count) / (double)b->count;
}

/* ---- Filling ----------------------------------------------------------------------------------------------------- */

struct synfin_statistic *synfin_statistic_new(void)
{
    struct synfin_statistic *s = calloc(1, sizeof *s);
    if (s)
        s->min = INT64_MAX;
    return s;
}

void synfin_statistic_free(struct synfin_statistic *s)
{
    if (!s)
        return;
    free_blocks(s);
    free(s);
}

/* What is added to a statistic but to its bins. */
struct sums {
    synfin_time min, max;
    wide sum, squares;
};

static inline void add(struct synfin_statistic *s, struct sums *to, synfin_time value, uint64_t times)
{
    uint64_t v = (uint64_t)value;
    size_t bin = bin_of(v);
    struct bin *b = s->block[bin / BLOCK];
    if (!b && !(b = take_block(s, bin / BLOCK)))
        return;
    b += bin % BLOCK;
    b->count += times;
    to->min = value < to->min ? value : to->min;
    to->max = value > to->max ? value : to->max;
    to->sum += (wide)v * times;
    to->squares += (wide)v * v * times;
    b->sum += v * times;
}

static void add_new(struct synfin_statistic *s)
{
    struct sums sums = {s->min, s->max, s->sum, s->squares};
    for (uint32_t i = 0; i < s->new.kept; i++)
        add(s, &sums, s->new.keep[i], 1);
    if (s->new.times)
        add(s, &sums, s->new.value, s->new.times);
    assert(sums.min >= 0);
    s->count += s->new.kept + s->new.times;
    s->min = sums.min;
    s->max = sums.max;
    s->sum = sums.sum;
    s->squares = sums.squares;
    s->new.kept = 0;
    s->new.times = 0;
}

/* Takes a value after all others have been added. */
__attribute__((noinline)) static void begin_new(struct synfin_statistic *s, synfin_time value)
{
    add_new(s);
    s->new.value = value;
    s->new.times = 1;
}

void statistic_other(struct synfin_statistic *s, synfin_time value)
{
    struct statistic_new *new = &s->new;
    if (new->times > 1 || new->kept == STATISTIC_KEPT) {
        begin_new(s, value);
        return;
    }
    new->keep[new->kept] = new->value;
    new->kept += (uint32_t)new->times;
    new->value = value;
    new->times = 1;
}

void synfin_statistic_add(struct synfin_statistic *s, synfin_time value)
{
    if (!statistic_again(s, value))
        statistic_other(s, value);
}

/* Before anything is read; what a statistic tells does not change by it. */
static void settle(const struct synfin_statistic *s)
{
    if (s->new.times || s->new.kept)
        add_new((struct synfin_statistic *)s);
}

bool synfin_statistic_failed(const struct synfin_statistic *s)
{
    settle(s);
    return s->failed;
}

void synfin_statistic_merge(struct synfin_statistic *to, const struct synfin_statistic *from)
{
    settle(from);
    to->failed |= from->failed;
    for (size_t i = from->first; i < from->end; i++) {
        if (!from->block[i])
            continue;
        struct bin *bins = take_block(to, i);
        if (!bins)
            return;
        for (unsigned j = 0; j < BLOCK; j++) {
            bins[j].count += from->block[i][j].count;
            bins[j].sum += from->block[i][j].sum;
        }
    }
    if (from->min < to->min)
        to->min = from->min;
    if (from->max > to->max)
        to->max = from->max;
    to->count += from->count;
    to->sum += from->sum;
    to->squares += from->squares;
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

uint64_t synfin_statistic_count(const struct synfin_statistic *s)
{
    settle(s);
    return s->count;
}

synfin_time synfin_statistic_min(const struct synfin_statistic *s)
{
    settle(s);
    return s->count ? s->min : 0;
}

synfin_time synfin_statistic_max(const struct synfin_statistic *s)
{
    settle(s);
    return s->max;
}

/* Whole and fractional part apart, so that the mean of equal values is that value. */
double synfin_statistic_mean(const struct synfin_statistic *s)
{
    settle(s);
    if (s->count == 0)
        return 0;
    return (double)(uint64_t)(s->sum / s->count) + (double)(uint64_t)(s->sum % s->count) / (double)s->count;
}

/* Newton's iteration from a first guess that halves the exponent: the same bits everywhere, and no need of libm. */
static double square_root(double x)
{
    uint64_t bits;
    double y;

    if (x <= 0)
        return 0;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits >> 1) + (UINT64_C(1023) << 51);
    memcpy(&y, &bits, sizeof y);
    for (int i = 0; i < 5; i++)
        y = 0.5 * (y + x / y);
    return y;
}

/*
 * With sum = q n + r, 0 <= r < n: the squares of (value - q) sum to squares - q (sum + r), and those of (value - mean)
 * to r^2 / n less. Both are exact in 128 bits, whatever cancels: only the last steps round.
 */
double synfin_statistic_sd(const struct synfin_statistic *s)
{
    settle(s);
    if (s->count < 2)
        return 0;
    wide n = s->count, q = s->sum / n, r = s->sum % n;
    wide about_q = s->squares - q * (s->sum + r);
    double deviations = (double)(about_q - r * r / n) - (double)(uint64_t)(r * r % n) / (double)s->count;
    return square_root(deviations / (double)(s->count - 1));
}

/* ceil(p n), where p is the double nearest to a decimal fraction: p n within two roundings of a whole number is it. */
static uint64_t rank_of(double p, uint64_t n)
{
    double x = p * (double)n;
    if (x >= (double)n)
        return n;
    uint64_t below = (uint64_t)x;
    double over = x - (double)below, rounding = x * 0x1p-51;
    if (below > 0 && over <= rounding)
        return below;
    return below < n ? below + 1 : n;
}

double synfin_statistic_quantile(const struct synfin_statistic *s, double p)
{
    assert(p > 0 && p <= 1);
    settle(s);
    if (s->count == 0)
        return 0;
    uint64_t rank = rank_of(p, s->count), seen = 0;
    struct synfin_bin b;
    for (size_t cursor = 0; synfin_statistic_next(s, &cursor, &b);) {
        seen += b.count;
        if (seen >= rank)
            return bin_mean(&b);
    }
    assert(!"the bins hold every value");
    return 0;
}

uint64_t synfin_statistic_at_most(const struct synfin_statistic *s, synfin_time value)
{
    uint64_t n = 0;
    struct synfin_bin b;
    for (size_t cursor = 0; synfin_statistic_next(s, &cursor, &b) && b.low <= value; n += b.count) {
        if ((wide)(value - b.low) * b.count < b.excess)
            break;
    }
    return n;
}

bool synfin_statistic_next(const struct synfin_statistic *s, size_t *cursor, struct synfin_bin *out)
{
    settle(s);
    size_t i = *cursor > s->first * BLOCK ? *cursor : s->first * BLOCK;
    while (i < s->end * BLOCK) {
        const struct bin *bins = s->block[i / BLOCK];
        if (!bins) {
            i = (i / BLOCK + 1) * BLOCK;
            continue;
        }
        const struct bin *b = &bins[i % BLOCK];
        if (b->count > 0) {
            synfin_time width = (synfin_time)1 << bin_shift(i);
            *out = (struct synfin_bin){low_of(i), width, b->count, b->sum - b->count * (uint64_t)low_of(i)};
            *cursor = i + 1;
            return true;
        }
        i++;
    }
    *cursor = i;
    return false;
}

/* ---- Saving and restoring ---------------------------------------------------------------------------------------- */

static void halves(wide x, uint64_t out[2])
{
    out[0] = (uint64_t)(x >> 64);
    out[1] = (uint64_t)x;
}

static wide whole(const uint64_t in[2])
{
    return (wide)in[0] << 64 | in[1];
}

void synfin_statistic_sums(const struct synfin_statistic *s, uint64_t sum[2], uint64_t squares[2])
{
    settle(s);
    halves(s->sum, sum);
    halves(s->squares, squares);
}

static bool holds(const struct synfin_bin *b, synfin_time value)
{
    return value >= b->low && value - b->low < b->width;
}

/* Takes a bin back; the sums that it implies are added to *sum, and to *least and *most, those of the squares. */
static int restore_bin(struct synfin_statistic *s, const struct synfin_bin *b, wide *sum, wide *least, wide *most)
{
    if (b->low < 0 || b->count == 0 || b->count > UINT64_MAX - s->count)
        return -1;
    size_t bin = bin_of((uint64_t)b->low);
    if (b->width != (synfin_time)1 << bin_shift(bin) || low_of(bin) != b->low)
        return -1;
    if (b->excess > (wide)(b->width - 1) * b->count)
        return -1;
    struct bin *bins = take_block(s, bin / BLOCK);
    if (!bins)
        return -1;
    bins[bin % BLOCK] = (struct bin){b->count, b->count * (uint64_t)b->low + b->excess};
    s->count += b->count;
    *sum += (wide)b->low * b->count + b->excess;
    *least += (wide)b->low * (wide)b->low * b->count;
    wide top = (wide)b->low + (wide)(b->width - 1);
    *most += top * top * b->count;
    return 0;
}

static void clear(struct synfin_statistic *s)
{
    free_blocks(s);
    *s = (struct synfin_statistic){.min = INT64_MAX};
}

int synfin_statistic_restore(struct synfin_statistic *s, const struct synfin_bin *bins, size_t n, synfin_time min,
                             synfin_time max, const uint64_t sum[2], const uint64_t squares[2])
{
    wide implied = 0, least = 0, most = 0;

    clear(s);
    for (size_t i = 0; i < n; i++) {
        if ((i > 0 && bins[i].low <= bins[i - 1].low) || restore_bin(s, &bins[i], &implied, &least, &most) != 0)
            goto unsound;
    }
    s->sum = whole(sum);
    s->squares = whole(squares);
    if (n > 0)
        s->min = min;
    s->max = max;
    if (s->sum != implied || s->squares < least || s->squares > most)
        goto unsound;
    if (n > 0 ? !holds(&bins[0], min) || !holds(&bins[n - 1], max) || min > max : min != 0 || max != 0)
        goto unsound;
    return 0;
unsound:
    clear(s);
    return -1;
}
