/* SPDX-License-Identifier: BSD-2-Clause */
/* Quantities, settings in layers, names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "setting.h"
#include "suite.h"

static char error[256];

static synfin_time duration(const char *text)
{
    synfin_time t = -1;
    error[0] = '\0';
    return setting_duration(text, &t, error, sizeof error) ? -1 : t;
}

static synfin_probability probability(const char *text)
{
    synfin_probability p;
    error[0] = '\0';
    return setting_probability(text, &p, error, sizeof error) ? UINT64_MAX : p;
}

static uint64_t size_of(const char *text)
{
    uint64_t v;
    return setting_size(text, &v, error, sizeof error) ? UINT64_MAX : v;
}

static uint64_t rate(const char *text)
{
    uint64_t v;
    return setting_rate(text, &v, error, sizeof error) ? UINT64_MAX : v;
}

static double frequency(const char *text)
{
    double v;
    return setting_frequency(text, &v, error, sizeof error) ? -1 : v;
}

static bool is_count(const char *text, uint64_t expected)
{
    uint64_t v;
    return !setting_count(text, &v, error, sizeof error) && v == expected;
}

static bool no_count(const char *text)
{
    uint64_t v;
    return setting_count(text, &v, error, sizeof error) == -1;
}

static void test_durations(void)
{
    CU_ASSERT_EQUAL(duration("1ns"), 1);
    CU_ASSERT_EQUAL(duration("10us"), 10000);
    CU_ASSERT_EQUAL(duration("10ms"), 10000000);
    CU_ASSERT_EQUAL(duration("1.5s"), 1500000000);
    CU_ASSERT_EQUAL(duration("2min"), 120000000000);
    CU_ASSERT_EQUAL(duration("1h"), 3600000000000);
    CU_ASSERT_EQUAL(duration("1e-3s"), 1000000);
    CU_ASSERT_EQUAL(duration("1.50E+1ms"), 15000000);
    CU_ASSERT_EQUAL(duration("0.000000001s"), 1);
    CU_ASSERT_EQUAL(duration("0.1h"), 360000000000);
    CU_ASSERT_EQUAL(duration("0"), 0);
    CU_ASSERT_EQUAL(duration("0ms"), 0);
    CU_ASSERT_EQUAL(duration("-0"), 0);
    CU_ASSERT_EQUAL(duration("9223372036854775806ns"), INT64_MAX - 1);
}

static void test_durations_that_are_none(void)
{
    static const char *const wrong[] = {
        "",
        "ms",
        "10",
        "10 ms",
        "10sec",
        "10MS",
        "10Mbit/s",
        "1_000ms",
        "0x10ms",
        "010ms",
        "10ms ",
        " 10ms",
        "+10ms",
        ".5s",
        "5.s",
        "1e",
        "1e400s",
        "inf",
        "nan",
        "-5ms",
        "0.5ns",
        "1e-10s",
        "9223372036854775807ns",
        "10ms10",
        "1,5s",
        "100000000000000000000000000000000000000000000000000s",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CU_ASSERT_EQUAL(duration(wrong[i]), -1);
        CU_ASSERT_PTR_NOT_NULL(strstr(error, "; ")); /* what was wrong; what would be right */
    }
    duration("10");
    CU_ASSERT_STRING_EQUAL(error, "a unit is missing in '10'; write a duration such as 10ms (ns, us, ms, s, min, h)");
    duration("10 ms");
    CU_ASSERT_STRING_EQUAL(error, "'10 ms' has a space; write the unit directly behind the number, such as 10ms");
    duration("10sec");
    CU_ASSERT_STRING_EQUAL(error, "'sec' in '10sec' is not a unit of a duration; write one such as 10ms (ns, us, ms, "
                                  "s, min, h)");
    duration("-5ms");
    CU_ASSERT_STRING_EQUAL(error, "'-5ms' is out of range; a duration is not negative");
    duration("0.5ns");
    CU_ASSERT_STRING_EQUAL(error, "'0.5ns' is not a whole number of ns; write fewer digits");
}

/* However it is written, it is the same number of 2^-63. */
static void test_probabilities_are_decimal(void)
{
    CU_ASSERT_EQUAL(probability("0"), 0);
    CU_ASSERT_EQUAL(probability("0%"), 0);
    CU_ASSERT_EQUAL(probability("1"), SYNFIN_CERTAIN);
    CU_ASSERT_EQUAL(probability("100%"), SYNFIN_CERTAIN);
    CU_ASSERT_EQUAL(probability("1.000"), SYNFIN_CERTAIN);
    CU_ASSERT_EQUAL(probability("50%"), SYNFIN_CERTAIN / 2);
    CU_ASSERT_EQUAL(probability("0.25"), SYNFIN_CERTAIN / 4);
    CU_ASSERT_EQUAL(probability("0.05"), UINT64_C(461168601842738790)); /* 2^63 / 20 = 461168601842738790.4 */
    static const char *const same[] = {
        "5%", "5.0e-2", "0.050", "5.0%", "500e-2%", "0.005e1", "0.0500000000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        CU_ASSERT_EQUAL(probability(same[i]), probability("0.05"));
    CU_ASSERT_EQUAL(probability("1e-300"), 0);
    CU_ASSERT_EQUAL(probability("0.99999999999999999999999999999999999999"), SYNFIN_CERTAIN);
    CU_ASSERT_EQUAL(probability("0.3333333333333333333333333333333333333"),
                    UINT64_C(3074457345618258603)); /* 2^63 / 3, rounded */
    CU_ASSERT_EQUAL(probability("1e-19"), 1);       /* 0.92 x 2^-63 */
}

static void test_probabilities_that_are_none(void)
{
    static const char *const out[] = {"5", "105%", "-1%", "1.0000001", "-0.5", "1e3", "100.1%"};
    static const char *const wrong[] = {"", "10/100", "5 %", "5%%", "0x1", "0.5p", "%", "05%", "1_0%", "five"};
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        CU_ASSERT_EQUAL(probability(out[i]), UINT64_MAX);
        CU_ASSERT_PTR_NOT_NULL(strstr(error, "is out of range; a probability is in 0..1, or 0%..100%"));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CU_ASSERT_EQUAL(probability(wrong[i]), UINT64_MAX);
        CU_ASSERT_PTR_NULL(strstr(error, "out of range"));
    }
}

static void test_sizes_and_rates(void)
{
    CU_ASSERT_EQUAL(size_of("1460B"), 1460);
    CU_ASSERT_EQUAL(size_of("64KiB"), 65536);
    CU_ASSERT_EQUAL(size_of("64KB"), 64000);
    CU_ASSERT_EQUAL(size_of("1.5MiB"), 1572864);
    CU_ASSERT_EQUAL(size_of("10GB"), UINT64_C(10000000000));
    CU_ASSERT_EQUAL(size_of("1GiB"), 1u << 30);
    CU_ASSERT_EQUAL(size_of("0"), 0);
    CU_ASSERT_EQUAL(size_of("1460"), UINT64_MAX);
    CU_ASSERT_EQUAL(size_of("0.5B"), UINT64_MAX);
    CU_ASSERT_EQUAL(size_of("1kB"), UINT64_MAX);
    CU_ASSERT_EQUAL(rate("10Mbit/s"), 10000000);
    CU_ASSERT_EQUAL(rate("0.5kbit/s"), 500);
    CU_ASSERT_EQUAL(rate("1Gbit/s"), 1000000000);
    CU_ASSERT_EQUAL(rate("7bit/s"), 7);
    CU_ASSERT_EQUAL(rate("10Mbps"), UINT64_MAX);
    CU_ASSERT_EQUAL(rate("10MB/s"), UINT64_MAX);
}

static void test_frequencies(void)
{
    CU_ASSERT_EQUAL(frequency("10000/s"), 10000.0);
    CU_ASSERT_EQUAL(frequency("0.1/s"), 0.1); /* correctly rounded */
    CU_ASSERT_EQUAL(frequency("1e-3/s"), 0.001);
    CU_ASSERT_EQUAL(frequency("123456789.123456789/s"), 123456789.123456789);
    CU_ASSERT_EQUAL(frequency("0"), 0.0);
    CU_ASSERT_EQUAL(frequency("10000"), -1);
    CU_ASSERT_EQUAL(frequency("5/min"), -1);
    CU_ASSERT_EQUAL(frequency("1e400/s"), -1);
}

static void test_counts(void)
{
    CU_ASSERT_TRUE(is_count("0", 0));
    CU_ASSERT_TRUE(is_count("100000", 100000));
    CU_ASSERT_TRUE(is_count("18446744073709551615", UINT64_MAX));
    static const char *const wrong[] = {
        "", "1e3", "1.0", "0x10", "0o17", "017", "1_000", "-1", "+1", "1 ", "18446744073709551616", "ten"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CU_ASSERT_TRUE(no_count(wrong[i]));
}

static void test_limits(void)
{
    struct synfin_limit l;
    CU_ASSERT_FALSE(setting_limit("1000", &l, error, sizeof error));
    CU_ASSERT_TRUE(l.packets == 1000 && l.bytes == 0);
    CU_ASSERT_FALSE(setting_limit("64KiB", &l, error, sizeof error));
    CU_ASSERT_TRUE(l.packets == 0 && l.bytes == 65536);
    CU_ASSERT_TRUE(setting_limit("0", &l, error, sizeof error));
    CU_ASSERT_TRUE(setting_limit("1.5", &l, error, sizeof error));
}

static void test_segment_lists(void)
{
    struct synfin_segment_list l;
    CU_ASSERT_FALSE(setting_segments("[syn_ack:1, any:3]", &l, error, sizeof error));
    CU_ASSERT_EQUAL(l.count, 2);
    CU_ASSERT_TRUE(l.item[0].kind == SYNFIN_KIND_SYN_ACK && l.item[0].number == 1);
    CU_ASSERT_TRUE(l.item[1].kind == SYNFIN_KIND_ANY && l.item[1].number == 3);
    CU_ASSERT_FALSE(setting_segments("fin:2", &l, error, sizeof error));
    CU_ASSERT_TRUE(l.count == 1 && l.item[0].kind == SYNFIN_KIND_FIN && l.item[0].number == 2);
    CU_ASSERT_FALSE(setting_segments("[]", &l, error, sizeof error));
    CU_ASSERT_EQUAL(l.count, 0);
    static const char *const wrong[] = {"[syn]",     "[syn:0]", "[sin:1]", "[syn:1",       "[syn:1,,ack:1]",
                                        "[[syn:1]]", "syn:x",   "",        "[syn:1 ack:2]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CU_ASSERT_EQUAL(setting_segments(wrong[i], &l, error, sizeof error), -1);
}

/* ---- Configurations ---------------------------------------------------------------------------------------------- */

struct sample {
    uint64_t count;
    synfin_time time;
    synfin_probability p;
    bool on;
    int word;
    char *text, *file;
    struct synfin_limit limit;
};

static const struct synfin_param sample[] = {
    {"count", SYNFIN_COUNT, "3", "1..10", "", offsetof(struct sample, count)},
    {"time", SYNFIN_DURATION, "1s", "1ms..1h", "", offsetof(struct sample, time)},
    {"p", SYNFIN_PROBABILITY, "0", "0..50%", "", offsetof(struct sample, p)},
    {"on", SYNFIN_SWITCH, "false", NULL, "", offsetof(struct sample, on)},
    {"word", SYNFIN_CHOICE, "one", "one|two|three", "", offsetof(struct sample, word)},
    {"text", SYNFIN_TEXT, "", NULL, "", offsetof(struct sample, text)},
    {"file", SYNFIN_FILE, "", NULL, "", offsetof(struct sample, file)},
    {"limit", SYNFIN_LIMIT, "1000", NULL, "", offsetof(struct sample, limit)},
    {0},
};

static int fill(struct sample *s, const char *name, const char *text)
{
    error[0] = '\0';
    return setting_fill(s, &sample[setting_row(sample, name)], text, "folder", error, sizeof error);
}

static void test_filling(void)
{
    struct sample s = {0};
    CU_ASSERT_FALSE(fill(&s, "count", "10") || fill(&s, "time", "1ms") || fill(&s, "p", "0.5") ||
                    fill(&s, "on", "true") || fill(&s, "word", "three") || fill(&s, "text", "a") ||
                    fill(&s, "text", "b") || fill(&s, "limit", "2KiB"));
    CU_ASSERT_TRUE(s.count == 10 && s.time == SYNFIN_MS && s.p == SYNFIN_CERTAIN / 2 && s.on && s.word == 2 &&
                   s.limit.bytes == 2048);
    CU_ASSERT_STRING_EQUAL(s.text, "b");
    CU_ASSERT_FALSE(fill(&s, "file", "delays.txt"));
    CU_ASSERT_STRING_EQUAL(s.file, "folder/delays.txt");
    CU_ASSERT_FALSE(fill(&s, "file", "/delays.txt"));
    CU_ASSERT_STRING_EQUAL(s.file, "/delays.txt");
    setting_release(&s, sample);
    CU_ASSERT_PTR_NULL(s.text);
}

static void test_ranges(void)
{
    struct sample s = {0};
    CU_ASSERT_TRUE(fill(&s, "count", "11"));
    CU_ASSERT_STRING_EQUAL(error, "'11' is out of range; count is in 1..10");
    CU_ASSERT_TRUE(fill(&s, "count", "0") && fill(&s, "time", "999us") && fill(&s, "time", "61min") &&
                   fill(&s, "p", "51%"));
    CU_ASSERT_TRUE(fill(&s, "word", "four") && fill(&s, "word", "") && fill(&s, "word", "one|two") &&
                   fill(&s, "on", "yes"));
    CU_ASSERT_FALSE(fill(&s, "time", "60min"));
    CU_ASSERT_EQUAL(s.time, 3600 * SYNFIN_S);
}

/* What is shown reads back as the same. */
static void test_showing(void)
{
    static const struct {
        const char *name, *text, *shown;
    } rows[] = {
        {"count", "7", "7"},         {"time", "60s", "60s"}, {"time", "1500ms", "1500ms"}, {"time", "1h", "1h"},
        {"time", "1.5us", "1500ns"}, {"p", "5%", "5%"},      {"p", "0.001", "0.1%"},       {"on", "true", "true"},
        {"word", "two", "two"},      {"text", "a b", "a b"}, {"limit", "12", "12"},        {"limit", "64KiB", "64KiB"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sample s = {0};
        char text[64];
        const struct synfin_param *row = &sample[setting_row(sample, rows[i].name)];
        CU_ASSERT_FALSE(setting_fill_default(&s, row, rows[i].text, error, sizeof error));
        setting_show(&s, row, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, rows[i].shown);
        setting_release(&s, sample);
    }
}

/* ---- Layers ------------------------------------------------------------------------------------------------------ */

static int set(struct synfin_settings *s, const char *path, const char *text)
{
    struct synfin_error e;
    return synfin_settings_set(s, path, text, 1, &e);
}

static void test_a_path_stands_once_in_a_layer(void)
{
    struct synfin_settings *s = synfin_settings_new();
    CU_ASSERT_FALSE(set(s, "links.w.forward.loss.p", "1%"));
    CU_ASSERT_TRUE(set(s, "links.w.forward.loss.p", "1%"));
    CU_ASSERT_TRUE(set(s, "links.w.forward.loss.0.p", "1%")); /* the same model's */
    CU_ASSERT_FALSE(set(s, "links.w.forward.loss.1.p", "1%"));
    synfin_settings_layer(s);
    CU_ASSERT_FALSE(set(s, "links.w.forward.loss.p", "2%"));
    CU_ASSERT_STRING_EQUAL(synfin_settings_get(s, "links.w.forward.loss.p"), "2%");
    struct synfin_settings *copy = synfin_settings_copy(s);
    CU_ASSERT_TRUE(set(copy, "links.w.forward.loss.p", "3%"));
    CU_ASSERT_FALSE(set(copy, "links.w.forward.delay.time", "3ms"));
    CU_ASSERT_PTR_NULL(synfin_settings_get(s, "links.w.forward.delay.time"));
    synfin_settings_free(copy);
    synfin_settings_free(s);
}

static void test_both_and_later_layers(void)
{
    struct synfin_settings *s = synfin_settings_new();
    set(s, "links.w.forward.loss.p", "1%");
    set(s, "links.w.both.loss.p", "2%");
    CU_ASSERT_STRING_EQUAL(synfin_settings_get(s, "links.w.forward.loss.p"), "1%"); /* its own wins */
    CU_ASSERT_STRING_EQUAL(synfin_settings_get(s, "links.w.backward.loss.p"), "2%");
    synfin_settings_layer(s);
    set(s, "links.w.both.loss.p", "3%");
    CU_ASSERT_STRING_EQUAL(synfin_settings_get(s, "links.w.forward.loss.p"), "3%"); /* the later layer wins */
    synfin_settings_layer(s);
    set(s, "links.w.both.loss.model", "periodic");
    CU_ASSERT_PTR_NULL(synfin_settings_get(s, "links.w.forward.loss.p")); /* replaced as a whole */
    synfin_settings_free(s);
}

static void test_syntax_of_paths(void)
{
    struct synfin_settings *s = synfin_settings_new();
    char longest[300];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CU_ASSERT_TRUE(set(s, "", "1") && set(s, ".", "1") && set(s, "a.", "1") && set(s, "a..b", "1") &&
                   set(s, "a b", "1") && set(s, "a.b/c", "1") && set(s, longest, "1"));
    longest[255] = '\0';
    CU_ASSERT_FALSE(set(s, longest, "1"));
    synfin_settings_free(s);
}

static void test_names_that_were_meant(void)
{
    static const char *const names[] = {"client", "server", "gilbert-elliott"};
    setting_unknown(error, sizeof error, "a host", "cleint", names, 3);
    CU_ASSERT_STRING_EQUAL(error, "'cleint' is not a host; did you mean 'client'? (client, server, gilbert-elliott)");
    setting_unknown(error, sizeof error, "a host", "gilbert", names, 3);
    CU_ASSERT_STRING_EQUAL(error, "'gilbert' is not a host; did you mean 'gilbert-elliott'? (client, server, "
                                  "gilbert-elliott)");
    setting_unknown(error, sizeof error, "a host", "router", names, 2);
    CU_ASSERT_STRING_EQUAL(error, "'router' is not a host; choose from client, server");
    setting_unknown(error, sizeof error, "a host", "router", names, 0);
    CU_ASSERT_STRING_EQUAL(error, "'router' is not a host; there are none");
    CU_ASSERT_TRUE(setting_name_valid("_a-1") && setting_name_valid("Z"));
    CU_ASSERT_FALSE(setting_name_valid("") || setting_name_valid("1a") || setting_name_valid("-a") ||
                    setting_name_valid("a.b"));
}

static void test_table_of_names(void)
{
    struct setting_table t = {0, 0, NULL};
    static char name[1000][8];
    size_t value;
    bool right = true;
    for (size_t i = 0; i < 1000; i++) {
        snprintf(name[i], sizeof name[i], "n%zu", i);
        right = right && !setting_table_find(&t, name[i], &value) && !setting_table_add(&t, name[i], i);
    }
    for (size_t i = 0; i < 1000; i++)
        right = right && setting_table_find(&t, name[i], &value) && value == i;
    CU_ASSERT_TRUE(right);
    setting_table_clear(&t);
    CU_ASSERT_FALSE(setting_table_find(&t, name[0], &value));
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"durations are exact whole ns", test_durations},
        {"durations that are none, and what the error says", test_durations_that_are_none},
        {"probabilities are decimal: 5%, 0.05, 5.0e-2 are the same bits (S19 b)", test_probabilities_are_decimal},
        {"probabilities that are none or out of range (S19 c, d)", test_probabilities_that_are_none},
        {"sizes and rates", test_sizes_and_rates},
        {"frequencies", test_frequencies},
        {"counts are plain whole numbers", test_counts},
        {"limits in packets or bytes", test_limits},
        {"lists of segments", test_segment_lists},
        {"text fills a configuration", test_filling},
        {"values out of range", test_ranges},
        {"values shown read back", test_showing},
        {"a path stands once in a layer", test_a_path_stands_once_in_a_layer},
        {"a direction's own wins over both, a later layer over an earlier", test_both_and_later_layers},
        {"syntax of paths", test_syntax_of_paths},
        {"names that were meant", test_names_that_were_meant},
        {"table of names", test_table_of_names},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_settings", cases);
}
