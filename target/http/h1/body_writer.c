/* Content to bytes: the frame around each piece, and the end. */
#include "wb/h1_body.h"

#include <string.h>

void wb_h1_body_writer_init(
    struct wb_h1_body_writer *writer, enum wb_h1_body body, uint64_t content_length) {
    *writer = (struct wb_h1_body_writer){
        .body = body, .left = body == WB_H1_BODY_LENGTH ? content_length : 0};
}

/* The size in hexadecimal digits and a line's end; how long. */
static uint8_t put_size(char *out, size_t size) {
    static const char digits[] = "0123456789abcdef";
    unsigned count = 1;
    for (size_t rest = size >> 4; rest != 0; rest >>= 4) {
        count++;
    }
    for (unsigned i = 0; i < count; i++) {
        out[i] = digits[size >> (4 * (count - 1 - i)) & 0xfu];
    }
    out[count] = '\r';
    out[count + 1] = '\n';
    return (uint8_t)(count + 2);
}

static enum wb_status frame_length(
    struct wb_h1_body_writer *writer, size_t len, struct wb_h1_frame *frame) {
    frame->data_len = len < writer->left ? len : (size_t)writer->left;
    writer->left -= frame->data_len;
    return frame->data_len == len ? WB_OK : WB_ERR_LIMIT;
}

enum wb_status wb_h1_body_frame(
    struct wb_h1_body_writer *writer, size_t len, struct wb_h1_frame *out_frame) {
    out_frame->prefix_len = 0;
    out_frame->suffix_len = 0;
    out_frame->data_len = 0;
    if (writer->ended) {
        return WB_ERR_CLOSED;
    }
    switch (writer->body) {
    case WB_H1_BODY_NONE:
        break;
    case WB_H1_BODY_LENGTH:
        return frame_length(writer, len, out_frame);
    case WB_H1_BODY_CHUNKED:
        if (len != 0) {
            out_frame->prefix_len = put_size(out_frame->prefix, len);
            out_frame->suffix_len = WB_H1_CHUNK_SUFFIX_LEN;
            out_frame->data_len = len;
        }
        break;
    case WB_H1_BODY_UNTIL_CLOSE:
    case WB_H1_BODY_TUNNEL:
        out_frame->data_len = len;
        break;
    }
    return WB_OK;
}

enum wb_status wb_h1_body_finish(
    struct wb_h1_body_writer *writer, bool with_trailers, struct wb_bytes *out_tail) {
    *out_tail = wb_bytes_from(NULL, 0);
    if (writer->ended) {
        return WB_OK;
    }
    if (writer->left != 0) {
        return WB_ERR_UNEXPECTED_EOF;
    }
    writer->ended = true;
    if (writer->body == WB_H1_BODY_CHUNKED) {
        *out_tail = wb_bytes_from_string(with_trailers ? "0\r\n" : "0\r\n\r\n");
    }
    return WB_OK;
}
