/* SPDX-License-Identifier: BSD-2-Clause */
/* Middleboxes on links: `rst` resets connections, `idle` forgets them. 10 ms one way. */
#include <string.h>

#include "sim_run.h"
#include "suite.h"

#define MS(n) ((n) * SYNFIN_MS)
#define ONE "workloads.w.connections=1\n"
#define REQUEST ONE "workloads.w.request=100B\nworkloads.w.response=100B\n"

/* When the side's endpoint entered a state last; -1: never. */
static synfin_time entered(const struct sim_run *r, bool client, const char *state)
{
    synfin_time at = -1;
    for (size_t i = 0; i < r->events; i++) {
        const struct synfin_event *e = &r->event[i];
        if (e->kind == SYNFIN_EVENT_STATE && e->client == client && !strcmp(e->state, state))
            at = e->time;
    }
    return at;
}

static size_t count(const struct sim_run *r, enum synfin_event_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < r->events; i++)
        n += r->event[i].kind == kind;
    return n;
}

static uint64_t outcomes(const struct sim_run *r, enum synfin_failure reason)
{
    return r->results->total.connections.failed[reason];
}

static uint64_t resets_sent(const struct sim_run *r)
{
    return r->results->total.segments[0].kind[SYNFIN_KIND_RST] + r->results->total.segments[1].kind[SYNFIN_KIND_RST];
}

/* ---- rst -------------------------------------------------------------------------------------------------------- */

/* A RST in the segment's place and one back, each in sequence (RFC 9293 3.10.7.4, second): both sides are closed at
   once, and neither answers. The middlebox stands in the middle of the link. */
static void test_rst_both(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, REQUEST "links.wan.forward.loss.model=rst\nlinks.wan.forward.loss.segments=[data:1]\n",
                SIM_EVENTS)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_RESET), 1);
        CU_ASSERT_EQUAL(count(&r, SYNFIN_EVENT_INJECTED), 2);
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), MS(30));
        CU_ASSERT_EQUAL(entered(&r, false, "CLOSED"), MS(30));
        CU_ASSERT_EQUAL(resets_sent(&r), 0);
        CU_ASSERT_EQUAL(r.results->total.segments[0].lost, 1);
        CU_ASSERT_EQUAL(r.results->link[0].direction[1].sent, 2); /* SYN+ACK, and the RST back */
    }
    sim_run_end(&r);
}

/* The sender alone: the server waits for ever. The receiver alone: its closed port answers what the client repeats. */
static void test_rst_one_side(void)
{
    static const char rst[] = REQUEST "links.wan.forward.loss.model=rst\nlinks.wan.forward.loss.segments=[data:1]\n";
    struct sim_run r;
    if (sim_run(&r, sim_plain, sim_text(0, "%slinks.wan.forward.loss.to=sender\n", rst), SIM_EVENTS)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_RESET), 1);
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), MS(30));
        CU_ASSERT_EQUAL(entered(&r, false, "CLOSED"), -1);
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain, sim_text(0, "%slinks.wan.forward.loss.to=receiver\n", rst), SIM_EVENTS)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_RESET), 1);
        CU_ASSERT_EQUAL(entered(&r, false, "CLOSED"), MS(30));
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), MS(1040)); /* RTO 1 s after the data, and a round trip */
        CU_ASSERT_EQUAL(resets_sent(&r), 1);
    }
    sim_run_end(&r);
}

/* RFC 9293 3.10.7.3, second: in SYN-SENT a RST with the ACK of the SYN refuses. As from a firewall that rejects. */
static void test_rst_of_syn(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, "links.wan.forward.loss.model=rst\nlinks.wan.forward.loss.only=[syn]\n", SIM_EVENTS)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_REFUSED), 10);
        CU_ASSERT_EQUAL(count(&r, SYNFIN_EVENT_INJECTED), 10);
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), MS(100)); /* the last SYN was sent at 90 ms */
        CU_ASSERT_EQUAL(entered(&r, false, "SYN-RECEIVED"), -1);
    }
    sim_run_end(&r);
}

/* A client that is refused tries again at once: its SYN is taken out too, and the resets come in where the one that it
   handles came from. Two for each SYN, as a link before it doubles what it carries. */
static void test_rst_of_retries(void)
{
    static const char doubled[] = "hosts.client.profile=linux\nhosts.client.addresses=64\n"
                                  "hosts.server.profile=linux\nhosts.server.listen.port=80\n"
                                  "links.double.both.delay.model=constant\nlinks.double.both.delay.time=5ms\n"
                                  "links.double.forward.duplicate.model=bernoulli\n"
                                  "links.double.forward.duplicate.p=100%\n"
                                  "links.box.forward.loss.model=rst\nlinks.box.forward.loss.p=100%\n"
                                  "links.box.forward.loss.to=sender\n"
                                  "workloads.w.from=client\nworkloads.w.to=server\nworkloads.w.over=[double, box]\n"
                                  "workloads.w.arrivals.model=burst\nworkloads.w.arrivals.size=32\n"
                                  "workloads.w.arrivals.every=1s\nworkloads.w.connections=32\n"
                                  "workloads.w.retries=5\n";
    struct sim_run r;
    if (sim_run(&r, doubled, NULL, SIM_EVENTS)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_REFUSED), 32);
        CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_SYN], 32 * 6);
        CU_ASSERT_EQUAL(count(&r, SYNFIN_EVENT_INJECTED), 2 * 32 * 6);
    }
    sim_run_end(&r);
}

/* A SYN+ACK: the client is refused, the half-open connection at the server reset; both believe the RST's numbers. */
static void test_rst_of_syn_ack(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, ONE "links.wan.backward.loss.model=rst\nlinks.wan.backward.loss.segments=[syn_ack:1]\n",
                SIM_EVENTS)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_RESET) + outcomes(&r, SYNFIN_REFUSED), 1);
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), MS(20));
        CU_ASSERT_EQUAL(entered(&r, false, "CLOSED"), MS(20));
        CU_ASSERT_EQUAL(resets_sent(&r), 0);
    }
    sim_run_end(&r);
}

/* What a middlebox sends meets what else the link has: the RST to the client is lost, and the client repeats. */
static void test_rst_meets_losses(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain,
                REQUEST "links.wan.forward.loss.model=rst\nlinks.wan.forward.loss.segments=[data:1]\n"
                        "links.wan.backward.loss.model=bernoulli\nlinks.wan.backward.loss.p=100%\n"
                        "links.wan.backward.loss.only=[rst]\nstop=500ms\n",
                SIM_EVENTS)) {
        CU_ASSERT_EQUAL(entered(&r, false, "CLOSED"), MS(30));
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), -1);
        CU_ASSERT_EQUAL(r.results->total.segments[1].lost, 1);
    }
    sim_run_end(&r);
}

/* Of n segments a share p, within four standard errors; a datagram is lost without a RST. */
static void test_rst_share(void)
{
    struct sim_run r;
    uint64_t n = sim_many(20000);
    const char *base = sim_text(1, "workloads.w.connections=%llu\nworkloads.w.arrivals.rate=1000/s\n"
                                   "hosts.client.addresses=16\nworkloads.w.protocol=udp\nworkloads.w.request=100B\n"
                                   "hosts.server.listen.protocol=udp\nhosts.client.udp.retries=0\n"
                                   "links.wan.forward.loss.model=rst\nlinks.wan.forward.loss.p=20%%\n",
                                (unsigned long long)n);
    if (sim_run(&r, sim_plain, base, 0)) {
        double lost = (double)r.results->total.segments[0].lost, p = 0.2;
        CU_ASSERT((lost - p * (double)n) * (lost - p * (double)n) < 16 * p * (1 - p) * (double)n);
        CU_ASSERT_EQUAL(r.results->link[0].direction[1].sent, 0);
    }
    sim_run_end(&r);
}

/* ---- idle ------------------------------------------------------------------------------------------------------- */

#define IDLE "links.wan.both.loss.model=idle\nlinks.wan.both.loss.timeout=5min\n"

static void test_idle_drops(void)
{
    struct sim_run r;
    /* Up to the timeout the connection is known: ESTABLISHED at the middlebox with the last ACK, FIN 5 min later. */
    if (sim_run(&r, sim_plain, ONE IDLE "workloads.w.hold=5min\n", 0)) {
        CU_ASSERT_EQUAL(r.results->total.connections.closed, 1);
        CU_ASSERT_EQUAL(r.results->total.segments[0].lost, 0);
    }
    sim_run_end(&r);
    /* Then not: every FIN is lost, silently, until the client gives up (RFC 9293 3.8.3); the server hears nothing. */
    if (sim_run(&r, sim_plain, ONE IDLE "workloads.w.hold=301s\n", SIM_EVENTS)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_TIMEOUT), 1);
        CU_ASSERT_EQUAL(r.results->total.segments[0].lost, r.results->total.segments[0].kind[SYNFIN_KIND_FIN]);
        CU_ASSERT(r.results->total.segments[0].lost > 3);
        CU_ASSERT_EQUAL(entered(&r, false, "CLOSE-WAIT"), -1);
        CU_ASSERT_EQUAL(count(&r, SYNFIN_EVENT_INJECTED), 0);
    }
    sim_run_end(&r);
}

static void test_idle_answers(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, ONE IDLE "workloads.w.hold=301s\nlinks.wan.both.loss.reset=true\n", SIM_EVENTS)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_RESET), 1);
        CU_ASSERT_EQUAL(count(&r, SYNFIN_EVENT_INJECTED), 1);
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), MS(301000 + 20 + 10));
        CU_ASSERT_EQUAL(entered(&r, false, "CLOSED"), -1);
    }
    sim_run_end(&r);
}

/* Segments of either direction keep the connection known to both: the server's FIN comes after 4 min, the client's
   after 8; the forward direction sees only SYN and FIN. */
static void test_idle_both_ways(void)
{
    static const char slow[] = ONE "workloads.w.close=server\nworkloads.w.hold=4min\nworkloads.w.close_after=4min\n"
                                   "links.wan.forward.loss.model=idle\nlinks.wan.forward.loss.timeout=5min\n"
                                   "links.wan.forward.loss.only=[syn, fin]\n";
    struct sim_run r;
    if (sim_run(&r, sim_plain, slow, 0)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_TIMEOUT), 1);
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain,
                sim_text(0, "%slinks.wan.backward.loss.model=idle\nlinks.wan.backward.loss.timeout=5min\n", slow), 0)) {
        CU_ASSERT_EQUAL(r.results->total.connections.closed, 1);
    }
    sim_run_end(&r);
}

/* Every connection stands for itself: what is busy elsewhere keeps no other known. */
static void test_idle_each(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, IDLE "workloads.w.hold=301s\nworkloads.w.connections=300\n"
                                "workloads.w.arrivals.rate=1/s\n", 0)) {
        CU_ASSERT_EQUAL(outcomes(&r, SYNFIN_TIMEOUT), 300);
    }
    sim_run_end(&r);
}

/* Both sides fail in one instant, the client as refused, the server as reset: that of the first host in the file is the
   connection's outcome, though the other has run ahead: it has something to do shortly before. */
static void test_first_host(void)
{
    static const char back[] = "workloads.v.from=server\nworkloads.v.to=client\nworkloads.v.port=80\n"
                               "workloads.v.over=wan\n"
                               "workloads.v.protocol=tcp\nworkloads.v.connections=1\nworkloads.v.close=client\n"
                               "workloads.v.arrivals.model=constant\nworkloads.v.arrivals.rate=1/s\n"
                               "workloads.w.start=3ms\n";
    static const char *const hosts[] = {"hosts.client.profile=rfc9293\nhosts.server.profile=rfc9293\n",
                                        "hosts.server.profile=rfc9293\nhosts.client.profile=rfc9293\n"};
    const char *rest = strstr(sim_plain, "hosts.server.listen");
    for (unsigned server_first = 0; server_first < 2; server_first++) {
        struct sim_run r;
        if (sim_run(&r, sim_text(0, "%s%s%s", hosts[server_first], rest, server_first ? "" : back),
                    ONE "links.wan.backward.loss.model=rst\nlinks.wan.backward.loss.segments=[syn_ack:1]\n",
                    SIM_EVENTS)) {
            const struct synfin_connection_counts *w = &r.results->workload[0].connections;
            CU_ASSERT_EQUAL(w->failed[server_first ? SYNFIN_RESET : SYNFIN_REFUSED], 1);
        }
        sim_run_end(&r);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.10.7.4 rst: both sides are reset in sequence", test_rst_both},
        {"rst: one side only", test_rst_one_side},
        {"RFC 9293 3.10.7.3 rst of a SYN refuses", test_rst_of_syn},
        {"RFC 9293 3.10.7.3 rst of a SYN refuses each try", test_rst_of_retries},
        {"RFC 9293 3.10.7.3 rst of a SYN+ACK is believed", test_rst_of_syn_ack},
        {"rst: of two ends in one instant the first host's counts", test_first_host},
        {"rst: what it sends may be lost", test_rst_meets_losses},
        {"rst: share of segments; datagrams are lost", test_rst_share},
        {"idle: forgets after the timeout, silently", test_idle_drops},
        {"idle: or answers with a RST", test_idle_answers},
        {"idle: either direction counts", test_idle_both_ways},
        {"idle: each connection for itself", test_idle_each},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_middlebox", cases);
}
