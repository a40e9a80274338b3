/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts: addresses, endpoints, timers, TIME-WAIT; what struct synfin_host_api promises to protocols. */
#ifndef SYNFIN_HOST_H
#define SYNFIN_HOST_H

#include "plugin.h"
#include "port_map.h"
#include "scenario.h"
#include "schedule.h"

struct synfin_simulation;
struct flight;
struct path;

enum { ENDPOINT_SIZE = 128 }; /* at least; TCP's are two lines of the cache */
enum { HOST_TIMER_LANES = 30, HOST_TIME_WAIT_LANES = 8, HOST_TIMER_HASH = 64 };

/* Bits of synfin_sender.sides. */
enum {
    SIDE_EPHEMERAL = 0x01, /* its local port counts in a struct port_use */
    SIDE_SHARED = 0x02, /* one of several endpoints of a connection: its segments are numbered by the record */
    SIDE_LISTENER = 0x04,
    SIDE_SERVER = SYNFIN_BACKWARD, /* its segments go backward */
    SIDE_STRAY = 0x10,     /* answers for no endpoint */
    SIDE_FATE = 0xe0,      /* its next segments up to the last of a block of draws: one more than the set of those that
                              chance takes out, bit 0 being the second of the block; 0: not known */
};
enum { SIDE_FATE_SHIFT = 5 };

/* Bits of synfin_endpoint.host_bits, beside SYNFIN_EXTRA_TAKEN and, at a listener, SYNFIN_QUEUES and SYNFIN_CROWDED. */
enum {
    ENDPOINT_DYING = 0x01,      /* freed when the protocol returns */
    ENDPOINT_MORE = 0x02,  /* struct more of its index is in use */
    ENDPOINT_TOLD_ESTABLISHED = 0x04,
    ENDPOINT_CLOSE_CALLED = 0x08,
    ENDPOINT_CLOSE_DUE = 0x10, /* the application's timer runs towards its close */
    ENDPOINT_WAITS = 0x20,     /* at a server: in the accept queue, so its application does not know of it */
    ENDPOINT_SENT = 0x20,      /* at a client: the request was handed over as it was opened */
    ENDPOINT_FIN_NOTED = 0x40, /* at none that listens: its record knows when it sent FIN first */
};

#define NO_LISTENER UINT16_MAX      /* opened actively */
#define STRAY_ORDINAL UINT32_C(0x80000000) /* marks ordinals of answers for no endpoint */
#define LATE_ORDINAL UINT32_C(0x40000000)  /* those of an endpoint that a SYN cookie made when it was all over */

/* Timers of one duration. */
struct timer_lane {
    struct lane lane;
    uint8_t number; /* from 1 on */
};

/* Where a timer is. */
struct timer_handle {
    uint32_t position;
    uint8_t lane; /* its number, from 1 on; else one of these */
};

enum { TIMER_OFF = 0, TIMER_FAR = HOST_TIMER_LANES + 1 };

enum { TIMER_APPLICATION = SYNFIN_TIMERS }; /* the slot after the protocol's */

/* What few endpoints need, by the endpoint's index; memory that is not touched costs nothing. */
struct more {
    struct timer_handle timer[SYNFIN_TIMERS + 1]; /* by slot, the application's too */
    synfin_time established;
    uint64_t received;
    uint32_t before, behind; /* ENDPOINT_WAITS: in the queue; SYNFIN_NONE: nothing is */
    bool peer_closed;        /* ENDPOINT_WAITS: to be told when it is accepted */
};

struct host_listener {
    uint16_t port;
    uint8_t protocol;
    struct synfin_endpoint *endpoint;
    uint32_t first, last; /* connections that wait to be accepted; SYNFIN_NONE: none does */
    synfin_time ready;    /* when the next may be accepted; SYNFIN_NEVER: never */
    bool armed;           /* the application's timer runs towards that */
};

/* Where there is one workload, over whose path nothing or only chance takes segments out, and those that pass take
   equally long, and nobody watches: to which addresses the last ones went (none at first), over which path into which
   lane. */
struct host_way {
    uint32_t first, addresses;
    struct path *path;
    struct lane *lane;
};

/* The same where delays are drawn and nothing is lost: over which path to which host. */
struct host_late {
    uint32_t first, addresses;
    struct path *path;
    struct host *to;
};

/* The first destination of active opens, and the roots of the host's tuples to it. */
struct host_opens {
    uint32_t destination;
    uint16_t port;
    uint8_t protocol;
    struct port_root **root; /* by local address; NULL: none is known yet */
};

struct host {
    struct synfin_host base; /* first: what protocols see */
    struct synfin_simulation *sim;
    const struct scenario_host *scenario;
    uint32_t number;
    uint32_t at; /* place in the heap of hosts */
    struct schedule schedule;
    uint32_t first_address;
    struct pool endpoint;
    struct sparse extra, large, more; /* by the endpoint's index */
    uint32_t extra_of;         /* the endpoint whose extra block was asked for last, and where it is; NULL: none */
    void *extra_at;
    struct port_map ports;
    struct timer_lane timer_lane[HOST_TIMER_LANES];
    uint32_t timer_lanes;
    struct timer_lane *timer_hash[HOST_TIMER_HASH]; /* by duration; NULL: none */
    struct lane time_wait[HOST_TIME_WAIT_LANES];
    struct lane_set from; /* segments by source */
    struct host_way way[2];   /* of segments to a server, to a client */
    struct host_late late[2]; /* likewise */
    size_t listeners;
    struct host_listener *listener;
    uint64_t *peer; /* by address from FIRST_ADDRESS on; NULL: none is known yet */
    uint32_t next_address; /* for active opens, in turn */
    struct host_opens opens;
    uint32_t dying; /* endpoints to be freed when the protocol returns, linked by sender.peer */
    const struct flight *trigger;    /* the segment being handled */
    struct port_place trigger_place; /* where it was looked up last, if it was */
    const struct flight *ahead;      /* one that comes after it and was looked up already; NULL: none was */
    struct port_place ahead_place;   /* where */
    uint64_t states[SYNFIN_SERIES_STATES]; /* where the simulation is watched: TCP endpoints by state */
    uint64_t emitted[2];                   /* likewise, segments since the last sample */
    synfin_time next_sample;
    uint32_t samples;
};

int host_build(struct synfin_simulation *);
void host_free(struct synfin_simulation *);

/* Runs the host's events before `until`, at most `most` of them; how many there were. */
uint64_t host_run(struct host *, synfin_time until, uint64_t most);

/* A segment arrives at key.time; `rank` orders its source. */
void host_receive(struct host *, uint64_t rank, const struct flight *);

/* The host's next event has come nearer, or its schedule lacks memory. */
void host_nearer(struct host *);

/* An active open: a new endpoint with a free port. NULL: there is none, or no memory; then *why is set. */
struct synfin_endpoint *host_open(struct host *, uint32_t destination, uint16_t port, unsigned protocol,
                                  enum synfin_no_port *why);
/* The same from a given local port at the host's first address, which may be in TIME-WAIT where the protocol lets a new
   connection take its place. NULL: it is in use, or no memory. */
struct synfin_endpoint *host_open_from(struct host *, uint16_t local_port, uint32_t destination, uint16_t port,
                                       unsigned protocol);

/* Connections of the n-th listener wait until they are accepted. */
void host_queues(struct host *, size_t n);

void host_arm_application(struct host *, struct synfin_endpoint *, synfin_time duration);
void host_disarm_application(struct host *, struct synfin_endpoint *);

struct more *host_more(struct host *, struct synfin_endpoint *);

#endif
