/* Contents of messages as streams: pieces of data, and trailers at the end. One interface for what
 * comes in and for what goes out, whatever the version of HTTP.
 *
 * Thread: a body is used by one task at a time. Allocates: nothing, but for channels.
 * Spec: RFC 9110 sections 6.4 and 6.5. */
#ifndef WB_HTTP_BODY_H
#define WB_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/async_io.h"
#include "wb/bytes.h"
#include "wb/future.h"
#include "wb/http_fields.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a body offers ---- */

/* A piece of a body. What it shows is borrowed from the body, until that is used again or dropped:
 * whoever asks for the next piece is done with this one. */
struct wb_http_frame {
    struct wb_bytes data; /* never empty, but for trailers */
    bool is_trailers;     /* then nothing follows */
    struct wb_http_fields trailers;
};

/* How many bytes of data are still to come. All zero but `has_upper`: none. */
struct wb_http_size_hint {
    uint64_t lower;
    uint64_t upper; /* with has_upper; equal to lower if the length is known */
    bool has_upper;
};

struct wb_http_body;

struct wb_http_body_ops {
    /* REQUIRED. WB_READY: WB_OK with *out_frame, data first, then trailers, if any; WB_EOF, the
     * body is complete; or a failure, after which nothing more comes and what came is not the
     * whole. WB_PENDING: the task is woken when it is worth another poll. */
    enum wb_progress (*poll_frame)(struct wb_http_body *self, struct wb_context *context,
        enum wb_status *out_status, struct wb_http_frame *out_frame);
    /* Optional. True: nothing more will come, neither data nor trailers, and nobody needs to poll
     * to know. Without it: false. */
    bool (*is_end)(const struct wb_http_body *self);
    /* Optional. Without it: nothing is known. */
    struct wb_http_size_hint (*size_hint)(const struct wb_http_body *self);
    /* Optional. Releases what the body holds. Called exactly once by whoever owns it, at any time
     * but in a poll; the memory of the object itself is somebody else's. */
    void (*drop)(struct wb_http_body *self);
};

/* Member of whatever is a body. `stage` is the library's own. */
struct wb_http_body {
    const struct wb_http_body_ops *ops;
    uint8_t stage;
};

/* For those who make one. */
static inline void wb_http_body_init(
    struct wb_http_body *body, const struct wb_http_body_ops *ops) {
    body->ops = ops;
    body->stage = 0;
}

/* ---- polling ---- */

/* As the operation. A body that shows an empty piece, or data and trailers in one, aborts. Nothing
 * is asked behind trailers, the end or a failure: polling again says WB_EOF, or WB_ERR_CLOSED,
 * since the failure was told. Polling one that was dropped aborts. */
WB_API WB_MUST_USE enum wb_progress wb_http_body_poll_frame(struct wb_http_body *body,
    struct wb_context *context, enum wb_status *out_status, struct wb_http_frame *out_frame);
/* NULL is a body without anything, for these three. */
WB_API bool wb_http_body_is_end(const struct wb_http_body *body);
WB_API struct wb_http_size_hint wb_http_body_size_hint(const struct wb_http_body *body);
/* Any number of times; only the first one counts. */
WB_API void wb_http_body_drop(struct wb_http_body *body);

/* ---- bodies ---- */

/* All in one piece, borrowed. Without any it is at its end from the start. */
struct wb_http_full_body {
    struct wb_http_body body;
    struct wb_bytes bytes;
};

WB_API void wb_http_full_body_init(struct wb_http_full_body *full, struct wb_bytes bytes);

/* What is read from a stream until that ends, or until so many bytes, in pieces of what is there.
 * A stream that ends before has the body fail with WB_ERR_UNEXPECTED_EOF. The stream and the
 * `capacity` bytes at `buf`, at least 1, are borrowed. */
struct wb_http_reader_body {
    struct wb_http_body body;
    struct wb_async_read *stream;
    void *buf;
    size_t capacity;
    uint64_t left;
    bool is_len_known;
};

#define WB_HTTP_BODY_LEN_UNKNOWN UINT64_MAX

WB_API void wb_http_reader_body_init(struct wb_http_reader_body *reader,
    struct wb_async_read *stream, uint64_t len, void *buf, size_t capacity);

/* ---- a channel ---- */

/* A body that another task fills: what is sent here comes out of `body`. */
struct wb_http_channel;

/* The filling end. May be moved while no future of it is pending. */
struct wb_http_sender {
    struct wb_http_channel *channel; /* NULL once given up */
};

/* The other end. Stays where it is once it was polled. What a piece shows is room that the sender
 * does not have yet. Neither end nor size is known ahead, so that it does not depend on who is
 * faster how a message is framed. */
struct wb_http_channel_body {
    struct wb_http_body body;
    struct wb_http_channel *channel;
};

/* Holds up to `capacity` bytes, at least 1; who sends more waits until the body is read: nothing is
 * kept without bound. Errors: WB_ERR_NO_MEMORY. Thread: the ends may belong
 * to different ones. Allocates: once. */
WB_API WB_MUST_USE enum wb_status wb_http_channel_new(const struct wb_sys *sys, size_t capacity,
    struct wb_http_sender *out_sender, struct wb_http_channel_body *out_body);

/* Sends all of `bytes`, borrowed; none is over at once. `done` tells how many were taken, also if
 * it is given up. Status: WB_ERR_CLOSED if the body was dropped. By a sender that was given up:
 * aborts. */
struct wb_http_send {
    struct wb_future future;
    struct wb_http_sender *sender;
    struct wb_bytes bytes;
    size_t done;
};

WB_API void wb_http_send_init(
    struct wb_http_send *send, struct wb_http_sender *sender, struct wb_bytes bytes);

/* Waits until somebody asks for data and there is none, so that nothing is made that nobody wants;
 * what is sent answers the question. Status: WB_ERR_CLOSED if the body was dropped. By a sender
 * that was given up: aborts. */
WB_API WB_MUST_USE enum wb_progress wb_http_sender_poll_wanted(
    struct wb_http_sender *sender, struct wb_context *context, enum wb_status *out_status);

/* The end of the body: complete; complete, with trailers (`trailers` is emptied: they pass to the
 * body); or not, so that whoever reads it is told WB_ERR_CANCELLED after what was sent. A sender
 * that is forgotten has its body wait for ever. Each on a sender that was given up: no effect. */
WB_API void wb_http_sender_end(struct wb_http_sender *sender);
WB_API void wb_http_sender_end_with(
    struct wb_http_sender *sender, struct wb_http_field_list *trailers);
WB_API void wb_http_sender_abort(struct wb_http_sender *sender);

/* ---- everything ---- */

/* Reads a whole body, borrowed, into memory; NULL is one without anything. `bytes` holds the data;
 * `trailers`, if there were any, are copied. Status: WB_ERR_LIMIT for one longer than `len_max`, of
 * which `bytes` holds no more than that, and nothing if its size was known: nobody can have memory
 * grow beyond it; the body's failures; those of wb_http_field_list_add(). Allocates: as data comes,
 * never because of a size that was only promised. */
struct wb_http_collect {
    struct wb_future future;
    struct wb_http_body *from;
    uint64_t len_max;
    struct wb_bytes_mut bytes;          /* the caller's once it is over */
    struct wb_http_field_list trailers; /* the same */
};

WB_API void wb_http_collect_init(struct wb_http_collect *collect, const struct wb_sys *sys,
    struct wb_http_body *from, uint64_t len_max);

#ifdef __cplusplus
}
#endif

#endif
