/* SPDX-License-Identifier: BSD-2-Clause */
#include "connection_states.h"

#include <stdlib.h>

struct connection_slot {
    uint32_t connection;
    void *state; /* NULL: the slot is empty */
};

struct connection_states {
    struct connection_slot *slot;
    uint64_t used, mask;
};

struct connection_states *connection_states_new(void)
{
    return calloc(1, sizeof(struct connection_states));
}

static struct connection_slot *probe(struct connection_slot *slot, uint64_t mask, uint32_t connection)
{
    uint64_t i = (connection * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (slot[i].state && slot[i].connection != connection)
        i = (i + 1) & mask;
    return &slot[i];
}

void *connection_state(struct connection_states *c, uint32_t connection, size_t size)
{
    if (!c->slot || 2 * (c->used + 1) > c->mask + 1) {
        uint64_t room = c->slot ? 2 * (c->mask + 1) : 64;
        struct connection_slot *slot = calloc(room, sizeof(*slot));
        if (!slot)
            return NULL;
        for (uint64_t i = 0; c->slot && i <= c->mask; i++) {
            if (c->slot[i].state)
                *probe(slot, room - 1, c->slot[i].connection) = c->slot[i];
        }
        free(c->slot);
        c->slot = slot;
        c->mask = room - 1;
    }
    struct connection_slot *s = probe(c->slot, c->mask, connection);
    if (!s->state) {
        s->state = calloc(1, size);
        s->connection = connection;
        c->used += s->state != NULL;
    }
    return s->state;
}

void connection_states_free(struct connection_states *c)
{
    for (uint64_t i = 0; c && c->slot && i <= c->mask; i++)
        free(c->slot[i].state);
    if (c)
        free(c->slot);
    free(c);
}
