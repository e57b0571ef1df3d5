/* What the stream servers here have in common: an event loop, a listener, an orderly end on SIGTERM
 * and SIGINT. Not what they do with a connection. */
#ifndef WB_EXAMPLES_SERVER_H
#define WB_EXAMPLES_SERVER_H

#include <stdint.h>

#include "wb/event_loop.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/tcp.h"
#include "wb/termination.h"

#include "examples/acceptor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Tokens with this in their upper half are the server's; those of a slab never are, since their
 * generation there is not 0. */
#define WB__SERVER_TOKEN_TERMINATION UINT64_C(0xffff)

struct wb__server;

struct wb__server_callbacks {
    /* REQUIRED. Ownership: the stream passes to the callee. */
    void (*accepted)(
        struct wb__server *server, struct wb_tcp_stream stream, const struct wb__address *peer);
    /* REQUIRED. An event under any token but the server's own. */
    void (*ready)(struct wb__server *server, struct wb_event event);
    /* Optional. After the last event of an iteration. */
    void (*tick)(struct wb__server *server);
    /* REQUIRED. Closes every connection and frees everything; the loop is still there. */
    void (*close_all)(struct wb__server *server);
};

struct wb__server_options {
    const char *program; /* for messages */
    struct wb__address listen;
    bool is_seqpacket; /* as in struct wb__acceptor_options */
    int backlog;       /* as in struct wb__acceptor_options */
    enum wb_trigger listener_trigger;
    uint64_t listener_token;
};

/* The first member of a program's own structure. The fields are to be read. */
struct wb__server {
    const struct wb_sys *sys;
    const struct wb__server_callbacks *callbacks;
    struct wb__server_options options;
    struct wb_event_loop *loop;
    struct wb_termination termination;
    struct wb__acceptor acceptor;
};

/* Opens nothing yet. Ownership: `callbacks` is borrowed for as long as the server runs. */
void wb__server_init(struct wb__server *server, const struct wb_sys *sys,
    const struct wb__server_callbacks *callbacks, const struct wb__server_options *options);

/* Listens, prints "listening on HOST:PORT" or "listening on unix:NAME", and serves until a signal
 * says stop. Returns the exit status; what went wrong was printed. Everything is closed then. Calls
 * back: close_all, always. */
int wb__server_run(struct wb__server *server);

#ifdef __cplusplus
}
#endif

#endif
