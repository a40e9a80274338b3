/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ladder as text: a row for each thing that happens, one below the other. An arrow leaves its side in the row in
 * which it is sent, turns, and reaches the other side in the row in which it arrives; where arrows cross, lines do.
 */
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

enum { NORTH = 1, EAST = 2, SOUTH = 4, WEST = 8, LANES_MAX = 24, NEAR = 256, MIDDLE_MIN = 42, TIME_WIDTH = 11 };

/* What a cell shows: a printable ASCII character, a line with these directions, or one of these. */
enum { MARK_LINE = 1 << 8, MARK_RIGHT = 1 << 9, MARK_LEFT, MARK_CROSS, MARK_FOLD };

struct row {
    synfin_time time;
    int side;
    bool dated;             /* the first of its instant */
    synfin_time folded;     /* not 0: nothing happens for so long */
    size_t out, in;         /* arrow + 1 that is sent, that arrives; 0: none */
    bool note;              /* the line below says what befell the arrow */
    size_t line;
    char text[LADDER_SIDES][LADDER_TEXT]; /* states and timers */
};

struct picture {
    const struct ladder *ladder;
    struct row *row;
    size_t rows;
    size_t *sent, *arrived; /* rows of each arrow */
    size_t *lane;           /* where each arrow turns */
    size_t turns;           /* how many lanes there are for that */
    size_t lines;
    size_t middle;               /* cells between the sides */
    size_t lanes[LADDER_SIDES];  /* of brackets */
    size_t states[LADDER_SIDES]; /* cells for states and timers */
    size_t width;
    int *cell; /* lines x width, from the client's states to the server's */
};

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

static struct row *begin_row(struct picture *p, synfin_time time, int side)
{
    struct row *last = p->rows ? &p->row[p->rows - 1] : NULL;
    bool dated = !last || last->time != time;

    if (last && ladder_folds(p->ladder, time - last->time))
        p->row[p->rows++] = (struct row){.time = time, .folded = time - last->time};
    struct row *r = &p->row[p->rows++];
    *r = (struct row){.time = time, .side = side, .dated = dated};
    return r;
}

static bool joins(const struct ladder *l, size_t step, const struct row *r)
{
    const struct ladder_step *s = &l->step[step];

    if (!r || r->folded || r->time != s->time || r->side != s->side)
        return false;
    if (s->kind == LADDER_SEND)
        return !r->in && !r->out;
    if (s->kind == LADDER_STATE)
        return !r->text[s->side][0] && !(r->out && ladder_leads(l, step));
    return false;
}

static void make_rows(struct picture *p)
{
    const struct ladder *l = p->ladder;

    for (size_t i = 0; i < l->steps; i++) {
        const struct ladder_step *s = &l->step[i];
        struct row *r = p->rows ? &p->row[p->rows - 1] : NULL;
        if (!joins(l, i, r))
            r = begin_row(p, s->time, s->side);
        size_t row = (size_t)(r - p->row);
        if (s->kind == LADDER_SEND) {
            r->out = s->item + 1;
            r->note = l->arrow[s->item].fate != LADDER_ARRIVED;
            p->sent[s->item] = row;
        } else if (s->kind == LADDER_ARRIVE) {
            r->in = s->item + 1;
            p->arrived[s->item] = row;
        } else if (s->kind == LADDER_STATE) {
            snprintf(r->text[s->side], LADDER_TEXT, "%s", s->state);
        }
    }
}

/* ---- Brackets of timers ------------------------------------------------------------------------------------------ */

/* The last row of the instant at which the timer was armed, and the first of the one at which it expired. */
static bool bracket_rows(const struct picture *p, const struct ladder_timer *t, size_t *begin, size_t *end)
{
    *begin = *end = p->rows;
    for (size_t i = 0; i < p->rows; i++) {
        if (p->row[i].folded || p->row[i].side != t->side)
            continue;
        if (p->row[i].time <= t->begin)
            *begin = i;
        if (p->row[i].time == t->end && *end == p->rows)
            *end = i;
    }
    return *begin < *end && *end < p->rows;
}

/* The name of a timer stands where nothing else does: at the fold, or about half way, or else where it ends. */
static void name_bracket(struct picture *p, const struct ladder_timer *t, size_t begin, size_t end)
{
    size_t best = end;
    for (size_t i = begin + 1; i < end; i++) {
        bool half_way = !p->row[best].folded && i <= (begin + end) / 2;
        if (!p->row[i].text[t->side][0] && (best == end || (p->row[i].folded ? !p->row[best].folded : half_way)))
            best = i;
    }
    char *text = p->row[best].text[t->side], state[LADDER_TEXT], name[LADDER_TEXT];
    memcpy(state, text, sizeof state);
    snprintf(text, LADDER_TEXT, "%.100s%s%.100s", ladder_timer_text(name, t), state[0] ? ", " : "", state);
}

struct bracket {
    int side;
    size_t begin, end, lane;
};

/* Side by side where they overlap; one may begin where another ends. */
static size_t make_brackets(struct picture *p, struct bracket *bracket)
{
    size_t n = 0;

    for (size_t i = 0; i < p->ladder->timers; i++) {
        const struct ladder_timer *t = &p->ladder->timer[i];
        struct bracket b = {.side = t->side};
        if (!bracket_rows(p, t, &b.begin, &b.end))
            continue;
        name_bracket(p, t, b.begin, b.end);
        for (bool taken = true; taken; b.lane += taken) {
            taken = false;
            for (size_t k = 0; k < n; k++)
                taken |= bracket[k].side == b.side && bracket[k].lane == b.lane && b.begin < bracket[k].end &&
                         bracket[k].begin < b.end;
        }
        if (p->lanes[b.side] <= b.lane)
            p->lanes[b.side] = b.lane + 1;
        bracket[n++] = b;
    }
    return n;
}

/* ---- Turns ------------------------------------------------------------------------------------------------------- */

/* One that is sent while others are under way turns earlier than they do, so that lines need not cross. */
static void assign_lanes(struct picture *p)
{
    const struct ladder_arrow *a = p->ladder->arrow;

    for (size_t i = 0; i < p->ladder->arrows; i++) {
        for (size_t k = i > NEAR ? i - NEAR : 0; k < i; k++) {
            bool under_way = a[k].side == a[i].side && a[k].fate == LADDER_ARRIVED && p->arrived[k] > p->sent[i];
            if (under_way && p->lane[k] >= p->lane[i])
                p->lane[i] = p->lane[k] + 1;
        }
        p->lane[i] %= LANES_MAX;
        if (p->turns <= p->lane[i])
            p->turns = p->lane[i] + 1;
    }
}

/* ---- Cells ------------------------------------------------------------------------------------------------------- */

static int *cell_at(struct picture *p, size_t line, size_t column)
{
    return &p->cell[line * p->width + column];
}

static size_t line_of(const struct picture *p, int side)
{
    size_t client = p->states[LADDER_CLIENT] + 1 + 2 * p->lanes[LADDER_CLIENT];
    return side == LADDER_CLIENT ? client : client + 1 + p->middle;
}

/* Adds directions to a line; what is no line is left as it is. */
static void draw(struct picture *p, size_t line, size_t column, int directions)
{
    int *c = cell_at(p, line, column);
    if (*c == ' ' || *c & MARK_LINE)
        *c = MARK_LINE | (*c & MARK_LINE ? *c & 15 : 0) | directions;
}

static void write_text(struct picture *p, size_t line, size_t column, const char *text)
{
    for (; *text; text++)
        *cell_at(p, line, column++) = (unsigned char)*text;
}

/* The cell `n` between the sides, counted from the arrow's sender. */
static size_t between(const struct picture *p, const struct ladder_arrow *a, size_t n)
{
    return a->side == LADDER_CLIENT ? line_of(p, LADDER_CLIENT) + 1 + n : line_of(p, LADDER_SERVER) - 1 - n;
}

static int ahead(const struct ladder_arrow *a)
{
    return a->side == LADDER_CLIENT ? EAST : WEST;
}

/* From cell to cell, both included, in a line; a corner at either end is drawn apart. */
static void run(struct picture *p, const struct ladder_arrow *a, size_t line, size_t from, size_t to)
{
    for (size_t n = from; n <= to; n++)
        draw(p, line, between(p, a, n), EAST | WEST);
}

static const char *label_of(char text[LADDER_TEXT], const struct ladder_arrow *a)
{
    char label[LADDER_TEXT];
    snprintf(text, LADDER_TEXT, " %s%.200s ", ladder_prefix(a), ladder_label(label, a));
    return text;
}

/* On the arrow's own line, as near to its sender as no other line is hidden. */
static void draw_label(struct picture *p, const struct ladder_arrow *a, size_t line)
{
    char label[LADDER_TEXT];
    size_t n = strlen(label_of(label, a)), at = 1, free = 0;

    for (size_t i = 0; i < p->middle && free <= n; i++) {
        free = *cell_at(p, line, between(p, a, i)) == (MARK_LINE | EAST | WEST) ? free + 1 : 0;
        if (free > n)
            at = i + 1 - n;
    }
    write_text(p, line, between(p, a, a->side == LADDER_CLIENT ? at : at + n - 1), label);
}

/* As far as the cross, below which stands what befell it. */
static void draw_lost(struct picture *p, const struct ladder_arrow *a, size_t line)
{
    char text[LADDER_TEXT];
    size_t n = strlen(label_of(text, a)) + 3, size = strlen(ladder_fate_text(text, a));
    size_t cross = n > p->middle * 5 / 8 ? n : p->middle * 5 / 8;
    size_t first = line_of(p, LADDER_CLIENT) + 1, at = between(p, a, cross);

    run(p, a, line, 0, cross - 1);
    *cell_at(p, line, at) = MARK_CROSS;
    at = at > first + 1 + size / 2 ? at - size / 2 : first + 1;
    if (at + size + 1 > first + p->middle)
        at = first + p->middle - size - 1;
    write_text(p, line + 1, at, text);
}

static void draw_arrow(struct picture *p, size_t arrow)
{
    const struct ladder_arrow *a = &p->ladder->arrow[arrow];
    size_t from = p->row[p->sent[arrow]].line, last = p->middle - 1, turn = last - 3 - 2 * p->lane[arrow];

    draw(p, from, line_of(p, a->side), ahead(a));
    if (a->fate != LADDER_ARRIVED) {
        draw_lost(p, a, from);
    } else {
        size_t to = p->row[p->arrived[arrow]].line, column = between(p, a, turn);
        run(p, a, from, 0, turn - 1);
        draw(p, from, column, (EAST | WEST) - ahead(a) + SOUTH);
        for (size_t line = from + 1; line < to; line++)
            draw(p, line, column, NORTH | SOUTH);
        draw(p, to, column, ahead(a) | NORTH);
        run(p, a, to, turn + 1, last - 1);
        *cell_at(p, to, between(p, a, last)) = a->side == LADDER_CLIENT ? MARK_RIGHT : MARK_LEFT;
    }
}

static void draw_bracket(struct picture *p, const struct bracket *b)
{
    size_t side = line_of(p, b->side), away = 2 + 2 * b->lane;
    size_t column = b->side == LADDER_CLIENT ? side - away : side + away;
    int inwards = b->side == LADDER_CLIENT ? EAST : WEST;
    size_t begin = p->row[b->begin].line, end = p->row[b->end].line;

    draw(p, begin, column, inwards | SOUTH);
    for (size_t line = begin + 1; line < end; line++)
        draw(p, line, column, NORTH | SOUTH);
    draw(p, end, column, inwards | NORTH);
}

/* ---- Measures ---------------------------------------------------------------------------------------------------- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Lines: the names of the hosts, the first states, the rows. */
static void measure_lines(struct picture *p)
{
    p->lines = 2;
    for (size_t i = 0; i < p->rows; i++) {
        p->row[i].line = p->lines++;
        p->lines += p->row[i].note;
    }
}

static void measure_columns(struct picture *p)
{
    const struct ladder *l = p->ladder;
    char text[LADDER_TEXT];

    p->middle = MIDDLE_MIN;
    for (size_t i = 0; i < l->arrows; i++) {
        p->middle = larger(p->middle, strlen(label_of(text, &l->arrow[i])) + 6 + 2 * p->turns);
        p->middle = larger(p->middle, strlen(ladder_fate_text(text, &l->arrow[i])) + 2);
    }
    for (int side = 0; side < LADDER_SIDES; side++) {
        p->states[side] = larger(12, strlen(l->host[side]));
        for (size_t i = 0; i < p->rows; i++)
            p->states[side] = larger(p->states[side], strlen(p->row[i].text[side]));
    }
    p->width = line_of(p, LADDER_SERVER) + 2 * p->lanes[LADDER_SERVER] + 2 + p->states[LADDER_SERVER];
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

static void write_side(struct picture *p, size_t line, int side, const char *text)
{
    if (side == LADDER_CLIENT)
        write_text(p, line, p->states[side] - strlen(text), text);
    else
        write_text(p, line, p->width - p->states[side], text);
}

static void draw_sides(struct picture *p)
{
    for (int side = 0; side < LADDER_SIDES; side++) {
        const char *first = p->ladder->first_state[side];
        write_side(p, 0, side, p->ladder->host[side]);
        if (first)
            write_side(p, 1, side, first);
        for (size_t line = 1; line < p->lines; line++)
            draw(p, line, line_of(p, side), NORTH | SOUTH);
        for (size_t i = 0; i < p->rows; i++) {
            write_side(p, p->row[i].line, side, p->row[i].text[side]);
            if (p->row[i].folded)
                *cell_at(p, p->row[i].line, line_of(p, side)) = MARK_FOLD;
        }
    }
}

static void draw_fold(struct picture *p, const struct row *r)
{
    char duration[LADDER_TEXT], text[LADDER_TEXT];
    snprintf(text, sizeof text, " %.60s ", ladder_duration(duration, r->folded));
    write_text(p, r->line, line_of(p, LADDER_CLIENT) + 1 + (p->middle - strlen(text)) / 2, text);
}

static int draw_all(struct picture *p, struct bracket *bracket)
{
    size_t brackets = make_brackets(p, bracket);

    assign_lanes(p);
    measure_lines(p);
    measure_columns(p);
    p->cell = malloc(p->lines * p->width * sizeof *p->cell);
    if (p->cell) {
        for (size_t i = 0; i < p->lines * p->width; i++)
            p->cell[i] = ' ';
        draw_sides(p);
        for (size_t i = 0; i < brackets; i++)
            draw_bracket(p, &bracket[i]);
        for (size_t i = 0; i < p->ladder->arrows; i++)
            draw_arrow(p, i);
        for (size_t i = 0; i < p->ladder->arrows; i++)
            draw_label(p, &p->ladder->arrow[i], p->row[p->sent[i]].line);
        for (size_t i = 0; i < p->rows; i++) {
            if (p->row[i].folded)
                draw_fold(p, &p->row[i]);
        }
    }
    return p->cell ? 0 : -1;
}

static void put_cell(FILE *f, int cell, bool utf8)
{
    /* By NORTH, EAST, SOUTH, WEST. */
    static const char *const lines[16] = {" ", "╵", "╶", "╰", "╷", "│", "╭", "├",
                                          "╴", "╯", "─", "┴", "╮", "┤", "┬", "┼"};
    static const char plain[] = " ||+||++-+-+++++";

    if (cell & MARK_LINE && utf8)
        fputs(lines[cell & 15], f);
    else if (cell & MARK_LINE)
        fputc(plain[cell & 15], f);
    else if (cell == MARK_RIGHT)
        fputs(utf8 ? "▶" : ">", f);
    else if (cell == MARK_LEFT)
        fputs(utf8 ? "◀" : "<", f);
    else if (cell == MARK_CROSS)
        fputs(utf8 ? "╳" : "X", f);
    else if (cell == MARK_FOLD)
        fputs(utf8 ? "┊" : ":", f);
    else
        fputc(cell, f);
}

static void put_lines(FILE *f, struct picture *p, bool utf8)
{
    size_t row = 0;

    for (size_t line = 0; line < p->lines; line++) {
        size_t end = p->width;
        char time[LADDER_TEXT] = "";
        while (row < p->rows && p->row[row].line < line)
            row++;
        if (row < p->rows && p->row[row].line == line && p->row[row].dated && !p->row[row].folded)
            ladder_time(time, p->ladder, p->row[row].time);
        while (end > 0 && *cell_at(p, line, end - 1) == ' ')
            end--;
        fprintf(f, "%*s  ", TIME_WIDTH, line == 0 ? "time" : time);
        for (size_t column = 0; column < end; column++)
            put_cell(f, *cell_at(p, line, column), utf8);
        fputc('\n', f);
    }
}

int ladder_text(FILE *f, const struct ladder *l, bool utf8)
{
    struct picture p = {.ladder = l, .row = malloc((2 * l->steps + 1) * sizeof *p.row)};
    struct bracket *bracket = malloc((l->timers + 1) * sizeof *bracket);
    int status = -1;

    p.sent = calloc(l->arrows + 1, sizeof *p.sent);
    p.arrived = calloc(l->arrows + 1, sizeof *p.arrived);
    p.lane = calloc(l->arrows + 1, sizeof *p.lane);
    if (p.row && p.sent && p.arrived && p.lane && bracket) {
        make_rows(&p);
        status = draw_all(&p, bracket);
        fprintf(f, "%s: connection %s, %s\n\n", l->title, l->connection, l->outcome);
        if (status == 0)
            put_lines(f, &p, utf8);
    }
    free(p.row);
    free(p.sent);
    free(p.arrived);
    free(p.lane);
    free(p.cell);
    free(bracket);
    return status;
}
