/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"
#include "delay_jitter.h"

/* The Pareto distribution of shape 3 and minimum 1 has the mean 3/2 and the variance 3/4. */
#define MEAN 1.5
#define INVERSE_SD 0x1.279a74590331dp+0 /* 2 / sqrt 3 */

static const struct synfin_param params[] = {
    {"time", SYNFIN_DURATION, NULL, "0..1000h", "mean delay (before delays below 0 count as 0)",
     offsetof(struct delay_jitter, time)},
    {"jitter", SYNFIN_DURATION, NULL, "0..1000h", "standard deviation", offsetof(struct delay_jitter, jitter)},
    {"correlation", SYNFIN_PROBABILITY, "0", "0..1", DELAY_CORRELATION_HELP,
     offsetof(struct delay_jitter, correlation)},
    {0},
};

static int64_t delay_of(const struct delay_jitter *c, double log, const struct synfin_tools *tools)
{
    double value = tools->exp(log / -3);
    return c->time + draw_round((double)c->jitter * ((value - MEAN) * INVERSE_SD));
}

static void delays_of(const void *config, const uint32_t *draw, int64_t *delay, size_t n,
                      const struct synfin_tools *tools)
{
    double log[SYNFIN_DRAWS];
    tools->logs(draw, log, n);
    for (size_t i = 0; i < n; i++)
        delay[i] = delay_of(config, log[i], tools);
}

static int64_t act(const void *config, struct synfin_crossing *x)
{
    return delay_of(config, x->tools->log(draw_unit(delay_jitter_draw(config, x))), x->tools);
}

/* At value = 1: 0.577 jitters below time. */
static synfin_time least_delay(const void *config)
{
    return delay_jitter_least(config, (MEAN - 1) * INVERSE_SD);
}

const struct synfin_model delay_pareto = {
    .name = "pareto",
    .stage = SYNFIN_DELAY,
    .help = "delays with a heavy tail above time: some are many jitters late",
    .source = "tc-netem(8), distribution pareto; time + jitter (u^(-1/3) - 3/2) 2/sqrt(3), u uniform: shape 3, mean "
              "time, standard deviation jitter (netem's table has the factor 4/3 for 2/sqrt(3), and ends at 4 jitters)",
    .params = params,
    .config_size = sizeof(struct delay_jitter),
    .state_size = sizeof(struct correlated),
    .act = act,
    .least_delay = least_delay,
    .has_memory = delay_jitter_has_memory,
    .delays_of = delays_of,
};
