/* SPDX-License-Identifier: BSD-2-Clause */
#include "port_map.h"

#include <stdbool.h>
#include <stdlib.h>

#include "plugin.h"

enum { PAGES = 256, CELLS = 256 };

/* Whose the lower port is. */
enum { WHOSE_LOCAL, WHOSE_REMOTE };

struct port_slot {
    uint64_t addresses;
    uint32_t rest; /* port, whose it is, protocol */
    uint32_t root; /* index + 1; 0: the slot is empty */
};

struct port_root {
    uint32_t page[PAGES];    /* index + 1; 0: none */
    uint16_t in_use[PAGES]; /* cells of each page */
    uint32_t empty;         /* the page that became empty last, + 1: it may be wanted again at once */
    struct port_use use;    /* where the lower port is the remote one: of all tuples with that one */
};

struct port_page {
    uint32_t cell[CELLS];
};

void port_map_init(struct port_map *m, struct synfin_memory *memory)
{
    *m = (struct port_map){0};
    pool_init(&m->root, memory, sizeof(struct port_root), 64);
    pool_init(&m->page, memory, sizeof(struct port_page), 64);
}

void port_map_free(struct port_map *m)
{
    pool_free(&m->root);
    pool_free(&m->page);
    free(m->slot);
}

static inline struct port_slot key_of(const struct port_tuple *t, uint16_t port, unsigned whose)
{
    return (struct port_slot){.addresses = (uint64_t)t->local << 32 | t->remote,
                              .rest = (uint32_t)port << 16 | whose << 8 | t->protocol};
}

/* The key under which a tuple's root stands. */
static inline struct port_slot key_of_tuple(const struct port_tuple *t, uint16_t *high)
{
    bool local_low = t->local_port <= t->remote_port;
    *high = local_low ? t->remote_port : t->local_port;
    return key_of(t, local_low ? t->local_port : t->remote_port, local_low ? WHOSE_LOCAL : WHOSE_REMOTE);
}

static inline bool same(const struct port_slot *a, const struct port_slot *b)
{
    return a->addresses == b->addresses && a->rest == b->rest;
}

/* The key's slot, or the empty one where it belongs. */
static inline uint32_t probe(const struct port_slot *slot, uint32_t mask, const struct port_slot *key)
{
    uint64_t h = (key->addresses ^ (uint64_t)key->rest << 20) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t i = (uint32_t)((h ^ h >> 29) >> 16) & mask;
    while (slot[i].root && !same(&slot[i], key))
        i = (i + 1) & mask;
    return i;
}

static int grow(struct port_map *m)
{
    uint32_t room = m->slot ? 2 * (m->mask + 1) : 16;
    struct port_slot *slot = calloc(room, sizeof(*slot));
    if (!slot)
        return -1;
    for (uint32_t i = 0; m->slot && i <= m->mask; i++) {
        if (m->slot[i].root)
            slot[probe(slot, room - 1, &m->slot[i])] = m->slot[i];
    }
    free(m->slot);
    m->slot = slot;
    m->mask = room - 1;
    m->last = 0;
    return 0;
}

static inline struct port_root *find(struct port_map *m, const struct port_slot *key)
{
    if (!m->slot)
        return NULL;
    if (!same(&m->slot[m->last], key))
        m->last = probe(m->slot, m->mask, key);
    uint32_t root = m->slot[m->last].root;
    return root ? pool_at(&m->root, root - 1) : NULL;
}

static struct port_root *add(struct port_map *m, const struct port_slot *key)
{
    if ((!m->slot || 2 * (m->slots + 1) > m->mask + 1) && grow(m) < 0)
        return NULL;
    uint32_t index = pool_take(&m->root);
    if (index == SYNFIN_NONE)
        return NULL;
    m->last = probe(m->slot, m->mask, key);
    m->slot[m->last] = *key;
    m->slot[m->last].root = index + 1;
    m->slots++;
    return pool_at(&m->root, index);
}

struct port_place port_map_find(struct port_map *m, const struct port_tuple *t)
{
    struct port_place place;
    struct port_slot key = key_of_tuple(t, &place.high);
    place.root = find(m, &key);
    return place;
}

struct port_place port_map_add(struct port_map *m, const struct port_tuple *t)
{
    struct port_place place;
    struct port_slot key = key_of_tuple(t, &place.high);
    place.root = find(m, &key);
    if (!place.root)
        place.root = add(m, &key);
    return place;
}

uint32_t port_map_get(const struct port_map *m, struct port_place at)
{
    uint32_t page = at.root ? at.root->page[at.high / CELLS] : 0;
    return page ? ((const struct port_page *)pool_at(&m->page, page - 1))->cell[at.high % CELLS] : 0;
}

static void give_back_empty(struct port_map *m, struct port_root *root)
{
    uint32_t number = root->empty - 1;
    if (!root->empty || root->in_use[number])
        return;
    pool_give(&m->page, root->page[number] - 1);
    root->page[number] = 0;
}

/* Changes from a free cell to one in use, or back. */
static int turn(struct port_map *m, struct port_root *root, uint16_t high, uint32_t cell)
{
    uint32_t *name = &root->page[high / CELLS];
    uint16_t *in_use = &root->in_use[high / CELLS];
    if (!*name) {
        uint32_t index = pool_take(&m->page);
        if (index == SYNFIN_NONE)
            return -1;
        *name = index + 1;
    }
    ((struct port_page *)pool_at(&m->page, *name - 1))->cell[high % CELLS] = cell;
    *in_use = (uint16_t)(cell ? *in_use + 1 : *in_use - 1);
    if (!*in_use && root->empty != high / CELLS + 1u) {
        give_back_empty(m, root);
        root->empty = high / CELLS + 1u;
    }
    return 0;
}

int port_map_set(struct port_map *m, struct port_place at, uint32_t cell)
{
    uint32_t page = at.root->page[at.high / CELLS];
    uint32_t *old = page ? &((struct port_page *)pool_at(&m->page, page - 1))->cell[at.high % CELLS] : NULL;
    if ((old && *old) != (cell != 0))
        return turn(m, at.root, at.high, cell);
    if (cell)
        *old = cell;
    return 0;
}

struct port_use *port_map_use(struct port_map *m, const struct port_tuple *t, struct port_place at)
{
    if (t->remote_port >= t->local_port) { /* the root is another: that of tuples whose lower port is the remote one */
        struct port_slot key = key_of(t, t->remote_port, WHOSE_REMOTE);
        at.root = find(m, &key);
        if (!at.root)
            at.root = add(m, &key);
    }
    return at.root ? &at.root->use : NULL;
}
