/* multi_echo: sends what anybody says to everybody, the speaker included, in one order for all.
 * What is read goes into one log; each member has a position in it and is sent what lies between
 * that and the log's head. A member that falls behind by more than the log holds is dropped. */
#include "examples/programs.h"

#include <assert.h>

#include "wb/slab.h"

#include "examples/broadcast_log.h"
#include "examples/console.h"
#include "examples/frame.h"
#include "examples/options.h"
#include "examples/server.h"

enum {
    TOKEN_LISTENER = 1,
    MEMBER_KEY_FIRST = 2,
    MEMBERS_DEFAULT = 128,
    MEMBERS_MAX = 100000,
    MEMBERS_RESERVED = 16,
    /* How far a member may fall behind. Holds several of the largest frames. */
    LOG_CAPACITY = 256 * 1024,
    /* Bytes of one read. */
    READ_LEN_MAX = 16 * 1024,
    /* Reads and writes for one event before others get their turn. */
    READS_MAX = 8,
    WRITES_MAX = 16,
};

struct member {
    struct wb_tcp_stream stream;
    struct wb__frame_reader frames; /* in framed mode */
    uint64_t position;              /* of the next byte to send */
    uint64_t end;                   /* where to stop, once it has finished speaking */
    uint32_t armed;    /* interest as registered; 0: a one-shot report has disarmed it */
    bool has_finished; /* its stream is at its end: it is sent what it is owed, then closed */
    bool is_dead;      /* to be closed as it is, at the end of the iteration */
    bool is_blocked;   /* its socket took nothing more; a writable event is to come */
    bool wants_a_turn; /* it stopped for fairness and not for its socket: must be called again */
};

struct multi_echo {
    struct wb__server server;
    struct wb_slab members;
    struct wb__broadcast_log log;
    uint8_t *scratch; /* READ_LEN_MAX bytes: what cannot be read straight into the log */
    enum wb_trigger trigger;
    bool is_framed;
    bool is_verbose;
    bool has_work; /* something happened since the last tick */
    bool has_told_limit;
};

static struct multi_echo *from_server(struct wb__server *server) {
    return (struct multi_echo *)server;
}

/* ---- leaving ---- */

/* Nothing is removed while events are gone through: who is dead is skipped until the tick. */
static void condemn(struct multi_echo *self, struct member *member) {
    member->is_dead = true;
    self->has_work = true;
}

static void discard(struct multi_echo *self, const struct member *member, uint64_t len) {
    if (len > 0) {
        wb_sys_note(
            self->server.sys, WB_NOTE_DISCARD, (uint64_t)wb_tcp_stream_fd(&member->stream), len);
    }
}

static void complain(struct multi_echo *self, const char *what, enum wb_status status) {
    wb__print_failure(self->server.sys, self->server.options.program, what, status);
}

/* Says nothing more and is owed what was said up to now. */
static void finish_speaking(struct multi_echo *self, struct member *member) {
    discard(self, member, wb__frame_reader_pending_len(&member->frames));
    wb__frame_reader_clean_up(&member->frames, self->server.sys);
    member->has_finished = true;
    member->end = self->log.head;
    self->has_work = true;
}

static void close_member(struct multi_echo *self, struct member *member) {
    wb_tcp_stream_close(&member->stream);
    wb__frame_reader_clean_up(&member->frames, self->server.sys);
}

/* ---- sending ---- */

static uint64_t member_end(const struct multi_echo *self, const struct member *member) {
    return member->has_finished ? member->end : self->log.head;
}

static bool is_owed(const struct multi_echo *self, const struct member *member) {
    return !member->is_dead && member->position < member_end(self, member);
}

/* Sends what the member is owed, until its socket takes no more or it is another's turn. */
static void send_owed(struct multi_echo *self, struct member *member) {
    for (int writes = 0; is_owed(self, member) && writes < WRITES_MAX; writes++) {
        struct wb_bytes bytes =
            wb__broadcast_log_read(&self->log, member->position, member_end(self, member));
        size_t n;
        enum wb_status status = wb_tcp_stream_write(&member->stream, bytes.ptr, bytes.len, &n);
        if (status == WB_OK) {
            member->position += n;
        } else if (status == WB_WOULD_BLOCK) {
            member->is_blocked = true;
            return;
        } else if (status != WB_ERR_INTERRUPTED) {
            condemn(self, member);
        }
    }
    if (is_owed(self, member)) {
        member->wants_a_turn = true;
    }
}

/* ---- room in the log ---- */

/* Nobody who is still served is before this. */
static uint64_t oldest_position(struct multi_echo *self) {
    uint64_t oldest = self->log.head;
    struct wb_slab_iter iter = wb_slab_iter(&self->members);
    for (struct member *member; (member = wb_slab_iter_next(&iter, NULL)) != NULL;) {
        if (is_owed(self, member) && member->position < oldest) {
            oldest = member->position;
        }
    }
    return oldest;
}

/* Brings a member past `limit`, as far as its socket goes along; otherwise it is dropped. */
static void catch_up_or_drop(struct multi_echo *self, struct member *member, uint64_t limit) {
    member->is_blocked = false;
    while (is_owed(self, member) && member->position < limit && !member->is_blocked) {
        send_owed(self, member);
    }
    if (is_owed(self, member) && member->position < limit) {
        complain(self, "a client reads too slowly", WB_ERR_LIMIT);
        discard(self, member, member_end(self, member) - member->position);
        condemn(self, member);
    }
}

/* Frees `need` bytes of the log, at the cost of those who are furthest behind. */
static void make_room(struct multi_echo *self, size_t need) {
    assert(need <= LOG_CAPACITY);
    if (wb__broadcast_log_free(&self->log) >= need) {
        return;
    }
    wb__broadcast_log_trim(&self->log, oldest_position(self));
    if (wb__broadcast_log_free(&self->log) >= need) {
        return;
    }
    uint64_t limit = self->log.head + need - LOG_CAPACITY;
    struct wb_slab_iter iter = wb_slab_iter(&self->members);
    for (struct member *member; (member = wb_slab_iter_next(&iter, NULL)) != NULL;) {
        if (is_owed(self, member) && member->position < limit) {
            catch_up_or_drop(self, member, limit);
        }
    }
    wb__broadcast_log_trim(&self->log, oldest_position(self));
    assert(wb__broadcast_log_free(&self->log) >= need);
}

static void broadcast(struct multi_echo *self, struct wb_bytes bytes) {
    make_room(self, bytes.len);
    wb__broadcast_log_append(&self->log, bytes);
    self->has_work = true;
}

/* ---- receiving ---- */

static void broadcast_frames(
    struct multi_echo *self, struct member *member, struct wb_bytes input) {
    for (;;) {
        struct wb_bytes frame;
        enum wb_status status =
            wb__frame_reader_next(&member->frames, self->server.sys, &input, &frame);
        if (status == WB_OK) {
            broadcast(self, frame);
            continue;
        }
        if (status != WB_WOULD_BLOCK) {
            complain(self, "a frame", status);
            discard(self, member, input.len);
            finish_speaking(self, member);
        }
        return;
    }
}

/* Where a read goes: straight into the log if there is room. Without, into the scratch space, since
 * nobody is dropped before it is known that there is something to make room for. */
static uint8_t *read_space(struct multi_echo *self, size_t *out_len) {
    uint8_t *space = NULL;
    if (!self->is_framed) {
        if (wb__broadcast_log_free(&self->log) < READ_LEN_MAX) {
            wb__broadcast_log_trim(&self->log, oldest_position(self));
        }
        space = wb__broadcast_log_space(&self->log, out_len);
    }
    if (space == NULL) {
        space = self->scratch;
        *out_len = READ_LEN_MAX;
    }
    if (*out_len > READ_LEN_MAX) {
        *out_len = READ_LEN_MAX;
    }
    return space;
}

/* One read, and its bytes into the log. */
static enum wb_status receive(struct multi_echo *self, struct member *member) {
    size_t space_len;
    size_t n;
    uint8_t *space = read_space(self, &space_len);
    enum wb_status status = wb_tcp_stream_read(&member->stream, space, space_len, &n);
    if (status != WB_OK) {
        return status;
    }
    if (self->is_verbose) {
        wb__print(self->server.sys, WB__CONSOLE_OUT, "read %zu bytes\n", n);
    }
    self->has_work = true;
    if (self->is_framed) {
        broadcast_frames(self, member, wb_bytes_from(space, n));
    } else if (space == self->scratch) {
        broadcast(self, wb_bytes_from(space, n));
    } else {
        wb__broadcast_log_commit(&self->log, n);
    }
    return WB_OK;
}

/* One read; with an edge trigger until the socket has no more, or it is another's turn. */
static void listen_to(struct multi_echo *self, struct member *member) {
    int reads_max = self->trigger == WB_TRIGGER_EDGE ? READS_MAX : 1;
    for (int reads = 0; reads < reads_max; reads++) {
        enum wb_status status = receive(self, member);
        if (status == WB_WOULD_BLOCK) {
            return;
        }
        if (status == WB_EOF) {
            finish_speaking(self, member);
        } else if (status != WB_OK && status != WB_ERR_INTERRUPTED) {
            condemn(self, member);
        }
        if (member->has_finished || member->is_dead) {
            return;
        }
    }
    member->wants_a_turn = true;
}

static void on_ready(struct wb__server *server, struct wb_event event) {
    struct multi_echo *self = from_server(server);
    struct member *member = wb_slab_from_token(&self->members, event.token);
    if (member == NULL || member->is_dead) {
        return;
    }
    self->has_work = true;
    if (wb_trigger_is_oneshot(self->trigger)) {
        member->armed = 0;
    }
    if (wb_event_wants_write(event)) {
        member->is_blocked = false;
    }
    if (wb_event_wants_read(event) && !member->has_finished) {
        listen_to(self, member);
    }
}

/* ---- the end of an iteration ---- */

/* Registers the member for what it waits for, if that is not so already. */
static enum wb_status watch_again(struct multi_echo *self, struct member *member, uint64_t token) {
    uint32_t interest = 0;
    if (self->trigger == WB_TRIGGER_EDGE) {
        if (!member->wants_a_turn) {
            return WB_OK;
        }
        interest = WB_INTEREST_READABLE | WB_INTEREST_WRITABLE;
    } else {
        interest |= member->has_finished ? 0u : (uint32_t)WB_INTEREST_READABLE;
        interest |= is_owed(self, member) ? (uint32_t)WB_INTEREST_WRITABLE : 0u;
        if (interest == member->armed) {
            return WB_OK;
        }
    }
    member->wants_a_turn = false;
    member->armed = interest;
    return wb_event_loop_reregister(
        self->server.loop, wb_tcp_stream_source(&member->stream), token, interest, self->trigger);
}

/* Whether the member is still to be served. */
static bool settle(struct multi_echo *self, struct member *member, uint64_t token) {
    if (!member->is_blocked) {
        send_owed(self, member);
    }
    if (member->is_dead || (member->has_finished && !is_owed(self, member))) {
        return false;
    }
    enum wb_status status = watch_again(self, member, token);
    if (status != WB_OK) {
        complain(self, "watching a connection", status);
        discard(self, member, member_end(self, member) - member->position);
        return false;
    }
    return true;
}

/* Everybody is sent what was read in this iteration, and who is to leave leaves: after the events,
 * so that none of them finds a member gone or another in its place. */
static void on_tick(struct wb__server *server) {
    struct multi_echo *self = from_server(server);
    if (!self->has_work) {
        return;
    }
    size_t key;
    struct wb_slab_iter iter = wb_slab_iter(&self->members);
    for (struct member *member; (member = wb_slab_iter_next(&iter, &key)) != NULL;) {
        if (!settle(self, member, wb_slab_token(&self->members, key))) {
            if (self->is_verbose) {
                wb__print(server->sys, WB__CONSOLE_OUT, "client %zu left\n", key);
            }
            close_member(self, member);
            wb_slab_remove(&self->members, key, NULL);
            self->has_told_limit = false;
        }
    }
    self->has_work = false;
}

/* ---- arriving ---- */

static void refuse(struct multi_echo *self, struct wb_tcp_stream *stream, enum wb_status status) {
    wb_tcp_stream_close(stream);
    if (!self->has_told_limit) {
        complain(self, "connection refused", status);
        self->has_told_limit = true;
    }
}

static void on_accepted(
    struct wb__server *server, struct wb_tcp_stream stream, const struct wb__address *peer) {
    struct multi_echo *self = from_server(server);
    struct wb_slab_vacant vacant;
    enum wb_status status = wb_slab_vacant_entry(&self->members, &vacant);
    if (status != WB_OK) {
        refuse(self, &stream, status);
        return;
    }
    struct member fresh = {
        .stream = stream, .position = self->log.head, .armed = WB_INTEREST_READABLE};
    if (self->trigger == WB_TRIGGER_EDGE) {
        fresh.armed |= WB_INTEREST_WRITABLE;
    }
    status = wb_event_loop_register(server->loop, wb_tcp_stream_source(&fresh.stream), vacant.token,
        fresh.armed, self->trigger);
    if (status != WB_OK) {
        refuse(self, &fresh.stream, status);
        return;
    }
    (void)wb_slab_vacant_insert(&vacant, &fresh);
    if (self->is_verbose) {
        char text[WB__ADDRESS_TEXT_LEN_MAX];
        bool is_unnamed = peer->is_unix && wb_unix_addr_is_unnamed(&peer->unix_addr);
        wb__address_format(peer, text, sizeof text);
        wb__print(server->sys, WB__CONSOLE_OUT, "client %zu is %s\n", vacant.key,
            is_unnamed ? "an unnamed socket" : text);
    }
}

/* ---- life ---- */

static void on_close_all(struct wb__server *server) {
    struct multi_echo *self = from_server(server);
    struct wb_slab_iter iter = wb_slab_iter(&self->members);
    struct member member;
    while (wb_slab_drain_next(&iter, NULL, &member)) {
        close_member(self, &member);
    }
    wb_slab_clean_up(&self->members);
    wb__broadcast_log_clean_up(&self->log, server->sys);
    WB_SYS(server->sys, free, self->scratch, READ_LEN_MAX);
}

static enum wb_status allocate(
    struct multi_echo *self, const struct wb_sys *sys, size_t members_max) {
    const struct wb_slab_options slab_options = {
        .element_size = sizeof(struct member),
        .first = MEMBER_KEY_FIRST,
        .capacity = members_max < MEMBERS_RESERVED ? members_max : MEMBERS_RESERVED,
        .capacity_max = members_max,
    };
    enum wb_status status = wb_slab_init(&self->members, sys, &slab_options);
    if (status != WB_OK) {
        return status;
    }
    status = wb__broadcast_log_init(&self->log, sys, LOG_CAPACITY);
    if (status != WB_OK) {
        return status;
    }
    self->scratch = WB_SYS(sys, alloc, READ_LEN_MAX);
    return self->scratch != NULL ? WB_OK : WB_ERR_NO_MEMORY;
}

static int run(struct multi_echo *self, const struct wb_sys *sys, struct wb__address listen,
    size_t members_max) {
    static const struct wb__server_callbacks callbacks = {
        .accepted = on_accepted, .ready = on_ready, .tick = on_tick, .close_all = on_close_all};
    const struct wb__server_options options = {
        .program = "multi_echo",
        .listen = listen,
        .listener_trigger = self->trigger,
        .listener_token = TOKEN_LISTENER,
    };
    wb__server_init(&self->server, sys, &callbacks, &options);
    enum wb_status status = allocate(self, sys, members_max);
    if (status != WB_OK) {
        complain(self, "memory at the start", status);
        on_close_all(&self->server);
        return WB__EXIT_FAILURE;
    }
    return wb__server_run(&self->server);
}

int wb__multi_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb__address listen = wb__address_tcp(wb_addr_v4_loopback(8000));
    struct wb__trigger_option trigger = {0};
    size_t members_max = MEMBERS_DEFAULT;
    struct multi_echo self = {0};
    const struct wb__option options[] = {
        {"listen", WB__OPTION_STREAM, &listen, "where to listen; port 0 picks one. 127.0.0.1:8000",
            0, 0},
        {"trigger", WB__OPTION_TRIGGER, &trigger, "of all sockets. edge-oneshot", 0, 0},
        {"max-connections", WB__OPTION_COUNT, &members_max,
            "at once; one more is closed when it comes. 128", 1, MEMBERS_MAX},
        {"framed", WB__OPTION_FLAG, &self.is_framed,
            "messages are 8 bytes of length, big-endian, and so many bytes, at most 65536", 0, 0},
        {"verbose", WB__OPTION_FLAG, &self.is_verbose, "prints who comes, speaks and leaves", 0, 0},
    };
    const struct wb__command command = {"multi_echo", "Sends what anybody says to everybody.",
        options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    self.trigger = wb__trigger_or(trigger, WB_TRIGGER_EDGE_ONESHOT);
    return run(&self, sys, listen, members_max);
}
