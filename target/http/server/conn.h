/* What a connection of a server is made of. Each state has a function of its own (struct
 * wb__h1_server.state names it), and each part a file: `input` reads, `output` writes, `deadlines`
 * knows how long, `heads`, `calls`, `responses`,
 * `contents`, `endings` and `tunnel` have the states. */
#ifndef HTTP_SERVER_CONN_H
#define HTTP_SERVER_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/server/date.h"
#include "wb/bytes.h"
#include "wb/h1_body.h"
#include "wb/h1_encode.h"
#include "wb/h1_head.h"
#include "wb/h1_server.h"
#include "wb/time.h"

enum {
    WB__H1_PIECE_COPIED_MAX = 2048,  /* longer ones are written from where they lie */
    WB__H1_OUT_LEN_MAX = 16384,      /* bytes that are kept back to be written together */
    WB__H1_BODY_BUF_LEN_MAX = 65536, /* of the buffer, for contents that come fast */
    WB__H1_LINGER_LEN_MAX = 1 << 18, /* bytes that are read and thrown away before closing */
};

#define WB__H1_LINGER_NS UINT64_C(2000000000)

/* How long buffers are kept that nobody uses. */
#define WB__H1_SPARE_NS UINT64_C(5000000000)

/* What a state comes to. */
enum wb__h1_step {
    WB__H1_GO_ON, /* the state, perhaps another one, is to be asked again */
    WB__H1_WAIT,  /* for whatever has the task's waker now */
    WB__H1_OVER,
};

struct wb__h1_server;

typedef enum wb__h1_step (*wb__h1_state_fn)(struct wb__h1_server *self, struct wb_context *context);

/* Bytes that came. `begin` up to `end` were not used yet; what lies below `floor` belongs to the
 * request that is being answered and stays where it is. */
struct wb__h1_in {
    uint8_t *ptr;    /* NULL: no buffer */
    uint8_t *pinned; /* the buffer that the request lies in, if that is not this one */
    uint32_t capacity;
    uint32_t pinned_capacity;
    uint32_t floor;
    uint32_t begin;
    uint32_t end;
    bool is_eof;
    bool was_filled;    /* the last read left no room */
    bool was_full_read; /* it took as much as it was given room for: there may be more */
};

/* What bytes are wanted for. */
struct wb__h1_reading {
    uint32_t capacity_max; /* of the buffer */
    bool grows;            /* it may become larger just because reads fill it */
};

/* Bytes that are to go: the first `split` of the copied ones, the piece, the rest of the copied
 * ones. Without a piece `split` means nothing. */
struct wb__h1_out {
    struct wb_bytes_mut bytes;
    size_t done; /* of `bytes`: gone */
    size_t split;
    struct wb_bytes piece; /* borrowed from the body of the response */
    bool needs_flush;
    bool is_pending; /* in this poll: the stream has the waker */
};

/* The content of the request. */
struct wb__h1_incoming {
    struct wb_http_body body;
    struct wb_h1_body_reader reader;
    uint64_t len;          /* of data shown so far */
    uint64_t digest;       /* of them, if somebody watches */
    enum wb_status failed; /* WB_OK: it did not */
    bool is_done;          /* complete, trailers and all */
    bool has_begun;        /* it was polled */
    bool is_waited_for;    /* in this poll: the stream has the waker */
    bool reads_trailers;
    bool is_lent; /* a piece that lies in the input was shown, and nobody has asked on since */
};

struct wb__h1_server {
    struct wb_h1_server_conn *conn;
    struct wb_runtime *runtime;
    const struct wb_sys *sys;
    int fd; /* what its requests are noted under; -1: they are not */
    struct wb_async_stream io;
    struct wb_http_service *service;
    wb__h1_state_fn state;
    struct wb__h1_in in;
    struct wb__h1_reading head_reading; /* as far as heads go */
    struct wb__h1_out out;

    /* The request, while there is one. */
    struct wb_h1_parser parser; /* of its head, then of its trailers */
    bool has_parser;            /* that is in the midst of a head */
    struct wb_http_request request;
    struct wb__h1_incoming incoming;
    struct wb_h1_answered answered; /* whom the response is for */
    bool keep_alive;                /* after this request */
    bool is_last;                   /* the client has said that no other follows */
    bool owes_continue;             /* the client waits for 100 before it sends content */
    bool may_switch;

    /* Its answer. */
    struct wb_future *call; /* NULL: none */
    struct wb_http_response response;
    struct wb_h1_body_writer writer;
    bool has_call;    /* end_call is owed */
    bool awaits_room; /* the call goes on when nothing is kept back for the client any more */
    bool is_cut;      /* its content was longer than it had said */
    bool has_answer;  /* a byte of the response is among those that are to go, or went */

    /* Memory that the answering takes, for as long as the connection is busy. */
    void *work; /* the call */
    struct wb_http_field *fields;
    struct wb_http_field *trailers;

    /* The end. */
    enum wb_status result;
    bool is_stopping;
    bool is_parting;
    bool lingers;
    bool has_served;             /* a request at least */
    uint64_t thrown_away;        /* bytes, of contents or before closing */
    struct wb_async_read tunnel; /* the input, for whoever takes over */

    /* Time. Beginnings are 0 while nothing has begun. */
    uint64_t now_ns; /* in this poll; 0: nobody has asked */
    uint64_t idle_since_ns;
    uint64_t idle_max_ns; /* how long it may be idle before anything is done about it */
    uint64_t body_since_ns;
    uint64_t write_since_ns;
    uint64_t linger_since_ns;
    uint64_t armed_ns; /* when the timer fires; UINT64_MAX: it is not set */
    struct wb_sleep sleep;
    struct wb_task_waker sleep_waker; /* that it has; without a reference */
    struct wb__http_date date;

    struct wb_http_connection connection;
    struct wb_h1_server_options options;
};

/* States that are asked for elsewhere, too; the others are below. */
enum wb__h1_step wb__h1_read_head(struct wb__h1_server *self, struct wb_context *context);

bool wb__h1_options_are_sound(const struct wb_h1_server_options *options);

/* ---- input ---- */

static inline struct wb_bytes wb__h1_unread(const struct wb__h1_server *self) {
    const struct wb__h1_in *in = &self->in;
    return in->begin == in->end ? wb_bytes_from(NULL, 0)
                                : wb_bytes_from(in->ptr + in->begin, in->end - in->begin);
}

static inline void wb__h1_use(struct wb__h1_server *self, size_t len) {
    self->in.begin += (uint32_t)len;
}

/* Into the room behind what there is. */
static inline enum wb_progress wb__h1_read_behind(
    struct wb__h1_server *self, struct wb_context *context, enum wb_status *out_status) {
    struct wb__h1_in *in = &self->in;
    size_t len = 0;
    if (wb_async_poll_read(
            self->io.read, context, in->ptr + in->end, in->capacity - in->end, out_status, &len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        in->end += (uint32_t)len;
        in->was_filled = in->end == in->capacity;
        in->was_full_read = in->was_filled;
    }
    in->is_eof = *out_status == WB_EOF;
    return WB_READY;
}

/* Where there is no room, or nothing to be had. */
enum wb_progress wb__h1_read_anyway(struct wb__h1_server *self, struct wb_context *context,
    const struct wb__h1_reading *reading, enum wb_status *out_status);

/* Reads once, behind what there is. Status: WB_OK,
 * there is more; WB_EOF; WB_ERR_LIMIT, there is no room left; failures of the stream;
 * WB_ERR_NO_MEMORY. */
static inline enum wb_progress wb__h1_read(struct wb__h1_server *self, struct wb_context *context,
    const struct wb__h1_reading *reading, enum wb_status *out_status) {
    struct wb__h1_in *in = &self->in;
    if (in->begin == in->end) {
        in->begin = in->end = in->floor;
    }
    if (in->end == in->capacity || in->was_filled || in->is_eof) {
        return wb__h1_read_anyway(self, context, reading, out_status);
    }
    return wb__h1_read_behind(self, context, out_status);
}

/* The first `len` unread bytes are a request's head and stay where they are, until it is let go. */
void wb__h1_pin(struct wb__h1_server *self, uint32_t len);
/* All that was used so far stays where it is, too: the last piece of a content whose reader is not
 * done with it. False: there is no room for more without it. */
bool wb__h1_keep_lent(struct wb__h1_server *self);
void wb__h1_free_pinned(struct wb__h1_server *self);
static inline void wb__h1_unpin(struct wb__h1_server *self) {
    self->in.floor = 0;
    if (self->in.pinned != NULL) {
        wb__h1_free_pinned(self);
    }
}

void wb__h1_in_clean_up(struct wb__h1_server *self);

/* ---- output ---- */

static inline bool wb__h1_has_output(const struct wb__h1_server *self) {
    return self->out.done < self->out.bytes.len || self->out.piece.len != 0
           || self->out.needs_flush;
}

/* How many bytes are kept back. */
static inline size_t wb__h1_out_len(const struct wb__h1_server *self) {
    return self->out.bytes.len - self->out.done + self->out.piece.len;
}

/* Behind what was added so far, and not copied. */
static inline void wb__h1_put_borrowed(struct wb__h1_server *self, struct wb_bytes bytes) {
    self->out.split = self->out.bytes.len;
    self->out.piece = bytes;
}

/* Adds content: short ones are copied, a long one is borrowed until it was written. There is no
 * other borrowed one. */
WB_MUST_USE enum wb_status wb__h1_put_piece(
    struct wb__h1_server *self, const struct wb_h1_frame *frame, struct wb_bytes data);
static inline WB_MUST_USE enum wb_status wb__h1_put(
    struct wb__h1_server *self, struct wb_bytes bytes) {
    return wb_bytes_mut_extend(&self->out.bytes, bytes);
}

WB_MUST_USE enum wb_status wb__h1_put_continue(struct wb__h1_server *self);

/* Writes until nothing is left (WB_READY, WB_OK), or the stream has the waker, or it failed. */
enum wb_progress wb__h1_push(
    struct wb__h1_server *self, struct wb_context *context, enum wb_status *out_status);

/* ---- deadlines ---- */

/* Now, asked of the clock once a poll. */
static inline uint64_t wb__h1_now(struct wb__h1_server *self) {
    if (self->now_ns == 0) {
        self->now_ns = wb_runtime_now(self->runtime);
    }
    return self->now_ns;
}

static inline uint64_t wb__h1_after(uint64_t since_ns, uint64_t timeout_ns) {
    return timeout_ns > UINT64_MAX - since_ns ? UINT64_MAX : since_ns + timeout_ns;
}

static inline bool wb__h1_is_idle(const struct wb__h1_server *self) {
    return self->state == wb__h1_read_head && self->in.begin == self->in.end
           && !wb__h1_has_output(self);
}

/* As nearly always: another request is waited for and nothing else, and the timer fires before
 * anything could be due. */
static inline bool wb__h1_is_in_order(struct wb__h1_server *self, struct wb_context *context) {
    if (!wb__h1_is_idle(self) || self->out.is_pending || self->incoming.is_waited_for) {
        return false;
    }
    const uint64_t since_ns = self->idle_since_ns != 0 ? self->idle_since_ns : wb__h1_now(self);
    if (self->armed_ns > wb__h1_after(since_ns, self->idle_max_ns)
        || self->armed_ns <= wb__h1_now(self)
        || !wb_task_waker_will_wake(&self->sleep_waker, context->waker)) {
        return false;
    }
    self->write_since_ns = self->body_since_ns = self->linger_since_ns = 0;
    self->idle_since_ns = since_ns;
    return true;
}

/* Before waiting: sees to it that the task is woken when the time is up. WB__H1_GO_ON: it is. */
enum wb__h1_step wb__h1_watch(struct wb__h1_server *self, struct wb_context *context);

void wb__h1_unwatch(struct wb__h1_server *self);

/* ---- memory of busy connections ---- */

/* Room for fields and for a call. */
WB_MUST_USE enum wb_status wb__h1_prepare(struct wb__h1_server *self);
/* All memory that an idle connection can do without. */
void wb__h1_give_back(struct wb__h1_server *self);

/* ---- the request ---- */

/* Fills in self->request from the parsed head, which was pinned. */
void wb__h1_show_request(struct wb__h1_server *self, struct wb_bytes head);

/* wb_http_request.send_interim and .takes_interim of the connection's requests. */
enum wb_status wb__h1_send_interim(
    struct wb_http_request *request, unsigned status, struct wb_http_fields fields);
bool wb__h1_takes_interim(struct wb_http_request *request);

/* ---- notes ---- */

/* From here on requests are noted under that descriptor, if there is who takes notes. */
void wb__h1_note_under(struct wb_h1_server_conn *conn, int fd);
/* That the service gets the request; that it was shown a piece of its content. */
void wb__h1_note_request(const struct wb__h1_server *self);
void wb__h1_note_content(struct wb__h1_server *self, struct wb_bytes piece);

/* ---- its content ---- */

/* Gets ready for the content that the parsed head announces. */
void wb__h1_incoming_init(struct wb__h1_server *self);

/* The content's next piece, for nobody. */
enum wb_progress wb__h1_incoming_poll(struct wb__h1_server *self, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame);

/* ---- states ---- */

enum wb__h1_step wb__h1_ask_service(struct wb__h1_server *self, struct wb_context *context);
enum wb__h1_step wb__h1_await_answer(struct wb__h1_server *self, struct wb_context *context);
enum wb__h1_step wb__h1_send_content(struct wb__h1_server *self, struct wb_context *context);
enum wb__h1_step wb__h1_finish(struct wb__h1_server *self, struct wb_context *context);
enum wb__h1_step wb__h1_drain(struct wb__h1_server *self, struct wb_context *context);
enum wb__h1_step wb__h1_go_silent(struct wb__h1_server *self, struct wb_context *context);
enum wb__h1_step wb__h1_linger(struct wb__h1_server *self, struct wb_context *context);
enum wb__h1_step wb__h1_switch(struct wb__h1_server *self, struct wb_context *context);
enum wb__h1_step wb__h1_be_tunnel(struct wb__h1_server *self, struct wb_context *context);

/* ---- turns that the states have in common ---- */

/* The service is asked for: nothing is to be done but to notice that the client has gone. */
enum wb__h1_step wb__h1_await_service(struct wb__h1_server *self, struct wb_context *context);

/* Encodes the head of the response and goes on with it. */
enum wb__h1_step wb__h1_begin_response(struct wb__h1_server *self, struct wb_context *context);

/* Answers with a status and nothing else, if nothing was said yet, and closes; with `error` as the
 * result. */
enum wb__h1_step wb__h1_refuse(
    struct wb__h1_server *self, unsigned status, struct wb_http_error error);

/* Why the content of the request cannot be had. */
struct wb_http_error wb__h1_content_error(const struct wb__h1_server *self);

/* That of the response. What lies in one piece holds nothing. */
static inline void wb__h1_drop_content(struct wb__h1_server *self) {
    if (self->response.body != &self->response.full.body) {
        wb_http_body_drop(self->response.body);
    }
    self->response.body = NULL;
}

/* The request is over: neither the call nor the body of its response is there any more. */
void wb__h1_end_call(struct wb__h1_server *self);

/* Says what was to be said, then closes, with `error` as the result. */
enum wb__h1_step wb__h1_close(struct wb__h1_server *self, struct wb_http_error error);

/* Is over here and now: the stream cannot be used, or should not look as if all had been said. */
enum wb__h1_step wb__h1_break(struct wb__h1_server *self, struct wb_http_error error);

/* The same, since the stream failed or there is no memory. */
enum wb__h1_step wb__h1_break_io(struct wb__h1_server *self, enum wb_status status);

static inline struct wb_http_error wb__h1_error(
    enum wb_http_error_kind kind, enum wb_status status) {
    return (struct wb_http_error){.kind = kind, .status = status};
}

#endif
