/* What a directory's page shows, and what suffixes stand for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "examples/content_type.h"
#include "examples/directory_page.h"
#include "wb/sys_linux.h"

static void page_is_sorted_and_escaped(void **state) {
    (void)state;
    struct wb_dirent items[] = {{.kind = WB_DT_REG, .name = "b<\"&'>.txt"},
        {.kind = WB_DT_DIR, .name = "a b"}, {.kind = WB_DT_UNKNOWN, .name = "100%\xc3\xa4"}};
    struct wb_dir_entries entries = {.items = items, .count = 3};
    struct wb_bytes_mut page = wb_bytes_mut_new(wb_sys_linux());
    assert_int_equal(
        wb__directory_page_write(&page, wb_bytes_from_string("/<x>/"), &entries), WB_OK);
    const char *expected =
        "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>/&lt;x&gt;/</title></head>\n"
        "<body>\n<h1>/&lt;x&gt;/</h1>\n<ul>\n<li><a href=\"../\">../</a></li>\n"
        "<li><a href=\"./100%25%C3%A4\">100%\xc3\xa4</a></li>\n"
        "<li><a href=\"./a%20b/\">a b/</a></li>\n"
        "<li><a href=\"./b%3C%22%26%27%3E.txt\">b&lt;&quot;&amp;&#39;&gt;.txt</a></li>\n"
        "</ul>\n</body>\n</html>\n";
    assert_int_equal(page.len, strlen(expected));
    assert_memory_equal(page.ptr, expected, page.len);
    wb_bytes_mut_release(&page);
}

static void page_of_the_root_leads_no_further_up(void **state) {
    (void)state;
    struct wb_dir_entries entries = {0};
    struct wb_bytes_mut page = wb_bytes_mut_new(wb_sys_linux());
    assert_int_equal(wb__directory_page_write(&page, wb_bytes_from_string("/"), &entries), WB_OK);
    const size_t at = wb_bytes_find(wb_bytes_mut_view(&page), wb_bytes_from_string("<li>"));
    assert_int_equal(at, page.len);
    wb_bytes_mut_release(&page);
}

static void suffix_tells_the_type(void **state) {
    (void)state;
    static const char *const rows[][2] = {{"a.html", "text/html; charset=utf-8"},
        {"/x.js/a.CSS", "text/css; charset=utf-8"}, {"a.tar.gz", "application/gzip"},
        {"a", "application/octet-stream"}, {"dir.html/a", "application/octet-stream"},
        {"/.html", "application/octet-stream"}, {"a.", "application/octet-stream"},
        {"a.htmlx", "application/octet-stream"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(wb__content_type_of(rows[i][0]), rows[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_is_sorted_and_escaped),
        cmocka_unit_test(page_of_the_root_leads_no_further_up),
        cmocka_unit_test(suffix_tells_the_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
