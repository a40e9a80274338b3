/* SPDX-License-Identifier: BSD-2-Clause */
#include "port_map.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "plugin.h"

enum { PAGES = 256, CELLS = 256 };

/* What a slot of the hash names: a root of pages, or the use of ephemeral ports. */
enum { WHOSE_LOCAL, WHOSE_REMOTE, WHOSE_USE };

struct port_slot {
    uint32_t local, remote;
    uint16_t port;
    uint8_t whose, protocol;
    uint32_t index; /* SYNFIN_NONE: the slot is empty */
};

struct port_root {
    uint32_t page[PAGES]; /* index + 1; 0: none */
};

struct port_page {
    uint32_t cell[CELLS];
    uint32_t in_use;
};

void port_map_init(struct port_map *m)
{
    *m = (struct port_map){0};
    pool_init(&m->root, sizeof(struct port_root), 64);
    pool_init(&m->page, sizeof(struct port_page), 64);
    pool_init(&m->use, sizeof(struct port_use), 8);
}

void port_map_free(struct port_map *m)
{
    pool_free(&m->root);
    pool_free(&m->page);
    pool_free(&m->use);
    free(m->slot);
}

static uint32_t hash(const struct port_slot *k)
{
    uint64_t h = ((uint64_t)k->local << 32 | k->remote) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= ((uint64_t)k->port << 16 | (uint64_t)k->whose << 8 | k->protocol) * UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 32;
    return (uint32_t)((h * UINT64_C(0xc4ceb9fe1a85ec53)) >> 32);
}

static bool same(const struct port_slot *a, const struct port_slot *b)
{
    return a->local == b->local && a->remote == b->remote && a->port == b->port && a->whose == b->whose &&
           a->protocol == b->protocol;
}

/* The key's slot, or the empty one where it belongs. */
static struct port_slot *probe(struct port_slot *slot, uint32_t mask, const struct port_slot *key)
{
    uint32_t i = hash(key) & mask;
    while (slot[i].index != SYNFIN_NONE && !same(&slot[i], key))
        i = (i + 1) & mask;
    return &slot[i];
}

static int grow(struct port_map *m)
{
    uint32_t room = m->slot ? 2 * (m->mask + 1) : 16;
    struct port_slot *slot = malloc(room * sizeof(*slot));
    if (!slot)
        return -1;
    for (uint32_t i = 0; i < room; i++)
        slot[i].index = SYNFIN_NONE;
    for (uint32_t i = 0; m->slot && i <= m->mask; i++) {
        if (m->slot[i].index != SYNFIN_NONE)
            *probe(slot, room - 1, &m->slot[i]) = m->slot[i];
    }
    free(m->slot);
    m->slot = slot;
    m->mask = room - 1;
    m->last_slot = 0;
    return 0;
}

static const struct port_slot *find(struct port_map *m, const struct port_slot *key)
{
    if (!m->slot)
        return NULL;
    const struct port_slot *s = &m->slot[m->last_slot];
    if (s->index != SYNFIN_NONE && same(s, key))
        return s;
    s = probe(m->slot, m->mask, key);
    if (s->index == SYNFIN_NONE)
        return NULL;
    m->last_slot = (uint32_t)(s - m->slot);
    return s;
}

static const struct port_slot *find_or_add(struct port_map *m, const struct port_slot *key, struct pool *p)
{
    const struct port_slot *found = find(m, key);
    if (found)
        return found;
    if ((!m->slot || 2 * (m->slots + 1) > m->mask + 1) && grow(m) < 0)
        return NULL;
    uint32_t index = pool_take(p);
    if (index == SYNFIN_NONE)
        return NULL;
    struct port_slot *s = probe(m->slot, m->mask, key);
    *s = *key;
    s->index = index;
    m->slots++;
    return s;
}

static struct port_slot key_of(const struct port_tuple *t, uint16_t *high)
{
    bool local_low = t->local_port <= t->remote_port;
    *high = local_low ? t->remote_port : t->local_port;
    return (struct port_slot){.local = t->local,
                              .remote = t->remote,
                              .port = local_low ? t->local_port : t->remote_port,
                              .whose = local_low ? WHOSE_LOCAL : WHOSE_REMOTE,
                              .protocol = t->protocol};
}

uint32_t port_map_get(struct port_map *m, const struct port_tuple *t)
{
    uint16_t high;
    struct port_slot key = key_of(t, &high);
    const struct port_slot *s = find(m, &key);
    if (!s)
        return 0;
    const struct port_root *root = pool_at(&m->root, s->index);
    uint32_t page = root->page[high / CELLS];
    return page ? ((const struct port_page *)pool_at(&m->page, page - 1))->cell[high % CELLS] : 0;
}

int port_map_set(struct port_map *m, const struct port_tuple *t, uint32_t cell)
{
    uint16_t high;
    struct port_slot key = key_of(t, &high);
    const struct port_slot *s = find_or_add(m, &key, &m->root);
    if (!s)
        return -1;
    uint32_t *name = &((struct port_root *)pool_at(&m->root, s->index))->page[high / CELLS];
    if (!*name) {
        if (!cell)
            return 0;
        uint32_t index = pool_take(&m->page);
        if (index == SYNFIN_NONE)
            return -1;
        *name = index + 1;
    }
    struct port_page *page = pool_at(&m->page, *name - 1);
    uint32_t *c = &page->cell[high % CELLS];
    page->in_use += (cell != 0);
    page->in_use -= (*c != 0);
    *c = cell;
    if (!page->in_use) {
        pool_give(&m->page, *name - 1);
        *name = 0;
    }
    return 0;
}

struct port_use *port_map_use(struct port_map *m, const struct port_tuple *t)
{
    struct port_slot key = {.local = t->local,
                            .remote = t->remote,
                            .port = t->remote_port,
                            .whose = WHOSE_USE,
                            .protocol = t->protocol};
    const struct port_slot *s = find_or_add(m, &key, &m->use);
    return s ? pool_at(&m->use, s->index) : NULL;
}
