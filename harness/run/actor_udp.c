/* Peers that speak UDP: a socket instead of a connection. What they make of datagrams is in
 * actor_message.c. */
#include "run/stage.h"

#include <errno.h>

static struct sim_kernel *kernel_of(const struct wbh_actor *actor) {
    return actor->stage->kernel;
}

/* ---- the socket ---- */

static void on_change(void *user_data, struct sim_datagram *socket) {
    struct wbh_actor *actor = user_data;
    if (socket == actor->datagram) {
        wbh_actor_look_udp(actor);
        wbh_actor_run(actor);
    }
}

void wbh_actor_bind_udp(struct wbh_actor *actor, const struct wbh_step *step) {
    struct wbh_stage *stage = actor->stage;
    wbh_actor_close(actor);
    actor->subject = WBH_SUBJECT(actor->index, actor->connections);
    actor->connections++;
    actor->ordinal = 0;
    actor->correspondent = wbh_target_of(actor, step->program);
    uint16_t family = actor->correspondent.family;
    struct wb_sockaddr addr = wbh_own_address(stage, family, step->count);
    struct sim_datagram *socket =
        sim_datagram_new(stage->kernel, actor->subject, family, on_change, actor);
    sim_datagram_place(socket, actor->script->host, SIM_END_SITE(actor->index));
    wbh_actor_open_scene(actor, actor->subject, step->program);
    wbh_actor_scene(actor)->udp = true;
    actor->unreachable = false;
    actor->lengths_begin = actor->lengths_end;
    actor->datagram = NULL; /* if the port is taken; then what it sends goes nowhere */
    if (sim_datagram_bind(socket, &addr) == 0) {
        actor->datagram = socket;
        if (actor->recv_buffer_size != 0) {
            (void)sim_datagram_set_buffer(socket, actor->recv_buffer_size);
        }
        sim_datagram_address(socket, &addr);
    }
    sim_note_peer(kernel_of(actor), actor->subject, step->kind, wbh_port_of(&addr), NULL, 0);
}

/* ---- datagrams ---- */

void wbh_actor_send_udp(struct wbh_actor *actor, const uint8_t *bytes, size_t len) {
    (void)sim_datagram_send_to(actor->datagram, &actor->correspondent, bytes, len);
}

/* Takes in whatever has come. A peer answers to where the last datagram came from. */
void wbh_actor_look_udp(struct wbh_actor *actor) {
    while (!actor->stage->frozen && actor->datagram != NULL) {
        actor->received = wbh_grow(
            actor->received, &actor->received_capacity, actor->received_len + WBH_DATAGRAM_MAX, 1);
        int64_t n = sim_datagram_recv_from(actor->datagram, actor->received + actor->received_len,
            WBH_DATAGRAM_MAX, &actor->correspondent);
        if (n == -ECONNREFUSED) {
            actor->unreachable = true;
            wbh_actor_scene(actor)->unreached = true;
        } else if (n < 0) {
            break;
        } else {
            wbh_actor_keep_message(actor, (size_t)n);
        }
    }
}
