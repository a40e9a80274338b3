/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Set-up latency under independent loss against its exact distribution, profile rfc9293: the SYN is repeated 1, 3, 7 ...
 * s after the first, the SYN+ACK likewise after its own first (RFC 6298 5.5); a repeated SYN draws an ACK, which does
 * not set up the connection (RFC 9293 3.10.7.4). The probabilities follow by enumeration of which copy arrives.
 */
#include "random.h"
#include "sim_run.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>

static const char churn[] = "hosts.client.profile=rfc9293\n"
                            "hosts.client.addresses=64\n"
                            "hosts.server.profile=rfc9293\n"
                            "hosts.server.listen.port=80\n"
                            "hosts.server.listen.backlog=4096\n"
                            "links.wan.both.delay.model=constant\n"
                            "links.wan.both.delay.time=10ms\n"
                            "links.wan.both.loss.model=bernoulli\n"
                            "links.wan.both.loss.p=0\n"
                            "workloads.churn.from=client\n"
                            "workloads.churn.to=server\n"
                            "workloads.churn.over=wan\n"
                            "workloads.churn.arrivals.model=poisson\n"
                            "workloads.churn.arrivals.rate=10000/s\n"
                            "workloads.churn.close=client\n";

/* Latencies that the table gives, ms. */
static const synfin_time latency_ms[] = {20, 1020, 2020, 3020, 4020, 6020};
enum { LATENCIES = sizeof(latency_ms) / sizeof(latency_ms[0]) };

static void agrees(const char *to_server, const char *to_client, const double probability[LATENCIES])
{
    uint64_t n = sim_many(1000000);
    struct sim_run r;
    const char *more = sim_text(0,
                                "links.wan.forward.loss.p=%s\nlinks.wan.backward.loss.p=%s\n"
                                "workloads.churn.connections=%llu\n",
                                to_server, to_client, (unsigned long long)n);
    if (sim_run(&r, churn, more, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.rows, n);
        for (int i = 0; i < LATENCIES; i++) {
            double p = probability[i], expected = p * (double)n, sd = sqrt(expected * (1 - p));
            size_t count = sim_run_count(&r, SYNFIN_SETUP, latency_ms[i] * SYNFIN_MS);
            if (fabs((double)count - expected) > 4 * sd)
                fprintf(stderr, "%s / %s at %lld ms: %zu, expected %.1f +- %.1f\n", to_server, to_client,
                        (long long)latency_ms[i], count, expected, sd);
            CU_ASSERT(fabs((double)count - expected) <= 4 * sd);
        }
        size_t exact = 0;
        for (size_t i = 0; i < r.rows; i++)
            exact += r.row[i].duration[SYNFIN_SETUP] < 0 ||
                     r.row[i].duration[SYNFIN_SETUP] % (1000 * SYNFIN_MS) == 20 * SYNFIN_MS;
        CU_ASSERT_EQUAL(exact, n);
    }
    sim_run_end(&r);
}

static void loss_5_5(void)
{
    agrees("5%", "5%", (const double[]){0.9025, 0.09025, 0.00225625, 0.0045125, 0.000225625, 0.000005641});
}

static void loss_0_10(void)
{
    agrees("0", "10%", (const double[]){0.9, 0.09, 0, 0.009, 0, 0});
}

static void loss_20_20(void)
{
    agrees("20%", "20%", (const double[]){0.64, 0.256, 0.0256, 0.0512, 0.01024, 0.001024});
}

/* Set-up latency of one connection, where its SYN is lost with probability p x 2^-63. */
static synfin_time latency_at(uint64_t p)
{
    struct sim_run r;
    synfin_time latency = -1;
    const char *more = sim_text(0, "links.wan.forward.loss.p=%.24Lf\nlinks.wan.backward.loss.p=0\n"
                                   "workloads.churn.connections=1\n",
                                (long double)p * 0x1p-63L);
    if (sim_run(&r, churn, more, SIM_ROWS))
        latency = r.row[0].duration[SYNFIN_SETUP];
    sim_run_end(&r);
    return latency;
}

/* The first draw of the SYN is that of p, as far as it goes: the second decides. Segments behind it are not lost. */
static void test_border(void)
{
    struct random_key key = random_key(1, 0, "links.wan.forward.loss", "churn");
    uint32_t first[4], second[4];
    random_block(key, (const uint32_t[4]){0}, first);
    random_block(key, (const uint32_t[4]){0, 0, 1}, second);
    CU_ASSERT_FATAL(first[1] > first[0]);
    uint64_t p = (uint64_t)first[0] << 31 | second[0] >> 1;
    CU_ASSERT_EQUAL(latency_at(p), 20 * SYNFIN_MS);
    CU_ASSERT_EQUAL(latency_at(p + 1), 1020 * SYNFIN_MS);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"set-up latency, loss 5 % / 5 %", loss_5_5},
        {"set-up latency, loss 0 / 10 %", loss_0_10},
        {"set-up latency, loss 20 % / 20 %", loss_20_20},
        {"a loss on the border goes by the second draw", test_border},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "set-up latency", cases);
}
