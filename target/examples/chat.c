/* chat: what somebody says, a line, is told to everybody else. A task for each member reads lines
 * and writes what others said; between them lies an outbox of bounded length in each member. One
 * thread runs all of them, so nothing here is locked. */
#include "examples/programs.h"

#include <string.h>

#include "examples/async_server.h"
#include "examples/console.h"
#include "examples/options.h"
#include "wb/io.h"

#define PROGRAM "chat"

/* A longer line ends its speaker's membership; who is owed more than an outbox loses theirs. */
enum { LINE_LEN_MAX = 1024, OUTBOX_LEN = 16 * 1024, READ_AHEAD = 512 };

#define WELCOME "welcome\n"

struct member;

struct chat {
    struct wb__async_server server;
    struct member *members; /* the latest first */
};

/* A task; a member from its first poll on. */
struct member {
    struct wb_future future;
    struct chat *chat;
    struct member *prev;
    struct member *next;
    struct wb_stream stream;
    struct wb_buf_reader reader;
    struct wb_read_until line;
    struct wb_task_waker waker; /* of the task, for who puts something into the outbox */
    bool has_joined;
    bool is_silent; /* has said all */
    bool is_behind; /* the outbox was too small */
    size_t said_len;
    size_t owed_begin; /* what is in the outbox: a ring */
    size_t owed_len;
    unsigned char ahead[READ_AHEAD];
    unsigned char said[LINE_LEN_MAX];
    unsigned char owed[OUTBOX_LEN];
};

/* ---- the outbox ---- */

static void owe(struct member *self, const void *bytes, size_t len) {
    const size_t at = (self->owed_begin + self->owed_len) % OUTBOX_LEN;
    const size_t first = len < OUTBOX_LEN - at ? len : OUTBOX_LEN - at;
    memcpy(self->owed + at, bytes, first);
    memcpy(self->owed, (const unsigned char *)bytes + first, len - first);
    self->owed_len += len;
}

/* A line and its end, whole or not at all. */
static void tell(struct member *self, const unsigned char *line, size_t len) {
    if (self->is_behind || OUTBOX_LEN - self->owed_len < len + 1) {
        self->is_behind = true;
    } else {
        owe(self, line, len);
        owe(self, "\n", 1);
    }
    wb_task_waker_wake(&self->waker);
}

static void tell_others(const struct member *self) {
    for (struct member *other = self->chat->members; other != NULL; other = other->next) {
        if (other != self) {
            tell(other, self->said, self->said_len);
        }
    }
}

/* ---- a member ---- */

static void join(struct member *self) {
    struct chat *chat = self->chat;
    self->has_joined = true;
    self->next = chat->members;
    if (self->next != NULL) {
        self->next->prev = self;
    }
    chat->members = self;
    wb_buf_reader_init(&self->reader, &self->stream.reader.read, self->ahead, READ_AHEAD);
    wb_read_line_init(&self->line, &self->reader, self->said, LINE_LEN_MAX, &self->said_len);
    owe(self, WELCOME, strlen(WELCOME));
}

static void leave(struct member *self) {
    if (!self->has_joined) {
        return;
    }
    *(self->prev != NULL ? &self->prev->next : &self->chat->members) = self->next;
    if (self->next != NULL) {
        self->next->prev = self->prev;
    }
}

/* Takes what is said until there is nothing for now. */
static enum wb_status listen_to(struct member *self, struct wb_context *context) {
    while (!self->is_silent && wb_future_poll(&self->line.future, context) == WB_READY) {
        if (self->line.future.status == WB_EOF) {
            self->is_silent = true;
        } else if (self->line.future.status != WB_OK) {
            return self->line.future.status;
        } else {
            tell_others(self);
            self->said_len = 0;
            wb_read_line_init(
                &self->line, &self->reader, self->said, LINE_LEN_MAX, &self->said_len);
        }
    }
    return WB_OK;
}

/* Writes what is owed as far as the peer takes it. */
static enum wb_status pay(struct member *self, struct wb_context *context) {
    while (self->owed_len != 0) {
        const size_t end = self->owed_begin + self->owed_len;
        const size_t len = end <= OUTBOX_LEN ? self->owed_len : OUTBOX_LEN - self->owed_begin;
        enum wb_status status = WB_OK;
        size_t taken = 0;
        if (wb_async_poll_write(&self->stream.writer.write, context, self->owed + self->owed_begin,
                len, &status, &taken)
            == WB_PENDING) {
            return WB_OK;
        }
        if (status != WB_OK) {
            return status;
        }
        self->owed_begin = (self->owed_begin + taken) % OUTBOX_LEN;
        self->owed_len -= taken;
    }
    return WB_OK;
}

static enum wb_progress member_poll(struct wb_future *future, struct wb_context *context) {
    struct member *self = WB_FUTURE_OF(future, struct member, future);
    if (!self->has_joined) {
        join(self);
    }
    wb_task_waker_store(&self->waker, context->waker);
    if (self->is_behind) {
        return wb_future_end(future, WB_ERR_LIMIT);
    }
    enum wb_status status = listen_to(self, context);
    if (status == WB_OK) {
        status = pay(self, context);
    }
    if (status != WB_OK) {
        return wb_future_end(future, status);
    }
    return self->is_silent && self->owed_len == 0 ? wb_future_end(future, WB_OK) : WB_PENDING;
}

static void member_drop(struct wb_future *future) {
    struct member *self = WB_FUTURE_OF(future, struct member, future);
    struct wb_tcp_stream *tcp = wb_stream_tcp(&self->stream);
    leave(self);
    wb_future_drop(&self->line.future);
    wb_task_waker_drop(&self->waker);
    if (self->owed_len != 0) {
        wb_sys_note(self->chat->server.sys, WB_NOTE_DISCARD, (uint64_t)wb_tcp_stream_fd(tcp),
            self->owed_len);
    }
    if (!wb_future_is_over(future) || future->status != WB_OK) {
        (void)!wb_tcp_stream_set_linger(tcp, 0); /* who is thrown out is told so by a reset */
    }
    wb_stream_close(&self->stream);
    self->chat->server.connections--;
}

static const struct wb_future_ops member_ops = {
    .size = sizeof(struct member),
    .offset = offsetof(struct member, future),
    .poll = member_poll,
    .drop = member_drop,
};

static enum wb_status on_accepted(struct wb__async_server *server, struct wb_context *context,
    const struct wb_stream *stream, struct wb_join_handle *out_handle) {
    struct member member = {.chat = server->options.user_data, .stream = *stream};
    wb_future_init(&member.future, &member_ops);
    const enum wb_status status = wb_context_spawn(context, &member.future, NULL, out_handle);
    server->connections += status == WB_OK ? 1 : 0;
    return status;
}

int wb__chat_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct chat self = {0};
    struct wb__async_server_options server = {
        .program = PROGRAM,
        .listen = wb_addr_v4_loopback(7202),
        .connections_max = 1024,
        .accepted = on_accepted,
        .user_data = &self,
    };
    const struct wb__option options[] = {
        {"listen", WB__OPTION_ADDR, &server.listen,
            "where to listen; port 0 picks one. 127.0.0.1:7202", 0, 0},
        {"max-connections", WB__OPTION_COUNT, &server.connections_max,
            "members at a time; others are reset. 1024", 1, 100000},
    };
    const struct wb__command command = {PROGRAM, "Tells every line to everybody else.", options,
        sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    return wb__async_server_run(&self.server, sys, &server);
}
