/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Links: each direction is a pipeline of models in the order queue, loss, duplicate, corrupt, delay, reorder.
 *
 * A segment crosses a whole path in one go, at the moment it is emitted, wherever its fate depends on nothing but
 * itself. Only a direction whose models have memory, and which segments can reach in another order than that in which
 * they are emitted (several hosts send into it, or other links lie before it), is a station with a schedule of its own.
 */
#ifndef SYNFIN_LINK_H
#define SYNFIN_LINK_H

#include "random_many.h"
#include "scenario.h"
#include "schedule.h"

struct synfin_simulation;
struct host;

/* A segment on its way: an entry of a lane or of the far queue. */
struct flight {
    struct schedule_key key; /* time: when it arrives; cause: when its endpoint emitted it */
    struct synfin_segment segment;
};
static_assert(sizeof(struct flight) <= FAR_ENTRY, "the far queue takes it");

struct connection_states; /* of models that keep state per connection */

/* Blocks of draws that a stage keeps: those of connections under way, whose next segment needs the same block. */
enum { LINK_DRAWS = 512 };

struct link_stage {
    const struct synfin_model *model;
    const void *config;
    uint8_t only;
    uint8_t stage; /* enum synfin_stage */
    bool memory;   /* draws are by count */
    synfin_time fixed; /* a delay that is always the same; -1: it is none */
    void *state;
    uint64_t count;
    struct synfin_draws *draws; /* with memory one, else LINK_DRAWS, by connection */
    struct random_key *key; /* one per workload; with memory one in all */
    struct connection_states *connections;
    bool borrows; /* state and connections, from the stage of the link's other direction */
};

struct link_direction {
    const char *link; /* name */
    bool backward;
    uint32_t number; /* 2 x link + backward: the order of sources */
    size_t stages;
    struct link_stage *stage;
    bool memory; /* any stage has */
    bool resets; /* any stage may: then it sends into the link's other direction */
    bool shares; /* any stage has memory that is of both directions */
    struct station *station; /* NULL: crossed at once */
    uint32_t sender;         /* the host that samples its queue; SYNFIN_NONE: none sends here first */
    struct synfin_link_counts counts;
};

/* A shared link direction with memory, or both directions of a link: it takes segments in the order of its schedule. */
struct station {
    struct schedule schedule;
    struct link_direction *direction; /* the first; `directions` of them stand one behind the other */
    size_t directions;
    struct lane_set from; /* by source: hosts, then link directions */
    uint32_t number;
    uint32_t at; /* place in the heap of stations */
    synfin_time next_sample;
    uint32_t samples;
};

/* What chance does to the first four segments of each connection of a group on a path: RANDOM_MANY of successive
   numbers, which come one soon after another and are drawn at one time. Of two groups in one place the later is
   kept. */
enum { PATH_GROUPS = 64 };

struct path_lost {
    uint32_t group[PATH_GROUPS]; /* number / RANDOM_MANY + 1; 0: none yet */
    uint8_t lost[PATH_GROUPS][RANDOM_MANY]; /* bits of link_losses() */
};

struct path_delayed {
    uint32_t group[PATH_GROUPS];
    synfin_time delay[PATH_GROUPS][SYNFIN_DRAWS]; /* by random_place() */
};

/* How long any four successive segments of a connection take over a path: those of one block of draws at each stage. */
struct path_delays {
    uint32_t number; /* of the connection */
    uint32_t block;  /* ordinal / 4 + 1; 0: none yet */
    synfin_time delay[4];
};

/* So many a path keeps, by connection: of those under way. More, as many as a crowd has, leave the cache, and a miss
   costs more there than a block. */
enum { PATH_DELAYS = 1024 };

/* Bits of struct path.bare's index. */
enum { PATH_FIN = SYNFIN_FIN, PATH_TIMED = 2, PATH_BARE = 4 };
static_assert((int)PATH_FIN == 1, "it is the first bit");

/* The directions that segments of a workload cross one way. */
struct path {
    size_t hops;
    struct link_direction **hop;
    uint64_t rank; /* of its arrivals, less the sender's number */
    bool plain;    /* nothing but gates without memory, and delays, constant or drawn: what passes arrives, unchanged */
    bool open;     /* plain, without gates or delays that are drawn: what is sent arrives `delay` later */
    synfin_time delay; /* plain: the constant ones */
    bool chance;       /* plain, but not open: draws decide what becomes of a segment, and nothing else */
    struct path_lost *lost;       /* of `chance`, where there are losses; else NULL */
    struct path_delayed *delayed; /* of `chance`, where delays are drawn; else NULL */
    struct path_delays *delays;   /* likewise, PATH_DELAYS, of segments that `delayed` does not have */
    size_t draws;                 /* delays that are drawn */
    struct path_draw {
        const struct link_stage *stage;
        struct random_key key; /* of the path's workload */
    } *draw;
    size_t gates; /* losses without memory */
    struct path_gate {
        struct link_stage *stage;
        synfin_time after; /* how long a segment takes to get there */
        uint64_t chance;   /* of a loss, in units of 2^-32, rounded down, where it alone decides */
        struct random_key key;
    } *gate;
    struct path_lane { /* plain: where the last segment arrives */
        const struct host *from;
        uint32_t first, addresses; /* of `to` */
        struct host *to;
        struct lane *lane;
    } last;
    uint64_t sent, bytes; /* plain: over each of its hops, beside what their own counts say */
    uint64_t bare[PATH_BARE]; /* likewise, not counted yet: TCP's with neither SYN, RST nor SACK, by FIN and ... */
    uint64_t texts, text;     /* ... timestamps; those of them with data but without FIN, and the bytes of all data */
    struct path_shape {       /* the last other one was like these */
        uint64_t is; /* all that its kind and size depend on; 0: also its option block, so no other is taken for it */
        uint64_t segments; /* not counted there yet either */
        enum synfin_kind kind;
        uint32_t size;
    } shape;
    struct synfin_segment_counts *counts;
};

#define ALL_KINDS ((1u << SYNFIN_KINDS) - 1)
#define KIND_INJECTED SYNFIN_KIND_ANY /* of a RST that a middlebox made: models that reset pass it over */

/* Marks the ordinal of such a RST, which is otherwise that of the segment that was taken out (STRAY_ORDINAL in it: it
   does not count as reordered). */
#define INJECTED_ORDINAL UINT32_C(0xc0000000)

static inline bool is_injected(const struct synfin_segment *seg)
{
    return (seg->ordinal & INJECTED_ORDINAL) == INJECTED_ORDINAL;
}

/* Ranks of arrivals from a link direction: by the direction, then by who sent into it. */
static inline uint64_t link_rank(const struct link_direction *d, uint32_t sender)
{
    return RANK_SEGMENT | (uint64_t)(d ? d->number + 1 : 0) << 32 | sender;
}

/* The host that sent into the direction; of a station 0, which says nothing. */
static inline uint32_t link_sender(uint64_t rank)
{
    return (uint32_t)rank;
}

/* The RST that a middlebox sends for a segment it has taken out: back to its sender, or on to its receiver. */
struct synfin_segment link_reset(const struct synfin_segment *, bool back);

/* The directions of all links; after workloads know their paths, the stations. 0 or -1: no memory. */
int link_build(struct synfin_simulation *);
int link_build_stations(struct synfin_simulation *);
/* Then, which paths are plain. 0 or -1: no memory. */
int link_build_paths(struct synfin_simulation *);
void link_free(struct synfin_simulation *);

/* Counts bare segments, or those of one shape, among the others. */
void link_count_bare(struct path *);
void link_count_shape(struct path *);

/* What has happened in a direction so far. */
struct synfin_link_counts link_counts(const struct synfin_simulation *, const struct link_direction *);

/* Which of four segments chance takes out, by bits: those of a connection, by its number in its workload, from
   4 x block on. */
uint32_t link_draw_losses(const struct path *, uint32_t number, uint32_t block);
static inline uint32_t link_losses(const struct path *p, uint32_t number, uint32_t block)
{
    uint32_t group = number / RANDOM_MANY, at = group % PATH_GROUPS;
    return block == 0 && p->lost->group[at] == group + 1 ? p->lost->lost[at][number % RANDOM_MANY]
                                                         : link_draw_losses(p, number, block);
}

/* Whether a segment that is emitted now passes all gates of a plain path. Where it does not, nothing has happened yet:
   link_send() finds the same. */
bool link_asks(struct synfin_simulation *, const struct path *, const struct flight *, enum synfin_kind);

/* How long a segment takes over a path with delays that are drawn, by its connection's number in its workload. NULL: it
   is not known yet. */
static inline const synfin_time *link_known_delay(const struct path *p, uint32_t number, uint32_t ordinal)
{
    uint32_t group = number / RANDOM_MANY, at = group % PATH_GROUPS;
    if (ordinal < 4 && p->delayed->group[at] == group + 1)
        return &p->delayed->delay[at][random_place(number, ordinal)];
    const struct path_delays *d = &p->delays[number % PATH_DELAYS];
    return d->number == number && d->block == ordinal / 4 + 1 ? &d->delay[ordinal % 4] : NULL;
}

/* Then it is drawn. */
synfin_time link_draw_delay(const struct path *, uint32_t number, uint32_t ordinal);
static inline synfin_time link_delay(const struct path *p, uint32_t number, uint32_t ordinal)
{
    const synfin_time *known = link_known_delay(p, number, ordinal);
    return known ? *known : link_draw_delay(p, number, ordinal);
}

/* Sends a segment that a host emits now; the flight changes on its way. `lost`: by link_losses(). */
void link_send(struct host *from, const struct path *, struct flight *, enum synfin_kind, bool lost);

/* Runs the station's events before `until`, at most `most` of them; how many there were. */
uint64_t station_run(struct synfin_simulation *, struct station *, synfin_time until, uint64_t most);

/* The least delay of any link direction, ns: how far hosts may run ahead of each other. */
synfin_time link_least_delay(const struct synfin_simulation *);

#endif
