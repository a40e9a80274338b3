/* SPDX-License-Identifier: BSD-2-Clause */
/* How many segments of each kind a connection has emitted in each direction: kept only where a model asks for it. */
#ifndef SYNFIN_KINDS_H
#define SYNFIN_KINDS_H

#include <stdbool.h>

#include "plugin.h"

struct kinds {
    struct kinds_slot *slot; /* open addressing by connection, half full at most */
    uint64_t used, mask;
    bool no_memory;
};

/* The number of the segment that is being emitted among those of its kind, from 1; it stays at 65535. */
uint16_t kinds_next(struct kinds *, uint32_t connection, unsigned side, enum synfin_kind);
void kinds_free(struct kinds *);

#endif
