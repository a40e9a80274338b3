/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happened, for whoever listens, in the order of time, then host, then order at the host. Hosts run ahead of each
 * other, so events wait here until no earlier one can come.
 */
#ifndef SYNFIN_TRACE_H
#define SYNFIN_TRACE_H

#include "synfin.h"

struct host;
struct link_stage;
struct link_direction;

struct trace_event {
    struct synfin_event event;
    struct synfin_segment segment;
    bool has_segment;
    uint32_t host, source; /* source: 0 the host itself, else the link direction's number + 1 */
    uint64_t order;
};

struct trace {
    struct trace_event *event;
    size_t count, room;
    uint64_t order;
};

void trace_segment(struct host *, enum synfin_event_kind, const struct synfin_segment *, uint8_t protocol,
                   uint8_t state, bool has_state);
void trace_fate(struct synfin_simulation *, enum synfin_event_kind, const struct synfin_segment *, synfin_time now,
                synfin_time emitted, const struct link_direction *, const struct link_stage *,
                uint32_t copies);
void trace_state(struct host *, const struct synfin_sender *, uint8_t state);
void trace_timer(struct host *, const struct synfin_sender *, const char *name, synfin_time since,
                 synfin_time duration);

/* Hands over all events before `until`. */
void trace_flush(struct synfin_simulation *, synfin_time until);
void trace_free(struct trace *);

#endif
