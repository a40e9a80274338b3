/* SPDX-License-Identifier: BSD-2-Clause */
#include "random_many.h"

#include <string.h>

#include "random_block.h"

/* ---- One after the other ----------------------------------------------------------------------------------------- */

static void plain_blocks(struct random_key key, const uint32_t counter[4], uint32_t draw[SYNFIN_DRAWS])
{
    for (uint32_t i = 0; i < RANDOM_MANY; i++) {
        uint32_t out[4];
        random_block_inline(key, (const uint32_t[4]){counter[0] + i, counter[1], counter[2], counter[3]}, out);
        for (unsigned k = 0; k < 4; k++)
            draw[random_place(i, k)] = out[k];
    }
}

static void plain_normals(const uint32_t *draw, double scale, int64_t *value, size_t n)
{
    for (size_t i = 0; i < n; i += 4)
        portable_normals(draw + i, scale, value + i);
}

static void plain_logs(const uint32_t *draw, double *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        value[i] = portable_log((draw[i] + 0.5) * 0x1p-32);
}

const struct random_way random_plain = {plain_blocks, plain_normals, plain_logs};

/* ---- Four at a time, by AVX2 ------------------------------------------------------------------------------------- */

#if defined(__x86_64__) && defined(__GNUC__) && (__GNUC__ >= 9 || defined(__clang__))

#include <immintrin.h>

#include "normal_parts.h"

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((always_inline, target("avx2")))

typedef uint64_t four __attribute__((vector_size(32)));
typedef double four_doubles __attribute__((vector_size(32)));
typedef uint32_t four_words __attribute__((vector_size(16)));
typedef int32_t four_ints __attribute__((vector_size(16)));

/* Words have 64 bits, of which the upper 32 say nothing. */
struct four_blocks {
    four word[4];
};

/* Of the lower 32 bits. */
AVX2_INLINE four product(four a, uint64_t by)
{
    return (four)_mm256_mul_epu32((__m256i)a, (__m256i)(four){by, by, by, by});
}

AVX2_INLINE struct four_blocks philox_round(struct four_blocks b, struct random_key key)
{
    four p = product(b.word[0], PHILOX_M4x32_0), q = product(b.word[2], PHILOX_M4x32_1);
    return (struct four_blocks){{q >> 32 ^ b.word[1] ^ key.word[0], q, p >> 32 ^ b.word[3] ^ key.word[1], p}};
}

/* Two times four side by side: the rounds of one wait for each other. */
AVX2 static void avx2_blocks(struct random_key key, const uint32_t counter[4], uint32_t draw[SYNFIN_DRAWS])
{
    for (uint32_t i = 0; i < RANDOM_MANY; i += 8) {
        const four step = {0, 1, 2, 3}, none = {0};
        struct four_blocks a = {{step + (counter[0] + i), none + counter[1], none + counter[2], none + counter[3]}};
        struct four_blocks b = {{a.word[0] + 4, a.word[1], a.word[2], a.word[3]}};
        struct random_key k = key;
        for (unsigned n = 0; n < 10; n++) {
            a = philox_round(a, k);
            b = philox_round(b, k);
            k = (struct random_key){{k.word[0] + PHILOX_W32_0, k.word[1] + PHILOX_W32_1}};
        }
        for (unsigned w = 0; w < 4; w++) {
            four_words low = __builtin_convertvector(a.word[w], four_words);
            four_words high = __builtin_convertvector(b.word[w], four_words);
            memcpy(&draw[random_place(i, w)], &low, sizeof(low));
            memcpy(&draw[random_place(i + 4, w)], &high, sizeof(high));
        }
    }
}

/* Draws on their way to quantiles, by steps: all draws take one before any takes the next, so that much is under way
   at a time and little of it waits. */
struct quantiles {
    four_doubles u[SYNFIN_DRAWS / 4], z[SYNFIN_DRAWS / 4]; /* z: at first u^4 */
    four part[SYNFIN_DRAWS / 4];                           /* beyond normal_part[]: far from the middle */
};

enum { PARTS = NORMAL_OCTAVES * NORMAL_PARTS };

AVX2_INLINE four_ints four_at(const uint32_t *draw)
{
    four_ints d;
    memcpy(&d, draw, sizeof(d));
    return d;
}

/* In which part each draw, or its complement above the middle, lies, and where in it: as in portable_normal_times(). */
AVX2_INLINE void find_parts(struct quantiles *q, const uint32_t *draw, size_t n)
{
    const uint64_t fraction = (UINT64_C(1) << 50) - 1, one = UINT64_C(0x3ff) << 52;
    const uint64_t first = (UINT64_C(0x3ff) + 31 - NORMAL_OCTAVES) * NORMAL_PARTS; /* p is scaled by 2^32 */
    for (size_t i = 0; i < n / 4; i++) {
        four_ints d = four_at(draw + 4 * i);
        four b = (four)(__builtin_convertvector(d ^ d >> 31, four_doubles) + 0.5);
        four_doubles u = (four_doubles)((b & fraction) | one) - 1.125, square = u * u;
        q->u[i] = u;
        q->z[i] = square * square;
        q->part[i] = (b >> 50) - first;
    }
}

/* Four terms or the other four, the latter times u^4. */
AVX2_INLINE four_doubles terms_of(uint64_t part, double fourth)
{
    four_doubles low, high;
    memcpy(&low, &normal_part[part % PARTS].term[0], sizeof(low));
    memcpy(&high, &normal_part[part % PARTS].term[4], sizeof(high));
    return high * fourth + low;
}

/* The parts' polynomials, of p below the middle. */
AVX2_INLINE void evaluate(struct quantiles *q, size_t n)
{
    for (size_t i = 0; i < n / 4; i++) {
        __m256d t[4];
        for (unsigned k = 0; k < 4; k++)
            t[k] = (__m256d)terms_of(q->part[i][k], q->z[i][k]);
        __m256d a = _mm256_unpacklo_pd(t[0], t[1]), b = _mm256_unpackhi_pd(t[0], t[1]);
        __m256d c = _mm256_unpacklo_pd(t[2], t[3]), d = _mm256_unpackhi_pd(t[2], t[3]);
        four_doubles u = q->u[i], square = u * u;
        four_doubles even = (four_doubles)_mm256_permute2f128_pd(a, c, 0x31) * square +
                            (four_doubles)_mm256_permute2f128_pd(a, c, 0x20);
        four_doubles odd = (four_doubles)_mm256_permute2f128_pd(b, d, 0x31) * square +
                           (four_doubles)_mm256_permute2f128_pd(b, d, 0x20);
        q->z[i] = even + odd * u;
    }
}

/* The polynomials' last bits are not those of portable_normals(), which sums their terms in another order. NORMAL_OFF
   has room for that: what is sure is the same whole number, and the rest is left to portable_normals(). */
AVX2 static void avx2_normals(const uint32_t *draw, double scale, int64_t *value, size_t n)
{
    struct quantiles q;
    find_parts(&q, draw, n);
    evaluate(&q, n);
    const double shift = 0x1.8p52, sure = 0.5 - NORMAL_OFF * __builtin_fabs(scale);
    for (size_t i = 0; i < n / 4; i++) {
        four above = (four)__builtin_convertvector(four_at(draw + 4 * i) >> 31, four);
        four_doubles near = scale * (four_doubles)((four)q.z[i] ^ above << 63), shifted = near + shift;
        four_doubles off = near - (shifted - shift);
        four whole = (four)shifted - (UINT64_C(0x433) << 52 | UINT64_C(1) << 51); /* the bits of `shift` */
        memcpy(value + 4 * i, &whole, sizeof(whole));
        four unsure = ~(four)((off < sure) & (off > -sure)) | (four)(q.part[i] >= PARTS);
        if (__builtin_expect(_mm256_movemask_pd((__m256d)unsure), 0))
            portable_normals(draw + 4 * i, scale, value + 4 * i);
    }
}

/* The operations of portable_log(), in its order, so that all bits are the same. A whole number below 2^52 becomes a
   double by the bits of 2^52, from which 2^52 is taken again. */
AVX2 static void avx2_logs(const uint32_t *draw, double *value, size_t n)
{
    const uint64_t fraction = (UINT64_C(1) << 52) - 1, one = UINT64_C(0x3ff) << 52, shift = UINT64_C(0x433) << 52;
    for (size_t i = 0; i < n; i += 4) {
        four d = __builtin_convertvector((four_words)four_at(draw + i), four);
        four b = (four)((four_doubles)(d | shift) - 0x1p52 + 0.5);
        four_doubles m = (four_doubles)((b & fraction) | one);
        four large = (four)(m >= PORTABLE_SQRT2); /* all bits */
        m = (four_doubles)((four)m - (large & UINT64_C(1) << 52));
        four_doubles k = (four_doubles)(((b >> 52) - large) | shift) - (0x1p52 + 1023 + 32);
        four_doubles s = (m - 1) / (m + 1), z = s * s, zz = z * z;
        four_doubles odd = (((1.0 / 21 * zz + 1.0 / 17) * zz + 1.0 / 13) * zz + 1.0 / 9) * zz + 1.0 / 5;
        four_doubles even = (((1.0 / 19 * zz + 1.0 / 15) * zz + 1.0 / 11) * zz + 1.0 / 7) * zz + 1.0 / 3;
        four_doubles sum = odd * z + even;
        four_doubles log = k * PORTABLE_LN2_HIGH + (2 * s + (2 * s * z * sum + k * PORTABLE_LN2_LOW));
        memcpy(value + i, &log, sizeof(log));
    }
}

static const struct random_way avx2 = {avx2_blocks, avx2_normals, avx2_logs};

const struct random_way *random_fastest(void)
{
    return __builtin_cpu_supports("avx2") ? &avx2 : &random_plain;
}

#else

const struct random_way *random_fastest(void)
{
    return &random_plain;
}

#endif
