/* The oracle of HTTP: programs that say on one connection what they are told to, rightly and
 * wrongly, and what is made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "wb/sys.h"

enum { SERVER_PORT = 7400, PEER_PORT = 7401, TURNS_MAX = 4 };

/* Hears so many bytes in all, or to the end, then says something; {0, ""} ends the row. */
struct turn {
    size_t heard_len;
    const char *said;
};

static const struct turn *turns;

/* What is noted in a turn, before something is said; NULL: nothing. ">" and what is digested of a
 * head, or "<" and a content; "|" between them. */
static const char *notes[TURNS_MAX];

static bool is_turn(size_t i) {
    return i < TURNS_MAX && (turns[i].heard_len != 0 || turns[i].said[0] != '\0');
}

/* ---- programs ---- */

static struct wb_sockaddr loopback(uint16_t port) {
    struct wb_sockaddr addr = {0};
    const uint8_t port_be[2] = {(uint8_t)(port >> 8), (uint8_t)(port & 0xff)};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    return addr;
}

/* How long a program waits for room before it says no more. */
static int64_t patience_ns = INT64_MAX;

static bool await_room(const struct wb_sys *sys, int fd) {
    struct wb_pollfd it = {.fd = fd, .events = WB_EPOLLOUT};
    return WB_SYS(sys, poll, &it, 1, patience_ns) == 1;
}

static void say(const struct wb_sys *sys, int fd, const char *text) {
    size_t len = strlen(text);
    int64_t n = 0;
    for (size_t at = 0; at < len && (n >= 0 || n == -EINTR); at += n > 0 ? (size_t)n : 0) {
        n = WB_SYS(sys, send, fd, text + at, len - at, WB_MSG_NOSIGNAL | WB_MSG_DONTWAIT);
        if (n == -EAGAIN && await_room(sys, fd)) {
            n = 0;
        }
    }
}

/* False at the end. */
static bool hear(const struct wb_sys *sys, int fd, size_t *heard_len) {
    char bytes[512];
    int64_t n;
    do {
        n = WB_SYS(sys, recv, fd, bytes, sizeof(bytes), 0);
    } while (n == -EINTR);
    *heard_len += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static void note(const struct wb_sys *sys, int fd, const char *text) {
    const enum wb_note kind = *text == '>' ? WB_NOTE_REQUEST : WB_NOTE_REQUEST_CONTENT;
    uint64_t digest = WB_NOTE_DIGEST_BASIS;
    for (text++; *text != '\0' && *text != '|'; text++) {
        digest = (digest ^ (uint8_t)*text) * WB_NOTE_DIGEST_PRIME;
    }
    wb_sys_note(sys, kind, (uint64_t)fd, digest);
    if (*text == '|') {
        note(sys, fd, text + 1);
    }
}

/* Goes through the turns, ends its side and waits for the other to do so. */
static void talk(const struct wb_sys *sys, int fd) {
    size_t heard_len = 0;
    for (size_t i = 0; is_turn(i); i++) {
        while (heard_len < turns[i].heard_len && hear(sys, fd, &heard_len)) {
        }
        if (notes[i] != NULL) {
            note(sys, fd, notes[i]);
        }
        say(sys, fd, turns[i].said);
    }
    (void)WB_SYS(sys, shutdown, fd, WB_SHUT_WR);
    while (hear(sys, fd, &heard_len)) {
    }
    (void)WB_SYS(sys, close, fd);
}

static int listen_at(const struct wb_sys *sys, uint16_t port) {
    const struct wb_sockaddr addr = loopback(port);
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, bind, listener, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, listen, listener, 8);
    return listener;
}

static int server_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    int listener = listen_at(sys, SERVER_PORT);
    talk(sys, WB_SYS(sys, accept4, listener, NULL, NULL, 0));
    (void)WB_SYS(sys, close, listener);
    return 0;
}

static int client_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_sockaddr addr = loopback(PEER_PORT);
    (void)argc;
    (void)argv;
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    if (WB_SYS(sys, connect, fd, &addr, sizeof(addr.in)) == 0) {
        talk(sys, fd);
    }
    return 0;
}

/* Hears a client, asks another server, hears that to its end, and answers the client with what it
 * is told to. */
static int relay_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_sockaddr addr = loopback(PEER_PORT);
    size_t heard_len = 0;
    (void)argc;
    (void)argv;
    int listener = listen_at(sys, SERVER_PORT);
    int client = WB_SYS(sys, accept4, listener, NULL, NULL, 0);
    while (heard_len < turns[0].heard_len && hear(sys, client, &heard_len)) {
    }
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, connect, fd, &addr, sizeof(addr.in));
    say(sys, fd, turns[0].said);
    (void)WB_SYS(sys, shutdown, fd, WB_SHUT_WR);
    while (hear(sys, fd, &heard_len)) {
    }
    say(sys, client, turns[1].said);
    (void)WB_SYS(sys, close, fd);
    (void)WB_SYS(sys, shutdown, client, WB_SHUT_WR);
    (void)WB_SYS(sys, close, client);
    (void)WB_SYS(sys, close, listener);
    return 0;
}

static const struct wbh_program programs[] = {
    {.name = "says",
        .main = server_main,
        .port = SERVER_PORT,
        .ends_by_itself = 1,
        .speaks_http = 1},
    {.name = "says_anything", .main = server_main, .port = SERVER_PORT, .ends_by_itself = 1},
    {.name = "relays",
        .main = relay_main,
        .port = SERVER_PORT,
        .ends_by_itself = 1,
        .speaks_http = 1},
    {.name = "asks", .main = client_main, .speaks_http = 1},
};

/* ---- runs ---- */

struct exchange {
    const char *heard; /* what the peer says at once, as in a scenario */
    size_t heard_len;
    struct turn turns[TURNS_MAX];
    const char *finding; /* a part of it; NULL: nothing is found */
};

static void judge(const char *program, const char *opening, const struct exchange *exchange) {
    char text[4096];
    turns = exchange->turns;
    (void)snprintf(text, sizeof(text),
        "scenario \"said\"\nprogram %s\npeer alice\n  %s\n%s%s%s  half-close\n  sleep 1ms\n",
        program, opening, exchange->heard_len != 0 ? "  send \"" : "", exchange->heard,
        exchange->heard_len != 0 ? "\"\n" : "");
    judge_text(text, NULL);
}

static void check(const char *program, const char *opening, const struct exchange *exchange) {
    judge(program, opening, exchange);
    if (exchange->finding == NULL) {
        if (judged.finding_count != 0) {
            fail_msg("heard %s: %s: %s\n%s", exchange->heard, judged.findings[0].oracle,
                judged.findings[0].text, judged.findings[0].why);
        }
        return;
    }
    if (judged.finding_count != 1 || strcmp(judged.findings[0].oracle, "http") != 0
        || strstr(judged.findings[0].text, exchange->finding) == NULL) {
        fail_msg("heard %s: \"%s\" is not in: %s (%u findings)", exchange->heard, exchange->finding,
            judged.finding_count != 0 ? judged.findings[0].text : "",
            (unsigned)judged.finding_count);
    }
    assert_int_equal(judged.verdict, WBH_VERDICT_PROTOCOL);
}

static void check_all(const struct exchange *exchanges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        check("says", "connect", &exchanges[i]);
    }
}
#define CHECK(exchanges) check_all(exchanges, sizeof(exchanges) / sizeof((exchanges)[0]))

/* Requests as scenarios have them, and how long they are. */
#define GET "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
#define GET_LEN 27
#define HEAD "HEAD / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
#define HEAD_LEN 28
#define OLD "GET / HTTP/1.0\\r\\n\\r\\n"
#define OLD_LEN 18
#define LAST "GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n"
#define LAST_LEN 46
#define BAD "GET / HTTP/1.1\\r\\n\\r\\n"
#define BAD_LEN 18
#define PART "GET / HTTP/1.1\\r\\n"
#define PART_LEN 16
#define POST "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\n\\r\\nabc"
#define POST_LEN 50
#define CUT "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 9\\r\\n\\r\\nabc"
#define CHUNKED                                                                                    \
    "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"                     \
    "1\\r\\na\\r\\n2;x\\r\\nbc\\r\\n0\\r\\nT: u\\r\\n\\r\\n"
#define CHUNKED_LEN 82
#define WAITS                                                                                      \
    "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\nExpect: 100-continue\\r\\n\\r\\nabc"
#define WAITS_LEN 72
#define CONNECT "CONNECT a:1 HTTP/1.1\\r\\nHost: a:1\\r\\n\\r\\n"
#define CONNECT_LEN 35
#define UPGRADE "GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: Upgrade\\r\\nUpgrade: x\\r\\n\\r\\n"
#define UPGRADE_LEN 60

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
#define EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define REFUSED "HTTP/1.1 400 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

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
        check("asks", "listen 7401\n  accept", &exchanges[i]);
    }
}

static void http_programs_that_do_not_speak_it_are_not_read(void **state) {
    (void)state;
    static const struct exchange exchange = {GET, GET_LEN, {{GET_LEN, "hello\r\n"}, {0, ""}}, NULL};
    check("says_anything", "connect", &exchange);
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

/* What a service gets is what was sent, in that order; who says nothing of it is not asked. */
static void http_inv_16_services_get_what_was_sent(void **state) {
    (void)state;
    static const char get[] = ">GET /\nhost:a";
    static const char post[] = ">POST /\nhost:a\ncontent-length:3|<abc";
    static const struct {
        struct exchange exchange;
        const char *notes[2];
    } rows[] = {
        {{GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, NULL}, {get}},
        {{POST GET, POST_LEN + GET_LEN, {{POST_LEN + GET_LEN, OK}, {0, OK}, {0, ""}}, NULL},
            {post, get}},
        {{CHUNKED, CHUNKED_LEN, {{CHUNKED_LEN, OK}, {0, ""}}, NULL},
            {">POST /\nhost:a\ntransfer-encoding:chunked|<abc"}},
        {{GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, "not the one that was sent"}, {">GET /\nhost:b"}},
        {{GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, "not the one that was sent"}, {">GET /"}},
        {{GET POST, GET_LEN + POST_LEN, {{GET_LEN + POST_LEN, OK}, {0, OK}, {0, ""}},
             "not the one that was sent"},
            {get, get}},
        {{GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, "nobody has sent"},
            {">GET /\nhost:a|>GET /\nhost:a"}},
        {{PART, PART_LEN, {{PART_LEN, REFUSED}, {0, ""}}, "nobody has sent"}, {get}},
        {{BAD, BAD_LEN, {{BAD_LEN, REFUSED}, {0, ""}}, "what was sent is none"}, {">GET /"}},
        {{POST, POST_LEN, {{POST_LEN, OK}, {0, ""}}, "it is not what was sent"},
            {">POST /\nhost:a\ncontent-length:3|<abd"}},
        {{CUT, POST_LEN, {{POST_LEN, OK}, {0, ""}}, "for whole that is not"},
            {">POST /\nhost:a\ncontent-length:9|<abc"}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        notes[0] = rows[i].notes[0];
        notes[1] = rows[i].notes[1];
        check("says", "connect", &rows[i].exchange);
    }
    notes[0] = NULL;
    notes[1] = NULL;
}

/* A request that might change the protocol is answered together with the one behind it. */
static void http_inv_16_request_behind_an_upgrade_is_one(void **state) {
    (void)state;
    static const struct exchange exchange = {
        UPGRADE GET, UPGRADE_LEN + GET_LEN, {{UPGRADE_LEN + GET_LEN, OK OK}, {0, ""}}, NULL};
    notes[0] = ">GET /\nhost:a\nconnection:Upgrade\nupgrade:x|>GET /\nhost:a";
    check("says", "connect", &exchange);
    notes[0] = NULL;
}

/* Says one answer to two requests, and hears on until the end. */
static const struct turn one_of_two[] = {{2 * GET_LEN, OK}, {SIZE_MAX, ""}, {0, ""}};

/* A client that finishes may have gone: within a second of its request nobody would hear the
 * answer. Later the program had all the time there is. */
static void http_silence_is_excused_by_time(void **state) {
    (void)state;
    turns = one_of_two;
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
    turns = row;
    patience_ns = INT64_C(1001000000);
    judge_text(text, NULL);
    assert_null(judged_finding("http"));
    patience_ns = INT64_C(999000000);
    judge_text(text, NULL);
    patience_ns = INT64_MAX;
    assert_non_null(judged_finding("http"));
    assert_non_null(strstr(judged_finding("http")->text, "in the middle of a response"));
}

#define FIFTY "01234567890123456789012345678901234567890123456789"
#define LONG                                                                                       \
    "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 500\\r\\n\\r\\n" FIFTY FIFTY FIFTY FIFTY    \
        FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
#define LONG_LEN 549

#define WIDE                                                                                       \
    "POST / HTTP/1.1\\r\\nHost: a\\r\\nConnection: Upgrade\\r\\nUpgrade: x\\r\\n"                  \
    "Content-Length: 500\\r\\n\\r\\n" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
#define WIDE_LEN 582

/* The content of a request may end behind the answer that makes a tunnel of the connection. */
static void http_inv_16_content_behind_a_change_of_protocol_is_not_read(void **state) {
    (void)state;
    static const struct exchange exchange = {WIDE, WIDE_LEN,
        {{1, "HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"}, {WIDE_LEN, "hello"},
            {0, ""}},
        NULL};
    notes[0] = ">POST /\nhost:a\nconnection:Upgrade\nupgrade:x\ncontent-length:500";
    notes[1] = "<content";
    check("says", "connect", &exchange);
    notes[0] = NULL;
    notes[1] = NULL;
}

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
    turns = row;
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

/* A reset instead of the response and within it; and a program that is told to end before it has
 * heard of anything. */
static void http_response_cut_for_a_reason_is_left_alone(void **state) {
    (void)state;
    static const struct turn cut[] = {
        {GET_LEN, "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nhi"}, {0, ""}};
    turns = cut;
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
        cmocka_unit_test(http_inv_16_services_get_what_was_sent),
        cmocka_unit_test(http_inv_16_request_behind_an_upgrade_is_one),
        cmocka_unit_test(http_inv_16_content_behind_a_change_of_protocol_is_not_read),
        cmocka_unit_test(http_silence_is_excused_by_time),
        cmocka_unit_test(http_end_within_a_response_is_excused_by_time),
        cmocka_unit_test(http_request_behind_one_answered_early_may_go_unanswered),
        cmocka_unit_test(http_response_is_given_up_where_the_client_has_finished),
        cmocka_unit_test(http_what_is_handed_on_was_heard),
        cmocka_unit_test(http_requests_that_are_handed_on_were_sent),
        cmocka_unit_test(http_a_tunnel_is_not_read_at_its_other_end),
        cmocka_unit_test(http_response_cut_for_a_reason_is_left_alone),
    };
    return cmocka_run_group_tests(tests, begin, tear_down);
}
