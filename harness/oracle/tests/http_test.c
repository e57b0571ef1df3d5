/* The oracle of HTTP: what programs say on one connection, and what is made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "speakers.h"

static void http_right_answers_are_left_alone(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, NULL},
        {GET GET, 2 * GET_LEN, {{2 * GET_LEN, OK OK}, {0, ""}}, NULL},
        {POST GET, POST_LEN + GET_LEN, {{POST_LEN + GET_LEN, OK EMPTY}, {0, ""}}, NULL},
        {HEAD GET, HEAD_LEN + GET_LEN,
            {{HEAD_LEN + GET_LEN, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" OK}, {0, ""}},
            NULL},
        {GET GET, 2 * GET_LEN,
            {{GET_LEN, "HTTP/1.1 204 No\r\n\r\nHTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n"},
                {0, ""}},
            NULL},
        {GET GET, 2 * GET_LEN,
            {{0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"},
                {0, "1;x=y\r\n0\r\n10\r\n0123456789abcdef\r\n0\r"}, {0, "\nT: u\r\n\r\n"}, {0, OK}},
            "to no request"}, /* nothing of the request was read */
        {GET GET, 2 * GET_LEN,
            {{GET_LEN, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"},
                {0, "1;x=y\r\n0\r\n10\r\n0123456789abcdef\r\n0\r"}, {0, "\nT: u\r\n\r\n"}, {0, OK}},
            NULL},
        {OLD, OLD_LEN, {{OLD_LEN, "HTTP/1.1 200 OK\r\n\r\nuntil the end"}, {0, ""}}, NULL},
        {LAST, LAST_LEN, {{LAST_LEN, OK}, {0, ""}}, NULL},
        {WAITS, WAITS_LEN, {{WAITS_LEN - 3, CONTINUE}, {0, OK}, {0, ""}}, NULL},
        {GET, GET_LEN, {{GET_LEN, "HTTP/1.1 103 Hints\r\nA: b\r\n\r\n" OK}, {0, ""}}, NULL},
    };
    CHECK(exchanges);
}

static void http_refusals_of_what_is_no_request_are_left_alone(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {BAD, BAD_LEN, {{BAD_LEN, REFUSED}, {0, ""}}, NULL},
        {GET BAD, GET_LEN + BAD_LEN, {{GET_LEN + BAD_LEN, OK REFUSED}, {0, ""}}, NULL},
        {PART, PART_LEN, {{PART_LEN, REFUSED}, {0, ""}}, NULL},
        {"", 0, {{0, "HTTP/1.1 408 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"}, {0, ""}},
            NULL},
        {CUT, POST_LEN, {{POST_LEN, REFUSED}, {0, ""}}, NULL},
    };
    CHECK(exchanges);
}

static void http_tunnels_are_not_read(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {CONNECT "\\0\\xff GET", CONNECT_LEN + 6,
            {{CONNECT_LEN, "HTTP/1.1 200 OK\r\n\r\nanything"}, {0, " at all"}, {0, ""}}, NULL},
        {CONNECT GET, CONNECT_LEN + GET_LEN,
            {{CONNECT_LEN + GET_LEN, "HTTP/1.1 405 No\r\nContent-Length: 2\r\n\r\nno" OK}, {0, ""}},
            NULL},
        {UPGRADE, UPGRADE_LEN,
            {{UPGRADE_LEN, "HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nanything"},
                {0, ""}},
            NULL},
        {UPGRADE GET, UPGRADE_LEN + GET_LEN, {{UPGRADE_LEN + GET_LEN, OK OK}, {0, ""}}, NULL},
        {UPGRADE, UPGRADE_LEN, {{UPGRADE_LEN, OK OK}, {0, ""}}, "to no request"},
    };
    CHECK(exchanges);
}

static void http_answers_that_nobody_asked_for_are_objected_to(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {"", 0, {{0, OK}, {0, ""}}, "sends a response 200 to no request"},
        {"", 0, {{0, REFUSED}, {0, ""}}, "sends a response 400 to no request"},
        {GET, GET_LEN, {{GET_LEN, OK OK}, {0, ""}}, "to no request"},
        {GET, GET_LEN, {{GET_LEN, OK}, {GET_LEN, REFUSED}, {0, ""}}, "to no request"},
        {BAD, BAD_LEN, {{BAD_LEN, "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"}, {0, ""}},
            "to no request"},
        {BAD, BAD_LEN, {{BAD_LEN, OK}, {0, ""}}, "to no request"},
        {CUT, POST_LEN, {{POST_LEN, OK REFUSED}, {0, ""}}, "to no request"},
        {"", 0, {{0, CONTINUE}, {0, ""}}, "before there is a request"},
    };
    CHECK(exchanges);
}

static void http_interim_responses_are_for_those_who_know_them(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {POST, POST_LEN, {{POST_LEN, CONTINUE OK}, {0, ""}}, "does not wait for it"},
        {GET, GET_LEN, {{GET_LEN, CONTINUE OK}, {0, ""}}, "does not wait for it"},
        {WAITS, WAITS_LEN, {{WAITS_LEN, CONTINUE CONTINUE OK}, {0, ""}},
            "to the same request again"},
        {OLD, OLD_LEN, {{OLD_LEN, "HTTP/1.1 103 Hints\r\n\r\n" OK}, {0, ""}},
            "of HTTP/1.0, which knows no interim ones"},
        {GET, GET_LEN, {{GET_LEN, "HTTP/1.1 101 OK\r\n\r\n"}, {0, ""}},
            "sends what is no response"},
    };
    CHECK(exchanges);
}

static void http_framing_that_is_not_what_is_said_is_objected_to(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {GET, GET_LEN, {{GET_LEN, "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n"}, {0, ""}},
            "can have none"},
        {CONNECT, CONNECT_LEN,
            {{CONNECT_LEN, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, {0, ""}},
            "can have none"},
        {OLD, OLD_LEN,
            {{OLD_LEN, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}, {0, ""}},
            "a request of HTTP/1.0"},
        {GET, GET_LEN,
            {{GET_LEN, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n0\r\n\r\n"},
                {0, ""}},
            "framed twice"},
        {GET, GET_LEN,
            {{GET_LEN, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhi\r\n0\r\n\r\n"},
                {0, ""}},
            "whose chunks or trailers are none"},
        {GET, GET_LEN, {{GET_LEN, "HTTP/1.1 205 No\r\nContent-Length: 2\r\n\r\nhi"}, {0, ""}},
            "has content and can have none"},
        {GET, GET_LEN, {{GET_LEN, "HTTP/1.1 205 No\r\nContent-Length: 0\r\n\r\n"}, {0, ""}}, NULL},
        {HEAD, HEAD_LEN, {{HEAD_LEN, OK}, {0, ""}}, "behind a response 200 that has no content"},
        {GET, GET_LEN, {{GET_LEN, "hello\r\n"}, {0, ""}}, "what is no response, from byte 6 on"},
        {GET, GET_LEN, {{GET_LEN, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhi"}, {0, ""}},
            "its head is not whole"},
        {GET, GET_LEN, {{GET_LEN, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi"}, {0, ""}},
            "2 bytes of its content are missing"},
        {GET, GET_LEN,
            {{GET_LEN, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"},
                {0, ""}},
            "its last chunk is missing"},
        {CUT, POST_LEN, {{POST_LEN, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi"}, {0, ""}},
            NULL}, /* the request is not whole either */
    };
    CHECK(exchanges);
}

static void http_nothing_follows_the_last_response(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {LAST GET, LAST_LEN + GET_LEN, {{LAST_LEN + GET_LEN, OK OK}, {0, ""}}, "that is the last"},
        {OLD GET, OLD_LEN + GET_LEN, {{OLD_LEN + GET_LEN, OK OK}, {0, ""}}, "that is the last"},
        {GET GET, 2 * GET_LEN,
            {{2 * GET_LEN, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
                {0, OK}, {0, ""}},
            "that is the last"},
        {BAD, BAD_LEN, {{BAD_LEN, REFUSED}, {0, REFUSED}, {0, ""}}, "that is the last"},
    };
    CHECK(exchanges);
}

static void http_requests_are_read_where_the_program_asks(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {"", 0, {{0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}, {0, ""}}, NULL},
        {"", 0,
            {{0, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"},
                {0, "0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"}, {0, ""}},
            NULL},
        {"", 0, {{0, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nanything"}, {0, ""}}, NULL},
        {"", 0, {{0, "GET / HTTP/1.1\r\n\r\n"}, {0, ""}}, "no request, from byte 17 on"},
        {"", 0,
            {{0, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
                {0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}, {0, ""}},
            "behind one that it said was the last"},
        {"", 0, {{0, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhi"}, {0, ""}},
            "in the middle of a request: 3 bytes of its content are missing"},
        {"HTTP/1.1 413 No\\r\\nContent-Length: 0\\r\\n\\r\\n", 38,
            {{0, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"}, {38, "hi"}, {0, ""}},
            NULL},
    };
    for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++) {
        speakers_check("asks", "listen 7401\n  accept", &exchanges[i]);
    }
}

static void http_programs_that_do_not_speak_it_are_not_read(void **state) {
    (void)state;
    static const struct exchange exchange = {GET, GET_LEN, {{GET_LEN, "hello\r\n"}, {0, ""}}, NULL};
    speakers_check("says_anything", "connect", &exchange);
}

/* What was read whole is answered, and nobody is told that it came too late. */
static void http_requests_that_were_read_are_answered(void **state) {
    (void)state;
    static const char late[] =
        "HTTP/1.1 408 Late\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    static const struct exchange exchanges[] = {
        {GET GET, 2 * GET_LEN, {{2 * GET_LEN, OK}, {0, ""}}, "has not answered"},
        {POST, POST_LEN, {{POST_LEN, late}, {0, ""}}, "408 to a request that had come"},
        {CUT, POST_LEN, {{POST_LEN, late}, {0, ""}}, NULL},
        {LAST GET, LAST_LEN + GET_LEN, {{LAST_LEN + GET_LEN, OK}, {0, ""}}, NULL},
        {GET GET, 2 * GET_LEN, {{2 * GET_LEN, REFUSED}, {0, ""}}, NULL},
    };
    CHECK(exchanges);
}

/* Says one answer to two requests, and hears on until the end. */
static const struct turn one_of_two[] = {{2 * GET_LEN, OK}, {SIZE_MAX, ""}, {0, ""}};

/* A client that finishes may have gone: within a second of its request nobody would hear the
 * answer. Later the program had all the time there is. */
static void http_silence_is_excused_by_time(void **state) {
    (void)state;
    script.turns = one_of_two;
#define FINISHES_AFTER(time)                                                                       \
    "scenario \"said\"\nprogram says\npeer alice\n  connect\n  send \"" GET GET "\"\n"             \
    "  sleep " time "\n  half-close\n  sleep 1ms\n"
    judge_text(FINISHES_AFTER("999ms"), NULL);
    assert_null(judged_finding("http"));
    judge_text(FINISHES_AFTER("1001ms"), NULL);
    assert_non_null(judged_finding("http"));
    assert_non_null(strstr(judged_finding("http")->text, "has not answered a request"));
}

/* Who waits a second for room has been patient, and may break off. */
static void http_end_within_a_response_is_excused_by_time(void **state) {
    (void)state;
    static char large[40000] = "HTTP/1.1 200 OK\r\nContent-Length: 80000\r\n\r\n";
    static const struct turn row[] = {{GET_LEN, large}, {0, ""}};
    static const char text[] = "scenario \"said\"\nprogram says\nhost send-buffer=4096\n"
                               "peer alice\n  buffers 4096\n  connect\n  read stop\n"
                               "  send \"" GET "\"\n  sleep 5s\n";
    memset(large + strlen(large), 'x', sizeof large - 1 - strlen(large));
    script.turns = row;
    script.patience_ns = INT64_C(1001000000);
    judge_text(text, NULL);
    assert_null(judged_finding("http"));
    script.patience_ns = INT64_C(999000000);
    judge_text(text, NULL);
    script.patience_ns = INT64_MAX;
    assert_non_null(judged_finding("http"));
    assert_non_null(strstr(judged_finding("http")->text, "in the middle of a response"));
}

#define FIFTY "01234567890123456789012345678901234567890123456789"
#define LONG                                                                                       \
    "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 500\\r\\n\\r\\n" FIFTY FIFTY FIFTY FIFTY    \
        FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
#define LONG_LEN 549

/* RFC 9112 section 9.3: the rest of a request that has its answer need not be read, and a
 * connection on which it is not is closed. Whose request had come is not excused. */
static void http_request_behind_one_answered_early_may_go_unanswered(void **state) {
    (void)state;
    static const struct exchange exchanges[] = {
        {LONG GET, LONG_LEN + GET_LEN, {{1, OK}, {LONG_LEN + GET_LEN, ""}, {0, ""}}, NULL},
        {LONG GET, LONG_LEN + GET_LEN, {{LONG_LEN + GET_LEN, OK}, {0, ""}}, "has not answered"},
        {LONG GET GET, LONG_LEN + 2 * GET_LEN, {{1, OK}, {LONG_LEN + 2 * GET_LEN, OK}, {0, ""}},
            "has not answered"},
    };
    CHECK(exchanges);
}

/* Who has read the end may give up; who says something behind it has decided otherwise. */
static void http_response_is_given_up_where_the_client_has_finished(void **state) {
    (void)state;
    static const char begun[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nh";
    static const struct exchange exchanges[] = {
        {GET, GET_LEN, {{GET_LEN, begun}, {GET_LEN + 1, ""}, {0, ""}}, NULL},
        {GET, GET_LEN, {{GET_LEN, begun}, {GET_LEN + 1, "i"}, {0, ""}},
            "2 bytes of its content are missing"},
    };
    CHECK(exchanges);
}

/* A reset instead of the response and within it; and a program that is told to end before it has
 * heard of anything. */
static void http_response_cut_for_a_reason_is_left_alone(void **state) {
    (void)state;
    static const struct turn cut[] = {
        {GET_LEN, "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nhi"}, {0, ""}};
    script.turns = cut;
    judge_text("scenario \"said\"\nprogram says\npeer alice\n  connect\n  send \"" GET "\"\n"
               "fault alice.send 1 reset\n",
        NULL);
    assert_int_equal(judged.finding_count, 0);
    judge_text("scenario \"said\"\nprogram says\npeer alice\n  connect\n  send \"" GET "\"\n"
               "fault alice.send 1 short 40\nfault alice.send 2 reset\n",
        NULL);
    assert_int_equal(judged.finding_count, 0);
    assert_int_equal(judged.planned_unfired, 0);
    judge_text("scenario \"said\"\nprogram says\npeer alice\n  connect\n  signal SIGTERM\n"
               "  send \"" GET "\"\n",
        NULL);
    assert_int_equal(judged.finding_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_right_answers_are_left_alone),
        cmocka_unit_test(http_refusals_of_what_is_no_request_are_left_alone),
        cmocka_unit_test(http_tunnels_are_not_read),
        cmocka_unit_test(http_answers_that_nobody_asked_for_are_objected_to),
        cmocka_unit_test(http_interim_responses_are_for_those_who_know_them),
        cmocka_unit_test(http_framing_that_is_not_what_is_said_is_objected_to),
        cmocka_unit_test(http_nothing_follows_the_last_response),
        cmocka_unit_test(http_requests_are_read_where_the_program_asks),
        cmocka_unit_test(http_programs_that_do_not_speak_it_are_not_read),
        cmocka_unit_test(http_requests_that_were_read_are_answered),
        cmocka_unit_test(http_silence_is_excused_by_time),
        cmocka_unit_test(http_end_within_a_response_is_excused_by_time),
        cmocka_unit_test(http_request_behind_one_answered_early_may_go_unanswered),
        cmocka_unit_test(http_response_is_given_up_where_the_client_has_finished),
        cmocka_unit_test(http_response_cut_for_a_reason_is_left_alone),
    };
    return cmocka_run_group_tests(tests, speakers_begin, speakers_tear_down);
}
