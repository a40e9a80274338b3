/* SPDX-License-Identifier: BSD-2-Clause */
/* Output files appear under their names only when they are complete. */
#include "capture.h"
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

/* Tests work in a folder of their own, and read what goes to standard error. */
static char folder[64];
static char message[1024];

static void enter_folder(void)
{
    strcpy(folder, "/tmp/synfin-test-output-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    CU_ASSERT_EQUAL_FATAL(chdir(folder), 0);
}

static void leave_folder(void)
{
    CU_ASSERT_EQUAL(chdir("/"), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

/* How many files the folder has. */
static int files(void)
{
    int n = 0;
    DIR *d = opendir(".");
    for (struct dirent *e; d && (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static const char *content(const char *path)
{
    static char text[256];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    return f ? text : "(none)";
}

/* The same with standard error caught in `message`. */
static int caught(int (*call)(struct output *, const char *), struct output *o, const char *path)
{
    struct capture capture;
    capture_begin(&capture);
    int status = call(o, path);
    capture_end(&capture, message, sizeof message);
    return status;
}

static int commit(struct output *o, const char *unused)
{
    (void)unused;
    return output_commit(o);
}

static void test_appears_when_complete(void)
{
    struct output o;

    enter_folder();
    CU_ASSERT_EQUAL_FATAL(output_open(&o, "a.csv"), 0);
    fputs("one\n", o.stream);
    fflush(o.stream);
    CU_ASSERT_EQUAL(access("a.csv", F_OK), -1);
    CU_ASSERT_EQUAL(files(), 1);
    CU_ASSERT_EQUAL(output_commit(&o), 0);
    CU_ASSERT_STRING_EQUAL(content("a.csv"), "one\n");
    CU_ASSERT_EQUAL(files(), 1);
    unlink("a.csv");
    leave_folder();
}

static void test_old_file_stays(void)
{
    struct output o;
    struct stat s;

    enter_folder();
    int fd = open("a.csv", O_WRONLY | O_CREAT, 0640);
    CU_ASSERT_EQUAL(write(fd, "old\n", 4), 4);
    fchmod(fd, 0640);
    close(fd);
    CU_ASSERT_EQUAL_FATAL(output_open(&o, "a.csv"), 0);
    fputs("new\n", o.stream);
    output_abandon(&o);
    CU_ASSERT_STRING_EQUAL(content("a.csv"), "old\n");
    CU_ASSERT_EQUAL(files(), 1);
    output_abandon(&o); /* nothing is open */

    CU_ASSERT_EQUAL_FATAL(output_open(&o, "a.csv"), 0);
    fputs("new\n", o.stream);
    CU_ASSERT_EQUAL(output_commit(&o), 0);
    CU_ASSERT_STRING_EQUAL(content("a.csv"), "new\n");
    CU_ASSERT_EQUAL(stat("a.csv", &s), 0);
    CU_ASSERT_EQUAL(s.st_mode & 0777, 0640);
    unlink("a.csv");
    leave_folder();
}

static void test_two_at_once(void)
{
    struct output a, b;

    enter_folder();
    CU_ASSERT_EQUAL_FATAL(output_open(&a, "a.csv"), 0);
    CU_ASSERT_EQUAL_FATAL(output_open(&b, "a.csv"), 0);
    fputs("a", a.stream);
    fputs("b", b.stream);
    CU_ASSERT_EQUAL(output_commit(&a), 0);
    CU_ASSERT_STRING_EQUAL(content("a.csv"), "a");
    CU_ASSERT_EQUAL(output_commit(&b), 0);
    CU_ASSERT_STRING_EQUAL(content("a.csv"), "b");
    unlink("a.csv");
    leave_folder();
}

static void test_link_stays(void)
{
    struct output o;
    struct stat s;

    enter_folder();
    CU_ASSERT_EQUAL(mkdir("d", 0755), 0);
    close(open("d/real.csv", O_WRONLY | O_CREAT, 0644));
    CU_ASSERT_EQUAL(symlink("d/real.csv", "a.csv"), 0);
    CU_ASSERT_EQUAL_FATAL(output_open(&o, "a.csv"), 0);
    fputs("x", o.stream);
    CU_ASSERT_EQUAL(output_commit(&o), 0);
    CU_ASSERT_EQUAL(lstat("a.csv", &s), 0);
    CU_ASSERT_TRUE(S_ISLNK(s.st_mode));
    CU_ASSERT_STRING_EQUAL(content("d/real.csv"), "x");
    unlink("a.csv");
    unlink("d/real.csv");
    rmdir("d");
    leave_folder();
}

static void test_refused(void)
{
    struct output o;

    enter_folder();
    CU_ASSERT_EQUAL(caught(output_open, &o, "no/such/a.csv"), -1);
    CU_ASSERT_STRING_EQUAL(message, "no/such/a.csv: error: cannot be written: No such file or directory\n");
    CU_ASSERT_EQUAL(caught(output_open, &o, "."), -1);
    CU_ASSERT_STRING_EQUAL(message, ".: error: cannot be written: Is a directory\n");
    CU_ASSERT_EQUAL(caught(output_open, &o, "/proc/a.csv"), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "/proc/a.csv: error: cannot be written: "));
    CU_ASSERT_EQUAL(files(), 0);
    leave_folder();
}

static void test_full_disk(void)
{
    struct output o;

    CU_ASSERT_EQUAL_FATAL(output_open(&o, "/dev/full"), 0);
    fputs("lost\n", o.stream);
    CU_ASSERT_EQUAL(caught(commit, &o, NULL), -1);
    CU_ASSERT_STRING_EQUAL(message, "/dev/full: error: cannot be written: No space left on device\n");
    /* The reason is the same where it came before the end. */
    CU_ASSERT_EQUAL_FATAL(output_open(&o, "/dev/full"), 0);
    CU_ASSERT_EQUAL(setvbuf(o.stream, NULL, _IONBF, 0), 0);
    fputs("lost\n", o.stream);
    CU_ASSERT_EQUAL(caught(commit, &o, NULL), -1);
    CU_ASSERT_STRING_EQUAL(message, "/dev/full: error: cannot be written: No space left on device\n");
}

/* A write that failed is not forgotten where later ones succeed. */
static void test_full_for_a_while(void)
{
    struct output o;
    struct rlimit old, none;

    enter_folder();
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &old), 0);
    none = old;
    none.rlim_cur = 0;
    CU_ASSERT_EQUAL_FATAL(output_open(&o, "a.csv"), 0);
    fputs("lost\n", o.stream);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &none), 0);
    CU_ASSERT_NOT_EQUAL(fflush(o.stream), 0);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
    fputs("more\n", o.stream);
    CU_ASSERT_EQUAL(caught(commit, &o, NULL), -1);
    CU_ASSERT_EQUAL(files(), 0);
    leave_folder();
}

/* A pipe is written as it stands. */
static void test_pipe(void)
{
    struct output o;
    char path[64], text[16] = "";
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    CU_ASSERT_EQUAL_FATAL(output_open(&o, path), 0);
    fputs("through\n", o.stream);
    CU_ASSERT_EQUAL(output_commit(&o), 0);
    CU_ASSERT_EQUAL(read(ends[0], text, sizeof text - 1), 8);
    CU_ASSERT_STRING_EQUAL(text, "through\n");
    close(ends[0]);
    close(ends[1]);
}

/* The file that standard output goes to is not replaced: what else is printed would be lost. */
static void test_standard_output(void)
{
    struct output o;

    enter_folder();
    fflush(stdout);
    int saved = dup(STDOUT_FILENO), fd = open("out", O_WRONLY | O_CREAT, 0644);
    dup2(fd, STDOUT_FILENO);
    printf("before\n");
    bool opened = output_open(&o, "/dev/stdout") == 0;
    fputs("rows\n", o.stream);
    bool committed = output_commit(&o) == 0;
    printf("after\n");
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(fd);
    CU_ASSERT_TRUE(opened);
    CU_ASSERT_TRUE(committed);
    CU_ASSERT_STRING_EQUAL(content("out"), "before\nrows\nafter\n");
    CU_ASSERT_EQUAL(files(), 1);
    unlink("out");
    leave_folder();
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"a file appears when it is complete", test_appears_when_complete},
        {"an old file stays until then, and its mode after", test_old_file_stays},
        {"two temporary files do not meet", test_two_at_once},
        {"a symbolic link stays one", test_link_stays},
        {"a missing folder, a folder and a read-only place are refused", test_refused},
        {"a full disk is an error", test_full_disk},
        {"a write that failed is not forgotten", test_full_for_a_while},
        {"a pipe is written as it stands", test_pipe},
        {"standard output's own file is written as it stands", test_standard_output},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "output", cases);
}
