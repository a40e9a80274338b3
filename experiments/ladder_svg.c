/* SPDX-License-Identifier: BSD-2-Clause */
/* The ladder as SVG 1.1: text and lines, the same bytes each time. */
#include "ladder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double WIDTH = 760, TIME_X = 80, SIDE_X[LADDER_SIDES] = {226, 612}, TOP = 112, BELOW = 34;
static const double LANE = 11;      /* between brackets */
static const double CHARACTER = 6;  /* an average one of a label */
static const double ROOM = 12;      /* that a label takes above its arrow */

/* With more arrows than this, labels do not look for room: that takes time, and nobody will look at each. */
enum { CROWD = 2000 };

/* Colours that stay apart for colour-blind eyes, dark enough for text on white (after Okabe and Ito). */
#define BLUE "#005f96"
#define RED "#b34700"
#define GREEN "#00664d"
#define GREY "#5a5a5a"

/* A text along an arrow, or a straight one. */
struct label {
    double left, right;    /* x */
    double y_left, y_right; /* of the line it stands on */
};

struct drawing {
    FILE *f;
    const struct ladder *ladder;
    struct ladder_layout layout;
    struct label *label;
    size_t labels;
    double *taken[LADDER_SIDES]; /* y of what stands beside a side */
    size_t takens[LADDER_SIDES];
    double *lane_end[LADDER_SIDES]; /* y at which the last bracket of each lane ends */
    size_t lanes[LADDER_SIDES];
};

/* ---- Words ------------------------------------------------------------------------------------------------------- */

static void put_escaped(FILE *f, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", f);
        else if (*text == '<')
            fputs("&lt;", f);
        else if (*text == '>')
            fputs("&gt;", f);
        else if ((unsigned char)*text >= ' ' || *text == '\n')
            fputc(*text, f);
    }
}

static void put_text(const struct drawing *d, double x, double y, const char *class, const char *text)
{
    fprintf(d->f, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
    put_escaped(d->f, text);
    fputs("</text>\n", d->f);
}

/* ---- Beside the sides -------------------------------------------------------------------------------------------- */

/* Where states and the names of timers begin: beyond the brackets. */
static double beside(const struct drawing *d, int side)
{
    double away = 10 + LANE * (double)d->lanes[side];
    return SIDE_X[side] + (side == LADDER_CLIENT ? -away : away);
}

static void put_beside(struct drawing *d, int side, double y, const char *kind, const char *text)
{
    char class[32];
    snprintf(class, sizeof class, "%s %s", kind, side == LADDER_CLIENT ? "end" : "start");
    put_text(d, beside(d, side), y + 4, class, text);
    d->taken[side][d->takens[side]++] = y;
}

static void draw_states(struct drawing *d)
{
    const struct ladder *l = d->ladder;

    for (int side = 0; side < LADDER_SIDES; side++) {
        if (l->first_state[side])
            put_beside(d, side, TOP - 26, "state", l->first_state[side]);
    }
    for (size_t i = 0; i < l->steps; i++) {
        if (l->step[i].kind == LADDER_STATE)
            put_beside(d, l->step[i].side, d->layout.step[i], "state", l->step[i].state);
    }
}

/* y where the timer was armed: the last that happened then at its side; and where it expired: the first. */
static void bracket_span(const struct drawing *d, const struct ladder_timer *t, double *begin, double *end)
{
    const struct ladder *l = d->ladder;

    *begin = TOP;
    *end = -1;
    for (size_t i = 0; i < l->steps; i++) {
        if (l->step[i].side != t->side)
            continue;
        if (l->step[i].time <= t->begin)
            *begin = d->layout.step[i];
        if (l->step[i].time == t->end && *end < 0)
            *end = d->layout.step[i];
    }
}

/* A lane of brackets that is free from `begin` on; a bracket may begin where another ends. */
static size_t lane_of(struct drawing *d, int side, double begin, double end)
{
    size_t lane = 0;
    while (lane < d->lanes[side] && d->lane_end[side][lane] > begin)
        lane++;
    if (lane == d->lanes[side])
        d->lanes[side]++;
    d->lane_end[side][lane] = end;
    return lane;
}

/* The middle of the largest free stretch beside the bracket. */
static double free_y(const struct drawing *d, int side, double begin, double end)
{
    double best = (begin + end) / 2, most = 0, from = begin;

    while (from < end) {
        double next = end;
        for (size_t i = 0; i < d->takens[side]; i++) {
            double y = d->taken[side][i];
            next = y > from && y < next ? y : next;
        }
        if (next - from > most) {
            most = next - from;
            best = (from + next) / 2;
        }
        from = next;
    }
    return best;
}

struct bracket {
    const struct ladder_timer *timer;
    double begin, end;
    size_t lane;
};

static int by_begin(const void *a, const void *b)
{
    const struct bracket *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->timer < y->timer ? -1 : x->timer > y->timer;
}

/* Finds spans and lanes; how many lanes there are decides where states stand. */
static size_t place_brackets(struct drawing *d, struct bracket *bracket)
{
    size_t n = 0;

    for (size_t i = 0; i < d->ladder->timers; i++) {
        struct bracket *b = &bracket[n];
        b->timer = &d->ladder->timer[i];
        bracket_span(d, b->timer, &b->begin, &b->end);
        n += b->end > b->begin;
    }
    qsort(bracket, n, sizeof *bracket, by_begin);
    for (size_t i = 0; i < n; i++)
        bracket[i].lane = lane_of(d, bracket[i].timer->side, bracket[i].begin, bracket[i].end);
    return n;
}

static void draw_bracket(struct drawing *d, const struct bracket *b)
{
    int side = b->timer->side;
    double out = side == LADDER_CLIENT ? -1 : 1, x = SIDE_X[side] + out * (8 + LANE * (double)b->lane);
    char text[LADDER_TEXT];

    fprintf(d->f, "<path class=\"timer\" d=\"M%.1f %.1fh%.1fV%.1fh%.1f\"/>\n", x - 4 * out, b->begin + 2, 4 * out,
            b->end - 2, -4 * out);
    put_beside(d, side, free_y(d, side, b->begin, b->end), "name", ladder_timer_text(text, b->timer));
}

/* ---- Arrows ------------------------------------------------------------------------------------------------------ */

static bool arrives(const struct ladder_arrow *a)
{
    return a->fate == LADDER_ARRIVED;
}

/* How far the line of the arrow goes, as a part of the way. */
static double reach(const struct ladder_arrow *a)
{
    return arrives(a) ? 1 : a->fate == LADDER_CORRUPTED ? 0.85 : 0.58;
}

static double arrow_x(const struct ladder_arrow *a, double part)
{
    double from = SIDE_X[a->side], to = SIDE_X[1 - a->side];
    return from + part * (to - from);
}

static double arrow_y(const struct drawing *d, size_t i, double part)
{
    return d->layout.begin[i] + part * (d->layout.end[i] - d->layout.begin[i]);
}

static double label_y(const struct label *b, double x)
{
    return b->y_left + (b->y_right - b->y_left) * (x - b->left) / (b->right - b->left);
}

/* Whether a label that stands on one line is too near to another line, on which something so high stands. */
static bool too_near(const struct label *b, const struct label *other, double height)
{
    double left = fmax(b->left, other->left), right = fmin(b->right, other->right);

    if (left >= right)
        return false;
    double first = label_y(b, left) - label_y(other, left), last = label_y(b, right) - label_y(other, right);
    double above = fmax(first, last), below = fmin(first, last);
    return above > -height && below < ROOM;
}

/* The arrow's line as a label without height. */
static struct label line_of(const struct drawing *d, size_t i)
{
    const struct ladder_arrow *a = &d->ladder->arrow[i];
    double x[2] = {arrow_x(a, 0), arrow_x(a, reach(a))}, y[2] = {arrow_y(d, i, 0), arrow_y(d, i, reach(a))};
    int left = x[0] < x[1] ? 0 : 1;
    return (struct label){x[left], x[1 - left], y[left], y[1 - left]};
}

static bool collides(const struct drawing *d, size_t arrow, const struct label *b)
{
    if (d->ladder->arrows > CROWD)
        return false;
    for (size_t i = 0; i < d->labels; i++) {
        if (too_near(b, &d->label[i], ROOM))
            return true;
    }
    for (size_t i = 0; i < d->ladder->arrows; i++) {
        struct label line = line_of(d, i);
        if (i != arrow && too_near(b, &line, 2))
            return true;
    }
    return false;
}

/* Half way, or wherever it is in nothing's way; where there is no such place, near the sender. */
static struct label place_label(const struct drawing *d, size_t i, double width)
{
    static const double parts[] = {0.5, 0.42, 0.58, 0.34, 0.66, 0.28, 0.72, 0.78};
    const struct ladder_arrow *a = &d->ladder->arrow[i];
    double whole = SIDE_X[LADDER_SERVER] - SIDE_X[LADDER_CLIENT], half = width / 2 / whole;
    double nearest = half + 0.03, farthest = reach(a) - half - 0.02;
    struct label first = {0};

    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
        double part = fmax(nearest, fmin(farthest, parts[k] * reach(a)));
        double from = arrow_x(a, part - half), to = arrow_x(a, part + half);
        struct label b = {fmin(from, to), fmax(from, to), 0, 0};
        b.y_left = arrow_y(d, i, from < to ? part - half : part + half);
        b.y_right = arrow_y(d, i, from < to ? part + half : part - half);
        if (!collides(d, i, &b))
            return b;
        if (k == 0 || parts[k] == 0.28)
            first = b;
    }
    return first;
}

/* A text on a slanted line: matrix() needs no angle, whose digits could differ between machines. */
static void put_label(struct drawing *d, const struct label *b, const char *class, const char *text)
{
    double x = (b->left + b->right) / 2, y = label_y(b, x), dx = b->right - b->left, dy = b->y_right - b->y_left;
    double length = sqrt(dx * dx + dy * dy), c = dx / length, s = dy / length;

    fprintf(d->f, "<text transform=\"matrix(%.4f %.4f %.4f %.4f %.1f %.1f)\" y=\"-4\" class=\"%s\">", c, s, -s, c, x,
            y, class);
    put_escaped(d->f, text);
    fputs("</text>\n", d->f);
    d->label[d->labels++] = *b;
}

static void draw_head(const struct drawing *d, size_t i)
{
    const struct ladder_arrow *a = &d->ladder->arrow[i];
    double x = arrow_x(a, 1), y = arrow_y(d, i, 1), dx = x - arrow_x(a, 0), dy = y - arrow_y(d, i, 0);
    double length = sqrt(dx * dx + dy * dy), c = dx / length, s = dy / length;

    fprintf(d->f, "<path class=\"head\" d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fz\"/>\n", x, y, x - 10 * c - 4 * s,
            y - 10 * s + 4 * c, x - 10 * c + 4 * s, y - 10 * s - 4 * c);
}

static void draw_cross(const struct drawing *d, double x, double y)
{
    fprintf(d->f, "<path class=\"cross\" d=\"M%.1f %.1fl10 10m0 -10l-10 10\"/>\n", x - 5, y - 5);
}

/* What befell it, below the end of its line. */
static void put_fate(struct drawing *d, size_t i)
{
    const struct ladder_arrow *a = &d->ladder->arrow[i];
    char text[LADDER_TEXT];
    double half = CHARACTER / 2 * (double)strlen(ladder_fate_text(text, a)) * 0.94;
    double x = arrow_x(a, reach(a)), y = arrow_y(d, i, reach(a)) + 21;

    x = fmax(SIDE_X[LADDER_CLIENT] + half + 6, fmin(SIDE_X[LADDER_SERVER] - half - 6, x));
    if (a->fate != LADDER_UNDER_WAY)
        draw_cross(d, arrow_x(a, reach(a)), y - 21);
    put_label(d, &(struct label){x - half, x + half, y, y}, "fate", text);
}

static void draw_lines(const struct drawing *d)
{
    for (size_t i = 0; i < d->ladder->arrows; i++) {
        const struct ladder_arrow *a = &d->ladder->arrow[i];
        fprintf(d->f, "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", *ladder_prefix(a) ? "arrow copy" : "arrow",
                arrow_x(a, 0), arrow_y(d, i, 0), arrow_x(a, reach(a)), arrow_y(d, i, reach(a)));
        if (arrives(a))
            draw_head(d, i);
    }
}

static void put_labels(struct drawing *d)
{
    for (size_t i = 0; i < d->ladder->arrows; i++) {
        if (!arrives(&d->ladder->arrow[i]))
            put_fate(d, i);
    }
    for (size_t i = 0; i < d->ladder->arrows; i++) {
        const struct ladder_arrow *a = &d->ladder->arrow[i];
        char label[LADDER_TEXT], text[LADDER_TEXT];
        snprintf(text, sizeof text, "%s%.200s", ladder_prefix(a), ladder_label(label, a));
        struct label b = place_label(d, i, CHARACTER * (double)strlen(text));
        put_label(d, &b, "label", text);
    }
}

/* ---- The axis ---------------------------------------------------------------------------------------------------- */

static void draw_axis(const struct drawing *d)
{
    char text[LADDER_TEXT];

    for (size_t i = 0; i < d->layout.instants; i++) {
        const struct ladder_instant *at = &d->layout.instant[i];
        if (at->dated)
            put_text(d, TIME_X, at->y + 4, "time end", ladder_time(text, d->ladder, at->time));
        if (at->folded)
            put_text(d, (SIDE_X[0] + SIDE_X[1]) / 2, at->fold_y + 4, "fold", ladder_duration(text, at->folded));
    }
}

/* The life line of a side, with a break where time is folded. */
static void draw_side(const struct drawing *d, int side)
{
    double x = SIDE_X[side];

    fprintf(d->f, "<path class=\"side\" d=\"M%.1f %.1f", x, TOP - 40);
    for (size_t i = 0; i < d->layout.instants; i++) {
        const struct ladder_instant *at = &d->layout.instant[i];
        if (at->folded)
            fprintf(d->f, "V%.1fm-6 3l12 -6M%.1f %.1fm-6 3l12 -6m-6 3", at->fold_y - 4, x, at->fold_y + 4);
    }
    fprintf(d->f, "V%.1f\"/>\n", d->layout.bottom + 18);
    fprintf(d->f, "<rect class=\"host\" x=\"%.1f\" y=\"%.1f\" width=\"120\" height=\"24\" rx=\"4\"/>\n", x - 60,
            TOP - 64);
    put_text(d, x, TOP - 47.5, "hostname", d->ladder->host[side]);
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

static void put_head(const struct drawing *d)
{
    const struct ladder *l = d->ladder;
    double height = d->layout.bottom + BELOW;

    fprintf(d->f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
            "role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">",
            WIDTH, height, WIDTH, height);
    put_escaped(d->f, l->title);
    fputs("</title>\n<desc id=\"desc\">", d->f);
}

static void put_style(const struct drawing *d)
{
    fputs("<style>\n"
          "text{font-family:\"DejaVu Sans\",Verdana,sans-serif;font-size:11px;fill:#000}\n"
          ".title{font-size:15px;font-weight:bold}\n"
          ".hostname,.label,.fate,.fold{text-anchor:middle}\n"
          ".hostname,.state{font-weight:bold}\n"
          ".end{text-anchor:end}\n"
          ".label,.fate,.fold{stroke:#fff;stroke-width:3px;stroke-linejoin:round;paint-order:stroke}\n"
          ".label{fill:" BLUE ";font-size:10.5px}\n"
          ".fate{fill:" RED ";font-size:10px}\n"
          ".name{fill:" GREEN "}\n"
          ".time,.fold,.subtitle{fill:" GREY "}\n"
          ".fold{font-style:italic}\n"
          "path{fill:none}\n"
          ".side{stroke:#000;stroke-width:1.6}\n"
          ".host{fill:#eef3f7;stroke:#000}\n"
          ".arrow{stroke:" BLUE ";stroke-width:1.4}\n"
          ".copy{stroke-dasharray:6 3}\n"
          ".head{fill:" BLUE "}\n"
          ".cross{stroke:" RED ";stroke-width:2.4}\n"
          ".timer{stroke:" GREEN ";stroke-width:1.4}\n"
          "</style>\n",
          d->f);
}

/* What eyes see, in sentences for those who do not see it. */
static int put_description(const struct drawing *d)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    int status = f ? ladder_explain(f, d->ladder) : -1;

    if (f && fclose(f) != 0)
        status = -1;
    if (status == 0)
        put_escaped(d->f, text);
    free(text);
    return status;
}

static int draw_all(struct drawing *d, struct bracket *bracket)
{
    const struct ladder *l = d->ladder;
    char subtitle[LADDER_TEXT];
    size_t brackets = place_brackets(d, bracket);

    put_head(d);
    if (put_description(d) != 0)
        return -1;
    fputs("</desc>\n", d->f);
    put_style(d);
    fputs("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", d->f);
    put_text(d, 16, 22, "title", l->title);
    snprintf(subtitle, sizeof subtitle, "connection %.200s, %.40s", l->connection, l->outcome);
    put_text(d, 16, 38, "subtitle", subtitle);
    draw_axis(d);
    draw_lines(d);
    for (int side = 0; side < LADDER_SIDES; side++)
        draw_side(d, side);
    put_labels(d);
    draw_states(d);
    for (size_t i = 0; i < brackets; i++)
        draw_bracket(d, &bracket[i]);
    fputs("</svg>\n", d->f);
    return 0;
}

int ladder_svg(FILE *f, const struct ladder *l)
{
    struct drawing d = {.f = f, .ladder = l, .label = malloc((2 * l->arrows + 1) * sizeof *d.label)};
    struct bracket *bracket = malloc((l->timers + 1) * sizeof *bracket);
    bool memory = d.label && bracket && ladder_layout(&d.layout, l, TOP) == 0;

    for (int side = 0; side < LADDER_SIDES; side++) {
        d.taken[side] = malloc((l->steps + l->timers + 1) * sizeof *d.taken[side]);
        d.lane_end[side] = malloc((l->timers + 1) * sizeof *d.lane_end[side]);
        memory &= d.taken[side] && d.lane_end[side];
    }
    int status = memory ? draw_all(&d, bracket) : -1;
    for (int side = 0; side < LADDER_SIDES; side++) {
        free(d.taken[side]);
        free(d.lane_end[side]);
    }
    free(d.label);
    free(bracket);
    ladder_layout_free(&d.layout);
    return status;
}
