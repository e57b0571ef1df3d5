/* What is made of streams, over streams in memory and streams that do what the test wrote down. No
 * descriptor, no thread: everything is driven by the test's own runtime on a still clock. */
#include "script.h"

#include "wb/io.h"

/* ---- single operations ---- */

static void tk_24_read_exact_takes_pieces_and_no_more(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.is_pending = true}, {.bytes = "c"},
        {.is_pending = true}, {.bytes = "de"}, {.status = WB_ERR_CONN_RESET}};
    struct script script = script_of(reads, takes_all);
    struct wb_read_exact read;
    char buf[5];
    wb_read_exact_init(&read, &script.read, buf, 5);
    assert_ok(run(&read.future));
    assert_bytes(buf, read.done, "abcde");
}

static void tk_24_read_exact_of_too_little_says_so(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_read_exact read;
    char buf[5];
    wb_read_exact_init(&read, &script.read, buf, 5);
    assert_status(run(&read.future), WB_ERR_UNEXPECTED_EOF);
    assert_bytes(buf, read.done, "ab");
    wb_read_exact_init(&read, &script.read, buf, 0);
    assert_ok(run(&read.future));
}

static void tk_25_write_all_completes_partial_writes(void **state) {
    (void)state;
    const struct line writes[] = {
        {.taken_max = 1}, {.is_pending = true}, {.taken_max = 2}, {.taken_max = 9}};
    struct script script = script_of(at_end, writes);
    struct wb_write_all write;
    wb_write_all_init(&write, &script.write, "abcde", 5);
    assert_ok(run(&write.future));
    assert_bytes(script.written, script.written_len, "abcde");
}

static void tk_25_write_that_takes_nothing_is_an_error(void **state) {
    (void)state;
    const struct line writes[] = {{.taken_max = 0}};
    struct script script = script_of(at_end, writes);
    struct wb_write_all write;
    wb_write_all_init(&write, &script.write, "abc", 3);
    assert_status(run(&write.future), WB_ERR_WRITE_ZERO);
    assert_int_equal(write.done, 0);
}

static void tk_25_write_all_keeps_count_when_it_fails(void **state) {
    (void)state;
    struct line writes[] = {{.taken_max = 2}, {.is_pending = true}, {.status = WB_ERR_CONN_RESET}};
    struct script script = script_of(at_end, writes);
    struct wb_write_all write;
    wb_write_all_init(&write, &script.write, "abc", 3);
    assert_status(run(&write.future), WB_ERR_CONN_RESET);
    assert_int_equal(write.done, 2);
}

/* ---- lines ---- */

static void expect_line(
    struct wb_buf_reader *reader, size_t capacity, enum wb_status status, const char *expected) {
    static char buf[64];
    struct wb_read_until line;
    size_t len = 0;
    wb_read_line_init(&line, reader, buf, capacity, &len);
    assert_status(run(&line.future), status);
    assert_bytes(buf, len, expected);
}

static void tc_06_lines_are_put_together_again(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "he"}, {.is_pending = true}, {.bytes = "llo\nwor"},
        {.bytes = "ld\r"}, {.bytes = "\n\n\r\nla"}, {.bytes = "st"}, {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_buf_reader reader;
    char ahead[8];
    wb_buf_reader_init(&reader, &script.read, ahead, sizeof(ahead));
    expect_line(&reader, 64, WB_OK, "hello");
    expect_line(&reader, 64, WB_OK, "world");
    expect_line(&reader, 64, WB_OK, "");
    expect_line(&reader, 64, WB_OK, "");
    expect_line(&reader, 64, WB_OK, "last");
    expect_line(&reader, 64, WB_EOF, "");
    expect_line(&reader, 64, WB_EOF, "");
}

static void tk_24_line_beyond_the_limit_is_an_error(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "abc\nabcd\nx"}, {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_buf_reader reader;
    char ahead[16];
    wb_buf_reader_init(&reader, &script.read, ahead, sizeof(ahead));
    expect_line(&reader, 4, WB_OK, "abc");
    expect_line(&reader, 4, WB_ERR_LIMIT, "abcd");
    expect_line(&reader, 4, WB_OK, "");
    expect_line(&reader, 4, WB_OK, "x");
}

/* invalid_utf8, and a 0: nobody looks at what is between the ends of lines */
static void tk_24_a_line_is_bytes_of_any_value(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "a\xff\xc3"}, {.bytes = "\x28\n"}, {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_buf_reader reader;
    char ahead[16];
    wb_buf_reader_init(&reader, &script.read, ahead, sizeof(ahead));
    expect_line(&reader, 64, WB_OK, "a\xff\xc3\x28");
    expect_line(&reader, 64, WB_EOF, "");
}

/* read_line_fail: what came before the failure is there, and the next try goes on with it */
static void tk_24_a_line_that_fails_keeps_its_beginning(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "he"}, {.status = WB_ERR_CONN_RESET}};
    const struct line more[] = {{.bytes = "llo\n"}, {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_buf_reader reader;
    struct wb_read_until line;
    char ahead[16];
    char buf[16];
    size_t len = 0;
    wb_buf_reader_init(&reader, &script.read, ahead, sizeof(ahead));
    wb_read_line_init(&line, &reader, buf, sizeof(buf), &len);
    assert_status(run(&line.future), WB_ERR_CONN_RESET);
    assert_bytes(buf, len, "he");
    script.reads = more;
    wb_read_line_init(&line, &reader, buf, sizeof(buf), &len);
    assert_ok(run(&line.future));
    assert_bytes(buf, len, "hello");
}

static void tk_24_read_until_given_up_loses_nothing(void **state) {
    (void)state;
    const struct line reads[] = {
        {.bytes = "ab"}, {.is_pending = true}, {.bytes = "c;d"}, {.status = WB_ERR_CONN_RESET}};
    struct script script = script_of(reads, takes_all);
    struct wb_buf_reader reader;
    struct wb_read_until until;
    char ahead[16];
    char buf[16];
    size_t len = 0;
    bell_init(&script_bell);
    wb_buf_reader_init(&reader, &script.read, ahead, sizeof(ahead));
    wb_read_until_init(&until, &reader, ';', buf, sizeof(buf), &len);
    assert_int_equal(poll_once(&until.future), WB_PENDING);
    wb_future_drop(&until.future);
    assert_bytes(buf, len, "ab");
    wb_read_until_init(&until, &reader, ';', buf, sizeof(buf), &len);
    assert_ok(run(&until.future));
    assert_bytes(buf, len, "abc;");
    len = 0;
    wb_read_until_init(&until, &reader, ';', buf, sizeof(buf), &len);
    assert_status(run(&until.future), WB_ERR_CONN_RESET);
    assert_bytes(buf, len, "d");
    assert_false(until.is_complete);
}

static void tk_29_buffered_bytes_come_before_new_ones(void **state) {
    (void)state;
    const struct line reads[] = {
        {.bytes = "one\ntwo"}, {.is_pending = true}, {.bytes = "three"}, {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_buf_reader reader;
    struct wb_read_exact read;
    char ahead[8];
    char buf[8];
    wb_buf_reader_init(&reader, &script.read, ahead, sizeof(ahead));
    expect_line(&reader, 64, WB_OK, "one");
    wb_read_exact_init(&read, &reader.read, buf, 8);
    assert_ok(run(&read.future));
    assert_bytes(buf, 8, "twothree");
}

/* ---- parts ---- */

static void tk_24_take_ends_at_its_limit_and_reads_no_further(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.bytes = "c"}, {.bytes = "d"}};
    struct script script = script_of(reads, takes_all);
    struct wb_limited_reader take;
    struct wb_read_exact read;
    char buf[8];
    wb_limited_reader_init(&take, &script.read, 3);
    wb_read_exact_init(&read, &take.read, buf, 8);
    assert_status(run(&read.future), WB_ERR_UNEXPECTED_EOF);
    assert_bytes(buf, read.done, "abc");
    assert_string_equal(script.reads->bytes, "d");
}

static void tc_05_chain_is_one_after_the_other(void **state) {
    (void)state;
    const struct line firsts[] = {{.bytes = "ab"}, {.is_pending = true}, {.status = WB_EOF}};
    const struct line seconds[] = {{.bytes = "cd"}, {.status = WB_EOF}};
    struct script first = script_of(firsts, takes_all);
    struct script second = script_of(seconds, takes_all);
    struct wb_chained_reader chain;
    struct wb_copy copy;
    char buf[8];
    wb_chained_reader_init(&chain, &first.read, &second.read);
    wb_copy_init(&copy, &chain.read, &first.write, buf, sizeof(buf));
    assert_ok(run(&copy.future));
    assert_bytes(first.written, first.written_len, "abcd");
    assert_int_equal(copy.copied, 4);
}

/* ---- copying ---- */

static void tk_26_copy_flushes_while_the_reader_has_nothing(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.is_pending = true}, {.is_pending = true},
        {.bytes = "c"}, {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_copy copy;
    char buf[8];
    bell_init(&script_bell);
    wb_copy_init(&copy, &script.read, &script.write, buf, sizeof(buf));
    assert_int_equal(poll_once(&copy.future), WB_PENDING);
    assert_int_equal(script.flushes, 1);
    assert_int_equal(poll_once(&copy.future), WB_PENDING);
    assert_int_equal(script.flushes, 1); /* nothing new was written */
    assert_int_equal(poll_once(&copy.future), WB_READY);
    assert_int_equal(script.flushes, 2);
    assert_int_equal(script.shutdowns, 0);
    assert_bytes(script.written, script.written_len, "abc");
}

static void tk_26_copy_ends_with_the_failure_of_either_side(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.status = WB_ERR_CONN_RESET}};
    const struct line writes[] = {{.taken_max = 1}, {.status = WB_ERR_BROKEN_PIPE}};
    struct script reader = script_of(reads, takes_all);
    struct script writer = script_of(reads, writes);
    struct wb_copy copy;
    char buf[8];
    wb_copy_init(&copy, &reader.read, &reader.write, buf, sizeof(buf));
    assert_status(run(&copy.future), WB_ERR_CONN_RESET);
    assert_int_equal(copy.copied, 2);
    wb_copy_init(&copy, &writer.read, &writer.write, buf, sizeof(buf));
    assert_status(run(&copy.future), WB_ERR_BROKEN_PIPE);
    assert_int_equal(copy.copied, 1);
}

/* The test's own end of a duplex pipe, and a proxy between two of them. */
static struct {
    struct wb_duplex client; /* of the test */
    struct wb_duplex near;
    struct wb_duplex far;
    struct wb_duplex server; /* of the test */
    struct wb_copy_bidirectional copy;
    char buf[16];
} proxy;

static void proxy_open(void) {
    const struct wb_sys *sys = &stage.world->sys;
    bell_init(&script_bell);
    assert_ok(wb_duplex_new(sys, 8, &proxy.client, &proxy.near));
    assert_ok(wb_duplex_new(sys, 8, &proxy.far, &proxy.server));
    wb_copy_bidirectional_init(&proxy.copy, wb_duplex_io(&proxy.near), wb_duplex_io(&proxy.far),
        proxy.buf, sizeof(proxy.buf));
}

static void proxy_close(void) {
    wb_future_drop(&proxy.copy.future);
    wb_duplex_close(&proxy.client);
    wb_duplex_close(&proxy.near);
    wb_duplex_close(&proxy.far);
    wb_duplex_close(&proxy.server);
}

static void put(struct wb_duplex *end, const char *bytes) {
    struct wb_write_all write;
    wb_write_all_init(&write, &end->write, bytes, strlen(bytes));
    assert_int_equal(poll_once(&write.future), WB_READY);
    assert_ok(write.future.status);
}

static void expect(struct wb_duplex *end, enum wb_status status, const char *bytes) {
    struct wb_read read;
    char buf[32];
    wb_read_init(&read, &end->read, buf, sizeof(buf));
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_status(read.future.status, status);
    assert_bytes(buf, read.len, bytes);
}

static void shut(struct wb_duplex *end) {
    struct wb_flush shutdown;
    wb_shutdown_init(&shutdown, &end->write);
    assert_int_equal(poll_once(&shutdown.future), WB_READY);
}

static void tk_26_copy_goes_both_ways_and_passes_the_end_on(void **state) {
    (void)state;
    proxy_open();
    put(&proxy.client, "ask");
    assert_int_equal(poll_once(&proxy.copy.future), WB_PENDING);
    expect(&proxy.server, WB_OK, "ask");
    shut(&proxy.client); /* the one direction ends ... */
    assert_int_equal(poll_once(&proxy.copy.future), WB_PENDING);
    expect(&proxy.server, WB_EOF, "");
    put(&proxy.server, "answer"); /* ... and the other goes on */
    assert_int_equal(poll_once(&proxy.copy.future), WB_PENDING);
    expect(&proxy.client, WB_OK, "answer");
    shut(&proxy.server);
    assert_int_equal(poll_once(&proxy.copy.future), WB_READY);
    assert_ok(proxy.copy.future.status);
    expect(&proxy.client, WB_EOF, "");
    assert_int_equal(proxy.copy.there.copied, 3);
    assert_int_equal(proxy.copy.back.copied, 6);
    proxy_close();
}

static void tk_26_one_side_that_does_not_read_does_not_block_the_other(void **state) {
    (void)state;
    proxy_open();
    put(&proxy.client, "12345678");
    assert_int_equal(poll_once(&proxy.copy.future), WB_PENDING);
    put(&proxy.client, "abcdefgh"); /* the server reads nothing, its pipe is full */
    assert_int_equal(poll_once(&proxy.copy.future), WB_PENDING);
    put(&proxy.server, "hello");
    assert_int_equal(poll_once(&proxy.copy.future), WB_PENDING);
    expect(&proxy.client, WB_OK, "hello");
    expect(&proxy.server, WB_OK, "12345678");
    proxy_close();
}

static void tk_26_copy_both_ways_ends_with_a_failure(void **state) {
    (void)state;
    proxy_open();
    wb_duplex_close(&proxy.server);
    put(&proxy.client, "lost");
    assert_int_equal(poll_once(&proxy.copy.future), WB_READY);
    assert_status(proxy.copy.future.status, WB_ERR_BROKEN_PIPE);
    proxy_close();
}

/* ---- the pipe in memory ---- */

static void tk_27_write_is_cut_to_the_capacity(void **state) {
    (void)state;
    struct wb_duplex a;
    struct wb_duplex b;
    struct wb_write write;
    char bytes[64] = {0};
    bell_init(&script_bell);
    assert_ok(wb_duplex_new(&stage.world->sys, 32, &a, &b));
    wb_write_init(&write, &a.write, bytes, sizeof(bytes));
    assert_ok(run(&write.future));
    assert_int_equal(write.done, 32);
    wb_write_init(&write, &a.write, bytes, 1);
    assert_int_equal(poll_once(&write.future), WB_PENDING);
    assert_int_equal(script_bell.wakes, 0);
    struct wb_read read;
    wb_read_init(&read, &b.read, bytes, sizeof(bytes));
    assert_ok(run(&read.future));
    assert_int_equal(read.len, 32);
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(poll_once(&write.future), WB_READY);
    wb_duplex_close(&a);
    wb_duplex_close(&b);
}

static void tk_27_bytes_go_round_and_round(void **state) {
    (void)state;
    struct wb_duplex a;
    struct wb_duplex b;
    bell_init(&script_bell);
    assert_ok(wb_duplex_new(&stage.world->sys, 5, &a, &b));
    for (int i = 0; i < 20; i++) {
        put(&a, "abc");
        expect(&b, WB_OK, "abc");
        put(&b, "wxyz");
        expect(&a, WB_OK, "wxyz");
    }
    wb_duplex_close(&a);
    wb_duplex_close(&b);
}

static void tk_27_either_end_hears_of_the_other_going(void **state) {
    (void)state;
    struct wb_duplex a;
    struct wb_duplex b;
    struct wb_read read;
    struct wb_write write;
    char buf[8] = {0};
    bell_init(&script_bell);
    assert_ok(wb_duplex_new(&stage.world->sys, 2, &a, &b));
    put(&a, "ab");
    wb_read_init(&read, &a.read, buf, 8);
    wb_write_init(&write, &a.write, "c", 1);
    assert_int_equal(poll_once(&read.future), WB_PENDING);
    assert_int_equal(poll_once(&write.future), WB_PENDING);
    wb_duplex_close(&b);
    assert_int_equal(script_bell.wakes, 2);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_status(read.future.status, WB_EOF);
    assert_int_equal(poll_once(&write.future), WB_READY);
    assert_status(write.future.status, WB_ERR_BROKEN_PIPE);
    wb_duplex_close(&a);
    assert_int_equal(script_bell.references, 1);
}

static void tk_27_what_was_written_is_read_after_the_end(void **state) {
    (void)state;
    struct wb_duplex a;
    struct wb_duplex b;
    bell_init(&script_bell);
    assert_ok(wb_duplex_new(&stage.world->sys, 8, &a, &b));
    put(&a, "last");
    wb_duplex_close(&a);
    expect(&b, WB_OK, "last");
    expect(&b, WB_EOF, "");
    wb_duplex_close(&b);
    world_refuse(stage.world, 1);
    assert_status(wb_duplex_new(&stage.world->sys, 8, &a, &b), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
}

/* ---- giving way ---- */

static enum wb_progress endless_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    (void)self;
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    memset(buf, 'x', len);
    *out_len = len;
    *out_status = WB_OK;
    return WB_READY;
}

static void tk_08_copying_gives_way(void **state) {
    (void)state;
    static const struct wb_async_read_ops endless_ops = {.poll_read = endless_poll_read};
    struct wb_async_read endless = {&endless_ops};
    struct wb_limited_reader take;
    struct script sink = plain_script_of(at_end, takes_all);
    struct wb_copy copy;
    char buf[1];
    wb_limited_reader_init(&take, &endless, sizeof(sink.written));
    wb_copy_init(&copy, &take.read, &sink.write, buf, sizeof(buf));
    /* 256 reads, a budget of 128: at least one turn for somebody else. */
    struct probe_log log = {.pending = 1 << 20, .wakes_itself = true};
    struct wb_join_handle copying;
    struct wb_join_handle other;
    assert_ok(wb_runtime_spawn(stage.runtime, &copy.future, NULL, &copying));
    stage_spawn(&log, NULL, &other);
    assert_ok(stage_join(&copying));
    assert_int_equal(sink.written_len, sizeof(sink.written));
    assert_true(atomic_load(&log.polls) >= 1);
    wb_join_handle_abort(&other);
    assert_status(stage_join(&other), WB_ERR_CANCELLED);
}

static void tk_08_a_pipe_in_memory_gives_way(void **state) {
    (void)state;
    struct wb_duplex end;
    struct wb_duplex other;
    bell_init(&script_bell);
    assert_ok(wb_duplex_new(&stage.world->sys, 512, &end, &other));
    for (int i = 0; i < 128; i++) {
        put(&other, "abc");
    }
    wb_duplex_close(&other);
    struct script sink = script_of(at_end, takes_all);
    struct wb_limited_reader take;
    struct wb_copy copy;
    char buf[1];
    wb_limited_reader_init(&take, &end.read, 200);
    wb_copy_init(&copy, &take.read, &sink.write, buf, sizeof(buf));
    struct probe_log log = {.pending = 1 << 20, .wakes_itself = true};
    struct wb_join_handle copying;
    struct wb_join_handle counting;
    assert_ok(wb_runtime_spawn(stage.runtime, &copy.future, NULL, &copying));
    stage_spawn(&log, NULL, &counting);
    assert_ok(stage_join(&copying));
    assert_true(atomic_load(&log.polls) >= 1);
    wb_join_handle_abort(&counting);
    assert_status(stage_join(&counting), WB_ERR_CANCELLED);
    wb_duplex_close(&end);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(tk_24_read_exact_takes_pieces_and_no_more),
        STILL(tk_24_read_exact_of_too_little_says_so),
        STILL(tk_25_write_all_completes_partial_writes),
        STILL(tk_25_write_that_takes_nothing_is_an_error),
        STILL(tk_25_write_all_keeps_count_when_it_fails),
        STILL(tc_06_lines_are_put_together_again),
        STILL(tk_24_line_beyond_the_limit_is_an_error),
        STILL(tk_24_a_line_is_bytes_of_any_value),
        STILL(tk_24_a_line_that_fails_keeps_its_beginning),
        STILL(tk_24_read_until_given_up_loses_nothing),
        STILL(tk_29_buffered_bytes_come_before_new_ones),
        STILL(tk_24_take_ends_at_its_limit_and_reads_no_further),
        STILL(tc_05_chain_is_one_after_the_other),
        STILL(tk_26_copy_flushes_while_the_reader_has_nothing),
        STILL(tk_26_copy_ends_with_the_failure_of_either_side),
        STILL(tk_26_copy_goes_both_ways_and_passes_the_end_on),
        STILL(tk_26_one_side_that_does_not_read_does_not_block_the_other),
        STILL(tk_26_copy_both_ways_ends_with_a_failure),
        STILL(tk_27_write_is_cut_to_the_capacity),
        STILL(tk_27_bytes_go_round_and_round),
        STILL(tk_27_either_end_hears_of_the_other_going),
        STILL(tk_27_what_was_written_is_read_after_the_end),
        STILL(tk_08_copying_gives_way),
        STILL(tk_08_a_pipe_in_memory_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
