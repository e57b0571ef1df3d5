/* Streams over what blocks, as those know them that are made of one. */
#ifndef WB_RUNTIME_UNBLOCK_H
#define WB_RUNTIME_UNBLOCK_H

#include "runtime/errand.h"
#include "wb/unblock.h"

/* An operation on the pool, and what it needs to know. */
struct wb__unblock_job {
    enum wb_status (*run)(struct wb__unblock *shared);
    int64_t offset;
    int whence;
};

/* A file, for those that are files. */
struct wb__file_io {
    const struct wb_sys *sys;
    int fd;
};

/* While something runs all of it is the pool's. */
struct wb__unblock {
    struct wb__errand errand;
    const struct wb_blocking_io_ops *ops;
    void *io;
    struct wb__file_io file; /* what `io` points to, of a file */
    struct wb__unblock_job job;
    size_t capacity;
    size_t read_begin; /* what was read ahead: read_begin .. read_end - 1 */
    size_t read_end;
    size_t write_len;
    bool is_unflushed;
    int64_t result; /* of the job */
    struct wb_stat stat;
    uint8_t buffers[]; /* to read into, to write from */
};

/* Without an io yet, which is to be filled in. */
WB_MUST_USE enum wb_status wb__unblock_open(
    struct wb_unblock *out_unblock, struct wb_runtime *runtime, size_t capacity);

/* On the pool: gives back what was read ahead, so that the position is the user's; where nothing
 * can be given back it stays. Errors: those of seek, and nothing was given back. */
WB_MUST_USE enum wb_status wb__unblock_unread(struct wb__unblock *shared);

/* Waits until nothing runs, then has the job done; *is_begun says whether it was begun, false at
 * first. WB_READY: *out_status is how it ended, and what it brought is there; or that of a write
 * that failed before, and it was not begun. */
WB_MUST_USE enum wb_progress wb__unblock_poll_job(struct wb_unblock *self,
    struct wb_context *context, const struct wb__unblock_job *job, bool *is_begun,
    enum wb_status *out_status);

#endif
