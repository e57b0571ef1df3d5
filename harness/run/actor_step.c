/* What peers do: each step's action, at the moment it comes. */
#include "run/stage.h"

#include <errno.h>
#include <string.h>

bool wbh_step_needs_thought(enum wbh_step_kind kind) {
    switch (kind) {
    case WBH_STEP_CONNECT:
    case WBH_STEP_SEND:
    case WBH_STEP_EXPECT_REFUSED:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_SLOWLY:
    case WBH_STEP_READ_ON:
    case WBH_STEP_SIGNAL:
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_CONNECT_SEQPACKET:
    case WBH_STEP_CONNECT_DATAGRAM:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
    case WBH_STEP_SEND_SLOWLY:
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
        return true;
    case WBH_STEP_LISTEN:
    case WBH_STEP_ACCEPT:
    case WBH_STEP_EXPECT:
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_RESET:
    case WBH_STEP_EXPECT_SILENCE:
    case WBH_STEP_EXPECT_COUNT:
    case WBH_STEP_SLEEP:
    case WBH_STEP_AFTER:
    case WBH_STEP_BUFFERS:
    case WBH_STEP_BIND_UDP:
    case WBH_STEP_BIND_DATAGRAM:
    case WBH_STEP_SEND_TO:
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
    case WBH_STEP_EXPECT_DESCRIPTORS:
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return false;
}

static struct wb_sockaddr address_of(const struct wbh_address *address, uint32_t port) {
    struct wb_sockaddr addr = {0};
    uint8_t port_be[2] = {(uint8_t)(port >> 8), (uint8_t)port};
    addr.family = address->family;
    if (address->family == WB_AF_INET6) {
        memcpy(&addr.in6.port_be, port_be, sizeof(port_be));
        memcpy(addr.in6.addr, address->ip, sizeof(addr.in6.addr));
    } else {
        memcpy(&addr.in.port_be, port_be, sizeof(port_be));
        memcpy(addr.in.addr, address->ip, sizeof(addr.in.addr));
    }
    return addr;
}

static struct wb_sockaddr loopback(uint32_t port) {
    static const struct wbh_address loopback = {WB_AF_INET, {127, 0, 0, 1}};
    return address_of(&loopback, port);
}

uint32_t wbh_port_of(const struct wb_sockaddr *addr) {
    uint8_t port_be[2];
    memcpy(port_be, &addr->in.port_be, sizeof(port_be));
    return (uint32_t)port_be[0] << 8 | port_be[1];
}

/* Where an actor finds a program: on its own host by loopback, elsewhere by the host's address. */
struct wb_sockaddr wbh_target_of(const struct wbh_actor *actor, uint32_t program) {
    static const struct wbh_address outside = {WB_AF_INET, {192, 0, 2, 1}};
    const struct wbh_target *target = &actor->stage->targets[program];
    if (target->host == actor->script->host) {
        return loopback(target->port);
    }
    return target->host == 0
               ? address_of(&outside, target->port)
               : address_of(
                   &actor->stage->scenario->hosts[target->host - 1].addresses[0], target->port);
}

/* To be reached by programs of the same host; where there are others, by theirs, too. */
struct wb_sockaddr wbh_own_address(const struct wbh_stage *stage, uint16_t family, uint32_t port) {
    const struct wbh_address any = {family, {0}};
    return stage->scenario->host_count != 0 ? address_of(&any, port) : loopback(port);
}

/* Each peer has a place of its own, so that it can have a link of its own. */
static void place(const struct wbh_actor *actor, struct sim_endpoint *endpoint) {
    sim_endpoint_place(endpoint, actor->script->host, SIM_END_SITE(actor->index));
}

static void note(struct wbh_actor *actor, const struct wbh_step *step, uint64_t b) {
    sim_note_peer(actor->stage->kernel, actor->subject, step->kind, b, NULL, 0);
}

static void apply_buffers(const struct wbh_actor *actor, struct sim_endpoint *endpoint) {
    enum { SEND_BUFFER_SIZE = 87040 };
    if (actor->recv_buffer_size != 0) {
        (void)sim_endpoint_set_buffers(endpoint, SEND_BUFFER_SIZE, actor->recv_buffer_size);
    }
}

/* Whatever has come to its socket. */
static void look(struct wbh_actor *actor) {
    if (actor->unix_socket != NULL && wbh_actor_has_messages(actor)) {
        wbh_actor_look_unix(actor);
    } else {
        wbh_actor_look(actor);
    }
}

/* ---- beginning and ending connections ---- */

static void connect_out(struct wbh_actor *actor, const struct wbh_step *step) {
    struct wbh_stage *stage = actor->stage;
    wbh_actor_close(actor);
    actor->subject = WBH_SUBJECT(actor->index, actor->connections);
    actor->connections++;
    struct wb_sockaddr addr = wbh_target_of(actor, step->program);
    struct sim_endpoint *endpoint =
        sim_endpoint_new(stage->kernel, actor->subject, addr.family, wbh_actor_on_change, actor);
    place(actor, endpoint);
    apply_buffers(actor, endpoint);
    wbh_actor_open_scene(actor, actor->subject, step->program);
    actor->endpoint = endpoint;
    note(actor, step, 0);
    int result = sim_endpoint_connect(endpoint, &addr);
    if (result == 0) {
        actor->established = true;
    } else if (result != -EINPROGRESS) {
        actor->refused = true;
        wbh_actor_scene(actor)->end = WBH_END_REFUSED;
    }
}

void wbh_actor_park(struct wbh_actor *actor, const struct wbh_parked *connection) {
    actor->parked = wbh_grow(
        actor->parked, &actor->parked_capacity, actor->parked_count + 1, sizeof(*actor->parked));
    actor->parked[actor->parked_count++] = *connection;
}

void wbh_stage_hand_out(struct wbh_stage *stage) {
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        struct wbh_actor *actor = &stage->actors[i];
        if (actor->parked_count != 0 && !actor->done && actor->begun
            && wbh_actor_step(actor)->kind == WBH_STEP_ACCEPT) {
            wbh_actor_run(actor);
        }
    }
}

/* Each waiting connection goes to the actor it was assigned to. */
static void on_incoming(void *user_data, struct sim_endpoint *listener) {
    struct wbh_stage *stage = user_data;
    struct sim_endpoint *endpoint;
    while ((endpoint = sim_endpoint_accept(listener)) != NULL) {
        uint32_t peer = WBH_SUBJECT_PEER(sim_endpoint_subject(endpoint));
        if (peer >= stage->actor_count) {
            continue;
        }
        place(&stage->actors[peer], endpoint);
        sim_endpoint_on_change(endpoint, NULL, NULL);
        wbh_actor_park(&stage->actors[peer], &(struct wbh_parked){.endpoint = endpoint});
    }
    wbh_stage_hand_out(stage);
}

static struct sim_endpoint *listener_on(
    const struct wbh_stage *stage, uint32_t host, uint32_t port) {
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        if (stage->actors[i].listener != NULL && stage->actors[i].port == port
            && stage->actors[i].script->host == host) {
            return stage->actors[i].listener;
        }
    }
    return NULL;
}

/* Peers that listen on the same port of a host share one listener; who gets a connection is settled
 * by on_incoming. */
static void listen_on(struct wbh_actor *actor, const struct wbh_step *step) {
    struct wbh_stage *stage = actor->stage;
    struct sim_endpoint *listener = listener_on(stage, actor->script->host, step->count);
    if (listener == NULL) {
        enum { BACKLOG = 128 };
        listener =
            sim_endpoint_new(stage->kernel, WBH_SUBJECT_NONE, WB_AF_INET, on_incoming, stage);
        place(actor, listener);
        apply_buffers(actor, listener);
        struct wb_sockaddr addr = wbh_own_address(stage, WB_AF_INET, step->count);
        if (sim_endpoint_listen(listener, &addr, BACKLOG) != 0) {
            return; /* the program listens there; accepting will wait in vain */
        }
    }
    actor->listener = listener;
    actor->unix_listener = NULL;
    actor->port = step->count;
    note(actor, step, step->count);
}

static void take_endpoint(struct wbh_actor *actor, struct sim_endpoint *endpoint) {
    actor->subject = sim_endpoint_subject(endpoint);
    wbh_actor_open_scene(actor, actor->subject, WBH_PROGRAM_THAT_CALLED);
    actor->endpoint = endpoint;
    sim_endpoint_on_change(endpoint, wbh_actor_on_change, actor);
}

bool wbh_actor_accept(struct wbh_actor *actor) {
    if (actor->parked_count == 0) {
        return false;
    }
    const struct wbh_parked connection = actor->parked[0];
    actor->parked_count--;
    memmove(actor->parked, actor->parked + 1, actor->parked_count * sizeof(*actor->parked));
    wbh_actor_close(actor);
    if (connection.endpoint != NULL) {
        take_endpoint(actor, connection.endpoint);
    } else {
        wbh_actor_take_unix(actor, &connection);
    }
    actor->ordinal = 0;
    actor->established = true;
    note(actor, wbh_actor_step(actor), 0);
    look(actor);
    return true;
}

/* Gives the endpoint up. What it saw of the connection stays. */
void wbh_actor_close(struct wbh_actor *actor) {
    struct wbh_scene *scene = wbh_actor_scene(actor);
    if (!wbh_actor_has_socket(actor)) {
        return;
    }
    if (scene != NULL && scene->end == WBH_END_OPEN) {
        scene->end = WBH_END_OWN;
    }
    wbh_actor_socket_close(actor);
}

/* Other sockets than TCP's can only be closed. */
static void reset(struct wbh_actor *actor) {
    struct wbh_scene *scene = wbh_actor_scene(actor);
    if (actor->endpoint == NULL) {
        if (actor->unix_socket != NULL) {
            wbh_actor_close(actor);
        }
        return;
    }
    scene->end = WBH_END_OWN;
    sim_endpoint_reset(actor->endpoint);
    actor->endpoint = NULL;
}

/* ---- sending ---- */

enum { PIECE_MAX = 65536 };

/* A literal that is repeated is laid out once for a step, however often the step has to go on. */
static void lay_out(struct wbh_actor *actor, const struct wbh_step *step) {
    const uint8_t *literal = actor->stage->scenario->data + step->data_offset;
    uint64_t total = wbh_step_total(step);
    size_t len = (total < PIECE_MAX ? (size_t)total : PIECE_MAX) + step->data_len;
    actor->pattern = wbh_grow(actor->pattern, &actor->pattern_capacity, len, 1);
    for (size_t filled = 0; filled < len;) {
        size_t run = step->data_len < len - filled ? step->data_len : len - filled;
        memcpy(actor->pattern + filled, literal, run);
        filled += run;
    }
    actor->pattern_step = step;
}

static const uint8_t *next_of_message(
    struct wbh_actor *actor, const struct wbh_step *step, uint64_t offset, size_t *out_len) {
    if (actor->pattern_step != step) {
        wbh_actor_lay_out_message(actor, step);
    }
    size_t left = actor->pattern_len - (size_t)offset;
    *out_len = left < PIECE_MAX ? left : PIECE_MAX;
    return actor->pattern + offset;
}

/* Bytes from `offset` of a literal repeated; at most 64 KiB at a time. */
static const uint8_t *next_piece(
    struct wbh_actor *actor, const struct wbh_step *step, uint64_t offset, size_t *out_len) {
    if (wbh_step_is_message(step)) {
        return next_of_message(actor, step, offset, out_len);
    }
    size_t at = (size_t)(offset % step->data_len);
    uint64_t left = wbh_step_total(step) - offset;
    if (step->repeat == 1 || step->data_len >= PIECE_MAX / 4 || left <= step->data_len - at) {
        *out_len = left < step->data_len - at ? (size_t)left : step->data_len - at;
        return actor->stage->scenario->data + step->data_offset + at;
    }
    if (actor->pattern_step != step) {
        lay_out(actor, step);
    }
    *out_len = left < PIECE_MAX ? (size_t)left : PIECE_MAX;
    return actor->pattern + at;
}

uint64_t wbh_actor_total(const struct wbh_actor *actor, const struct wbh_step *step) {
    return wbh_step_is_message(step) ? actor->pattern_len : wbh_step_total(step);
}

/* At most so many of the bytes that are to come; 1: some were taken, 0: there was no room, -1: the
 * connection cannot be written to any more. */
static int send_piece(struct wbh_actor *actor, const struct wbh_step *step, size_t len_max) {
    size_t len;
    const uint8_t *piece = next_piece(actor, step, actor->sent, &len);
    int64_t n = wbh_actor_socket_send(actor, piece, len < len_max ? len : len_max);
    if (n < 0) {
        return n == -EAGAIN ? 0 : -1;
    }
    sim_note_peer(actor->stage->kernel, actor->subject, step->kind, 0, piece, (size_t)n);
    wbh_actor_keep_sent(actor, piece, (size_t)n);
    actor->sent += (uint64_t)n;
    actor->stage->progress_ns = sim_kernel_now(actor->stage->kernel);
    return 1;
}

/* As much as there is room for. A connection that cannot be written to any more counts as sent to:
 * what its end means is for the next step to say. */
static void send_stream(struct wbh_actor *actor, const struct wbh_step *step) {
    if (wbh_step_is_message(step) && actor->pattern_step != step) {
        wbh_actor_lay_out_message(actor, step);
    }
    uint64_t total = wbh_actor_total(actor, step);
    while (wbh_actor_has_stream(actor) && actor->sent < total) {
        int status = send_piece(actor, step, SIZE_MAX);
        if (status == 0) {
            return;
        }
        if (status < 0) {
            break;
        }
    }
    actor->sent = total;
    actor->is_sent = true;
}

static void send_next_byte(void *user_data);

/* What found no room is tried again when the next byte's time comes. */
static void send_slowly(struct wbh_actor *actor, const struct wbh_step *step) {
    uint64_t total = wbh_step_total(step);
    bool goes_on =
        actor->sent < total && wbh_actor_has_stream(actor) && send_piece(actor, step, 1) >= 0;
    actor->is_sent = !goes_on || actor->sent == total;
    if (!actor->is_sent) {
        actor->timer = sim_schedule(actor->stage->kernel,
            sim_kernel_now(actor->stage->kernel) + step->duration_ns, send_next_byte, actor);
    }
}

static void send_next_byte(void *user_data) {
    struct wbh_actor *actor = user_data;
    actor->timer = 0;
    send_slowly(actor, wbh_actor_step(actor));
    wbh_actor_run(actor);
}

void wbh_actor_send(struct wbh_actor *actor, const struct wbh_step *step) {
    if (wbh_actor_has_messages(actor)) {
        wbh_actor_send_message(actor, step);
    } else if (step->kind == WBH_STEP_SEND_SLOWLY) {
        send_slowly(actor, step);
    } else {
        send_stream(actor, step);
    }
}

/* ---- all of them ---- */

static void set_reading(struct wbh_actor *actor, const struct wbh_step *step) {
    struct wbh_scene *scene = wbh_actor_scene(actor);
    actor->reading = step->kind == WBH_STEP_READ_ON     ? WBH_READING_ON
                     : step->kind == WBH_STEP_READ_STOP ? WBH_READING_STOPPED
                                                        : WBH_READING_SLOWLY;
    if (step->kind == WBH_STEP_READ_SLOWLY) {
        actor->slow_len = step->count != 0 ? step->count : 1;
        actor->slow_ns = step->duration_ns != 0 ? step->duration_ns : 1;
    }
    if (scene != NULL) {
        scene->partial =
            actor->reading == WBH_READING_STOPPED || wbh_actor_has_unix_datagrams(actor);
    }
    note(actor, step, step->count);
    look(actor);
}

void wbh_step_act(struct wbh_actor *actor, const struct wbh_step *step) {
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_EXPECT_REFUSED:
        if (wbh_actor_has_datagrams(actor)) {
            break; /* of what was sent: there is nothing to do */
        }
        connect_out(actor, step);
        break;
    case WBH_STEP_CONNECT:
        connect_out(actor, step);
        break;
    case WBH_STEP_BIND_UDP:
        wbh_actor_bind_udp(actor, step);
        break;
    case WBH_STEP_BIND_DATAGRAM:
        wbh_actor_bind_unix(actor, step);
        break;
    case WBH_STEP_SEND_TO:
        wbh_actor_address_unix(actor, step);
        break;
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_CONNECT_SEQPACKET:
    case WBH_STEP_CONNECT_DATAGRAM:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
        wbh_actor_connect_unix(actor, step);
        break;
    case WBH_STEP_LISTEN:
        listen_on(actor, step);
        break;
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
        wbh_actor_listen_unix(actor, step);
        break;
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
        wbh_actor_pass(actor, step);
        break;
    case WBH_STEP_SEND:
    case WBH_STEP_SEND_SLOWLY:
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
        wbh_actor_send(actor, step);
        break;
    case WBH_STEP_HALF_CLOSE:
        note(actor, step, 0);
        if (actor->endpoint != NULL || actor->unix_socket != NULL) {
            struct wbh_scene *scene = wbh_actor_scene(actor);
            scene->half_closed |= scene->end == WBH_END_OPEN;
            wbh_actor_socket_shutdown(actor);
        }
        break;
    case WBH_STEP_CLOSE:
        note(actor, step, 0);
        wbh_actor_close(actor);
        break;
    case WBH_STEP_RESET:
        note(actor, step, 0);
        reset(actor);
        break;
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_SLOWLY:
    case WBH_STEP_READ_ON:
        set_reading(actor, step);
        break;
    case WBH_STEP_BUFFERS:
        actor->recv_buffer_size = step->count;
        note(actor, step, step->count);
        break;
    case WBH_STEP_SIGNAL:
        note(actor, step, step->count);
        actor->stage->signals_sent = true;
        sim_signal(actor->stage->kernel, step->program, (int)step->count);
        break;
    case WBH_STEP_ACCEPT:
    case WBH_STEP_EXPECT:
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_RESET:
    case WBH_STEP_EXPECT_SILENCE:
    case WBH_STEP_EXPECT_COUNT:
    case WBH_STEP_EXPECT_DESCRIPTORS:
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
    case WBH_STEP_SLEEP:
    case WBH_STEP_AFTER:
    case WBH_STEP_KIND_COUNT:
        break;
    }
}
