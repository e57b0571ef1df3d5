/* Whether the peers' scripts can be played: steps that a connection must come before, and what each
 * kind of socket knows. */
#include "run/check.h"

#include <inttypes.h>
#include <string.h>

enum transport {
    TRANSPORT_TCP,
    TRANSPORT_UDP,
    TRANSPORT_UNIX_STREAM,
    TRANSPORT_UNIX_SEQPACKET,
    TRANSPORT_UNIX_DATAGRAM,
};

struct progress {
    bool open;
    bool listening;
    enum transport listens_over;
    const struct wbh_step *passed; /* no message has taken it along yet */
    uint32_t passed_count;
    const struct wbh_step *passes; /* what no message has taken along; the last such step */
    uint32_t passes_count;
    bool stopped;
    bool addressed; /* it knows where its datagrams go */
    enum transport transport;
    uint32_t connections;
};

static int check_reading(const struct wbh_checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, const struct progress *progress) {
    if (!progress->open) {
        return wbh_check_failed(checker, step->line, "%s has no connection here to %s on",
            peer->name, wbh_step_word((enum wbh_step_kind)step->kind));
    }
    if (progress->stopped) {
        return wbh_check_failed(
            checker, step->line, "%s does not read here: \"read on\" must come first", peer->name);
    }
    return 0;
}

static const char *words_of(const struct progress *progress) {
    return progress->transport == TRANSPORT_UDP ? "speaks UDP" : "has a Unix socket";
}

/* What streams of bytes alone know, or those of TCP. */
static bool is_known(const struct progress *progress, const struct wbh_step *step) {
    enum wbh_step_kind kind = (enum wbh_step_kind)step->kind;
    enum transport transport = progress->transport;
    bool is_datagram = transport == TRANSPORT_UDP || transport == TRANSPORT_UNIX_DATAGRAM;
    if (kind == WBH_STEP_EXPECT_CLOSE || kind == WBH_STEP_EXPECT_RESET
        || kind == WBH_STEP_HALF_CLOSE) {
        return !is_datagram;
    }
    if (kind == WBH_STEP_READ_SLOWLY) {
        return !is_datagram && transport != TRANSPORT_UNIX_SEQPACKET;
    }
    if (kind == WBH_STEP_READ_STOP || kind == WBH_STEP_READ_ON) {
        return transport != TRANSPORT_UDP;
    }
    if (kind == WBH_STEP_SEND_SLOWLY || wbh_step_is_message(step)
        || wbh_step_expects_message(step)) {
        return !is_datagram && transport != TRANSPORT_UNIX_SEQPACKET;
    }
    return kind != WBH_STEP_RESET || transport == TRANSPORT_TCP;
}

static int check_length(const struct wbh_checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, const struct progress *progress) {
    enum transport transport = progress->transport;
    bool is_datagram = transport == TRANSPORT_UDP || transport == TRANSPORT_UNIX_DATAGRAM;
    uint64_t total = wbh_step_total(step);
    uint64_t most = transport == TRANSPORT_UDP ? WBH_DATAGRAM_MAX : WBH_UNIX_MESSAGE_MAX;
    if ((is_datagram || transport == TRANSPORT_UNIX_SEQPACKET) && total > most) {
        return wbh_check_failed(checker, step->line,
            "a %s has at most %" PRIu64 " bytes, not %" PRIu64,
            is_datagram ? "datagram" : "message", most, total);
    }
    if (!is_datagram && total == 0) {
        return wbh_check_failed(checker, step->line,
            "%s has nothing to %s: only a datagram may be empty", peer->name,
            wbh_step_word((enum wbh_step_kind)step->kind));
    }
    if (step->kind == WBH_STEP_SEND && transport == TRANSPORT_UNIX_DATAGRAM
        && !progress->addressed) {
        return wbh_check_failed(checker, step->line,
            "%s has nobody to send to: \"send to\" or an \"expect\" must come first", peer->name);
    }
    return 0;
}

static int check_transport(const struct wbh_checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, const struct progress *progress) {
    enum wbh_step_kind kind = (enum wbh_step_kind)step->kind;
    if (!is_known(progress, step)) {
        return wbh_check_failed(checker, step->line, "%s %s here, which knows no \"%s\"%s",
            peer->name, words_of(progress), wbh_step_word(kind),
            kind == WBH_STEP_RESET && progress->transport != TRANSPORT_UDP
                ? ": to close it with bytes unread is the like of it"
                : "");
    }
    return kind == WBH_STEP_SEND || kind == WBH_STEP_SEND_SLOWLY || kind == WBH_STEP_EXPECT
               ? check_length(checker, peer, step, progress)
               : 0;
}

/* ---- descriptors ---- */

static int check_pass(const struct wbh_checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, struct progress *progress) {
    if (wbh_step_total(step) > WBH_PASSED_MAX) {
        return wbh_check_failed(checker, step->line,
            "what is passed has at most %d bytes in it, not %" PRIu64, WBH_PASSED_MAX,
            wbh_step_total(step));
    }
    if (progress->passed_count == WBH_DESCRIPTORS_MAX) {
        return wbh_check_failed(checker, step->line, "%s passes at most %d descriptors at a time",
            peer->name, WBH_DESCRIPTORS_MAX);
    }
    progress->passed = step;
    progress->passed_count++;
    return 0;
}

static int check_descriptors(const struct wbh_checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, struct progress *progress) {
    bool is_pass = step->kind == WBH_STEP_PASS_PIPE || step->kind == WBH_STEP_PASS_SOCKET;
    if (is_pass || step->kind == WBH_STEP_EXPECT_DESCRIPTORS) {
        if (!progress->open || progress->transport < TRANSPORT_UNIX_STREAM) {
            return wbh_check_failed(checker, step->line, "%s has no Unix socket here to %s through",
                peer->name, wbh_step_word((enum wbh_step_kind)step->kind));
        }
    } else if (step->kind == WBH_STEP_SEND || step->kind == WBH_STEP_SEND_SLOWLY
               || wbh_step_is_message(step)) {
        progress->passed = NULL;
        progress->passed_count = 0;
    }
    return is_pass ? check_pass(checker, peer, step, progress) : 0;
}

/* A socket that is given up, and the end of the script, leave it with nobody. */
static int check_left(const struct wbh_checker *checker, const struct wbh_peer *peer,
    const struct progress *progress) {
    return progress->passed == NULL
               ? 0
               : wbh_check_failed(checker, progress->passed->line,
                   "%s sends nothing on this socket that it could go along with", peer->name);
}

/* ---- steps ---- */

static bool listens_on_unix(const struct wbh_checker *checker, uint32_t program) {
    const struct wbh_cast cast = wbh_scenario_program(checker->scenario, program);
    for (uint32_t i = 0; i < cast.option_count; i++) {
        if (strcmp(cast.options[i].name, "listen") == 0
            && strncmp(cast.options[i].value, "unix:", 5) == 0) {
            return true;
        }
    }
    return false;
}

/* Where a peer may connect over TCP. */
static int check_listens(
    const struct wbh_checker *checker, const struct wbh_peer *peer, const struct wbh_step *step) {
    const char *program = checker->programs[step->program]->name;
    if (checker->programs[step->program]->port == 0) {
        return wbh_check_failed(
            checker, step->line, "%s cannot connect: %s does not listen", peer->name, program);
    }
    if (listens_on_unix(checker, step->program)) {
        return wbh_check_failed(checker, step->line,
            "%s cannot connect: %s listens on a Unix socket, as in connect unix \"/run/echo\"",
            peer->name, program);
    }
    return 0;
}

static void open_next(struct progress *progress, bool open, enum transport transport) {
    progress->open = open;
    progress->transport = open ? transport : TRANSPORT_TCP;
    progress->stopped = false;
    progress->addressed = false;
    progress->connections++;
}

static int check_step(const struct wbh_checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, struct progress *progress) {
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_BIND_UDP:
        if (checker->programs[step->program]->port == 0 && step->count == 0) {
            return wbh_check_failed(checker, step->line, "%s needs a port at which %s finds it",
                peer->name, checker->programs[step->program]->name);
        }
        open_next(progress, true, TRANSPORT_UDP);
        break;
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
        open_next(progress, step->kind == WBH_STEP_CONNECT_UNIX, TRANSPORT_UNIX_STREAM);
        break;
    case WBH_STEP_CONNECT_SEQPACKET:
        open_next(progress, true, TRANSPORT_UNIX_SEQPACKET);
        break;
    case WBH_STEP_BIND_DATAGRAM:
        open_next(progress, true, TRANSPORT_UNIX_DATAGRAM);
        break;
    case WBH_STEP_CONNECT_DATAGRAM:
    case WBH_STEP_SEND_TO:
        if (progress->transport != TRANSPORT_UNIX_DATAGRAM) {
            open_next(progress, true, TRANSPORT_UNIX_DATAGRAM);
        }
        progress->addressed = true;
        break;
    case WBH_STEP_CONNECT:
    case WBH_STEP_EXPECT_REFUSED:
        if (step->kind == WBH_STEP_EXPECT_REFUSED
            && (progress->transport == TRANSPORT_UDP
                || progress->transport == TRANSPORT_UNIX_DATAGRAM)) {
            break;
        }
        if (check_listens(checker, peer, step) != 0) {
            return -1;
        }
        open_next(progress, step->kind == WBH_STEP_CONNECT, TRANSPORT_TCP);
        break;
    case WBH_STEP_LISTEN:
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
        progress->listening = true;
        progress->listens_over = step->kind == WBH_STEP_LISTEN        ? TRANSPORT_TCP
                                 : step->kind == WBH_STEP_LISTEN_UNIX ? TRANSPORT_UNIX_STREAM
                                                                      : TRANSPORT_UNIX_SEQPACKET;
        break;
    case WBH_STEP_ACCEPT:
        if (!progress->listening) {
            return wbh_check_failed(
                checker, step->line, "%s does not listen before it accepts", peer->name);
        }
        open_next(progress, true, progress->listens_over);
        break;
    case WBH_STEP_SEND:
    case WBH_STEP_SEND_SLOWLY:
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_EXPECT_RESET:
        if (!progress->open) {
            return wbh_check_failed(checker, step->line, "%s has no connection here to %s on",
                peer->name, wbh_step_word((enum wbh_step_kind)step->kind));
        }
        break;
    case WBH_STEP_EXPECT:
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_COUNT:
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
        progress->addressed = true;
        return check_reading(checker, peer, step, progress);
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
        if (!progress->open) {
            return wbh_check_failed(checker, step->line, "%s has no connection here to %s",
                peer->name, wbh_step_word((enum wbh_step_kind)step->kind));
        }
        progress->open = false;
        progress->transport = TRANSPORT_TCP;
        break;
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_SLOWLY:
    case WBH_STEP_READ_ON:
        progress->stopped = step->kind == WBH_STEP_READ_STOP;
        break;
    case WBH_STEP_EXPECT_SILENCE:
    case WBH_STEP_SLEEP:
    case WBH_STEP_AFTER:
    case WBH_STEP_BUFFERS:
    case WBH_STEP_SIGNAL:
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
    case WBH_STEP_EXPECT_DESCRIPTORS:
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return 0;
}

static int check_script(
    const struct wbh_checker *checker, const struct wbh_peer *peer, struct progress *progress) {
    for (uint32_t k = 0; k < peer->step_count; k++) {
        const struct wbh_step *step = &peer->steps[k];
        uint32_t connections = progress->connections;
        if (check_transport(checker, peer, step, progress) != 0
            || check_step(checker, peer, step, progress) != 0
            || check_descriptors(checker, peer, step, progress) != 0) {
            return -1;
        }
        bool is_given_up = !progress->open || progress->connections != connections;
        if (is_given_up && check_left(checker, peer, progress) != 0) {
            return -1;
        }
    }
    return check_left(checker, peer, progress);
}

int wbh_check_scripts(const struct wbh_checker *checker, uint32_t *connections) {
    for (uint32_t i = 0; i < checker->scenario->peer_count; i++) {
        struct progress progress = {0};
        if (check_script(checker, &checker->scenario->peers[i], &progress) != 0) {
            return -1;
        }
        connections[i] = progress.connections;
    }
    return 0;
}
