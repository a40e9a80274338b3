/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenario files: YAML in, settings out, with where each setting stands for error messages. */
#ifndef SYNFIN_SCENARIO_FILE_H
#define SYNFIN_SCENARIO_FILE_H

#include "expect.h"
#include "options.h"
#include "synfin.h"

/* One axis of a sweep: paths that move in step through `values` rows. Axes are crossed, the first varies slowest. */
struct scenario_axis {
    size_t paths, values;
    char **path;
    char ***value; /* value[row][path], as text */
};

/* `measured: [{file: ..., label: ...}]` of a plot: a distribution measured elsewhere, drawn on top. */
struct scenario_measured {
    char *file; /* CSV `bin_ms,count`, relative to the scenario file's folder */
    char *label;
};

/* One entry of `plots:`. */
struct scenario_plot {
    char *kind;   /* cdf, miss, histogram, line, heat, states, series */
    char *metric; /* `setup`, or a count such as `connections.failed.timeout`; NULL: the kind's default */
    char *x, *by; /* swept paths, NULL: none */
    size_t statistics;
    char **statistic; /* mean, p50, p99 ... */
    char *title;      /* NULL: made from the rest */
    bool theory;      /* the exact distribution as well */
    size_t measurements;
    struct scenario_measured *measured;
};

/* `until: {setup.p99: 2%}`: the interval's half width as a share of the value. */
struct scenario_goal {
    char *name; /* of `run --json`, less `latency_ms.` */
    double width;
};

/* Replications until all goals are met, from `least` on and at most `most` of them. */
struct scenario_until {
    size_t goals; /* 0: a fixed number of replications */
    struct scenario_goal *goal;
    uint32_t least, most;
};

struct scenario_file {
    char *path;   /* as given */
    char *folder; /* of the file, for relative names */
    char *name;   /* `name:`, or the file's name without its ending */
    char *text;   /* the whole file */
    size_t size;
    struct synfin_registry *registry;  /* with the plugins of the options loaded */
    struct synfin_settings *settings;  /* the file's own layer */
    const struct options *options;     /* --set and --seed, applied as later layers */
    size_t axes;
    struct scenario_axis *axis;
    uint64_t replications; /* of a sweep, default 1; 0: as many as its `until` needs */
    struct scenario_until until;
    bool independent;      /* `random: independent` */
    size_t expects;
    struct expect *expect;
    size_t plots;
    struct scenario_plot *plot;
    void *places; /* where settings stand: scenario_file.c's */
};

/* Reads and checks all of it: the base scenario, sweep, plots, expect. STATUS_DONE, or STATUS_USAGE after the error has
   been printed on standard error. Options must outlive the file. */
int scenario_file_load(struct scenario_file *, const char *path, const struct options *);
void scenario_file_free(struct scenario_file *);

/* How many points the sweep's grid has (1 without axes), and the row of each axis at a point. */
size_t scenario_file_points(const struct scenario_file *);
size_t scenario_file_row(const struct scenario_file *, size_t point, size_t axis);

/* The scenario at a point; SCENARIO_BASE: as the file stands, without the sweep. NULL after the error is printed.
   With `random: independent` the seed of a point other than the base is derived from its parameters. */
#define SCENARIO_BASE SIZE_MAX
struct synfin_scenario *scenario_file_scenario(const struct scenario_file *, size_t point);

#endif
