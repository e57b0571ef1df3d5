/* Pipes in memory, streams with nobody at the other end, and what gives way. */
#include "script.h"

#include "wb/io.h"

static struct wb_simplex_reader reader;
static struct wb_simplex_writer writer;

static void open_simplex(size_t capacity) {
    bell_init(&script_bell);
    assert_ok(wb_simplex_new(&stage.world->sys, capacity, &reader, &writer));
}

static enum wb_progress poll_read(struct wb_read *read, char *buf, size_t len) {
    wb_read_init(read, &reader.read, buf, len);
    return poll_once(&read->future);
}

static void expect(const char *bytes) {
    struct wb_read read;
    char buf[64];
    assert_int_equal(poll_read(&read, buf, sizeof(buf)), WB_READY);
    assert_ok(read.future.status);
    assert_bytes(buf, read.len, bytes);
}

static void expect_status(enum wb_status status) {
    struct wb_read read;
    char buf[8];
    assert_int_equal(poll_read(&read, buf, sizeof(buf)), WB_READY);
    assert_status(read.future.status, status);
}

static size_t put(const char *bytes, size_t len) {
    struct wb_write write;
    wb_write_init(&write, &writer.write, bytes, len);
    assert_int_equal(poll_once(&write.future), WB_READY);
    assert_ok(write.future.status);
    return write.done;
}

/* ---- one way ---- */

static void tk_27_one_way_max_write_size(void **state) {
    (void)state;
    static const char bytes[64] = "0123456789abcdef0123456789abcdefxxxxxxxx";
    struct wb_write write;
    open_simplex(32);
    assert_int_equal(put(bytes, 64), 32);
    wb_write_init(&write, &writer.write, bytes, 1);
    assert_int_equal(poll_once(&write.future), WB_PENDING);
    expect("0123456789abcdef0123456789abcdef");
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(poll_once(&write.future), WB_READY);
    wb_simplex_reader_close(&reader);
    wb_simplex_writer_close(&writer);
    assert_int_equal(script_bell.references, 1);
}

static void tk_27_one_way_zero_length_operations(void **state) {
    (void)state;
    struct wb_read read;
    char buf[8];
    open_simplex(8);
    assert_int_equal(put("", 0), 0);
    assert_int_equal(poll_read(&read, buf, 0), WB_READY);
    assert_ok(read.future.status);
    assert_int_equal(read.len, 0);
    wb_simplex_reader_close(&reader);
    assert_int_equal(put("", 0), 0); /* nor to one that is closed */
    wb_simplex_writer_close(&writer);
}

static void tk_27_one_way_disconnect(void **state) {
    (void)state;
    struct wb_read read;
    char buf[8];
    open_simplex(8);
    (void)put("ping", 4);
    wb_simplex_writer_close(&writer);
    wb_simplex_writer_close(&writer); /* twice is allowed */
    expect("ping");
    expect_status(WB_EOF);
    wb_simplex_reader_close(&reader);
    open_simplex(8);
    assert_int_equal(poll_read(&read, buf, 8), WB_PENDING);
    wb_simplex_writer_close(&writer);
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_status(read.future.status, WB_EOF);
    wb_simplex_reader_close(&reader);
}

static void tk_27_one_way_disconnect_reader(void **state) {
    (void)state;
    struct wb_write write;
    open_simplex(1);
    (void)put("a", 1);
    wb_write_init(&write, &writer.write, "b", 1);
    assert_int_equal(poll_once(&write.future), WB_PENDING);
    wb_simplex_reader_close(&reader);
    assert_int_equal(script_bell.wakes, 1);
    assert_int_equal(poll_once(&write.future), WB_READY);
    assert_status(write.future.status, WB_ERR_BROKEN_PIPE);
    wb_simplex_writer_close(&writer);
    assert_int_equal(script_bell.references, 1);
}

static void a_tk_05_one_way_shutdown_may_come_again(void **state) {
    (void)state;
    struct wb_flush shutdown;
    open_simplex(8);
    (void)put("a", 1);
    for (int i = 0; i < 2; i++) {
        wb_shutdown_init(&shutdown, &writer.write);
        assert_ok(run(&shutdown.future));
    }
    expect("a");
    expect_status(WB_EOF);
    wb_simplex_reader_close(&reader);
    wb_simplex_writer_close(&writer);
}

static void tk_27_one_way_without_memory(void **state) {
    (void)state;
    world_refuse(stage.world, 1);
    assert_status(wb_simplex_new(&stage.world->sys, 8, &reader, &writer), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
}

/* ---- both ways ---- */

static void tk_27_ping_pong(void **state) {
    (void)state;
    struct wb_duplex a;
    struct wb_duplex b;
    struct wb_write_all write;
    struct wb_read_exact read;
    char buf[8];
    assert_ok(wb_duplex_new(&stage.world->sys, 32, &a, &b));
    wb_write_all_init(&write, &a.write, "ping", 4);
    assert_ok(run(&write.future));
    wb_read_exact_init(&read, &b.read, buf, 4);
    assert_ok(run(&read.future));
    wb_write_all_init(&write, &b.write, "pong", 4);
    assert_ok(run(&write.future));
    wb_read_exact_init(&read, &a.read, buf, 4);
    assert_ok(run(&read.future));
    assert_memory_equal(buf, "pong", 4);
    wb_duplex_close(&a);
    wb_duplex_close(&b);
}

/* A task writes much more than the pipe holds, another reads it. */
static void tk_27_across_tasks(void **state) {
    (void)state;
    static char bytes[4096];
    static char got[4096];
    struct wb_duplex a;
    struct wb_duplex b;
    struct wb_write_all write;
    struct wb_read_exact read;
    struct wb_join_handle writing;
    struct wb_join_handle reading;
    assert_ok(wb_duplex_new(&stage.world->sys, 7, &a, &b));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)(i * 7 + i / 251);
    }
    wb_write_all_init(&write, &a.write, bytes, sizeof(bytes));
    wb_read_exact_init(&read, &b.read, got, sizeof(got));
    assert_ok(wb_runtime_spawn(stage.runtime, &write.future, NULL, &writing));
    assert_ok(wb_runtime_spawn(stage.runtime, &read.future, NULL, &reading));
    assert_ok(stage_join(&reading));
    assert_ok(stage_join(&writing));
    assert_memory_equal(bytes, got, sizeof(bytes));
    wb_duplex_close(&a);
    wb_duplex_close(&b);
}

static void tk_27_zero_length_writes_to_closed_stream(void **state) {
    (void)state;
    struct wb_duplex a;
    struct wb_duplex b;
    struct wb_write write;
    bell_init(&script_bell);
    assert_ok(wb_duplex_new(&stage.world->sys, 8, &a, &b));
    wb_duplex_close(&b);
    wb_write_init(&write, &a.write, "", 0);
    assert_int_equal(poll_once(&write.future), WB_READY);
    assert_ok(write.future.status);
    wb_write_init(&write, &a.write, "a", 1);
    assert_int_equal(poll_once(&write.future), WB_READY);
    assert_status(write.future.status, WB_ERR_BROKEN_PIPE);
    wb_duplex_close(&a);
}

/* ---- nobody at the other end ---- */

static void a_tk_06_empty_is_at_its_end(void **state) {
    (void)state;
    struct wb_async_read empty = wb_empty();
    struct wb_read read;
    char buf[4];
    wb_read_init(&read, &empty, buf, sizeof(buf));
    assert_status(run(&read.future), WB_EOF);
}

static void a_tk_06_repeat_goes_on_and_sink_takes_it(void **state) {
    (void)state;
    struct wb_async_write sink = wb_sink();
    struct wb_repeat repeat;
    struct wb_limited_reader part;
    struct wb_copy copy;
    struct wb_read_exact read;
    char buf[3];
    wb_repeat_init(&repeat, 'x');
    wb_read_exact_init(&read, &repeat.read, buf, sizeof(buf));
    assert_ok(run(&read.future));
    assert_memory_equal(buf, "xxx", 3);
    wb_limited_reader_init(&part, &repeat.read, 1000);
    wb_copy_init(&copy, &part.read, &sink, buf, sizeof(buf));
    assert_ok(run(&copy.future));
    assert_int_equal(copy.copied, 1000);
}

/* ---- giving way ---- */

/* A stream that is always ready and spends nothing. */
static enum wb_progress endless_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    (void)self, (void)context;
    memset(buf, 'x', len);
    *out_len = len;
    *out_status = WB_OK;
    return WB_READY;
}

static enum wb_progress endless_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    (void)self, (void)context, (void)buf;
    *out_len = len;
    *out_status = WB_OK;
    return WB_READY;
}

static void gives_way(struct wb_async_read *endless, struct wb_async_write *sink) {
    struct probe_log log = {.pending = 1 << 20, .wakes_itself = true};
    struct wb_join_handle copying;
    struct wb_join_handle other;
    struct wb_copy copy;
    char buf[4];
    wb_copy_init(&copy, endless, sink, buf, sizeof(buf));
    assert_ok(wb_runtime_spawn(stage.runtime, &copy.future, NULL, &copying));
    stage_spawn(&log, NULL, &other);
    for (int turn = 0; turn < 5; turn++) {
        assert_ok(wb_runtime_turn(stage.runtime, 0));
    }
    assert_true(atomic_load(&log.polls) >= 4);
    assert_false(wb_join_handle_is_finished(&copying));
    wb_join_handle_abort(&copying);
    assert_status(stage_join(&copying), WB_ERR_CANCELLED);
    wb_join_handle_abort(&other);
    assert_status(stage_join(&other), WB_ERR_CANCELLED);
}

static void tk_08_copy_is_cooperative(void **state) {
    (void)state;
    static const struct wb_async_read_ops read_ops = {.poll_read = endless_poll_read};
    static const struct wb_async_write_ops write_ops = {.poll_write = endless_poll_write};
    struct wb_async_read endless = {&read_ops};
    struct wb_async_write sink = {&write_ops};
    gives_way(&endless, &sink);
}

static void tk_08_ends_without_a_stream_give_way(void **state) {
    (void)state;
    struct wb_async_write sink = wb_sink();
    struct wb_repeat repeat;
    wb_repeat_init(&repeat, 'x');
    gives_way(&repeat.read, &sink);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(tk_27_one_way_max_write_size),
        STILL(tk_27_one_way_zero_length_operations),
        STILL(tk_27_one_way_disconnect),
        STILL(tk_27_one_way_disconnect_reader),
        STILL(a_tk_05_one_way_shutdown_may_come_again),
        STILL(tk_27_one_way_without_memory),
        STILL(tk_27_ping_pong),
        STILL(tk_27_across_tasks),
        STILL(tk_27_zero_length_writes_to_closed_stream),
        STILL(a_tk_06_empty_is_at_its_end),
        STILL(a_tk_06_repeat_goes_on_and_sink_takes_it),
        STILL(tk_08_copy_is_cooperative),
        STILL(tk_08_ends_without_a_stream_give_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
