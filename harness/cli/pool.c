/* The parent's side of the pool: hands out ranges of jobs, takes in outcomes, replaces workers that
 * died. */
#include "cli/pool.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/worker.h"

enum { RANGE_MAX = 64 }; /* jobs handed out at once: few, so that the last ones are spread */

struct worker {
    struct cli_child child;
    struct cli_range range; /* what it has not answered yet */
    uint64_t heard_ns;      /* when it last sent something or was given work */
    char buf[CLI_MESSAGE_LEN_MAX * 2];
    size_t buf_len;
};

struct pool {
    const struct cli_job *jobs;
    size_t job_count;
    size_t next; /* the first job not handed out */
    const struct cli_pool_options *options;
    struct worker *workers;
    unsigned worker_count;
};

unsigned cli_processor_count(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    if (count < 1) {
        return 1;
    }
    return count > CLI_WORKERS_MAX ? CLI_WORKERS_MAX : (unsigned)count;
}

static void worker_body(void *argument, int orders, int results) {
    const struct pool *pool = argument;
    cli_worker_serve(pool->jobs, orders, results, pool->options->seconds);
}

static int start_worker(struct pool *pool, struct worker *worker) {
    int close_fds[CLI_WORKERS_MAX * 3];
    size_t count = 0;
    for (unsigned i = 0; i < pool->worker_count; i++) {
        const struct cli_child *other = &pool->workers[i].child;
        if (other->pid != 0) {
            close_fds[count++] = other->to;
            close_fds[count++] = other->from;
            close_fds[count++] = other->console;
        }
    }
    worker->buf_len = 0;
    return cli_child_start(&worker->child, worker_body, pool, close_fds, count);
}

/* Gives an idle worker what is left of its range, or a new one. A worker that is given nothing ends
 * with its orders. */
static void give_work(struct pool *pool, struct worker *worker) {
    if (worker->range.count == 0) {
        size_t left = pool->job_count - pool->next;
        size_t share = left / ((size_t)pool->worker_count * 4) + 1;
        share = share > RANGE_MAX ? RANGE_MAX : share;
        worker->range.first = pool->next;
        worker->range.count = share < left ? share : left;
        pool->next += worker->range.count;
    }
    if (worker->range.count != 0) {
        worker->heard_ns = cli_now_ns();
        /* A worker that died in between shows when its results end. */
        (void)cli_write_all(worker->child.to, &worker->range, sizeof worker->range);
    }
}

static void deliver(struct pool *pool, struct worker *worker, const struct cli_outcome *outcome,
    const uint8_t *fired, size_t fired_len) {
    size_t job = worker->range.first;
    worker->range.first++;
    worker->range.count--;
    pool->options->on_outcome(pool->options->user_data, job, outcome, fired, fired_len);
}

/* The finding of a message, as the parent keeps it. NULL: no memory. */
static struct wbh_finding *take_finding(const char *bytes) {
    struct cli_message_finding message;
    memcpy(&message, bytes, sizeof message);
    struct wbh_finding *finding = malloc(sizeof *finding);
    if (finding != NULL) {
        *finding = message.finding;
        finding->oracle = cli_oracle_name(message.oracle);
    }
    return finding;
}

static void take_messages(struct pool *pool, struct worker *worker) {
    size_t at = 0;
    struct cli_message_head head;
    while (worker->buf_len - at >= sizeof head) {
        memcpy(&head, worker->buf + at, sizeof head);
        size_t len = cli_message_len(&head);
        if (worker->buf_len - at < len) {
            break;
        }
        const char *fired = worker->buf + at + sizeof head;
        struct cli_outcome outcome = head.outcome;
        outcome.finding = head.has_finding ? take_finding(fired + head.fired_len) : NULL;
        assert(worker->range.count != 0);
        deliver(pool, worker, &outcome, (const uint8_t *)fired, head.fired_len);
        at += len;
    }
    memmove(worker->buf, worker->buf + at, worker->buf_len - at);
    worker->buf_len -= at;
}

/* The worker is no more: the job it was at gets the finding, and a new worker the rest. */
static int bury(struct pool *pool, struct worker *worker, int has_stalled) {
    struct wbh_finding *finding = calloc(1, sizeof *finding);
    if (finding == NULL) {
        return cli_error("out of memory");
    }
    int status = cli_child_end(&worker->child, has_stalled);
    if (has_stalled) {
        cli_describe_spin(pool->options->seconds * CLI_PATIENCE, finding);
    } else {
        cli_child_describe_death(&worker->child, status, pool->options->seconds, finding);
    }
    cli_child_clean_up(&worker->child);
    struct cli_outcome outcome = {
        .is_done = 1,
        .is_dead = 1,
        .verdict = finding->verdict,
        .finding_count = 1,
        .finding = finding,
    };
    deliver(pool, worker, &outcome, NULL, 0);
    if (worker->range.count == 0 && pool->next == pool->job_count) {
        return 0;
    }
    if (start_worker(pool, worker) != 0) {
        return -1;
    }
    give_work(pool, worker);
    return 0;
}

static int hear(struct pool *pool, struct worker *worker) {
    ssize_t got = read(
        worker->child.from, worker->buf + worker->buf_len, sizeof worker->buf - worker->buf_len);
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : cli_error("a pipe: %s", strerror(errno));
    }
    if (got == 0) {
        return bury(pool, worker, 0);
    }
    worker->heard_ns = cli_now_ns();
    worker->buf_len += (size_t)got;
    take_messages(pool, worker);
    if (worker->range.count == 0) {
        give_work(pool, worker);
    }
    return 0;
}

/* How long nobody needs to be looked after, in milliseconds for poll. */
static int patience(const struct pool *pool, uint64_t now_ns) {
    uint64_t bound_ns = (uint64_t)pool->options->seconds * CLI_PATIENCE * UINT64_C(1000000000);
    uint64_t least_ns = bound_ns;
    for (unsigned i = 0; i < pool->worker_count; i++) {
        const struct worker *worker = &pool->workers[i];
        uint64_t silent_ns = now_ns - worker->heard_ns;
        uint64_t left_ns = silent_ns < bound_ns ? bound_ns - silent_ns : 0;
        if (worker->range.count != 0 && left_ns < least_ns) {
            least_ns = left_ns;
        }
    }
    return (int)(least_ns / 1000000) + 1;
}

/* Waits until something comes or a worker is overdue, and sees to both. Returns how many workers
 * are at work, or -1. */
static int turn(struct pool *pool) {
    struct pollfd watched[CLI_WORKERS_MAX];
    unsigned owners[CLI_WORKERS_MAX];
    nfds_t count = 0;
    for (unsigned i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].range.count != 0) {
            owners[count] = i;
            watched[count++] = (struct pollfd){.fd = pool->workers[i].child.from, .events = POLLIN};
        }
    }
    if (count == 0) {
        return 0;
    }
    if (poll(watched, count, patience(pool, cli_now_ns())) < 0 && errno != EINTR) {
        cli_error("poll: %s", strerror(errno));
        return -1;
    }
    uint64_t bound_ns = (uint64_t)pool->options->seconds * CLI_PATIENCE * UINT64_C(1000000000);
    for (nfds_t i = 0; i < count; i++) {
        struct worker *worker = &pool->workers[owners[i]];
        int rc = 0;
        if (watched[i].revents != 0) {
            rc = hear(pool, worker);
        } else if (cli_now_ns() - worker->heard_ns >= bound_ns) {
            rc = bury(pool, worker, 1);
        }
        if (rc != 0) {
            return -1;
        }
    }
    return (int)count;
}

int cli_pool_run(
    const struct cli_job *jobs, size_t job_count, const struct cli_pool_options *options) {
    assert(options->workers >= 1 && options->workers <= CLI_WORKERS_MAX);
    struct pool pool = {.jobs = jobs, .job_count = job_count, .options = options};
    unsigned count = options->workers < job_count ? options->workers : (unsigned)job_count;
    pool.workers = calloc(count == 0 ? 1 : count, sizeof *pool.workers);
    int rc = pool.workers == NULL ? cli_error("out of memory") : 0;
    for (unsigned i = 0; rc == 0 && i < count; i++) {
        rc = start_worker(&pool, &pool.workers[i]);
        pool.worker_count += rc == 0;
    }
    for (unsigned i = 0; rc == 0 && i < count; i++) {
        give_work(&pool, &pool.workers[i]);
    }
    while (rc == 0) {
        int working = turn(&pool);
        if (working <= 0) {
            rc = working;
            break;
        }
    }
    for (unsigned i = 0; i < pool.worker_count; i++) {
        cli_child_clean_up(&pool.workers[i].child);
    }
    free(pool.workers);
    return rc == 0 ? 0 : -1;
}
