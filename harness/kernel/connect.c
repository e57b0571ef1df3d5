/* How connections come to be: addresses and ports, listeners and their backlog, the handshake,
 * accept. Everything that Linux finishes inside the call on loopback is finished inside the call
 * here; a non-blocking connect says EINPROGRESS all the same. */
#include "kernel/internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    PORT_FIRST = 32768,
    PORT_LAST = 60999,
    BACKLOG_MAX = 4096,
    SYN_TRIES_MAX = 6,
    AF_UNSPEC_LEN_MIN = 2,
    SOCK_TYPE_END = 11, /* Linux's SOCK_MAX */
    ESOCKTNOSUPPORT_NUMBER = 94,
};
#define SYN_RETRY_NS UINT64_C(1000000000) /* doubles with each try */
#define TIME_WAIT_NS (UINT64_C(60) * 1000000000)

/* ---- addresses ---- */

static uint16_t swap16(uint16_t value) {
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    uint16_t swapped;
    memcpy(&swapped, bytes, sizeof(swapped));
    return swapped;
}

static int address_load(const struct wb_sockaddr *addr, uint32_t len, struct address *out) {
    memset(out, 0, sizeof(*out));
    if (addr == NULL) {
        return -EFAULT;
    }
    if (len < AF_UNSPEC_LEN_MIN) {
        return -EINVAL;
    }
    out->family = addr->family;
    if (addr->family == WB_AF_INET) {
        if (len < sizeof(struct wb_sockaddr_in)) {
            return -EINVAL;
        }
        out->port = swap16(addr->in.port_be);
        memcpy(out->ip, addr->in.addr, sizeof(addr->in.addr));
    } else if (addr->family == WB_AF_INET6) {
        enum { IN6_LEN_MIN = 24 }; /* without the scope, as old programs pass it */
        if (len < IN6_LEN_MIN) {
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

static bool is_any(const struct address *address) {
    static const uint8_t zero[16];
    return memcmp(address->ip, zero, sizeof(zero)) == 0;
}

static bool is_mapped(const struct address *address) {
    return address->family == WB_AF_INET6 && memcmp(address->ip, mapped_prefix, 12) == 0;
}

/* IPv4 in its own form, whatever socket it came through. */
static struct address plain(const struct address *address) {
    struct address result = *address;
    if (is_mapped(address)) {
        result.family = WB_AF_INET;
        memset(result.ip, 0, sizeof(result.ip));
        memcpy(result.ip, address->ip + 12, 4);
    }
    return result;
}

/* An IPv4 address as a socket of the given family shows it. */
static struct address shown_to(const struct address *address, uint16_t family) {
    struct address result = *address;
    if (family == WB_AF_INET6 && address->family == WB_AF_INET) {
        result.family = WB_AF_INET6;
        memcpy(result.ip, mapped_prefix, 12);
        memcpy(result.ip + 12, address->ip, 4);
    }
    return result;
}

/* What this host answers to: any, 127.0.0.0/8 and ::1. */
static bool is_local(const struct address *address) {
    static const uint8_t loopback6[16] = {[15] = 1};
    struct address own = plain(address);
    if (is_any(&own)) {
        return true;
    }
    return own.family == WB_AF_INET ? own.ip[0] == 127
                                    : memcmp(own.ip, loopback6, sizeof(loopback6)) == 0;
}

/* Connecting to "any" means this host. */
static void any_to_loopback(struct address *address) {
    if (!is_any(address)) {
        return;
    }
    if (address->family == WB_AF_INET) {
        address->ip[0] = 127;
        address->ip[3] = 1;
    } else {
        address->ip[15] = 1;
    }
}

static bool listens_at(const struct sim_endpoint *listener, const struct address *to) {
    if (listener->tcp != TCP_LISTENING || listener->local.port != to->port) {
        return false;
    }
    struct address local = plain(&listener->local);
    if (local.family == to->family) {
        return is_any(&local) || memcmp(local.ip, to->ip, sizeof(to->ip)) == 0;
    }
    return local.family == WB_AF_INET6 && is_any(&local) && !listener->v6only;
}

static struct sim_endpoint *find_listener(struct sim_kernel *kernel, const struct address *to) {
    for (struct list *node = kernel->listening.next; node != &kernel->listening;
         node = node->next) {
        struct sim_endpoint *endpoint = LIST_ENTRY(node, struct sim_endpoint, in_listening);
        if (listens_at(endpoint, to)) {
            return endpoint;
        }
    }
    return NULL;
}

/* ---- binding ---- */

static bool addresses_clash(const struct sim_endpoint *a, const struct sim_endpoint *b) {
    struct address first = plain(&a->local);
    struct address second = plain(&b->local);
    if (first.port != second.port) {
        return false;
    }
    if (first.family != second.family) {
        /* A dual-stack wildcard takes the IPv4 port, too. */
        const struct sim_endpoint *six = first.family == WB_AF_INET6 ? a : b;
        return is_any(&six->local) && !six->v6only;
    }
    return is_any(&first) || is_any(&second) || memcmp(first.ip, second.ip, sizeof(first.ip)) == 0;
}

/* Whether `endpoint` may take a port that `other` holds. */
static bool may_share(const struct sim_endpoint *endpoint, const struct sim_endpoint *other) {
    if (endpoint->reuse_port && other->reuse_port) {
        return true;
    }
    return endpoint->reuse_addr && other->reuse_addr && other->tcp != TCP_LISTENING;
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

static struct list *port_holders(struct sim_kernel *kernel, uint16_t port) {
    struct port_bucket *bucket = &kernel->ports[port % PORT_BUCKET_COUNT];
    if (bucket->epoch != kernel->epoch) {
        bucket->epoch = kernel->epoch;
        list_init(&bucket->holders);
    }
    return &bucket->holders;
}

static bool is_taken(const struct sim_endpoint *endpoint) {
    struct list *holders = port_holders(endpoint->kernel, endpoint->local.port);
    for (struct list *node = holders->next; node != holders; node = node->next) {
        const struct sim_endpoint *other = LIST_ENTRY(node, struct sim_endpoint, in_port);
        if (other != endpoint && addresses_clash(endpoint, other) && holds_port(other)
            && !may_share(endpoint, other)) {
            return true;
        }
    }
    return false;
}

void endpoint_hold_port(struct sim_endpoint *endpoint) {
    if (list_is_empty(&endpoint->in_port)) {
        list_push_tail(port_holders(endpoint->kernel, endpoint->local.port), &endpoint->in_port);
    }
}

void endpoint_stop_listening(struct sim_endpoint *endpoint) {
    list_remove(&endpoint->in_listening);
}

static uint16_t next_port(struct sim_kernel *kernel) {
    uint16_t port = kernel->port_next;
    kernel->port_next = port == PORT_LAST ? PORT_FIRST : (uint16_t)(port + 1);
    return port;
}

/* A port of the ephemeral range that nobody has bound. */
static int pick_port(struct sim_endpoint *endpoint) {
    for (int tries = 0; tries <= PORT_LAST - PORT_FIRST; tries++) {
        endpoint->local.port = next_port(endpoint->kernel);
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
    if (address.family != endpoint->domain) {
        bool unspecified = address.family == WB_AF_UNSPEC && endpoint->domain == WB_AF_INET;
        if (!unspecified || !is_any(&address)) {
            return endpoint->domain == WB_AF_INET6 && address.family == WB_AF_INET ? -EINVAL
                                                                                   : -EAFNOSUPPORT;
        }
        address.family = WB_AF_INET;
    }
    if (!is_local(&address)) {
        return -EADDRNOTAVAIL;
    }
    if (endpoint->bound || endpoint->tcp != TCP_CLOSED) {
        return -EINVAL;
    }
    struct address before = endpoint->local;
    endpoint->local = address;
    result = address.port == 0 ? pick_port(endpoint) : is_taken(endpoint) ? -EADDRINUSE : 0;
    if (result != 0) {
        endpoint->local = before;
        return result;
    }
    endpoint->bound = true;
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
            endpoint->local.family = endpoint->domain;
            int result = pick_port(endpoint);
            if (result != 0) {
                return result;
            }
            endpoint->bound = true;
        }
        endpoint->tcp = TCP_LISTENING;
        endpoint->rd_shut = false;
        endpoint->snd_shut = false;
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

/* ---- the handshake ---- */

static void establish(struct sim_endpoint *client, struct sim_endpoint *server) {
    client->peer = server;
    server->peer = client;
    client->tcp = TCP_ESTABLISHED;
    server->tcp = TCP_ESTABLISHED;
    client->was_connected = true;
    server->was_connected = true;
}

/* Connections of the program to itself count up, two numbers each; the world's listener names those
 * to it. */
static void name_client(struct sim_endpoint *client, struct sim_endpoint *listener) {
    struct sim_kernel *kernel = client->kernel;
    if (client->subject != WBH_SUBJECT_NONE) {
        return;
    }
    if (listener->of_program) {
        client->subject = WBH_SUBJECT_LOCAL | kernel->local_next;
        kernel->local_next += 2;
    } else if (kernel->config.on_incoming != NULL) {
        client->subject = kernel->config.on_incoming(kernel->config.user_data, listener);
    }
}

static void name_connection(
    struct sim_endpoint *client, struct sim_endpoint *server, struct sim_endpoint *listener) {
    name_client(client, listener);
    bool local = client->of_program && server->of_program;
    server->subject = local ? client->subject + 1 : client->subject;
}

static void emit_pending(struct sim_endpoint *listener, const struct sim_endpoint *server) {
    struct sim_kernel *kernel = listener->kernel;
    struct sim_event event = event_begin(kernel, SIM_EVENT_PENDING);
    event.subject = server->subject;
    if (listener->file != NULL) {
        event.file = listener->file->serial;
    }
    event_emit(kernel, &event);
}

static void inherit(struct sim_endpoint *server, const struct sim_endpoint *listener) {
    server->nodelay = listener->nodelay;
    server->keepalive = listener->keepalive;
    server->keep_idle = listener->keep_idle;
    server->keep_interval = listener->keep_interval;
    server->keep_count = listener->keep_count;
    server->user_timeout = listener->user_timeout;
    server->linger = listener->linger;
    server->oob_inline = listener->oob_inline;
    server->reuse_addr = listener->reuse_addr;
    server->reuse_port = listener->reuse_port;
    server->ttl = listener->ttl;
    server->recv_low_water = listener->recv_low_water;
    server->send_buffer_size = listener->send_buffer_size;
    server->recv_buffer_size = listener->recv_buffer_size;
}

static void complete_handshake(struct sim_endpoint *client, struct sim_endpoint *listener) {
    struct sim_kernel *kernel = client->kernel;
    struct sim_endpoint *server = endpoint_new(kernel, listener->domain, listener->of_program);
    inherit(server, listener);
    struct address client_address = plain(&client->local);
    struct address server_address = plain(&client->remote);
    server->local = shown_to(&server_address, listener->domain);
    server->remote = shown_to(&client_address, listener->domain);
    server->bound = true;
    endpoint_hold_port(server);
    name_connection(client, server, listener);
    establish(client, server);
    server->listener = listener;
    list_push_tail(&listener->pending, &server->in_pending);
    listener->pending_count++;
    emit_pending(listener, server);
    endpoint_wake(client, KEY_NONE);
    if (listener->read_hold.until_ns == 0) {
        endpoint_wake(listener, KEY_READ);
    }
}

static void fail_connect(struct sim_endpoint *client, int error) {
    endpoint_become_reset(client, error);
}

static void run_connect(void *user_data);

static void retry_later(struct sim_endpoint *client) {
    uint64_t delay_ns = SYN_RETRY_NS << client->connect_tries;
    client->connect_tries++;
    client->connect_action =
        sim_schedule(client->kernel, client->kernel->now_ns + delay_ns, run_connect, client);
}

/* A SYN reaches its destination. */
static void syn_arrives(struct sim_endpoint *client) {
    if (client->connect_result != 0) {
        fail_connect(client, client->connect_result);
        return;
    }
    struct address to = plain(&client->remote);
    struct sim_endpoint *listener = find_listener(client->kernel, &to);
    if (listener == NULL) {
        fail_connect(client, ECONNREFUSED);
        return;
    }
    if (listener->pending_count > (uint32_t)listener->backlog) {
        if (client->connect_tries >= SYN_TRIES_MAX) {
            fail_connect(client, ETIMEDOUT);
        } else {
            retry_later(client);
        }
        return;
    }
    complete_handshake(client, listener);
}

static void run_connect(void *user_data) {
    struct sim_endpoint *client = user_data;
    client->connect_action = 0;
    if (client->tcp == TCP_SYN_SENT && !client->dead) {
        syn_arrives(client);
    }
}

/* The faults of a handshake; returns the delay. An error comes as the answer to the SYN. */
static uint64_t connect_fault(struct sim_endpoint *client) {
    struct sim_kernel *kernel = client->kernel;
    if (!choice_possible(kernel)) {
        return 0;
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_CONNECT,
        .subject = client->subject,
        .ordinal = 1,
        .kernel = WBH_ACTION_BIT(WBH_ACTION_DELAY),
    };
    if (client->subject == WBH_SUBJECT_NONE) {
        point.ordinal = ++kernel->ordinal[WBH_POINT_CONNECT];
    }
    if (client->of_program) {
        point.failing = WBH_ACTION_BIT(WBH_ACTION_ERROR);
    }
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action == WBH_ACTION_PASS) {
        return 0;
    }
    choice_consumed(kernel, point.point, choice.action);
    if (choice.action == WBH_ACTION_ERROR) {
        client->connect_result = (int)choice.value;
        return HOLD_NS;
    }
    return choice.value;
}

/* The subject must be known before the handshake, since faults are keyed by it. */
static void name_early(struct sim_endpoint *client) {
    struct address to = plain(&client->remote);
    struct sim_endpoint *listener = find_listener(client->kernel, &to);
    if (client->of_program && listener != NULL) {
        name_client(client, listener);
    }
}

static int start_connect(struct sim_endpoint *client, const struct address *to) {
    if (client->tcp == TCP_LISTENING || client->tcp == TCP_ESTABLISHED) {
        return -EISCONN;
    }
    client->remote = *to;
    any_to_loopback(&client->remote);
    if (!client->bound) {
        client->local.family = client->domain;
        client->local.port = next_port(client->kernel);
        client->bound = true;
        endpoint_hold_port(client);
    }
    if (is_any(&client->local)) {
        memcpy(client->local.ip, client->remote.ip, sizeof(client->local.ip));
    }
    client->tcp = TCP_SYN_SENT;
    client->error = 0; /* what shutdown() closed stays closed */
    client->connecting = CONNECT_STARTED;
    client->connect_tries = 0;
    client->connect_result = 0;
    name_early(client);
    uint64_t delay_ns = connect_fault(client);
    if (delay_ns != 0) {
        client->connect_action =
            sim_schedule(client->kernel, client->kernel->now_ns + delay_ns, run_connect, client);
    } else {
        syn_arrives(client);
    }
    return -EINPROGRESS;
}

int endpoint_connect(struct sim_endpoint *client, const struct wb_sockaddr *addr, uint32_t len) {
    struct address to;
    int result = address_load(addr, len, &to);
    if (result != 0) {
        return result;
    }
    if (to.family == WB_AF_UNSPEC) {
        endpoint_disconnect(client);
        client->connecting = CONNECT_NONE;
        return 0;
    }
    if (client->connecting == CONNECT_DONE) {
        return -EISCONN;
    }
    if (client->connecting == CONNECT_GIVEN_UP) {
        return -EINVAL;
    }
    if (client->connecting == CONNECT_NONE) {
        if (to.family != client->domain) {
            return -EAFNOSUPPORT;
        }
        return start_connect(client, &to);
    }
    if (client->tcp == TCP_SYN_SENT) {
        return -EALREADY;
    }
    if (client->tcp == TCP_CLOSED && !(client->fin_sent && client->fin_received)) {
        int error = endpoint_take_error(client);
        endpoint_disconnect(client);
        client->connecting = CONNECT_NONE;
        return error != 0 ? -error : -ECONNABORTED;
    }
    client->connecting = CONNECT_DONE;
    return 0;
}

/* ---- accepting ---- */

struct sim_endpoint *endpoint_accept(struct sim_endpoint *listener) {
    if (listener->pending_count == 0) {
        return NULL;
    }
    struct sim_endpoint *server =
        LIST_ENTRY(listener->pending.next, struct sim_endpoint, in_pending);
    list_remove(&server->in_pending);
    listener->pending_count--;
    server->listener = NULL;
    server->connecting = CONNECT_DONE;
    return server;
}

void listener_reset_pending(struct sim_endpoint *listener) {
    for (;;) {
        struct sim_endpoint *server = endpoint_accept(listener);
        if (server == NULL) {
            break;
        }
        server->dead = true;
        endpoint_send_reset(server);
    }
    endpoint_release_reads(listener);
}

static void abort_first(struct sim_endpoint *listener) {
    struct sim_endpoint *server = endpoint_accept(listener);
    server->dead = true;
    endpoint_send_reset(server);
}

/* True: the call is decided, *out_result is its answer. */
static bool accept_fault(struct sim_endpoint *listener, int *out_result) {
    struct sim_kernel *kernel = listener->kernel;
    struct wbh_choice_point point = {
        .point = WBH_POINT_ACCEPT,
        .ordinal = ++kernel->ordinal[WBH_POINT_ACCEPT],
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
    };
    *(listener->known_pending ? &point.contract : &point.kernel) |=
        WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK);
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action == WBH_ACTION_PASS) {
        return false;
    }
    choice_consumed(kernel, point.point, choice.action);
    if (choice.action == WBH_ACTION_WOULD_BLOCK) {
        endpoint_hold_reads(listener);
        *out_result = -EAGAIN;
        return true;
    }
    if (choice.value == ECONNABORTED) {
        abort_first(listener);
    }
    *out_result = -(int)choice.value;
    return true;
}

static int accept_into(struct sim_kernel *kernel, struct sim_file *file, struct wb_sockaddr *addr,
    uint32_t *addr_len, int flags, struct sim_file **out_file) {
    struct sim_endpoint *listener = file->socket;
    if (listener->tcp != TCP_LISTENING) {
        return -EINVAL;
    }
    while (listener->pending_count == 0 || listener->read_hold.until_ns != 0) {
        file_lowered(kernel, file);
        if (file->nonblocking) {
            return -EAGAIN;
        }
        wait_advance(kernel, UINT64_MAX);
    }
    int fault;
    if (choice_possible(kernel) && accept_fault(listener, &fault)) {
        return fault;
    }
    int room = fd_room(kernel);
    if (room != 0) {
        return room;
    }
    struct sim_endpoint *server = endpoint_accept(listener);
    listener->known_pending = false;
    *out_file = file_new(kernel, FILE_SOCKET);
    (*out_file)->socket = server;
    (*out_file)->nonblocking = (flags & WB_SOCK_NONBLOCK) != 0;
    server->file = *out_file;
    server->accepted = true;
    if (addr != NULL && addr_len != NULL) {
        address_store(&server->remote, addr, addr_len);
    }
    file_lowered(kernel, file);
    return fd_install(kernel, *out_file);
}

/* ---- the system calls ---- */

static struct sim_file *socket_file(struct sim_kernel *kernel, int fd, int *out_error) {
    struct sim_file *file = fd_get(kernel, fd);
    *out_error = file == NULL ? -EBADF : file->type != FILE_SOCKET ? -ENOTSOCK : 0;
    return file;
}

int sys_accept4(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    struct sim_file *made = NULL;
    if ((flags & ~(WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) != 0) {
        result = -EINVAL;
    } else if (result == 0) {
        result = accept_into(kernel, file, addr, addr_len, flags, &made);
    }
    return (int)call_return(
        kernel, SIM_CALL_ACCEPT, fd, file, result, file_subject(made), (uint32_t)flags);
}

static int check_kind(int domain, int type, int protocol) {
    if (domain != WB_AF_INET && domain != WB_AF_INET6) {
        return -EAFNOSUPPORT;
    }
    if ((type & ~(WB_SOCK_TYPE_MASK | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) != 0) {
        return -EINVAL;
    }
    if ((type & WB_SOCK_TYPE_MASK) >= SOCK_TYPE_END) {
        return -EINVAL;
    }
    if ((type & WB_SOCK_TYPE_MASK) != WB_SOCK_STREAM) {
        return -ESOCKTNOSUPPORT_NUMBER;
    }
    return protocol == 0 || protocol == WB_IPPROTO_TCP ? 0 : -EPROTONOSUPPORT;
}

int sys_socket(void *self, int domain, int type, int protocol) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int fd = check_kind(domain, type, protocol);
    struct sim_file *file = NULL;
    if (fd == 0) {
        fd = open_fault(kernel);
    }
    if (fd == 0) {
        file = file_new(kernel, FILE_SOCKET);
        file->nonblocking = (type & WB_SOCK_NONBLOCK) != 0;
        file->socket = endpoint_new(kernel, domain, true);
        file->socket->file = file;
        file->socket->accepted = true;
        fd = fd_install(kernel, file);
    }
    return (int)call_return(
        kernel, SIM_CALL_SOCKET, fd, file, fd, (uint64_t)domain, (uint64_t)(uint32_t)type);
}

int sys_bind(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = endpoint_bind(file->socket, addr, addr_len);
    }
    uint64_t port = result == 0 ? file->socket->local.port : 0;
    return (int)call_return(kernel, SIM_CALL_BIND, fd, file, result, port, 0);
}

int sys_listen(void *self, int fd, int backlog) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = endpoint_listen(file->socket, backlog);
    }
    uint64_t port = result == 0 ? file->socket->local.port : 0;
    return (int)call_return(
        kernel, SIM_CALL_LISTEN, fd, file, result, port, (uint64_t)(int64_t)backlog);
}

static int connect_blocking(struct sim_kernel *kernel, struct sim_endpoint *endpoint) {
    while (endpoint->tcp == TCP_SYN_SENT) {
        wait_advance(kernel, UINT64_MAX);
    }
    if (endpoint->tcp == TCP_CLOSED) {
        int error = endpoint_take_error(endpoint);
        endpoint_disconnect(endpoint);
        endpoint->connecting = CONNECT_NONE;
        return -error;
    }
    endpoint->connecting = CONNECT_DONE;
    return 0;
}

int sys_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = endpoint_connect(file->socket, addr, addr_len);
        if (result == -EINPROGRESS && !file->nonblocking) {
            result = connect_blocking(kernel, file->socket);
        }
    }
    uint64_t port = file != NULL && file->type == FILE_SOCKET ? file->socket->remote.port : 0;
    return (int)call_return(kernel, SIM_CALL_CONNECT, fd, file, result, port, 0);
}

int sys_shutdown(void *self, int fd, int how) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = endpoint_shutdown(file->socket, how);
    }
    return (int)call_return(kernel, SIM_CALL_SHUTDOWN, fd, file, result, (uint64_t)(int64_t)how, 0);
}

static int check_name_args(const struct wb_sockaddr *addr, const uint32_t *addr_len) {
    return addr == NULL || addr_len == NULL ? -EFAULT : (int32_t)*addr_len < 0 ? -EINVAL : 0;
}

int sys_getsockname(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    result = result != 0 ? result : check_name_args(addr, addr_len);
    if (result == 0) {
        address_store(&file->socket->local, addr, addr_len);
    }
    return (int)call_return(kernel, SIM_CALL_GETSOCKNAME, fd, file, result, 0, 0);
}

int sys_getpeername(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    result = result != 0 ? result : check_name_args(addr, addr_len);
    if (result == 0 && file->socket->tcp != TCP_ESTABLISHED) {
        result = -ENOTCONN;
    }
    if (result == 0) {
        address_store(&file->socket->remote, addr, addr_len);
    }
    return (int)call_return(kernel, SIM_CALL_GETPEERNAME, fd, file, result, 0, 0);
}
