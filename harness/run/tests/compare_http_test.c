/* Two runs in which HTTP is spoken: other chunks and interim responses are no difference, other
 * content, status and lines are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "wb/sys.h"

enum { PORT = 7120 };

/* What the server says depends on how often it had to read. */
static struct {
    const char *at_one_read;
    const char *at_more;
    bool is_asked_twice;  /* the client sends a second request with the first */
    bool goes_on;         /* the client does not finish */
    bool ends_at_the_end; /* its side, when the client's has ended, not before ... */
    bool unless_at_more;  /* ... but not if it had to read twice */
} answers;

static void say(const struct wb_sys *sys, int fd, const char *text) {
    (void)WB_SYS(sys, send, fd, text, strlen(text), WB_MSG_NOSIGNAL);
}

static void serve(const struct wb_sys *sys, int fd) {
    char text[256] = "";
    size_t len = 0;
    int reads = 0;
    int64_t n = 1;
    while (n > 0 && strstr(text, "\r\n\r\n") == NULL) {
        n = WB_SYS(sys, recv, fd, text + len, sizeof(text) - 1 - len, 0);
        len += n > 0 ? (size_t)n : 0;
        reads += n > 0;
    }
    say(sys, fd, reads == 1 ? answers.at_one_read : answers.at_more);
    if (!answers.ends_at_the_end || (answers.unless_at_more && reads > 1)) {
        (void)WB_SYS(sys, shutdown, fd, WB_SHUT_WR);
    }
    while (WB_SYS(sys, recv, fd, text, sizeof(text), 0) > 0) {
    }
    (void)WB_SYS(sys, close, fd);
}

static int teller_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_sockaddr addr = {0};
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    (void)argc;
    (void)argv;
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, bind, listener, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, listen, listener, 8);
    serve(sys, WB_SYS(sys, accept4, listener, NULL, NULL, 0));
    (void)WB_SYS(sys, close, listener);
    return 0;
}

static const struct wbh_program programs[] = {
    {.name = "teller",
        .main = teller_main,
        .port = PORT,
        .independent = 1,
        .ends_by_itself = 1,
        .speaks_http = 1},
};

/* Asked in one piece, and in two. */
static void judge(const char *method, const char *at_one_read, const char *at_more) {
    static const struct wbh_run_options fresh = {.flags = WBH_RUN_FRESH_BASELINE};
    char text[512];
    answers.at_one_read = at_one_read;
    answers.at_more = at_more;
    (void)snprintf(text, sizeof(text),
        "scenario \"told\"\nprogram teller\npeer alice\n  connect\n  http-request %s /\n"
        "%s%s  sleep 1ms\nfault alice.recv 1 short 3\n",
        method, answers.is_asked_twice ? "  http-request GET /\n" : "",
        answers.goes_on ? "  expect http-response 200\n  expect close\n  close\n"
                        : "  expect bytes 1\n  half-close\n");
    judge_text(text, &fresh); /* the program is not what it was */
}

static void assert_same(const char *method, const char *at_one_read, const char *at_more) {
    judge(method, at_one_read, at_more);
    if (judged.finding_count != 0) {
        fail_msg("%s: %s", judged.findings[0].oracle, judged.findings[0].text);
    }
    assert_int_equal(judged.planned_unfired, 0);
}

static void assert_different(const char *at_one_read, const char *at_more, const char *part) {
    judge("GET", at_one_read, at_more);
    assert_int_equal(judged.verdict, WBH_VERDICT_DIVERGENCE);
    if (strstr(judged.findings[0].text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, judged.findings[0].text);
    }
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define SHORT "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"

static void compare_http_chunks_may_have_other_borders(void **state) {
    (void)state;
    assert_same(
        "GET", CHUNKED "3\r\nabc\r\n0\r\n\r\n", CHUNKED "1\r\na\r\n02;x\r\nbc\r\n0\r\n\r\n");
    assert_same("GET", CHUNKED "3\r\nabc\r\n0\r\nA: b\r\n\r\n",
        CHUNKED "1\r\na\r\n2\r\nbc\r\n0\r\nA: b\r\n\r\n");
    answers.is_asked_twice = true; /* behind the first there is another */
    assert_same("GET", CHUNKED "0\r\n\r\n" CHUNKED "3\r\nabc\r\n0\r\n\r\n",
        CHUNKED "0\r\n\r\n" CHUNKED "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
    assert_same("GET", CHUNKED "0\r\nA: b\r\nC: d\r\n\r\n" CHUNKED "3\r\nabc\r\n0\r\n\r\n",
        CHUNKED "0\r\nA: b\r\nC: d\r\n\r\n" CHUNKED "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
    assert_different(CHUNKED "0\r\nA: b\r\n\r\n" CHUNKED "0\r\n\r\n",
        CHUNKED "0\r\nA: c\r\n\r\n" CHUNKED "0\r\n\r\n", "received \"c");
    answers.is_asked_twice = false;
}

static void compare_http_interim_responses_may_be_left_out(void **state) {
    (void)state;
    assert_same("GET", SHORT "ab", "HTTP/1.1 103 x\r\nA: b\r\n\r\n" SHORT "ab");
}

static void compare_http_responses_to_head_have_no_content(void **state) {
    (void)state;
    assert_same("HEAD", CHUNKED, CHUNKED);
}

static void compare_http_what_is_said_must_be_the_same(void **state) {
    (void)state;
    assert_different(SHORT "ab", SHORT "aB", "from byte 39 on it received \"B\" instead of \"b\"");
    assert_different(CHUNKED "3\r\nabc\r\n0\r\n\r\n", CHUNKED "1\r\na\r\n2\r\nbd\r\n0\r\n\r\n",
        "it received \"d");
    assert_different(CHUNKED "3\r\nabc\r\n0\r\n\r\n", CHUNKED "2\r\nab\r\n0\r\n\r\n", "received");
    assert_different(CHUNKED "1\r\na\r\n0\r\nA: b\r\n\r\n", CHUNKED "1\r\na\r\n0\r\nA: c\r\n\r\n",
        "instead of \"b");
    assert_different(SHORT "ab", "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nab", "404");
    assert_different("HTTP/1.1 200 OK\r\n\r\nabc", "HTTP/1.1 200 OK\r\n\r\nabd", "\"d\"");
}

static void compare_http_who_has_finished_may_get_a_part(void **state) {
    (void)state;
    answers.ends_at_the_end = true;
    assert_same("GET", SHORT "ab", SHORT "a");
    assert_same("GET", SHORT "a", SHORT "ab");
    assert_different(SHORT "ab", SHORT "B", "\"B\" instead of \"a");
    assert_different(CHUNKED "3\r\nabc\r\n0\r\n\r\n", CHUNKED "2\r\nab\r\n0\r\n\r\n", "instead");
    assert_different("HTTP/1.1 200 OK\r\n\r\nabc", "HTTP/1.1 200 OK\r\n\r\nab", "bytes instead of");
    answers.ends_at_the_end = false;
}

#define CLOSES "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"

/* Other fields, and to others this one, too, must be the same. */
static void compare_http_who_has_finished_may_be_told_close(void **state) {
    (void)state;
    answers.ends_at_the_end = true;
    assert_same("GET", SHORT "ab", CLOSES "ab");
    assert_same("GET", CLOSES "ab", SHORT "ab");
    assert_different(CLOSES "ab", SHORT "aB", "instead of \"b\"");
    assert_different(SHORT "ab", "HTTP/1.1 200 OK\r\nConnection: x\r\nContent-Length: 2\r\n\r\nab",
        "nection: x");
    assert_same("GET", SHORT "ab", "HTTP/1.1 200 OK\r\nconnection: cl"); /* cut off */
    assert_different(SHORT "ab", "HTTP/1.1 200 OK\r\nconnection: cx", "nection: cx");
    answers.unless_at_more = true; /* one client finishes, the other finds the end instead */
    assert_same("GET", SHORT "ab", CLOSES "ab");
    assert_same("GET", CLOSES "ab", SHORT "ab");
    assert_different(CLOSES "ab", SHORT "aB", "instead of \"b\"");
    answers.unless_at_more = false;
    answers.ends_at_the_end = false;
    answers.goes_on = true;
    assert_different(SHORT "ab", CLOSES "ab", "nection: close");
    answers.goes_on = false;
}

static int begin(void **state) {
    (void)state;
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare_http_chunks_may_have_other_borders),
        cmocka_unit_test(compare_http_interim_responses_may_be_left_out),
        cmocka_unit_test(compare_http_responses_to_head_have_no_content),
        cmocka_unit_test(compare_http_what_is_said_must_be_the_same),
        cmocka_unit_test(compare_http_who_has_finished_may_get_a_part),
        cmocka_unit_test(compare_http_who_has_finished_may_be_told_close),
    };
    return cmocka_run_group_tests(tests, begin, tear_down);
}
