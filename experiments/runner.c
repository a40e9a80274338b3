/* SPDX-License-Identifier: BSD-2-Clause */
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "number.h"
#include "options.h"

enum { SLICE = 200000 };              /* events between two looks at the clock: some tens of milliseconds */
static const double REDRAW_S = 0.2;

/* A signal handler can reach nothing else. */
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void runner_catch_interrupt(void)
{
    /* No SA_RESTART: a write that waits for a reader ends too. */
    struct sigaction action = {.sa_handler = interrupt};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool runner_interrupted(void)
{
    return interrupted != 0;
}

double runner_clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* `label: 12.3 s simulated, 48,120 of 100,000 connections over (48 %), 1,203,000/s` */
static void draw_progress(const char *label, const struct synfin_simulation *simulation, double elapsed_s)
{
    struct synfin_progress p;
    char over[NUMBER_SIZE], expected[NUMBER_SIZE], rate[NUMBER_SIZE];

    synfin_simulation_progress(simulation, &p);
    fprintf(stderr, "\r%s: %.1f s simulated, %s", label, (double)p.now / 1e9, number_grouped(over, p.over));
    if (p.expected > 0)
        fprintf(stderr, " of %s connections over (%.0f %%)", number_grouped(expected, p.expected),
                100 * (double)p.over / (double)p.expected);
    else
        fprintf(stderr, " connections over");
    fprintf(stderr, ", %s/s\033[K", number_grouped(rate, (uint64_t)((double)p.over / elapsed_s)));
    fflush(stderr);
}

struct watcher {
    uint64_t slice;
    void (*watch)(void *user); /* NULL: nobody */
    void *user;
};

static int run(struct synfin_simulation *simulation, const char *label, double *wall_s, const struct watcher *w)
{
    bool terminal = label && isatty(STDERR_FILENO), drawn = false;
    double begin = runner_clock_s(), shown = begin, now = begin;
    struct synfin_error error;
    int more = 1;

    while (more == 1 && !interrupted) {
        more = synfin_simulation_run(simulation, w->slice, &error);
        if (w->watch)
            w->watch(w->user);
        now = runner_clock_s();
        if (terminal && more == 1 && now - shown >= REDRAW_S) {
            draw_progress(label, simulation, now - begin);
            shown = now;
            drawn = true;
        }
    }
    if (drawn)
        fprintf(stderr, "\r\033[K");
    if (wall_s)
        *wall_s = now - begin;
    if (more < 0) {
        fprintf(stderr, "synfin: error: %s\n", error.text);
        return STATUS_FAILED;
    }
    return more == 1 ? STATUS_INTERRUPTED : STATUS_DONE;
}

int runner_run(struct synfin_simulation *simulation, const char *label, double *wall_s)
{
    return run(simulation, label, wall_s, &(struct watcher){.slice = SLICE});
}

int runner_run_watched(struct synfin_simulation *simulation, const char *label, uint64_t slice, void (*watch)(void *user),
                       void *user)
{
    return run(simulation, label, NULL, &(struct watcher){slice, watch, user});
}
