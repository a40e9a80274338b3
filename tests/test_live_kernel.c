/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profile linux against a live Linux 6.18 kernel: the largest distance between the simulated and the measured CDF of
 * set-up latency, from 25 ms on, is below 0.008 (sampling error of 60,000 measured set-ups: 0.0055 at 95 %).
 */
#include "sim_run.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char path[] = "hosts.client.profile=linux\n"
                           "hosts.client.addresses=64\n"
                           "hosts.server.profile=linux\n"
                           "hosts.server.listen.port=80\n"
                           "hosts.server.listen.backlog=4096\n"
                           "links.wan.both.delay.model=constant\n"
                           "links.wan.both.delay.time=10ms\n"
                           "links.wan.both.loss.model=bernoulli\n"
                           "links.wan.both.loss.p=0\n"
                           "workloads.w.from=client\n"
                           "workloads.w.to=server\n"
                           "workloads.w.over=wan\n"
                           "workloads.w.close=client\n";

/* Whole milliseconds; what took longer counts as the last. */
enum { BINS = 140000 };

static double *cumulate(double *bin)
{
    double sum = 0;
    for (size_t i = 0; i < BINS; i++)
        sum += bin[i];
    for (size_t i = 0; i < BINS; i++) {
        bin[i] /= sum;
        bin[i] += i ? bin[i - 1] : 0;
    }
    return bin;
}

/* The measured CDF at the end of each millisecond. NULL: the file cannot be read. */
static double *measured_cdf(const char *name)
{
    const char *folder = getenv("SYNFIN_MEASURED");
    const char *file = sim_text(0, "%s/%s.csv", folder ? folder : "experiments/measured", name);
    FILE *f = fopen(file, "r");
    double *bin = calloc(BINS, sizeof(*bin));
    char line[80];
    if (!f) {
        fprintf(stderr, "%s cannot be read; run the tests through `make check`\n", file);
        free(bin);
        return NULL;
    }
    while (fgets(line, sizeof(line), f)) {
        unsigned long ms;
        double count;
        if (sscanf(line, "%lu,%lf", &ms, &count) == 2)
            bin[ms < BINS ? ms : BINS - 1] += count;
    }
    fclose(f);
    return cumulate(bin);
}

static double *simulated_cdf(const struct sim_run *r)
{
    double *bin = calloc(BINS, sizeof(*bin));
    for (size_t i = 0; i < r->rows; i++) {
        synfin_time setup = r->row[i].duration[SYNFIN_SETUP];
        synfin_time ms = setup / SYNFIN_MS;
        bin[setup >= 0 && ms < BINS ? ms : BINS - 1]++;
    }
    return cumulate(bin);
}

static void compare(const char *name, const char *arrivals, const char *to_server, const char *to_client, int linear)
{
    struct sim_run r;
    double *measured = measured_cdf(name);
    const char *more = sim_text(1,
                                "links.wan.forward.loss.p=%s\nlinks.wan.backward.loss.p=%s\n"
                                "hosts.client.tcp.syn_linear_timeouts=%d\n"
                                "workloads.w.arrivals.model=%s\nworkloads.w.arrivals.rate=1500/s\n"
                                "workloads.w.connections=%llu\n",
                                to_server, to_client, linear, arrivals, (unsigned long long)sim_many(1000000));
    CU_ASSERT_PTR_NOT_NULL(measured);
    if (sim_run(&r, path, more, SIM_ROWS) && measured) {
        double *simulated = simulated_cdf(&r), largest = 0;
        size_t at = 0;
        for (size_t ms = 25; ms < BINS; ms++) {
            if (fabs(simulated[ms] - measured[ms]) > largest) {
                largest = fabs(simulated[ms] - measured[ms]);
                at = ms;
            }
        }
        printf("  %s: largest distance %.5f at %zu ms\n", name, largest, at);
        CU_ASSERT(largest < 0.008);
        free(simulated);
    }
    free(measured);
    sim_run_end(&r);
}

static void symmetric_1(void)
{
    compare("sym01-linear4", "poisson", "1%", "1%", 4);
}

static void symmetric_5(void)
{
    compare("sym05-linear4", "poisson", "5%", "5%", 4);
}

static void forward_10(void)
{
    compare("fwd10-linear4", "poisson", "10%", "0", 4);
}

static void symmetric_5_exponential(void)
{
    compare("sym05-linear0", "constant", "5%", "5%", 0);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"set-up latency as on Linux 6.18, loss 1 % each way", symmetric_1},
        {"set-up latency as on Linux 6.18, loss 5 % each way", symmetric_5},
        {"set-up latency as on Linux 6.18, loss 10 % to the server", forward_10},
        {"set-up latency as on Linux 6.18, loss 5 % each way, syn_linear_timeouts 0", symmetric_5_exponential},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "live kernel", cases);
}
