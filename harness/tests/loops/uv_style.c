/* The echo server on the loop as libuv's, as its streams do it: a bounded number of reads for a
 * report, nothing is read while something waits to be written, and writing is tried at once. Each
 * bug is one expectation of libuv's that is ignored. */
#include "programs.h"

#include <assert.h>
#include <errno.h>

#include "options.h"
#include "server.h"
#include "uv_loop.h"

enum { PORT = 6568, READS_MAX = 32 };

#define READ_BITS (WB_EPOLLIN | WB_EPOLLRDHUP)

struct conn {
    struct uv_watcher io;
    struct uv_watcher child_io;
    struct loops_child child;
    struct loops_line line;
    uint8_t queue[LOOPS_CHUNK]; /* what was read and not yet sent back */
    size_t queue_len;
    size_t queue_at;
    bool is_open;
    bool is_held;
    bool is_done; /* its input has ended, or its child has */
};

struct uv_style {
    struct uv_loop loop; /* the first member: see from_loop */
    struct uv_watcher listener;
    struct uv_watcher signals;
    int spare; /* a descriptor that is given up when there is none for a connection; -1: none */
    struct conn conns[LOOPS_CONNS_MAX];
    struct conn *holder; /* NULL: everybody is read */
    bool is_stopping;
};

static struct uv_style *from_loop(struct uv_loop *loop) {
    return (struct uv_style *)loop;
}

static bool has(const struct uv_style *self, enum planted_bug bug) {
    return self->loop.bug == bug;
}

/* ---- what is wanted of a connection ---- */

static void want(struct uv_style *self, struct conn *conn, uint32_t events, bool is_wanted) {
    bool is_started = (conn->io.wanted & events) != 0;
    if (is_wanted && !is_started) {
        uv_loop_start(&self->loop, &conn->io, events);
    } else if (!is_wanted && is_started) {
        uv_loop_stop(&self->loop, &conn->io, events);
    }
}

static bool is_reading(const struct conn *conn) {
    return conn->is_open && !conn->is_held && !conn->is_done && conn->queue_len == 0;
}

static void close_conn(struct uv_style *self, struct conn *conn);

/* Reading is stopped before writing is started: for a moment nothing is wanted. */
static void settle(struct uv_style *self, struct conn *conn) {
    if (!conn->is_open) {
        return;
    }
    if (conn->is_done && conn->queue_len == 0) {
        close_conn(self, conn);
        return;
    }
    bool is_writing = conn->queue_len != 0;
    want(self, conn, READ_BITS, is_reading(conn));
    if (is_writing && has(self, PLANTED_WRITES_NOT_STARTED)) {
        return;
    }
    if (!is_writing && has(self, PLANTED_WRITES_NOT_STOPPED)) {
        return;
    }
    want(self, conn, WB_EPOLLOUT, is_writing);
}

/* ---- orders ---- */

static void release(struct uv_style *self) {
    self->holder = NULL;
    for (int i = 0; i < LOOPS_CONNS_MAX; i++) {
        self->conns[i].is_held = false;
        settle(self, &self->conns[i]);
    }
}

static void close_child(struct uv_style *self, struct conn *conn) {
    if (conn->child.ours < 0) {
        return;
    }
    loops_child_end(self->loop.sys, &conn->child);
    uv_loop_close(&self->loop, &conn->child_io);
    conn->child = LOOPS_CHILD_NONE;
}

static void close_conn(struct uv_style *self, struct conn *conn) {
    if (!conn->is_open) {
        return;
    }
    if (conn->queue_len != 0) {
        wb_sys_note(self->loop.sys, WB_NOTE_DISCARD, (uint64_t)conn->io.fd, conn->queue_len);
    }
    close_child(self, conn);
    if (has(self, PLANTED_CLOSED_WHILE_ACTIVE)) {
        (void)WB_SYS(self->loop.sys, close, conn->io.fd);
    } else {
        uv_loop_close(&self->loop, &conn->io);
    }
    conn->is_open = false;
    if (self->holder == conn) {
        release(self);
    }
}

static void each_other(
    struct uv_style *self, struct conn *conn, void (*act)(struct uv_style *, struct conn *)) {
    for (int i = 0; i < LOOPS_CONNS_MAX; i++) {
        if (&self->conns[i] != conn && self->conns[i].is_open) {
            act(self, &self->conns[i]);
        }
    }
}

static void hold(struct uv_style *self, struct conn *conn) {
    conn->is_held = true;
    settle(self, conn);
}

static void on_child(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events) {
    struct conn *conn = watcher->owner;
    struct uv_style *self = from_loop(loop);
    uint32_t awaited = conn->child.listens ? WB_EPOLLOUT : WB_EPOLLIN;
    if ((events & awaited) != 0 && loops_child_talk(loop->sys, &conn->child)) {
        close_child(self, conn);
        conn->is_done = true;
        settle(self, conn);
    }
}

static void start_child(struct uv_style *self, struct conn *conn, bool listens) {
    if (conn->child.ours >= 0 || loops_child_start(self->loop.sys, &conn->child, listens) != 0) {
        return;
    }
    conn->child_io = (struct uv_watcher){.fd = conn->child.ours, .ready = on_child, .owner = conn};
    uv_loop_start(&self->loop, &conn->child_io, listens ? WB_EPOLLOUT : WB_EPOLLIN);
}

static void obey(struct uv_style *self, struct conn *conn, enum loops_order order) {
    switch (order) {
    case LOOPS_ORDER_KICK:
        each_other(self, conn, close_conn);
        break;
    case LOOPS_ORDER_HOLD:
        if (self->holder == NULL) {
            self->holder = conn;
            each_other(self, conn, hold);
        }
        break;
    case LOOPS_ORDER_GO:
        release(self);
        break;
    case LOOPS_ORDER_RUN:
    case LOOPS_ORDER_FILL:
        start_child(self, conn, order == LOOPS_ORDER_FILL);
        break;
    case LOOPS_ORDER_END:
        loops_child_end(self->loop.sys, &conn->child);
        break;
    case LOOPS_ORDER_NONE:
    case LOOPS_ORDER_DUP:
    case LOOPS_ORDER_COPY:
    case LOOPS_ORDER_QUIET:
        break;
    }
}

/* ---- reading and writing ---- */

static void flush(struct uv_style *self, struct conn *conn) {
    while (conn->queue_len != 0) {
        int64_t n = WB_SYS(self->loop.sys, send, conn->io.fd, conn->queue + conn->queue_at,
            conn->queue_len, WB_MSG_NOSIGNAL);
        if (n == -EAGAIN) {
            return;
        }
        if (n > 0) {
            conn->queue_at += (size_t)n;
            conn->queue_len -= (size_t)n;
        } else if (n != -EINTR) {
            close_conn(self, conn);
        }
        if (!conn->is_open) {
            return;
        }
    }
}

static void take(struct uv_style *self, struct conn *conn, size_t len) {
    conn->queue_at = 0;
    conn->queue_len = len;
    flush(self, conn);
    for (size_t i = 0; i < len && conn->is_open; i++) {
        obey(self, conn, loops_line_take(&conn->line, (char)conn->queue[i]));
    }
}

/* A read that does not fill its buffer is the last for this report, and so is the 32nd: level-
 * triggered, what is left is reported again. */
static void read_some(struct uv_style *self, struct conn *conn, uint32_t events) {
    for (int count = 0; count < READS_MAX && is_reading(conn); count++) {
        int64_t n = WB_SYS(self->loop.sys, recv, conn->io.fd, conn->queue, sizeof conn->queue, 0);
        if (n == -EAGAIN && !has(self, PLANTED_UV_AGAIN_FATAL)) {
            return;
        }
        if (n == 0) {
            conn->is_done =
                (events & WB_EPOLLRDHUP) != 0 || !has(self, PLANTED_DISCONNECT_RELIED_ON);
            return;
        }
        if (n > 0) {
            take(self, conn, (size_t)n);
        } else if (n != -EINTR) {
            close_conn(self, conn);
        }
        if (n > 0 && (size_t)n < sizeof conn->queue) {
            return;
        }
    }
}

static void on_stream(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events) {
    struct uv_style *self = from_loop(loop);
    struct conn *conn = watcher->owner;
    assert(watcher->wanted != 0 || !"who has stopped is not called");
    if ((events & READ_BITS) != 0) {
        read_some(self, conn, events);
    }
    if (conn->is_open && (events & WB_EPOLLOUT) != 0) {
        flush(self, conn);
    }
    settle(self, conn);
}

/* ---- the server ---- */

static struct conn *free_conn(struct uv_style *self) {
    for (int i = 0; i < LOOPS_CONNS_MAX; i++) {
        if (!self->conns[i].is_open) {
            return &self->conns[i];
        }
    }
    return NULL;
}

static void accepted(struct uv_style *self, int fd) {
    struct conn *conn = fd < LOOPS_FDS_MAX ? free_conn(self) : NULL;
    if (conn == NULL) {
        (void)WB_SYS(self->loop.sys, close, fd);
        return;
    }
    *conn = (struct conn){.io = {.fd = fd, .ready = on_stream, .owner = conn},
        .child = LOOPS_CHILD_NONE,
        .is_open = true,
        .is_held = self->holder != NULL};
    settle(self, conn);
}

static void open_spare(struct uv_style *self) {
    self->spare = WB_SYS(self->loop.sys, eventfd, 0, WB_EFD_NONBLOCK | WB_EFD_CLOEXEC);
}

static void close_spare(struct uv_style *self) {
    if (self->spare >= 0) {
        (void)WB_SYS(self->loop.sys, close, self->spare);
        self->spare = -1;
    }
}

static int accept_one(struct uv_style *self) {
    return WB_SYS(
        self->loop.sys, accept4, self->listener.fd, NULL, NULL, WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC);
}

/* Without a descriptor for it a waiting connection would be reported for ever: with the spare one
 * all that wait are accepted, and closed. */
static void refuse_all(struct uv_style *self) {
    close_spare(self);
    for (int fd = accept_one(self); fd >= 0; fd = accept_one(self)) {
        (void)WB_SYS(self->loop.sys, close, fd);
    }
    open_spare(self);
}

/* Level-triggered, the listener may be left at any other error: it is reported again. */
static void on_connection(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events) {
    (void)watcher;
    (void)events;
    struct uv_style *self = from_loop(loop);
    int fd = accept_one(self);
    while (fd >= 0) {
        accepted(self, fd);
        fd = accept_one(self);
    }
    if ((fd == -EMFILE || fd == -ENFILE) && !has(self, PLANTED_SHORTAGE_LEFT)) {
        refuse_all(self);
    }
}

static void on_signal(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events) {
    (void)events;
    if (planted_signal_taken(loop->sys, watcher->fd)) {
        from_loop(loop)->is_stopping = true;
    }
}

static bool open_all(struct uv_style *self, const struct wb_sys *sys) {
    self->listener = (struct uv_watcher){.fd = planted_listen(sys, PORT), .ready = on_connection};
    self->signals = (struct uv_watcher){.fd = planted_signals(sys), .ready = on_signal};
    if (self->listener.fd < 0 || self->signals.fd < 0) {
        return false;
    }
    uv_loop_start(&self->loop, &self->listener, WB_EPOLLIN);
    uv_loop_start(&self->loop, &self->signals, WB_EPOLLIN);
    open_spare(self);
    return true;
}

static void close_all(struct uv_style *self) {
    wb_sys_note(self->loop.sys, WB_NOTE_STOPPING, 0, 0);
    each_other(self, NULL, close_conn);
    if (self->listener.fd >= 0) {
        uv_loop_close(&self->loop, &self->listener);
    }
    if (self->signals.fd >= 0) {
        uv_loop_close(&self->loop, &self->signals);
    }
    close_spare(self);
    uv_loop_clean_up(&self->loop);
}

int uv_style_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct planted_options options;
    struct uv_style self = {.listener = {.fd = -1}, .signals = {.fd = -1}, .spare = -1};
    if (!planted_options_parse(&options, argc, argv)) {
        return 2;
    }
    int result = uv_loop_init(&self.loop, sys, options.bug);
    if (result == 0 && !open_all(&self, sys)) {
        result = -EMFILE;
    }
    while (result == 0 && !self.is_stopping) {
        result = uv_loop_run_once(&self.loop);
    }
    close_all(&self);
    return result == 0 ? 0 : 1;
}
