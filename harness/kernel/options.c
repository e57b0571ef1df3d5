/* Socket options: those that change what the model does, and those that are only kept and given
 * back. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

/* As net.core.{w,r}mem_max and the kernel's lower bounds; a set value is doubled for bookkeeping.
 */
enum {
    BUFFER_SET_MAX = 212992,
    SEND_BUFFER_MIN = 4608,
    RECV_BUFFER_MIN = 2304,
    TTL_MAX = 255,
    ENOPROTOOPT_NUMBER = 92,
};

static int get_socket_level(struct sim_endpoint *endpoint, int name, int *out_value) {
    switch (name) {
    case WB_SO_REUSEADDR:
        *out_value = endpoint->reuse_addr;
        return 0;
    case WB_SO_REUSEPORT:
        *out_value = endpoint->reuse_port;
        return 0;
    case WB_SO_TYPE:
        *out_value = WB_SOCK_STREAM;
        return 0;
    case WB_SO_ERROR:
        *out_value = endpoint_take_error(endpoint);
        return 0;
    case WB_SO_BROADCAST:
        *out_value = endpoint->broadcast;
        return 0;
    case WB_SO_SNDBUF:
        *out_value = (int)endpoint->send_buffer_size;
        return 0;
    case WB_SO_RCVBUF:
        *out_value = (int)endpoint->recv_buffer_size;
        return 0;
    case WB_SO_KEEPALIVE:
        *out_value = endpoint->keepalive;
        return 0;
    case WB_SO_OOBINLINE:
        *out_value = endpoint->oob_inline;
        return 0;
    case WB_SO_RCVLOWAT:
        *out_value = (int)endpoint->recv_low_water;
        return 0;
    case WB_SO_ACCEPTCONN:
        *out_value = endpoint->tcp == TCP_LISTENING;
        return 0;
    case WB_SO_PROTOCOL:
        *out_value = WB_IPPROTO_TCP;
        return 0;
    case WB_SO_DOMAIN:
        *out_value = endpoint->domain;
        return 0;
    default:
        return -ENOPROTOOPT_NUMBER;
    }
}

static int get_tcp_level(const struct sim_endpoint *endpoint, int name, int *out_value) {
    switch (name) {
    case WB_TCP_NODELAY:
        *out_value = endpoint->nodelay;
        return 0;
    case WB_TCP_KEEPIDLE:
        *out_value = endpoint->keep_idle;
        return 0;
    case WB_TCP_KEEPINTVL:
        *out_value = endpoint->keep_interval;
        return 0;
    case WB_TCP_KEEPCNT:
        *out_value = endpoint->keep_count;
        return 0;
    case WB_TCP_USER_TIMEOUT:
        *out_value = endpoint->user_timeout;
        return 0;
    default:
        return -ENOPROTOOPT_NUMBER;
    }
}

static int get_ip_level(const struct sim_endpoint *endpoint, int level, int name, int *out_value) {
    if ((level == WB_IPPROTO_IP && name == WB_IP_TTL)
        || (level == WB_IPPROTO_IPV6 && name == WB_IPV6_UNICAST_HOPS
            && endpoint->domain == WB_AF_INET6)) {
        *out_value = endpoint->ttl;
        return 0;
    }
    if (level == WB_IPPROTO_IPV6 && name == WB_IPV6_V6ONLY && endpoint->domain == WB_AF_INET6) {
        *out_value = endpoint->v6only;
        return 0;
    }
    /* IPv4 sockets have another word for a level that is not theirs. */
    bool foreign = endpoint->domain == WB_AF_INET && level != WB_IPPROTO_IP;
    return foreign ? -EOPNOTSUPP : -ENOPROTOOPT_NUMBER;
}

static int get_int(struct sim_endpoint *endpoint, int level, int name, int *out_value) {
    switch (level) {
    case WB_SOL_SOCKET:
        return get_socket_level(endpoint, name, out_value);
    case WB_IPPROTO_TCP:
        return get_tcp_level(endpoint, name, out_value);
    default:
        return get_ip_level(endpoint, level, name, out_value);
    }
}

static int get_option(
    struct sim_endpoint *endpoint, int level, int name, void *value, uint32_t *value_len) {
    if (value == NULL || value_len == NULL) {
        return -EFAULT;
    }
    if ((int32_t)*value_len < 0) {
        return -EINVAL;
    }
    if (level == WB_SOL_SOCKET && name == WB_SO_LINGER) {
        uint32_t len =
            *value_len < sizeof(endpoint->linger) ? *value_len : sizeof(endpoint->linger);
        memcpy(value, &endpoint->linger, len);
        *value_len = len;
        return 0;
    }
    int number = 0;
    int result = get_int(endpoint, level, name, &number);
    if (result == 0) {
        uint32_t len = *value_len < sizeof(number) ? *value_len : sizeof(number);
        memcpy(value, &number, len);
        *value_len = len;
    }
    return result;
}

int sys_getsockopt(void *self, int fd, int level, int name, void *value, uint32_t *value_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = get_option(file->socket, level, name, value, value_len);
    }
    return (int)call_return(kernel, SIM_CALL_GETSOCKOPT, fd, file, result,
        (uint64_t)(uint32_t)level << 32 | (uint32_t)name, 0);
}

static uint32_t buffer_size(int value, uint32_t min) {
    uint32_t wanted = value < 0 ? BUFFER_SET_MAX : (uint32_t)value;
    uint32_t doubled = (wanted < BUFFER_SET_MAX ? wanted : BUFFER_SET_MAX) * 2;
    return doubled > min ? doubled : min;
}

static void set_send_buffer(struct sim_endpoint *endpoint, int value) {
    endpoint->send_buffer_size = buffer_size(value, SEND_BUFFER_MIN);
    if (endpoint->tcp != TCP_LISTENING && endpoint_writable(endpoint)) {
        endpoint_wake(endpoint, KEY_WRITE);
    }
}

static void set_recv_buffer(struct sim_endpoint *endpoint, int value) {
    endpoint->recv_buffer_size = buffer_size(value, RECV_BUFFER_MIN);
    if (endpoint->peer != NULL) {
        endpoint_transmit(endpoint->peer);
    }
}

static void set_low_water(struct sim_endpoint *endpoint, int value) {
    uint32_t most = endpoint->recv_buffer_size / 2;
    uint32_t wanted = value < 0 ? UINT32_MAX : value == 0 ? 1 : (uint32_t)value;
    endpoint->recv_low_water = wanted < most ? wanted : most;
    uint64_t readable = endpoint_readable(endpoint);
    bool enough = readable != 0 && readable >= endpoint->recv_low_water;
    bool at_end = endpoint->fin_received && endpoint->read_hold.until_ns == 0;
    if (enough || at_end) {
        endpoint_wake(endpoint, KEY_READ);
    }
}

static int set_socket_level(struct sim_endpoint *endpoint, int name, int value) {
    switch (name) {
    case WB_SO_REUSEADDR:
        endpoint->reuse_addr = value != 0;
        return 0;
    case WB_SO_REUSEPORT:
        endpoint->reuse_port = value != 0;
        return 0;
    case WB_SO_BROADCAST:
        endpoint->broadcast = value != 0;
        return 0;
    case WB_SO_SNDBUF:
        set_send_buffer(endpoint, value);
        return 0;
    case WB_SO_RCVBUF:
        set_recv_buffer(endpoint, value);
        return 0;
    case WB_SO_KEEPALIVE:
        endpoint->keepalive = value != 0;
        return 0;
    case WB_SO_OOBINLINE:
        endpoint->oob_inline = value != 0;
        return 0;
    case WB_SO_RCVLOWAT:
        set_low_water(endpoint, value);
        return 0;
    default:
        return -ENOPROTOOPT_NUMBER;
    }
}

static int set_tcp_level(struct sim_endpoint *endpoint, int name, int value) {
    if (name == WB_TCP_NODELAY) {
        endpoint->nodelay = value != 0;
        return 0;
    }
    if (name == WB_TCP_USER_TIMEOUT) {
        if (value < 0) {
            return -EINVAL;
        }
        endpoint->user_timeout = value;
        return 0;
    }
    int *kept = name == WB_TCP_KEEPIDLE    ? &endpoint->keep_idle
                : name == WB_TCP_KEEPINTVL ? &endpoint->keep_interval
                : name == WB_TCP_KEEPCNT   ? &endpoint->keep_count
                                           : NULL;
    if (kept == NULL) {
        return -ENOPROTOOPT_NUMBER;
    }
    if (value < 1 || value > (name == WB_TCP_KEEPCNT ? 127 : 32767)) {
        return -EINVAL;
    }
    *kept = value;
    return 0;
}

static int set_ip_level(struct sim_endpoint *endpoint, int level, int name, int value) {
    bool six = endpoint->domain == WB_AF_INET6;
    if ((level == WB_IPPROTO_IP && name == WB_IP_TTL)
        || (level == WB_IPPROTO_IPV6 && name == WB_IPV6_UNICAST_HOPS && six)) {
        if (value != -1 && (value < 1 || value > TTL_MAX)) {
            return -EINVAL;
        }
        endpoint->ttl = value == -1 ? 64 : value;
        return 0;
    }
    if (level == WB_IPPROTO_IPV6 && name == WB_IPV6_V6ONLY && six) {
        if (endpoint->bound) {
            return -EINVAL;
        }
        endpoint->v6only = value != 0;
        return 0;
    }
    return -ENOPROTOOPT_NUMBER;
}

static int set_option(
    struct sim_endpoint *endpoint, int level, int name, const void *value, uint32_t value_len) {
    if (level == WB_SOL_SOCKET && name == WB_SO_LINGER) {
        if (value_len < sizeof(endpoint->linger)) {
            return -EINVAL;
        }
        if (value == NULL) {
            return -EFAULT;
        }
        memcpy(&endpoint->linger, value, sizeof(endpoint->linger));
        return 0;
    }
    int number;
    if (value_len < sizeof(number)) {
        return -EINVAL;
    }
    if (value == NULL) {
        return -EFAULT;
    }
    memcpy(&number, value, sizeof(number));
    switch (level) {
    case WB_SOL_SOCKET:
        return set_socket_level(endpoint, name, number);
    case WB_IPPROTO_TCP:
        return set_tcp_level(endpoint, name, number);
    case WB_IPPROTO_IP:
    case WB_IPPROTO_IPV6:
        return set_ip_level(endpoint, level, name, number);
    default:
        return -ENOPROTOOPT_NUMBER;
    }
}

int sys_setsockopt(void *self, int fd, int level, int name, const void *value, uint32_t value_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = set_option(file->socket, level, name, value, value_len);
    }
    return (int)call_return(kernel, SIM_CALL_SETSOCKOPT, fd, file, result,
        (uint64_t)(uint32_t)level << 32 | (uint32_t)name, 0);
}
