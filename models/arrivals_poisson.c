/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"
#include "draw.h"

struct arrivals_poisson {
    double rate;
    double gap; /* the mean one, ns */
};

static const struct synfin_param params[] = {
    {"rate", SYNFIN_FREQUENCY, NULL, "1e-6/s..1e9/s", "mean number of connections a second",
     offsetof(struct arrivals_poisson, rate)},
    {0},
};

static int prepare(void *config, struct synfin_complaint *complaint)
{
    struct arrivals_poisson *c = config;
    (void)complaint;
    c->gap = 1e9 / c->rate;
    return 0;
}

static int64_t gap_of(const struct arrivals_poisson *c, double log)
{
    return draw_round(-log * c->gap);
}

static void delays_of(const void *config, const uint32_t *draw, int64_t *delay, size_t n,
                      const struct synfin_tools *tools)
{
    double log[SYNFIN_DRAWS];
    tools->logs(draw, log, n);
    for (size_t i = 0; i < n; i++)
        delay[i] = gap_of(config, log[i]);
}

static int64_t act(const void *config, struct synfin_crossing *x)
{
    return x->now + gap_of(config, x->tools->log(synfin_uniform(x)));
}

const struct synfin_model arrivals_poisson = {
    .name = "poisson",
    .stage = SYNFIN_ARRIVALS,
    .help = "connections come independently of each other; the first one gap after the start",
    .source = "Poisson process: gaps -ln(u) / rate, u uniform",
    .params = params,
    .config_size = sizeof(struct arrivals_poisson),
    .act = act,
    .prepare = prepare,
    .delays_of = delays_of,
};
