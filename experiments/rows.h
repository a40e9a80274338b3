/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one run of a sweep contributes to the results: plain data, so that whoever runs it need not be the one who
 * writes it down.
 */
#ifndef SYNFIN_ROWS_H
#define SYNFIN_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "scenario.h"
#include "synfin.h"

/* Stands for all workloads together; no workload can have this name. */
#define ROWS_ALL "*"

/* Quantiles that are kept as numbers, for those who query without the histogram. */
enum { ROWS_QUANTILES = 4 };
extern const double rows_quantile[ROWS_QUANTILES];           /* 0.5, 0.9, 0.99, 0.999 */
extern const char *const rows_quantile_name[ROWS_QUANTILES]; /* p50, p90, p99, p999 */

struct rows_metric {
    char *workload; /* ROWS_ALL, or a name where there are several */
    enum synfin_metric metric;
    uint64_t count; /* not 0: metrics without values have no row */
    uint64_t sum[2], squares[2];
    double mean_ms, sd_ms, quantile_ms[ROWS_QUANTILES];
    synfin_time min, max;
    unsigned char *bins; /* rows_encode */
    size_t size;
};

/* Packets that wait in the queue of a link's direction. */
struct rows_waiting {
    synfin_time time;
    char *link;
    bool backward;
    uint64_t packets;
};

struct rows_expectation {
    char *text;
    bool holds;
    double found;
};

struct rows {
    size_t point;
    uint32_t replication;
    char *failure; /* why the run failed; NULL: it is done */
    bool independent; /* its connections share no memory of a stage, a listener or the ports: values are independent */
    synfin_time simulated;
    uint64_t events;
    double wall_s;
    size_t metrics, counts, samples, waitings, expectations;
    struct rows_metric *metric;
    uint64_t *count; /* what is a whole number in `run --json`: `links.wan.forward.lost` ... */
    char *names;     /* of the counts, one behind the other, each with its end */
    size_t names_size;
    struct synfin_sample *sample; /* without `waiting` */
    struct rows_waiting *waiting; /* of queues that ever held a packet */
    struct rows_expectation *expectation;
};

/* Fills everything but expectations and failure. 0, or -1: no memory. */
int rows_fill(struct rows *, const struct synfin_scenario *, const struct synfin_results *);
void rows_free(struct rows *);

/* Bytes that grow; zeroed, they are empty. `bytes` is to be freed. */
struct rows_message {
    unsigned char *bytes;
    size_t used, room;
};

/* All of the rows as a message, for another process of this program. 0, or -1: no memory. */
int rows_write(const struct rows *, struct rows_message *);
/* The way back. 0; -1: damaged, or no memory, and there are no rows. */
int rows_read(struct rows *, unsigned char *bytes, size_t size);

/*
 * The bins of a histogram as bytes. Per bin, in ascending order, four numbers: the gap between the end of the bin
 * before (0 for the first) and its low end, ns; the base-2 logarithm of its width in ns; its count; its excess, the sum
 * of (value - low end), ns. Each number is cut into groups of seven bits, lowest first, one a byte; the top bit says
 * that another group follows. NULL: no memory.
 */
unsigned char *rows_encode(const struct synfin_statistic *, size_t *size);
/* The way back, into an array of at most `room` bins. The number of bins, or -1: damaged. `size` bytes hold at most
   size / 4 bins. */
ptrdiff_t rows_decode(const unsigned char *bytes, size_t size, struct synfin_bin *bins, size_t room);

#endif
