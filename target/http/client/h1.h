/* What sender, connection, response and body of one HTTP/1 client share.
 *
 * The connection's task alone reads, writes and closes the stream. Everybody else changes the state
 * under the lock, and wakes it. Two things are touched without the lock: bytes are read into the
 * room behind `in_end`, and written from `out`; both belong to the connection's task while a
 * request is under way. What the user's body shows is sent under a lock of its own, so that it can
 * be taken back; nobody takes that one while holding the other. */
#ifndef HTTP_CLIENT_H1_H
#define HTTP_CLIENT_H1_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/lock.h"
#include "runtime/sync/wait_queue.h"
#include "wb/h1_body.h"
#include "wb/h1_client.h"
#include "wb/h1_encode.h"
#include "wb/h1_head.h"
#include "wb/time.h"

enum wb__h1c_life {
    WB__H1C_OPEN,
    WB__H1C_CLOSED,   /* nobody may use it; the task closes the stream */
    WB__H1C_SWITCHED, /* no longer HTTP: the task does not touch the stream any more */
    WB__H1C_TAKEN,    /* somebody has the stream */
};

/* Where the response is. */
enum wb__h1c_reading {
    WB__H1C_IDLE,       /* no request is under way */
    WB__H1C_HEAD,       /* the head is awaited */
    WB__H1C_HEAD_READY, /* it lies in the buffer, parsed, for the user to take */
    WB__H1C_BODY,       /* the user reads */
    WB__H1C_TRAILERS,   /* the user reads, and all data has come */
    WB__H1C_DONE,       /* complete; perhaps the request is not */
};

/* The request's content, on its way. */
struct wb__h1c_outgoing {
    struct wb__lock lock;
    struct wb_http_client_request *request; /* NULL: there is no content, or all of it was sent */
    struct wb_h1_body_writer writer;
    struct wb_bytes piece;        /* what is left of what the body shows */
    bool needs_suffix;            /* behind the piece */
    struct wb_task_waker waiting; /* for the request to be done with */
};

/* What may take only so long. */
enum wb__h1c_limit {
    WB__H1C_LIMIT_SEND,     /* the stream takes nothing */
    WB__H1C_LIMIT_CONTINUE, /* the server does not say whether it wants the content */
    WB__H1C_LIMIT_HEAD,     /* of the final response */
    WB__H1C_LIMIT_BODY,     /* whoever reads gets nothing */
    WB__H1C_LIMIT_COUNT,
};

struct wb__h1c_watch {
    bool runs;
    uint64_t mark; /* what it ran for */
    uint64_t deadline_ns;
};

struct wb__h1c_shared {
    struct wb_task_waker connection; /* the task that polls it */
    struct wb_task_waker user;       /* who waits for the head, or for data */
    struct wb__wait_queue readying;  /* who waits for their turn */
    enum wb__h1c_life life;
    enum wb__h1c_reading reading;
    bool has_sender;
    bool wants_interim;
    bool wants_data;    /* somebody waits for more of the body */
    bool drains;        /* nobody does, nor will: it is thrown away */
    bool was_asked;     /* for data, that body */
    bool has_looked;    /* reading found nothing since the request is there: it may be written */
    bool has_begun;     /* a byte of the request was written */
    bool is_sent;       /* all of it was, and flushed */
    bool is_unsent;     /* it can be sent elsewhere: see wb_h1_send */
    bool has_response;  /* a byte of the response has come */
    bool keep_alive;    /* both want to go on, so far */
    bool is_read_over;  /* the peer has ended */
    bool is_write_over; /* writing failed: a response may be there all the same */
    bool left_out_content;
    bool holds_content;   /* until the server says that it wants it, or for long enough */
    bool refuses_content; /* the server has answered, and wants no more of it */
    uint64_t request_count;
    enum wb_status write_status; /* why */
    uint32_t interim_count;
    uint32_t drained;
    struct wb_http_error error; /* why it closed */
    /* Bytes that were read and not used: in[in_at] up to in[in_end]. */
    uint8_t *in;
    size_t in_capacity;
    size_t in_at;
    size_t in_end;
    bool is_http_0_9;
    struct wb_h1_parser parser;
    struct wb_h1_asked asked;
    struct wb_h1_body_reader reader;
};

struct wb__h1_client {
    const struct wb_sys *sys;
    struct wb_h1_client_options options;
    atomic_uint references;
    struct wb__lock lock;
    struct wb__h1c_shared shared; /* under the lock */
    struct wb__h1c_outgoing outgoing;
    struct wb_bytes_mut out;      /* heads and what frames content; of the sender while idle */
    struct wb_http_field *fields; /* options.fields_max */

    /* Of the connection's task. */
    struct wb_http_io io;
    size_t out_at;
    bool is_content_over;
    bool needs_flush;
    bool is_kept;      /* the stream, at the end */
    bool is_stuck;     /* the stream takes nothing more */
    bool is_held_back; /* the content is */
    bool is_timing;
    uint64_t reads;
    uint64_t writes;
    struct wb__h1c_watch watches[WB__H1C_LIMIT_COUNT];
    struct wb_sleep patience;

    /* Called without a lock by whoever made it ready for another request; before anybody sends. */
    void (*on_ready)(void *user_data);
    void (*on_destroy)(void *user_data); /* the last that is heard of it */
    void *user_data;
};

struct wb__h1_client *wb__h1c_acquire(struct wb__h1_client *client);
void wb__h1c_release(struct wb__h1_client *client);

/* Nobody will send anything any more; as dropping the sender. */
void wb__h1c_retire(struct wb__h1_client *client);

/* Has the connection's task look again. */
void wb__h1c_stir(struct wb__h1_client *client);

/* What is to be done when the lock has been left. */
struct wb__h1c_after {
    struct wb__wakes wakes;
    struct wb_task_waker replaced;
    bool wakes_readying;
    bool is_ready;
};

/* Enters the lock. */
void wb__h1c_enter(struct wb__h1_client *client, struct wb__h1c_after *after);
/* Leaves the lock and does it. */
void wb__h1c_leave(struct wb__h1_client *client, struct wb__h1c_after *after);

/* ---- under the lock ---- */

void wb__h1c_wake_connection(struct wb__h1_client *client, struct wb__h1c_after *after);
void wb__h1c_wake_user(struct wb__h1_client *client, struct wb__h1c_after *after);
/* The slot is for that task from now on; one slot before the lock is left. */
void wb__h1c_listen(
    struct wb__h1c_after *after, struct wb_task_waker *slot, const struct wb_context *context);

/* Ends everything, unless it has ended. Whoever waits is told `kind` and `status`. */
void wb__h1c_close(struct wb__h1_client *client, struct wb__h1c_after *after,
    enum wb_http_error_kind kind, enum wb_status status, const char *detail, uint64_t at);
/* The peer, or we, did not go on to the end. */
void wb__h1c_close_incomplete(struct wb__h1_client *client, struct wb__h1c_after *after);

/* The response or the request has come to its end: perhaps the next may begin, or nothing will. */
void wb__h1c_settle(struct wb__h1_client *client, struct wb__h1c_after *after);

/* Looks at what was read of a head. */
void wb__h1c_parse_heads(struct wb__h1_client *client, struct wb__h1c_after *after);
void wb__h1c_expect_head(struct wb__h1_client *client);

/* An interim head lies there for the user to look at. */
static inline bool wb__h1c_has_interim(const struct wb__h1_client *client) {
    const struct wb_h1_head *head = &client->shared.parser.head;
    return client->shared.reading == WB__H1C_HEAD_READY && !client->shared.is_http_0_9
           && head->status / 100 == 1 && head->status != 101;
}

static inline struct wb_bytes wb__h1c_unused(const struct wb__h1_client *client) {
    const struct wb__h1c_shared *shared = &client->shared;
    return wb_bytes_from(shared->in + shared->in_at, shared->in_end - shared->in_at);
}

static inline void wb__h1c_use(struct wb__h1_client *client, size_t len) {
    client->shared.in_at += len;
}

/* The next piece of the content. WB_EOF: of a chunked one the trailers follow. WB_WOULD_BLOCK: more
 * must be read. A failure has closed the connection. */
WB_MUST_USE enum wb_status wb__h1c_next_data(
    struct wb__h1_client *client, struct wb__h1c_after *after, struct wb_bytes *out_data);
/* The same of trailers, which are parsed; WB_OK: they are there. */
WB_MUST_USE enum wb_status wb__h1c_next_trailers(
    struct wb__h1_client *client, struct wb__h1c_after *after);
/* Throws away what has come of the response, and what will come, unless that is not worthwhile. */
void wb__h1c_drain(struct wb__h1_client *client, struct wb__h1c_after *after);

/* ---- the connection's task ---- */

enum wb__h1c_step {
    WB__H1C_WAITS, /* for others, or for the stream, which will wake it */
    WB__H1C_MOVED,
};

enum wb__h1c_step wb__h1c_read_step(struct wb__h1_client *client, struct wb_context *context);
enum wb__h1c_step wb__h1c_write_step(struct wb__h1_client *client, struct wb_context *context);

/* Where both wait: WB__H1C_MOVED: the time for something is over, and what follows was done. */
enum wb__h1c_step wb__h1c_keep_time(struct wb__h1_client *client, struct wb_context *context);
void wb__h1c_stop_time(struct wb__h1_client *client);

/* Gives the request's body up, after the connection was closed or all that is wanted was sent; one
 * that nobody has asked for anything is still the caller's. Any number of times; any thread,
 * without the lock. */
void wb__h1c_drop_content(struct wb__h1_client *client);

/* Whether it does not have the body of this request; else the task is woken when that is so. */
bool wb__h1c_is_done_with(struct wb__h1_client *client,
    const struct wb_http_client_request *request, const struct wb_context *context);

/* Closes the connection if it still has the body of this request, which is then the caller's. */
void wb__h1c_take_content_back(
    struct wb__h1_client *client, const struct wb_http_client_request *request);

void wb__h1c_connection_init(struct wb_h1_connection *connection, struct wb__h1_client *client);

/* With a reference of its own. */
void wb__h1c_raw_init(struct wb_h1_raw *raw, struct wb__h1_client *client);

/* ---- the response ---- */

/* Makes it that of the head that was parsed. Errors: WB_ERR_NO_MEMORY. */
WB_MUST_USE enum wb_status wb__response_take_head(struct wb_http_client_response *response,
    const struct wb_h1_parser *parser, struct wb_bytes head);
WB_MUST_USE enum wb_status wb__response_take_trailers(struct wb_http_client_response *response,
    const struct wb_h1_parser *parser, struct wb_bytes head, struct wb_http_fields *out_trailers);
void wb__response_make_up(struct wb_http_client_response *response); /* of HTTP/0.9 */
void wb__response_begin(struct wb_http_client_response *response);
/* With the client's reference, or NULL for no body. */
void wb__response_set_incoming(
    struct wb_http_client_response *response, struct wb__h1_client *client);

#endif
