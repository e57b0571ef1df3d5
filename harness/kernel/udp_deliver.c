/* From a sender's hands into queues: whom a datagram reaches, what the network and links do to it
 * on the way, and the answer if nobody is there. */
#include "kernel/udp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* A datagram under way. Addresses are plain. */
struct parcel {
    struct sim_datagram *sender;
    struct sim_datagram
        *receiver; /* as it was sent; NULL: nobody, or all of the program's that hear */
    bool to_all;   /* to a group, or broadcast */
    struct address from;
    struct address to;
    struct place goal; /* the receiver's, otherwise the host's */
    uint64_t key;      /* of its way over a link */
    uint32_t len;
    const uint8_t *bytes; /* borrowed */
};

/* One that was put off. */
struct udp_flight {
    struct parcel parcel;
    uint8_t bytes[];
};

/* The world's end of it; NULL: both are the programs'. */
static struct sim_datagram *neighbour_of(const struct parcel *parcel) {
    if (!parcel->sender->of_program) {
        return parcel->sender;
    }
    const bool to_world = parcel->receiver != NULL && !parcel->receiver->of_program;
    return to_world ? parcel->receiver : NULL;
}

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

static void emit_arrival(const struct sim_datagram *receiver, const struct parcel *parcel,
    uint32_t len, uint32_t flags) {
    const struct sim_datagram *sender = parcel->sender;
    struct sim_event event = event_begin(sender->kernel, SIM_EVENT_ARRIVE);
    if (!sender->of_program) {
        event.subject = sender->subject;
    } else {
        event.subject = receiver != NULL ? receiver->subject : WBH_SUBJECT_NONE;
        event.process = (uint8_t)sender->process->number;
    }
    if (receiver != NULL && receiver->file != NULL) {
        event.file = receiver->file->serial;
        event.process = (uint8_t)receiver->file->process->number;
    }
    const bool to_program = receiver != NULL && receiver->of_program;
    event.a = len;
    event.b = flags | (to_program ? (uint32_t)SIM_ARRIVE_TO_PROGRAM : 0u);
    event_emit(sender->kernel, &event);
}

/* An empty queue takes any datagram, a full one drops it and tells nobody. */
static void enqueue(struct sim_datagram *receiver, const struct parcel *parcel) {
    uint32_t len = parcel->len;
    if (len == 0 && PLANTED(UDP_EMPTY_IS_NONE)) {
        return;
    }
    uint32_t charge = charge_of(len);
    if (receiver->charged != 0 && receiver->charged + charge > receiver->so.recv_buffer_size) {
        emit_arrival(receiver, parcel, len, SIM_ARRIVE_LOST);
        return;
    }
    struct message *message = kernel_alloc_raw(receiver->kernel, sizeof(*message) + len);
    *message = (struct message){.from = parcel->from,
        .neighbour = parcel->sender->of_program ? NULL : parcel->sender,
        .sender = parcel->sender->serial,
        .charge = charge,
        .len = len};
    if (len != 0) {
        memcpy(message->bytes, parcel->bytes, len);
    }
    receiver->charged += charge;
    list_push_tail(&receiver->queue, &message->in_queue);
    emit_arrival(receiver, parcel, len, 0);
    if (receiver->read_hold.until_ns == 0) {
        udp_wake(receiver, KEY_READ);
    }
}

/* ---- to everybody ---- */

static bool hears(const struct sim_datagram *socket, const struct parcel *parcel) {
    const struct address *to = &parcel->to;
    struct address local = address_plain(&socket->local);
    bool any = address_is_any(&local);
    bool same_family = local.family == to->family;
    if (socket->at.host != parcel->sender->at.host || local.port != to->port
        || (!same_family && !(any && local.family == WB_AF_INET6))) {
        return false;
    }
    if (!same_family && socket->ip.v6only) {
        return false;
    }
    if (!any && memcmp(local.ip, to->ip, sizeof(to->ip)) != 0) {
        return false;
    }
    return udp_hears(socket, &parcel->from);
}

/* What comes from a neighbour comes to all of the program's sockets at once, what goes to one, to
 * that one, if it still listens. */
static void arrive_at_all(const struct parcel *parcel) {
    struct sim_kernel *kernel = parcel->sender->kernel;
    struct list *holders = port_holders(kernel, kernel->udp_ports, parcel->to.port);
    for (struct list *node = holders->next; node != holders; node = node->next) {
        struct sim_datagram *socket = LIST_ENTRY(node, struct sim_datagram, in_port);
        bool is_meant = parcel->receiver != NULL ? socket == parcel->receiver : socket->of_program;
        if (is_meant && hears(socket, parcel)) {
            enqueue(socket, parcel);
        }
    }
}

/* ---- later ---- */

static void put_off(const struct parcel *parcel, uint64_t at_ns, void (*then)(void *user_data)) {
    struct sim_kernel *kernel = parcel->sender->kernel;
    struct udp_flight *flight = kernel_alloc(kernel, sizeof(*flight) + parcel->len);
    flight->parcel = *parcel;
    if (parcel->len != 0) {
        memcpy(flight->bytes, parcel->bytes, parcel->len);
    }
    flight->parcel.bytes = flight->bytes;
    sim_schedule(kernel, at_ns, then, flight);
}

static void end_flight(struct udp_flight *flight) {
    kernel_free(flight->parcel.sender->kernel, flight, sizeof(*flight) + flight->parcel.len);
}

/* Whether it comes through the link between two places, if there is one. */
static bool is_carried(const struct parcel *parcel, struct place from, struct place to,
    uint64_t len, uint64_t key, uint64_t *out_ns) {
    struct sim_kernel *kernel = parcel->sender->kernel;
    *out_ns = 0;
    if (!links_any(kernel) || link_carries(kernel, from, to, len, key, out_ns)) {
        return true;
    }
    emit_arrival(
        parcel->receiver, parcel, (uint32_t)len, SIM_ARRIVE_LOST | SIM_ARRIVE_LOST_ON_LINK);
    return false;
}

/* ---- to one ---- */

/* A socket of the program hears of it only if it is connected to that place; the world's hear
 * everything. */
static void refuse(const struct parcel *parcel) {
    const struct sim_datagram *from = parcel->sender;
    struct sim_datagram *sender = udp_find(from->kernel, from->at.host, &parcel->from, &parcel->to);
    if (sender != NULL && (sender->connected || !sender->of_program)) {
        sender->error = ECONNREFUSED;
        udp_wake(sender, KEY_ERROR);
    }
}

static void refuse_later(void *user_data) {
    struct udp_flight *flight = user_data;
    refuse(&flight->parcel);
    end_flight(flight);
}

/* Nobody is there: an ICMP message says so to the socket that the datagram came from. */
static void answer_unreachable(const struct parcel *parcel) {
    enum { ICMP_LEN = 28 }; /* with the headers it quotes, without its own */
    struct sim_kernel *kernel = parcel->sender->kernel;
    uint64_t back_ns;
    if (kernel->host_count == 1 && !address_is_local(&parcel->to)) {
        return; /* far away it is lost */
    }
    if (!is_carried(parcel, parcel->goal, parcel->sender->at, ICMP_LEN, ~parcel->key, &back_ns)) {
        return;
    }
    if (back_ns == 0) {
        refuse(parcel);
    } else {
        put_off(parcel, kernel->now_ns + back_ns, refuse_later);
    }
}

static void arrive(const struct parcel *parcel, struct sim_datagram *receiver) {
    if (parcel->to_all) {
        arrive_at_all(parcel);
    } else if (receiver != NULL) {
        enqueue(receiver, parcel);
    } else {
        answer_unreachable(parcel);
    }
}

/* Whose it is may have changed since it was sent. */
static void land(void *user_data) {
    struct udp_flight *flight = user_data;
    const struct parcel *parcel = &flight->parcel;
    arrive(parcel, udp_find(parcel->sender->kernel, parcel->goal.host, &parcel->to, &parcel->from));
    end_flight(flight);
}

/* ---- what the network may do ---- */

/* Leaves at that time; over a link one may then overtake another. */
static void depart(const struct parcel *parcel, uint64_t at_ns) {
    uint64_t on_its_way_ns;
    struct place from = parcel->sender->at;
    if (!is_carried(parcel, from, parcel->goal, parcel->len, parcel->key, &on_its_way_ns)) {
        return;
    }
    at_ns += on_its_way_ns;
    if (at_ns <= parcel->sender->kernel->now_ns) {
        arrive(parcel, parcel->receiver);
    } else {
        put_off(parcel, at_ns, land);
    }
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

static void travel(const struct parcel *parcel, struct sim_datagram *neighbour) {
    struct sim_kernel *kernel = neighbour->kernel;
    bool inbound = parcel->sender == neighbour;
    struct wbh_choice fate = {.action = WBH_ACTION_PASS};
    if (choice_possible(kernel)) {
        fate = choose_fate(neighbour, inbound, parcel->len);
    }
    if (fate.action == WBH_ACTION_DROP) {
        return;
    }
    if (fate.action == WBH_ACTION_REORDER) {
        depart(parcel, kernel->now_ns + fate.value);
        return;
    }
    uint64_t *clear_ns = inbound ? &neighbour->inbound_clear_ns : &neighbour->outbound_clear_ns;
    uint64_t at_ns = kernel->now_ns + (fate.action == WBH_ACTION_DELAY ? fate.value : 0);
    if (at_ns < *clear_ns) {
        at_ns = *clear_ns;
    }
    *clear_ns = at_ns;
    depart(parcel, at_ns);
    if (fate.action == WBH_ACTION_DUPLICATE) {
        depart(parcel, at_ns);
    }
}

/* Tells it from all else that takes a link in this run. */
static uint64_t next_key(const struct parcel *parcel) {
    struct sim_datagram *neighbour = neighbour_of(parcel);
    if (neighbour == NULL) {
        struct sim_process *process = parcel->sender->process;
        return (uint64_t)WBH_SUBJECT_PROGRAM(process->number) << 32
               | (uint64_t)++process->travel_ordinal << 1;
    }
    bool inbound = parcel->sender == neighbour;
    struct udp_ordinals *ordinals = &neighbour->ordinals;
    uint32_t ordinal = inbound ? ++ordinals->travelled_in : ++ordinals->travelled_out;
    return (uint64_t)neighbour->subject << 32 | (uint64_t)ordinal << 1 | (uint64_t)inbound;
}

static void launch_to_one(struct parcel *parcel, const struct udp_route *route) {
    struct sim_kernel *kernel = parcel->sender->kernel;
    struct sim_datagram *receiver = route->receiver;
    if (route->host < 0) {
        return; /* no answer comes from where nobody is */
    }
    parcel->receiver = receiver;
    parcel->goal = receiver != NULL ? receiver->at : place_of_host((uint32_t)route->host);
    parcel->key = links_any(kernel) ? next_key(parcel) : 0;
    bool to_world = receiver != NULL && !receiver->of_program;
    if (parcel->sender->of_program == to_world) {
        travel(parcel, neighbour_of(parcel));
    } else {
        depart(parcel, kernel->now_ns); /* between two of a kind: a link at most */
    }
}

/* Within a host; between the program and a neighbour the network has its say. */
static void launch_to_all(struct parcel *parcel) {
    if (address_is_group(&parcel->to) && !udp_loops_back(parcel->sender, &parcel->to)) {
        return;
    }
    struct sim_kernel *kernel = parcel->sender->kernel;
    struct list *holders = port_holders(kernel, kernel->udp_ports, parcel->to.port);
    bool has_travelled = false;
    for (struct list *node = holders->next; node != holders; node = node->next) {
        struct sim_datagram *socket = LIST_ENTRY(node, struct sim_datagram, in_port);
        bool is_inbound = !parcel->sender->of_program;
        if (!hears(socket, parcel) || (has_travelled && is_inbound && socket->of_program)) {
            continue;
        }
        if (socket->of_program == parcel->sender->of_program) {
            enqueue(socket, parcel);
            continue;
        }
        has_travelled = true;
        parcel->receiver = is_inbound ? NULL : socket;
        parcel->goal = socket->at;
        parcel->key = links_any(kernel) ? next_key(parcel) : 0;
        travel(parcel, neighbour_of(parcel));
    }
}

void udp_launch(struct sim_datagram *sender, const struct udp_route *route,
    const struct address *to, const uint8_t *bytes, uint32_t len) {
    struct parcel parcel = {
        .sender = sender, .from = route->from, .to = *to, .len = len, .bytes = bytes};
    if (address_is_group(to) || address_is_broadcast(to)) {
        parcel.to_all = true;
        launch_to_all(&parcel);
    } else {
        launch_to_one(&parcel, route);
    }
}
