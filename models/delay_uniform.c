/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"
#include "delay_jitter.h"

static const struct synfin_param params[] = {
    {"time", SYNFIN_DURATION, NULL, "0..1000h", "mean delay (before delays below 0 count as 0)",
     offsetof(struct delay_jitter, time)},
    {"jitter", SYNFIN_DURATION, NULL, "0..1000h", "largest deviation from time, either way",
     offsetof(struct delay_jitter, jitter)},
    {"correlation", SYNFIN_PROBABILITY, "0", "0..1", DELAY_CORRELATION_HELP,
     offsetof(struct delay_jitter, correlation)},
    {0},
};

static int64_t delay_of(const void *config, uint32_t draw, const struct synfin_tools *tools)
{
    const struct delay_jitter *c = config;
    (void)tools;
    return c->time - c->jitter + (int64_t)draw_scaled(draw, 2 * (uint64_t)c->jitter + 1);
}

DRAW_EACH(delay_of)

static int64_t act(const void *config, struct synfin_crossing *x)
{
    return delay_of(config, delay_jitter_draw(config, x), x->tools);
}

static synfin_time least_delay(const void *config)
{
    const struct delay_jitter *c = config;
    return c->time > c->jitter ? c->time - c->jitter : 0;
}

const struct synfin_model delay_uniform = {
    .name = "uniform",
    .stage = SYNFIN_DELAY,
    .help = "delays spread evenly over time - jitter to time + jitter, both included",
    .source = "tc-netem(8), delay TIME JITTER CORRELATION",
    .params = params,
    .config_size = sizeof(struct delay_jitter),
    .state_size = sizeof(struct correlated),
    .act = act,
    .least_delay = least_delay,
    .has_memory = delay_jitter_has_memory,
    .delays_of = delays_of,
};
