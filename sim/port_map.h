/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Four-tuples of a host → 32-bit cells, exactly: a small hash of (local address, remote address, lower port and whose
 * it is, protocol) finds a root, which names pages of 256 cells by the higher port. Neighbouring ports share a line; a
 * page that becomes empty is used again.
 *
 * A place, once found, is good for all that happens to its cell; a root stays where it is, so its number may be kept.
 * What happens with every connection stands here, for a root in the first slot that the hash names and a page that is
 * there; the rest is in port_map.c.
 */
#ifndef SYNFIN_PORT_MAP_H
#define SYNFIN_PORT_MAP_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "pool.h"

struct port_tuple {
    uint32_t local, remote;
    uint16_t local_port, remote_port;
    uint8_t protocol;
};

/* Ephemeral ports in use towards one destination: an active open takes the next one that is free. */
struct port_use {
    uint32_t in_use;
    uint32_t time_waits; /* those of them in TIME-WAIT */
    uint32_t next;
};

enum { PORT_PAGES = 256, PORT_CELLS = 256 };

struct port_page {
    uint32_t cell[PORT_CELLS];
};

/* Where a page is, and, as it is aligned by its size, how many of its cells are in use. */
typedef uintptr_t port_page_word;
enum { PORT_USED = sizeof(struct port_page) - 1 };
static_assert((int)PORT_CELLS <= (int)PORT_USED, "a full page's count fits");

struct port_root {
    port_page_word page[PORT_PAGES]; /* that of struct port_map's `none`: there is no such page */
    struct port_use use; /* where the lower port is the remote one: of all tuples with that one */
    uint32_t number;
    uint32_t empty; /* the page that became empty last, + 1: it may be wanted again at once */
};

/* What tuples of one root have in common. */
struct port_key {
    uint64_t addresses;
    uint64_t rest; /* lower port, whose it is, protocol; where it disturbs rows of addresses least */
};

struct port_slot {
    struct port_key key;
    struct port_root *root; /* NULL: the slot is empty, and so is its key, which no tuple has */
};

struct port_map {
    struct pool root, page;
    struct port_slot *slot; /* open addressing, half full at most */
    uint32_t slots, shift; /* of the hash, to a slot */
    port_page_word none;   /* a page that stands for all that are not there: no cell of it is in use */
    struct port_page *spare; /* pages that became empty, the next one's address at the start of each */
    struct port_slot first[2]; /* `slot`, as long as there is no root */
};

void port_map_init(struct port_map *, struct synfin_memory *);
void port_map_free(struct port_map *);

/* ---- Places ----------------------------------------------------------------------------------------------------- */

/* Where a tuple's cell lies. */
struct port_place {
    struct port_root *root; /* NULL: the tuple has no cell yet; for port_map_add(), no memory */
    uint32_t high;          /* the higher port */
};

/* The key of tuples with this port, whose is the lower one. */
static inline struct port_key port_key(struct port_tuple t, uint32_t port, bool remote)
{
    return (struct port_key){t.local | (uint64_t)t.remote << 32,
                             (uint64_t)port << 40 | (uint64_t)remote << 32 | (uint64_t)t.protocol << 24};
}

static inline bool port_remote_lower(struct port_tuple t)
{
    return t.remote_port < t.local_port;
}

static inline struct port_key port_key_of(struct port_tuple t)
{
    return port_key(t, port_remote_lower(t) ? t.remote_port : t.local_port, port_remote_lower(t));
}

static inline uint32_t port_high(struct port_tuple t)
{
    return port_remote_lower(t) ? t.local_port : t.remote_port;
}

/* The slot where a key's search begins. The halves of the factor are 2^32 over the plastic ratio and over its square:
   rows of addresses, local or remote, and grids of both spread evenly. */
static inline size_t port_hash(struct port_key key, uint32_t shift)
{
    return ((key.addresses ^ key.rest) * UINT64_C(0xc13fa9a991e10da5)) >> shift;
}

__attribute__((cold)) struct port_root *port_map_search(const struct port_map *, struct port_key);
static inline struct port_place port_map_find(const struct port_map *m, struct port_tuple t)
{
    struct port_key key = port_key_of(t);
    const struct port_slot *s = &m->slot[port_hash(key, m->shift)];
    bool first = s->key.addresses == key.addresses && s->key.rest == key.rest;
    return (struct port_place){first ? s->root : port_map_search(m, key), port_high(t)};
}

__attribute__((cold)) struct port_root *port_map_new_root(struct port_map *, struct port_key);
static inline struct port_place port_map_add(struct port_map *m, struct port_tuple t)
{
    struct port_place at = port_map_find(m, t);
    if (!at.root)
        at.root = port_map_new_root(m, port_key_of(t));
    return at;
}

/* The place of a tuple whose root is known. */
static inline struct port_place port_map_place(const struct port_map *m, uint32_t root, struct port_tuple t)
{
    return (struct port_place){pool_thing(&m->root, root, sizeof(struct port_root)), port_high(t)};
}

/* ---- Cells ------------------------------------------------------------------------------------------------------ */

static inline port_page_word *port_page(struct port_place at)
{
    return &at.root->page[at.high / PORT_CELLS];
}

static inline uint32_t *port_cell(struct port_place at)
{
    struct port_page *page = (struct port_page *)(*port_page(at) & ~(port_page_word)PORT_USED);
    return &page->cell[at.high % PORT_CELLS];
}

/* The cell of a place; 0: none. */
static inline uint32_t port_map_get(struct port_place at)
{
    return at.root ? *port_cell(at) : 0;
}

/* Gives a place that has none a cell, not 0. -1: no memory. */
__attribute__((cold)) int port_map_new_page(struct port_map *, struct port_place);
static inline int port_map_take(struct port_map *m, struct port_place at, uint32_t cell)
{
    if (*port_page(at) == m->none && port_map_new_page(m, at) < 0)
        return -1;
    *port_cell(at) = cell;
    ++*port_page(at);
    return 0;
}

/* Changes the cell, to what is not 0. */
static inline void port_map_change(struct port_place at, uint32_t cell)
{
    *port_cell(at) = cell;
}

/* Removes the cell. */
__attribute__((cold)) void port_map_page_empty(struct port_map *, struct port_place);
static inline void port_map_release(struct port_map *m, struct port_place at)
{
    *port_cell(at) = 0;
    if (!(--*port_page(at) & PORT_USED))
        port_map_page_empty(m, at);
}

/* The ports in use from the tuple's `local` to (remote, remote_port), where `place` is the tuple's; NULL: no memory. */
__attribute__((cold)) struct port_use *port_map_use_elsewhere(struct port_map *, struct port_key);
static inline struct port_use *port_map_use(struct port_map *m, struct port_tuple t, struct port_place at)
{
    if (!port_remote_lower(t))
        return port_map_use_elsewhere(m, port_key(t, t.remote_port, true));
    return at.root ? &at.root->use : NULL;
}

#endif
