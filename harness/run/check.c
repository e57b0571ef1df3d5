/* Whether a scenario can be run at all: what the parser cannot know. */
#include "run/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct checker {
    const struct wbh_scenario *scenario;
    const struct wbh_program *const *programs; /* in the scenario's order */
    char *error;
    size_t error_len;
};

WBH_PRINTF_LIKE(3, 4)
static int fail(const struct checker *checker, uint32_t line, const char *format, ...);

static int fail(const struct checker *checker, uint32_t line, const char *format, ...) {
    struct wbh_prose prose;
    char sentence[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    if (checker->error_len != 0) {
        wbh_prose_init(&prose, checker->error, checker->error_len);
        if (line != 0) {
            wbh_prose_add(&prose, "line %" PRIu32 ": ", line);
        }
        wbh_prose_add(&prose, "%s", sentence);
    }
    return -1;
}

static int check_option(const struct checker *checker, const struct wbh_program *checked,
    const struct wbh_cast *cast, const struct wbh_option *option) {
    const char *program = checked->name;
    uint32_t line = cast->line;
    bool is_bare = option->value[0] == '\0';
    if (wbh_program_flag(checked, option->name) != NULL) {
        return is_bare
                   ? 0
                   : fail(checker, line, "the option \"%.64s\" of the program %s takes no value",
                       option->name, program);
    }
    if (!wbh_program_has_option(checked, option->name)) {
        return fail(checker, line, "the program %s has no option \"%.64s\"", program, option->name);
    }
    return !is_bare ? 0
                    : fail(checker, line,
                        "the option \"%.64s\" of the program %s needs a value: %.64s=VALUE",
                        option->name, program, option->name);
}

static int check_options(const struct checker *checker) {
    for (uint32_t n = 0; n < wbh_scenario_program_count(checker->scenario); n++) {
        const struct wbh_cast cast = wbh_scenario_program(checker->scenario, n);
        for (uint32_t i = 0; i < cast.option_count; i++) {
            if (check_option(checker, checker->programs[n], &cast, &cast.options[i]) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* ---- ports ---- */

static bool is_any(const char *address) {
    static const char *const anys[] = {"0.0.0.0:", "[::]:"};
    return strncmp(address, anys[0], strlen(anys[0])) == 0
           || strncmp(address, anys[1], strlen(anys[1])) == 0;
}

/* At the same port. A program by its own choice listens on loopback at least. */
static bool addresses_meet(const char *a, const char *b) {
    static const char loopback[] = "127.0.0.1:";
    if (a == NULL || b == NULL) {
        const char *given = a != NULL ? a : b;
        return given == NULL || is_any(given) || strncmp(given, loopback, strlen(loopback)) == 0;
    }
    return is_any(a) || is_any(b) || strcmp(a, b) == 0;
}

static bool ports_meet(const struct checker *checker, uint32_t m, uint32_t n) {
    const struct wbh_program *const programs[] = {checker->programs[m], checker->programs[n]};
    const struct wbh_cast a = wbh_scenario_program(checker->scenario, m);
    const struct wbh_cast b = wbh_scenario_program(checker->scenario, n);
    uint32_t port = wbh_program_port(programs[0], &a);
    return a.host == b.host && port != 0 && port == wbh_program_port(programs[1], &b)
           && programs[0]->port_is_udp == programs[1]->port_is_udp
           && !(programs[0]->shares_port && programs[1]->shares_port)
           && addresses_meet(wbh_cast_option(&a, "listen"), wbh_cast_option(&b, "listen"));
}

/* The second one would find the port taken, and end. */
static int check_ports(const struct checker *checker) {
    for (uint32_t n = 1; n < wbh_scenario_program_count(checker->scenario); n++) {
        for (uint32_t m = 0; m < n; m++) {
            if (!ports_meet(checker, m, n)) {
                continue;
            }
            const struct wbh_cast first = wbh_scenario_program(checker->scenario, m);
            const struct wbh_cast second = wbh_scenario_program(checker->scenario, n);
            return fail(checker, second.line,
                "%s and %s both listen at port %" PRIu32
                " of one host: give one another port (listen=ADDRESS:PORT), or another host",
                first.label, second.label, wbh_program_port(checker->programs[n], &second));
        }
    }
    return 0;
}

/* ---- scripts ---- */

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
    bool stopped;
    bool addressed; /* it knows where its datagrams go */
    enum transport transport;
    uint32_t connections;
};

static int check_reading(const struct checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, const struct progress *progress) {
    if (!progress->open) {
        return fail(checker, step->line, "%s has no connection here to %s on", peer->name,
            wbh_step_word((enum wbh_step_kind)step->kind));
    }
    if (progress->stopped) {
        return fail(
            checker, step->line, "%s does not read here: \"read on\" must come first", peer->name);
    }
    return 0;
}

static const char *words_of(const struct progress *progress) {
    return progress->transport == TRANSPORT_UDP ? "speaks UDP" : "has a Unix socket";
}

/* What streams of TCP alone know. */
static bool is_known(const struct progress *progress, enum wbh_step_kind kind) {
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
    return kind != WBH_STEP_RESET || transport == TRANSPORT_TCP;
}

static int check_length(const struct checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, const struct progress *progress) {
    enum transport transport = progress->transport;
    bool is_datagram = transport == TRANSPORT_UDP || transport == TRANSPORT_UNIX_DATAGRAM;
    uint64_t total = wbh_step_total(step);
    uint64_t most = transport == TRANSPORT_UDP ? WBH_DATAGRAM_MAX : WBH_UNIX_MESSAGE_MAX;
    if ((is_datagram || transport == TRANSPORT_UNIX_SEQPACKET) && total > most) {
        return fail(checker, step->line, "a %s has at most %" PRIu64 " bytes, not %" PRIu64,
            is_datagram ? "datagram" : "message", most, total);
    }
    if (!is_datagram && total == 0) {
        return fail(checker, step->line, "%s has nothing to %s: only a datagram may be empty",
            peer->name, wbh_step_word((enum wbh_step_kind)step->kind));
    }
    if (step->kind == WBH_STEP_SEND && transport == TRANSPORT_UNIX_DATAGRAM
        && !progress->addressed) {
        return fail(checker, step->line,
            "%s has nobody to send to: \"send to\" or an \"expect\" must come first", peer->name);
    }
    return 0;
}

static int check_transport(const struct checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, const struct progress *progress) {
    enum wbh_step_kind kind = (enum wbh_step_kind)step->kind;
    if (!is_known(progress, kind)) {
        return fail(checker, step->line, "%s %s here, which knows no \"%s\"%s", peer->name,
            words_of(progress), wbh_step_word(kind),
            kind == WBH_STEP_RESET && progress->transport != TRANSPORT_UDP
                ? ": to close it with bytes unread is the like of it"
                : "");
    }
    return kind == WBH_STEP_SEND || kind == WBH_STEP_EXPECT
               ? check_length(checker, peer, step, progress)
               : 0;
}

static bool listens_on_unix(const struct checker *checker, uint32_t program) {
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
    const struct checker *checker, const struct wbh_peer *peer, const struct wbh_step *step) {
    const char *program = checker->programs[step->program]->name;
    if (checker->programs[step->program]->port == 0) {
        return fail(
            checker, step->line, "%s cannot connect: %s does not listen", peer->name, program);
    }
    if (listens_on_unix(checker, step->program)) {
        return fail(checker, step->line,
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

static int check_step(const struct checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, struct progress *progress) {
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_BIND_UDP:
        if (checker->programs[step->program]->port == 0 && step->count == 0) {
            return fail(checker, step->line, "%s needs a port at which %s finds it", peer->name,
                checker->programs[step->program]->name);
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
            return fail(checker, step->line, "%s does not listen before it accepts", peer->name);
        }
        open_next(progress, true, progress->listens_over);
        break;
    case WBH_STEP_SEND:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_EXPECT_RESET:
        if (!progress->open) {
            return fail(checker, step->line, "%s has no connection here to %s on", peer->name,
                wbh_step_word((enum wbh_step_kind)step->kind));
        }
        break;
    case WBH_STEP_EXPECT:
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_COUNT:
        progress->addressed = true;
        return check_reading(checker, peer, step, progress);
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
        if (!progress->open) {
            return fail(checker, step->line, "%s has no connection here to %s", peer->name,
                wbh_step_word((enum wbh_step_kind)step->kind));
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
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return 0;
}

static int check_scripts(const struct checker *checker, uint32_t *connections) {
    for (uint32_t i = 0; i < checker->scenario->peer_count; i++) {
        const struct wbh_peer *peer = &checker->scenario->peers[i];
        struct progress progress = {0};
        for (uint32_t k = 0; k < peer->step_count; k++) {
            if (check_transport(checker, peer, &peer->steps[k], &progress) != 0
                || check_step(checker, peer, &peer->steps[k], &progress) != 0) {
                return -1;
            }
        }
        connections[i] = progress.connections;
    }
    return 0;
}

/* ---- faults ---- */

/* Connections between programs count as a program's to itself. */
static bool has_local(const struct checker *checker) {
    return checker->programs[0]->connects_to_itself != 0
           || wbh_scenario_program_count(checker->scenario) > 1;
}

static int check_faults(const struct checker *checker, const uint32_t *connections) {
    const struct wbh_scenario *scenario = checker->scenario;
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        uint32_t subject = scenario->faults[i].subject;
        uint32_t line = scenario->fault_lines != NULL ? scenario->fault_lines[i] : 0;
        if ((subject & WBH_SUBJECT_LOCAL) != 0 && !has_local(checker)) {
            return fail(
                checker, line, "%s has no connection to itself", checker->programs[0]->name);
        }
        if (subject == WBH_SUBJECT_NONE || (subject & WBH_SUBJECT_LOCAL) != 0
            || !wbh_point_is_per_connection((enum wbh_point)scenario->faults[i].point)) {
            continue;
        }
        uint32_t peer = WBH_SUBJECT_PEER(subject);
        if (peer >= scenario->peer_count) {
            return fail(checker, line, "a fault names a peer that there is not");
        }
        /* The first incarnation has its waking moments even where a script never connects. */
        if (WBH_SUBJECT_INCARNATION(subject) != 0
            && WBH_SUBJECT_INCARNATION(subject) >= connections[peer]) {
            return fail(checker, line, "%s has only %" PRIu32 " connection%s",
                scenario->peers[peer].name, connections[peer], connections[peer] == 1 ? "" : "s");
        }
    }
    return 0;
}

int wbh_check(const struct wbh_scenario *scenario, const struct wbh_program *const *programs,
    bool tolerant, char *error, size_t error_len) {
    struct checker checker = {scenario, programs, error, error_len};
    if (tolerant) {
        return 0;
    }
    if (check_options(&checker) != 0 || check_ports(&checker) != 0) {
        return -1;
    }
    uint32_t connections[WBH_PEERS_MAX];
    if (check_scripts(&checker, connections) != 0) {
        return -1;
    }
    return check_faults(&checker, connections);
}
