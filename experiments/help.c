/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "command.h"

#define FILE_MISSING "FILE, a scenario file,"

const struct command commands[] = {
    {"run", "FILE", FILE_MISSING, 1, 1, "run a scenario and print what was measured",
     "Prints counts of connections and segments, for each metric its mean, standard deviation and quantiles in\n"
     "milliseconds, and whether the expectations of the file hold (exit status 1 if one does not). Output files\n"
     "appear under their names only when they are complete.\n"
     "--theory: where losses are independent and delays fixed or from a table, the distribution of set-up latency is\n"
     "computed from the timers of both ends. The largest distance between both distribution functions lies within the\n"
     "band in 99.9 % of runs (Dvoretzky, Kiefer, Wolfowitz; Massart).\n",
     "synfin run lossy.yaml\n"
     "synfin run lossy.yaml --set links.wan.both.loss.p=5% --seed 7\n"
     "synfin run lossy.yaml --json --connections connections.csv\n"
     "synfin run lossy.yaml --theory --set hosts.server.tcp.synack_retries=2\n"},
    {"check", "FILE", FILE_MISSING, 1, 1, "say whether a scenario is sound, and what it would run", NULL,
     "synfin check lossy.yaml\n"},
    {"sweep", "FILE -o RESULTS.db", FILE_MISSING, 1, 1, "run a scenario at every point of its sweep, into a database",
     "Worker processes make the runs; what comes out does not depend on how many there are. A run whose worker dies, or\n"
     "that takes too long, fails, and the others go on; the reason and the command that repeats it are told. Stopped in\n"
     "any way, the same command goes on from there, and tries again what failed.\n",
     "synfin sweep lossy.yaml -o lossy.db\n"
     "synfin sweep lossy.yaml -o lossy.db -j 2 --timeout 10min\n"},
    {"plot", "RESULTS.db", "RESULTS.db, the database of a sweep,", 1, 1, "draw the plots of a sweep", NULL,
     "synfin plot lossy.db -o plots --format png\n"},
    {"compare", "A.db[:KEY=VALUE] B.db[:KEY=VALUE]", "the second of two databases", 2, 2,
     "say what differs between two sweeps, or two points of them",
     "Points are matched by their parameters, but for those held fixed with :KEY=VALUE (a path, or whole words of\n"
     "it; several with commas). One line a metric and point says how B differs from A. The verdicts hold together:\n"
     "the chance of any false alarm among all of them is 5 % or less. It takes two replications or more; with the\n"
     "same seed and common random numbers they are compared run by run, which shows much smaller differences.\n"
     "--fail-if is about the difference B - A in a mean, a quantile or a count. One that is not shown counts as none;\n"
     "where there is one replication, the difference itself counts.\n",
     "synfin compare before.db after.db --fail-if 'setup.mean > +2%'\n"
     "synfin compare lossy.db:loss=1% lossy.db:loss=5% --metric setup,setup.p99 -o plots\n"},
    {"export", "RESULTS.db", "RESULTS.db, the database of a sweep,", 1, 1, "write the results of a sweep as CSV or JSON",
     "One row a run, workload and metric (workload *: all together), with the point's parameters, the statistics of\n"
     "the metric and the workload's counts of connections as columns, units in their names. The same runs give the\n"
     "same bytes, however they were made.\n"
     "hgrm: each point's distributions as HdrHistogram's percentile text, in ms, the replications together; viewers\n"
     "want one a file, which a folder gets.\n",
     "synfin export lossy.db -o lossy.csv\n"
     "synfin export lossy.db --counts --format json\n"
     "synfin export lossy.db --format hgrm -o histograms/\n"},
    {"ladder", "FILE", FILE_MISSING, 1, 1, "draw the sequence diagram of one connection",
     "Runs the scenario again and records that connection. Without -o it draws text.\n",
     "synfin ladder lossy.yaml --slowest\n"
     "synfin ladder lossy.yaml --connection churn:7 --explain\n"
     "synfin ladder lossy.yaml --failed -o failed.svg\n"},
    {"plugins", "[NAME]", NULL, 0, 1, "list protocols and models; with a name, its parameters",
     "Further plugins are loaded with --plugin FILE, or from the folders in SYNFIN_PLUGIN_PATH.\n",
     "synfin plugins\n"
     "synfin plugins gilbert-elliott\n"},
    {"bench", "[CASE...]", NULL, 0, SIZE_MAX, "measure speed and memory of standard cases",
     "churn, churn-loss: 10,000 connections a second; jitter: with delays that vary. crowd, crowd-loss: ten million\n"
     "open at once, then closed. queue: 10 segments each way through a queue at 95 % load. data: 10 GB over one\n"
     "connection. startup: runs of 10,000. churn-connections, churn-trace: with these files. statistics: only these.\n"
     "By name alone: hosts, links (churn over so many). CASE:SIZE is the same with so many connections (data: MB;\n"
     "hosts; links).\n"
     "P is a call of Philox4x32-10, R a touch of a random line in 1 GiB, measured in between; ratios to them compare\n"
     "machines. Times are processor time, medians of five runs in the memory that one before them, not timed, leaves.\n"
     "/churn: a life cycle's time over that of churn, where churn ran before at its own size. Limits are meant for a\n"
     "case's own size; --check lets a quarter more than `at most` pass.\n",
     "synfin bench churn --json\n"
     "synfin bench churn crowd --check\n"
     "synfin bench crowd:100000\n"},
    {0},
};

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

static void print_overview(FILE *f)
{
    fputs("synfin simulates the life of transport connections, from SYN to TIME-WAIT, over links that delay, lose and\n"
          "reorder segments.\n\n"
          "usage: synfin COMMAND [OPTIONS] ...\n\n",
          f);
    for (const struct command *c = commands; c->name; c++)
        fprintf(f, "  %-10s %s\n", c->name, c->summary);
    fputs("\n"
          "synfin COMMAND --help says more of each; synfin --version prints the version.\n\n"
          "Exit status: 0 done; 1 the run, an expectation or a check failed, or output could not be written;\n"
          "2 bad usage or input; 75 incomplete, run the same again; 130 stopped by Ctrl-C.\n",
          f);
}

static void print_option(FILE *f, const struct option_row *row)
{
    char left[64];
    int n = row->letter ? snprintf(left, sizeof left, "-%c, --%s", row->letter, row->name)
                        : snprintf(left, sizeof left, "    --%s", row->name);

    if (row->argument)
        snprintf(left + n, sizeof left - (size_t)n, " %s", row->argument);
    fprintf(f, "  %-29s %s\n", left, row->help);
}

static void print_examples(FILE *f, const char *examples)
{
    fputs("\nExamples:\n", f);
    while (*examples) {
        int length = (int)strcspn(examples, "\n");
        fprintf(f, "  %.*s\n", length, examples);
        examples += length + 1;
    }
}

void help_print(FILE *f, const struct command *c)
{
    if (!c) {
        print_overview(f);
        return;
    }
    fprintf(f, "synfin %s: %s\n\nusage: synfin %s %s [OPTIONS]\n", c->name, c->summary, c->name, c->arguments);
    if (c->more)
        fprintf(f, "\n%s", c->more);
    fputs("\nOptions:\n", f);
    for (const struct option_row *row = option_rows; row->name; row++) {
        if (option_taken(row, c->name))
            print_option(f, row);
    }
    print_examples(f, c->examples);
}
