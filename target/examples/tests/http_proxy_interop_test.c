/* http_proxy on real sockets: the test is both the client and the server behind it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "wb/sys_linux.h"

#include "examples/options.h"
#include "examples/programs.h"

#include "behind.h"
#include "peer.h"
#include "program.h"

enum { BIG = 1 << 20, ROUNDS = 40 };

/* To the listener, or with `is_forward` to wherever requests say. */
static uint16_t start(bool is_forward, const struct program_faults *faults) {
    const char *const reverse[] = {"--to", behind_addr, "--date", "off", NULL};
    const char *const forward[] = {"--date", "off", NULL};
    behind_listen();
    return program_start("http_proxy", is_forward ? forward : reverse, faults);
}

static void stop(void) {
    program_stop();
    behind_close();
}

/* A connection that was kept ends with the proxy. */
static void stop_with(int server) {
    program_tell_to_stop();
    peer_expect_end(server);
    assert_int_equal(program_wait(), 0);
    behind_close();
}

#define VIA "via: 1.1 wouldblock\r\n"
#define OLD_VIA "via: 1.0 wouldblock\r\n"
#define ASK "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
#define PASSED "GET /x HTTP/1.1\r\nhost: a\r\n" VIA "\r\n"
#define CLOSING "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define RETURNED "HTTP/1.1 200 OK\r\n" VIA "content-length: 2\r\n\r\nok"

/* ---- requests and responses ---- */

static void proxy_passes_requests_on_over_one_connection(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, ASK);
    const int server = behind_accept();
    for (int i = 0; i < 3; i++) {
        peer_hear(server, PASSED);
        peer_say(server, ANSWER);
        peer_hear(client, RETURNED);
        if (i < 2) {
            peer_say(client, ASK);
        }
    }
    peer_close(client);
    stop_with(server);
}

static void proxy_goes_where_requests_say(void **state) {
    (void)state;
    char text[128];
    const int client = peer_connect(start(true, NULL));
    (void)snprintf(
        text, sizeof text, "GET http://%s/x?y HTTP/1.1\r\nHost: other\r\n\r\n", behind_addr);
    peer_say(client, text);
    const int server = behind_accept();
    (void)snprintf(text, sizeof text, "GET /x?y HTTP/1.1\r\nhost: %s\r\n" VIA "\r\n", behind_addr);
    peer_hear(server, text);
    peer_say(server, ANSWER);
    peer_hear(client, RETURNED);
    peer_say(client, ASK); /* names no server */
    peer_hear(client, "HTTP/1.1 400 Bad Request\r\n");
    peer_close(client);
    stop_with(server);
}

/* A megabyte each way, in pieces of any size. */
static void proxy_passes_much_in_pieces(void **state) {
    (void)state;
    const struct program_faults faults = {.piece_max = 777};
    static char bytes[BIG];
    static char got[BIG];
    const int client = peer_connect(start(false, &faults));
    for (size_t i = 0; i < BIG; i++) {
        bytes[i] = (char)(i * 31 + i / 253);
    }
    peer_say(client, "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
    const int server = behind_accept();
    peer_hear(server, "PUT /x HTTP/1.1\r\nhost: a\r\n" VIA "content-length: 1048576\r\n\r\n");
    for (size_t i = 0; i < BIG; i += BIG / 64) {
        peer_send(client, bytes + i, BIG / 64);
        peer_read(server, got + i, BIG / 64);
    }
    assert_memory_equal(bytes, got, BIG);
    peer_say(server, "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n");
    peer_hear(client, "HTTP/1.1 200 OK\r\n" VIA "content-length: 1048576\r\n\r\n");
    for (size_t i = 0; i < BIG; i += BIG / 64) {
        peer_send(server, bytes + i, BIG / 64);
        peer_read(client, got + i, BIG / 64);
    }
    assert_memory_equal(bytes, got, BIG);
    peer_close(client);
    stop_with(server);
}

/* A server that is asked whether it wants the content says so first. */
static void proxy_waits_for_continue(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                     "Content-Length: 2\r\n\r\n");
    const int server = behind_accept();
    peer_hear(server,
        "PUT /x HTTP/1.1\r\nhost: a\r\nExpect: 100-continue\r\n" VIA "content-length: 2\r\n\r\n");
    peer_expect_nothing(client);
    peer_say(server, "HTTP/1.1 100 Continue\r\n\r\n");
    peer_hear(client, "HTTP/1.1 100 Continue\r\n\r\n");
    peer_say(client, "hi");
    peer_hear(server, "hi");
    peer_say(server, ANSWER);
    peer_hear(client, RETURNED);
    peer_close(client);
    stop_with(server);
}

static void proxy_refuses_to_go_in_circles(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "GET /x HTTP/1.1\r\nHost: a\r\nVia: 1.1 wouldblock, 1.1 wouldblock,"
                     "1.1 wouldblock, 1.1 wouldblock\r\nVia: 1.1 wouldblock, 1.1 other, 1.0 "
                     "wouldblock, 1.1 wouldblock, 1.1 wouldblock\r\n\r\n");
    peer_hear(client, "HTTP/1.1 508 ");
    peer_close(client);
    stop();
}

/* ---- how far ---- */

/* RFC 9112 section 3.2.4. */
static void proxy_asks_a_server_as_a_whole(void **state) {
    (void)state;
    char text[128];
    const int client = peer_connect(start(true, NULL));
    (void)snprintf(text, sizeof text, "OPTIONS http://%s HTTP/1.1\r\nHost: x\r\n\r\n", behind_addr);
    peer_say(client, text);
    const int server = behind_accept();
    (void)snprintf(text, sizeof text, "OPTIONS * HTTP/1.1\r\nhost: %s\r\n" VIA "\r\n", behind_addr);
    peer_hear(server, text);
    peer_say(server, ANSWER);
    peer_hear(client, RETURNED);
    peer_close(client);
    stop_with(server);
}

static void proxy_to_one_server_asks_it_as_a_whole(void **state) {
    (void)state;
    static const char *const targets[] = {"*", "http://a"};
    const int client = peer_connect(start(false, NULL));
    int server = -1;
    for (int i = 0; i < 2; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "OPTIONS %s HTTP/1.1\r\nHost: a\r\n\r\n", targets[i]);
        peer_say(client, text);
        server = i == 0 ? behind_accept() : server;
        peer_hear(server, "OPTIONS * HTTP/1.1\r\nhost: a\r\n" VIA "\r\n");
        peer_say(server, ANSWER);
        peer_hear(client, RETURNED);
    }
    peer_close(client);
    stop_with(server);
}

/* RFC 9110 section 7.6.2. */
static void proxy_counts_how_far_a_request_may_go(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "TRACE /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: 1\r\nB: c\r\n\r\n");
    const int server = behind_accept();
    peer_hear(server, "TRACE /x HTTP/1.1\r\nhost: a\r\nB: c\r\nmax-forwards: 0\r\n" VIA "\r\n");
    peer_say(server, ANSWER);
    peer_hear(client, RETURNED);
    peer_say(client, "TRACE /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\nCookie: s\r\n\r\n");
    peer_hear(client, "HTTP/1.1 200 OK\r\ncontent-type: message/http\r\ncontent-length: 47\r\n\r\n"
                      "TRACE /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n");
    peer_say(client, "OPTIONS /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n");
    peer_hear(client, "HTTP/1.1 200 OK\r\nallow: GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE\r\n"
                      "content-length: 0\r\n\r\n");
    peer_say(client, "GET /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n");
    peer_hear(server, "GET /x HTTP/1.1\r\nhost: a\r\nMax-Forwards: 0\r\n" VIA "\r\n");
    peer_say(server, ANSWER);
    peer_hear(client, RETURNED);
    peer_say(client, "TRACE /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: no\r\n\r\n");
    peer_hear(client, "HTTP/1.1 400 Bad Request\r\n");
    peer_close(client);
    stop_with(server);
}

static void proxy_says_itself_what_it_allows(void **state) {
    (void)state;
    int client = peer_connect(start(true, NULL));
    peer_say(client, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    peer_hear(client, "HTTP/1.1 200 OK\r\nallow: GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, "
                      "TRACE\r\ncontent-length: 0\r\n\r\n");
    peer_close(client);
    stop();
    client = peer_connect(start(false, NULL));
    peer_say(client, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
    peer_hear(client, "HTTP/1.1 405 Method Not Allowed\r\n"
                      "content-type: text/plain; charset=utf-8\r\nallow: GET, ");
    peer_close(client);
    stop();
}

/* RFC 9110 section 15.2: ahead of the answer, without what belongs to the connection, and not to
 * HTTP/1.0. */
static void proxy_passes_interim_responses_on(void **state) {
    (void)state;
    static const char early[] = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x-a\r\n"
                                "X-A: 1\r\n\r\n";
    const uint16_t port = start(false, NULL);
    int client = peer_connect(port);
    peer_say(client, ASK);
    const int server = behind_accept();
    peer_hear(server, PASSED);
    for (int i = 0; i < 2; i++) {
        peer_say(server, early);
        peer_hear(client, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n" VIA "\r\n");
    }
    peer_say(server, "HTTP/1.1 102 Processing\r\n\r\n" ANSWER);
    peer_hear(client, "HTTP/1.1 102 Processing\r\n" VIA "\r\n" RETURNED);
    peer_close(client);
    client = peer_connect(port);
    peer_say(client, "GET /x HTTP/1.0\r\nHost: a\r\n\r\n");
    peer_hear(server, "GET /x HTTP/1.1\r\nhost: a\r\nvia: 1.0 wouldblock\r\n\r\n");
    peer_say(server, early);
    peer_say(server, ANSWER);
    peer_hear(client, "HTTP/1.0 200 OK\r\n" VIA "content-length: 2\r\nconnection: close\r\n\r\nok");
    peer_close(client);
    stop_with(server);
}

/* ---- what ends here ---- */

/* RFC 9112 section 9.3. The one server's proxy is asked for its own sake. */
static void proxy_keeps_no_connection_with_http_1_0(void **state) {
    (void)state;
    char text[128];
    char passed[128];
    uint16_t port = start(true, NULL);
    (void)snprintf(text, sizeof text, "GET http://%s/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        behind_addr);
    (void)snprintf(
        passed, sizeof passed, "GET /x HTTP/1.1\r\nhost: %s\r\n" OLD_VIA "\r\n", behind_addr);
    int client = peer_connect(port);
    peer_say(client, text);
    const int server = behind_accept();
    peer_hear(server, passed);
    peer_say(server, ANSWER);
    peer_hear(client, "HTTP/1.0 200 OK\r\nconnection: close\r\n" VIA "content-length: 2\r\n\r\nok");
    peer_expect_end(client);
    client = peer_connect(port);
    peer_say(client, "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    peer_hear(client, "HTTP/1.0 400 Bad Request\r\nconnection: close\r\n");
    (void)peer_drain(client);
    stop_with(server);
}

static void proxy_to_one_server_keeps_connections_with_http_1_0(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "GET /x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    const int server = behind_accept();
    peer_hear(server, "GET /x HTTP/1.1\r\nhost: a\r\n" OLD_VIA "\r\n");
    peer_say(server, ANSWER);
    peer_hear(
        client, "HTTP/1.0 200 OK\r\n" VIA "content-length: 2\r\nconnection: keep-alive\r\n\r\nok");
    peer_close(client);
    stop_with(server);
}

/* RFC 9110 section 10.1.1: of HTTP/1.0 it means nothing, and so nobody waits for 100. */
static void proxy_expects_nothing_for_http_1_0(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "PUT /x HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n"
                     "Content-Length: 2\r\n\r\nhi");
    const int server = behind_accept();
    peer_hear(server, "PUT /x HTTP/1.1\r\nhost: a\r\n" OLD_VIA "content-length: 2\r\n\r\nhi");
    peer_close(client);
    (void)peer_drain(server);
    stop();
}

/* RFC 9110 section 7.6.1. */
static void proxy_keeps_trailers_that_connection_names(void **state) {
    (void)state;
#define CHUNKS "transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "PUT /x HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: te, x-own\r\n"
                     "Trailer: x-own\r\nTrailer: x-sum\r\n" CHUNKS
                     "x-own: 1\r\nx-sum: 2\r\nproxy-authentication-info: 3\r\n\r\n");
    const int server = behind_accept();
    peer_hear(server, "PUT /x HTTP/1.1\r\nhost: a\r\nTrailer: x-own\r\nTrailer: x-sum\r\n" VIA
                      "te: trailers\r\nconnection: te\r\n" CHUNKS "x-sum: 2\r\n\r\n");
    peer_say(server, "HTTP/1.1 200 OK\r\nConnection: x-own\r\nTrailer: x-sum, x-own\r\n" CHUNKS
                     "x-own: 1\r\nx-sum: 2\r\n\r\n");
    peer_hear(client, "HTTP/1.1 200 OK\r\nTrailer: x-sum, x-own\r\n" VIA CHUNKS "x-sum: 2\r\n\r\n");
    peer_close(client);
    stop_with(server);
}

/* RFC 9110 section 9.3.8. */
static void proxy_traces_no_content(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "TRACE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    peer_hear(client, "HTTP/1.1 400 Bad Request\r\n");
    peer_close(client);
    stop();
}

/* ---- tunnels ---- */

static void proxy_makes_tunnels_to_ports_that_are_allowed(void **state) {
    (void)state;
    char text[128];
    behind_listen();
    const char *const arguments[] = {"--date", "off", "--connect-port", "1", "--connect-port",
        strchr(behind_addr, ':') + 1, NULL};
    const int client = peer_connect(program_start("http_proxy", arguments, NULL));
    peer_say(client, "CONNECT 127.0.0.1:2 HTTP/1.1\r\nHost: a\r\n\r\n");
    peer_hear(client, "HTTP/1.1 403 Forbidden\r\n"
                      "content-type: text/plain; charset=utf-8\r\ncontent-length: 48\r\n\r\n"
                      "Forbidden: tunnels to that port are not allowed\n");
    (void)snprintf(text, sizeof text, "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\n", behind_addr);
    peer_say(client, text);
    const int server = behind_accept();
    peer_hear(client, "HTTP/1.1 200 OK\r\n\r\n");
    peer_close(client);
    peer_expect_end(server);
    stop();
}

static void proxy_makes_tunnels(void **state) {
    (void)state;
    char text[128];
    const int client = peer_connect(start(true, NULL));
    (void)snprintf(text, sizeof text, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\nahead", behind_addr,
        behind_addr);
    peer_say(client, text);
    const int server = behind_accept();
    peer_hear(client, "HTTP/1.1 200 OK\r\n\r\n");
    peer_hear(server, "ahead");
    peer_half_close(client);
    peer_say(server, "answer");
    peer_hear(client, "answer");
    peer_expect_end(server);
    peer_expect_end(client);
    stop();
}

static void proxy_passes_upgrades_on(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: p\r\n\r\n");
    const int server = behind_accept();
    peer_hear(
        server, "GET /x HTTP/1.1\r\nhost: a\r\n" VIA "upgrade: p\r\nconnection: upgrade\r\n\r\n");
    peer_say(server,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: p\r\nConnection: upgrade\r\n\r\nahead");
    peer_hear(client,
        "HTTP/1.1 101 Switching Protocols\r\n" VIA "upgrade: p\r\nconnection: upgrade\r\n\r\n");
    peer_hear(client, "ahead");
    peer_say(client, "more");
    peer_hear(server, "more");
    peer_close(client);
    peer_expect_end(server);
    stop();
}

/* What is said in such a tunnel are requests, and would pass unseen. */
static void proxy_passes_no_upgrade_to_http_2_on(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                     "Upgrade: p, H2C\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
    const int server = behind_accept();
    peer_hear(server, PASSED);
    peer_say(server, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
    peer_hear(client, "HTTP/1.1 502 Bad Gateway\r\n");
    peer_close(client);
    peer_close(server);
    stop();
}

/* RFC 9110 section 15.5.22. */
static void proxy_tells_which_upgrade_is_required(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, ASK);
    const int server = behind_accept();
    peer_hear(server, PASSED);
    peer_say(server, "HTTP/1.1 426 Upgrade Required\r\nUpgrade: p\r\nConnection: upgrade\r\n"
                     "Content-Length: 0\r\n\r\n");
    peer_hear(client, "HTTP/1.1 426 Upgrade Required\r\n" VIA
                      "upgrade: p\r\nconnection: upgrade\r\ncontent-length: 0\r\n\r\n");
    peer_close(client);
    peer_close(server);
    stop();
}

/* ---- what goes wrong ---- */

#define OWN_502 "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/plain; charset=utf-8\r\n"

/* Nothing of such a response is in the proxy's own. */
static void proxy_keeps_back_what_cannot_be_passed_on(void **state) {
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 101 Other\r\nSet-Cookie: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const int client = peer_connect(start(false, NULL));
        peer_say(client, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: p\r\n\r\n");
        const int server = behind_accept();
        peer_hear(server,
            "GET /x HTTP/1.1\r\nhost: a\r\n" VIA "upgrade: p\r\nconnection: upgrade\r\n\r\n");
        peer_say(server, answers[i]);
        peer_hear(client, OWN_502);
        peer_close(client);
        peer_close(server);
        stop();
    }
}

static void proxy_tells_of_a_server_that_fails(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, ASK);
    peer_close(behind_accept());
    peer_hear(client, "HTTP/1.1 502 Bad Gateway\r\n");
    peer_close(client);
    stop();
}

/* The client must not take the half for the whole. */
static void proxy_cuts_off_what_was_cut_off(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, ASK);
    const int server = behind_accept();
    peer_hear(server, PASSED);
    peer_say(server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    peer_hear(client, "HTTP/1.1 200 OK\r\n" VIA "transfer-encoding: chunked\r\n\r\n3\r\nhel\r\n");
    peer_close(server);
    assert_int_equal(peer_drain(client), 0);
    stop();
}

static void proxy_gives_up_with_its_client(void **state) {
    (void)state;
    const int client = peer_connect(start(false, NULL));
    peer_say(client, "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
    const int server = behind_accept();
    peer_hear(server, "PUT /x HTTP/1.1\r\nhost: a\r\n" VIA "content-length: 100\r\n\r\nabc");
    peer_reset(client);
    (void)peer_drain(server);
    stop();
}

/* Out of memory it says so, or closes; and goes on. Nobody is there to be passed on to. */
static void proxy_without_memory_goes_on(void **state) {
    (void)state;
    behind_listen();
    behind_close();
    const char *const arguments[] = {"--to", behind_addr, "--date", "off", NULL};
    const int own = program_allocations("http_proxy", arguments) + 1;
    for (int n = 0; n < ROUNDS; n++) {
        const struct program_faults faults = {.alloc_skip = own + n, .alloc_errors = 1};
        const uint16_t port = program_start("http_proxy", arguments, &faults);
        for (int i = 0; i < 2; i++) {
            const int client = peer_connect(port);
            (void)!send(client, CLOSING, sizeof CLOSING - 1, MSG_NOSIGNAL); /* perhaps reset */
            (void)peer_drain(client);
        }
        program_stop();
    }
}

static void proxy_to_what_is_no_server_does_not_begin(void **state) {
    static const char *const wrong[] = {"", "localhost", "localhost:", "localhost:0", ":80",
        "me@localhost:80", "http://localhost:80"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *const arguments[] = {
            "http_proxy", "--listen", "127.0.0.1:0", "--to", (char *)wrong[i]};
        assert_int_equal(wb__http_proxy_main(wb_sys_linux(), 5, arguments), WB__EXIT_USAGE);
    }
}

static void proxy_with_ports_that_are_none_does_not_begin(void **state) {
    static const char *const wrong[] = {"", "0", "65536", "http", "80,443", "-1"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *const arguments[] = {
            "http_proxy", "--listen", "127.0.0.1:0", "--connect-port", (char *)wrong[i]};
        assert_int_equal(wb__http_proxy_main(wb_sys_linux(), 5, arguments), WB__EXIT_USAGE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proxy_passes_requests_on_over_one_connection),
        cmocka_unit_test(proxy_goes_where_requests_say),
        cmocka_unit_test(proxy_passes_much_in_pieces),
        cmocka_unit_test(proxy_waits_for_continue),
        cmocka_unit_test(proxy_refuses_to_go_in_circles),
        cmocka_unit_test(proxy_asks_a_server_as_a_whole),
        cmocka_unit_test(proxy_to_one_server_asks_it_as_a_whole),
        cmocka_unit_test(proxy_counts_how_far_a_request_may_go),
        cmocka_unit_test(proxy_says_itself_what_it_allows),
        cmocka_unit_test(proxy_passes_interim_responses_on),
        cmocka_unit_test(proxy_keeps_no_connection_with_http_1_0),
        cmocka_unit_test(proxy_to_one_server_keeps_connections_with_http_1_0),
        cmocka_unit_test(proxy_expects_nothing_for_http_1_0),
        cmocka_unit_test(proxy_keeps_trailers_that_connection_names),
        cmocka_unit_test(proxy_traces_no_content),
        cmocka_unit_test(proxy_makes_tunnels),
        cmocka_unit_test(proxy_makes_tunnels_to_ports_that_are_allowed),
        cmocka_unit_test(proxy_passes_upgrades_on),
        cmocka_unit_test(proxy_passes_no_upgrade_to_http_2_on),
        cmocka_unit_test(proxy_tells_which_upgrade_is_required),
        cmocka_unit_test(proxy_keeps_back_what_cannot_be_passed_on),
        cmocka_unit_test(proxy_tells_of_a_server_that_fails),
        cmocka_unit_test(proxy_cuts_off_what_was_cut_off),
        cmocka_unit_test(proxy_gives_up_with_its_client),
        cmocka_unit_test(proxy_without_memory_goes_on),
        cmocka_unit_test(proxy_to_what_is_no_server_does_not_begin),
        cmocka_unit_test(proxy_with_ports_that_are_none_does_not_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
