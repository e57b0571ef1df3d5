/* SIGTERM and SIGINT as a source. */
#include "world.h"

#include <signal.h>
#include <unistd.h>

#include "wb/termination.h"

static void termination_takes_the_signals_that_end_programs(void **state) {
    struct world *world = *state;
    struct wb_termination termination;
    int signo = 0;
    assert_ok(wb_termination_init(&termination, &world->sys));
    world_watch(
        world, wb_termination_source(&termination), 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    assert_status(wb_termination_take(&termination, &signo), WB_WOULD_BLOCK);
    world_assert_quiet(world);
    assert_int_equal(world->note_count, 0);
    static const int signals[] = {WB_SIGTERM, WB_SIGINT};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(kill(getpid(), signals[i]), 0);
        world_forget(world);
        world_await(world, 1, WB_EPOLLIN);
        assert_ok(wb_termination_take(&termination, &signo));
        assert_int_equal(signo, signals[i]);
        assert_int_equal(world->note_count, i + 1);
        assert_int_equal(world->notes[i].kind, WB_NOTE_STOPPING);
        assert_status(wb_termination_take(&termination, NULL), WB_WOULD_BLOCK);
    }
    wb_termination_clean_up(&termination);
    wb_termination_clean_up(&termination);
    world_assert_quiet(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            termination_takes_the_signals_that_end_programs, world_setup, world_teardown),
    };
    return cmocka_run_group_tests_name("termination", tests, NULL, NULL);
}
