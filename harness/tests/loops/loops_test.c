/* The proof that what libuv and libevent expect of epoll has a scenario each: see planted/proof.h.
 *
 *   loops_test FOLDER            FOLDER holds README.md and scenarios/
 *   loops_test --table FOLDER    prints the README's table as it is measured now */
#include <stdio.h>
#include <string.h>

#include "expectations.h"
#include "proof.h"
#include "wouldblock/kernel.h"

enum { FLAVOURS = 5, SETTINGS = FLAVOURS * (1 + WBH_TRIGGER_COUNT), HOSTILE_SEEDS = 20 };

static const struct planted_case *nth(size_t i) {
    return &loops_expectations[i].as;
}

/* Each flavour with the trigger that the scenario names, and with each that there is. */
static void fill_settings(struct planted_setting settings[SETTINGS]) {
    static const uint32_t flavours[FLAVOURS] = {0, SIM_FLAVOUR_EDGE_PER_TRANSITION,
        SIM_FLAVOUR_NO_RDHUP, SIM_FLAVOUR_SPLIT_REPORTS, SIM_FLAVOUR_EMULATED_EDGE};
    for (size_t i = 0; i < SETTINGS; i++) {
        size_t trigger = i / FLAVOURS;
        settings[i] = (struct planted_setting){
            trigger == 0 ? NULL : wbh_trigger_nth(trigger - 1), flavours[i % FLAVOURS]};
    }
}

static int is_edge(const struct planted_setting *setting) {
    return setting->trigger != NULL && strncmp(setting->trigger, "edge", 4) == 0;
}

/* libuv knows level-triggered only. */
static int must_bear(size_t i, const struct planted_setting *setting) {
    const struct loops_expectation *of = &loops_expectations[i];
    int has_trigger = strcmp(of->as.classes, "libevent") == 0;
    return (setting->trigger != NULL) == has_trigger && (setting->flavour & of->unfit) == 0
           && (!of->edges_only || is_edge(setting));
}

static void print_table(struct wbh_text *out, const struct planted_found *found) {
    (void)found;
    wbh_text_add(out, "| library | expectation | documented at | ignored: the program | what comes "
                      "of it | scenario |\n");
    wbh_text_add(out, "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < loops_expectation_count; i++) {
        const struct loops_expectation *of = &loops_expectations[i];
        char file[64];
        planted_file_name(&of->as, file, sizeof file);
        wbh_text_format(out, "| %s | %s | %s | %s | %s by %s | [%s.scn](scenarios/%s.scn) |\n",
            of->as.classes, of->as.what, of->documented, of->ignored, of->as.verdict, of->as.oracle,
            file, file);
    }
}

int main(int argc, char *argv[]) {
    struct planted_setting settings[SETTINGS];
    fill_settings(settings);
    const struct planted_suite suite = {
        .name = "loops",
        .nth = nth,
        .count = loops_expectation_count,
        .first = PLANTED_LOOPS_FIRST,
        .past = PLANTED_BUG_COUNT,
        .settings = settings,
        .setting_count = SETTINGS,
        .must_bear = must_bear,
        .hostile_seeds = HOSTILE_SEEDS,
    };
    const struct planted_proof proof = {.suite = &suite, .print_table = print_table};
    return planted_proof_main(&proof, argc, argv);
}
