/* Non-blocking UDP. Sockets made here are non-blocking and close-on-exec.
 *
 * A socket lives in the caller's memory and may be moved (copied, and the original forgotten) at
 * any time, registered or not. It belongs to one thread at a time.
 *
 * Common to all operations. WB_WOULD_BLOCK: not now; wait for the event, then try again.
 * WB_ERR_INTERRUPTED: nothing happened, try again. WB_ERR_CONN_REFUSED, WB_ERR_HOST_UNREACHABLE and
 * others of the network, on a connected socket: what became of an earlier datagram, told once, by
 * whichever call comes next, which did nothing else; the socket goes on. Other errors than those
 * named are passed on as wb_status_from_result() gives them. Results are written only on WB_OK.
 *
 * Allocates: nothing. Spec: RFC 768, RFC 1122 section 4.1. */
#ifndef WB_UDP_H
#define WB_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/datagram.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the longest datagram over IPv4. */
#define WB_UDP_LEN_MAX 65507

/* The fields are the object's own. All zero is an object without a socket, for which only close is
 * allowed. */
struct wb_udp_socket {
    struct wb_fd_source io;
};

/* ---- life ---- */

/* All zero means the defaults. */
struct wb_udp_options {
    bool
        reuse_addr; /* others that ask for it, too, may have the same address: each gets the
                       multicast and broadcast datagrams; who gets the others is up to the system */
    bool only_v6;   /* an IPv6 socket that takes no IPv4; otherwise the system decides */
};

/* Port 0 lets the system choose: ask wb_udp_socket_local_addr(). `options` may be NULL. Errors:
 * WB_ERR_ADDR_IN_USE, WB_ERR_ADDR_NOT_AVAILABLE, WB_ERR_ACCESS, WB_ERR_FD_LIMIT,
 * WB_ERR_SYSTEM_FD_LIMIT, WB_ERR_NO_BUFFERS. The socket object is then without a socket. Ownership:
 * end it with wb_udp_socket_close(). */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_bind(struct wb_udp_socket *socket,
    const struct wb_sys *sys, const struct wb_addr *addr, const struct wb_udp_options *options);

/* Takes a UDP socket made elsewhere, which must be non-blocking. Ownership: of `fd` passes to the
 * socket object. */
WB_API void wb_udp_socket_from_fd(struct wb_udp_socket *socket, const struct wb_sys *sys, int fd);

/* Deregisters if need be and gives the descriptor away, open. Ownership: passes to the caller. */
WB_API int wb_udp_socket_into_fd(struct wb_udp_socket *socket);

/* Deregisters if need be, and closes. Closing twice is allowed. */
WB_API void wb_udp_socket_close(struct wb_udp_socket *socket);

/* Sets the one peer: send goes there, and from then on nothing is received from anybody else; what
 * was received before stays. May be done again with another peer. Errors: WB_ERR_NET_UNREACHABLE,
 * WB_ERR_ACCESS for a broadcast address without set_broadcast. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_connect(
    struct wb_udp_socket *socket, const struct wb_addr *addr);

/* ---- datagrams ---- */

/* Sends `len` bytes, 0 included, as one datagram: all or nothing. To the peer, or to `to`, which a
 * connected socket allows as well. Errors: WB_ERR_DEST_ADDR_REQUIRED without a peer,
 * WB_ERR_MESSAGE_TOO_BIG, WB_ERR_NO_BUFFERS (dropped in this host), WB_ERR_ACCESS,
 * WB_ERR_NET_UNREACHABLE. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_send(
    struct wb_udp_socket *socket, const void *buf, size_t len);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_send_to(
    struct wb_udp_socket *socket, const void *buf, size_t len, const struct wb_addr *to);

/* The next datagram, and who sent it. With an edge trigger go on until WB_WOULD_BLOCK. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_recv(
    struct wb_udp_socket *socket, void *buf, size_t len, struct wb_datagram *out_datagram);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_recv_from(struct wb_udp_socket *socket, void *buf,
    size_t len, struct wb_datagram *out_datagram, struct wb_addr *out_sender);

/* As those two, but the datagram stays, to be received again. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_peek(
    struct wb_udp_socket *socket, void *buf, size_t len, struct wb_datagram *out_datagram);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_peek_from(struct wb_udp_socket *socket, void *buf,
    size_t len, struct wb_datagram *out_datagram, struct wb_addr *out_sender);

/* ---- asking ---- */

/* The pending error of the socket, which is thereby taken: WB_OK in *out_error if there is none. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_take_error(
    struct wb_udp_socket *socket, enum wb_status *out_error);

WB_API WB_MUST_USE enum wb_status wb_udp_socket_local_addr(
    const struct wb_udp_socket *socket, struct wb_addr *out_addr);

/* Errors: WB_ERR_NOT_CONNECTED without a peer. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_peer_addr(
    const struct wb_udp_socket *socket, struct wb_addr *out_addr);

/* ---- options, each readable without having been set ---- */

/* Allows sending to broadcast addresses. Off by default. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_set_broadcast(
    struct wb_udp_socket *socket, bool broadcast);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_broadcast(
    const struct wb_udp_socket *socket, bool *out_broadcast);

/* Time to live (IPv6: hop limit) of what is sent to one receiver, 1 to 255. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_set_ttl(struct wb_udp_socket *socket, uint32_t ttl);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_ttl(
    const struct wb_udp_socket *socket, uint32_t *out_ttl);

/* Whether an IPv6 socket takes no IPv4. Errors: WB_ERR_NOT_SUPPORTED or another for IPv4 sockets.
 */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_only_v6(
    const struct wb_udp_socket *socket, bool *out_only_v6);

/* ---- multicast ---- */

/* Receives what is sent to the group (4 bytes) on the interface that has the address `interface` (4
 * bytes; NULL: the system's choice), until it leaves or is closed. Errors: WB_ERR_ADDR_IN_USE if it
 * is a member already; WB_ERR_ADDR_NOT_AVAILABLE on leaving if it is not; WB_ERR_INVALID if the
 * group is no multicast address; WB_ERR_NO_BUFFERS for too many groups. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_join_multicast_v4(
    struct wb_udp_socket *socket, const uint8_t *group, const uint8_t *interface);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_leave_multicast_v4(
    struct wb_udp_socket *socket, const uint8_t *group, const uint8_t *interface);

/* The same with a group of 16 bytes and an interface's number (0: the system's choice). */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_join_multicast_v6(
    struct wb_udp_socket *socket, const uint8_t *group, uint32_t interface);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_leave_multicast_v6(
    struct wb_udp_socket *socket, const uint8_t *group, uint32_t interface);

/* Whether what is sent to a group also comes to the members in this host. On by default. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_set_multicast_loop_v4(
    struct wb_udp_socket *socket, bool loop);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_multicast_loop_v4(
    const struct wb_udp_socket *socket, bool *out_loop);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_set_multicast_loop_v6(
    struct wb_udp_socket *socket, bool loop);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_multicast_loop_v6(
    const struct wb_udp_socket *socket, bool *out_loop);

/* Time to live (IPv6: hop limit) of what is sent to groups, 0 to 255; 0 stays in this host. 1 by
 * default. Errors: WB_ERR_INVALID. */
WB_API WB_MUST_USE enum wb_status wb_udp_socket_set_multicast_ttl_v4(
    struct wb_udp_socket *socket, uint32_t ttl);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_multicast_ttl_v4(
    const struct wb_udp_socket *socket, uint32_t *out_ttl);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_set_multicast_hops_v6(
    struct wb_udp_socket *socket, uint32_t hops);
WB_API WB_MUST_USE enum wb_status wb_udp_socket_multicast_hops_v6(
    const struct wb_udp_socket *socket, uint32_t *out_hops);

/* For the registry. */
static inline struct wb_source *wb_udp_socket_source(struct wb_udp_socket *socket) {
    return &socket->io.source;
}

static inline int wb_udp_socket_fd(const struct wb_udp_socket *socket) {
    return socket->io.fd;
}

#ifdef __cplusplus
}
#endif

#endif
