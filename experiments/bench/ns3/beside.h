/* SPDX-License-Identifier: BSD-2-Clause */
/* The same work for both simulators: connections between two hosts, 10 ms apart, without loss. */
#ifndef BESIDE_H
#define BESIDE_H

#include <cstdint>

struct work {
    double rate;          /* arrivals a second, evenly spaced */
    unsigned connections; /* in all */
    bool held;            /* stay open till the end of the run; else the client closes at once, TIME-WAIT 60 s */
};

struct outcome {
    unsigned done;     /* connections closed by both sides, or open at the end where they are held */
    double cpu_s;      /* from the first event to the last */
    double bytes_each; /* resident memory grown since before the first arrival, a connection, both ends */
};

/* An exception says what went wrong. */
struct outcome with_ns3(const struct work &);
struct outcome with_synfin(const struct work &);

/* Between two of these lies what a run took. */
struct usage {
    double cpu_s;
    double resident_bytes;
};
struct usage usage_now();

/* When a run ends whose last connection arrived: held ones are set up, others out of TIME-WAIT. */
inline double end_s(const struct work &w)
{
    return w.connections / w.rate + (w.held ? 1 : 70);
}

#endif
