/* SPDX-License-Identifier: BSD-2-Clause */
/* One run: everything that it consists of. */
#ifndef SYNFIN_SIMULATION_H
#define SYNFIN_SIMULATION_H

#include "concurrency.h"
#include "host.h"
#include "kinds.h"
#include "link.h"
#include "pool.h"
#include "scenario.h"
#include "schedule.h"
#include "synfin.h"
#include "trace.h"
#include "workload.h"

/* Hosts or stations by the time of their next event: a binary heap of their numbers. */
struct turn_heap {
    uint32_t *number;
    uint32_t count;
};

/* Sides index arrays: the client (the workload's `from`) first. */
enum { CLIENT, SERVER };

struct synfin_simulation {
    const struct synfin_scenario *scenario;
    struct synfin_memory *memory; /* NULL: the system's */
    uint32_t replication;
    synfin_time lookahead; /* least delay between hosts; 0: one event at a time */
    synfin_time now;       /* every event before it has happened */
    synfin_time last;      /* the latest event's instant */
    uint64_t events;
    bool failed, finished, begun;
    const char *failure;

    struct host *host;
    uint32_t hosts;
    uint32_t addresses;    /* in all */
    uint32_t *owner;       /* host of each address from FIRST_ADDRESS on */
    struct link_direction *direction; /* two per link */
    struct station **station;
    uint32_t stations;
    struct turn_heap host_turns, station_turns;

    struct workload *workload;
    uint32_t workloads;
    struct workload *only; /* where there is no other; else NULL */
    struct pool record, detail; /* of connections, by the same index */
    struct pool record_end;
    struct concurrency concurrency; /* of all */
    synfin_time settled;            /* no event before can come any more */

    bool numbered;      /* a model asks for the number of a segment among its kind */
    struct kinds kinds;
    struct synfin_observer observer;
    bool observed; /* events are wanted */
    struct trace trace;

    struct synfin_results results;
    struct synfin_workload_results *workload_results;
    struct synfin_link_results *link_results;
    synfin_time series;
    struct synfin_sample *sample;
    size_t samples, sample_room;
    uint64_t *waiting; /* of the samples, 2 x links each */
    const struct synfin_protocol **protocol; /* of the registry */
    unsigned tcp;                            /* index of tcp */
};

#define FIRST_ADDRESS UINT32_C(0x0a000001) /* 10.0.0.1 */

/* The host that owns an address; NULL: none. */
static inline struct host *simulation_owner(const struct synfin_simulation *sim, uint32_t address)
{
    uint32_t n = address - FIRST_ADDRESS;
    return n < sim->addresses ? &sim->host[sim->owner[n]] : NULL;
}

static inline uint32_t simulation_workload_of(const struct synfin_simulation *sim, uint32_t connection)
{
    return sim->workloads == 1 ? 0 : connection % sim->workloads;
}

static inline struct workload *simulation_workload(const struct synfin_simulation *sim, uint32_t connection)
{
    return sim->only ? sim->only : &sim->workload[connection % sim->workloads];
}

static inline uint32_t simulation_number_of(const struct synfin_simulation *sim, uint32_t connection)
{
    return sim->only ? connection : connection / sim->workloads; /* no division where there is one */
}

/* The run cannot go on; the first reason stays. */
__attribute__((cold)) void simulation_fail(struct synfin_simulation *, const char *why);

/* The next event of a host or a station may have come nearer. */
void simulation_nearer_host(struct synfin_simulation *, struct host *);
void simulation_nearer_station(struct synfin_simulation *, struct station *);

/* Samples of `series:` that are due before `until` (series.c). */
void series_host(struct host *, synfin_time until);
void series_station(struct synfin_simulation *, struct station *, synfin_time until);
void series_finish(struct synfin_simulation *);

#endif
