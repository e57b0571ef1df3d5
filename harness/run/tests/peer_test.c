/* Scripted peers: each step does what its word says, peers wait for each other, listen, come again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "clients.h"
#include "judged.h"
#include "small_server.h"

static char text[4096];

static void judge(const char *program, const char *scripts) {
    (void)snprintf(text, sizeof(text), "scenario \"peers\"\nprogram %s\n%s", program, scripts);
    judge_text(text, NULL);
}

static void assert_ok(void) {
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("%s: %s", judged.findings[0].oracle, judged.findings[0].text);
    }
}

static void assert_received(uint32_t peer, const char *bytes) {
    size_t len;
    const uint8_t *received = wbh_runner_received(judged_runner(), peer, &len);
    assert_int_equal(len, strlen(bytes));
    assert_memory_equal(received, bytes, len);
}

static void assert_verdict(enum wbh_verdict verdict, const char *part) {
    assert_string_equal(wbh_verdict_name(judged.verdict), wbh_verdict_name(verdict));
    if (strstr(judged.findings[0].text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, judged.findings[0].text);
    }
}

static int as_server(void **state) {
    (void)state;
    small_server_register();
    return 0;
}

static int as_client(void **state) {
    (void)state;
    clients_register();
    return 0;
}

/* ---- peers of a server ---- */

static void peer_that_comes_again_has_a_connection_for_each_time(void **state) {
    (void)state;
    judge("small_echo trigger=edge",
        "peer alice\n  connect\n  send \"one\"\n  expect \"one\"\n  close\n  connect\n"
        "  send \"two\"\n  expect \"two\"\n  reset\n  connect\n  send \"three\"\n  expect "
        "\"three\"\n");
    assert_ok();
    assert_received(0, "onetwothree");
}

static void peer_waits_for_steps_of_another(void **state) {
    (void)state;
    judge("small_broadcast trigger=edge",
        "peer alice\n  connect\n  after bob 1\n  sleep 1ms\n  send \"a\"\n  after bob\n  send "
        "\"c\"\n"
        "  expect \"abc\"\n"
        "peer bob\n  connect\n  expect \"a\"\n  send \"b\"\n  expect \"b\"\n  sleep 1ms\n");
    assert_ok();
    assert_received(0, "abc");
    assert_received(1, "abc");
}

static void peer_that_sends_more_than_fits_waits_for_room(void **state) {
    (void)state;
    judge("small_echo trigger=edge\nhost recv-buffer=4096 send-buffer=4096",
        "peer alice\n  buffers 4096\n  connect\n  send \"0123456789\" * 10000\n"
        "  expect \"0123456789\" * 10000\n  half-close\n  expect close\n");
    assert_ok();
}

static void peer_that_reads_slowly_gets_everything(void **state) {
    (void)state;
    judge("small_echo trigger=level",
        "peer alice\n  connect\n  read slowly 7 every 20us\n  send \"0123456789\" * 20\n"
        "  expect \"0123456789\" * 20\n");
    assert_ok();
    assert_true(judged.time_ns > 200 / 7 * 20000);
}

static void peer_that_stopped_reading_receives_nothing_until_it_goes_on(void **state) {
    (void)state;
    judge("small_echo", "peer alice\n  connect\n  read stop\n  send \"abc\"\n  sleep 1ms\n");
    assert_ok();
    assert_received(0, "");
    judge("small_echo", "peer alice\n  connect\n  read stop\n  send \"abc\"\n  sleep 1ms\n  read "
                        "on\n  expect \"abc\"\n");
    assert_ok();
}

static void peer_without_a_listener_to_meet_is_refused(void **state) {
    (void)state;
    judge("small_echo", "peer alice\n  connect\n  signal SIGTERM\n  expect close\n"
                        "peer bob\n  after alice\n  expect refused\n");
    /* The program ends before bob comes: nobody is left to answer him. */
    assert_int_equal(judged.stop, SIM_STOP_EXITED);
    assert_ok();
}

static void peer_that_expects_a_refusal_and_is_welcome_objects(void **state) {
    (void)state;
    judge("small_echo", "peer alice\n  expect refused\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "it stands");
}

static void peer_that_expects_a_reset_and_sees_an_end_objects(void **state) {
    (void)state;
    judge("small_echo", "peer alice\n  connect\n  half-close\n  expect reset\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "ended otherwise");
}

static void peer_that_expects_an_end_and_sees_bytes_objects(void **state) {
    (void)state;
    judge("small_echo", "peer alice\n  connect\n  send \"abc\"\n  half-close\n  expect close\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "3 bytes came: \"abc\"");
}

static void peer_that_signals_ends_the_program(void **state) {
    (void)state;
    judge("small_echo",
        "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n  signal SIGTERM\n  expect close\n");
    assert_ok();
    assert_int_equal(judged.exit_status, 0);
}

static void peer_delayed_by_a_fault_acts_later(void **state) {
    (void)state;
    judge("small_echo", "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n");
    uint64_t undelayed_ns = judged.time_ns;
    judge("small_echo",
        "fault alice.step 2 delay 5ms\npeer alice\n  connect\n  send \"a\"\n  expect \"a\"\n");
    assert_ok();
    assert_int_equal(judged.planned_unfired, 0);
    assert_true(judged.time_ns >= undelayed_ns + 5000000);
}

static void peer_of_a_later_connection_is_hit_by_its_own_fault(void **state) {
    (void)state;
    judge("small_echo trigger=edge",
        "fault alice#2.recv 1 short 1\npeer alice\n  connect\n  send \"one\"\n  expect \"one\"\n"
        "  close\n  connect\n  send \"two\"\n  expect \"two\"\n");
    assert_ok();
    assert_int_equal(judged.planned, 1);
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.planned_fired[0], 1);
}

/* ---- peers of a client ---- */

static void listening_peer_accepts_and_answers(void **state) {
    (void)state;
    judge("small_client",
        "peer server\n  listen 7001\n  accept\n  expect \"ping\"\n  send \"pong\"\n  close\n");
    assert_ok();
    assert_int_equal(judged.exit_status, 0);
    assert_received(0, "ping");
}

static void listening_peer_accepts_again(void **state) {
    (void)state;
    judge("small_client count=2",
        "peer server\n  listen 7001\n  accept\n  expect \"ping\"\n  send \"pong\"\n  close\n"
        "  accept\n  expect \"ping\"\n  send \"pong\"\n  close\n");
    assert_ok();
    assert_received(0, "pingping");
}

static void listening_peers_share_a_port_in_turn(void **state) {
    (void)state;
    static const char script[] =
        "  listen 7001\n  accept\n  expect \"ping\"\n  send \"pong\"\n  close\n";
    char scripts[512];
    (void)snprintf(scripts, sizeof(scripts), "peer one\n%speer two\n%s", script, script);
    judge("small_client count=2", scripts);
    assert_ok();
    assert_received(0, "ping");
    assert_received(1, "ping");
}

static void listening_peer_sees_the_end_that_the_program_leaves(void **state) {
    (void)state;
    /* The program has returned when its FIN arrives. */
    judge("small_client",
        "peer server\n  listen 7001\n  accept\n  expect \"ping\"\n  send \"pong\"\n  half-close\n"
        "  expect close\n");
    assert_ok();
}

static void listening_peer_left_alone_by_a_program_that_ended_objects(void **state) {
    (void)state;
    judge("small_client", "peer server\n  listen 7001\n  accept\n  expect \"ping\"\n  send "
                          "\"pong\"\n  close\n  accept\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "the program has ended");
}

static void peer_of_a_program_that_only_sleeps_is_refused(void **state) {
    (void)state;
    judge("small_sleeper", "peer alice\n  expect refused\n");
    assert_ok();
    judge("small_sleeper", "peer alice\n  connect\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "it was refused");
}

static int tear_down(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest servers[] = {
        cmocka_unit_test(peer_that_comes_again_has_a_connection_for_each_time),
        cmocka_unit_test(peer_waits_for_steps_of_another),
        cmocka_unit_test(peer_that_sends_more_than_fits_waits_for_room),
        cmocka_unit_test(peer_that_reads_slowly_gets_everything),
        cmocka_unit_test(peer_that_stopped_reading_receives_nothing_until_it_goes_on),
        cmocka_unit_test(peer_without_a_listener_to_meet_is_refused),
        cmocka_unit_test(peer_that_expects_a_refusal_and_is_welcome_objects),
        cmocka_unit_test(peer_that_expects_a_reset_and_sees_an_end_objects),
        cmocka_unit_test(peer_that_expects_an_end_and_sees_bytes_objects),
        cmocka_unit_test(peer_that_signals_ends_the_program),
        cmocka_unit_test(peer_delayed_by_a_fault_acts_later),
        cmocka_unit_test(peer_of_a_later_connection_is_hit_by_its_own_fault),
    };
    const struct CMUnitTest clients[] = {
        cmocka_unit_test(listening_peer_accepts_and_answers),
        cmocka_unit_test(listening_peer_accepts_again),
        cmocka_unit_test(listening_peers_share_a_port_in_turn),
        cmocka_unit_test(listening_peer_sees_the_end_that_the_program_leaves),
        cmocka_unit_test(listening_peer_left_alone_by_a_program_that_ended_objects),
        cmocka_unit_test(peer_of_a_program_that_only_sleeps_is_refused),
    };
    int failed = cmocka_run_group_tests(servers, as_server, tear_down);
    return failed + cmocka_run_group_tests(clients, as_client, tear_down);
}
