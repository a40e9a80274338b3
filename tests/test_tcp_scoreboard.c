/* SPDX-License-Identifier: BSD-2-Clause */
/* The scoreboard (RFC 6675 3) against a map that keeps each byte's fate. */
#include "suite.h"
#include "tcp.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES = 40000, MSS = 10 };

struct model {
    struct tcp_endpoint ep;
    struct tcp_data *data;
    uint32_t iss, una, next; /* una and next are offsets */
    uint8_t marks[BYTES];
    synfin_time sent[BYTES], now;
    uint32_t seed;
};

static uint32_t draw(struct model *m, uint32_t below)
{
    m->seed = m->seed * 1664525 + 1013904223;
    return below ? (m->seed >> 8) % below : 0;
}

static struct model *model_new(uint32_t seed)
{
    struct model *m = calloc(1, sizeof *m);
    m->data = calloc(1, sizeof *m->data);
    m->data->large = calloc(1, sizeof *m->data->large);
    m->seed = seed;
    m->iss = UINT32_MAX - 100; /* numbers wrap */
    m->ep.mss = MSS;
    m->ep.snd_una = m->ep.snd_nxt = m->iss;
    tcp_board_begin(&m->ep, m->data, 0);
    return m;
}

static void model_free(struct model *m)
{
    free(m->data->large);
    free(m->data);
    free(m);
}

static void send(struct model *m, uint32_t n)
{
    for (uint32_t i = m->next; i < m->next + n; i++) {
        m->marks[i] = 0;
        m->sent[i] = m->now;
    }
    m->next += n;
    m->ep.snd_nxt += n;
    tcp_board_sent(&m->ep, m->data, m->ep.snd_nxt - n, m->now);
}

static void sack(struct model *m, uint32_t start, uint32_t end)
{
    struct tcp_delivery d = {.first = SYNFIN_NEVER, .last = SYNFIN_NEVER, .sacked_first = SYNFIN_NEVER,
                             .sacked_last = SYNFIN_NEVER};
    uint32_t delivered = 0;
    for (uint32_t i = start; i < end; i++) {
        delivered += !(m->marks[i] & TCP_SACKED);
        m->marks[i] = TCP_SACKED;
    }
    tcp_board_sack(&m->ep, m->data, m->iss + start, m->iss + end, &d, m->now);
    CU_ASSERT_EQUAL(d.delivered, delivered);
    CU_ASSERT_EQUAL(d.sacked, delivered > 0);
}

static void acknowledge(struct model *m, uint32_t to)
{
    struct tcp_delivery d = {.una = m->ep.snd_una, .first = SYNFIN_NEVER, .last = SYNFIN_NEVER,
                             .sacked_first = SYNFIN_NEVER, .sacked_last = SYNFIN_NEVER};
    uint32_t delivered = 0;
    synfin_time first = SYNFIN_NEVER;
    bool coarse = false;
    for (uint32_t i = 0; i < m->data->board.count; i++)
        coarse = coarse || (tcp_board_run(m->data, i)->marks & TCP_COARSE);
    for (uint32_t i = m->una; i < to; i++) {
        delivered += !(m->marks[i] & TCP_SACKED);
        if (first == SYNFIN_NEVER && !(m->marks[i] & (TCP_SACKED | TCP_AGAIN | TCP_REPEATED)))
            first = m->sent[i];
    }
    m->una = to;
    m->ep.snd_una = m->iss + to;
    tcp_board_acked(&m->ep, m->data, &d, m->now);
    CU_ASSERT_EQUAL(d.delivered, delivered);
    /* Coarse runs give the time of their first segment, or none. */
    CU_ASSERT(d.first == first || coarse);
}

/* Whole runs are lost, as losses are found. */
static void lose(struct model *m)
{
    struct tcp_delivery d = {0};
    uint32_t start = m->ep.snd_una;
    for (uint32_t i = 0; i < m->data->board.count; i++) {
        struct tcp_run *run = tcp_board_run(m->data, i);
        uint32_t begin = start;
        start = run->end;
        if ((run->marks & TCP_SACKED) || (run->marks & (TCP_LOST | TCP_AGAIN)) == TCP_LOST || draw(m, 3) > 0)
            continue;
        for (uint32_t k = begin - m->iss; k < run->end - m->iss; k++) {
            if (m->marks[k] & TCP_LOST)
                m->marks[k] &= (uint8_t)~TCP_AGAIN;
            m->marks[k] |= TCP_LOST;
        }
        tcp_board_lose(m->data, run, begin, &d);
    }
    tcp_board_tidy(m->data);
}

static void send_again(struct model *m)
{
    uint32_t from, length = tcp_board_next_lost(&m->ep, m->data, &from), at = m->una;
    while (at < m->next && (m->marks[at] & (TCP_LOST | TCP_AGAIN)) != TCP_LOST)
        at++;
    CU_ASSERT_EQUAL(length > 0, at < m->next);
    if (length == 0)
        return;
    CU_ASSERT_EQUAL(from - m->iss, at);
    length = length < MSS ? length : MSS;
    CU_ASSERT(tcp_board_again(&m->ep, m->data, from, length, false, m->now));
    for (uint32_t i = at; i < at + length; i++) {
        m->marks[i] = (m->marks[i] & TCP_LOST) | TCP_AGAIN | TCP_REPEATED;
        m->sent[i] = m->now;
    }
}

static void compare(struct model *m)
{
    struct tcp_board *b = &m->data->board;
    uint32_t sacked = 0, lost = 0, again = 0, at = m->una, kinds = TCP_SACKED | TCP_LOST | TCP_AGAIN;
    bool same = true, times = true;
    for (uint32_t i = m->una; i < m->next; i++) {
        sacked += (m->marks[i] & TCP_SACKED) != 0;
        lost += (m->marks[i] & TCP_LOST) != 0;
        again += (m->marks[i] & TCP_AGAIN) != 0;
    }
    for (uint32_t i = 0; i < b->count; i++) {
        const struct tcp_run *run = tcp_board_run(m->data, i);
        CU_ASSERT(tcp_lt(m->iss + at, run->end));
        for (uint32_t first = at; at < run->end - m->iss; at++) {
            same = same && (run->marks & kinds) == (m->marks[at] & kinds);
            if (!(run->marks & TCP_SACKED) && (run->marks & (TCP_LOST | TCP_AGAIN)) != TCP_LOST)
                times = times && (run->sent == m->sent[at] || ((run->marks & TCP_COARSE) && at > first) ||
                                  (run->marks & TCP_HEADLESS));
        }
    }
    CU_ASSERT(same);
    CU_ASSERT(times);
    CU_ASSERT_EQUAL(at, m->next);
    CU_ASSERT_EQUAL(b->sacked, sacked);
    CU_ASSERT_EQUAL(b->lost, lost);
    CU_ASSERT_EQUAL(b->again, again);
}

static void random_histories(uint32_t most_out)
{
    for (uint32_t seed = 1; seed <= 60; seed++) {
        struct model *m = model_new(seed);
        while (m->next < BYTES - 100) {
            m->now += draw(m, 3) * SYNFIN_MS;
            uint32_t out = m->next - m->una, what = draw(m, 10);
            if (out < most_out)
                send(m, 1 + draw(m, MSS));
            if (what < 3 && out > 2) {
                uint32_t start = m->una + 1 + draw(m, out - 2), end = start + 1 + draw(m, 3 * MSS);
                sack(m, start, end < m->next ? end : m->next);
            } else if (what < 5) {
                send_again(m);
            } else if (what < 6) {
                acknowledge(m, m->una + draw(m, out < 5 * MSS ? out + 1 : 5 * MSS));
            } else if (what < 7) {
                lose(m);
            }
            if (draw(m, 8) == 0)
                compare(m);
        }
        acknowledge(m, m->next);
        CU_ASSERT_EQUAL(m->data->board.count + m->data->board.sacked + m->data->board.lost + m->data->board.again, 0);
        model_free(m);
    }
}

static void small_windows(void)
{
    random_histories(20 * MSS);
}

static void large_windows(void)
{
    random_histories(300 * MSS);
}

/* Part of a SYN's data that is sent again comes after the rest of it, whatever the numbers are. */
static void begins_with_data(void)
{
    static const uint32_t isses[] = {100, UINT32_C(0x80000100)};
    for (unsigned i = 0; i < 2; i++) {
        struct model *m = model_new(1);
        struct tcp_data *data = calloc(1, sizeof *data);
        m->ep.snd_una = isses[i];
        m->ep.snd_nxt = isses[i] + 2 * MSS;
        tcp_board_begin(&m->ep, data, 0);
        CU_ASSERT(tcp_board_again(&m->ep, data, isses[i], MSS, false, 0));
        CU_ASSERT_EQUAL(tcp_board_run(data, 0)->order, 1);
        CU_ASSERT_EQUAL(tcp_board_run(data, 1)->order, 0);
        free(data);
        model_free(m);
    }
}

/* Where much is outstanding, runs are coarse: there are never more than some hundred, without loss. */
static void coarse(void)
{
    struct model *m = model_new(1);
    uint32_t most = 0;
    while (m->next + MSS <= BYTES) {
        m->now += SYNFIN_US;
        send(m, MSS);
        if (m->next - m->una > BYTES / 2)
            acknowledge(m, m->una + MSS);
        if (most < m->data->board.count)
            most = m->data->board.count;
    }
    CU_ASSERT(most >= 128 && most <= TCP_RUNS / 2);
    compare(m);
    model_free(m);
}

/* More holes than there is room for: what is not kept counts as on its way, and all ends well. */
static void too_many_holes(void)
{
    struct model *m = model_new(1);
    struct tcp_delivery d = {0};
    m->now = SYNFIN_MS;
    send(m, 2000 * MSS);
    for (uint32_t i = 1; i < 2000; i += 2)
        tcp_board_sack(&m->ep, m->data, m->iss + i * MSS, m->iss + (i + 1) * MSS, &d, m->now);
    CU_ASSERT(m->data->board.count < TCP_RUNS);
    CU_ASSERT_EQUAL(m->data->board.sacked, d.delivered);
    CU_ASSERT(d.delivered > 150 * MSS && d.delivered < 1000 * MSS);
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t start = m->ep.snd_una, from;
        for (uint32_t k = 0; k < m->data->board.count; k++) {
            struct tcp_run *run = tcp_board_run(m->data, k);
            if (!(run->marks & TCP_SACKED))
                tcp_board_lose(m->data, run, start, &d);
            start = run->end;
        }
        tcp_board_tidy(m->data);
        m->now += SYNFIN_US;
        uint32_t length = tcp_board_next_lost(&m->ep, m->data, &from);
        CU_ASSERT(length > 0 && from == m->ep.snd_una);
        CU_ASSERT(tcp_board_again(&m->ep, m->data, from, MSS, false, m->now));
        m->una += MSS;
        m->ep.snd_una += MSS;
        d.una = m->ep.snd_una - MSS;
        tcp_board_acked(&m->ep, m->data, &d, m->now);
        if (m->data->board.count > 0 && (tcp_board_run(m->data, 0)->marks & TCP_SACKED)) {
            d.una = m->ep.snd_una;
            m->una = tcp_board_run(m->data, 0)->end - m->iss;
            m->ep.snd_una = m->iss + m->una;
            tcp_board_acked(&m->ep, m->data, &d, m->now);
        }
        if (m->una == m->next)
            break;
    }
    CU_ASSERT_EQUAL(m->una, m->next);
    CU_ASSERT_EQUAL(m->data->board.sacked + m->data->board.lost + m->data->board.again, 0);
    model_free(m);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 6675 3: random histories, small windows", small_windows},
        {"RFC 6675 3: random histories, large windows", large_windows},
        {"a board that begins with a SYN's data", begins_with_data},
        {"coarse runs", coarse},
        {"more holes than there is room for", too_many_holes},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_scoreboard", cases);
}
