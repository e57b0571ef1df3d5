/* Parses options and prints --help from the same table. */
#include "cli/options.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/suggest.h"

enum { HELP_COLUMN = 22 };

static void print_option(const struct cli_option *option) {
    char left[64];
    int len;
    if (option->letter != 0 && option->name != NULL) {
        len = snprintf(left, sizeof left, "-%c, --%s", option->letter, option->name);
    } else if (option->letter != 0) {
        len = snprintf(left, sizeof left, "-%c", option->letter);
    } else {
        len = snprintf(left, sizeof left, "--%s", option->name);
    }
    assert(len > 0 && (size_t)len < sizeof left);
    if (option->argument != NULL) {
        len += snprintf(left + len, sizeof left - (size_t)len, " %s", option->argument);
    }
    if (len >= HELP_COLUMN - 3) {
        printf("  %s\n%*s", left, HELP_COLUMN, "");
    } else {
        printf("  %-*s", HELP_COLUMN - 2, left);
    }
    for (const char *line = option->help; *line != '\0';) {
        size_t line_len = strcspn(line, "\n");
        if (line != option->help) {
            printf("%*s", HELP_COLUMN, "");
        }
        printf("%.*s\n", (int)line_len, line);
        line += line_len;
        line += *line == '\n';
    }
}

static void print_help(const struct cli_usage *usage) {
    printf("usage: wouldblock %s%s%s\n\n%s", usage->verb, *usage->arguments != '\0' ? " " : "",
        usage->arguments, usage->text);
    printf("\noptions:\n");
    for (size_t i = 0; i < usage->option_count; i++) {
        print_option(&usage->options[i]);
    }
    print_option(&(struct cli_option){.name = "help", .letter = 'h', .help = "print this"});
    if (usage->epilogue != NULL) {
        printf("\n%s", usage->epilogue);
    }
}

/* A whole word as a decimal or 0x number. 0, or -1. */
static int parse_number(const char *word, uint64_t *out_number) {
    int base = strncmp(word, "0x", 2) == 0 ? 16 : 10;
    const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
    const char *first = base == 16 ? word + 2 : word;
    if (*first == '\0' || strspn(first, digits) != strlen(first)) {
        return -1;
    }
    errno = 0;
    uint64_t number = strtoull(first, NULL, base);
    if (errno != 0) {
        return -1;
    }
    *out_number = number;
    return 0;
}

static enum cli_parsed complain_of_choice(
    const struct cli_usage *usage, const struct cli_option *option, const char *value) {
    struct cli_suggestion suggestion = {.wanted = value};
    char hint[128];
    char known[256];
    size_t len = 0;
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        cli_suggest(&suggestion, option->choices[i]);
        int added = snprintf(
            known + len, sizeof known - len, "%s%s", i == 0 ? "" : ", ", option->choices[i]);
        assert(added > 0 && len + (size_t)added < sizeof known);
        len += (size_t)added;
    }
    cli_error("%s: --%s: found '%s', expected one of %s%s", usage->verb, option->name, value, known,
        cli_suggestion_text(&suggestion, hint, sizeof hint));
    return CLI_PARSED_BAD;
}

static const char *spelling(const struct cli_option *option, char *buf, size_t buf_len) {
    if (option->name != NULL) {
        snprintf(buf, buf_len, "--%s", option->name);
    } else {
        snprintf(buf, buf_len, "-%c", option->letter);
    }
    return buf;
}

static enum cli_parsed store_number(
    const struct cli_usage *usage, const struct cli_option *option, const char *value) {
    uint64_t number = 0;
    char name[64];
    spelling(option, name, sizeof name);
    int is_bounded = option->number_min != 0 || option->number_max != 0;
    uint64_t max = is_bounded ? option->number_max : UINT64_MAX;
    if (parse_number(value, &number) != 0 || number < option->number_min || number > max) {
        cli_error("%s: %s: found '%s', expected a number from %" PRIu64 " to %" PRIu64, usage->verb,
            name, value, option->number_min, max);
        return CLI_PARSED_BAD;
    }
    *option->number = number;
    return CLI_PARSED;
}

static enum cli_parsed store_string(
    const struct cli_usage *usage, const struct cli_option *option, const char *value) {
    if (option->choices != NULL) {
        size_t i = 0;
        while (option->choices[i] != NULL && strcmp(option->choices[i], value) != 0) {
            i++;
        }
        if (option->choices[i] == NULL) {
            return complain_of_choice(usage, option, value);
        }
    } else if (*value == '\0') {
        char name[64];
        cli_error("%s: %s needs %s, found nothing", usage->verb,
            spelling(option, name, sizeof name), option->argument);
        return CLI_PARSED_BAD;
    }
    *option->string = value;
    return CLI_PARSED;
}

static enum cli_parsed store(
    const struct cli_usage *usage, const struct cli_option *option, const char *value) {
    enum cli_parsed parsed = option->number != NULL ? store_number(usage, option, value)
                                                    : store_string(usage, option, value);
    if (parsed == CLI_PARSED && option->given != NULL) {
        *option->given = 1;
    }
    return parsed;
}

static const struct cli_option *find_long(
    const struct cli_usage *usage, const char *name, size_t name_len) {
    for (size_t i = 0; i < usage->option_count; i++) {
        const char *candidate = usage->options[i].name;
        if (candidate != NULL && strlen(candidate) == name_len
            && memcmp(candidate, name, name_len) == 0) {
            return &usage->options[i];
        }
    }
    return NULL;
}

static const struct cli_option *find_letter(const struct cli_usage *usage, char letter) {
    for (size_t i = 0; i < usage->option_count; i++) {
        if (usage->options[i].letter == letter) {
            return &usage->options[i];
        }
    }
    return NULL;
}

static enum cli_parsed complain_of_unknown(
    const struct cli_usage *usage, const char *word, size_t word_len) {
    char wanted[CLI_WORD_MAX];
    char hint[128];
    char spelled[CLI_WORD_MAX + 2];
    snprintf(wanted, sizeof wanted, "%.*s", (int)word_len, word);
    struct cli_suggestion suggestion = {.wanted = wanted + strspn(wanted, "-")};
    for (size_t i = 0; i < usage->option_count; i++) {
        if (usage->options[i].name != NULL) {
            cli_suggest(&suggestion, usage->options[i].name);
        }
    }
    if (suggestion.best != NULL) {
        snprintf(spelled, sizeof spelled, "--%s", suggestion.best);
        suggestion.best = spelled;
    }
    cli_error("%s: unknown option '%.*s'%s\nTry 'wouldblock %s --help'.", usage->verb,
        (int)word_len, word, cli_suggestion_text(&suggestion, hint, sizeof hint), usage->verb);
    return CLI_PARSED_BAD;
}

/* What is being parsed: the arguments, and how far it has got. */
struct parser {
    const struct cli_usage *usage;
    int argc;
    char **argv;
    int next;
};

static enum cli_parsed take_value(
    struct parser *parser, const struct cli_option *option, const char *attached) {
    const char *value = attached;
    if (value == NULL) {
        if (parser->next == parser->argc) {
            char name[64];
            cli_error("%s: %s needs a value: %s", parser->usage->verb,
                spelling(option, name, sizeof name), option->argument);
            return CLI_PARSED_BAD;
        }
        value = parser->argv[parser->next++];
    }
    return store(parser->usage, option, value);
}

static enum cli_parsed parse_long(struct parser *parser, const char *word) {
    size_t name_len = strcspn(word + 2, "=");
    const char *attached = word[2 + name_len] == '=' ? word + 2 + name_len + 1 : NULL;
    const struct cli_option *option = find_long(parser->usage, word + 2, name_len);
    if (option == NULL) {
        return complain_of_unknown(parser->usage, word, 2 + name_len);
    }
    if (option->flag == NULL) {
        return take_value(parser, option, attached);
    }
    if (attached != NULL) {
        cli_error(
            "%s: --%s takes no value, found '%s'", parser->usage->verb, option->name, attached);
        return CLI_PARSED_BAD;
    }
    *option->flag = 1;
    return CLI_PARSED;
}

static enum cli_parsed parse_letters(struct parser *parser, const char *word) {
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        const struct cli_option *option = find_letter(parser->usage, *letter);
        if (option == NULL) {
            return complain_of_unknown(parser->usage, word, strlen(word));
        }
        if (option->flag == NULL) {
            return take_value(parser, option, letter[1] != '\0' ? letter + 1 : NULL);
        }
        *option->flag = 1;
    }
    return CLI_PARSED;
}

enum cli_parsed cli_parse(
    const struct cli_usage *usage, int argc, char **argv, int *out_operand_count) {
    struct parser parser = {.usage = usage, .argc = argc, .argv = argv, .next = 1};
    int operand_count = 0;
    int options_ended = 0;
    while (parser.next < argc) {
        char *word = argv[parser.next++];
        enum cli_parsed parsed = CLI_PARSED;
        if (options_ended || word[0] != '-' || word[1] == '\0') {
            argv[1 + operand_count++] = word;
        } else if (strcmp(word, "--") == 0) {
            options_ended = 1;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_help(usage);
            return CLI_PARSED_HELP;
        } else if (word[1] == '-') {
            parsed = parse_long(&parser, word);
        } else {
            parsed = parse_letters(&parser, word);
        }
        if (parsed != CLI_PARSED) {
            return parsed;
        }
    }
    *out_operand_count = operand_count;
    return CLI_PARSED;
}
