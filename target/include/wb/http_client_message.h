/* Requests and responses of clients: owned by whoever sends and receives, in their own memory.
 *
 * Thread: one at a time; while a request is under way its connection uses it, too. Allocates: text
 * and fields of a request grow as they are set; the head of a response takes one piece of memory,
 * and trailers another. Both keep what they have for the next message, so that whoever uses them
 * again allocates nothing in the long run. Spec: RFC 9110 sections 7, 8 and 9. */
#ifndef WB_HTTP_CLIENT_MESSAGE_H
#define WB_HTTP_CLIENT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/http.h"
#include "wb/http_body.h"
#include "wb/http_error.h"
#include "wb/http_fields.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb__h1_client;

/* ---- requests ---- */

/* What is asked for. A connection of HTTP/1 sends HTTP/1.1 where HTTP/2 was asked for; the client
 * with a pool refuses that. Nobody sends HTTP/0.9. */
enum wb_http_wanted {
    WB_HTTP_WANTED_1_1,
    WB_HTTP_WANTED_1_0,
    WB_HTTP_WANTED_0_9,
    WB_HTTP_WANTED_2,
};

/* Begins as GET of nothing, without fields and content. While it is under way (from the first poll
 * of the future that sends it until that is over, and with a body until that was dropped) it is
 * neither changed nor moved. */
struct wb_http_client_request {
    enum wb_http_wanted version;
    struct wb_http_field_list fields;
    /* NULL: none. From the moment the request is under way it is the connection's, polled by the
     * connection's task, which drops it when all of it was sent or the server wants no more, or the
     * request was given up; at the latest wb_http_client_request_clean_up() or _clear() has it
     * dropped. Its memory stays until then; to send the request once more before that fails with
     * WB_ERR_INVALID. It may not give up, in a poll, the request that it belongs to. */
    struct wb_http_body *body;
    struct wb_http_full_body full; /* room for wb_http_client_request_set_bytes() */
    struct wb_bytes_mut text;      /* private: the method, then the target */
    size_t method_len;             /* private */
    struct wb__h1_client *client;  /* private: the connection that has, or had, the body */
};

/* Allocates nothing. */
WB_API void wb_http_client_request_init(
    struct wb_http_client_request *request, const struct wb_sys *sys);
/* A body that is being sent is taken back and dropped, and its connection closed. NULL is allowed.
 */
WB_API void wb_http_client_request_clean_up(struct wb_http_client_request *request);
/* The same, but it is as good as new, and keeps its memory. */
WB_API void wb_http_client_request_clear(struct wb_http_client_request *request);

/* Copies both. The target is an absolute URI, or what a request line has: "/path?query",
 * "host:port" of CONNECT, "*". A fragment is left out. What may not stand there is found when the
 * request is sent. Errors: WB_ERR_INVALID if the method is no token, WB_ERR_LIMIT for more than
 * WB_URI_LEN_MAX bytes, WB_ERR_NO_MEMORY; unchanged. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_http_client_request_set(
    struct wb_http_client_request *request, struct wb_bytes method, struct wb_bytes target);
/* The same with GET and a literal. */
WB_API WB_MUST_USE enum wb_status wb_http_client_request_get(
    struct wb_http_client_request *request, const char *target);

/* A field of it; names and values as literals. Errors: those of wb_http_field_list_add(). */
WB_API WB_MUST_USE enum wb_status wb_http_client_request_add(
    struct wb_http_client_request *request, const char *name, const char *value);

/* Waits until no connection has the body any more: all of it was sent, or it was given up. A server
 * may answer before, and go on reading: who uses the request again then ends that. */
WB_API WB_MUST_USE enum wb_progress wb_http_client_request_poll_sent(
    struct wb_http_client_request *request, struct wb_context *context);

/* Content that is there, borrowed until the request was sent. */
static inline void wb_http_client_request_set_bytes(
    struct wb_http_client_request *request, struct wb_bytes bytes) {
    wb_http_full_body_init(&request->full, bytes);
    request->body = &request->full.body;
}

/* Valid until it is set anew. "GET" of one that was not set. */
WB_API struct wb_bytes wb_http_client_request_method(const struct wb_http_client_request *request);
WB_API struct wb_bytes wb_http_client_request_target(const struct wb_http_client_request *request);

/* ---- responses ---- */

struct wb__response_memory {
    void *bytes;
    size_t len;
};

struct wb__h1c_incoming {
    struct wb_http_body body;
    struct wb__h1_client *client; /* NULL: nothing more comes from there */
};

/* Filled in by the future that sends the request; nothing in it is there before that is over with
 * WB_OK. Head and body are apart: the head stays until the response is cleaned up or used again;
 * what the body shows is the connection's. It is not moved from the first poll of that future on.
 */
struct wb_http_client_response {
    uint16_t status;
    enum wb_http_version version;
    bool is_http_0_9; /* there was no head: status and version are made up */
    /* The request had content that was not sent: of unknown length, to a method that expects none,
     * without a field that says how it is framed; or the server has answered without wanting it,
     * which it had been asked for (Expect). */
    bool left_out_content;
    struct wb_bytes reason; /* as it came, perhaps empty */
    struct wb_http_fields fields;
    /* Never NULL. Until it is at its end or dropped nothing else is sent over its connection.
     * Dropped before, the connection is closed, unless the rest is there already and little (see
     * wb_h1_client_options). Status of a failure: WB_ERR_UNEXPECTED_EOF, the connection ended in
     * its midst; WB_ERR_PARSE, WB_ERR_TIMED_OUT, those of the stream; `error` says more. */
    struct wb_http_body *body;
    struct wb_http_error error; /* why the body failed */
    const void *extras;         /* of the connector that made the connection, borrowed; else NULL */
    const struct wb_sys *sys;   /* private, from here on */
    struct wb__response_memory head;
    struct wb__response_memory trailers;
    struct wb__h1c_incoming incoming;
};

/* Allocates nothing. */
WB_API void wb_http_client_response_init(
    struct wb_http_client_response *response, const struct wb_sys *sys);
/* Drops the body, too. NULL is allowed. */
WB_API void wb_http_client_response_clean_up(struct wb_http_client_response *response);

#ifdef __cplusplus
}
#endif

#endif
