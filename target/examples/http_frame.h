/* What the servers of HTTP have in common: their options, a runtime and a listener, and an end on
 * SIGTERM and SIGINT that lets what has begun be finished. Not what they answer. */
#ifndef WB_EXAMPLES_HTTP_FRAME_H
#define WB_EXAMPLES_HTTP_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/future.h"
#include "wb/http_server.h"
#include "wb/http_service.h"
#include "wb/net.h"
#include "wb/runtime.h"
#include "wb/sys.h"

#include "examples/address.h"
#include "examples/options.h"
#include "examples/stop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What can be said on the command line. Times in milliseconds, 0: for ever. */
struct wb__http_frame_options {
    struct wb__address listen;
    size_t workers;
    size_t connections_max;
    size_t backlog;
    size_t head_timeout_ms;
    size_t body_timeout_ms;
    size_t write_timeout_ms;
    size_t drain_timeout_ms;
    size_t head_len_max;
    size_t fields_max;
    size_t body_len_max; /* 0: no limit */
    const char *keep_alive;
    const char *date;
    bool pipeline_flush;
    bool half_close;
    bool title_case;
    bool verbose;
};

/* Lives in its owner's memory and stays there. The fields are its own, but for `options`. */
struct wb__http_frame {
    const struct wb_sys *sys;
    const char *program;
    const char *listen_help;
    struct wb__http_frame_options options;
    struct wb_runtime *runtime;
    struct wb_listener listener;
    bool is_bound;
    struct wb_http_shared_service service;
    struct wb_http_server server;
    struct wb__stop stop;
    bool is_stopping;
    struct wb_future serving;
};

/* All of them by default as in the library, listening at that port of 127.0.0.1, as
 * `listen_help` says. */
void wb__http_frame_init(struct wb__http_frame *frame, const struct wb_sys *sys,
    const char *program, uint16_t port, const char *listen_help);

/* Rows for the table of a program; this many. `own` rows of the program's come first. Returns false
 * as wb__command_parse() does. */
bool wb__http_frame_parse(struct wb__http_frame *frame, const char *summary,
    const struct wb__option *own, size_t own_count, int argc, char *const argv[], int *out_exit);

/* Listens, prints "listening on ...", and serves every request with `service` until a signal says
 * stop. Returns the exit status; what went wrong was printed. */
int wb__http_frame_run(struct wb__http_frame *frame, struct wb_http_service *service);

#ifdef __cplusplus
}
#endif

#endif
