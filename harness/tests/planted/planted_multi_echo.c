/* The broadcast server's twin: whatever anybody says goes to everybody, the speaker included, as
 * one message for each read. Who reads too slowly is dropped. Each `planted_has` is a bug; without
 * them it is as it should be. */
#include "programs.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "server.h"

enum { PORT = 8000, READ_LEN = 2048, QUEUE_LEN_MAX = 262144 };
/* What an object says first, as long as it is one: reading it is how use after removal shows. */
static const uint32_t conn_magic = 0x636f6e6e;

struct message {
    struct message *next;
    size_t len;
    size_t sent;
    uint8_t bytes[];
};

struct conn {
    uint32_t magic;
    uint32_t slot;
    int fd;
    uint32_t armed;
    struct conn *next; /* in order of acceptance */
    struct message *first;
    size_t queue_len;
    bool is_at_end; /* it has said all, and is let go when it has heard all */
    bool is_bad;    /* to be removed when nobody looks at it any more */
};

struct multi_echo {
    struct planted_server server;
    struct conn *conns[PLANTED_SLOTS_MAX]; /* by slot */
    struct conn *first;
    uint8_t buf[READ_LEN];
};

static struct multi_echo *from_server(struct planted_server *server) {
    return (struct multi_echo *)server;
}

static bool has(const struct multi_echo *self, enum planted_bug bug) {
    return planted_has(&self->server, bug);
}

static struct conn *checked(struct conn *conn) {
    assert(conn->magic == conn_magic);
    return conn;
}

/* ---- the queue of one receiver ---- */

static void drop_message(struct multi_echo *self, struct conn *conn) {
    struct message *message = conn->first;
    conn->first = message->next;
    conn->queue_len -= message->len - message->sent;
    WB_SYS(self->server.sys, free, message, sizeof *message + message->len);
}

static void queue_message(
    struct multi_echo *self, struct conn *conn, const uint8_t *bytes, size_t len) {
    if (conn->queue_len + len > QUEUE_LEN_MAX && !has(self, PLANTED_QUEUE_WITHOUT_BOUND)) {
        conn->is_bad = true;
        return;
    }
    struct message *message = WB_SYS(self->server.sys, alloc, sizeof *message + len);
    if (message == NULL) {
        conn->is_bad = true;
        return;
    }
    *message = (struct message){.len = len};
    memcpy(message->bytes, bytes, len);
    struct message **end = &conn->first;
    while (*end != NULL && !(has(self, PLANTED_LAST_IN_FIRST_OUT) && (*end)->sent == 0)) {
        end = &(*end)->next;
    }
    message->next = *end;
    *end = message;
    conn->queue_len += len;
}

static void flush(struct multi_echo *self, struct conn *conn) {
    while (conn->first != NULL && !conn->is_bad) {
        struct message *message = conn->first;
        int64_t n = WB_SYS(self->server.sys, send, conn->fd, message->bytes + message->sent,
            message->len - message->sent, WB_MSG_NOSIGNAL);
        if (n == -EAGAIN) {
            return;
        }
        if (n < 0 && n != -EINTR) {
            conn->is_bad = true;
            return;
        }
        message->sent += n > 0 ? (size_t)n : 0;
        conn->queue_len -= n > 0 ? (size_t)n : 0;
        if (message->sent == message->len || has(self, PLANTED_PARTIAL_IS_ALL)) {
            drop_message(self, conn);
        }
    }
}

/* ---- members ---- */

static void unlink_conn(struct multi_echo *self, const struct conn *conn) {
    struct conn **at = &self->first;
    while (*at != conn) {
        at = &(*at)->next;
    }
    *at = conn->next;
}

static void free_conn(struct multi_echo *self, struct conn *conn) {
    self->conns[conn->slot] = NULL;
    planted_slots_give_back(&self->server.slots, conn->slot);
    WB_SYS(self->server.sys, free, conn, sizeof *conn);
}

static void remove_conn(struct multi_echo *self, struct conn *conn) {
    const struct wb_sys *sys = self->server.sys;
    if (conn->queue_len != 0) {
        wb_sys_note(sys, WB_NOTE_DISCARD, (uint64_t)conn->fd, conn->queue_len);
    }
    while (conn->first != NULL) {
        drop_message(self, conn);
    }
    (void)WB_SYS(sys, close, conn->fd);
    unlink_conn(self, conn);
    if (has(self, PLANTED_EVENT_AFTER_CLOSE)) {
        conn->fd = -1; /* kept until the end of the pass: an event may still come */
        return;
    }
    free_conn(self, conn);
}

static void remove_bad(struct multi_echo *self) {
    struct conn *next;
    for (struct conn *conn = self->first; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->is_bad) {
            remove_conn(self, conn);
        }
    }
}

static void arm(struct multi_echo *self, struct conn *conn) {
    uint32_t mode = self->server.options.mode;
    bool waits = conn->first != NULL && !has(self, PLANTED_QUEUED_NOT_ARMED);
    uint32_t wanted = waits ? WB_EPOLLOUT : WB_EPOLLIN | WB_EPOLLRDHUP;
    if (mode == WB_EPOLLET) {
        wanted = WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLOUT;
    }
    wanted |= mode;
    if (wanted != conn->armed || (mode & WB_EPOLLONESHOT) != 0) {
        conn->armed = wanted;
        if (planted_control(&self->server, WB_EPOLL_CTL_MOD, conn->fd, wanted,
                planted_slots_token(&self->server.slots, conn->slot))
            != 0) {
            conn->is_bad = true;
        }
    }
}

/* ---- speaking ---- */

static void tell_everybody(struct multi_echo *self, const uint8_t *bytes, size_t len) {
    struct conn *next;
    for (struct conn *conn = self->first; conn != NULL; conn = next) {
        next = checked(conn)->next;
        queue_message(self, conn, bytes, len);
        flush(self, conn);
        if (conn->is_bad && has(self, PLANTED_FREED_WHILE_ITERATING)) {
            remove_conn(self, conn);
            next = checked(conn)->next;
        } else if (conn->is_bad && has(self, PLANTED_SKIPPED_WHILE_ITERATING) && next != NULL) {
            next = next->next; /* what was next has moved up into the gap */
        }
    }
}

/* One message. False: there is none now. */
static bool hear(struct multi_echo *self, struct conn *conn) {
    int64_t n = WB_SYS(self->server.sys, recv, conn->fd, self->buf, READ_LEN, 0);
    if (n == -EINTR) {
        return true;
    }
    if (n == -EAGAIN || (n == 0 && has(self, PLANTED_END_UNNOTICED))) {
        return false;
    }
    if (n <= 0) {
        conn->is_at_end = n == 0;
        conn->is_bad = n < 0;
        return false;
    }
    if (n == READ_LEN && has(self, PLANTED_FULL_IS_EMPTY)) {
        return true;
    }
    tell_everybody(self, self->buf, (size_t)n);
    if (n == READ_LEN && has(self, PLANTED_ZERO_SPACE_IS_SHORT)) {
        n = WB_SYS(self->server.sys, recv, conn->fd, self->buf + READ_LEN, 0, 0);
        return n != 0; /* the buffer is full, and nothing more seems to come */
    }
    return true;
}

static void after_speaking(struct multi_echo *self, uint32_t speaker) {
    if (has(self, PLANTED_SENDER_REMOVED)) {
        remove_bad(self);
        assert(self->conns[speaker] != NULL);
        arm(self, self->conns[speaker]);
    }
    for (struct conn *conn = self->first; conn != NULL; conn = conn->next) {
        conn->is_bad = conn->is_bad || (conn->is_at_end && conn->first == NULL);
        if (!conn->is_bad) {
            arm(self, conn);
        }
    }
    remove_bad(self);
}

static struct conn *find(struct multi_echo *self, uint64_t token) {
    uint32_t slot = planted_slots_find(&self->server.slots, token);
    return slot == PLANTED_SLOT_NONE ? NULL : self->conns[slot];
}

static void write_ready(struct multi_echo *self, struct conn *conn) {
    if (conn->first == NULL && has(self, PLANTED_EMPTY_QUEUE_IS_ERROR)) {
        conn->is_bad = true;
    }
    flush(self, conn);
    if (conn->is_bad && has(self, PLANTED_USED_AFTER_REMOVAL)) {
        remove_conn(self, conn);
        (void)checked(conn);
    }
}

static void on_ready(struct planted_server *server, uint64_t token, uint32_t events) {
    struct multi_echo *self = from_server(server);
    struct conn *conn = find(self, token);
    if (conn == NULL) {
        return;
    }
    uint32_t slot = conn->slot;
    wb_sys_note(server->sys, WB_NOTE_DISPATCH, token, events);
    if ((events & WB_EPOLLRDHUP) != 0 && has(self, PLANTED_LAST_WORDS_DROPPED)) {
        conn->is_bad = true;
    }
    if ((events & WB_EPOLLOUT) != 0) {
        write_ready(self, conn);
    }
    bool more = true;
    while (more && !conn->is_bad && !conn->is_at_end && conn->first == NULL) {
        more = hear(self, conn);
    }
    after_speaking(self, slot);
}

/* ---- beginning and end ---- */

static void on_accepted(struct planted_server *server, int fd) {
    struct multi_echo *self = from_server(server);
    struct conn *conn = WB_SYS(server->sys, alloc, sizeof *conn);
    uint32_t slot = conn != NULL ? planted_slots_take(&server->slots) : PLANTED_SLOT_NONE;
    if (slot == PLANTED_SLOT_NONE) {
        WB_SYS(server->sys, free, conn, sizeof *conn);
        (void)WB_SYS(server->sys, close, fd);
        return;
    }
    *conn = (struct conn){.magic = conn_magic, .slot = slot, .fd = fd};
    conn->armed = WB_EPOLLIN | WB_EPOLLRDHUP | server->options.mode;
    conn->armed |= server->options.mode == WB_EPOLLET ? WB_EPOLLOUT : 0;
    self->conns[slot] = conn;
    struct conn **end = &self->first;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = conn;
    if (planted_control(
            server, WB_EPOLL_CTL_ADD, fd, conn->armed, planted_slots_token(&server->slots, slot))
        != 0) {
        remove_conn(self, conn);
    }
}

static void on_end_of_pass(struct planted_server *server) {
    struct multi_echo *self = from_server(server);
    for (uint32_t slot = 0; slot < server->slots.limit; slot++) {
        if (self->conns[slot] != NULL && self->conns[slot]->fd < 0) {
            free_conn(self, self->conns[slot]);
        }
    }
}

static void on_close_all(struct planted_server *server) {
    struct multi_echo *self = from_server(server);
    while (self->first != NULL) {
        remove_conn(self, self->first);
    }
}

int planted_multi_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    static const struct planted_callbacks callbacks = {.accepted = on_accepted,
        .ready = on_ready,
        .end_of_pass = on_end_of_pass,
        .close_all = on_close_all};
    struct multi_echo self = {.first = NULL};
    return planted_serve(&self.server, sys, &callbacks, PORT, argc, argv);
}
