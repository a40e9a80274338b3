/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.10.7.1 to 3.10.7.3: segments that arrive without a connection, in LISTEN and in SYN-SENT. */
#include "tcp_fixture.h"

#include <string.h>

struct row {
    const char *arrives;
    const char *reply; /* NULL: nothing */
    enum tcp_state after;
    const char *news;
};

static const char *const profiles[] = {RFC, LINUX};
enum { PROFILES = 2 };

static void play(enum tcp_state state, const char *settings, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i];
        struct pair *p = endpoint_in(state, settings);
        label(p, "%s, %s: '%s'", settings, state_name(state), r->arrives);
        arrive(&p->a, r->arrives);
        EXPECT_SENT(&p->a, r->reply);
        EXPECT_STATE(&p->a, r->after);
        EXPECT_NEWS(&p->a, r->news);
        pair_free(p);
    }
}

#define PLAY(state, rows) \
    do { \
        for (unsigned i = 0; i < PROFILES; i++) \
            play(state, profiles[i], rows, sizeof rows / sizeof rows[0]); \
    } while (0)

/* 3.10.7.1, no ACK bit: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>, SYN and FIN counting in SEG.LEN. */
/* HOLDS(closed-no-ack) */
static void closed_without_ack(void)
{
    static const struct row rows[] = {
        {"S seq=1000 absolute", "R. seq=0 ack=1001 absolute", TCP_CLOSED, ""},
        {"S seq=1000 len=5 absolute", "R. seq=0 ack=1006 absolute", TCP_CLOSED, ""},
        {"F seq=1000 absolute", "R. seq=0 ack=1001 absolute", TCP_CLOSED, ""},
        {"F seq=1000 len=5 absolute", "R. seq=0 ack=1006 absolute", TCP_CLOSED, ""},
        {"- seq=1000 len=5 absolute", "R. seq=0 ack=1005 absolute", TCP_CLOSED, ""},
        {"- seq=1000 absolute", "R. seq=0 ack=1000 absolute", TCP_CLOSED, ""},
        {"S seq=4294967295 absolute", "R. seq=0 ack=0 absolute", TCP_CLOSED, ""},
    };
    PLAY(TCP_CLOSED, rows);
}

/* 3.10.7.1, ACK bit: <SEQ=SEG.ACK><CTL=RST>. */
/* HOLDS(closed-ack) */
static void closed_with_ack(void)
{
    static const struct row rows[] = {
        {". seq=1000 ack=77 absolute", "R seq=77 absolute", TCP_CLOSED, ""},
        {". seq=1000 ack=77 len=100 absolute", "R seq=77 absolute", TCP_CLOSED, ""},
        {"S. seq=1000 ack=77 absolute", "R seq=77 absolute", TCP_CLOSED, ""},
        {"F. seq=1000 ack=77 absolute", "R seq=77 absolute", TCP_CLOSED, ""},
    };
    PLAY(TCP_CLOSED, rows);
}

/* 3.10.7.1: a reset is discarded. */
/* HOLDS(closed-reset, fin-early) */
static void closed_reset(void)
{
    static const struct row rows[] = {
        {"R seq=1000 absolute", NULL, TCP_CLOSED, ""},
        {"R. seq=1000 ack=77 absolute", NULL, TCP_CLOSED, ""},
        {"RS seq=1000 absolute", NULL, TCP_CLOSED, ""},
    };
    PLAY(TCP_CLOSED, rows);
}

/* 3.10.7.2: first, RST is ignored; second, ACK draws <SEQ=SEG.ACK><CTL=RST>; third, SYN opens; fourth, the rest. */
/* HOLDS(listen-reset, listen-ack, listen-syn, listen-other, fin-early) */
static void listen_segments(void)
{
    static const struct row rows[] = {
        {"R seq=0", NULL, TCP_LISTEN, ""},
        {"R. seq=0 ack=77 absolute", NULL, TCP_LISTEN, ""},
        {"RS seq=0", NULL, TCP_LISTEN, ""},
        {". seq=0 ack=77 absolute", "R seq=77 absolute", TCP_LISTEN, ""},
        {". seq=0 ack=77 len=9 absolute", "R seq=77 absolute", TCP_LISTEN, ""},
        {"S. seq=0 ack=77 absolute", "R seq=77 absolute", TCP_LISTEN, ""},
        {"F. seq=0 ack=77 absolute", "R seq=77 absolute", TCP_LISTEN, ""},
        {"S seq=0", "S. seq=0 ack=1", TCP_SYN_RECEIVED, ""},
        {"F seq=0", NULL, TCP_LISTEN, ""},
        {"- seq=0 len=4", NULL, TCP_LISTEN, ""},
    };
    PLAY(TCP_LISTEN, rows);
}

/* 3.10.7.2: text and FIN of a SYN are processed once ESTABLISHED, be they sent again or not. */
/* HOLDS(listen-syn-text) */
static void listen_syn_text(void)
{
    static const struct {
        const char *syn, *ack, *reply, *news, *states;
    } rows[] = {
        {"S seq=0 len=5", ". seq=1 ack=1", ". seq=1 ack=6", "established, data 5", "SYN-RECEIVED, ESTABLISHED"},
        {"S seq=0 len=5", ". seq=6 ack=1", ". seq=1 ack=6", "established, data 5", "SYN-RECEIVED, ESTABLISHED"},
        {"S seq=0 len=5", ". seq=1 ack=1 len=9", ". seq=1 ack=10", "established, data 5, data 4",
         "SYN-RECEIVED, ESTABLISHED"},
        {"SF seq=0", ". seq=2 ack=1", ". seq=1 ack=2", "established, peer-closed",
         "SYN-RECEIVED, ESTABLISHED, CLOSE-WAIT"},
        {"SF seq=0 len=5", "F. seq=1 ack=1 len=5", ". seq=1 ack=7", "established, data 5, peer-closed",
         "SYN-RECEIVED, ESTABLISHED, CLOSE-WAIT"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_LISTEN, RFC);
        label(p, "%s, %s", rows[i].syn, rows[i].ack);
        arrive(&p->a, rows[i].syn);
        EXPECT_SENT(&p->a, "S. seq=0 ack=1");
        EXPECT_NEWS(&p->a, "");
        arrive(&p->a, rows[i].ack);
        EXPECT_SENT(&p->a, rows[i].reply);
        EXPECT_NEWS(&p->a, rows[i].news);
        EXPECT_STATES(&p->a, rows[i].states);
        pair_free(p);
    }
    struct pair *p = endpoint_in(TCP_LISTEN, RFC);
    arrive(&p->a, "SF seq=0 len=5");
    user_shutdown(&p->a);
    forget(&p->a);
    label(p, "closed in SYN-RECEIVED");
    arrive(&p->a, ". seq=7 ack=1");
    EXPECT_SENT(&p->a, ". seq=2 ack=7");
    EXPECT_NEWS(&p->a, "data 5, peer-closed");
    EXPECT_STATE(&p->a, TCP_CLOSING);
    pair_free(p);
}

/* 3.10.7.3: those of a SYN+ACK at once, those of a bare SYN as above. */
/* HOLDS(syn-sent-text) */
static void syn_sent_text(void)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, RFC);
    arrive(&p->a, "SF. seq=0 ack=1 len=10");
    EXPECT_SENT(&p->a, ". seq=1 ack=1", ". seq=1 ack=12");
    EXPECT_NEWS(&p->a, "established, data 10, peer-closed");
    EXPECT_STATE(&p->a, TCP_CLOSE_WAIT);
    pair_free(p);
    p = endpoint_in(TCP_SYN_SENT, RFC);
    label(p, "simultaneous open");
    arrive(&p->a, "S seq=0 len=10");
    EXPECT_SENT(&p->a, "S. seq=0 ack=1");
    arrive(&p->a, "S. seq=0 ack=1");
    EXPECT_SENT(&p->a, ". seq=1 ack=11");
    EXPECT_NEWS(&p->a, "established, data 10");
    pair_free(p);
}

/* Linux drops a SYN with FIN, and the text of a SYN or SYN+ACK. */
static void syn_text_linux(void)
{
    struct pair *p = endpoint_in(TCP_LISTEN, LINUX);
    arrive(&p->a, "SF seq=0");
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, "S seq=0 len=5");
    EXPECT_SENT(&p->a, "S. seq=0 ack=1");
    arrive(&p->a, ". seq=1 ack=1");
    EXPECT_NEWS(&p->a, "established");
    pair_free(p);
    p = endpoint_in(TCP_SYN_SENT, LINUX);
    arrive(&p->a, "S. seq=0 ack=1 len=10");
    EXPECT_SENT(&p->a, ". seq=1 ack=1");
    EXPECT_NEWS(&p->a, "established");
    pair_free(p);
}

/* 3.10.7.2: LISTEN itself stays, and takes the SYNs of others (MUST-41: simultaneous connections to one port). */
/* HOLDS(MUST-41, MUST-42) */
static void listen_many(void)
{
    struct pair *p = endpoint_in(TCP_LISTEN, RFC);
    for (uint16_t port = 5001; port <= 5005; port++)
        arrive_from(&p->a, port, "S seq=0");
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_LISTEN), 1);
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 5);
    EXPECT_EQUAL(p, p->a.sends, 5);
    for (size_t i = 0; i < p->a.sends; i++)
        EXPECT_EQUAL(p, p->a.sent[i].segment.destination_port, 5001 + i);
    arrive_from(&p->a, 5005, ". seq=1 ack=1"); /* the ISS known to the text is the last one's */
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_ESTABLISHED), 1);
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 4);
    pair_free(p);
}

/* 3.10.7.3 (the order of the checks goes wrong: picotcp issue 114, amazon-freertos 592). First: an ACK that is not
   acceptable (SEG.ACK =< ISS or > SND.NXT) draws a reset, unless RST is set. */
/* HOLDS(syn-sent-ack) */
static void syn_sent_bad_ack(void)
{
    static const struct row rows[] = {
        {". seq=0 ack=0", "R seq=0", TCP_SYN_SENT, ""},
        {". seq=0 ack=-1", "R seq=-1", TCP_SYN_SENT, ""},
        {". seq=0 ack=2", "R seq=2", TCP_SYN_SENT, ""},
        {"S. seq=0 ack=0", "R seq=0", TCP_SYN_SENT, ""},
        {"S. seq=0 ack=2", "R seq=2", TCP_SYN_SENT, ""},
        {"F. seq=0 ack=2", "R seq=2", TCP_SYN_SENT, ""},
        {". seq=0 ack=2 len=10", "R seq=2", TCP_SYN_SENT, ""},
        {"R. seq=0 ack=0", NULL, TCP_SYN_SENT, ""},
        {"R. seq=0 ack=2", NULL, TCP_SYN_SENT, ""},
    };
    PLAY(TCP_SYN_SENT, rows);
}

/* 3.10.7.3, second: a reset is believed only with an acceptable ACK. */
/* HOLDS(syn-sent-reset, MUST-12) */
static void syn_sent_reset(void)
{
    static const struct row rows[] = {
        {"R seq=0", NULL, TCP_SYN_SENT, ""},
        {"R seq=7", NULL, TCP_SYN_SENT, ""},
        {"RS seq=7", NULL, TCP_SYN_SENT, ""},
        {"R. seq=0 ack=1", NULL, TCP_CLOSED, "failed refused"},
        {"R. seq=0 ack=1 absolute", NULL, TCP_SYN_SENT, ""}, /* SEQ=0 ACK=1 of another connection */
        {"RS. seq=0 ack=1", NULL, TCP_CLOSED, "failed refused"},
    };
    PLAY(TCP_SYN_SENT, rows);
}

/* 3.10.7.3, fourth: SYN with an acceptable ACK establishes, SYN alone leads to SYN-RECEIVED (MUST-10). */
/* HOLDS(syn-sent-syn-ack, syn-sent-syn) */
static void syn_sent_syn(void)
{
    static const struct row rows[] = {
        {"S. seq=0 ack=1", ". seq=1 ack=1", TCP_ESTABLISHED, "established"},
        {"S seq=0", "S. seq=0 ack=1", TCP_SYN_RECEIVED, ""},
    };
    PLAY(TCP_SYN_SENT, rows);
}

/* 3.10.7.3, fifth: neither SYN nor RST: dropped. */
/* HOLDS(syn-sent-other, fin-early) */
static void syn_sent_other(void)
{
    static const struct row rows[] = {
        {". seq=0 ack=1", NULL, TCP_SYN_SENT, ""},
        {". seq=0 ack=1 len=5", NULL, TCP_SYN_SENT, ""},
        {"F. seq=0 ack=1", NULL, TCP_SYN_SENT, ""},
        {"F seq=0", NULL, TCP_SYN_SENT, ""},
        {"- seq=0 len=5", NULL, TCP_SYN_SENT, ""},
    };
    PLAY(TCP_SYN_SENT, rows);
}

/* 3.10.7.3: the timer of the SYN stops with its acknowledgment, not with anything that is dropped. */
/* HOLDS(6298-5.2) */
static void syn_sent_timer(void)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, RFC);
    run_until(p, "500ms");
    arrive(&p->a, ". seq=0 ack=1");
    run_until(p, "1s");
    EXPECT_SENT(&p->a, "1s S seq=0");
    arrive(&p->a, "S. seq=0 ack=1");
    EXPECT_SENT(&p->a, "1s . seq=1 ack=1");
    run_until(p, "300s");
    EXPECT_SILENCE(&p->a);
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    pair_free(p);
}

/* Linux sends the SYN again two jiffies after the first answer with a wrong ACK, be it a reset. */
static void syn_sent_hurries(void)
{
    static const char *const answers[] = {". seq=0 ack=0", "R. seq=0 ack=0"};
    for (unsigned i = 0; i < 2; i++) {
        struct pair *p = endpoint_in(TCP_SYN_SENT, LINUX);
        run_until(p, "10ms");
        arrive(&p->a, answers[i]);
        forget(&p->a);
        run_until(p, "500ms");
        EXPECT_SENT(&p->a, "18ms S seq=0");
        pair_free(p);
    }
}

/* 3.10.7.4 in SYN-RECEIVED from a simultaneous open: a reset refuses the connection; for Linux it is like others. */
/* HOLDS(reset-active, MUST-11) */
static void simultaneous_open_reset(void)
{
    for (unsigned i = 0; i < PROFILES; i++) {
        struct pair *p = endpoint_in(TCP_SYN_SENT, profiles[i]);
        arrive(&p->a, "S seq=0");
        EXPECT_SENT(&p->a, "S. seq=0 ack=1");
        arrive(&p->a, "R seq=1");
        EXPECT_SILENCE(&p->a);
        EXPECT_STATE(&p->a, TCP_CLOSED);
        EXPECT_NEWS(&p->a, i == 0 ? "failed refused" : "failed reset");
        pair_free(p);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.10.7.1 no connection: a segment without ACK", closed_without_ack},
        {"RFC 9293 3.10.7.1 no connection: a segment with ACK", closed_with_ack},
        {"RFC 9293 3.10.7.1 no connection: a reset", closed_reset},
        {"RFC 9293 3.10.7.2 LISTEN: every kind of segment", listen_segments},
        {"RFC 9293 3.10.7.2 text and FIN of a SYN", listen_syn_text},
        {"RFC 9293 3.10.7.2 LISTEN: several SYNs", listen_many},
        {"RFC 9293 3.10.7.3 SYN-SENT (S06): first, an unacceptable ACK", syn_sent_bad_ack},
        {"RFC 9293 3.10.7.3 SYN-SENT (S06): second, RST", syn_sent_reset},
        {"RFC 9293 3.10.7.3 SYN-SENT (S06): fourth, SYN", syn_sent_syn},
        {"RFC 9293 3.10.7.3 SYN-SENT (S06): fifth, neither SYN nor RST", syn_sent_other},
        {"RFC 9293 3.10.7.3 text and FIN of a SYN+ACK, of a SYN", syn_sent_text},
        {"Linux: text and FIN of a SYN", syn_text_linux},
        {"RFC 9293 3.10.7.3 SYN-SENT: the SYN's timer", syn_sent_timer},
        {"Linux: a wrong ACK in SYN-SENT makes the SYN hurry", syn_sent_hurries},
        {"RFC 9293 3.10.7.4 SYN-RECEIVED by simultaneous open: RST", simultaneous_open_reset},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_states", cases);
}
