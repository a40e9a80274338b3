/* SPDX-License-Identifier: BSD-2-Clause */
#include "random.h"

#include <assert.h>
#include <string.h>

#include "random_block.h"
#include "random_many.h"

/* FNV-1a, 64 bits. Philox mixes what it makes. */
static uint64_t hash64(const char *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return h;
}

struct random_key random_key(uint64_t seed, uint32_t replication, const char *component, const char *workload)
{
    uint64_t c = hash64(component), w = hash64(workload);
    struct random_key key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    uint32_t counter[4] = {(uint32_t)c, (uint32_t)(c >> 32), replication, (uint32_t)(w ^ w >> 32)}, out[4];
    random_block(key, counter, out);
    return (struct random_key){{out[0], out[1]}};
}

void random_block(struct random_key key, const uint32_t counter[4], uint32_t out[4])
{
    random_block_inline(key, counter, out);
}

/* No copy has the number 2^32 - 1: draws by count never meet draws by connection. */
void random_at_count(struct synfin_crossing *x, struct random_key key, uint64_t count, struct synfin_draws *kept)
{
    x->kept = kept;
    x->key[0] = key.word[0];
    x->key[1] = key.word[1];
    x->counter[3] = UINT32_MAX;
    random_to_count(x, count);
}

/* Where the block is not the one that was drawn last there, or none is kept. */
__attribute__((noinline)) static uint32_t draw_block(struct synfin_crossing *x)
{
    struct synfin_draws *kept = x->kept, once;
    struct synfin_draws *to = kept ? kept : &once;
    memcpy(&to->key, x->key, sizeof(to->key));
    memcpy(to->counter, x->counter, sizeof(to->counter));
    random_block(to->key, to->counter, to->block);
    to->known = true;
    x->counter[2]++;
    return to->block[x->lane];
}

static uint32_t draw(struct synfin_crossing *x)
{
    const struct synfin_draws *kept = x->kept;
    if (!kept || !kept->known || memcmp(kept->counter, x->counter, sizeof(kept->counter)) != 0 ||
        memcmp(&kept->key, x->key, sizeof(kept->key)) != 0)
        return draw_block(x);
    x->counter[2]++;
    return kept->block[x->lane];
}

/* Models may come from plugins: none is to ask for what one machine does and another does not. */
static void normals(const uint32_t *from, double scale, int64_t *value, size_t n)
{
    assert(n % 4 == 0 && n <= SYNFIN_DRAWS);
    random_fastest()->normals(from, scale, value, n);
}

static void logs(const uint32_t *from, double *value, size_t n)
{
    assert(n % 4 == 0 && n <= SYNFIN_DRAWS);
    random_fastest()->logs(from, value, n);
}

const struct synfin_tools random_tools = {draw,    portable_log, portable_exp, portable_normal, portable_normal_times,
                                          normals, logs};
