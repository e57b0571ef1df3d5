/* Heads to bytes. How the content is framed is decided in encode_framing.c. */
#include "http/h1/encode.h"

#include <assert.h>
#include <string.h>

#include "http/h1/levels.h"
#include "http/message/classes.h"
#include "http/message/words.h"

/* ---- into a buffer that has room ---- */

/* Where the next byte goes. It is handed on by value, so that it stays in a register. */
struct pen {
    uint8_t *at;
};

/* Words at both ends cover what is longer than one and not longer than two. */
#define COPY_BOTH_ENDS(out, bytes, len, word_len)                                                  \
    do {                                                                                           \
        memcpy(out, bytes, word_len);                                                              \
        memcpy((out) + (len) - (word_len), (bytes) + (len) - (word_len), word_len);                \
    } while (0)

/* Most pieces are short: a call would cost more than what it does. */
static inline void put_bytes(struct pen *pen, struct wb_bytes bytes) {
    if (bytes.len > 32) {
        memcpy(pen->at, bytes.ptr, bytes.len);
    } else if (bytes.len >= 16) {
        COPY_BOTH_ENDS(pen->at, bytes.ptr, bytes.len, 16);
    } else if (bytes.len >= 8) {
        COPY_BOTH_ENDS(pen->at, bytes.ptr, bytes.len, 8);
    } else if (bytes.len >= 4) {
        COPY_BOTH_ENDS(pen->at, bytes.ptr, bytes.len, 4);
    } else if (bytes.len >= 2) {
        COPY_BOTH_ENDS(pen->at, bytes.ptr, bytes.len, 2);
    } else if (bytes.len == 1) {
        *pen->at = *bytes.ptr;
    }
    pen->at += bytes.len;
}

#define PUT_LITERAL(pen, literal)                                                                  \
    do {                                                                                           \
        memcpy((pen)->at, literal, sizeof(literal) - 1);                                           \
        (pen)->at += sizeof(literal) - 1;                                                          \
    } while (0)

/* From 00 to 99. */
static const char pairs[] = "0001020304050607080910111213141516171819"
                            "2021222324252627282930313233343536373839"
                            "4041424344454647484950515253545556575859"
                            "6061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

static inline void put_number(struct pen *pen, uint64_t number) {
    unsigned count = 1;
    for (uint64_t rest = number; rest >= 10; rest /= 10) {
        count++;
    }
    pen->at += count;
    uint8_t *at = pen->at;
    for (; number >= 100; number /= 100) {
        at -= 2;
        memcpy(at, pairs + 2 * (number % 100), 2);
    }
    if (number >= 10) {
        memcpy(at - 2, pairs + 2 * number, 2);
    } else {
        at[-1] = (uint8_t)('0' + number);
    }
}

static inline void put_field(
    struct pen *pen, struct wb_http_fields fields, const struct wb_http_field *field) {
    put_bytes(pen, wb_bytes_from(fields.base + field->name_at, field->name_len));
    PUT_LITERAL(pen, ": ");
    put_bytes(pen, wb_bytes_from(fields.base + field->value_at, field->value_len));
    PUT_LITERAL(pen, "\r\n");
}

/* As they are. Apart, as are other loops over fields, so that responses without any need few
 * registers. */
__attribute__((noinline)) static struct pen put_fields(
    struct pen pen, const struct wb_http_fields *fields) {
    for (size_t i = 0; i < fields->count; i++) {
        put_field(&pen, *fields, &fields->items[i]);
    }
    return pen;
}

/* More than what is added to the application's fields: the start line without its words, or with a
 * usual reason, framing, connection. */
enum { ROOM_FOR_OURS = 256, FIELD_FRAME_LEN = 4 };

__attribute__((noinline)) static size_t fields_len(
    const struct wb_http_field *items, size_t count) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += (size_t)items[i].name_len + items[i].value_len + FIELD_FRAME_LEN;
    }
    return len;
}

static inline enum wb_status make_room(
    struct wb_bytes_mut *out, struct wb_http_fields fields, size_t more_len) {
    const size_t len = fields.count != 0 ? fields_len(fields.items, fields.count) : 0;
    return wb_bytes_mut_reserve(out, len + more_len + ROOM_FOR_OURS);
}

static struct pen begin(struct wb_bytes_mut *out) {
    return (struct pen){out->ptr + out->len};
}

/* There must have been room. */
static void end(struct wb_bytes_mut *out, struct pen pen) {
    wb_bytes_mut_commit(out, (size_t)(pen.at - out->ptr) - out->len);
}

/* ---- fields ---- */

static bool is_coding(const struct wb_http_field *field) {
    return field->id == WB_HTTP_FIELD_TRANSFER_ENCODING;
}

/* The application's codings in one field, and chunked behind them unless it is there. Apart, since
 * it is rarely asked for. */
__attribute__((noinline)) static struct pen put_codings(
    struct pen pen, struct wb_http_fields fields, const struct wb__h1_said *said) {
    PUT_LITERAL(&pen, "transfer-encoding: ");
    bool any = false;
    for (size_t i = 0; i < fields.count && said->has_coding; i++) {
        if (!is_coding(&fields.items[i]) || fields.items[i].value_len == 0) {
            continue;
        }
        if (any) {
            PUT_LITERAL(&pen, ", ");
        }
        put_bytes(&pen, wb_http_fields_value(fields, i));
        any = true;
    }
    if (!said->has_coding || !said->ends_chunked) {
        if (any) {
            PUT_LITERAL(&pen, ", ");
        }
        PUT_LITERAL(&pen, "chunked");
    }
    PUT_LITERAL(&pen, "\r\n");
    return pen;
}

static inline struct pen put_length(struct pen pen, uint64_t length) {
    PUT_LITERAL(&pen, "content-length: ");
    put_number(&pen, length);
    PUT_LITERAL(&pen, "\r\n");
    return pen;
}

static inline struct pen put_framing(struct pen pen, struct wb_http_fields fields,
    const struct wb__h1_said *said, const struct wb__h1_framing *framing) {
    if (framing->writes_length) {
        pen = put_length(pen, framing->length);
    }
    if (framing->writes_coding) {
        pen = put_codings(pen, fields, said);
    }
    return pen;
}

static bool frames(const struct wb_http_field *field) {
    return field->id == WB_HTTP_FIELD_CONTENT_LENGTH || is_coding(field);
}

/* ---- responses ---- */

/* `reason` empty: the usual one. */
static struct pen put_status_line(
    struct pen pen, enum wb_http_version version, unsigned status, struct wb_bytes reason) {
    if (version == WB_HTTP_1_1) {
        PUT_LITERAL(&pen, "HTTP/1.1 ");
    } else {
        PUT_LITERAL(&pen, "HTTP/1.0 ");
    }
    const uint8_t digits[4] = {(uint8_t)('0' + status / 100), (uint8_t)('0' + status / 10 % 10),
        (uint8_t)('0' + status % 10), ' '};
    memcpy(pen.at, digits, sizeof digits);
    pen.at += sizeof digits;
    put_bytes(&pen, reason.len != 0 ? reason : wb__http_reason(status));
    PUT_LITERAL(&pen, "\r\n");
    return pen;
}

/* What the fields that go out do not say already: who says both goes by contradicts(). A tunnel
 * needs no word about the connection. */
static struct pen put_connection(struct pen pen, const struct wb_h1_answered *to,
    const struct wb__h1_said *said, const struct wb_h1_sent *sent) {
    if (sent->body == WB_H1_BODY_TUNNEL) {
        return pen;
    }
    if (!sent->keep_alive && (!said->says_close || said->says_keep_alive)) {
        PUT_LITERAL(&pen, "connection: close\r\n");
    } else if (sent->keep_alive && to->version == WB_HTTP_1_0 && !said->says_keep_alive) {
        PUT_LITERAL(&pen, "connection: keep-alive\r\n");
    }
    return pen;
}

/* Who says keep-alive and is closed all the same would contradict itself. */
static bool contradicts(const struct wb_http_field *field, const struct wb__h1_said *said,
    const struct wb_h1_sent *sent) {
    return field->id == WB_HTTP_FIELD_CONNECTION && said->says_keep_alive && !sent->keep_alive
           && sent->body != WB_H1_BODY_TUNNEL;
}

static bool can_be_sent(const struct wb_h1_response *response, const struct wb_h1_answered *to) {
    bool switches = response->status == 101 && to->version == WB_HTTP_1_1;
    bool is_final = response->status >= 200 && response->status <= 999;
    return (is_final || switches)
           && (response->reason.len == 0 || wb_http_is_text(response->reason));
}

static struct pen put_response_fields(struct pen pen, struct wb_http_fields fields,
    const struct wb__h1_said *said, const struct wb__h1_framing *framing) {
    for (size_t i = 0; i < fields.count; i++) {
        if (!frames(&fields.items[i]) && !contradicts(&fields.items[i], said, &framing->sent)) {
            put_field(&pen, fields, &fields.items[i]);
        }
    }
    return pen;
}

static inline struct pen put_date(struct pen pen, struct wb_bytes date) {
    if (date.len != 0) {
        PUT_LITERAL(&pen, "date: ");
        put_bytes(&pen, date);
        PUT_LITERAL(&pen, "\r\n");
    }
    return pen;
}

enum wb_status wb__h1_encode_any(const struct wb_h1_response *response,
    const struct wb_h1_answered *to, struct wb_bytes_mut *out, struct wb_h1_sent *out_sent) {
    struct wb__h1_said said;
    struct wb__h1_framing framing;
    const struct wb_http_fields fields = response->fields;
    if (!can_be_sent(response, to) || !wb__h1_listen(fields, &said)) {
        return WB_ERR_INVALID;
    }
    enum wb_status status = wb__h1_frame_response(response, to, &said, &framing);
    const size_t words_len = response->reason.len + response->date.len;
    status = status != WB_OK ? status : make_room(out, fields, words_len);
    if (status != WB_OK) {
        return status;
    }
    struct pen pen = put_status_line(begin(out), to->version, response->status, response->reason);
    pen = put_response_fields(pen, fields, &said, &framing);
    pen = put_framing(pen, fields, &said, &framing);
    pen = put_connection(pen, to, &said, &framing.sent);
    if (!said.has_date) {
        pen = put_date(pen, response->date);
    }
    PUT_LITERAL(&pen, "\r\n");
    end(out, pen);
    *out_sent = framing.sent;
    return WB_OK;
}

enum wb_status wb__h1_encode_usual(const struct wb_http_fields *fields, uint64_t len,
    struct wb_bytes date, size_t room_len, struct wb_bytes_mut *out) {
    const enum wb_status status = make_room(out, *fields, date.len + room_len);
    if (status != WB_OK) {
        return status;
    }
    struct pen pen = begin(out);
    PUT_LITERAL(&pen, "HTTP/1.1 200 OK\r\n");
    if (fields->count != 0) {
        pen = put_fields(pen, fields);
    }
    pen = put_length(pen, len);
    pen = put_date(pen, date);
    PUT_LITERAL(&pen, "\r\n");
    end(out, pen);
    return WB_OK;
}

enum wb_status wb_h1_encode_response(const struct wb_h1_response *response,
    const struct wb_h1_answered *to, struct wb_bytes_mut *out, struct wb_h1_sent *out_sent) {
    const struct wb_h1_content *content = &response->content;
    if (!wb_http_is_text(response->date)) {
        return WB_ERR_INVALID;
    }
    if (!content->is_known || !wb__h1_is_usual(response->status, response->reason, to)
        || wb__h1_are_heard(response->fields)) {
        return wb__h1_encode_any(response, to, out, out_sent);
    }
    const enum wb_status status =
        wb__h1_encode_usual(&response->fields, content->len, response->date, 0, out);
    if (status == WB_OK) {
        *out_sent =
            (struct wb_h1_sent){.body = content->len != 0 ? WB_H1_BODY_LENGTH : WB_H1_BODY_NONE,
                .content_length = content->len,
                .keep_alive = true};
    }
    return status;
}

enum wb_status wb_h1_encode_interim(unsigned status, struct wb_http_fields fields,
    enum wb_http_version version, struct wb_bytes_mut *out) {
    if (status / 100 != 1 || status == 101 || version == WB_HTTP_1_0) {
        return WB_ERR_INVALID;
    }
    enum wb_status result = make_room(out, fields, 0);
    if (result != WB_OK) {
        return result;
    }
    struct pen pen = put_status_line(begin(out), version, status, wb_bytes_from(NULL, 0));
    for (size_t i = 0; i < fields.count; i++) {
        if (!frames(&fields.items[i])) {
            put_field(&pen, fields, &fields.items[i]);
        }
    }
    PUT_LITERAL(&pen, "\r\n");
    end(out, pen);
    return WB_OK;
}

/* ---- requests ---- */

/* Its bytes may stand there, and its form fits the method. */
static bool is_target(struct wb_bytes method, struct wb_bytes target) {
    enum wb_h1_target_form form;
    return target.len != 0 && wb__class_run(target.ptr, target.len, WB__CLASS_TARGET) == target.len
           && wb__h1_target_form(wb_http_method_from(method), target, &form) == WB_OK;
}

static bool request_is_sound(const struct wb_h1_request *request, const struct wb__h1_said *said) {
    bool has_host = request->host.len != 0            ? wb__h1_is_host(request->host)
                    : said->host_is_bad               ? false
                    : request->version == WB_HTTP_1_1 ? said->host_count == 1
                                                      : said->host_count <= 1;
    return wb_http_is_token(request->method) && is_target(request->method, request->target)
           && has_host;
}

static struct pen put_request_line(struct pen pen, const struct wb_h1_request *request) {
    put_bytes(&pen, request->method);
    PUT_LITERAL(&pen, " ");
    put_bytes(&pen, request->target);
    if (request->version == WB_HTTP_1_1) {
        PUT_LITERAL(&pen, " HTTP/1.1\r\n");
    } else {
        PUT_LITERAL(&pen, " HTTP/1.0\r\n");
    }
    return pen;
}

static bool is_replaced(const struct wb_h1_request *request, const struct wb_http_field *field) {
    return frames(field) || (field->id == WB_HTTP_FIELD_HOST && request->host.len != 0);
}

/* Nobody is to invite content that will not come (RFC 9110 section 10.1.1). */
static bool is_in_vain(struct wb_http_fields fields, size_t at, const struct wb_h1_sent *sent) {
    if (fields.items[at].id != WB_HTTP_FIELD_EXPECT || sent->body != WB_H1_BODY_NONE) {
        return false;
    }
    struct wb_bytes list = wb_http_fields_value(fields, at);
    struct wb_bytes element;
    bool is_about_content = false;
    while (!is_about_content && wb_http_next_element(&list, &element)) {
        is_about_content = wb_http_equal_nocase(element, wb_bytes_from_string("100-continue"));
    }
    return is_about_content;
}

static struct pen put_request_connection(struct pen pen, const struct wb_h1_request *request,
    const struct wb__h1_said *said, const struct wb_h1_sent *sent) {
    if (!sent->keep_alive && !said->says_close) {
        PUT_LITERAL(&pen, "connection: close\r\n");
    } else if (sent->keep_alive && request->version == WB_HTTP_1_0 && !said->says_keep_alive) {
        PUT_LITERAL(&pen, "connection: keep-alive\r\n");
    }
    return pen;
}

enum wb_status wb_h1_encode_request(
    const struct wb_h1_request *request, struct wb_bytes_mut *out, struct wb_h1_sent *out_sent) {
    struct wb__h1_said said;
    struct wb__h1_framing framing;
    struct wb_http_fields fields = request->fields;
    if (!wb__h1_listen(fields, &said) || !request_is_sound(request, &said)) {
        return WB_ERR_INVALID;
    }
    enum wb_status status = wb__h1_frame_request(request, &said, &framing);
    size_t words_len = request->method.len + request->target.len + request->host.len;
    status = status != WB_OK ? status : make_room(out, fields, words_len);
    if (status != WB_OK) {
        return status;
    }
    struct pen pen = put_request_line(begin(out), request);
    if (request->host.len != 0) {
        PUT_LITERAL(&pen, "host: ");
        put_bytes(&pen, request->host);
        PUT_LITERAL(&pen, "\r\n");
    }
    for (size_t i = 0; i < fields.count; i++) {
        if (!is_replaced(request, &fields.items[i]) && !is_in_vain(fields, i, &framing.sent)) {
            put_field(&pen, fields, &fields.items[i]);
        }
    }
    pen = put_framing(pen, fields, &said, &framing);
    pen = put_request_connection(pen, request, &said, &framing.sent);
    PUT_LITERAL(&pen, "\r\n");
    end(out, pen);
    *out_sent = framing.sent;
    return WB_OK;
}

/* ---- trailers ---- */

enum wb_status wb_h1_encode_trailers(
    struct wb_http_fields trailers, struct wb_bytes announced, struct wb_bytes_mut *out) {
    enum wb_status status = make_room(out, trailers, 0);
    if (status != WB_OK) {
        return status;
    }
    struct pen pen = begin(out);
    for (size_t i = 0; i < trailers.count; i++) {
        struct wb_bytes name = wb_http_fields_name(trailers, i);
        if (wb__h1_may_come_late(name) && wb__h1_is_announced(name, announced)) {
            put_field(&pen, trailers, &trailers.items[i]);
        }
    }
    PUT_LITERAL(&pen, "\r\n");
    end(out, pen);
    return WB_OK;
}
