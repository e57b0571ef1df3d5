/* The suite's own promises: what is skipped, what is recorded of a failure, that nothing is left
 * open, that names are names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "sys/linux/contract/host.h"
#include "wb/sys_linux.h"

#define SYS(op, ...) WB_SYS(wb_sys_linux(), op, __VA_ARGS__)

static int runs;

static void count_a_run(struct wb_contract_fixture *fx) {
    (void)fx;
    runs++;
}

static enum wb_contract_result run_flagged(struct wb_contract_fixture *fixture, uint32_t flags) {
    const struct wb_contract_case one = {"counts", flags, count_a_run};
    runs = 0;
    return wb_contract_run(fixture, &one);
}

static void runner_case_with_a_flag_to_skip_is_skipped(void **state) {
    (void)state;
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET);
    fixture.skip = WB_CONTRACT_NEEDS_THREADS;
    assert_int_equal(
        run_flagged(&fixture, WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING), WB_CONTRACT_SKIPPED);
    assert_int_equal(runs, 0);
    assert_int_equal(run_flagged(&fixture, WB_CONTRACT_TIMING), WB_CONTRACT_PASSED);
    assert_int_equal(runs, 1);
}

static void runner_case_of_signals_without_the_hook_is_skipped(void **state) {
    (void)state;
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET);
    fixture.raise_signal = NULL;
    assert_int_equal(run_flagged(&fixture, WB_CONTRACT_NEEDS_SIGNALS), WB_CONTRACT_SKIPPED);
    assert_int_equal(runs, 0);
}

static void runner_case_of_interruptions_without_the_hook_is_skipped(void **state) {
    (void)state;
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET);
    fixture.interrupt = NULL;
    assert_int_equal(run_flagged(&fixture, WB_CONTRACT_NEEDS_INTERRUPTION), WB_CONTRACT_SKIPPED);
    assert_int_equal(runs, 0);
}

static unsigned rule_of(const char *name, char *out_suffix) {
    const struct wb_contract_case one = {name, 0, count_a_run};
    *out_suffix = '?';
    return wb_contract_case_rule(&one, out_suffix);
}

static void case_names_tell_the_rule(void **state) {
    (void)state;
    char suffix;
    assert_int_equal(rule_of("r7_modify", &suffix), 7);
    assert_int_equal(suffix, '\0');
    assert_int_equal(rule_of("r112b_error", &suffix), 112);
    assert_int_equal(suffix, 'b');
    assert_int_equal(rule_of("reset_takes", &suffix), 0);
    assert_int_equal(rule_of("resize", &suffix), 0);
    assert_int_equal(rule_of("r12", &suffix), 0);
    assert_int_equal(rule_of("option_12_x", &suffix), 0);
}

/* ---- what a listener hears ---- */

struct heard {
    int depth;
    int observations;
    uint32_t level; /* of the last one */
    uint32_t modes;
    char last[64];
};

static void on_begin(void *user_data) {
    struct heard *heard = user_data;
    heard->depth++;
}

static void on_end(void *user_data, const struct wb_contract_step *step) {
    struct heard *heard = user_data;
    heard->depth--;
    assert_true(heard->depth >= 0);
    if (step == NULL || heard->depth > 0) {
        return;
    }
    (void)snprintf(heard->last, sizeof(heard->last), "%s", step->text);
    if (step->kind == WB_CONTRACT_OBSERVED) {
        heard->observations++;
        heard->level = step->masks[WB_CONTRACT_LEVEL][WB_CONTRACT_WAITS - 1];
        heard->modes = step->modes;
    }
}

static void on_name(void *user_data, int fd, const char *name) {
    (void)user_data;
    assert_true(fd >= 0);
    assert_true(name[0] != '\0');
}

static int socket_fails(void *self, int domain, int type, int protocol) {
    (void)self;
    (void)domain;
    (void)type;
    (void)protocol;
    return -EMFILE;
}

static const struct wb_contract_case *case_named(const char *name) {
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        if (strcmp(wb_contract_case_nth(i)->name, name) == 0) {
            return wb_contract_case_nth(i);
        }
    }
    fail_msg("no case named %s", name);
    return NULL;
}

static void runner_failure_is_recorded_with_its_place_and_forgotten_by_the_next(void **state) {
    (void)state;
    struct wb_sys_ops ops = *wb_sys_linux()->ops;
    const struct wb_sys broken = {.ops = &ops};
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET);
    const struct wb_contract_case *one = case_named("r70_data_is_an_event");
    ops.socket = socket_fails;
    fixture.sys = &broken;
    assert_int_equal(wb_contract_run(&fixture, one), WB_CONTRACT_FAILED);
    assert_non_null(strstr(fixture.failure.file, "support.c"));
    assert_true(fixture.failure.line > 0);
    assert_non_null(strstr(fixture.failure.text, "WB_ERR_FD_LIMIT"));
    assert_non_null(strstr(fixture.failure.text, "from line"));
    fixture.sys = wb_sys_linux();
    assert_int_equal(wb_contract_run(&fixture, one), WB_CONTRACT_PASSED);
    assert_null(fixture.failure.file);
}

static void runner_tells_a_listener_what_was_observed(void **state) {
    (void)state;
    struct heard heard = {0};
    const struct wb_contract_listener listener = {
        .begin = on_begin, .end = on_end, .name = on_name, .user_data = &heard};
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET);
    fixture.listener = &listener;
    assert_int_equal(
        wb_contract_run(&fixture, case_named("r70_data_is_an_event")), WB_CONTRACT_PASSED);
    assert_int_equal(heard.depth, 0);
    assert_true(heard.observations > 0);
    assert_int_equal(heard.level, WB_EPOLLIN);
    assert_int_equal(heard.modes, (1 << WB_CONTRACT_MODE_COUNT) - 1);
}

/* Every step that is begun is ended, in every case. */
static void runner_leaves_no_step_open(void **state) {
    (void)state;
    struct heard heard = {0};
    const struct wb_contract_listener listener = {
        .begin = on_begin, .end = on_end, .name = on_name, .user_data = &heard};
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET);
    fixture.listener = &listener;
    fixture.skip = WB_CONTRACT_TIMING;
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        const struct wb_contract_case *one = wb_contract_case_nth(i);
        (void)wb_contract_run(&fixture, one);
        if (heard.depth != 0) {
            fail_msg(
                "%s leaves %d steps open, the last was: %s", one->name, heard.depth, heard.last);
        }
    }
}

/* The number that the next descriptor will get. */
static int next_descriptor(void) {
    int fd = SYS(eventfd, 0, 0);
    assert_true(fd >= 0);
    assert_int_equal(SYS(close, fd), 0);
    return fd;
}

static void runner_leaves_no_descriptor_open(void **state) {
    (void)state;
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET);
    fixture.skip = WB_CONTRACT_TIMING;
    int before = next_descriptor();
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        const struct wb_contract_case *one = wb_contract_case_nth(i);
        (void)wb_contract_run(&fixture, one);
        if (next_descriptor() != before) {
            fail_msg("%s leaves a descriptor open", one->name);
        }
    }
}

static void cases_have_names_of_their_own(void **state) {
    (void)state;
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        const char *name = wb_contract_case_nth(i)->name;
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(name, wb_contract_case_nth(j)->name);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runner_case_with_a_flag_to_skip_is_skipped),
        cmocka_unit_test(runner_case_of_signals_without_the_hook_is_skipped),
        cmocka_unit_test(runner_case_of_interruptions_without_the_hook_is_skipped),
        cmocka_unit_test(runner_tells_a_listener_what_was_observed),
        cmocka_unit_test(runner_leaves_no_step_open),
        cmocka_unit_test(case_names_tell_the_rule),
        cmocka_unit_test(runner_failure_is_recorded_with_its_place_and_forgotten_by_the_next),
        cmocka_unit_test(runner_leaves_no_descriptor_open),
        cmocka_unit_test(cases_have_names_of_their_own),
    };
    return wb_contract_linux_limit_descriptors() != 0
           || cmocka_run_group_tests_name("contract runner", tests, NULL, NULL) != 0;
}
