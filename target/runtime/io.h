/* A socket that futures wait for: any kind of the reactor's, its registration, and how many handles
 * refer to it. */
#ifndef WB_RUNTIME_IO_H
#define WB_RUNTIME_IO_H

#include <stdatomic.h>
#include <stdint.h>

#include "runtime/evented.h"
#include "wb/async_io.h"
#include "wb/tcp.h"
#include "wb/udp.h"
#include "wb/unix_datagram.h"
#include "wb/unix_stream.h"

enum wb__io_kind {
    WB__IO_TCP_STREAM,
    WB__IO_UNIX_STREAM,
    WB__IO_TCP_LISTENER,
    WB__IO_UNIX_LISTENER,
    WB__IO_UDP,
    WB__IO_UNIX_DATAGRAM,
};

/* All of them begin with their descriptor. */
union wb__io_socket {
    struct wb_fd_source fd;
    struct wb_tcp_stream tcp_stream;
    struct wb_unix_stream unix_stream;
    struct wb_tcp_listener tcp_listener;
    struct wb_unix_listener unix_listener;
    struct wb_udp_socket udp;
    struct wb_unix_datagram unix_datagram;
};

struct wb__io {
    union wb__io_socket socket;
    struct wb__evented evented;
    enum wb__io_kind kind;
    _Atomic uint32_t handles;
};

/* Takes the socket, which is closed if this fails. Errors: those of wb_poll_evented_init(). */
WB_MUST_USE enum wb_status wb__io_new(struct wb__io **out_io, struct wb_runtime *runtime,
    enum wb__io_kind kind, const union wb__io_socket *socket);
WB_MUST_USE enum wb_status wb__io_start(struct wb__io **out_io, struct wb_runtime *runtime,
    enum wb__io_kind kind, const union wb__io_socket *socket, enum wb__evented_start start);

struct wb_stream;

/* As wb_stream_from_tcp() and wb_stream_from_unix(), of a connection that was just accepted. */
WB_MUST_USE enum wb_status wb__stream_accepted(struct wb_stream *stream, struct wb_runtime *runtime,
    enum wb__io_kind kind, union wb__io_socket *socket);

/* The last handle closes the socket. NULL is allowed. */
void wb__io_release(struct wb__io *io);

/* What the reading halves of streams can. */
extern const struct wb_async_read_ops wb__stream_read_ops;

/* The socket, if it is of this kind. */
static inline void *wb__io_as(struct wb__io *io, enum wb__io_kind kind) {
    return io != NULL && io->kind == kind ? &io->socket : NULL;
}

#endif
