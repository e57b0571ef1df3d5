/* A body that another task fills: a ring of bytes that are shown where they lie. What was shown
 * stays in the ring until the body is asked for more, so that it is part of what the sender has to
 * wait for. */
#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "runtime/byte_way.h"
#include "wb/http_body.h"

enum { ENDS = 2 };

enum ending {
    NOT_ENDED,
    COMPLETE, /* trailers may be there */
    ABORTED,
};

struct wb_http_channel {
    const struct wb_sys *sys;
    _Atomic uint32_t ends;
    size_t capacity;
    struct wb__lock lock; /* of the rest; not of the bytes that are shown */
    size_t begin;
    size_t len;                  /* with those that are shown */
    size_t shown;                /* the first so many bytes belong to whoever polled the body */
    struct wb_task_waker reader; /* waits for bytes or an end */
    struct wb_task_waker sender; /* waits for room, or to be asked */
    bool sender_awaits_question;
    bool is_wanted; /* somebody asked, and has not got anything since */
    bool is_deaf;   /* the body is gone */
    enum ending ending;
    struct wb_http_field_list trailers;
};

static unsigned char *ring_of(struct wb_http_channel *channel) {
    return (unsigned char *)(channel + 1);
}

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- waiting ---- */

static struct wb_task_waker take(struct wb_task_waker *slot) {
    const struct wb_task_waker waker = *slot;
    *slot = (struct wb_task_waker){0};
    return waker;
}

/* Under the lock: who waits leaves the waker of this poll, who does not leaves none. What was in
 * the slot is the caller's to drop, without the lock. */
static struct wb_task_waker replace(
    struct wb_task_waker *slot, const struct wb_context *context, enum wb_progress progress) {
    const struct wb_task_waker old = *slot;
    *slot =
        progress == WB_PENDING ? wb_task_waker_clone(context->waker) : (struct wb_task_waker){0};
    return old;
}

/* Without the lock. */
static void finish(struct wb_task_waker *mine, struct wb_task_waker *theirs) {
    wb_task_waker_drop(mine);
    wb_task_waker_fire(theirs);
}

/* ---- the ring, under the lock ---- */

static size_t put(struct wb_http_channel *channel, const uint8_t *bytes, size_t len) {
    const size_t count = min_size(len, channel->capacity - channel->len);
    const size_t at = (channel->begin + channel->len) % channel->capacity;
    const size_t first = min_size(count, channel->capacity - at);
    memcpy(ring_of(channel) + at, bytes, first);
    memcpy(ring_of(channel), bytes + first, count - first);
    channel->len += count;
    return count;
}

/* Whoever was shown them asks again. A ring that is empty begins anew, so that pieces are as long
 * as they can be. */
static bool release_shown(struct wb_http_channel *channel) {
    const bool has_released = channel->shown != 0;
    channel->len -= channel->shown;
    channel->begin = channel->len == 0 ? 0 : (channel->begin + channel->shown) % channel->capacity;
    channel->shown = 0;
    return has_released;
}

static struct wb_bytes show(struct wb_http_channel *channel) {
    channel->shown = min_size(channel->len, channel->capacity - channel->begin);
    return wb_bytes_from(ring_of(channel) + channel->begin, channel->shown);
}

/* ---- the body ---- */

static struct wb_http_channel_body *body_of(struct wb_http_body *body) {
    return WB_FUTURE_OF(body, struct wb_http_channel_body, body);
}

/* Trailers are asked for once: the end behind them is the wrapper's. */
static enum wb_status show_end(struct wb_http_channel *channel, struct wb_http_frame *out_frame) {
    if (channel->ending == ABORTED) {
        return WB_ERR_CANCELLED;
    }
    if (channel->trailers.count == 0) {
        return WB_EOF;
    }
    out_frame->is_trailers = true;
    out_frame->trailers = wb_http_field_list_view(&channel->trailers);
    return WB_OK;
}

/* Under the lock; WB_PENDING: there is nothing. */
static enum wb_progress show_next(
    struct wb_http_channel *channel, enum wb_status *out_status, struct wb_http_frame *out_frame) {
    if (channel->len != 0) {
        out_frame->data = show(channel);
        *out_status = WB_OK;
        return WB_READY;
    }
    if (channel->ending != NOT_ENDED) {
        *out_status = show_end(channel, out_frame);
        return WB_READY;
    }
    channel->is_wanted = true;
    return WB_PENDING;
}

static enum wb_progress channel_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb_http_channel *channel = body_of(body)->channel;
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    struct wb_task_waker theirs = {0};
    wb__lock_enter(&channel->lock);
    const bool has_released = release_shown(channel);
    const enum wb_progress progress = show_next(channel, out_status, out_frame);
    struct wb_task_waker old = replace(&channel->reader, context, progress);
    if (channel->sender_awaits_question ? progress == WB_PENDING : has_released) {
        theirs = take(&channel->sender);
    }
    wb__lock_leave(&channel->lock);
    finish(&old, &theirs);
    return progress;
}

/* The last of the two ends frees it. */
static void leave(struct wb_http_channel *channel) {
    const struct wb_sys *sys = channel->sys;
    if (wb__byte_way_leave(sys, &channel->ends)) {
        const size_t size = sizeof(*channel) + channel->capacity;
        if (channel->trailers.text.sys != NULL) {
            wb_http_field_list_clean_up(&channel->trailers);
        }
        wb__lock_clean_up(&channel->lock);
        WB_SYS(sys, free, channel, size);
    }
}

static void channel_drop(struct wb_http_body *body) {
    struct wb_http_channel *channel = body_of(body)->channel;
    body_of(body)->channel = NULL;
    wb__lock_enter(&channel->lock);
    channel->is_deaf = true;
    struct wb_task_waker mine = take(&channel->reader);
    struct wb_task_waker theirs = take(&channel->sender);
    wb__lock_leave(&channel->lock);
    finish(&mine, &theirs);
    leave(channel);
}

/* Neither its end nor its size is told ahead: what a sender happened to have got done would show
 * in how the message is framed. */
static const struct wb_http_body_ops channel_ops = {
    .poll_frame = channel_poll_frame,
    .drop = channel_drop,
};

/* ---- sending ---- */

/* Under the lock; WB_PENDING: there is no room. */
static enum wb_progress send_some(
    struct wb_http_send *send, struct wb_http_channel *channel, enum wb_status *out_status) {
    *out_status = WB_OK;
    if (channel->is_deaf) {
        *out_status = WB_ERR_CLOSED;
        return WB_READY;
    }
    const size_t count = put(channel, send->bytes.ptr + send->done, send->bytes.len - send->done);
    send->done += count;
    channel->is_wanted = channel->is_wanted && count == 0;
    return send->done == send->bytes.len ? WB_READY : WB_PENDING;
}

static enum wb_progress send_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_http_send *send = WB_FUTURE_OF(future, struct wb_http_send, future);
    struct wb_http_channel *channel = send->sender->channel;
    enum wb_status status = WB_OK;
    assert(channel != NULL && "sent by a sender that was given up");
    if (send->bytes.len == 0) {
        return wb_future_end(future, WB_OK);
    }
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    struct wb_task_waker theirs = {0};
    wb__lock_enter(&channel->lock);
    const enum wb_progress progress = send_some(send, channel, &status);
    struct wb_task_waker old = replace(&channel->sender, context, progress);
    channel->sender_awaits_question = false;
    if (channel->len != channel->shown) {
        theirs = take(&channel->reader);
    }
    wb__lock_leave(&channel->lock);
    finish(&old, &theirs);
    return progress == WB_PENDING ? WB_PENDING : wb_future_end(future, status);
}

static const struct wb_future_ops send_ops = {
    .size = sizeof(struct wb_http_send),
    .offset = offsetof(struct wb_http_send, future),
    .poll = send_poll,
};

void wb_http_send_init(
    struct wb_http_send *send, struct wb_http_sender *sender, struct wb_bytes bytes) {
    *send = (struct wb_http_send){.sender = sender, .bytes = bytes};
    wb_future_init(&send->future, &send_ops);
}

enum wb_progress wb_http_sender_poll_wanted(
    struct wb_http_sender *sender, struct wb_context *context, enum wb_status *out_status) {
    struct wb_http_channel *channel = sender->channel;
    assert(channel != NULL && "asked by a sender that was given up");
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&channel->lock);
    *out_status = channel->is_deaf ? WB_ERR_CLOSED : WB_OK;
    const enum wb_progress progress =
        channel->is_deaf || channel->is_wanted ? WB_READY : WB_PENDING;
    struct wb_task_waker old = replace(&channel->sender, context, progress);
    channel->sender_awaits_question = progress == WB_PENDING;
    wb__lock_leave(&channel->lock);
    wb_task_waker_drop(&old);
    return progress;
}

/* ---- ends ---- */

static void end(
    struct wb_http_sender *sender, enum ending ending, struct wb_http_field_list *trailers) {
    struct wb_http_channel *channel = sender->channel;
    if (channel == NULL) {
        return;
    }
    sender->channel = NULL;
    wb__lock_enter(&channel->lock);
    channel->ending = ending;
    if (trailers != NULL) {
        channel->trailers = *trailers;
    }
    struct wb_task_waker mine = take(&channel->sender);
    struct wb_task_waker theirs = take(&channel->reader);
    wb__lock_leave(&channel->lock);
    if (trailers != NULL) {
        wb_http_field_list_init(
            trailers, trailers->text.sys, trailers->count_max, trailers->text_len_max);
    }
    finish(&mine, &theirs);
    leave(channel);
}

void wb_http_sender_end(struct wb_http_sender *sender) {
    end(sender, COMPLETE, NULL);
}

void wb_http_sender_end_with(struct wb_http_sender *sender, struct wb_http_field_list *trailers) {
    end(sender, COMPLETE, trailers);
}

void wb_http_sender_abort(struct wb_http_sender *sender) {
    end(sender, ABORTED, NULL);
}

/* ---- life ---- */

enum wb_status wb_http_channel_new(const struct wb_sys *sys, size_t capacity,
    struct wb_http_sender *out_sender, struct wb_http_channel_body *out_body) {
    assert(capacity != 0 && capacity < SIZE_MAX / 2);
    struct wb_http_channel *channel = WB_SYS(sys, alloc, sizeof(*channel) + capacity);
    if (channel == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *channel = (struct wb_http_channel){.sys = sys, .ends = ENDS, .capacity = capacity};
    wb__lock_init(&channel->lock, sys);
    out_sender->channel = channel;
    out_body->channel = channel;
    wb_http_body_init(&out_body->body, &channel_ops);
    return WB_OK;
}
