/* Addresses of IPv4 and IPv6 in the kernel's own form, and which of them this host answers to. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum { AF_UNSPEC_LEN_MIN = 2 };

static uint16_t swap16(uint16_t value) {
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    uint16_t swapped;
    memcpy(&swapped, bytes, sizeof(swapped));
    return swapped;
}

int address_load(const struct wb_sockaddr *addr, uint32_t len, struct address *out) {
    memset(out, 0, sizeof(*out));
    if (len < AF_UNSPEC_LEN_MIN) {
        return -EINVAL;
    }
    if (addr == NULL) {
        return -EFAULT;
    }
    out->family = addr->family;
    if (addr->family == WB_AF_INET) {
        if (len < sizeof(struct wb_sockaddr_in)) {
            return -EINVAL;
        }
        out->port = swap16(addr->in.port_be);
        memcpy(out->ip, addr->in.addr, sizeof(addr->in.addr));
    } else if (addr->family == WB_AF_INET6) {
        if (len < ADDRESS_IN6_LEN_MIN) {
            return -EINVAL;
        }
        out->port = swap16(addr->in6.port_be);
        memcpy(out->ip, addr->in6.addr, sizeof(addr->in6.addr));
    }
    return 0;
}

void address_store(const struct address *address, struct wb_sockaddr *out, uint32_t *in_out_len) {
    struct wb_sockaddr full;
    memset(&full, 0, sizeof(full));
    uint32_t len = sizeof(struct wb_sockaddr_in);
    full.family = address->family;
    if (address->family == WB_AF_INET6) {
        len = sizeof(struct wb_sockaddr_in6);
        full.in6.port_be = swap16(address->port);
        memcpy(full.in6.addr, address->ip, sizeof(full.in6.addr));
    } else {
        full.in.port_be = swap16(address->port);
        memcpy(full.in.addr, address->ip, sizeof(full.in.addr));
    }
    memcpy(out, &full, *in_out_len < len ? *in_out_len : len);
    *in_out_len = len;
}

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool address_is_any(const struct address *address) {
    static const uint8_t zero[16];
    return memcmp(address->ip, zero, sizeof(zero)) == 0;
}

struct address address_plain_of6(const struct address *address) {
    struct address result = *address;
    if (memcmp(address->ip, mapped_prefix, sizeof(mapped_prefix)) == 0) {
        result.family = WB_AF_INET;
        memset(result.ip, 0, sizeof(result.ip));
        memcpy(result.ip, address->ip + 12, 4);
    }
    return result;
}

/* An IPv4 address as a socket of the given family shows it. */
struct address address_shown_to(const struct address *address, uint16_t family) {
    struct address result = *address;
    if (family == WB_AF_INET6 && address->family == WB_AF_INET) {
        result.family = WB_AF_INET6;
        memcpy(result.ip, mapped_prefix, 12);
        memcpy(result.ip + 12, address->ip, 4);
    }
    return result;
}

/* What this host answers to: any, 127.0.0.0/8 and ::1. */
bool address_is_local(const struct address *address) {
    static const uint8_t loopback6[16] = {[15] = 1};
    struct address own = address_plain(address);
    if (address_is_any(&own)) {
        return true;
    }
    return own.family == WB_AF_INET ? own.ip[0] == 127
                                    : memcmp(own.ip, loopback6, sizeof(loopback6)) == 0;
}

/* Connecting to "any" means this host. */
void address_any_to_loopback(struct address *address) {
    if (!address_is_any(address)) {
        return;
    }
    if (address->family == WB_AF_INET) {
        address->ip[0] = 127;
        address->ip[3] = 1;
    } else {
        address->ip[15] = 1;
    }
}

bool addresses_clash(
    const struct address *a, bool a_is_v6only, const struct address *b, bool b_is_v6only) {
    struct address first = address_plain(a);
    struct address second = address_plain(b);
    if (first.port != second.port) {
        return false;
    }
    if (first.family != second.family) {
        /* A dual-stack wildcard takes the IPv4 port, too. */
        bool first_is_six = first.family == WB_AF_INET6;
        return address_is_any(first_is_six ? &first : &second)
               && !(first_is_six ? a_is_v6only : b_is_v6only);
    }
    return address_is_any(&first) || address_is_any(&second)
           || memcmp(first.ip, second.ip, sizeof(first.ip)) == 0;
}
