/* The life of a connection, and the one loop that drives it from state to state. */
#include "http/server/conn.h"

#include <assert.h>

#include "wb/runtime.h"

enum { FIELDS_MAX = 100, DRAIN_LEN_MAX = 65536 };

/* ---- options ---- */

static uint64_t or_default(uint64_t value, uint64_t otherwise) {
    return value != 0 ? value : otherwise;
}

bool wb__h1_options_are_sound(const struct wb_h1_server_options *options) {
    const uint32_t len_max = options->head.head_len_max;
    return (len_max == 0 || (len_max >= WB_H1_SERVER_BUF_LEN_MIN && len_max <= INT32_MAX))
           && options->fields_max <= UINT16_MAX;
}

static struct wb_h1_server_options resolved(const struct wb_h1_server_options *options) {
    struct wb_h1_server_options it = *options;
    it.head.head_len_max = (uint32_t)or_default(it.head.head_len_max, (uint64_t)WB_H1_HEAD_LEN_MAX);
    it.fields_max = (uint32_t)or_default(it.fields_max, (uint64_t)FIELDS_MAX);
    it.head_timeout_ns = or_default(it.head_timeout_ns, WB_H1_SERVER_HEAD_TIMEOUT_NS);
    it.body_timeout_ns = or_default(it.body_timeout_ns, WB_H1_SERVER_BODY_TIMEOUT_NS);
    it.write_timeout_ns = or_default(it.write_timeout_ns, WB_H1_SERVER_WRITE_TIMEOUT_NS);
    it.drain_len_max = or_default(it.drain_len_max, (uint64_t)DRAIN_LEN_MAX);
    return it;
}

/* ---- memory ---- */

/* One piece for the fields and the call. */
static size_t call_at(const struct wb__h1_server *self) {
    const size_t align = _Alignof(max_align_t);
    const size_t size = self->options.fields_max * sizeof(struct wb_http_field);
    return (size + align - 1) / align * align;
}

static size_t work_size(const struct wb__h1_server *self) {
    return call_at(self) + self->service->call_size;
}

enum wb_status wb__h1_prepare(struct wb__h1_server *self) {
    void *memory = WB_SYS(self->sys, alloc, work_size(self));
    if (memory == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    self->fields = memory;
    self->work = (char *)memory + call_at(self);
    return WB_OK;
}

void wb__h1_give_back(struct wb__h1_server *self) {
    assert(!self->has_call && !wb__h1_has_output(self));
    wb__h1_in_clean_up(self);
    wb_bytes_mut_release(&self->out.bytes);
    self->out.done = 0;
    wb_http_field_list_clean_up(&self->response.fields);
    WB_SYS(self->sys, free, self->fields, work_size(self));
    WB_SYS(
        self->sys, free, self->trailers, self->options.fields_max * sizeof(struct wb_http_field));
    self->fields = NULL;
    self->trailers = NULL;
    self->work = NULL;
}

/* ---- the loop ---- */

/* Nobody waits while there is something to say, nor for room that there is. */
__attribute__((noinline)) static enum wb__h1_step say_what_there_is(
    struct wb__h1_server *self, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (self->out.is_pending || !wb__h1_has_output(self)
        || wb__h1_push(self, context, &status) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    if (status != WB_OK) {
        return wb__h1_break_io(self, status);
    }
    const bool goes_on = self->awaits_room;
    self->awaits_room = false;
    return goes_on ? WB__H1_GO_ON : WB__H1_WAIT;
}

static enum wb__h1_step say_and_watch(struct wb__h1_server *self, struct wb_context *context) {
    const enum wb__h1_step step = say_what_there_is(self, context);
    return step == WB__H1_WAIT ? wb__h1_watch(self, context) : step;
}

static enum wb_progress conn_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_h1_server_conn *conn = WB_FUTURE_OF(future, struct wb_h1_server_conn, future);
    struct wb__h1_server *self = conn->impl;
    enum wb__h1_step step = WB__H1_GO_ON;
    self->conn = conn;
    self->now_ns = 0;
    self->out.is_pending = false;
    self->incoming.is_waited_for = false;
    while (step == WB__H1_GO_ON) {
        step = self->state(self, context);
        if (step == WB__H1_WAIT && !wb__h1_is_in_order(self, context)) {
            step = say_and_watch(self, context);
        }
    }
    return step == WB__H1_WAIT ? WB_PENDING : wb_future_end(future, self->result);
}

static void conn_drop(struct wb_future *future) {
    struct wb_h1_server_conn *conn = WB_FUTURE_OF(future, struct wb_h1_server_conn, future);
    wb__h1_end_call(conn->impl);
    wb__h1_unwatch(conn->impl);
}

static const struct wb_future_ops conn_ops = {
    .size = sizeof(struct wb_h1_server_conn),
    .offset = offsetof(struct wb_h1_server_conn, future),
    .poll = conn_poll,
    .drop = conn_drop,
};

/* ---- life ---- */

enum wb_status wb_h1_server_conn_init(struct wb_h1_server_conn *conn, struct wb_runtime *runtime,
    struct wb_async_stream io, struct wb_http_service *service,
    const struct wb_http_connection *connection, const struct wb_h1_server_options *options) {
    static const struct wb_h1_server_options defaults;
    const struct wb_sys *sys = wb_runtime_sys(runtime);
    options = options != NULL ? options : &defaults;
    *conn = (struct wb_h1_server_conn){0};
    if (!wb__h1_options_are_sound(options)) {
        return WB_ERR_INVALID;
    }
    struct wb__h1_server *self = WB_SYS(sys, alloc, sizeof(*self));
    if (self == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *self = (struct wb__h1_server){
        .runtime = runtime,
        .sys = sys,
        .fd = -1,
        .io = io,
        .service = service,
        .state = wb__h1_read_head,
        .out = {.bytes = wb_bytes_mut_new(sys)},
        .armed_ns = UINT64_MAX,
        .options = resolved(options),
    };
    self->head_reading.capacity_max = self->options.head.head_len_max;
    const uint64_t head_timeout_ns = self->options.head_timeout_ns;
    self->idle_max_ns = head_timeout_ns < WB__H1_SPARE_NS ? head_timeout_ns : WB__H1_SPARE_NS;
    if (connection != NULL) {
        self->connection = *connection;
    }
    wb_http_field_list_init(&self->response.fields, sys, 0, 0);
    wb_sleep_init_until(&self->sleep, runtime, UINT64_MAX);
    conn->impl = self;
    wb_future_init(&conn->future, &conn_ops);
    return WB_OK;
}

void wb_h1_server_conn_shutdown(struct wb_h1_server_conn *conn) {
    conn->impl->is_stopping = true;
}

void wb_h1_server_conn_part(struct wb_h1_server_conn *conn) {
    conn->impl->is_stopping = true;
    conn->impl->is_parting = true;
}

struct wb_bytes wb_h1_server_conn_leftover(const struct wb_h1_server_conn *conn) {
    return wb__h1_unread(conn->impl);
}

void wb_h1_server_conn_clean_up(struct wb_h1_server_conn *conn) {
    if (conn == NULL || conn->impl == NULL) {
        return;
    }
    struct wb__h1_server *self = conn->impl;
    conn->impl = NULL;
    wb_bytes_mut_truncate(&self->out.bytes, 0);
    self->out.done = 0;
    self->out.needs_flush = false;
    self->out.piece = wb_bytes_from(NULL, 0);
    wb__h1_give_back(self);
    WB_SYS(self->sys, free, self, sizeof(*self));
}
