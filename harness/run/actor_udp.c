/* Peers that speak UDP: a socket instead of a connection, and datagrams, whose borders count,
 * instead of a stream. */
#include "run/stage.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

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
    wbh_actor_open_scene(actor, actor->subject);
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

/* ---- sending ---- */

/* The whole literal, repeated, in one piece. */
static const uint8_t *lay_out(struct wbh_actor *actor, const struct wbh_step *step, size_t len) {
    const uint8_t *literal = actor->stage->scenario->data + step->data_offset;
    if (len <= step->data_len) {
        return literal;
    }
    actor->pattern = wbh_grow(actor->pattern, &actor->pattern_capacity, len, 1);
    actor->pattern_step = NULL;
    for (size_t filled = 0; filled < len;) {
        size_t run = step->data_len < len - filled ? step->data_len : len - filled;
        memcpy(actor->pattern + filled, literal, run);
        filled += run;
    }
    return actor->pattern;
}

void wbh_actor_send_udp(struct wbh_actor *actor, const struct wbh_step *step) {
    uint64_t total = wbh_step_total(step);
    size_t len = total < WBH_DATAGRAM_MAX ? (size_t)total : WBH_DATAGRAM_MAX;
    const uint8_t *bytes = lay_out(actor, step, len);
    sim_note_peer(kernel_of(actor), actor->subject, step->kind, 0, bytes, len);
    (void)sim_datagram_send_to(actor->datagram, &actor->correspondent, bytes, len);
    actor->sent = total;
}

/* ---- receiving ---- */

static void keep(struct wbh_actor *actor, size_t len) {
    actor->lengths = wbh_grow(
        actor->lengths, &actor->lengths_capacity, actor->lengths_end + 1, sizeof(*actor->lengths));
    actor->lengths[actor->lengths_end++] = (uint32_t)len;
    actor->received_len += len;
    wbh_actor_scene(actor)->len += len;
    actor->stage->progress_ns = sim_kernel_now(kernel_of(actor));
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
        } else if (n < 0) {
            break;
        } else {
            keep(actor, (size_t)n);
        }
    }
}

/* ---- expecting ---- */

static bool has_datagram(const struct wbh_actor *actor) {
    return actor->lengths_begin < actor->lengths_end;
}

static void saw_datagram(struct wbh_actor *actor) {
    uint32_t len = actor->lengths[actor->lengths_begin];
    char saw[160];
    struct wbh_prose prose;
    wbh_prose_init(&prose, saw, sizeof(saw));
    wbh_prose_add(&prose, "a datagram of ");
    wbh_prose_count(&prose, len, "byte");
    wbh_prose_add(&prose, " came");
    if (len != 0) {
        wbh_prose_add(&prose, ": ");
        wbh_prose_bytes(&prose, actor->received + actor->consumed, len);
    }
    wbh_actor_disappointed(actor, saw);
}

static void consume(struct wbh_actor *actor, uint64_t b, bool with_data) {
    uint32_t len = actor->lengths[actor->lengths_begin++];
    const uint8_t *from = actor->received + actor->consumed;
    actor->consumed += len;
    sim_note_peer(kernel_of(actor), actor->subject, wbh_actor_step(actor)->kind, b,
        with_data ? from : NULL, with_data ? len : 0);
}

static bool is_expected(const struct wbh_actor *actor, const struct wbh_step *step) {
    uint32_t len = actor->lengths[actor->lengths_begin];
    if (step->kind == WBH_STEP_EXPECT_COUNT) {
        return len == step->count;
    }
    const uint8_t *literal = actor->stage->scenario->data + step->data_offset;
    const uint8_t *bytes = actor->received + actor->consumed;
    if (len != wbh_step_total(step)) {
        return false;
    }
    for (uint32_t at = 0; at < len; at += step->data_len) {
        if (memcmp(bytes + at, literal, step->data_len) != 0) {
            return false;
        }
    }
    return true;
}

static bool expect_datagram(struct wbh_actor *actor, const struct wbh_step *step) {
    if (!has_datagram(actor)) {
        return false;
    }
    if (!actor->stage->tolerant && !is_expected(actor, step)) {
        saw_datagram(actor);
        return false;
    }
    bool by_count = step->kind == WBH_STEP_EXPECT_COUNT;
    consume(actor, by_count ? step->count : 0, !by_count);
    return true;
}

static bool expect_silence(struct wbh_actor *actor, const struct wbh_step *step) {
    if (has_datagram(actor)) {
        saw_datagram(actor);
        if (actor->passed_over) {
            consume(actor, 0, true);
        }
        return actor->passed_over;
    }
    if (actor->acted) {
        sim_note_peer(kernel_of(actor), actor->subject, step->kind, step->duration_ns, NULL, 0);
    }
    return actor->acted;
}

static bool expect_refused(struct wbh_actor *actor, const struct wbh_step *step) {
    if (!actor->unreachable) {
        return false;
    }
    actor->unreachable = false;
    sim_note_peer(kernel_of(actor), actor->subject, step->kind, 0, NULL, 0);
    return true;
}

bool wbh_actor_fulfilled_udp(
    struct wbh_actor *actor, const struct wbh_step *step, bool *out_fulfilled) {
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_EXPECT:
    case WBH_STEP_EXPECT_COUNT:
        *out_fulfilled = expect_datagram(actor, step);
        return true;
    case WBH_STEP_EXPECT_SILENCE:
        *out_fulfilled = expect_silence(actor, step);
        return true;
    case WBH_STEP_EXPECT_REFUSED:
        *out_fulfilled = actor->acted && expect_refused(actor, step);
        return true;
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_RESET:
        *out_fulfilled = true; /* there is no connection that could end */
        return true;
    case WBH_STEP_CONNECT:
    case WBH_STEP_LISTEN:
    case WBH_STEP_ACCEPT:
    case WBH_STEP_SEND:
    case WBH_STEP_SLEEP:
    case WBH_STEP_AFTER:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_SLOWLY:
    case WBH_STEP_READ_ON:
    case WBH_STEP_BUFFERS:
    case WBH_STEP_SIGNAL:
    case WBH_STEP_BIND_UDP:
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return false;
}

/* ---- words ---- */

bool wbh_actor_waits_udp(
    const struct wbh_actor *actor, const struct wbh_step *step, struct wbh_prose *prose) {
    if (actor->datagram == NULL) {
        return false;
    }
    if (step->kind == WBH_STEP_EXPECT) {
        wbh_prose_add(prose, "expects a datagram of %" PRIu64 " bytes", wbh_step_total(step));
        if (step->data_len != 0) {
            wbh_prose_add(prose, ": ");
            wbh_prose_bytes(
                prose, actor->stage->scenario->data + step->data_offset, step->data_len);
        }
        return true;
    }
    if (step->kind == WBH_STEP_EXPECT_COUNT) {
        wbh_prose_add(prose, "expects a datagram of %" PRIu32 " bytes", step->count);
        return true;
    }
    if (step->kind == WBH_STEP_EXPECT_REFUSED) {
        wbh_prose_add(prose, "expects what it sent to be refused");
        return true;
    }
    return false;
}
