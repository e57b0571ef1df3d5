/* The bytes of one connection between their arrival and their departure, seen as lines. Memory is
 * taken with the first byte, grows to one longest line at most, and a large block is given back
 * when the buffer runs empty. Sans-I/O.
 *
 * Thread: none of this is synchronised. Allocates: wb__line_buffer_reserve() alone. */
#ifndef WB_EXAMPLES_LINE_BUFFER_H
#define WB_EXAMPLES_LINE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

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

/* Where the next bytes may be put: at least one byte. Moves or enlarges the block if there is no
 * room behind the bytes that are in it. Errors: WB_ERR_LIMIT when it holds WB__LINE_LEN_MAX bytes,
 * WB_ERR_NO_MEMORY; the buffer is unchanged. */
WB_MUST_USE enum wb_status wb__line_buffer_reserve(struct wb__line_buffer *buffer,
    const struct wb_sys *sys, uint8_t **out_space, size_t *out_space_len);

/* `len` bytes were put where wb__line_buffer_reserve() said. */
void wb__line_buffer_commit(struct wb__line_buffer *buffer, size_t len);

/* Length of the first line, newline included; 0 if no line is complete. Each byte is looked at
 * once, however often this is asked. */
size_t wb__line_buffer_line_len(struct wb__line_buffer *buffer);

/* Everything in it. Valid until the next call that changes the buffer. */
struct wb_bytes wb__line_buffer_bytes(const struct wb__line_buffer *buffer);

/* The first `len` bytes have left. Aborts if there are fewer. */
void wb__line_buffer_consume(struct wb__line_buffer *buffer, const struct wb_sys *sys, size_t len);

/* Frees the memory; the buffer is then empty and may be used again. */
void wb__line_buffer_clean_up(struct wb__line_buffer *buffer, const struct wb_sys *sys);

#ifdef __cplusplus
}
#endif

#endif
