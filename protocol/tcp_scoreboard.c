/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scoreboard (RFC 6675, section 3): which of the data sent the peer has, which is lost, which is on its way again.
 * A run is data of one fate that was sent at one time. Where much is outstanding, runs are coarse: they hold up to a
 * 64th of it, so that their number stays small, and the time is that of the first segment.
 */
#include "tcp.h"

/* Runs that SACKs may not take up, so that there is room for what is sent and sent again. */
enum { RESERVE = TCP_RUNS / 4, GRAIN_BITS = 7, THIN_EACH = 32 };

static uint32_t start_of(const struct tcp_endpoint *ep, struct tcp_data *data, uint32_t i)
{
    return i ? tcp_board_run(data, i - 1)->end : ep->snd_una;
}

/* ---- The ring ---------------------------------------------------------------------------------------------------- */

/* Makes room for one run before the i-th; the shorter side moves, as below. */
static void insert(struct tcp_data *data, uint32_t i)
{
    assert(data->board.count < data->board.room);
    data->board.count++;
    if (2 * i < data->board.count) {
        data->board.first--;
        for (uint32_t k = 0; k < i; k++)
            *tcp_board_run(data, k) = *tcp_board_run(data, k + 1);
    } else {
        for (uint32_t k = data->board.count - 1; k > i; k--)
            *tcp_board_run(data, k) = *tcp_board_run(data, k - 1);
    }
}

static void remove_run(struct tcp_data *data, uint32_t i)
{
    if (2 * i < data->board.count) {
        for (uint32_t k = i; k > 0; k--)
            *tcp_board_run(data, k) = *tcp_board_run(data, k - 1);
        data->board.first++;
    } else {
        for (uint32_t k = i; k + 1 < data->board.count; k++)
            *tcp_board_run(data, k) = *tcp_board_run(data, k + 1);
    }
    data->board.count--;
}

/* The run that holds `seq`; count: it lies behind them all. */
static uint32_t find(struct tcp_data *data, uint32_t seq)
{
    uint32_t low = 0, high = data->board.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (tcp_lt(seq, tcp_board_run(data, middle)->end))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Cuts the i-th run in two at `seq`, which lies within it; the first keeps the number. */
static void cut(struct tcp_data *data, uint32_t i, uint32_t seq)
{
    insert(data, i);
    struct tcp_run *rest = tcp_board_run(data, i + 1), *begin = tcp_board_run(data, i);
    *begin = *rest;
    begin->end = seq;
    rest->marks |= rest->marks & TCP_COARSE ? TCP_HEADLESS : 0;
}

/* Whether nothing will ask when they were sent. */
static bool timeless(uint32_t marks)
{
    return (marks & TCP_SACKED) || (marks & (TCP_LOST | TCP_AGAIN)) == TCP_LOST;
}

static bool alike(const struct tcp_run *a, const struct tcp_run *b)
{
    uint32_t kinds = TCP_SACKED | TCP_LOST | TCP_AGAIN;
    if ((a->marks & kinds) != (b->marks & kinds))
        return false;
    if (a->marks & TCP_SACKED)
        return true;
    return (a->marks & TCP_REPEATED) == (b->marks & TCP_REPEATED) &&
           (timeless(a->marks) ||
            (a->sent == b->sent && a->order == b->order && !((a->marks | b->marks) & TCP_COARSE)));
}

/* `run`, which follows `last`, becomes a part of it. */
static void join(struct tcp_run *last, const struct tcp_run *run)
{
    if (last->sent != run->sent || (run->marks & TCP_COARSE))
        last->marks |= TCP_COARSE;
    last->end = run->end;
}

void tcp_board_tidy(struct tcp_data *data)
{
    uint32_t kept = 0;
    for (uint32_t i = 1; i < data->board.count; i++) {
        struct tcp_run *last = tcp_board_run(data, kept), *run = tcp_board_run(data, i);
        if (alike(last, run))
            join(last, run);
        else
            *tcp_board_run(data, ++kept) = *run;
    }
    if (data->board.count > 0)
        data->board.count = kept + 1;
}

/* Whether it was sent once, and nothing is known of it. */
static bool clean(const struct tcp_run *run)
{
    return (run->marks & ~(uint32_t)(TCP_COARSE | TCP_HEADLESS)) == 0;
}

/* Makes coarse runs of up to `grain` bytes of clean ones. */
static void thin(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t grain)
{
    uint32_t kept = 0, start = ep->snd_una;
    for (uint32_t i = 1; i < data->board.count; i++) {
        struct tcp_run *last = tcp_board_run(data, kept), *run = tcp_board_run(data, i);
        if (clean(last) && clean(run) && run->end - start <= grain) {
            join(last, run);
        } else {
            start = last->end;
            *tcp_board_run(data, ++kept) = *run;
        }
    }
    data->board.count = kept + 1;
}

/* ---- Sending ----------------------------------------------------------------------------------------------------- */

void tcp_board_begin(struct tcp_endpoint *ep, struct tcp_data *data, synfin_time now)
{
    data->flags |= TCP_BOARD;
    data->board.run = data->large ? data->large->run : data->few;
    data->board.room = data->large ? TCP_RUNS : TCP_FEW_RUNS;
    data->recovery.high = ep->snd_una;
    data->recovery.undo_bytes = -1;
    data->rack.reordering = TCP_DUP_THRESH;
    data->rack.steps = 1;
    data->rack.sent = -1; /* before anything that is sent: order and end mean nothing yet */
    if (ep->snd_una == ep->snd_nxt)
        return;
    synfin_time sent = ep->flags & TCP_TIMED ? ep->mark : now;
    bool lost = data->next != ep->snd_nxt; /* data of a SYN that was not taken */
    data->board.run[0] = (struct tcp_run){sent, ep->snd_nxt, 0, lost ? TCP_LOST : 0};
    data->board.count = 1;
    data->board.last = ep->snd_nxt;
    data->board.lost = lost ? ep->snd_nxt - ep->snd_una : 0;
    data->next = ep->snd_nxt;
}

void tcp_board_enlarge(struct tcp_data *data)
{
    for (uint32_t i = 0; i < data->board.count; i++)
        data->large->run[i] = *tcp_board_run(data, i);
    data->board.run = data->large->run;
    data->board.room = TCP_RUNS;
    data->board.first = 0;
}

void tcp_board_sent(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t from, synfin_time now)
{
    struct tcp_board *board = &data->board;
    board->last = ep->snd_nxt;
    if (board->count == 0) {
        board->first = 0;
    } else {
        uint32_t grain = (ep->snd_nxt - ep->snd_una) >> GRAIN_BITS;
        if (board->count >= TCP_RUNS / 2 && board->count % THIN_EACH == 0)
            thin(ep, data, 2 * grain);
        struct tcp_run *last = tcp_board_run(data, board->count - 1);
        uint32_t length = ep->snd_nxt - start_of(ep, data, board->count - 1);
        bool coarse = (length <= grain && grain >= ep->mss) || board->count == board->room;
        bool same = last->sent == now && last->order == board->order;
        if (clean(last) && last->end == from && (same || coarse)) {
            last->marks |= same ? 0 : TCP_COARSE;
            last->end = ep->snd_nxt;
            return;
        }
    }
    assert(board->count < board->room);
    board->count++;
    *tcp_board_run(data, board->count - 1) = (struct tcp_run){now, ep->snd_nxt, board->order, 0};
}

uint32_t tcp_board_next_lost(const struct tcp_endpoint *ep, const struct tcp_data *data, uint32_t *from)
{
    uint32_t start = *from = ep->snd_una;
    for (uint32_t i = 0; i < data->board.count; i++) {
        const struct tcp_run *run = &data->board.run[(data->board.first + i) & (data->board.room - 1)];
        if ((run->marks & (TCP_LOST | TCP_AGAIN)) == TCP_LOST) {
            *from = start;
            return run->end - start;
        }
        start = run->end;
    }
    return 0;
}

bool tcp_board_again(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t from, uint32_t length, bool probe,
                     synfin_time now)
{
    struct tcp_board *board = &data->board;
    uint32_t i = find(data, from), end = from + length;
    if (board->count > board->room - 2) {
        tcp_board_tidy(data);
        i = find(data, from);
    }
    if (board->count > board->room - 2)
        return false;
    if (start_of(ep, data, i) != from)
        cut(data, i++, from);
    if (tcp_board_run(data, i)->end != end)
        cut(data, i, end);
    struct tcp_run *run = tcp_board_run(data, i);
    board->again += probe || (run->marks & TCP_AGAIN) ? 0 : length;
    board->sacked -= run->marks & TCP_SACKED ? length : 0; /* it may be told to have come, and be asked for */
    run->marks = (run->marks & (TCP_LOST | TCP_AGAIN)) | TCP_REPEATED | (probe ? 0 : TCP_AGAIN);
    run->sent = now;
    if (tcp_lt(end, board->last))
        board->order++;
    run->order = board->order;
    board->last = end;
    if (i > 0 && alike(tcp_board_run(data, i - 1), run)) {
        tcp_board_run(data, i - 1)->end = end;
        remove_run(data, i);
    }
    return true;
}

/* ---- Acknowledgments --------------------------------------------------------------------------------------------- */

/* [start, end) of a run has come, cumulatively (`acked`) or not; `head`: that is where the run begins. */
static void count(struct tcp_data *data, const struct tcp_run *run, uint32_t start, uint32_t end, bool head, bool acked,
                  struct tcp_delivery *d, synfin_time now)
{
    struct tcp_board *board = &data->board;
    uint32_t n = end - start;
    bool sacked = (run->marks & TCP_SACKED) != 0, repeated = (run->marks & (TCP_AGAIN | TCP_REPEATED)) != 0;
    if (sacked) {
        board->sacked -= n;
        return;
    }
    d->delivered += n;
    if (run->marks & TCP_LOST)
        board->lost -= n;
    if (run->marks & TCP_AGAIN)
        board->again -= n;
    tcp_rack_delivered(data, run, end, now);
    if (repeated) {
        d->repeated = d->repeated || acked;
        return;
    }
    if (!tcp_lt(d->high, end))
        d->original = true;
    if (!d->reordered || tcp_lt(start, d->late)) {
        d->reordered = true;
        d->late = start;
    }
    synfin_time *first = acked ? &d->first : &d->sacked_first;
    if (*first == SYNFIN_NEVER && !(run->marks & TCP_HEADLESS) && (head || !(run->marks & TCP_COARSE)))
        *first = run->sent;
    *(acked ? &d->last : &d->sacked_last) = run->sent;
}

void tcp_board_acked(struct tcp_endpoint *ep, struct tcp_data *data, struct tcp_delivery *d, synfin_time now)
{
    struct tcp_board *board = &data->board;
    uint32_t start = d->una;
    while (board->count > 0) {
        struct tcp_run *run = tcp_board_run(data, 0);
        bool whole = tcp_le(run->end, ep->snd_una);
        uint32_t end = whole ? run->end : ep->snd_una;
        if (tcp_lt(start, end))
            count(data, run, start, end, true, true, d, now);
        if (!whole) {
            run->marks |= run->marks & TCP_COARSE ? TCP_HEADLESS : 0;
            break;
        }
        start = end;
        board->first++;
        board->count--;
    }
}

/* [start, end) of the i-th run, which was not, is SACKed. The number of the
   run to look at next; SYNFIN_NONE: there is no room. */
static uint32_t sack_part(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t i, uint32_t start, uint32_t end,
                          struct tcp_delivery *d, synfin_time now)
{
    struct tcp_run *run = tcp_board_run(data, i);
    bool from_start = start_of(ep, data, i) == start, to_end = run->end == end;
    bool joins = from_start && i > 0 && (tcp_board_run(data, i - 1)->marks & TCP_SACKED);
    if (!joins && (data->board.room < TCP_RUNS || data->board.count > TCP_RUNS - RESERVE))
        return SYNFIN_NONE;
    count(data, run, start, end, from_start, false, d, now);
    data->board.sacked += end - start;
    if (joins) { /* only the border moves */
        tcp_board_run(data, i - 1)->end = end;
        if (to_end)
            remove_run(data, i);
        else
            run->marks |= run->marks & TCP_COARSE ? TCP_HEADLESS : 0;
    } else {
        if (!from_start)
            cut(data, i++, start);
        if (!to_end)
            cut(data, i, end);
        tcp_board_run(data, i++)->marks = TCP_SACKED;
    }
    if (i < data->board.count && to_end && (tcp_board_run(data, i)->marks & TCP_SACKED))
        remove_run(data, --i); /* the next one begins where it began */
    return i;
}

void tcp_board_sack(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t start, uint32_t end,
                    struct tcp_delivery *d, synfin_time now)
{
    struct tcp_board *board = &data->board;
    uint32_t before = board->sacked, i = find(data, start);
    while (i < board->count && tcp_lt(start, end)) {
        const struct tcp_run *run = tcp_board_run(data, i);
        uint32_t until = tcp_lt(end, run->end) ? end : run->end;
        if (run->marks & TCP_SACKED)
            i++;
        else if ((i = sack_part(ep, data, i, start, until, d, now)) == SYNFIN_NONE)
            break;
        start = until;
    }
    if (board->sacked == before)
        return;
    d->sacked = true;
    if (before == 0 || tcp_lt(board->highest, start))
        board->highest = start;
}

/* ---- Losses ------------------------------------------------------------------------------------------------------ */

void tcp_board_lose(struct tcp_data *data, struct tcp_run *run, uint32_t start, struct tcp_delivery *d)
{
    uint32_t n = run->end - start;
    if (!(run->marks & TCP_LOST)) {
        data->board.lost += n;
        run->marks |= TCP_LOST;
    } else if (run->marks & TCP_AGAIN) {
        data->board.again -= n;
        run->marks &= ~(uint32_t)TCP_AGAIN;
        d->lost_again = true;
    }
    d->lost += n;
}

static void unmark(struct tcp_data *data, uint32_t marks)
{
    for (uint32_t i = 0; i < data->board.count; i++)
        tcp_board_run(data, i)->marks &= ~marks;
}

void tcp_board_forget_sacks(struct tcp_data *data)
{
    unmark(data, TCP_SACKED);
    data->board.sacked = 0;
}

void tcp_board_forget_losses(struct tcp_data *data)
{
    unmark(data, TCP_LOST);
    data->board.lost = 0;
}
