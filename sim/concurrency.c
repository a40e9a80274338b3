/* SPDX-License-Identifier: BSD-2-Clause */
#include "concurrency.h"

#include <stdlib.h>
#include <string.h>

#include "simulation.h"

void concurrency_free(struct concurrency *c)
{
    free(c->starts.list);
    free(c->ends.list);
}

__attribute__((cold, noinline)) void concurrency_note_more(struct synfin_simulation *sim, struct concurrency *c,
                                                           struct instants *l, synfin_time at)
{
    concurrency_settle(c, sim->settled);
    if (2 * l->count >= l->room) {
        size_t room = l->room ? 2 * l->room : 256;
        synfin_time *list = realloc(l->list, room * sizeof(*list));
        if (!list) {
            simulation_fail(sim, "out of memory");
            return;
        }
        l->list = list;
        l->room = room;
    }
    concurrency_note(sim, c, l, at);
}

static int compare(const void *a, const void *b)
{
    synfin_time x = *(const synfin_time *)a, y = *(const synfin_time *)b;
    return x < y ? -1 : x > y;
}

/* They are almost in order, as hosts run ahead of each other by little: most have a few places to go. */
static void sort(struct instants *l)
{
    size_t moves = 0;
    for (size_t i = 1; i < l->count && moves < 8 * l->count; i++) {
        synfin_time at = l->list[i];
        size_t k = i;
        for (; k > 0 && l->list[k - 1] > at; k--)
            l->list[k] = l->list[k - 1];
        l->list[k] = at;
        moves += i - k;
    }
    if (moves >= 8 * l->count)
        qsort(l->list, l->count, sizeof(*l->list), compare);
    l->mixed = false;
}

/* The first from place `from` on, in a list in order, that is greater than `at`: in growing, then in halving steps. */
static size_t beyond(const struct instants *l, size_t from, synfin_time at)
{
    size_t step = 1;
    for (; from + step <= l->count && l->list[from + step - 1] <= at; step *= 2)
        from += step;
    for (; step; step /= 2) {
        if (from + step <= l->count && l->list[from + step - 1] <= at)
            from += step;
    }
    return from;
}

static void forget(struct instants *l, size_t n)
{
    l->count -= n;
    if (n && l->count)
        memmove(l->list, l->list + n, l->count * sizeof(*l->list));
}

/* A connection counts in [first SYN, end of its lifetime): at one instant, ends come before starts. As many starts as
   lack to the peak make no new one, whatever ends between them, and are counted at once; the one that may, alone. */
void concurrency_settle(struct concurrency *c, synfin_time until)
{
    if (c->starts.mixed)
        sort(&c->starts);
    if (c->ends.mixed)
        sort(&c->ends);
    size_t starts = beyond(&c->starts, 0, until - 1), ends = beyond(&c->ends, 0, until - 1), ended = 0;
    for (size_t s = 0; s < starts;) {
        size_t lack = c->peak > c->now ? (size_t)(c->peak - c->now) : 1, n = lack < starts - s ? lack : starts - s;
        s += n;
        size_t e = beyond(&c->ends, ended, c->starts.list[s - 1]);
        c->now += (int64_t)n - (int64_t)(e - ended);
        ended = e;
        if (c->now > c->peak)
            c->peak = c->now;
    }
    c->now -= (int64_t)(ends - ended);
    forget(&c->starts, starts);
    forget(&c->ends, ends);
}
