/* From a sender's hands into queues: whom a datagram reaches, what the network does to it on the
 * way, and the answer if nobody is there. */
#include "kernel/udp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* A datagram that was put off. */
struct udp_flight {
    struct sim_datagram *sender;
    struct address from;
    struct address to;
    uint32_t len;
    uint8_t bytes[];
};

/* ---- into a queue ---- */

/* What Linux charges for a datagram of that length: its buffers are powers of two, with headers in
 * front and bookkeeping behind. */
static uint32_t charge_of(uint32_t len) {
    enum { HEAD = 256, OVERHEAD = 384, SMALL = 576, ONE_PIECE_MIN = 1024 };
    if (len + OVERHEAD <= SMALL) {
        return HEAD + SMALL;
    }
    uint32_t size = ONE_PIECE_MIN;
    while (size < len + OVERHEAD) {
        size *= 2;
    }
    return HEAD + size;
}

static void emit_arrival(const struct sim_datagram *receiver, const struct sim_datagram *sender,
    uint32_t len, uint32_t flags) {
    struct sim_event event = event_begin(receiver->kernel, SIM_EVENT_ARRIVE);
    event.subject = sender->of_program ? receiver->subject : sender->subject;
    if (receiver->file != NULL) {
        event.file = receiver->file->serial;
        event.process = (uint8_t)receiver->file->process->number;
    }
    event.a = len;
    event.b = flags | (receiver->of_program ? (uint32_t)SIM_ARRIVE_TO_PROGRAM : 0u);
    event_emit(receiver->kernel, &event);
}

/* An empty queue takes any datagram, a full one drops it and tells nobody. */
static void enqueue(struct sim_datagram *receiver, struct sim_datagram *sender,
    const struct address *from, const uint8_t *bytes, uint32_t len) {
    if (len == 0 && PLANTED(UDP_EMPTY_IS_NONE)) {
        return;
    }
    uint32_t charge = charge_of(len);
    if (receiver->charged != 0 && receiver->charged + charge > receiver->so.recv_buffer_size) {
        emit_arrival(receiver, sender, len, SIM_ARRIVE_LOST);
        return;
    }
    struct message *message = kernel_alloc(receiver->kernel, sizeof(*message) + len);
    message->from = *from;
    message->neighbour = sender->of_program ? NULL : sender;
    message->charge = charge;
    message->len = len;
    if (len != 0) {
        memcpy(message->bytes, bytes, len);
    }
    receiver->charged += charge;
    list_push_tail(&receiver->queue, &message->in_queue);
    emit_arrival(receiver, sender, len, 0);
    if (receiver->read_hold.until_ns == 0) {
        udp_wake(receiver, KEY_READ);
    }
}

/* ---- to everybody ---- */

static bool hears(
    const struct sim_datagram *socket, const struct address *to, const struct address *from) {
    struct address local = address_plain(&socket->local);
    bool any = address_is_any(&local);
    bool same_family = local.family == to->family;
    if (local.port != to->port || (!same_family && !(any && local.family == WB_AF_INET6))) {
        return false;
    }
    if (!same_family && socket->ip.v6only) {
        return false;
    }
    if (!any && memcmp(local.ip, to->ip, sizeof(to->ip)) != 0) {
        return false;
    }
    return udp_hears(socket, from);
}

static void deliver_to_all(struct sim_datagram *sender, const struct address *from,
    const struct address *to, const uint8_t *bytes, uint32_t len) {
    if (address_is_group(to) && !udp_loops_back(sender, to)) {
        return;
    }
    struct sim_kernel *kernel = sender->kernel;
    struct list *holders = port_holders(kernel, kernel->udp_ports, to->port);
    for (struct list *node = holders->next; node != holders; node = node->next) {
        struct sim_datagram *socket = LIST_ENTRY(node, struct sim_datagram, in_port);
        if (hears(socket, to, from)) {
            enqueue(socket, sender, from, bytes, len);
        }
    }
}

/* ---- to one ---- */

/* Nobody is there: an ICMP message says so to the socket that the datagram came from. A socket of
 * the program hears of it only if it is connected to that place; the world's hear everything. */
static void answer_unreachable(
    struct sim_kernel *kernel, const struct address *from, const struct address *to) {
    if (!address_is_local(to)) {
        return; /* far away it is lost */
    }
    struct sim_datagram *sender = udp_find(kernel, from, to);
    if (sender != NULL && (sender->connected || !sender->of_program)) {
        sender->error = ECONNREFUSED;
        udp_wake(sender, KEY_ERROR);
    }
}

static void arrive(struct sim_datagram *sender, const struct address *from,
    const struct address *to, const uint8_t *bytes, uint32_t len) {
    struct sim_datagram *receiver = udp_find(sender->kernel, to, from);
    if (receiver != NULL) {
        enqueue(receiver, sender, from, bytes, len);
    } else {
        answer_unreachable(sender->kernel, from, to);
    }
}

/* ---- what the network may do ---- */

static void land(void *user_data) {
    struct udp_flight *flight = user_data;
    arrive(flight->sender, &flight->from, &flight->to, flight->bytes, flight->len);
    kernel_free(flight->sender->kernel, flight, sizeof(*flight) + flight->len);
}

static void arrive_at(struct sim_datagram *sender, uint64_t at_ns, const struct address *from,
    const struct address *to, const uint8_t *bytes, uint32_t len) {
    struct sim_kernel *kernel = sender->kernel;
    if (at_ns <= kernel->now_ns) {
        arrive(sender, from, to, bytes, len);
        return;
    }
    struct udp_flight *flight = kernel_alloc(kernel, sizeof(*flight) + len);
    flight->sender = sender;
    flight->from = *from;
    flight->to = *to;
    flight->len = len;
    if (len != 0) {
        memcpy(flight->bytes, bytes, len);
    }
    sim_schedule(kernel, at_ns, land, flight);
}

/* A delay keeps the order, as a slower wire would; what is lost, doubled or overtaken is something
 * that no correct program can hide from its peers. */
static struct wbh_choice choose_fate(struct sim_datagram *neighbour, bool inbound, uint32_t len) {
    struct udp_ordinals *ordinals = &neighbour->ordinals;
    struct wbh_choice_point point = {
        .point = inbound ? WBH_POINT_INBOUND : WBH_POINT_OUTBOUND,
        .subject = neighbour->subject,
        .ordinal = inbound ? ++ordinals->inbound : ++ordinals->outbound,
        .kernel = WBH_ACTION_BIT(WBH_ACTION_DELAY),
        .failing = WBH_ACTION_BIT(WBH_ACTION_DROP) | WBH_ACTION_BIT(WBH_ACTION_DUPLICATE)
                   | WBH_ACTION_BIT(WBH_ACTION_REORDER),
        .size = len,
    };
    return sim_choose(neighbour->kernel, &point);
}

static void travel(struct sim_datagram *sender, struct sim_datagram *neighbour,
    const struct address *from, const struct address *to, const uint8_t *bytes, uint32_t len) {
    bool inbound = sender == neighbour;
    struct wbh_choice fate = {.action = WBH_ACTION_PASS};
    if (choice_possible(sender->kernel)) {
        fate = choose_fate(neighbour, inbound, len);
    }
    if (fate.action == WBH_ACTION_DROP) {
        return;
    }
    uint64_t now_ns = sender->kernel->now_ns;
    if (fate.action == WBH_ACTION_REORDER) {
        arrive_at(sender, now_ns + fate.value, from, to, bytes, len);
        return;
    }
    uint64_t *clear_ns = inbound ? &neighbour->inbound_clear_ns : &neighbour->outbound_clear_ns;
    uint64_t at_ns = now_ns + (fate.action == WBH_ACTION_DELAY ? fate.value : 0);
    if (at_ns < *clear_ns) {
        at_ns = *clear_ns;
    }
    *clear_ns = at_ns;
    arrive_at(sender, at_ns, from, to, bytes, len);
    if (fate.action == WBH_ACTION_DUPLICATE) {
        arrive_at(sender, at_ns, from, to, bytes, len);
    }
}

void udp_launch(struct sim_datagram *sender, const struct address *from, const struct address *to,
    const uint8_t *bytes, uint32_t len) {
    if (address_is_group(to) || address_is_broadcast(to)) {
        deliver_to_all(sender, from, to, bytes, len);
        return;
    }
    struct sim_datagram *receiver = udp_find(sender->kernel, to, from);
    bool to_world = receiver != NULL && !receiver->of_program;
    if (sender->of_program == to_world) {
        travel(sender, to_world ? receiver : sender, from, to, bytes, len);
    } else {
        arrive(sender, from, to, bytes, len); /* between two of a kind: no network */
    }
}
