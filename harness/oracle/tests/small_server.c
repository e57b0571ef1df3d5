/* See small_server.h. */
#include "small_server.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "wouldblock/run.h"

enum { PORT = 7000, CONNS_MAX = 32, OUT_MAX = 1 << 20, CHUNK = 512, BATCH = 16 };
enum { TOKEN_LISTENER = 1000, TOKEN_SIGNAL = 1001 };

struct conn {
    int fd; /* -1: free */
    uint8_t *out;
    size_t out_len;
    bool at_end;
    uint32_t armed;
};

struct server {
    const struct wb_sys *sys;
    const char *bug;
    const char *wait; /* how it sleeps: in epoll_wait, or before that in poll or select */
    uint32_t mode;    /* WB_EPOLLET, WB_EPOLLONESHOT */
    bool broadcasts;
    int epfd;
    int listener;
    int signals;
    bool listening;
    bool stopping;
    int exit_status;
    struct conn conns[CONNS_MAX];
};

static bool has(const struct server *server, const char *bug) {
    return strcmp(server->bug, bug) == 0;
}

static int control(struct server *server, int op, int fd, uint32_t mask, uint64_t token) {
    struct wb_epoll_event event = {.events = mask, .data = token};
    return WB_SYS(server->sys, epoll_ctl, server->epfd, op, fd, &event);
}

static uint64_t token_of(const struct server *server, const struct conn *conn) {
    return (uint64_t)(conn - server->conns);
}

static void conn_close(struct server *server, struct conn *conn) {
    (void)control(server, WB_EPOLL_CTL_DEL, conn->fd, 0, 0);
    if (!has(server, "leak-descriptor")) {
        (void)WB_SYS(server->sys, close, conn->fd);
    }
    if (has(server, "double-close")) {
        (void)WB_SYS(server->sys, close, conn->fd);
    }
    if (!has(server, "leak-memory")) {
        WB_SYS(server->sys, free, conn->out, OUT_MAX);
    }
    conn->fd = -1;
}

/* What should be armed now; edge-triggered sources stay armed as they are. */
static void conn_arm(struct server *server, struct conn *conn) {
    uint32_t wanted = WB_EPOLLIN | WB_EPOLLRDHUP;
    if (conn->at_end && !has(server, "ignore-end")) {
        wanted = 0;
    }
    if ((conn->out_len != 0 || has(server, "always-out")) && !has(server, "forget-out")) {
        wanted |= WB_EPOLLOUT;
    }
    if (server->mode == WB_EPOLLET) {
        wanted = WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLRDHUP;
    }
    wanted |= server->mode;
    bool rearm = (server->mode & WB_EPOLLONESHOT) != 0 && !has(server, "no-rearm");
    if (wanted != conn->armed || rearm) {
        (void)control(server, WB_EPOLL_CTL_MOD, conn->fd, wanted, token_of(server, conn));
        conn->armed = wanted;
    }
}

/* False: the connection is gone. */
static bool conn_flush(struct server *server, struct conn *conn) {
    while (conn->out_len != 0) {
        int64_t n = WB_SYS(server->sys, send, conn->fd, conn->out, conn->out_len, WB_MSG_NOSIGNAL);
        if (n == -EAGAIN) {
            break;
        }
        if (n < 0) {
            conn_close(server, conn);
            return false;
        }
        bool partial = (size_t)n < conn->out_len;
        if (partial && has(server, "repeat-tail")) {
            break;
        }
        conn->out_len -= (size_t)n;
        memmove(conn->out, conn->out + n, conn->out_len);
        if (partial && has(server, "drop-tail")) {
            conn->out_len = 0;
        }
        if (partial && has(server, "one-send")) {
            break;
        }
    }
    bool over = conn->at_end && (conn->out_len == 0 || has(server, "close-unflushed"));
    if (over && !has(server, "ignore-end") && !has(server, "never-close")) {
        conn_close(server, conn);
        return false;
    }
    return true;
}

static void queue(struct server *server, struct conn *from, const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < CONNS_MAX; i++) {
        struct conn *conn = &server->conns[i];
        bool wanted = server->broadcasts ? conn->fd >= 0 : conn == from;
        if (has(server, "leave-one-out") && i == 1) {
            wanted = false;
        }
        if (wanted && conn->out_len + len <= OUT_MAX) {
            memcpy(conn->out + conn->out_len, bytes, len);
            conn->out_len += len;
        }
    }
}

static void close_others(struct server *server, const struct conn *but) {
    for (size_t i = 0; i < CONNS_MAX; i++) {
        if (server->conns[i].fd >= 0 && &server->conns[i] != but) {
            conn_close(server, &server->conns[i]);
        }
    }
}

/* False: the connection is gone. */
static bool conn_read(struct server *server, struct conn *conn) {
    uint8_t bytes[CHUNK];
    while (!conn->at_end || has(server, "ignore-end")) {
        int64_t n = WB_SYS(server->sys, recv, conn->fd, bytes, sizeof(bytes), 0);
        if (n == -EAGAIN && !has(server, "fatal-would-block")) {
            break;
        }
        if (n < 0) {
            conn_close(server, conn);
            if (has(server, "exit-on-reset")) {
                server->stopping = true;
                server->exit_status = 1;
            }
            return false;
        }
        if (n == 0) {
            conn->at_end = true;
            break;
        }
        queue(server, conn, bytes, (size_t)n);
        if (has(server, "close-others")) {
            close_others(server, conn);
        }
        if (has(server, "hoard")) {
            (void)WB_SYS(server->sys, alloc, 4096 * (size_t)n);
        }
        if (has(server, "no-drain") || server->mode == 0) {
            break;
        }
    }
    return true;
}

static void flush_all(struct server *server) {
    for (size_t i = 0; i < CONNS_MAX; i++) {
        struct conn *conn = &server->conns[i];
        if (conn->fd >= 0 && conn_flush(server, conn)) {
            conn_arm(server, conn);
        }
    }
}

static void conn_ready(struct server *server, struct conn *conn, uint32_t events) {
    wb_sys_note(server->sys, WB_NOTE_DISPATCH, token_of(server, conn), events);
    if (conn->fd < 0) {
        return;
    }
    if (has(server, "end-first") && (events & WB_EPOLLRDHUP) != 0) {
        conn_close(server, conn);
        return;
    }
    bool reads = (events & (WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLHUP | WB_EPOLLERR)) != 0;
    bool is_there = !reads || conn_read(server, conn);
    if (server->broadcasts) {
        flush_all(server);
    } else if (is_there && conn_flush(server, conn)) {
        conn_arm(server, conn);
    }
}

static bool adopt(struct server *server, int fd) {
    for (size_t i = 0; i < CONNS_MAX; i++) {
        struct conn *conn = &server->conns[i];
        if (conn->fd < 0) {
            uint8_t *out = WB_SYS(server->sys, alloc, OUT_MAX);
            if (out == NULL) {
                return false;
            }
            *conn = (struct conn){.fd = fd, .out = out};
            conn->armed = WB_EPOLLIN | WB_EPOLLRDHUP | server->mode
                          | (server->mode == WB_EPOLLET ? WB_EPOLLOUT : 0);
            if (control(server, WB_EPOLL_CTL_ADD, fd, conn->armed, i) != 0) {
                WB_SYS(server->sys, free, out, OUT_MAX);
                conn->fd = -1;
                return false;
            }
            if (has(server, "double-add")) {
                (void)control(server, WB_EPOLL_CTL_ADD, fd, conn->armed, i);
            }
            return true;
        }
    }
    return false;
}

static void accept_all(struct server *server) {
    for (;;) {
        int fd = WB_SYS(
            server->sys, accept4, server->listener, NULL, NULL, WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC);
        if (fd == -EMFILE && !has(server, "spin-on-limit")) {
            (void)control(server, WB_EPOLL_CTL_MOD, server->listener, 0, TOKEN_LISTENER);
            server->listening = false;
            return;
        }
        if (fd < 0) {
            break;
        }
        if (!adopt(server, fd)) {
            (void)WB_SYS(server->sys, close, fd);
        }
        if (has(server, "accept-once")) {
            return;
        }
    }
    if ((server->mode & WB_EPOLLONESHOT) != 0) {
        (void)control(
            server, WB_EPOLL_CTL_MOD, server->listener, WB_EPOLLIN | server->mode, TOKEN_LISTENER);
    }
}

/* After descriptors ran out: one may be free again. */
static void listen_again(struct server *server) {
    if (!server->listening && !has(server, "deaf-after-limit")) {
        server->listening = true;
        (void)control(
            server, WB_EPOLL_CTL_MOD, server->listener, WB_EPOLLIN | server->mode, TOKEN_LISTENER);
    }
}

static void take_signal(struct server *server) {
    struct wb_signalfd_siginfo info;
    (void)WB_SYS(server->sys, read, server->signals, &info, sizeof(info));
    if (!has(server, "ignore-signal")) {
        server->stopping = true;
    }
}

static int open_count(const struct server *server) {
    int count = 0;
    for (size_t i = 0; i < CONNS_MAX; i++) {
        count += server->conns[i].fd >= 0;
    }
    return count;
}

/* Returns how long the wait that follows may sleep itself. */
static int64_t sleep_as_told(struct server *server) {
    struct wb_pollfd entry = {.fd = server->epfd, .events = WB_EPOLLIN};
    struct wb_fd_set readable = {0};
    if (strcmp(server->wait, "poll") == 0) {
        (void)WB_SYS(server->sys, poll, &entry, 1, WB_TIMEOUT_INFINITE);
        return 0;
    }
    if (strcmp(server->wait, "select") == 0) {
        readable.bits[server->epfd / 64] |= UINT64_C(1) << server->epfd % 64;
        (void)WB_SYS(
            server->sys, select, server->epfd + 1, &readable, NULL, NULL, WB_TIMEOUT_INFINITE);
        return 0;
    }
    return has(server, "busy") ? 0 : WB_TIMEOUT_INFINITE;
}

static void loop(struct server *server) {
    while (!server->stopping) {
        struct wb_epoll_event events[BATCH];
        int before = open_count(server);
        int64_t timeout_ns = sleep_as_told(server);
        int n = WB_SYS(server->sys, epoll_pwait2, server->epfd, events, BATCH, timeout_ns);
        for (int i = 0; i < n; i++) {
            if (events[i].data == TOKEN_LISTENER) {
                accept_all(server);
            } else if (events[i].data == TOKEN_SIGNAL) {
                take_signal(server);
            } else if (server->conns[events[i].data].fd >= 0 || has(server, "close-others")) {
                conn_ready(server, &server->conns[events[i].data], events[i].events);
            }
        }
        if (open_count(server) < before) {
            listen_again(server);
        }
    }
}

static void open_all(struct server *server) {
    struct wb_sockaddr addr = {0};
    uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    server->epfd = WB_SYS(server->sys, epoll_create1, WB_EPOLL_CLOEXEC);
    server->signals =
        WB_SYS(server->sys, signalfd, UINT64_C(1) << (WB_SIGTERM - 1), WB_SOCK_NONBLOCK);
    server->listener =
        WB_SYS(server->sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
    (void)WB_SYS(server->sys, bind, server->listener, &addr, sizeof(addr.in));
    (void)WB_SYS(server->sys, listen, server->listener, 16);
    server->listening = true;
    (void)control(
        server, WB_EPOLL_CTL_ADD, server->listener, WB_EPOLLIN | server->mode, TOKEN_LISTENER);
    (void)control(server, WB_EPOLL_CTL_ADD, server->signals, WB_EPOLLIN, TOKEN_SIGNAL);
}

static void close_all(struct server *server) {
    wb_sys_note(server->sys, WB_NOTE_STOPPING, 0, 0);
    close_others(server, NULL);
    (void)WB_SYS(server->sys, close, server->listener);
    (void)WB_SYS(server->sys, close, server->signals);
    (void)WB_SYS(server->sys, close, server->epfd);
}

static void read_arguments(struct server *server, int argc, char *const argv[]) {
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--bug") == 0) {
            server->bug = argv[i + 1];
        } else if (strcmp(argv[i], "--wait") == 0) {
            server->wait = argv[i + 1];
        } else if (strstr(argv[i + 1], "edge") != NULL) {
            server->mode |= WB_EPOLLET;
        }
        if (strcmp(argv[i], "--trigger") == 0 && strstr(argv[i + 1], "oneshot") != NULL) {
            server->mode |= WB_EPOLLONESHOT;
        }
    }
}

static int serve(const struct wb_sys *sys, int argc, char *const argv[], bool broadcasts) {
    struct server server = {.sys = sys, .bug = "none", .wait = "epoll", .broadcasts = broadcasts};
    for (size_t i = 0; i < CONNS_MAX; i++) {
        server.conns[i].fd = -1;
    }
    read_arguments(&server, argc, argv);
    open_all(&server);
    loop(&server);
    close_all(&server);
    return server.exit_status;
}

static int echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return serve(sys, argc, argv, false);
}

static int broadcast_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return serve(sys, argc, argv, true);
}

/* Watches the writing end of a pipe that nobody reads any more, and does nothing about it. */
static int pipe_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    int fds[2];
    struct wb_epoll_event event = {.events = 0, .data = 1};
    int epfd = WB_SYS(sys, epoll_create1, WB_EPOLL_CLOEXEC);
    (void)WB_SYS(sys, pipe2, fds, WB_SOCK_NONBLOCK);
    (void)WB_SYS(sys, epoll_ctl, epfd, WB_EPOLL_CTL_ADD, fds[1], &event);
    (void)WB_SYS(sys, close, fds[0]);
    while (WB_SYS(sys, epoll_pwait2, epfd, &event, 1, WB_TIMEOUT_INFINITE) >= 0) {
    }
    return 1;
}

void small_server_register(void) {
    static const char *const options[] = {"trigger", "bug", "wait", NULL};
    static const struct wbh_program programs[] = {
        {
            .name = "small_echo",
            .summary = "sends everything back",
            .main = echo_main,
            .options = options,
            .conservation = WBH_CONSERVE_ECHO,
            .port = PORT,
            .independent = 1,
            .memory_base = 65536,
            .memory_per_connection = OUT_MAX,
        },
        {
            .name = "small_opaque",
            .summary = "the same, but nobody knows what it does",
            .main = echo_main,
            .options = options,
            .port = PORT,
            .independent = 1,
        },
        {
            .name = "small_plain",
            .summary = "the same, level-triggered only",
            .main = echo_main,
            .conservation = WBH_CONSERVE_ECHO,
            .port = PORT,
            .independent = 1,
        },
        {.name = "small_pipe", .summary = "watches a pipe without a reader", .main = pipe_main},
        {
            .name = "small_broadcast",
            .summary = "sends everything to everybody",
            .main = broadcast_main,
            .options = options,
            .conservation = WBH_CONSERVE_BROADCAST,
            .port = PORT,
        },
        {
            .name = "small_frames",
            .summary = "the same, said to speak in frames",
            .main = broadcast_main,
            .options = options,
            .conservation = WBH_CONSERVE_BROADCAST_FRAMES,
            .port = PORT,
        },
    };
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
}
