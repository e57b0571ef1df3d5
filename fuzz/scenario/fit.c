/* See fit.h. */
#include "scenario/fit.h"

#include <stdbool.h>
#include <string.h>

#include "scenario/fit_world.h"
#include "wouldblock/run.h"

/* ---- program and options ---- */

static bool is_flag(const char *program, const char *name) {
    return wbh_program_flag(wbh_program_find(program), name) != NULL;
}

/* A server's place that it does not share with TCP. The abstract name goes with the socket; a path
 * is as good. */
static bool is_unix_place(const struct wbh_option *option) {
    return strcmp(option->name, "listen") == 0
           && (strcmp(option->value, "unix:@echo") == 0
               || strcmp(option->value, "unix:/run/echo") == 0);
}

static void fit_options(struct wbh_scenario *scenario) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        struct wbh_option option = scenario->options[i];
        if (strcmp(option.name, "trigger") == 0) {
            option.value = fit_trigger(option.value);
        } else if (is_flag(scenario->program, option.name)) {
            option.value = "";
        } else if (is_unix_place(&option)) {
            /* as it is: peers find it by that name, and at no port */
        } else if (strcmp(option.name, "max-connections") != 0
                   || !fit_is_small_count(option.value)) {
            continue;
        }
        scenario->options[kept++] = option;
    }
    scenario->option_count = kept;
}

/* A program that finds its port taken ends, and rightly so. */
static void fit_ports(struct wbh_scenario *scenario, bool is_plain) {
    uint32_t own = is_plain ? (uint32_t)wbh_program_find(scenario->program)->port : 0;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            bool has_port = step->kind == WBH_STEP_LISTEN || step->kind == WBH_STEP_BIND_UDP;
            if (has_port && (is_plain ? step->count == own : fit_is_port_of_program(step->count))) {
                step->count += WBH_PROGRAMS_MAX;
            }
        }
    }
}

void fit_scenario(struct wbh_scenario *scenario) {
    bool is_plain = fit_is_plain(scenario);
    if (is_plain) {
        scenario->program = strlen(scenario->program) % 2 == 1 ? "ping_pong" : "multi_echo";
        fit_options(scenario);
    } else {
        fit_world(scenario);
    }
    scenario->verdict = WBH_VERDICT_OK;
    fit_ports(scenario, is_plain);
    (void)wbh_bound(scenario);
}
