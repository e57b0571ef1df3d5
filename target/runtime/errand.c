/* Shared work for the blocking pool. */
#include "runtime/errand.h"

#include <string.h>

#include "runtime/internal.h"

void *wb__errand_new(const struct wb_sys *sys, size_t size,
    enum wb_status (*run)(struct wb__errand *errand), void (*clean_up)(struct wb__errand *errand)) {
    struct wb__errand *errand = WB_SYS(sys, alloc, size);
    if (errand != NULL) {
        memset(errand, 0, size);
        errand->sys = sys;
        errand->size = size;
        errand->run = run;
        errand->clean_up = clean_up;
        atomic_init(&errand->owners, 1);
    }
    return errand;
}

static enum wb_status run(void *arg) {
    struct wb__errand *errand = arg;
    return errand->run(errand);
}

static void release(void *arg) {
    struct wb__errand *errand = arg;
    const struct wb_sys *sys = errand->sys;
    wb_sys_interleave(sys, &errand->owners);
    if (atomic_fetch_sub_explicit(&errand->owners, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (errand->clean_up != NULL) {
        errand->clean_up(errand);
    }
    WB_SYS(sys, free, errand, errand->size);
}

enum wb_status wb__errand_send(
    struct wb__errand *errand, struct wb_runtime *runtime, struct wb_join_handle *out_handle) {
    wb_sys_interleave(errand->sys, &errand->owners);
    atomic_fetch_add_explicit(&errand->owners, 1, memory_order_relaxed);
    return wb__blocking_spawn(runtime, run, release, errand, out_handle);
}

void wb__errand_release(struct wb__errand *errand) {
    if (errand != NULL) {
        release(errand);
    }
}
