/* A planted bug for fuzz_http1_differential: a length that begins with zero is taken for an octal
 * number, as C does. wb__h1_parse_length is called by way of this (ld --wrap): reading and writing
 * agree, and only somebody else can tell. */
#include "http/h1/levels.h"

enum wb_h1_error __real_wb__h1_parse_length(struct wb_bytes value, uint64_t *out_length);
enum wb_h1_error __wrap_wb__h1_parse_length(struct wb_bytes value, uint64_t *out_length);

enum wb_h1_error __wrap_wb__h1_parse_length(struct wb_bytes value, uint64_t *out_length) {
    enum wb_h1_error error = __real_wb__h1_parse_length(value, out_length);
    if (error != WB_H1_ERROR_NONE || value.len < 2 || value.len > 8 || value.ptr[0] != '0') {
        return error;
    }
    uint64_t length = 0;
    for (size_t i = 0; i < value.len; i++) {
        length = length * 8 + (uint64_t)(value.ptr[i] - '0');
    }
    *out_length = length;
    return WB_H1_ERROR_NONE;
}
