/* SPDX-License-Identifier: BSD-2-Clause */
/* `--connections`: the columns, and rows in order whatever the order in which connections end. */
#include "connections.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "suite.h"

static const char header[] =
    "connection,workload,opened_ns,setup_ns,accept_ns,teardown_ns,close_ns,transfer_ns,response_ns,lifetime_ns,"
    "syn_sent,syn_ack_sent,fin_sent,local,remote,outcome\n";
static const char *const two_names[] = {"churn", "bulk"};

static char path[64];

static struct connections *open_file(void)
{
    struct connections *c = NULL;

    snprintf(path, sizeof path, "/tmp/synfin-test-connections-%ld.csv", (long)getpid());
    CU_ASSERT_EQUAL_FATAL(connections_open(&c, path, 2, two_names), 0);
    return c;
}

/* The whole file, to be freed; NULL: there is none. The file is removed. */
static char *take_file(void)
{
    FILE *f = fopen(path, "r");
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    size_t size = (size_t)ftell(f);
    rewind(f);
    char *text = calloc(1, size + 1);
    CU_ASSERT_EQUAL(fread(text, 1, size, f), size);
    fclose(f);
    unlink(path);
    return text;
}

static struct synfin_connection connection(uint32_t workload, uint32_t number)
{
    struct synfin_connection c = {
        .workload = workload,
        .number = number,
        .outcome = SYNFIN_OUTCOME_CLOSED,
        .opened = (synfin_time)number * 100000,
        .syn_sent = 2,
        .syn_ack_sent = 1,
        .fin_sent = 3,
        .local = 0x0a000001,
        .remote = 0xc0a800fe,
        .local_port = 32768,
        .remote_port = 80,
    };
    for (int i = 0; i < SYNFIN_METRICS; i++)
        c.duration[i] = 1000 * (i + 1);
    return c;
}

static void test_columns(void)
{
    struct connections *c = open_file();
    struct synfin_connection a = connection(0, 0), b = connection(0, 1), d = connection(0, 2);

    a.duration[SYNFIN_SETUP] = INT64_MAX;
    b.outcome = SYNFIN_OUTCOME_TIMEOUT;
    for (int i = 0; i < SYNFIN_METRICS; i++)
        b.duration[i] = -1;
    b.duration[SYNFIN_TEARDOWN] = 0;
    d.outcome = SYNFIN_OUTCOME_NO_PORT;
    d.local_port = 0;
    connections_add(c, &a);
    connections_add(c, &b);
    connections_add(c, &d);
    CU_ASSERT_EQUAL(connections_close(c, true), 0);
    char *text = take_file(), expected[1024];
    snprintf(expected, sizeof expected,
             "%s0,churn,0,9223372036854775807,2000,5000,6000,4000,3000,7000,2,1,3,"
             "10.0.0.1:32768,192.168.0.254:80,closed\n"
             "1,churn,100000,,,0,,,,,2,1,3,10.0.0.1:32768,192.168.0.254:80,timeout\n"
             "2,churn,200000,1000,2000,5000,6000,4000,3000,7000,2,1,3,10.0.0.1,192.168.0.254:80,no_port\n",
             header);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

enum { ROWS = 20000 };

/* Whether the file has the rows 0 to ROWS - 1 of both workloads, in this order. */
static bool in_order(char *text)
{
    char *line = strchr(text, '\n');

    for (uint32_t i = 0; i < 2 * ROWS; i++) {
        char begin[64];
        uint32_t number = i % ROWS;
        int n = snprintf(begin, sizeof begin, "%" PRIu32 ",%s,%" PRIu32 "%s,1000,", number, two_names[i / ROWS], number,
                         number ? "00000" : "");
        if (!line || strncmp(line + 1, begin, (size_t)n) != 0)
            return false;
        line = strchr(line + 1, '\n');
    }
    return line && line[1] == '\0';
}

/* Shuffles order[from .. to), a block of `block` after the other. */
static void shuffle(uint32_t *order, uint32_t from, uint32_t to, uint32_t block)
{
    uint64_t state = 1;

    for (uint32_t i = from; i < to; i++) {
        uint32_t last = i / block * block + block < to ? i / block * block + block : to;
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint32_t j = i + (uint32_t)((state >> 33) % (last - i)), swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}

/* Backwards; the first ones last; within small windows, then anyhow, so that the ring grows while it is in use. */
static void test_order(void)
{
    static uint32_t order[2 * ROWS];

    for (int kind = 0; kind < 4; kind++) {
        struct connections *c = open_file();
        for (uint32_t i = 0; i < 2 * ROWS; i++)
            order[i] = kind == 1 ? 2 * ROWS - 1 - i : kind == 2 ? (i + 2) % (2 * ROWS) : i;
        if (kind == 3) {
            shuffle(order, 0, ROWS, 100);
            shuffle(order, ROWS, 2 * ROWS, 2 * ROWS);
        }
        for (uint32_t i = 0; i < 2 * ROWS; i++) {
            struct synfin_connection row = connection(order[i] & 1, order[i] >> 1);
            connections_add(c, &row);
        }
        CU_ASSERT_EQUAL(connections_close(c, true), 0);
        char *text = take_file();
        CU_ASSERT_TRUE(text && in_order(text));
        free(text);
    }
}

static void test_abandoned(void)
{
    struct connections *c = open_file();
    struct synfin_connection row = connection(1, 5); /* still waits for 0 to 4 */

    connections_add(c, &row);
    CU_ASSERT_EQUAL(connections_close(c, false), 0);
    CU_ASSERT_PTR_NULL(take_file());
    CU_ASSERT_EQUAL(connections_close(NULL, true), 0);
}

static void test_no_connections(void)
{
    CU_ASSERT_EQUAL(connections_close(open_file(), true), 0);
    char *text = take_file();
    CU_ASSERT_STRING_EQUAL(text, header);
    free(text);
}

static void test_digits(void)
{
    char text[NUMBER_SIZE], expected[NUMBER_SIZE];
    uint64_t x = 1;

    for (int i = 0; i < 100000; i++, x = x * 6364136223846793005u + 1442695040888963407u) {
        uint64_t value = i < 1000 ? (uint64_t)i : i == 1000 ? UINT64_MAX : x >> (x & 63);
        *number_digits(text, value) = '\0';
        snprintf(expected, sizeof expected, "%" PRIu64, value);
        CU_ASSERT_STRING_EQUAL(text, expected);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"columns are those of the contract, empty where it did not happen", test_columns},
        {"rows go by workload, then number", test_order},
        {"an abandoned file leaves nothing", test_abandoned},
        {"a run without connections has a header", test_no_connections},
        {"digits are those of printf", test_digits},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "connections", cases);
}
