/* SPDX-License-Identifier: BSD-2-Clause */
/* Keyed draws and the portable functions that turn them into numbers. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "normal_parts.h"
#include "random_many.h"
#include "suite.h"

static uint64_t bits_of(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

/* ---- Philox ------------------------------------------------------------------------------------------------------ */

static void check_block(const uint32_t counter[4], struct random_key key, const uint32_t expected[4])
{
    uint32_t out[4];
    random_block(key, counter, out);
    CU_ASSERT(memcmp(out, expected, sizeof out) == 0);
}

/* The known answers that Random123 publishes for philox4x32 with 10 rounds (kat_vectors). */
static void test_known_answers(void)
{
    check_block((const uint32_t[4]){0, 0, 0, 0}, (struct random_key){{0, 0}},
                (const uint32_t[4]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    check_block((const uint32_t[4]){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
                (struct random_key){{UINT32_MAX, UINT32_MAX}},
                (const uint32_t[4]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    check_block((const uint32_t[4]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                (struct random_key){{0xa4093822, 0x299f31d0}},
                (const uint32_t[4]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* The ways to draw many. */
static const struct random_way *way(unsigned i)
{
    return i ? random_fastest() : &random_plain;
}

static void test_blocks(void)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        const struct random_key key = {{i * UINT32_C(2654435769), i % 3 ? i : 0 - i}};
        uint32_t counter[4] = {0 - RANDOM_MANY * (i + 1), i % 5, i % 7, 0 - i % 2}, draw[2][SYNFIN_DRAWS];
        for (unsigned k = 0; k < 2; k++)
            way(k)->blocks(key, counter, draw[k]);
        wrong += memcmp(draw[0], draw[1], sizeof draw[0]) != 0;
        for (uint32_t k = 0; k < RANDOM_MANY; k++, counter[0]++) {
            uint32_t out[4];
            random_block(key, counter, out);
            for (unsigned w = 0; w < 4; w++)
                wrong += draw[1][random_place(k, w)] != out[w];
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* ---- Keys and places --------------------------------------------------------------------------------------------- */

static bool same_key(struct random_key a, struct random_key b)
{
    return a.word[0] == b.word[0] && a.word[1] == b.word[1];
}

static void test_key_parts(void)
{
    struct random_key key = random_key(1, 0, "links.wan.forward.loss", "churn");
    CU_ASSERT(same_key(key, random_key(1, 0, "links.wan.forward.loss", "churn")));
    CU_ASSERT(!same_key(key, random_key(2, 0, "links.wan.forward.loss", "churn")));
    CU_ASSERT(!same_key(key, random_key(1 + (UINT64_C(1) << 32), 0, "links.wan.forward.loss", "churn")));
    CU_ASSERT(!same_key(key, random_key(1, 1, "links.wan.forward.loss", "churn")));
    CU_ASSERT(!same_key(key, random_key(1, 0, "links.wan.backward.loss", "churn")));
    CU_ASSERT(!same_key(key, random_key(1, 0, "links.wan.forward.loss.1", "churn")));
    CU_ASSERT(!same_key(key, random_key(1, 0, "links.wan.forward.loss", "churn2")));
    CU_ASSERT(!same_key(key, random_key(1, 0, "links.wan.forward.losschurn", "")));
}

/* Results stay reproducible from version to version only while keys do. */
static void test_key_pinned(void)
{
    struct random_key key = random_key(1, 0, "links.wan.forward.loss", "churn");
    CU_ASSERT_EQUAL(key.word[0], 0xd4bd4afd);
    CU_ASSERT_EQUAL(key.word[1], 0xd42ae82e);
}

static const struct random_key some_key = {{0x01234567, 0x89abcdef}};

/* Draw `n` of both, which must be the same: what was kept of the draw before is used only where it is the right block. */
static uint32_t draw_both(struct synfin_crossing *kept, struct synfin_crossing *fresh, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        CU_ASSERT_EQUAL(synfin_draw(kept), synfin_draw(fresh));
    uint32_t draw = synfin_draw(fresh);
    CU_ASSERT_EQUAL(synfin_draw(kept), draw);
    return draw;
}

static struct synfin_draws last_block;

static uint32_t draw_at(uint32_t connection, uint32_t ordinal, uint32_t copy, unsigned n)
{
    struct synfin_crossing x = {.tools = &random_tools}, fresh = x;
    random_at(&x, some_key, connection, ordinal, copy, &last_block);
    random_at(&fresh, some_key, connection, ordinal, copy, NULL);
    return draw_both(&x, &fresh, n);
}

static uint32_t draw_at_count(uint64_t count, unsigned n)
{
    struct synfin_crossing x = {.tools = &random_tools}, fresh = x;
    random_at_count(&x, some_key, count, &last_block);
    random_at_count(&fresh, some_key, count, NULL);
    return draw_both(&x, &fresh, n);
}

/* Streams with other keys may keep their blocks in one place. */
static void test_kept_of_another_key(void)
{
    struct synfin_crossing x = {.tools = &random_tools};
    uint32_t draw = draw_at(7, 1, 0, 0);
    random_at(&x, (struct random_key){{1, 2}}, 7, 1, 0, &last_block);
    CU_ASSERT_NOT_EQUAL(synfin_draw(&x), draw);
    CU_ASSERT_EQUAL(draw_at(7, 1, 0, 0), draw);
}

/* Draw n = philox(key, (connection, ordinal / 4, n, copy))[ordinal % 4]. */
static void test_layout_by_connection(void)
{
    for (uint32_t ordinal = 0; ordinal < 10; ordinal++) {
        for (uint32_t n = 0; n < 3; n++) {
            uint32_t out[4];
            random_block(some_key, (const uint32_t[4]){7, ordinal / 4, n, 1}, out);
            CU_ASSERT_EQUAL(draw_at(7, ordinal, 1, n), out[ordinal % 4]);
        }
    }
}

static void test_layout_by_count(void)
{
    static const uint64_t counts[] = {0, 1, 2, 3, 4, UINT64_C(0x3fffffffd), UINT64_C(0x400000002), UINT64_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (uint32_t n = 0; n < 3; n++) {
            uint32_t out[4];
            uint32_t low = (uint32_t)(counts[i] >> 2), high = (uint32_t)(counts[i] >> 34);
            random_block(some_key, (const uint32_t[4]){low, high, n, UINT32_MAX}, out);
            CU_ASSERT_EQUAL(draw_at_count(counts[i], n), out[counts[i] % 4]);
        }
    }
}

/* Each of connection, ordinal, copy, number of the draw, and drawing by count or not, changes the draw. */
static void test_places_differ(void)
{
    uint32_t draw = draw_at(4, 0, 0, 0);
    CU_ASSERT_EQUAL(draw_at(4, 0, 0, 0), draw);
    CU_ASSERT_NOT_EQUAL(draw_at(5, 0, 0, 0), draw);
    CU_ASSERT_NOT_EQUAL(draw_at(4, 1, 0, 0), draw);
    CU_ASSERT_NOT_EQUAL(draw_at(4, 4, 0, 0), draw);
    CU_ASSERT_NOT_EQUAL(draw_at(4, 0, 1, 0), draw);
    CU_ASSERT_NOT_EQUAL(draw_at(4, 0, 0, 1), draw);
    CU_ASSERT_NOT_EQUAL(draw_at_count(16, 0), draw);
}

/* ---- Uniformity -------------------------------------------------------------------------------------------------- */

enum { SAMPLES = 1 << 20 };

/* Pearson's chi-square of the draws' upper bytes: 255 degrees of freedom, so mean 255, standard deviation sqrt(510). */
static double chi_square(uint32_t (*draw)(uint32_t))
{
    uint32_t bin[256] = {0};
    double sum = 0, expected = SAMPLES / 256.0;
    for (uint32_t i = 0; i < SAMPLES; i++)
        bin[draw(i) >> 24]++;
    for (int b = 0; b < 256; b++)
        sum += (bin[b] - expected) * (bin[b] - expected) / expected;
    return sum;
}

/* Correlation of neighbours; its standard error without correlation is 1/sqrt(SAMPLES). */
static double neighbour_correlation(uint32_t (*draw)(uint32_t))
{
    double sum = 0, last = draw(0) * 0x1p-32 - 0.5;
    for (uint32_t i = 1; i < SAMPLES; i++) {
        double next = draw(i) * 0x1p-32 - 0.5;
        sum += last * next * 12;
        last = next;
    }
    return sum / SAMPLES;
}

static uint32_t by_connection(uint32_t i) { return draw_at(i, 0, 0, 0); }
static uint32_t by_ordinal(uint32_t i) { return draw_at(0, i, 0, 0); }
static uint32_t by_copy(uint32_t i) { return draw_at(0, 0, i, 0); }
static uint32_t by_count(uint32_t i) { return draw_at_count(i, 0); }
static uint32_t by_seed(uint32_t i) { return random_key(i, 0, "a", "b").word[0]; }
static uint32_t by_replication(uint32_t i) { return random_key(1, i, "a", "b").word[1]; }

/* 4.5 standard errors: one right generator in 150,000 fails one of these twelve; the draws are fixed by the key. */
static void test_uniform_and_independent(void)
{
    uint32_t (*const draws[])(uint32_t) = {by_connection, by_ordinal, by_copy, by_count, by_seed, by_replication};
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
        CU_ASSERT_DOUBLE_EQUAL(chi_square(draws[i]), 255, 4.5 * sqrt(510));
        CU_ASSERT_DOUBLE_EQUAL(neighbour_correlation(draws[i]), 0, 4.5 / sqrt(SAMPLES));
    }
}

/* ---- Probabilities ----------------------------------------------------------------------------------------------- */

/* A crossing whose draws are given, to reach borders that chance would take 2^32 draws to meet. */
struct given {
    struct synfin_crossing crossing;
    uint32_t draws[2];
    unsigned used;
};

static uint32_t next_given(struct synfin_crossing *x)
{
    struct given *g = (struct given *)x;
    return g->draws[g->used++ & 1];
}

static const struct synfin_tools given_tools = {next_given, portable_log, portable_exp, portable_normal,
                                                portable_normal_times, NULL, NULL};

static bool chance_given(synfin_probability p, uint32_t first, uint32_t second)
{
    struct given g = {{.tools = &given_tools}, {first, second}, 0};
    return synfin_chance(&g.crossing, p);
}

static void test_chance_is_exact(void)
{
    CU_ASSERT(!chance_given(0, 0, 0));
    CU_ASSERT(chance_given(SYNFIN_CERTAIN, UINT32_MAX, UINT32_MAX));
    CU_ASSERT(chance_given(1, 0, 0)); /* 2^-63: one pair of draws (and the second's lowest bit) in 2^63 */
    CU_ASSERT(!chance_given(1, 0, 2));
    CU_ASSERT(!chance_given(1, 1, 0));
    CU_ASSERT(chance_given(SYNFIN_CERTAIN - 1, UINT32_MAX, UINT32_MAX - 2));
    CU_ASSERT(!chance_given(SYNFIN_CERTAIN - 1, UINT32_MAX, UINT32_MAX));
    CU_ASSERT(chance_given(SYNFIN_CERTAIN / 2, 0x7fffffff, UINT32_MAX));
    CU_ASSERT(!chance_given(SYNFIN_CERTAIN / 2, 0x80000000, 0));
}

/* ---- Portable functions ------------------------------------------------------------------------------------------ */

/* Against libm's long double functions, which are good to 1e-18. */
#define BOUND 1e-13

static double relative(double value, long double exact)
{
    return (double)fabsl((value - exact) / exact);
}

static void test_log_accuracy(void)
{
    double worst = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        double u = (draw_at(i, 0, 0, 0) + 0.5) * 0x1p-32;
        double wide = ldexp(1 + u, (int)(i % 2040) - 1020), near_one = 0.5 + 1.5 * u;
        worst = fmax(worst, relative(portable_log(wide), logl(wide)));
        worst = fmax(worst, relative(portable_log(near_one), logl(near_one)));
        worst = fmax(worst, relative(portable_log(u), logl(u)));
    }
    CU_ASSERT(worst < BOUND);
    CU_ASSERT_EQUAL(portable_log(1), 0);
    CU_ASSERT(relative(portable_log(DBL_TRUE_MIN), logl(DBL_TRUE_MIN)) < BOUND);
    CU_ASSERT(relative(portable_log(DBL_MAX), logl(DBL_MAX)) < BOUND);
    CU_ASSERT(relative(portable_log(1 + DBL_EPSILON), logl(1 + DBL_EPSILON)) < BOUND);
    CU_ASSERT(relative(portable_log(1 - DBL_EPSILON / 2), logl(1 - DBL_EPSILON / 2)) < BOUND);
}

static void test_exp_accuracy(void)
{
    double worst = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        double u = draw_at(i, 0, 0, 0) * 0x1p-32 - 0.5;
        worst = fmax(worst, relative(portable_exp(1399 * u), expl(1399 * u)));
        worst = fmax(worst, relative(portable_exp(2 * u), expl(2 * u)));
    }
    CU_ASSERT(worst < BOUND);
    CU_ASSERT_EQUAL(portable_exp(0), 1);
}

/* The quantile against the distribution function of libm, p = erfc(-z / sqrt 2) / 2, in both tails: the error of p that
   an error of z makes is z phi(z) / p relative, less than (z^2 + 1) of z's. */
static void test_normal_accuracy(void)
{
    double worst = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        double u = (draw_at(i, 0, 0, 0) + 0.5) * 0x1p-33, p = i % 2 ? u : exp(-600 * u);
        if (p >= 0.5)
            continue;
        double z = portable_normal(p);
        worst = fmax(worst, relative(p, erfcl(-z / sqrtl(2)) / 2) / (z * z + 1));
        CU_ASSERT_FATAL(z < 0);
        if (p >= DBL_EPSILON)
            CU_ASSERT_DOUBLE_EQUAL(portable_normal(1 - p), -portable_normal(1 - (1 - p)), 0);
    }
    CU_ASSERT(worst < BOUND);
    CU_ASSERT_EQUAL(portable_normal(0.5), 0);
}

static int64_t rounded(double x)
{
    return (int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* In both tails and between them, in units so small and so large that no or every rounding is in doubt. */
static void test_normal_times_is_exact(void)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 300000; i++) {
        uint32_t draw = draw_at(i, 1, 0, 0) >> (i % 3 ? 0 : i % 28);
        double p = ((i & 1 ? draw : UINT32_MAX - draw) + 0.5) * 0x1p-32;
        double scale = i % 5 ? 1e6 : (double)(INT64_C(1) << i % 57);
        wrong += portable_normal_times(p, scale) != rounded(scale * portable_normal(p));
        wrong += portable_normal_times(p, -scale) != rounded(-scale * portable_normal(p));
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(portable_normal_times(0.5, 1e6), 0);
    CU_ASSERT(relative(portable_normal(0.975), 1.959963984540054235524594L) < BOUND);
}

/* How many of the draws have another normal or logarithm by one of the ways than one by one. */
static uint32_t differences(const uint32_t *draw, double scale, size_t n)
{
    uint32_t wrong = 0;
    for (unsigned i = 0; i < 2; i++) {
        int64_t value[SYNFIN_DRAWS];
        double log[SYNFIN_DRAWS];
        way(i)->normals(draw, scale, value, n);
        way(i)->logs(draw, log, n);
        for (size_t k = 0; k < n; k++) {
            double p = (draw[k] + 0.5) * 0x1p-32;
            wrong += value[k] != rounded(scale * portable_normal(p)) || bits_of(log[k]) != bits_of(portable_log(p));
        }
    }
    return wrong;
}

/* Many at a time, of which now some, now others leave the polynomial. */
static void test_many(void)
{
    uint32_t wrong = 0, draw[SYNFIN_DRAWS];
    for (uint32_t i = 0; i < 20000; i++) {
        random_plain.blocks(some_key, (const uint32_t[4]){RANDOM_MANY * i, 4}, draw);
        for (uint32_t k = 0; k < SYNFIN_DRAWS; k++) {
            draw[k] = draw[k] >> ((i >> k % 16 & 3) == 0 ? i % 31 : 0) ^ (0 - (i >> k % 13 & 1));
        }
        wrong += differences(draw, i % 5 ? 1e6 : (double)(INT64_C(1) << i % 57), SYNFIN_DRAWS - i % 16 * 4);
        wrong += differences(draw + i % 60, -1e9, 4);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* At the ends, at powers of two and between them where parts border on each other; and one draw to either side. */
static void test_many_at_borders(void)
{
    uint32_t wrong = 0;
    for (unsigned power = 0; power < 32; power++) {
        for (unsigned i = 0; i < 4; i++) {
            uint32_t border = (UINT32_C(1) << power) + (UINT32_C(1) << power) / 4 * i;
            const uint32_t draw[8] = {border,  border - 1,  border + 1,  UINT32_C(1) << 31,
                                      ~border, ~border + 1, ~border - 1, UINT32_MAX - i};
            wrong += differences(draw, 1e6, 8) + differences(draw, 0, 8) + differences(draw, 0x1p56, 8);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* Where one lane ends on a half, or beside it. */
static void test_many_at_halves(void)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t draw[4] = {draw_at(i, 0, 5, 0), draw_at(i, 1, 5, 0), draw_at(i, 2, 5, 0), draw_at(i, 3, 5, 0)};
        double half = (double)(draw_at(i, 4, 5, 0) >> i % 20) + 0.5;
        double scale = half / portable_normal((draw[i % 4] + 0.5) * 0x1p-32);
        wrong += fabs(scale) < 0x1p56 ? differences(draw, scale * (1 + ((int)(i % 3) - 1) * 0x1p-50), 4) : 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* Halfway between two whole numbers it is the quantile's last bits that decide, which no polynomial has. */
static void test_normal_times_at_halves(void)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        double p = (draw_at(i, 2, 0, 0) + 0.5) * 0x1p-32, z = portable_normal(p);
        double half = (double)(draw_at(i, 3, 0, 0) >> i % 20) + 0.5, scale = half / z;
        for (int k = -1; k <= 1; k++)
            wrong += portable_normal_times(p, scale * (1 + k * 0x1p-50)) != rounded(scale * (1 + k * 0x1p-50) * z);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* At the borders of its parts, and one draw to either side. */
static void test_normal_times_at_borders(void)
{
    uint32_t wrong = 0;
    for (uint64_t border = UINT64_C(1) << 32; border > 0; border >>= 1) {
        for (uint64_t i = 0; i < 3 * 4; i++) {
            double p = ((double)(border / 2 + border / 2 * (i / 3) / 4 + i % 3) - 1.5) * 0x1p-32;
            if (p <= 0)
                continue;
            wrong += portable_normal_times(p, 1e9) != rounded(1e9 * portable_normal(p));
            wrong += portable_normal_times(1 - p, 1e9) != rounded(1e9 * portable_normal(1 - p));
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* The polynomial whose values around m = middle are those of the quantile of m x scale at Chebyshev's nodes: Newton's,
   multiplied out. */
static void interpolate(double middle, double scale, double term[NORMAL_TERMS])
{
    static const double node[NORMAL_TERMS / 2] = {0x1.f6297cff75cbp-4, 0x1.a9b66290ea1a3p-4, 0x1.1c73b39ae68c8p-4,
                                                  0x1.8f8b83c69a60bp-6}; /* cos((2 i + 1) pi / 16) / 8 */
    double at[NORMAL_TERMS], value[NORMAL_TERMS];
    for (int i = 0; i < NORMAL_TERMS; i++) {
        at[i] = i < NORMAL_TERMS / 2 ? node[i] : -node[NORMAL_TERMS - 1 - i];
        value[i] = portable_normal((middle + at[i]) * scale);
        term[i] = 0;
    }
    for (int k = 1; k < NORMAL_TERMS; k++) {
        for (int i = NORMAL_TERMS - 1; i >= k; i--)
            value[i] = (value[i] - value[i - 1]) / (at[i] - at[i - k]);
    }
    for (int i = NORMAL_TERMS - 1; i >= 0; i--) {
        for (int k = NORMAL_TERMS - 1; k > 0; k--)
            term[k] = term[k - 1] - at[i] * term[k];
        term[0] = value[i] - at[i] * term[0];
    }
}

/* How far the part is from the quantile, at most, at a thousand places. */
static double part_off(const double term[NORMAL_TERMS], double middle, double scale)
{
    double worst = 0;
    for (int i = -500; i <= 500; i++) {
        double u = i / 4000.0, z = 0;
        for (int k = NORMAL_TERMS - 1; k >= 0; k--)
            z = z * u + term[k];
        worst = fmax(worst, fabs(z - portable_normal((middle + u) * scale)));
    }
    return worst;
}

/* portable_normal_times() is to allow for more than the parts are off. */
static void test_normal_parts(void)
{
    double worst = 0;
    for (int i = 0; i < NORMAL_OCTAVES * NORMAL_PARTS; i++) {
        double term[NORMAL_TERMS], middle = 1.125 + 0.25 * (i % NORMAL_PARTS);
        double scale = ldexp(1, i / NORMAL_PARTS - NORMAL_OCTAVES - 1);
        interpolate(middle, scale, term);
        worst = fmax(worst, part_off(term, middle, scale));
        bool same = memcmp(term, normal_part[i].term, sizeof term) == 0;
        CU_ASSERT(same);
        for (int k = 0; !same && k < NORMAL_TERMS; k++)
            printf("%s%a", k ? ", " : "\n", term[k]);
    }
    CU_ASSERT(worst < 0.6 * NORMAL_OFF);
}

/* The same bits on every machine and from every compiler. */
static void test_pinned_bits(void)
{
    static const struct {
        double (*function)(double);
        double argument;
        uint64_t bits;
    } values[] = {
        {portable_log, 2, UINT64_C(0x3fe62e42fefa39ef)},
        {portable_log, 0x1p-33, UINT64_C(0xc036dfb516f20bbf)},
        {portable_log, 0.3, UINT64_C(0xbff34378fcbda721)},
        {portable_log, 1e300, UINT64_C(0x4085963447f87fb5)},
        {portable_exp, 1, UINT64_C(0x4005bf0a8b14576a)},
        {portable_exp, -0.7, UINT64_C(0x3fdfc80db9dd5542)},
        {portable_exp, 123.456, UINT64_C(0x4b11428e1cbc0143)},
        {portable_exp, -650, UINT64_C(0x055300ff6c7c2e28)},
        {portable_normal, 0.3, UINT64_C(0xbfe0c7e39582c5fa)},
        {portable_normal, 0.975, UINT64_C(0x3fff5c0331eeff82)},
        {portable_normal, 0x1p-33, UINT64_C(0xc0195a1198fcf3d4)},
        {portable_normal, 1e-200, UINT64_C(0xc03e34a1d1f58ae3)},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        CU_ASSERT_EQUAL(bits_of(values[i].function(values[i].argument)), values[i].bits);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"Philox4x32-10 gives Random123's known answers", test_known_answers},
        {"many blocks at a time are those drawn one by one", test_blocks},
        {"seed, replication, component and workload each change the key", test_key_parts},
        {"a key keeps its value", test_key_pinned},
        {"draws by connection lie where random.h says", test_layout_by_connection},
        {"draws by count lie where random.h says", test_layout_by_count},
        {"each part of a place changes the draw", test_places_differ},
        {"a block kept of another key", test_kept_of_another_key},
        {"draws are uniform and neighbours independent", test_uniform_and_independent},
        {"a probability is exact to 2^-63", test_chance_is_exact},
        {"portable_log agrees with libm", test_log_accuracy},
        {"portable_exp agrees with libm", test_exp_accuracy},
        {"portable_normal agrees with libm", test_normal_accuracy},
        {"portable_normal_times is a multiple of it, rounded", test_normal_times_is_exact},
        {"normals and logarithms of many draws are those of each", test_many},
        {"at the borders of the parts, too", test_many_at_borders},
        {"and at halves", test_many_at_halves},
        {"also where it ends on a half", test_normal_times_at_halves},
        {"and at the borders of its parts", test_normal_times_at_borders},
        {"the parts of the normal quantile are its polynomials", test_normal_parts},
        {"portable functions keep their bits", test_pinned_bits},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_random", cases);
}
