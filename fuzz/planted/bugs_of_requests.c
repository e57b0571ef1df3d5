/* Planted bugs for fuzz_http1_request, one at a time (planted/choice.h), put in by wrapping
 * functions (ld --wrap): second-length: a second Content-Length is passed over, the classic of
 * request smuggling. host-of-a-user: a host may have a user before it, for reading and for writing.
 * All levels agree, each cut is the same, and what is sent on comes back: only the independent
 * reader can tell. */
#include "driver/fuzz_target.h"
#include "http/h1/levels.h"
#include "planted/choice.h"

static const char *const names[] = {"second-length", "host-of-a-user"};

enum { SECOND_LENGTH, HOST_OF_A_USER };

static int planted;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    planted = planted_choice(names, (int)(sizeof(names) / sizeof(names[0])));
    return 0;
}

bool __real_wb__h1_understand(struct wb_h1_parser *parser, const uint8_t *base);
bool __wrap_wb__h1_understand(struct wb_h1_parser *parser, const uint8_t *base);

bool __wrap_wb__h1_understand(struct wb_h1_parser *parser, const uint8_t *base) {
    bool has_length = false;
    for (uint32_t i = 0; planted == SECOND_LENGTH && i < parser->head.field_count; i++) {
        uint8_t *id = &parser->fields[i].id;
        bool is_length = *id == WB_HTTP_FIELD_CONTENT_LENGTH;
        if (is_length && has_length) {
            *id = WB_HTTP_FIELD_OTHER;
        }
        has_length = has_length || is_length;
    }
    return __real_wb__h1_understand(parser, base);
}

bool __real_wb__h1_is_host(struct wb_bytes value);
bool __wrap_wb__h1_is_host(struct wb_bytes value);

bool __wrap_wb__h1_is_host(struct wb_bytes value) {
    const size_t at = wb_bytes_find_byte(value, '@');
    if (planted == HOST_OF_A_USER && at != value.len) {
        value = wb_bytes_slice(value, at + 1, value.len);
    }
    return __real_wb__h1_is_host(value);
}
