/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in JSON. */
#ifndef SYNFIN_JSON_STRING_H
#define SYNFIN_JSON_STRING_H

#include <stdio.h>

/* The text in quotes, as JSON has it (RFC 8259 7); what is no UTF-8 becomes U+FFFD. */
void json_string(FILE *, const char *text);

#endif
