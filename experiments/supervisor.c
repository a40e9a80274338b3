/* SPDX-License-Identifier: BSD-2-Clause */
/* sched_getaffinity is GNU's. */
#define _GNU_SOURCE 1
#include "supervisor.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "worker.h"

/* A worker whose runs are short gets the next ones before it is done with the last, so that it need not wait; and where
   there is work for a while, its answers are looked at several at once: each look alone would find cold caches. */
enum { AHEAD = 32, FIRST = 1000, MOST_HEARD = 64 << 10 /* bytes at a time */, MOST_WAITING = 96 << 10 };
static const double SHORT_S = 0.05, AHEAD_S = 0.1, LEAST_REST_S = 0.001;

struct crew {
    struct supervisor *supervisor;
    pid_t pid; /* 0: not started */
    int fd; /* to it */
    struct event *answers;
    struct evbuffer *heard; /* and not yet taken; NULL: it is not started */
    struct event *late; /* the timeout of its first job */
    size_t jobs;
    struct worker_job job[AHEAD]; /* the first is at work */
    double each_s; /* how long its last run took; 0: it has made none */
    size_t size;   /* of the answer */
    bool ended;    /* it has died: `status` */
    bool closed;   /* and all it said has been heard */
    bool slow;     /* ended by us: its first job took too long */
    bool confused; /* ended by us: its answer cannot be understood */
    bool excused;  /* ended by us, but its job was done at the last moment */
    int status;
};

struct supervisor {
    const struct scenario_file *file;
    struct supervisor_client client;
    struct event_base *base;
    struct event *child, *interrupt, *terminate, *tick;
    struct timeval timeout;
    bool has_timeout, exhausted; /* exhausted: the client has no more for now */
    int status;                  /* STATUS_DONE while all goes well */
    size_t taken;                /* answers */
    double slowest_s;            /* of the last runs; of those long ago less and less */
    size_t workers, again;
    struct crew *crew;
    struct worker_job *jobs_again; /* handed out to a worker that died before it began them */
    void (*pipe_before)(int);
};

size_t supervisor_processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > 0 ? (size_t)n : 1;
}

static void stop(struct supervisor *s, int status)
{
    if (s->status == STATUS_DONE)
        s->status = status;
    event_base_loopbreak(s->base);
}

/* ---- Starting workers -------------------------------------------------------------------------------------------- */

static void hear(evutil_socket_t fd, short what, void *crew);

/* In the new process: other workers' streams would stay open when the parent dies. */
static _Noreturn void become_worker(struct supervisor *s, int fd, pid_t parent)
{
    for (size_t i = 0; i < s->workers; i++) {
        if (s->crew[i].heard)
            close(s->crew[i].fd);
    }
    s->client.leave(s->client.user);
    worker_live(s->file, fd, parent);
}

static int listen_to(struct crew *c, int fd)
{
    c->fd = fd;
    c->heard = evbuffer_new();
    c->answers = event_new(c->supervisor->base, fd, EV_READ | EV_PERSIST, hear, c);
    return c->heard && c->answers && evutil_make_socket_nonblocking(fd) == 0 ? event_add(c->answers, NULL) : -1;
}

static void stop_listening(struct crew *c)
{
    if (!c->heard)
        return;
    if (c->answers)
        event_free(c->answers);
    evbuffer_free(c->heard);
    close(c->fd);
}

static int start(struct crew *c)
{
    int end[2];
    sigset_t all, before;
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) != 0) {
        fprintf(stderr, "synfin: error: a worker cannot be started: %s; give a smaller -j\n", strerror(errno));
        return -1;
    }
    fflush(NULL); /* or both would write what is buffered */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before); /* until the worker has its own handlers */
    c->pid = fork();
    if (c->pid == 0) {
        close(end[0]);
        become_worker(c->supervisor, end[1], parent);
    }
    int code = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(end[1]);
    if (c->pid > 0 && listen_to(c, end[0]) == 0)
        return 0;
    fprintf(stderr, "synfin: error: a worker cannot be started: %s; give a smaller -j\n",
            c->pid < 0 ? strerror(code) : "out of memory");
    if (c->pid < 0) {
        close(end[0]);
        c->pid = 0;
    }
    return -1;
}

/* ---- Handing out runs -------------------------------------------------------------------------------------------- */

static int next_job(struct supervisor *s, struct worker_job *job)
{
    size_t point;
    uint32_t replication;
    if (s->again > 0) {
        *job = s->jobs_again[--s->again];
        return 1;
    }
    int more = s->exhausted ? 0 : s->client.next(s->client.user, &point, &replication);
    s->exhausted = more == 0;
    if (more > 0)
        *job = (struct worker_job){point, replication};
    return more;
}

static void await_first(struct crew *c)
{
    if (!c->supervisor->has_timeout)
        return;
    if (c->jobs > 0)
        evtimer_add(c->late, &c->supervisor->timeout);
    else
        evtimer_del(c->late);
}

static bool dying(const struct crew *c)
{
    return c->ended || c->closed || c->slow || c->confused || c->excused;
}

/* 1; 0: there is none; -1: an error. */
static int give_job(struct crew *c)
{
    struct worker_job job;
    int more = next_job(c->supervisor, &job);
    if (more <= 0)
        return more;
    if (c->pid == 0 && start(c) != 0)
        return -1;
    c->job[c->jobs++] = job;
    if (c->jobs == 1)
        await_first(c);
    /* There is always room for so little. A worker that is dead is noticed otherwise. */
    send(c->fd, &job, sizeof job, MSG_NOSIGNAL);
    return 1;
}

/* Whether it is to have so many at once. Points differ, and what one worker has the others cannot make: so more than
   two only when all points have been seen, and by the slowest. */
static bool takes(const struct crew *c, size_t jobs)
{
    const struct supervisor *s = c->supervisor;
    size_t points = scenario_file_points(s->file);
    if (jobs <= 1 || dying(c))
        return !dying(c);
    if (jobs == 2)
        return c->each_s > 0 && c->each_s < SHORT_S;
    return s->taken >= (points < FIRST ? points : FIRST) && (double)jobs * s->slowest_s < AHEAD_S;
}

/* Everybody gets one before anybody gets two. */
static void give_jobs(struct supervisor *s)
{
    int more = 1;
    size_t busy = 0;
    for (size_t depth = 1; depth <= AHEAD; depth++) {
        for (size_t i = 0; i < s->workers && more > 0; i++) {
            struct crew *c = &s->crew[i];
            if (c->jobs < depth && takes(c, depth))
                more = give_job(c);
        }
    }
    for (size_t i = 0; i < s->workers; i++)
        busy += s->crew[i].jobs > 0;
    if (more < 0)
        stop(s, STATUS_FAILED);
    else if (busy == 0)
        event_base_loopbreak(s->base);
}

/* ---- What they answer -------------------------------------------------------------------------------------------- */

static void end_worker(struct crew *c)
{
    if (c->pid > 0 && !c->ended)
        kill(c->pid, SIGKILL);
}

/* Its first job is over. */
static void take(struct crew *c, const struct rows *rows)
{
    struct supervisor *s = c->supervisor;
    c->each_s = fmax(rows->wall_s, 1e-9);
    s->slowest_s = fmax(c->each_s, 0.998 * s->slowest_s);
    s->taken++;
    c->jobs--;
    memmove(c->job, c->job + 1, c->jobs * sizeof c->job[0]);
    await_first(c);
    if (c->slow) {
        c->slow = false;
        c->excused = true;
    }
    if (s->client.over(s->client.user, rows) != 0)
        stop(s, STATUS_FAILED);
}

/* One answer. False: it is not here as a whole yet, or nothing more is to be heard. */
static bool hear_answer(struct crew *c, struct evbuffer *in)
{
    struct worker_answer answer;
    if (c->supervisor->status != STATUS_DONE || c->confused || evbuffer_get_length(in) < sizeof answer)
        return false;
    evbuffer_copyout(in, &answer, sizeof answer);
    if (answer.size == 0) {
        stop(c->supervisor, STATUS_USAGE);
        return false;
    }
    if (evbuffer_get_length(in) - sizeof answer < answer.size)
        return false;
    struct rows rows;
    evbuffer_drain(in, sizeof answer);
    unsigned char *bytes = evbuffer_pullup(in, (ev_ssize_t)answer.size);
    if (!bytes || rows_read(&rows, bytes, answer.size) != 0 || c->jobs == 0 || rows.point != c->job[0].point ||
        rows.replication != c->job[0].replication) {
        c->confused = true;
        end_worker(c);
        return false;
    }
    evbuffer_drain(in, answer.size);
    c->size = answer.size;
    take(c, &rows);
    rows_free(&rows);
    return true;
}

static void end_answers(struct crew *);

static void hear(evutil_socket_t fd, short what, void *crew)
{
    struct crew *c = crew;
    struct evbuffer_iovec room;
    (void)what;
    if (evbuffer_reserve_space(c->heard, MOST_HEARD, &room, 1) != 1) {
        fprintf(stderr, "synfin: error: out of memory\n");
        stop(c->supervisor, STATUS_FAILED);
        return;
    }
    ssize_t n = read(fd, room.iov_base, room.iov_len);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        end_answers(c);
        return;
    }
    room.iov_len = (size_t)n;
    evbuffer_commit_space(c->heard, &room, 1);
    while (hear_answer(c, c->heard)) {
    }
    if (c->supervisor->status == STATUS_DONE)
        give_jobs(c->supervisor);
}

/* ---- Death ------------------------------------------------------------------------------------------------------- */

static void explain(const struct crew *c, char *text, size_t size)
{
    const struct supervisor *s = c->supervisor;
    if (c->slow)
        snprintf(text, size, "it took longer than %.10g s",
                 (double)s->timeout.tv_sec + (double)s->timeout.tv_usec * 1e-6);
    else if (c->confused)
        snprintf(text, size, "worker sent what is no result");
    else if (WIFSIGNALED(c->status))
        snprintf(text, size, "worker killed by signal %d (%s)%s", WTERMSIG(c->status), strsignal(WTERMSIG(c->status)),
                 WTERMSIG(c->status) == SIGKILL ? ", as the kernel does where memory runs out" : "");
    else
        snprintf(text, size, "worker exited with status %d", WEXITSTATUS(c->status));
}

/* The run at work has failed, the one behind it goes to another worker. */
static void bury(struct crew *c)
{
    struct supervisor *s = c->supervisor;
    char why[160];
    explain(c, why, sizeof why);
    struct rows rows = {.failure = why};
    bool failed = c->jobs > 0 && !c->excused;
    if (failed)
        rows = (struct rows){.point = c->job[0].point, .replication = (uint32_t)c->job[0].replication, .failure = why};
    for (size_t i = failed; i < c->jobs; i++)
        s->jobs_again[s->again++] = c->job[i];
    stop_listening(c);
    evtimer_del(c->late);
    *c = (struct crew){.supervisor = s, .late = c->late};
    if (failed && s->client.over(s->client.user, &rows) != 0)
        stop(s, STATUS_FAILED);
    else
        give_jobs(s);
}

static void end_answers(struct crew *c)
{
    c->closed = true;
    event_del(c->answers);
    end_worker(c); /* if it lives: nobody hears it */
    if (c->ended && c->supervisor->status == STATUS_DONE)
        bury(c);
}

static void on_child(evutil_socket_t number, short what, void *supervisor)
{
    struct supervisor *s = supervisor;
    (void)number;
    (void)what;
    for (size_t i = 0; i < s->workers; i++) {
        struct crew *c = &s->crew[i];
        if (c->pid <= 0 || c->ended || waitpid(c->pid, &c->status, WNOHANG) != c->pid)
            continue;
        c->ended = true;
        if (c->closed && s->status == STATUS_DONE)
            bury(c);
    }
}

static void on_late(evutil_socket_t number, short what, void *crew)
{
    struct crew *c = crew;
    int waiting = 0;
    (void)number;
    (void)what;
    /* It may be done, and we have not looked. */
    if (ioctl(c->fd, FIONREAD, &waiting) == 0 && waiting > 0) {
        await_first(c);
        return;
    }
    c->slow = true;
    end_worker(c);
}

/* ---- The loop ---------------------------------------------------------------------------------------------------- */

static void on_interrupt(evutil_socket_t number, short what, void *supervisor)
{
    (void)number;
    (void)what;
    stop(supervisor, STATUS_INTERRUPTED);
}

static void on_tick(evutil_socket_t number, short what, void *supervisor)
{
    struct supervisor *s = supervisor;
    (void)number;
    (void)what;
    if (s->client.tick(s->client.user) != 0)
        stop(s, STATUS_FAILED);
}

static struct timeval duration(double s)
{
    return (struct timeval){(time_t)s, (suseconds_t)((s - (double)(time_t)s) * 1e6)};
}

static int prepare(struct supervisor *s)
{
    struct timeval tick = duration(s->client.tick_s);
    s->base = event_base_new();
    if (!s->base || !s->crew || !s->jobs_again)
        return -1;
    s->child = evsignal_new(s->base, SIGCHLD, on_child, s);
    s->interrupt = evsignal_new(s->base, SIGINT, on_interrupt, s);
    s->terminate = evsignal_new(s->base, SIGTERM, on_interrupt, s);
    s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
    if (!s->child || !s->interrupt || !s->terminate || !s->tick || evsignal_add(s->child, NULL) ||
        evsignal_add(s->interrupt, NULL) || evsignal_add(s->terminate, NULL) || evtimer_add(s->tick, &tick))
        return -1;
    for (size_t i = 0; i < s->workers; i++) {
        s->crew[i] = (struct crew){.supervisor = s, .late = evtimer_new(s->base, on_late, &s->crew[i])};
        if (!s->crew[i].late)
            return -1;
    }
    return 0;
}

struct supervisor *supervisor_new(const struct scenario_file *file, size_t workers, synfin_time timeout,
                                  const struct supervisor_client *client)
{
    struct supervisor *s = calloc(1, sizeof *s);
    if (!s) {
        fprintf(stderr, "synfin: error: out of memory\n");
        return NULL;
    }
    *s = (struct supervisor){.file = file,
                             .client = *client,
                             .workers = workers,
                             .has_timeout = timeout > 0,
                             .timeout = {timeout / SYNFIN_S, timeout % SYNFIN_S / 1000},
                             .crew = calloc(workers, sizeof *s->crew),
                             .jobs_again = calloc(workers * AHEAD, sizeof *s->jobs_again)};
    s->pipe_before = signal(SIGPIPE, SIG_IGN); /* a worker that died is noticed otherwise */
    if (prepare(s) == 0)
        return s;
    fprintf(stderr, "synfin: error: out of memory\n");
    supervisor_free(s);
    return NULL;
}

/* As long as no worker can have done more than half of what it has, and its answers fit into the socket. */
static void rest(const struct supervisor *s)
{
    double least = AHEAD_S / 2;
    for (size_t i = 0; i < s->workers; i++) {
        const struct crew *c = &s->crew[i];
        size_t half = (c->jobs - 1) / 2, fit = c->size > 0 ? MOST_WAITING / c->size : 0;
        if (c->jobs > 0)
            least = fmin(least, (double)(half < fit ? half : fit) * c->each_s);
    }
    if (least >= LEAST_REST_S)
        nanosleep(&(struct timespec){.tv_nsec = (long)(least * 1e9)}, NULL); /* signals end it */
}

int supervisor_work(struct supervisor *s)
{
    s->exhausted = false;
    give_jobs(s);
    bool busy = false;
    for (size_t i = 0; i < s->workers; i++)
        busy |= s->crew[i].jobs > 0;
    if (!busy && s->status == STATUS_DONE)
        event_base_loop(s->base, EVLOOP_NONBLOCK); /* Ctrl-C may have come all the same */
    while (busy && s->status == STATUS_DONE) {
        busy = event_base_loop(s->base, EVLOOP_ONCE) == 0 && !event_base_got_break(s->base);
        if (busy)
            rest(s);
    }
    return s->status;
}

void supervisor_free(struct supervisor *s)
{
    for (size_t i = 0; s->crew && i < s->workers; i++) {
        struct crew *c = &s->crew[i];
        end_worker(c);
        if (c->pid > 0 && !c->ended)
            waitpid(c->pid, NULL, 0);
        stop_listening(c);
        if (c->late)
            event_free(c->late);
    }
    struct event *events[] = {s->child, s->interrupt, s->terminate, s->tick};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (events[i])
            event_free(events[i]);
    }
    if (s->base)
        event_base_free(s->base);
    signal(SIGPIPE, s->pipe_before);
    free(s->crew);
    free(s->jobs_again);
    free(s);
}
