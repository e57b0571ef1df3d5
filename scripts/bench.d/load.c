/* The load of an echo server. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

enum { LINE_LEN = 64, EVENTS_MAX = 256 };

static const char line[LINE_LEN + 1] =
    "wait for me: sixty-four bytes on their way there and back again\n";

static _Noreturn void fail(const char *what) {
    (void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static int connect_one(uint16_t port) {
    const struct sockaddr_in addr = {.sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&addr, sizeof addr) != 0) {
        fail("connect");
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void load_open(struct load *load, uint16_t port, int count) {
    load->count = count;
    load->fds = calloc((size_t)count, sizeof *load->fds);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load->fds == NULL || load->epoll < 0) {
        fail("memory");
    }
    for (int i = 0; i < count; i++) {
        load->fds[i] = connect_one(port);
        struct epoll_event event = {.events = EPOLLIN, .data = {.fd = load->fds[i]}};
        if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->fds[i], &event) != 0) {
            fail("epoll_ctl");
        }
    }
}

void load_close(struct load *load) {
    for (int i = 0; i < load->count; i++) {
        (void)close(load->fds[i]);
    }
    (void)close(load->epoll);
    free(load->fds);
}

static void send_line(int fd) {
    if (send(fd, line, LINE_LEN, MSG_NOSIGNAL) != LINE_LEN) {
        fail("send");
    }
}

static void receive_line(int fd) {
    char back[LINE_LEN];
    if (recv(fd, back, LINE_LEN, MSG_WAITALL) != LINE_LEN || memcmp(back, line, LINE_LEN) != 0) {
        fail("a line that did not come back");
    }
}

uint64_t load_run(const struct load *load, uint64_t until_ns, uint64_t trips_max) {
    struct epoll_event events[EVENTS_MAX];
    uint64_t sent = 0;
    uint64_t back = 0;
    for (int i = 0; i < load->count && sent < trips_max; i++, sent++) {
        send_line(load->fds[i]);
    }
    while (back < sent) {
        int count = epoll_wait(load->epoll, events, EVENTS_MAX, 10000);
        if (count <= 0 && errno != EINTR) {
            errno = count == 0 ? ETIMEDOUT : errno;
            fail("epoll_wait");
        }
        uint64_t now_ns = bench_now_ns();
        for (int i = 0; i < count; i++) {
            receive_line(events[i].data.fd);
            back++;
            if (now_ns < until_ns && sent < trips_max) {
                send_line(events[i].data.fd);
                sent++;
            }
        }
    }
    return back;
}
