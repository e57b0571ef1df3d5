/* See message_future.h. */
#include "examples/message_future.h"

/* How long the listener rests when descriptors or memory have run out. */
#define REST_NS UINT64_C(20000000)

/* ---- senders ---- */

static void expect_message(struct wb__message_sender *sender) {
    sender->len = 0;
    wb_read_until_init(
        &sender->until, &sender->reader, '\n', sender->bytes, WB__MESSAGE_LEN_MAX, &sender->len);
}

static void begin(struct wb__message_sender *sender, const struct wb_stream *stream) {
    sender->is_there = true;
    sender->stream = *stream;
    wb_buf_reader_init(
        &sender->reader, &sender->stream.reader.read, sender->ahead, WB__MESSAGE_READ_AHEAD);
    expect_message(sender);
}

static void end(struct wb__message_sender *sender, bool is_orderly) {
    wb_future_drop(&sender->until.future);
    if (!is_orderly) {
        (void)!wb_tcp_stream_set_linger(wb_stream_tcp(&sender->stream), 0);
    }
    wb_stream_close(&sender->stream);
    sender->is_there = false;
}

static struct wb__message_sender *free_place(struct wb__message_future *self) {
    for (int i = 0; i < WB__MESSAGE_SENDERS_MAX; i++) {
        if (!self->senders[i].is_there) {
            return &self->senders[i];
        }
    }
    return NULL;
}

static bool goes_on_after(
    struct wb__message_future *self, struct wb_context *context, struct wb_bytes message) {
    self->message = message;
    return self->on_message != NULL && self->on_message(self->user_data, context, message);
}

/* Takes what a sender has to say, until there is nothing for now. False: that was enough. */
static bool hear(struct wb__message_future *self, struct wb__message_sender *sender,
    struct wb_context *context) {
    while (sender->is_there && wb_future_poll(&sender->until.future, context) == WB_READY) {
        const enum wb_status status = sender->until.future.status;
        if (status != WB_OK) {
            end(sender, status == WB_EOF);
        } else if (!goes_on_after(self, context, wb_bytes_from(sender->bytes, sender->len))) {
            return false;
        } else {
            expect_message(sender);
        }
    }
    return true;
}

static bool hear_all(struct wb__message_future *self, struct wb_context *context) {
    for (int i = 0; i < WB__MESSAGE_SENDERS_MAX; i++) {
        if (!hear(self, &self->senders[i], context)) {
            return false;
        }
    }
    return true;
}

/* ---- accepting ---- */

static bool is_rested(struct wb__message_future *self, struct wb_context *context) {
    self->is_resting =
        self->is_resting && wb_future_poll(&self->rest.future, context) == WB_PENDING;
    return !self->is_resting;
}

static void rest(struct wb__message_future *self, struct wb_context *context) {
    self->is_resting = true;
    wb_sleep_init(&self->rest, context->runtime, REST_NS);
}

/* False: nobody else is there for now. */
static bool accept_one(
    struct wb__message_future *self, struct wb__message_sender *place, struct wb_context *context) {
    while (is_rested(self, context)) {
        if (!self->is_accepting) {
            wb_accept_init(&self->accept, self->listener);
            self->is_accepting = true;
        }
        if (wb_future_poll(&self->accept.future, context) == WB_PENDING) {
            return false;
        }
        self->is_accepting = false;
        if (self->accept.future.status == WB_OK) {
            begin(place, &self->accept.stream);
            return true;
        }
        rest(self, context);
    }
    return false;
}

/* Until there is nobody, or no place: then they wait until somebody's is free. */
static bool accept_all(struct wb__message_future *self, struct wb_context *context) {
    for (;;) {
        struct wb__message_sender *place = free_place(self);
        if (place == NULL || !accept_one(self, place, context)) {
            return true;
        }
        if (!hear(self, place, context)) {
            return false;
        }
    }
}

/* ---- the future ---- */

static enum wb_progress message_poll(struct wb_future *future, struct wb_context *context) {
    struct wb__message_future *self = WB_FUTURE_OF(future, struct wb__message_future, future);
    const bool goes_on = hear_all(self, context) && accept_all(self, context);
    return goes_on ? WB_PENDING : wb_future_end(future, WB_OK);
}

static void message_drop(struct wb_future *future) {
    struct wb__message_future *self = WB_FUTURE_OF(future, struct wb__message_future, future);
    wb_future_drop(&self->accept.future);
    wb_future_drop(&self->rest.future);
    for (int i = 0; i < WB__MESSAGE_SENDERS_MAX; i++) {
        if (self->senders[i].is_there) {
            end(&self->senders[i], true);
        }
    }
}

static const struct wb_future_ops message_ops = {
    .size = sizeof(struct wb__message_future),
    .offset = offsetof(struct wb__message_future, future),
    .poll = message_poll,
    .drop = message_drop,
};

void wb__message_future_init(struct wb__message_future *self, struct wb_listener *listener,
    wb__message_fn on_message, void *user_data) {
    *self = (struct wb__message_future){
        .listener = listener, .on_message = on_message, .user_data = user_data};
    wb_future_init(&self->future, &message_ops);
}
