/* How a message that is to be sent is framed: from what the application says, what it answers, and
 * what the peer understands. */
#include "http/h1/encode.h"
#include "http/h1/levels.h"

/* ---- what the application says ---- */

static bool is_word(struct wb_bytes bytes, const char *word) {
    return wb_http_equal_nocase(bytes, wb_bytes_from_string(word));
}

static bool hear_length(struct wb__h1_said *said, struct wb_bytes value) {
    uint64_t length;
    if (wb__h1_parse_length(value, &length) != WB_H1_ERROR_NONE) {
        return false;
    }
    bool differs = said->has_length && said->length != length;
    said->has_length = true;
    said->length = length;
    return !differs;
}

/* Tokens, and chunked at most once and last, by all readers: what would be chunked twice, or stands
 * in what looks like a quoted string, is refused. An empty value says nothing. */
static bool hear_coding(struct wb__h1_said *said, struct wb_bytes value) {
    struct wb_bytes element;
    if (value.len == 0) {
        return true;
    }
    while (wb_http_next_element(&value, &element)) {
        if (said->ends_chunked || !wb_http_is_token(element)) {
            return false;
        }
        said->has_coding = true;
        said->ends_chunked = is_word(element, "chunked");
    }
    return true;
}

static void hear_connection(struct wb__h1_said *said, struct wb_bytes value) {
    struct wb_bytes element;
    while (wb_http_next_token(&value, &element)) {
        said->says_close = said->says_close || is_word(element, "close");
        said->says_keep_alive = said->says_keep_alive || is_word(element, "keep-alive");
    }
}

static bool hear(struct wb__h1_said *said, uint8_t id, struct wb_bytes value) {
    switch (id) {
    case WB_HTTP_FIELD_CONTENT_LENGTH:
        return hear_length(said, value);
    case WB_HTTP_FIELD_TRANSFER_ENCODING:
        return hear_coding(said, value);
    case WB_HTTP_FIELD_CONNECTION:
        hear_connection(said, value);
        return true;
    case WB_HTTP_FIELD_DATE:
        said->has_date = true;
        return true;
    case WB_HTTP_FIELD_HOST:
        said->host_count++;
        said->host_is_bad = said->host_is_bad || !wb__h1_is_host(value);
        return true;
    default:
        return true;
    }
}

static inline bool is_heard(const struct wb_http_field *field) {
    static const uint32_t heard = WB__H1_BIT(WB_HTTP_FIELD_CONTENT_LENGTH)
                                  | WB__H1_BIT(WB_HTTP_FIELD_TRANSFER_ENCODING)
                                  | WB__H1_BIT(WB_HTTP_FIELD_CONNECTION)
                                  | WB__H1_BIT(WB_HTTP_FIELD_DATE) | WB__H1_BIT(WB_HTTP_FIELD_HOST);
    return (heard >> field->id & 1) != 0;
}

bool wb__h1_hear(struct wb_http_fields fields, struct wb__h1_said *said) {
    for (size_t i = 0; i < fields.count; i++) {
        const struct wb_http_field *field = &fields.items[i];
        const struct wb_bytes value =
            wb_bytes_from(fields.base + field->value_at, field->value_len);
        if (is_heard(field) && !hear(said, field->id, value)) {
            return false;
        }
    }
    return true;
}

bool wb__h1_is_any_heard(const struct wb_http_field *fields, size_t count) {
    size_t i = 0;
    while (i < count && !is_heard(&fields[i])) {
        i++;
    }
    return i < count;
}

/* ---- content that is sent ---- */

static void be_chunked(struct wb__h1_framing *framing) {
    framing->sent.body = WB_H1_BODY_CHUNKED;
    framing->writes_coding = true;
}

static void be_of_length(struct wb__h1_framing *framing, uint64_t length) {
    framing->sent.body = length != 0 ? WB_H1_BODY_LENGTH : WB_H1_BODY_NONE;
    framing->sent.content_length = length;
    framing->writes_length = true;
    framing->length = length;
}

static bool lengths_differ(const struct wb__h1_said *said, const struct wb_h1_content *content) {
    return said->has_length && content->is_known && said->length != content->len;
}

/* ---- responses ---- */

/* Some, or perhaps some. */
static bool has_content(const struct wb_h1_response *response) {
    return !response->content.is_known || response->content.len != 0;
}

/* The head of a message that has no content. To HEAD and of 304 a length says what there would
 * be; an empty one is not made up (RFC 9110 section 8.6). */
static void frame_without_content(const struct wb_h1_response *response,
    const struct wb_h1_answered *to, const struct wb__h1_said *said,
    struct wb__h1_framing *framing) {
    bool may_say_length = response->status / 100 != 1 && response->status != 204;
    bool is_head = to->method == WB_HTTP_HEAD;
    const struct wb_h1_content *content = &response->content;
    framing->sent.leaves_out_content = has_content(response);
    if (may_say_length && said->has_length && !said->has_coding) {
        framing->writes_length = true;
        framing->length = said->length;
    } else if (may_say_length && is_head && content->is_known && content->len != 0) {
        framing->writes_length = true;
        framing->length = content->len;
    }
}

static void frame_content(const struct wb_h1_response *response, const struct wb_h1_answered *to,
    const struct wb__h1_said *said, struct wb__h1_framing *framing) {
    bool is_1_1 = to->version == WB_HTTP_1_1;
    if (is_1_1 && said->has_coding) {
        be_chunked(framing);
    } else if (said->has_length && !said->has_coding) {
        be_of_length(framing, said->length);
    } else if (response->content.is_known) {
        be_of_length(framing, response->content.len);
    } else if (is_1_1) {
        be_chunked(framing);
    } else {
        framing->sent.body = WB_H1_BODY_UNTIL_CLOSE;
    }
}

enum wb_status wb__h1_frame_response(const struct wb_h1_response *response,
    const struct wb_h1_answered *to, const struct wb__h1_said *said, struct wb__h1_framing *out) {
    const unsigned status = response->status;
    const bool is_tunnel = status == 101 || (to->method == WB_HTTP_CONNECT && status / 100 == 2);
    const bool is_empty = wb_http_is_without_content(to->method, status);
    *out = (struct wb__h1_framing){.sent = {.body = WB_H1_BODY_NONE}};
    if (!is_tunnel && !is_empty && lengths_differ(said, &response->content)) {
        return WB_ERR_INVALID;
    }
    if (is_tunnel) {
        out->sent.body = WB_H1_BODY_TUNNEL;
        out->sent.leaves_out_content = has_content(response);
    } else if (is_empty) {
        frame_without_content(response, to, said, out);
    } else if (status == 205) {
        out->sent.leaves_out_content = has_content(response);
        be_of_length(out, 0); /* RFC 9110 section 15.3.6 */
    } else {
        frame_content(response, to, said, out);
    }
    out->sent.keep_alive = to->keep_alive && !said->says_close
                           && out->sent.body != WB_H1_BODY_UNTIL_CLOSE && !is_tunnel;
    return WB_OK;
}

/* ---- requests ---- */

/* Whether content is expected of the method, so that its absence is worth a word. */
static bool has_content_by_nature(enum wb_http_method method) {
    return method == WB_HTTP_POST || method == WB_HTTP_PUT || method == WB_HTTP_PATCH
           || method == WB_HTTP_METHOD_OTHER;
}

static enum wb_status frame_unknown(const struct wb_h1_request *request, enum wb_http_method method,
    struct wb__h1_framing *framing) {
    if (!has_content_by_nature(method)) {
        framing->sent.leaves_out_content = true;
        return WB_OK;
    }
    if (request->version == WB_HTTP_1_0) {
        return WB_ERR_INVALID;
    }
    be_chunked(framing);
    return WB_OK;
}

enum wb_status wb__h1_frame_request(const struct wb_h1_request *request,
    const struct wb__h1_said *said, struct wb__h1_framing *out) {
    struct wb__h1_framing framing = {.sent = {.body = WB_H1_BODY_NONE}};
    enum wb_http_method method = wb_http_method_from(request->method);
    const struct wb_h1_content *content = &request->content;
    enum wb_status status = lengths_differ(said, content) ? WB_ERR_INVALID : WB_OK;
    if (status == WB_OK && request->version == WB_HTTP_1_1 && said->has_coding) {
        be_chunked(&framing);
    } else if (status == WB_OK && said->has_length) {
        be_of_length(&framing, said->length);
    } else if (status == WB_OK && !content->is_known) {
        status = frame_unknown(request, method, &framing);
    } else if (content->len != 0 || has_content_by_nature(method)) {
        be_of_length(&framing, content->len);
    }
    framing.sent.keep_alive = request->keep_alive && !said->says_close;
    if (status == WB_OK) {
        *out = framing;
    }
    return status;
}
