/* See frame.h. */
#include "examples/frame.h"

#include <string.h>

#include "wb/codec.h"

static const struct wb_length_format format = {
    .field_len = WB__FRAME_HEADER_LEN,
    .kept = WB__FRAME_HEADER_LEN, /* frames are passed on as they came */
    .frame_len_max = WB__FRAME_HEADER_LEN + WB__FRAME_BODY_LEN_MAX,
};

/* What the bytes begin with: WB_OK and a frame, or WB_WOULD_BLOCK. *out_len is what the frame
 * takes, 0 while that is not known. */
static enum wb_status look(struct wb_bytes bytes, size_t *out_len, struct wb_bytes *out_frame) {
    struct wb_length_decoder decoder;
    size_t used = 0;
    wb_length_decoder_init(&decoder, &format);
    const enum wb_status status =
        wb_decoder_decode(&decoder.decoder, bytes, false, &used, out_frame);
    *out_len = status == WB_OK ? used : decoder.has_head ? decoder.frame_len : 0;
    return status;
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

/* A frame with all its bytes in the input needs no memory of its own. WB_WOULD_BLOCK: there is
 * none. */
static enum wb_status next_in_place(struct wb_bytes *input, struct wb_bytes *out_frame) {
    size_t len = WB__FRAME_HEADER_LEN;
    enum wb_status status = WB_OK;
    while (status == WB_OK && len == WB__FRAME_HEADER_LEN) { /* an empty one is passed over */
        status = look(*input, &len, out_frame);
        *input = wb_bytes_slice(*input, status == WB_OK ? len : 0, input->len);
    }
    return status;
}

/* The header is complete: finds out what it promises. An empty frame is over with it. */
static enum wb_status begin_body(struct wb__frame_reader *reader, const struct wb_sys *sys) {
    struct wb_bytes frame;
    size_t len = 0;
    const enum wb_status status =
        look(wb_bytes_from(reader->header, WB__FRAME_HEADER_LEN), &len, &frame);
    if (status != WB_WOULD_BLOCK) {
        reader->have = 0;
        return status;
    }
    reader->block = WB_SYS(sys, alloc, len);
    if (reader->block == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    reader->block_len = (uint32_t)len;
    memcpy(reader->block, reader->header, WB__FRAME_HEADER_LEN);
    return WB_OK;
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
        if (reader->have == 0) {
            const enum wb_status status = next_in_place(input, out_frame);
            if (status != WB_WOULD_BLOCK) {
                return status;
            }
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
