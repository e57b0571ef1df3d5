/* The work of target/runtime/sync/tests on the simulated kernel: under hundreds of orders in which
 * threads may take their turns nothing is lost and nothing is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "judged.h"
#include "syncs.h"

enum { SEEDS = 300 };

static int setup(void **state) {
    (void)state;
    syncs_register();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

/* Fails if anything is found under any seed; and if hardly any seed changed the order of threads.
 */
static void sweep(const char *work, const char *flavour) {
    char text[128];
    unsigned switched = 0;
    (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram %s%s\n", work, flavour);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        if (!syncs_are_well(text, seed)) {
            fail_msg("%s seed %d: stop %d, status %d, %s\n%s", text, (int)seed, (int)judged.stop,
                judged.exit_status, judged.findings[0].text, judged.findings[0].why);
        }
        switched += judged.faults.injected[WBH_POINT_SWITCH][WBH_ACTION_ORDER] != 0;
    }
    assert_true(switched > SEEDS / 4);
}

static void sweep_both(const char *work) {
    sweep(work, "");
    sweep(work, " flavour=multi");
}

static void tk_37_oneshot_in_any_order_of_threads(void **state) {
    (void)state;
    sweep_both("oneshot");
}

static void tk_38_notify_in_any_order_of_threads(void **state) {
    (void)state;
    sweep_both("notify");
}

static void tk_36_mpsc_in_any_order_of_threads(void **state) {
    (void)state;
    sweep_both("mpsc");
    sweep_both("mpsc_closed");
}

static void tk_39_permits_in_any_order_of_threads(void **state) {
    (void)state;
    sweep_both("semaphore");
    sweep_both("mutex");
    sweep_both("once");
    sweep_both("rwlock");
}

static void tk_39_barrier_in_any_order_of_threads(void **state) {
    (void)state;
    sweep("barrier", " flavour=multi");
}

static void tk_40_values_for_many_in_any_order_of_threads(void **state) {
    (void)state;
    sweep_both("watch");
    sweep_both("broadcast");
}

static void inv_04_cancellation_in_any_order_of_threads(void **state) {
    (void)state;
    sweep_both("cancellation");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tk_37_oneshot_in_any_order_of_threads),
        cmocka_unit_test(tk_38_notify_in_any_order_of_threads),
        cmocka_unit_test(tk_36_mpsc_in_any_order_of_threads),
        cmocka_unit_test(tk_39_permits_in_any_order_of_threads),
        cmocka_unit_test(tk_39_barrier_in_any_order_of_threads),
        cmocka_unit_test(tk_40_values_for_many_in_any_order_of_threads),
        cmocka_unit_test(inv_04_cancellation_in_any_order_of_threads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
