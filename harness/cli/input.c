/* Loads scenarios and says what is wrong with them. */
#include "cli/input.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/file.h"
#include "cli/suggest.h"

const char *const cli_form_names[] = {"text", "binary", NULL};

enum cli_form cli_form_from_name(const char *name) {
    if (name == NULL) {
        return CLI_FORM_ANY;
    }
    return strcmp(name, "text") == 0 ? CLI_FORM_TEXT : CLI_FORM_BINARY;
}

static int is_named_scn(const char *path) {
    static const char suffix[] = ".scn";
    size_t suffix_len = sizeof suffix - 1;
    size_t path_len = strlen(path);
    return path_len > suffix_len && strcmp(path + path_len - suffix_len, suffix) == 0;
}

/* Text is what is named so, lest a scenario that is empty or damaged pass as a fuzz input, and what
 * begins, after white space, with a comment or the word `scenario`. Everything else is a fuzz
 * input. */
static enum cli_form form_of(const char *path, const uint8_t *bytes, size_t len) {
    if (is_named_scn(path)) {
        return CLI_FORM_TEXT;
    }
    static const char keyword[] = "scenario";
    size_t at = 0;
    while (at < len && isspace(bytes[at])) {
        at++;
    }
    if (at < len && bytes[at] == '#') {
        return CLI_FORM_TEXT;
    }
    size_t keyword_len = sizeof keyword - 1;
    if (len - at > keyword_len && memcmp(bytes + at, keyword, keyword_len) == 0
        && isspace(bytes[at + keyword_len])) {
        return CLI_FORM_TEXT;
    }
    return CLI_FORM_BINARY;
}

/* What a text takes from another file lies beside it, unless its name begins with a slash. */
static uint8_t *read_beside(void *user_data, const char *name, size_t *out_len) {
    const char *scenario_path = user_data;
    const char *slash = strrchr(scenario_path, '/');
    size_t folder_len = name[0] == '/' || slash == NULL ? 0 : (size_t)(slash - scenario_path) + 1;
    size_t name_len = strlen(name);
    char *path = malloc(folder_len + name_len + 1);
    if (path == NULL) {
        return NULL;
    }
    memcpy(path, scenario_path, folder_len);
    memcpy(path + folder_len, name, name_len + 1);
    uint8_t *bytes = strcmp(path, "-") == 0 ? NULL : cli_read_file(path, out_len);
    free(path);
    return bytes;
}

static int parse_text(struct cli_input *input, const char *text, size_t len) {
    struct wbh_parse_error error = {0};
    char *path = strdup(input->path); /* user_data has no const */
    const struct wbh_scenario_source source = {read_beside, path};
    input->scenario = path == NULL ? NULL : wbh_scenario_parse_with(text, len, &source, &error);
    free(path);
    if (input->scenario != NULL) {
        return CLI_OK;
    }
    char message[1024];
    wbh_parse_error_format(&error, input->path, message, sizeof message);
    fprintf(stderr, "%s\n", message);
    return CLI_USAGE;
}

int cli_input_load(struct cli_input *input, const char *path, enum cli_form form) {
    *input = (struct cli_input){.path = path};
    size_t len = 0;
    uint8_t *bytes = cli_read_file(path, &len);
    if (bytes == NULL) {
        return CLI_USAGE;
    }
    input->form = form != CLI_FORM_ANY ? form : form_of(path, bytes, len);
    int status = CLI_OK;
    if (input->form == CLI_FORM_TEXT) {
        status = parse_text(input, (const char *)bytes, len);
    } else {
        input->scenario = wbh_scenario_decode(bytes, len);
        if (input->scenario == NULL) {
            status = cli_error("%s: out of memory", path);
        }
    }
    free(bytes);
    return status;
}

void cli_input_clean_up(struct cli_input *input) {
    wbh_scenario_destroy(input->scenario);
    *input = (struct cli_input){0};
}

const char cli_tolerant_help[] =
    "expectations that are not met are passed over: how fuzz inputs are\n"
    "always run";

int cli_input_is_tolerant(const struct cli_input *input, int asked) {
    return asked || input->form == CLI_FORM_BINARY;
}

/* Appends ", WORD" and what ends it, if there is room for the whole. */
static void add_word(
    char *buf, size_t buf_len, size_t *len, size_t before, const char *word, const char *ending) {
    int added =
        snprintf(buf + *len, buf_len - *len, "%s%s%s", before == 0 ? "" : ", ", word, ending);
    if (added < 0 || *len + (size_t)added >= buf_len) {
        buf[*len] = '\0';
    } else {
        *len += (size_t)added;
    }
}

int cli_program_has_option(const struct wbh_program *program, const char *name) {
    for (size_t i = 0; program->options != NULL && program->options[i] != NULL; i++) {
        if (strcmp(program->options[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

void cli_program_options(const struct wbh_program *program, char *buf, size_t buf_len) {
    size_t len = 0;
    size_t count = 0;
    buf[0] = '\0';
    for (size_t i = 0; program->options != NULL && program->options[i] != NULL; i++) {
        add_word(buf, buf_len, &len, count++, program->options[i], "=");
    }
    for (size_t i = 0; program->flags != NULL && program->flags[i].name != NULL; i++) {
        add_word(buf, buf_len, &len, count++, program->flags[i].name, "");
    }
    if (program->must_succeed != 0) {
        add_word(buf, buf_len, &len, count++, WBH_MAY_FAIL, "");
    }
}

/* A line of a file, without its end. NULL: it is not there, or cannot be read again. Ownership:
 * free() *out_bytes in any case. */
static const char *read_line(const char *path, uint32_t line, uint8_t **out_bytes) {
    size_t len = 0;
    *out_bytes = strcmp(path, "-") == 0 ? NULL : cli_read_file(path, &len);
    char *at = (char *)*out_bytes;
    for (uint32_t i = 1; i < line && at != NULL; i++) {
        at = strchr(at, '\n');
        at = at == NULL ? NULL : at + 1;
    }
    if (at != NULL) {
        at[strcspn(at, "\n")] = '\0';
    }
    return at;
}

/* Where a word stands on a line of a file, from 1; 0 if it does not. */
static unsigned column_of(const char *path, uint32_t line, const char *word) {
    uint8_t *bytes;
    const char *at = read_line(path, line, &bytes);
    const char *found = at == NULL ? NULL : strstr(at, word);
    unsigned column = found == NULL ? 0 : (unsigned)(found - at) + 1;
    free(bytes);
    return column;
}

/* Where what a line is about begins, likewise: a step, which is indented, is about itself, a
 * statement about what stands behind its first word. */
static unsigned column_of_subject(const char *path, uint32_t line) {
    static const char blanks[] = " \t";
    uint8_t *bytes;
    const char *at = read_line(path, line, &bytes);
    unsigned column = 0;
    if (at != NULL) {
        size_t skipped = strspn(at, blanks);
        if (skipped == 0) {
            skipped = strcspn(at, blanks);
            skipped += strspn(at + skipped, blanks);
        }
        column = (unsigned)skipped + 1;
    }
    free(bytes);
    return column;
}

/* One of the scenario's programs, while it is checked. */
struct checked {
    const struct cli_input *input;
    const struct wbh_program *program; /* NULL: it is unknown */
    struct wbh_cast cast;
};

/* Prints "file:line:column: MESSAGE", as far as there is a place (0: none). */
static int complain_at(
    const struct cli_input *input, uint32_t line, unsigned column, const char *message) {
    if (line != 0 && column != 0) {
        fprintf(stderr, "%s:%" PRIu32 ":%u: %s\n", input->path, line, column, message);
    } else if (line != 0) {
        fprintf(stderr, "%s:%" PRIu32 ": %s\n", input->path, line, message);
    } else {
        cli_error("%s: %s", input->path, message);
    }
    return CLI_USAGE;
}

static int complain_at_word(const struct checked *checked, const char *word, const char *message) {
    const struct cli_input *input = checked->input;
    uint32_t line = input->form == CLI_FORM_TEXT ? checked->cast.line : 0;
    return complain_at(input, line, line != 0 ? column_of(input->path, line, word) : 0, message);
}

static int complain_of_program(const struct checked *checked) {
    char hint[128];
    char message[512];
    const char *name = checked->cast.program;
    struct cli_suggestion suggestion = {.wanted = name};
    size_t count = 0;
    const struct wbh_program *programs = wbh_programs(&count);
    for (size_t i = 0; i < count; i++) {
        cli_suggest(&suggestion, programs[i].name);
    }
    const char *text = cli_suggestion_text(&suggestion, hint, sizeof hint);
    snprintf(message, sizeof message, "unknown program '%s'%s", name,
        *text != '\0' ? text : "; 'wouldblock list programs' shows what there is");
    return complain_at_word(checked, name, message);
}

static int complain_of_option(const struct checked *checked, const char *name) {
    char hint[128];
    char message[512];
    struct cli_suggestion suggestion = {.wanted = name};
    const struct wbh_program *program = checked->program;
    char known[256];
    for (size_t i = 0; program->options != NULL && program->options[i] != NULL; i++) {
        cli_suggest(&suggestion, program->options[i]);
    }
    for (size_t i = 0; program->flags != NULL && program->flags[i].name != NULL; i++) {
        cli_suggest(&suggestion, program->flags[i].name);
    }
    if (program->must_succeed != 0) {
        cli_suggest(&suggestion, WBH_MAY_FAIL);
    }
    const char *text = cli_suggestion_text(&suggestion, hint, sizeof hint);
    cli_program_options(program, known, sizeof known);
    snprintf(message, sizeof message, "program '%s' has no option '%s'%s%s%s", program->name, name,
        *text != '\0' ? text : "; it has ", *text != '\0' ? "" : known,
        *text == '\0' && *known == '\0' ? "none" : "");
    return complain_at_word(checked, name, message);
}

static int complain_of_value(const struct checked *checked, const char *name, int takes_value) {
    char message[512];
    snprintf(message, sizeof message,
        takes_value ? "option '%s' of program '%s' needs a value: %s=VALUE"
                    : "option '%s' of program '%s' takes no value: write %s alone",
        name, checked->program->name, name);
    return complain_at_word(checked, name, message);
}

static int is_trigger(const char *name) {
    for (size_t i = 0; i < WBH_TRIGGER_COUNT; i++) {
        if (strcmp(wbh_trigger_nth(i), name) == 0) {
            return 1;
        }
    }
    return 0;
}

static int complain_of_trigger(const struct checked *checked, const char *name) {
    char hint[128];
    char message[512];
    struct cli_suggestion suggestion = {.wanted = name};
    for (size_t i = 0; i < WBH_TRIGGER_COUNT; i++) {
        cli_suggest(&suggestion, wbh_trigger_nth(i));
    }
    snprintf(message, sizeof message,
        "found trigger '%s', expected level, edge, oneshot or edge-oneshot%s", name,
        cli_suggestion_text(&suggestion, hint, sizeof hint));
    return complain_at_word(checked, name, message);
}

static int check_option(const struct checked *checked, const struct wbh_option *option) {
    int is_flag = wbh_program_flag(checked->program, option->name) != NULL;
    if (!is_flag && !cli_program_has_option(checked->program, option->name)) {
        return complain_of_option(checked, option->name);
    }
    if (is_flag != (option->value[0] == '\0')) {
        return complain_of_value(checked, option->name, !is_flag);
    }
    if (strcmp(option->name, "trigger") == 0 && !is_trigger(option->value)) {
        return complain_of_trigger(checked, option->value);
    }
    return CLI_OK;
}

static int check_program(const struct checked *checked, int is_tolerant) {
    if (checked->program == NULL) {
        return complain_of_program(checked);
    }
    for (uint32_t i = 0; !is_tolerant && i < checked->cast.option_count; i++) {
        int status = check_option(checked, &checked->cast.options[i]);
        if (status != CLI_OK) {
            return status;
        }
    }
    return CLI_OK;
}

/* As fuzz targets do, so that what they run in a moment takes no longer here. */
static void bound_input(const struct cli_input *input) {
    if (wbh_bound(input->scenario)) {
        fprintf(stderr,
            "NOTE  %s: cut to the bounds of a fuzz input (%d calls, %d steps, %d faults, %d bytes "
            "sent, 60s)\n",
            input->path, WBH_BOUND_CALLS, WBH_BOUND_STEPS, WBH_BOUND_FAULTS, WBH_BOUND_TRAFFIC);
    }
}

int cli_input_check(struct cli_input *input, int is_tolerant) {
    const struct wbh_scenario *scenario = input->scenario;
    input->program = wbh_program_find(scenario->program);
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        struct wbh_cast cast = wbh_scenario_program(scenario, i);
        struct checked checked = {input, wbh_program_find(cast.program), cast};
        int status = check_program(&checked, is_tolerant);
        if (status != CLI_OK) {
            return status;
        }
    }
    if (input->form == CLI_FORM_BINARY) {
        input->scenario->verdict = WBH_VERDICT_OK;
        bound_input(input);
    }
    return CLI_OK;
}

int cli_input_has_trigger(const struct cli_input *input) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(input->scenario); i++) {
        struct wbh_cast cast = wbh_scenario_program(input->scenario, i);
        if (cli_program_has_option(wbh_program_find(cast.program), "trigger")) {
            return 1;
        }
    }
    return 0;
}

int cli_input_complain(const struct cli_input *input, const char *sentence) {
    static const char word[] = "line ";
    const char *number = sentence + sizeof word - 1;
    size_t digits =
        strncmp(sentence, word, sizeof word - 1) == 0 ? strspn(number, "0123456789") : 0;
    if (digits != 0 && strncmp(number + digits, ": ", 2) == 0) {
        uint32_t line = (uint32_t)strtoul(number, NULL, 10);
        return complain_at(input, line, column_of_subject(input->path, line), number + digits + 2);
    }
    return cli_error("%s: %s", input->path, sentence);
}

const char *cli_input_trigger(const struct cli_input *input) {
    for (uint32_t i = 0; i < input->scenario->option_count; i++) {
        if (strcmp(input->scenario->options[i].name, "trigger") == 0) {
            return input->scenario->options[i].value;
        }
    }
    return NULL;
}

/* A program's options, its trigger another one. */
struct options {
    struct wbh_option items[WBH_OPTIONS_MAX + 1];
};

/* As a run with this trigger has it: programs without a choice are left as they are. */
static void change_trigger(struct wbh_cast *cast, const char *trigger, struct options *options) {
    const struct wbh_program *program = wbh_program_find(cast->program);
    if (program == NULL || !cli_program_has_option(program, "trigger")) {
        return;
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < cast->option_count; i++) {
        options->items[i] = cast->options[i];
    }
    while (at < cast->option_count && strcmp(options->items[at].name, "trigger") != 0) {
        at++;
    }
    options->items[at] = (struct wbh_option){.name = "trigger", .value = trigger};
    cast->options = options->items;
    cast->option_count = at == cast->option_count ? at + 1 : cast->option_count;
}

char *cli_input_print(const struct wbh_scenario *scenario, const char *trigger, const char *profile,
    const uint64_t *seed, size_t *out_len) {
    struct wbh_scenario changed = *scenario; /* shallow: it is only read */
    struct options options[WBH_PROGRAMS_MAX];
    struct wbh_cast others[WBH_PROGRAMS_MAX];
    if (trigger != NULL) {
        struct wbh_cast first = wbh_scenario_program(scenario, 0);
        change_trigger(&first, trigger, &options[0]);
        if (first.options == options[0].items) {
            changed.options = options[0].items;
            changed.option_count = first.option_count;
        }
        for (uint32_t i = 0; i < scenario->other_count; i++) {
            others[i] = scenario->others[i];
            change_trigger(&others[i], trigger, &options[i + 1]);
        }
        changed.others = others;
    }
    changed.profile = profile != NULL ? profile : scenario->profile;
    changed.seed = seed != NULL ? *seed : scenario->seed;
    return wbh_scenario_print(&changed, out_len);
}
