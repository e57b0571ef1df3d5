/* Messages with their length in front; and what holds for all decoders and encoders. */
#include "wb/codec.h"

#include <assert.h>
#include <string.h>

/* ---- all of them ---- */

enum wb_status wb_decoder_decode(struct wb_decoder *decoder, struct wb_bytes bytes, bool is_end,
    size_t *out_used, struct wb_bytes *out_frame) {
    *out_used = 0;
    const enum wb_status status = decoder->ops->decode(decoder, bytes, is_end, out_used, out_frame);
    assert(*out_used <= bytes.len && "a decoder used what is not there");
    assert((status != WB_OK || *out_used != 0) && "a decoder made a message of nothing");
    return status;
}

enum wb_status wb_encoder_encode(
    struct wb_encoder *encoder, struct wb_bytes frame, void *space, size_t *out_len) {
    return encoder->ops->encode(encoder, frame, space, out_len);
}

/* ---- the format ---- */

static size_t field_len_of(const struct wb_length_format *format) {
    return format->field_len != 0 ? format->field_len : 4;
}

static size_t head_len_of(const struct wb_length_format *format) {
    return format->field_offset + field_len_of(format) + format->tail_len;
}

static size_t max_of(const struct wb_length_format *format) {
    return format->frame_len_max != 0 ? format->frame_len_max : WB_LENGTH_FRAME_LEN_MAX_DEFAULT;
}

static void check(const struct wb_length_format *format) {
    assert(field_len_of(format) <= sizeof(uint64_t));
    assert(format->kept <= head_len_of(format));
}

size_t wb_length_format_buffer_len(const struct wb_length_format *format) {
    return head_len_of(format) - format->kept + max_of(format);
}

/* ---- decoding ---- */

/* How long the message is that the number in the head promises. */
static enum wb_status frame_len_from(
    const struct wb_length_format *format, uint64_t number, size_t *out_len) {
    const uint64_t shrink = format->adjustment < 0 ? 0 - (uint64_t)format->adjustment : 0;
    const uint64_t growth = format->adjustment > 0 ? (uint64_t)format->adjustment : 0;
    if (number < shrink) {
        return WB_ERR_PARSE;
    }
    const uint64_t max = max_of(format);
    const uint64_t more = growth + format->kept; /* no overflow: 2^63 and 2^32 at most */
    if (more > max || number - shrink > max - more) {
        return WB_ERR_LIMIT;
    }
    *out_len = (size_t)(number - shrink + more);
    return WB_OK;
}

static enum wb_status read_head(struct wb_length_decoder *self, struct wb_bytes bytes) {
    const struct wb_length_format *format = &self->format;
    if (bytes.len < head_len_of(format)) {
        return WB_WOULD_BLOCK;
    }
    struct wb_bytes field =
        wb_bytes_slice(bytes, format->field_offset, format->field_offset + field_len_of(format));
    const uint64_t number =
        wb_buf_get_uint(wb_buf_from_bytes(&field), field_len_of(format), format->order);
    const enum wb_status status = frame_len_from(format, number, &self->frame_len);
    self->has_head = status == WB_OK;
    return status;
}

/* The head stays in front of what is incomplete, so that it is missed if the end comes now. */
static enum wb_status length_decode(struct wb_decoder *decoder, struct wb_bytes bytes, bool is_end,
    size_t *out_used, struct wb_bytes *out_frame) {
    struct wb_length_decoder *self =
        (struct wb_length_decoder *)(void *)((char *)decoder
                                             - offsetof(struct wb_length_decoder, decoder));
    if (!self->has_head) {
        const enum wb_status status = read_head(self, bytes);
        if (status != WB_OK) {
            return status;
        }
    }
    const size_t skipped = head_len_of(&self->format) - self->format.kept;
    assert(bytes.len >= skipped && "bytes that were not used did not come again");
    if (bytes.len - skipped < self->frame_len) {
        self->has_head = !is_end;
        return WB_WOULD_BLOCK;
    }
    *out_frame = wb_bytes_slice(bytes, skipped, skipped + self->frame_len);
    *out_used = skipped + self->frame_len;
    self->has_head = false;
    return WB_OK;
}

static const struct wb_decoder_ops length_decoder_ops = {.decode = length_decode};

void wb_length_decoder_init(
    struct wb_length_decoder *decoder, const struct wb_length_format *format) {
    check(format);
    *decoder = (struct wb_length_decoder){.decoder = {&length_decoder_ops}, .format = *format};
}

void wb_length_decoder_set_max(struct wb_length_decoder *decoder, size_t frame_len_max) {
    decoder->format.frame_len_max = frame_len_max;
}

/* ---- encoding ---- */

/* What the number says of so many bytes behind the head. */
static enum wb_status number_from(
    const struct wb_length_format *format, size_t len, uint64_t *out_number) {
    const uint64_t growth = format->adjustment < 0 ? 0 - (uint64_t)format->adjustment : 0;
    const uint64_t shrink = format->adjustment > 0 ? (uint64_t)format->adjustment : 0;
    const size_t bits = field_len_of(format) * 8;
    const uint64_t highest = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    if (len > max_of(format) || len < shrink || growth > highest
        || len - shrink > highest - growth) {
        return WB_ERR_LIMIT;
    }
    *out_number = len - shrink + growth;
    return WB_OK;
}

static void write_head(const struct wb_length_format *format, uint64_t number, uint8_t *space) {
    struct wb_space field = {space + format->field_offset, field_len_of(format)};
    memset(space, 0, head_len_of(format));
    /* Memory of fixed size never runs out before the number is in it. */
    (void)!wb_buf_mut_put_uint(
        wb_buf_mut_from_space(&field), number, field_len_of(format), format->order);
}

static enum wb_status length_encode(
    struct wb_encoder *encoder, struct wb_bytes frame, void *space, size_t *out_len) {
    const struct wb_length_encoder *self =
        (struct wb_length_encoder *)(void *)((char *)encoder
                                             - offsetof(struct wb_length_encoder, encoder));
    const size_t head_len = head_len_of(&self->format);
    uint64_t number = 0;
    const enum wb_status status = number_from(&self->format, frame.len, &number);
    if (status != WB_OK) {
        return status;
    }
    const size_t room = *out_len;
    *out_len = head_len + frame.len;
    if (room < *out_len) {
        return WB_ERR_FULL;
    }
    write_head(&self->format, number, space);
    if (frame.len != 0) {
        memcpy((uint8_t *)space + head_len, frame.ptr, frame.len);
    }
    return WB_OK;
}

static const struct wb_encoder_ops length_encoder_ops = {.encode = length_encode};

void wb_length_encoder_init(
    struct wb_length_encoder *encoder, const struct wb_length_format *format) {
    check(format);
    assert(format->kept == 0 && "a message that keeps its head has one already");
    *encoder = (struct wb_length_encoder){.encoder = {&length_encoder_ops}, .format = *format};
}
