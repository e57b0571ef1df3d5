/* A TCP socket before it is a listener or a stream: for what has to be said before, which address
 * it has for one. Who has nothing to say uses wb_tcp_stream_connect() and wb_tcp_listener_bind().
 *
 *     struct wb_tcp_socket socket;
 *     wb_tcp_socket_open(&socket, sys, WB_AF_INET);
 *     wb_tcp_socket_bind(&socket, &from);
 *     wb_tcp_socket_connect(&socket, &to, &stream);
 *
 * Lives in the caller's memory and may be moved. Common to all operations: as in wb/tcp.h.
 *
 * Thread: one. Allocates: nothing. */
#ifndef WB_TCP_SOCKET_H
#define WB_TCP_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/tcp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `stream` is the socket as a stream that is not connected, to set and to ask its options with
 * wb_tcp_stream_set_linger(), wb_tcp_stream_nodelay() and their like; both of what becomes of it
 * have them. All zero is an object without a socket, for which only close is allowed. */
struct wb_tcp_socket {
    struct wb_tcp_stream stream;
};

/* `family` is WB_AF_INET or WB_AF_INET6. Errors: WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT,
 * WB_ERR_NO_BUFFERS; it is then without a socket. Ownership: end it with one of listen, connect and
 * close. */
WB_API WB_MUST_USE enum wb_status wb_tcp_socket_open(
    struct wb_tcp_socket *socket, const struct wb_sys *sys, int family);

/* Closing twice is allowed. */
WB_API void wb_tcp_socket_close(struct wb_tcp_socket *socket);

/* Whether the address may be in use by connections that have ended; and by other sockets that say
 * so too, among which the system shares connections out. Off by default; before bind. */
WB_API WB_MUST_USE enum wb_status wb_tcp_socket_set_reuse_addr(
    struct wb_tcp_socket *socket, bool reuse);
WB_API WB_MUST_USE enum wb_status wb_tcp_socket_set_reuse_port(
    struct wb_tcp_socket *socket, bool reuse);

/* Bytes of the socket's buffers, before connect or listen. The system takes more or less. */
WB_API WB_MUST_USE enum wb_status wb_tcp_socket_set_send_buffer(
    struct wb_tcp_socket *socket, uint32_t len);
WB_API WB_MUST_USE enum wb_status wb_tcp_socket_set_recv_buffer(
    struct wb_tcp_socket *socket, uint32_t len);

/* Errors: WB_ERR_ADDR_IN_USE, WB_ERR_ADDR_NOT_AVAILABLE, WB_ERR_ACCESS; WB_ERR_INVALID if it has an
 * address already. */
WB_API WB_MUST_USE enum wb_status wb_tcp_socket_bind(
    struct wb_tcp_socket *socket, const struct wb_addr *addr);

WB_API WB_MUST_USE enum wb_status wb_tcp_socket_local_addr(
    const struct wb_tcp_socket *socket, struct wb_addr *out_addr);

/* Becomes a listener, or a stream that is being connected, as wb_tcp_listener_bind() and
 * wb_tcp_stream_connect() make them, with their errors. Whatever comes of it `socket` is then
 * without a socket. `backlog` 0: WB_TCP_BACKLOG_DEFAULT. */
WB_API WB_MUST_USE enum wb_status wb_tcp_socket_listen(
    struct wb_tcp_socket *socket, int backlog, struct wb_tcp_listener *out_listener);
WB_API WB_MUST_USE enum wb_status wb_tcp_socket_connect(
    struct wb_tcp_socket *socket, const struct wb_addr *addr, struct wb_tcp_stream *out_stream);

#ifdef __cplusplus
}
#endif

#endif
