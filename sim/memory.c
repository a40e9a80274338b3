/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE 1 /* mremap */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Blocks from this size on are mapped: calloc() would clear, and so touch, what it hands out again. */
enum { MAPPED = 64 << 10 };

struct kept_block {
    void *block;
    size_t size, touched;
};

/* Blocks that are kept for the next simulation. */
struct synfin_memory {
    size_t size, most; /* bytes of all of them */
    size_t blocks, room;
    struct kept_block *kept;
};

struct synfin_memory *synfin_memory_new(size_t most)
{
    struct synfin_memory *m = calloc(1, sizeof(*m));
    if (m)
        m->most = most;
    return m;
}

void synfin_memory_free(struct synfin_memory *m)
{
    for (size_t i = 0; m && i < m->blocks; i++)
        munmap(m->kept[i].block, m->kept[i].size);
    if (m)
        free(m->kept);
    free(m);
}

/* Takes the block out of what is kept. */
static struct kept_block take_out(struct synfin_memory *m, size_t i)
{
    struct kept_block k = m->kept[i];
    m->kept[i] = m->kept[--m->blocks];
    m->size -= k.size;
    return k;
}

/* Zeroed; NULL: there is none of this size. */
static void *take_kept(struct synfin_memory *m, size_t size)
{
    for (size_t i = m ? m->blocks : 0; i > 0; i--) {
        if (m->kept[i - 1].size != size)
            continue;
        struct kept_block k = take_out(m, i - 1);
        return memset(k.block, 0, k.touched);
    }
    return NULL;
}

/* As it was left: the smallest of a power of two times this size. Its `block` is NULL: there is none. */
static struct kept_block take_kept_multiple(struct synfin_memory *m, size_t size)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; m && i < m->blocks; i++) {
        size_t times = m->kept[i].size / size;
        bool fits = times && size * times == m->kept[i].size && !(times & (times - 1));
        if (fits && (best == SIZE_MAX || m->kept[i].size < m->kept[best].size))
            best = i;
    }
    return best == SIZE_MAX ? (struct kept_block){0} : take_out(m, best);
}

static bool keep(struct synfin_memory *m, void *block, size_t size, size_t touched)
{
    if (!m || size > m->most - m->size)
        return false;
    if (m->blocks == m->room) {
        size_t room = m->room ? 2 * m->room : 64;
        struct kept_block *kept = realloc(m->kept, room * sizeof(*kept));
        if (!kept)
            return false;
        m->kept = kept;
        m->room = room;
    }
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

bool memory_enlarge(struct synfin_memory *m, struct memory_block *b, size_t larger)
{
    struct kept_block k = larger >= MAPPED ? take_kept_multiple(m, larger) : (struct kept_block){0};
    struct memory_block to = {k.block, k.block ? k.size : larger, k.touched};
    if (!to.at && !(to.at = memory_take(NULL, larger)))
        return false;
    /* What is kept for the next simulation would be torn apart: it is worth it where there is much to copy. */
    bool moves = b->size >= (m ? MEMORY_HUGE_PAGE : MAPPED) && round_to_page(b->size) == b->size;
    if (b->size && !(moves && move_pages(b->at, to.at, b->size))) {
        memcpy(to.at, b->at, b->size);
        memory_free(m, b->at, b->size, b->size);
    }
    if (to.touched < b->size)
        to.touched = b->size;
    *b = to;
    return true;
}
