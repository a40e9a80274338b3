/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profile linux against a live Linux 6.18 kernel.
 *
 * Set-up latency: the largest distance between the simulated and the measured CDF, from 25 ms on, is below 0.008
 * (sampling error of 60,000 measured set-ups: 0.0055 at 95 %).
 *
 * Life cycle: the mean is within 2 % of the measured one (3 % at 10 % loss), and for each measured quantile q at p
 * F(0.98 q) - 0.006 <= p <= F(1.02 q) + 0.006, F the simulated distribution: some quantiles lie on plateaus between
 * retransmissions, where q itself is chance. 0.6 ms of each measured life cycle are the test bed's: without loss
 * half of them take 50.6 ms, not 50.0. Its noise is all there is of the spread without loss, so of that only what is
 * within 2 % is compared.
 */
#include "sim_run.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/* Where a measurement lies; valid until the next call. */
static const char *measured_file(const char *name, const char *kind)
{
    const char *folder = getenv("SYNFIN_MEASURED");
    const char *file = sim_text(0, "%s/%s%s", folder ? folder : "experiments/measured", name, kind);
    if (access(file, R_OK) != 0)
        fprintf(stderr, "%s cannot be read; run the tests through `make check`\n", file);
    return file;
}

/* ---- Set-up latency ---------------------------------------------------------------------------------------------- */

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
    FILE *f = fopen(measured_file(name, ".csv"), "r");
    double *bin = calloc(BINS, sizeof(*bin));
    char line[80];
    if (!f) {
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

static void compare_setup(const char *name, const struct sim_run *r)
{
    double *measured = measured_cdf(name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(measured);
    double *simulated = simulated_cdf(r), largest = 0;
    size_t at = 0;
    for (size_t ms = 25; ms < BINS; ms++) {
        if (fabs(simulated[ms] - measured[ms]) > largest) {
            largest = fabs(simulated[ms] - measured[ms]);
            at = ms;
        }
    }
    printf("  %s: set-up: largest distance %.5f at %zu ms\n", name, largest, at);
    CU_ASSERT(largest < 0.008);
    free(simulated);
    free(measured);
}

/* ---- Life cycles ------------------------------------------------------------------------------------------------- */

static const double TEST_BED = 0.6; /* ms of each measured life cycle */

struct life_cycles {
    double *ms; /* ascending */
    size_t n;
    double mean;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static struct life_cycles life_cycles_of(const struct sim_run *r)
{
    struct life_cycles l = {.ms = malloc(r->rows * sizeof(*l.ms))};
    for (size_t i = 0; i < r->rows; i++) {
        if (r->row[i].duration[SYNFIN_LIFETIME] < 0)
            continue;
        l.ms[l.n] = (double)r->row[i].duration[SYNFIN_LIFETIME] / SYNFIN_MS;
        l.mean += l.ms[l.n++];
    }
    l.mean /= (double)l.n;
    qsort(l.ms, l.n, sizeof(*l.ms), ascending);
    return l;
}

/* The share of life cycles of at most `ms`. */
static double share_within(const struct life_cycles *l, double ms)
{
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->ms[middle] <= ms)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)low / (double)l->n;
}

static void quantile_agrees(const char *name, const struct life_cycles *l, double p, double q)
{
    double least = share_within(l, 0.98 * q) - 0.006, most = share_within(l, 1.02 * q) + 0.006;
    if (p < least || p > most)
        printf("  %s: life cycle: %g within %.3f ms, simulated %.5f to %.5f\n", name, p, q, least, most);
    CU_ASSERT(least <= p && p <= most);
}

/* `tolerance`: of the mean. `most`: quantiles above it are not compared. */
static void compare_life_cycles(const char *name, const struct sim_run *r, double tolerance, double most)
{
    const char *file = measured_file(name, "-lifecycle.json");
    FILE *f = fopen(file, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    struct life_cycles l = life_cycles_of(r);
    unsigned means = 0, quantiles = 0;
    char line[200];
    while (fgets(line, sizeof(line), f)) {
        double p, ms;
        if (sscanf(line, " \"mean\": %lf", &ms) == 1) {
            means++;
            double error = l.mean / (ms - TEST_BED) - 1;
            printf("  %s: life cycle: mean %.3f ms, measured %.3f ms: %+.2f %%\n", name, l.mean, ms - TEST_BED,
                   100 * error);
            CU_ASSERT(fabs(error) < tolerance);
        } else if (sscanf(line, " \"p%lf\": %lf", &p, &ms) == 2 && p <= most) {
            quantiles++;
            quantile_agrees(name, &l, p / 100, ms - TEST_BED);
        }
    }
    CU_ASSERT(means == 1 && quantiles >= 5);
    fclose(f);
    free(l.ms);
}

/* ---- The cases --------------------------------------------------------------------------------------------------- */

static const struct measured {
    const char *name, *to_server, *to_client;
    int linear;
    bool setup;             /* set-up latency was measured too */
    double tolerance, most; /* of life cycles, as there */
} kernel[] = {
    {"noloss", "0", "0", 4, false, 0.02, 95},
    {"sym01-linear4", "1%", "1%", 4, true, 0.02, 100},
    {"sym05-linear4", "5%", "5%", 4, true, 0.02, 100},
    {"fwd10-linear4", "10%", "0", 4, true, 0.03, 100},
    {"sym05-linear0", "5%", "5%", 0, true, 0.02, 100},
};

static void compare(size_t which)
{
    const struct measured *m = &kernel[which];
    struct sim_run r;
    uint64_t n = sim_many(4000000);
    n = !m->setup ? 20000 : n < 1000000 ? n : 1000000;
    const char *more = sim_text(1,
                                "links.wan.forward.loss.p=%s\nlinks.wan.backward.loss.p=%s\n"
                                "hosts.client.tcp.syn_linear_timeouts=%d\n"
                                "workloads.w.arrivals.model=poisson\nworkloads.w.arrivals.rate=1500/s\n"
                                "workloads.w.connections=%llu\n",
                                m->to_server, m->to_client, m->linear, (unsigned long long)n);
    if (sim_run(&r, path, more, SIM_ROWS)) {
        if (m->setup)
            compare_setup(m->name, &r);
        compare_life_cycles(m->name, &r, m->tolerance, m->most);
    }
    sim_run_end(&r);
}

static void no_loss(void)
{
    compare(0);
}

static void symmetric_1(void)
{
    compare(1);
}

static void symmetric_5(void)
{
    compare(2);
}

static void forward_10(void)
{
    compare(3);
}

static void symmetric_5_exponential(void)
{
    compare(4);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"life cycle as on Linux 6.18, no loss", no_loss},
        {"set-up and life cycle as on Linux 6.18, loss 1 % each way", symmetric_1},
        {"set-up and life cycle as on Linux 6.18, loss 5 % each way", symmetric_5},
        {"set-up and life cycle as on Linux 6.18, loss 10 % to the server", forward_10},
        {"set-up and life cycle as on Linux 6.18, loss 5 % each way, syn_linear_timeouts 0", symmetric_5_exponential},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "live kernel", cases);
}
