/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP with request and response: a lost one is repeated, up to a bound. 10 ms one way. */
#include "tcp_fixture.h"

/* The client sends 100 bytes, the server answers with `response`. */
static struct pair *exchange(const char *settings, uint64_t response)
{
    struct pair *p = pair_of(&udp_protocol, settings, settings);
    p->a.application.send_established = 100;
    p->b.application.request = 100;
    p->b.application.response = response;
    open_listener(&p->b, 8);
    return p;
}

static void request_and_response(void)
{
    struct pair *p = exchange("payload=1000B", 2500);
    open_active(&p->a);
    run_until(p, "30ms");
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    user_close(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 - seq=0 len=100");
    EXPECT_SENT(&p->b, "10ms - seq=0 len=1000", "10ms - seq=1000 len=1000", "10ms - seq=2000 len=500");
    EXPECT_NEWS(&p->a, "0 established, 20ms data 1000, 20ms data 1000, 20ms data 500, 30ms closed");
    EXPECT_NEWS(&p->b, "10ms established, 10ms data 100, 60.01s closed");
    EXPECT_STATES(&p->a, "0 OPEN, 30ms CLOSED");
    EXPECT_STATES(&p->b, "0 LISTEN, 10ms OPEN, 60.01s CLOSED");
    EXPECT_EQUAL(p, last_sent(&p->a)->segment.protocol, SYNFIN_UDP);
    EXPECT_EQUAL(p, synfin_segment_size(&last_sent(&p->a)->segment), 128);
    pair_free(p);
}

static void request_lost(void)
{
    struct pair *p = exchange("retry=1s", 200);
    drop(p, FORWARD, 1);
    drop(p, FORWARD, 2);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 - len=100", "1s - len=100", "3s - len=100");
    EXPECT_SENT(&p->b, "3.01s - len=200");
    EXPECT_NEWS(&p->a, "0 established, 3.02s data 200");
    EXPECT_NEWS(&p->b, "3.01s established, 3.01s data 100, 63.01s closed");
    pair_free(p);
}

/* The server answers a repeated request again; its application hears of it once. */
static void response_lost(void)
{
    struct pair *p = exchange("retry=1s", 200);
    drop(p, BACKWARD, 1);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 - len=100", "1s - len=100");
    EXPECT_SENT(&p->b, "10ms - len=200", "1.01s - len=200");
    EXPECT_NEWS(&p->a, "0 established, 1.02s data 200");
    EXPECT_NEWS(&p->b, "10ms established, 10ms data 100, 61.01s closed");
    pair_free(p);
}

static void part_of_response_lost(void)
{
    struct pair *p = exchange("retry=1s payload=1000B", 2500);
    drop(p, BACKWARD, 2);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_NEWS(&p->a, "0 established, 20ms data 1000, 1.02s data 1500"); /* what came early was kept */
    EXPECT_EQUAL(p, p->b.sends, 6);
    pair_free(p);
}

static void out_of_order_and_doubled(void)
{
    struct pair *p = exchange("payload=1000B", 2500);
    hold(p, BACKWARD, 1, 5 * SYNFIN_MS);
    twice(p, BACKWARD, 2);
    twice(p, BACKWARD, 3);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_NEWS(&p->a, "0 established, 25ms data 2500");
    EXPECT_SENT(&p->a, "0 - len=100");
    pair_free(p);
}

static void give_up(void)
{
    struct pair *p = pair_of(&udp_protocol, "retry=1s retries=5", "");
    p->a.application.send_established = 100;
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 - len=100", "1s - len=100", "3s - len=100", "7s - len=100", "15s - len=100", "31s - len=100");
    EXPECT_NEWS(&p->a, "0 established, 63s failed timeout");
    EXPECT_STATES(&p->a, "0 OPEN, 63s CLOSED");
    EXPECT_SILENCE(&p->b); /* nobody listens: nothing comes back */
    pair_free(p);

    p = pair_of(&udp_protocol, "retry=200ms retries=2 backoff=false", "");
    p->a.application.send_established = 100;
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 - len=100", "200ms - len=100", "400ms - len=100");
    EXPECT_NEWS(&p->a, "0 established, 600ms failed timeout");
    pair_free(p);
}

/* Offsets and sizes that contradict each other are not taken. */
static void nonsense(void)
{
    static const char *const arrivals[] = {
        "- seq=0 ack=5 len=10", "- seq=10 ack=5 len=0", "- seq=4294967290 ack=4294967295 len=10", "- seq=0 ack=4294967295 len=10"};
    for (unsigned i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++) {
        struct pair *p = pair_of(&udp_protocol, "", "");
        p->single = true;
        p->a.application.send_established = 100;
        open_active(&p->a);
        forget(&p->a);
        label(p, "'%s'", arrivals[i]);
        arrive(&p->a, arrivals[i]);
        EXPECT_NEWS(&p->a, "");
        EXPECT_SILENCE(&p->a);
        pair_free(p);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"request and response", request_and_response},
        {"a lost request is repeated", request_lost},
        {"a lost response is sent again", response_lost},
        {"part of a response is lost", part_of_response_lost},
        {"datagrams out of order, doubled", out_of_order_and_doubled},
        {"the client gives up", give_up},
        {"datagrams that make no sense", nonsense},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_udp", cases);
}
