/* Ports: who holds which, who may share one, who listens where. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum {
    PORT_LAST = PORT_FIRST + PORT_COUNT - 1, /* of the ephemeral range */
    BACKLOG_MAX = 4096,
};
#define TIME_WAIT_NS (UINT64_C(60) * 1000000000)

static bool listens_at(const struct sim_endpoint *listener, const struct address *to) {
    if (listener->tcp != TCP_LISTENING || listener->local.port != to->port) {
        return false;
    }
    struct address local = address_plain(&listener->local);
    if (local.family == to->family) {
        return address_is_any(&local) || memcmp(local.ip, to->ip, sizeof(to->ip)) == 0;
    }
    return local.family == WB_AF_INET6 && address_is_any(&local) && !listener->ip.v6only;
}

/* A plain address of a host. */
struct destination {
    uint32_t host;
    const struct address *address;
};

/* How closely: 0 is not at all; its own address is closer than any address. */
static int listens_how(const struct sim_endpoint *listener, const struct destination *to) {
    if (listener->at.host != to->host || !listens_at(listener, to->address)) {
        return 0;
    }
    return address_is_any(&listener->local) ? 1 : 2;
}

/* The n-th of those who listen that closely and share the port; *out_count tells how many. */
static struct sim_endpoint *nth_sharer(struct sim_kernel *kernel, const struct destination *to,
    int how, uint32_t n, uint32_t *out_count) {
    struct sim_endpoint *found = NULL;
    *out_count = 0;
    for (struct list *node = kernel->listening.next; node != &kernel->listening;
         node = node->next) {
        struct sim_endpoint *listener = LIST_ENTRY(node, struct sim_endpoint, in_listening);
        if (listens_how(listener, to) == how && listener->so.reuse_port) {
            found = *out_count == n ? listener : found;
            ++*out_count;
        }
    }
    return found;
}

struct sim_endpoint *find_listener(
    struct sim_kernel *kernel, uint32_t host, const struct address *address, uint16_t client_port) {
    const struct destination to = {host, address};
    struct sim_endpoint *closest = NULL;
    int how = 0;
    for (struct list *node = kernel->listening.next; node != &kernel->listening;
         node = node->next) {
        struct sim_endpoint *listener = LIST_ENTRY(node, struct sim_endpoint, in_listening);
        int this_one = listens_how(listener, &to);
        if (this_one > how) {
            closest = listener;
            how = this_one;
        }
    }
    if (closest == NULL || !closest->so.reuse_port) {
        return closest;
    }
    uint32_t count;
    (void)nth_sharer(kernel, &to, how, 0, &count);
    return nth_sharer(kernel, &to, how, client_port % count, &count);
}

/* Whether `endpoint` may take a port that `other` holds. */
static bool may_share(const struct sim_endpoint *endpoint, const struct sim_endpoint *other) {
    if (endpoint->so.reuse_port && other->so.reuse_port) {
        return true;
    }
    return endpoint->so.reuse_addr && other->so.reuse_addr && other->tcp != TCP_LISTENING;
}

/* A closed connection keeps its port until both FINs have arrived, and the side that closed first
 * for TIME_WAIT longer. */
static bool holds_port(const struct sim_endpoint *other) {
    if (!other->dead) {
        return true;
    }
    if (!other->fin_sent || (other->tcp == TCP_CLOSED && other->ended_ns == 0)) {
        return other->tcp == TCP_ESTABLISHED; /* reset, or never connected */
    }
    if (other->ended_ns == 0) {
        return true;
    }
    return other->closed_first && other->kernel->now_ns < other->ended_ns + TIME_WAIT_NS;
}

struct list *port_holders(struct sim_kernel *kernel, struct port_bucket *buckets, uint16_t port) {
    struct port_bucket *bucket = &buckets[port % PORT_BUCKET_COUNT];
    if (bucket->epoch != kernel->epoch) {
        bucket->epoch = kernel->epoch;
        list_init(&bucket->holders);
    }
    return &bucket->holders;
}

static bool is_taken(const struct sim_endpoint *endpoint) {
    struct list *holders =
        port_holders(endpoint->kernel, endpoint->kernel->ports, endpoint->local.port);
    for (struct list *node = holders->next; node != holders; node = node->next) {
        const struct sim_endpoint *other = LIST_ENTRY(node, struct sim_endpoint, in_port);
        if (other != endpoint && other->at.host == endpoint->at.host
            && addresses_clash(
                &endpoint->local, endpoint->ip.v6only, &other->local, other->ip.v6only)
            && holds_port(other) && !may_share(endpoint, other)) {
            return true;
        }
    }
    return false;
}

void endpoint_hold_port(struct sim_endpoint *endpoint) {
    if (list_is_empty(&endpoint->in_port)) {
        list_push_tail(
            port_holders(endpoint->kernel, endpoint->kernel->ports, endpoint->local.port),
            &endpoint->in_port);
    }
}

void endpoint_release_port(struct sim_endpoint *endpoint) {
    if (endpoint->bound && !endpoint->port_given) {
        list_remove(&endpoint->in_port);
        endpoint->bound = false;
    }
}

void endpoint_forget_address(struct sim_endpoint *endpoint) {
    if (!endpoint->address_given) {
        memset(endpoint->local.ip, 0, sizeof(endpoint->local.ip));
    }
}

void endpoint_stop_listening(struct sim_endpoint *endpoint) {
    list_remove(&endpoint->in_listening);
}

uint16_t port_next(struct sim_kernel *kernel) {
    uint16_t port = kernel->port_next;
    kernel->port_next = port == PORT_LAST ? PORT_FIRST : (uint16_t)(port + 1);
    return port;
}

/* A port of the ephemeral range that nobody has bound. */
static int pick_port(struct sim_endpoint *endpoint) {
    for (int tries = 0; tries < PORT_COUNT; tries++) {
        endpoint->local.port = port_next(endpoint->kernel);
        if (!is_taken(endpoint)) {
            return 0;
        }
    }
    endpoint->local.port = 0;
    return -EADDRINUSE;
}

int endpoint_bind(struct sim_endpoint *endpoint, const struct wb_sockaddr *addr, uint32_t len) {
    struct address address;
    int result = address_load(addr, len, &address);
    if (result != 0) {
        return result;
    }
    if (address.family != endpoint->so.domain) {
        bool unspecified = address.family == WB_AF_UNSPEC && endpoint->so.domain == WB_AF_INET;
        if (!unspecified || !address_is_any(&address)) {
            return endpoint->so.domain == WB_AF_INET6 && address.family == WB_AF_INET
                       ? -EINVAL
                       : -EAFNOSUPPORT;
        }
        address.family = WB_AF_INET;
    }
    bool is_placed = endpoint->bound || endpoint->tcp != TCP_CLOSED;
    if (!host_answers(endpoint->kernel, endpoint->at.host, &address)) {
        /* IPv6 looks at the socket first. */
        return is_placed && endpoint->so.domain == WB_AF_INET6 ? -EINVAL : -EADDRNOTAVAIL;
    }
    if (is_placed) {
        return -EINVAL;
    }
    struct address before = endpoint->local;
    list_remove(&endpoint->in_port); /* of a connection that is over */
    endpoint->local = address;
    result = address.port == 0 ? pick_port(endpoint) : is_taken(endpoint) ? -EADDRINUSE : 0;
    if (result != 0) {
        endpoint->local = before;
        return result;
    }
    endpoint->bound = true;
    /* What was given once stays given, though another bind gives less. */
    endpoint->port_given |= address.port != 0;
    endpoint->address_given |= !address_is_any(&address);
    struct address plain = address_plain(&address);
    if (!address_is_any(&address) && plain.family == WB_AF_INET6) {
        endpoint->ip.v6only = true;
    }
    endpoint_hold_port(endpoint);
    return 0;
}

int endpoint_listen(struct sim_endpoint *endpoint, int backlog) {
    if (endpoint->tcp != TCP_CLOSED && endpoint->tcp != TCP_LISTENING) {
        return -EINVAL;
    }
    if (endpoint->connecting != CONNECT_NONE) {
        return -EINVAL;
    }
    if (endpoint->tcp == TCP_CLOSED) {
        if (!endpoint->bound) {
            list_remove(&endpoint->in_port);
            endpoint->local.family = endpoint->so.domain;
            int result = pick_port(endpoint);
            if (result != 0) {
                return result;
            }
            endpoint->bound = true;
        }
        endpoint->tcp = TCP_LISTENING;
        if (is_taken(endpoint)) {
            endpoint->tcp = TCP_CLOSED;
            return -EADDRINUSE;
        }
        endpoint_hold_port(endpoint);
        list_push_tail(&endpoint->kernel->listening, &endpoint->in_listening);
    }
    endpoint->backlog = backlog < 0 || backlog > BACKLOG_MAX ? BACKLOG_MAX : backlog;
    return 0;
}
