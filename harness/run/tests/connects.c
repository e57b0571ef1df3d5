/* See connects.h. */
#include "connects.h"

#include <stdlib.h>
#include <string.h>

#include "streams.h"
#include "wb/async.h"
#include "wb/resolve.h"
#include "wb/runtime.h"
#include "wb/time.h"

#define MS UINT64_C(1000000)

enum { PORT = 7106 };

static uint64_t number(int argc, char *const argv[], const char *name, uint64_t otherwise) {
    const char *value = stream_option(argc, argv, name);
    return value != NULL ? (uint64_t)atoi(value) : otherwise;
}

static bool is_status(int argc, char *const argv[], enum wb_status status) {
    const char *expected = stream_option(argc, argv, "status");
    return strcmp(wb_status_name(status) + strlen("WB_"), expected != NULL ? expected : "OK") == 0;
}

static bool is_family(int argc, char *const argv[], const struct wb_stream *stream) {
    const uint64_t expected = number(argc, argv, "family", 0);
    struct wb_addr peer;
    if (expected == 0) {
        return true;
    }
    return wb_tcp_stream_peer_addr(wb_stream_tcp(stream), &peer) == WB_OK
           && peer.family == (expected == 6 ? WB_AF_INET6 : WB_AF_INET);
}

static int hasty_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = stream_runtime(sys, argc, argv);
    struct wb_connect_name connect;
    struct wb_with_timeout limit;
    if (runtime == NULL) {
        return 2;
    }
    const uint64_t begin_ns = wb_runtime_now(runtime);
    wb_connect_name_init(&connect, runtime, "far", PORT);
    wb_with_timeout_init(
        &limit, runtime, &connect.future, number(argc, argv, "timeout-ms", 3600 * 1000) * MS);
    const enum wb_status status = wb_runtime_block_on(runtime, &limit.future);
    const uint64_t took_ns = wb_runtime_now(runtime) - begin_ns;
    bool is_right = is_status(argc, argv, status);
    if (status == WB_OK) {
        is_right = is_right && is_family(argc, argv, &connect.stream);
        wb_stream_close(&connect.stream);
    }
    wb_runtime_destroy(runtime);
    is_right = is_right && took_ns >= number(argc, argv, "after-ms", 0) * MS
               && took_ns < number(argc, argv, "before-ms", 3600 * 1000) * MS;
    return is_right ? 0 : 1;
}

/* ---- whom it connects to ---- */

/* Accepts, and hears everybody out, one after the other. */
struct welcome {
    struct wb_future future;
    struct wb_listener listener;
    struct wb_accept accept;
    struct wb_read read;
    char byte;
};

static enum wb_progress welcome_poll(struct wb_future *future, struct wb_context *context) {
    struct welcome *self = WB_FUTURE_OF(future, struct welcome, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_accept_init(&self->accept, &self->listener);
        WB_AWAIT(&self->accept.future);
        if (self->accept.future.status == WB_OK) {
            wb_read_init(&self->read, &self->accept.stream.reader.read, &self->byte, 1);
            WB_AWAIT(&self->read.future);
            wb_stream_close(&self->accept.stream);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void welcome_drop(struct wb_future *future) {
    struct welcome *self = WB_FUTURE_OF(future, struct welcome, future);
    wb_future_drop(&self->read.future);
    wb_future_drop(&self->accept.future);
    wb_stream_close(&self->accept.stream);
    wb_listener_close(&self->listener);
}

static const struct wb_future_ops welcome_ops = {
    .size = sizeof(struct welcome),
    .offset = offsetof(struct welcome, future),
    .poll = welcome_poll,
    .drop = welcome_drop,
};

static int welcoming_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = stream_runtime(sys, argc, argv);
    const struct wb_addr any = wb_addr_v6_any(PORT);
    struct welcome self = {0};
    wb_future_init(&self.future, &welcome_ops);
    if (runtime == NULL || wb_listener_bind(&self.listener, runtime, &any, 0) != WB_OK) {
        wb_runtime_destroy(runtime);
        return 2;
    }
    return stream_serve(runtime, &self.future);
}

/* ---- the table ---- */

static const char *const options[] = {
    "flavour", "status", "family", "after-ms", "before-ms", "timeout-ms", NULL};

static const struct wbh_program programs[] = {
    {.name = "hasty", .main = hasty_main, .options = options},
    {.name = "welcoming", .main = welcoming_main, .port = PORT},
};

const struct wbh_program *connect_programs(size_t *out_count) {
    *out_count = sizeof(programs) / sizeof(programs[0]);
    return programs;
}
