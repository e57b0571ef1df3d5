/* Mutations of rows of operations keep within their room, repeat with their seed, reach every
 * operation, and mostly name descriptors that are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fidelity/compare.h"
#include "mutator/records.h"

enum { ROUNDS = 8000, CAPACITY = 60 * FID_OP_BYTES };

/* Stands in for the engine: adds a byte where there is room. */
static size_t add_byte(uint8_t *bytes, size_t len, size_t capacity) {
    if (len < capacity) {
        bytes[len] = (uint8_t)(len * 37);
        return len + 1;
    }
    return len;
}

/* A block of exactly the capacity, so that a sanitizer sees a byte too many. */
static void mutations_keep_within_their_room_and_repeat(void **state) {
    (void)state;
    for (unsigned capacity = 1; capacity < 10 * FID_OP_BYTES; capacity += 3) {
        uint8_t *first = malloc(capacity);
        uint8_t *again = malloc(capacity);
        assert_non_null(first);
        assert_non_null(again);
        size_t len = 0;
        for (unsigned seed = 0; seed < 200; seed++) {
            memcpy(again, first, len);
            size_t again_len = records_mutate(again, len, capacity, seed, add_byte);
            len = records_mutate(first, len, capacity, seed, add_byte);
            assert_true(len <= capacity);
            assert_int_equal(len, again_len);
            assert_memory_equal(first, again, len);
        }
        free(first);
        free(again);
    }
}

static void mutations_of_nothing_reach_every_operation(void **state) {
    (void)state;
    bool reached[FID_OP_COUNT] = {false};
    uint8_t bytes[CAPACITY];
    size_t len = 0;
    for (unsigned seed = 0; seed < ROUNDS; seed++) {
        struct fid_ops ops;
        len = records_mutate(bytes, seed % 20 == 0 ? 0 : len, sizeof(bytes), seed, add_byte);
        fid_ops_decode(&ops, bytes, (uint32_t)len);
        for (uint32_t i = 0; i < ops.count; i++) {
            reached[ops.op[i].code] = true;
        }
    }
    for (int code = 0; code < FID_OP_COUNT; code++) {
        if (!reached[code]) {
            fail_msg("never made: %s", fid_op_info((enum fid_code)code)->name);
        }
    }
}

/* Carried out on two simulated kernels, which agree: what counts is how much finds its object. */
static void mutations_make_operations_that_find_what_they_need(void **state) {
    (void)state;
    static struct fid_tally tally;
    static struct fid_comparison comparison;
    struct fid_side sides[2];
    struct sim_kernel *kernels[2];
    int missing[FID_KIND_COUNT];
    uint8_t bytes[CAPACITY];
    size_t len = 0;
    uint64_t closed = 0;
    for (int i = 0; i < 2; i++) {
        kernels[i] = sim_kernel_new();
        assert_non_null(kernels[i]);
        fid_side_init_sim(&sides[i], kernels[i], wb_sim_sys(kernels[i]));
    }
    comparison.simulated = &sides[0];
    comparison.real = &sides[1];
    comparison.tally = &tally;
    fid_comparison_limit(&comparison, FID_KINDS_ALL, missing);
    for (unsigned seed = 0; seed < ROUNDS; seed++) {
        struct fid_ops ops;
        len = records_mutate(bytes, seed % 20 == 0 ? 0 : len, sizeof(bytes), seed, add_byte);
        fid_ops_decode(&ops, bytes, (uint32_t)len);
        assert_true(fid_compare(&comparison, &ops));
    }
    for (int code = 0; code < FID_OP_COUNT; code++) {
        closed += tally.cells[code][FID_ROLE_SUBJECT][FID_KIND_COUNT][FID_STATE_CLOSED]
                  * (fid_op_info((enum fid_code)code)->subject >= 0);
    }
    assert_true(closed * 5 < tally.steps);
    assert_true(tally.skipped * 20 < tally.steps);
    assert_true(tally.events > ROUNDS / 2);
    for (int i = 0; i < 2; i++) {
        fid_side_clean_up(&sides[i]);
        sim_kernel_destroy(kernels[i]);
    }
}

static void crossing_keeps_within_its_room_and_takes_from_both(void **state) {
    (void)state;
    const uint8_t a[3 * FID_OP_BYTES] = {FID_OP_EPOLL, 0, 0, 0, 0, FID_OP_EPOLL};
    const uint8_t b[3 * FID_OP_BYTES] = {FID_OP_CLOCK, 0, 0, 0, 0, FID_OP_CLOCK};
    bool from_both = false;
    for (unsigned seed = 0; seed < 500; seed++) {
        size_t capacity = seed % (sizeof(a) + sizeof(b) + 1);
        uint8_t *out = malloc(capacity + 1);
        assert_non_null(out);
        size_t len = records_cross(a, sizeof(a), b, sizeof(b), out, capacity, seed);
        assert_true(len <= capacity);
        from_both |=
            len > FID_OP_BYTES && out[0] == FID_OP_EPOLL && memchr(out, FID_OP_CLOCK, len) != NULL;
        free(out);
    }
    assert_true(from_both);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutations_keep_within_their_room_and_repeat),
        cmocka_unit_test(mutations_of_nothing_reach_every_operation),
        cmocka_unit_test(mutations_make_operations_that_find_what_they_need),
        cmocka_unit_test(crossing_keeps_within_its_room_and_takes_from_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
