/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * synfin bench: how fast, and how large, on standard cases. Each case is a scenario like any other and takes the way of
 * `synfin run`; new ones are rows of bench_case.c's table. Machines differ, so times are shown as ratios to two things
 * measured in between the runs of the same process: P, a call of Philox4x32-10, and R, a touch of a random line of memory.
 */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "output.h"
#include "runner.h"

struct selected {
    const struct bench_case *c;
    uint64_t size;
};

/* The cases that are named, or all that run unless named. How many; 0 after a message. */
static size_t select_cases(const struct options *o, struct selected *to)
{
    size_t n = 0;

    for (size_t i = 0; i < o->files; i++, n++) {
        to[n].c = bench_case_find(o->file[i], &to[n].size);
        if (!to[n].c)
            return 0;
    }
    for (size_t i = 0; o->files == 0 && bench_case(i); i++) {
        if (!bench_case(i)->extra)
            to[n++] = (struct selected){bench_case(i), bench_case(i)->size};
    }
    return n;
}

/* The first result of the case churn at its own size: what others are compared with. */
static double churn_ns(const struct bench_result *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (b[i].c == bench_case(0) && b[i].size == b[i].c->size)
            return b[i].lifecycle;
    }
    return NAN;
}

static int run_all(const struct options *o, const struct selected *s, size_t n, struct bench_result *result)
{
    unsigned char *memory = bench_map();
    int status = memory ? STATUS_DONE : STATUS_FAILED;
    size_t done = 0;
    bool good = true;

    if (memory && !o->json)
        bench_print_heading(stdout);
    while (done < n && status == STATUS_DONE) {
        struct bench_result *b = &result[done];
        status = bench_measure(s[done].c, s[done].size, memory, b);
        if (status != STATUS_DONE)
            break;
        done++;
        b->churn = b->c->unit == BENCH_LIFECYCLE ? b->lifecycle / churn_ns(result, done) : NAN;
        if (!o->json)
            bench_print_row(stdout, b);
        good = (!o->check || bench_within_limits(b, stderr)) && good;
    }
    if (memory && o->json)
        bench_print_json(stdout, result, done);
    if (memory)
        bench_unmap(memory);
    if (output_flush() != 0)
        return STATUS_FAILED;
    return status != STATUS_DONE || good ? status : STATUS_FAILED;
}

int command_bench(const struct options *o)
{
    size_t room = o->files;

    while (bench_case(room))
        room++;
    struct selected *s = calloc(room + 1, sizeof *s);
    struct bench_result *result = calloc(room + 1, sizeof *result);
    size_t n = s && result ? select_cases(o, s) : 0;
    int status = STATUS_USAGE;

    if (!s || !result) {
        fprintf(stderr, "synfin bench: error: out of memory\n");
        status = STATUS_FAILED;
    } else if (n > 0) {
        runner_catch_interrupt();
        status = run_all(o, s, n, result);
    }
    free(s);
    free(result);
    return status;
}
