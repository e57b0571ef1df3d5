/* See async_peer.h. Each use of `has` is a bug; without them it is as it should be. */
#include "async_peer.h"

#include <string.h>

#include "wb/async.h"
#include "wb/runtime.h"

static const uint64_t pause_ns = UINT64_C(1000000);

static bool has(const struct async_peer *self, enum planted_bug bug) {
    return self->bug == bug;
}

/* ---- readiness ---- */

/* What became of an operation: only that it would block clears what is known. */
static void settle(struct async_peer *self, enum wb_status status) {
    bool read_something = status == WB_OK && self->seen.direction == WB_DIRECTION_READ;
    if (has(self, PLANTED_CLEARED_WHILE_READABLE) && read_something) {
        status = WB_WOULD_BLOCK;
    }
    if (!has(self, PLANTED_NEVER_CLEARED)) {
        (void)wb_poll_evented_settle(&self->evented, self->seen, status);
    }
}

/* After a pause: what is cleared is what was seen before it, whatever was reported since. */
static void settle_late(struct async_peer *self, struct wb_context *context) {
    enum wb_status known = WB_OK;
    if (has(self, PLANTED_NEWER_ERASED)) {
        (void)!wb_poll_evented_poll_ready(
            &self->evented, self->seen.direction, context, &self->seen, &known);
    }
    (void)wb_poll_evented_settle(&self->evented, self->seen, WB_WOULD_BLOCK);
}

/* ---- one operation ---- */

static enum wb_status read_some(struct async_peer *self) {
    size_t len = 0;
    if (has(self, PLANTED_ECHOED_BEFORE_READ)) {
        self->begin = 0;
        self->end = 4; /* of whatever is there */
        return WB_OK;
    }
    size_t room = has(self, PLANTED_UNBUDGETED) ? 1 : ASYNC_CHUNK;
    enum wb_status status = wb_tcp_stream_read(&self->tcp, self->buf, room, &len);
    if (status == WB_OK) {
        self->begin = 0;
        self->end = has(self, PLANTED_READ_OVERSTATED) && len < ASYNC_CHUNK ? len + 1 : len;
    }
    return status;
}

static enum wb_status write_some(struct async_peer *self) {
    size_t len = 0;
    enum wb_status status = WB_WOULD_BLOCK;
    do {
        status =
            wb_tcp_stream_write(&self->tcp, self->buf + self->begin, self->end - self->begin, &len);
    } while (status == WB_WOULD_BLOCK && has(self, PLANTED_WRITE_RETRIED));
    self->begin += status == WB_OK ? len : 0;
    if (status == WB_OK && has(self, PLANTED_ASYNC_WRITE_UNCHECKED)) {
        self->begin = self->end;
    }
    return status;
}

static bool may_go_on(const struct async_peer *self, struct wb_context *context) {
    return has(self, PLANTED_UNBUDGETED) || wb_context_spend(context) == WB_READY;
}

/* One step in the direction that is wanted. WB_PENDING: it waits. */
static enum wb_progress step(struct async_peer *self, struct wb_context *context) {
    enum wb_direction direction = self->begin != self->end ? WB_DIRECTION_WRITE : WB_DIRECTION_READ;
    if (wb_poll_evented_poll_ready(&self->evented, direction, context, &self->seen, &self->status)
            == WB_PENDING
        || (self->status == WB_OK && !may_go_on(self, context))) {
        return WB_PENDING;
    }
    if (self->status == WB_OK) {
        self->status = direction == WB_DIRECTION_READ ? read_some(self) : write_some(self);
        if (self->status != WB_WOULD_BLOCK || !self->pauses) {
            settle(self, self->status);
        }
    }
    return WB_READY;
}

/* ---- the task ---- */

static bool goes_on(const struct async_peer *self) {
    return self->status == WB_OK || self->status == WB_ERR_INTERRUPTED
           || (self->status == WB_WOULD_BLOCK && !has(self, PLANTED_WOULD_BLOCK_IS_END));
}

/* Pending with nobody to wake it. */
static bool is_stuck(const struct async_peer *self) {
    return (has(self, PLANTED_UNARMED_AFTER_WOULD_BLOCK) && self->status == WB_WOULD_BLOCK)
           || (has(self, PLANTED_ERROR_IS_PENDING) && wb_status_is_error(self->status));
}

/* The writing side is ended, so that the peer reads all of it; after a reset there is none. */
static void end_writing(struct async_peer *self) {
    enum wb_status status = wb_tcp_stream_shutdown(&self->tcp, WB_TCP_SHUTDOWN_WRITE);
    if (status != WB_OK && has(self, PLANTED_SHUTDOWN_FATAL)) {
        *self->out_failed = true;
    }
}

static enum wb_progress peer_poll(struct wb_future *future, struct wb_context *context) {
    struct async_peer *self = WB_FUTURE_OF(future, struct async_peer, future);
    WB_ASYNC_BEGIN(future, context);
    self->status =
        wb_poll_evented_init(&self->evented, context->runtime, wb_tcp_stream_source(&self->tcp));
    while (goes_on(self)) {
        if (self->status == WB_WOULD_BLOCK && self->pauses) {
            wb_sleep_init(&self->pause, context->runtime, pause_ns);
            WB_AWAIT(&self->pause.future);
            settle_late(self, context);
        }
        WB_AWAIT_READY(is_stuck(self) ? WB_PENDING : step(self, context));
    }
    WB_AWAIT_READY(is_stuck(self) ? WB_PENDING : WB_READY);
    end_writing(self);
    WB_ASYNC_END(self->status);
}

static void peer_drop(struct wb_future *future) {
    struct async_peer *self = WB_FUTURE_OF(future, struct async_peer, future);
    wb_future_drop(&self->pause.future);
    if (!has(self, PLANTED_REGISTRATION_KEPT)) {
        wb_poll_evented_clean_up(&self->evented, wb_tcp_stream_source(&self->tcp));
    }
    wb_tcp_stream_close(&self->tcp);
}

static const struct wb_future_ops peer_ops = {
    .size = sizeof(struct async_peer),
    .offset = offsetof(struct async_peer, future),
    .poll = peer_poll,
    .drop = peer_drop,
};

void async_peer_init(struct async_peer *peer, struct wb_tcp_stream *tcp, enum planted_bug bug) {
    memset(peer, 0, sizeof(*peer));
    peer->tcp = *tcp;
    peer->bug = bug;
    wb_future_init(&peer->future, &peer_ops);
}
