/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that a test makes up, as if a simulation had told them: connection 7 of workload 0, client and server. */
#ifndef SYNFIN_MADE_EVENTS_H
#define SYNFIN_MADE_EVENTS_H

#include "synfin.h"

enum { MADE_CLIENT, MADE_SERVER };

/* A TCP segment between 10.0.0.1:40000 and 10.0.0.2:80. */
static inline struct synfin_segment made_segment(int side, uint32_t ordinal, unsigned flags, uint32_t seq, uint32_t ack,
                                                 uint16_t length)
{
    struct synfin_segment s = {.source = 0x0a000001,
                               .destination = 0x0a000002,
                               .source_port = 40000,
                               .destination_port = 80,
                               .seq = seq,
                               .ack = ack,
                               .window = 64240,
                               .flags = (uint8_t)flags,
                               .window_scale = SYNFIN_NO_SCALE,
                               .length = length,
                               .protocol = SYNFIN_TCP,
                               .connection = 7,
                               .ordinal = ordinal};
    if (side == MADE_SERVER) {
        s.source = 0x0a000002;
        s.destination = 0x0a000001;
        s.source_port = 80;
        s.destination_port = 40000;
        s.bits = SYNFIN_BACKWARD;
    }
    return s;
}

static inline struct synfin_event made_event(enum synfin_event_kind kind, synfin_time time, bool client)
{
    return (struct synfin_event){.kind = kind,
                                 .time = time,
                                 .since = time,
                                 .host = client ? "client" : "server",
                                 .connection = 7,
                                 .client = client};
}

static inline bool made_is_forward(const struct synfin_segment *s)
{
    return !(s->bits & SYNFIN_BACKWARD);
}

static inline struct synfin_event made_sent(synfin_time time, const struct synfin_segment *s, const char *state)
{
    struct synfin_event e = made_event(SYNFIN_EVENT_SENT, time, made_is_forward(s));
    e.segment = s;
    e.state = state;
    return e;
}

static inline struct synfin_event made_delivered(synfin_time time, synfin_time sent, const struct synfin_segment *s,
                                                 const char *state)
{
    struct synfin_event e = made_event(SYNFIN_EVENT_DELIVERED, time, !made_is_forward(s));
    e.segment = s;
    e.since = sent;
    e.state = state;
    return e;
}

/* Lost, dropped, duplicated or corrupted on link wan, in the segment's direction. */
static inline struct synfin_event made_fate(enum synfin_event_kind kind, synfin_time time, synfin_time sent,
                                            const struct synfin_segment *s, const char *model)
{
    struct synfin_event e = made_event(kind, time, made_is_forward(s));
    e.segment = s;
    e.since = sent;
    e.link = "wan";
    e.link_backward = !e.client;
    e.model = model;
    return e;
}

static inline struct synfin_event made_state(synfin_time time, bool client, const char *state)
{
    struct synfin_event e = made_event(SYNFIN_EVENT_STATE, time, client);
    e.state = state;
    return e;
}

static inline struct synfin_event made_timer(synfin_time time, bool client, const char *name, synfin_time since,
                                             synfin_time duration, const char *state)
{
    struct synfin_event e = made_event(SYNFIN_EVENT_TIMER, time, client);
    e.model = name;
    e.since = since;
    e.duration = duration;
    e.state = state;
    return e;
}

#endif
