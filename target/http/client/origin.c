/* Servers, as connections are told apart (RFC 6454 section 4). */
#include "http/client/pool.h"

#include <string.h>

static void copy_lower(char *to, struct wb_bytes from) {
    for (size_t i = 0; i < from.len; i++) {
        const uint8_t byte = from.ptr[i];
        to[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
    }
}

enum wb_status wb__http_origin_of(const struct wb_uri *uri, struct wb__http_origin *out_origin) {
    const struct wb_bytes host = uri->authority.host;
    if (uri->scheme.len > WB_HTTP_SCHEME_LEN_MAX || host.len > WB_HTTP_HOST_LEN_MAX) {
        return WB_ERR_LIMIT;
    }
    const uint16_t usual = wb_uri_default_port(uri->scheme);
    out_origin->port = uri->authority.port != 0 ? uri->authority.port : usual;
    out_origin->host_len = (uint16_t)host.len;
    out_origin->scheme_len = (uint8_t)uri->scheme.len;
    copy_lower(out_origin->scheme, uri->scheme);
    copy_lower(out_origin->host, host);
    return WB_OK;
}

bool wb__http_origin_equal(const struct wb__http_origin *a, const struct wb__http_origin *b) {
    return a->port == b->port && a->host_len == b->host_len && a->scheme_len == b->scheme_len
           && memcmp(a->host, b->host, a->host_len) == 0
           && memcmp(a->scheme, b->scheme, a->scheme_len) == 0;
}
