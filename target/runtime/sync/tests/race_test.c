/* All work of work.h, again and again, with threads that run at the same time. Meant for
 * ThreadSanitizer. */
#include "stage.h"

#include "work.h"

enum { ROUNDS = 60 };

static void tk_10_nothing_is_lost_when_tasks_race(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < work_count; i++) {
            if (!work_all[i].run(stage.runtime)) {
                fail_msg("round %d of %s", round, work_all[i].name);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {BOTH(tk_10_nothing_is_lost_when_tasks_race)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
