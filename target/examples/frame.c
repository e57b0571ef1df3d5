/* See frame.h. */
#include "examples/frame.h"

#include <string.h>

static uint64_t read_be64(const uint8_t *bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < WB__FRAME_HEADER_LEN; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

/* Moves what is missing up to `want` bytes of the frame from the input to `into`. */
static void take(
    struct wb__frame_reader *reader, struct wb_bytes *input, uint8_t *into, uint32_t want) {
    size_t n = want - reader->have;
    if (n > input->len) {
        n = input->len;
    }
    if (n > 0) {
        memcpy(into + reader->have, input->ptr, n);
        reader->have += (uint32_t)n;
        *input = wb_bytes_slice(*input, n, input->len);
    }
}

/* The header is complete: finds out what it promises. */
static enum wb_status begin_body(struct wb__frame_reader *reader, const struct wb_sys *sys) {
    uint64_t body_len = read_be64(reader->header);
    if (body_len > WB__FRAME_BODY_LEN_MAX) {
        return WB_ERR_LIMIT;
    }
    if (body_len == 0) {
        reader->have = 0;
        return WB_OK;
    }
    uint32_t block_len = WB__FRAME_HEADER_LEN + (uint32_t)body_len;
    reader->block = WB_SYS(sys, alloc, block_len);
    if (reader->block == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    reader->block_len = block_len;
    memcpy(reader->block, reader->header, WB__FRAME_HEADER_LEN);
    return WB_OK;
}

/* A frame with all its bytes in the input needs no memory of its own. */
static int next_in_place(struct wb_bytes *input, struct wb_bytes *out_frame) {
    if (input->len < WB__FRAME_HEADER_LEN) {
        return 0;
    }
    uint64_t body_len = read_be64(input->ptr);
    if (body_len == 0 || body_len > input->len - WB__FRAME_HEADER_LEN
        || body_len > WB__FRAME_BODY_LEN_MAX) {
        return 0;
    }
    size_t frame_len = WB__FRAME_HEADER_LEN + (size_t)body_len;
    *out_frame = wb_bytes_slice(*input, 0, frame_len);
    *input = wb_bytes_slice(*input, frame_len, input->len);
    return 1;
}

static void drop_finished(struct wb__frame_reader *reader, const struct wb_sys *sys) {
    if (reader->block != NULL && reader->have == reader->block_len) {
        wb__frame_reader_clean_up(reader, sys);
    }
}

enum wb_status wb__frame_reader_next(struct wb__frame_reader *reader, const struct wb_sys *sys,
    struct wb_bytes *input, struct wb_bytes *out_frame) {
    drop_finished(reader, sys);
    for (;;) {
        if (reader->have == 0 && next_in_place(input, out_frame)) {
            return WB_OK;
        }
        if (reader->block == NULL) {
            take(reader, input, reader->header, WB__FRAME_HEADER_LEN);
            if (reader->have < WB__FRAME_HEADER_LEN) {
                return WB_WOULD_BLOCK;
            }
            enum wb_status status = begin_body(reader, sys);
            if (status != WB_OK) {
                return status;
            }
            continue;
        }
        take(reader, input, reader->block, reader->block_len);
        if (reader->have < reader->block_len) {
            return WB_WOULD_BLOCK;
        }
        *out_frame = wb_bytes_from(reader->block, reader->block_len);
        return WB_OK;
    }
}

size_t wb__frame_reader_pending_len(const struct wb__frame_reader *reader) {
    return reader->block != NULL && reader->have == reader->block_len ? 0 : reader->have;
}

void wb__frame_reader_clean_up(struct wb__frame_reader *reader, const struct wb_sys *sys) {
    if (reader->block != NULL) {
        WB_SYS(sys, free, reader->block, reader->block_len);
    }
    memset(reader, 0, sizeof *reader);
}
