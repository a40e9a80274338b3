/* SPDX-License-Identifier: BSD-2-Clause */
/* What `synfin compare` prints. */
#include "compare.h"

#include <math.h>
#include <string.h>

#include "text_table.h"

/* ---- Numbers ----------------------------------------------------------------------------------------------------- */

void compare_difference_label(const struct quantity *q, double difference, char text[LABEL_SIZE])
{
    char size[LABEL_SIZE];
    quantity_label(q, fabs(difference), size);
    snprintf(text, LABEL_SIZE, "%s%.*s", difference > 0 ? "+" : difference < 0 ? "-" : "", LABEL_SIZE - 2, size);
}

void compare_share_label(double share, char text[LABEL_SIZE])
{
    double size = fabs(share);
    if (!isfinite(share))
        snprintf(text, LABEL_SIZE, "-");
    else
        snprintf(text, LABEL_SIZE, !(size > 0) ? "%.0f %%" : size < 1 ? "%+.3g %%" : "%+.0f %%", 100 * share);
}

static void label_p(double p, char text[LABEL_SIZE])
{
    if (isnan(p))
        snprintf(text, LABEL_SIZE, "-");
    else if (p < 1e-4)
        snprintf(text, LABEL_SIZE, "<0.0001");
    else
        snprintf(text, LABEL_SIZE, "%.2g", p);
}

/* All intervals together hold all differences with 95 % (Bonferroni). Where Holm's steps have shown a difference all
   the same, its sign is known. */
static void label_interval(const struct compare *c, const struct compare_line *line, char text[LABEL_SIZE])
{
    struct interval i;
    char low[LABEL_SIZE], high[LABEL_SIZE];
    if (!two_sample_interval(&line->test, 1 - COMPARE_ALPHA / (double)(c->comparisons * c->looks), &i)) {
        snprintf(text, LABEL_SIZE, "-");
        return;
    }
    if (line->shown && line->test.difference > 0)
        i.low = fmax(i.low, 0);
    else if (line->shown)
        i.high = fmin(i.high, 0);
    compare_difference_label(&line->item->of, i.low, low);
    compare_difference_label(&line->item->of, i.high, high);
    snprintf(text, LABEL_SIZE, "[%.100s, %.100s]", low, high);
}

/* ---- Heading ----------------------------------------------------------------------------------------------------- */

static void print_side(FILE *f, char letter, const struct compare_side *s)
{
    fprintf(f, "%c  %s: %s, seed %s, synfin %s\n", letter, s->word, s->name, s->seed, s->version);
}

/* `5`, `2 to 5`. */
static void label_replications(const struct compare *c, int k, char text[64])
{
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < c->lines; i++) {
        size_t n = c->line[i].replications[k];
        least = n < least ? n : least;
        most = n > most ? n : most;
    }
    if (least < most)
        snprintf(text, 64, "%zu to %zu", least, most);
    else
        snprintf(text, 64, "%zu", most);
}

static void print_method(const struct compare *c, FILE *f)
{
    char n[2][64];
    label_replications(c, 0, n[0]);
    label_replications(c, 1, n[1]);
    if (c->paired)
        fprintf(f, "Replications in common: %s, with common random numbers; compared run by run, Student's t.\n", n[0]);
    else
        fprintf(f, "Replications: %s and %s, with random numbers of their own; Welch's t.\n", n[0], n[1]);
    if (c->comparisons < c->lines)
        fprintf(f, "%s: no interval can be given; it takes two replications or more of both.\n",
                c->comparisons == 0 ? "One replication" : "Where there is a -");
    if (c->comparisons > 0)
        fprintf(f, "Comparisons: %zu. The 95 %% intervals hold all of them at once (Bonferroni); p is Holm's for all of"
                   " them.\n", c->comparisons);
    if (c->looks > 1)
        fprintf(f, "Intervals decided on the number of replications (until): all of this holds for %zu looks at once"
                   " (Bonferroni).\n", c->looks);
    fputs("D: largest distance between the distributions of all connections; its p by Kolmogorov and Smirnov, Holm's"
          " too.\n", f);
}

/* ---- Points ------------------------------------------------------------------------------------------------------ */

/* The parameters of a side that are held fixed, as bits. */
static int find_fixed(struct compare *c, int k, unsigned long long *fixed)
{
    struct results *r = &c->side[k].results;
    *fixed = 0;
    for (size_t i = 0; i < r->parameters && i < 64; i++) {
        struct results_parameter p;
        if (results_parameter(r, 0, i, &p) != 0)
            return -1;
        if (compare_side_fixed(&c->side[0], p.path) || compare_side_fixed(&c->side[1], p.path))
            *fixed |= 1ull << i;
        results_parameter_free(&p);
    }
    return 0;
}

/* A point of a side by the parameters that are not held fixed. */
static int label_free(struct compare *c, int k, size_t point, char text[LABEL_SIZE])
{
    unsigned long long fixed;
    return find_fixed(c, k, &fixed) != 0 ? -1 : label_point(&c->side[k].results, point, fixed, text);
}

int compare_point_label(struct compare *c, size_t pair, char text[LABEL_SIZE])
{
    return label_free(c, 0, c->pairs.pair[pair][0], text);
}

static int print_alone(struct compare *c, FILE *f)
{
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < c->pairs.alone[k]; i++) {
            char label[LABEL_SIZE], names[LABEL_SIZE];
            unsigned long long fixed;
            if (label_free(c, k, c->pairs.alone_point[k][i], label) != 0 || find_fixed(c, k, &fixed) != 0 ||
                label_parameters(&c->side[k].results, fixed, ", ", names) != 0)
                return -1;
            if (label[0])
                fprintf(f, "only in %c: %s: %s\n", 'A' + k, names, label);
            else
                fprintf(f, "only in %c: a point of another scenario\n", 'A' + k);
        }
    }
    return 0;
}

/* ---- The table --------------------------------------------------------------------------------------------------- */

static int add_line(struct compare *c, struct text_table *t, const struct compare_line *line, bool points)
{
    char point[LABEL_SIZE], a[LABEL_SIZE], b[LABEL_SIZE], difference[LABEL_SIZE], interval[LABEL_SIZE];
    char share[LABEL_SIZE], p[LABEL_SIZE], distance[LABEL_SIZE] = "-", distance_p[LABEL_SIZE] = "-";
    if (compare_point_label(c, line->pair, point) != 0)
        return -1;
    quantity_label(&line->item->of, line->test.mean[0], a);
    quantity_label(&line->item->of, line->test.mean[1], b);
    compare_difference_label(&line->item->of, line->test.difference, difference);
    label_interval(c, line, interval);
    compare_share_label(compare_share(&line->test), share);
    label_p(line->test.degrees > 0 ? line->adjusted : (double)NAN, p);
    if (line->distributions) {
        snprintf(distance, sizeof distance, "%.3g", line->distance);
        label_p(line->distance_p, distance_p);
    }
    text_table_add(t, "%s", line->item->of.label);
    if (points)
        text_table_add(t, "%s", point);
    const char *cells[] = {a, b, difference, interval, share, p, distance, distance_p};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        text_table_add(t, "%s", cells[i]);
    text_table_add(t, "%s", !line->shown ? "no difference shown" : line->test.difference > 0 ? "higher" : "lower");
    return 0;
}

int compare_print(struct compare *c, FILE *f)
{
    static const char *const headings[] = {"A",  "B", "B - A", "95 % interval", "of A",
                                           "p", "D", "p of D", "verdict on B"};
    enum { HEADINGS = sizeof headings / sizeof headings[0] };
    char parameters[LABEL_SIZE];
    unsigned long long fixed;
    if (find_fixed(c, 0, &fixed) != 0 || label_parameters(&c->side[0].results, fixed, ", ", parameters) != 0)
        return -1;
    bool points = parameters[0] != '\0';
    struct text_table t = {.columns = HEADINGS + 1 + points};
    print_side(f, 'A', &c->side[0]);
    print_side(f, 'B', &c->side[1]);
    print_method(c, f);
    fputc('\n', f);
    text_table_add(&t, "metric");
    if (points)
        text_table_add(&t, "%s", parameters);
    for (size_t i = 0; i < HEADINGS; i++)
        text_table_add(&t, "%s", headings[i]);
    int bad = 0;
    for (size_t i = 0; i < c->lines && !bad; i++)
        bad = add_line(c, &t, &c->line[i], points) != 0;
    bad = text_table_print(&t, f, "") != 0 || bad;
    if (c->pairs.alone[0] + c->pairs.alone[1] > 0)
        fputc('\n', f);
    return bad || print_alone(c, f) != 0 ? -1 : 0;
}
