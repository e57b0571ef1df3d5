#include "http1/sent_on.h"

#include <string.h>

#include "http1/memory.h"
#include "wb/h1_encode.h"

enum { OURS_MAX = 4 }; /* fields that the encoder adds */

/* What was sent on, parsed again. */
struct echo {
    struct wb_bytes bytes;
    struct wb_h1_parser parser;
    struct wb_http_field fields[FIELDS_MAX + OURS_MAX];
};

static void parse_again(struct echo *echo, enum wb_h1_kind kind, const struct wb_h1_asked *asked,
    const struct wb_bytes_mut *out) {
    echo->bytes = wb_bytes_mut_view(out);
    wb_h1_parser_init(&echo->parser, kind, NULL, asked, echo->fields, FIELDS_MAX + OURS_MAX);
    CHECK(wb_h1_parse(&echo->parser, echo->bytes) == WB_OK);
    CHECK(echo->parser.head.head_len == echo->bytes.len);
}

/* A folded value goes out folded, which nobody reads back but for that option. */
static bool can_be_sent_on(const struct setting *setting, const struct message *message) {
    const struct wb_h1_head *head = &message->parser.head;
    bool needs_host = head->version == WB_HTTP_1_1 && setting->options.allow_missing_host;
    return !needs_host && !setting->options.allow_obs_fold;
}

void check_request_sent_on(
    const struct setting *setting, struct wb_bytes input, const struct message *message) {
    const struct wb_h1_head *head = &message->parser.head;
    if (!can_be_sent_on(setting, message)) {
        return;
    }
    const struct wb_h1_request request = {
        .method = wb_bytes_from(input.ptr + head->method_at, head->method_len),
        .target = wb_bytes_from(input.ptr + head->target_at, head->target_len),
        .version = head->version,
        .fields = wb_h1_parser_fields(&message->parser, input),
        .content = {head->body != WB_H1_BODY_CHUNKED, head->content_length},
        .keep_alive = head->keep_alive,
    };
    struct wb_bytes_mut out = wb_bytes_mut_new(memory_alone());
    struct wb_h1_sent sent;
    struct echo echo;
    CHECK(wb_h1_encode_request(&request, &out, &sent) == WB_OK);
    CHECK(sent.body == head->body && sent.keep_alive == head->keep_alive);
    parse_again(&echo, WB_H1_REQUEST, NULL, &out);
    const struct wb_h1_head *again = &echo.parser.head;
    CHECK(again->method == head->method && again->version == head->version);
    CHECK(wb_bytes_equal(
        request.target, wb_bytes_from(echo.bytes.ptr + again->target_at, again->target_len)));
    CHECK(again->body == head->body && again->content_length == head->content_length);
    CHECK(again->keep_alive == head->keep_alive);
    CHECK(again->wants_upgrade == head->wants_upgrade);
    check_request_fields(
        request.fields, wb_h1_parser_fields(&echo.parser, echo.bytes), again->body);
    wb_bytes_mut_release(&out);
}

/* ---- responses ---- */

/* What until close is in HTTP/1.1 goes out in chunks: better framed than it came. */
static enum wb_h1_body sent_as(const struct wb_h1_head *head) {
    return head->body == WB_H1_BODY_UNTIL_CLOSE && head->version == WB_HTTP_1_1 ? WB_H1_BODY_CHUNKED
                                                                                : head->body;
}

static void check_interim(
    const struct setting *setting, const struct wb_h1_head *head, struct wb_http_fields fields) {
    struct wb_bytes_mut out = wb_bytes_mut_new(memory_alone());
    struct echo echo;
    const enum wb_status status = wb_h1_encode_interim(head->status, fields, head->version, &out);
    CHECK(status == (head->version == WB_HTTP_1_1 ? WB_OK : WB_ERR_INVALID));
    if (status == WB_OK) {
        parse_again(&echo, WB_H1_RESPONSE, &setting->asked, &out);
        CHECK(echo.parser.head.status == head->status);
        CHECK(echo.parser.head.body == WB_H1_BODY_NONE);
        check_same_fields(fields, wb_h1_parser_fields(&echo.parser, echo.bytes));
    }
    wb_bytes_mut_release(&out);
}

/* Content of a 205 is left out by the encoder, and its length with it (RFC 9110 section 15.3.6). */
static bool is_changed_by_rule(const struct wb_h1_head *head) {
    return head->status == 205 || (head->status == 101 && head->version == WB_HTTP_1_0);
}

void check_response_sent_on(
    const struct setting *setting, struct wb_bytes input, const struct message *message) {
    const struct wb_h1_head *head = &message->parser.head;
    const struct wb_http_fields fields = wb_h1_parser_fields(&message->parser, input);
    if (!can_be_sent_on(setting, message) || is_changed_by_rule(head)) {
        return;
    }
    if (head->status / 100 == 1 && head->status != 101) {
        check_interim(setting, head, fields);
        return;
    }
    const bool is_known = head->body == WB_H1_BODY_LENGTH || head->body == WB_H1_BODY_NONE;
    const struct wb_h1_response response = {
        .status = head->status,
        .reason = wb_bytes_from(input.ptr + head->reason_at, head->reason_len),
        .fields = fields,
        .content = {is_known, head->body == WB_H1_BODY_LENGTH ? head->content_length : 0},
    };
    const struct wb_h1_answered to = {setting->asked.method, head->version, head->keep_alive};
    struct wb_bytes_mut out = wb_bytes_mut_new(memory_alone());
    struct wb_h1_sent sent;
    struct echo echo;
    CHECK(wb_h1_encode_response(&response, &to, &out, &sent) == WB_OK);
    CHECK(sent.body == sent_as(head) && sent.keep_alive == head->keep_alive);
    parse_again(&echo, WB_H1_RESPONSE, &setting->asked, &out);
    const struct wb_h1_head *again = &echo.parser.head;
    CHECK(again->status == head->status && again->version == head->version);
    CHECK(again->body == sent.body);
    CHECK(sent.body != WB_H1_BODY_LENGTH || again->content_length == head->content_length);
    CHECK(again->keep_alive == sent.keep_alive);
    CHECK(head->reason_len == 0
          || wb_bytes_equal(response.reason,
              wb_bytes_from(echo.bytes.ptr + again->reason_at, again->reason_len)));
    check_same_fields(fields, wb_h1_parser_fields(&echo.parser, echo.bytes));
    wb_bytes_mut_release(&out);
}
