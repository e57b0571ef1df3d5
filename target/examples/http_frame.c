/* See http_frame.h. */
#include "examples/http_frame.h"

#include <assert.h>
#include <string.h>

#include "examples/console.h"
#include "examples/stale_path.h"

#define MS_NS UINT64_C(1000000)

/* ---- options ---- */

void wb__http_frame_init(struct wb__http_frame *frame, const struct wb_sys *sys,
    const char *program, uint16_t port, const char *listen_help) {
    *frame = (struct wb__http_frame){
        .sys = sys,
        .program = program,
        .listen_help = listen_help,
        .options =
            {
                .listen = wb__address_tcp(wb_addr_v4_loopback(port)),
                .workers = 1,
                .connections_max = WB_HTTP_SERVER_CONNECTIONS_MAX,
                .head_timeout_ms = WB_H1_SERVER_HEAD_TIMEOUT_NS / MS_NS,
                .body_timeout_ms = WB_H1_SERVER_BODY_TIMEOUT_NS / MS_NS,
                .write_timeout_ms = WB_H1_SERVER_WRITE_TIMEOUT_NS / MS_NS,
                .drain_timeout_ms = WB_HTTP_SERVER_DRAIN_NS / MS_NS,
                .keep_alive = "on",
                .date = "on",
            },
    };
}

enum { OWN_MAX = 8, DAY_MS = 86400000 };

static bool is_on(const char *text) {
    return strcmp(text, "on") == 0;
}

static bool is_on_or_off(const struct wb__http_frame *frame, const char *option, const char *text) {
    if (is_on(text) || strcmp(text, "off") == 0) {
        return true;
    }
    wb__print(frame->sys, WB__CONSOLE_ERR, "%s: --%s is on or off\n", frame->program, option);
    return false;
}

bool wb__http_frame_parse(struct wb__http_frame *frame, const char *summary,
    const struct wb__option *own, size_t own_count, int argc, char *const argv[], int *out_exit) {
    struct wb__http_frame_options *it = &frame->options;
    const struct wb__option common[] = {
        {"listen", WB__OPTION_STREAM, &it->listen, frame->listen_help, 0, 0},
        {"workers", WB__OPTION_COUNT, &it->workers, "threads that serve. 1", 1,
            WB_RUNTIME_WORKERS_MAX},
        {"max-connections", WB__OPTION_COUNT, &it->connections_max,
            "that are served at a time; others wait. 1024", 1, 1000000},
        {"backlog", WB__OPTION_COUNT, &it->backlog,
            "connections that may wait to be accepted. 1024", 1, 65535},
        {"head-timeout", WB__OPTION_COUNT, &it->head_timeout_ms,
            "milliseconds for a head, and between requests; 0: for ever. 30000", 0, DAY_MS},
        {"body-timeout", WB__OPTION_COUNT, &it->body_timeout_ms,
            "milliseconds without a byte of awaited content; 0: for ever. 60000", 0, DAY_MS},
        {"write-timeout", WB__OPTION_COUNT, &it->write_timeout_ms,
            "milliseconds in which a client takes nothing; 0: for ever. 60000", 0, DAY_MS},
        {"drain-timeout", WB__OPTION_COUNT, &it->drain_timeout_ms,
            "milliseconds for what has begun when the program is to end. 10000", 1, DAY_MS},
        {"max-head", WB__OPTION_COUNT, &it->head_len_max, "bytes of a head. 417792",
            WB_H1_SERVER_BUF_LEN_MIN, 1 << 24},
        {"max-fields", WB__OPTION_COUNT, &it->fields_max, "fields of a head. 100", 1, 10000},
        {"max-body", WB__OPTION_COUNT, &it->body_len_max, "bytes of a request's content. No limit",
            1, SIZE_MAX},
        {"keep-alive", WB__OPTION_TEXT, &it->keep_alive,
            "on or off: whether a connection serves more than one request. on", 0, 0},
        {"pipeline-flush", WB__OPTION_FLAG, &it->pipeline_flush,
            "writes responses to pipelined requests together", 0, 0},
        {"half-close", WB__OPTION_FLAG, &it->half_close,
            "answers clients that have finished sending, however long it takes", 0, 0},
        {"title-case", WB__OPTION_FLAG, &it->title_case, "sends Content-Length, not content-length",
            0, 0},
        {"date", WB__OPTION_TEXT, &it->date, "on or off: whether responses have a Date. on", 0, 0},
        {"verbose", WB__OPTION_FLAG, &it->verbose, "tells of connections that failed", 0, 0},
    };
    enum { COMMON = sizeof common / sizeof common[0] };
    struct wb__option all[COMMON + OWN_MAX];
    assert(own_count <= OWN_MAX);
    memcpy(all, common, sizeof common);
    if (own_count != 0) {
        memcpy(all + COMMON, own, own_count * sizeof *own);
    }
    const struct wb__command command = {frame->program, summary, all, COMMON + own_count};
    if (!wb__command_parse(&command, frame->sys, argc, argv, out_exit)) {
        return false;
    }
    if (!is_on_or_off(frame, "keep-alive", it->keep_alive)
        || !is_on_or_off(frame, "date", it->date)) {
        *out_exit = WB__EXIT_USAGE;
        return false;
    }
    return true;
}

static uint64_t timeout_of(size_t milliseconds) {
    return milliseconds == 0 ? WB_H1_TIMEOUT_NEVER : milliseconds * MS_NS;
}

static void on_error(const struct wb_http_connection *connection, const struct wb_http_error *error,
    void *user_data) {
    const struct wb__http_frame *frame = user_data;
    char peer[WB_ADDR_TEXT_LEN_MAX] = "a client";
    char text[256];
    if (connection->peer.family != WB_AF_UNSPEC) {
        wb_addr_format(&connection->peer, peer, sizeof peer);
    }
    wb_http_error_format(error, text, sizeof text);
    wb__print(frame->sys, WB__CONSOLE_ERR, "%s: %s: %s\n", frame->program, peer, text);
}

static struct wb_http_server_options server_options(struct wb__http_frame *frame) {
    const struct wb__http_frame_options *it = &frame->options;
    return (struct wb_http_server_options){
        .h1 =
            {
                .head = {.head_len_max = (uint32_t)it->head_len_max},
                .fields_max = (uint32_t)it->fields_max,
                .head_timeout_ns = timeout_of(it->head_timeout_ms),
                .body_timeout_ns = timeout_of(it->body_timeout_ms),
                .write_timeout_ns = timeout_of(it->write_timeout_ms),
                .body_len_max = it->body_len_max,
                .half_close = it->half_close,
                .no_keep_alive = !is_on(it->keep_alive),
                .pipeline_flush = it->pipeline_flush,
                .title_case_fields = it->title_case,
                .no_date = !is_on(it->date),
            },
        .connections_max = (uint32_t)it->connections_max,
        .drain_ns = it->drain_timeout_ms * MS_NS,
        .on_error = it->verbose ? on_error : NULL,
        .user_data = frame,
    };
}

/* ---- listening ---- */

static enum wb_status bind_unix(struct wb__http_frame *frame) {
    return wb_listener_bind_unix(&frame->listener, frame->runtime, &frame->options.listen.unix_addr,
        (int)frame->options.backlog);
}

static enum wb_status begin_to_listen(struct wb__http_frame *frame) {
    const struct wb__address *listen = &frame->options.listen;
    enum wb_status status = WB_OK;
    if (!listen->is_unix) {
        status = wb_listener_bind(
            &frame->listener, frame->runtime, &listen->tcp, (int)frame->options.backlog);
    } else {
        status = bind_unix(frame);
        if (status == WB_ERR_ADDR_IN_USE
            && wb__stale_path_remove(frame->sys, &listen->unix_addr, WB__UNIX_STREAM)) {
            status = bind_unix(frame);
        }
    }
    frame->is_bound = status == WB_OK;
    return status;
}

static void tell_address(const struct wb__http_frame *frame) {
    struct wb__address address = frame->options.listen;
    char text[WB__ADDRESS_TEXT_LEN_MAX];
    const enum wb_status status =
        address.is_unix
            ? wb_unix_listener_local_addr(wb_listener_unix(&frame->listener), &address.unix_addr)
            : wb_tcp_listener_local_addr(wb_listener_tcp(&frame->listener), &address.tcp);
    if (status == WB_OK) {
        wb__address_format(&address, text, sizeof text);
        wb__print(frame->sys, WB__CONSOLE_OUT, "listening on %s\n", text);
    }
}

/* Any number of times. */
static void stop_listening(struct wb__http_frame *frame) {
    wb_listener_close(&frame->listener);
    if (!frame->is_bound || !frame->options.listen.is_unix) {
        return;
    }
    frame->is_bound = false;
    const enum wb_status status = wb_unix_addr_unlink(&frame->options.listen.unix_addr, frame->sys);
    if (status != WB_OK) {
        wb__print_failure(frame->sys, frame->program, "removing the path", status);
    }
}

/* ---- serving ---- */

/* Over when the server is: of its own accord never, else after a signal. */
static enum wb_progress serving_poll(struct wb_future *future, struct wb_context *context) {
    struct wb__http_frame *self = WB_FUTURE_OF(future, struct wb__http_frame, serving);
    if (!self->is_stopping && wb_future_poll(&self->stop.future, context) == WB_READY) {
        self->is_stopping = true;
        wb_http_server_shutdown(&self->server);
    }
    const enum wb_progress progress = wb_future_poll(&self->server.future, context);
    if (self->is_stopping) {
        stop_listening(self); /* whoever comes now is refused, and need not wait to be reset */
    }
    if (progress == WB_PENDING) {
        return WB_PENDING;
    }
    const enum wb_status status = self->server.future.status;
    return wb_future_end(future, status == WB_ERR_TIMED_OUT ? WB_OK : status);
}

static void serving_drop(struct wb_future *future) {
    struct wb__http_frame *self = WB_FUTURE_OF(future, struct wb__http_frame, serving);
    wb_future_drop(&self->stop.future);
    wb_future_drop(&self->server.future);
}

static const struct wb_future_ops serving_ops = {
    .size = sizeof(struct wb__http_frame),
    .offset = offsetof(struct wb__http_frame, serving),
    .poll = serving_poll,
    .drop = serving_drop,
};

static enum wb_status open_runtime(struct wb__http_frame *frame) {
    const size_t workers = frame->options.workers;
    const struct wb_runtime_config config = {
        .flavour = workers == 1 ? WB_RUNTIME_CURRENT_THREAD : WB_RUNTIME_MULTI_THREAD,
        .low_workers = (uint32_t)workers,
    };
    enum wb_status status = wb__stop_prepare(&frame->stop, frame->sys);
    if (status == WB_OK) {
        status = wb_runtime_new(frame->sys, &config, &frame->runtime);
    }
    return status == WB_OK ? wb__stop_begin(&frame->stop, frame->runtime) : status;
}

static enum wb_status serve(struct wb__http_frame *frame, struct wb_http_service *service) {
    const struct wb_http_server_options options = server_options(frame);
    wb_http_shared_service_init(&frame->service, service);
    const enum wb_status status = wb_http_server_init(
        &frame->server, frame->runtime, &frame->listener, &frame->service.make, &options);
    if (status != WB_OK) {
        return status;
    }
    tell_address(frame);
    wb_future_init(&frame->serving, &serving_ops);
    return wb_runtime_block_on(frame->runtime, &frame->serving);
}

static int run(struct wb__http_frame *frame, struct wb_http_service *service) {
    char text[WB__ADDRESS_TEXT_LEN_MAX];
    enum wb_status status = open_runtime(frame);
    if (status != WB_OK) {
        wb__print_failure(frame->sys, frame->program, "runtime", status);
        return WB__EXIT_FAILURE;
    }
    status = begin_to_listen(frame);
    if (status != WB_OK) {
        wb__address_format(&frame->options.listen, text, sizeof text);
        wb__print_failure(frame->sys, frame->program, text, status);
        return WB__EXIT_FAILURE;
    }
    status = serve(frame, service);
    if (status != WB_OK) {
        wb__print_failure(frame->sys, frame->program, "server error", status);
        return WB__EXIT_FAILURE;
    }
    return WB__EXIT_OK;
}

/* The connections end with the runtime, if not before, and their server must be there until then.
 */
int wb__http_frame_run(struct wb__http_frame *frame, struct wb_http_service *service) {
    const int exit_status = run(frame, service);
    stop_listening(frame);
    wb__stop_close(&frame->stop);
    wb_runtime_destroy(frame->runtime);
    wb_http_server_clean_up(&frame->server);
    return exit_status;
}
