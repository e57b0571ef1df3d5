/* Reading and writing files as a whole, in one piece of work for the pool. */
#include "runtime/file.h"

/* Bytes of the first piece of memory for what is read, if the file does not tell its size. */
#define FIRST_CAPACITY 4096u

/* What a file says of its size is believed up to here; beyond that memory comes with the bytes. */
#define FIRST_CAPACITY_MAX (UINT64_C(1) << 20)

void wb_file_contents_clean_up(struct wb_file_contents *contents) {
    if (contents->bytes != NULL) {
        WB_SYS(contents->sys, free, contents->bytes, contents->capacity);
    }
    *contents = (struct wb_file_contents){0};
}

/* ---- reading ---- */

static enum wb_status grow(struct wb_file_contents *contents, size_t capacity) {
    uint8_t *bytes = WB_SYS(contents->sys, resize, contents->bytes, contents->capacity, capacity);
    if (bytes == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    contents->bytes = bytes;
    contents->capacity = capacity;
    return WB_OK;
}

/* There is a byte more than the file should have, for the read that finds the end; and one more
 * than the limit, for the one that passes it. */
static size_t first_capacity(const struct wb__file_errand *it) {
    uint64_t size = 0;
    struct wb_stat stat;
    if (WB_SYS(it->errand.sys, fstat, it->fd, &stat) == 0) {
        size = stat.size;
    }
    const uint64_t told = size == 0 ? FIRST_CAPACITY : size + 1;
    const uint64_t wanted = told < FIRST_CAPACITY_MAX ? told : FIRST_CAPACITY_MAX;
    return wanted < (uint64_t)it->len_max + 1 ? (size_t)wanted : it->len_max + 1;
}

static size_t next_capacity(const struct wb__file_errand *it) {
    const size_t capacity = it->contents.capacity;
    return capacity > it->len_max / 2 ? it->len_max + 1 : capacity * 2;
}

/* Until the end, the limit or a failure. */
static enum wb_status read_on(struct wb__file_errand *it) {
    struct wb_file_contents *contents = &it->contents;
    enum wb_status status = grow(contents, first_capacity(it));
    while (status == WB_OK) {
        const int64_t result = wb__fd_read(it->errand.sys, it->fd, contents->bytes + contents->len,
            contents->capacity - contents->len);
        if (result <= 0) {
            return wb_status_from_result(result);
        }
        contents->len += (size_t)result;
        if (contents->len > it->len_max) {
            return WB_ERR_LIMIT;
        }
        if (contents->len == contents->capacity) {
            status = grow(contents, next_capacity(it));
        }
    }
    return status;
}

static enum wb_status run_read(struct wb__errand *errand) {
    struct wb__file_errand *it = (struct wb__file_errand *)errand;
    const int64_t result = wb__path_open(errand->sys, it->text, WB_O_RDONLY, 0);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    it->fd = (int)result;
    it->contents.sys = errand->sys;
    return read_on(it);
}

static enum wb_status begin_read(struct wb_future *future) {
    struct wb_file_read_whole *self = WB_FUTURE_OF(future, struct wb_file_read_whole, future);
    const enum wb_status status = wb__file_wait_open(&self->wait, run_read, self->path, NULL, 0);
    if (status == WB_OK) {
        self->wait.errand->len_max = self->len_max;
    }
    return status;
}

static enum wb_progress read_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_file_read_whole *self = WB_FUTURE_OF(future, struct wb_file_read_whole, future);
    enum wb_status status = WB_OK;
    if (wb__file_wait_poll(&self->wait, begin_read, future, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (status == WB_OK) {
        self->contents = self->wait.errand->contents;
        self->wait.errand->contents = (struct wb_file_contents){0};
    }
    return wb_future_end(future, status);
}

static void read_drop(struct wb_future *future) {
    wb__file_wait_drop(&WB_FUTURE_OF(future, struct wb_file_read_whole, future)->wait);
}

static void read_drop_output(struct wb_future *future) {
    wb_file_contents_clean_up(&WB_FUTURE_OF(future, struct wb_file_read_whole, future)->contents);
}

static const struct wb_future_ops read_ops = {
    .size = sizeof(struct wb_file_read_whole),
    .offset = offsetof(struct wb_file_read_whole, future),
    .poll = read_poll,
    .drop = read_drop,
    .drop_output = read_drop_output,
};

void wb_file_read_whole_init(
    struct wb_file_read_whole *read, struct wb_runtime *runtime, const char *path, size_t len_max) {
    const size_t most = SIZE_MAX / 4;
    *read = (struct wb_file_read_whole){
        .path = path, .len_max = len_max < most ? len_max : most, .wait = {.runtime = runtime}};
    wb_future_init(&read->future, &read_ops);
}

/* ---- writing ---- */

static enum wb_status write_on(struct wb__file_errand *it) {
    const char *bytes = wb__file_errand_rest(it);
    for (size_t done = 0; done < it->rest_len;) {
        const int64_t result =
            wb__fd_write(it->errand.sys, it->fd, bytes + done, it->rest_len - done);
        if (result <= 0) {
            return result == 0 ? WB_ERR_WRITE_ZERO : wb_status_from_result(result);
        }
        done += (size_t)result;
    }
    return WB_OK;
}

static enum wb_status run_write(struct wb__errand *errand) {
    struct wb__file_errand *it = (struct wb__file_errand *)errand;
    const int64_t result =
        wb__path_open(errand->sys, it->text, WB_O_WRONLY | WB_O_CREAT | WB_O_TRUNC, it->mode);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    it->fd = (int)result;
    return write_on(it);
}

static enum wb_status begin_write(struct wb_future *future) {
    struct wb_file_write_whole *self = WB_FUTURE_OF(future, struct wb_file_write_whole, future);
    const enum wb_status status =
        wb__file_wait_open(&self->wait, run_write, self->path, self->bytes, self->len);
    if (status == WB_OK) {
        self->wait.errand->mode = self->mode;
    }
    return status;
}

static enum wb_progress write_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_file_write_whole *self = WB_FUTURE_OF(future, struct wb_file_write_whole, future);
    enum wb_status status = WB_OK;
    if (wb__file_wait_poll(&self->wait, begin_write, future, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static void write_drop(struct wb_future *future) {
    wb__file_wait_drop(&WB_FUTURE_OF(future, struct wb_file_write_whole, future)->wait);
}

static const struct wb_future_ops write_ops = {
    .size = sizeof(struct wb_file_write_whole),
    .offset = offsetof(struct wb_file_write_whole, future),
    .poll = write_poll,
    .drop = write_drop,
};

void wb_file_write_whole_init(struct wb_file_write_whole *write, struct wb_runtime *runtime,
    const char *path, const void *bytes, size_t len, uint32_t mode) {
    *write = (struct wb_file_write_whole){
        .path = path, .bytes = bytes, .len = len, .mode = mode, .wait = {.runtime = runtime}};
    wb_future_init(&write->future, &write_ops);
}
