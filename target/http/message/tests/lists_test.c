/* Bytes of fields, and lists in them. */
#include "wb/http.h"

#include <string.h>

#include "test_abort.h"

/* The elements of a list, each in brackets. */
static void assert_elements(const char *list, const char *expected) {
    char text[128] = "";
    struct wb_bytes rest = wb_bytes_from_string(list);
    struct wb_bytes element;
    while (wb_http_next_element(&rest, &element)) {
        strcat(text, "[");
        strncat(text, (const char *)element.ptr, element.len);
        strcat(text, "]");
    }
    assert_string_equal(text, expected);
}

static void list_elements_are_trimmed_and_none_is_lost(void **state) {
    (void)state;
    assert_elements("a", "[a]");
    assert_elements("a,b", "[a][b]");
    assert_elements(" a ,\tb\t", "[a][b]");
    assert_elements("a,", "[a][]");
    assert_elements(",a", "[][a]");
    assert_elements(",", "[][]");
    assert_elements("", "[]");
    assert_elements("a;q=1, b;r=\"x,y\", c", "[a;q=1][b;r=\"x,y\"][c]");
    assert_elements("\"a\\\"b,c\",d", "[\"a\\\"b,c\"][d]");
    assert_elements("\"a,b", "[\"a,b]");
    assert_elements("\"a\\", "[\"a\\]");
}

static void bytes_of_tokens_and_texts(void **state) {
    (void)state;
    assert_true(wb_http_is_token(wb_bytes_from_string("Content-Length")));
    assert_false(wb_http_is_token(wb_bytes_from_string("")));
    assert_false(wb_http_is_token(wb_bytes_from_string("a b")));
    assert_false(wb_http_is_token(wb_bytes_from("a\0", 2)));
    assert_true(wb_http_is_text(wb_bytes_from_string("")));
    assert_true(wb_http_is_text(wb_bytes_from_string("a\tb \xff")));
    assert_false(wb_http_is_text(wb_bytes_from_string("a\r")));
}

static void names_are_compared_without_case(void **state) {
    (void)state;
    assert_true(wb_http_equal_nocase(wb_bytes_from_string("aB-9"), wb_bytes_from_string("Ab-9")));
    assert_false(wb_http_equal_nocase(wb_bytes_from_string("a"), wb_bytes_from_string("ab")));
    assert_false(wb_http_equal_nocase(wb_bytes_from_string("@"), wb_bytes_from_string("`")));
    assert_false(wb_http_equal_nocase(wb_bytes_from_string("["), wb_bytes_from_string("{")));
    /* Far enough for words: a difference at each place. */
    static const char name[] = "transfer-encoding-and-so-on";
    for (size_t at = 0; at < sizeof name - 1; at++) {
        char other[sizeof name];
        memcpy(other, name, sizeof name);
        other[at] = (char)(other[at] ^ 0x20);
        assert_int_equal(
            wb_http_equal_nocase(wb_bytes_from_string(name), wb_bytes_from(other, sizeof name - 1)),
            name[at] != '-');
    }
}

static void list_tokens_are_split_at_every_comma(void **state) {
    (void)state;
    struct wb_bytes rest = wb_bytes_from_string("\"a , b\",");
    struct wb_bytes element;
    assert_true(wb_http_next_token(&rest, &element));
    assert_true(wb_bytes_equal(element, wb_bytes_from_string("\"a")));
    assert_true(wb_http_next_token(&rest, &element));
    assert_true(wb_bytes_equal(element, wb_bytes_from_string("b\"")));
    assert_true(wb_http_next_token(&rest, &element));
    assert_int_equal(element.len, 0);
    assert_false(wb_http_next_token(&rest, &element));
}

/* Eight bytes are looked at together: each byte at each place among them. */
static void bytes_of_texts_at_every_place(void **state) {
    (void)state;
    for (size_t len = 1; len <= 20; len++) {
        for (size_t at = 0; at < len; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                char text[20];
                memset(text, '\xff', sizeof text);
                text[at] = (char)byte;
                const bool is_control = (byte < ' ' && byte != '\t') || byte == 0x7f;
                assert_int_equal(wb_http_is_text(wb_bytes_from(text, len)), !is_control);
                memset(text, ' ', sizeof text);
                text[at] = (char)byte;
                assert_int_equal(wb_http_is_text(wb_bytes_from(text, len)), !is_control);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_elements_are_trimmed_and_none_is_lost),
        cmocka_unit_test(bytes_of_tokens_and_texts),
        cmocka_unit_test(names_are_compared_without_case),
        cmocka_unit_test(list_tokens_are_split_at_every_comma),
        cmocka_unit_test(bytes_of_texts_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
