/* SPDX-License-Identifier: BSD-2-Clause */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS = 100 };

static void complain(const char *path, int reason)
{
    fprintf(stderr, "%s: error: cannot be written: %s\n", path, strerror(reason));
}

static bool same_file(int fd, const struct stat *target)
{
    struct stat s;
    return fstat(fd, &s) == 0 && s.st_dev == target->st_dev && s.st_ino == target->st_ino;
}

/*
 * A device, a pipe, or a file that standard output or error goes to (`/dev/stdout`) is written as it stands: it cannot
 * be replaced, or another would then hold half of the output. Returns 1 where that was done.
 */
static int open_in_place(struct output *o, const struct stat *target)
{
    int fd;

    if (same_file(STDOUT_FILENO, target))
        fd = fflush(stdout) == 0 ? dup(STDOUT_FILENO) : -1;
    else if (same_file(STDERR_FILENO, target))
        fd = dup(STDERR_FILENO);
    else if (!S_ISREG(target->st_mode))
        fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    else
        return 0;
    if (fd < 0)
        return -1;
    o->stream = fdopen(fd, "w");
    if (!o->stream)
        close(fd);
    return o->stream ? 1 : -1;
}

/* Another's temporary file is never taken: a name is tried until it is new. */
static int open_temporary(struct output *o, mode_t mode)
{
    size_t size = strlen(o->path) + 48;

    o->temporary = malloc(size);
    if (!o->temporary)
        return -1;
    for (int i = 0; i < ATTEMPTS; i++) {
        snprintf(o->temporary, size, "%s.%ld.%d.tmp", o->path, (long)getpid(), i);
        int fd = open(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd >= 0 && !(o->stream = fdopen(fd, "w"))) {
            close(fd);
            unlink(o->temporary);
        }
        return o->stream ? 0 : -1;
    }
    return -1;
}

static int open_output(struct output *o, const char *path)
{
    struct stat target;
    mode_t mode = 0666;

    if (stat(path, &target) == 0) {
        /* A symbolic link stays one: what it points to is replaced. Those of /dev lead to names that are none. */
        o->path = S_ISREG(target.st_mode) ? realpath(path, NULL) : strdup(path);
        if (!o->path)
            return -1;
        if (S_ISDIR(target.st_mode)) {
            errno = EISDIR;
            return -1;
        }
        int opened = open_in_place(o, &target);
        if (opened != 0)
            return opened;
        if (access(o->path, W_OK) != 0)
            return -1;
        mode = target.st_mode & 0777;
    } else if (errno != ENOENT || !(o->path = strdup(path))) {
        return -1;
    }
    return open_temporary(o, mode);
}

int output_open(struct output *o, const char *path)
{
    *o = (struct output){0};
    if (open_output(o, path) >= 0)
        return 0;
    complain(path, errno);
    output_abandon(o);
    return -1;
}

/* Why a write failed some time ago: the next one fails for the same reason. What is written is broken anyway. */
static int reason_of_failure(const struct output *o)
{
    char block[65536];
    size_t size = o->temporary ? sizeof block : 1;

    memset(block, '\n', sizeof block);
    ssize_t n = write(fileno(o->stream), block, size);
    if (n > 0 && (size_t)n < size) /* the last room is gone */
        n = write(fileno(o->stream), block, size);
    return n < 0 ? errno : EIO;
}

/* What was written is whole and under its name; 0, or an errno. */
static int commit(struct output *o)
{
    int reason = 0;
    if (fflush(o->stream) != 0 || (o->temporary && fsync(fileno(o->stream)) != 0))
        reason = errno;
    else if (ferror(o->stream))
        reason = reason_of_failure(o);
    if (fclose(o->stream) != 0 && reason == 0)
        reason = errno;
    o->stream = NULL;
    if (reason != 0 || !o->temporary)
        return reason;
    if (rename(o->temporary, o->path) != 0)
        return errno;
    free(o->temporary);
    o->temporary = NULL;
    return 0;
}

int output_commit(struct output *o)
{
    int reason = commit(o);

    if (reason != 0)
        complain(o->path, reason);
    output_abandon(o);
    return reason == 0 ? 0 : -1;
}

void output_abandon(struct output *o)
{
    if (o->stream)
        fclose(o->stream);
    if (o->temporary)
        unlink(o->temporary);
    free(o->temporary);
    free(o->path);
    *o = (struct output){0};
}

int output_folder(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    fprintf(stderr, "%s: error: the folder cannot be made: %s\n", path, strerror(errno));
    return -1;
}

int output_flush(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    complain("standard output", errno ? errno : EIO);
    clearerr(stdout);
    return -1;
}
