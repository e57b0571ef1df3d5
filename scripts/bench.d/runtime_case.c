/* See runtime_case.h. */
#define _GNU_SOURCE
#include "runtime_case.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TASKS_MAX = 2 };

void runtime_must(enum wb_status status) {
    if (status != WB_OK) {
        (void)fprintf(stderr, "bench_runtime: %s\n", wb_status_text(status));
        exit(EXIT_FAILURE);
    }
}

void *runtime_must_alloc(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) {
        runtime_must(WB_ERR_NO_MEMORY);
    }
    return memory;
}

uint64_t runtime_clock_ns(const struct runtime_run *run) {
    struct timespec now;
    const int failed =
        clock_gettime(run->is_wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &now);
    assert(failed == 0);
    (void)failed;
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t runtime_run_tasks(
    const struct runtime_run *run, struct wb_future *const *futures, size_t count, size_t low) {
    struct wb_runtime *runtime = NULL;
    struct wb_join_handle handles[TASKS_MAX];
    assert(count <= TASKS_MAX);
    runtime_must(wb_runtime_new(run->sys, run->config, &runtime));
    const uint64_t before_ns = runtime_clock_ns(run);
    for (size_t i = 0; i < count; i++) {
        const struct wb_spawn_options options = {
            .priority = i < low ? WB_PRIORITY_LOW : WB_PRIORITY_HIGH};
        runtime_must(wb_runtime_spawn(runtime, futures[i], &options, &handles[i]));
    }
    for (size_t i = 0; i < count; i++) {
        runtime_must(wb_runtime_block_on(runtime, &handles[i].future));
        wb_join_handle_detach(&handles[i]);
    }
    const uint64_t spent_ns = runtime_clock_ns(run) - before_ns;
    wb_runtime_destroy(runtime);
    return spent_ns;
}
