/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loss of each segment of set-up and teardown, and of each pair of them, 10 ms one way. The client closes when it
 * is ESTABLISHED, the server when it is told that its peer closed. Without loss:
 *     F1 SYN 0 · B1 SYN+ACK 10 ms · F2 ACK, F3 FIN+ACK 20 ms · B2 FIN+ACK 30 ms · F4 ACK 40 ms
 * Fn is the n-th segment that the client emits, Bn the server's; so after the loss of F1, F2 is the second SYN. All
 * times were worked out by hand from RFC 9293, RFC 6298 and what Linux does. (That a lost FIN or a lost last ACK ends
 * well was not so in zephyr issue 46350, ns-3-dev issue 179, mtcp issue 183.)
 */
#include "tcp_fixture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *lost;
    const char *client, *server; /* what each emits */
    /* When the client becomes ESTABLISHED (and FIN-WAIT-1), FIN-WAIT-2 and TIME-WAIT, and CLOSED. */
    const char *established, *time_wait, *closed;
    /* When the server enters SYN-RECEIVED, ESTABLISHED, CLOSE-WAIT (and LAST-ACK), and CLOSED. */
    const char *syn_received, *server_established, *close_wait, *server_closed;
};

/*
 * rfc9293: timeouts of SYN and SYN+ACK 1, 2, 4 s; of FIN 1 s after a sample of 20 ms, 3 s where the own SYN was
 * repeated (RFC 6298 5.7); a repeated SYN draws an ACK.
 */
static const struct row rfc[] = {
    {"", "0 S, 20ms ., 20ms F., 40ms .", "10ms S., 30ms F.",
     "20ms", "40ms", "240.04s", "10ms", "30ms", "30ms", "50ms"},
    {"F1", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "1.01s S., 1.03s F.",
     "1.02s", "1.04s", "241.04s", "1.01s", "1.03s", "1.03s", "1.05s"},
    /* the FIN carries the acknowledgment that was lost */
    {"F2", "0 S, 20ms ., 20ms F., 40ms .", "10ms S., 30ms F.",
     "20ms", "40ms", "240.04s", "10ms", "30ms", "30ms", "50ms"},
    {"F3", "0 S, 20ms ., 20ms F., 1.02s F., 1.04s .", "10ms S., 1.03s F.",
     "20ms", "1.04s", "241.04s", "10ms", "30ms", "1.03s", "1.05s"},
    /* TIME-WAIT answers the server's second FIN and starts anew */
    {"F4", "0 S, 20ms ., 20ms F., 40ms ., 1.04s .", "10ms S., 30ms F., 1.03s F.",
     "20ms", "40ms", "241.04s", "10ms", "30ms", "30ms", "1.05s"},
    /* at 1.01 s the server's timer (armed at 10 ms) comes before the second SYN (emitted at 1 s) */
    {"B1", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "10ms S., 1.01s S., 1.01s ., 1.03s F.",
     "1.02s", "1.04s", "241.04s", "10ms", "1.03s", "1.03s", "1.05s"},
    /* at 1.03 s likewise: FIN by its timer, then the answer to the client's second FIN */
    {"B2", "0 S, 20ms ., 20ms F., 1.02s F., 1.04s .", "10ms S., 30ms F., 1.03s F., 1.03s .",
     "20ms", "1.04s", "241.04s", "10ms", "30ms", "30ms", "1.05s"},

    {"F1 F2", "0 S, 1s S, 3s S, 3.02s ., 3.02s F., 3.04s .", "3.01s S., 3.03s F.",
     "3.02s", "3.04s", "243.04s", "3.01s", "3.03s", "3.03s", "3.05s"},
    {"F1 F3", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "1.01s S., 1.03s F.",
     "1.02s", "1.04s", "241.04s", "1.01s", "1.03s", "1.03s", "1.05s"},
    {"F1 F4", "0 S, 1s S, 1.02s ., 1.02s F., 4.02s F., 4.04s .", "1.01s S., 4.03s F.",
     "1.02s", "4.04s", "244.04s", "1.01s", "1.03s", "4.03s", "4.05s"},
    {"F1 B1", "0 S, 1s S, 2.02s ., 2.02s F., 2.04s .", "1.01s S., 2.01s S., 2.03s F.",
     "2.02s", "2.04s", "242.04s", "1.01s", "2.03s", "2.03s", "2.05s"},
    {"F1 B2", "0 S, 1s S, 1.02s ., 1.02s F., 2.04s .", "1.01s S., 1.03s F., 2.03s F.",
     "1.02s", "2.04s", "242.04s", "1.01s", "1.03s", "1.03s", "2.05s"},
    /* at 1.02 s the client's second FIN, then the answer to the repeated SYN+ACK */
    {"F2 F3", "0 S, 20ms ., 20ms F., 1.02s F., 1.02s ., 1.04s .", "10ms S., 1.01s S., 1.03s F.",
     "20ms", "1.04s", "241.04s", "10ms", "1.03s", "1.03s", "1.05s"},
    {"F2 F4", "0 S, 20ms ., 20ms F., 40ms ., 1.04s .", "10ms S., 30ms F., 1.03s F.",
     "20ms", "40ms", "241.04s", "10ms", "30ms", "30ms", "1.05s"},
    {"F2 B1", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "10ms S., 1.01s S., 1.03s F.",
     "1.02s", "1.04s", "241.04s", "10ms", "1.03s", "1.03s", "1.05s"},
    {"F2 B2", "0 S, 20ms ., 20ms F., 1.02s F., 1.04s .", "10ms S., 30ms F., 1.03s F., 1.03s .",
     "20ms", "1.04s", "241.04s", "10ms", "30ms", "30ms", "1.05s"},
    {"F3 F4", "0 S, 20ms ., 20ms F., 1.02s F., 3.02s F., 3.04s .", "10ms S., 3.03s F.",
     "20ms", "3.04s", "243.04s", "10ms", "30ms", "3.03s", "3.05s"},
    {"F3 B1", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "10ms S., 1.01s S., 1.01s ., 1.03s F.",
     "1.02s", "1.04s", "241.04s", "10ms", "1.03s", "1.03s", "1.05s"},
    {"F3 B2", "0 S, 20ms ., 20ms F., 1.02s F., 2.04s .", "10ms S., 1.03s F., 2.03s F.",
     "20ms", "2.04s", "242.04s", "10ms", "30ms", "1.03s", "2.05s"},
    {"F4 B1", "0 S, 1s S, 1.02s ., 1.02s F., 4.02s F., 4.04s .", "10ms S., 1.01s S., 1.01s ., 4.03s F.",
     "1.02s", "4.04s", "244.04s", "10ms", "1.03s", "4.03s", "4.05s"},
    {"F4 B2", "0 S, 20ms ., 20ms F., 1.02s F., 1.04s .", "10ms S., 30ms F., 1.03s F.",
     "20ms", "1.04s", "241.04s", "10ms", "30ms", "30ms", "1.05s"},
    /* the answer to the second SYN is an ACK only: in SYN-SENT it is dropped */
    {"B1 B2", "0 S, 1s S, 3s S, 3.02s ., 3.02s F., 3.04s .", "10ms S., 1.01s S., 1.01s ., 3.01s S., 3.01s ., 3.03s F.",
     "3.02s", "3.04s", "243.04s", "10ms", "3.03s", "3.03s", "3.05s"},
};

/*
 * Linux with exact timers: timeouts of SYN 1 s five times, of SYN+ACK 1, 2, 4 s; of FIN 220 ms after a sample of 20 ms
 * (the variance term is at least 200 ms), before it a tail loss probe that comes as late at most; a repeated SYN draws
 * the SYN+ACK, a repeated SYN+ACK an ACK.
 */
static const struct row linux_exact[] = {
    {"", "0 S, 20ms ., 20ms F., 40ms .", "10ms S., 30ms F.",
     "20ms", "40ms", "60.04s", "10ms", "30ms", "30ms", "50ms"},
    {"F1", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "1.01s S., 1.03s F.",
     "1.02s", "1.04s", "61.04s", "1.01s", "1.03s", "1.03s", "1.05s"},
    {"F2", "0 S, 20ms ., 20ms F., 40ms .", "10ms S., 30ms F.",
     "20ms", "40ms", "60.04s", "10ms", "30ms", "30ms", "50ms"},
    {"F3", "0 S, 20ms ., 20ms F., 240ms F., 260ms .", "10ms S., 250ms F.",
     "20ms", "260ms", "60.26s", "10ms", "30ms", "250ms", "270ms"},
    {"F4", "0 S, 20ms ., 20ms F., 40ms ., 260ms .", "10ms S., 30ms F., 250ms F.",
     "20ms", "40ms", "60.26s", "10ms", "30ms", "30ms", "270ms"},
    {"B1", "0 S, 1s S, 1.02s ., 1.02s F., 1.02s ., 1.04s .", "10ms S., 1.01s S., 1.01s S., 1.03s F.",
     "1.02s", "1.04s", "61.04s", "10ms", "1.03s", "1.03s", "1.05s"},
    {"B2", "0 S, 20ms ., 20ms F., 240ms F., 260ms .", "10ms S., 30ms F., 250ms F., 250ms .",
     "20ms", "260ms", "60.26s", "10ms", "30ms", "30ms", "270ms"},

    {"F1 F2", "0 S, 1s S, 2s S, 2.02s ., 2.02s F., 2.04s .", "2.01s S., 2.03s F.",
     "2.02s", "2.04s", "62.04s", "2.01s", "2.03s", "2.03s", "2.05s"},
    {"F1 F3", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "1.01s S., 1.03s F.",
     "1.02s", "1.04s", "61.04s", "1.01s", "1.03s", "1.03s", "1.05s"},
    /* the timestamp of the second SYN, echoed, is a sample */
    {"F1 F4", "0 S, 1s S, 1.02s ., 1.02s F., 1.24s F., 1.26s .", "1.01s S., 1.25s F.",
     "1.02s", "1.26s", "61.26s", "1.01s", "1.03s", "1.25s", "1.27s"},
    {"F1 B1", "0 S, 1s S, 2s S, 2.02s ., 2.02s F., 2.02s ., 2.04s .", "1.01s S., 2.01s S., 2.01s S., 2.03s F.",
     "2.02s", "2.04s", "62.04s", "1.01s", "2.03s", "2.03s", "2.05s"},
    {"F1 B2", "0 S, 1s S, 1.02s ., 1.02s F., 1.24s F., 1.26s .", "1.01s S., 1.03s F., 1.25s F., 1.25s .",
     "1.02s", "1.26s", "61.26s", "1.01s", "1.03s", "1.03s", "1.27s"},
    {"F2 F3", "0 S, 20ms ., 20ms F., 240ms F., 260ms .", "10ms S., 250ms F.",
     "20ms", "260ms", "60.26s", "10ms", "250ms", "250ms", "270ms"},
    {"F2 F4", "0 S, 20ms ., 20ms F., 40ms ., 260ms .", "10ms S., 30ms F., 250ms F.",
     "20ms", "40ms", "60.26s", "10ms", "30ms", "30ms", "270ms"},
    {"F2 B1", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "10ms S., 1.01s S., 1.03s F.",
     "1.02s", "1.04s", "61.04s", "10ms", "1.03s", "1.03s", "1.05s"},
    {"F2 B2", "0 S, 20ms ., 20ms F., 240ms F., 260ms .", "10ms S., 30ms F., 250ms F., 250ms .",
     "20ms", "260ms", "60.26s", "10ms", "30ms", "30ms", "270ms"},
    {"F3 F4", "0 S, 20ms ., 20ms F., 240ms F., 460ms F., 480ms .", "10ms S., 470ms F.",
     "20ms", "480ms", "60.48s", "10ms", "30ms", "470ms", "490ms"},
    {"F3 B1", "0 S, 1s S, 1.02s ., 1.02s F., 1.02s ., 1.04s .", "10ms S., 1.01s S., 1.01s S., 1.03s F.",
     "1.02s", "1.04s", "61.04s", "10ms", "1.03s", "1.03s", "1.05s"},
    {"F3 B2", "0 S, 20ms ., 20ms F., 240ms F., 460ms F., 480ms .", "10ms S., 250ms F., 470ms F., 470ms .",
     "20ms", "480ms", "60.48s", "10ms", "30ms", "250ms", "490ms"},
    /* the SYN+ACK that establishes echoes the first SYN: a sample of 1.02 s, a probe after 2 x 1.02 s + 200 ms */
    {"F4 B1", "0 S, 1s S, 1.02s ., 1.02s F., 1.02s ., 3.26s F., 3.28s .", "10ms S., 1.01s S., 1.01s S., 3.27s F.",
     "1.02s", "3.28s", "63.28s", "10ms", "1.03s", "3.27s", "3.29s"},
    {"F4 B2", "0 S, 20ms ., 20ms F., 240ms F., 260ms .", "10ms S., 30ms F., 250ms F.",
     "20ms", "260ms", "60.26s", "10ms", "30ms", "30ms", "270ms"},
    {"B1 B2", "0 S, 1s S, 1.02s ., 1.02s F., 1.04s .", "10ms S., 1.01s S., 1.01s S., 1.03s F.",
     "1.02s", "1.04s", "61.04s", "10ms", "1.03s", "1.03s", "1.05s"},
};

static void lose(struct pair *p, const char *lost)
{
    for (const char *word = lost; *word != '\0'; word += word[2] != '\0' ? 3 : 2)
        drop(p, word[0] == 'F' ? FORWARD : BACKWARD, (unsigned)(word[1] - '0'));
}

/* Against `a, b, c`. */
static void expect_list(struct side *s, const char *list)
{
    char copy[400], *next = copy;
    const char *expected[16] = {0};
    unsigned n = 0;
    snprintf(copy, sizeof copy, "%s", list);
    for (char *item = strtok_r(copy, ",", &next); item != NULL; item = strtok_r(NULL, ",", &next))
        expected[n++] = item;
    expect_sent(__FILE__, __LINE__, s, expected);
}

static void play(const char *settings, const struct row *r)
{
    char states[400];
    struct pair *p = pair_new(settings, settings);
    label(p, "%s, lost: %s", settings, *r->lost ? r->lost : "none");
    lose(p, r->lost);
    p->a.application.close_established = p->b.application.close_peer_closed = true;
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_to_end(p);
    expect_list(&p->a, r->client);
    expect_list(&p->b, r->server);
    snprintf(states, sizeof states, "0 SYN-SENT, %s ESTABLISHED, %s FIN-WAIT-1, %s FIN-WAIT-2, %s TIME-WAIT, %s CLOSED",
             r->established, r->established, r->time_wait, r->time_wait, r->closed);
    EXPECT_STATES(&p->a, states);
    snprintf(states, sizeof states, "0 LISTEN, %s SYN-RECEIVED, %s ESTABLISHED, %s CLOSE-WAIT, %s LAST-ACK, %s CLOSED",
             r->syn_received, r->server_established, r->close_wait, r->close_wait, r->server_closed);
    EXPECT_STATES(&p->b, states);
    pair_free(p);
}

enum { SINGLES = 7, PAIRS = 15 };
static_assert(sizeof rfc / sizeof rfc[0] == SINGLES + PAIRS, "no loss, six segments, fifteen pairs");
static_assert(sizeof linux_exact / sizeof linux_exact[0] == SINGLES + PAIRS, "no loss, six segments, fifteen pairs");

static void play_all(const char *settings, const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        play(settings, &rows[i]);
}

/* HOLDS(timeout-retransmission, ack-time-wait) */
static void singles_rfc(void)
{
    play_all(RFC, rfc, SINGLES);
}

/* HOLDS(timeout-retransmission) */
static void pairs_rfc(void)
{
    play_all(RFC, rfc + SINGLES, PAIRS);
}

static void singles_linux(void)
{
    play_all(LINUX, linux_exact, SINGLES);
}

static void pairs_linux(void)
{
    play_all(LINUX, linux_exact + SINGLES, PAIRS);
}

/* The same with each segment doubled instead of lost: there are answers more, but no state or time differs. */
/* HOLDS(ack-duplicate, sequence-answer) */
static void duplicates(void)
{
    for (unsigned i = 0; i < 12; i++) {
        const char *settings = i < 6 ? RFC : LINUX;
        struct pair *p = pair_new(settings, settings);
        enum direction d = i % 6 < 4 ? FORWARD : BACKWARD;
        unsigned number = i % 6 < 4 ? i % 6 + 1 : i % 6 - 3;
        label(p, "%s, twice: %c%u", settings, d == FORWARD ? 'F' : 'B', number);
        twice(p, d, number);
        p->a.application.close_established = p->b.application.close_peer_closed = true;
        open_listener(&p->b, 8);
        open_active(&p->a);
        run_to_end(p);
        EXPECT_NEWS(&p->a, "20ms established, 40ms peer-closed");
        EXPECT_NEWS(&p->b, "30ms established, 30ms peer-closed, 50ms closed");
        for (size_t n = 0; n < p->a.sends; n++)
            EXPECT(p, !(p->a.sent[n].segment.flags & SYNFIN_RST));
        EXPECT_EQUAL(p, connections_in(&p->b, TCP_LISTEN), 1);
        EXPECT_STATE(&p->a, TCP_CLOSED);
        EXPECT_STATE(&p->b, TCP_CLOSED);
        pair_free(p);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.8.1, RFC 6298: each single segment lost, rfc9293", singles_rfc},
        {"RFC 9293 3.8.1, RFC 6298: each pair of segments lost, rfc9293", pairs_rfc},
        {"each single segment lost, Linux", singles_linux},
        {"each pair of segments lost, Linux", pairs_linux},
        {"RFC 9293 3.10.7.4: each segment doubled", duplicates},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_loss", cases);
}
