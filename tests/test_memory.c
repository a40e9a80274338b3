/* SPDX-License-Identifier: BSD-2-Clause */
/* Simulations that follow each other in the memory that the last one left. */
#include "memory.h"
#include "schedule.h"
#include "sim_run.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 20, KEPT = 64 * BLOCK };

static bool zero(const unsigned char *p, size_t size)
{
    return p[0] == 0 && memcmp(p, p + 1, size - 1) == 0;
}

static void what_was_given_back_is_taken_again_zeroed(void)
{
    struct synfin_memory *m = synfin_memory_new(KEPT);
    unsigned char *first = memory_take(m, BLOCK), *second = memory_take(m, BLOCK);
    CU_ASSERT_PTR_NOT_EQUAL(first, second);
    memset(first, 1, BLOCK);
    memset(second, 2, BLOCK / 2);
    memory_free(m, first, BLOCK, BLOCK);
    memory_free(m, second, BLOCK, BLOCK / 2);
    unsigned char *other = memory_take(m, 2 * BLOCK);
    CU_ASSERT(other != first && other != second);
    for (int i = 0; i < 2; i++) {
        unsigned char *again = memory_take(m, BLOCK);
        CU_ASSERT(again == first || again == second);
        CU_ASSERT(zero(again, BLOCK));
        memory_free(m, again, BLOCK, 0);
    }
    memory_free(m, other, 2 * BLOCK, 0);
    synfin_memory_free(m);
}

/* A long run does not bind its memory for ever. */
static void no_more_is_kept_than_was_said(void)
{
    enum { BLOCKS = 100 };
    struct synfin_memory *m = synfin_memory_new(KEPT);
    unsigned char *block[BLOCKS];
    int kept = 0;
    for (int i = 0; i < BLOCKS; i++) {
        block[i] = memory_take(m, BLOCK);
        block[i][0] = 1;
    }
    for (int i = 0; i < BLOCKS; i++) /* nothing touched, it says: what comes back with its mark has been kept */
        memory_free(m, block[i], BLOCK, 0);
    for (int i = 0; i < BLOCKS; i++) {
        block[i] = memory_take(m, BLOCK);
        kept += block[i][0];
    }
    CU_ASSERT_EQUAL(kept, 64);
    for (int i = 0; i < BLOCKS; i++)
        memory_free(m, block[i], BLOCK, BLOCK);
    synfin_memory_free(m);
}

/* Small blocks are copied, mapped ones move; pages of either size. */
static void an_enlarged_block_begins_as_it_was(void)
{
    static const size_t size[] = {64, 4096, 48 << 10, 96 << 10, (96 << 10) + 8, 1 << 20, 6 << 20, 10 << 20};
    for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
        unsigned char *p = memory_take(NULL, size[i]);
        for (size_t k = 0; k < size[i]; k++)
            p[k] = (unsigned char)(k * 7 + 1);
        struct memory_block b = {p, size[i], size[i]};
        CU_ASSERT(memory_enlarge(NULL, &b, 2 * size[i]));
        p = b.at;
        size_t same = 0;
        while (same < size[i] && p[same] == (unsigned char)(same * 7 + 1))
            same++;
        CU_ASSERT_EQUAL(same, size[i]);
        CU_ASSERT(zero(p + b.touched, b.size - b.touched));
        CU_ASSERT_EQUAL(b.size, 2 * size[i]);
        memory_free(NULL, b.at, b.size, b.size);
    }
}

/* A ring that came to eight blocks in the last simulation does so at once, not by way of two and four. */
static void an_enlarged_block_is_as_large_as_one_that_was_kept(void)
{
    struct synfin_memory *m = synfin_memory_new(KEPT);
    unsigned char *kept = memory_take(m, 8 * BLOCK), *odd = memory_take(m, 3 * BLOCK);
    memset(kept, 1, 2 * BLOCK);
    memory_free(m, kept, 8 * BLOCK, 2 * BLOCK);
    memory_free(m, odd, 3 * BLOCK, 0);
    struct memory_block b = {memory_take(m, BLOCK), BLOCK, 0};
    memset(b.at, 2, BLOCK);
    CU_ASSERT(memory_enlarge(m, &b, 2 * BLOCK));
    CU_ASSERT_PTR_EQUAL(b.at, kept);
    CU_ASSERT_EQUAL(b.size, 8 * BLOCK);
    CU_ASSERT_EQUAL(b.touched, 2 * BLOCK);
    CU_ASSERT_EQUAL(((unsigned char *)b.at)[BLOCK - 1], 2);
    memory_free(m, b.at, b.size, b.touched);
    unsigned char *again = memory_take(m, 8 * BLOCK);
    CU_ASSERT_PTR_EQUAL(again, kept);
    CU_ASSERT(zero(again, 8 * BLOCK));
    memory_free(m, again, 8 * BLOCK, 0);
    synfin_memory_free(m);
}

static void a_lane_tells_what_it_touched(void)
{
    enum { ENTRIES = 3000, ROOM = 4096, STRIDE = 32 };
    struct synfin_memory *m = synfin_memory_new(KEPT);
    struct lane lane;
    lane_init(&lane, m, LANE_SEGMENT, STRIDE, 0);
    for (int i = 0; i < ENTRIES; i++) {
        memset(lane_append(&lane), 1, STRIDE);
        lane.tail++;
    }
    unsigned char *ring = lane.ring;
    lane_free(&lane);
    unsigned char *again = memory_take(m, ROOM * STRIDE);
    CU_ASSERT_PTR_EQUAL(again, ring);
    CU_ASSERT(zero(again, ROOM * STRIDE));
    memory_free(m, again, ROOM * STRIDE, 0);
    synfin_memory_free(m);
}

/* ---- Whole runs -------------------------------------------------------------------------------------------------- */

struct seen {
    uint64_t digest, connections;
};

static void see(void *user, const struct synfin_connection *c)
{
    struct seen *s = user;
    uint64_t d = (uint64_t)c->opened * 31 + c->outcome + c->syn_sent + c->syn_ack_sent * 7u + c->fin_sent * 11u;
    for (int i = 0; i < SYNFIN_METRICS; i++)
        d = d * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)c->duration[i];
    s->digest += d * (2 * (uint64_t)c->number + 1); /* they come in no particular order */
    s->connections++;
}

static struct seen run(struct synfin_memory *m, const struct synfin_scenario *scenario)
{
    struct seen s = {0};
    struct synfin_error error;
    struct synfin_simulation *simulation = synfin_simulation_new_from(m, scenario, 3, &error);
    synfin_simulation_observe(simulation, &(struct synfin_observer){.user = &s,
                                                                    .connection = see,
                                                                    .only_workload = SYNFIN_NONE,
                                                                    .only_connection = SYNFIN_NONE});
    CU_ASSERT_EQUAL(synfin_simulation_run(simulation, 0, &error), 0);
    const struct synfin_results *r = synfin_simulation_results(simulation);
    s.digest += r->events * 3 + r->total.segments[0].lost * 5 + r->total.segments[1].kind[SYNFIN_KIND_ACK] * 7;
    synfin_simulation_free(simulation);
    return s;
}

/* Small and large, with and without data, with timers, far events and TIME-WAIT: what each leaves, the next takes. */
static void runs_do_not_depend_on_what_went_before(void)
{
    static const char *const more[] = {
        "workloads.w.connections=3000\nworkloads.w.arrivals.rate=10000/s\nlinks.wan.both.loss.model=bernoulli\n"
        "links.wan.both.loss.p=10%\n",
        "workloads.w.connections=300\nworkloads.w.request=20KB\nworkloads.w.response=50KB\n"
        "links.wan.both.loss.model=bernoulli\nlinks.wan.both.loss.p=2%\n",
        "workloads.w.connections=5000\nworkloads.w.arrivals.rate=20000/s\nhosts.server.profile=linux\n"
        "hosts.client.profile=linux\nlinks.wan.forward.delay.model=uniform\nlinks.wan.forward.delay.time=50ms\n"
        "links.wan.forward.delay.jitter=40ms\n",
        "workloads.w.connections=40\n",
    };
    enum { RUNS = sizeof more / sizeof more[0] };
    struct synfin_memory *m = synfin_memory_new(KEPT);
    struct sim_run scenario[RUNS];
    struct seen alone[RUNS];
    for (int i = 0; i < RUNS; i++) {
        CU_ASSERT_FATAL(sim_run(&scenario[i], sim_plain, more[i], 0));
        alone[i] = run(NULL, scenario[i].scenario);
        CU_ASSERT(alone[i].connections >= 40);
    }
    for (int step = 0; step < RUNS * RUNS; step++) { /* each after each */
        int i = step % 2 ? step / 2 % RUNS : (step + step / RUNS) % RUNS;
        struct seen s = run(m, scenario[i].scenario);
        CU_ASSERT_EQUAL(s.digest, alone[i].digest);
        CU_ASSERT_EQUAL(s.connections, alone[i].connections);
    }
    for (int i = 0; i < RUNS; i++)
        sim_run_end(&scenario[i]);
    synfin_memory_free(m);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"what was given back is taken again, zeroed", what_was_given_back_is_taken_again_zeroed},
        {"no more is kept than was said", no_more_is_kept_than_was_said},
        {"an enlarged block begins as it was", an_enlarged_block_begins_as_it_was},
        {"an enlarged block is as large as one that was kept", an_enlarged_block_is_as_large_as_one_that_was_kept},
        {"a lane tells what it touched", a_lane_tells_what_it_touched},
        {"runs do not depend on what went before in their memory", runs_do_not_depend_on_what_went_before},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "memory", cases);
}
