/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * beside ns3|synfin RATE CONNECTIONS [held]: one run. Prints how many connections a second of processor time it made;
 * where they are held open, the bytes of memory that each took.
 */
#include "beside.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <fstream>

#include <unistd.h>

struct usage usage_now()
{
    struct timespec t;
    double size = 0, resident = 0;
    std::ifstream statm("/proc/self/statm");

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    statm >> size >> resident;
    return {static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9,
            resident * static_cast<double>(sysconf(_SC_PAGESIZE))};
}

static int complain()
{
    std::fprintf(stderr, "usage: beside ns3|synfin RATE CONNECTIONS [held]\n");
    return 2;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 5 || (argc == 5 && std::strcmp(argv[4], "held") != 0))
        return complain();
    bool ns3 = std::strcmp(argv[1], "ns3") == 0;
    struct work work = {std::atof(argv[2]), static_cast<unsigned>(std::atoi(argv[3])), argc == 5};
    if ((!ns3 && std::strcmp(argv[1], "synfin") != 0) || work.rate <= 0 || work.connections == 0)
        return complain();
    try {
        struct outcome o = ns3 ? with_ns3(work) : with_synfin(work);
        std::printf("%.1f\n", work.held ? o.bytes_each : o.done / o.cpu_s);
        /* Less work than was asked for would not compare; a FIN of ns-3 that is repeated for ever is let pass. */
        if (o.done < 0.99 * work.connections) {
            std::fprintf(stderr, "beside: error: only %u of %u connections were %s\n", o.done, work.connections,
                         work.held ? "open" : "closed");
            return 1;
        }
    } catch (const std::exception &e) {
        std::fprintf(stderr, "beside: error: %s\n", e.what());
        return 1;
    }
    return 0;
}
