/* SPDX-License-Identifier: BSD-2-Clause */
#include "ladder.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "synfin ladder: error: %s%s\n", what, why);
    return -1;
}

static const char missing[] = "rsvg-convert is not there; install it (Debian: librsvg2-bin), or draw .svg";

static int convert(int svg, int png)
{
    posix_spawn_file_actions_t actions;
    /* Twice the size, for screens with many pixels. */
    char name[] = "rsvg-convert", format[] = "--format=png", zoom[] = "--zoom=2";
    char *words[] = {name, format, zoom, NULL};
    pid_t child;
    int status;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, svg, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, png, STDOUT_FILENO);
    int code = posix_spawnp(&child, name, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0)
        return code == ENOENT ? complain(missing, "") : complain("rsvg-convert cannot be started: ", strerror(code));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return complain(WIFEXITED(status) && WEXITSTATUS(status) == 127 ? missing : "rsvg-convert failed", "");
}

int ladder_png(FILE *f, const struct ladder *l)
{
    FILE *svg = tmpfile();

    if (!svg)
        return complain("no temporary file: ", strerror(errno));
    int status = ladder_svg(svg, l);
    if (status != 0)
        complain("out of memory", "");
    else if (fflush(svg) != 0 || fflush(f) != 0 || fseek(svg, 0, SEEK_SET) != 0)
        status = complain("cannot write: ", strerror(errno));
    else
        status = convert(fileno(svg), fileno(f));
    fclose(svg);
    return status;
}
