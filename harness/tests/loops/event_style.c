/* The echo server on the loop as libevent's: one event for reading, one for writing and one for the
 * peer's end, level- or edge-triggered, persistent or not (`trigger=oneshot`, `edge-oneshot`). Each
 * bug is one expectation of libevent's that is ignored. */
#include "programs.h"

#include <assert.h>
#include <errno.h>

#include "ev_base.h"
#include "options.h"
#include "server.h"

enum { PORT = 6569, READS_MAX = 4 };

struct conn {
    struct ev_event read;
    struct ev_event write;
    struct ev_event closed;
    struct ev_event child_io;
    struct loops_child child;
    struct loops_line line;
    int fd;
    int duplicate;              /* through which it is read; -1: through fd */
    uint8_t queue[LOOPS_CHUNK]; /* what was read and not yet sent back */
    size_t queue_len;
    size_t queue_at;
    bool is_open;
    bool is_quiet;
    bool is_done;  /* its input has ended, or its child has */
    bool is_moved; /* another descriptor is read since an order of the present report */
};

struct event_style {
    struct ev_base base; /* the first member: see from_base */
    uint32_t mode;
    struct ev_event listener;
    struct ev_event signals;
    struct conn conns[LOOPS_CONNS_MAX];
    bool is_stopping;
};

static struct event_style *from_base(struct ev_base *base) {
    return (struct event_style *)base;
}

static bool has(const struct event_style *self, enum planted_bug bug) {
    return self->base.bug == bug;
}

static struct ev_event event_of(
    const struct event_style *self, int fd, uint32_t kind, ev_ready_fn ready, struct conn *conn) {
    return (struct ev_event){
        .fd = fd,
        .kind = kind,
        .is_persistent = (self->mode & WB_EPOLLONESHOT) == 0,
        .is_edge = (self->mode & WB_EPOLLET) != 0,
        .ready = ready,
        .owner = conn,
    };
}

/* ---- the end of a connection ---- */

static void close_child(struct event_style *self, struct conn *conn) {
    if (conn->child.ours < 0) {
        return;
    }
    loops_child_end(self->base.sys, &conn->child);
    ev_base_del(&self->base, &conn->child_io);
    (void)WB_SYS(self->base.sys, close, conn->child.ours);
    conn->child = LOOPS_CHILD_NONE;
}

static void close_duplicate(struct event_style *self, struct conn *conn) {
    if (conn->duplicate >= 0) {
        (void)WB_SYS(self->base.sys, close, conn->duplicate);
        conn->duplicate = -1;
    }
}

static void close_conn(struct event_style *self, struct conn *conn) {
    if (!conn->is_open) {
        return;
    }
    if (conn->queue_len != 0) {
        wb_sys_note(self->base.sys, WB_NOTE_DISCARD, (uint64_t)conn->fd, conn->queue_len);
    }
    close_child(self, conn);
    ev_base_del(&self->base, &conn->read);
    ev_base_del(&self->base, &conn->write);
    ev_base_del(&self->base, &conn->closed);
    close_duplicate(self, conn);
    (void)WB_SYS(self->base.sys, close, conn->fd);
    conn->is_open = false;
}

/* ---- what is wanted of a connection ---- */

static void want(struct event_style *self, struct ev_event *event, bool is_wanted) {
    if (is_wanted && !event->is_pending) {
        ev_base_add(&self->base, event);
    } else if (!is_wanted && event->is_pending) {
        ev_base_del(&self->base, event);
    }
}

static bool is_reading(const struct conn *conn) {
    return conn->is_open && !conn->is_quiet && !conn->is_done && conn->queue_len == 0;
}

static void settle(struct event_style *self, struct conn *conn) {
    if (!conn->is_open) {
        return;
    }
    if (conn->is_done && conn->queue_len == 0) {
        close_conn(self, conn);
        return;
    }
    want(self, &conn->read, is_reading(conn));
    want(self, &conn->write, conn->queue_len != 0);
    want(self, &conn->closed, conn->is_quiet && !has(self, PLANTED_CLOSED_NOT_WATCHED));
}

/* ---- orders ---- */

static void kick_others(struct event_style *self, const struct conn *conn) {
    for (int i = 0; i < LOOPS_CONNS_MAX; i++) {
        if (&self->conns[i] != conn) {
            close_conn(self, &self->conns[i]);
        }
    }
}

static void on_child(struct ev_base *base, struct ev_event *event) {
    struct event_style *self = from_base(base);
    struct conn *conn = event->owner;
    if (loops_child_talk(base->sys, &conn->child)) {
        close_child(self, conn);
        conn->is_done = true;
        settle(self, conn);
    } else {
        want(self, event, true);
    }
}

static void start_child(struct event_style *self, struct conn *conn, bool listens) {
    if (conn->child.ours >= 0 || loops_child_start(self->base.sys, &conn->child, listens) != 0) {
        return;
    }
    conn->child_io =
        event_of(self, conn->child.ours, listens ? EV_KIND_WRITE : EV_KIND_READ, on_child, conn);
    ev_base_add(&self->base, &conn->child_io);
}

static int read_through(struct event_style *self, struct conn *conn) {
    int fd = WB_SYS(self->base.sys, dup, conn->fd);
    if (fd >= LOOPS_FDS_MAX) {
        (void)WB_SYS(self->base.sys, close, fd);
    }
    return fd >= 0 && fd < LOOPS_FDS_MAX ? fd : -1;
}

/* If the duplicate is closed before epoll is told, there is nothing to take out by that number, and
 * what was registered lives on with the connection. */
static void change_descriptor(struct event_style *self, struct conn *conn, bool is_told) {
    ev_base_del(&self->base, &conn->read);
    if (is_told && !has(self, PLANTED_DUPLICATE_TOLD_LATE)) {
        (void)ev_base_tell(&self->base); /* what fails is tried again by the next wait */
    }
    if (conn->duplicate >= 0) {
        close_duplicate(self, conn);
    } else {
        conn->duplicate = read_through(self, conn);
    }
    conn->read.fd = conn->duplicate >= 0 ? conn->duplicate : conn->fd;
    conn->is_moved = true;
}

static void obey(struct event_style *self, struct conn *conn, enum loops_order order) {
    switch (order) {
    case LOOPS_ORDER_KICK:
        kick_others(self, conn);
        break;
    case LOOPS_ORDER_RUN:
    case LOOPS_ORDER_FILL:
        start_child(self, conn, order == LOOPS_ORDER_FILL);
        break;
    case LOOPS_ORDER_END:
        loops_child_end(self->base.sys, &conn->child);
        break;
    case LOOPS_ORDER_DUP:
    case LOOPS_ORDER_COPY:
        change_descriptor(self, conn, order == LOOPS_ORDER_COPY);
        break;
    case LOOPS_ORDER_QUIET:
        conn->is_quiet = true;
        break;
    case LOOPS_ORDER_NONE:
    case LOOPS_ORDER_HOLD:
    case LOOPS_ORDER_GO:
        break;
    }
}

/* ---- reading and writing ---- */

static void flush(struct event_style *self, struct conn *conn) {
    while (conn->is_open && conn->queue_len != 0) {
        int64_t n = WB_SYS(self->base.sys, send, conn->fd, conn->queue + conn->queue_at,
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
    }
}

static void take(struct event_style *self, struct conn *conn, size_t len) {
    conn->queue_at = 0;
    conn->queue_len = len;
    flush(self, conn);
    for (size_t i = 0; i < len && conn->is_open; i++) {
        obey(self, conn, loops_line_take(&conn->line, (char)conn->queue[i]));
    }
}

/* False: it would block. */
static bool read_once(struct event_style *self, struct conn *conn) {
    int64_t n = WB_SYS(self->base.sys, recv, conn->read.fd, conn->queue, sizeof conn->queue, 0);
    if (n == -EAGAIN && !has(self, PLANTED_EVENT_AGAIN_FATAL)) {
        return false;
    }
    if (n > 0) {
        take(self, conn, (size_t)n);
    } else if (n == 0) {
        conn->is_done = true;
    } else if (n != -EINTR) {
        close_conn(self, conn);
    }
    return true;
}

/* Until it would block. Whoever stops earlier, so that others have their turn, must add the event
 * again: of an edge nothing more would come. */
static void on_read(struct ev_base *base, struct ev_event *event) {
    struct event_style *self = from_base(base);
    struct conn *conn = event->owner;
    conn->is_moved = false;
    int count = 0;
    while (is_reading(conn) && !conn->is_moved && count < READS_MAX) {
        if (!read_once(self, conn)) {
            break;
        }
        count = has(self, PLANTED_EDGE_NOT_DRAINED) ? READS_MAX + 1 : count + 1;
    }
    if (count == READS_MAX && is_reading(conn) && !has(self, PLANTED_TURN_NOT_REARMED)) {
        ev_base_del(base, event);
    }
    settle(self, conn);
}

static void on_write(struct ev_base *base, struct ev_event *event) {
    struct event_style *self = from_base(base);
    flush(self, event->owner);
    settle(self, event->owner);
}

static void on_closed(struct ev_base *base, struct ev_event *event) {
    close_conn(from_base(base), event->owner);
}

/* ---- the server ---- */

static struct conn *free_conn(struct event_style *self) {
    for (int i = 0; i < LOOPS_CONNS_MAX; i++) {
        if (!self->conns[i].is_open) {
            return &self->conns[i];
        }
    }
    return NULL;
}

static void accepted(struct event_style *self, int fd) {
    struct conn *conn = fd < LOOPS_FDS_MAX ? free_conn(self) : NULL;
    if (conn == NULL) {
        (void)WB_SYS(self->base.sys, close, fd);
        return;
    }
    *conn = (struct conn){
        .read = event_of(self, fd, EV_KIND_READ, on_read, conn),
        .write = event_of(self, fd, EV_KIND_WRITE, on_write, conn),
        .closed = event_of(self, fd, EV_KIND_CLOSED, on_closed, conn),
        .child = LOOPS_CHILD_NONE,
        .fd = fd,
        .duplicate = -1,
        .is_open = true,
    };
    settle(self, conn);
}

/* Always level-triggered, and so it may be left at any error: it is reported again. */
static void on_connection(struct ev_base *base, struct ev_event *event) {
    for (;;) {
        int fd =
            WB_SYS(base->sys, accept4, event->fd, NULL, NULL, WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        accepted(from_base(base), fd);
    }
}

static void on_signal(struct ev_base *base, struct ev_event *event) {
    if (planted_signal_taken(base->sys, event->fd)) {
        from_base(base)->is_stopping = true;
    }
}

static void watch_always(
    struct event_style *self, struct ev_event *event, int fd, ev_ready_fn ready) {
    *event = event_of(self, fd, EV_KIND_READ, ready, NULL);
    event->is_persistent = true;
    event->is_edge = false;
    if (fd >= 0) {
        ev_base_add(&self->base, event);
    }
}

static void close_always(struct event_style *self, struct ev_event *event) {
    if (event->fd >= 0) {
        ev_base_del(&self->base, event);
        (void)WB_SYS(self->base.sys, close, event->fd);
    }
}

static void close_all(struct event_style *self) {
    wb_sys_note(self->base.sys, WB_NOTE_STOPPING, 0, 0);
    kick_others(self, NULL);
    close_always(self, &self->listener);
    close_always(self, &self->signals);
    ev_base_clean_up(&self->base);
}

int event_style_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct planted_options options;
    struct event_style self = {.is_stopping = false};
    if (!planted_options_parse(&options, argc, argv)) {
        return 2;
    }
    self.mode = options.mode;
    int result = ev_base_init(&self.base, sys, options.bug);
    watch_always(&self, &self.listener, planted_listen(sys, PORT), on_connection);
    watch_always(&self, &self.signals, planted_signals(sys), on_signal);
    if (self.listener.fd < 0 || self.signals.fd < 0) {
        result = -EMFILE;
    }
    while (result == 0 && !self.is_stopping) {
        result = ev_base_run_once(&self.base);
    }
    close_all(&self);
    return result == 0 ? 0 : 1;
}
