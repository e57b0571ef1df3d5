/* Peers that listen on Unix sockets, for programs that are clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "unix_clients.h"

static char text[4096];

static void judge(const char *program, const char *scripts) {
    (void)snprintf(text, sizeof(text), "scenario \"unix\"\nprogram %s\n%s", program, scripts);
    judge_text(text, NULL);
}

static void assert_ok(void) {
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("%s: %s", judged.findings[0].oracle, judged.findings[0].text);
    }
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.stop, SIM_STOP_EXITED);
    assert_int_equal(judged.exit_status, 0);
}

static void assert_verdict(enum wbh_verdict verdict, const char *part) {
    assert_string_equal(wbh_verdict_name(judged.verdict), wbh_verdict_name(verdict));
    if (strstr(judged.findings[0].text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, judged.findings[0].text);
    }
}

static void stream_client_is_served_at_a_path_and_a_name(void **state) {
    (void)state;
    judge("small_caller",
        "peer alice\n  listen unix \"/run/there\"\n  accept\n"
        "  expect \"one\\ntwo\\n\"\n  send \"ok\"\n  half-close\n  expect close\n");
    assert_ok();
    judge("small_caller name=there",
        "peer alice\n  listen unix \"@there\"\n  accept\n"
        "  expect \"one\\ntwo\\n\"\n  send \"o\"\n  send \"k\"\n  close\n"
        "fault alice.recv 1 short 1\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "status 1"); /* it takes what comes for the whole */
}

static void seqpacket_client_is_heard_message_by_message(void **state) {
    (void)state;
    judge("small_caller type=seqpacket",
        "peer alice\n  listen seqpacket \"/run/there\"\n  accept\n  expect \"one\\n\"\n"
        "  expect \"two\\n\"\n  send \"ok\"\n  close\n");
    assert_ok();
    judge("small_caller type=seqpacket",
        "peer alice\n  listen seqpacket \"/run/there\"\n  accept\n  expect \"one\\ntwo\\n\"\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "a message of 4 bytes came: \"one\\n\"");
}

/* A name is of one type, and of one host. */
static void client_of_another_type_or_host_finds_nobody(void **state) {
    (void)state;
    static const char *const listeners[] = {"peer alice\n  listen seqpacket \"/run/there\"\n",
        "host far address=10.0.0.1\npeer alice on far\n  listen unix \"/run/there\"\n"};
    for (size_t i = 0; i < 2; i++) {
        judge("small_caller may-fail", listeners[i]);
        assert_int_equal(judged.verdict, WBH_VERDICT_OK);
        assert_int_equal(judged.exit_status, 3);
    }
}

static void connections_go_round_among_those_who_share_a_name(void **state) {
    (void)state;
    static const char answers[] = "  expect \"one\\ntwo\\n\"\n  send \"ok\"\n  close\n";
    char scripts[1024];
    (void)snprintf(scripts, sizeof(scripts),
        "peer alice\n  listen unix \"/run/there\"\n  accept\n%s  accept\n%s"
        "peer bob\n  listen unix \"/run/there\"\n  accept\n%s"
        "fault alice#2.recv 1 would-block\nfault bob.connect 1 error ECONNREFUSED\n",
        answers, answers, answers);
    judge("small_caller count=3 may-fail", scripts);
    assert_int_equal(judged.planned_unfired, 1); /* it gives up at Bob's refusal */
    assert_int_equal(judged.exit_status, 3);
    scripts[strlen(scripts) - strlen("fault bob.connect 1 error ECONNREFUSED\n")] = '\0';
    judge("small_caller count=3", scripts);
    assert_ok();
}

/* Peers hear programs only. */
static void peer_that_connects_to_a_peer_is_refused(void **state) {
    (void)state;
    judge("small_caller", "peer alice\n  listen unix \"/run/there\"\n  accept\n  send \"ok\"\n"
                          "  expect bytes 8\n  close\n"
                          "peer bob\n  expect refused unix \"/run/there\"\n");
    assert_ok();
}

static void client_that_is_answered_wrongly_says_so(void **state) {
    (void)state;
    judge("small_caller", "peer alice\n  listen unix \"/run/there\"\n  accept\n  send \"no\"\n"
                          "  expect bytes 8\n  close\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "status 1");
}

/* Nobody takes the name from the program that has it. */
static void peer_that_finds_its_name_taken_waits_in_vain(void **state) {
    (void)state;
    judge("ping_pong listen=unix:/run/echo",
        "peer alice\n  sleep 1ms\n  listen unix \"/run/echo\"\n  accept\n");
    assert_verdict(WBH_VERDICT_HANG, "waits for the program to connect");
}

/* Whoever connects and is connected to has two connections of two names. */
static void connections_of_either_side_have_names_of_their_own(void **state) {
    (void)state;
    judge("tcp_proxy to=127.0.0.1:9001",
        "peer alice\n  listen 9001\n  connect\n  send \"abc\"\n  half-close\n  sleep 1ms\n  "
        "accept\n"
        "  expect \"abc\"\n  expect close\n"
        "fault alice.recv 1 short 1\nfault alice#2.send 2 short 1\n");
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
}

static void script_that_asks_an_accepted_socket_for_more_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *steps;
        const char *part;
    } cases[] = {
        {"  listen unix \"@e\"\n  accept\n  reset\n", "to close it with bytes unread"},
        {"  listen seqpacket \"@e\"\n  accept\n  send \"\"\n", "only a datagram may be empty"},
        {"  listen seqpacket \"@e\"\n  accept\n  read slowly 1 every 1ms\n", "\"read slowly\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char error[256] = "";
        struct wbh_parse_error where;
        (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram small_caller\npeer alice\n%s",
            cases[i].steps);
        struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
        assert_non_null(scenario);
        assert_int_equal(
            wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), -1);
        if (strstr(error, cases[i].part) == NULL) {
            fail_msg("\"%s\" is not in: %s", cases[i].part, error);
        }
        wbh_scenario_destroy(scenario);
    }
}

static int register_clients(void **state) {
    (void)state;
    unix_clients_register();
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_client_is_served_at_a_path_and_a_name),
        cmocka_unit_test(seqpacket_client_is_heard_message_by_message),
        cmocka_unit_test(client_of_another_type_or_host_finds_nobody),
        cmocka_unit_test(connections_go_round_among_those_who_share_a_name),
        cmocka_unit_test(peer_that_connects_to_a_peer_is_refused),
        cmocka_unit_test(client_that_is_answered_wrongly_says_so),
        cmocka_unit_test(peer_that_finds_its_name_taken_waits_in_vain),
        cmocka_unit_test(connections_of_either_side_have_names_of_their_own),
        cmocka_unit_test(script_that_asks_an_accepted_socket_for_more_is_refused),
    };
    return cmocka_run_group_tests(tests, register_clients, clean_up);
}
