/* What is made of streams: buffered reading with lines, buffered writing, copying in one direction
 * and in both, pipes in memory, parts and chains of readers, and streams with nobody at the other
 * end. See wb/async_io.h for what a stream is, wb/framed.h for messages.
 *
 * Everything works in memory of the caller's and borrows the streams it is given. Allocates:
 * nothing, but for the pipes. */
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

/* ---- a buffered writer ---- */

/* Keeps small writes back until they fill the buffer, or are flushed. `write` is the writer itself,
 * as a stream, whose flush and shutdown pass on what is held first. What is held when it is given
 * up was never written. A failure leaves what is held; who polls again tries to write it again. */
struct wb_buf_writer {
    struct wb_async_write write;
    struct wb_async_write *inner;
    unsigned char *buf;
    size_t capacity;
    size_t begin; /* what is held: begin .. end - 1 */
    size_t end;
};

/* `capacity` bytes at `buf`, at least 1, borrowed. */
WB_API void wb_buf_writer_init(
    struct wb_buf_writer *writer, struct wb_async_write *inner, void *buf, size_t capacity);

static inline size_t wb_buf_writer_len(const struct wb_buf_writer *writer) {
    return writer->end - writer->begin;
}

/* Writes until fewer than `len` bytes, which is not 0, are held, as a flush does that does not go
 * on to the inner stream. */
WB_API WB_MUST_USE enum wb_progress wb_buf_writer_poll_drain(struct wb_buf_writer *writer,
    struct wb_context *context, size_t len, enum wb_status *out_status);

/* Where `len` more bytes may be put, to be written with the rest, before anything else is done with
 * the writer: commit with wb_buf_writer_commit(). NULL: there is no room. */
WB_API unsigned char *wb_buf_writer_reserve(struct wb_buf_writer *writer, size_t len);
WB_API void wb_buf_writer_commit(struct wb_buf_writer *writer, size_t len);

/* Both directions of a stream with a buffer each. Stays where it is while it is used. */
struct wb_buf_stream {
    struct wb_buf_reader reader;
    struct wb_buf_writer writer;
};

/* Half of the `capacity` bytes at `buf`, at least 2, is for each direction. */
WB_API void wb_buf_stream_init(
    struct wb_buf_stream *stream, struct wb_async_stream inner, void *buf, size_t capacity);

static inline struct wb_async_stream wb_buf_stream_io(struct wb_buf_stream *stream) {
    struct wb_async_stream io = {&stream->reader.read, &stream->writer.write};
    return io;
}

/* ---- copying ---- */

/* From a reader to a writer until the end. While the reader has nothing what was written is
 * flushed. Gives way after so many rounds whatever the streams do. `copied` is how many bytes the
 * writer took, also when it failed or was given up. */
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

/* ---- pipes in memory ---- */

struct wb__duplex;
struct wb__simplex;

/* One of two ends; what is written to one is read from the other. May be moved at any time but
 * while a future of it is pending. */
struct wb_duplex {
    struct wb_async_read read;
    struct wb_async_write write;
    struct wb__duplex *shared;
    uint32_t side;
};

/* Each way holds `capacity` bytes, at least 1. Errors: WB_ERR_NO_MEMORY.
 * Thread: the ends may belong to different ones. Allocates: once. */
WB_API WB_MUST_USE enum wb_status wb_duplex_new(const struct wb_sys *sys, size_t capacity,
    struct wb_duplex *out_first, struct wb_duplex *out_second);

/* The other end reads WB_EOF after what was written, and its writes fail with WB_ERR_BROKEN_PIPE,
 * as do one's own after a shutdown. Closing twice is allowed. */
WB_API void wb_duplex_close(struct wb_duplex *duplex);

static inline struct wb_async_stream wb_duplex_io(struct wb_duplex *duplex) {
    struct wb_async_stream io = {&duplex->read, &duplex->write};
    return io;
}

/* One way only: what is written to the one end is read from the other, in order. They may be moved
 * at any time but while a future of theirs is pending. */
struct wb_simplex_reader {
    struct wb_async_read read;
    struct wb__simplex *shared;
};

struct wb_simplex_writer {
    struct wb_async_write write;
    struct wb__simplex *shared;
};

/* As wb_duplex_new(). */
WB_API WB_MUST_USE enum wb_status wb_simplex_new(const struct wb_sys *sys, size_t capacity,
    struct wb_simplex_reader *out_reader, struct wb_simplex_writer *out_writer);

/* As wb_duplex_close(). */
WB_API void wb_simplex_reader_close(struct wb_simplex_reader *reader);
WB_API void wb_simplex_writer_close(struct wb_simplex_writer *writer);

/* ---- parts and chains ---- */

/* At most so many bytes of a stream, then WB_EOF. */
struct wb_limited_reader {
    struct wb_async_read read;
    struct wb_async_read *inner;
    uint64_t left;
};

WB_API void wb_limited_reader_init(
    struct wb_limited_reader *take, struct wb_async_read *inner, uint64_t limit);

/* One stream, and when that has ended another. */
struct wb_chained_reader {
    struct wb_async_read read;
    struct wb_async_read *first; /* NULL once it has ended */
    struct wb_async_read *second;
};

WB_API void wb_chained_reader_init(
    struct wb_chained_reader *chain, struct wb_async_read *first, struct wb_async_read *second);

/* ---- ends without a stream ---- */

/* A reader that is at its end, and a writer that takes everything and keeps nothing. */
WB_API struct wb_async_read wb_empty(void);
WB_API struct wb_async_write wb_sink(void);

/* A reader that never ends: the same byte for ever. */
struct wb_repeat {
    struct wb_async_read read;
    unsigned char byte;
};

WB_API void wb_repeat_init(struct wb_repeat *repeat, unsigned char byte);

#ifdef __cplusplus
}
#endif

#endif
