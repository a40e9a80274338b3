/* SPDX-License-Identifier: BSD-2-Clause */
#include "accept.h"

#include "simulation.h"

static struct host_listener *listener_of(struct host *h, const struct synfin_endpoint *e)
{
    return &h->listener[e->listener];
}

static struct synfin_endpoint *at(struct host *h, uint32_t index)
{
    return pool_at(&h->endpoint, index);
}

static void unlink_waiting(struct host *h, struct host_listener *l, struct synfin_endpoint *e)
{
    const struct more *more = host_more(h, e);
    e->host_bits &= (uint8_t)~ENDPOINT_WAITS;
    *(more->before == SYNFIN_NONE ? &l->first : &host_more(h, at(h, more->before))->behind) = more->behind;
    *(more->behind == SYNFIN_NONE ? &l->last : &host_more(h, at(h, more->behind))->before) = more->before;
}

/* Accepts while it may; arms the listener's timer for the next. */
static void accept_due(struct host *h, struct host_listener *l)
{
    const struct scenario_listener *s = &h->scenario->listener[l - h->listener];
    synfin_time now = h->base.now;
    while (l->first != SYNFIN_NONE && now >= l->ready) {
        struct synfin_endpoint *e = at(h, l->first);
        unlink_waiting(h, l, e);
        l->ready = s->accept_every == SYNFIN_NEVER ? SYNFIN_NEVER : now + s->accept_every;
        h->sim->protocol[e->sender.protocol]->accept(e, &h->base);
        workload_accepted(h, e);
    }
    if (l->first != SYNFIN_NONE && l->ready != SYNFIN_NEVER && !l->armed) {
        l->armed = true;
        host_arm_application(h, l->endpoint, l->ready - now);
    }
}

void accept_queue(struct host *h, struct synfin_endpoint *e)
{
    struct host_listener *l = listener_of(h, e);
    struct more *more = host_more(h, e);
    if (!more)
        return;
    more->before = l->last;
    more->behind = SYNFIN_NONE;
    if (l->last == SYNFIN_NONE)
        l->first = e->sender.self;
    else
        host_more(h, at(h, l->last))->behind = e->sender.self;
    l->last = e->sender.self;
    e->host_bits |= ENDPOINT_WAITS;
    accept_due(h, l);
}

void accept_leave(struct host *h, struct synfin_endpoint *e)
{
    unlink_waiting(h, listener_of(h, e), e);
}

void accept_timer(struct host *h, struct synfin_endpoint *listener)
{
    struct host_listener *l = listener_of(h, listener);
    l->armed = false;
    accept_due(h, l);
}
