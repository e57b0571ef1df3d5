/* A planted bug for fuzz_http1_request: a second Content-Length is passed over, the classic of
 * request smuggling. wb__h1_understand is called by way of this (ld --wrap). */
#include "http/h1/levels.h"

bool __real_wb__h1_understand(struct wb_h1_parser *parser, const uint8_t *base);
bool __wrap_wb__h1_understand(struct wb_h1_parser *parser, const uint8_t *base);

bool __wrap_wb__h1_understand(struct wb_h1_parser *parser, const uint8_t *base) {
    bool has_length = false;
    for (uint32_t i = 0; i < parser->head.field_count; i++) {
        uint8_t *id = &parser->fields[i].id;
        bool is_length = *id == WB_HTTP_FIELD_CONTENT_LENGTH;
        if (is_length && has_length) {
            *id = WB_HTTP_FIELD_OTHER;
        }
        has_length = has_length || is_length;
    }
    return __real_wb__h1_understand(parser, base);
}
