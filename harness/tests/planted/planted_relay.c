/* A server whose connections are two tasks each, one that reads and one that writes, and a box
 * between them that holds one piece: what a task leaves for another, and who wakes whom. Whoever
 * wrote the first piece hands over to a second writer. Each use of `has` is a bug; without them it
 * is as it should be. */
#include "programs.h"

#include <string.h>

#include "options.h"
#include "until_stopped.h"
#include "wb/addr.h"
#include "wb/async.h"
#include "wb/net.h"
#include "wb/poll_evented.h"
#include "wb/tcp.h"

enum { PORT = 6571, PIECE = 64, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* A connection: of its tasks, the last of which frees it. */
struct relay {
    const struct wb_sys *sys;
    enum planted_bug bug;
    unsigned users;
    struct wb_tcp_stream tcp;
    struct wb_poll_evented evented;
    char piece[PIECE];
    const char *bytes; /* what the writer is to write; NULL: nothing */
    size_t len;
    bool has_ended;                /* nothing will come any more */
    bool is_broken;                /* nobody writes any more */
    struct wb_task_waker for_room; /* of the reader */
    struct wb_task_waker for_bytes;
};

struct reader {
    struct wb_future future;
    struct relay *relay;
    char buf[PIECE];
    size_t len;
    enum wb_status status;
};

struct writer {
    struct wb_future future;
    struct relay *relay;
    size_t written;
    bool is_first;
    bool has_waited;
    enum wb_status status;
};

static bool has(const struct relay *relay, enum planted_bug bug) {
    return relay->bug == bug;
}

static void release(struct relay *relay) {
    if (--relay->users != 0) {
        return;
    }
    wb_task_waker_drop(&relay->for_room);
    wb_task_waker_drop(&relay->for_bytes);
    wb_poll_evented_clean_up(&relay->evented, wb_tcp_stream_source(&relay->tcp));
    wb_tcp_stream_close(&relay->tcp);
    WB_SYS(relay->sys, free, relay, sizeof(*relay));
}

/* ---- the box ---- */

static void keep_waker(
    struct relay *relay, struct wb_task_waker *slot, const struct wb_task_waker *waker) {
    if (has(relay, PLANTED_FIRST_WAKER_KEPT) && !wb_task_waker_is_empty(slot)) {
        return; /* somebody is known already */
    }
    wb_task_waker_store(slot, waker);
}

static void put(struct relay *relay, const char *bytes, size_t len) {
    if (relay->is_broken) {
        return;
    }
    relay->bytes = bytes;
    if (!has(relay, PLANTED_BUFFER_BORROWED)) {
        memcpy(relay->piece, bytes, len);
        relay->bytes = relay->piece;
    }
    relay->len = len;
    wb_task_waker_wake(&relay->for_bytes);
}

/* WB_READY: there is room for another piece. */
static enum wb_progress await_room(struct relay *relay, const struct wb_context *context) {
    if (relay->bytes == NULL || has(relay, PLANTED_BUFFER_BORROWED)) {
        return WB_READY;
    }
    keep_waker(relay, &relay->for_room, context->waker);
    return WB_PENDING;
}

/* WB_READY: there is a piece, or the end. */
static enum wb_progress await_bytes(struct writer *self, const struct wb_context *context) {
    struct relay *relay = self->relay;
    bool looks = !has(relay, PLANTED_WAITED_BEFORE_LOOK) || self->has_waited;
    self->has_waited = true;
    if (looks && (relay->bytes != NULL || relay->has_ended)) {
        return WB_READY;
    }
    keep_waker(relay, &relay->for_bytes, context->waker);
    return WB_PENDING;
}

static void take(struct relay *relay) {
    relay->bytes = NULL;
    wb_task_waker_wake(&relay->for_room);
}

/* What comes is thrown away, so that the reader finds its end. */
static void give_up_writing(struct relay *relay) {
    relay->is_broken = true;
    take(relay);
}

/* ---- reading ---- */

static enum wb_status try_read(void *user_data) {
    struct reader *self = user_data;
    return wb_tcp_stream_read(&self->relay->tcp, self->buf, sizeof self->buf, &self->len);
}

static enum wb_progress reader_poll(struct wb_future *future, struct wb_context *context) {
    struct reader *self = WB_FUTURE_OF(future, struct reader, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        WB_AWAIT_READY(wb_poll_evented_poll_read(
            &self->relay->evented, context, try_read, self, &self->status));
        if (self->status != WB_OK) {
            break;
        }
        WB_AWAIT_READY(await_room(self->relay, context));
        put(self->relay, self->buf, self->len);
    }
    self->relay->has_ended = true;
    wb_task_waker_wake(&self->relay->for_bytes);
    WB_ASYNC_END(WB_OK);
}

static void reader_drop(struct wb_future *future) {
    release(WB_FUTURE_OF(future, struct reader, future)->relay);
}

static const struct wb_future_ops reader_ops = {
    .size = sizeof(struct reader),
    .offset = offsetof(struct reader, future),
    .poll = reader_poll,
    .drop = reader_drop,
};

/* ---- writing ---- */

static enum wb_status try_write(void *user_data) {
    struct writer *self = user_data;
    struct relay *relay = self->relay;
    size_t len = 0;
    enum wb_status status = wb_tcp_stream_write(
        &relay->tcp, relay->bytes + self->written, relay->len - self->written, &len);
    self->written += status == WB_OK ? len : 0;
    return status;
}

static enum wb_progress write_some(struct writer *self, struct wb_context *context) {
    struct wb_poll_evented *evented = &self->relay->evented;
    if (has(self->relay, PLANTED_WAITER_OVERWRITTEN)) { /* in the place of who reads */
        return wb_poll_evented_poll_read(evented, context, try_write, self, &self->status);
    }
    return wb_poll_evented_poll_write(evented, context, try_write, self, &self->status);
}

static void spawn_writer(struct relay *relay, struct wb_context *context, bool is_first);

static enum wb_progress writer_poll(struct wb_future *future, struct wb_context *context) {
    struct writer *self = WB_FUTURE_OF(future, struct writer, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        WB_AWAIT_READY(await_bytes(self, context));
        if (self->relay->bytes == NULL) {
            WB_ASYNC_RETURN(WB_OK); /* the end */
        }
        while (self->status == WB_OK && self->written != self->relay->len) {
            WB_AWAIT_READY(write_some(self, context));
        }
        if (self->status != WB_OK) {
            WB_ASYNC_RETURN(self->status);
        }
        self->written = 0;
        take(self->relay);
        if (self->is_first) {
            spawn_writer(self->relay, context, false);
            WB_ASYNC_RETURN(WB_OK);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void writer_drop(struct wb_future *future) {
    struct writer *self = WB_FUTURE_OF(future, struct writer, future);
    if (self->status != WB_OK) {
        give_up_writing(self->relay);
    }
    release(self->relay);
}

static const struct wb_future_ops writer_ops = {
    .size = sizeof(struct writer),
    .offset = offsetof(struct writer, future),
    .poll = writer_poll,
    .drop = writer_drop,
};

static void spawn_writer(struct relay *relay, struct wb_context *context, bool is_first) {
    struct writer writer = {.relay = relay, .is_first = is_first};
    relay->users++;
    wb_future_init(&writer.future, &writer_ops);
    if (wb_context_spawn(context, &writer.future, NULL, NULL) != WB_OK) {
        give_up_writing(relay);
        wb_future_drop(&writer.future);
    }
}

static void spawn_reader(struct relay *relay, struct wb_context *context) {
    struct reader reader = {.relay = relay};
    relay->users++;
    wb_future_init(&reader.future, &reader_ops);
    if (wb_context_spawn(context, &reader.future, NULL, NULL) != WB_OK) {
        wb_future_drop(&reader.future);
    }
}

/* ---- the listener ---- */

struct host {
    struct wb_future future;
    const struct wb_sys *sys;
    struct planted_options options;
    struct wb_tcp_listener tcp;
    struct wb_poll_evented evented;
    struct wb_tcp_stream accepted;
    enum wb_status status;
};

static enum wb_status try_accept(void *user_data) {
    struct host *self = user_data;
    return wb_tcp_listener_accept(&self->tcp, &self->accepted, NULL);
}

static void welcome(struct host *self, struct wb_context *context) {
    struct relay *relay = WB_SYS(self->sys, alloc, sizeof(*relay));
    if (relay == NULL) {
        wb_tcp_stream_close(&self->accepted);
        return;
    }
    *relay = (struct relay){
        .sys = self->sys, .bug = self->options.bug, .users = 1, .tcp = self->accepted};
    if (wb_poll_evented_init(&relay->evented, context->runtime, wb_tcp_stream_source(&relay->tcp))
        == WB_OK) {
        spawn_reader(relay, context);
        spawn_writer(relay, context, true);
    }
    release(relay);
}

static enum wb_progress host_poll(struct wb_future *future, struct wb_context *context) {
    struct host *self = WB_FUTURE_OF(future, struct host, future);
    while (wb_poll_evented_poll_read(&self->evented, context, try_accept, self, &self->status)
           == WB_READY) {
        if (self->status == WB_OK) {
            welcome(self, context);
        } else if (self->status != WB_ERR_CONN_ABORTED) {
            return wb_future_end(future, self->status);
        }
    }
    return WB_PENDING;
}

static void host_drop(struct wb_future *future) {
    struct host *self = WB_FUTURE_OF(future, struct host, future);
    wb_poll_evented_clean_up(&self->evented, wb_tcp_listener_source(&self->tcp));
    wb_tcp_listener_close(&self->tcp);
}

static const struct wb_future_ops host_ops = {
    .size = sizeof(struct host),
    .offset = offsetof(struct host, future),
    .poll = host_poll,
    .drop = host_drop,
};

int planted_relay_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct host self = {.sys = sys};
    const struct wb_addr addr = wb_addr_v4_any(PORT);
    if (!planted_options_parse(&self.options, argc, argv)) {
        return EXIT_USAGE;
    }
    struct wb_runtime *runtime = planted_runtime_new(sys, &self.options);
    wb_future_init(&self.future, &host_ops);
    if (runtime == NULL || wb_tcp_listener_bind(&self.tcp, sys, &addr, 0) != WB_OK
        || wb_poll_evented_init(&self.evented, runtime, wb_tcp_listener_source(&self.tcp))
               != WB_OK) {
        wb_future_drop(&self.future);
        wb_runtime_destroy(runtime);
        return EXIT_FAILED;
    }
    return planted_run_until_stopped(runtime, &self.future);
}
