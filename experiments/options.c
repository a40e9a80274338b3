/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "setting.h"

#define MEMBER(name) offsetof(struct options, name)
#define SCENARIO " run check sweep ladder "

enum { ROWS_MAX = 64, LONG_ONLY = 256, WORKERS_MAX = 1000 }; /* getopt's value of the row n is LONG_ONLY + n */

const struct option_row option_rows[] = {
    {"json", 0, NULL, OPTION_FLAG, MEMBER(json), 0, " run bench ", "print one JSON object instead of a table"},
    {"connections", 0, "OUT.csv", OPTION_TEXT, MEMBER(connections), 0, " run ", "write one row a connection"},
    {"trace", 0, "OUT.csv", OPTION_TEXT, MEMBER(trace), 0, " run ",
     "write one row an event: segments, states, timers"},
    {"pcap", 0, "OUT.pcapng", OPTION_TEXT, MEMBER(pcap), 0, " run ", "write all segments, for Wireshark and tshark"},
    {"theory", 0, NULL, OPTION_FLAG, MEMBER(theory), 0, " run ",
     "compare set-up latency with its exact distribution, where that is known"},
    {"output", 'o', "RESULTS.db", OPTION_TEXT, MEMBER(output), 0, " sweep ", "the database that takes the results"},
    {"workers", 'j', "N", OPTION_WORKERS, MEMBER(workers), 0, " sweep ",
     "worker processes (default: as many as there are processors)"},
    {"timeout", 0, "TIME", OPTION_TIMEOUT, MEMBER(timeout), 0, " sweep ",
     "a run that takes longer fails: 90s, 10min (default: none does)"},
    {"output", 'o', "DIR", OPTION_TEXT, MEMBER(output), 0, " plot ", "the folder that takes the plots"},
    {"output", 'o', "OUT", OPTION_TEXT, MEMBER(output), 0, " ladder ", "a file to draw into: .svg, .png or .txt"},
    {"format", 0, "FORMAT", OPTION_TEXT, MEMBER(format), 0, " plot ", "svg (default), png or txt"},
    {"format", 0, "FORMAT", OPTION_TEXT, MEMBER(format), 0, " export ", "csv (default), json or hgrm"},
    {"output", 'o', "OUT", OPTION_TEXT, MEMBER(output), 0, " export ",
     "a file to write into; hgrm: or a folder (DIR/)"},
    {"counts", 0, NULL, OPTION_FLAG, MEMBER(counts), 0, " export ",
     "one row a run with all its counts instead"},
    {"output", 'o', "DIR", OPTION_TEXT, MEMBER(output), 0, " compare ",
     "a folder for plots of both distributions"},
    {"format", 0, "FORMAT", OPTION_TEXT, MEMBER(format), 0, " compare ", "of the plots: svg (default), png or txt"},
    {"metric", 0, "LIST", OPTION_TEXT, MEMBER(metric), 0, " compare ",
     "what to compare: setup,setup.p99,connections.failed.timeout"},
    {"fail-if", 0, "LIMIT", OPTION_LIST, MEMBER(fail_if), MEMBER(fail_ifs), " compare ",
     "exit status 1 where B - A is like that: 'setup.mean > +2%'"},
    {"connection", 0, "N", OPTION_TEXT, MEMBER(connection), 0, " ladder ",
     "the connection to draw: 7, or churn:7 where there are several workloads"},
    {"slowest", 0, NULL, OPTION_FLAG, MEMBER(slowest), 0, " ladder ",
     "draw the connection that took longest to set up"},
    {"failed", 0, NULL, OPTION_FLAG, MEMBER(failed), 0, " ladder ", "draw the first connection that failed"},
    {"explain", 0, NULL, OPTION_FLAG, MEMBER(explain), 0, " ladder ",
     "say the same in sentences, with sections of the RFCs"},
    {"check", 0, NULL, OPTION_FLAG, MEMBER(check), 0, " bench ",
     "exit status 1 where a case is more than a quarter over its limit"},
    {"seed", 0, "N", OPTION_SEED, MEMBER(seed), 0, SCENARIO, "seed of all random draws, instead of the file's"},
    {"replication", 0, "N", OPTION_REPLICATION, MEMBER(replication), 0, " run ladder ",
     "which replication of the scenario (default 0)"},
    {"set", 0, "PATH=VALUE", OPTION_LIST, MEMBER(set), MEMBER(sets), SCENARIO, "change one setting; may be repeated"},
    {"plugin", 0, "FILE", OPTION_LIST, MEMBER(plugin), MEMBER(plugins), SCENARIO "plugins ",
     "load a protocol or model; may be repeated"},
    {"quiet", 'q', NULL, OPTION_FLAG, MEMBER(quiet), 0, " run ", "no progress and no notes"},
    {"help", 'h', NULL, OPTION_FLAG, MEMBER(help), 0, NULL, "print this help"},
    {0},
};

bool option_taken(const struct option_row *row, const char *command)
{
    if (!row->commands)
        return true;
    size_t length = strlen(command);
    for (const char *at = row->commands; (at = strstr(at, command)); at++) {
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    }
    return false;
}

/* ---- Complaints -------------------------------------------------------------------------------------------------- */

static int usage(const char *command)
{
    fprintf(stderr, "Try 'synfin %s --help'.\n", command);
    return STATUS_USAGE;
}

/* An option that the command does not take: it belongs to others, or one is near. */
static int unknown_option(const char *command, const char *word)
{
    char names[ROWS_MAX][32], error[512], others[128] = "";
    const char *list[ROWS_MAX];
    size_t n = 0;

    for (const struct option_row *row = option_rows; row->name; row++) {
        if (option_taken(row, command)) {
            snprintf(names[n], sizeof names[n], "--%s", row->name);
            list[n] = names[n];
            n++;
        } else if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, row->name) == 0) {
            strncat(others, row->commands, sizeof others - strlen(others) - 1);
        }
    }
    if (others[0]) {
        fprintf(stderr, "%s: error: synfin %s does not take it; it belongs to:%.*s\n", word, command,
                (int)strlen(others) - 1, others);
        return usage(command);
    }
    setting_unknown(error, sizeof error, "an option", word, list, n);
    fprintf(stderr, "%s: error: %s\n", word, error);
    return usage(command);
}

/* ---- Arguments of options ---------------------------------------------------------------------------------------- */

static int parse_whole(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    errno = 0;
    bool digits = *text != '\0' && text[strspn(text, "0123456789")] == '\0';
    unsigned long long x = digits ? strtoull(text, NULL, 10) : 0;
    if (!digits || errno != 0 || x < least || x > most) {
        fprintf(stderr, "--%s %s: error: not a whole number from %llu to %llu\n", name, text,
                (unsigned long long)least, (unsigned long long)most);
        return STATUS_USAGE;
    }
    *value = x;
    return STATUS_DONE;
}

static int parse_timeout(const char *name, const char *text, synfin_time *timeout)
{
    char error[512];
    if (setting_duration(text, timeout, error, sizeof error) == 0) {
        if (*timeout >= SYNFIN_MS)
            return STATUS_DONE;
        snprintf(error, sizeof error, "no run is that fast; give 1ms or more");
    }
    fprintf(stderr, "--%s %s: error: %s\n", name, text, error);
    return STATUS_USAGE;
}

static int append(struct options *o, const struct option_row *row, const char *text)
{
    size_t *count = (size_t *)(void *)((char *)o + row->count_offset);
    const char ***list = (const char ***)(void *)((char *)o + row->offset);
    const char **grown = realloc(*list, (*count + 1) * sizeof *grown);

    if (!grown) {
        fprintf(stderr, "synfin: error: out of memory\n");
        return STATUS_FAILED;
    }
    grown[(*count)++] = text;
    *list = grown;
    return STATUS_DONE;
}

static int take(struct options *o, const struct option_row *row, const char *text)
{
    uint64_t value;
    int status;

    switch (row->form) {
    case OPTION_FLAG:
        *((bool *)o + row->offset) = true;
        return STATUS_DONE;
    case OPTION_TEXT:
        if (*text == '\0') {
            fprintf(stderr, "--%s: error: its argument is empty; %s is missing\n", row->name, row->argument);
            return STATUS_USAGE;
        }
        *(const char **)(void *)((char *)o + row->offset) = text;
        return STATUS_DONE;
    case OPTION_LIST:
        return append(o, row, text);
    case OPTION_SEED:
        o->has_seed = true;
        return parse_whole(row->name, text, 0, UINT64_MAX, &o->seed);
    case OPTION_REPLICATION:
        status = parse_whole(row->name, text, 0, UINT32_MAX, &value);
        if (status == STATUS_DONE)
            o->replication = (uint32_t)value;
        return status;
    case OPTION_WORKERS:
        status = parse_whole(row->name, text, 1, WORKERS_MAX, &value);
        if (status == STATUS_DONE)
            o->workers = (size_t)value;
        return status;
    case OPTION_TIMEOUT:
        return parse_timeout(row->name, text, &o->timeout);
    }
    return STATUS_USAGE;
}

/* ---- Words ------------------------------------------------------------------------------------------------------- */

/* The row of what getopt returned, NULL: there is none. */
static const struct option_row *row_of(const char *command, int value)
{
    if (value >= LONG_ONLY)
        return &option_rows[value - LONG_ONLY];
    for (const struct option_row *row = option_rows; value != 0 && row->name; row++) {
        if (row->letter == value && option_taken(row, command))
            return row;
    }
    return NULL;
}

/* Whether two outputs would end under one name; devices take both. */
static bool same_file(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0 && strncmp(a, "/dev/", 5) != 0;
}

/* What getopt says is wrong: `code` is ':' or '?', optopt the option's value where it is known. */
static int bad_word(const char *command, int code, const char *word)
{
    const struct option_row *row = row_of(command, optopt);
    char letter[] = {'-', (char)optopt, '\0'};

    if (!row)
        return unknown_option(command, optopt ? letter : word);
    if (code == ':')
        fprintf(stderr, "--%s: error: %s is missing after it\n", row->name, row->argument);
    else
        fprintf(stderr, "--%s: error: it takes no value\n", row->name);
    return usage(command);
}

/* getopt's tables of the command's options. */
static void describe(const char *command, struct option *longs, char *shorts)
{
    *shorts++ = ':';
    for (const struct option_row *row = option_rows; row->name; row++) {
        if (!option_taken(row, command))
            continue;
        *longs++ = (struct option){row->name, row->argument ? required_argument : no_argument, NULL,
                                   LONG_ONLY + (int)(row - option_rows)};
        if (row->letter) {
            *shorts++ = row->letter;
            if (row->argument)
                *shorts++ = ':';
        }
    }
    *longs = (struct option){0};
    *shorts = '\0';
}

/* Whether the word is the long option's whole name, alone or with its value: getopt also takes the beginning of one. */
static bool whole_name(const struct option_row *row, const char *word)
{
    size_t length = strlen(row->name);
    return strncmp(word + 2, row->name, length) == 0 && (word[2 + length] == '\0' || word[2 + length] == '=');
}

static int parse_words(struct options *o, const char *command, int words, char **word)
{
    struct option longs[ROWS_MAX];
    char shorts[2 * ROWS_MAX];
    int code;

    describe(command, longs, shorts);
    optind = 0; /* glibc and musl: start anew */
    opterr = 0;
    while ((code = getopt_long(words, word, shorts, longs, NULL)) != -1) {
        if (code == '?' || code == ':')
            return bad_word(command, code, word[optind - 1]);
        const struct option_row *row = row_of(command, code);
        assert(row);
        const char *option = word[optarg == word[optind - 1] ? optind - 2 : optind - 1];
        if (code >= LONG_ONLY && !whole_name(row, option))
            return unknown_option(command, option);
        int status = take(o, row, optarg);
        if (status != STATUS_DONE)
            return status;
    }
    o->files = (size_t)(words - optind);
    for (size_t i = 0; i < o->files; i++)
        o->file[i] = word[(size_t)optind + i];
    return STATUS_DONE;
}

/* What --format may be. The first is the default. */
static const struct {
    const char *command, *format[3];
} formats[] = {
    {"plot", {"svg", "png", "txt"}},
    {"export", {"csv", "json", "hgrm"}},
    {"compare", {"svg", "png", "txt"}},
};
enum { FORMATS = 3 };

static int check_format(const struct options *o)
{
    char error[256];
    size_t row = 0;

    while (strcmp(formats[row].command, o->command) != 0)
        row++;
    for (size_t i = 0; i < FORMATS; i++) {
        if (strcmp(o->format, formats[row].format[i]) == 0)
            return STATUS_DONE;
    }
    setting_unknown(error, sizeof error, "a format", o->format, formats[row].format, FORMATS);
    fprintf(stderr, "--format %s: error: %s\n", o->format, error);
    return usage(o->command);
}

/* What no single option shows. */
static int check(const struct options *o, const struct command *command)
{
    if (o->help)
        return STATUS_DONE;
    if (o->files < command->least) {
        fprintf(stderr, "synfin %s: error: %s is missing\n", command->name, command->missing);
        return usage(command->name);
    }
    if (o->files > command->most) {
        fprintf(stderr, "%s: error: one word too many; synfin %s takes %s\n", o->file[command->most], command->name,
                command->arguments);
        return usage(command->name);
    }
    if (strcmp(command->name, "sweep") == 0 && !o->output) {
        fprintf(stderr, "synfin sweep: error: -o RESULTS.db is missing\n");
        return usage(command->name);
    }
    if ((o->connection != NULL) + o->slowest + o->failed > 1) {
        fprintf(stderr, "synfin ladder: error: give one of --connection, --slowest and --failed\n");
        return usage(command->name);
    }
    if (same_file(o->connections, o->trace) || same_file(o->connections, o->pcap) || same_file(o->trace, o->pcap)) {
        fprintf(stderr, "synfin run: error: two outputs name one file; give each its own\n");
        return usage(command->name);
    }
    if (o->counts && o->format && strcmp(o->format, "hgrm") == 0) {
        fprintf(stderr, "--counts: error: hgrm is a format of distributions; write counts as csv or json\n");
        return usage(command->name);
    }
    return o->format ? check_format(o) : STATUS_DONE;
}

int options_parse(struct options *o, const char *command, int argc, char **argv)
{
    const struct command *known = command_find(command);
    assert(known && argc >= 0);
    char **word = calloc((size_t)argc + 2, sizeof *word);

    *o = (struct options){.command = command, .file = calloc((size_t)argc + 1, sizeof *o->file)};
    if (!word || !o->file) {
        free(word);
        fprintf(stderr, "synfin: error: out of memory\n");
        return STATUS_FAILED;
    }
    static char name[] = "synfin"; /* getopt begins after it */
    word[0] = name;
    memcpy(word + 1, argv, (size_t)argc * sizeof *word);
    int status = parse_words(o, command, argc + 1, word);
    if (status == STATUS_DONE)
        status = check(o, known);
    free(word);
    return status;
}

void options_free(struct options *o)
{
    free(o->file);
    free(o->set);
    free(o->plugin);
    free(o->fail_if);
    *o = (struct options){0};
}

/* ---- Repeating --------------------------------------------------------------------------------------------------- */

/* A word as a shell reads it: in quotes where it has more than plain characters. */
static void quote(FILE *f, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,%@";

    if (*word && word[strspn(word, plain)] == '\0') {
        fputs(word, f);
        return;
    }
    fputc('\'', f);
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", f);
        else
            fputc(*word, f);
    }
    fputc('\'', f);
}

char *options_repeat(const struct options *o, const char *command, const char *file, const char *extra)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    fprintf(f, "synfin %s ", command);
    quote(f, file);
    for (size_t i = 0; i < o->plugins; i++) {
        fputs(" --plugin ", f);
        quote(f, o->plugin[i]);
    }
    if (o->has_seed)
        fprintf(f, " --seed %llu", (unsigned long long)o->seed);
    if (o->replication)
        fprintf(f, " --replication %u", (unsigned)o->replication);
    for (size_t i = 0; i < o->sets; i++) {
        fputs(" --set ", f);
        quote(f, o->set[i]);
    }
    if (extra)
        fprintf(f, " %s", extra);
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
