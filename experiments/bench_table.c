/* SPDX-License-Identifier: BSD-2-Clause */
/* What was measured, as a table or as JSON, and whether it is within the limits. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "bench.h"
#include "number.h"

static const char *const units[] = {
    [BENCH_LIFECYCLE] = "lifecycle", [BENCH_EVENT] = "event", [BENCH_SEGMENT] = "segment"};

static double unit_ns(const struct bench_result *b)
{
    return b->c->unit == BENCH_EVENT ? b->event : b->c->unit == BENCH_SEGMENT ? b->segment : b->lifecycle;
}

double bench_ratio(const struct bench_result *b)
{
    return unit_ns(b) / (b->c->with_r ? b->p + b->r : b->p);
}

/* ---- Table ------------------------------------------------------------------------------------------------------- */

void bench_print_heading(FILE *f)
{
    fprintf(f, "%-17s %11s %12s %12s %10s %-9s %10s %6s %6s %8s %-6s %7s %7s %7s\n", "case", "connections",
            "lifecycles/s", "events/s", "ns", "a", "bytes/open", "P ns", "R ns", "ratio", "to", "at most", "/churn",
            "at most");
}

/* `-` where there is none. */
static void print_number(FILE *f, int width, int decimals, double x)
{
    if (isnan(x))
        fprintf(f, " %*s", width, "-");
    else
        fprintf(f, " %*.*f", width, decimals, x);
}

static double or_none(double limit)
{
    return limit > 0 ? limit : NAN;
}

void bench_print_row(FILE *f, const struct bench_result *b)
{
    fprintf(f, "%-17s %11" PRIu64, b->c->name, b->connections);
    print_number(f, 12, 0, 1e9 / b->lifecycle);
    print_number(f, 12, 0, 1e9 / b->event);
    print_number(f, 10, 1, unit_ns(b));
    fprintf(f, " %-9s", units[b->c->unit]);
    print_number(f, 10, 1, b->bytes);
    fprintf(f, " %6.2f %6.1f", b->p, b->r);
    print_number(f, 8, 1, bench_ratio(b));
    fprintf(f, " %-6s", b->c->with_r ? "P+R" : "P");
    print_number(f, 7, 0, or_none(b->c->limit));
    print_number(f, 7, 2, b->churn);
    print_number(f, 7, 0, or_none(b->c->churn_limit));
    fputc('\n', f);
    fflush(f);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* ,"name":value with six digits; null where it was not measured. */
static void put(FILE *f, const char *name, double x)
{
    if (isfinite(x))
        fprintf(f, ",\"%s\":%.6g", name, x);
    else
        fprintf(f, ",\"%s\":null", name);
}

static void print_case(FILE *f, const struct bench_result *b)
{
    fprintf(f, "{\"case\":\"%s\",\"size\":%" PRIu64 ",\"connections\":%" PRIu64 ",\"runs\":%d", b->c->name, b->size,
            b->connections, BENCH_RUNS);
    put(f, "lifecycles_per_s", 1e9 / b->lifecycle);
    put(f, "ns_per_lifecycle", b->lifecycle);
    put(f, "events_per_s", 1e9 / b->event);
    put(f, "ns_per_event", b->event);
    put(f, "ns_per_segment", b->segment);
    put(f, "bytes_per_open_connection", b->bytes);
    put(f, "p_ns", b->p);
    put(f, "r_ns", b->r);
    fprintf(f, ",\"unit\":\"%s\",\"reference\":\"%s\"", units[b->c->unit], b->c->with_r ? "P+R" : "P");
    put(f, "ratio", bench_ratio(b));
    put(f, "ratio_limit", or_none(b->c->limit));
    put(f, "lifecycle_over_churn", b->churn);
    put(f, "lifecycle_over_churn_limit", or_none(b->c->churn_limit));
    put(f, "bytes_limit", or_none(b->c->bytes_limit));
    fputc('}', f);
}

void bench_print_json(FILE *f, const struct bench_result *b, size_t n)
{
    fprintf(f, "{\"synfin\":\"%s\",\"cases\":[", PACKAGE_VERSION);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ",\n " : "\n ", f);
        print_case(f, &b[i]);
    }
    fputs("\n]}\n", f);
}

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

/* A value that was not measured is within every limit. */
static bool within(const struct bench_result *b, const char *what, double value, double limit, FILE *complaints)
{
    if (!(limit > 0 && value > BENCH_TOLERANCE * limit))
        return true;
    fprintf(complaints, "synfin bench %s: %.*g %s; at most %.0f, a quarter more is let pass\n", b->c->name,
            value < 1000 ? 3 : 6, value, what, limit);
    return false;
}

bool bench_within_limits(const struct bench_result *b, FILE *complaints)
{
    char what[64];

    snprintf(what, sizeof what, "%s a %s", b->c->with_r ? "(P + R)" : "P", units[b->c->unit]);
    bool ratio = within(b, what, bench_ratio(b), b->c->limit, complaints);
    bool churn = within(b, "times churn's time a lifecycle", b->churn, b->c->churn_limit, complaints);
    bool memory = within(b, "bytes per open connection", b->bytes, b->c->bytes_limit, complaints);
    return ratio && churn && memory;
}
