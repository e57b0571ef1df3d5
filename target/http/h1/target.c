/* Which form a request's target has, and what Host may say. Byte by byte it was looked at already.
 */
#include "http/h1/levels.h"

#include "wb/uri.h"

/* CONNECT needs a host and a port (RFC 9110 section 9.3.6). */
static enum wb_status parse_host_and_port(struct wb_bytes target) {
    struct wb_uri_authority authority;
    enum wb_status status = wb_uri_parse_authority(target, &authority);
    if (status != WB_OK) {
        return status;
    }
    return authority.host.len != 0 && authority.port != 0 ? WB_OK : WB_ERR_PARSE;
}

/* A name and a password in there are somebody's mistake or trap (RFC 9110 section 4.2.4). */
static enum wb_status parse_absolute(struct wb_bytes target) {
    struct wb_uri uri;
    enum wb_status status = wb_uri_parse(target, &uri);
    if (status != WB_OK) {
        return status;
    }
    return uri.scheme.len != 0 && uri.authority.userinfo.ptr == NULL ? WB_OK : WB_ERR_PARSE;
}

enum wb_status wb__h1_target_form(
    enum wb_http_method method, struct wb_bytes target, enum wb_h1_target_form *out_form) {
    if (method == WB_HTTP_CONNECT) {
        *out_form = WB_H1_TARGET_AUTHORITY;
        return parse_host_and_port(target);
    }
    if (target.ptr[0] == '/') {
        *out_form = WB_H1_TARGET_ORIGIN;
        return WB_OK;
    }
    if (target.len == 1 && target.ptr[0] == '*') {
        *out_form = WB_H1_TARGET_ASTERISK;
        return method == WB_HTTP_OPTIONS ? WB_OK : WB_ERR_PARSE;
    }
    *out_form = WB_H1_TARGET_ABSOLUTE;
    return parse_absolute(target);
}

bool wb__h1_is_host(struct wb_bytes value) {
    struct wb_uri_authority authority;
    return value.len == 0 || wb_uri_parse_authority(value, &authority) == WB_OK;
}
