/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP: request, response, and the application's timer that repeats a lost request. seq is the offset in the message. */
#include "tcp_fixture.h"

/* The client asks `request` bytes as soon as it is open, the server answers `response` bytes to all of them. */
static struct pair *exchange(const char *client, uint64_t request, uint64_t response)
{
    struct pair *p = pair_of(&udp_protocol, client, "");
    label(p, "%s", client);
    p->a.application.send_established = request;
    p->b.application.request = request;
    p->b.application.response = response;
    return p;
}

static void begin(struct pair *p, const char *until)
{
    open_listener(&p->b, 1);
    open_active(&p->a);
    run_until(p, until);
}

static void request_and_response(void)
{
    struct pair *p = exchange("", 100, 3000);
    begin(p, "30s");
    EXPECT_SENT(&p->a, "0 - seq=0 len=100");
    EXPECT_SENT(&p->b, "10ms - seq=0 len=1472", "10ms - seq=1472 len=1472",
                "10ms - seq=2944 len=56");
    EXPECT_EQUAL(p, last_sent(&p->b)->segment.ack, 3000); /* the size of the message */
    EXPECT_NEWS(&p->a, "0 established, 20ms data 1472, 20ms data 1472, 20ms data 56");
    EXPECT_NEWS(&p->b, "10ms established, 10ms data 100");
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    user_close(&p->a);
    EXPECT_NEWS(&p->a, "closed");
    pair_free(p);
}

/* The server has no sign of the end: it forgets the client after its idle time. */
static void server_forgets(void)
{
    struct pair *p = exchange("", 100, 200);
    begin(p, "1s");
    user_close(&p->a);
    user_close(&p->b);
    run_to_end(p);
    EXPECT_NEWS(&p->b, "10ms established, 10ms data 100, 60.01s closed");
    EXPECT_EQUAL(p, next_timer(&p->b), SYNFIN_NEVER);
    pair_free(p);
}

static void lost_request(void)
{
    struct pair *p = exchange("", 100, 200);
    drop(p, FORWARD, 1);
    drop(p, FORWARD, 2);
    begin(p, "30s");
    EXPECT_SENT(&p->a, "0 - len=100", "1s - seq=0 len=100", "3s - seq=0 len=100");
    EXPECT_NEWS(&p->a, "0 established, 3.02s data 200");
    pair_free(p);
}

/* The server answers again, and the client takes of the answer what it lacks. */
static void lost_response(void)
{
    struct pair *p = exchange("", 3000, 4000);
    drop(p, BACKWARD, 2);
    begin(p, "30s");
    EXPECT_SENT(&p->a, "0 - seq=0 len=1472", "0 - seq=1472 len=1472", "0 - seq=2944 len=56", "1s - seq=0 len=1472",
                "1s - seq=1472 len=1472", "1s - seq=2944 len=56");
    EXPECT_SENT(&p->b, "10ms - seq=0 len=1472", "10ms - seq=1472 len=1472", "10ms - seq=2944 len=1056",
                "1.01s - seq=0 len=1472", "1.01s - seq=1472 len=1472", "1.01s - seq=2944 len=1056");
    EXPECT_NEWS(&p->a, "0 established, 20ms data 1472, 1.02s data 2528");
    EXPECT_NEWS(&p->b, "10ms established, 10ms data 1472, 10ms data 1472, 10ms data 56");
    pair_free(p);
}

/* What comes early waits, what comes twice counts once. */
static void out_of_order_and_doubled(void)
{
    struct pair *p = exchange("", 100, 4000);
    hold(p, BACKWARD, 1, 5 * SYNFIN_MS);
    twice(p, BACKWARD, 2);
    twice(p, BACKWARD, 3);
    begin(p, "30s");
    EXPECT_NEWS(&p->a, "0 established, 25ms data 4000");
    EXPECT_SENT(&p->a, "0 - len=100");
    pair_free(p);
}

/* A request that lost one datagram is complete with the repetition. */
static void partly_lost_request(void)
{
    struct pair *p = exchange("", 3000, 10);
    drop(p, FORWARD, 2);
    begin(p, "30s");
    EXPECT_NEWS(&p->b, "10ms established, 10ms data 1472, 1.01s data 1528");
    EXPECT_NEWS(&p->a, "0 established, 1.02s data 10");
    pair_free(p);
}

static void gives_up(void)
{
    struct pair *p = exchange("retries=3", 100, 200);
    p->wire[FORWARD].drop = UINT64_MAX;
    begin(p, "30s");
    EXPECT_SENT(&p->a, "0 - len=100", "1s - len=100", "3s - len=100", "7s - len=100");
    EXPECT_NEWS(&p->a, "0 established, 15s failed timeout");
    EXPECT_SILENCE(&p->b);
    pair_free(p);
}

static void without_backoff(void)
{
    struct pair *p = exchange("retry=500ms retries=2 backoff=false", 100, 200);
    p->wire[FORWARD].drop = UINT64_MAX;
    begin(p, "30s");
    EXPECT_SENT(&p->a, "0 - len=100", "500ms - len=100", "1s - len=100");
    EXPECT_NEWS(&p->a, "0 established, 1.5s failed timeout");
    pair_free(p);
}

static void payload(void)
{
    struct pair *p = exchange("payload=50B", 120, 1);
    begin(p, "1s");
    EXPECT_SENT(&p->a, "0 - seq=0 len=50", "0 - seq=50 len=50", "0 - seq=100 len=20");
    pair_free(p);
}

/* A datagram that says of itself what cannot be is not taken; one for nobody draws nothing. */
static void nonsense(void)
{
    struct pair *p = exchange("", 100, 200);
    begin(p, "1s");
    forget(&p->b);
    EXPECT_NEWS(&p->b, "");
    arrive(&p->b, "- seq=90 ack=100 len=20");
    arrive(&p->b, "- seq=101 ack=100 len=0");
    EXPECT_SILENCE(&p->b);
    EXPECT_NEWS(&p->b, "");
    pair_free(p);
    p = pair_of(&udp_protocol, "", "");
    open_active(&p->a);
    user_send(&p->a, 10);
    run_until(p, "100ms");
    EXPECT_SILENCE(&p->b);
    pair_free(p);
}

static void aborted(void)
{
    struct pair *p = exchange("", 100, 200);
    begin(p, "1ms");
    user_abort(&p->a);
    EXPECT_NEWS(&p->a, "established, failed reset");
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"UDP: request and response", request_and_response},
        {"UDP: the server forgets an idle client", server_forgets},
        {"UDP: a lost request is repeated", lost_request},
        {"UDP: a lost response is sent again", lost_response},
        {"UDP: datagrams out of order, doubled", out_of_order_and_doubled},
        {"UDP: a request completed by its repetition", partly_lost_request},
        {"UDP: the client gives up", gives_up},
        {"UDP: repetition without backoff", without_backoff},
        {"UDP: payload of a datagram", payload},
        {"UDP: nonsense, and datagrams for nobody", nonsense},
        {"UDP: abort", aborted},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_udp", cases);
}
