/* Messages that are lines. */
#include <string.h>

#include "wb/codec.h"

/* ---- decoding ---- */

static struct wb_bytes without_return(struct wb_bytes line) {
    const bool has_return = line.len != 0 && line.ptr[line.len - 1] == '\r';
    return wb_bytes_slice(line, 0, line.len - has_return);
}

/* Where the first newline is, up to where it may be; `limit` if there is none. */
static size_t find_newline(const struct wb_bytes bytes, size_t from, size_t limit) {
    const uint8_t *found = from < limit ? memchr(bytes.ptr + from, '\n', limit - from) : NULL;
    return found != NULL ? (size_t)(found - bytes.ptr) : limit;
}

/* Too long a line goes with its newline, or as much of it as has come. */
static size_t pass_over(struct wb_line_decoder *self, struct wb_bytes bytes) {
    const size_t newline = find_newline(bytes, 0, bytes.len);
    self->is_passing_over = newline == bytes.len;
    return self->is_passing_over ? newline : newline + 1;
}

static enum wb_status end_of(struct wb_line_decoder *self, struct wb_bytes rest, size_t passed,
    size_t *out_used, struct wb_bytes *out_frame) {
    const bool is_nothing = rest.len == 0 || (rest.len == 1 && rest.ptr[0] == '\r');
    self->is_passing_over = false;
    *out_used = passed + rest.len;
    *out_frame = without_return(rest);
    return is_nothing ? WB_WOULD_BLOCK : WB_OK;
}

static enum wb_status line_decode(struct wb_decoder *decoder, struct wb_bytes bytes, bool is_end,
    size_t *out_used, struct wb_bytes *out_frame) {
    struct wb_line_decoder *self =
        (struct wb_line_decoder *)(void *)((char *)decoder
                                           - offsetof(struct wb_line_decoder, decoder));
    const size_t passed = self->is_passing_over ? pass_over(self, bytes) : 0;
    const struct wb_bytes rest = wb_bytes_slice(bytes, passed, bytes.len);
    const size_t limit =
        rest.len > self->line_len_max ? self->line_len_max + 1 : rest.len; /* and its newline */
    const size_t newline = find_newline(rest, self->scanned, limit);
    self->scanned = 0;
    if (newline < limit) {
        *out_frame = without_return(wb_bytes_slice(rest, 0, newline));
        *out_used = passed + newline + 1;
        return WB_OK;
    }
    if (rest.len > self->line_len_max) {
        self->is_passing_over = true;
        *out_used = passed + limit;
        return WB_ERR_LIMIT;
    }
    if (is_end) {
        return end_of(self, rest, passed, out_used, out_frame);
    }
    self->scanned = rest.len;
    *out_used = passed;
    return WB_WOULD_BLOCK;
}

static const struct wb_decoder_ops line_decoder_ops = {.decode = line_decode};

void wb_line_decoder_init(struct wb_line_decoder *decoder, size_t line_len_max) {
    *decoder =
        (struct wb_line_decoder){.decoder = {&line_decoder_ops}, .line_len_max = line_len_max};
}

/* ---- encoding ---- */

static enum wb_status line_encode(
    struct wb_encoder *encoder, struct wb_bytes frame, void *space, size_t *out_len) {
    (void)encoder;
    if (wb_bytes_find_byte(frame, '\n') < frame.len) {
        return WB_ERR_INVALID;
    }
    const size_t room = *out_len;
    *out_len = frame.len + 1;
    if (room < *out_len) {
        return WB_ERR_FULL;
    }
    if (frame.len != 0) {
        memcpy(space, frame.ptr, frame.len);
    }
    ((uint8_t *)space)[frame.len] = '\n';
    return WB_OK;
}

static const struct wb_encoder_ops line_encoder_ops = {.encode = line_encode};

struct wb_encoder wb_line_encoder(void) {
    return (struct wb_encoder){&line_encoder_ops};
}
