/* The places at which what peers send can be cut, as their scripts have it. */
#include "wouldblock/search.h"

enum socket { SOCKET_NONE, SOCKET_STREAM, SOCKET_DATAGRAM_UNIX, SOCKET_OTHER };

/* A peer's script so far. */
struct script {
    const struct wbh_scenario *scenario;
    uint32_t peer;
    uint32_t connections;
    enum socket socket;
    bool listens_to_messages;
    uint64_t sent_len; /* on the present connection */
};

struct cuts {
    struct wbh_cut *out;
    size_t max;
    size_t count;
};

static void add(struct cuts *cuts, struct wbh_cut cut) {
    if (cuts->count < cuts->max) {
        cuts->out[cuts->count] = cut;
    }
    cuts->count++;
}

/* The connection is over: all places of it are known. */
static void end_connection(struct script *script, struct cuts *cuts) {
    for (uint64_t at = 1; at < script->sent_len; at++) {
        bool is_taken = at <= WBH_CUTS_WHOLE || at % WBH_CUTS_STRIDE == 0
                        || script->sent_len - at <= WBH_CUTS_LAST;
        if (is_taken) {
            add(cuts, (struct wbh_cut){WBH_SUBJECT(script->peer, script->connections - 1), at});
        }
    }
    script->sent_len = 0;
}

static void open_next(struct script *script, struct cuts *cuts, enum socket socket) {
    end_connection(script, cuts);
    script->connections++;
    script->socket = socket;
}

static void open_datagrams(struct script *script, struct cuts *cuts) {
    if (script->socket != SOCKET_DATAGRAM_UNIX) {
        open_next(script, cuts, SOCKET_DATAGRAM_UNIX);
    }
}

static void take_step(struct script *script, struct cuts *cuts, const struct wbh_step *step) {
    if (script->socket == SOCKET_STREAM) {
        script->sent_len += wbh_step_sent_len(script->scenario, step);
    }
    if (step->kind == WBH_STEP_CONNECT || step->kind == WBH_STEP_CONNECT_UNIX) {
        open_next(script, cuts, SOCKET_STREAM);
    } else if (step->kind == WBH_STEP_ACCEPT) {
        open_next(script, cuts, script->listens_to_messages ? SOCKET_OTHER : SOCKET_STREAM);
    } else if (step->kind == WBH_STEP_EXPECT_REFUSED_UNIX
               || (step->kind == WBH_STEP_EXPECT_REFUSED && script->socket != SOCKET_OTHER
                   && script->socket != SOCKET_DATAGRAM_UNIX)) {
        open_next(script, cuts, SOCKET_NONE);
    } else if (step->kind == WBH_STEP_BIND_UDP || step->kind == WBH_STEP_CONNECT_SEQPACKET) {
        open_next(script, cuts, SOCKET_OTHER);
    } else if (step->kind == WBH_STEP_BIND_DATAGRAM) {
        open_next(script, cuts, SOCKET_DATAGRAM_UNIX);
    } else if (step->kind == WBH_STEP_CONNECT_DATAGRAM || step->kind == WBH_STEP_SEND_TO) {
        open_datagrams(script, cuts);
    } else if (step->kind == WBH_STEP_LISTEN || step->kind == WBH_STEP_LISTEN_UNIX
               || step->kind == WBH_STEP_LISTEN_SEQPACKET) {
        script->listens_to_messages = step->kind == WBH_STEP_LISTEN_SEQPACKET;
    } else if (step->kind == WBH_STEP_CLOSE || step->kind == WBH_STEP_RESET
               || step->kind == WBH_STEP_HALF_CLOSE) {
        script->socket = SOCKET_NONE;
    }
}

size_t wbh_cuts(const struct wbh_scenario *scenario, struct wbh_cut *out, size_t max) {
    struct cuts cuts = {out, max, 0};
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        struct script script = {.scenario = scenario, .peer = p};
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            take_step(&script, &cuts, &scenario->peers[p].steps[s]);
        }
        end_connection(&script, &cuts);
    }
    add(&cuts, (struct wbh_cut){WBH_SUBJECT_NONE, 0});
    return cuts.count;
}
