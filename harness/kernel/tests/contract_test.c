/* The contract suite of struct wb_sys, every case of it, run inside a simulated kernel: once per
 * address family, and once more per family with each flavour that a contract allows to differ left
 * off. What passes on Linux must pass here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/tests/support.h"
#include "sys/contract/contract.h"
#include "wouldblock/kernel.h"

struct job {
    struct sim_kernel *kernel;
    struct one_choice interrupter; /* of waits, while it is on */
    struct wb_contract_fixture fixture;
    const struct wb_contract_case *one;
    enum wb_contract_result result;
};

static void raise_signal(void *user_data, int signo) {
    struct job *job = user_data;
    sim_signal(job->kernel, 0, signo);
}

static void interrupt(void *user_data, int is_on) {
    struct job *job = user_data;
    job->interrupter.point = is_on ? WBH_POINT_WAIT : WBH_POINT_COUNT;
}

static int run_case(void *arg) {
    struct job *job = arg;
    job->result = wb_contract_run(&job->fixture, job->one);
    return 0;
}

static void run_with_family(const struct wb_contract_case *one, int family) {
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    struct job job = {.kernel = kernel, .one = one};
    struct sim_config config = {0};
    one_choice_init(&job.interrupter, WBH_POINT_COUNT, 0, WBH_ACTION_INTERRUPT, 0);
    if ((one->flags & WB_CONTRACT_NEEDS_INTERRUPTION) != 0) {
        config.source = &job.interrupter.base;
        config.legality_max = WBH_LEGALITY_KERNEL;
    }
    sim_kernel_reset(kernel, &config);
    job.fixture.sys = wb_sim_sys(kernel);
    job.fixture.family = family;
    job.fixture.skip = WB_CONTRACT_NEEDS_BAD_POINTERS;
    job.fixture.raise_signal = raise_signal;
    job.fixture.interrupt = interrupt;
    job.fixture.user_data = &job;
    int exit_status = -1;
    enum sim_stop stop = sim_kernel_run(kernel, run_case, &job, &exit_status);
    struct wb_contract_failure failure = job.fixture.failure;
    sim_kernel_destroy(kernel);
    if (stop != SIM_STOP_EXITED) {
        fail_msg("%s: the run ended under the case (%d)", one->name, (int)stop);
    }
    if (job.result == WB_CONTRACT_FAILED) {
        fail_msg("%s: %s:%d: %s", one->name, failure.file, failure.line, failure.text);
    }
}

static void contract_case(void **state) {
    const struct wb_contract_case *one = *state;
    run_with_family(one, WB_AF_INET);
    if ((one->flags & WB_CONTRACT_NETWORK) != 0) {
        run_with_family(one, WB_AF_INET6);
    }
}

int main(void) {
    size_t count = wb_contract_case_count();
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    if (tests == NULL) {
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        const struct wb_contract_case *one = wb_contract_case_nth(i);
        tests[i].name = one->name;
        tests[i].test_func = contract_case;
        /* cmocka hands the state through as void *; the case is only read. */
        tests[i].initial_state = (void *)(uintptr_t)one;
    }
    int failed = _cmocka_run_group_tests("kernel_contract", tests, count, NULL, NULL);
    free(tests);
    return failed;
}
