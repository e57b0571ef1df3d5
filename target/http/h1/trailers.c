/* Which fields may come behind the content (RFC 9110 section 6.5.1). Only a field's definition can
 * allow that, and the application knows those of its own fields; what is listed here would be acted
 * on too late, or by some readers and not by others. */
#include "http/h1/encode.h"

#include <string.h>

static const char *const too_late[] = {
    /* How the message is framed, and where it goes. */
    "connection", "content-length", "forwarded", "host", "http2-settings", "keep-alive",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
    /* Who asks. Authentication-Info and its like may come late (section 11.6.3). */
    "authorization", "cookie", "proxy-authenticate", "proxy-authorization", "set-cookie",
    "www-authenticate",
    /* What is asked for, and on which conditions. */
    "accept", "accept-charset", "accept-encoding", "accept-language", "expect", "if-match",
    "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "max-forwards",
    "pragma", "prefer", "range",
    /* What becomes of the response. */
    "accept-ranges", "access-control-allow-credentials", "access-control-allow-headers",
    "access-control-allow-methods", "access-control-allow-origin", "access-control-expose-headers",
    "access-control-max-age", "age", "allow", "alt-svc", "cache-control", "clear-site-data",
    "content-security-policy", "date", "expires", "location", "refresh", "retry-after",
    "strict-transport-security", "vary", "warning", "x-content-type-options", "x-frame-options",
    /* What the content is. */
    "content-disposition", "content-encoding", "content-language", "content-location",
    "content-range", "content-type"};

bool wb__h1_may_come_late(struct wb_bytes name) {
    for (size_t i = 0; i < sizeof(too_late) / sizeof(too_late[0]); i++) {
        if (wb_http_equal_nocase(name, wb_bytes_from_string(too_late[i]))) {
            return false;
        }
    }
    return true;
}

bool wb__h1_is_announced(struct wb_bytes name, struct wb_bytes announced) {
    struct wb_bytes element;
    while (wb_http_next_token(&announced, &element)) {
        if (wb_http_equal_nocase(element, name)) {
            return true;
        }
    }
    return false;
}

static void announce(struct wb__h1_announced *announced, struct wb_bytes names) {
    const size_t comma_len = announced->len != 0 ? 1 : 0;
    if (names.len == 0 || comma_len + names.len > sizeof announced->names - announced->len) {
        return;
    }
    announced->names[announced->len] = ',';
    memcpy(announced->names + announced->len + comma_len, names.ptr, names.len);
    announced->len += comma_len + names.len;
}

struct wb_bytes wb__h1_announced_by(
    struct wb_http_fields head, struct wb__h1_announced *announced) {
    announced->len = 0;
    for (size_t i = 0; i < head.count; i++) {
        if (head.items[i].id == WB_HTTP_FIELD_TRAILER) {
            announce(announced, wb_http_fields_value(head, i));
        }
    }
    return wb_bytes_from(announced->names, announced->len);
}
