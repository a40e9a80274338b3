/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints in virtual time, without the simulator: one or two hosts of a few connections each, joined by wires of
 * fixed delay whose n-th segment a test may drop, double or hold back. All that an endpoint does is kept: segments,
 * states, news to the application, timers. Events run in the order of time, cause, source (timers first), emission.
 *
 * Segments are written as text, for arrivals and expectations alike, only the fields that matter:
 *     `20ms S. seq=0 ack=1 len=5 win=1000 mss=1460 ws=7 ts=5,0 sack`, `. seq=1 ack=1 sack=101:201,301:401`
 * Flags are S F R P and `.` for ACK (`-`: none), in any order; PSH is not compared. Without `len` there is no data.
 * Numbers are relative to the initial sequence number of the side that sent them (so SYN has seq=0, its
 * acknowledgment ack=1); `absolute` says that they are not. `cookie` is a Fast Open cookie, `cookie=0` asks for one,
 * `cookie=none` has none. `sack` alone is SACK-permitted, `sack=` says that there are no blocks.
 */
#ifndef SYNFIN_TCP_FIXTURE_H
#define SYNFIN_TCP_FIXTURE_H

#include "protocols.h"
#include "suite.h"

/* Settings most tests use; further `name=value` may follow after a space. What the user sends goes out at once. */
#define RFC "profile=rfc9293 nodelay=true"
#define LINUX "profile=linux timers=exact"

enum direction { FORWARD, BACKWARD }; /* emitted by a, by b */

/* What the application of a side does by itself. */
struct application {
    bool close_established, close_peer_closed;
    bool abort_established, abort_data;
    uint64_t send_established; /* bytes, before close_established */
    uint64_t request, response; /* once so many bytes came, so many are sent */
};

struct slot_timer {
    bool on;
    synfin_time deadline, armed, duration;
    uint64_t order;
};

/* One connection, or a listener. */
struct slot {
    struct side *side;
    struct synfin_endpoint *endpoint;
    struct synfin_time_wait *time_wait;
    void *extra, *large;
    struct slot_timer timer[SYNFIN_TIMERS];
    struct synfin_sender name; /* the addresses; stay when the endpoint is gone */
    uint64_t time_wait_order;
    uint64_t received, handed; /* bytes: to the application, by it */
    uint32_t iss; /* of its first SYN */
    bool iss_known, established, dying, answered, closed;
    uint64_t opened; /* order of creation */
};

enum { SLOTS = 12 };

struct sent {
    synfin_time time;
    struct synfin_segment segment;
    uint32_t seq, ack; /* relative */
};

enum note_kind { NOTE_STATE, NOTE_NEWS };
struct note {
    synfin_time time;
    enum note_kind kind;
    unsigned what; /* state; enum synfin_news */
    uint64_t n;
};

struct side {
    struct synfin_host base; /* first: what the protocol gets */
    struct pair *pair;
    enum direction out;
    const struct synfin_protocol *protocol;
    void *config;
    const void *settings[1];
    uint32_t address;
    struct application application;
    struct slot slot[SLOTS];
    struct slot *listener; /* NULL: none */
    struct slot *current;  /* the connection opened last, NULL: none so far */
    unsigned depth;        /* of calls into the protocol */
    const struct synfin_segment *trigger; /* the segment that is being handled: a listener answers its sender */
    bool no_memory;        /* spawn, extra and time_wait find none */
    uint64_t peer;         /* what the protocol keeps of the other address */
    struct sent *sent;
    size_t sends, sends_seen, sends_room;
    struct note *note;
    size_t notes, states_seen, news_seen, notes_room;
};

struct wire {
    synfin_time delay;
    uint64_t drop, twice; /* bit n - 1: the n-th segment */
    struct {
        unsigned number;
        synfin_time extra;
    } hold[4];
    unsigned holds, sent;
};

struct flying {
    synfin_time arrival, emitted;
    uint64_t order;
    struct side *to;
    struct synfin_segment segment;
};

struct pair {
    struct side a, b;
    bool single; /* there is no b: the test is the peer */
    uint32_t peer_iss; /* single: the initial sequence number that the test's texts are relative to */
    struct wire wire[2];
    struct flying *flying;
    size_t flights, flights_room;
    uint64_t order;
    const char *wrong; /* an endpoint sent what its user had not handed over */
    char label[200]; /* said in failures */
};

/* ---- Making ------------------------------------------------------------------------------------------------------ */

struct pair *pair_of(const struct synfin_protocol *, const char *a, const char *b);
struct pair *pair_new(const char *a, const char *b); /* TCP; wires of 10 ms */
struct pair *single_new(const char *settings);
void pair_free(struct pair *);
void pair_delay(struct pair *, synfin_time one_way);
void drop(struct pair *, enum direction, unsigned number);
void twice(struct pair *, enum direction, unsigned number);
void hold(struct pair *, enum direction, unsigned number, synfin_time extra);

/* One endpoint brought into a state by an active open (SYN-RECEIVED and LISTEN: a passive one) and the segments this
   takes; what it did on the way is seen already. Peer: window 65535, no options. TCP_CLOSED: nothing there at all. */
struct pair *endpoint_in(enum tcp_state, const char *settings);
/* The same through a listener: SYN-RECEIVED and later. */
struct pair *passive_endpoint_in(enum tcp_state, const char *settings);
/* Goes on from ESTABLISHED. */
void bring_to(struct pair *, enum tcp_state);
/* A single endpoint in ESTABLISHED by an active open; its peer announced MSS 1000. The settings are its label. */
struct pair *established_to_1000(const char *settings);

/* ---- The user, the wire and time --------------------------------------------------------------------------------- */

void open_listener(struct side *, uint64_t backlog);
void open_active(struct side *);
void open_active_at(struct side *, uint16_t port); /* local */
void open_fast(struct side *, uint16_t port, uint64_t bytes); /* with data for the SYN (RFC 7413) */
void user_send(struct side *, uint64_t bytes);
void user_close(struct side *);
void user_shutdown(struct side *); /* goes on to read */
void user_leave(struct side *);    /* and does not look at what comes */
void user_accept(struct side *);
void user_abort(struct side *);

void arrive(struct side *, const char *text); /* now */
void arrive_from(struct side *, uint16_t port, const char *text);
void receive(struct side *, const struct synfin_segment *);
void run_until(struct pair *, const char *when); /* `1.02s`; events at that instant included */
void run_to(struct pair *, synfin_time);
void run_to_end(struct pair *);

/* ---- Looking ----------------------------------------------------------------------------------------------------- */

enum tcp_state state_of(const struct side *); /* of the current connection; of the listener where there was none */
const char *state_name(enum tcp_state);
unsigned connections_in(const struct side *, enum tcp_state);
synfin_time next_timer(const struct side *); /* SYNFIN_NEVER: all are off */
const struct sent *last_sent(const struct side *); /* NULL: nothing yet */
void forget(struct side *); /* what happened so far is seen */
void label(struct pair *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What happened since the last look, all of it. */
/* One after the other; NULL: no more, so that a row of a table may ask for silence. */
#define EXPECT_SENT(side, ...) expect_sent(__FILE__, __LINE__, side, (const char *const[]){__VA_ARGS__, NULL})
#define EXPECT_SILENCE(side) expect_sent(__FILE__, __LINE__, side, (const char *const[]){NULL})
/* `0 SYN-SENT, 20ms ESTABLISHED`; without times where `text` has none. */
#define EXPECT_STATES(side, text) expect_notes(__FILE__, __LINE__, side, NOTE_STATE, text)
/* `20ms established, 30ms data 5`: also peer-closed, closed, failed timeout|reset|refused. */
#define EXPECT_NEWS(side, text) expect_notes(__FILE__, __LINE__, side, NOTE_NEWS, text)
#define EXPECT_STATE(side, state) expect_state(__FILE__, __LINE__, side, state)
#define EXPECT(pair, condition) expect(__FILE__, __LINE__, pair, condition, #condition)
#define EXPECT_EQUAL(pair, got, wanted) \
    expect_equal(__FILE__, __LINE__, pair, (int64_t)(got), (int64_t)(wanted), #got " == " #wanted)

void expect_sent(const char *file, unsigned line, struct side *, const char *const *expected);
void expect_notes(const char *file, unsigned line, struct side *, enum note_kind, const char *text);
void expect_state(const char *file, unsigned line, struct side *, enum tcp_state);
void expect(const char *file, unsigned line, const struct pair *, bool holds, const char *text);
void expect_equal(const char *file, unsigned line, const struct pair *, int64_t got, int64_t wanted, const char *text);

/* ---- Notation ---------------------------------------------------------------------------------------------------- */

/* A segment as written; which fields were. */
struct notation {
    bool timed, seq_given, ack_given, length_given, window_given, mss_given, scale_given, timestamps_given, sack_given,
        blocks_given, cookie_given, no_cookie, absolute;
    synfin_time time;
    struct synfin_segment segment;
};
struct notation segment_read(const char *text);
void segment_show(const struct sent *, char *text, size_t size);
void time_show(synfin_time, char *text, size_t size);

#endif
