/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of runs by name: those of which replications tell an interval. */
#ifndef SYNFIN_QUANTITY_H
#define SYNFIN_QUANTITY_H

#include "plot_label.h"

struct quantity {
    char label[LABEL_SIZE];    /* `setup` (the mean), `setup.p99`, `connections.failed.timeout` */
    char workload[LABEL_SIZE]; /* of a metric */
    int metric;                /* -1: a count */
    char name[LABEL_SIZE];     /* `mean`, `p99`; of the count */
};

/* Reads a name of `run --json` less `latency_ms.`, or a metric alone: its mean. 0, or -1 with a message. */
int quantity_parse(struct quantity *, const char *name, char *error, size_t size);

/* A value in the quantity's unit: `20 ms`; a count, which as a mean is seldom whole; `-`: NAN. */
void quantity_label(const struct quantity *, double value, char text[LABEL_SIZE]);

#endif
