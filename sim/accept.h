/* SPDX-License-Identifier: BSD-2-Clause */
/* The application of a listener takes connections out of the accept queue: late, slowly or never. */
#ifndef SYNFIN_ACCEPT_H
#define SYNFIN_ACCEPT_H

#include "host.h"

/* The connection is at the end of its listener's queue, and is accepted at once where that may be. False: the listener
   takes connections as they come. */
bool accept_queue(struct host *, struct synfin_endpoint *);
/* It is over before it was accepted. */
void accept_leave(struct host *, struct synfin_endpoint *);
/* The listener's timer has expired. */
void accept_timer(struct host *, struct synfin_endpoint *listener);

#endif
