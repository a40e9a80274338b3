/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sizes of what a connection and its segments consist of. They decide how much memory a crowd takes and how many cache
 * lines an event touches, so none grows unseen: with a reason to change one, change it here and run synfin bench.
 */
#include "host_part.h"
#include "record.h"
#include "simulation.h"
#include "suite.h"
#include "tcp.h"

/* An open connection, both ends: two endpoints, a record, a cell of the port map at each host, a timer that holds it. */
static void test_open_connection(void)
{
    CU_ASSERT_EQUAL(sizeof(struct tcp_endpoint), 128);
    CU_ASSERT_EQUAL(sizeof(struct synfin_endpoint), 48); /* the host's part of it: the first line keeps 16 for TCP */
    CU_ASSERT_EQUAL(sizeof(struct record), 36);
    CU_ASSERT_EQUAL(sizeof(struct timer_entry), 24);
    CU_ASSERT_EQUAL((size_t)TIMER_EXACT_SIZE, 16);
    CU_ASSERT_EQUAL(offsetof(struct timer_entry, cause), TIMER_EXACT_SIZE);
}

/* What is added while it closes and in TIME-WAIT. */
static void test_closing_connection(void)
{
    CU_ASSERT_EQUAL(sizeof(struct record_end), 64);
    CU_ASSERT_EQUAL(sizeof(struct synfin_time_wait), 80);
    CU_ASSERT_EQUAL(sizeof(((struct instants *)NULL)->list[0]), 8);
}

/* On its way a segment is an entry of the receiver's lane. */
static void test_segment(void)
{
    CU_ASSERT_EQUAL(sizeof(struct synfin_segment), 88);
    CU_ASSERT_EQUAL(sizeof(struct flight), 104);
    CU_ASSERT_EQUAL(offsetof(struct flight, segment) + sizeof(struct synfin_segment), sizeof(struct flight));
}

/* What a schedule compares and moves. */
static void test_schedule(void)
{
    CU_ASSERT_EQUAL(sizeof(struct schedule_key), 16);
    CU_ASSERT_EQUAL(sizeof(struct lane_head), 24);
    CU_ASSERT_EQUAL((size_t)FAR_EVENT, 128);
    CU_ASSERT_EQUAL(sizeof(struct far_later), 16);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"an open connection", test_open_connection},
        {"a connection that closes", test_closing_connection},
        {"a segment on its way", test_segment},
        {"heads of lanes and events of the far queue", test_schedule},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_sizes", cases);
}
