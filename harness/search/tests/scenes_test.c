/* The stack's hand-overs between threads, each in all orders of threads within its bound: nothing
 * is lost, nothing is left, nobody waits for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "hunter.h"
#include "judged.h"
#include "scenes.h"

static int setup(void **state) {
    size_t count;
    const struct wbh_program *programs = scene_programs(&count);
    (void)state;
    wbh_program_register(programs, count);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    hunter_clean_up();
    return 0;
}

static void scene_is_right_in_every_order_of_threads(void **state) {
    const struct scene *scene = *state;
    char text[128];
    const struct wbh_enumeration turns = hunt_turns(scene->quick);
    (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram %s\n", scene->cast);
    struct hunt hunt = hunt_by_levels(text, &turns);
    if (hunt.searched != WBH_SEARCH_DONE) {
        fail_msg("%s: %s\n%s\n%s", scene->title, judged.findings[0].text, judged.findings[0].why,
            hunt.plan);
    }
    hunt_clean_up(&hunt);
    /* An order was chosen somewhere, or nothing was searched. */
    assert_true(hunt.runs > 2);
}

int main(void) {
    struct CMUnitTest tests[64] = {0};
    assert_true(scene_count <= 64);
    for (size_t i = 0; i < scene_count; i++) {
        tests[i] = (struct CMUnitTest){.name = scenes[i].cast,
            .test_func = scene_is_right_in_every_order_of_threads,
            .initial_state = (void *)&scenes[i]};
    }
    return _cmocka_run_group_tests("scenes", tests, scene_count, setup, teardown);
}
