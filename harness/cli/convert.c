/* The verbs that change a scenario's form: explain (fuzz input to text) and encode (back). */
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/file.h"
#include "cli/input.h"
#include "cli/options.h"

/* The bytes of the other form; NULL: no memory. */
typedef void *(*convert_fn)(const struct wbh_scenario *scenario, size_t *out_len);

static void *to_text(const struct wbh_scenario *scenario, size_t *out_len) {
    return wbh_scenario_print(scenario, out_len);
}

static void *to_binary(const struct wbh_scenario *scenario, size_t *out_len) {
    return wbh_scenario_encode(scenario, out_len);
}

struct conversion {
    const char *verb;
    const char *text;
    const char *epilogue;
    convert_fn convert;
    int is_for_people; /* may go to a terminal */
};

static int convert_file(
    const struct conversion *conversion, const char *path, const char *out_path, const char *as) {
    struct cli_input input = {0};
    int status = cli_input_load(&input, path, cli_form_from_name(as));
    if (status == CLI_OK) {
        size_t len = 0;
        void *bytes = conversion->convert(input.scenario, &len);
        status = bytes == NULL ? cli_error("%s: out of memory", path)
                               : cli_write_file(out_path, bytes, len);
        free(bytes);
    }
    cli_input_clean_up(&input);
    return status;
}

static int convert(const struct conversion *conversion, int argc, char **argv) {
    const char *out_path = NULL;
    const char *as = NULL;
    const struct cli_option options[] = {
        {.name = "out",
            .letter = 'o',
            .argument = "FILE",
            .string = &out_path,
            .help = "write there instead of to the standard output"},
        {.name = "as",
            .argument = "FORM",
            .string = &as,
            .choices = cli_form_names,
            .help = "take the file as 'text' or 'binary', whatever it looks like"},
    };
    const struct cli_usage usage = {
        .verb = conversion->verb,
        .arguments = "FILE [-o FILE]",
        .text = conversion->text,
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .epilogue = conversion->epilogue,
    };
    int operand_count = 0;
    enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operand_count);
    if (parsed != CLI_PARSED) {
        return cli_parsed_status(parsed);
    }
    if (operand_count != 1) {
        return cli_error("%s: expected one file, found %d\nTry 'wouldblock %s --help'.",
            conversion->verb, operand_count, conversion->verb);
    }
    if (out_path == NULL && !conversion->is_for_people && isatty(STDOUT_FILENO)) {
        return cli_error("%s: a fuzz input is not for a terminal; give -o FILE", conversion->verb);
    }
    return convert_file(conversion, argv[1], out_path != NULL ? out_path : "-", as);
}

int cli_explain(int argc, char **argv) {
    static const struct conversion explain = {
        .verb = "explain",
        .text =
            "Prints any fuzz input as the scenario text that it stands for. A scenario text is\n"
            "printed in its canonical form. FILE may be '-', the standard input.\n",
        .epilogue = "example:\n  wouldblock explain crash-1f2e > crash.scn\n",
        .convert = to_text,
        .is_for_people = 1,
    };
    return convert(&explain, argc, argv);
}

int cli_encode(int argc, char **argv) {
    static const struct conversion encode = {
        .verb = "encode",
        .text = "Writes a scenario text as a fuzz input. A fuzz input is written in its canonical\n"
                "form. FILE may be '-', the standard input.\n",
        .epilogue = "example:\n  wouldblock encode crash.scn -o corpus/fuzz_scenario_echo/crash\n",
        .convert = to_binary,
    };
    return convert(&encode, argc, argv);
}
