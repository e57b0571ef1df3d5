/* See line_buffer.h: the block, and what becomes of it. */
#include "examples/line_buffer.h"

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

enum wb_status wb__line_buffer_make_room(struct wb__line_buffer *buffer, const struct wb_sys *sys) {
    if (buffer->start > 0) {
        move_to_front(buffer);
        return WB_OK;
    }
    return enlarge(buffer, sys);
}

void wb__line_buffer_clean_up(struct wb__line_buffer *buffer, const struct wb_sys *sys) {
    WB_SYS(sys, free, buffer->block, buffer->capacity);
    memset(buffer, 0, sizeof *buffer);
}
