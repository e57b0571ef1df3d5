/* Something that blocks as an asynchronous stream: whatever has a read, a write and a seek that
 * wait, and cannot be watched for readiness, is read and written on the blocking pool. wb/file.h is
 * made of it.
 *
 * Reading reads ahead, by up to `capacity` bytes. A write is taken into a buffer and done behind
 * the back of whoever wrote: it is over before the next operation begins, and what it failed with
 * is told by the next write, flush or shutdown, as is what a flush failed with that was given up.
 * So what must be written is flushed before it is closed.
 *
 * A future that is given up gives up waiting only: its operation is done, and what a read brought
 * is kept for the next.
 *
 * Status: of all operations what that which blocks fails with, those of
 * wb_runtime_spawn_blocking(), and WB_ERR_CANCELLED if the runtime was shut down before it began.
 *
 * Thread: one task at a time uses it, for both directions together, since they share a position.
 * Allocates: once, and once for each operation that is handed to the pool. */
#ifndef WB_UNBLOCK_H
#define WB_UNBLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/async_io.h"
#include "wb/future.h"
#include "wb/status.h"
#include "wb/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;
struct wb__unblock;

/* What blocks. Results are those of the seam (wb/sys.h): a number >= 0 or -errno; -EINTR has the
 * operation repeated, -EAGAIN is a mistake, since it should have waited, and becomes
 * WB_ERR_INVALID. Called by one thread at a time, not always the same. */
struct wb_blocking_io_ops {
    /* Both optional; without one that direction fails with WB_ERR_NOT_SUPPORTED. `len` is not 0;
     * read: 0 is the end. write: 0 is WB_ERR_WRITE_ZERO. */
    int64_t (*read)(void *io, void *buf, size_t len);
    int64_t (*write)(void *io, const void *buf, size_t len);
    /* Optional: moves the position that both directions share, and returns the new one. Without it,
     * or where it fails with -ESPIPE, the directions have nothing to do with each other. */
    int64_t (*seek)(void *io, int64_t offset, int whence);
    /* Optional: for those who keep back what was written. */
    int64_t (*flush)(void *io);
    /* Optional. Nothing else is called after it. By the thread that closes the struct wb_unblock,
     * or in the pool if something runs there. */
    void (*close)(void *io);
};

/* May be moved at any time but while a future on it is pending. All zero: none, for which only
 * close is allowed. */
struct wb_unblock {
    struct wb_async_read read;
    struct wb_async_write write;
    struct wb_runtime *runtime;
    struct wb__unblock *shared;
    struct wb_join_handle handle; /* private: of what runs */
    bool is_busy;
    enum wb_status outcome;       /* of what ran last */
    enum wb_status write_failure; /* not told yet */
};

#define WB_UNBLOCK_CAPACITY_MAX (1u << 30)

/* `ops` and `io` are borrowed until `close` was called. `capacity`: bytes of each of two buffers, 1
 * to WB_UNBLOCK_CAPACITY_MAX. Errors: WB_ERR_NO_MEMORY, WB_ERR_INVALID, WB_ERR_NO_RUNTIME for NULL;
 * nothing was called then. */
WB_API WB_MUST_USE enum wb_status wb_unblock_new(struct wb_unblock *out_unblock,
    struct wb_runtime *runtime, const struct wb_blocking_io_ops *ops, void *io, size_t capacity);

/* Does not wait: what runs is done, and then `close` is called. What failed and was not told is
 * lost. */
WB_API void wb_unblock_close(struct wb_unblock *unblock);

static inline struct wb_async_stream wb_unblock_io(struct wb_unblock *unblock) {
    struct wb_async_stream io = {&unblock->read, &unblock->write};
    return io;
}

/* Moves the position, as the user of the stream knows it: what was read ahead does not count, and
 * is forgotten. Over with `position`, from the beginning. Status: that of a write that failed
 * before; WB_ERR_NOT_SUPPORTED; WB_ERR_INVALID for an offset beyond what can be counted; what seek
 * failed with, and then nothing was forgotten. */
struct wb_seek {
    struct wb_future future;
    struct wb_unblock *unblock;
    int64_t offset;
    int whence;
    bool is_begun;
    int64_t position;
};

/* `whence`: WB_SEEK_*. */
WB_API void wb_seek_init(
    struct wb_seek *seek, struct wb_unblock *unblock, int64_t offset, int whence);

/* Gives the thing back: over when nothing runs, what was written is flushed, and the position is
 * where the user of the stream takes it to be. `close` will not be called any more, and the struct
 * wb_unblock is all zero. Status: as of wb_seek, WB_OK where there is no seek; on failure it is as
 * it was. */
struct wb_unblock_take {
    struct wb_future future;
    struct wb_unblock *unblock;
    struct wb_seek seek;
    struct wb_flush flush;
    void *io;
};

WB_API void wb_unblock_take_init(struct wb_unblock_take *take, struct wb_unblock *unblock);

#ifdef __cplusplus
}
#endif

#endif
