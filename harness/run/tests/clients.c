/* See clients.h. */
#include "clients.h"

#include <errno.h>
#include <string.h>

#include "wouldblock/run.h"

enum { PORT = 7001 };

static void wait_for(const struct wb_sys *sys, int fd, int16_t events) {
    struct wb_pollfd entry = {.fd = fd, .events = events};
    (void)WB_SYS(sys, poll, &entry, 1, WB_TIMEOUT_INFINITE);
}

/* 0 when the end came after "pong". */
static int converse(const struct wb_sys *sys, int fd) {
    char heard[16];
    size_t heard_len = 0;
    if (WB_SYS(sys, send, fd, "ping", 4, WB_MSG_NOSIGNAL) != 4) {
        return 1;
    }
    for (;;) {
        wait_for(sys, fd, WB_EPOLLIN);
        int64_t n = WB_SYS(sys, recv, fd, heard + heard_len, sizeof(heard) - heard_len, 0);
        if (n == 0) {
            return heard_len == 4 && memcmp(heard, "pong", 4) == 0 ? 0 : 1;
        }
        if (n < 0) {
            return 1;
        }
        heard_len += (size_t)n;
    }
}

static int connect_and_converse(const struct wb_sys *sys) {
    struct wb_sockaddr addr = {0};
    uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
    int status = WB_SYS(sys, connect, fd, &addr, sizeof(addr.in));
    int error = 0;
    uint32_t error_len = sizeof(error);
    if (status == -EINPROGRESS) {
        wait_for(sys, fd, WB_EPOLLOUT);
        (void)WB_SYS(sys, getsockopt, fd, WB_SOL_SOCKET, WB_SO_ERROR, &error, &error_len);
    }
    int result = error != 0 ? 1 : converse(sys, fd);
    (void)WB_SYS(sys, close, fd);
    return result;
}

static int client_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    int times = argc > 2 ? argv[2][0] - '0' : 1;
    int result = 0;
    for (int i = 0; i < times; i++) {
        result |= connect_and_converse(sys);
    }
    return result;
}

/* Asks for nothing but readiness of what nobody opens: peers must come all the same. */
static int sleeper_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    int fd = WB_SYS(sys, signalfd, UINT64_C(1) << (WB_SIGTERM - 1), WB_SOCK_NONBLOCK);
    wait_for(sys, fd, WB_EPOLLIN);
    (void)WB_SYS(sys, close, fd);
    return 0;
}

void clients_register(void) {
    static const char *const options[] = {"count", NULL};
    static const struct wbh_program programs[] = {
        {
            .name = "small_client",
            .summary = "says ping and expects pong",
            .main = client_main,
            .options = options,
            .independent = 1,
        },
        {
            .name = "small_sleeper",
            .summary = "waits for a signal",
            .main = sleeper_main,
            .port = 7002,
        },
    };
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
}
