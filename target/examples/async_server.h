/* What the servers on the runtime have in common: one thread, a listener, a task for each
 * connection, an orderly end on SIGTERM and SIGINT. Not what a task does with its connection. */
#ifndef WB_EXAMPLES_ASYNC_SERVER_H
#define WB_EXAMPLES_ASYNC_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/addr.h"
#include "wb/future.h"
#include "wb/net.h"
#include "wb/runtime.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/task.h"
#include "wb/time.h"

#include "examples/stop.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb__async_server;

/* Spawns the task of a connection; `out_handle` is for wb_context_spawn(). Ownership: the stream
 * passes to the callee if the status is WB_OK. */
typedef enum wb_status (*wb__async_accepted_fn)(struct wb__async_server *server,
    struct wb_context *context, const struct wb_stream *stream, struct wb_join_handle *out_handle);

struct wb__async_server_options {
    const char *program; /* for messages */
    struct wb_addr listen;
    size_t connections_max;
    bool is_sequential; /* accepts the next connection when the task of the last one has ended */
    wb__async_accepted_fn accepted; /* REQUIRED */
    void *user_data;
};

/* Lives in its owner's memory and stays there. The fields are its own, but for those that say
 * otherwise. */
struct wb__async_server {
    char subject[WB_ADDR_TEXT_LEN_MAX]; /* what a failure would be about now */
    const struct wb_sys *sys;
    struct wb__async_server_options options; /* to be read */
    struct wb_runtime *runtime;              /* to be read */
    size_t connections; /* a task counts itself in, and out when it is dropped */
    struct wb_listener listener;
    struct wb_future serving;
    struct wb_accept accept;
    struct wb_join_handle current; /* of the last connection, if they are served one by one */
    struct wb_sleep rest;
    struct wb__stop stop;
};

/* Listens, prints "listening on HOST:PORT", and serves until a signal says stop; then drops all
 * tasks. Returns the exit status; what went wrong was printed. Calls back: accepted. */
int wb__async_server_run(struct wb__async_server *server, const struct wb_sys *sys,
    const struct wb__async_server_options *options);

#ifdef __cplusplus
}
#endif

#endif
