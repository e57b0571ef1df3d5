/* Groups: which addresses are one, who has joined which, and whether a datagram to a group comes
 * back to this host.
 *
 * Each host has two interfaces: the loopback device, whose number is 1, and the one that Linux
 * would choose by itself, whose number is 2. A group is joined on an interface; a datagram goes out
 * on one, and comes back from there to everybody who has the port if somebody has joined the group
 * there (IP_MULTICAST_ALL is on unless switched off, which nobody can here). */
#include "kernel/udp.h"

#include <errno.h>
#include <string.h>

enum {
    INTERFACE_LOOPBACK = 1,
    INTERFACE_DEFAULT = 2,
    MEMBERSHIPS_MAX4 = 20, /* net.ipv4.igmp_max_memberships */
    MEMBERSHIPS_MAX6 = 1024,
    ENOPROTOOPT_NUMBER = 92,
};

struct membership {
    struct list in_socket;
    struct list in_kernel; /* kernel.udp_members */
    struct address group;
    uint32_t interface_index;
    uint32_t host; /* whose interface it is */
};

bool address_is_group(const struct address *address) {
    return address->family == WB_AF_INET ? (address->ip[0] & 0xf0u) == 0xe0u
                                         : address->ip[0] == 0xffu;
}

bool address_is_broadcast(const struct address *address) {
    static const uint8_t limited[4] = {255, 255, 255, 255};
    static const uint8_t of_loopback[4] = {127, 255, 255, 255};
    return address->family == WB_AF_INET
           && (memcmp(address->ip, limited, sizeof(limited)) == 0
               || memcmp(address->ip, of_loopback, sizeof(of_loopback)) == 0);
}

/* ---- joining and leaving ---- */

/* 0: there is no such interface. */
static uint32_t interface_of_address(const uint8_t address[4]) {
    static const uint8_t any[4];
    return memcmp(address, any, sizeof(any)) == 0 ? INTERFACE_DEFAULT
           : address[0] == 127                    ? INTERFACE_LOOPBACK
                                                  : 0;
}

static int load_request4(const void *value, uint32_t value_len, struct membership *out) {
    struct wb_ip_mreq request;
    if (value_len < sizeof(request)) {
        return -EINVAL;
    }
    if (value == NULL) {
        return -EFAULT;
    }
    memcpy(&request, value, sizeof(request));
    out->group.family = WB_AF_INET;
    memcpy(out->group.ip, request.group, sizeof(request.group));
    out->interface_index = interface_of_address(request.interface);
    return 0;
}

static int load_request6(const void *value, uint32_t value_len, struct membership *out) {
    struct wb_ipv6_mreq request;
    if (value_len < sizeof(request)) {
        return -EINVAL;
    }
    if (value == NULL) {
        return -EFAULT;
    }
    memcpy(&request, value, sizeof(request));
    out->group.family = WB_AF_INET6;
    memcpy(out->group.ip, request.group, sizeof(request.group));
    out->interface_index = request.interface_index == 0                  ? INTERFACE_DEFAULT
                           : request.interface_index > INTERFACE_DEFAULT ? 0
                                                                         : request.interface_index;
    return 0;
}

static bool is_same(const struct membership *a, const struct membership *b) {
    return a->host == b->host && a->interface_index == b->interface_index
           && a->group.family == b->group.family
           && memcmp(a->group.ip, b->group.ip, sizeof(a->group.ip)) == 0;
}

static struct membership *find_membership(
    const struct sim_datagram *socket, const struct membership *wanted) {
    for (struct list *node = socket->memberships.next; node != &socket->memberships;
         node = node->next) {
        struct membership *membership = LIST_ENTRY(node, struct membership, in_socket);
        if (is_same(membership, wanted)) {
            return membership;
        }
    }
    return NULL;
}

static int join(struct sim_datagram *socket, const struct membership *wanted) {
    if (!address_is_group(&wanted->group)) {
        return -EINVAL;
    }
    if (wanted->interface_index == 0) {
        return -ENODEV;
    }
    if (find_membership(socket, wanted) != NULL) {
        return -EADDRINUSE;
    }
    bool four = wanted->group.family == WB_AF_INET;
    uint32_t *count = four ? &socket->membership_count4 : &socket->membership_count6;
    if (*count == (four ? (uint32_t)MEMBERSHIPS_MAX4 : (uint32_t)MEMBERSHIPS_MAX6)) {
        return four ? -ENOBUFS : -ENOMEM;
    }
    ++*count;
    struct membership *membership = kernel_alloc(socket->kernel, sizeof(*membership));
    *membership = *wanted;
    list_push_tail(&socket->memberships, &membership->in_socket);
    list_push_tail(&socket->kernel->udp_members, &membership->in_kernel);
    return 0;
}

static void drop(struct sim_datagram *socket, struct membership *membership) {
    --*(membership->group.family == WB_AF_INET ? &socket->membership_count4
                                               : &socket->membership_count6);
    list_remove(&membership->in_socket);
    list_remove(&membership->in_kernel);
    kernel_free(socket->kernel, membership, sizeof(*membership));
}

int udp_set_membership(
    struct sim_datagram *socket, int level, int name, const void *value, uint32_t value_len) {
    struct membership wanted = {.host = socket->at.host};
    bool joins;
    int error;
    if (level == WB_IPPROTO_IP && (name == WB_IP_ADD_MEMBERSHIP || name == WB_IP_DROP_MEMBERSHIP)) {
        joins = name == WB_IP_ADD_MEMBERSHIP;
        error = load_request4(value, value_len, &wanted);
    } else if (level == WB_IPPROTO_IPV6 && socket->so.domain == WB_AF_INET6
               && (name == WB_IPV6_ADD_MEMBERSHIP || name == WB_IPV6_DROP_MEMBERSHIP)) {
        joins = name == WB_IPV6_ADD_MEMBERSHIP;
        error = load_request6(value, value_len, &wanted);
    } else {
        return -ENOPROTOOPT_NUMBER;
    }
    if (error != 0 || joins) {
        return error != 0 ? error : join(socket, &wanted);
    }
    struct membership *membership = find_membership(socket, &wanted);
    if (membership == NULL) {
        return -EADDRNOTAVAIL;
    }
    drop(socket, membership);
    return 0;
}

void udp_leave_all(struct sim_datagram *socket) {
    while (!list_is_empty(&socket->memberships)) {
        drop(socket, LIST_ENTRY(socket->memberships.next, struct membership, in_socket));
    }
}

/* ---- delivery ---- */

/* IPv4 goes where the sender's own address is; IPv6 does not ask for it. */
static uint32_t interface_used(const struct sim_datagram *sender, const struct address *to) {
    struct address own = address_plain(&sender->local);
    bool by_loopback = to->family == WB_AF_INET && own.ip[0] == 127 && sender->address_given;
    return by_loopback ? INTERFACE_LOOPBACK : INTERFACE_DEFAULT;
}

/* The loopback device sends everything back, whatever the sender wants. */
bool udp_loops_back(const struct sim_datagram *sender, const struct address *to) {
    struct membership wanted = {
        .group = *to, .interface_index = interface_used(sender, to), .host = sender->at.host};
    bool loop = to->family == WB_AF_INET ? sender->ip.multicast_loop : sender->ip.multicast_loop6;
    if (!loop && wanted.interface_index != INTERFACE_LOOPBACK) {
        return false;
    }
    const struct list *members = &sender->kernel->udp_members;
    for (struct list *node = members->next; node != members; node = node->next) {
        if (is_same(LIST_ENTRY(node, struct membership, in_kernel), &wanted)) {
            return true;
        }
    }
    return false;
}
