/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME-WAIT: how long, what it answers, when its four-tuple may be used again (RFC 9293 3.6.1, RFC 6191, RFC 1337). */
#include "tcp_fixture.h"

#include <stdio.h>

/* A server that closed first: RCV.NXT 2, SND.NXT 2, a listener behind it. `syn` and `ts` are the options of the first
   connection: the peer's last timestamp was 1000. */
static struct pair *server_in_time_wait(const char *settings, bool timestamps)
{
    const char *ts = timestamps ? " ts=1000,0" : "";
    char text[100];
    struct pair *p = endpoint_in(TCP_LISTEN, settings);
    snprintf(text, sizeof text, "S seq=0%s", ts);
    arrive(&p->a, text);
    snprintf(text, sizeof text, ". seq=1 ack=1%s", ts);
    arrive(&p->a, text);
    user_close(&p->a);
    snprintf(text, sizeof text, ". seq=1 ack=2%s", ts);
    arrive(&p->a, text);
    snprintf(text, sizeof text, "F. seq=1 ack=2%s", ts);
    arrive(&p->a, text);
    EXPECT_STATE(&p->a, TCP_TIME_WAIT);
    forget(&p->a);
    return p;
}

/* HOLDS(MUST-13, timeout-time-wait) */
static void duration(void)
{
    struct pair *p = endpoint_in(TCP_TIME_WAIT, RFC);
    run_to_end(p);
    EXPECT_STATES(&p->a, "240s CLOSED");
    pair_free(p);
    p = endpoint_in(TCP_TIME_WAIT, LINUX);
    run_to_end(p);
    EXPECT_STATES(&p->a, "60s CLOSED");
    pair_free(p);
    p = endpoint_in(TCP_TIME_WAIT, RFC " time_wait=5s");
    run_to_end(p);
    EXPECT_STATES(&p->a, "5s CLOSED");
    pair_free(p);
}

/* Linux starts the time anew with nearly everything that arrives, rfc9293 only with the FIN. */
/* HOLDS(ack-time-wait) */
static void restart(void)
{
    static const struct {
        const char *arrives, *rfc, *linux;
    } rows[] = {
        {"F. seq=1 ack=2", "250s CLOSED", "70s CLOSED"},
        {". seq=2 ack=2", "240s CLOSED", "70s CLOSED"},
        {". seq=1 ack=2", "240s CLOSED", "70s CLOSED"},
        {". seq=1 ack=2 len=1", "240s CLOSED", "70s CLOSED"}, /* data where the FIN was is no FIN */
        {"F. seq=0 ack=2", "240s CLOSED", "70s CLOSED"},      /* a FIN with another number */
        {"S seq=0", "240s CLOSED", "60s CLOSED"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned linux_too = 0; linux_too < 2; linux_too++) {
            struct pair *p = endpoint_in(TCP_TIME_WAIT, linux_too ? LINUX : RFC);
            label(p, "%s: '%s'", linux_too ? "Linux" : "rfc9293", rows[i].arrives);
            run_until(p, "10s");
            arrive(&p->a, rows[i].arrives);
            run_to_end(p);
            EXPECT_STATES(&p->a, linux_too ? rows[i].linux : rows[i].rfc);
            pair_free(p);
        }
    }
}

/* 3.10.7.4 second, RFC 1337: the next number resets TIME-WAIT too, unless `rfc1337` forbids it. */
/* HOLDS(reset-closing) */
static void reset(void)
{
    static const struct {
        const char *settings, *arrives, *states;
    } rows[] = {
        {RFC, "R seq=2", "10s CLOSED"},
        {LINUX, "R seq=2", "10s CLOSED"},
        {RFC, "R seq=1", ""},
        {RFC, "R seq=65538", ""},
        {RFC " rfc1337=true", "R seq=2", ""},
        {LINUX " rfc1337=true", "R seq=2", ""},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_TIME_WAIT, rows[i].settings);
        label(p, "%s: '%s'", rows[i].settings, rows[i].arrives);
        run_until(p, "10s");
        arrive(&p->a, rows[i].arrives);
        EXPECT_SILENCE(&p->a);
        EXPECT_STATES(&p->a, rows[i].states);
        pair_free(p);
    }
}

/* RFC 6191 2: which SYN begins a new connection out of TIME-WAIT. */
static void reuse_by(const char *settings)
{
    static const struct {
        bool timestamps; /* of the old connection; TS.Recent 1000 */
        const char *syn;
        bool accepted;
    } rows[] = {
        {false, "S seq=3", true},          {false, "S seq=100000", true}, {false, "S seq=2147483649", true},
        {false, "S seq=1", false},         {false, "S seq=0", false},     {false, "S seq=-1000", false},
        {true, "S seq=3 ts=1001,0", true}, {true, "S seq=-5 ts=1001,0", true}, /* a newer timestamp */
        {true, "S seq=3 ts=1000,0", true}, {true, "S seq=-5 ts=1000,0", false}, /* the same: by number */
        {true, "S seq=3 ts=999,0", false}, {true, "S seq=-5 ts=999,0", false}, /* an older one */
        {true, "S seq=3", true},           {true, "S seq=-5", false}, /* none: by number */
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = server_in_time_wait(settings, rows[i].timestamps);
        label(p, "%s, timestamps %d: '%s'", settings, rows[i].timestamps, rows[i].syn);
        uint32_t old_next = p->a.sent[p->a.sends - 1].segment.seq;
        run_until(p, "10s");
        arrive(&p->a, rows[i].syn);
        const struct synfin_segment *seg = &last_sent(&p->a)->segment;
        if (rows[i].accepted) {
            EXPECT_STATES(&p->a, "10s CLOSED, 10s SYN-RECEIVED");
            EXPECT_EQUAL(p, seg->flags, SYNFIN_SYN | SYNFIN_ACK);
            EXPECT(p, (int32_t)(seg->seq - old_next) > 0); /* above what the old one used */
        } else {
            EXPECT_STATES(&p->a, "");
            EXPECT(p, p->a.sends == p->a.sends_seen || seg->flags == SYNFIN_ACK);
            run_to_end(p);
            EXPECT_STATE(&p->a, TCP_CLOSED);
            EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 0);
        }
        pair_free(p);
    }
}

/* HOLDS(6191-later, 6191-equal, 6191-none, 6191-isn, 6191-else, SHLD-4) */
static void reuse_rfc(void)
{
    reuse_by(RFC " timestamps=true");
}

/* HOLDS(6191-later, 6191-equal, 6191-none, 6191-isn, 6191-else) */
static void reuse_linux(void)
{
    reuse_by(LINUX);
}

/* RFC 6191 2: the old connection had no timestamps, the new one would: accepted. (Linux goes by the number.) */
/* HOLDS(6191-first) */
static void reuse_with_first_timestamps(void)
{
    struct pair *p = server_in_time_wait(RFC " timestamps=true", false);
    arrive(&p->a, "S seq=-5 ts=1,0");
    EXPECT_STATES(&p->a, "CLOSED, SYN-RECEIVED");
    pair_free(p);
    p = server_in_time_wait(LINUX, false);
    arrive(&p->a, "S seq=-5 ts=1,0");
    EXPECT_STATES(&p->a, "");
    pair_free(p);
}

/* RFC 6191 2: above the last number that was seen, the FIN's; Linux: above the next one. */
static void reuse_by_next_number(void)
{
    struct pair *p = server_in_time_wait(RFC, false);
    arrive(&p->a, "S seq=2");
    EXPECT_STATES(&p->a, "CLOSED, SYN-RECEIVED");
    pair_free(p);
    p = server_in_time_wait(LINUX, false);
    arrive(&p->a, "S seq=2");
    EXPECT_STATES(&p->a, "");
    pair_free(p);
}

/* The new connection is a whole one. */
static void reuse_lives(void)
{
    struct pair *p = server_in_time_wait(RFC, false);
    arrive(&p->a, "S seq=70000");
    EXPECT_SENT(&p->a, "S. ack=70001");
    arrive(&p->a, ". seq=70001 ack=1");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    user_close(&p->a);
    EXPECT_SENT(&p->a, "F. seq=1 ack=70001");
    arrive(&p->a, "F. seq=70001 ack=2");
    EXPECT_SENT(&p->a, ". seq=2 ack=70002");
    EXPECT_STATE(&p->a, TCP_TIME_WAIT);
    pair_free(p);
}

/* Linux: one answer in 500 ms. */
/* HOLDS(5961-7) */
static void answers_limited(void)
{
    struct pair *p = endpoint_in(TCP_TIME_WAIT, LINUX);
    arrive(&p->a, "S seq=0");
    arrive(&p->a, "S seq=0");
    run_until(p, "499ms");
    arrive(&p->a, "S seq=0");
    run_until(p, "500ms");
    arrive(&p->a, "S seq=0");
    EXPECT_SENT(&p->a, "0 . seq=2 ack=2", "500ms . seq=2 ack=2");
    pair_free(p);
}

/* Nobody listens: an answer, no reuse. */
static void no_reuse_without_listener(void)
{
    struct pair *p = endpoint_in(TCP_TIME_WAIT, RFC);
    arrive(&p->a, "S seq=70000");
    EXPECT_SENT(&p->a, ". seq=2 ack=2");
    EXPECT_STATES(&p->a, "");
    pair_free(p);
}

/* 3.10.7.4 in TIME-WAIT with timestamps: ACKs carry them, and the echo of the last. */
/* HOLDS(7323-3.2-all) */
static void timestamps(void)
{
    struct pair *p = server_in_time_wait(LINUX, true);
    run_until(p, "1s");
    arrive(&p->a, "F. seq=1 ack=2 ts=1500,0");
    const struct synfin_segment *seg = &last_sent(&p->a)->segment;
    EXPECT_EQUAL(p, seg->flags, SYNFIN_ACK);
    EXPECT_EQUAL(p, seg->bits & SYNFIN_HAS_TIMESTAMPS, SYNFIN_HAS_TIMESTAMPS);
    EXPECT_EQUAL(p, seg->tsval - p->a.sent[0].segment.tsval, 1000);
    EXPECT_EQUAL(p, seg->tsecr, 1000);
    /* A bare ACK in order brings a new one, by which SYNs are judged from then on. */
    arrive(&p->a, ". seq=2 ack=2 ts=2000,0");
    arrive(&p->a, "F. seq=1 ack=2 ts=2000,0");
    EXPECT_EQUAL(p, last_sent(&p->a)->segment.tsecr, 2000);
    forget(&p->a);
    arrive(&p->a, "S seq=3 ts=1999,0");
    EXPECT_STATES(&p->a, "");
    arrive(&p->a, "S seq=3 ts=2001,0");
    EXPECT_STATES(&p->a, "1s CLOSED, 1s SYN-RECEIVED");
    pair_free(p);
}

/* No memory for a record: the side is closed instead. */
static void no_memory(void)
{
    struct pair *p = endpoint_in(TCP_FIN_WAIT_2, RFC);
    p->a.no_memory = true;
    arrive(&p->a, "F. seq=1 ack=2");
    EXPECT_SENT(&p->a, ". seq=2 ack=2");
    EXPECT_STATE(&p->a, TCP_CLOSED);
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
}

/* Linux: FIN-WAIT-2 ends by itself after fin_timeout, silently; rfc9293 waits for ever. */
static void fin_wait_2(void)
{
    struct pair *p = endpoint_in(TCP_FIN_WAIT_2, LINUX);
    run_to_end(p);
    EXPECT_STATES(&p->a, "60s CLOSED");
    EXPECT_SILENCE(&p->a);
    pair_free(p);
    p = endpoint_in(TCP_FIN_WAIT_2, LINUX);
    run_until(p, "59s");
    arrive(&p->a, "F. seq=1 ack=2");
    run_to_end(p);
    EXPECT_STATES(&p->a, "59s TIME-WAIT, 119s CLOSED");
    pair_free(p);
    p = endpoint_in(TCP_FIN_WAIT_2, RFC);
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
}

/* tcp_fin_time(): 3.5 timeouts at least; of more than a minute twice what is beyond, for what tcp_keepalive_timer()
   finds over becomes a record for as long again. */
static void fin_wait_2_times(void)
{
    static const char *const rows[][2] = {
        {"100ms", "700.000004ms CLOSED"}, {"1s", "1s CLOSED"},     {"60s", "60s CLOSED"},   {"61s", "2s CLOSED"},
        {"90s", "60s CLOSED"},            {"120s", "120s CLOSED"}, {"200s", "280s CLOSED"},
    };
    char settings[100];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(settings, sizeof settings, LINUX " fin_timeout=%s", rows[i][0]);
        struct pair *p = endpoint_in(TCP_FIN_WAIT_2, settings);
        label(p, "%s", settings);
        run_to_end(p);
        EXPECT_STATES(&p->a, rows[i][1]);
        EXPECT_SILENCE(&p->a);
        pair_free(p);
    }
    struct pair *p = endpoint_in(TCP_FIN_WAIT_2, RFC " fin_timeout=90s");
    user_close(&p->a);
    run_to_end(p);
    EXPECT_STATES(&p->a, "90s CLOSED");
    pair_free(p);
}

/* Linux's tcp_timewait_state_process(): FIN-WAIT-2 that nobody waits in any more is a record, too. */
static void fin_wait_2_record(void)
{
    static const struct {
        const char *arrives, *reply, *states;
    } rows[] = {
        {"R seq=1", NULL, "CLOSED"},
        {"R seq=500", NULL, "CLOSED"},               /* in the window is enough */
        {"R seq=0", ". seq=2 ack=1", ""},            /* and a reset out of it is answered */
        {"R seq=200000", ". seq=2 ack=1", ""},
        {"S seq=1", "R. ack=2", "CLOSED"},
        {"S. seq=500 ack=7", "R seq=7", "CLOSED"},
        {"S seq=0", ". seq=2 ack=1", ""},            /* ends where the window begins */
        {". seq=1 ack=2", NULL, ""},
        {". seq=1 ack=70000", NULL, ""},             /* the ACK is not looked at */
        {". seq=500 ack=2", NULL, ""},
        {". seq=0 ack=2", ". seq=2 ack=1", ""},
        {"F seq=1", NULL, ""},                       /* no ACK */
        {"F. seq=1 ack=2", ". seq=2 ack=2", "TIME-WAIT"},
        {". seq=1 ack=2 len=5", ". seq=2 ack=6", ""}, /* a user who only closed takes data; one who left does not */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_FIN_WAIT_2, LINUX);
        label(p, "'%s'", rows[i].arrives);
        arrive(&p->a, rows[i].arrives);
        if (rows[i].reply)
            EXPECT_SENT(&p->a, rows[i].reply);
        else
            EXPECT_SILENCE(&p->a);
        EXPECT_STATES(&p->a, rows[i].states);
        pair_free(p);
    }
    /* An older timestamp is too old, whatever it comes with. */
    struct pair *p = endpoint_in(TCP_SYN_SENT, LINUX);
    arrive(&p->a, "S. seq=0 ack=1 ts=1000,0");
    user_leave(&p->a);
    arrive(&p->a, ". seq=1 ack=2 ts=1000,0");
    EXPECT_STATE(&p->a, TCP_FIN_WAIT_2);
    forget(&p->a);
    arrive(&p->a, "F. seq=1 ack=2 ts=999,0");
    EXPECT_SENT(&p->a, ". seq=2 ack=1");
    arrive(&p->a, "R seq=1 ts=999,0");
    EXPECT_SENT(&p->a, ". seq=2 ack=1");
    EXPECT_STATES(&p->a, "");
    arrive(&p->a, ". seq=1 ack=2 len=5 ts=1000,0");
    EXPECT_SENT(&p->a, "R seq=2");
    EXPECT_STATES(&p->a, "CLOSED");
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.6.1: 2 MSL", duration},
        {"RFC 9293 3.10.7.4 eighth: what restarts TIME-WAIT", restart},
        {"RFC 9293 3.10.7.4 second, RFC 1337: RST in TIME-WAIT", reset},
        {"RFC 6191 2: reuse of the four-tuple, rfc9293", reuse_rfc},
        {"RFC 6191 2: reuse of the four-tuple, Linux", reuse_linux},
        {"RFC 6191 2: the first timestamps", reuse_with_first_timestamps},
        {"RFC 6191 2: the next number", reuse_by_next_number},
        {"RFC 6191 2: the new connection lives", reuse_lives},
        {"RFC 9293 3.10.7.4 fourth: no listener, no reuse", no_reuse_without_listener},
        {"RFC 5961 7: answers in TIME-WAIT are limited", answers_limited},
        {"RFC 7323 3.2: timestamps in TIME-WAIT", timestamps},
        {"no memory for TIME-WAIT", no_memory},
        {"Linux: FIN-WAIT-2 ends by itself", fin_wait_2},
        {"Linux: FIN-WAIT-2 is a record", fin_wait_2_record},
        {"Linux: fin_timeout below 3.5 timeouts and beyond a minute", fin_wait_2_times},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_time_wait", cases);
}
