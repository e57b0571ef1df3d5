/* Programs on the runtime's streams, for tests. `stream_echo` sends everything back, through
 * sockets of the runtime; `evented_echo` the same on readiness alone, with one bug of `bug=` or
 * none; `stream_client` connects by name to port 7105, says "ping" and expects "pong" and the end;
 * `datagram_echo` sends every datagram back; `framed_echo` every line, or message of
 * `codec=lengths`. All take `flavour=multi`. */
#ifndef RUN_TESTS_STREAMS_H
#define RUN_TESTS_STREAMS_H

#include "wouldblock/run.h"

struct wb_future;
struct wb_runtime;

const struct wbh_program *stream_programs(size_t *out_count);

/* The value of --NAME; NULL: not given. */
const char *stream_option(int argc, char *const argv[], const char *name);

/* Makes the runtime of the option `flavour`; NULL: it could not be made. */
struct wb_runtime *stream_runtime(const struct wb_sys *sys, int argc, char *const argv[]);

/* Runs `serve` until it fails or SIGTERM comes, and ends the runtime. Returns the exit status. */
int stream_serve(struct wb_runtime *runtime, struct wb_future *serve);

int evented_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int framed_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);

#endif
