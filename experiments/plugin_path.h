/* SPDX-License-Identifier: BSD-2-Clause */
/* A registry with the plugins of the command line and of SYNFIN_PLUGIN_PATH. */
#ifndef SYNFIN_PLUGIN_PATH_H
#define SYNFIN_PLUGIN_PATH_H

#include "options.h"
#include "synfin.h"

/*
 * The built-in protocols and models, then each `--plugin FILE` in order, then each *.so in each folder of the
 * colon-separated SYNFIN_PLUGIN_PATH, by name. NULL after an error on standard error.
 */
struct synfin_registry *plugin_path_registry(const struct options *);

#endif
