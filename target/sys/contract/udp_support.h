/* What the cases about UDP are written with. Sockets are non-blocking and tracked. */
#ifndef WB_SYS_CONTRACT_UDP_SUPPORT_H
#define WB_SYS_CONTRACT_UDP_SUPPORT_H

#include "sys/contract/support.h"

int wb__udp_socket(struct wb_contract_fixture *fx);
/* Bound to a port of its own at the loopback address; where. */
bool wb__udp_bound(struct wb_contract_fixture *fx, int *out_fd, struct wb_sockaddr *out_addr);
/* Two sockets connected to each other. */
bool wb__udp_pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair);
/* A socket connected to a port that nobody has. */
bool wb__udp_to_nobody(struct wb_contract_fixture *fx, int *out_fd);

/* Addresses: the full length of the fixture's family; the wildcard with a port. */
uint32_t wb__addr_len(const struct wb_contract_fixture *fx);
struct wb_sockaddr wb__wildcard(const struct wb_contract_fixture *fx, uint16_t port_be);
struct wb_sockaddr wb__name_of(struct wb_contract_fixture *fx, int fd);
struct wb_sockaddr wb__mapped_loopback(uint16_t port_be);
/* connect(AF_UNSPEC). */
int wb__dissolve(struct wb_contract_fixture *fx, int fd);

/* One datagram; the result as it is. `to` with a length as given; NULL: none. */
int64_t wb__send_to(
    struct wb_contract_fixture *fx, int fd, const struct wb_sockaddr *to, const char *text);
int64_t wb__send_len_to(
    struct wb_contract_fixture *fx, int fd, const struct wb_sockaddr *to, uint32_t to_len);
/* The next datagram must be this. */
bool wb__check_datagram(struct wb_contract_fixture *fx, const char *file, int line, int fd,
    const char *text, struct wb_sockaddr *out_from);
#define DATAGRAM(fd, text)                                                                         \
    do {                                                                                           \
        if (!wb__check_datagram(fx, __FILE__, __LINE__, (fd), (text), NULL)) {                     \
            return;                                                                                \
        }                                                                                          \
    } while (0)
#define DATAGRAM_FROM(fd, text, out_from)                                                          \
    do {                                                                                           \
        if (!wb__check_datagram(fx, __FILE__, __LINE__, (fd), (text), (out_from))) {               \
            return;                                                                                \
        }                                                                                          \
    } while (0)
#define NO_DATAGRAM(fd) CHECK_EQUAL(wb__recv_result(fx, (fd)), -EAGAIN)

#endif
