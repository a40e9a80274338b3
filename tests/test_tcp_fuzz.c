/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random segments, timers and calls into endpoints of every state. Whatever arrives: SND.UNA =< SND.NXT, RCV.NXT never
 * moves back, a timer runs where something is outstanding, nothing is sent that the user did not hand over, nothing
 * is answered without end. A failure names the seed; SYNFIN_FUZZ_SEED=N runs that one alone.
 */
#include "tcp_fixture.h"

#include "tcp.h"

#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 6000, STEPS = 36 };

/* xorshift64* */
static uint32_t next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * UINT64_C(2685821657736338717)) >> 32);
}

static uint32_t below(uint64_t *state, uint32_t n)
{
    return (uint32_t)(((uint64_t)next(state) * n) >> 32);
}

static const char *const settings[] = {
    RFC,
    LINUX,
    "profile=linux",
    RFC " window=3000B delayed_ack=100ms timestamps=true",
    RFC " window_scaling=true window=1MiB retries2=3 orphan_retries=2 synack_retries=2",
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

/* A number near `base`: mostly on the edges that rules are about. */
static uint32_t near(uint64_t *random, uint32_t base, uint32_t window)
{
    switch (below(random, 8)) {
    case 0: return base - 1;
    case 1: return base + 1;
    case 2: return base + window;
    case 3: return base + window - 1;
    case 4: return base + below(random, 3000);
    case 5: return base - below(random, 3000);
    case 6: return next(random);
    default: return base;
    }
}

static const struct tcp_endpoint *endpoint_of(const struct side *s)
{
    return s->current != NULL ? (const void *)s->current->endpoint : NULL;
}

static struct synfin_segment random_segment(const struct side *s, uint64_t *random)
{
    static const uint8_t usual[] = {SYNFIN_ACK,
                                    SYNFIN_ACK,
                                    SYNFIN_ACK,
                                    SYNFIN_ACK | SYNFIN_FIN,
                                    SYNFIN_SYN | SYNFIN_ACK,
                                    SYNFIN_SYN,
                                    SYNFIN_RST};
    const struct tcp_endpoint *ep = endpoint_of(s);
    bool alive = ep != NULL && ep->head.sender.state != TCP_CLOSED;
    struct synfin_segment seg = {.protocol = SYNFIN_TCP, .window_scale = SYNFIN_NO_SCALE};
    uint32_t dice = below(random, 16);
    seg.flags = dice == 0 ? (uint8_t)below(random, 32) : usual[below(random, sizeof usual - (dice < 13))];
    seg.seq = near(random, alive ? ep->rcv_nxt : s->pair->peer_iss, 3000);
    seg.ack = near(random, alive ? ep->snd_nxt : 0, below(random, 2) ? 0 : 1460);
    seg.window = below(random, 4) ? UINT16_MAX : (uint16_t)below(random, 3000);
    if (below(random, 3) == 0)
        seg.length = (uint16_t)(1 + below(random, below(random, 20) ? 3000 : UINT16_MAX));
    if (below(random, 4) == 0 || (seg.flags & SYNFIN_SYN)) {
        seg.bits = (uint8_t)(SYNFIN_HAS_TIMESTAMPS | (below(random, 2) ? SYNFIN_SACK_PERMITTED : 0));
        seg.tsval = near(random, 1000, 10);
        seg.tsecr = next(random);
    }
    if (seg.flags & SYNFIN_SYN) {
        seg.mss = (uint16_t)(below(random, 3) ? 1460 : below(random, UINT16_MAX + 1));
        seg.window_scale = below(random, 3) ? SYNFIN_NO_SCALE : (uint8_t)below(random, 256);
    }
    return seg;
}

static void address(struct synfin_segment *seg, const struct side *s, uint64_t *random)
{
    const struct synfin_sender *name = s->current != NULL ? &s->current->name : NULL;
    seg->source = name != NULL ? name->remote : 0x0a000002;
    seg->source_port = name != NULL && below(random, 30) ? name->remote_port : (uint16_t)(5000 + below(random, 3));
    seg->destination = s->address;
    seg->destination_port = name != NULL ? name->local_port : 80;
}

static void random_step(struct pair *p, uint64_t *random)
{
    struct side *a = &p->a;
    const struct tcp_endpoint *ep = endpoint_of(a);
    bool alive = ep != NULL && ep->head.sender.state != TCP_CLOSED;
    uint32_t dice = below(random, 40);
    if (dice == 0 && alive) {
        user_close(a);
    } else if (dice == 1 && alive) {
        user_send(a, below(random, 20000));
    } else if (dice == 2 && alive && below(random, 10) == 0) {
        user_abort(a);
    } else if (dice < 7) {
        run_to(p, a->base.now + below(random, 3) * (synfin_time)below(random, 2000000000));
    } else {
        struct synfin_segment seg = random_segment(a, random);
        address(&seg, a, random);
        receive(a, &seg);
    }
}

static bool timer_runs(const struct slot *slot)
{
    for (unsigned i = 0; i < SYNFIN_TIMERS; i++) {
        if (slot->timer[i].on)
            return true;
    }
    return false;
}

/* What must hold between any two events. NULL: it does. */
static const char *broken(const struct pair *p, const struct slot *slot)
{
    const struct tcp_endpoint *ep = (const void *)slot->endpoint;
    if (ep == NULL || slot == p->a.listener)
        return NULL;
    enum tcp_state state = slot->endpoint->sender.state;
    if (state == TCP_CLOSED || state == TCP_LISTEN || state >= TCP_TIME_WAIT)
        return "an endpoint in a state that is none of an endpoint";
    if (ep->snd_nxt - ep->snd_una > INT32_MAX)
        return "SND.UNA =< SND.NXT";
    if (ep->snd_nxt != ep->snd_una && !timer_runs(slot))
        return "a timer runs where something is outstanding";
    if (ep->snd_nxt == ep->snd_una && slot->timer[TCP_TIMER_RETRANSMIT].on && state != TCP_FIN_WAIT_2)
        return "no retransmission timer where nothing is outstanding";
    const struct tcp_data *data = slot->extra;
    if (data != NULL && data->next - ep->snd_una > ep->snd_nxt - ep->snd_una)
        return "SND.UNA =< next =< SND.NXT";
    if (data != NULL && data->cwnd != 0 && data->cwnd < ep->mss)
        return "cwnd holds a segment";
    if (state == TCP_FIN_WAIT_2 && ep->snd_nxt != ep->snd_una)
        return "in FIN-WAIT-2 our FIN is acknowledged";
    return NULL;
}

static void run_seed(uint64_t seed)
{
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    enum tcp_state state = (enum tcp_state)(seed % TCP_STATES);
    const char *configuration = settings[seed / TCP_STATES % SETTINGS];
    bool passive = below(&random, 2) && state != TCP_CLOSED && state != TCP_SYN_SENT;
    struct pair *p = passive ? passive_endpoint_in(state, configuration) : endpoint_in(state, configuration);
    const char *wrong = NULL;
    for (unsigned step = 0; step < STEPS && wrong == NULL; step++) {
        size_t before = p->a.sends;
        uint32_t rcv_nxt = 0;
        const struct slot *slot = p->a.current;
        const struct tcp_endpoint *ep = endpoint_of(&p->a);
        if (ep != NULL)
            rcv_nxt = ep->rcv_nxt;
        enum tcp_state old = state_of(&p->a);
        random_step(p, &random);
        wrong = p->a.sends - before > 200 ? "an answer without end" : p->wrong;
        for (unsigned i = 0; i < SLOTS && wrong == NULL; i++)
            wrong = broken(p, &p->a.slot[i]);
        if (wrong == NULL && ep != NULL && p->a.current == slot && endpoint_of(&p->a) == ep && old > TCP_SYN_SENT &&
            (int32_t)(ep->rcv_nxt - rcv_nxt) < 0)
            wrong = "RCV.NXT never moves back";
    }
    if (wrong == NULL) { /* left alone, all that is not ESTABLISHED or a half-closed connection comes to an end */
        run_to(p, p->a.base.now + INT64_C(100000) * SYNFIN_S);
        if (connections_in(&p->a, TCP_SYN_SENT) + connections_in(&p->a, TCP_SYN_RECEIVED) +
                connections_in(&p->a, TCP_FIN_WAIT_1) + connections_in(&p->a, TCP_CLOSING) +
                connections_in(&p->a, TCP_LAST_ACK) + connections_in(&p->a, TCP_TIME_WAIT) > 0)
            wrong = "an endpoint that stays for ever";
    }
    label(p, "SYNFIN_FUZZ_SEED=%llu (%s, %s)", (unsigned long long)seed, state_name(state), configuration);
    expect(__FILE__, __LINE__, p, wrong == NULL, wrong != NULL ? wrong : "all held");
    pair_free(p);
}

static void fuzz(void)
{
    const char *only = getenv("SYNFIN_FUZZ_SEED");
    if (only != NULL) {
        run_seed(strtoull(only, NULL, 10));
        return;
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        run_seed(seed);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.3.1: invariants under random segments, in every state", fuzz},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_fuzz", cases);
}
