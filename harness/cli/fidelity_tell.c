/* What the verb `fidelity` prints: progress, differences, figures; for people and as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/fidelity.h"
#include "cli/file.h"
#include "fidelity/text.h"
#include "report/report.h"

enum { FORMAT_VERSION = 1 };

static double seconds_of(const struct cli_fidelity *fidelity, uint64_t until_ns) {
    return (double)(until_ns - fidelity->start_ns) / 1e9;
}

void cli_fidelity_progress(const struct cli_fidelity *fidelity) {
    uint64_t sequences = 0;
    uint64_t steps = 0;
    for (unsigned i = 0; i < fidelity->options->workers; i++) {
        sequences += fidelity->pages[i].tally.sequences;
        steps += fidelity->pages[i].tally.steps;
    }
    double seconds = seconds_of(fidelity, cli_now_ns());
    fprintf(stderr, "%s%" PRIu64 " sequences, %" PRIu64 " steps, %zu differences, %.0f s%s",
        fidelity->options->shows_progress ? "\r" : "fidelity: ", sequences, steps,
        fidelity->difference_count, seconds, fidelity->options->shows_progress ? "  " : "\n");
}

/* ---- coverage ---- */

/* Whether it is a cell for what was compared. */
static int is_cell(const struct fid_limits *limits, int code, int role, int kind, int state) {
    return (limits->codes >> code & 1u) != 0 && (limits->kinds >> kind & 1u) != 0
           && fid_is_cell((enum fid_code)code, (enum fid_role)role, (enum fid_kind)kind,
               (enum fid_state)state);
}

struct coverage {
    unsigned cells;
    unsigned seen;
};

static struct coverage count_coverage(const struct cli_fidelity *fidelity) {
    struct coverage coverage = {0, 0};
    const struct fid_limits *limits = &fidelity->pages[0].limits;
    for (int row = 0; row < FID_OP_COUNT * FID_ROLE_COUNT; row++) {
        int code = row / FID_ROLE_COUNT;
        int role = row % FID_ROLE_COUNT;
        for (int kind = 0; kind < FID_KIND_COUNT; kind++) {
            for (int state = 0; state < FID_STATE_COUNT; state++) {
                if (is_cell(limits, code, role, kind, state)) {
                    coverage.cells++;
                    coverage.seen += fidelity->tally.cells[code][role][kind][state] != 0;
                }
            }
        }
    }
    return coverage;
}

/* The states of a kind in which it was never tried, with blanks between them. */
static void quiet_states(
    const struct cli_fidelity *fidelity, int code, int role, int kind, char *states, size_t size) {
    size_t len = 0;
    states[0] = '\0';
    for (int state = 0; state < FID_STATE_COUNT; state++) {
        if (is_cell(&fidelity->pages[0].limits, code, role, kind, state)
            && fidelity->tally.cells[code][role][kind][state] == 0 && len < size) {
            len += (size_t)snprintf(states + len, size - len, "%s%s", len == 0 ? "" : " ",
                fid_state_name((enum fid_state)state));
        }
    }
}

/* Calls visit for each operation and kind, with the states in which it was never tried; the second
 * descriptor of an operation is called its other one. */
static void each_quiet_corner(const struct cli_fidelity *fidelity,
    void (*visit)(void *user_data, const char *operation, const char *kind, const char *states),
    void *user_data) {
    for (int row = 0; row < FID_OP_COUNT * FID_ROLE_COUNT; row++) {
        int code = row / FID_ROLE_COUNT;
        int role = row % FID_ROLE_COUNT;
        char operation[32];
        snprintf(operation, sizeof operation, "%s%s", fid_op_info((enum fid_code)code)->name,
            role == FID_ROLE_OTHER ? ", other" : "");
        for (int kind = 0; kind < FID_KIND_COUNT; kind++) {
            char states[256];
            quiet_states(fidelity, code, role, kind, states, sizeof states);
            if (states[0] != '\0') {
                visit(user_data, operation, fid_kind_name((enum fid_kind)kind), states);
            }
        }
    }
}

static void print_corner(
    void *user_data, const char *operation, const char *kind, const char *states) {
    (void)user_data;
    printf("  %-16s%-16s%s\n", operation, kind, states);
}

/* ---- for people ---- */

static void print_kinds(const struct cli_fidelity *fidelity) {
    const struct cli_fidelity_page *page = &fidelity->pages[0];
    fputs("compared:     ", stdout);
    for (int kind = 0; kind < FID_KIND_COUNT; kind++) {
        if ((page->limits.kinds >> kind & 1u) != 0) {
            printf(" %s", fid_kind_name((enum fid_kind)kind));
        }
    }
    fputc('\n', stdout);
    for (int kind = 0; kind < FID_KIND_COUNT; kind++) {
        int error = page->missing[kind];
        if (error != 0) {
            printf("switched off:  %s (%s: %s)\n", fid_kind_name((enum fid_kind)kind),
                error < 0 ? "the simulated kernel" : "this machine", fid_errno_name(abs(error)));
        }
    }
    for (int code = 0; code < FID_OP_COUNT; code++) {
        if (page->limits.codes != 0 && (page->limits.codes >> code & 1u) == 0) {
            printf("switched off:  the operation %s (not in the simulated kernel)\n",
                fid_op_info((enum fid_code)code)->name);
        }
    }
}

static void print_allowances(const struct cli_fidelity *fidelity) {
    for (int i = 0; i < FID_ALLOWANCE_COUNT; i++) {
        printf("allowed:       %" PRIu64 " times: %s, %s (%s: %s)\n", fidelity->tally.allowed[i],
            fid_allowances[i].what, fid_allowances[i].allowed, fid_allowances[i].rule,
            fid_allowances[i].reason);
    }
}

static void print_difference(
    const struct cli_fidelity *fidelity, const struct cli_fidelity_difference *difference) {
    const struct cli_fidelity_options *options = fidelity->options;
    if (options->file_count != 0) {
        printf("%s: they differ\n", options->paths[difference->index]);
    } else {
        printf("sequence %" PRIu64 " of seed %" PRIu64 ": they differ", difference->index,
            options->seed);
        if (difference->ops.count != difference->length) {
            printf(" (%u operations made into %u)", difference->length, difference->ops.count);
        }
        fputc('\n', stdout);
    }
    if (!difference->repeats) {
        printf("  it did not repeat when it was run again; the first time, at the last operation:\n"
               "         simulated: %s\n         real:      %s\n",
            difference->simulated, difference->real);
    }
    fputs(difference->story, stdout);
    if (difference->story[0] != '\0' && difference->story[strlen(difference->story) - 1] != '\n') {
        fputc('\n', stdout);
    }
    if (difference->path != NULL) {
        printf("  saved as %s\n", difference->path);
    }
    fputc('\n', stdout);
}

static void end_progress(const struct cli_fidelity *fidelity) {
    if (fidelity->options->shows_progress) {
        fprintf(stderr, "\r%70s\r", "");
    }
}

static void print_count(uint64_t count, const char *noun, const char *after) {
    printf("%" PRIu64 " %s%s%s", count, noun, count == 1 ? "" : "s", after);
}

int cli_fidelity_tell(const struct cli_fidelity *fidelity) {
    const struct fid_tally *tally = &fidelity->tally;
    end_progress(fidelity);
    for (size_t i = 0; i < fidelity->difference_count; i++) {
        print_difference(fidelity, &fidelity->differences[i]);
    }
    print_kinds(fidelity);
    print_allowances(fidelity);
    printf("run twice:     %" PRIu64 " sequences, since two connections had been given one port\n",
        tally->coincidences);
    struct coverage coverage = count_coverage(fidelity);
    printf("covered:       %u of %u cells (operation, kind and state of the descriptor)\n",
        coverage.seen, coverage.cells);
    if (fidelity->options->coverage) {
        printf("never tried:\n");
        each_quiet_corner(fidelity, print_corner, NULL);
    }
    double seconds = seconds_of(fidelity, fidelity->end_ns);
    print_count(tally->sequences, "sequence", ", ");
    print_count(tally->steps, "step", "");
    printf(" (%" PRIu64 " left out), ", tally->skipped);
    print_count(tally->events, "event", "");
    printf(" in %.1f s: %.0f sequences a second\n", seconds,
        (double)tally->sequences / (seconds > 0 ? seconds : 1));
    if (fidelity->difference_count == 0) {
        printf("no difference\n");
    } else {
        bool is_full = fidelity->difference_count == CLI_FIDELITY_DIFFERENCES_MAX;
        print_count(fidelity->difference_count, "difference", is_full ? ": stopped there\n" : "\n");
    }
    return CLI_OK;
}

/* ---- for machines ---- */

static json_t *count_json(uint64_t count) {
    return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count);
}

static json_t *difference_json(
    const struct cli_fidelity *fidelity, const struct cli_fidelity_difference *difference) {
    json_t *object = json_object();
    json_t *operations = json_array();
    int rc = 0;
    for (uint32_t i = 0; i < difference->ops.count; i++) {
        char line[FID_LINE_MAX];
        fid_op_format(&difference->ops.op[i], line);
        rc |= json_array_append_new(operations, json_string(line));
    }
    if (fidelity->options->file_count != 0) {
        rc |= wbh_report_json_set(
            object, "file", wbh_report_json_string(fidelity->options->paths[difference->index]));
    } else {
        rc |= wbh_report_json_set(object, "sequence", count_json(difference->index));
    }
    rc |= wbh_report_json_set(object, "repeats", json_boolean(difference->repeats));
    rc |= wbh_report_json_set(object, "operations", operations);
    rc |= wbh_report_json_set(object, "simulated", wbh_report_json_string(difference->simulated));
    rc |= wbh_report_json_set(object, "real", wbh_report_json_string(difference->real));
    rc |= wbh_report_json_set(object, "story", wbh_report_json_string(difference->story));
    rc |= wbh_report_json_set(object, "saved",
        difference->path != NULL ? wbh_report_json_string(difference->path) : json_null());
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *kinds_json(const struct cli_fidelity_page *page, int missing) {
    json_t *array = json_array();
    for (int kind = 0; kind < FID_KIND_COUNT; kind++) {
        const char *name = fid_kind_name((enum fid_kind)kind);
        if (!missing && (page->limits.kinds >> kind & 1u) != 0) {
            json_array_append_new(array, json_string(name));
        }
        if (missing && page->missing[kind] != 0) {
            json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "kind", name, "side",
                                             page->missing[kind] < 0 ? "simulated" : "real",
                                             "error", fid_errno_name(abs(page->missing[kind]))));
        }
    }
    return array;
}

static json_t *operations_off_json(const struct cli_fidelity_page *page) {
    json_t *array = json_array();
    for (int code = 0; code < FID_OP_COUNT; code++) {
        if (page->limits.codes != 0 && (page->limits.codes >> code & 1u) == 0) {
            json_array_append_new(array, json_string(fid_op_info((enum fid_code)code)->name));
        }
    }
    return array;
}

static json_t *allowances_json(const struct fid_tally *tally) {
    json_t *array = json_array();
    for (int i = 0; i < FID_ALLOWANCE_COUNT; i++) {
        const struct fid_allowance *row = &fid_allowances[i];
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "what", row->what, "operations",
                       row->operations, "allowed", row->allowed, "reason", row->reason, "rule",
                       row->rule, "times", (json_int_t)tally->allowed[i]));
    }
    return array;
}

static void append_corner(
    void *user_data, const char *operation, const char *kind, const char *states) {
    json_array_append_new(user_data,
        json_pack("{s:s, s:s, s:s}", "operation", operation, "kind", kind, "states", states));
}

static json_t *coverage_json(const struct cli_fidelity *fidelity) {
    struct coverage coverage = count_coverage(fidelity);
    json_t *object = json_object();
    json_t *never = json_array();
    each_quiet_corner(fidelity, append_corner, never);
    if (wbh_report_json_set(object, "cells", count_json(coverage.cells)) != 0
        || wbh_report_json_set(object, "seen", count_json(coverage.seen)) != 0
        || wbh_report_json_set(object, "never", never) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

int cli_fidelity_tell_json(const struct cli_fidelity *fidelity) {
    const struct fid_tally *tally = &fidelity->tally;
    const struct cli_fidelity_page *page = &fidelity->pages[0];
    json_t *document = json_object();
    json_t *differences = json_array();
    int rc = 0;
    end_progress(fidelity);
    for (size_t i = 0; i < fidelity->difference_count; i++) {
        rc |= json_array_append_new(
            differences, difference_json(fidelity, &fidelity->differences[i]));
    }
    rc |= wbh_report_json_set(document, "format", json_string("wouldblock-fidelity"));
    rc |= wbh_report_json_set(document, "version", json_integer(FORMAT_VERSION));
    rc |= wbh_report_json_set(document, "seed", json_sprintf("%" PRIu64, fidelity->options->seed));
    rc |= wbh_report_json_set(document, "kinds", kinds_json(page, 0));
    rc |= wbh_report_json_set(document, "kinds_off", kinds_json(page, 1));
    rc |= wbh_report_json_set(document, "operations_off", operations_off_json(page));
    rc |= wbh_report_json_set(document, "sequences", count_json(tally->sequences));
    rc |= wbh_report_json_set(document, "steps", count_json(tally->steps));
    rc |= wbh_report_json_set(document, "left_out", count_json(tally->skipped));
    rc |= wbh_report_json_set(document, "events", count_json(tally->events));
    rc |= wbh_report_json_set(document, "run_twice", count_json(tally->coincidences));
    rc |=
        wbh_report_json_set(document, "seconds", json_real(seconds_of(fidelity, fidelity->end_ns)));
    rc |= wbh_report_json_set(document, "differences", differences);
    rc |= wbh_report_json_set(document, "allowances", allowances_json(tally));
    rc |= wbh_report_json_set(document, "coverage", coverage_json(fidelity));
    struct wbh_text text = {0};
    if (rc == 0) {
        wbh_report_json_print(document, &text);
    }
    json_decref(document);
    int status = rc != 0 || text.failed ? cli_error("fidelity: out of memory")
                                        : cli_write_stdout(text.bytes, text.len);
    wbh_text_clean_up(&text);
    return status;
}
