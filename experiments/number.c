/* SPDX-License-Identifier: BSD-2-Clause */
#include "number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *number_shortest(char text[NUMBER_SIZE], double x)
{
    if (!isfinite(x))
        return strcpy(text, "null");
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, NUMBER_SIZE, "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    return text;
}

const char *number_seconds(char text[NUMBER_SIZE], synfin_time ns)
{
    int n = snprintf(text, NUMBER_SIZE, "%" PRId64 ".%09" PRId64, ns / SYNFIN_S, ns % SYNFIN_S);
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    text[n] = '\0';
    return text;
}

const char *number_grouped(char text[NUMBER_SIZE], uint64_t x)
{
    char digits[NUMBER_SIZE], *out = text;
    size_t n = (size_t)(number_digits(digits, x) - digits);

    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return text;
}

char *number_digits(char *to, uint64_t x)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324"
        "25262728293031323334353637383940414243444546474849"
        "50515253545556575859606162636465666768697071727374"
        "75767778798081828384858687888990919293949596979899";
    char digits[20], *from = digits + sizeof digits;

    while (x >= 100) {
        from -= 2;
        memcpy(from, pairs + x % 100 * 2, 2);
        x /= 100;
    }
    if (x >= 10) {
        from -= 2;
        memcpy(from, pairs + x * 2, 2);
    } else {
        *--from = (char)('0' + x);
    }
    size_t n = (size_t)(digits + sizeof digits - from);
    memcpy(to, from, n);
    return to + n;
}
