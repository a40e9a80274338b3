/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

/* Maps enough to cut an aligned block out: only aligned blocks can be backed by huge pages. */
static void *map_aligned(size_t size)
{
    size_t whole = size + HUGE_PAGE;
    unsigned char *p = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    size_t before = (HUGE_PAGE - ((uintptr_t)p & (HUGE_PAGE - 1))) & (HUGE_PAGE - 1);
    if (before)
        munmap(p, before);
    if (whole - before - size)
        munmap(p + before + size, whole - before - size);
    return p + before;
}

static size_t round_to_page(size_t size)
{
    return (size + 4095) & ~(size_t)4095;
}

void *memory_take(size_t size)
{
    if (size < HUGE_PAGE)
        return calloc(1, size);
    size = round_to_page(size);
    void *p = map_aligned(size);
#ifdef MADV_HUGEPAGE
    if (p && size >= 4 * (size_t)HUGE_PAGE) /* a small run would pay more for clearing than it gains */
        madvise(p, size, MADV_HUGEPAGE);
#endif
    return p;
}

void memory_free(void *p, size_t size)
{
    if (size < HUGE_PAGE)
        free(p);
    else if (p)
        munmap(p, round_to_page(size));
}
