/* A client of HTTP: requests to any server, over connections that it makes and keeps.
 *
 *     wb_http_tcp_connector_init(&connector, sys, NULL);
 *     wb_http_client_new(sys, &connector.connector, NULL, &client);
 *     wb_http_client_request_init(&self->request, sys);
 *     wb_http_client_request_get(&self->request, "http://example.org/");
 *     wb_http_client_response_init(&self->response, sys);
 *     wb_http_fetch_init(&self->fetch, &client, &self->request, &self->response);
 *     WB_TRY_AWAIT(&self->fetch.future);
 *     ... wb_http_body_poll_frame(self->response.body, ...) until WB_EOF ...
 *
 * A connection is one server's: scheme, host and port together. One that is idle is used again, the
 * last used first; where there is none, one is made, unless another becomes idle first. Connections
 * are driven in the background by an executor.
 *
 * A request that finds the connection it was given dead, before any byte was sent or its body was
 * asked for anything, is sent once more over a new one; so is one without a body and with a method
 * that may be repeated (RFC 9110 section 9.2.2) when a connection that had been used before ends
 * without a byte of the response. Redirects are not followed.
 *
 * Thread: any; a request by one at a time. Allocates: for each connection; for each request nothing
 * but what its response takes, as long as connections are used again.
 * Spec: RFC 9110 sections 7.2, 9.2.2, 9.3.6; RFC 9112 sections 3.2 and 9. */
#ifndef WB_HTTP_CLIENT_H
#define WB_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/h1_client.h"
#include "wb/http_client_message.h"
#include "wb/http_connector.h"
#include "wb/http_error.h"
#include "wb/http_executor.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/task_waker.h"
#include "wb/uri.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WB_HTTP_CLIENT_IDLE_TIMEOUT_NS UINT64_C(90000000000)

enum {
    WB_HTTP_CLIENT_IDLE_MAX = 256, /* connections, of all servers together */
    WB_HTTP_CLIENT_IDLE_PER_HOST_MAX = 32,
    WB_HTTP_HOST_LEN_MAX = 255,
    WB_HTTP_SCHEME_LEN_MAX = 15,
};

/* All zero means the defaults. */
struct wb_http_client_options {
    struct wb_http_executor *executor; /* NULL: the runtime that polls the request. Borrowed until
                                          the last connection has ended */
    uint64_t idle_timeout_ns;          /* how long an idle connection is kept; 0:
                                          WB_HTTP_CLIENT_IDLE_TIMEOUT_NS. Kept to the moment if a runtime
                                          drives the connection, else noticed when it would be used */
    uint32_t idle_max; /* beyond it the one idle longest goes; 0: WB_HTTP_CLIENT_IDLE_MAX */
    uint32_t idle_per_host_max; /* 0: WB_HTTP_CLIENT_IDLE_PER_HOST_MAX */
    bool keeps_none;            /* no idle connection is kept */
    bool never_retries;
    bool keeps_host; /* the Host field is the application's, of which there must be one; else it is
                        that of the URI, without userinfo and the port of the scheme, and replaces
                        the application's */
    struct wb_h1_client_options h1;
};

struct wb__http_pool;

struct wb_http_client {
    struct wb__http_pool *pool; /* NULL: none */
};

/* The connector is borrowed until the last request is over. Errors: WB_ERR_NO_MEMORY. Connects
 * nowhere. Allocates: once. */
WB_API WB_MUST_USE enum wb_status wb_http_client_new(const struct wb_sys *sys,
    struct wb_http_connector *connector, const struct wb_http_client_options *options,
    struct wb_http_client *out_client);

/* The same client for somebody else. */
WB_API struct wb_http_client wb_http_client_acquire(const struct wb_http_client *client);
/* The last one closes what is idle; what is under way goes on, and its connections are closed
 * afterwards. Any number of times. */
WB_API void wb_http_client_release(struct wb_http_client *client);

/* How many connections are idle now. */
WB_API size_t wb_http_client_idle(const struct wb_http_client *client);

/* ---- requests ---- */

/* A server, as connections are told apart. In lower case. */
struct wb__http_origin {
    uint16_t port;
    uint16_t host_len;
    uint8_t scheme_len;
    char scheme[WB_HTTP_SCHEME_LEN_MAX];
    char host[WB_HTTP_HOST_LEN_MAX];
};

struct wb__http_waiter {
    struct wb__wait_link link;
    const struct wb__http_origin *origin;
    struct wb_task_waker waker;
    struct wb__h1_client *given; /* a connection that became idle; with a reference */
};

/* Sends a request: over when the head of its response is there. Requests and response are borrowed
 * as they say. The target is an absolute URI; of CONNECT "host:port" will do, and OPTIONS of one
 * without path and query asks about the server ("*"). Nothing happens before the first poll.
 * Status, and `error`: as struct wb_h1_send; WB_HTTP_ERROR_USER with WB_ERR_INVALID for a target
 * that is not absolute, WB_ERR_NOT_SUPPORTED for another version than HTTP/1; WB_HTTP_ERROR_CONNECT
 * and what the connector says; WB_ERR_NO_RUNTIME if there is no executor; WB_ERR_NO_MEMORY. Given
 * up, the connection is closed. About 2 KiB large. */
struct wb_http_fetch {
    struct wb_future future;
    struct wb_http_error error; /* its `detail` may lie in here */
    bool is_reused;             /* the connection had been used before */
    bool is_unsent;             /* as in struct wb_h1_send */
    struct wb__http_pool *pool; /* private, from here on */
    struct wb_http_client_request *request;
    struct wb_http_client_response *response;
    wb_http_interim_fn on_interim;
    void *user_data;
    struct wb_uri uri;
    struct wb__http_origin origin;
    struct wb__http_waiter waiter;
    struct wb_http_connected connected;
    void *memory;
    struct wb_future *connecting;
    struct wb_h1_send send;
    struct wb_bytes_mut text;
    char host[WB_HTTP_HOST_LEN_MAX + 7];
    uint16_t host_len;
    uint8_t stage;
    bool has_retried;
};

WB_API void wb_http_fetch_init(struct wb_http_fetch *fetch, const struct wb_http_client *client,
    struct wb_http_client_request *request, struct wb_http_client_response *response);

/* Until the first poll. Interim responses are shown, in polls of the future, one in each. */
WB_API void wb_http_fetch_on_interim(
    struct wb_http_fetch *fetch, wb_http_interim_fn on_interim, void *user_data);

#ifdef __cplusplus
}
#endif

#endif
