/* Heads of HTTP/1 messages, to bytes. What is sent is framed in one way only, and what the
 * application says about framing that cannot be is put right or refused.
 *
 * Fields come from a wb_http_field_list or a parsed head, so that nothing in them ends a line
 * early; folded values are to be unfolded before. Of the application's fields Content-Length,
 * Transfer-Encoding and Connection are understood, not copied blindly; the others go out as they
 * are, in order. A coding that is no token (parameters included), and one behind chunked, are
 * refused with WB_ERR_INVALID; chunked is added where it is missing.
 *
 * Thread: any, for different buffers. Allocates: in the buffer only.
 * Spec: RFC 9112 sections 3 to 7 and 9, RFC 9110 sections 8.6 and 15. */
#ifndef WB_H1_ENCODE_H
#define WB_H1_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/h1_head.h"
#include "wb/http.h"
#include "wb/http_fields.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the application knows of the content. */
struct wb_h1_content {
    bool is_known; /* its length is */
    uint64_t len;
};

/* What was sent: how the content must be framed (wb_h1_body_writer_init()) and what becomes of the
 * connection. */
struct wb_h1_sent {
    enum wb_h1_body body;
    uint64_t content_length;
    bool keep_alive;
    bool leaves_out_content; /* there is content that must not be sent: to HEAD, with 204, ... */
};

/* ---- responses ---- */

struct wb_h1_response {
    unsigned status;
    struct wb_bytes reason; /* empty: the usual one */
    struct wb_http_fields fields;
    struct wb_h1_content content;
    struct wb_bytes date; /* of a Date field, if there is none among the fields; empty: none */
};

/* What it answers. */
struct wb_h1_answered {
    enum wb_http_method method;
    enum wb_http_version version;
    bool keep_alive; /* the client and the server both want to go on */
};

/* Appends the head. Errors, nothing appended: WB_ERR_INVALID: an interim status but 101, also that
 * one to HTTP/1.0; a status that is none, a reason or a date with control characters, codings as
 * above, a Content-Length that is none, or not that of content that is sent; WB_ERR_NO_MEMORY. */
WB_API WB_MUST_USE enum wb_status wb_h1_encode_response(const struct wb_h1_response *response,
    const struct wb_h1_answered *to, struct wb_bytes_mut *out, struct wb_h1_sent *out_sent);

/* Appends an interim response, 100 or 102 to 199, without content. Errors, nothing appended:
 * WB_ERR_INVALID: another status, or to a client of HTTP/1.0, which must not get one;
 * WB_ERR_NO_MEMORY. */
WB_API WB_MUST_USE enum wb_status wb_h1_encode_interim(unsigned status,
    struct wb_http_fields fields, enum wb_http_version version, struct wb_bytes_mut *out);

/* ---- requests ---- */

struct wb_h1_request {
    struct wb_bytes method;
    struct wb_bytes target; /* as it goes out; without a fragment */
    struct wb_bytes host;   /* of the Host field, in place of the application's; empty: that one is
                               used, of which there must be exactly one in HTTP/1.1 */
    enum wb_http_version version;
    struct wb_http_fields fields;
    struct wb_h1_content content;
    bool keep_alive; /* false: "Connection: close" */
};

/* Appends the head. Content of unknown length to GET, HEAD, OPTIONS, TRACE, DELETE or CONNECT is
 * left out unless a field says how it is framed. Without content an Expect field that says
 * 100-continue is left out as well (RFC 9110 section 10.1.1). Errors, nothing appended:
 * WB_ERR_INVALID: a method or a target with bytes that may not stand there, a target whose form
 * does not fit the method (enum wb_h1_target_form), no Host or several, or one that is not
 * host:port, codings or a Content-Length as above, or content of unknown length in HTTP/1.0;
 * WB_ERR_NO_MEMORY. */
WB_API WB_MUST_USE enum wb_status wb_h1_encode_request(
    const struct wb_h1_request *request, struct wb_bytes_mut *out, struct wb_h1_sent *out_sent);

/* ---- trailers ---- */

/* Appends trailers and the end of a chunked message, behind its last chunk. Fields that frame,
 * route, authenticate, ask, control the response or say what the content is (RFC 9110 section
 * 6.5.1), and those not announced in `announced`, the value
 * of the message's Trailer field, are left out. Errors, nothing appended: WB_ERR_NO_MEMORY. */
WB_API WB_MUST_USE enum wb_status wb_h1_encode_trailers(
    struct wb_http_fields trailers, struct wb_bytes announced, struct wb_bytes_mut *out);

#ifdef __cplusplus
}
#endif

#endif
