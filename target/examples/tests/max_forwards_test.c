/* How far requests may go, and what comes back of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "examples/max_forwards.h"
#include "wb/sys_linux.h"

static struct wb_bytes text_of(const char *text) {
    return wb_bytes_from_string(text);
}

static struct wb_http_field_list list;

static struct wb_http_request request_with(enum wb_http_method method, const char *value) {
    wb_http_field_list_init(&list, wb_sys_linux(), 0, 0);
    assert_int_equal(wb_http_field_list_add(&list, text_of("A"), text_of("1")), WB_OK);
    if (value != NULL) {
        assert_int_equal(
            wb_http_field_list_add(&list, text_of("Max-Forwards"), text_of(value)), WB_OK);
    }
    return (struct wb_http_request){.method = method, .fields = wb_http_field_list_view(&list)};
}

static void assert_says(
    enum wb_http_method method, const char *value, enum wb__max_forwards expected, uint32_t left) {
    const struct wb_http_request request = request_with(method, value);
    uint32_t got = left;
    assert_int_equal(wb__max_forwards_of(&request, &got), expected);
    assert_int_equal(got, left);
    wb_http_field_list_clean_up(&list);
}

/* RFC 9110 section 7.6.2. */
static void forwards_are_counted(void **state) {
    (void)state;
    assert_says(WB_HTTP_OPTIONS, "0", WB__MAX_FORWARDS_LAST, 7);
    assert_says(WB_HTTP_TRACE, "000", WB__MAX_FORWARDS_LAST, 7);
    assert_says(WB_HTTP_TRACE, "1", WB__MAX_FORWARDS_MORE, 0);
    assert_says(WB_HTTP_OPTIONS, "0012", WB__MAX_FORWARDS_MORE, 11);
    assert_says(WB_HTTP_OPTIONS, "4294967295", WB__MAX_FORWARDS_MORE, 4294967294u);
    assert_says(WB_HTTP_OPTIONS, "99999999999999999999999", WB__MAX_FORWARDS_MORE, 4294967294u);
    assert_says(WB_HTTP_GET, "0", WB__MAX_FORWARDS_NONE, 7);
    assert_says(WB_HTTP_OPTIONS, NULL, WB__MAX_FORWARDS_NONE, 7);
}

static void forwards_that_are_no_number_are_told(void **state) {
    static const char *const wrong[] = {"", "-1", "+1", "1 2", "1,1", "0x1", "1."};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_says(WB_HTTP_TRACE, wrong[i], WB__MAX_FORWARDS_BAD, 7);
    }
    struct wb_http_request request = request_with(WB_HTTP_TRACE, "1");
    assert_int_equal(wb_http_field_list_add(&list, text_of("max-forwards"), text_of("1")), WB_OK);
    request.fields = wb_http_field_list_view(&list);
    uint32_t left;
    assert_int_equal(wb__max_forwards_of(&request, &left), WB__MAX_FORWARDS_BAD);
    wb_http_field_list_clean_up(&list);
}

static void what_is_left_is_said_once(void **state) {
    static const struct {
        uint32_t left;
        const char *text;
    } rows[] = {{0, "0"}, {10, "10"}, {4294967294u, "4294967294"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)request_with(WB_HTTP_TRACE, "77");
        assert_int_equal(wb__max_forwards_set(&list, rows[i].left), WB_OK);
        const struct wb_http_fields fields = wb_http_field_list_view(&list);
        assert_int_equal(fields.count, 2);
        assert_true(wb_bytes_equal(wb_http_fields_value(fields, 1), text_of(rows[i].text)));
        wb_http_field_list_clean_up(&list);
    }
}

/* RFC 9110 section 9.3.8. */
static void reflection_keeps_secrets_back(void **state) {
    (void)state;
    struct wb_http_request request = request_with(WB_HTTP_TRACE, "0");
    assert_int_equal(wb_http_field_list_add(&list, text_of("cookie"), text_of("c")), WB_OK);
    assert_int_equal(wb_http_field_list_add(&list, text_of("Authorization"), text_of("a")), WB_OK);
    assert_int_equal(
        wb_http_field_list_add(&list, text_of("Proxy-Authorization"), text_of("p")), WB_OK);
    request.fields = wb_http_field_list_view(&list);
    request.method_name = text_of("TRACE");
    request.target = text_of("http://h/x?y");
    request.version = WB_HTTP_1_1;
    struct wb_bytes_mut text = wb_bytes_mut_new(wb_sys_linux());
    assert_int_equal(wb__reflect(&text, &request), WB_OK);
    assert_true(wb_bytes_equal(wb_bytes_mut_view(&text),
        text_of("TRACE http://h/x?y HTTP/1.1\r\nA: 1\r\nMax-Forwards: 0\r\n\r\n")));
    wb_bytes_mut_release(&text);
    wb_http_field_list_clean_up(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forwards_are_counted),
        cmocka_unit_test(forwards_that_are_no_number_are_told),
        cmocka_unit_test(what_is_left_is_said_once),
        cmocka_unit_test(reflection_keeps_secrets_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
