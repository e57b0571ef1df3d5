/* The client's twin: connects to a peer, again after a while if nobody listens yet, sends a line
 * and waits for it to come back. Each use of `has` is a bug; without them it is as it should be. */
#include "programs.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "options.h"

enum { PORT = 6567, RETRY_TIMER = 1, EXIT_FAILED = 1, EXIT_USAGE = 2 };
static const char ping[] = "ping\n";
enum { LINE_MAX = sizeof ping - 1 };
static const uint64_t retry_ns = UINT64_C(10000000);
static const uint64_t tick_ns = UINT64_C(1000000);

enum state { CONNECTING, SENDING, RECEIVING, RESTING };

struct client {
    const struct wb_sys *sys;
    struct planted_options options;
    int epfd;
    int fd; /* -1: none */
    enum state state;
    char line[LINE_MAX];
    size_t line_len;
    size_t moved;         /* bytes of the line, in this state */
    uint64_t deadline_ns; /* of the whole affair */
    uint64_t retry_at_ns; /* RESTING */
    uint64_t tick_at_ns;  /* CONNECTING: when it is looked at again */
    int exit_status;      /* -1: it goes on */
};

static bool has(const struct client *self, enum planted_bug bug) {
    return self->options.bug == bug;
}

static uint64_t now(const struct client *self) {
    return WB_SYS(self->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

static void finish(struct client *self, int exit_status) {
    self->exit_status = exit_status;
}

static void arm(struct client *self, int op, uint32_t mask) {
    struct wb_epoll_event event = {.events = mask | self->options.mode, .data = 1};
    if (WB_SYS(self->sys, epoll_ctl, self->epfd, op, self->fd, &event) != 0) {
        finish(self, EXIT_FAILED);
    }
}

/* ---- connecting ---- */

static void drop_connection(struct client *self) {
    if (self->fd >= 0) {
        (void)WB_SYS(self->sys, close, self->fd);
        self->fd = -1;
    }
}

static void rest(struct client *self) {
    drop_connection(self);
    self->state = RESTING;
    if (has(self, PLANTED_RETRY_NOT_TIMED)) {
        return;
    }
    self->retry_at_ns = now(self) + retry_ns;
    wb_sys_note(self->sys, WB_NOTE_TIMER_SET, RETRY_TIMER, self->retry_at_ns);
}

static void begin_connecting(struct client *self) {
    struct wb_sockaddr addr;
    memset(&addr, 0, sizeof addr);
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    const uint8_t loopback[4] = {127, 0, 0, 1};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof port_be);
    memcpy(addr.in.addr, loopback, sizeof loopback);
    self->fd = WB_SYS(self->sys, socket, WB_AF_INET,
        WB_SOCK_STREAM | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC, WB_IPPROTO_TCP);
    if (self->fd < 0) {
        finish(self, EXIT_FAILED);
        return;
    }
    int result = WB_SYS(self->sys, connect, self->fd, &addr, sizeof addr.in);
    if ((result == -EINPROGRESS && has(self, PLANTED_IN_PROGRESS_FATAL))
        || (result != -EINPROGRESS && has(self, PLANTED_IMMEDIATE_FATAL))) {
        finish(self, EXIT_FAILED);
    } else if (result == 0 || result == -EINPROGRESS) {
        self->state = CONNECTING;
        self->tick_at_ns = now(self) + tick_ns;
        arm(self, WB_EPOLL_CTL_ADD, WB_EPOLLOUT);
    } else {
        rest(self);
    }
}

/* A connection that is being made may be reported before it stands: the name of the peer tells. */
static bool is_connected(struct client *self) {
    struct wb_sockaddr addr;
    uint32_t addr_len = sizeof addr;
    return WB_SYS(self->sys, getpeername, self->fd, &addr, &addr_len) == 0;
}

static void see_connection(struct client *self) {
    int error = 0;
    uint32_t error_len = sizeof error;
    (void)WB_SYS(self->sys, getsockopt, self->fd, WB_SOL_SOCKET, WB_SO_ERROR, &error, &error_len);
    if (has(self, PLANTED_CONNECT_ERROR_IGNORED)) {
        self->state = SENDING; /* it was reported writable, so it stands */
    } else if (error != 0) {
        rest(self);
    } else if (is_connected(self)) {
        self->state = SENDING;
    }
}

/* ---- the line ---- */

static void make_line(struct client *self) {
    memcpy(self->line, ping, LINE_MAX);
    self->line_len = LINE_MAX;
    if (has(self, PLANTED_LINE_PER_ARMING) && (self->options.mode & WB_EPOLLONESHOT) != 0) {
        self->line[0] = 'P';
    }
}

static bool goes_on(struct client *self, int64_t n) {
    if (n > 0) {
        self->moved += (size_t)n;
        return true;
    }
    if (n != -EAGAIN && n != -EINTR) {
        finish(self, EXIT_FAILED);
    }
    return n == -EINTR;
}

static void send_line(struct client *self) {
    bool more = true;
    while (more && self->moved < self->line_len) {
        more = goes_on(self, WB_SYS(self->sys, send, self->fd, self->line + self->moved,
                                 self->line_len - self->moved, WB_MSG_NOSIGNAL));
        if (has(self, PLANTED_LINE_PER_WRITE) && self->moved < self->line_len) {
            self->line[self->moved] = '\n';
            self->line_len = self->moved + 1;
        }
    }
    if (self->moved == self->line_len) {
        self->state = RECEIVING;
        self->moved = 0;
    }
}

static void receive_line(struct client *self) {
    char buf[LINE_MAX];
    bool more = true;
    while (more && self->moved < self->line_len) {
        int64_t n = WB_SYS(self->sys, recv, self->fd, buf, self->line_len - self->moved, 0);
        if (n > 0 && memcmp(buf, self->line + self->moved, (size_t)n) != 0) {
            finish(self, EXIT_FAILED);
        }
        more = goes_on(self, n);
    }
    if (self->moved == self->line_len) {
        finish(self, 0);
    }
}

static void on_ready(struct client *self) {
    wb_sys_note(self->sys, WB_NOTE_DISPATCH, 1, 0);
    if (self->state == CONNECTING) {
        see_connection(self);
    }
    if (self->state == SENDING) {
        send_line(self);
    }
    if (self->state == RECEIVING) {
        receive_line(self);
    }
    if (self->exit_status < 0 && self->fd >= 0) {
        arm(self, WB_EPOLL_CTL_MOD, self->state == RECEIVING ? WB_EPOLLIN : WB_EPOLLOUT);
    }
}

/* ---- time ---- */

static void look_at_clock(struct client *self, uint64_t now_ns) {
    if (now_ns >= self->deadline_ns) {
        finish(self, EXIT_FAILED);
    } else if (self->state == CONNECTING && now_ns >= self->tick_at_ns) {
        self->tick_at_ns = now_ns + tick_ns;
        if (has(self, PLANTED_CONNECT_OVERWRITTEN)) {
            self->state = RECEIVING; /* whatever it was: from now on it listens */
            arm(self, WB_EPOLL_CTL_MOD, WB_EPOLLIN);
        }
    } else if (self->state == RESTING && self->retry_at_ns != 0 && now_ns >= self->retry_at_ns) {
        wb_sys_note(self->sys, WB_NOTE_TIMER_FIRE, RETRY_TIMER, self->retry_at_ns);
        self->retry_at_ns = 0;
        begin_connecting(self);
    }
}

static int64_t patience(const struct client *self, uint64_t now_ns) {
    uint64_t until_ns = self->deadline_ns;
    if (has(self, PLANTED_BUSY_WAITING)) {
        return 0;
    }
    if (self->state == RESTING && self->retry_at_ns == 0) {
        return WB_TIMEOUT_INFINITE; /* nothing to wait for but events */
    }
    if (self->state == RESTING && self->retry_at_ns < until_ns) {
        until_ns = self->retry_at_ns;
    }
    if (self->state == CONNECTING && self->tick_at_ns < until_ns) {
        until_ns = self->tick_at_ns;
    }
    uint64_t left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    if (has(self, PLANTED_TIMEOUT_ROUNDED_DOWN)) {
        left_ns = left_ns / 1000000 * 1000000;
    }
    return (int64_t)left_ns;
}

static void loop(struct client *self) {
    while (self->exit_status < 0) {
        struct wb_epoll_event event;
        int count =
            WB_SYS(self->sys, epoll_pwait2, self->epfd, &event, 1, patience(self, now(self)));
        if (count > 0) {
            on_ready(self);
        } else if (count < 0 && count != -EINTR) {
            finish(self, EXIT_FAILED);
        }
        if (self->exit_status < 0) {
            look_at_clock(self, now(self));
        }
    }
}

int planted_client_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct client self = {.sys = sys, .fd = -1, .exit_status = -1};
    if (!planted_options_parse(&self.options, argc, argv)) {
        return EXIT_USAGE;
    }
    make_line(&self);
    self.epfd = WB_SYS(sys, epoll_create1, WB_EPOLL_CLOEXEC);
    if (self.epfd < 0) {
        return EXIT_FAILED;
    }
    self.deadline_ns = now(&self) + self.options.timeout_ns;
    begin_connecting(&self);
    loop(&self);
    drop_connection(&self);
    if (self.retry_at_ns != 0) {
        wb_sys_note(sys, WB_NOTE_TIMER_CLEAR, RETRY_TIMER, self.retry_at_ns);
    }
    (void)WB_SYS(sys, close, self.epfd);
    return self.exit_status;
}
