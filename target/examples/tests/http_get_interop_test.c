/* http_get against servers on real sockets (P4): what it prints, and how it fails. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program.h"

/* ---- a server ---- */

/* What it answers to one request after the other. */
struct server {
    const char *const *answers; /* up to NULL; "": the connection ends here, another is accepted */
    int listener;
    pthread_t thread;
    char url[64];
    char asked[8192]; /* all that was received */
    size_t asked_len;
    int connections;
};

static struct server server;

/* Until the end of a head; content is whatever comes with it. */
static int hear_request(struct server *it, int fd) {
    const size_t from = it->asked_len;
    while (strstr(it->asked + from, "\r\n\r\n") == NULL) {
        const ssize_t n =
            recv(fd, it->asked + it->asked_len, sizeof it->asked - 1 - it->asked_len, 0);
        if (n <= 0) {
            return 0;
        }
        it->asked_len += (size_t)n;
    }
    return 1;
}

static void *serve(void *arg) {
    struct server *it = arg;
    while (*it->answers != NULL) {
        const int fd = accept(it->listener, NULL, NULL);
        if (fd < 0) { /* nobody will come */
            return NULL;
        }
        it->connections++;
        while (*it->answers != NULL && **it->answers != '\0' && hear_request(it, fd)) {
            const char *answer = *it->answers++;
            (void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
        }
        it->answers += *it->answers != NULL;
        close(fd);
    }
    return NULL;
}

static void serve_from(const char *const *answers) {
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    server = (struct server){.answers = answers};
    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server.listener, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(server.listener, 8), 0);
    assert_int_equal(getsockname(server.listener, (struct sockaddr *)&addr, &len), 0);
    (void)snprintf(server.url, sizeof server.url, "http://127.0.0.1:%u/", ntohs(addr.sin_port));
    assert_int_equal(pthread_create(&server.thread, NULL, serve, &server), 0);
}

static void stop_serving(void) {
    pthread_join(server.thread, NULL);
    close(server.listener);
}

/* Runs it to its end; what it printed is then in program_output(). */
static int get(const char *a, const char *b, const char *c) {
    const char *const arguments[] = {server.url, a, b, c, NULL};
    return program_run("http_get", arguments, NULL);
}

static void fails(const char *const *answers, const char *why) {
    serve_from(answers);
    assert_int_equal(get(NULL, NULL, NULL), 1);
    stop_serving();
    if (strstr(program_output(), why) == NULL) {
        fail_msg("'%s' is not in '%s'", why, program_output());
    }
}

/* ---- what comes ---- */

static void p4_9_content_and_a_newline(void **state) {
    (void)state;
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nto the end", "", NULL};
    serve_from(answers);
    assert_int_equal(get("--times", "3", NULL), 0);
    stop_serving();
    assert_string_equal(program_output(), "hello\nhi\nto the end\n");
    assert_int_equal(server.connections, 1);
}

static void p4_6_its_executor_tells_of_a_connection(void **state) {
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", NULL};
    serve_from(answers);
    assert_int_equal(get("--announce", "--header", "accept: text/html"), 0);
    stop_serving();
    assert_string_equal(program_output(), "sending request\nhello\n");
    assert_non_null(strstr(server.asked, "accept: text/html\r\n"));
    assert_non_null(strstr(server.asked, "host: 127.0.0.1:"));
}

static void p4_10_redirects_are_not_followed(void **state) {
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 5\r\n\r\nmoved", NULL};
    serve_from(answers);
    assert_int_equal(get(NULL, NULL, NULL), 0);
    stop_serving();
    assert_string_equal(program_output(), "moved\n");
}

static void head_has_no_content(void **state) {
    (void)state;
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", NULL};
    serve_from(answers);
    assert_int_equal(get("--head", NULL, NULL), 0);
    stop_serving();
    assert_string_equal(program_output(), "\n");
    assert_int_equal(strncmp(server.asked, "HEAD / HTTP/1.1\r\n", 17), 0);
}

static void data_is_posted(void **state) {
    (void)state;
    static const char *const answers[] = {"HTTP/1.1 204 Done\r\n\r\n", NULL};
    serve_from(answers);
    assert_int_equal(get("--data", "some words", NULL), 0);
    stop_serving();
    assert_int_equal(strncmp(server.asked, "POST / HTTP/1.1\r\n", 17), 0);
    assert_non_null(strstr(server.asked, "content-length: 10\r\n\r\nsome words"));
}

/* The server ends an idle connection; whether the client has seen that or not, it asks again. */
static void an_ended_connection_is_replaced(void **state) {
    (void)state;
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none", "",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo", NULL};
    serve_from(answers);
    assert_int_equal(get("--times", "2", NULL), 0);
    stop_serving();
    assert_string_equal(program_output(), "one\ntwo\n");
    assert_int_equal(server.connections, 2);
}

/* ---- what fails ---- */

static void p4_14_each_failure_is_a_message_and_status_1(void **state) {
    (void)state;
    static const char *const no_status[] = {"HTTP/1.1 2xx OK\r\n\r\n", "", NULL};
    static const char *const no_http[] = {"220 smtp ready\r\n\r\n", "", NULL};
    static const char *const half[] = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "", NULL};
    static const char *const half_a_head[] = {"HTTP/1.1 200 OK\r\n", "", NULL};
    static const char *const no_text[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe", "", NULL};
    fails(no_status, "the status of a response is none");
    fails(no_http, "what came is not HTTP");
    fails(half, "the connection ended in the midst of a message");
    fails(half_a_head, "the connection ended in the midst of a message");
    fails(no_text, "the body is not UTF-8");
}

static void p4_14_nobody_listens(void **state) {
    (void)state;
    static const char *const nothing[] = {NULL};
    serve_from(nothing);
    stop_serving();
    assert_int_equal(get(NULL, NULL, NULL), 1);
    assert_non_null(strstr(program_output(), "no connection could be made: connection refused"));
}

static void t0_19_a_body_has_a_limit(void **state) {
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhello\r\n", "",
        NULL};
    serve_from(answers);
    assert_int_equal(get("--max-body", "7", NULL), 1);
    stop_serving();
    assert_non_null(strstr(program_output(), "the body is longer than --max-body"));
}

static void a_silent_server_is_given_up(void **state) {
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", NULL};
    serve_from(answers);
    assert_int_equal(get("--timeout", "1", NULL), 1);
    stop_serving();
    assert_non_null(strstr(program_output(), "it took too long"));
}

/* Status 2, and where it stands and what was expected. */
static void p4_5_bad_arguments_reach_nobody(void **state) {
    (void)state;
#define URL "http://127.0.0.1:1/"
    static const struct {
        const char *arguments[4];
        const char *said;
    } cases[] = {
        {{"ftp://127.0.0.1/"}, "http_get: ftp://127.0.0.1/: no connection could be made: "
                               "unsupported scheme: Some(\"ftp\")\n"},
        {{"/path"}, "http_get: operand: expected http://HOST[:PORT][/PATH], not '/path'\n"},
        {{"http://a b/"},
            "http_get: operand: expected http://HOST[:PORT][/PATH], not 'http://a b/'\n"},
        {{"a:80"}, "http_get: operand: expected http://HOST[:PORT][/PATH], not 'a:80'\n"},
        {{URL, "*"}, "http_get: operand: expected http://HOST[:PORT][/PATH], not '*'\n"},
        {{"http://%41/"},
            "http_get: http://%41/: no connection could be made: cannot parse host\n"},
        {{URL, "--method", "a b"}, "http_get: --method: expected a word, as GET, not 'a b'\n"},
        {{URL, "--method", ""}, "http_get: --method: expected a word, as GET, not ''\n"},
        {{URL, "--header", "A b: c"},
            "http_get: --header: expected a field, as \"Name: value\", not 'A b: c'\n"},
        {{URL, "--header", "A"},
            "http_get: --header: expected a field, as \"Name: value\", not 'A'\n"},
        {{URL, "--header", "A: b\r\nC: d"},
            "http_get: --header: expected a field, as \"Name: value\", not 'A: b\r\nC: d'\n"},
        {{NULL}, "http_get: a URL must be given\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(program_run("http_get", cases[i].arguments, NULL), 2);
        assert_string_equal(program_output(), cases[i].said);
    }
}

/* Only the client knows which fields contradict each other. */
static void bad_fields_are_bad_arguments(void **state) {
    (void)state;
    static const char *const nothing[] = {NULL};
    serve_from(nothing);
    assert_int_equal(get("--header", "Content-Length: x", NULL), 2);
    stop_serving();
    assert_non_null(strstr(program_output(), "the request cannot be sent"));
}

/* Each allocation in turn. */
static void without_memory_it_fails_and_leaks_nothing(void **state) {
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "", NULL};
    const char *const arguments[] = {server.url, "--one-thread", NULL};
    int failures = 0;
    for (int i = 0; i < 24; i++) {
        const struct program_faults faults = {.alloc_skip = i, .alloc_errors = 1};
        serve_from(answers);
        const int status = program_run("http_get", arguments, &faults);
        assert_true(status == 0 || status == 1);
        failures += status;
        if (status == 1) { /* perhaps nobody has come */
            assert_int_equal(shutdown(server.listener, SHUT_RDWR), 0);
        }
        stop_serving();
    }
    assert_true(failures > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p4_9_content_and_a_newline),
        cmocka_unit_test(p4_6_its_executor_tells_of_a_connection),
        cmocka_unit_test(p4_10_redirects_are_not_followed),
        cmocka_unit_test(head_has_no_content),
        cmocka_unit_test(data_is_posted),
        cmocka_unit_test(an_ended_connection_is_replaced),
        cmocka_unit_test(p4_14_each_failure_is_a_message_and_status_1),
        cmocka_unit_test(p4_14_nobody_listens),
        cmocka_unit_test(t0_19_a_body_has_a_limit),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(p4_5_bad_arguments_reach_nobody),
        cmocka_unit_test(bad_fields_are_bad_arguments),
        cmocka_unit_test(without_memory_it_fails_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
