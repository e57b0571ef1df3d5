/* What is in a directory, in one piece of work for the pool. */
#include <string.h>

#include "runtime/file.h"

/* Entries that there is room for at first, and that are asked for at a time. */
#define FIRST_COUNT 16u

void wb_dir_entries_clean_up(struct wb_dir_entries *entries) {
    if (entries->items != NULL) {
        WB_SYS(entries->sys, free, entries->items, entries->capacity * sizeof(*entries->items));
    }
    *entries = (struct wb_dir_entries){0};
}

/* ---- reading ---- */

/* Never room for more than the limit and one, which tells that it was passed. */
static enum wb_status make_room(struct wb_dir_entries *entries, size_t count_max) {
    const size_t item_size = sizeof(*entries->items);
    const size_t doubled = entries->capacity == 0 ? FIRST_COUNT : entries->capacity * 2;
    const size_t capacity = doubled < count_max + 1 ? doubled : count_max + 1;
    if (entries->count < entries->capacity) {
        return WB_OK;
    }
    void *items = WB_SYS(
        entries->sys, resize, entries->items, entries->capacity * item_size, capacity * item_size);
    if (items == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    entries->items = items;
    entries->capacity = capacity;
    return WB_OK;
}

static enum wb_status read_on(struct wb__file_errand *it) {
    struct wb_dir_entries *entries = &it->entries;
    enum wb_status status = make_room(entries, it->len_max);
    while (status == WB_OK) {
        const int result = WB_SYS(it->errand.sys, getdents, it->fd, entries->items + entries->count,
            (uint32_t)(entries->capacity - entries->count));
        if (result <= 0) {
            return wb_status_from_result(result);
        }
        entries->count += (size_t)result;
        if (entries->count > it->len_max) {
            return WB_ERR_LIMIT;
        }
        status = make_room(entries, it->len_max);
    }
    return status;
}

static enum wb_status run_read(struct wb__errand *errand) {
    struct wb__file_errand *it = (struct wb__file_errand *)errand;
    const int flags = WB_O_RDONLY | WB_O_DIRECTORY;
    const int64_t result = it->rest_len != 0 ? wb__path_open_beneath(
                               errand->sys, wb__file_errand_rest(it), it->text, flags, 0)
                                             : wb__path_open(errand->sys, it->text, flags, 0);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    it->fd = (int)result;
    it->entries.sys = errand->sys;
    return read_on(it);
}

/* ---- the future ---- */

static enum wb_status begin_read(struct wb_future *future) {
    struct wb_dir_read *self = WB_FUTURE_OF(future, struct wb_dir_read, future);
    const size_t root_size = self->root != NULL ? strlen(self->root) + 1 : 0;
    const enum wb_status status =
        wb__file_wait_open(&self->wait, run_read, self->path, self->root, root_size);
    if (status == WB_OK) {
        self->wait.errand->len_max = self->count_max;
    }
    return status;
}

static enum wb_progress read_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_dir_read *self = WB_FUTURE_OF(future, struct wb_dir_read, future);
    enum wb_status status = WB_OK;
    if (wb__file_wait_poll(&self->wait, begin_read, future, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (status == WB_OK) {
        self->entries = self->wait.errand->entries;
        self->wait.errand->entries = (struct wb_dir_entries){0};
    }
    return wb_future_end(future, status);
}

static void read_drop(struct wb_future *future) {
    wb__file_wait_drop(&WB_FUTURE_OF(future, struct wb_dir_read, future)->wait);
}

static void read_drop_output(struct wb_future *future) {
    wb_dir_entries_clean_up(&WB_FUTURE_OF(future, struct wb_dir_read, future)->entries);
}

static const struct wb_future_ops read_ops = {
    .size = sizeof(struct wb_dir_read),
    .offset = offsetof(struct wb_dir_read, future),
    .poll = read_poll,
    .drop = read_drop,
    .drop_output = read_drop_output,
};

void wb_dir_read_init(
    struct wb_dir_read *read, struct wb_runtime *runtime, const char *path, size_t count_max) {
    const size_t most = UINT32_MAX / 2;
    *read = (struct wb_dir_read){.path = path,
        .count_max = count_max < most ? count_max : most,
        .wait = {.runtime = runtime}};
    wb_future_init(&read->future, &read_ops);
}

void wb_dir_read_beneath_init(struct wb_dir_read *read, struct wb_runtime *runtime,
    const char *root, const char *path, size_t count_max) {
    wb_dir_read_init(read, runtime, path, count_max);
    read->root = root;
}
