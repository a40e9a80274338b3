/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <string.h>
#include <sys/resource.h>

#include "report.h"

/* To a whole number of steps: the digits below are noise. */
static double rounded(double x, double steps)
{
    return (double)(uint64_t)(x * steps + 0.5) / steps;
}

static double per_s(uint64_t n, double wall_s)
{
    return wall_s > 0 ? rounded((double)n / wall_s, 1) : NAN;
}

void report_machine(struct report_machine *m, const struct synfin_results *results, double wall_s)
{
    struct rusage usage;

    m->wall_s = rounded(wall_s, 1e6);
    m->events_per_s = per_s(results->events, wall_s);
    m->connections_per_s = per_s(results->total.connections.opened, wall_s);
    /* ru_maxrss is in KiB. */
    m->peak_rss_mib = getrusage(RUSAGE_SELF, &usage) == 0 ? rounded((double)usage.ru_maxrss / 1024, 10) : NAN;
}

double report_machine_value(const struct report_machine *m, const char *name)
{
    if (strcmp(name, "wall_s") == 0)
        return m->wall_s;
    if (strcmp(name, "events_per_s") == 0)
        return m->events_per_s;
    if (strcmp(name, "connections_per_s") == 0)
        return m->connections_per_s;
    return m->peak_rss_mib;
}
