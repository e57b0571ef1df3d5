/* An echo server on bare epoll, to measure against.
 *
 *   echo_epoll level          reads once an event, writes it back
 *   echo_epoll edge           reads and writes until there is nothing more, as an edge demands
 *   echo_epoll edge-oneshot   as level, and registers again after each event
 *   echo_epoll steps          edge and one-shot, and one step an event: reads, waits until it may
 * write, writes, waits for more
 *
 * What the socket does not take at once is dropped with the connection: the load sends the next
 * line only after the last has come back. */
#define _GNU_SOURCE
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

#include "echo_server.h"

enum { EVENTS_MAX = 1024, PIECE_LEN = 1024, HELD_LEN = 128, DESCRIPTORS_MAX = 20000 };

struct echo {
    int epoll;
    int listener;
    uint32_t mode; /* EPOLLET and EPOLLONESHOT */
    bool by_steps;
};

/* What a connection has read and not yet written, by descriptor; in steps only. */
static struct held {
    size_t len;
    char piece[HELD_LEN];
} held[DESCRIPTORS_MAX];

static void watch(const struct echo *echo, int operation, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data = {.fd = fd}};
    if (epoll_ctl(echo->epoll, operation, fd, &event) != 0) {
        echo_server_fail("epoll_ctl");
    }
}

static void accept_one(const struct echo *echo) {
    int fd = accept4(echo->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 || fd >= DESCRIPTORS_MAX) {
        return;
    }
    held[fd].len = 0;
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(echo, EPOLL_CTL_ADD, fd, EPOLLIN | echo->mode);
}

/* False: nothing more to be had now, or ever. */
static bool echo_piece(int fd, bool *out_open) {
    char piece[PIECE_LEN];
    ssize_t n = recv(fd, piece, sizeof piece, 0);
    if (n > 0 && send(fd, piece, (size_t)n, MSG_NOSIGNAL) == n) {
        return true;
    }
    *out_open = n < 0 && errno == EAGAIN;
    return false;
}

/* False: the connection is over. */
static bool take_step(const struct echo *echo, int fd) {
    struct held *mine = &held[fd];
    if (mine->len == 0) {
        ssize_t n = recv(fd, mine->piece, sizeof mine->piece, 0);
        if (n <= 0) {
            return n < 0 && errno == EAGAIN;
        }
        mine->len = (size_t)n;
    } else {
        if (send(fd, mine->piece, mine->len, MSG_NOSIGNAL) != (ssize_t)mine->len) {
            return false;
        }
        mine->len = 0;
    }
    watch(echo, EPOLL_CTL_MOD, fd,
        (mine->len == 0 ? (uint32_t)EPOLLIN : (uint32_t)EPOLLOUT) | echo->mode);
    return true;
}

static void serve(const struct echo *echo, int fd) {
    bool open = true;
    if (echo->by_steps) {
        if (!take_step(echo, fd)) {
            (void)close(fd);
        }
        return;
    }
    if (echo->mode == EPOLLET) {
        while (echo_piece(fd, &open)) {
        }
    } else {
        (void)echo_piece(fd, &open);
    }
    if (!open) {
        (void)close(fd);
    } else if ((echo->mode & EPOLLONESHOT) != 0) {
        watch(echo, EPOLL_CTL_MOD, fd, EPOLLIN | echo->mode);
    }
}

static _Noreturn void run(const struct echo *echo) {
    static struct epoll_event events[EVENTS_MAX];
    for (;;) {
        int count = epoll_wait(echo->epoll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == echo->listener) {
                accept_one(echo);
            } else {
                serve(echo, events[i].data.fd);
            }
        }
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        uint32_t mode;
        bool by_steps;
    } modes[] = {{"level", 0, false}, {"edge", EPOLLET, false},
        {"edge-oneshot", EPOLLET | (uint32_t)EPOLLONESHOT, false},
        {"steps", EPOLLET | (uint32_t)EPOLLONESHOT, true}};
    for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            struct echo echo = {.mode = modes[i].mode, .by_steps = modes[i].by_steps};
            echo.epoll = epoll_create1(EPOLL_CLOEXEC);
            echo.listener = echo_server_listen();
            watch(&echo, EPOLL_CTL_ADD, echo.listener, EPOLLIN);
            run(&echo);
        }
    }
    (void)fputs("usage: echo_epoll level|edge|edge-oneshot|steps\n", stderr);
    return 2;
}
