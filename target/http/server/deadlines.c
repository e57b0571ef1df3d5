/* How long a connection waits for its client. One timer serves all deadlines, and is moved only
 * when it fires too early, or would too late: in the steady state it is left alone. */
#include "http/server/conn.h"

/* The deadline of something that has begun by now. */
static uint64_t deadline_of(struct wb__h1_server *self, bool is_waited_for,
    uint64_t *in_out_since_ns, uint64_t timeout_ns) {
    if (!is_waited_for) {
        *in_out_since_ns = 0;
        return UINT64_MAX;
    }
    if (timeout_ns == WB_H1_TIMEOUT_NEVER) {
        return UINT64_MAX;
    }
    if (*in_out_since_ns == 0) {
        *in_out_since_ns = wb__h1_now(self);
    }
    return wb__h1_after(*in_out_since_ns, timeout_ns);
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* ---- what happens when the time is up ---- */

static enum wb__h1_step out_of_time(struct wb__h1_server *self) {
    struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_TIMEOUT, WB_ERR_TIMED_OUT);
    if (self->in.end != self->in.begin) {
        error.detail = "of a head that did not end";
        return wb__h1_refuse(self, 408, error);
    }
    return self->conn->requests != 0 ? wb__h1_close(self, wb__h1_error(WB_HTTP_ERROR_NONE, WB_OK))
                                     : wb__h1_close(self, error);
}

static bool has_spare(const struct wb__h1_server *self) {
    return self->in.ptr != NULL || self->work != NULL || self->out.bytes.capacity != 0;
}

/* ---- the timer ---- */

/* WB__H1_GO_ON: the deadline has passed. */
static enum wb__h1_step arm(
    struct wb__h1_server *self, struct wb_context *context, uint64_t deadline_ns) {
    const bool is_heard = wb_task_waker_will_wake(&self->sleep_waker, context->waker);
    const bool has_fired = self->armed_ns <= wb__h1_now(self);
    if (is_heard && !has_fired && self->armed_ns <= deadline_ns) {
        return WB__H1_WAIT;
    }
    if (deadline_ns == UINT64_MAX) {
        wb__h1_unwatch(self);
        return WB__H1_WAIT;
    }
    wb_sleep_reset(&self->sleep, deadline_ns);
    self->armed_ns = deadline_ns;
    self->sleep_waker = *context->waker;
    if (wb_future_poll(&self->sleep.future, context) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    self->armed_ns = UINT64_MAX;
    return WB__H1_GO_ON;
}

void wb__h1_unwatch(struct wb__h1_server *self) {
    wb_future_drop(&self->sleep.future);
    self->armed_ns = UINT64_MAX;
    self->sleep_waker = (struct wb_task_waker){0};
}

/* Whatever is waited for: sees to it that the timer fires when the first of it is due. */
static enum wb__h1_step watch_closely(struct wb__h1_server *self, struct wb_context *context) {
    const struct wb_h1_server_options *options = &self->options;
    const uint64_t write_ns =
        deadline_of(self, self->out.is_pending, &self->write_since_ns, options->write_timeout_ns);
    const uint64_t body_ns = deadline_of(
        self, self->incoming.is_waited_for, &self->body_since_ns, options->body_timeout_ns);
    const uint64_t head_ns = deadline_of(
        self, self->state == wb__h1_read_head, &self->idle_since_ns, options->head_timeout_ns);
    const uint64_t linger_ns =
        deadline_of(self, self->state == wb__h1_linger, &self->linger_since_ns, WB__H1_LINGER_NS);
    const uint64_t spare_ns = wb__h1_is_idle(self) && has_spare(self)
                                  ? deadline_of(self, true, &self->idle_since_ns, WB__H1_SPARE_NS)
                                  : UINT64_MAX;
    const uint64_t deadline_ns =
        earlier(earlier(earlier(write_ns, body_ns), earlier(head_ns, linger_ns)), spare_ns);
    if (deadline_ns == UINT64_MAX && self->armed_ns == UINT64_MAX) {
        return WB__H1_WAIT;
    }
    if (deadline_ns > wb__h1_now(self) && arm(self, context, deadline_ns) == WB__H1_WAIT) {
        return WB__H1_WAIT;
    }
    self->now_ns = 0;
    const uint64_t now_ns = wb__h1_now(self);
    if (write_ns <= now_ns) {
        struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_TIMEOUT, WB_ERR_TIMED_OUT);
        error.detail = "the client takes nothing";
        return wb__h1_break(self, error);
    }
    if (body_ns <= now_ns) {
        self->incoming.failed = WB_ERR_TIMED_OUT;
        return WB__H1_GO_ON;
    }
    if (head_ns <= now_ns) {
        return out_of_time(self);
    }
    if (linger_ns <= now_ns) {
        return WB__H1_OVER;
    }
    wb__h1_give_back(self);
    return wb__h1_watch(self, context);
}

enum wb__h1_step wb__h1_watch(struct wb__h1_server *self, struct wb_context *context) {
    return wb__h1_is_in_order(self, context) ? WB__H1_WAIT : watch_closely(self, context);
}
