/* SPDX-License-Identifier: BSD-2-Clause */
/* How the parts of a scenario file are read: between scenario_file.c, scenario_sweep.c, scenario_range.c,
 * scenario_plot.c. */
#ifndef SYNFIN_SCENARIO_PARTS_H
#define SYNFIN_SCENARIO_PARTS_H

#include "scenario_file.h"
#include "yaml.h"

/* Where something that settings speak of stands in the file. */
struct scenario_place {
    char *path;
    struct yaml_mark key, value;
    bool swept; /* a value of the sweep, not a setting of the file */
};

/* A setting's tag is the number of its place, from 1, or SCENARIO_TAG_SET + the number of its --set. */
#define SCENARIO_TAG_SET (UINT64_C(1) << 62)
#define SCENARIO_TAG_SEED (UINT64_C(1) << 63)

struct scenario_places {
    size_t used, room;
    struct scenario_place *place;
    uint64_t *axis_tag; /* of each axis's first value; the others follow, row by row */
};

/* Each prints an error at a place of the file and returns -1. */
int scenario_fault(const struct scenario_file *, struct yaml_mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int scenario_no_memory(const struct scenario_file *);

/* A new place; its tag, 0 after an error. */
uint64_t scenario_place_add(struct scenario_file *, const char *path, struct yaml_mark key, struct yaml_mark value,
                            bool swept);

/* Prints an error about settings where the setting stands. */
void scenario_report(const struct scenario_file *, const struct synfin_error *);

/* All layers at a point: the file's, the sweep's, the options'. NULL with an error. */
struct synfin_settings *scenario_settings(const struct scenario_file *, size_t point, struct synfin_error *);

/* A node's text where it is a scalar; NULL after an error that says what it should be. */
const char *scenario_scalar(const struct scenario_file *, const struct yaml_item *, const char *what);

/* The text of a list of scalars in YAML's flow form, to be freed; NULL after an error. */
char *scenario_flow(const struct scenario_file *, const struct yaml_node *);

char *scenario_copy(const char *text); /* NULL: no memory */

/* `sweep:`, `plots:` and `expect:`; 0, or -1 after an error. */
int scenario_read_sweep(struct scenario_file *, const struct yaml_item *);
int scenario_read_plots(struct scenario_file *, const struct yaml_item *);
int scenario_read_expect(struct scenario_file *, const struct yaml_item *);
void scenario_free_axis(struct scenario_axis *);
void scenario_free_plot(struct scenario_plot *);

/* The values of `{from: 10ms, to: 80ms, steps: 4}` as texts, to be freed one by one; NULL after an error. */
char **scenario_range(const struct scenario_file *, const struct yaml_item *, size_t *values);

/* The most values of an axis, and points of a sweep. */
enum { SCENARIO_VALUES_MAX = 100000, SCENARIO_POINTS_MAX = 100000000 };

#endif
