/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as text, the same everywhere. */
#ifndef SYNFIN_NUMBER_H
#define SYNFIN_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "synfin.h"

enum { NUMBER_SIZE = 32 }; /* room for any of them */

/* The shortest decimal that reads back as x: `20`, `20.5`, `1e+30`; what is not finite: `null`, as JSON has it. */
const char *number_shortest(char text[NUMBER_SIZE], double x);

/* ns as seconds, exactly, without trailing zeros: `12.3`. */
const char *number_seconds(char text[NUMBER_SIZE], synfin_time ns);

/* With a comma between thousands: `1,234,567`. */
const char *number_grouped(char text[NUMBER_SIZE], uint64_t x);

/* Decimal digits of x at `to`, no end mark. Returns the end. Fast: for rows by the million. */
char *number_digits(char *to, uint64_t x);

#endif
