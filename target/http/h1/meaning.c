/* What the fields of a whole head say: how long the content is, what becomes of the connection,
 * what the sender expects; and whether two readers could understand that differently. */
#include "http/h1/levels.h"

#include <string.h>

/* What was seen on the way through the fields. */
struct meaning {
    struct wb_h1_parser *parser;
    const uint8_t *base;
    const struct wb_http_field *length; /* Content-Length; NULL: none */
    const struct wb_http_field *coding; /* the last Transfer-Encoding */
    const struct wb_http_field *host;
    uint64_t content_length;
    bool is_chunked; /* the last coding so far is chunked */
    bool has_other_coding;
    bool says_close;
    bool names_upgrade; /* Connection does */
    bool has_upgrade;
};

#define IS_WORD(bytes, literal)                                                                    \
    ((bytes).len == sizeof(literal) - 1                                                            \
        && wb_http_equal_nocase(bytes, wb_bytes_from(literal, sizeof(literal) - 1)))

/* In these letters. */
#define IS_LITERALLY(bytes, literal)                                                               \
    ((bytes).len == sizeof(literal) - 1 && memcmp((bytes).ptr, literal, sizeof(literal) - 1) == 0)

static bool object(
    struct meaning *meaning, enum wb_h1_error error, const struct wb_http_field *field) {
    return wb__h1_fail(meaning->parser, error, field->value_at);
}

/* ---- Content-Length ---- */

/* One field with one number. Repeated ones are refused even if they are equal: what stands between
 * us and the sender may have gone by the first. */
static bool see_length(
    struct meaning *meaning, const struct wb_http_field *field, struct wb_bytes value) {
    if (meaning->length != NULL) {
        return object(meaning, WB_H1_ERROR_CONTENT_LENGTH, field);
    }
    meaning->length = field;
    enum wb_h1_error error = wb__h1_parse_length(value, &meaning->content_length);
    return error == WB_H1_ERROR_NONE || object(meaning, error, field);
}

/* ---- Transfer-Encoding ---- */

/* Chunked comes last and once (RFC 9112 section 6.1). An element that is empty or no token is
 * refused: it is where readers differ. */
static bool see_coding(
    struct meaning *meaning, const struct wb_http_field *field, struct wb_bytes value) {
    struct wb_bytes element;
    meaning->coding = field;
    while (wb_http_next_element(&value, &element)) {
        if (meaning->is_chunked || !wb_http_is_token(element)) {
            return object(meaning, WB_H1_ERROR_TRANSFER_ENCODING, field);
        }
        meaning->is_chunked = IS_WORD(element, "chunked");
        meaning->has_other_coding = meaning->has_other_coding || !meaning->is_chunked;
    }
    return true;
}

/* ---- Connection and what it rules ---- */

static void see_option(struct meaning *meaning, struct wb_bytes option) {
    if (IS_WORD(option, "close")) {
        meaning->says_close = true;
    } else if (IS_WORD(option, "keep-alive")) {
        meaning->parser->head.says_keep_alive = true;
    } else if (IS_WORD(option, "upgrade")) {
        meaning->names_upgrade = true;
    }
}

/* Quotation marks mean nothing here: who honoured them could be talked out of a close. Most values
 * are one of two words, in these letters. */
static void see_connection(struct meaning *meaning, struct wb_bytes value) {
    struct wb_bytes element;
    if (IS_LITERALLY(value, "keep-alive")) {
        meaning->parser->head.says_keep_alive = true;
    } else if (IS_LITERALLY(value, "close")) {
        meaning->says_close = true;
    } else {
        while (wb_http_next_token(&value, &element)) {
            see_option(meaning, element);
        }
    }
}

static void see_te(struct meaning *meaning, struct wb_bytes value) {
    struct wb_bytes element;
    while (wb_http_next_element(&value, &element)) {
        element.len = wb_bytes_find_byte(element, ';');
        if (IS_WORD(wb_http_trim(element), "trailers")) {
            meaning->parser->head.takes_trailers = true;
        }
    }
}

static void see_expect(struct meaning *meaning, struct wb_bytes value) {
    struct wb_h1_head *head = &meaning->parser->head;
    if (IS_WORD(value, "100-continue")) {
        head->expects_continue = true;
    } else if (value.len != 0) {
        head->expects_else = true;
    }
}

/* ---- Host ---- */

static bool see_host(
    struct meaning *meaning, const struct wb_http_field *field, struct wb_bytes value) {
    if (meaning->parser->kind != WB_H1_REQUEST) {
        return true;
    }
    if (meaning->host != NULL) {
        return object(meaning, WB_H1_ERROR_HOST_TWICE, field);
    }
    meaning->host = field;
    return wb__h1_is_host(value) || object(meaning, WB_H1_ERROR_HOST, field);
}

/* ---- one field ---- */

/* What decides about borders may not be folded, even where other fields may. The first line may be
 * empty: then it is before the value. */
static bool is_folded(const struct meaning *meaning, const struct wb_http_field *field) {
    if (!meaning->parser->options.allow_obs_fold) {
        return false;
    }
    const uint32_t from = field->name_at + field->name_len;
    const struct wb_bytes all =
        wb_bytes_from(meaning->base + from, field->value_at + field->value_len - from);
    return wb_bytes_find_byte(all, '\n') != all.len;
}

static bool see(struct meaning *meaning, const struct wb_http_field *field) {
    struct wb_bytes value = wb_bytes_from(meaning->base + field->value_at, field->value_len);
    switch (field->id) {
    case WB_HTTP_FIELD_CONTENT_LENGTH:
        return is_folded(meaning, field) ? object(meaning, WB_H1_ERROR_CONTENT_LENGTH, field)
                                         : see_length(meaning, field, value);
    case WB_HTTP_FIELD_TRANSFER_ENCODING:
        return is_folded(meaning, field) ? object(meaning, WB_H1_ERROR_FOLD, field)
                                         : see_coding(meaning, field, value);
    case WB_HTTP_FIELD_CONNECTION:
        if (is_folded(meaning, field)) {
            return object(meaning, WB_H1_ERROR_FOLD, field);
        }
        see_connection(meaning, value);
        return true;
    case WB_HTTP_FIELD_HOST:
        return see_host(meaning, field, value);
    case WB_HTTP_FIELD_TE:
        see_te(meaning, value);
        return true;
    case WB_HTTP_FIELD_EXPECT:
        see_expect(meaning, value);
        return true;
    case WB_HTTP_FIELD_UPGRADE:
        meaning->has_upgrade = true;
        return true;
    case WB_HTTP_FIELD_TRAILER:
        meaning->parser->head.has_trailer_field = true;
        return true;
    default:
        return true;
    }
}

/* ---- the whole ---- */

static void use_length(struct meaning *meaning) {
    struct wb_h1_head *head = &meaning->parser->head;
    head->has_content_length = meaning->length != NULL;
    head->content_length = meaning->content_length;
}

static bool decide_request_body(struct meaning *meaning) {
    struct wb_h1_head *head = &meaning->parser->head;
    const struct wb_http_field *coding = meaning->coding;
    if (coding == NULL) {
        use_length(meaning);
        bool has_any = meaning->length != NULL && meaning->content_length != 0;
        head->body = has_any ? WB_H1_BODY_LENGTH : WB_H1_BODY_NONE;
        return true;
    }
    if (meaning->length != NULL) {
        return object(meaning, WB_H1_ERROR_BOTH_LENGTHS, coding);
    }
    if (head->version == WB_HTTP_1_0) {
        return object(meaning, WB_H1_ERROR_CHUNKED_1_0, coding);
    }
    if (!meaning->is_chunked) {
        return object(meaning, WB_H1_ERROR_TRANSFER_ENCODING, coding);
    }
    if (meaning->has_other_coding) {
        return object(meaning, WB_H1_ERROR_TRANSFER_CODING, coding);
    }
    head->body = WB_H1_BODY_CHUNKED;
    return true;
}

static bool is_tunnel(const struct wb_h1_parser *parser) {
    unsigned status = parser->head.status;
    return (status == 101 && parser->asked.upgrade)
           || (parser->asked.method == WB_HTTP_CONNECT && status / 100 == 2);
}

/* Behind the version, with which a response begins, and the blanks. */
static uint32_t status_at(const uint8_t *base) {
    uint32_t at = sizeof("HTTP/1.1") - 1;
    while (base[at] == ' ' || base[at] == '\t') {
        at++;
    }
    return at;
}

/* RFC 9112 section 6.3, in its order. */
static bool decide_response_body(struct meaning *meaning) {
    struct wb_h1_parser *parser = meaning->parser;
    struct wb_h1_head *head = &parser->head;
    if (head->status == 101 && !parser->asked.upgrade) {
        return wb__h1_fail(parser, WB_H1_ERROR_STATUS, status_at(meaning->base));
    }
    if (is_tunnel(parser)) {
        head->body = WB_H1_BODY_TUNNEL;
        return true;
    }
    if (meaning->coding != NULL && head->version == WB_HTTP_1_0) {
        return object(meaning, WB_H1_ERROR_CHUNKED_1_0, meaning->coding);
    }
    use_length(meaning);
    if (wb_http_is_without_content(parser->asked.method, head->status)) {
        head->body = WB_H1_BODY_NONE;
    } else if (meaning->coding != NULL) {
        head->body = meaning->is_chunked ? WB_H1_BODY_CHUNKED : WB_H1_BODY_UNTIL_CLOSE;
    } else if (meaning->length != NULL) {
        head->body = meaning->content_length != 0 ? WB_H1_BODY_LENGTH : WB_H1_BODY_NONE;
    } else {
        head->body = WB_H1_BODY_UNTIL_CLOSE;
    }
    return true;
}

/* Close wins, wherever it stands. Where two lengths were given the connection is not used again. */
static void decide_connection(struct meaning *meaning) {
    struct wb_h1_head *head = &meaning->parser->head;
    bool is_1_1 = head->version == WB_HTTP_1_1;
    bool is_doubtful = meaning->coding != NULL && meaning->length != NULL;
    head->keep_alive = (is_1_1 || head->says_keep_alive) && !meaning->says_close && !is_doubtful
                       && head->body != WB_H1_BODY_UNTIL_CLOSE && head->body != WB_H1_BODY_TUNNEL;
    head->wants_upgrade = is_1_1 && meaning->has_upgrade && meaning->names_upgrade;
    head->expects_continue = head->expects_continue && is_1_1 && head->body != WB_H1_BODY_NONE;
}

static bool check_host(const struct meaning *meaning) {
    const struct wb_h1_parser *parser = meaning->parser;
    return meaning->host != NULL || parser->head.version == WB_HTTP_1_0
           || parser->options.allow_missing_host
           || wb__h1_fail(meaning->parser, WB_H1_ERROR_HOST_MISSING, parser->head.head_len);
}

bool wb__h1_understand(struct wb_h1_parser *parser, const uint8_t *base) {
    if (parser->kind == WB_H1_TRAILERS) {
        return true; /* they say nothing about the message they end (RFC 9110 section 6.5.1) */
    }
    struct meaning meaning = {.parser = parser, .base = base};
    const uint32_t count = parser->head.field_count;
    for (uint32_t i = 0; i < count; i++) {
        const bool is_meaningful = wb__h1_is_meaningful(parser->fields[i].id);
        if (is_meaningful && !see(&meaning, &parser->fields[i])) {
            return false;
        }
    }
    bool is_request = parser->kind == WB_H1_REQUEST;
    bool decided = is_request ? check_host(&meaning) && decide_request_body(&meaning)
                              : decide_response_body(&meaning);
    if (decided) {
        decide_connection(&meaning);
    }
    return decided;
}
