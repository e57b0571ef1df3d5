/* Mistakes planted in synchronisation (target/runtime/sync/planted.h): each is found by the work of
 * its kind in some order of threads, and nothing is found without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "judged.h"
#include "runtime/sync/planted.h"
#include "syncs.h"

enum { SEEDS_MAX = 2000 };

static const struct {
    enum wb__sync_planted bug;
    const char *scenario;
} hunts[] = {
    {WB__SYNC_PLANTED_KEPT_NOTIFICATION, "scenario \"x\"\nprogram notify flavour=multi\n"},
    {WB__SYNC_PLANTED_KEPT_PERMITS, "scenario \"x\"\nprogram semaphore flavour=multi\n"},
    {WB__SYNC_PLANTED_KEPT_PERMITS, "scenario \"x\"\nprogram mutex flavour=multi\n"},
    {WB__SYNC_PLANTED_KEPT_SLOT, "scenario \"x\"\nprogram mpsc flavour=multi\n"},
    {WB__SYNC_PLANTED_QUIET_CLOSE, "scenario \"x\"\nprogram mpsc_closed flavour=multi\n"},
    {WB__SYNC_PLANTED_QUIET_CLOSE, "scenario \"x\"\nprogram oneshot\n"},
    {WB__SYNC_PLANTED_QUIET_CLOSE, "scenario \"x\"\nprogram watch\n"},
    {WB__SYNC_PLANTED_QUIET_CLOSE, "scenario \"x\"\nprogram broadcast\n"},
    {WB__SYNC_PLANTED_KEPT_PERMITS, "scenario \"x\"\nprogram rwlock flavour=multi\n"},
};

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

static uint64_t first_seed_that_finds(const char *scenario) {
    uint64_t seed = 0;
    while (seed < SEEDS_MAX && syncs_are_well(scenario, seed)) {
        seed++;
    }
    return seed;
}

static void inv_04_each_mistake_shows_in_some_order(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(hunts) / sizeof(hunts[0]); i++) {
        wb__sync_planted = hunts[i].bug;
        const uint64_t seed = first_seed_that_finds(hunts[i].scenario);
        wb__sync_planted = WB__SYNC_PLANTED_COUNT;
        if (seed == SEEDS_MAX) {
            fail_msg("bug %d was not found by %s", (int)hunts[i].bug, hunts[i].scenario);
        }
        /* Somebody waits for ever, and the oracle of wakers says so; or all came to an end, and the
         * work misses what was lost. */
        assert_true(judged_finding("waker") != NULL || judged.exit_status == 1);
        assert_true(syncs_are_well(hunts[i].scenario, seed));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(inv_04_each_mistake_shows_in_some_order)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
