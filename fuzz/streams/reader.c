/* Who reads: in the ways it is told to, then all that is left; and then the end, again and again.
 */
#include "streams/talk.h"

#include "wb/async.h"

enum { AHEAD_MAX = 128 };

struct reader {
    struct wb_future future;
    int way;
    struct end *end;
    const struct step *steps;
    uint32_t count;
    struct step step;
    struct wb_async_read *source; /* the end, or what reads ahead of it */
    struct wb_buf_reader ahead;
    bool is_ahead;
    struct wb_future *current;
    union {
        struct wb_read_exact exact;
        struct wb_read_until until;
        struct wb_sleep sleep;
        struct wb_yield yield;
    } u;
    struct wb_read read;
    struct wb_with_timeout timeout;
    bool has_timeout;
    struct wb_limited_reader takes[2];
    struct wb_chained_reader chain;
    struct wb_async_read *from; /* of a loop */
    uint64_t limit;
    uint64_t got;
    size_t len;
    bool is_over;
    unsigned char ahead_buf[AHEAD_MAX];
    unsigned char buf[BUF_LEN];
};

enum { READ, READ_EXACT, READ_UNTIL, READ_LINE, TAKE, CHAIN, SLEEP, YIELD, CLOSE, READER_STEPS };

static struct way *way_of(const struct reader *self) {
    return &talk.ways[self->way];
}

static unsigned kind_of(const struct reader *self) {
    const unsigned what = self->step.what % READER_STEPS;
    return !self->is_ahead && (what == READ_UNTIL || what == READ_LINE) ? READ_EXACT : what;
}

static size_t length_of(const struct step *step) {
    const size_t len = 1 + step->a * talk.scale;
    return len < BUF_LEN ? len : BUF_LEN;
}

/* ---- what came ---- */

static void check_bytes(const struct reader *self, size_t len) {
    CHECK(memcmp(self->buf, pattern(self->way, way_of(self)->read), len) == 0);
}

static void received(struct reader *self, size_t len) {
    CHECK(len <= BUF_LEN);
    check_bytes(self, len);
    way_of(self)->read += len;
}

/* The end comes after all bytes, and after nothing else. */
static void at_end(struct reader *self, enum wb_status status) {
    const struct way *way = way_of(self);
    self->is_over = true;
    CHECK(talk.is_rough || status == WB_EOF);
    CHECK(talk.is_rough || (way->is_ending && way->read == way->written));
}

/* ---- one after the other ---- */

static struct wb_future *limited(struct reader *self, struct wb_future *future) {
    self->has_timeout = (self->step.b & 1) != 0;
    if (!self->has_timeout) {
        return future;
    }
    wb_with_timeout_init(&self->timeout, talk.runtime, future, (self->step.b >> 1) * (MS / 4));
    return &self->timeout.future;
}

static unsigned char end_byte(const struct reader *self) {
    return kind_of(self) == READ_LINE ? '\n' : (unsigned char)('a' + (self->step.b >> 4));
}

static struct wb_future *begin_until(struct reader *self) {
    const size_t capacity = length_of(&self->step);
    self->len = 0;
    if (kind_of(self) == READ_LINE) {
        wb_read_line_init(&self->u.until, &self->ahead, self->buf, capacity, &self->len);
    } else {
        wb_read_until_init(
            &self->u.until, &self->ahead, end_byte(self), self->buf, capacity, &self->len);
    }
    return limited(self, &self->u.until.future);
}

static struct wb_future *begin(struct reader *self) {
    switch (kind_of(self)) {
    case READ_EXACT:
        wb_read_exact_init(&self->u.exact, self->source, self->buf, length_of(&self->step));
        return limited(self, &self->u.exact.future);
    case READ_UNTIL:
    case READ_LINE:
        return begin_until(self);
    case SLEEP:
        wb_sleep_init(&self->u.sleep, talk.runtime, self->step.a * (MS / 16));
        return &self->u.sleep.future;
    default:
        wb_yield_init(&self->u.yield);
        return &self->u.yield.future;
    }
}

static void settle_exact(struct reader *self, enum wb_status status) {
    const size_t done = self->u.exact.done;
    received(self, done);
    if (status == WB_OK) {
        CHECK(done == length_of(&self->step));
    } else if (!self->has_timeout || status != WB_ERR_TIMED_OUT) {
        CHECK(done < length_of(&self->step));
        at_end(self, status == WB_ERR_UNEXPECTED_EOF ? WB_EOF : status);
    }
}

/* A line comes without its end, which counts all the same. */
static void received_until(struct reader *self, size_t expected) {
    if (kind_of(self) != READ_LINE) {
        CHECK(self->len == expected);
    } else {
        const unsigned char *said = pattern(self->way, way_of(self)->read);
        const bool is_double = expected > 1 && said[expected - 2] == '\r';
        CHECK(self->len == expected - (is_double ? 2 : 1));
    }
    check_bytes(self, self->len);
    way_of(self)->read += expected;
}

static void settle_until(struct reader *self, enum wb_status status) {
    const size_t expected = pattern_until(self->way, way_of(self)->read, end_byte(self));
    const size_t capacity = length_of(&self->step);
    CHECK(self->len <= capacity);
    if (status == WB_OK && self->u.until.is_complete) {
        CHECK(expected <= capacity);
        received_until(self, expected);
        return;
    }
    CHECK(self->len < expected); /* it would have been complete */
    received(self, self->len);
    if (status == WB_ERR_LIMIT) {
        CHECK(self->len == capacity);
    } else if (status == WB_OK || status == WB_EOF) {
        CHECK((status == WB_EOF) == (self->len == 0));
        at_end(self, WB_EOF);
    } else if (!self->has_timeout || status != WB_ERR_TIMED_OUT) {
        at_end(self, status);
    }
}

static void settle(struct reader *self) {
    const enum wb_status status = self->current->status;
    const unsigned kind = kind_of(self);
    if (kind == READ_EXACT) {
        settle_exact(self, status);
    } else if (kind == READ_UNTIL || kind == READ_LINE) {
        settle_until(self, status);
    }
}

/* ---- read by read ---- */

/* Whether this step is a loop of reads, of at most `limit` bytes. */
static bool begin_loop(struct reader *self) {
    const unsigned kind = kind_of(self);
    self->got = 0;
    self->limit = UINT64_MAX;
    self->from = self->source;
    if (kind == TAKE || kind == CHAIN) {
        wb_limited_reader_init(&self->takes[0], self->source, self->step.a * talk.scale);
        wb_limited_reader_init(&self->takes[1], self->source, self->step.b * talk.scale);
        wb_chained_reader_init(&self->chain, &self->takes[0].read, &self->takes[1].read);
        self->from = kind == TAKE ? &self->takes[0].read : &self->chain.read;
        self->limit = (self->step.a + (kind == CHAIN ? self->step.b : 0u)) * talk.scale;
    }
    return kind == TAKE || kind == CHAIN || kind == READ;
}

static struct wb_future *begin_read(struct reader *self) {
    const size_t len = kind_of(self) == READ ? length_of(&self->step) : 1 + self->step.b % 64u;
    wb_read_init(&self->read, self->from, self->buf, self->count == 0 ? BUF_LEN : len);
    return &self->read.future;
}

/* Whether to go on. A limit that is reached looks like the end. */
static bool took(struct reader *self, bool is_single) {
    const enum wb_status status = self->read.future.status;
    if (status != WB_OK) {
        if (status != WB_EOF || self->got != self->limit) {
            at_end(self, status);
        }
        return false;
    }
    CHECK(self->read.len != 0);
    received(self, self->read.len);
    self->got += self->read.len;
    CHECK(self->got <= self->limit);
    return !is_single;
}

/* ---- all of it ---- */

/* Only on one side, or both could wait for somebody to read. */
static bool may_close(const struct reader *self) {
    return talk.is_rough && self->way == 0;
}

static bool next_step(struct reader *self) {
    if (self->count == 0 || self->is_over) {
        return false;
    }
    self->step = *self->steps++;
    self->count--;
    self->has_timeout = false;
    if (kind_of(self) == CLOSE && may_close(self)) {
        self->is_over = true;
        return false;
    }
    return true;
}

static void seen(struct reader *self) {
    way_of(self)->is_read = true;
    wb_notify_one(&way_of(self)->seen);
}

static enum wb_progress reader_poll(struct wb_future *future, struct wb_context *context) {
    struct reader *self = WB_FUTURE_OF(future, struct reader, future);
    WB_ASYNC_BEGIN(future, context);
    if (self->is_ahead) {
        wb_buf_reader_init(&self->ahead, self->end->read, self->ahead_buf, self->ahead.capacity);
        self->source = &self->ahead.read;
    }
    while (next_step(self)) {
        if (begin_loop(self)) {
            do {
                self->current = begin_read(self);
                WB_AWAIT(self->current);
            } while (took(self, kind_of(self) == READ));
        } else {
            self->current = begin(self);
            WB_AWAIT(self->current);
            settle(self);
        }
    }
    while (!self->is_over) {
        self->limit = UINT64_MAX;
        wb_read_init(&self->read, self->source, self->buf, BUF_LEN);
        self->current = &self->read.future;
        WB_AWAIT(self->current);
        (void)took(self, true);
    }
    seen(self);
    if (!talk.is_rough) {
        wb_read_init(&self->read, self->source, self->buf, BUF_LEN);
        self->current = &self->read.future;
        WB_AWAIT(self->current);
        CHECK(self->read.future.status == WB_EOF);
    }
    WB_ASYNC_END(WB_OK);
}

static void reader_drop(struct wb_future *future) {
    struct reader *self = WB_FUTURE_OF(future, struct reader, future);
    if (self->current != NULL) {
        wb_future_drop(self->current);
    }
    end_leave(self->end, true, false);
}

static const struct wb_future_ops reader_ops = {
    .size = sizeof(struct reader),
    .offset = offsetof(struct reader, future),
    .poll = reader_poll,
    .drop = reader_drop,
};

enum wb_status reader_spawn(int way, struct end *end, const struct step *steps, uint32_t count,
    size_t ahead, struct wb_join_handle *out_handle) {
    struct reader reader = {
        .way = way, .end = end, .steps = steps, .count = count, .source = end->read};
    reader.is_ahead = ahead != 0;
    reader.ahead.capacity = ahead < AHEAD_MAX ? ahead : AHEAD_MAX;
    wb_future_init(&reader.future, &reader_ops);
    end_use(end);
    const enum wb_status status = wb_runtime_spawn(talk.runtime, &reader.future, NULL, out_handle);
    if (status != WB_OK) {
        wb_future_drop(&reader.future);
    }
    return status;
}
