/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Blocks from this size on are mapped: calloc() would clear, and so touch, what it hands out again. */
enum { MAPPED = 64 << 10 };

static void *map(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Maps enough to cut an aligned block out: only aligned blocks can be backed by huge pages. */
static void *map_aligned(size_t size)
{
    size_t whole = size + MEMORY_HUGE_PAGE;
    unsigned char *p = map(whole);
    if (!p)
        return NULL;
    size_t before = (MEMORY_HUGE_PAGE - ((uintptr_t)p & (MEMORY_HUGE_PAGE - 1))) & (MEMORY_HUGE_PAGE - 1);
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

void *memory_take_part(size_t size, bool huge)
{
    if (size < MAPPED)
        return calloc(1, size);
    size = round_to_page(size);
    void *p = size < MEMORY_HUGE_PAGE ? map(size) : map_aligned(size);
#ifdef MADV_HUGEPAGE
    if (p && huge)
        madvise(p, size, MADV_HUGEPAGE);
#endif
    return p;
}

void *memory_take(size_t size)
{
    /* A small run would pay more for clearing than it gains. */
    return memory_take_part(size, size >= 4 * (size_t)MEMORY_HUGE_PAGE);
}

void memory_free(void *p, size_t size)
{
    if (size < MAPPED)
        free(p);
    else if (p)
        munmap(p, round_to_page(size));
}
