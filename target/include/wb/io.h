/* What is made of streams: a buffered reader with lines, copying in one direction and in both, a
 * pipe in memory, and parts and chains of readers. See wb/async_io.h for what a stream is.
 *
 * Everything works in memory of the caller's and borrows the streams it is given. Allocates:
 * nothing, but for the pipe. */
#ifndef WB_IO_H
#define WB_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/async_io.h"
#include "wb/future.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- a buffered reader ---- */

/* Reads ahead. `read` is the reader itself, as a stream: what it holds comes first. */
struct wb_buf_reader {
    struct wb_async_read read;
    struct wb_async_read *inner;
    unsigned char *buf;
    size_t capacity;
    size_t begin; /* what was read ahead: begin .. end - 1 */
    size_t end;
};

/* `capacity` bytes at `buf`, at least 1, borrowed. */
WB_API void wb_buf_reader_init(
    struct wb_buf_reader *reader, struct wb_async_read *inner, void *buf, size_t capacity);

/* WB_OK: there is at least one byte in the buffer, from begin on; else as a read. */
WB_API WB_MUST_USE enum wb_progress wb_buf_reader_poll_fill(
    struct wb_buf_reader *reader, struct wb_context *context, enum wb_status *out_status);

/* ---- up to a byte, and lines ---- */

/* Reads up to and with the byte `end`, into memory of the caller's from buf[*len] on; *len grows as
 * bytes come, so that nothing is lost when it is given up: begin again with the same. Status: WB_OK
 * with something in the buffer, also when the stream ended without that byte (is_complete tells);
 * WB_EOF with nothing; WB_ERR_LIMIT if `capacity` bytes are there and none was it: the rest is
 * still unread; or a failure. */
struct wb_read_until {
    struct wb_future future;
    struct wb_buf_reader *reader;
    unsigned char *buf;
    size_t capacity;
    size_t *len;
    unsigned char end;
    bool is_line;
    bool is_complete;
};

WB_API void wb_read_until_init(struct wb_read_until *read, struct wb_buf_reader *reader,
    unsigned char end, void *buf, size_t capacity, size_t *len);

/* A line, without its "\n" or "\r\n", which count for the limit. *len must be 0, or what an earlier
 * one that was given up left. An empty line is WB_OK with *len 0. */
WB_API void wb_read_line_init(struct wb_read_until *read, struct wb_buf_reader *reader, void *buf,
    size_t capacity, size_t *len);

/* ---- copying ---- */

/* From a reader to a writer until the end. While the reader has nothing what was written is
 * flushed. `copied` is how many bytes the writer took, also when it failed or was given up. */
struct wb_copy {
    struct wb_future future;
    struct wb_async_read *reader;
    struct wb_async_write *writer;
    unsigned char *buf;
    size_t capacity;
    size_t begin; /* bytes that were read and not written: begin .. end - 1 */
    size_t end;
    uint64_t copied;
    bool must_flush;
    bool is_at_end;
    bool shuts_down;
};

/* `capacity` bytes at `buf`, at least 1, borrowed. */
WB_API void wb_copy_init(struct wb_copy *copy, struct wb_async_read *reader,
    struct wb_async_write *writer, void *buf, size_t capacity);

/* Both ways at once. When one stream has ended, the other is shut down for writing, and the other
 * direction goes on. Over when both are, or with the first failure. */
struct wb_copy_bidirectional {
    struct wb_future future;
    struct wb_copy there; /* from a to b */
    struct wb_copy back;
};

/* Half of the `capacity` bytes at `buf`, at least 2, is for each way. */
WB_API void wb_copy_bidirectional_init(struct wb_copy_bidirectional *copy, struct wb_async_stream a,
    struct wb_async_stream b, void *buf, size_t capacity);

/* ---- a pipe in memory ---- */

struct wb__duplex;

/* One of two ends; what is written to one is read from the other. May be moved at any time but
 * while a future of it is pending. */
struct wb_duplex {
    struct wb_async_read read;
    struct wb_async_write write;
    struct wb__duplex *shared;
    uint32_t side;
};

/* Each way holds `capacity` bytes, at least 1. Errors: WB_ERR_NO_MEMORY, those of making a lock.
 * Thread: the ends may belong to different ones. Allocates: once. */
WB_API WB_MUST_USE enum wb_status wb_duplex_new(const struct wb_sys *sys, size_t capacity,
    struct wb_duplex *out_first, struct wb_duplex *out_second);

/* The other end reads WB_EOF after what was written, and writes fail with WB_ERR_BROKEN_PIPE.
 * Closing twice is allowed. */
WB_API void wb_duplex_close(struct wb_duplex *duplex);

static inline struct wb_async_stream wb_duplex_io(struct wb_duplex *duplex) {
    struct wb_async_stream io = {&duplex->read, &duplex->write};
    return io;
}

/* ---- parts and chains ---- */

/* At most so many bytes of a stream, then WB_EOF. */
struct wb_take {
    struct wb_async_read read;
    struct wb_async_read *inner;
    uint64_t left;
};

WB_API void wb_take_init(struct wb_take *take, struct wb_async_read *inner, uint64_t limit);

/* One stream, and when that has ended another. */
struct wb_chain {
    struct wb_async_read read;
    struct wb_async_read *first; /* NULL once it has ended */
    struct wb_async_read *second;
};

WB_API void wb_chain_init(
    struct wb_chain *chain, struct wb_async_read *first, struct wb_async_read *second);

#ifdef __cplusplus
}
#endif

#endif
