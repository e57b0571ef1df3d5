/* http_hello and http_echo on real sockets (P7). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"
#include "program.h"

#define CRLF "\r\n"
#define HOST "Host: x" CRLF
#define GET "GET / HTTP/1.1" CRLF HOST CRLF
#define LAST "GET / HTTP/1.1" CRLF HOST "Connection: close" CRLF CRLF
#define HEAD_OF_HELLO "HTTP/1.1 200 OK" CRLF "content-length: 12" CRLF
#define HELLO HEAD_OF_HELLO CRLF "Hello, World"
#define HELLO_CLOSE HEAD_OF_HELLO "connection: close" CRLF CRLF "Hello, World"

/* Without Date, which would have to be guessed. */
static uint16_t start(const char *program, const char *option, const char *value) {
    const char *const arguments[] = {"--date", "off", option, value, NULL};
    return program_start(program, arguments, NULL);
}

static uint16_t start_hello(void) {
    return start("http_hello", NULL, NULL);
}

/* P7.2: with a Date of 29 bytes. */
static void p7_2_answers(void **state) {
    (void)state;
    const char *const no_arguments[] = {NULL};
    char date[sizeof "date: Sun, 06 Nov 1994 08:49:37 GMT" - 1];
    const int peer = peer_connect(program_start("http_hello", no_arguments, NULL));
    peer_say(peer, GET);
    peer_hear(peer, HEAD_OF_HELLO);
    peer_read(peer, date, sizeof date);
    assert_memory_equal(date, "date: ", 6);
    assert_memory_equal(date + sizeof date - 4, " GMT", 4);
    peer_hear(peer, CRLF CRLF "Hello, World");
    peer_expect_nothing(peer);
    peer_close(peer);
    program_stop();
}

static void p7_3_whatever_is_asked(void **state) {
    (void)state;
    const uint16_t port = start_hello();
    const int peer = peer_connect(port);
    peer_say(peer, "DELETE /x?y HTTP/1.1" CRLF HOST CRLF);
    peer_hear(peer, HELLO);
    peer_say(peer, "HEAD / HTTP/1.1" CRLF HOST CRLF GET);
    peer_hear(peer, HEAD_OF_HELLO CRLF HELLO);
    peer_close(peer);
    const int old = peer_connect(port);
    peer_say(old, "GET / HTTP/1.0" CRLF CRLF);
    peer_hear(old, "HTTP/1.0 200 OK" CRLF "content-length: 12" CRLF "connection: close" CRLF CRLF
                   "Hello, World");
    peer_expect_end(old);
    program_stop();
}

static void p7_4_many_on_one_connection(void **state) {
    (void)state;
    const int peer = peer_connect(start_hello());
    for (int i = 0; i < 10; i++) {
        peer_say(peer, GET);
    }
    for (int i = 0; i < 10; i++) {
        peer_hear(peer, HELLO);
    }
    peer_say(peer, "POST / HTTP/1.1" CRLF HOST "Content-Length: 5" CRLF CRLF "hello" LAST);
    peer_hear(peer, HELLO HELLO_CLOSE);
    peer_expect_end(peer);
    program_stop();
}

static void p7_4_pipelined_in_one_write(void **state) {
    (void)state;
    const int peer = peer_connect(start("http_hello", "--pipeline-flush", NULL));
    peer_say(peer, GET GET GET LAST);
    peer_hear(peer, HELLO HELLO HELLO HELLO_CLOSE);
    peer_expect_end(peer);
    program_stop();
}

static void p7_5_what_is_no_request(void **state) {
    (void)state;
    const uint16_t port = start_hello();
    const int malformed = peer_connect(port);
    peer_say(malformed, "GE T / HTTP/1.1" CRLF CRLF GET);
    peer_hear(malformed,
        "HTTP/1.1 400 Bad Request" CRLF "content-length: 0" CRLF "connection: close" CRLF CRLF);
    peer_expect_end(malformed);
    const int silent = peer_connect(port);
    peer_half_close(silent);
    peer_expect_end(silent);
    program_stop();
}

/* It gets its answer though it is still sending: no reset overtakes that. */
static void p7_5_large_heads(void **state) {
    (void)state;
    static char field[100000];
    const int peer = peer_connect(start("http_hello", "--max-head", "65536"));
    memset(field, 'x', sizeof field);
    memcpy(field, "X: ", 3);
    peer_say(peer, "GET / HTTP/1.1" CRLF HOST);
    peer_send(peer, field, sizeof field);
    peer_hear(peer, "HTTP/1.1 431 Request Header Fields Too Large" CRLF "content-length: 0" CRLF
                    "connection: close" CRLF CRLF);
    peer_expect_end(peer);
    program_stop();
}

static void p7_5_idle_clients(void **state) {
    (void)state;
    const int peer = peer_connect(start("http_hello", "--head-timeout", "30"));
    peer_say(peer, GET);
    peer_hear(peer, HELLO);
    peer_expect_end(peer);
    program_stop();
}

static void p7_7_address_of_others(void **state) {
    (void)state;
    const char *const arguments[] = {"--listen", "192.0.2.1:7000", NULL};
    assert_int_equal(program_run("http_hello", arguments, NULL), 1);
    assert_string_equal(program_output(), "http_hello: 192.0.2.1:7000: address not available\n");
}

static void options_that_cannot_be(void **state) {
    (void)state;
    const char *const arguments[] = {"--keep-alive", "maybe", NULL};
    assert_int_equal(program_run("http_hello", arguments, NULL), 2);
    assert_string_equal(program_output(), "http_hello: --keep-alive is on or off\n");
}

static void one_request_a_connection(void **state) {
    (void)state;
    const int peer = peer_connect(start("http_hello", "--keep-alive", "off"));
    peer_say(peer, GET GET);
    peer_hear(peer, HELLO_CLOSE);
    peer_expect_end(peer);
    program_stop();
}

static void several_workers(void **state) {
    (void)state;
    enum { PEERS = 20 };
    int peers[PEERS];
    const uint16_t port = start("http_hello", "--workers", "3");
    for (int i = 0; i < PEERS; i++) {
        peers[i] = peer_connect(port);
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < PEERS; i++) {
            peer_say(peers[i], GET);
        }
        for (int i = 0; i < PEERS; i++) {
            peer_hear(peers[i], HELLO);
        }
    }
    for (int i = 0; i < PEERS; i++) {
        peer_close(peers[i]);
    }
    program_stop();
}

static void on_a_unix_socket(void **state) {
    (void)state;
    const char *const arguments[] = {"--date", "off", NULL};
    program_start_on("http_hello", arguments, NULL, "unix:@wb-http-interop-test");
    const int peer = peer_connect_unix("@wb-http-interop-test");
    peer_say(peer, LAST);
    peer_hear(peer, HELLO_CLOSE);
    peer_expect_end(peer);
    program_stop();
}

static void out_of_descriptors_it_rests_and_goes_on(void **state) {
    (void)state;
    const char *const arguments[] = {"--date", "off", NULL};
    const struct program_faults faults = {.accept_error = 24, .accept_errors = 1};
    const int peer = peer_connect(program_start("http_hello", arguments, &faults));
    peer_say(peer, GET);
    peer_hear(peer, HELLO);
    peer_close(peer);
    program_stop();
}

static void in_small_pieces(void **state) {
    (void)state;
    const char *const arguments[] = {"--date", "off", NULL};
    const struct program_faults faults = {.piece_max = 3};
    const int peer = peer_connect(program_start("http_hello", arguments, &faults));
    peer_say(peer, GET LAST);
    peer_hear(peer, HELLO HELLO_CLOSE);
    peer_expect_end(peer);
    program_stop();
}

/* What has begun is finished, who idles is closed. */
static void ends_in_order(void **state) {
    (void)state;
    const uint16_t port = start_hello();
    const int idle = peer_connect(port);
    peer_say(idle, GET);
    peer_hear(idle, HELLO);
    const int begun = peer_connect(port);
    peer_say(begun, GET "GET / HTTP/1.1" CRLF);
    peer_hear(begun, HELLO);
    program_tell_to_stop();
    peer_expect_end(idle);
    peer_say(begun, HOST CRLF);
    peer_hear(begun, HELLO_CLOSE);
    peer_expect_end(begun);
    assert_int_equal(program_wait(), 0);
}

/* ---- http_echo ---- */

static void echo_sends_content_back(void **state) {
    (void)state;
    static char bytes[300000];
    static char got[sizeof bytes];
    const int peer = peer_connect(start("http_echo", NULL, NULL));
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(i * 31 + i / 253);
    }
    peer_say(peer,
        "PUT / HTTP/1.1" CRLF HOST "Content-Length: 300000" CRLF "Content-Type: a/b" CRLF CRLF);
    for (size_t i = 0; i < sizeof bytes; i += 10000) {
        peer_send(peer, bytes + i, 10000);
        if (i == 0) {
            peer_hear(peer,
                "HTTP/1.1 200 OK" CRLF "content-type: a/b" CRLF "content-length: 300000" CRLF CRLF);
        }
        peer_read(peer, got + i, 10000);
    }
    assert_memory_equal(bytes, got, sizeof bytes);
    peer_say(peer, "GET / HTTP/1.1" CRLF HOST CRLF);
    peer_hear(peer, "HTTP/1.1 200 OK" CRLF "content-length: 0" CRLF CRLF);
    peer_close(peer);
    program_stop();
}

static void echo_sends_trailers_back(void **state) {
    (void)state;
    const int peer = peer_connect(start("http_echo", NULL, NULL));
    peer_say(peer, "POST / HTTP/1.1" CRLF HOST "TE: trailers" CRLF "Trailer: sum" CRLF
                   "Transfer-Encoding: chunked" CRLF CRLF "5" CRLF "hello" CRLF "0" CRLF
                   "sum: 7" CRLF "host: evil" CRLF CRLF);
    peer_hear(peer,
        "HTTP/1.1 200 OK" CRLF "trailer: sum" CRLF "transfer-encoding: chunked" CRLF CRLF "5" CRLF
        "hello" CRLF "0" CRLF "sum: 7" CRLF CRLF);
    peer_close(peer);
    program_stop();
}

static void echo_invites_who_waits(void **state) {
    (void)state;
    const int peer = peer_connect(start("http_echo", NULL, NULL));
    peer_say(peer,
        "POST / HTTP/1.1" CRLF HOST "Content-Length: 5" CRLF "Expect: 100-continue" CRLF CRLF);
    peer_hear(peer, "HTTP/1.1 100 Continue" CRLF CRLF);
    peer_expect_nothing(peer);
    peer_say(peer, "hello");
    peer_hear(peer, "HTTP/1.1 200 OK" CRLF "content-length: 5" CRLF CRLF "hello");
    peer_close(peer);
    program_stop();
}

static void echo_collects(void **state) {
    (void)state;
    const int peer = peer_connect(start("http_echo", "--collect", NULL));
    peer_say(peer, "POST / HTTP/1.1" CRLF HOST "Transfer-Encoding: chunked" CRLF CRLF);
    peer_say(peer, "5" CRLF "hello" CRLF);
    peer_say(peer, "6" CRLF " world" CRLF);
    peer_expect_nothing(peer);
    peer_say(peer, "0" CRLF CRLF);
    peer_hear(peer, "HTTP/1.1 200 OK" CRLF "content-length: 11" CRLF CRLF "hello world");
    peer_say(
        peer, "POST / HTTP/1.1" CRLF HOST "Transfer-Encoding: chunked" CRLF CRLF "zz" CRLF GET);
    peer_hear(peer,
        "HTTP/1.1 400 Bad Request" CRLF "content-length: 0" CRLF "connection: close" CRLF CRLF);
    peer_expect_end(peer);
    program_stop();
}

static void echo_describes(void **state) {
    (void)state;
    static const char text[] = "method POST\nversion HTTP/1.1\ntarget http://b/x?y\nscheme http\n"
                               "authority b\npath /x\nquery y\nfield Host: a\n"
                               "field Transfer-Encoding: chunked\ncontent hello\ntrailer sum: 7\n";
    char head[128];
    const int peer = peer_connect(start("http_echo", "--describe", NULL));
    peer_say(peer,
        "POST http://b/x?y HTTP/1.1" CRLF "Host: a" CRLF "Transfer-Encoding: chunked" CRLF CRLF
        "5" CRLF "hello" CRLF "0" CRLF "sum: 7" CRLF CRLF);
    (void)snprintf(
        head, sizeof head, "HTTP/1.1 200 OK" CRLF "content-length: %zu" CRLF CRLF, sizeof text - 1);
    peer_hear(peer, head);
    peer_hear(peer, text);
    peer_close(peer);
    program_stop();
}

static void echo_refuses_too_much(void **state) {
    (void)state;
    const int peer = peer_connect(start("http_echo", "--collect", NULL));
    peer_say(peer, "PUT / HTTP/1.1" CRLF HOST "Content-Length: 1048577" CRLF CRLF "x");
    peer_hear(peer, "HTTP/1.1 413 Content Too Large" CRLF "content-length: 0" CRLF
                    "connection: close" CRLF CRLF);
    peer_expect_end(peer);
    program_stop();
}

static void echo_tunnels(void **state) {
    (void)state;
    const uint16_t port = start("http_echo", NULL, NULL);
    const int upgraded = peer_connect(port);
    peer_say(upgraded,
        "GET / HTTP/1.1" CRLF HOST "Connection: upgrade" CRLF "Upgrade: echo" CRLF CRLF "early");
    peer_hear(upgraded, "HTTP/1.1 101 Switching Protocols" CRLF "upgrade: echo" CRLF
                        "connection: upgrade" CRLF CRLF "early");
    peer_say(upgraded, "late");
    peer_hear(upgraded, "late");
    peer_half_close(upgraded);
    peer_expect_end(upgraded);
    const int connected = peer_connect(port);
    peer_say(connected, "CONNECT a:1 HTTP/1.1" CRLF "Host: a:1" CRLF CRLF "early");
    peer_hear(connected, "HTTP/1.1 200 OK" CRLF CRLF "early");
    peer_half_close(connected);
    peer_expect_end(connected);
    /* */
    const int declined = peer_connect(port);
    peer_say(declined, "GET / HTTP/1.1" CRLF HOST "Connection: Upgrade, HTTP2-Settings" CRLF
                       "Upgrade: h2c" CRLF "HTTP2-Settings: AAMAAABk" CRLF CRLF);
    peer_hear(declined, "HTTP/1.1 200 OK" CRLF "content-length: 0" CRLF CRLF);
    peer_close(declined);
    program_stop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p7_2_answers),
        cmocka_unit_test(p7_3_whatever_is_asked),
        cmocka_unit_test(p7_4_many_on_one_connection),
        cmocka_unit_test(p7_4_pipelined_in_one_write),
        cmocka_unit_test(p7_5_what_is_no_request),
        cmocka_unit_test(p7_5_large_heads),
        cmocka_unit_test(p7_5_idle_clients),
        cmocka_unit_test(p7_7_address_of_others),
        cmocka_unit_test(options_that_cannot_be),
        cmocka_unit_test(one_request_a_connection),
        cmocka_unit_test(several_workers),
        cmocka_unit_test(on_a_unix_socket),
        cmocka_unit_test(out_of_descriptors_it_rests_and_goes_on),
        cmocka_unit_test(in_small_pieces),
        cmocka_unit_test(ends_in_order),
        cmocka_unit_test(echo_sends_content_back),
        cmocka_unit_test(echo_sends_trailers_back),
        cmocka_unit_test(echo_invites_who_waits),
        cmocka_unit_test(echo_collects),
        cmocka_unit_test(echo_describes),
        cmocka_unit_test(echo_refuses_too_much),
        cmocka_unit_test(echo_tunnels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
