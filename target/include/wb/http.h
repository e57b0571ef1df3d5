/* The words of HTTP: versions, methods, status codes, and which bytes may stand where. Nothing here
 * reads or writes messages.
 *
 * Thread: any. Allocates: nothing.
 * Spec: RFC 9110 sections 2.5, 5.6.2, 9 and 15. */
#ifndef WB_HTTP_H
#define WB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A higher minor version of 1 is 1.1 to us, as RFC 9110 section 2.5 has it. */
enum wb_http_version {
    WB_HTTP_1_0,
    WB_HTTP_1_1,
};

/* X(enumerator, name). Names are case-sensitive: "get" is another method, unknown to us. */
#define WB_HTTP_METHOD_TABLE(X)                                                                    \
    X(WB_HTTP_GET, "GET")                                                                          \
    X(WB_HTTP_HEAD, "HEAD")                                                                        \
    X(WB_HTTP_POST, "POST")                                                                        \
    X(WB_HTTP_PUT, "PUT")                                                                          \
    X(WB_HTTP_DELETE, "DELETE")                                                                    \
    X(WB_HTTP_CONNECT, "CONNECT")                                                                  \
    X(WB_HTTP_OPTIONS, "OPTIONS")                                                                  \
    X(WB_HTTP_TRACE, "TRACE")                                                                      \
    X(WB_HTTP_PATCH, "PATCH")

enum wb_http_method {
    WB_HTTP_METHOD_OTHER, /* a token that the table does not have: the bytes say which */
#define WB_HTTP_METHOD_ENUM(name, text) name,
    WB_HTTP_METHOD_TABLE(WB_HTTP_METHOD_ENUM)
#undef WB_HTTP_METHOD_ENUM
        WB_HTTP_METHOD_COUNT
};

WB_API enum wb_http_method wb_http_method_from(struct wb_bytes name);
/* Static; NULL for WB_HTTP_METHOD_OTHER and what is no method. */
WB_API const char *wb_http_method_name(enum wb_http_method method);
/* Whether asking twice does what asking once does (RFC 9110 section 9.2.2): such a request may be
 * sent anew after a connection was lost. */
WB_API bool wb_http_method_is_idempotent(enum wb_http_method method);

/* The reason phrase that RFC 9110 and its extensions give to a status code; "" for others. Static.
 */
WB_API const char *wb_http_reason(unsigned status);

/* Whether a response with that status to that method has no content whatever its fields say
 * (RFC 9112 section 6.3): 1xx, 204, 304, and all to HEAD. */
static inline bool wb_http_is_without_content(enum wb_http_method method, unsigned status) {
    return method == WB_HTTP_HEAD || status / 100 == 1 || status == 204 || status == 304;
}

/* ---- bytes ---- */

/* Whether all bytes may stand in a token (RFC 9110 section 5.6.2), and there is one at least. */
WB_API bool wb_http_is_token(struct wb_bytes bytes);
/* Whether all bytes may stand in a field's value or a reason phrase: no control characters but
 * HTAB; beyond ASCII anything. */
WB_API bool wb_http_is_text(struct wb_bytes bytes);
/* Whether two names are the same, upper and lower case aside (ASCII only). */
WB_API bool wb_http_equal_nocase(struct wb_bytes a, struct wb_bytes b);
/* Without the spaces and tabs at both ends. */
WB_API struct wb_bytes wb_http_trim(struct wb_bytes bytes);

/* The next element of a comma-separated list (RFC 9110 section 5.6.1), trimmed; it may be empty.
 * Takes it off *in_out_list; false: there is none left. Commas in quoted strings do not separate.
 * Start with the whole value: an empty one is one empty element, and none only if it points at
 * nothing. */
WB_API bool wb_http_next_element(struct wb_bytes *in_out_list, struct wb_bytes *out_element);
/* The same of a list whose elements are tokens, in which a quotation mark means nothing: every
 * comma separates. */
WB_API bool wb_http_next_token(struct wb_bytes *in_out_list, struct wb_bytes *out_element);

#ifdef __cplusplus
}
#endif

#endif
