/* What the independent reader is there for: a defect that the codec has in reading and in writing
 * alike. All ways to look at bytes agree on it, and what is sent on comes back; the reader alone
 * rings. The defect is a wrapped function (ld --wrap): a host may have a user before it. */
#include <string.h>

#include "http1/every_way.h"
#include "http1/reference.h"
#include "http1/sent_on.h"
#include "test_abort.h"

static bool is_planted;

bool __real_wb__h1_is_host(struct wb_bytes value);
bool __wrap_wb__h1_is_host(struct wb_bytes value);

bool __wrap_wb__h1_is_host(struct wb_bytes value) {
    const size_t at = wb_bytes_find_byte(value, '@');
    if (is_planted && at != value.len) {
        value = wb_bytes_slice(value, at + 1, value.len);
    }
    return __real_wb__h1_is_host(value);
}

static const char text[] = "GET / HTTP/1.1\r\nHost: user@a:80\r\nX: more than a window has\r\n\r\n";
static const struct setting setting = {.kind = WB_H1_REQUEST, .cut = 30};

static void reader_alone_rings_where_reading_and_writing_agree(void **state) {
    (void)state;
    const struct wb_bytes input = wb_bytes_from(text, sizeof text - 1);
    struct message message;
    is_planted = true;
    parse_every_way(&setting, input, &message);
    assert_int_equal(message.status, WB_OK);
    read_every_way(&setting, input, &message);
    check_request_sent_on(&setting, input, &message);
    assert_aborts(check_against_reference(&setting, input));
    is_planted = false;
}

static void reader_is_silent_without_the_defect(void **state) {
    (void)state;
    const struct wb_bytes input = wb_bytes_from(text, sizeof text - 1);
    struct message message;
    parse_every_way(&setting, input, &message);
    assert_int_equal(message.parser.error, WB_H1_ERROR_HOST);
    check_against_reference(&setting, input);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_alone_rings_where_reading_and_writing_agree),
        cmocka_unit_test(reader_is_silent_without_the_defect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
