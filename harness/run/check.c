/* Whether a scenario can be run at all: what the parser cannot know. */
#include "run/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct checker {
    const struct wbh_scenario *scenario;
    const struct wbh_program *program;
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

static int check_option(const struct checker *checker, const struct wbh_option *option) {
    const char *program = checker->program->name;
    uint32_t line = checker->scenario->program_line;
    bool is_bare = option->value[0] == '\0';
    if (wbh_program_flag(checker->program, option->name) != NULL) {
        return is_bare
                   ? 0
                   : fail(checker, line, "the option \"%.64s\" of the program %s takes no value",
                       option->name, program);
    }
    if (!wbh_program_has_option(checker->program, option->name)) {
        return fail(checker, line, "the program %s has no option \"%.64s\"", program, option->name);
    }
    return !is_bare ? 0
                    : fail(checker, line,
                        "the option \"%.64s\" of the program %s needs a value: %.64s=VALUE",
                        option->name, program, option->name);
}

static int check_options(const struct checker *checker) {
    const struct wbh_scenario *scenario = checker->scenario;
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        if (check_option(checker, &scenario->options[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- scripts ---- */

struct progress {
    bool open;
    bool listening;
    bool stopped;
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

static int check_step(const struct checker *checker, const struct wbh_peer *peer,
    const struct wbh_step *step, struct progress *progress) {
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_CONNECT:
    case WBH_STEP_EXPECT_REFUSED:
        if (checker->program->port == 0) {
            return fail(checker, step->line, "%s cannot connect: %s does not listen", peer->name,
                checker->program->name);
        }
        progress->open = step->kind == WBH_STEP_CONNECT;
        progress->stopped = false;
        progress->connections++;
        break;
    case WBH_STEP_LISTEN:
        progress->listening = true;
        break;
    case WBH_STEP_ACCEPT:
        if (!progress->listening) {
            return fail(checker, step->line, "%s does not listen before it accepts", peer->name);
        }
        progress->open = true;
        progress->stopped = false;
        progress->connections++;
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
            if (check_step(checker, peer, &peer->steps[k], &progress) != 0) {
                return -1;
            }
        }
        connections[i] = progress.connections;
    }
    return 0;
}

/* ---- faults ---- */

static int check_faults(const struct checker *checker, const uint32_t *connections) {
    const struct wbh_scenario *scenario = checker->scenario;
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        uint32_t subject = scenario->faults[i].subject;
        uint32_t line = scenario->fault_lines != NULL ? scenario->fault_lines[i] : 0;
        if ((subject & WBH_SUBJECT_LOCAL) != 0 && !checker->program->connects_to_itself) {
            return fail(checker, line, "%s has no connection to itself", checker->program->name);
        }
        if (subject == WBH_SUBJECT_NONE || (subject & WBH_SUBJECT_LOCAL) != 0) {
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

int wbh_check(const struct wbh_scenario *scenario, const struct wbh_program *program, bool tolerant,
    char *error, size_t error_len) {
    struct checker checker = {scenario, program, error, error_len};
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
