/* The bytes of one connection between their arrival and their departure, seen as lines. Memory is
 * taken with the first byte, grows to one longest line at most, and a large block is given back
 * when the buffer runs empty. Sans-I/O. What happens with every line is inline.
 *
 * Thread: none of this is synchronised. Allocates: wb__line_buffer_reserve() alone. */
#ifndef WB_EXAMPLES_LINE_BUFFER_H
#define WB_EXAMPLES_LINE_BUFFER_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wb/bytes.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* The longest line, newline included: what one peer can make the server hold. */
    WB__LINE_LEN_MAX = 64 * 1024,
    /* A first block that holds an ordinary line. */
    WB__LINE_BUFFER_FIRST = 1024,
    /* A block up to this size is kept while the connection idles, so that an ordinary conversation
     * allocates once. */
    WB__LINE_BUFFER_KEEP = 4096,
};

/* All zero is an empty buffer. The fields are the buffer's own. */
struct wb__line_buffer {
    uint8_t *block;
    uint32_t capacity;
    uint32_t start;   /* the first byte not yet consumed */
    uint32_t end;     /* one past the last byte that arrived */
    uint32_t scanned; /* no newline in start .. scanned - 1 */
};

/* Frees the memory; the buffer is then empty and may be used again. */
void wb__line_buffer_clean_up(struct wb__line_buffer *buffer, const struct wb_sys *sys);

/* For those below: what is rare. Room behind the bytes of a buffer that has none, by moving or
 * enlarging its block; and the block of a buffer that ran empty, used anew or given back. */
WB_MUST_USE enum wb_status wb__line_buffer_make_room(
    struct wb__line_buffer *buffer, const struct wb_sys *sys);

static inline void wb__line_buffer_rewind(
    struct wb__line_buffer *buffer, const struct wb_sys *sys) {
    if (buffer->capacity > WB__LINE_BUFFER_KEEP) {
        wb__line_buffer_clean_up(buffer, sys);
        return;
    }
    buffer->start = 0;
    buffer->end = 0;
    buffer->scanned = 0;
}

/* Where the next bytes may be put: at least one byte. Moves or enlarges the block if there is no
 * room behind the bytes that are in it. Errors: WB_ERR_LIMIT when it holds WB__LINE_LEN_MAX bytes,
 * WB_ERR_NO_MEMORY; the buffer is unchanged. */
static inline WB_MUST_USE enum wb_status wb__line_buffer_reserve(struct wb__line_buffer *buffer,
    const struct wb_sys *sys, uint8_t **out_space, size_t *out_space_len) {
    if (buffer->end == buffer->capacity) {
        enum wb_status status = wb__line_buffer_make_room(buffer, sys);
        if (status != WB_OK) {
            return status;
        }
    }
    *out_space = buffer->block + buffer->end;
    *out_space_len = buffer->capacity - buffer->end;
    return WB_OK;
}

/* `len` bytes were put where wb__line_buffer_reserve() said. */
static inline void wb__line_buffer_commit(struct wb__line_buffer *buffer, size_t len) {
    assert(len <= buffer->capacity - buffer->end);
    buffer->end += (uint32_t)len;
}

/* Length of the first line, newline included; 0 if no line is complete. Each byte is looked at
 * once, however often this is asked. */
static inline size_t wb__line_buffer_line_len(struct wb__line_buffer *buffer) {
    if (buffer->scanned == buffer->end) {
        return 0;
    }
    const uint8_t *newline = (const uint8_t *)memchr(
        buffer->block + buffer->scanned, '\n', buffer->end - buffer->scanned);
    if (newline == NULL) {
        buffer->scanned = buffer->end;
        return 0;
    }
    buffer->scanned = (uint32_t)(newline - buffer->block);
    return buffer->scanned - buffer->start + 1;
}

/* How many bytes are in it. */
static inline size_t wb__line_buffer_len(const struct wb__line_buffer *buffer) {
    return buffer->end - buffer->start;
}

/* Everything in it. Valid until the next call that changes the buffer. */
static inline struct wb_bytes wb__line_buffer_bytes(const struct wb__line_buffer *buffer) {
    if (buffer->start == buffer->end) {
        return wb_bytes_from(NULL, 0);
    }
    return wb_bytes_from(buffer->block + buffer->start, buffer->end - buffer->start);
}

/* The first `len` bytes have left. Aborts if there are fewer. */
static inline void wb__line_buffer_consume(
    struct wb__line_buffer *buffer, const struct wb_sys *sys, size_t len) {
    assert(len <= buffer->end - buffer->start);
    buffer->start += (uint32_t)len;
    if (buffer->start == buffer->end) {
        wb__line_buffer_rewind(buffer, sys);
    } else if (buffer->scanned < buffer->start) {
        buffer->scanned = buffer->start;
    }
}

#ifdef __cplusplus
}
#endif

#endif
