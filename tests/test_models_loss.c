/* SPDX-License-Identifier: BSD-2-Clause */
/* Loss, duplication and corruption against their mathematics. */
#include <math.h>

#include "suite.h"
#include "trial.h"

enum { MILLION = 1000000 };

static struct trial trial_of(enum synfin_stage stage, const char *name, const char *settings, uint64_t seed)
{
    struct trial t;
    CU_ASSERT_EQUAL_FATAL(trial_open(&t, stage, name, settings, seed), 0);
    return t;
}

static uint64_t hits_of(enum synfin_stage stage, const char *name, const char *settings, uint64_t segments)
{
    struct trial t = trial_of(stage, name, settings, 1);
    uint64_t hits = 0;
    for (uint64_t i = 0; i < segments; i++)
        hits += (uint64_t)trial_next(&t);
    trial_close(&t);
    return hits;
}

/* ---- Bernoulli --------------------------------------------------------------------------------------------------- */

static const enum synfin_stage bernoulli_stages[] = {SYNFIN_LOSS, SYNFIN_DUPLICATE, SYNFIN_CORRUPT};

/* Four standard errors of a binomial share: a right model fails one seed in 16,000. */
static void test_bernoulli_share(void)
{
    static const struct {
        const char *settings;
        double p;
    } cases[] = {{"p=1%", 0.01}, {"p=0.2", 0.2}, {"p=50%", 0.5}, {"p=99%", 0.99}};
    for (size_t s = 0; s < 3; s++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            double p = cases[i].p;
            uint64_t hits = hits_of(bernoulli_stages[s], "bernoulli", cases[i].settings, MILLION);
            CU_ASSERT_DOUBLE_EQUAL((double)hits / 1e6, p, 4 * sqrt(p * (1 - p) / 1e6));
        }
    }
}

/* Case S19 (f): exact in 1,000,000 segments. */
static void test_bernoulli_never_and_always(void)
{
    for (size_t s = 0; s < 3; s++) {
        CU_ASSERT_EQUAL(hits_of(bernoulli_stages[s], "bernoulli", "p=0", MILLION), 0);
        CU_ASSERT_EQUAL(hits_of(bernoulli_stages[s], "bernoulli", "p=0%", MILLION), 0);
        CU_ASSERT_EQUAL(hits_of(bernoulli_stages[s], "bernoulli", "p=100%", MILLION), MILLION);
        CU_ASSERT_EQUAL(hits_of(bernoulli_stages[s], "bernoulli", "p=1", MILLION), MILLION);
    }
}

/* Common random numbers: what is lost at 1 % is lost at 2 % and at 10 %. */
static void test_bernoulli_common_numbers(void)
{
    struct trial a = trial_of(SYNFIN_LOSS, "bernoulli", "p=1%", 1), b = trial_of(SYNFIN_LOSS, "bernoulli", "p=2%", 1);
    struct trial c = trial_of(SYNFIN_LOSS, "bernoulli", "p=10%", 1);
    uint64_t wrong = 0, more = 0;
    for (int i = 0; i < MILLION; i++) {
        int64_t x = trial_next(&a), y = trial_next(&b), z = trial_next(&c);
        wrong += x > y || y > z;
        more += y > x;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(more > 9000 && more < 11000);
    trial_close(&a);
    trial_close(&b);
    trial_close(&c);
}

/* The fate of a segment depends on connection and ordinal, not on what was asked before. */
static void test_bernoulli_is_pure(void)
{
    struct trial forth = trial_of(SYNFIN_LOSS, "bernoulli", "p=50%", 1);
    struct trial back = trial_of(SYNFIN_LOSS, "bernoulli", "p=50%", 1);
    int64_t fates[64][4];
    for (uint32_t connection = 0; connection < 64; connection++) {
        for (uint32_t ordinal = 0; ordinal < 4; ordinal++)
            fates[connection][ordinal] = trial_at(&forth, connection, ordinal);
    }
    for (uint32_t connection = 64; connection-- > 0;) {
        for (uint32_t ordinal = 4; ordinal-- > 0;)
            CU_ASSERT_EQUAL(trial_at(&back, connection, ordinal), fates[connection][ordinal]);
    }
    CU_ASSERT(!forth.memory);
    trial_close(&forth);
    trial_close(&back);
}

static void test_bernoulli_seeds_differ(void)
{
    struct trial a = trial_of(SYNFIN_LOSS, "bernoulli", "p=50%", 1), b = trial_of(SYNFIN_LOSS, "bernoulli", "p=50%", 2);
    uint64_t equal = 0;
    for (int i = 0; i < MILLION; i++)
        equal += trial_next(&a) == trial_next(&b);
    CU_ASSERT_DOUBLE_EQUAL((double)equal, 500000, 4 * 500); /* four standard errors */
    trial_close(&a);
    trial_close(&b);
}

/* ---- Gilbert-Elliott --------------------------------------------------------------------------------------------- */

struct runs {
    uint64_t lost, runs, longest;
};

static struct runs runs_of(const char *settings, uint64_t segments)
{
    struct trial t = trial_of(SYNFIN_LOSS, "gilbert-elliott", settings, 1);
    struct runs r = {0};
    uint64_t run = 0;
    CU_ASSERT(t.memory);
    for (uint64_t i = 0; i < segments; i++) {
        bool lost = trial_next(&t) == 1;
        r.runs += lost && run == 0;
        run = lost ? run + 1 : 0;
        r.longest = run > r.longest ? run : r.longest;
        r.lost += lost;
    }
    trial_close(&t);
    return r;
}

/* Case S17, with its tolerances: share p/(p+r), mean burst 1/r; three standard errors of the chain. */
static void test_gilbert_bursts(void)
{
    struct runs r = runs_of("p=1%; r=25%", MILLION);
    CU_ASSERT_DOUBLE_EQUAL((double)r.lost / 1e6, 0.01 / 0.26, 0.0015);
    CU_ASSERT_DOUBLE_EQUAL((double)r.lost / (double)r.runs, 4.00, 0.12);
    CU_ASSERT_DOUBLE_EQUAL((double)r.runs, 9615, 300);
}

/* Elliott: loss = share of bad x bad + share of good x good. The variance of n segments' sum is that of independent
   ones plus (bad - good)^2 pi (1 - pi) 2 rho / (1 - rho) each, rho = 1 - p - r; four standard errors. */
static void test_elliott_share(void)
{
    double pi = 0.1 / 0.4, share = pi * 0.8 + (1 - pi) * 0.05, rho = 0.6;
    double variance = share * (1 - share) + 0.75 * 0.75 * pi * (1 - pi) * 2 * rho / (1 - rho);
    struct runs r = runs_of("p=10%; r=30%; bad=80%; good=5%", MILLION);
    CU_ASSERT_DOUBLE_EQUAL((double)r.lost / 1e6, share, 4 * sqrt(variance / 1e6));
}

/* netem: the state changes after the segment's own loss is decided by the state that it met, which at first is good. */
static void test_gilbert_order(void)
{
    struct trial t = trial_of(SYNFIN_LOSS, "gilbert-elliott", "p=100%; r=100%", 1);
    for (int i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(trial_next(&t), i % 2);
    trial_close(&t);
}

static void test_gilbert_never_and_always(void)
{
    CU_ASSERT_EQUAL(runs_of("p=0; r=25%", MILLION).lost, 0);
    CU_ASSERT_EQUAL(runs_of("p=100%; r=0", MILLION).lost, MILLION - 1); /* all but the first */
    CU_ASSERT_EQUAL(runs_of("p=50%; r=50%; bad=0; good=0", MILLION).lost, 0);
    CU_ASSERT_EQUAL(runs_of("p=50%; r=50%; bad=100%; good=100%", MILLION).lost, MILLION);
}

/* ---- Periodic and script ----------------------------------------------------------------------------------------- */

static void check_periodic(const char *settings, uint64_t first, uint64_t every)
{
    struct trial t = trial_of(SYNFIN_LOSS, "periodic", settings, 1);
    for (uint64_t number = 1; number <= 100; number++)
        CU_ASSERT_EQUAL(trial_next(&t), number >= first && (number - first) % every == 0);
    trial_close(&t);
}

static void test_periodic(void)
{
    check_periodic("every=10", 10, 10);
    check_periodic("every=10; first=3", 3, 10);
    check_periodic("every=3; first=50", 50, 3);
    check_periodic("every=1", 1, 1);
}

static void test_periodic_refuses(void)
{
    struct trial t;
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_LOSS, "periodic", "every=0", 1), -1);
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_LOSS, "periodic", "every=5; first=0", 1), -1);
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_LOSS, "periodic", "first=1", 1), -1);
}

/* By kind and its number, or by number of any kind in the direction. */
static void test_script(void)
{
    for (size_t s = 0; s < 3; s++) {
        struct trial t = trial_of(bernoulli_stages[s], "script", "segments=[syn_ack:1, any:3]", 1);
        t.segment.flags = SYNFIN_SYN | SYNFIN_ACK;
        t.segment.kind_ordinal = 1;
        CU_ASSERT_EQUAL(trial_at(&t, 0, 0), 1);
        CU_ASSERT_EQUAL(trial_at(&t, 1, 0), 1);
        t.segment.kind_ordinal = 2;
        CU_ASSERT_EQUAL(trial_at(&t, 0, 1), 0);
        CU_ASSERT_EQUAL(trial_at(&t, 0, 2), 1);
        t.segment.flags = SYNFIN_ACK;
        t.segment.kind_ordinal = 1;
        CU_ASSERT_EQUAL(trial_at(&t, 0, 0), 0);
        CU_ASSERT_EQUAL(trial_at(&t, 0, 2), 1);
        CU_ASSERT_EQUAL(trial_at(&t, 0, 3), 0);
        t.segment.flags = SYNFIN_SYN;
        CU_ASSERT_EQUAL(trial_at(&t, 0, 0), 0);
        CU_ASSERT(!t.memory);
        trial_close(&t);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"bernoulli: the share is p", test_bernoulli_share},
        {"bernoulli: 0 and 100 % are exact (case S19)", test_bernoulli_never_and_always},
        {"bernoulli: neighbouring p share random numbers", test_bernoulli_common_numbers},
        {"bernoulli: a pure function of connection and ordinal", test_bernoulli_is_pure},
        {"bernoulli: seeds are independent", test_bernoulli_seeds_differ},
        {"gilbert-elliott: share, bursts, their number (case S17)", test_gilbert_bursts},
        {"gilbert-elliott: losses in both states", test_elliott_share},
        {"gilbert-elliott: order of loss and transition", test_gilbert_order},
        {"gilbert-elliott: 0 and 100 % are exact", test_gilbert_never_and_always},
        {"periodic: every n-th from the first", test_periodic},
        {"periodic: refuses 0", test_periodic_refuses},
        {"script: the listed segments, no others", test_script},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_models_loss", cases);
}
