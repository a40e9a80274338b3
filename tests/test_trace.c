/* SPDX-License-Identifier: BSD-2-Clause */
/* `--trace`: every event is one row, every column says what the header promises. */
#include "../experiments/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../experiments/scenario_file.h"
#include "made_events.h"
#include "suite.h"

#define HEADER \
    "time_ns,host,event,workload,connection,direction,ordinal,kind,seq,ack,len,window,options,link,model,state\n"

static const char scenario[] = "hosts: {client: {}, server: {listen: {port: 80}}}\n"
                               "workloads: {churn: {from: client, to: server, arrivals: {model: constant, rate: 1/s},\n"
                               "  connections: 1, close: client}}\n";

/* A trace in a folder of its own. */
struct fixture {
    char folder[64], yaml[96], csv[96];
    struct options options;
    struct scenario_file file;
    struct synfin_scenario *scenario;
    struct trace *trace;
    char *text; /* of the file, after end() */
};

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    strcpy(f->folder, "/tmp/synfin-test-trace-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->folder));
    snprintf(f->yaml, sizeof f->yaml, "%s/a.yaml", f->folder);
    snprintf(f->csv, sizeof f->csv, "%s/a.csv", f->folder);
    FILE *yaml = fopen(f->yaml, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(yaml);
    fputs(scenario, yaml);
    fclose(yaml);
    CU_ASSERT_EQUAL_FATAL(scenario_file_load(&f->file, f->yaml, &f->options), STATUS_DONE);
    f->scenario = scenario_file_scenario(&f->file, SCENARIO_BASE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f->scenario);
    CU_ASSERT_EQUAL_FATAL(trace_open(&f->trace, f->csv, f->scenario), 0);
}

/* Closes it; what is in the file goes to `text`, NULL: there is none. */
static void end(struct fixture *f, bool keep)
{
    CU_ASSERT_EQUAL(trace_close(f->trace, keep), 0);
    FILE *csv = fopen(f->csv, "r");
    if (csv) {
        size_t size = 0;
        ssize_t n = getdelim(&f->text, &size, '\0', csv);
        CU_ASSERT_TRUE(n >= 0);
        fclose(csv);
        unlink(f->csv);
    }
    unlink(f->yaml);
    CU_ASSERT_EQUAL(rmdir(f->folder), 0);
    synfin_scenario_free(f->scenario);
    scenario_file_free(&f->file);
}

static void expect_row(struct synfin_event event, const char *row)
{
    struct fixture f;
    char wanted[1024];
    int columns = 1, titles = 1;

    for (const char *c = row; *c; c++)
        columns += *c == ',';
    for (const char *c = HEADER; *c; c++)
        titles += *c == ',';
    CU_ASSERT_EQUAL(columns, titles);
    begin(&f);
    trace_event(f.trace, &event);
    end(&f, true);
    snprintf(wanted, sizeof wanted, HEADER "%s\n", row);
    CU_ASSERT_STRING_EQUAL(f.text, wanted);
    if (strcmp(f.text, wanted) != 0)
        printf("%s", f.text);
    free(f.text);
}

static void test_syn_sent(void)
{
    struct synfin_segment s = made_segment(MADE_CLIENT, 0, SYNFIN_SYN, 4000000000, 12345, 0);
    s.mss = 1460;
    s.bits |= SYNFIN_SACK_PERMITTED | SYNFIN_HAS_TIMESTAMPS;
    s.tsval = 4294967295;
    s.window_scale = 7;
    /* ack is empty: the segment has none, whatever the field holds. */
    expect_row(made_sent(1054427, &s, "SYN-SENT"), "1054427,client,sent,churn,7,forward,0,syn,4000000000,,0,64240,"
                                                   "mss=1460;sackok;ts=4294967295:0;ws=7,,,SYN-SENT");
}

static void test_syn_ack_lost(void)
{
    struct synfin_segment s = made_segment(MADE_SERVER, 3, SYNFIN_SYN | SYNFIN_ACK, 5, 6, 0);
    s.window_scale = 0;
    expect_row(made_fate(SYNFIN_EVENT_LOST, 70, 60, &s, "bernoulli"),
               "70,server,lost,churn,7,backward,3,syn_ack,5,6,0,64240,ws=0,wan.backward,bernoulli,");
}

/* Link and workload have directions of their own. */
static void test_directions(void)
{
    struct synfin_segment s = made_segment(MADE_CLIENT, 1, SYNFIN_ACK, 5, 6, 1448);
    struct synfin_event e = made_fate(SYNFIN_EVENT_DROPPED, 70, 60, &s, "droptail");
    e.link_backward = true;
    expect_row(e, "70,client,dropped,churn,7,forward,1,data,5,6,1448,64240,,wan.backward,droptail,");
}

static void test_delivered(void)
{
    struct synfin_segment s = made_segment(MADE_CLIENT, 2, SYNFIN_FIN | SYNFIN_ACK, 5, 6, 0);
    s.bits |= SYNFIN_HAS_TIMESTAMPS;
    s.tsval = 8;
    s.tsecr = 9;
    expect_row(made_delivered(80, 60, &s, "ESTABLISHED"),
               "80,server,delivered,churn,7,forward,2,fin,5,6,0,64240,ts=8:9,,,ESTABLISHED");
}

/* Of a datagram, seq is the offset in its message, ack the message's size; it has no window. */
static void test_udp(void)
{
    struct synfin_segment s = made_segment(MADE_CLIENT, 0, 0, 1472, 3000, 1472);
    s.protocol = SYNFIN_UDP;
    expect_row(made_sent(1, &s, "OPEN"), "1,client,sent,churn,7,forward,0,data,1472,3000,1472,,,,,OPEN");
}

static void test_state(void)
{
    expect_row(made_state(0, false, "SYN-RECEIVED"), "0,server,state,churn,7,,,,,,,,,,,SYN-RECEIVED");
}

static void test_timer(void)
{
    expect_row(made_timer(SYNFIN_S, true, "SYN", 0, SYNFIN_S, "SYN-SENT"),
               "1000000000,client,timer,churn,7,,,,,,,,,,SYN,SYN-SENT");
}

/* Far more rows than the buffer holds: none is lost at its border. */
static void test_many(void)
{
    enum { ROWS = 20000 };
    struct fixture f;

    begin(&f);
    for (synfin_time i = 0; i < ROWS; i++) {
        struct synfin_event e = made_state(i, true, "CLOSED");
        trace_event(f.trace, &e);
    }
    end(&f, true);
    CU_ASSERT_EQUAL_FATAL(strncmp(f.text, HEADER, strlen(HEADER)), 0);
    const char *at = f.text + strlen(HEADER);
    int wrong = 0;
    for (int i = 0; i < ROWS; i++) {
        char row[64];
        int n = snprintf(row, sizeof row, "%d,client,state,churn,7,,,,,,,,,,,CLOSED\n", i);
        wrong += strncmp(at, row, (size_t)n) != 0;
        at += n;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(*at, '\0');
    free(f.text);
}

static void test_not_kept(void)
{
    struct fixture f;

    begin(&f);
    end(&f, false);
    CU_ASSERT_PTR_NULL(f.text);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"a SYN with all its options", test_syn_sent},
        {"a lost SYN+ACK names link and model", test_syn_ack_lost},
        {"the link's direction is not the workload's", test_directions},
        {"a delivered FIN has the state of who takes it", test_delivered},
        {"a datagram", test_udp},
        {"a state", test_state},
        {"a timer", test_timer},
        {"rows by the thousand", test_many},
        {"a trace that is not kept leaves no file", test_not_kept},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_trace", cases);
}
