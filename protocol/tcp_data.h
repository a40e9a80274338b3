/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP: what data transfer needs, and the files that serve it. Included by tcp.h.
 *
 * Where both sides have SACK, and once data is sent, what is outstanding stands in a scoreboard of runs; recovery then
 * follows Linux's states, with losses found by time (RACK-TLP) or by RFC 6675. Where a side has no SACK, NewReno.
 */
#ifndef SYNFIN_TCP_DATA_H
#define SYNFIN_TCP_DATA_H

/* Marks of a run. */
enum {
    TCP_SACKED = 0x01,
    TCP_LOST = 0x02,
    TCP_AGAIN = 0x04,    /* retransmitted, and that is on its way */
    TCP_REPEATED = 0x08, /* was retransmitted, once or more */
    TCP_COARSE = 0x10,   /* only its first segment was sent at `sent`, the others later */
    TCP_HEADLESS = 0x20, /* coarse, and without that segment */
};

/* Sequence numbers of one fate, from the end of the run before, or SND.UNA. */
struct tcp_run {
    synfin_time sent; /* the last time */
    uint32_t end;
    uint16_t order;   /* of what was sent at one time: rises where the numbers go back */
    uint16_t marks;
};

enum { TCP_FEW_RUNS = 4, TCP_RUNS = 512 }; /* powers of two */

/* What takes much room: needed once there are gaps, or much is sent bit by bit. */
struct tcp_large {
    struct ranges early; /* data that arrived out of order */
    struct tcp_run run[TCP_RUNS];
};

/* What lies between SND.UNA and SND.NXT: a ring of runs, and how many bytes have a mark. */
struct tcp_board {
    struct tcp_run *run;
    uint32_t room; /* TCP_FEW_RUNS or TCP_RUNS */
    uint32_t first, count;
    uint32_t sacked, lost, again;
    uint32_t highest; /* end of the highest that was SACKed; holds where something is */
    uint32_t last;    /* end of what was sent last */
    uint16_t order;   /* of that */
};

/* Linux's names without their prefix. */
enum tcp_recovery_state { TCP_OPEN, TCP_DISORDER, TCP_RECOVERING, TCP_LOSS };

struct tcp_recovery {
    uint8_t state;
    bool frto;             /* RFC 5682: whether the timeout was spurious is not known yet */
    bool new_first;        /* F-RTO: new data goes before retransmissions */
    bool probed;           /* a tail loss probe is out (RFC 8985 7.4); `probe_end` is not acknowledged */
    bool probe_again;      /* it was a retransmission */
    bool undo;             /* `undo_from` and `undo_bytes` hold: what was reduced may be undone */
    bool stamped;          /* `again_stamp` holds */
    bool rescued;          /* RFC 6675 4, NextSeg (4) */
    uint32_t high;         /* SND.NXT when the state was entered: RecoveryPoint */
    uint32_t probe_end;
    uint32_t prior_cwnd, prior_ssthresh;
    uint32_t prr_delivered, prr_out; /* RFC 6937 */
    uint32_t undo_from;    /* SND.UNA then */
    int64_t undo_bytes;    /* retransmitted since and not reported as duplicates; below 0: nothing was yet */
    uint32_t again_stamp;  /* timestamp of the first retransmission */
};

enum { TCP_DUP_THRESH = 3 }; /* RFC 6675 2 */
enum { TCP_RACK_RECOVERIES = 16 }; /* for which a wider reordering window stays */

/* RFC 8985 5, with Linux's adaptation of the reordering window. */
struct tcp_rack {
    synfin_time sent;    /* RACK.xmit_ts, RACK.rtt, RACK.min_RTT (0: none yet) */
    synfin_time rtt, min_rtt;
    uint32_t end;        /* RACK.end_seq */
    uint16_t order;
    uint32_t reordering; /* segments: DupThresh */
    uint8_t steps;       /* quarters of min_rtt in the reordering window */
    uint8_t persist;     /* recoveries until it is one again */
    bool advanced, duplicate_seen, reordering_seen;
    bool widened;        /* in the round that ends at `round_end` the window was widened */
    uint32_t round_end;
};

/* Windows in segments; see tcp_cubic.c. */
struct tcp_cubic {
    synfin_time epoch;        /* 0: none has begun */
    synfin_time updated;      /* when the target was last worked out, for a window of `window` */
    synfin_time least_delay;  /* 0: no sample yet */
    uint32_t window;
    uint32_t each;            /* segments acknowledged for one more in the window */
    uint32_t last_max, origin;
    uint32_t k;               /* 1/1024 s */
    uint32_t acked, estimate; /* Reno-friendly region: W_est and what it counts */
    /* HyStart */
    synfin_time round_began, last_ack, round_delay;
    uint32_t round_end;
    uint8_t samples;
    bool found;
};

/* Bits of tcp_data.flags. */
enum {
    TCP_RECOVERY = 0x01,     /* fast recovery (RFC 6582) */
    TCP_PARTIAL_SEEN = 0x02, /* a partial acknowledgment has arrived in it */
    TCP_BOARD = 0x04,        /* the scoreboard is in use: `board`, `recovery` and `rack` hold, `next` is SND.NXT */
    TCP_PERSIST = 0x08,      /* the persist timer runs, the retransmission timer does not */
    TCP_FIN_KNOWN = 0x10,    /* the peer's FIN has arrived, perhaps before data; its number is `fin` */
    TCP_PINGPONG = 0x20,     /* an exchange: what is sent will carry ACKs */
    TCP_TIMER_DUE = 0x40,    /* the retransmission timer starts anew once all is sent ... */
    TCP_TIMER_FULL = 0x100,  /* ... from now on, not from when the first segment outstanding was sent */
    TCP_KEEPALIVE = 0x200,   /* `heard` and `keepalives` are kept */
    TCP_SYN_TEXT = 0x400,    /* `syn_length` bytes, `syn_fin`: text and FIN of the peer's SYN wait for ESTABLISHED */
    TCP_CWND_LIMITED = 0x80, /* the congestion window was used up (Linux's tcp_cwnd_validate()) */
};

struct tcp_data {
    uint64_t unsent;   /* bytes that the user handed over and that have no sequence number yet */
    uint32_t next;     /* the next number to send: SND.NXT, or below it after a timeout */
    uint32_t wl1, wl2; /* 3.3.1: SND.WL1, SND.WL2 */
    uint32_t cwnd;     /* RFC 5681, bytes; of Linux's controls a whole number of segments */
    uint32_t ssthresh;
    uint32_t counted;    /* acknowledged since cwnd last grew in congestion avoidance: bytes, Linux's: segments */
    uint32_t fraction;   /* Linux's: bytes acknowledged that make no full segment yet */
    uint32_t most_out;   /* the most that was outstanding since `usage_end` was sent */
    uint32_t usage_end;
    uint32_t recover;    /* RFC 6582 */
    uint32_t duplicates; /* duplicate acknowledgments in a row */
    uint32_t limited;    /* bytes sent for them (RFC 3042) */
    uint32_t rcv_wnd;    /* RCV.WND */
    uint32_t ack_sent;   /* Last.ACK.sent (RFC 7323 4.3) */
    uint32_t unacked;    /* segments with data that arrived since then */
    uint32_t fin;
    uint32_t acked;      /* numbers of ours that were acknowledged so far, at most UINT32_MAX */
    synfin_time sent; /* the latest data; 0: none so far */
    synfin_time probe; /* present timeout of the persist timer */
    synfin_time probing; /* when the first window probe was sent since the window closed; 0: none so far */
    synfin_time heard;   /* TCP_KEEPALIVE: when the last segment came */
    uint32_t probes;     /* unanswered */
    uint8_t backoffs;    /* of the persist timer */
    bool overrides;      /* it is the override timeout (RFC 9293 3.8.6.2.1): the window is not 0, but small */
    uint32_t keepalives; /* likewise */
    uint32_t small;      /* end of the last segment that was not full-sized */
    uint32_t newest;     /* where the last segment begins that was sent for the first time */
    uint16_t flags;
    uint16_t syn_length;
    bool syn_fin;
    uint8_t quick;       /* ACKs yet to be sent at once */
    synfin_time arrived; /* the latest data; 0: none so far */
    synfin_time delay;   /* of ACKs (Linux's ato); 0: none so far */
    uint64_t received;   /* bytes in order, until the window grows */
    uint64_t challenge_second; /* of challenge_ack_limit: the second it counts in, and how many are left */
    uint64_t challenges;
    synfin_time mdev, mdev_max, rttvar; /* Linux's estimator, four times what RFC 6298 has; 0: not begun */
    uint32_t rtt_end;    /* rttvar falls once this is acknowledged */
    struct tcp_board board;
    struct tcp_recovery recovery;
    struct tcp_rack rack;
    struct tcp_cubic cubic;
    uint32_t twice[2];   /* data that arrived twice, to be told (RFC 2883); empty: none */
    uint32_t sacks;      /* blocks to be reported, the most recent first */
    uint32_t sack[2 * SYNFIN_SACK_BLOCKS];
    struct tcp_large *large; /* NULL: not taken */
    struct tcp_run few[TCP_FEW_RUNS];
};

/* ---- tcp_data.c -------------------------------------------------------------------------------------------------- */

/* The block for data, taken now if there is none; NULL: no memory. */
struct tcp_data *tcp_data_take(struct tcp_endpoint *, struct synfin_host *);

/* The block, NULL: there is none. Functions that take it want what this returns. */
static inline struct tcp_data *tcp_data_of(struct tcp_endpoint *ep, struct synfin_host *host)
{
    return synfin_has_extra(&ep->head) ? synfin_extra(host, &ep->head) : NULL;
}

static inline void tcp_data_count(struct tcp_data *data, uint32_t acked)
{
    data->acked = acked < UINT32_MAX - data->acked ? data->acked + acked : UINT32_MAX;
}

/* When a tail loss probe is due (RFC 8985 7.2, as Linux has it), from the last segment sent. */
static inline synfin_time tcp_timer_probe(const struct tcp_endpoint *ep, const struct tcp_data *data,
                                          const struct tcp_profile *profile)
{
    bool single = !data || tcp_le(data->newest, ep->snd_una);
    return ep->rto.srtt == 0 ? profile->rto_initial : 2 * ep->rto.srtt + (single ? profile->rto_min : 2 * SYNFIN_MS);
}

/* Starts the retransmission timer, or that of the probe (7.3): once the answer is late, unless the timeout is first. */
static inline void tcp_timer_loss_probe(struct tcp_endpoint *ep, const struct tcp_data *data, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    synfin_time wait = ep->rto.rto;
    ep->flags &= (uint16_t)~TCP_PROBE_DUE;
    if (profile->early_retrans >= 3 && ep->retransmissions == 0 && (ep->flags & (TCP_SACK | TCP_PROBED)) == TCP_SACK) {
        synfin_time probe = tcp_timer_probe(ep, data, profile);
        ep->flags |= TCP_PROBE_DUE;
        if (probe < wait)
            wait = probe;
    }
    synfin_arm(host, &ep->head, TCP_TIMER_RETRANSMIT, tcp_timer_deadline(profile, host->now, wait), wait);
}

/* RCV.WND as the peer knows it. */
static inline uint32_t tcp_receive_window(const struct tcp_endpoint *ep, const struct tcp_data *data,
                                          const struct tcp_profile *profile)
{
    uint32_t window = data ? data->rcv_wnd : profile->window_offered[ep->flags & TCP_OFFER_TIMED ? 1 : 0];
    if (!(ep->flags & TCP_SCALING))
        return window < UINT16_MAX ? window : UINT16_MAX;
    /* Linux rounds up what the scale cannot say, once there is a full connection. */
    uint32_t unit = UINT32_C(1) << profile->window_shift;
    return profile->rules == TCP_RULES_LINUX && !(ep->flags & TCP_SYN_UNACKED) ? (window + unit - 1) & ~(unit - 1)
                                                                                 : window;
}

/* Its large block likewise. */
struct tcp_large *tcp_large_take(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);

/* Takes SEG.ACK where SND.UNA < SEG.ACK =< SND.NXT: SND.UNA, round-trip sample, retransmission timer, congestion. */
void tcp_acknowledged(struct tcp_endpoint *, struct tcp_data *, const struct synfin_segment *, struct synfin_host *);

/* Takes SEG.WND (3.10.7.4, fifth). Whether the window is the same as before. */
static inline bool tcp_window_update(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg)
{
    bool syn = tcp_has(seg, SYNFIN_SYN);
    uint32_t window = syn ? seg->window : (uint32_t)seg->window << ep->snd_scale;
    if (data) {
        if (!syn && !tcp_lt(data->wl1, seg->seq) && !(data->wl1 == seg->seq && tcp_le(data->wl2, seg->ack)))
            return false; /* older than the one at hand */
        data->wl1 = seg->seq;
        data->wl2 = seg->ack;
    }
    bool same = window == ep->snd_wnd;
    ep->snd_wnd = window;
    if (ep->max_snd_wnd < window)
        ep->max_snd_wnd = window;
    return same;
}

/* How long an ACK of data is delayed now; one was, and nothing carried it: Linux waits longer next time, or, where it
   was wrong about an exchange, no longer than at first. */
synfin_time tcp_ack_delay(const struct tcp_endpoint *, const struct tcp_data *, const struct tcp_profile *);
void tcp_ack_delayed(const struct tcp_endpoint *, struct tcp_data *, const struct tcp_profile *);

/* Linux's tcp_enter_quickack_mode(): the next ACKs are sent at once. */
void tcp_ack_quickly(const struct tcp_endpoint *, struct tcp_data *, const struct tcp_profile *);

/* Sends an ACK after the delay, unless something else carries it before. */
void tcp_ack_later(struct tcp_endpoint *, synfin_time delay, struct synfin_host *);

/* Text of a segment that lies in the window, without what was there before. How many bytes are new in order. */
uint32_t tcp_receive(struct tcp_endpoint *, uint32_t seq, uint32_t length, bool fin, struct synfin_host *);

/* ---- tcp_sack.c -------------------------------------------------------------------------------------------------- */

/* Data out of order has arrived: it stands in this block now. */
void tcp_sack_block(struct tcp_data *, uint32_t start, uint32_t end);

/* All before `next` is there. */
void tcp_sack_advance(struct tcp_data *, uint32_t next);

/* Data has arrived twice. */
void tcp_sack_duplicate(struct tcp_data *, uint32_t start, uint32_t end);

/* Puts the option into a segment without SYN of `length` bytes of data, as far as there is room. */
void tcp_sack_put(const struct tcp_endpoint *, struct tcp_data *, struct synfin_segment *);

/* ---- tcp_scoreboard.c -------------------------------------------------------------------------------------------- */

/* What an acknowledgment tells, as the scoreboard takes it in. */
struct tcp_delivery {
    uint32_t una;       /* SND.UNA before */
    uint32_t high;      /* tcp_recovery.high; below it `original` counts */
    uint32_t delivered; /* bytes newly acknowledged or SACKed */
    uint32_t lost;      /* bytes newly taken for lost */
    /* When segments were sent that were never sent again: the first and the last one acknowledged, the first and the
       last one SACKed; SYNFIN_NEVER: none. */
    synfin_time first, last, sacked_first, sacked_last;
    uint32_t late;      /* where `reordered`: the lowest number that arrived after a higher one */
    bool reordered;
    bool advanced;       /* SND.UNA moved */
    bool sacked;         /* something was SACKed */
    bool original;       /* by data sent once, before the state was entered */
    bool repeated;       /* data was acknowledged that had been sent again */
    bool duplicate;      /* a duplicate was reported (RFC 2883) ... */
    bool probe_duplicate; /* ... of the tail loss probe */
    bool lost_again;     /* a retransmission was lost */
    bool text;           /* the segment has data, or a new window */
};

void tcp_board_begin(struct tcp_endpoint *, struct tcp_data *, synfin_time now);
/* There is a large block now. */
void tcp_board_enlarge(struct tcp_data *);

/* [from, SND.NXT) is being sent for the first time. */
void tcp_board_sent(struct tcp_endpoint *, struct tcp_data *, uint32_t from, synfin_time now);

/* All before SND.UNA, which has moved from d->una, is acknowledged. */
void tcp_board_acked(struct tcp_endpoint *, struct tcp_data *, struct tcp_delivery *, synfin_time now);

/* [start, end) is SACKed; it lies between SND.UNA and SND.NXT. */
void tcp_board_sack(struct tcp_endpoint *, struct tcp_data *, uint32_t start, uint32_t end, struct tcp_delivery *,
                    synfin_time now);

/* The run's bytes are lost, be it a first or another transmission; and the run's first number. */
void tcp_board_lose(struct tcp_data *, struct tcp_run *, uint32_t start, struct tcp_delivery *);
/* Joins neighbours of one fate, after runs were marked. */
void tcp_board_tidy(struct tcp_data *);

/* Forgets what was SACKed; what was lost and has not been sent again is so no more. */
void tcp_board_forget_sacks(struct tcp_data *);
void tcp_board_forget_losses(struct tcp_data *);

/* The first lost bytes that are not on their way again: from where, and how many; 0: there are none. */
uint32_t tcp_board_next_lost(const struct tcp_endpoint *, const struct tcp_data *, uint32_t *from);
/* [from, from + length), which lies in one run, is being sent again, as a tail loss probe or not. False: no room, it
   must not be. */
bool tcp_board_again(struct tcp_endpoint *, struct tcp_data *, uint32_t from, uint32_t length, bool probe,
                     synfin_time now);

/* RFC 6675: bytes in the network. */
static inline uint32_t tcp_board_pipe(const struct tcp_endpoint *ep, const struct tcp_data *data)
{
    return ep->snd_nxt - ep->snd_una - data->board.sacked - data->board.lost + data->board.again;
}

static inline struct tcp_run *tcp_board_run(struct tcp_data *data, uint32_t i)
{
    return &data->board.run[(data->board.first + i) & (data->board.room - 1)];
}

/* Before `more` runs are added. */
static inline void tcp_board_need(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t more,
                                  struct synfin_host *host)
{
    if (data->board.count + more > TCP_FEW_RUNS && !data->large)
        tcp_large_take(ep, data, host);
}

/* ---- tcp_recovery.c ---------------------------------------------------------------------------------------------- */

/* An acknowledgment arrives, SND.UNA =< SEG.ACK =< SND.NXT: all that it means for sending. */
void tcp_recovery_ack(struct tcp_endpoint *, struct tcp_data *, const struct synfin_segment *, bool same_window,
                      struct synfin_host *);

/* One arrives late, SEG.ACK < SND.UNA, with SACK. */
void tcp_recovery_late_ack(struct tcp_endpoint *, struct tcp_data *, const struct synfin_segment *,
                           struct synfin_host *);

/* The retransmission timer expires: the first segment outstanding is sent again. The caller starts the timer. */
void tcp_recovery_timeout(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);

/* Sends one lost segment again if the windows allow it; one that may be lost (RFC 6675 4, NextSeg (3) and (4)). */
bool tcp_recovery_send(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);
bool tcp_recovery_send_unlost(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);

/* Starts the retransmission timer, or that of a tail loss probe, as all that was to be sent is; stops it where nothing
   is outstanding. */
void tcp_recovery_timer(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);

/* How much of the timeout is left for the first segment outstanding. */
synfin_time tcp_recovery_left(const struct tcp_endpoint *, struct tcp_data *, synfin_time now);

/* The retransmission timer expires; where it is RACK's: what that does, true. */
bool tcp_recovery_reordering(struct tcp_endpoint *, struct synfin_host *);

/* ---- tcp_reduction.c --------------------------------------------------------------------------------------------- */

/* Linux's tcp_current_ssthresh(): ssthresh, or three quarters of a window that has outgrown it. */
uint32_t tcp_reduction_ssthresh(const struct tcp_data *);

/* The window is to be reduced: ssthresh, RecoveryPoint, PRR's counts. */
void tcp_reduction_begin(struct tcp_endpoint *, struct tcp_data *, const struct tcp_profile *);

/* An acknowledgment in recovery: the window after it. */
void tcp_reduction_acked(struct tcp_endpoint *, struct tcp_data *, const struct tcp_delivery *);

/* From now on what is sent again is counted; what it takes to undo is kept in `prior_`. */
void tcp_undo_begin(const struct tcp_endpoint *, struct tcp_data *, const struct tcp_profile *);

/* Whether the acknowledgment was sent before the first retransmission arrived (Eifel, RFC 3522). */
bool tcp_undo_of_original(const struct tcp_endpoint *, const struct tcp_data *, const struct synfin_segment *);

/* Whether the reduction was for nothing: that, or all that was sent again arrived twice. */
bool tcp_undo_may(const struct tcp_endpoint *, const struct tcp_data *, const struct synfin_segment *);

/* Undoes it; `unmark`: nothing is lost. */
void tcp_undo(struct tcp_data *, bool unmark);

/* Undoes it where all that was sent again was reported to have arrived twice (RFC 3708). Whether that was so. */
bool tcp_undo_duplicates(struct tcp_data *);

/* ---- tcp_rack.c -------------------------------------------------------------------------------------------------- */

/* A segment of the run that ends at `end` was delivered (RFC 8985 6.2, step 2). */
void tcp_rack_delivered(struct tcp_data *, const struct tcp_run *, uint32_t end, synfin_time now);

/* Step 5; how long until more may be lost, 0: nothing is waited for. */
synfin_time tcp_rack_detect(struct tcp_endpoint *, struct tcp_data *, struct tcp_delivery *, synfin_time now);

/* How much longer the run may take (RACK's deadline). */
synfin_time tcp_rack_left(const struct tcp_data *, const struct tcp_run *, synfin_time window, synfin_time now);

/* Steps 3 and 4: reordering was seen; the window follows what was reported twice. */
void tcp_rack_reordered(struct tcp_endpoint *, struct tcp_data *, uint32_t from);
void tcp_rack_adapt(const struct tcp_endpoint *, struct tcp_data *);

/* Tail loss probes (7): one expires, an acknowledgment arrives. */
void tcp_rack_probe(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);
void tcp_rack_probe_acked(struct tcp_endpoint *, struct tcp_data *, const struct tcp_delivery *, struct synfin_host *);

/* ---- tcp_congestion.c -------------------------------------------------------------------------------------------- */

/* What tells congestion controls apart. */
struct tcp_congestion {
    const char *name;
    bool segments; /* counts them, as Linux does, not bytes */
    /* cwnd grows as `acked` bytes are delivered, outside recovery. */
    void (*grow)(struct tcp_endpoint *, struct tcp_data *, uint32_t acked, const struct tcp_profile *, synfin_time now);
    /* ssthresh after a loss, with `flight` bytes outstanding. */
    uint32_t (*ssthresh)(struct tcp_data *, uint32_t smss, uint32_t flight);
    /* What follows may be NULL. A round trip has taken so long. */
    void (*delay)(struct tcp_endpoint *, struct tcp_data *, synfin_time rtt, synfin_time now);
    void (*timeout)(struct tcp_data *);
    /* Sending goes on after a pause. */
    void (*resume)(struct tcp_data *, synfin_time now);
};

extern const struct tcp_congestion tcp_newreno, tcp_reno, tcp_cubic;
extern const struct tcp_congestion *const tcp_congestion_controls[]; /* in the order of the setting's words */

/* For Linux's controls: bytes delivered as whole segments; slow start up to ssthresh, what is left over; one segment
   more for each `each` (Linux's tcp_cong_avoid_ai()). */
uint32_t tcp_congestion_segments(struct tcp_data *, uint32_t smss, uint32_t acked);
uint32_t tcp_congestion_slow_start(struct tcp_data *, uint32_t smss, uint32_t segments);
void tcp_congestion_avoid(struct tcp_data *, uint32_t smss, uint32_t each, uint32_t segments);

/* Whether the window was used up: one that was not says nothing about the path (RFC 7661). */
bool tcp_congestion_limited(const struct tcp_endpoint *, const struct tcp_data *, const struct tcp_profile *,
                            uint32_t flight);
/* Segments were sent, or could not be; `pipe` bytes are in the network. */
void tcp_congestion_used(const struct tcp_endpoint *, struct tcp_data *, uint32_t pipe);

/* cwnd, ssthresh and recover of a connection that begins to send. */
void tcp_congestion_begin(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);
/* Data is to be sent after a pause. */
void tcp_congestion_idle(struct tcp_endpoint *, struct tcp_data *, const struct tcp_profile *, synfin_time now);
/* `acked` bytes of the `flight` that were outstanding are acknowledged; SND.UNA has moved already. */
void tcp_congestion_acked(struct tcp_endpoint *, struct tcp_data *, uint32_t acked, uint32_t flight,
                          struct synfin_host *);
/* A duplicate acknowledgment by RFC 5681, section 2. */
void tcp_congestion_duplicate(struct tcp_endpoint *, struct tcp_data *, struct synfin_host *);
/* The retransmission timer has expired. */
void tcp_congestion_timeout(struct tcp_endpoint *, struct tcp_data *, const struct tcp_profile *);

#endif
