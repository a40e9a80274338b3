/* SPDX-License-Identifier: BSD-2-Clause */
/* A trial of one model: configured by text as in a scenario file, then crossed segment by segment. */
#ifndef SYNFIN_TRIAL_H
#define SYNFIN_TRIAL_H

#include "random.h"

struct trial {
    const struct synfin_model *model;
    void *config, *state;
    bool memory;
    uint64_t count;                /* of the next segment, or connection */
    synfin_time now;               /* when it comes; arrivals move it on */
    struct synfin_segment segment; /* the next one; a pure ACK of 40 bytes as it comes */
    struct random_key key;
    char error[512]; /* why trial_open failed */
};

/* Prepares a built-in model from `settings`, "name=text; name=text"; what they leave out has its default. 0, or -1 with
   an error. Draws are those of `seed`. */
int trial_open(struct trial *, enum synfin_stage, const char *name, const char *settings, uint64_t seed);

/* The same for a model whose one parameter is a file of the given text, which is gone afterwards. */
int trial_open_file(struct trial *, enum synfin_stage, const char *name, const char *text, size_t size);

/* What the model says of the next segment (or connection). Without memory, four successive ones share a connection. */
int64_t trial_next(struct trial *);

/* The same for a given segment of a connection; only of models without memory. */
int64_t trial_at(struct trial *, uint32_t connection, uint32_t ordinal);

void trial_close(struct trial *);

/* Mean, standard deviation and correlation of neighbours of a series, taken up one by one. */
struct series {
    uint64_t n;
    double sum, squares, products, first, last, least, most;
};
void series_add(struct series *, double);
double series_mean(const struct series *);
double series_sd(const struct series *);
double series_correlation(const struct series *);

#endif
