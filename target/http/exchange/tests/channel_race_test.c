/* A channel whose ends are tasks of different threads, which give up at different moments. Meant
 * for ThreadSanitizer. */
#include "stage.h"

#include <string.h>

#include "wb/async.h"
#include "wb/http_body.h"

enum { ROUNDS = 300, PIECES = 20, PIECE_LEN = 7, CAPACITY = 16 };

/* ---- sending ---- */

struct filler {
    struct wb_future future;
    struct wb_http_sender sender;
    struct wb_http_send send;
    struct wb_http_field_list trailers;
    enum wb_status status;
    int pieces; /* then it ends */
    int sent;
    bool asks;
    bool aborts;
    uint8_t bytes[PIECE_LEN];
};

static enum wb_progress filler_poll(struct wb_future *future, struct wb_context *context) {
    struct filler *self = WB_FUTURE_OF(future, struct filler, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->sent < self->pieces; self->sent++) {
        if (self->asks) {
            WB_AWAIT_READY(wb_http_sender_poll_wanted(&self->sender, context, &self->status));
        }
        memset(self->bytes, self->sent, sizeof(self->bytes));
        wb_http_send_init(
            &self->send, &self->sender, wb_bytes_from(self->bytes, sizeof(self->bytes)));
        WB_TRY_AWAIT(&self->send.future);
    }
    if (!self->aborts) {
        wb_http_sender_end_with(&self->sender, &self->trailers);
    }
    WB_ASYNC_END(WB_OK);
}

static void filler_drop(struct wb_future *future) {
    struct filler *self = WB_FUTURE_OF(future, struct filler, future);
    wb_future_drop(&self->send.future);
    wb_http_field_list_clean_up(&self->trailers);
    wb_http_sender_abort(&self->sender);
}

static const struct wb_future_ops filler_ops = {
    .size = sizeof(struct filler),
    .offset = offsetof(struct filler, future),
    .poll = filler_poll,
    .drop = filler_drop,
};

/* ---- reading ---- */

struct drain {
    struct wb_future future;
    struct wb_http_channel_body *body;
    enum wb_status status;
    struct wb_http_frame frame;
    size_t len;
    size_t len_max; /* then it has enough */
    bool has_trailers;
    bool is_wrong;
};

/* Not in the thread of the test: no assertion is allowed here. */
static void take_frame(struct drain *self) {
    self->has_trailers = self->has_trailers || self->frame.is_trailers;
    for (size_t i = 0; i < self->frame.data.len; i++) {
        const uint8_t expected = (uint8_t)(self->len++ / PIECE_LEN);
        self->is_wrong = self->is_wrong || self->frame.data.ptr[i] != expected;
    }
}

/* Trailers come before a complete end, and only there. */
static enum wb_status verdict(const struct drain *self, enum wb_status status) {
    const bool is_right = !self->is_wrong && self->has_trailers == (status == WB_EOF);
    return is_right ? status : WB_ERR_OS;
}

static enum wb_progress drain_poll(struct wb_future *future, struct wb_context *context) {
    struct drain *self = WB_FUTURE_OF(future, struct drain, future);
    WB_ASYNC_BEGIN(future, context);
    while (self->len < self->len_max) {
        WB_AWAIT_READY(
            wb_http_body_poll_frame(&self->body->body, context, &self->status, &self->frame));
        if (self->status != WB_OK) {
            WB_ASYNC_RETURN(verdict(self, self->status));
        }
        take_frame(self);
    }
    WB_ASYNC_END(verdict(self, WB_OK));
}

static void drain_drop(struct wb_future *future) {
    wb_http_body_drop(&WB_FUTURE_OF(future, struct drain, future)->body->body);
}

static const struct wb_future_ops drain_ops = {
    .size = sizeof(struct drain),
    .offset = offsetof(struct drain, future),
    .poll = drain_poll,
    .drop = drain_drop,
};

/* ---- rounds ---- */

struct race {
    struct filler filler;
    struct drain drain;
    struct wb_http_channel_body body;
    struct wb_join_handle filling;
    struct wb_join_handle draining;
};

static void start(struct race *race, int pieces, size_t len_max) {
    *race = (struct race){.filler = {.pieces = pieces}, .drain = {.len_max = len_max}};
    assert_ok(wb_http_channel_new(&stage.world->sys, CAPACITY, &race->filler.sender, &race->body));
    wb_http_field_list_init(&race->filler.trailers, &stage.world->sys, 0, 0);
    assert_ok(wb_http_field_list_add(
        &race->filler.trailers, wb_bytes_from_string("x"), wb_bytes_from_string("y")));
    race->drain.body = &race->body;
    wb_future_init(&race->filler.future, &filler_ops);
    wb_future_init(&race->drain.future, &drain_ops);
}

static void spawn(struct race *race) {
    const struct wb_spawn_options low = {.priority = WB_PRIORITY_LOW};
    assert_ok(wb_runtime_spawn(stage.runtime, &race->filler.future, NULL, &race->filling));
    assert_ok(wb_runtime_spawn(stage.runtime, &race->drain.future, &low, &race->draining));
}

static void h1s_49_all_of_it_arrives(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct race race;
        start(&race, PIECES, SIZE_MAX);
        race.filler.asks = round % 2 == 0;
        race.filler.aborts = round % 3 == 0;
        spawn(&race);
        assert_ok(stage_join(&race.filling));
        assert_status(stage_join(&race.draining), round % 3 == 0 ? WB_ERR_CANCELLED : WB_EOF);
    }
}

static void a_hy_02_reader_that_goes_ends_the_sender(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct race race;
        start(&race, 1 << 20, (size_t)(round % 40) + 1);
        race.filler.asks = round % 2 == 0;
        spawn(&race);
        assert_ok(stage_join(&race.draining));
        assert_status(stage_join(&race.filling), WB_ERR_CLOSED);
    }
}

static void a_hy_02_sender_that_is_aborted_ends_the_reader(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct race race;
        start(&race, 1 << 20, SIZE_MAX);
        spawn(&race);
        wb_join_handle_abort(&race.filling);
        assert_status(stage_join(&race.filling), WB_ERR_CANCELLED);
        assert_status(stage_join(&race.draining), WB_ERR_CANCELLED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(h1s_49_all_of_it_arrives),
        BOTH(a_hy_02_reader_that_goes_ends_the_sender),
        BOTH(a_hy_02_sender_that_is_aborted_ends_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
