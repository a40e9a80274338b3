/* SPDX-License-Identifier: BSD-2-Clause */
#include "kinds.h"

#include <stdlib.h>

struct kinds_slot {
    bool taken;
    uint32_t connection;
    uint16_t count[2][SYNFIN_KINDS];
};

static struct kinds_slot *probe(struct kinds_slot *slot, uint64_t mask, uint32_t connection)
{
    uint64_t i = (connection * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (slot[i].taken && slot[i].connection != connection)
        i = (i + 1) & mask;
    return &slot[i];
}

static bool grow(struct kinds *k)
{
    uint64_t room = k->slot ? 2 * (k->mask + 1) : 64;
    struct kinds_slot *slot = calloc(room, sizeof(*slot));
    if (!slot)
        return false;
    for (uint64_t i = 0; k->slot && i <= k->mask; i++) {
        if (k->slot[i].taken)
            *probe(slot, room - 1, k->slot[i].connection) = k->slot[i];
    }
    free(k->slot);
    k->slot = slot;
    k->mask = room - 1;
    return true;
}

uint16_t kinds_next(struct kinds *k, uint32_t connection, unsigned side, enum synfin_kind kind)
{
    if ((!k->slot || 2 * (k->used + 1) > k->mask + 1) && !grow(k)) {
        k->no_memory = true;
        return UINT16_MAX;
    }
    struct kinds_slot *s = probe(k->slot, k->mask, connection);
    if (!s->taken) {
        s->taken = true;
        s->connection = connection;
        k->used++;
    }
    uint16_t *count = &s->count[side][kind];
    if (*count < UINT16_MAX)
        ++*count;
    return *count;
}

void kinds_free(struct kinds *k)
{
    free(k->slot);
}
