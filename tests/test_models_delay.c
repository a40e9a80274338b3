/* SPDX-License-Identifier: BSD-2-Clause */
/* Delay and reordering against their mathematics. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "trial.h"

#define MS ((double)SYNFIN_MS)
#define FILE_TRIAL(t, text) trial_open_file(t, SYNFIN_DELAY, "table", text, sizeof(text) - 1)
enum { MILLION = 1000000 };

static struct trial trial_of(enum synfin_stage stage, const char *name, const char *settings)
{
    struct trial t;
    CU_ASSERT_EQUAL_FATAL(trial_open(&t, stage, name, settings, 1), 0);
    return t;
}

static synfin_time least_of(const char *name, const char *settings)
{
    struct trial t = trial_of(SYNFIN_DELAY, name, settings);
    synfin_time least = t.model->least_delay(t.config);
    trial_close(&t);
    return least;
}

/* A million delays; none is below what the model promises. */
static struct series delays_of(const char *name, const char *settings)
{
    struct trial t = trial_of(SYNFIN_DELAY, name, settings);
    struct series s = {0};
    uint64_t below = 0;
    synfin_time least = t.model->least_delay(t.config);
    for (int i = 0; i < MILLION; i++) {
        int64_t delay = trial_next(&t);
        below += (delay > 0 ? delay : 0) < least;
        series_add(&s, (double)delay);
    }
    CU_ASSERT_EQUAL(below, 0);
    trial_close(&t);
    return s;
}

/* The largest distance between the distribution of a million delays and `exact`, sampled at 200 points. */
static double distance(const char *name, const char *settings, double low, double high, double (*exact)(double))
{
    enum { POINTS = 200 };
    struct trial t = trial_of(SYNFIN_DELAY, name, settings);
    uint64_t bin[POINTS + 1] = {0}, sum = 0;
    double worst = 0;
    for (int i = 0; i < MILLION; i++) {
        double place = ((double)trial_next(&t) - low) / (high - low) * POINTS;
        bin[place < 0 ? 0 : place >= POINTS ? POINTS : (int)ceil(place)]++;
    }
    for (int i = 0; i < POINTS; i++) {
        sum += bin[i];
        worst = fmax(worst, fabs((double)sum / 1e6 - exact(low + (high - low) * i / POINTS)));
    }
    trial_close(&t);
    return worst;
}

/* Kolmogorov: a right model's distance in n = 10^6 exceeds 2.2 / sqrt n for one seed in 8,000. */
#define FAR (2.2 / 1000)

static void test_constant(void)
{
    struct series s = delays_of("constant", "time=10ms");
    CU_ASSERT_EQUAL(s.least, 10 * MS);
    CU_ASSERT_EQUAL(s.most, 10 * MS);
    CU_ASSERT_EQUAL(least_of("constant", "time=10ms"), 10 * SYNFIN_MS);
}

/* ---- Uniform ----------------------------------------------------------------------------------------------------- */

static double uniform_cdf(double x)
{
    return fmin(1, fmax(0, (x - 80 * MS) / (40 * MS)));
}

static void test_uniform(void)
{
    struct series s = delays_of("uniform", "time=100ms; jitter=20ms");
    CU_ASSERT_DOUBLE_EQUAL(series_mean(&s), 100 * MS, 4 * 20 * MS / sqrt(3) / 1000);
    CU_ASSERT_DOUBLE_EQUAL(series_correlation(&s), 0, 4.0 / 1000);
    CU_ASSERT(s.least >= 80 * MS && s.most <= 120 * MS);
    CU_ASSERT(distance("uniform", "time=100ms; jitter=20ms", 70 * MS, 130 * MS, uniform_cdf) < FAR);
    CU_ASSERT_EQUAL(least_of("uniform", "time=100ms; jitter=20ms"), 80 * SYNFIN_MS);
    CU_ASSERT_EQUAL(least_of("uniform", "time=10ms; jitter=20ms"), 0);
}

/* Both ends are reached, and nothing beyond: 1 +- 1 ns has three values, a third each. */
static void test_uniform_ends(void)
{
    struct trial t = trial_of(SYNFIN_DELAY, "uniform", "time=1ns; jitter=1ns");
    int count[3] = {0};
    for (int i = 0; i < MILLION; i++) {
        int64_t delay = trial_next(&t);
        CU_ASSERT_FATAL(delay >= 0 && delay <= 2);
        count[delay]++;
    }
    for (int i = 0; i < 3; i++)
        CU_ASSERT_DOUBLE_EQUAL(count[i], 1e6 / 3, 4 * sqrt(2e6 / 9));
    trial_close(&t);
}

static void test_no_jitter(void)
{
    static const char *const names[] = {"uniform", "normal", "pareto"};
    for (int i = 0; i < 3; i++) {
        struct series s = delays_of(names[i], "time=10ms; jitter=0");
        CU_ASSERT(s.least == 10 * MS && s.most == 10 * MS);
    }
}

/* Wide ranges keep their ends: the scaling does not overflow. */
static void test_uniform_wide(void)
{
    struct series s = delays_of("uniform", "time=1000h; jitter=1000h");
    CU_ASSERT(s.least >= 0 && s.most <= 7.2e15);
    CU_ASSERT_DOUBLE_EQUAL(series_mean(&s), 3.6e15, 4 * 3.6e15 / sqrt(3) / 1000);
}

/* ---- Normal and Pareto ------------------------------------------------------------------------------------------- */

static double normal_cdf(double x)
{
    return erfc((100 * MS - x) / (10 * MS) / sqrt(2)) / 2;
}

static void test_normal(void)
{
    struct series s = delays_of("normal", "time=100ms; jitter=10ms");
    CU_ASSERT_DOUBLE_EQUAL(series_mean(&s), 100 * MS, 4 * 10 * MS / 1000);
    CU_ASSERT_DOUBLE_EQUAL(series_sd(&s), 10 * MS, 4 * 10 * MS / sqrt(2) / 1000);
    CU_ASSERT_DOUBLE_EQUAL(series_correlation(&s), 0, 4.0 / 1000);
    CU_ASSERT(distance("normal", "time=100ms; jitter=10ms", 50 * MS, 150 * MS, normal_cdf) < FAR);
    CU_ASSERT_EQUAL(least_of("normal", "time=10ms; jitter=10ms"), 0);
}

/* Shape 3, minimum 1, shifted and scaled to mean 0 and variance 1: F(x) = 1 - (3/2 + x sqrt(3)/2)^-3. */
static double pareto_cdf(double x)
{
    double v = 1.5 + (x - 100 * MS) / (10 * MS) * sqrt(3) / 2;
    return v > 1 ? 1 - pow(v, -3) : 0;
}

/* The variance has no standard error (there is no fourth moment), the mean has; the distribution says the rest. */
static void test_pareto(void)
{
    struct series s = delays_of("pareto", "time=100ms; jitter=10ms");
    CU_ASSERT_DOUBLE_EQUAL(series_mean(&s), 100 * MS, 4 * 10 * MS / 1000);
    CU_ASSERT_DOUBLE_EQUAL(s.least, (100 - 10 / sqrt(3)) * MS, 0.0001 * MS);
    CU_ASSERT(distance("pareto", "time=100ms; jitter=10ms", 90 * MS, 190 * MS, pareto_cdf) < FAR);
}

/* What hosts may run ahead by is near the least delay that occurs, but above none. */
static void test_least_delays(void)
{
    CU_ASSERT_DOUBLE_EQUAL((double)least_of("normal", "time=100ms; jitter=10ms"), (100 - 63.4) * MS, 10);
    CU_ASSERT_DOUBLE_EQUAL((double)least_of("pareto", "time=100ms; jitter=10ms"), (100 - 10 / sqrt(3)) * MS, 10);
}

/* ---- Delays worked out ahead ------------------------------------------------------------------------------------- */

static uint32_t given_draw; /* of every crossing that draws by this function */

static uint32_t next_given(struct synfin_crossing *x)
{
    (void)x;
    return given_draw;
}

/* Of the ends, of powers of two and of what lies beside them, and of some thousand between. */
static uint32_t some_draw(uint32_t i)
{
    uint32_t power = UINT32_C(1) << i % 32;
    return i < 128 ? (i < 64 ? power - 1 + i / 32 : UINT32_MAX - power + i / 32 - 2) : i * UINT32_C(2654435769);
}

static uint32_t differences(const struct trial *t)
{
    const struct synfin_tools tools = {next_given, portable_log, portable_exp, portable_normal,
                                       portable_normal_times, random_tools.normals, random_tools.logs};
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        struct synfin_crossing x = {.segment = &t->segment, .tools = &tools};
        uint32_t draw[SYNFIN_DRAWS];
        int64_t delay[SYNFIN_DRAWS];
        size_t n = i % 4 ? 4 : SYNFIN_DRAWS;
        for (uint32_t k = 0; k < n; k++)
            draw[k] = some_draw(k % 4 < 2 ? i / (k + 1) : 20000 * k + i);
        t->model->delays_of(t->config, draw, delay, n, &tools);
        for (size_t k = 0; k < n; k++) {
            given_draw = draw[k];
            wrong += t->model->act(t->config, &x) != delay[k];
        }
    }
    return wrong;
}

static void test_delays_of(void)
{
    static const char *const names[] = {"uniform", "normal", "pareto"};
    static const char *const settings[] = {"time=10ms; jitter=1ms", "time=0; jitter=1000h", "time=1000h; jitter=1ns"};
    for (int i = 0; i < 9; i++) {
        struct trial t = trial_of(SYNFIN_DELAY, names[i % 3], settings[i / 3]);
        CU_ASSERT_EQUAL(differences(&t), 0);
        trial_close(&t);
    }
    struct trial t;
    CU_ASSERT_EQUAL_FATAL(FILE_TRIAL(&t, "1ms\n2ms 5\n3ms 1000000\n"), 0);
    CU_ASSERT_EQUAL(differences(&t), 0);
    trial_close(&t);
}

/* ---- Correlation ------------------------------------------------------------------------------------------------- */

/* netem's series y' = (1 - rho) u + rho y: correlation rho of neighbours, and a spread of sqrt((1 - rho)/(1 + rho)) of
   the uniform one. Standard errors are about a thousandth; the correlation widens the mean's sqrt((1 + rho)/(1 - rho))
   times. Four of each. */
static void test_correlation_narrows(void)
{
    struct series s = delays_of("uniform", "time=100ms; jitter=20ms; correlation=50%");
    double sd = 20 * MS / sqrt(3) / sqrt(3);
    CU_ASSERT_DOUBLE_EQUAL(series_correlation(&s), 0.5, 0.004);
    CU_ASSERT_DOUBLE_EQUAL(series_sd(&s), sd, 0.005 * sd);
    CU_ASSERT_DOUBLE_EQUAL(series_mean(&s), 100 * MS, 4 * sd * sqrt(3) / 1000);
    s = delays_of("normal", "time=100ms; jitter=10ms; correlation=25%");
    CU_ASSERT(series_sd(&s) < 9 * MS);
    CU_ASSERT(series_correlation(&s) > 0.2);
}

/* The first number of a series is not nearer to the middle or to 0 than later ones: with correlation 100 % all delays
   are the first, which differs from seed to seed. */
static void test_correlation_of_one(void)
{
    struct series s = {0};
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct trial t;
        int opened = trial_open(&t, SYNFIN_DELAY, "uniform", "time=100ms; jitter=20ms; correlation=100%", seed);
        CU_ASSERT_EQUAL_FATAL(opened, 0);
        int64_t first = trial_next(&t);
        CU_ASSERT_EQUAL(trial_next(&t), first);
        CU_ASSERT_EQUAL(trial_next(&t), first);
        series_add(&s, (double)first);
        trial_close(&t);
    }
    CU_ASSERT_DOUBLE_EQUAL(series_sd(&s), 20 * MS / sqrt(3), 2 * MS);
}

/* Without correlation draws are by connection and ordinal; with it, by count. */
static void test_correlation_is_memory(void)
{
    static const char *const names[] = {"uniform", "normal", "pareto"};
    for (int i = 0; i < 3; i++) {
        struct trial a = trial_of(SYNFIN_DELAY, names[i], "time=10ms; jitter=1ms");
        struct trial b = trial_of(SYNFIN_DELAY, names[i], "time=10ms; jitter=1ms; correlation=1%");
        CU_ASSERT(!a.memory);
        CU_ASSERT(b.memory);
        trial_close(&a);
        trial_close(&b);
    }
}

/* ---- Table and script -------------------------------------------------------------------------------------------- */

/* Shares of a multinomial distribution, four standard errors each. */
static void test_table_weights(void)
{
    struct trial t;
    int count[4] = {0};
    int opened = FILE_TRIAL(&t, "# delays of a path\n3ms 5\n\n1ms\t2 # fast\n2.5ms\n  4ms 0\n0.001s 2\r\n");
    CU_ASSERT_EQUAL_FATAL(opened, 0);
    for (int i = 0; i < MILLION; i++) {
        int64_t delay = trial_next(&t);
        int which = delay == SYNFIN_MS ? 0 : delay == 2500 * SYNFIN_US ? 1 : delay == 3 * SYNFIN_MS ? 2 : 3;
        count[which]++;
    }
    CU_ASSERT_DOUBLE_EQUAL(count[0], 4e5, 4 * sqrt(1e6 * 0.4 * 0.6));
    CU_ASSERT_DOUBLE_EQUAL(count[1], 1e5, 4 * sqrt(1e6 * 0.1 * 0.9));
    CU_ASSERT_DOUBLE_EQUAL(count[2], 5e5, 4 * sqrt(1e6 * 0.5 * 0.5));
    CU_ASSERT_EQUAL(count[3], 0);
    CU_ASSERT_EQUAL(t.model->least_delay(t.config), SYNFIN_MS);
    trial_close(&t);
}

/* The inverse of the distribution function ascends: a draw that is late in one table is late in another. */
static void test_table_ascends(void)
{
    struct trial a, b;
    CU_ASSERT_EQUAL_FATAL(FILE_TRIAL(&a, "1ms\n2ms\n3ms\n"), 0);
    CU_ASSERT_EQUAL_FATAL(FILE_TRIAL(&b, "30ms\n10ms\n20ms\n"), 0);
    for (int i = 0; i < 10000; i++)
        CU_ASSERT_EQUAL(trial_next(&b), 10 * trial_next(&a));
    trial_close(&a);
    trial_close(&b);
}

static void test_table_units(void)
{
    static const struct {
        const char *text;
        synfin_time time;
    } cases[] = {{"0", 0},
                 {"7ns", 7},
                 {"1.5us", 1500},
                 {"0.000000001s", 1},
                 {"0.1s", 100 * SYNFIN_MS},
                 {"12.345678ms", 12345678},
                 {"1.23456789ms", 1234567},
                 {"1.5min", 90 * SYNFIN_S},
                 {"0.25h", 900 * SYNFIN_S},
                 {"1000h", INT64_C(3600000) * SYNFIN_S}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t;
        CU_ASSERT_EQUAL_FATAL(trial_open_file(&t, SYNFIN_DELAY, "table", cases[i].text, strlen(cases[i].text)), 0);
        CU_ASSERT_EQUAL(trial_next(&t), cases[i].time);
        trial_close(&t);
    }
}

/* Each error names the file, the line and what would be right. */
static void check_refused(const char *text, size_t size, const char *where, const char *what)
{
    struct trial t;
    CU_ASSERT_EQUAL_FATAL(trial_open_file(&t, SYNFIN_DELAY, "table", text, size), -1);
    CU_ASSERT(strncmp(t.error, "file: /tmp/synfin-trial-", 24) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.error, where));
    CU_ASSERT_PTR_NOT_NULL(strstr(t.error, what));
}

#define REFUSED(text, where, what) check_refused(text, sizeof(text) - 1, where, what)

static void test_table_errors(void)
{
    REFUSED("1ms\n2\n", ":2: ", "12.5ms");
    REFUSED("1ms\n\n2 ms\n", ":3: ", "12.5ms");
    REFUSED("1parsec\n", ":1: ", "12.5ms");
    REFUSED("-1ms\n", ":1: ", "12.5ms");
    REFUSED("1.ms\n", ":1: ", "12.5ms");
    REFUSED("0.0\n", ":1: ", "12.5ms");
    REFUSED("1001h\n", ":1: ", "1000h");
    REFUSED("99999999999999999999999999ns\n", ":1: ", "1000h");
    REFUSED("1ms 0.5\n", ":1: ", "weight");
    REFUSED("1ms -1\n", ":1: ", "weight");
    REFUSED("1ms 2 3\n", ":1: ", "nothing more");
    REFUSED("1ms 1000000001\n", ":1: ", "1000000000");
    REFUSED("1ms\n\0002ms\n", ":2: ", "zero byte");
    REFUSED("", ": ", "no times");
    REFUSED("# nothing\n", ": ", "no times");
    REFUSED("1ms 0\n", ": ", "weights are 0");
}

static void test_table_unreadable(void)
{
    struct trial t;
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_DELAY, "table", "file=/nonexistent/delays", 1), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.error, "file: /nonexistent/delays: cannot be opened: "));
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_DELAY, "table", "file=/tmp", 1), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.error, "file: /tmp: cannot be read: "));
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_DELAY, "table", "file=/dev/zero", 1), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.error, "file: /dev/zero: larger than 64 MiB"));
}

static void test_delay_script(void)
{
    struct trial t = trial_of(SYNFIN_DELAY, "script", "time=10ms; extra=5ms; segments=[ack:2, any:4]");
    t.segment.kind_ordinal = 1;
    CU_ASSERT_EQUAL(trial_at(&t, 0, 0), 10 * SYNFIN_MS);
    t.segment.kind_ordinal = 2;
    CU_ASSERT_EQUAL(trial_at(&t, 0, 1), 15 * SYNFIN_MS);
    t.segment.kind_ordinal = 3;
    CU_ASSERT_EQUAL(trial_at(&t, 0, 2), 10 * SYNFIN_MS);
    CU_ASSERT_EQUAL(trial_at(&t, 0, 3), 15 * SYNFIN_MS);
    CU_ASSERT_EQUAL(t.model->least_delay(t.config), 10 * SYNFIN_MS);
    trial_close(&t);
    CU_ASSERT_EQUAL(least_of("script", "extra=5ms; segments=any:1"), 0);
}

/* ---- Reordering -------------------------------------------------------------------------------------------------- */

static double share_ahead(const char *settings, uint64_t segments)
{
    struct trial t = trial_of(SYNFIN_REORDER, "netem", settings);
    uint64_t ahead = 0;
    for (uint64_t i = 0; i < segments; i++)
        ahead += (uint64_t)trial_next(&t);
    trial_close(&t);
    return (double)ahead / (double)segments;
}

/* Case S16, with its tolerance of three standard errors of the renewal process: variance n Var(G) / E^3. */
static void test_reorder_share(void)
{
    CU_ASSERT_DOUBLE_EQUAL(share_ahead("p=50%; gap=2", 300000) * 300000, 100000, 450);
    CU_ASSERT_DOUBLE_EQUAL(share_ahead("p=50%", 300000), 0.5, 3 * 0.5 / sqrt(300000));
    double cycle = 4 + 1 / 0.2, variance = 0.8 / 0.04;
    CU_ASSERT_DOUBLE_EQUAL(share_ahead("p=20%; gap=5", 300000), 1 / cycle, 3 * sqrt(variance / pow(cycle, 3) / 300000));
    CU_ASSERT_EQUAL(share_ahead("p=0", MILLION), 0);
    CU_ASSERT_EQUAL(share_ahead("p=100%", MILLION), 1);
}

/* Case S16: with 100 % exactly the segments number gap, 2 gap, 3 gap ... */
static void test_reorder_certain(void)
{
    for (int gap = 1; gap <= 4; gap++) {
        char settings[40];
        snprintf(settings, sizeof settings, "p=100%%; gap=%d", gap);
        struct trial t = trial_of(SYNFIN_REORDER, "netem", settings);
        for (int number = 1; number <= 40; number++)
            CU_ASSERT_EQUAL(trial_next(&t), number % gap == 0);
        trial_close(&t);
    }
}

/* Correlated numbers keep their median: half go ahead, but neighbours are alike more often than half the time. */
static void test_reorder_correlation(void)
{
    struct trial t = trial_of(SYNFIN_REORDER, "netem", "p=50%; correlation=50%");
    uint64_t ahead = 0, alike = 0;
    int64_t last = 0;
    for (int i = 0; i < MILLION; i++) {
        int64_t next = trial_next(&t);
        ahead += (uint64_t)next;
        alike += next == last;
        last = next;
    }
    CU_ASSERT_DOUBLE_EQUAL((double)ahead / 1e6, 0.5, 0.005);
    CU_ASSERT((double)alike / 1e6 > 0.6);
    trial_close(&t);
    CU_ASSERT_EQUAL(share_ahead("p=100%; correlation=50%", MILLION), 1);
    CU_ASSERT_EQUAL(share_ahead("p=0; correlation=50%", MILLION), 0);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"constant: always the same", test_constant},
        {"uniform: mean, distribution, bounds", test_uniform},
        {"uniform: both ends included", test_uniform_ends},
        {"jitter 0 is no jitter", test_no_jitter},
        {"uniform: wide ranges do not overflow", test_uniform_wide},
        {"normal: mean, deviation, distribution", test_normal},
        {"pareto: mean, least, distribution", test_pareto},
        {"least delays of normal and pareto", test_least_delays},
        {"delays of many draws at a time", test_delays_of},
        {"correlation: of neighbours, narrows the spread", test_correlation_narrows},
        {"correlation: 100 % repeats the first", test_correlation_of_one},
        {"correlation: the only memory", test_correlation_is_memory},
        {"table: shares follow weights", test_table_weights},
        {"table: drawn by the inverse distribution function", test_table_ascends},
        {"table: units are exact", test_table_units},
        {"table: errors name file and line", test_table_errors},
        {"table: unreadable and endless files", test_table_unreadable},
        {"script: more delay for listed segments", test_delay_script},
        {"reorder: share with a gap (case S16)", test_reorder_share},
        {"reorder: every gap-th at 100 % (case S16)", test_reorder_certain},
        {"reorder: correlation", test_reorder_correlation},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_models_delay", cases);
}
