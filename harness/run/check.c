/* Whether a scenario can be run at all: what the parser cannot know. */
#include "run/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int wbh_check_failed(const struct wbh_checker *checker, uint32_t line, const char *format, ...) {
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

static int check_option(const struct wbh_checker *checker, const struct wbh_program *checked,
    const struct wbh_cast *cast, const struct wbh_option *option) {
    const char *program = checked->name;
    uint32_t line = cast->line;
    bool is_bare = option->value[0] == '\0';
    if (wbh_program_flag(checked, option->name) != NULL) {
        return is_bare ? 0
                       : wbh_check_failed(checker, line,
                           "the option \"%.64s\" of the program %s takes no value", option->name,
                           program);
    }
    if (!wbh_program_has_option(checked, option->name)) {
        return wbh_check_failed(
            checker, line, "the program %s has no option \"%.64s\"", program, option->name);
    }
    return !is_bare ? 0
                    : wbh_check_failed(checker, line,
                        "the option \"%.64s\" of the program %s needs a value: %.64s=VALUE",
                        option->name, program, option->name);
}

static int check_options(const struct wbh_checker *checker) {
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

static bool ports_meet(const struct wbh_checker *checker, uint32_t m, uint32_t n) {
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
static int check_ports(const struct wbh_checker *checker) {
    for (uint32_t n = 1; n < wbh_scenario_program_count(checker->scenario); n++) {
        for (uint32_t m = 0; m < n; m++) {
            if (!ports_meet(checker, m, n)) {
                continue;
            }
            const struct wbh_cast first = wbh_scenario_program(checker->scenario, m);
            const struct wbh_cast second = wbh_scenario_program(checker->scenario, n);
            return wbh_check_failed(checker, second.line,
                "%s and %s both listen at port %" PRIu32
                " of one host: give one another port (listen=ADDRESS:PORT), or another host",
                first.label, second.label, wbh_program_port(checker->programs[n], &second));
        }
    }
    return 0;
}

/* ---- faults ---- */

/* Connections between programs count as a program's to itself. */
static bool has_local(const struct wbh_checker *checker) {
    return checker->programs[0]->connects_to_itself != 0
           || wbh_scenario_program_count(checker->scenario) > 1;
}

static int check_faults(const struct wbh_checker *checker, const uint32_t *connections) {
    const struct wbh_scenario *scenario = checker->scenario;
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        uint32_t subject = scenario->faults[i].subject;
        uint32_t line = scenario->fault_lines != NULL ? scenario->fault_lines[i] : 0;
        if ((subject & WBH_SUBJECT_LOCAL) != 0 && !has_local(checker)) {
            return wbh_check_failed(
                checker, line, "%s has no connection to itself", checker->programs[0]->name);
        }
        if (subject == WBH_SUBJECT_NONE || (subject & WBH_SUBJECT_LOCAL) != 0
            || !wbh_point_is_per_connection((enum wbh_point)scenario->faults[i].point)) {
            continue;
        }
        uint32_t peer = WBH_SUBJECT_PEER(subject);
        if (peer >= scenario->peer_count) {
            return wbh_check_failed(checker, line, "a fault names a peer that there is not");
        }
        /* The first incarnation has its waking moments even where a script never connects. */
        if (WBH_SUBJECT_INCARNATION(subject) != 0
            && WBH_SUBJECT_INCARNATION(subject) >= connections[peer]) {
            return wbh_check_failed(checker, line, "%s has only %" PRIu32 " connection%s",
                scenario->peers[peer].name, connections[peer], connections[peer] == 1 ? "" : "s");
        }
    }
    return 0;
}

int wbh_check(const struct wbh_scenario *scenario, const struct wbh_program *const *programs,
    bool tolerant, char *error, size_t error_len) {
    struct wbh_checker checker = {scenario, programs, error, error_len};
    if (tolerant) {
        return 0;
    }
    if (check_options(&checker) != 0 || check_ports(&checker) != 0) {
        return -1;
    }
    uint32_t connections[WBH_PEERS_MAX];
    if (wbh_check_scripts(&checker, connections) != 0) {
        return -1;
    }
    return check_faults(&checker, connections);
}
