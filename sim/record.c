/* SPDX-License-Identifier: BSD-2-Clause */
#include "record.h"

static void no_memory(struct synfin_simulation *sim)
{
    simulation_fail(sim, "out of memory");
}

/* What is known of a connection's end. */
static const struct record_end nothing = {.fin = {-1, -1}, .done = {-1, -1}};

static const struct record_end *end_of(const struct synfin_simulation *sim, const struct record *r)
{
    return r->end == SYNFIN_NONE ? &nothing : record_end_at(sim, r->end);
}

static inline struct record_end *end_begin(struct synfin_simulation *sim, struct record *r)
{
    r->end = pool_take_thing(&sim->record_end, sizeof(struct record_end));
    if (r->end == SYNFIN_NONE) {
        no_memory(sim);
        return NULL;
    }
    struct record_end *end = record_end_at(sim, r->end);
    *end = nothing;
    return end;
}

/* What is known of it, to be changed; NULL: no memory. */
static inline struct record_end *end_known(struct synfin_simulation *sim, struct record *r)
{
    return r->end != SYNFIN_NONE ? record_end_at(sim, r->end) : end_begin(sim, r);
}

/* Both pools hand out the same indices, since they are used in step. */
bool record_open_detail(struct synfin_simulation *sim, uint32_t index)
{
    if (pool_take_unset(&sim->detail) != index)
        return false;
    struct record_detail *d = record_detail_at(sim, index);
    *d = (struct record_detail){0};
    for (unsigned m = 0; m < SYNFIN_METRICS; m++)
        d->duration[m] = -1;
    return true;
}

void record_first_fin(struct synfin_simulation *sim, struct record *r, unsigned side, synfin_time now)
{
    struct record_end *end = end_begin(sim, r);
    if (end)
        end->fin[side] = now;
}

void record_counts(struct synfin_simulation *sim, uint32_t index, enum synfin_kind kind)
{
    if (index == SYNFIN_NONE)
        return;
    struct record_detail *d = record_detail_at(sim, index);
    d->syn += kind == SYNFIN_KIND_SYN;
    d->syn_ack += kind == SYNFIN_KIND_SYN_ACK;
    d->fin += kind == SYNFIN_KIND_FIN;
}

void record_starts(struct synfin_simulation *sim, struct record *r)
{
    r->flags |= RECORD_STARTED;
    concurrency_note(sim, &sim->concurrency, &sim->concurrency.starts, r->opened);
    if (!sim->only) {
        struct workload *w = simulation_workload(sim, r->connection);
        concurrency_note(sim, &w->concurrency, &w->concurrency.starts, r->opened);
    }
}

static inline void ceases(struct synfin_simulation *sim, struct workload *w, synfin_time at)
{
    concurrency_note(sim, &sim->concurrency, &sim->concurrency.ends, at);
    if (!sim->only)
        concurrency_note(sim, &w->concurrency, &w->concurrency.ends, at);
}

void record_metric_watched(struct synfin_simulation *sim, struct workload *w, uint32_t index,
                           enum synfin_metric metric, synfin_time duration)
{
    synfin_statistic_add(w->results->metric[metric], duration);
    record_detail_at(sim, index)->duration[metric] = duration;
}

__attribute__((cold, noinline)) static void report(struct synfin_simulation *sim, uint32_t index,
                                                    enum synfin_outcome outcome)
{
    const struct record *r = record_at(sim, index);
    const struct record_detail *d = record_detail_at(sim, index);
    struct synfin_connection c = {.workload = simulation_workload_of(sim, r->connection),
                                  .number = simulation_number_of(sim, r->connection),
                                  .outcome = outcome,
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

/* The side that sent the first FIN, the client where both did so in one instant; without a FIN its instant is below 0,
   the greatest of numbers without a sign. */
static inline unsigned first_to_close(const struct record_end *end)
{
    return (uint64_t)end->fin[SERVER] < (uint64_t)end->fin[CLIENT] ? SERVER : CLIENT;
}

/* It ends where the side that closed first is done, though the other may wait. */
static inline void measure_teardown(struct synfin_simulation *sim, struct workload *w, uint32_t index,
                                    const struct record *r, const struct record_end *end)
{
    unsigned side = first_to_close(end);
    if (end->fin[side] >= 0 && (r->flags & RECORD_IN_ORDER << side))
        record_metric(sim, w, index, SYNFIN_TEARDOWN, end->done[side] - end->fin[side]);
}

static void count_failed(struct workload *w, const struct record *r)
{
    w->results->connections.failed[r->outcome - SYNFIN_OUTCOME_TIMEOUT]++;
}

static inline void count_closed(struct synfin_simulation *sim, struct workload *w, uint32_t index,
                                const struct record *r, const struct record_end *end, synfin_time over)
{
    synfin_time fin = end->fin[first_to_close(end)];
    w->results->connections.closed++;
    if (fin >= 0) {
        record_metric(sim, w, index, SYNFIN_CLOSE, over - fin);
        record_metric(sim, w, index, SYNFIN_LIFETIME, over - r->opened);
    }
}

/* Nothing of the connection can change any more. */
static inline void count(struct synfin_simulation *sim, struct workload *w, uint32_t index, const struct record *r,
                         bool in_order)
{
    const struct record_end *end = end_of(sim, r);
    synfin_time over = later(end->done[CLIENT], end->done[SERVER]);
    synfin_time last = later(in_order ? over : later(over, end->resolved), end->served);
    if (r->flags & RECORD_STARTED)
        ceases(sim, w, last);
    measure_teardown(sim, w, index, r, end);
    if (r->outcome == SYNFIN_OUTCOME_OPEN)
        count_closed(sim, w, index, r, end, over);
    else
        count_failed(w, r);
    if (sim->observer.connection)
        report(sim, index, r->outcome == SYNFIN_OUTCOME_OPEN ? SYNFIN_OUTCOME_CLOSED : r->outcome);
}

static inline void give_back(struct synfin_simulation *sim, uint32_t index, struct record *r)
{
    if (sim->observer.connection)
        pool_give(&sim->detail, index);
    if (r->end != SYNFIN_NONE)
        pool_give_thing(&sim->record_end, r->end, record_end_at(sim, r->end));
    pool_give_thing(&sim->record, index, r);
}

static inline bool both_done(const struct record *r)
{
    return !(r->flags & RECORD_CLIENT_ALIVE) && !r->servers;
}

__attribute__((noinline)) void record_over_first(struct synfin_simulation *sim, struct workload *w, uint32_t index,
                                                 unsigned how, synfin_time now)
{
    if (end_begin(sim, record_at(sim, index)))
        record_over(sim, w, index, how, now);
}

/* Once client and server are done the connection is counted as soon as nothing of it can change any more; its record is
   given back when no segment names it. */
void record_settle(struct synfin_simulation *sim, struct workload *w, uint32_t index, struct record *r)
{
    bool in_order = r->outcome == SYNFIN_OUTCOME_OPEN && (r->flags & RECORD_IN_ORDER << SERVER);
    if (!(r->flags & RECORD_FINAL)) {
        if (r->pending && !in_order)
            return;
        count(sim, w, index, r, in_order);
    }
    if (r->pending)
        r->flags |= RECORD_FINAL;
    else
        give_back(sim, index, r);
}

void record_lost(struct synfin_simulation *sim, uint32_t index, synfin_time now)
{
    struct record *r = record_at(sim, index);
    struct record_end *end = end_known(sim, r);
    if (end)
        end->resolved = later(end->resolved, now);
    assert(r->pending);
    if (!--r->pending && both_done(r))
        record_settle(sim, simulation_workload(sim, r->connection), index, r);
}

uint32_t record_tries(const struct synfin_simulation *sim, uint32_t index)
{
    return end_of(sim, record_at(sim, index))->tries;
}

void record_tries_again(struct synfin_simulation *sim, uint32_t index)
{
    struct record *r = record_at(sim, index);
    struct record_end *end = end_known(sim, r);
    if (!end)
        return;
    end->tries++;
    end->done[CLIENT] = end->done[SERVER] = -1;
    r->outcome = SYNFIN_OUTCOME_OPEN;
    r->flags &= (uint8_t)~(RECORD_IN_ORDER << CLIENT | RECORD_IN_ORDER << SERVER);
}

/* The first reason on either side counts, in one instant that of the first host; hosts run ahead of each other, so the
   other side's may be the later one. */
void record_failed(struct synfin_simulation *sim, uint32_t index, unsigned side, enum synfin_failure reason, bool first,
                   synfin_time now)
{
    struct record *r = record_at(sim, index);
    struct record_end *end = end_known(sim, r);
    if (!end || (r->flags & RECORD_FINAL))
        return;
    bool before = end->failed < now || (end->failed == now && (end->failed_side == side || !first));
    if (r->outcome != SYNFIN_OUTCOME_OPEN && before)
        return;
    end->failed = now;
    end->failed_side = (uint8_t)side;
    r->outcome = (uint8_t)(SYNFIN_OUTCOME_TIMEOUT + reason);
}

void record_finish(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->record.used; i++) {
        struct record *r = record_at(sim, i);
        if (both_done(r) && !r->pending)
            continue; /* given back: its first bytes link the free ones, the rest is as it was left */
        if (r->flags & RECORD_FINAL)
            continue;
        struct workload *w = simulation_workload(sim, r->connection);
        measure_teardown(sim, w, i, r, end_of(sim, r));
        if (r->outcome != SYNFIN_OUTCOME_OPEN) /* one side gave up, the other does not know and waits */
            count_failed(w, r);
        r->flags |= RECORD_FINAL;
        if (sim->observer.connection)
            report(sim, i, r->outcome);
    }
}
