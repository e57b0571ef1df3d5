/* See tunnel.h. */
#include "examples/tunnel.h"

#include "wb/runtime.h"

/* Grows with each byte that is read, each that is written, and each end. */
static uint64_t moved(const struct wb_copy *copy) {
    return 2 * copy->copied + (copy->end - copy->begin) + (copy->is_at_end ? 1 : 0);
}

/* WB_READY: nothing has moved for too long. */
static enum wb_progress poll_patience(struct wb__tunnel *self, struct wb_context *context) {
    const uint64_t now = moved(&self->copy.there) + moved(&self->copy.back);
    if (self->idle_ns == 0) {
        return WB_PENDING;
    }
    if (self->patience.future.ops == NULL) {
        wb_sleep_init(&self->patience, context->runtime, self->idle_ns);
    } else if (now != self->moved) {
        wb_sleep_reset(&self->patience, wb_runtime_now(context->runtime) + self->idle_ns);
    }
    self->moved = now;
    return wb_future_poll(&self->patience.future, context);
}

static enum wb_progress tunnel_poll(struct wb_future *future, struct wb_context *context) {
    struct wb__tunnel *self = WB_FUTURE_OF(future, struct wb__tunnel, future);
    if (wb_future_poll(&self->copy.future, context) == WB_READY) {
        wb_future_drop(&self->patience.future);
        return wb_future_end(future, self->copy.future.status);
    }
    if (poll_patience(self, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb_future_drop(&self->copy.future);
    return wb_future_end(future, WB_ERR_TIMED_OUT);
}

static void tunnel_drop(struct wb_future *future) {
    struct wb__tunnel *self = WB_FUTURE_OF(future, struct wb__tunnel, future);
    wb_future_drop(&self->copy.future);
    wb_future_drop(&self->patience.future);
}

static const struct wb_future_ops tunnel_ops = {
    .size = sizeof(struct wb__tunnel),
    .offset = offsetof(struct wb__tunnel, future),
    .poll = tunnel_poll,
    .drop = tunnel_drop,
};

void wb__tunnel_init(struct wb__tunnel *tunnel, struct wb_async_stream a, struct wb_async_stream b,
    void *buf, size_t capacity, uint64_t idle_ns) {
    *tunnel = (struct wb__tunnel){.idle_ns = idle_ns};
    wb_future_init(&tunnel->future, &tunnel_ops);
    wb_copy_bidirectional_init(&tunnel->copy, a, b, buf, capacity);
}
