/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the player's files. */
#ifndef SYNFIN_TIMELINES_PLAYER_H
#define SYNFIN_TIMELINES_PLAYER_H

#include "record.h"
#include "simulation.h"
#include "timelines.h"

/* A connection as the local application and the peer know it. */
struct player_connection {
    struct synfin_endpoint *endpoint; /* NULL: none, or gone */
    uint32_t iss;                     /* of our latest SYN; 0: none so far */
    uint16_t local_port;
    uint64_t unread;
    bool waits; /* in the accept queue */
    bool established, peer_closed, shut, failed;
    bool error; /* that of `failed` has not been told yet */
    enum synfin_failure reason;
    synfin_time order; /* in which it came into the queue */
    char state[TIMELINE_NAME];
};

struct player {
    struct synfin_host_api api; /* first: found again through the host */
    const struct synfin_host_api *real;
    const struct timeline *timeline;
    struct timeline_play *play;
    synfin_time origin; /* of the case's times */
    struct synfin_registry *registry;
    struct synfin_settings *settings;
    struct synfin_scenario *scenario;
    struct synfin_simulation *sim;
    struct host *host;
    const struct synfin_protocol *tcp;
    bool client, reset_on_close;
    struct player_connection connection[TIMELINE_PORTS];
    unsigned opened;    /* by us */
    unsigned current;   /* the connection that calls are about */
    synfin_time queued; /* counts connections that came into the queue */
    synfin_time probe_ends; /* when a connect() that only tries the port is closed again */
    uint32_t ordinal;
    synfin_time timer_at, timer_duration; /* the timer that expired last */
    char states[TIMELINE_TEXT];           /* as last noted */
};

/* A new act, zeroed but for its instant. */
struct timeline_act *player_act(struct player *, enum timeline_kind);

/* Runs the host up to the instant, events at it not included, and notes what it did. */
void player_run(struct player *, synfin_time until);

/* The application calls. */
void player_call(struct player *, const struct timeline_event *);
/* The application is told. */
void player_told(struct player *, struct synfin_endpoint *, enum synfin_news, uint64_t n);

#endif
