/* Methods, reasons, names of fields. */
#include "wb/http.h"
#include "wb/http_fields.h"

#include <string.h>

#include "test_abort.h"

static void method_names_go_both_ways(void **state) {
    (void)state;
    for (unsigned i = 1; i < WB_HTTP_METHOD_COUNT; i++) {
        const char *name = wb_http_method_name((enum wb_http_method)i);
        assert_non_null(name);
        assert_int_equal(wb_http_method_from(wb_bytes_from_string(name)), i);
    }
    assert_null(wb_http_method_name(WB_HTTP_METHOD_OTHER));
    assert_null(wb_http_method_name(WB_HTTP_METHOD_COUNT));
    assert_int_equal(wb_http_method_from(wb_bytes_from_string("get")), WB_HTTP_METHOD_OTHER);
    assert_int_equal(wb_http_method_from(wb_bytes_from_string("GETT")), WB_HTTP_METHOD_OTHER);
    assert_int_equal(wb_http_method_from(wb_bytes_from_string("")), WB_HTTP_METHOD_OTHER);
}

static void method_asking_twice_is_safe_for_some(void **state) {
    (void)state;
    assert_true(wb_http_method_is_idempotent(WB_HTTP_GET));
    assert_true(wb_http_method_is_idempotent(WB_HTTP_PUT));
    assert_false(wb_http_method_is_idempotent(WB_HTTP_POST));
    assert_false(wb_http_method_is_idempotent(WB_HTTP_PATCH));
    assert_false(wb_http_method_is_idempotent(WB_HTTP_CONNECT));
    assert_false(wb_http_method_is_idempotent(WB_HTTP_METHOD_OTHER));
}

static void status_reasons_and_contents(void **state) {
    (void)state;
    assert_string_equal(wb_http_reason(200), "OK");
    assert_string_equal(wb_http_reason(431), "Request Header Fields Too Large");
    assert_string_equal(wb_http_reason(299), "");
    assert_true(wb_http_is_without_content(WB_HTTP_GET, 204));
    assert_true(wb_http_is_without_content(WB_HTTP_GET, 304));
    assert_true(wb_http_is_without_content(WB_HTTP_GET, 150));
    assert_true(wb_http_is_without_content(WB_HTTP_HEAD, 200));
    assert_false(wb_http_is_without_content(WB_HTTP_GET, 200));
    assert_false(wb_http_is_without_content(WB_HTTP_GET, 205));
}

static void field_names_are_known_in_any_case(void **state) {
    (void)state;
    for (unsigned i = 1; i < WB_HTTP_FIELD_COUNT; i++) {
        const char *name = wb_http_field_id_name((enum wb_http_field_id)i);
        char text[32];
        assert_true(strlen(name) < sizeof text);
        strcpy(text, name);
        assert_int_equal(wb_http_field_id_of(wb_bytes_from_string(text)), i);
        for (char *at = text; *at != '\0'; at++) {
            *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
        }
        assert_int_equal(wb_http_field_id_of(wb_bytes_from_string(text)), i);
        /* One letter another, wherever it stands, or one more, is another name. */
        for (char *at = text; *at != '\0'; at++) {
            const char letter = *at;
            *at = '~';
            assert_int_equal(wb_http_field_id_of(wb_bytes_from_string(text)), WB_HTTP_FIELD_OTHER);
            *at = letter;
        }
        strcat(text, "s");
        assert_int_equal(wb_http_field_id_of(wb_bytes_from_string(text)), WB_HTTP_FIELD_OTHER);
    }
    assert_null(wb_http_field_id_name(WB_HTTP_FIELD_OTHER));
    assert_int_equal(wb_http_field_id_of(wb_bytes_from_string("")), WB_HTTP_FIELD_OTHER);
    assert_int_equal(
        wb_http_field_id_of(wb_bytes_from_string("x-forwarded-for-somebody")), WB_HTTP_FIELD_OTHER);
    assert_int_equal(
        wb_http_field_id_of(wb_bytes_from_string("content_length")), WB_HTTP_FIELD_OTHER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(method_names_go_both_ways),
        cmocka_unit_test(method_asking_twice_is_safe_for_some),
        cmocka_unit_test(status_reasons_and_contents),
        cmocka_unit_test(field_names_are_known_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
