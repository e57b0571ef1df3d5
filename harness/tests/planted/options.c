/* Names of bugs, and the command line of the twins. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "slots.h"
#include "wb/sys.h"

static const char *const names[] = {"none",
#define PLANTED_NAME(name, text) text,
    PLANTED_BUG_TABLE(PLANTED_NAME) PLANTED_LOOPS_BUG_TABLE(PLANTED_NAME)
#undef PLANTED_NAME
};

const char *planted_bug_name(enum planted_bug bug) {
    return names[bug];
}

enum planted_bug planted_bug_from_name(const char *name) {
    int bug = PLANTED_NONE;
    while (bug < PLANTED_BUG_COUNT && strcmp(names[bug], name) != 0) {
        bug++;
    }
    return (enum planted_bug)bug;
}

static bool parse_mode(const char *value, uint32_t *out_mode) {
    static const struct {
        const char *name;
        uint32_t mode;
    } modes[] = {
        {"level", 0},
        {"edge", WB_EPOLLET},
        {"oneshot", WB_EPOLLONESHOT},
        {"edge-oneshot", WB_EPOLLET | WB_EPOLLONESHOT},
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(modes[i].name, value) == 0) {
            *out_mode = modes[i].mode;
            return true;
        }
    }
    return false;
}

static bool parse_number(const char *value, uint64_t *out_number) {
    char *end;
    *out_number = strtoull(value, &end, 10);
    return end != value && *end == '\0';
}

static bool parse_one(struct planted_options *options, const char *name, const char *value) {
    uint64_t number = 0;
    if (strcmp(name, "--bug") == 0) {
        options->bug = planted_bug_from_name(value);
        return options->bug != PLANTED_BUG_COUNT;
    }
    if (strcmp(name, "--trigger") == 0) {
        return parse_mode(value, &options->mode);
    }
    if (strcmp(name, "--unit") == 0) {
        options->capitals = strcmp(value, "capitals") == 0;
        options->frames = strcmp(value, "frames") == 0;
        options->with_thread = strcmp(value, "thread") == 0;
        return options->capitals || options->frames || options->with_thread;
    }
    if (strcmp(name, "--server") == 0) {
        options->server = value;
        return true;
    }
    if (strcmp(name, "--flavour") == 0) {
        options->several_workers = strcmp(value, "multi") == 0;
        return options->several_workers;
    }
    if (strcmp(name, "--pause") == 0) {
        options->pauses = strcmp(value, "yes") == 0;
        return options->pauses;
    }
    if (!parse_number(value, &number)) {
        return false;
    }
    if (strcmp(name, "--max-connections") == 0) {
        options->connections_max = (uint32_t)number;
        return number >= 1 && number <= PLANTED_SLOTS_MAX;
    }
    if (strcmp(name, "--events") == 0) {
        options->events_max = (uint32_t)number;
        return number >= 1 && number <= 1024;
    }
    options->timeout_ns = number * UINT64_C(1000000);
    return strcmp(name, "--timeout") == 0 && number >= 1 && number <= 600000;
}

bool planted_options_parse(struct planted_options *options, int argc, char *const argv[]) {
    *options = (struct planted_options){.connections_max = PLANTED_SLOTS_MAX,
        .timeout_ns = UINT64_C(5000000000),
        .server = "localhost"};
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || !parse_one(options, argv[i], argv[i + 1])) {
            return false;
        }
    }
    return true;
}
