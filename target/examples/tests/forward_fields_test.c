/* Which fields a proxy passes on. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "examples/forward_fields.h"
#include "wb/sys_linux.h"

/* Fields as "Name: value" lines. */
static struct wb_http_field_list fields_of(const char *lines) {
    struct wb_http_field_list list;
    wb_http_field_list_init(&list, wb_sys_linux(), 0, 0);
    while (*lines != '\0') {
        const size_t len = strcspn(lines, "\n");
        const size_t name_len = strcspn(lines, ":");
        assert_int_equal(wb_http_field_list_add(&list, wb_bytes_from(lines, name_len),
                             wb_bytes_from(lines + name_len + 1, len - name_len - 1)),
            WB_OK);
        lines += len + (lines[len] == '\n');
    }
    return list;
}

static void append(char text[512], struct wb_bytes bytes, const char *behind) {
    strncat(text, (const char *)bytes.ptr, bytes.len);
    strcat(text, behind);
}

static void assert_fields(const struct wb_http_field_list *list, const char *expected) {
    char text[512] = "";
    const struct wb_http_fields fields = wb_http_field_list_view(list);
    for (size_t i = 0; i < fields.count; i++) {
        append(text, wb_http_fields_name(fields, i), ": ");
        append(text, wb_http_fields_value(fields, i), i + 1 == fields.count ? "" : "\n");
    }
    assert_string_equal(text, expected);
}

static void assert_passed(const char *lines, const char *expected) {
    struct wb_http_field_list from = fields_of(lines);
    struct wb_http_field_list to = fields_of("");
    assert_int_equal(wb__forward_fields(&to, wb_http_field_list_view(&from)), WB_OK);
    assert_fields(&to, expected);
    wb_http_field_list_clean_up(&from);
    wb_http_field_list_clean_up(&to);
}

static void fields_of_one_hop_stay(void **state) {
    (void)state;
    assert_passed(
        "A: 1\nConnection: close\nKeep-Alive: 5\nProxy-Connection: x\nTE: trailers\n"
        "Upgrade: h2c\nHTTP2-Settings: x\nProxy-Authorization: Basic x\nHost: h\nB: 2\nA: 3",
        "A: 1\nB: 2\nA: 3");
    assert_passed("Trailer: X-Sum\nVia: 1.1 a\nExpect: 100-continue\nDate: x",
        "Trailer: X-Sum\nVia: 1.1 a\nExpect: 100-continue\nDate: x");
}

static void fields_that_connection_names_stay(void **state) {
    (void)state;
    assert_passed(
        "Connection: x-a,\tX-B\nX-A: 1\nX-b: 2\nX-C: 3\nconnection: x-d\nX-D: 4\nx-a: 5", "X-C: 3");
    assert_passed("Connection: \"x-a\"\nX-A: 1", "X-A: 1");
}

static void trailers_that_connection_names_stay(void **state) {
    (void)state;
    struct wb_http_field_list head = fields_of("Connection: x-a, via\nX-B: 1");
    struct wb_http_field_list trailers = fields_of("X-A: 1\nX-B: 2\nVia: 3\nUpgrade: 4\nX-C: 5");
    struct wb_http_field_list to = fields_of("");
    assert_int_equal(wb__forward_trailers(
                         &to, wb_http_field_list_view(&trailers), wb_http_field_list_view(&head)),
        WB_OK);
    assert_fields(&to, "X-B: 2\nVia: 3\nX-C: 5");
    wb_http_field_list_clean_up(&head);
    wb_http_field_list_clean_up(&trailers);
    wb_http_field_list_clean_up(&to);
}

static void r_53_connection_has_no_say_about_framing(void **state) {
    (void)state;
    assert_passed("Connection: close, Content-Length, Host, Via\nContent-Length: 5\nVia: 1.1 a",
        "Content-Length: 5\nVia: 1.1 a");
    assert_passed("Transfer-Encoding: chunked\nContent-Length: 5\nX: 1", "X: 1");
}

static void proxies_are_counted(void **state) {
    (void)state;
    static const struct {
        const char *lines;
        unsigned count;
    } rows[] = {
        {"", 0},
        {"Via: 1.1 other", 0},
        {"Via: 1.1 wouldblock", 1},
        {"Via: 1.0 wouldblock, HTTP/1.1  wouldblock\nVia: 1.1 a,1.1 wouldblock", 3},
        {"Via: wouldblock, 1.1 wouldblock2, 1.1 x (1.1 wouldblock)", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wb_http_field_list list = fields_of(rows[i].lines);
        assert_int_equal(wb__forward_count(wb_http_field_list_view(&list)), rows[i].count);
        assert_int_equal(wb__forward_add_via(&list, WB_HTTP_1_0), WB_OK);
        assert_int_equal(wb__forward_count(wb_http_field_list_view(&list)), rows[i].count + 1);
        wb_http_field_list_clean_up(&list);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_one_hop_stay),
        cmocka_unit_test(fields_that_connection_names_stay),
        cmocka_unit_test(trailers_that_connection_names_stay),
        cmocka_unit_test(r_53_connection_has_no_say_about_framing),
        cmocka_unit_test(proxies_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
