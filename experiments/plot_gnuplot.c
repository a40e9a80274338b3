/* SPDX-License-Identifier: BSD-2-Clause */
/* gnuplot as a child process, and the looks that all plots have in common. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output.h"
#include "plot.h"

/* Colours that people with any kind of colour blindness can tell apart: M. Okabe and K. Ito, "Color Universal Design"
   (2008). Their yellow is left out: it is hard to see on white. */
static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
enum { COLOURS = sizeof colours / sizeof colours[0] };

/* Neighbours differ in their dashes and points, too. */
static const char *const dashes[] = {"solid", "(10,4)", "(3,3)", "(12,4,3,4)", "(6,3)", "(16,4,3,4,3,4)", "(2,5)"};
static const int points[] = {7, 5, 9, 11, 13, 6, 4, 8, 10, 12};

const char *plot_colour(size_t n)
{
    return colours[n % COLOURS];
}

void plot_style(FILE *f, size_t n, double width, bool with_points)
{
    const char *dash = dashes[(n + n / COLOURS) % (sizeof dashes / sizeof dashes[0])];
    fprintf(f, " lc rgb '%s' lw %g dt %s", plot_colour(n), width, dash);
    if (with_points)
        fprintf(f, " pt %d ps 0.8", points[n % (sizeof points / sizeof points[0])]);
}

/* Characters of `twice` are doubled. */
static void quote(FILE *f, const char *text, const char *twice)
{
    fputc('\'', f);
    for (; *text; text++) {
        if (strncmp(text, "]]>", 3) == 0) { /* gnuplot writes it as it is, and XML does not allow it */
            fputs("]] ", f);
            text += 2;
        }
        if (strchr(twice, *text))
            fputc(*text, f);
        fputc(*text == '\n' ? ' ' : *text, f);
    }
    fputc('\'', f);
}

void plot_quote(FILE *f, const char *text)
{
    quote(f, text, "'");
}

void plot_quote_tic(FILE *f, const char *text)
{
    quote(f, text, "'%");
}

void plot_begin(struct plot_context *c)
{
    FILE *f = c->script;
    const char *joins = c->plot->theory ? " rounded" : ""; /* broad lines would be pointed where they turn back */
    switch (c->format) {
    case PLOT_SVG:
        fprintf(f, "set terminal svg size 960,%d%s noenhanced font 'sans-serif,13' background '#ffffff'\n",
                c->height, joins);
        break;
    case PLOT_PNG: /* twice as fine; cairo's fonts are a third larger */
        fprintf(f, "set terminal pngcairo size 1920,%d%s noenhanced font 'sans-serif,13' fontscale 1.5 linewidth 2"
                   " pointscale 2 background '#ffffff'\n", 2 * c->height, joins);
        break;
    case PLOT_TXT:
        fprintf(f, "set terminal dumb size 118,%d mono noenhanced\n", c->height / 16);
        break;
    }
    fputs("set encoding utf8\n"
          "set border 3 lc rgb '#404040'\n"
          "set tics nomirror out textcolor rgb '#202020' font ',12'\n"
          "set key outside right top vertical Left reverse samplen 3 spacing 1.25\n", f);
    if (c->format != PLOT_TXT)
        fputs("set grid lc rgb '#d8d8d8' lw 0.7 dt solid\n", f);
}

/* A text at a place of the picture; `across` of 0 is its left edge, of 0.5 its middle. */
static void put_label(struct plot_context *c, int number, const char *text, double across, double up, int size,
                      const char *colour)
{
    FILE *f = c->script;
    fprintf(f, "set label %d ", number);
    plot_quote(f, text);
    fprintf(f, " at screen %g,%g %s", across > 0 ? across : 0.012, up, across > 0 ? "center" : "left");
    if (c->format != PLOT_TXT)
        fprintf(f, " font 'sans-serif,%d' textcolor rgb '%s'", size, colour);
    fputc('\n', f);
}

enum { LABEL_X = 95, LABEL_Y, LABEL_TITLE, LABEL_SHOWN, LABEL_SMALL };

void plot_axis_label(struct plot_context *c, const char *axis, const char *text)
{
    bool x = *axis == 'x';
    if (c->columns == 0 || *axis == 'c') {
        fprintf(c->script, "set %slabel ", axis);
        plot_quote(c->script, text);
    } else if (x) { /* once, for all panels */
        fprintf(c->script, "set label %d ", LABEL_X);
        plot_quote(c->script, text);
        fprintf(c->script, " at screen 0.45,%g center", 42.0 / c->height);
    } else {
        fprintf(c->script, "set label %d ", LABEL_Y);
        plot_quote(c->script, text);
        fprintf(c->script, " at screen 0.02,0.5 center rotate");
    }
    fputc('\n', c->script);
}

/* Heights in the picture's units from its top and its bottom. */
static void put_texts(struct plot_context *c, const char *title, const char *shown)
{
    bool text = c->format == PLOT_TXT;
    double down = text ? 8 : shown ? 22 : 30;
    put_label(c, LABEL_TITLE, c->plot->title[0] ? c->plot->title : title, 0.46, 1 - down / c->height, 17, "#000000");
    if (shown && shown[0])
        put_label(c, LABEL_SHOWN, shown, 0.46, 1 - (text ? 24.0 : 47) / c->height, 13, "#404040");
    put_label(c, LABEL_SMALL, c->small, 0, (text ? 8.0 : 14) / c->height, 10, "#505050");
}

void plot_frame(struct plot_context *c, const char *title, const char *shown)
{
    put_texts(c, title, shown);
    fputs(c->format == PLOT_TXT ? "set tmargin 3\nset bmargin 5\n" : "set tmargin 4\nset bmargin 5.5\n", c->script);
}

void plot_panels(struct plot_context *c, const char *title, const char *shown)
{
    put_texts(c, title, shown);
    fputs("set multiplot\n", c->script);
}

void plot_panels_go_on(struct plot_context *c)
{
    for (int label = LABEL_X; label <= LABEL_SMALL; label++)
        fprintf(c->script, "unset label %d\n", label);
}

void plot_panel(struct plot_context *c, int i, int n, double right)
{
    double top = 64, bottom = 96, gap = 22, all = c->height, height = (all - top - bottom + gap) / n;
    double high = 1 - (top + i * height) / all, low = high - (height - gap) / all;
    FILE *f = c->script;
    if (i > 0)
        plot_panels_go_on(c);
    fprintf(f, "set lmargin at screen 0.11\nset rmargin at screen %g\nset tmargin at screen %.6f\n"
               "set bmargin at screen %.6f\nset key at screen %g, screen %.6f left top\n",
            right, high, low, right + 0.015, high);
}

/* ---- The child --------------------------------------------------------------------------------------------------- */

extern char **environ;

/* Writes all of it; a gnuplot that ends early shows in its exit status. */
static void feed(int pipe, const char *script, size_t size)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignore, &before);
    while (size > 0) {
        ssize_t n = write(pipe, script, size);
        if (n < 0 && errno != EINTR)
            break;
        if (n > 0) {
            script += n;
            size -= (size_t)n;
        }
    }
    sigaction(SIGPIPE, &before, NULL);
}

static int start(pid_t *child, int script, int other_end, int out)
{
    posix_spawn_file_actions_t actions;
    /* -d: without the user's own settings. */
    char name[] = "gnuplot", plain[] = "-d", standard_input[] = "-";
    char *words[] = {name, plain, standard_input, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, script, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, script);
    posix_spawn_file_actions_addclose(&actions, other_end);
    int code = posix_spawnp(child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static int draw(const char *script, size_t size, FILE *out)
{
    int ends[2], status;
    pid_t child;
    fflush(out);
    if (pipe(ends) != 0) {
        fprintf(stderr, "synfin plot: error: %s\n", strerror(errno));
        return -1;
    }
    int code = start(&child, ends[0], ends[1], fileno(out));
    close(ends[0]);
    if (code != 0) {
        close(ends[1]);
        fprintf(stderr, "synfin plot: error: gnuplot cannot be started: %s; install it (Debian: gnuplot-nox)\n",
                strerror(code));
        return -1;
    }
    feed(ends[1], script, size);
    close(ends[1]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        fprintf(stderr, "synfin plot: error: gnuplot is not there; install it (Debian: gnuplot-nox)\n");
    else
        fprintf(stderr, "synfin plot: error: gnuplot failed\n");
    return -1;
}

int plot_draw(const char *script, size_t size, const char *path)
{
    struct output output;
    if (!path)
        return draw(script, size, stdout);
    if (output_open(&output, path) != 0)
        return -1;
    if (draw(script, size, output.stream) != 0) {
        output_abandon(&output);
        return -1;
    }
    return output_commit(&output);
}
