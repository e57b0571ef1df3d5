/* Errors in words. */
#include "wb/http_error.h"

#include <string.h>

#include "test_abort.h"

static void each_kind_has_a_text_of_its_own(void **state) {
    (void)state;
    for (int a = 0; a < WB_HTTP_ERROR_COUNT; a++) {
        const char *text = wb_http_error_text((enum wb_http_error_kind)a);
        assert_true(strlen(text) > 5);
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(text, wb_http_error_text((enum wb_http_error_kind)b));
        }
    }
    assert_aborts((void)wb_http_error_text(WB_HTTP_ERROR_COUNT));
}

static void assert_formatted(struct wb_http_error error, const char *expected) {
    char text[128];
    assert_int_equal(wb_http_error_format(&error, text, sizeof(text)), strlen(expected));
    assert_string_equal(text, expected);
}

static void error_is_written_with_what_is_known(void **state) {
    (void)state;
    assert_formatted((struct wb_http_error){0}, "nothing went wrong");
    assert_formatted((struct wb_http_error){.kind = WB_HTTP_ERROR_PARSE,
                         .status = WB_ERR_PARSE,
                         .detail = "Content-Length is not one number",
                         .at = 38},
        "what came is not HTTP: Content-Length is not one number, at byte 38");
    assert_formatted((struct wb_http_error){.kind = WB_HTTP_ERROR_PARSE, .status = WB_ERR_PARSE},
        "what came is not HTTP, at byte 0");
    assert_formatted((struct wb_http_error){.kind = WB_HTTP_ERROR_IO, .status = WB_ERR_CONN_RESET},
        "the stream failed: connection reset by peer");
    assert_formatted((struct wb_http_error){.kind = WB_HTTP_ERROR_CONNECT,
                         .status = WB_ERR_CONN_REFUSED,
                         .detail = "all addresses refused"},
        "no connection could be made: all addresses refused");
    assert_formatted((struct wb_http_error){.kind = WB_HTTP_ERROR_CLOSED, .status = WB_EOF},
        "the connection is closed");
}

/* As much as there is room for, always with its NUL, and nothing behind it. */
static void what_does_not_fit_is_left_out(void **state) {
    (void)state;
    const char *whole = "the stream failed: connection reset by peer";
    const struct wb_http_error error = {.kind = WB_HTTP_ERROR_IO, .status = WB_ERR_CONN_RESET};
    for (size_t capacity = 1; capacity < 60; capacity++) {
        char text[64];
        memset(text, '#', sizeof(text));
        const size_t len = wb_http_error_format(&error, text, capacity);
        const size_t expected = strlen(whole) < capacity ? strlen(whole) : capacity - 1;
        assert_int_equal(len, expected);
        assert_memory_equal(text, whole, len);
        assert_int_equal(text[len], '\0');
        assert_int_equal(text[capacity], '#');
    }
    char text[1];
    assert_aborts((void)wb_http_error_format(&error, text, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_a_text_of_its_own),
        cmocka_unit_test(error_is_written_with_what_is_known),
        cmocka_unit_test(what_does_not_fit_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
