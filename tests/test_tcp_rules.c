/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules of RFC 9293, RFC 6298, RFC 5961 and RFC 7323 that cut across states and that no other file has. */
#include "sim_run.h"
#include "tcp_fixture.h"

#include "tcp.h"

#include <stdio.h>
#include <string.h>

static const char *const profiles[] = {RFC, LINUX};
enum { PROFILES = 2 };

/* The peer announces MSS 1000. */
static struct pair *established(const char *settings)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, settings);
    arrive(&p->a, "S. seq=0 ack=1 mss=1000");
    forget(&p->a);
    label(p, "%s", settings);
    return p;
}

/* ---- Segments ---------------------------------------------------------------------------------------------------- */

/* 3.1: what fails its checksum is dropped without a word: the SYN comes again. */
/* HOLDS(MUST-3) */
static void corrupted(void)
{
    static const char *const kinds[] = {"[syn:1]", "[ack:1]", "[fin:1]"};
    static const synfin_time lifetime[] = {1050, 50, 1050}; /* the FIN says what the lost ACK would have said */
    for (unsigned i = 0; i < 3; i++) {
        struct sim_run r;
        const char *more = sim_text(0,
                                    "workloads.w.connections=1\nlinks.wan.forward.corrupt.model=script\n"
                                    "links.wan.forward.corrupt.segments=%s\n",
                                    kinds[i]);
        if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
            CU_ASSERT_EQUAL(r.row[0].outcome, SYNFIN_OUTCOME_CLOSED);
            CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_LIFETIME], lifetime[i] * SYNFIN_MS);
            CU_ASSERT_EQUAL(r.results->total.segments[0].corrupted, 1);
            CU_ASSERT_EQUAL(r.results->total.segments[1].kind[SYNFIN_KIND_RST], 0);
        }
        sim_run_end(&r);
    }
}

/* 3.1: options of a SYN on any other segment are taken, and mean nothing there. */
/* HOLDS(MUST-5) */
static void options_in_any_segment(void)
{
    for (unsigned i = 0; i < PROFILES; i++) {
        struct pair *p = established(profiles[i]);
        arrive(&p->a, ". seq=1 ack=1 win=3000 len=10 mss=100 ws=5 ts=1,1 sack");
        EXPECT_NEWS(&p->a, "data 10");
        EXPECT_SENT(&p->a, ". seq=1 ack=11");
        user_send(&p->a, 5000);
        EXPECT_SENT(&p->a, ". seq=1 len=1000", ". seq=1001 len=1000", ". seq=2001 len=1000");
        pair_free(p);
    }
}

/* 3.9.2.3: a connection keeps its addresses, in resets and in TIME-WAIT too. */
/* HOLDS(MUST-45) */
static void addresses(void)
{
    struct pair *p = pair_new(RFC, RFC);
    open_listener(&p->b, 8);
    p->a.application.close_established = p->b.application.close_peer_closed = true;
    drop(p, FORWARD, 4); /* the last ACK: TIME-WAIT answers the FIN */
    open_active(&p->a);
    run_until(p, "5s");
    arrive(&p->a, "S. seq=70000 ack=70000");
    for (unsigned i = 0; i < 2; i++) {
        const struct side *s = i ? &p->b : &p->a;
        const struct synfin_sender *name = &p->a.current->name;
        for (size_t n = 0; n < s->sends; n++) {
            const struct synfin_segment *seg = &s->sent[n].segment;
            EXPECT_EQUAL(p, seg->source, i ? name->remote : name->local);
            EXPECT_EQUAL(p, seg->destination, i ? name->local : name->remote);
            EXPECT_EQUAL(p, seg->source_port, i ? name->remote_port : name->local_port);
            EXPECT_EQUAL(p, seg->destination_port, i ? name->local_port : name->remote_port);
        }
        EXPECT(p, s->sends >= 3);
    }
    pair_free(p);
}

/* 3.5.3: data of a reset tells people why; it resets all the same. */
/* HOLDS(SHLD-2) */
static void reset_with_data(void)
{
    for (unsigned i = 0; i < PROFILES; i++) {
        struct pair *p = established(profiles[i]);
        arrive(&p->a, "R seq=1 len=20");
        EXPECT_SILENCE(&p->a);
        EXPECT_NEWS(&p->a, "failed reset");
        pair_free(p);
    }
}

/* 3.6.1: who has left before all was read tells that data is lost, now or later. */
/* HOLDS(SHLD-3) */
static void half_duplex_close(void)
{
    for (unsigned i = 0; i < PROFILES; i++) {
        struct pair *p = established(profiles[i]);
        user_leave(&p->a);
        EXPECT_SENT(&p->a, "F. seq=1 ack=1");
        arrive(&p->a, ". seq=1 ack=2");
        EXPECT_STATES(&p->a, "FIN-WAIT-1, FIN-WAIT-2");
        arrive(&p->a, ". seq=1 ack=2 len=10");
        EXPECT_SENT(&p->a, "R seq=2");
        EXPECT_NEWS(&p->a, "failed reset");
        pair_free(p);
    }
}

/* 3.9.1.2: the last segment of what was handed over has PSH, the others have not. */
/* HOLDS(MUST-61, SHLD-27) */
static void push(void)
{
    struct pair *p = established(RFC);
    arrive(&p->a, ". seq=1 ack=1 win=1000");
    user_send(&p->a, 1200);
    user_send(&p->a, 1300); /* one PSH for both */
    arrive(&p->a, ". seq=1 ack=1001 win=60000");
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, 3);
    for (size_t i = 0; i < 3; i++)
        EXPECT_EQUAL(p, p->a.sent[p->a.sends_seen + i].segment.flags & SYNFIN_PSH, i == 2 ? SYNFIN_PSH : 0);
    pair_free(p);
}

/* ---- Windows ----------------------------------------------------------------------------------------------------- */

/* 3.8.6: the window shrinks: nothing new is sent, what is outstanding is sent again, new data goes as it opens. */
/* HOLDS(MUST-34, SHLD-15, SHLD-16) */
static void window_shrinks(void)
{
    struct pair *p = established(RFC);
    arrive(&p->a, ". seq=1 ack=1 win=3000");
    user_send(&p->a, 5000);
    EXPECT_SENT(&p->a, ". seq=1 len=1000", ". seq=1001 len=1000", ". seq=2001 len=1000");
    run_until(p, "100ms");
    arrive(&p->a, ". seq=1 ack=1001 win=1000"); /* the right edge was 3001 and is 2001 */
    EXPECT_SILENCE(&p->a);
    run_until(p, "1.1s");
    EXPECT_SENT(&p->a, "1.1s . seq=1001 len=1000");
    arrive(&p->a, ". seq=1 ack=3001 win=3000"); /* it had the rest */
    EXPECT_SENT(&p->a, ". seq=3001 len=1000", ". seq=4001 len=1000");
    pair_free(p);
}

/* Linux, tcp_rtx_probe0_timed_out(): where nobody answers it ends once two rto_max have passed since the first time the
   data went again. */
static void window_closes_in_silence(void)
{
    struct pair *p = established(LINUX " rto_max=1s");
    user_send(&p->a, 100);
    arrive(&p->a, ". seq=1 ack=1 win=0");
    run_until(p, "300ms"); /* went again for the first time */
    EXPECT_EQUAL(p, p->a.sent[p->a.sends - 1].segment.length, 100);
    run_until(p, "2s");
    EXPECT_NEWS(&p->a, "");
    run_until(p, "4s");
    EXPECT_STATE(&p->a, TCP_CLOSED);
    pair_free(p);
}

/* 3.8.6, 3.8.6.1: a window that closes over what is outstanding is probed, and who answers is not given up. */
/* HOLDS(SHLD-17, MUST-37) */
static void window_closes_over_data(void)
{
    for (unsigned i = 0; i < PROFILES; i++) {
        struct pair *p = established(profiles[i]);
        user_send(&p->a, 3000);
        for (unsigned answers = 0; answers < 20; answers++) {
            size_t sends = p->a.sends;
            arrive(&p->a, ". seq=1 ack=1 win=0");
            while (p->a.sends == sends && state_of(&p->a) == TCP_ESTABLISHED)
                run_to(p, next_timer(&p->a));
        }
        EXPECT(p, p->a.base.now > 1000 * SYNFIN_S);
        EXPECT_STATE(&p->a, TCP_ESTABLISHED);
        arrive(&p->a, ". seq=1 ack=3001 win=60000");
        EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
        EXPECT_NEWS(&p->a, "");
        pair_free(p);
    }
}

/* 3.8.6.3: no setting delays an ACK by half a second or more. */
/* HOLDS(MUST-40) */
static void delay_of_acks(void)
{
    for (const struct synfin_param *param = tcp_params; param->name != NULL; param++) {
        if (strcmp(param->name, "delayed_ack") == 0)
            CU_ASSERT_STRING_EQUAL(param->range, "0..499ms");
    }
    struct pair *p = established(RFC " delayed_ack=499ms");
    arrive(&p->a, ". seq=1 ack=1 len=10");
    run_until(p, "2s");
    EXPECT_SENT(&p->a, "499ms . ack=11");
    pair_free(p);
}

/* ---- Timeouts ---------------------------------------------------------------------------------------------------- */

/* 3.8.3: R2 of data is at least 100 s unless it is set. */
/* HOLDS(SHLD-11) */
static void gives_up_late(void)
{
    for (unsigned i = 0; i < PROFILES; i++) {
        struct pair *p = established(profiles[i]);
        user_send(&p->a, 10);
        run_until(p, "100s");
        EXPECT_STATE(&p->a, TCP_ESTABLISHED);
        run_to_end(p);
        EXPECT_STATE(&p->a, TCP_CLOSED);
        pair_free(p);
    }
}

/* 3.10.8, RFC 5482: the user timeout ends the connection, with what was queued. */
/* HOLDS(timeout-user, MUST-21, MUST-47) */
static void user_timeout(void)
{
    struct pair *p = established(RFC " user_timeout=10s");
    user_send(&p->a, 100000);
    run_to_end(p);
    EXPECT_NEWS(&p->a, "11s failed timeout"); /* 10 s after the first retransmission */
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    EXPECT_EQUAL(p, last_sent(&p->a)->seq, 1);
    pair_free(p);
}

/* RFC 6298 5, 5.3: the timer restarts as data is acknowledged, and nothing goes again before it expires. */
/* HOLDS(6298-5.3, 6298-5-early) */
static void timer_restarts(void)
{
    struct pair *p = established(RFC);
    user_send(&p->a, 3000);
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_S);
    run_until(p, "600ms");
    arrive(&p->a, ". seq=1 ack=1001"); /* SRTT 75, RTTVAR 150 ms: RTO 1 s */
    EXPECT_EQUAL(p, next_timer(&p->a), 1600 * SYNFIN_MS);
    run_until(p, "900ms");
    arrive(&p->a, ". seq=1 ack=1001"); /* nothing new */
    EXPECT_EQUAL(p, next_timer(&p->a), 1600 * SYNFIN_MS);
    forget(&p->a);
    run_until(p, "1.599999999s");
    EXPECT_SILENCE(&p->a);
    run_until(p, "1.6s");
    EXPECT_SENT(&p->a, "1.6s . seq=1001 len=1000");
    pair_free(p);
}

/* RFC 6298 3: a segment that was retransmitted before its timeout gives no sample either. */
/* HOLDS(MUST-18, 6298-3-karn) */
static void no_sample_of_a_fast_retransmission(void)
{
    struct pair *p = established(RFC);
    const struct tcp_endpoint *ep = (const void *)p->a.current->endpoint;
    synfin_time before = ep->rto.srtt;
    user_send(&p->a, 4000);
    run_until(p, "100ms");
    for (unsigned i = 0; i < 3; i++)
        arrive(&p->a, ". seq=1 ack=1");
    EXPECT_EQUAL(p, last_sent(&p->a)->seq, 1);
    run_until(p, "200ms");
    arrive(&p->a, ". seq=1 ack=4001");
    EXPECT_EQUAL(p, ep->rto.srtt, before);
    pair_free(p);
}

/* ---- RFC 5961 7 -------------------------------------------------------------------------------------------------- */

/* A limit of 10 a second: half of it (Linux draws from half to one and a half), anew each second. */
/* HOLDS(5961-7) */
static void challenges_limited(void)
{
    struct pair *p = established(RFC " challenge_ack_limit=10");
    static const char *const when[] = {"0", "500ms", "1s"};
    static const unsigned sent[] = {5, 0, 5};
    for (unsigned i = 0; i < 3; i++) {
        run_until(p, when[i]);
        for (unsigned n = 0; n < 20; n++)
            arrive(&p->a, n % 2 ? "R seq=100" : "S seq=100");
        EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, sent[i]);
        forget(&p->a);
    }
    pair_free(p);
}

/* ---- RFC 7323 ---------------------------------------------------------------------------------------------------- */

#define STAMPED RFC " timestamps=true"

/* ESTABLISHED with timestamps, TS.Recent 1000. */
static struct pair *stamped(const char *settings)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, settings);
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 ts=1000,0");
    forget(&p->a);
    label(p, "%s", settings);
    return p;
}

/* 3.2: a segment without timestamps is dropped in silence, no more; resets have none. Linux takes it. */
/* HOLDS(7323-3.2-drop, 7323-3.2-no-abort) */
static void without_timestamps(void)
{
    static const char *const arrivals[] = {". seq=1 ack=1 len=10", "F. seq=1 ack=1", ". seq=0 ack=1", ". seq=1 ack=9"};
    for (unsigned i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++) {
        struct pair *p = stamped(STAMPED);
        label(p, "'%s'", arrivals[i]);
        arrive(&p->a, arrivals[i]);
        EXPECT_SILENCE(&p->a);
        EXPECT_STATES(&p->a, "");
        EXPECT_NEWS(&p->a, "");
        arrive(&p->a, ". seq=1 ack=1 len=10 ts=1001,0");
        EXPECT_SENT(&p->a, ". ack=11");
        arrive(&p->a, "R seq=11");
        EXPECT_NEWS(&p->a, "data 10, failed reset");
        pair_free(p);
    }
    struct pair *p = stamped(LINUX);
    arrive(&p->a, ". seq=1 ack=1 len=10");
    EXPECT_NEWS(&p->a, "data 10");
    pair_free(p);
}

/* 3.2: where they were not agreed on they mean nothing, however old. */
/* HOLDS(7323-3.2-ignore) */
static void timestamps_not_agreed_on(void)
{
    for (unsigned i = 0; i < PROFILES; i++) {
        struct pair *p = established(profiles[i]);
        arrive(&p->a, ". seq=1 ack=1 len=10 ts=1000,0");
        arrive(&p->a, ". seq=11 ack=1 len=10 ts=1,0");
        EXPECT_NEWS(&p->a, "data 10, data 10");
        EXPECT_EQUAL(p, last_sent(&p->a)->segment.bits & SYNFIN_HAS_TIMESTAMPS, 0);
        pair_free(p);
    }
}

/* 3.2: all segments carry them, but resets. */
/* HOLDS(7323-3.2-all) */
static void timestamps_in_all_segments(void)
{
    for (unsigned i = 0; i < PROFILES; i++) {
        const char *settings = i ? LINUX : STAMPED;
        struct pair *p = pair_new(settings, settings);
        label(p, "%s", settings);
        open_listener(&p->b, 8);
        p->a.application.send_established = 20000;
        p->a.application.close_established = p->b.application.close_peer_closed = true;
        p->b.application.request = 20000;
        p->b.application.response = 3000;
        drop(p, FORWARD, 5);
        drop(p, BACKWARD, 5);
        open_active(&p->a);
        run_until(p, "20s");
        for (size_t n = 0; n < p->a.sends + p->b.sends; n++) {
            const struct sent *s = n < p->a.sends ? &p->a.sent[n] : &p->b.sent[n - p->a.sends];
            EXPECT(p, s->segment.bits & SYNFIN_HAS_TIMESTAMPS);
        }
        EXPECT(p, p->a.sends > 15 && p->b.sends > 5);
        pair_free(p);
    }
}

/* 4.1: a segment that acknowledges nothing new is no sample, whatever it echoes. */
/* HOLDS(7323-4.1) */
static void no_sample_without_new_data(void)
{
    struct pair *p = pair_new(STAMPED, STAMPED);
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_until(p, "1s");
    const struct tcp_endpoint *ep = (const void *)p->a.current->endpoint;
    EXPECT_EQUAL(p, ep->rto.srtt, 20 * SYNFIN_MS);
    char text[80];
    snprintf(text, sizeof text, ". seq=1 ack=1 len=10 ts=%u,%u", last_sent(&p->b)->segment.tsval + 900,
             p->a.sent[0].segment.tsval);
    arrive(&p->a, text);
    EXPECT_NEWS(&p->a, "20ms established, 1s data 10");
    EXPECT_EQUAL(p, ep->rto.srtt, 20 * SYNFIN_MS);
    pair_free(p);
}

/* 2.4: the window said may be less than the one before by what the scale cannot say; data up to the earlier edge is
   taken. */
/* HOLDS(7323-2.4) */
static void window_rounded_down(void)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, RFC " window_scaling=true window=1000007B"); /* a shift of 4 */
    char text[80];
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 ws=2");
    uint32_t edge = 0;
    for (unsigned i = 0; i < 40; i++) {
        snprintf(text, sizeof text, ". seq=%u ack=1 len=1", 1 + i);
        arrive(&p->a, text);
        const struct sent *last = last_sent(&p->a);
        uint32_t now = last->ack + ((uint32_t)last->segment.window << 4);
        EXPECT(p, now + 16 > edge);
        edge = now > edge ? now : edge;
    }
    snprintf(text, sizeof text, ". seq=%u ack=1 len=1000", edge - 1000);
    arrive(&p->a, text);
    for (uint32_t seq = 41; seq < edge - 1000; seq += 60000) {
        uint32_t length = edge - 1000 - seq < 60000 ? edge - 1000 - seq : 60000;
        snprintf(text, sizeof text, ". seq=%u ack=1 len=%u", seq, length);
        arrive(&p->a, text);
    }
    EXPECT_EQUAL(p, last_sent(&p->a)->ack, edge);
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.1: a bad checksum", corrupted},
        {"RFC 9293 3.1: options in any segment", options_in_any_segment},
        {"RFC 9293 3.9.2.3: addresses stay", addresses},
        {"RFC 9293 3.5.3: a reset with data", reset_with_data},
        {"RFC 9293 3.6.1: a half-duplex close", half_duplex_close},
        {"RFC 9293 3.9.1.2: PSH", push},
        {"RFC 9293 3.8.6: the window shrinks", window_shrinks},
        {"Linux: a window that closes over data, in silence", window_closes_in_silence},
        {"RFC 9293 3.8.6: the window closes over data", window_closes_over_data},
        {"RFC 9293 3.8.6.3: ACKs are delayed by less than 0.5 s", delay_of_acks},
        {"RFC 9293 3.8.3: R2 is 100 s or more", gives_up_late},
        {"RFC 9293 3.10.8: user timeout", user_timeout},
        {"RFC 6298 5.3: the timer restarts", timer_restarts},
        {"RFC 6298 3: no sample of a fast retransmission", no_sample_of_a_fast_retransmission},
        {"RFC 5961 7: challenge ACKs are limited", challenges_limited},
        {"RFC 7323 3.2: segments without timestamps", without_timestamps},
        {"RFC 7323 3.2: timestamps that were not agreed on", timestamps_not_agreed_on},
        {"RFC 7323 3.2: timestamps in all segments", timestamps_in_all_segments},
        {"RFC 7323 4.1: no sample without new data", no_sample_without_new_data},
        {"RFC 7323 2.4: a window that is rounded down", window_rounded_down},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_rules", cases);
}
