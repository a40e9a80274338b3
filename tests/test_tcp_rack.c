/* SPDX-License-Identifier: BSD-2-Clause */
/* RACK-TLP (RFC 8985) as Linux has it: an endpoint with a round trip of 100 ms, segments of 1000 bytes, ten in its
   first window; its timeout is 300 ms. */
#include "tcp_fixture.h"

#include "tcp.h"

#include <stdio.h>
#include <string.h>

static struct pair *established(const char *settings, const char *syn_ack)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, settings);
    run_until(p, "100ms");
    arrive(&p->a, syn_ack);
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    forget(&p->a);
    *p->label = '\0';
    return p;
}

#define SYN_ACK "S. seq=0 ack=1 mss=1000 sack"

/* Sends ten segments at 100 ms and more when it may; their answers come at 200 ms. */
static struct pair *ten_sent(const char *settings)
{
    struct pair *p = established(settings, SYN_ACK);
    user_send(&p->a, 40000);
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, 10);
    forget(&p->a);
    run_until(p, "200ms");
    return p;
}

static const struct tcp_data *data_of(const struct pair *p)
{
    return p->a.current->extra;
}

/* Nothing is before time 0: whatever its numbers are, what is sent at once is not lost because the first of it came. */
static void sent_at_time_0(void)
{
    for (unsigned i = 0; i < 8; i++) {
        struct pair *p = single_new(LINUX);
        p->a.base.secret[0] += i; /* numbers of both halves */
        open_active(&p->a);
        label(p, "from %u", last_sent(&p->a)->segment.seq);
        arrive(&p->a, SYN_ACK);
        user_send(&p->a, 3000);
        forget(&p->a);
        arrive(&p->a, ". seq=1 ack=1001");
        arrive(&p->a, ". seq=1 ack=2001");
        arrive(&p->a, ". seq=1 ack=2001");
        EXPECT_SILENCE(&p->a);
        EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_OPEN);
        pair_free(p);
    }
}

/* ---- Losses ------------------------------------------------------------------------------------------------------ */

/* 6.2, steps 3 to 5: while fewer than DupThresh are SACKed, a quarter of the least round trip more is waited for. */
static void reordering_window(void)
{
    struct pair *p = ten_sent(LINUX);
    arrive(&p->a, ". seq=1 ack=1 sack=1001:2001");
    EXPECT_SENT(&p->a, ". seq=10001 len=1000"); /* new data for what has left the network (RFC 3042) */
    run_until(p, "226ms");
    EXPECT_SILENCE(&p->a);
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_DISORDER);
    EXPECT(p, strcmp(tcp_protocol.timer_name(p->a.current->endpoint, TCP_TIMER_RETRANSMIT), "RACK") == 0);
    run_until(p, "230ms"); /* 200 + 100 / 4, and Linux's least timeout of 2 ms */
    EXPECT_SENT(&p->a, "227ms . seq=1 len=1000");
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_RECOVERING);
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 7000);
    pair_free(p);
}

/* Step 4: with DupThresh SACKed and no reordering seen, it is not waited for. */
static void duplicate_threshold(void)
{
    struct pair *p = ten_sent(LINUX);
    arrive(&p->a, ". seq=1 ack=1 sack=1001:2001");
    arrive(&p->a, ". seq=1 ack=1 sack=1001:3001");
    EXPECT_SENT(&p->a, ". seq=10001 len=1000", ". seq=11001 len=1000");
    arrive(&p->a, ". seq=1 ack=1 sack=1001:4001");
    EXPECT_SENT(&p->a, "200ms . seq=1 len=1000");
    pair_free(p);
}

/* Only what was sent before something that was delivered: the last two of ten are not lost. */
static void only_what_was_sent_before(void)
{
    struct pair *p = ten_sent(LINUX);
    arrive(&p->a, ". seq=1 ack=1 sack=3001:8001");
    EXPECT_EQUAL(p, data_of(p)->board.lost, 3000);
    EXPECT_EQUAL(p, data_of(p)->board.sacked, 5000);
    pair_free(p);
}

/* A late arrival is reordering: from then on the window is waited for, whatever is SACKed. */
static void reordering_seen(void)
{
    struct pair *p = ten_sent(LINUX);
    arrive(&p->a, ". seq=1 ack=1 sack=1001:3001");
    arrive(&p->a, ". seq=1 ack=3001"); /* the first came after all */
    EXPECT(p, data_of(p)->rack.reordering_seen);
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_OPEN);
    forget(&p->a);
    arrive(&p->a, ". seq=1 ack=3001 sack=4001:9001");
    EXPECT_EQUAL(p, data_of(p)->board.lost, 0);
    run_until(p, "226ms");
    forget(&p->a);
    run_until(p, "228ms");
    EXPECT_SENT(&p->a, "227ms . seq=3001 len=1000");
    pair_free(p);
}

/* 6.2 step 4: a duplicate that is reported widens the window by a quarter, once in a round trip. */
static void duplicates_widen(void)
{
    struct pair *p = ten_sent(LINUX);
    arrive(&p->a, ". seq=1 ack=1 sack=1001:3001");
    arrive(&p->a, ". seq=1 ack=3001");
    EXPECT_EQUAL(p, data_of(p)->rack.steps, 1);
    arrive(&p->a, ". seq=1 ack=3001 sack=1:1001");
    EXPECT_EQUAL(p, data_of(p)->rack.steps, 2);
    arrive(&p->a, ". seq=1 ack=3001 sack=1001:2001");
    EXPECT_EQUAL(p, data_of(p)->rack.steps, 2);
    pair_free(p);
}

/* 3.1: a retransmission that is lost is found without a timeout, by what was sent after it. */
static void lost_retransmission(void)
{
    struct pair *p = ten_sent(LINUX);
    arrive(&p->a, ". seq=1 ack=1 sack=1001:4001");
    EXPECT_EQUAL(p, last_sent(&p->a)->seq % 1000, 1);
    EXPECT_EQUAL(p, data_of(p)->board.again, 1000);
    arrive(&p->a, ". seq=1 ack=1 sack=1001:10001"); /* more new data */
    run_until(p, "300ms");
    forget(&p->a);
    uint32_t next = p->a.current->endpoint ? ((const struct tcp_endpoint *)p->a.current->endpoint)->snd_nxt : 0;
    uint32_t end = next - p->a.current->iss;
    EXPECT(p, end > 11001);
    char text[80];
    snprintf(text, sizeof text, ". seq=1 ack=1 sack=1001:%u", end); /* all that was sent at 200 ms, but the first */
    arrive(&p->a, text);
    EXPECT_EQUAL(p, p->a.sent[p->a.sends_seen].seq, 1);
    EXPECT_EQUAL(p, p->a.sent[p->a.sends_seen].time, 300 * SYNFIN_MS);
    pair_free(p);
}

/* Linux's tcp_enter_loss(): a timeout alone does not say that the degree of reordering was too high. */
static void reordering_after_timeout(void)
{
    struct pair *p = ten_sent(LINUX " early_retrans=0");
    arrive(&p->a, ". seq=1 ack=1 sack=8001:9001");
    arrive(&p->a, ". seq=1 ack=1001 sack=8001:9001");
    EXPECT_EQUAL(p, data_of(p)->rack.reordering, 9);
    user_close(&p->a);
    forget(&p->a);
    arrive(&p->a, ". seq=1 ack=10001");
    while (data_of(p)->recovery.state != TCP_LOSS && next_timer(&p->a) != SYNFIN_NEVER)
        run_to(p, next_timer(&p->a));
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_LOSS);
    EXPECT_EQUAL(p, data_of(p)->rack.reordering, 9);
    pair_free(p);
}

/* ---- Tail loss probes -------------------------------------------------------------------------------------------- */

/* 7.2, 7.3: after two round trips (and Linux's 2 ms) the last segment again; the timeout counts from the probe on. */
static void probe_of_last(void)
{
    struct pair *p = established(LINUX, SYN_ACK);
    user_send(&p->a, 5000);
    forget(&p->a);
    run_until(p, "700ms");
    EXPECT_SENT(&p->a, "302ms . seq=4001 len=1000", "602ms . seq=1 len=1000");
    pair_free(p);
}

/* With one segment out, an acknowledgment may be delayed: 200 ms more, unless the timeout is sooner. */
static void probe_of_one(void)
{
    struct pair *p = established(LINUX " rto_min=250ms", SYN_ACK);
    user_send(&p->a, 1000);
    forget(&p->a);
    run_until(p, "500ms");
    EXPECT_SENT(&p->a, "450ms . seq=1 len=1000"); /* 350 ms, not 450 */
    pair_free(p);
}

/* Two segments that are not full are two: a FIN behind data that had gone already. */
static void probe_of_two_small(void)
{
    struct pair *p = established(LINUX, SYN_ACK);
    user_send(&p->a, 100);
    user_close(&p->a);
    forget(&p->a);
    run_until(p, "310ms");
    EXPECT_SENT(&p->a, "302ms F. seq=101");
    pair_free(p);
}

/* 7.3: new data rather than old, even past the congestion window. */
static void probe_with_new_data(void)
{
    struct pair *p = established(LINUX, SYN_ACK);
    user_send(&p->a, 12000);
    forget(&p->a);
    run_until(p, "310ms");
    EXPECT_SENT(&p->a, "302ms . seq=10001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 10000);
    pair_free(p);
}

/* 7.1: not with early_retrans 0, nor without SACK. */
static void no_probes(void)
{
    static const struct {
        const char *settings, *syn_ack;
    } rows[] = {{LINUX " early_retrans=0", SYN_ACK}, {LINUX, "S. seq=0 ack=1 mss=1000"}};
    for (unsigned i = 0; i < 2; i++) {
        struct pair *p = established(rows[i].settings, rows[i].syn_ack);
        user_send(&p->a, 5000);
        forget(&p->a);
        run_until(p, "500ms");
        EXPECT_SENT(&p->a, "400ms . seq=1 len=1000");
        pair_free(p);
    }
}

/* The probe's SACK lets RACK find what was lost before it: no timeout. */
static void probe_starts_recovery(void)
{
    struct pair *p = established(LINUX, SYN_ACK);
    user_send(&p->a, 5000);
    run_until(p, "200ms");
    arrive(&p->a, ". seq=1 ack=3001"); /* the last two are lost */
    forget(&p->a);
    run_until(p, "410ms"); /* 200 + 202 */
    EXPECT_SENT(&p->a, "402ms . seq=4001 len=1000");
    run_until(p, "502ms");
    arrive(&p->a, ". seq=1 ack=3001 sack=4001:5001");
    run_until(p, "600ms");
    EXPECT_SENT(&p->a, "502ms . seq=3001 len=1000"); /* sent 402 ms ago: past any window */
    pair_free(p);
}

/* 7.4.2: a probe that repaired a loss is one: the window is reduced once it is clear that nothing came twice. */
static void probe_repaired(void)
{
    struct pair *p = established(LINUX, SYN_ACK);
    user_send(&p->a, 5000);
    run_until(p, "200ms");
    arrive(&p->a, ". seq=1 ack=4001"); /* the last one is lost */
    run_until(p, "650ms");
    EXPECT_EQUAL(p, last_sent(&p->a)->seq, 4001);
    arrive(&p->a, ". seq=1 ack=5001");
    uint32_t cwnd = data_of(p)->cwnd;
    user_send(&p->a, 1000);
    run_until(p, "750ms");
    arrive(&p->a, ". seq=1 ack=6001");
    EXPECT(p, data_of(p)->cwnd < cwnd);
    EXPECT_EQUAL(p, data_of(p)->cwnd, data_of(p)->ssthresh);
    pair_free(p);

}

/* 7.4.2: where the probe is reported as a duplicate nothing was lost, be it in time or only with what follows. */
static void probe_for_nothing(void)
{
    for (unsigned late = 0; late < 2; late++) {
        struct pair *p = established(LINUX, SYN_ACK);
        label(p, late ? "late" : "in time");
        user_send(&p->a, 5000);
        run_until(p, "310ms"); /* all arrived, the answer was late */
        arrive(&p->a, ". seq=1 ack=5001");
        uint32_t cwnd = data_of(p)->cwnd;
        if (!late)
            arrive(&p->a, ". seq=1 ack=5001 sack=4001:5001");
        user_send(&p->a, 1000);
        run_until(p, "410ms");
        arrive(&p->a, late ? ". seq=1 ack=6001 sack=4001:5001" : ". seq=1 ack=6001");
        EXPECT(p, data_of(p)->cwnd >= cwnd);
        EXPECT(p, !data_of(p)->recovery.probed);
        pair_free(p);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 8985 6.2: the reordering window", reordering_window},
        {"RFC 8985 6.2 step 4: DupThresh", duplicate_threshold},
        {"RFC 8985 6.2 step 5: what was sent before", only_what_was_sent_before},
        {"RFC 8985 6.2 step 2: the first of what is sent at time 0", sent_at_time_0},
        {"RFC 8985 6.2 step 3: reordering is seen", reordering_seen},
        {"Linux: a timeout and the degree of reordering", reordering_after_timeout},
        {"RFC 8985 6.2 step 4: duplicates widen the window", duplicates_widen},
        {"RFC 8985 3.1: a lost retransmission", lost_retransmission},
        {"RFC 8985 7.2, 7.3: the probe is the last segment", probe_of_last},
        {"RFC 8985 7.2: one segment outstanding", probe_of_one},
        {"RFC 8985 7.2: two small segments outstanding", probe_of_two_small},
        {"RFC 8985 7.3: the probe is new data", probe_with_new_data},
        {"RFC 8985 7.1: no probes", no_probes},
        {"RFC 8985 7.3: a probe starts recovery", probe_starts_recovery},
        {"RFC 8985 7.4.2: a probe that repaired a loss", probe_repaired},
        {"RFC 8985 7.4.2: a probe for nothing", probe_for_nothing},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_rack", cases);
}
