/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin.h: how to write a protocol or a link model for synfin.
 *
 * A plugin is a descriptor: a name, a line of help, its source in the literature, a table of parameters and a few
 * functions. The simulator owns all memory: a plugin declares the sizes of its configuration, of its state per link
 * direction, per connection or per endpoint, and is handed zeroed memory of that size. Its functions do no I/O, read
 * no clock, allocate nothing while a run is going and keep no globals.
 *
 * What you write, in this order:
 *   1. a struct with your configuration, and a table of struct synfin_param that says how text fills it;
 *   2. a struct synfin_model (or synfin_protocol) that names both, and your function;
 *   3. in a loadable plugin, one exported function SYNFIN_PLUGIN_ENTRY that returns a struct synfin_plugin.
 * Build it with `cc -shared -fPIC -o my.so my.c`; nothing needs to be linked. Load it with `--plugin my.so` or by
 * naming its folder in SYNFIN_PLUGIN_PATH.
 *
 * Units: times are nanoseconds, sizes bytes, rates bits per second, counts segments.
 */
#ifndef SYNFIN_PLUGIN_H
#define SYNFIN_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A plugin built for another major version is refused; a newer minor version only adds at the ends of structs. */
#define SYNFIN_PLUGIN_MAJOR 3
#define SYNFIN_PLUGIN_MINOR 0

/* An instant (ns since the start of the run) or a duration (ns). */
typedef int64_t synfin_time;
#define SYNFIN_NEVER INT64_MAX

#define SYNFIN_US INT64_C(1000)
#define SYNFIN_MS INT64_C(1000000)
#define SYNFIN_S INT64_C(1000000000)

/* A probability in units of 2^-63: 0 never, SYNFIN_CERTAIN always, both exactly. */
typedef uint64_t synfin_probability;
#define SYNFIN_CERTAIN (UINT64_C(1) << 63)

/* ---- Parameters -------------------------------------------------------------------------------------------------- */

/* What a parameter's text means, and the C type of the member that it fills. */
enum synfin_quantity {
    SYNFIN_COUNT = 1,     /* uint64_t: a plain whole number */
    SYNFIN_DURATION,      /* synfin_time: `10ms`; only 0 needs no unit */
    SYNFIN_SIZE,          /* uint64_t, bytes: `64KiB` */
    SYNFIN_RATE,          /* uint64_t, bit/s: `10Mbit/s` */
    SYNFIN_FREQUENCY,     /* double, per second: `10000/s` */
    SYNFIN_PROBABILITY,   /* synfin_probability: `5%` or `0.05` */
    SYNFIN_LIMIT,         /* struct synfin_limit: packets (`1000`) or bytes (`64KiB`) */
    SYNFIN_SWITCH,        /* bool: `true` or `false` */
    SYNFIN_CHOICE,        /* int: the position of the word in the range, a list `word|word|word` */
    SYNFIN_SEGMENT_LIST,  /* struct synfin_segment_list: `[syn_ack:1, any:3]` */
    SYNFIN_TEXT,          /* const char *: as written; owned by the simulator, valid as long as the configuration */
    SYNFIN_FILE,          /* const char *: a path, made relative to the scenario file's folder; ownership as TEXT */
};

/* A queue's limit: exactly one is not 0. */
struct synfin_limit {
    uint64_t packets;
    uint64_t bytes;
};

/* One row of a parameter table; a row without a name ends it. */
struct synfin_param {
    const char *name;
    enum synfin_quantity quantity;
    const char *fallback; /* default as text; NULL: the parameter must be given */
    const char *range;    /* `MIN..MAX` in the parameter's own notation, either side may be empty; words of a CHOICE;
                             NULL: any value of the quantity */
    const char *help;     /* one line */
    size_t offset;        /* of the member in the configuration */
};

/* Where functions that check say what is wrong: one line, and what would be right. */
struct synfin_complaint {
    const char *param; /* the parameter at fault, NULL: the model as a whole */
    char text[256];
};

/* ---- Segments ---------------------------------------------------------------------------------------------------- */

/* Control bits, RFC 9293 3.1, as on the wire. */
enum {
    SYNFIN_FIN = 0x01,
    SYNFIN_SYN = 0x02,
    SYNFIN_RST = 0x04,
    SYNFIN_PSH = 0x08,
    SYNFIN_ACK = 0x10,
};

/* Bits of synfin_segment.bits. */
enum {
    SYNFIN_HAS_TIMESTAMPS = 0x01, /* RFC 7323 3: 12 bytes, where there is nothing else */
    SYNFIN_SACK_PERMITTED = 0x02, /* RFC 2018 2 */
    SYNFIN_HAS_SACK = 0x04,       /* RFC 2018 3, of segments without SYN: the blocks are in `option` */
    SYNFIN_FAST_OPEN = 0x04,      /* RFC 7413 4.1.1, of segments with SYN: the cookie is `option`; 0: asks for one */
    SYNFIN_BACKWARD = 0x08,       /* travels from the workload's `to` to its `from` */
    SYNFIN_CORRUPTED = 0x10,      /* fails its checksum at the receiver */
    SYNFIN_COPY = 0xe0,           /* made by a duplicate model: the copy's number, 1 to 7, shifted left by 5 */
};

enum { SYNFIN_TCP = 6, SYNFIN_UDP = 17 }; /* IP protocol numbers */
#define SYNFIN_NO_SCALE 0xff              /* the segment has no window scale option */
#define SYNFIN_NONE UINT32_MAX            /* no index */
enum { SYNFIN_SACK_BLOCKS = 4 };          /* as many as the header has room for (RFC 2018 3) */

/*
 * A TCP segment or UDP datagram. It carries the length of its data, not the data. Addresses and ports are in host
 * byte order. A protocol fills seq to tsecr; the host the rest when it emits the segment.
 */
struct synfin_segment {
    uint32_t source, destination; /* these, to `to`, lie as in struct synfin_sender */
    uint16_t source_port, destination_port;
    uint32_t connection; /* number x workloads + workload: unique in a run */
    uint32_t ordinal;    /* which in its direction of its connection, from 0, as the endpoint emitted it */
    uint32_t from;       /* the sender's endpoint, a hint for the host */
    uint32_t to;         /* the receiver's endpoint as the sender knows it, a hint; of a SYN, the connection's record */
    uint16_t kind_ordinal; /* which of its kind in its direction of its connection, from 1; stays at 65535 */
    uint8_t protocol;
    uint8_t bits;
    uint32_t seq; /* UDP: the offset of the datagram's first byte in its message */
    uint32_t ack; /* UDP: the size of the message, where the protocol wants to tell it */
    uint32_t tsval, tsecr;
    uint16_t window;
    uint8_t flags;
    uint8_t window_scale; /* of segments with SYN; SYNFIN_NO_SCALE: no such option */
    uint16_t mss;         /* likewise; 0: no such option */
    uint16_t length;      /* bytes of data */
    /* SYNFIN_HAS_SACK: left and right edges of one to four blocks, an empty one ends them; SYNFIN_FAST_OPEN: the
       cookie, in the first two. Not defined without these bits. */
    uint32_t option[2 * SYNFIN_SACK_BLOCKS];
};

/* Kinds, in the order in which the first that holds is taken (a SYN with data is a SYN). */
enum synfin_kind {
    SYNFIN_KIND_RST,
    SYNFIN_KIND_SYN_ACK,
    SYNFIN_KIND_SYN,
    SYNFIN_KIND_FIN,
    SYNFIN_KIND_DATA, /* UDP too */
    SYNFIN_KIND_ACK,
    SYNFIN_KINDS,
    SYNFIN_KIND_ANY = SYNFIN_KINDS, /* in lists only */
};

static inline enum synfin_kind synfin_segment_kind(const struct synfin_segment *s)
{
    /* By RST, SYN and FIN; with ACK, 16 more. */
    static const uint8_t kind[24] = {
        SYNFIN_KIND_ACK, SYNFIN_KIND_FIN, SYNFIN_KIND_SYN, SYNFIN_KIND_SYN,
        SYNFIN_KIND_RST, SYNFIN_KIND_RST, SYNFIN_KIND_RST, SYNFIN_KIND_RST,
        0, 0, 0, 0, 0, 0, 0, 0, /* PSH counts for nothing */
        SYNFIN_KIND_ACK, SYNFIN_KIND_FIN, SYNFIN_KIND_SYN_ACK, SYNFIN_KIND_SYN_ACK,
        SYNFIN_KIND_RST, SYNFIN_KIND_RST, SYNFIN_KIND_RST, SYNFIN_KIND_RST};
    uint8_t k = kind[s->flags & (SYNFIN_FIN | SYNFIN_SYN | SYNFIN_RST | SYNFIN_ACK)];
    return s->protocol != SYNFIN_TCP || (k == SYNFIN_KIND_ACK && s->length) ? SYNFIN_KIND_DATA : (enum synfin_kind)k;
}

/* SACK blocks of a segment without SYN. */
static inline uint32_t synfin_sack_blocks(const struct synfin_segment *s)
{
    uint32_t n = 0;
    if (s->bits & SYNFIN_HAS_SACK) {
        while (n < SYNFIN_SACK_BLOCKS && s->option[2 * n] != s->option[2 * n + 1])
            n++;
    }
    return n;
}

/* Bytes of TCP options, padded to whole words (RFC 9293 3.1, 3.2). */
static inline uint32_t synfin_options_size(const struct synfin_segment *s)
{
    uint32_t n = s->bits & SYNFIN_HAS_TIMESTAMPS ? 10u : 0u;
    if (s->flags & SYNFIN_SYN)
        n += (s->mss ? 4u : 0u) + (s->bits & SYNFIN_SACK_PERMITTED ? 2u : 0u) +
             (s->window_scale != SYNFIN_NO_SCALE ? 3u : 0u);
    if (s->bits & SYNFIN_HAS_SACK) {
        if (s->flags & SYNFIN_SYN)
            n += s->option[0] || s->option[1] ? 10 : 2;
        else
            n += 2 + 8 * synfin_sack_blocks(s);
    }
    return (n + 3) & ~3u;
}

/* Bytes of the IPv4 packet: header 20, TCP 20 with options or UDP 8, data. No link layer. */
static inline uint32_t synfin_segment_size(const struct synfin_segment *s)
{
    if (s->protocol != SYNFIN_TCP)
        return 20u + 8u + s->length;
    bool few = !(s->flags & SYNFIN_SYN) && !(s->bits & SYNFIN_HAS_SACK);
    return 20u + 20u + s->length + (few ? s->bits % 2 * 12u : synfin_options_size(s));
}

/* `[syn:2, any:3]`: segments of a connection by kind and number from 1. At most SYNFIN_LIST_MAX of them. */
#define SYNFIN_LIST_MAX 32
struct synfin_segment_list {
    uint32_t count;
    struct {
        uint32_t kind; /* enum synfin_kind, or SYNFIN_KIND_ANY */
        uint32_t number;
    } item[SYNFIN_LIST_MAX];
};

static inline bool synfin_segment_listed(const struct synfin_segment_list *l, const struct synfin_segment *s)
{
    enum synfin_kind kind = synfin_segment_kind(s);
    for (uint32_t i = 0; i < l->count; i++) {
        bool any = l->item[i].kind == SYNFIN_KIND_ANY;
        if ((any || l->item[i].kind == (uint32_t)kind) &&
            l->item[i].number == (any ? s->ordinal + 1 : (uint32_t)s->kind_ordinal))
            return true;
    }
    return false;
}

/* ---- Models ------------------------------------------------------------------------------------------------------ */

/* Stages of a link direction in the order in which a segment crosses them; arrivals belong to workloads. */
enum synfin_stage {
    SYNFIN_QUEUE,
    SYNFIN_LOSS,
    SYNFIN_DUPLICATE,
    SYNFIN_CORRUPT,
    SYNFIN_DELAY,
    SYNFIN_REORDER,
    SYNFIN_LINK_STAGES,
    SYNFIN_ARRIVALS = SYNFIN_LINK_STAGES,
    SYNFIN_STAGES,
};

struct synfin_crossing;
struct synfin_draws; /* the simulator's */

/* The most draws that a model is given at a time: of 4 segments of 16 connections. */
#define SYNFIN_DRAWS 64

/* What the simulator does for a model. Reached through the inline functions below. */
struct synfin_tools {
    uint32_t (*draw)(struct synfin_crossing *);
    double (*log)(double);    /* natural; the same bits on every machine, as are the next two */
    double (*exp)(double);
    double (*normal)(double); /* quantile of the standard normal distribution, argument in (0, 1) */
    /* Scale times this quantile, to the nearest whole number, halves away from 0; |scale| < 2^57. Faster. */
    int64_t (*normal_times)(double, double scale);
    /* normal_times and log of (draw + 1/2) / 2^32 for each of n draws, a multiple of 4, up to SYNFIN_DRAWS. Faster
       yet. */
    void (*normals)(const uint32_t *draw, double scale, int64_t *value, size_t n);
    void (*logs)(const uint32_t *draw, double *value, size_t n);
};

/* One segment at one stage (or, for arrivals, one connection of a workload). */
struct synfin_crossing {
    const struct synfin_segment *segment; /* NULL for arrivals */
    synfin_time now;                      /* when the segment reaches the stage; arrivals: when the last connection
                                             came, the workload's start for the first */
    uint64_t count;                       /* segments that reached the stage before; arrivals: connections so far */
    uint32_t size;                        /* of the packet, bytes */
    void *state;                          /* state_size bytes of this link direction (arrivals: of this workload) */
    void *connection_state;               /* connection_state_size bytes of this connection */
    const struct synfin_tools *tools;
    /* The simulator's: the place in the random stream; where the block last drawn there is kept, NULL: nowhere. */
    uint32_t key[2], counter[4];
    uint8_t lane;
    struct synfin_draws *kept;
};

/*
 * A uniformly distributed 32-bit number: draw 0, 1, 2 ... of this call. Without state_size, a pure function of seed,
 * replication, component, workload, connection and ordinal; with it, the count takes the place of the last three.
 */
static inline uint32_t synfin_draw(struct synfin_crossing *x)
{
    return x->tools->draw(x);
}

/* Uniform in the open interval (0, 1): (draw + 1/2) / 2^32. */
static inline double synfin_uniform(struct synfin_crossing *x)
{
    return ((double)synfin_draw(x) + 0.5) * 0x1p-32;
}

/* True with probability p, exact to 2^-63: a second draw decides where the first is on the border. */
static inline bool synfin_chance(struct synfin_crossing *x, synfin_probability p)
{
    uint64_t high = p >> 31, u = synfin_draw(x);
    if (u != high)
        return u < high;
    return (synfin_draw(x) >> 1) < (p & UINT64_C(0x7fffffff));
}

/*
 * What befalls a segment of TCP at a LOSS stage. A middlebox takes it out of the link and may reset the connection: it
 * sends a RST, as if from the other end, to the segment's sender (RFC 9293 3.10.7.1: what a closed port would answer),
 * to its receiver (the segment's place in the sequence) or both. It stands in the middle of the link: the RST to the
 * receiver takes the rest of the segment's way, the one to the sender crosses the link's other direction as any
 * segment, but no model that resets. Nobody is told of a SYN's fate but its sender.
 */
enum synfin_loss { SYNFIN_LOST = 1, SYNFIN_RESET_SENDER = 2, SYNFIN_RESET_RECEIVER = 4 };

/*
 * A link or arrival model. `act` is called for each segment that reaches the stage, in order; what it returns:
 *   QUEUE      ns until the segment has left the queue, its transmission included; SYNFIN_NEVER: dropped
 *   LOSS       SYNFIN_LOST: lost, 0: not; where `resets` says so, bits of enum synfin_loss
 *   DUPLICATE  how many copies more (0 to 15)
 *   CORRUPT    1: corrupted, 0: not
 *   DELAY      ns; below 0 counts as 0
 *   REORDER    1: the segment's delay on this link becomes 0, 0: it stays
 *   ARRIVALS   the instant of the next connection, at or after now; SYNFIN_NEVER: there is none
 */
struct synfin_model {
    const char *name;
    enum synfin_stage stage;
    const char *help;   /* one line */
    const char *source; /* paper, RFC or tool */
    const struct synfin_param *params;
    size_t config_size;
    size_t state_size;            /* memory of one link direction; 0: none, and segments are independent */
    size_t connection_state_size; /* memory of one connection on this stage, kept to the end of the run */
    int64_t (*act)(const void *config, struct synfin_crossing *);
    /* Checks what the table cannot, works out what act needs; reads files; may allocate. 0, or -1 with a complaint.
       Called once per configuration, after the parameters are filled in. May be NULL. */
    int (*prepare)(void *config, struct synfin_complaint *);
    /* Frees what prepare allocated. May be NULL. */
    void (*release)(void *config);
    /* DELAY: the least delay that act can return, ns; lets hosts run ahead of each other, so where act returns less, a
       run may abort. NULL: 0. */
    synfin_time (*least_delay)(const void *config);
    /* DELAY: the greatest; where it is the least as well, act need not be called. NULL: unknown. */
    synfin_time (*greatest_delay)(const void *config);
    /* QUEUE: packets waiting at `now` (the one in transmission not included), for series. May be NULL. */
    uint64_t (*waiting)(const void *state, synfin_time now);
    /* QUEUE: the most packets that ever waited. May be NULL. */
    uint64_t (*most_waiting)(const void *state);
    /* Frees what act put into state at the end of the run (a queue's ring may grow). May be NULL. */
    void (*finish)(void *state);
    /* Whether a model with state_size uses it in this configuration; where not, it is as if state_size were 0. NULL: it
       does. */
    bool (*has_memory)(const void *config);
    /* LOSS: act may return SYNFIN_RESET_SENDER and SYNFIN_RESET_RECEIVER, with SYNFIN_LOST. */
    bool resets;
    /* Both directions of a link that have this model share its memory, and reach it in the order of time. */
    bool both_ways;
    /* LOSS, where act is synfin_chance() of one probability and nothing else: which it is, 0 to SYNFIN_CERTAIN. Then
       its answers are worked out ahead where they can be, and act is not called for them. NULL: act looks at more. */
    synfin_probability (*chance)(const void *config);
    /* DELAY and ARRIVALS, where act is a function of one synfin_draw() and nothing else: what it returns for each of
       n draws, to the last bit; of ARRIVALS less `now`, which act adds. All n are written, a multiple of 4 and up to
       SYNFIN_DRAWS. Then they are worked out ahead, many at a time, where they can be, even of draws that nothing comes
       to use, and act is not called for them. NULL: act looks at more. */
    void (*delays_of)(const void *config, const uint32_t *draw, int64_t *delay, size_t n, const struct synfin_tools *);
};

/* ---- Protocols --------------------------------------------------------------------------------------------------- */

/* Who emits: the common head of endpoints and TIME-WAIT records. Protocols read the addresses and the state. */
struct synfin_sender {
    uint32_t local, remote; /* from here to `peer`: what its segments begin with */
    uint16_t local_port, remote_port;
    uint32_t connection; /* as in synfin_segment */
    uint32_t ordinal;    /* of the next segment */
    uint32_t self;       /* the endpoint's index at its host; SYNFIN_NONE: this is no endpoint's */
    uint32_t peer;       /* the peer's endpoint, a hint */
    uint8_t protocol;    /* index in the registry */
    uint8_t state;       /* of the protocol; 0 is CLOSED. Changed by synfin_enter only */
    uint8_t number;      /* of the protocol, IP's */
    uint8_t sides;       /* SYNFIN_BACKWARD: at the workload's `to`; the rest is the host's */
    uint32_t heard;      /* one more than the highest ordinal that arrived */
};

enum { SYNFIN_TIMERS = 4 }; /* timers of an endpoint: slot 0 is the cheap one */

/* Head of every protocol's endpoint: its first member. The host's; a protocol reads only, but for SYNFIN_CROWDED. 48
   bytes. */
struct synfin_endpoint {
    struct synfin_sender sender;
    uint32_t record;        /* of the connection's statistics */
    uint32_t timer_position; /* of slot 0 */
    uint8_t timer_lane;
    uint8_t host_bits;
    uint16_t listener; /* which listener took it */
};

/* Bits of host_bits: the endpoint has its extra block; connections wait in the listener's queue until the application
   accepts them (else it takes them as they come); because of others the listener has treated one otherwise, for want of
   room, say: the protocol sets it (synfin_results.crowded). */
enum { SYNFIN_EXTRA_TAKEN = 0x80, SYNFIN_QUEUES = 0x40, SYNFIN_CROWDED = 0x20 };

/* Room for what a protocol keeps of a connection in TIME-WAIT. */
enum { SYNFIN_TIME_WAIT_DATA = 24 };

/* A connection in TIME-WAIT: the endpoint is gone, this record stays. */
struct synfin_time_wait {
    synfin_time expiry, entered;
    struct synfin_sender sender;
    uint32_t root; /* the host's: where its four-tuple is kept */
    uint64_t data[SYNFIN_TIME_WAIT_DATA / 8]; /* the protocol's */
};

/* What the application is told. */
enum synfin_news {
    SYNFIN_ESTABLISHED, /* once */
    SYNFIN_DATA,        /* n more bytes arrived in order */
    SYNFIN_PEER_CLOSED, /* all data came and the peer sends no more */
    SYNFIN_CLOSED,      /* over, in order: after this the endpoint is gone; n: 1 where TIME-WAIT had no room for it */
    SYNFIN_FAILED,      /* over; n is an enum synfin_failure; after this the endpoint is gone */
    SYNFIN_EARLY,       /* data may come and go before SYNFIN_ESTABLISHED (RFC 7413), once */
};

enum synfin_failure { SYNFIN_TIMEOUT, SYNFIN_RESET, SYNFIN_REFUSED, SYNFIN_NO_PORT, SYNFIN_FAILURES };

struct synfin_host;

/* What a host does for a protocol: all that an endpoint can cause. Reached through the inline functions below. */
struct synfin_host_api {
    void (*emit)(struct synfin_host *, struct synfin_sender *, struct synfin_segment *);
    void (*arm)(struct synfin_host *, struct synfin_endpoint *, unsigned slot, synfin_time deadline,
                synfin_time duration);
    void (*disarm)(struct synfin_host *, struct synfin_endpoint *, unsigned slot);
    void (*enter)(struct synfin_host *, struct synfin_endpoint *, uint8_t state);
    void (*tell)(struct synfin_host *, struct synfin_endpoint *, enum synfin_news, uint64_t n);
    struct synfin_endpoint *(*spawn)(struct synfin_host *, struct synfin_endpoint *listener,
                                     const struct synfin_segment *);
    struct synfin_endpoint *(*listener)(struct synfin_host *, const struct synfin_segment *);
    void *(*extra)(struct synfin_host *, struct synfin_endpoint *);
    struct synfin_time_wait *(*time_wait)(struct synfin_host *, struct synfin_endpoint *, synfin_time duration);
    void (*time_wait_restart)(struct synfin_host *, struct synfin_time_wait *, synfin_time duration);
    void (*time_wait_end)(struct synfin_host *, struct synfin_time_wait *);
    struct synfin_endpoint *(*parent)(struct synfin_host *, struct synfin_endpoint *child);
    uint64_t *(*peer)(struct synfin_host *, uint32_t remote);
    void *(*large)(struct synfin_host *, struct synfin_endpoint *);
};

/* The host as a protocol sees it. */
struct synfin_host {
    const struct synfin_host_api *api;
    synfin_time now;
    const void *const *settings; /* a configuration per protocol of the registry */
    uint64_t secret[2];          /* of this host and run: for ISNs (RFC 6528) and timestamp offsets (RFC 7323 5.4) */
    uint64_t time_waits;         /* connections in TIME-WAIT; a protocol may add others that it counts among them */
    bool watched;                /* `enter` is to be called for every state */
};

/* The configuration of the endpoint's protocol at this host. */
static inline const void *synfin_settings_of(const struct synfin_host *h, const struct synfin_sender *s)
{
    return h->settings[s->protocol];
}

/* Sends a segment from here. The protocol has filled seq, ack, window, flags, window_scale, mss, length, bits (the
   SYNFIN_HAS_, _PERMITTED and SYNFIN_FAST_OPEN ones), tsval, tsecr and option. */
static inline void synfin_emit(struct synfin_host *h, struct synfin_sender *s, struct synfin_segment *seg)
{
    h->api->emit(h, s, seg);
}

/* Starts or restarts the timer `slot` (0 to SYNFIN_TIMERS - 1), to expire at `deadline`. `duration`, ns, is the nominal
   one (before rounding to a wheel): timers of equal duration are cheap. */
static inline void synfin_arm(struct synfin_host *h, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
                              synfin_time duration)
{
    h->api->arm(h, e, slot, deadline, duration);
}

/* Stops the timer `slot`; nothing happens where it does not run. */
static inline void synfin_disarm(struct synfin_host *h, struct synfin_endpoint *e, unsigned slot)
{
    h->api->disarm(h, e, slot);
}

/* The endpoint enters a state: every one, however short, in the order in which they are passed through. TIME-WAIT is
   entered by synfin_time_wait, CLOSED by telling SYNFIN_CLOSED or SYNFIN_FAILED. */
static inline void synfin_enter(struct synfin_host *h, struct synfin_endpoint *e, uint8_t state)
{
    if (h->watched)
        h->api->enter(h, e, state);
    e->sender.state = state;
}

/* Tells the application. It may call the protocol's send, close and abort before this returns. After SYNFIN_CLOSED and
   SYNFIN_FAILED the endpoint's timers are off and its state is 0; its memory stays until the protocol's function that
   the host called returns. Not to be called for listeners. */
static inline void synfin_tell(struct synfin_host *h, struct synfin_endpoint *e, enum synfin_news news, uint64_t n)
{
    h->api->tell(h, e, news, n);
}

/* A new endpoint of the listener's protocol for the segment's four-tuple, zeroed but for its head, in state 0; NULL:
   no memory, or the tuple is taken. */
static inline struct synfin_endpoint *synfin_spawn(struct synfin_host *h, struct synfin_endpoint *listener,
                                                   const struct synfin_segment *seg)
{
    return h->api->spawn(h, listener, seg);
}

/* The endpoint that listens for the segment's destination, NULL: none. */
static inline struct synfin_endpoint *synfin_listener(struct synfin_host *h, const struct synfin_segment *seg)
{
    return h->api->listener(h, seg);
}

/* The listener that spawned the endpoint, NULL: it was opened actively. */
static inline struct synfin_endpoint *synfin_parent(struct synfin_host *h, struct synfin_endpoint *e)
{
    return h->api->parent(h, e);
}

/* The endpoint's block of extra_size bytes, zeroed when it is first taken; NULL: no memory. Freed with the endpoint. */
static inline void *synfin_extra(struct synfin_host *h, struct synfin_endpoint *e)
{
    return h->api->extra(h, e);
}

/* The endpoint's block of large_size bytes, for what few endpoints need; not zeroed. It stays where it is; NULL: no
   memory. Freed with the endpoint. */
static inline void *synfin_large(struct synfin_host *h, struct synfin_endpoint *e)
{
    return h->api->large(h, e);
}

static inline bool synfin_has_extra(const struct synfin_endpoint *e)
{
    return (e->host_bits & SYNFIN_EXTRA_TAKEN) != 0;
}

/* Replaces the endpoint by a record in TIME-WAIT for `duration` ns: timers off, the application counts the side as
   done; the endpoint's memory stays until the protocol's function that the host called returns. The caller fills data.
   NULL: no memory (the side is closed instead). */
static inline struct synfin_time_wait *synfin_time_wait(struct synfin_host *h, struct synfin_endpoint *e,
                                                        synfin_time duration)
{
    return h->api->time_wait(h, e, duration);
}

/* Starts the record's time anew. The record may move: do not touch it afterwards. */
static inline void synfin_time_wait_restart(struct synfin_host *h, struct synfin_time_wait *w, synfin_time duration)
{
    h->api->time_wait_restart(h, w, duration);
}

/* Ends TIME-WAIT at once: the four-tuple is free. */
static inline void synfin_time_wait_end(struct synfin_host *h, struct synfin_time_wait *w)
{
    h->api->time_wait_end(h, w);
}

/* What the protocols of this host keep of another address, 0 at first (TCP: its Fast Open cookie); NULL: no room. */
static inline uint64_t *synfin_peer(struct synfin_host *h, uint32_t remote)
{
    return h->api->peer ? h->api->peer(h, remote) : NULL;
}

/* A named set of settings, applied over the defaults of the parameter table. */
struct synfin_preset {
    const char *param, *value;
};
struct synfin_profile {
    const char *name;
    const char *help;
    const struct synfin_preset *presets; /* ends with {NULL, NULL} */
};

/*
 * A protocol: functions that the host calls with `now` set. Endpoints are endpoint_size bytes that begin with a struct
 * synfin_endpoint. `listen` and `open` find the addresses filled in.
 */
struct synfin_protocol {
    const char *name;
    const char *help;
    const char *source;
    uint8_t number;     /* IP protocol */
    uint8_t time_wait_state; /* which state is TIME-WAIT, 0: it has none */
    const char *const *states;     /* names by number, NULL at the end; states[0] is CLOSED */
    const struct synfin_param *params;
    const struct synfin_profile *profiles; /* ends with a row without a name; NULL: none */
    size_t config_size;
    size_t endpoint_size;
    size_t extra_size;
    int (*prepare)(void *config, struct synfin_complaint *); /* as for models; may be NULL */
    void (*listen)(struct synfin_endpoint *, struct synfin_host *, uint64_t backlog); /* passive open */
    void (*open)(struct synfin_endpoint *, struct synfin_host *);   /* active open */
    void (*segment)(struct synfin_endpoint *, const struct synfin_segment *, struct synfin_host *);
    /* A segment for no endpoint; `reply` is where an answer goes out. */
    void (*stray)(struct synfin_sender *reply, const struct synfin_segment *, struct synfin_host *);
    void (*time_wait)(struct synfin_time_wait *, const struct synfin_segment *, struct synfin_host *); /* may be NULL */
    void (*timer)(struct synfin_endpoint *, unsigned slot, struct synfin_host *);
    void (*send)(struct synfin_endpoint *, uint64_t bytes, struct synfin_host *); /* the application hands over data */
    void (*close)(struct synfin_endpoint *, struct synfin_host *);
    void (*abort)(struct synfin_endpoint *, struct synfin_host *);
    /* What the timer is called now ("SYN", "RTO", "FIN-WAIT-2" ...), for traces. */
    const char *(*timer_name)(const struct synfin_endpoint *, unsigned slot);
    /* Kinds of close, as sockets have them. shutdown: the application sends no more but stays and reads on; close or
       leave may follow. leave: it is gone altogether, data that still arrives meets nobody. NULL: as close, which
       stands between the two: the application is gone as far as timeouts go, but data that arrives is taken. */
    void (*shutdown)(struct synfin_endpoint *, struct synfin_host *);
    void (*leave)(struct synfin_endpoint *, struct synfin_host *);
    /* The application takes the connection out of its listener's queue (SYNFIN_QUEUES). May be NULL. */
    void (*accept)(struct synfin_endpoint *, struct synfin_host *);
    /* Whether an active open may end the record's TIME-WAIT and take its four-tuple; `chosen`: the application named
       the port. Where it may, it is called again with the new endpoint, which takes over what it needs of the record
       before `open` is called. NULL: never. */
    bool (*take_over)(struct synfin_time_wait *, struct synfin_endpoint *, bool chosen, struct synfin_host *);
    /* Active open that hands over data: true, data goes with the first segment; false, only opened, the data is not
       taken. NULL: cannot. */
    bool (*open_with)(struct synfin_endpoint *, uint64_t bytes, struct synfin_host *);
    size_t large_size; /* 0: it asks for no such block */
};

/* ---- Loadable plugins -------------------------------------------------------------------------------------------- */

struct synfin_plugin {
    uint32_t major, minor;                          /* SYNFIN_PLUGIN_MAJOR, SYNFIN_PLUGIN_MINOR */
    const struct synfin_model *const *models;       /* NULL at the end; NULL: none */
    const struct synfin_protocol *const *protocols; /* likewise */
};

/* The one symbol that a loadable plugin exports: `const struct synfin_plugin *synfin_plugin(void)`. */
#define SYNFIN_PLUGIN_ENTRY synfin_plugin
typedef const struct synfin_plugin *(*synfin_plugin_entry)(void);
#define SYNFIN_PLUGIN_SYMBOL "synfin_plugin"

#ifdef __cplusplus
}
#endif
#endif
