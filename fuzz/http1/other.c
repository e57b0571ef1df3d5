#include "http1/other.h"

#include <string.h>

/* What the callbacks have. */
struct reading {
    struct other_message *message;
    const struct wb_h1_asked *asked; /* NULL: a request is read */
    bool was_value;
};

static struct reading *reading_of(http_parser *parser) {
    return parser->data;
}

/* A text may come in pieces, which follow one another but for what is left out between them. */
static void grow(struct other_text *text, const char *at, size_t len) {
    if (text->at == NULL) {
        text->at = (const uint8_t *)at;
    }
    text->len = (size_t)((const uint8_t *)at + len - text->at);
}

static int on_url(http_parser *parser, const char *at, size_t len) {
    grow(&reading_of(parser)->message->target, at, len);
    return 0;
}

/* Behind the head fields are trailers, which are not looked at. */
static int on_name(http_parser *parser, const char *at, size_t len) {
    struct reading *reading = reading_of(parser);
    struct other_message *message = reading->message;
    if (message->has_head) {
        return 0;
    }
    if ((reading->was_value || message->field_count == 0)
        && message->field_count < OTHER_FIELDS_MAX) {
        message->field_count++;
    }
    reading->was_value = false;
    grow(&message->names[message->field_count - 1], at, len);
    return 0;
}

static int on_value(http_parser *parser, const char *at, size_t len) {
    struct reading *reading = reading_of(parser);
    struct other_message *message = reading->message;
    if (!message->has_head) {
        reading->was_value = true;
        grow(&message->values[message->field_count - 1], at, len);
    }
    return 0;
}

/* 1: no content follows; 2: nor anything else of HTTP. */
static int on_head(http_parser *parser) {
    const struct reading *reading = reading_of(parser);
    struct other_message *message = reading->message;
    message->has_head = true;
    message->minor = parser->http_minor;
    message->status = parser->status_code;
    message->is_chunked = (parser->flags & F_CHUNKED) != 0;
    message->has_length = (parser->flags & F_CONTENTLENGTH) != 0;
    message->length = parser->content_length;
    if (reading->asked == NULL) {
        message->method = http_method_str((enum http_method)parser->method);
        return 0;
    }
    if (reading->asked->method == WB_HTTP_CONNECT && parser->status_code / 100 == 2) {
        return 2;
    }
    return reading->asked->method == WB_HTTP_HEAD ? 1 : 0;
}

static int on_content(http_parser *parser, const char *at, size_t len) {
    struct other_message *message = reading_of(parser)->message;
    CHECK(len <= sizeof message->content - message->content_len);
    memcpy(message->content + message->content_len, at, len);
    message->content_len += len;
    return 0;
}

static int on_chunk(http_parser *parser) {
    struct other_message *message = reading_of(parser)->message;
    message->has_content = message->has_content || parser->content_length == 0;
    return 0;
}

/* What comes behind is another message. */
static int on_end(http_parser *parser) {
    reading_of(parser)->message->has_content = true;
    http_parser_pause(parser, 1);
    return 0;
}

void other_read(enum wb_h1_kind kind, const struct wb_h1_asked *asked, struct wb_bytes input,
    struct other_message *out) {
    static const http_parser_settings settings = {
        .on_url = on_url,
        .on_header_field = on_name,
        .on_header_value = on_value,
        .on_headers_complete = on_head,
        .on_body = on_content,
        .on_message_complete = on_end,
        .on_chunk_header = on_chunk,
    };
    struct reading reading = {out, kind == WB_H1_RESPONSE ? asked : NULL, false};
    http_parser parser;
    memset(out, 0, sizeof *out);
    http_parser_init(&parser, kind == WB_H1_REQUEST ? HTTP_REQUEST : HTTP_RESPONSE);
    parser.data = &reading;
    if (input.len != 0) {
        (void)http_parser_execute(&parser, &settings, (const char *)input.ptr, input.len);
    }
    if (HTTP_PARSER_ERRNO(&parser) == HPE_OK) {
        (void)http_parser_execute(&parser, &settings, NULL, 0);
    }
    const enum http_errno error = HTTP_PARSER_ERRNO(&parser);
    out->error = error == HPE_PAUSED ? HPE_OK : error;
    /* This it finds out behind the head's end. */
    out->has_head = out->has_head && error != HPE_INVALID_TRANSFER_ENCODING;
}

bool other_knows_method(struct wb_bytes method) {
    for (unsigned i = 0; i <= HTTP_SOURCE; i++) {
        if (wb_bytes_equal(method, wb_bytes_from_string(http_method_str((enum http_method)i)))) {
            return true;
        }
    }
    return false;
}
