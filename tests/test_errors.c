/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command says about bad input: FILE:LINE:COLUMN, what was wrong and what would be right, the line, a caret. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "scenario.h"
#include "scenario_file.h"
#include "suite.h"

enum { TEXT = 1 << 16 };

/* ---- Loading, with what is said on standard error ---------------------------------------------------------------- */

static char said[TEXT];

static int load_with(const char *path, const struct options *o, struct scenario_file *f)
{
    struct capture capture;
    capture_begin(&capture);
    int status = scenario_file_load(f, path, o);
    capture_end(&capture, said, sizeof said);
    return status;
}

static int load(const char *path)
{
    struct options o = {.command = "check"};
    struct scenario_file f;
    int status = load_with(path, &o, &f);
    scenario_file_free(&f);
    return status;
}

/* Refused with one --set, and this said. */
static void refused_set(const char *path, const char *set, const char *text)
{
    struct options o = {.command = "check", .sets = 1, .set = &set};
    struct scenario_file f;
    char expected[1024];
    snprintf(expected, sizeof expected, "--set %s: error: %s\n", set, text);
    CU_ASSERT_EQUAL(load_with(path, &o, &f), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, expected);
}

/* ---- Files ------------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/test_errors.XXXXXX"; /* the cases run in it */
static char sound[TEXT], sound_path[4096], duplicate_path[4096];

static void write_file(const char *name, const void *text, size_t size)
{
    FILE *f = fopen(name, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(text, 1, size, f), size);
    fclose(f);
}

/* The sound scenario as s.yaml, its first `from` replaced by `to`. */
static void write_changed(const char *from, const char *to)
{
    char text[TEXT];
    const char *at = strstr(sound, from);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    int n = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - sound), sound, to, at + strlen(from));
    write_file("s.yaml", text, (size_t)n);
}

/* The n-th line of a file, from 1. */
static const char *line_of(const char *name, int n)
{
    static char line[TEXT];
    FILE *f = fopen(name, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    while (n-- > 0 && fgets(line, sizeof line, f))
        continue;
    fclose(f);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* That the error stands at a place, with the line and a caret below the column. */
static void expect_said(const char *name, int line, int column, const char *text)
{
    char expected[2 * TEXT];
    snprintf(expected, sizeof expected, "%s:%d:%d: error: %s\n    %s\n    %*s\n", name, line, column, text,
             line_of(name, line), column, "^");
    CU_ASSERT_STRING_EQUAL(said, expected);
    if (strcmp(said, expected))
        printf("said:\n%sexpected:\n%s", said, expected);
}

static void refused(const char *from, const char *to, int line, int column, const char *text)
{
    write_changed(from, to);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    expect_said("s.yaml", line, column, text);
}

/* ---- The sound one ----------------------------------------------------------------------------------------------- */

static void test_a_sound_file(void)
{
    struct options o = {.command = "check"};
    struct scenario_file f;
    CU_ASSERT_EQUAL_FATAL(load_with(sound_path, &o, &f), STATUS_DONE);
    CU_ASSERT_STRING_EQUAL(said, "");
    CU_ASSERT_STRING_EQUAL(f.name, "sound");
    CU_ASSERT_TRUE(f.axes == 3 && f.replications == 5 && !f.independent && f.plots == 2 && f.expects == 1);
    CU_ASSERT_TRUE(f.axis[1].values == 4 && f.axis[2].paths == 2);
    CU_ASSERT_STRING_EQUAL(f.axis[1].value[1][0], "20ms");
    CU_ASSERT_STRING_EQUAL(f.axis[2].value[1][1], "2");
    CU_ASSERT_STRING_EQUAL(f.plot[1].statistic[1], "p99");
    /* Axes are crossed, the first varies slowest. */
    CU_ASSERT_EQUAL(scenario_file_points(&f), 24);
    CU_ASSERT_TRUE(scenario_file_row(&f, 0, 0) == 0 && scenario_file_row(&f, 7, 0) == 0 &&
                   scenario_file_row(&f, 8, 0) == 1);
    CU_ASSERT_TRUE(scenario_file_row(&f, 7, 1) == 3 && scenario_file_row(&f, 7, 2) == 1 &&
                   scenario_file_row(&f, 23, 0) == 2);
    scenario_file_free(&f);
}

static void test_name_of_the_file(void)
{
    struct options o = {.command = "check"};
    struct scenario_file f;
    write_changed("name: sound\n", "");
    CU_ASSERT_EQUAL_FATAL(load_with("./s.yaml", &o, &f), STATUS_DONE);
    CU_ASSERT_STRING_EQUAL(f.name, "s");
    CU_ASSERT_STRING_EQUAL(f.folder, ".");
    scenario_file_free(&f);
}

/* file < sweep.vary < --set, in order; --seed last. */
static void test_layers(void)
{
    const char *sets[] = {"seed=7", "links.wan.forward.loss.model=none", "seed=8"};
    struct options o = {.command = "check", .sets = 3, .set = sets};
    struct scenario_file f;
    CU_ASSERT_EQUAL_FATAL(load_with(sound_path, &o, &f), STATUS_DONE);
    struct synfin_scenario *s = scenario_file_scenario(&f, 23);
    CU_ASSERT_EQUAL(s->seed, 8);
    CU_ASSERT_EQUAL(s->link[0].stage[0][SYNFIN_LOSS].models, 0);
    CU_ASSERT_EQUAL(s->link[0].stage[1][SYNFIN_LOSS].models, 1);
    synfin_scenario_free(s);
    scenario_file_free(&f);
    o.has_seed = true;
    o.seed = UINT64_MAX;
    CU_ASSERT_EQUAL_FATAL(load_with(sound_path, &o, &f), STATUS_DONE);
    s = scenario_file_scenario(&f, SCENARIO_BASE);
    CU_ASSERT_EQUAL(s->seed, UINT64_MAX);
    synfin_scenario_free(s);
    scenario_file_free(&f);
}

static uint64_t seed_at(const struct scenario_file *f, size_t point)
{
    struct synfin_scenario *s = scenario_file_scenario(f, point);
    uint64_t seed = s ? s->seed : 0;
    synfin_scenario_free(s);
    return seed;
}

static void test_independent_seeds(void)
{
    struct options o = {.command = "check"};
    struct scenario_file f;
    CU_ASSERT_EQUAL_FATAL(load_with(sound_path, &o, &f), STATUS_DONE);
    CU_ASSERT_TRUE(seed_at(&f, 3) == 1 && seed_at(&f, 4) == 1);
    scenario_file_free(&f);
    write_changed("  replications: 5", "  random: independent");
    CU_ASSERT_EQUAL_FATAL(load_with("s.yaml", &o, &f), STATUS_DONE);
    CU_ASSERT_EQUAL(seed_at(&f, SCENARIO_BASE), 1);
    CU_ASSERT_NOT_EQUAL(seed_at(&f, 3), seed_at(&f, 4));
    CU_ASSERT_EQUAL(seed_at(&f, 3), seed_at(&f, 3));
    scenario_file_free(&f);
}

/* ---- Bad input --------------------------------------------------------------------------------------------------- */

static void test_unknown_keys(void)
{
    refused("\nhosts:", "\nhost:", 3, 1,
            "'host' is not a setting of scenarios; did you mean 'hosts'? (name, seed, stop, hosts, links, workloads, "
            "series, sweep, plots, expect)");
    refused("addresses: 16", "adresses: 16", 4, 12,
            "'adresses' is not a setting of hosts; did you mean 'addresses'? (tcp, udp, listen, addresses, "
            "ports, profile)");
    refused("p: 1%", "pp: 1%", 10, 32, "'pp' is not a setting of loss model bernoulli; choose from model, only, p");
    refused("delay: {", "dealy: {", 9, 7,
            "'dealy' is not a stage of links; did you mean 'delay'? (queue, loss, duplicate, corrupt, delay, reorder)");
    refused("    over:", "    via:", 15, 5,
            "'via' is not a setting of workloads; choose from arrivals, from, to, port, over, protocol, connections, "
            "duration, start, request, response, hold, close, close_after, half_close, fast_open, "
            "connect_timeout, retries");
    refused("vary:", "varry:", 20, 3,
            "'varry' is not a setting of sweeps; did you mean 'vary'? (random, replications, vary, together)");
    refused("name: sound", "name: sound\n1st.x: 3", 3, 1,
            "'1st.x' is not a setting of scenarios; choose from name, seed, stop, hosts, links, workloads, "
            "series, sweep, plots, expect");
}

static void test_wrong_units(void)
{
    refused("time: 10ms", "time: 10", 9, 38,
            "a unit is missing in '10'; write a duration such as 10ms (ns, us, ms, s, min, h)"); /* S19 e */
    refused("time: 10ms", "time: 10Mbit/s", 9, 38,
            "'Mbit/s' in '10Mbit/s' is not a unit of a duration; write one such as 10ms (ns, us, ms, s, min, h)");
    refused("rate: 100/s", "rate: 100", 16, 38, "a unit is missing in '100'; write a frequency such as 10000/s (/s)");
    refused("p: 1%", "p: 10/100", 10, 35, "'10/100' is not a probability; write one such as 5% or 0.05"); /* S19 d */
}

static void test_values_out_of_range(void)
{
    const char *range = "is out of range; a probability is in 0..1, or 0%..100%, such as 5% or 0.05";
    static const char *const values[] = {"5", "105%", "-1%"}; /* S19 c */
    for (size_t i = 0; i < 3; i++) {
        char to[32], text[128];
        snprintf(to, sizeof to, "p: %s", values[i]);
        snprintf(text, sizeof text, "'%s' %s", values[i], range);
        refused("p: 1%", to, 10, 35, text);
    }
    refused("port: 80", "port: 70000", 5, 27, "'70000' is out of range; port is in 1..65535");
    refused("name: sound", "seed: 18446744073709551616", 2, 7,
            "'18446744073709551616' is out of range; a whole number is at most 18446744073709551615");
}

/* S19 a: the line and the column of the second, and where the first stands. */
static void test_duplicate_keys(void)
{
    CU_ASSERT_EQUAL(load(duplicate_path), STATUS_USAGE);
    expect_said(duplicate_path, 10, 7, "the key 'loss' stands twice, first at line 8, column 7; keep one of them");
    refused("addresses: 16", "addresses: 16, \"addresses\": 17", 4, 27,
            "the key 'addresses' stands twice, first at line 4, column 12; keep one of them");
    refused("loss: {model", "loss: {0: {model: bernoulli}, model", 10, 37,
            "this setting stands twice; keep one of them");
}

static void test_missing_keys(void)
{
    refused("    from: client\n", "", 12, 3, "'from' is missing; it is the host that opens connections");
    refused("    connections: 1000\n", "", 12, 3,
            "'connections' is missing; write connections: 10000, or a duration such as 10s");
    refused(", p: 1%", "", 10, 7,
            "'p' is missing; it is a probability such as 5% or 0.05 (chance that a segment is lost)");
    refused("model: bernoulli, ", "", 10, 7, "'model' is missing; name the loss model before its settings");
    refused("loss: {model: bernoulli, p: 1%}", "loss: [{model: bernoulli, p: 1%}, {p: 2%}]", 10, 41,
            "'model' is missing; name the loss model before its settings");
    refused("p: 1%", "p:", 10, 32, "there is no value; write a probability, such as 5% or 0.05");
    write_file("s.yaml", "hosts: {a: {}}\n", 15);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "s.yaml: error: 'workloads' is missing; name at least one workload\n");
}

static void test_names_that_do_not_exist(void)
{
    refused("over: wan", "over: wam", 15, 11, "'wam' is not a link; did you mean 'wan'? (wan)");
    refused("to: server", "to: sever", 14, 9, "'sever' is not a host; did you mean 'server'? (client, server)");
    refused("addresses: 16", "profile: linus", 4, 21,
            "'linus' is not a profile; did you mean 'linux'? (rfc9293, linux)");
    refused("poisson", "poison", 16, 23,
            "'poison' is not a model of arrivals; did you mean 'poisson'? (constant, poisson, burst, file)");
}

static void test_extras_of_yaml(void)
{
    refused("addresses: 16", "addresses: &n 16", 4, 23,
            "an anchor stands here; leave it out, and write values where they belong");
    refused("addresses: 16", "addresses: *n", 4, 23, "an alias stands here; write the value itself");
    refused("addresses: 16", "<<: {}", 4, 12, "a merge key stands here; write the settings where they belong");
    refused("addresses: 16", "addresses: !!int 16", 4, 23, "a tag stands here; leave it out");
    refused("\nhosts:", "\n---\nhosts:", 3, 1, "a second document begins here; write one document a file");
    refused("addresses: 16", "? [a] : 16", 4, 14, "a key is a list or a mapping; write a name");
}

/* Billions of nodes from a few lines are refused at the first alias (the "billion laughs"). */
static void test_aliases_cannot_multiply(void)
{
    static const char laughs[] = "a: [x, x]\nb: [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n";
    write_file("s.yaml", laughs, sizeof laughs - 1);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    expect_said("s.yaml", 2, 5, "an alias stands here; write the value itself");
}

static void test_deep_nesting(void)
{
    char text[4096];
    memset(text, '[', 2000);
    write_file("s.yaml", text, 2000);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "s.yaml:1:17: error: this is nested too deep; a scenario needs fewer than 16 "
                                        "levels\n"));
    refused("addresses: 16", "tcp: {a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: 1}}}}}}}}}}}}}}", 4, 69,
            "this is nested too deep; a scenario needs fewer than 16 levels");
}

static void test_no_yaml(void)
{
    static const struct {
        const char *text;
        int line;
    } wrong[] = {{"a: [1, 2\n", 2}, {"a: \"b\n", 1}, {"a: 1\n  b: 2\n", 1}, {"a: }\n", 1},
                 {"\tb: 1\n", 1},   {"a: @b\n", 1},  {"a: 'b'c\n", 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char place[32];
        write_file("s.yaml", wrong[i].text, strlen(wrong[i].text));
        CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
        snprintf(place, sizeof place, "s.yaml:%d:", wrong[i].line);
        CU_ASSERT_EQUAL(strncmp(said, place, strlen(place)), 0);
        if (strncmp(said, place, strlen(place)))
            printf("%s said:\n%s", place, said);
        CU_ASSERT_PTR_NOT_NULL(strstr(said, ": error: this is not YAML: "));
        CU_ASSERT_PTR_NOT_NULL(strstr(said, "; "));
    }
}

static void test_files_that_are_none(void)
{
    CU_ASSERT_EQUAL(load("missing.yaml"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "missing.yaml: error: the file cannot be read: No such file or directory; give the "
                                 "name of a scenario file\n");
    CU_ASSERT_EQUAL(load("."), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, ".: error: this is a folder; give the name of a scenario file, or - for standard "
                                 "input\n");
    CU_ASSERT_EQUAL(load("/dev/zero"), STATUS_USAGE); /* endless */
    CU_ASSERT_STRING_EQUAL(said, "/dev/zero: error: this is not a regular file; give the name of a scenario file, or - "
                                 "for standard input\n");
    CU_ASSERT_FALSE(mkfifo("fifo", 0600)); /* nobody writes into it */
    CU_ASSERT_EQUAL(load("fifo"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "fifo: error: this is not a regular file; give the name of a scenario file, or - for "
                                 "standard input\n");
}

static void test_binary_empty_and_large_files(void)
{
    static const char elf[] = "\x7f"
                              "ELF\x02\x01\x01\0\0\0";
    static const char latin[] = "name: caf\xe9\n";
    char *large = malloc(17 << 20);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    write_file("s.yaml", elf, sizeof elf);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "s.yaml: error: this is not a text file (byte 0x7f at offset 0); a scenario is YAML "
                                 "in UTF-8\n");
    write_file("s.yaml", latin, sizeof latin - 1);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "s.yaml: error: this is not a text file (byte 0xe9 at offset 9); a scenario is YAML "
                                 "in UTF-8\n");
    write_file("s.yaml", "", 0);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "s.yaml: error: the file is empty; a scenario has hosts, links and workloads\n");
    write_file("s.yaml", "# nothing\n", 10);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "s.yaml: error: the file is empty; a scenario has hosts, links and workloads\n");
    memset(large, '#', 17 << 20);
    write_file("s.yaml", large, 17 << 20);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "s.yaml: error: the file is too large; a scenario has at most 16 MiB\n");
    free(large);
}

/* Of a very long line, what is around the column; in characters, not bytes. */
static void test_the_line_and_the_caret(void)
{
    char comment[400];
    memset(comment, 'x', sizeof comment - 1);
    comment[sizeof comment - 1] = '\0';
    refused("name: sound", "name: \xc3\xa4\xc3\xb6\nsed: 1", 3, 1,
            "'sed' is not a setting of scenarios; did you mean 'seed'? (name, seed, stop, hosts, "
            "links, workloads, series, sweep, plots, expect)");
    write_file("s.yaml", "{name: '\xc3\xa4\xc3\xb6', sed: 1}\n", 22);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "s.yaml:1:14: error: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "\n    {name: '\xc3\xa4\xc3\xb6', sed: 1}\n                 ^\n"));
    char text[512];
    int n = snprintf(text, sizeof text, "sed: 1 # %s\n", comment);
    write_file("s.yaml", text, (size_t)n);
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "\n    sed: 1 # xxx"));
    CU_ASSERT_TRUE(strlen(said) < 350);
}

/* ---- Options ----------------------------------------------------------------------------------------------------- */

static void test_set_options(void)
{
    refused_set(sound_path, "links.wan.both.loss.p=10/100",
                "'10/100' is not a probability; write one such as 5% or 0.05"); /* S19 d */
    refused_set(sound_path, "links.wan.both.loss.q=1%",
                "'q' is not a setting of loss model bernoulli; choose from model, only, p");
    refused_set(sound_path, "links.wam.both.loss.p=1%", "'wam' is not a link; did you mean 'wan'? (wan)");
    refused_set(sound_path, "links.wan.both.loss.p",
                "a '=' is missing; write PATH=VALUE, such as links.wan.both.loss.p=5%");
    refused_set(sound_path, "links wan=3",
                "this is not a path; write names of letters, digits, '_' and '-' joined by dots, such as "
                "links.wan.forward.loss.p");
    refused_set(sound_path, "workloads.churn.over=[wan, wan]",
                "the path crosses link 'wan' twice; define a second link like it");
    refused_set(sound_path, "sweep.replications=3",
                "'sweep' is not a setting; choose from hosts, links, workloads, name, seed, stop, series");
}

/* A --set that leaves the sweep's values without a model to set. */
static void test_set_against_the_sweep(void)
{
    refused_set(sound_path, "links.wan.both.loss.model=periodic",
                "'every' is missing; it is a whole number such as 1000 (one segment in so many of "
                "the link direction is lost)");
    const char *sets[] = {"links.wan.both.loss.model=none"};
    struct options o = {.command = "check", .sets = 1, .set = sets};
    struct scenario_file f;
    CU_ASSERT_EQUAL(load_with(sound_path, &o, &f), STATUS_DONE); /* the layer of --set comes after the sweep's */
    scenario_file_free(&f);
}

static void test_plugins_that_cannot_be_loaded(void)
{
    const char *plugin = "./missing.so";
    struct options o = {.command = "check", .plugins = 1, .plugin = &plugin};
    struct scenario_file f;
    CU_ASSERT_EQUAL(load_with(sound_path, &o, &f), STATUS_USAGE);
    CU_ASSERT_EQUAL(strncmp(said, "--plugin ./missing.so: error: the plugin cannot be loaded: ", 59), 0);
    CU_ASSERT_FALSE(setenv("SYNFIN_PLUGIN_PATH", "./nowhere", 1));
    CU_ASSERT_EQUAL(load(sound_path), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(said, "SYNFIN_PLUGIN_PATH: error: the folder './nowhere' cannot be read: No such file or "
                                 "directory; name folders that "
                                 "hold plugins, separated by colons\n");
    CU_ASSERT_FALSE(mkdir("plugins", 0700));
    write_file("plugins/broken.so", "text", 4);
    CU_ASSERT_FALSE(setenv("SYNFIN_PLUGIN_PATH", ":plugins", 1));
    CU_ASSERT_EQUAL(load(sound_path), STATUS_USAGE);
    CU_ASSERT_EQUAL(strncmp(said, "plugins/broken.so: error: the plugin cannot be loaded: ", 55), 0);
    unsetenv("SYNFIN_PLUGIN_PATH");
}

/* ---- Sweep, plots, expect ---------------------------------------------------------------------------------------- */

static void test_sweeps(void)
{
    refused("[0, 1%, 5%]", "[0, 1%, 105%]", 21, 36,
            "'105%' is out of range; a probability is in 0..1, or 0%..100%, such as 5% or 0.05");
    refused("[0, 1%, 5%]", "[0, 1%, 1%]", 21, 36, "the value '1%' stands twice; keep one of them");
    refused("[0, 1%, 5%]", "[0, 7%, 0.07]", 21, 36, "the value '0.07' is '7%' again; keep one of them");
    refused("[0, 1%, 5%]", "5%", 21, 28,
            "the values of 'links.wan.both.loss.p' are missing; write a list such as [1%, 5%], or {from: 10ms, to: "
            "80ms, "
            "steps: 4, scale: log}");
    refused("links.wan.both.delay.time: {", "links.wan.both.delay.tme: {", 22, 5,
            "'tme' is not a setting of delay model constant; did you mean 'time'? (model, only, time)");
    refused("[5, 2]", "[5]", 24, 46,
            "'hosts.server.tcp.synack_retries' has 1 values, 'hosts.client.tcp.syn_retries' has 2; values that move "
            "together are equally many");
    refused("hosts.client.tcp.syn_retries: [6, 3]", "links.wan.both.loss.p: [6%, 3%]", 24, 8,
            "'links.wan.both.loss.p' is swept twice; keep one of them");
    refused("links.wan.both.delay.time: {from: 10ms, to: 80ms, steps: 4, scale: log}", "seed: [1, 2]", 22, 5,
            "all points have the same seed; write replications: 10 for runs with other random numbers, or sweep with "
            "--seed into another database");
    refused("hosts.client.tcp.syn_retries: [6, 3]", "name: [a, b]", 24, 8,
            "all points have the same name; write it at the top of the file");
    refused("replications: 5", "replications: 0", 19, 17, "'0' is out of range; replications is in 1..1000000");
    refused("replications: 5", "replications: {min: 3}", 19, 3,
            "'until' is missing; write a number of replications, or {until: {setup.p99: 2%}, "
            "min: 10, max: 200}");
    refused("replications: 5", "replications: {until: {setup.p99: 0}}", 19, 37,
            "'0' is not a width; write a share of the value above 0, such as 2%");
    refused("replications: 5", "random: comon", 19, 11,
            "'comon' is not a kind of random numbers; write common or independent");
}

/* One axis of these values, or what is said. */
static void range(const char *text, size_t values, ...);

#include <stdarg.h>

static void range(const char *text, size_t values, ...)
{
    struct options o = {.command = "check"};
    struct scenario_file f;
    va_list expected;
    write_changed("{from: 10ms, to: 80ms, steps: 4, scale: log}", text);
    CU_ASSERT_EQUAL_FATAL(load_with("s.yaml", &o, &f), STATUS_DONE);
    CU_ASSERT_EQUAL(f.axis[1].values, values);
    va_start(expected, values);
    for (size_t i = 0; i < values && i < f.axis[1].values; i++)
        CU_ASSERT_STRING_EQUAL(f.axis[1].value[i][0], va_arg(expected, const char *));
    va_end(expected);
    scenario_file_free(&f);
}

static void test_ranges(void)
{
    range("{from: 10ms, to: 80ms, steps: 4, scale: log}", 4, "10ms", "20ms", "40ms", "80ms");
    range("{from: 10ms, to: 20ms, steps: 5}", 5, "10ms", "12.5ms", "15ms", "17.5ms", "20ms");
    range("{from: 0, to: 1s, steps: 3, scale: lin}", 3, "0s", "0.5s", "1s");
    range("{from: 100ms, to: 1s, steps: 2}", 2, "100ms", "1000ms");
    range("{from: 1ms, to: 2ms, steps: 4}", 4, "1ms", "1333333ns", "1666667ns", "2ms"); /* whole ns */
    range("{from: 10ms, to: 45ms, step: 10ms}", 4, "10ms", "20ms", "30ms", "40ms");
    range("{from: 0, to: 300us, step: 0.1ms}", 4, "0us", "100us", "200us", "300us");
    refused("{from: 10ms, to: 80ms, steps: 4, scale: log}", "{from: 0, to: 80ms, steps: 4, scale: log}", 22, 32,
            "a log scale cannot begin at 0; give 'from' a small value");
    refused("{from: 10ms, to: 80ms, steps: 4, scale: log}", "{from: 10ms, to: 80KiB, steps: 4}", 22, 32,
            "the units 'ms' and 'KiB' do not go together; write both ends in units of one kind");
    refused("{from: 10ms, to: 80ms, steps: 4, scale: log}", "{from: 10ms, to: 8ms, steps: 4}", 22, 32,
            "'to' is not above 'from'; exchange them");
    refused("{from: 10ms, to: 80ms, steps: 4, scale: log}", "{from: 10ms, to: 80ms}", 22, 5,
            "'steps' is missing; write how many values, or a step between them");
    refused("{from: 10ms, to: 80ms, steps: 4, scale: log}", "{from: 1ns, to: 2ns, steps: 5}", 22, 32,
            "the range gives the value 1ns twice; take fewer steps");
    refused("{from: 10ms, to: 80ms, steps: 4, scale: log}", "{from: 10ms, to: 80ms, steps: 1}", 22, 62,
            "'1' is out of range; steps is in 2..100000");
}

static void test_plots(void)
{
    refused("kind: cdf", "kind: cfd", 26, 12,
            "'cfd' is not a kind of plot; did you mean 'cdf'? (cdf, miss, histogram, line, heat, states, series)");
    refused("kind: cdf, ", "", 26, 5, "'kind' is missing; write one such as {kind: cdf, metric: setup}");
    refused("metric: setup", "metric: stup", 26, 25,
            "'stup' is not a metric, nor a count such as connections.failed.timeout; did you mean 'setup'? (setup, "
            "accept, "
            "response, transfer, teardown, close, lifetime)");
    refused("by: links.wan.both.loss.p}", "by: links.wan.both.los.p}", 26, 36,
            "'links.wan.both.los.p' is not a parameter of the sweep; did you mean "
            "'links.wan.both.loss.p'? (links.wan.both.loss.p, links.wan.both.delay.time, hosts.client.tcp.syn_retries, "
            "hosts.server.tcp.synack_retries)");
    refused("p99]", "p98]", 27, 36,
            "'p98' is not a statistic; did you mean 'p90'? (count, mean, sd, min, p50, p90, p99, p999, max)");
    refused(", x: links.wan.both.loss.p", "", 27, 5,
            "'x' is missing; a line plot needs a parameter of the sweep as its x axis");
    refused("kind: cdf, metric: setup", "kind: states", 26, 5,
            "a states plot is a picture of each point, with no curves to name; leave 'by' out");
}

static void test_expectations(void)
{
    write_changed("setup.p50 == 20ms", "setup.p50 is 20ms");
    CU_ASSERT_EQUAL(load("s.yaml"), STATUS_USAGE);
    CU_ASSERT_EQUAL(strncmp(said, "s.yaml:29:5: error: ", 20), 0);
    refused("- setup.p50 == 20ms", "setup.p50 == 20ms", 29, 3,
            "expect is a list; begin each statement with '- ', such as - setup.p50 == 20ms");
}

/* ---- Robustness -------------------------------------------------------------------------------------------------- */

/* The sound file cut off anywhere, and with any byte changed: an error or a scenario, never a crash or a leak. */
static void test_damaged_files(void)
{
    static const char bytes[] = "\n :{}[],&*#?|-<>=!%@`\"'\\\t0aZ.\x80";
    char text[TEXT];
    size_t n = strlen(sound), refusals = 0;
    uint32_t state = 1;
    for (size_t i = 0; i < n; i += 3) {
        write_file("s.yaml", sound, i);
        refusals += load("s.yaml") == STATUS_USAGE;
    }
    CU_ASSERT_TRUE(refusals > n / 6);
    for (size_t i = 0; i < 600; i++) {
        memcpy(text, sound, n);
        for (size_t k = 0; k <= i % 3; k++) {
            state = state * 1664525u + 1013904223u;
            text[(state >> 8) % n] = bytes[(state >> 20) % (sizeof bytes - 1)];
        }
        write_file("s.yaml", text, n);
        int status = load("s.yaml");
        CU_ASSERT_TRUE(status == STATUS_DONE ? !*said
                                             : status == STATUS_USAGE && strstr(said, "error: ") && strstr(said, "; "));
    }
}

static bool read_fixture(const char *name, char path[4096], char *text)
{
    const char *top = getenv("top_srcdir");
    char relative[4096];
    snprintf(relative, sizeof relative, "%.3900s/tests/fixtures/%s", top ? top : ".", name);
    if (!realpath(relative, path))
        return false;
    FILE *f = fopen(path, "r");
    if (f && text)
        text[fread(text, 1, TEXT - 1, f)] = '\0';
    return f && !fclose(f);
}

static void remove_files(void)
{
    static const char *const files[] = {"s.yaml", "fifo", "plugins/broken.so"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(files[i]);
    rmdir("plugins");
    rmdir(folder);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"a sound file is loaded in silence", test_a_sound_file},
        {"the name is the file's where none is given", test_name_of_the_file},
        {"file, sweep, --set in order, --seed", test_layers},
        {"common and independent seeds", test_independent_seeds},
        {"unknown keys", test_unknown_keys},
        {"wrong units (S19 d, e)", test_wrong_units},
        {"values out of range (S19 c)", test_values_out_of_range},
        {"duplicate keys (S19 a)", test_duplicate_keys},
        {"missing keys are reported at their parent", test_missing_keys},
        {"hosts, links, profiles and models that do not exist", test_names_that_do_not_exist},
        {"anchors, aliases, merge keys, tags, documents", test_extras_of_yaml},
        {"aliases cannot multiply", test_aliases_cannot_multiply},
        {"deep nesting", test_deep_nesting},
        {"text that is not YAML", test_no_yaml},
        {"unreadable and endless files", test_files_that_are_none},
        {"binary, empty and large files", test_binary_empty_and_large_files},
        {"the line and the caret", test_the_line_and_the_caret},
        {"--set", test_set_options},
        {"--set against the sweep", test_set_against_the_sweep},
        {"plugins that cannot be loaded", test_plugins_that_cannot_be_loaded},
        {"sweeps", test_sweeps},
        {"ranges of a sweep", test_ranges},
        {"plots", test_plots},
        {"expectations", test_expectations},
        {"damaged files", test_damaged_files},
        {NULL, NULL},
    };
    if (!read_fixture("sound.yaml", sound_path, sound) || !read_fixture("duplicate.yaml", duplicate_path, NULL)) {
        fprintf(stderr, "test_errors: error: tests/fixtures is not found; set top_srcdir to the source folder\n");
        return 2;
    }
    unsetenv("SYNFIN_PLUGIN_PATH");
    if (!mkdtemp(folder) || chdir(folder)) {
        perror("test_errors");
        return 2;
    }
    int status = suite_main(argc, argv, "test_errors", cases);
    remove_files();
    return status;
}
