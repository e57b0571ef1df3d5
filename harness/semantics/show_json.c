/* A survey as JSON. A building step that fails leaves out a key; the document is then given up as a
 * whole. */
#include <string.h>

#include "report/report.h"
#include "semantics/show.h"

enum { FORMAT_VERSION = 1 };

static json_t *mode_list(unsigned modes) {
    json_t *array = json_array();
    for (unsigned mode = 0; array != NULL && mode < WB_CONTRACT_MODE_COUNT; mode++) {
        if ((modes & (1u << mode)) != 0
            && json_array_append_new(array, json_string(wbh_mode_name(mode))) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* What one kernel said to a step: its result, or an observation by mode. null: it did not get
 * there. */
static json_t *step_json(const struct wbh_survey *survey, const struct wbh_shown_step *step) {
    if (step == NULL) {
        return json_null();
    }
    if (step->kind != WB_CONTRACT_OBSERVED) {
        return json_string(step->result);
    }
    json_t *object = json_object();
    int rc = object == NULL ? -1 : 0;
    for (unsigned mode = 0; rc == 0 && mode < WB_CONTRACT_MODE_COUNT; mode++) {
        struct wbh_text cell = {0};
        if ((survey->modes & (1u << mode)) != 0) {
            wbh_shown_step_add_cell(&cell, step, mode);
            rc = wbh_report_json_set(
                object, wbh_mode_name(mode), json_string(wbh_text_string(&cell)));
            rc |= cell.failed;
        }
        wbh_text_clean_up(&cell);
    }
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static const char *kind_name(enum wb_contract_step_kind kind) {
    static const char *const names[] = {
        [WB_CONTRACT_DONE] = "call",
        [WB_CONTRACT_OBSERVED] = "observation",
        [WB_CONTRACT_ORDERED] = "order",
        [WB_CONTRACT_CHECKED] = "value",
    };
    return names[kind];
}

static json_t *row_json(const struct wbh_survey *survey, const struct wbh_row *row) {
    static const char *const marks[] = {[WBH_ROW_EQUAL] = "equal",
        [WBH_ROW_VARIES] = "varies",
        [WBH_ROW_DIFFERS] = "differs",
        [WBH_ROW_NOT_REACHED] = "not-reached"};
    const struct wbh_shown_step *step = wbh_row_step(row);
    json_t *object = json_object();
    int rc = wbh_report_json_set(object, "kind", json_string(kind_name(step->kind)));
    rc |= wbh_report_json_set(object, "text", wbh_report_json_string(step->text));
    rc |= wbh_report_json_set(object, "count", json_integer((json_int_t)row->count));
    rc |= wbh_report_json_set(object, "simulated", step_json(survey, row->simulated));
    rc |= wbh_report_json_set(object, "real", step_json(survey, row->real));
    rc |= wbh_report_json_set(object, "mark", json_string(marks[row->mark]));
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *outcome_json(const struct wbh_outcome *outcome) {
    static const char *const kinds[] = {
        [WBH_OUTCOME_PASSED] = "as-stated",
        [WBH_OUTCOME_FAILED] = "not-as-stated",
        [WBH_OUTCOME_SKIPPED] = "not-run",
        [WBH_OUTCOME_DIED] = "died",
    };
    json_t *object = json_object();
    int rc = wbh_report_json_set(object, "outcome", json_string(kinds[outcome->kind]));
    rc |= wbh_report_json_set(object, "failure",
        *outcome->failure == '\0' ? json_null() : wbh_report_json_string(outcome->failure));
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *case_json(const struct wbh_survey *survey, const struct wbh_case_result *result) {
    json_t *object = json_object();
    json_t *steps = json_array();
    int is_timed = (result->one->flags & WB_CONTRACT_TIMING) != 0;
    int rc = wbh_report_json_set(object, "name", json_string(result->one->name));
    rc |= wbh_report_json_set(
        object, "verdict", json_string(wbh_case_verdict_name(result->comparison.verdict)));
    rc |= wbh_report_json_set(object, "timing", json_boolean(is_timed));
    rc |= wbh_report_json_set(object, "simulated", outcome_json(&result->simulated));
    rc |= wbh_report_json_set(object, "real", outcome_json(&result->real));
    for (size_t i = 0; i < result->comparison.row_count; i++) {
        rc |= json_array_append_new(steps, row_json(survey, &result->comparison.rows[i]));
    }
    rc |= wbh_report_json_set(object, "steps", steps);
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* What a rule is, whether or not anything has run. */
static json_t *rule_json(const struct wbh_rule_result *result) {
    char name[16];
    json_t *object = json_object();
    int rc = wbh_report_json_set(
        object, "rule", json_string(wbh_rule_name(result->rule, name, sizeof name)));
    rc |= wbh_report_json_set(
        object, "section", json_string(wbh_rule_section_title(result->rule->section)));
    rc |= wbh_report_json_set(object, "sentence", json_string(result->rule->sentence));
    rc |= wbh_report_json_set(object, "limits",
        result->rule->limits == NULL ? json_null() : json_string(result->rule->limits));
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *kind_list(uint32_t kinds) {
    json_t *array = json_array();
    for (unsigned n = 0; array != NULL && n < WBH_KIND_COUNT; n++) {
        if ((kinds & (1u << n)) != 0
            && json_array_append_new(array, json_string(wbh_kind_name(n))) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *shown_rule_json(
    const struct wbh_survey *survey, const struct wbh_rule_result *result) {
    json_t *object = rule_json(result);
    json_t *cases = json_array();
    int rc =
        wbh_report_json_set(object, "status", json_string(wbh_rule_status_name(result->status)));
    rc |= wbh_report_json_set(object, "missing", kind_list(result->missing_kinds));
    for (size_t i = 0; i < result->case_count; i++) {
        rc |= json_array_append_new(cases, case_json(survey, &result->cases[i]));
    }
    rc |= wbh_report_json_set(object, "cases", cases);
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *listed_rule_json(
    const struct wbh_survey *survey, const struct wbh_rule_result *result) {
    (void)survey;
    json_t *object = rule_json(result);
    json_t *cases = json_array();
    int rc = 0;
    for (size_t i = 0; i < result->case_count; i++) {
        rc |= json_array_append_new(cases, json_string(result->cases[i].one->name));
    }
    rc |= wbh_report_json_set(object, "cases", cases);
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

typedef json_t *rule_fn(const struct wbh_survey *survey, const struct wbh_rule_result *result);

static json_t *rules_json(const struct wbh_survey *survey, rule_fn *one_rule) {
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < survey->rule_count; i++) {
        if (survey->rules[i].is_wanted
            && json_array_append_new(array, one_rule(survey, &survey->rules[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *spurious_json(void) {
    json_t *array = json_array();
    int rc = 0;
    for (size_t i = 0; i < wbh_spurious_count(); i++) {
        const struct wbh_spurious *spurious = wbh_spurious_nth(i);
        json_t *object = json_object();
        struct wbh_text name = {0};
        wbh_text_format(&name, "S%u", spurious->number);
        rc |= wbh_report_json_set(object, "name", json_string(wbh_text_string(&name)));
        rc |= wbh_report_json_set(object, "sentence", json_string(spurious->sentence));
        rc |= wbh_report_json_set(object, "rules", json_string(spurious->rules));
        rc |= json_array_append_new(array, object);
        wbh_text_clean_up(&name);
    }
    if (rc != 0) {
        json_decref(array);
        return NULL;
    }
    return array;
}

static json_t *summary_json(const struct wbh_survey *survey) {
    json_t *object = json_object();
    size_t wanted = wbh_survey_wanted(survey);
    size_t not_covered = wbh_survey_count(survey, WBH_RULE_NOT_COVERED);
    const struct {
        const char *key;
        size_t count;
    } counts[] = {
        {"rules", wanted},
        {"shown", wanted - not_covered},
        {"equal", wbh_survey_count(survey, WBH_RULE_EQUAL)},
        {"one_sided", wbh_survey_count(survey, WBH_RULE_ONE_SIDED)},
        {"differ", wbh_survey_count(survey, WBH_RULE_DIFFERS)},
        {"not_covered", not_covered},
        {"in_part", wbh_survey_in_part(survey)},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (wbh_report_json_set(object, counts[i].key, json_integer((json_int_t)counts[i].count))
            != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *head_json(const char *format) {
    json_t *object = json_object();
    int rc = wbh_report_json_set(object, "format", json_string(format));
    rc |= wbh_report_json_set(object, "version", json_integer(FORMAT_VERSION));
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *wbh_show_json(const struct wbh_survey *survey) {
    json_t *object = head_json("wouldblock-semantics");
    int family = survey->family == WB_AF_INET6 ? 6 : 4;
    int rc = wbh_report_json_set(object, "kernel", wbh_report_json_string(survey->kernel));
    rc |= wbh_report_json_set(object, "family", json_integer(family));
    rc |= wbh_report_json_set(object, "modes", mode_list(survey->modes));
    rc |= wbh_report_json_set(object, "summary", summary_json(survey));
    rc |= wbh_report_json_set(object, "rules", rules_json(survey, shown_rule_json));
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *wbh_show_list_json(const struct wbh_survey *survey) {
    json_t *object = head_json("wouldblock-semantics-list");
    int rc = wbh_report_json_set(object, "rules", rules_json(survey, listed_rule_json));
    rc |= wbh_report_json_set(object, "spurious", spurious_json());
    if (rc != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}
