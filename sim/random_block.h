/* SPDX-License-Identifier: BSD-2-Clause */
/* random_block() for callers that it is to be built into: then blocks that do not depend on each other overlap. */
#ifndef SYNFIN_RANDOM_BLOCK_H
#define SYNFIN_RANDOM_BLOCK_H

#include <Random123/philox.h>

#include "random.h"

static inline __attribute__((always_inline)) void random_block_inline(struct random_key key, const uint32_t counter[4],
                                                                      uint32_t out[4])
{
    philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
    philox4x32_key_t k = {{key.word[0], key.word[1]}};
    philox4x32_ctr_t r = philox4x32_R(10, c, k);
    for (unsigned i = 0; i < 4; i++)
        out[i] = r.v[i];
}

#endif
