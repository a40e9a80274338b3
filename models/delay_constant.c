/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"

struct delay_constant {
    synfin_time time;
};

static const struct synfin_param params[] = {
    {"time", SYNFIN_DURATION, NULL, "0..1000h", "delay of every segment", offsetof(struct delay_constant, time)},
    {0},
};

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct delay_constant *c = config;
    (void)x;
    return c->time;
}

static synfin_time the_delay(const void *config)
{
    return ((const struct delay_constant *)config)->time;
}

const struct synfin_model delay_constant = {
    .name = "constant",
    .stage = SYNFIN_DELAY,
    .help = "the same delay for every segment",
    .source = "tc-netem(8), delay TIME",
    .params = params,
    .config_size = sizeof(struct delay_constant),
    .act = act,
    .least_delay = the_delay,
    .greatest_delay = the_delay,
};
