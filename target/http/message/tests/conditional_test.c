/* Conditional requests: tags, each condition by itself, their order, and If-Range. */
#include "wb/http_conditional.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define NOW INT64_C(1795910400)     /* 2026-11-29 */
#define MODIFIED INT64_C(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT */
#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- tags ---- */

static void etag_is_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *opaque;
        bool is_weak;
    } good[] = {{"\"xyzzy\"", "xyzzy", false}, {"W/\"xyzzy\"", "xyzzy", true}, {"\"\"", "", false},
        {"\"a,b\\\"", "a,b\\", false}, {"\"!#~\xff\"", "!#~\xff", false}};
    static const char *const bad[] = {"", "xyzzy", "\"xyzzy", "xyzzy\"", "\"", "w/\"a\"", "W/a",
        "W/", "W \"a\"", "\"a b\"", "\"a\"b\"", "\"a\" ", " \"a\"", "\"a\x7f\"", "\"a\tb\"", "*",
        "\"a\",\"b\""};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct wb_http_etag etag;
        assert_int_equal(wb_http_etag_parse(wb_bytes_from_string(good[i].text), &etag), WB_OK);
        assert_true(wb_bytes_equal(etag.opaque, wb_bytes_from_string(good[i].opaque)));
        assert_int_equal(etag.is_weak, good[i].is_weak);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct wb_http_etag etag;
        if (wb_http_etag_parse(wb_bytes_from_string(bad[i]), &etag) != WB_ERR_PARSE) {
            fail_msg("%s", bad[i]);
        }
    }
}

/* The table of section 8.8.3.2. */
static void etags_are_compared_strongly_and_weakly(void **state) {
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool is_strong;
        bool is_weak;
    } rows[] = {
        {"W/\"1\"", "W/\"1\"", false, true},
        {"W/\"1\"", "W/\"2\"", false, false},
        {"W/\"1\"", "\"1\"", false, true},
        {"\"1\"", "\"1\"", true, true},
        {"\"a\"", "\"A\"", false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wb_http_etag a;
        struct wb_http_etag b;
        assert_int_equal(wb_http_etag_parse(wb_bytes_from_string(rows[i].a), &a), WB_OK);
        assert_int_equal(wb_http_etag_parse(wb_bytes_from_string(rows[i].b), &b), WB_OK);
        assert_int_equal(wb_http_etag_equal_strong(a, b), rows[i].is_strong);
        assert_int_equal(wb_http_etag_equal_strong(b, a), rows[i].is_strong);
        assert_int_equal(wb_http_etag_equal_weak(a, b), rows[i].is_weak);
        assert_int_equal(wb_http_etag_equal_weak(b, a), rows[i].is_weak);
    }
}

/* ---- conditions ---- */

enum there { NOTHING, STRONG, WEAK, UNDATED, UNTAGGED };

static struct wb_http_validators validators(enum there there) {
    struct wb_http_validators current = {.exists = true,
        .has_etag = true,
        .has_modified = true,
        .etag = {wb_bytes_from_string("now"), false},
        .modified = MODIFIED};
    current.etag.is_weak = there == WEAK;
    current.has_modified = there != UNDATED;
    current.has_etag = there != UNTAGGED;
    return there == NOTHING ? (struct wb_http_validators){0} : current;
}

/* Fields as "Name: value" lines. */
static struct wb_http_field_list fields_of(struct test_sys *test, const char *lines) {
    struct wb_http_field_list list;
    wb_http_field_list_init(&list, &test->sys, 0, 0);
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

#define GO WB_HTTP_PROCEED
#define KNOWN WB_HTTP_NOT_MODIFIED
#define FAILED WB_HTTP_PRECONDITION_FAILED

struct row {
    const char *lines;
    enum there there;
    enum wb_http_verdict get; /* verdict on GET and HEAD */
    enum wb_http_verdict put; /* on methods that change something */
};

static void assert_rows(struct test_sys *test, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct wb_http_field_list list = fields_of(test, rows[i].lines);
        const struct wb_http_fields fields = wb_http_field_list_view(&list);
        const struct wb_http_validators current = validators(rows[i].there);
        const enum wb_http_verdict get =
            wb_http_weigh_conditions(WB_HTTP_GET, fields, &current, NOW);
        const enum wb_http_verdict head =
            wb_http_weigh_conditions(WB_HTTP_HEAD, fields, &current, NOW);
        const enum wb_http_verdict put =
            wb_http_weigh_conditions(WB_HTTP_PUT, fields, &current, NOW);
        if (get != rows[i].get || head != rows[i].get || put != rows[i].put) {
            fail_msg("row %zu, %s: %d, %d and %d, not %d and %d", i, rows[i].lines, get, head, put,
                rows[i].get, rows[i].put);
        }
        assert_int_equal(wb_http_weigh_conditions(WB_HTTP_OPTIONS, fields, &current, NOW), GO);
        assert_int_equal(wb_http_weigh_conditions(WB_HTTP_TRACE, fields, &current, NOW), GO);
        assert_int_equal(wb_http_weigh_conditions(WB_HTTP_CONNECT, fields, &current, NOW), GO);
        wb_http_field_list_clean_up(&list);
    }
}

static void if_match(void **state) {
    static const struct row rows[] = {
        {"", STRONG, GO, GO},
        {"If-Match: \"now\"", STRONG, GO, GO},
        {"if-match: \"old\", \"now\"", STRONG, GO, GO},
        {"If-Match: \"old\"\nIf-Match: \"now\"", STRONG, GO, GO},
        {"If-Match: ,\"old\",, \"now\",", STRONG, GO, GO},
        {"If-Match: *", STRONG, GO, GO},
        {"If-Match: *", UNTAGGED, GO, GO},
        {"If-Match: *", NOTHING, FAILED, FAILED},
        {"If-Match: \"old\"", STRONG, FAILED, FAILED},
        {"If-Match: W/\"now\"", STRONG, FAILED, FAILED},
        {"If-Match: \"now\"", WEAK, FAILED, FAILED},
        {"If-Match: \"now\"", UNTAGGED, FAILED, FAILED},
        {"If-Match: \"now\"", NOTHING, FAILED, FAILED},
        {"If-Match: now", STRONG, FAILED, FAILED},
        {"If-Match: \"old\" \"now\"", STRONG, FAILED, FAILED},
        {"If-Match: \"now\"x", STRONG, FAILED, FAILED},
        {"If-Match: x, \"now\"", STRONG, FAILED, FAILED},
        {"If-Match: \"a\\\", \"now\"", STRONG, GO, GO}, /* no escapes in tags */
        {"If-Match:", STRONG, FAILED, FAILED},
        {"If-Match: \"*\"", STRONG, FAILED, FAILED},
    };
    assert_rows(*state, rows, COUNT(rows));
}

static void if_unmodified_since(void **state) {
    static const struct row rows[] = {
        {"If-Unmodified-Since: " SAME, STRONG, GO, GO},
        {"If-Unmodified-Since: " AFTER, STRONG, GO, GO},
        {"If-Unmodified-Since: " BEFORE, STRONG, FAILED, FAILED},
        {"If-Unmodified-Since: Sunday, 06-Nov-94 08:49:36 GMT", STRONG, FAILED, FAILED},
        {"If-Unmodified-Since: Sun Nov  6 08:49:36 1994", STRONG, FAILED, FAILED},
        {"If-Unmodified-Since: yesterday", STRONG, GO, GO},
        {"If-Unmodified-Since: " BEFORE ", " BEFORE, STRONG, GO, GO},
        {"If-Unmodified-Since: " BEFORE "\nIf-Unmodified-Since: " BEFORE, STRONG, GO, GO},
        {"If-Unmodified-Since: " BEFORE, UNDATED, GO, GO},
        {"If-Unmodified-Since: " BEFORE, NOTHING, GO, GO},
    };
    assert_rows(*state, rows, COUNT(rows));
}

static void if_none_match(void **state) {
    static const struct row rows[] = {
        {"If-None-Match: \"now\"", STRONG, KNOWN, FAILED},
        {"If-None-Match: W/\"now\"", STRONG, KNOWN, FAILED},
        {"If-None-Match: \"now\"", WEAK, KNOWN, FAILED},
        {"If-None-Match: \"old\", W/\"now\"", WEAK, KNOWN, FAILED},
        {"If-None-Match: \"old\"\nIf-None-Match: \"now\"", STRONG, KNOWN, FAILED},
        {"If-None-Match: *", STRONG, KNOWN, FAILED},
        {"If-None-Match: *", NOTHING, GO, GO},
        {"If-None-Match: \"old\"", STRONG, GO, GO},
        {"If-None-Match: \"now\"", NOTHING, GO, GO},
        {"If-None-Match: \"now\"", UNTAGGED, GO, GO},
        {"If-None-Match: now", STRONG, GO, GO},
    };
    assert_rows(*state, rows, COUNT(rows));
}

static void if_modified_since(void **state) {
    static const struct row rows[] = {
        {"If-Modified-Since: " SAME, STRONG, KNOWN, GO},
        {"If-Modified-Since: " AFTER, STRONG, KNOWN, GO},
        {"If-Modified-Since: " BEFORE, STRONG, GO, GO},
        {"If-Modified-Since: yesterday", STRONG, GO, GO},
        {"If-Modified-Since: " SAME "\nIf-Modified-Since: " SAME, STRONG, GO, GO},
        {"If-Modified-Since: " SAME, UNDATED, GO, GO},
        {"If-Modified-Since: " SAME, NOTHING, GO, GO},
    };
    assert_rows(*state, rows, COUNT(rows));
}

/* Section 13.2.2: a tag counts, and the date beside it does not. */
static void conditions_count_in_order(void **state) {
    static const struct row rows[] = {
        {"If-Match: \"now\"\nIf-Unmodified-Since: " BEFORE, STRONG, GO, GO},
        {"If-Match: \"old\"\nIf-Unmodified-Since: " AFTER, STRONG, FAILED, FAILED},
        {"If-None-Match: \"old\"\nIf-Modified-Since: " SAME, STRONG, GO, GO},
        {"If-None-Match: \"now\"\nIf-Modified-Since: " BEFORE, STRONG, KNOWN, FAILED},
        {"If-None-Match: x\nIf-Modified-Since: " SAME, STRONG, GO, GO},
        {"If-None-Match: \"now\"\nIf-Match: \"old\"", STRONG, FAILED, FAILED},
        {"If-None-Match: \"now\"\nIf-Match: \"now\"", STRONG, KNOWN, FAILED},
        {"If-Modified-Since: " SAME "\nIf-Unmodified-Since: " BEFORE, STRONG, FAILED, FAILED},
        {"If-Modified-Since: " SAME "\nIf-Unmodified-Since: " SAME, STRONG, KNOWN, GO},
        {"If-Match: \"now\"\nIf-Modified-Since: " SAME, STRONG, KNOWN, GO},
    };
    assert_rows(*state, rows, COUNT(rows));
}

static void if_range(void **state) {
    static const struct {
        const char *lines;
        enum there there;
        bool holds;
    } rows[] = {
        {"", STRONG, true},
        {"If-Range: \"now\"", STRONG, true},
        {"If-Range: \"old\"", STRONG, false},
        {"If-Range: W/\"now\"", STRONG, false},
        {"If-Range: \"now\"", WEAK, false},
        {"If-Range: W/\"now\"", WEAK, false},
        {"If-Range: \"now\"", UNTAGGED, false},
        {"If-Range: \"now\"", NOTHING, false},
        {"If-Range: \"now\", \"old\"", STRONG, false},
        {"If-Range: *", STRONG, false},
        {"If-Range: " SAME, STRONG, true},
        {"If-Range: Sun Nov  6 08:49:37 1994", STRONG, true},
        {"If-Range: " AFTER, STRONG, false}, /* the very date, not a later one */
        {"If-Range: " BEFORE, STRONG, false},
        {"If-Range: " SAME, UNDATED, false},
        {"If-Range: yesterday", STRONG, false},
        {"If-Range:", STRONG, false},
        {"If-Range: \"now\"\nIf-Range: \"now\"", STRONG, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wb_http_field_list list = fields_of(*state, rows[i].lines);
        const struct wb_http_validators current = validators(rows[i].there);
        if (wb_http_if_range_holds(wb_http_field_list_view(&list), &current, NOW)
            != rows[i].holds) {
            fail_msg("row %zu, %s", i, rows[i].lines);
        }
        wb_http_field_list_clean_up(&list);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(etag_is_read),
        CASE(etags_are_compared_strongly_and_weakly),
        CASE(if_match),
        CASE(if_unmodified_since),
        CASE(if_none_match),
        CASE(if_modified_since),
        CASE(conditions_count_in_order),
        CASE(if_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
