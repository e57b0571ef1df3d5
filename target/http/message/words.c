/* Methods, reason phrases and names of fields: the tables, and looking up in them. */
#include <assert.h>
#include <string.h>

#include "http/message/names.h"
#include "http/message/words.h"
#include "wb/http.h"

/* ---- methods ---- */

const char wb__method_names[WB_HTTP_METHOD_COUNT][WB__METHOD_ROOM] = {
#define METHOD_NAME(name, text) [name] = text,
    WB_HTTP_METHOD_TABLE(METHOD_NAME)
#undef METHOD_NAME
};

const uint8_t wb__methods_by_len[WB__METHOD_ROOM][WB__METHODS_OF_LEN_MAX] = {
    [3] = {WB_HTTP_GET, WB_HTTP_PUT},
    [4] = {WB_HTTP_POST, WB_HTTP_HEAD},
    [5] = {WB_HTTP_PATCH, WB_HTTP_TRACE},
    [6] = {WB_HTTP_DELETE},
    [7] = {WB_HTTP_OPTIONS, WB_HTTP_CONNECT},
};

/* The first eight bytes, filled up with NULs. */
static uint64_t first_word(struct wb_bytes name) {
    uint8_t bytes[8] = {0};
    if (name.len >= sizeof bytes) {
        return wb__eight_at(name.ptr);
    }
    for (size_t i = 0; i < name.len; i++) {
        bytes[i] = name.ptr[i];
    }
    return wb__eight_at(bytes);
}

enum wb_http_method wb_http_method_from(struct wb_bytes name) {
    return wb__method_from(first_word(name), name.len);
}

const char *wb_http_method_name(enum wb_http_method method) {
    const bool has_name = method != WB_HTTP_METHOD_OTHER && (unsigned)method < WB_HTTP_METHOD_COUNT;
    return has_name ? wb__method_names[method] : NULL;
}

bool wb_http_method_is_idempotent(enum wb_http_method method) {
    return method == WB_HTTP_GET || method == WB_HTTP_HEAD || method == WB_HTTP_PUT
           || method == WB_HTTP_DELETE || method == WB_HTTP_OPTIONS || method == WB_HTTP_TRACE;
}

/* ---- statuses ---- */

/* By their last two digits. */
#define REASON(text)                                                                               \
    { (const uint8_t *)(text), sizeof(text) - 1 }
static const struct wb_bytes informational[] = {
    [0] = REASON("Continue"),
    [1] = REASON("Switching Protocols"),
    [2] = REASON("Processing"),
    [3] = REASON("Early Hints"),
};
static const struct wb_bytes successful[] = {
    [0] = REASON("OK"),
    [1] = REASON("Created"),
    [2] = REASON("Accepted"),
    [3] = REASON("Non-Authoritative Information"),
    [4] = REASON("No Content"),
    [5] = REASON("Reset Content"),
    [6] = REASON("Partial Content"),
    [7] = REASON("Multi-Status"),
};
static const struct wb_bytes redirections[] = {
    [0] = REASON("Multiple Choices"),
    [1] = REASON("Moved Permanently"),
    [2] = REASON("Found"),
    [3] = REASON("See Other"),
    [4] = REASON("Not Modified"),
    [5] = REASON("Use Proxy"),
    [7] = REASON("Temporary Redirect"),
    [8] = REASON("Permanent Redirect"),
};
static const struct wb_bytes client_errors[] = {
    [0] = REASON("Bad Request"),
    [1] = REASON("Unauthorized"),
    [2] = REASON("Payment Required"),
    [3] = REASON("Forbidden"),
    [4] = REASON("Not Found"),
    [5] = REASON("Method Not Allowed"),
    [6] = REASON("Not Acceptable"),
    [7] = REASON("Proxy Authentication Required"),
    [8] = REASON("Request Timeout"),
    [9] = REASON("Conflict"),
    [10] = REASON("Gone"),
    [11] = REASON("Length Required"),
    [12] = REASON("Precondition Failed"),
    [13] = REASON("Content Too Large"),
    [14] = REASON("URI Too Long"),
    [15] = REASON("Unsupported Media Type"),
    [16] = REASON("Range Not Satisfiable"),
    [17] = REASON("Expectation Failed"),
    [21] = REASON("Misdirected Request"),
    [22] = REASON("Unprocessable Content"),
    [25] = REASON("Too Early"),
    [26] = REASON("Upgrade Required"),
    [28] = REASON("Precondition Required"),
    [29] = REASON("Too Many Requests"),
    [31] = REASON("Request Header Fields Too Large"),
    [51] = REASON("Unavailable For Legal Reasons"),
};
static const struct wb_bytes server_errors[] = {
    [0] = REASON("Internal Server Error"),
    [1] = REASON("Not Implemented"),
    [2] = REASON("Bad Gateway"),
    [3] = REASON("Service Unavailable"),
    [4] = REASON("Gateway Timeout"),
    [5] = REASON("HTTP Version Not Supported"),
    [7] = REASON("Insufficient Storage"),
    [11] = REASON("Network Authentication Required"),
};
#undef REASON

#define CLASS(reasons)                                                                             \
    { reasons, sizeof(reasons) / sizeof(reasons[0]) }
static const struct {
    const struct wb_bytes *reasons;
    size_t count;
} classes[] = {
    [1] = CLASS(informational),
    [2] = CLASS(successful),
    [3] = CLASS(redirections),
    [4] = CLASS(client_errors),
    [5] = CLASS(server_errors),
};
#undef CLASS

struct wb_bytes wb__http_reason(unsigned status) {
    const struct wb_bytes none = {(const uint8_t *)"", 0};
    const unsigned class_of = status / 100;
    const unsigned number = status % 100;
    if (class_of >= sizeof(classes) / sizeof(classes[0]) || number >= classes[class_of].count
        || classes[class_of].reasons[number].ptr == NULL) {
        return none;
    }
    return classes[class_of].reasons[number];
}

const char *wb_http_reason(unsigned status) {
    return (const char *)wb__http_reason(status).ptr;
}

/* ---- names of fields ---- */

const struct wb__field_name wb__field_names[WB_HTTP_FIELD_COUNT] = {
#define BITS(text, i) ((i) < sizeof(text) - 1 ? 0xdf : 0)
#define FIELD_NAME(name, text)                                                                     \
    [name] = {text, sizeof(text) - 1,                                                              \
        {BITS(text, 0), BITS(text, 1), BITS(text, 2), BITS(text, 3), BITS(text, 4), BITS(text, 5), \
            BITS(text, 6), BITS(text, 7)}},
    WB_HTTP_FIELD_TABLE(FIELD_NAME)
#undef FIELD_NAME
#undef BITS
};

#define FIELD_NAME_FITS(name, text)                                                                \
    static_assert(sizeof(text) - 1 <= WB__FIELD_NAME_LEN_MAX, "as many words as are compared");
WB_HTTP_FIELD_TABLE(FIELD_NAME_FITS)
#undef FIELD_NAME_FITS

/* Two in one slot are refused by the compiler. */
const uint8_t wb__field_slots[WB__FIELD_SLOTS] = {
    [WB__FIELD_SLOT('t', 'e', 2)] = WB_HTTP_FIELD_TE,
    [WB__FIELD_SLOT('a', 'e', 3)] = WB_HTTP_FIELD_AGE,
    [WB__FIELD_SLOT('d', 'e', 4)] = WB_HTTP_FIELD_DATE,
    [WB__FIELD_SLOT('h', 't', 4)] = WB_HTTP_FIELD_HOST,
    [WB__FIELD_SLOT('r', 'e', 5)] = WB_HTTP_FIELD_RANGE,
    [WB__FIELD_SLOT('a', 't', 6)] = WB_HTTP_FIELD_ACCEPT,
    [WB__FIELD_SLOT('e', 't', 6)] = WB_HTTP_FIELD_EXPECT,
    [WB__FIELD_SLOT('s', 'r', 6)] = WB_HTTP_FIELD_SERVER,
    [WB__FIELD_SLOT('t', 'r', 7)] = WB_HTTP_FIELD_TRAILER,
    [WB__FIELD_SLOT('u', 'e', 7)] = WB_HTTP_FIELD_UPGRADE,
    [WB__FIELD_SLOT('l', 'n', 8)] = WB_HTTP_FIELD_LOCATION,
    [WB__FIELD_SLOT('c', 'n', 10)] = WB_HTTP_FIELD_CONNECTION,
    [WB__FIELD_SLOT('k', 'e', 10)] = WB_HTTP_FIELD_KEEP_ALIVE,
    [WB__FIELD_SLOT('u', 't', 10)] = WB_HTTP_FIELD_USER_AGENT,
    [WB__FIELD_SLOT('c', 'e', 12)] = WB_HTTP_FIELD_CONTENT_TYPE,
    [WB__FIELD_SLOT('c', 'h', 14)] = WB_HTTP_FIELD_CONTENT_LENGTH,
    [WB__FIELD_SLOT('p', 'n', 16)] = WB_HTTP_FIELD_PROXY_CONNECTION,
    [WB__FIELD_SLOT('t', 'g', 17)] = WB_HTTP_FIELD_TRANSFER_ENCODING,
};

enum wb_http_field_id wb_http_field_id_of(struct wb_bytes name) {
    return name.len != 0 ? wb__field_id_from(first_word(name), name.ptr, name.len)
                         : WB_HTTP_FIELD_OTHER;
}

const char *wb_http_field_id_name(enum wb_http_field_id id) {
    return id > WB_HTTP_FIELD_OTHER && id < WB_HTTP_FIELD_COUNT ? wb__field_names[id].text : NULL;
}
