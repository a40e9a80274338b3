/* SPDX-License-Identifier: BSD-2-Clause */
/* What plots of whole distributions have in common: a curve for each point of the sweep. */
#ifndef SYNFIN_PLOT_CURVES_H
#define SYNFIN_PLOT_CURVES_H

#include "plot.h"

/* Says that the plot's metric has none: -1. */
int plot_no_values(const struct plot_context *);

/* The plot's metric over all points. */
struct plot_extent {
    double low, high; /* ms */
    double opened;    /* most connections of a point */
};

/* 0, or -1 after the error; where there are no values too. */
int plot_extent(struct plot_context *, struct plot_extent *);

/* The axis of time; times of 0 have no place on a log scale and are drawn at its low end. */
struct plot_axis plot_extent_axis(const struct plot_extent *);

/* Calls for each point that has runs, with all its values. `curve` counts those before. 0, or -1 after an error. */
typedef int plot_curve_function(struct plot_context *, size_t curve, double opened, const struct synfin_statistic *,
                                void *user);
int plot_each_curve(struct plot_context *, plot_curve_function *, void *user);

#endif
