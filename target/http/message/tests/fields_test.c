/* Fields that are owned: order, occurrences, limits, memory. */
#include "wb/http_fields.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

static struct wb_http_field_list list;

static int setup(void **state) {
    if (test_sys_setup(state) != 0) {
        return -1;
    }
    struct test_sys *test = *state;
    wb_http_field_list_init(&list, &test->sys, 0, 0);
    return 0;
}

static int teardown(void **state) {
    wb_http_field_list_clean_up(&list);
    return test_sys_teardown(state);
}

static enum wb_status add(const char *name, const char *value) {
    return wb_http_field_list_add(&list, wb_bytes_from_string(name), wb_bytes_from_string(value));
}

static void assert_fields(const char *expected) {
    char text[256] = "";
    struct wb_http_fields fields = wb_http_field_list_view(&list);
    for (size_t i = 0; i < fields.count; i++) {
        struct wb_bytes name = wb_http_fields_name(fields, i);
        struct wb_bytes value = wb_http_fields_value(fields, i);
        strncat(text, (const char *)name.ptr, name.len);
        strcat(text, "=");
        strncat(text, (const char *)value.ptr, value.len);
        strcat(text, ";");
    }
    assert_string_equal(text, expected);
}

static void a_hy_01_order_and_occurrences_are_kept(void **state) {
    (void)state;
    assert_int_equal(add("Set-Cookie", "a"), WB_OK);
    assert_int_equal(add("Host", " b\t"), WB_OK);
    assert_int_equal(add("set-cookie", "c"), WB_OK);
    assert_int_equal(add("Empty", ""), WB_OK);
    assert_fields("Set-Cookie=a;Host=b;set-cookie=c;Empty=;");
    struct wb_http_fields fields = wb_http_field_list_view(&list);
    struct wb_bytes cookie = wb_bytes_from_string("SET-COOKIE");
    assert_int_equal(wb_http_fields_find(fields, cookie, 0), 0);
    assert_int_equal(wb_http_fields_find(fields, cookie, 1), 2);
    assert_int_equal(wb_http_fields_find(fields, cookie, 3), 4);
    assert_int_equal(wb_http_fields_find(fields, wb_bytes_from_string("hOST"), 0), 1);
    assert_int_equal(wb_http_fields_find_id(fields, WB_HTTP_FIELD_HOST, 2), 4);
    struct wb_bytes value;
    assert_true(wb_http_fields_get(fields, wb_bytes_from_string("host"), &value));
    assert_true(wb_bytes_equal(value, wb_bytes_from_string("b")));
    assert_false(wb_http_fields_get(fields, wb_bytes_from_string("hos"), &value));
}

static void field_list_set_and_remove(void **state) {
    (void)state;
    assert_int_equal(add("A", "1"), WB_OK);
    assert_int_equal(add("B", "2"), WB_OK);
    assert_int_equal(add("a", "3"), WB_OK);
    assert_int_equal(
        wb_http_field_list_set(&list, wb_bytes_from_string("A"), wb_bytes_from_string("4")), WB_OK);
    assert_fields("B=2;A=4;");
    assert_int_equal(wb_http_field_list_remove(&list, wb_bytes_from_string("c")), 0);
    assert_int_equal(wb_http_field_list_remove(&list, wb_bytes_from_string("b")), 1);
    assert_fields("A=4;");
    wb_http_field_list_clear(&list);
    assert_fields("");
}

static void field_list_bounds(void **state) {
    struct test_sys *test = *state;
    wb_http_field_list_clean_up(&list);
    wb_http_field_list_init(&list, &test->sys, 2, 10);
    assert_int_equal(add("a", "123"), WB_OK);
    assert_int_equal(add("b", "123456"), WB_ERR_LIMIT);
    assert_int_equal(add("b", "12345"), WB_OK);
    assert_int_equal(add("c", ""), WB_ERR_LIMIT);
    assert_fields("a=123;b=12345;");
}

static void field_list_survives_every_refused_allocation(void **state) {
    struct test_sys *test = *state;
    for (size_t n = 1;; n++) {
        wb_http_field_list_clean_up(&list);
        test_sys_refuse(test, n);
        unsigned added = 0;
        for (int i = 0; i < 40; i++) {
            enum wb_status status = add("Name", "value");
            assert_true(status == WB_OK || status == WB_ERR_NO_MEMORY);
            added += status == WB_OK;
        }
        bool refused = test_sys_has_refused(test);
        assert_int_equal(added, refused ? 39 : 40);
        assert_int_equal(wb_http_field_list_view(&list).count, added);
        if (!refused) {
            break;
        }
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_hy_01_order_and_occurrences_are_kept),
        CASE(field_list_set_and_remove),
        CASE(field_list_bounds),
        CASE(field_list_survives_every_refused_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
