/* The content of a request: read from the connection when somebody asks for it, and not before. */
#include "http/server/conn.h"

static const struct wb__h1_reading data_reading = {
    .capacity_max = WB__H1_BODY_BUF_LEN_MAX, .grows = true};
static const struct wb__h1_reading trailer_reading = {.capacity_max = 2 * WB_H1_TRAILERS_LEN_MAX};

/* ---- more bytes ---- */

static enum wb_status fail(struct wb__h1_server *self, enum wb_status status) {
    self->incoming.failed = status;
    return status;
}

/* WB_OK: there are more. */
static enum wb_progress read_more(
    struct wb__h1_server *self, struct wb_context *context, enum wb_status *out_status) {
    const struct wb__h1_reading *reading =
        self->incoming.reads_trailers ? &trailer_reading : &data_reading;
    if (wb__h1_read(self, context, reading, out_status) == WB_PENDING) {
        self->incoming.is_waited_for = true;
        return WB_PENDING;
    }
    self->body_since_ns = 0;
    if (*out_status != WB_OK) {
        const enum wb_status status = *out_status == WB_EOF ? WB_ERR_UNEXPECTED_EOF : *out_status;
        *out_status = fail(self, status);
    }
    return WB_READY;
}

/* ---- trailers ---- */

static enum wb_status begin_trailers(struct wb__h1_server *self) {
    if (self->trailers == NULL) {
        const size_t size = self->options.fields_max * sizeof(struct wb_http_field);
        self->trailers = WB_SYS(self->sys, alloc, size);
        if (self->trailers == NULL) {
            return fail(self, WB_ERR_NO_MEMORY);
        }
    }
    struct wb_h1_head_options options = self->options.head;
    options.head_len_max = WB_H1_TRAILERS_LEN_MAX;
    wb_h1_parser_init(
        &self->parser, WB_H1_TRAILERS, &options, NULL, self->trailers, self->options.fields_max);
    self->incoming.reads_trailers = true;
    return WB_OK;
}

/* Mostly there are none. WB_EOF: so it is; WB_WOULD_BLOCK: not enough is there to tell. */
static enum wb_status see_whether_none(struct wb__h1_server *self) {
    const struct wb_bytes unread = wb__h1_unread(self);
    if (unread.len == 0 || (unread.len == 1 && unread.ptr[0] == '\r')) {
        return WB_WOULD_BLOCK;
    }
    if (unread.ptr[0] != '\r' || unread.ptr[1] != '\n') {
        return begin_trailers(self);
    }
    wb__h1_use(self, 2);
    self->incoming.is_done = true;
    return WB_EOF;
}

static enum wb_status parse_trailers(struct wb__h1_server *self, struct wb_http_frame *out_frame) {
    const struct wb_bytes unread = wb__h1_unread(self);
    const enum wb_status status = wb_h1_parse(&self->parser, unread);
    if (status == WB_ERR_PARSE) {
        return fail(self, status);
    }
    if (status != WB_OK) {
        return status;
    }
    self->incoming.is_done = true;
    wb__h1_use(self, self->parser.head.head_len);
    *out_frame = (struct wb_http_frame){
        .is_trailers = true, .trailers = wb_h1_parser_fields(&self->parser, unread)};
    return WB_OK;
}

/* ---- pieces ---- */

static enum wb_status show_data(
    struct wb__h1_server *self, struct wb_bytes data, struct wb_http_frame *out_frame) {
    struct wb__h1_incoming *incoming = &self->incoming;
    const uint64_t len_max = self->options.body_len_max;
    incoming->len += data.len;
    if (len_max != 0 && incoming->len > len_max) {
        return fail(self, WB_ERR_LIMIT);
    }
    *out_frame = (struct wb_http_frame){.data = data};
    return WB_OK;
}

static enum wb_status take_data(struct wb__h1_server *self, struct wb_http_frame *out_frame) {
    struct wb__h1_incoming *incoming = &self->incoming;
    struct wb_bytes unread = wb__h1_unread(self);
    struct wb_bytes data = {0};
    const size_t before = unread.len;
    const enum wb_status status = wb_h1_body_read(&incoming->reader, &unread, &data);
    wb__h1_use(self, before - unread.len);
    if (status == WB_OK) {
        return show_data(self, data, out_frame);
    }
    if (status == WB_ERR_PARSE) {
        return fail(self, status);
    }
    if (status == WB_EOF && incoming->reader.body == WB_H1_BODY_CHUNKED) {
        return see_whether_none(self);
    }
    incoming->is_done = status == WB_EOF;
    return status;
}

/* A body of known length is complete with its last byte, whoever asks on or not. */
static void notice_end(struct wb__h1_incoming *incoming) {
    uint64_t left = 0;
    const bool is_chunked = incoming->reader.body == WB_H1_BODY_CHUNKED;
    if (!is_chunked && wb_h1_body_left(&incoming->reader, &left) && left == 0) {
        incoming->is_done = true;
    }
}

static enum wb_progress next_piece(struct wb__h1_server *self, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb__h1_incoming *incoming = &self->incoming;
    for (;;) {
        if (incoming->failed != WB_OK || incoming->is_done) {
            *out_status = incoming->failed != WB_OK ? incoming->failed : WB_EOF;
            return WB_READY;
        }
        *out_status =
            incoming->reads_trailers ? parse_trailers(self, out_frame) : take_data(self, out_frame);
        if (*out_status == WB_OK && incoming->reads_trailers && !incoming->is_done) {
            continue; /* trailers have begun */
        }
        if (*out_status != WB_WOULD_BLOCK) {
            if (!incoming->reads_trailers) {
                notice_end(incoming);
            }
            return WB_READY;
        }
        if (read_more(self, context, out_status) == WB_PENDING) {
            return WB_PENDING;
        }
        if (*out_status != WB_OK) {
            return WB_READY;
        }
    }
}

enum wb_progress wb__h1_incoming_poll(struct wb__h1_server *self, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    const bool was_done = self->incoming.is_done;
    const enum wb_progress progress = next_piece(self, context, out_status, out_frame);
    const bool is_piece = progress == WB_READY && *out_status == WB_OK;
    self->incoming.is_lent = is_piece;
    if (self->fd >= 0 && !was_done && (is_piece || self->incoming.is_done)) {
        wb__h1_note_content(self, is_piece ? out_frame->data : wb_bytes_from(NULL, 0));
    }
    return progress;
}

/* ---- as a body ---- */

static struct wb__h1_server *owner_of(struct wb_http_body *body) {
    return WB_FUTURE_OF(body, struct wb__h1_server, incoming.body);
}

static const struct wb__h1_incoming *incoming_of(const struct wb_http_body *body) {
    return (const struct wb__h1_incoming *)(const void *)((const char *)body
                                                          - offsetof(struct wb__h1_incoming, body));
}

/* The first who asks has the client told to go on, unless it was answered already: then it has not
 * to be told any more. */
static enum wb_status invite(struct wb__h1_server *self) {
    self->incoming.has_begun = true;
    if (!self->owes_continue || self->has_answer) {
        return WB_OK;
    }
    self->owes_continue = false;
    return wb__h1_put_continue(self);
}

static enum wb_progress body_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb__h1_server *self = owner_of(body);
    if (!self->incoming.has_begun) {
        *out_status = invite(self);
        if (*out_status != WB_OK) {
            self->incoming.failed = *out_status;
            return WB_READY;
        }
    }
    return wb__h1_incoming_poll(self, context, out_status, out_frame);
}

static bool body_is_end(const struct wb_http_body *body) {
    return incoming_of(body)->is_done;
}

static struct wb_http_size_hint body_size_hint(const struct wb_http_body *body) {
    uint64_t left = 0;
    struct wb_http_size_hint hint = {0};
    if (wb_h1_body_left(&incoming_of(body)->reader, &left)) {
        hint = (struct wb_http_size_hint){.lower = left, .upper = left, .has_upper = true};
    }
    return hint;
}

static const struct wb_http_body_ops body_ops = {
    .poll_frame = body_poll_frame,
    .is_end = body_is_end,
    .size_hint = body_size_hint,
};

void wb__h1_incoming_init(struct wb__h1_server *self) {
    const struct wb_h1_head *head = &self->parser.head;
    struct wb__h1_incoming *incoming = &self->incoming;
    wb_http_body_init(&incoming->body, &body_ops);
    incoming->len = 0;
    incoming->digest = WB_NOTE_DIGEST_BASIS;
    incoming->failed = WB_OK;
    incoming->is_done = head->body == WB_H1_BODY_NONE;
    incoming->has_begun = false;
    incoming->is_waited_for = false;
    incoming->reads_trailers = false;
    incoming->is_lent = false;
    if (!incoming->is_done) {
        wb_h1_body_reader_init(&incoming->reader, head->body, head->content_length);
    }
}
