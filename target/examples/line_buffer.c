/* See line_buffer.h. */
#include "examples/line_buffer.h"

#include <assert.h>
#include <string.h>

/* A block is only ever moved down when it is full and holds no complete line, so that each byte
 * moves at most once for each time the block doubles. */
static void move_to_front(struct wb__line_buffer *buffer) {
    uint32_t len = buffer->end - buffer->start;
    memmove(buffer->block, buffer->block + buffer->start, len);
    buffer->scanned -= buffer->start;
    buffer->start = 0;
    buffer->end = len;
}

static enum wb_status enlarge(struct wb__line_buffer *buffer, const struct wb_sys *sys) {
    if (buffer->capacity == WB__LINE_LEN_MAX) {
        return WB_ERR_LIMIT;
    }
    uint32_t capacity = buffer->capacity == 0 ? WB__LINE_BUFFER_FIRST : buffer->capacity * 2;
    uint8_t *block = WB_SYS(sys, resize, buffer->block, buffer->capacity, capacity);
    if (block == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    buffer->block = block;
    buffer->capacity = capacity;
    return WB_OK;
}

enum wb_status wb__line_buffer_reserve(struct wb__line_buffer *buffer, const struct wb_sys *sys,
    uint8_t **out_space, size_t *out_space_len) {
    if (buffer->end == buffer->capacity) {
        if (buffer->start > 0) {
            move_to_front(buffer);
        } else {
            enum wb_status status = enlarge(buffer, sys);
            if (status != WB_OK) {
                return status;
            }
        }
    }
    *out_space = buffer->block + buffer->end;
    *out_space_len = buffer->capacity - buffer->end;
    return WB_OK;
}

void wb__line_buffer_commit(struct wb__line_buffer *buffer, size_t len) {
    assert(len <= buffer->capacity - buffer->end);
    buffer->end += (uint32_t)len;
}

size_t wb__line_buffer_line_len(struct wb__line_buffer *buffer) {
    if (buffer->scanned == buffer->end) {
        return 0;
    }
    const uint8_t *newline =
        memchr(buffer->block + buffer->scanned, '\n', buffer->end - buffer->scanned);
    if (newline == NULL) {
        buffer->scanned = buffer->end;
        return 0;
    }
    buffer->scanned = (uint32_t)(newline - buffer->block);
    return buffer->scanned - buffer->start + 1;
}

struct wb_bytes wb__line_buffer_bytes(const struct wb__line_buffer *buffer) {
    if (buffer->start == buffer->end) {
        return wb_bytes_from(NULL, 0);
    }
    return wb_bytes_from(buffer->block + buffer->start, buffer->end - buffer->start);
}

void wb__line_buffer_consume(struct wb__line_buffer *buffer, const struct wb_sys *sys, size_t len) {
    assert(len <= buffer->end - buffer->start);
    buffer->start += (uint32_t)len;
    if (buffer->scanned < buffer->start) {
        buffer->scanned = buffer->start;
    }
    if (buffer->start < buffer->end) {
        return;
    }
    if (buffer->capacity > WB__LINE_BUFFER_KEEP) {
        wb__line_buffer_clean_up(buffer, sys);
        return;
    }
    buffer->start = 0;
    buffer->end = 0;
    buffer->scanned = 0;
}

void wb__line_buffer_clean_up(struct wb__line_buffer *buffer, const struct wb_sys *sys) {
    WB_SYS(sys, free, buffer->block, buffer->capacity);
    memset(buffer, 0, sizeof *buffer);
}
