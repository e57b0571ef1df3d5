/* Reading and writing bytes in futures: what every stream offers, and single operations of it.
 * Whoever has a stream of one's own fills in the tables; whoever uses one polls, or takes the
 * futures here, in wb/async_buf.h (several buffers, numbers, all there is), wb/io.h and
 * wb/framed.h.
 *
 * A struct wb_async_read is used by one task at a time, and so is a struct wb_async_write; the two
 * of one stream may be used by two. Of several tasks that poll one of them only the last is woken.
 *
 * Allocates: nothing. */
#ifndef WB_ASYNC_IO_H
#define WB_ASYNC_IO_H

#include <stddef.h>

#include "wb/future.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a stream offers ---- */

struct wb_async_read;
struct wb_async_write;

struct wb_async_read_ops {
    /* REQUIRED. WB_READY: WB_OK and 1 to `len` bytes, WB_EOF, which comes always again, or a
     * failure. WB_PENDING: nothing was read, and the task is woken when it is worth another poll.
     * `len` is not 0. What is in the buffer is never looked at. */
    enum wb_progress (*poll_read)(struct wb_async_read *self, struct wb_context *context, void *buf,
        size_t len, enum wb_status *out_status, size_t *out_len);
    /* Optional. The same into several buffers in order, which together have room for at least one
     * byte. Without it: into the first that has room. */
    enum wb_progress (*poll_readv)(struct wb_async_read *self, struct wb_context *context,
        const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len);
};

struct wb_async_write_ops {
    /* REQUIRED. WB_READY: WB_OK and how many of the `len` bytes were taken, at least 1, or a
     * failure. WB_PENDING: none was, and the task is woken. `len` is not 0. */
    enum wb_progress (*poll_write)(struct wb_async_write *self, struct wb_context *context,
        const void *buf, size_t len, enum wb_status *out_status, size_t *out_len);
    /* Optional. The same from several buffers in order, which together hold at least one byte.
     * Without it: from the first that is not empty. */
    enum wb_progress (*poll_writev)(struct wb_async_write *self, struct wb_context *context,
        const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len);
    /* Optional, for those who keep bytes back. WB_READY: they are under way, or it failed. */
    enum wb_progress (*poll_flush)(
        struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status);
    /* Optional, for those who can tell their reader of the end. Flushes. Allowed again after it
     * succeeded. */
    enum wb_progress (*poll_shutdown)(
        struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status);
};

/* Members of whatever can be read or written. */
struct wb_async_read {
    const struct wb_async_read_ops *ops;
};

struct wb_async_write {
    const struct wb_async_write_ops *ops;
};

/* Both directions of one stream, borrowed. */
struct wb_async_stream {
    struct wb_async_read *read;
    struct wb_async_write *write;
};

/* ---- polling ---- */

/* As the operations. With `len` 0: WB_OK and 0, at once. A stream that claims to have moved more
 * than it was asked for, or to have read nothing successfully, aborts. */
WB_API WB_MUST_USE enum wb_progress wb_async_poll_read(struct wb_async_read *stream,
    struct wb_context *context, void *buf, size_t len, enum wb_status *out_status, size_t *out_len);

/* A success that took nothing is WB_ERR_WRITE_ZERO. */
WB_API WB_MUST_USE enum wb_progress wb_async_poll_write(struct wb_async_write *stream,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len);

/* The same with several buffers: one operation moves bytes of as many of them as the stream can. */
WB_API WB_MUST_USE enum wb_progress wb_async_poll_readv(struct wb_async_read *stream,
    struct wb_context *context, const struct wb_iovec *iov, size_t iov_len,
    enum wb_status *out_status, size_t *out_len);
WB_API WB_MUST_USE enum wb_progress wb_async_poll_writev(struct wb_async_write *stream,
    struct wb_context *context, const struct wb_iovec *iov, size_t iov_len,
    enum wb_status *out_status, size_t *out_len);

WB_API WB_MUST_USE enum wb_progress wb_async_poll_flush(
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status);
WB_API WB_MUST_USE enum wb_progress wb_async_poll_shutdown(
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status);

/* ---- futures ---- */

/* What they work on is borrowed. Given up while pending they have moved nothing, unless said
 * otherwise. */

/* One read. `len` is how much came, if the status is WB_OK. */
struct wb_read {
    struct wb_future future;
    struct wb_async_read *stream;
    void *buf;
    size_t capacity;
    size_t len;
};

WB_API void wb_read_init(
    struct wb_read *read, struct wb_async_read *stream, void *buf, size_t capacity);

/* Exactly `len` bytes. `done` is how many came, also when it failed or was given up. Status:
 * WB_ERR_UNEXPECTED_EOF if the end came before. */
struct wb_read_exact {
    struct wb_future future;
    struct wb_async_read *stream;
    unsigned char *buf;
    size_t len;
    size_t done;
};

WB_API void wb_read_exact_init(
    struct wb_read_exact *read, struct wb_async_read *stream, void *buf, size_t len);

/* One write. `done` is how much was taken, if the status is WB_OK. */
struct wb_write {
    struct wb_future future;
    struct wb_async_write *stream;
    const void *buf;
    size_t len;
    size_t done;
};

WB_API void wb_write_init(
    struct wb_write *write, struct wb_async_write *stream, const void *buf, size_t len);

/* All of it. `done` is how much was taken, also when it failed or was given up. */
struct wb_write_all {
    struct wb_future future;
    struct wb_async_write *stream;
    const unsigned char *buf;
    size_t len;
    size_t done;
};

WB_API void wb_write_all_init(
    struct wb_write_all *write, struct wb_async_write *stream, const void *buf, size_t len);

/* Flushes, or shuts down. */
struct wb_flush {
    struct wb_future future;
    struct wb_async_write *stream;
};

WB_API void wb_flush_init(struct wb_flush *flush, struct wb_async_write *stream);
WB_API void wb_shutdown_init(struct wb_flush *shutdown, struct wb_async_write *stream);

#ifdef __cplusplus
}
#endif

#endif
