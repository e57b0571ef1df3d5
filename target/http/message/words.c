/* Methods, reason phrases and names of fields: the tables, and looking up in them. */
#include "wb/http.h"
#include "wb/http_fields.h"

#include <string.h>

/* ---- methods ---- */

static const char *const method_names[] = {[WB_HTTP_METHOD_OTHER] = NULL,
#define METHOD_NAME(name, text) [name] = text,
    WB_HTTP_METHOD_TABLE(METHOD_NAME)
#undef METHOD_NAME
};

static const uint8_t methods_by_len[][3] = {
    [3] = {WB_HTTP_GET, WB_HTTP_PUT},
    [4] = {WB_HTTP_POST, WB_HTTP_HEAD},
    [5] = {WB_HTTP_PATCH, WB_HTTP_TRACE},
    [6] = {WB_HTTP_DELETE},
    [7] = {WB_HTTP_OPTIONS, WB_HTTP_CONNECT},
};

enum wb_http_method wb_http_method_from(struct wb_bytes name) {
    if (name.len >= sizeof(methods_by_len) / sizeof(methods_by_len[0])) {
        return WB_HTTP_METHOD_OTHER;
    }
    for (const uint8_t *method = methods_by_len[name.len]; *method != WB_HTTP_METHOD_OTHER;
         method++) {
        if (memcmp(name.ptr, method_names[*method], name.len) == 0) {
            return (enum wb_http_method) * method;
        }
    }
    return WB_HTTP_METHOD_OTHER;
}

const char *wb_http_method_name(enum wb_http_method method) {
    return (unsigned)method < WB_HTTP_METHOD_COUNT ? method_names[method] : NULL;
}

bool wb_http_method_is_idempotent(enum wb_http_method method) {
    return method == WB_HTTP_GET || method == WB_HTTP_HEAD || method == WB_HTTP_PUT
           || method == WB_HTTP_DELETE || method == WB_HTTP_OPTIONS || method == WB_HTTP_TRACE;
}

/* ---- statuses ---- */

static const struct {
    uint16_t status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {511, "Network Authentication Required"},
};

const char *wb_http_reason(unsigned status) {
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "";
}

bool wb_http_is_without_content(enum wb_http_method method, unsigned status) {
    return method == WB_HTTP_HEAD || status / 100 == 1 || status == 204 || status == 304;
}

/* ---- names of fields ---- */

static const char *const field_names[] = {[WB_HTTP_FIELD_OTHER] = NULL,
#define FIELD_NAME(name, text) [name] = text,
    WB_HTTP_FIELD_TABLE(FIELD_NAME)
#undef FIELD_NAME
};

/* The known names of each length: few enough to be compared one by one. */
static const uint8_t ids_by_len[][5] = {
    [2] = {WB_HTTP_FIELD_TE},
    [3] = {WB_HTTP_FIELD_AGE},
    [4] = {WB_HTTP_FIELD_HOST, WB_HTTP_FIELD_DATE},
    [5] = {WB_HTTP_FIELD_RANGE},
    [6] = {WB_HTTP_FIELD_ACCEPT, WB_HTTP_FIELD_EXPECT, WB_HTTP_FIELD_SERVER},
    [7] = {WB_HTTP_FIELD_UPGRADE, WB_HTTP_FIELD_TRAILER},
    [8] = {WB_HTTP_FIELD_LOCATION},
    [10] = {WB_HTTP_FIELD_CONNECTION, WB_HTTP_FIELD_USER_AGENT, WB_HTTP_FIELD_KEEP_ALIVE},
    [12] = {WB_HTTP_FIELD_CONTENT_TYPE},
    [14] = {WB_HTTP_FIELD_CONTENT_LENGTH},
    [16] = {WB_HTTP_FIELD_PROXY_CONNECTION},
    [17] = {WB_HTTP_FIELD_TRANSFER_ENCODING},
};

static uint64_t eight_at(const void *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Lower case differs from upper in one bit. A carriage return would pass for the hyphen: names are
 * tokens. From eight bytes on two words cover them, the longest have seventeen. */
static bool is_named(const uint8_t *bytes, const char *name, size_t len) {
    const uint64_t case_bits = UINT64_C(0x2020202020202020);
    if (len >= 8) {
        size_t last = len - 8;
        size_t middle = len > 16 ? 8 : last;
        return (eight_at(bytes) | case_bits) == eight_at(name)
               && (eight_at(bytes + middle) | case_bits) == eight_at(name + middle)
               && (eight_at(bytes + last) | case_bits) == eight_at(name + last);
    }
    for (size_t i = 0; i < len; i++) {
        if ((bytes[i] | 0x20u) != (uint8_t)name[i]) {
            return false;
        }
    }
    return true;
}

enum wb_http_field_id wb_http_field_id_of(struct wb_bytes name) {
    if (name.len >= sizeof(ids_by_len) / sizeof(ids_by_len[0])) {
        return WB_HTTP_FIELD_OTHER;
    }
    for (const uint8_t *id = ids_by_len[name.len]; *id != WB_HTTP_FIELD_OTHER; id++) {
        const char *known = field_names[*id];
        if ((name.ptr[0] | 0x20u) == (uint8_t)known[0] && is_named(name.ptr, known, name.len)) {
            return (enum wb_http_field_id) * id;
        }
    }
    return WB_HTTP_FIELD_OTHER;
}

const char *wb_http_field_id_name(enum wb_http_field_id id) {
    return (unsigned)id < WB_HTTP_FIELD_COUNT ? field_names[id] : NULL;
}
