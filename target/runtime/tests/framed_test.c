/* Messages over streams: pieces, ends, limits, and what is held back. */
#include "script.h"

#include "wb/framed.h"

enum { SMALL = 16 };

/* ---- reading ---- */

static struct {
    struct script script;
    struct wb_line_decoder lines;
    struct wb_length_decoder lengths;
    struct wb_framed_reader reader;
    unsigned char buf[SMALL];
} in;

static void read_lines(const struct line *reads, size_t line_len_max) {
    in.script = script_of(reads, takes_all);
    wb_line_decoder_init(&in.lines, line_len_max);
    wb_framed_reader_init(&in.reader, &in.script.read, &in.lines.decoder, in.buf, SMALL);
}

static void expect_next(enum wb_status status, const char *message) {
    struct wb_next_frame next;
    wb_next_frame_init(&next, &in.reader);
    assert_status(run(&next.future), status);
    if (status == WB_OK) {
        assert_bytes(next.frame.ptr, next.frame.len, message);
    }
}

static void tk_44_messages_in_pieces(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "a"}, {.is_pending = true}, {.bytes = "bc\nd"},
        {.bytes = "e\n\nf\n"}, {.is_pending = true}, {.status = WB_EOF}};
    read_lines(reads, 8);
    expect_next(WB_OK, "abc");
    expect_next(WB_OK, "de");
    expect_next(WB_OK, "");
    expect_next(WB_OK, "f");
    expect_next(WB_EOF, "");
    expect_next(WB_EOF, "");
}

/* read_partial_then_not_ready: given up in the middle it has lost nothing */
static void tk_44_read_partial_then_not_ready(void **state) {
    (void)state;
    const struct line reads[] = {
        {.bytes = "ab"}, {.is_pending = true}, {.bytes = "c\n"}, {.status = WB_EOF}};
    struct wb_next_frame next;
    bell_init(&script_bell);
    read_lines(reads, 8);
    wb_next_frame_init(&next, &in.reader);
    assert_int_equal(poll_once(&next.future), WB_PENDING);
    assert_int_equal(script_bell.wakes, 1);
    wb_future_drop(&next.future);
    expect_next(WB_OK, "abc");
}

static void tk_44_multi_frames_on_eof(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "a\nb\nc"}, {.status = WB_EOF}};
    read_lines(reads, 8);
    expect_next(WB_OK, "a");
    expect_next(WB_OK, "b");
    expect_next(WB_OK, "c"); /* without its newline: the last */
    expect_next(WB_EOF, "");
}

static void tk_44_read_eof_then_resume(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "a\n"}, {.status = WB_EOF}};
    const struct line more[] = {{.bytes = "b\n"}, {.status = WB_EOF}};
    read_lines(reads, 8);
    expect_next(WB_OK, "a");
    expect_next(WB_EOF, "");
    in.script.reads = more;
    expect_next(WB_OK, "b");
    expect_next(WB_EOF, "");
}

static void read_lengths(const struct line *reads, size_t frame_len_max) {
    const struct wb_length_format format = {.field_len = 1, .frame_len_max = frame_len_max};
    in.script = script_of(reads, takes_all);
    wb_length_decoder_init(&in.lengths, &format);
    wb_framed_reader_init(&in.reader, &in.script.read, &in.lengths.decoder, in.buf, SMALL);
}

static void tk_44_data_remaining_is_error(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "\x02"
                                           "ab"
                                           "\x03"
                                           "c"},
        {.status = WB_EOF}};
    const struct line rest[] = {{.bytes = "de"}, {.status = WB_EOF}};
    read_lengths(reads, 8);
    expect_next(WB_OK, "ab");
    expect_next(WB_ERR_UNEXPECTED_EOF, "");
    in.script.reads = rest; /* what was left is kept, in case that it was no end after all */
    expect_next(WB_OK, "cde");
    expect_next(WB_EOF, "");
}

/* A head alone is part of a message, too. */
static void tk_42_an_end_behind_the_head_is_an_error(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "\x02"}, {.status = WB_EOF}};
    read_lengths(reads, 8);
    expect_next(WB_ERR_UNEXPECTED_EOF, "");
}

/* huge_size: what does not fit into the buffer is refused, whatever the codec would allow */
static void tk_44_huge_size(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "\x7f"
                                           "0123456789"},
        {.bytes = "01234"}};
    read_lengths(reads, 1000);
    expect_next(WB_ERR_LIMIT, "");
    expect_next(WB_ERR_LIMIT, "");
}

static void tk_44_a_message_may_fill_the_buffer(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "\x02"
                                           "ab"
                                           "\x0f"
                                           "0123"},
        {.bytes = "456789"}, {.bytes = "abcde"}, {.status = WB_EOF}};
    read_lengths(reads, 15);
    expect_next(WB_OK, "ab");
    expect_next(WB_OK, "0123456789abcde");
    expect_next(WB_EOF, "");
}

static void tk_43_reading_goes_on_behind_a_line_too_long(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "0123456"}, {.bytes = "789012345"}, {.bytes = "6789"},
        {.bytes = "0\nab\ncde"}, {.bytes = "fg\nh\n"}, {.status = WB_EOF}};
    read_lines(reads, 4);
    expect_next(WB_ERR_LIMIT, "");
    expect_next(WB_OK, "ab");
    expect_next(WB_ERR_LIMIT, "");
    expect_next(WB_OK, "h");
    expect_next(WB_EOF, "");
}

static void tk_44_a_failure_of_the_stream_is_passed_on(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "a\nb"}, {.status = WB_ERR_CONN_RESET}};
    read_lines(reads, 8);
    expect_next(WB_OK, "a");
    expect_next(WB_ERR_CONN_RESET, "");
}

/* ---- writing ---- */

static struct {
    struct script script;
    struct wb_encoder lines;
    struct wb_framed_writer writer;
    unsigned char buf[SMALL];
} out;

static void write_lines(const struct line *writes, size_t boundary) {
    bell_init(&script_bell);
    out.script = script_of(at_end, writes);
    out.lines = wb_line_encoder();
    wb_framed_writer_init(&out.writer, &out.script.write, &out.lines, out.buf, SMALL, boundary);
}

static enum wb_progress put(const char *message, enum wb_status *out_status) {
    struct wb_put_frame put;
    wb_put_frame_init(&put, &out.writer, wb_bytes_from_string(message));
    const enum wb_progress progress = poll_once(&put.future);
    *out_status = put.future.status;
    wb_future_drop(&put.future);
    return progress;
}

static void expect_put(const char *message) {
    enum wb_status status = WB_OK;
    assert_int_equal(put(message, &status), WB_READY);
    assert_ok(status);
}

static enum wb_status flush(void) {
    struct wb_flush flush;
    wb_flush_init(&flush, &out.writer.out.write);
    return run(&flush.future);
}

static void tk_44_messages_are_held_back_until_flushed(void **state) {
    (void)state;
    const struct line writes[] = {{.taken_max = 3}, {.is_pending = true}, {.taken_max = SIZE_MAX}};
    write_lines(writes, 8);
    expect_put("ab");
    expect_put("");
    expect_put("cd");
    assert_int_equal(out.script.written_len, 0);
    assert_ok(flush());
    assert_bytes(out.script.written, out.script.written_len, "ab\n\ncd\n");
    assert_int_equal(out.script.flushes, 1);
}

static void tk_44_write_hits_backpressure(void **state) {
    (void)state;
    const struct line writes[] = {
        {.is_pending = true}, {.taken_max = 2}, {.is_pending = true}, {.taken_max = SIZE_MAX}};
    enum wb_status status = WB_OK;
    write_lines(writes, 6);
    expect_put("abc");  /* 4 of 6 */
    expect_put("defg"); /* 9: beyond, but it was below before */
    assert_int_equal(put("h", &status), WB_PENDING);
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(put("h", &status), WB_PENDING); /* 7 are left after two */
    assert_int_equal(out.script.written_len, 2);
    expect_put("h");
    assert_bytes(out.script.written, out.script.written_len, "abc\ndefg\n");
    assert_ok(flush());
    assert_bytes(out.script.written, out.script.written_len, "abc\ndefg\nh\n");
}

static void tk_44_a_message_waits_for_room_beside_the_others(void **state) {
    (void)state;
    write_lines(takes_all, SMALL);
    enum wb_status status = WB_OK;
    expect_put("0123456789");
    assert_status(wb_framed_writer_put(&out.writer, wb_bytes_from_string("012345")), WB_ERR_FULL);
    assert_int_equal(out.script.written_len, 0);
    expect_put("012345");
    assert_bytes(out.script.written, out.script.written_len, "0123456789\n");
    expect_put("012345678"); /* beside seven, moved to the front */
    assert_int_equal(put("0123456789012345", &status), WB_READY);
    assert_status(status, WB_ERR_LIMIT); /* seventeen bytes never fit */
    assert_ok(flush());
    assert_bytes(out.script.written, out.script.written_len, "0123456789\n012345\n012345678\n");
}

static void tk_42_write_single_frame_would_block(void **state) {
    (void)state;
    const struct wb_length_format format = {0};
    const struct line writes[] = {{.is_pending = true}, {.taken_max = 4}, {.is_pending = true},
        {.taken_max = 3}, {.is_pending = true}, {.taken_max = SIZE_MAX}};
    struct wb_length_encoder lengths;
    wb_length_encoder_init(&lengths, &format);
    write_lines(writes, 8);
    out.writer.encoder = &lengths.encoder;
    expect_put("abcdefghi");
    assert_ok(flush());
    assert_int_equal(out.script.written_len, 13);
    assert_memory_equal(out.script.written,
        "\0\0\0\x09"
        "abcdefghi",
        13);
}

static void tk_44_failures_of_the_codec_add_nothing(void **state) {
    (void)state;
    enum wb_status status = WB_OK;
    write_lines(takes_all, 8);
    assert_int_equal(put("a\nb", &status), WB_READY);
    assert_status(status, WB_ERR_INVALID);
    assert_int_equal(wb_buf_writer_len(&out.writer.out), 0);
}

static void tk_44_failures_of_the_stream_keep_what_is_held(void **state) {
    (void)state;
    const struct line writes[] = {{.status = WB_ERR_NO_BUFFERS}, {.status = WB_ERR_BROKEN_PIPE}};
    write_lines(writes, 1);
    enum wb_status status = WB_OK;
    expect_put("a");
    assert_int_equal(put("b", &status), WB_READY);
    assert_status(status, WB_ERR_NO_BUFFERS);
    assert_int_equal(wb_buf_writer_len(&out.writer.out), 2);
}

static void tk_44_shutting_down_writes_what_is_held_first(void **state) {
    (void)state;
    struct wb_flush shutdown;
    write_lines(takes_all, 8);
    expect_put("a");
    wb_shutdown_init(&shutdown, &out.writer.out.write);
    assert_ok(run(&shutdown.future));
    assert_bytes(out.script.written, out.script.written_len, "a\n");
    assert_int_equal(out.script.shutdowns, 1);
}

/* ---- giving way ---- */

struct counting {
    struct wb_future future;
    struct wb_framed_reader *reader;
    int messages;
};

static enum wb_progress counting_poll(struct wb_future *future, struct wb_context *context) {
    struct counting *self = WB_FUTURE_OF(future, struct counting, future);
    enum wb_status status = WB_OK;
    struct wb_bytes frame;
    for (;;) {
        if (wb_framed_reader_poll_next(self->reader, context, &status, &frame) == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
        self->messages++;
    }
}

static const struct wb_future_ops counting_ops = {
    .size = sizeof(struct counting),
    .offset = offsetof(struct counting, future),
    .poll = counting_poll,
};

/* All messages are in the buffer: no system call, and no other task would ever run. */
static void tk_08_messages_in_the_buffer_give_way(void **state) {
    (void)state;
    static unsigned char buf[512];
    struct wb_async_read nothing = wb_empty();
    struct probe_log log = {.pending = 1 << 20, .wakes_itself = true};
    struct wb_join_handle reading;
    struct wb_join_handle other;
    struct counting counting = {.reader = &in.reader};
    wb_line_decoder_init(&in.lines, 8);
    wb_framed_reader_init(&in.reader, &nothing, &in.lines.decoder, buf, sizeof(buf));
    memset(buf, '\n', sizeof(buf));
    in.reader.end = sizeof(buf);
    wb_future_init(&counting.future, &counting_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &counting.future, NULL, &reading));
    stage_spawn(&log, NULL, &other);
    assert_status(wb_runtime_block_on(stage.runtime, &reading.future), WB_EOF);
    struct wb_future *output = wb_join_handle_take_output(&reading);
    assert_int_equal(WB_FUTURE_OF(output, struct counting, future)->messages, sizeof(buf));
    wb_join_handle_detach(&reading);
    assert_true(atomic_load(&log.polls) >= (int)(sizeof(buf) / WB_CONTEXT_BUDGET) - 1);
    wb_join_handle_abort(&other);
    assert_status(stage_join(&other), WB_ERR_CANCELLED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(tk_44_messages_in_pieces),
        STILL(tk_44_read_partial_then_not_ready),
        STILL(tk_44_multi_frames_on_eof),
        STILL(tk_44_read_eof_then_resume),
        STILL(tk_44_data_remaining_is_error),
        STILL(tk_42_an_end_behind_the_head_is_an_error),
        STILL(tk_44_huge_size),
        STILL(tk_44_a_message_may_fill_the_buffer),
        STILL(tk_43_reading_goes_on_behind_a_line_too_long),
        STILL(tk_44_a_failure_of_the_stream_is_passed_on),
        STILL(tk_44_messages_are_held_back_until_flushed),
        STILL(tk_44_write_hits_backpressure),
        STILL(tk_44_a_message_waits_for_room_beside_the_others),
        STILL(tk_42_write_single_frame_would_block),
        STILL(tk_44_failures_of_the_codec_add_nothing),
        STILL(tk_44_failures_of_the_stream_keep_what_is_held),
        STILL(tk_44_shutting_down_writes_what_is_held_first),
        STILL(tk_08_messages_in_the_buffer_give_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
