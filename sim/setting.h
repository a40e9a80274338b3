/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings: dotted path = text value, in layers; what quantities mean; how text fills a configuration.
 * Functions that fail return -1 with `what was wrong; what would be right` in `error`.
 */
#ifndef SYNFIN_SETTING_H
#define SYNFIN_SETTING_H

#include "synfin.h"

/* ---- Quantities: decimal text to integers, exactly --------------------------------------------------------------- */

int setting_count(const char *text, uint64_t *, char *error, size_t size);
int setting_duration(const char *text, synfin_time *, char *error, size_t size);
int setting_size(const char *text, uint64_t *bytes, char *error, size_t size);
int setting_rate(const char *text, uint64_t *bits_per_s, char *error, size_t size);
int setting_frequency(const char *text, double *per_s, char *error, size_t size);
int setting_probability(const char *text, synfin_probability *, char *error, size_t size);
int setting_limit(const char *text, struct synfin_limit *, char *error, size_t size);
int setting_switch(const char *text, bool *, char *error, size_t size);
int setting_choice(const char *text, const char *words, int *, char *error, size_t size);
int setting_segments(const char *text, struct synfin_segment_list *, char *error, size_t size);

/* A number as written: (-1)^negative x mantissa x 10^exponent, the mantissa without trailing zeros. */
struct setting_number {
    __extension__ unsigned __int128 mantissa;
    int exponent;
    bool negative;
};

/* Reads the number at the head of `text`; returns where its unit begins, NULL: there is no number. */
const char *setting_number(const char *text, struct setting_number *);

/* The items of `[a, b]`, or `a` alone as a list of one. The array is one allocation, to be freed; it ends with NULL. */
char **setting_list(const char *text, size_t *items, char *error, size_t size);

/* What a quantity is called, with its article, and an example of it. */
const char *setting_noun(enum synfin_quantity);
const char *setting_example(enum synfin_quantity);

/* ---- Configurations ---------------------------------------------------------------------------------------------- */

/* How many rows a parameter table has; the row of a name, -1: there is none. */
size_t setting_rows(const struct synfin_param *);
int setting_row(const struct synfin_param *, const char *name);

/* Bytes of the member that a quantity fills. */
size_t setting_member_size(enum synfin_quantity);

/* A member of a configuration by the name of its parameter. False: there is no such parameter of that quantity. */
bool setting_member(const void *config, const struct synfin_param *, const char *name, enum synfin_quantity, void *out);

/* Fills the row's member from text and checks the range. Texts and files are copied, a former value is freed; `folder`
   is where relative names of files start, NULL: the working directory. */
int setting_fill(void *config, const struct synfin_param *row, const char *text, const char *folder, char *error,
                 size_t size);

/* The same for a default, which may lie out of the range: `0` where that means none. */
int setting_fill_default(void *config, const struct synfin_param *row, const char *text, char *error, size_t size);

/* Frees the texts of a configuration. */
void setting_release(void *config, const struct synfin_param *);

/* The member as text, in the notation of scenario files. */
void setting_show(const void *config, const struct synfin_param *row, char *text, size_t size);

/* ---- Names ------------------------------------------------------------------------------------------------------- */

/* Letters, digits, `_` and `-`, first a letter or `_`. */
bool setting_name_valid(const char *);

/* `'NAME' is not WHAT; did you mean 'X'? (X, Y, Z)`: the nearest of `names` where one is near, and all that fit. */
void setting_unknown(char *error, size_t size, const char *what, const char *name, const char *const *names, size_t n);

/* A hash table from names to numbers; the names are the caller's. Zeroed, it is empty. */
struct setting_table {
    size_t used, room;
    struct setting_slot {
        const char *name;
        size_t value;
    } * slot;
};
int setting_table_add(struct setting_table *, const char *name, size_t value); /* -1: no memory */
bool setting_table_find(const struct setting_table *, const char *name, size_t *value);
void setting_table_clear(struct setting_table *);

/* ---- What is stored ---------------------------------------------------------------------------------------------- */

struct setting {
    const char *path, *text;
    const char *key; /* the path without the numbers 0: `loss.0.p` is `loss.p` */
    uint64_t tag;
    uint32_t layer;
};

struct synfin_settings {
    size_t used, room;
    struct setting *setting; /* in the order in which they were set */
    uint32_t layer;
    struct setting_table keys; /* the number of each key's last setting */
};

#endif
