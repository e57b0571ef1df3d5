/* What the connection's task writes: the head, and the content as its body shows it. Large pieces
 * go out from where they lie, small ones together with what is around them. */
#include "http/client/h1.h"
#include "http/h1/encode.h"
#include "http/h1/title_case.h"

#include <assert.h>

enum {
    SMALL_LEN = 1024, /* pieces up to so much are copied */
    FILL_LEN = 8192,  /* no more is collected before it is written */
};

enum outcome {
    OUTCOME_WAITS,
    OUTCOME_SENT,
    OUTCOME_WRITE_FAILED,
    OUTCOME_CONTENT_FAILED,
    OUTCOME_TAKEN_BACK,
};

/* Why it failed. */
struct failure {
    enum wb_http_error_kind kind;
    enum wb_status status;
    const char *detail;
};

static size_t out_len(const struct wb__h1_client *client) {
    return client->out.len - client->out_at;
}

/* ---- content to bytes ---- */

static enum wb_status put(struct wb__h1_client *client, const void *bytes, size_t len) {
    return wb_bytes_mut_extend(&client->out, wb_bytes_from(bytes, len));
}

static enum wb_status put_suffix(struct wb__h1_client *client) {
    client->outgoing.needs_suffix = false;
    return put(client, "\r\n", WB_H1_CHUNK_SUFFIX_LEN);
}

static enum wb_status put_piece(struct wb__h1_client *client, struct wb_bytes data) {
    struct wb__h1c_outgoing *outgoing = &client->outgoing;
    struct wb_h1_frame frame;
    enum wb_status status = wb_h1_body_frame(&outgoing->writer, data.len, &frame);
    if (status == WB_OK) {
        status = put(client, frame.prefix, frame.prefix_len);
    }
    if (status != WB_OK) {
        return status;
    }
    data.len = frame.data_len;
    outgoing->needs_suffix = frame.suffix_len != 0;
    if (data.len > SMALL_LEN) {
        outgoing->piece = data;
        return WB_OK;
    }
    status = put(client, data.ptr, data.len);
    return status == WB_OK && outgoing->needs_suffix ? put_suffix(client) : status;
}

static enum wb_status put_trailers(
    struct wb__h1_client *client, const struct wb_http_fields *trailers) {
    const struct wb_http_client_request *request = client->outgoing.request;
    struct wb__h1_announced announced;
    const struct wb_bytes names =
        wb__h1_announced_by(wb_http_field_list_view(&request->fields), &announced);
    const size_t from = client->out.len;
    const enum wb_status status = wb_h1_encode_trailers(*trailers, names, &client->out);
    if (status == WB_OK && client->options.title_case) {
        wb__h1_title_case(client->out.ptr + from, client->out.len - from);
    }
    return status;
}

/* `trailers` NULL: none. */
static enum wb_status put_end(struct wb__h1_client *client, const struct wb_http_fields *trailers) {
    struct wb_bytes tail;
    const bool has_trailers =
        trailers != NULL && client->outgoing.writer.body == WB_H1_BODY_CHUNKED;
    enum wb_status status = wb_h1_body_finish(&client->outgoing.writer, has_trailers, &tail);
    if (status == WB_OK) {
        status = put(client, tail.ptr, tail.len);
    }
    if (status == WB_OK && has_trailers) {
        status = put_trailers(client, trailers);
    }
    client->is_content_over = status == WB_OK;
    return status;
}

/* ---- the body ---- */

static void let_body_go(struct wb__h1_client *client) {
    struct wb_http_client_request *request = client->outgoing.request;
    client->outgoing.request = NULL;
    client->outgoing.piece = wb_bytes_from(NULL, 0);
    wb_http_body_drop(request->body);
}

static void note_own_failure(enum wb_status status, struct failure *out_failure) {
    if (!wb_status_is_error(status)) {
        return;
    }
    const bool is_short = status == WB_ERR_UNEXPECTED_EOF;
    const bool is_long = status == WB_ERR_LIMIT;
    *out_failure =
        (struct failure){.kind = is_short || is_long ? WB_HTTP_ERROR_USER : WB_HTTP_ERROR_IO,
            .status = status,
            .detail = is_short  ? "the content is shorter than its Content-Length"
                      : is_long ? "the content is longer than its Content-Length"
                                : NULL};
}

/* From here on the request cannot be sent elsewhere. False: it was given up meanwhile. */
static bool mark_asked(struct wb__h1_client *client) {
    wb__lock_enter(&client->lock);
    const bool is_open = client->shared.life == WB__H1C_OPEN;
    client->shared.was_asked = client->shared.was_asked || is_open;
    wb__lock_leave(&client->lock);
    return is_open;
}

/* Asks for one piece. WB_WOULD_BLOCK: there is none yet. */
static enum wb_status ask(
    struct wb__h1_client *client, struct wb_context *context, struct failure *out_failure) {
    struct wb_http_body *body = client->outgoing.request->body;
    struct wb_http_frame frame = {.is_trailers = false};
    enum wb_status status = WB_OK;
    if (wb_http_body_poll_frame(body, context, &status, &frame) == WB_PENDING) {
        return WB_WOULD_BLOCK;
    }
    if (wb_status_is_error(status)) {
        *out_failure = (struct failure){.kind = WB_HTTP_ERROR_BODY_ABORTED, .status = status};
        return status;
    }
    if (status == WB_EOF) {
        status = put_end(client, NULL);
    } else if (frame.is_trailers) {
        status = put_end(client, &frame.trailers);
    } else {
        status = put_piece(client, frame.data);
    }
    note_own_failure(status, out_failure);
    if (client->is_content_over) {
        let_body_go(client);
    }
    return status;
}

/* Collects what there is to write. WB_WOULD_BLOCK: more will come. Content that is held back begins
 * behind a whole head. */
static enum wb_status fill(
    struct wb__h1_client *client, struct wb_context *context, struct failure *out_failure) {
    struct wb__h1c_outgoing *outgoing = &client->outgoing;
    enum wb_status status = WB_OK;
    while (status == WB_OK && outgoing->piece.len == 0 && !client->is_content_over
           && out_len(client) < FILL_LEN) {
        if (client->is_held_back) {
            status = WB_WOULD_BLOCK;
        } else if (outgoing->request != NULL && !outgoing->needs_suffix) {
            status = mark_asked(client) ? ask(client, context, out_failure) : WB_ERR_CANCELLED;
        } else {
            status = outgoing->needs_suffix ? put_suffix(client) : put_end(client, NULL);
            note_own_failure(status, out_failure);
        }
    }
    return status;
}

/* ---- writing ---- */

static void advance(struct wb__h1_client *client, size_t len) {
    struct wb_bytes *piece = &client->outgoing.piece;
    const size_t from_out = len < out_len(client) ? len : out_len(client);
    client->out_at += from_out;
    *piece = wb_bytes_slice(*piece, len - from_out, piece->len);
    if (out_len(client) == 0) {
        wb_bytes_mut_truncate(&client->out, 0);
        client->out_at = 0;
    }
}

static void mark_begun(struct wb__h1_client *client) {
    wb__lock_enter(&client->lock);
    client->shared.has_begun = true;
    wb__lock_leave(&client->lock);
}

static enum wb_status write_once(struct wb__h1_client *client, struct wb_context *context) {
    const struct wb_bytes piece = client->outgoing.piece;
    const struct wb_iovec iov[2] = {{client->out.ptr + client->out_at, out_len(client)},
        {(void *)(uintptr_t)piece.ptr, piece.len}};
    const size_t first = iov[0].len == 0 ? 1 : 0;
    const size_t count = (piece.len == 0 ? 1u : 2u) - first;
    enum wb_status status = WB_OK;
    size_t len = 0;
    if (wb_async_poll_writev(client->io.stream.write, context, iov + first, count, &status, &len)
        == WB_PENDING) {
        return WB_WOULD_BLOCK;
    }
    if (status == WB_OK) {
        client->needs_flush = true;
        client->writes++;
        mark_begun(client);
        advance(client, len);
    }
    return status;
}

static enum wb_status flush(struct wb__h1_client *client, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (client->needs_flush
        && wb_async_poll_flush(client->io.stream.write, context, &status) == WB_PENDING) {
        return WB_WOULD_BLOCK;
    }
    client->needs_flush = false;
    return status;
}

static enum outcome outcome_of(enum wb_status status, struct failure *out_failure) {
    if (wb_status_is_error(status)) {
        *out_failure = (struct failure){.kind = WB_HTTP_ERROR_IO, .status = status};
        return OUTCOME_WRITE_FAILED;
    }
    return status == WB_WOULD_BLOCK ? OUTCOME_WAITS : OUTCOME_SENT;
}

/* Until it has to wait for the stream or the body, or all is out. Under the content's lock: nobody
 * takes the piece away that is being written. */
static enum outcome write_all(
    struct wb__h1_client *client, struct wb_context *context, struct failure *out_failure) {
    for (;;) {
        const enum wb_status filled = fill(client, context, out_failure);
        if (wb_status_is_error(filled)) {
            return out_failure->kind == WB_HTTP_ERROR_NONE ? OUTCOME_TAKEN_BACK
                                                           : OUTCOME_CONTENT_FAILED;
        }
        if (out_len(client) == 0 && client->outgoing.piece.len == 0) {
            const enum outcome flushed = outcome_of(flush(client, context), out_failure);
            client->is_stuck = flushed == OUTCOME_WAITS;
            return flushed == OUTCOME_SENT && filled == WB_WOULD_BLOCK ? OUTCOME_WAITS : flushed;
        }
        if (wb_context_spend(context) == WB_PENDING) {
            return OUTCOME_WAITS;
        }
        const enum outcome written = outcome_of(write_once(client, context), out_failure);
        client->is_stuck = written == OUTCOME_WAITS;
        if (written != OUTCOME_SENT) {
            return written;
        }
    }
}

/* ---- a step ---- */

/* Leaves the content's lock, and wakes who waits until there is no content any more. */
static void leave_content(struct wb__h1c_outgoing *outgoing) {
    struct wb_task_waker waker = {0};
    if (outgoing->request == NULL) {
        waker = outgoing->waiting;
        outgoing->waiting = (struct wb_task_waker){0};
    }
    wb__lock_leave(&outgoing->lock);
    wb_task_waker_fire(&waker);
}

bool wb__h1c_is_done_with(struct wb__h1_client *client,
    const struct wb_http_client_request *request, const struct wb_context *context) {
    struct wb__h1c_outgoing *outgoing = &client->outgoing;
    struct wb_task_waker replaced = {0};
    wb__lock_enter(&outgoing->lock);
    const bool is_done = outgoing->request != request;
    if (!is_done && !wb_task_waker_will_wake(&outgoing->waiting, context->waker)) {
        replaced = outgoing->waiting;
        outgoing->waiting = wb_task_waker_clone(context->waker);
    }
    wb__lock_leave(&outgoing->lock);
    wb_task_waker_drop(&replaced);
    return is_done;
}

void wb__h1c_drop_content(struct wb__h1_client *client) {
    struct wb__h1c_outgoing *outgoing = &client->outgoing;
    wb__lock_enter(&outgoing->lock);
    struct wb_http_client_request *request = outgoing->request;
    outgoing->request = NULL;
    outgoing->piece = wb_bytes_from(NULL, 0);
    wb__lock_enter(&client->lock);
    const bool is_unsent = client->shared.is_unsent;
    wb__lock_leave(&client->lock);
    if (request != NULL && !is_unsent) {
        wb_http_body_drop(request->body);
    }
    leave_content(outgoing);
}

/* Under the content's lock throughout: without it the connection could come to its end with this
 * request, and be closed in the midst of somebody else's. */
void wb__h1c_take_content_back(
    struct wb__h1_client *client, const struct wb_http_client_request *request) {
    struct wb__h1c_outgoing *outgoing = &client->outgoing;
    struct wb__h1c_after after;
    wb__lock_enter(&outgoing->lock);
    if (outgoing->request == request) {
        outgoing->request = NULL;
        outgoing->piece = wb_bytes_from(NULL, 0);
        wb__h1c_enter(client, &after);
        wb__h1c_close(client, &after, WB_HTTP_ERROR_CANCELLED, WB_ERR_CANCELLED, NULL, 0);
        wb__h1c_leave(client, &after);
    }
    leave_content(outgoing);
}

static void finish_request(struct wb__h1_client *client, struct wb__h1c_after *after) {
    client->shared.is_sent = true;
    client->is_content_over = false;
    wb__h1c_settle(client, after);
}

/* A response may be there although nothing can be written any more. */
static void stop_writing(
    struct wb__h1_client *client, struct wb__h1c_after *after, enum wb_status status) {
    struct wb__h1c_shared *shared = &client->shared;
    shared->is_write_over = true;
    shared->write_status = status;
    if (shared->reading == WB__H1C_HEAD && !shared->has_begun) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_IO, status, NULL, 0);
    }
    finish_request(client, after);
}

static bool is_writing(struct wb__h1_client *client) {
    const struct wb__h1c_shared *shared = &client->shared;
    wb__lock_enter(&client->lock);
    const bool is_writing = shared->life == WB__H1C_OPEN && shared->reading != WB__H1C_IDLE
                            && shared->has_looked && !shared->is_sent;
    wb__lock_leave(&client->lock);
    return is_writing;
}

/* What the server has said about the content so far. False: nothing more is to be written. */
static bool is_wanted(struct wb__h1_client *client) {
    wb__lock_enter(&client->lock);
    const bool is_wanted = !client->shared.refuses_content;
    client->is_held_back = client->shared.holds_content;
    client->is_stuck = false;
    wb__lock_leave(&client->lock);
    return is_wanted;
}

enum wb__h1c_step wb__h1c_write_step(struct wb__h1_client *client, struct wb_context *context) {
    if (!is_wanted(client)) {
        wb__h1c_drop_content(client);
        return WB__H1C_WAITS;
    }
    if (!is_writing(client)) {
        return WB__H1C_WAITS;
    }
    struct failure failure = {.kind = WB_HTTP_ERROR_NONE};
    wb__lock_enter(&client->outgoing.lock);
    /* asked again: what was given up is neither written on nor brought to an end */
    const enum outcome outcome =
        is_writing(client) ? write_all(client, context, &failure) : OUTCOME_TAKEN_BACK;
    leave_content(&client->outgoing);
    if (outcome == OUTCOME_WAITS) {
        return WB__H1C_WAITS;
    }
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    if (outcome == OUTCOME_SENT) {
        finish_request(client, &after);
    } else if (outcome == OUTCOME_WRITE_FAILED) {
        stop_writing(client, &after, failure.status);
    } else if (outcome == OUTCOME_CONTENT_FAILED) {
        wb__h1c_close(client, &after, failure.kind, failure.status, failure.detail, 0);
    }
    wb__h1c_leave(client, &after);
    if (outcome != OUTCOME_SENT) {
        wb__h1c_drop_content(client);
    }
    return WB__H1C_MOVED;
}
