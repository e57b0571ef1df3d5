/* The report of one run: verdict and diagnosis for people, and the same as JSON. */
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ALICE WBH_SUBJECT(0, 0)

static struct wbh_peer peers[] = {{.name = "alice"}};
static struct wbh_option options[] = {{"trigger", "level"}};
static struct wbh_decision faults[] = {
    {.subject = ALICE, .ordinal = 1, .point = WBH_POINT_RECV, .action = WBH_ACTION_WOULD_BLOCK},
    {.subject = ALICE,
        .ordinal = 9,
        .point = WBH_POINT_SEND,
        .action = WBH_ACTION_SHORT,
        .value = 3},
};
static uint32_t fault_lines[] = {7, 8};
static const struct wbh_scenario scenario = {.title = "a title with \xff in it",
    .program = "ping_pong",
    .options = options,
    .option_count = 1,
    .profile = "none",
    .peers = peers,
    .peer_count = 1,
    .faults = faults,
    .fault_lines = fault_lines,
    .fault_count = 2,
    .verdict = WBH_VERDICT_OK};

static struct wbh_result result = {.verdict = WBH_VERDICT_HANG,
    .finding_count = 1,
    .findings = {{.verdict = WBH_VERDICT_HANG,
        .oracle = "hang",
        .time_ns = 2000000,
        .step = 12,
        .subject = ALICE,
        .text = "alice waits for 5 bytes",
        .why = "first line\nsecond line"}},
    .stop = SIM_STOP_QUIESCENT,
    .hash = 0x00c0ffee00000001,
    .calls = 12,
    .time_ns = 2000000,
    .planned = 2,
    .planned_unfired = 1,
    .planned_fired = {1, 0}};

static const struct wbh_report report = {.path = "dir/a.scn",
    .scenario = &scenario,
    .result = &result,
    .trigger = "edge",
    .seed = UINT64_MAX};

static void report_of_a_failure_tells_what_why_and_what_never_fired(void **state) {
    (void)state;
    struct wbh_text out = {0};
    wbh_report_print(&report, 0, &out);
    assert_non_null(strstr(out.bytes, "title    a title with \\xff in it\n"));
    assert_non_null(strstr(out.bytes, "verdict  hang, expected ok\n"));
    assert_non_null(
        strstr(out.bytes, "program  ping_pong trigger=edge, seed 18446744073709551615"));
    assert_non_null(strstr(out.bytes, "hash     00c0ffee00000001\n"));
    assert_non_null(
        strstr(out.bytes, "  hang: alice waits for 5 bytes\n    first line\n    second line\n"
                          "    (oracle hang, at 2.000 ms, call 12, connection alice)\n"));
    assert_non_null(strstr(out.bytes, "NEVER FIRED: fault alice.send 9 short 3  (dir/a.scn:8)\n"));
    assert_null(strstr(out.bytes, "alice.recv 1"));
    wbh_text_clean_up(&out);
}

static void report_tells_faults_that_did_not_fit_from_those_whose_moment_never_came(void **state) {
    (void)state;
    static struct wbh_result unfit;
    unfit = result;
    unfit.planned_fired[1] = WBH_PLANNED_UNFIT;
    struct wbh_report told = report;
    told.result = &unfit;
    struct wbh_text out = {0};
    wbh_report_print(&told, 0, &out);
    assert_non_null(strstr(out.bytes, "DID NOT FIT: fault alice.send 9 short 3  (dir/a.scn:8)\n"));
    assert_null(strstr(out.bytes, "NEVER FIRED"));
    wbh_text_clean_up(&out);
}

static void report_as_expected_says_so(void **state) {
    (void)state;
    static const struct wbh_result fine = {.stop = SIM_STOP_EXITED, .exit_status = 0};
    const struct wbh_report good = {
        .path = "a.scn", .scenario = &scenario, .result = &fine, .seed = 1};
    struct wbh_text out = {0};
    wbh_report_print(&good, 0, &out);
    assert_non_null(strstr(out.bytes, "verdict  ok, as expected\n"));
    assert_non_null(strstr(out.bytes, "the program exited after 0 system calls"));
    assert_null(strstr(out.bytes, "diagnosis"));
    wbh_text_clean_up(&out);
}

static const char *string_at(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    assert_non_null(value);
    return value;
}

static void report_json_has_every_documented_key(void **state) {
    (void)state;
    static struct sim_event event = {.kind = SIM_EVENT_PEER,
        .fd = -1,
        .subject = ALICE,
        .a = WBH_STEP_SEND,
        .data = "\xfe",
        .data_len = 1};
    static struct wbh_decision taken = {.subject = ALICE,
        .ordinal = 1,
        .point = WBH_POINT_RECV,
        .action = WBH_ACTION_WOULD_BLOCK,
        .legality = WBH_LEGALITY_CONTRACT};
    static const struct wbh_trace trace = {
        .events = &event, .event_count = 1, .decisions = &taken, .decision_count = 1};
    struct wbh_report recorded = report;
    recorded.trace = &trace;
    json_t *document = wbh_report_json(&recorded);
    assert_non_null(document);
    static const char *const keys[] = {"format", "version", "scenario", "verdict", "expected",
        "as_expected", "stop", "exit_status", "hash", "calls", "time_ns", "findings", "faults",
        "timeline"};
    assert_int_equal(json_object_size(document), sizeof keys / sizeof keys[0]);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_non_null(json_object_get(document, keys[i]));
    }
    assert_string_equal(string_at(document, "verdict"), "hang");
    assert_string_equal(string_at(document, "stop"), "quiescent");
    assert_true(json_is_null(json_object_get(document, "exit_status")));
    const json_t *told = json_object_get(document, "scenario");
    assert_string_equal(string_at(told, "title"), "a title with \\xff in it");
    assert_string_equal(string_at(told, "seed"), "18446744073709551615");
    assert_string_equal(string_at(json_object_get(told, "options"), "trigger"), "edge");
    const json_t *planned = json_object_get(json_object_get(document, "faults"), "planned");
    assert_int_equal(json_array_size(planned), 2);
    assert_true(json_is_true(json_object_get(json_array_get(planned, 0), "fired")));
    assert_true(json_is_false(json_object_get(json_array_get(planned, 1), "fired")));
    const json_t *timeline = json_object_get(document, "timeline");
    assert_int_equal(json_array_size(timeline), 2);
    assert_string_equal(string_at(json_array_get(timeline, 0), "text"), "sends 1 byte \"\\xfe\"");
    assert_string_equal(string_at(json_array_get(timeline, 1), "kind"), "finding");
    json_decref(document);
}

static void report_json_prints_as_one_parsable_document(void **state) {
    (void)state;
    struct wbh_text out = {0};
    json_error_t error;
    json_t *document = wbh_report_json(&report);
    wbh_report_json_print(document, &out);
    json_t *parsed = json_loads(out.bytes, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(parsed);
    assert_true(json_equal(parsed, document));
    json_decref(parsed);
    json_decref(document);
    wbh_text_clean_up(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_of_a_failure_tells_what_why_and_what_never_fired),
        cmocka_unit_test(report_tells_faults_that_did_not_fit_from_those_whose_moment_never_came),
        cmocka_unit_test(report_as_expected_says_so),
        cmocka_unit_test(report_json_has_every_documented_key),
        cmocka_unit_test(report_json_prints_as_one_parsable_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
