/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening and closing databases of results. */
/* Locks of open file descriptions are younger than the C library's default names. */
#define _GNU_SOURCE 1
#include "results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner.h"

/* `PRAGMA application_id` of our databases: the letters `synf`. */
#define APPLICATION 0x73796e66
#define RESULTS_DAMAGED "it is damaged; take a copy from before, or remove it and sweep again"
#define AS_TEXT_(x) #x
#define AS_TEXT(x) AS_TEXT_(x)

/* ---- Statements -------------------------------------------------------------------------------------------------- */

/* What SQLite's code means here and what to do; NULL: its own words say it. */
static const char *advice(int code)
{
    switch (code) {
    case SQLITE_NOTADB: return "it is no database; give the name of one that `synfin sweep` made";
    case SQLITE_BUSY: return "another process writes to it; wait until that is done";
    case SQLITE_FULL: return "the disk is full; make room, then give the same command again";
    case SQLITE_READONLY: return "it cannot be written; SQLite writes to the file and to its folder";
    case SQLITE_CORRUPT: return RESULTS_DAMAGED;
    case SQLITE_OK: /* what was asked for is not there */
    case SQLITE_ROW:
    case SQLITE_DONE: return "there is no memory, or " RESULTS_DAMAGED;
    default: return NULL;
    }
}

int results_failed(const struct results *r)
{
    int code = r->db ? sqlite3_errcode(r->db) : SQLITE_NOMEM, number = r->db ? sqlite3_system_errno(r->db) : 0;
    const char *message = advice(code);
    if (code == SQLITE_INTERRUPT) /* by the user, who knows */
        return -1;
    if (message)
        number = 0;
    else
        message = r->db ? sqlite3_errmsg(r->db) : "out of memory";
    fprintf(stderr, "%s: error: %s%s%s\n", r->path, message, number ? ": " : "", number ? strerror(number) : "");
    return -1;
}

int results_execute(struct results *r, const char *sql)
{
    return sqlite3_exec(r->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : results_failed(r);
}

sqlite3_stmt *results_prepare(struct results *r, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(r->db, sql, -1, &statement, NULL) != SQLITE_OK)
        results_failed(r);
    return statement;
}

const char *results_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

int results_step(struct results *r, sqlite3_stmt *statement, const char *types, ...)
{
    if (!statement)
        return -1;
    va_list values;
    va_start(values, types);
    int code = SQLITE_OK;
    for (int i = 1; *types && code == SQLITE_OK; i++, types++) {
        switch (*types) {
        case 'i': code = sqlite3_bind_int64(statement, i, va_arg(values, int64_t)); break;
        case 'd': code = sqlite3_bind_double(statement, i, va_arg(values, double)); break;
        case 't': code = sqlite3_bind_text(statement, i, va_arg(values, const char *), -1, SQLITE_STATIC); break;
        case 'b': {
            const void *bytes = va_arg(values, const void *);
            code = sqlite3_bind_blob64(statement, i, bytes, va_arg(values, size_t), SQLITE_STATIC);
            break;
        }
        default: code = sqlite3_bind_null(statement, i);
        }
    }
    va_end(values);
    if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_DONE) {
        sqlite3_reset(statement);
        return 0;
    }
    results_failed(r);
    sqlite3_reset(statement);
    return -1;
}

/* The one whole number that a query returns; -1 after an error. */
static int64_t number(struct results *r, const char *sql)
{
    sqlite3_stmt *statement = results_prepare(r, sql);
    if (!statement)
        return -1;
    int64_t value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : results_failed(r);
    sqlite3_finalize(statement);
    return value;
}

#define LOCK_AT (INT64_C(1) << 62)

/* ---- Opening ----------------------------------------------------------------------------------------------------- */

/* One writes at a time, for as long as its sweep goes on. The byte lies where SQLite locks none; the lock belongs to the
   open file, since SQLite gives back all locks of the process at times. The kernel takes it back when the process ends,
   however it ends. The descriptor is closed after SQLite's: closing it gives back the locks of the process too. 0 or
   -1. */
static int lock(struct results *r)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_AT, .l_len = 1};
    if (strcmp(r->path, ":memory:") == 0) /* SQLite's name of what is no file */
        return 0;
    r->lock = open(r->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (r->lock < 0) {
        fprintf(stderr, "%s: error: it cannot be written: %s; name a file in a folder that can be with -o\n", r->path,
                strerror(errno));
        return -1;
    }
    if (fcntl(r->lock, F_OFD_SETLK, &lock) == 0)
        return 0;
    int code = errno;
    if (code == EAGAIN || code == EACCES)
        fprintf(stderr, "%s: error: another sweep writes to it; wait until that is done, or give another name with"
                        " -o\n", r->path);
    else
        fprintf(stderr, "%s: error: it cannot be locked: %s; give a name on another disk with -o\n", r->path,
                strerror(code));
    close(r->lock);
    r->lock = -1;
    return -1;
}

static int interrupted(void *unused)
{
    (void)unused;
    return runner_interrupted();
}

static int open_database(struct results *r, int flags)
{
    if (sqlite3_open_v2(r->path, &r->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return results_failed(r);
    sqlite3_busy_timeout(r->db, 5000);
    return 0;
}

/* Whether it is one of ours: 1; 0: it is empty; -1 after an error. */
static int recognise(struct results *r)
{
    int64_t tables = number(r, "SELECT count(*) FROM sqlite_master");
    if (tables <= 0)
        return (int)tables;
    int64_t application = number(r, "PRAGMA application_id"), format = number(r, "PRAGMA user_version");
    if (application != APPLICATION) {
        fprintf(stderr, "%s: error: it is a database of something else; give one that `synfin sweep` made\n", r->path);
        return -1;
    }
    if (format != RESULTS_FORMAT) {
        fprintf(stderr, "%s: error: its format is %lld, this synfin reads format %d; use the synfin that made it\n",
                r->path, (long long)format, RESULTS_FORMAT);
        return -1;
    }
    return 1;
}

/* What is needed in memory. */
static int load(struct results *r)
{
    int64_t points = number(r, "SELECT value FROM meta WHERE key = 'points'");
    int64_t parameters = points < 0 ? -1 : number(r, "SELECT count(*) FROM parameters WHERE point = 0");
    int64_t names = parameters < 0 ? -1 : number(r, "SELECT count(*) FROM count_names");
    if (names < 0)
        return -1;
    r->points = (size_t)points;
    r->parameters = (size_t)parameters;
    r->names = (size_t)names;
    r->looks = (size_t)number(r, "SELECT coalesce((SELECT value FROM meta WHERE key = 'looks'), 0)");
    r->name = calloc(r->names + 1, sizeof *r->name);
    sqlite3_stmt *statement = results_prepare(r, "SELECT name FROM count_names ORDER BY position");
    if (!r->name || !statement)
        return -1;
    bool sound = true;
    for (size_t i = 0; i < r->names && sound; i++) {
        sound = sqlite3_step(statement) == SQLITE_ROW &&
                (r->name[i] = strdup(results_text(statement, 0)));
    }
    sqlite3_finalize(statement);
    return sound ? 0 : results_failed(r);
}

static int create(struct results *r, const struct scenario_file *file, uint64_t seed)
{
    char *views = results_views(file);
    int status = -1;
    if (views && results_execute(r, "PRAGMA application_id = " AS_TEXT(APPLICATION)) == 0 &&
        results_execute(r, "PRAGMA user_version = " AS_TEXT(RESULTS_FORMAT)) == 0 &&
        results_execute(r, results_schema) == 0 && results_execute(r, views) == 0)
        status = results_describe(r, file, seed);
    free(views);
    return status;
}

/* Nothing is added to a damaged database. 0 or -1. */
static int check_structure(struct results *r)
{
    sqlite3_stmt *statement = results_prepare(r, "PRAGMA quick_check(1)");
    if (!statement)
        return -1;
    const char *found = sqlite3_step(statement) == SQLITE_ROW ? results_text(statement, 0) : NULL;
    int sound = found && strcmp(found, "ok") == 0;
    if (!found)
        results_failed(r);
    else if (!sound && !runner_interrupted())
        fprintf(stderr, "%s: error: " RESULTS_DAMAGED "\n", r->path);
    sqlite3_finalize(statement);
    return sound ? 0 : -1;
}

/* Whether it may take this sweep; nothing is written. STATUS_... */
static int examine(struct results *r, const struct scenario_file *file, uint64_t seed)
{
    int found = recognise(r);
    if (found == 0)
        return STATUS_DONE;
    if (found > 0 && check_structure(r) == 0)
        return results_compare(r, file, seed);
    int code = sqlite3_errcode(r->db);
    return code == SQLITE_OK || code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? STATUS_USAGE : STATUS_FAILED;
}

/* Makes what is not there yet and takes over what may change, in one transaction. STATUS_... */
static int settle(struct results *r, const struct scenario_file *file, uint64_t seed)
{
    /* NORMAL: it waits for the disk where its soundness takes it; results_sync does where a run is told to be done. Runs
       touch the same pages again and again: memory for 32 MiB of them, and they go from the log to their places the less
       often the more there are. */
    if (results_execute(r, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                           " PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8192") != 0 ||
        results_execute(r, "BEGIN IMMEDIATE") != 0)
        return STATUS_FAILED;
    r->writing = true;
    int found = recognise(r);
    if (found >= 0 && (found > 0 || create(r, file, seed) == 0) && results_update(r, file) == 0 &&
        results_execute(r, "COMMIT") == 0 && load(r) == 0)
        return STATUS_DONE;
    sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
    return STATUS_FAILED;
}

int results_begin(struct results *r, const char *path, const struct scenario_file *file, uint64_t seed)
{
    bool is_new = access(path, F_OK) != 0;
    int status = STATUS_FAILED;
    *r = (struct results){.path = strdup(path), .lock = -1};
    if (!r->path || lock(r) != 0)
        return STATUS_FAILED;
    if (open_database(r, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) == 0) {
        sqlite3_progress_handler(r->db, 100000, interrupted, NULL); /* of what takes long, in steps of SQLite */
        status = examine(r, file, seed);
    }
    if (status == STATUS_DONE)
        status = settle(r, file, seed);
    if (status != STATUS_DONE && is_new) { /* nothing half-made stays */
        sqlite3_close(r->db);
        r->db = NULL;
        r->writing = false;
        unlink(path);
    }
    return status;
}

const char *results_file_name(const char *path)
{
    return strcmp(path, ":memory:") == 0 ? "./:memory:" : path;
}

int results_open(struct results *r, const char *path)
{
    *r = (struct results){.path = strdup(results_file_name(path)), .lock = -1};
    if (!r->path)
        return STATUS_FAILED;
    if (open_database(r, SQLITE_OPEN_READONLY) != 0)
        return STATUS_USAGE;
    int found = recognise(r);
    if (found == 0)
        fprintf(stderr, "%s: error: it is empty; give the name of a database that `synfin sweep` made\n", path);
    return found > 0 && load(r) == 0 ? STATUS_DONE : STATUS_USAGE;
}

void results_leave(struct results *r)
{
    close(r->lock);
    r->lock = -1;
}

void results_close(struct results *r)
{
    for (int i = 0; i < RESULTS_STATEMENTS; i++)
        sqlite3_finalize(r->statement[i]);
    /* Without its write-ahead log it is one file that can be read from anywhere; in vain while somebody reads it. */
    if (r->writing)
        sqlite3_exec(r->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    sqlite3_close(r->db);
    if (r->path && r->lock >= 0)
        close(r->lock);
    for (size_t i = 0; i < r->names && r->name; i++)
        free(r->name[i]);
    free(r->name);
    free(r->path);
    *r = (struct results){0};
}
