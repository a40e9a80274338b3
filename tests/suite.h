/* SPDX-License-Identifier: BSD-2-Clause */
/* One CUnit suite per program: `main` is suite_main over a table of cases. */
#ifndef SYNFIN_SUITE_H
#define SYNFIN_SUITE_H

#include <CUnit/CUnit.h>

struct suite_case {
    const char *name; /* words, with the RFC and section where it holds a rule */
    void (*run)(void);
};

/*
 * Runs the cases (those whose name contains argv[1], where it is given), prints each failed assertion with file and
 * line, the command that repeats a failed case, and last `NAME: N passed, N failed`. The table ends with {NULL, NULL}.
 * Returns main's exit status.
 */
int suite_main(int argc, char **argv, const char *name, const struct suite_case *cases);

#endif
