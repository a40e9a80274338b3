/* SPDX-License-Identifier: BSD-2-Clause */
/* Recovery with SACK: RFC 6675, PRR (RFC 6937), F-RTO (RFC 5682), undoing what was for nothing, reneging (RFC 2018).
   Segments have 1000 bytes, a round trip takes 100 ms, the first window is of ten. */
#include "tcp_fixture.h"

#include "tcp.h"

#include <stdio.h>

#define SYN_ACK "S. seq=0 ack=1 mss=1000 sack"
#define NO_PROBES LINUX " early_retrans=0"

static const struct tcp_data *data_of(const struct pair *p)
{
    return p->a.current->extra;
}

static struct pair *established_by(const char *settings, const char *syn_ack)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, settings);
    run_until(p, "100ms");
    arrive(&p->a, syn_ack);
    forget(&p->a);
    *p->label = '\0';
    return p;
}

static struct pair *established(const char *settings)
{
    return established_by(settings, SYN_ACK);
}

/* Ten segments are sent at 100 ms; more are waiting. */
static struct pair *ten_sent(const char *settings, const char *syn_ack)
{
    struct pair *p = established_by(settings, syn_ack);
    user_send(&p->a, 60000);
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, 10);
    forget(&p->a);
    return p;
}

/* `. seq=1 ack=ACK sack=START:END` */
static void sacked(struct pair *p, unsigned ack, unsigned start, unsigned end)
{
    char text[80];
    snprintf(text, sizeof text, ". seq=1 ack=%u sack=%u:%u", ack, start, end);
    arrive(&p->a, text);
}

/* ---- RFC 6675 ---------------------------------------------------------------------------------------------------- */

#define RFC6675 RFC " sack=true initial_window=10"

/* 4, IsLost(): more than two segments' bytes above it, or three pieces. */
static void is_lost(void)
{
    struct pair *p = ten_sent(RFC6675, SYN_ACK);
    run_until(p, "200ms");
    sacked(p, 1, 1001, 3001); /* two segments */
    EXPECT_EQUAL(p, data_of(p)->board.lost, 0);
    sacked(p, 1, 1001, 3002);
    EXPECT_EQUAL(p, data_of(p)->board.lost, 1000);
    pair_free(p);

    p = ten_sent(RFC6675, SYN_ACK);
    run_until(p, "200ms");
    arrive(&p->a, ". seq=1 ack=1 sack=1501:1601,2501:2601");
    EXPECT_EQUAL(p, data_of(p)->board.lost, 0);
    arrive(&p->a, ". seq=1 ack=1 sack=3501:3601,2501:2601,1501:1601");
    EXPECT_EQUAL(p, data_of(p)->board.lost, 1500);
    pair_free(p);
}

/* 5: the window is halved at once; lost segments first, then new ones, as far as pipe is below it. */
static void next_segments(void)
{
    struct pair *p = ten_sent(RFC6675, SYN_ACK);
    run_until(p, "200ms");
    arrive(&p->a, ". seq=1 ack=1 sack=2001:5001"); /* 1 and 1001 are lost: pipe 10 - 3 - 2, window 5 */
    EXPECT_EQUAL(p, data_of(p)->cwnd, 5000);
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 5000);
    EXPECT_SILENCE(&p->a);
    sacked(p, 1, 2001, 6001);
    EXPECT_SENT(&p->a, ". seq=1 len=1000");
    sacked(p, 1, 2001, 7001);
    EXPECT_SENT(&p->a, ". seq=1001 len=1000");
    sacked(p, 1, 2001, 8001);
    EXPECT_SENT(&p->a, ". seq=10001 len=1000");
    run_until(p, "300ms");
    arrive(&p->a, ". seq=1 ack=8001"); /* both repaired: 8001 to 11001 are out */
    EXPECT_SENT(&p->a, ". seq=11001 len=1000", ". seq=12001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_RECOVERING);
    arrive(&p->a, ". seq=1 ack=10001"); /* RecoveryPoint */
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_OPEN);
    EXPECT(p, data_of(p)->cwnd >= 5000 && data_of(p)->cwnd <= 6000);
    pair_free(p);
}

/* 4, NextSeg() (3): what is not lost by the rules yet, where there is nothing else to send; (4) once besides. */
static void next_unlost(void)
{
    struct pair *p = established(RFC6675);
    user_send(&p->a, 10000); /* no more than these */
    run_until(p, "200ms");
    forget(&p->a);
    /* 1 is lost, 5001 is not (one segment above it): pipe is 10 - 5 - 1 */
    arrive(&p->a, ". seq=1 ack=1 sack=1001:5001,6001:7001");
    EXPECT_SENT(&p->a, ". seq=1 len=1000");
    arrive(&p->a, ". seq=1 ack=1 sack=1001:5001,6001:8001");
    EXPECT_SENT(&p->a, ". seq=5001 len=1000");
    pair_free(p);

    /* Two above all that was SACKed may be lost as well: the last of them, once. */
    p = established(RFC6675);
    user_send(&p->a, 10000);
    run_until(p, "200ms");
    forget(&p->a);
    sacked(p, 1, 1001, 8001);
    EXPECT_SENT(&p->a, ". seq=1 len=1000", ". seq=9001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 5000); /* there is room for one more */
    pair_free(p);
}

/* ---- PRR --------------------------------------------------------------------------------------------------------- */

/* RFC 6937 3: of forty with a target of 28, while more than that are in the network, seven are sent for each ten that
   are delivered. */
static void proportional(void)
{
    struct pair *p = established_by(LINUX " initial_window=40", SYN_ACK " ws=4");
    user_send(&p->a, 90000);
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, 40);
    forget(&p->a);
    run_until(p, "200ms");
    for (unsigned delivered = 3; delivered <= 10; delivered++) {
        sacked(p, 1, 1001, 1001 + 1000 * delivered); /* the first is lost */
        EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, (28 * delivered + 39) / 40);
    }
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 28000);
    EXPECT_EQUAL(p, p->a.sent[p->a.sends_seen].seq, 1);
    sacked(p, 1, 1001, 40001); /* all but the first */
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, 28);
    run_until(p, "300ms");
    arrive(&p->a, ". seq=1 ack=40001");
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_OPEN);
    EXPECT_EQUAL(p, data_of(p)->cwnd, 28000);
    pair_free(p);
}

/* 3: below the target, where most was lost, it grows as in slow start, no faster. */
static void slow_start_bound(void)
{
    struct pair *p = ten_sent(LINUX, SYN_ACK);
    run_until(p, "200ms");
    sacked(p, 1, 9001, 10001); /* the first nine are lost: one was delivered, so one is sent */
    run_until(p, "230ms");
    EXPECT_EQUAL(p, data_of(p)->board.lost, 9000);
    EXPECT_SENT(&p->a, "200ms . seq=10001 len=1000", "227ms . seq=1 len=1000"); /* the least, entering recovery */
    run_until(p, "300ms");
    arrive(&p->a, ". seq=1 ack=1001 sack=9001:10001");
    EXPECT_SENT(&p->a, ". seq=1001 len=1000", ". seq=2001 len=1000");
    pair_free(p);
}

/* ---- F-RTO ------------------------------------------------------------------------------------------------------- */

/* A timeout at 400 ms; the first acknowledgment lets two new segments out. */
static struct pair *after_timeout(const char *settings)
{
    struct pair *p = ten_sent(settings, SYN_ACK);
    run_until(p, "400ms");
    EXPECT_SENT(&p->a, "400ms . seq=1 len=1000");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 1000);
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 7000);
    run_until(p, "450ms");
    arrive(&p->a, ". seq=1 ack=1001");
    return p;
}

/* RFC 5682 3.1: steps 2.b and 3.b: what was never sent again is acknowledged: nothing was lost. */
static void spurious_timeout(void)
{
    struct pair *p = after_timeout(NO_PROBES);
    EXPECT_SENT(&p->a, ". seq=10001 len=1000", ". seq=11001 len=1000");
    arrive(&p->a, ". seq=1 ack=2001");
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_OPEN);
    EXPECT(p, data_of(p)->cwnd >= 10000);
    EXPECT_EQUAL(p, data_of(p)->board.lost, 0);
    for (size_t i = p->a.sends_seen; i < p->a.sends; i++)
        EXPECT(p, p->a.sent[i].seq >= 12001);
    pair_free(p);
}

/* Step 3.a: a duplicate acknowledgment: the loss was real, all is sent again in slow start. */
static void real_timeout(void)
{
    struct pair *p = after_timeout(NO_PROBES);
    EXPECT_SENT(&p->a, ". seq=10001 len=1000", ". seq=11001 len=1000");
    sacked(p, 1001, 10001, 11001);
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_LOSS);
    EXPECT_SENT(&p->a, ". seq=1001 len=1000");
    arrive(&p->a, ". seq=1 ack=2001 sack=10001:12001"); /* two were delivered: a window of four */
    EXPECT_SENT(&p->a, ". seq=2001 len=1000", ". seq=3001 len=1000", ". seq=4001 len=1000", ". seq=5001 len=1000");
    pair_free(p);
}

static void without_frto(void)
{
    struct pair *p = after_timeout(NO_PROBES " frto=0");
    EXPECT_SENT(&p->a, ". seq=1001 len=1000", ". seq=2001 len=1000");
    pair_free(p);
}

/* ---- Undo -------------------------------------------------------------------------------------------------------- */

/* Nothing was lost, but late by more than the window: its segment is sent again and both arrive (RFC 3708). */
static void undo_by_duplicates(void)
{
    struct pair *p = ten_sent(LINUX, SYN_ACK);
    run_until(p, "200ms");
    sacked(p, 1, 1001, 4001);
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_RECOVERING);
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 7000);
    run_until(p, "210ms");
    arrive(&p->a, ". seq=1 ack=4001");
    uint32_t cwnd = data_of(p)->cwnd;
    arrive(&p->a, ". seq=1 ack=4001 sack=1:1001");
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_OPEN);
    EXPECT(p, cwnd < 10000 && data_of(p)->cwnd >= 10000);
    EXPECT(p, data_of(p)->ssthresh >= 10000);
    pair_free(p);
}

/* The echoed timestamp is older than the retransmission (Eifel, RFC 3522): at once. */
static void undo_by_timestamps(void)
{
    struct pair *p = ten_sent(LINUX, SYN_ACK " ts=500,0");
    uint32_t stamp = p->a.sent[p->a.sends - 1].segment.tsval;
    char text[120];
    run_until(p, "200ms");
    snprintf(text, sizeof text, ". seq=1 ack=1 sack=989:3953 ts=600,%u", stamp);
    arrive(&p->a, text);
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_RECOVERING);
    run_until(p, "210ms");
    snprintf(text, sizeof text, ". seq=1 ack=9881 ts=610,%u", stamp);
    arrive(&p->a, text);
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_OPEN);
    EXPECT(p, data_of(p)->cwnd >= 9880);
    pair_free(p);
}

/* An acknowledgment that was overtaken acknowledges nothing, but its SACK is taken. */
static void late_acknowledgment(void)
{
    struct pair *p = ten_sent(LINUX, SYN_ACK);
    run_until(p, "200ms");
    arrive(&p->a, ". seq=1 ack=2001 sack=8001:9001");
    EXPECT_EQUAL(p, data_of(p)->board.sacked, 1000);
    arrive(&p->a, ". seq=1 ack=1001 sack=1501:2001,5001:7001"); /* the first block says nothing new */
    EXPECT_EQUAL(p, data_of(p)->board.sacked, 3000);
    EXPECT_EQUAL(p, data_of(p)->board.lost, 4000); /* DupThresh are SACKed */
    pair_free(p);
}

/* ---- Reneging ---------------------------------------------------------------------------------------------------- */

/* RFC 2018 8: what was SACKed may be given up: the timeout forgets it and sends it again. */
static void reneging(void)
{
    struct pair *p = ten_sent(NO_PROBES, SYN_ACK);
    run_until(p, "200ms");
    sacked(p, 1, 1001, 3001);
    run_until(p, "300ms");
    arrive(&p->a, ". seq=1 ack=1001"); /* 1001 to 3001 was there, and is gone */
    forget(&p->a);
    run_until(p, "360ms"); /* Linux: after half a round trip */
    EXPECT_SENT(&p->a, "350ms . seq=1001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->board.sacked, 0);
    EXPECT_EQUAL(p, data_of(p)->recovery.state, TCP_LOSS);
    pair_free(p);
}

/* ---- FIN --------------------------------------------------------------------------------------------------------- */

/* FIN is lost with the data before it: SACK of neither; both come again, in one segment as before. */
static void fin_with_data(void)
{
    struct pair *p = established(LINUX);
    user_send(&p->a, 3000);
    run_until(p, "150ms");
    forget(&p->a);
    user_close(&p->a);
    EXPECT_SENT(&p->a, "150ms F. seq=3001");
    run_until(p, "200ms");
    arrive(&p->a, ". seq=1 ack=2001");
    run_until(p, "1s");
    /* a probe two round trips later, FIN alone as it was sent; then timeouts from the front */
    EXPECT_SENT(&p->a, "402ms F. seq=3001", "702ms . seq=2001 len=1000");
    arrive(&p->a, ". seq=1 ack=3001");
    EXPECT_SENT(&p->a, "1s F. seq=3001");
    arrive(&p->a, ". seq=1 ack=3002");
    EXPECT_STATE(&p->a, TCP_FIN_WAIT_2);
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 6675 4: IsLost", is_lost},
        {"RFC 6675 5: what is sent in recovery", next_segments},
        {"RFC 6675 4: NextSeg (3) and (4)", next_unlost},
        {"RFC 6937 3: proportional rate reduction", proportional},
        {"RFC 6937 3: slow start reduction bound", slow_start_bound},
        {"RFC 5682 3.1: a spurious timeout", spurious_timeout},
        {"RFC 5682 3.1: a timeout for a loss", real_timeout},
        {"RFC 5682: frto: 0", without_frto},
        {"RFC 3708: undo where all came twice", undo_by_duplicates},
        {"RFC 3522: undo by timestamps", undo_by_timestamps},
        {"RFC 2018 4: a late acknowledgment with SACK", late_acknowledgment},
        {"RFC 2018 8: reneging", reneging},
        {"RFC 8985 7, RFC 9293 3.8.1: FIN behind data", fin_with_data},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_recovery", cases);
}
