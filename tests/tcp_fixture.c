/* SPDX-License-Identifier: BSD-2-Clause */
/* Configurations, wires, calls of the user, and the order of events. */
#include "tcp_fixture_host.h"

#include "setting.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_A = 0x0a000001, ADDRESS_B = 0x0a000002, PORT_A = 40000, PORT_B = 80 };

/* ---- Configurations ---------------------------------------------------------------------------------------------- */

static void set(struct side *s, const char *name, const char *value)
{
    char error[256];
    int row = setting_row(s->protocol->params, name);
    if (row < 0 || setting_fill(s->config, &s->protocol->params[row], value, NULL, error, sizeof error) != 0) {
        fprintf(stderr, "%s=%s: %s\n", name, value, row < 0 ? "no such setting" : error);
        abort();
    }
}

static void set_profile(struct side *s, const char *name)
{
    const struct synfin_profile *profile = s->protocol->profiles;
    while (profile->name != NULL && strcmp(profile->name, name) != 0)
        profile++;
    for (unsigned i = 0; profile->name != NULL && profile->presets[i].param != NULL; i++)
        set(s, profile->presets[i].param, profile->presets[i].value);
}

static void configure(struct side *s, const char *text)
{
    char copy[400], error[256], *next = copy;
    for (const struct synfin_param *row = s->protocol->params; row != NULL && row->name != NULL; row++) {
        if (row->fallback != NULL && setting_fill_default(s->config, row, row->fallback, error, sizeof error) != 0)
            abort();
    }
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, " ", &next); word != NULL; word = strtok_r(NULL, " ", &next)) {
        char *value = strchr(word, '=');
        assert(value != NULL);
        *value++ = '\0';
        if (strcmp(word, "profile") == 0)
            set_profile(s, value);
        else
            set(s, word, value);
    }
    struct synfin_complaint complaint = {0};
    if (s->protocol->prepare != NULL && s->protocol->prepare(s->config, &complaint) != 0) {
        fprintf(stderr, "%s: %s\n", text, complaint.text);
        abort();
    }
}

static void side_build(struct pair *p, struct side *s, const struct synfin_protocol *protocol, const char *settings)
{
    s->base.api = &fixture_api;
    s->base.watched = true;
    s->base.settings = s->settings;
    s->pair = p;
    s->out = s == &p->a ? FORWARD : BACKWARD;
    s->address = s == &p->a ? ADDRESS_A : ADDRESS_B;
    s->base.secret[0] = UINT64_C(0x0123456789abcdef) * (s->out + 1);
    s->base.secret[1] = UINT64_C(0xfedcba9876543210) ^ s->address;
    s->protocol = protocol;
    s->config = fixture_allocate(protocol->config_size);
    s->settings[0] = s->config;
    configure(s, settings);
}

struct pair *pair_of(const struct synfin_protocol *protocol, const char *a, const char *b)
{
    struct pair *p = fixture_allocate(sizeof *p);
    side_build(p, &p->a, protocol, a);
    side_build(p, &p->b, protocol, b);
    pair_delay(p, 10 * SYNFIN_MS);
    return p;
}

struct pair *pair_new(const char *a, const char *b)
{
    return pair_of(&tcp_protocol, a, b);
}

struct pair *single_new(const char *settings)
{
    struct pair *p = pair_new(settings, settings);
    p->single = true;
    p->peer_iss = UINT32_MAX - 2; /* so that the first data wraps around */
    return p;
}

/* Those in TIME-WAIT are counted, and of those in FIN-WAIT-2 some (Linux's orphans); nobody else. */
static void check_time_waits(const struct side *s)
{
    uint64_t records = 0, waiting = 0;
    for (unsigned i = 0; i < SLOTS; i++) {
        const struct slot *slot = &s->slot[i];
        records += slot->time_wait != NULL;
        waiting += s->protocol == &tcp_protocol && slot->endpoint != NULL && slot != s->listener &&
                   slot->endpoint->sender.state == TCP_FIN_WAIT_2;
    }
    CU_ASSERT(s->base.time_waits >= records && s->base.time_waits <= records + waiting);
}

static void side_free(struct side *s)
{
    check_time_waits(s);
    for (unsigned i = 0; i < SLOTS; i++) {
        free(s->slot[i].endpoint);
        free(s->slot[i].extra);
        free(s->slot[i].large);
        free(s->slot[i].time_wait);
    }
    setting_release(s->config, s->protocol->params);
    free(s->config);
    free(s->sent);
    free(s->note);
}

void pair_free(struct pair *p)
{
    side_free(&p->a);
    side_free(&p->b);
    free(p->flying);
    free(p);
}

/* ---- Wires ------------------------------------------------------------------------------------------------------- */

void pair_delay(struct pair *p, synfin_time one_way)
{
    p->wire[FORWARD].delay = p->wire[BACKWARD].delay = one_way;
}

void drop(struct pair *p, enum direction d, unsigned number)
{
    assert(number >= 1 && number <= 64);
    p->wire[d].drop |= UINT64_C(1) << (number - 1);
}

void twice(struct pair *p, enum direction d, unsigned number)
{
    assert(number >= 1 && number <= 64);
    p->wire[d].twice |= UINT64_C(1) << (number - 1);
}

void hold(struct pair *p, enum direction d, unsigned number, synfin_time extra)
{
    struct wire *w = &p->wire[d];
    assert(w->holds < sizeof w->hold / sizeof w->hold[0]);
    w->hold[w->holds].number = number;
    w->hold[w->holds++].extra = extra;
}

/* ---- Calls into the protocol ------------------------------------------------------------------------------------- */

void open_listener(struct side *s, uint64_t backlog)
{
    assert(s->listener == NULL);
    s->listener = fixture_slot(s, PORT_B, 0, 0);
    fixture_enter(s);
    s->protocol->listen(s->listener->endpoint, &s->base, backlog);
    fixture_leave(s);
}

static void new_connection(struct side *s, uint16_t port)
{
    bool at_a = s == &s->pair->a;
    s->current = fixture_slot(s, port, at_a ? ADDRESS_B : ADDRESS_A, at_a ? PORT_B : PORT_A);
}

void open_active_at(struct side *s, uint16_t port)
{
    new_connection(s, port);
    fixture_enter(s);
    s->protocol->open(s->current->endpoint, &s->base);
    fixture_leave(s);
}

void open_fast(struct side *s, uint16_t port, uint64_t bytes)
{
    new_connection(s, port);
    fixture_enter(s);
    s->current->handed = bytes;
    if (!s->protocol->open_with(s->current->endpoint, bytes, &s->base))
        s->protocol->send(s->current->endpoint, bytes, &s->base);
    fixture_leave(s);
}

void open_active(struct side *s)
{
    open_active_at(s, s == &s->pair->a ? PORT_A : PORT_B);
}

/* The connection opened last, or the listener. */
static struct slot *slot_of_user(struct side *s)
{
    return s->current != NULL ? s->current : s->listener;
}

void user_send(struct side *s, uint64_t bytes)
{
    fixture_enter(s);
    fixture_send(slot_of_user(s), bytes);
    fixture_leave(s);
}

void user_close(struct side *s)
{
    fixture_enter(s);
    fixture_close(slot_of_user(s));
    fixture_leave(s);
}

void user_shutdown(struct side *s)
{
    struct slot *slot = slot_of_user(s);
    fixture_enter(s);
    slot->closed = true;
    s->protocol->shutdown(slot->endpoint, &s->base);
    fixture_leave(s);
}

void user_leave(struct side *s)
{
    struct slot *slot = slot_of_user(s);
    fixture_enter(s);
    slot->closed = true;
    s->protocol->leave(slot->endpoint, &s->base);
    fixture_leave(s);
}

void user_accept(struct side *s)
{
    fixture_enter(s);
    s->protocol->accept(slot_of_user(s)->endpoint, &s->base);
    fixture_leave(s);
}

void user_abort(struct side *s)
{
    fixture_enter(s);
    s->protocol->abort(slot_of_user(s)->endpoint, &s->base);
    fixture_leave(s);
}

void receive(struct side *s, const struct synfin_segment *seg)
{
    struct slot *slot = fixture_find(s, seg);
    struct synfin_endpoint *listener = fixture_api.listener(&s->base, seg);
    struct synfin_sender stray = {
        .local = seg->destination,
        .remote = seg->source,
        .local_port = seg->destination_port,
        .remote_port = seg->source_port,
    };
    fixture_enter(s);
    s->trigger = seg;
    if (slot != NULL && slot->time_wait != NULL && s->protocol->time_wait != NULL)
        s->protocol->time_wait(slot->time_wait, seg, &s->base);
    else if (slot != NULL)
        s->protocol->segment(slot->endpoint, seg, &s->base);
    else if (listener != NULL)
        s->protocol->segment(listener, seg, &s->base);
    else
        s->protocol->stray(&stray, seg, &s->base);
    s->trigger = NULL;
    fixture_leave(s);
}

void arrive_from(struct side *s, uint16_t port, const char *text)
{
    struct notation n = segment_read(text);
    struct synfin_segment seg = n.segment;
    const struct slot *slot = s->current;
    bool at_a = s == &s->pair->a;
    seg.source = at_a ? ADDRESS_B : ADDRESS_A;
    seg.source_port = port;
    seg.destination = s->address;
    seg.destination_port = slot != NULL ? slot->name.local_port : s->listener != NULL ? PORT_B : PORT_A;
    seg.protocol = s->protocol->number;
    if (!n.absolute) {
        seg.seq += fixture_peer_origin(s);
        seg.ack += seg.flags & SYNFIN_ACK ? fixture_own_origin(s, slot) : 0;
        for (uint32_t i = 0, edges = 2 * synfin_sack_blocks(&seg); i < edges; i++)
            seg.option[i] += fixture_own_origin(s, slot);
    }
    receive(s, &seg);
}

void arrive(struct side *s, const char *text)
{
    arrive_from(s, s->current != NULL ? s->current->name.remote_port : PORT_A, text);
}

/* ---- Time -------------------------------------------------------------------------------------------------------- */

/* The next event: what is least by (time, cause, source, order). */
struct event {
    synfin_time time, cause;
    unsigned source; /* 0: timers, 1: segments */
    uint64_t order;
    struct side *side;
    struct slot *slot;
    unsigned timer; /* SYNFIN_TIMERS: TIME-WAIT's */
    size_t flight;
};

static bool before(const struct event *x, const struct event *y)
{
    if (x->time != y->time)
        return x->time < y->time;
    if (x->cause != y->cause)
        return x->cause < y->cause;
    if (x->source != y->source)
        return x->source < y->source;
    return x->order < y->order;
}

static void consider(struct event *best, struct event candidate)
{
    if (best->side == NULL || before(&candidate, best))
        *best = candidate;
}

static void consider_timers(struct event *best, struct side *s)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *slot = &s->slot[i];
        for (unsigned t = 0; t < SYNFIN_TIMERS; t++) {
            const struct slot_timer *timer = &slot->timer[t];
            if (timer->on)
                consider(best, (struct event){timer->deadline, timer->armed, 0, timer->order, s, slot, t, 0});
        }
        const struct synfin_time_wait *w = slot->time_wait;
        if (w != NULL)
            consider(best, (struct event){w->expiry, w->entered, 0, slot->time_wait_order, s, slot, SYNFIN_TIMERS, 0});
    }
}

static struct event next_event(struct pair *p)
{
    struct event best = {.time = SYNFIN_NEVER};
    consider_timers(&best, &p->a);
    consider_timers(&best, &p->b);
    for (size_t i = 0; i < p->flights; i++) {
        const struct flying *f = &p->flying[i];
        consider(&best, (struct event){f->arrival, f->emitted, 1, f->order, f->to, NULL, 0, i});
    }
    return best;
}

static void set_now(struct pair *p, synfin_time now)
{
    assert(now >= p->a.base.now);
    p->a.base.now = p->b.base.now = now;
}

static void happen(struct pair *p, const struct event *e)
{
    set_now(p, e->time);
    if (e->source == 1) {
        struct synfin_segment seg = p->flying[e->flight].segment;
        p->flying[e->flight] = p->flying[--p->flights];
        receive(e->side, &seg);
    } else if (e->timer == SYNFIN_TIMERS) {
        fixture_api.time_wait_end(&e->side->base, e->slot->time_wait);
    } else {
        e->slot->timer[e->timer].on = false;
        fixture_enter(e->side);
        e->side->protocol->timer(e->slot->endpoint, e->timer, &e->side->base);
        fixture_leave(e->side);
    }
}

void run_to(struct pair *p, synfin_time until)
{
    for (;;) {
        struct event e = next_event(p);
        if (e.side == NULL || e.time > until)
            break;
        happen(p, &e);
    }
    if (until != SYNFIN_NEVER)
        set_now(p, until);
}

void run_until(struct pair *p, const char *when)
{
    char error[128];
    synfin_time until = 0;
    if (setting_duration(when, &until, error, sizeof error) != 0)
        abort();
    run_to(p, until);
}

void run_to_end(struct pair *p)
{
    run_to(p, SYNFIN_NEVER);
}
