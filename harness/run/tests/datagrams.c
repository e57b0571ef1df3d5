/* See datagrams.h. */
#include "datagrams.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "wouldblock/run.h"

enum { SERVER_PORT = 7003, QUESTION_PORT = 7004, LEN_MAX = 65536, SHORT_LEN = 4 };

static struct wb_sockaddr loopback(uint16_t port) {
    struct wb_sockaddr addr = {.in = {.family = WB_AF_INET, .addr = {127, 0, 0, 1}}};
    uint8_t port_be[2] = {(uint8_t)(port >> 8), (uint8_t)port};
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    return addr;
}

/* ---- the server ---- */

struct server {
    const struct wb_sys *sys;
    const char *style;
    uint32_t mode; /* WB_EPOLLET or 0 */
    int fd;
    int epfd;
    bool has_reply; /* one that could not be sent yet */
    uint32_t reply_len;
    struct wb_sockaddr from;
    uint32_t from_len;
};

static char bytes[LEN_MAX];

static bool is_style(const struct server *server, const char *style) {
    return strcmp(server->style, style) == 0;
}

static int64_t receive(struct server *server) {
    struct wb_iovec iov = {bytes, is_style(server, "short") ? SHORT_LEN : sizeof(bytes)};
    struct wb_msghdr msg = {
        .name = &server->from, .name_len = sizeof(server->from), .iov = &iov, .iov_len = 1};
    int64_t len = WB_SYS(server->sys, recvmsg, server->fd, &msg, 0);
    server->from_len = msg.name_len;
    return len;
}

static bool watch(const struct server *server, int op, int fd, uint32_t events) {
    struct wb_epoll_event event = {.events = events, .data = (uint64_t)fd};
    return WB_SYS(server->sys, epoll_ctl, server->epfd, op, fd, &event) == 0;
}

/* False: it must wait until the socket is writable. Any other failure gives the datagram up. */
static bool reply(struct server *server) {
    bool had_reply = server->has_reply;
    struct wb_iovec iov = {bytes, server->reply_len};
    struct wb_msghdr msg = {
        .name = &server->from, .name_len = server->from_len, .iov = &iov, .iov_len = 1};
    server->has_reply = WB_SYS(server->sys, sendmsg, server->fd, &msg, 0) == -EAGAIN;
    if (server->has_reply != had_reply) {
        uint32_t interest = server->has_reply ? WB_EPOLLOUT : WB_EPOLLIN;
        (void)watch(server, WB_EPOLL_CTL_MOD, server->fd, interest | server->mode);
    }
    return !server->has_reply;
}

static void serve(struct server *server) {
    if (server->has_reply && !reply(server)) {
        return;
    }
    for (;;) {
        int64_t len = receive(server);
        if (len == -EAGAIN) {
            return;
        }
        if (len < 0) {
            continue; /* the error is consumed */
        }
        server->reply_len = (uint32_t)len;
        if (!is_style(server, "mute") && !reply(server)) {
            return;
        }
        if (is_style(server, "doubles")) {
            (void)reply(server);
        }
        if (is_style(server, "one-read")) {
            return;
        }
    }
}

static int server_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct server server = {.sys = sys, .style = "correct", .mode = WB_EPOLLET};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--style") == 0) {
            server.style = argv[i + 1];
        } else if (strcmp(argv[i + 1], "level") == 0) {
            server.mode = 0;
        }
    }
    struct wb_sockaddr addr = loopback(SERVER_PORT);
    int signal = WB_SYS(sys, signalfd, UINT64_C(1) << (WB_SIGTERM - 1), WB_SOCK_NONBLOCK);
    server.fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_DGRAM | WB_SOCK_NONBLOCK, 0);
    server.epfd = WB_SYS(sys, epoll_create1, 0);
    bool is_open = server.fd >= 0 && server.epfd >= 0 && signal >= 0
                   && WB_SYS(sys, bind, server.fd, &addr, sizeof(addr.in)) == 0
                   && watch(&server, WB_EPOLL_CTL_ADD, server.fd, WB_EPOLLIN | server.mode)
                   && watch(&server, WB_EPOLL_CTL_ADD, signal, WB_EPOLLIN);
    while (is_open) {
        struct wb_epoll_event event;
        int count = WB_SYS(sys, epoll_pwait2, server.epfd, &event, 1, WB_TIMEOUT_INFINITE);
        if (count == 1 && event.data == (uint64_t)signal) {
            break;
        }
        if (count == 1) {
            serve(&server);
        }
    }
    const int fds[] = {server.fd, server.epfd, signal};
    for (int i = 0; i < 3; i++) {
        if (fds[i] >= 0) {
            (void)WB_SYS(sys, close, fds[i]);
        }
    }
    return is_open ? 0 : 1;
}

/* ---- the one who asks ---- */

static int questioner_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    struct wb_sockaddr addr = loopback(QUESTION_PORT);
    char answer[8];
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_DGRAM, 0);
    (void)WB_SYS(sys, connect, fd, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, send, fd, "ping", 4, 0);
    int64_t n = WB_SYS(sys, recv, fd, answer, sizeof(answer), 0);
    (void)WB_SYS(sys, close, fd);
    return n == 4 && memcmp(answer, "pong", 4) == 0 ? 0 : n == -ECONNREFUSED ? 1 : 2;
}

void datagrams_register(void) {
    static const char *const options[] = {"trigger", "style", NULL};
    static const struct wbh_program programs[] = {
        {
            .name = "small_datagrams",
            .summary = "sends every datagram back",
            .main = server_main,
            .options = options,
            .conservation = WBH_CONSERVE_ECHO,
            .port = SERVER_PORT,
            .independent = 1,
        },
        {
            .name = "small_questioner",
            .summary = "says ping over UDP and expects pong",
            .main = questioner_main,
            .independent = 1,
        },
    };
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
}
