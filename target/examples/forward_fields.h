/* Which fields of a message a proxy passes on (RFC 9110 section 7.6.1), and what it adds. */
#ifndef WB_EXAMPLES_FORWARD_FIELDS_H
#define WB_EXAMPLES_FORWARD_FIELDS_H

#include "wb/http.h"
#include "wb/http_fields.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Appends what is meant for the other end: all but the fields of this connection, those that
 * Connection names, and Host, which whoever passes a request on decides. Connection has no say
 * about fields that frame or route: Content-Length stays, unless a Transfer-Encoding overrides it.
 * Errors: those of wb_http_field_list_add(). */
WB_MUST_USE enum wb_status wb__forward_fields(
    struct wb_http_field_list *to, struct wb_http_fields from);

/* The same of the trailers of a message with that head, whose Connection counts for them, too. */
WB_MUST_USE enum wb_status wb__forward_trailers(
    struct wb_http_field_list *to, struct wb_http_fields trailers, struct wb_http_fields head);

/* What a request wants to switch to, if it does and that is passed on: not HTTP/2, for what is said
 * in such a tunnel are requests, which nobody on the way would see. */
bool wb__forward_upgrade(struct wb_http_fields fields, struct wb_bytes *out_protocols);

/* Whether the content is in another coding than chunked, which ends with each connection: it would
 * be passed on in that, and nobody told. */
bool wb__forward_has_other_coding(struct wb_http_fields fields);

/* Appends Via for a message of that version (RFC 9110 section 7.6.3), behind those that were passed
 * on. */
WB_MUST_USE enum wb_status wb__forward_add_via(
    struct wb_http_field_list *to, enum wb_http_version version);

/* How many proxies of this kind a message has come through, as Via says. */
unsigned wb__forward_count(struct wb_http_fields fields);

#ifdef __cplusplus
}
#endif

#endif
