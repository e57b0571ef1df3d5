/* The verbs that change a scenario's form: explain (fuzz input to text) and encode (back). */
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/file.h"
#include "cli/input.h"
#include "cli/options.h"

struct convert_arguments {
    const char *out; /* NULL: the standard output */
    const char *as;
};

/* Finds the one operand. */
static int one_file(const struct cli_usage *usage, int argc, char **argv, const char **out_path) {
    int operand_count = 0;
    switch (cli_parse(usage, argc, argv, &operand_count)) {
    case CLI_PARSED_HELP:
        *out_path = NULL;
        return CLI_OK;
    case CLI_PARSED_BAD:
        return CLI_USAGE;
    case CLI_PARSED:
        break;
    }
    if (operand_count != 1) {
        return cli_error("%s: expected one file, found %d\nTry 'wouldblock %s --help'.",
            usage->verb, operand_count, usage->verb);
    }
    *out_path = argv[1];
    return CLI_OK;
}

int cli_explain(int argc, char **argv) {
    struct convert_arguments arguments = {0};
    const struct cli_option options[] = {
        {.name = "out",
            .letter = 'o',
            .argument = "FILE",
            .string = &arguments.out,
            .help = "write there instead of to the standard output"},
        {.name = "as",
            .argument = "FORM",
            .string = &arguments.as,
            .choices = cli_form_names,
            .help = "take the file as 'text' or 'binary', whatever it looks like"},
    };
    const struct cli_usage usage = {
        .verb = "explain",
        .arguments = "FILE [-o FILE]",
        .text =
            "Prints any fuzz input as the scenario text that it stands for. A scenario text is\n"
            "printed in its canonical form. FILE may be '-', the standard input.\n",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .epilogue = "example:\n  wouldblock explain crash-1f2e > crash.scn\n",
    };
    const char *path = NULL;
    int status = one_file(&usage, argc, argv, &path);
    if (path == NULL) {
        return status;
    }
    struct cli_input input = {0};
    status = cli_input_load(&input, path, cli_form_from_name(arguments.as));
    if (status == CLI_OK) {
        size_t len = 0;
        char *text = wbh_scenario_print(input.scenario, &len);
        status = text == NULL
                     ? cli_error("%s: out of memory", path)
                     : cli_write_file(arguments.out != NULL ? arguments.out : "-", text, len);
        free(text);
    }
    cli_input_clean_up(&input);
    return status;
}

int cli_encode(int argc, char **argv) {
    struct convert_arguments arguments = {0};
    const struct cli_option options[] = {
        {.name = "out",
            .letter = 'o',
            .argument = "FILE",
            .string = &arguments.out,
            .help = "write there instead of to the standard output"},
        {.name = "as",
            .argument = "FORM",
            .string = &arguments.as,
            .choices = cli_form_names,
            .help = "take the file as 'text' or 'binary', whatever it looks like"},
    };
    const struct cli_usage usage = {
        .verb = "encode",
        .arguments = "FILE [-o FILE]",
        .text = "Writes a scenario text as a fuzz input. A fuzz input is written in its canonical\n"
                "form. FILE may be '-', the standard input.\n",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .epilogue = "example:\n  wouldblock encode crash.scn -o corpus/fuzz_scenario/crash\n",
    };
    const char *path = NULL;
    int status = one_file(&usage, argc, argv, &path);
    if (path == NULL) {
        return status;
    }
    if (arguments.out == NULL && isatty(STDOUT_FILENO)) {
        return cli_error("encode: a fuzz input is not for a terminal; give -o FILE");
    }
    struct cli_input input = {0};
    status = cli_input_load(&input, path, cli_form_from_name(arguments.as));
    if (status == CLI_OK) {
        size_t len = 0;
        uint8_t *bytes = wbh_scenario_encode(input.scenario, &len);
        status = bytes == NULL
                     ? cli_error("%s: out of memory", path)
                     : cli_write_file(arguments.out != NULL ? arguments.out : "-", bytes, len);
        free(bytes);
    }
    cli_input_clean_up(&input);
    return status;
}
