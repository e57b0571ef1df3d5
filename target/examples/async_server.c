/* See async_server.h. */
#include "examples/async_server.h"

#include <string.h>

#include "examples/console.h"
#include "examples/options.h"
#include "wb/async.h"
#include "wb/combine.h"

/* How long the listener rests when descriptors or memory have run out. */
#define REST_NS UINT64_C(20000000)

#define STOPPED "stopped"

/* ---- connections ---- */

/* Who cannot be served is told so by a reset. */
static void refuse(struct wb_stream *stream) {
    (void)!wb_tcp_stream_set_linger(wb_stream_tcp(stream), 0);
    wb_stream_close(stream);
}

static void welcome(
    struct wb__async_server *self, struct wb_context *context, struct wb_stream *stream) {
    struct wb_join_handle *handle = self->options.is_sequential ? &self->current : NULL;
    if (self->connections >= self->options.connections_max
        || self->options.accepted(self, context, stream, handle) != WB_OK) {
        refuse(stream);
    }
}

static enum wb_progress serving_poll(struct wb_future *future, struct wb_context *context) {
    struct wb__async_server *self = WB_FUTURE_OF(future, struct wb__async_server, serving);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_accept_init(&self->accept, &self->listener);
        WB_AWAIT(&self->accept.future);
        if (self->accept.future.status == WB_OK) {
            welcome(self, context, &self->accept.stream);
            if (self->current.task != NULL) {
                WB_AWAIT(&self->current.future);
                wb_join_handle_detach(&self->current);
            }
        } else {
            wb_sleep_init(&self->rest, context->runtime, REST_NS);
            WB_AWAIT(&self->rest.future);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void serving_drop(struct wb_future *future) {
    struct wb__async_server *self = WB_FUTURE_OF(future, struct wb__async_server, serving);
    wb_future_drop(&self->accept.future);
    wb_join_handle_cancel(&self->current);
    wb_future_drop(&self->rest.future);
}

static const struct wb_future_ops serving_ops = {
    .size = sizeof(struct wb__async_server),
    .offset = offsetof(struct wb__async_server, serving),
    .poll = serving_poll,
    .drop = serving_drop,
};

/* ---- life ---- */

static enum wb_status open_server(struct wb__async_server *self) {
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    enum wb_status status = wb__stop_prepare(&self->stop, self->sys);
    if (status != WB_OK) {
        return status;
    }
    status = wb_runtime_new(self->sys, &config, &self->runtime);
    if (status != WB_OK) {
        return status;
    }
    status = wb__stop_begin(&self->stop, self->runtime);
    if (status != WB_OK) {
        return status;
    }
    wb_addr_format(&self->options.listen, self->subject, sizeof self->subject);
    return wb_listener_bind(&self->listener, self->runtime, &self->options.listen, 0);
}

static void close_server(struct wb__async_server *self) {
    wb_listener_close(&self->listener);
    wb__stop_close(&self->stop);
    wb_runtime_destroy(self->runtime);
}

static void tell_address(const struct wb__async_server *self) {
    struct wb_addr addr;
    char text[WB_ADDR_TEXT_LEN_MAX];
    if (wb_tcp_listener_local_addr(wb_listener_tcp(&self->listener), &addr) == WB_OK) {
        wb_addr_format(&addr, text, sizeof text);
        wb__print(self->sys, WB__CONSOLE_OUT, "listening on %s\n", text);
    }
}

static enum wb_status serve(struct wb__async_server *self) {
    struct wb_future *parts[] = {&self->stop.future, &self->serving};
    struct wb_race race;
    wb_future_init(&self->serving, &serving_ops);
    wb_race_init(&race, parts, 2, WB_RACE_BIASED);
    return wb_runtime_block_on(self->runtime, &race.future);
}

int wb__async_server_run(struct wb__async_server *server, const struct wb_sys *sys,
    const struct wb__async_server_options *options) {
    *server = (struct wb__async_server){.subject = STOPPED, .sys = sys, .options = *options};
    enum wb_status status = open_server(server);
    if (status == WB_OK) {
        tell_address(server);
        memcpy(server->subject, STOPPED, sizeof STOPPED);
        status = serve(server);
    }
    close_server(server);
    if (status != WB_OK) {
        wb__print_failure(sys, options->program, server->subject, status);
        return WB__EXIT_FAILURE;
    }
    return WB__EXIT_OK;
}
