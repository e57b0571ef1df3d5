/* The same bytes as http-parser 2.9 reads them: the parser of Node.js up to version 12, one of
 * those that may stand in front of ours or behind it. */
#ifndef FUZZ_HTTP1_OTHER_H
#define FUZZ_HTTP1_OTHER_H

#include <http_parser.h>

#include "http1/every_way.h"

struct other_text {
    const uint8_t *at;
    size_t len;
};

enum { OTHER_FIELDS_MAX = 64 };

/* What it made of a message; of fields more than there is room for it counts the last again. */
struct other_message {
    enum http_errno error;
    bool has_head;
    bool has_content; /* all of it, and for chunks that means the last one was seen */
    struct other_text target;
    const char *method; /* static */
    unsigned status;
    unsigned minor;
    bool is_chunked;
    bool has_length;
    uint64_t length;
    struct other_text names[OTHER_FIELDS_MAX];
    struct other_text values[OTHER_FIELDS_MAX];
    size_t field_count;
    uint8_t content[INPUT_LEN_MAX];
    size_t content_len;
};

/* Reads one message, then the end. `kind` is a request or a response, to what was asked. */
void other_read(enum wb_h1_kind kind, const struct wb_h1_asked *asked, struct wb_bytes input,
    struct other_message *out);

/* Whether it knows the method at all. */
bool other_knows_method(struct wb_bytes method);

#endif
