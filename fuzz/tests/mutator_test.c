/* Mutations keep within their room, repeat with their seed, and reach what a scenario is made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mutator/records.h"
#include "wouldblock/scenario.h"

enum { ROUNDS = 20000, CAPACITY = 600 };

/* Stands in for the engine: doubles the bytes where there is room. */
static size_t double_bytes(uint8_t *bytes, size_t len, size_t capacity) {
    if (len * 2 > capacity) {
        return len;
    }
    memcpy(bytes + len, bytes, len);
    return len * 2;
}

/* A block of exactly the capacity, so that a sanitizer sees a byte too many. */
static void mutations_keep_within_their_room_and_repeat(void **state) {
    (void)state;
    for (unsigned capacity = 1; capacity < 40; capacity++) {
        uint8_t *first = malloc(capacity);
        uint8_t *again = malloc(capacity);
        assert_non_null(first);
        assert_non_null(again);
        size_t len = 0;
        for (unsigned seed = 0; seed < 2000; seed++) {
            memcpy(again, first, len);
            size_t again_len = records_mutate(again, len, capacity, seed, double_bytes);
            len = records_mutate(first, len, capacity, seed, double_bytes);
            assert_true(len <= capacity);
            assert_int_equal(len, again_len);
            assert_memory_equal(first, again, len);
        }
        free(first);
        free(again);
    }
}

struct reached {
    bool steps[WBH_STEP_KIND_COUNT];
    bool parts[WBH_PART_KIND_COUNT];
    bool points[WBH_POINT_COUNT];
    bool actions[WBH_ACTION_COUNT];
    bool moments[WBH_MOMENT_KIND_COUNT];
    bool far_peer;    /* one on a host with a name */
    bool far_program; /* a program on one, that is not the first */
    bool fault_of_another;
    uint32_t most_peers;
    uint32_t most_programs;
    uint32_t most_links;
};

static void look_at_world(const struct wbh_scenario *scenario, struct reached *reached) {
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        reached->moments[scenario->moments[i].kind] = true;
    }
    for (uint32_t i = 0; i < scenario->other_count; i++) {
        reached->far_program |= scenario->others[i].host != 0;
    }
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        reached->far_peer |= scenario->peers[p].host != 0;
    }
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        reached->fault_of_another |= scenario->faults[i].subject == WBH_SUBJECT_PROGRAM(1);
    }
    if (wbh_scenario_program_count(scenario) > reached->most_programs) {
        reached->most_programs = wbh_scenario_program_count(scenario);
    }
    if (scenario->link_count > reached->most_links) {
        reached->most_links = scenario->link_count;
    }
}

static void look(const uint8_t *bytes, size_t len, struct reached *reached) {
    struct wbh_scenario *scenario = wbh_scenario_decode(bytes, len);
    assert_non_null(scenario);
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            reached->steps[scenario->peers[p].steps[s].kind] = true;
        }
    }
    for (uint32_t i = 0; i < scenario->part_count; i++) {
        reached->parts[scenario->parts[i].kind] = true;
    }
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        reached->points[scenario->faults[i].point] = true;
        reached->actions[scenario->faults[i].action] = true;
    }
    if (scenario->peer_count > reached->most_peers) {
        reached->most_peers = scenario->peer_count;
    }
    look_at_world(scenario, reached);
    wbh_scenario_destroy(scenario);
}

static void mutations_of_nothing_reach_all_that_a_scenario_has(void **state) {
    (void)state;
    struct reached reached = {0};
    uint8_t bytes[CAPACITY];
    size_t len = 0;
    for (unsigned seed = 0; seed < ROUNDS; seed++) {
        len = records_mutate(bytes, seed % 50 == 0 ? 0 : len, sizeof(bytes), seed, double_bytes);
        look(bytes, len, &reached);
    }
    for (int kind = 0; kind < WBH_STEP_KIND_COUNT; kind++) {
        assert_true(reached.steps[kind]);
    }
    for (int kind = 0; kind < WBH_PART_KIND_COUNT; kind++) {
        assert_true(reached.parts[kind]);
    }
    for (int point = 0; point < WBH_POINT_COUNT; point++) {
        assert_true(reached.points[point]);
    }
    for (int action = 1; action < WBH_ACTION_COUNT; action++) { /* but pass, which is no fault */
        assert_true(reached.actions[action]);
    }
    assert_true(reached.most_peers >= 3);
    for (int kind = 0; kind < WBH_MOMENT_KIND_COUNT; kind++) {
        assert_true(reached.moments[kind]);
    }
    assert_true(reached.far_peer && reached.far_program && reached.fault_of_another);
    assert_true(reached.most_programs >= 3 && reached.most_links >= 2);
}

static void crossing_keeps_within_its_room_and_takes_from_both(void **state) {
    (void)state;
    const uint8_t a[] = {0xc4, 0, 0xc5, 0, 0xc5, 3, 0, 0, 'a'};
    const uint8_t b[] = {0xc4, 1, 0xc5, 0, 0xc5, 10, 1, 9};
    bool from_both = false;
    for (unsigned seed = 0; seed < 500; seed++) {
        size_t capacity = seed % (sizeof(a) + sizeof(b) + 1);
        uint8_t *out = malloc(capacity + 1);
        assert_non_null(out);
        size_t len = records_cross(a, sizeof(a), b, sizeof(b), out, capacity, seed);
        assert_true(len <= capacity);
        from_both |= len > sizeof(a) && memchr(out, 'a', len) != NULL;
        free(out);
    }
    assert_true(from_both);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutations_keep_within_their_room_and_repeat),
        cmocka_unit_test(mutations_of_nothing_reach_all_that_a_scenario_has),
        cmocka_unit_test(crossing_keeps_within_its_room_and_takes_from_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
