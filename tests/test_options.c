/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: what each subcommand takes, what is refused and how, and the command that repeats a run. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "command.h"
#include "suite.h"

enum { WORDS_MAX = 32 };

static char line[256];
static struct options o;

/* Parses the words of `text`; the first is the subcommand. What goes to standard error is left in `message`. */
static char message[2048];

static int parse(const char *text)
{
    char *words[WORDS_MAX];
    int n = 0;
    struct capture capture;

    snprintf(line, sizeof line, "%s", text);
    for (char *word = strtok(line, " "); word && n < WORDS_MAX; word = strtok(NULL, " "))
        words[n++] = word;
    capture_begin(&capture);
    int status = options_parse(&o, words[0], n - 1, words + 1);
    capture_end(&capture, message, sizeof message);
    return status;
}

/* Whether the words are bad usage, with a message that contains `part`. */
static bool refused(const char *text, const char *part)
{
    int status = parse(text);

    options_free(&o);
    if (status != STATUS_USAGE || !strstr(message, part))
        printf("'%s': status %d: %s\n", text, status, message);
    return status == STATUS_USAGE && strstr(message, part);
}

static void test_run(void)
{
    CU_ASSERT_EQUAL(parse("run a.yaml --json --connections c.csv --trace t.csv --pcap p.pcapng -q --seed 7"
                          " --set a.b=1 --replication 3 --set c=d --plugin x.so"),
                    STATUS_DONE);
    CU_ASSERT_STRING_EQUAL(o.command, "run");
    CU_ASSERT_EQUAL_FATAL(o.files, 1);
    CU_ASSERT_STRING_EQUAL(o.file[0], "a.yaml");
    CU_ASSERT_TRUE(o.json && o.quiet && o.has_seed && !o.help && !o.explain && !o.check);
    CU_ASSERT_STRING_EQUAL(o.connections, "c.csv");
    CU_ASSERT_STRING_EQUAL(o.trace, "t.csv");
    CU_ASSERT_STRING_EQUAL(o.pcap, "p.pcapng");
    CU_ASSERT_EQUAL(o.seed, 7);
    CU_ASSERT_EQUAL(o.replication, 3);
    CU_ASSERT_EQUAL_FATAL(o.sets, 2);
    CU_ASSERT_STRING_EQUAL(o.set[0], "a.b=1");
    CU_ASSERT_STRING_EQUAL(o.set[1], "c=d");
    CU_ASSERT_EQUAL_FATAL(o.plugins, 1);
    CU_ASSERT_STRING_EQUAL(o.plugin[0], "x.so");
    options_free(&o);
}

/* Options may stand before the file, and `--` ends them. */
static void test_any_order(void)
{
    CU_ASSERT_EQUAL(parse("run --seed=18446744073709551615 a.yaml"), STATUS_DONE);
    CU_ASSERT_EQUAL(o.seed, UINT64_MAX);
    CU_ASSERT_STRING_EQUAL(o.file[0], "a.yaml");
    options_free(&o);
    CU_ASSERT_EQUAL(parse("run -- --json"), STATUS_DONE);
    CU_ASSERT_STRING_EQUAL(o.file[0], "--json");
    CU_ASSERT_FALSE(o.json);
    options_free(&o);
}

static void test_other_commands(void)
{
    CU_ASSERT_EQUAL(parse("sweep a.yaml -o r.db"), STATUS_DONE);
    CU_ASSERT_STRING_EQUAL(o.output, "r.db");
    options_free(&o);
    CU_ASSERT_EQUAL(parse("ladder a.yaml --connection churn:7 --explain -o l.svg --replication 1"), STATUS_DONE);
    CU_ASSERT_STRING_EQUAL(o.connection, "churn:7");
    CU_ASSERT_TRUE(o.explain);
    options_free(&o);
    CU_ASSERT_EQUAL(parse("plot r.db -o d --format png"), STATUS_DONE);
    CU_ASSERT_STRING_EQUAL(o.format, "png");
    options_free(&o);
    CU_ASSERT_EQUAL(parse("bench churn crowd --json --check"), STATUS_DONE);
    CU_ASSERT_EQUAL(o.files, 2);
    CU_ASSERT_TRUE(o.check);
    options_free(&o);
    CU_ASSERT_EQUAL(parse("plugins"), STATUS_DONE);
    CU_ASSERT_EQUAL(o.files, 0);
    options_free(&o);
}

static void test_refused(void)
{
    CU_ASSERT_TRUE(refused("run", "synfin run: error: FILE, a scenario file, is missing"));
    CU_ASSERT_TRUE(refused("run", "Try 'synfin run --help'"));
    CU_ASSERT_TRUE(refused("run a.yaml b.yaml", "b.yaml: error: one word too many"));
    CU_ASSERT_TRUE(refused("run a.yaml --jsno", "did you mean '--json'?"));
    CU_ASSERT_TRUE(refused("run a.yaml --js", "--js: error: '--js' is not an option"));
    CU_ASSERT_TRUE(refused("run a.yaml --connection x.csv", "synfin run does not take it; it belongs to: ladder"));
    CU_ASSERT_TRUE(refused("ladder a.yaml --conn 7", "--conn: error: '--conn' is not an option"));
    CU_ASSERT_TRUE(refused("run a.yaml --se=7", "is not an option"));
    CU_ASSERT_TRUE(refused("run a.yaml -x", "-x: error: '-x' is not an option"));
    CU_ASSERT_TRUE(refused("run a.yaml --explain", "synfin run does not take it; it belongs to: ladder"));
    CU_ASSERT_TRUE(refused("run a.yaml --connections x.csv --trace x.csv", "two outputs name one file"));
    CU_ASSERT_TRUE(refused("check a.yaml --replication 1", "it belongs to: run ladder"));
    CU_ASSERT_TRUE(refused("run a.yaml --seed", "--seed: error: N is missing"));
    CU_ASSERT_TRUE(refused("run a.yaml --json=yes", "--json: error: it takes no value"));
    CU_ASSERT_TRUE(refused("run a.yaml --connections=", "--connections: error: its argument is empty"));
    CU_ASSERT_TRUE(refused("run a.yaml --seed -1", "--seed -1: error: not a whole number from 0 to 184467440737"));
    CU_ASSERT_TRUE(refused("run a.yaml --seed 18446744073709551616", "not a whole number"));
    CU_ASSERT_TRUE(refused("run a.yaml --seed 0x10", "not a whole number"));
    CU_ASSERT_TRUE(refused("run a.yaml --replication 4294967296", "from 0 to 4294967295"));
    CU_ASSERT_TRUE(refused("sweep a.yaml", "-o RESULTS.db is missing"));
    CU_ASSERT_TRUE(refused("sweep a.yaml -o", "--output: error: RESULTS.db is missing"));
    CU_ASSERT_TRUE(refused("ladder a.yaml --slowest --failed", "one of --connection, --slowest and --failed"));
    CU_ASSERT_TRUE(refused("plot r.db --format gif", "--format gif: error: 'gif' is not a format"));
    CU_ASSERT_TRUE(refused("plugins tcp udp", "udp: error: one word too many"));
}

/* Whether a command takes an option of this name and argument: commands may share one, each with a row of its own. */
static bool takes_such(const struct option_row *such, const char *command)
{
    for (const struct option_row *row = option_rows; row->name; row++) {
        if (strcmp(row->name, such->name) == 0 && option_taken(row, command) &&
            strcmp(row->argument ? row->argument : "", such->argument ? such->argument : "") == 0)
            return true;
    }
    return false;
}

/* Help needs no file, whatever else is said. */
static void test_help(void)
{
    for (const struct command *c = commands; c->name; c++) {
        char text[64], *help = NULL;
        size_t size;
        snprintf(text, sizeof text, "%s --help", c->name);
        CU_ASSERT_EQUAL(parse(text), STATUS_DONE);
        CU_ASSERT_TRUE(o.help);
        options_free(&o);

        FILE *f = open_memstream(&help, &size);
        help_print(f, c);
        fclose(f);
        for (const struct option_row *row = option_rows; row->name; row++) {
            const char *argument = row->argument ? row->argument : "";
            snprintf(text, sizeof text, "--%s%s%s ", row->name, *argument ? " " : "", argument);
            CU_ASSERT_EQUAL(strstr(help, text) != NULL, takes_such(row, c->name));
        }
        free(help);
    }
}

static void test_repeat(void)
{
    CU_ASSERT_EQUAL(parse("run a.yaml --json --seed 3 --replication 2 --set a.b=it's;x --set c=5% --plugin p.so"),
                    STATUS_DONE);
    char *text = options_repeat(&o, "run", "my file.yaml", NULL);
    CU_ASSERT_STRING_EQUAL(text, "synfin run 'my file.yaml' --plugin p.so --seed 3 --replication 2"
                                 " --set 'a.b=it'\\''s;x' --set c=5%");
    free(text);
    options_free(&o);
    CU_ASSERT_EQUAL(parse("run a.yaml"), STATUS_DONE);
    text = options_repeat(&o, "ladder", "a.yaml", "--connection 7");
    CU_ASSERT_STRING_EQUAL(text, "synfin ladder a.yaml --connection 7");
    free(text);
    options_free(&o);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"run takes all its options", test_run},
        {"options and files come in any order", test_any_order},
        {"each command takes its own options", test_other_commands},
        {"bad usage is refused with what would be right", test_refused},
        {"help lists exactly the options that are taken", test_help},
        {"the command that repeats a run is quoted for a shell", test_repeat},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "options", cases);
}
