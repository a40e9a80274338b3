/* SPDX-License-Identifier: BSD-2-Clause */
/* Large zeroed blocks from the system: pages cost nothing until they are touched, large blocks lie in huge pages. */
#ifndef SYNFIN_MEMORY_H
#define SYNFIN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum { MEMORY_HUGE_PAGE = 2 << 20 };

void *memory_take(size_t size); /* NULL: none left */
/* One part of something large: in huge pages where it fills one and `huge` says that the whole is worth it. */
void *memory_take_part(size_t size, bool huge);
void memory_free(void *, size_t size);

#endif
