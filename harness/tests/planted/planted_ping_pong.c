/* The echo server's twin: reads a unit (a line, a frame), sends it back, and only then reads on.
 * Readiness is remembered per direction until a call says EAGAIN, so that one state machine serves
 * all four trigger modes. Each `planted_has` is a bug; without them it is as it should be. */
#include "programs.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "server.h"
#include "unit.h"
#include "wb/bytes.h"

enum { PORT = 6567, CAPACITY_FIRST = 256, READ_LEN_MAX = 65536, CHUNK = 4096, CORK_LEN = 32 };

#define IN_BITS (WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLHUP | WB_EPOLLERR)
#define OUT_BITS (WB_EPOLLOUT | WB_EPOLLHUP | WB_EPOLLERR)

struct conn {
    int fd;       /* -1: closed */
    int write_fd; /* the same, or a duplicate of it */
    uint8_t *buf; /* what was read and not yet sent back */
    size_t len;
    size_t capacity;
    size_t write_len; /* so much of it is to be sent now; 0: reading */
    uint32_t armed;
    bool is_at_end;
    bool is_readable;
    bool is_writable;
    bool is_at_line_start;
    bool is_known;  /* it has been reported before */
    uint64_t moved; /* bytes, both ways */
};

struct ping_pong {
    struct planted_server server;
    struct conn conns[PLANTED_SLOTS_MAX];
};

enum step { STEP_MORE, STEP_BLOCKED, STEP_CLOSE };

static struct ping_pong *from_server(struct planted_server *server) {
    return (struct ping_pong *)server;
}

static bool has(const struct ping_pong *self, enum planted_bug bug) {
    return planted_has(&self->server, bug);
}

/* ---- the end of a connection ---- */

static void discard(struct ping_pong *self, const struct conn *conn) {
    if (conn->len != 0) {
        wb_sys_note(self->server.sys, WB_NOTE_DISCARD, (uint64_t)conn->fd, conn->len);
    }
}

static void close_conn(struct ping_pong *self, struct conn *conn, bool is_failure) {
    const struct wb_sys *sys = self->server.sys;
    if (conn->fd < 0) {
        return;
    }
    int fd = conn->fd;
    (void)WB_SYS(sys, close, fd);
    if (has(self, PLANTED_DEL_AFTER_CLOSE)) {
        (void)planted_control(&self->server, WB_EPOLL_CTL_DEL, fd, 0, 0);
    }
    if (is_failure && has(self, PLANTED_DOUBLE_CLOSE)) {
        (void)WB_SYS(sys, close, fd);
    }
    if (!is_failure || !has(self, PLANTED_LEAKED_MEMORY)) {
        WB_SYS(sys, free, conn->buf, conn->capacity);
    }
    conn->buf = NULL;
    conn->fd = -1;
}

static void remove_conn(struct ping_pong *self, uint32_t slot, bool is_failure) {
    close_conn(self, &self->conns[slot], is_failure);
    if (has(self, PLANTED_CLOSED_UNIMPLEMENTED)) {
        planted_slots_retire(&self->server.slots, slot);
        return;
    }
    if (is_failure && has(self, PLANTED_LEAKED_SLOT)) {
        return;
    }
    planted_slots_give_back(&self->server.slots, slot);
    if (is_failure) { /* the caller's way out gives it back, too */
        planted_slots_give_back(&self->server.slots, slot);
    }
}

/* ---- reading ---- */

/* What follows from the bytes in the buffer. */
static enum step next_unit(struct ping_pong *self, struct conn *conn) {
    size_t len = planted_unit_len(&self->server.options, conn->buf, conn->len);
    if (len == SIZE_MAX) {
        discard(self, conn);
        return STEP_CLOSE;
    }
    if (len != 0 && len <= conn->len) {
        conn->write_len = len;
    } else if (conn->is_at_end && !self->server.options.frames) {
        conn->write_len = conn->len;
    } else if (conn->is_at_end) {
        discard(self, conn); /* a frame that will never be whole */
    }
    return STEP_MORE;
}

/* Room for at least one byte, and for all of a frame whose length is known. */
static bool reserve(struct ping_pong *self, struct conn *conn) {
    size_t wanted = planted_unit_len(&self->server.options, conn->buf, conn->len);
    if (wanted <= conn->len) {
        wanted = conn->len + 1;
    }
    if (has(self, PLANTED_ZERO_SPACE_IS_END) && conn->capacity != 0) {
        return true;
    }
    size_t capacity = conn->capacity != 0 ? conn->capacity : CAPACITY_FIRST;
    while (capacity < wanted) {
        capacity *= 2;
    }
    if (capacity == conn->capacity) {
        return true;
    }
    uint8_t *buf = WB_SYS(self->server.sys, resize, conn->buf, conn->capacity, capacity);
    if (buf == NULL) {
        return false;
    }
    conn->buf = buf;
    conn->capacity = capacity;
    return true;
}

static void capitalise(struct ping_pong *self, struct conn *conn, size_t n) {
    if (!self->server.options.capitals) {
        return;
    }
    if (has(self, PLANTED_CAPITAL_PER_READ)) {
        conn->is_at_line_start = true;
    }
    planted_capitalise(conn->buf + conn->len, n, &conn->is_at_line_start);
}

static enum step read_failed(struct ping_pong *self, struct conn *conn, int error) {
    if (error == -EINTR || (error == -EAGAIN && has(self, PLANTED_WOULD_BLOCK_RETRIED))) {
        return STEP_MORE;
    }
    if (error == -EAGAIN && !has(self, PLANTED_WOULD_BLOCK_FATAL)) {
        conn->is_readable = false;
        return STEP_MORE;
    }
    assert(!has(self, PLANTED_READ_ERROR_ABORTS) || !"a read does not fail");
    discard(self, conn);
    return STEP_CLOSE;
}

static enum step read_end(struct ping_pong *self, struct conn *conn) {
    if (has(self, PLANTED_END_IS_RETRY)) {
        conn->is_readable = false;
        return STEP_MORE;
    }
    if (has(self, PLANTED_INCOMPLETE_UNIT_RETRIED) && conn->len != 0) {
        return STEP_MORE; /* the rest of the frame will come */
    }
    conn->is_at_end = true;
    return next_unit(self, conn);
}

/* Bugs of those who believe that one read brings one whole thing. */
static bool is_too_short(const struct ping_pong *self, const struct conn *conn) {
    if (!self->server.options.frames) {
        return false;
    }
    bool has_header = conn->len >= PLANTED_PREFIX_LEN;
    bool has_body =
        has_header && planted_unit_len(&self->server.options, conn->buf, conn->len) <= conn->len;
    return (has(self, PLANTED_SHORT_HEADER_FATAL) && !has_header)
           || (has(self, PLANTED_SHORT_BODY_FATAL) && has_header && !has_body);
}

static enum step read_step(struct ping_pong *self, struct conn *conn) {
    if (!reserve(self, conn)) {
        discard(self, conn);
        return STEP_CLOSE;
    }
    size_t space = conn->capacity - conn->len;
    size_t asked = space < READ_LEN_MAX ? space : READ_LEN_MAX;
    int64_t n = WB_SYS(self->server.sys, recv, conn->fd, conn->buf + conn->len, asked, 0);
    if (n < 0) {
        return read_failed(self, conn, (int)n);
    }
    if (n == 0) {
        return read_end(self, conn);
    }
    conn->moved += (uint64_t)n;
    capitalise(self, conn, (size_t)n);
    conn->len += (size_t)n;
    if (is_too_short(self, conn)) {
        return STEP_CLOSE;
    }
    bool is_short = (size_t)n < asked;
    if (is_short && has(self, PLANTED_SHORT_READ_IS_END)) {
        conn->is_at_end = true;
    }
    if (has(self, PLANTED_ONE_READ_PER_EDGE) || (is_short && has(self, PLANTED_SHORT_READ_CLEARS))
        || (is_short && has(self, PLANTED_SHORT_READ_DRAINS))) {
        conn->is_readable = false;
    }
    return next_unit(self, conn);
}

/* ---- writing ---- */

static void drop_bytewise(struct conn *conn, size_t n) {
    for (; n > 0; n--) {
        for (size_t i = 1; i < conn->len; i++) {
            conn->buf[i - 1] = conn->buf[i];
        }
        conn->len--;
    }
}

static void consume(struct ping_pong *self, struct conn *conn, size_t n) {
    size_t keep = 0; /* bytes at the front that stay */
    bool is_partial = n < conn->write_len;
    if (is_partial && has(self, PLANTED_PARTIAL_REPEATED)) {
        return;
    }
    if (is_partial && n > PLANTED_PREFIX_LEN && has(self, PLANTED_PREFIX_SENT_AGAIN)) {
        keep = PLANTED_PREFIX_LEN;
        n -= keep;
    }
    conn->write_len -= n;
    if (has(self, PLANTED_BYTEWISE_DRAIN)) {
        drop_bytewise(conn, n);
        return;
    }
    conn->len -= n;
    memmove(conn->buf + keep, conn->buf + keep + n, conn->len - keep);
    if (!is_partial && has(self, PLANTED_REST_FORGOTTEN)) {
        conn->len = 0;
    }
}

static struct wb_bytes next_chunk(const struct ping_pong *self, const struct conn *conn) {
    struct wb_bytes bytes = wb_bytes_from(conn->buf, conn->write_len);
    if (has(self, PLANTED_SLICE_BEYOND_END)) {
        return wb_bytes_slice(bytes, 0, CHUNK);
    }
    return wb_bytes_slice(bytes, 0, bytes.len < CHUNK ? bytes.len : CHUNK);
}

static enum step write_step(struct ping_pong *self, struct conn *conn) {
    if (conn->write_len < CORK_LEN && !conn->is_at_end && has(self, PLANTED_NOT_FLUSHED)) {
        return STEP_BLOCKED; /* more will come, and go out with it */
    }
    struct wb_bytes chunk = next_chunk(self, conn);
    int64_t n =
        WB_SYS(self->server.sys, send, conn->write_fd, chunk.ptr, chunk.len, WB_MSG_NOSIGNAL);
    if (n == -EINTR) {
        return STEP_MORE;
    }
    if (n == -EAGAIN) {
        conn->is_writable = has(self, PLANTED_WRITABLE_NOT_CLEARED);
        return STEP_MORE;
    }
    if (n < 0) {
        discard(self, conn);
        return STEP_CLOSE;
    }
    conn->moved += (uint64_t)n;
    bool is_partial = (size_t)n < conn->write_len;
    consume(self, conn, (size_t)n);
    if (is_partial && conn->is_at_end && has(self, PLANTED_CLOSED_UNFLUSHED)) {
        return STEP_CLOSE;
    }
    if (conn->write_len == 0) {
        enum step step = next_unit(self, conn);
        if (has(self, PLANTED_ONE_LINE_PER_EDGE)) {
            conn->write_len = 0;
            return STEP_BLOCKED;
        }
        return step;
    }
    return STEP_MORE;
}

/* ---- readiness ---- */

static enum step advance(struct ping_pong *self, struct conn *conn) {
    enum step step = STEP_MORE;
    while (step == STEP_MORE) {
        if (conn->write_len > 0) {
            step = conn->is_writable ? write_step(self, conn) : STEP_BLOCKED;
        } else if (conn->is_at_end) {
            step = STEP_CLOSE;
        } else {
            step = conn->is_readable ? read_step(self, conn) : STEP_BLOCKED;
        }
        if (step == STEP_BLOCKED && conn->write_len > 0 && has(self, PLANTED_ENDLESS_PASS)) {
            conn->is_writable = true; /* back into the queue of this pass */
            step = STEP_MORE;
        }
    }
    return step;
}

static uint32_t wanted_mask(const struct ping_pong *self, const struct conn *conn) {
    uint32_t mode = self->server.options.mode;
    if (mode == WB_EPOLLET) {
        return WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLRDHUP | mode;
    }
    uint32_t wanted = WB_EPOLLIN | WB_EPOLLRDHUP;
    if (conn->write_len > 0 && !has(self, PLANTED_OUT_NOT_ARMED)) {
        wanted = WB_EPOLLOUT;
        wanted |= has(self, PLANTED_PAUSED_BUT_ARMED) ? WB_EPOLLIN : 0;
    }
    return wanted | mode | (has(self, PLANTED_OUT_ALWAYS_ARMED) ? WB_EPOLLOUT : 0);
}

static void arm(struct ping_pong *self, struct conn *conn, uint32_t slot) {
    uint32_t wanted = wanted_mask(self, conn);
    bool is_used_up = (self->server.options.mode & WB_EPOLLONESHOT) != 0;
    if (has(self, PLANTED_MODE_LOST)) {
        wanted &= ~WB_EPOLLET;
    }
    if (wanted != conn->armed || is_used_up) {
        int result = planted_control(&self->server, WB_EPOLL_CTL_MOD, conn->fd, wanted,
            planted_slots_token(&self->server.slots, slot));
        conn->armed = wanted;
        if (result != 0) {
            discard(self, conn);
            remove_conn(self, slot, true);
        }
    }
    if (is_used_up && has(self, PLANTED_CAPITAL_PER_ARMING)) {
        conn->is_at_line_start = true;
    }
}

/* What an event tells. False: nothing is to be done about it. */
static bool take_in(struct ping_pong *self, struct conn *conn, uint32_t events) {
    if (has(self, PLANTED_READABLE_ASSERTED)) {
        assert(conn->write_len > 0 || (events & WB_EPOLLIN) != 0);
    }
    bool is_first = !conn->is_known;
    conn->is_known = true;
    if (is_first && has(self, PLANTED_FIRST_REPORT_DROPPED)) {
        return false;
    }
    bool opens_only = is_first && has(self, PLANTED_RECEIVER_TOO_LATE);
    if (has(self, PLANTED_HANG_UP_SKIPPED) && (events & (WB_EPOLLRDHUP | WB_EPOLLHUP)) != 0) {
        return false;
    }
    bool is_end = (events & WB_EPOLLRDHUP) != 0;
    bool is_lost =
        conn->write_len > 0
        && ((has(self, PLANTED_END_LOST_WHILE_WRITING) && is_end)
            || has(self, PLANTED_INPUT_LOST_WHILE_PAUSED) || has(self, PLANTED_PAUSED_BUT_ARMED));
    if (is_lost) {
        conn->is_readable = false; /* by an event that is believed to be about writing */
    } else if (!opens_only && (events & IN_BITS) != 0) {
        conn->is_readable = true;
    }
    conn->is_writable = conn->is_writable || (events & OUT_BITS) != 0;
    return true;
}

static uint32_t find(struct ping_pong *self, uint64_t token) {
    uint32_t slot = planted_slots_find(&self->server.slots, token);
    assert(slot != PLANTED_SLOT_NONE || !has(self, PLANTED_TOKEN_INDEXED));
    return slot;
}

static void on_ready(struct planted_server *server, uint64_t token, uint32_t events) {
    struct ping_pong *self = from_server(server);
    uint32_t slot = find(self, token);
    if (slot == PLANTED_SLOT_NONE) {
        return;
    }
    struct conn *conn = &self->conns[slot];
    assert(conn->fd >= 0 || !"a closed connection has no events");
    wb_sys_note(server->sys, WB_NOTE_DISPATCH, token, events);
    bool is_end = (events & WB_EPOLLRDHUP) != 0;
    if ((is_end && has(self, PLANTED_HANG_UP_FIRST))
        || (is_end && conn->write_len > 0 && has(self, PLANTED_HALF_CLOSE_IS_CLOSE))) {
        remove_conn(self, slot, false);
        return;
    }
    if (!take_in(self, conn, events)) {
        return;
    }
    uint64_t moved = conn->moved;
    if (advance(self, conn) == STEP_CLOSE) {
        remove_conn(self, slot, !conn->is_at_end);
    } else if (conn->moved != moved || !has(self, PLANTED_NOT_REARMED)) {
        arm(self, conn, slot);
    }
}

/* ---- beginning ---- */

static void refuse(struct planted_server *server, int fd) {
    (void)WB_SYS(server->sys, close, fd);
}

static void on_accepted(struct planted_server *server, int fd) {
    struct ping_pong *self = from_server(server);
    uint32_t slot = planted_slots_take(&server->slots);
    assert(slot != PLANTED_SLOT_NONE || !has(self, PLANTED_INSERT_UNWRAPPED));
    if (slot == PLANTED_SLOT_NONE) {
        refuse(server, fd);
        return;
    }
    struct conn *conn = &self->conns[slot];
    *conn = (struct conn){.fd = fd, .write_fd = fd, .is_writable = true, .is_at_line_start = true};
    if (has(self, PLANTED_DUPLICATE_KEPT)) {
        conn->write_fd = WB_SYS(server->sys, dup, fd);
    }
    if (has(self, PLANTED_FIRST_REPORT_DROPPED)) {
        conn->is_readable = true; /* reads what is there before it registers */
        if (advance(self, conn) == STEP_CLOSE) {
            remove_conn(self, slot, !conn->is_at_end);
            return;
        }
    }
    conn->armed = wanted_mask(self, conn);
    if (planted_control(
            server, WB_EPOLL_CTL_ADD, fd, conn->armed, planted_slots_token(&server->slots, slot))
        != 0) {
        remove_conn(self, slot, true);
    }
}

static void on_close_all(struct planted_server *server) {
    struct ping_pong *self = from_server(server);
    for (uint32_t slot = 0; slot < server->slots.limit; slot++) {
        if ((server->slots.generation[slot] & 1) != 0 && self->conns[slot].fd >= 0) {
            remove_conn(self, slot, false);
        }
    }
}

int planted_ping_pong_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    static const struct planted_callbacks callbacks = {
        .accepted = on_accepted,
        .ready = on_ready,
        .close_all = on_close_all,
    };
    struct ping_pong self = {0};
    return planted_serve(&self.server, sys, &callbacks, PORT, argc, argv);
}
