/* SPDX-License-Identifier: BSD-2-Clause */
#include "port_map.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

/* Few addresses and ports, so that every tuple meets every other; an array is the oracle. */
enum { ADDRESSES = 3, PORTS = 40 };

static struct port_tuple tuple(uint32_t n)
{
    uint16_t step = 1637; /* spreads the ports over many pages */
    return (struct port_tuple){.local = 1 + n % ADDRESSES,
                               .remote = 100 + n / ADDRESSES % ADDRESSES,
                               .local_port = (uint16_t)(n / 9 % PORTS * step),
                               .remote_port = (uint16_t)(n / 9 / PORTS % PORTS * step),
                               .protocol = n / 9 / PORTS / PORTS ? 17 : 6};
}

enum { TUPLES = 9 * PORTS * PORTS * 2 };

static void set(struct port_map *m, struct port_tuple t, uint32_t before, uint32_t cell)
{
    struct port_place at = port_map_add(m, t);
    if (before && cell)
        port_map_change(at, cell);
    else if (before)
        port_map_release(m, at);
    else if (cell)
        CU_ASSERT_EQUAL(port_map_take(m, at, cell), 0);
}

static void look_up_equals_an_array(void)
{
    struct port_map m;
    uint32_t *want = calloc(TUPLES, sizeof(*want)), random = 7, wrong = 0;
    port_map_init(&m, NULL);
    for (int step = 0; step < 200000; step++) {
        random = random * 1664525u + 1013904223u;
        uint32_t n = (random >> 8) % TUPLES;
        struct port_tuple t = tuple(n);
        wrong += port_map_get(port_map_find(&m, t)) != want[n];
        uint32_t cell = random >> 31 ? 0 : (random | 1);
        set(&m, t, want[n], cell);
        want[n] = cell;
    }
    for (uint32_t n = 0; n < TUPLES; n++) {
        struct port_tuple t = tuple(n);
        struct port_place at = port_map_find(&m, t);
        wrong += port_map_get(at) != want[n];
        wrong += at.root && port_map_get(port_map_place(&m, at.root->number, t)) != want[n];
    }
    CU_ASSERT_EQUAL(wrong, 0);
    port_map_free(&m);
    free(want);
}

/* Memory follows the tuples that are there, not those that ever were; the page that became empty last is kept. */
static void empty_pages_are_used_again(void)
{
    struct port_map m;
    port_map_init(&m, NULL);
    for (uint32_t round = 0; round < 100; round++) {
        for (uint32_t port = 1024; port < 65536; port += 64) {
            struct port_tuple t = {1, 2, 80, (uint16_t)port, 6};
            CU_ASSERT_EQUAL(port_map_take(&m, port_map_add(&m, t), 1), 0);
            port_map_release(&m, port_map_find(&m, t));
        }
    }
    CU_ASSERT_EQUAL(m.page.used, 3); /* with the one for all that are not there */
    port_map_free(&m);
}

/* Roots that do not stand where their key's search begins. */
static size_t displaced(const struct port_map *m)
{
    size_t n = 0;
    for (size_t i = 0; i <= UINT64_MAX >> m->shift; i++) {
        const struct port_slot *s = &m->slot[i];
        n += s->root && port_hash(s->key, m->shift) != i;
    }
    return n;
}

/* Addresses stand in rows, as those of hosts do: few of them meet in the hash. */
static void rows_of_addresses_spread(void)
{
    static const struct {
        uint32_t local, remote;
        uint16_t ports;
        size_t most;
    } grid[] = {{1, 500, 1, 0}, {500, 1, 1, 0}, {1, 1, 500, 200}, {64, 64, 1, 100}, {500, 8, 2, 1000}};
    for (size_t i = 0; i < sizeof(grid) / sizeof(grid[0]); i++) {
        struct port_map m;
        port_map_init(&m, NULL);
        for (uint32_t n = 0; n < grid[i].local * grid[i].remote * grid[i].ports; n++) {
            struct port_tuple t = {.local = 0x0a000001 + n % grid[i].local,
                                   .remote = 0x0a001001 + n / grid[i].local % grid[i].remote,
                                   .local_port = 32768,
                                   .remote_port = (uint16_t)(80 + n / grid[i].local / grid[i].remote),
                                   .protocol = 6};
            port_map_add(&m, t);
        }
        CU_ASSERT_EQUAL(m.slots, grid[i].local * grid[i].remote * grid[i].ports);
        CU_ASSERT(displaced(&m) <= grid[i].most);
        port_map_free(&m);
    }
}

static void the_use_of_ports_is_kept_by_destination(void)
{
    struct port_map m;
    struct port_tuple a = {1, 2, 0, 80, 6}, b = {1, 2, 0, 443, 6};
    port_map_init(&m, NULL);
    port_map_use(&m, a, port_map_add(&m, a))->in_use = 5;
    port_map_use(&m, b, port_map_add(&m, b))->in_use = 7;
    CU_ASSERT_EQUAL(port_map_use(&m, a, port_map_add(&m, a))->in_use, 5);
    CU_ASSERT_EQUAL(port_map_use(&m, b, port_map_add(&m, b))->in_use, 7);
    port_map_free(&m);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"look-ups equal those in an array", look_up_equals_an_array},
        {"empty pages are used again", empty_pages_are_used_again},
        {"rows of addresses spread", rows_of_addresses_spread},
        {"ports in use are counted by destination", the_use_of_ports_is_kept_by_destination},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "port map", cases);
}
