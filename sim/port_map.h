/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Four-tuples of a host → 32-bit cells, exactly: a small hash of (local address, remote address, lower port and whose it
 * is, protocol) finds a root, which names pages of 256 cells by the higher port. Neighbouring ports share a line; a page
 * that becomes empty is used again.
 */
#ifndef SYNFIN_PORT_MAP_H
#define SYNFIN_PORT_MAP_H

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

struct port_map {
    struct pool root, page;
    struct port_slot *slot; /* open addressing, half full at most */
    uint32_t slots, mask;
    uint32_t last; /* slot: most look-ups follow one to the same root */
};

void port_map_init(struct port_map *, struct synfin_memory *);
void port_map_free(struct port_map *);

/* Where a tuple's cell lies: the root, which stays where it is, and the higher port. */
struct port_place {
    struct port_root *root; /* NULL: the tuple has no cell yet; for port_map_add(), no memory */
    uint16_t high;
};
struct port_place port_map_find(struct port_map *, const struct port_tuple *);
struct port_place port_map_add(struct port_map *, const struct port_tuple *);

/* The place of a tuple that differs from that of `at` in its local port alone, where both are above the remote port. */
static inline struct port_place port_map_beside(struct port_place at, uint16_t local_port)
{
    at.high = local_port;
    return at;
}

/* The cell of a place; 0: none. */
uint32_t port_map_get(const struct port_map *, struct port_place);
/* Sets it; 0 removes it. -1: no memory. */
int port_map_set(struct port_map *, struct port_place, uint32_t cell);

/* The ports in use from the tuple's `local` to (remote, remote_port), where `place` is the tuple's; NULL: no memory. */
struct port_use *port_map_use(struct port_map *, const struct port_tuple *, struct port_place);

#endif
