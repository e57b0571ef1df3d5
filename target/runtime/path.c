/* Calls by name. */
#include <errno.h>
#include <string.h>

#include "runtime/file.h"

/* One call, in the pool. */
typedef int (*path_fn)(struct wb__file_errand *errand);

static int call_stat(struct wb__file_errand *it) {
    return WB_SYS(it->errand.sys, stat, it->text, &it->stat);
}

static int call_rename(struct wb__file_errand *it) {
    return WB_SYS(it->errand.sys, rename, it->text, wb__file_errand_rest(it));
}

static int call_remove(struct wb__file_errand *it) {
    return WB_SYS(it->errand.sys, unlink, it->text);
}

static int call_remove_dir(struct wb__file_errand *it) {
    return WB_SYS(it->errand.sys, rmdir, it->text);
}

static int call_make_dir(struct wb__file_errand *it) {
    return WB_SYS(it->errand.sys, mkdir, it->text, it->mode);
}

enum { STAT, RENAME, REMOVE, REMOVE_DIR, MAKE_DIR };

static const path_fn calls[] = {
    [STAT] = call_stat,
    [RENAME] = call_rename,
    [REMOVE] = call_remove,
    [REMOVE_DIR] = call_remove_dir,
    [MAKE_DIR] = call_make_dir,
};

static enum wb_status run(struct wb__errand *errand) {
    struct wb__file_errand *it = (struct wb__file_errand *)errand;
    int result = -EINTR;
    while (result == -EINTR) {
        result = calls[it->kind](it);
    }
    return wb_status_from_result(result);
}

static enum wb_status begin(struct wb_future *future) {
    struct wb_path_call *self = WB_FUTURE_OF(future, struct wb_path_call, future);
    const size_t to_size = self->to != NULL ? strlen(self->to) + 1 : 0;
    const enum wb_status status =
        wb__file_wait_open(&self->wait, run, self->path, self->to, to_size);
    if (status == WB_OK) {
        self->wait.errand->kind = self->kind;
        self->wait.errand->mode = self->mode;
    }
    return status;
}

static enum wb_progress call_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_path_call *self = WB_FUTURE_OF(future, struct wb_path_call, future);
    enum wb_status status = WB_OK;
    if (wb__file_wait_poll(&self->wait, begin, future, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (status == WB_OK) {
        self->stat = self->wait.errand->stat;
    }
    return wb_future_end(future, status);
}

static void call_drop(struct wb_future *future) {
    wb__file_wait_drop(&WB_FUTURE_OF(future, struct wb_path_call, future)->wait);
}

static const struct wb_future_ops call_ops = {
    .size = sizeof(struct wb_path_call),
    .offset = offsetof(struct wb_path_call, future),
    .poll = call_poll,
    .drop = call_drop,
};

static void call_init(
    struct wb_path_call *call, struct wb_runtime *runtime, int kind, const char *path) {
    *call = (struct wb_path_call){.path = path, .kind = kind, .wait = {.runtime = runtime}};
    wb_future_init(&call->future, &call_ops);
}

void wb_path_stat_init(struct wb_path_call *call, struct wb_runtime *runtime, const char *path) {
    call_init(call, runtime, STAT, path);
}

void wb_path_rename_init(
    struct wb_path_call *call, struct wb_runtime *runtime, const char *path, const char *to) {
    call_init(call, runtime, RENAME, path);
    call->to = to;
}

void wb_path_remove_init(struct wb_path_call *call, struct wb_runtime *runtime, const char *path) {
    call_init(call, runtime, REMOVE, path);
}

void wb_path_remove_dir_init(
    struct wb_path_call *call, struct wb_runtime *runtime, const char *path) {
    call_init(call, runtime, REMOVE_DIR, path);
}

void wb_path_make_dir_init(
    struct wb_path_call *call, struct wb_runtime *runtime, const char *path, uint32_t mode) {
    call_init(call, runtime, MAKE_DIR, path);
    call->mode = mode;
}
