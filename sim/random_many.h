/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws of many connections at a time, and what follows from them: in plain C, or by AVX2 where the processor, asked at
 * run time, has it, with the same bits (tests/test_random.c compares them). For link.c, workload.c and models.
 */
#ifndef SYNFIN_RANDOM_MANY_H
#define SYNFIN_RANDOM_MANY_H

#include "random.h"

/* So many blocks, of successive counters: the first draws of all of them, then the second ones ... */
enum { RANDOM_MANY = SYNFIN_DRAWS / 4 };
static inline uint32_t random_place(uint32_t block, uint32_t nth)
{
    return nth % 4 * RANDOM_MANY + block % RANDOM_MANY;
}

/* An implementation. */
struct random_way {
    /* random_block() of the counter and of the following, whose first words are greater by 1, 2 ... and do not wrap. */
    void (*blocks)(struct random_key, const uint32_t counter[4], uint32_t draw[SYNFIN_DRAWS]);
    /* Of p = (draw + 1/2) / 2^32 for each of n draws, a multiple of 4 and no more than SYNFIN_DRAWS:
       portable_normal_times(p, scale) and portable_log(p). */
    void (*normals)(const uint32_t *draw, double scale, int64_t *value, size_t n);
    void (*logs)(const uint32_t *draw, double *value, size_t n);
};

/* The one in plain C, and the fastest that this machine has. */
extern const struct random_way random_plain;
const struct random_way *random_fastest(void);

#endif
