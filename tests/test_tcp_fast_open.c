/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP Fast Open, RFC 7413: a client, and a server that listens, 10 ms apart. */
#include "tcp_fixture.h"

#include "tcp.h"

#include <string.h>

#define BOTH " fastopen=3 fastopen_queue=8"

static struct pair *client_and_server(const char *client, const char *server)
{
    struct pair *p = pair_new(client, server);
    label(p, "%s to %s", client, server);
    open_listener(&p->b, 8);
    return p;
}

/* The client has a cookie of an earlier connection. */
static struct pair *with_cookie(const char *server)
{
    struct pair *p = client_and_server(RFC BOTH, server);
    open_fast(&p->a, 40000, 10);
    run_until(p, "100ms");
    user_abort(&p->a);
    run_until(p, "1s");
    EXPECT(p, p->a.peer != 0);
    forget(&p->a);
    forget(&p->b);
    return p;
}

/* 4.1.1, 4.1.3: the first time it asks for a cookie, the data follows the handshake, and it keeps what it gets. */
/* HOLDS(7413-request, 7413-cache) */
static void asks_for_a_cookie(void)
{
    static const char *const settings[] = {RFC BOTH, LINUX BOTH};
    for (unsigned i = 0; i < 2; i++) {
        struct pair *p = client_and_server(settings[i], settings[i]);
        open_fast(&p->a, 40000, 500);
        run_until(p, "35ms");
        EXPECT_SENT(&p->a, "0 S seq=0 cookie=0", "20ms . seq=1 ack=1 len=500");
        EXPECT_EQUAL(p, p->b.sent[0].segment.flags, SYNFIN_SYN | SYNFIN_ACK);
        EXPECT(p, p->b.sent[0].segment.bits & SYNFIN_FAST_OPEN);
        EXPECT_NEWS(&p->b, "30ms established, 30ms data 500");
        const uint32_t *cookie = p->b.sent[0].segment.option;
        EXPECT_EQUAL(p, p->a.peer, (uint64_t)cookie[0] << 32 | cookie[1]);
        EXPECT(p, p->a.peer != 0);
        pair_free(p);
    }
}

static uint64_t cookie_for(struct side *server, uint32_t client, uint16_t port)
{
    struct synfin_segment syn = {.source = client,
                                 .destination = server->address,
                                 .source_port = port,
                                 .destination_port = 80,
                                 .protocol = SYNFIN_TCP,
                                 .flags = SYNFIN_SYN,
                                 .bits = SYNFIN_FAST_OPEN,
                                 .window_scale = SYNFIN_NO_SCALE};
    receive(server, &syn);
    const struct synfin_segment *seg = &last_sent(server)->segment;
    return (uint64_t)seg->option[0] << 32 | seg->option[1];
}

/* 4.1.2: of the client's address and the server's secret, of nothing else. */
/* HOLDS(7413-cookie) */
static void cookies(void)
{
    struct pair *p = client_and_server(RFC BOTH, RFC BOTH), *other = client_and_server(RFC BOTH, RFC BOTH);
    uint64_t first = cookie_for(&p->b, 0x0a000063, 5001);
    run_until(p, "300s");
    EXPECT(p, cookie_for(&p->b, 0x0a000063, 5002) == first);
    EXPECT(p, cookie_for(&p->b, 0x0a000064, 5001) != first);
    other->b.base.secret[0] ^= 1;
    EXPECT(p, cookie_for(&other->b, 0x0a000063, 5001) != first);
    pair_free(p);
    pair_free(other);
}

/* 4.2.1, 4.2.2: with its cookie the SYN's data is acknowledged and delivered before the handshake ends. */
/* HOLDS(7413-syn-data, 7413-take) */
static void data_in_the_syn(void)
{
    struct pair *p = with_cookie(RFC BOTH);
    open_fast(&p->a, 40001, 500);
    run_until(p, "1.015s");
    EXPECT_SENT(&p->a, "1s S seq=0 len=500 cookie");
    EXPECT_SENT(&p->b, "1.01s S. seq=0 ack=501");
    EXPECT_NEWS(&p->b, "1.01s established, 1.01s data 500");
    EXPECT_STATE(&p->b, TCP_SYN_RECEIVED);
    run_until(p, "5s");
    EXPECT_SENT(&p->a, "1.02s . seq=501 ack=1");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    EXPECT_STATE(&p->b, TCP_ESTABLISHED);
    EXPECT_NEWS(&p->b, "");
    pair_free(p);
}

/* 4.2.1: no more than a segment goes with the SYN. */
/* HOLDS(7413-syn-data) */
static void more_than_a_segment(void)
{
    struct pair *p = with_cookie(RFC BOTH);
    open_fast(&p->a, 40001, 2000);
    run_until(p, "5s");
    EXPECT_SENT(&p->a, "1s S seq=0 len=1420 cookie", "1.02s . seq=1421 ack=1 len=580");
    EXPECT_EQUAL(p, p->b.current->received, 2000);
    pair_free(p);
}

/* 4.2.2: the server answers before the client's ACK: a response after one round trip. */
/* HOLDS(7413-answer) */
static void response_after_one_round_trip(void)
{
    struct pair *p = with_cookie(RFC BOTH);
    p->b.application.request = 500;
    p->b.application.response = 1000;
    open_fast(&p->a, 40001, 500);
    run_until(p, "5s");
    EXPECT_SENT(&p->b, "1.01s S. seq=0 ack=501", "1.01s . seq=1 ack=501 len=1000");
    EXPECT_NEWS(&p->a, "1.02s established, 1.02s data 1000");
    pair_free(p);
}

/* 4.2.2, 4.2.1: a cookie that is not the server's: the SYN alone is acknowledged, with the right one; the data goes
   again after the handshake. */
/* HOLDS(7413-invalid, 7413-refused) */
static void invalid_cookie(void)
{
    struct pair *p = with_cookie(RFC BOTH);
    uint64_t right = p->a.peer;
    p->a.peer ^= 1024;
    open_fast(&p->a, 40001, 500);
    run_until(p, "1.015s");
    EXPECT_SENT(&p->b, "1.01s S. seq=0 ack=1 cookie");
    EXPECT_NEWS(&p->b, "");
    run_until(p, "5s");
    EXPECT_SENT(&p->a, "1s S seq=0 len=500 cookie", "1.02s . seq=1 ack=1 len=500");
    EXPECT_NEWS(&p->b, "1.03s established, 1.03s data 500");
    EXPECT(p, p->a.peer == right);
    pair_free(p);
}

/* 4.2.1: the SYN that times out is sent again as an ordinary one: a middlebox may drop what it does not know. */
/* HOLDS(7413-retransmit) */
static void syn_lost(void)
{
    struct pair *p = with_cookie(RFC BOTH);
    drop(p, FORWARD, p->wire[FORWARD].sent + 1);
    open_fast(&p->a, 40001, 500);
    run_until(p, "10s");
    EXPECT_SENT(&p->a, "1s S seq=0 len=500 cookie", "2s S seq=0 cookie=none", "2.02s . seq=1 ack=1 len=500");
    EXPECT_EQUAL(p, p->b.current->received, 500);
    pair_free(p);
}

/* 5.1: with as many pending as fastopen_queue allows, the data is not taken. */
/* HOLDS(7413-limit) */
static void too_many_pending(void)
{
    struct pair *p = with_cookie(RFC " fastopen=3 fastopen_queue=1");
    open_fast(&p->a, 40001, 500);
    open_fast(&p->a, 40002, 500);
    run_until(p, "1.015s");
    EXPECT_EQUAL(p, p->b.sends - p->b.sends_seen, 2);
    EXPECT_EQUAL(p, p->b.sent[p->b.sends - 2].segment.ack - p->a.sent[p->a.sends - 2].segment.seq, 501);
    EXPECT_EQUAL(p, p->b.sent[p->b.sends - 1].segment.ack - p->a.sent[p->a.sends - 1].segment.seq, 1);
    EXPECT_NEWS(&p->b, "1.01s established, 1.01s data 500");
    run_until(p, "5s");
    EXPECT_NEWS(&p->b, "1.03s established, 1.03s data 500");
    pair_free(p);
}

/* Linux's tcp_fastopen_queue_check() comes first: then it gives no cookie either. */
static void no_cookie_where_many_pend(void)
{
    static const char *const settings[] = {RFC " fastopen=3 fastopen_queue=1", LINUX " fastopen=3 fastopen_queue=1"};
    for (unsigned i = 0; i < 2; i++) {
        struct pair *p = with_cookie(settings[i]);
        open_fast(&p->a, 40001, 500);
        p->a.peer = 0; /* the next one asks for a cookie */
        open_fast(&p->a, 40002, 500);
        run_until(p, "1.015s");
        EXPECT_EQUAL(p, p->b.sends - p->b.sends_seen, 2);
        EXPECT_EQUAL(p, (last_sent(&p->b)->segment.bits & SYNFIN_FAST_OPEN) != 0, i == 0);
        pair_free(p);
    }
}

/* What pends are connections that were opened by Fast Open, not others that are half open. */
/* HOLDS(7413-limit) */
static void others_do_not_pend(void)
{
    static const char *const settings[] = {RFC " fastopen=3 fastopen_queue=1", LINUX " fastopen=3 fastopen_queue=1"};
    for (unsigned i = 0; i < 2; i++) {
        struct pair *p = with_cookie(settings[i]);
        arrive_from(&p->b, 50001, "S seq=0");
        arrive_from(&p->b, 50002, "S seq=0");
        forget(&p->b);
        open_fast(&p->a, 40001, 500);
        run_until(p, "1.015s");
        EXPECT_NEWS(&p->b, "1.01s established, 1.01s data 500");
        EXPECT_EQUAL(p, connections_in(&p->b, TCP_SYN_RECEIVED), 3);
        pair_free(p);
    }
}

/* Linux: the repeated SYN draws the SYN+ACK, and leaves its timer alone; there is one more timeout than of others. */
static void syn_repeated(void)
{
    struct pair *p = with_cookie(LINUX BOTH " synack_retries=1");
    open_fast(&p->a, 40001, 500);
    run_until(p, "1.01s");
    struct synfin_segment syn = last_sent(&p->a)->segment;
    EXPECT_SENT(&p->b, "1.01s S.");
    p->wire[BACKWARD].drop = ~UINT64_C(0);
    p->wire[FORWARD].drop = ~UINT64_C(0);
    run_until(p, "1.8s");
    receive(&p->b, &syn);
    EXPECT_SENT(&p->b, "1.8s S.");
    EXPECT_EQUAL(p, last_sent(&p->b)->segment.ack - syn.seq, 501);
    run_until(p, "100s");
    EXPECT_SENT(&p->b, "2.01s S.", "4.01s S.");
    EXPECT_EQUAL(p, connections_in(&p->b, TCP_SYN_RECEIVED), 0);
    pair_free(p);
}

/* A server that has it off takes no notice, of a cookie either. */
/* HOLDS(7413-off) */
static void server_has_it_off(void)
{
    static const char *const off[] = {RFC, RFC " fastopen=1 fastopen_queue=8", RFC " fastopen=2"};
    for (unsigned i = 0; i < 3; i++) {
        struct pair *p = client_and_server(RFC BOTH, off[i]);
        open_fast(&p->a, 40000, 500);
        run_until(p, "1s");
        EXPECT_SENT(&p->b, "10ms S. ack=1 cookie=none", "30ms . ack=501");
        EXPECT_EQUAL(p, p->a.peer, 0);
        p->a.peer = 77;
        open_fast(&p->a, 40001, 500);
        run_until(p, "2s");
        EXPECT_SENT(&p->b, "1.01s S. ack=1 cookie=none", "1.03s . ack=501");
        pair_free(p);
    }
}

/* A reset ends what began fast as it ends what began slowly. */
/* HOLDS(7413-reset) */
static void reset_while_pending(void)
{
    struct pair *p = with_cookie(RFC BOTH);
    open_fast(&p->a, 40001, 500);
    run_until(p, "1.01s");
    EXPECT_NEWS(&p->b, "1.01s established, 1.01s data 500");
    user_abort(&p->a);
    arrive_from(&p->b, 40001, "R seq=501");
    EXPECT_NEWS(&p->b, "1.01s failed reset");
    EXPECT_EQUAL(p, connections_in(&p->b, TCP_SYN_RECEIVED), 0);
    EXPECT_EQUAL(p, connections_in(&p->b, TCP_LISTEN), 1);
    EXPECT_EQUAL(p, ((struct tcp_endpoint *)(void *)p->b.listener->endpoint)->listener.half_open, 0);
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 7413 4.1.1, 4.1.3: a client asks for a cookie and keeps it", asks_for_a_cookie},
        {"RFC 7413 4.1.2: cookies", cookies},
        {"RFC 7413 4.2: data in the SYN", data_in_the_syn},
        {"RFC 7413 4.2.1: more data than a segment", more_than_a_segment},
        {"RFC 7413 4.2.2: a response after one round trip", response_after_one_round_trip},
        {"RFC 7413 4.2.2: an invalid cookie", invalid_cookie},
        {"RFC 7413 4.2.1: the SYN is lost", syn_lost},
        {"RFC 7413 5.1: too many pending", too_many_pending},
        {"RFC 7413 4.2.2: a server that has it off", server_has_it_off},
        {"RFC 7413 4.2.2: a reset", reset_while_pending},
        {"Linux: no cookie where too many are pending", no_cookie_where_many_pend},
        {"RFC 7413 5.1: half-open connections that are not pending", others_do_not_pend},
        {"Linux: a repeated SYN of Fast Open, and its SYN+ACK's timeouts", syn_repeated},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_fast_open", cases);
}
