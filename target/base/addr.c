/* Making, comparing and converting addresses. Their text is in addr_text.c. */
#include "wb/addr.h"

#include <string.h>

struct wb_addr wb_addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
    return (struct wb_addr){.family = WB_AF_INET, .port = port, .ip = {a, b, c, d}};
}

struct wb_addr wb_addr_v4_any(uint16_t port) {
    return wb_addr_v4(0, 0, 0, 0, port);
}

struct wb_addr wb_addr_v4_loopback(uint16_t port) {
    return wb_addr_v4(127, 0, 0, 1, port);
}

struct wb_addr wb_addr_v6(const uint8_t *ip, uint16_t port, uint32_t scope_id) {
    struct wb_addr addr = {.family = WB_AF_INET6, .port = port, .scope_id = scope_id};
    memcpy(addr.ip, ip, sizeof(addr.ip));
    return addr;
}

struct wb_addr wb_addr_v6_any(uint16_t port) {
    return (struct wb_addr){.family = WB_AF_INET6, .port = port};
}

struct wb_addr wb_addr_v6_loopback(uint16_t port) {
    return (struct wb_addr){.family = WB_AF_INET6, .port = port, .ip = {[15] = 1}};
}

/* ---- the kernel's form ---- */

static uint16_t to_network(uint16_t port) {
    uint8_t bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};
    uint16_t port_be;
    memcpy(&port_be, bytes, sizeof(port_be));
    return port_be;
}

static uint16_t from_network(uint16_t port_be) {
    uint8_t bytes[2];
    memcpy(bytes, &port_be, sizeof(bytes));
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

uint32_t wb_addr_to_sockaddr(const struct wb_addr *addr, struct wb_sockaddr *out_sockaddr) {
    memset(out_sockaddr, 0, sizeof(*out_sockaddr));
    if (addr->family == WB_AF_INET) {
        struct wb_sockaddr_in *in = &out_sockaddr->in;
        in->family = WB_AF_INET;
        in->port_be = to_network(addr->port);
        memcpy(in->addr, addr->ip, sizeof(in->addr));
        return sizeof(*in);
    }
    struct wb_sockaddr_in6 *in6 = &out_sockaddr->in6;
    in6->family = WB_AF_INET6;
    in6->port_be = to_network(addr->port);
    in6->flowinfo = addr->flowinfo;
    in6->scope_id = addr->scope_id;
    memcpy(in6->addr, addr->ip, sizeof(in6->addr));
    return sizeof(*in6);
}

static struct wb_addr from_in(const struct wb_sockaddr_in *in) {
    return wb_addr_v4(
        in->addr[0], in->addr[1], in->addr[2], in->addr[3], from_network(in->port_be));
}

static struct wb_addr from_in6(const struct wb_sockaddr_in6 *in6) {
    struct wb_addr addr = wb_addr_v6(in6->addr, from_network(in6->port_be), in6->scope_id);
    addr.flowinfo = in6->flowinfo;
    return addr;
}

enum wb_status wb_addr_from_sockaddr(
    const struct wb_sockaddr *sockaddr, uint32_t len, struct wb_addr *out_addr) {
    if (len < sizeof(sockaddr->family)) {
        return WB_ERR_INVALID;
    }
    if (sockaddr->family == WB_AF_INET) {
        if (len < sizeof(sockaddr->in)) {
            return WB_ERR_INVALID;
        }
        *out_addr = from_in(&sockaddr->in);
        return WB_OK;
    }
    if (sockaddr->family == WB_AF_INET6) {
        if (len < sizeof(sockaddr->in6)) {
            return WB_ERR_INVALID;
        }
        *out_addr = from_in6(&sockaddr->in6);
        return WB_OK;
    }
    return WB_ERR_NOT_SUPPORTED;
}

/* ---- asking ---- */

bool wb_addr_equal(const struct wb_addr *a, const struct wb_addr *b) {
    return a->family == b->family && a->port == b->port && a->scope_id == b->scope_id
           && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool wb_addr_is_loopback(const struct wb_addr *addr) {
    static const uint8_t v6_loopback[16] = {[15] = 1};
    if (addr->family == WB_AF_INET) {
        return addr->ip[0] == 127;
    }
    return memcmp(addr->ip, v6_loopback, sizeof(v6_loopback)) == 0;
}

bool wb_addr_is_unspecified(const struct wb_addr *addr) {
    static const uint8_t unspecified[16];
    return memcmp(addr->ip, unspecified, sizeof(unspecified)) == 0;
}
