/* What the datagram servers here have in common: an event loop with one socket, that answers each
 * datagram before it receives the next, and an orderly end on SIGTERM and SIGINT. A sender that is
 * slow to receive makes the others wait, and the kernel's queue bounds what is kept of them. Not
 * how a datagram is received and answered: that is the program's. */
#ifndef WB_EXAMPLES_DATAGRAM_SERVER_H
#define WB_EXAMPLES_DATAGRAM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/datagram.h"
#include "wb/event_loop.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/termination.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longer than every UDP datagram. A longer one, which Unix sockets allow, is given up. */
enum { WB__DATAGRAM_LEN_MAX = 64 * 1024 };

struct wb__datagram_server;

/* All REQUIRED. */
struct wb__datagram_callbacks {
    /* Everything is ready: prints where. */
    void (*listening)(struct wb__datagram_server *server);
    /* Receives into server->buffer, and remembers who sent it. As wb_udp_socket_recv_from(). */
    enum wb_status (*receive)(struct wb__datagram_server *server, struct wb_datagram *out_datagram);
    /* Sends the first `len` bytes of server->buffer back. WB_OK as well if there is nobody to
     * answer. */
    enum wb_status (*reply)(struct wb__datagram_server *server, size_t len);
};

struct wb__datagram_options {
    const char *program; /* for messages */
    enum wb_trigger trigger;
    /* No event tells when a reply that would block can be sent: it is tried again after a rest, and
     * given up after a second or two; sooner while many are. */
    bool must_retry_replies;
};

/* The first member of a program's own structure. The fields are to be read. */
struct wb__datagram_server {
    const struct wb_sys *sys;
    const struct wb__datagram_callbacks *callbacks;
    struct wb__datagram_options options;
    struct wb_source *source; /* the socket's */
    int fd;                   /* the socket's */
    struct wb_event_loop *loop;
    struct wb_termination termination;
    uint8_t *buffer;  /* WB__DATAGRAM_LEN_MAX bytes */
    size_t reply_len; /* of the datagram that is to be answered */
    bool has_reply;
    bool is_resting;   /* not watched until the timer fires */
    int retries;       /* of the present reply */
    int patience;      /* how many retries a reply is worth at present */
    uint32_t interest; /* as last registered */
};

/* `server` is all zero. Serves on a socket that is open, until a signal says stop. Returns the exit
 * status; what went wrong was printed. The socket is then deregistered, and still the caller's.
 * Calls back: all. Allocates: the loop and the buffer, before it begins. */
int wb__datagram_server_run(struct wb__datagram_server *server, const struct wb_sys *sys,
    const struct wb__datagram_callbacks *callbacks, const struct wb__datagram_options *options,
    struct wb_source *source, int fd);

#ifdef __cplusplus
}
#endif

#endif
