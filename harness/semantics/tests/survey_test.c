/* Which rules are meant by a word, and what is concluded from cases. */
#include "semantics/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int open_survey(void **state) {
    static struct wbh_survey survey;
    *state = &survey;
    return wbh_survey_init(&survey);
}

static int close_survey(void **state) {
    wbh_survey_clean_up(*state);
    return 0;
}

static size_t wanted_by(struct wbh_survey *survey, const char *word) {
    for (size_t i = 0; i < survey->rule_count; i++) {
        survey->rules[i].is_wanted = 0;
    }
    assert_int_equal(wbh_survey_want(survey, word), 0);
    return wbh_survey_wanted(survey);
}

static void word_names_a_rule_a_range_or_a_spurious_event(void **state) {
    struct wbh_survey *survey = *state;
    assert_int_equal(wanted_by(survey, "R72"), 1);
    assert_true(survey->rules[71].is_wanted);
    assert_int_equal(wanted_by(survey, "r72"), 1);
    assert_int_equal(wanted_by(survey, "72"), 1);
    assert_int_equal(wanted_by(survey, "R70-R79"), 10);
    assert_int_equal(wanted_by(survey, "70-79"), 10);
    assert_int_equal(wanted_by(survey, "R112"), 1);
    assert_int_equal(wanted_by(survey, "R112b"), 1);
    assert_int_equal(wanted_by(survey, "R111-R112"), 5); /* with b, c and d */
    assert_int_equal(wanted_by(survey, "R112b-R112c"), 2);
    assert_int_equal(wanted_by(survey, "S3"), 3);
    wbh_survey_want_all(survey);
    assert_int_equal(wbh_survey_wanted(survey), survey->rule_count);
}

static void word_that_names_nothing_is_refused(void **state) {
    static const char *const words[] = {"", "R", "R0", "R153", "R72x", "R9-R1", "R72-", "-R72",
        "S0", "S14", "S", "S3b", "rule", "R72 ", "R70-R79-R80", "R12345"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (wbh_survey_want(*state, words[i]) == 0) {
            fail_msg("'%s' names a rule", words[i]);
        }
    }
    assert_int_equal(wbh_survey_wanted(*state), 0);
}

static void rule_has_its_cases_and_no_others(void **state) {
    struct wbh_survey *survey = *state;
    const struct wbh_rule_result *r70 = &survey->rules[69];
    size_t total = 0;
    size_t stating = 0;
    assert_int_equal(r70->rule->number, 70);
    assert_true(r70->case_count > 0);
    for (size_t i = 0; i < survey->rule_count; i++) {
        total += survey->rules[i].case_count;
    }
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        char suffix = '\0';
        stating += wb_contract_case_rule(wb_contract_case_nth(i), &suffix) != 0 ? 1u : 0u;
    }
    assert_int_equal(total, stating);
}

static enum wbh_rule_status conclusion(
    struct wbh_survey *survey, enum wbh_verdict_of_case first, enum wbh_verdict_of_case second) {
    struct wbh_rule_result *result = NULL;
    for (size_t i = 0; i < survey->rule_count && result == NULL; i++) {
        if (survey->rules[i].case_count == 2) {
            result = &survey->rules[i];
        }
    }
    assert_non_null(result);
    result->cases[0].comparison.verdict = first;
    result->cases[1].comparison.verdict = second;
    wbh_survey_conclude(survey);
    return result->status;
}

static void rule_is_as_good_as_its_cases(void **state) {
    assert_int_equal(conclusion(*state, WBH_CASE_EQUAL, WBH_CASE_EQUAL), WBH_RULE_EQUAL);
    assert_int_equal(conclusion(*state, WBH_CASE_REAL_ONLY, WBH_CASE_EQUAL), WBH_RULE_EQUAL);
    assert_int_equal(conclusion(*state, WBH_CASE_EQUAL, WBH_CASE_DIFFERS), WBH_RULE_DIFFERS);
    assert_int_equal(conclusion(*state, WBH_CASE_WRONG, WBH_CASE_EQUAL), WBH_RULE_DIFFERS);
    assert_int_equal(
        conclusion(*state, WBH_CASE_NOT_SHOWN, WBH_CASE_REAL_ONLY), WBH_RULE_ONE_SIDED);
    assert_int_equal(
        conclusion(*state, WBH_CASE_NOT_SHOWN, WBH_CASE_NOT_SHOWN), WBH_RULE_NOT_COVERED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            word_names_a_rule_a_range_or_a_spurious_event, open_survey, close_survey),
        cmocka_unit_test_setup_teardown(
            word_that_names_nothing_is_refused, open_survey, close_survey),
        cmocka_unit_test_setup_teardown(
            rule_has_its_cases_and_no_others, open_survey, close_survey),
        cmocka_unit_test_setup_teardown(rule_is_as_good_as_its_cases, open_survey, close_survey),
    };
    return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
