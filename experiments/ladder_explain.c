/* SPDX-License-Identifier: BSD-2-Clause */
/* The ladder in sentences: what makes a side act, and what it does, with the section of the RFC that says so. */
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

static const char *const sides[LADDER_SIDES] = {"client", "server"};

struct telling {
    FILE *f;
    const struct ladder *ladder;
    size_t sentence;
};

/* Steps of one side at one instant that have one cause: the first, where it is an arrival or a timer. */
struct group {
    size_t begin, end;
    int side;
    bool caused; /* by the first step */
};

static const struct ladder_arrow *arrow_of(const struct ladder *l, const struct ladder_step *s)
{
    return s->kind == LADDER_SEND || s->kind == LADDER_ARRIVE ? &l->arrow[s->item] : NULL;
}

static bool is_tcp(const struct ladder *l)
{
    return l->arrows > 0 && l->arrow[0].segment.protocol == SYNFIN_TCP;
}

static bool of_network(const struct ladder *l, size_t step)
{
    return l->step[step].kind == LADDER_SEND && *ladder_prefix(&l->arrow[l->step[step].item]);
}

static struct group group_at(const struct ladder *l, size_t begin)
{
    const struct ladder_step *first = &l->step[begin];
    struct group g = {begin, begin + 1, first->side, first->kind == LADDER_ARRIVE || first->kind == LADDER_EXPIRE};

    if (of_network(l, begin))
        return g;
    for (; g.end < l->steps && !of_network(l, g.end); g.end++) {
        const struct ladder_step *s = &l->step[g.end];
        if (s->time != first->time || s->side != g.side || (s->kind != LADDER_STATE && s->kind != LADDER_SEND))
            break;
    }
    return g;
}

/* The state that is entered in the group, of these names; NULL: none. */
static const char *enters(const struct ladder *l, const struct group *g, const char *a, const char *b)
{
    for (size_t i = g->begin; i < g->end; i++) {
        const struct ladder_step *s = &l->step[i];
        if (s->kind == LADDER_STATE && (strcmp(s->state, a) == 0 || strcmp(s->state, b) == 0))
            return s->state;
    }
    return NULL;
}

/* ---- Causes ------------------------------------------------------------------------------------------------------ */

/* RFC 9293 3.10.7 by state. */
static const char *section_of(const char *state)
{
    if (strcmp(state, "CLOSED") == 0)
        return "RFC 9293 3.10.7.1";
    if (strcmp(state, "LISTEN") == 0)
        return "RFC 9293 3.10.7.2";
    if (strcmp(state, "SYN-SENT") == 0)
        return "RFC 9293 3.10.7.3";
    return "RFC 9293 3.10.7.4";
}

static void tell_arrival(const struct telling *t, const struct group *g)
{
    const struct ladder_step *s = &t->ladder->step[g->begin];
    const struct ladder_arrow *a = &t->ladder->arrow[s->item];
    char label[LADDER_TEXT];

    fprintf(t->f, "%s%s reaches the %s", a->copy ? "the copy of " : "", ladder_label(label, a), sides[g->side]);
    if (s->state && is_tcp(t->ladder))
        fprintf(t->f, " in %s (%s)", s->state, section_of(s->state));
}

static void tell_expiry(const struct telling *t, const struct group *g)
{
    static const struct {
        const char *name, *what, *rule;
    } timers[] = {
        {"SYN", "retransmission timer", "RFC 6298 5.4 to 5.6"},
        {"SYN-ACK", "retransmission timer", "RFC 6298 5.4 to 5.6"},
        {"RTO", "retransmission timer", "RFC 6298 5.4 to 5.6"},
        {"DELACK", "timer of the delayed acknowledgment", "RFC 9293 3.8.6.3"},
        {"PERSIST", "timer of the window probe", "RFC 9293 3.8.6.1"},
        {"KEEPALIVE", "keep-alive timer", "RFC 9293 3.8.4"},
        {"FIN-WAIT-2", "timer of FIN-WAIT-2", "Linux, in no RFC"},
        {"RETRY", "timer for another request", "the application's"},
        {"IDLE", "timer of an idle peer", "the application's"},
    };
    const struct ladder_timer *timer = &t->ladder->timer[t->ladder->step[g->begin].item];
    const char *what = timer->name, *rule = NULL;
    char duration[LADDER_TEXT];

    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++) {
        if (strcmp(timers[i].name, timer->name) == 0) {
            what = timers[i].what;
            rule = timers[i].rule;
        }
    }
    if (rule && strcmp(what, timers[0].what) == 0 && enters(t->ladder, g, "CLOSED", "CLOSED"))
        rule = "RFC 9293 3.8.3: R2 is reached";
    fprintf(t->f, "the %s of the %s, %s, expires", what, sides[g->side], ladder_duration(duration, timer->duration));
    if (rule)
        fprintf(t->f, " (%s)", rule);
}

/* Nothing arrived and no timer expired: the application did it, or TIME-WAIT is over. */
static void tell_no_cause(const struct telling *t, const struct group *g)
{
    const struct ladder *l = t->ladder;
    const char *side = sides[g->side], *act = NULL, *rule = NULL;

    if (enters(l, g, "SYN-SENT", "SYN-SENT")) {
        act = "opens the connection";
        rule = "RFC 9293 3.10.1";
    } else if (enters(l, g, "FIN-WAIT-1", "LAST-ACK")) {
        act = "closes";
        rule = "RFC 9293 3.10.4";
    } else if (is_tcp(l) && l->step[g->begin].kind == LADDER_SEND && l->arrow[l->step[g->begin].item].segment.length) {
        act = "has data to send";
        rule = "RFC 9293 3.10.2";
    }
    for (size_t i = 0; i < l->timers; i++) {
        const struct ladder_timer *timer = &l->timer[i];
        if (timer->side == g->side && timer->end == l->step[g->begin].time && strcmp(timer->name, "TIME-WAIT") == 0) {
            char duration[LADDER_TEXT];
            fprintf(t->f, "TIME-WAIT of the %s is over, %s after it began (RFC 9293 3.10.8)", side,
                    ladder_duration(duration, timer->duration));
            return;
        }
    }
    if (act)
        fprintf(t->f, "the application of the %s %s (%s)", side, act, rule);
    else
        fprintf(t->f, "the %s acts", side);
}

/* ---- What a side does -------------------------------------------------------------------------------------------- */

static void tell_fate(const struct telling *t, const struct ladder_arrow *a)
{
    char fate[LADDER_TEXT];

    if (a->fate == LADDER_UNDER_WAY)
        fputs(", which is under way when the run ends", t->f);
    else if (a->fate != LADDER_ARRIVED)
        fprintf(t->f, ", which is %s", ladder_fate_text(fate, a));
    if (a->fate == LADDER_CORRUPTED)
        fputs(", and fails its checksum", t->f);
}

static void tell_step(const struct telling *t, const struct group *g, size_t step)
{
    const struct ladder_step *s = &t->ladder->step[step];
    const struct ladder_arrow *a = arrow_of(t->ladder, s);
    char label[LADDER_TEXT];

    if (a) {
        fprintf(t->f, "sends %s", ladder_label(label, a));
        tell_fate(t, a);
        return;
    }
    bool closes = strcmp(s->state, "FIN-WAIT-1") == 0 || strcmp(s->state, "LAST-ACK") == 0;
    if (closes && g->caused)
        fputs("is told by its application to close (RFC 9293 3.10.4), ", t->f);
    fprintf(t->f, "enters %s", s->state);
}

static void tell_network(const struct telling *t, const struct group *g)
{
    const struct ladder_arrow *a = &t->ladder->arrow[t->ladder->step[g->begin].item];
    char label[LADDER_TEXT];

    ladder_label(label, a);
    if (a->injected)
        fprintf(t->f, "a middlebox sends %s in the name of the %s", label, sides[g->side]);
    else
        fprintf(t->f, "the network makes a copy of the %s's %s", sides[g->side], label);
    tell_fate(t, a);
}

static void tell_deeds(const struct telling *t, const struct group *g, size_t first)
{
    if (first == g->end)
        fputs("; nothing follows", t->f);
    else
        fprintf(t->f, "; the %s ", sides[g->side]);
    for (size_t i = first; i < g->end; i++) {
        if (i > first && i + 1 < g->end)
            fputs(", ", t->f);
        else if (i > first)
            fputs(i == first + 1 ? " and " : ", and ", t->f);
        tell_step(t, g, i);
    }
}

static void tell_group(struct telling *t, const struct group *g)
{
    const struct ladder *l = t->ladder;
    const struct ladder_step *first = &l->step[g->begin];
    char time[LADDER_TEXT];

    fprintf(t->f, "%zu. %s: ", ++t->sentence, ladder_time(time, l, first->time));
    if (of_network(l, g->begin)) {
        tell_network(t, g);
    } else {
        if (first->kind == LADDER_ARRIVE)
            tell_arrival(t, g);
        else if (first->kind == LADDER_EXPIRE)
            tell_expiry(t, g);
        else
            tell_no_cause(t, g);
        tell_deeds(t, g, g->begin + g->caused);
    }
    fputs(".\n", t->f);
}

int ladder_explain(FILE *f, const struct ladder *l)
{
    struct telling t = {.f = f, .ladder = l};

    fprintf(f, "%s: connection %s, %s\n\n", l->title, l->connection, l->outcome);
    for (size_t i = 0; i < l->steps;) {
        struct group g = group_at(l, i);
        tell_group(&t, &g);
        i = g.end;
    }
    return 0;
}
