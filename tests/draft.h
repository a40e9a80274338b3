/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random scenarios of a few hosts, links and workloads that use everything. Ties are made on purpose: delays of few
 * values, arrivals at round instants. A draft follows from its number alone.
 */
#ifndef SYNFIN_DRAFT_H
#define SYNFIN_DRAFT_H

#include "synfin.h"

struct draft {
    uint64_t random;
    struct synfin_settings *settings; /* to be freed by the caller */
    char text[16384];                 /* the same, to be shown */
    size_t used;
    unsigned hosts, links, workloads;
    bool retries;           /* with many ports, so that each try has its own; else few ports may run out */
    bool delays_everywhere; /* no link without delay, so that hosts run ahead of each other */
};

void draft_new(struct draft *, uint64_t number, bool delays_everywhere);

#endif
