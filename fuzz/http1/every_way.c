#include "http1/every_way.h"

#include <string.h>

#include "wb/http_fields.h"

struct wb_h1_head_options options_of(uint8_t byte) {
    return (struct wb_h1_head_options){
        .allow_bare_lf = (byte & 1) != 0,
        .allow_missing_host = (byte & 2) != 0,
        .allow_space_before_colon = (byte & 4) != 0,
        .allow_obs_fold = (byte & 8) != 0,
        .allow_spaces_in_start_line = (byte & 16) != 0,
        .ignore_bad_fields = (byte & 32) != 0,
        .head_len_max = (byte & 64) != 0 ? 128 : 0,
        .target_len_max = (byte & 128) != 0 ? 16 : 0,
    };
}

/* ---- heads ---- */

/* Up to `first` bytes, then `step` more at a time. */
static void parse_cut(const struct setting *setting, enum wb__h1_level level, struct wb_bytes input,
    size_t first, size_t step, struct message *out) {
    const bool is_response = setting->kind == WB_H1_RESPONSE;
    wb_h1_parser_init(&out->parser, setting->kind, &setting->options,
        is_response ? &setting->asked : NULL, out->fields, FIELDS_MAX);
    size_t len = first < input.len ? first : input.len;
    for (;;) {
        out->status = wb__h1_parse_at(level, &out->parser, wb_bytes_from(input.ptr, len));
        if (out->status != WB_WOULD_BLOCK || len == input.len) {
            return;
        }
        len = input.len - len < step ? input.len : len + step;
    }
}

static void check_same(const struct message *a, const struct message *b) {
    const struct wb_h1_head *x = &a->parser.head;
    const struct wb_h1_head *y = &b->parser.head;
    CHECK(a->status == b->status);
    CHECK(a->parser.error == b->parser.error && a->parser.error_at == b->parser.error_at);
    if (a->status != WB_OK) {
        return;
    }
    CHECK(x->head_len == y->head_len && x->version == y->version);
    CHECK(x->method == y->method && x->target_form == y->target_form);
    CHECK(x->target_at == y->target_at && x->target_len == y->target_len);
    CHECK(x->status == y->status && x->reason_len == y->reason_len);
    CHECK(x->body == y->body && x->content_length == y->content_length);
    CHECK(x->keep_alive == y->keep_alive && x->wants_upgrade == y->wants_upgrade);
    CHECK(x->expects_continue == y->expects_continue && x->expects_else == y->expects_else);
    CHECK(x->field_count == y->field_count);
    for (uint32_t i = 0; i < x->field_count; i++) {
        const struct wb_http_field *f = &a->fields[i];
        const struct wb_http_field *g = &b->fields[i];
        CHECK(f->name_at == g->name_at && f->name_len == g->name_len && f->id == g->id);
        CHECK(f->value_at == g->value_at && f->value_len == g->value_len);
    }
}

/* What is found lies within the bytes, and is what it should be. */
static void check_sound(
    const struct setting *setting, struct wb_bytes input, const struct message *message) {
    const struct wb_h1_head *head = &message->parser.head;
    if (message->status == WB_ERR_PARSE) {
        CHECK(message->parser.error != WB_H1_ERROR_NONE);
        CHECK(wb_h1_error_response(message->parser.error) >= 400);
        CHECK(message->parser.error_at <= input.len);
    }
    if (message->status != WB_OK) {
        return;
    }
    CHECK(head->head_len <= input.len && head->field_count <= FIELDS_MAX);
    struct wb_http_fields fields = wb_h1_parser_fields(&message->parser, input);
    for (size_t i = 0; i < fields.count; i++) {
        const struct wb_http_field *field = &fields.items[i];
        CHECK((uint64_t)field->value_at + field->value_len <= head->head_len);
        CHECK(wb_http_is_token(wb_http_fields_name(fields, i)));
        CHECK(setting->options.allow_obs_fold || wb_http_is_text(wb_http_fields_value(fields, i)));
    }
}

void parse_every_way(const struct setting *setting, struct wb_bytes input, struct message *out) {
    parse_cut(setting, WB__H1_SCALAR, input, input.len, 1, out);
    check_sound(setting, input, out);
    struct message other;
    for (unsigned i = 0; i < WB__H1_LEVEL_COUNT; i++) {
        enum wb__h1_level level = (enum wb__h1_level)i;
        if (wb__h1_level_is_there(level)) {
            parse_cut(setting, level, input, input.len, 1, &other);
            check_same(out, &other);
            parse_cut(setting, level, input, setting->cut, input.len, &other);
            check_same(out, &other);
        }
    }
    parse_cut(setting, WB__H1_SCALAR, input, 0, 1 + input.len / 1024, &other);
    check_same(out, &other);
}

static bool frames(const struct wb_http_field *field) {
    return field->id == WB_HTTP_FIELD_CONTENT_LENGTH || field->id == WB_HTTP_FIELD_TRANSFER_ENCODING
           || field->id == WB_HTTP_FIELD_CONNECTION;
}

static bool invites_content(struct wb_http_fields fields, size_t at) {
    struct wb_bytes list = wb_http_fields_value(fields, at);
    struct wb_bytes element;
    bool invites = false;
    while (fields.items[at].id == WB_HTTP_FIELD_EXPECT && wb_http_next_element(&list, &element)) {
        invites |= wb_http_equal_nocase(element, wb_bytes_from_string("100-continue"));
    }
    return invites;
}

/* `is_in_vain`: nobody is invited to send content. */
static void check_fields(struct wb_http_fields a, struct wb_http_fields b, bool is_in_vain) {
    size_t j = 0;
    for (size_t i = 0; i < a.count; i++) {
        const uint8_t id = a.items[i].id;
        if (frames(&a.items[i]) || (is_in_vain && invites_content(a, i))) {
            continue;
        }
        while (j < b.count && b.items[j].id != id) {
            j++; /* of those that frame, which may stand elsewhere */
        }
        CHECK(j < b.count);
        CHECK(wb_bytes_equal(wb_http_fields_name(a, i), wb_http_fields_name(b, j)));
        CHECK(wb_bytes_equal(wb_http_fields_value(a, i), wb_http_fields_value(b, j)));
        j++;
    }
    for (size_t i = 0; is_in_vain && i < b.count; i++) {
        CHECK(!invites_content(b, i));
    }
}

void check_same_fields(struct wb_http_fields a, struct wb_http_fields b) {
    check_fields(a, b, false);
}

void check_request_fields(struct wb_http_fields a, struct wb_http_fields b, enum wb_h1_body body) {
    check_fields(a, b, body == WB_H1_BODY_NONE);
}

/* ---- contents ---- */

/* What came of reading, the bytes themselves as a hash that does not see pieces. */
struct content {
    enum wb_status status;
    enum wb_status end;
    uint64_t len;
    uint64_t hash;
    size_t used;
};

static struct content read_cut(
    const struct message *message, struct wb_bytes input, size_t first, size_t step) {
    const struct wb_h1_head *head = &message->parser.head;
    struct content content = {.hash = 14695981039346656037u};
    struct wb_h1_body_reader reader;
    wb_h1_body_reader_init(&reader, head->body, head->content_length);
    size_t len = first < input.len ? first : input.len;
    for (;;) {
        struct wb_bytes piece = wb_bytes_from(input.ptr + content.used, len - content.used);
        struct wb_bytes data;
        while ((content.status = wb_h1_body_read(&reader, &piece, &data)) == WB_OK) {
            CHECK(data.len != 0);
            content.len += data.len;
            for (size_t i = 0; i < data.len; i++) {
                content.hash = (content.hash ^ data.ptr[i]) * 1099511628211u;
            }
        }
        content.used = (size_t)(piece.ptr - input.ptr);
        if (content.status != WB_WOULD_BLOCK || len == input.len) {
            break;
        }
        CHECK(piece.len == 0);
        len = input.len - len < step ? input.len : len + step;
    }
    content.end = wb_h1_body_end(&reader);
    return content;
}

static void check_same_content(const struct content *a, const struct content *b) {
    CHECK(a->status == b->status && a->end == b->end);
    CHECK(a->len == b->len && a->hash == b->hash && a->used == b->used);
}

void read_every_way(
    const struct setting *setting, struct wb_bytes input, const struct message *message) {
    const struct wb_h1_head *head = &message->parser.head;
    struct wb_bytes rest = wb_bytes_slice(input, head->head_len, input.len);
    struct content whole = read_cut(message, rest, rest.len, 1);
    if (whole.status == WB_EOF) {
        CHECK(whole.end == WB_EOF);
        CHECK(head->body != WB_H1_BODY_LENGTH || whole.len == head->content_length);
        CHECK(head->body != WB_H1_BODY_NONE || whole.used == 0);
    }
    struct content other = read_cut(message, rest, setting->cut, rest.len);
    check_same_content(&whole, &other);
    other = read_cut(message, rest, 0, 1);
    check_same_content(&whole, &other);
}
