/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports from other stacks and simulators (S01 to S18), turned into whole runs with values computed by hand. */
#include "sim_run.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define MS(n) ((n) * SYNFIN_MS)

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : -1;
}

/* Within what the case allows at its full number of connections; with fewer, four standard errors. */
static bool near(double got, double wanted, double allowed, double n)
{
    return fabs(got - wanted) <= (sim_many(20) == 20 ? allowed : 4 * sqrt(wanted * (1 - wanted) / n));
}

/* S01: SYNs and the end of the attempt towards a silent host. */
static void silent_host(const char *settings, unsigned syns, synfin_time end)
{
    struct sim_run r;
    const char *more = sim_text(0,
                                "hosts.client.profile=linux\nhosts.client.tcp.timers=exact\nworkloads.w.connections=1\n"
                                "links.wan.forward.loss.model=bernoulli\nlinks.wan.forward.loss.p=100%%\n%s",
                                settings);
    if (sim_run(&r, sim_plain, more, SIM_ROWS | SIM_EVENTS)) {
        CU_ASSERT_EQUAL(r.row[0].syn_sent, syns);
        CU_ASSERT_EQUAL(r.row[0].outcome, SYNFIN_OUTCOME_TIMEOUT);
        CU_ASSERT_EQUAL(r.results->total.connections.failed[SYNFIN_TIMEOUT], 1);
        CU_ASSERT_EQUAL(r.results->total.connections.established, 0);
        CU_ASSERT_EQUAL(synfin_statistic_count(r.results->total.metric[SYNFIN_SETUP]), 0);
        CU_ASSERT_EQUAL(r.results->simulated, end);
    }
    sim_run_end(&r);
}

static void s01_linear_then_doubling(void)
{
    silent_host("hosts.client.tcp.syn_retries=3\nhosts.client.tcp.syn_linear_timeouts=2\n", 6, MS(17000));
    silent_host("hosts.client.tcp.syn_retries=3\nhosts.client.tcp.syn_linear_timeouts=0\n", 4, MS(15000));
}

/* S03: the third segment is lost; the server learns late that it is connected. */
static void s03_third_segment_lost(void)
{
    struct sim_run r;
    uint64_t n = sim_many(20000);
    const char *more = sim_text(0,
                                "links.wan.forward.loss.model=bernoulli\nlinks.wan.forward.loss.p=30%%\n"
                                "workloads.w.arrivals.rate=1000/s\nworkloads.w.hold=20s\nworkloads.w.connections=%llu\n"
                                "hosts.server.listen.backlog=100000\n",
                                (unsigned long long)n);
    if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
        size_t kept = 0, early = 0, late[5] = {0};
        static const synfin_time value[5] = {MS(30), MS(1030), MS(3030), MS(7030), MS(15030)};
        for (size_t i = 0; i < r.rows; i++) {
            synfin_time accept = r.row[i].duration[SYNFIN_ACCEPT];
            if (r.row[i].duration[SYNFIN_SETUP] != MS(20))
                continue;
            kept++;
            early += accept >= 0 && accept < MS(20000);
            for (int k = 0; k < 5; k++)
                late[k] += accept == value[k];
        }
        CU_ASSERT_EQUAL(early, late[0] + late[1] + late[2] + late[3] + late[4]);
        double p = 0.7;
        CU_ASSERT(near(share(late[0], kept), 0.7, 0.012, (double)kept));
        for (int k = 0; k < 4; k++, p *= 0.3)
            CU_ASSERT(fabs(share(late[k], kept) - p) <= 4 * sqrt(p * (1 - p) / (double)kept));
    }
    sim_run_end(&r);
}

static void accept_after(const char *segments, synfin_time accept)
{
    struct sim_run r;
    const char *more = sim_text(0,
                                "links.wan.forward.loss.model=script\nlinks.wan.forward.loss.segments=%s\n"
                                "workloads.w.hold=20s\nworkloads.w.connections=1\n",
                                segments);
    if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_SETUP], MS(20));
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], accept);
    }
    sim_run_end(&r);
}

static void s03_by_script(void)
{
    accept_after("[any:2]", MS(1030));
    accept_after("[any:2, any:3]", MS(3030));
}

/* S07: one loss in the four-way close. */
static void one_loss(const char *direction, const char *segments, synfin_time teardown, synfin_time end, unsigned fins)
{
    struct sim_run r;
    const char *more = sim_text(0,
                                "links.wan.%s.loss.model=script\nlinks.wan.%s.loss.segments=%s\nworkloads.w.connections=1\n",
                                direction, direction, segments);
    if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.row[0].outcome, SYNFIN_OUTCOME_CLOSED);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_TEARDOWN], teardown);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_CLOSE], end);
        CU_ASSERT_EQUAL(r.row[0].fin_sent, fins);
    }
    sim_run_end(&r);
}

static void s07_each_single_loss(void)
{
    one_loss("forward", "[]", MS(20), MS(30), 2);
    one_loss("forward", "[any:3]", MS(1020), MS(1030), 3);
    one_loss("backward", "[any:2]", MS(1020), MS(1030), 4);
    one_loss("forward", "[any:4]", MS(20), MS(1030), 3);
}

static void s07_shares(void)
{
    struct sim_run r;
    const char *more = sim_text(0,
                                "links.wan.both.loss.model=bernoulli\nlinks.wan.both.loss.p=5%%\n"
                                "hosts.client.addresses=64\nhosts.server.listen.backlog=100000\n"
                                "workloads.w.arrivals.rate=1000/s\nworkloads.w.connections=%llu\n",
                                (unsigned long long)sim_many(100000));
    if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
        size_t kept = 0, quick = 0, whole = 0, broken = 0;
        for (size_t i = 0; i < r.rows; i++) {
            const struct synfin_connection *c = &r.row[i];
            broken += c->outcome == SYNFIN_OUTCOME_RESET || c->outcome == SYNFIN_OUTCOME_TIMEOUT;
            if (c->duration[SYNFIN_SETUP] != MS(20))
                continue;
            kept++;
            quick += c->duration[SYNFIN_TEARDOWN] == MS(20);
            whole += c->duration[SYNFIN_TEARDOWN] == MS(20) && c->duration[SYNFIN_CLOSE] == MS(30);
        }
        CU_ASSERT(near(share(quick, kept), 0.9025, 0.003, (double)kept));
        CU_ASSERT(near(share(whole, quick), 0.95, 0.0023, (double)quick));
        CU_ASSERT_EQUAL(broken, 0);
    }
    sim_run_end(&r);
}

static double peak_rss_mib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

/* S08: a peak without off-by-one, and memory that follows the rate, not the number of connections. */
static double peak_of(uint64_t n)
{
    struct sim_run r;
    const char *more = sim_text(0,
                                "links.wan.both.delay.time=10.1ms\nworkloads.w.arrivals.rate=1000/s\n"
                                "hosts.client.tcp.time_wait=1s\nworkloads.w.connections=%llu\n",
                                (unsigned long long)n);
    if (sim_run(&r, sim_plain, more, 0)) {
        CU_ASSERT_EQUAL(r.results->total.connections.peak_concurrent, 51);
        CU_ASSERT(llabs(r.results->simulated - (synfin_time)n * SYNFIN_MS) < MS(2100));
        CU_ASSERT_EQUAL(r.results->total.connections.closed, n);
    }
    sim_run_end(&r);
    return peak_rss_mib();
}

static void s08_peak_and_memory(void)
{
    double small = peak_of(20000), large = peak_of(sim_many(1000000));
    CU_ASSERT(large - small < 8);
}

/* S10: the FIN comes after every byte, and a side closes only when its application does. */
static void s10_fin_after_data(void)
{
    static const char data[] = "links.wan.both.delay.time=100ms\nworkloads.w.request=3000B\nworkloads.w.connections=1\n"
                               "hosts.client.tcp.mss=1460B\nhosts.server.tcp.mss=1460B\n";
    struct sim_run r;
    if (sim_run(&r, sim_plain, data, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_TEARDOWN], MS(200));
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_CLOSE], MS(300));
    }
    sim_run_end(&r);
    const char *never = sim_text(0, "%sworkloads.w.close=client-only\nstop=30s\n", data);
    if (sim_run(&r, sim_plain, never, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.results->total.segments[1].kind[SYNFIN_KIND_FIN], 0);
        CU_ASSERT_EQUAL(r.row[0].outcome, SYNFIN_OUTCOME_OPEN);
    }
    sim_run_end(&r);
}

/* S12: who closes first holds the port for 2 MSL. */
static void s12_ports(const char *close, uint64_t established, uint64_t no_port)
{
    struct sim_run r;
    const char *more = sim_text(0,
                                "hosts.client.ports=50000-50099\nhosts.client.tcp.time_wait=60s\n"
                                "hosts.server.tcp.time_wait=60s\nworkloads.w.arrivals.rate=10/s\n"
                                "workloads.w.connections=250\nworkloads.w.close=%s\n",
                                close);
    if (sim_run(&r, sim_plain, more, 0)) {
        const struct synfin_connection_counts *c = &r.results->total.connections;
        CU_ASSERT_EQUAL(c->opened, 250);
        CU_ASSERT_EQUAL(c->established, established);
        CU_ASSERT_EQUAL(c->closed, established);
        CU_ASSERT_EQUAL(c->failed[SYNFIN_NO_PORT], no_port);
        CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_SYN], established);
    }
    sim_run_end(&r);
}

static void s12_no_port_left(void)
{
    s12_ports("client", 100, 150);
    s12_ports("server", 250, 0);
}

/* S13: how many half-open connections a listener takes: backlog + 1 of a burst. */
static void s13_half_open(void)
{
    struct sim_run r;
    static const char burst[] = "hosts.client.profile=linux\nhosts.server.profile=linux\nhosts.server.listen.backlog=4\n"
                                "hosts.client.tcp.timers=exact\nhosts.server.tcp.timers=exact\n"
                                "hosts.server.tcp.max_syn_backlog=256\nhosts.server.tcp.syncookies=0\n"
                                "hosts.client.tcp.syn_retries=2\nhosts.client.tcp.syn_linear_timeouts=0\n"
                                "links.wan.backward.loss.model=bernoulli\nlinks.wan.backward.loss.p=100%\n"
                                "workloads.w.arrivals.model=burst\nworkloads.w.arrivals.size=24\n"
                                "workloads.w.arrivals.every=1s\nworkloads.w.connections=24\n";
    if (sim_run(&r, sim_plain, burst, SIM_ROWS | SIM_EVENTS)) {
        size_t ended = 0;
        for (size_t i = 0; i < r.events; i++) {
            const struct synfin_event *e = &r.event[i];
            ended += e->kind == SYNFIN_EVENT_STATE && e->client && !strcmp(e->state, "CLOSED") && e->time == MS(7000);
        }
        CU_ASSERT_EQUAL(ended, 24);
        CU_ASSERT_EQUAL(r.results->total.connections.failed[SYNFIN_TIMEOUT], 24);
        for (size_t i = 0; i < r.rows; i++) {
            CU_ASSERT_EQUAL(r.row[i].syn_ack_sent >= 1, i < 5);
            CU_ASSERT_EQUAL(r.row[i].syn_sent, 3);
            CU_ASSERT_EQUAL(r.row[i].outcome, SYNFIN_OUTCOME_TIMEOUT);
        }
        CU_ASSERT_EQUAL(r.results->total.segments[1].kind[SYNFIN_KIND_RST], 0);
    }
    sim_run_end(&r);
}

/* S15: the round trip is longer than the first timeout. */
static void s15_long_round_trip(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, "links.wan.both.delay.time=600ms\nworkloads.w.connections=1\n", SIM_ROWS)) {
        const struct synfin_connection *c = &r.row[0];
        CU_ASSERT_EQUAL(c->duration[SYNFIN_SETUP], MS(1200));
        CU_ASSERT_EQUAL(c->duration[SYNFIN_ACCEPT], MS(1800));
        CU_ASSERT_EQUAL(c->duration[SYNFIN_TEARDOWN], MS(1200));
        CU_ASSERT_EQUAL(c->duration[SYNFIN_CLOSE], MS(1800));
        CU_ASSERT_EQUAL(c->syn_sent, 2);
        CU_ASSERT_EQUAL(c->syn_ack_sent, 2);
        CU_ASSERT_EQUAL(c->outcome, SYNFIN_OUTCOME_CLOSED);
        CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_RST] +
                            r.results->total.segments[1].kind[SYNFIN_KIND_RST],
                        0);
    }
    sim_run_end(&r);
}

/* S16: with a gap, netem's reorder sends 1 / ((gap - 1) + 1 / p) of the packets at once. */
static void at_once(const char *p, const char *gap, double expected, double sd_per_root)
{
    struct sim_run r;
    const char *more = sim_text(0,
                                "links.wan.forward.delay.time=100ms\nlinks.wan.forward.reorder.model=netem\n"
                                "links.wan.forward.reorder.p=%s\nlinks.wan.forward.reorder.gap=%s\n"
                                "hosts.client.addresses=64\nhosts.server.listen.backlog=100000\n"
                                "workloads.w.arrivals.rate=1000/s\nworkloads.w.connections=%llu\n",
                                p, gap, (unsigned long long)sim_many(75000));
    if (sim_run(&r, sim_plain, more, SIM_DELIVERIES)) {
        size_t forward = 0, quick = 0;
        for (size_t i = 0; i < r.events; i++) {
            if (r.event[i].segment->bits & SYNFIN_BACKWARD)
                continue;
            forward++;
            quick += r.event[i].time == r.event[i].since;
        }
        CU_ASSERT(forward >= sim_many(75000) * 4);
        double sds = sim_many(20) == 20 ? 3 : 4; /* 3: 450 of 300,000 */
        CU_ASSERT(fabs((double)quick - expected * (double)forward) <= sds * sd_per_root * sqrt((double)forward) + 1);
    }
    sim_run_end(&r);
}

static void s16_reorder_with_a_gap(void)
{
    at_once("50%", "2", 1.0 / 3, sqrt(2.0 / 27));
    at_once("100%", "2", 0.5, 0);
    at_once("50%", "1", 0.5, 0.5);
}

/* S17: Gilbert's two states: share of losses p / (p + r). */
static void s17_two_state_loss(void)
{
    struct sim_run r;
    const char *more = sim_text(0,
                                "links.wan.forward.loss.model=gilbert-elliott\nlinks.wan.forward.loss.p=1%%\n"
                                "links.wan.forward.loss.r=25%%\nhosts.client.addresses=64\n"
                                "hosts.server.listen.backlog=100000\n"
                                "workloads.w.arrivals.rate=1000/s\nworkloads.w.connections=%llu\n",
                                (unsigned long long)sim_many(250000));
    if (sim_run(&r, sim_plain, more, 0)) {
        const struct synfin_link_counts *c = &r.results->link[0].direction[0];
        double p = 0.01 / 0.26;
        double sd = sqrt(p * (1 - p) * (1 + 0.74) / (1 - 0.74) / (double)c->sent);
        CU_ASSERT(fabs(share(c->lost, c->sent) - p) <= (sim_many(20) == 20 ? 0.0015 : 4 * sd));
    }
    sim_run_end(&r);
}

/* S18 A: a delay does not fill a queue. */
static void s18_delay_is_not_a_queue(void)
{
    struct sim_run r;
    static const char more[] = "links.wan.forward.queue.model=droptail\nlinks.wan.forward.queue.rate=1Gbit/s\n"
                               "links.wan.forward.queue.limit=1000\nlinks.wan.forward.delay.time=900ms\n"
                               "links.wan.backward.delay.model=none\nworkloads.w.arrivals.rate=1500/s\n"
                               "hosts.server.listen.backlog=100000\nworkloads.w.connections=3000\n";
    if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.results->total.segments[0].lost, 0);
        CU_ASSERT_EQUAL(r.results->total.segments[0].dropped, 0);
        for (size_t i = 0; i < r.rows; i++)
            CU_ASSERT_EQUAL(r.row[i].syn_sent, 1);
    }
    sim_run_end(&r);
}

/* S18 B: of a burst into a queue of 10, eleven pass at each try: ten wait, one is in transmission. */
static void s18_burst_into_a_short_queue(void)
{
    struct sim_run r;
    static const char more[] = "links.wan.forward.queue.model=droptail\nlinks.wan.forward.queue.rate=1Mbit/s\n"
                               "links.wan.forward.queue.limit=10\nworkloads.w.arrivals.model=burst\n"
                               "workloads.w.arrivals.size=50\nworkloads.w.arrivals.every=1h\nworkloads.w.connections=50\n"
                               "workloads.w.hold=60s\nhosts.server.listen.backlog=1000\n";
    static const struct {
        size_t first, last;
        synfin_time near;
    } group[] = {{0, 10, MS(20)}, {11, 21, MS(1020)}, {22, 32, MS(3020)}, {33, 43, MS(7020)}, {44, 49, MS(15020)}};
    if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
        synfin_time syn = 44 * 8 * SYNFIN_US; /* IPv4 20, TCP 20, MSS option 4 bytes at 1 Mbit/s */
        for (size_t g = 0; g < 5; g++) {
            for (size_t i = group[g].first; i <= group[g].last; i++) {
                synfin_time nth = (synfin_time)(i - group[g].first) + 1;
                CU_ASSERT_EQUAL(r.row[i].duration[SYNFIN_SETUP], group[g].near + nth * syn);
            }
        }
        CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_SYN], 140);
        CU_ASSERT_EQUAL(r.results->total.segments[0].dropped, 90);
        CU_ASSERT_EQUAL(r.results->total.segments[0].lost, 0);
    }
    sim_run_end(&r);
}

/* S19 b: the same probability, however it is written, is the same run. */
static void s19_spellings_of_a_probability(void)
{
    static const char *const spelling[] = {"5%", "0.05", "5.0e-2"};
    struct sim_run r[3];
    bool fine = true;
    for (int i = 0; i < 3; i++)
        fine = sim_run(&r[i], sim_plain,
                       sim_text(0, "links.wan.both.loss.model=bernoulli\nlinks.wan.both.loss.p=%s\n"
                                   "workloads.w.connections=500\n",
                                spelling[i]),
                       SIM_ROWS) &&
               fine;
    for (int i = 1; fine && i < 3; i++) {
        CU_ASSERT_EQUAL(r[i].rows, 500);
        for (size_t n = 0; n < r[i].rows; n++) {
            const struct synfin_connection *a = &r[0].row[n], *b = &r[i].row[n];
            CU_ASSERT(!memcmp(a->duration, b->duration, sizeof(a->duration)) && a->opened == b->opened);
            CU_ASSERT(a->syn_sent == b->syn_sent && a->syn_ack_sent == b->syn_ack_sent && a->fin_sent == b->fin_sent);
        }
    }
    for (int i = 0; i < 3; i++)
        sim_run_end(&r[i]);
}

/* A side that gave up makes the connection one that failed, though the other waits for ever. */
static void one_side_gives_up(void)
{
    struct sim_run r;
    static const char more[] = "workloads.w.connections=1\nworkloads.w.close=server\nlinks.wan.backward.loss.model=script\n"
                               "links.wan.backward.loss.segments=[fin:1, fin:2, fin:3]\n"
                               "hosts.server.tcp.orphan_retries=2\n";
    if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.row[0].outcome, SYNFIN_OUTCOME_TIMEOUT);
        CU_ASSERT_EQUAL(r.results->total.connections.failed[SYNFIN_TIMEOUT], 1);
        CU_ASSERT_EQUAL(r.results->total.connections.open, 0);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_SETUP], MS(20));
    }
    sim_run_end(&r);
}

/* close: both, each after its own hold: the peer's close does not put it off by close_after. */
static void both_close_after_their_hold(void)
{
    struct sim_run r;
    static const char both[] = "workloads.w.connections=1\nworkloads.w.close=both\nworkloads.w.hold=7ms\n"
                               "workloads.w.close_after=3s\nworkloads.w.request=100B\nworkloads.w.response=100B\n";
    if (sim_run(&r, sim_plain, both, SIM_ROWS)) {
        /* Response sent at 30, there at 40 ms; the server's FIN leaves at 37 and comes at 47 ms, as the client's hold
           ends: it closes then, not at 3.047 s. */
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_TEARDOWN], MS(20));
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_CLOSE], MS(30));
    }
    sim_run_end(&r);
}

/* However many tries and copies of a SYN are on their way, each may make an endpoint at the server. */
static void many_tries_and_copies(void)
{
    struct sim_run r;
    static const char tries[] = "workloads.w.connections=1\nworkloads.w.connect_timeout=1us\nworkloads.w.retries=1000\n";
    if (sim_run(&r, sim_plain, tries, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.row[0].syn_sent, 1001);
        CU_ASSERT_EQUAL(r.row[0].outcome, SYNFIN_OUTCOME_TIMEOUT);
    }
    sim_run_end(&r);
    static const char copies[] = "workloads.w.connections=1\nlinks.wan.forward.duplicate.0.model=bernoulli\n"
                                 "links.wan.forward.duplicate.0.p=100%\nlinks.wan.forward.duplicate.0.only=[syn]\n";
    char *all = strdup(copies);
    for (int i = 1; all && i < 17; i++) {
        const char *one = sim_text(0, "links.wan.forward.duplicate.%d.model=bernoulli\n"
                                      "links.wan.forward.duplicate.%d.p=100%%\nlinks.wan.forward.duplicate.%d.only=[syn]\n",
                                   i, i, i);
        all = realloc(all, strlen(all) + strlen(one) + 1);
        strcat(all, one);
    }
    if (all && sim_run(&r, sim_plain, all, SIM_ROWS))
        CU_ASSERT_EQUAL(r.row[0].outcome, SYNFIN_OUTCOME_CLOSED);
    sim_run_end(&r);
    free(all);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"S01 how many SYNs, and when the attempt ends (RFC 6298 5.5)", s01_linear_then_doubling},
        {"S03 the third segment is lost: shares (RFC 9293 3.10.7.4)", s03_third_segment_lost},
        {"S03 the third segment is lost: by script", s03_by_script},
        {"S07 one loss in the four-way close (RFC 9293 3.6)", s07_each_single_loss},
        {"S07 one loss in the four-way close: shares", s07_shares},
        {"S08 peak of concurrent connections, and timers that were cancelled", s08_peak_and_memory},
        {"S10 the FIN comes after every byte (RFC 9293 3.10.4)", s10_fin_after_data},
        {"S12 no port left (RFC 9293 3.6)", s12_no_port_left},
        {"S13 how many half-open connections a listener takes", s13_half_open},
        {"S15 the round trip is longer than the first timeout", s15_long_round_trip},
        {"S16 netem's reorder with a gap", s16_reorder_with_a_gap},
        {"S17 Gilbert's two-state loss", s17_two_state_loss},
        {"S18 A a long delay loses nothing", s18_delay_is_not_a_queue},
        {"a close that is due stays so", both_close_after_their_hold},
        {"any number of tries and of copies of a SYN", many_tries_and_copies},
        {"the first reason on either side counts", one_side_gives_up},
        {"S18 B a burst into a short queue", s18_burst_into_a_short_queue},
        {"S19 b a probability in three spellings", s19_spellings_of_a_probability},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "cases", cases);
}
