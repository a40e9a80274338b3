/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.10.7.4: segments that arrive in SYN-RECEIVED (by a passive open) and the states after it. */
#include "tcp_fixture.h"

#include <stdio.h>
#include <string.h>

static const char *const profiles[] = {RFC, LINUX};
enum { PROFILES = 2, UNCHANGED = TCP_STATES };

/* The synchronized states as endpoint_in() makes them: SND.NXT and RCV.NXT, relative. */
static const struct {
    enum tcp_state state;
    unsigned snd_nxt, rcv_nxt;
} states[] = {
    {TCP_SYN_RECEIVED, 1, 1}, {TCP_ESTABLISHED, 1, 1}, {TCP_FIN_WAIT_1, 2, 1}, {TCP_FIN_WAIT_2, 2, 1},
    {TCP_CLOSE_WAIT, 1, 2},   {TCP_CLOSING, 2, 2},     {TCP_LAST_ACK, 2, 2},   {TCP_TIME_WAIT, 2, 2},
};
enum { SYNCHRONIZED = sizeof states / sizeof states[0] };

/* The number after the last one in the window that was announced. */
static uint32_t window_end(const struct pair *p)
{
    const struct sent *last = last_sent(&p->a);
    return last->ack + last->segment.window;
}

/* `+N`: N above RCV.NXT; `edge+N`: N above the window's end. */
struct arrival {
    const char *flags;
    bool edge;
    int seq;
    int ack; /* above SND.NXT */
    unsigned length;
};

static void arrive_at(struct pair *p, unsigned i, const struct arrival *x)
{
    char text[100];
    uint32_t from = x->edge ? window_end(p) : states[i].rcv_nxt;
    snprintf(text, sizeof text, "%s seq=%d ack=%d len=%u", x->flags, (int)from + x->seq,
             (int)states[i].snd_nxt + x->ack, x->length);
    label(p, "%s: '%s'", state_name(states[i].state), text);
    arrive(&p->a, text);
}

/* In each synchronized state, except those in `not` (bits): each of `rows` draws <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>,
   or nothing, and changes nothing. In FIN-WAIT-2 Linux has rules of its own: test_tcp_time_wait. */
static void changes_nothing(const char *settings, const struct arrival *rows, size_t n, bool acknowledged, unsigned not)
{
    not |= strcmp(settings, LINUX) == 0 ? 1u << TCP_FIN_WAIT_2 : 0;
    for (unsigned i = 0; i < SYNCHRONIZED; i++) {
        for (size_t row = 0; row < n && !(not & 1u << states[i].state); row++) {
            char reply[60];
            struct pair *p = endpoint_in(states[i].state, settings);
            arrive_at(p, i, &rows[row]);
            snprintf(reply, sizeof reply, ". seq=%u ack=%u", states[i].snd_nxt, states[i].rcv_nxt);
            if (acknowledged)
                EXPECT_SENT(&p->a, reply);
            else
                EXPECT_SILENCE(&p->a);
            EXPECT_STATES(&p->a, "");
            EXPECT_NEWS(&p->a, "");
            pair_free(p);
        }
    }
}

#define CHANGES_NOTHING(settings, rows, acknowledged, not) \
    changes_nothing(settings, rows, sizeof rows / sizeof rows[0], acknowledged, not)

/* ---- First, check sequence number -------------------------------------------------------------------------------- */

/* HOLDS(sequence, sequence-answer) */
static void sequence_unacceptable(void)
{
    static const struct arrival rows[] = {
        {".", false, -1, 0, 0}, /* one below */
        {".", true, 1, 0, 0},
        {".", true, 1000, 0, 1},
        {"F.", true, 0, 0, 0},
        {".", false, -5, 0, 5},
        {"F.", false, -1, 0, 0},
        {".", true, 0, 0, 10},
    };
    static const struct arrival syn_ack[] = {{"S.", false, -1, 0, 0}};
    static const struct arrival past[] = {{".", true, 0, 0, 0}}; /* one past the window: Linux takes it */
    CHANGES_NOTHING(RFC, past, true, 0);
    for (unsigned i = 0; i < PROFILES; i++) {
        CHANGES_NOTHING(profiles[i], rows, true, 0);
        CHANGES_NOTHING(profiles[i], syn_ack, true, 1u << TCP_SYN_RECEIVED); /* there it is part of figure 7 */
    }
}

/* A reset out of the window is dropped without a word (RFC 5961 3.2). */
/* HOLDS(sequence-answer, 5961-3-out) */
static void reset_unacceptable(void)
{
    static const struct arrival rows[] = {{"R", false, -1, 0, 0}, {"R.", false, -2, 0, 0}, {"R", true, 0, 0, 0}};
    CHANGES_NOTHING(RFC, rows, false, 0);
}

/* Table 6: a segment that begins below the window and reaches into it is taken from RCV.NXT on. */
/* HOLDS(sequence-trim) */
static void sequence_overlap(void)
{
    struct pair *p = endpoint_in(TCP_ESTABLISHED, RFC);
    arrive(&p->a, ". seq=1 ack=1 len=10");
    EXPECT_SENT(&p->a, ". seq=1 ack=11");
    arrive(&p->a, ". seq=6 ack=1 len=10");
    EXPECT_SENT(&p->a, ". seq=1 ack=16");
    EXPECT_NEWS(&p->a, "data 10, data 5");
    pair_free(p);
}

/* Data that reaches past the window's end is cut there. */
/* HOLDS(sequence-trim) */
static void sequence_beyond(void)
{
    struct pair *p = endpoint_in(TCP_ESTABLISHED, RFC);
    uint32_t end = window_end(p);
    char text[60];
    snprintf(text, sizeof text, "F. seq=%u ack=1 len=10", end - 3);
    arrive(&p->a, text);
    EXPECT_SENT(&p->a, ". seq=1 ack=1"); /* out of order: a duplicate ACK */
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    pair_free(p);
}

/* ---- Second, check the RST bit ----------------------------------------------------------------------------------- */

/* The next number expected: believed. */
/* HOLDS(reset-synchronized, reset-closing, 5961-3-exact, MUST-12) */
static void reset_exact(void)
{
    static const struct {
        enum tcp_state state;
        const char *news;
    } rows[] = {
        {TCP_ESTABLISHED, "failed reset"},
        {TCP_FIN_WAIT_1, "failed reset"},
        {TCP_FIN_WAIT_2, "failed reset"},
        {TCP_CLOSE_WAIT, "failed reset"},
    };
    for (unsigned i = 0; i < SYNCHRONIZED; i++) {
        for (unsigned profile = 0; profile < PROFILES; profile++) {
            struct pair *p = endpoint_in(states[i].state, profiles[profile]);
            arrive_at(p, i, &(struct arrival){"R", false, 0, 0, 0});
            EXPECT_SILENCE(&p->a);
            EXPECT_STATES(&p->a, "CLOSED");
            EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
            for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
                if (rows[row].state == states[i].state)
                    EXPECT_NEWS(&p->a, rows[row].news);
            }
            pair_free(p);
        }
    }
}

/* SYN-RECEIVED by a passive open: back to LISTEN, and the next SYN is taken. */
/* HOLDS(reset-passive, MUST-11) */
static void reset_to_listen(void)
{
    struct pair *p = endpoint_in(TCP_SYN_RECEIVED, RFC);
    arrive(&p->a, "R seq=1");
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 0);
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_LISTEN), 1);
    arrive(&p->a, "S seq=70000");
    EXPECT_SENT(&p->a, "S. seq=0 ack=70001");
    EXPECT_STATE(&p->a, TCP_SYN_RECEIVED);
    pair_free(p);
}

/* In the window but not the next number: a challenge ACK (RFC 5961 3.2). */
/* HOLDS(5961-3-in) */
static void reset_inexact(void)
{
    static const struct arrival rows[] = {{"R", false, 1, 0, 0}, {"R.", false, 1, 0, 0}, {"R", true, -1, 0, 0}};
    CHANGES_NOTHING(RFC, rows, true, 0);
    /* Linux: a request of the SYN queue and TIME-WAIT have rules of their own. */
    static const struct arrival past[] = {{"R", true, 0, 0, 0}}; /* inside for tcp_sequence() */
    CHANGES_NOTHING(LINUX, rows, true, 1u << TCP_SYN_RECEIVED | 1u << TCP_TIME_WAIT);
    CHANGES_NOTHING(LINUX, past, true, 1u << TCP_SYN_RECEIVED | 1u << TCP_TIME_WAIT);
}

/* ---- Fourth, check the SYN bit ----------------------------------------------------------------------------------- */

/* In the window: a challenge ACK (RFC 5961 4.2). An endpoint in TIME-WAIT without a listener behind it likewise. */
/* HOLDS(syn-synchronized, 5961-4) */
static void syn_in_window(void)
{
    static const struct arrival rows[] = {
        {"S", false, 0, 0, 0}, {"S", false, 100, 0, 0}, {"S.", false, 0, 0, 0}, {"S", true, -1, 0, 0}};
    for (unsigned i = 0; i < PROFILES; i++)
        CHANGES_NOTHING(profiles[i], rows, true, 1u << TCP_SYN_RECEIVED);
}

/* SYN-RECEIVED by a passive open: return to LISTEN. */
/* HOLDS(syn-passive) */
static void syn_in_window_to_listen(void)
{
    struct pair *p = endpoint_in(TCP_SYN_RECEIVED, RFC);
    arrive(&p->a, "S seq=1");
    EXPECT_SILENCE(&p->a);
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 0);
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_LISTEN), 1);
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);

    p = endpoint_in(TCP_SYN_RECEIVED, LINUX); /* which resets besides */
    arrive(&p->a, "S seq=1");
    EXPECT_SENT(&p->a, "R. ack=2");
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 0);
    pair_free(p);
}

/* Out of the window, as the SYN that began it: an ACK; in SYN-RECEIVED Linux repeats its SYN+ACK. */
/* HOLDS(5961-4, sequence-answer) */
static void syn_repeated(void)
{
    static const struct arrival rows[] = {{"S", true, 0, 0, 0}, {"S", true, 70000, 0, 0}};
    for (unsigned i = 0; i < SYNCHRONIZED; i++) {
        for (unsigned profile = 0; profile < PROFILES; profile++) {
            char reply[60];
            struct pair *p = endpoint_in(states[i].state, profiles[profile]);
            arrive(&p->a, "S seq=0");
            snprintf(reply, sizeof reply, ". seq=%u ack=%u", states[i].snd_nxt, states[i].rcv_nxt);
            bool again = profile == 1 && states[i].state == TCP_SYN_RECEIVED;
            label(p, "%s, %s: the SYN once more", profiles[profile], state_name(states[i].state));
            EXPECT_SENT(&p->a, again ? "S. seq=0 ack=1" : reply);
            EXPECT_STATES(&p->a, "");
            EXPECT_NEWS(&p->a, "");
            pair_free(p);
        }
    }
    CHANGES_NOTHING(RFC, rows, true, 1u << TCP_TIME_WAIT); /* there a higher number may be a new connection's */
}

/* ---- Fifth, check the ACK field ---------------------------------------------------------------------------------- */

/* No ACK bit: dropped. (Linux answers in TIME-WAIT whatever it cannot place.) */
/* HOLDS(ack-off) */
static void without_ack(void)
{
    static const struct arrival rows[] = {
        {"-", false, 0, 0, 0}, {"-", false, 0, 0, 5}, {"F", false, 0, 0, 0}, {"F", false, 0, 0, 5}};
    for (unsigned i = 0; i < PROFILES; i++)
        CHANGES_NOTHING(profiles[i], rows, false, i == 1 ? 1u << TCP_TIME_WAIT : 0);
}

/* An ACK of something not yet sent: ACK, and drop the segment. */
/* HOLDS(ack-future, 5961-5) */
static void ack_of_future(void)
{
    static const struct arrival rows[] = {
        {".", false, 0, 1, 0}, {".", false, 0, 1, 5}, {"F.", false, 0, 1, 0}, {".", false, 0, 70000, 0}};
    unsigned not = 1u << TCP_SYN_RECEIVED | 1u << TCP_LAST_ACK | 1u << TCP_TIME_WAIT;
    for (unsigned i = 0; i < PROFILES; i++)
        CHANGES_NOTHING(profiles[i], rows, true, not);
}

/* An old ACK within the largest window is a duplicate: ignored; from further back a challenge ACK (RFC 5961 5.2). */
/* HOLDS(ack-duplicate, 5961-5) */
static void ack_of_past(void)
{
    static const struct arrival duplicate[] = {{".", false, 0, -1, 0}, {".", false, 0, -65535, 0}};
    static const struct arrival older[] = {{".", false, 0, -70000, 0}, {".", false, 0, -70000, 5}};
    /* Linux: no further back than there was anything to acknowledge, the SYN. */
    static const struct arrival syn[] = {{".", false, 0, -1, 0}};
    static const struct arrival before_syn[] = {{".", false, 0, -3, 0}, {".", false, 0, -3, 5}};
    unsigned other = 1u << TCP_SYN_RECEIVED | 1u << TCP_TIME_WAIT;
    CHANGES_NOTHING(RFC, duplicate, false, other);
    CHANGES_NOTHING(RFC, older, true, other | 1u << TCP_LAST_ACK);
    CHANGES_NOTHING(LINUX, syn, false, other);
    CHANGES_NOTHING(LINUX, before_syn, true, other | 1u << TCP_LAST_ACK);
}

/* Linux counts our FIN among what was acknowledged, also where data comes only afterwards. */
static void ack_before_fin(void)
{
    struct pair *p = passive_endpoint_in(TCP_ESTABLISHED, LINUX);
    user_shutdown(&p->a);
    arrive(&p->a, ". seq=1 ack=2");
    arrive(&p->a, ". seq=1 ack=2 len=10");
    forget(&p->a);
    arrive(&p->a, ". seq=11 ack=1 len=10"); /* sent before our FIN came */
    EXPECT_SENT(&p->a, ". seq=2 ack=21");
    EXPECT_NEWS(&p->a, "data 10");
    pair_free(p);
}

/* What a half-open connection, or one before it was left to time out in FIN-WAIT-2, has answered does not count
   against invalid_ratelimit of what Linux has next. */
static void answers_anew(void)
{
    struct pair *p = endpoint_in(TCP_LISTEN, LINUX);
    arrive(&p->a, "S seq=0");
    arrive(&p->a, "S seq=0");
    arrive(&p->a, ". seq=1 ack=1");
    forget(&p->a);
    arrive(&p->a, ". seq=0 ack=1");
    EXPECT_SENT(&p->a, ". seq=1 ack=1");
    user_close(&p->a);
    arrive(&p->a, ". seq=1 ack=2");
    forget(&p->a);
    arrive(&p->a, ". seq=0 ack=2");
    EXPECT_SENT(&p->a, ". seq=2 ack=1");
    arrive(&p->a, ". seq=0 ack=2");
    EXPECT_SILENCE(&p->a);
    pair_free(p);
}

/* Linux, tcp_check_req(): what acknowledges another number than our SYN+ACK is none of a half-open connection's: it
   draws a reset whatever its sequence number is, and a reset with such an ACK is not believed. */
static void other_ack_in_syn_received(void)
{
    static const struct {
        const char *arrives, *reply;
    } rows[] = {
        {"R. seq=1 ack=5", NULL},
        {". seq=100000 ack=5", "R seq=5"},
        {"S. seq=1 ack=0", "R seq=0"},
        {"S. seq=-1000 ack=7", "R seq=7"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_LISTEN, LINUX);
        label(p, "half-open: '%s'", rows[i].arrives);
        arrive(&p->a, "S seq=0");
        forget(&p->a);
        arrive(&p->a, rows[i].arrives);
        if (rows[i].reply)
            EXPECT_SENT(&p->a, rows[i].reply);
        else
            EXPECT_SILENCE(&p->a);
        EXPECT_STATES(&p->a, "");
        pair_free(p);
    }
}

/* Linux, tcp_reset_check(): once the peer's FIN has come, a reset with its number is believed too. */
static void reset_at_fin(void)
{
    static const struct {
        uint8_t state;
        const char *settings, *states;
    } rows[] = {
        {TCP_CLOSE_WAIT, LINUX, "CLOSED"}, {TCP_CLOSING, LINUX, "CLOSED"}, {TCP_LAST_ACK, LINUX, "CLOSED"},
        {TCP_CLOSE_WAIT, RFC, ""},         {TCP_CLOSING, RFC, ""},         {TCP_LAST_ACK, RFC, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(rows[i].state, rows[i].settings);
        label(p, "%s, %s", rows[i].settings, state_name(rows[i].state));
        arrive(&p->a, "R seq=0");
        EXPECT_SILENCE(&p->a);
        EXPECT_STATES(&p->a, "");
        arrive(&p->a, "R seq=1");
        EXPECT_SILENCE(&p->a);
        EXPECT_STATES(&p->a, rows[i].states);
        pair_free(p);
    }
    struct pair *p = endpoint_in(TCP_ESTABLISHED, LINUX);
    arrive(&p->a, "R seq=0");
    EXPECT_STATES(&p->a, "");
    pair_free(p);
}

/* SYN-RECEIVED: SND.UNA < SEG.ACK =< SND.NXT establishes, all else draws <SEQ=SEG.ACK><CTL=RST>. */
/* HOLDS(ack-syn-received, ack-syn-received-bad, fin-established) */
static void ack_in_syn_received(void)
{
    static const struct {
        const char *arrives, *reply, *states, *news;
    } rows[] = {
        {". seq=1 ack=1", NULL, "ESTABLISHED", "established"},
        {". seq=1 ack=1 len=7", ". seq=1 ack=8", "ESTABLISHED", "established, data 7"},
        {"F. seq=1 ack=1", ". seq=1 ack=2", "ESTABLISHED, CLOSE-WAIT", "established, peer-closed"},
        {"F. seq=1 ack=1 len=3", ". seq=1 ack=5", "ESTABLISHED, CLOSE-WAIT", "established, data 3, peer-closed"},
        {". seq=1 ack=0", "R seq=0", "", ""},
        {". seq=1 ack=2", "R seq=2", "", ""},
        {". seq=1 ack=-5 len=3", "R seq=-5", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_SYN_RECEIVED, RFC);
        label(p, "SYN-RECEIVED: '%s'", rows[i].arrives);
        arrive(&p->a, rows[i].arrives);
        EXPECT_SENT(&p->a, rows[i].reply);
        EXPECT_STATES(&p->a, rows[i].states);
        EXPECT_NEWS(&p->a, rows[i].news);
        pair_free(p);
    }
}

/* FIN-WAIT-1, CLOSING and LAST-ACK wait for the acknowledgment of the FIN, and for nothing less. */
/* HOLDS(ack-fin-wait-1, ack-closing, ack-last-ack) */
static void ack_of_fin(void)
{
    static const struct {
        enum tcp_state state;
        const char *arrives, *states, *news;
    } rows[] = {
        {TCP_FIN_WAIT_1, ". seq=1 ack=2", "FIN-WAIT-2", ""}, {TCP_FIN_WAIT_1, ". seq=1 ack=1", "", ""},
        {TCP_CLOSING, ". seq=2 ack=2", "TIME-WAIT", ""},     {TCP_CLOSING, ". seq=2 ack=1", "", ""},
        {TCP_LAST_ACK, ". seq=2 ack=2", "CLOSED", "closed"}, {TCP_LAST_ACK, ". seq=2 ack=1", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned profile = 0; profile < PROFILES; profile++) {
            struct pair *p = endpoint_in(rows[i].state, profiles[profile]);
            label(p, "%s, %s: '%s'", profiles[profile], state_name(rows[i].state), rows[i].arrives);
            arrive(&p->a, rows[i].arrives);
            EXPECT_SILENCE(&p->a);
            EXPECT_STATES(&p->a, rows[i].states);
            EXPECT_NEWS(&p->a, rows[i].news);
            pair_free(p);
        }
    }
}

/* FIN-WAIT-2 and TIME-WAIT: the retransmission timer is off; TIME-WAIT's runs for 2 MSL. */
/* HOLDS(MUST-13, 6298-2.1, 6298-5.1, MUST-22) */
static void timers_by_state(void)
{
    static const struct {
        enum tcp_state state;
        bool runs;
        synfin_time expiry;
    } rows[] = {
        {TCP_LISTEN, false, 0},       {TCP_SYN_SENT, true, SYNFIN_S},  {TCP_SYN_RECEIVED, true, SYNFIN_S},
        {TCP_ESTABLISHED, false, 0},  {TCP_FIN_WAIT_1, true, SYNFIN_S}, {TCP_FIN_WAIT_2, false, 0},
        {TCP_CLOSE_WAIT, false, 0},   {TCP_CLOSING, true, SYNFIN_S},   {TCP_LAST_ACK, true, SYNFIN_S},
        {TCP_TIME_WAIT, true, 240 * SYNFIN_S},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(rows[i].state, RFC);
        EXPECT_EQUAL(p, next_timer(&p->a), rows[i].runs ? rows[i].expiry : SYNFIN_NEVER);
        pair_free(p);
    }
}

/* ---- Seventh, process the segment text --------------------------------------------------------------------------- */

/* HOLDS(text) */
static void data_by_state(void)
{
    static const struct {
        enum tcp_state state;
        const char *arrives, *reply, *states, *news;
    } rows[] = {
        {TCP_ESTABLISHED, ". seq=1 ack=1 len=100", ". seq=1 ack=101", "", "data 100"},
        {TCP_FIN_WAIT_1, ". seq=1 ack=1 len=100", ". seq=2 ack=101", "", "data 100"},
        {TCP_FIN_WAIT_1, ". seq=1 ack=2 len=100", ". seq=2 ack=101", "FIN-WAIT-2", "data 100"},
        {TCP_FIN_WAIT_2, ". seq=1 ack=2 len=100", ". seq=2 ack=101", "", "data 100"},
        {TCP_FIN_WAIT_2, "F. seq=1 ack=2 len=100", ". seq=2 ack=102", "TIME-WAIT", "data 100, peer-closed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(rows[i].state, RFC);
        label(p, "%s: '%s'", state_name(rows[i].state), rows[i].arrives);
        arrive(&p->a, rows[i].arrives);
        EXPECT_SENT(&p->a, rows[i].reply);
        EXPECT_STATES(&p->a, rows[i].states);
        EXPECT_NEWS(&p->a, rows[i].news);
        pair_free(p);
    }
}

/* After the peer's FIN no text can come: none is delivered, and the connection goes on. */
/* HOLDS(text-after-fin) */
static void data_after_fin(void)
{
    static const enum tcp_state after_fin[] = {TCP_CLOSE_WAIT, TCP_CLOSING, TCP_LAST_ACK, TCP_TIME_WAIT};
    for (unsigned i = 0; i < sizeof after_fin / sizeof after_fin[0]; i++) {
        struct pair *p = endpoint_in(after_fin[i], RFC);
        arrive(&p->a, ". seq=2 ack=1 len=100");
        EXPECT_STATES(&p->a, "");
        EXPECT_NEWS(&p->a, "");
        for (size_t n = p->a.sends_seen; n < p->a.sends; n++)
            EXPECT(p, !(p->a.sent[n].segment.flags & SYNFIN_RST) && p->a.sent[n].ack == 2);
        pair_free(p);
    }
}

/* ---- Eighth, check the FIN bit ----------------------------------------------------------------------------------- */

/* HOLDS(fin-established, fin-fin-wait-1, fin-fin-wait-2, fin-again) */
static void fin_by_state(void)
{
    static const struct {
        enum tcp_state state;
        const char *arrives, *reply, *states, *news;
    } rows[] = {
        {TCP_ESTABLISHED, "F. seq=1 ack=1", ". seq=1 ack=2", "CLOSE-WAIT", "peer-closed"},
        {TCP_ESTABLISHED, "F. seq=1 ack=1 len=9", ". seq=1 ack=11", "CLOSE-WAIT", "data 9, peer-closed"},
        {TCP_FIN_WAIT_1, "F. seq=1 ack=1", ". seq=2 ack=2", "CLOSING", "peer-closed"},
        {TCP_FIN_WAIT_1, "F. seq=1 ack=2", ". seq=2 ack=2", "FIN-WAIT-2, TIME-WAIT", "peer-closed"},
        {TCP_FIN_WAIT_2, "F. seq=1 ack=2", ". seq=2 ack=2", "TIME-WAIT", "peer-closed"},
        /* a hole before it: not yet */
        {TCP_ESTABLISHED, "F. seq=11 ack=1", ". seq=1 ack=1", "", ""},
        {TCP_FIN_WAIT_2, "F. seq=11 ack=2", ". seq=2 ack=1", "", ""},
        /* a retransmitted one */
        {TCP_CLOSE_WAIT, "F. seq=1 ack=1", ". seq=1 ack=2", "", ""},
        {TCP_CLOSING, "F. seq=1 ack=1", ". seq=2 ack=2", "", ""},
        {TCP_LAST_ACK, "F. seq=1 ack=1", ". seq=2 ack=2", "", ""},
        {TCP_TIME_WAIT, "F. seq=1 ack=2", ". seq=2 ack=2", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned profile = 0; profile < PROFILES; profile++) {
            struct pair *p = endpoint_in(rows[i].state, profiles[profile]);
            label(p, "%s, %s: '%s'", profiles[profile], state_name(rows[i].state), rows[i].arrives);
            arrive(&p->a, rows[i].arrives);
            run_to(p, p->a.base.now + 40 * SYNFIN_MS); /* Linux delays the ACK of data and FIN: the user may close */
            EXPECT_SENT(&p->a, rows[i].reply);
            EXPECT_STATES(&p->a, rows[i].states);
            EXPECT_NEWS(&p->a, rows[i].news);
            pair_free(p);
        }
    }
}

/* The FIN that came early is processed when the hole closes. */
/* HOLDS(SHLD-31, MUST-59) */
static void fin_before_data(void)
{
    struct pair *p = endpoint_in(TCP_ESTABLISHED, RFC);
    arrive(&p->a, "F. seq=11 ack=1 len=5");
    EXPECT_SENT(&p->a, ". seq=1 ack=1");
    arrive(&p->a, ". seq=1 ack=1 len=10");
    EXPECT_SENT(&p->a, ". seq=1 ack=17");
    EXPECT_STATES(&p->a, "CLOSE-WAIT");
    EXPECT_NEWS(&p->a, "data 15, peer-closed");
    pair_free(p);
}

/* The FIN that comes with data again counts, the data does not. */
static void fin_with_old_data(void)
{
    struct pair *p = endpoint_in(TCP_ESTABLISHED, RFC);
    arrive(&p->a, ". seq=1 ack=1 len=10");
    arrive(&p->a, "F. seq=1 ack=1 len=10");
    EXPECT_SENT(&p->a, ". ack=11", ". ack=12");
    EXPECT_STATES(&p->a, "CLOSE-WAIT");
    EXPECT_NEWS(&p->a, "data 10, peer-closed");
    pair_free(p);
}

/* TIME-WAIT: a retransmitted FIN restarts the 2 MSL; nothing else does. */
/* HOLDS(ack-time-wait, timeout-time-wait) */
static void time_wait_restart(void)
{
    struct pair *p = endpoint_in(TCP_TIME_WAIT, RFC);
    run_until(p, "100s");
    arrive(&p->a, "F. seq=1 ack=2");
    EXPECT_SENT(&p->a, "100s . seq=2 ack=2");
    run_until(p, "200s");
    arrive(&p->a, ". seq=2 ack=2");
    EXPECT_SILENCE(&p->a);
    run_to_end(p);
    EXPECT_STATES(&p->a, "340s CLOSED");
    EXPECT_SILENCE(&p->a);
    pair_free(p);
}

/* What a passive open led to behaves like what an active open led to. */
static void passive_close(void)
{
    struct pair *p = passive_endpoint_in(TCP_ESTABLISHED, RFC);
    p->a.application.close_peer_closed = true;
    arrive(&p->a, "F. seq=1 ack=1");
    EXPECT_SENT(&p->a, "F. seq=1 ack=2"); /* one segment: the application was told before the ACK went out */
    EXPECT_STATES(&p->a, "CLOSE-WAIT, LAST-ACK");
    arrive(&p->a, ". seq=2 ack=2");
    EXPECT_STATES(&p->a, "CLOSED");
    EXPECT_NEWS(&p->a, "peer-closed, closed");
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_LISTEN), 1);
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.10.7.4 first: an unacceptable segment draws an ACK", sequence_unacceptable},
        {"RFC 9293 3.10.7.4 first: a reset out of the window is dropped", reset_unacceptable},
        {"RFC 9293 3.10.7.4 first: data below the window is trimmed", sequence_overlap},
        {"RFC 9293 3.10.7.4 first: data beyond the window is trimmed", sequence_beyond},
        {"RFC 9293 3.10.7.4 second: RST at RCV.NXT is believed", reset_exact},
        {"RFC 9293 3.10.7.4 second: RST in SYN-RECEIVED returns to LISTEN", reset_to_listen},
        {"RFC 5961 3.2 RST elsewhere in the window is challenged", reset_inexact},
        {"RFC 5961 4.2 SYN in the window is challenged", syn_in_window},
        {"RFC 9293 3.10.7.4 fourth: SYN in SYN-RECEIVED returns to LISTEN", syn_in_window_to_listen},
        {"RFC 9293 3.10.7.4 first: a repeated SYN", syn_repeated},
        {"RFC 9293 3.10.7.4 fifth: no ACK, dropped", without_ack},
        {"RFC 9293 3.10.7.4 fifth: an ACK of what was never sent", ack_of_future},
        {"RFC 5961 5.2 an old ACK", ack_of_past},
        {"Linux: an old ACK after our FIN was acknowledged", ack_before_fin},
        {"Linux: answers are limited for each of its records", answers_anew},
        {"Linux: another ACK in SYN-RECEIVED", other_ack_in_syn_received},
        {"Linux: a reset with the number of the FIN", reset_at_fin},
        {"RFC 9293 3.10.7.4 fifth: SYN-RECEIVED", ack_in_syn_received},
        {"RFC 9293 3.10.7.4 fifth: the acknowledgment of our FIN", ack_of_fin},
        {"RFC 9293 3.8.1, 3.6: which timer runs in which state", timers_by_state},
        {"RFC 9293 3.10.7.4 seventh: data by state", data_by_state},
        {"RFC 9293 3.10.7.4 seventh: no data after the FIN", data_after_fin},
        {"RFC 9293 3.10.7.4 eighth: FIN by state", fin_by_state},
        {"RFC 9293 3.10.7.4 eighth: a FIN that comes early", fin_before_data},
        {"RFC 9293 3.10.7.4 eighth: a FIN behind old data", fin_with_old_data},
        {"RFC 9293 3.10.7.4 eighth: TIME-WAIT restarts with the FIN", time_wait_restart},
        {"RFC 9293 3.6: a passive close in one segment", passive_close},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_synchronized", cases);
}
