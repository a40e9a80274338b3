/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timelines FILE.json [CASE...]: plays recorded timelines of a live kernel and says which agree. Exit status 0: all.
 *
 * When the kernel's jiffies began to count is not recorded, and decides where each timer's slot of the wheel ends: a
 * case agrees if it does so for one of the phases that a slot of level 3 can have (2048 ms in steps of 1 ms).
 */
#include "timelines.h"

#include <stdio.h>
#include <string.h>

enum { PHASES = 2048, PHASE_BITS = 11 };

/* Neighbours last, so that a phase that is nearly right is found soon. */
static unsigned spread(unsigned n)
{
    unsigned reversed = 0;
    for (unsigned bit = 0; bit < PHASE_BITS; bit++)
        reversed |= (n >> bit & 1) << (PHASE_BITS - 1 - bit);
    return reversed;
}

/* What the low 6 bits of the clock of timestamps are at the start, found from a SYN+ACK whose own are options, and the
   first segment after it. `syn`: the former's; true once the latter is there. */
static bool low_bits(const struct timeline_segment *s, double ms, uint32_t *syn, uint32_t *bits)
{
    if (!(s->options & TIMELINE_TIMESTAMPS) || (s->flags & SYNFIN_RST))
        return false;
    if (s->flags & SYNFIN_SYN) {
        *syn = s->tsval;
        return false;
    }
    *bits = (s->tsval - *syn - (uint32_t)(ms + 0.5)) & 63;
    return true;
}

/*
 * SYN cookies keep options in the low 6 bits of a timestamp, so a round trip that is measured with it depends on what
 * these are: the case is played from the instant on at which our clock's bits are as the kernel's were.
 */
static synfin_time origin_of(const struct timeline *t)
{
    struct timeline_play play;
    uint32_t recorded = 0, played = 0, syn[TIMELINE_PORTS] = {0};
    size_t i = 0, k = 0;
    unsigned connection = 0;
    timeline_play(t, 0, 0, &play);
    for (; i < t->events; i++) {
        const struct timeline_event *e = &t->event[i];
        connection = timeline_connection(t, e);
        if (e->kind == TIMELINE_OUT && low_bits(&e->segment, e->ms, &syn[connection], &recorded))
            break;
    }
    for (; k < play.acts; k++) {
        const struct timeline_act *act = &play.act[k];
        if (act->kind == TIMELINE_OUT && act->connection == connection &&
            low_bits(&act->segment, (double)act->at / 1e6, &syn[connection], &played))
            break;
    }
    synfin_time origin = i < t->events && k < play.acts ? ((recorded - played) & 63) * SYNFIN_MS : 0;
    timeline_play_free(&play);
    return origin;
}

enum verdict { AGREES, DIFFERS, CANNOT_BE_PLAYED };

/* Where it differs, the difference that comes latest, of all phases; where it cannot be played, `recorded` says why. */
static enum verdict judge(const struct timeline *t, char recorded[TIMELINE_TEXT], char played[TIMELINE_TEXT])
{
    size_t best = 0;
    snprintf(recorded, TIMELINE_TEXT, "%s", t->error);
    if (t->error[0])
        return CANNOT_BE_PLAYED;
    synfin_time origin = origin_of(t);
    for (unsigned n = 0; n < PHASES; n++) {
        struct timeline_play play;
        char one[TIMELINE_TEXT] = "", other[TIMELINE_TEXT] = "";
        timeline_play(t, origin, spread(n) * SYNFIN_MS, &play);
        size_t at = play.error[0] ? 0 : timeline_compare(t, &play, one, other);
        bool error = play.error[0] != '\0';
        if (error)
            snprintf(recorded, TIMELINE_TEXT, "%s", play.error);
        timeline_play_free(&play);
        if (error)
            return CANNOT_BE_PLAYED;
        if (at == SIZE_MAX)
            return AGREES;
        if (n == 0 || at > best) {
            best = at;
            memcpy(recorded, one, TIMELINE_TEXT);
            memcpy(played, other, TIMELINE_TEXT);
        }
    }
    return DIFFERS;
}

static bool is_wanted(const struct timeline *t, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(t->name, argv[i]) == 0)
            return true;
    }
    return argc <= 2;
}

static bool all_known(const struct timeline *all, int n, int argc, char **argv)
{
    bool known = true;
    for (int i = 2; i < argc; i++) {
        bool found = false;
        for (int k = 0; k < n; k++)
            found = found || strcmp(all[k].name, argv[i]) == 0;
        if (!found)
            fprintf(stderr, "%s: has no case %s\n", argv[1], argv[i]);
        known = known && found;
    }
    return known;
}

int main(int argc, char **argv)
{
    struct timeline *all;
    if (argc < 2) {
        fprintf(stderr, "usage: timelines FILE.json [CASE...]\n");
        return 2;
    }
    int n = timeline_read(argv[1], &all), agree = 0, differ = 0;
    if (n < 0)
        return 2;
    if (!all_known(all, n, argc, argv)) {
        timeline_free(all, (size_t)n);
        return 2;
    }
    for (int i = 0; i < n; i++) {
        char recorded[TIMELINE_TEXT] = "", played[TIMELINE_TEXT] = "";
        if (!is_wanted(&all[i], argc, argv))
            continue;
        enum verdict verdict = judge(&all[i], recorded, played);
        *(verdict == AGREES ? &agree : &differ) += 1;
        if (verdict == AGREES)
            printf("%s: agrees\n", all[i].name);
        else if (verdict == DIFFERS)
            printf("%s: differs: recorded %s | played %s\n", all[i].name, recorded, played);
        else
            printf("%s: cannot be played: %s\n", all[i].name, recorded);
        fflush(stdout);
    }
    printf("%d agree, %d differ\n", agree, differ);
    timeline_free(all, (size_t)n);
    return differ == 0 && agree > 0 ? 0 : 1;
}
