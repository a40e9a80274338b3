/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_failures(const char *program, const struct suite_case *c)
{
    for (const CU_FailureRecord *f = CU_get_failure_list(); f != NULL; f = f->pNext)
        printf("%s:%u: %s\n", f->strFileName ? f->strFileName : "?", f->uiLineNumber,
               f->strCondition ? f->strCondition : "failed");
    printf("FAILED %s; to repeat: %s '%s'\n", c->name, program, c->name);
}

static CU_ErrorCode prepare(const char *name, const struct suite_case *cases, CU_pSuite *suite)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return CU_get_error();
    CU_set_error_action(CUEA_IGNORE);
    *suite = CU_add_suite(name, NULL, NULL);
    for (const struct suite_case *c = cases; *suite != NULL && c->name != NULL; c++) {
        CU_add_test(*suite, c->name, c->run);
        if (CU_get_error() != CUE_SUCCESS)
            break; /* no memory, or two cases of one name */
    }
    return CU_get_error();
}

int suite_main(int argc, char **argv, const char *name, const struct suite_case *cases)
{
    const char *wanted = argc > 1 ? argv[1] : "";
    CU_pSuite suite = NULL;
    unsigned passed = 0, failed = 0;

    if (prepare(name, cases, &suite) != CUE_SUCCESS) {
        fprintf(stderr, "%s: error: CUnit: %s\n", name, CU_get_error_msg());
        CU_cleanup_registry();
        return 2;
    }
    for (const struct suite_case *c = cases; c->name != NULL; c++) {
        if (strstr(c->name, wanted) == NULL)
            continue;
        CU_run_test(suite, CU_get_test(suite, c->name));
        if (CU_get_number_of_failures() == 0) {
            passed++;
        } else {
            failed++;
            print_failures(argv[0], c);
        }
        fflush(stdout); /* a crash in the next case must not hide this one's failure */
    }
    CU_cleanup_registry();
    if (passed + failed == 0) {
        fprintf(stderr, "%s: error: no case's name contains '%s'\n", name, wanted);
        return 2;
    }
    printf("%s: %u passed, %u failed\n", name, passed, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
