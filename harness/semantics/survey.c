/* Which rules, which cases, what came of them. */
#include "semantics/survey.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *wbh_rule_status_name(enum wbh_rule_status status) {
    static const char *const names[WBH_RULE_STATUS_COUNT] = {
        [WBH_RULE_EQUAL] = "equal",
        [WBH_RULE_DIFFERS] = "differs",
        [WBH_RULE_ONE_SIDED] = "one-sided",
        [WBH_RULE_NOT_COVERED] = "not-covered",
    };
    return names[status];
}

static int states(const struct wb_contract_case *one, const struct wbh_rule *rule) {
    char suffix = '\0';
    return wb_contract_case_rule(one, &suffix) == rule->number && suffix == rule->suffix;
}

static int collect_cases(struct wbh_rule_result *result) {
    size_t count = 0;
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        count += states(wb_contract_case_nth(i), result->rule) ? 1u : 0u;
    }
    result->cases = calloc(count + 1, sizeof *result->cases);
    if (result->cases == NULL) {
        return -1;
    }
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        const struct wb_contract_case *one = wb_contract_case_nth(i);
        if (states(one, result->rule)) {
            result->cases[result->case_count++] = (struct wbh_case_result){.one = one,
                .simulated = {.kind = WBH_OUTCOME_SKIPPED},
                .real = {.kind = WBH_OUTCOME_SKIPPED},
                .comparison = {.verdict = WBH_CASE_NOT_SHOWN}};
        }
    }
    return 0;
}

int wbh_survey_init(struct wbh_survey *survey) {
    *survey = (struct wbh_survey){
        .rules = calloc(wbh_rule_count(), sizeof *survey->rules), .family = WB_AF_INET};
    if (survey->rules == NULL) {
        return -1;
    }
    for (size_t i = 0; i < wbh_rule_count(); i++) {
        struct wbh_rule_result *result = &survey->rules[survey->rule_count++];
        result->rule = wbh_rule_nth(i);
        result->status = WBH_RULE_NOT_COVERED;
        if (collect_cases(result) != 0) {
            wbh_survey_clean_up(survey);
            return -1;
        }
    }
    return 0;
}

void wbh_survey_clean_up(struct wbh_survey *survey) {
    for (size_t i = 0; i < survey->rule_count; i++) {
        struct wbh_rule_result *result = &survey->rules[i];
        for (size_t j = 0; j < result->case_count; j++) {
            wbh_comparison_clean_up(&result->cases[j].comparison);
            wbh_outcome_clean_up(&result->cases[j].simulated);
            wbh_outcome_clean_up(&result->cases[j].real);
        }
        free(result->cases);
    }
    free(survey->rules);
    *survey = (struct wbh_survey){.rules = NULL};
}

/* ---- what is wanted ---- */

/* A place in the order of rules: number and suffix. "R112b", "112b", "r112". */
struct place {
    unsigned number;
    char suffix;
};

static int parse_place(const char *word, size_t len, struct place *out) {
    size_t i = len > 0 && (word[0] == 'R' || word[0] == 'r') ? 1 : 0;
    size_t digits = 0;
    *out = (struct place){.number = 0};
    for (; i < len && isdigit((unsigned char)word[i]) && digits < 4; i++, digits++) {
        out->number = out->number * 10 + (unsigned)(word[i] - '0');
    }
    if (digits > 0 && i < len && islower((unsigned char)word[i])) {
        out->suffix = word[i++];
    }
    return digits > 0 && i == len ? 0 : -1;
}

static int is_before(struct place a, struct place b) {
    return a.number != b.number ? a.number < b.number : a.suffix < b.suffix;
}

static int want_range(struct wbh_survey *survey, struct place first, struct place last) {
    int found = -1;
    for (size_t i = 0; i < survey->rule_count; i++) {
        struct wbh_rule_result *result = &survey->rules[i];
        struct place place = {.number = result->rule->number, .suffix = result->rule->suffix};
        if (!is_before(place, first) && !is_before(last, place)) {
            result->is_wanted = 1;
            found = 0;
        }
    }
    return found;
}

static int want_rules(struct wbh_survey *survey, const char *word, size_t len) {
    const char *dash = memchr(word, '-', len);
    struct place first;
    struct place last;
    size_t first_len = dash != NULL ? (size_t)(dash - word) : len;
    if (parse_place(word, first_len, &first) != 0) {
        return -1;
    }
    last = first;
    if (dash == NULL) {
        return want_range(survey, first, last);
    }
    if (parse_place(dash + 1, len - first_len - 1, &last) != 0) {
        return -1;
    }
    if (last.suffix == '\0') {
        last.suffix = 'z'; /* R110-R112 goes to R112d */
    }
    return want_range(survey, first, last);
}

static int want_spurious(struct wbh_survey *survey, unsigned number) {
    for (size_t i = 0; i < wbh_spurious_count(); i++) {
        const struct wbh_spurious *spurious = wbh_spurious_nth(i);
        if (spurious->number != number) {
            continue;
        }
        for (const char *at = spurious->rules; *at != '\0';) {
            size_t len = strcspn(at, " ");
            if (want_rules(survey, at, len) != 0) {
                return -1;
            }
            at += len;
            at += *at == ' ';
        }
        return 0;
    }
    return -1;
}

int wbh_survey_want(struct wbh_survey *survey, const char *word) {
    struct place place;
    if ((word[0] == 'S' || word[0] == 's') && word[1] != 'R' && word[1] != 'r') {
        return parse_place(word + 1, strlen(word + 1), &place) == 0 && place.suffix == '\0'
                   ? want_spurious(survey, place.number)
                   : -1;
    }
    return want_rules(survey, word, strlen(word));
}

void wbh_survey_want_all(struct wbh_survey *survey) {
    for (size_t i = 0; i < survey->rule_count; i++) {
        survey->rules[i].is_wanted = 1;
    }
}

/* ---- what came of it ---- */

int wbh_survey_compare(struct wbh_case_result *result) {
    wbh_comparison_clean_up(&result->comparison);
    return wbh_comparison_init(&result->comparison, result->one, &result->simulated, &result->real);
}

static enum wbh_rule_status conclude(const struct wbh_rule_result *result) {
    size_t equal = 0;
    size_t one_sided = 0;
    for (size_t i = 0; i < result->case_count; i++) {
        switch (result->cases[i].comparison.verdict) {
        case WBH_CASE_DIFFERS:
        case WBH_CASE_WRONG:
            return WBH_RULE_DIFFERS;
        case WBH_CASE_EQUAL:
            equal++;
            break;
        case WBH_CASE_REAL_ONLY:
        case WBH_CASE_SIMULATED_ONLY:
            one_sided++;
            break;
        case WBH_CASE_NOT_SHOWN:
            break;
        }
    }
    if (equal > 0) {
        return WBH_RULE_EQUAL;
    }
    return one_sided > 0 ? WBH_RULE_ONE_SIDED : WBH_RULE_NOT_COVERED;
}

static uint32_t shown_kinds(const struct wbh_rule_result *result) {
    uint32_t kinds = 0;
    for (size_t i = 0; i < result->case_count; i++) {
        kinds |= result->cases[i].real.transcript.kinds;
        kinds |= result->cases[i].simulated.transcript.kinds;
    }
    return kinds;
}

void wbh_survey_conclude(struct wbh_survey *survey) {
    for (size_t i = 0; i < survey->rule_count; i++) {
        struct wbh_rule_result *result = &survey->rules[i];
        result->status = conclude(result);
        result->missing_kinds = result->status == WBH_RULE_NOT_COVERED
                                    ? 0
                                    : wbh_rule_kinds(result->rule) & ~shown_kinds(result);
    }
}

size_t wbh_survey_count(const struct wbh_survey *survey, enum wbh_rule_status status) {
    size_t count = 0;
    for (size_t i = 0; i < survey->rule_count; i++) {
        count += survey->rules[i].is_wanted && survey->rules[i].status == status ? 1u : 0u;
    }
    return count;
}

size_t wbh_survey_in_part(const struct wbh_survey *survey) {
    size_t count = 0;
    for (size_t i = 0; i < survey->rule_count; i++) {
        count += survey->rules[i].is_wanted && survey->rules[i].missing_kinds != 0 ? 1u : 0u;
    }
    return count;
}

size_t wbh_survey_wanted(const struct wbh_survey *survey) {
    size_t count = 0;
    for (size_t i = 0; i < survey->rule_count; i++) {
        count += survey->rules[i].is_wanted ? 1u : 0u;
    }
    return count;
}
