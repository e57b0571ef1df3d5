/* See unix_servers.h. */
#include "unix_servers.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "wouldblock/run.h"

enum { LEN_MAX = 65536, BACKLOG = 8 };

struct server {
    const struct wb_sys *sys;
    const char *style;
    int type;
    uint32_t mode; /* WB_EPOLLET or 0 */
    bool counts;
    unsigned found_nothing;
    int fd;
    int epfd;
    int signal;
    int conns[BACKLOG]; /* 0: none; of seqpackets */
};

static char bytes[LEN_MAX];

static bool is_style(const struct server *server, const char *style) {
    return strcmp(server->style, style) == 0;
}

static bool watch(const struct server *server, int fd, uint32_t events) {
    struct wb_epoll_event event = {.events = events, .data = (uint64_t)fd};
    return WB_SYS(server->sys, epoll_ctl, server->epfd, WB_EPOLL_CTL_ADD, fd, &event) == 0;
}

/* A message that cannot be sent now is given up. */
static void reply(struct server *server, int fd, const struct wb_msghdr *received, size_t len) {
    const char digit = (char)('0' + server->found_nothing % 10);
    struct wb_iovec iov = {bytes, len};
    if (server->counts) {
        bytes[0] = digit;
        iov.len = 1;
    }
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    if (server->type == WB_SOCK_DGRAM) {
        msg.name = received->name;
        msg.name_len = received->name_len;
    }
    if (server->type == WB_SOCK_DGRAM && msg.name_len == 0) {
        return; /* it has no name */
    }
    for (int left = is_style(server, "doubles") ? 2
                    : is_style(server, "mute")  ? 0
                                                : 1;
         left > 0; left--) {
        (void)WB_SYS(server->sys, sendmsg, fd, &msg, WB_MSG_NOSIGNAL);
    }
}

static void close_conn(struct server *server, int fd) {
    for (int i = 0; i < BACKLOG; i++) {
        if (server->conns[i] == fd) {
            (void)WB_SYS(server->sys, close, fd);
            server->conns[i] = 0;
        }
    }
}

static void serve(struct server *server, int fd) {
    do {
        struct wb_sockaddr from;
        struct wb_iovec iov = {bytes, sizeof(bytes)};
        struct wb_msghdr msg = {.name = &from, .name_len = sizeof(from), .iov = &iov, .iov_len = 1};
        int64_t len = WB_SYS(server->sys, recvmsg, fd, &msg, 0);
        if (len == -EAGAIN) {
            server->found_nothing++;
            return;
        }
        if (server->type == WB_SOCK_SEQPACKET && len <= 0) {
            close_conn(server, fd);
            return;
        }
        reply(server, fd, &msg, len > 0 ? (size_t)len : 0);
    } while (!is_style(server, "one-read"));
}

static void accept_all(struct server *server) {
    int fd;
    while ((fd = WB_SYS(server->sys, accept4, server->fd, NULL, NULL, WB_SOCK_NONBLOCK)) >= 0) {
        int i = 0;
        while (i < BACKLOG && server->conns[i] != 0) {
            i++;
        }
        if (i == BACKLOG) {
            (void)WB_SYS(server->sys, close, fd);
            continue;
        }
        server->conns[i] = fd;
        (void)watch(server, fd, WB_EPOLLIN | server->mode);
    }
}

static bool open_all(struct server *server) {
    const struct wb_sys *sys = server->sys;
    struct wb_sockaddr addr = {.un = {.family = WB_AF_UNIX, .path = "\0small"}};
    const uint32_t addr_len = offsetof(struct wb_sockaddr_un, path) + 6;
    server->signal = WB_SYS(sys, signalfd, UINT64_C(1) << (WB_SIGTERM - 1), WB_SOCK_NONBLOCK);
    server->fd = WB_SYS(sys, socket, WB_AF_UNIX, server->type | WB_SOCK_NONBLOCK, 0);
    server->epfd = WB_SYS(sys, epoll_create1, 0);
    return WB_SYS(sys, bind, server->fd, &addr, addr_len) == 0
           && (server->type == WB_SOCK_DGRAM || WB_SYS(sys, listen, server->fd, BACKLOG) == 0)
           && watch(server, server->fd, WB_EPOLLIN | server->mode)
           && watch(server, server->signal, WB_EPOLLIN);
}

static void loop(struct server *server) {
    for (;;) {
        struct wb_epoll_event event;
        int count = WB_SYS(server->sys, epoll_pwait2, server->epfd, &event, 1, WB_TIMEOUT_INFINITE);
        if (count == 1 && event.data == (uint64_t)server->signal) {
            return;
        }
        if (count == 1 && event.data == (uint64_t)server->fd && server->type != WB_SOCK_DGRAM) {
            accept_all(server);
        } else if (count == 1) {
            serve(server, (int)event.data);
        }
    }
}

static int server_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct server server = {.sys = sys,
        .style = "correct",
        .type = WB_SOCK_DGRAM,
        .mode = WB_EPOLLET,
        .counts = strcmp(argv[0], "small_counter") == 0};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--style") == 0) {
            server.style = argv[i + 1];
        } else if (strcmp(argv[i + 1], "seqpacket") == 0) {
            server.type = WB_SOCK_SEQPACKET;
        } else if (strcmp(argv[i + 1], "level") == 0) {
            server.mode = 0;
        }
    }
    bool is_open = open_all(&server);
    if (is_open) {
        loop(&server);
    }
    for (int i = 0; i < BACKLOG; i++) {
        if (server.conns[i] != 0) {
            close_conn(&server, server.conns[i]);
        }
    }
    (void)WB_SYS(sys, close, server.fd);
    (void)WB_SYS(sys, close, server.epfd);
    (void)WB_SYS(sys, close, server.signal);
    return is_open ? 0 : 1;
}

void unix_servers_register(void) {
    static const char *const options[] = {"trigger", "style", "type", NULL};
    static const struct wbh_program programs[] = {
        {
            .name = "small_unix",
            .summary = "sends every message back",
            .main = server_main,
            .options = options,
            .conservation = WBH_CONSERVE_ECHO,
            .independent = 1,
        },
        {
            .name = "small_counter",
            .summary = "tells how many reads found nothing",
            .main = server_main,
            .options = options,
            .independent = 1,
        },
    };
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
}
