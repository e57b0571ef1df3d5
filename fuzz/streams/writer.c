/* Who writes: what it is told to, then it shuts down, and is then refused. */
#include "streams/talk.h"

#include "wb/async.h"

struct writer {
    struct wb_future future;
    int way;
    struct end *end;
    const struct step *steps;
    uint32_t count;
    struct wb_future *current;
    struct step step;
    union {
        struct wb_write write;
        struct wb_write_all write_all;
        struct wb_flush flush;
        struct wb_sleep sleep;
        struct wb_yield yield;
        struct wb_notified notified;
    } u;
    struct wb_with_timeout timeout;
    bool has_timeout;
    bool is_broken;
};

enum { WRITE, WRITE_ALL, FLUSH, SLEEP, YIELD, AWAIT_END, WRITER_STEPS };

static struct way *way_of(const struct writer *self) {
    return &talk.ways[self->way];
}

static size_t length_of(const struct step *step) {
    const size_t len = 1 + step->a * talk.scale;
    return len < BUF_LEN ? len : BUF_LEN;
}

static struct wb_future *limited(struct writer *self, struct wb_future *future) {
    self->has_timeout = (self->step.b & 1) != 0;
    if (!self->has_timeout) {
        return future;
    }
    wb_with_timeout_init(&self->timeout, talk.runtime, future, (self->step.b >> 1) * (MS / 4));
    return &self->timeout.future;
}

static struct wb_future *begin_writing(struct writer *self) {
    const unsigned char *bytes = pattern(self->way, way_of(self)->written);
    const size_t len = length_of(&self->step);
    if (self->step.what % WRITER_STEPS == WRITE) {
        wb_write_init(&self->u.write, self->end->write, bytes, len);
        return &self->u.write.future;
    }
    wb_write_all_init(&self->u.write_all, self->end->write, bytes, len);
    return limited(self, &self->u.write_all.future);
}

static struct wb_future *begin_resting(struct writer *self) {
    switch (self->step.what % WRITER_STEPS) {
    case FLUSH:
        wb_flush_init(&self->u.flush, self->end->write);
        return &self->u.flush.future;
    case SLEEP:
        wb_sleep_init(&self->u.sleep, talk.runtime, self->step.a * (MS / 16));
        return &self->u.sleep.future;
    default:
        wb_yield_init(&self->u.yield);
        return &self->u.yield.future;
    }
}

/* Only one of both sides may wait for the other to be done, or both would. */
static bool must_await_end(const struct writer *self) {
    return self->step.what % WRITER_STEPS == AWAIT_END && self->way == 1 && !talk.ways[0].is_read;
}

static bool next_step(struct writer *self) {
    if (self->count == 0 || self->is_broken) {
        return false;
    }
    self->step = *self->steps++;
    self->count--;
    self->has_timeout = false;
    if (must_await_end(self)) {
        wb_notified_init(&self->u.notified, &talk.ways[0].seen);
        self->current = &self->u.notified.future;
    } else {
        self->current =
            self->step.what % WRITER_STEPS <= WRITE_ALL ? begin_writing(self) : begin_resting(self);
    }
    return true;
}

static void settle_write_all(struct writer *self, enum wb_status status) {
    const size_t done = self->u.write_all.done;
    way_of(self)->written += done;
    if (status == WB_OK) {
        CHECK(done == length_of(&self->step));
    } else if (self->has_timeout && status == WB_ERR_TIMED_OUT) {
        CHECK(done < length_of(&self->step));
    } else {
        self->is_broken = true;
    }
}

static void settle(struct writer *self) {
    const enum wb_status status = self->current->status;
    if (self->step.what % WRITER_STEPS == WRITE_ALL) {
        settle_write_all(self, status);
    } else if (self->step.what % WRITER_STEPS == WRITE && status == WB_OK) {
        CHECK(self->u.write.done != 0 && self->u.write.done <= length_of(&self->step));
        way_of(self)->written += self->u.write.done;
    } else {
        self->is_broken = status != WB_OK;
    }
    CHECK(!self->is_broken || talk.is_rough);
}

static void begin_shutdown(struct writer *self) {
    way_of(self)->is_ending = true;
    wb_shutdown_init(&self->u.flush, self->end->write);
}

static enum wb_progress writer_poll(struct wb_future *future, struct wb_context *context) {
    struct writer *self = WB_FUTURE_OF(future, struct writer, future);
    WB_ASYNC_BEGIN(future, context);
    while (next_step(self)) {
        WB_AWAIT(self->current);
        settle(self);
    }
    begin_shutdown(self);
    WB_AWAIT(&self->u.flush.future);
    CHECK(self->u.flush.future.status == WB_OK || talk.is_rough);
    begin_shutdown(self);
    WB_AWAIT(&self->u.flush.future);
    CHECK(self->u.flush.future.status == WB_OK || talk.is_rough);
    wb_write_init(&self->u.write, self->end->write, "x", 1);
    WB_AWAIT(&self->u.write.future);
    CHECK(self->u.write.future.status != WB_OK);
    CHECK(self->u.write.future.status == WB_ERR_BROKEN_PIPE || talk.is_rough);
    WB_ASYNC_END(WB_OK);
}

static void writer_drop(struct wb_future *future) {
    struct writer *self = WB_FUTURE_OF(future, struct writer, future);
    if (self->current != NULL) {
        wb_future_drop(self->current);
    }
    end_leave(self->end, false, true);
}

static const struct wb_future_ops writer_ops = {
    .size = sizeof(struct writer),
    .offset = offsetof(struct writer, future),
    .poll = writer_poll,
    .drop = writer_drop,
};

enum wb_status writer_spawn(int way, struct end *end, const struct step *steps, uint32_t count,
    struct wb_join_handle *out_handle) {
    struct writer writer = {.way = way, .end = end, .steps = steps, .count = count};
    wb_future_init(&writer.future, &writer_ops);
    end_use(end);
    const enum wb_status status = wb_runtime_spawn(talk.runtime, &writer.future, NULL, out_handle);
    if (status != WB_OK) {
        wb_future_drop(&writer.future);
    }
    return status;
}
