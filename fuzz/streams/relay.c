/* Who copies between the two wires: both ways in one task, or each way in a task of its own. */
#include "streams/talk.h"

#include "wb/async.h"

struct relay {
    struct wb_future future;
    int way; /* -1: both */
    struct end *from;
    struct end *to;
    struct wb_copy copy;
    struct wb_flush shutdown;
    struct wb_copy_bidirectional both;
    unsigned char buf[BUF_LEN];
};

/* All that was written has been copied, before the end was passed on. */
static void check_copied(const struct wb_copy *copy, int way) {
    if (copy->future.status == WB_OK) {
        CHECK(talk.is_rough || copy->copied == talk.ways[way].written);
    } else {
        CHECK(talk.is_rough);
    }
}

static enum wb_progress both_poll(struct wb_future *future, struct wb_context *context) {
    struct relay *self = WB_FUTURE_OF(future, struct relay, future);
    const struct wb_async_stream from = {self->from->read, self->from->write};
    const struct wb_async_stream to = {self->to->read, self->to->write};
    WB_ASYNC_BEGIN(future, context);
    wb_copy_bidirectional_init(&self->both, from, to, self->buf, 2 * talk.relay_len);
    WB_AWAIT(&self->both.future);
    CHECK(self->both.future.status == WB_OK || talk.is_rough);
    if (self->both.future.status == WB_OK) {
        check_copied(&self->both.there, 0);
        check_copied(&self->both.back, 1);
    }
    WB_ASYNC_END(WB_OK);
}

static void both_drop(struct wb_future *future) {
    struct relay *self = WB_FUTURE_OF(future, struct relay, future);
    wb_future_drop(&self->both.future);
    end_leave(self->from, true, true);
    end_leave(self->to, true, true);
}

static enum wb_progress one_poll(struct wb_future *future, struct wb_context *context) {
    struct relay *self = WB_FUTURE_OF(future, struct relay, future);
    WB_ASYNC_BEGIN(future, context);
    wb_copy_init(&self->copy, self->from->read, self->to->write, self->buf, talk.relay_len);
    WB_AWAIT(&self->copy.future);
    check_copied(&self->copy, self->way);
    wb_shutdown_init(&self->shutdown, self->to->write);
    WB_AWAIT(&self->shutdown.future);
    CHECK(self->shutdown.future.status == WB_OK || talk.is_rough);
    WB_ASYNC_END(WB_OK);
}

static void one_drop(struct wb_future *future) {
    struct relay *self = WB_FUTURE_OF(future, struct relay, future);
    wb_future_drop(&self->copy.future);
    wb_future_drop(&self->shutdown.future);
    end_leave(self->from, true, false);
    end_leave(self->to, false, true);
}

static const struct wb_future_ops both_ops = {
    .size = sizeof(struct relay),
    .offset = offsetof(struct relay, future),
    .poll = both_poll,
    .drop = both_drop,
};

static const struct wb_future_ops one_ops = {
    .size = sizeof(struct relay),
    .offset = offsetof(struct relay, future),
    .poll = one_poll,
    .drop = one_drop,
};

static enum wb_status spawn(
    int way, struct end *from, struct end *to, struct wb_join_handle *out_handle) {
    struct relay relay = {.way = way, .from = from, .to = to};
    wb_future_init(&relay.future, way < 0 ? &both_ops : &one_ops);
    end_use(from);
    end_use(to);
    const enum wb_status status = wb_runtime_spawn(talk.runtime, &relay.future, NULL, out_handle);
    if (status != WB_OK) {
        wb_future_drop(&relay.future);
    }
    return status;
}

static enum wb_status spawn_ways(bool is_apart, struct end *first, struct end *second,
    struct wb_join_handle out_handles[2], uint32_t *out_count) {
    *out_count = 0;
    enum wb_status status = spawn(is_apart ? 0 : -1, first, second, &out_handles[0]);
    *out_count += status == WB_OK ? 1 : 0;
    if (is_apart && status == WB_OK) {
        status = spawn(1, second, first, &out_handles[1]);
        *out_count += status == WB_OK ? 1 : 0;
    }
    return status;
}

/* One way may be over before the other is there, and must not be the last user. */
enum wb_status relay_spawn(
    bool is_apart, struct wb_join_handle out_handles[2], uint32_t *out_count) {
    struct end *first = &talk.ends[1];
    struct end *second = &talk.ends[2];
    end_use(first);
    end_use(second);
    const enum wb_status status = spawn_ways(is_apart, first, second, out_handles, out_count);
    end_leave(first, false, false);
    end_leave(second, false, false);
    return status;
}
