/* The table of rules: complete, in order, and in step with the cases. */
#include "semantics/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "semantics/survey.h"

enum { LAST_RULE = 152 };

static void rules_are_in_order_and_none_is_missing(void **state) {
    (void)state;
    unsigned number = 0;
    char suffix = '\0';
    for (size_t i = 0; i < wbh_rule_count(); i++) {
        const struct wbh_rule *rule = wbh_rule_nth(i);
        if (rule->suffix == '\0') {
            assert_int_equal(rule->number, number + 1);
        } else {
            assert_int_equal(rule->number, number);
            assert_int_equal(rule->suffix, suffix == '\0' ? 'b' : suffix + 1);
        }
        number = rule->number;
        suffix = rule->suffix;
    }
    assert_int_equal(number, LAST_RULE);
}

static void rules_are_sentences_in_sections_that_go_on(void **state) {
    (void)state;
    int section = 0;
    for (size_t i = 0; i < wbh_rule_count(); i++) {
        const struct wbh_rule *rule = wbh_rule_nth(i);
        assert_in_range(rule->section, section, section + 1);
        section = (int)rule->section;
        assert_int_equal(rule->sentence[strlen(rule->sentence) - 1], '.');
        if (rule->limits != NULL) {
            assert_int_not_equal(rule->limits[strlen(rule->limits) - 1], '.');
        }
    }
    assert_int_equal(section, WBH_SECTION_COUNT - 1);
}

static int is_a_rule(unsigned number, char suffix) {
    for (size_t i = 0; i < wbh_rule_count(); i++) {
        const struct wbh_rule *rule = wbh_rule_nth(i);
        if (rule->number == number && rule->suffix == suffix) {
            return 1;
        }
    }
    return 0;
}

static void cases_state_rules_that_exist(void **state) {
    (void)state;
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        const struct wb_contract_case *one = wb_contract_case_nth(i);
        char suffix = '\0';
        unsigned number = wb_contract_case_rule(one, &suffix);
        if (number != 0 && !is_a_rule(number, suffix)) {
            fail_msg("%s states no rule of the table", one->name);
        }
    }
}

static void spurious_events_name_rules_that_exist(void **state) {
    (void)state;
    struct wbh_survey survey;
    char word[24];
    assert_int_equal(wbh_survey_init(&survey), 0);
    for (size_t i = 0; i < wbh_spurious_count(); i++) {
        assert_int_equal(wbh_spurious_nth(i)->number, i + 1);
        (void)snprintf(word, sizeof word, "S%zu", i + 1);
        assert_int_equal(wbh_survey_want(&survey, word), 0);
    }
    wbh_survey_clean_up(&survey);
}

static void name_has_the_suffix(void **state) {
    (void)state;
    const struct wbh_rule rule = {.number = 112, .suffix = 'b'};
    char name[8];
    assert_string_equal(wbh_rule_name(&rule, name, sizeof name), "R112b");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_in_order_and_none_is_missing),
        cmocka_unit_test(rules_are_sentences_in_sections_that_go_on),
        cmocka_unit_test(cases_state_rules_that_exist),
        cmocka_unit_test(spurious_events_name_rules_that_exist),
        cmocka_unit_test(name_has_the_suffix),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
