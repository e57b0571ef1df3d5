/* Accepting connections, for as long as the server serves; then waiting for those that are left. */
#include "wb/http_server.h"

#include <string.h>

#include "http/server/conn.h"
#include "http/server/shared.h"

/* ---- one connection ---- */

static bool is_any(const struct wb_addr *addr) {
    static const struct wb_addr any;
    return memcmp(addr->ip, any.ip, sizeof any.ip) == 0;
}

/* Who listens at one address need not ask where each connection arrived. */
static struct wb_addr local_of(const struct wb_http_server *self, struct wb_stream *stream) {
    struct wb_addr local = self->local;
    const struct wb_tcp_stream *tcp = wb_stream_tcp(stream);
    if (tcp != NULL && is_any(&local) && wb_tcp_stream_local_addr(tcp, &local) != WB_OK) {
        local = (struct wb_addr){0}; /* it has gone again */
    }
    return local;
}

static void welcome(struct wb_http_server *self, struct wb_context *context) {
    struct wb_stream *stream = &self->accept.stream;
    const struct wb_http_connection connection = {
        .peer = self->accept.peer, .local = local_of(self, stream)};
    wb__http_serve(self->shared, context, self->make, stream, &connection);
}

/* ---- serving ---- */

/* Descriptors or memory have run out. The connection waits on, and the next try is worth while when
 * one of ours has ended; or when some time has passed, since we are not alone. */
static void rest(struct wb_http_server *self, struct wb_context *context, uint64_t ended) {
    wb__http_count_refusal(self->shared);
    self->ended = ended;
    self->rests = true;
    wb_sleep_init(&self->sleep, context->runtime, self->options.rest_ns);
}

static enum wb_progress poll_rest(
    struct wb_http_server *self, struct wb_context *context, uint64_t ended) {
    if (ended == self->ended && wb_future_poll(&self->sleep.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb_future_drop(&self->sleep.future);
    self->rests = false;
    return WB_READY;
}

static enum wb_progress accept_some(struct wb_http_server *self, struct wb_context *context) {
    for (;;) {
        struct wb__http_counts counts = wb__http_attend(self->shared, context->waker, self->rests);
        if (wb__http_phase_of(self->shared) != WB__HTTP_SERVES) {
            return WB_READY;
        }
        if (counts.now >= self->options.connections_max) {
            counts = wb__http_attend(self->shared, context->waker, true);
            if (counts.now >= self->options.connections_max) {
                return WB_PENDING;
            }
        }
        if (self->rests && poll_rest(self, context, counts.ended) == WB_PENDING) {
            return WB_PENDING;
        }
        if (wb_future_poll(&self->accept.future, context) == WB_PENDING) {
            return WB_PENDING;
        }
        const enum wb_status status = self->accept.future.status;
        if (status == WB_OK) {
            welcome(self, context);
        } else {
            rest(self, context, counts.ended);
        }
        wb_accept_init(&self->accept, self->listener);
    }
}

/* ---- stopping ---- */

static void begin_to_stop(struct wb_http_server *self, struct wb_context *context) {
    wb_future_drop(&self->accept.future);
    wb_future_drop(&self->sleep.future);
    wb_sleep_init(&self->sleep, context->runtime, self->options.drain_ns);
    self->stops = true;
}

static enum wb_progress await_last(struct wb_http_server *self, struct wb_context *context) {
    const struct wb__http_counts counts = wb__http_attend(self->shared, context->waker, true);
    if (counts.now == 0) {
        return wb_future_end(&self->future, self->has_given_up ? WB_ERR_TIMED_OUT : WB_OK);
    }
    if (!self->has_given_up && wb_future_poll(&self->sleep.future, context) == WB_READY) {
        self->has_given_up = true;
        wb__http_advance(self->shared, WB__HTTP_GIVES_UP);
    }
    return WB_PENDING;
}

static enum wb_progress server_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_http_server *self = WB_FUTURE_OF(future, struct wb_http_server, future);
    if (!self->stops && accept_some(self, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (!self->stops) {
        begin_to_stop(self, context);
    }
    return await_last(self, context);
}

/* A server that was given up takes nothing with it: its connections have tasks of their own. */
static void server_drop(struct wb_future *future) {
    struct wb_http_server *self = WB_FUTURE_OF(future, struct wb_http_server, future);
    wb_future_drop(&self->accept.future);
    wb_future_drop(&self->sleep.future);
}

static const struct wb_future_ops server_ops = {
    .size = sizeof(struct wb_http_server),
    .offset = offsetof(struct wb_http_server, future),
    .poll = server_poll,
    .drop = server_drop,
};

/* ---- life ---- */

static uint64_t or_default(uint64_t value, uint64_t otherwise) {
    return value != 0 ? value : otherwise;
}

enum wb_status wb_http_server_init(struct wb_http_server *server, struct wb_runtime *runtime,
    struct wb_listener *listener, struct wb_http_make_service *make,
    const struct wb_http_server_options *options) {
    static const struct wb_http_server_options defaults;
    options = options != NULL ? options : &defaults;
    *server = (struct wb_http_server){.listener = listener, .make = make, .options = *options};
    if (!wb__h1_options_are_sound(&options->h1)) {
        return WB_ERR_INVALID;
    }
    struct wb_http_server_options *own = &server->options;
    own->connections_max =
        (uint32_t)or_default(own->connections_max, WB_HTTP_SERVER_CONNECTIONS_MAX);
    own->drain_ns = or_default(own->drain_ns, WB_HTTP_SERVER_DRAIN_NS);
    own->rest_ns = or_default(own->rest_ns, WB_HTTP_SERVER_REST_NS);
    struct wb_tcp_listener *tcp = wb_listener_tcp(listener);
    if (tcp != NULL) {
        (void)!wb_tcp_listener_local_addr(tcp, &server->local); /* each connection is asked, then */
    }
    if (tcp != NULL && !own->delays) {
        (void)!wb_tcp_listener_set_nodelay(tcp, true); /* slower without, and else the same */
    }
    wb_future_init(&server->future, &server_ops);
    wb_accept_init(&server->accept, listener);
    return wb__http_shared_new(wb_runtime_sys(runtime), own, &server->shared);
}

void wb_http_server_shutdown(struct wb_http_server *server) {
    wb__http_advance(server->shared, WB__HTTP_STOPS);
}

void wb_http_server_figures(
    const struct wb_http_server *server, struct wb_http_server_figures *out_figures) {
    wb__http_figures(server->shared, out_figures);
}

void wb_http_server_clean_up(struct wb_http_server *server) {
    if (server == NULL || server->shared == NULL) {
        return;
    }
    wb_future_drop(&server->future);
    (void)wb__http_attend(server->shared, &(const struct wb_task_waker){0}, false);
    wb__http_shared_release(server->shared);
    server->shared = NULL;
}
