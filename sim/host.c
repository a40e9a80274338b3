/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hot path of a run. host_run() takes the events of one host in the order of its schedule, a lane's in one loop as
 * long as no other's is next: a segment arrives, a timer expires, a connection is due, a TIME-WAIT ends. For a segment
 * it finds the endpoint, first by the hint that the segment carries (the index its sender knew), checked against the
 * four-tuple, else in the port map, and calls the protocol. What the protocol emits host_emit() writes once, in its
 * place in the receiving host's schedule, where all that can happen on the path is that chance takes it out or that it
 * is delayed: at the end of this sender's lane there, or, where delays are drawn, in the far queue. Draws tell of the
 * first four segments of sixteen connections at a time, and later of four of one. All others, and those that chance
 * takes out, go through link_send(), which asks the models one by one. Within the least delay between hosts nothing
 * that one host does can reach another, so simulation.c lets each run that far on its own; a host's working set then
 * stays in the cache, and as lanes and far queue show what comes next, endpoints, records and port map are fetched
 * before they are needed. Timers are in host_timer.c, the ends of endpoints in endpoint.c and time_wait.c.
 */
#include <string.h>

#include "host_part.h"

/* ---- What protocols may ask for (struct synfin_host_api) --------------------------------------------------------- */

/* Where an answer to a segment for no endpoint goes out. Its ordinal is its own: it follows from the segment's. */
static struct synfin_sender stray_sender(const struct host *h, const struct synfin_segment *seg, uint8_t protocol)
{
    return (struct synfin_sender){.local = seg->destination,
                                  .remote = seg->source,
                                  .local_port = seg->destination_port,
                                  .remote_port = seg->source_port,
                                  .connection = seg->connection,
                                  .ordinal = seg->ordinal | STRAY_ORDINAL,
                                  .self = SYNFIN_NONE,
                                  .peer = seg->from,
                                  .protocol = protocol,
                                  .number = h->sim->protocol[protocol]->number,
                                  .sides = SIDE_STRAY | (~seg->bits & SYNFIN_BACKWARD)};
}

/* The number of the server's next segment, where several endpoints of the connection have sent some. */
static uint32_t shared_ordinal(struct host *h, const struct synfin_sender *s)
{
    const struct synfin_endpoint *e = (const struct synfin_endpoint *)(const void *)s;
    return record_at(h->sim, e->record)->server++;
}

/* LISTEN answers whom it was asked by; of several endpoints of a connection the record counts what they send. */
__attribute__((cold, noinline)) static struct synfin_sender *special_sender(struct host *h, struct synfin_sender *s,
                                                                            struct synfin_sender *stray)
{
    if (s->sides & SIDE_LISTENER) {
        assert(h->trigger);
        *stray = stray_sender(h, &h->trigger->segment, s->protocol);
        return stray;
    }
    s->ordinal = shared_ordinal(h, s);
    s->sides &= (uint8_t)~SIDE_FATE; /* that of the segments after its own last one */
    return s;
}

/* Writes the segment as it goes out, once and in its place: `in` is what the protocol has filled. */
static inline void stamp(struct synfin_segment *seg, struct synfin_sender *s, const struct synfin_segment *in)
{
    static_assert(offsetof(struct synfin_segment, ordinal) == offsetof(struct synfin_sender, ordinal) &&
                      offsetof(struct synfin_segment, connection) == offsetof(struct synfin_sender, connection),
                  "what a segment begins with is what its sender begins with");
    memcpy(seg, s, offsetof(struct synfin_segment, ordinal)); /* what follows is too young to be read as one */
    seg->ordinal = s->ordinal++;
    seg->from = s->self;
    seg->to = s->peer;
    seg->kind_ordinal = 0;
    seg->protocol = s->number;
    seg->bits = (uint8_t)((in->bits & (SYNFIN_HAS_TIMESTAMPS | SYNFIN_SACK_PERMITTED | SYNFIN_HAS_SACK)) |
                          (s->sides & SYNFIN_BACKWARD));
    seg->seq = in->seq;
    seg->ack = in->ack;
    seg->tsval = in->tsval;
    seg->tsecr = in->tsecr;
    seg->window = in->window;
    seg->flags = in->flags;
    seg->window_scale = in->window_scale;
    seg->mss = in->mss;
    seg->length = in->length;
    if (in->bits & SYNFIN_HAS_SACK)
        memcpy(seg->option, in->option, sizeof(seg->option));
}

/* The record of whom a segment comes from; SYNFIN_NONE: there is none. */
static inline uint32_t record_of(const struct synfin_sender *s)
{
    return s->self != SYNFIN_NONE ? ((const struct synfin_endpoint *)(const void *)s)->record : SYNFIN_NONE;
}

/* A segment from the client that may make an endpoint at the server names the connection's record. */
static void names_record(struct host *h, const struct synfin_sender *s, struct synfin_segment *seg,
                         enum synfin_kind kind)
{
    uint32_t record = record_of(s);
    if (record == SYNFIN_NONE || (s->sides & SIDE_SERVER))
        return;
    if (kind == SYNFIN_KIND_SYN || seg->protocol == SYNFIN_UDP)
        seg->to = record_hint(record);
    else if (!record_opens(seg))
        return;
    record_pending(h->sim, record);
}

/* What only some scenarios or users want to know of a segment. */
__attribute__((cold, noinline)) static void watch(struct host *h, const struct synfin_sender *s,
                                                  struct synfin_segment *seg, enum synfin_kind kind)
{
    struct synfin_simulation *sim = h->sim;
    unsigned side = s->sides & SIDE_SERVER ? SERVER : CLIENT;
    h->emitted[side]++;
    if (sim->numbered)
        seg->kind_ordinal = kinds_next(&sim->kinds, seg->connection, side, kind);
    if (sim->observer.connection && s->self != SYNFIN_NONE)
        record_counts(sim, record_of(s), kind);
    else if (sim->observer.connection && kind == SYNFIN_KIND_SYN_ACK && record_opens(&h->trigger->segment))
        record_counts(sim, record_named(&h->trigger->segment), kind); /* with a SYN cookie */
    if (sim->observed)
        trace_segment(h, SYNFIN_EVENT_SENT, seg, s->protocol, s->state, !(s->sides & SIDE_STRAY));
}

/* Only the first counts: when it is sent again nothing is at hand of the record. */
static inline void note_fin(struct host *h, struct synfin_sender *s, uint32_t record)
{
    struct synfin_endpoint *e = (struct synfin_endpoint *)(void *)s;
    if (e->host_bits & ENDPOINT_FIN_NOTED)
        return;
    e->host_bits |= ENDPOINT_FIN_NOTED;
    record_fin(h->sim, record, s->sides & SIDE_SERVER ? SERVER : CLIENT, h->base.now);
}

/* A FIN from a client that knows of no endpoint at the server. */
__attribute__((cold, noinline)) static void note_fin_that_opens(struct host *h, struct synfin_sender *s,
                                                                struct synfin_segment *seg)
{
    note_fin(h, s, record_of(s));
    names_record(h, s, seg, SYNFIN_KIND_FIN);
}

/* What the records have to know of some segments. */
__attribute__((noinline)) static void note(struct host *h, struct synfin_sender *s, struct synfin_segment *seg,
                                           enum synfin_kind kind)
{
    bool may_open = kind == SYNFIN_KIND_SYN || (seg->to & RECORD_HINT) || seg->protocol != SYNFIN_TCP;
    uint32_t record = kind == SYNFIN_KIND_FIN ? record_of(s) : SYNFIN_NONE;
    if (record == SYNFIN_NONE) {
        if (may_open)
            names_record(h, s, seg, kind);
    } else if (may_open) {
        note_fin_that_opens(h, s, seg);
    } else {
        note_fin(h, s, record);
    }
}

/* Whether the path is plain and leads from this host to where its last segment went. */
static inline bool leads_on(const struct host *h, const struct path *p, uint32_t destination)
{
    return p->last.from == h && destination - p->last.first < p->last.addresses;
}

/* Finds where a plain path leads. False: it is not plain, nobody is there, or no memory. */
static bool find_way(struct host *h, struct path *p, uint32_t destination)
{
    struct host *to = p->plain ? simulation_owner(h->sim, destination) : NULL;
    struct lane *l = to ? lane_set_get(&to->from, p->rank | h->number, sizeof(struct flight)) : NULL;
    if (!l)
        return false;
    p->last = (struct path_lane){h, to->first_address, to->scenario->addresses, to, l};
    if (p->delays)
        lane_close(l); /* else a later one of the same key would overtake one that is in the far queue */
    if ((p->open || p->chance) && h->sim->only && !h->base.watched) {
        unsigned side = p == h->sim->only->path[SERVER];
        if (!p->delays)
            h->way[side] = (struct host_way){p->last.first, p->last.addresses, p, l};
        else if (!p->gates)
            h->late[side] = (struct host_late){p->last.first, p->last.addresses, p, to};
    }
    return true;
}

/* A path on which a segment can only be lost or delayed, that of most segments of most scenarios: its place where it
   arrives, in the lane or, where delays are drawn, the far queue. NULL: it has none there. */
static struct flight *plain_place(struct host *h, struct path *p, uint32_t destination)
{
    if (!leads_on(h, p, destination) && !find_way(h, p, destination))
        return NULL;
    struct lane *l = p->last.lane;
    synfin_time now = h->base.now;
    struct flight *f = NULL;
    if (p->delays)
        f = schedule_far_place(&p->last.to->schedule);
    else if (lane_takes(l, now + p->delay, now))
        f = lane_append_entry(l, sizeof(*f));
    if (f)
        f->key = (struct schedule_key){now + p->delay, now};
    return f;
}

/* Into the far queue where it arrives, after delays that are drawn. Whether it is next of all there. */
static inline bool arrives_anywhen(const struct host *h, const struct path *p, struct host *to, struct flight *f)
{
    uint32_t number = simulation_number_of(h->sim, f->segment.connection);
    f->key.time = f->key.cause + link_delay(p, number, f->segment.ordinal);
    return schedule_far_segment(&to->schedule, f, p->rank | h->number);
}

static inline struct path *path_of(const struct host *h, const struct synfin_sender *s)
{
    return simulation_workload(h->sim, s->connection)->path[s->sides & SIDE_SERVER ? SERVER : CLIENT];
}

/* What a sender's SIDE_FATE says of the nth segment of a block: nothing of the first. */
static inline bool fate_known(uint32_t fate, uint32_t nth)
{
    return fate && nth;
}

static inline bool fate_spares(uint32_t fate, uint32_t nth)
{
    return !(2 * (fate - 1) >> nth & 1);
}

/* Whether chance spares a sender's segment at all gates: looked up, or drawn for the rest of its block too. */
static inline bool spares(const struct host *h, const struct path *p, struct synfin_sender *s, uint32_t ordinal)
{
    if (!p->gates)
        return true;
    uint32_t fate = s->sides >> SIDE_FATE_SHIFT, nth = ordinal % 4;
    if (fate_known(fate, nth))
        return fate_spares(fate, nth);
    uint32_t lost = link_losses(p, simulation_number_of(h->sim, s->connection), ordinal / 4);
    s->sides = (uint8_t)((s->sides & ~SIDE_FATE) | (lost / 2 + 1) << SIDE_FATE_SHIFT); /* all lost: not known */
    return !(lost >> nth & 1);
}

/* Whether the sender's next segment is known to arrive `delay` after it is emitted. */
static inline bool is_certain(const struct path *p, const struct synfin_sender *s)
{
    uint32_t fate = s->sides >> SIDE_FATE_SHIFT, nth = s->ordinal % 4;
    return p->open || (fate_known(fate, nth) && fate_spares(fate, nth)); /* no delays are drawn on a way */
}

/* The segment, stamped at `f`, goes out over the path. `placed`: f has its place where it arrives; `lost`: chance is
   known to take it out. */
static void send(struct host *h, struct path *p, struct synfin_sender *s, struct flight *f, bool placed, bool lost)
{
    struct synfin_segment *seg = &f->segment;
    enum synfin_kind kind = synfin_segment_kind(seg);
    p->counts->kind[kind]++;
    note(h, s, seg, kind);
    if (h->base.watched)
        watch(h, s, seg, kind);
    if (p->chance && !lost)
        lost = !spares(h, p, s, seg->ordinal); /* of each segment: the first of a block tells of the others */
    if (placed && !lost && (p->chance || !p->gates || link_asks(h->sim, p, f, kind))) {
        struct host *to = p->last.to;
        p->sent++;
        p->bytes += synfin_segment_size(seg);
        if (p->delays ? arrives_anywhen(h, p, to, f)
                      : schedule_added(&to->schedule, p->last.lane, f->key.time, f->key.cause, 0))
            host_nearer(to);
        return;
    }
    struct flight on_its_way = {{h->base.now, h->base.now}, *seg};
    if (placed && p->delays)
        schedule_far_give(&p->last.to->schedule, far_event_of(f));
    link_send(h, p, &on_its_way, kind, lost);
}

/* All that a segment's kind and size depend on, but for its option block; not 0, as it has a protocol. In an order in
   which no two of them are read as one that were not written as one just before: such a read waits for both writes. */
static inline uint64_t shape_of(const struct synfin_segment *seg)
{
    return (uint64_t)seg->mss | (uint64_t)seg->length << 16 | (uint64_t)seg->flags << 32 |
           (uint64_t)seg->window_scale << 40 | (uint64_t)seg->protocol << 48 | (uint64_t)seg->bits << 56;
}

/* Counts a segment of the path's shape, and notes what there is to. */
static inline void account_shaped(struct host *h, struct path *p, struct synfin_sender *s, struct synfin_segment *seg)
{
    enum synfin_kind kind = p->shape.kind;
    p->shape.segments++;
    if (kind == SYNFIN_KIND_SYN)
        names_record(h, s, seg, kind);
    else if (kind == SYNFIN_KIND_FIN || (seg->to & RECORD_HINT) || seg->protocol != SYNFIN_TCP)
        note(h, s, seg, kind);
}

/* The same of another, whose shape becomes the path's. */
__attribute__((noinline)) static void account_other(struct host *h, struct path *p, struct synfin_sender *s,
                                                    struct synfin_segment *seg)
{
    link_count_shape(p);
    p->shape = (struct path_shape){.is = seg->bits & SYNFIN_HAS_SACK ? 0 : shape_of(seg),
                                   .kind = synfin_segment_kind(seg),
                                   .size = synfin_segment_size(seg)};
    account_shaped(h, p, s, seg);
}

/* The same of one that is not bare: mostly a SYN like the one before. */
__attribute__((noinline)) static void account(struct host *h, struct path *p, struct synfin_sender *s,
                                              struct synfin_segment *seg)
{
    if (shape_of(seg) == p->shape.is)
        account_shaped(h, p, s, seg);
    else
        account_other(h, p, s, seg);
}

/* Writes a segment that is certain to arrive. What most are is counted in one number of their path. */
static inline __attribute__((always_inline)) void write_certain(struct host *h, struct path *p, struct synfin_sender *s,
                                                                struct synfin_segment *seg,
                                                                const struct synfin_segment *in)
{
    stamp(seg, s, in);
    bool bare = !(seg->flags & (SYNFIN_SYN | SYNFIN_RST)) && !(seg->bits & SYNFIN_HAS_SACK);
    if (!bare || (seg->to & RECORD_HINT) || seg->protocol != SYNFIN_TCP) {
        account(h, p, s, seg);
        return;
    }
    bool fin = seg->flags & SYNFIN_FIN;
    p->bare[(fin ? PATH_FIN : 0) | (seg->bits & SYNFIN_HAS_TIMESTAMPS ? PATH_TIMED : 0)]++;
    if (seg->length) {
        p->texts += !fin;
        p->text += seg->length;
    }
    if (fin)
        note(h, s, seg, SYNFIN_KIND_FIN);
}

/* Straight into the lane, whose order it keeps. */
static inline __attribute__((always_inline)) void emit_straight(struct host *h, struct path *p, struct lane *l,
                                                                struct synfin_sender *s,
                                                                const struct synfin_segment *in)
{
    synfin_time now = h->base.now;
    struct flight *f = lane_entry(l, l->tail++, sizeof(*f));
    f->key.time = now + p->delay;
    f->key.cause = now;
    write_certain(h, p, s, &f->segment, in);
}

/* Whatever the segment, the path and the scenario are. `lost`: chance is known to take it out. */
__attribute__((noinline)) static void emit_any(struct host *h, struct path *p, struct synfin_sender *s,
                                               const struct synfin_segment *in, bool lost)
{
    struct flight elsewhere;
    struct flight *f = lost ? NULL : plain_place(h, p, s->remote);
    stamp(f ? &f->segment : &elsewhere.segment, s, in);
    send(h, p, s, f ? f : &elsewhere, f != NULL, lost);
}

__attribute__((noinline)) static void emit_special(struct host *h, struct synfin_sender *s,
                                                   const struct synfin_segment *in)
{
    struct synfin_sender stray;
    s = special_sender(h, s, &stray);
    emit_any(h, path_of(h, s), s, in, false);
}

/* Into the far queue, whose ring does not take it. */
__attribute__((noinline)) static void emit_apart(struct host *h, struct synfin_sender *s,
                                                 const struct synfin_segment *in, struct path *p, struct host *to,
                                                 struct flight *f)
{
    write_certain(h, p, s, &f->segment, in);
    if (schedule_far_segment(&to->schedule, f, p->rank | h->number))
        host_nearer(to);
}

/* Straight into the far queue of the host where it arrives, its delay being known, and then written: it is not looked
   at so soon. */
static inline __attribute__((always_inline)) void emit_late(struct host *h, struct synfin_sender *s,
                                                            const struct synfin_segment *in, struct path *p,
                                                            struct host *to, synfin_time delay)
{
    struct schedule *schedule = &to->schedule;
    struct far_event *e = far_take(&schedule->far);
    if (!e) {
        emit_any(h, p, s, in, false);
        return;
    }
    struct flight *f = far_entry(e);
    f->key.cause = h->base.now;
    f->key.time = h->base.now + delay;
    if (!far_takes(&schedule->far, f->key.time)) {
        emit_apart(h, s, in, p, to, f);
        return;
    }
    e->rank = p->rank | h->number;
    e->order = schedule->order++;
    far_put(&schedule->far, e);
    write_certain(h, p, s, &f->segment, in);
}

/* The same, after its delay has been drawn, and those of others. */
__attribute__((noinline)) static void draw_and_emit(struct host *h, struct synfin_sender *s,
                                                    const struct synfin_segment *in, struct path *p, struct host *to)
{
    emit_late(h, s, in, p, to, link_draw_delay(p, simulation_number_of(h->sim, s->connection), s->ordinal));
}

/* Over a path where delays are drawn and nothing is lost. */
__attribute__((noinline)) static void emit_anywhen(struct host *h, struct synfin_sender *s,
                                                   const struct synfin_segment *in, struct path *p, struct host *to)
{
    const synfin_time *delay = link_known_delay(p, simulation_number_of(h->sim, s->connection), s->ordinal);
    if (delay)
        emit_late(h, s, in, p, to, *delay);
    else
        draw_and_emit(h, s, in, p, to);
}

/* Over a path where only chance takes segments out: those that arrive go straight. */
__attribute__((noinline)) static void emit_by_chance(struct host *h, struct path *p, struct lane *l,
                                                     struct synfin_sender *s, const struct synfin_segment *in)
{
    synfin_time now = h->base.now;
    bool spared = spares(h, p, s, s->ordinal);
    if (spared && p->delays) {
        emit_anywhen(h, s, in, p, p->last.to);
    } else if (spared && lane_takes_next(l, now + p->delay, now)) {
        l->last = (struct schedule_key){now + p->delay, now};
        emit_straight(h, p, l, s, in);
    } else {
        emit_any(h, p, s, in, !spared);
    }
}

/* Where there are several workloads, most go straight too: over the same path as the one before. */
__attribute__((noinline)) static void emit(struct host *h, struct synfin_sender *s, const struct synfin_segment *in)
{
    if (s->sides & (SIDE_LISTENER | SIDE_SHARED)) {
        emit_special(h, s, in);
        return;
    }
    struct path *p = path_of(h, s);
    if (!(p->open || p->chance) || h->base.watched || !leads_on(h, p, s->remote))
        emit_any(h, p, s, in, false);
    else
        emit_by_chance(h, p, p->last.lane, s, in);
}

/* Where there is one workload, and delays are drawn, all go straight. */
static inline void emit_beside(struct host *h, struct synfin_sender *s, const struct synfin_segment *in)
{
    const struct host_late *late = &h->late[s->sides / SIDE_SERVER % 2];
    if (s->remote - late->first < late->addresses && !(s->sides & (SIDE_LISTENER | SIDE_SHARED)))
        emit_anywhen(h, s, in, late->path, late->to);
    else
        emit(h, s, in);
}

/* Most segments: from an endpoint, over a path where they are certain to arrive `delay` later, into a lane that has
   segments and room for one more. */
void host_emit(struct synfin_host *base, struct synfin_sender *s, struct synfin_segment *in)
{
    struct host *h = host_of(base);
    struct host_way *w = &h->way[s->sides / SIDE_SERVER % 2];
    if (s->remote - w->first >= w->addresses || (s->sides & (SIDE_LISTENER | SIDE_SHARED)))
        emit_beside(h, s, in);
    else if (is_certain(w->path, s) && lane_goes_on(w->lane)) /* of no other path */
        emit_straight(h, w->path, w->lane, s, in);
    else
        emit_by_chance(h, w->path, w->lane, s, in);
}

void host_enter(struct synfin_host *base, struct synfin_endpoint *e, uint8_t state)
{
    struct host *h = host_of(base);
    host_count_state(h, &e->sender, -1);
    e->sender.state = state;
    host_count_state(h, &e->sender, 1);
    if (h->sim->observed && !(e->sender.sides & SIDE_LISTENER))
        trace_state(h, &e->sender, state);
}

void host_watch_closed(struct host *h, const struct synfin_sender *s)
{
    host_count_state(h, s, -1);
    if (h->sim->observed)
        trace_state(h, s, 0);
}

/* News that comes less often, or is the last of the endpoint. */
__attribute__((noinline)) static void tell_other(struct host *h, struct synfin_endpoint *e, enum synfin_news news,
                                                 uint64_t n)
{
    if (news == SYNFIN_EARLY) {
        workload_early(h, e);
    } else if (news == SYNFIN_DATA) {
        workload_data(h, e, n);
    } else if (news == SYNFIN_FAILED) {
        endpoint_over(h, e, (enum synfin_failure)n);
    } else { /* closed at once, for want of room in TIME-WAIT */
        workload_overflow(h, e);
        endpoint_over(h, e, SYNFIN_FAILURES);
    }
}

void host_tell(struct synfin_host *base, struct synfin_endpoint *e, enum synfin_news news, uint64_t n)
{
    struct host *h = host_of(base);
    assert(!(e->host_bits & ENDPOINT_DYING) && !(e->sender.sides & SIDE_LISTENER));
    if (news == SYNFIN_ESTABLISHED)
        workload_established(h, e);
    else if (news == SYNFIN_PEER_CLOSED)
        workload_peer_closed(h, e);
    else if (news == SYNFIN_CLOSED && !n)
        endpoint_over(h, e, SYNFIN_FAILURES);
    else
        tell_other(h, e, news, n);
}

/* ---- A segment arrives ------------------------------------------------------------------------------------------- */

/* Addresses and ports lie side by side in both, the other way round: each pair is compared as one number, turned. */
static inline bool tuple_matches(const struct synfin_sender *s, const struct synfin_segment *seg)
{
    static_assert(offsetof(struct synfin_segment, destination) == 4 && offsetof(struct synfin_sender, remote) == 4 &&
                      offsetof(struct synfin_segment, destination_port) == 10 &&
                      offsetof(struct synfin_sender, remote_port) == 10,
                  "pairs");
    uint64_t ours, theirs;
    uint32_t our_ports, their_ports;
    memcpy(&ours, &s->local, sizeof(ours));
    memcpy(&theirs, &seg->source, sizeof(theirs));
    memcpy(&our_ports, &s->local_port, sizeof(our_ports));
    memcpy(&their_ports, &seg->source_port, sizeof(their_ports));
    return ours == (theirs << 32 | theirs >> 32) && our_ports == (their_ports << 16 | their_ports >> 16) &&
           s->number == seg->protocol;
}

__attribute__((noinline)) static void arrives_late(struct host *h, const struct synfin_segment *seg)
{
    struct synfin_simulation *sim = h->sim;
    struct workload *w = simulation_workload(sim, seg->connection);
    unsigned way = seg->bits & SYNFIN_BACKWARD ? 1 : 0;
    w->segments[way].reordered++;
    if (w->path[way]->hops)
        w->path[way]->hop[w->path[way]->hops - 1]->counts.reordered++;
}

/* Counts a segment that arrives after a later one of its connection. */
static inline void hear(struct host *h, struct synfin_sender *s, const struct synfin_segment *seg)
{
    uint32_t next = seg->ordinal + 1;
    if (next >= s->heard && !(next & STRAY_ORDINAL))
        s->heard = next;
    else if (!(seg->ordinal & STRAY_ORDINAL))
        arrives_late(h, seg);
}

static inline void trace_delivered(struct host *h, const struct synfin_segment *seg, const struct synfin_sender *s)
{
    if (h->base.watched && h->sim->observed)
        trace_segment(h, SYNFIN_EVENT_DELIVERED, seg, s->protocol, s->state, true);
}

__attribute__((noinline)) static void deliver_to_nobody(struct host *h, const struct synfin_segment *seg)
{
    struct synfin_endpoint *listener = host_listener(&h->base, seg);
    unsigned protocol = simulation_workload(h->sim, seg->connection)->scenario->protocol;
    if (listener) {
        trace_delivered(h, seg, &listener->sender);
        host_protocol(h, &listener->sender)->segment(listener, seg, &h->base);
        return;
    }
    struct synfin_sender reply = stray_sender(h, seg, (uint8_t)protocol);
    trace_delivered(h, seg, &reply);
    host_protocol(h, &reply)->stray(&reply, seg, &h->base);
}

static inline void deliver_to(struct host *h, struct synfin_endpoint *e, const struct synfin_segment *seg)
{
    trace_delivered(h, seg, &e->sender);
    if (seg->connection == e->sender.connection) {
        hear(h, &e->sender, seg);
        if (seg->from != SYNFIN_NONE)
            e->sender.peer = seg->from;
    }
    host_protocol(h, &e->sender)->segment(e, seg, &h->base);
}

/* A segment that may have opened its record has been handled, or is damaged. */
__attribute__((noinline)) static void handled(struct host *h, const struct synfin_segment *seg)
{
    if (record_opens(seg))
        record_arrived(h->sim, record_named(seg), h->base.now);
}

/* By the four-tuple. */
__attribute__((noinline)) static void deliver_by_tuple(struct host *h, const struct synfin_segment *seg)
{
    struct port_place at = h->ahead_place;
    if (h->ahead != h->trigger || !at.root)
        at = port_map_find(&h->ports, host_tuple_for(seg));
    h->trigger_place = at;
    uint32_t cell = port_map_get(at);
    if (!cell) {
        deliver_to_nobody(h, seg);
    } else if (cell & CELL_TIME_WAIT) {
        struct synfin_time_wait *w = time_wait_at(h, cell);
        trace_delivered(h, seg, &w->sender);
        if (seg->connection == w->sender.connection)
            hear(h, &w->sender, seg);
        host_protocol(h, &w->sender)->time_wait(w, seg, &h->base);
    } else {
        deliver_to(h, pool_at(&h->endpoint, cell - 1), seg);
    }
    handled(h, seg);
}

/* To the endpoint that the hint names, if it is the right one. */
static inline void deliver(struct host *h, const struct synfin_segment *seg)
{
    if (seg->to < h->endpoint.used) {
        struct synfin_endpoint *e = pool_at(&h->endpoint, seg->to);
        if (tuple_matches(&e->sender, seg)) {
            deliver_to(h, e, seg);
            return;
        }
    }
    deliver_by_tuple(h, seg);
}

static inline void segment_arrives(struct host *h, const struct flight *f)
{
    const struct synfin_segment *seg = &f->segment;
    if (seg->bits & SYNFIN_CORRUPTED) {
        handled(h, seg);
        return;
    }
    h->trigger = f;
    h->trigger_place.root = NULL;
    deliver(h, seg);
    h->trigger = NULL;
}

/* ---- Other events ------------------------------------------------------------------------------------------------ */

/* How many events of a lane ahead endpoints are fetched: the next one's, or further where there are more than a cache
   holds; then, from half as far, their records, and what these have of the connections' ends. What is read there may
   be no event any more, or none yet. Always in line: a function that does nothing but prefetch has no effect as far as
   gcc sees, which then leaves out all calls of it. */
#define FETCHES static inline __attribute__((always_inline))
enum { AHEAD = 8, TIMERS_AHEAD = 64, MANY_ENDPOINTS = 8192 };

FETCHES void fetch(const struct host *h, uint32_t endpoint)
{
    if (endpoint >= h->endpoint.used)
        return;
    const char *e = pool_at(&h->endpoint, endpoint);
    __builtin_prefetch(e, 1);
    __builtin_prefetch(e + 64, 1);
}

/* Of one that has been fetched. */
FETCHES const struct record *fetched_record(const struct host *h, uint32_t endpoint)
{
    uint32_t record =
        endpoint < h->endpoint.used ? ((struct synfin_endpoint *)pool_at(&h->endpoint, endpoint))->record : SYNFIN_NONE;
    return record < h->sim->record.used ? record_at(h->sim, record) : NULL;
}

FETCHES void fetch_record(const struct host *h, uint32_t endpoint)
{
    const struct record *r = fetched_record(h, endpoint);
    if (!r)
        return;
    __builtin_prefetch(r, 1);
    __builtin_prefetch(&r->outcome, 1); /* half of them reach into another line */
}

/* Of one whose record has been fetched. */
FETCHES void fetch_end(const struct host *h, uint32_t endpoint)
{
    const struct record *r = fetched_record(h, endpoint);
    if (r && r->end != SYNFIN_NONE)
        __builtin_prefetch(record_end_at(h->sim, r->end), 1);
}

/* `what`: as of struct timer_entry; `cause`: when it was armed. */
static void timer_expires(struct host *h, uint32_t what, synfin_time cause, synfin_time duration)
{
    struct synfin_endpoint *e = pool_at(&h->endpoint, what & (TIMER_ENDPOINTS - 1));
    unsigned slot = what >> TIMER_SLOT_SHIFT;
    timer_over(h, e, slot);
    const struct synfin_protocol *p = host_protocol(h, &e->sender);
    if (slot == TIMER_APPLICATION) {
        workload_timer(h, e);
        return;
    }
    if (h->sim->observed)
        trace_timer(h, &e->sender, p->timer_name ? p->timer_name(e, slot) : "timer", cause, duration);
    p->timer(e, slot, &h->base);
}

static inline uint32_t timer_endpoint(const struct lane *l, uint32_t position)
{
    return ((const struct timer_entry *)lane_at(l, position))->what & (TIMER_ENDPOINTS - 1);
}

/* Of a lane's timers most have been cancelled, or none: those that stand there still may well expire, and their
   endpoints are not at hand any more. */
FETCHES void fetch_timers(const struct host *h, struct lane *l)
{
    uint32_t there = l->tail - l->head, end = l->head + (there < TIMERS_AHEAD ? there : TIMERS_AHEAD);
    uint32_t position = l->fetched - l->head < TIMERS_AHEAD ? l->fetched : l->head;
    for (; (int32_t)(end - position) > 0; position++)
        fetch(h, timer_endpoint(l, position));
    l->fetched = end;
    fetch_record(h, timer_endpoint(l, l->head + AHEAD / 2));
}

static void timer_event(struct host *h, struct lane *l)
{
    const struct timer_entry *at = lane_at(l, l->head);
    uint32_t what = at->what;
    synfin_time cause = l->exact ? at->time - l->duration : at->cause;
    lane_drop(l);
    fetch_timers(h, l);
    timer_expires(h, what, cause, l->duration);
}

/* A timer is taken for a segment: of what is fetched nothing is believed. */
FETCHES void fetch_far(const struct host *h, struct far_event *next)
{
    fetch(h, ((const struct flight *)far_entry(next))->segment.to);
}

static inline void far_event(struct host *h)
{
    struct far_event *e = schedule_far_first(&h->schedule);
    fetch_far(h, schedule_far_drop(&h->schedule));
    if (e->name & FAR_TIMER) {
        const struct far_timer *t = far_entry(e);
        timer_expires(h, t->what, t->key.cause, t->duration);
    } else {
        segment_arrives(h, far_entry(e));
    }
    schedule_far_give(&h->schedule, e);
}

/* ---- In order ---------------------------------------------------------------------------------------------------- */

static inline uint32_t flight_endpoint(const struct lane *l, uint32_t ahead)
{
    return ((const struct flight *)lane_entry(l, l->head + ahead, sizeof(struct flight)))->segment.to;
}

/* `next`: the lane's next flight, or what lies there when there is none: of it nothing is believed. */
FETCHES void fetch_ahead(const struct host *h, const struct lane *l, const struct flight *next)
{
    if (h->endpoint.used < MANY_ENDPOINTS) {
        fetch(h, next->segment.to);
        return;
    }
    fetch(h, flight_endpoint(l, AHEAD));
    fetch_record(h, flight_endpoint(l, AHEAD / 2));
    fetch_end(h, flight_endpoint(l, AHEAD / 4));
}

/* Looks a segment up that will have to be: each step of that is a miss. */
__attribute__((noinline)) static void look_ahead(struct host *h, const struct flight *f)
{
    h->ahead = f;
    h->ahead_place = port_map_find(&h->ports, host_tuple_for(&f->segment));
    if (h->ahead_place.root)
        __builtin_prefetch(port_cell(h->ahead_place), 1);
}

static uint64_t run_segments(struct host *h, struct lane *l, uint64_t most)
{
    uint64_t n = 0;
    const struct flight *f = lane_entry(l, l->head, sizeof(*f)); /* stays there: only other hosts append to the lane */
    do {
        const struct flight *next = lane_entry(l, ++l->head, sizeof(*f));
        h->base.now = f->key.time;
        if (next->segment.to & RECORD_HINT)
            look_ahead(h, next);
        fetch_ahead(h, l, next);
        segment_arrives(h, f);
        if (h->dying != SYNFIN_NONE)
            endpoint_reap(h);
        n++;
        if (lane_empty(l))
            break;
        f = next;
    } while (f->key.time < h->schedule.limit && n < most);
    h->ahead = NULL; /* what comes into its place is another */
    return n;
}

static uint64_t run_others(struct host *h, struct lane *l, void (*event)(struct host *, struct lane *), uint64_t most)
{
    uint64_t n = 0;
    do {
        h->base.now = lane_time(l);
        event(h, l);
        if (h->dying != SYNFIN_NONE)
            endpoint_reap(h);
        n++;
        lane_clean(l);
    } while (!lane_empty(l) && lane_time(l) < h->schedule.limit && n < most);
    return n;
}

/* The far queue's. */
static uint64_t run_far(struct host *h, uint64_t most)
{
    uint64_t n = 0;
    do {
        h->base.now = schedule_far_time(&h->schedule);
        far_event(h);
        if (h->dying != SYNFIN_NONE)
            endpoint_reap(h);
        n++;
    } while (n < most && schedule_far_time(&h->schedule) < h->schedule.limit);
    return n;
}

/* A reset that a middlebox sends back for this host's own segment: more may come while this one is handled, so that the
   lane moves. */
static void own_segment(struct host *h, struct lane *l)
{
    struct flight f = *(const struct flight *)lane_entry(l, l->head, sizeof(f));
    l->head++;
    segment_arrives(h, &f);
}

/* The events of one lane until another lane's is next. */
static uint64_t run_lane(struct host *h, struct lane *l, uint64_t most)
{
    switch (l->kind) {
    case LANE_SEGMENT:
        return link_sender(l->rank) == h->number ? run_others(h, l, own_segment, most) : run_segments(h, l, most);
    case LANE_ARRIVAL:
        return run_others(h, l, workload_arrive, most);
    case LANE_TIME_WAIT:
        return run_others(h, l, time_wait_expires, most);
    case LANE_FAR:
        return run_far(h, most);
    default:
        return run_others(h, l, timer_event, most);
    }
}

/* Hosts run ahead of each other as far as models say that they may. The run ends with this window. */
__attribute__((cold, noinline)) static void host_too_early(struct host *h)
{
    simulation_fail(h->sim, "a segment arrived earlier than a delay model's least_delay allows");
}

uint64_t host_run(struct host *h, synfin_time until, uint64_t most)
{
    uint64_t n = 0;
    const struct lane_head *next;
    while (n < most && (next = schedule_next(&h->schedule)) != NULL && next->key.time < until) {
        if (next->key.time < h->base.now)
            host_too_early(h);
        if (h->next_sample <= next->key.time)
            series_host(h, next->key.time);
        schedule_run(&h->schedule, h->next_sample < until ? h->next_sample : until);
        n += run_lane(h, next->lane, most - n);
    }
    if (n && h->base.now > h->sim->last)
        h->sim->last = h->base.now;
    if (schedule_lost(&h->schedule))
        host_no_memory(h);
    return n;
}

void host_receive(struct host *h, uint64_t rank, const struct flight *f)
{
    if (schedule_segment(&h->schedule, &h->from, rank, f, sizeof(*f)))
        host_nearer(h);
}

void host_nearer(struct host *h)
{
    if (h->schedule.no_memory)
        host_no_memory(h);
    else
        simulation_nearer_host(h->sim, h);
}
