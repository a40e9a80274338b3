/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE 1 /* mremap */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Blocks from this size on are mapped: calloc() would clear, and so touch, what it hands out again. */
enum { MAPPED = 64 << 10 };

/* Blocks that are kept for the next simulation: the memory of a short run, or of the most used part of a long one. */
enum { KEPT = 256, KEPT_SIZE = 64 << 20 };

struct kept_block {
    void *block;
    size_t size, touched;
};

struct synfin_memory {
    size_t blocks, size; /* size: of all of them */
    struct kept_block kept[KEPT];
};

struct synfin_memory *synfin_memory_new(void)
{
    return calloc(1, sizeof(struct synfin_memory));
}

void synfin_memory_free(struct synfin_memory *m)
{
    for (size_t i = 0; m && i < m->blocks; i++)
        munmap(m->kept[i].block, m->kept[i].size);
    free(m);
}

/* Zeroed; NULL: there is none of this size. */
static void *take_kept(struct synfin_memory *m, size_t size)
{
    for (size_t i = m ? m->blocks : 0; i > 0; i--) {
        struct kept_block *k = &m->kept[i - 1];
        if (k->size != size)
            continue;
        void *block = k->block;
        memset(block, 0, k->touched);
        *k = m->kept[--m->blocks];
        m->size -= size;
        return block;
    }
    return NULL;
}

static bool keep(struct synfin_memory *m, void *block, size_t size, size_t touched)
{
    if (!m || m->blocks == KEPT || size > KEPT_SIZE - m->size)
        return false;
    m->kept[m->blocks++] = (struct kept_block){block, size, touched};
    m->size += size;
    return true;
}

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

void *memory_take_part(struct synfin_memory *m, size_t size, bool huge)
{
    if (size < MAPPED)
        return calloc(1, size);
    size = round_to_page(size);
    void *p = take_kept(m, size);
    if (p)
        return p;
    p = size < MEMORY_HUGE_PAGE ? map(size) : map_aligned(size);
#ifdef MADV_HUGEPAGE
    if (p && huge)
        madvise(p, size, MADV_HUGEPAGE);
#endif
    return p;
}

void *memory_take(struct synfin_memory *m, size_t size)
{
    /* A small run would pay more for clearing than it gains. */
    return memory_take_part(m, size, size >= 4 * (size_t)MEMORY_HUGE_PAGE);
}

void memory_free(struct synfin_memory *m, void *p, size_t size, size_t touched)
{
    if (size < MAPPED)
        free(p);
    else if (p && !keep(m, p, round_to_page(size), touched))
        munmap(p, round_to_page(size));
}

/* To copy pages that move costs more than to clear as many. */
static bool move_pages(void *from, void *to, size_t size)
{
#ifdef MREMAP_FIXED
    return mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to;
#else
    (void)from, (void)to, (void)size;
    return false;
#endif
}

void *memory_enlarge(struct synfin_memory *m, void *p, size_t size, size_t larger)
{
    void *to = memory_take(m, larger);
    if (!to || !size)
        return to;
    if (size >= MAPPED && round_to_page(size) == size && move_pages(p, to, size))
        return to;
    memcpy(to, p, size);
    memory_free(m, p, size, size);
    return to;
}
