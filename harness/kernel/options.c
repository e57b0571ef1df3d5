/* Socket options that all kinds of sockets share, at level SOL_SOCKET and at those of IPv4 and
 * IPv6: those that change what the model does, and those that are only kept and given back. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

/* As net.core.{w,r}mem_max and the kernel's lower bounds; a set value is doubled for bookkeeping.
 */
enum {
    BUFFER_SET_MAX = 212992,
    SEND_BUFFER_MIN = 4608,
    RECV_BUFFER_MIN = 2304,
    TTL_DEFAULT = 64,
    TTL_MAX = 255,
    ENOPROTOOPT_NUMBER = 92,
};

void options_init(
    const struct sim_kernel *kernel, struct socket_options *options, int domain, int type) {
    *options = (struct socket_options){
        .domain = (uint8_t)domain,
        .type = (uint8_t)type,
        .send_buffer_size = kernel->config.send_buffer_size,
        .recv_buffer_size = kernel->config.recv_buffer_size,
        .recv_low_water = 1,
    };
}

void ip_options_init(struct ip_options *options) {
    *options = (struct ip_options){.ttl = TTL_DEFAULT};
}

/* ---- IPv4 and IPv6 ---- */

static bool is_ttl(uint8_t domain, int level, int name) {
    return (level == WB_IPPROTO_IP && name == WB_IP_TTL)
           || (level == WB_IPPROTO_IPV6 && name == WB_IPV6_UNICAST_HOPS && domain == WB_AF_INET6);
}

static bool is_v6only(uint8_t domain, int level, int name) {
    return level == WB_IPPROTO_IPV6 && name == WB_IPV6_V6ONLY && domain == WB_AF_INET6;
}

int ip_option_get(
    const struct ip_options *ip, uint8_t domain, int level, int name, int *out_value) {
    if (is_ttl(domain, level, name)) {
        *out_value = ip->ttl;
        return 0;
    }
    if (is_v6only(domain, level, name)) {
        *out_value = ip->v6only;
        return 0;
    }
    /* IPv4 sockets have another word for a level that is not theirs. */
    bool foreign = domain == WB_AF_INET && level != WB_IPPROTO_IP;
    return foreign ? -EOPNOTSUPP : -ENOPROTOOPT_NUMBER;
}

int ip_option_set(
    struct ip_options *ip, uint8_t domain, bool bound, int level, int name, int value) {
    if (is_ttl(domain, level, name)) {
        if (value != -1 && (value < 1 || value > TTL_MAX)) {
            return -EINVAL;
        }
        ip->ttl = value == -1 ? TTL_DEFAULT : value;
        return 0;
    }
    if (is_v6only(domain, level, name)) {
        if (bound) {
            return -EINVAL;
        }
        ip->v6only = value != 0;
        return 0;
    }
    return -ENOPROTOOPT_NUMBER;
}

/* ---- reading ---- */

static int get_socket_level(struct sim_file *file, int name, int *out_value) {
    const struct socket_ops *ops = file->ops->socket;
    const struct socket_options *options = ops->options(file);
    switch (name) {
    case WB_SO_REUSEADDR:
        *out_value = options->reuse_addr;
        return 0;
    case WB_SO_REUSEPORT:
        *out_value = options->reuse_port;
        return 0;
    case WB_SO_TYPE:
        *out_value = options->type;
        return 0;
    case WB_SO_ERROR:
        *out_value = ops->take_error(file);
        return 0;
    case WB_SO_BROADCAST:
        *out_value = options->broadcast;
        return 0;
    case WB_SO_SNDBUF:
        *out_value = (int)options->send_buffer_size;
        return 0;
    case WB_SO_RCVBUF:
        *out_value = (int)options->recv_buffer_size;
        return 0;
    case WB_SO_KEEPALIVE:
        *out_value = options->keepalive;
        return 0;
    case WB_SO_OOBINLINE:
        *out_value = options->oob_inline;
        return 0;
    case WB_SO_RCVLOWAT:
        *out_value = (int)options->recv_low_water;
        return 0;
    case WB_SO_ACCEPTCONN:
        *out_value = ops->is_listening(file);
        return 0;
    case WB_SO_PROTOCOL:
        *out_value = options->protocol;
        return 0;
    case WB_SO_DOMAIN:
        *out_value = options->domain;
        return 0;
    default:
        return -ENOPROTOOPT_NUMBER;
    }
}

static int give(void *value, uint32_t *value_len, const void *from, uint32_t size) {
    uint32_t len = *value_len < size ? *value_len : size;
    if (value == NULL && len != 0) {
        return -EFAULT;
    }
    if (len != 0) {
        memcpy(value, from, len);
    }
    *value_len = len;
    return 0;
}

static int get_int(struct sim_file *file, int level, int name, int *out_value) {
    const struct socket_ops *ops = file->ops->socket;
    if (level == WB_SOL_SOCKET) {
        return get_socket_level(file, name, out_value);
    }
    return ops->get_int != NULL ? ops->get_int(file, level, name, out_value) : -EOPNOTSUPP;
}

static int get_option(
    struct sim_file *file, int level, int name, void *value, uint32_t *value_len) {
    const struct socket_ops *ops = file->ops->socket;
    if (value_len == NULL) {
        return -EFAULT;
    }
    if ((int32_t)*value_len < 0) {
        return -EINVAL;
    }
    if (level == WB_SOL_SOCKET && name == WB_SO_LINGER) {
        const struct wb_linger *linger = &ops->options(file)->linger;
        return give(value, value_len, linger, sizeof(*linger));
    }
    if (ops->get_other != NULL) {
        int result = ops->get_other(file, level, name, value, value_len);
        if (result != -ENOPROTOOPT_NUMBER) {
            return result;
        }
    }
    int number = 0;
    int result = get_int(file, level, name, &number);
    return result == 0 ? give(value, value_len, &number, sizeof(number)) : result;
}

int sys_getsockopt(void *self, int fd, int level, int name, void *value, uint32_t *value_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = get_option(file, level, name, value, value_len);
    }
    return (int)call_return(kernel, SIM_CALL_GETSOCKOPT, fd, file, result,
        (uint64_t)(uint32_t)level << 32 | (uint32_t)name, 0);
}

/* ---- setting ---- */

static uint32_t buffer_size(int value, uint32_t min) {
    uint32_t wanted = value < 0 ? BUFFER_SET_MAX : (uint32_t)value;
    uint32_t doubled = (wanted < BUFFER_SET_MAX ? wanted : BUFFER_SET_MAX) * 2;
    return doubled > min ? doubled : min;
}

static uint32_t low_water(const struct socket_options *options, int value) {
    uint32_t most = options->recv_buffer_size / 2;
    uint32_t wanted = value < 0 ? UINT32_MAX : value == 0 ? 1 : (uint32_t)value;
    return wanted < most ? wanted : most;
}

/* The options that somebody may have waited for. */
static int set_amount(struct sim_kernel *kernel, struct sim_file *file, int name, int value) {
    const struct socket_ops *ops = file->ops->socket;
    struct socket_options *options = ops->options(file);
    switch (name) {
    case WB_SO_SNDBUF:
        options->send_buffer_size = buffer_size(value, SEND_BUFFER_MIN);
        break;
    case WB_SO_RCVBUF:
        options->recv_buffer_size = buffer_size(value, RECV_BUFFER_MIN);
        break;
    case WB_SO_RCVLOWAT:
        options->recv_low_water = low_water(options, value);
        break;
    default:
        return -ENOPROTOOPT_NUMBER;
    }
    if (ops->option_set != NULL) {
        ops->option_set(kernel, file, name);
    }
    return 0;
}

static int set_socket_level(struct sim_kernel *kernel, struct sim_file *file, int name, int value) {
    struct socket_options *options = file->ops->socket->options(file);
    switch (name) {
    case WB_SO_REUSEADDR:
        options->reuse_addr = value != 0;
        return 0;
    case WB_SO_REUSEPORT:
        options->reuse_port = value != 0;
        return 0;
    case WB_SO_BROADCAST:
        options->broadcast = value != 0;
        return 0;
    case WB_SO_KEEPALIVE:
        options->keepalive = value != 0;
        return 0;
    case WB_SO_OOBINLINE:
        options->oob_inline = value != 0;
        return 0;
    default:
        return set_amount(kernel, file, name, value);
    }
}

static int set_linger(struct socket_options *options, const void *value, uint32_t value_len) {
    if (value_len < sizeof(options->linger)) {
        return -EINVAL;
    }
    if (value == NULL) {
        return -EFAULT;
    }
    memcpy(&options->linger, value, sizeof(options->linger));
    return 0;
}

static int set_option(struct sim_kernel *kernel, struct sim_file *file, int level, int name,
    const void *value, uint32_t value_len) {
    const struct socket_ops *ops = file->ops->socket;
    if ((int32_t)value_len < 0) {
        return -EINVAL;
    }
    if (level == WB_SOL_SOCKET && name == WB_SO_LINGER) {
        return set_linger(ops->options(file), value, value_len);
    }
    if (ops->set_other != NULL) {
        int result = ops->set_other(file, level, name, value, value_len);
        if (result != -ENOPROTOOPT_NUMBER) {
            return result;
        }
    }
    int number;
    if (value_len < sizeof(number)) {
        return -EINVAL;
    }
    if (value == NULL) {
        return -EFAULT;
    }
    memcpy(&number, value, sizeof(number));
    if (level == WB_SOL_SOCKET) {
        return set_socket_level(kernel, file, name, number);
    }
    return ops->set_int != NULL ? ops->set_int(file, level, name, number) : -EOPNOTSUPP;
}

int sys_setsockopt(void *self, int fd, int level, int name, const void *value, uint32_t value_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = set_option(kernel, file, level, name, value, value_len);
    }
    return (int)call_return(kernel, SIM_CALL_SETSOCKOPT, fd, file, result,
        (uint64_t)(uint32_t)level << 32 | (uint32_t)name, 0);
}
