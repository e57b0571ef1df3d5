/* The client's twin on the runtime: connects by name, again after a while if nobody
 * listens yet, says "ping" and waits for the same. Each use of `has` is a bug; without them it is
 * as it should be. */
#include "programs.h"

#include <string.h>

#include "options.h"
#include "until_stopped.h"
#include "wb/async.h"
#include "wb/poll_evented.h"
#include "wb/resolve.h"
#include "wb/tcp.h"
#include "wb/time.h"

enum { PORT = 6570, LINE = 5, EXIT_FAILED = 1, EXIT_USAGE = 2 };
static const char ping[] = "ping\n";
static const uint64_t retry_ns = UINT64_C(10000000);
static const uint64_t ms = UINT64_C(1000000);

struct client {
    struct wb_future future;
    const struct wb_sys *sys;
    struct planted_options options;
    struct wb_resolve resolve;
    uint32_t tried;
    struct wb_tcp_stream tcp;
    struct wb_poll_evented evented;
    struct wb_sleep rest;
    uint64_t rest_until_ns;
    enum wb_status status;
    size_t moved;
    char line[LINE];
};

static bool has(const struct client *self, enum planted_bug bug) {
    return self->options.bug == bug;
}

/* ---- resting ---- */

static uint64_t now(const struct client *self) {
    return WB_SYS(self->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

/* In steps of at most some milliseconds, so that it could be told to hurry. */
static enum wb_progress rest(struct client *self, struct wb_context *context) {
    uint64_t now_ns = now(self);
    while (now_ns < self->rest_until_ns) {
        uint64_t left_ns = self->rest_until_ns - now_ns;
        if (has(self, PLANTED_SLEEP_ROUNDED_DOWN)) {
            left_ns = left_ns / ms * ms;
        }
        if (has(self, PLANTED_REST_NOT_TIMED)) {
            return WB_PENDING;
        }
        if (self->rest.future.ops == NULL || wb_future_is_over(&self->rest.future)) {
            wb_sleep_init(&self->rest, context->runtime, left_ns);
        }
        if (wb_future_poll(&self->rest.future, context) == WB_PENDING) {
            return WB_PENDING;
        }
        now_ns = now(self);
    }
    return WB_READY;
}

/* ---- connecting ---- */

static void disconnect(struct client *self) {
    wb_poll_evented_clean_up(&self->evented, wb_tcp_stream_source(&self->tcp));
    wb_tcp_stream_close(&self->tcp);
}

static enum wb_status begin_connecting(struct client *self, struct wb_runtime *runtime) {
    enum wb_status status =
        wb_tcp_stream_connect(&self->tcp, self->sys, &self->resolve.addrs[self->tried]);
    if (status != WB_OK && status != WB_IN_PROGRESS) {
        return status;
    }
    return wb_poll_evented_init(&self->evented, runtime, wb_tcp_stream_source(&self->tcp));
}

static enum wb_status try_finish(void *user_data) {
    enum wb_status status = wb_tcp_stream_finish_connect(&((struct client *)user_data)->tcp);
    return status == WB_IN_PROGRESS ? WB_WOULD_BLOCK : status;
}

static bool may_try_another(const struct client *self) {
    return self->tried + 1 < self->resolve.count && !has(self, PLANTED_FIRST_ADDRESS_ONLY);
}

/* ---- the line ---- */

static enum wb_status try_send(void *user_data) {
    struct client *self = user_data;
    size_t len = 0;
    enum wb_status status =
        wb_tcp_stream_write(&self->tcp, ping + self->moved, LINE - self->moved, &len);
    self->moved += status == WB_OK ? len : 0;
    return status;
}

static enum wb_status try_receive(void *user_data) {
    struct client *self = user_data;
    size_t len = 0;
    enum wb_status status =
        wb_tcp_stream_read(&self->tcp, self->line + self->moved, LINE - self->moved, &len);
    self->moved += status == WB_OK ? len : 0;
    return status;
}

/* Writable once is not writable for ever. */
static enum wb_progress send_once(struct client *self, struct wb_context *context) {
    struct wb_ready seen;
    if (self->status == WB_WOULD_BLOCK
        || wb_poll_evented_poll_ready(
               &self->evented, WB_DIRECTION_WRITE, context, &seen, &self->status)
               == WB_PENDING) {
        return WB_PENDING;
    }
    self->status = try_send(self);
    return self->status == WB_WOULD_BLOCK ? WB_PENDING : WB_READY;
}

static enum wb_progress send_some(struct client *self, struct wb_context *context) {
    return has(self, PLANTED_WAITED_ONCE)
               ? send_once(self, context)
               : wb_poll_evented_poll_write(&self->evented, context, try_send, self, &self->status);
}

/* ---- the whole ---- */

static enum wb_progress client_poll(struct wb_future *future, struct wb_context *context) {
    struct client *self = WB_FUTURE_OF(future, struct client, future);
    WB_ASYNC_BEGIN(future, context);
    wb_resolve_init(&self->resolve, context->runtime, self->options.server, PORT, WB_AF_UNSPEC);
    WB_TRY_AWAIT(&self->resolve.future);
    for (;;) {
        self->status = begin_connecting(self, context->runtime);
        if (self->status == WB_OK) {
            WB_AWAIT_READY(wb_poll_evented_poll_write(
                &self->evented, context, try_finish, self, &self->status));
        }
        if (self->status == WB_OK) {
            break;
        }
        disconnect(self);
        if (may_try_another(self)) {
            self->tried++;
            continue;
        }
        if (has(self, PLANTED_FIRST_ADDRESS_ONLY)) {
            WB_ASYNC_RETURN(self->status);
        }
        self->tried = 0;
        self->rest_until_ns = now(self) + retry_ns + ms * 9 / 10;
        WB_AWAIT_READY(rest(self, context));
    }
    while (self->status == WB_OK && self->moved != LINE) {
        WB_AWAIT_READY(send_some(self, context));
    }
    self->moved = 0;
    while (self->status == WB_OK && self->moved != LINE) {
        WB_AWAIT_READY(
            wb_poll_evented_poll_read(&self->evented, context, try_receive, self, &self->status));
    }
    WB_ASYNC_END(
        self->status == WB_OK && memcmp(self->line, ping, LINE) == 0 ? WB_OK : WB_ERR_PARSE);
}

static void client_drop(struct wb_future *future) {
    struct client *self = WB_FUTURE_OF(future, struct client, future);
    wb_future_drop(&self->resolve.future);
    wb_future_drop(&self->rest.future);
    disconnect(self);
}

static const struct wb_future_ops client_ops = {
    .size = sizeof(struct client),
    .offset = offsetof(struct client, future),
    .poll = client_poll,
    .drop = client_drop,
};

int planted_async_client_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct client self = {.sys = sys};
    if (!planted_options_parse(&self.options, argc, argv)) {
        return EXIT_USAGE;
    }
    struct wb_runtime *runtime = planted_runtime_new(sys, &self.options);
    if (runtime == NULL) {
        return EXIT_FAILED;
    }
    wb_future_init(&self.future, &client_ops);
    enum wb_status status = wb_runtime_block_on(runtime, &self.future);
    wb_runtime_destroy(runtime);
    return status == WB_OK ? 0 : EXIT_FAILED;
}
