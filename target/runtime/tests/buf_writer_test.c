/* Buffering in both directions, with streams that wait in between. */
#include "script.h"

#include "wb/io.h"

enum { SMALL = 8 };

static struct {
    struct script script;
    struct wb_buf_writer writer;
    unsigned char buf[SMALL];
} out;

static void begin(const struct line *writes) {
    bell_init(&script_bell);
    out.script = script_of(at_end, writes);
    wb_buf_writer_init(&out.writer, &out.script.write, out.buf, SMALL);
}

static void put(const char *bytes) {
    struct wb_write_all write;
    wb_write_all_init(&write, &out.writer.write, bytes, strlen(bytes));
    assert_ok(run(&write.future));
}

static void expect_written(const char *bytes) {
    assert_bytes(out.script.written, out.script.written_len, bytes);
}

static enum wb_status flush(void) {
    struct wb_flush flush;
    wb_flush_init(&flush, &out.writer.write);
    return run(&flush.future);
}

static void tk_29_small_writes_are_held_back(void **state) {
    (void)state;
    begin(takes_all);
    put("ab");
    put("cde");
    expect_written("");
    assert_int_equal(out.script.flushes, 0);
    put("fgh"); /* just full */
    expect_written("");
    put("i");
    expect_written("abcdefgh");
    assert_ok(flush());
    expect_written("abcdefghi");
    assert_int_equal(out.script.flushes, 1);
}

static void tk_29_a_large_write_does_without_the_buffer(void **state) {
    (void)state;
    begin(takes_all);
    put("ab");
    put("0123456789");
    expect_written("ab0123456789");
    assert_int_equal(wb_buf_writer_len(&out.writer), 0);
    put("01234567"); /* as large as the buffer */
    expect_written("ab012345678901234567");
}

/* maybe_pending_buf_writer_inner_flushes, and with writes that are cut */
static void tk_29_maybe_pending_loses_nothing(void **state) {
    (void)state;
    const struct line writes[] = {{.is_pending = true}, {.taken_max = 1}, {.is_pending = true},
        {.taken_max = 3}, {.is_pending = true}, {.taken_max = SIZE_MAX}};
    begin(writes);
    put("abc");
    put("defg");
    put("hij");
    put("k");
    assert_ok(flush());
    expect_written("abcdefghijk");
}

static void tk_29_a_write_given_up_has_taken_nothing(void **state) {
    (void)state;
    const struct line writes[] = {{.is_pending = true}, {.taken_max = SIZE_MAX}};
    struct wb_write write;
    begin(writes);
    put("abcdef");
    wb_write_init(&write, &out.writer.write, "xyz", 3);
    assert_int_equal(poll_once(&write.future), WB_PENDING);
    wb_future_drop(&write.future);
    put("ghi");
    assert_ok(flush());
    expect_written("abcdefghi");
}

static void tk_29_a_failure_keeps_what_is_held(void **state) {
    (void)state;
    const struct line fails[] = {{.taken_max = 2}, {.status = WB_ERR_NO_BUFFERS}};
    begin(fails);
    put("abcd");
    assert_status(flush(), WB_ERR_NO_BUFFERS);
    assert_int_equal(wb_buf_writer_len(&out.writer), 2);
    out.script.writes = takes_all;
    assert_ok(flush());
    expect_written("abcd");
}

static void tk_29_a_write_of_nothing_taken_is_an_error(void **state) {
    (void)state;
    const struct line writes[] = {{.taken_max = 0}};
    begin(writes);
    put("a");
    assert_status(flush(), WB_ERR_WRITE_ZERO);
}

static void a_tk_05_shutdown_implies_flush_and_may_come_again(void **state) {
    (void)state;
    const struct line writes[] = {{.is_pending = true}, {.taken_max = SIZE_MAX}};
    struct wb_flush shutdown;
    begin(writes);
    put("ab");
    for (int i = 1; i <= 2; i++) {
        wb_shutdown_init(&shutdown, &out.writer.write);
        assert_ok(run(&shutdown.future));
        expect_written("ab");
        assert_int_equal(out.script.shutdowns, i);
    }
}

static void tk_29_room_is_made_by_moving(void **state) {
    (void)state;
    const struct line writes[] = {{.taken_max = 5}, {.is_pending = true}, {.taken_max = SIZE_MAX}};
    enum wb_status status = WB_OK;
    begin(writes);
    struct wb_context context = wb_context_with_waker(&script_bell.waker);
    put("abcdefg");
    assert_int_equal(wb_buf_writer_poll_drain(&out.writer, &context, 3, &status), WB_READY);
    assert_ok(status);
    assert_null(wb_buf_writer_reserve(&out.writer, 7));
    unsigned char *space = wb_buf_writer_reserve(&out.writer, 6);
    assert_ptr_equal(space, out.buf + 2);
    memcpy(space, "hi", 2);
    wb_buf_writer_commit(&out.writer, 2);
    assert_ok(flush());
    expect_written("abcdefghi");
}

/* ---- both ways ---- */

static void tk_29_a_stream_is_buffered_both_ways(void **state) {
    (void)state;
    struct wb_duplex near;
    struct wb_duplex far;
    struct wb_buf_stream stream;
    struct wb_read_until line;
    struct wb_read read;
    struct wb_write_all write;
    struct wb_flush flush;
    char buf[16];
    char said[16];
    size_t said_len = 0;
    assert_ok(wb_duplex_new(&stage.world->sys, 64, &near, &far));
    wb_buf_stream_init(&stream, wb_duplex_io(&near), buf, sizeof(buf));
    struct wb_async_stream io = wb_buf_stream_io(&stream);
    wb_write_all_init(&write, &far.write, "ab\ncd", 5);
    assert_ok(run(&write.future));
    wb_read_line_init(&line, &stream.reader, said, sizeof(said), &said_len);
    assert_ok(run(&line.future));
    assert_bytes(said, said_len, "ab");
    wb_read_init(&read, io.read, said, sizeof(said));
    assert_ok(run(&read.future));
    assert_bytes(said, read.len, "cd");
    wb_write_all_init(&write, io.write, "xyz", 3);
    assert_ok(run(&write.future));
    wb_read_init(&read, &far.read, said, sizeof(said));
    bell_init(&script_bell);
    assert_int_equal(poll_once(&read.future), WB_PENDING);
    wb_flush_init(&flush, io.write);
    assert_ok(run(&flush.future));
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_bytes(said, read.len, "xyz");
    wb_duplex_close(&near);
    wb_duplex_close(&far);
}

/* test_short_reads, maybe_pending: whatever pieces and waits, the bytes and their order stay */
static void tk_29_short_reads_with_waits_lose_nothing(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "a"}, {.is_pending = true}, {.bytes = "bcd"},
        {.is_pending = true}, {.is_pending = true}, {.bytes = "efgh"}, {.bytes = "i"},
        {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_buf_reader reader;
    struct wb_read read;
    char ahead[4];
    char got[16];
    size_t got_len = 0;
    wb_buf_reader_init(&reader, &script.read, ahead, sizeof(ahead));
    for (;;) {
        wb_read_init(&read, &reader.read, got + got_len, 1 + got_len % 3);
        const enum wb_status status = run(&read.future);
        if (status == WB_EOF) {
            break;
        }
        assert_ok(status);
        got_len += read.len;
    }
    assert_bytes(got, got_len, "abcdefghi");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(tk_29_small_writes_are_held_back),
        STILL(tk_29_a_large_write_does_without_the_buffer),
        STILL(tk_29_maybe_pending_loses_nothing),
        STILL(tk_29_a_write_given_up_has_taken_nothing),
        STILL(tk_29_a_failure_keeps_what_is_held),
        STILL(tk_29_a_write_of_nothing_taken_is_an_error),
        STILL(a_tk_05_shutdown_implies_flush_and_may_come_again),
        STILL(tk_29_room_is_made_by_moving),
        STILL(tk_29_a_stream_is_buffered_both_ways),
        STILL(tk_29_short_reads_with_waits_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
