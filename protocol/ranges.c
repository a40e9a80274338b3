/* SPDX-License-Identifier: BSD-2-Clause */
#include "ranges.h"

#include <string.h>

static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* Puts `count` ranges where the ones from `first` to `last` (not included) stood, `count` being 0 or 1. */
static void replace(struct ranges *r, uint32_t first, uint32_t last, uint32_t count)
{
    memmove(&r->range[first + count], &r->range[last], (r->count - last) * sizeof(r->range[0]));
    r->count = r->count - (last - first) + count;
}

int ranges_add(struct ranges *r, uint32_t start, uint32_t end, uint32_t overlap[2])
{
    /* From the end: most of what arrives is new. */
    uint32_t last = r->count;
    while (last > 0 && before(end, r->range[last - 1].start))
        last--;
    uint32_t first = last;
    bool twice = false;
    for (; first > 0 && !before(r->range[first - 1].end, start); first--) {
        uint32_t from = r->range[first - 1].start, to = r->range[first - 1].end;
        uint32_t low = before(from, start) ? start : from, high = before(to, end) ? to : end;
        if (before(low, high)) {
            overlap[0] = low;
            overlap[1] = twice ? overlap[1] : high;
            twice = true;
        }
    }
    if (last == first && r->count == RANGES_MAX)
        return -1;
    for (uint32_t i = first; i < last; i++) {
        if (before(r->range[i].start, start))
            start = r->range[i].start;
        if (before(end, r->range[i].end))
            end = r->range[i].end;
    }
    replace(r, first, last, 1);
    r->range[first].start = start;
    r->range[first].end = end;
    if (!twice)
        overlap[0] = overlap[1] = start;
    return (int)first;
}

uint32_t ranges_advance(struct ranges *r, uint32_t next)
{
    uint32_t reached = 0;
    for (; reached < r->count && !before(next, r->range[reached].start); reached++) {
        if (before(next, r->range[reached].end))
            next = r->range[reached].end;
    }
    if (reached > 0)
        replace(r, 0, reached, 0);
    return next;
}
