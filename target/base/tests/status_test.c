/* The status table. */
#include "wb/status.h"

#include <errno.h>
#include <string.h>

#include "test_abort.h"

enum { STATUS_COUNT = WB_ERR_NO_DEVICE + 1 };

static void status_result_not_negative_is_ok(void **state) {
    (void)state;
    assert_int_equal(wb_status_from_result(0), WB_OK);
    assert_int_equal(wb_status_from_result(4096), WB_OK);
}

static void status_errno_maps_to_its_row(void **state) {
    (void)state;
    assert_int_equal(wb_status_from_result(-EAGAIN), WB_WOULD_BLOCK);
    assert_int_equal(wb_status_from_result(-EINPROGRESS), WB_IN_PROGRESS);
    assert_int_equal(wb_status_from_result(-EINTR), WB_ERR_INTERRUPTED);
    assert_int_equal(wb_status_from_result(-ECONNRESET), WB_ERR_CONN_RESET);
    assert_int_equal(wb_status_from_result(-EMFILE), WB_ERR_FD_LIMIT);
    assert_int_equal(wb_status_from_result(-ENFILE), WB_ERR_SYSTEM_FD_LIMIT);
    assert_int_equal(wb_status_from_result(-ENOMEM), WB_ERR_NO_MEMORY);
}

static void status_errno_unknown_is_os(void **state) {
    (void)state;
    assert_int_equal(wb_status_from_result(-EXDEV), WB_ERR_OS);
    assert_int_equal(wb_status_from_result(-123456789012LL), WB_ERR_OS);
}

/* Each errno is in one row, so that the way back is unambiguous: every number of the range an errno
 * may have gives WB_ERR_OS or a status no other number gives. */
static void status_errno_is_in_one_row(void **state) {
    (void)state;
    int seen[STATUS_COUNT] = {0};
    for (int number = 1; number < 4096; number++) {
        enum wb_status status = wb_status_from_result(-number);
        assert_int_not_equal(status, WB_OK);
        if (status != WB_ERR_OS) {
            assert_int_equal(seen[status]++, 0);
        }
    }
}

static void status_names_are_distinct_and_texts_are_there(void **state) {
    (void)state;
    for (int i = 0; i < STATUS_COUNT; i++) {
        const char *name = wb_status_name((enum wb_status)i);
        assert_int_equal(strncmp(name, "WB_", 3), 0);
        assert_true(strlen(wb_status_text((enum wb_status)i)) > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(name, wb_status_name((enum wb_status)j));
        }
    }
    assert_string_equal(wb_status_name(WB_ERR_CONN_RESET), "WB_ERR_CONN_RESET");
    assert_string_equal(wb_status_text(WB_ERR_CONN_RESET), "connection reset by peer");
}

/* Outcomes come first; a name says what its category says. */
static void status_errors_are_those_named_so(void **state) {
    (void)state;
    for (int i = 0; i < STATUS_COUNT; i++) {
        enum wb_status status = (enum wb_status)i;
        int is_error = strncmp(wb_status_name(status), "WB_ERR_", 7) == 0;
        assert_int_equal(wb_status_is_error(status) != 0, is_error);
        assert_int_equal(wb_status_category(status) != WB_CATEGORY_OUTCOME, is_error);
    }
}

static void status_outside_the_table_has_a_name(void **state) {
    (void)state;
    const int outside[] = {STATUS_COUNT, 1 << 20};
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        enum wb_status status = (enum wb_status)outside[i];
        assert_string_equal(wb_status_name(status), "WB_STATUS_UNKNOWN");
        assert_string_equal(wb_status_text(status), "unknown status");
        assert_int_equal(wb_status_category(status), WB_CATEGORY_SYSTEM);
    }
}

static void status_categories_name_the_culprit(void **state) {
    (void)state;
    assert_int_equal(wb_status_category(WB_EOF), WB_CATEGORY_OUTCOME);
    assert_int_equal(wb_status_category(WB_ERR_BROKEN_PIPE), WB_CATEGORY_NETWORK);
    assert_int_equal(wb_status_category(WB_ERR_FULL), WB_CATEGORY_RESOURCE);
    assert_int_equal(wb_status_category(WB_ERR_BAD_FD), WB_CATEGORY_USAGE);
    assert_int_equal(wb_status_category(WB_ERR_NOT_IMPLEMENTED), WB_CATEGORY_SYSTEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_result_not_negative_is_ok),
        cmocka_unit_test(status_errno_maps_to_its_row),
        cmocka_unit_test(status_errno_unknown_is_os),
        cmocka_unit_test(status_errno_is_in_one_row),
        cmocka_unit_test(status_names_are_distinct_and_texts_are_there),
        cmocka_unit_test(status_errors_are_those_named_so),
        cmocka_unit_test(status_outside_the_table_has_a_name),
        cmocka_unit_test(status_categories_name_the_culprit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
