/* The world's UDP sockets: the same as the program's, without a descriptor, without faults of their
 * own calls and at no cost. */
#include "kernel/udp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

struct sim_datagram *sim_datagram_new(struct sim_kernel *kernel, uint32_t subject, int family,
    void (*on_change)(void *user_data, struct sim_datagram *socket), void *user_data) {
    struct sim_datagram *socket = udp_new(kernel, family, NULL);
    socket->subject = subject;
    socket->on_change = on_change;
    socket->user_data = user_data;
    return socket;
}

void sim_datagram_place(struct sim_datagram *socket, unsigned host, unsigned site) {
    assert(host < socket->kernel->host_count);
    socket->at = (struct place){host, site};
}

int sim_datagram_bind(struct sim_datagram *socket, const struct wb_sockaddr *addr) {
    return udp_bind(socket, addr, sizeof(*addr));
}

void sim_datagram_address(const struct sim_datagram *socket, struct wb_sockaddr *out_addr) {
    uint32_t len = sizeof(*out_addr);
    address_store(&socket->local, out_addr, &len);
}

int sim_datagram_set_buffer(struct sim_datagram *socket, uint32_t recv_size) {
    if (recv_size == 0) {
        return -EINVAL;
    }
    socket->so.recv_buffer_size = recv_size;
    return 0;
}

int64_t sim_datagram_send_to(
    struct sim_datagram *socket, const struct wb_sockaddr *addr, const void *data, size_t len) {
    struct address to;
    int error = address_load(addr, sizeof(*addr), &to);
    if (error == 0 && to.family != WB_AF_INET && to.family != WB_AF_INET6) {
        error = -EAFNOSUPPORT;
    }
    error = error != 0 ? error : !socket->bound ? -EBADF : udp_check_destination(socket, &to);
    if (error != 0) {
        return error;
    }
    if (len > (to.family == WB_AF_INET ? (size_t)UDP_LEN_MAX4 : (size_t)UDP_LEN_MAX6)) {
        return -EMSGSIZE;
    }
    const struct udp_route route = udp_route_to(socket, &to);
    udp_launch(socket, &route, &to, data, (uint32_t)len);
    return (int64_t)len;
}

int64_t sim_datagram_recv_from(
    struct sim_datagram *socket, void *buf, size_t len, struct wb_sockaddr *out_addr) {
    const struct message *first = udp_first(socket);
    if (first == NULL) {
        int error = udp_take_error(socket);
        return error != 0 ? -error : -EAGAIN;
    }
    uint32_t full_len = first->len;
    size_t copied = full_len < len ? full_len : len;
    if (copied != 0) {
        memcpy(buf, first->bytes, copied);
    }
    if (out_addr != NULL) {
        struct address from = address_shown_to(&first->from, socket->so.domain);
        uint32_t addr_len = sizeof(*out_addr);
        address_store(&from, out_addr, &addr_len);
    }
    udp_drop_first(socket);
    return full_len;
}

void sim_datagram_close(struct sim_datagram *socket) {
    udp_close(socket);
}
