/* A UDP socket without its datagrams: names and ports, connecting, what it shows to poll, shutdown
 * and close, and whose a datagram is. Sending and receiving are in udp_transfer.c. */
#include "kernel/udp.h"

#include <errno.h>
#include <string.h>

struct sim_datagram *udp_new(struct sim_kernel *kernel, int domain, struct sim_process *process) {
    struct sim_datagram *socket = kernel_alloc(kernel, sizeof(*socket));
    socket->kernel = kernel;
    options_init(kernel, &socket->so, domain, WB_SOCK_DGRAM);
    socket->so.protocol = WB_IPPROTO_UDP;
    options_limit(&socket->so, process);
    ip_options_init(&socket->ip);
    socket->process = process;
    socket->of_program = process != NULL;
    socket->at = place_of_host(process != NULL ? process->host : 0);
    socket->local.family = (uint16_t)domain;
    list_init(&socket->in_port);
    list_init(&socket->memberships);
    list_init(&socket->queue);
    return socket;
}

uint32_t udp_poll(const struct sim_datagram *socket) {
    uint32_t state = 0;
    if (socket->error != 0) {
        state |= WB_EPOLLERR;
    }
    if (socket->rd_shut) {
        state |= WB_EPOLLRDHUP;
    }
    if (socket->rd_shut && socket->snd_shut) {
        state |= WB_EPOLLHUP;
    }
    if (socket->rd_shut || udp_first(socket) != NULL) {
        state |= WB_EPOLLIN | WB_EPOLLRDNORM;
    }
    if (socket->write_hold.until_ns == 0) {
        state |= WB_EPOLLOUT | WB_EPOLLWRNORM | WB_EPOLLWRBAND;
    }
    return state;
}

static void tell_neighbour(void *user_data) {
    struct sim_datagram *socket = user_data;
    socket->change_scheduled = false;
    if (socket->on_change != NULL) {
        socket->on_change(socket->user_data, socket);
    }
}

void udp_wake(struct sim_datagram *socket, uint32_t key) {
    if (socket->file != NULL) {
        file_wake(socket->kernel, socket->file, key);
    } else if (socket->on_change != NULL && !socket->change_scheduled) {
        socket->change_scheduled = true;
        sim_schedule(socket->kernel, socket->kernel->now_ns, tell_neighbour, socket);
    }
}

int udp_take_error(struct sim_datagram *socket) {
    int error = socket->error;
    socket->error = 0;
    return error;
}

/* ---- ports ---- */

static struct list *holders_of(struct sim_kernel *kernel, uint16_t port) {
    return port_holders(kernel, kernel->udp_ports, port);
}

/* Linux asks the youngest first, and the first that shares by SO_REUSEPORT settles it. */
static bool is_taken(const struct sim_datagram *socket) {
    const struct list *holders = holders_of(socket->kernel, socket->local.port);
    for (struct list *node = holders->next; node != holders; node = node->next) {
        const struct sim_datagram *other = LIST_ENTRY(node, struct sim_datagram, in_port);
        if (other->at.host != socket->at.host || (socket->so.reuse_addr && other->so.reuse_addr)
            || !addresses_clash(
                &socket->local, socket->ip.v6only, &other->local, other->ip.v6only)) {
            continue;
        }
        return !(socket->so.reuse_port && other->so.reuse_port);
    }
    return false;
}

static void hold_port(struct sim_datagram *socket) {
    socket->bound = true;
    list_push_head(holders_of(socket->kernel, socket->local.port), &socket->in_port);
}

static void give_up_port(struct sim_datagram *socket) {
    list_remove(&socket->in_port);
    socket->bound = false;
    socket->local.port = 0;
}

static bool pick_port(struct sim_datagram *socket) {
    for (int tries = 0; tries < PORT_COUNT; tries++) {
        socket->local.port = port_next(socket->kernel);
        if (!is_taken(socket)) {
            return true;
        }
    }
    socket->local.port = 0;
    return false;
}

int udp_autobind(struct sim_datagram *socket) {
    if (socket->bound) {
        return 0;
    }
    if (!pick_port(socket)) {
        return -EAGAIN;
    }
    hold_port(socket);
    return 0;
}

/* ---- addresses as arguments ---- */

enum { ADDR_LEN_MAX = 128, IN_LEN = 16, IN6_LEN = 24 /* without the scope */ };

/* Of bind: -errno, or 0 with the address in *out. */
static int load_own_address(const struct sim_datagram *socket, const struct wb_sockaddr *addr,
    uint32_t len, struct address *out) {
    uint32_t least = socket->so.domain == WB_AF_INET6 ? IN6_LEN : IN_LEN;
    if (addr == NULL && len != 0) {
        return -EFAULT;
    }
    if (len < least || len > ADDR_LEN_MAX) {
        return -EINVAL;
    }
    if (addr->family == socket->so.domain) {
        return address_load(addr, len, out);
    }
    static const uint8_t any[4];
    bool unspecified = addr->family == WB_AF_UNSPEC && socket->so.domain == WB_AF_INET;
    if (!unspecified || memcmp(addr->in.addr, any, sizeof(any)) != 0) {
        return -EAFNOSUPPORT;
    }
    struct wb_sockaddr as_inet;
    memcpy(&as_inet, addr, sizeof(as_inet.in));
    as_inet.family = WB_AF_INET;
    return address_load(&as_inet, sizeof(as_inet.in), out);
}

static int check_own_address(const struct sim_datagram *socket, const struct address *own) {
    struct address plain = address_plain(own);
    if (plain.family != own->family && socket->ip.v6only) {
        return -EINVAL;
    }
    bool has_meaning = host_answers(socket->kernel, socket->at.host, &plain)
                       || address_is_group(&plain) || address_is_broadcast(&plain);
    return has_meaning ? 0 : -EADDRNOTAVAIL;
}

int udp_bind(struct sim_datagram *socket, const struct wb_sockaddr *addr, uint32_t len) {
    struct address own;
    int error = load_own_address(socket, addr, len, &own);
    bool is_placed = socket->bound || socket->connected;
    if (error == 0 && is_placed && socket->so.domain == WB_AF_INET6) {
        return -EINVAL; /* IPv6 looks at the socket first, IPv4 at the address */
    }
    error = error != 0 ? error : check_own_address(socket, &own);
    if (error != 0 || is_placed) {
        return error != 0 ? error : -EINVAL;
    }
    struct address before = socket->local;
    socket->local = own;
    if (own.port == 0 ? !pick_port(socket) : is_taken(socket)) {
        socket->local = before;
        return -EADDRINUSE;
    }
    socket->port_given |= own.port != 0; /* once given, given for good */
    socket->address_given |= !address_is_any(&own);
    if (!address_is_any(&own) && address_plain(&own).family == WB_AF_INET6) {
        socket->ip.v6only = true;
    }
    hold_port(socket);
    return 0;
}

/* ---- where to, where from ---- */

static bool is_bound_to_mapped(const struct sim_datagram *socket) {
    return socket->so.domain == WB_AF_INET6 && address_plain(&socket->local).family == WB_AF_INET;
}

/* A socket of IPv6 speaks IPv4 unless it was given an address that is none, which makes it V6ONLY.
 */
static int check_family(const struct sim_datagram *socket, const struct address *to) {
    if (socket->so.domain == WB_AF_INET) {
        return 0;
    }
    if (to->family == WB_AF_INET6) {
        return is_bound_to_mapped(socket) ? -EAFNOSUPPORT : 0;
    }
    return socket->ip.v6only ? -ENETUNREACH : 0;
}

static bool is_to_many(const struct address *to) {
    return address_is_group(to) || address_is_broadcast(to);
}

/* Whether its host has a way to another one. Loopback addresses do not leave their host: IPv4 says
 * so, IPv6 lets them go, and nobody takes them. */
static int check_way(const struct sim_datagram *socket, const struct address *to) {
    const struct sim_kernel *kernel = socket->kernel;
    uint32_t host = socket->at.host;
    if (kernel->host_count == 1 || is_to_many(to) || host_answers(kernel, host, to)) {
        return 0;
    }
    struct address own = address_plain(&socket->local);
    if (to->family == WB_AF_INET && own.family == WB_AF_INET && own.ip[0] == 127) {
        return -EINVAL;
    }
    return host_address(kernel, host, to->family) != NULL ? 0 : -ENETUNREACH;
}

int udp_check_destination(const struct sim_datagram *socket, struct address *to) {
    *to = address_plain(to);
    if (address_is_any(to) && is_bound_to_mapped(socket)) {
        to->family = WB_AF_INET;
    }
    address_any_to_loopback(to);
    int error = check_family(socket, to);
    error = error != 0 ? error : check_way(socket, to);
    if (error != 0) {
        return error;
    }
    return address_is_broadcast(to) && !socket->so.broadcast ? -EACCES : 0;
}

/* The plain address that a datagram from this socket to there comes from. A socket that is bound to
 * a group's address sends from the host's all the same. */
static struct address source_of(const struct sim_datagram *socket, const struct address *to) {
    struct sim_kernel *kernel = socket->kernel;
    struct address from = address_plain(&socket->local);
    if (!address_is_any(&from) && !is_to_many(&from) && from.family == to->family) {
        return from;
    }
    from.family = to->family;
    memset(from.ip, 0, sizeof(from.ip));
    if (kernel->host_count > 1 && !address_is_local(to) && !is_to_many(to)) {
        (void)host_choose_source(kernel, socket->at.host, to, &from); /* there is a way */
    }
    address_any_to_loopback(&from);
    return from;
}

struct udp_route udp_route_to(const struct sim_datagram *socket, const struct address *to) {
    struct sim_kernel *kernel = socket->kernel;
    int own = (int)socket->at.host;
    struct udp_route route = {.from = source_of(socket, to), .host = own};
    if (kernel->host_count != 1) {
        int host = host_of(kernel, socket->at.host, to);
        route.host = host != own && address_is_local(&route.from) ? -1 : host;
    }
    if (route.host >= 0) {
        route.receiver = udp_find(kernel, (uint32_t)route.host, to, &route.from);
    }
    return route;
}

/* ---- connecting ---- */

static void find_subject(struct sim_datagram *socket) {
    if (socket->of_program) {
        struct address to = address_plain(&socket->remote);
        const struct sim_datagram *other = udp_route_to(socket, &to).receiver;
        socket->subject = other != NULL && !other->of_program ? other->subject : WBH_SUBJECT_NONE;
    }
}

static void dissolve(struct sim_datagram *socket) {
    socket->connected = false;
    memset(&socket->remote, 0, sizeof(socket->remote));
    if (!socket->address_given) {
        memset(socket->local.ip, 0, sizeof(socket->local.ip));
    }
    if (socket->bound && !socket->port_given) {
        give_up_port(socket);
    }
    if (socket->of_program) {
        socket->subject = WBH_SUBJECT_NONE;
    }
}

/* Of connect, AF_UNSPEC aside. */
static int load_remote(const struct sim_datagram *socket, const struct wb_sockaddr *addr,
    uint32_t len, struct address *out) {
    bool six = socket->so.domain == WB_AF_INET6;
    if (six && addr->family == WB_AF_INET && socket->ip.v6only) {
        return -EAFNOSUPPORT;
    }
    if (len < (six && addr->family != WB_AF_INET ? (uint32_t)IN6_LEN : (uint32_t)IN_LEN)) {
        return -EINVAL;
    }
    if (addr->family != WB_AF_INET && !(six && addr->family == WB_AF_INET6)) {
        return -EAFNOSUPPORT;
    }
    return address_load(addr, len, out);
}

int udp_connect(struct sim_datagram *socket, const struct wb_sockaddr *addr, uint32_t len) {
    if (addr == NULL && len != 0) {
        return -EFAULT;
    }
    if (len < sizeof(addr->family) || len > ADDR_LEN_MAX) {
        return -EINVAL;
    }
    if (addr->family == WB_AF_UNSPEC) {
        dissolve(socket);
        return 0;
    }
    struct address to;
    int error = udp_autobind(socket);
    error = error != 0 ? error : load_remote(socket, addr, len, &to);
    error = error != 0 ? error : udp_check_destination(socket, &to);
    if (error != 0) {
        return error;
    }
    if (address_is_any(&socket->local)) {
        struct address own = source_of(socket, &to);
        own = address_shown_to(&own, socket->so.domain);
        memcpy(socket->local.ip, own.ip, sizeof(own.ip));
    }
    /* What grows goes where this leads, over IPv4. */
    if (socket->is_corked && socket->cork_to.family == WB_AF_INET && to.family == WB_AF_INET) {
        socket->cork_to = to;
    }
    socket->remote = address_shown_to(&to, socket->so.domain);
    socket->connected = true;
    if (socket->so.domain == WB_AF_INET6) {
        socket->last_remote = socket->remote;
    }
    find_subject(socket);
    return 0;
}

/* Linux changes the state first and then finds that there was no connection. */
int udp_shutdown(struct sim_datagram *socket, int how) {
    if (how < WB_SHUT_RD || how > WB_SHUT_RDWR) {
        return -EINVAL;
    }
    socket->rd_shut |= how != WB_SHUT_WR;
    socket->snd_shut |= how != WB_SHUT_RD;
    udp_wake(socket, KEY_NONE);
    return socket->connected ? 0 : -ENOTCONN;
}

void udp_close(struct sim_datagram *socket) {
    struct sim_kernel *kernel = socket->kernel;
    socket->file = NULL;
    socket->on_change = NULL;
    sim_cancel(kernel, socket->read_hold.action);
    sim_cancel(kernel, socket->write_hold.action);
    while (!list_is_empty(&socket->queue)) {
        udp_drop_first(socket);
    }
    udp_leave_all(socket);
    if (socket->cork != NULL) {
        kernel_free(kernel, socket->cork, UDP_LEN_MAX6);
        socket->cork = NULL;
    }
    if (socket->bound) {
        give_up_port(socket);
    }
}

/* ---- whose a datagram is ---- */

enum {
    SCORE_NONE = 0,
    SCORE_WILDCARD = 1,
    SCORE_PEER_PORT = 2,
    SCORE_PEER = 4,
    SCORE_SPECIFIC = 8
};

static bool remembers(const struct sim_datagram *socket, const struct address *from) {
    return from->family == WB_AF_INET6 && socket->last_remote.family == WB_AF_INET6;
}

bool udp_hears(const struct sim_datagram *socket, const struct address *from) {
    if (PLANTED(UDP_HEARS_STRANGERS)) {
        return true;
    }
    if (!socket->connected) {
        return !remembers(socket, from)
               || memcmp(socket->last_remote.ip, from->ip, sizeof(from->ip)) == 0;
    }
    struct address remote = address_plain(&socket->remote);
    return (remote.port == 0 || remote.port == from->port) && remote.family == from->family
           && memcmp(remote.ip, from->ip, sizeof(from->ip)) == 0;
}

/* A specific address goes before a connection, a connection before the family of its own. */
static int score(const struct sim_datagram *socket, uint32_t host, const struct address *to,
    const struct address *from) {
    struct address local = address_plain(&socket->local);
    if (local.port != to->port || socket->at.host != host) {
        return SCORE_NONE;
    }
    int points = SCORE_WILDCARD;
    if (!address_is_any(&local)) {
        if (local.family != to->family || memcmp(local.ip, to->ip, sizeof(to->ip)) != 0) {
            return SCORE_NONE;
        }
        points += SCORE_SPECIFIC;
    } else if (local.family != to->family && (local.family == WB_AF_INET || socket->ip.v6only)) {
        return SCORE_NONE;
    }
    if (!udp_hears(socket, from)) {
        return SCORE_NONE;
    }
    points += socket->connected || remembers(socket, from) ? SCORE_PEER : 0;
    points += socket->remote.port != 0 ? SCORE_PEER_PORT : 0;
    return points + (socket->so.domain == to->family);
}

static uint32_t hash_of(const struct address *address) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < sizeof(address->ip); i++) {
        hash = (hash ^ address->ip[i]) * 16777619u;
    }
    hash = (hash ^ (address->port & 0xffu)) * 16777619u;
    hash = (hash ^ (uint32_t)(address->port >> 8)) * 16777619u;
    return hash ^ hash >> 16;
}

/* Those that share a port by SO_REUSEPORT share the senders: each sender always has the same. */
static struct sim_datagram *pick_of_group(const struct sim_datagram *best,
    const struct list *holders, const struct address *to, const struct address *from) {
    uint32_t host = best->at.host;
    int best_score = score(best, host, to, from);
    uint32_t count = 0;
    struct sim_datagram *chosen = NULL;
    for (int pass = 0; pass < 2; pass++) {
        uint32_t left = pass == 0 ? 0 : hash_of(from) % count;
        for (struct list *node = holders->next; node != holders; node = node->next) {
            struct sim_datagram *socket = LIST_ENTRY(node, struct sim_datagram, in_port);
            if (!socket->so.reuse_port || score(socket, host, to, from) != best_score) {
                continue;
            }
            if (pass == 0) {
                count++;
            } else if (left-- == 0) {
                chosen = socket;
                break;
            }
        }
    }
    return chosen;
}

/* Among equals it is the youngest's, as on Linux. */
struct sim_datagram *udp_find(struct sim_kernel *kernel, uint32_t host, const struct address *to,
    const struct address *from) {
    const struct list *holders = holders_of(kernel, to->port);
    struct sim_datagram *best = NULL;
    int best_score = SCORE_NONE;
    for (struct list *node = holders->next; node != holders; node = node->next) {
        struct sim_datagram *socket = LIST_ENTRY(node, struct sim_datagram, in_port);
        int points = score(socket, host, to, from);
        if (points > best_score) {
            best = socket;
            best_score = points;
        }
    }
    bool shares = best != NULL && best->so.reuse_port && !best->connected;
    return shares ? pick_of_group(best, holders, to, from) : best;
}
