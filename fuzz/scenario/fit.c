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

/* False: it is left out. */
static bool fit_echo_option(struct wbh_option *option) {
    if (strcmp(option->name, "trigger") == 0) {
        option->value = fit_trigger(option->value);
        return true;
    }
    return strcmp(option->name, "max-connections") == 0 && fit_is_small_count(option->value);
}

/* The same. Peers find a server with a Unix name by that, and at no port. */
static bool fit_option(const char *program, enum fit_family family, struct wbh_option *option) {
    if (is_flag(program, option->name)) {
        option->value = "";
        return true;
    }
    switch (family) {
    case FIT_ECHO:
        return is_unix_place(option) || fit_echo_option(option);
    case FIT_HTTP:
        return is_unix_place(option) || fit_http_option(option);
    case FIT_HTTP_CLIENT:
        return fit_http_get_option(option);
    }
    return false;
}

/* In memory that the next call uses again. */
static void fit_options(struct wbh_scenario *scenario, enum fit_family family) {
    static struct wbh_option options[WBH_OPTIONS_MAX];
    const struct wbh_option *patience;
    uint32_t kept = fit_patience(family, &patience);
    for (uint32_t i = 0; i < kept; i++) {
        options[i] = patience[i];
    }
    for (uint32_t i = 0; i < scenario->option_count && kept < WBH_OPTIONS_MAX; i++) {
        struct wbh_option option = scenario->options[i];
        if (fit_option(scenario->program, family, &option)) {
            options[kept++] = option;
        }
    }
    scenario->options = options;
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

static void fit_to(struct wbh_scenario *scenario, enum fit_family family) {
    bool is_plain = fit_is_plain(scenario, family);
    if (is_plain) {
        scenario->program = fit_plain_program(family, scenario->program);
        fit_options(scenario, family);
    } else {
        fit_world(scenario, family);
    }
    scenario->verdict = WBH_VERDICT_OK;
    fit_ports(scenario, is_plain);
    (void)wbh_bound(scenario);
}

void fit_scenario(struct wbh_scenario *scenario) {
    fit_to(scenario, FIT_ECHO);
}

void fit_http_scenario(struct wbh_scenario *scenario) {
    fit_to(scenario, FIT_HTTP);
}

/* ---- a client and peers ---- */

/* The first listens where the client asks, all others elsewhere. */
static void fit_listeners(struct wbh_scenario *scenario) {
    bool has_one = false;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            if (step->kind != WBH_STEP_LISTEN) {
                continue;
            }
            if (!has_one) {
                step->count = FIT_HTTP_PORT;
            } else if (step->count == FIT_HTTP_PORT) {
                step->count++;
            }
            has_one = true;
        }
    }
}

static bool has_option(const struct wbh_scenario *scenario, const char *name) {
    uint32_t i = 0;
    while (i < scenario->option_count && strcmp(scenario->options[i].name, name) != 0) {
        i++;
    }
    return i < scenario->option_count;
}

/* With what it cannot do without, in memory that the next call uses again. */
static void complete_options(struct wbh_scenario *scenario) {
    static struct wbh_option options[WBH_OPTIONS_MAX];
    uint32_t count = 0;
    if (!has_option(scenario, "url")) {
        options[count++] = (struct wbh_option){"url", FIT_HTTP_PLACE};
    }
    if (!has_option(scenario, WBH_MAY_FAIL)) {
        options[count++] = (struct wbh_option){WBH_MAY_FAIL, ""};
    }
    for (uint32_t i = 0; i < scenario->option_count && count < WBH_OPTIONS_MAX; i++) {
        options[count++] = scenario->options[i];
    }
    scenario->options = options;
    scenario->option_count = count;
}

void fit_http_client_scenario(struct wbh_scenario *scenario) {
    wbh_scenario_make_plain(scenario);
    scenario->program = fit_plain_program(FIT_HTTP_CLIENT, scenario->program);
    fit_options(scenario, FIT_HTTP_CLIENT);
    complete_options(scenario);
    scenario->verdict = WBH_VERDICT_OK;
    fit_listeners(scenario);
    (void)wbh_bound(scenario);
}
