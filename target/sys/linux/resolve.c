/* Names to addresses, as the C library finds them. */
#include "sys/linux/ops.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static int error_of(int code) {
    switch (code) {
    case EAI_AGAIN:
        return -ETIMEDOUT;
    case EAI_FAIL:
        return -EIO;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_FAMILY:
        return -EAFNOSUPPORT;
    case EAI_SYSTEM:
        return errno != 0 ? -errno : -EIO;
    default:
        return -ENOENT; /* no such name, or nothing of that family */
    }
}

/* False: neither of IPv4 nor of IPv6. */
static bool take_address(const struct addrinfo *info, uint16_t port, struct wb_sockaddr *out) {
    bool is_four = info->ai_family == AF_INET && info->ai_addrlen >= sizeof(struct sockaddr_in);
    bool is_six = info->ai_family == AF_INET6 && info->ai_addrlen >= sizeof(struct sockaddr_in6);
    if (!is_four && !is_six) {
        return false;
    }
    memset(out, 0, sizeof(*out));
    memcpy(out, info->ai_addr, is_six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    if (is_six) {
        out->in6.port_be = htons(port);
    } else {
        out->in.port_be = htons(port);
    }
    return true;
}

int wb__linux_resolve(void *self, const char *name, uint16_t port, int family,
    struct wb_sockaddr *out, uint32_t out_max) {
    (void)self;
    if (name == NULL || out == NULL) {
        return -EFAULT;
    }
    if (out_max == 0) {
        return -EINVAL;
    }
    /* One kind of socket, or each address would come once for each kind. */
    const struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    errno = 0;
    int code = getaddrinfo(name, NULL, &hints, &found);
    if (code != 0) {
        return error_of(code);
    }
    uint32_t count = 0;
    for (const struct addrinfo *info = found; info != NULL && count < out_max;
         info = info->ai_next) {
        count += take_address(info, port, &out[count]) ? 1u : 0u;
    }
    freeaddrinfo(found);
    return count == 0 ? -ENOENT : (int)count;
}
