/* SPDX-License-Identifier: BSD-2-Clause */
#include "models.h"

#include "builtin.h"

const struct synfin_model *const builtin_models[] = {
    &queue_droptail,     &loss_bernoulli,    &loss_gilbert_elliott, &loss_idle,       &loss_periodic,
    &loss_rst,           &loss_script,       &duplicate_bernoulli,  &duplicate_script, &corrupt_bernoulli,
    &corrupt_script,     &delay_constant,    &delay_uniform,        &delay_normal,    &delay_pareto,
    &delay_table,        &delay_script,      &reorder_netem,        &arrivals_constant, &arrivals_poisson,
    &arrivals_burst,     &arrivals_file,
    NULL,
};
