/* The ring of many readers: its edge, its bound. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "wb/sys_linux.h"

#include "examples/broadcast_log.h"

enum { CAPACITY = 8 };

static void broadcast_log_bytes_over_the_edge_come_in_two_pieces(void **state) {
    (void)state;
    struct wb__broadcast_log log;
    assert_int_equal(wb__broadcast_log_init(&log, wb_sys_linux(), CAPACITY), WB_OK);
    wb__broadcast_log_append(&log, wb_bytes_from_string("abcdef"));
    assert_int_equal(wb__broadcast_log_free(&log), 2);
    wb__broadcast_log_trim(&log, 5);
    assert_int_equal(wb__broadcast_log_free(&log), 7);
    wb__broadcast_log_append(&log, wb_bytes_from_string("ghij"));
    struct wb_bytes first = wb__broadcast_log_read(&log, 5, log.head);
    assert_true(wb_bytes_equal(first, wb_bytes_from_string("fgh")));
    struct wb_bytes second = wb__broadcast_log_read(&log, 8, log.head);
    assert_true(wb_bytes_equal(second, wb_bytes_from_string("ij")));
    assert_int_equal(wb__broadcast_log_read(&log, 10, 10).len, 0);
    wb__broadcast_log_clean_up(&log, wb_sys_linux());
}

static void broadcast_log_full_has_no_space_until_trimmed(void **state) {
    (void)state;
    struct wb__broadcast_log log;
    size_t len;
    assert_int_equal(wb__broadcast_log_init(&log, wb_sys_linux(), CAPACITY), WB_OK);
    wb__broadcast_log_append(&log, wb_bytes_from_string("abcdefgh"));
    assert_null(wb__broadcast_log_space(&log, &len));
    assert_int_equal(len, 0);
    wb__broadcast_log_trim(&log, 3);
    assert_non_null(wb__broadcast_log_space(&log, &len));
    assert_int_equal(len, 3);
    struct wb_bytes rest = wb__broadcast_log_read(&log, 3, 8);
    assert_true(wb_bytes_equal(rest, wb_bytes_from_string("defgh")));
    wb__broadcast_log_clean_up(&log, wb_sys_linux());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broadcast_log_bytes_over_the_edge_come_in_two_pieces),
        cmocka_unit_test(broadcast_log_full_has_no_space_until_trimmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
