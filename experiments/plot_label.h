/* SPDX-License-Identifier: BSD-2-Clause */
/* Words and numbers as they stand in plots and tables. */
#ifndef SYNFIN_PLOT_LABEL_H
#define SYNFIN_PLOT_LABEL_H

#include <stddef.h>

#include "results.h"

enum { LABEL_SIZE = 256 };

/* Appends words to a text, after a separator where it is not empty; what does not fit is cut off. */
void label_add(char text[LABEL_SIZE], const char *separator, const char *words);

/* `links.wan.both.loss.p` -> `wan loss each way`. */
void label_parameter(struct results *, const char *path, char text[LABEL_SIZE]);

/* A value as written, with a space before its unit: `5%` -> `5 %`. */
void label_value(const char *written, char text[LABEL_SIZE]);

/* The values of a point's parameters, less those whose bits are set in `but`: `5 %, 10 ms`. 0 or -1. */
int label_point(struct results *, size_t point, unsigned long long but, char text[LABEL_SIZE]);

/* The names of these parameters, as label_parameter has them. 0 or -1. */
int label_parameters(struct results *, unsigned long long but, const char *separator, char text[LABEL_SIZE]);

/* Milliseconds as a duration of four significant digits in its own unit: `20 ms`, `1.02 s`. */
void label_duration(double ms, char text[LABEL_SIZE]);

/* What a metric is called, what it spans, and what people ask about it. */
const char *label_metric(enum synfin_metric);
const char *label_span(enum synfin_metric);
const char *label_question(enum synfin_metric);

#endif
