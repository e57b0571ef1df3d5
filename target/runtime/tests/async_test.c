/* Sequential poll functions. */
#include "world.h"

#include "probe.h"
#include "test_abort.h"
#include "wb/async.h"

static struct bell bell;
static struct wb_context context;

static int setup(void **state) {
    (void)state;
    bell_init(&bell);
    context = wb_context_with_waker(&bell.waker);
    return 0;
}

/* Awaits probes one after the other, in a loop, with what else a function may do. */
struct walk {
    struct wb_future future;
    struct probe_log *logs;
    struct probe probe;
    int at;
    int count;
    int yields;
    bool stops_at_error;
    bool *is_open;
    int steps;
};

static enum wb_progress gate(struct walk *self) {
    return self->is_open == NULL || *self->is_open ? WB_READY : WB_PENDING;
}

static enum wb_progress walk_poll(struct wb_future *future, struct wb_context *cx) {
    struct walk *self = WB_FUTURE_OF(future, struct walk, future);
    WB_ASYNC_BEGIN(future, cx);
    WB_AWAIT_READY(gate(self));
    for (self->at = 0; self->at < self->count; self->at++) {
        if (self->at == 5) {
            break;
        }
        if (self->at == 1) {
            continue; /* the second is left out */
        }
        probe_init(&self->probe, &self->logs[self->at]);
        if (self->stops_at_error) {
            WB_TRY_AWAIT(&self->probe.future);
        } else {
            WB_AWAIT(&self->probe.future);
        }
        self->steps++;
    }
    while (self->yields-- > 0) {
        WB_ASYNC_YIELD();
    }
    if (self->steps == 1) {
        WB_ASYNC_RETURN(WB_EOF);
    }
    WB_ASYNC_END(WB_OK);
}

static void walk_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct walk, future)->probe.future);
}

static const struct wb_future_ops walk_ops = {
    .size = sizeof(struct walk),
    .offset = offsetof(struct walk, future),
    .poll = walk_poll,
    .drop = walk_drop,
};

static struct walk walk_of(struct probe_log *logs, int count) {
    struct walk walk = {.logs = logs, .count = count};
    wb_future_init(&walk.future, &walk_ops);
    return walk;
}

static void sequence_goes_on_where_it_was(void **state) {
    (void)state;
    struct probe_log logs[7] = {
        {.pending = 2}, {.pending = 0}, {.pending = 1}, {.pending = 0}, {.pending = 0}};
    bool is_open = false;
    struct walk walk = walk_of(logs, 7);
    walk.yields = 2;
    walk.is_open = &is_open;
    assert_int_equal(wb_future_poll(&walk.future, &context), WB_PENDING);
    assert_int_equal(logs[0].polls, 0);
    is_open = true;
    int polls = 1;
    while (wb_future_poll(&walk.future, &context) == WB_PENDING) {
        polls++;
    }
    assert_int_equal(polls, 1 + 2 + 1 + 2); /* gate, first, third, yields */
    assert_int_equal(bell.wakes, 2);
    assert_int_equal(walk.steps, 4);
    assert_int_equal(logs[1].polls, 0);
    assert_int_equal(logs[5].polls, 0);
    assert_int_equal(logs[2].polls, 2);
    assert_status(walk.future.status, WB_OK);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(logs[i].drops, i == 1 || i > 4 ? 0 : 1);
    }
}

static void return_in_the_middle_is_the_end(void **state) {
    (void)state;
    struct probe_log logs[1] = {{.pending = 0}};
    struct walk walk = walk_of(logs, 1);
    assert_int_equal(wb_future_poll(&walk.future, &context), WB_READY);
    assert_status(walk.future.status, WB_EOF);
}

static void failure_ends_a_sequence_that_tries(void **state) {
    (void)state;
    struct probe_log logs[3] = {
        {.pending = 1, .status = WB_ERR_PARSE}, {.pending = 0}, {.pending = 0}};
    struct walk walk = walk_of(logs, 3);
    walk.stops_at_error = true;
    assert_int_equal(wb_future_poll(&walk.future, &context), WB_PENDING);
    assert_int_equal(wb_future_poll(&walk.future, &context), WB_READY);
    assert_status(walk.future.status, WB_ERR_PARSE);
    assert_int_equal(logs[2].polls, 0);
}

static void dropped_sequence_drops_what_it_waits_for(void **state) {
    (void)state;
    struct probe_log logs[1] = {{.pending = 9}};
    struct walk walk = walk_of(logs, 1);
    wb_future_drop(&walk.future); /* before it began: the probe is all zero */
    walk = walk_of(logs, 1);
    assert_int_equal(wb_future_poll(&walk.future, &context), WB_PENDING);
    wb_future_drop(&walk.future);
    assert_int_equal(logs[0].drops, 1);
}

/* ---- what aborts ---- */

struct bad {
    struct wb_future future;
    struct wb_yield yield;
    int way;
};

static enum wb_progress bad_poll(struct wb_future *future, struct wb_context *cx) {
    struct bad *self = WB_FUTURE_OF(future, struct bad, future);
    WB_ASYNC_BEGIN(future, cx);
    wb_yield_init(&self->yield);
    switch (self->way) {
    case -1:
        break;
    default:
        WB_AWAIT(&self->yield.future);
        break;
    }
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops bad_ops = {
    .size = sizeof(struct bad),
    .offset = offsetof(struct bad, future),
    .poll = bad_poll,
};

static void poll_twice(void *arg) {
    struct wb_future *future = arg;
    (void)!wb_future_poll(future, &context);
    (void)!wb_future_poll(future, &context);
}

static void await_inside_a_switch_aborts_at_the_next_poll(void **state) {
    (void)state;
    struct bad bad = {.way = 1};
    wb_future_init(&bad.future, &bad_ops);
    assert_aborts(poll_twice(&bad.future));
}

static void polling_a_future_that_is_over_aborts(void **state) {
    (void)state;
    struct wb_done done;
    wb_done_init(&done, WB_OK);
    assert_aborts(poll_twice(&done.future));
}

static void drop_then_poll(void *arg) {
    wb_future_drop(arg);
    (void)!wb_future_poll(arg, &context);
}

static void polling_a_future_that_was_dropped_aborts(void **state) {
    (void)state;
    struct wb_yield yield;
    wb_yield_init(&yield);
    assert_aborts(drop_then_poll(&yield.future));
}

static enum wb_progress sloppy_poll(struct wb_future *future, struct wb_context *cx) {
    (void)future, (void)cx;
    return WB_READY;
}

static void ready_without_an_end_aborts(void **state) {
    (void)state;
    const struct wb_future_ops ops = {.size = sizeof(struct wb_future), .poll = sloppy_poll};
    struct wb_future future;
    wb_future_init(&future, &ops);
    assert_aborts(poll_twice(&future));
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(sequence_goes_on_where_it_was),
        CASE(return_in_the_middle_is_the_end),
        CASE(failure_ends_a_sequence_that_tries),
        CASE(dropped_sequence_drops_what_it_waits_for),
        CASE(await_inside_a_switch_aborts_at_the_next_poll),
        CASE(polling_a_future_that_is_over_aborts),
        CASE(polling_a_future_that_was_dropped_aborts),
        CASE(ready_without_an_end_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
