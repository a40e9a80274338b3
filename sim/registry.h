/* SPDX-License-Identifier: BSD-2-Clause */
/* What the registry offers besides synfin.h. */
#ifndef SYNFIN_REGISTRY_H
#define SYNFIN_REGISTRY_H

#include "synfin.h"

/* Whether a plugin can be used: names, functions, parameter tables. 0, or -1 with what is wrong with it. Built-in ones
   are held to it by a test. */
int registry_check_model(const struct synfin_model *, char *error, size_t size);
int registry_check_protocol(const struct synfin_protocol *, char *error, size_t size);

#endif
