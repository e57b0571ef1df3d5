/* Names of connections, events, errors; decisions as fault lines, checked against the parser and
 * printer of scenarios. */
#include "report/names.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct wbh_peer peers[] = {{.name = "alice"}, {.name = "bob"}};
static const struct wbh_scenario scenario = {.peers = peers, .peer_count = 2};

static void assert_connection(uint32_t subject, const char *expected) {
    struct wbh_text text = {0};
    wbh_report_add_connection(&text, &scenario, subject);
    assert_string_equal(wbh_text_string(&text), expected);
    wbh_text_clean_up(&text);
}

static void connection_of_each_kind_has_its_scenario_name(void **state) {
    (void)state;
    assert_connection(WBH_SUBJECT_NONE, "");
    assert_connection(WBH_SUBJECT(0, 0), "alice");
    assert_connection(WBH_SUBJECT(1, 1), "bob#2");
    assert_connection(WBH_SUBJECT_LISTENER, "listener");
    assert_connection(WBH_SUBJECT_LOCAL | 0, "local1.a");
    assert_connection(WBH_SUBJECT_LOCAL | 3, "local2.b");
}

static void connection_of_unknown_peer_is_numbered(void **state) {
    (void)state;
    assert_connection(WBH_SUBJECT(7, 0), "peer7");
}

static void events_are_joined_and_unknown_bits_shown(void **state) {
    (void)state;
    struct wbh_text text = {0};
    wbh_report_add_events(&text, WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLET);
    wbh_text_add(&text, " ");
    wbh_report_add_events(&text, 0);
    wbh_text_add(&text, " ");
    wbh_report_add_events(&text, WB_EPOLLIN | 0x8000);
    assert_string_equal(text.bytes, "IN|RDHUP|ET 0 IN|0x8000");
    wbh_text_clean_up(&text);
}

static void errno_known_and_unknown_are_told(void **state) {
    (void)state;
    struct wbh_text text = {0};
    wbh_report_add_errno(&text, EAGAIN);
    wbh_text_add(&text, " ");
    wbh_report_add_errno(&text, 9999);
    assert_string_equal(text.bytes, "EAGAIN errno 9999");
    wbh_text_clean_up(&text);
}

/* Every error that a fault may inject has a name here, too. */
static void errno_of_every_fault_has_the_name_of_scenarios(void **state) {
    (void)state;
    for (unsigned i = 0; i < 17; i++) {
        struct wbh_text text = {0};
        wbh_report_add_errno(&text, wbh_errno_nth(i));
        assert_string_equal(text.bytes, wbh_errno_name(wbh_errno_nth(i)));
        wbh_text_clean_up(&text);
    }
}

static const char faults[] = "fault alice.recv 2 would-block\n"
                             "fault alice.send 1 short 3\n"
                             "fault bob#2.inbound 4 delay 5ms\n"
                             "fault alice.connect 1 error ECONNREFUSED\n"
                             "fault accept 1 error EMFILE\n"
                             "fault wait 4 spurious alice readable,writable\n"
                             "fault wait 5 spurious listener readable\n"
                             "fault wait 6 batch 1\n"
                             "fault local1.a.recv 1 reset\n"
                             "fault alloc 7 fail\n";

/* What reports print can be copied into a scenario and means the same there. */
static void decision_prints_as_the_fault_line_it_came_from(void **state) {
    (void)state;
    struct wbh_text source = {0};
    wbh_text_format(&source,
        "scenario \"x\"\nprogram p\nfaults none\n\npeer alice\n  connect\n\npeer bob\n  connect\n\n"
        "%s\nverdict ok\n",
        faults);
    struct wbh_parse_error error = {0};
    struct wbh_scenario *parsed = wbh_scenario_parse(source.bytes, source.len, &error);
    if (parsed == NULL) {
        char message[512];
        wbh_parse_error_format(&error, "faults", message, sizeof message);
        fail_msg("%s", message);
    }
    struct wbh_text printed = {0};
    for (uint32_t i = 0; i < parsed->fault_count; i++) {
        wbh_text_add(&printed, "fault ");
        wbh_report_add_decision(&printed, parsed, &parsed->faults[i]);
        wbh_text_add(&printed, "\n");
    }
    assert_string_equal(printed.bytes, faults);
    wbh_text_clean_up(&printed);
    wbh_text_clean_up(&source);
    wbh_scenario_destroy(parsed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connection_of_each_kind_has_its_scenario_name),
        cmocka_unit_test(connection_of_unknown_peer_is_numbered),
        cmocka_unit_test(events_are_joined_and_unknown_bits_shown),
        cmocka_unit_test(errno_known_and_unknown_are_told),
        cmocka_unit_test(errno_of_every_fault_has_the_name_of_scenarios),
        cmocka_unit_test(decision_prints_as_the_fault_line_it_came_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
