/* The server's side of a connection of HTTP/1, over any stream: reads requests, has a service
 * answer them, writes the responses, one after the other in the order of the requests. A future;
 * where connections come from is wb/http_server.h's business.
 *
 * Memory is bounded by the options, whatever the client sends: what was not read stays in the
 * stream, and nothing is read that nobody asked for but heads of requests.
 *
 * What was decided where the specifications leave it open stands in target/http/h1/README.md and
 * target/http/server/README.md.
 *
 * Thread: as any future. Spec: RFC 9112; RFC 9110 sections 7.8, 9.3.6, 10.1.1 and 15. */
#ifndef WB_H1_SERVER_H
#define WB_H1_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/async_io.h"
#include "wb/bytes.h"
#include "wb/future.h"
#include "wb/h1_head.h"
#include "wb/http_error.h"
#include "wb/http_service.h"
#include "wb/status.h"
#include "wb/time.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WB_H1_SERVER_BUF_LEN_MIN 8192u
#define WB_H1_SERVER_HEAD_TIMEOUT_NS UINT64_C(30000000000)
#define WB_H1_SERVER_BODY_TIMEOUT_NS UINT64_C(60000000000)
#define WB_H1_SERVER_WRITE_TIMEOUT_NS UINT64_C(60000000000)
#define WB_H1_TIMEOUT_NEVER UINT64_MAX

/* All zero means the defaults. Durations in nanoseconds, WB_H1_TIMEOUT_NEVER: for ever. */
struct wb_h1_server_options {
    struct wb_h1_head_options head; /* limits and leniencies of heads. head_len_max is also what a
                                       connection reads ahead, so never below
                                       WB_H1_SERVER_BUF_LEN_MIN: less is WB_ERR_INVALID */
    uint32_t fields_max;            /* of a head, and of trailers; 0: 100 */
    uint64_t head_timeout_ns;  /* for a whole head, from the end of the last request on, so that
                                  it is also how long an idle connection is kept; 0:
                                  WB_H1_SERVER_HEAD_TIMEOUT_NS. In a head: 408; between: closed */
    uint64_t body_timeout_ns;  /* how long a client may send nothing of a body that is waited
                                  for; 0: WB_H1_SERVER_BODY_TIMEOUT_NS */
    uint64_t write_timeout_ns; /* how long a client may take nothing; 0:
                                  WB_H1_SERVER_WRITE_TIMEOUT_NS */
    uint64_t drain_len_max;    /* of a body that the service did not read, to keep the
                                  connection; 0: 65536. More: it is closed */
    uint64_t body_len_max;     /* of any body, else 413; 0: no limit. Of one of unknown length
                                  the body fails with WB_ERR_LIMIT */
    bool half_close;           /* a client that has finished sending still gets what it asked for;
                                  otherwise that ends the connection, and the call is given up */
    bool no_keep_alive;        /* one request a connection */
    bool pipeline_flush;    /* while more requests are there, responses are kept back to be written
                               together (up to some size) */
    bool title_case_fields; /* names of fields go out as Content-Length */
    bool no_date;           /* no Date of our own */
    bool no_writev;         /* one buffer a write, for streams that copy anyway */
};

/* How a connection came to its end, when its future is over. */
enum wb_h1_server_end {
    WB_H1_SERVER_END_CLOSED,   /* all that was to be said was said, and our direction shut down */
    WB_H1_SERVER_END_UPGRADED, /* by a future that had taken it over */
    WB_H1_SERVER_END_PARTED,   /* wb_h1_server_conn_part(): the stream was left open */
    WB_H1_SERVER_END_BROKEN, /* in the midst of a response, or the stream failed: it is to be reset
                                rather than closed, so that nobody takes the half for whole */
};

/* A connection. In its owner's memory, and stays there while it is used; all of it is private but
 * `future`, `error`, `end` and `requests`.
 *
 * Status: WB_OK when it came to a proper end; otherwise `error` tells more: WB_ERR_PARSE for what
 * is no HTTP/1 (the client has been told), WB_ERR_TIMED_OUT (also of a client that never asked for
 * anything; one that is idle between requests is closed with WB_OK), WB_ERR_UNEXPECTED_EOF for a
 * connection that ended in the midst of a request, what the service failed with, failures of the
 * stream. Given up while pending it drops what it has begun; the stream is then to be reset rather
 * than closed. */
struct wb__h1_server;

struct wb_h1_server_conn {
    struct wb_future future;
    struct wb_http_error error;
    enum wb_h1_server_end end;
    uint64_t requests; /* so far: whose heads were complete and right */
    struct wb__h1_server *impl;
};

/* `io` and `service` are borrowed, `options` (NULL: the defaults) and `connection` (NULL: nothing
 * is known) copied. Errors: WB_ERR_INVALID for options that cannot be; WB_ERR_NO_MEMORY. Allocates:
 * once here; for buffers when bytes come; in the steady state nothing. */
WB_API WB_MUST_USE enum wb_status wb_h1_server_conn_init(struct wb_h1_server_conn *conn,
    struct wb_runtime *runtime, struct wb_async_stream io, struct wb_http_service *service,
    const struct wb_http_connection *connection, const struct wb_h1_server_options *options);

/* No further request is taken: a connection between requests ends at once, also before the first;
 * one that has read the first byte of a head ends after its response, which says "Connection:
 * close". After an upgrade: nothing. Any number of times. Thread: whoever polls; wakes nobody: poll
 * after it. */
WB_API void wb_h1_server_conn_shutdown(struct wb_h1_server_conn *conn);

/* The same, but the stream is left open, and what had been read ahead of it can be had with
 * wb_h1_server_conn_leftover() when the future is over; valid until wb_h1_server_conn_clean_up().
 */
WB_API void wb_h1_server_conn_part(struct wb_h1_server_conn *conn);
WB_API struct wb_bytes wb_h1_server_conn_leftover(const struct wb_h1_server_conn *conn);

/* Frees. The future is over or was dropped; NULL and all zero are allowed. */
WB_API void wb_h1_server_conn_clean_up(struct wb_h1_server_conn *conn);

#ifdef __cplusplus
}
#endif

#endif
