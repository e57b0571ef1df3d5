/* Bytes as text: what is well-formed stays, each byte that is not is replaced. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "examples/lossy_text.h"

#define R "\xef\xbf\xbd"

static void lossy_text_of_every_kind(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        const char *text;
    } cases[] = {
        {"", ""},
        {"plain \t\n", "plain \t\n"},
        {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xff", R},
        {"a\x80"
         "b",
            "a" R "b"},
        {"\xc3", R},                   /* cut */
        {"\xe2\x82", R R},             /* each byte by itself */
        {"\xc0\xaf", R R},             /* overlong */
        {"\xe0\x80\xaf", R R R},       /* overlong */
        {"\xed\xa0\x80", R R R},       /* a surrogate */
        {"\xf4\x90\x80\x80", R R R R}, /* beyond the last */
        {"\xf0\x9f\x98z\xc3\xa4", R R R "z\xc3\xa4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];
        const size_t len = wb__lossy_text(wb_bytes_from_string(cases[i].bytes), text);
        assert_int_equal(len, strlen(cases[i].text));
        assert_memory_equal(text, cases[i].text, len);
        assert_int_equal(wb__is_text(wb_bytes_from_string(cases[i].bytes)),
            strcmp(cases[i].bytes, cases[i].text) == 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lossy_text_of_every_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
