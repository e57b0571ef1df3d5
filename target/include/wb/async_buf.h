/* Reading and writing in futures with more than one plain buffer: several at a time, what a cursor
 * walks over, everything up to the end, numbers. See wb/async_io.h for what a stream is and for
 * what holds for all of its futures. */
#ifndef WB_ASYNC_BUF_H
#define WB_ASYNC_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "wb/async_io.h"
#include "wb/buf.h"
#include "wb/bytes.h"
#include "wb/future.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- several buffers ---- */

/* One read into several buffers, in order. `len` is how much came, if the status is WB_OK. The
 * array is borrowed, too. */
struct wb_readv {
    struct wb_future future;
    struct wb_async_read *stream;
    const struct wb_iovec *iov;
    size_t iov_len;
    size_t len;
};

WB_API void wb_readv_init(struct wb_readv *readv, struct wb_async_read *stream,
    const struct wb_iovec *iov, size_t iov_len);

/* One write from several. `done` is how much was taken, if the status is WB_OK. */
struct wb_writev {
    struct wb_future future;
    struct wb_async_write *stream;
    const struct wb_iovec *iov;
    size_t iov_len;
    size_t done;
};

WB_API void wb_writev_init(struct wb_writev *writev, struct wb_async_write *stream,
    const struct wb_iovec *iov, size_t iov_len);

/* All that a cursor walks over, several pieces at a time. The cursor moves with what was taken, so
 * that it tells what is left when it failed or was given up. */
#define WB_WRITE_BUF_PIECES 16
struct wb_write_buf {
    struct wb_future future;
    struct wb_async_write *stream;
    struct wb_buf buf;
};

WB_API void wb_write_buf_init(
    struct wb_write_buf *write, struct wb_async_write *stream, struct wb_buf buf);

/* ---- everything ---- */

/* All up to the end, appended to `into`, at most `limit` bytes, which should be no more than what a
 * peer may make one hold. `done` is how many came, also when it failed or was given up: they are in
 * `into`. Errors: WB_ERR_LIMIT if there is more, of which one byte is gone; WB_ERR_NO_MEMORY;
 * those of the stream. A buffer with just enough room is not enlarged. Allocates: as the buffer
 * grows, to at most twice of what came. */
struct wb_read_to_end {
    struct wb_future future;
    struct wb_async_read *stream;
    struct wb_bytes_mut *into;
    size_t limit;
    size_t done;
};

WB_API void wb_read_to_end_init(struct wb_read_to_end *read, struct wb_async_read *stream,
    struct wb_bytes_mut *into, size_t limit);

/* ---- numbers ---- */

#define WB_NUMBER_WIDTH_MAX 8

/* A number of `width` bytes, 1 to 8. Status: WB_ERR_UNEXPECTED_EOF if the end came within or before
 * it; `done` bytes of it were read, also when it was given up. */
struct wb_read_number {
    struct wb_future future;
    struct wb_async_read *stream;
    uint8_t bytes[WB_NUMBER_WIDTH_MAX];
    size_t width;
    enum wb_byte_order order;
    size_t done;
};

WB_API void wb_read_number_init(struct wb_read_number *read, struct wb_async_read *stream,
    size_t width, enum wb_byte_order order);

/* What was read, once it is over with WB_OK; signed numbers are sign-extended. */
WB_API uint64_t wb_read_number_unsigned(const struct wb_read_number *read);
WB_API int64_t wb_read_number_signed(const struct wb_read_number *read);

/* The same in the other direction. `done` bytes were taken. */
struct wb_write_number {
    struct wb_future future;
    struct wb_async_write *stream;
    uint8_t bytes[WB_NUMBER_WIDTH_MAX];
    size_t width;
    size_t done;
};

/* Aborts if the value does not fit in `width` bytes. */
WB_API void wb_write_unsigned_init(struct wb_write_number *write, struct wb_async_write *stream,
    uint64_t value, size_t width, enum wb_byte_order order);
WB_API void wb_write_signed_init(struct wb_write_number *write, struct wb_async_write *stream,
    int64_t value, size_t width, enum wb_byte_order order);

#ifdef __cplusplus
}
#endif

#endif
