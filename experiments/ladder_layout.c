/* SPDX-License-Identifier: BSD-2-Clause */
#include "ladder.h"

#include <assert.h>
#include <stdlib.h>

/* In the picture: a typical one-way delay, the least and the most between instants, a fold, lines of one instant. */
static const double DELAY = 62, LEAST = 30, MOST = 96, FOLD = 58, SLOT = 19;

static int compare(const void *a, const void *b)
{
    synfin_time x = ((const struct ladder_instant *)a)->time, y = ((const struct ladder_instant *)b)->time;
    return x < y ? -1 : x > y;
}

/* All instants, in order, each once. */
static void collect(struct ladder_layout *p, const struct ladder *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->steps; i++)
        p->instant[n++] = (struct ladder_instant){.time = l->step[i].time, .dated = true};
    for (size_t i = 0; i < l->arrows; i++)
        p->instant[n++] = (struct ladder_instant){.time = l->arrow[i].end};
    qsort(p->instant, n, sizeof *p->instant, compare);
    for (size_t i = 0; i < n; i++) {
        if (p->instants && p->instant[p->instants - 1].time == p->instant[i].time)
            p->instant[p->instants - 1].dated |= p->instant[i].dated;
        else
            p->instant[p->instants++] = p->instant[i];
    }
}

static struct ladder_instant *find(const struct ladder_layout *p, synfin_time time)
{
    struct ladder_instant key = {.time = time};
    struct ladder_instant *found = bsearch(&key, p->instant, p->instants, sizeof key, compare);
    assert(found);
    return found;
}

double ladder_layout_y(const struct ladder_layout *p, synfin_time time)
{
    return find(p, time)->y;
}

/* What one side's line of an instant has already. */
struct slot {
    synfin_time time;
    double number;
    bool state, sent, any;
};

/*
 * At one instant and side, a segment that arrives, the state that is entered and the segment that is sent stand in one
 * line: the arrows meet there. A second of a kind takes the next line.
 */
static void place_steps(struct ladder_layout *p, const struct ladder *l)
{
    struct slot slot[LADDER_SIDES] = {{.time = -1}, {.time = -1}};

    for (size_t i = 0; i < l->steps; i++) {
        const struct ladder_step *s = &l->step[i];
        struct slot *at = &slot[s->side];
        if (at->time != s->time)
            *at = (struct slot){.time = s->time};
        bool full = s->kind == LADDER_SEND    ? at->sent
                    : s->kind == LADDER_STATE ? at->state || (at->sent && ladder_leads(l, i))
                                              : at->any;
        if (full)
            *at = (struct slot){.time = s->time, .number = at->number + 1};
        at->any = true;
        at->sent |= s->kind == LADDER_SEND;
        at->state |= s->kind == LADDER_STATE;
        p->step[i] = at->number * SLOT;
        struct ladder_instant *instant = find(p, s->time);
        if (instant->slots < at->number)
            instant->slots = at->number;
    }
}

static void place_instants(struct ladder_layout *p, const struct ladder *l, double top)
{
    synfin_time dated = l->begin; /* the last instant at which something happened */
    double y = top;

    for (size_t i = 0; i < p->instants; i++) {
        struct ladder_instant *at = &p->instant[i];
        if (i > 0) {
            synfin_time gap = at->time - at[-1].time;
            if (ladder_folds(l, gap)) {
                at->folded = at->time - dated;
                at->fold_y = y + FOLD / 2;
                y += FOLD;
            } else {
                double scaled = l->delay ? DELAY * (double)gap / (double)l->delay : 0;
                y += scaled < LEAST ? LEAST : scaled > MOST ? MOST : scaled;
            }
        }
        at->y = y;
        if (at->dated)
            dated = at->time;
        y += at->slots * SLOT;
    }
    p->bottom = y;
}

int ladder_layout(struct ladder_layout *p, const struct ladder *l, double top)
{
    *p = (struct ladder_layout){.step = calloc(l->steps + 1, sizeof *p->step),
                                .begin = calloc(l->arrows + 1, sizeof *p->begin),
                                .end = calloc(l->arrows + 1, sizeof *p->end),
                                .instant = calloc(l->steps + l->arrows + 1, sizeof *p->instant)};
    if (!p->step || !p->begin || !p->end || !p->instant) {
        ladder_layout_free(p);
        return -1;
    }
    collect(p, l);
    place_steps(p, l);
    place_instants(p, l, top);
    for (size_t i = 0; i < l->arrows; i++)
        p->end[i] = ladder_layout_y(p, l->arrow[i].end);
    for (size_t i = 0; i < l->steps; i++) {
        const struct ladder_step *s = &l->step[i];
        p->step[i] += ladder_layout_y(p, s->time);
        if (s->kind == LADDER_SEND)
            p->begin[s->item] = p->step[i];
        else if (s->kind == LADDER_ARRIVE)
            p->end[s->item] = p->step[i];
    }
    return 0;
}

void ladder_layout_free(struct ladder_layout *p)
{
    free(p->step);
    free(p->begin);
    free(p->end);
    free(p->instant);
    *p = (struct ladder_layout){0};
}
