/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP, RFC 9293: what the files of the engine share.
 *
 *   tcp.c             the descriptor; what the user calls (3.10.1 to 3.10.6)
 *   tcp_segment.c     a segment arrives (3.10.7)
 *   tcp_listen.c      LISTEN and the queue of half-open connections
 *   tcp_cookie.c      SYN cookies
 *   tcp_fast_open.c   Fast Open (RFC 7413)
 *   tcp_time_wait.c   TIME-WAIT as a record
 *   tcp_rto.h         retransmission timeout (RFC 6298), the timer wheel
 *   tcp_timer.c       timers start, a timer expires (3.10.8)
 *   tcp_output.c      segments leave
 *   tcp_option.c      options of a SYN, timestamps (RFC 7323)
 *   tcp_keepalive.c   keep-alives (RFC 9293 3.8.4)
 *   tcp_isn.c         initial sequence numbers (RFC 6528)
 *   tcp_data.c        sending and receiving data
 *   tcp_sack.c        selective acknowledgments (RFC 2018, RFC 2883)
 *   tcp_scoreboard.c  what of the data sent the peer has, by its selective acknowledgments
 *   tcp_recovery.c    loss recovery with them (RFC 6675; F-RTO, RFC 5682)
 *   tcp_reduction.c   the window meanwhile (PRR, RFC 6937), and undoing its reduction
 *   tcp_rack.c        losses found by time (RACK-TLP, RFC 8985)
 *   tcp_congestion.c  congestion control (RFC 5681), recovery without SACK (NewReno, RFC 6582)
 *   tcp_cubic.c       CUBIC (RFC 9438)
 *   tcp_profile.c     parameters and profiles
 *
 * A connection that only opens and closes lives in the 128 bytes of struct tcp_endpoint. What data transfer needs
 * stands in struct tcp_data (tcp_data.h), taken when the first byte is sent or arrives.
 */
#ifndef SYNFIN_TCP_H
#define SYNFIN_TCP_H

#include <assert.h>

#include "protocols.h"
#include "ranges.h"

struct tcp_congestion;
struct tcp_data;

/* ---- Profiles (tcp_profile.c) ------------------------------------------------------------------------------------ */

/* What rto_min bounds. */
enum { TCP_FLOOR_RTO, TCP_FLOOR_VARIANCE };
/* What retries2 and orphan_retries count. */
enum { TCP_RETRIES_COUNT, TCP_RETRIES_TIME };
/* How a repeated SYN is answered in SYN-RECEIVED. */
enum { TCP_REPEATED_SYN_ACK, TCP_REPEATED_SYN_SYN_ACK };
enum { TCP_RULES_RFC9293, TCP_RULES_LINUX };
enum { TCP_TIMERS_EXACT, TCP_TIMERS_WHEEL };

enum { TCP_WINDOW_FIELDS = 16 };

/* A duration as the timer wheel takes it (tcp_rto.h). */
struct tcp_wait {
    synfin_time duration;
    uint64_t jiffies;
    unsigned shift; /* the slot it falls into is 2^shift jiffies wide */
};

/* A host's settings; names and meanings stand in the table of tcp_profile.c. */
struct tcp_profile {
    uint64_t mss, window, window_initial;
    bool window_scaling, timestamps, sack, dsack;
    uint64_t syn_retries, syn_linear_timeouts, synack_retries, retries2, orphan_retries;
    int retries_measure;
    synfin_time rto_initial, rto_min, rto_max, rto_after_syn_loss;
    int rto_floor;
    uint64_t early_retrans, recovery, frto;
    int congestion_control;
    synfin_time user_timeout;
    bool nodelay, keepalive;
    synfin_time keepalive_time, keepalive_intvl;
    uint64_t keepalive_probes;
    synfin_time fin_timeout, time_wait;
    int time_wait_rules;
    uint64_t tw_reuse, max_tw_buckets;
    bool rfc1337;
    int repeated_syn;
    int rules;
    uint64_t challenge_ack_limit;
    synfin_time invalid_ratelimit;
    bool simultaneous_ack;
    bool syn_in_window_reset;
    uint64_t max_syn_backlog, somaxconn, syncookies;
    bool abort_on_overflow;
    synfin_time defer_accept;
    synfin_time delayed_ack;
    uint64_t fastopen, fastopen_queue;
    bool slow_start_after_idle;
    uint64_t initial_window, initial_window_syn_losses;
    int timers;
    uint64_t hz;
    synfin_time wheel_phase;

    /* Worked out by tcp_profile_prepare(). */
    synfin_time tick;        /* of the timer wheel */
    synfin_time wheel_shift; /* added to an instant, gives its place on the host's grid */
    synfin_time give_up[2];  /* time after the first retransmission; [1]: the user has closed */
    uint64_t retries[2];     /* retransmissions; likewise */
    uint64_t tick_inverse;      /* 2^(64 + tick_bits) / tick, rounded up */
    struct tcp_wait wait_syn, wait_time_wait; /* rto_initial, time_wait */
    synfin_time variance_min;   /* least variance term of a timeout */
    uint32_t window_offered[2]; /* RCV.WND of a new connection; [1]: of segments with timestamps */
    uint16_t window_field[TCP_WINDOW_FIELDS]; /* what segments say of it, by tcp_window_which() */
    uint8_t defer_timeouts;     /* SYN+ACK timeouts that defer_accept lasts */
    synfin_time syn_give_up;    /* time that retransmissions of a SYN may take */
    uint8_t window_shift;    /* what is said in the window scale option */
    uint8_t tick_bits;       /* of tick, but for the first */
    uint8_t options;         /* of our SYN, as flags of an endpoint */
    const struct tcp_congestion *congestion;
};

extern const struct synfin_param tcp_params[];
extern const struct synfin_profile tcp_profiles[];
int tcp_profile_prepare(void *config, struct synfin_complaint *);

static inline const struct tcp_profile *tcp_profile_of(const struct synfin_host *host,
                                                       const struct synfin_sender *sender)
{
    return synfin_settings_of(host, sender);
}

/* ---- The connection ---------------------------------------------------------------------------------------------- */

/* Retransmission timeout by RFC 6298. All times in nanoseconds. */
struct tcp_rto {
    synfin_time srtt; /* 0 until the first sample */
    synfin_time rttvar;
    synfin_time rto; /* doubles with each expiry, until the next sample */
};

/* Bits of tcp_endpoint.flags. */
enum {
    TCP_TIMESTAMPS = SYNFIN_HAS_TIMESTAMPS, /* both sides use timestamps; as in a segment's bits, as is the next */
    TCP_SACK = SYNFIN_SACK_PERMITTED,       /* both sides said SACK-permitted */
    TCP_SCALING = 0x0004,      /* both sides use window scale; on this and the next two the first window depends */
    TCP_OFFER_TIMED = 0x0008,  /* it was worked out for segments with timestamps */
    TCP_SYN_UNACKED = 0x0010,  /* our SYN, number SND.UNA, is not acknowledged */
    TCP_ACK_DUE = 0x0020,      /* an arrival calls for an ACK; whatever carries one clears it */
    TCP_CLOSE_CALLED = 0x0040, /* the user has called CLOSE */
    TCP_FIN_SENT = 0x0080,     /* our FIN has its sequence number: SND.NXT - 1 */
    TCP_HALF_OPEN = 0x0100,    /* counted in its listener */
    TCP_TIMED = 0x0200,        /* `mark` is when the segment that ends at `mark_end` was sent */
    TCP_ANSWERED = 0x0400,     /* `answered` holds */
    TCP_SMALL_START = 0x0800,  /* SYNs were lost: data begins with a window of one segment (RFC 5681 3.1) */
    TCP_ORPHAN = 0x1000,       /* the user is gone: nobody reads any more */
    TCP_PROBE_DUE = 0x2000,    /* the retransmission timer is that of a tail loss probe (RFC 8985 7) */
    TCP_PROBED = 0x4000,       /* such a probe has been sent and is not acknowledged */
    TCP_QUEUED = 0x8000,       /* counted in its listener's accept queue */
};

/* Bits of tcp_endpoint.more. */
enum {
    TCP_MORE_DEFERRED = 0x01, /* the ACK of our SYN+ACK came and was not taken: defer_accept waits for data, or
                                 there was no room */
    TCP_MORE_SYN_TWICE = 0x02, /* the next ACK tells of the peer's SYN as a duplicate */
    TCP_MORE_REUSES = 0x20,    /* takes the place of one in TIME-WAIT: SND.UNA and TS.Recent follow from that */
    TCP_MORE_COOKIE = 0x40,    /* made from a SYN cookie */
    TCP_MORE_FAST = 0x80,      /* opened by Fast Open: the user knows of it before our SYN+ACK is acknowledged */
    TCP_MORE_YOUNG = 0x04,    /* counted as young in its listener: its SYN+ACK has not timed out */
    TCP_MORE_LEFT = 0x08,     /* nobody is there for data that arrives */
    TCP_MORE_DELAYED = 0x10,  /* the delayed ACK's timer runs */
};

struct tcp_endpoint {
    struct synfin_endpoint head;
    union {
        struct tcp_rto rto;
        struct {
            uint32_t backlog;
            uint32_t waiting;        /* connections in the accept queue */
            uint32_t half_open;      /* connections in SYN-RECEIVED, without those opened by Fast Open */
            uint32_t young;          /* those of them whose SYN+ACK has not timed out */
            synfin_time cookie_sent; /* when the last SYN cookie was sent, + 1 ns; 0: none so far */
        } listener;
    };
    synfin_time mark;     /* TCP_TIMED: see there; while retransmitting, when the first retransmission was sent */
    synfin_time answered; /* when the last answer was sent that invalid_ratelimit limits */
    uint32_t snd_una;     /* 3.3.1: SND.UNA, SND.NXT, RCV.NXT */
    uint32_t snd_nxt;
    uint32_t rcv_nxt;
    union {
        uint32_t mark_end;
        uint32_t fast_open; /* LISTEN: connections opened by Fast Open that are in SYN-RECEIVED */
    };
    uint32_t snd_wnd;     /* SND.WND, bytes */
    uint32_t max_snd_wnd; /* the largest so far (RFC 5961 5.2) */
    uint32_t ts_recent;   /* RFC 7323 4.3 */
    uint32_t ts_offset;   /* of our timestamps (RFC 7323 5.4) */
    uint16_t mss;         /* bytes of data in a full-sized segment to the peer */
    uint16_t flags;
    uint8_t snd_scale;       /* of the peer's windows */
    uint8_t retransmissions; /* by timeout, of the segment at SND.UNA */
    uint8_t more; /* TCP_MORE_ */
    uint8_t syn_answered : 1; /* by another SYN+ACK, when it came again */
    uint8_t is_record : 1; /* in FIN-WAIT-2, and counted among those in TIME-WAIT (tcp_time_wait_counts()) */
    uint8_t rack_timer : 1; /* the retransmission timer is that of RACK's reordering window (RFC 8985 6.3) */
};

static_assert(sizeof(struct tcp_endpoint) == 128, "an endpoint is two cache lines");

static inline uint8_t tcp_state_of(const struct tcp_endpoint *ep)
{
    return ep->head.sender.state;
}

/* ---- Sequence numbers: modulo 2^32 (3.4) ------------------------------------------------------------------------- */

static inline bool tcp_lt(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline bool tcp_le(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) <= 0;
}

static inline bool tcp_has(const struct synfin_segment *seg, unsigned flags)
{
    return (seg->flags & flags) != 0;
}

/* SEG.LEN: data, SYN and FIN. */
static inline uint32_t tcp_segment_length(const struct synfin_segment *seg)
{
    return seg->length + (tcp_has(seg, SYNFIN_SYN) ? 1u : 0u) + (tcp_has(seg, SYNFIN_FIN) ? 1u : 0u);
}

/* ---- tcp.c ------------------------------------------------------------------------------------------------------- */

/* The connection is over, against the user's will or in order. */
void tcp_fail(struct tcp_endpoint *, enum synfin_failure, struct synfin_host *);
void tcp_closed(struct tcp_endpoint *, struct synfin_host *);

/* ---- tcp_segment.c ----------------------------------------------------------------------------------------------- */

void tcp_segment(struct synfin_endpoint *, const struct synfin_segment *, struct synfin_host *);
void tcp_syn_text_keep(struct tcp_endpoint *, const struct synfin_segment *syn, struct synfin_host *);
void tcp_stray(struct synfin_sender *reply, const struct synfin_segment *, struct synfin_host *);

/* ---- tcp_listen.c ------------------------------------------------------------------------------------------------ */

void tcp_listen(struct synfin_endpoint *, struct synfin_host *, uint64_t backlog);
void tcp_segment_in_listen(struct tcp_endpoint *, const struct synfin_segment *, struct synfin_host *);

/* A SYN for the listener makes a connection in SYN-RECEIVED; `isn`: its initial sequence number, NULL: by RFC 6528. */
void tcp_listen_syn(struct tcp_endpoint *listener, const struct synfin_segment *, const uint32_t *isn,
                    struct synfin_host *);

/* Takes the endpoint out of its listener's queue of half-open connections, if it is in one. */
void tcp_listen_leave(struct tcp_endpoint *, struct synfin_host *);

/* It is ESTABLISHED: it leaves that queue, if it is in it, for the accept queue. */
void tcp_listen_established(struct tcp_endpoint *, struct tcp_endpoint *listener);

/* Whether the half-open connection's listener has been closed. */
bool tcp_listen_closed(const struct tcp_endpoint *, struct synfin_host *);

/* The listener treats a connection otherwise than if there were no others. */
void tcp_listen_crowded(struct tcp_endpoint *listener);

/* A half-open connection's SYN+ACK has timed out. */
void tcp_listen_aged(struct tcp_endpoint *, struct synfin_host *);

/* Whether defer_accept keeps it from being sent again now. */
bool tcp_listen_silent(const struct tcp_endpoint *, const struct tcp_profile *);

/* Whether the listener's accept queue has no room for one more: as in Linux, a backlog of b holds b + 1. The connection
   leaves it, if it is in it. */
static inline bool tcp_listen_full(const struct tcp_endpoint *listener)
{
    return listener->listener.waiting > listener->listener.backlog;
}
void tcp_listen_accepted(struct tcp_endpoint *, struct synfin_host *);
static inline void tcp_listen_unqueue(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (ep->flags & TCP_QUEUED)
        tcp_listen_accepted(ep, host);
}

/* ---- tcp_cookie.c ------------------------------------------------------------------------------------------------ */

/* Answers a SYN with a cookie: nothing is kept of it. */
void tcp_cookie_answer(struct tcp_endpoint *listener, const struct synfin_segment *, struct synfin_host *);

/* Makes a connection of an ACK that brings a cookie back. False: it does not. */
bool tcp_cookie_accept(struct tcp_endpoint *listener, const struct synfin_segment *, struct synfin_host *);

/* ---- tcp_fast_open.c --------------------------------------------------------------------------------------------- */

/* 3.10.1 OPEN, active, with data for the SYN. False: the data is not taken. */
bool tcp_fast_open(struct synfin_endpoint *, uint64_t bytes, struct synfin_host *);

/* What a listener does with the option of a SYN: whether its data is taken at once, else whether `cookie` is sent. */
enum tcp_fast_open { TCP_FAST_OPEN_NOT, TCP_FAST_OPEN_GIVE, TCP_FAST_OPEN_TAKE };
enum tcp_fast_open tcp_fast_open_check(const struct tcp_endpoint *listener, const struct synfin_segment *syn,
                                       uint32_t cookie[2], struct synfin_host *);

/* A SYN+ACK arrives: keeps its cookie. */
void tcp_fast_open_keep(const struct tcp_endpoint *, const struct synfin_segment *, struct synfin_host *);

/* ---- tcp_time_wait.c --------------------------------------------------------------------------------------------- */

/* Enters TIME-WAIT, or CLOSED where the host has max_tw_buckets such connections already. */
void tcp_time_wait_enter(struct tcp_endpoint *, struct synfin_host *);

/* How long FIN-WAIT-2 lasts where the profile has fin_timeout; in Linux one longer than a minute comes in two parts.
   The timer expires. */
synfin_time tcp_fin_wait_2(const struct tcp_endpoint *, const struct tcp_profile *);
void tcp_fin_wait_2_over(struct tcp_endpoint *, struct synfin_host *);
/* A segment arrives where Linux has a record instead of the connection. False: it is taken as any other. */
bool tcp_fin_wait_2_segment(struct tcp_endpoint *, const struct synfin_segment *, struct synfin_host *);

/* A connection in FIN-WAIT-2 that Linux counts among those in TIME-WAIT begins or ceases to be one; others are not
   affected. What begins may be CLOSED at once by tcp_time_wait_limit(). */
void tcp_time_wait_counts(struct tcp_endpoint *, struct synfin_host *);
static inline void tcp_time_wait_counts_no_more(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (!ep->is_record)
        return;
    ep->is_record = 0;
    host->time_waits--;
}
void tcp_time_wait_limit(struct tcp_endpoint *, struct synfin_host *);

bool tcp_time_wait_take_over(struct synfin_time_wait *, struct synfin_endpoint *, bool chosen, struct synfin_host *);
void tcp_time_wait_segment(struct synfin_time_wait *, const struct synfin_segment *, struct synfin_host *);

/* ---- tcp_timer.c ------------------------------------------------------------------------------------------------- */

/* Slots: the retransmission timer, in FIN-WAIT-2 that state's, is the cheap one. */
enum { TCP_TIMER_RETRANSMIT, TCP_TIMER_DELAYED_ACK, TCP_TIMER_PERSIST, TCP_TIMER_KEEPALIVE };

/* As tcp_rto_sample(), with Linux's estimator where the profile bounds the variance term: one sample for each ACK. */
void tcp_rto_take(struct tcp_endpoint *, struct tcp_data *, const struct tcp_profile *, synfin_time rtt);

/* A sample of the timestamp that is echoed (RFC 7323 4.1). */
void tcp_rto_echo(struct tcp_endpoint *, struct tcp_data *, const struct synfin_segment *, const struct tcp_profile *,
                  synfin_time now);

void tcp_timer_start(struct tcp_endpoint *, unsigned slot, synfin_time duration, struct synfin_host *);
void tcp_timer_expires(struct synfin_endpoint *, unsigned slot, struct synfin_host *);
/* While data is retransmitted, an acknowledgment came that keeps the window closed. */
void tcp_timer_answered(struct tcp_endpoint *, struct synfin_host *);
const char *tcp_timer_name(const struct synfin_endpoint *, unsigned slot);

/* ---- tcp_keepalive.c --------------------------------------------------------------------------------------------- */

/* The connection is ESTABLISHED, and the profile says keepalive. */
void tcp_keepalive_begin(struct tcp_endpoint *, struct synfin_host *);
/* The timer expires. */
void tcp_keepalive(struct tcp_endpoint *, struct synfin_host *);

/* ---- tcp_output.c ------------------------------------------------------------------------------------------------ */

/* <SEQ=seq><ACK=RCV.NXT><CTL=flags> with `length` bytes of data. */
void tcp_emit(struct tcp_endpoint *, uint8_t flags, uint32_t seq, uint32_t length, struct synfin_host *);

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
void tcp_emit_ack(struct tcp_endpoint *, struct synfin_host *);

/* The same with a SACK block, where both sides have SACK: what arrived twice (RFC 2883). */
void tcp_emit_duplicate_ack(struct tcp_endpoint *, uint32_t from, uint32_t to, struct synfin_host *);

/* Sends our SYN, with ACK in all states but SYN-SENT, for the first time, with `length` bytes of data, and starts its
   timer. `cookie`: a Fast Open option, with zeros to ask for one; NULL: none. */
void tcp_send_syn(struct tcp_endpoint *, uint32_t length, const uint32_t *cookie, struct synfin_host *);

/* Our SYN again. */
void tcp_emit_syn(struct tcp_endpoint *, struct synfin_host *);

/* The reset that a segment draws where there is no connection for it (3.10.7.1). */
void tcp_emit_reset(struct synfin_sender *, const struct synfin_segment *, struct synfin_host *);

/* An ACK in answer to a segment that is not taken; where `limited`, at most one in invalid_ratelimit. */
void tcp_answer(struct tcp_endpoint *, bool limited, struct synfin_host *);
bool tcp_may_answer(struct tcp_endpoint *, struct synfin_host *);

/* A challenge ACK (RFC 5961), limited besides by challenge_ack_limit. */
void tcp_challenge(struct tcp_endpoint *, struct synfin_host *);

/* Sends what the windows allow of the user's data, then FIN if CLOSE was called. */
void tcp_output(struct tcp_endpoint *, struct synfin_host *);

/* Sends `numbers` from `seq` on again, FIN among them where that is the last. */
void tcp_send_again(struct tcp_endpoint *, uint32_t seq, uint32_t numbers, struct synfin_host *);

/* Sends the segment at SND.UNA again. How many sequence numbers it has. */
uint32_t tcp_retransmit(struct tcp_endpoint *, struct synfin_host *);

/* A tail loss probe: a segment of new data, else the last one again. */
void tcp_send_probe(struct tcp_endpoint *, struct synfin_host *);

/* Zero windows: the persist timer begins; an acknowledgment arrives while it runs; it expires. */
void tcp_persist_begin(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);
void tcp_persist_acked(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);
void tcp_probe(struct tcp_endpoint *, struct synfin_host *);

/* What the window field of a segment says of RCV.WND; where there is no data yet, the profile has it. */
uint16_t tcp_window_field(const struct tcp_endpoint *, const struct tcp_data *, const struct tcp_profile *, bool syn);

static inline unsigned tcp_window_which(unsigned flags, bool syn)
{
    return (flags & (TCP_SCALING | TCP_OFFER_TIMED | TCP_SYN_UNACKED)) / TCP_SCALING +
           (syn ? 2 * TCP_SYN_UNACKED / TCP_SCALING : 0);
}

static inline uint16_t tcp_window_said(const struct tcp_endpoint *ep, const struct tcp_data *data,
                                       const struct tcp_profile *profile, bool syn)
{
    return data ? tcp_window_field(ep, data, profile, syn) : profile->window_field[tcp_window_which(ep->flags, syn)];
}

/* ---- tcp_option.c ------------------------------------------------------------------------------------------------ */

/* Options of our SYN: all that the profile has; of a SYN+ACK: those that the peer has too. */
static inline void tcp_option_offer(const struct tcp_endpoint *ep, struct synfin_segment *seg,
                                    const struct tcp_profile *profile)
{
    /* RFC 7323 1.3, RFC 2018 2: a SYN+ACK has an option only if the SYN had it; flags say what both sides have. */
    unsigned options = tcp_has(seg, SYNFIN_ACK) ? ep->flags : profile->options;
    seg->mss = (uint16_t)profile->mss;
    seg->window_scale = options & TCP_SCALING ? profile->window_shift : SYNFIN_NO_SCALE;
    seg->bits |= options & (TCP_SACK | TCP_TIMESTAMPS);
}

/* Takes the options of the peer's SYN. */
void tcp_option_take(struct tcp_endpoint *, const struct synfin_segment *, const struct tcp_profile *);

/* Our clock for timestamps: ms. */
static inline uint32_t tcp_timestamp(uint32_t offset, synfin_time now)
{
    return (uint32_t)((uint64_t)now / (uint64_t)SYNFIN_MS) + offset;
}

/* PAWS: whether the segment is old (RFC 7323 5.3, R1). */
static inline bool tcp_paws_old(const struct synfin_segment *seg, uint32_t ts_recent)
{
    return (seg->bits & SYNFIN_HAS_TIMESTAMPS) && tcp_lt(seg->tsval, ts_recent);
}

/* ---- tcp_isn.c --------------------------------------------------------------------------------------------------- */

/* RFC 6528: the clock plus F(four-tuple, secret); F's other half is the offset of timestamps. */
uint32_t tcp_isn(const struct synfin_sender *, const struct synfin_host *, uint32_t *ts_offset);

/* Gives a new connection its initial sequence number, SND.UNA; `isn`: that one, NULL: by RFC 6528. */
static inline void tcp_begin(struct tcp_endpoint *ep, const uint32_t *isn, const struct synfin_host *host)
{
    uint32_t iss = tcp_isn(&ep->head.sender, host, &ep->ts_offset);
    if (!(ep->more & TCP_MORE_REUSES))
        ep->snd_una = isn ? *isn : iss;
    ep->snd_nxt = ep->snd_una;
    ep->rto.rto = tcp_profile_of(host, &ep->head.sender)->rto_initial;
}

/* SipHash-1-3 of 12 bytes: SipHash (Aumasson and Bernstein, 2012) with as many rounds as hash tables have of it. */
uint64_t tcp_siphash(const uint64_t key[2], uint64_t first, uint32_t rest);

#include "tcp_rto.h"
#include "tcp_data.h"

#endif
