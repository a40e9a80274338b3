/* SPDX-License-Identifier: BSD-2-Clause */
/* What the user of a connection may ask for: no waiting for full segments, keep-alives, a user timeout. */
#include "tcp_fixture.h"

#define STRICT "profile=rfc9293"
#define ALIVE STRICT " keepalive=true keepalive_time=10s keepalive_intvl=5s keepalive_probes=3"

/* ---- Nagle (3.7.4) ---------------------------------------------------------------------------------------------- */

/* While something is outstanding, what fills no segment is kept until all is acknowledged, or it fills one. */
/* HOLDS(SHLD-7) */
static void nagle(void)
{
    struct pair *p = established_to_1000(STRICT);
    user_send(&p->a, 100);
    EXPECT_SENT(&p->a, ". seq=1 ack=1 len=100");
    user_send(&p->a, 100);
    user_send(&p->a, 700);
    EXPECT_SILENCE(&p->a);
    user_send(&p->a, 300);
    EXPECT_SENT(&p->a, ". seq=101 ack=1 len=1000");
    arrive(&p->a, ". seq=1 ack=101"); /* not all */
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, ". seq=1 ack=1101");
    EXPECT_SENT(&p->a, ". seq=1101 ack=1 len=100");
    pair_free(p);
}

/* HOLDS(MUST-17) */
static void nodelay(void)
{
    struct pair *p = established_to_1000(STRICT " nodelay=true");
    for (unsigned i = 0; i < 3; i++)
        user_send(&p->a, 100);
    EXPECT_SENT(&p->a, ". seq=1 ack=1 len=100", ". seq=101 ack=1 len=100", ". seq=201 ack=1 len=100");
    pair_free(p);
}

/* What waits goes with the FIN: nothing will be added to it. */
static void nagle_close(void)
{
    struct pair *p = established_to_1000(STRICT);
    user_send(&p->a, 100);
    user_send(&p->a, 50);
    forget(&p->a);
    user_close(&p->a);
    EXPECT_SENT(&p->a, "F. seq=101 ack=1 len=50");
    pair_free(p);
}

/* Minshall's variant, as in Linux: the end of a message follows its full segments at once; the next small one waits for
   that, not for the full ones. */
static void nagle_minshall(void)
{
    struct pair *p = established_to_1000(LINUX);
    user_send(&p->a, 2500);
    EXPECT_SENT(&p->a, ". seq=1 len=1000", ". seq=1001 len=1000", ". seq=2001 len=500");
    user_send(&p->a, 100);
    arrive(&p->a, ". seq=1 ack=2001");
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, ". seq=1 ack=2501");
    EXPECT_SENT(&p->a, ". seq=2501 len=100");
    pair_free(p);
}

/* ---- Keep-alives (3.8.4) ---------------------------------------------------------------------------------------- */

/* Off unless the user wants them; then after two hours, without data, with a number that the peer has acknowledged. */
/* HOLDS(MUST-24, MUST-25, MUST-28, SHLD-12) */
static void keepalive_default(void)
{
    struct pair *p = established_to_1000(STRICT);
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
    p = established_to_1000(STRICT " keepalive=true");
    run_until(p, "7200s");
    EXPECT_SENT(&p->a, "7200s . seq=0 ack=1 len=0");
    pair_free(p);
}

/* One that is not answered means nothing; after keepalive_probes of them the connection is reset. */
/* HOLDS(MUST-27, MUST-29) */
static void keepalive_unanswered(void)
{
    struct pair *p = established_to_1000(ALIVE);
    run_until(p, "24s");
    EXPECT_SENT(&p->a, "10s . seq=0 ack=1", "15s . seq=0 ack=1", "20s . seq=0 ack=1");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    run_to_end(p);
    EXPECT_SENT(&p->a, "25s R. seq=1 ack=1");
    EXPECT_NEWS(&p->a, "25s failed timeout");
    pair_free(p);
}

static void keepalive_answered(void)
{
    struct pair *p = established_to_1000(ALIVE);
    run_until(p, "16s"); /* the second is answered */
    forget(&p->a);
    arrive(&p->a, ". seq=1 ack=1");
    run_until(p, "30s");
    EXPECT_SENT(&p->a, "26s . seq=0 ack=1");
    arrive(&p->a, ". seq=1 ack=1");
    run_until(p, "50s"); /* and all are counted anew */
    EXPECT_SENT(&p->a, "40s . seq=0 ack=1", "45s . seq=0 ack=1", "50s . seq=0 ack=1");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    pair_free(p);
}

/* Only where nothing has come for the interval, and nothing is outstanding: then retransmissions find out. */
/* HOLDS(MUST-26) */
static void keepalive_idle_only(void)
{
    struct pair *p = established_to_1000(ALIVE);
    run_until(p, "4s");
    arrive(&p->a, ". seq=1 ack=1 len=100");
    forget(&p->a);
    run_until(p, "13s");
    EXPECT_SILENCE(&p->a);
    run_until(p, "14s");
    EXPECT_SENT(&p->a, "14s . seq=0 ack=101");
    arrive(&p->a, ". seq=101 ack=1");
    user_send(&p->a, 100);
    forget(&p->a);
    run_until(p, "60s");
    for (size_t i = 0; i < p->a.sends; i++)
        EXPECT(p, p->a.sent[i].time <= 14 * SYNFIN_S || p->a.sent[i].seq == 1);
    pair_free(p);
}

/* So does a connection whose user closes one direction before it is ESTABLISHED. */
static void keepalive_half_closed(void)
{
    struct pair *p = endpoint_in(TCP_SYN_RECEIVED, ALIVE);
    user_shutdown(&p->a);
    arrive(&p->a, ". seq=1 ack=2");
    EXPECT_STATE(&p->a, TCP_FIN_WAIT_2);
    forget(&p->a);
    run_until(p, "24s");
    EXPECT_SENT(&p->a, "10s . seq=1 ack=1", "15s . seq=1 ack=1", "20s . seq=1 ack=1");
    run_to_end(p);
    EXPECT_SENT(&p->a, "25s R. seq=2 ack=1");
    EXPECT_NEWS(&p->a, "25s failed timeout");
    pair_free(p);
}

/* The endpoint of a peer that is there answers, and both stay for as long as one looks. */
static void keepalive_pair(void)
{
    struct pair *p = pair_new(ALIVE, LINUX);
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_until(p, "1000s");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    EXPECT_STATE(&p->b, TCP_ESTABLISHED);
    EXPECT_EQUAL(p, p->b.sends, 1 + 99); /* SYN+ACK; an ACK every 10.02 s */
    pair_free(p);
}

/* ---- User timeout (3.8.3, RFC 5482) ----------------------------------------------------------------------------- */

/* It takes the place of keepalive_probes. */
static void user_timeout_keepalive(void)
{
    struct pair *p = established_to_1000(ALIVE " user_timeout=12s");
    run_to_end(p);
    EXPECT_SENT(&p->a, "10s . seq=0 ack=1", "15s R. seq=1 ack=1");
    EXPECT_NEWS(&p->a, "15s failed timeout");
    pair_free(p);
}

/* Data that a window of 0 keeps back waits no longer than that, however the probes are answered. */
static void user_timeout_zero_window(const char *settings)
{
    struct pair *p = established_to_1000(settings);
    arrive(&p->a, ". seq=1 ack=1 win=0");
    user_send(&p->a, 100);
    for (unsigned i = 0; i < 12 && state_of(&p->a) == TCP_ESTABLISHED; i++) {
        run_to(p, next_timer(&p->a));
        if (state_of(&p->a) == TCP_ESTABLISHED)
            arrive(&p->a, ". seq=1 ack=1 win=0");
    }
    EXPECT_STATE(&p->a, TCP_CLOSED);
    EXPECT(p, p->a.note[p->a.notes - 1].time >= 10 * SYNFIN_S && p->a.note[p->a.notes - 1].time < 25 * SYNFIN_S);
    pair_free(p);
}

static void user_timeout_zero_windows(void)
{
    user_timeout_zero_window(STRICT " user_timeout=10s");
    user_timeout_zero_window(LINUX " user_timeout=10s");
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.7.4 Nagle: small data waits", nagle},
        {"RFC 9293 3.7.4 Nagle: can be turned off", nodelay},
        {"RFC 9293 3.7.4 Nagle: not before FIN", nagle_close},
        {"Nagle in Linux: Minshall's variant", nagle_minshall},
        {"RFC 9293 3.8.4 keep-alive: off by default, 2 hours", keepalive_default},
        {"RFC 9293 3.8.4 keep-alive: unanswered", keepalive_unanswered},
        {"RFC 9293 3.8.4 keep-alive: answered", keepalive_answered},
        {"RFC 9293 3.8.4 keep-alive: only where idle", keepalive_idle_only},
        {"RFC 9293 3.8.4 keep-alive: between endpoints", keepalive_pair},
        {"RFC 9293 3.8.4 keep-alive: closed in SYN-RECEIVED", keepalive_half_closed},
        {"RFC 5482 user timeout: keep-alives", user_timeout_keepalive},
        {"RFC 5482 user timeout: zero window", user_timeout_zero_windows},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_user", cases);
}
