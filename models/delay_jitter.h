/* SPDX-License-Identifier: BSD-2-Clause */
/* What the delay models with netem's parameters `time`, `jitter` and `correlation` share. */
#ifndef SYNFIN_MODELS_DELAY_JITTER_H
#define SYNFIN_MODELS_DELAY_JITTER_H

#include "draw.h"

struct delay_jitter {
    synfin_time time, jitter;
    synfin_probability correlation;
};

#define DELAY_CORRELATION_HELP "share of the last random number in the next; as in netem, it narrows the distribution"

/* Only a series of correlated numbers remembers its last. */
static inline bool delay_jitter_has_memory(const void *config)
{
    return ((const struct delay_jitter *)config)->correlation > 0;
}

static inline uint32_t delay_jitter_draw(const struct delay_jitter *c, struct synfin_crossing *x)
{
    return draw_correlated(x, x->state, c->correlation);
}

/* The least delay where none is further than so many jitters below time; to spare for rounding. */
static inline synfin_time delay_jitter_least(const struct delay_jitter *c, double jitters)
{
    synfin_time least = c->time - draw_round((double)c->jitter * jitters) - 1;
    return least > 0 ? least : 0;
}

#endif
