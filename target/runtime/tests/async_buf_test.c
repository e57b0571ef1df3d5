/* Several buffers, cursors, everything up to the end, numbers: over streams that do what the test
 * wrote down. */
#include "script.h"

#include "test_abort.h"
#include "wb/async_buf.h"
#include "wb/io.h"

#define B(literal) wb_bytes_from_string(literal)

/* ---- several buffers ---- */

/* A stream of its own makes one operation of them; any other gets the first that is of use. */
static enum wb_progress gather(struct wb_async_write *self, struct wb_context *context,
    const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len) {
    struct script *script =
        (struct script *)(void *)((char *)self - offsetof(struct script, write));
    (void)context;
    *out_len = 0;
    for (size_t i = 0; i < iov_len && *out_len < 3; i++) {
        const size_t len = iov[i].len < 3 - *out_len ? iov[i].len : 3 - *out_len;
        memcpy(script->written + script->written_len, iov[i].base, len);
        script->written_len += len;
        *out_len += len;
    }
    *out_status = WB_OK;
    return WB_READY;
}

static struct script gathering_script(void) {
    static struct wb_async_write_ops ops;
    struct script script = script_of(at_end, takes_all);
    ops = *script.write.ops;
    ops.poll_writev = gather;
    script.write.ops = &ops;
    return script;
}

static void a_tk_05_a_plain_stream_takes_the_first_buffer_that_has_bytes(void **state) {
    (void)state;
    char bytes[] = "abcd";
    const struct wb_iovec iov[] = {{bytes, 0}, {bytes, 2}, {bytes + 2, 2}};
    const struct wb_iovec nothing[] = {{bytes, 0}};
    struct script script = script_of(at_end, takes_all);
    struct wb_writev write;
    wb_writev_init(&write, &script.write, iov, 3);
    assert_ok(run(&write.future));
    assert_int_equal(write.done, 2);
    assert_bytes(script.written, script.written_len, "ab");
    wb_writev_init(&write, &script.write, nothing, 1);
    assert_ok(run(&write.future));
    assert_int_equal(write.done, 0);
    wb_writev_init(&write, &script.write, NULL, 0);
    assert_ok(run(&write.future));
}

static void a_tk_05_one_operation_takes_several_buffers(void **state) {
    (void)state;
    char bytes[] = "abcd";
    const struct wb_iovec iov[] = {{bytes, 2}, {bytes + 2, 2}};
    struct script script = gathering_script();
    struct wb_writev write;
    wb_writev_init(&write, &script.write, iov, 2);
    assert_ok(run(&write.future));
    assert_int_equal(write.done, 3);
    assert_bytes(script.written, script.written_len, "abc");
}

static void a_tk_04_a_read_fills_the_first_buffer_that_has_room(void **state) {
    (void)state;
    char buf[4] = "????";
    const struct line reads[] = {{.is_pending = true}, {.bytes = "ab"}, {.status = WB_EOF}};
    const struct wb_iovec iov[] = {{buf, 0}, {buf, 3}, {buf + 3, 1}};
    struct script script = script_of(reads, takes_all);
    struct wb_readv read;
    wb_readv_init(&read, &script.read, iov, 3);
    assert_ok(run(&read.future));
    assert_int_equal(read.len, 2);
    assert_memory_equal(buf, "ab??", 4);
    wb_readv_init(&read, &script.read, iov, 3);
    assert_status(run(&read.future), WB_EOF);
}

/* ---- cursors ---- */

static struct wb_buf chain_of(
    struct wb_chain *chain, struct wb_bytes *first, struct wb_bytes *last) {
    *chain = (struct wb_chain){wb_buf_from_bytes(first), wb_buf_from_bytes(last)};
    return wb_buf_from_chain(chain);
}

static void tk_25_write_all_buf(void **state) {
    (void)state;
    const struct line writes[] = {{.taken_max = 1}, {.is_pending = true}, {.taken_max = 9},
        {.is_pending = true}, {.taken_max = 1}, {.taken_max = SIZE_MAX}};
    struct wb_bytes first = B("abc");
    struct wb_bytes last = B("def");
    struct wb_chain chain;
    struct wb_write_buf write;
    struct script script = script_of(at_end, writes);
    wb_write_buf_init(&write, &script.write, chain_of(&chain, &first, &last));
    assert_ok(run(&write.future));
    assert_bytes(script.written, script.written_len, "abcdef");
    assert_int_equal(first.len + last.len, 0);
    script = gathering_script();
    first = B("abcd");
    last = B("efgh");
    wb_write_buf_init(&write, &script.write, chain_of(&chain, &first, &last));
    assert_ok(run(&write.future));
    assert_bytes(script.written, script.written_len, "abcdefgh");
}

/* write_buf_err: the cursor tells what is left */
static void tk_25_write_all_buf_that_fails_keeps_the_rest(void **state) {
    (void)state;
    const struct line writes[] = {{.taken_max = 4}, {.taken_max = 1}, {.taken_max = 0}};
    struct wb_bytes first = B("abc");
    struct wb_bytes last = B("def");
    struct wb_chain chain;
    struct wb_write_buf write;
    struct script script = script_of(at_end, writes);
    wb_write_buf_init(&write, &script.write, chain_of(&chain, &first, &last));
    assert_status(run(&write.future), WB_ERR_WRITE_ZERO);
    assert_bytes(last.ptr, last.len, "ef");
}

/* ---- everything ---- */

static void expect_all(const struct line *reads, size_t limit, enum wb_status status,
    const char *expected, struct wb_bytes_mut *into) {
    struct script script = script_of(reads, takes_all);
    struct wb_read_to_end read;
    wb_read_to_end_init(&read, &script.read, into, limit);
    assert_status(run(&read.future), status);
    assert_bytes(into->ptr, into->len, expected);
}

static void tk_24_read_to_end(void **state) {
    (void)state;
    const struct line reads[] = {
        {.bytes = "ab"}, {.is_pending = true}, {.bytes = "cde"}, {.status = WB_EOF}};
    struct wb_bytes_mut into = wb_bytes_mut_new(&stage.world->sys);
    expect_all(reads, 100, WB_OK, "abcde", &into);
    expect_all(reads, 100, WB_OK, "abcdeabcde", &into); /* appended */
    expect_all(at_end, 0, WB_OK, "abcdeabcde", &into);
    wb_bytes_mut_release(&into);
}

static void tk_24_read_to_end_doesnt_grow_with_capacity(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "0123456789"}, {.bytes = "01234"}, {.status = WB_EOF}};
    struct wb_bytes_mut into;
    assert_ok(wb_bytes_mut_with_capacity(&stage.world->sys, 15, &into));
    const size_t capacity = into.capacity;
    assert_int_equal(capacity, 15);
    expect_all(reads, 100, WB_OK, "012345678901234", &into);
    assert_int_equal(into.capacity, capacity);
    wb_bytes_mut_release(&into);
}

static void tk_24_read_to_end_grows_capacity_if_unfit(void **state) {
    (void)state;
    const struct line reads[] = {
        {.bytes = "01234567"}, {.bytes = "8"}, {.bytes = "9abc"}, {.status = WB_EOF}};
    struct wb_bytes_mut into;
    assert_ok(wb_bytes_mut_with_capacity(&stage.world->sys, 8, &into));
    expect_all(reads, 100, WB_OK, "0123456789abc", &into);
    wb_bytes_mut_release(&into);
}

static void tk_24_read_to_end_is_bounded(void **state) {
    (void)state;
    const struct line exact[] = {{.bytes = "abcd"}, {.status = WB_EOF}};
    const struct line more[] = {{.bytes = "abcd"}, {.bytes = "e"}, {.status = WB_EOF}};
    struct wb_bytes_mut into = wb_bytes_mut_new(&stage.world->sys);
    expect_all(exact, 4, WB_OK, "abcd", &into);
    wb_bytes_mut_truncate(&into, 0);
    expect_all(more, 4, WB_ERR_LIMIT, "abcd", &into);
    wb_bytes_mut_release(&into);
}

static void tk_24_read_to_end_that_fails_keeps_what_came(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.status = WB_ERR_CONN_RESET}};
    struct wb_bytes_mut into = wb_bytes_mut_new(&stage.world->sys);
    expect_all(reads, 100, WB_ERR_CONN_RESET, "ab", &into);
    wb_bytes_mut_release(&into);
    struct script script = script_of(reads, takes_all);
    struct wb_read_to_end read;
    wb_read_to_end_init(&read, &script.read, &into, 100);
    bell_init(&script_bell);
    world_refuse(stage.world, 1);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_status(read.future.status, WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
}

/* ---- numbers ---- */

static void tk_25_numbers_of_every_width(void **state) {
    (void)state;
    for (size_t width = 1; width <= WB_NUMBER_WIDTH_MAX; width++) {
        for (int little = 0; little < 2; little++) {
            const enum wb_byte_order order = little ? WB_BYTE_ORDER_LITTLE : WB_BYTE_ORDER_BIG;
            const uint64_t value = UINT64_C(0xf1e2d3c4b5a69788) >> (64 - 8 * width);
            struct script script = script_of(at_end, takes_all);
            struct wb_write_number write;
            struct wb_read_number read;
            struct line back[2] = {{.bytes = script.written}, {.status = WB_EOF}};
            wb_write_unsigned_init(&write, &script.write, value, width, order);
            assert_ok(run(&write.future));
            assert_int_equal(script.written_len, width);
            assert_int_equal((uint8_t)script.written[little ? width - 1 : 0], 0xf1);
            script.reads = back;
            wb_read_number_init(&read, &script.read, width, order);
            assert_ok(run(&read.future));
            assert_true(wb_read_number_unsigned(&read) == value);
            assert_true(wb_read_number_signed(&read) < 0);
        }
    }
}

static void tk_25_signed_numbers_keep_their_sign(void **state) {
    (void)state;
    const struct line writes[] = {{.taken_max = 1}, {.is_pending = true}, {.taken_max = SIZE_MAX}};
    struct script script = script_of(at_end, writes);
    struct wb_write_number write;
    wb_write_signed_init(&write, &script.write, -2, 3, WB_BYTE_ORDER_BIG);
    assert_ok(run(&write.future));
    assert_bytes(script.written, script.written_len, "\xff\xff\xfe");
}

static void tk_25_write_int_should_err_if_write_count_0(void **state) {
    (void)state;
    const struct line writes[] = {{.taken_max = 1}, {.taken_max = 0}};
    struct script script = script_of(at_end, writes);
    struct wb_write_number write;
    wb_write_unsigned_init(&write, &script.write, 7, 4, WB_BYTE_ORDER_BIG);
    assert_status(run(&write.future), WB_ERR_WRITE_ZERO);
    assert_int_equal(write.done, 1);
}

static void tk_24_a_number_cut_short_is_an_error(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.is_pending = true}, {.status = WB_EOF}};
    struct script script = script_of(reads, takes_all);
    struct wb_read_number read;
    wb_read_number_init(&read, &script.read, 4, WB_BYTE_ORDER_BIG);
    assert_status(run(&read.future), WB_ERR_UNEXPECTED_EOF);
    assert_int_equal(read.done, 2);
}

/* ---- streams that lie ---- */

static enum wb_progress claim(struct wb_async_read *self, struct wb_context *context, void *buf,
    size_t len, enum wb_status *out_status, size_t *out_len) {
    (void)self, (void)context, (void)buf;
    *out_len = len + 1;
    *out_status = WB_OK;
    return WB_READY;
}

/* bad_reader_fails, issue_4435: what a reader says it read is looked at before it is believed */
static void tk_24_bad_reader_fails(void **state) {
    (void)state;
    static const struct wb_async_read_ops ops = {.poll_read = claim};
    struct wb_async_read bad = {&ops};
    struct wb_limited_reader limited;
    struct wb_context context = wb_context_with_waker(&script_bell.waker);
    enum wb_status status = WB_OK;
    size_t len = 0;
    char buf[8];
    wb_limited_reader_init(&limited, &bad, 4);
    assert_aborts((void)!wb_async_poll_read(&bad, &context, buf, 4, &status, &len));
    assert_aborts((void)!wb_async_poll_read(&limited.read, &context, buf, 8, &status, &len));
    assert_int_equal(limited.left, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(a_tk_05_a_plain_stream_takes_the_first_buffer_that_has_bytes),
        STILL(a_tk_05_one_operation_takes_several_buffers),
        STILL(a_tk_04_a_read_fills_the_first_buffer_that_has_room),
        STILL(tk_25_write_all_buf),
        STILL(tk_25_write_all_buf_that_fails_keeps_the_rest),
        STILL(tk_24_read_to_end),
        STILL(tk_24_read_to_end_doesnt_grow_with_capacity),
        STILL(tk_24_read_to_end_grows_capacity_if_unfit),
        STILL(tk_24_read_to_end_is_bounded),
        STILL(tk_24_read_to_end_that_fails_keeps_what_came),
        STILL(tk_25_numbers_of_every_width),
        STILL(tk_25_signed_numbers_keep_their_sign),
        STILL(tk_25_write_int_should_err_if_write_count_0),
        STILL(tk_24_a_number_cut_short_is_an_error),
        STILL(tk_24_bad_reader_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
