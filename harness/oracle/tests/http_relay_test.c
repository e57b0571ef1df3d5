/* The oracle of HTTP: what a program hands on, in either direction, must be what it got. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "speakers.h"

#define ANSWERED "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi"
#define HALF "HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nhi"
#define VIA "Via: 1.1 x\r\n"
#define ASKS "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/* What the client says to the program, that to a server, the server, and the program then. */
struct relaying {
    const char *asked;
    size_t asked_len;
    const char *asks;
    const char *heard;
    const char *said;
    const char *finding; /* NULL: nothing is found */
};

static void check_relaying(const struct relaying *it) {
    static struct turn row[3];
    char text[2048];
    row[0] = (struct turn){it->asked_len, it->asks};
    row[1] = (struct turn){0, it->said};
    row[2] = (struct turn){0, ""};
    script.turns = row;
    (void)snprintf(text, sizeof(text),
        "scenario \"handed on\"\nprogram relays\npeer server\n  listen 7401\n  accept\n"
        "  expect bytes %zu\n  send \"%s\"\n  close\npeer alice\n  after server 1\n  connect\n  "
        "send \"%s\"\n"
        "  sleep 1s\n",
        strlen(it->asks), it->heard, it->asked);
    judge_text(text, NULL);
    const struct wbh_finding *finding = judged_finding("http");
    if ((finding == NULL) != (it->finding == NULL)
        || (finding != NULL && strstr(finding->text, it->finding) == NULL)) {
        fail_msg("%s and %s: %s", it->heard, it->said, finding != NULL ? finding->text : "nothing");
    }
}

/* Via says that it is from there. Requests are told apart by method, path and query. */
static void http_what_is_handed_on_was_heard(void **state) {
    (void)state;
    static const char none[] = "that no server gave it";
    static const struct relaying rows[] = {
        {GET, GET_LEN, ASKS, ANSWERED, "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 2\r\n\r\nhi",
            NULL},
        {GET, GET_LEN, ASKS, ANSWERED,
            "HTTP/1.1 200 OK\r\n" VIA "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n"
            "0\r\n\r\n",
            NULL},
        {GET, GET_LEN, ASKS, ANSWERED, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno", NULL},
        {GET, GET_LEN, ASKS, ANSWERED, "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 2\r\n\r\nho",
            none},
        {GET, GET_LEN, ASKS, ANSWERED, "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 1\r\n\r\nh",
            none},
        {GET, GET_LEN, ASKS, ANSWERED, "HTTP/1.1 201 OK\r\n" VIA "Content-Length: 2\r\n\r\nhi",
            none},
        {GET, GET_LEN, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", ANSWERED,
            "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 2\r\n\r\nhi", NULL}, /* not understood */
        {GET, GET_LEN, "GET /b HTTP/1.1\r\nHost: a\r\n\r\n", ANSWERED,
            "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 2\r\n\r\nhi", none},
        {GET, GET_LEN, ASKS, HALF, "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 4\r\n\r\nhi", NULL},
        {GET, GET_LEN, ASKS, HALF, "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 2\r\n\r\nhi", none},
        {GET, GET_LEN, ASKS, ANSWERED, "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 4\r\n\r\nhi",
            "though it has heard all of it"},
        {GET, GET_LEN, ASKS, ANSWERED, "HTTP/1.1 200 OK\r\n" VIA "Content-Length: 4\r\n\r\nho",
            none},
        {GET, GET_LEN, ASKS, "HTTP/1.1 205 No\\r\\nContent-Length: 2\\r\\n\\r\\nhi",
            "HTTP/1.1 205 No\r\n" VIA "Content-Length: 0\r\n\r\n", NULL},
        {OLD, OLD_LEN, ASKS, HALF, "HTTP/1.1 200 OK\r\n" VIA "\r\nhi", none},
        {OLD, OLD_LEN, ASKS, ANSWERED, "HTTP/1.1 200 OK\r\n" VIA "\r\nhi", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_relaying(&rows[i]);
    }
}

/* Of requests likewise: method, path, query and content, however that is framed. */
static void http_requests_that_are_handed_on_were_sent(void **state) {
    (void)state;
    static const char none[] = "hands on a request that nobody has sent it so";
    static const struct relaying rows[] = {
        {GET, GET_LEN, "GET / HTTP/1.1\r\nHost: b\r\n" VIA "\r\n", ANSWERED, OK, NULL},
        {GET, GET_LEN, "GET /b HTTP/1.1\r\nHost: a\r\n" VIA "\r\n", ANSWERED, OK, none},
        {GET, GET_LEN, "HEAD / HTTP/1.1\r\nHost: a\r\n" VIA "\r\n", ANSWERED, OK, none},
        {GET, GET_LEN, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n" VIA "\r\na", ANSWERED,
            OK, none},
        {POST, POST_LEN,
            "POST / HTTP/1.1\r\nHost: a\r\n" VIA
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            ANSWERED, OK, NULL},
        {CHUNKED, CHUNKED_LEN, "POST / HTTP/1.1\r\nHost: a\r\n" VIA "Content-Length: 3\r\n\r\nabc",
            ANSWERED, OK, NULL},
        {POST, POST_LEN, "POST / HTTP/1.1\r\nHost: a\r\n" VIA "Content-Length: 3\r\n\r\nabd",
            ANSWERED, OK, none},
        {POST, POST_LEN, "POST / HTTP/1.1\r\nHost: a\r\n" VIA "Content-Length: 2\r\n\r\nab",
            ANSWERED, OK, none},
        {CUT, POST_LEN, "POST / HTTP/1.1\r\nHost: a\r\n" VIA "Content-Length: 3\r\n\r\nabc",
            ANSWERED, OK, none}, /* the client's is not whole */
        {BAD, BAD_LEN, "GET /b HTTP/1.1\r\nHost: a\r\n" VIA "\r\n", ANSWERED, REFUSED, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_relaying(&rows[i]);
    }
}

/* What is connected to while a CONNECT waits may be what comes of it; nothing else may. */
static void http_a_tunnel_is_not_read_at_its_other_end(void **state) {
    (void)state;
    static const struct relaying rows[] = {
        {CONNECT, CONNECT_LEN, "anything\r\n", "at all", "HTTP/1.1 200 OK\r\n\r\nat all", NULL},
        {GET, GET_LEN, "anything\r\n", "at all", OK, "sends what is no request"},
        {GET GET, 2 * GET_LEN, "GET / HTTP/1.1\r\n\r\n", "at all", OK, "sends what is no request"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_relaying(&rows[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_what_is_handed_on_was_heard),
        cmocka_unit_test(http_requests_that_are_handed_on_were_sent),
        cmocka_unit_test(http_a_tunnel_is_not_read_at_its_other_end),
    };
    return cmocka_run_group_tests(tests, speakers_begin, speakers_tear_down);
}
