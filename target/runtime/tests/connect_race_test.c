/* The order in which addresses are tried, and what a race says to what cannot be. When the attempts
 * begin is tested by virtual time, in harness/run/tests/connect_test.c. */
#include "stage.h"

#include <errno.h>
#include <string.h>

#include "runtime/connect_race.h"

enum { MANY = 40 };

static const uint8_t six[16] = {0xfd, [15] = 1};

static struct wb_addr four_of(uint8_t n) {
    return wb_addr_v4(10, 0, 0, n, 80);
}

static struct wb_addr six_of(uint16_t n) {
    return wb_addr_v6(six, n, 0);
}

static void assert_order(const struct wb_addr *addrs, uint32_t count, const char *families) {
    struct wb_connect_race race;
    char text[WB_CONNECT_RACE_MAX + 1] = {0};
    wb_connect_race_init(&race, stage.runtime, addrs, count);
    for (uint32_t i = 0; i < race.count; i++) {
        text[i] = race.addrs[i].family == WB_AF_INET6 ? '6' : '4';
    }
    assert_string_equal(text, families);
    wb_future_drop(&race.future);
}

static void rfc_8305_families_take_turns(void **state) {
    (void)state;
    const struct wb_addr sixes_first[] = {six_of(1), six_of(2), six_of(3), four_of(1), four_of(2)};
    const struct wb_addr fours_first[] = {four_of(1), four_of(2), four_of(3), six_of(1)};
    assert_order(sixes_first, 5, "64646");
    assert_order(fours_first, 4, "4644"); /* as the first one is */
    assert_order(fours_first, 3, "444");
    assert_order(sixes_first, 1, "6");
    assert_order(NULL, 0, "");
}

static void rfc_8305_each_family_keeps_its_order(void **state) {
    (void)state;
    const struct wb_addr addrs[] = {six_of(1), six_of(2), four_of(1), six_of(3), four_of(2)};
    const struct wb_addr expected[] = {six_of(1), four_of(1), six_of(2), four_of(2), six_of(3)};
    struct wb_connect_race race;
    wb_connect_race_init(&race, stage.runtime, addrs, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_true(wb_addr_equal(&race.addrs[i], &expected[i]));
    }
}

static void addresses_too_many_are_left_out(void **state) {
    (void)state;
    struct wb_addr addrs[MANY];
    struct wb_connect_race race;
    for (uint8_t i = 0; i < MANY; i++) {
        addrs[i] = four_of(i);
    }
    wb_connect_race_init(&race, stage.runtime, addrs, MANY);
    assert_int_equal(race.count, WB_CONNECT_RACE_MAX);
}

/* However many there are of one family, the other one takes part. */
static void rfc_8305_many_of_one_family_do_not_keep_the_other_out(void **state) {
    (void)state;
    struct wb_addr addrs[MANY];
    struct wb_connect_race race;
    for (uint8_t i = 0; i < MANY; i++) {
        addrs[i] = i < MANY - 2 ? four_of(i) : six_of(i);
    }
    assert_order(addrs, MANY, "4646444444444444");
    wb_connect_race_init(&race, stage.runtime, addrs, MANY - 2);
    assert_int_equal(race.count, WB_CONNECT_RACE_MAX);
    race.begun = 3; /* as though so many attempts had begun */
    wb__connect_race_add(&race, &addrs[MANY - 2], 2);
    assert_int_equal(race.count, WB_CONNECT_RACE_MAX);
    assert_true(wb_addr_equal(&race.addrs[2], &addrs[2]));
    assert_true(wb_addr_equal(&race.addrs[3], &addrs[MANY - 2]));
    assert_true(wb_addr_equal(&race.addrs[4], &addrs[3]));
    assert_true(wb_addr_equal(&race.addrs[5], &addrs[MANY - 1]));
    race.begun = 0;
}

static void without_an_address_or_a_runtime_it_is_said_so(void **state) {
    (void)state;
    struct wb_connect_race race;
    struct bell bell;
    const struct wb_addr addr = four_of(1);
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    wb_connect_race_init(&race, stage.runtime, NULL, 0);
    assert_status(wb_runtime_block_on(stage.runtime, &race.future), WB_ERR_NO_ENTRY);
    wb_connect_race_init(&race, NULL, &addr, 1);
    assert_int_equal(wb_future_poll(&race.future, &context), WB_READY);
    assert_status(race.future.status, WB_ERR_NO_RUNTIME);
}

/* ---- failures ---- */

static int errors[4]; /* by the last number of the address */

static int failing_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    (void)self, (void)fd, (void)addr_len;
    return -errors[addr->in.addr[3]];
}

/* Fails with each, one after the other, and must say `expected`. */
static void assert_tells(int first, int second, int third, enum wb_status expected) {
    const struct wb_addr addrs[] = {four_of(0), four_of(1), four_of(2)};
    struct wb_connect_race race;
    errors[0] = first;
    errors[1] = second;
    errors[2] = third;
    stage.world->ops.connect = failing_connect;
    wb_connect_race_init(&race, stage.runtime, addrs, 3);
    assert_status(wb_runtime_block_on(stage.runtime, &race.future), expected);
    assert_int_equal(race.begun, 3);
}

static void failure_that_tells_most_is_told(void **state) {
    (void)state;
    assert_tells(ECONNREFUSED, ENETUNREACH, ETIMEDOUT, WB_ERR_CONN_REFUSED);
    assert_tells(ENETUNREACH, ETIMEDOUT, EHOSTUNREACH, WB_ERR_TIMED_OUT);
    assert_tells(ENETUNREACH, ENOBUFS, EADDRNOTAVAIL, WB_ERR_NO_BUFFERS);
    assert_tells(ENETUNREACH, EADDRNOTAVAIL, EHOSTUNREACH, WB_ERR_HOST_UNREACHABLE);
    assert_tells(ECONNREFUSED, ECONNRESET, ENETUNREACH, WB_ERR_CONN_RESET);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(rfc_8305_families_take_turns),
        STILL(rfc_8305_each_family_keeps_its_order),
        STILL(addresses_too_many_are_left_out),
        STILL(rfc_8305_many_of_one_family_do_not_keep_the_other_out),
        STILL(without_an_address_or_a_runtime_it_is_said_so),
        STILL(failure_that_tells_most_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
