/* Cases with the recorder between them and a kernel: the transcript tells what was done, and the
 * recorder changes nothing. */
#include "semantics/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "semantics/recorder.h"
#include "wb/sys_linux.h"

static const struct wb_contract_case *case_named(const char *name) {
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        if (strcmp(wb_contract_case_nth(i)->name, name) == 0) {
            return wb_contract_case_nth(i);
        }
    }
    fail_msg("no case named %s", name);
    return NULL;
}

/* A slot that is not passed on would crash a case that uses it. The last may be empty. */
static void recorder_has_every_operation(void **state) {
    (void)state;
    static struct wbh_recorder recorder;
    struct wbh_transcript transcript = {0};
    struct wb_contract_fixture fixture = {.sys = wb_sys_linux()};
    wbh_recorder_attach(&recorder, &fixture, case_named("r70_data_is_an_event"), &transcript);
    const unsigned char *bytes = (const unsigned char *)&recorder.ops;
    for (size_t i = 0; i < offsetof(struct wb_sys_ops, epoll_tells_all);
         i += sizeof(void (*)(void))) {
        void (*slot)(void) = NULL;
        memcpy(&slot, bytes + i, sizeof slot);
        assert_non_null(slot);
    }
}

static void recorder_leaves_a_case_with_threads_to_the_kernel(void **state) {
    (void)state;
    static struct wbh_recorder recorder;
    struct wbh_transcript transcript = {0};
    struct wb_contract_fixture fixture = {.sys = wb_sys_linux()};
    wbh_recorder_attach(&recorder, &fixture, case_named("mutex_keeps_others_out"), &transcript);
    assert_ptr_equal(fixture.sys, wb_sys_linux());
    assert_non_null(fixture.listener);
}

/* Not the cases of threads: this process goes on. */
static int is_run_here(const struct wb_contract_case *one) {
    const uint32_t foreign =
        WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_NEEDS_SIGNALS | WB_CONTRACT_NEEDS_INTERRUPTION;
    return (one->flags & foreign) == 0;
}

static void every_case_passes_on_the_simulated_kernel(void **state) {
    (void)state;
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        const struct wb_contract_case *one = wb_contract_case_nth(i);
        struct wbh_outcome outcome;
        assert_int_equal(wbh_trial_simulated(one, WB_AF_INET6, &outcome), 0);
        if (outcome.kind != WBH_OUTCOME_PASSED && outcome.kind != WBH_OUTCOME_SKIPPED) {
            fail_msg("%s: %s", one->name, outcome.failure);
        }
        wbh_outcome_clean_up(&outcome);
    }
}

/* A transcript has no number of a descriptor in it: it is the same in a process with others open.
 */
static void transcript_is_the_same_whatever_is_open(void **state) {
    (void)state;
    static const char *const names[] = {"r25_entries_of_one_file_wake_last_added_first",
        "r59_connect_says_in_progress_and_is_done",
        "r112b_error_goes_with_its_consumption_and_hangup_stays", "r20_bad_descriptors_give_ebadf",
        "r57_accept_refuses_unknown_flags_and_other_sockets"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct wbh_outcome first;
        struct wbh_outcome second;
        struct wbh_text a = {0};
        struct wbh_text b = {0};
        assert_true(is_run_here(case_named(names[i])));
        assert_int_equal(wbh_trial_real(NULL, case_named(names[i]), WB_AF_INET, &first), 0);
        int fd = WB_SYS(wb_sys_linux(), eventfd, 0, 0);
        assert_int_equal(wbh_trial_real(NULL, case_named(names[i]), WB_AF_INET, &second), 0);
        assert_int_equal(WB_SYS(wb_sys_linux(), close, fd), 0);
        assert_true(first.transcript.count > 2);
        wbh_outcome_pack(&first, &a);
        wbh_outcome_pack(&second, &b);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.bytes, b.bytes, a.len);
        wbh_text_clean_up(&a);
        wbh_text_clean_up(&b);
        wbh_outcome_clean_up(&first);
        wbh_outcome_clean_up(&second);
    }
}

static const struct wbh_shown_step *step_named(
    const struct wbh_transcript *transcript, const char *text) {
    for (size_t i = 0; i < transcript->count; i++) {
        if (strcmp(transcript->steps[i].text, text) == 0) {
            return &transcript->steps[i];
        }
    }
    fail_msg("no step '%s'", text);
    return NULL;
}

static void transcript_tells_calls_observations_and_order(void **state) {
    (void)state;
    struct wbh_outcome outcome;
    const struct wbh_shown_step *step;
    assert_int_equal(wbh_trial_simulated(case_named("r72_more_data_on_data_left_is_an_event"),
                         WB_AF_INET, &outcome),
        0);
    step = step_named(&outcome.transcript, "read(own, 4)");
    assert_string_equal(step->result, "4");
    step = step_named(&outcome.transcript, "observe own");
    assert_int_equal(step->kind, WB_CONTRACT_OBSERVED);
    assert_int_equal(step->masks[WB_CONTRACT_LEVEL][2], WB_EPOLLIN);
    assert_int_equal(step->masks[WB_CONTRACT_EDGE][0], WB_EPOLLIN);
    assert_int_equal(step->masks[WB_CONTRACT_EDGE][1], 0);
    wbh_outcome_clean_up(&outcome);
    assert_int_equal(wbh_trial_simulated(case_named("r21_further_wake_ups_do_not_move_an_entry"),
                         WB_AF_INET, &outcome),
        0);
    step = step_named(&outcome.transcript, "epoll_wait(instance), at most 8");
    assert_string_equal(step->result, "b c a");
    wbh_outcome_clean_up(&outcome);
}

static int wait_hides_rdhup(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self;
    int count = WB_SYS(wb_sys_linux(), epoll_pwait2, epfd, events, events_max, timeout_ns);
    for (int i = 0; i < count; i++) {
        events[i].events &= ~WB_EPOLLRDHUP;
    }
    return count;
}

/* What was observed is told although it is not what the rule says; there the transcript ends. */
static void failure_keeps_what_was_observed(void **state) {
    (void)state;
    struct wb_sys_ops ops = *wb_sys_linux()->ops;
    const struct wb_sys broken = {.ops = &ops};
    struct wbh_outcome outcome;
    ops.epoll_pwait2 = wait_hides_rdhup;
    assert_int_equal(
        wbh_trial_real(&broken, case_named("r103_peer_shut_down_writing"), WB_AF_INET, &outcome),
        0);
    assert_int_equal(outcome.kind, WBH_OUTCOME_FAILED);
    assert_non_null(strstr(outcome.failure, "half_close_cases.c:"));
    const struct wbh_shown_step *last = &outcome.transcript.steps[outcome.transcript.count - 1];
    assert_int_equal(last->kind, WB_CONTRACT_OBSERVED);
    assert_int_equal(last->masks[WB_CONTRACT_LEVEL][0], WB_EPOLLIN | WB_EPOLLOUT);
    wbh_outcome_clean_up(&outcome);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorder_has_every_operation),
        cmocka_unit_test(recorder_leaves_a_case_with_threads_to_the_kernel),
        cmocka_unit_test(every_case_passes_on_the_simulated_kernel),
        cmocka_unit_test(transcript_is_the_same_whatever_is_open),
        cmocka_unit_test(transcript_tells_calls_observations_and_order),
        cmocka_unit_test(failure_keeps_what_was_observed),
    };
    return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}
