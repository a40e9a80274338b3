/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the reference simulator share: reference.c (list of events, run, results), reference_host.c (what
   protocols ask for), reference_path.c (links), reference_application.c (workloads). */
#ifndef SYNFIN_REFERENCE_ENGINE_H
#define SYNFIN_REFERENCE_ENGINE_H

#include "reference.h"

enum reference_kind {
    REFERENCE_ARRIVAL, /* of a segment at a host */
    REFERENCE_PASSAGE, /* of a segment at a link direction that keeps an order */
    REFERENCE_TIMER,
    REFERENCE_APPLICATION, /* the application's timer */
    REFERENCE_TIME_WAIT,
    REFERENCE_OPEN,
};

/* Sources of a host's events, in the order of ties. */
#define SOURCE_TIMERS UINT64_C(0)
#define SOURCE_TIME_WAIT UINT64_C(1)
#define SOURCE_WORKLOADS (UINT64_C(1) << 32)
#define SOURCE_LINKS (UINT64_C(2) << 32)

struct reference_event {
    /* The key, in this order. */
    synfin_time time, cause;
    uint32_t place;  /* hosts in the file's order, then link directions */
    uint64_t source;
    uint32_t sender; /* host, of what comes from a link direction that keeps no order of its own */
    uint64_t order;
    enum reference_kind kind;
    struct reference_side *side; /* of timers and TIME-WAIT */
    unsigned slot;
    synfin_time duration;
    struct synfin_segment segment;
    size_t hop;
    uint32_t workload;
};

/* An endpoint from its making to the end of its TIME-WAIT. Sides stay to the end of the run. */
struct reference_side {
    struct reference_host *host;
    struct reference_connection *connection; /* NULL: a listener */
    bool client, live, waiting; /* has its endpoint; is in TIME-WAIT */
    bool known;                 /* the connection's statistics know it: it came from a SYN (UDP: a datagram) */
    struct synfin_endpoint *endpoint;
    void *extra, *large;
    struct synfin_time_wait wait;
    uint32_t heard; /* 1 + the highest ordinal that has arrived */
    uint32_t listener;
    /* The application. */
    bool established, close_due, close_called;
    bool told;    /* of the connection, by ESTABLISHED or, at a server, before it */
    bool knows_peer; /* a segment has come from an endpoint */
    bool sent;    /* the request went with the SYN */
    bool queued;  /* not accepted yet, so its application does not know of it */
    bool peer_closed; /* meanwhile */
    synfin_time established_at;
    uint64_t received;
    /* The end. */
    bool over;
    synfin_time over_at;
    uint64_t over_order; /* of two of one host in one instant, which was first */
    enum synfin_failure reason; /* SYNFIN_FAILURES: in order */
};

/* How the sides of a connection ended: those of its last attempt. */
struct reference_ends {
    bool alive; /* an endpoint is, of whatever attempt */
    synfin_time end[2];
    bool in_order[2];
    bool failed;
    const struct reference_side *first_failure;
    enum synfin_failure reason;
};

struct reference_connection {
    uint32_t workload, number;
    synfin_time opened;
    uint32_t attempt;                /* the current one */
    struct reference_side *client;   /* of the current attempt; NULL: there was no port */
    uint32_t under_way;              /* segments that may yet make an endpoint: reference_opens() */
    bool begun;                      /* one was sent */
    synfin_time changed;             /* when the last of them came to its end, or a side did */
    uint32_t emitted[2];             /* segments by endpoints, by direction */
    uint16_t of_kind[2][SYNFIN_KINDS];
    synfin_time fin[2];              /* first one of each side; -1: none */
    struct synfin_connection row;
    bool settled;                    /* both sides have ended in order: what a late SYN begins is no part of it */
    synfin_time settled_at;
    struct reference_ends ends;      /* of a settled one */
    synfin_time end;                 /* of its being concurrent */
};

struct reference_host {
    struct synfin_host base; /* first: what protocols see */
    struct reference *sim;
    const struct scenario_host *scenario;
    uint32_t number;
    uint32_t first_address, next_address;
    size_t sides;
    struct reference_side **side; /* the listeners first */
    struct reference_queue {
        synfin_time ready; /* when the next may be accepted; SYNFIN_NEVER: never */
        bool armed;
        size_t waiting;
        struct reference_side **side; /* in the order in which they came */
    } *queue; /* by listener */
    size_t peers;
    uint64_t *peer; /* by address, what protocols keep of it */
    size_t uses;
    struct reference_use {
        uint32_t local, remote;
        uint16_t port;
        uint8_t protocol;
        uint32_t next;
    } *use; /* next ephemeral port by destination */
    const struct synfin_segment *trigger; /* the segment being handled */
};

/* What a model keeps of each connection; those of both directions of a link may have it in common. */
struct reference_memory {
    size_t connections;
    struct {
        uint32_t connection;
        void *state;
    } *of;
};

struct reference_stage {
    const struct scenario_model *scenario;
    bool memory;
    void *state;
    struct reference_memory *connections; /* NULL: it keeps nothing */
    bool borrows;                         /* those of a stage of the link's other direction */
    uint64_t count;
};

struct reference_direction {
    const char *link;
    uint32_t number; /* 2 x link + 1 where backward */
    uint32_t place; /* `number`; of the link's forward direction where both keep one order */
    bool ordered; /* it has memory, and segments can reach it in another order than that in which one host emits them */
    size_t stages;
    struct reference_stage *stage;
};

struct reference {
    const struct synfin_scenario *scenario;
    uint32_t replication;
    synfin_time now;
    uint64_t order;
    size_t pending, pending_room;
    struct reference_event *event;
    struct reference_host *host;
    struct reference_direction *direction;
    size_t connections;
    struct reference_connection **connection;
    uint32_t *opened;   /* by workload */
    void **arrivals;    /* states of the arrival models */
    struct reference_results *results;
};

void *reference_take(size_t size); /* zeroed; there is memory */

void reference_schedule(struct reference *, struct reference_event);
/* Removes what is pending of a side: a timer, or TIME-WAIT. */
void reference_cancel(struct reference *, enum reference_kind, const struct reference_side *, unsigned slot);

const struct synfin_protocol *reference_protocol(const struct reference *, const struct synfin_sender *);
struct reference_connection *reference_connection_of(const struct reference *, uint32_t connection);
void reference_note(struct reference_host *, enum synfin_event_kind, struct synfin_event);

void reference_build_host(struct reference *, uint32_t number, uint32_t first_address);
void reference_free_host(struct reference_host *);
void reference_arrive(struct reference_host *, const struct synfin_segment *, synfin_time emitted);
void reference_timer(struct reference_host *, const struct reference_event *);
void reference_time_wait_over(struct reference_host *, struct reference_side *);
/* A client's endpoint with a free port; NULL: there is none, and *why. */
struct reference_side *reference_open(struct reference_host *, struct reference_connection *, uint32_t destination,
                                      uint16_t port, unsigned protocol, enum synfin_no_port *why);

void reference_build_link(struct reference *, uint32_t link);
void reference_free_direction(struct reference_direction *);
void reference_send(struct reference_host *, const struct synfin_segment *);
void reference_pass(struct reference *, const struct reference_event *);
/* The last direction on a segment's path; NULL: there is none. */
struct reference_direction *reference_last_hop(const struct reference *, const struct synfin_segment *);
/* A segment that reference_opens() has come to its end. */
void reference_resolved(struct reference *, const struct synfin_segment *, synfin_time at);
/* Whether a segment may make an endpoint at the server: then its `to` says so. */
enum { REFERENCE_OPENS = 1 };
bool reference_opens(const struct synfin_segment *);

void reference_first_arrival(struct reference *, uint32_t workload);
void reference_connect(struct reference *, uint32_t workload);
void reference_told(struct reference_side *, enum synfin_news, uint64_t n);
void reference_over(struct reference_side *, enum synfin_failure);
void reference_application_timer(struct reference_side *);
void reference_measure(struct reference *);

#endif
