/* SPDX-License-Identifier: BSD-2-Clause */
/* Histograms as bytes and back. */
#include "rows.h"

#include <assert.h>
#include <stdlib.h>

enum { NUMBERS = 4, NUMBER_SIZE = 10 }; /* 64 bits in groups of seven */

static unsigned char *put(unsigned char *p, uint64_t x)
{
    for (; x >= 0x80; x >>= 7)
        *p++ = (unsigned char)(x | 0x80);
    *p++ = (unsigned char)x;
    return p;
}

/* NULL: the bytes end too early, or the number does not fit into 64 bits. */
static const unsigned char *get(const unsigned char *p, const unsigned char *end, uint64_t *x)
{
    *x = 0;
    for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
        uint64_t group = *p & 0x7f;
        if (shift == 63 && group > 1)
            return NULL;
        *x |= group << shift;
        if (!(*p++ & 0x80))
            return p;
    }
    return NULL;
}

unsigned char *rows_encode(const struct synfin_statistic *statistic, size_t *size)
{
    size_t n = 0;
    struct synfin_bin b;
    for (size_t cursor = 0; synfin_statistic_next(statistic, &cursor, &b);)
        n++;
    unsigned char *bytes = malloc(n * NUMBERS * NUMBER_SIZE + 1), *p = bytes;
    if (!bytes)
        return NULL;
    uint64_t end = 0;
    for (size_t cursor = 0; synfin_statistic_next(statistic, &cursor, &b); end = (uint64_t)b.low + (uint64_t)b.width) {
        assert(b.width > 0 && (b.width & (b.width - 1)) == 0);
        p = put(p, (uint64_t)b.low - end);
        p = put(p, (uint64_t)__builtin_ctzll((unsigned long long)b.width));
        p = put(p, b.count);
        p = put(p, b.excess);
    }
    *size = (size_t)(p - bytes);
    return bytes;
}

ptrdiff_t rows_decode(const unsigned char *bytes, size_t size, struct synfin_bin *bins, size_t room)
{
    const unsigned char *p = bytes, *end = bytes + size;
    uint64_t position = 0;
    size_t n = 0;
    while (p < end) {
        uint64_t number[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            if (!(p = get(p, end, &number[i])))
                return -1;
        }
        if (n == room || number[1] > 62 || number[0] > (uint64_t)SYNFIN_NEVER - position)
            return -1;
        position += number[0];
        bins[n++] = (struct synfin_bin){(synfin_time)position, (synfin_time)1 << number[1], number[2], number[3]};
        /* The last bin of all ends right above the greatest instant. */
        position += UINT64_C(1) << number[1];
        if (position > (uint64_t)SYNFIN_NEVER && p < end)
            return -1;
    }
    return (ptrdiff_t)n;
}
