/* Sockets, addresses and datagrams for the cases about UDP. */
#include "sys/contract/udp_support.h"

#include <string.h>

static bool succeeded(struct wb_contract_fixture *fx, int line, int64_t result, const char *step) {
    if (result < 0) {
        wb__fail(fx, __FILE__, line, "%s gives %lld", step, (long long)result);
    }
    return result >= 0;
}
#define STEP(expression) succeeded(fx, __LINE__, (expression), #expression)

int wb__udp_socket(struct wb_contract_fixture *fx) {
    return wb__track(fx, SYS(socket, fx->family, WB_SOCK_DGRAM | WB_SOCK_NONBLOCK, 0));
}

bool wb__udp_bound(struct wb_contract_fixture *fx, int *out_fd, struct wb_sockaddr *out_addr) {
    uint32_t len = wb__loopback(fx, out_addr);
    *out_fd = wb__udp_socket(fx);
    return STEP(*out_fd) && STEP(SYS(bind, *out_fd, out_addr, len))
           && STEP(SYS(getsockname, *out_fd, out_addr, &len));
}

bool wb__udp_pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair) {
    struct wb_sockaddr own;
    struct wb_sockaddr peer;
    uint32_t len = wb__addr_len(fx);
    return wb__udp_bound(fx, &out_pair->own, &own) && wb__udp_bound(fx, &out_pair->peer, &peer)
           && STEP(SYS(connect, out_pair->own, &peer, len))
           && STEP(SYS(connect, out_pair->peer, &own, len));
}

bool wb__udp_to_nobody(struct wb_contract_fixture *fx, int *out_fd) {
    struct wb_sockaddr addr;
    int nobody = -1;
    *out_fd = wb__udp_socket(fx);
    return wb__udp_bound(fx, &nobody, &addr) && STEP(SYS(connect, *out_fd, &addr, wb__addr_len(fx)))
           && STEP(wb__close(fx, nobody));
}

/* ---- addresses ---- */

uint32_t wb__addr_len(const struct wb_contract_fixture *fx) {
    return fx->family == WB_AF_INET6 ? sizeof(struct wb_sockaddr_in6)
                                     : sizeof(struct wb_sockaddr_in);
}

struct wb_sockaddr wb__wildcard(const struct wb_contract_fixture *fx, uint16_t port_be) {
    struct wb_sockaddr addr = {.storage = {0}};
    addr.in.family = (uint16_t)fx->family;
    addr.in.port_be = port_be;
    return addr;
}

struct wb_sockaddr wb__name_of(struct wb_contract_fixture *fx, int fd) {
    struct wb_sockaddr addr = {.storage = {0}};
    uint32_t len = sizeof(addr);
    (void)STEP(SYS(getsockname, fd, &addr, &len));
    return addr;
}

struct wb_sockaddr wb__mapped_loopback(uint16_t port_be) {
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
    struct wb_sockaddr addr = {.storage = {0}};
    addr.in6.family = WB_AF_INET6;
    addr.in6.port_be = port_be;
    memcpy(addr.in6.addr, mapped, sizeof(mapped));
    return addr;
}

int wb__dissolve(struct wb_contract_fixture *fx, int fd) {
    struct wb_sockaddr nowhere = {.storage = {0}};
    return SYS(connect, fd, &nowhere, sizeof(nowhere.in));
}

/* ---- datagrams ---- */

static int64_t send_text(struct wb_contract_fixture *fx, int fd, const struct wb_sockaddr *to,
    uint32_t to_len, const char *text) {
    struct wb_iovec iov;
    memcpy(&iov.base, &text, sizeof(text));
    iov.len = strlen(text);
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1, .name_len = to_len};
    memcpy(&msg.name, &to, sizeof(to)); /* sendmsg only reads it */
    return SYS(sendmsg, fd, &msg, 0);
}

int64_t wb__send_to(
    struct wb_contract_fixture *fx, int fd, const struct wb_sockaddr *to, const char *text) {
    uint32_t len = to == NULL                  ? 0
                   : to->family == WB_AF_INET  ? sizeof(to->in)
                   : to->family == WB_AF_INET6 ? sizeof(to->in6)
                                               : wb__addr_len(fx);
    return send_text(fx, fd, to, len, text);
}

int64_t wb__send_len_to(
    struct wb_contract_fixture *fx, int fd, const struct wb_sockaddr *to, uint32_t to_len) {
    return send_text(fx, fd, to, to_len, "x");
}

bool wb__check_datagram(struct wb_contract_fixture *fx, const char *file, int line, int fd,
    const char *text, struct wb_sockaddr *out_from) {
    char data[64];
    struct wb_sockaddr from;
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.name = out_from != NULL ? out_from : &from,
        .name_len = sizeof(from),
        .iov = &iov,
        .iov_len = 1};
    int64_t len = SYS(recvmsg, fd, &msg, 0);
    return wb__check_equal(fx, file, line, len, (long long)strlen(text), "bytes of the datagram")
           && wb__check(fx, file, line, memcmp(data, text, (size_t)len) == 0, text);
}
