/* Slots of the back-end on poll(2), against a plain model. */
#include "world.h"

#include <string.h>

#include "reactor/poll_slots.h"

enum { SLOTS_MAX = 70000, FDS_MAX = 300, ROUNDS = 20000 };

static void slots_are_given_out_lowest_first_over_all_levels(void **state) {
    struct world *world = *state;
    struct wb__poll_slots slots = {0};
    assert_int_equal(wb__poll_slots_lowest(&slots), 0); /* no room */
    for (uint32_t slot = 0; slot < SLOTS_MAX; slot++) {
        if (slot == slots.capacity) {
            assert_int_equal(wb__poll_slots_lowest(&slots), slot);
            assert_ok(wb__poll_slots_grow(&slots, &world->sys, slot == 0 ? 8 : 2 * slot));
        }
        assert_ok(wb__poll_slots_know(&slots, &world->sys, (int)slot));
        assert_int_equal(wb__poll_slots_lowest(&slots), slot);
        wb__poll_slots_take(&slots, slot, (int)slot);
    }
    static const uint32_t freed[] = {65535, 4096, 4095, 64, 0};
    for (size_t i = 0; i < sizeof freed / sizeof freed[0]; i++) {
        wb__poll_slots_give_back(&slots, freed[i], (int)freed[i]);
        assert_int_equal(wb__poll_slots_lowest(&slots), freed[i]);
    }
    for (size_t i = sizeof freed / sizeof freed[0]; i-- > 0;) {
        assert_int_equal(wb__poll_slots_lowest(&slots), freed[i]);
        wb__poll_slots_take(&slots, freed[i], (int)freed[i]);
    }
    assert_int_equal(wb__poll_slots_lowest(&slots), SLOTS_MAX);
    wb__poll_slots_clean_up(&slots, &world->sys);
}

static uint32_t model_lowest(const bool *is_taken) {
    uint32_t slot = 0;
    while (is_taken[slot]) {
        slot++;
    }
    return slot;
}

static void slots_of_descriptors_agree_with_a_model(void **state) {
    struct world *world = *state;
    struct wb__poll_slots slots = {0};
    bool is_taken[FDS_MAX + 1] = {false};
    int slot_of[FDS_MAX];
    uint32_t random = 1;
    memset(slot_of, -1, sizeof slot_of);
    assert_ok(wb__poll_slots_grow(&slots, &world->sys, FDS_MAX + 1));
    for (unsigned round = 0; round < ROUNDS; round++) {
        random = random * UINT32_C(1664525) + UINT32_C(1013904223);
        int fd = (int)(random >> 8) % FDS_MAX;
        assert_int_equal(wb__poll_slots_has(&slots, fd) != 0, slot_of[fd] >= 0);
        if (slot_of[fd] >= 0) {
            wb__poll_slots_give_back(&slots, (uint32_t)slot_of[fd], fd);
            is_taken[slot_of[fd]] = false;
            slot_of[fd] = -1;
        } else {
            assert_ok(wb__poll_slots_know(&slots, &world->sys, fd));
            uint32_t slot = wb__poll_slots_lowest(&slots);
            assert_int_equal(slot, model_lowest(is_taken));
            wb__poll_slots_take(&slots, slot, fd);
            is_taken[slot] = true;
            slot_of[fd] = (int)slot;
        }
    }
    wb__poll_slots_clean_up(&slots, &world->sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slots_are_given_out_lowest_first_over_all_levels,
            world_setup_bare, world_teardown_bare),
        cmocka_unit_test_setup_teardown(
            slots_of_descriptors_agree_with_a_model, world_setup_bare, world_teardown_bare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
