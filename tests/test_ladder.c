/* SPDX-License-Identifier: BSD-2-Clause */
/* Ladders: what events become, and what is drawn of them. */
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

#include "made_events.h"
#include "sim_run.h"
#include "suite.h"

/* ---- A ladder of made-up events ---------------------------------------------------------------------------------- */

static struct ladder begin(void)
{
    return (struct ladder){.title = "a test",
                           .connection = "w:7",
                           .outcome = "closed",
                           .host = {"client", "server"},
                           .first_state = {"CLOSED", "LISTEN"}};
}

static void tell(struct ladder *l, struct synfin_event event)
{
    ladder_event(l, &event);
}

typedef int (*drawer)(FILE *, const struct ladder *);

static int plain_text(FILE *f, const struct ladder *l)
{
    return ladder_text(f, l, false);
}

static int utf8_text(FILE *f, const struct ladder *l)
{
    return ladder_text(f, l, true);
}

/* Into `text`, to be freed. */
static void draw_to(char **text, const struct ladder *l, drawer draw)
{
    size_t size;
    FILE *f = open_memstream(text, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(draw(f, l), 0);
    fclose(f);
}

/* Ends the ladder, and compares what is drawn below the head line. */
static void expect_drawn(struct ladder *l, drawer draw, const char *wanted)
{
    ladder_finish(l);
    CU_ASSERT_FALSE(l->failed);
    char *text = NULL;
    draw_to(&text, l, draw);
    const char *body = strchr(text, '\n') + 2;
    CU_ASSERT_STRING_EQUAL(body, wanted);
    if (strcmp(body, wanted) != 0)
        printf("%s", text);
    free(text);
    ladder_free(l);
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, word)); at++)
        n++;
    return n;
}

/* A segment that is sent at one instant and arrives at another, other things happening in between or not. */
static void pass(struct ladder *l, const struct synfin_segment *s, synfin_time sent, synfin_time arrives,
                 const char *state)
{
    tell(l, made_sent(sent, s, NULL));
    tell(l, made_delivered(arrives, sent, s, state));
}

/* ---- The model --------------------------------------------------------------------------------------------------- */

/* Each side's numbers count from its SYN, modulo 2^32; what lies before is negative. */
static void test_relative_numbers(void)
{
    struct ladder l = begin();
    struct synfin_segment syn = made_segment(MADE_CLIENT, 0, SYNFIN_SYN, 0xfffffff0, 0, 0);
    struct synfin_segment syn_ack = made_segment(MADE_SERVER, 0, SYNFIN_SYN | SYNFIN_ACK, 500, 0xfffffff1, 0);
    struct synfin_segment data = made_segment(MADE_CLIENT, 1, SYNFIN_ACK, 0x00000010, 501, 10);
    struct synfin_segment before = made_segment(MADE_CLIENT, 2, SYNFIN_ACK, 0xffffffef, 501, 0);
    char text[LADDER_TEXT];

    pass(&l, &syn, 0, 10, "LISTEN");
    pass(&l, &syn_ack, 10, 20, "SYN-SENT");
    pass(&l, &data, 20, 30, "ESTABLISHED");
    pass(&l, &before, 30, 40, "ESTABLISHED");
    CU_ASSERT_STRING_EQUAL(ladder_label(text, &l.arrow[0]), "SYN SEQ 0");
    CU_ASSERT_STRING_EQUAL(ladder_label(text, &l.arrow[1]), "SYN+ACK SEQ 0 ACK 1");
    CU_ASSERT_STRING_EQUAL(ladder_label(text, &l.arrow[2]), "ACK SEQ 32 ACK 1 LEN 10");
    CU_ASSERT_STRING_EQUAL(ladder_label(text, &l.arrow[3]), "ACK SEQ -1 ACK 1");
    ladder_free(&l);
}

/* Another try has another port and other initial numbers; RFC 9293 3.10.7.1: a RST that answers it has SEQ 0. */
static void test_another_try(void)
{
    struct ladder l = begin();
    struct synfin_segment syn = made_segment(MADE_CLIENT, 0, SYNFIN_SYN, 1000, 0, 0);
    struct synfin_segment syn_ack = made_segment(MADE_SERVER, 0, SYNFIN_SYN | SYNFIN_ACK, 500, 1001, 0);
    struct synfin_segment again = made_segment(MADE_CLIENT, 0, SYNFIN_SYN, 7000, 0, 0);
    struct synfin_segment reset = made_segment(MADE_SERVER, 1, SYNFIN_RST | SYNFIN_ACK, 0, 7001, 0);
    struct synfin_segment late = made_segment(MADE_SERVER, 1, SYNFIN_ACK, 501, 1001, 0); /* of the first */
    char text[LADDER_TEXT];

    again.source_port = reset.destination_port = 40001;
    pass(&l, &syn, 0, 10, "LISTEN");
    pass(&l, &syn_ack, 10, 20, "SYN-SENT");
    pass(&l, &again, 30, 40, "CLOSED");
    pass(&l, &reset, 40, 50, "SYN-SENT");
    pass(&l, &late, 50, 60, "CLOSED");
    CU_ASSERT_STRING_EQUAL(ladder_label(text, &l.arrow[2]), "SYN SEQ 0");
    CU_ASSERT_STRING_EQUAL(ladder_label(text, &l.arrow[3]), "RST+ACK SEQ 0 ACK 1");
    CU_ASSERT_STRING_EQUAL(ladder_label(text, &l.arrow[4]), "ACK SEQ 1 ACK 1");
    ladder_free(&l);
}

/* Which of a segment and its duplicates arrived or was lost, the copy's number tells; the delay is the arrow's own. */
static void test_duplicates(void)
{
    struct ladder l = begin();
    struct synfin_segment s = made_segment(MADE_CLIENT, 0, SYNFIN_ACK, 1, 1, 0), first = s, second = s;
    struct synfin_event made = made_fate(SYNFIN_EVENT_DUPLICATED, 4, 0, &s, "bernoulli");

    first.bits |= 1 << 5;
    second.bits |= 2 << 5;
    made.copies = 2;
    tell(&l, made_sent(0, &s, "ESTABLISHED"));
    tell(&l, made);
    tell(&l, made_fate(SYNFIN_EVENT_LOST, 5, 0, &second, "bernoulli"));
    tell(&l, made_delivered(10, 0, &s, "ESTABLISHED"));
    tell(&l, made_delivered(12, 0, &first, "ESTABLISHED"));
    ladder_finish(&l);
    CU_ASSERT_EQUAL_FATAL(l.arrows, 3);
    CU_ASSERT_FALSE(l.arrow[0].copy);
    CU_ASSERT_EQUAL(l.arrow[0].end, 10);
    for (int i = 1; i < 3; i++) {
        CU_ASSERT_TRUE(l.arrow[i].copy);
        CU_ASSERT_EQUAL(l.arrow[i].begin, 4);
        CU_ASSERT_EQUAL(l.arrow[i].fate, l.arrow[i].segment.bits >> 5 == 1 ? LADDER_ARRIVED : LADDER_LOST);
    }
    ladder_free(&l);
}

/* Answers to duplicates for no endpoint share a number: the instant of sending tells them apart. */
static void test_same_ordinal(void)
{
    struct ladder l = begin();
    struct synfin_segment old = made_segment(MADE_SERVER, 0, SYNFIN_SYN | SYNFIN_ACK, 1, 1, 0), new = old;

    tell(&l, made_sent(0, &old, "SYN-RECEIVED"));
    tell(&l, made_sent(5, &new, "SYN-RECEIVED"));
    tell(&l, made_delivered(10, 0, &old, "CLOSED"));
    tell(&l, made_fate(SYNFIN_EVENT_LOST, 11, 5, &new, "m"));
    CU_ASSERT_EQUAL(l.arrow[0].fate, LADDER_ARRIVED);
    CU_ASSERT_EQUAL(l.arrow[1].fate, LADDER_LOST);
    ladder_free(&l);
}

static void test_words(void)
{
    struct ladder l = begin();
    char text[LADDER_TEXT];

    CU_ASSERT_STRING_EQUAL(ladder_duration(text, SYNFIN_S), "1 s");
    CU_ASSERT_STRING_EQUAL(ladder_duration(text, 61395 * SYNFIN_MS), "61.395 s");
    CU_ASSERT_STRING_EQUAL(ladder_duration(text, 200 * SYNFIN_MS), "200 ms");
    CU_ASSERT_STRING_EQUAL(ladder_duration(text, 1500), "1.5 us");
    CU_ASSERT_STRING_EQUAL(ladder_duration(text, 40), "40 ns");
    tell(&l, made_state(5 * SYNFIN_MS, true, "SYN-SENT"));
    tell(&l, made_state(25 * SYNFIN_MS, true, "CLOSED"));
    ladder_finish(&l);
    CU_ASSERT_STRING_EQUAL(ladder_time(text, &l, 25 * SYNFIN_MS), "0.020 s");
    tell(&l, made_state(25 * SYNFIN_MS + 1234567, true, "CLOSED"));
    ladder_finish(&l);
    CU_ASSERT_STRING_EQUAL(ladder_time(text, &l, 25 * SYNFIN_MS + 1234567), "0.021235 s");
    ladder_free(&l);
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

/* RFC 9293 3.5, figure 6, and 3.6, figure 12, from a run; the server closes 5 ms after it is told. */
static void test_figures(void)
{
    struct sim_run r;
    struct ladder l = begin();

    if (sim_run(&r, sim_plain, "workloads.w.connections=1\nworkloads.w.hold=20ms\nworkloads.w.close_after=5ms\n",
                SIM_EVENTS)) {
        for (size_t i = 0; i < r.events; i++)
            ladder_event(&l, &r.event[i]);
        expect_drawn(&l, utf8_text,
                     "       time           client                                                server\n"
                     "                      CLOSED   │                                          │ LISTEN\n"
                     "    0.000 s         SYN-SENT   ├─ SYN SEQ 0 ──────────────────────────╮   │\n"
                     "    0.010 s                    │                                      ╰──▶│ SYN-RECEIVED\n"
                     "                               │   ╭──────────────── SYN+ACK SEQ 0 ACK 1 ─┤\n"
                     "    0.020 s      ESTABLISHED   │◀──╯                                      │\n"
                     "                               ├─ ACK SEQ 1 ACK 1 ────────────────────╮   │\n"
                     "    0.030 s                    │                                      ╰──▶│ ESTABLISHED\n"
                     "    0.040 s       FIN-WAIT-1   ├─ FIN+ACK SEQ 1 ACK 1 ────────────────╮   │\n"
                     "    0.050 s                    │                                      ╰──▶│ CLOSE-WAIT\n"
                     "                               │   ╭──────────────────── ACK SEQ 1 ACK 2 ─┤\n"
                     "    0.055 s                    │   │ ╭────────────── FIN+ACK SEQ 1 ACK 2 ─┤ LAST-ACK\n"
                     "    0.060 s       FIN-WAIT-2   │◀──╯ │                                    │\n"
                     "    0.065 s                    │◀────╯                                    │\n"
                     "                   TIME-WAIT ╭ ├─ ACK SEQ 2 ACK 2 ────────────────────╮   │\n"
                     "    0.075 s                  │ │                                      ╰──▶│ CLOSED\n"
                     "             TIME-WAIT 240 s │ ┊                 239.99 s                 ┊\n"
                     "  240.065 s           CLOSED ╰ │                                          │\n");
    }
    sim_run_end(&r);
}

/* RFC 6298 5.4: the timer of the SYN, and what it does; a cross where the segment was lost, the model below it. */
static void test_lost_syn(void)
{
    struct ladder l = begin();
    struct synfin_segment first = made_segment(MADE_CLIENT, 0, SYNFIN_SYN, 9, 0, 0), second = first;

    second.ordinal = 1;
    tell(&l, made_state(0, true, "SYN-SENT"));
    tell(&l, made_sent(0, &first, "SYN-SENT"));
    tell(&l, made_fate(SYNFIN_EVENT_LOST, 0, 0, &first, "bernoulli"));
    tell(&l, made_timer(SYNFIN_S, true, "SYN", 0, SYNFIN_S, "SYN-SENT"));
    pass(&l, &second, SYNFIN_S, SYNFIN_S + 10 * SYNFIN_MS, "LISTEN");
    tell(&l, made_state(SYNFIN_S + 10 * SYNFIN_MS, false, "SYN-RECEIVED"));
    expect_drawn(&l, plain_text,
                 "       time        client                                                server\n"
                 "                   CLOSED   |                                          | LISTEN\n"
                 "    0.000 s      SYN-SENT + +- SYN SEQ 0 --------------X               |\n"
                 "                          | |   lost: links.wan.forward loss bernoulli |\n"
                 "                  RTO 1 s | :                   1 s                    :\n"
                 "    1.000 s               + +- SYN SEQ 0 --------------------------+   |\n"
                 "    1.010 s                 |                                      +-->| SYN-RECEIVED\n");
}

/* Segments that cross on their way cross in the picture. */
static void test_crossing(void)
{
    struct ladder l = begin();
    struct synfin_segment a = made_segment(MADE_CLIENT, 0, SYNFIN_FIN | SYNFIN_ACK, 1, 1, 0);
    struct synfin_segment b = made_segment(MADE_SERVER, 0, SYNFIN_FIN | SYNFIN_ACK, 1, 1, 0);

    tell(&l, made_sent(0, &a, "FIN-WAIT-1"));
    tell(&l, made_sent(5 * SYNFIN_MS, &b, "FIN-WAIT-1"));
    tell(&l, made_delivered(10 * SYNFIN_MS, 0, &a, "FIN-WAIT-1"));
    tell(&l, made_state(10 * SYNFIN_MS, false, "CLOSING"));
    tell(&l, made_delivered(15 * SYNFIN_MS, 5 * SYNFIN_MS, &b, "FIN-WAIT-1"));
    tell(&l, made_state(15 * SYNFIN_MS, true, "CLOSING"));
    expect_drawn(&l, utf8_text,
                 "       time        client                                              server\n"
                 "                   CLOSED │                                          │ LISTEN\n"
                 "    0.000 s               ├─ FIN+ACK SEQ 1 ACK 1 ────────────────╮   │\n"
                 "    0.005 s               │   ╭──────────── FIN+ACK SEQ 1 ACK 1 ─┼───┤\n"
                 "    0.010 s               │   │                                  ╰──▶│ CLOSING\n"
                 "    0.015 s       CLOSING │◀──╯                                      │\n");
}

/* Timers in a row share a corner; one that runs beside another has a lane of its own. */
static void test_brackets(void)
{
    struct ladder l = begin();
    struct synfin_segment s[4];
    synfin_time ms = SYNFIN_MS;

    for (uint32_t i = 0; i < 4; i++)
        s[i] = made_segment(MADE_SERVER, i, SYNFIN_ACK, 1, 1, 0);
    pass(&l, &s[0], 0, 10 * ms, NULL);
    tell(&l, made_timer(20 * ms, false, "DELACK", 0, 20 * ms, NULL));
    pass(&l, &s[1], 20 * ms, 30 * ms, NULL);
    tell(&l, made_timer(50 * ms, false, "RTO", 0, 50 * ms, NULL));
    pass(&l, &s[2], 50 * ms, 60 * ms, NULL);
    tell(&l, made_timer(75 * ms, false, "DELACK", 20 * ms, 55 * ms, NULL));
    pass(&l, &s[3], 75 * ms, 85 * ms, NULL);
    expect_drawn(&l, utf8_text,
                 "       time        client                                                  server\n"
                 "                   CLOSED │                                          │     LISTEN\n"
                 "    0.000 s               │   ╭──────────────────── ACK SEQ 1 ACK 1 ─┤ ╮ ╮\n"
                 "    0.010 s               │◀──╯                                      │ │ │ DELACK 20 ms\n"
                 "    0.020 s               │   ╭──────────────────── ACK SEQ 1 ACK 1 ─┤ ┤ │ RTO 50 ms\n"
                 "    0.030 s               │◀──╯                                      │ │ │\n"
                 "    0.050 s               │   ╭──────────────────── ACK SEQ 1 ACK 1 ─┤ │ ╯ DELACK 55 ms\n"
                 "    0.060 s               │◀──╯                                      │ │\n"
                 "    0.075 s               │   ╭──────────────────── ACK SEQ 1 ACK 1 ─┤ ╯\n"
                 "    0.085 s               │◀──╯                                      │\n");
}

/* ---- Sentences --------------------------------------------------------------------------------------------------- */

static void test_sentences(void)
{
    struct ladder l = begin();
    struct synfin_segment syn = made_segment(MADE_CLIENT, 0, SYNFIN_SYN, 9, 0, 0);
    struct synfin_segment syn_ack = made_segment(MADE_SERVER, 0, SYNFIN_SYN | SYNFIN_ACK, 5, 10, 0);
    struct synfin_segment ack = made_segment(MADE_CLIENT, 1, SYNFIN_ACK, 10, 6, 0);
    struct synfin_segment fin = made_segment(MADE_CLIENT, 2, SYNFIN_FIN | SYNFIN_ACK, 10, 6, 0);
    synfin_time ms = SYNFIN_MS;

    tell(&l, made_state(0, true, "SYN-SENT"));
    tell(&l, made_sent(0, &syn, "SYN-SENT"));
    tell(&l, made_delivered(10 * ms, 0, &syn, "LISTEN"));
    tell(&l, made_state(10 * ms, false, "SYN-RECEIVED"));
    tell(&l, made_sent(10 * ms, &syn_ack, "SYN-RECEIVED"));
    tell(&l, made_delivered(20 * ms, 10 * ms, &syn_ack, "SYN-SENT"));
    tell(&l, made_state(20 * ms, true, "ESTABLISHED"));
    tell(&l, made_sent(20 * ms, &ack, "ESTABLISHED"));
    tell(&l, made_fate(SYNFIN_EVENT_LOST, 20 * ms, 20 * ms, &ack, "bernoulli"));
    tell(&l, made_state(20 * ms, true, "FIN-WAIT-1"));
    tell(&l, made_sent(20 * ms, &fin, "FIN-WAIT-1"));
    tell(&l, made_delivered(30 * ms, 20 * ms, &fin, "SYN-RECEIVED"));
    tell(&l, made_timer(1020 * ms, true, "RTO", 20 * ms, SYNFIN_S, "FIN-WAIT-1"));
    tell(&l, made_state(1020 * ms, true, "CLOSED"));
    expect_drawn(&l, ladder_explain,
                 "1. 0.000 s: the application of the client opens the connection (RFC 9293 3.10.1); the client enters "
                 "SYN-SENT and sends SYN SEQ 0.\n"
                 "2. 0.010 s: SYN SEQ 0 reaches the server in LISTEN (RFC 9293 3.10.7.2); the server enters "
                 "SYN-RECEIVED and sends SYN+ACK SEQ 0 ACK 1.\n"
                 "3. 0.020 s: SYN+ACK SEQ 0 ACK 1 reaches the client in SYN-SENT (RFC 9293 3.10.7.3); the client enters "
                 "ESTABLISHED, sends ACK SEQ 1 ACK 1, which is lost: links.wan.forward loss bernoulli, is told by its "
                 "application to close (RFC 9293 3.10.4), enters FIN-WAIT-1, and sends FIN+ACK SEQ 1 ACK 1.\n"
                 "4. 0.030 s: FIN+ACK SEQ 1 ACK 1 reaches the server in SYN-RECEIVED (RFC 9293 3.10.7.4); nothing "
                 "follows.\n"
                 "5. 1.020 s: the retransmission timer of the client, 1 s, expires (RFC 9293 3.8.3: R2 is reached); the "
                 "client enters CLOSED.\n");
}

/* ---- SVG --------------------------------------------------------------------------------------------------------- */

/* All arrows, crosses and states of a run with loss are there; names are escaped; a second drawing is the same. */
static void test_svg(void)
{
    struct sim_run r;
    struct ladder l = begin();
    char *first = NULL, *second = NULL;

    l.title = "a <b> & c";
    if (sim_run(&r, sim_plain,
                "workloads.w.connections=1\nworkloads.w.hold=20ms\n"
                "links.wan.backward.loss.model=script\nlinks.wan.backward.loss.segments=[syn_ack:1]\n",
                SIM_EVENTS)) {
        for (size_t i = 0; i < r.events; i++)
            ladder_event(&l, &r.event[i]);
        ladder_finish(&l);
        draw_to(&first, &l, ladder_svg);
        draw_to(&second, &l, ladder_svg);
        CU_ASSERT_STRING_EQUAL(first, second);
        CU_ASSERT_EQUAL(count(first, "<title id=\"title\">a &lt;b&gt; &amp; c</title>"), 1);
        CU_ASSERT_EQUAL(count(first, "class=\"arrow\""), l.arrows);
        CU_ASSERT_EQUAL(count(first, "class=\"head\""), l.arrows - 1);
        CU_ASSERT_EQUAL(count(first, "class=\"cross\""), 1);
        CU_ASSERT_EQUAL(count(first, ">lost: links.wan.backward loss script</text>"), 1);
        CU_ASSERT_EQUAL(count(first, ">RTO 1 s</text>"), 2);
        CU_ASSERT_EQUAL(count(first, ">TIME-WAIT 240 s</text>"), 1);
        CU_ASSERT_EQUAL(count(first, ">SYN-RECEIVED</text>"), 1);
        CU_ASSERT_EQUAL(count(first, "<text"), count(first, "</text>"));
    }
    free(first);
    free(second);
    ladder_free(&l);
    sim_run_end(&r);
}

/* Later is lower, by 30 or more from instant to instant, and what stands beside one side never touches. */
static void test_layout(void)
{
    struct sim_run r;
    struct ladder l = begin();
    struct ladder_layout p;
    size_t wrong = 0;

    if (sim_run(&r, sim_plain,
                "workloads.w.connections=1\nworkloads.w.request=9KB\nworkloads.w.response=9KB\n"
                "links.wan.both.loss.model=bernoulli\nlinks.wan.both.loss.p=20%\n"
                "links.wan.both.duplicate.model=bernoulli\nlinks.wan.both.duplicate.p=20%\n"
                "links.wan.both.delay.model=uniform\nlinks.wan.both.delay.time=10ms\nlinks.wan.both.delay.jitter=8ms\n",
                SIM_EVENTS)) {
        for (size_t i = 0; i < r.events; i++)
            ladder_event(&l, &r.event[i]);
        ladder_finish(&l);
        CU_ASSERT_EQUAL_FATAL(ladder_layout(&p, &l, 100), 0);
        CU_ASSERT_TRUE(l.steps > 30);
        for (size_t i = 1; i < p.instants; i++)
            wrong += p.instant[i].y - p.instant[i - 1].y < 29.9;
        for (size_t i = 0; i < l.steps; i++) {
            for (size_t k = 0; k < i; k++) {
                const struct ladder_step *a = &l.step[k], *b = &l.step[i];
                double apart = p.step[i] - p.step[k];
                if (a->side == b->side && a->kind == LADDER_STATE && b->kind == LADDER_STATE)
                    wrong += apart < 18.9;
                if (a->side == b->side && a->time < b->time)
                    wrong += apart < 29.9;
            }
        }
        CU_ASSERT_EQUAL(wrong, 0);
        for (size_t i = 0; i < l.arrows; i++)
            CU_ASSERT_TRUE(p.end[i] > p.begin[i]);
        ladder_layout_free(&p);
    }
    ladder_free(&l);
    sim_run_end(&r);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"sequence numbers count from the SYN", test_relative_numbers},
        {"another try counts anew", test_another_try},
        {"a duplicate is known by its copy number", test_duplicates},
        {"segments of one number are known by when they were sent", test_same_ordinal},
        {"durations and times", test_words},
        {"RFC 9293 3.5 figure 6 and 3.6 figure 12 as text", test_figures},
        {"RFC 6298 5.4: a lost SYN as text", test_lost_syn},
        {"segments that cross", test_crossing},
        {"brackets of timers", test_brackets},
        {"sentences with sections", test_sentences},
        {"SVG has all of it", test_svg},
        {"later is lower, and nothing touches", test_layout},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_ladder", cases);
}
