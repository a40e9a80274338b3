/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"

#include <math.h>
#include <string.h>

#define CONNECTIONS(member) offsetof(struct synfin_connection_counts, member)
#define SEGMENTS(member) offsetof(struct synfin_segment_counts, member)
#define LINK(member) offsetof(struct synfin_link_counts, member)

const struct field connection_fields[] = {
    {"opened", CONNECTIONS(opened)},
    {"established", CONNECTIONS(established)},
    {"closed", CONNECTIONS(closed)},
    {"open", CONNECTIONS(open)},
    {"peak_concurrent", CONNECTIONS(peak_concurrent)},
    {0},
};

static const struct field failure_fields[] = {
    {"timeout", CONNECTIONS(failed[SYNFIN_TIMEOUT])},
    {"reset", CONNECTIONS(failed[SYNFIN_RESET])},
    {"refused", CONNECTIONS(failed[SYNFIN_REFUSED])},
    {"no_port", CONNECTIONS(failed[SYNFIN_NO_PORT])},
    {0},
};

static const struct field no_port_fields[] = {
    {"in_use", CONNECTIONS(no_port[SYNFIN_PORTS_IN_USE])},
    {"time_wait", CONNECTIONS(no_port[SYNFIN_PORTS_IN_TIME_WAIT])},
    {0},
};

static const struct field time_wait_fields[] = {
    {"overflow", CONNECTIONS(time_wait_overflow)},
    {0},
};

const struct field_group connection_groups[GROUPS + 1] = {
    [GROUP_FAILED] = {"failed", failure_fields},
    [GROUP_NO_PORT] = {"no_port_reasons", no_port_fields},
    [GROUP_TIME_WAIT] = {"time_wait", time_wait_fields},
};

const struct field segment_fields[] = {
    {"syn", SEGMENTS(kind[SYNFIN_KIND_SYN])},
    {"syn_ack", SEGMENTS(kind[SYNFIN_KIND_SYN_ACK])},
    {"ack", SEGMENTS(kind[SYNFIN_KIND_ACK])},
    {"data", SEGMENTS(kind[SYNFIN_KIND_DATA])},
    {"fin", SEGMENTS(kind[SYNFIN_KIND_FIN])},
    {"rst", SEGMENTS(kind[SYNFIN_KIND_RST])},
    {"lost", SEGMENTS(lost)},
    {"dropped", SEGMENTS(dropped)},
    {"duplicated", SEGMENTS(duplicated)},
    {"corrupted", SEGMENTS(corrupted)},
    {"reordered", SEGMENTS(reordered)},
    {0},
};

const struct field link_fields[] = {
    {"sent", LINK(sent)},
    {"lost", LINK(lost)},
    {"dropped", LINK(dropped)},
    {"duplicated", LINK(duplicated)},
    {"corrupted", LINK(corrupted)},
    {"reordered", LINK(reordered)},
    {"bytes", LINK(bytes)},
    {"max_queue", LINK(max_queue)},
    {0},
};

const char *const direction_names[2] = {"forward", "backward"};

const char *const summary_names[SUMMARIES] = {"count", "mean", "sd", "min", "p50", "p90", "p99", "p999", "max"};

uint64_t field_value(const struct field *f, const void *counts)
{
    uint64_t value;
    memcpy(&value, (const char *)counts + f->offset, sizeof value);
    return value;
}

const struct field *field_find(const struct field *table, const char *name)
{
    for (const struct field *f = table; f->name; f++) {
        if (strcmp(f->name, name) == 0)
            return f;
    }
    return NULL;
}

const struct field_group *group_find(const char *name)
{
    for (const struct field_group *g = connection_groups; g->name; g++) {
        if (strcmp(g->name, name) == 0)
            return g;
    }
    return NULL;
}

int summary_find(const char *name)
{
    for (int i = 0; i < SUMMARIES; i++) {
        if (strcmp(summary_names[i], name) == 0)
            return i;
    }
    return -1;
}

static double nanoseconds(const struct synfin_statistic *s, enum summary what)
{
    switch (what) {
    case SUMMARY_MEAN: return synfin_statistic_mean(s);
    case SUMMARY_SD: return synfin_statistic_sd(s);
    case SUMMARY_MIN: return (double)synfin_statistic_min(s);
    case SUMMARY_P50: return synfin_statistic_quantile(s, 0.5);
    case SUMMARY_P90: return synfin_statistic_quantile(s, 0.9);
    case SUMMARY_P99: return synfin_statistic_quantile(s, 0.99);
    case SUMMARY_P999: return synfin_statistic_quantile(s, 0.999);
    case SUMMARY_MAX: return (double)synfin_statistic_max(s);
    default: return 0;
    }
}

double summary_value(const struct synfin_statistic *s, enum summary what)
{
    uint64_t count = synfin_statistic_count(s);

    if (what == SUMMARY_COUNT)
        return (double)count;
    if (count == 0 || (what == SUMMARY_SD && count == 1))
        return NAN;
    return nanoseconds(s, what) / 1e6;
}
