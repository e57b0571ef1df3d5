/* Property: what both the codec and http-parser 2.9 accept they understand the same: method,
 * target, fields, where the content ends and its bytes. Where only one of them accepts, the reason
 * stands in a table below: in `stricter` why the codec refuses what http-parser takes, in `wider`
 * what it takes all the same. Anything else is a finding. Trailers are not compared. Code under
 * test: target/http/h1, target/http/message. The input: a byte, whose low bit says whether the rest
 * is a request or a response and the others what was asked, and the bytes of the message. */
#include "driver/fuzz_target.h"

#include <string.h>

#include "http1/other.h"
#include "wb/http_fields.h"

enum { IS_RESPONSE = 1, ASKED_UPGRADE = 2, METHOD_SHIFT = 2, METHOD_MASK = 0x0f };

/* ---- why only one of them accepts ---- */

/* Why a head is refused that http-parser takes. NULL: it should not take it either. */
static const char *const stricter[WB_H1_ERROR_COUNT] = {
    [WB_H1_ERROR_TARGET] = "it takes number signs, and HTTP/0.9, which has no version",
    [WB_H1_ERROR_TARGET_FORM] = "it looks only at a target's first bytes",
    [WB_H1_ERROR_VERSION] = "it takes versions of two digits",
    [WB_H1_ERROR_VERSION_NOT_SUPPORTED] = "it takes any version",
    [WB_H1_ERROR_STATUS] = "it takes statuses below 100, and 101 to who did not ask",
    [WB_H1_ERROR_REASON] = "it takes control characters in a reason",
    [WB_H1_ERROR_EMPTY_LINES] = "it passes over any number of them",
    [WB_H1_ERROR_BARE_CR] = "it passes over carriage returns in some places",
    [WB_H1_ERROR_BARE_LF] = "it takes line feeds alone",
    [WB_H1_ERROR_SPACE_BEFORE_COLON] = "it takes blanks in names",
    [WB_H1_ERROR_FIELD_VALUE] = "it does not look at the first byte of a value",
    [WB_H1_ERROR_FOLD] = "it takes folded values, of requests too",
    [WB_H1_ERROR_TOO_MANY_FIELDS] = "it does not count them",
    [WB_H1_ERROR_CONTENT_LENGTH_TOO_BIG] = "it takes lengths of 64 bits",
    [WB_H1_ERROR_TRANSFER_ENCODING] = "it looks for chunked at the end, and nothing else",
    [WB_H1_ERROR_TRANSFER_CODING] = "it leaves other codings to its user",
    [WB_H1_ERROR_CHUNKED_1_0] = "it takes chunks of HTTP/1.0",
    [WB_H1_ERROR_HOST_MISSING] = "it does not look at Host",
    [WB_H1_ERROR_HOST_TWICE] = "it does not look at Host",
    [WB_H1_ERROR_HOST] = "it does not look at Host",
};

/* The same of contents. */
static const char *const stricter_content[WB_H1_BODY_ERROR_COUNT] = {
    [WB_H1_BODY_ERROR_SIZE] = "it takes anything behind a size and a blank",
    [WB_H1_BODY_ERROR_EXTENSION] = "it takes any byte in an extension",
    [WB_H1_BODY_ERROR_LINE_END] = "it does not look at what should be CR and LF",
};

static bool is_of_unknown_method(const struct message *message, struct wb_bytes input) {
    const struct wb_h1_head *head = &message->parser.head;
    return !other_knows_method(wb_bytes_from(input.ptr + head->method_at, head->method_len));
}

static bool names_an_authority(const struct message *message, struct wb_bytes input) {
    const struct wb_h1_head *head = &message->parser.head;
    (void)input;
    return head->target_form == WB_H1_TARGET_ABSOLUTE
           || head->target_form == WB_H1_TARGET_AUTHORITY;
}

static bool is_response(const struct message *message, struct wb_bytes input) {
    (void)input;
    return message->parser.kind == WB_H1_RESPONSE;
}

static bool frames(const struct wb_http_field *field) {
    return field->id == WB_HTTP_FIELD_TRANSFER_ENCODING
           || field->id == WB_HTTP_FIELD_CONTENT_LENGTH;
}

/* Behind a coding, or a length, there is a tab, perhaps among spaces. */
static bool has_tab_behind_framing(const struct message *message, struct wb_bytes input) {
    for (uint32_t i = 0; i < message->parser.head.field_count; i++) {
        const struct wb_http_field *field = &message->fields[i];
        size_t at = (size_t)field->value_at + field->value_len;
        while (input.ptr[at] == ' ') {
            at++;
        }
        if (frames(field) && input.ptr[at] == '\t') {
            return true;
        }
    }
    return false;
}

/* Before a coding that is not the first of its field there is a tab. */
static bool has_tab_among_codings(const struct message *message, struct wb_bytes input) {
    const struct wb_http_fields fields = wb_h1_parser_fields(&message->parser, input);
    for (size_t i = 0; i < fields.count; i++) {
        const struct wb_bytes value = wb_http_fields_value(fields, i);
        if (fields.items[i].id == WB_HTTP_FIELD_TRANSFER_ENCODING
            && wb_bytes_find_byte(value, '\t') != value.len) {
            return true;
        }
    }
    return false;
}

/* A coding whose name is the beginning of "chunked". */
static bool has_beginning_of_chunked(const struct message *message, struct wb_bytes input) {
    const struct wb_bytes chunked = wb_bytes_from_string("chunked");
    const struct wb_http_fields fields = wb_h1_parser_fields(&message->parser, input);
    for (size_t i = 0; i < fields.count; i++) {
        struct wb_bytes list = wb_http_fields_value(fields, i);
        struct wb_bytes element;
        while (fields.items[i].id == WB_HTTP_FIELD_TRANSFER_ENCODING
               && wb_http_next_element(&list, &element)) {
            if (element.len < chunked.len
                && wb_http_equal_nocase(element, wb_bytes_slice(chunked, 0, element.len))) {
                return true;
            }
        }
    }
    return false;
}

/* A name that goes on behind "Transfer-Encoding". */
static bool has_longer_coding_name(const struct message *message, struct wb_bytes input) {
    static const char name[] = "transfer-encoding";
    const struct wb_http_fields fields = wb_h1_parser_fields(&message->parser, input);
    for (size_t i = 0; i < fields.count; i++) {
        struct wb_bytes begin = wb_http_fields_name(fields, i);
        const bool is_longer = begin.len > sizeof name - 1;
        begin.len = is_longer ? sizeof name - 1 : 0;
        if (is_longer && wb_http_equal_nocase(begin, wb_bytes_from_string(name))) {
            return true;
        }
    }
    return false;
}

/* What http-parser refuses and the codec takes. */
static const struct {
    enum http_errno error;
    bool (*applies)(const struct message *message, struct wb_bytes input);
    const char *reason;
} wider[] = {
    {HPE_INVALID_METHOD, is_of_unknown_method, "any token is a method (RFC 9110 section 9.1)"},
    {HPE_INVALID_URL, names_an_authority, "schemes and hosts have more bytes than it knows"},
    {HPE_INVALID_TRANSFER_ENCODING, has_tab_behind_framing, "a tab is a blank as good as a space"},
    {HPE_INVALID_TRANSFER_ENCODING, has_tab_among_codings, "a tab is a blank as good as a space"},
    {HPE_INVALID_TRANSFER_ENCODING, has_beginning_of_chunked,
        "it takes the comma behind as its part"},
    {HPE_INVALID_TRANSFER_ENCODING, has_longer_coding_name, "to it that is Transfer-Encoding, too"},
    {HPE_INVALID_CONTENT_LENGTH, has_tab_behind_framing, "a tab is a blank as good as a space"},
    {HPE_UNEXPECTED_CONTENT_LENGTH, has_longer_coding_name, "to it that is Transfer-Encoding, too"},
    {HPE_UNEXPECTED_CONTENT_LENGTH, is_response,
        "of a response chunks decide, and the connection ends with it (RFC 9112 section 6.3)"},
};

static bool is_wider(
    const struct message *message, struct wb_bytes input, const struct other_message *theirs) {
    for (size_t i = 0; i < sizeof(wider) / sizeof(wider[0]); i++) {
        if (wider[i].error == theirs->error && wider[i].applies(message, input)) {
            return true;
        }
    }
    return false;
}

/* ---- what both accept ---- */

static bool is_same(struct wb_bytes a, struct other_text b) {
    return wb_bytes_equal(a, wb_bytes_from(b.at, b.len));
}

/* http-parser leaves blanks behind a value to its user. */
static bool is_same_value(struct wb_bytes value, struct other_text theirs) {
    return wb_bytes_equal(value, wb_http_trim(wb_bytes_from(theirs.at, theirs.len)));
}

static void check_head(const struct message *message, struct wb_bytes input, bool is_request,
    const struct other_message *theirs) {
    const struct wb_h1_head *head = &message->parser.head;
    const struct wb_http_fields fields = wb_h1_parser_fields(&message->parser, input);
    CHECK((head->version == WB_HTTP_1_0) == (theirs->minor == 0));
    if (is_request) {
        CHECK(wb_bytes_equal(wb_bytes_from(input.ptr + head->method_at, head->method_len),
            wb_bytes_from_string(theirs->method)));
        CHECK(
            is_same(wb_bytes_from(input.ptr + head->target_at, head->target_len), theirs->target));
    } else {
        CHECK(head->status == theirs->status);
    }
    CHECK(fields.count == theirs->field_count);
    for (size_t i = 0; i < fields.count; i++) {
        CHECK(is_same(wb_http_fields_name(fields, i), theirs->names[i]));
        CHECK(is_same_value(wb_http_fields_value(fields, i), theirs->values[i]));
    }
}

static void check_framing(const struct wb_h1_head *head, const struct other_message *theirs) {
    switch (head->body) {
    case WB_H1_BODY_CHUNKED:
        CHECK(theirs->is_chunked);
        break;
    case WB_H1_BODY_LENGTH:
        CHECK(!theirs->is_chunked && theirs->has_length && theirs->length == head->content_length);
        break;
    case WB_H1_BODY_NONE:
    case WB_H1_BODY_TUNNEL:
        CHECK(theirs->has_content && theirs->content_len == 0);
        break;
    case WB_H1_BODY_UNTIL_CLOSE:
        CHECK(!theirs->is_chunked && !theirs->has_length);
        break;
    }
}

/* A tab behind a chunk's size is a blank as good as any; http-parser takes spaces only. */
static bool is_wider_content(struct wb_bytes input, const struct other_message *theirs) {
    return theirs->error == HPE_INVALID_CHUNK_SIZE && wb_bytes_find_byte(input, '\t') != input.len;
}

static void check_content(
    const struct wb_h1_head *head, struct wb_bytes input, const struct other_message *theirs) {
    struct wb_bytes rest = wb_bytes_slice(input, head->head_len, input.len);
    struct wb_h1_body_reader reader;
    struct wb_bytes data;
    enum wb_status status;
    size_t len = 0;
    wb_h1_body_reader_init(&reader, head->body, head->content_length);
    while ((status = wb_h1_body_read(&reader, &rest, &data)) == WB_OK) {
        if (theirs->has_content || len + data.len <= theirs->content_len) {
            CHECK(len + data.len <= theirs->content_len);
            CHECK(memcmp(theirs->content + len, data.ptr, data.len) == 0);
        }
        len += data.len;
    }
    if (status == WB_ERR_PARSE) {
        CHECK(!theirs->has_content || stricter_content[reader.error] != NULL);
        return;
    }
    const bool is_whole = wb_h1_body_end(&reader) == WB_EOF;
    CHECK(is_whole == theirs->has_content || is_wider_content(input, theirs));
    CHECK(!is_whole || !theirs->has_content || len == theirs->content_len);
}

/* ---- where content is another matter ---- */

static bool is_tunnel_request(const struct message *message, struct wb_bytes input) {
    (void)input;
    return message->parser.kind == WB_H1_REQUEST && message->parser.head.method == WB_HTTP_CONNECT;
}

static bool is_status_without_content(const struct message *message, struct wb_bytes input) {
    const struct wb_h1_head *head = &message->parser.head;
    (void)input;
    return message->parser.kind == WB_H1_RESPONSE
           && (wb_http_is_without_content(WB_HTTP_GET, head->status)
               || head->body == WB_H1_BODY_TUNNEL);
}

/* What both accept, and where by a rule of the protocol the content does not end where http-parser
 * has it end. */
static const struct {
    bool (*applies)(const struct message *message, struct wb_bytes input);
    const char *reason;
} framed_otherwise[] = {
    {is_tunnel_request, "it counts what follows CONNECT to the tunnel, whatever the fields say"},
    {is_status_without_content, "it goes by the fields of 1xx, 204 and 304 (RFC 9112 section 6.3)"},
    {has_tab_behind_framing, "to it chunked and a tab are another coding"},
    {has_tab_among_codings, "to it chunked behind a tab is another coding"},
    {has_beginning_of_chunked, "it takes the comma behind as a part of the coding's name"},
    {has_longer_coding_name, "to it that is Transfer-Encoding, too"},
};

static bool is_framed_otherwise(const struct message *message, struct wb_bytes input) {
    for (size_t i = 0; i < sizeof(framed_otherwise) / sizeof(framed_otherwise[0]); i++) {
        if (framed_otherwise[i].applies(message, input)) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct other_message theirs;
    struct message message;
    if (size < 1 || size > INPUT_LEN_MAX) {
        return 0;
    }
    const enum wb_h1_kind kind = (data[0] & IS_RESPONSE) != 0 ? WB_H1_RESPONSE : WB_H1_REQUEST;
    const struct wb_h1_asked asked = {
        (enum wb_http_method)((data[0] >> METHOD_SHIFT & METHOD_MASK) % WB_HTTP_METHOD_COUNT),
        (data[0] & ASKED_UPGRADE) != 0};
    const struct wb_bytes input = wb_bytes_from(data + 1, size - 1);
    const struct wb_h1_head *head = &message.parser.head;
    wb_h1_parser_init(&message.parser, kind, NULL, kind == WB_H1_RESPONSE ? &asked : NULL,
        message.fields, FIELDS_MAX);
    message.status = wb_h1_parse(&message.parser, input);
    other_read(kind, &asked, input, &theirs);
    if (message.status == WB_OK && theirs.has_head) {
        check_head(&message, input, kind == WB_H1_REQUEST, &theirs);
        if (!is_framed_otherwise(&message, input)) {
            check_framing(head, &theirs);
            check_content(head, input, &theirs);
        }
    } else if (message.status == WB_OK) {
        CHECK(is_wider(&message, input, &theirs));
    } else if (theirs.has_head) {
        CHECK(message.status == WB_ERR_PARSE && stricter[message.parser.error] != NULL);
    }
    return 0;
}
