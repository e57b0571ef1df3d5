/* Peers that speak HTTP, to an echo: what they send comes back to be expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "small_server.h"

static char text[4096];

static void judge(const char *steps) {
    (void)snprintf(text, sizeof(text),
        "scenario \"peers\"\nprogram small_echo trigger=edge\npeer alice\n  connect\n%s", steps);
    judge_text(text, NULL);
}

static void assert_ok(void) {
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("%s: %s", judged.findings[0].oracle, judged.findings[0].text);
    }
}

/* What alice sent, as it came back. */
static void assert_sent(const char *bytes) {
    size_t len;
    const uint8_t *received = wbh_runner_received(judged_runner(), 0, &len);
    assert_int_equal(len, strlen(bytes));
    assert_memory_equal(received, bytes, len);
}

static void assert_refused(const char *part) {
    assert_string_equal(wbh_verdict_name(judged.verdict), "protocol");
    assert_string_equal(judged.findings[0].oracle, "expectation");
    if (strstr(judged.findings[0].text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, judged.findings[0].text);
    }
}

static int tear_down(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

static int begin(void **state) {
    (void)state;
    small_server_register();
    return 0;
}

/* ---- what is sent ---- */

static void http_request_has_a_host_and_the_length_of_its_content(void **state) {
    (void)state;
    judge("  http-request GET /a?b=c\n  expect http-request GET /a?b=c version=1.1\n"
          "  http-request POST / header \"A: b\" body \"xyz\" * 2\n"
          "  expect http-request POST / header \"host: localhost\" body \"xyzxyz\"\n");
    assert_ok();
    assert_sent("GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n\r\n"
                "POST / HTTP/1.1\r\nHost: localhost\r\nA: b\r\nContent-Length: 6\r\n\r\nxyzxyz");
}

static void http_lines_that_go_without_saying_are_left_out_when_told_otherwise(void **state) {
    (void)state;
    judge("  http-request GET / version=1.0 no-header Host\n"
          "  http-request POST / header \"host: b\" no-header Content-Length body \"x\"\n"
          "  http-request POST / header \"Content-Length: 9\" chunked \"a\"\n"
          "  http-response 200 no-header content-length\n"
          "  http-response 200 header \"Transfer-Encoding: gzip\" body \"y\"\n"
          "  http-response 204\n  http-response 100\n  http-response 304\n  http-response 404\n"
          "  expect bytes 260\n");
    assert_ok();
    assert_sent("GET / HTTP/1.0\r\n\r\n"
                "POST / HTTP/1.1\r\nhost: b\r\n\r\nx"
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1\r\na\r\n0\r\n\r\n"
                "HTTP/1.1 200 \r\n\r\n"
                "HTTP/1.1 200 \r\nTransfer-Encoding: gzip\r\n\r\ny"
                "HTTP/1.1 204 \r\n\r\nHTTP/1.1 100 \r\n\r\nHTTP/1.1 304 \r\n\r\n"
                "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
}

static void http_chunks_are_one_each_and_none_is_empty(void **state) {
    (void)state;
    judge("  http-response 200 chunked \"a\" \"\" \"0123456789\" * 2 trailer \"X: 1\"\n"
          "  expect http-response 200 body-len 21 trailer \"x:1\"\n"
          "  http-request PUT / chunked \"\"\n  expect http-request PUT / body \"\"\n");
    assert_ok();
    assert_sent("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n14\r\n"
                "01234567890123456789\r\n0\r\nX: 1\r\n\r\n"
                "PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                "0\r\n\r\n");
}

static void http_message_that_does_not_fit_waits_for_room(void **state) {
    (void)state;
    (void)snprintf(text, sizeof(text),
        "scenario \"peers\"\nprogram small_echo trigger=edge\nhost recv-buffer=4096 "
        "send-buffer=4096\npeer alice\n  buffers 4096\n  connect\n"
        "  http-response 200 body \"0123456789\" * 20000\n"
        "  expect http-response 200 body \"0123456789\" * 20000\n");
    judge_text(text, NULL);
    assert_ok();
}

static void http_bytes_sent_slowly_come_one_at_a_time(void **state) {
    (void)state;
    judge("  send slowly \"ab\" * 5 every 1s\n  expect \"ababababab\"\n");
    assert_ok();
    assert_in_range(judged.time_ns, UINT64_C(9000000000), UINT64_C(9100000000));
}

static void http_slow_sender_goes_on_when_its_connection_is_gone(void **state) {
    (void)state;
    judge("  send slowly \"ab\" * 50 every 1ms\n  expect close\n"
          "peer bob\n  connect\n  sleep 10ms\n  signal SIGTERM\n");
    assert_ok();
}

/* ---- what is expected ---- */

static void http_response_is_read_by_the_request_that_it_answers(void **state) {
    (void)state;
    judge("  http-request HEAD /\n  http-request GET /\n  http-request POST / body \"x\"\n"
          "  expect bytes 127\n"
          "  http-response 200 header \"Content-Length: 5\"\n"
          "  expect http-response 200 header \"Content-Length: 5\" body \"\"\n"
          "  http-response 100\n  expect http-response 100\n"
          "  http-response 200 body \"hello\"\n"
          "  expect http-response 200 body \"hello\"\n"
          "  http-response 304 header \"Content-Length: 5\"\n"
          "  expect http-response 304 body \"\"\n"
          "  http-response 200 no-header Content-Length\n  send \"rest\"\n  half-close\n"
          "  expect http-response 200 body \"rest\"\n  expect close\n");
    assert_ok();
}

static void http_response_that_comes_in_pieces_is_awaited(void **state) {
    (void)state;
    judge("  send slowly \"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nab\" every 1ms\n"
          "  expect http-response 200 body \"ab\"\n"
          "  send slowly \"HTTP/1.1 200\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
          "1\\r\\na\\r\\n0\\r\\nT: u\\r\\n\\r\\n\" every 1ms\n"
          "  expect http-response 200 body \"a\" trailer \"T: u\"\n");
    assert_ok();
}

static void http_message_that_is_another_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *sent;
        const char *expected;
        const char *saw;
    } cases[] = {
        {"http-response 404", "http-response 200", "but its status is 404"},
        {"http-response 200 version=1.0", "http-response 200 version=1.1", "its version is 1.0"},
        {"http-response 200 body \"ab\"", "http-response 200 body \"aB\"",
            "from byte 1 on its content is \"b\""},
        {"http-response 200 body \"ab\"", "http-response 200 body \"abc\"",
            "its content has 2 bytes instead of 3"},
        {"http-response 200 body \"a\"", "http-response 200 body-len 2",
            "its content has 1 byte instead of 2"},
        {"http-response 200", "http-response 200 header \"A: b\"", "it has no line \"A: b\""},
        {"http-response 200 header \"A: c\"", "http-response 200 header \"A: b\"",
            "it has no line \"A: b\", of that name \"c\""},
        {"http-response 200", "http-response 200 no-header content-length",
            "it has a line of the name content-length: \"0\""},
        {"http-response 200 chunked \"a\" trailer \"A: b\"", "http-response 200 trailer \"A: c\"",
            "it has no trailer \"A: c\", of that name \"b\""},
        {"http-request GET /", "http-request HEAD /", "its method is \"GET\""},
        {"http-request GET /", "http-request GET /a", "its target is \"/\""},
        {"http-request GET /", "http-response 200",
            "what came is none, from byte 15 on: ... \"TTP/1.1"},
        {"http-request GET / no-header Host", "http-request GET /",
            "what came is none, from byte 17 on"},
        {"http-response 200 header \"Transfer-Encoding: chunked\" body \"x\\r\\n\"",
            "http-response 200", "what came behind its head is no content in chunks: \"x"},
        {"http-response 200 header \"Transfer-Encoding: chunked\" body \"0\\r\\n x\\r\\n\"",
            "http-response 200", "what came behind its head is no"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char steps[512];
        (void)snprintf(
            steps, sizeof(steps), "  %s\n  expect %s\n", cases[i].sent, cases[i].expected);
        judge(steps);
        assert_refused(cases[i].saw);
    }
}

static void http_message_that_stays_incomplete_is_refused_at_the_end(void **state) {
    (void)state;
    judge("  send \"HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nab\"\n  half-close\n"
          "  expect http-response 200\n");
    assert_refused("and got 40 bytes; but the program ended the stream");
    judge("  send \"HTTP/1.1 200 OK\\r\\n\"\n  expect http-response 200\n");
    assert_string_equal(wbh_verdict_name(judged.verdict), "hang");
    assert_non_null(strstr(judged.findings[0].text, "expects a response 200 and got 17 bytes"));
}

static void http_script_that_nobody_wrote_is_only_paced(void **state) {
    (void)state;
    static const struct wbh_run_options tolerant = {.flags = WBH_RUN_TOLERANT};
    (void)snprintf(text, sizeof(text),
        "scenario \"\"\nprogram small_echo\npeer alice\n  expect http-response 200\n"
        "  http-request GET /\n  send slowly \"x\" every 1s\n  connect\n"
        "  http-response 404 body \"x\"\n  expect http-response 200 body \"y\"\n"
        "  send \"\\n\\n\"\n  expect http-request GET /\n  send slowly \"\" every 1s\n"
        "  bind udp\n  http-response 200\n  send slowly \"x\" every 1s\n"
        "  expect http-request GET /\n");
    judge_text(text, &tolerant);
    assert_ok();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_request_has_a_host_and_the_length_of_its_content),
        cmocka_unit_test(http_lines_that_go_without_saying_are_left_out_when_told_otherwise),
        cmocka_unit_test(http_chunks_are_one_each_and_none_is_empty),
        cmocka_unit_test(http_message_that_does_not_fit_waits_for_room),
        cmocka_unit_test(http_bytes_sent_slowly_come_one_at_a_time),
        cmocka_unit_test(http_slow_sender_goes_on_when_its_connection_is_gone),
        cmocka_unit_test(http_response_is_read_by_the_request_that_it_answers),
        cmocka_unit_test(http_response_that_comes_in_pieces_is_awaited),
        cmocka_unit_test(http_message_that_is_another_is_refused),
        cmocka_unit_test(http_message_that_stays_incomplete_is_refused_at_the_end),
        cmocka_unit_test(http_script_that_nobody_wrote_is_only_paced),
    };
    return cmocka_run_group_tests(tests, begin, tear_down);
}
