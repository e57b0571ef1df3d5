#include "http1/reference.h"

#include <string.h>

#include "wouldblock/http_reference.h"

static enum wbh_http_outcome read_head(
    const struct setting *setting, const char *bytes, size_t len, struct wbh_http_head *head) {
    const struct wbh_http_limits limits = {FIELDS_MAX, WB_H1_METHOD_LEN_MAX, WB_H1_EMPTY_LINES_MAX};
    if (setting->kind == WB_H1_REQUEST) {
        return wbh_http_read_request(bytes, len, &limits, head);
    }
    const char *method = wb_http_method_name(setting->asked.method);
    return wbh_http_read_response(
        bytes, len, method != NULL ? method : "OTHER", setting->asked.upgrade, &limits, head);
}

static bool is_same(struct wb_bytes input, uint32_t at, uint32_t len, struct wbh_http_text text) {
    return len == text.len && memcmp(input.ptr + at, text.bytes, len) == 0;
}

static enum wb_h1_body body_of(enum wbh_http_content content) {
    static const enum wb_h1_body bodies[] = {
        [WBH_HTTP_NO_CONTENT] = WB_H1_BODY_NONE,
        [WBH_HTTP_OF_LENGTH] = WB_H1_BODY_LENGTH,
        [WBH_HTTP_CHUNKED] = WB_H1_BODY_CHUNKED,
        [WBH_HTTP_UNTIL_CLOSE] = WB_H1_BODY_UNTIL_CLOSE,
        [WBH_HTTP_TUNNEL] = WB_H1_BODY_TUNNEL,
    };
    return bodies[content];
}

static void check_head(const struct setting *setting, struct wb_bytes input,
    const struct message *message, const struct wbh_http_head *read) {
    const struct wb_h1_head *head = &message->parser.head;
    CHECK(head->head_len == read->len);
    CHECK((head->version == WB_HTTP_1_1) == read->is_1_1);
    if (setting->kind == WB_H1_REQUEST) {
        CHECK(is_same(input, head->method_at, head->method_len, read->method));
        CHECK(is_same(input, head->target_at, head->target_len, read->target));
    } else {
        CHECK(head->status == read->status);
        CHECK(is_same(input, head->reason_at, head->reason_len, read->reason));
    }
    CHECK(head->field_count == read->line_count);
    for (uint32_t i = 0; i < head->field_count; i++) {
        const struct wb_http_field *field = &message->fields[i];
        CHECK(is_same(input, field->name_at, field->name_len, read->lines[i].name));
        CHECK(is_same(input, field->value_at, field->value_len, read->lines[i].value));
    }
    CHECK(head->body == body_of(read->content));
    CHECK(head->body != WB_H1_BODY_LENGTH || head->content_length == read->content_len);
    CHECK(head->keep_alive == read->stays_open);
}

/* What the codec refuses before the line is whole is refused by the reader when it is. */
static void check_refused_early(const struct setting *setting, struct wb_bytes input) {
    static struct wbh_http_head read;
    char *whole = malloc(input.len + 4);
    CHECK(whole != NULL);
    memcpy(whole, input.ptr, input.len);
    memcpy(whole + input.len, "\r\n\r\n", 4);
    CHECK(read_head(setting, whole, input.len + 4, &read) == WBH_HTTP_BAD);
    free(whole);
}

static void check_content(
    struct wb_bytes input, const struct message *message, const struct wbh_http_head *read) {
    const struct wb_h1_head *head = &message->parser.head;
    struct wb_bytes rest = wb_bytes_slice(input, head->head_len, input.len);
    char *content;
    size_t content_len;
    size_t used;
    enum wbh_http_outcome outcome = wbh_http_read_content(
        read, (const char *)rest.ptr, rest.len, true, &content, &content_len, &used);
    struct wb_h1_body_reader reader;
    wb_h1_body_reader_init(&reader, head->body, head->content_length);
    struct wb_bytes left = rest;
    struct wb_bytes data;
    enum wb_status status;
    size_t len = 0;
    while ((status = wb_h1_body_read(&reader, &left, &data)) == WB_OK) {
        bool fits =
            outcome != WBH_HTTP_WHOLE
            || (data.len <= content_len - len && memcmp(content + len, data.ptr, data.len) == 0);
        CHECK(fits);
        len += data.len;
    }
    CHECK((status == WB_ERR_PARSE) == (outcome == WBH_HTTP_BAD));
    CHECK((wb_h1_body_end(&reader) == WB_EOF) == (outcome == WBH_HTTP_WHOLE));
    CHECK(outcome != WBH_HTTP_WHOLE || (len == content_len && rest.len - left.len == used));
    free(content);
}

static void check_outcome(const struct setting *setting, struct wb_bytes input,
    const struct message *message, enum wbh_http_outcome outcome,
    const struct wbh_http_head *read) {
    switch (outcome) {
    case WBH_HTTP_WHOLE:
        CHECK(message->status == WB_OK);
        check_head(setting, input, message, read);
        check_content(input, message, read);
        break;
    case WBH_HTTP_BAD:
        CHECK(message->status == WB_ERR_PARSE);
        break;
    case WBH_HTTP_PART:
        CHECK(message->status != WB_OK);
        if (message->status == WB_ERR_PARSE) {
            check_refused_early(setting, input);
        }
        break;
    }
}

void check_against_reference(const struct setting *setting, struct wb_bytes input) {
    static struct wbh_http_head read;
    struct message message;
    const bool is_response = setting->kind == WB_H1_RESPONSE;
    wb_h1_parser_init(&message.parser, setting->kind, NULL, is_response ? &setting->asked : NULL,
        message.fields, FIELDS_MAX);
    message.status = wb_h1_parse(&message.parser, input);
    enum wbh_http_outcome outcome = read_head(setting, (const char *)input.ptr, input.len, &read);
    check_outcome(setting, input, &message, outcome, &read);
}
