/* SPDX-License-Identifier: BSD-2-Clause */
/* What `run` prints: one valid JSON object with keys in the order of the contract, and a table. */
#include "report.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "made_results.h"
#include "number.h"
#include "suite.h"

/* ---- A reader of JSON (RFC 8259) that says only whether it is sound ---------------------------------------------- */

static const char *value_end(const char *s);

static const char *blank(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

static const char *string_end(const char *s)
{
    if (*s != '"')
        return NULL;
    for (s++; *s != '"'; s++) {
        if ((unsigned char)*s < 0x20)
            return NULL;
        if (*s == '\\' && !strchr("\"\\/bfnrtu", *++s))
            return NULL;
    }
    return s + 1;
}

static const char *number_end(const char *s)
{
    if (*s == '-')
        s++;
    if (*s == '0' ? isdigit((unsigned char)s[1]) : !isdigit((unsigned char)*s))
        return NULL;
    char *end;
    strtod(s, &end);
    return end;
}

static const char *list_end(const char *s, char last)
{
    s = blank(s + 1);
    if (*s == last)
        return s + 1;
    for (;; s++) {
        if (last == '}') {
            s = string_end(blank(s));
            if (!s || *(s = blank(s)) != ':')
                return NULL;
            s++;
        }
        s = value_end(s);
        if (!s)
            return NULL;
        s = blank(s);
        if (*s == last)
            return s + 1;
        if (*s != ',')
            return NULL;
    }
}

static const char *value_end(const char *s)
{
    s = blank(s);
    for (const char *const *word = (const char *const[]){"true", "false", "null", NULL}; *word; word++) {
        if (strncmp(s, *word, strlen(*word)) == 0)
            return s + strlen(*word);
    }
    if (*s == '{' || *s == '[')
        return list_end(s, *s == '{' ? '}' : ']');
    return *s == '"' ? string_end(s) : number_end(s);
}

static bool sound_json(const char *text)
{
    const char *end = value_end(text);
    return end && *blank(end) == '\0';
}

/* ---- Printing ---------------------------------------------------------------------------------------------------- */

static char *printed(void (*print)(FILE *, const struct report *), const char *scenario)
{
    struct made_results m;
    struct expect e[2];
    char error[256], *text = NULL;
    size_t size;

    made_open(&m);
    CU_ASSERT_EQUAL_FATAL(expect_parse(&e[0], "setup.p50 == 20ms", error, sizeof error), 0);
    CU_ASSERT_EQUAL_FATAL(expect_parse(&e[1], "response.p50 < 1s", error, sizeof error), 0);
    struct report_verdict verdicts[] = {{&e[0], true, 20}, {&e[1], false, NAN}};
    struct report r = {.results = &m.results, .scenario = scenario, .seed = UINT64_MAX, .replication = 3,
                       .machine = {0.25, 3108, NAN, 12.5}, .verdicts = 2, .verdict = verdicts};
    FILE *f = open_memstream(&text, &size);
    print(f, &r);
    fclose(f);
    made_close(&m);
    expect_free(&e[0]);
    expect_free(&e[1]);
    return text;
}

static void test_json_is_sound(void)
{
    static const char *const names[] = {
        "plain", "quote \" back \\ slash", "tab\tnew\nline", "\xc3\xa9t\xc3\xa9", "\xff\xc3", "",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *text = printed(report_json, names[i]);
        CU_ASSERT_TRUE(sound_json(text));
        free(text);
    }
    char *text = printed(report_json, "a\"b\\c\n\xc3\xa9\xff");
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"scenario\":\"a\\\"b\\\\c\\u000a\xc3\xa9\\ufffd\""));
    free(text);
    CU_ASSERT_FALSE(sound_json("{\"a\":01}"));
    CU_ASSERT_FALSE(sound_json("{\"a\":nan}"));
    CU_ASSERT_FALSE(sound_json("{\"a\":1,}"));
}

/* The text without the blanks that only lay it out. */
static void squeeze(char *text)
{
    char *to = text;
    for (char *s = text; *s; s++) {
        if (*s == '\n')
            s += strspn(s + 1, " ");
        else
            *to++ = *s;
    }
    *to = '\0';
}

static void test_json_keys(void)
{
    static const char *const parts[] = {
        "{\"synfin\":\"" PACKAGE_VERSION "\",\"scenario\":\"name\",\"seed\":18446744073709551615,\"replication\":3,"
        "\"simulated_s\":12.3,",
        "\"connections\":{\"opened\":1000,\"established\":1001,\"closed\":1002,\"open\":1003,"
        "\"failed\":{\"timeout\":1004,\"reset\":1005,\"refused\":1006,\"no_port\":1007},\"peak_concurrent\":1008,"
        "\"no_port_reasons\":{\"in_use\":1009,\"time_wait\":1010},\"time_wait\":{\"overflow\":1011}},",
        "\"latency_ms\":{\"setup\":{\"count\":3,\"mean\":353.33366666666666,\"sd\":577.350846539895",
        ",\"min\":20,\"p50\":20,\"p90\":1020.001,\"p99\":1020.001,\"p999\":1020.001,\"max\":1020.001},",
        "\"accept\":{\"count\":1,\"mean\":30.000001,\"sd\":null,\"min\":30.000001,",
        "\"response\":{\"count\":0,\"mean\":null,\"sd\":null,\"min\":null,\"p50\":null,\"p90\":null,"
        "\"p99\":null,\"p999\":null,\"max\":null},\"transfer\":{",
        "\"teardown\":{",
        "\"close\":{",
        "\"lifetime\":{",
        "\"segments\":{\"forward\":{\"syn\":1102,\"syn_ack\":1101,\"ack\":1105,\"data\":1104,\"fin\":1103,\"rst\":1100,"
        "\"lost\":1106,\"dropped\":1107,\"duplicated\":1108,\"corrupted\":1109,\"reordered\":1110},"
        "\"backward\":{\"syn\":1113,",
        "\"workloads\":{\"churn\":{\"connections\":{\"opened\":2000,",
        "\"latency_ms\":{\"setup\":{\"count\":3,",
        "\"segments\":{\"forward\":{\"syn\":2102,",
        "\"bulk-2\":{\"connections\":{\"opened\":3000,",
        "\"links\":{\"wan\":{\"forward\":{\"sent\":4000,\"lost\":4001,\"dropped\":4002,\"duplicated\":4003,"
        "\"corrupted\":4004,\"reordered\":4005,\"bytes\":4006,\"max_queue\":4007},\"backward\":{\"sent\":4008,",
        "\"expect\":[{\"text\":\"setup.p50 == 20ms\",\"holds\":true,\"value\":20},"
        "{\"text\":\"response.p50 < 1s\",\"holds\":false,\"value\":null}],"
        "\"events\":777,\"wall_s\":0.25,\"events_per_s\":3108,\"connections_per_s\":null,\"peak_rss_mib\":12.5}",
    };
    char *text = printed(report_json, "name");
    const char *at = text;

    squeeze(text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *found = strstr(at, parts[i]);
        CU_ASSERT_PTR_NOT_NULL(found);
        if (!found)
            printf("not in its place: %s\n", parts[i]);
        at = found ? found + strlen(parts[i]) : at;
    }
    CU_ASSERT_STRING_EQUAL(at, "");
    free(text);
}

static void test_table(void)
{
    static const char *const parts[] = {
        "name: seed 18446744073709551615, replication 3, 12.3 s simulated\n", "opened 1,000", "timeout 1,004",
        "\nsetup ", " 3     353.334     577.351      20.000 ", "\nresponse ", " 0           -           - ",
        "\nlifetime ",
        "--- workload churn ---", "--- workload bulk-2 ---", "wan forward", "setup.p50 == 20ms", "holds",
        "response.p50 < 1s", "FAILS: it is not measured", "777 events in 0.250 s",
    };
    char *text = printed(report_table, "name");
    const char *at = text;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *found = strstr(at, parts[i]);
        CU_ASSERT_PTR_NOT_NULL(found);
        if (!found)
            printf("not in its place: %s\n", parts[i]);
        at = found ? found + strlen(parts[i]) : at;
    }
    free(text);
}

static void test_numbers(void)
{
    static const struct {
        double x;
        const char *text;
    } shortest[] = {
        {0, "0"},
        {20, "20"},
        {20.000001, "20.000001"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {1e300, "1e+300"},
        {-2.5, "-2.5"},
        {NAN, "null"},
        {INFINITY, "null"},
    };
    char text[NUMBER_SIZE];

    for (size_t i = 0; i < sizeof shortest / sizeof shortest[0]; i++)
        CU_ASSERT_STRING_EQUAL(number_shortest(text, shortest[i].x), shortest[i].text);
    CU_ASSERT_STRING_EQUAL(number_seconds(text, 0), "0");
    CU_ASSERT_STRING_EQUAL(number_seconds(text, 1), "0.000000001");
    CU_ASSERT_STRING_EQUAL(number_seconds(text, 120 * SYNFIN_S), "120");
    CU_ASSERT_STRING_EQUAL(number_seconds(text, 12300 * SYNFIN_MS), "12.3");
    CU_ASSERT_STRING_EQUAL(number_seconds(text, INT64_MAX), "9223372036.854775807");
    CU_ASSERT_STRING_EQUAL(number_grouped(text, 0), "0");
    CU_ASSERT_STRING_EQUAL(number_grouped(text, 999), "999");
    CU_ASSERT_STRING_EQUAL(number_grouped(text, 1000), "1,000");
    CU_ASSERT_STRING_EQUAL(number_grouped(text, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void test_machine(void)
{
    struct made_results m;
    struct report_machine machine;

    made_open(&m);
    report_machine(&machine, &m.results, 0.5);
    CU_ASSERT_EQUAL(report_machine_value(&machine, "wall_s"), 0.5);
    CU_ASSERT_EQUAL(report_machine_value(&machine, "events_per_s"), 1554);
    CU_ASSERT_EQUAL(report_machine_value(&machine, "connections_per_s"), 2000);
    CU_ASSERT(report_machine_value(&machine, "peak_rss_mib") > 0);
    report_machine(&machine, &m.results, 0);
    CU_ASSERT_TRUE(isnan(report_machine_value(&machine, "events_per_s")));
    made_close(&m);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"JSON is sound whatever the scenario is called", test_json_is_sound},
        {"JSON has the keys of the contract in order", test_json_keys},
        {"the table has a row for each metric", test_table},
        {"numbers read back as they were", test_numbers},
        {"what the run cost", test_machine},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "report", cases);
}
