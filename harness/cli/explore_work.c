/* One level of a search on several processes. The tree of runs is cut into parts, which stand in a
 * list in the order in which one process would come to them. Workers are given the first parts
 * nobody has; a part that is too large for one go comes back as smaller ones, which take its place.
 * What is known is counted from the front, so that the outcome does not depend on who was faster.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/explore.h"
#include "cli/worker.h"

/* Runs in one go: enough that handing over does not count, few enough that all have work. */
enum { GO_RUNS = 512, WAIT_MS = 200 };

/* What parent and worker see: the worker writes while it is at work, the parent while it is not.
 * One that died leaves in it the path of the run that killed it. */
struct page {
    uint64_t runs_max;
    uint64_t runs;
    uint32_t branch_count;
    uint32_t fixed;
    uint8_t searched; /* enum wbh_searched */
    bool is_cut_short;
    bool is_sampled;
    struct cli_outcome outcome;
    struct cli_message_finding finding;
    char error[256];
    struct wbh_branch branches[WBH_BRANCHES_MAX];
};

enum part_state { PART_PENDING, PART_HANDED_OUT, PART_DONE };

struct part {
    struct part *next;
    enum part_state state;
    uint32_t branch_count;
    uint32_t fixed;
    struct wbh_branch *branches; /* the first run of it */
    uint64_t runs_max;
    /* DONE: */
    uint64_t runs;
    enum wbh_searched searched;
    bool is_cut_short;
    bool is_sampled;
    struct cli_outcome outcome;
    struct wbh_branch *found; /* path of the run that failed */
    uint32_t found_count;
};

struct worker {
    struct cli_child child;
    struct page *page;
    struct part *part; /* NULL: idle */
    uint64_t heard_ns;
    uint64_t heard_runs;
};

struct pool {
    struct cli_exploration *exploration;
    struct worker *workers;
    struct page *pages;
    unsigned worker_count;
    struct part *first;
    uint64_t counted; /* runs of parts that were counted, and are gone */
    bool is_over;
};

/* ---- the worker ---- */

struct service {
    const struct cli_exploration *exploration;
    struct page *page;
    struct wbh_runner *runner;
    struct wbh_result *result;
};

static void keep_failure(struct page *page, const struct wbh_result *result) {
    page->outcome = (struct cli_outcome){
        .is_done = 1,
        .verdict = (uint8_t)result->verdict,
        .highest_legality = (uint8_t)result->highest_legality,
        .finding_count = result->finding_count,
        .hash = result->hash,
        .calls = result->calls,
        .time_ns = result->time_ns,
    };
    if (result->finding_count != 0) {
        page->finding.finding = result->findings[0];
        page->finding.finding.oracle = NULL;
        snprintf(
            page->finding.oracle, sizeof page->finding.oracle, "%s", result->findings[0].oracle);
    }
}

/* Run by run, so that the page tells which one it is. */
static void serve_part(const struct service *service) {
    struct page *page = service->page;
    const struct cli_job *job = &service->exploration->job;
    const struct wbh_run_options options = {
        .flags = job->is_tolerant ? WBH_RUN_TOLERANT : 0u,
        .trigger = job->trigger,
        .seed = &job->seed,
    };
    struct wbh_search search;
    wbh_search_init(&search, service->runner, job->input->scenario,
        &service->exploration->enumeration, &options, page->branches, service->result);
    search.source.branch_count = page->branch_count;
    search.source.fixed = page->fixed;
    enum wbh_searched searched = WBH_SEARCH_MORE;
    while (searched == WBH_SEARCH_MORE && page->runs < page->runs_max) {
        page->runs++;
        searched = wbh_search_go_on(&search, 1);
        page->branch_count = search.source.branch_count;
    }
    page->searched = (uint8_t)searched;
    page->is_cut_short = search.is_cut_short;
    page->is_sampled = search.source.sampled;
    if (searched == WBH_SEARCH_FOUND) {
        keep_failure(page, service->result);
    }
    memcpy(page->error, search.error, sizeof page->error);
}

static void worker_body(void *argument, int orders, int results) {
    struct service service = *(struct service *)argument;
    char go = 0;
    service.runner = wbh_runner_new();
    service.result = calloc(1, sizeof *service.result);
    if (service.runner == NULL || service.result == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    cli_child_watch(service.runner, service.exploration->seconds);
    while (cli_read_all(orders, &go, 1) == 0) {
        serve_part(&service);
        if (cli_write_all(results, &go, 1) != 0) {
            break;
        }
    }
    wbh_runner_destroy(service.runner);
    free(service.result);
}

/* ---- parts ---- */

static struct part *part_new(
    const struct wbh_branch *branches, uint32_t branch_count, uint32_t fixed, struct part *next) {
    struct part *part = calloc(1, sizeof *part);
    struct wbh_branch *copy = calloc((size_t)branch_count + 1, sizeof *copy);
    if (part == NULL || copy == NULL) {
        free(part);
        free(copy);
        return NULL;
    }
    if (branch_count != 0) {
        memcpy(copy, branches, branch_count * sizeof *copy);
    }
    part->branches = copy;
    part->branch_count = branch_count;
    part->fixed = fixed;
    part->runs_max = GO_RUNS;
    part->next = next;
    return part;
}

static void part_destroy(struct part *part) {
    free(part->branches);
    free(part->found);
    free(part->outcome.finding);
    free(part);
}

static void drop_behind(struct part *part) {
    while (part->next != NULL) {
        struct part *gone = part->next;
        part->next = gone->next;
        part_destroy(gone);
    }
}

static unsigned count_pending(const struct pool *pool, unsigned enough) {
    unsigned count = 0;
    for (const struct part *part = pool->first; part != NULL && count < enough; part = part->next) {
        count += part->state == PART_PENDING;
    }
    return count;
}

/* What a worker left undone takes the place behind its part: in one piece, or, where others have
 * nothing to do, in as many as its path has branches. */
static int put_rest(struct pool *pool, struct part *part, const struct page *page) {
    const unsigned enough = pool->worker_count * 2;
    if (pool->worker_count == 1 || count_pending(pool, enough) >= enough) {
        struct part *rest = part_new(page->branches, page->branch_count, page->fixed, part->next);
        part->next = rest != NULL ? rest : part->next;
        return rest != NULL ? 0 : -1;
    }
    /* From the last in order to the first: the answers behind the taken one at each branch, from
     * the root on; then what lies beyond the path itself. */
    struct wbh_branch *branches = calloc((size_t)page->branch_count + 1, sizeof *branches);
    int rc = branches != NULL ? 0 : -1;
    for (uint32_t i = page->fixed; rc == 0 && i < page->branch_count; i++) {
        if (page->branches[i].taken + 1 == page->branches[i].count) {
            continue;
        }
        memcpy(branches, page->branches, (i + 1) * sizeof *branches);
        branches[i].taken++;
        struct part *rest = part_new(branches, i + 1, i, part->next);
        part->next = rest != NULL ? rest : part->next;
        rc = rest != NULL ? 0 : -1;
    }
    free(branches);
    struct part *rest =
        rc == 0 ? part_new(page->branches, page->branch_count, page->branch_count, part->next)
                : NULL;
    part->next = rest != NULL ? rest : part->next;
    return rest != NULL ? 0 : -1;
}

static struct wbh_finding *finding_of(const struct page *page) {
    struct wbh_finding *finding = malloc(sizeof *finding);
    if (finding != NULL) {
        *finding = page->finding.finding;
        finding->oracle = cli_oracle_name(page->finding.oracle);
    }
    return finding;
}

static int keep_path(struct part *part, const struct page *page) {
    part->found = calloc((size_t)page->branch_count + 1, sizeof *part->found);
    if (part->found == NULL) {
        return -1;
    }
    memcpy(part->found, page->branches, page->branch_count * sizeof *part->found);
    part->found_count = page->branch_count;
    return 0;
}

/* ---- answers ---- */

static int take_answer(struct pool *pool, struct worker *worker) {
    struct cli_exploration *exploration = pool->exploration;
    struct page *page = worker->page;
    struct part *part = worker->part;
    worker->part = NULL;
    part->state = PART_DONE;
    part->runs = page->runs;
    part->searched = (enum wbh_searched)page->searched;
    part->is_cut_short = page->is_cut_short;
    part->is_sampled = page->is_sampled;
    switch (part->searched) {
    case WBH_SEARCH_DONE:
        return 0;
    case WBH_SEARCH_MORE:
        return put_rest(pool, part, page);
    case WBH_SEARCH_FOUND:
        part->outcome = page->outcome;
        part->outcome.finding = page->outcome.finding_count != 0 ? finding_of(page) : NULL;
        return keep_path(part, page);
    case WBH_SEARCH_STRAYED:
        return 0;
    case WBH_SEARCH_UNRUNNABLE:
        memcpy(exploration->error, page->error, sizeof exploration->error);
        return 0;
    }
    return 0;
}

static int start_worker(struct pool *pool, struct worker *worker) {
    int close_fds[CLI_WORKERS_MAX * 3];
    size_t count = 0;
    struct service service = {.exploration = pool->exploration, .page = worker->page};
    for (unsigned i = 0; i < pool->worker_count; i++) {
        const struct cli_child *other = &pool->workers[i].child;
        if (other->pid != 0) {
            close_fds[count++] = other->to;
            close_fds[count++] = other->from;
            close_fds[count++] = other->console;
        }
    }
    return cli_child_start(&worker->child, worker_body, &service, close_fds, count);
}

/* The run that the worker was at ended it. */
static int bury(struct pool *pool, struct worker *worker, bool has_stalled) {
    struct part *part = worker->part;
    struct wbh_finding *finding = calloc(1, sizeof *finding);
    if (finding == NULL) {
        return -1;
    }
    int status = cli_child_end(&worker->child, has_stalled);
    if (has_stalled) {
        cli_describe_spin(pool->exploration->seconds * CLI_PATIENCE, finding);
    } else {
        cli_child_describe_death(&worker->child, status, pool->exploration->seconds, finding);
    }
    cli_child_clean_up(&worker->child);
    part->state = PART_DONE;
    part->runs = worker->page->runs;
    part->searched = WBH_SEARCH_FOUND;
    part->outcome = (struct cli_outcome){.is_done = 1,
        .is_dead = 1,
        .verdict = finding->verdict,
        .finding_count = 1,
        .finding = finding};
    worker->part = NULL;
    int rc = keep_path(part, worker->page);
    return rc == 0 ? start_worker(pool, worker) : rc;
}

/* ---- the order of things ---- */

static bool ends_search(const struct part *part) {
    return part->state == PART_DONE && part->searched != WBH_SEARCH_DONE
           && part->searched != WBH_SEARCH_MORE;
}

static void conclude(struct pool *pool, struct part *part) {
    struct cli_exploration *exploration = pool->exploration;
    pool->is_over = true;
    if (part->searched == WBH_SEARCH_STRAYED) {
        exploration->has_strayed = true;
    } else if (part->searched == WBH_SEARCH_FOUND) {
        exploration->is_found = true;
        exploration->outcome = part->outcome;
        exploration->schedule =
            (struct cli_schedule){exploration->enumeration, part->found, part->found_count};
        part->outcome.finding = NULL;
        part->found = NULL;
    }
}

/* Takes what is known off the front of the list. */
static void count_parts(struct pool *pool) {
    const uint64_t runs_max = pool->exploration->runs_max;
    while (!pool->is_over && pool->first != NULL && pool->first->state == PART_DONE) {
        struct part *part = pool->first;
        if (pool->counted + part->runs > runs_max) {
            /* Only the beginning of it counts, and what comes there must be known. */
            part->state = PART_PENDING;
            part->runs_max = runs_max - pool->counted;
            free(part->outcome.finding);
            free(part->found);
            part->outcome.finding = NULL;
            part->found = NULL;
            return;
        }
        pool->counted += part->runs;
        pool->exploration->is_cut_short |= part->is_cut_short;
        pool->exploration->is_sampled |= part->is_sampled;
        if (ends_search(part)) {
            conclude(pool, part);
        } else if (pool->counted == runs_max && part->next != NULL) {
            pool->is_over = true;
        }
        pool->first = part->next;
        part_destroy(part);
    }
    if (pool->first == NULL && !pool->is_over) {
        pool->is_over = true;
        pool->exploration->is_complete = true;
    }
}

/* The first part nobody has; none behind one that ends the search. */
static struct part *next_part(struct pool *pool) {
    struct part *part = pool->first;
    uint64_t before = pool->counted;
    while (part != NULL && part->state != PART_PENDING) {
        if (ends_search(part)) {
            return NULL;
        }
        before += part->runs;
        part = part->next;
    }
    return before < pool->exploration->runs_max ? part : NULL;
}

static void give_work(struct pool *pool, struct worker *worker) {
    struct part *part = next_part(pool);
    const char go = 1;
    if (part == NULL) {
        return;
    }
    struct page *page = worker->page;
    page->runs_max = part->runs_max;
    page->runs = 0;
    page->branch_count = part->branch_count;
    page->fixed = part->fixed;
    memcpy(page->branches, part->branches, part->branch_count * sizeof *page->branches);
    part->state = PART_HANDED_OUT;
    worker->part = part;
    worker->heard_ns = cli_now_ns();
    worker->heard_runs = 0;
    /* A worker that died in between shows when its results end. */
    (void)cli_write_all(worker->child.to, &go, 1);
}

static bool has_stalled(const struct pool *pool, struct worker *worker) {
    const uint64_t bound_ns =
        (uint64_t)pool->exploration->seconds * CLI_PATIENCE * UINT64_C(1000000000);
    const uint64_t runs = *(volatile uint64_t *)&worker->page->runs;
    if (runs != worker->heard_runs) {
        worker->heard_runs = runs;
        worker->heard_ns = cli_now_ns();
    }
    return cli_now_ns() - worker->heard_ns >= bound_ns;
}

static int hear(struct pool *pool, struct worker *worker) {
    char gone = 0;
    ssize_t got = read(worker->child.from, &gone, 1);
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : cli_error("a pipe: %s", strerror(errno));
    }
    return got == 0 ? bury(pool, worker, false) : take_answer(pool, worker);
}

/* Waits until something comes or a worker is overdue, and sees to both. */
static int turn(struct pool *pool) {
    struct pollfd watched[CLI_WORKERS_MAX];
    unsigned owners[CLI_WORKERS_MAX];
    nfds_t count = 0;
    for (unsigned i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].part != NULL) {
            owners[count] = i;
            watched[count++] = (struct pollfd){.fd = pool->workers[i].child.from, .events = POLLIN};
        }
    }
    assert(count != 0);
    if (poll(watched, count, WAIT_MS) < 0 && errno != EINTR) {
        return cli_error("poll: %s", strerror(errno));
    }
    for (nfds_t i = 0; i < count; i++) {
        struct worker *worker = &pool->workers[owners[i]];
        int rc = 0;
        if (watched[i].revents != 0) {
            rc = hear(pool, worker);
        } else if (has_stalled(pool, worker)) {
            rc = bury(pool, worker, true);
        }
        if (rc != 0) {
            return rc == -1 ? cli_error("out of memory") : rc;
        }
    }
    return 0;
}

static uint64_t runs_so_far(const struct pool *pool) {
    uint64_t runs = pool->counted;
    for (const struct part *part = pool->first; part != NULL; part = part->next) {
        runs += part->state == PART_DONE ? part->runs : 0;
    }
    return runs;
}

static int work(struct pool *pool) {
    const struct cli_exploration *exploration = pool->exploration;
    int rc = 0;
    while (rc == 0 && !pool->is_over) {
        for (unsigned i = 0; i < pool->worker_count; i++) {
            if (pool->workers[i].part == NULL) {
                give_work(pool, &pool->workers[i]);
            }
        }
        rc = turn(pool);
        if (rc == 0) {
            count_parts(pool);
        }
        if (exploration->on_progress != NULL) {
            exploration->on_progress(exploration->user_data, runs_so_far(pool));
        }
    }
    return rc;
}

static int open_pool(struct pool *pool) {
    const unsigned count = pool->exploration->workers;
    pool->workers = calloc(count, sizeof *pool->workers);
    pool->pages = mmap(NULL, count * sizeof *pool->pages, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pool->first = part_new(NULL, 0, 0, NULL);
    if (pool->workers == NULL || pool->pages == MAP_FAILED || pool->first == NULL) {
        return cli_error("out of memory");
    }
    for (unsigned i = 0; i < count; i++) {
        pool->workers[i].page = &pool->pages[i];
        if (start_worker(pool, &pool->workers[i]) != 0) {
            return CLI_USAGE;
        }
        pool->worker_count++;
    }
    return 0;
}

int cli_explore_level(struct cli_exploration *exploration) {
    assert(exploration->workers >= 1 && exploration->workers <= CLI_WORKERS_MAX);
    struct pool pool = {.exploration = exploration, .pages = MAP_FAILED};
    int rc = open_pool(&pool);
    if (rc == 0) {
        rc = work(&pool);
    }
    for (unsigned i = 0; i < pool.worker_count; i++) {
        cli_child_clean_up(&pool.workers[i].child);
    }
    exploration->runs = pool.counted;
    if (pool.first != NULL) {
        drop_behind(pool.first);
        part_destroy(pool.first);
    }
    if (pool.pages != MAP_FAILED) {
        munmap(pool.pages, exploration->workers * sizeof *pool.pages);
    }
    free(pool.workers);
    return rc == 0 ? CLI_OK : CLI_USAGE;
}

void cli_exploration_clean_up(struct cli_exploration *exploration) {
    free(exploration->outcome.finding);
    free(exploration->schedule.branches);
    exploration->outcome.finding = NULL;
    exploration->schedule.branches = NULL;
}
