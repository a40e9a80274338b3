/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exact distribution of set-up latency: against numbers worked out by hand, and against the simulation, of which it
 * knows nothing. Every simulated latency must be one that theory gives, to the nanosecond, and as frequent.
 */
#include "theory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim_run.h"
#include "suite.h"

/* The listener is so large that half-open connections do not matter to each other. */
static const char base[] = "hosts.client.profile=rfc9293\n"
                           "hosts.client.addresses=64\n"
                           "hosts.server.profile=rfc9293\n"
                           "hosts.server.listen.port=80\n"
                           "hosts.server.listen.backlog=1000000\n"
                           "hosts.server.tcp.somaxconn=1000000\n"
                           "links.wan.both.delay.model=constant\n"
                           "links.wan.both.delay.time=10ms\n"
                           "links.wan.both.loss.model=bernoulli\n"
                           "links.wan.both.loss.p=0\n"
                           "links.far.both.delay.model=constant\n"
                           "links.far.both.delay.time=7ms\n"
                           "workloads.w.from=client\n"
                           "workloads.w.to=server\n"
                           "workloads.w.over=wan\n"
                           "workloads.w.protocol=tcp\n"
                           "workloads.w.arrivals.model=poisson\n"
                           "workloads.w.arrivals.rate=10000/s\n"
                           "workloads.w.connections=1\n"
                           "workloads.w.close=client\n";

#define RFC ""
#define WHEEL "hosts.client.profile=linux\nhosts.server.profile=linux\n"
#define LINUX WHEEL "hosts.client.tcp.timers=exact\nhosts.server.tcp.timers=exact\n"
static const char *const profiles[] = {RFC, LINUX};

#define LOSS(there, back) "links.wan.forward.loss.p=" there "\nlinks.wan.backward.loss.p=" back "\n"

/* ---- What theory says -------------------------------------------------------------------------------------------- */

/* Of the base, changed by `more`. The scenario of *r lives until sim_run_end(). */
static bool compute(struct sim_run *r, struct theory *t, const char *more)
{
    bool fine = sim_run(r, base, more, 0) && theory_of_workload(t, r->scenario, 0, 1) == 0;
    CU_ASSERT(fine);
    return fine;
}

static double probability_at(const struct theory *t, synfin_time time)
{
    return theory_at(t, time) - theory_at(t, time - 1);
}

/* The probabilities of latencies in ms; the list ends with one below 0, whose probability is that of none. */
struct row {
    int latency_ms;
    double probability;
};

static void says(const char *more, const struct row *row)
{
    struct sim_run r;
    struct theory t;
    if (compute(&r, &t, more)) {
        CU_ASSERT_STRING_EQUAL(t.unknown, "");
        for (; row->latency_ms >= 0; row++)
            CU_ASSERT_DOUBLE_EQUAL(probability_at(&t, row->latency_ms * SYNFIN_MS), row->probability, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(t.never, row->probability, 1e-9);
        theory_free(&t);
    }
    sim_run_end(&r);
}

/* The tables of profile rfc9293 at 10 ms: which SYN is the first to arrive, and of its SYN+ACKs? */
static void test_rfc9293_by_hand(void)
{
    says(LOSS("0", "0"), (const struct row[]){{20, 1}, {-1, 0}});
    says(LOSS("100%", "0"), (const struct row[]){{20, 0}, {-1, 1}});
    says(LOSS("5%", "5%") "hosts.client.tcp.syn_retries=3\n",
         (const struct row[]){{20, 0.9025},
                              {1020, 0.09025},
                              {2020, 0.00225625},
                              {3020, 0.0045125},
                              {4020, 0.000225625},
                              {6020, 0.000005640625},
                              {-1, 2 * pow(0.05, 4) - pow(0.05, 8)}});
    says(LOSS("0", "10%") "hosts.server.tcp.synack_retries=1\nhosts.client.tcp.syn_retries=1\n",
         (const struct row[]){{20, 0.9}, {1020, 0.09}, {2020, 0}, {3020, 0}, {-1, 0.01}});
    says(LOSS("20%", "20%"), (const struct row[]){{20, 0.64},
                                                  {1020, 0.256},
                                                  {2020, 0.0256},
                                                  {3020, 0.0512},
                                                  {4020, 0.01024},
                                                  {6020, 0.001024},
                                                  {-1, 2 * pow(0.2, 8) - pow(0.2, 16)}});
}

/* At 1.01 s the SYN+ACK's timer expires, and the repeated SYN is answered by one more. */
static void test_linux_by_hand(void)
{
    double first = 0.8 * 0.8, second = 0.2 * 0.64 + 0.8 * 0.2 * (0.8 + 0.2 * 0.8 * 0.8);
    says(LINUX LOSS("20%", "20%") "hosts.client.tcp.syn_retries=1\nhosts.client.tcp.syn_linear_timeouts=0\n",
         (const struct row[]){{20, first}, {1020, second}, {2020, 0.0256}, {-1, 1 - first - second - 0.0256}});
}

/* A half-open connection ends at 1.01 s, before the repeated SYN of that instant: it begins another. */
static void test_entry_expires(void)
{
    says(LOSS("0", "50%") "hosts.server.tcp.synack_retries=0\nhosts.client.tcp.syn_retries=2\n",
         (const struct row[]){{20, 0.5}, {1020, 0.25}, {3020, 0.125}, {-1, 0.125}});
    /* At 1.5 s one way the repeated SYN was sent before the timer was armed: it is answered, and then all ends. */
    says(LOSS("0", "50%") "hosts.server.tcp.synack_retries=0\nhosts.client.tcp.syn_retries=2\n"
                          "links.wan.both.delay.time=1500ms\n",
         (const struct row[]){{3000, 0.5}, {4000, 0}, {6000, 0.25}, {-1, 0.25}});
}

/* The client gives up at 3 s: a SYN+ACK of that instant is in time if it was sent before the last timer was armed. */
static void test_giving_up(void)
{
    says(LOSS("0", "50%") "hosts.client.tcp.syn_retries=1\nlinks.wan.both.delay.time=1500ms\n",
         (const struct row[]){{3000, 0}, {-1, 1}});
    says(LOSS("0", "50%") "hosts.client.tcp.syn_retries=1\nlinks.wan.forward.delay.time=1s\n"
                          "links.wan.backward.delay.time=2s\n",
         (const struct row[]){{3000, 0}, {-1, 1}});
    says(LOSS("0", "50%") "hosts.client.tcp.syn_retries=1\nlinks.wan.forward.delay.time=500ms\n"
                          "links.wan.backward.delay.time=2500ms\n",
         (const struct row[]){{3000, 0.5}, {-1, 0.5}});
}

/* ---- Simulated and computed -------------------------------------------------------------------------------------- */

static bool frequent_enough(uint64_t count, double expected)
{
    return fabs((double)count - expected) <= 5 * sqrt(expected) + 5;
}

/* Each latency as often as it should be, and no other. */
static bool same_latencies(const struct sim_run *r, const struct theory *t)
{
    double n = (double)r->rows;
    uint64_t found = sim_run_count(r, SYNFIN_SETUP, -1);
    bool same = frequent_enough(found, n * t->never);
    for (size_t i = 0; i < t->points; i++) {
        uint64_t count = sim_run_count(r, SYNFIN_SETUP, t->point[i].time);
        double expected = n * (t->point[i].after - t->point[i].before);
        found += count;
        if (!frequent_enough(count, expected)) {
            fprintf(stderr, "%lld ns: %llu, expected %.1f\n", (long long)t->point[i].time, (unsigned long long)count,
                    expected);
            same = false;
        }
    }
    if (found != r->rows)
        fprintf(stderr, "%llu latencies are none of theory's\n", (unsigned long long)(r->rows - found));
    return same && found == r->rows;
}

/* Counts the runs outside of their bands: one in a thousand is to be expected there. */
struct tally {
    unsigned runs, outside;
};

/* `more` in n connections. Wheels spread latencies: then only the distribution functions are compared. */
static void agrees(struct tally *tally, const char *more, uint64_t n, bool spread)
{
    struct sim_run r;
    struct theory t;
    struct theory_verdict v;
    const char *all = sim_text(3, "%sworkloads.w.connections=%llu\n", more, (unsigned long long)n);
    if (sim_run(&r, base, all, spread ? 0 : SIM_ROWS)) {
        CU_ASSERT_EQUAL_FATAL(theory_of_workload(&t, r.scenario, 0, n), 0);
        theory_judge(&v, &t, r.results->workload[0].metric[SYNFIN_SETUP], n);
        bool same = spread || same_latencies(&r, &t);
        if (v.unknown[0] || !same || !v.agrees)
            fprintf(stderr, "%s%s: %f of %f\n", more, v.unknown, v.max_deviation, v.band);
        CU_ASSERT_STRING_EQUAL(v.unknown, "");
        CU_ASSERT(same);
        tally->runs++;
        tally->outside += !v.agrees;
        theory_free(&t);
    }
    sim_run_end(&r);
}

static void conclude(const struct tally *tally)
{
    CU_ASSERT(tally->runs > 0 && tally->outside <= tally->runs / 100);
}

static void test_loss_and_delay(void)
{
    static const char *const loss[] = {LOSS("0", "0"),    LOSS("5%", "5%"), LOSS("0", "10%"),  LOSS("10%", "0"),
                                       LOSS("20%", "20%"), LOSS("30%", "5%"), LOSS("5%", "30%"), LOSS("30%", "30%")};
    /* 250 ms and 500 ms bring the answers to SYNs together with timers; from 500 ms on SYNs are repeated in vain. */
    static const char *const delay[] = {"0",     "1ms",   "10ms",  "100ms", "250ms",
                                        "400ms", "500ms", "600ms", "1s",    "1500ms"};
    struct tally tally = {0};
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < sizeof loss / sizeof *loss; i++) {
            for (size_t k = 0; k < sizeof delay / sizeof *delay; k++)
                agrees(&tally,
                       sim_text(0, "%s%slinks.wan.both.delay.time=%s\n", profiles[p], loss[i], delay[k]),
                       sim_many(10000), false);
        }
    }
    conclude(&tally);
}

static void test_settings(void)
{
    static const char *const settings[] = {
        "hosts.client.tcp.syn_retries=0\n",
        "hosts.client.tcp.syn_retries=2\n",
        "hosts.client.tcp.syn_retries=12\n",
        "hosts.client.tcp.syn_linear_timeouts=0\n",
        "hosts.client.tcp.syn_linear_timeouts=1\n",
        "hosts.client.tcp.syn_linear_timeouts=7\nhosts.client.tcp.syn_retries=0\n",
        "hosts.server.tcp.synack_retries=0\n",
        "hosts.server.tcp.synack_retries=1\n",
        "hosts.server.tcp.synack_retries=2\nhosts.client.tcp.syn_linear_timeouts=9\n",
        "hosts.client.tcp.rto_initial=300ms\n",
        "hosts.server.tcp.rto_initial=250ms\nhosts.server.tcp.synack_retries=3\n",
        "hosts.client.tcp.rto_max=1s\nhosts.server.tcp.rto_max=3s\n",
        "hosts.server.tcp.repeated_syn=ack\n",
        "hosts.server.tcp.repeated_syn=syn_ack\nhosts.server.tcp.invalid_ratelimit=0\n",
        "hosts.server.tcp.repeated_syn=syn_ack\nhosts.server.tcp.invalid_ratelimit=1500ms\n",
        "hosts.client.tcp.rto_initial=200ms\nhosts.client.tcp.syn_linear_timeouts=9\n",
        "hosts.client.tcp.user_timeout=2500ms\n",
        "workloads.w.connect_timeout=1s\n",
        "workloads.w.connect_timeout=1020ms\nworkloads.w.retries=2\n",
        "workloads.w.connect_timeout=500ms\nworkloads.w.retries=4\n",
        "hosts.client.tcp.syn_retries=1\nhosts.client.tcp.syn_linear_timeouts=0\nworkloads.w.retries=2\n",
    };
    struct tally tally = {0};
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
            for (int slow = 0; slow < 2; slow++)
                agrees(&tally,
                       sim_text(0, "%s" LOSS("30%%", "25%%") "%slinks.wan.both.delay.time=%s\n", profiles[p],
                                settings[i], slow ? "600ms" : "10ms"),
                       sim_many(10000), false);
        }
    }
    conclude(&tally);
}

/* The one end's profile does not bind the other's. */
static void test_mixed_profiles(void)
{
    static const char exact[] = "hosts.client.tcp.timers=exact\nhosts.server.tcp.timers=exact\n";
    struct tally tally = {0};
    agrees(&tally, sim_text(0, LOSS("20%%", "30%%") "hosts.client.profile=linux\n%s", exact), sim_many(50000), false);
    agrees(&tally, sim_text(0, LOSS("20%%", "30%%") "hosts.server.profile=linux\n%s", exact), sim_many(50000), false);
    conclude(&tally);
}

/* Losses and corruption add up over stages and links; `only` spares other kinds; -far is crossed backwards. */
static void test_paths(void)
{
    static const char path[] = "links.wan.forward.loss.0.model=bernoulli\nlinks.wan.forward.loss.0.p=10%\n"
                               "links.wan.forward.loss.1.model=bernoulli\nlinks.wan.forward.loss.1.p=20%\n"
                               "links.wan.forward.loss.1.only=[syn, data]\n"
                               "links.wan.backward.loss.0.model=bernoulli\nlinks.wan.backward.loss.0.p=50%\n"
                               "links.wan.backward.loss.0.only=[fin, ack]\n"
                               "links.wan.backward.corrupt.model=bernoulli\nlinks.wan.backward.corrupt.p=15%\n"
                               "links.far.forward.loss.model=bernoulli\nlinks.far.forward.loss.p=5%\n"
                               "links.far.backward.delay.0.model=constant\nlinks.far.backward.delay.0.time=2ms\n"
                               "links.far.backward.delay.1.model=constant\nlinks.far.backward.delay.1.time=1ms\n"
                               "workloads.w.over=[wan, -far]\n";
    struct tally tally = {0};
    for (size_t p = 0; p < 2; p++)
        agrees(&tally, sim_text(0, "%s%s", profiles[p], path), sim_many(50000), false);
    conclude(&tally);
    says(path, (const struct row[]){{30, 0.9 * 0.8 * 0.85 * 0.95},
                                    {-1, 1 - (1 - pow(0.28, 8)) * (1 - pow(0.1925, 8))}});
}

/* ---- Delays from a table ----------------------------------------------------------------------------------------- */

static bool write_table(char path[32], const char *rows)
{
    snprintf(path, 32, "/tmp/synfin-theory-XXXXXX");
    int file = mkstemp(path);
    bool fine = file >= 0 && write(file, rows, strlen(rows)) == (ssize_t)strlen(rows);
    if (file >= 0)
        close(file);
    CU_ASSERT(fine);
    return fine;
}

/* SYNs overtake each other: with timestamps, one that began nothing is old (RFC 7323 5.3). */
static void test_tables(void)
{
    static const char *const rows[] = {"5ms 3\n100ms\n", "5ms 3\n900ms 1\n1500ms 2\n2100ms\n"};
    static const char *const settings[] = {
        "",
        "hosts.client.tcp.rto_initial=400ms\nhosts.server.tcp.rto_initial=700ms\n",
        "hosts.server.tcp.invalid_ratelimit=2s\nhosts.server.tcp.synack_retries=1\n",
    };
    struct tally tally = {0};
    char path[32];
    for (size_t i = 0; i < 2 && write_table(path, rows[i]); i++) {
        for (size_t p = 0; p < 2; p++) {
            for (size_t k = 0; k < 3; k++)
                agrees(&tally,
                       sim_text(0, "%s%s" LOSS("20%%", "10%%") "links.wan.both.delay.model=table\n"
                                   "links.wan.both.delay.file=%s\n", profiles[p], settings[k], path),
                       sim_many(25000), false);
        }
        remove(path);
    }
    conclude(&tally);
}

/* ---- Wheels ------------------------------------------------------------------------------------------------------ */

static void test_wheels(void)
{
    static const char *const settings[] = {
        "",
        "links.wan.both.delay.time=600ms\n",
        "links.wan.both.delay.time=4ms\n",
        "links.wan.forward.delay.time=1234567ns\n",
        "hosts.client.tcp.wheel_phase=1ms\nhosts.server.tcp.wheel_phase=2500us\n",
        "hosts.client.tcp.hz=1000\nhosts.server.tcp.hz=1000\n",
        "hosts.client.tcp.syn_linear_timeouts=0\nhosts.server.tcp.repeated_syn=ack\n",
        "workloads.w.connect_timeout=3500ms\n",
        "workloads.w.start=300ms\nworkloads.w.arrivals.rate=60000/s\n", /* less than a turn of the wheel */
    };
    struct tally tally = {0};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        agrees(&tally, sim_text(0, WHEEL LOSS("20%%", "30%%") "%s", settings[i]), sim_many(50000), true);
    /* Only the server's wheel turns, 1 ms before a tick of the client's. */
    agrees(&tally,
           WHEEL LOSS("0", "60%") "links.wan.forward.delay.time=1ms\nhosts.server.tcp.repeated_syn=ack\n"
                                  "workloads.w.arrivals.rate=50000/s\n",
           sim_many(200000), true);
    conclude(&tally);
}

/* ---- What is wrong is found -------------------------------------------------------------------------------------- */

static void found(const char *simulated, const char *computed)
{
    struct sim_run r, other;
    struct theory t;
    struct theory_verdict v;
    uint64_t n = 50000; /* under sanitizers too: with fewer a small mistake hides in the band */
    const char *more =
        sim_text(2, LOSS("30%%", "30%%") "%sworkloads.w.connections=%llu\n", simulated, (unsigned long long)n);
    if (sim_run(&r, base, more, 0) && compute(&other, &t, sim_text(3, LOSS("30%%", "30%%") "%s", computed))) {
        theory_judge(&v, &t, r.results->workload[0].metric[SYNFIN_SETUP], n);
        if (v.unknown[0] || v.agrees)
            fprintf(stderr, "%s%s against %s: %f of %f\n", v.unknown, simulated, computed, v.max_deviation, v.band);
        CU_ASSERT(!v.unknown[0] && !v.agrees);
        theory_free(&t);
        sim_run_end(&other);
    }
    sim_run_end(&r);
}

static void test_wrong_schedules(void)
{
    static const char *const settings[] = {
        "hosts.client.tcp.rto_initial=1001ms\n",  "hosts.server.tcp.rto_initial=1001ms\n",
        "hosts.client.tcp.syn_retries=1\n",       "hosts.client.tcp.rto_max=1s\n",
        "hosts.server.tcp.synack_retries=0\n",    "workloads.w.connect_timeout=1s\n",
        "links.wan.forward.delay.time=10001us\n",
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        found(RFC, settings[i]);
        found(settings[i], RFC);
    }
    found(RFC, "hosts.client.tcp.syn_linear_timeouts=1\n");
    found(RFC, "hosts.server.tcp.repeated_syn=syn_ack\n");
    found(LINUX, LINUX "hosts.server.tcp.repeated_syn=ack\n");
    found(LINUX, LINUX "hosts.client.tcp.syn_linear_timeouts=1\n");
    found(LINUX, WHEEL);
    found(WHEEL, LINUX);
}

/* ---- Whole runs -------------------------------------------------------------------------------------------------- */

static void test_workloads(void)
{
    static const char added[] = "hosts.far.profile=rfc9293\nhosts.far.listen.port=80\nhosts.far.addresses=4\n"
                                "hosts.far.tcp.synack_retries=0\n"
                                "workloads.v.from=far\nworkloads.v.to=server\nworkloads.v.over=-wan\n"
                                "workloads.v.protocol=tcp\nworkloads.v.close=client\n"
                                "workloads.v.arrivals.model=constant\nworkloads.v.arrivals.rate=5000/s\n"
                                "workloads.v.connections=1\n";
    static const char more[] = LOSS("20%", "10%") "hosts.client.tcp.syn_retries=2\nworkloads.w.to=[server, far]\n";
    struct sim_run r;
    struct theory_verdict v[3];
    unsigned long long n = sim_many(100000);
    const char *all = sim_text(0, "%sworkloads.w.connections=%llu\nworkloads.v.connections=%llu\n", more, n, n / 2);
    if (sim_run(&r, sim_text(1, "%s%s", base, added), all, 0)) {
        CU_ASSERT_EQUAL(theory_of_run(v, r.scenario, r.results), 0);
        for (int i = 0; i < 3; i++) {
            CU_ASSERT_STRING_EQUAL(v[i].unknown, "");
            CU_ASSERT(v[i].agrees);
        }
        CU_ASSERT_DOUBLE_EQUAL(v[0].band, sqrt(log(2000) / 2 / (double)n), 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(v[2].band, sqrt(log(2000) / 3 / (double)n), 1e-12);
    }
    sim_run_end(&r);
}

/* ---- What is not known ------------------------------------------------------------------------------------------- */

static void unknown(const char *more, const char *why)
{
    struct sim_run r;
    struct theory_verdict v[3];
    if (sim_run(&r, base, more, 0)) {
        CU_ASSERT_EQUAL(theory_of_run(v, r.scenario, r.results), 0);
        if (strcmp(v[0].unknown, why) != 0)
            fprintf(stderr, "'%s', expected '%s'\n", v[0].unknown, why);
        CU_ASSERT_STRING_EQUAL(v[0].unknown, why);
        CU_ASSERT(!why[0] || !v[0].agrees);
    }
    sim_run_end(&r);
}

static void test_unknown(void)
{
    unknown("links.wan.forward.queue.model=droptail\nlinks.wan.forward.queue.rate=1Mbit/s\n"
            "links.wan.forward.queue.limit=10\n",
            "queue on wan: no closed form");
    unknown("links.wan.backward.loss.model=gilbert-elliott\nlinks.wan.backward.loss.p=1%\n"
            "links.wan.backward.loss.r=9%\n",
            "loss gilbert-elliott on wan: no closed form");
    unknown("links.wan.both.delay.model=normal\nlinks.wan.both.delay.time=9ms\nlinks.wan.both.delay.jitter=1ms\n",
            "delay normal on wan: no closed form");
    unknown("links.wan.both.duplicate.model=bernoulli\nlinks.wan.both.duplicate.p=1%\n",
            "duplicate on wan: no closed form");
    unknown("hosts.server.listen.protocol=udp\nworkloads.w.protocol=udp\nworkloads.w.request=1B\n",
            "protocol udp: it has no set-up that is known");
    unknown("workloads.w.port=81\n", "nothing listens at port 81 of server: connections are refused");
    unknown("workloads.w.close=server\nhosts.client.addresses=1\nhosts.client.ports=40000-40001\n"
            "workloads.w.connections=3\nworkloads.w.arrivals.rate=10/s\n",
            "ports of client: 3 connections use 2 again while the server may hold them");
    static const char few_ports[] = LINUX "hosts.client.addresses=2\nhosts.client.ports=40000-40001\n"
                                          "workloads.w.arrivals.rate=0.01/s\n";
    unknown(sim_text(0, "%sworkloads.w.connections=4\n", few_ports), "");
    unknown(sim_text(0, "%sworkloads.w.connections=5\n", few_ports),
            "ports of client: 5 connections use 4 again while the server may hold them");
    unknown(sim_text(0, "%sworkloads.w.connections=3\nworkloads.w.connect_timeout=9s\nworkloads.w.retries=1\n", few_ports),
            "ports of client: 6 connections use 4 again while the server may hold them");
    unknown("stop=5ms\n", "stop: connections may have been cut off before they were established");
    unknown("workloads.w.arrivals.model=burst\nworkloads.w.arrivals.size=9\nworkloads.w.arrivals.every=1s\n" WHEEL,
            "timers: wheel: when connections come to its ticks is known of poisson only");
    unknown(WHEEL "hosts.client.tcp.timers=exact\n", "timers: wheel: only where both hosts have one of the same hz");
}

/* What does not act on SYN or SYN+ACK does not matter. */
static void test_models_of_others(void)
{
    says("links.wan.both.queue.model=droptail\nlinks.wan.both.queue.rate=1Mbit/s\nlinks.wan.both.queue.limit=10\n"
         "links.wan.both.queue.only=[data, fin]\n",
         (const struct row[]){{20, 1}, {-1, 0}});
}

/* Half-open connections that are so many that the listener's bounds matter, or an accept queue that may be full. */
static void test_listener(void)
{
    unknown("hosts.server.listen.accept_rate=10/s\n",
            "listener of server: its application accepts connections in turn");
    unknown("hosts.server.listen.accept_after=1s\n",
            "listener of server: its application accepts connections in turn");
    static const char busy[] = LINUX LOSS("30%", "30%") "workloads.w.connections=20000\n";
    static const char drops[] = "hosts.server.tcp.max_syn_backlog=100\nhosts.server.tcp.syncookies=0\n";
    unknown(sim_text(0, "%shosts.server.tcp.syncookies=1\nhosts.server.listen.backlog=100\n", busy),
            "listener of server sends SYN cookies");
    unknown(sim_text(0, "%s%s", busy, drops), "listener of server may drop SYNs: so many connections are half-open");
    unknown(sim_text(0, "%shosts.server.listen.backlog=30000\n", busy),
            "listener of server may end old half-open connections earlier: there are so many");
    /* Few connections, or few at a time, do not come near them. */
    unknown(sim_text(0, "%s%sworkloads.w.connections=75\n", LINUX LOSS("30%", "30%"), drops), "");
    unknown(sim_text(0, "%s%sworkloads.w.arrivals.rate=10/s\nworkloads.w.connections=1000\n", LINUX LOSS("5%", "5%"),
                     drops),
            "");
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"rfc9293, by hand", test_rfc9293_by_hand},
        {"linux, by hand: timer and repeated SYN at one instant", test_linux_by_hand},
        {"a half-open connection ends, a SYN begins another", test_entry_expires},
        {"a SYN+ACK at the instant of giving up", test_giving_up},
        {"loss 0 to 30 % each way, delays to 1.5 s", test_loss_and_delay},
        {"settings of both ends", test_settings},
        {"ends of different profiles", test_mixed_profiles},
        {"stages, links and kinds", test_paths},
        {"delays from a table", test_tables},
        {"timer wheels", test_wheels},
        {"a wrong timer schedule is found", test_wrong_schedules},
        {"several workloads and destinations", test_workloads},
        {"what is not known, and why", test_unknown},
        {"models that act on neither SYN nor SYN+ACK", test_models_of_others},
        {"listeners with many half-open connections", test_listener},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_theory", cases);
}
