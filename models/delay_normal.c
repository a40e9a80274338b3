/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"
#include "delay_jitter.h"

/* No 32-bit draw lies further out: the quantile of 2^-33 is -6.338 standard deviations. */
#define FURTHEST 6.34

static const struct synfin_param params[] = {
    {"time", SYNFIN_DURATION, NULL, "0..1000h", "mean delay (before delays below 0 count as 0)",
     offsetof(struct delay_jitter, time)},
    {"jitter", SYNFIN_DURATION, NULL, "0..1000h", "standard deviation", offsetof(struct delay_jitter, jitter)},
    {"correlation", SYNFIN_PROBABILITY, "0", "0..1", DELAY_CORRELATION_HELP,
     offsetof(struct delay_jitter, correlation)},
    {0},
};

static void delays_of(const void *config, const uint32_t *draw, int64_t *delay, size_t n,
                      const struct synfin_tools *tools)
{
    const struct delay_jitter *c = config;
    tools->normals(draw, (double)c->jitter, delay, n);
    for (size_t i = 0; i < n; i++)
        delay[i] += c->time;
}

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct delay_jitter *c = config;
    return c->time + x->tools->normal_times(draw_unit(delay_jitter_draw(c, x)), (double)c->jitter);
}

static synfin_time least_delay(const void *config)
{
    return delay_jitter_least(config, FURTHEST);
}

const struct synfin_model delay_normal = {
    .name = "normal",
    .stage = SYNFIN_DELAY,
    .help = "normally distributed delays; those below 0 count as 0",
    .source = "tc-netem(8), distribution normal; time + jitter z, z standard normal (netem's table ends at 4 jitters, "
              "this at 6.34)",
    .params = params,
    .config_size = sizeof(struct delay_jitter),
    .state_size = sizeof(struct correlated),
    .act = act,
    .least_delay = least_delay,
    .has_memory = delay_jitter_has_memory,
    .delays_of = delays_of,
};
