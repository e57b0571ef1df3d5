/* http_get: asks for what URLs name, one after the other, and prints what comes. Several of one
 * server share a connection. */
#include "examples/programs.h"

#include <string.h>

#include "examples/console.h"
#include "examples/lossy_text.h"
#include "examples/options.h"
#include "wb/async.h"
#include "wb/file.h"
#include "wb/http_body.h"
#include "wb/http.h"
#include "wb/http_client.h"
#include "wb/runtime.h"
#include "wb/time.h"
#include "wb/uri.h"

#define PROGRAM "http_get"

#define SECOND_NS UINT64_C(1000000000)
#define DRAIN_NS SECOND_NS /* how long connections may take to say good-bye */

enum {
    BODY_LEN_MAX = 16 << 20,
    DATA_LEN_MAX = 16 << 20,
    TIMEOUT_DEFAULT_S = 30,
    TIMEOUT_MAX_S = 86400,
    TIMES_MAX = 1000000,
    ERROR_TEXT_MAX = 256,
};

struct http_get_options {
    struct wb__texts urls;
    struct wb__texts headers;
    const char *method;
    const char *data;
    const char *data_file;
    bool head;
    bool raw;
    bool shows_head;
    bool announces;
    bool one_thread;
    size_t times;
    size_t body_len_max;
    size_t timeout_s;
    size_t low;
    size_t high;
};

/* Tells of each connection before it has it driven. */
struct announcer {
    struct wb_http_executor executor;
    struct wb_http_runtime_executor inner;
    const struct wb_sys *sys;
};

struct http_get {
    struct wb_future visit; /* one request, within its time */
    const struct wb_sys *sys;
    struct http_get_options options;
    struct announcer announcer;
    struct wb_http_tcp_connector connector;
    struct wb_runtime *runtime;
    struct wb_http_client client;
    struct wb_http_client_request request;
    struct wb_http_client_response response;
    struct wb_http_fetch fetch;
    struct wb_http_collect collect;
    struct wb_with_timeout timeout;
    struct wb_file_read_whole data;
    struct wb_http_error error; /* why the visit failed */
    const char *refusal;        /* NULL: the error says */
    const char *subject;        /* what a failure is about */
    size_t url;
    size_t round;
};

/* The task; the rest stays where it is. */
struct getting {
    struct wb_future future;
    struct http_get *self;
};

/* ---- an executor of one's own ---- */

static enum wb_status announcer_execute(
    struct wb_http_executor *executor, struct wb_future *future) {
    struct announcer *announcer = WB_FUTURE_OF(executor, struct announcer, executor);
    wb__print(announcer->sys, WB__CONSOLE_OUT, "sending request\n");
    return announcer->inner.executor.ops->execute(&announcer->inner.executor, future);
}

static const struct wb_http_executor_ops announcer_ops = {
    .execute = announcer_execute,
};

/* ---- the request ---- */

static enum wb_status refuse(struct http_get *self, enum wb_status status, const char *refusal) {
    self->refusal = refusal;
    return status;
}

static enum wb_status add_header(struct http_get *self, const char *header) {
    const struct wb_bytes line = wb_bytes_from_string(header);
    const size_t colon = wb_bytes_find_byte(line, ':');
    if (colon == line.len) {
        return WB_ERR_INVALID;
    }
    return wb_http_field_list_add(&self->request.fields, wb_bytes_slice(line, 0, colon),
        wb_bytes_slice(line, colon + 1, line.len));
}

static const char *method_of(const struct http_get_options *options) {
    const bool has_data = options->data != NULL || options->data_file != NULL;
    return options->method != NULL ? options->method
           : options->head         ? "HEAD"
           : has_data              ? "POST"
                                   : "GET";
}

static void set_data(struct http_get *self) {
    if (self->options.data_file != NULL) {
        wb_http_client_request_set_bytes(
            &self->request, wb_bytes_from(self->data.contents.bytes, self->data.contents.len));
    } else if (self->options.data != NULL) {
        wb_http_client_request_set_bytes(&self->request, wb_bytes_from_string(self->options.data));
    }
}

static enum wb_status prepare(struct http_get *self) {
    self->subject = self->options.urls.items[self->url];
    self->error = (struct wb_http_error){.kind = WB_HTTP_ERROR_NONE};
    wb_http_client_request_clear(&self->request);
    set_data(self);
    enum wb_status status = wb_http_client_request_set(&self->request,
        wb_bytes_from_string(method_of(&self->options)), wb_bytes_from_string(self->subject));
    for (size_t i = 0; i < self->options.headers.count && status == WB_OK; i++) {
        status = add_header(self, self->options.headers.items[i]);
    }
    return status == WB_OK ? WB_OK
                           : refuse(self, status, "--method, --header or URL cannot be sent");
}

/* ---- the response ---- */

static void show_head(const struct http_get *self) {
    const struct wb_http_client_response *response = &self->response;
    wb__print(self->sys, WB__CONSOLE_ERR, "%u %.*s\n", response->status, (int)response->reason.len,
        (const char *)response->reason.ptr);
    for (size_t i = 0; i < response->fields.count; i++) {
        const struct wb_bytes name = wb_http_fields_name(response->fields, i);
        const struct wb_bytes value = wb_http_fields_value(response->fields, i);
        wb__print(self->sys, WB__CONSOLE_ERR, "%.*s: %.*s\n", (int)name.len, (const char *)name.ptr,
            (int)value.len, (const char *)value.ptr);
    }
}

static enum wb_status show_body(struct http_get *self) {
    const struct wb_bytes body = wb_bytes_mut_view(&self->collect.bytes);
    if (!self->options.raw && !wb__is_text(body)) {
        return refuse(
            self, WB_ERR_PARSE, "the body is not UTF-8, which --raw would print as it is");
    }
    wb__print_bytes(self->sys, WB__CONSOLE_OUT, body);
    wb__print(self->sys, WB__CONSOLE_OUT, "\n");
    return WB_OK;
}

static enum wb_status why_no_body(struct http_get *self) {
    const enum wb_status status = self->collect.future.status;
    if (status == WB_ERR_LIMIT) {
        return refuse(self, status, "the body is longer than --max-body");
    }
    self->error = self->response.error;
    if (self->error.kind == WB_HTTP_ERROR_NONE) {
        self->error = (struct wb_http_error){WB_HTTP_ERROR_IO, status, NULL, 0};
    }
    return status;
}

/* ---- a visit ---- */

static enum wb_progress visit_poll(struct wb_future *future, struct wb_context *context) {
    struct http_get *self = WB_FUTURE_OF(future, struct http_get, visit);
    WB_ASYNC_BEGIN(future, context);
    wb_http_fetch_init(&self->fetch, &self->client, &self->request, &self->response);
    WB_AWAIT(&self->fetch.future);
    if (self->fetch.future.status != WB_OK) {
        self->error = self->fetch.error;
        WB_ASYNC_RETURN(self->fetch.future.status);
    }
    if (self->options.shows_head) {
        show_head(self);
    }
    wb_http_collect_init(
        &self->collect, self->sys, self->response.body, self->options.body_len_max);
    WB_AWAIT(&self->collect.future);
    if (self->collect.future.status != WB_OK) {
        WB_ASYNC_RETURN(why_no_body(self));
    }
    if (show_body(self) != WB_OK) {
        WB_ASYNC_RETURN(WB_ERR_PARSE);
    }
    WB_AWAIT_READY(wb_http_client_request_poll_sent(&self->request, context));
    WB_ASYNC_END(WB_OK);
}

static void visit_drop(struct wb_future *future) {
    struct http_get *self = WB_FUTURE_OF(future, struct http_get, visit);
    wb_future_drop(&self->fetch.future);
    wb_future_drop(&self->collect.future);
    if (self->collect.future.ops != NULL) {
        wb_bytes_mut_release(&self->collect.bytes);
        wb_http_field_list_clean_up(&self->collect.trailers);
    }
    wb_http_body_drop(self->response.body);
}

static const struct wb_future_ops visit_ops = {
    .size = sizeof(struct http_get),
    .offset = offsetof(struct http_get, visit),
    .poll = visit_poll,
    .drop = visit_drop,
};

static void begin_visit(struct http_get *self) {
    self->fetch.future = (struct wb_future){0};
    self->collect = (struct wb_http_collect){.from = NULL};
    wb_future_init(&self->visit, &visit_ops);
    wb_with_timeout_init(
        &self->timeout, self->runtime, &self->visit, self->options.timeout_s * SECOND_NS);
}

/* ---- all of them ---- */

static enum wb_status end_visit(struct http_get *self) {
    const enum wb_status status = self->timeout.future.status;
    if (status == WB_ERR_TIMED_OUT && self->error.kind == WB_HTTP_ERROR_NONE) {
        self->error = (struct wb_http_error){WB_HTTP_ERROR_TIMEOUT, status, NULL, 0};
    }
    return status;
}

static enum wb_progress getting_poll(struct wb_future *future, struct wb_context *context) {
    struct http_get *self = WB_FUTURE_OF(future, struct getting, future)->self;
    enum wb_status status;
    WB_ASYNC_BEGIN(future, context);
    if (self->options.data_file != NULL) {
        self->subject = self->options.data_file;
        wb_file_read_whole_init(
            &self->data, context->runtime, self->options.data_file, DATA_LEN_MAX);
        WB_TRY_AWAIT(&self->data.future);
    }
    for (self->url = 0; self->url < self->options.urls.count; self->url++) {
        for (self->round = 0; self->round < self->options.times; self->round++) {
            status = prepare(self);
            if (status != WB_OK) {
                WB_ASYNC_RETURN(status);
            }
            begin_visit(self);
            WB_AWAIT(&self->timeout.future);
            status = end_visit(self);
            if (status != WB_OK) {
                WB_ASYNC_RETURN(status);
            }
        }
    }
    WB_ASYNC_END(WB_OK);
}

/* The client is this task's own, which may still be at it on another thread when the main one gives
 * up. With it goes what is idle, in peace and in time. */
static void getting_drop(struct wb_future *future) {
    struct http_get *self = WB_FUTURE_OF(future, struct getting, future)->self;
    wb_future_drop(&self->data.future);
    wb_future_drop(&self->timeout.future);
    wb_http_client_release(&self->client);
}

static const struct wb_future_ops getting_ops = {
    .size = sizeof(struct getting),
    .offset = offsetof(struct getting, future),
    .poll = getting_poll,
    .drop = getting_drop,
};

/* ---- life ---- */

static enum wb_status open_client(struct http_get *self) {
    const struct wb_runtime_config config = {
        .flavour = self->options.one_thread ? WB_RUNTIME_CURRENT_THREAD : WB_RUNTIME_MULTI_THREAD,
        .low_workers = (uint32_t)self->options.low,
        .high_workers = (uint32_t)self->options.high};
    const enum wb_status status = wb_runtime_new(self->sys, &config, &self->runtime);
    if (status != WB_OK) {
        return status;
    }
    struct announcer *announcer = &self->announcer;
    announcer->executor.ops = &announcer_ops;
    announcer->sys = self->sys;
    wb_http_runtime_executor_init(&announcer->inner, self->runtime, NULL);
    const struct wb_http_client_options options = {
        .executor = self->options.announces ? &announcer->executor : NULL};
    wb_http_tcp_connector_init(&self->connector, self->sys, NULL);
    return wb_http_client_new(self->sys, &self->connector.connector, &options, &self->client);
}

static enum wb_status get_all(struct http_get *self) {
    struct getting getting = {.self = self};
    struct wb_join_handle handle = {.task = NULL};
    wb_future_init(&getting.future, &getting_ops);
    enum wb_status status = wb_runtime_spawn(self->runtime, &getting.future, NULL, &handle);
    if (status != WB_OK) {
        wb_future_drop(&getting.future);
        return status;
    }
    status = wb_runtime_block_on(self->runtime, &handle.future);
    wb_join_handle_cancel(&handle);
    return status;
}

static void close_client(struct http_get *self) {
    if (self->runtime != NULL) {
        const enum wb_status drained = wb_runtime_shutdown(self->runtime, DRAIN_NS);
        (void)drained; /* who has not answered by then is cut off */
    }
    wb_runtime_destroy(self->runtime);
    wb_http_client_response_clean_up(&self->response);
    wb_http_client_request_clean_up(&self->request);
    wb_file_contents_clean_up(&self->data.contents);
}

static void tell_failure(const struct http_get *self, enum wb_status status) {
    char text[ERROR_TEXT_MAX];
    const char *subject = self->subject != NULL ? self->subject : "starting";
    if (self->refusal != NULL) {
        wb__print(self->sys, WB__CONSOLE_ERR, PROGRAM ": %s: %s\n", subject, self->refusal);
        return;
    }
    if (self->error.kind == WB_HTTP_ERROR_NONE) {
        wb__print_failure(self->sys, PROGRAM, subject, status);
        return;
    }
    wb_http_error_format(&self->error, text, sizeof text);
    wb__print(self->sys, WB__CONSOLE_ERR, PROGRAM ": %s: %s\n", subject, text);
}

/* What was asked for cannot be, whoever is there: a scheme, a host, fields that contradict. */
static bool is_users(const struct http_get *self, enum wb_status status) {
    const enum wb_http_error_kind kind = self->error.kind;
    return (kind == WB_HTTP_ERROR_USER || kind == WB_HTTP_ERROR_CONNECT)
           && (status == WB_ERR_INVALID || status == WB_ERR_NOT_SUPPORTED);
}

static int run(struct http_get *self) {
    wb_http_client_request_init(&self->request, self->sys);
    wb_http_client_response_init(&self->response, self->sys);
    enum wb_status status = open_client(self);
    if (status == WB_OK) {
        status = get_all(self);
    }
    close_client(self);
    if (status != WB_OK) {
        tell_failure(self, status);
        return is_users(self, status) ? WB__EXIT_USAGE : WB__EXIT_FAILURE;
    }
    return WB__EXIT_OK;
}

/* ---- the command line ---- */

static bool is_header(const char *text) {
    const struct wb_bytes line = wb_bytes_from_string(text);
    const size_t colon = wb_bytes_find_byte(line, ':');
    return colon != line.len && wb_http_is_token(wb_bytes_slice(line, 0, colon))
           && wb_http_is_text(wb_bytes_slice(line, colon + 1, line.len));
}

/* CONNECT has HOST:PORT (RFC 9110 section 9.3.6). Schemes are the connector's business. */
static bool is_url(const char *text, bool is_connect) {
    struct wb_uri uri;
    struct wb_uri_authority authority;
    return (wb_uri_parse(wb_bytes_from_string(text), &uri) == WB_OK && uri.authority.host.len != 0)
           || (is_connect && wb_uri_parse_authority(wb_bytes_from_string(text), &authority) == WB_OK
               && authority.host.len != 0);
}

static bool refuse_argument(
    const struct http_get *self, const char *where, const char *expected, const char *text) {
    wb__print(
        self->sys, WB__CONSOLE_ERR, PROGRAM ": %s: expected %s, not '%s'\n", where, expected, text);
    return false;
}

static bool are_urls(const struct http_get *self) {
    const struct http_get_options *o = &self->options;
    const bool is_connect = strcmp(method_of(o), "CONNECT") == 0;
    for (size_t i = 0; i < o->urls.count; i++) {
        if (!is_url(o->urls.items[i], is_connect)) {
            return refuse_argument(self, "operand", "http://HOST[:PORT][/PATH]", o->urls.items[i]);
        }
    }
    return true;
}

/* What no request could be made of is found before anything begins. */
static bool are_sound(const struct http_get *self) {
    const struct http_get_options *o = &self->options;
    if (!wb_http_is_token(wb_bytes_from_string(method_of(o)))) {
        return refuse_argument(self, "--method", "a word, as GET", o->method);
    }
    for (size_t i = 0; i < o->headers.count; i++) {
        if (!is_header(o->headers.items[i])) {
            return refuse_argument(
                self, "--header", "a field, as \"Name: value\"", o->headers.items[i]);
        }
    }
    return are_urls(self);
}

static bool parse(struct http_get *self, int argc, char *const argv[], int *out_exit) {
    struct http_get_options *o = &self->options;
    const struct wb__option options[] = {
        {NULL, WB__OPTION_TEXTS, &o->urls, "what to get, http:// and so on", 0, 0},
        {"header", WB__OPTION_TEXTS, &o->headers, "a field of each request, \"Name: value\"", 0, 0},
        {"method", WB__OPTION_TEXT, &o->method, "GET, or POST with content", 0, 0},
        {"head", WB__OPTION_FLAG, &o->head, "asks for no content", 0, 0},
        {"data", WB__OPTION_TEXT, &o->data, "the content of each request", 0, 0},
        {"data-file", WB__OPTION_TEXT, &o->data_file, "the file with it", 0, 0},
        {"max-body", WB__OPTION_COUNT, &o->body_len_max, "bytes of a response. 16777216", 0,
            SIZE_MAX / 2},
        {"timeout", WB__OPTION_COUNT, &o->timeout_s, "seconds that one URL may take. 30", 1,
            TIMEOUT_MAX_S},
        {"times", WB__OPTION_COUNT, &o->times, "how often each is got. 1", 1, TIMES_MAX},
        {"raw", WB__OPTION_FLAG, &o->raw, "prints bytes that are no UTF-8, too", 0, 0},
        {"show-head", WB__OPTION_FLAG, &o->shows_head, "prints heads to standard error", 0, 0},
        {"announce", WB__OPTION_FLAG, &o->announces,
            "prints \"sending request\" for each connection", 0, 0},
        {"low", WB__OPTION_COUNT, &o->low, "workers of the low queue. 2", 1,
            WB_RUNTIME_WORKERS_MAX},
        {"high", WB__OPTION_COUNT, &o->high, "workers of the high queue. 4", 1,
            WB_RUNTIME_WORKERS_MAX},
        {"one-thread", WB__OPTION_FLAG, &o->one_thread, "without workers", 0, 0},
    };
    const struct wb__command command = {PROGRAM, "Gets what URLs name, and prints it.", options,
        sizeof options / sizeof options[0]};
    if (!wb__command_parse(&command, self->sys, argc, argv, out_exit)) {
        return false;
    }
    if (o->urls.count == 0) {
        wb__print(self->sys, WB__CONSOLE_ERR, PROGRAM ": a URL must be given\n");
        *out_exit = WB__EXIT_USAGE;
        return false;
    }
    *out_exit = WB__EXIT_USAGE;
    return are_sound(self);
}

int wb__http_get_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct http_get self = {.sys = sys,
        .options = {.times = 1,
            .body_len_max = BODY_LEN_MAX,
            .timeout_s = TIMEOUT_DEFAULT_S,
            .low = 2,
            .high = 4}};
    int exit_status;
    if (!parse(&self, argc, argv, &exit_status)) {
        return exit_status;
    }
    return run(&self);
}
