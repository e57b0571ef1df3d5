/* What peers wait for: whether it has come, can never come any more, or was contradicted; and the
 * words for it. */
#include "run/stage.h"

#include <inttypes.h>
#include <string.h>

uint8_t wbh_actor_end(const struct wbh_actor *actor) {
    return actor->scene_count != 0 ? actor->scenes[actor->scene_count - 1].end : WBH_END_OPEN;
}

bool wbh_actor_has_ended(const struct wbh_actor *actor) {
    return !wbh_actor_has_socket(actor) || wbh_actor_end(actor) != WBH_END_OPEN;
}

const char *wbh_actor_end_words(const struct wbh_actor *actor) {
    switch ((enum wbh_conn_end)wbh_actor_end(actor)) {
    case WBH_END_EOF:
        return "the program ended the stream";
    case WBH_END_RESET:
        return "the connection was reset";
    case WBH_END_REFUSED:
        return "the connection was refused";
    case WBH_END_OPEN:
    case WBH_END_OWN:
        break;
    }
    return "there is no connection";
}

static void note(struct wbh_actor *actor, uint64_t b, const void *data, size_t len) {
    sim_note_peer(actor->stage->kernel, actor->subject, wbh_actor_step(actor)->kind, b, data, len);
}

/* ---- bytes ---- */

size_t wbh_actor_equal_to_literal(const struct wbh_stage *stage, const struct wbh_step *step,
    uint64_t offset, const uint8_t *bytes, size_t len) {
    const uint8_t *literal = stage->scenario->data + step->data_offset;
    size_t equal = 0;
    while (equal < len) {
        size_t at = (size_t)((offset + equal) % step->data_len);
        size_t run = step->data_len - at < len - equal ? step->data_len - at : len - equal;
        if (memcmp(bytes + equal, literal + at, run) == 0) {
            equal += run;
            continue;
        }
        while (bytes[equal] == literal[at]) {
            equal++;
            at++;
        }
        break;
    }
    return equal;
}

static void wrong_bytes(struct wbh_actor *actor, const uint8_t *bytes, size_t len) {
    char saw[160];
    struct wbh_prose prose;
    wbh_prose_init(&prose, saw, sizeof(saw));
    wbh_prose_add(&prose, "from byte %zu on came ", actor->matched);
    wbh_prose_bytes(&prose, bytes, len);
    wbh_actor_disappointed(actor, saw);
}

static void consume(struct wbh_actor *actor, size_t len, uint64_t b, bool with_data) {
    const uint8_t *from = actor->received + actor->consumed;
    actor->consumed += len;
    note(actor, b, with_data ? from : NULL, with_data ? len : 0);
}

/* Nothing that a step could be about is there: whether it can still come. */
static bool comes_later(struct wbh_actor *actor) {
    if (wbh_actor_has_ended(actor)) {
        wbh_actor_disappointed(actor, wbh_actor_end_words(actor));
    }
    return actor->passed_over;
}

static bool expect_bytes(struct wbh_actor *actor, const struct wbh_step *step) {
    bool by_count = step->kind == WBH_STEP_EXPECT_COUNT;
    size_t total = by_count ? step->count : (size_t)wbh_step_total(step);
    size_t available = actor->received_len - actor->consumed;
    if (!by_count && !actor->stage->tolerant && total != 0) {
        size_t len = available < total ? available : total;
        const uint8_t *bytes = actor->received + actor->consumed;
        actor->matched += wbh_actor_equal_to_literal(
            actor->stage, step, actor->matched, bytes + actor->matched, len - actor->matched);
        if (actor->matched < len) {
            wrong_bytes(actor, bytes + actor->matched, len - actor->matched);
            return false;
        }
    }
    if (available < total) {
        return comes_later(actor);
    }
    consume(actor, total, by_count ? total : 0, !by_count);
    return true;
}

static bool expect_message(struct wbh_actor *actor, const struct wbh_step *step) {
    bool by_count = step->kind == WBH_STEP_EXPECT_COUNT;
    if (!wbh_actor_has_message(actor)) {
        return comes_later(actor);
    }
    if (!actor->stage->tolerant && !wbh_actor_message_is(actor, step)) {
        wbh_actor_saw_message(actor);
        return false;
    }
    consume(actor, wbh_actor_take_message(actor), by_count ? step->count : 0, !by_count);
    return true;
}

/* Where borders count there are no messages of HTTP: a script that nobody wrote passes them over.
 */
static bool expect_http(struct wbh_actor *actor, const struct wbh_step *step) {
    size_t len;
    if (wbh_actor_has_messages(actor)) {
        return true;
    }
    switch (wbh_actor_message_arrived(actor, step, &len)) {
    case WBH_ARRIVAL_NONE:
        return comes_later(actor);
    case WBH_ARRIVAL_WRONG:
        return actor->passed_over;
    case WBH_ARRIVAL_WHOLE:
        break;
    }
    consume(actor, len, len, true);
    return true;
}

static bool expect_input(struct wbh_actor *actor, const struct wbh_step *step) {
    return wbh_actor_has_messages(actor) ? expect_message(actor, step) : expect_bytes(actor, step);
}

/* ---- descriptors ---- */

static uint64_t descriptors_there(const struct wbh_actor *actor) {
    return actor->unix_socket != NULL
               ? sim_unix_descriptors(actor->unix_socket) - actor->descriptors
               : 0;
}

static bool expect_descriptors(struct wbh_actor *actor, const struct wbh_step *step) {
    if (descriptors_there(actor) >= step->count) {
        actor->descriptors += step->count;
        note(actor, step->count, NULL, 0);
        return true;
    }
    return comes_later(actor);
}

/* ---- ends ---- */

static void saw_bytes(struct wbh_actor *actor, size_t len) {
    char saw[160];
    struct wbh_prose prose;
    wbh_prose_init(&prose, saw, sizeof(saw));
    wbh_prose_count(&prose, len, "byte");
    wbh_prose_add(&prose, " came: ");
    wbh_prose_bytes(&prose, actor->received + actor->consumed, len);
    wbh_actor_disappointed(actor, saw);
}

/* Something came where nothing may: it is passed over with the step. */
static bool unexpected_input(struct wbh_actor *actor) {
    size_t len = actor->received_len - actor->consumed;
    bool is_message = wbh_actor_has_messages(actor);
    if (is_message ? !wbh_actor_has_message(actor) : len == 0) {
        return false;
    }
    if (is_message) {
        wbh_actor_saw_message(actor);
    } else {
        saw_bytes(actor, len);
    }
    actor->consumed = actor->received_len;
    actor->lengths_begin = actor->lengths_end;
    return true;
}

/* Datagrams have no connection that could end. */
static bool expect_close(struct wbh_actor *actor) {
    if (wbh_actor_has_datagrams(actor)) {
        return true;
    }
    if (unexpected_input(actor)) {
        return actor->passed_over;
    }
    if (!wbh_actor_has_ended(actor)) {
        return false;
    }
    if (wbh_actor_end(actor) != WBH_END_EOF) {
        wbh_actor_disappointed(actor, wbh_actor_end_words(actor));
        return actor->passed_over;
    }
    note(actor, 0, NULL, 0);
    return true;
}

static bool expect_reset(struct wbh_actor *actor) {
    if (wbh_actor_has_datagrams(actor)) {
        return true;
    }
    if (actor->reset_seen) {
        note(actor, 0, NULL, 0);
        return true;
    }
    if (!wbh_actor_has_socket(actor)) {
        wbh_actor_disappointed(actor, wbh_actor_end_words(actor));
        return actor->passed_over;
    }
    return false;
}

static bool expect_silence(struct wbh_actor *actor, const struct wbh_step *step) {
    if (unexpected_input(actor)) {
        return actor->passed_over;
    }
    uint8_t end = wbh_actor_end(actor);
    if (end == WBH_END_EOF || end == WBH_END_RESET) {
        wbh_actor_disappointed(actor, wbh_actor_end_words(actor));
        return actor->passed_over;
    }
    if (actor->acted) {
        note(actor, step->duration_ns, NULL, 0);
    }
    return actor->acted;
}

/* ---- connections ---- */

static bool connected(struct wbh_actor *actor) {
    if (actor->acted && actor->refused) {
        wbh_actor_disappointed(actor, "it was refused");
        return actor->passed_over;
    }
    return actor->acted && actor->established;
}

/* Of datagrams it is what was sent. */
static bool refused(struct wbh_actor *actor, const struct wbh_step *step) {
    if (step->kind == WBH_STEP_EXPECT_REFUSED && wbh_actor_has_datagrams(actor)) {
        bool is_refused = actor->acted && actor->unreachable;
        if (is_refused) {
            actor->unreachable = false;
            note(actor, 0, NULL, 0);
        }
        return is_refused;
    }
    if (actor->acted && actor->established) {
        wbh_actor_disappointed(actor, "it stands");
        return actor->passed_over;
    }
    return actor->acted && actor->refused;
}

/* What found no room before is tried again. */
static bool sent(struct wbh_actor *actor, const struct wbh_step *step) {
    if (actor->acted && !actor->is_sent && step->kind != WBH_STEP_SEND_SLOWLY) {
        wbh_actor_send(actor, step);
    }
    return actor->acted && actor->is_sent;
}

/* Steps of a connection that is not there are left out. */
static bool lacks_connection(const struct wbh_actor *actor, const struct wbh_step *step) {
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_EXPECT:
    case WBH_STEP_EXPECT_COUNT:
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_RESET:
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
        return actor->stage->tolerant && !wbh_actor_has_socket(actor);
    case WBH_STEP_EXPECT_DESCRIPTORS:
        return actor->stage->tolerant && actor->unix_socket == NULL;
    case WBH_STEP_ACCEPT:
        return actor->stage->tolerant && actor->listener == NULL && actor->unix_listener == NULL;
    case WBH_STEP_CONNECT:
    case WBH_STEP_LISTEN:
    case WBH_STEP_SEND:
    case WBH_STEP_EXPECT_REFUSED:
    case WBH_STEP_EXPECT_SILENCE:
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
    case WBH_STEP_SEND_SLOWLY:
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return false;
}

bool wbh_actor_fulfilled(struct wbh_actor *actor, const struct wbh_step *step) {
    if (lacks_connection(actor, step)) {
        return true;
    }
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_CONNECT:
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_CONNECT_SEQPACKET:
    case WBH_STEP_CONNECT_DATAGRAM:
        return connected(actor);
    case WBH_STEP_ACCEPT:
        return wbh_actor_accept(actor);
    case WBH_STEP_SEND:
    case WBH_STEP_SEND_SLOWLY:
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
        return sent(actor, step);
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
        return expect_http(actor, step);
    case WBH_STEP_EXPECT:
    case WBH_STEP_EXPECT_COUNT:
        return expect_input(actor, step);
    case WBH_STEP_EXPECT_CLOSE:
        return expect_close(actor);
    case WBH_STEP_EXPECT_RESET:
        return expect_reset(actor);
    case WBH_STEP_EXPECT_REFUSED:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
        return refused(actor, step);
    case WBH_STEP_EXPECT_SILENCE:
        return expect_silence(actor, step);
    case WBH_STEP_EXPECT_DESCRIPTORS:
        return expect_descriptors(actor, step);
    case WBH_STEP_SLEEP:
        if (actor->acted) {
            note(actor, step->duration_ns, NULL, 0);
        }
        return actor->acted;
    case WBH_STEP_LISTEN:
    case WBH_STEP_BUFFERS:
    case WBH_STEP_BIND_UDP:
    case WBH_STEP_BIND_DATAGRAM:
    case WBH_STEP_SEND_TO:
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
        return true;
    case WBH_STEP_AFTER:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_SLOWLY:
    case WBH_STEP_READ_ON:
    case WBH_STEP_SIGNAL:
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return actor->acted;
}

/* ---- words ---- */

static void add_literal(
    const struct wbh_actor *actor, const struct wbh_step *step, struct wbh_prose *prose) {
    if (step->data_len == 0) {
        wbh_prose_add(prose, "nothing");
        return;
    }
    wbh_prose_bytes(prose, actor->stage->scenario->data + step->data_offset, step->data_len);
    if (step->repeat > 1) {
        wbh_prose_add(prose, " %" PRIu32 " times", step->repeat);
    }
}

static void add_wait(const struct wbh_actor *actor, struct wbh_prose *prose) {
    const struct wbh_step *step = wbh_actor_step(actor);
    if (wbh_actor_waits_message(actor, step, prose)) {
        return;
    }
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_CONNECT:
        wbh_prose_add(prose, "connects");
        break;
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_CONNECT_SEQPACKET:
    case WBH_STEP_CONNECT_DATAGRAM:
        wbh_prose_add(prose, "connects to the Unix socket ");
        add_literal(actor, step, prose);
        break;
    case WBH_STEP_ACCEPT:
        wbh_prose_add(prose, "waits for the program to connect");
        break;
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
        wbh_prose_add(prose,
            "sends an HTTP message, of which %" PRIu64 " of %" PRIu64 " bytes were taken",
            actor->sent, wbh_actor_total(actor, step));
        break;
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
        wbh_actor_waits_http(actor, step, prose);
        break;
    case WBH_STEP_SEND:
    case WBH_STEP_SEND_SLOWLY:
        wbh_prose_add(prose, "sends ");
        add_literal(actor, step, prose);
        wbh_prose_add(prose, ", of which %" PRIu64 " of %" PRIu64 " bytes were taken", actor->sent,
            wbh_step_total(step));
        break;
    case WBH_STEP_EXPECT:
        wbh_prose_add(prose, "expects ");
        add_literal(actor, step, prose);
        wbh_prose_add(prose, " and got %zu of %" PRIu64 " bytes",
            actor->received_len - actor->consumed < wbh_step_total(step)
                ? actor->received_len - actor->consumed
                : (size_t)wbh_step_total(step),
            wbh_step_total(step));
        break;
    case WBH_STEP_EXPECT_CLOSE:
        wbh_prose_add(prose, "expects the end of the stream");
        break;
    case WBH_STEP_EXPECT_RESET:
        wbh_prose_add(prose, "expects a reset");
        break;
    case WBH_STEP_EXPECT_REFUSED:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
        wbh_prose_add(prose, "expects its connection to be refused");
        break;
    case WBH_STEP_EXPECT_SILENCE:
        wbh_prose_add(prose, "expects silence for ");
        wbh_prose_time(prose, step->duration_ns);
        break;
    case WBH_STEP_EXPECT_COUNT:
        wbh_prose_add(prose, "expects %" PRIu32 " bytes and got %zu", step->count,
            actor->received_len - actor->consumed);
        break;
    case WBH_STEP_EXPECT_DESCRIPTORS:
        wbh_prose_add(prose, "expects %" PRIu32 " descriptors and got %" PRIu64, step->count,
            descriptors_there(actor));
        break;
    case WBH_STEP_AFTER:
        wbh_prose_add(prose, "waits for %s", actor->stage->scenario->peers[step->peer].name);
        break;
    case WBH_STEP_LISTEN:
    case WBH_STEP_SLEEP:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_SLOWLY:
    case WBH_STEP_READ_ON:
    case WBH_STEP_BUFFERS:
    case WBH_STEP_SIGNAL:
    case WBH_STEP_BIND_UDP:
    case WBH_STEP_BIND_DATAGRAM:
    case WBH_STEP_SEND_TO:
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
    case WBH_STEP_KIND_COUNT:
        wbh_prose_add(
            prose, "has not come to \"%s\"", wbh_step_word((enum wbh_step_kind)step->kind));
        break;
    }
}

void wbh_actor_unmet(const struct wbh_actor *actor, struct wbh_unmet *unmet) {
    const struct wbh_step *step = wbh_actor_step(actor);
    struct wbh_prose prose;
    unmet->peer = actor->index;
    unmet->subject = actor->subject;
    unmet->line = step->line;
    unmet->number = actor->step + 1;
    unmet->ended = actor->scene_count != 0 && wbh_actor_has_ended(actor);
    unmet->datagrams = wbh_actor_has_datagrams(actor);
    wbh_prose_init(&prose, unmet->waits, sizeof(unmet->waits));
    add_wait(actor, &prose);
}
