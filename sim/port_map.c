/* SPDX-License-Identifier: BSD-2-Clause */
#include "port_map.h"

#include <stdlib.h>

void port_map_init(struct port_map *m, struct synfin_memory *memory)
{
    *m = (struct port_map){0};
    pool_init(&m->root, memory, sizeof(struct port_root), 4);
    pool_init(&m->page, memory, sizeof(struct port_page), 4);
}

void port_map_free(struct port_map *m)
{
    pool_free(&m->root);
    pool_free(&m->page);
    free(m->slot);
}

/* A page without cells in use; SYNFIN_NONE: no memory. */
static uint32_t new_page(struct port_map *m)
{
    uint32_t page = pool_take_unset(&m->page);
    if (page != SYNFIN_NONE)
        ((struct port_page *)pool_at(&m->page, page))->cell[0] = 0; /* all others are, also in one that was given back */
    return page;
}

/* ---- The hash of roots -------------------------------------------------------------------------------------------- */

static inline bool same(const struct port_slot *s, struct port_key key)
{
    return s->addresses == key.addresses && s->rest == key.rest;
}

/* The key's slot, or the empty one where it belongs. */
static struct port_slot *probe(struct port_slot *slot, uint32_t shift, struct port_key key)
{
    size_t i = port_hash(key, shift), last = UINT64_MAX >> shift;
    while (slot[i].addresses && !same(&slot[i], key))
        i = i == last ? 0 : i + 1;
    return &slot[i];
}

struct port_root *port_map_search(const struct port_map *m, struct port_key key)
{
    const struct port_slot *s = m->slot ? probe(m->slot, m->shift, key) : NULL;
    return s && s->addresses ? port_root_at(m, s->root) : NULL;
}

enum { FIRST_SHIFT = 60 /* 16 slots */ };

static int grow(struct port_map *m)
{
    size_t old = m->slot ? (size_t)1 << (64 - m->shift) : 0;
    uint32_t shift = m->slot ? m->shift - 1 : FIRST_SHIFT;
    struct port_slot *slot = calloc((size_t)1 << (64 - shift), sizeof(*slot));
    if (!slot)
        return -1;
    for (size_t i = 0; i < old; i++) {
        const struct port_slot *s = &m->slot[i];
        if (s->addresses)
            *probe(slot, shift, (struct port_key){s->addresses, s->rest}) = *s;
    }
    free(m->slot);
    m->slot = slot;
    m->shift = shift;
    return 0;
}

struct port_root *port_map_new_root(struct port_map *m, struct port_key key)
{
    if (!m->page.used && new_page(m) == SYNFIN_NONE)
        return NULL;
    if ((!m->slot || 2 * (m->slots + 1) > (size_t)1 << (64 - m->shift)) && grow(m) < 0)
        return NULL;
    uint32_t number = pool_take_unset(&m->root);
    if (number == SYNFIN_NONE)
        return NULL;
    *probe(m->slot, m->shift, key) = (struct port_slot){key.addresses, key.rest, number};
    m->slots++;
    struct port_root *root = port_root_at(m, number);
    root->page[0] = 0; /* all others are */
    root->number = number;
    return root;
}

struct port_use *port_map_use_elsewhere(struct port_map *m, struct port_key key)
{
    struct port_root *root = port_map_search(m, key);
    if (!root)
        root = port_map_new_root(m, key);
    return root ? &root->use : NULL;
}

/* ---- Pages -------------------------------------------------------------------------------------------------------- */

int port_map_new_page(struct port_map *m, struct port_place at)
{
    uint32_t page = new_page(m);
    if (page >= UINT32_MAX >> PORT_USED_BITS)
        return -1;
    at.root->page[at.high / PORT_CELLS] = page << PORT_USED_BITS;
    return 0;
}

void port_map_page_empty(struct port_map *m, struct port_place at)
{
    uint32_t number = at.high / PORT_CELLS;
    if (at.root->empty == number + 1)
        return;
    uint32_t *kept = at.root->empty ? &at.root->page[at.root->empty - 1] : NULL;
    if (kept && !(*kept & PORT_USED)) {
        pool_give(&m->page, *kept >> PORT_USED_BITS);
        *kept = 0;
    }
    at.root->empty = number + 1;
}
