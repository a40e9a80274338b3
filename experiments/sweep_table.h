/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that a sweep ends with: one row a point. */
#ifndef SYNFIN_SWEEP_TABLE_H
#define SYNFIN_SWEEP_TABLE_H

#include <stdio.h>

#include "results.h"

/* 0 or -1. */
int sweep_table(struct results *, FILE *);

#endif
