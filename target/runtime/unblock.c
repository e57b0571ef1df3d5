/* Streams over what blocks. One operation runs at a time; whoever wants the next waits for it. */
#include "runtime/unblock.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "wb/async.h"

static uint8_t *read_buffer(struct wb__unblock *shared) {
    return shared->buffers;
}

static uint8_t *write_buffer(struct wb__unblock *shared) {
    return shared->buffers + shared->capacity;
}

/* ---- what runs on the pool ---- */

static enum wb_status status_of(int64_t result) {
    const enum wb_status status = wb_status_from_result(result);
    return result >= 0 || wb_status_is_error(status) ? status : WB_ERR_INVALID;
}

static enum wb_status job_read(struct wb__unblock *shared) {
    int64_t result = -EINTR;
    while (result == -EINTR) {
        result = shared->ops->read(shared->io, read_buffer(shared), shared->capacity);
    }
    assert(result <= (int64_t)shared->capacity && "read what it can't have read");
    shared->read_begin = 0;
    shared->read_end = result > 0 ? (size_t)result : 0;
    return status_of(result);
}

static int64_t seek(struct wb__unblock *shared, int64_t offset, int whence) {
    int64_t result = -EINTR;
    while (result == -EINTR) {
        result = shared->ops->seek(shared->io, offset, whence);
    }
    return result;
}

enum wb_status wb__unblock_unread(struct wb__unblock *shared) {
    const int64_t ahead = (int64_t)(shared->read_end - shared->read_begin);
    if (ahead == 0 || shared->ops->seek == NULL) {
        return WB_OK;
    }
    const int64_t result = seek(shared, -ahead, WB_SEEK_CUR);
    if (result == -ESPIPE) {
        return WB_OK;
    }
    if (result >= 0) {
        shared->read_begin = 0;
        shared->read_end = 0;
    }
    return status_of(result);
}

static enum wb_status job_write(struct wb__unblock *shared) {
    enum wb_status status = wb__unblock_unread(shared);
    for (size_t done = 0; done < shared->write_len && status == WB_OK;) {
        const int64_t result =
            shared->ops->write(shared->io, write_buffer(shared) + done, shared->write_len - done);
        assert(result <= (int64_t)(shared->write_len - done) && "took more than it was given");
        if (result > 0) {
            done += (size_t)result;
        } else if (result != -EINTR) {
            status = result == 0 ? WB_ERR_WRITE_ZERO : status_of(result);
        }
    }
    return status;
}

static enum wb_status job_flush(struct wb__unblock *shared) {
    int64_t result = -EINTR;
    while (result == -EINTR) {
        result = shared->ops->flush(shared->io);
    }
    return status_of(result);
}

static enum wb_status job_seek(struct wb__unblock *shared) {
    int64_t offset = shared->job.offset;
    if (shared->ops->seek == NULL) {
        return WB_ERR_NOT_SUPPORTED;
    }
    const int64_t ahead = (int64_t)(shared->read_end - shared->read_begin);
    if (shared->job.whence == WB_SEEK_CUR && __builtin_sub_overflow(offset, ahead, &offset)) {
        return WB_ERR_INVALID;
    }
    shared->result = seek(shared, offset, shared->job.whence);
    if (shared->result >= 0) {
        shared->read_begin = 0;
        shared->read_end = 0;
    }
    return status_of(shared->result);
}

static enum wb_status run(struct wb__errand *errand) {
    struct wb__unblock *shared = (struct wb__unblock *)errand;
    return shared->job.run(shared);
}

static const struct wb__unblock_job reading = {.run = job_read};
static const struct wb__unblock_job writing = {.run = job_write};
static const struct wb__unblock_job flushing = {.run = job_flush};

/* ---- one at a time ---- */

static enum wb_status begin(struct wb_unblock *self, const struct wb__unblock_job *job) {
    self->shared->job = *job;
    const enum wb_status status =
        wb__errand_send(&self->shared->errand, self->runtime, &self->handle);
    self->is_busy = status == WB_OK;
    return status;
}

/* What a write or a flush failed with is for whoever asks next. */
static void note_outcome(struct wb_unblock *self) {
    struct wb__unblock *shared = self->shared;
    const bool was_flushing = shared->job.run == job_flush;
    if (was_flushing) {
        shared->is_unflushed = self->outcome != WB_OK;
    }
    if ((was_flushing || shared->job.run == job_write) && self->outcome != WB_OK) {
        self->write_failure = self->outcome;
    }
}

/* WB_READY: nothing runs. */
static enum wb_progress await_idle(struct wb_unblock *self, struct wb_context *context) {
    if (!self->is_busy) {
        return WB_READY;
    }
    if (wb_future_poll(&self->handle.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    self->is_busy = false;
    self->outcome = self->handle.future.status;
    wb_join_handle_detach(&self->handle);
    note_outcome(self);
    return WB_READY;
}

static enum wb_status take_write_failure(struct wb_unblock *self) {
    const enum wb_status status = self->write_failure;
    self->write_failure = WB_OK;
    return status;
}

enum wb_progress wb__unblock_poll_job(struct wb_unblock *self, struct wb_context *context,
    const struct wb__unblock_job *job, bool *is_begun, enum wb_status *out_status) {
    if (await_idle(self, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (!*is_begun) {
        *out_status = take_write_failure(self);
        if (*out_status == WB_OK) {
            *out_status = begin(self, job);
        }
        if (*out_status != WB_OK) {
            return WB_READY;
        }
        *is_begun = true;
        if (await_idle(self, context) == WB_PENDING) {
            return WB_PENDING;
        }
    }
    *out_status = self->outcome;
    return WB_READY;
}

/* ---- reading ---- */

static struct wb_unblock *of_reader(struct wb_async_read *stream) {
    return (struct wb_unblock *)(void *)((char *)stream - offsetof(struct wb_unblock, read));
}

static size_t take_ahead(struct wb__unblock *shared, void *buf, size_t len) {
    const size_t ahead = shared->read_end - shared->read_begin;
    const size_t taken = len < ahead ? len : ahead;
    memcpy(buf, read_buffer(shared) + shared->read_begin, taken);
    shared->read_begin += taken;
    return taken;
}

static enum wb_progress unblock_poll_read(struct wb_async_read *stream, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct wb_unblock *self = of_reader(stream);
    struct wb__unblock *shared = self->shared;
    bool was_reading = self->is_busy && shared->job.run == job_read;
    *out_status = WB_OK;
    for (;;) {
        if (await_idle(self, context) == WB_PENDING) {
            return WB_PENDING;
        }
        if (shared->read_end > shared->read_begin) {
            if (wb_context_spend(context) == WB_PENDING) {
                return WB_PENDING;
            }
            *out_len = take_ahead(shared, buf, len);
            return WB_READY;
        }
        if (was_reading) { /* and brought nothing */
            *out_status = self->outcome == WB_OK ? WB_EOF : self->outcome;
            return WB_READY;
        }
        *out_status = shared->ops->read == NULL ? WB_ERR_NOT_SUPPORTED : begin(self, &reading);
        if (*out_status != WB_OK) {
            return WB_READY;
        }
        was_reading = true;
    }
}

static const struct wb_async_read_ops reader_ops = {.poll_read = unblock_poll_read};

/* ---- writing ---- */

static struct wb_unblock *of_writer(struct wb_async_write *stream) {
    return (struct wb_unblock *)(void *)((char *)stream - offsetof(struct wb_unblock, write));
}

static enum wb_status take_bytes(struct wb_unblock *self, const void *buf, size_t len) {
    struct wb__unblock *shared = self->shared;
    enum wb_status status = take_write_failure(self);
    if (status != WB_OK) {
        return status;
    }
    if (shared->ops->write == NULL) {
        return WB_ERR_NOT_SUPPORTED;
    }
    memcpy(write_buffer(shared), buf, len);
    shared->write_len = len;
    shared->is_unflushed = true;
    return begin(self, &writing);
}

static enum wb_progress unblock_poll_write(struct wb_async_write *stream,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len) {
    struct wb_unblock *self = of_writer(stream);
    if (await_idle(self, context) == WB_PENDING || wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    *out_len = len < self->shared->capacity ? len : self->shared->capacity;
    *out_status = take_bytes(self, buf, *out_len);
    return WB_READY;
}

static enum wb_progress unblock_poll_flush(
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status) {
    struct wb_unblock *self = of_writer(stream);
    struct wb__unblock *shared = self->shared;
    bool is_begun = self->is_busy && shared->job.run == job_flush;
    for (;;) {
        if (await_idle(self, context) == WB_PENDING) {
            return WB_PENDING;
        }
        *out_status = take_write_failure(self);
        if (is_begun || *out_status != WB_OK || shared->ops->flush == NULL
            || !shared->is_unflushed) {
            return WB_READY;
        }
        *out_status = begin(self, &flushing);
        if (*out_status != WB_OK) {
            return WB_READY;
        }
        is_begun = true;
    }
}

static const struct wb_async_write_ops writer_ops = {
    .poll_write = unblock_poll_write,
    .poll_flush = unblock_poll_flush,
    .poll_shutdown = unblock_poll_flush,
};

/* ---- life ---- */

static void clean_up(struct wb__errand *errand) {
    const struct wb__unblock *shared = (const struct wb__unblock *)errand;
    if (shared->ops != NULL && shared->ops->close != NULL) {
        shared->ops->close(shared->io);
    }
}

enum wb_status wb__unblock_open(
    struct wb_unblock *out_unblock, struct wb_runtime *runtime, size_t capacity) {
    *out_unblock = (struct wb_unblock){.read = {&reader_ops}, .write = {&writer_ops}};
    if (runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    if (capacity == 0 || capacity > WB_UNBLOCK_CAPACITY_MAX) {
        return WB_ERR_INVALID;
    }
    struct wb__unblock *shared = wb__errand_new(
        wb_runtime_sys(runtime), sizeof(struct wb__unblock) + 2 * capacity, run, clean_up);
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    shared->capacity = capacity;
    out_unblock->runtime = runtime;
    out_unblock->shared = shared;
    return WB_OK;
}

enum wb_status wb_unblock_new(struct wb_unblock *out_unblock, struct wb_runtime *runtime,
    const struct wb_blocking_io_ops *ops, void *io, size_t capacity) {
    const enum wb_status status = wb__unblock_open(out_unblock, runtime, capacity);
    if (status == WB_OK) {
        out_unblock->shared->ops = ops;
        out_unblock->shared->io = io;
    }
    return status;
}

void wb_unblock_close(struct wb_unblock *unblock) {
    struct wb__unblock *shared = unblock->shared;
    if (shared == NULL) {
        return;
    }
    wb_join_handle_detach(&unblock->handle);
    unblock->shared = NULL;
    unblock->is_busy = false;
    wb__errand_release(&shared->errand);
}

/* ---- the position ---- */

static enum wb_progress seek_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_seek *self = WB_FUTURE_OF(future, struct wb_seek, future);
    const struct wb__unblock_job job = {
        .run = job_seek, .offset = self->offset, .whence = self->whence};
    enum wb_status status = WB_OK;
    if (wb__unblock_poll_job(self->unblock, context, &job, &self->is_begun, &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    self->position = self->unblock->shared->result;
    return wb_future_end(future, status);
}

static const struct wb_future_ops seek_ops = {
    .size = sizeof(struct wb_seek),
    .offset = offsetof(struct wb_seek, future),
    .poll = seek_poll,
};

void wb_seek_init(struct wb_seek *seek, struct wb_unblock *unblock, int64_t offset, int whence) {
    *seek = (struct wb_seek){.unblock = unblock, .offset = offset, .whence = whence};
    wb_future_init(&seek->future, &seek_ops);
}

/* ---- taking it back ---- */

/* Where nothing can be moved, nothing need be. */
static bool has_no_position(enum wb_status status) {
    return status == WB_ERR_NOT_SUPPORTED || status == WB_ERR_NOT_SEEKABLE;
}

static enum wb_progress take_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_unblock_take *self = WB_FUTURE_OF(future, struct wb_unblock_take, future);
    WB_ASYNC_BEGIN(future, context);
    wb_flush_init(&self->flush, &self->unblock->write);
    WB_TRY_AWAIT(&self->flush.future);
    wb_seek_init(&self->seek, self->unblock, 0, WB_SEEK_CUR);
    WB_AWAIT(&self->seek.future);
    if (self->seek.future.status != WB_OK && !has_no_position(self->seek.future.status)) {
        WB_ASYNC_RETURN(self->seek.future.status);
    }
    self->io = self->unblock->shared->io;
    self->unblock->shared->ops = NULL;
    wb_unblock_close(self->unblock);
    *self->unblock = (struct wb_unblock){0};
    WB_ASYNC_END(WB_OK);
}

static void take_drop(struct wb_future *future) {
    struct wb_unblock_take *self = WB_FUTURE_OF(future, struct wb_unblock_take, future);
    wb_future_drop(&self->flush.future);
    wb_future_drop(&self->seek.future);
}

static const struct wb_future_ops take_ops = {
    .size = sizeof(struct wb_unblock_take),
    .offset = offsetof(struct wb_unblock_take, future),
    .poll = take_poll,
    .drop = take_drop,
};

void wb_unblock_take_init(struct wb_unblock_take *take, struct wb_unblock *unblock) {
    *take = (struct wb_unblock_take){.unblock = unblock};
    wb_future_init(&take->future, &take_ops);
}
