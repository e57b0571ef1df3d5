/* One connection of an HTTP/1 client, over any stream: a sender for requests, and the connection
 * itself, a future that does all reading and writing and must be polled, usually as a task.
 *
 *     wb_h1_handshake(sys, &io, NULL, &sender, &connection);
 *     wb_context_spawn(context, &connection.future, NULL, NULL);
 *     wb_h1_send_init(&self->send, &sender, &self->request, &self->response);
 *     WB_TRY_AWAIT(&self->send.future);
 *     ... wb_http_body_poll_frame(self->response.body, ...) until WB_EOF ...
 *     wb_h1_sender_drop(&sender);
 *
 * One request is under way at a time; the next may be sent when the response was read to its end,
 * the request was written, and both sides want to go on: the sender is ready then. What is read
 * lies in one buffer and is shown there; nothing is read that nobody asked for, but for what tells
 * that an idle connection has ended.
 *
 * Thread: the sender, the connection, the response and its body may belong to different ones; each
 * is used by one at a time. Allocates: the handshake; the buffer for reading grows up to the limit
 * of heads if there are such heads, that for writing with the heads of requests; apart from that
 * nothing per request but what the user's response takes.
 * Spec: RFC 9112 sections 3, 6, 7, 9; RFC 9110 sections 7.8, 9.3.6, 15.2. */
#ifndef WB_H1_CLIENT_H
#define WB_H1_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/async_io.h"
#include "wb/bytes.h"
#include "wb/future.h"
#include "wb/h1_head.h"
#include "wb/http_client_message.h"
#include "wb/http_error.h"
#include "wb/http_fields.h"
#include "wb/http_io.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/waiter.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WB_H1_CLIENT_SEND_TIMEOUT_NS UINT64_C(60000000000)
#define WB_H1_CLIENT_CONTINUE_TIMEOUT_NS UINT64_C(1000000000)

enum {
    WB_H1_CLIENT_BUFFER_LEN = 16384,   /* bytes that one read takes */
    WB_H1_CLIENT_BUFFER_LEN_MIN = 256, /* less is taken for this */
    WB_H1_CLIENT_FIELDS_MAX = 100,
    WB_H1_CLIENT_INTERIM_MAX = 100, /* interim responses before one final */
    WB_H1_CLIENT_DRAIN_LEN_MAX = 65536,
};

/* All zero means the defaults. */
struct wb_h1_client_options {
    struct wb_h1_head_options head; /* of responses: limits, what to put up with */
    uint32_t fields_max;            /* of a response; 0: WB_H1_CLIENT_FIELDS_MAX */
    uint32_t buffer_len;            /* bytes; 0: WB_H1_CLIENT_BUFFER_LEN */
    uint32_t interim_max;           /* 0: WB_H1_CLIENT_INTERIM_MAX */
    /* What is left of a response whose body was dropped is read and thrown away, so that the
     * connection can be used again, if it is no longer than this and there already: nobody waits
     * for it. 0: WB_H1_CLIENT_DRAIN_LEN_MAX. */
    uint32_t drain_len_max;
    /* Times. When one of the first three is over the connection is closed, with
     * WB_HTTP_ERROR_TIMEOUT and a detail that names it. Where one is given the connection must be
     * polled within a runtime, or fails with WB_ERR_NO_RUNTIME. */
    /* How long the server may take nothing of a request that is being written, while nothing comes
     * from it either; UINT64_MAX: for ever; 0: WB_H1_CLIENT_SEND_TIMEOUT_NS, without a runtime for
     * ever. How long the request's own content lets wait does not count. As long
     * may a stream take to be shut down (WB_HTTP_ERROR_SHUTDOWN). */
    uint64_t send_timeout_ns;
    /* How long the head of the final response may take once the request was written; 0: for ever.
     * Interim responses do not prolong it. */
    uint64_t head_timeout_ns;
    /* How long whoever reads the body may wait for a piece; 0: for ever, for there are contents
     * that rest for hours. */
    uint64_t body_timeout_ns;
    /* How long content is held back after a head with "Expect: 100-continue" (RFC 9110 section
     * 10.1.1); UINT64_MAX: for ever; 0: WB_H1_CLIENT_CONTINUE_TIMEOUT_NS, without a runtime not at
     * all. It ends with 100 or any 2xx. Then the content is sent; after another final response it
     * is not, but dropped (`left_out_content`), and the connection is closed behind the response.
     */
    uint64_t continue_timeout_ns;
    bool title_case;       /* "Content-Length" instead of "content-length", and so all names */
    bool allow_http_0_9;   /* bytes that do not begin like a response are the body of one; not after
                              an interim response */
    bool closes_after_one; /* every request says "Connection: close" */
};

/* The fields are private. */
struct wb_h1_sender {
    struct wb__h1_client *client; /* NULL: none */
};

/* Over when the connection has ended, with `error`: WB_OK when it was closed because nobody uses it
 * any more, the peer closed it while it was idle, it was not to be used again, or somebody else
 * took it over. May be moved until the first poll. Given up, what is under way fails with
 * WB_ERR_UNEXPECTED_EOF. Either way the stream is closed, in the order shutdown, close if it ends
 * in peace. */
struct wb_h1_connection {
    struct wb_future future;
    struct wb_http_error error;
    struct wb__h1_client *client; /* private */
};

/* Ownership: with WB_OK of the stream passes to the connection. Errors: WB_ERR_NO_MEMORY; the
 * stream is still the caller's. Nothing is sent. */
WB_API WB_MUST_USE enum wb_status wb_h1_handshake(const struct wb_sys *sys,
    const struct wb_http_io *io, const struct wb_h1_client_options *options,
    struct wb_h1_sender *out_sender, struct wb_h1_connection *out_connection);

/* ---- the sender ---- */

/* The connection ends when what is under way is over. Any number of times. */
WB_API void wb_h1_sender_drop(struct wb_h1_sender *sender);

/* Whether a request would be taken now. */
WB_API bool wb_h1_sender_is_ready(const struct wb_h1_sender *sender);
/* Whether none will be taken any more. */
WB_API bool wb_h1_sender_is_closed(const struct wb_h1_sender *sender);

/* Waits until a request would be taken. Status: WB_ERR_CLOSED. */
struct wb_h1_ready {
    struct wb_future future;
    struct wb__h1_client *client;
    struct wb__waiter waiter;
};

WB_API void wb_h1_ready_init(struct wb_h1_ready *ready, const struct wb_h1_sender *sender);

/* ---- requests ---- */

/* The head of an interim response (RFC 9110 section 15.2), borrowed during the call. */
struct wb_http_interim {
    uint16_t status;
    struct wb_bytes reason;
    struct wb_http_fields fields;
};

typedef void (*wb_http_interim_fn)(const struct wb_http_interim *interim, void *user_data);

/* Sends a request: over when the head of its response is there. Requests and response are borrowed
 * as they say. Status, and `error`: what is wrong with the request (WB_HTTP_ERROR_USER, nothing was
 * sent), with the response, or with the connection. `is_unsent`: not one byte was written and the
 * body was not asked for anything, so that it may be sent over another connection as it is; the
 * body is then still the caller's. Given up while it is under way the connection is closed. */
struct wb_h1_send {
    struct wb_future future;
    struct wb_http_error error;
    bool is_unsent;
    bool has_response_begun;      /* at least a byte of it had come when it failed */
    struct wb__h1_client *client; /* private, from here on */
    struct wb_http_client_request *request;
    struct wb_http_client_response *response;
    struct wb_bytes target;
    struct wb_bytes host;
    wb_http_interim_fn on_interim;
    void *user_data;
    struct wb__waiter waiter;
    uint8_t stage;
    bool waits;
};

/* Waits until the sender is ready: further requests queue. The target goes out as it stands in the
 * request: absolute ones as to a proxy. The request's fields name the host. */
WB_API void wb_h1_send_init(struct wb_h1_send *send, const struct wb_h1_sender *sender,
    struct wb_http_client_request *request, struct wb_http_client_response *response);

/* The same, but where the sender is not ready at the first poll it is over with WB_ERR_FULL,
 * unsent.
 */
WB_API void wb_h1_try_send_init(struct wb_h1_send *send, const struct wb_h1_sender *sender,
    struct wb_http_client_request *request, struct wb_http_client_response *response);

/* Both until the first poll. What goes out instead of the request's target, and its Host field,
 * instead of all of the application's; borrowed; an empty one: as above. */
WB_API void wb_h1_send_set_target(
    struct wb_h1_send *send, struct wb_bytes target, struct wb_bytes host);
/* Interim responses are shown, in polls of the future, one in each: who polls no more for a while
 * gets no more. */
WB_API void wb_h1_send_on_interim(
    struct wb_h1_send *send, wb_http_interim_fn on_interim, void *user_data);

/* ---- what is behind ---- */

/* The stream of a connection that is no longer one of HTTP; reading begins with what the connection
 * had read ahead. Not moved once it was polled. */
struct wb_h1_raw {
    struct wb_async_read read;
    struct wb_async_write write;
    struct wb__h1_client *client; /* private */
};

/* After a response with status 101, or 2xx to CONNECT: nothing else is sent over the connection,
 * whose future ends. What came behind the head is read first. None of the times above counts any
 * more: how long a tunnel may be silent is for whoever reads from it to say, by
 * wb_with_timeout_init(). WB_ERR_INVALID: it was another response, or somebody took the stream. If
 * nobody takes it before the body is dropped it is closed. Ownership: end it with
 * wb_h1_raw_close() or wb_h1_raw_reset(). */
WB_API WB_MUST_USE enum wb_status wb_http_client_response_take_raw(
    struct wb_http_client_response *response, struct wb_h1_raw *out_raw);

/* Ends a connection, polled or not, without shutting the stream down: what was under way fails as
 * if it had been dropped. For one that is not a task. The future is given up. WB_ERR_CLOSED: the
 * stream is closed already, or taken. */
WB_API WB_MUST_USE enum wb_status wb_h1_connection_into_raw(
    struct wb_h1_connection *connection, struct wb_h1_raw *out_raw);

/* Until the first poll: when the connection ends in peace its stream is neither shut down nor
 * closed: wb_h1_connection_into_raw() then gives it. It is closed when everything is dropped. */
WB_API void wb_h1_connection_keep_stream(struct wb_h1_connection *connection);

/* For whoever has an into_raw to do after the end, and nobody else: gives the connection up. It may
 * have been over before. Any number of times. */
WB_API void wb_h1_connection_drop(struct wb_h1_connection *connection);

static inline struct wb_async_stream wb_h1_raw_stream(struct wb_h1_raw *raw) {
    struct wb_async_stream stream = {&raw->read, &raw->write};
    return stream;
}

/* What was read ahead and is still to be read. */
WB_API struct wb_bytes wb_h1_raw_ahead(const struct wb_h1_raw *raw);
/* Any number of times; also of one of zero bytes. */
WB_API void wb_h1_raw_close(struct wb_h1_raw *raw);
/* The same, but the other end learns that this was no proper end (see wb/http_io.h). */
WB_API void wb_h1_raw_reset(struct wb_h1_raw *raw);

#ifdef __cplusplus
}
#endif

#endif
