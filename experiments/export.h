/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of `synfin export`. What is written is a function of the runs alone, not of how they came to be. */
#ifndef SYNFIN_EXPORT_H
#define SYNFIN_EXPORT_H

#include <stdio.h>

#include "options.h"
#include "results.h"

/* A workload's metric that has values somewhere in the results. */
struct export_series {
    char *workload;
    enum synfin_metric metric;
};

/* All of them, by workload (ROWS_ALL first), then metric; for export_series_free. 0, or -1 after the error. */
int export_series(struct results *, struct export_series **, size_t *n);
void export_series_free(struct export_series *, size_t n);

/* Each returns STATUS_DONE, STATUS_FAILED after the error, or STATUS_INTERRUPTED. */

/* One row a run, workload and metric, by point, replication, workload, metric. A metric without values in a run that
   has some in another is there, with a count of 0. */
int export_metrics(struct results *, FILE *, bool json);

/* One row a run with all its counts, by point and replication. */
int export_counts(struct results *, FILE *, bool json);

/* HdrHistogram's percentile text, a distribution a point, workload and metric, the replications together: all one after
   another (`out`), or each in a file of its own in a folder (`out` is NULL). */
int export_histograms(struct results *, FILE *out, const char *folder);

#endif
