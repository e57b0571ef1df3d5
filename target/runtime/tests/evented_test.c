/* What is known of readiness: remembered until an operation would block, never erased by who saw
 * less, told to everybody who waits. Unix streams of the system, with a loop that the tests turn.
 */
#include "stage.h"

#include "wb/poll_evented.h"
#include "wb/unix_stream.h"

enum { MANY = 80 }; /* more than are woken at a time */

static struct {
    struct wb_unix_stream ours;
    struct wb_unix_stream theirs;
    struct wb_poll_evented evented;
} pair;

static struct bell bell;

static void open_pair(void) {
    assert_ok(wb_unix_stream_pair(&stage.world->sys, &pair.ours, &pair.theirs));
    assert_ok(
        wb_poll_evented_init(&pair.evented, stage.runtime, wb_unix_stream_source(&pair.ours)));
    bell_init(&bell);
}

static void close_pair(void) {
    wb_poll_evented_clean_up(&pair.evented, wb_unix_stream_source(&pair.ours));
    wb_unix_stream_close(&pair.ours);
    wb_unix_stream_close(&pair.theirs);
}

static void turn(void) {
    assert_ok(wb_runtime_turn(stage.runtime, 0));
}

static void say(const char *byte) {
    size_t len = 0;
    assert_ok(wb_unix_stream_write(&pair.theirs, byte, 1, &len));
}

static enum wb_status hear(void *user_data) {
    size_t len = 0;
    return wb_unix_stream_read(&pair.ours, user_data, 1, &len);
}

static enum wb_status would_block(void *user_data) {
    ++*(int *)user_data;
    return WB_WOULD_BLOCK;
}

static enum wb_progress poll_ready(
    struct bell *who, enum wb_direction direction, struct wb_ready *out_ready) {
    struct wb_context context = wb_context_with_waker(&who->waker);
    enum wb_status status = WB_OK;
    const enum wb_progress progress =
        wb_poll_evented_poll_ready(&pair.evented, direction, &context, out_ready, &status);
    assert_ok(status);
    return progress;
}

static enum wb_progress poll_future(struct bell *who, struct wb_future *future) {
    struct wb_context context = wb_context_with_waker(&who->waker);
    return wb_future_poll(future, &context);
}

static enum wb_progress poll_hear(struct bell *who, char *byte, enum wb_status *out_status) {
    struct wb_context context = wb_context_with_waker(&who->waker);
    return wb_poll_evented_poll_read(&pair.evented, &context, hear, byte, out_status);
}

/* ---- what is remembered ---- */

static void tc_03_nothing_is_ready_before_the_first_report(void **state) {
    (void)state;
    struct wb_ready ready;
    open_pair();
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_WRITE, &ready), WB_PENDING);
    turn();
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_WRITE, &ready), WB_READY);
    close_pair();
    assert_int_equal(bell.references, 1);
}

static void tk_21_a_direction_is_ready_until_it_would_block(void **state) {
    (void)state;
    struct wb_ready ready;
    open_pair();
    say("a");
    turn();
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_READY);
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_READY);
    wb_poll_evented_settle(&pair.evented, ready, WB_WOULD_BLOCK);
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_PENDING);
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_WRITE, &ready), WB_READY);
    close_pair();
}

static void tc_11_no_other_outcome_clears(void **state) {
    (void)state;
    const enum wb_status outcomes[] = {WB_OK, WB_EOF, WB_ERR_INTERRUPTED, WB_ERR_CONN_RESET};
    struct wb_ready ready;
    open_pair();
    say("a");
    turn();
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_READY);
        assert_status(wb_poll_evented_settle(&pair.evented, ready, outcomes[i]), outcomes[i]);
    }
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_READY);
    close_pair();
}

static void tk_21_clearing_what_was_seen_erases_no_newer_report(void **state) {
    (void)state;
    struct wb_ready seen;
    struct wb_ready ready;
    char byte = 0;
    open_pair();
    say("a");
    turn();
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &seen), WB_READY);
    assert_ok(hear(&byte));
    assert_status(hear(&byte), WB_WOULD_BLOCK);
    say("b"); /* after the operation that would block, before that is known */
    turn();
    wb_poll_evented_settle(&pair.evented, seen, WB_WOULD_BLOCK);
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_READY);
    assert_true(ready.report > seen.report);
    wb_poll_evented_settle(&pair.evented, ready, WB_WOULD_BLOCK);
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_PENDING);
    close_pair();
}

/* ---- who is woken ---- */

static void tc_10_a_wait_after_would_block_is_woken_once(void **state) {
    (void)state;
    char byte = 0;
    enum wb_status status = WB_OK;
    open_pair();
    turn();
    assert_int_equal(poll_hear(&bell, &byte, &status), WB_PENDING);
    turn();
    assert_int_equal(bell.wakes, 0);
    say("a");
    turn();
    turn();
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(poll_hear(&bell, &byte, &status), WB_READY);
    assert_ok(status);
    assert_int_equal(byte, 'a');
    close_pair();
}

static void tc_12_the_latest_poll_is_woken(void **state) {
    (void)state;
    struct bell other;
    struct wb_ready ready;
    bell_init(&other);
    open_pair();
    assert_int_equal(poll_ready(&other, WB_DIRECTION_READ, &ready), WB_PENDING);
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_PENDING);
    assert_int_equal(other.references, 1);
    say("a");
    turn();
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(other.wakes, 0);
    close_pair();
}

static void tc_13_each_direction_wakes_its_own(void **state) {
    (void)state;
    struct bell writer;
    struct wb_ready ready;
    bell_init(&writer);
    open_pair();
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_PENDING);
    assert_int_equal(poll_ready(&writer, WB_DIRECTION_WRITE, &ready), WB_PENDING);
    turn();
    assert_int_equal(writer.wakes, 1);
    assert_int_equal(bell.wakes, 0);
    say("a");
    turn();
    assert_int_equal(bell.wakes, 1);
    close_pair();
}

static void tk_21_all_waiters_of_a_direction_are_woken(void **state) {
    (void)state;
    static struct wb_readiness waiters[MANY];
    static struct bell bells[MANY];
    open_pair();
    for (int i = 0; i < MANY; i++) {
        bell_init(&bells[i]);
        wb_readiness_init(&waiters[i], &pair.evented, WB_DIRECTION_READ);
        assert_int_equal(poll_future(&bells[i], &waiters[i].future), WB_PENDING);
    }
    wb_future_drop(&waiters[MANY / 2].future);
    wb_future_drop(&waiters[0].future);
    wb_future_drop(&waiters[MANY - 1].future);
    say("a");
    turn();
    for (int i = 0; i < MANY; i++) {
        const bool was_dropped = i == 0 || i == MANY / 2 || i == MANY - 1;
        assert_int_equal(bells[i].wakes, was_dropped ? 0 : 1);
        if (!was_dropped) {
            assert_int_equal(poll_future(&bells[i], &waiters[i].future), WB_READY);
        }
        assert_int_equal(bells[i].references, 1);
    }
    close_pair();
}

/* ---- trying ---- */

static void tk_32_would_block_ends_the_tries(void **state) {
    (void)state;
    int tries = 0;
    enum wb_status status = WB_OK;
    struct wb_context context = wb_context_with_waker(&bell.waker);
    open_pair();
    turn();
    assert_int_equal(
        wb_poll_evented_poll_write(&pair.evented, &context, would_block, &tries, &status),
        WB_PENDING);
    assert_int_equal(tries, 1);
    close_pair();
}

/* ---- the end ---- */

static void tk_22_destroying_the_runtime_tells_whoever_waits(void **state) {
    (void)state;
    static struct wb_readiness waiters[MANY];
    char byte = 0;
    enum wb_status status = WB_OK;
    struct bell reader;
    bell_init(&reader);
    open_pair();
    for (int i = 0; i < MANY; i++) {
        wb_readiness_init(&waiters[i], &pair.evented, WB_DIRECTION_READ);
        assert_int_equal(poll_future(&bell, &waiters[i].future), WB_PENDING);
    }
    assert_int_equal(poll_hear(&reader, &byte, &status), WB_PENDING);
    stage_destroy();
    assert_int_equal(bell.wakes, MANY);
    assert_int_equal(reader.wakes, 1);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(poll_future(&bell, &waiters[i].future), WB_READY);
        assert_status(waiters[i].future.status, WB_ERR_CLOSED);
    }
    assert_int_equal(poll_hear(&reader, &byte, &status), WB_READY);
    assert_status(status, WB_ERR_CLOSED);
    close_pair();
}

static void tk_22_a_ready_direction_fails_after_the_runtime(void **state) {
    (void)state;
    char byte = 0;
    enum wb_status status = WB_OK;
    open_pair();
    say("a");
    turn();
    stage_destroy();
    assert_int_equal(poll_hear(&bell, &byte, &status), WB_READY);
    assert_status(status, WB_ERR_CLOSED);
    close_pair();
}

/* A waker that closes what it waits for. */
static void clone_nothing(void *data) {
    (void)data;
}

static void wake_and_close(void *data) {
    ++*(int *)data;
    close_pair();
}

static const struct wb_task_waker_ops closing_ops = {
    .clone = clone_nothing, .wake = wake_and_close, .drop = clone_nothing};

static void poll_closing(int *wakes) {
    const struct wb_task_waker waker = {&closing_ops, wakes};
    struct wb_context context = wb_context_with_waker(&waker);
    struct wb_ready ready;
    enum wb_status status = WB_OK;
    assert_int_equal(
        wb_poll_evented_poll_ready(&pair.evented, WB_DIRECTION_READ, &context, &ready, &status),
        WB_PENDING);
}

static void tk_23_a_source_may_go_within_its_own_wake(void **state) {
    (void)state;
    int wakes = 0;
    open_pair();
    poll_closing(&wakes);
    say("a");
    turn();
    assert_int_equal(wakes, 1);
    open_pair();
    poll_closing(&wakes);
    stage_destroy();
    assert_int_equal(wakes, 2);
}

static void tk_23_without_a_runtime_it_is_said_so(void **state) {
    (void)state;
    struct wb_poll_evented evented;
    struct wb_fd_source source = {0};
    assert_status(wb_poll_evented_init(&evented, NULL, &source.source), WB_ERR_NO_RUNTIME);
    wb_poll_evented_clean_up(&evented, &source.source);
}

static void tk_22_nothing_is_registered_after_the_end_began(void **state) {
    (void)state;
    struct wb_unix_stream ours;
    struct wb_unix_stream theirs;
    struct wb_poll_evented evented;
    struct probe_log log = {.pending = 1, .keeps_waker = true};
    assert_ok(wb_unix_stream_pair(&stage.world->sys, &ours, &theirs));
    stage_spawn(&log, NULL, NULL);
    assert_status(wb_runtime_shutdown(stage.runtime, 0), WB_ERR_TIMED_OUT);
    assert_status(
        wb_poll_evented_init(&evented, stage.runtime, wb_unix_stream_source(&ours)), WB_ERR_CLOSED);
    wb_task_waker_drop(&log.waker);
    wb_unix_stream_close(&ours);
    wb_unix_stream_close(&theirs);
}

static void tc_07_a_new_source_does_not_hear_of_an_old_one(void **state) {
    (void)state;
    struct wb_ready ready;
    open_pair();
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_PENDING);
    say("a");
    close_pair();
    assert_int_equal(bell.references, 1);
    open_pair();
    assert_int_equal(poll_ready(&bell, WB_DIRECTION_READ, &ready), WB_PENDING);
    turn();
    assert_int_equal(bell.wakes, 0);
    close_pair();
}

static void registering_fails_without_memory(void **state) {
    (void)state;
    struct wb_poll_evented evented;
    assert_ok(wb_unix_stream_pair(&stage.world->sys, &pair.ours, &pair.theirs));
    world_refuse(stage.world, 1);
    assert_status(wb_poll_evented_init(&evented, stage.runtime, wb_unix_stream_source(&pair.ours)),
        WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
    wb_unix_stream_close(&pair.ours);
    wb_unix_stream_close(&pair.theirs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SINGLE(tc_03_nothing_is_ready_before_the_first_report),
        SINGLE(tk_21_a_direction_is_ready_until_it_would_block),
        SINGLE(tc_11_no_other_outcome_clears),
        SINGLE(tk_21_clearing_what_was_seen_erases_no_newer_report),
        SINGLE(tc_10_a_wait_after_would_block_is_woken_once),
        SINGLE(tc_12_the_latest_poll_is_woken),
        SINGLE(tc_13_each_direction_wakes_its_own),
        SINGLE(tk_21_all_waiters_of_a_direction_are_woken),
        SINGLE(tk_32_would_block_ends_the_tries),
        SINGLE(tk_22_destroying_the_runtime_tells_whoever_waits),
        SINGLE(tk_22_a_ready_direction_fails_after_the_runtime),
        SINGLE(tk_23_a_source_may_go_within_its_own_wake),
        SINGLE(tk_23_without_a_runtime_it_is_said_so),
        SINGLE(tk_22_nothing_is_registered_after_the_end_began),
        SINGLE(tc_07_a_new_source_does_not_hear_of_an_old_one),
        SINGLE(registering_fails_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
