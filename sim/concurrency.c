/* SPDX-License-Identifier: BSD-2-Clause */
#include "concurrency.h"

#include <stdlib.h>
#include <string.h>

static bool widen(struct instants *l)
{
    size_t room = l->room ? 2 * l->room : 256;
    struct instant *list = realloc(l->list, room * sizeof(*list));
    if (!list)
        return false;
    l->list = list;
    l->room = room;
    return true;
}

int concurrency_init(struct concurrency *c, size_t workloads)
{
    *c = (struct concurrency){.workload = calloc(workloads ? workloads : 1, sizeof(*c->workload))};
    return c->workload && widen(&c->starts) && widen(&c->ends) ? 0 : -1;
}

void concurrency_free(struct concurrency *c)
{
    free(c->starts.list);
    free(c->ends.list);
    free(c->workload);
}

void instants_note_more(struct instants *l, synfin_time at, uint32_t workload)
{
    if (widen(l))
        instants_note(l, at, workload);
    else
        l->no_memory = true;
}

static int compare(const void *a, const void *b)
{
    const struct instant *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Puts them in order; how many are before `until`. */
static size_t sort(struct instants *l, synfin_time until)
{
    if (l->mixed)
        qsort(l->list, l->count, sizeof(*l->list), compare);
    l->mixed = false;
    size_t n = l->count;
    while (n && l->list[n - 1].at >= until)
        n--;
    return n;
}

static void forget(struct instants *l, size_t n)
{
    l->count -= n;
    if (n && l->count)
        memmove(l->list, l->list + n, l->count * sizeof(*l->list));
}

/* Below 0 for a moment where connections last for no time at all. */
static inline void begin(struct concurrent *c)
{
    if (++c->now > c->peak)
        c->peak = c->now;
}

/* A connection is concurrent in [first SYN, end of its lifetime): at one instant, ends come before starts. */
bool concurrency_settle(struct concurrency *c, synfin_time until)
{
    size_t starts = sort(&c->starts, until), ends = sort(&c->ends, until);
    const struct instant *end = c->ends.list, *last_end = end + ends;
    struct concurrent all = c->all, *workload = c->workload;
    for (const struct instant *start = c->starts.list, *last = start + starts; start < last; start++) {
        for (; end < last_end && end->at <= start->at; end++) {
            workload[end->workload].now--;
            all.now--;
        }
        begin(&workload[start->workload]);
        begin(&all);
    }
    for (; end < last_end; end++) {
        workload[end->workload].now--;
        all.now--;
    }
    c->all = all;
    forget(&c->starts, starts);
    forget(&c->ends, ends);
    return !c->starts.no_memory && !c->ends.no_memory;
}
