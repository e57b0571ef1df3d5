/* A listener in an event loop, as it must be in all four trigger modes: accepts, goes on after a
 * connection that failed, and rests when descriptors or memory have run out. Not a server: what
 * becomes of a connection is its owner's business. */
#ifndef WB_EXAMPLES_ACCEPTOR_H
#define WB_EXAMPLES_ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/event_loop.h"
#include "wb/status.h"
#include "wb/tcp.h"
#include "wb/unix_stream.h"

#include "examples/address.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The longest queue that a program may be told to have. */
enum { WB__BACKLOG_MAX = 65535 };

/* The stream is one of TCP or of a Unix socket: read, written, watched and closed alike, whatever
 * its type is called. Ownership: it passes to the callee. */
typedef void (*wb__accepted_fn)(
    struct wb_tcp_stream stream, const struct wb__address *peer, void *user_data);

struct wb__acceptor_options {
    const char *program; /* for messages */
    struct wb__address listen;
    bool is_seqpacket; /* of a Unix socket: its bytes come as messages, and the "stream" that is
                          accepted is only good for its descriptor */
    int backlog;       /* connections that may wait to be accepted; 0: the library's default */
    enum wb_trigger trigger;
    uint64_t token;           /* under which the listener is registered */
    uint64_t timeout_value;   /* with which its timer comes back */
    wb__accepted_fn accepted; /* REQUIRED */
    void *user_data;
};

/* Lives in its owner's memory and stays there. The fields are its own. */
struct wb__acceptor {
    struct wb__acceptor_options options;
    struct wb_event_loop *loop;
    struct wb_tcp_listener tcp_listener; /* one of the two is used */
    struct wb_unix_listener unix_listener;
    struct wb_timeout retry; /* set while it rests */
    uint64_t rest_ns;        /* how long the next rest is */
    bool is_resting;
    bool is_bound;
};

/* Binds, registers, and makes sure that the timer it may need later can be had. A path at which
 * nobody listens any more, left by a program that was killed, is removed first. Errors: those of
 * wb_tcp_listener_bind() or wb_unix_listener_bind(), wb_event_loop_register() and
 * wb_event_loop_timeout(); the acceptor is then as after clean_up. */
WB_MUST_USE enum wb_status wb__acceptor_init(struct wb__acceptor *acceptor,
    struct wb_event_loop *loop, const struct wb__acceptor_options *options);

/* Closes the listener and removes its path. All zero, or cleaned up before, is allowed. */
void wb__acceptor_clean_up(struct wb__acceptor *acceptor);

WB_MUST_USE enum wb_status wb__acceptor_local_addr(
    const struct wb__acceptor *acceptor, struct wb__address *out_addr);

/* An event came under its token. Calls back: accepted, for each connection. */
void wb__acceptor_ready(struct wb__acceptor *acceptor);

/* Its timer fired. */
void wb__acceptor_timeout(struct wb__acceptor *acceptor);

#ifdef __cplusplus
}
#endif

#endif
