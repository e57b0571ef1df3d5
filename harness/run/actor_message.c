/* What peers send and expect whose bytes come as messages, of which the borders count: over UDP and
 * through Unix sockets for datagrams and seqpackets. */
#include "run/stage.h"

#include <inttypes.h>
#include <string.h>

static struct sim_kernel *kernel_of(const struct wbh_actor *actor) {
    return actor->stage->kernel;
}

/* ---- sending ---- */

const uint8_t *wbh_actor_lay_out(struct wbh_actor *actor, const struct wbh_step *step, size_t len) {
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

void wbh_actor_send_message(struct wbh_actor *actor, const struct wbh_step *step) {
    bool is_http = wbh_step_is_message(step); /* in a script that nobody wrote */
    if (is_http) {
        wbh_actor_lay_out_message(actor, step);
    }
    uint64_t total = wbh_actor_total(actor, step);
    uint64_t most = actor->datagram != NULL ? WBH_DATAGRAM_MAX : WBH_UNIX_MESSAGE_MAX;
    size_t len = total < most ? (size_t)total : (size_t)most;
    const uint8_t *bytes = is_http ? actor->pattern : wbh_actor_lay_out(actor, step, len);
    if (actor->datagram != NULL) {
        sim_note_peer(kernel_of(actor), actor->subject, step->kind, 0, bytes, len);
        wbh_actor_send_udp(actor, bytes, len);
    } else if (wbh_actor_send_unix(actor, bytes, len)) {
        sim_note_peer(kernel_of(actor), actor->subject, step->kind, 0, bytes, len);
    } else {
        return;
    }
    actor->is_sent = true;
    actor->sent = total;
}

/* ---- receiving ---- */

void wbh_actor_keep_message(struct wbh_actor *actor, size_t len) {
    actor->lengths = wbh_grow(
        actor->lengths, &actor->lengths_capacity, actor->lengths_end + 1, sizeof(*actor->lengths));
    actor->lengths[actor->lengths_end++] = (uint32_t)len;
    actor->received_len += len;
    wbh_actor_scene(actor)->len += len;
    actor->stage->progress_ns = sim_kernel_now(kernel_of(actor));
}

/* ---- expecting ---- */

bool wbh_actor_has_message(const struct wbh_actor *actor) {
    return actor->lengths_begin < actor->lengths_end;
}

void wbh_actor_saw_message(struct wbh_actor *actor) {
    uint32_t len = actor->lengths[actor->lengths_begin];
    char saw[160];
    struct wbh_prose prose;
    wbh_prose_init(&prose, saw, sizeof(saw));
    wbh_prose_add(&prose, wbh_actor_has_datagrams(actor) ? "a datagram of " : "a message of ");
    wbh_prose_count(&prose, len, "byte");
    wbh_prose_add(&prose, " came");
    if (len != 0) {
        wbh_prose_add(&prose, ": ");
        wbh_prose_bytes(&prose, actor->received + actor->consumed, len);
    }
    wbh_actor_disappointed(actor, saw);
}

size_t wbh_actor_take_message(struct wbh_actor *actor) {
    return actor->lengths[actor->lengths_begin++];
}

bool wbh_actor_message_is(const struct wbh_actor *actor, const struct wbh_step *step) {
    uint32_t len = actor->lengths[actor->lengths_begin];
    if (step->kind == WBH_STEP_EXPECT_COUNT) {
        return len == step->count;
    }
    return len == wbh_step_total(step)
           && wbh_actor_equal_to_literal(
                  actor->stage, step, 0, actor->received + actor->consumed, len)
                  == len;
}

/* ---- words ---- */

bool wbh_actor_waits_message(
    const struct wbh_actor *actor, const struct wbh_step *step, struct wbh_prose *prose) {
    if (!wbh_actor_has_messages(actor)) {
        return false;
    }
    const char *noun = wbh_actor_has_datagrams(actor) ? "datagram" : "message";
    if (step->kind == WBH_STEP_EXPECT) {
        wbh_prose_add(prose, "expects a %s of %" PRIu64 " bytes", noun, wbh_step_total(step));
        if (step->data_len != 0) {
            wbh_prose_add(prose, ": ");
            wbh_prose_bytes(
                prose, actor->stage->scenario->data + step->data_offset, step->data_len);
        }
        return true;
    }
    if (step->kind == WBH_STEP_EXPECT_COUNT) {
        wbh_prose_add(prose, "expects a %s of %" PRIu32 " bytes", noun, step->count);
        return true;
    }
    if (step->kind == WBH_STEP_EXPECT_REFUSED && wbh_actor_has_datagrams(actor)) {
        wbh_prose_add(prose, "expects what it sent to be refused");
        return true;
    }
    return false;
}
