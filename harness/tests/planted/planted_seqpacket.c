/* A server of Unix sockets whose messages keep their borders: each comes back as one. It has a
 * path, which is a file that outlives it. Each `planted_has` is a bug; without them it is as it
 * should be.
 */
#include "programs.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "server.h"

enum { BACKLOG = 64, MESSAGE_LEN_MAX = 65536, CUT_LEN = 16 };
static const char path[] = "/run/planted";

struct conn {
    int fd; /* -1: closed */
    uint8_t *buf;
    size_t len; /* of the message that is to be sent back; 0: reading */
    uint32_t armed;
};

struct seqpacket {
    struct planted_server server;
    struct conn conns[PLANTED_SLOTS_MAX];
};

enum step { STEP_MORE, STEP_BLOCKED, STEP_DRAINED, STEP_CLOSE };

static struct seqpacket *from_server(struct planted_server *server) {
    return (struct seqpacket *)server;
}

static bool has(const struct seqpacket *self, enum planted_bug bug) {
    return planted_has(&self->server, bug);
}

/* ---- messages ---- */

static int64_t receive(struct seqpacket *self, struct conn *conn, size_t room) {
    size_t len = has(self, PLANTED_MESSAGE_CUT) && room > CUT_LEN ? CUT_LEN : room;
    return WB_SYS(self->server.sys, recv, conn->fd, conn->buf + conn->len, len, 0);
}

/* What has come since, all in one. */
static void glue(struct seqpacket *self, struct conn *conn) {
    int64_t n;
    while (
        conn->len < MESSAGE_LEN_MAX && (n = receive(self, conn, MESSAGE_LEN_MAX - conn->len)) > 0) {
        conn->len += (size_t)n;
    }
}

/* An empty message looks like the end. */
static enum step read_step(struct seqpacket *self, struct conn *conn) {
    int64_t n = receive(self, conn, MESSAGE_LEN_MAX);
    if (n == -EAGAIN) {
        return STEP_BLOCKED;
    }
    assert(n >= 0 || !has(self, PLANTED_LOCAL_RESET_ASSERTED) || !"a read does not fail");
    if (n <= 0) {
        return STEP_CLOSE;
    }
    conn->len = (size_t)n;
    if (has(self, PLANTED_MESSAGES_GLUED)) {
        glue(self, conn);
    }
    return STEP_MORE;
}

static enum step write_step(struct seqpacket *self, struct conn *conn) {
    int64_t n = WB_SYS(self->server.sys, send, conn->fd, conn->buf, conn->len, WB_MSG_NOSIGNAL);
    if (n == -EAGAIN) {
        return STEP_BLOCKED;
    }
    bool is_short = conn->len < MESSAGE_LEN_MAX;
    conn->len = n < 0 ? conn->len : 0;
    if (n < 0) {
        return STEP_CLOSE;
    }
    return is_short && has(self, PLANTED_SHORT_MESSAGE_DRAINS) ? STEP_DRAINED : STEP_MORE;
}

/* ---- the end of a connection ---- */

static void remove_conn(struct seqpacket *self, uint32_t slot) {
    struct conn *conn = &self->conns[slot];
    const struct wb_sys *sys = self->server.sys;
    if (conn->len != 0) {
        wb_sys_note(sys, WB_NOTE_DISCARD, (uint64_t)conn->fd, conn->len);
    }
    (void)WB_SYS(sys, close, conn->fd);
    WB_SYS(sys, free, conn->buf, MESSAGE_LEN_MAX);
    conn->fd = -1;
    planted_slots_retire(&self->server.slots, slot);
}

/* ---- readiness ---- */

/* One direction at a time: a reply that is read makes room, whose report would tell of input as
 * well. */
static uint32_t wanted_mask(const struct seqpacket *self, const struct conn *conn) {
    return (conn->len != 0 ? WB_EPOLLOUT : WB_EPOLLIN) | self->server.options.mode;
}

static void arm(struct seqpacket *self, struct conn *conn, uint32_t slot) {
    if (planted_arm(&self->server, slot, conn->fd, wanted_mask(self, conn), &conn->armed) != 0) {
        remove_conn(self, slot);
    }
}

static void on_ready(struct planted_server *server, uint64_t token, uint32_t events) {
    struct seqpacket *self = from_server(server);
    uint32_t slot = planted_slots_find(&server->slots, token);
    if (slot == PLANTED_SLOT_NONE || self->conns[slot].fd < 0) {
        return;
    }
    struct conn *conn = &self->conns[slot];
    wb_sys_note(server->sys, WB_NOTE_DISPATCH, token, events);
    enum step step = STEP_MORE;
    while (step == STEP_MORE) {
        step = conn->len != 0 ? write_step(self, conn) : read_step(self, conn);
    }
    if (step == STEP_CLOSE) {
        remove_conn(self, slot);
    } else {
        arm(self, conn, slot);
    }
}

/* ---- beginning and end ---- */

/* A path that a killed server left refuses everybody: it has to be removed. */
static int bind_path(struct planted_server *server, int fd) {
    struct wb_sockaddr addr;
    memset(&addr, 0, sizeof addr);
    addr.un.family = WB_AF_UNIX;
    memcpy(addr.un.path, path, sizeof path);
    int result = WB_SYS(server->sys, bind, fd, &addr, sizeof addr.un);
    if (result == -EADDRINUSE && !planted_has(server, PLANTED_STALE_PATH_FATAL)) {
        (void)WB_SYS(server->sys, unlink, path);
        result = WB_SYS(server->sys, bind, fd, &addr, sizeof addr.un);
    }
    return result;
}

static int on_listen(struct planted_server *server) {
    const struct wb_sys *sys = server->sys;
    int fd =
        WB_SYS(sys, socket, WB_AF_UNIX, WB_SOCK_SEQPACKET | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fd;
    }
    int result = bind_path(server, fd);
    if (result == 0) {
        result = WB_SYS(sys, listen, fd, BACKLOG);
    }
    if (result != 0) {
        (void)WB_SYS(sys, close, fd);
        return result;
    }
    return fd;
}

static void on_accepted(struct planted_server *server, int fd) {
    struct seqpacket *self = from_server(server);
    uint8_t *buf = WB_SYS(server->sys, alloc, MESSAGE_LEN_MAX);
    uint32_t slot = buf != NULL ? planted_slots_take(&server->slots) : PLANTED_SLOT_NONE;
    if (slot == PLANTED_SLOT_NONE) {
        (void)WB_SYS(server->sys, close, fd);
        WB_SYS(server->sys, free, buf, MESSAGE_LEN_MAX);
        return;
    }
    struct conn *conn = &self->conns[slot];
    *conn = (struct conn){.fd = fd, .buf = buf};
    conn->armed = wanted_mask(self, conn);
    if (planted_control(
            server, WB_EPOLL_CTL_ADD, fd, conn->armed, planted_slots_token(&server->slots, slot))
        != 0) {
        remove_conn(self, slot);
    }
}

static void on_close_all(struct planted_server *server) {
    struct seqpacket *self = from_server(server);
    for (uint32_t slot = 0; slot < server->slots.limit; slot++) {
        if ((server->slots.generation[slot] & 1) != 0 && self->conns[slot].fd >= 0) {
            remove_conn(self, slot);
        }
    }
    planted_slots_end_pass(&server->slots);
    (void)WB_SYS(server->sys, unlink, path);
}

int planted_seqpacket_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    static const struct planted_callbacks callbacks = {
        .listen = on_listen,
        .accepted = on_accepted,
        .ready = on_ready,
        .close_all = on_close_all,
    };
    struct seqpacket self = {0};
    return planted_serve(&self.server, sys, &callbacks, 0, argc, argv);
}
