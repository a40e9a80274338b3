/* SPDX-License-Identifier: BSD-2-Clause */
/* Links of the reference simulator. A direction that keeps an order takes each segment as an event of its own. */
#include <stdlib.h>

#include "reference_engine.h"

bool reference_opens(const struct synfin_segment *seg)
{
    if (seg->bits & SYNFIN_BACKWARD)
        return false;
    return seg->protocol == SYNFIN_UDP || (seg->flags & (SYNFIN_SYN | SYNFIN_ACK)) == SYNFIN_SYN;
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

static void go_on(struct way *w);
static void take_stages(struct way *w, struct reference_direction *d, size_t first);

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
                                .tools = &random_tools};
    if (s->memory)
        random_at_count(&x, key, s->count);
    else
        random_at(&x, key, w->segment.connection / (uint32_t)scenario->workloads, w->segment.ordinal,
                  w->segment.bits >> 5);
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

static void take_stages(struct way *w, struct reference_direction *d, size_t first)
{
    struct synfin_link_counts *link = &w->r->results->link[d->number / 2][d->number % 2];
    struct synfin_segment_counts *counts =
        &w->r->results->segments[w->segment.connection % w->r->scenario->workloads][direction_of(&w->segment)];
    for (size_t i = first; i < d->stages; i++) {
        struct reference_stage *s = &d->stage[i];
        if (!(s->scenario->only & 1u << synfin_segment_kind(&w->segment)))
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

/* To the next direction or the host, with the key by which its events are ordered: sources are link directions (0:
   straight from a host), and what a direction without order brings is ordered by who sent it. */
static void go_on(struct way *w)
{
    struct reference_direction *next = hop_at(w->r, &w->segment, w->hop);
    struct reference_direction *last = w->hop ? hop_at(w->r, &w->segment, w->hop - 1) : NULL;
    if (next && !next->ordered) {
        cross(w, next);
        return;
    }
    const struct reference_host *from = owner(w->r, w->segment.source), *to = owner(w->r, w->segment.destination);
    struct reference_event e = {.time = w->at, .cause = w->emitted, .segment = w->segment, .hop = w->hop};
    e.kind = next ? REFERENCE_PASSAGE : REFERENCE_ARRIVAL;
    e.place = next ? (uint32_t)w->r->scenario->hosts + next->number : to->number;
    e.source = SOURCE_LINKS + (last ? last->number + 1 : 0);
    e.sender = last && last->ordered ? 0 : from->number;
    reference_schedule(w->r, e);
}

void reference_pass(struct reference *r, const struct reference_event *e)
{
    struct way w = {.r = r, .segment = e->segment, .emitted = e->cause, .at = e->time, .hop = e->hop};
    cross(&w, hop_at(r, &e->segment, e->hop));
}

void reference_send(struct reference_host *h, const struct synfin_segment *seg)
{
    struct way w = {.r = h->sim, .segment = *seg, .emitted = h->base.now, .at = h->base.now};
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

void reference_build_direction(struct reference *r, uint32_t number)
{
    const struct scenario_link *l = &r->scenario->link[number / 2];
    struct reference_direction *d = &r->direction[number];
    *d = (struct reference_direction){.link = l->name, .number = number};
    for (unsigned i = 0; i < SYNFIN_LINK_STAGES; i++) {
        const struct scenario_stage *stage = &l->stage[number % 2][i];
        for (size_t k = 0; k < stage->models; k++) {
            const struct synfin_model *m = stage->model[k].model;
            struct reference_stage *s;
            d->stage = realloc(d->stage, (d->stages + 1) * sizeof *d->stage);
            if (!d->stage)
                abort();
            s = &d->stage[d->stages++];
            *s = (struct reference_stage){.scenario = &stage->model[k]};
            s->memory = m->state_size > 0 && (!m->has_memory || m->has_memory(stage->model[k].config));
            s->state = reference_take(m->state_size);
            d->ordered |= s->memory;
        }
    }
    d->ordered = d->ordered && is_shared(r->scenario, number);
}

void reference_free_direction(struct reference_direction *d)
{
    for (size_t i = 0; i < d->stages; i++) {
        if (d->stage[i].scenario->model->finish)
            d->stage[i].scenario->model->finish(d->stage[i].state);
        free(d->stage[i].state);
    }
    free(d->stage);
}
