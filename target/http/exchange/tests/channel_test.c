/* A body that another task fills: room, questions, ends, and either end that goes first. */
#include "script.h"

#include "test_abort.h"
#include "wb/http_body.h"

static struct wb_http_sender sender;
static struct wb_http_channel_body body;
static struct bell reader_bell;

/* The sender polls with script_bell, the reader with its own. */
static void open_channel(size_t capacity) {
    bell_init(&script_bell);
    bell_init(&reader_bell);
    assert_ok(wb_http_channel_new(&stage.world->sys, capacity, &sender, &body));
}

/* Neither end has kept a waker. */
static void assert_closed(void) {
    assert_null(sender.channel);
    assert_null(body.channel);
    assert_int_equal(script_bell.references, 1);
    assert_int_equal(reader_bell.references, 1);
}

static enum wb_progress poll_body(enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb_context context = wb_context_with_waker(&reader_bell.waker);
    return wb_http_body_poll_frame(&body.body, &context, out_status, out_frame);
}

static void expect_data(const char *data) {
    enum wb_status status = WB_ERR_OS;
    struct wb_http_frame frame;
    assert_int_equal(poll_body(&status, &frame), WB_READY);
    assert_ok(status);
    assert_bytes(frame.data.ptr, frame.data.len, data);
}

static void expect_status(enum wb_status expected) {
    enum wb_status status = WB_OK;
    struct wb_http_frame frame;
    assert_int_equal(poll_body(&status, &frame), WB_READY);
    assert_status(status, expected);
}

static void expect_nothing(void) {
    enum wb_status status = WB_OK;
    struct wb_http_frame frame;
    assert_int_equal(poll_body(&status, &frame), WB_PENDING);
}

static void send_now(const char *data) {
    struct wb_http_send send;
    wb_http_send_init(&send, &sender, wb_bytes_from_string(data));
    assert_int_equal(poll_once(&send.future), WB_READY);
    assert_ok(send.future.status);
    assert_int_equal(send.done, strlen(data));
}

static enum wb_progress poll_wanted(enum wb_status *out_status) {
    struct wb_context context = wb_context_with_waker(&script_bell.waker);
    return wb_http_sender_poll_wanted(&sender, &context, out_status);
}

static void expect_wanted(bool is_wanted) {
    enum wb_status status = WB_ERR_OS;
    assert_int_equal(poll_wanted(&status), is_wanted ? WB_READY : WB_PENDING);
    if (is_wanted) {
        assert_ok(status);
    }
}

/* ---- data ---- */

static void a_hy_02_what_is_sent_comes_out(void **state) {
    (void)state;
    open_channel(16);
    expect_nothing();
    send_now("hello");
    assert_int_equal(reader_bell.wakes, 1);
    expect_data("hello");
    send_now("a");
    send_now("b");
    expect_data("ab");
    wb_http_sender_end(&sender);
    expect_status(WB_EOF);
    wb_http_body_drop(&body.body);
    assert_closed();
}

static void a_hy_02_full_channel_has_the_sender_wait(void **state) {
    (void)state;
    struct wb_http_send send;
    open_channel(4);
    wb_http_send_init(&send, &sender, wb_bytes_from_string("abcdef"));
    assert_int_equal(poll_once(&send.future), WB_PENDING);
    assert_int_equal(send.done, 4);
    expect_data("abcd");
    assert_int_equal(script_bell.wakes, 0); /* what is shown is no room yet */
    assert_int_equal(poll_once(&send.future), WB_PENDING);
    expect_nothing();
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(poll_once(&send.future), WB_READY);
    assert_ok(send.future.status);
    assert_int_equal(send.done, 6);
    expect_data("ef");
    wb_http_sender_end(&sender);
    wb_http_body_drop(&body.body);
    assert_closed();
}

/* What was shown stays as it is while the sender goes on, around the end of the ring. */
static void a_hy_02_piece_stays_until_the_next_is_asked_for(void **state) {
    (void)state;
    enum wb_status status = WB_ERR_OS;
    struct wb_http_frame frame;
    struct wb_http_send send;
    open_channel(4);
    send_now("abc");
    assert_int_equal(poll_body(&status, &frame), WB_READY);
    wb_http_send_init(&send, &sender, wb_bytes_from_string("xyz"));
    assert_int_equal(poll_once(&send.future), WB_PENDING);
    assert_int_equal(send.done, 1);
    assert_bytes(frame.data.ptr, frame.data.len, "abc");
    expect_data("x");
    assert_int_equal(poll_once(&send.future), WB_READY);
    expect_data("yz");
    wb_http_sender_end(&sender);
    wb_http_body_drop(&body.body);
}

static void a_hy_02_send_that_is_given_up_tells_what_was_taken(void **state) {
    (void)state;
    struct wb_http_send send;
    open_channel(2);
    wb_http_send_init(&send, &sender, wb_bytes_from_string("abc"));
    assert_int_equal(poll_once(&send.future), WB_PENDING);
    wb_future_drop(&send.future);
    assert_int_equal(send.done, 2);
    wb_http_sender_end(&sender);
    expect_data("ab");
    expect_status(WB_EOF);
    wb_http_body_drop(&body.body);
    assert_closed();
}

static void r_86_sending_nothing_shows_nothing(void **state) {
    (void)state;
    open_channel(2);
    expect_nothing();
    send_now("");
    assert_int_equal(reader_bell.wakes, 0);
    expect_nothing();
    wb_http_body_drop(&body.body);
    send_now(""); /* nor does it find out that nobody reads */
    wb_http_sender_end(&sender);
    assert_closed();
}

/* ---- questions ---- */

/* sender_checks_for_want_on_send */
static void h1c_39_wanted_once_somebody_asks_and_there_is_nothing(void **state) {
    (void)state;
    open_channel(8);
    expect_wanted(false);
    expect_nothing();
    assert_int_equal(script_bell.wakes, 1);
    expect_wanted(true);
    expect_wanted(true);
    send_now("a");
    expect_wanted(false); /* that was the answer */
    expect_data("a");
    assert_int_equal(script_bell.wakes, 1);
    expect_wanted(false);
    expect_nothing();
    assert_int_equal(script_bell.wakes, 2);
    expect_wanted(true);
    wb_http_sender_end(&sender);
    wb_http_body_drop(&body.body);
    assert_closed();
}

/* Room is not what it waits for. */
static void h1c_39_who_waits_to_be_asked_is_not_woken_for_room(void **state) {
    (void)state;
    open_channel(4);
    send_now("ab");
    expect_data("ab");
    send_now("cd");
    expect_wanted(false);
    expect_data("cd");
    assert_int_equal(script_bell.wakes, 0);
    expect_nothing();
    assert_int_equal(script_bell.wakes, 1);
    wb_http_body_drop(&body.body);
    wb_http_sender_end(&sender);
}

/* drop_receiver_sends_cancel_errors */
static void h1c_39_sender_is_told_that_nobody_reads(void **state) {
    (void)state;
    enum wb_status status = WB_OK;
    struct wb_http_send send;
    open_channel(1);
    expect_wanted(false);
    wb_http_body_drop(&body.body);
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(poll_wanted(&status), WB_READY);
    assert_status(status, WB_ERR_CLOSED);
    wb_http_send_init(&send, &sender, wb_bytes_from_string("a"));
    assert_int_equal(poll_once(&send.future), WB_READY);
    assert_status(send.future.status, WB_ERR_CLOSED);
    assert_int_equal(send.done, 0);
    wb_http_sender_end(&sender);
    assert_closed();
}

static void a_hy_02_sender_that_waits_for_room_is_told(void **state) {
    (void)state;
    struct wb_http_send send;
    open_channel(1);
    wb_http_send_init(&send, &sender, wb_bytes_from_string("ab"));
    assert_int_equal(poll_once(&send.future), WB_PENDING);
    wb_http_body_drop(&body.body);
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(poll_once(&send.future), WB_READY);
    assert_status(send.future.status, WB_ERR_CLOSED);
    assert_int_equal(send.done, 1);
    wb_http_sender_abort(&sender);
    assert_closed();
}

/* ---- ends ---- */

static void a_hy_02_end_wakes_the_reader(void **state) {
    (void)state;
    open_channel(1);
    expect_nothing();
    wb_http_sender_end(&sender);
    assert_int_equal(reader_bell.wakes, 1);
    expect_status(WB_EOF);
    wb_http_body_drop(&body.body);
    assert_closed();
}

static void a_hy_02_abort_comes_behind_what_was_sent(void **state) {
    (void)state;
    open_channel(4);
    send_now("ab");
    wb_http_sender_abort(&sender);
    expect_data("ab");
    expect_status(WB_ERR_CANCELLED);
    expect_status(WB_ERR_CLOSED);
    wb_http_body_drop(&body.body);
    assert_closed();
}

static void a_hy_02_abort_wakes_the_reader(void **state) {
    (void)state;
    open_channel(4);
    expect_nothing();
    wb_http_sender_abort(&sender);
    assert_int_equal(reader_bell.wakes, 1);
    expect_status(WB_ERR_CANCELLED);
    wb_http_body_drop(&body.body);
}

static struct wb_http_field_list trailers_of(const char *name, const char *value) {
    struct wb_http_field_list list;
    wb_http_field_list_init(&list, &stage.world->sys, 0, 0);
    if (name != NULL) {
        assert_ok(
            wb_http_field_list_add(&list, wb_bytes_from_string(name), wb_bytes_from_string(value)));
    }
    return list;
}

static void a_hy_02_trailers_come_last_and_are_the_bodys(void **state) {
    (void)state;
    enum wb_status status = WB_ERR_OS;
    struct wb_http_frame frame;
    struct wb_http_field_list list = trailers_of("Digest", "x");
    open_channel(4);
    send_now("ab");
    wb_http_sender_end_with(&sender, &list);
    assert_int_equal(wb_http_field_list_view(&list).count, 0);
    wb_http_field_list_clean_up(&list); /* may be done, need not */
    expect_data("ab");
    assert_int_equal(poll_body(&status, &frame), WB_READY);
    assert_ok(status);
    assert_true(frame.is_trailers);
    assert_int_equal(frame.trailers.count, 1);
    const struct wb_bytes value = wb_http_fields_value(frame.trailers, 0);
    assert_bytes(value.ptr, value.len, "x");
    expect_status(WB_EOF);
    wb_http_body_drop(&body.body);
    assert_closed();
}

static void a_hy_02_no_trailers_are_none(void **state) {
    (void)state;
    struct wb_http_field_list list = trailers_of(NULL, NULL);
    open_channel(4);
    wb_http_sender_end_with(&sender, &list);
    expect_status(WB_EOF);
    wb_http_body_drop(&body.body);
}

static void a_hy_02_trailers_that_nobody_reads_are_freed(void **state) {
    (void)state;
    struct wb_http_field_list list = trailers_of("Digest", "x");
    open_channel(4);
    wb_http_body_drop(&body.body);
    wb_http_sender_end_with(&sender, &list);
    assert_closed();
    list = trailers_of("Digest", "x");
    open_channel(4);
    wb_http_sender_end_with(&sender, &list);
    wb_http_body_drop(&body.body);
    assert_closed();
}

/* The first end counts, and trailers of a later one stay the caller's. */
static void a_hy_02_ends_are_given_up_once(void **state) {
    (void)state;
    struct wb_http_field_list list = trailers_of("Digest", "x");
    open_channel(4);
    wb_http_sender_end(&sender);
    wb_http_sender_abort(&sender);
    wb_http_sender_end_with(&sender, &list);
    assert_int_equal(wb_http_field_list_view(&list).count, 1);
    wb_http_field_list_clean_up(&list);
    expect_status(WB_EOF);
    wb_http_body_drop(&body.body);
    wb_http_body_drop(&body.body);
    assert_closed();
}

static void a_hy_02_forgotten_sender_has_the_body_wait(void **state) {
    (void)state;
    struct wb_http_sender forgotten;
    open_channel(4);
    send_now("a");
    forgotten = sender;
    sender.channel = NULL;
    expect_data("a");
    expect_nothing();
    expect_nothing();
    assert_int_equal(reader_bell.wakes, 0);
    wb_http_body_drop(&body.body); /* which frees nothing: somebody could still send */
    assert_int_not_equal(stage.world->blocks, 0);
    wb_http_sender_end(&forgotten);
    assert_closed();
}

static void a_hy_02_use_of_a_sender_that_was_given_up_aborts(void **state) {
    (void)state;
    enum wb_status status = WB_OK;
    struct wb_http_send send;
    open_channel(4);
    wb_http_sender_end(&sender);
    wb_http_send_init(&send, &sender, wb_bytes_from_string("a"));
    assert_aborts((void)poll_once(&send.future));
    assert_aborts((void)poll_wanted(&status));
    wb_http_body_drop(&body.body);
}

/* How a message is framed must not depend on how far the sender got. */
static void a_hy_02_nothing_is_known_ahead(void **state) {
    (void)state;
    open_channel(4);
    send_now("ab");
    wb_http_sender_end(&sender);
    const struct wb_http_size_hint hint = wb_http_body_size_hint(&body.body);
    assert_true(hint.lower == 0 && !hint.has_upper);
    expect_data("ab");
    assert_false(wb_http_body_is_end(&body.body));
    expect_status(WB_EOF);
    assert_true(wb_http_body_is_end(&body.body));
    wb_http_body_drop(&body.body);
}

/* ---- what is missing ---- */

static void a_hy_02_channel_without_memory(void **state) {
    (void)state;
    world_refuse(stage.world, 1);
    assert_status(wb_http_channel_new(&stage.world->sys, 8, &sender, &body), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
}

/* ---- giving way ---- */

/* A task that is always served spends its budget and no more in one poll. */
static void tk_08_channel_gives_way(void **state) {
    (void)state;
    static struct wb__turn turn;
    enum wb_status status = WB_OK;
    struct wb_http_frame frame;
    struct wb_http_send send;
    open_channel(4);
    turn = (struct wb__turn){.waker = script_bell.waker, .budget = 3};
    struct wb_context context = {&turn.waker, NULL, &turn};
    wb_http_send_init(&send, &sender, wb_bytes_from_string("ab"));
    assert_int_equal(wb_future_poll(&send.future, &context), WB_READY);
    assert_int_equal(wb_http_body_poll_frame(&body.body, &context, &status, &frame), WB_READY);
    assert_int_equal(wb_http_body_poll_frame(&body.body, &context, &status, &frame), WB_PENDING);
    assert_false(turn.is_woken);
    assert_int_equal(wb_http_sender_poll_wanted(&sender, &context, &status), WB_PENDING);
    assert_true(turn.is_woken);
    wb_http_sender_end(&sender);
    wb_http_body_drop(&body.body);
}

#define BARE(test) STAGE_CASE(test, "", stage_setup_bare)

int main(void) {
    const struct CMUnitTest tests[] = {
        BARE(a_hy_02_what_is_sent_comes_out),
        BARE(a_hy_02_full_channel_has_the_sender_wait),
        BARE(a_hy_02_piece_stays_until_the_next_is_asked_for),
        BARE(a_hy_02_send_that_is_given_up_tells_what_was_taken),
        BARE(r_86_sending_nothing_shows_nothing),
        BARE(h1c_39_wanted_once_somebody_asks_and_there_is_nothing),
        BARE(h1c_39_who_waits_to_be_asked_is_not_woken_for_room),
        BARE(h1c_39_sender_is_told_that_nobody_reads),
        BARE(a_hy_02_sender_that_waits_for_room_is_told),
        BARE(a_hy_02_end_wakes_the_reader),
        BARE(a_hy_02_abort_comes_behind_what_was_sent),
        BARE(a_hy_02_abort_wakes_the_reader),
        BARE(a_hy_02_trailers_come_last_and_are_the_bodys),
        BARE(a_hy_02_no_trailers_are_none),
        BARE(a_hy_02_trailers_that_nobody_reads_are_freed),
        BARE(a_hy_02_ends_are_given_up_once),
        BARE(a_hy_02_forgotten_sender_has_the_body_wait),
        BARE(a_hy_02_use_of_a_sender_that_was_given_up_aborts),
        BARE(a_hy_02_nothing_is_known_ahead),
        BARE(a_hy_02_channel_without_memory),
        BARE(tk_08_channel_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
