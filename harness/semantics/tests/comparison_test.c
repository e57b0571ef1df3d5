/* Transcripts: their cells, handing them on, laying two side by side. */
#include "semantics/comparison.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void nothing(struct wb_contract_fixture *fx) {
    (void)fx;
}

static const struct wb_contract_case exact = {"exact", 0, nothing};
static const struct wb_contract_case timed = {"timed", WB_CONTRACT_TIMING, nothing};

/* Steps "text=result", separated by commas. */
static struct wbh_outcome outcome_of(enum wbh_outcome_kind kind, const char *steps) {
    struct wbh_outcome outcome = {.kind = kind};
    char copy[256];
    (void)strcpy(copy, steps);
    for (char *step = strtok(copy, ","); step != NULL; step = strtok(NULL, ",")) {
        char *equals = strchr(step, '=');
        assert_non_null(equals);
        *equals = '\0';
        assert_non_null(
            wbh_transcript_add(&outcome.transcript, WB_CONTRACT_DONE, step, equals + 1));
    }
    return outcome;
}

struct expected {
    const struct wb_contract_case *one;
    enum wbh_outcome_kind simulated_kind;
    const char *simulated;
    enum wbh_outcome_kind real_kind;
    const char *real;
    enum wbh_verdict_of_case verdict;
    const char *marks; /* of the rows: '=', '~', '!', '.', and ':' in front of a count above 1 */
};

static void check(const struct expected *expected) {
    struct wbh_outcome a = outcome_of(expected->simulated_kind, expected->simulated);
    struct wbh_outcome b = outcome_of(expected->real_kind, expected->real);
    struct wbh_comparison comparison;
    char marks[64] = "";
    size_t len = 0;
    assert_int_equal(wbh_comparison_init(&comparison, expected->one, &a, &b), 0);
    for (size_t i = 0; i < comparison.row_count; i++) {
        marks[len++] = "=~!."[comparison.rows[i].mark];
        if (comparison.rows[i].count > 1) {
            marks[len++] = ':';
            marks[len++] = (char)('0' + comparison.rows[i].count);
        }
    }
    assert_string_equal(marks, expected->marks);
    assert_int_equal(comparison.verdict, expected->verdict);
    wbh_comparison_clean_up(&comparison);
    wbh_outcome_clean_up(&a);
    wbh_outcome_clean_up(&b);
}

#define PASSED WBH_OUTCOME_PASSED
#define FAILED WBH_OUTCOME_FAILED
#define SKIPPED WBH_OUTCOME_SKIPPED

static void equal_steps_are_equal(void **state) {
    (void)state;
    check(&(struct expected){&exact, PASSED, "a=1,b=2", PASSED, "a=1,b=2", WBH_CASE_EQUAL, "=="});
    check(&(struct expected){
        &exact, PASSED, "a=1,a=1,a=1,b=2", PASSED, "a=1,a=1,a=1,b=2", WBH_CASE_EQUAL, "=:3="});
    check(&(struct expected){&exact, PASSED, "", PASSED, "", WBH_CASE_EQUAL, ""});
}

static void another_result_or_step_differs(void **state) {
    (void)state;
    check(&(struct expected){&exact, PASSED, "a=1,b=2", PASSED, "a=1,b=3", WBH_CASE_DIFFERS, "=!"});
    check(&(struct expected){
        &exact, PASSED, "a=1,b=2,c=3", PASSED, "a=1,c=3", WBH_CASE_DIFFERS, "=!="});
    check(&(struct expected){
        &exact, PASSED, "a=1,c=3", PASSED, "a=1,b=2,c=3", WBH_CASE_DIFFERS, "=!="});
    check(&(struct expected){&exact, PASSED, "a=1", PASSED, "", WBH_CASE_DIFFERS, "!"});
}

static void timing_may_vary_as_long_as_the_checks_hold(void **state) {
    (void)state;
    check(&(struct expected){&timed, PASSED, "a=1,b=2", PASSED, "a=2", WBH_CASE_EQUAL, "~~"});
    check(&(struct expected){&timed, PASSED, "a=1,b=2", FAILED, "a=1", WBH_CASE_DIFFERS, "=."});
}

static void failing_alike_is_not_as_stated(void **state) {
    (void)state;
    check(&(struct expected){&exact, FAILED, "a=1", FAILED, "a=1", WBH_CASE_WRONG, "="});
    check(&(struct expected){&exact, FAILED, "a=1", FAILED, "a=2", WBH_CASE_DIFFERS, "!"});
}

static void one_kernel_alone_differs_from_nothing(void **state) {
    (void)state;
    check(&(struct expected){&exact, SKIPPED, "", PASSED, "a=1", WBH_CASE_REAL_ONLY, "="});
    check(&(struct expected){&exact, PASSED, "a=1", SKIPPED, "", WBH_CASE_SIMULATED_ONLY, "="});
    check(&(struct expected){&exact, SKIPPED, "", FAILED, "a=1", WBH_CASE_WRONG, "="});
    check(&(struct expected){&exact, SKIPPED, "", SKIPPED, "", WBH_CASE_NOT_SHOWN, ""});
}

/* ---- cells ---- */

static void assert_cell(uint32_t first, uint32_t second, uint32_t third, const char *expected) {
    struct wbh_text text = {0};
    struct wbh_shown_step step = {.modes = 1u << WB_CONTRACT_EDGE};
    step.masks[WB_CONTRACT_EDGE][0] = first;
    step.masks[WB_CONTRACT_EDGE][1] = second;
    step.masks[WB_CONTRACT_EDGE][2] = third;
    wbh_shown_step_add_cell(&text, &step, WB_CONTRACT_EDGE);
    assert_string_equal(wbh_text_string(&text), expected);
    wbh_text_clean_up(&text);
}

static void cell_tells_what_three_waits_said(void **state) {
    (void)state;
    const uint32_t in = WB_EPOLLIN;
    const uint32_t out = WB_EPOLLOUT;
    assert_cell(0, 0, 0, "-");
    assert_cell(in, 0, 0, "IN");
    assert_cell(in, in, in, "IN*");
    assert_cell(in | out, in | out, in | out, "IN|OUT*");
    assert_cell(in, in, 0, "IN IN -");
    assert_cell(0, in, 0, "- IN -");
}

static void cell_of_a_mode_without_a_registration_is_none(void **state) {
    (void)state;
    struct wbh_text text = {0};
    const struct wbh_shown_step step = {.modes = 1u << WB_CONTRACT_EDGE};
    wbh_shown_step_add_cell(&text, &step, WB_CONTRACT_EXCLUSIVE);
    assert_string_equal(wbh_text_string(&text), "none");
    wbh_text_clean_up(&text);
}

/* ---- handing on ---- */

static void outcome_is_the_same_on_the_other_side(void **state) {
    (void)state;
    struct wbh_outcome outcome = outcome_of(FAILED, "a=1,b=");
    struct wbh_outcome other;
    struct wbh_text packed = {0};
    (void)strcpy(outcome.failure, "it is not so");
    outcome.transcript.steps[1].modes = 3;
    outcome.transcript.steps[1].masks[1][2] = WB_EPOLLHUP;
    wbh_outcome_pack(&outcome, &packed);
    assert_int_equal(wbh_outcome_unpack(&other, packed.bytes, packed.len), 0);
    assert_int_equal(other.kind, FAILED);
    assert_string_equal(other.failure, "it is not so");
    assert_int_equal(other.transcript.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(
            wbh_shown_step_is_equal(&outcome.transcript.steps[i], &other.transcript.steps[i]));
    }
    wbh_outcome_clean_up(&other);
    for (size_t len = 0; len < packed.len; len++) {
        assert_int_equal(wbh_outcome_unpack(&other, packed.bytes, len), -1);
        wbh_outcome_clean_up(&other);
    }
    wbh_text_clean_up(&packed);
    wbh_outcome_clean_up(&outcome);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_steps_are_equal),
        cmocka_unit_test(another_result_or_step_differs),
        cmocka_unit_test(timing_may_vary_as_long_as_the_checks_hold),
        cmocka_unit_test(failing_alike_is_not_as_stated),
        cmocka_unit_test(one_kernel_alone_differs_from_nothing),
        cmocka_unit_test(cell_tells_what_three_waits_said),
        cmocka_unit_test(cell_of_a_mode_without_a_registration_is_none),
        cmocka_unit_test(outcome_is_the_same_on_the_other_side),
    };
    return cmocka_run_group_tests_name("comparison", tests, NULL, NULL);
}
