/* Paths for looking up: no dots, no needless escapes, never above the root. */
#include "wb/uri.h"

#include <string.h>

#include "test_abort.h"

static void assert_path(const char *path, const char *expected) {
    char out[128];
    size_t len = sizeof out;
    assert_true(strlen(path) < sizeof out);
    assert_int_equal(wb_uri_normalize_path(wb_bytes_from_string(path), out, &len), WB_OK);
    if (len != strlen(expected) || memcmp(out, expected, len) != 0) {
        fail_msg("%s: %.*s instead of %s", path, (int)len, out, expected);
    }
    /* In place, too. */
    strcpy(out, path);
    assert_int_equal(wb_uri_normalize_path(wb_bytes_from(out, strlen(path)), out, &len), WB_OK);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, len);
}

static void path_dots_are_resolved(void **state) {
    (void)state;
    assert_path("/", "/");
    assert_path("/a/b", "/a/b");
    assert_path("/a/./b", "/a/b");
    assert_path("/a/../b", "/b");
    assert_path("/a/b/..", "/a/");
    assert_path("/a/.", "/a/");
    assert_path("/..", "/");
    assert_path("/../../etc/passwd", "/etc/passwd");
    assert_path("/a/b/c/./../../g", "/a/g");
    assert_path("/a//b", "/a//b");
    assert_path("/a//../b", "/a/b");
    assert_path("/...", "/...");
    assert_path("/.a/..b", "/.a/..b");
    assert_path("", "");
}

static void path_escapes_are_undone(void **state) {
    (void)state;
    assert_path("/%61%7Eb%7e", "/a~b~");
    assert_path("/%2e%2E/a", "/a");
    assert_path("/a/%2e%2e/%2e%2e/b", "/b");
    assert_path("/a%20b", "/a b");
    assert_path("/a%2Fb%2f", "/a%2Fb%2f");
    assert_path("/a%2f..%2fb", "/a%2f..%2fb");
    assert_path("/a%00b", "/a%00b");
    assert_path("/%25", "/%25");
    assert_path("/%252e%252e/a", "/%252e%252e/a");
    /* Not what is one more step away: these are two paths. */
    assert_path("/%41", "/A");
    assert_path("/%2541", "/%2541");
}

static void path_broken_escapes_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"/%", "/%2", "/%zz", "/%2g", "/a%", "/%%41"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char out[32];
        size_t len = 7;
        assert_int_equal(
            wb_uri_normalize_path(wb_bytes_from_string(bad[i]), out, &len), WB_ERR_PARSE);
        assert_int_equal(len, 7);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_dots_are_resolved),
        cmocka_unit_test(path_escapes_are_undone),
        cmocka_unit_test(path_broken_escapes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
