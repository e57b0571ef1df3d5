/* Interests, triggers, and the older sets: pure algebra. */
#include "world.h"

#include <string.h>

#include "wb/event_set.h"
#include "wb/interest.h"

/* MIO-56, A-MIO-20 */
static void interest_predicates_are_exact(void **state) {
    (void)state;
    for (uint32_t bits = 1; bits < 32; bits++) {
        assert_true(wb_interest_is_valid(bits));
        assert_int_equal(wb_interest_is_readable(bits), bits & 1);
        assert_int_equal(wb_interest_is_writable(bits), bits >> 1 & 1);
        assert_int_equal(wb_interest_is_priority(bits), bits >> 2 & 1);
        assert_int_equal(wb_interest_is_aio(bits), bits >> 3 & 1);
        assert_int_equal(wb_interest_is_lio(bits), bits >> 4 & 1);
    }
    assert_false(wb_interest_is_valid(0));
    assert_false(wb_interest_is_valid(32));
    assert_false(wb_interest_is_valid(WB_INTEREST_READABLE | 32));
}

/* A-MIO-20 */
static void interest_in_aio_and_lio_is_added_and_removed_as_any(void **state) {
    (void)state;
    uint32_t left = 0;
    uint32_t interest = wb_interest_add(WB_INTEREST_AIO, WB_INTEREST_LIO);
    assert_int_equal(interest, WB_INTEREST_AIO | WB_INTEREST_LIO);
    assert_ok(wb_interest_remove(interest, WB_INTEREST_AIO, &left));
    assert_int_equal(left, WB_INTEREST_LIO);
    assert_status(wb_interest_remove(left, WB_INTEREST_LIO, &left), WB_ERR_NO_ENTRY);
    assert_int_equal(left, WB_INTEREST_LIO);
    interest = wb_interest_add(WB_INTEREST_ALL, WB_INTEREST_AIO);
    assert_status(wb_interest_remove(interest, interest, &left), WB_ERR_NO_ENTRY);
    assert_ok(wb_interest_remove(interest, WB_INTEREST_ALL, &left));
    assert_int_equal(left, WB_INTEREST_AIO);
}

/* MIO-56 */
static void interest_add_is_union(void **state) {
    (void)state;
    uint32_t both = wb_interest_add(WB_INTEREST_READABLE, WB_INTEREST_WRITABLE);
    assert_int_equal(both, WB_INTEREST_READABLE | WB_INTEREST_WRITABLE);
    assert_int_equal(wb_interest_add(both, WB_INTEREST_READABLE), both);
}

/* A-MIO-20 */
static void interest_remove_of_everything_is_refused(void **state) {
    (void)state;
    uint32_t left = 99;
    uint32_t both = WB_INTEREST_READABLE | WB_INTEREST_WRITABLE;
    assert_status(wb_interest_remove(both, WB_INTEREST_ALL, &left), WB_ERR_NO_ENTRY);
    assert_int_equal(left, 99);
    assert_ok(wb_interest_remove(both, WB_INTEREST_READABLE, &left));
    assert_int_equal(left, WB_INTEREST_WRITABLE);
    assert_ok(wb_interest_remove(both, WB_INTEREST_PRIORITY, &left));
    assert_int_equal(left, both);
}

static void trigger_names_round_trip(void **state) {
    (void)state;
    static const char *const names[] = {"level", "edge", "oneshot", "edge-oneshot"};
    for (int i = 0; i < 4; i++) {
        enum wb_trigger trigger = WB_TRIGGER_LEVEL;
        assert_ok(wb_trigger_from_name(names[i], &trigger));
        assert_int_equal(trigger, i);
        assert_string_equal(wb_trigger_name(trigger), names[i]);
    }
}

static void trigger_unknown_name_is_refused(void **state) {
    (void)state;
    enum wb_trigger trigger = WB_TRIGGER_ONESHOT;
    assert_status(wb_trigger_from_name("", &trigger), WB_ERR_PARSE);
    assert_status(wb_trigger_from_name("edge ", &trigger), WB_ERR_PARSE);
    assert_status(wb_trigger_from_name("Edge", &trigger), WB_ERR_PARSE);
    assert_int_equal(trigger, WB_TRIGGER_ONESHOT);
    assert_string_equal(wb_trigger_name((enum wb_trigger)17), "unknown");
}

static void trigger_kinds_are_told_apart(void **state) {
    (void)state;
    assert_false(wb_trigger_is_edge(WB_TRIGGER_LEVEL) || wb_trigger_is_oneshot(WB_TRIGGER_LEVEL));
    assert_true(wb_trigger_is_edge(WB_TRIGGER_EDGE) && !wb_trigger_is_oneshot(WB_TRIGGER_EDGE));
    assert_true(
        !wb_trigger_is_edge(WB_TRIGGER_ONESHOT) && wb_trigger_is_oneshot(WB_TRIGGER_ONESHOT));
    assert_true(wb_trigger_is_edge(WB_TRIGGER_EDGE_ONESHOT)
                && wb_trigger_is_oneshot(WB_TRIGGER_EDGE_ONESHOT));
}

/* A-MOLD-03 */
static void event_set_algebra_stays_within_all(void **state) {
    (void)state;
    uint32_t set = WB_EVENT_SET_NONE;
    wb_event_set_insert(&set, WB_EVENT_SET_READABLE | WB_EVENT_SET_HUP);
    assert_int_equal(set, 9);
    assert_true(wb_event_set_contains(set, WB_EVENT_SET_HUP));
    assert_false(wb_event_set_contains(set, WB_EVENT_SET_HUP | WB_EVENT_SET_ERROR));
    assert_int_equal(wb_event_set_not(set), WB_EVENT_SET_WRITABLE | WB_EVENT_SET_ERROR);
    assert_int_equal(wb_event_set_not(WB_EVENT_SET_ALL), WB_EVENT_SET_NONE);
    assert_int_equal(wb_event_set_sub(set, WB_EVENT_SET_READABLE), WB_EVENT_SET_HUP);
    wb_event_set_remove(&set, WB_EVENT_SET_HUP);
    assert_true(wb_event_set_is_readable(set) && !wb_event_set_is_hup(set));
    assert_false(wb_event_set_is_writable(set) || wb_event_set_is_error(set));
}

/* A-MOLD-03 */
static void event_set_text_is_joined_by_bars(void **state) {
    (void)state;
    char text[WB_EVENT_SET_TEXT_LEN_MAX];
    assert_int_equal(wb_event_set_format(WB_EVENT_SET_NONE, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    size_t len = wb_event_set_format(WB_EVENT_SET_ALL, text, sizeof(text));
    assert_string_equal(text, "Readable | Writable | Error | Hup");
    assert_int_equal(len, strlen(text));
    wb_event_set_format(WB_EVENT_SET_HUP, text, sizeof(text));
    assert_string_equal(text, "Hup");
}

static void event_set_of_event_names_what_it_says(void **state) {
    (void)state;
    struct wb_event event = {.flags = WB_EPOLLIN | WB_EPOLLRDHUP};
    assert_int_equal(wb_event_set_of(event), WB_EVENT_SET_READABLE | WB_EVENT_SET_HUP);
    event.flags = WB_EPOLLERR | WB_EPOLLHUP;
    assert_int_equal(wb_event_set_of(event), WB_EVENT_SET_ERROR | WB_EVENT_SET_HUP);
    event.flags = WB_EPOLLOUT;
    assert_int_equal(wb_event_set_of(event), WB_EVENT_SET_WRITABLE);
}

static void event_set_as_interest_asks_for_what_can_be_asked(void **state) {
    (void)state;
    uint32_t interest = 0;
    assert_ok(wb_event_set_interest(WB_EVENT_SET_HUP, &interest));
    assert_int_equal(interest, WB_INTEREST_READABLE);
    assert_ok(wb_event_set_interest(WB_EVENT_SET_ALL, &interest));
    assert_int_equal(interest, WB_INTEREST_READABLE | WB_INTEREST_WRITABLE);
    assert_status(wb_event_set_interest(WB_EVENT_SET_ERROR, &interest), WB_ERR_INVALID);
}

/* A-MOLD-04 */
static void poll_opt_decides_the_trigger(void **state) {
    (void)state;
    const uint32_t edge = WB_POLL_OPT_EDGE;
    const uint32_t level = WB_POLL_OPT_LEVEL;
    const uint32_t oneshot = WB_POLL_OPT_ONESHOT;
    assert_int_equal(wb_poll_opt_trigger(WB_POLL_OPT_EMPTY), WB_TRIGGER_LEVEL);
    assert_int_equal(wb_poll_opt_trigger(level), WB_TRIGGER_LEVEL);
    assert_int_equal(wb_poll_opt_trigger(edge), WB_TRIGGER_EDGE);
    assert_int_equal(wb_poll_opt_trigger(edge | level), WB_TRIGGER_LEVEL);
    assert_int_equal(wb_poll_opt_trigger(oneshot), WB_TRIGGER_ONESHOT);
    assert_int_equal(wb_poll_opt_trigger(oneshot | level), WB_TRIGGER_ONESHOT);
    assert_int_equal(wb_poll_opt_trigger(edge | oneshot), WB_TRIGGER_EDGE_ONESHOT);
    assert_int_equal(wb_poll_opt_trigger(WB_POLL_OPT_ALL), WB_TRIGGER_ONESHOT);
    assert_int_equal(WB_POLL_OPT_ALL, edge | level | oneshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interest_predicates_are_exact),
        cmocka_unit_test(interest_in_aio_and_lio_is_added_and_removed_as_any),
        cmocka_unit_test(interest_add_is_union),
        cmocka_unit_test(interest_remove_of_everything_is_refused),
        cmocka_unit_test(trigger_names_round_trip),
        cmocka_unit_test(trigger_unknown_name_is_refused),
        cmocka_unit_test(trigger_kinds_are_told_apart),
        cmocka_unit_test(event_set_algebra_stays_within_all),
        cmocka_unit_test(event_set_text_is_joined_by_bars),
        cmocka_unit_test(event_set_of_event_names_what_it_says),
        cmocka_unit_test(event_set_as_interest_asks_for_what_can_be_asked),
        cmocka_unit_test(poll_opt_decides_the_trigger),
    };
    return cmocka_run_group_tests_name("interest", tests, NULL, NULL);
}
