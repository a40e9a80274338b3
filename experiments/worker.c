/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rows.h"
#include "sweep_run.h"

/* Scenarios that are kept built; runs come by replication, then point, so that they return. */
enum { KEPT = 64 };
enum { KEPT_MEMORY = 64 << 20 };

struct worker {
    const struct scenario_file *file;
    int fd;
    struct {
        uint64_t point;
        struct synfin_scenario *scenario; /* NULL: none yet */
    } kept[KEPT];
    struct synfin_memory *memory; /* of one run after the other */
    struct rows_message message;
};

/* False: nobody is there any more. */
static bool read_job(int fd, struct worker_job *job)
{
    for (size_t got = 0; got < sizeof *job;) {
        ssize_t n = read(fd, (char *)job + got, sizeof *job - got);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        got += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool write_all(int fd, const void *bytes, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t n = write(fd, (const char *)bytes + sent, size - sent);
        if (n < 0 && errno != EINTR)
            return false;
        sent += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static const struct synfin_scenario *scenario_at(struct worker *w, uint64_t point)
{
    size_t i = point % KEPT;
    if (!w->kept[i].scenario || w->kept[i].point != point) {
        synfin_scenario_free(w->kept[i].scenario);
        w->kept[i].scenario = scenario_file_scenario(w->file, point);
        w->kept[i].point = point;
    }
    return w->kept[i].scenario;
}

static bool work(struct worker *w, const struct worker_job *job)
{
    struct rows rows = {.point = job->point, .replication = (uint32_t)job->replication};
    const struct synfin_scenario *scenario = scenario_at(w, job->point);
    struct worker_answer answer = {0};
    w->message.used = 0;
    if (scenario) {
        sweep_run(&rows, w->file, scenario, w->memory);
        if (rows_write(&rows, &w->message) != 0)
            return false;
        answer.size = w->message.used;
    }
    rows_free(&rows);
    return write_all(w->fd, &answer, sizeof answer) && write_all(w->fd, w->message.bytes, answer.size);
}

/* What one run frees is kept for the next, instead of being given back to the system at the end of each. */
static void keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
    mallopt(M_TRIM_THRESHOLD, KEPT_MEMORY);
    mallopt(M_MMAP_THRESHOLD, KEPT_MEMORY / 2);
#endif
}

/* Ctrl-C and its like reach the whole group; what becomes of workers is the supervisor's to decide. No core is left of
   one that crashes: there may be many, and the run can be repeated alone. */
static void settle_in(pid_t parent)
{
    static const int ours[] = {SIGCHLD, SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        signal(ours[i], SIG_DFL);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void worker_live(const struct scenario_file *file, int fd, pid_t parent)
{
    struct worker w = {.file = file, .fd = fd, .memory = synfin_memory_new(KEPT_MEMORY)};
    struct worker_job job;
    settle_in(parent);
    keep_memory();
    while (read_job(fd, &job) && work(&w, &job)) {
    }
    _exit(EXIT_SUCCESS);
}
