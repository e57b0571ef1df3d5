/* The world's sockets: the same state machine without a descriptor, without faults of its own and
 * at no cost. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum { ADDRESS_LEN = sizeof(struct wb_sockaddr) };

struct sim_endpoint *sim_endpoint_new(struct sim_kernel *kernel, uint32_t subject, int family,
    void (*on_change)(void *user_data, struct sim_endpoint *endpoint), void *user_data) {
    struct sim_endpoint *endpoint = endpoint_new(kernel, family, NULL);
    endpoint->subject = subject;
    sim_endpoint_on_change(endpoint, on_change, user_data);
    return endpoint;
}

void sim_endpoint_on_change(struct sim_endpoint *endpoint,
    void (*on_change)(void *user_data, struct sim_endpoint *endpoint), void *user_data) {
    endpoint->on_change = on_change;
    endpoint->user_data = user_data;
}

int sim_endpoint_set_buffers(
    struct sim_endpoint *endpoint, uint32_t send_size, uint32_t recv_size) {
    if (send_size == 0 || recv_size == 0) {
        return -EINVAL;
    }
    endpoint->so.send_buffer_size = send_size;
    endpoint->so.recv_buffer_size = recv_size;
    return 0;
}

int sim_endpoint_connect(struct sim_endpoint *endpoint, const struct wb_sockaddr *addr) {
    int result = endpoint_connect(endpoint, addr, ADDRESS_LEN);
    if (endpoint->tcp == TCP_ESTABLISHED) {
        endpoint->connecting = CONNECT_DONE;
        return 0;
    }
    return endpoint->error != 0 ? -endpoint_take_error(endpoint) : result;
}

int sim_endpoint_listen(
    struct sim_endpoint *endpoint, const struct wb_sockaddr *addr, int backlog) {
    int result = endpoint_bind(endpoint, addr, ADDRESS_LEN);
    return result != 0 ? result : endpoint_listen(endpoint, backlog);
}

struct sim_endpoint *sim_endpoint_accept(struct sim_endpoint *listener) {
    struct sim_endpoint *endpoint = endpoint_accept(listener);
    if (endpoint != NULL) {
        endpoint->on_change = listener->on_change;
        endpoint->user_data = listener->user_data;
    }
    return endpoint;
}

int64_t sim_endpoint_send(struct sim_endpoint *endpoint, const void *data, size_t len) {
    struct wb_iovec iov;
    memcpy(&iov.base, &data, sizeof(data));
    iov.len = len;
    return endpoint_send(endpoint, &iov, 1, WB_MSG_NOSIGNAL);
}

int64_t sim_endpoint_recv(struct sim_endpoint *endpoint, void *buf, size_t len) {
    struct wb_iovec iov = {buf, len};
    return endpoint_recv(endpoint, &iov, 1, 0);
}

int sim_endpoint_shutdown(struct sim_endpoint *endpoint, int how) {
    return endpoint_shutdown(endpoint, how);
}

void sim_endpoint_close(struct sim_endpoint *endpoint) {
    if (!endpoint->dead) {
        endpoint_close(endpoint);
    }
}

void sim_endpoint_reset(struct sim_endpoint *endpoint) {
    if (!endpoint->dead) {
        endpoint->so.linger.onoff = 1;
        endpoint->so.linger.seconds = 0;
        endpoint_close(endpoint);
    }
}

uint32_t sim_endpoint_poll(struct sim_endpoint *endpoint) {
    return endpoint_poll(endpoint);
}

int sim_endpoint_error(struct sim_endpoint *endpoint) {
    return endpoint_take_error(endpoint);
}

uint32_t sim_endpoint_subject(const struct sim_endpoint *endpoint) {
    return endpoint->subject;
}
