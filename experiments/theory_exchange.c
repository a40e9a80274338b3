/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection attempt: which SYN+ACK reaches the client first?
 *
 * The client's SYNs go out at instants that nothing but its timers decides. What the server does depends on which of
 * them arrive, and when; what it sends does not depend on the fate of its own SYN+ACKs, for nothing comes back from the
 * client before it is established. So the attempt is a Markov chain that is stepped from SYN to SYN: its states hold
 * the server's half-open connection, the SYNs on their way and the earliest SYN+ACK that is sure to arrive, each state
 * with its probability. Equal states are added up. A state ends as soon as nothing sent later can arrive earlier.
 *
 * Rules: RFC 9293 3.10.7.2 (a SYN in LISTEN), 3.10.7.4 (a repeated SYN draws an ACK, which in SYN-SENT changes
 * nothing), RFC 6298 5.5; of Linux, that a repeated SYN draws the SYN+ACK and restarts its timer, at most once in
 * invalid_ratelimit, and that RFC 7323's PAWS holds for SYNs too. Of events at one instant the one that was decided
 * first comes first, and a timer before a segment that was sent when it was armed.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "theory_part.h"

enum { FLIGHTS = 8, WORK = 10000000 };

struct flight {
    synfin_time arrival, emitted;
};

/* All members but the last are compared byte by byte; what means nothing is 0. */
struct state {
    synfin_time deadline, armed; /* of the SYN+ACK's timer; deadline SYNFIN_NEVER: LISTEN */
    synfin_time answered;        /* a repeated SYN, within invalid_ratelimit; -1: none was */
    synfin_time creator;         /* when the SYN was sent that began the half-open connection */
    synfin_time best;            /* when the first SYN+ACK arrives, of those sent so far */
    int64_t timeouts, flights;
    struct flight flight[FLIGHTS]; /* SYNs on their way, in the order of their arrival */
    double probability;
};

static_assert(offsetof(struct state, probability) == (7 + 2 * FLIGHTS) * 8, "no padding");

/* States, equal ones added up. */
struct table {
    size_t used, room;
    struct state *state;
    uint32_t *slot; /* 2 x room: number + 1 */
};

struct chain {
    const struct theory_pair *pair;
    synfin_time opened;
    struct theory_sum *sum;
    synfin_time syn[THEORY_TIMEOUTS];
    size_t syns;
    synfin_time give_up; /* the client's, by a timer armed with its last SYN */
    bool reorders;       /* SYNs can overtake each other */
    struct table next;
    size_t work;
    int status;
};

/* ---- Tables of states -------------------------------------------------------------------------------------------- */

static uint32_t *find_slot(const struct table *t, const struct state *s)
{
    uint64_t words[offsetof(struct state, probability) / 8], hash = 0;
    memcpy(words, s, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        hash = (hash ^ words[i] ^ hash >> 29) * UINT64_C(0x9e3779b97f4a7c15);
    size_t mask = 2 * t->room - 1, at = (hash >> 32) & mask;
    while (t->slot[at] && memcmp(&t->state[t->slot[at] - 1], s, sizeof words) != 0)
        at = (at + 1) & mask;
    return &t->slot[at];
}

static int table_grow(struct table *t)
{
    size_t room = t->room ? 2 * t->room : 64;
    struct state *state = realloc(t->state, room * sizeof *state);
    uint32_t *slot = calloc(2 * room, sizeof *slot);
    if (state)
        t->state = state;
    if (!state || !slot) {
        free(slot);
        return -1;
    }
    free(t->slot);
    t->slot = slot;
    t->room = room;
    for (size_t i = 0; i < t->used; i++)
        *find_slot(t, &t->state[i]) = (uint32_t)i + 1;
    return 0;
}

static int table_add(struct table *t, const struct state *s)
{
    if (t->used == t->room && table_grow(t) != 0)
        return -1;
    uint32_t *slot = find_slot(t, s);
    if (*slot) {
        t->state[*slot - 1].probability += s->probability;
        return 0;
    }
    t->state[t->used++] = *s;
    *slot = (uint32_t)t->used;
    return 0;
}

static void table_free(struct table *t)
{
    free(t->state);
    free(t->slot);
    *t = (struct table){0};
}

/* ---- The server -------------------------------------------------------------------------------------------------- */

static void proceed(struct chain *c, struct state s, synfin_time until);

/* Whether a SYN+ACK finds the client in SYN-SENT. */
static bool in_time(const struct chain *c, synfin_time emitted, synfin_time arrival)
{
    return arrival < c->give_up || (arrival == c->give_up && emitted < c->syn[c->syns - 1]);
}

/* A SYN+ACK goes out, and is the first to arrive, or not. */
static void emit(struct chain *c, struct state *s, synfin_time now, synfin_time until)
{
    const struct theory_way *way = &c->pair->way[1];
    double later = 1;
    for (size_t i = 0; i < way->delays; i++) {
        synfin_time arrival = now + way->delay[i].delay;
        if (arrival >= s->best || !in_time(c, now, arrival))
            break;
        struct state first = *s;
        first.best = arrival;
        first.probability *= (1 - way->lost) * way->delay[i].share;
        later = i + 1 < way->delays ? later - way->delay[i].share : 0;
        proceed(c, first, until);
    }
    s->probability *= way->lost + (1 - way->lost) * later;
}

static void arm(const struct chain *c, struct state *s, synfin_time now)
{
    const struct theory_timers *server = &c->pair->server;
    s->armed = now;
    s->deadline = theory_deadline(server, now, theory_timeout(server, (uint64_t)s->timeouts));
}

static void listen_again(struct state *s)
{
    s->deadline = SYNFIN_NEVER;
    s->armed = s->creator = s->timeouts = 0;
    s->answered = -1;
}

static bool may_answer(const struct chain *c, const struct state *s, synfin_time now)
{
    return s->answered < 0 || theory_tick(&c->pair->server, now) - s->answered >= c->pair->server.invalid_ratelimit;
}

static void timer_expires(struct chain *c, struct state *s, synfin_time until)
{
    synfin_time now = s->deadline;
    if ((uint64_t)s->timeouts >= c->pair->server.synack_retries) {
        listen_again(s);
        return;
    }
    s->timeouts++;
    arm(c, s, now);
    emit(c, s, now, until);
}

static void syn_arrives(struct chain *c, struct state *s, synfin_time until)
{
    const struct theory_timers *server = &c->pair->server;
    struct flight syn = s->flight[0];
    synfin_time now = syn.arrival;
    s->flights--;
    memmove(s->flight, s->flight + 1, (FLIGHTS - 1) * sizeof syn);
    s->flight[FLIGHTS - 1] = (struct flight){0};
    if (s->deadline == SYNFIN_NEVER) {
        s->creator = c->reorders ? syn.emitted : 0;
    } else {
        if (!server->repeats_syn_ack || !may_answer(c, s, now))
            return;
        if (server->invalid_ratelimit > 0)
            s->answered = theory_tick(server, now);
        /* PAWS: a SYN that was sent before the first that arrived gets a plain ACK. */
        if (server->timestamps && c->pair->client.timestamps && syn.emitted < s->creator)
            return;
    }
    arm(c, s, now);
    emit(c, s, now, until);
}

/* ---- The chain --------------------------------------------------------------------------------------------------- */

static void keep(struct chain *c, struct state *s, synfin_time until)
{
    if (s->answered >= 0 && may_answer(c, s, until))
        s->answered = -1;
    if (table_add(&c->next, s) != 0)
        c->status = -1;
}

/* Whether the timer's expiry comes before the first SYN's arrival. */
static bool timer_first(const struct state *s)
{
    if (s->flights == 0 || s->deadline != s->flight[0].arrival)
        return s->flights == 0 || s->deadline < s->flight[0].arrival;
    return s->armed <= s->flight[0].emitted;
}

/* All that happens at the server before `until`. */
static void proceed(struct chain *c, struct state s, synfin_time until)
{
    synfin_time least = c->pair->way[1].delay[0].delay;
    while (c->status == 0 && s.probability > 0) {
        bool timer = s.deadline != SYNFIN_NEVER && timer_first(&s);
        synfin_time next = timer ? s.deadline : s.flights ? s.flight[0].arrival : SYNFIN_NEVER;
        synfin_time bound = next < until ? next : until;
        if (s.best != SYNFIN_NEVER && s.best - least <= bound) {
            synfin_time latency = s.best - c->opened;
            c->status = theory_sum_add(c->sum, latency, latency, s.probability);
            return;
        }
        if (bound >= c->give_up)
            return;
        if (next >= until) {
            keep(c, &s, until);
            return;
        }
        if (++c->work > WORK)
            c->status = theory_unknown(c->pair->unknown, "delay: too many orders of events to add up");
        if (timer)
            timer_expires(c, &s, until);
        else
            syn_arrives(c, &s, until);
    }
}

/* A SYN sets out and takes this long. */
static void fly(struct chain *c, struct state s, synfin_time emitted, synfin_time delay, synfin_time until)
{
    struct flight syn = {emitted + delay, emitted};
    int64_t at = s.flights++;
    if (at == FLIGHTS) {
        c->status = theory_unknown(c->pair->unknown, "delay: more than %d SYNs can be on their way at once", FLIGHTS);
        return;
    }
    for (; at > 0 && s.flight[at - 1].arrival > syn.arrival; at--)
        s.flight[at] = s.flight[at - 1];
    s.flight[at] = syn;
    proceed(c, s, until);
}

/* Each SYN in turn is stepped over at the earliest instant at which it could arrive. */
static void step(struct chain *c, const struct table *now, size_t number)
{
    const struct theory_way *way = &c->pair->way[0];
    synfin_time emitted = c->syn[number];
    synfin_time until = number + 1 < c->syns ? c->syn[number + 1] + way->delay[0].delay : SYNFIN_NEVER;
    for (size_t i = 0; i < now->used && c->status == 0; i++) {
        struct state s = now->state[i];
        double probability = s.probability;
        for (size_t k = 0; k < way->delays && c->status == 0; k++) {
            s.probability = probability * (1 - way->lost) * way->delay[k].share;
            if (s.probability > 0)
                fly(c, s, emitted, way->delay[k].delay, until);
        }
        s.probability = probability * way->lost;
        proceed(c, s, until);
    }
}

/* When the client sends SYNs, and when it gives up: by count, or by time. */
static void schedule_syns(struct chain *c)
{
    const struct theory_timers *client = &c->pair->client;
    uint64_t linear = client->syn_linear_timeouts, last = client->syn_retries + linear;
    synfin_time limit = theory_syn_limit(client);
    c->syn[0] = c->opened;
    for (uint64_t n = 0;; n++) {
        synfin_time timeout = theory_timeout(client, n > linear ? n - linear : 0);
        synfin_time left = limit - (c->syn[n] - c->opened);
        if (client->user_timeout > 0 && n > 0 && left < timeout)
            timeout = left;
        c->syns = n + 1;
        c->give_up = theory_deadline(client, c->syn[n], timeout);
        if (n == last || c->syns == THEORY_TIMEOUTS || (n > 0 && c->give_up - c->opened >= limit))
            break;
        c->syn[n + 1] = c->give_up;
    }
}

int theory_exchange(const struct theory_pair *pair, synfin_time opened, struct theory_sum *sum, synfin_time *span)
{
    struct chain c = {.pair = pair, .opened = opened, .sum = sum, .reorders = pair->way[0].delays > 1};
    struct state first = {.best = SYNFIN_NEVER, .probability = 1};
    struct table now = {0};
    schedule_syns(&c);
    *span = c.give_up - opened;
    listen_again(&first);
    c.status = table_add(&now, &first);
    for (size_t i = 0; i < c.syns && c.status == 0; i++) {
        step(&c, &now, i);
        table_free(&now);
        now = c.next;
        c.next = (struct table){0};
    }
    table_free(&now);
    table_free(&c.next);
    return c.status;
}

double theory_end_attempt(const struct theory_pair *p, struct theory_sum *attempt, synfin_time *span)
{
    synfin_time limit = p->workload->connect_timeout;
    if (limit > 0 && limit <= *span)
        *span = limit;
    return theory_sum_cut(attempt, limit > 0 ? limit : SYNFIN_NEVER);
}
