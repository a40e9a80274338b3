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

bool ranges_add(struct ranges *r, uint32_t start, uint32_t end)
{
    uint32_t first = 0;
    while (first < r->count && before(r->range[first].end, start))
        first++;
    uint32_t last = first;
    for (; last < r->count && !before(end, r->range[last].start); last++) {
        if (before(r->range[last].start, start))
            start = r->range[last].start;
        if (before(end, r->range[last].end))
            end = r->range[last].end;
    }
    if (last == first && r->count == RANGES_MAX)
        return false;
    replace(r, first, last, 1);
    r->range[first].start = start;
    r->range[first].end = end;
    return true;
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
