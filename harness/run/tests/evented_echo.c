/* An echo server on readiness alone: what wb/poll_evented.h is for, and what goes wrong with it
 * when its rules are broken. See streams.h. */
#include "streams.h"

#include <string.h>

#include "wb/addr.h"
#include "wb/async.h"
#include "wb/poll_evented.h"
#include "wb/runtime.h"
#include "wb/tcp.h"
#include "wb/time.h"

enum { EVENTED_PORT = 7102, CHUNK = 256 };

#define PAUSE_NS UINT64_C(1000000)

enum bug {
    BUG_NONE,
    BUG_SHORT_READ_CLEARS, /* takes a short read for the end of readiness, and misses the end */
    BUG_NEWER_ERASED,      /* clears what is known now instead of what was seen */
    BUG_NEVER_CLEARED,     /* tries on and on */
};

static enum bug bug_of(const char *name) {
    static const char *const names[] = {
        "none", "short-read-clears", "newer-erased", "never-cleared"};
    for (int i = 0; name != NULL && i < (int)(sizeof(names) / sizeof(names[0])); i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum bug)i;
        }
    }
    return BUG_NONE;
}

/* ---- a connection ---- */

struct peer {
    struct wb_future future;
    struct wb_tcp_stream tcp;
    struct wb_poll_evented evented;
    struct wb_ready seen;
    struct wb_sleep pause;
    bool pauses; /* between an operation that would block and saying so */
    enum bug bug;
    enum wb_status status;
    size_t begin;
    size_t end;
    char buf[CHUNK];
};

/* What an operation on a source comes down to, for all who do it by hand. */
static void settle(struct peer *self, struct wb_ready seen, enum wb_status status) {
    const bool is_short =
        status == WB_OK && self->end < CHUNK && seen.direction == WB_DIRECTION_READ;
    if (self->bug == BUG_SHORT_READ_CLEARS && is_short) {
        status = WB_WOULD_BLOCK;
    }
    if (self->bug != BUG_NEVER_CLEARED) {
        (void)wb_poll_evented_settle(&self->evented, seen, status);
    }
}

/* After the pause: what is cleared is what was seen before it, whatever was reported since. */
static void settle_late(struct peer *self, struct wb_context *context) {
    enum wb_status known = WB_OK;
    if (self->bug == BUG_NEWER_ERASED) {
        (void)!wb_poll_evented_poll_ready(
            &self->evented, self->seen.direction, context, &self->seen, &known);
    }
    (void)wb_poll_evented_settle(&self->evented, self->seen, WB_WOULD_BLOCK);
}

static enum wb_status try_once(struct peer *self, enum wb_direction direction) {
    size_t len = 0;
    enum wb_status status = WB_OK;
    if (direction == WB_DIRECTION_READ) {
        status = wb_tcp_stream_read(&self->tcp, self->buf, CHUNK, &len);
        if (status == WB_OK) {
            self->begin = 0;
            self->end = len;
        }
        return status;
    }
    status =
        wb_tcp_stream_write(&self->tcp, self->buf + self->begin, self->end - self->begin, &len);
    self->begin += status == WB_OK ? len : 0;
    return status;
}

/* One step in the direction that is wanted. WB_PENDING: it waits. */
static enum wb_progress step(
    struct peer *self, struct wb_context *context, enum wb_status *out_status) {
    const enum wb_direction direction =
        self->begin != self->end ? WB_DIRECTION_WRITE : WB_DIRECTION_READ;
    if (wb_poll_evented_poll_ready(&self->evented, direction, context, &self->seen, out_status)
            == WB_PENDING
        || (*out_status == WB_OK && wb_context_spend(context) == WB_PENDING)) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        *out_status = try_once(self, direction);
        if (*out_status != WB_WOULD_BLOCK || !self->pauses) {
            settle(self, self->seen, *out_status);
        }
    }
    return WB_READY;
}

static enum wb_progress peer_poll(struct wb_future *future, struct wb_context *context) {
    struct peer *self = WB_FUTURE_OF(future, struct peer, future);
    WB_ASYNC_BEGIN(future, context);
    self->status =
        wb_poll_evented_init(&self->evented, context->runtime, wb_tcp_stream_source(&self->tcp));
    while (self->status == WB_OK || self->status == WB_WOULD_BLOCK
           || self->status == WB_ERR_INTERRUPTED) {
        if (self->status == WB_WOULD_BLOCK && self->pauses) {
            wb_sleep_init(&self->pause, context->runtime, PAUSE_NS);
            WB_AWAIT(&self->pause.future);
            settle_late(self, context);
        }
        WB_AWAIT_READY(step(self, context, &self->status));
    }
    WB_ASYNC_END(self->status); /* the end, too: everything was sent back */
}

static void peer_drop(struct wb_future *future) {
    struct peer *self = WB_FUTURE_OF(future, struct peer, future);
    wb_future_drop(&self->pause.future);
    wb_poll_evented_clean_up(&self->evented, wb_tcp_stream_source(&self->tcp));
    wb_tcp_stream_close(&self->tcp);
}

static const struct wb_future_ops peer_ops = {
    .size = sizeof(struct peer),
    .offset = offsetof(struct peer, future),
    .poll = peer_poll,
    .drop = peer_drop,
};

/* ---- the listener ---- */

struct host {
    struct wb_future future;
    struct wb_tcp_listener tcp;
    struct wb_poll_evented evented;
    struct wb_tcp_stream accepted;
    enum bug bug;
    bool pauses;
};

static enum wb_status try_accept(void *user_data) {
    struct host *self = user_data;
    return wb_tcp_listener_accept(&self->tcp, &self->accepted, NULL);
}

static enum wb_progress host_poll(struct wb_future *future, struct wb_context *context) {
    struct host *self = WB_FUTURE_OF(future, struct host, future);
    for (;;) {
        enum wb_status status = WB_OK;
        if (wb_poll_evented_poll_read(&self->evented, context, try_accept, self, &status)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
        struct peer peer = {.tcp = self->accepted, .bug = self->bug, .pauses = self->pauses};
        wb_future_init(&peer.future, &peer_ops);
        if (wb_context_spawn(context, &peer.future, NULL, NULL) != WB_OK) {
            wb_future_drop(&peer.future);
        }
    }
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

int evented_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = stream_runtime(sys, argc, argv);
    const struct wb_addr addr = wb_addr_v4_loopback(EVENTED_PORT);
    struct host host = {
        .bug = bug_of(stream_option(argc, argv, "bug")),
        .pauses = stream_option(argc, argv, "pause") != NULL,
    };
    wb_future_init(&host.future, &host_ops);
    if (runtime == NULL || wb_tcp_listener_bind(&host.tcp, sys, &addr, 0) != WB_OK
        || wb_poll_evented_init(&host.evented, runtime, wb_tcp_listener_source(&host.tcp))
               != WB_OK) {
        return 2;
    }
    return stream_serve(runtime, &host.future);
}
