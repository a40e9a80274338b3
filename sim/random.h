/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keyed draws (Random123's Philox4x32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * A draw is a function of seed, replication, component, workload, connection, ordinal, copy and number of the draw:
 *   sub-key = philox(key = seed, counter = (hash64(component), replication, workload))[0..1]
 *   draw n  = philox(key = sub-key, counter = (connection, ordinal / 4, n, copy))[ordinal % 4]
 * so that one call serves four successive ordinals (struct synfin_draws keeps it for them; random_many.h makes calls
 * for many connections at a time).
 */
#ifndef SYNFIN_RANDOM_H
#define SYNFIN_RANDOM_H

#include "plugin.h"

struct random_key {
    uint32_t word[2];
};

/* A block that was drawn; all 0 at first. The next draw at a place is most often from the same. */
struct synfin_draws {
    struct random_key key;
    uint32_t counter[4], block[4];
    bool known;
};

/* The sub-key of a component (its full name) and a workload (by its name: adding another changes nothing). */
struct random_key random_key(uint64_t seed, uint32_t replication, const char *component, const char *workload);

/* Four words of Philox4x32-10. */
void random_block(struct random_key, const uint32_t counter[4], uint32_t out[4]);

/* Points a crossing's draws at (connection, ordinal, copy); `n` is 0. Connection is the number within its workload. */
static inline void random_to(struct synfin_crossing *x, uint32_t connection, uint32_t ordinal, uint32_t copy)
{
    x->counter[0] = connection;
    x->counter[1] = ordinal >> 2;
    x->counter[2] = 0;
    x->counter[3] = copy;
    x->lane = ordinal & 3;
}

/* The same, and by which key. Blocks are kept in `kept`, and taken from there where they are the right ones; NULL: not
   kept. */
static inline void random_at(struct synfin_crossing *x, struct random_key key, uint32_t connection, uint32_t ordinal,
                             uint32_t copy, struct synfin_draws *kept)
{
    x->key[0] = key.word[0];
    x->key[1] = key.word[1];
    x->kept = kept;
    random_to(x, connection, ordinal, copy);
}

/* The same for models with memory and for arrivals: by count. */
void random_at_count(struct synfin_crossing *, struct random_key, uint64_t count, struct synfin_draws *kept);

/* The same of a crossing that random_at_count() has pointed at another count. */
static inline void random_to_count(struct synfin_crossing *x, uint64_t count)
{
    x->counter[0] = (uint32_t)(count >> 2);
    x->counter[1] = (uint32_t)(count >> 34);
    x->counter[2] = 0;
    x->lane = count & 3;
}

/* What models reach through their crossing. */
extern const struct synfin_tools random_tools;

/* Of portable_log() and portable_exp(). ln 2 has two parts; the low 21 bits of the high one are 0, so that its product
   with an exponent is exact. */
#define PORTABLE_LN2_HIGH 0x1.62e42feep-1
#define PORTABLE_LN2_LOW 0x1.a39ef35793c76p-33
#define PORTABLE_SQRT2 0x1.6a09e667f3bcdp+0

/* Portable functions: of IEEE 754 only additions, subtractions, multiplications and divisions, never contracted.
   Relative error below 1e-13. */
double portable_log(double x);         /* x > 0 */
double portable_exp(double x);         /* |x| < 700 */
double portable_normal(double p);      /* quantile of the standard normal distribution, 0 < p < 1 */

/* scale x portable_normal(p) to the nearest whole number, halves away from 0, |scale| < 2^57: the same, but faster. */
int64_t portable_normal_times(double p, double scale);

/* The same of p = (draw + 1/2) / 2^32 for each draw. */
void portable_normals(const uint32_t draw[4], double scale, int64_t value[4]);

#endif
