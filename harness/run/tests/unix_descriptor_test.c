/* Descriptors that peers pass to programs and get from them, and what the oracles say of a program
 * that loses one: case A-NET-11 of the list of behaviour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "unix_takers.h"

static char text[4096];

static void judge(const char *program, const char *scripts) {
    (void)snprintf(
        text, sizeof(text), "scenario \"descriptors\"\nprogram %s\n%s", program, scripts);
    judge_text(text, NULL);
}

static void assert_ok(void) {
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("%s: %s", judged.findings[0].oracle, judged.findings[0].text);
    }
    assert_int_equal(judged.planned_unfired, 0);
}

static void assert_verdict(enum wbh_verdict verdict, const char *part) {
    assert_string_equal(wbh_verdict_name(judged.verdict), wbh_verdict_name(verdict));
    if (strstr(judged.findings[0].text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, judged.findings[0].text);
    }
}

#define ALICE "peer alice\n  connect unix \"@taker\"\n"
#define PIPE "  pass pipe \"in the pipe\"\n  send \"x\"\n"
#define SOCKET "  pass socket \"in the socket\"\n  send \"x\"\n"

/* ---- what programs get ---- */

static void passed_pipe_and_socket_hold_what_the_script_says(void **state) {
    (void)state;
    judge("small_taker", ALICE PIPE "  expect \"in the pipe\"\n" SOCKET
                                    "  expect \"in the socket\"\n  send \"y\"\n  expect \"-\"\n");
    assert_ok();
    judge("small_taker", ALICE "  pass pipe \"\"\n  pass socket \"\"\n  send \"x\"\n"
                               "  expect silence 1ms\n  pass pipe \"abcd\" * 16384\n"
                               "  send \"x\"\n  expect \"abcd\" * 16384\n"
                               "  pass socket \"abcd\" * 16384\n  send \"x\"\n"
                               "  expect \"abcd\" * 16384\n");
    assert_ok();
}

static void several_go_along_with_one_message_in_order(void **state) {
    (void)state;
    judge("small_taker", ALICE "  pass pipe \"1\"\n  pass socket \"2\"\n  pass pipe \"3\"\n"
                               "  send \"x\"\n  expect \"123\"\n");
    assert_ok();
    /* It has room for four. */
    judge("small_taker",
        ALICE "  pass pipe \"1\"\n  pass pipe \"2\"\n  pass pipe \"3\"\n  pass pipe \"4\"\n"
              "  pass socket \"5\"\n  send \"x\"\n  expect \"1234\"\n  expect silence 1ms\n");
    assert_ok();
}

/* They come with the first byte of a message, and keep a read from running on; a delay delays both.
 */
static void faults_of_the_stream_are_none_of_the_descriptors(void **state) {
    (void)state;
    judge("small_taker", ALICE
        "  pass pipe \"one\"\n  send \"abc\"\n  pass pipe \"two\"\n  send \"def\"\n"
        "  expect \"one--two--\"\n"
        "fault alice.recv 1 would-block\nfault alice.recv 2 short 1\nfault alice.recv 3 short "
        "1\nfault alice.recv 5 short 1\nfault alice.recv 6 short 1\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "came"); /* how often it answers depends on its reads */
    judge("small_taker", ALICE PIPE "  expect \"in the pipe\"\nfault alice.recv 1 would-block\n");
    assert_ok();
}

static void program_that_does_not_ask_gets_none(void **state) {
    (void)state;
    judge("small_taker style=deaf", ALICE PIPE SOCKET "  expect bytes 1\n");
    assert_ok();
    judge("ping_pong listen=unix:@taker",
        ALICE "  pass pipe \"x\"\n  send \"hello\\n\"\n  expect \"hello\\n\"\n");
    assert_ok();
}

/* Where the process has no number left for them they are closed on the way. */
static void program_without_room_for_descriptors_gets_none(void **state) {
    (void)state;
    judge("small_taker\nhost fd-limit=8",
        ALICE "  pass pipe \"one\"\n  pass pipe \"two\"\n  pass pipe \"three\"\n  send \"x\"\n"
              "  expect bytes 3\n");
    assert_ok();
}

/* What was never read is closed with its socket. */
static void descriptors_that_nobody_took_are_no_leak(void **state) {
    (void)state;
    judge("small_taker", ALICE PIPE "  close\n  connect unix \"@taker\"\n  pass socket \"abc\"\n"
                                    "  send \"x\"\n  signal SIGTERM\n");
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
}

/* ---- bugs ---- */

static void program_that_forgets_a_descriptor_leaks(void **state) {
    (void)state;
    judge("small_taker style=unread", ALICE PIPE "  sleep 1ms\n");
    assert_verdict(WBH_VERDICT_LEAK, "left 1 open descriptor");
    assert_non_null(strstr(judged.findings[0].why, "is a pipe reader"));
    judge("small_taker style=unread", ALICE SOCKET "  sleep 1ms\n");
    assert_verdict(WBH_VERDICT_LEAK, "left 1 open descriptor");
    assert_non_null(strstr(judged.findings[0].why, "is a unix stream socket"));
}

static void program_that_does_not_close_a_descriptor_leaks(void **state) {
    (void)state;
    judge("small_taker style=unclosed",
        ALICE PIPE "  expect \"in the pipe\"\n" SOCKET "  expect \"in the socket\"\n");
    assert_verdict(WBH_VERDICT_LEAK, "left 2 open descriptors");
}

static void program_that_closes_a_descriptor_twice_misuses_it(void **state) {
    (void)state;
    judge("small_taker style=twice", ALICE PIPE "  expect \"in the pipe\"\n");
    assert_verdict(WBH_VERDICT_MISUSE, "close");
}

/* ---- what peers get ---- */

static void peer_expects_descriptors_of_the_program(void **state) {
    (void)state;
    judge("small_taker style=gives", ALICE "  send \"x\"\n  expect \"!\"\n  expect descriptors 1\n"
                                           "  send \"y\"\n  sleep 1ms\n  send \"z\"\n"
                                           "  expect descriptors 2\n  expect \"!!\"\n");
    assert_ok();
    judge("small_taker style=gives", ALICE "  send \"x\"\n  expect descriptors 2\n");
    assert_verdict(WBH_VERDICT_HANG, "expects 2 descriptors and got 1");
    judge("small_taker", ALICE "  half-close\n  expect descriptors 1\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "the program ended the stream");
}

static void descriptors_go_along_with_messages_too(void **state) {
    (void)state;
    judge("unix_datagram", "peer alice\n  bind datagram\n  send to \"@wouldblock\"\n"
                           "  pass pipe \"x\"\n  send \"hello\"\n  expect \"hello\"\n");
    assert_ok();
}

/* ---- what cannot be run ---- */

static void assert_refused(const char *steps, const char *part) {
    char error[256] = "";
    struct wbh_parse_error where;
    (void)snprintf(
        text, sizeof(text), "scenario \"x\"\nprogram small_taker\npeer alice\n%s", steps);
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    assert_non_null(scenario);
    assert_int_equal(wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), -1);
    if (strstr(error, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, error);
    }
    wbh_scenario_destroy(scenario);
}

static void script_that_passes_to_nobody_is_refused(void **state) {
    (void)state;
    assert_refused(
        "  listen 80\n  accept\n  pass pipe \"x\"\n", "line 6: alice has no Unix socket");
    assert_refused("  expect descriptors 1\n", "no Unix socket here to expect descriptors through");
    assert_refused("  connect unix \"@t\"\n  pass pipe \"x\"\n",
        "line 5: alice sends nothing on this socket that it could go along with");
    assert_refused("  connect unix \"@t\"\n  pass pipe \"x\"\n  close\n", "line 5: alice sends");
    assert_refused("  connect unix \"@t\"\n  pass socket \"x\"\n  connect unix \"@t\"\n"
                   "  send \"x\"\n",
        "line 5: alice sends");
    assert_refused("  connect unix \"@t\"\n  pass pipe \"abc\" * 21846\n  send \"x\"\n",
        "at most 65536 bytes in it, not 65538");
}

static int register_takers(void **state) {
    (void)state;
    unix_takers_register();
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passed_pipe_and_socket_hold_what_the_script_says),
        cmocka_unit_test(several_go_along_with_one_message_in_order),
        cmocka_unit_test(faults_of_the_stream_are_none_of_the_descriptors),
        cmocka_unit_test(program_that_does_not_ask_gets_none),
        cmocka_unit_test(program_without_room_for_descriptors_gets_none),
        cmocka_unit_test(descriptors_that_nobody_took_are_no_leak),
        cmocka_unit_test(program_that_forgets_a_descriptor_leaks),
        cmocka_unit_test(program_that_does_not_close_a_descriptor_leaks),
        cmocka_unit_test(program_that_closes_a_descriptor_twice_misuses_it),
        cmocka_unit_test(peer_expects_descriptors_of_the_program),
        cmocka_unit_test(descriptors_go_along_with_messages_too),
        cmocka_unit_test(script_that_passes_to_nobody_is_refused),
    };
    return cmocka_run_group_tests(tests, register_takers, clean_up);
}
