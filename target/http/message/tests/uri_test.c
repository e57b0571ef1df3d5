/* URIs: their parts, what is none, and which are the same. */
#include "wb/uri.h"

#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

static bool is(struct wb_bytes part, const char *text) {
    return wb_bytes_equal(part, wb_bytes_from_string(text));
}

static struct wb_uri parsed(const char *text) {
    struct wb_uri uri;
    assert_int_equal(wb_uri_parse(wb_bytes_from_string(text), &uri), WB_OK);
    return uri;
}

static void uri_01_parts(void **state) {
    (void)state;
    struct wb_uri uri = parsed("https://www.rust-lang.org");
    assert_true(is(uri.scheme, "https") && is(uri.authority.host, "www.rust-lang.org"));
    assert_true(uri.authority.port == 0 && is(uri.path, "/") && !uri.has_query);
    uri = parsed("/path?x=1#f");
    assert_true(uri.scheme.len == 0 && is(uri.path, "/path") && is(uri.query, "x=1"));
    uri = parsed("http://[::1]:80/");
    assert_true(is(uri.authority.host, "[::1]") && uri.authority.port == 80);
    uri = parsed("*");
    assert_true(is(uri.path, "*"));
    uri = parsed("http://u:p@h:1?q#f?g");
    assert_true(is(uri.authority.userinfo, "u:p") && is(uri.authority.host, "h"));
    assert_true(is(uri.path, "/") && is(uri.query, "q"));
    uri = parsed("http://a#f");
    assert_true(is(uri.authority.host, "a") && is(uri.path, "/"));
    uri = parsed("http://a/?");
    assert_true(uri.has_query && uri.query.len == 0);
    uri = parsed("/a?b?c/d");
    assert_true(is(uri.path, "/a") && is(uri.query, "b?c/d"));
    struct wb_uri_authority authority;
    assert_int_equal(wb_uri_parse_authority(wb_bytes_from_string("a:80"), &authority), WB_OK);
    assert_true(is(authority.host, "a") && authority.port == 80 && authority.has_port);
    assert_int_equal(wb_uri_parse_authority(wb_bytes_from_string("a:"), &authority), WB_OK);
    assert_true(authority.port == 0 && authority.has_port);
    assert_int_equal(wb_uri_parse_authority(wb_bytes_from_string(""), &authority), WB_OK);
    assert_int_equal(authority.host.len, 0);
}

static void uri_02_what_is_none(void **state) {
    (void)state;
    static const char *const bad[] = {"", "http://", "http:///x", "http://a:99999/", "http://a:b/",
        "http://a:0/", "http://a:00/", "http://u@h@x/", "htt:p//", "http://a b/", "http://a/ b",
        "http://a\xc3\xa4/", "http:/a", "http:a", "1http://a/", "://a/", "http://[::1/",
        "http://::1/", "http://[::1]a/", "http://[g]/", "http://[]/", "http://a%2/", "http://a%zz/",
        "http://:80/", "http://@/", "http://u[@h/", "a/b", "//a/b", "http://a\\b/", "/\x7f",
        "/\xff"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wb_uri uri;
        if (strcmp(bad[i], "//a/b") == 0) {
            /* A path may begin with two slashes. */
            assert_int_equal(wb_uri_parse(wb_bytes_from_string(bad[i]), &uri), WB_OK);
            assert_true(uri.authority.host.len == 0 && is(uri.path, "//a/b"));
            continue;
        }
        if (wb_uri_parse(wb_bytes_from_string(bad[i]), &uri) != WB_ERR_PARSE) {
            fail_msg("%s", bad[i]);
        }
    }
    struct wb_uri uri;
    assert_int_equal(wb_uri_parse(wb_bytes_from("/\0", 2), &uri), WB_ERR_PARSE);
    assert_int_equal(wb_uri_parse(wb_bytes_from("http://a\0b/", 11), &uri), WB_ERR_PARSE);
}

static void uri_03_length(void **state) {
    (void)state;
    char *text = malloc(WB_URI_LEN_MAX + 1);
    assert_non_null(text);
    memset(text, 'a', WB_URI_LEN_MAX + 1);
    text[0] = '/';
    struct wb_uri uri;
    assert_int_equal(wb_uri_parse(wb_bytes_from(text, WB_URI_LEN_MAX), &uri), WB_OK);
    assert_int_equal(wb_uri_parse(wb_bytes_from(text, WB_URI_LEN_MAX + 1), &uri), WB_ERR_LIMIT);
    free(text);
}

static bool equal(const char *a, const char *b) {
    struct wb_uri first = parsed(a);
    struct wb_uri second = parsed(b);
    return wb_uri_equal(&first, &second);
}

static void uri_04_case_ports_and_empty_paths(void **state) {
    (void)state;
    assert_true(equal("HTTP://Example.COM/a", "http://example.com:80/a"));
    assert_true(equal("https://a", "https://a:443/"));
    assert_false(equal("http://a/", "http://a:443/"));
    assert_false(equal("http://a/b", "http://a/B"));
    assert_false(equal("http://a/?", "http://a/"));
    assert_false(equal("http://a/?x", "http://a/?X"));
    assert_false(equal("http://a/", "https://a/"));
    assert_false(equal("http://u@a/", "http://a/"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uri_01_parts),
        cmocka_unit_test(uri_02_what_is_none),
        cmocka_unit_test(uri_03_length),
        cmocka_unit_test(uri_04_case_ports_and_empty_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
