/* SPDX-License-Identifier: BSD-2-Clause */
/* The built-in models, NULL at the end. */
#ifndef SYNFIN_MODELS_H
#define SYNFIN_MODELS_H

#include "plugin.h"

extern const struct synfin_model *const builtin_models[];

#endif
