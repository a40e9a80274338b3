/* SPDX-License-Identifier: BSD-2-Clause */
/* The application of a listener takes connections out of the accept queue: late, slowly or never. */
#ifndef SYNFIN_ACCEPT_H
#define SYNFIN_ACCEPT_H

#include "host.h"

/* Whether its listener's queue is where connections wait; else they are taken as they come. */
static inline bool accept_queues(const struct host *h, const struct synfin_endpoint *e)
{
    return e->listener != NO_LISTENER && h->scenario->listener[e->listener].queues;
}

/* The connection is at the end of that queue, and is accepted at once where that may be. */
void accept_queue(struct host *, struct synfin_endpoint *);
/* It is over before it was accepted. */
void accept_leave(struct host *, struct synfin_endpoint *);
/* The listener's timer has expired. */
void accept_timer(struct host *, struct synfin_endpoint *listener);

#endif
