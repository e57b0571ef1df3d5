/* What holds for every body, and bodies of one piece and of what a stream brings. */
#include "script.h"

#include "test_abort.h"
#include "wb/http_body.h"

/* ---- a body that does what the test wrote down ---- */

struct piece {
    const char *data; /* NULL: `status` */
    enum wb_status status;
    bool is_trailers;
    bool is_pending;
};

struct written_body {
    struct wb_http_body body;
    const struct piece *pieces;
    int polls;
    int drops;
};

static enum wb_progress written_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct written_body *written = WB_FUTURE_OF(body, struct written_body, body);
    const struct piece piece = *written->pieces++;
    written->polls++;
    if (piece.is_pending) {
        wb_context_wake(context);
        return WB_PENDING;
    }
    *out_status = piece.status;
    out_frame->is_trailers = piece.is_trailers;
    if (piece.data != NULL) {
        out_frame->data = wb_bytes_from_string(piece.data);
    }
    return WB_READY;
}

static void written_drop(struct wb_http_body *body) {
    WB_FUTURE_OF(body, struct written_body, body)->drops++;
}

static const struct wb_http_body_ops written_ops = {
    .poll_frame = written_poll_frame, .drop = written_drop};

static struct written_body written;

static void write_body(const struct piece *pieces) {
    bell_init(&script_bell);
    written = (struct written_body){.pieces = pieces};
    wb_http_body_init(&written.body, &written_ops);
}

static enum wb_progress poll_body(
    struct wb_http_body *body, enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb_context context = wb_context_with_waker(&script_bell.waker);
    return wb_http_body_poll_frame(body, &context, out_status, out_frame);
}

static void expect_data(struct wb_http_body *body, const char *data) {
    enum wb_status status = WB_ERR_OS;
    struct wb_http_frame frame;
    assert_int_equal(poll_body(body, &status, &frame), WB_READY);
    assert_ok(status);
    assert_false(frame.is_trailers);
    assert_bytes(frame.data.ptr, frame.data.len, data);
}

static void expect_status(struct wb_http_body *body, enum wb_status expected) {
    enum wb_status status = WB_OK;
    struct wb_http_frame frame;
    assert_int_equal(poll_body(body, &status, &frame), WB_READY);
    assert_status(status, expected);
}

static void expect_pending(struct wb_http_body *body) {
    enum wb_status status = WB_OK;
    struct wb_http_frame frame;
    assert_int_equal(poll_body(body, &status, &frame), WB_PENDING);
}

/* ---- the rules ---- */

static void a_hy_02_end_is_sticky(void **state) {
    (void)state;
    const struct piece pieces[] = {{.data = "ab"}, {.is_pending = true}, {.status = WB_EOF}};
    write_body(pieces);
    assert_false(wb_http_body_is_end(&written.body));
    expect_data(&written.body, "ab");
    expect_pending(&written.body);
    assert_int_equal(script_bell.wakes, 1);
    expect_status(&written.body, WB_EOF);
    expect_status(&written.body, WB_EOF);
    assert_int_equal(written.polls, 3);
    assert_true(wb_http_body_is_end(&written.body));
}

static void a_hy_02_nothing_is_asked_behind_trailers(void **state) {
    (void)state;
    const struct piece pieces[] = {{.data = "a"}, {.is_trailers = true}, {.data = "never"}};
    enum wb_status status = WB_ERR_OS;
    struct wb_http_frame frame;
    write_body(pieces);
    expect_data(&written.body, "a");
    assert_int_equal(poll_body(&written.body, &status, &frame), WB_READY);
    assert_ok(status);
    assert_true(frame.is_trailers);
    assert_true(wb_http_body_is_end(&written.body));
    expect_status(&written.body, WB_EOF);
    assert_int_equal(written.polls, 2);
}

static void a_hy_02_failure_is_told_once(void **state) {
    (void)state;
    const struct piece pieces[] = {{.status = WB_ERR_CONN_RESET}, {.data = "never"}};
    write_body(pieces);
    expect_status(&written.body, WB_ERR_CONN_RESET);
    expect_status(&written.body, WB_ERR_CLOSED);
    assert_int_equal(written.polls, 1);
    assert_true(wb_http_body_is_end(&written.body));
}

/* a chunk of no bytes would be the end. */
static void r_86_empty_piece_aborts(void **state) {
    (void)state;
    const struct piece empty[] = {{.data = ""}};
    const struct piece both[] = {{.data = "a", .is_trailers = true}};
    write_body(empty);
    assert_aborts(expect_status(&written.body, WB_OK));
    write_body(both);
    assert_aborts(expect_status(&written.body, WB_OK));
}

static void a_hy_02_what_is_neither_end_nor_failure_aborts(void **state) {
    (void)state;
    const struct piece pieces[] = {{.status = WB_WOULD_BLOCK}};
    write_body(pieces);
    assert_aborts(expect_status(&written.body, WB_OK));
}

static void a_hy_02_dropped_once_and_never_polled_again(void **state) {
    (void)state;
    const struct piece pieces[] = {{.data = "a"}};
    write_body(pieces);
    wb_http_body_drop(&written.body);
    wb_http_body_drop(&written.body);
    assert_int_equal(written.drops, 1);
    assert_true(wb_http_body_is_end(&written.body));
    assert_aborts(expect_status(&written.body, WB_OK));
}

static void a_hy_02_nothing_is_known_of_a_body_that_does_not_say(void **state) {
    (void)state;
    const struct piece pieces[] = {{.status = WB_EOF}};
    write_body(pieces);
    assert_false(wb_http_body_is_end(&written.body));
    struct wb_http_size_hint hint = wb_http_body_size_hint(&written.body);
    assert_true(hint.lower == 0 && !hint.has_upper);
    expect_status(&written.body, WB_EOF);
    hint = wb_http_body_size_hint(&written.body);
    assert_true(hint.lower == 0 && hint.upper == 0 && hint.has_upper);
}

static void a_hy_02_none_is_a_body_without_anything(void **state) {
    (void)state;
    assert_true(wb_http_body_is_end(NULL));
    const struct wb_http_size_hint hint = wb_http_body_size_hint(NULL);
    assert_true(hint.lower == 0 && hint.upper == 0 && hint.has_upper);
    wb_http_body_drop(NULL);
}

/* ---- one piece ---- */

static void assert_known(const struct wb_http_body *body, uint64_t len) {
    const struct wb_http_size_hint hint = wb_http_body_size_hint(body);
    assert_true(hint.has_upper);
    assert_int_equal(hint.lower, len);
    assert_int_equal(hint.upper, len);
    assert_int_equal(wb_http_body_is_end(body), len == 0);
}

static void a_hy_02_full_is_one_piece(void **state) {
    (void)state;
    struct wb_http_full_body full;
    wb_http_full_body_init(&full, wb_bytes_from_string("hello"));
    assert_known(&full.body, 5);
    expect_data(&full.body, "hello");
    assert_known(&full.body, 0);
    expect_status(&full.body, WB_EOF);
}

static void a_hy_02_full_of_nothing_is_empty(void **state) {
    (void)state;
    struct wb_http_full_body full;
    wb_http_full_body_init(&full, wb_bytes_from(NULL, 0));
    assert_known(&full.body, 0);
    expect_status(&full.body, WB_EOF);
}

/* ---- a stream ---- */

static struct {
    struct script script;
    struct wb_http_reader_body body;
    char buf[4];
} in;

static struct wb_http_body *read_body(const struct line *reads, uint64_t len) {
    bell_init(&script_bell);
    in.script = script_of(reads, takes_all);
    wb_http_reader_body_init(&in.body, &in.script.read, len, in.buf, sizeof(in.buf));
    return &in.body.body;
}

static void a_hy_02_stream_until_its_end(void **state) {
    (void)state;
    const struct line reads[] = {
        {.bytes = "abcdef"}, {.is_pending = true}, {.bytes = "g"}, {.status = WB_EOF}};
    struct wb_http_body *body = read_body(reads, WB_HTTP_BODY_LEN_UNKNOWN);
    const struct wb_http_size_hint hint = wb_http_body_size_hint(body);
    assert_true(hint.lower == 0 && !hint.has_upper);
    expect_data(body, "abcd");
    expect_data(body, "ef");
    expect_pending(body);
    expect_data(body, "g");
    assert_false(wb_http_body_is_end(body));
    expect_status(body, WB_EOF);
}

/* What the stream has beyond the length is somebody else's. */
static void a_hy_02_stream_of_known_length(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.bytes = "cdefgh"}, {.status = WB_EOF}};
    struct wb_http_body *body = read_body(reads, 5);
    assert_known(body, 5);
    expect_data(body, "ab");
    assert_known(body, 3);
    expect_data(body, "cde");
    assert_known(body, 0);
    expect_status(body, WB_EOF);
    assert_int_equal(in.script.read_len, 3);
}

static void a_hy_02_stream_of_no_length_is_not_read(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}};
    struct wb_http_body *body = read_body(reads, 0);
    assert_known(body, 0);
    expect_status(body, WB_EOF);
    assert_ptr_equal(in.script.reads, reads);
}

static void a_hy_02_stream_that_ends_early_fails(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.status = WB_EOF}};
    struct wb_http_body *body = read_body(reads, 3);
    expect_data(body, "ab");
    expect_status(body, WB_ERR_UNEXPECTED_EOF);
}

static void a_hy_02_failure_of_the_stream_is_passed_on(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "a"}, {.status = WB_ERR_CONN_RESET}};
    struct wb_http_body *body = read_body(reads, WB_HTTP_BODY_LEN_UNKNOWN);
    expect_data(body, "a");
    expect_status(body, WB_ERR_CONN_RESET);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hy_02_end_is_sticky),
        cmocka_unit_test(a_hy_02_nothing_is_asked_behind_trailers),
        cmocka_unit_test(a_hy_02_failure_is_told_once),
        cmocka_unit_test(r_86_empty_piece_aborts),
        cmocka_unit_test(a_hy_02_what_is_neither_end_nor_failure_aborts),
        cmocka_unit_test(a_hy_02_dropped_once_and_never_polled_again),
        cmocka_unit_test(a_hy_02_nothing_is_known_of_a_body_that_does_not_say),
        cmocka_unit_test(a_hy_02_none_is_a_body_without_anything),
        cmocka_unit_test(a_hy_02_full_is_one_piece),
        cmocka_unit_test(a_hy_02_full_of_nothing_is_empty),
        cmocka_unit_test(a_hy_02_stream_until_its_end),
        cmocka_unit_test(a_hy_02_stream_of_known_length),
        cmocka_unit_test(a_hy_02_stream_of_no_length_is_not_read),
        cmocka_unit_test(a_hy_02_stream_that_ends_early_fails),
        cmocka_unit_test(a_hy_02_failure_of_the_stream_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
