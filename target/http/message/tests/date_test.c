/* Dates: written, read in three forms, and what is none. */
#include "wb/http_date.h"

#include <string.h>
#include <time.h>

#include "test_abort.h"

#define DAY INT64_C(86400)
#define NOW INT64_C(1795910400) /* 2026-11-29 */

static enum wb_status parse(const char *text, int64_t *out_seconds) {
    return wb_http_date_parse(wb_bytes_from_string(text), NOW, out_seconds);
}

static void assert_date(const char *text, int64_t expected) {
    int64_t seconds = 0;
    if (parse(text, &seconds) != WB_OK || seconds != expected) {
        fail_msg("%s: %lld, not %lld", text, (long long)seconds, (long long)expected);
    }
}

static void assert_none(const char *text) {
    int64_t seconds = -1;
    if (parse(text, &seconds) != WB_ERR_PARSE || seconds != -1) {
        fail_msg("%s was read as %lld", text, (long long)seconds);
    }
}

static void date_is_written_as_imf_fixdate(void **state) {
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } dates[] = {
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {-1, "Wed, 31 Dec 1969 23:59:59 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {951868800, "Wed, 01 Mar 2000 00:00:00 GMT"},
        {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT"},
        {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
        {WB_HTTP_DATE_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {WB_HTTP_DATE_MIN, "Sat, 01 Jan 0000 00:00:00 GMT"},
        {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {INT64_MIN, "Sat, 01 Jan 0000 00:00:00 GMT"},
    };
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        char text[WB_HTTP_DATE_LEN + 1];
        wb_http_date_format(dates[i].seconds, text);
        assert_string_equal(text, dates[i].text);
    }
}

static void date_is_read_in_three_forms(void **state) {
    (void)state;
    assert_date("Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
    assert_date("Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
    assert_date("Sun Nov  6 08:49:37 1994", 784111777);
    assert_date("Sun Nov 16 08:49:37 1994", 784111777 + 10 * DAY);
    assert_date("Sat, 06 Nov 1994 08:49:37 GMT", 784111777); /* the wrong day of the week */
    assert_date("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800);
    assert_date("Tue, 29 Feb 2000 00:00:00 GMT", 951782400);
}

/* RFC 9110 section 5.6.7: what appears to be more than 50 years ahead is of the past. */
static void year_of_two_digits_is_at_most_50_ahead(void **state) {
    (void)state;
    static const struct {
        int64_t now;
        const char *text;
        const char *same;
    } dates[] = {
        {NOW, "Friday, 01-Jan-27 00:00:00 GMT", "Fri, 01 Jan 2027 00:00:00 GMT"},
        {NOW, "Wednesday, 01-Jan-70 00:00:00 GMT", "Wed, 01 Jan 2070 00:00:00 GMT"},
        {NOW, "Sunday, 01-Nov-76 00:00:00 GMT", "Sun, 01 Nov 2076 00:00:00 GMT"},
        {NOW, "Friday, 31-Dec-76 00:00:00 GMT", "Fri, 31 Dec 1976 00:00:00 GMT"},
        {NOW, "Saturday, 01-Jan-77 00:00:00 GMT", "Sat, 01 Jan 1977 00:00:00 GMT"},
        {NOW, "Saturday, 01-Jan-00 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"},
        {NOW, "Tuesday, 29-Feb-00 00:00:00 GMT", "Tue, 29 Feb 2000 00:00:00 GMT"},
        /* In 2090 the year 05 is that of 2105. */
        {INT64_C(3800000000), "Thursday, 01-Jan-05 00:00:00 GMT", "Thu, 01 Jan 2105 00:00:00 GMT"},
    };
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        int64_t seconds = 0;
        char text[WB_HTTP_DATE_LEN + 1];
        assert_int_equal(
            wb_http_date_parse(wb_bytes_from_string(dates[i].text), dates[i].now, &seconds), WB_OK);
        wb_http_date_format(seconds, text);
        assert_string_equal(text, dates[i].same);
    }
}

static void what_is_no_date(void **state) {
    (void)state;
    static const char *const bad[] = {"", " ", "Sun", "Sun,", "Sun, 06 Nov 1994", "0", "784111777",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 29 Feb 1900 00:00:00 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 +8:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 29-Feb-26 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov 006 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37 94", "Xyz Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_none(bad[i]);
    }
    int64_t seconds = 0;
    assert_int_equal(wb_http_date_parse(wb_bytes_from(NULL, 0), NOW, &seconds), WB_ERR_PARSE);
}

/* Every beginning of a date is none: nothing is read behind the end. */
static void beginning_of_a_date_is_none(void **state) {
    (void)state;
    static const char *const dates[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        for (size_t len = 0; len < strlen(dates[i]); len++) {
            int64_t seconds = 0;
            assert_int_equal(
                wb_http_date_parse(wb_bytes_from(dates[i], len), NOW, &seconds), WB_ERR_PARSE);
        }
    }
}

/* Against the C library, over 10,000 years. */
static void dates_are_those_of_the_calendar(void **state) {
    (void)state;
    for (int64_t seconds = WB_HTTP_DATE_MIN; seconds <= WB_HTTP_DATE_MAX;
         seconds += 86400 * 17 + 12345) {
        struct tm tm;
        char expected[64];
        char text[WB_HTTP_DATE_LEN + 1];
        const time_t time = (time_t)seconds;
        assert_non_null(gmtime_r(&time, &tm));
        assert_true(strftime(expected, sizeof(expected), "%a, %d %b XXXX %T GMT", &tm) == 29);
        expected[12] = (char)('0' + (tm.tm_year + 1900) / 1000);
        expected[13] = (char)('0' + (tm.tm_year + 1900) / 100 % 10);
        expected[14] = (char)('0' + (tm.tm_year + 1900) / 10 % 10);
        expected[15] = (char)('0' + (tm.tm_year + 1900) % 10);
        wb_http_date_format(seconds, text);
        assert_string_equal(text, expected);
        assert_date(text, seconds);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_is_written_as_imf_fixdate),
        cmocka_unit_test(date_is_read_in_three_forms),
        cmocka_unit_test(year_of_two_digits_is_at_most_50_ahead),
        cmocka_unit_test(what_is_no_date),
        cmocka_unit_test(beginning_of_a_date_is_none),
        cmocka_unit_test(dates_are_those_of_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
