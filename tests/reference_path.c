/* SPDX-License-Identifier: BSD-2-Clause */
/* Links of the reference simulator. A direction that keeps an order takes each segment as an event of its own. */
#include <stdlib.h>

#include "reference_engine.h"

bool reference_opens(const struct synfin_segment *seg)
{
    return seg->to == REFERENCE_OPENS;
}

void reference_resolved(struct reference *r, const struct synfin_segment *seg, synfin_time at)
{
    if (!reference_opens(seg))
        return;
    struct reference_connection *c = reference_connection_of(r, seg->connection);
    c->under_way--;
    c->changed = at > c->changed ? at : c->changed;
}

/* A segment on its way. */
struct way {
    struct reference *r;
    struct synfin_segment segment;
    synfin_time emitted, at, delay; /* delay: of the present link, so far */
    size_t hop;
    uint32_t sender; /* host */
};

static const struct scenario_workload *workload_of(const struct way *w)
{
    return &w->r->scenario->workload[w->segment.connection % w->r->scenario->workloads];
}

static unsigned direction_of(const struct synfin_segment *seg)
{
    return seg->bits & SYNFIN_BACKWARD ? 1 : 0;
}

/* The n-th direction on the segment's path; NULL: the path ends before. */
static struct reference_direction *hop_at(const struct reference *r, const struct synfin_segment *seg, size_t n)
{
    const struct scenario_workload *s = &r->scenario->workload[seg->connection % r->scenario->workloads];
    if (n >= s->hops)
        return NULL;
    const struct scenario_hop *hop = &s->hop[direction_of(seg) ? s->hops - 1 - n : n];
    return &r->direction[2 * hop->link + (hop->backward != (direction_of(seg) == 1))];
}

struct reference_direction *reference_last_hop(const struct reference *r, const struct synfin_segment *seg)
{
    size_t hops = r->scenario->workload[seg->connection % r->scenario->workloads].hops;
    return hops ? hop_at(r, seg, hops - 1) : NULL;
}

static struct reference_host *owner(const struct reference *r, uint32_t address)
{
    size_t i = r->scenario->hosts - 1;
    while (address < r->host[i].first_address)
        i--;
    return &r->host[i];
}

/* Marks the ordinal of a RST that a middlebox made: that of the segment which drew it. Such middleboxes let it pass. */
#define INJECTED UINT32_C(0xc0000000)

static void go_on(struct way *w);
static void cross(struct way *w, struct reference_direction *d);
static void wait_before(const struct way *w, const struct reference_direction *d, const struct reference_direction *last);
static void take_stages(struct way *w, struct reference_direction *d, size_t first);

static void *memory_of(struct reference_stage *s, uint32_t connection)
{
    struct reference_memory *m = s->connections;
    if (!m)
        return NULL;
    for (size_t i = 0; i < m->connections; i++) {
        if (m->of[i].connection == connection)
            return m->of[i].state;
    }
    m->of = realloc(m->of, (m->connections + 1) * sizeof *m->of);
    if (!m->of)
        abort();
    m->of[m->connections].connection = connection;
    return m->of[m->connections++].state = reference_take(s->scenario->model->connection_state_size);
}

static int64_t act(const struct way *w, struct reference_stage *s)
{
    const struct scenario_model *m = s->scenario;
    const struct synfin_scenario *scenario = w->r->scenario;
    struct random_key key =
        random_key(scenario->seed, w->r->replication, m->component, s->memory ? "" : workload_of(w)->name);
    struct synfin_crossing x = {.segment = &w->segment,
                                .now = w->at,
                                .count = s->count,
                                .size = synfin_segment_size(&w->segment),
                                .state = s->state,
                                .connection_state = memory_of(s, w->segment.connection),
                                .tools = &random_tools};
    if (s->memory)
        random_at_count(&x, key, s->count, NULL);
    else
        random_at(&x, key, w->segment.connection / (uint32_t)scenario->workloads, w->segment.ordinal,
                  w->segment.bits >> 5, NULL);
    s->count++;
    return m->model->act(m->config, &x);
}

static void note_fate(const struct way *w, enum synfin_event_kind kind, const struct reference_direction *d,
                      const struct reference_stage *s)
{
    uint32_t workloads = (uint32_t)w->r->scenario->workloads;
    reference_note(owner(w->r, w->segment.source), kind,
                   (struct synfin_event){.time = w->at,
                                         .workload = w->segment.connection % workloads,
                                         .connection = w->segment.connection / workloads,
                                         .client = !direction_of(&w->segment),
                                         .segment = &w->segment,
                                         .link = d->link,
                                         .link_backward = d->number % 2,
                                         .model = s->scenario->model->name,
                                         .since = w->emitted});
}

/* Copies go first, each with a number of its own for its draws. */
static void copy(const struct way *w, struct reference_direction *d, size_t next, int64_t copies)
{
    unsigned old = w->segment.bits >> 5;
    for (int64_t k = 1; k <= copies; k++) {
        struct way other = *w;
        unsigned number = old + (unsigned)k + (w->hop < 2 ? (unsigned)w->hop : 2) + (old != 0);
        other.segment.bits = (uint8_t)((other.segment.bits & 0x1f) | (number < 7 ? number : 7) << 5);
        if (reference_opens(&other.segment))
            reference_connection_of(w->r, other.segment.connection)->under_way++;
        take_stages(&other, d, next);
    }
}

/* A middlebox has taken the segment out and sends a RST in its place (to its receiver) or back, as a host without such
   a connection would (RFC 9293 3.10.7.1). */
static void reset(const struct way *w, struct reference_direction *d, size_t stage, bool back)
{
    const struct synfin_segment *seg = &w->segment;
    bool ack = (seg->flags & SYNFIN_ACK) != 0;
    struct way other = *w;
    struct synfin_segment *rst = &other.segment;
    *rst = (struct synfin_segment){.source = back ? seg->destination : seg->source,
                                   .destination = back ? seg->source : seg->destination,
                                   .source_port = back ? seg->destination_port : seg->source_port,
                                   .destination_port = back ? seg->source_port : seg->destination_port,
                                   .seq = !back ? seg->seq : ack ? seg->ack : 0,
                                   .flags = SYNFIN_RST,
                                   .window_scale = SYNFIN_NO_SCALE,
                                   .protocol = SYNFIN_TCP,
                                   .connection = seg->connection,
                                   .ordinal = seg->ordinal | INJECTED,
                                   .from = SYNFIN_NONE,
                                   .to = SYNFIN_NONE};
    rst->bits = (uint8_t)((seg->bits & 0xe0) | (direction_of(seg) != (back ? 1u : 0u) ? SYNFIN_BACKWARD : 0));
    if (back != ack) {
        rst->flags |= SYNFIN_ACK;
        rst->ack = back ? seg->seq + seg->length + (seg->flags & SYNFIN_SYN ? 1u : 0u) +
                              (seg->flags & SYNFIN_FIN ? 1u : 0u)
                        : seg->ack;
    }
    note_fate(&other, SYNFIN_EVENT_INJECTED, d, &d->stage[stage]);
    if (!back) {
        take_stages(&other, d, stage + 1);
        return;
    }
    other.hop = workload_of(w)->hops - 1 - w->hop;
    struct reference_direction *opposite = hop_at(w->r, rst, other.hop);
    if (opposite->ordered)
        wait_before(&other, opposite, d);
    else
        cross(&other, opposite);
}

static void take_stages(struct way *w, struct reference_direction *d, size_t first)
{
    struct synfin_link_counts *link = &w->r->results->link[d->number / 2][d->number % 2];
    struct synfin_segment_counts *counts =
        &w->r->results->segments[w->segment.connection % w->r->scenario->workloads][direction_of(&w->segment)];
    for (size_t i = first; i < d->stages; i++) {
        struct reference_stage *s = &d->stage[i];
        if (!(s->scenario->only & 1u << synfin_segment_kind(&w->segment)))
            continue;
        if (s->scenario->model->resets && (w->segment.ordinal & INJECTED) == INJECTED)
            continue;
        int64_t result = act(w, s);
        switch (s->scenario->model->stage) {
        case SYNFIN_QUEUE:
            if (result == SYNFIN_NEVER) {
                link->dropped++;
                counts->dropped++;
                note_fate(w, SYNFIN_EVENT_DROPPED, d, s);
                reference_resolved(w->r, &w->segment, w->at);
                return;
            }
            w->at += result;
            break;
        case SYNFIN_LOSS:
            if (result) {
                link->lost++;
                counts->lost++;
                note_fate(w, SYNFIN_EVENT_LOST, d, s);
                reference_resolved(w->r, &w->segment, w->at);
                bool tcp = w->segment.protocol == SYNFIN_TCP;
                if (tcp && (result & SYNFIN_RESET_RECEIVER) && synfin_segment_kind(&w->segment) != SYNFIN_KIND_SYN)
                    reset(w, d, i, false);
                if (tcp && (result & SYNFIN_RESET_SENDER))
                    reset(w, d, i, true);
                return;
            }
            break;
        case SYNFIN_DUPLICATE:
            if (result) {
                link->duplicated += (uint64_t)result;
                counts->duplicated += (uint64_t)result;
                note_fate(w, SYNFIN_EVENT_DUPLICATED, d, s);
                copy(w, d, i + 1, result);
            }
            break;
        case SYNFIN_CORRUPT:
            if (result && !(w->segment.bits & SYNFIN_CORRUPTED)) {
                link->corrupted++;
                counts->corrupted++;
                note_fate(w, SYNFIN_EVENT_CORRUPTED, d, s);
                w->segment.bits |= SYNFIN_CORRUPTED;
            }
            break;
        case SYNFIN_DELAY:
            w->delay += result > 0 ? result : 0;
            break;
        case SYNFIN_REORDER:
            w->delay = result ? 0 : w->delay;
            break;
        default:
            abort();
        }
    }
    w->at += w->delay;
    w->hop++;
    go_on(w);
}

static void cross(struct way *w, struct reference_direction *d)
{
    struct synfin_link_counts *link = &w->r->results->link[d->number / 2][d->number % 2];
    link->sent++;
    link->bytes += synfin_segment_size(&w->segment);
    w->delay = 0;
    take_stages(w, d, 0);
}

/* To where segments are taken in order, a direction or (NULL) the host, with the key by which its events are ordered:
   sources are link directions (0: straight from a host), and what a direction without order brings is ordered by who
   sent it. `last`: the direction it comes from. */
static void wait_before(const struct way *w, const struct reference_direction *d, const struct reference_direction *last)
{
    struct reference_event e = {.time = w->at, .cause = w->emitted, .segment = w->segment, .hop = w->hop};
    e.kind = d ? REFERENCE_PASSAGE : REFERENCE_ARRIVAL;
    e.place = d ? (uint32_t)w->r->scenario->hosts + d->place : owner(w->r, w->segment.destination)->number;
    e.source = SOURCE_LINKS + (last ? last->number + 1 : 0);
    e.sender = last && last->ordered ? 0 : w->sender;
    reference_schedule(w->r, e);
}

static void go_on(struct way *w)
{
    struct reference_direction *next = hop_at(w->r, &w->segment, w->hop);
    if (next && !next->ordered)
        cross(w, next);
    else
        wait_before(w, next, w->hop ? hop_at(w->r, &w->segment, w->hop - 1) : NULL);
}

void reference_pass(struct reference *r, const struct reference_event *e)
{
    struct way w = {.r = r, .segment = e->segment, .emitted = e->cause, .at = e->time, .hop = e->hop};
    w.sender = owner(r, e->segment.source)->number;
    cross(&w, hop_at(r, &e->segment, e->hop));
}

void reference_send(struct reference_host *h, const struct synfin_segment *seg)
{
    struct way w = {.r = h->sim, .segment = *seg, .emitted = h->base.now, .at = h->base.now, .sender = h->number};
    go_on(&w);
}

/* ---- Building ---------------------------------------------------------------------------------------------------- */

/* Whether segments reach the direction from several hosts, or from other directions. */
static bool is_shared(const struct synfin_scenario *s, uint32_t number)
{
    uint32_t senders = 0;
    for (uint32_t host = 0; host < s->hosts; host++) {
        bool sends = false;
        for (size_t i = 0; i < s->workloads; i++) {
            const struct scenario_workload *w = &s->workload[i];
            bool serves = false;
            for (size_t n = 0; n < w->destinations; n++)
                serves |= w->to[n] == host;
            for (size_t k = 0; k < w->hops; k++) {
                bool on_the_way = 2 * w->hop[k].link + w->hop[k].backward == number;
                bool on_the_way_back = 2 * w->hop[k].link + !w->hop[k].backward == number;
                if ((on_the_way && k > 0) || (on_the_way_back && k < w->hops - 1))
                    return true;
                sends |= (on_the_way && w->from == host) || (on_the_way_back && serves);
            }
        }
        senders += sends;
    }
    return senders > 1;
}

/* The n-th stage with a model whose memory both directions of a link share; NULL: there is none. */
static struct reference_stage *sharing(struct reference_direction *d, const struct synfin_model *m, size_t n)
{
    for (size_t i = 0; i < d->stages; i++) {
        if (d->stage[i].scenario->model == m && n-- == 0)
            return &d->stage[i];
    }
    return NULL;
}

static void build_stage(struct reference_direction *d, const struct scenario_model *scenario,
                        struct reference_direction *opposite)
{
    const struct synfin_model *m = scenario->model;
    size_t before = 0;
    while (sharing(d, m, before))
        before++;
    d->stage = realloc(d->stage, (d->stages + 1) * sizeof *d->stage);
    if (!d->stage)
        abort();
    struct reference_stage *s = &d->stage[d->stages++];
    *s = (struct reference_stage){.scenario = scenario};
    s->memory = m->state_size > 0 && (!m->has_memory || m->has_memory(scenario->config));
    s->state = reference_take(m->state_size);
    const struct reference_stage *other = opposite && m->both_ways ? sharing(opposite, m, before) : NULL;
    s->borrows = other != NULL;
    if (m->connection_state_size)
        s->connections = other ? other->connections : reference_take(sizeof *s->connections);
}

static void build_direction(struct reference *r, uint32_t number, struct reference_direction *opposite)
{
    const struct scenario_link *l = &r->scenario->link[number / 2];
    struct reference_direction *d = &r->direction[number];
    *d = (struct reference_direction){.link = l->name, .number = number, .place = number};
    for (unsigned i = 0; i < SYNFIN_LINK_STAGES; i++) {
        const struct scenario_stage *stage = &l->stage[number % 2][i];
        for (size_t k = 0; k < stage->models; k++)
            build_stage(d, &stage->model[k], opposite);
    }
}

static bool remembers(const struct reference_direction *d)
{
    bool any = false;
    for (size_t i = 0; i < d->stages; i++)
        any |= d->stage[i].memory || d->stage[i].connections;
    return any;
}

static bool resets(const struct reference_direction *d)
{
    bool any = false;
    for (size_t i = 0; i < d->stages; i++)
        any |= d->stage[i].scenario->model->resets;
    return any;
}

/* Both directions keep one order where they share memory, or where RSTs that one sends into the other meet memory. */
void reference_build_link(struct reference *r, uint32_t link)
{
    struct reference_direction *a = &r->direction[2 * link], *b = a + 1;
    build_direction(r, a->number = 2 * link, NULL);
    build_direction(r, b->number = 2 * link + 1, a);
    a->ordered = remembers(a) && is_shared(r->scenario, a->number);
    b->ordered = remembers(b) && is_shared(r->scenario, b->number);
    bool meet = (resets(a) && remembers(b)) || (resets(b) && remembers(a)) ||
                ((resets(a) || resets(b)) && (a->ordered || b->ordered));
    for (size_t i = 0; i < b->stages; i++)
        meet |= b->stage[i].borrows;
    if (meet) {
        a->ordered = b->ordered = true;
        b->place = a->place;
    }
}

static void free_memory(struct reference_memory *m)
{
    for (size_t i = 0; m && i < m->connections; i++)
        free(m->of[i].state);
    if (m)
        free(m->of);
    free(m);
}

void reference_free_direction(struct reference_direction *d)
{
    for (size_t i = 0; i < d->stages; i++) {
        if (d->stage[i].scenario->model->finish)
            d->stage[i].scenario->model->finish(d->stage[i].state);
        free(d->stage[i].state);
        if (!d->stage[i].borrows)
            free_memory(d->stage[i].connections);
    }
    free(d->stage);
}
