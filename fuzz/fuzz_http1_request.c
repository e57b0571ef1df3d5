/* Property: a request's head and content are understood, or refused, in one way only: the same
 * whole, cut in two or byte by byte, and with each way of looking at bytes; what is found lies
 * within the bytes, names are tokens, values have no control characters; an error has a place and a
 * response; sent on by our encoder and parsed again it is the same request; and without options it
 * is what an independent reader understands, or refuses. Code under test: target/http/h1,
 * target/http/message. The input: a byte of options, one of where to cut, and the bytes of the
 * message. */
#include "driver/fuzz_target.h"

#include <string.h>

#include "http1/every_way.h"
#include "http1/memory.h"
#include "http1/reference.h"
#include "wb/h1_encode.h"

/* A folded value goes out folded, which nobody reads back but for that option. */
static bool can_be_sent_on(const struct setting *setting, const struct message *message) {
    const struct wb_h1_head *head = &message->parser.head;
    bool needs_host = head->version == WB_HTTP_1_1 && setting->options.allow_missing_host;
    return !needs_host && !setting->options.allow_obs_fold;
}

static void check_sent_on(const struct wb_bytes input, const struct message *message) {
    const struct wb_h1_head *head = &message->parser.head;
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
    CHECK(wb_h1_encode_request(&request, &out, &sent) == WB_OK);
    CHECK(sent.body == head->body && sent.keep_alive == head->keep_alive);
    struct setting plain = {.kind = WB_H1_REQUEST, .cut = 1};
    struct wb_bytes again = wb_bytes_mut_view(&out);
    struct wb_h1_parser parser;
    struct wb_http_field fields[FIELDS_MAX + 4];
    wb_h1_parser_init(&parser, plain.kind, NULL, NULL, fields, FIELDS_MAX + 4);
    CHECK(wb_h1_parse(&parser, again) == WB_OK);
    const struct wb_h1_head *echo = &parser.head;
    CHECK(echo->head_len == again.len);
    CHECK(echo->method == head->method && echo->version == head->version);
    CHECK(wb_bytes_equal(
        request.target, wb_bytes_from(again.ptr + echo->target_at, echo->target_len)));
    CHECK(echo->body == head->body && echo->content_length == head->content_length);
    CHECK(echo->keep_alive == head->keep_alive);
    CHECK(echo->wants_upgrade == head->wants_upgrade);
    check_same_fields(request.fields, wb_h1_parser_fields(&parser, again));
    wb_bytes_mut_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > INPUT_LEN_MAX) {
        return 0;
    }
    const struct setting setting = {
        .kind = WB_H1_REQUEST, .options = options_of(data[0]), .cut = data[1]};
    struct wb_bytes input = wb_bytes_from(data + 2, size - 2);
    struct message message;
    parse_every_way(&setting, input, &message);
    if (message.status == WB_OK) {
        read_every_way(&setting, input, &message);
        if (can_be_sent_on(&setting, &message)) {
            check_sent_on(input, &message);
        }
    }
    check_against_reference(&setting, input);
    return 0;
}
