/* Command lines of programs under test. */
#include "run/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Names are compared often, and hardly two begin alike. */
static bool is_same(const char *a, const char *b) {
    return a[0] == b[0] && strcmp(a, b) == 0;
}

static bool is_positional(const struct wbh_program *program, const char *name) {
    return program->positional != NULL && is_same(program->positional, name);
}

bool wbh_program_has_option(const struct wbh_program *program, const char *name) {
    for (const char *const *option = program->options; option != NULL && *option != NULL;
         option++) {
        if (is_same(*option, name)) {
            return true;
        }
    }
    return false;
}

/* Of a program that is judged by its exit status. It is the scenario's word, not the program's. */
static const struct wbh_flag may_fail = {.name = WBH_MAY_FAIL};

const struct wbh_flag *wbh_program_flag(const struct wbh_program *program, const char *name) {
    for (const struct wbh_flag *flag = program->flags; flag != NULL && flag->name != NULL; flag++) {
        if (is_same(flag->name, name)) {
            return flag;
        }
    }
    return program->must_succeed != 0 && is_same(name, may_fail.name) ? &may_fail : NULL;
}

/* The last one counts; NULL: it is not given. */
static const char *value_given(
    const struct wbh_program *program, const struct wbh_cast *cast, const char *name) {
    const char *value = NULL;
    const char *const *item = program->arguments;
    for (; item != NULL && *item != NULL && item[1] != NULL; item++) {
        if (strncmp(*item, "--", 2) == 0 && is_same(*item + 2, name)) {
            value = item[1];
        }
    }
    for (uint32_t i = 0; i < cast->option_count; i++) {
        value = is_same(cast->options[i].name, name) ? cast->options[i].value : value;
    }
    return value;
}

/* A number that is none, or beyond all bounds, is the program's to refuse. */
static uint64_t memory_of_option(const struct wbh_program *program, const struct wbh_cast *cast) {
    const uint64_t most = UINT64_C(1) << 40;
    const char *value =
        program->memory_option != NULL ? value_given(program, cast, program->memory_option) : NULL;
    const uint64_t number = value != NULL ? strtoull(value, NULL, 10) : 0;
    return (number < most ? number : most) * program->memory_option_times;
}

struct wbh_program wbh_program_with_flags(
    const struct wbh_program *program, const struct wbh_cast *cast) {
    struct wbh_program with = *program;
    for (uint32_t i = 0; i < cast->option_count; i++) {
        const struct wbh_flag *flag = wbh_program_flag(program, cast->options[i].name);
        with.must_succeed = flag == &may_fail ? 0 : with.must_succeed;
        if (flag != NULL && flag->as != NULL) {
            with.conservation = flag->as->conservation;
            with.independent = flag->as->independent;
            with.speaks_http = flag->as->speaks_http;
            with.ends_by_itself = flag->as->ends_by_itself;
            with.memory_base = flag->as->memory_base;
            with.memory_per_connection = flag->as->memory_per_connection;
        }
    }
    if (with.memory_base != 0) {
        with.memory_base += memory_of_option(program, cast);
    }
    if (program->unbounded_option != NULL
        && value_given(program, cast, program->unbounded_option) != NULL) {
        with.memory_base = 0;
    }
    return with;
}

/* argv is not const, though no program writes to it; so it gets copies. */
static char *keep(char *buf, size_t *used, const char *prefix, const char *text) {
    size_t prefix_len = strlen(prefix);
    size_t len = strlen(text);
    assert(*used + prefix_len + len + 1 <= WBH_ARGUMENT_BYTES);
    char *kept = buf + *used;
    memcpy(kept, prefix, prefix_len);
    memcpy(kept + prefix_len, text, len + 1);
    *used += prefix_len + len + 1;
    return kept;
}

struct builder {
    struct wbh_arguments *arguments;
    size_t names_used;
    size_t values_used;
};

static void add(struct builder *builder, char *item) {
    assert(builder->arguments->count < WBH_ARGUMENTS_MAX);
    builder->arguments->items[builder->arguments->count++] = item;
}

static void add_option(struct builder *builder, const char *name, const char *value) {
    add(builder, keep(builder->arguments->names, &builder->names_used, "--", name));
    add(builder, keep(builder->arguments->values, &builder->values_used, "", value));
}

/* Options that the program does not have are left out, and those that lack their value, too; what a
 * flag has for a value is passed over: wbh_check has objected to all that, unless nobody wrote it.
 */
static void add_given(
    struct builder *builder, const struct wbh_program *program, const struct wbh_option *option) {
    const struct wbh_flag *flag = wbh_program_flag(program, option->name);
    if (flag == &may_fail) {
        return;
    }
    if (flag != NULL) {
        add(builder, keep(builder->arguments->names, &builder->names_used, "--", option->name));
    } else if (is_positional(program, option->name) && option->value[0] != '\0') {
        add(builder, keep(builder->arguments->values, &builder->values_used, "", option->value));
    } else if (wbh_program_has_option(program, option->name) && option->value[0] != '\0') {
        add_option(builder, option->name, option->value);
    }
}

void wbh_arguments_build(struct wbh_arguments *arguments, const struct wbh_program *program,
    const struct wbh_cast *cast, const char *trigger) {
    struct builder builder = {.arguments = arguments};
    bool override = trigger != NULL && wbh_program_has_option(program, "trigger");
    arguments->count = 0;
    add(&builder, keep(arguments->names, &builder.names_used, "", program->name));
    for (const char *const *item = program->arguments; item != NULL && *item != NULL; item++) {
        add(&builder, keep(arguments->values, &builder.values_used, "", *item));
    }
    for (uint32_t i = 0; i < cast->option_count; i++) {
        const struct wbh_option *option = &cast->options[i];
        if (!override || !is_same(option->name, "trigger")) {
            add_given(&builder, program, option);
        }
    }
    if (override) {
        add_option(&builder, "trigger", trigger);
    }
    arguments->items[arguments->count] = NULL;
}

const char *wbh_cast_option(const struct wbh_cast *cast, const char *name) {
    for (uint32_t i = 0; i < cast->option_count; i++) {
        if (is_same(cast->options[i].name, name)) {
            return cast->options[i].value;
        }
    }
    return NULL;
}

uint32_t wbh_program_port(const struct wbh_program *program, const struct wbh_cast *cast) {
    const char *listen = wbh_cast_option(cast, "listen");
    const char *colon = listen != NULL ? strrchr(listen, ':') : NULL;
    if (colon == NULL) {
        return (uint32_t)program->port;
    }
    unsigned long port = strtoul(colon + 1, NULL, 10);
    return port <= UINT16_MAX ? (uint32_t)port : 0;
}
