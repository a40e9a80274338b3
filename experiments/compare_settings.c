/* SPDX-License-Identifier: BSD-2-Clause */
/* What else tells the sides of a comparison apart: settings that are not swept and differ. */
#include "compare.h"

#include <string.h>

enum { TOLD = 8 };

/* The settings of one side in the order of their paths; the statement is at one of them, or at the end. */
struct cursor {
    struct results *results;
    sqlite3_stmt *statement;
    bool there;
};

/* 0 or -1. */
static int advance(struct cursor *c)
{
    int code = sqlite3_step(c->statement);
    c->there = code == SQLITE_ROW;
    return c->there || code == SQLITE_DONE ? 0 : results_failed(c->results);
}

static int begin(struct cursor *c, struct results *results)
{
    c->results = results;
    c->statement = results_prepare(results, "SELECT path, text FROM settings WHERE path NOT IN (SELECT path FROM"
                                            " parameters) ORDER BY path");
    return c->statement ? advance(c) : -1;
}

static void tell(unsigned number, const char *path, const char *in_a, const char *in_b)
{
    if (number > TOLD)
        return;
    fprintf(stderr, "A and B differ in %s: %s in A, %s in B\n", path, in_a ? in_a : "not set", in_b ? in_b : "not set");
}

/* Which side's path comes first: below 0 A's, above 0 B's. */
static int order(const struct cursor c[2])
{
    if (!c[0].there || !c[1].there)
        return c[0].there ? -1 : 1;
    return strcmp(results_text(c[0].statement, 0), results_text(c[1].statement, 0));
}

/* One path: of either side or of both, which then advance. */
static int compare_one(struct cursor c[2], unsigned *number)
{
    int first = order(c);
    bool has[2] = {first <= 0, first >= 0};
    const char *text[2];
    for (int k = 0; k < 2; k++)
        text[k] = has[k] ? results_text(c[k].statement, 1) : NULL;
    if (!text[0] || !text[1] || strcmp(text[0], text[1]) != 0)
        tell(++*number, results_text(c[has[0] ? 0 : 1].statement, 0), text[0], text[1]);
    for (int k = 0; k < 2; k++) {
        if (has[k] && advance(&c[k]) != 0)
            return -1;
    }
    return 0;
}

int compare_settings(struct compare *c)
{
    struct cursor side[2] = {{0}};
    unsigned number = 0;
    int bad = 0;
    for (int k = 0; k < 2 && !bad; k++)
        bad = begin(&side[k], &c->side[k].results);
    while (!bad && (side[0].there || side[1].there))
        bad = compare_one(side, &number);
    if (!bad && number > TOLD)
        fprintf(stderr, "... and in %u more settings\n", number - TOLD);
    for (int k = 0; k < 2; k++)
        sqlite3_finalize(side[k].statement);
    return bad ? -1 : 0;
}
