/* What text, page and JSON share. */
#include "semantics/show.h"

#include <string.h>

void wbh_show_add_case_name(struct wbh_text *text, const struct wb_contract_case *one) {
    const char *at = one->name;
    char suffix = '\0';
    if (wb_contract_case_rule(one, &suffix) != 0) {
        at = strchr(at, '_') + 1;
    }
    for (; *at != '\0'; at++) {
        wbh_text_append(text, *at == '_' ? " " : at, 1);
    }
}

const struct wbh_shown_step *wbh_row_step(const struct wbh_row *row) {
    return row->simulated != NULL ? row->simulated : row->real;
}

int wbh_row_is_plain(const struct wbh_row *row) {
    const struct wbh_shown_step *step = wbh_row_step(row);
    return row->mark == WBH_ROW_EQUAL && step->kind == WB_CONTRACT_DONE
           && strcmp(step->result, "done") == 0;
}

void wbh_mode_group_clean_up(struct wbh_mode_group *group) {
    wbh_text_clean_up(&group->simulated);
    wbh_text_clean_up(&group->real);
}

int wbh_mode_group_differs(const struct wbh_mode_group *group) {
    return strcmp(wbh_text_string(&group->simulated), wbh_text_string(&group->real)) != 0;
}

static void add_cell(struct wbh_text *text, const struct wbh_shown_step *step, unsigned mode) {
    if (step != NULL) {
        wbh_shown_step_add_cell(text, step, mode);
    }
}

static int is_same_group(const struct wbh_mode_group *a, const struct wbh_mode_group *b) {
    return strcmp(wbh_text_string(&a->simulated), wbh_text_string(&b->simulated)) == 0
           && strcmp(wbh_text_string(&a->real), wbh_text_string(&b->real)) == 0;
}

size_t wbh_show_group_modes(const struct wbh_survey *survey, const struct wbh_row *row,
    struct wbh_mode_group groups[WB_CONTRACT_MODE_COUNT]) {
    size_t count = 0;
    for (unsigned mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        if ((survey->modes & (1u << mode)) == 0) {
            continue;
        }
        struct wbh_mode_group group = {.modes = 1u << mode};
        add_cell(&group.simulated, row->simulated, mode);
        add_cell(&group.real, row->real, mode);
        size_t i = 0;
        while (i < count && !is_same_group(&groups[i], &group)) {
            i++;
        }
        if (i < count) {
            groups[i].modes |= group.modes;
            wbh_mode_group_clean_up(&group);
        } else {
            groups[count++] = group;
        }
    }
    return count;
}

void wbh_show_add_modes(struct wbh_text *text, unsigned modes, unsigned shown) {
    const char *separator = "";
    if (modes == shown && (modes & (modes - 1)) != 0) {
        wbh_text_add(text, "all modes");
        return;
    }
    for (unsigned mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        if ((modes & (1u << mode)) != 0) {
            wbh_text_format(text, "%s%s", separator, wbh_mode_name(mode));
            separator = ", ";
        }
    }
}

void wbh_show_add_kinds(struct wbh_text *text, uint32_t kinds) {
    const char *separator = "";
    for (unsigned n = 0; n < WBH_KIND_COUNT; n++) {
        if ((kinds & (1u << n)) != 0) {
            wbh_text_format(text, "%s%s", separator, wbh_kind_name(n));
            separator = ", ";
        }
    }
}

const char *wbh_show_status(enum wbh_rule_status status) {
    static const char *const words[WBH_RULE_STATUS_COUNT] = {
        [WBH_RULE_EQUAL] = "equal",
        [WBH_RULE_DIFFERS] = "DIFFERS",
        [WBH_RULE_ONE_SIDED] = "one kernel",
        [WBH_RULE_NOT_COVERED] = "NOT COVERED",
    };
    return words[status];
}

const char *wbh_show_verdict(enum wbh_verdict_of_case verdict) {
    static const char *const words[] = {
        [WBH_CASE_EQUAL] = "equal",
        [WBH_CASE_DIFFERS] = "DIFFERS",
        [WBH_CASE_WRONG] = "NOT AS STATED",
        [WBH_CASE_REAL_ONLY] = "this kernel only",
        [WBH_CASE_SIMULATED_ONLY] = "simulated only",
        [WBH_CASE_NOT_SHOWN] = "not shown",
    };
    return words[verdict];
}

void wbh_show_summary(const struct wbh_survey *survey, struct wbh_text *out) {
    size_t wanted = wbh_survey_wanted(survey);
    size_t not_covered = wbh_survey_count(survey, WBH_RULE_NOT_COVERED);
    size_t in_part = wbh_survey_in_part(survey);
    wbh_text_count(out, wanted, "rule");
    wbh_text_format(out, ", %zu shown", wanted - not_covered);
    if (in_part > 0) {
        wbh_text_format(out, " (%zu in part)", in_part);
    }
    wbh_text_format(out, ", %zu equal, %zu differ, %zu on one kernel only, %zu not covered",
        wbh_survey_count(survey, WBH_RULE_EQUAL), wbh_survey_count(survey, WBH_RULE_DIFFERS),
        wbh_survey_count(survey, WBH_RULE_ONE_SIDED), not_covered);
}
