/* The floor of a server of HTTP/1.1, to measure against: bare epoll, a blank line ends a request,
 * and the same bytes answer each. No parser, no limits, no date; a request that is cut in two
 * pieces is kept by nobody, for the load sends none.
 *
 *   http_epoll PORT */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load_http.h"

enum { EVENTS_MAX = 1024, REQUESTS_LEN = 16384, ANSWERS_MAX = 64 };

#define ANSWER                                                                                     \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n" LOAD_HTTP_WORDS

static char answers[ANSWERS_MAX * (sizeof ANSWER - 1)];

static _Noreturn void fail(const char *what) {
    (void)fprintf(stderr, "http_epoll: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static int listen_on(uint16_t port) {
    const struct sockaddr_in addr = {.sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(fd, (const struct sockaddr *)&addr, sizeof addr) != 0
        || listen(fd, SOMAXCONN) != 0) {
        fail("listening");
    }
    return fd;
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        fail("epoll_ctl");
    }
}

static void accept_one(int epoll, int listener) {
    const int on = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(epoll, fd);
}

/* False: the connection is over. */
static bool answer(int fd) {
    static char requests[REQUESTS_LEN];
    ssize_t n = recv(fd, requests, sizeof requests, 0);
    if (n <= 0) {
        return n < 0 && errno == EAGAIN;
    }
    size_t count = 0;
    const char *end = requests + n;
    for (const char *at = requests; count < ANSWERS_MAX; at += 4, count++) {
        at = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
        if (at == NULL) {
            break;
        }
    }
    const size_t len = count * (sizeof ANSWER - 1);
    return send(fd, answers, len, MSG_NOSIGNAL) == (ssize_t)len
           && memmem(requests, (size_t)n, "Connection: close", 17) == NULL;
}

int main(int argc, char **argv) {
    static struct epoll_event events[EVENTS_MAX];
    if (argc != 2) {
        (void)fputs("usage: http_epoll PORT\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < ANSWERS_MAX; i++) {
        memcpy(answers + i * (sizeof ANSWER - 1), ANSWER, sizeof ANSWER - 1);
    }
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    const int listener = listen_on((uint16_t)strtoul(argv[1], NULL, 10));
    watch(epoll, listener);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener) {
                accept_one(epoll, listener);
            } else if (!answer(events[i].data.fd)) {
                (void)close(events[i].data.fd);
            }
        }
    }
}
