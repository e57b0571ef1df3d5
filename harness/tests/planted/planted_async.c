/* The echo server's twin on the runtime: accepts, and spawns a task for each connection. Each use
 * of `has` is a bug; without them it is as it should be. */
#include "programs.h"

#include <assert.h>
#include <string.h>

#include "async_peer.h"
#include "options.h"
#include "until_stopped.h"
#include "wb/addr.h"
#include "wb/async.h"
#include "wb/task.h"

enum { PORT = 6570, EXIT_FAILED = 1, EXIT_USAGE = 2 };
static const uint64_t rest_ns = UINT64_C(10000000);
static const int64_t nap_ns = INT64_C(200000000);

struct host {
    struct wb_future future;
    const struct wb_sys *sys;
    struct planted_options options;
    struct wb_tcp_listener tcp;
    struct wb_poll_evented evented;
    struct wb_tcp_stream accepted;
    struct wb_sleep rest;
    struct async_peer inner; /* served by this task itself */
    enum wb_status status;
    bool must_end;
};

static bool has(const struct host *self, enum planted_bug bug) {
    return self->options.bug == bug;
}

/* ---- accepting ---- */

static enum wb_status try_accept(void *user_data) {
    struct host *self = user_data;
    return wb_tcp_listener_accept(&self->tcp, &self->accepted, NULL);
}

/* One connection for a report, and then the next report is waited for. */
static enum wb_progress accept_one(struct host *self, struct wb_context *context) {
    struct wb_ready seen;
    if (wb_poll_evented_poll_ready(&self->evented, WB_DIRECTION_READ, context, &seen, &self->status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    self->status = try_accept(self);
    (void)wb_poll_evented_settle(&self->evented, seen, WB_WOULD_BLOCK);
    return WB_READY;
}

static enum wb_progress accept_next(struct host *self, struct wb_context *context) {
    if (has(self, PLANTED_SLEEPS_IN_POLL)) {
        (void)WB_SYS(self->sys, poll, NULL, 0, nap_ns);
        wb_context_wake(context);
    }
    if (has(self, PLANTED_ONE_ACCEPT_PER_REPORT)) {
        return accept_one(self, context);
    }
    return wb_poll_evented_poll_read(&self->evented, context, try_accept, self, &self->status);
}

/* ---- serving ---- */

static void prepare(struct host *self, struct async_peer *peer) {
    async_peer_init(peer, &self->accepted, self->options.bug);
    peer->pauses = self->options.pauses;
    peer->out_failed = &self->must_end;
}

static void spawn_peer(struct host *self, struct wb_context *context) {
    struct async_peer peer;
    struct wb_join_handle handle;
    prepare(self, &peer);
    if (wb_context_spawn(context, &peer.future, NULL, &handle) != WB_OK) {
        wb_future_drop(&peer.future);
    } else if (has(self, PLANTED_HANDLE_DROPPED)) {
        wb_future_drop(&handle.future);
    } else {
        wb_join_handle_detach(&handle);
    }
}

static bool is_end(const struct host *self) {
    if (has(self, PLANTED_ACCEPT_UNWRAPPED)) {
        assert(self->status == WB_OK && "accepting does not fail");
    }
    return self->must_end || (self->status != WB_OK && has(self, PLANTED_ACCEPT_ERROR_ENDS));
}

static enum wb_progress host_poll(struct wb_future *future, struct wb_context *context) {
    struct host *self = WB_FUTURE_OF(future, struct host, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        WB_AWAIT_READY(accept_next(self, context));
        if (is_end(self)) {
            WB_ASYNC_RETURN(self->status);
        }
        if (self->status != WB_OK) {
            wb_sleep_init(&self->rest, context->runtime, rest_ns);
            WB_AWAIT(&self->rest.future);
        } else if (has(self, PLANTED_SERVED_WHILE_ACCEPTING)) {
            prepare(self, &self->inner);
            WB_AWAIT(&self->inner.future);
        } else {
            spawn_peer(self, context);
        }
        WB_AWAIT_READY(has(self, PLANTED_PENDING_UNARMED) ? WB_PENDING : WB_READY);
    }
    WB_ASYNC_END(WB_OK);
}

static void host_drop(struct wb_future *future) {
    struct host *self = WB_FUTURE_OF(future, struct host, future);
    wb_future_drop(&self->rest.future);
    wb_future_drop(&self->inner.future);
    wb_poll_evented_clean_up(&self->evented, wb_tcp_listener_source(&self->tcp));
    wb_tcp_listener_close(&self->tcp);
}

static const struct wb_future_ops host_ops = {
    .size = sizeof(struct host),
    .offset = offsetof(struct host, future),
    .poll = host_poll,
    .drop = host_drop,
};

/* ---- the program ---- */

/* A listener made by hand, without what lets a server take its port again. */
static enum wb_status bind_bare(struct host *self) {
    struct wb_sockaddr addr;
    memset(&addr, 0, sizeof addr);
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof port_be);
    int fd = WB_SYS(self->sys, socket, WB_AF_INET,
        WB_SOCK_STREAM | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC, WB_IPPROTO_TCP);
    wb_tcp_listener_from_fd(&self->tcp, self->sys, fd);
    int result = WB_SYS(self->sys, bind, fd, &addr, sizeof addr.in);
    result = result == 0 ? WB_SYS(self->sys, listen, fd, 128) : result;
    return result == 0 ? WB_OK : WB_ERR_ADDR_IN_USE;
}

static enum wb_status open_host(struct host *self, struct wb_runtime *runtime) {
    const struct wb_addr addr = wb_addr_v4_any(PORT);
    enum wb_status status = has(self, PLANTED_ADDRESS_NOT_REUSED)
                                ? bind_bare(self)
                                : wb_tcp_listener_bind(&self->tcp, self->sys, &addr, 0);
    return status != WB_OK
               ? status
               : wb_poll_evented_init(&self->evented, runtime, wb_tcp_listener_source(&self->tcp));
}

int planted_async_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct host self = {.sys = sys};
    if (!planted_options_parse(&self.options, argc, argv)) {
        return EXIT_USAGE;
    }
    struct wb_runtime *runtime = planted_runtime_new(sys, &self.options);
    wb_future_init(&self.future, &host_ops);
    if (runtime == NULL || open_host(&self, runtime) != WB_OK) {
        wb_future_drop(&self.future);
        wb_runtime_destroy(runtime);
        return EXIT_FAILED;
    }
    return planted_run_until_stopped(runtime, &self.future);
}
