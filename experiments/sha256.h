/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 (FIPS 180-4), to name scenarios by. */
#ifndef SYNFIN_SHA256_H
#define SYNFIN_SHA256_H

#include <stddef.h>

/* The digest of `size` bytes as 64 hexadecimal digits and a final zero. */
void sha256_hex(const void *data, size_t size, char out[65]);

#endif
