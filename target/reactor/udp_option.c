/* What can be asked of a UDP socket and set on it. */
#include "wb/udp.h"

#include <string.h>

#include "reactor/socket.h"

enum { TTL_MAX = 255 };

/* ---- one receiver, or all ---- */

enum wb_status wb_udp_socket_set_broadcast(struct wb_udp_socket *socket, bool broadcast) {
    return wb__socket_set_int(&socket->io, WB_SOL_SOCKET, WB_SO_BROADCAST, broadcast);
}

enum wb_status wb_udp_socket_broadcast(const struct wb_udp_socket *socket, bool *out_broadcast) {
    return wb__socket_get_bool(&socket->io, WB_SOL_SOCKET, WB_SO_BROADCAST, out_broadcast);
}

enum wb_status wb_udp_socket_set_ttl(struct wb_udp_socket *socket, uint32_t ttl) {
    return wb__socket_set_ttl(&socket->io, ttl);
}

enum wb_status wb_udp_socket_ttl(const struct wb_udp_socket *socket, uint32_t *out_ttl) {
    return wb__socket_ttl(&socket->io, out_ttl);
}

enum wb_status wb_udp_socket_only_v6(const struct wb_udp_socket *socket, bool *out_only_v6) {
    return wb__socket_get_bool(&socket->io, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, out_only_v6);
}

/* ---- groups ---- */

static enum wb_status change_v4(
    struct wb_udp_socket *socket, int name, const uint8_t *group, const uint8_t *interface) {
    struct wb_ip_mreq request = {0};
    memcpy(request.group, group, sizeof(request.group));
    if (interface != NULL) {
        memcpy(request.interface, interface, sizeof(request.interface));
    }
    return wb_status_from_result(WB_SYS(
        socket->io.sys, setsockopt, socket->io.fd, WB_IPPROTO_IP, name, &request, sizeof(request)));
}

enum wb_status wb_udp_socket_join_multicast_v4(
    struct wb_udp_socket *socket, const uint8_t *group, const uint8_t *interface) {
    return change_v4(socket, WB_IP_ADD_MEMBERSHIP, group, interface);
}

enum wb_status wb_udp_socket_leave_multicast_v4(
    struct wb_udp_socket *socket, const uint8_t *group, const uint8_t *interface) {
    return change_v4(socket, WB_IP_DROP_MEMBERSHIP, group, interface);
}

static enum wb_status change_v6(
    struct wb_udp_socket *socket, int name, const uint8_t *group, uint32_t interface) {
    struct wb_ipv6_mreq request = {.interface_index = interface};
    memcpy(request.group, group, sizeof(request.group));
    return wb_status_from_result(WB_SYS(socket->io.sys, setsockopt, socket->io.fd, WB_IPPROTO_IPV6,
        name, &request, sizeof(request)));
}

enum wb_status wb_udp_socket_join_multicast_v6(
    struct wb_udp_socket *socket, const uint8_t *group, uint32_t interface) {
    return change_v6(socket, WB_IPV6_ADD_MEMBERSHIP, group, interface);
}

enum wb_status wb_udp_socket_leave_multicast_v6(
    struct wb_udp_socket *socket, const uint8_t *group, uint32_t interface) {
    return change_v6(socket, WB_IPV6_DROP_MEMBERSHIP, group, interface);
}

/* ---- what is sent to groups ---- */

enum wb_status wb_udp_socket_set_multicast_loop_v4(struct wb_udp_socket *socket, bool loop) {
    return wb__socket_set_int(&socket->io, WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP, loop);
}

enum wb_status wb_udp_socket_multicast_loop_v4(const struct wb_udp_socket *socket, bool *out_loop) {
    return wb__socket_get_bool(&socket->io, WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP, out_loop);
}

enum wb_status wb_udp_socket_set_multicast_loop_v6(struct wb_udp_socket *socket, bool loop) {
    return wb__socket_set_int(&socket->io, WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_LOOP, loop);
}

enum wb_status wb_udp_socket_multicast_loop_v6(const struct wb_udp_socket *socket, bool *out_loop) {
    return wb__socket_get_bool(&socket->io, WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_LOOP, out_loop);
}

static enum wb_status set_ttl(struct wb_udp_socket *socket, int level, int name, uint32_t ttl) {
    if (ttl > TTL_MAX) {
        return WB_ERR_INVALID;
    }
    return wb__socket_set_int(&socket->io, level, name, (int)ttl);
}

static enum wb_status get_ttl(
    const struct wb_udp_socket *socket, int level, int name, uint32_t *out_ttl) {
    int ttl = 0;
    enum wb_status status = wb__socket_get_int(&socket->io, level, name, &ttl);
    if (status == WB_OK) {
        *out_ttl = (uint32_t)ttl;
    }
    return status;
}

enum wb_status wb_udp_socket_set_multicast_ttl_v4(struct wb_udp_socket *socket, uint32_t ttl) {
    return set_ttl(socket, WB_IPPROTO_IP, WB_IP_MULTICAST_TTL, ttl);
}

enum wb_status wb_udp_socket_multicast_ttl_v4(
    const struct wb_udp_socket *socket, uint32_t *out_ttl) {
    return get_ttl(socket, WB_IPPROTO_IP, WB_IP_MULTICAST_TTL, out_ttl);
}

enum wb_status wb_udp_socket_set_multicast_hops_v6(struct wb_udp_socket *socket, uint32_t hops) {
    return set_ttl(socket, WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_HOPS, hops);
}

enum wb_status wb_udp_socket_multicast_hops_v6(
    const struct wb_udp_socket *socket, uint32_t *out_hops) {
    return get_ttl(socket, WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_HOPS, out_hops);
}
