/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6298's estimator, the timer wheel of Linux, initial sequence numbers, ranges of early data: each by itself. */
#include "tcp.h"
#include "tcp_fixture.h"

#include <stdlib.h>
#include <string.h>

static struct pair *profile_of(const char *settings, const struct tcp_profile **profile)
{
    struct pair *p = single_new(settings);
    *profile = p->a.config;
    return p;
}

/* ---- RFC 6298, section 2 ----------------------------------------------------------------------------------------- */

struct sample {
    synfin_time rtt, srtt, rttvar, rto; /* us */
};

static void samples_give(const char *settings, const struct sample *sample, size_t n)
{
    const struct tcp_profile *profile;
    struct pair *p = profile_of(settings, &profile);
    struct tcp_rto rto = {.rto = profile->rto_initial};
    for (size_t i = 0; i < n; i++) {
        label(p, "%s, sample %zu", settings, i);
        tcp_rto_sample(&rto, profile, sample[i].rtt * SYNFIN_US);
        EXPECT_EQUAL(p, rto.srtt, sample[i].srtt * SYNFIN_US);
        EXPECT_EQUAL(p, rto.rttvar, sample[i].rttvar * SYNFIN_US);
        EXPECT_EQUAL(p, rto.rto, sample[i].rto * SYNFIN_US);
    }
    pair_free(p);
}

/* (2.2): SRTT = R, RTTVAR = R/2; (2.3): RTTVAR first, with the old SRTT. */
/* HOLDS(6298-2.2, 6298-2.3) */
static void estimator(void)
{
    static const struct sample s[] = {
        {64000, 64000, 32000, 192000},
        {96000, 68000, 32000, 196000}, /* 3/4 32 + 1/4 |64 - 96|; 7/8 64 + 1/8 96 */
        {36000, 64000, 32000, 192000},
        {64000, 64000, 24000, 160000},
        {64000, 64000, 18000, 136000},
    };
    samples_give(RFC " rto_min=1us", s, 5);
}

/* (2.4) and (2.5) */
/* HOLDS(6298-2.4, 6298-2.5) */
static void bounds(void)
{
    static const struct sample s[] = {{20000, 20000, 10000, 1000000}, {700000, 105000, 177500, 1000000}};
    samples_give(RFC, s, 2);
    static const struct sample slow[] = {{800000, 800000, 400000, 2000000}};
    samples_give(RFC " rto_max=2s", slow, 1);
}

/* Linux: the variance term is at least 200 ms, so that a steady path of 20 ms has 220 ms. */
static void variance_floor(void)
{
    static const struct sample s[] = {{20000, 20000, 10000, 220000}, {20000, 20000, 7500, 220000}};
    samples_give(LINUX, s, 2);
    static const struct sample jump[] = {{200000, 200000, 100000, 600000}};
    samples_give(LINUX, jump, 1);
}

/* Linux's tcp_rtt_estimator(), computed by hand in its own units: whole microseconds, four deviations. The variance
   term rises at once with the greatest deviation of a round trip, and falls by a quarter of the difference once a round
   trip is over; a sample far below SRTT raises the deviation by an eighth only. */
static void linux_estimator(void)
{
    static const struct {
        int64_t rtt;
        bool round_ends;
        int64_t srtt, mdev, rttvar; /* us */
    } row[] = {
        {320000, false, 320000, 640000, 640000},
        {320000, false, 320000, 480000, 640000},
        {640000, false, 360000, 680000, 680000}, /* 320 - 120 more */
        {160000, true, 335000, 683750, 683750},  /* (200 - 170) / 8; the round's greatest is the variance term */
        {80000, false, 303125, 694257, 694257},
        {1280000, false, 425234, 1497568, 1497568},
        {320000, true, 412080, 1228410, 1497568},
        {320000, true, 400570, 1013388, 1376523}, /* 1497.6 - (1497.6 - 1013.4) / 4 */
        {320000, true, 390498, 840611, 1242545},
    };
    const struct tcp_profile *profile;
    struct pair *p = profile_of(LINUX, &profile);
    struct tcp_endpoint ep = {.snd_nxt = 1};
    static struct tcp_data data;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        label(p, "sample %zu", i);
        ep.snd_una = row[i].round_ends ? data.rtt_end + 1 : data.rtt_end;
        ep.snd_nxt = ep.snd_una + 1;
        tcp_rto_take(&ep, &data, profile, row[i].rtt * SYNFIN_US);
        /* Linux drops what is below a microsecond, at each step. */
        EXPECT(p, llabs(ep.rto.srtt - row[i].srtt * SYNFIN_US) < 2 * SYNFIN_US);
        EXPECT(p, llabs(data.mdev - row[i].mdev * SYNFIN_US) < 4 * SYNFIN_US);
        EXPECT(p, llabs(data.rttvar - row[i].rttvar * SYNFIN_US) < 4 * SYNFIN_US);
        EXPECT_EQUAL(p, ep.rto.rto, ep.rto.srtt + data.rttvar);
    }
    pair_free(p);
}

/* ---- The timer wheel --------------------------------------------------------------------------------------------- */

static const char wheel[] = "profile=linux timers=wheel hz=250";

/* Timers started at jiffy `now`, `ahead` jiffies long, expire at jiffy `expiry`. */
static void wheel_slots(void)
{
    static const struct {
        int64_t now, ahead, expiry;
    } row[] = {
        {0, 1, 2},         {0, 62, 63},        {0, 63, 64},        {1, 63, 72},        {0, 250, 256},
        {6, 250, 264},     {0, 503, 504},      {0, 504, 512},      {7, 504, 512},      {8, 504, 576},
        {0, 4031, 4032},   {0, 4032, 4096},    {64, 4032, 4608},   {0, 15000, 15360},  {0, 32255, 32256},
        {0, 32256, 32768}, {512, 32256, 36864}, {1000, 62, 1063}, {1000, 55, 1056},
    };
    const synfin_time jiffy = 4 * SYNFIN_MS;
    const struct tcp_profile *profile;
    struct pair *p = profile_of(wheel, &profile);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        label(p, "jiffy %d, %d ahead", (int)row[i].now, (int)row[i].ahead);
        EXPECT_EQUAL(p, tcp_timer_deadline(profile, row[i].now * jiffy, row[i].ahead * jiffy), row[i].expiry * jiffy);
    }
    pair_free(p);
}

/* Never early, and late by at most a tick and an eighth; durations count in whole jiffies, rounded up. */
static void wheel_lateness(void)
{
    const struct tcp_profile *profile;
    struct pair *p = profile_of(wheel, &profile);
    synfin_time duration = 1;
    for (unsigned i = 0; i < 2000; i++) {
        synfin_time now = (synfin_time)i * 7919 * SYNFIN_US, d = duration + i;
        label(p, "at %d us, %d us", (int)(now / SYNFIN_US), (int)(d / SYNFIN_US));
        synfin_time late = tcp_timer_deadline(profile, now, d) - now - d;
        EXPECT(p, late >= 0);
        EXPECT(p, late <= d / 7 + 8 * SYNFIN_MS);
        duration = duration < 100 * SYNFIN_S ? duration + duration / 50 + 1 : 1;
    }
    pair_free(p);
}

/* wheel_phase shifts the grid, at all levels; timers=exact has none. */
static void wheel_phase(void)
{
    const struct tcp_profile *plain, *shifted, *exact;
    struct pair *p = profile_of(wheel, &plain);
    struct pair *q = profile_of("profile=linux timers=wheel wheel_phase=1235us", &shifted);
    struct pair *r = profile_of(LINUX, &exact);
    for (synfin_time d = 1; d < 100 * SYNFIN_S; d *= 3) {
        synfin_time now = 5 * SYNFIN_S + d / 7, phase = 1235 * SYNFIN_US;
        EXPECT_EQUAL(p, tcp_timer_deadline(shifted, now + phase, d), tcp_timer_deadline(plain, now, d) + phase);
        EXPECT_EQUAL(p, tcp_timer_deadline(exact, now, d), now + d);
    }
    pair_free(p);
    pair_free(q);
    pair_free(r);
}

/* Instants in jiffies as division gives them, for every hz: at both sides of a jiffy's beginning, near and far. */
static void jiffies_by_division(void)
{
    for (uint64_t hz = 1; hz <= 1000000; hz++) {
        if (SYNFIN_S % (synfin_time)hz != 0)
            continue;
        char settings[64];
        snprintf(settings, sizeof settings, "profile=linux hz=%llu", (unsigned long long)hz);
        const struct tcp_profile *profile;
        struct pair *p = profile_of(settings, &profile);
        label(p, "%s", settings);
        uint64_t tick = UINT64_C(1000000000) / hz, most = INT64_MAX / tick, random = hz;
        for (unsigned i = 0; i < 2000; i++) {
            random = random * UINT64_C(6364136223846793005) + 1;
            uint64_t n = i < 50 ? i : i < 100 ? most - (i - 50) : (random >> 1) % most;
            EXPECT_EQUAL(p, tcp_ticks(profile, (synfin_time)(n * tick)), n);
            if (n > 0)
                EXPECT_EQUAL(p, tcp_ticks(profile, (synfin_time)(n * tick - 1)), n - 1);
        }
        pair_free(p);
    }
}

/* ---- Giving up --------------------------------------------------------------------------------------------------- */

/* Linux: retries2 15 stands for 924.6 s, orphan_retries 0 for 8 retries or 102.2 s, counted from 200 ms (TCP_RTO_MIN)
   whatever rto_min is. */
static void time_of_retries(void)
{
    const struct tcp_profile *profile;
    struct pair *p = profile_of(LINUX, &profile);
    EXPECT_EQUAL(p, profile->give_up[0], 924600 * SYNFIN_MS);
    EXPECT_EQUAL(p, profile->give_up[1], 102200 * SYNFIN_MS);
    pair_free(p);
    p = profile_of(LINUX " rto_min=50ms", &profile);
    EXPECT_EQUAL(p, profile->give_up[0], 924600 * SYNFIN_MS);
    pair_free(p);
    p = profile_of(LINUX " rto_max=1s orphan_retries=8", &profile); /* 0.2, 0.4, 0.8, then 1 s each */
    EXPECT_EQUAL(p, profile->give_up[1], 7400 * SYNFIN_MS);
    pair_free(p);
}

/* Linux's tcp_orphan_retries(): without a number an orphan whose timeout has come to rto_max is given up at once. */
static void orphan_at_rto_max(void)
{
    static const char *const rows[][2] = {
        {" rto_max=1s", "0 FIN-WAIT-1, 2.400000007s CLOSED"}, /* FINs at 0.2, 0.6 and 1.4 s, then 1 s; SRTT is 1 ns */
        {" rto_max=1s orphan_retries=8", "0 FIN-WAIT-1, 8.400000007s CLOSED"},
    };
    char settings[160];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(settings, sizeof settings, LINUX " early_retrans=0 rto_initial=200ms rto_min=200ms%s", rows[i][0]);
        struct pair *p = endpoint_in(TCP_ESTABLISHED, settings);
        label(p, "%s", settings);
        user_close(&p->a);
        run_to_end(p);
        EXPECT_STATES(&p->a, rows[i][1]);
        pair_free(p);
    }
}

/* ---- RFC 6528 ---------------------------------------------------------------------------------------------------- */

/* The vector for 12 bytes 00 .. 0b, key 00 .. 0f, that implementations of SipHash-1-3 have in their tests. */
static void siphash(void)
{
    static const uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    CU_ASSERT_EQUAL(tcp_siphash(key, UINT64_C(0x0706050403020100), 0x0b0a0908), UINT64_C(0x78a384b157b4d9a2));
}

/* One more each 4 us; another number for another four-tuple or secret. */
/* HOLDS(MUST-8, SHLD-1) */
static void initial_sequence_numbers(void)
{
    struct synfin_sender s = {.local = 1, .remote = 2, .local_port = 3, .remote_port = 4};
    struct synfin_host h = {.secret = {5, 6}};
    uint32_t offset, isn = tcp_isn(&s, &h, &offset);
    h.now = 40 * SYNFIN_US;
    CU_ASSERT_EQUAL(tcp_isn(&s, &h, &offset), isn + 10);
    h.now = 0;
    struct synfin_sender other[4] = {s, s, s, s};
    other[0].local++;
    other[1].remote++;
    other[2].local_port++;
    other[3].remote_port++;
    for (int i = 0; i < 4; i++)
        CU_ASSERT_NOT_EQUAL(tcp_isn(&other[i], &h, &offset), isn);
    h.secret[1]++;
    CU_ASSERT_NOT_EQUAL(tcp_isn(&s, &h, &offset), isn);
}

/* ---- Early data -------------------------------------------------------------------------------------------------- */

/* Against a map of bytes, around 2^32, in many orders. */
static void ranges_as_a_map(void)
{
    enum { BYTES = 120 };
    uint32_t seed = 1;
    for (int round = 0; round < 500; round++) {
        struct ranges r = {0};
        bool there[BYTES + 1] = {false};
        uint32_t base = UINT32_MAX - 60, next = 0;
        while (next < BYTES) {
            seed = seed * 1664525 + 1013904223;
            uint32_t start = next + (seed >> 8) % (BYTES - next), end = start + 1 + (seed >> 20) % 9;
            end = end < BYTES ? end : BYTES;
            uint32_t overlap[2], first = BYTES, last = 0;
            for (uint32_t i = start; i < end; i++) {
                if (there[i] && first == BYTES)
                    first = i;
                last = there[i] ? i + 1 : last;
            }
            memset(there + start, true, end - start);
            uint32_t next_before = next;
            if (start == next)
                next = ranges_advance(&r, base + end) - base;
            else
                CU_ASSERT(ranges_add(&r, base + start, base + end, overlap) >= 0);
            if (start != next_before) {
                CU_ASSERT_EQUAL(overlap[1] - overlap[0], first < last ? last - first : 0);
                CU_ASSERT(first >= last || overlap[0] == base + first);
            }
            uint32_t expected = 0;
            while (there[expected])
                expected++;
            CU_ASSERT_EQUAL(next, expected);
            for (uint32_t i = 1; i < r.count; i++)
                CU_ASSERT((int32_t)(r.range[i].start - r.range[i - 1].end) > 0);
        }
        CU_ASSERT_EQUAL(r.count, 0);
    }
}

/* So many gaps at most: one more is refused, what joins others is not. */
static void ranges_full(void)
{
    struct ranges r = {0};
    uint32_t overlap[2];
    for (uint32_t i = 0; i < RANGES_MAX; i++)
        CU_ASSERT_EQUAL(ranges_add(&r, 10 * i + 10, 10 * i + 15, overlap), (int)i);
    CU_ASSERT_EQUAL(ranges_add(&r, 10000, 10005, overlap), -1);
    CU_ASSERT_EQUAL(ranges_add(&r, 15, 20, overlap), 0);
    CU_ASSERT_EQUAL(r.count, RANGES_MAX - 1);
    CU_ASSERT_EQUAL(ranges_advance(&r, 10), 25);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 6298 2.2, 2.3: SRTT and RTTVAR of a sequence of samples", estimator},
        {"RFC 6298 2.4, 2.5: the timeout's bounds", bounds},
        {"Linux: rto_min bounds the variance term", variance_floor},
        {"Linux: SRTT, deviation and variance of a sequence of samples", linux_estimator},
        {"timer wheel: slots of the levels", wheel_slots},
        {"timer wheel: never early, late by an eighth and a tick", wheel_lateness},
        {"timer wheel: phase", wheel_phase},
        {"timer wheel: jiffies agree with division", jiffies_by_division},
        {"Linux: retries2 and orphan_retries as times", time_of_retries},
        {"Linux: orphans at rto_max", orphan_at_rto_max},
        {"SipHash-1-3: the published vector", siphash},
        {"RFC 6528: initial sequence numbers", initial_sequence_numbers},
        {"early data: ranges agree with a map of bytes", ranges_as_a_map},
        {"early data: no more ranges than there is room for", ranges_full},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_timer", cases);
}
