/* See server.h. The bugs of the listener and of the loop are here. */
#include "server.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { BATCH = 64, BACKLOG = 64, REST_TIMER = 1 };
static const uint64_t rest_ns = UINT64_C(10000000);
static const uint64_t token_listener = UINT64_C(0xffff0000);
static const uint64_t token_signals = UINT64_C(0xffff0001);

int planted_control(struct planted_server *server, int op, int fd, uint32_t mask, uint64_t token) {
    struct wb_epoll_event event = {.events = mask, .data = token};
    return WB_SYS(server->sys, epoll_ctl, server->epfd, op, fd, &event);
}

int planted_arm(
    struct planted_server *server, uint32_t slot, int fd, uint32_t wanted, uint32_t *armed) {
    if (wanted == *armed && (server->options.mode & WB_EPOLLONESHOT) == 0) {
        return 0;
    }
    *armed = wanted;
    return planted_control(
        server, WB_EPOLL_CTL_MOD, fd, wanted, planted_slots_token(&server->slots, slot));
}

/* ---- accepting ---- */

static int control_listener(struct planted_server *server, int op) {
    return planted_control(
        server, op, server->listener, WB_EPOLLIN | server->options.mode, token_listener);
}

static void set_timer(struct planted_server *server) {
    server->resume_ns = WB_SYS(server->sys, clock_gettime, WB_CLOCK_MONOTONIC) + rest_ns;
    wb_sys_note(server->sys, WB_NOTE_TIMER_SET, REST_TIMER, server->resume_ns);
}

/* Without descriptors or memory a waiting connection would wake the loop at once and for ever: the
 * listener is taken out, and put back when the time has come. */
static void rest(struct planted_server *server) {
    (void)control_listener(server, WB_EPOLL_CTL_DEL);
    if (planted_has(server, PLANTED_REST_WITHOUT_TIMER)) {
        return;
    }
    set_timer(server);
}

static void end_rest(struct planted_server *server, enum wb_note how) {
    wb_sys_note(server->sys, how, REST_TIMER, server->resume_ns);
    server->resume_ns = 0;
}

/* What cannot be registered now may be later. */
static void resume(struct planted_server *server) {
    end_rest(server, WB_NOTE_TIMER_FIRE);
    if (control_listener(server, WB_EPOLL_CTL_ADD) != 0) {
        set_timer(server);
    }
}

static bool is_of_one_connection(int error) {
    return error == -EINTR || error == -ECONNABORTED || error == -EPERM || error == -EPROTO
           || error == -ENETDOWN || error == -EHOSTUNREACH || error == -ENETUNREACH
           || error == -EOPNOTSUPP || error == -EHOSTDOWN || error == -ENOPROTOOPT
           || error == -ETIMEDOUT;
}

static void accept_all(struct planted_server *server) {
    for (bool first = true;; first = false) {
        int fd = WB_SYS(
            server->sys, accept4, server->listener, NULL, NULL, WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC);
        if (fd == -EAGAIN) {
            assert(!first || !planted_has(server, PLANTED_LISTENER_ASSERTED));
            break;
        }
        if (fd >= 0) {
            server->callbacks->accepted(server, fd);
            if (planted_has(server, PLANTED_ONE_ACCEPT_PER_EDGE)) {
                break;
            }
        } else if (planted_has(server, PLANTED_LISTENER_ERROR_ENDS)) {
            server->exit_status = 1;
            server->is_stopping = true;
            return;
        } else if (!is_of_one_connection(fd)) {
            if (planted_has(server, PLANTED_SHORTAGE_REARMED)) {
                break;
            }
            rest(server);
            return;
        }
    }
    if ((server->options.mode & WB_EPOLLONESHOT) != 0) {
        if (control_listener(server, WB_EPOLL_CTL_MOD) != 0) {
            rest(server);
        }
    }
}

/* ---- the loop ---- */

static void take_signal(struct planted_server *server) {
    if (planted_signal_taken(server->sys, server->signals)
        && !planted_has(server, PLANTED_SIGNAL_IGNORED)) {
        server->is_stopping = true;
    }
}

static int64_t time_left(struct planted_server *server) {
    if (server->resume_ns == 0) {
        return WB_TIMEOUT_INFINITE;
    }
    uint64_t now_ns = WB_SYS(server->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    if (now_ns < server->resume_ns) {
        return (int64_t)(server->resume_ns - now_ns);
    }
    resume(server);
    return server->resume_ns != 0 ? (int64_t)rest_ns : WB_TIMEOUT_INFINITE;
}

static void dispatch(struct planted_server *server, const struct wb_epoll_event *event) {
    if (event->data == token_listener) {
        if (server->resume_ns == 0) {
            accept_all(server);
        }
    } else if (event->data == token_signals) {
        take_signal(server);
    } else {
        server->callbacks->ready(server, event->data, event->events);
    }
}

static void loop(struct planted_server *server) {
    struct wb_epoll_event events[BATCH];
    while (!server->is_stopping) {
        int count =
            WB_SYS(server->sys, epoll_pwait2, server->epfd, events, BATCH, time_left(server));
        if (count < 0 && (count != -EINTR || planted_has(server, PLANTED_INTERRUPT_FATAL))) {
            server->exit_status = 1;
            return;
        }
        for (int i = 0; i < count; i++) {
            dispatch(server, &events[i]);
        }
        planted_slots_end_pass(&server->slots);
        if (server->callbacks->end_of_pass != NULL) {
            server->callbacks->end_of_pass(server);
        }
    }
}

/* ---- beginning and end ---- */

int planted_listen(const struct wb_sys *sys, uint16_t port) {
    struct wb_sockaddr addr;
    memset(&addr, 0, sizeof addr);
    const uint8_t port_be[2] = {(uint8_t)(port >> 8), (uint8_t)port};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof port_be);
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC,
        WB_IPPROTO_TCP);
    if (fd < 0) {
        return fd;
    }
    int result = WB_SYS(sys, bind, fd, &addr, sizeof addr.in);
    if (result == 0) {
        result = WB_SYS(sys, listen, fd, BACKLOG);
    }
    if (result != 0) {
        (void)WB_SYS(sys, close, fd);
        return result;
    }
    return fd;
}

int planted_signals(const struct wb_sys *sys) {
    const uint64_t mask = UINT64_C(1) << (WB_SIGTERM - 1) | UINT64_C(1) << (WB_SIGINT - 1);
    return WB_SYS(sys, signalfd, mask, WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC);
}

bool planted_signal_taken(const struct wb_sys *sys, int signals) {
    struct wb_signalfd_siginfo info;
    return WB_SYS(sys, read, signals, &info, sizeof info) == (int64_t)sizeof info;
}

static bool open_all(struct planted_server *server, uint16_t port) {
    server->epfd = WB_SYS(server->sys, epoll_create1, WB_EPOLL_CLOEXEC);
    server->signals = planted_signals(server->sys);
    server->listener = server->callbacks->listen != NULL ? server->callbacks->listen(server)
                                                         : planted_listen(server->sys, port);
    if (server->epfd < 0 || server->signals < 0 || server->listener < 0
        || planted_control(server, WB_EPOLL_CTL_ADD, server->signals, WB_EPOLLIN, token_signals)
               != 0
        || control_listener(server, WB_EPOLL_CTL_ADD) != 0) {
        return false;
    }
    if (planted_has(server, PLANTED_DOUBLE_REGISTRATION)) {
        (void)planted_control(
            server, WB_EPOLL_CTL_ADD, server->listener, WB_EPOLLIN, token_listener);
    }
    return true;
}

static void close_one(struct planted_server *server, int fd) {
    if (fd >= 0) {
        (void)WB_SYS(server->sys, close, fd);
    }
}

static void close_everything(struct planted_server *server) {
    wb_sys_note(server->sys, WB_NOTE_STOPPING, 0, 0);
    server->callbacks->close_all(server);
    if (server->resume_ns != 0 && !planted_has(server, PLANTED_LEAKED_TIMER)) {
        end_rest(server, WB_NOTE_TIMER_CLEAR);
    }
    close_one(server, server->listener);
    close_one(server, server->signals);
    if (!planted_has(server, PLANTED_LEAKED_DESCRIPTOR)) {
        close_one(server, server->epfd);
    }
}

int planted_serve(struct planted_server *server, const struct wb_sys *sys,
    const struct planted_callbacks *callbacks, uint16_t port, int argc, char *const argv[]) {
    *server = (struct planted_server){
        .sys = sys, .callbacks = callbacks, .epfd = -1, .listener = -1, .signals = -1};
    if (!planted_options_parse(&server->options, argc, argv)) {
        return 2;
    }
    planted_slots_init(&server->slots, sys, server->options.bug, server->options.connections_max);
    if (open_all(server, port)) {
        loop(server);
    } else {
        server->exit_status = 1;
    }
    close_everything(server);
    return server->exit_status;
}
