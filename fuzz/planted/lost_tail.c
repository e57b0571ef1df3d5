/* A planted bug for fuzz_http1_request: looking at thirty-two bytes at a time loses the last byte
 * of a value of exactly that many. wb__h1_lines_avx2 is called by way of this (ld --wrap). */
#include "http/h1/levels.h"

enum wb__h1_pass __real_wb__h1_lines_avx2(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end);
enum wb__h1_pass __wrap_wb__h1_lines_avx2(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end);

enum wb__h1_pass __wrap_wb__h1_lines_avx2(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end) {
    enum wb__h1_pass pass = __real_wb__h1_lines_avx2(parser, base, end);
    for (uint32_t i = 0; pass == WB__H1_PASS_DONE && i < parser->head.field_count; i++) {
        if (parser->fields[i].value_len == 32) {
            parser->fields[i].value_len = 31;
        }
    }
    return pass;
}
