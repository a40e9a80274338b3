/* SPDX-License-Identifier: BSD-2-Clause */
/* The descriptors that models.c lists, each defined in the file of its name. */
#ifndef SYNFIN_MODELS_BUILTIN_H
#define SYNFIN_MODELS_BUILTIN_H

#include "plugin.h"

extern const struct synfin_model queue_droptail;
extern const struct synfin_model loss_bernoulli, loss_gilbert_elliott, loss_idle, loss_periodic, loss_rst,
                                 loss_script;
extern const struct synfin_model duplicate_bernoulli, duplicate_script;
extern const struct synfin_model corrupt_bernoulli, corrupt_script;
extern const struct synfin_model delay_constant, delay_uniform, delay_normal, delay_pareto, delay_table, delay_script;
extern const struct synfin_model reorder_netem;
extern const struct synfin_model arrivals_constant, arrivals_poisson, arrivals_burst, arrivals_file;

#endif
