/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of each connection while it lives, and what becomes of it in the statistics. */
#ifndef SYNFIN_RECORD_H
#define SYNFIN_RECORD_H

#include <assert.h>

#include "simulation.h"
#include "statistics.h"

/* Bits of record.flags. */
enum {
    RECORD_CLIENT_ALIVE = 0x01,  /* it has an endpoint, or a retry is coming */
    RECORD_IN_ORDER = 0x04,      /* the client's side ended in order; << SERVER for the server's */
    RECORD_FINAL = 0x10,         /* counted, but a segment names it */
    RECORD_STARTED = 0x20,       /* a segment was sent: it counts as concurrent */
    RECORD_SERVED = 0x40,        /* the server had an endpoint: `server` counts */
    RECORD_SHARED = 0x80,        /* it had more than one, whose segments are numbered together */
};

/* A record is taken for every connection, so its bytes count: what only its end needs stands apart, and `opened` is
   aligned like the rest. */
typedef synfin_time record_time __attribute__((aligned(4)));

struct record {
    record_time opened;
    uint32_t connection;   /* as in struct synfin_segment */
    uint32_t local;        /* the client's address and port of the current try */
    uint32_t pending;      /* SYNs (UDP: datagrams) on their way: each may make an endpoint at the server */
    uint32_t servers;      /* endpoints at the server: each try may leave one */
    uint32_t server;       /* of the first endpoint at the server, while it lives alone, its index; else the ordinal of
                              the server's next segment */
    uint32_t end;          /* its struct record_end; SYNFIN_NONE: it has none yet */
    uint16_t local_port;
    uint8_t flags;
    uint8_t outcome; /* enum synfin_outcome: the first failure, OPEN while there is none */
};

static_assert(sizeof(struct record) == 36, "what an open connection costs besides its endpoints");

/* Taken when the first thing happens that an end consists of. Times are absolute, ns; -1: did not happen. Hosts run
   ahead of each other, so what comes last is kept as a maximum. */
struct record_end {
    synfin_time fin[2];    /* first FIN sent by each side */
    synfin_time done[2];   /* each side in TIME-WAIT or CLOSED */
    synfin_time served;    /* the last endpoint at the server ended, an earlier try's too */
    synfin_time resolved;  /* the last segment that was pending was lost, or arrived where there was no endpoint */
    synfin_time failed;    /* where there is a failure: the first one, at which side */
    uint32_t tries;        /* given up so far */
    uint8_t failed_side;
};

/* Only where somebody wants each connection. Durations in ns, -1: did not happen. */
struct record_detail {
    synfin_time duration[SYNFIN_METRICS];
    uint32_t syn, syn_ack, fin;
    uint32_t remote;
    uint16_t remote_port;
};

static inline struct record *record_at(const struct synfin_simulation *sim, uint32_t index)
{
    return pool_thing(&sim->record, index, sizeof(struct record));
}

/* Only where sim->observer.connection is set. */
static inline struct record_detail *record_detail_at(const struct synfin_simulation *sim, uint32_t index)
{
    return pool_thing(&sim->detail, index, sizeof(struct record_detail));
}

static inline struct record_end *record_end_at(const struct synfin_simulation *sim, uint32_t index)
{
    return pool_thing(&sim->record_end, index, sizeof(struct record_end));
}

/* Opens a record of a workload's connection at `now`; its index, SYNFIN_NONE: no memory. */
__attribute__((cold)) bool record_open_detail(struct synfin_simulation *, uint32_t index); /* where it is wanted */
static inline uint32_t record_open(struct synfin_simulation *sim, struct workload *w, uint32_t connection,
                                   synfin_time now)
{
    uint32_t index = pool_take_thing(&sim->record, sizeof(struct record));
    if (index == SYNFIN_NONE || (sim->observer.connection && !record_open_detail(sim, index))) {
        simulation_fail(sim, "out of memory");
        return SYNFIN_NONE;
    }
    *record_at(sim, index) =
        (struct record){.opened = now, .connection = connection, .end = SYNFIN_NONE, .flags = RECORD_CLIENT_ALIVE};
    w->results->connections.opened++;
    return index;
}

/* What `to` of a segment says that may make an endpoint at the server: SYNs, datagrams, and what the client sends while
   it knows of no endpoint there (the ACK that brings a SYN cookie back). */
enum { RECORD_HINT = 1u << 31 };
static inline uint32_t record_hint(uint32_t index)
{
    return RECORD_HINT | index; /* SYNFIN_NONE stays itself */
}

static inline bool record_opens(const struct synfin_segment *seg)
{
    return seg->to >= RECORD_HINT && seg->to != SYNFIN_NONE && !(seg->bits & SYNFIN_BACKWARD) &&
           !(seg->flags & SYNFIN_RST);
}

/* The record of such a segment. */
static inline uint32_t record_named(const struct synfin_segment *seg)
{
    return seg->to & ~(uint32_t)RECORD_HINT;
}

/* A FIN has been emitted by an endpoint of one side. */
void record_first_fin(struct synfin_simulation *, struct record *, unsigned side, synfin_time now);
static inline void record_fin(struct synfin_simulation *sim, uint32_t index, unsigned side, synfin_time now)
{
    struct record *r = record_at(sim, index);
    if (r->end == SYNFIN_NONE)
        record_first_fin(sim, r, side, now);
    else if (record_end_at(sim, r->end)->fin[side] < 0)
        record_end_at(sim, r->end)->fin[side] = now;
}

/* A segment of this kind has been emitted by an endpoint of either side. Only where sim->observer.connection is set. */
void record_counts(struct synfin_simulation *, uint32_t index, enum synfin_kind);

/* One more segment that record_opens() is on its way. */
void record_starts(struct synfin_simulation *, struct record *); /* the first: the connection counts as concurrent */
static inline void record_pending(struct synfin_simulation *sim, uint32_t index)
{
    struct record *r = record_at(sim, index);
    r->pending++;
    if (!(r->flags & RECORD_STARTED))
        record_starts(sim, r);
}

/* One less: it was lost, or arrived where it found no endpoint and made none. */
void record_lost(struct synfin_simulation *, uint32_t index, synfin_time now);

/* One less: it has arrived and been handled. */
static inline void record_arrived(struct synfin_simulation *sim, uint32_t index, synfin_time now)
{
    struct record *r = record_at(sim, index);
    if (r->servers) { /* whose end comes later still, and the connection's not before it */
        assert(r->pending);
        r->pending--;
    } else {
        record_lost(sim, index, now);
    }
}

/* The client gives up a try: how many it has given up before. */
uint32_t record_tries(const struct synfin_simulation *, uint32_t index);
void record_tries_again(struct synfin_simulation *, uint32_t index);

/* The server has one more endpoint. */
static inline void record_served(struct synfin_simulation *sim, uint32_t index)
{
    record_at(sim, index)->servers++;
}

/* A metric of a workload's connection is known. */
__attribute__((cold)) void record_metric_watched(struct synfin_simulation *, struct workload *, uint32_t index,
                                                 enum synfin_metric, synfin_time duration);
static inline void record_metric(struct synfin_simulation *sim, struct workload *w, uint32_t index,
                                 enum synfin_metric metric, synfin_time duration)
{
    struct synfin_statistic *s = w->results->metric[metric];
    if (sim->observer.connection)
        record_metric_watched(sim, w, index, metric, duration);
    else if (!statistic_again(s, duration))
        statistic_other(s, duration);
}

/* One side fails, which is about to be over. `first`: its host comes before the other side's in the file. */
void record_failed(struct synfin_simulation *, uint32_t index, unsigned side, enum synfin_failure reason, bool first,
                   synfin_time now);

/* How a client is over that does not try again, or an endpoint of the server. */
enum {
    OVER_SERVER = SERVER,
    OVER_CURRENT = 2,  /* of the client's current try: an earlier one's endpoint at the server says nothing any more */
    OVER_IN_ORDER = 4, /* likewise, and it did not fail */
};

/* The rarer cases: client and server are done; nothing else has happened yet that an end consists of. */
void record_settle(struct synfin_simulation *, struct workload *, uint32_t index, struct record *);
void record_over_first(struct synfin_simulation *, struct workload *, uint32_t index, unsigned how, synfin_time now);
static inline void record_over(struct synfin_simulation *sim, struct workload *w, uint32_t index, unsigned how,
                               synfin_time now)
{
    struct record *r = record_at(sim, index);
    if (r->end == SYNFIN_NONE) {
        record_over_first(sim, w, index, how, now);
        return;
    }
    struct record_end *end = record_end_at(sim, r->end);
    unsigned side = how & OVER_SERVER;
    if (how & OVER_CURRENT)
        end->done[side] = now;
    if (side == SERVER)
        end->served = now;
    r->servers -= side;
    unsigned flags = side == SERVER ? r->flags : r->flags & ~(unsigned)RECORD_CLIENT_ALIVE;
    r->flags = (uint8_t)(how & OVER_IN_ORDER ? flags | RECORD_IN_ORDER << side : flags);
    if (!(flags & RECORD_CLIENT_ALIVE) && !r->servers)
        record_settle(sim, w, index, r);
}

/* At the end of the run: counts those that failed on one side while the other waits, reports all that are not over. */
void record_finish(struct synfin_simulation *);

#endif
