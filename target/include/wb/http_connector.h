/* Connectors: who makes streams to the servers that URIs name. A client asks one for each
 * connection that it needs; what stands between, a proxy or encryption, is the connector's own.
 *
 * Thread: a connector may be asked by several at a time, its futures are polled by one each. */
#ifndef WB_HTTP_CONNECTOR_H
#define WB_HTTP_CONNECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/future.h"
#include "wb/http_error.h"
#include "wb/http_io.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/uri.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a connector brings ---- */

enum { WB_HTTP_CONNECT_TEXT_MAX = 96 };

/* In memory of whoever asks; all zero at first. */
struct wb_http_connected {
    struct wb_http_io io;
    bool is_proxied;            /* to a proxy: requests have the absolute form */
    bool negotiated_h2;         /* the server wants HTTP/2 */
    const void *extras;         /* the connector's own, borrowed; shown with each response */
    struct wb_http_error error; /* after a failure: why */
    char text[WB_HTTP_CONNECT_TEXT_MAX]; /* room for its `detail`, where that is not static */
};

struct wb_http_connector;

struct wb_http_connector_ops {
    /* Optional. Whether another connection may be made now. WB_READY: WB_OK, or why not.
     * WB_PENDING: not now, and the task is woken. */
    enum wb_progress (*poll_ready)(
        struct wb_http_connector *self, struct wb_context *context, enum wb_status *out_status);
    /* REQUIRED. Begins: makes a future in `memory`, call_size bytes that are aligned for anything
     * and not initialised, and returns it. Called after WB_READY. `uri`, absolute, and the text it
     * points to are borrowed as long as the future. Over with WB_OK, *out_connected is filled, and
     * the stream its owner's; with a failure `error` is. Nothing happens before the first poll. */
    struct wb_future *(*call)(struct wb_http_connector *self, void *memory,
        const struct wb_uri *uri, struct wb_http_connected *out_connected);
};

/* Member of whatever is a connector. */
struct wb_http_connector {
    const struct wb_http_connector_ops *ops;
    size_t call_size; /* bytes that a future takes */
};

/* ---- plain TCP ---- */

/* All zero means the defaults. */
struct wb_http_tcp_options {
    bool allows_any_scheme; /* not only "http": for what stands on top of TCP */
    bool allows_delay;      /* small writes may be kept back (no TCP_NODELAY) */
    uint64_t timeout_ns;    /* for name and connection together; 0: the system's */
    /* Where connections come from; all zero: anywhere. Port 0 for any. Then only addresses of that
     * family are tried, one after the other. */
    struct wb_addr local;
};

/* Connects to the host of the URI, at its port or that of its scheme: to a name by
 * wb_connect_name(), so that of several addresses the first that answers is taken (RFC 8305); an
 * address, IPv6 in brackets, is not asked about. Errors, all of kind WB_HTTP_ERROR_CONNECT, told
 * apart by status: WB_ERR_NOT_SUPPORTED 'unsupported scheme: Some("ftp")', WB_ERR_INVALID 'cannot
 * parse host', WB_ERR_NO_ENTRY 'cannot resolve address', WB_ERR_TIMED_OUT, WB_ERR_CONN_REFUSED and
 * the others of connecting; WB_ERR_NO_RUNTIME if no runtime polls it; WB_ERR_NO_MEMORY.
 * Allocates: twice for each connection, and what a name takes. */
struct wb_http_tcp_connector {
    struct wb_http_connector connector;
    const struct wb_sys *sys;
    struct wb_http_tcp_options options;
};

/* `options` may be NULL. The connector must outlive its futures, not its connections. */
WB_API void wb_http_tcp_connector_init(struct wb_http_tcp_connector *connector,
    const struct wb_sys *sys, const struct wb_http_tcp_options *options);

#ifdef __cplusplus
}
#endif

#endif
