/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was played against what was recorded. Segments are compared connection by connection: which of two timers of
 * one slot of the wheel is served first is no rule, so connections whose peers do the same may change places.
 * PSH is not compared, it has no meaning for the receiver.
 */
#include "timelines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Noise of the recordings: of what a timer brings about on top of its slot, and of what follows at once, which by
   itself takes less than PROMPT_MS. */
enum { TIMER_NOISE_MS = 8, PROMPT_NOISE_MS = 16, PROMPT_MS = 2 };
/* The low bits of a cookie's timestamp are options (Linux: 6 bits). */
enum { TSVAL_NOISE = 64 };

static double ms_of(synfin_time t)
{
    return (double)t / 1e6;
}

/* How far apart two instants of an event may lie; `duration`: of the timer that brought it about. */
static double tolerance(synfin_time duration, unsigned hz)
{
    double slot = 1000.0 / hz;
    if (duration == 0)
        return PROMPT_NOISE_MS;
    for (double most = 63 * slot; ms_of(duration) > most; most *= 8)
        slot *= 8;
    return slot + TIMER_NOISE_MS;
}

static void show_flags(uint8_t flags, char text[8])
{
    static const struct {
        uint8_t flag;
        char letter;
    } known[] = {{SYNFIN_SYN, 'S'}, {SYNFIN_FIN, 'F'}, {SYNFIN_RST, 'R'}, {SYNFIN_PSH, 'P'}, {SYNFIN_ACK, '.'}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (flags & known[i].flag)
            text[n++] = known[i].letter;
    }
    text[n] = '\0';
}

static void show_segment(double ms, const struct timeline_segment *s, char text[TIMELINE_TEXT])
{
    char flags[8], options[80] = "";
    size_t n = 0;
    show_flags(s->flags, flags);
    if (s->options & TIMELINE_MSS)
        n += (size_t)snprintf(options + n, sizeof(options) - n, " mss %u", s->mss);
    if (s->options & TIMELINE_SACK_PERMITTED)
        n += (size_t)snprintf(options + n, sizeof(options) - n, " sackOK");
    if (s->options & TIMELINE_SCALE)
        n += (size_t)snprintf(options + n, sizeof(options) - n, " wscale %u", s->scale);
    if (s->options & TIMELINE_SACK)
        n += (size_t)snprintf(options + n, sizeof(options) - n, " sack");
    if (s->options & TIMELINE_FAST_OPEN)
        n += (size_t)snprintf(options + n, sizeof(options) - n, s->cookie_given ? " FO cookie" : " FO");
    if (s->options & TIMELINE_TIMESTAMPS)
        snprintf(options + n, sizeof(options) - n, " TS ecr %u", s->tsecr);
    snprintf(text, TIMELINE_TEXT, "%.2f ms out %s seq %lld ack %lld len %u win %u%s", ms, flags, (long long)s->seq,
             (long long)s->ack, s->length, s->window, options);
}

static bool same_segment(const struct timeline_segment *a, const struct timeline_segment *b)
{
    if ((a->flags ^ b->flags) & ~SYNFIN_PSH || a->seq != b->seq || a->length != b->length || a->window != b->window ||
        a->options != b->options)
        return false;
    if ((a->flags & SYNFIN_ACK) && a->ack != b->ack)
        return false;
    if ((a->options & TIMELINE_MSS) && a->mss != b->mss)
        return false;
    if ((a->options & TIMELINE_SCALE) && a->scale != b->scale)
        return false;
    if ((a->options & TIMELINE_FAST_OPEN) && a->cookie_given != b->cookie_given)
        return false;
    return !(a->options & TIMELINE_TIMESTAMPS) || a->tsecr == b->tsecr;
}

/* Where the comparison stands in one connection. */
struct stream {
    size_t next; /* act to look at */
    bool stamped;
    uint32_t recorded_tsval, played_tsval; /* the first */
};

static const struct timeline_act *next_act(const struct timeline_play *play, struct stream *s, enum timeline_kind kind,
                                           unsigned connection)
{
    while (s->next < play->acts) {
        const struct timeline_act *act = &play->act[s->next++];
        if (act->kind == kind && act->connection == connection)
            return act;
    }
    return NULL;
}

/* Our clock of timestamps has gone as far as the kernel's since the connection's first one, or a client's SYN. */
static bool same_clock(struct stream *s, const struct timeline_segment *recorded, const struct timeline_segment *played,
                       double allowed)
{
    if (!(recorded->options & TIMELINE_TIMESTAMPS))
        return true;
    if (!s->stamped || (recorded->flags & (SYNFIN_SYN | SYNFIN_ACK)) == SYNFIN_SYN) {
        s->stamped = true;
        s->recorded_tsval = recorded->tsval;
        s->played_tsval = played->tsval;
    }
    int32_t far = (int32_t)((recorded->tsval - s->recorded_tsval) - (played->tsval - s->played_tsval));
    return abs(far) <= allowed + TSVAL_NOISE;
}

static bool compare_segment(const struct timeline_play *play, struct stream *s, unsigned connection,
                            const struct timeline_event *e, char recorded[TIMELINE_TEXT], char played[TIMELINE_TEXT])
{
    const struct timeline_act *act = next_act(play, s, TIMELINE_OUT, connection);
    show_segment(e->ms, &e->segment, recorded);
    snprintf(played, TIMELINE_TEXT, "nothing more");
    if (!act)
        return false;
    show_segment(ms_of(act->at), &act->segment, played);
    double allowed = tolerance(act->timer, play->hz);
    return fabs(ms_of(act->at) - e->ms) <= allowed && same_segment(&e->segment, &act->segment) &&
           same_clock(s, &e->segment, &act->segment, allowed);
}

/* Whether results are the same; the number that accept() returns is none. */
static bool same_result(const char *recorded, const char *played)
{
    if (strncmp(recorded, "accept", 6) == 0 && strncmp(played, "accept", 6) == 0)
        return (strstr(recorded, "= -1") != NULL) == (strstr(played, "= -1") != NULL);
    return strcmp(recorded, played) == 0;
}

/* connect() that completes later stands by itself; it may be told where nobody recorded it. */
static bool is_told(const char *text)
{
    return strncmp(text, "connect completes", 17) == 0;
}

static bool compare_call(const struct timeline_play *play, struct stream *calls, struct stream *tellings,
                         const struct timeline_event *e, char recorded[TIMELINE_TEXT], char played[TIMELINE_TEXT])
{
    bool told = is_told(e->text);
    struct stream *s = told ? tellings : calls;
    const struct timeline_act *act;
    if (strncmp(e->text, "listen", 6) == 0)
        return true;
    do {
        act = next_act(play, s, TIMELINE_API, 0);
    } while (act && is_told(act->text) != told);
    snprintf(recorded, TIMELINE_TEXT, "%.2f ms %.100s", e->ms, e->text);
    snprintf(played, TIMELINE_TEXT, "nothing");
    if (!act)
        return false;
    snprintf(played, TIMELINE_TEXT, "%.2f ms %.100s", ms_of(act->at), act->text);
    return same_result(e->text, act->text) && fabs(ms_of(act->at) - e->ms) <= tolerance(act->timer, play->hz);
}

/* Recorded states were polled: what was played passes through them in their order, and may pass through more. */
static bool compare_states(const struct timeline_play *play, struct stream *s, const char **now,
                           const struct timeline_event *e, char recorded[TIMELINE_TEXT], char played[TIMELINE_TEXT])
{
    snprintf(recorded, TIMELINE_TEXT, "%.2f ms states %.120s", e->ms, *e->text ? e->text : "none");
    snprintf(played, TIMELINE_TEXT, "after %.120s never that", **now ? *now : "none");
    const struct timeline_act *act;
    while (strcmp(*now, e->text) != 0) {
        if ((act = next_act(play, s, TIMELINE_STATES, 0)) == NULL)
            return false;
        *now = act->text;
    }
    return true;
}

/* Segments of a connection that the recording does not have, but for those after its end; what no timer sends comes
   promptly. */
static bool too_many(const struct timeline *t, const struct timeline_play *play, struct stream *s, unsigned connection,
                     char recorded[TIMELINE_TEXT], char played[TIMELINE_TEXT])
{
    const struct timeline_act *act = next_act(play, s, TIMELINE_OUT, connection);
    double end = t->events ? t->event[t->events - 1].ms : 0;
    if (!act || ms_of(act->at) + (act->timer ? tolerance(act->timer, play->hz) : PROMPT_MS) > end)
        return false;
    snprintf(recorded, TIMELINE_TEXT, "nothing more");
    show_segment(ms_of(act->at), &act->segment, played);
    return true;
}

/* ---- Connections that may change places -------------------------------------------------------------------------- */

static const struct timeline_event *next_in(const struct timeline *t, size_t *at, unsigned connection)
{
    while (*at < t->events) {
        const struct timeline_event *e = &t->event[(*at)++];
        if (e->kind == TIMELINE_IN && timeline_connection(t, e) == connection)
            return e;
    }
    return NULL;
}

/* Whether the peers of two connections do the same at the same time. */
static bool alike(const struct timeline *t, unsigned a, unsigned b)
{
    size_t at_a = 0, at_b = 0;
    for (;;) {
        const struct timeline_event *x = next_in(t, &at_a, a), *y = next_in(t, &at_b, b);
        if (!x || !y)
            return x == y && at_a > 0;
        if (x->segment.flags != y->segment.flags || x->segment.seq != y->segment.seq ||
            x->segment.ack != y->segment.ack || x->segment.length != y->segment.length ||
            x->segment.options != y->segment.options || fabs(x->ms - y->ms) > PROMPT_NOISE_MS)
            return false;
    }
}

static bool whole_stream(const struct timeline *t, const struct timeline_play *play, unsigned recorded, unsigned played)
{
    struct stream s = {0};
    char one[TIMELINE_TEXT], other[TIMELINE_TEXT];
    for (size_t i = 0; i < t->events; i++) {
        const struct timeline_event *e = &t->event[i];
        if (e->kind == TIMELINE_OUT && timeline_connection(t, e) == recorded &&
            !compare_segment(play, &s, played, e, one, other))
            return false;
    }
    return !too_many(t, play, &s, played, one, other);
}

/* Which played connection stands for each recorded one: itself, where no other one does better. */
static void match(const struct timeline *t, const struct timeline_play *play, unsigned as[TIMELINE_PORTS])
{
    bool taken[TIMELINE_PORTS] = {false};
    unsigned n = 0;
    for (size_t i = 0; i < t->events; i++) {
        if (t->event[i].kind == TIMELINE_IN && timeline_connection(t, &t->event[i]) >= n)
            n = timeline_connection(t, &t->event[i]) + 1;
    }
    for (unsigned i = 0; i < TIMELINE_PORTS; i++)
        as[i] = i;
    for (unsigned i = 0; n > 1 && i < n; i++) {
        for (unsigned k = 0; k < n; k++) {
            unsigned j = (i + k) % n;
            if (taken[j] || (j != i && !alike(t, i, j)) || !whole_stream(t, play, i, j))
                continue;
            as[i] = j;
            taken[j] = true;
            break;
        }
    }
}

size_t timeline_compare(const struct timeline *t, const struct timeline_play *play, char recorded[TIMELINE_TEXT],
                        char played[TIMELINE_TEXT])
{
    struct stream connection[TIMELINE_PORTS] = {0}, calls = {0}, tellings = {0}, states = {0};
    const char *now = "";
    unsigned as[TIMELINE_PORTS];
    match(t, play, as);
    for (size_t i = 0; i < t->events; i++) {
        const struct timeline_event *e = &t->event[i];
        unsigned number = as[timeline_connection(t, e)];
        bool same = true;
        if (e->kind == TIMELINE_OUT)
            same = compare_segment(play, &connection[number], number, e, recorded, played);
        else if (e->kind == TIMELINE_API)
            same = compare_call(play, &calls, &tellings, e, recorded, played);
        else if (e->kind == TIMELINE_STATES)
            same = compare_states(play, &states, &now, e, recorded, played);
        if (!same)
            return i;
    }
    for (unsigned i = 0; i < TIMELINE_PORTS; i++) {
        if (too_many(t, play, &connection[i], i, recorded, played))
            return t->events;
    }
    return SIZE_MAX;
}
