/* What is printed of a survey: text, page, JSON. The cases are the test's own. */
#include "semantics/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/report.h"

static void nothing(struct wb_contract_fixture *fx) {
    (void)fx;
}

static const struct wb_contract_case planted = {"r71_a_case_of_the_test", 0, nothing};

/* All rules, R71 with a case whose outcomes differ in edge mode. */
static int open_survey(void **state) {
    static struct wbh_survey survey;
    if (wbh_survey_init(&survey) != 0) {
        return -1;
    }
    survey.kernel = "Test <1> & \"2\"";
    survey.modes = (1u << WB_CONTRACT_MODE_COUNT) - 1;
    struct wbh_case_result *result = &survey.rules[70].cases[0];
    assert_int_equal(survey.rules[70].rule->number, 71);
    result->one = &planted;
    struct wbh_outcome *outcomes[] = {&result->simulated, &result->real};
    for (uint32_t i = 0; i < 2; i++) {
        outcomes[i]->kind = WBH_OUTCOME_PASSED;
        outcomes[i]->transcript.kinds = WBH_KIND_TCP | WBH_KIND_UNIX_STREAM;
        (void)wbh_transcript_add(&outcomes[i]->transcript, WB_CONTRACT_DONE, "send(own, <5>)", "5");
        struct wbh_shown_step *step =
            wbh_transcript_add(&outcomes[i]->transcript, WB_CONTRACT_OBSERVED, "observe own", "");
        step->modes = survey.modes;
        step->masks[WB_CONTRACT_EDGE][0] = i == 0 ? WB_EPOLLIN : WB_EPOLLOUT;
    }
    assert_int_equal(wbh_survey_compare(result), 0);
    wbh_survey_conclude(&survey);
    *state = &survey;
    return 0;
}

static int close_survey(void **state) {
    wbh_survey_clean_up(*state);
    return 0;
}

static void assert_has(const struct wbh_text *text, const char *part) {
    if (strstr(wbh_text_string(text), part) == NULL) {
        fail_msg("no '%s' in:\n%s", part, wbh_text_string(text));
    }
}

static void assert_lacks(const struct wbh_text *text, const char *part) {
    if (strstr(wbh_text_string(text), part) != NULL) {
        fail_msg("'%s' in:\n%s", part, wbh_text_string(text));
    }
}

static void text_marks_the_mode_that_differs(void **state) {
    struct wbh_survey *survey = *state;
    struct wbh_text text = {0};
    assert_int_equal(wbh_survey_want(survey, "R70-R71"), 0);
    wbh_show_text(survey, 0, &text);
    assert_has(&text, "R70   NOT COVERED: ");
    assert_has(&text, "R71   DIFFERS: ");
    assert_has(&text, "      NOT COVERED for: pipe\n");
    assert_has(&text, "    a case of the test  [DIFFERS]\n");
    assert_has(&text, "      send(own, <5>)                                  5  ");
    assert_has(&text, "        level, oneshot, edge-oneshot, exclusive       -  ");
    assert_has(&text,
        "    !   edge                                          IN                     OUT\n");
    assert_has(&text, "NOT COVERED by any case:\n    R70\n");
    assert_has(&text,
        "2 rules, 1 shown (1 in part), 0 equal, 1 differ, 0 on one kernel only, 1 not covered\n");
    assert_lacks(&text, "\x1b");
    wbh_text_clean_up(&text);
}

static void text_has_colours_if_wanted(void **state) {
    struct wbh_survey *survey = *state;
    struct wbh_text text = {0};
    assert_int_equal(wbh_survey_want(survey, "R71"), 0);
    wbh_show_text(survey, WBH_SHOW_COLOUR, &text);
    assert_has(&text, "\x1b[1;31m    !   edge                                          IN  ");
    wbh_text_clean_up(&text);
}

static void quiet_text_is_what_differs(void **state) {
    struct wbh_survey *survey = *state;
    struct wbh_text text = {0};
    assert_int_equal(wbh_survey_want(survey, "R70-R72"), 0);
    wbh_show_text(survey, WBH_SHOW_QUIET, &text);
    assert_has(&text, "R71   DIFFERS: ");
    assert_lacks(&text, "R72   ");
    assert_has(&text, "NOT COVERED by any case:\n    R70 R72\n");
    wbh_text_clean_up(&text);
}

static void page_is_escaped_and_marks_the_mode_that_differs(void **state) {
    struct wbh_survey *survey = *state;
    struct wbh_text text = {0};
    assert_int_equal(wbh_survey_want(survey, "R71"), 0);
    wbh_show_html(survey, &text);
    assert_has(&text, "Test &lt;1&gt; &amp; &quot;2&quot;, IPv4");
    assert_has(&text, "<td>send(own, &lt;5&gt;)</td>");
    assert_has(&text, "<tr class=\"observed differs\"><td>edge</td><td>IN</td><td>OUT</td></tr>");
    assert_has(&text, "NOT COVERED for: pipe</span>");
    assert_has(&text, "<a class=\"differs in-part\" href=\"#R71\"");
    assert_lacks(&text, "id=\"R72\"");
    assert_lacks(&text, "<5>");
    wbh_text_clean_up(&text);
}

static void json_has_both_sides_of_each_step(void **state) {
    struct wbh_survey *survey = *state;
    assert_int_equal(wbh_survey_want(survey, "R71"), 0);
    json_t *document = wbh_show_json(survey);
    assert_non_null(document);
    json_t *rule = json_array_get(json_object_get(document, "rules"), 0);
    assert_string_equal(json_string_value(json_object_get(rule, "status")), "differs");
    json_t *missing = json_object_get(rule, "missing");
    assert_int_equal(json_array_size(missing), 1);
    assert_string_equal(json_string_value(json_array_get(missing, 0)), "pipe");
    json_t *one = json_array_get(json_object_get(rule, "cases"), 0);
    assert_string_equal(json_string_value(json_object_get(one, "verdict")), "differs");
    json_t *step = json_array_get(json_object_get(one, "steps"), 1);
    json_t *real = json_object_get(step, "real");
    assert_string_equal(json_string_value(json_object_get(step, "kind")), "observation");
    assert_string_equal(json_string_value(json_object_get(real, "edge")), "OUT");
    assert_string_equal(json_string_value(json_object_get(real, "level")), "-");
    json_decref(document);
}

static void list_shows_cases_that_have_not_run(void **state) {
    struct wbh_survey *survey = *state;
    struct wbh_text text = {0};
    assert_int_equal(wbh_survey_want(survey, "R70"), 0);
    wbh_show_list(survey, 0, &text);
    assert_has(&text, "R70   shown: ");
    assert_has(&text, "        r70_data_is_an_event\n");
    assert_lacks(&text, "NOT COVERED");
    wbh_text_clean_up(&text);
}

#define WITH_SURVEY(test) cmocka_unit_test_setup_teardown(test, open_survey, close_survey)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_SURVEY(text_marks_the_mode_that_differs),
        WITH_SURVEY(text_has_colours_if_wanted),
        WITH_SURVEY(quiet_text_is_what_differs),
        WITH_SURVEY(page_is_escaped_and_marks_the_mode_that_differs),
        WITH_SURVEY(json_has_both_sides_of_each_step),
        WITH_SURVEY(list_shows_cases_that_have_not_run),
    };
    return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
