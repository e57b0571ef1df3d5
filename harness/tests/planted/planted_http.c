/* A server of HTTP/1, as much of one as its scenarios need: it answers each request with method,
 * target and the length of the content, in chunks where the target is /chunked. Each `planted_has`
 * is a bug; without them it is as it should be.
 */
#include "programs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "server.h"

enum { PORT = 8088, IN_MAX = 4096, OUT_MAX = 16384, WORD_MAX = 256 };

struct conn {
    int fd; /* -1: closed */
    char in[IN_MAX];
    size_t in_len;
    char out[OUT_MAX];
    size_t out_len;
    size_t out_sent;
    bool was_continued; /* to the request that is not whole yet */
    bool was_awaited;   /* ... and it was waited for */
    bool is_last;       /* what is in `out` is the last that is said */
    bool is_shut;       /* it was said */
    uint32_t armed;
};

struct http {
    struct planted_server server;
    struct conn conns[PLANTED_SLOTS_MAX];
};

/* A request whose head is whole. */
struct request {
    size_t head_len;
    char method[WORD_MAX];
    char target[WORD_MAX];
    bool is_1_1;
    bool is_bad;
    bool says_close;
    bool awaits_continue;
    bool is_chunked;
    bool has_length;
    size_t content_len; /* of chunks: once they are whole */
    size_t hosts;
};

enum step { STEP_MORE, STEP_BLOCKED, STEP_CLOSE };

static struct http *from_server(struct planted_server *server) {
    return (struct http *)server;
}

static bool has(const struct http *self, enum planted_bug bug) {
    return planted_has(&self->server, bug);
}

/* ---- reading requests ---- */

static bool is_named(const char *line, const char *name, const char **out_value) {
    size_t len = strlen(name);
    if (strncmp(line, name, len) != 0 || line[len] != ':') {
        return false;
    }
    *out_value = line + len + 1 + strspn(line + len + 1, " ");
    return true;
}

static void read_line(struct request *request, const char *line) {
    const char *value;
    if (is_named(line, "Host", &value)) {
        request->hosts++;
    } else if (is_named(line, "Content-Length", &value)) {
        request->is_bad |= request->has_length || sscanf(value, "%zu", &request->content_len) != 1;
        request->has_length = true;
    } else if (is_named(line, "Transfer-Encoding", &value)) {
        request->is_bad |= strcmp(value, "chunked") != 0;
        request->is_chunked = true;
    } else if (is_named(line, "Connection", &value)) {
        request->says_close = strcmp(value, "close") == 0;
    } else if (is_named(line, "Expect", &value)) {
        request->awaits_continue = strcmp(value, "100-continue") == 0;
    }
}

/* False: its head is not whole. */
static bool read_request(struct http *self, const struct conn *conn, struct request *out) {
    char text[IN_MAX + 1];
    char version[WORD_MAX];
    memcpy(text, conn->in, conn->in_len);
    text[conn->in_len] = '\0';
    char *end = strstr(text, "\r\n\r\n");
    if (end == NULL) {
        return false;
    }
    *end = '\0';
    *out = (struct request){.head_len = (size_t)(end - text) + 4};
    char *line = text;
    char *next = strstr(line, "\r\n");
    if (next != NULL) {
        *next = '\0';
    }
    out->is_bad = sscanf(line, "%255s %255s %255s", out->method, out->target, version) != 3
                  || strncmp(version, "HTTP/1.", 7) != 0;
    out->is_1_1 = !out->is_bad && version[7] != '0';
    while (next != NULL) {
        line = next + 2;
        next = strstr(line, "\r\n");
        if (next != NULL) {
            *next = '\0';
        }
        read_line(out, line);
    }
    out->is_bad |= (out->is_1_1 && out->hosts != 1) || (out->is_chunked && !out->is_1_1);
    out->is_bad |= out->is_chunked && out->has_length && !has(self, PLANTED_LENGTH_BESIDE_CHUNKS);
    out->says_close |= !out->is_1_1;
    return true;
}

enum content { CONTENT_WHOLE, CONTENT_PART, CONTENT_BAD };

/* How much of the buffer it takes, and how long it is. */
static enum content read_chunks(const struct conn *conn, struct request *request, size_t *out_len) {
    size_t at = request->head_len;
    request->content_len = 0;
    for (;;) {
        char line[32] = "";
        size_t size;
        size_t left = conn->in_len - at;
        memcpy(line, conn->in + at, left < sizeof line - 1 ? left : sizeof line - 1);
        char *end = strstr(line, "\r\n");
        if (end == NULL) {
            return left < sizeof line - 1 ? CONTENT_PART : CONTENT_BAD;
        }
        if (sscanf(line, "%zx", &size) != 1 || size > IN_MAX) {
            return CONTENT_BAD;
        }
        at += (size_t)(end - line) + 2;
        if (conn->in_len < at + size + 2) {
            return CONTENT_PART;
        }
        at += size + 2;
        request->content_len += size;
        if (size == 0) {
            *out_len = at;
            return CONTENT_WHOLE;
        }
    }
}

static enum content read_content(
    const struct conn *conn, struct request *request, size_t *out_len) {
    if (request->is_chunked) {
        return read_chunks(conn, request, out_len);
    }
    *out_len = request->head_len + request->content_len;
    return conn->in_len < *out_len ? CONTENT_PART : CONTENT_WHOLE;
}

/* ---- answers ---- */

static void put(struct conn *conn, const char *text) {
    size_t len = strlen(text);
    if (conn->out_len + len <= OUT_MAX) {
        memcpy(conn->out + conn->out_len, text, len);
        conn->out_len += len;
    }
}

static void put_head(struct conn *conn, const char *status, bool is_last) {
    put(conn, "HTTP/1.1 ");
    put(conn, status);
    put(conn, is_last ? "\r\nConnection: close\r\n" : "\r\n");
}

static void refuse(struct conn *conn, const char *status) {
    put_head(conn, status, true);
    put(conn, "Content-Length: 0\r\n\r\n");
    conn->is_last = true;
    conn->in_len = 0;
}

static void put_length(struct http *self, struct conn *conn, size_t len) {
    char line[64];
    len += has(self, PLANTED_LENGTH_TOO_LONG);
    len -= has(self, PLANTED_LENGTH_TOO_SHORT);
    (void)snprintf(line, sizeof line, "Content-Length: %zu\r\n", len);
    put(conn, line);
}

static void put_chunk(struct http *self, struct conn *conn, const char *body) {
    char line[32];
    (void)snprintf(line, sizeof line, "%zx\r\n", strlen(body));
    put(conn, line);
    put(conn, body);
    put(conn, has(self, PLANTED_LAST_CHUNK_LEFT_OUT) ? "\r\n" : "\r\n0\r\n\r\n");
}

static void answer(struct http *self, struct conn *conn, const struct request *request) {
    char body[2 * WORD_MAX + 32];
    bool is_head = strcmp(request->method, "HEAD") == 0;
    bool is_chunked = strcmp(request->target, "/chunked") == 0
                      && (request->is_1_1 || has(self, PLANTED_CHUNKS_TO_OLD));
    (void)snprintf(
        body, sizeof body, "%s %s %zu\n", request->method, request->target, request->content_len);
    put_head(conn, "200 OK", request->says_close);
    if (is_chunked) {
        put(conn, "Transfer-Encoding: chunked\r\n");
    }
    if (!is_chunked || has(self, PLANTED_FRAMED_TWICE)) {
        put_length(self, conn, strlen(body));
    }
    put(conn, "\r\n");
    if (!is_head || has(self, PLANTED_BODY_TO_HEAD)) {
        if (is_chunked) {
            put_chunk(self, conn, body);
        } else {
            put(conn, body);
        }
    }
    conn->is_last = request->says_close && !has(self, PLANTED_SENT_AFTER_LAST);
    if (has(self, PLANTED_ANSWERED_TWICE) && request->has_length) {
        put(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
}

static void take(struct conn *conn, size_t len) {
    memmove(conn->in, conn->in + len, conn->in_len - len);
    conn->in_len -= len;
    conn->was_continued = false;
    conn->was_awaited = false;
}

static void wait_for_content(struct http *self, struct conn *conn, const struct request *request) {
    bool is_asked = request->awaits_continue && request->is_1_1;
    conn->was_awaited = true;
    if (!conn->was_continued && (is_asked || has(self, PLANTED_CONTINUE_UNASKED))) {
        put(conn, "HTTP/1.1 100 Continue\r\n\r\n");
        conn->was_continued = true;
    }
}

/* Whether there was something to do. */
static bool serve_one(struct http *self, struct conn *conn) {
    struct request request;
    size_t len;
    if (conn->is_last || conn->in_len == 0) {
        return false;
    }
    if (!read_request(self, conn, &request)) {
        bool is_full = conn->in_len == IN_MAX;
        if (is_full || has(self, PLANTED_HEAD_IN_ONE_READ)) {
            refuse(conn, is_full ? "431 Too Large" : "400 Bad Request");
        }
        return is_full;
    }
    if (request.is_bad) {
        refuse(conn, "400 Bad Request");
        return true;
    }
    switch (read_content(conn, &request, &len)) {
    case CONTENT_PART:
        if (conn->in_len == IN_MAX) {
            refuse(conn, "413 Too Large");
        } else {
            wait_for_content(self, conn, &request);
        }
        return false;
    case CONTENT_BAD:
        refuse(conn, "400 Bad Request");
        return true;
    case CONTENT_WHOLE:
        break;
    }
    if (conn->was_awaited && has(self, PLANTED_LATE_THOUGH_WHOLE)) {
        refuse(conn, "408 Request Timeout");
        return true;
    }
    take(conn, len);
    answer(self, conn, &request);
    conn->in_len = has(self, PLANTED_NEXT_FORGOTTEN) ? 0 : conn->in_len;
    return true;
}

/* ---- connections ---- */

static enum step write_step(struct http *self, struct conn *conn) {
    size_t left = conn->out_len - conn->out_sent;
    int64_t n =
        WB_SYS(self->server.sys, send, conn->fd, conn->out + conn->out_sent, left, WB_MSG_NOSIGNAL);
    if (n == -EAGAIN || n == -EINTR) {
        return n == -EINTR ? STEP_MORE : STEP_BLOCKED;
    }
    if (n < 0 || (has(self, PLANTED_BROKEN_OFF) && (size_t)n < left)) {
        return STEP_CLOSE;
    }
    conn->out_sent += (size_t)n;
    if (conn->out_sent == conn->out_len) {
        conn->out_len = 0;
        conn->out_sent = 0;
    }
    return STEP_MORE;
}

static enum step read_step(struct http *self, struct conn *conn) {
    int64_t n = WB_SYS(self->server.sys, recv, conn->fd, conn->in + conn->in_len,
        sizeof conn->in - conn->in_len, 0);
    if (n == -EAGAIN || n == -EINTR) {
        return n == -EINTR ? STEP_MORE : STEP_BLOCKED;
    }
    if (n <= 0) {
        return STEP_CLOSE;
    }
    conn->in_len += (size_t)n;
    return STEP_MORE;
}

/* Bytes that nobody reads would turn the end into a reset, and take the last response along. */
static enum step linger_step(struct http *self, struct conn *conn) {
    if (!conn->is_shut) {
        conn->is_shut = true;
        (void)WB_SYS(self->server.sys, shutdown, conn->fd, WB_SHUT_WR);
    }
    conn->in_len = 0;
    return read_step(self, conn);
}

static enum step step(struct http *self, struct conn *conn) {
    if (conn->out_len != 0) {
        return write_step(self, conn);
    }
    return conn->is_last ? linger_step(self, conn) : read_step(self, conn);
}

static void remove_conn(struct http *self, uint32_t slot) {
    struct conn *conn = &self->conns[slot];
    (void)WB_SYS(self->server.sys, close, conn->fd);
    conn->fd = -1;
    planted_slots_retire(&self->server.slots, slot);
}

static uint32_t wanted_mask(const struct http *self, const struct conn *conn) {
    return (conn->out_len != 0 ? WB_EPOLLOUT : WB_EPOLLIN) | self->server.options.mode;
}

static void arm(struct http *self, struct conn *conn, uint32_t slot) {
    if (planted_arm(&self->server, slot, conn->fd, wanted_mask(self, conn), &conn->armed) != 0) {
        remove_conn(self, slot);
    }
}

static void on_ready(struct planted_server *server, uint64_t token, uint32_t events) {
    struct http *self = from_server(server);
    uint32_t slot = planted_slots_find(&server->slots, token);
    if (slot == PLANTED_SLOT_NONE || self->conns[slot].fd < 0) {
        return;
    }
    struct conn *conn = &self->conns[slot];
    enum step next = STEP_MORE;
    wb_sys_note(server->sys, WB_NOTE_DISPATCH, token, events);
    while (next == STEP_MORE) {
        next = step(self, conn);
        while (next == STEP_MORE && serve_one(self, conn)) {
        }
    }
    if (next == STEP_CLOSE) {
        remove_conn(self, slot);
    } else {
        arm(self, conn, slot);
    }
}

static void on_accepted(struct planted_server *server, int fd) {
    struct http *self = from_server(server);
    uint32_t slot = planted_slots_take(&server->slots);
    if (slot == PLANTED_SLOT_NONE) {
        (void)WB_SYS(server->sys, close, fd);
        return;
    }
    struct conn *conn = &self->conns[slot];
    memset(conn, 0, sizeof *conn);
    conn->fd = fd;
    conn->armed = wanted_mask(self, conn);
    if (planted_control(
            server, WB_EPOLL_CTL_ADD, fd, conn->armed, planted_slots_token(&server->slots, slot))
        != 0) {
        remove_conn(self, slot);
    }
}

static void on_close_all(struct planted_server *server) {
    struct http *self = from_server(server);
    for (uint32_t slot = 0; slot < server->slots.limit; slot++) {
        if ((server->slots.generation[slot] & 1) != 0 && self->conns[slot].fd >= 0) {
            remove_conn(self, slot);
        }
    }
    planted_slots_end_pass(&server->slots);
}

int planted_http_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    static const struct planted_callbacks callbacks = {
        .accepted = on_accepted,
        .ready = on_ready,
        .close_all = on_close_all,
    };
    struct http *self = WB_SYS(sys, alloc, sizeof *self);
    if (self == NULL) {
        return 1;
    }
    memset(self, 0, sizeof *self);
    int status = planted_serve(&self->server, sys, &callbacks, PORT, argc, argv);
    WB_SYS(sys, free, self, sizeof *self);
    return status;
}
