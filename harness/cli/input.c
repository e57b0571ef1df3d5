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

static int parse_text(struct cli_input *input, const char *text, size_t len) {
    struct wbh_parse_error error = {0};
    input->scenario = wbh_scenario_parse(text, len, &error);
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
}

/* Where a word stands on a line of a file, from 1; 0 if it does not. */
static unsigned column_of(const char *path, uint32_t line, const char *word) {
    size_t len = 0;
    unsigned column = 0;
    uint8_t *bytes = strcmp(path, "-") == 0 ? NULL : cli_read_file(path, &len);
    if (bytes == NULL) {
        return 0;
    }
    char *at = (char *)bytes;
    for (uint32_t i = 1; i < line && at != NULL; i++) {
        at = strchr(at, '\n');
        at = at == NULL ? NULL : at + 1;
    }
    if (at != NULL) {
        at[strcspn(at, "\n")] = '\0';
        const char *found = strstr(at, word);
        column = found == NULL ? 0 : (unsigned)(found - at) + 1;
    }
    free(bytes);
    return column;
}

/* Prints "file:line:column: MESSAGE", as far as there is a place. */
static int complain_at(const struct cli_input *input, const char *word, const char *message) {
    uint32_t line = input->form == CLI_FORM_TEXT ? input->scenario->program_line : 0;
    unsigned column = line == 0 ? 0 : column_of(input->path, line, word);
    if (column != 0) {
        fprintf(stderr, "%s:%" PRIu32 ":%u: %s\n", input->path, line, column, message);
    } else if (line != 0) {
        fprintf(stderr, "%s:%" PRIu32 ": %s\n", input->path, line, message);
    } else {
        cli_error("%s: %s", input->path, message);
    }
    return CLI_USAGE;
}

static int complain_of_program(const struct cli_input *input) {
    char hint[128];
    char message[512];
    const char *name = input->scenario->program;
    struct cli_suggestion suggestion = {.wanted = name};
    size_t count = 0;
    const struct wbh_program *programs = wbh_programs(&count);
    for (size_t i = 0; i < count; i++) {
        cli_suggest(&suggestion, programs[i].name);
    }
    const char *text = cli_suggestion_text(&suggestion, hint, sizeof hint);
    snprintf(message, sizeof message, "unknown program '%s'%s", name,
        *text != '\0' ? text : "; 'wouldblock list programs' shows what there is");
    return complain_at(input, name, message);
}

static int complain_of_option(const struct cli_input *input, const char *name) {
    char hint[128];
    char message[512];
    struct cli_suggestion suggestion = {.wanted = name};
    const struct wbh_program *program = input->program;
    char known[256];
    for (size_t i = 0; program->options != NULL && program->options[i] != NULL; i++) {
        cli_suggest(&suggestion, program->options[i]);
    }
    for (size_t i = 0; program->flags != NULL && program->flags[i].name != NULL; i++) {
        cli_suggest(&suggestion, program->flags[i].name);
    }
    const char *text = cli_suggestion_text(&suggestion, hint, sizeof hint);
    cli_program_options(program, known, sizeof known);
    snprintf(message, sizeof message, "program '%s' has no option '%s'%s%s%s", program->name, name,
        *text != '\0' ? text : "; it has ", *text != '\0' ? "" : known,
        *text == '\0' && *known == '\0' ? "none" : "");
    return complain_at(input, name, message);
}

static int complain_of_value(const struct cli_input *input, const char *name, int takes_value) {
    char message[512];
    snprintf(message, sizeof message,
        takes_value ? "option '%s' of program '%s' needs a value: %s=VALUE"
                    : "option '%s' of program '%s' takes no value: write %s alone",
        name, input->program->name, name);
    return complain_at(input, name, message);
}

static int is_trigger(const char *name) {
    for (size_t i = 0; i < WBH_TRIGGER_COUNT; i++) {
        if (strcmp(wbh_trigger_nth(i), name) == 0) {
            return 1;
        }
    }
    return 0;
}

static int complain_of_trigger(const struct cli_input *input, const char *name) {
    char hint[128];
    char message[512];
    struct cli_suggestion suggestion = {.wanted = name};
    for (size_t i = 0; i < WBH_TRIGGER_COUNT; i++) {
        cli_suggest(&suggestion, wbh_trigger_nth(i));
    }
    snprintf(message, sizeof message,
        "found trigger '%s', expected level, edge, oneshot or edge-oneshot%s", name,
        cli_suggestion_text(&suggestion, hint, sizeof hint));
    return complain_at(input, name, message);
}

static int check_option(const struct cli_input *input, const struct wbh_option *option) {
    int is_flag = wbh_program_flag(input->program, option->name) != NULL;
    if (!is_flag && !cli_program_has_option(input->program, option->name)) {
        return complain_of_option(input, option->name);
    }
    if (is_flag != (option->value[0] == '\0')) {
        return complain_of_value(input, option->name, !is_flag);
    }
    if (strcmp(option->name, "trigger") == 0 && !is_trigger(option->value)) {
        return complain_of_trigger(input, option->value);
    }
    return CLI_OK;
}

int cli_input_check(struct cli_input *input, int is_tolerant) {
    const struct wbh_scenario *scenario = input->scenario;
    input->program = wbh_program_find(scenario->program);
    if (input->program == NULL) {
        return complain_of_program(input);
    }
    if (input->form == CLI_FORM_BINARY) {
        input->scenario->verdict = WBH_VERDICT_OK;
    }
    for (uint32_t i = 0; !is_tolerant && i < scenario->option_count; i++) {
        int checked = check_option(input, &scenario->options[i]);
        if (checked != CLI_OK) {
            return checked;
        }
    }
    return CLI_OK;
}

int cli_input_complain(const struct cli_input *input, const char *sentence) {
    static const char word[] = "line ";
    const char *number = sentence + sizeof word - 1;
    size_t digits =
        strncmp(sentence, word, sizeof word - 1) == 0 ? strspn(number, "0123456789") : 0;
    if (digits != 0 && strncmp(number + digits, ": ", 2) == 0) {
        fprintf(stderr, "%s:%s\n", input->path, number);
        return CLI_USAGE;
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

char *cli_input_print(const struct wbh_scenario *scenario, const char *trigger, const char *profile,
    const uint64_t *seed, size_t *out_len) {
    struct wbh_scenario changed = *scenario; /* shallow: it is only read */
    struct wbh_option options[WBH_OPTIONS_MAX + 1];
    if (trigger != NULL) {
        uint32_t at = 0;
        for (uint32_t i = 0; i < scenario->option_count; i++) {
            options[i] = scenario->options[i];
        }
        while (at < scenario->option_count && strcmp(options[at].name, "trigger") != 0) {
            at++;
        }
        options[at] = (struct wbh_option){.name = "trigger", .value = trigger};
        changed.options = options;
        changed.option_count = at == scenario->option_count ? at + 1 : scenario->option_count;
    }
    changed.profile = profile != NULL ? profile : scenario->profile;
    changed.seed = seed != NULL ? *seed : scenario->seed;
    return wbh_scenario_print(&changed, out_len);
}
