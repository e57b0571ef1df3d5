/* A planted bug for fuzz_http1_response: a line feed that comes alone is taken and forgotten.
 * wb_h1_body_read is called by way of this (ld --wrap). */
#include "wb/h1_body.h"

enum wb_status __real_wb_h1_body_read(
    struct wb_h1_body_reader *reader, struct wb_bytes *in_out_input, struct wb_bytes *out_data);
enum wb_status __wrap_wb_h1_body_read(
    struct wb_h1_body_reader *reader, struct wb_bytes *in_out_input, struct wb_bytes *out_data);

enum wb_status __wrap_wb_h1_body_read(
    struct wb_h1_body_reader *reader, struct wb_bytes *in_out_input, struct wb_bytes *out_data) {
    if (reader->body == WB_H1_BODY_CHUNKED && in_out_input->len == 1
        && in_out_input->ptr[0] == '\n') {
        *in_out_input = wb_bytes_from(in_out_input->ptr + 1, 0);
    }
    return __real_wb_h1_body_read(reader, in_out_input, out_data);
}
