/* What an event says, and the container. */
#include "world.h"

#include <string.h>

#include "wb/event.h"

static struct wb_event event_of(uint32_t flags) {
    struct wb_event event = {.token = 7, .flags = flags};
    return event;
}

/* A-MIO-22, A-MIO-26, MIO-56 */
static void event_readable_includes_priority(void **state) {
    (void)state;
    assert_true(wb_event_is_readable(event_of(WB_EPOLLIN)));
    assert_true(wb_event_is_readable(event_of(WB_EPOLLPRI)));
    assert_true(wb_event_is_priority(event_of(WB_EPOLLPRI)));
    assert_false(wb_event_is_priority(event_of(WB_EPOLLIN)));
    assert_false(wb_event_is_readable(event_of(WB_EPOLLOUT | WB_EPOLLHUP | WB_EPOLLERR)));
    assert_true(wb_event_is_writable(event_of(WB_EPOLLOUT)));
    assert_false(wb_event_is_writable(event_of(WB_EPOLLIN | WB_EPOLLHUP | WB_EPOLLERR)));
}

/* A-MIO-24 */
static void event_read_closed_needs_hup_or_both_halves(void **state) {
    (void)state;
    assert_true(wb_event_is_read_closed(event_of(WB_EPOLLHUP)));
    assert_true(wb_event_is_read_closed(event_of(WB_EPOLLIN | WB_EPOLLRDHUP)));
    assert_false(wb_event_is_read_closed(event_of(WB_EPOLLIN)));
    assert_false(wb_event_is_read_closed(event_of(WB_EPOLLRDHUP)));
    assert_false(wb_event_is_read_closed(event_of(WB_EPOLLOUT | WB_EPOLLERR)));
}

/* A-MIO-23, A-MIO-25 */
static void event_write_closed_needs_hup_or_a_failed_writer(void **state) {
    (void)state;
    assert_true(wb_event_is_write_closed(event_of(WB_EPOLLHUP)));
    assert_true(wb_event_is_write_closed(event_of(WB_EPOLLOUT | WB_EPOLLERR)));
    assert_true(wb_event_is_write_closed(event_of(WB_EPOLLERR)));
    assert_false(wb_event_is_write_closed(event_of(WB_EPOLLIN | WB_EPOLLERR)));
    assert_false(wb_event_is_write_closed(event_of(WB_EPOLLOUT)));
    assert_true(wb_event_is_error(event_of(WB_EPOLLIN | WB_EPOLLERR)));
    assert_false(wb_event_is_error(event_of(WB_EPOLLHUP)));
}

/* T1-01 */
static void event_bare_hup_or_error_wants_both_directions(void **state) {
    (void)state;
    assert_true(wb_event_wants_read(event_of(WB_EPOLLHUP)));
    assert_true(wb_event_wants_write(event_of(WB_EPOLLHUP)));
    assert_true(wb_event_wants_read(event_of(WB_EPOLLERR)));
    assert_true(wb_event_wants_write(event_of(WB_EPOLLERR)));
    assert_true(wb_event_wants_read(event_of(WB_EPOLLRDHUP)));
    assert_false(wb_event_wants_write(event_of(WB_EPOLLRDHUP | WB_EPOLLIN)));
    assert_false(wb_event_wants_read(event_of(WB_EPOLLOUT)));
}

/* A-MIO-27 */
static void event_text_names_everything(void **state) {
    (void)state;
    char text[WB_EVENT_TEXT_LEN_MAX];
    struct wb_event event = {.token = UINT64_MAX,
        .flags = WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLPRI | WB_EPOLLERR | WB_EPOLLHUP};
    size_t len = wb_event_format(event, text, sizeof(text));
    assert_string_equal(text, "token=18446744073709551615 "
                              "readable|writable|priority|error|read-closed|write-closed");
    assert_int_equal(len, strlen(text));
    wb_event_format(event_of(0), text, sizeof(text));
    assert_string_equal(text, "token=7");
}

/* A-MIO-21 */
static void events_capacity_is_bounded_and_kept(void **state) {
    struct world *world = *state;
    struct wb_events events;
    assert_status(wb_events_init(&events, &world->sys, 0), WB_ERR_INVALID);
    assert_status(wb_events_init(&events, &world->sys, WB_EVENTS_CAPACITY_MAX + 1), WB_ERR_INVALID);
    wb_events_clean_up(&events);
    assert_ok(wb_events_init(&events, &world->sys, 5));
    assert_int_equal(wb_events_capacity(&events), 5);
    assert_true(wb_events_is_empty(&events));
    wb_events_clear(&events);
    assert_int_equal(wb_events_capacity(&events), 5);
    wb_events_clean_up(&events);
    wb_events_clean_up(&events);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_readable_includes_priority),
        cmocka_unit_test(event_read_closed_needs_hup_or_both_halves),
        cmocka_unit_test(event_write_closed_needs_hup_or_a_failed_writer),
        cmocka_unit_test(event_bare_hup_or_error_wants_both_directions),
        cmocka_unit_test(event_text_names_everything),
        cmocka_unit_test_setup_teardown(
            events_capacity_is_bounded_and_kept, world_setup_bare, world_teardown_bare),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
