/* SPDX-License-Identifier: BSD-2-Clause */
/* Selective acknowledgments as the receiver reports them (RFC 2018, RFC 2883). */
#include "tcp_fixture.h"

#include <stdio.h>

static struct pair *established(const char *settings, const char *syn_ack)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, settings);
    arrive(&p->a, syn_ack);
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    forget(&p->a);
    label(p, "%s", settings);
    return p;
}

#define SACK RFC " sack=true dsack=true"

static struct pair *with_sack(void)
{
    return established(SACK, "S. seq=0 ack=1 mss=1000 sack");
}

/* What arrives, the acknowledgment that it draws, its blocks. */
struct row {
    const char *arrives;
    unsigned ack;
    const char *blocks;
};

static void play(struct pair *p, const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char reply[160];
        label(p, "%u: '%s'", i, rows[i].arrives);
        arrive(&p->a, rows[i].arrives);
        snprintf(reply, sizeof reply, ". seq=1 ack=%u sack=%s", rows[i].ack, rows[i].blocks);
        EXPECT_SENT(&p->a, reply);
    }
    pair_free(p);
}

#define PLAY(p, rows) play(p, rows, sizeof(rows) / sizeof(rows)[0])

/* The first of eight segments is lost: one block grows. */
static void one_hole(void)
{
    static const struct row rows[] = {
        {". seq=501 ack=1 len=500", 1, "501:1001"},   {". seq=1001 ack=1 len=500", 1, "501:1501"},
        {". seq=1501 ack=1 len=500", 1, "501:2001"},  {". seq=1 ack=1 len=500", 2001, ""},
        {". seq=2001 ack=1 len=500", 2501, ""},
    };
    PLAY(with_sack(), rows);
}

/* Every second one is lost: the block of the segment that arrived first, then those reported most recently; the filling
   of a hole joins blocks. */
static void many_holes(void)
{
    static const struct row rows[] = {
        {". seq=1 ack=1 len=500", 501, ""},
        {". seq=1001 ack=1 len=500", 501, "1001:1501"},
        {". seq=2001 ack=1 len=500", 501, "2001:2501,1001:1501"},
        {". seq=3001 ack=1 len=500", 501, "3001:3501,2001:2501,1001:1501"},
        {". seq=4001 ack=1 len=500", 501, "4001:4501,3001:3501,2001:2501,1001:1501"},
        {". seq=5001 ack=1 len=500", 501, "5001:5501,4001:4501,3001:3501,2001:2501"}, /* no room for a fifth */
        {". seq=2501 ack=1 len=500", 501, "2001:3501,5001:5501,4001:4501"},
        {". seq=1501 ack=1 len=500", 501, "1001:3501,5001:5501,4001:4501"},
        {". seq=501 ack=1 len=500", 3501, "5001:5501,4001:4501"},
        {". seq=3501 ack=1 len=500", 4501, "5001:5501"},
        {". seq=4501 ack=1 len=500", 5501, ""},
    };
    PLAY(with_sack(), rows);
}

/* Timestamps leave room for three blocks (RFC 2018 3). */
static void three_with_timestamps(void)
{
    struct pair *p = established(SACK " timestamps=true", "S. seq=0 ack=1 mss=1000 sack ts=1,0");
    arrive(&p->a, ". seq=101 ack=1 len=10 ts=1,0");
    arrive(&p->a, ". seq=201 ack=1 len=10 ts=1,0");
    arrive(&p->a, ". seq=301 ack=1 len=10 ts=1,0");
    arrive(&p->a, ". seq=401 ack=1 len=10 ts=1,0");
    EXPECT_SENT(&p->a, ". ack=1 sack=101:111", ". ack=1 sack=201:211,101:111", ". ack=1 sack=301:311,201:211,101:111",
                ". ack=1 sack=401:411,301:311,201:211");
    pair_free(p);
}

/* RFC 2018 2, 3: only where the peer's SYN permitted it. */
static void not_permitted(void)
{
    struct pair *p = established(SACK, "S. seq=0 ack=1 mss=1000");
    arrive(&p->a, ". seq=101 ack=1 len=10");
    arrive(&p->a, ". seq=101 ack=1 len=10");
    EXPECT_SENT(&p->a, ". ack=1 sack=", ". ack=1 sack=");
    pair_free(p);
}

/* Data carries the option too, as far as the segment has room. */
static void on_data(void)
{
    struct pair *p = with_sack();
    arrive(&p->a, ". seq=101 ack=1 len=10");
    arrive(&p->a, ". seq=201 ack=1 len=10");
    forget(&p->a);
    user_send(&p->a, 2985);
    EXPECT_SENT(&p->a, ". seq=1 len=1000 sack=", ". seq=1001 len=1000 sack=", ". seq=2001 len=985 sack=201:211");
    pair_free(p);
}

/* RFC 2883 4: what arrived twice comes first, once, whether below the acknowledgment, out of order, or in part. */
static void duplicates(void)
{
    static const struct row rows[] = {
        {". seq=1 ack=1 len=100", 101, ""},
        {". seq=1 ack=1 len=100", 101, "1:101"},            /* 4.1: a full duplicate */
        {". seq=201 ack=1 len=100", 101, "201:301"},
        {". seq=1 ack=1 len=100", 101, "1:101,201:301"},
        {". seq=201 ack=1 len=100", 101, "201:301,201:301"}, /* 4.1.3: of data out of order */
        {". seq=401 ack=1 len=100", 101, "401:501,201:301"},
        {". seq=251 ack=1 len=100", 101, "251:301,201:351,401:501"}, /* 4.2.1: a part of it */
        {". seq=51 ack=1 len=100", 151, "51:101,201:351,401:501"},   /* 4.2.2 */
        {". seq=151 ack=1 len=300", 501, "201:451"}, /* from the first byte to the last that there was */
        {". seq=501 ack=1 len=100", 601, ""},
    };
    PLAY(with_sack(), rows);
}

static void duplicates_not_told(void)
{
    struct pair *p = established(RFC " sack=true", "S. seq=0 ack=1 mss=1000 sack");
    arrive(&p->a, ". seq=101 ack=1 len=100");
    arrive(&p->a, ". seq=101 ack=1 len=100");
    arrive(&p->a, ". seq=1 ack=1 len=150");
    arrive(&p->a, ". seq=1 ack=1 len=100");
    EXPECT_SENT(&p->a, ". ack=1 sack=101:201", ". ack=1 sack=101:201", ". ack=201 sack=", ". ack=201 sack=");
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 2018 4: a block that grows", one_hole},
        {"RFC 2018 4: the most recent blocks first", many_holes},
        {"RFC 2018 3: three blocks beside timestamps", three_with_timestamps},
        {"RFC 2018 2: not without SACK-permitted", not_permitted},
        {"RFC 2018 3: on segments with data", on_data},
        {"RFC 2883 4: duplicates", duplicates},
        {"RFC 2883: dsack: false", duplicates_not_told},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_sack", cases);
}
