/* The runner: what it refuses, that it is deterministic and can be used again, what it records,
 * tolerant runs, trigger modes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "small_server.h"
#include "wb/examples.h"

static const char hostile[] =
    "scenario \"x\"\nprogram small_echo trigger=edge\nfaults hostile seed=5\n"
    "peer alice\n  connect\n  send \"0123456789\" * 200\n  expect \"0123456789\" * 200\n  "
    "half-close\n"
    "  expect close\n";

static struct wbh_scenario *parse(const char *text) {
    struct wbh_parse_error where;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    assert_non_null(scenario);
    return scenario;
}

static void assert_refused(const char *text, const char *part) {
    char error[256] = "";
    struct wbh_scenario *scenario = parse(text);
    assert_int_equal(wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), -1);
    if (strstr(error, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, error);
    }
    wbh_scenario_destroy(scenario);
}

/* ---- what cannot be run ---- */

static void run_of_an_unknown_program_is_refused(void **state) {
    (void)state;
    assert_refused("scenario \"x\"\nprogram nonesuch\n", "no program \"nonesuch\"");
}

static void run_with_an_unknown_option_is_refused(void **state) {
    (void)state;
    assert_refused("scenario \"x\"\nprogram small_echo colour=red\n", "no option \"colour\"");
}

static void run_with_a_value_too_many_or_too_few_is_refused(void **state) {
    (void)state;
    assert_refused("scenario \"x\"\nprogram small_echo bug\n", "needs a value: bug=VALUE");
    assert_refused("scenario \"x\"\nprogram multi_echo framed=yes\n", "takes no value");
    assert_refused("scenario \"x\"\nprogram small_echo framed\n", "no option \"framed\"");
}

/* Half a frame is passed on at once, unless the program was told to wait for the whole. */
static void run_with_a_flag_passes_it_on(void **state) {
    (void)state;
    static const char script[] = "peer alice\n  connect\n  send \"\\0\\0\\0\\0\\0\\0\\0\"\n"
                                 "  expect silence 1ms\n  send \"\\x01a\"\n  expect bytes 9\n";
    char text[512];
    (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram multi_echo framed\n%s", script);
    judge_text(text, NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram multi_echo\n%s", script);
    judge_text(text, NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_PROTOCOL);
}

/* Without faults Bob comes too late and is refused; if Alice is late, he is the one who is taken.
 */
static void run_with_a_flag_is_judged_as_what_it_makes_of_the_program(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        const struct wbh_run_options options = {.seed = &seed, .flags = WBH_RUN_TOLERANT};
        judge_text("scenario \"x\"\nprogram ping_pong accept-once\nfaults hostile\n"
                   "peer alice\n  connect\n  expect close\npeer bob\n  sleep 10ms\n  connect\n  "
                   "expect close\n",
            &options);
        assert_int_equal(judged.verdict, WBH_VERDICT_OK);
        assert_int_equal(judged.exit_status, 0);
    }
}

/* Bob's frame comes in two pieces, and there is no memory to put them together: he is dropped,
 * though for who only sees what was read the frame is whole. */
static void run_with_a_flag_excuses_a_frame_without_memory(void **state) {
    (void)state;
    for (unsigned n = 1; n < 40; n++) {
        char text[512];
        (void)snprintf(text, sizeof(text),
            "scenario \"x\"\nprogram multi_echo framed\n"
            "peer alice\n  connect\n  send \"\\0\\0\\0\\0\\0\\0\\0\\x01a\"\n  after bob\n"
            "  send \"\\0\\0\\0\\0\\0\\0\\0\\x01c\"\n"
            "peer bob\n  connect\n  send \"\\0\\0\\0\"\n  send \"\\0\\0\\0\\0\\x01b\"\n"
            "fault alloc %u fail\n",
            n);
        const struct wbh_run_options options = {.flags = WBH_RUN_TOLERANT};
        judge_text(text, &options);
        if (judged.verdict != WBH_VERDICT_OK) {
            fail_msg(
                "allocation %u: %s: %s", n, judged.findings[0].oracle, judged.findings[0].text);
        }
    }
}

/* What it is there for has failed: it says so, and that is no server which dies of one connection.
 */
static void run_with_a_flag_may_end_by_itself_with_a_failure(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram ping_pong accept-once\npeer alice\n  connect\n"
               "fault accept 1 error ENFILE\n",
        NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.exit_status, 1);
}

static void run_of_a_script_that_sends_before_it_connects_is_refused(void **state) {
    (void)state;
    assert_refused(
        "scenario \"x\"\nprogram small_echo\npeer alice\n  send \"a\"\n", "line 4: alice");
}

static void run_of_a_script_that_expects_without_reading_is_refused(void **state) {
    (void)state;
    assert_refused("scenario \"x\"\nprogram small_echo\npeer alice\n  connect\n  read stop\n"
                   "  expect \"a\"\n",
        "\"read on\" must come first");
}

static void run_with_a_fault_on_a_connection_never_made_is_refused(void **state) {
    (void)state;
    assert_refused("scenario \"x\"\nprogram small_echo\nfault alice#2.recv 1 short 1\n"
                   "peer alice\n  connect\n",
        "has only 1 connection");
}

/* ---- the same again: INV-22 ---- */

static void run_twice_has_the_same_hash(void **state) {
    (void)state;
    judge_text(hostile, NULL);
    uint64_t hash = judged.hash;
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    judge_text("scenario \"other\"\nprogram small_echo\npeer bob\n  connect\n", NULL);
    assert_int_not_equal(judged.hash, hash);
    judge_text(hostile, NULL);
    assert_int_equal(judged.hash, hash);
}

static void run_in_another_runner_has_the_same_hash(void **state) {
    (void)state;
    judge_text(hostile, NULL);
    uint64_t hash = judged.hash;
    judged_clean_up();
    judge_text(hostile, NULL);
    assert_int_equal(judged.hash, hash);
}

static void run_with_another_seed_takes_another_course(void **state) {
    (void)state;
    uint64_t seed = 6;
    struct wbh_run_options options = {.seed = &seed};
    judge_text(hostile, NULL);
    uint64_t hash = judged.hash;
    judge_text(hostile, &options);
    assert_int_not_equal(judged.hash, hash);
    options.profile = "none";
    judge_text(hostile, &options);
    assert_int_equal(judged.faults.injected[WBH_POINT_RECV][WBH_ACTION_SHORT], 0);
    assert_int_equal(judged.baseline_runs, 0);
}

static void run_of_many_seeds_makes_one_reference_run(void **state) {
    (void)state;
    judged_clean_up();
    uint32_t references = 0;
    struct wbh_run_options options = {0};
    for (uint64_t seed = 0; seed < 20; seed++) {
        options.seed = &seed;
        judge_text(hostile, &options);
        references += judged.baseline_runs;
    }
    assert_int_equal(references, 1);
    options.seed = NULL;
    options.flags = WBH_RUN_NO_DIVERGENCE;
    judged_clean_up();
    judge_text(hostile, &options);
    assert_int_equal(judged.baseline_runs, 0);
}

static void run_with_a_fresh_reference_makes_one_each_time(void **state) {
    (void)state;
    judged_clean_up();
    const struct wbh_run_options options = {.flags = WBH_RUN_FRESH_BASELINE};
    for (int i = 0; i < 3; i++) {
        judge_text(hostile, &options);
        assert_int_equal(judged.baseline_runs, 1);
    }
}

/* ---- records ---- */

static void run_recorded_has_every_event_with_its_bytes(void **state) {
    (void)state;
    struct wbh_run_options options = {.flags = WBH_RUN_RECORD};
    judge_text(hostile, &options);
    const struct wbh_trace *trace = wbh_runner_trace(judged_runner());
    size_t faults = 0;
    size_t echoed = 0;
    for (size_t i = 0; i < trace->event_count; i++) {
        const struct sim_event *event = &trace->events[i];
        if (event->kind == SIM_EVENT_FAULT) {
            assert_ptr_equal(event->decision, &trace->decisions[faults]);
            faults++;
        } else if (event->call == SIM_CALL_SEND && event->result > 0) {
            for (size_t k = 0; k < event->data_len; k++, echoed++) {
                assert_int_equal(((const uint8_t *)event->data)[k], '0' + echoed % 10);
            }
        }
    }
    assert_true(faults != 0);
    assert_int_equal(faults, trace->decision_count);
    assert_int_equal(echoed, 2000);
}

/* Bob is not there yet: the fault does not fit, and its decision is kept among alice's bytes. */
static void run_recorded_keeps_decisions_where_they_may_be_read(void **state) {
    (void)state;
    struct wbh_run_options options = {.flags = WBH_RUN_RECORD};
    judge_text("scenario \"x\"\nprogram small_echo\n"
               "peer alice\n  connect\n  send \"abc\"\n  expect \"abc\"\n  send \"d\"\n"
               "  expect \"d\"\n  close\n"
               "peer bob\n  after alice\n  connect\n  close\n"
               "fault wait 3 spurious bob readable\nfault wait 4 spurious bob readable\n",
        &options);
    const struct wbh_trace *trace = wbh_runner_trace(judged_runner());
    size_t unfit = 0;
    for (size_t i = 0; i < trace->event_count; i++) {
        if (trace->events[i].kind == SIM_EVENT_UNFIT) {
            unfit++;
            assert_int_equal(
                (uintptr_t)trace->events[i].decision % _Alignof(struct wbh_decision), 0);
        }
    }
    assert_int_equal(unfit, 2);
}

static void run_written_out_as_a_plan_takes_the_same_course(void **state) {
    (void)state;
    char error[256];
    struct wbh_run_options options = {.flags = WBH_RUN_RECORD};
    struct wbh_scenario *scenario = parse(hostile);
    assert_int_equal(
        wbh_run(judged_runner(), scenario, &options, &judged, error, sizeof(error)), 0);
    uint64_t calls = judged.calls;
    uint64_t time_ns = judged.time_ns;
    const struct wbh_trace *trace = wbh_runner_trace(judged_runner());
    assert_int_equal(wbh_scenario_set_plan(scenario, trace->decisions, trace->decision_count), 0);
    assert_int_equal(wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), 0);
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.calls, calls);
    assert_int_equal(judged.time_ns, time_ns);
    wbh_scenario_destroy(scenario);
}

/* Of four bytes a read cannot fall short at a hundred: the fault has no part in the run, and what
 * else is planned for the moment happens. Without it the run is the same. */
static void run_with_a_fault_that_does_not_fit_is_the_run_without_it(void **state) {
    (void)state;
    char error[256];
    struct wbh_run_options options = {.flags = WBH_RUN_RECORD};
    struct wbh_scenario *scenario =
        parse("scenario \"x\"\nprogram small_echo\n"
              "peer alice\n  connect\n  send \"abcd\"\n  expect \"abcd\"\n  close\n"
              "fault alice.recv 1 short 100\nfault alice.recv 1 would-block\n"
              "fault wait 3 spurious none readable\nfault alice.recv 99 short 1\n"
              "fault wait 1 spurious alice readable\n");
    assert_int_equal(
        wbh_run(judged_runner(), scenario, &options, &judged, error, sizeof(error)), 0);
    static const enum wbh_planned_fate fates[] = {WBH_PLANNED_UNFIT, WBH_PLANNED_FIRED,
        WBH_PLANNED_FIRED, WBH_PLANNED_UNASKED, WBH_PLANNED_UNFIT};
    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
        assert_int_equal(judged.planned_fired[i], fates[i]);
    }
    assert_int_equal(judged.planned_unfired, 3);
    assert_int_equal(judged.faults.unfit, 2);
    uint64_t hash = judged.hash;
    const struct wbh_trace *trace = wbh_runner_trace(judged_runner());
    assert_int_equal(trace->decision_count, 2);
    assert_int_equal(wbh_scenario_set_plan(scenario, trace->decisions, trace->decision_count), 0);
    assert_int_equal(wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), 0);
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.faults.unfit, 0);
    assert_int_equal(judged.hash, hash);
    wbh_scenario_destroy(scenario);
}

/* ---- tolerant runs ---- */

static void tolerant_run_passes_over_what_is_not_met(void **state) {
    (void)state;
    struct wbh_run_options options = {.flags = WBH_RUN_TOLERANT};
    judge_text("scenario \"x\"\nprogram small_echo colour=red\n"
               "peer alice\n  send \"early\"\n  connect\n  expect \"never\"\n  send \"a\"\n"
               "  expect close\n  expect reset\n  accept\n  close\n  expect bytes 3\n",
        &options);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.stop, SIM_STOP_EXITED);
}

static void tolerant_run_still_finds_hangs(void **state) {
    (void)state;
    struct wbh_run_options options = {.flags = WBH_RUN_TOLERANT};
    judge_text("scenario \"x\"\nprogram small_echo trigger=edge bug=no-drain\n"
               "peer alice\n  connect\n  send \"x\" * 2000\n",
        &options);
    assert_int_equal(judged.verdict, WBH_VERDICT_HANG);
}

/* ---- trigger modes ---- */

static void triggers_of_a_right_program_agree(void **state) {
    (void)state;
    char error[256];
    struct wbh_scenario *scenario = parse(hostile);
    assert_int_equal(
        wbh_run_triggers(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), 0);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    wbh_scenario_destroy(scenario);
}

static void triggers_that_differ_are_told(void **state) {
    (void)state;
    char error[256];
    struct wbh_scenario *scenario =
        parse("scenario \"x\"\nprogram small_echo bug=no-drain\n"
              "peer alice\n  connect\n  send \"x\" * 2000\n  expect bytes 2000\n  close\n");
    assert_int_equal(
        wbh_run_triggers(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), 0);
    assert_int_equal(judged.verdict, WBH_VERDICT_HANG);
    assert_non_null(judged_finding("triggers"));
    assert_non_null(strstr(judged_finding("triggers")->text, "trigger edge"));
    wbh_scenario_destroy(scenario);
}

static void triggers_of_a_program_without_the_option_are_refused(void **state) {
    (void)state;
    char error[256] = "";
    struct wbh_scenario *scenario = parse("scenario \"x\"\nprogram small_plain\n");
    assert_int_equal(
        wbh_run_triggers(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), -1);
    assert_non_null(strstr(error, "no option \"trigger\""));
    wbh_scenario_destroy(scenario);
}

/* ---- the built-in programs ---- */

static void programs_built_in_run_without_objection(void **state) {
    (void)state;
    static const char *const texts[] = {
        "scenario \"x\"\nprogram ping_pong\npeer a\n  connect\n  send \"hi\\n\"\n  expect "
        "\"hi\\n\"\n",
        "scenario \"x\"\nprogram multi_echo\npeer a\n  connect\n  send \"hi\"\n  expect \"hi\"\n",
        "scenario \"x\"\nprogram registration\n",
        "scenario \"x\"\nprogram udp_echo\npeer a\n  bind udp\n  send \"hi\"\n  expect \"hi\"\n",
        "scenario \"x\"\nprogram chat\npeer a\n  connect\n  expect \"welcome\\n\"\n  half-close\n  "
        "expect close\n",
        "scenario \"x\"\nprogram tcp_proxy\npeer b\n  listen 6567\n  accept\n  expect \"hi\"\n  "
        "close\n"
        "peer a\n  connect\n  send \"hi\"\n  half-close\n  expect close\n",
        "scenario \"x\"\nprogram async_udp_echo\npeer a\n  bind udp\n  send \"hi\"\n  expect "
        "\"hi\"\n",
        "scenario \"x\"\nprogram sequential_echo\npeer a\n  connect\n  send \"hi\"\n  expect "
        "\"hi\"\n",
        "scenario \"x\"\nprogram server_future\n",
        "scenario \"x\"\nprogram runtime_smoke pause-ms=1\n",
        "scenario \"x\"\nprogram unix_datagram\nprogram unix_datagram_sender message=hi\n",
        "scenario \"x\"\nprogram seqpacket_echo\npeer a\n  connect seqpacket \"@wouldblock\"\n"
        "  send \"hi\"\n  expect \"hi\"\n  half-close\n  expect close\n",
        "scenario \"x\"\nprogram file_copy\nfile \"/srv/in\" \"hi\"\nexpect file \"/tmp/out\" "
        "\"hi\"\n",
        "scenario \"x\"\nprogram http_hello\npeer a\n  connect\n  send \"GET / "
        "HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\"\n"
        "  expect \"HTTP/1.1 200 OK\\r\\ncontent-length: 12\\r\\n\\r\\nHello, World\"\n  "
        "close\n",
        "scenario \"x\"\nprogram http_echo\npeer a\n  connect\n  send \"POST / "
        "HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 2\\r\\n\\r\\nhi\"\n"
        "  expect \"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nhi\"\n  close\n",
        "scenario \"x\"\nprogram http_files\nfile \"/srv/a\" \"hi\"\npeer a\n  connect\n"
        "  http-request GET /a\n  expect http-response 200 body \"hi\"\n  close\n",
        "scenario \"x\"\nprogram http_proxy to=127.0.0.1:7300\npeer b\n  listen 7300\n  accept\n"
        "  expect http-request GET /a\n  http-response 200 body \"hi\"\n  close\npeer a\n  "
        "connect\n"
        "  http-request GET /a\n  expect http-response 200 body \"hi\"\n  close\n",
        "scenario \"x\"\nprogram ping_pong_client message=hi\n"
        "peer a\n  listen 6567\n  accept\n  expect \"hi\\n\"\n  send \"hi\\n\"\n  expect close\n",
        "scenario \"x\"\nprogram http_get url=http://127.0.0.1:8080/ times=2\npeer a\n  listen "
        "8080\n  accept\n  expect http-request GET /\n  http-response 200 body \"hi\"\n  "
        "expect http-request GET /\n  http-response 204\n  expect close\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        judge_text(texts[i], NULL);
        if (judged.verdict != WBH_VERDICT_OK) {
            fail_msg("%s: %s", texts[i], judged.findings[0].text);
        }
        assert_int_equal(judged.exit_status, 0);
    }
}

/* What a client may keep it was told by an option, and its bound grows with that. */
static void run_bound_of_memory_follows_the_option(void **state) {
    (void)state;
#define MEGABYTES_OF(options)                                                                      \
    "scenario \"x\"\nprogram http_get url=http://127.0.0.1:8080/ " options                         \
    "\npeer a\n  listen 8080\n  accept\n  expect http-request GET /\n"                             \
    "  http-response 200 body \"0123456789012345678901234567890123456789\" * 65535\n"
    judge_text(MEGABYTES_OF("max-body=4000000"), NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    judge_text(MEGABYTES_OF("may-fail"), NULL); /* 1 MiB, unless it is told otherwise */
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.exit_status, 1);
    /* Of a file that it sends it keeps all, however large it is. */
    judge_text(
        "scenario \"x\"\nprogram http_get url=http://127.0.0.1:8080/ data-file=/srv/a\n"
        "file \"/srv/a\" \"012345678901234567890123456789012345678901234567890123456789\" * 65535\n"
        "peer a\n  listen 8080\n  accept\n"
        "  expect http-request POST / body-len 3932100\n  http-response 204\n",
        NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.exit_status, 0);
}

/* What is listed is also there to be run for real. */
static void run_programs_are_the_examples_of_their_names(void **state) {
    (void)state;
    size_t count;
    size_t example_count;
    const struct wbh_program *programs = wbh_programs(&count);
    assert_non_null(wb_examples(&example_count));
    for (size_t i = 0; i < count; i++) {
        if (wb_example_find(programs[i].name) == NULL) {
            fail_msg("%s is no example", programs[i].name);
        }
    }
    assert_int_equal(count, example_count);
}

static int set_up(void **state) {
    (void)state;
    small_server_register();
    return judged_runner() != NULL ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_bound_of_memory_follows_the_option),
        cmocka_unit_test(run_programs_are_the_examples_of_their_names),
        cmocka_unit_test(run_of_an_unknown_program_is_refused),
        cmocka_unit_test(run_with_an_unknown_option_is_refused),
        cmocka_unit_test(run_with_a_value_too_many_or_too_few_is_refused),
        cmocka_unit_test(run_with_a_flag_passes_it_on),
        cmocka_unit_test(run_with_a_flag_may_end_by_itself_with_a_failure),
        cmocka_unit_test(run_with_a_flag_excuses_a_frame_without_memory),
        cmocka_unit_test(run_with_a_flag_is_judged_as_what_it_makes_of_the_program),
        cmocka_unit_test(run_of_a_script_that_sends_before_it_connects_is_refused),
        cmocka_unit_test(run_of_a_script_that_expects_without_reading_is_refused),
        cmocka_unit_test(run_with_a_fault_on_a_connection_never_made_is_refused),
        cmocka_unit_test(run_twice_has_the_same_hash),
        cmocka_unit_test(run_in_another_runner_has_the_same_hash),
        cmocka_unit_test(run_with_another_seed_takes_another_course),
        cmocka_unit_test(run_of_many_seeds_makes_one_reference_run),
        cmocka_unit_test(run_with_a_fresh_reference_makes_one_each_time),
        cmocka_unit_test(run_recorded_has_every_event_with_its_bytes),
        cmocka_unit_test(run_recorded_keeps_decisions_where_they_may_be_read),
        cmocka_unit_test(run_with_a_fault_that_does_not_fit_is_the_run_without_it),
        cmocka_unit_test(run_written_out_as_a_plan_takes_the_same_course),
        cmocka_unit_test(tolerant_run_passes_over_what_is_not_met),
        cmocka_unit_test(tolerant_run_still_finds_hangs),
        cmocka_unit_test(triggers_of_a_right_program_agree),
        cmocka_unit_test(triggers_that_differ_are_told),
        cmocka_unit_test(triggers_of_a_program_without_the_option_are_refused),
        cmocka_unit_test(programs_built_in_run_without_objection),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
