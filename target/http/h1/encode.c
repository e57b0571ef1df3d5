/* Heads to bytes. How the content is framed is decided in encode_framing.c. */
#include "http/h1/encode.h"

#include <assert.h>
#include <string.h>

#include "http/h1/encode_usual.h"
#include "http/h1/levels.h"
#include "http/message/classes.h"
#include "http/message/words.h"

/* From 00 to 99. */
const char wb__pen_pairs[201] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";

static inline void put_field(
    struct wb__pen *pen, struct wb_http_fields fields, const struct wb_http_field *field) {
    wb__pen_bytes(pen, wb_bytes_from(fields.base + field->name_at, field->name_len));
    WB__PEN_LITERAL(pen, ": ");
    wb__pen_bytes(pen, wb_bytes_from(fields.base + field->value_at, field->value_len));
    WB__PEN_LITERAL(pen, "\r\n");
}

/* As they are. */
struct wb__pen wb__pen_fields(struct wb__pen pen, const struct wb_http_fields *fields) {
    for (size_t i = 0; i < fields->count; i++) {
        put_field(&pen, *fields, &fields->items[i]);
    }
    return pen;
}

size_t wb__pen_fields_len(const struct wb_http_field *items, size_t count) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += (size_t)items[i].name_len + items[i].value_len + WB__PEN_FIELD_FRAME_LEN;
    }
    return len;
}

/* ---- fields ---- */

static bool is_coding(const struct wb_http_field *field) {
    return field->id == WB_HTTP_FIELD_TRANSFER_ENCODING;
}

/* The application's codings in one field, and chunked behind them unless it is there. Apart, since
 * it is rarely asked for. */
__attribute__((noinline)) static struct wb__pen put_codings(
    struct wb__pen pen, struct wb_http_fields fields, const struct wb__h1_said *said) {
    WB__PEN_LITERAL(&pen, "transfer-encoding: ");
    bool any = false;
    for (size_t i = 0; i < fields.count && said->has_coding; i++) {
        if (!is_coding(&fields.items[i]) || fields.items[i].value_len == 0) {
            continue;
        }
        if (any) {
            WB__PEN_LITERAL(&pen, ", ");
        }
        wb__pen_bytes(&pen, wb_http_fields_value(fields, i));
        any = true;
    }
    if (!said->has_coding || !said->ends_chunked) {
        if (any) {
            WB__PEN_LITERAL(&pen, ", ");
        }
        WB__PEN_LITERAL(&pen, "chunked");
    }
    WB__PEN_LITERAL(&pen, "\r\n");
    return pen;
}

static inline struct wb__pen put_framing(struct wb__pen pen, struct wb_http_fields fields,
    const struct wb__h1_said *said, const struct wb__h1_framing *framing) {
    if (framing->writes_length) {
        pen = wb__pen_length(pen, framing->length);
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
static struct wb__pen put_status_line(
    struct wb__pen pen, enum wb_http_version version, unsigned status, struct wb_bytes reason) {
    if (version == WB_HTTP_1_1) {
        WB__PEN_LITERAL(&pen, "HTTP/1.1 ");
    } else {
        WB__PEN_LITERAL(&pen, "HTTP/1.0 ");
    }
    const uint8_t digits[4] = {(uint8_t)('0' + status / 100), (uint8_t)('0' + status / 10 % 10),
        (uint8_t)('0' + status % 10), ' '};
    memcpy(pen.at, digits, sizeof digits);
    pen.at += sizeof digits;
    wb__pen_bytes(&pen, reason.len != 0 ? reason : wb__http_reason(status));
    WB__PEN_LITERAL(&pen, "\r\n");
    return pen;
}

/* What the fields that go out do not say already: who says both goes by contradicts(). A tunnel
 * needs no word about the connection. */
static struct wb__pen put_connection(struct wb__pen pen, const struct wb_h1_answered *to,
    const struct wb__h1_said *said, const struct wb_h1_sent *sent) {
    if (sent->body == WB_H1_BODY_TUNNEL) {
        return pen;
    }
    if (!sent->keep_alive && (!said->says_close || said->says_keep_alive)) {
        WB__PEN_LITERAL(&pen, "connection: close\r\n");
    } else if (sent->keep_alive && to->version == WB_HTTP_1_0 && !said->says_keep_alive) {
        WB__PEN_LITERAL(&pen, "connection: keep-alive\r\n");
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

static struct wb__pen put_response_fields(struct wb__pen pen, struct wb_http_fields fields,
    const struct wb__h1_said *said, const struct wb__h1_framing *framing) {
    for (size_t i = 0; i < fields.count; i++) {
        if (!frames(&fields.items[i]) && !contradicts(&fields.items[i], said, &framing->sent)) {
            put_field(&pen, fields, &fields.items[i]);
        }
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
    status = status != WB_OK ? status : wb__pen_make_room(out, fields, words_len);
    if (status != WB_OK) {
        return status;
    }
    struct wb__pen pen =
        put_status_line(wb__pen_begin(out), to->version, response->status, response->reason);
    pen = put_response_fields(pen, fields, &said, &framing);
    pen = put_framing(pen, fields, &said, &framing);
    pen = put_connection(pen, to, &said, &framing.sent);
    if (!said.has_date) {
        pen = wb__pen_date(pen, response->date);
    }
    WB__PEN_LITERAL(&pen, "\r\n");
    wb__pen_end(out, pen);
    *out_sent = framing.sent;
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
    const enum wb_status status = wb__h1_encode_usual(
        &response->fields, content->len, response->date, wb_bytes_from(NULL, 0), out);
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
    enum wb_status result = wb__pen_make_room(out, fields, 0);
    if (result != WB_OK) {
        return result;
    }
    struct wb__pen pen =
        put_status_line(wb__pen_begin(out), version, status, wb_bytes_from(NULL, 0));
    for (size_t i = 0; i < fields.count; i++) {
        if (!frames(&fields.items[i])) {
            put_field(&pen, fields, &fields.items[i]);
        }
    }
    WB__PEN_LITERAL(&pen, "\r\n");
    wb__pen_end(out, pen);
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

static struct wb__pen put_request_line(struct wb__pen pen, const struct wb_h1_request *request) {
    wb__pen_bytes(&pen, request->method);
    WB__PEN_LITERAL(&pen, " ");
    wb__pen_bytes(&pen, request->target);
    if (request->version == WB_HTTP_1_1) {
        WB__PEN_LITERAL(&pen, " HTTP/1.1\r\n");
    } else {
        WB__PEN_LITERAL(&pen, " HTTP/1.0\r\n");
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

static struct wb__pen put_request_connection(struct wb__pen pen,
    const struct wb_h1_request *request, const struct wb__h1_said *said,
    const struct wb_h1_sent *sent) {
    if (!sent->keep_alive && !said->says_close) {
        WB__PEN_LITERAL(&pen, "connection: close\r\n");
    } else if (sent->keep_alive && request->version == WB_HTTP_1_0 && !said->says_keep_alive) {
        WB__PEN_LITERAL(&pen, "connection: keep-alive\r\n");
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
    status = status != WB_OK ? status : wb__pen_make_room(out, fields, words_len);
    if (status != WB_OK) {
        return status;
    }
    struct wb__pen pen = put_request_line(wb__pen_begin(out), request);
    if (request->host.len != 0) {
        WB__PEN_LITERAL(&pen, "host: ");
        wb__pen_bytes(&pen, request->host);
        WB__PEN_LITERAL(&pen, "\r\n");
    }
    for (size_t i = 0; i < fields.count; i++) {
        if (!is_replaced(request, &fields.items[i]) && !is_in_vain(fields, i, &framing.sent)) {
            put_field(&pen, fields, &fields.items[i]);
        }
    }
    pen = put_framing(pen, fields, &said, &framing);
    pen = put_request_connection(pen, request, &said, &framing.sent);
    WB__PEN_LITERAL(&pen, "\r\n");
    wb__pen_end(out, pen);
    *out_sent = framing.sent;
    return WB_OK;
}

/* ---- trailers ---- */

enum wb_status wb_h1_encode_trailers(
    struct wb_http_fields trailers, struct wb_bytes announced, struct wb_bytes_mut *out) {
    enum wb_status status = wb__pen_make_room(out, trailers, 0);
    if (status != WB_OK) {
        return status;
    }
    struct wb__pen pen = wb__pen_begin(out);
    for (size_t i = 0; i < trailers.count; i++) {
        struct wb_bytes name = wb_http_fields_name(trailers, i);
        if (wb__h1_may_come_late(name) && wb__h1_is_announced(name, announced)) {
            put_field(&pen, trailers, &trailers.items[i]);
        }
    }
    WB__PEN_LITERAL(&pen, "\r\n");
    wb__pen_end(out, pen);
    return WB_OK;
}
