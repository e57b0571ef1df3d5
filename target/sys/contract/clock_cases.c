/* Clocks and entropy. */
#include "sys/contract/support.h"

#include <string.h>

static void clock_monotonic_never_goes_back(struct wb_contract_fixture *fx) {
    uint64_t before = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    for (int i = 0; i < 1000; i++) {
        uint64_t after = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
        CHECK(after >= before);
        before = after;
    }
}

static void clock_monotonic_advances_with_a_wait(struct wb_contract_fixture *fx) {
    uint64_t before = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    CHECK_EQUAL(SYS(poll, NULL, 0, 1000000), 0);
    CHECK(SYS(clock_gettime, WB_CLOCK_MONOTONIC) - before >= 1000000);
}

/* Later than 2001-09-09 in nanoseconds: not a count of seconds or milliseconds. */
static void clock_realtime_is_nanoseconds_since_1970(struct wb_contract_fixture *fx) {
    CHECK(SYS(clock_gettime, WB_CLOCK_REALTIME) > UINT64_C(1000000000000000000));
}

/* A byte that stays 0 in 32 draws is one that was not written (or 2^-256 of bad luck). */
static void getrandom_fills_the_whole_buffer_and_nothing_else(struct wb_contract_fixture *fx) {
    enum { SIZE = 1000, GUARD = 8 };
    uint8_t seen[SIZE + GUARD] = {0};
    for (int draw = 0; draw < 32; draw++) {
        uint8_t data[SIZE + GUARD] = {0};
        CHECK_EQUAL(SYS(getrandom, data, SIZE), 0);
        for (int i = 0; i < SIZE + GUARD; i++) {
            seen[i] = (uint8_t)(seen[i] | data[i]);
        }
    }
    for (int i = 0; i < SIZE; i++) {
        CHECK(seen[i] != 0);
    }
    for (int i = SIZE; i < SIZE + GUARD; i++) {
        CHECK_EQUAL(seen[i], 0);
    }
}

static void getrandom_does_not_repeat_itself(struct wb_contract_fixture *fx) {
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    CHECK_EQUAL(SYS(getrandom, a, sizeof(a)), 0);
    CHECK_EQUAL(SYS(getrandom, b, sizeof(b)), 0);
    CHECK(memcmp(a, b, sizeof(a)) != 0);
}

static void getrandom_of_nothing_succeeds(struct wb_contract_fixture *fx) {
    uint8_t byte = 7;
    CHECK_EQUAL(SYS(getrandom, &byte, 0), 0);
    CHECK_EQUAL(byte, 7);
}

static const struct wb_contract_case cases[] = {
    CASE(clock_monotonic_never_goes_back, 0),
    CASE(clock_monotonic_advances_with_a_wait, WB_CONTRACT_TIMING),
    CASE(clock_realtime_is_nanoseconds_since_1970, 0),
    CASE(getrandom_fills_the_whole_buffer_and_nothing_else, 0),
    CASE(getrandom_does_not_repeat_itself, 0),
    CASE(getrandom_of_nothing_succeeds, 0),
};
WB__CONTRACT_GROUP(clock);
