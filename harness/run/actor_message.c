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
    uint64_t total = wbh_step_total(step);
    uint64_t most = actor->datagram != NULL ? WBH_DATAGRAM_MAX : WBH_UNIX_MESSAGE_MAX;
    size_t len = total < most ? (size_t)total : (size_t)most;
    const uint8_t *bytes = wbh_actor_lay_out(actor, step, len);
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

static bool has_datagram(const struct wbh_actor *actor) {
    return actor->lengths_begin < actor->lengths_end;
}

static void saw_datagram(struct wbh_actor *actor) {
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
        if (wbh_actor_has_ended(actor)) {
            wbh_actor_disappointed(actor, wbh_actor_end_words(actor));
        }
        return actor->passed_over;
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

/* One that found no room before. */
static bool is_sent(struct wbh_actor *actor, const struct wbh_step *step) {
    if (actor->acted && !actor->is_sent) {
        wbh_actor_send_message(actor, step);
    }
    return actor->acted && actor->is_sent;
}

static bool expect_refused(struct wbh_actor *actor, const struct wbh_step *step) {
    if (!actor->unreachable) {
        return false;
    }
    actor->unreachable = false;
    sim_note_peer(kernel_of(actor), actor->subject, step->kind, 0, NULL, 0);
    return true;
}

bool wbh_actor_fulfilled_message(
    struct wbh_actor *actor, const struct wbh_step *step, bool *out_fulfilled) {
    bool can_end = !wbh_actor_has_datagrams(actor);
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_SEND:
        *out_fulfilled = is_sent(actor, step);
        return true;
    case WBH_STEP_EXPECT:
    case WBH_STEP_EXPECT_COUNT:
        *out_fulfilled = expect_datagram(actor, step);
        return true;
    case WBH_STEP_EXPECT_SILENCE:
        if (can_end && !has_datagram(actor)) {
            break;
        }
        *out_fulfilled = expect_silence(actor, step);
        return true;
    case WBH_STEP_EXPECT_REFUSED:
        if (can_end) {
            break;
        }
        *out_fulfilled = actor->acted && expect_refused(actor, step);
        return true;
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_RESET:
        if (can_end) {
            break;
        }
        *out_fulfilled = true; /* there is no connection that could end */
        return true;
    case WBH_STEP_CONNECT:
    case WBH_STEP_LISTEN:
    case WBH_STEP_ACCEPT:
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
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_CONNECT_SEQPACKET:
    case WBH_STEP_CONNECT_DATAGRAM:
    case WBH_STEP_BIND_DATAGRAM:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
    case WBH_STEP_SEND_TO:
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
    case WBH_STEP_EXPECT_DESCRIPTORS:
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return false;
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
