/* See max_forwards.h. */
#include "examples/max_forwards.h"

#include "wb/http.h"

#define FIELD "max-forwards"

static struct wb_bytes text_of(const char *text) {
    return wb_bytes_from_string(text);
}

/* ---- how far ---- */

/* 1*DIGIT; false: it is not. */
static bool parse_number(struct wb_bytes text, uint32_t *out_number) {
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
        number = number < UINT32_MAX ? number : UINT32_MAX;
    }
    *out_number = (uint32_t)number;
    return text.len != 0;
}

enum wb__max_forwards wb__max_forwards_of(
    const struct wb_http_request *request, uint32_t *out_left) {
    const struct wb_http_fields fields = request->fields;
    const size_t at = wb_http_fields_find(fields, text_of(FIELD), 0);
    uint32_t number;
    if (at == fields.count
        || (request->method != WB_HTTP_OPTIONS && request->method != WB_HTTP_TRACE)) {
        return WB__MAX_FORWARDS_NONE;
    }
    if (wb_http_fields_find(fields, text_of(FIELD), at + 1) != fields.count
        || !parse_number(wb_http_fields_value(fields, at), &number)) {
        return WB__MAX_FORWARDS_BAD;
    }
    if (number == 0) {
        return WB__MAX_FORWARDS_LAST;
    }
    *out_left = number - 1;
    return WB__MAX_FORWARDS_MORE;
}

enum wb_status wb__max_forwards_set(struct wb_http_field_list *fields, uint32_t left) {
    char digits[10];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    return wb_http_field_list_set(
        fields, text_of(FIELD), wb_bytes_from(digits + first, sizeof digits - first));
}

/* ---- what came ---- */

static bool is_secret(struct wb_bytes name) {
    static const char *const names[] = {"authorization", "cookie", "proxy-authorization"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (wb_http_equal_nocase(name, text_of(names[i]))) {
            return true;
        }
    }
    return false;
}

static enum wb_status append(
    struct wb_bytes_mut *to, struct wb_bytes a, const char *between, struct wb_bytes b) {
    enum wb_status status = wb_bytes_mut_extend(to, a);
    status = status != WB_OK ? status : wb_bytes_mut_extend(to, text_of(between));
    return status != WB_OK ? status : wb_bytes_mut_extend(to, b);
}

enum wb_status wb__reflect(struct wb_bytes_mut *to, const struct wb_http_request *request) {
    const struct wb_http_fields fields = request->fields;
    enum wb_status status = append(to, request->method_name, " ", request->target);
    status = status != WB_OK
                 ? status
                 : wb_bytes_mut_extend(to,
                     text_of(request->version == WB_HTTP_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n"));
    for (size_t i = 0; i < fields.count && status == WB_OK; i++) {
        const struct wb_bytes name = wb_http_fields_name(fields, i);
        if (!is_secret(name)) {
            status = append(to, name, ": ", wb_http_fields_value(fields, i));
            status = status != WB_OK ? status : wb_bytes_mut_extend(to, text_of("\r\n"));
        }
    }
    return status != WB_OK ? status : wb_bytes_mut_extend(to, text_of("\r\n"));
}
