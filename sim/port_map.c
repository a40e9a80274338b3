/* SPDX-License-Identifier: BSD-2-Clause */
#include "port_map.h"

#include <stdlib.h>

void port_map_init(struct port_map *m, struct synfin_memory *memory)
{
    *m = (struct port_map){.slot = m->first, .shift = 63};
    pool_init(&m->root, memory, sizeof(struct port_root), 8);
    pool_init(&m->page, memory, sizeof(struct port_page), sizeof(struct port_page));
}

void port_map_free(struct port_map *m)
{
    pool_free(&m->root);
    pool_free(&m->page);
    if (m->slot != m->first)
        free(m->slot);
}

/* ---- Pages ------------------------------------------------------------------------------------------------------ */

/* At the start of a spare page. */
static struct port_page **next_spare(struct port_page *page)
{
    return (struct port_page **)(void *)page;
}

/* A page without cells in use; 0: no memory. */
static port_page_word new_page(struct port_map *m)
{
    struct port_page *page = m->spare;
    if (page) {
        m->spare = *next_spare(page);
    } else {
        uint32_t number = pool_take_unset(&m->page);
        if (number == SYNFIN_NONE)
            return 0;
        page = pool_at(&m->page, number);
    }
    page->cell[0] = page->cell[1] = 0; /* all others are */
    return (port_page_word)page;
}

int port_map_new_page(struct port_map *m, struct port_place at)
{
    port_page_word page = new_page(m);
    if (!page)
        return -1;
    *port_page(at) = page;
    return 0;
}

/* Takes a page that has become empty from its root. */
static void give_back(struct port_map *m, port_page_word *word)
{
    struct port_page *page = (struct port_page *)*word;
    *next_spare(page) = m->spare;
    m->spare = page;
    *word = m->none;
}

void port_map_page_empty(struct port_map *m, struct port_place at)
{
    uint32_t number = at.high / PORT_CELLS, kept = at.root->empty;
    if (kept == number + 1)
        return;
    if (kept && !(at.root->page[kept - 1] & PORT_USED))
        give_back(m, &at.root->page[kept - 1]);
    at.root->empty = number + 1;
}

/* ---- The hash of roots ------------------------------------------------------------------------------------------ */

static inline bool same(struct port_key a, struct port_key b)
{
    return a.addresses == b.addresses && a.rest == b.rest;
}

/* The key's slot, or the empty one where it belongs. */
static struct port_slot *probe(struct port_slot *slot, uint32_t shift, struct port_key key)
{
    size_t i = port_hash(key, shift), last = UINT64_MAX >> shift;
    while (slot[i].root && !same(slot[i].key, key))
        i = i == last ? 0 : i + 1;
    return &slot[i];
}

struct port_root *port_map_search(const struct port_map *m, struct port_key key)
{
    return probe(m->slot, m->shift, key)->root;
}

static int grow(struct port_map *m)
{
    size_t old = (size_t)1 << (64 - m->shift);
    uint32_t shift = m->shift - 1;
    struct port_slot *slot = calloc(2 * old, sizeof(*slot));
    if (!slot)
        return -1;
    for (size_t i = 0; i < old; i++) {
        if (m->slot[i].root)
            *probe(slot, shift, m->slot[i].key) = m->slot[i];
    }
    if (m->slot != m->first)
        free(m->slot);
    m->slot = slot;
    m->shift = shift;
    return 0;
}

struct port_root *port_map_new_root(struct port_map *m, struct port_key key)
{
    if (!m->none && !(m->none = new_page(m)))
        return NULL;
    if (2 * (m->slots + 1) > (size_t)1 << (64 - m->shift) && grow(m) < 0)
        return NULL;
    uint32_t number = pool_take_unset(&m->root);
    if (number == SYNFIN_NONE)
        return NULL;
    struct port_root *root = pool_at(&m->root, number);
    root->number = number;
    for (size_t i = 0; i < PORT_PAGES; i++)
        root->page[i] = m->none;
    *probe(m->slot, m->shift, key) = (struct port_slot){key, root};
    m->slots++;
    return root;
}

struct port_use *port_map_use_elsewhere(struct port_map *m, struct port_key key)
{
    struct port_root *root = port_map_search(m, key);
    if (!root)
        root = port_map_new_root(m, key);
    return root ? &root->use : NULL;
}
