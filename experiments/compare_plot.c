/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots of both distributions of each metric and point that were compared. */
#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "plot.h"

static int draw(struct plot_context *plot, const struct plot_curve curves[2], const char *shown, const char *path)
{
    char *script = NULL;
    size_t size;
    plot->script = open_memstream(&script, &size);
    if (!plot->script)
        return -1;
    int bad = plot_cdf_curves(plot, curves, 2, shown) != 0;
    bad = fclose(plot->script) != 0 || bad || plot_draw(script, size, path) != 0;
    free(script);
    if (!bad)
        printf("%s\n", path);
    return bad ? -1 : 0;
}

/* `DIR/cdf-setup-3.svg`: the number is that of A's point, where several are compared. */
static void name_file(const struct compare *c, const struct compare_line *line, const char *folder, const char *format,
                      char *path, size_t size)
{
    char number[32] = "";
    bool all = strcmp(line->item->of.workload, ROWS_ALL) == 0;
    if (c->pairs.pairs > 1)
        snprintf(number, sizeof number, "-%zu", c->pairs.pair[line->pair][0]);
    snprintf(path, size, "%s/cdf-%s%s%s%s.%s", folder, all ? "" : line->item->of.workload, all ? "" : "-",
             synfin_metric_name((enum synfin_metric)line->item->of.metric), number, format);
}

/* A word that would leave the legend no room stands in the small print. */
enum { SHORT_WORD = 40 };

static bool has_long_word(const struct compare *c)
{
    return strlen(c->side[0].word) > SHORT_WORD || strlen(c->side[1].word) > SHORT_WORD;
}

static int draw_line(struct compare *c, const struct compare_line *line, struct plot_context *context,
                     const char *path)
{
    struct synfin_statistic *pooled[2] = {synfin_statistic_new(), synfin_statistic_new()};
    struct plot_curve curves[2];
    char label[2][LABEL_SIZE], point[LABEL_SIZE];
    int bad = !pooled[0] || !pooled[1] || compare_point_label(c, line->pair, point) != 0;
    for (int k = 0; k < 2 && !bad; k++) {
        snprintf(label[k], LABEL_SIZE, has_long_word(c) ? "%c" : "%c: %s", 'A' + k, c->side[k].word);
        curves[k] = (struct plot_curve){label[k], pooled[k]};
        bad = results_pool(&c->side[k].results, c->pairs.pair[line->pair][k], RESULTS_EVERY, line->item->of.workload,
                           (enum synfin_metric)line->item->of.metric, pooled[k]) != 0;
    }
    bad = bad || draw(context, curves, point, path) != 0;
    synfin_statistic_free(pooled[0]);
    synfin_statistic_free(pooled[1]);
    return bad ? -1 : 0;
}

static enum plot_format format_of(const char *name)
{
    return strcmp(name, "png") == 0 ? PLOT_PNG : strcmp(name, "txt") == 0 ? PLOT_TXT : PLOT_SVG;
}

int compare_plots(struct compare *c, const char *folder, const char *format)
{
    const char *ending = format ? format : "svg";
    char path[4096];
    if (output_folder(folder) != 0)
        return -1;
    for (size_t i = 0; i < c->lines; i++) {
        const struct compare_line *line = &c->line[i];
        if (!line->distributions)
            continue;
        struct plot plot = {.metric = line->item->of.metric};
        struct plot_context context = {.plot = &plot, .format = format_of(ending), .height = 600};
        const struct compare_side *a = &c->side[0], *b = &c->side[1];
        bool words = has_long_word(c);
        snprintf(context.small, sizeof context.small,
                 "A: %.100s · seed %s · synfin %s; B: %.100s · seed %s · synfin %s", words ? a->word : a->name, a->seed,
                 a->version, words ? b->word : b->name, b->seed, b->version);
        name_file(c, line, folder, ending, path, sizeof path);
        if (draw_line(c, line, &context, path) != 0)
            return -1;
    }
    return 0;
}
