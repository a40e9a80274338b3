/* SPDX-License-Identifier: BSD-2-Clause */
#include "record.h"

#include <stdlib.h>

#include "simulation.h"

static struct synfin_workload_results *results_of(struct synfin_simulation *sim, const struct record *r)
{
    return &sim->workload_results[simulation_workload_of(sim, r->connection)];
}

static void note_instant(struct synfin_simulation *sim, struct instants *list, const struct record *r, synfin_time at)
{
    if (!instants_note(list, at, simulation_workload_of(sim, r->connection)))
        simulation_fail(sim, "out of memory");
}

static struct record_detail *detail_at(struct synfin_simulation *sim, uint32_t index)
{
    return sim->observer.connection ? pool_at(&sim->detail, index) : NULL;
}

/* What is known of a connection's end. */
static const struct record_end nothing = {.fin = {-1, -1}, .done = {-1, -1}};

static const struct record_end *end_of(const struct synfin_simulation *sim, const struct record *r)
{
    return r->end == SYNFIN_NONE ? &nothing : pool_at(&sim->record_end, r->end);
}

/* The same to be changed; NULL: no memory. */
static struct record_end *end_take(struct synfin_simulation *sim, struct record *r)
{
    if (r->end != SYNFIN_NONE)
        return pool_at(&sim->record_end, r->end);
    r->end = pool_take_unset(&sim->record_end);
    if (r->end == SYNFIN_NONE) {
        simulation_fail(sim, "out of memory");
        return NULL;
    }
    struct record_end *end = pool_at(&sim->record_end, r->end);
    *end = nothing;
    return end;
}

uint32_t record_open(struct synfin_simulation *sim, uint32_t connection, synfin_time now)
{
    uint32_t index = pool_take_unset(&sim->record);
    /* Both pools hand out the same indices, since they are used in step. */
    if (index == SYNFIN_NONE || (sim->observer.connection && pool_take_unset(&sim->detail) != index)) {
        simulation_fail(sim, "out of memory");
        return SYNFIN_NONE;
    }
    *record_at(sim, index) =
        (struct record){.opened = now, .connection = connection, .end = SYNFIN_NONE, .flags = RECORD_CLIENT_ALIVE};
    struct record_detail *d = detail_at(sim, index);
    if (d) {
        *d = (struct record_detail){0};
        for (unsigned m = 0; m < SYNFIN_METRICS; m++)
            d->duration[m] = -1;
    }
    results_of(sim, record_at(sim, index))->connections.opened++;
    sim->opened++;
    return index;
}

void record_fin(struct synfin_simulation *sim, uint32_t index, unsigned side, synfin_time now)
{
    if (index == SYNFIN_NONE)
        return;
    struct record_end *end = end_take(sim, record_at(sim, index));
    if (end && end->fin[side] < 0)
        end->fin[side] = now;
}

void record_counts(struct synfin_simulation *sim, uint32_t index, enum synfin_kind kind)
{
    struct record_detail *d = index != SYNFIN_NONE ? detail_at(sim, index) : NULL;
    if (!d)
        return;
    d->syn += kind == SYNFIN_KIND_SYN;
    d->syn_ack += kind == SYNFIN_KIND_SYN_ACK;
    d->fin += kind == SYNFIN_KIND_FIN;
}

void record_metric(struct synfin_simulation *sim, uint32_t index, enum synfin_metric metric, synfin_time since, synfin_time now)
{
    struct record *r = record_at(sim, index);
    synfin_statistic_add(results_of(sim, r)->metric[metric], now - since);
    struct record_detail *d = detail_at(sim, index);
    if (d)
        d->duration[metric] = now - since;
}

static void report(struct synfin_simulation *sim, uint32_t index)
{
    const struct record *r = record_at(sim, index);
    const struct record_detail *d = detail_at(sim, index);
    if (!d)
        return;
    struct synfin_connection c = {.workload = simulation_workload_of(sim, r->connection),
                                  .number = simulation_number_of(sim, r->connection),
                                  .outcome = r->outcome,
                                  .opened = r->opened,
                                  .syn_sent = d->syn,
                                  .syn_ack_sent = d->syn_ack,
                                  .fin_sent = d->fin,
                                  .local = r->local,
                                  .remote = d->remote,
                                  .local_port = r->local_port,
                                  .remote_port = d->remote_port};
    for (unsigned m = 0; m < SYNFIN_METRICS; m++)
        c.duration[m] = d->duration[m];
    sim->observer.connection(sim->observer.user, &c);
}

static synfin_time later(synfin_time a, synfin_time b)
{
    return a > b ? a : b;
}

/* The side that sent the first FIN; the client where both did so in one instant. */
static int first_to_close(const struct record_end *end)
{
    if (end->fin[CLIENT] < 0 && end->fin[SERVER] < 0)
        return -1;
    if (end->fin[SERVER] < 0)
        return CLIENT;
    return end->fin[CLIENT] >= 0 && end->fin[CLIENT] <= end->fin[SERVER] ? CLIENT : SERVER;
}

static void measure_end(struct synfin_simulation *sim, uint32_t index)
{
    const struct record *r = record_at(sim, index);
    const struct record_end *end = end_of(sim, r);
    int side = first_to_close(end);
    if (side < 0)
        return;
    if (r->flags & RECORD_IN_ORDER << side)
        record_metric(sim, index, SYNFIN_TEARDOWN, end->fin[side], end->done[side]);
    if (r->outcome != SYNFIN_OUTCOME_CLOSED)
        return;
    synfin_time over = later(end->done[CLIENT], end->done[SERVER]);
    record_metric(sim, index, SYNFIN_CLOSE, end->fin[side], over);
    record_metric(sim, index, SYNFIN_LIFETIME, r->opened, over);
}

static void count_outcome(struct synfin_connection_counts *c, enum synfin_outcome outcome)
{
    if (outcome == SYNFIN_OUTCOME_CLOSED)
        c->closed++;
    else
        c->failed[outcome - SYNFIN_OUTCOME_TIMEOUT]++;
}

/* The connection is counted once its client is done and nothing of it can change any more; its record is given back
   once no endpoint and no segment names it. */
static void settle(struct synfin_simulation *sim, uint32_t index)
{
    struct record *r = record_at(sim, index);
    if ((r->flags & RECORD_CLIENT_ALIVE) || r->servers)
        return;
    bool in_order = r->outcome == SYNFIN_OUTCOME_OPEN && (r->flags & RECORD_IN_ORDER << SERVER);
    if (!(r->flags & RECORD_FINAL) && (in_order || !r->pending)) {
        if (r->outcome == SYNFIN_OUTCOME_OPEN)
            r->outcome = SYNFIN_OUTCOME_CLOSED;
        r->flags |= RECORD_FINAL;
        measure_end(sim, index);
        count_outcome(&results_of(sim, r)->connections, r->outcome);
        report(sim, index);
        sim->over++;
        if (r->flags & RECORD_STARTED) {
            const struct record_end *end = end_of(sim, r);
            synfin_time over = later(later(end->done[CLIENT], end->done[SERVER]), end->served);
            note_instant(sim, &sim->concurrency.ends, r, in_order ? over : later(over, end->resolved));
        }
    }
    if (!(r->flags & RECORD_FINAL) || r->pending)
        return;
    if (sim->observer.connection)
        pool_give(&sim->detail, index);
    if (r->end != SYNFIN_NONE)
        pool_give(&sim->record_end, r->end);
    pool_give(&sim->record, index);
}

void record_pending(struct synfin_simulation *sim, uint32_t index)
{
    if (index == SYNFIN_NONE)
        return;
    struct record *r = record_at(sim, index);
    r->pending++;
    if (!(r->flags & RECORD_STARTED)) {
        r->flags |= RECORD_STARTED;
        note_instant(sim, &sim->concurrency.starts, r, r->opened);
    }
}

static void resolve(struct synfin_simulation *sim, struct record *r, uint32_t index)
{
    assert(r->pending);
    if (!--r->pending)
        settle(sim, index);
}

void record_lost(struct synfin_simulation *sim, uint32_t index, synfin_time now)
{
    if (index == SYNFIN_NONE)
        return;
    struct record *r = record_at(sim, index);
    struct record_end *end = end_take(sim, r);
    if (end)
        end->resolved = later(end->resolved, now);
    resolve(sim, r, index);
}

void record_arrived(struct synfin_simulation *sim, uint32_t index, synfin_time now)
{
    if (index == SYNFIN_NONE)
        return;
    struct record *r = record_at(sim, index);
    if (r->servers) /* whose end comes later still */
        resolve(sim, r, index);
    else
        record_lost(sim, index, now);
}

uint32_t record_tries(const struct synfin_simulation *sim, uint32_t index)
{
    return end_of(sim, record_at(sim, index))->tries;
}

void record_tries_again(struct synfin_simulation *sim, uint32_t index)
{
    struct record *r = record_at(sim, index);
    struct record_end *end = end_take(sim, r);
    if (!end)
        return;
    end->tries++;
    end->done[CLIENT] = end->done[SERVER] = -1;
    r->outcome = SYNFIN_OUTCOME_OPEN;
    r->flags &= (uint8_t)~(RECORD_IN_ORDER << CLIENT | RECORD_IN_ORDER << SERVER);
}

void record_served(struct synfin_simulation *sim, uint32_t index)
{
    if (index == SYNFIN_NONE)
        return;
    struct record *r = record_at(sim, index);
    r->servers++;
}

/* The first reason on either side counts, in one instant that of the first host; hosts run ahead of each other, so the
   other side's may be the later one. */
static void note_failure(struct record *r, struct record_end *end, unsigned side, enum synfin_failure reason,
                         bool first, synfin_time now)
{
    bool before = end->failed < now || (end->failed == now && (end->failed_side == side || !first));
    if (r->outcome != SYNFIN_OUTCOME_OPEN && before)
        return;
    end->failed = now;
    end->failed_side = (uint8_t)side;
    r->outcome = (uint8_t)(SYNFIN_OUTCOME_TIMEOUT + reason);
}

void record_over(struct synfin_simulation *sim, uint32_t index, unsigned side, enum synfin_failure reason, bool final,
                 bool first, synfin_time now)
{
    if (index == SYNFIN_NONE)
        return;
    struct record *r = record_at(sim, index);
    struct record_end *end = end_take(sim, r);
    if (!end)
        return;
    if (side == SERVER) {
        r->servers--;
        end->served = later(end->served, now);
    } else if (final) {
        r->flags &= (uint8_t)~RECORD_CLIENT_ALIVE;
    }
    if (final && !(r->flags & RECORD_FINAL)) {
        if (reason == SYNFIN_FAILURES)
            r->flags |= (uint8_t)(RECORD_IN_ORDER << side);
        else
            note_failure(r, end, side, reason, first, now);
        end->done[side] = now;
    }
    settle(sim, index);
}

void record_finish(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->record.used; i++) {
        struct record *r = record_at(sim, i);
        if (!(r->flags & RECORD_CLIENT_ALIVE) && !r->servers && !r->pending)
            continue; /* given back: its first bytes link the free ones, the rest is as it was left */
        if (r->flags & RECORD_FINAL)
            continue;
        r->flags |= RECORD_FINAL;
        measure_end(sim, i); /* the side that closed first may be done, though the other waits */
        if (r->outcome != SYNFIN_OUTCOME_OPEN) { /* one side gave up, the other does not know and waits */
            count_outcome(&results_of(sim, r)->connections, r->outcome);
            sim->over++;
        }
        report(sim, i);
    }
}
