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

static int64_t delay_of(const void *config, uint32_t draw, const struct synfin_tools *tools)
{
    return draw_round(-tools->log(draw_unit(draw)) * ((const struct arrivals_poisson *)config)->gap);
}

DRAW_FOUR(delay_of)

static int64_t act(const void *config, struct synfin_crossing *x)
{
    return x->now + delay_of(config, synfin_draw(x), x->tools);
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
