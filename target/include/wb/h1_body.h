/* Content of HTTP/1 messages: chunks, and contents of known length, from bytes and to bytes. Sans
 * I/O, without copying: data is shown where it lies.
 *
 * Thread: an object is used by one thread at a time. Allocates: nothing.
 * Spec: RFC 9112 sections 6 to 8. */
#ifndef WB_H1_BODY_H
#define WB_H1_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/h1_head.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reading ---- */

/* What can be wrong with chunks. X(enumerator, text). */
#define WB_H1_BODY_ERROR_TABLE(X)                                                                  \
    X(WB_H1_BODY_ERROR_NONE, "nothing is wrong")                                                   \
    X(WB_H1_BODY_ERROR_SIZE, "a chunk's size is not a hexadecimal number")                         \
    X(WB_H1_BODY_ERROR_SIZE_TOO_BIG, "a chunk's size is beyond any content")                       \
    X(WB_H1_BODY_ERROR_EXTENSION, "a chunk's extension has a byte that may not stand there")       \
    X(WB_H1_BODY_ERROR_EXTENSIONS_TOO_LONG, "extensions of chunks are too long")                   \
    X(WB_H1_BODY_ERROR_LINE_END, "a chunk's size or data does not end with CR and LF")

enum wb_h1_body_error {
#define WB_H1_BODY_ERROR_ENUM(name, text) name,
    WB_H1_BODY_ERROR_TABLE(WB_H1_BODY_ERROR_ENUM)
#undef WB_H1_BODY_ERROR_ENUM
        WB_H1_BODY_ERROR_COUNT
};

WB_API const char *wb_h1_body_error_text(enum wb_h1_body_error error);

enum {
    WB_H1_EXTENSIONS_LEN_MAX = 16384, /* bytes of extensions and leading zeros, over a message */
    WB_H1_TRAILERS_LEN_MAX = 16384,
};

/* All private but `error`. */
struct wb_h1_body_reader {
    enum wb_h1_body body;
    enum wb_h1_body_error error; /* after WB_ERR_PARSE */
    uint8_t stage;
    bool size_has_digits;
    uint64_t left; /* of the content, or of the chunk */
    uint32_t extensions_len;
};

/* Ready for the content behind that head. */
WB_API void wb_h1_body_reader_init(
    struct wb_h1_body_reader *reader, enum wb_h1_body body, uint64_t content_length);

/* Takes bytes off the front of *in_out_input.
 * WB_OK: *out_data is the next piece of the content, never empty, within the input.
 * WB_WOULD_BLOCK: all of the input was used up, more is needed.
 * WB_EOF: the content is complete; of a chunked one its trailers follow, for a parser of
 * WB_H1_TRAILERS. Calls from then on say so again and take nothing.
 * WB_ERR_PARSE: `error` says why. */
WB_API WB_MUST_USE enum wb_status wb_h1_body_read(
    struct wb_h1_body_reader *reader, struct wb_bytes *in_out_input, struct wb_bytes *out_data);

/* What it means that the bytes end here: WB_EOF if the content is complete, else
 * WB_ERR_UNEXPECTED_EOF. */
WB_API WB_MUST_USE enum wb_status wb_h1_body_end(struct wb_h1_body_reader *reader);

/* How many bytes are known to come; false: unknown. */
WB_API bool wb_h1_body_left(const struct wb_h1_body_reader *reader, uint64_t *out_left);

/* ---- writing ---- */

enum {
    /* The longest that stands before a chunk's data: sixteen digits and a line end; behind it. */
    WB_H1_CHUNK_PREFIX_LEN_MAX = 18,
    WB_H1_CHUNK_SUFFIX_LEN = 2,
};

/* All private. */
struct wb_h1_body_writer {
    enum wb_h1_body body;
    uint64_t left;
    bool ended;
};

/* How a piece of content goes out: prefix, the first data_len bytes of the piece, suffix. */
struct wb_h1_frame {
    char prefix[WB_H1_CHUNK_PREFIX_LEN_MAX];
    uint8_t prefix_len;
    uint8_t suffix_len; /* of "\r\n" */
    size_t data_len;
};

WB_API void wb_h1_body_writer_init(
    struct wb_h1_body_writer *writer, enum wb_h1_body body, uint64_t content_length);

/* How to send `len` bytes of content. An empty piece frames nothing, so that it does not end
 * chunked content. Errors: WB_ERR_LIMIT: more than the announced length; *out_frame is for what
 * still belongs to it, and the rest must not be sent. WB_ERR_CLOSED: the content has ended. Without
 * content (WB_H1_BODY_NONE) everything is left out, with WB_OK. */
WB_API WB_MUST_USE enum wb_status wb_h1_body_frame(
    struct wb_h1_body_writer *writer, size_t len, struct wb_h1_frame *out_frame);

/* Ends the content. WB_OK: *out_tail goes out first; with trailers it is the last chunk alone, and
 * wb_h1_encode_trailers() follows. WB_ERR_UNEXPECTED_EOF: less was sent than announced: the
 * connection must be closed, so that the peer does not take it for whole. */
WB_API WB_MUST_USE enum wb_status wb_h1_body_finish(
    struct wb_h1_body_writer *writer, bool with_trailers, struct wb_bytes *out_tail);

#ifdef __cplusplus
}
#endif

#endif
