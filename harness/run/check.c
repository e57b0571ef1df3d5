/* Whether a scenario can be run at all: what the parser cannot know. */
#include "run/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

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

/* ---- scripts ---- */

struct progress {
    bool open;
    bool listening;
    bool stopped;
    bool udp; /* what is open is no connection */
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

/* What UDP has no like of, and what it alone has. */
static int check_transport(const struct checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, const struct progress *progress) {
    uint64_t total = wbh_step_total(step);
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_RESET:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_RESET:
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_SLOWLY:
    case WBH_STEP_READ_ON:
        return !progress->udp
                   ? 0
                   : fail(checker, step->line, "%s speaks UDP here, which knows no \"%s\"",
                       peer->name, wbh_step_word((enum wbh_step_kind)step->kind));
    case WBH_STEP_SEND:
    case WBH_STEP_EXPECT:
        if (progress->udp && total > WBH_DATAGRAM_MAX) {
            return fail(checker, step->line, "a datagram has at most %d bytes, not %" PRIu64,
                WBH_DATAGRAM_MAX, total);
        }
        if (!progress->udp && total == 0) {
            return fail(checker, step->line, "%s has nothing to %s: only a datagram may be empty",
                peer->name, wbh_step_word((enum wbh_step_kind)step->kind));
        }
        return 0;
    case WBH_STEP_CONNECT:
    case WBH_STEP_LISTEN:
    case WBH_STEP_ACCEPT:
    case WBH_STEP_EXPECT_REFUSED:
    case WBH_STEP_EXPECT_SILENCE:
    case WBH_STEP_EXPECT_COUNT:
    case WBH_STEP_SLEEP:
    case WBH_STEP_AFTER:
    case WBH_STEP_CLOSE:
    case WBH_STEP_BUFFERS:
    case WBH_STEP_SIGNAL:
    case WBH_STEP_BIND_UDP:
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return 0;
}

static void open_next(struct progress *progress, bool open, bool udp) {
    progress->open = open;
    progress->udp = udp;
    progress->stopped = false;
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
        open_next(progress, true, true);
        break;
    case WBH_STEP_CONNECT:
    case WBH_STEP_EXPECT_REFUSED:
        if (progress->udp && step->kind == WBH_STEP_EXPECT_REFUSED) {
            break;
        }
        if (checker->programs[step->program]->port == 0) {
            return fail(checker, step->line, "%s cannot connect: %s does not listen", peer->name,
                checker->programs[step->program]->name);
        }
        open_next(progress, step->kind == WBH_STEP_CONNECT, false);
        break;
    case WBH_STEP_LISTEN:
        progress->listening = true;
        break;
    case WBH_STEP_ACCEPT:
        if (!progress->listening) {
            return fail(checker, step->line, "%s does not listen before it accepts", peer->name);
        }
        open_next(progress, true, false);
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
        return check_reading(checker, peer, step, progress);
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
        if (!progress->open) {
            return fail(checker, step->line, "%s has no connection here to %s", peer->name,
                wbh_step_word((enum wbh_step_kind)step->kind));
        }
        progress->open = false;
        progress->udp = false;
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
    if (check_options(&checker) != 0) {
        return -1;
    }
    uint32_t connections[WBH_PEERS_MAX];
    if (check_scripts(&checker, connections) != 0) {
        return -1;
    }
    return check_faults(&checker, connections);
}
