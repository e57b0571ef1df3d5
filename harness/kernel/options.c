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

/* As net.ipv4.tcp_{w,r}mem and, for all else, net.core.{w,r}mem_default have it. */
enum { STREAM_SEND_BUFFER = 87040, STREAM_RECV_BUFFER = 131072, OTHER_BUFFER = 212992 };

static uint32_t size_or(uint32_t configured, int type, uint32_t of_streams) {
    return configured != 0 ? configured : type == WB_SOCK_STREAM ? of_streams : OTHER_BUFFER;
}

void options_init(
    const struct sim_kernel *kernel, struct socket_options *options, int domain, int type) {
    *options = (struct socket_options){
        .domain = (uint8_t)domain,
        .type = (uint8_t)type,
        .send_buffer_size = size_or(kernel->config.send_buffer_size, type, STREAM_SEND_BUFFER),
        .recv_buffer_size = size_or(kernel->config.recv_buffer_size, type, STREAM_RECV_BUFFER),
        .recv_low_water = 1,
    };
}

void options_limit(struct socket_options *options, const struct sim_process *process) {
    if (process != NULL && process->send_buffer_size != 0) {
        options->send_buffer_size = process->send_buffer_size;
    }
    if (process != NULL && process->recv_buffer_size != 0) {
        options->recv_buffer_size = process->recv_buffer_size;
    }
}

void ip_options_init(struct ip_options *options) {
    *options = (struct ip_options){.ttl = TTL_DEFAULT,
        .hops = TTL_DEFAULT,
        .multicast_ttl = 1,
        .multicast_hops = 1,
        .multicast_loop = true,
        .multicast_loop6 = true};
}

/* ---- IPv4 and IPv6 ---- */

/* One option that a socket over IPv4 or IPv6 keeps: where, and which values it takes. */
struct ip_option {
    int level;
    int name;
    size_t offset; /* in struct ip_options */
    bool is_flag;
    int min;
    int default_value;       /* what -1 sets; flags: none */
    int refused_for_streams; /* errno; 0: not refused */
};

static const struct ip_option ip_options[] = {
    {WB_IPPROTO_IP, WB_IP_TTL, offsetof(struct ip_options, ttl), false, 1, TTL_DEFAULT, 0},
    {WB_IPPROTO_IP, WB_IP_MULTICAST_TTL, offsetof(struct ip_options, multicast_ttl), false, 0, 1,
        EINVAL},
    {WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP, offsetof(struct ip_options, multicast_loop), true, 0, 0,
        0},
    {WB_IPPROTO_IPV6, WB_IPV6_UNICAST_HOPS, offsetof(struct ip_options, hops), false, 0,
        TTL_DEFAULT, 0},
    {WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_HOPS, offsetof(struct ip_options, multicast_hops), false, 0,
        1, ENOPROTOOPT_NUMBER},
    {WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_LOOP, offsetof(struct ip_options, multicast_loop6), true, 0,
        0, 0},
    {WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, offsetof(struct ip_options, v6only), true, 0, 0, 0},
};

static const struct ip_option *find_ip_option(
    const struct socket_options *so, int level, int name) {
    if (level == WB_IPPROTO_IPV6 && so->domain != WB_AF_INET6) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(ip_options) / sizeof(ip_options[0]); i++) {
        if (ip_options[i].level == level && ip_options[i].name == name) {
            return &ip_options[i];
        }
    }
    return NULL;
}

int ip_option_get(const struct ip_options *ip, const struct socket_options *so, int level, int name,
    int *out_value) {
    const struct ip_option *option = find_ip_option(so, level, name);
    if (option == NULL) {
        /* IPv4 sockets have another word for a level that is not theirs. */
        bool foreign = so->domain == WB_AF_INET && level != WB_IPPROTO_IP;
        return foreign ? -EOPNOTSUPP : -ENOPROTOOPT_NUMBER;
    }
    const uint8_t *at = (const uint8_t *)ip + option->offset;
    if (option->is_flag) {
        bool flag;
        memcpy(&flag, at, sizeof(flag));
        *out_value = flag;
    } else {
        memcpy(out_value, at, sizeof(*out_value));
    }
    return 0;
}

static int check_ip_value(const struct ip_option *option, bool bound, int value) {
    if (option->level == WB_IPPROTO_IPV6 && option->name == WB_IPV6_V6ONLY && bound) {
        return -EINVAL;
    }
    if (option->level == WB_IPPROTO_IPV6 && option->name == WB_IPV6_MULTICAST_LOOP) {
        return value == 0 || value == 1 ? 0 : -EINVAL; /* others take any number for true */
    }
    bool fits = option->is_flag || value == -1 || (value >= option->min && value <= TTL_MAX);
    return fits ? 0 : -EINVAL;
}

int ip_option_set(struct ip_options *ip, const struct socket_options *so, bool bound, int level,
    int name, int value) {
    const struct ip_option *option = find_ip_option(so, level, name);
    if (option == NULL) {
        return -ENOPROTOOPT_NUMBER;
    }
    if (option->refused_for_streams != 0 && so->type == WB_SOCK_STREAM) {
        return -option->refused_for_streams;
    }
    int error = check_ip_value(option, bound, value);
    if (error != 0) {
        return error;
    }
    uint8_t *at = (uint8_t *)ip + option->offset;
    if (option->is_flag) {
        bool flag = value != 0;
        memcpy(at, &flag, sizeof(flag));
    } else {
        int kept = value == -1 ? option->default_value : value;
        memcpy(at, &kept, sizeof(kept));
    }
    return 0;
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
    case WB_SO_PASSCRED: /* of a socket over the network */
        return -EOPNOTSUPP;
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

/* A level that is not the socket's is refused before anything is looked at. */
static bool is_foreign(struct sim_file *file, int level) {
    const struct socket_options *options = file->ops->socket->options(file);
    bool own = level == WB_SOL_SOCKET || level == options->protocol;
    return !own && level != WB_IPPROTO_IP
           && (level != WB_IPPROTO_IPV6 || options->domain != WB_AF_INET6);
}

static int get_option(
    struct sim_file *file, int level, int name, void *value, uint32_t *value_len) {
    const struct socket_ops *ops = file->ops->socket;
    int number = 0;
    if (is_foreign(file, level)) {
        return get_int(file, level, name, &number);
    }
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
    int result = get_int(file, level, name, &number);
    if (result != 0) {
        return result;
    }
    bool as_byte = level == WB_IPPROTO_IP && *value_len < sizeof(number) && number >= 0;
    return give(value, value_len, &number, as_byte ? 1 : sizeof(number));
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
    /* Only TCP looks at its buffer. */
    uint32_t most = options->protocol == WB_IPPROTO_TCP ? options->recv_buffer_size / 2 : INT32_MAX;
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
        if (value != 0 && options->domain == WB_AF_UNIX) {
            return -EOPNOTSUPP;
        }
        options->reuse_port = value != 0;
        return 0;
    case WB_SO_PASSCRED: /* of a socket over the network */
        return -EOPNOTSUPP;
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
    if (is_foreign(file, level)) {
        return ops->set_int != NULL ? ops->set_int(file, level, name, 0) : -EOPNOTSUPP;
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
    int number = 0;
    /* IPv4's options may be given as a single byte. */
    uint32_t size = level == WB_IPPROTO_IP && value_len < sizeof(number) ? 1 : sizeof(number);
    if (value_len < size) {
        return -EINVAL;
    }
    if (value == NULL) {
        return -EFAULT;
    }
    if (size == 1) {
        number = *(const uint8_t *)value;
    } else {
        memcpy(&number, value, sizeof(number));
    }
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
