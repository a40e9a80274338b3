/* SPDX-License-Identifier: BSD-2-Clause */
/* What the machine can do, in the units in which the cases' times are told. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <Random123/philox.h>

#include "bench.h"

enum { LINE = 64, LINES = 1 << 24 }; /* 1 GiB */

double bench_cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double bench_philox_ns(void)
{
    const uint32_t calls = 1000000;
    philox4x32_key_t key = {{1, 2}};
    uint32_t sum = 0;
    double start = bench_cpu_seconds();

    for (uint32_t i = 0; i < calls; i++) {
        philox4x32_ctr_t counter = {{i, 0, 0, 0}};
        philox4x32_ctr_t block = philox4x32(counter, key);
        sum ^= block.v[0] ^ block.v[1] ^ block.v[2] ^ block.v[3];
        __asm__ volatile("" : "+r"(sum)); /* keeps the compiler from computing several calls in one vector */
    }
    return (bench_cpu_seconds() - start) * 1e9 / calls;
}

/* How much of this process is in huge pages, in KiB; -1: the system does not say. */
static long huge_kib(void)
{
    char line[128];
    long kib = -1;
    FILE *f = fopen("/proc/self/smaps_rollup", "r");

    while (f && kib < 0 && fgets(line, sizeof line, f)) {
        if (sscanf(line, "AnonHugePages: %ld kB", &kib) != 1)
            kib = -1;
    }
    if (f)
        fclose(f);
    return kib;
}

unsigned char *bench_map(void)
{
    const size_t size = (size_t)LINE * LINES;
    unsigned char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        fprintf(stderr, "synfin bench: error: no memory; calibration takes 1 GiB\n");
        return NULL;
    }
    madvise(memory, size, MADV_HUGEPAGE);
    memset(memory, 1, size);
    long huge = huge_kib();
    if (huge >= 0 && (size_t)huge < size / 1024 / 10 * 9)
        fprintf(stderr, "synfin bench: warning: %ld of 1024 MiB are in huge pages; R is longer than it should be\n",
                huge / 1024);
    return memory;
}

void bench_unmap(unsigned char *memory)
{
    munmap(memory, (size_t)LINE * LINES);
}

double bench_memory_ns(unsigned char *memory)
{
    const uint32_t touches = 5000000;
    uint64_t x = 88172645463325252; /* xorshift64 (Marsaglia 2003): cheap, and known before the load */
    double start = bench_cpu_seconds();

    for (uint32_t i = 0; i < touches; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        volatile uint64_t *word = (volatile uint64_t *)(memory + (x % LINES) * LINE);
        *word += x;
    }
    return (bench_cpu_seconds() - start) * 1e9 / touches;
}
