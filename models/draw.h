/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws that several models share: scaled to a range of whole numbers, and correlated as netem correlates them. */
#ifndef SYNFIN_MODELS_DRAW_H
#define SYNFIN_MODELS_DRAW_H

#include "plugin.h"

/* A 32-bit draw scaled to 0 ... span - 1: floor(draw x span / 2^32). */
static inline uint64_t draw_scaled(uint32_t draw, uint64_t span)
{
    return draw * (span >> 32) + (draw * (span & UINT32_MAX) >> 32);
}

struct correlated {
    uint32_t last;
    bool started;
};

/*
 * The next of a series of correlated 32-bit numbers: (1 - rho) x new + rho x last, the last at first a draw of its own,
 * as get_crandom of Linux's sch_netem computes it. The series keeps its mean, but its spread narrows: the standard
 * deviation is sqrt((1 - rho)/(1 + rho)) of the uniform one. Without correlation a plain draw, and no state is touched.
 */
static inline uint32_t draw_correlated(struct synfin_crossing *x, struct correlated *state,
                                       synfin_probability correlation)
{
    if (correlation == 0)
        return synfin_draw(x);
    if (!state->started)
        *state = (struct correlated){synfin_draw(x), true};
    uint64_t rho = correlation >> 31, new = synfin_draw(x);
    state->last = (uint32_t)((new * ((UINT64_C(1) << 32) - rho) + state->last * rho) >> 32);
    return state->last;
}

/* The middle of the 2^-32 wide piece of (0, 1) that a draw stands for. */
static inline double draw_unit(uint32_t draw)
{
    return ((double)draw + 0.5) * 0x1p-32;
}

/* To the nearest whole number, halves away from 0; |x| < 2^63. */
static inline int64_t draw_round(double x)
{
    return (int64_t)(x + __builtin_copysign(0.5, x));
}

/* delays_of() of a model, by its function of one draw. */
#define DRAW_EACH(delay_of)                                                                                           \
    static void delays_of(const void *config, const uint32_t *draw, int64_t *delay, size_t n,                         \
                          const struct synfin_tools *tools)                                                           \
    {                                                                                                                 \
        for (size_t i = 0; i < n; i++)                                                                                \
            delay[i] = delay_of(config, draw[i], tools);                                                              \
    }

#endif
