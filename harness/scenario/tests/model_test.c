/* Whole scenarios: copies, equality, plans. */
#include "wouldblock/scenario.h"

#include "wb/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "scenario \"t\"\nprogram p\n"

static struct wbh_scenario *parse(const char *text) {
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &error);
    assert_non_null(scenario);
    return scenario;
}

static const char whole[] =
    "scenario \"t\"\nprogram p a=1\nhost calls=5\nfaults gentle seed=3\n"
    "peer alice\n  connect\n  send \"hello\" * 2\n  sleep 1ms\n  close\n"
    "peer bob\n  after alice 2\n  read slowly 3 every 2ms\n"
    "fault alice.recv 1 short 2\nfault wait 1 spurious bob readable\nverdict hang\n";

static void model_clone_is_equal_and_independent(void **state) {
    (void)state;
    struct wbh_scenario *original = parse(whole);
    struct wbh_scenario *clone = wbh_scenario_clone(original);
    assert_true(wbh_scenario_equal(original, clone));
    assert_int_equal(clone->peers[0].line, original->peers[0].line);
    assert_int_equal(clone->fault_lines[1], original->fault_lines[1]);
    clone->data[0] = 'j';
    assert_false(wbh_scenario_equal(original, clone));
    assert_int_equal(original->data[0], 'h');
    wbh_scenario_destroy(original);
    assert_string_equal(clone->peers[1].name, "bob");
    wbh_scenario_destroy(clone);
}

static void model_equal_ignores_lines_and_nothing_else(void **state) {
    (void)state;
    /* Each pair: a piece of the text above and what takes its place. */
    static const char *const changes[][2] = {
        {"\"t\"", "\"u\""},
        {"p a=1", "q a=1"},
        {"a=1", "a=2"},
        {"a=1", "b=1"},
        {"a=1", "a=1 b=1"},
        {"calls=5", "calls=6"},
        {"calls=5", "calls=5 flavour=no-rdhup"},
        {"gentle", "hostile"},
        {"seed=3", "seed=4"},
        {"peer bob\n", "peer carol\npeer bob\n"},
        {"hello", "hallo"},
        {"* 2", "* 3"},
        {"1ms", "2ms"},
        {"  close\n", ""},
        {"  close\n", "  reset\n"},
        {"after alice 2", "after alice 1"},
        {"slowly 3", "slowly 4"},
        {"every 2ms", "every 3ms"},
        {"recv 1", "recv 2"},
        {"alice.recv", "bob.recv"},
        {"alice.recv", "alice#2.recv"},
        {"short 2", "short 3"},
        {"short 2", "would-block"},
        {"bob readable", "alice readable"},
        {"bob readable", "bob writable"},
        {"verdict hang", "verdict ok"},
    };
    struct wbh_scenario *original = parse(whole);
    char text[1024] = "# further down\n\n\n";
    strcat(text, whole);
    struct wbh_scenario *moved = parse(text);
    assert_true(wbh_scenario_equal(original, moved));
    wbh_scenario_destroy(moved);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const char *at = strstr(whole, changes[i][0]);
        assert_non_null(at);
        size_t head = (size_t)(at - whole);
        memcpy(text, whole, head);
        text[head] = '\0';
        strcat(text, changes[i][1]);
        strcat(text, at + strlen(changes[i][0]));
        struct wbh_scenario *changed = parse(text);
        assert_false(wbh_scenario_equal(original, changed));
        assert_false(wbh_scenario_equal(changed, original));
        wbh_scenario_destroy(changed);
    }
    wbh_scenario_destroy(original);
}

static void plan_replaces_faults_profile_and_seed(void **state) {
    (void)state;
    const struct wbh_decision plan[] = {
        {.subject = WBH_SUBJECT(1, 0),
            .point = WBH_POINT_SEND,
            .ordinal = 4,
            .action = WBH_ACTION_SHORT,
            .legality = WBH_LEGALITY_KERNEL,
            .value = 9},
        {.point = WBH_POINT_ACCEPT,
            .ordinal = 1,
            .action = WBH_ACTION_ERROR,
            .legality = WBH_LEGALITY_FAILING,
            .value = EMFILE},
    };
    struct wbh_scenario *s = parse(whole);
    assert_int_equal(wbh_scenario_set_plan(s, plan, 2), 0);
    char *text = wbh_scenario_print(s, NULL);
    assert_string_equal(text,
        "scenario \"t\"\nprogram p a=1\nhost calls=5\nfaults none\n"
        "\npeer alice\n  connect\n  send \"hello\" * 2\n  sleep 1ms\n  close\n"
        "\npeer bob\n  after alice 2\n  read slowly 3 every 2ms\n"
        "\nfault bob.send 4 short 9\nfault accept 1 error EMFILE\n\nverdict hang\n");
    free(text);
    wbh_scenario_destroy(s);
}

static void plan_of_nothing_removes_all_faults(void **state) {
    (void)state;
    struct wbh_scenario *s = parse(whole);
    assert_int_equal(wbh_scenario_set_plan(s, NULL, 0), 0);
    assert_int_equal(s->fault_count, 0);
    assert_string_equal(s->profile, "none");
    wbh_scenario_destroy(s);
}

/* Shrinking works on a scenario's own faults. */
static void plan_may_be_part_of_the_own_faults(void **state) {
    (void)state;
    struct wbh_scenario *s = parse(whole);
    assert_int_equal(wbh_scenario_set_plan(s, s->faults, 1), 0);
    assert_int_equal(s->fault_count, 1);
    assert_int_equal(s->faults[0].point, WBH_POINT_RECV);
    wbh_scenario_destroy(s);
}

static void plan_of_a_whole_run_can_be_said_in_text(void **state) {
    (void)state;
    struct wbh_decision *plan = calloc(WBH_FAULTS_MAX + 1, sizeof *plan);
    assert_non_null(plan);
    for (uint32_t i = 0; i <= WBH_FAULTS_MAX; i++) {
        plan[i] = (struct wbh_decision){
            .point = WBH_POINT_WAIT, .ordinal = i + 1, .action = WBH_ACTION_INTERRUPT};
    }
    struct wbh_scenario *s = parse(whole);
    assert_int_equal(wbh_scenario_set_plan(s, plan, WBH_FAULTS_MAX + 1), -1);
    assert_int_equal(s->fault_count, 2); /* nothing changed */
    assert_string_equal(s->profile, "gentle");
    assert_int_equal(wbh_scenario_set_plan(s, plan, WBH_FAULTS_MAX), 0);
    assert_int_equal(s->fault_count, WBH_FAULTS_MAX);
    char *text = wbh_scenario_print(s, NULL);
    struct wbh_scenario *again = parse(text);
    assert_true(wbh_scenario_equal(s, again));
    free(text);
    free(plan);
    wbh_scenario_destroy(again);
    wbh_scenario_destroy(s);
}

static void plan_beyond_the_bounds_is_brought_within(void **state) {
    (void)state;
    const struct wbh_decision plan[] = {
        {.subject = WBH_SUBJECT(5, 0), /* of two peers: modulo */
            .point = WBH_POINT_RECV,
            .ordinal = 0,
            .action = WBH_ACTION_SHORT,
            .value = 0},
        {.point = WBH_POINT_CLOCK, .ordinal = 1, .action = WBH_ACTION_JUMP, .value = UINT64_MAX},
        {.point = WBH_POINT_WAIT,
            .ordinal = 1,
            .action = WBH_ACTION_SPURIOUS,
            .about = WBH_SUBJECT_LISTENER,
            .value = WB_EPOLLIN | WB_EPOLLET},
        {.point = WBH_POINT_CLOCK, .ordinal = 1, .action = WBH_ACTION_JUMP, .value = 1}, /* again */
    };
    struct wbh_scenario *s = parse(HEAD "peer alice\npeer bob\n");
    assert_int_equal(wbh_scenario_set_plan(s, plan, 4), 0);
    char *text = wbh_scenario_print(s, NULL);
    assert_non_null(strstr(text, "\nfault bob.recv 1 short 1\nfault clock 1 jump 864000s\n"
                                 "fault wait 1 spurious listener readable\n\nverdict ok\n"));
    free(text);
    wbh_scenario_destroy(s);
}

static void model_new_is_empty_and_destroy_takes_null(void **state) {
    (void)state;
    struct wbh_scenario *s = wbh_scenario_new();
    assert_string_equal(s->title, "");
    assert_string_equal(s->program, "");
    assert_string_equal(s->profile, "none");
    assert_int_equal(s->peer_count, 0);
    wbh_scenario_destroy(s);
    wbh_scenario_destroy(NULL);
}

static void model_verdicts_round_trip(void **state) {
    (void)state;
    for (int i = 0; i < WBH_VERDICT_COUNT; i++) {
        const char *name = wbh_verdict_name((enum wbh_verdict)i);
        assert_int_equal(wbh_verdict_from_name(name, strlen(name)), i);
    }
    assert_int_equal(wbh_verdict_from_name("okay", 4), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_clone_is_equal_and_independent),
        cmocka_unit_test(model_equal_ignores_lines_and_nothing_else),
        cmocka_unit_test(plan_replaces_faults_profile_and_seed),
        cmocka_unit_test(plan_of_nothing_removes_all_faults),
        cmocka_unit_test(plan_may_be_part_of_the_own_faults),
        cmocka_unit_test(plan_of_a_whole_run_can_be_said_in_text),
        cmocka_unit_test(plan_beyond_the_bounds_is_brought_within),
        cmocka_unit_test(model_new_is_empty_and_destroy_takes_null),
        cmocka_unit_test(model_verdicts_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
