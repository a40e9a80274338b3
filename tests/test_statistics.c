/* SPDX-License-Identifier: BSD-2-Clause */
/* Statistics: exact sums, the layout of bins, quantiles by rank, merging in any order, saving and restoring. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "synfin.h"

#define MS SYNFIN_MS

/* A small generator of test values (xorshift64), independent of the simulator's. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Durations of all magnitudes. */
static synfin_time random_duration(uint64_t *state)
{
    uint64_t x = next_random(state);
    return (synfin_time)(next_random(state) >> 1 >> (x % 50));
}

static struct synfin_statistic *statistic_of(const synfin_time *values, size_t n)
{
    struct synfin_statistic *s = synfin_statistic_new();
    for (size_t i = 0; i < n; i++)
        synfin_statistic_add(s, values[i]);
    return s;
}

#define STATISTIC_OF(...) \
    statistic_of((const synfin_time[]){__VA_ARGS__}, sizeof((synfin_time[]){__VA_ARGS__}) / sizeof(synfin_time))

static bool equal(const struct synfin_statistic *a, const struct synfin_statistic *b)
{
    uint64_t sums[2][2][2];
    struct synfin_bin x = {0}, y = {0};
    size_t i = 0, j = 0;

    synfin_statistic_sums(a, sums[0][0], sums[0][1]);
    synfin_statistic_sums(b, sums[1][0], sums[1][1]);
    if (memcmp(sums[0], sums[1], sizeof sums[0]) != 0 || synfin_statistic_count(a) != synfin_statistic_count(b)
        || synfin_statistic_min(a) != synfin_statistic_min(b) || synfin_statistic_max(a) != synfin_statistic_max(b))
        return false;
    for (;;) {
        bool more = synfin_statistic_next(a, &i, &x);
        if (more != synfin_statistic_next(b, &j, &y))
            return false;
        if (!more)
            return true;
        if (x.low != y.low || x.width != y.width || x.count != y.count || x.excess != y.excess)
            return false;
    }
}

static void test_empty(void)
{
    struct synfin_statistic *s = synfin_statistic_new();
    size_t cursor = 0;
    struct synfin_bin bin;

    CU_ASSERT_EQUAL(synfin_statistic_count(s), 0);
    CU_ASSERT_EQUAL(synfin_statistic_min(s), 0);
    CU_ASSERT_EQUAL(synfin_statistic_max(s), 0);
    CU_ASSERT_EQUAL(synfin_statistic_mean(s), 0);
    CU_ASSERT_EQUAL(synfin_statistic_sd(s), 0);
    CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 0.5), 0);
    CU_ASSERT_EQUAL(synfin_statistic_at_most(s, INT64_MAX), 0);
    CU_ASSERT_FALSE(synfin_statistic_next(s, &cursor, &bin));
    CU_ASSERT_FALSE(synfin_statistic_failed(s));
    synfin_statistic_free(s);
}

static void test_moments(void)
{
    struct synfin_statistic *s = STATISTIC_OF(2, 4, 4, 4, 5, 5, 7, 9);

    CU_ASSERT_EQUAL(synfin_statistic_count(s), 8);
    CU_ASSERT_EQUAL(synfin_statistic_min(s), 2);
    CU_ASSERT_EQUAL(synfin_statistic_max(s), 9);
    CU_ASSERT_EQUAL(synfin_statistic_mean(s), 5);
    CU_ASSERT_EQUAL(synfin_statistic_sd(s), sqrt(32.0 / 7));
    synfin_statistic_free(s);
}

/* Where the naive formula loses all digits: values of an hour that differ by one nanosecond. */
static void test_no_cancellation(void)
{
    struct synfin_statistic *s = synfin_statistic_new();

    for (int i = 0; i < 1000000; i++)
        synfin_statistic_add(s, 3600 * SYNFIN_S + i % 2);
    CU_ASSERT_EQUAL(synfin_statistic_mean(s), 3600e9 + 0.5);
    CU_ASSERT_DOUBLE_EQUAL(synfin_statistic_sd(s), sqrt(250000.0 / 999999), 1e-12);
    synfin_statistic_free(s);
}

static void test_equal_values(void)
{
    const synfin_time values[] = {0, 1, 1023, 1024, 2047, 2049, 20 * MS, 1020000001, 255 * SYNFIN_S, INT64_MAX};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct synfin_statistic *s = STATISTIC_OF(values[i], values[i], values[i]);
        CU_ASSERT_EQUAL(synfin_statistic_mean(s), (double)values[i]);
        CU_ASSERT_EQUAL(synfin_statistic_sd(s), 0);
        CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 0.5), (double)values[i]);
        CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 1), (double)values[i]);
        synfin_statistic_free(s);
    }
}

/* However many have come, alike or not, before somebody asks, and whatever bins they are in. */
static void test_any_number(void)
{
    for (uint64_t n = 1; n <= 150; n++) {
        struct synfin_statistic *s = synfin_statistic_new();
        uint64_t sum[2], squares[2], want = 0, want_squares = 0, excess = 0;
        struct synfin_bin bin = {0};
        for (uint64_t i = 0; i < n; i++) {
            uint64_t value = 3000000000 - 50000000 * (i / (n % 5 + 1)) % 1000000007;
            want += value;
            want_squares += value * value;
            synfin_statistic_add(s, (synfin_time)value);
        }
        synfin_statistic_sums(s, sum, squares);
        CU_ASSERT(sum[0] == 0 && sum[1] == want && squares[1] == want_squares);
        CU_ASSERT_EQUAL(synfin_statistic_count(s), n);
        CU_ASSERT_EQUAL(synfin_statistic_max(s), 3000000000);
        for (size_t cursor = 0; synfin_statistic_next(s, &cursor, &bin);)
            excess += (uint64_t)bin.low * bin.count + bin.excess;
        CU_ASSERT_EQUAL(excess, want);
        synfin_statistic_free(s);
    }
}

/* Whatever is asked first knows of values that have come since something was asked. */
static void test_read_between(void)
{
    struct synfin_statistic *s = STATISTIC_OF(5, 5), *all = synfin_statistic_new();
    struct synfin_bin bin = {0};
    size_t cursor = 0;
    uint64_t sum[2], squares[2];

    CU_ASSERT_EQUAL(synfin_statistic_count(s), 2);
    synfin_statistic_add(s, 5);
    CU_ASSERT_EQUAL(synfin_statistic_mean(s), 5);
    synfin_statistic_add(s, 2);
    CU_ASSERT_EQUAL(synfin_statistic_min(s), 2);
    synfin_statistic_add(s, 9);
    CU_ASSERT_EQUAL(synfin_statistic_max(s), 9);
    synfin_statistic_add(s, 9);
    CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 1.0 / 2), 5);
    CU_ASSERT_EQUAL(synfin_statistic_at_most(s, 8), 4);
    synfin_statistic_add(s, 1);
    CU_ASSERT_TRUE(synfin_statistic_next(s, &cursor, &bin));
    CU_ASSERT_EQUAL(bin.low, 1);
    synfin_statistic_add(s, 1);
    synfin_statistic_sums(s, sum, squares);
    CU_ASSERT_EQUAL(sum[1], 3 * 5 + 2 + 2 * 9 + 2 * 1);
    CU_ASSERT_EQUAL(squares[1], 3 * 25 + 4 + 2 * 81 + 2 * 1);
    synfin_statistic_add(s, 1);
    CU_ASSERT_DOUBLE_EQUAL(synfin_statistic_sd(s), sqrt((3 * 25 + 4 + 2 * 81 + 3 * 1 - 38.0 * 38 / 9) / 8), 1e-12);
    synfin_statistic_add(s, 1);
    synfin_statistic_merge(all, s);
    CU_ASSERT_EQUAL(synfin_statistic_count(all), 10);
    CU_ASSERT_TRUE(equal(all, s));
    synfin_statistic_free(s);
    synfin_statistic_free(all);
}

/* A bin holds its value, is at most 2^-10 of it wide, and below 2048 is exact. */
static void test_bin_layout(void)
{
    uint64_t state = 1;

    for (int i = 0; i < 20000; i++) {
        synfin_time value = i < 4096 ? i : random_duration(&state);
        struct synfin_statistic *s = STATISTIC_OF(value);
        struct synfin_bin bin = {0};
        size_t cursor = 0;

        CU_ASSERT_TRUE(synfin_statistic_next(s, &cursor, &bin));
        CU_ASSERT_EQUAL(bin.count, 1);
        CU_ASSERT_EQUAL(bin.low + (synfin_time)bin.excess, value);
        CU_ASSERT(bin.excess < (uint64_t)bin.width);
        CU_ASSERT(value < 2048 ? bin.width == 1 : bin.width <= bin.low >> 10);
        CU_ASSERT_FALSE(synfin_statistic_next(s, &cursor, &bin));
        synfin_statistic_free(s);
    }
}

/* Bins come in ascending order, do not overlap, and hold every value. */
static void test_bin_order(void)
{
    uint64_t state = 7, total = 0;
    struct synfin_statistic *s = synfin_statistic_new();
    struct synfin_bin bin;
    synfin_time end = 0;

    for (int i = 0; i < 10000; i++)
        synfin_statistic_add(s, random_duration(&state));
    for (size_t cursor = 0; synfin_statistic_next(s, &cursor, &bin); total += bin.count) {
        CU_ASSERT(bin.low >= end);
        end = bin.low + (bin.width - 1);
    }
    CU_ASSERT_EQUAL(total, 10000);
    synfin_statistic_free(s);
}

/* Rank ceil(p n), where p n is not a whole number in floating point although it is one in decimals. */
static void test_quantile_rank(void)
{
    struct synfin_statistic *s = synfin_statistic_new();

    for (int n = 1; n <= 1000; n++) {
        synfin_statistic_add(s, n);
        for (int percent = 1; percent <= 100; percent++)
            CU_ASSERT_EQUAL(synfin_statistic_quantile(s, percent / 100.0), (percent * n + 99) / 100);
    }
    CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 0.999), 999);
    CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 0.9991), 1000);
    CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 0.001), 1);
    CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 1e-9), 1);
    synfin_statistic_free(s);
}

/* The mean of the bin, not one of its ends: 1,048,576 ns and 1,048,579 ns share a bin of 1,024 ns. */
static void test_quantile_is_bin_mean(void)
{
    struct synfin_statistic *s = STATISTIC_OF(1048576, 1048579, 5 * SYNFIN_S);

    CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 0.5), 1048577.5);
    CU_ASSERT_EQUAL(synfin_statistic_quantile(s, 1), 5e9);
    synfin_statistic_free(s);
}

static void test_at_most(void)
{
    struct synfin_statistic *s = STATISTIC_OF(20 * MS, 20 * MS, 1020 * MS, 3020 * MS);

    CU_ASSERT_EQUAL(synfin_statistic_at_most(s, 20 * MS - 1), 0);
    CU_ASSERT_EQUAL(synfin_statistic_at_most(s, 20 * MS), 2);
    CU_ASSERT_EQUAL(synfin_statistic_at_most(s, 1020 * MS - 1), 2);
    CU_ASSERT_EQUAL(synfin_statistic_at_most(s, 1020 * MS), 3);
    CU_ASSERT_EQUAL(synfin_statistic_at_most(s, INT64_MAX), 4);
    synfin_statistic_free(s);
}

enum { PARTS = 5, PART = 2000 };

/* Any order of adding and any grouping of merges gives the same bins and sums. */
static void test_merge_commutes(void)
{
    struct synfin_statistic *whole = synfin_statistic_new(), *part[PARTS];
    struct synfin_statistic *left = synfin_statistic_new(), *right = synfin_statistic_new();
    static synfin_time values[PARTS * PART];
    uint64_t state = 42;

    for (int i = 0; i < PARTS * PART; i++)
        values[i] = random_duration(&state);
    for (int i = PARTS * PART; i-- > 0;)
        synfin_statistic_add(whole, values[i]);
    for (int i = 0; i < PARTS; i++)
        part[i] = statistic_of(values + i * PART, PART);
    for (int i = 0; i < PARTS; i++)
        synfin_statistic_merge(left, part[i]);
    for (int i = PARTS; i-- > 1;)
        synfin_statistic_merge(right, part[i]);
    synfin_statistic_merge(part[0], right);
    CU_ASSERT_TRUE(equal(whole, left));
    CU_ASSERT_TRUE(equal(whole, part[0]));
    CU_ASSERT_FALSE(equal(whole, right));
    for (int i = 0; i < PARTS; i++)
        synfin_statistic_free(part[i]);
    synfin_statistic_free(whole);
    synfin_statistic_free(left);
    synfin_statistic_free(right);
}

static void test_merge_empty(void)
{
    struct synfin_statistic *s = STATISTIC_OF(5), *empty = synfin_statistic_new();

    synfin_statistic_merge(s, empty);
    CU_ASSERT_EQUAL(synfin_statistic_min(s), 5);
    synfin_statistic_merge(empty, s);
    CU_ASSERT_TRUE(equal(s, empty));
    synfin_statistic_free(s);
    synfin_statistic_free(empty);
}

/* What a statistic tells of itself, and a copy of it. */
struct told {
    size_t n;
    struct synfin_bin bins[2048];
    synfin_time min, max;
    uint64_t sum[2], squares[2];
};

static void tell(const struct synfin_statistic *s, struct told *t)
{
    *t = (struct told){.min = synfin_statistic_min(s), .max = synfin_statistic_max(s)};
    synfin_statistic_sums(s, t->sum, t->squares);
    for (size_t cursor = 0; t->n < 2048 && synfin_statistic_next(s, &cursor, &t->bins[t->n]);)
        t->n++;
}

static int restore(struct synfin_statistic *s, const struct told *t)
{
    return synfin_statistic_restore(s, t->bins, t->n, t->min, t->max, t->sum, t->squares);
}

static void test_restore(void)
{
    static struct told t;
    struct synfin_statistic *s = synfin_statistic_new(), *copy = STATISTIC_OF(1, 2, 3);
    uint64_t state = 3;

    tell(s, &t);
    CU_ASSERT_EQUAL(restore(copy, &t), 0);
    CU_ASSERT_TRUE(equal(s, copy));
    for (int i = 0; i < 2000; i++)
        synfin_statistic_add(s, random_duration(&state));
    tell(s, &t);
    CU_ASSERT_EQUAL(restore(copy, &t), 0);
    CU_ASSERT_TRUE(equal(s, copy));
    CU_ASSERT_EQUAL(synfin_statistic_sd(s), synfin_statistic_sd(copy));
    synfin_statistic_free(s);
    synfin_statistic_free(copy);
}

/* Each field spoilt in turn is found, and leaves an empty statistic. */
static void test_restore_unsound(void)
{
    static struct told sound, t;
    struct synfin_statistic *s = STATISTIC_OF(20 * MS, 20 * MS + 1, 1020 * MS), *copy = synfin_statistic_new();

    tell(s, &sound);
    CU_ASSERT_EQUAL_FATAL(sound.n, 2);
    for (int spoilt = 0; spoilt < 12; spoilt++) {
        t = sound;
        switch (spoilt) {
        case 0: t.bins[0].low++; break;
        case 1: t.bins[0].width *= 2; break;
        case 2: t.bins[0].count++; break;
        case 3: t.bins[0].excess++; break;
        case 4: t.bins[1].count = 0; break;
        case 5: t.bins[1] = t.bins[0]; break;
        case 6: t.min = 0; break;
        case 7: t.max = 20 * MS; break;
        case 8: t.sum[1]++; break;
        case 9: t.squares[0]++; break;
        case 10: t.squares[1] = 0; break;
        case 11: t.n = 1; break;
        }
        CU_ASSERT_EQUAL(restore(copy, &t), -1);
        CU_ASSERT_EQUAL(synfin_statistic_count(copy), 0);
    }
    CU_ASSERT_EQUAL(restore(copy, &sound), 0);
    synfin_statistic_free(s);
    synfin_statistic_free(copy);
}

static void test_names(void)
{
    for (int i = 0; i < SYNFIN_METRICS; i++)
        CU_ASSERT_EQUAL(synfin_metric_find(synfin_metric_name((enum synfin_metric)i)), i);
    CU_ASSERT_STRING_EQUAL(synfin_metric_name(SYNFIN_SETUP), "setup");
    CU_ASSERT_STRING_EQUAL(synfin_metric_name(SYNFIN_LIFETIME), "lifetime");
    CU_ASSERT_EQUAL(synfin_metric_find("latency"), -1);
    static const char *const failures[SYNFIN_FAILURES] = {"timeout", "reset", "refused", "no_port"};
    for (int i = 0; i < SYNFIN_FAILURES; i++)
        CU_ASSERT_STRING_EQUAL(synfin_outcome_name((enum synfin_outcome)(SYNFIN_OUTCOME_TIMEOUT + i)), failures[i]);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"an empty statistic is all zeros", test_empty},
        {"mean and standard deviation (n - 1) of known values", test_moments},
        {"moments are exact where floating-point sums would cancel", test_no_cancellation},
        {"equal values have exactly that mean and those quantiles", test_equal_values},
        {"values that came since the last question", test_read_between},
        {"any number of values", test_any_number},
        {"a bin is at most 2^-10 of its values wide", test_bin_layout},
        {"bins ascend, do not overlap and hold every value", test_bin_order},
        {"a quantile has rank ceil(p n), p a decimal fraction", test_quantile_rank},
        {"a quantile is the mean of its bin", test_quantile_is_bin_mean},
        {"values at most a limit", test_at_most},
        {"merging commutes exactly", test_merge_commutes},
        {"merging with an empty statistic", test_merge_empty},
        {"a restored statistic is the same", test_restore},
        {"an unsound statistic is not restored", test_restore_unsound},
        {"names of metrics and outcomes", test_names},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "statistics", cases);
}
