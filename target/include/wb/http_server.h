/* A server of HTTP: accepts connections and serves each in a task of its own, with a service that
 * is made for it. A future, which is over when the server has been shut down and the last of its
 * connections has ended.
 *
 *     wb_http_fn_service_init(&service, answer, NULL);
 *     wb_http_shared_service_init(&shared, &service.service);
 *     wb_listener_bind(&listener, runtime, &addr, 0);
 *     wb_http_server_init(&server, runtime, &listener, &shared.make, NULL);
 *     wb_runtime_block_on(runtime, &server.future);
 *     wb_http_server_clean_up(&server);
 *     wb_listener_close(&listener);
 *
 * On a multi-thread runtime the connections are spread over its workers.
 *
 * Thread: the future as any; wb_http_server_shutdown() and wb_http_server_figures() from anywhere,
 * between init and clean_up. */
#ifndef WB_HTTP_SERVER_H
#define WB_HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/h1_server.h"
#include "wb/http_error.h"
#include "wb/http_service.h"
#include "wb/net.h"
#include "wb/runtime.h"
#include "wb/status.h"
#include "wb/time.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WB_HTTP_SERVER_CONNECTIONS_MAX 1024u
#define WB_HTTP_SERVER_DRAIN_NS UINT64_C(10000000000)
#define WB_HTTP_SERVER_REST_NS UINT64_C(1000000000)

/* All zero means the defaults. */
struct wb_http_server_options {
    struct wb_h1_server_options h1;
    uint32_t connections_max; /* at a time; further ones wait in the listener's queue. 0:
                                 WB_HTTP_SERVER_CONNECTIONS_MAX */
    uint64_t drain_ns; /* how long a shutdown waits for what has begun; then it is given up, and the
                          connection reset. 0: WB_HTTP_SERVER_DRAIN_NS */
    uint64_t rest_ns;  /* until the next try when no connection could be accepted, unless one ends
                          before. 0: WB_HTTP_SERVER_REST_NS */
    bool delays; /* TCP may hold small writes back (Nagle's algorithm): the listener is left as
                    it is, else what it accepts does not */
    /* Optional. A connection did not come to a proper end, or could not be served at all. Thread:
     * any of the runtime's, several at a time. */
    void (*on_error)(const struct wb_http_connection *connection, const struct wb_http_error *error,
        void *user_data);
    void *user_data;
};

/* Counted since init, unless it says "now". Of connections that are being served a moment ago. */
struct wb_http_server_figures {
    uint64_t connections_now;
    uint64_t connections; /* that were accepted */
    uint64_t requests;    /* whose heads were complete and right */
    uint64_t errors;      /* connections for which on_error was, or would have been, called */
    uint64_t refusals;    /* times that none could be accepted though there was one */
};

struct wb__http_shared;

/* A server. In its owner's memory, and stays there while the future is used; all of it is private
 * but `future`. Status: WB_OK; WB_ERR_TIMED_OUT if connections had to be given up. */
struct wb_http_server {
    struct wb_future future;
    struct wb_listener *listener;
    struct wb_http_make_service *make;
    struct wb_http_server_options options;
    struct wb_accept accept;
    struct wb_sleep sleep;
    uint64_t ended; /* connections, when the last try to accept failed */
    struct wb_addr local;
    bool rests;
    bool stops;
    bool has_given_up;
    struct wb__http_shared *shared;
};

/* `listener` and `make` are borrowed; the listener is not closed. Errors: WB_ERR_INVALID for
 * options that cannot be; WB_ERR_NO_MEMORY. Allocates: once here, and for each connection. */
WB_API WB_MUST_USE enum wb_status wb_http_server_init(struct wb_http_server *server,
    struct wb_runtime *runtime, struct wb_listener *listener, struct wb_http_make_service *make,
    const struct wb_http_server_options *options);

/* No connection is accepted any more; those that are idle end at once, the others after what they
 * have begun. Any number of times. From the next poll of the future on the listener may be closed,
 * so that clients are refused instead of waiting in its queue. */
WB_API void wb_http_server_shutdown(struct wb_http_server *server);

WB_API void wb_http_server_figures(
    const struct wb_http_server *server, struct wb_http_server_figures *out_figures);

/* The future is over or was dropped; connections that are left go on without it, to their end or
 * the runtime's, and may still call on_error. NULL and all zero are allowed. */
WB_API void wb_http_server_clean_up(struct wb_http_server *server);

#ifdef __cplusplus
}
#endif

#endif
