/* Lines in a buffer: growth, limits, what is found where. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "wb/sys_linux.h"

#include "examples/line_buffer.h"

static void put(struct wb__line_buffer *buffer, const char *bytes, size_t len) {
    while (len > 0) {
        uint8_t *space;
        size_t space_len;
        assert_int_equal(
            wb__line_buffer_reserve(buffer, wb_sys_linux(), &space, &space_len), WB_OK);
        size_t n = len < space_len ? len : space_len;
        memcpy(space, bytes, n);
        wb__line_buffer_commit(buffer, n);
        bytes += n;
        len -= n;
    }
}

static void expect_bytes(const struct wb__line_buffer *buffer, const char *text) {
    struct wb_bytes bytes = wb__line_buffer_bytes(buffer);
    assert_true(wb_bytes_equal(bytes, wb_bytes_from_string(text)));
}

static void line_buffer_pipelined_lines_are_found_one_by_one(void **state) {
    (void)state;
    struct wb__line_buffer buffer = {0};
    assert_int_equal(wb__line_buffer_line_len(&buffer), 0);
    put(&buffer, "ab\n\nc", 5);
    assert_int_equal(wb__line_buffer_line_len(&buffer), 3);
    assert_int_equal(wb__line_buffer_line_len(&buffer), 3);
    wb__line_buffer_consume(&buffer, wb_sys_linux(), 1);
    assert_int_equal(wb__line_buffer_line_len(&buffer), 2);
    wb__line_buffer_consume(&buffer, wb_sys_linux(), 2);
    assert_int_equal(wb__line_buffer_line_len(&buffer), 1);
    wb__line_buffer_consume(&buffer, wb_sys_linux(), 1);
    assert_int_equal(wb__line_buffer_line_len(&buffer), 0);
    put(&buffer, "d\n", 2);
    assert_int_equal(wb__line_buffer_line_len(&buffer), 3);
    expect_bytes(&buffer, "cd\n");
    wb__line_buffer_clean_up(&buffer, wb_sys_linux());
}

/* A tail that does not fit behind what was consumed moves to the front, and is still found. */
static void line_buffer_full_block_moves_its_tail(void **state) {
    (void)state;
    char bytes[WB__LINE_BUFFER_FIRST];
    memset(bytes, 'x', sizeof bytes);
    bytes[99] = '\n';
    struct wb__line_buffer buffer = {0};
    put(&buffer, bytes, sizeof bytes);
    assert_int_equal(wb__line_buffer_line_len(&buffer), 100);
    wb__line_buffer_consume(&buffer, wb_sys_linux(), 100);
    assert_int_equal(wb__line_buffer_line_len(&buffer), 0);
    put(&buffer, "\n", 1);
    assert_int_equal(buffer.capacity, WB__LINE_BUFFER_FIRST);
    assert_int_equal(wb__line_buffer_line_len(&buffer), sizeof bytes - 100 + 1);
    wb__line_buffer_clean_up(&buffer, wb_sys_linux());
}

static void line_buffer_holds_the_longest_line_and_no_more(void **state) {
    (void)state;
    static char line[WB__LINE_LEN_MAX];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    struct wb__line_buffer buffer = {0};
    put(&buffer, line, sizeof line);
    assert_int_equal(wb__line_buffer_line_len(&buffer), sizeof line);
    uint8_t *space;
    size_t space_len;
    assert_int_equal(
        wb__line_buffer_reserve(&buffer, wb_sys_linux(), &space, &space_len), WB_ERR_LIMIT);
    wb__line_buffer_consume(&buffer, wb_sys_linux(), sizeof line);
    assert_int_equal(buffer.capacity, 0);
    put(&buffer, "again", 5);
    expect_bytes(&buffer, "again");
    wb__line_buffer_clean_up(&buffer, wb_sys_linux());
}

static void *no_memory(void *self, void *ptr, size_t old_size, size_t new_size) {
    (void)self;
    (void)ptr;
    (void)old_size;
    (void)new_size;
    return NULL;
}

static void line_buffer_without_memory_stays_as_it_was(void **state) {
    (void)state;
    struct wb_sys_ops ops = *wb_sys_linux()->ops;
    ops.resize = no_memory;
    const struct wb_sys sys = {&ops, wb_sys_linux()->self};
    char bytes[WB__LINE_BUFFER_FIRST];
    memset(bytes, 'x', sizeof bytes);
    struct wb__line_buffer buffer = {0};
    uint8_t *space;
    size_t space_len;
    assert_int_equal(wb__line_buffer_reserve(&buffer, &sys, &space, &space_len), WB_ERR_NO_MEMORY);
    put(&buffer, bytes, sizeof bytes);
    assert_int_equal(wb__line_buffer_reserve(&buffer, &sys, &space, &space_len), WB_ERR_NO_MEMORY);
    assert_int_equal(wb__line_buffer_bytes(&buffer).len, sizeof bytes);
    wb__line_buffer_clean_up(&buffer, wb_sys_linux());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_buffer_pipelined_lines_are_found_one_by_one),
        cmocka_unit_test(line_buffer_full_block_moves_its_tail),
        cmocka_unit_test(line_buffer_holds_the_longest_line_and_no_more),
        cmocka_unit_test(line_buffer_without_memory_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
