/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recorded timelines of a live kernel, played into the simulator's own host and TCP.
 *
 *   timelines.c          the program: one line a case
 *   timelines_read.c     the file
 *   timelines_play.c     a case's `in` segments and `api` calls into one host; what it does is kept
 *   timelines_call.c     the application's calls
 *   timelines_compare.c  what was kept against what was recorded
 */
#ifndef SYNFIN_TIMELINES_H
#define SYNFIN_TIMELINES_H

#include "plugin.h"

enum { TIMELINE_NAME = 64, TIMELINE_TEXT = 160, TIMELINE_VALUES = 64, TIMELINE_PORTS = 64 };

/* Kinds of options. */
enum {
    TIMELINE_MSS = 0x01,
    TIMELINE_SACK_PERMITTED = 0x02,
    TIMELINE_TIMESTAMPS = 0x04,
    TIMELINE_SCALE = 0x08,
    TIMELINE_FAST_OPEN = 0x10,
    TIMELINE_SACK = 0x20,
};

/* A segment, recorded or sent: seq and ack are relative to the sides' initial sequence numbers. */
struct timeline_segment {
    uint8_t flags;
    unsigned options;
    int64_t seq, ack;
    uint32_t length, window, mss, scale;
    uint32_t tsval, tsecr;
    bool cookie_given; /* the Fast Open option is not empty */
    uint64_t cookie;
};

enum timeline_kind { TIMELINE_IN, TIMELINE_OUT, TIMELINE_API, TIMELINE_STATES };

struct timeline_event {
    double ms;
    enum timeline_kind kind;
    unsigned port; /* of the peer */
    struct timeline_segment segment;
    char text[TIMELINE_TEXT]; /* api: the call; states: their names, sorted, a space behind each */
};

struct timeline_value {
    char name[TIMELINE_NAME];
    double value;
};

struct timeline {
    char name[TIMELINE_NAME];
    char role[TIMELINE_NAME];
    unsigned backlog, hz;
    size_t options, sysctls; /* the file's defaults among the latter */
    struct timeline_value option[TIMELINE_VALUES], sysctl[TIMELINE_VALUES];
    size_t events;
    struct timeline_event *event;
    char error[TIMELINE_TEXT]; /* not empty: what cannot be understood, and it is not to be played */
};

/* Reads a file of timelines. How many, at least one; -1: it is none, and standard error says so. */
int timeline_read(const char *file, struct timeline **);
void timeline_free(struct timeline *, size_t n);

/* What a host did. Of what a timer brought about, its nominal duration; else 0. */
struct timeline_act {
    synfin_time at, timer;
    enum timeline_kind kind;
    unsigned connection; /* which, in the order of their first appearance in the recording */
    struct timeline_segment segment;
    char text[TIMELINE_TEXT];
};

struct timeline_play {
    size_t acts, room;
    struct timeline_act *act;
    unsigned hz; /* jiffies a second of the host's wheel */
    char error[TIMELINE_TEXT]; /* not empty: it cannot be played */
};

/* Plays a case from the instant `origin` on, on a wheel whose grid begins at `phase`; acts count from the origin. */
void timeline_play(const struct timeline *, synfin_time origin, synfin_time phase, struct timeline_play *);
void timeline_play_free(struct timeline_play *);

/* The connection that an event belongs to. */
unsigned timeline_connection(const struct timeline *, const struct timeline_event *);

/* How far what was played agrees: the number of the first event that differs, `events` where only too much was done,
   SIZE_MAX: it agrees. `recorded` and `played` show the difference. */
size_t timeline_compare(const struct timeline *, const struct timeline_play *, char recorded[TIMELINE_TEXT],
                        char played[TIMELINE_TEXT]);

#endif
