/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random segments, timers and calls into endpoints of every state: ten million segments (under the sanitizers only with
 * --long, else a tenth), valid and not, in and out of the window, with all flags and options.
 *
 * Whatever arrives: SND.UNA =< SND.NXT; nothing new lies beyond SND.UNA + SND.WND; RCV.NXT + RCV.WND never moves left,
 * nor does what segments say of it, in TIME-WAIT either; the retransmission or persist timer runs
 * exactly where something is outstanding or waits for a window, the delayed ACK's where one is delayed; a listener's
 * counts are those of its connections; nothing is sent that the user did not hand over; nothing is answered without
 * end. Left alone afterwards, an endpoint stays only where its user may leave it: LISTEN, ESTABLISHED, CLOSE-WAIT,
 * and FIN-WAIT-2 where the profile sets no limit or the user still reads; not where keep-alives are sent, and with
 * nothing outstanding. Linux's ends without a user also where the peer answers on, with a window of 0.
 *
 * A failure names the seed; SYNFIN_FUZZ_SEED=N runs that one alone.
 */
#include "sim_run.h"
#include "tcp_fixture.h"

#include "tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 40, LONGEST_ANSWER = 200, FAILURES = 5, ANSWERED = 5 /* seeds for one that ends so */ };

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
    RFC " window_scaling=true window=1MiB retries2=3 orphan_retries=2 synack_retries=2 user_timeout=30s",
    RFC " sack=true dsack=true timestamps=true fin_timeout=20s rfc1337=true time_wait=10s",
    LINUX " fastopen=3 fastopen_queue=2 defer_accept=3s abort_on_overflow=true",
    LINUX " syncookies=2 challenge_ack_limit=3 delayed_ack=200ms early_retrans=4",
    "profile=linux syncookies=1 max_syn_backlog=1 timestamps=false invalid_ratelimit=0",
    "profile=linux syncookies=0 max_syn_backlog=2 fastopen=3 fastopen_queue=3",
    RFC " keepalive=true keepalive_time=10s keepalive_probes=2 nodelay=true",
    LINUX " keepalive=true keepalive_time=1s keepalive_intvl=1s user_timeout=5s",
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

/* ---- What happens ------------------------------------------------------------------------------------------------ */

/* A number near `base`: mostly on the edges that rules are about. */
static uint32_t near(uint64_t *random, uint32_t base, uint32_t window)
{
    switch (below(random, 12)) {
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

static struct tcp_endpoint *endpoint_of(const struct slot *slot)
{
    return slot != NULL ? (void *)slot->endpoint : NULL;
}

static bool is_connection(const struct side *s, const struct slot *slot)
{
    return slot != NULL && slot != s->listener && slot->endpoint != NULL;
}

/* The latest segment with a Fast Open cookie, NULL: none. */
static const struct synfin_segment *cookie_of(const struct side *s)
{
    for (size_t i = s->sends; i-- > 0;) {
        const struct synfin_segment *seg = &s->sent[i].segment;
        if ((seg->flags & SYNFIN_SYN) && (seg->bits & SYNFIN_FAST_OPEN) && seg->option[0] != 0)
            return seg;
    }
    return NULL;
}

static void random_options(struct synfin_segment *seg, const struct tcp_endpoint *ep, const struct side *s,
                           uint64_t *random)
{
    bool syn = (seg->flags & SYNFIN_SYN) != 0, used = ep != NULL && (ep->flags & TCP_TIMESTAMPS);
    if (below(random, 8) < (used ? 7 : syn ? 5 : 1)) {
        seg->bits |= SYNFIN_HAS_TIMESTAMPS;
        seg->tsval = near(random, ep != NULL ? ep->ts_recent + below(random, 2) : 1000, 10);
        seg->tsecr = s->sends > 0 && below(random, 2) ? s->sent[s->sends - 1].segment.tsval : next(random);
    }
    if (below(random, syn ? 2 : 20) == 0)
        seg->bits |= SYNFIN_SACK_PERMITTED;
    if (below(random, 4) == 0) {
        seg->bits |= SYNFIN_HAS_SACK; /* of a SYN: Fast Open */
        for (uint32_t i = 0; i < 2 * SYNFIN_SACK_BLOCKS; i++)
            seg->option[i] = ep != NULL ? near(random, ep->snd_una, ep->snd_nxt - ep->snd_una) : next(random);
        if (syn && below(random, 8))
            memset(seg->option, 0, sizeof seg->option);
        const struct synfin_segment *given = cookie_of(s);
        if (syn && given != NULL && below(random, 2))
            memcpy(seg->option, given->option, sizeof seg->option);
    }
    if (syn || below(random, 50) == 0) {
        seg->mss = (uint16_t)(below(random, 3) ? 1460 : below(random, UINT16_MAX + 1));
        seg->window_scale = below(random, 3) ? SYNFIN_NO_SCALE : (uint8_t)below(random, 256);
    }
}

static struct synfin_segment random_segment(const struct side *s, uint64_t *random)
{
    static const uint8_t usual[] = {SYNFIN_ACK,
                                    SYNFIN_ACK,
                                    SYNFIN_ACK,
                                    SYNFIN_ACK,
                                    SYNFIN_ACK | SYNFIN_FIN,
                                    SYNFIN_SYN | SYNFIN_ACK,
                                    SYNFIN_SYN,
                                    SYNFIN_RST};
    const struct tcp_endpoint *ep = is_connection(s, s->current) ? endpoint_of(s->current) : NULL;
    struct synfin_segment seg = {.protocol = SYNFIN_TCP, .window_scale = SYNFIN_NO_SCALE};
    uint32_t dice = below(random, 16);
    seg.flags = dice == 0 ? (uint8_t)below(random, 32) : usual[below(random, sizeof usual - (dice < 13))];
    uint32_t window = ep != NULL && below(random, 2) ? tcp_receive_window(ep, s->current->extra, s->config) : 3000;
    seg.seq = near(random, ep != NULL ? ep->rcv_nxt : s->pair->peer_iss, window);
    uint32_t ours = s->sends > 0 ? s->sent[s->sends - 1].segment.seq + 1 : 0; /* of a cookie, for one */
    if (ep != NULL)
        ours = below(random, 3) ? ep->snd_nxt : ep->snd_una + below(random, ep->snd_nxt - ep->snd_una + 1);
    seg.ack = near(random, ours, below(random, 2) ? 0 : 1460);
    seg.window = below(random, 4) ? UINT16_MAX : below(random, 3) ? (uint16_t)below(random, 3000) : 0;
    if (below(random, 3) == 0)
        seg.length = (uint16_t)(1 + below(random, below(random, 20) ? 3000 : UINT16_MAX));
    random_options(&seg, ep, s, random);
    return seg;
}

static void address(struct synfin_segment *seg, const struct side *s, uint64_t *random)
{
    const struct synfin_sender *name = s->current != NULL ? &s->current->name : NULL;
    seg->source = name != NULL ? name->remote : 0x0a000002;
    bool syn = (seg->flags & (SYNFIN_SYN | SYNFIN_ACK)) == SYNFIN_SYN;
    bool other = name == NULL || below(random, syn ? 4 : 30) == 0;
    seg->source_port = other ? (uint16_t)(5000 + below(random, 6)) : name->remote_port;
    seg->destination = s->address;
    seg->destination_port = name != NULL ? name->local_port : 80;
}

static void random_call(struct side *s, uint64_t *random)
{
    if (!is_connection(s, s->current))
        return;
    user_accept(s); /* before anything else */
    switch (below(random, 20)) {
    case 0: user_abort(s); break;
    case 1:
    case 2: user_leave(s); break;
    case 3:
    case 4: user_shutdown(s); break;
    case 5:
    case 6:
    case 7: user_close(s); break;
    case 8:
    case 9:
    case 10: break;
    default: user_send(s, below(random, 20000));
    }
}

/* Any connection may be the one that segments and calls are for. */
static void choose(struct side *s, uint64_t *random)
{
    struct slot *slot = &s->slot[below(random, SLOTS)];
    if (slot != s->listener && (slot->endpoint != NULL || slot->time_wait != NULL))
        s->current = slot;
}

/* Often the same segment again and again: duplicate acknowledgments, for one. */
static unsigned random_arrival(struct side *s, uint64_t *random)
{
    struct synfin_segment seg = random_segment(s, random);
    unsigned times = below(random, 8) ? 1 : 1 + below(random, 6);
    address(&seg, s, random);
    for (unsigned i = 0; i < times; i++)
        receive(s, &seg);
    return times;
}

static void random_open(struct side *s, uint64_t *random)
{
    const struct slot *slot = s->current;
    uint16_t port = (uint16_t)(50000 + below(random, 1000));
    if (slot == NULL || slot->endpoint != NULL || slot->time_wait != NULL)
        return; /* one at a time */
    if (below(random, 3) == 0)
        s->peer = next(random); /* a cookie of long ago */
    if (below(random, 2))
        open_fast(s, port, 1 + below(random, 3000));
    else
        open_active_at(s, port);
}

/* How many segments it was. */
static unsigned random_step(struct pair *p, uint64_t *random)
{
    struct side *a = &p->a;
    uint32_t dice = below(random, 40);
    if (below(random, 20) == 0)
        choose(a, random);
    if (dice < 3) {
        random_call(a, random);
    } else if (dice < 7) {
        run_to(p, a->base.now + below(random, 3) * (synfin_time)below(random, 2000000000));
    } else if (dice < 8) {
        random_open(a, random);
    } else {
        return random_arrival(a, random);
    }
    return 0;
}

/* ---- What must hold ---------------------------------------------------------------------------------------------- */

/* What was seen of a connection. */
struct seen {
    uint64_t opened;
    uint32_t rcv_nxt, right; /* the right edge of the window */
    bool sends;              /* it has a congestion window */
    uint32_t snd_nxt;
};

/* What a connection's segments have said: where its window ends. */
struct told {
    uint64_t opened;
    bool any, scaled;
    uint32_t right;
};

static bool is_half_open(const struct slot *slot)
{
    return (endpoint_of(slot)->flags & TCP_HALF_OPEN) != 0;
}

/* NULL: it holds, as do all below. */
static const char *broken_timers(const struct slot *slot)
{
    const struct tcp_endpoint *ep = endpoint_of(slot);
    const struct tcp_data *data = slot->extra;
    bool retransmit = slot->timer[TCP_TIMER_RETRANSMIT].on, persist = slot->timer[TCP_TIMER_PERSIST].on;
    bool fin = (ep->flags & (TCP_CLOSE_CALLED | TCP_FIN_SENT)) == TCP_CLOSE_CALLED;
    bool outstanding = ep->snd_nxt != ep->snd_una, unsent = fin || (data != NULL && data->unsent > 0);
    enum tcp_state state = tcp_state_of(ep);
    if (outstanding && !retransmit && !persist)
        return "a timer runs where something is outstanding";
    if (retransmit && persist)
        return "the retransmission timer or the persist timer runs, not both";
    if (retransmit && !outstanding && state != TCP_FIN_WAIT_2)
        return "no retransmission timer where nothing is outstanding";
    if (persist && !outstanding && !unsent)
        return "no persist timer where nothing waits";
    if (unsent && !outstanding && !persist && state != TCP_SYN_SENT && state != TCP_SYN_RECEIVED)
        return "the persist timer runs where data or FIN waits for a window";
    if (persist != (data != NULL && (data->flags & TCP_PERSIST)))
        return "TCP_PERSIST says that the persist timer runs";
    if (slot->timer[TCP_TIMER_DELAYED_ACK].on != ((ep->more & TCP_MORE_DELAYED) != 0))
        return "TCP_MORE_DELAYED says that the delayed ACK's timer runs";
    return NULL;
}

/* The scoreboard covers what is outstanding, run by run, and its counts are theirs. */
static const char *broken_board(const struct tcp_endpoint *ep, struct tcp_data *data)
{
    uint32_t end = ep->snd_una, sacked = 0, lost = 0, again = 0;
    if (!(data->flags & TCP_BOARD))
        return NULL;
    for (uint32_t i = 0; i < data->board.count; i++) {
        const struct tcp_run *run = tcp_board_run(data, i);
        if (!tcp_lt(end, run->end))
            return "runs of the scoreboard ascend";
        sacked += run->marks & TCP_SACKED ? run->end - end : 0;
        lost += run->marks & TCP_LOST ? run->end - end : 0;
        again += run->marks & TCP_AGAIN ? run->end - end : 0;
        end = run->end;
    }
    if (end != ep->snd_nxt)
        return "the scoreboard ends at SND.NXT";
    if (sacked != data->board.sacked || lost != data->board.lost)
        return "the scoreboard counts what is selectively acknowledged, and what is lost";
    return again != data->board.again ? "the scoreboard counts what was sent again" : NULL;
}

static const char *broken_numbers(const struct slot *slot, const struct tcp_profile *profile, struct seen *seen)
{
    const struct tcp_endpoint *ep = endpoint_of(slot);
    const struct tcp_data *data = slot->extra;
    bool known = seen->opened == slot->opened;
    uint32_t right = ep->rcv_nxt + tcp_receive_window(ep, data, profile);
    struct seen now = {slot->opened, ep->rcv_nxt, right, data != NULL && data->cwnd > 0, ep->snd_nxt};
    bool linux = profile->rules == TCP_RULES_LINUX;
    uint32_t sent = ep->snd_nxt - (!linux && ep->flags & TCP_FIN_SENT ? 1 : 0), window = ep->snd_wnd;
    if (!linux && data != NULL && data->flags & TCP_PERSIST && window == 0)
        window = 1; /* the probe */
    struct seen before = *seen;
    if (tcp_state_of(ep) == TCP_SYN_SENT || tcp_state_of(ep) == TCP_SYN_RECEIVED)
        return NULL; /* no window has been offered with a scale */
    *seen = now;
    if (ep->snd_nxt - ep->snd_una > INT32_MAX)
        return "SND.UNA =< SND.NXT";
    if (data != NULL && data->next - ep->snd_una > ep->snd_nxt - ep->snd_una)
        return "SND.UNA =< next =< SND.NXT";
    if (tcp_state_of(ep) == TCP_FIN_WAIT_2 && ep->snd_nxt != ep->snd_una)
        return "in FIN-WAIT-2 our FIN is acknowledged";
    if (known && before.sends && !now.sends)
        return "cwnd is never 0 again";
    if (known && tcp_lt(before.snd_nxt, ep->snd_nxt) && sent != before.snd_nxt && sent - ep->snd_una > window)
        return "nothing new beyond SND.UNA + SND.WND";
    if (known && tcp_lt(now.rcv_nxt, before.rcv_nxt))
        return "RCV.NXT never moves back";
    if (known && tcp_lt(now.right, before.right))
        return "RCV.NXT + RCV.WND never moves left";
    return NULL;
}

static const char *broken_counts(const struct side *s)
{
    const struct tcp_endpoint *listener = endpoint_of(s->listener);
    uint32_t half_open = 0, young = 0, waiting = 0, fast = 0;
    if (listener == NULL || tcp_state_of(listener) != TCP_LISTEN)
        return NULL;
    for (unsigned i = 0; i < SLOTS; i++) {
        if (!is_connection(s, &s->slot[i]))
            continue;
        const struct tcp_endpoint *ep = endpoint_of(&s->slot[i]);
        bool by_fast_open = is_half_open(&s->slot[i]) && (ep->more & TCP_MORE_FAST);
        fast += by_fast_open;
        half_open += is_half_open(&s->slot[i]) && !by_fast_open;
        young += is_half_open(&s->slot[i]) && (ep->more & TCP_MORE_YOUNG);
        waiting += (ep->flags & TCP_QUEUED) != 0;
    }
    if (listener->fast_open != fast || listener->listener.half_open != half_open || listener->listener.young != young)
        return "the listener counts its half-open connections";
    return listener->listener.waiting != waiting ? "the listener counts its accept queue" : NULL;
}

/* The segments from the `from`-th on of the connection, or what TIME-WAIT has left of it. */
static const char *broken_edges(const struct side *s, const struct slot *slot, size_t from, struct told *told)
{
    const struct tcp_profile *profile = s->config;
    if (slot->endpoint == NULL && slot->time_wait == NULL)
        return NULL;
    if (told->opened != slot->opened) { /* some of them may be another's, from before */
        *told = (struct told){.opened = slot->opened};
        return NULL;
    }
    if (slot->endpoint != NULL)
        told->scaled = (endpoint_of(slot)->flags & TCP_SCALING) != 0;
    for (size_t i = from; i < s->sends; i++) {
        const struct synfin_segment *seg = &s->sent[i].segment;
        if (seg->source_port != slot->name.local_port || seg->destination_port != slot->name.remote_port ||
            (seg->flags & (SYNFIN_ACK | SYNFIN_RST | SYNFIN_SYN)) != SYNFIN_ACK)
            continue;
        uint32_t right = seg->ack + ((uint32_t)seg->window << (told->scaled ? profile->window_shift : 0));
        if (told->any && tcp_lt(right, told->right))
            return "the right edge that segments tell never moves left";
        told->any = true;
        told->right = right;
    }
    return NULL;
}

static const char *broken(const struct side *s, struct seen seen[SLOTS])
{
    const char *wrong = broken_counts(s);
    for (unsigned i = 0; i < SLOTS && wrong == NULL; i++) {
        const struct slot *slot = &s->slot[i];
        if (!is_connection(s, slot))
            continue;
        enum tcp_state state = slot->endpoint->sender.state;
        if (state == TCP_CLOSED || state == TCP_LISTEN || state >= TCP_TIME_WAIT)
            return "an endpoint in a state that is none of an endpoint";
        wrong = broken_timers(slot);
        if (wrong == NULL && slot->extra != NULL)
            wrong = broken_board(endpoint_of(slot), slot->extra);
        if (wrong == NULL)
            wrong = broken_numbers(slot, s->config, &seen[i]);
    }
    return wrong;
}

static bool has_sent(const struct side *s, const struct slot *slot, size_t from)
{
    for (size_t i = from; i < s->sends; i++)
        if (s->sent[i].segment.source_port == slot->name.local_port &&
            s->sent[i].segment.destination_port == slot->name.remote_port)
            return true;
    return false;
}

/* The peer answers for an hour whatever comes, and never opens its window: Linux ends what has no user. */
static const char *stays_answered(struct side *s)
{
    const struct tcp_profile *profile = s->config;
    synfin_time end = s->base.now + 3600 * SYNFIN_S;
    while (next_timer(s) <= end) {
        size_t before = s->sends;
        run_to(s->pair, next_timer(s));
        for (unsigned i = 0; i < SLOTS; i++) {
            const struct slot *slot = &s->slot[i];
            if (!is_connection(s, slot) || !has_sent(s, slot, before))
                continue;
            const struct tcp_endpoint *ep = endpoint_of(slot);
            struct synfin_segment seg = {.protocol = SYNFIN_TCP, .window_scale = SYNFIN_NO_SCALE};
            seg.flags = SYNFIN_ACK;
            seg.seq = ep->rcv_nxt;
            seg.ack = ep->snd_una;
            seg.bits = ep->flags & TCP_TIMESTAMPS ? SYNFIN_HAS_TIMESTAMPS : 0;
            seg.tsval = ep->ts_recent;
            seg.source = slot->name.remote;
            seg.source_port = slot->name.remote_port;
            seg.destination = s->address;
            seg.destination_port = slot->name.local_port;
            receive(s, &seg);
        }
    }
    for (unsigned i = 0; i < SLOTS; i++)
        if (profile->rules == TCP_RULES_LINUX && is_connection(s, &s->slot[i]) &&
            endpoint_of(&s->slot[i])->flags & TCP_ORPHAN)
            return "an orphan that stays as long as its peer answers";
    return NULL;
}

/* Long after the last segment. */
static const char *stays(const struct side *s)
{
    const struct tcp_profile *profile = s->config;
    for (unsigned i = 0; i < SLOTS; i++) {
        const struct slot *slot = &s->slot[i];
        if (slot->time_wait != NULL)
            return "TIME-WAIT that stays for ever";
        if (!is_connection(s, slot))
            continue;
        const struct tcp_endpoint *ep = endpoint_of(slot);
        enum tcp_state state = tcp_state_of(ep);
        const struct tcp_data *data = slot->extra;
        if (data != NULL && (data->flags & TCP_KEEPALIVE) && !(ep->flags & TCP_ORPHAN))
            return "an endpoint that stays though keep-alives are unanswered";
        bool reads = profile->rules == TCP_RULES_LINUX && !(ep->flags & TCP_ORPHAN);
        if (state != TCP_ESTABLISHED && state != TCP_CLOSE_WAIT &&
            !(state == TCP_FIN_WAIT_2 && (profile->fin_timeout == 0 || reads)))
            return "an endpoint that stays for ever";
        if (ep->snd_nxt != ep->snd_una)
            return "an endpoint that stays with something outstanding";
    }
    return NULL;
}

/* ---- Runs -------------------------------------------------------------------------------------------------------- */

static struct pair *start(uint64_t seed, uint64_t *random, const char **configuration)
{
    enum tcp_state state = (enum tcp_state)(seed % TCP_STATES);
    *configuration = settings[seed / TCP_STATES % SETTINGS];
    bool defers = strstr(*configuration, "defer_accept") || strstr(*configuration, "syncookies=2");
    bool passive = below(random, 2) && state != TCP_CLOSED && state != TCP_SYN_SENT;
    if (state == TCP_SYN_RECEIVED && defers)
        state = TCP_LISTEN; /* an ordinary handshake does not lead there */
    passive = passive && !defers;
    struct pair *p = passive ? passive_endpoint_in(state, *configuration) : endpoint_in(state, *configuration);
    if (p->a.listener != NULL && below(random, 2)) {
        p->a.listener->endpoint->host_bits |= SYNFIN_QUEUES;
        endpoint_of(p->a.listener)->listener.backlog = below(random, 3);
    }
    label(p, "%s, %s; again: SYNFIN_FUZZ_SEED=%llu tests/test_tcp_fuzz", state_name(state), *configuration,
          (unsigned long long)seed);
    return p;
}

/* How many segments arrived. */
static unsigned run_seed(uint64_t seed, bool *failed)
{
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    const char *configuration, *wrong = NULL;
    struct pair *p = start(seed, &random, &configuration);
    struct seen seen[SLOTS] = {{0, 0, 0, false, 0}};
    struct told told[SLOTS] = {{0, false, false, 0}};
    unsigned segments = 0;
    for (unsigned step = 0; step < STEPS && wrong == NULL; step++) {
        size_t before = p->a.sends;
        segments += random_step(p, &random);
        wrong = p->a.sends - before > LONGEST_ANSWER ? "an answer without end" : p->wrong;
        if (wrong == NULL)
            wrong = broken(&p->a, seen);
        for (unsigned i = 0; i < SLOTS && wrong == NULL; i++)
            wrong = broken_edges(&p->a, &p->a.slot[i], before, &told[i]);
    }
    if (wrong == NULL && seed % ANSWERED == 0)
        wrong = stays_answered(&p->a);
    if (wrong == NULL) {
        run_to(p, p->a.base.now + INT64_C(100000) * SYNFIN_S);
        wrong = stays(&p->a);
    }
    if (wrong != NULL)
        expect(__FILE__, __LINE__, p, false, wrong);
    *failed = wrong != NULL;
    pair_free(p);
    return segments;
}

/* HOLDS(SHLD-14, 6298-5.1, 6298-5.2, ack-advances) */
static void fuzz(void)
{
    const char *only = getenv("SYNFIN_FUZZ_SEED"), *longer = getenv("SYNFIN_LONG");
    bool sanitized = sim_many(20) < 20, all = !sanitized || (longer != NULL && *longer);
    uint64_t wanted = all ? 10000000 : 1000000;
    uint64_t segments = 0, seed = 0;
    unsigned failures = 0;
    bool failed;
    if (only != NULL) {
        run_seed(strtoull(only, NULL, 10), &failed);
        return;
    }
    for (; segments < wanted && failures < FAILURES; failures += failed)
        segments += run_seed(seed++, &failed);
    printf("  %llu segments, %llu seeds\n", (unsigned long long)segments, (unsigned long long)seed);
    CU_ASSERT_EQUAL(failures, 0);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.3.1: invariants under random segments, in every state", fuzz},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_fuzz", cases);
}
