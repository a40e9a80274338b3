/* SPDX-License-Identifier: BSD-2-Clause */
/* Large zeroed blocks from the system: pages cost nothing until they are touched, large blocks lie in huge pages. */
#ifndef SYNFIN_MEMORY_H
#define SYNFIN_MEMORY_H

#include <stddef.h>

void *memory_take(size_t size); /* NULL: none left */
void memory_free(void *, size_t size);

#endif
