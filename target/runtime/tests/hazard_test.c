/* What goes wrong with readiness kept by hand, and why it can't here, or who says so. Each is a
 * known mistake of programs on such an interface (T2-01 to T2-10); those that only a whole run can
 * show have their tests in harness/run/tests/stream_test.c, under the same names. */
#include "stage.h"

#include <string.h>

#include "wb/combine.h"
#include "wb/poll_evented.h"
#include "wb/unix_stream.h"

static struct {
    struct wb_unix_stream ours;
    struct wb_unix_stream theirs;
    struct wb_poll_evented evented;
    int tries;
} pair;

static struct bell bell;

static void open_pair(void) {
    assert_ok(wb_unix_stream_pair(&stage.world->sys, &pair.ours, &pair.theirs));
    assert_ok(
        wb_poll_evented_init(&pair.evented, stage.runtime, wb_unix_stream_source(&pair.ours)));
    bell_init(&bell);
    pair.tries = 0;
}

static void close_pair(void) {
    wb_poll_evented_clean_up(&pair.evented, wb_unix_stream_source(&pair.ours));
    wb_unix_stream_close(&pair.ours);
    wb_unix_stream_close(&pair.theirs);
}

static void turn(void) {
    assert_ok(wb_runtime_turn(stage.runtime, 0));
}

static void say(const char *bytes) {
    size_t len = 0;
    assert_ok(wb_unix_stream_write(&pair.theirs, bytes, strlen(bytes), &len));
}

/* One byte at a time. */
static enum wb_status hear(void *user_data) {
    size_t len = 0;
    pair.tries++;
    return wb_unix_stream_read(&pair.ours, user_data, 1, &len);
}

static enum wb_status fail_once(void *user_data) {
    (void)user_data;
    return WB_ERR_NO_BUFFERS;
}

static enum wb_progress poll_ready(struct bell *who, struct wb_ready *out_ready) {
    struct wb_context context = wb_context_with_waker(&who->waker);
    enum wb_status status = WB_OK;
    const enum wb_progress progress =
        wb_poll_evented_poll_ready(&pair.evented, WB_DIRECTION_READ, &context, out_ready, &status);
    assert_ok(status);
    return progress;
}

static enum wb_progress poll_hear(struct bell *who, char *byte, enum wb_status *out_status) {
    struct wb_context context = wb_context_with_waker(&who->waker);
    return wb_poll_evented_poll_read(&pair.evented, &context, hear, byte, out_status);
}

static void expect_heard(char expected) {
    enum wb_status status = WB_OK;
    char byte = 0;
    assert_int_equal(poll_hear(&bell, &byte, &status), WB_READY);
    assert_ok(status);
    assert_int_equal(byte, expected);
}

/* ---- T2-01: waiting for an edge while there is something ---- */

/* A short read, a success, an end, a failure: the next operation is tried, not waited for. */
static void t2_01_only_would_block_makes_a_read_wait(void **state) {
    (void)state;
    char byte = 0;
    enum wb_status status = WB_OK;
    open_pair();
    say("abc");
    turn();
    expect_heard('a');
    expect_heard('b');
    expect_heard('c');
    assert_int_equal(bell.references, 1); /* nobody was put into the slot */
    assert_int_equal(poll_hear(&bell, &byte, &status), WB_PENDING);
    assert_int_equal(pair.tries, 4);
    say("d");
    turn();
    assert_int_equal(bell.wakes, 1);
    expect_heard('d');
    close_pair();
}

/* Whoever keeps readiness by hand can't ask to wait, only say how an operation ended. */
static void t2_01_there_is_no_waiting_without_an_outcome(void **state) {
    (void)state;
    struct wb_ready ready;
    open_pair();
    say("a");
    turn();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(poll_ready(&bell, &ready), WB_READY);
    }
    assert_int_equal(bell.references, 1);
    close_pair();
}

/* ---- T2-02: would-block forgotten ---- */

static void t2_02_would_block_always_arms(void **state) {
    (void)state;
    char byte = 0;
    enum wb_status status = WB_OK;
    struct wb_ready ready;
    open_pair();
    say("a");
    turn();
    expect_heard('a');
    assert_int_equal(poll_hear(&bell, &byte, &status), WB_PENDING);
    assert_int_equal(bell.references, 2); /* armed */
    assert_int_equal(poll_ready(&bell, &ready), WB_PENDING);
    assert_int_equal(pair.tries, 2); /* not tried again and again */
    close_pair();
}

/* ---- T2-03: waiting after a failure ---- */

static void t2_03_a_failure_does_not_make_the_next_one_wait(void **state) {
    (void)state;
    enum wb_status status = WB_OK;
    struct wb_context context = wb_context_with_waker(&bell.waker);
    open_pair();
    say("a");
    turn();
    assert_int_equal(
        wb_poll_evented_poll_read(&pair.evented, &context, fail_once, NULL, &status), WB_READY);
    assert_status(status, WB_ERR_NO_BUFFERS);
    expect_heard('a');
    close_pair();
}

/* ---- T2-04: a report between the operation and clearing ---- */

static enum wb_status would_block_as_it_comes(void *user_data) {
    char byte = 0;
    const enum wb_status status = hear(&byte);
    if (status == WB_WOULD_BLOCK && *(int *)user_data == 0) {
        ++*(int *)user_data;
        say("b");
        turn(); /* reported before it is known that this would block */
    }
    return status;
}

static void t2_04_a_report_within_the_operation_is_not_erased(void **state) {
    (void)state;
    int times = 0;
    enum wb_status status = WB_OK;
    struct wb_context context = wb_context_with_waker(&bell.waker);
    open_pair();
    say("a");
    turn();
    expect_heard('a');
    assert_int_equal(wb_poll_evented_poll_read(
                         &pair.evented, &context, would_block_as_it_comes, &times, &status),
        WB_READY);
    assert_ok(status);
    assert_int_equal(times, 1);
    close_pair();
}

/* ---- T2-05, T2-06: the wrong waker ---- */

static void t2_05_the_waker_of_the_latest_poll_is_kept(void **state) {
    (void)state;
    struct bell first;
    char byte = 0;
    enum wb_status status = WB_OK;
    bell_init(&first);
    open_pair();
    turn();
    assert_int_equal(poll_hear(&first, &byte, &status), WB_PENDING);
    assert_int_equal(poll_hear(&bell, &byte, &status), WB_PENDING);
    say("a");
    turn();
    assert_int_equal(first.wakes, 0);
    assert_int_equal(first.references, 1);
    assert_int_equal(bell.wakes, 1);
    close_pair();
}

/* A reader and a writer wait at once. A peer that hangs up wakes both. */
static void t2_06_each_direction_has_a_waiter_of_its_own(void **state) {
    (void)state;
    struct wb_readiness reading;
    struct wb_readiness writing;
    struct bell writer;
    struct wb_ready ready;
    bell_init(&writer);
    open_pair();
    turn();
    struct wb_context context = wb_context_with_waker(&writer.waker);
    enum wb_status status = WB_OK;
    assert_int_equal(
        wb_poll_evented_poll_ready(&pair.evented, WB_DIRECTION_WRITE, &context, &ready, &status),
        WB_READY);
    wb_poll_evented_settle(&pair.evented, ready, WB_WOULD_BLOCK);
    assert_int_equal(
        wb_poll_evented_poll_ready(&pair.evented, WB_DIRECTION_WRITE, &context, &ready, &status),
        WB_PENDING);
    assert_int_equal(poll_ready(&bell, &ready), WB_PENDING);
    assert_int_equal(writer.references, 2);
    wb_readiness_init(&reading, &pair.evented, WB_DIRECTION_READ);
    wb_readiness_init(&writing, &pair.evented, WB_DIRECTION_WRITE);
    assert_int_equal(wb_future_poll(&reading.future, &context), WB_PENDING);
    assert_int_equal(wb_future_poll(&writing.future, &context), WB_PENDING);
    wb_unix_stream_close(&pair.theirs);
    turn();
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(writer.wakes, 3);
    wb_future_drop(&reading.future);
    wb_future_drop(&writing.future);
    close_pair();
}

/* ---- T2-07: outside of a task ---- */

static void t2_07_waiting_outside_of_a_task_is_refused(void **state) {
    (void)state;
    const struct wb_task_waker nobody = {0};
    struct wb_context context = wb_context_with_waker(&nobody);
    struct wb_readiness readiness;
    struct wb_ready ready;
    enum wb_status status = WB_OK;
    char byte = 0;
    open_pair();
    turn();
    assert_int_equal(
        wb_poll_evented_poll_read(&pair.evented, &context, hear, &byte, &status), WB_READY);
    assert_status(status, WB_ERR_NO_RUNTIME);
    assert_string_equal(wb_status_text(status), "no runtime is there to wait for readiness");
    assert_int_equal(
        wb_poll_evented_poll_ready(&pair.evented, WB_DIRECTION_READ, &context, &ready, &status),
        WB_READY);
    assert_status(status, WB_ERR_NO_RUNTIME);
    wb_readiness_init(&readiness, &pair.evented, WB_DIRECTION_READ);
    assert_int_equal(wb_future_poll(&readiness.future, &context), WB_READY);
    assert_status(readiness.future.status, WB_ERR_NO_RUNTIME);
    say("a");
    turn();
    assert_int_equal(
        wb_poll_evented_poll_read(&pair.evented, &context, hear, &byte, &status), WB_READY);
    assert_ok(status); /* what need not wait is done for anybody */
    close_pair();
}

/* ---- T2-08: gone without being deregistered ---- */

/* The next source may get the same place; it hears nothing of the old one, nor the other way round.
 */
static void t2_08_a_source_that_was_closed_first_is_not_heard_of(void **state) {
    (void)state;
    struct wb_unix_stream others[2];
    struct wb_poll_evented other;
    struct wb_ready ready;
    open_pair();
    assert_int_equal(poll_ready(&bell, &ready), WB_PENDING);
    say("a");
    wb_unix_stream_close(&pair.ours); /* the wrong way round */
    assert_ok(wb_unix_stream_pair(&stage.world->sys, &others[0], &others[1]));
    assert_ok(wb_poll_evented_init(&other, stage.runtime, wb_unix_stream_source(&others[0])));
    turn();
    assert_int_equal(bell.wakes, 0);
    size_t len = 0;
    assert_ok(wb_unix_stream_write(&others[1], "b", 1, &len));
    turn();
    assert_int_equal(bell.wakes, 0);
    wb_poll_evented_clean_up(&other, wb_unix_stream_source(&others[0]));
    wb_unix_stream_close(&others[0]);
    wb_unix_stream_close(&others[1]);
    close_pair();
    assert_int_equal(bell.references, 1);
}

/* ---- trying without waiting ---- */

static void tk_21_a_try_waits_for_nobody(void **state) {
    (void)state;
    struct wb_ready ready;
    char byte = 0;
    open_pair();
    say("ab");
    assert_status(
        wb_poll_evented_try(&pair.evented, WB_DIRECTION_READ, hear, &byte), WB_WOULD_BLOCK);
    assert_int_equal(pair.tries, 0); /* nothing was reported yet */
    assert_int_equal(poll_ready(&bell, &ready), WB_PENDING);
    turn();
    assert_int_equal(bell.wakes, 1);
    assert_ok(wb_poll_evented_try(&pair.evented, WB_DIRECTION_READ, hear, &byte));
    assert_ok(wb_poll_evented_try(&pair.evented, WB_DIRECTION_READ, hear, &byte));
    assert_int_equal(byte, 'b');
    assert_int_equal(poll_ready(&bell, &ready), WB_READY); /* it succeeded: still ready */
    assert_status(
        wb_poll_evented_try(&pair.evented, WB_DIRECTION_READ, hear, &byte), WB_WOULD_BLOCK);
    assert_int_equal(pair.tries, 3);
    assert_int_equal(poll_ready(&bell, &ready), WB_PENDING);
    stage_destroy();
    assert_status(
        wb_poll_evented_try(&pair.evented, WB_DIRECTION_READ, hear, &byte), WB_ERR_CLOSED);
    close_pair();
}

static void tk_21_a_try_leaves_other_waiters(void **state) {
    (void)state;
    struct wb_ready ready;
    char byte = 0;
    open_pair();
    turn();
    assert_int_equal(poll_ready(&bell, &ready), WB_PENDING);
    assert_status(
        wb_poll_evented_try(&pair.evented, WB_DIRECTION_READ, hear, &byte), WB_WOULD_BLOCK);
    assert_int_equal(bell.references, 2);
    say("a");
    turn();
    assert_int_equal(bell.wakes, 1);
    close_pair();
}

/* An interrupted one is taken up again. */
static enum wb_status interrupted_twice(void *user_data) {
    return ++*(int *)user_data <= 2 ? WB_ERR_INTERRUPTED : WB_OK;
}

static void tk_21_a_try_that_is_interrupted_goes_on(void **state) {
    (void)state;
    int times = 0;
    open_pair();
    turn();
    assert_ok(wb_poll_evented_try(&pair.evented, WB_DIRECTION_WRITE, interrupted_twice, &times));
    assert_int_equal(times, 3);
    close_pair();
}

/* initially_writable, and either of both directions */
static void tk_21_either_direction_is_a_race_of_two(void **state) {
    (void)state;
    struct wb_readiness reading;
    struct wb_readiness writing;
    struct wb_future *parts[] = {&reading.future, &writing.future};
    struct wb_race race;
    open_pair();
    wb_readiness_init(&reading, &pair.evented, WB_DIRECTION_READ);
    wb_readiness_init(&writing, &pair.evented, WB_DIRECTION_WRITE);
    wb_race_init(&race, parts, 2, WB_RACE_ROTATING);
    assert_ok(wb_runtime_block_on(stage.runtime, &race.future));
    assert_int_equal(race.winner, 1);
    assert_int_equal(writing.ready.direction, WB_DIRECTION_WRITE);
    close_pair();
}

/* drop_closes, reregister: the descriptor is the source's own, and may be registered anew */
static void tk_21_a_source_is_registered_again(void **state) {
    (void)state;
    open_pair();
    say("a");
    wb_poll_evented_clean_up(&pair.evented, wb_unix_stream_source(&pair.ours));
    assert_ok(
        wb_poll_evented_init(&pair.evented, stage.runtime, wb_unix_stream_source(&pair.ours)));
    turn();
    expect_heard('a');
    close_pair();
}

/* TC-08: the writer goes with bytes under way, and all that is reported is a hang-up */
static void tc_08_a_hang_up_comes_after_the_bytes(void **state) {
    (void)state;
    enum wb_status status = WB_OK;
    char byte = 0;
    struct wb_ready ready;
    open_pair();
    turn();
    assert_int_equal(poll_hear(&bell, &byte, &status), WB_PENDING);
    say("ab");
    wb_unix_stream_close(&pair.theirs);
    turn();
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(poll_ready(&bell, &ready), WB_READY);
    assert_true(ready.is_closed);
    expect_heard('a');
    expect_heard('b');
    for (int i = 0; i < 2; i++) {
        assert_int_equal(poll_hear(&bell, &byte, &status), WB_READY);
        assert_status(status, WB_EOF);
    }
    close_pair();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SINGLE(t2_01_only_would_block_makes_a_read_wait),
        SINGLE(t2_01_there_is_no_waiting_without_an_outcome),
        SINGLE(t2_02_would_block_always_arms),
        SINGLE(t2_03_a_failure_does_not_make_the_next_one_wait),
        SINGLE(t2_04_a_report_within_the_operation_is_not_erased),
        SINGLE(t2_05_the_waker_of_the_latest_poll_is_kept),
        SINGLE(t2_06_each_direction_has_a_waiter_of_its_own),
        SINGLE(t2_07_waiting_outside_of_a_task_is_refused),
        SINGLE(t2_08_a_source_that_was_closed_first_is_not_heard_of),
        SINGLE(tk_21_a_try_waits_for_nobody),
        SINGLE(tk_21_a_try_leaves_other_waiters),
        SINGLE(tk_21_a_try_that_is_interrupted_goes_on),
        SINGLE(tk_21_either_direction_is_a_race_of_two),
        SINGLE(tk_21_a_source_is_registered_again),
        SINGLE(tc_08_a_hang_up_comes_after_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
