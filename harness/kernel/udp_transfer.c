/* Sending and receiving over UDP: addresses, sizes, MSG_MORE, MSG_PEEK, MSG_TRUNC, and the faults
 * of both calls. Where a datagram goes is in udp_deliver.c. */
#include "kernel/udp.h"

#include <errno.h>
#include <string.h>

enum { ADDR_LEN_MAX = 128, FAMILY_LEN = 2, IN_LEN = 16, IN6_LEN = 24, LEN_MAX = 0xffff };

static void emit_release(struct sim_datagram *socket, enum wbh_point point) {
    struct sim_event event = event_begin(socket->kernel, SIM_EVENT_RELEASE);
    if (socket->file != NULL) {
        event.file = socket->file->serial;
        event.process = (uint8_t)socket->file->process->number;
    }
    event.subject = socket->subject;
    event.a = point;
    event_emit(socket->kernel, &event);
}

static void hold(struct sim_datagram *socket, struct hold *hold, void (*release)(void *)) {
    struct sim_kernel *kernel = socket->kernel;
    hold->until_ns = kernel->now_ns + HOLD_NS;
    hold->action = sim_schedule(kernel, hold->until_ns, release, socket);
    file_lowered(kernel, socket->file);
}

/* ---- receiving ---- */

struct message *udp_first(const struct sim_datagram *socket) {
    if (list_is_empty(&socket->queue) || socket->read_hold.until_ns != 0) {
        return NULL;
    }
    return LIST_ENTRY(socket->queue.next, struct message, in_queue);
}

void udp_drop_first(struct sim_datagram *socket) {
    struct message *message = LIST_ENTRY(socket->queue.next, struct message, in_queue);
    list_remove(&message->in_queue);
    socket->charged -= message->charge;
    kernel_free(socket->kernel, message, sizeof(*message) + message->len);
}

static void release_reads(void *user_data) {
    struct sim_datagram *socket = user_data;
    socket->read_hold = (struct hold){0};
    emit_release(socket, WBH_POINT_RECV);
    if (udp_first(socket) != NULL) {
        udp_wake(socket, KEY_READ);
    }
}

/* The errors that the network or the system may give to a datagram. */
static uint32_t errnos_at(const struct sim_kernel *kernel, enum wbh_point point) {
    static const int fit[] = {ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENOBUFS, ENOMEM};
    uint32_t set = 0;
    if (kernel->config.legality_max < WBH_LEGALITY_FAILING) {
        return 0; /* none is offered */
    }
    for (size_t i = 0; i < sizeof(fit) / sizeof(fit[0]); i++) {
        set |= 1u << (unsigned)wbh_errno_index(fit[i]);
    }
    return set & wbh_point_errnos(point);
}

/* -EAGAIN or an error if the choice is so; 1: go on. */
static int recv_fault(struct sim_datagram *socket, const struct message *first) {
    struct sim_datagram *neighbour = first->neighbour;
    struct sim_process *process = socket->kernel->current;
    uint32_t *ordinal =
        neighbour != NULL ? &neighbour->ordinals.recv : &process->ordinal[WBH_POINT_RECV];
    struct wbh_choice_point point = {
        .point = WBH_POINT_RECV,
        .subject = neighbour != NULL ? neighbour->subject : process_subject(process),
        .ordinal = ++*ordinal,
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
        .size = first->len,
        .errnos = errnos_at(socket->kernel, WBH_POINT_RECV),
    };
    /* A datagram whose checksum turns out to be wrong is gone when it is read. */
    *(socket->known_readable ? &point.contract : &point.kernel) |=
        WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK);
    struct wbh_choice choice = choose(socket->kernel, &point);
    if (choice.action == WBH_ACTION_PASS) {
        return 1;
    }
    choice_consumed(socket->kernel, point.point, choice.action);
    if (choice.action == WBH_ACTION_ERROR) {
        return -(int)choice.value;
    }
    hold(socket, &socket->read_hold, release_reads);
    return -EAGAIN;
}

/* Only a read that may sleep is told of its own shutdown. */
static int64_t recv_nothing(struct sim_datagram *socket, struct wb_msghdr *msg, int flags) {
    bool sleeps = !socket->file->nonblocking && (flags & WB_MSG_DONTWAIT) == 0;
    if (socket->rd_shut && sleeps && list_is_empty(&socket->queue)) {
        msg->name_len = 0;
        msg->control_len = 0;
        msg->flags = 0;
        return 0;
    }
    file_lowered(socket->kernel, socket->file);
    return -EAGAIN;
}

static int64_t take(
    struct sim_datagram *socket, const struct message *message, struct wb_msghdr *msg, int flags) {
    uint64_t room = iov_total(msg->iov, msg->iov_len);
    uint32_t len = message->len < room ? message->len : (uint32_t)room;
    iov_scatter(msg->iov, msg->iov_len, message->bytes, len);
    msg->flags = len < message->len ? WB_MSG_TRUNC : 0;
    msg->control_len = 0;
    if (msg->name != NULL) {
        struct address from = address_shown_to(&message->from, socket->so.domain);
        address_store(&from, msg->name, &msg->name_len);
    }
    return (flags & WB_MSG_TRUNC) != 0 ? message->len : len;
}

int64_t udp_recv(struct sim_datagram *socket, struct wb_msghdr *msg, int flags) {
    socket->moved_subject = socket->subject;
    if (msg->name != NULL && (int32_t)msg->name_len < 0) {
        return -EINVAL;
    }
    bool error_waits = PLANTED(UDP_ERROR_LAST) && udp_first(socket) != NULL;
    int error = error_waits ? 0 : udp_take_error(socket);
    if (error != 0) {
        return -error;
    }
    const struct message *first = udp_first(socket);
    if (first == NULL) {
        return recv_nothing(socket, msg, flags);
    }
    socket->moved_subject = first->neighbour != NULL ? first->neighbour->subject : WBH_SUBJECT_NONE;
    int fault = choice_possible(socket->kernel) ? recv_fault(socket, first) : 1;
    if (fault != 1) {
        return fault;
    }
    /* A bad buffer is found with the datagram in hand, which is then lost. */
    bool bad = first->len != 0 && iov_is_bad(msg->iov, msg->iov_len);
    int64_t result = bad ? -EFAULT : take(socket, first, msg, flags);
    socket->known_readable = (flags & WB_MSG_PEEK) != 0;
    socket->kernel->datagram_sender = first->sender;
    if ((flags & WB_MSG_PEEK) == 0) {
        udp_drop_first(socket);
        file_lowered(socket->kernel, socket->file);
    }
    return result;
}

/* ---- sending: where to ---- */

/* -errno, 0 with the address in *out, or 1: none was given. */
static int load_destination4(const struct wb_msghdr *msg, uint32_t len, struct address *out) {
    if (len < IN_LEN) {
        return -EINVAL;
    }
    struct wb_sockaddr addr;
    memcpy(&addr, msg->name, IN_LEN);
    if (addr.family != WB_AF_INET && addr.family != WB_AF_UNSPEC) {
        return -EAFNOSUPPORT;
    }
    addr.family = WB_AF_INET;
    return address_load(&addr, IN_LEN, out);
}

static int load_destination(
    const struct sim_datagram *socket, const struct wb_msghdr *msg, struct address *out) {
    if (msg->name == NULL || msg->name_len == 0) {
        return 1;
    }
    uint32_t len = msg->name_len < ADDR_LEN_MAX ? msg->name_len : ADDR_LEN_MAX;
    if (socket->so.domain == WB_AF_INET) {
        return load_destination4(msg, len, out);
    }
    if (len < FAMILY_LEN) {
        return -EINVAL;
    }
    switch (msg->name->family) {
    case WB_AF_UNSPEC:
        return 1;
    case WB_AF_INET:
        return socket->ip.v6only ? -ENETUNREACH : load_destination4(msg, len, out);
    case WB_AF_INET6:
        return len < IN6_LEN ? -EINVAL : address_load(msg->name, len, out);
    default:
        return -EINVAL;
    }
}

/* What IPv4 looks at before anything else, and IPv6 not at all. */
static int check_ipv4(uint64_t len, int flags) {
    return len > LEN_MAX ? -EMSGSIZE : (flags & WB_MSG_OOB) != 0 ? -EOPNOTSUPP : 0;
}

static int refuse_port(const struct address *to, uint64_t len, int flags) {
    int error = address_plain(to).family == WB_AF_INET ? check_ipv4(len, flags) : 0;
    return error != 0 ? error : -EINVAL;
}

static int find_destination(const struct sim_datagram *socket, const struct wb_msghdr *msg,
    uint64_t len, int flags, struct address *out) {
    int result = load_destination(socket, msg, out);
    if (result < 0) {
        return result;
    }
    if (result == 1) {
        if (!socket->connected) {
            return -EDESTADDRREQ;
        }
        *out = socket->remote;
        if (out->port == 0 && socket->so.domain == WB_AF_INET6
            && address_plain(out).family == WB_AF_INET) {
            return refuse_port(out, len, flags);
        }
    } else if (out->port == 0) {
        return refuse_port(out, len, flags);
    }
    return udp_check_destination(socket, out);
}

/* ---- sending ---- */

static void release_writes(void *user_data) {
    struct sim_datagram *socket = user_data;
    socket->write_hold = (struct hold){0};
    emit_release(socket, WBH_POINT_SEND);
    udp_wake(socket, KEY_WRITE);
}

/* As recv_fault(). Linux never lets a send wait, so EAGAIN is the contract's alone. */
static int send_fault(struct sim_datagram *socket, struct sim_datagram *receiver, uint32_t len) {
    bool neighbour = receiver != NULL && !receiver->of_program;
    struct sim_process *process = socket->kernel->current;
    uint32_t *ordinal = neighbour ? &receiver->ordinals.send : &process->ordinal[WBH_POINT_SEND];
    struct wbh_choice_point point = {
        .point = WBH_POINT_SEND,
        .subject = neighbour ? receiver->subject : process_subject(process),
        .ordinal = ++*ordinal,
        .contract = WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK),
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
        .size = len,
        .errnos = errnos_at(socket->kernel, WBH_POINT_SEND),
    };
    struct wbh_choice choice = choose(socket->kernel, &point);
    if (choice.action == WBH_ACTION_PASS) {
        return 1;
    }
    choice_consumed(socket->kernel, point.point, choice.action);
    if (choice.action == WBH_ACTION_ERROR) {
        return -(int)choice.value;
    }
    hold(socket, &socket->write_hold, release_writes);
    return -EAGAIN;
}

/* The buffer is free again before the datagram arrives. */
static void transmit(struct sim_datagram *socket, const struct udp_route *route,
    const struct address *to, const uint8_t *bytes, uint32_t len) {
    if (!PLANTED(UDP_SEND_SILENT)) {
        udp_wake(socket, KEY_WRITE);
    }
    udp_launch(socket, route, to, bytes, len);
}

static uint32_t len_max(const struct address *to) {
    return to->family == WB_AF_INET ? UDP_LEN_MAX4 : UDP_LEN_MAX6;
}

/* What a first piece of a datagram needs; later ones are not asked. */
static int check_sendable(struct sim_datagram *socket) {
    int error = udp_take_error(socket);
    return error != 0 ? -error : socket->snd_shut ? -EPIPE : 0;
}

/* Over IPv6 it comes from where it was begun, whatever the socket's port is now. */
static struct udp_route route_of_cork(const struct sim_datagram *socket) {
    const struct address *to = &socket->cork_to;
    struct udp_route route = udp_route_to(socket, to);
    if (to->family == WB_AF_INET6 && route.host >= 0) {
        route.from = socket->cork_from;
        route.receiver = udp_find(socket->kernel, (uint32_t)route.host, to, &route.from);
    }
    return route;
}

/* Another piece of a datagram under construction. */
static int64_t send_more(
    struct sim_datagram *socket, const struct wb_msghdr *msg, uint64_t len, int flags) {
    if (socket->cork_len + len > len_max(&socket->cork_to)) {
        socket->is_corked = false;
        return -EMSGSIZE;
    }
    iov_gather(msg->iov, msg->iov_len, socket->cork + socket->cork_len, (size_t)len);
    socket->cork_len += (uint32_t)len;
    if ((flags & WB_MSG_MORE) == 0) {
        const struct udp_route route = route_of_cork(socket);
        socket->is_corked = false;
        transmit(socket, &route, &socket->cork_to, socket->cork, socket->cork_len);
    }
    return (int64_t)len;
}

static int64_t begin_cork(struct sim_datagram *socket, const struct address *to,
    const struct wb_msghdr *msg, uint64_t len) {
    if (socket->cork == NULL) {
        socket->cork = kernel_alloc(socket->kernel, UDP_LEN_MAX6);
    }
    socket->is_corked = true;
    socket->cork_to = *to;
    socket->cork_from = udp_route_to(socket, to).from;
    socket->cork_len = 0;
    return send_more(socket, msg, len, WB_MSG_MORE);
}

/* The buffer that was meant for it is free again. */
static int64_t refuse_bytes(struct sim_datagram *socket) {
    socket->is_corked = false;
    udp_wake(socket, KEY_WRITE);
    return -EFAULT;
}

static int64_t send_to(struct sim_datagram *socket, const struct address *to,
    const struct wb_msghdr *msg, uint32_t len) {
    const struct udp_route route = udp_route_to(socket, to);
    struct sim_datagram *receiver = route.receiver;
    bool neighbour = receiver != NULL && !receiver->of_program;
    socket->moved_subject = neighbour ? receiver->subject : WBH_SUBJECT_NONE;
    int fault = choice_possible(socket->kernel) ? send_fault(socket, receiver, len) : 1;
    if (fault != 1) {
        return fault;
    }
    uint8_t *bytes = scratch(socket->kernel, len);
    iov_gather(msg->iov, msg->iov_len, bytes, len);
    transmit(socket, &route, to, bytes, len);
    return len;
}

static bool is_ipv4_within(const struct wb_sockaddr *addr) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return addr->family == WB_AF_INET
           || (addr->family == WB_AF_INET6 && memcmp(addr->in6.addr, mapped, 12) == 0);
}

/* The address of a later piece leads nowhere, but a socket of IPv6 looks at it all the same. */
static int check_later_address(const struct sim_datagram *socket, const struct wb_msghdr *msg) {
    const struct wb_sockaddr *addr = msg->name;
    if (!socket->is_corked || socket->so.domain != WB_AF_INET6 || addr == NULL
        || msg->name_len == 0) {
        return 0;
    }
    if (msg->name_len < FAMILY_LEN || addr->family == WB_AF_UNSPEC) {
        return msg->name_len < FAMILY_LEN ? -EINVAL : 0;
    }
    if (addr->family != WB_AF_INET && (addr->family != WB_AF_INET6 || msg->name_len < IN6_LEN)) {
        return -EINVAL;
    }
    if (!is_ipv4_within(addr)) {
        return 0;
    }
    return socket->ip.v6only ? -ENETUNREACH : socket->cork_to.family == WB_AF_INET ? 0 : -EINVAL;
}

int64_t udp_send(struct sim_datagram *socket, const struct wb_msghdr *msg, int flags) {
    socket->moved_subject = socket->subject;
    if (msg->name != NULL && (int32_t)msg->name_len < 0) {
        return -EINVAL;
    }
    int error = udp_autobind(socket);
    uint64_t len = iov_total(msg->iov, msg->iov_len);
    bool goes_on4 = socket->is_corked && socket->cork_to.family == WB_AF_INET;
    if (error == 0 && (socket->so.domain == WB_AF_INET || goes_on4)) {
        error = check_ipv4(len, flags);
    }
    if (error != 0) {
        return error;
    }
    error = check_later_address(socket, msg);
    if (error != 0) {
        return error;
    }
    if (socket->write_hold.until_ns != 0) {
        return -EAGAIN;
    }
    bool bad = iov_is_bad(msg->iov, msg->iov_len);
    if (socket->is_corked && bad) {
        return refuse_bytes(socket);
    }
    if (socket->is_corked) {
        return send_more(socket, msg, len, flags);
    }
    struct address to;
    error = find_destination(socket, msg, len, flags, &to);
    error = error == 0 && to.family == WB_AF_INET ? check_ipv4(len, flags) : error;
    error = error != 0 ? error : len > len_max(&to) ? -EMSGSIZE : check_sendable(socket);
    if (error != 0) {
        return error;
    }
    if (bad) {
        return refuse_bytes(socket);
    }
    return (flags & WB_MSG_MORE) != 0 ? begin_cork(socket, &to, msg, len)
                                      : send_to(socket, &to, msg, (uint32_t)len);
}
