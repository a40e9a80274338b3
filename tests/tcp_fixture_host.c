/* SPDX-License-Identifier: BSD-2-Clause */
/* The fixture's hosts: what struct synfin_host_api asks for, and the applications. */
#include "tcp_fixture_host.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void *fixture_allocate(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (p == NULL)
        abort();
    return p;
}

void *fixture_grow(void *p, size_t used, size_t *room, size_t element)
{
    if (used < *room)
        return p;
    *room = *room ? 2 * *room : 64;
    p = realloc(p, *room * element);
    if (p == NULL)
        abort();
    return p;
}

/* ---- Slots ------------------------------------------------------------------------------------------------------- */

static struct side *side_of(struct synfin_host *h)
{
    return (struct side *)(void *)h;
}

static struct slot *slot_of(struct side *s, const struct synfin_endpoint *e)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        if (s->slot[i].endpoint == e)
            return &s->slot[i];
    }
    assert(!"an endpoint that is gone");
    return NULL;
}

static struct slot *slot_of_record(struct side *s, const struct synfin_time_wait *w)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        if (s->slot[i].time_wait == w)
            return &s->slot[i];
    }
    assert(!"a TIME-WAIT record that is gone");
    return NULL;
}

static struct slot *slot_of_sender(struct side *s, const struct synfin_sender *sender)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *slot = &s->slot[i];
        if ((slot->endpoint != NULL && &slot->endpoint->sender == sender) ||
            (slot->time_wait != NULL && &slot->time_wait->sender == sender))
            return slot;
    }
    return NULL; /* a stray's */
}

struct slot *fixture_slot(struct side *s, uint16_t local_port, uint32_t remote, uint16_t remote_port)
{
    struct slot *slot = NULL;
    for (unsigned i = 0; i < SLOTS && slot == NULL; i++) {
        if (s->slot[i].endpoint == NULL && s->slot[i].time_wait == NULL)
            slot = &s->slot[i];
    }
    if (slot == NULL)
        return NULL;
    memset(slot, 0, sizeof *slot);
    slot->side = s;
    slot->opened = ++s->pair->order;
    slot->endpoint = fixture_allocate(s->protocol->endpoint_size);
    slot->endpoint->sender.self = (uint32_t)(slot - s->slot);
    struct synfin_sender *sender = &slot->endpoint->sender;
    sender->local = s->address;
    sender->local_port = local_port;
    sender->remote = remote;
    sender->remote_port = remote_port;
    sender->peer = SYNFIN_NONE;
    slot->name = *sender;
    return slot;
}

struct slot *fixture_find(struct side *s, const struct synfin_segment *seg)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *slot = &s->slot[i];
        if (slot != s->listener && !slot->dying && (slot->endpoint != NULL || slot->time_wait != NULL) &&
            slot->name.remote == seg->source && slot->name.remote_port == seg->source_port &&
            slot->name.local_port == seg->destination_port)
            return slot;
    }
    return NULL;
}

/* Frees what died during the call into the protocol that ends now. */
static void reap(struct side *s)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *slot = &s->slot[i];
        if (slot->dying) {
            free(slot->endpoint);
            free(slot->extra);
            free(slot->large);
            slot->endpoint = NULL;
            slot->extra = slot->large = NULL;
            slot->dying = false;
        }
    }
}

void fixture_enter(struct side *s)
{
    s->depth++;
}

void fixture_leave(struct side *s)
{
    if (--s->depth == 0)
        reap(s);
}

static void note(struct side *s, enum note_kind kind, unsigned what, uint64_t n)
{
    s->note = fixture_grow(s->note, s->notes, &s->notes_room, sizeof *s->note);
    s->note[s->notes++] = (struct note){s->base.now, kind, what, n};
}

/* ---- What struct synfin_host_api asks for ------------------------------------------------------------------------ */

static void send_on_wire(struct side *s, const struct synfin_segment *seg)
{
    struct pair *p = s->pair;
    struct wire *w = &p->wire[s->out];
    unsigned number = ++w->sent;
    uint64_t bit = number <= 64 ? UINT64_C(1) << (number - 1) : 0;
    if (p->single || (w->drop & bit))
        return;
    synfin_time delay = w->delay;
    for (unsigned i = 0; i < w->holds; i++)
        delay += w->hold[i].number == number ? w->hold[i].extra : 0;
    for (unsigned copies = w->twice & bit ? 2 : 1; copies > 0; copies--) {
        p->flying = fixture_grow(p->flying, p->flights, &p->flights_room, sizeof *p->flying);
        p->flying[p->flights++] =
            (struct flying){s->base.now + delay, s->base.now, ++p->order, s == &p->a ? &p->b : &p->a, *seg};
    }
}

/* What the peer's numbers are relative to. */
uint32_t fixture_peer_origin(const struct side *s)
{
    const struct pair *p = s->pair;
    if (p->single)
        return p->peer_iss;
    const struct side *other = s == &p->a ? &p->b : &p->a;
    return other->current != NULL ? other->current->iss : 0;
}

uint32_t fixture_own_origin(const struct side *s, const struct slot *slot)
{
    if (slot == NULL || slot == s->listener)
        slot = s->current;
    return slot != NULL && slot->iss_known ? slot->iss : 0;
}

/* Text that the application handed over, FIN if it closed. A connection made from a SYN cookie has sent no SYN. */
static const char *check_text(const struct slot *slot, const struct synfin_segment *seg)
{
    uint32_t before = seg->seq - slot->iss - (seg->flags & SYNFIN_SYN ? 0 : 1); /* data that comes first */
    if (seg->length > 0 && slot->iss_known && (uint64_t)before + seg->length > slot->handed)
        return "sent data that nobody handed over";
    if ((seg->flags & SYNFIN_FIN) && !slot->closed)
        return "sent FIN without CLOSE";
    return NULL;
}

static void api_emit(struct synfin_host *h, struct synfin_sender *sender, struct synfin_segment *seg)
{
    struct side *s = side_of(h);
    struct slot *slot = slot_of_sender(s, sender);
    assert(s->depth > 0 && (slot == NULL || !slot->dying || slot->time_wait != NULL || seg->flags & SYNFIN_RST));
    bool listening = slot != NULL && slot == s->listener;
    seg->source = sender->local;
    seg->source_port = sender->local_port;
    seg->destination = listening ? s->trigger->source : sender->remote;
    seg->destination_port = listening ? s->trigger->source_port : sender->remote_port;
    seg->protocol = s->protocol->number;
    seg->connection = sender->connection;
    seg->ordinal = sender->ordinal++;
    if (slot != NULL && (seg->flags & SYNFIN_SYN) && !slot->iss_known) {
        slot->iss = seg->seq;
        slot->iss_known = true;
    }
    if (slot != NULL && !listening && seg->protocol == SYNFIN_TCP && s->pair->wrong == NULL)
        s->pair->wrong = check_text(slot, seg);
    s->sent = fixture_grow(s->sent, s->sends, &s->sends_room, sizeof *s->sent);
    s->sent[s->sends++] =
        (struct sent){h->now, *seg, seg->seq - fixture_own_origin(s, slot), seg->ack - fixture_peer_origin(s)};
    send_on_wire(s, seg);
}

static void api_arm(struct synfin_host *h, struct synfin_endpoint *e, unsigned number, synfin_time deadline,
                    synfin_time duration)
{
    struct side *s = side_of(h);
    struct slot *slot = slot_of(s, e);
    assert(number < SYNFIN_TIMERS && deadline >= h->now && duration >= 0 && !slot->dying);
    slot->timer[number] = (struct slot_timer){true, deadline, h->now, duration, ++s->pair->order};
}

static void api_disarm(struct synfin_host *h, struct synfin_endpoint *e, unsigned number)
{
    assert(number < SYNFIN_TIMERS);
    slot_of(side_of(h), e)->timer[number].on = false;
}

static void api_enter(struct synfin_host *h, struct synfin_endpoint *e, uint8_t state)
{
    struct side *s = side_of(h);
    const struct slot *slot = slot_of(s, e);
    assert((state != 0 || slot == s->listener) && state != s->protocol->time_wait_state && !slot->dying);
    e->sender.state = state;
    note(s, NOTE_STATE, state, 0);
}

static void timers_off(struct slot *slot)
{
    for (unsigned i = 0; i < SYNFIN_TIMERS; i++)
        slot->timer[i].on = false;
}

void fixture_send(struct slot *slot, uint64_t bytes)
{
    slot->handed += slot->closed ? 0 : bytes;
    slot->side->protocol->send(slot->endpoint, bytes, &slot->side->base);
}

void fixture_close(struct slot *slot)
{
    slot->closed = true;
    slot->side->protocol->close(slot->endpoint, &slot->side->base);
}

/* What the application does when it is told. */
static void application_hears(struct side *s, struct slot *slot, enum synfin_news news, uint64_t n)
{
    const struct application *app = &s->application;
    switch (news) {
    case SYNFIN_ESTABLISHED:
        if (app->send_established != 0)
            fixture_send(slot, app->send_established);
        if (app->close_established)
            fixture_close(slot);
        if (app->abort_established)
            s->protocol->abort(slot->endpoint, &s->base);
        break;
    case SYNFIN_DATA:
        slot->received += n;
        if (app->abort_data)
            s->protocol->abort(slot->endpoint, &s->base);
        else if (app->request != 0 && slot->received >= app->request && !slot->answered) {
            slot->answered = true;
            fixture_send(slot, app->response);
        }
        break;
    case SYNFIN_PEER_CLOSED:
        if (app->close_peer_closed)
            fixture_close(slot);
        break;
    default:
        break;
    }
}

static void api_tell(struct synfin_host *h, struct synfin_endpoint *e, enum synfin_news news, uint64_t n)
{
    struct side *s = side_of(h);
    struct slot *slot = slot_of(s, e);
    assert(slot != s->listener && !slot->dying);
    if (news == SYNFIN_ESTABLISHED && slot->established)
        return; /* told early */
    if (news == SYNFIN_EARLY)
        news = SYNFIN_ESTABLISHED;
    assert(news != SYNFIN_DATA || n > 0);
    slot->established = slot->established || news == SYNFIN_ESTABLISHED;
    note(s, NOTE_NEWS, news, n);
    if (news == SYNFIN_CLOSED || news == SYNFIN_FAILED) {
        e->sender.state = 0;
        note(s, NOTE_STATE, 0, 0);
        timers_off(slot);
        slot->dying = true;
        return;
    }
    application_hears(s, slot, news, n);
}

static struct synfin_endpoint *api_spawn(struct synfin_host *h, struct synfin_endpoint *listener,
                                         const struct synfin_segment *seg)
{
    struct side *s = side_of(h);
    assert(slot_of(s, listener) == s->listener);
    if (s->no_memory || fixture_find(s, seg) != NULL)
        return NULL;
    struct slot *slot = fixture_slot(s, seg->destination_port, seg->source, seg->source_port);
    if (slot == NULL)
        return NULL;
    s->current = slot;
    return slot->endpoint;
}

static struct synfin_endpoint *api_listener(struct synfin_host *h, const struct synfin_segment *seg)
{
    struct side *s = side_of(h);
    return s->listener != NULL && seg->destination_port == s->listener->name.local_port ? s->listener->endpoint : NULL;
}

static void *api_extra(struct synfin_host *h, struct synfin_endpoint *e)
{
    struct side *s = side_of(h);
    struct slot *slot = slot_of(s, e);
    if (slot->extra == NULL) {
        if (s->no_memory)
            return NULL;
        slot->extra = fixture_allocate(s->protocol->extra_size);
        e->host_bits |= SYNFIN_EXTRA_TAKEN;
    }
    return slot->extra;
}

/* Full of nonsense, so that a protocol which reads before it writes is found out. */
static void *api_large(struct synfin_host *h, struct synfin_endpoint *e)
{
    struct side *s = side_of(h);
    struct slot *slot = slot_of(s, e);
    if (slot->large == NULL && !s->no_memory) {
        slot->large = fixture_allocate(s->protocol->large_size);
        memset(slot->large, 0xa5, s->protocol->large_size);
    }
    return slot->large;
}

static struct synfin_time_wait *api_time_wait(struct synfin_host *h, struct synfin_endpoint *e, synfin_time duration)
{
    struct side *s = side_of(h);
    struct slot *slot = slot_of(s, e);
    assert(!slot->dying);
    timers_off(slot);
    slot->dying = true;
    if (s->no_memory) {
        e->sender.state = 0;
        note(s, NOTE_STATE, 0, 0);
        return NULL;
    }
    slot->time_wait = fixture_allocate(sizeof *slot->time_wait);
    slot->time_wait->entered = h->now;
    slot->time_wait->expiry = h->now + duration;
    slot->time_wait->sender = e->sender;
    slot->time_wait->sender.state = s->protocol->time_wait_state;
    slot->time_wait_order = ++s->pair->order;
    h->time_waits++;
    e->sender.state = s->protocol->time_wait_state;
    note(s, NOTE_STATE, s->protocol->time_wait_state, 0);
    return slot->time_wait;
}

/* The record moves, so that a protocol which touches it afterwards is found out by AddressSanitizer. */
static void api_time_wait_restart(struct synfin_host *h, struct synfin_time_wait *w, synfin_time duration)
{
    struct side *s = side_of(h);
    struct slot *slot = slot_of_record(s, w);
    slot->time_wait = fixture_allocate(sizeof *slot->time_wait);
    *slot->time_wait = *w;
    free(w);
    slot->time_wait->expiry = h->now + duration;
    slot->time_wait_order = ++s->pair->order;
}

static void api_time_wait_end(struct synfin_host *h, struct synfin_time_wait *w)
{
    struct slot *slot = slot_of_record(side_of(h), w);
    free(w);
    slot->time_wait = NULL;
    h->time_waits--;
    note(side_of(h), NOTE_STATE, 0, 0);
}

static struct synfin_endpoint *api_parent(struct synfin_host *h, struct synfin_endpoint *child)
{
    struct side *s = side_of(h);
    return s->listener != NULL && child->sender.local_port == s->listener->name.local_port ? s->listener->endpoint
                                                                                           : NULL;
}

static uint64_t *api_peer(struct synfin_host *h, uint32_t remote)
{
    (void)remote; /* there is one */
    return &side_of(h)->peer;
}

const struct synfin_host_api fixture_api = {
    .emit = api_emit,
    .arm = api_arm,
    .disarm = api_disarm,
    .enter = api_enter,
    .tell = api_tell,
    .spawn = api_spawn,
    .listener = api_listener,
    .extra = api_extra,
    .large = api_large,
    .time_wait = api_time_wait,
    .time_wait_restart = api_time_wait_restart,
    .time_wait_end = api_time_wait_end,
    .parent = api_parent,
    .peer = api_peer,
};
