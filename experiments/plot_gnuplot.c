/* SPDX-License-Identifier: BSD-2-Clause */
/* gnuplot as a child process, and the looks that all plots have in common. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

void plot_style(FILE *f, size_t n, double width)
{
    const char *dash = dashes[(n + n / COLOURS) % (sizeof dashes / sizeof dashes[0])];
    fprintf(f, " lc rgb '%s' lw %g pt %d ps 0.7 dt %s", plot_colour(n), width, points[n % (sizeof points / sizeof points[0])],
            dash);
}

void plot_quote(FILE *f, const char *text)
{
    fputc('\'', f);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', f);
        fputc(*text == '\n' ? ' ' : *text, f);
    }
    fputc('\'', f);
}

void plot_begin(struct plot_context *c, const char *title)
{
    static const char *const terminals[] = {
        [PLOT_SVG] = "set terminal svg size 960,600 noenhanced font 'sans-serif,14' background '#ffffff'\n",
        [PLOT_PNG] = "set terminal pngcairo size 1920,1200 noenhanced font 'sans-serif,14' fontscale 2 linewidth 2"
                     " pointscale 2 background '#ffffff'\n",
        [PLOT_TXT] = "set terminal dumb size 118,38 mono noenhanced\n",
    };
    FILE *f = c->script;
    fprintf(f, "%sset encoding utf8\n", terminals[c->format]);
    fputs("set border 3 lc rgb '#404040'\n"
          "set tics nomirror out textcolor rgb '#202020'\n"
          "set grid lc rgb '#d8d8d8' lw 0.7 dt solid\n"
          "set key outside right top vertical Left reverse samplen 3 spacing 1.25\n", f);
    if (c->format == PLOT_TXT)
        fputs("unset grid\nset key outside bottom center horizontal Right noreverse\n", f);
    fputs("set title ", f);
    plot_quote(f, c->plot->title[0] ? c->plot->title : title);
    fputs(c->format == PLOT_TXT ? "\n" : " font 'sans-serif,18' offset 0,0.3\n", f);
}

void plot_small_print(struct plot_context *c)
{
    fputs("set bmargin 5.2\nset label 99 ", c->script);
    plot_quote(c->script, c->small);
    fputs(c->format == PLOT_TXT ? " at screen 0.01,0.01 left\n"
                                : " at screen 0.012,0.022 left font 'sans-serif,10' textcolor rgb '#505050'\n", c->script);
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

int plot_draw(const char *script, size_t size, FILE *out)
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
        fprintf(stderr, "synfin plot: error: gnuplot cannot be started: %s; install it (Debian: gnuplot-nox)\n", strerror(code));
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
