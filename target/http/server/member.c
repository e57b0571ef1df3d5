/* The task of a connection that a server has accepted. */
#include "http/server/conn.h"
#include "http/server/shared.h"
#include "wb/runtime.h"

/* Moved into its task before the first poll; the rest is made there. */
struct member {
    struct wb_future future;
    struct wb__http_shared *shared;
    struct wb_stream stream;
    struct wb_http_service *service;
    struct wb_http_connection connection;
    struct wb__http_member listed;
    struct wb_h1_server_conn conn;
    bool is_listed;
};

/* ---- the end ---- */

static bool is_to_be_reset(const struct member *self) {
    return !wb_future_is_over(&self->conn.future) || self->conn.end == WB_H1_SERVER_END_BROKEN;
}

static void close_stream(struct wb_stream *stream, bool resets) {
    struct wb_tcp_stream *tcp = wb_stream_tcp(stream);
    if (resets && tcp != NULL) {
        (void)!wb_tcp_stream_set_linger(tcp, 0);
    }
    wb_stream_close(stream);
}

static void drop_service(struct wb_http_service *service) {
    if (service != NULL && service->ops->drop != NULL) {
        service->ops->drop(service);
    }
}

static void member_drop(struct wb_future *future) {
    struct member *self = WB_FUTURE_OF(future, struct member, future);
    struct wb__http_shared *shared = self->shared;
    wb_future_drop(&self->conn.future);
    close_stream(&self->stream, is_to_be_reset(self));
    wb_h1_server_conn_clean_up(&self->conn);
    drop_service(self->service);
    if (self->is_listed) {
        wb__http_leave(shared, &self->listed);
    }
    wb__http_count_out(shared);
}

/* ---- polling ---- */

static int fd_of(const struct wb_stream *stream) {
    const struct wb_tcp_stream *tcp = wb_stream_tcp(stream);
    return tcp != NULL ? tcp->io.fd : wb_stream_unix(stream)->io.fd;
}

__attribute__((noinline)) static enum wb_status begin(
    struct member *self, struct wb_context *context) {
    self->is_listed = true;
    wb__http_join(self->shared, &self->listed, context->waker);
    const enum wb_status status = wb_h1_server_conn_init(&self->conn, context->runtime,
        wb_stream_io(&self->stream), self->service, &self->connection, &self->shared->h1);
    if (status == WB_OK) {
        wb__h1_note_under(&self->conn, fd_of(&self->stream));
    }
    return status;
}

__attribute__((noinline)) static enum wb_progress fail(
    struct member *self, enum wb_http_error_kind kind, enum wb_status status) {
    const struct wb_http_error error = wb__h1_error(kind, status);
    wb__http_report(self->shared, &self->connection, &error);
    return wb_future_end(&self->future, status);
}

static enum wb_progress member_poll(struct wb_future *future, struct wb_context *context) {
    struct member *self = WB_FUTURE_OF(future, struct member, future);
    if (!self->is_listed) {
        const enum wb_status status = begin(self, context);
        if (status != WB_OK) {
            return fail(self, WB_HTTP_ERROR_IO, status);
        }
    }
    const enum wb__http_phase phase = wb__http_phase_of(self->shared);
    if (phase == WB__HTTP_GIVES_UP) {
        return fail(self, WB_HTTP_ERROR_CANCELLED, WB_ERR_CANCELLED);
    }
    if (phase == WB__HTTP_STOPS) {
        wb_h1_server_conn_shutdown(&self->conn);
    }
    const enum wb_progress progress = wb_future_poll(&self->conn.future, context);
    atomic_store_explicit(&self->listed.requests, self->conn.requests, memory_order_relaxed);
    if (progress == WB_PENDING) {
        return WB_PENDING;
    }
    if (self->conn.future.status != WB_OK) {
        wb__http_report(self->shared, &self->connection, &self->conn.error);
    }
    return wb_future_end(future, self->conn.future.status);
}

static const struct wb_future_ops member_ops = {
    .size = sizeof(struct member),
    .offset = offsetof(struct member, future),
    .poll = member_poll,
    .drop = member_drop,
};

/* ---- the beginning ---- */

void wb__http_serve(struct wb__http_shared *shared, struct wb_context *context,
    struct wb_http_make_service *make, const struct wb_stream *stream,
    const struct wb_http_connection *connection) {
    struct member member = {.shared = shared, .stream = *stream, .connection = *connection};
    enum wb_http_error_kind kind = WB_HTTP_ERROR_SERVICE;
    wb_future_init(&member.future, &member_ops);
    wb__http_count_in(shared);
    enum wb_status status = make->ops->make(make, &member.connection, &member.service);
    if (status == WB_OK) {
        kind = WB_HTTP_ERROR_IO;
        status = wb_context_spawn(context, &member.future, NULL, NULL);
    }
    if (status != WB_OK) {
        const struct wb_http_error error = wb__h1_error(kind, status);
        wb__http_report(shared, connection, &error);
        wb_future_drop(&member.future);
    }
}
