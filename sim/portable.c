/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Logarithm, exponential and normal quantile with the same bits on every machine: libm's differ between versions and
 * processors, the four basic operations of IEEE 754 do not.
 */
#include <assert.h>
#include <float.h>
#include <string.h>

#include "normal_parts.h"
#include "random.h"

_Static_assert(FLT_EVAL_METHOD == 0, "doubles are evaluated as doubles (on 32-bit x86: -msse2 -mfpmath=sse)");

static uint64_t bits_of(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static double double_of(uint64_t b)
{
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

/* To the nearest whole number, halves away from 0. */
static inline int64_t whole(double x)
{
    return (int64_t)(x + __builtin_copysign(0.5, x));
}

/* x = m 2^k with m in [1/sqrt 2, sqrt 2); ln m = 2 atanh(s), s = (m - 1)/(m + 1), |s| < 0.172: eleven terms, of which
   every second makes a sum of its own, so that the two can be worked out at one time. */
double portable_log(double x)
{
    const uint64_t least = UINT64_C(1) << 52, infinite = UINT64_C(0x7ff) << 52; /* bits of DBL_MIN, of infinity */
    uint64_t b = bits_of(x);
    int k = -1023;
    if (b - least >= infinite - least) {
        assert(x > 0 && x <= DBL_MAX);
        b = bits_of(x * 0x1p54);
        k -= 54;
    }
    k += (int)(b >> 52);
    double m = double_of((b & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000));
    bool large = m >= PORTABLE_SQRT2; /* as often as not: no branch depends on it */
    m *= (const double[]){1, 0.5}[large];
    k += large;
    double s = (m - 1) / (m + 1), z = s * s, zz = z * z;
    double odd = (((1.0 / 21 * zz + 1.0 / 17) * zz + 1.0 / 13) * zz + 1.0 / 9) * zz + 1.0 / 5;
    double even = (((1.0 / 19 * zz + 1.0 / 15) * zz + 1.0 / 11) * zz + 1.0 / 7) * zz + 1.0 / 3;
    double sum = odd * z + even;
    return k * PORTABLE_LN2_HIGH + (2 * s + (2 * s * z * sum + k * PORTABLE_LN2_LOW));
}

/* x = k ln 2 + r, |r| <= ln 2 / 2: Taylor's series of r to degree 14, times 2^k. */
double portable_exp(double x)
{
    assert(x > -700 && x < 700);
    double scaled = x / (PORTABLE_LN2_HIGH + PORTABLE_LN2_LOW);
    int k = (int)(scaled + (x < 0 ? -0.5 : 0.5));
    double r = (x - k * PORTABLE_LN2_HIGH) - k * PORTABLE_LN2_LOW, sum = 1;
    for (int n = 14; n >= 1; n--)
        sum = 1 + sum * r / n;
    return sum * double_of((uint64_t)(k + 1023) << 52);
}

/* Two numbers that are worked with side by side. */
typedef double both __attribute__((vector_size(2 * sizeof(double))));

/* Polynomials of the numerator and the denominator. */
static inline double ratio(const both c[8], double at, double factor)
{
    both x = {at, at}, sum = c[7] * x + c[6];
    sum = sum * x + c[5];
    sum = sum * x + c[4];
    sum = sum * x + c[3];
    sum = sum * x + c[2];
    sum = sum * x + c[1];
    sum = sum * x + c[0];
    return factor * sum[0] / sum[1];
}

/* Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988). */
static const both centre[8] = {
    {3.3871328727963666080e0, 1.0},
    {1.3314166789178437745e2, 4.2313330701600911252e1},
    {1.9715909503065514427e3, 6.8718700749205790830e2},
    {1.3731693765509461125e4, 5.3941960214247511077e3},
    {4.5921953931549871457e4, 2.1213794301586595867e4},
    {6.7265770927008700853e4, 3.9307895800092710610e4},
    {3.3430575583588128105e4, 2.8729085735721942674e4},
    {2.5090809287301226727e3, 5.2264952788528545610e3},
};
static const both tail[8] = {
    {1.42343711074968357734e0, 1.0},
    {4.63033784615654529590e0, 2.05319162663775882187e0},
    {5.76949722146069140550e0, 1.67638483018380384940e0},
    {3.64784832476320460504e0, 6.89767334985100004550e-1},
    {1.27045825245236838258e0, 1.48103976427480074590e-1},
    {2.41780725177450611770e-1, 1.51986665636164571966e-2},
    {2.27238449892691845833e-2, 5.47593808499534494600e-4},
    {7.74545014278341407640e-4, 1.05075007164441684324e-9},
};
static const both far_tail[8] = {
    {6.65790464350110377720e0, 1.0},
    {5.46378491116411436990e0, 5.99832206555887937690e-1},
    {1.78482653991729133580e0, 1.36929880922735805310e-1},
    {2.96560571828504891230e-1, 1.48753612908506148525e-2},
    {2.65321895265761230930e-2, 7.86869131145613259100e-4},
    {1.24266094738807843860e-3, 1.84631831751005468180e-5},
    {2.71155556874348757815e-5, 1.42151175831644588870e-7},
    {2.01033439929228813265e-7, 2.04426310338993978564e-15},
};

double portable_normal(double p)
{
    assert(p > 0 && p < 1);
    double q = p - 0.5;
    if (q >= -0.425 && q <= 0.425)
        return ratio(centre, 0.180625 - q * q, q);
    double r = portable_exp(portable_log(-portable_log(q < 0 ? p : 1 - p)) / 2); /* the square root, without libm */
    return __builtin_copysign(r <= 5 ? ratio(tail, r - 1.6, 1) : ratio(far_tail, r - 5, 1), q);
}

/* The bits of two doubles. */
typedef uint64_t both_bits __attribute__((vector_size(sizeof(both))));

/* Added to a double that is much smaller, it leaves the nearest whole number in the lowest bits. */
#define SHIFT 0x1.8p52

/* Where one is far from the middle, or so close between two whole numbers that the polynomial does not tell which. */
__attribute__((cold, noinline)) static void exact_times(both p, double scale, int64_t value[2])
{
    for (unsigned i = 0; i < 2; i++)
        value[i] = whole(scale * portable_normal(p[i]));
}

static inline both two_terms(const struct normal_part *part, unsigned i)
{
    both b;
    memcpy(&b, &part->term[i], sizeof(b));
    return b;
}

/* The sum of a part's even terms, and that of its odd ones over u, u^2 being `square`. */
static inline both sums_of(const struct normal_part *part, double square)
{
    both b = two_terms(part, 6) * square + two_terms(part, 4);
    b = b * square + two_terms(part, 2);
    return b * square + two_terms(part, 0);
}

/* Two at a time, each by the part of normal_part[] that p, or 1 - p above the middle, lies in. */
static inline void two_times(both p, double scale, int64_t value[2])
{
    const uint64_t fraction = (UINT64_C(1) << 50) - 1, one = UINT64_C(0x3ff) << 52; /* of a part; the bits of 1.0 */
    const uint64_t first = (UINT64_C(0x3ff) - NORMAL_OCTAVES - 1) * NORMAL_PARTS, sign = UINT64_C(1) << 63;
    both q = p - 0.5, nearer = 0.5 - (both)((both_bits)q & ~sign);
    both_bits b = (both_bits)nearer;
    uint64_t i = (b[0] >> 50) - first, k = (b[1] >> 50) - first;
    static_assert((NORMAL_OCTAVES * NORMAL_PARTS & (NORMAL_OCTAVES * NORMAL_PARTS - 1)) == 0, "one test for both");
    if (__builtin_expect((i | k) >= NORMAL_OCTAVES * NORMAL_PARTS, 0)) {
        exact_times(p, scale, value);
        return;
    }
    both u = (both)((b & fraction) | one) - 1.125, square = u * u;
    both x = sums_of(&normal_part[i], square[0]), y = sums_of(&normal_part[k], square[1]);
    both even = {x[0], y[0]}, odd = {x[1], y[1]};
    both below = even + odd * u; /* negative */
    both near = scale * (both)((both_bits)below ^ (~(both_bits)q & sign)), shifted = near + SHIFT;
    both off = (both)((both_bits)(near - (shifted - SHIFT)) & ~sign);
    both_bits n = (both_bits)shifted - bits_of(SHIFT);
    double sure = 0.5 - NORMAL_OFF * __builtin_fabs(scale); /* where it is, |near| < 2^38 */
    value[0] = (int64_t)n[0];
    value[1] = (int64_t)n[1];
    if (__builtin_expect(!(off[0] < sure && off[1] < sure), 0))
        exact_times(p, scale, value);
}

int64_t portable_normal_times(double p, double scale)
{
    int64_t value[2];
    two_times((both){p, p}, scale, value);
    return value[0];
}

void portable_normals(const uint32_t draw[4], double scale, int64_t value[4])
{
    two_times((both){draw[0] + 0.5, draw[1] + 0.5} * 0x1p-32, scale, value);
    two_times((both){draw[2] + 0.5, draw[3] + 0.5} * 0x1p-32, scale, value + 2);
}
