/* Measures the runtime on the real system, and beside it tokio, if its peer lies in the same
 * folder: each case in turn on ours and on the peer's, on one thread and with two workers, round by
 * round, so that what disturbs one disturbs both. Processor time of the whole process: neighbours
 * disturb it little, and with two workers the time of both counts. Only a wake of another thread is
 * told by the clock on the wall.
 *
 *   bench_runtime [CASE]             all, or those whose name contains CASE
 *   bench_runtime --list             the names of the cases
 *   bench_runtime --once CASE COUNT  COUNT operations on one thread, for those who count
 * instructions */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "line_peer.h"
#include "runtime_case.h"
#include "wb/sys_linux.h"

enum { ROUNDS = 9, ROUNDS_MIN = 3, LINE_MAX_LEN = 128 };

/* On a busy machine a round lasts longer; then there are fewer. */
#define BUDGET_NS UINT64_C(120000000000)

static const struct {
    const char *name;
    const char *word; /* to the peer */
    struct wb_runtime_config config;
} flavours[] = {
    {"one thread", "one", {.flavour = WB_RUNTIME_CURRENT_THREAD}},
    {"two workers", "two", {.high_workers = 1, .low_workers = 1}},
};
enum { FLAVOURS = sizeof flavours / sizeof flavours[0] };

static const struct {
    const char *name;
    const char *text;
    runtime_case_fn *run;
    uint64_t count; /* operations a round */
    bool is_wall;
    bool is_size;
} cases[] = {
    {"spawn-join", "spawn and join, a million", runtime_spawn_and_join, 1000000, false, false},
    {"spawn-await", "spawn and await at once", runtime_spawn_and_await, 200000, false, false},
    {"yield", "yield, 1000 tasks", runtime_yield, 1000000, false, false},
    {"wake-task", "wake of one task by another", runtime_wake_of_task, 200000, false, false},
    {"wake-thread", "wake of the blocking thread, or back", runtime_wake_of_thread, 10000, true,
        false},
    {"timer-set", "timer set and dropped, 1 live", runtime_timer_set, 200000, false, false},
    {"timer-set-many", "timer set and dropped, a million live", runtime_timer_set_among_many,
        200000, false, false},
    {"timer-move", "timer moved, a million live", runtime_timer_move, 200000, false, false},
    {"timer-fire", "task that sleeps, a million at once", runtime_timer_fire, 1000000, false,
        false},
    {"mpsc-bounded", "value through a channel with room for 256", runtime_mpsc_bounded, 500000,
        false, false},
    {"mpsc-unbounded", "value through a channel without bound", runtime_mpsc_unbounded, 500000,
        false, false},
    {"mpsc-back", "value there and back", runtime_mpsc_there_and_back, 100000, false, false},
    {"oneshot", "question, and answer by a one-shot channel", runtime_oneshot, 100000, false,
        false},
    {"mutex", "mutex handed on across a yield", runtime_mutex, 100000, false, false},
    {"size-task", "an idle task", runtime_size_of_task, 10000, false, true},
    {"size-timer", "a timer", runtime_size_of_timer, 1, false, true},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* ---- ours ---- */

static struct runtime_run run_of(size_t c, size_t f, uint64_t count) {
    return (struct runtime_run){wb_sys_linux(), &flavours[f].config, count, cases[c].is_wall};
}

static double measure_ours(size_t c, size_t f) {
    const struct runtime_run run = run_of(c, f, cases[c].count);
    return (double)cases[c].run(&run) / (double)cases[c].count;
}

/* ---- the peer ---- */

static struct line_peer peer;

static double measure_peer(size_t c, size_t f) {
    (void)fprintf(peer.questions, "%s %s %llu\n", cases[c].name, flavours[f].word,
        (unsigned long long)cases[c].count);
    return line_peer_answer(&peer, cases[c].name) / (double)cases[c].count;
}

/* ---- allocations ---- */

static uint64_t allocations;

static void *counting_alloc(void *self, size_t size) {
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
    return wb_sys_linux()->ops->alloc(self, size);
}

static void *counting_resize(void *self, void *ptr, size_t old_size, size_t new_size) {
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
    return wb_sys_linux()->ops->resize(self, ptr, old_size, new_size);
}

static uint64_t allocations_of(size_t c, const struct wb_sys *sys, uint64_t count) {
    struct runtime_run run = run_of(c, 0, count);
    run.sys = sys;
    allocations = 0;
    (void)cases[c].run(&run);
    return allocations;
}

/* Allocations an operation on one thread: the difference of two runs. */
static void print_allocations(size_t c) {
    struct wb_sys_ops ops = *wb_sys_linux()->ops;
    ops.alloc = counting_alloc;
    ops.resize = counting_resize;
    const struct wb_sys counting = {&ops, wb_sys_linux()->self};
    const uint64_t few = allocations_of(c, &counting, 10000);
    const uint64_t many = allocations_of(c, &counting, 20000);
    char name[LINE_MAX_LEN];
    (void)snprintf(name, sizeof name, "%s, one thread", cases[c].text);
    bench_row(name, (double)(many - few) / 10000, "allocations", 0, 0, "");
}

/* ---- all of it ---- */

static struct bench_samples ours[CASES][FLAVOURS];
static struct bench_samples theirs[CASES][FLAVOURS];

/* Who is first changes from round to round. */
static void measure(size_t c, size_t f, int round) {
    const bool has_peer = peer.answers != NULL;
    if (has_peer && round % 2 == 0) {
        bench_add(&theirs[c][f], measure_peer(c, f));
    }
    bench_add(&ours[c][f], measure_ours(c, f));
    if (has_peer && round % 2 != 0) {
        bench_add(&theirs[c][f], measure_peer(c, f));
    }
}

static void print_case(size_t c, size_t f) {
    char name[LINE_MAX_LEN];
    (void)snprintf(name, sizeof name, "%s%s%s", cases[c].text, cases[c].is_size ? "" : ", ",
        cases[c].is_size ? "" : flavours[f].name);
    const struct bench_samples ratio = bench_ratio(&theirs[c][f], &ours[c][f]);
    const bool has_peer = ratio.len != 0;
    bench_row_beside(name, bench_median(&ours[c][f]), cases[c].is_size ? "bytes" : "ns",
        bench_doubt(has_peer ? &ratio : &ours[c][f]), bench_median(&ratio), "tokio",
        bench_median(&theirs[c][f]));
}

/* Those whose name contains `part`. */
static void measure_all(const char *part) {
    const uint64_t end_ns = bench_now_ns() + BUDGET_NS;
    for (int round = 0; round < ROUNDS; round++) {
        if (round >= ROUNDS_MIN && bench_now_ns() >= end_ns) {
            break;
        }
        for (size_t c = 0; c < CASES; c++) {
            const size_t count = cases[c].is_size ? 1 : FLAVOURS;
            for (size_t f = 0; f < count && strstr(cases[c].name, part) != NULL; f++) {
                measure(c, f, round);
            }
        }
    }
    for (size_t c = 0; c < CASES; c++) {
        for (size_t f = 0; f < FLAVOURS && ours[c][f].len != 0; f++) {
            print_case(c, f);
        }
    }
    for (size_t c = 0; c < CASES; c++) {
        if (ours[c][0].len != 0 && !cases[c].is_size) {
            print_allocations(c);
        }
    }
}

static int run_once(const char *name, const char *count) {
    for (size_t c = 0; c < CASES; c++) {
        if (strcmp(cases[c].name, name) == 0) {
            const struct runtime_run run = run_of(c, 0, strtoull(count, NULL, 10));
            printf("%llu\n", (unsigned long long)cases[c].run(&run));
            return EXIT_SUCCESS;
        }
    }
    (void)fprintf(stderr, "bench_runtime: no case %s\n", name);
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "--once") == 0) {
        return run_once(argv[2], argv[3]);
    }
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t c = 0; c < CASES; c++) {
            printf("%s\n", cases[c].name);
        }
        return EXIT_SUCCESS;
    }
    line_peer_start(&peer, "bench_tokio");
    measure_all(argc > 1 ? argv[1] : "");
    return EXIT_SUCCESS;
}
