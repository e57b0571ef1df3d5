/* A survey as text: a block a rule, a table a case. */
#include <string.h>

#include "semantics/show.h"

enum {
    WIDTH = 100,
    NAME_WIDTH = 6,
    STATUS_WIDTH = 18,
    STEP_COLUMN = 6,
    SIMULATED_COLUMN = 54,
    REAL_COLUMN = 77,
};

#define RED "\x1b[1;31m"
#define YELLOW "\x1b[1;33m"
#define GREEN "\x1b[32m"
#define BOLD "\x1b[1m"
#define DIM "\x1b[2m"
#define PLAIN "\x1b[0m"

struct printer {
    const struct wbh_survey *survey;
    struct wbh_text *out;
    unsigned flags;
    int is_list;
    size_t line_start; /* where the current line begins in `out` */
};

static void colour(struct printer *printer, const char *code) {
    if ((printer->flags & WBH_SHOW_COLOUR) != 0) {
        wbh_text_add(printer->out, code);
        printer->line_start += strlen(code); /* it takes no column */
    }
}

static void end_line(struct printer *printer) {
    wbh_text_add(printer->out, "\n");
    printer->line_start = printer->out->len;
}

/* Goes on at a column, at least a blank away from what is there. */
static void go_to(struct printer *printer, size_t column) {
    size_t at = printer->out->len - printer->line_start;
    size_t gap = at > 0 ? 1 : 0;
    wbh_text_repeat(printer->out, ' ', at + gap < column ? column - at : gap);
}

/* Words within `width`, further lines beginning at `column`; the last line is left open. */
static void add_wrapped(struct printer *printer, const char *text, size_t column, size_t width) {
    size_t used = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (used > 0 && used + 1 + len > width) {
            end_line(printer);
            go_to(printer, column);
            used = 0;
        } else if (used > 0) {
            wbh_text_add(printer->out, " ");
            used++;
        }
        wbh_text_append(printer->out, text, len);
        used += len;
        text += len;
        text += *text == ' ';
    }
}

/* ---- rows ---- */

static void begin_row(struct printer *printer, enum wbh_row_mark mark) {
    static const char *const signs[] = {[WBH_ROW_EQUAL] = " ",
        [WBH_ROW_VARIES] = "~",
        [WBH_ROW_DIFFERS] = "!",
        [WBH_ROW_NOT_REACHED] = " "};
    static const char *const colours[] = {[WBH_ROW_EQUAL] = "",
        [WBH_ROW_VARIES] = "",
        [WBH_ROW_DIFFERS] = RED,
        [WBH_ROW_NOT_REACHED] = DIM};
    colour(printer, colours[mark]);
    go_to(printer, STEP_COLUMN - 2);
    wbh_text_add(printer->out, signs[mark]);
    go_to(printer, STEP_COLUMN);
}

static void end_row(struct printer *printer, enum wbh_row_mark mark) {
    if (mark == WBH_ROW_DIFFERS || mark == WBH_ROW_NOT_REACHED) {
        colour(printer, PLAIN);
    }
    end_line(printer);
}

static void add_cells(struct printer *printer, const char *simulated, const char *real) {
    if (printer->out->len - printer->line_start >= SIMULATED_COLUMN) {
        end_line(printer);
    }
    go_to(printer, SIMULATED_COLUMN);
    wbh_text_add(printer->out, simulated);
    go_to(printer, REAL_COLUMN);
    wbh_text_add(printer->out, real);
}

static const char *result_of(const struct wbh_shown_step *step) {
    return step != NULL ? step->result : "";
}

/* A line for each group of modes; of a row that differs, only those that do are marked so. */
static void print_observation(struct printer *printer, const struct wbh_row *row) {
    struct wbh_mode_group groups[WB_CONTRACT_MODE_COUNT];
    size_t count = wbh_show_group_modes(printer->survey, row, groups);
    for (size_t i = 0; i < count; i++) {
        int is_equal = row->mark == WBH_ROW_DIFFERS && !wbh_mode_group_differs(&groups[i]);
        enum wbh_row_mark mark = is_equal ? WBH_ROW_EQUAL : row->mark;
        begin_row(printer, mark);
        go_to(printer, STEP_COLUMN + 2);
        wbh_show_add_modes(printer->out, groups[i].modes, printer->survey->modes);
        add_cells(printer, wbh_text_string(&groups[i].simulated), wbh_text_string(&groups[i].real));
        end_row(printer, mark);
        wbh_mode_group_clean_up(&groups[i]);
    }
}

static void print_row(struct printer *printer, const struct wbh_row *row) {
    const struct wbh_shown_step *step = wbh_row_step(row);
    int is_observed = step->kind == WB_CONTRACT_OBSERVED;
    int is_head = is_observed && row->mark == WBH_ROW_DIFFERS;
    enum wbh_row_mark mark = is_head ? WBH_ROW_EQUAL : row->mark;
    begin_row(printer, mark);
    wbh_text_add(printer->out, step->text);
    if (row->count > 1) {
        wbh_text_format(printer->out, " (%u times)", row->count);
    }
    if (!is_observed && !wbh_row_is_plain(row)) {
        add_cells(printer, result_of(row->simulated), result_of(row->real));
    }
    end_row(printer, mark);
    if (is_observed) {
        print_observation(printer, row);
    }
}

/* ---- cases ---- */

static void print_failure(
    struct printer *printer, const char *where, const struct wbh_outcome *outcome) {
    if (outcome->kind != WBH_OUTCOME_FAILED && outcome->kind != WBH_OUTCOME_DIED) {
        return;
    }
    colour(printer, RED);
    go_to(printer, STEP_COLUMN);
    wbh_text_format(printer->out, "%s: ", where);
    add_wrapped(printer, outcome->failure, STEP_COLUMN + 2, WIDTH - STEP_COLUMN - 14);
    colour(printer, PLAIN);
    end_line(printer);
}

static void print_remark(struct printer *printer, const char *remark) {
    colour(printer, DIM);
    go_to(printer, STEP_COLUMN);
    add_wrapped(printer, remark, STEP_COLUMN, WIDTH - STEP_COLUMN);
    colour(printer, PLAIN);
    end_line(printer);
}

static void print_remarks(struct printer *printer, const struct wbh_case_result *result) {
    if ((result->one->flags & WB_CONTRACT_TIMING) != 0) {
        print_remark(printer,
            "(amounts or moments vary: compared by what the case allows; ~ marks what varied)");
    }
    if (result->comparison.verdict == WBH_CASE_REAL_ONLY) {
        print_remark(printer, "(needs addresses that are not mapped: shown on this kernel only)");
    }
}

static void print_columns(struct printer *printer) {
    colour(printer, DIM);
    go_to(printer, STEP_COLUMN);
    wbh_text_add(printer->out, "step");
    add_cells(printer, "simulated", "this kernel");
    colour(printer, PLAIN);
    end_line(printer);
}

static int is_bad(enum wbh_verdict_of_case verdict) {
    return verdict == WBH_CASE_DIFFERS || verdict == WBH_CASE_WRONG;
}

static void print_case(struct printer *printer, const struct wbh_case_result *result) {
    const struct wbh_comparison *comparison = &result->comparison;
    if (comparison->verdict == WBH_CASE_NOT_SHOWN) {
        return;
    }
    go_to(printer, STEP_COLUMN - 2);
    wbh_show_add_case_name(printer->out, result->one);
    colour(printer, is_bad(comparison->verdict) ? RED : DIM);
    wbh_text_format(printer->out, "  [%s]", wbh_show_verdict(comparison->verdict));
    colour(printer, PLAIN);
    end_line(printer);
    print_remarks(printer, result);
    print_columns(printer);
    for (size_t i = 0; i < comparison->row_count; i++) {
        print_row(printer, &comparison->rows[i]);
    }
    print_failure(printer, "simulated", &result->simulated);
    print_failure(printer, "this kernel", &result->real);
}

/* ---- rules ---- */

static void print_heading(struct printer *printer, enum wbh_rule_section section) {
    end_line(printer);
    colour(printer, BOLD);
    wbh_text_format(printer->out, "%d. %s", (int)section + 1, wbh_rule_section_title(section));
    colour(printer, PLAIN);
    end_line(printer);
}

static const char *status_colour(enum wbh_rule_status status) {
    static const char *const colours[WBH_RULE_STATUS_COUNT] = {
        [WBH_RULE_EQUAL] = GREEN,
        [WBH_RULE_DIFFERS] = RED,
        [WBH_RULE_ONE_SIDED] = YELLOW,
        [WBH_RULE_NOT_COVERED] = YELLOW,
    };
    return colours[status];
}

static void print_rule_head(
    struct printer *printer, const struct wbh_rule_result *result, const char *status) {
    char name[16];
    end_line(printer);
    colour(printer, BOLD);
    wbh_text_add(printer->out, wbh_rule_name(result->rule, name, sizeof name));
    colour(printer, PLAIN);
    go_to(printer, NAME_WIDTH);
    colour(printer, status_colour(result->status));
    wbh_text_format(printer->out, "%s: ", status);
    colour(printer, PLAIN);
    add_wrapped(printer, result->rule->sentence, NAME_WIDTH, WIDTH - NAME_WIDTH - STATUS_WIDTH);
    end_line(printer);
    if (result->rule->limits != NULL) {
        colour(printer, DIM);
        go_to(printer, NAME_WIDTH);
        wbh_text_add(printer->out, "(");
        add_wrapped(printer, result->rule->limits, NAME_WIDTH, WIDTH - NAME_WIDTH - 2);
        wbh_text_add(printer->out, ")");
        colour(printer, PLAIN);
        end_line(printer);
    }
}

static void print_missing(struct printer *printer, uint32_t kinds) {
    if (kinds != 0) {
        colour(printer, YELLOW);
        go_to(printer, NAME_WIDTH);
        wbh_text_add(printer->out, "NOT COVERED for: ");
        wbh_show_add_kinds(printer->out, kinds);
        colour(printer, PLAIN);
        end_line(printer);
    }
}

static int is_printed(const struct printer *printer, const struct wbh_rule_result *result) {
    if ((printer->flags & WBH_SHOW_QUIET) != 0 && result->status != WBH_RULE_DIFFERS) {
        return 0;
    }
    return result->is_wanted;
}

static void print_rule(struct printer *printer, const struct wbh_rule_result *result) {
    print_rule_head(printer, result, wbh_show_status(result->status));
    print_missing(printer, result->missing_kinds);
    for (size_t i = 0; i < result->case_count; i++) {
        if ((printer->flags & WBH_SHOW_QUIET) == 0 || is_bad(result->cases[i].comparison.verdict)) {
            print_case(printer, &result->cases[i]);
        }
    }
}

static void print_legend(struct printer *printer) {
    wbh_text_format(printer->out, "The simulated kernel beside %s, %s.\n", printer->survey->kernel,
        printer->survey->family == WB_AF_INET6 ? "IPv6" : "IPv4");
    wbh_text_add(printer->out, "An observation is three waits in each mode: X* reported every "
                               "time, X the first time only,\n"
                               "- never. Exclusive is level with EPOLLEXCLUSIVE, which leaves only "
                               "IN and OUT to ask for.\n");
    printer->line_start = printer->out->len;
}

/* Before anything has run, a rule is covered by having cases. */
static int is_covered(const struct printer *printer, const struct wbh_rule_result *result) {
    return printer->is_list ? result->case_count > 0 : result->status != WBH_RULE_NOT_COVERED;
}

/* "HEADING: NAMES", wrapped and loud; nothing if there are no names. Cleans up the names. */
static void print_names(struct printer *printer, const char *heading, struct wbh_text *names) {
    if (names->len > 0) {
        end_line(printer);
        colour(printer, YELLOW);
        wbh_text_format(printer->out, "%s:", heading);
        end_line(printer);
        go_to(printer, 4);
        add_wrapped(printer, wbh_text_string(names), 4, WIDTH - 4);
        colour(printer, PLAIN);
        end_line(printer);
    }
    printer->out->failed |= names->failed;
    wbh_text_clean_up(names);
}

static void add_rule_name(struct wbh_text *names, const struct wbh_rule_result *result) {
    char name[16];
    wbh_text_format(
        names, "%s%s", names->len == 0 ? "" : " ", wbh_rule_name(result->rule, name, sizeof name));
}

static void print_not_covered(struct printer *printer) {
    const struct wbh_survey *survey = printer->survey;
    struct wbh_text nothing = {0};
    struct wbh_text in_part = {0};
    for (size_t i = 0; i < survey->rule_count; i++) {
        const struct wbh_rule_result *result = &survey->rules[i];
        if (!result->is_wanted) {
            continue;
        }
        if (!is_covered(printer, result)) {
            add_rule_name(&nothing, result);
        } else if (result->missing_kinds != 0) {
            add_rule_name(&in_part, result);
            wbh_text_add(&in_part, " (");
            wbh_show_add_kinds(&in_part, result->missing_kinds);
            wbh_text_add(&in_part, ")");
        }
    }
    print_names(printer, "NOT COVERED for all that the rule is about", &in_part);
    print_names(printer, "NOT COVERED by any case", &nothing);
}

static void print_rules(struct printer *printer,
    void (*print_one)(struct printer *printer, const struct wbh_rule_result *result)) {
    int section = -1;
    for (size_t i = 0; i < printer->survey->rule_count; i++) {
        const struct wbh_rule_result *result = &printer->survey->rules[i];
        if (!is_printed(printer, result)) {
            continue;
        }
        if (section != (int)result->rule->section) {
            section = (int)result->rule->section;
            print_heading(printer, result->rule->section);
        }
        print_one(printer, result);
    }
}

void wbh_show_text(const struct wbh_survey *survey, unsigned flags, struct wbh_text *out) {
    struct printer printer = {.survey = survey, .out = out, .flags = flags, .line_start = out->len};
    if ((flags & WBH_SHOW_QUIET) == 0) {
        print_legend(&printer);
    }
    print_rules(&printer, print_rule);
    print_not_covered(&printer);
    if ((flags & WBH_SHOW_QUIET) == 0) {
        end_line(&printer);
    }
    wbh_show_summary(survey, out);
    end_line(&printer);
}

/* ---- the list ---- */

static void list_rule(struct printer *printer, const struct wbh_rule_result *result) {
    print_rule_head(
        printer, result, result->case_count == 0 ? wbh_show_status(result->status) : "shown");
    for (size_t i = 0; i < result->case_count; i++) {
        go_to(printer, STEP_COLUMN + 2);
        wbh_text_add(printer->out, result->cases[i].one->name);
        end_line(printer);
    }
}

static void list_spurious(struct printer *printer) {
    end_line(printer);
    wbh_text_add(printer->out, "Events that nothing stands behind, and the rules that show them");
    end_line(printer);
    for (size_t i = 0; i < wbh_spurious_count(); i++) {
        const struct wbh_spurious *spurious = wbh_spurious_nth(i);
        wbh_text_format(printer->out, "S%u", spurious->number);
        go_to(printer, NAME_WIDTH);
        add_wrapped(printer, spurious->sentence, NAME_WIDTH, WIDTH - NAME_WIDTH - 20);
        wbh_text_format(printer->out, " (%s)", spurious->rules);
        end_line(printer);
    }
}

void wbh_show_list(const struct wbh_survey *survey, unsigned flags, struct wbh_text *out) {
    struct printer printer = {
        .survey = survey, .out = out, .flags = flags, .is_list = 1, .line_start = out->len};
    print_rules(&printer, list_rule);
    if (wbh_survey_wanted(survey) == survey->rule_count) {
        list_spurious(&printer);
    }
    print_not_covered(&printer);
}
