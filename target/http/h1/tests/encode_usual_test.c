/* Usual responses are written in a shorter way: it must say what the long one says, of whatever
 * response, and give the same account of it. */
#include "http/h1/encode_usual.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Both ways. */
struct written {
    struct wb_bytes_mut out;
    struct wb_h1_sent sent;
    enum wb_status status;
};

struct both {
    struct wb_http_field_list fields;
    struct written shorter;
    struct written longer;
    unsigned done; /* responses that both of them wrote */
};

static struct both both;

static int setup(void **state) {
    if (test_sys_setup(state) != 0) {
        return -1;
    }
    struct test_sys *test = *state;
    both = (struct both){
        .shorter.out = wb_bytes_mut_new(&test->sys), .longer.out = wb_bytes_mut_new(&test->sys)};
    wb_http_field_list_init(&both.fields, &test->sys, 0, 0);
    return 0;
}

static int teardown(void **state) {
    wb_http_field_list_clean_up(&both.fields);
    wb_bytes_mut_release(&both.shorter.out);
    wb_bytes_mut_release(&both.longer.out);
    return test_sys_teardown(state);
}

static void assert_same(void) {
    const struct written *a = &both.shorter;
    const struct written *b = &both.longer;
    assert_int_equal(a->status, b->status);
    assert_true(wb_bytes_equal(wb_bytes_mut_view(&a->out), wb_bytes_mut_view(&b->out)));
    if (a->status == WB_OK) {
        assert_int_equal(a->sent.body, b->sent.body);
        assert_int_equal(a->sent.content_length, b->sent.content_length);
        assert_int_equal(a->sent.keep_alive, b->sent.keep_alive);
        assert_int_equal(a->sent.leaves_out_content, b->sent.leaves_out_content);
        both.done++;
    }
}

/* With the fields that are in the list. */
static void write_both(struct wb_h1_response *response, const struct wb_h1_answered *to) {
    struct written *a = &both.shorter;
    struct written *b = &both.longer;
    response->fields = wb_http_field_list_view(&both.fields);
    wb_bytes_mut_truncate(&a->out, 0);
    wb_bytes_mut_truncate(&b->out, 0);
    a->status = wb_h1_encode_response(response, to, &a->out, &a->sent);
    b->status = wb__h1_encode_any(response, to, &b->out, &b->sent);
    assert_same();
}

static void say(const char *name, const char *value) {
    assert_int_equal(wb_http_field_list_add(
                         &both.fields, wb_bytes_from_string(name), wb_bytes_from_string(value)),
        WB_OK);
}

/* ---- whom it is for, and how it is framed ---- */

static void to_everybody(struct wb_h1_response *response) {
    static const enum wb_http_method methods[] = {
        WB_HTTP_METHOD_OTHER, WB_HTTP_GET, WB_HTTP_HEAD, WB_HTTP_POST, WB_HTTP_CONNECT};
    for (size_t i = 0; i < COUNT(methods) * 4; i++) {
        const struct wb_h1_answered to = {.method = methods[i / 4],
            .version = i % 2 != 0 ? WB_HTTP_1_1 : WB_HTTP_1_0,
            .keep_alive = i / 2 % 2 != 0};
        write_both(response, &to);
    }
}

static void of_every_length(struct wb_h1_response *response) {
    static const uint64_t lengths[] = {0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 12345, 100000,
        UINT64_C(10000000000000000000), UINT64_MAX};
    response->content = (struct wb_h1_content){.is_known = false};
    to_everybody(response);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        response->content = (struct wb_h1_content){.is_known = true, .len = lengths[i]};
        to_everybody(response);
    }
}

static void of_every_kind(void) {
    static const unsigned statuses[] = {0, 100, 101, 200, 201, 204, 205, 304, 404, 999, 1000};
    static const char *const reasons[] = {"", "Fine", "a\nb"};
    static const char *const dates[] = {"", "Sun, 06 Nov 1994 08:49:37 GMT", "today"};
    for (size_t i = 0; i < COUNT(statuses) * COUNT(reasons) * COUNT(dates); i++) {
        struct wb_h1_response response = {.status = statuses[i / 9],
            .reason = wb_bytes_from_string(reasons[i / 3 % 3]),
            .date = wb_bytes_from_string(dates[i % 3])};
        of_every_length(&response);
    }
}

static void encode_usual_says_what_any_says(void **state) {
    (void)state;
    of_every_kind();
    assert_in_range(both.done, 10000, UINT32_MAX);
}

/* ---- fields ---- */

static void encode_usual_with_fields_says_what_any_says(void **state) {
    (void)state;
    static const char *const fields[][2] = {{"Content-Type", "text/plain"}, {"X", ""},
        {"Server", "a name that is longer than what is copied in two words of sixteen"},
        {"Content-Length", "11"}, {"Content-Length", "none"}, {"Transfer-Encoding", "chunked"},
        {"Transfer-Encoding", "gzip"}, {"Connection", "close"}, {"Connection", "keep-alive"},
        {"Date", "never"}, {"Host", "a"}, {"Trailer", "x"}, {"Upgrade", "b"}};
    for (size_t i = 0; i < COUNT(fields) * COUNT(fields); i++) {
        struct wb_h1_response response = {.status = 200, .date = wb_bytes_from_string("today")};
        wb_http_field_list_clear(&both.fields);
        say(fields[i / COUNT(fields)][0], fields[i / COUNT(fields)][1]);
        say(fields[i % COUNT(fields)][0], fields[i % COUNT(fields)][1]);
        of_every_length(&response);
    }
    assert_in_range(both.done, 10000, UINT32_MAX);
}

/* ---- content ---- */

static void encode_usual_puts_content_behind_the_head(void **state) {
    (void)state;
    static const struct wb_http_fields none;
    static uint8_t bytes[5000];
    struct wb_bytes_mut *shorter = &both.shorter.out;
    struct wb_bytes_mut *longer = &both.longer.out;
    const struct wb_bytes date = wb_bytes_from_string("Sun, 06 Nov 1994 08:49:37 GMT");
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    for (size_t len = 0; len <= sizeof bytes; len += len < 100 ? 1 : 700) {
        const struct wb_bytes content = wb_bytes_from(bytes, len);
        wb_bytes_mut_truncate(shorter, 0);
        wb_bytes_mut_truncate(longer, 0);
        assert_int_equal(wb__h1_encode_usual(&none, len, date, content, shorter), WB_OK);
        assert_int_equal(
            wb__h1_encode_usual(&none, len, date, wb_bytes_from(NULL, 0), longer), WB_OK);
        assert_int_equal(wb_bytes_mut_extend(longer, content), WB_OK);
        assert_true(wb_bytes_equal(wb_bytes_mut_view(shorter), wb_bytes_mut_view(longer)));
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(encode_usual_says_what_any_says),
        CASE(encode_usual_with_fields_says_what_any_says),
        CASE(encode_usual_puts_content_behind_the_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
