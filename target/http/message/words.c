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

enum wb_http_method wb_http_method_from(struct wb_bytes name) {
    uint8_t first[8] = {0};
    for (size_t i = 0; i < name.len && i < sizeof first; i++) {
        first[i] = name.ptr[i];
    }
    return wb__method_from(wb__eight_at(first), name.len);
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

static const char *const field_names[WB_HTTP_FIELD_COUNT] = {
#define FIELD_NAME(name, text) [name] = text,
    WB_HTTP_FIELD_TABLE(FIELD_NAME)
#undef FIELD_NAME
};

/* Of the colon all bits count, as of the line feed before the name. */
#define FREE(len, i)                                                                               \
    ((i) < WB__FIELD_LINE_NAME_MAX - (len)                                        ? 0xff           \
        : (i) > WB__FIELD_LINE_NAME_MAX - (len) && (i) <= WB__FIELD_LINE_NAME_MAX ? 0x20           \
                                                                                  : 0)
#define FREE_4(len, i) FREE(len, i), FREE(len, (i) + 1), FREE(len, (i) + 2), FREE(len, (i) + 3)

/* Two in one slot are refused by the compiler. */
#define SHORT(first, last, name, line, id)                                                         \
    [WB__FIELD_SLOT(first, last, sizeof(name) - 1)] = {line,                                       \
        {FREE_4(LEN(name), 0), FREE_4(LEN(name), 4), FREE_4(LEN(name), 8), FREE_4(LEN(name), 12)}, \
        id, LEN(name), name}
#define LONG(first, last, name, id)                                                                \
    [WB__FIELD_SLOT(first, last, sizeof(name) - 1)] = {{0}, {0}, id, LEN(name), name}
#define LEN(name) ((int)sizeof(name) - 1)
const struct wb__field_slot wb__field_slots[WB__FIELD_SLOTS] = {
    SHORT('t', 'e', "te", "............\nte:", WB_HTTP_FIELD_TE),
    SHORT('a', 'e', "age", "...........\nage:", WB_HTTP_FIELD_AGE),
    SHORT('d', 'e', "date", "..........\ndate:", WB_HTTP_FIELD_DATE),
    SHORT('h', 't', "host", "..........\nhost:", WB_HTTP_FIELD_HOST),
    SHORT('r', 'e', "range", ".........\nrange:", WB_HTTP_FIELD_RANGE),
    SHORT('a', 't', "accept", "........\naccept:", WB_HTTP_FIELD_ACCEPT),
    SHORT('e', 't', "expect", "........\nexpect:", WB_HTTP_FIELD_EXPECT),
    SHORT('s', 'r', "server", "........\nserver:", WB_HTTP_FIELD_SERVER),
    SHORT('t', 'r', "trailer", ".......\ntrailer:", WB_HTTP_FIELD_TRAILER),
    SHORT('u', 'e', "upgrade", ".......\nupgrade:", WB_HTTP_FIELD_UPGRADE),
    SHORT('l', 'n', "location", "......\nlocation:", WB_HTTP_FIELD_LOCATION),
    SHORT('c', 'n', "connection", "....\nconnection:", WB_HTTP_FIELD_CONNECTION),
    SHORT('k', 'e', "keep-alive", "....\nkeep-alive:", WB_HTTP_FIELD_KEEP_ALIVE),
    SHORT('u', 't', "user-agent", "....\nuser-agent:", WB_HTTP_FIELD_USER_AGENT),
    SHORT('c', 'e', "content-type", "..\ncontent-type:", WB_HTTP_FIELD_CONTENT_TYPE),
    SHORT('c', 'h', "content-length", "\ncontent-length:", WB_HTTP_FIELD_CONTENT_LENGTH),
    LONG('p', 'n', "proxy-connection", WB_HTTP_FIELD_PROXY_CONNECTION),
    LONG('t', 'g', "transfer-encoding", WB_HTTP_FIELD_TRANSFER_ENCODING),
};
#undef LEN
#undef LONG
#undef SHORT
#undef FREE_4
#undef FREE

enum wb_http_field_id wb_http_field_id_of(struct wb_bytes name) {
    if (name.len == 0) {
        return WB_HTTP_FIELD_OTHER;
    }
    const struct wb__field_slot *slot = wb__field_slot(name.ptr, name.len);
    if (name.len > WB__FIELD_LINE_NAME_MAX) {
        return wb__is_long_name_of(slot, name.ptr, name.len) ? (enum wb_http_field_id)slot->id
                                                             : WB_HTTP_FIELD_OTHER;
    }
    uint8_t differs = (uint8_t)(name.len ^ slot->len);
    for (size_t i = 0; i < name.len && differs == 0; i++) {
        differs = (uint8_t)((name.ptr[i] ^ (uint8_t)slot->name[i]) & 0xdf);
    }
    return differs == 0 ? (enum wb_http_field_id)slot->id : WB_HTTP_FIELD_OTHER;
}

const char *wb_http_field_id_name(enum wb_http_field_id id) {
    return id > WB_HTTP_FIELD_OTHER && id < WB_HTTP_FIELD_COUNT ? field_names[id] : NULL;
}
