/* Open files. */
#include "runtime/file.h"

#include <errno.h>
#include <string.h>

#include "runtime/unblock.h"

/* ---- a descriptor that blocks ---- */

static int64_t file_read(void *io, void *buf, size_t len) {
    const struct wb__file_io *file = io;
    return WB_SYS(file->sys, read, file->fd, buf, len);
}

static int64_t file_write(void *io, const void *buf, size_t len) {
    const struct wb__file_io *file = io;
    return WB_SYS(file->sys, write, file->fd, buf, len);
}

static int64_t file_seek(void *io, int64_t offset, int whence) {
    const struct wb__file_io *file = io;
    return WB_SYS(file->sys, lseek, file->fd, offset, whence);
}

static void file_close(void *io) {
    const struct wb__file_io *file = io;
    (void)WB_SYS(file->sys, close, file->fd);
}

static const struct wb_blocking_io_ops file_io_ops = {
    .read = file_read,
    .write = file_write,
    .seek = file_seek,
    .close = file_close,
};

enum wb_status wb_file_from_fd(struct wb_file *out_file, struct wb_runtime *runtime, int fd) {
    const enum wb_status status = wb__unblock_open(&out_file->io, runtime, WB_FILE_BUFFER);
    if (status == WB_OK) {
        struct wb__unblock *shared = out_file->io.shared;
        shared->file = (struct wb__file_io){wb_runtime_sys(runtime), fd};
        shared->ops = &file_io_ops;
        shared->io = &shared->file;
    }
    return status;
}

/* ---- opening ---- */

static enum wb_status run_open(struct wb__errand *errand) {
    struct wb__file_errand *it = (struct wb__file_errand *)errand;
    const int64_t result = it->rest_len != 0
                               ? wb__path_open_beneath(errand->sys, wb__file_errand_rest(it),
                                   it->text, it->flags, it->mode)
                               : wb__path_open(errand->sys, it->text, it->flags, it->mode);
    it->fd = result >= 0 ? (int)result : -1;
    return wb_status_from_result(result);
}

static enum wb_status begin_open(struct wb_future *future) {
    struct wb_file_open *self = WB_FUTURE_OF(future, struct wb_file_open, future);
    const size_t root_size = self->root != NULL ? strlen(self->root) + 1 : 0;
    const enum wb_status status =
        wb__file_wait_open(&self->wait, run_open, self->path, self->root, root_size);
    if (status == WB_OK) {
        self->wait.errand->flags = self->flags;
        self->wait.errand->mode = self->mode;
    }
    return status;
}

static enum wb_progress open_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_file_open *self = WB_FUTURE_OF(future, struct wb_file_open, future);
    enum wb_status status = WB_OK;
    if (wb__file_wait_poll(&self->wait, begin_open, future, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (status == WB_OK) {
        status = wb_file_from_fd(&self->file, self->wait.runtime, self->wait.errand->fd);
    }
    if (status == WB_OK) {
        self->wait.errand->fd = -1;
    }
    return wb_future_end(future, status);
}

static void open_drop(struct wb_future *future) {
    wb__file_wait_drop(&WB_FUTURE_OF(future, struct wb_file_open, future)->wait);
}

static void open_drop_output(struct wb_future *future) {
    wb_file_close(&WB_FUTURE_OF(future, struct wb_file_open, future)->file);
}

static const struct wb_future_ops open_ops = {
    .size = sizeof(struct wb_file_open),
    .offset = offsetof(struct wb_file_open, future),
    .poll = open_poll,
    .drop = open_drop,
    .drop_output = open_drop_output,
};

void wb_file_open_init(struct wb_file_open *open, struct wb_runtime *runtime, const char *path,
    int flags, uint32_t mode) {
    *open = (struct wb_file_open){
        .path = path, .flags = flags, .mode = mode, .wait = {.runtime = runtime}};
    wb_future_init(&open->future, &open_ops);
}

void wb_file_open_beneath_init(struct wb_file_open *open, struct wb_runtime *runtime,
    const char *root, const char *path, int flags, uint32_t mode) {
    wb_file_open_init(open, runtime, path, flags, mode);
    open->root = root;
}

/* ---- calls ---- */

static enum wb_status job_sync(struct wb__unblock *shared) {
    int result = -EINTR;
    while (result == -EINTR) {
        result = WB_SYS(shared->file.sys, fsync, shared->file.fd);
    }
    return wb_status_from_result(result);
}

static enum wb_status job_stat(struct wb__unblock *shared) {
    return wb_status_from_result(WB_SYS(shared->file.sys, fstat, shared->file.fd, &shared->stat));
}

/* What was read ahead may be what is cut off. */
static enum wb_status job_set_size(struct wb__unblock *shared) {
    const enum wb_status status = wb__unblock_unread(shared);
    int result = -EINTR;
    while (status == WB_OK && result == -EINTR) {
        result = WB_SYS(shared->file.sys, ftruncate, shared->file.fd, shared->job.offset);
    }
    return status == WB_OK ? wb_status_from_result(result) : status;
}

static enum wb_progress call_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_file_call *self = WB_FUTURE_OF(future, struct wb_file_call, future);
    const struct wb__unblock_job job = {.run = self->job, .offset = self->size};
    enum wb_status status = WB_OK;
    if (wb__unblock_poll_job(&self->file->io, context, &job, &self->is_begun, &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    self->stat = self->file->io.shared->stat;
    return wb_future_end(future, status);
}

static const struct wb_future_ops call_ops = {
    .size = sizeof(struct wb_file_call),
    .offset = offsetof(struct wb_file_call, future),
    .poll = call_poll,
};

static void call_init(struct wb_file_call *call, struct wb_file *file,
    enum wb_status (*job)(struct wb__unblock *shared), int64_t size) {
    *call = (struct wb_file_call){.file = file, .job = job, .size = size};
    wb_future_init(&call->future, &call_ops);
}

void wb_file_sync_init(struct wb_file_call *call, struct wb_file *file) {
    call_init(call, file, job_sync, 0);
}

void wb_file_stat_init(struct wb_file_call *call, struct wb_file *file) {
    call_init(call, file, job_stat, 0);
}

void wb_file_set_size_init(struct wb_file_call *call, struct wb_file *file, int64_t size) {
    call_init(call, file, job_set_size, size);
}
