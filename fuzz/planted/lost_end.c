/* A planted bug for fuzz_http1_roundtrip: a piece of content of which no byte may go out is framed
 * all the same, and so ends chunked content. wb_h1_body_frame is called by way of this (ld --wrap).
 */
#include "wb/h1_body.h"

enum wb_status __real_wb_h1_body_frame(
    struct wb_h1_body_writer *writer, size_t len, struct wb_h1_frame *out_frame);
enum wb_status __wrap_wb_h1_body_frame(
    struct wb_h1_body_writer *writer, size_t len, struct wb_h1_frame *out_frame);

enum wb_status __wrap_wb_h1_body_frame(
    struct wb_h1_body_writer *writer, size_t len, struct wb_h1_frame *out_frame) {
    enum wb_status status = __real_wb_h1_body_frame(writer, len, out_frame);
    if (status == WB_OK && len == 0 && writer->body == WB_H1_BODY_CHUNKED) {
        out_frame->prefix[0] = '0';
        out_frame->prefix[1] = '\r';
        out_frame->prefix[2] = '\n';
        out_frame->prefix_len = 3;
        out_frame->suffix_len = WB_H1_CHUNK_SUFFIX_LEN;
    }
    return status;
}
