/* SPDX-License-Identifier: BSD-2-Clause */
/* Text files from outside. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source_text.h"

/* ---- Errors ------------------------------------------------------------------------------------------------------ */

/* Nothing from outside may steer the terminal. */
static void put_clean(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i], stderr);
}

void source_text_complain(const char *place, const char *message)
{
    put_clean(place, strlen(place));
    fputs(": error: ", stderr);
    put_clean(message, strlen(message));
    fputc('\n', stderr);
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The line, and a caret below a column; of a long line what is near the column. */
static void show_line(const char *line, size_t n, int column)
{
    enum { WHOLE = 160, BEFORE = 60, AFTER = 60 };
    size_t at = 0, start = 0, end = n;
    for (int c = 1; c < column && at < n; c++) {
        at++;
        while (at < n && continues(line[at]))
            at++;
    }
    if (n > WHOLE) {
        start = at > BEFORE ? at - BEFORE : 0;
        end = n - at > AFTER ? at + AFTER : n;
        while (start < at && continues(line[start]))
            start++;
        while (end < n && continues(line[end]))
            end++;
    }
    fputs("    ", stderr);
    for (size_t i = start; i < end; i++)
        fputc((unsigned char)line[i] < 0x20 || line[i] == 0x7f ? ' ' : line[i], stderr);
    fputs("\n    ", stderr);
    for (size_t i = start; i < at; i++) {
        if (!continues(line[i]))
            fputc(' ', stderr);
    }
    fputs("^\n", stderr);
}

void source_text_error(const char *name, const char *text, size_t size, int line, int column, const char *message)
{
    char place[64];
    if (line <= 0) {
        source_text_complain(name, message);
        return;
    }
    put_clean(name, strlen(name));
    snprintf(place, sizeof place, ":%d:%d", line, column);
    source_text_complain(place, message);
    const char *start = text, *end = text + size, *stop;
    for (int l = 1; l < line && start; l++) {
        start = memchr(start, '\n', (size_t)(end - start));
        start = start ? start + 1 : NULL;
    }
    if (!start)
        return;
    stop = memchr(start, '\n', (size_t)(end - start));
    stop = stop ? stop : end;
    if (stop > start && stop[-1] == '\r')
        stop--;
    show_line(start, (size_t)(stop - start), column);
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* How many bytes the UTF-8 character at p has; 0: none of text, a control character included (RFC 3629 4). */
static size_t character(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return (p[0] >= 0x20 && p[0] != 0x7f) || p[0] == '\t' || p[0] == '\n' || p[0] == '\r';
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    unsigned second_low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned second_high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[0] < 0xc2 || p[0] > 0xf4 || length > n || p[1] < second_low || p[1] > second_high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

static bool is_text(const char *name, const char *text, size_t size)
{
    char message[160];
    for (size_t i = 0, n; i < size; i += n) {
        n = character((const unsigned char *)text + i, size - i);
        if (!n) {
            snprintf(message, sizeof message,
                     "this is not a text file (byte 0x%02x at offset %zu); a scenario is YAML in UTF-8",
                     (unsigned)(unsigned char)text[i], i);
            source_text_complain(name, message);
            return false;
        }
    }
    return true;
}

/* A descriptor that cannot hang: FIFOs are opened without waiting for a writer, and only regular files go on. */
static int open_regular(const char *name)
{
    struct stat status;
    char message[160];
    int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status)) {
        snprintf(message, sizeof message, "the file cannot be read: %s; give the name of a scenario file",
                 strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        snprintf(message, sizeof message, "this is %s; give the name of a scenario file, or - for standard input",
                 S_ISDIR(status.st_mode) ? "a folder" : "not a regular file");
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    source_text_complain(name, message);
    return -1;
}

/* Everything up to the limit and one byte more. -1 with errno. */
static int read_all(int fd, char **text, size_t *size)
{
    size_t room = 0;
    *size = 0;
    *text = NULL;
    for (;;) {
        if (room - *size < 2) {
            room = room ? 2 * room : 64 << 10;
            char *grown = realloc(*text, room);
            if (!grown)
                return -1;
            *text = grown;
        }
        ssize_t n = read(fd, *text + *size, room - *size - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        *size += (size_t)n;
        (*text)[*size] = '\0';
        if (n == 0 || *size > SOURCE_TEXT_MAX)
            return 0;
    }
}

char *source_text_read(const char *name, size_t *size)
{
    char *text, message[160] = "";
    bool standard = !strcmp(name, "-");
    int fd = standard ? STDIN_FILENO : open_regular(name);
    if (fd < 0)
        return NULL;
    if (read_all(fd, &text, size))
        snprintf(message, sizeof message, "the file cannot be read: %s; give the name of a scenario file",
                 strerror(errno));
    else if (*size > SOURCE_TEXT_MAX)
        snprintf(message, sizeof message, "the file is too large; a scenario has at most %d MiB",
                 SOURCE_TEXT_MAX >> 20);
    if (!standard)
        close(fd);
    if (*message)
        source_text_complain(name, message);
    if (*message || !is_text(name, text, *size)) {
        free(text);
        return NULL;
    }
    return text;
}
