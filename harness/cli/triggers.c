/* Names of triggers and profiles. */
#include "cli/triggers.h"

#include <stddef.h>

#include "wouldblock/run.h"

const char cli_trigger_all[] = "all";

const char *const *cli_trigger_names(void) {
    static const char *names[WBH_TRIGGER_COUNT + 2];
    for (size_t i = 0; i < WBH_TRIGGER_COUNT; i++) {
        names[i] = wbh_trigger_nth(i);
    }
    names[WBH_TRIGGER_COUNT] = cli_trigger_all;
    return names;
}

const char *const *cli_profile_names(void) {
    enum { PROFILES_MAX = 31 };
    static const char *names[PROFILES_MAX + 1];
    size_t count = wbh_profile_count();
    for (size_t i = 0; i < count && i < PROFILES_MAX; i++) {
        names[i] = wbh_profile_nth(i)->name;
    }
    return names;
}
