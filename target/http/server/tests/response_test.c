/* What is sent: heads, contents of every kind, and what must never be. Each conversation in every
 * way. */
#include <string.h>

#include "bench.h"

#define OK "HTTP/1.1 200 OK" CRLF
#define GET_1_0 "GET / HTTP/1.0" CRLF CRLF
#define HEAD "HEAD / HTTP/1.1" CRLF HOST CRLF
#define TAKES_TRAILERS "GET / HTTP/1.1" CRLF HOST "TE: trailers" CRLF CRLF

static void answer(const char *input, const char *output, void (*prepare)(void)) {
    const struct talk talk = {"", input, output, NULL, WB_OK};
    talk_every_way(&talk, prepare);
}

static void answer_and_fail(
    const char *input, const char *output, enum wb_status status, void (*prepare)(void)) {
    const struct talk talk = {"", input, output, NULL, status};
    talk_every_way(&talk, prepare);
}

static void no_content(void) {
    bench.desk.content = NULL;
}

static void unknown(void) {
    no_content();
    bench.desk.pieces[0] = "foo bar";
    bench.desk.pieces[1] = " baz";
}

/* Who may have gone would not be waited for. */
static void unknown_pausing(void) {
    unknown();
    bench.options.half_close = true;
    bench.desk.pieces_pause = true;
}

static void unknown_empty(void) {
    no_content();
    bench.desk.trailers[0] = (struct desk_field){"x", "y"}; /* a body that has no data */
}

static void length_and_content(void) {
    bench.desk.content = "foo bar baz";
    bench.desk.fields[0] = (struct desk_field){"content-length", "11"};
}

static void length_and_unknown(void) {
    unknown();
    bench.desk.fields[0] = (struct desk_field){"content-length", "11"};
}

static void length_0(void) {
    no_content();
    bench.desk.fields[0] = (struct desk_field){"content-length", "0"};
}

static void coding_and_content(void) {
    bench.desk.content = "foo bar baz";
    bench.desk.fields[0] = (struct desk_field){"transfer-encoding", "chunked"};
}

static void gzip_coding(void) {
    bench.desk.content = "foo bar baz";
    bench.desk.fields[0] = (struct desk_field){"transfer-encoding", "gzip"};
}

static void both(void) {
    coding_and_content();
    bench.desk.fields[1] = (struct desk_field){"content-length", "11"};
}

static void response_content(void **state) {
    (void)state;
    answer(
        GET("/"), OK "content-length: 11" CRLF CRLF "foo bar baz", length_and_content); /* H1S-09 */
    answer(GET("/"), OK "content-length: 11" CRLF CRLF "foo bar baz", length_and_unknown);
    answer(GET("/"), OK "content-length: 0" CRLF CRLF, length_0);
    answer(GET("/"), OK "content-length: 0" CRLF CRLF, no_content); /* H1S-12 */
    answer(GET("/"),
        OK "transfer-encoding: chunked" CRLF CRLF "b" CRLF "foo bar baz" CRLF "0" CRLF CRLF,
        coding_and_content); /* H1S-10 */
    answer(GET("/"),
        OK "transfer-encoding: gzip, chunked" CRLF CRLF "b" CRLF "foo bar baz" CRLF "0" CRLF CRLF,
        gzip_coding);
    answer(GET("/"),
        OK "transfer-encoding: chunked" CRLF CRLF "b" CRLF "foo bar baz" CRLF "0" CRLF CRLF,
        both); /* H1S-11, R-87 */
    answer(GET("/") GET("/"),
        OK "transfer-encoding: chunked" CRLF CRLF "7" CRLF "foo bar" CRLF "4" CRLF " baz" CRLF
           "0" CRLF CRLF OK "transfer-encoding: chunked" CRLF CRLF "7" CRLF "foo bar" CRLF "4" CRLF
           " baz" CRLF "0" CRLF CRLF,
        unknown); /* H1S-12, H1S-16 */
    answer(GET("/"),
        OK "transfer-encoding: chunked" CRLF CRLF "7" CRLF "foo bar" CRLF "4" CRLF " baz" CRLF
           "0" CRLF CRLF,
        unknown_pausing); /* H1S-54 */
    answer(GET("/"), OK "transfer-encoding: chunked" CRLF CRLF "0" CRLF CRLF, unknown_empty);
}

/* H1S-13, H1S-14, H1S-15, R-83 */
static void http_1_0(void **state) {
    (void)state;
    answer(GET_1_0, "HTTP/1.0 200 OK" CRLF "content-length: 0" CRLF "connection: close" CRLF CRLF,
        no_content);
    answer(GET_1_0 GET_1_0, "HTTP/1.0 200 OK" CRLF "connection: close" CRLF CRLF "foo bar baz",
        unknown);
    answer(GET_1_0,
        "HTTP/1.0 200 OK" CRLF "content-length: 11" CRLF "connection: close" CRLF CRLF
        "foo bar baz",
        coding_and_content);
    answer("GET / HTTP/1.0" CRLF "Connection: keep-alive" CRLF CRLF GET_1_0,
        "HTTP/1.0 200 OK" CRLF "content-length: 12" CRLF "connection: keep-alive" CRLF CRLF
        "Hello, World"
        "HTTP/1.0 200 OK" CRLF "content-length: 12" CRLF "connection: close" CRLF CRLF
        "Hello, World",
        NULL);
    answer("GET / HTTP/1.0" CRLF "Connection: keep-alive" CRLF CRLF GET_1_0,
        "HTTP/1.0 200 OK" CRLF "connection: close" CRLF CRLF "foo bar baz", unknown);
}

static void says_close(void) {
    bench.desk.fields[0] = (struct desk_field){"connection", "close"};
}

static void no_keep_alive(void) {
    bench.options.no_keep_alive = true;
}

/* H1S-17 */
static void application_may_close(void **state) {
    (void)state;
    answer(GET("/") GET("/"),
        OK "connection: close" CRLF "content-length: 12" CRLF CRLF "Hello, World", says_close);
    answer(GET("/") GET("/"), HELLO_CLOSE, no_keep_alive);
}

static void length_1024(void) {
    no_content();
    bench.desk.fields[0] = (struct desk_field){"content-length", "1024"};
}

static void foo_bar_baz(void) {
    bench.desk.content = "foo bar baz";
}

/* H1S-20 to H1S-22, R-82 */
static void to_head(void **state) {
    (void)state;
    answer(HEAD HEAD, OK "content-length: 1024" CRLF CRLF OK "content-length: 1024" CRLF CRLF,
        length_1024);
    answer(HEAD HEAD, OK "content-length: 11" CRLF CRLF OK "content-length: 11" CRLF CRLF,
        foo_bar_baz);
    answer(HEAD HEAD, OK CRLF OK CRLF, no_content);
    answer(HEAD HEAD, OK CRLF OK CRLF, unknown);
}

static void not_modified_chunked(void) {
    coding_and_content();
    bench.desk.status = 304;
}

static void not_modified(void) {
    foo_bar_baz();
    bench.desk.status = 304;
}

static void no_content_204(void) {
    length_and_content();
    bench.desk.status = 204;
}

static void reset_content(void) {
    foo_bar_baz();
    bench.desk.status = 205;
}

/* H1S-23, H1S-24, R-81, R-82 */
static void statuses_without_content(void **state) {
    (void)state;
#define MODIFIED "HTTP/1.1 304 Not Modified" CRLF CRLF
#define NOTHING "HTTP/1.1 204 No Content" CRLF CRLF
#define RESET "HTTP/1.1 205 Reset Content" CRLF "content-length: 0" CRLF CRLF
    answer(GET("/") GET("/"), MODIFIED MODIFIED, not_modified_chunked);
    answer(GET("/") GET("/"), MODIFIED MODIFIED, not_modified);
    answer(GET("/") GET("/"), NOTHING NOTHING, no_content_204);
    answer(GET("/") GET("/"), RESET RESET, reset_content);
}

static void cool(void) {
    bench.desk.reason = "Cool";
}

static void splitting_reason(void) {
    bench.desk.reason = "OK\r\nX: y";
}

static void splitting_value(void) {
    bench.desk.fields[0] = (struct desk_field){"x", "a\r\nb: c"};
}

static void interim(void) {
    bench.desk.status = 100;
}

static void early_hints(void) {
    bench.desk.status = 103;
}

static void no_status(void) {
    bench.desk.status = 99;
}

static void two_lengths(void) {
    bench.desk.fields[0] = (struct desk_field){"content-length", "5"}; /* of twelve bytes */
}

/* H1S-50, H1S-28, R-80 */
static void what_cannot_be_sent(void **state) {
    (void)state;
#define FAILED REFUSED("500 Internal Server Error")
    answer(GET("/"), "HTTP/1.1 200 Cool" CRLF "content-length: 12" CRLF CRLF "Hello, World", cool);
    answer_and_fail(GET("/") GET("/"), FAILED, WB_ERR_INVALID, interim);
    answer_and_fail(GET("/") GET("/"), FAILED, WB_ERR_INVALID, early_hints);
    answer_and_fail(GET("/") GET("/"), FAILED, WB_ERR_INVALID, no_status);
    answer_and_fail(GET("/") GET("/"), FAILED, WB_ERR_INVALID, splitting_reason);
    answer_and_fail(GET("/") GET("/"), FAILED, WB_ERR_INVALID, two_lengths);
    answer_and_fail(GET("/") GET("/"), "", WB_ERR_INVALID, splitting_value);
    answer_and_fail("GET / HTTP/1.0" CRLF CRLF,
        "HTTP/1.0 500 Internal Server Error" CRLF "content-length: 0" CRLF
        "connection: close" CRLF CRLF,
        WB_ERR_INVALID, interim);
}

static void longer_than_said(void) {
    unknown();
    bench.desk.fields[0] = (struct desk_field){"content-length", "9"};
}

static void shorter_than_said(void) {
    unknown();
    bench.desk.fields[0] = (struct desk_field){"content-length", "12"};
}

static void nothing_though_said(void) {
    no_content();
    bench.desk.pieces_status = WB_ERR_OS;
    bench.desk.fields[0] = (struct desk_field){"content-length", "12"};
}

static void failing(void) {
    unknown();
    bench.desk.pieces_status = WB_ERR_OS;
}

/* R-84, H1S-61: what is not whole must not look as if it was. */
static void content_that_is_not_what_was_said(void **state) {
    (void)state;
    answer_and_fail(GET("/") GET("/"), OK "content-length: 9" CRLF CRLF "foo bar b", WB_ERR_LIMIT,
        longer_than_said);
    answer_and_fail(GET("/") GET("/"), OK "content-length: 12" CRLF CRLF "foo bar baz",
        WB_ERR_UNEXPECTED_EOF, shorter_than_said);
    answer_and_fail(
        GET("/") GET("/"), OK "content-length: 12" CRLF CRLF, WB_ERR_OS, nothing_though_said);
    answer_and_fail(GET("/") GET("/"),
        OK "transfer-encoding: chunked" CRLF CRLF "7" CRLF "foo bar" CRLF "4" CRLF " baz" CRLF,
        WB_ERR_OS, failing);
}

/* Nothing but a reset tells a client of 1.0 that this was not all. */
static void failing_content_until_close_breaks(void **state) {
    (void)state;
    failing();
    bench.line.input = wb_bytes_from_string(GET_1_0);
    bench_open();
    bench_expect_broken(WB_ERR_OS, WB_HTTP_ERROR_BODY_ABORTED);
    assert_int_equal(bench.line.shutdowns, 0);
    assert_int_equal(bench.desk.body_drops, 1);
}

static void call_fails(void) {
    bench.desk.call_status = WB_ERR_OS;
}

static void service_is_done(void) {
    bench.desk.ready_status = WB_ERR_CLOSED;
}

static void service_that_fails_closes(void **state) {
    (void)state;
    answer_and_fail(GET("/") GET("/"), "", WB_ERR_OS, call_fails);
    answer_and_fail(GET("/") GET("/"), "", WB_ERR_CLOSED, service_is_done);
}

/* ---- trailers ---- */

static void trailers(void) {
    no_content();
    bench.desk.pieces[0] = "HELLO";
    bench.desk.trailers[0] = (struct desk_field){"chunky-trailer", "header data"};
    bench.desk.trailers[1] = (struct desk_field){"should-not-be-sent", "trailers not sent"};
    bench.desk.trailers[2] = (struct desk_field){"host", "foo"};
    bench.desk.fields[0] = (struct desk_field){"trailer", "chunky-trailer, host"};
}

static void title_case(void) {
    trailers();
    bench.options.title_case_fields = true;
}

static void announced_twice(void) {
    no_content();
    bench.desk.trailers[0] = (struct desk_field){"a", "1"};
    bench.desk.trailers[1] = (struct desk_field){"b", "2"};
    bench.desk.trailers[2] = (struct desk_field){"c", "3"};
    bench.desk.fields[0] = (struct desk_field){"trailer", "a"};
    bench.desk.fields[1] = (struct desk_field){"trailer", ""};
    bench.desk.fields[2] = (struct desk_field){"Trailer", "c"};
}

/* H1S-46, H1S-47 */
static void trailers_go_to_who_takes_them(void **state) {
    (void)state;
#define HEAD_OF_CHUNKS                                                                             \
    OK "trailer: chunky-trailer, host" CRLF "transfer-encoding: chunked" CRLF CRLF
#define WITH_TRAILERS                                                                              \
    HEAD_OF_CHUNKS "5" CRLF "HELLO" CRLF "0" CRLF "chunky-trailer: header data" CRLF CRLF
#define WITHOUT_TRAILERS HEAD_OF_CHUNKS "5" CRLF "HELLO" CRLF "0" CRLF CRLF
    answer(TAKES_TRAILERS TAKES_TRAILERS, WITH_TRAILERS WITH_TRAILERS, trailers);
    answer("GET / HTTP/1.1" CRLF HOST "TE: deflate" CRLF "te: gzip, Trailers;q=0.5" CRLF CRLF,
        WITH_TRAILERS, trailers);
    answer(GET("/") GET("/"), WITHOUT_TRAILERS WITHOUT_TRAILERS, trailers);
    answer(TAKES_TRAILERS,
        OK "Trailer: chunky-trailer, host" CRLF "Transfer-Encoding: chunked" CRLF CRLF "5" CRLF
           "HELLO" CRLF "0" CRLF "Chunky-Trailer: header data" CRLF CRLF,
        title_case);
}

static void several_announcements_are_one(void **state) {
    (void)state;
    answer(TAKES_TRAILERS,
        OK "trailer: a" CRLF "trailer: " CRLF "Trailer: c" CRLF
           "transfer-encoding: chunked" CRLF CRLF "0" CRLF "a: 1" CRLF "c: 3" CRLF CRLF,
        announced_twice);
}

static void title_cased(void) {
    bench.options.title_case_fields = true;
    bench.desk.fields[0] = (struct desk_field){"x-foo--bar", "keep-as-is: x-y"};
}

static void title_case_is_of_names_alone(void **state) {
    (void)state;
    answer(GET("/") GET("/"),
        OK "X-Foo--Bar: keep-as-is: x-y" CRLF "Content-Length: 12" CRLF CRLF "Hello, World" OK
           "X-Foo--Bar: keep-as-is: x-y" CRLF "Content-Length: 12" CRLF CRLF "Hello, World",
        title_cased);
}

/* ---- large contents ---- */

static char large[300000];

static void large_content(void) {
    bench.desk.content = large;
    bench.desk.content_len = sizeof large;
}

static void expect_large(const char *head, size_t times) {
    const size_t head_len = strlen(head);
    assert_int_equal(bench.line.output_len, times * (head_len + sizeof large));
    for (size_t i = 0; i < times; i++) {
        const uint8_t *at = bench.line.output + i * (head_len + sizeof large);
        assert_memory_equal(at, head, head_len);
        assert_memory_equal(at + head_len, large, sizeof large);
    }
}

/* H1S-55: it is written from where it lies, whatever the stream takes at a time. */
static void large_content_goes_out_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof large; i++) {
        large[i] = (char)('a' + i % 23);
    }
    static const size_t sizes[] = {0, 1, 7, 16384, 100000};
    for (size_t i = 0; i < 2 * (sizeof sizes / sizeof sizes[0]); i++) {
        large_content();
        bench.line.input = wb_bytes_from_string(GET("/") GET("/"));
        bench.line.has_finished = true;
        bench.line.write_max = sizes[i / 2];
        bench.line.write_pauses = i / 2 != 1; /* or the test takes too long */
        bench.options.no_writev = i % 2 != 0;
        bench_open();
        expect_large(OK "content-length: 300000" CRLF CRLF, 2);
        bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
        if (sizes[i / 2] == 0) {
            assert_int_equal(bench.line.writes, i % 2 != 0 ? 4 : 2);
        }
        bench_close();
    }
}

static char piece[5000];

/* Around each large piece goes its frame, in one write. */
static void large_pieces_go_out_in_one_write_each(void **state) {
    (void)state;
    memset(piece, 'x', sizeof piece - 1);
    no_content();
    bench.desk.pieces[0] = piece;
    bench.desk.pieces_repeat = 100;
    bench.line.input = wb_bytes_from_string(GET("/"));
    bench_open();
    assert_int_equal(bench.line.writes, 101); /* the last chunk has one of its own */
    assert_int_equal(
        bench.line.output_len, strlen(OK "transfer-encoding: chunked" CRLF CRLF "0" CRLF CRLF)
                                   + 100 * (strlen("1387" CRLF CRLF) + sizeof piece - 1));
}

/* Small ones are written together; H1S-49 has a hundred. */
static void small_pieces_go_out_together(void **state) {
    (void)state;
    piece[1000] = '\0';
    memset(piece, 'x', 1000);
    no_content();
    bench.desk.pieces[0] = piece;
    bench.desk.pieces_repeat = 100;
    bench.line.input = wb_bytes_from_string(GET("/"));
    bench_open();
    assert_in_range(bench.line.writes, 6, 8);
    assert_int_equal(
        bench.line.output_len, strlen(OK "transfer-encoding: chunked" CRLF CRLF "0" CRLF CRLF)
                                   + 100 * (strlen("3e8" CRLF CRLF) + 1000));
}

/* Of a body that is not ready, what there is goes out first. */
static void what_there_is_goes_out_before_waiting(void **state) {
    (void)state;
    unknown();
    bench.desk.pieces_stop = true;
    bench_open();
    bench_send(GET("/"));
    bench_expect(
        OK "transfer-encoding: chunked" CRLF CRLF "7" CRLF "foo bar" CRLF "4" CRLF " baz" CRLF);
    desk_open(&bench.desk);
    bench_settle();
    bench_expect("0" CRLF CRLF);
    assert_false(bench_is_over());
}

/* ---- interim responses of the service ---- */

#define EARLY "HTTP/1.1 103 Early Hints" CRLF "link: </a>" CRLF CRLF
#define EARLY_TITLE "HTTP/1.1 103 Early Hints" CRLF "Link: </a>" CRLF CRLF

static void hints(void) {
    bench.desk.interims[0] = 103;
    bench.desk.interims[1] = 103;
    bench.desk.interim_field = (struct desk_field){"link", "</a>"};
}

static void hints_title_case(void) {
    hints();
    bench.options.title_case_fields = true;
}

/* RFC 9110 section 15.2: ahead of the answer, and never to HTTP/1.0. */
static void interim_responses_go_ahead(void **state) {
    (void)state;
    answer(GET("/") GET("/"), EARLY EARLY HELLO EARLY EARLY HELLO, hints);
    answer(GET_1_0,
        "HTTP/1.0 200 OK" CRLF "content-length: 12" CRLF "connection: close" CRLF CRLF
        "Hello, World",
        hints);
    answer(GET("/"), EARLY_TITLE EARLY_TITLE OK "Content-Length: 12" CRLF CRLF "Hello, World",
        hints_title_case);
}

static void interim_responses_do_not_wait_for_the_answer(void **state) {
    (void)state;
    hints();
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/"));
    bench_expect(EARLY EARLY);
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(HELLO);
}

static void other_statuses(void) {
    bench.desk.interims[0] = 100;
    bench.desk.interims[1] = 101;
    bench.desk.interims[2] = 200;
    bench.desk.interims[3] = 99;
}

static void interim_responses_have_interim_statuses(void **state) {
    (void)state;
    const struct talk talk = {"", GET("/"), HELLO,
        "GET / a !WB_ERR_INVALID!WB_ERR_INVALID!WB_ERR_INVALID!WB_ERR_INVALID;", WB_OK};
    talk_every_way(&talk, other_statuses);
}

/* What is kept back for a client that takes nothing is bounded: 16 KiB and one more. */
static void interim_responses_are_bounded(void **state) {
    (void)state;
    hints();
    bench.desk.interims[1] = 0;
    bench.desk.interims_repeat = 100000;
    bench.line.is_stuck = true;
    bench_open();
    bench_send(GET("/"));
    bench_expect_log("GET / a !WB_ERR_FULL;");
    bench.line.is_stuck = false;
    line_wake(&bench.line);
    bench_settle();
    const size_t count = (bench.line.output_len - strlen(HELLO)) / strlen(EARLY);
    assert_int_equal(bench.line.output_len, count * strlen(EARLY) + strlen(HELLO));
    assert_in_range(count * strlen(EARLY), 16384, 16384 + strlen(EARLY));
}

enum { PATIENT_COUNT = 2000 };

static void begin_patiently(void) {
    hints();
    bench.desk.interims_wait = true;
    bench.desk.interims_repeat = PATIENT_COUNT;
    bench.line.is_stuck = true;
    bench_open();
    bench_send(GET("/"));
    bench_settle();
    assert_int_equal(bench.line.output_len, 0);
    bench_expect_log("GET / a ");
}

static void expect_all(void) {
    bench.line.is_stuck = false;
    line_wake(&bench.line);
    bench_settle();
    assert_int_equal(bench.line.output_len, PATIENT_COUNT * strlen(EARLY) + strlen(HELLO));
}

/* Who waits until they are taken loses none. */
static void interim_responses_wait_for_room(void **state) {
    (void)state;
    begin_patiently();
    expect_all();
}

static void interim_responses_wait_for_who_takes_little(void **state) {
    (void)state;
    begin_patiently();
    bench.line.write_max = 1000;
    bench.line.write_pauses = true;
    expect_all();
}

/* HTTP/1.0 takes none, and nobody waits for that. */
static void interim_responses_that_nobody_takes_are_not_waited_for(void **state) {
    (void)state;
    struct wb_http_request request = {.version = WB_HTTP_1_0};
    assert_true(wb_http_request_takes_interim(&request));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(response_content),
        CASE(http_1_0),
        CASE(application_may_close),
        CASE(to_head),
        CASE(statuses_without_content),
        CASE(what_cannot_be_sent),
        CASE(content_that_is_not_what_was_said),
        CASE(failing_content_until_close_breaks),
        CASE(service_that_fails_closes),
        CASE(trailers_go_to_who_takes_them),
        CASE(several_announcements_are_one),
        CASE(title_case_is_of_names_alone),
        CASE(large_content_goes_out_whole),
        CASE(large_pieces_go_out_in_one_write_each),
        CASE(small_pieces_go_out_together),
        CASE(what_there_is_goes_out_before_waiting),
        CASE(interim_responses_go_ahead),
        CASE(interim_responses_do_not_wait_for_the_answer),
        CASE(interim_responses_have_interim_statuses),
        CASE(interim_responses_are_bounded),
        CASE(interim_responses_wait_for_room),
        CASE(interim_responses_wait_for_who_takes_little),
        CASE(interim_responses_that_nobody_takes_are_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
