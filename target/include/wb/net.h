/* Sockets for futures: listeners, streams and datagram sockets, TCP, UDP and Unix alike. Each is
 * made of a socket of the reactor (wb/tcp.h, wb/udp.h, wb/unix_stream.h, wb/unix_datagram.h), which
 * it takes over, registers with the runtime, and lends for names and options.
 *
 * All may be moved at any time but while a future of theirs is pending; all zero is an object
 * without a socket, for which only close is allowed. What waits for a socket is dropped before it
 * is closed, and sockets should be closed before their runtime is destroyed: else whoever waits is
 * told WB_ERR_CLOSED.
 *
 * Thread: of a stream one task reads, one writes (see wb/async_io.h); any number of tasks may
 * accept from one listener, or receive from and send to one datagram socket. Allocates: once for
 * each socket, when it is made; nothing after that. */
#ifndef WB_NET_H
#define WB_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/addr.h"
#include "wb/async_io.h"
#include "wb/datagram.h"
#include "wb/future.h"
#include "wb/poll_evented.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/tcp.h"
#include "wb/tcp_socket.h"
#include "wb/udp.h"
#include "wb/unix_datagram.h"
#include "wb/unix_stream.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;
struct wb__io;

/* ---- streams ---- */

struct wb_read_half {
    struct wb_async_read read;
    struct wb__io *io;
};

struct wb_write_half {
    struct wb_async_write write;
    struct wb__io *io;
};

/* Two halves. Both may be used by tasks of their own, borrowed; or be moved out of here (copied,
 * and this object forgotten), to be closed apart, and back into one. */
struct wb_stream {
    struct wb_read_half reader;
    struct wb_write_half writer;
};

/* Takes the socket over, whatever comes of it; `tcp` or `stream_socket` is then without one.
 * Errors: those of wb_poll_evented_init(); the socket was closed.
 *
 * Of TCP, a read or write that moves fewer bytes than it may is taken to have left nothing to move,
 * unless an end, an error or urgent data was reported: the next one waits for a report. That does
 * not hold of a socket on which the kernel has put another protocol, whose reads end where its
 * records do, kTLS (TCP_ULP) or a parser of BPF's, nor of a descriptor that is not TCP's; on such a
 * stream bytes that are there may be left until more come. They want operations of their own over a
 * struct wb_poll_evented, where nothing but WB_WOULD_BLOCK counts. */
WB_API WB_MUST_USE enum wb_status wb_stream_from_tcp(
    struct wb_stream *stream, struct wb_runtime *runtime, struct wb_tcp_stream *tcp);
WB_API WB_MUST_USE enum wb_status wb_stream_from_unix(
    struct wb_stream *stream, struct wb_runtime *runtime, struct wb_unix_stream *stream_socket);

/* The socket, borrowed, for names and options, and for tries that do not wait: those change nothing
 * of what the stream knows. NULL if it is of the other kind. */
WB_API struct wb_tcp_stream *wb_stream_tcp(const struct wb_stream *stream);
WB_API struct wb_unix_stream *wb_stream_unix(const struct wb_stream *stream);

WB_API void wb_stream_close(struct wb_stream *stream);

/* Each closes the socket if the other half is closed already. Closing the writer alone first shuts
 * down the writing direction, so that the peer reads the end. Thread: the two halves may be closed
 * by different ones at a time. */
WB_API void wb_read_half_close(struct wb_read_half *half);
WB_API void wb_write_half_close(struct wb_write_half *half);

/* Whether both are of the same stream. */
static inline bool wb_stream_fits(
    const struct wb_read_half *reader, const struct wb_write_half *writer) {
    return reader->io == writer->io;
}

/* Puts the halves of one stream together again; they are then without a socket. Errors:
 * WB_ERR_INVALID if they are of two streams; nothing has changed. */
WB_API WB_MUST_USE enum wb_status wb_stream_reunite(
    struct wb_stream *stream, struct wb_read_half *reader, struct wb_write_half *writer);

/* For wb_copy_bidirectional() and everybody who wants both. */
static inline struct wb_async_stream wb_stream_io(struct wb_stream *stream) {
    struct wb_async_stream io = {&stream->reader.read, &stream->writer.write};
    return io;
}

/* As reading, but the bytes stay, to be read again. */
WB_API WB_MUST_USE enum wb_progress wb_read_half_poll_peek(struct wb_read_half *half,
    struct wb_context *context, void *buf, size_t len, enum wb_status *out_status, size_t *out_len);

/* The same as a future. `len` is how much there was, if the status is WB_OK. */
struct wb_peek {
    struct wb_future future;
    struct wb_read_half *half;
    void *buf;
    size_t capacity;
    size_t len;
};

WB_API void wb_peek_init(
    struct wb_peek *peek, struct wb_read_half *half, void *buf, size_t capacity);

/* One read or write, without waiting and without a task; as wb_poll_evented_try(). */
WB_API WB_MUST_USE enum wb_status wb_read_half_try_read(
    struct wb_read_half *half, void *buf, size_t len, size_t *out_len);
WB_API WB_MUST_USE enum wb_status wb_write_half_try_write(
    struct wb_write_half *half, const void *buf, size_t len, size_t *out_len);

/* Waits until one of those is worth while, or the other end has gone (`ready.is_closed`). The half
 * must outlive it. */
WB_API void wb_readiness_init_reader(struct wb_readiness *readiness, struct wb_read_half *half);
WB_API void wb_readiness_init_writer(struct wb_readiness *readiness, struct wb_write_half *half);

/* ---- connecting ---- */

/* Over when the connection stands, with `stream`, which is then the caller's; or with why it does
 * not. Errors: those of wb_tcp_stream_connect(), wb_tcp_stream_finish_connect() and
 * wb_stream_from_tcp(). */
struct wb_connect {
    struct wb_future future;
    struct wb_runtime *runtime;
    struct wb_addr addr;
    struct wb_tcp_socket socket; /* that connects; all zero: one is made */
    struct wb_stream stream;
};

WB_API void wb_connect_init(
    struct wb_connect *connect, struct wb_runtime *runtime, const struct wb_addr *addr);

/* The same with a socket that was bound, or given options, before. Ownership: of the socket passes
 * to the future. */
WB_API void wb_connect_init_socket(struct wb_connect *connect, struct wb_runtime *runtime,
    struct wb_tcp_socket *socket, const struct wb_addr *addr);

/* Unix connections stand at once or not at all. Errors: WB_WOULD_BLOCK and the others of
 * wb_unix_stream_connect(), and those of wb_stream_from_unix(). */
WB_API WB_MUST_USE enum wb_status wb_stream_connect_unix(
    struct wb_stream *stream, struct wb_runtime *runtime, const struct wb_unix_addr *addr);

/* ---- listeners ---- */

struct wb_listener {
    struct wb__io *io;
};

/* Errors: those of the reactor's bind, of wb_poll_evented_init(). `backlog` 0: the default. */
WB_API WB_MUST_USE enum wb_status wb_listener_bind(struct wb_listener *listener,
    struct wb_runtime *runtime, const struct wb_addr *addr, int backlog);
WB_API WB_MUST_USE enum wb_status wb_listener_bind_unix(struct wb_listener *listener,
    struct wb_runtime *runtime, const struct wb_unix_addr *addr, int backlog);

/* A listener made elsewhere, with wb_tcp_socket_listen() for one; as wb_stream_from_tcp(). */
WB_API WB_MUST_USE enum wb_status wb_listener_from_tcp(
    struct wb_listener *listener, struct wb_runtime *runtime, struct wb_tcp_listener *tcp);
WB_API WB_MUST_USE enum wb_status wb_listener_from_unix(struct wb_listener *listener,
    struct wb_runtime *runtime, struct wb_unix_listener *listener_socket);
WB_API void wb_listener_close(struct wb_listener *listener);

/* Borrowed; NULL if it is of the other kind. */
WB_API struct wb_tcp_listener *wb_listener_tcp(const struct wb_listener *listener);
WB_API struct wb_unix_listener *wb_listener_unix(const struct wb_listener *listener);

/* Over with the next connection: `stream` is the caller's, `peer` its address (of TCP only). One
 * that was aborted before is passed over. Errors: of the system when it lacks descriptors or memory
 * (WB_ERR_FD_LIMIT, ...): the connection waits on; accept again, but not before something was
 * closed or some time has passed, since the listener still counts as ready. Those of
 * wb_stream_from_tcp(): the connection was closed. WB_ERR_CLOSED and WB_ERR_NO_RUNTIME as in
 * wb_poll_evented_poll_read(). The stream may be registered only when somebody waits for it, who is
 * then told if that fails. */
struct wb_accept {
    struct wb_future future;
    struct wb_listener *listener;
    struct wb_stream stream;
    struct wb_addr peer;
    struct wb__io_waiter waiter;
};

WB_API void wb_accept_init(struct wb_accept *accept, struct wb_listener *listener);

/* ---- datagrams ---- */

struct wb_datagram_socket {
    struct wb__io *io;
};

/* As wb_stream_from_tcp(). */
WB_API WB_MUST_USE enum wb_status wb_datagram_socket_from_udp(
    struct wb_datagram_socket *datagrams, struct wb_runtime *runtime, struct wb_udp_socket *udp);
WB_API WB_MUST_USE enum wb_status wb_datagram_socket_from_unix(struct wb_datagram_socket *datagrams,
    struct wb_runtime *runtime, struct wb_unix_datagram *unix_socket);
WB_API void wb_datagram_socket_close(struct wb_datagram_socket *datagrams);

/* Borrowed; NULL if it is of the other kind. To send from a Unix socket to others than its peer,
 * try with this, and if it would block again some time later: no event tells. */
WB_API struct wb_udp_socket *wb_datagram_socket_udp(const struct wb_datagram_socket *datagrams);
WB_API struct wb_unix_datagram *wb_datagram_socket_unix(const struct wb_datagram_socket *datagrams);

/* The next datagram; `sender` for UDP only. Errors: those of wb_udp_socket_recv_from() and
 * wb_unix_datagram_recv(), of a connected socket also what became of an earlier datagram,
 * WB_ERR_CONN_REFUSED: the socket goes on. WB_ERR_CLOSED and WB_ERR_NO_RUNTIME as in
 * wb_poll_evented_poll_read(). */
struct wb_recv {
    struct wb_future future;
    struct wb_datagram_socket *socket;
    void *buf;
    size_t capacity;
    struct wb_datagram datagram;
    struct wb_addr sender;
    struct wb__io_waiter waiter;
};

WB_API void wb_recv_init(
    struct wb_recv *recv, struct wb_datagram_socket *socket, void *buf, size_t capacity);

/* One datagram, of any length, 0 included, to the peer. Errors: those of wb_udp_socket_send() and
 * wb_unix_datagram_send(), and as wb_recv. */
struct wb_send {
    struct wb_future future;
    struct wb_datagram_socket *socket;
    const void *buf;
    size_t len;
    struct wb_addr to;
    bool has_to;
    struct wb__io_waiter waiter;
};

WB_API void wb_send_init(
    struct wb_send *send, struct wb_datagram_socket *socket, const void *buf, size_t len);

/* The same to that address. Errors: also WB_ERR_NOT_SUPPORTED, for another socket than UDP's. */
WB_API void wb_send_to_init(struct wb_send *send, struct wb_datagram_socket *socket,
    const void *buf, size_t len, const struct wb_addr *to);

/* One datagram, without waiting and without a task; as wb_poll_evented_try(). `out_sender` may be
 * NULL, and so may `to`: the peer. Otherwise as wb_recv and wb_send. */
WB_API WB_MUST_USE enum wb_status wb_datagram_socket_try_recv(struct wb_datagram_socket *socket,
    void *buf, size_t capacity, struct wb_datagram *out_datagram, struct wb_addr *out_sender);
WB_API WB_MUST_USE enum wb_status wb_datagram_socket_try_send(
    struct wb_datagram_socket *socket, const void *buf, size_t len, const struct wb_addr *to);

/* Waits until one of those is worth while. The socket must outlive it. */
WB_API void wb_readiness_init_datagrams(
    struct wb_readiness *readiness, struct wb_datagram_socket *socket, enum wb_direction direction);

#ifdef __cplusplus
}
#endif

#endif
