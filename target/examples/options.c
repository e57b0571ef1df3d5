/* See options.h. */
#include "examples/options.h"

#include <assert.h>
#include <string.h>

#include "examples/console.h"

static const char *value_shape(enum wb__option_kind kind) {
    switch (kind) {
    case WB__OPTION_FLAG:
        return "";
    case WB__OPTION_ADDR:
        return "HOST:PORT";
    case WB__OPTION_UNIX:
        return "PATH|@NAME";
    case WB__OPTION_STREAM:
        return "HOST:PORT|unix:PATH|unix:@NAME";
    case WB__OPTION_TRIGGER:
        return "level|edge|oneshot|edge-oneshot";
    case WB__OPTION_COUNT:
        return "N";
    case WB__OPTION_TEXT:
        return "TEXT";
    case WB__OPTION_TEXTS:
        return "TEXT...";
    }
    return "";
}

static bool parse_addr(const char *text, struct wb_addr *out_addr) {
    static const char localhost[] = "localhost:";
    if (strncmp(text, localhost, sizeof localhost - 1) != 0) {
        return wb_addr_parse(text, out_addr) == WB_OK;
    }
    struct wb_addr loopback = wb_addr_v4_loopback(0);
    char numeric[WB_ADDR_TEXT_LEN_MAX];
    size_t host_len = wb_addr_format_ip(&loopback, numeric, sizeof numeric);
    const char *port = text + sizeof localhost - 2;
    size_t port_len = strlen(port);
    if (port_len >= sizeof numeric - host_len) {
        return false;
    }
    memcpy(numeric + host_len, port, port_len + 1);
    return wb_addr_parse(numeric, out_addr) == WB_OK;
}

static bool parse_stream(const char *text, struct wb__address *out_address) {
    static const char prefix[] = WB__ADDRESS_UNIX_PREFIX;
    out_address->is_unix = strncmp(text, prefix, sizeof prefix - 1) == 0;
    return out_address->is_unix
               ? wb_unix_addr_parse(text + sizeof prefix - 1, &out_address->unix_addr) == WB_OK
               : parse_addr(text, &out_address->tcp);
}

static bool parse_count(const char *text, size_t min, size_t max, size_t *out_count) {
    if (*text == '\0') {
        return false;
    }
    size_t count = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        if (count > max / 10) {
            return false;
        }
        count = count * 10 + (size_t)(*at - '0');
    }
    if (count < min || count > max) {
        return false;
    }
    *out_count = count;
    return true;
}

static bool append_text(struct wb__texts *texts, const char *text) {
    if (texts->count == WB__TEXTS_MAX) {
        return false;
    }
    texts->items[texts->count++] = text;
    return true;
}

static bool parse_value(const struct wb__option *option, const char *text) {
    switch (option->kind) {
    case WB__OPTION_FLAG:
        *(bool *)option->target = true;
        return true;
    case WB__OPTION_ADDR:
        return parse_addr(text, option->target);
    case WB__OPTION_UNIX:
        return wb_unix_addr_parse(text, option->target) == WB_OK;
    case WB__OPTION_STREAM:
        return parse_stream(text, option->target);
    case WB__OPTION_TRIGGER: {
        struct wb__trigger_option *trigger = option->target;
        trigger->is_given = true;
        return wb_trigger_from_name(text, &trigger->trigger) == WB_OK;
    }
    case WB__OPTION_COUNT:
        return parse_count(text, option->min, option->max, option->target);
    case WB__OPTION_TEXT:
        *(const char **)option->target = text;
        return true;
    case WB__OPTION_TEXTS:
        return append_text(option->target, text);
    }
    return false;
}

static void print_help(const struct wb__command *command, const struct wb_sys *sys) {
    wb__print(sys, WB__CONSOLE_OUT, "usage: %s [options]", command->program);
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].name == NULL) {
            wb__print(sys, WB__CONSOLE_OUT, " [%s]", value_shape(command->options[i].kind));
        }
    }
    wb__print(sys, WB__CONSOLE_OUT, "\n%s\n\n", command->summary);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct wb__option *option = &command->options[i];
        bool is_operand = option->name == NULL;
        wb__print(sys, WB__CONSOLE_OUT, "  %s%s%s%s\n        %s\n", is_operand ? "" : "--",
            is_operand ? "" : option->name,
            is_operand || option->kind == WB__OPTION_FLAG ? "" : " ", value_shape(option->kind),
            option->help);
    }
    wb__print(sys, WB__CONSOLE_OUT, "  --help\n        prints this\n");
}

/* What the shape does not tell of a value that was refused. */
static const char *value_bounds(enum wb__option_kind kind) {
    _Static_assert(WB_UNIX_PATH_LEN_MAX == 107, "as printed");
    _Static_assert(WB__TEXTS_MAX == 16, "as printed");
    return kind == WB__OPTION_UNIX     ? " of 1 to 107 bytes"
           : kind == WB__OPTION_STREAM ? ", a name of 1 to 107 bytes"
           : kind == WB__OPTION_TEXTS  ? ", at most 16 times"
                                       : "";
}

static void print_bad_value(const struct wb__command *command, const struct wb_sys *sys,
    const struct wb__option *option, const char *text) {
    const char *dashes = option->name == NULL ? "" : "--";
    const char *name = option->name == NULL ? "operand" : option->name;
    if (option->kind == WB__OPTION_COUNT) {
        wb__print(sys, WB__CONSOLE_ERR, "%s: %s%s: expected a number from %zu to %zu, not '%s'\n",
            command->program, dashes, name, option->min, option->max, text);
        return;
    }
    wb__print(sys, WB__CONSOLE_ERR, "%s: %s%s: expected %s%s, not '%s'\n", command->program, dashes,
        name, value_shape(option->kind), value_bounds(option->kind), text);
}

/* The option that an argument names; the operand for one without dashes. */
static const struct wb__option *find_option(
    const struct wb__command *command, const char *name, size_t name_len) {
    for (size_t i = 0; i < command->option_count; i++) {
        const struct wb__option *option = &command->options[i];
        bool matches = option->name == NULL ? name == NULL
                                            : name != NULL && strlen(option->name) == name_len
                                                  && memcmp(option->name, name, name_len) == 0;
        if (matches) {
            return option;
        }
    }
    return NULL;
}

static bool refuse(const struct wb__command *command, const struct wb_sys *sys, const char *what,
    const char *argument) {
    wb__print(sys, WB__CONSOLE_ERR, "%s: %s '%s'; try '%s --help'\n", command->program, what,
        argument, command->program);
    return false;
}

/* Handles argv[*index] and, if its value stands apart, the argument after it. */
static bool parse_argument(const struct wb__command *command, const struct wb_sys *sys, int argc,
    char *const argv[], int *index) {
    const char *argument = argv[*index];
    bool is_option = argument[0] == '-' && argument[1] == '-';
    const char *name = is_option ? argument + 2 : NULL;
    size_t name_len = is_option ? strcspn(name, "=") : 0;
    const struct wb__option *option = find_option(command, name, name_len);
    if (option == NULL) {
        return refuse(command, sys, is_option ? "unknown option" : "unexpected argument", argument);
    }
    const char *value = argument;
    if (is_option) {
        bool is_joined = name[name_len] == '=';
        value = is_joined ? name + name_len + 1 : "";
        if (option->kind == WB__OPTION_FLAG && is_joined) {
            return refuse(command, sys, "no value is expected in", argument);
        }
        if (option->kind != WB__OPTION_FLAG && !is_joined) {
            if (*index + 1 >= argc) {
                return refuse(command, sys, "a value is missing after", argument);
            }
            *index += 1;
            value = argv[*index];
        }
    }
    if (!parse_value(option, value)) {
        print_bad_value(command, sys, option, value);
        return false;
    }
    return true;
}

bool wb__command_parse(const struct wb__command *command, const struct wb_sys *sys, int argc,
    char *const argv[], int *out_exit) {
    assert(command->program != NULL);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help(command, sys);
            *out_exit = WB__EXIT_OK;
            return false;
        }
    }
    for (int i = 1; i < argc; i++) {
        if (!parse_argument(command, sys, argc, argv, &i)) {
            *out_exit = WB__EXIT_USAGE;
            return false;
        }
    }
    return true;
}
