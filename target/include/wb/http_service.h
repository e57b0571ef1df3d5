/* Services: who answers requests. What a server is given, what a proxy and whatever stands between
 * is made of, whatever the version of HTTP.
 *
 * A service is asked once for each request; its answer is a future, in memory that whoever asks
 * sets aside, so that answering allocates nothing. A service belongs to one connection, made for it
 * by a struct wb_http_make_service, or is shared by all of them.
 *
 * Thread: the service of a connection is used by one thread at a time, not always the same; one
 * that is shared by the connections of a multi-thread runtime by several.
 * Allocates: nothing, but for the fields of responses. */
#ifndef WB_HTTP_SERVICE_H
#define WB_HTTP_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/async_io.h"
#include "wb/bytes.h"
#include "wb/future.h"
#include "wb/http.h"
#include "wb/http_body.h"
#include "wb/http_fields.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- a connection, as services see it ---- */

struct wb_http_connection {
    struct wb_addr peer;  /* who asks; all zero: not known, or no address */
    struct wb_addr local; /* where; as `peer` */
    bool is_secure;       /* over TLS */
};

/* ---- requests ---- */

/* What was asked, borrowed: it stays, and stays where it is, until the call is over and the body of
 * its response has been dropped. The target as it came, and taken apart: path and query are parts
 * of it; the authority is that of the target, if it has one, and else of Host (RFC 9112 section
 * 3.3). Nothing in it has control characters; escapes are not undone. */
struct wb_http_request {
    enum wb_http_method method;
    enum wb_http_version version;
    struct wb_bytes method_name;
    struct wb_bytes target;
    struct wb_bytes scheme;    /* empty unless the target says */
    struct wb_bytes authority; /* host[:port]; empty: nobody said, as in HTTP/1.0 */
    struct wb_bytes path;      /* "/..."; "*" of OPTIONS; empty of CONNECT */
    struct wb_bytes query;     /* without the "?" */
    bool has_query;
    bool wants_upgrade;  /* a response with status 101 is allowed */
    bool takes_trailers; /* trailers of the response will be sent */
    struct wb_http_fields fields;
    /* Never NULL. To be polled by the call's future and the response's body only: in the task of
     * the connection. Read to its end or not at all, as one likes; a client that waits for 100
     * (Continue) gets it when this is polled first. The connection drops it. */
    struct wb_http_body *body;
    const struct wb_http_connection *connection;
    /* Private; NULL: to nobody. */
    enum wb_status (*send_interim)(
        struct wb_http_request *request, unsigned status, struct wb_http_fields fields);
    bool (*takes_interim)(struct wb_http_request *request); /* private; NULL: always */
};

/* Tells the client something ahead of the answer: an interim response, 102 to 199 (RFC 9110 section
 * 15.2), as often as there is something to tell; 100 is the connection's business, and 101 an
 * answer. In polls of the call's future only. Errors, nothing is told: WB_ERR_NOT_SUPPORTED: the
 * client knows none, as those of HTTP/1.0; WB_ERR_INVALID: another status; WB_ERR_FULL: the client
 * takes nothing, and 16 KiB are kept back for it already; WB_ERR_NO_MEMORY. None of them is in the
 * way of the answer. Allocates: room for it. */
WB_API WB_MUST_USE enum wb_status wb_http_request_send_interim(
    struct wb_http_request *request, unsigned status, struct wb_http_fields fields);

/* For who has more of them than a client takes at a time, and loses none: false if the next one
 * would be WB_ERR_FULL; the call's future is polled again when the client has taken what is kept
 * back. In polls of it only. */
WB_API bool wb_http_request_takes_interim(struct wb_http_request *request);

/* ---- responses ---- */

/* The answer: filled in by the service. It begins as 200 without fields and without content. How
 * the content is framed is the connection's business, by what the body's size hint says; so are
 * Connection and, unless the service adds one, Date. */
struct wb_http_response {
    uint16_t status;
    struct wb_bytes reason;           /* empty: the usual one. Borrowed as the body is */
    struct wb_http_field_list fields; /* the connection's: to be added to, kept by it */
    /* NULL: none. In memory of the call, or of whatever outlives it; it is dropped when it has been
     * sent or given up, and the memory of the call remains until then. */
    struct wb_http_body *body;
    struct wb_http_full_body full; /* room for wb_http_response_set_bytes() */
};

/* The usual case: content that is there, borrowed until the response was sent. */
static inline void wb_http_response_set_bytes(
    struct wb_http_response *response, struct wb_bytes bytes) {
    wb_http_full_body_init(&response->full, bytes);
    response->body = &response->full.body;
}

/* A field of it; names and values as literals. Errors: those of wb_http_field_list_add(). */
WB_API WB_MUST_USE enum wb_status wb_http_response_add(
    struct wb_http_response *response, const char *name, const char *value);

/* ---- services ---- */

struct wb_http_service;

struct wb_http_service_ops {
    /* Optional. Whether another request is taken now; asked before each. WB_READY: WB_OK, or a
     * failure: the connection ends. WB_PENDING: not now, and the task is woken. */
    enum wb_progress (*poll_ready)(
        struct wb_http_service *self, struct wb_context *context, enum wb_status *out_status);
    /* REQUIRED. Begins an answer: makes a future in `memory`, call_size bytes that are aligned for
     * anything and not initialised, and returns it. Called after WB_READY. When the future is over
     * with WB_OK the response is complete but for what its body brings; with a failure there is
     * none, and the connection is closed without (of HTTP/2: the stream is reset). The future may
     * be given up at any time. */
    struct wb_future *(*call)(struct wb_http_service *self, void *memory,
        struct wb_http_request *request, struct wb_http_response *response);
    /* Optional. The response with status 101, or 2xx to CONNECT, has been sent: makes a future, in
     * the memory of the call, that goes on with the connection, polled in its place. `io` first
     * reads what the client sent ahead. Both are over when the future is. Without it such a
     * response is an error. */
    struct wb_future *(*upgraded)(
        struct wb_http_service *self, void *memory, struct wb_async_stream io);
    /* Optional. The last that is heard of a call: its future is over or was dropped, and so was the
     * body of its response. */
    void (*end_call)(struct wb_http_service *self, void *memory);
    /* Optional. Nobody uses the service any more. */
    void (*drop)(struct wb_http_service *self);
};

/* Member of whatever is a service. */
struct wb_http_service {
    const struct wb_http_service_ops *ops;
    size_t call_size; /* bytes that a call takes */
};

/* ---- services without futures ---- */

/* Answers at once. A failure closes the connection without an answer. */
typedef enum wb_status (*wb_http_service_fn)(
    struct wb_http_request *request, struct wb_http_response *response, void *user_data);

struct wb_http_fn_service {
    struct wb_http_service service;
    wb_http_service_fn fn;
    void *user_data;
};

WB_API void wb_http_fn_service_init(
    struct wb_http_fn_service *service, wb_http_service_fn fn, void *user_data);

/* ---- a service for each connection ---- */

struct wb_http_make_service;

struct wb_http_make_service_ops {
    /* REQUIRED. Once for each connection. A failure: it is closed. Ownership: of *out_service is
     * the connection's, which calls its `drop`. Thread: that of whoever accepts, one at a time. */
    enum wb_status (*make)(struct wb_http_make_service *self,
        const struct wb_http_connection *connection, struct wb_http_service **out_service);
};

struct wb_http_make_service {
    const struct wb_http_make_service_ops *ops;
};

/* The same service for all; its `drop` is not called. Stays where it is. */
struct wb_http_shared_service {
    struct wb_http_make_service make;
    struct wb_http_service_ops ops;
    struct wb_http_service shared; /* handed out; passes on to `service` */
    struct wb_http_service *service;
};

WB_API void wb_http_shared_service_init(
    struct wb_http_shared_service *shared, struct wb_http_service *service);

#ifdef __cplusplus
}
#endif

#endif
