/* Taking URIs apart, and comparing them. */
#include "http/message/classes.h"
#include "wb/http.h"
#include "wb/uri.h"

#include <string.h>

static struct wb_bytes front(struct wb_bytes text, size_t len) {
    return wb_bytes_from(text.ptr, len);
}

static struct wb_bytes rest(struct wb_bytes text, size_t from) {
    return wb_bytes_from(text.ptr + from, text.len - from);
}

static bool is_of_class(struct wb_bytes text, unsigned class_bits) {
    return wb__class_run(text.ptr, text.len, class_bits) == text.len;
}

/* Up to the first of two bytes, or the end. */
static size_t find_either(struct wb_bytes text, uint8_t one, uint8_t other) {
    size_t at = 0;
    while (at < text.len && text.ptr[at] != one && text.ptr[at] != other) {
        at++;
    }
    return at;
}

/* ---- authorities ---- */

static bool is_hex(uint8_t byte) {
    return wb__hex_value(byte) >= 0;
}

/* Every percent sign begins an escape. */
static bool escapes_are_whole(struct wb_bytes text) {
    for (size_t i = wb_bytes_find_byte(text, '%'); i < text.len; i++) {
        if (text.ptr[i] == '%'
            && (text.len - i < 3 || !is_hex(text.ptr[i + 1]) || !is_hex(text.ptr[i + 2]))) {
            return false;
        }
    }
    return true;
}

/* A number from 1 to 65535, or nothing. 0 would pass for none, and so for the scheme's port. */
static bool parse_port(struct wb_bytes text, uint16_t *out_port) {
    uint32_t port = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        port = port * 10 + (uint32_t)(text.ptr[i] - '0');
        if (port > UINT16_MAX) {
            return false;
        }
    }
    *out_port = (uint16_t)port;
    return text.len == 0 || port != 0;
}

/* What stands between brackets: only its bytes are looked at, not whether they make an address. */
static bool is_literal(struct wb_bytes inner) {
    for (size_t i = 0; i < inner.len; i++) {
        if (!is_hex(inner.ptr[i]) && inner.ptr[i] != ':' && inner.ptr[i] != '.') {
            return false;
        }
    }
    return inner.len >= 2;
}

/* The length of the host at the front; SIZE_MAX: there is none that could be. */
static size_t host_len(struct wb_bytes text) {
    if (text.len == 0 || text.ptr[0] != '[') {
        return wb__class_run(text.ptr, text.len, WB__CLASS_REG_NAME);
    }
    size_t end = wb_bytes_find_byte(text, ']');
    if (end == text.len || !is_literal(wb_bytes_from(text.ptr + 1, end - 1))) {
        return SIZE_MAX;
    }
    return end + 1;
}

enum wb_status wb_uri_parse_authority(
    struct wb_bytes text, struct wb_uri_authority *out_authority) {
    struct wb_uri_authority authority = {.userinfo = {NULL, 0}};
    if (text.len > WB_URI_LEN_MAX) {
        return WB_ERR_LIMIT;
    }
    size_t len = host_len(text);
    if (len == SIZE_MAX || !escapes_are_whole(front(text, len))) {
        return WB_ERR_PARSE;
    }
    authority.host = front(text, len);
    struct wb_bytes port = rest(text, len);
    if (port.len != 0) {
        authority.has_port = true;
        if (port.ptr[0] != ':' || !parse_port(rest(port, 1), &authority.port)) {
            return WB_ERR_PARSE;
        }
    }
    *out_authority = authority;
    return WB_OK;
}

static enum wb_status parse_with_userinfo(
    struct wb_bytes text, struct wb_uri_authority *out_authority) {
    struct wb_bytes userinfo = {NULL, 0};
    size_t at = wb_bytes_find_byte(text, '@');
    if (at != text.len) {
        userinfo = front(text, at);
        if (!is_of_class(userinfo, WB__CLASS_USERINFO) || !escapes_are_whole(userinfo)) {
            return WB_ERR_PARSE;
        }
        text = rest(text, at + 1);
    }
    enum wb_status status = wb_uri_parse_authority(text, out_authority);
    if (status != WB_OK) {
        return status;
    }
    out_authority->userinfo = userinfo;
    return out_authority->host.len != 0 ? WB_OK : WB_ERR_PARSE;
}

/* ---- whole ones ---- */

static bool is_letter(uint8_t byte) {
    return (byte | 0x20u) >= 'a' && (byte | 0x20u) <= 'z';
}

/* Path and query; what follows a number sign is left out. */
static enum wb_status parse_path(struct wb_bytes text, struct wb_uri *uri) {
    struct wb_bytes all = front(text, wb_bytes_find_byte(text, '#'));
    if (!is_of_class(all, WB__CLASS_TARGET)) {
        return WB_ERR_PARSE;
    }
    size_t query_at = wb_bytes_find_byte(all, '?');
    uri->path = front(all, query_at);
    if (query_at != all.len) {
        uri->has_query = true;
        uri->query = rest(all, query_at + 1);
    }
    return WB_OK;
}

static enum wb_status parse_absolute(struct wb_bytes text, struct wb_uri *uri) {
    size_t scheme_len = wb__class_run(text.ptr, text.len, WB__CLASS_SCHEME);
    struct wb_bytes after = rest(text, scheme_len);
    if (scheme_len == 0 || !is_letter(text.ptr[0])
        || !wb_bytes_starts_with(after, wb_bytes_from_string("://"))) {
        return WB_ERR_PARSE;
    }
    uri->scheme = front(text, scheme_len);
    after = rest(after, 3);
    size_t authority_len = find_either(after, '/', '?');
    size_t fragment_at = wb_bytes_find_byte(after, '#');
    authority_len = authority_len < fragment_at ? authority_len : fragment_at;
    enum wb_status status = parse_with_userinfo(front(after, authority_len), &uri->authority);
    status = status != WB_OK ? status : parse_path(rest(after, authority_len), uri);
    if (status == WB_OK && uri->path.len == 0) {
        uri->path = wb_bytes_from_string("/");
    }
    return status;
}

enum wb_status wb_uri_parse(struct wb_bytes text, struct wb_uri *out_uri) {
    struct wb_uri uri = {.has_query = false};
    if (text.len > WB_URI_LEN_MAX) {
        return WB_ERR_LIMIT;
    }
    if (text.len == 0) {
        return WB_ERR_PARSE;
    }
    enum wb_status status = WB_OK;
    if (text.len == 1 && text.ptr[0] == '*') {
        uri.path = text;
    } else if (text.ptr[0] == '/') {
        status = parse_path(text, &uri);
    } else {
        status = parse_absolute(text, &uri);
    }
    if (status == WB_OK) {
        *out_uri = uri;
    }
    return status;
}

/* ---- comparing ---- */

uint16_t wb_uri_default_port(struct wb_bytes scheme) {
    if (wb_http_equal_nocase(scheme, wb_bytes_from_string("http"))
        || wb_http_equal_nocase(scheme, wb_bytes_from_string("ws"))) {
        return 80;
    }
    if (wb_http_equal_nocase(scheme, wb_bytes_from_string("https"))
        || wb_http_equal_nocase(scheme, wb_bytes_from_string("wss"))) {
        return 443;
    }
    return 0;
}

static uint16_t port_of(const struct wb_uri *uri) {
    return uri->authority.port != 0 ? uri->authority.port : wb_uri_default_port(uri->scheme);
}

static struct wb_bytes path_of(const struct wb_uri *uri) {
    return uri->path.len != 0 ? uri->path : wb_bytes_from_string("/");
}

bool wb_uri_equal(const struct wb_uri *a, const struct wb_uri *b) {
    return wb_http_equal_nocase(a->scheme, b->scheme)
           && wb_http_equal_nocase(a->authority.host, b->authority.host)
           && wb_bytes_equal(a->authority.userinfo, b->authority.userinfo)
           && port_of(a) == port_of(b) && wb_bytes_equal(path_of(a), path_of(b))
           && a->has_query == b->has_query && wb_bytes_equal(a->query, b->query);
}
