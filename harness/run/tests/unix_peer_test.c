/* Peers of Unix sockets: what they see of each type, and what the oracles say of servers with bugs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "unix_servers.h"

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
}

static void assert_verdict(enum wbh_verdict verdict, const char *part) {
    assert_string_equal(wbh_verdict_name(judged.verdict), wbh_verdict_name(verdict));
    if (strstr(judged.findings[0].text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, judged.findings[0].text);
    }
}

/* ---- streams ---- */

static void stream_ends_either_way(void **state) {
    (void)state;
    judge("ping_pong listen=unix:/run/echo",
        "peer alice\n  connect unix \"/run/echo\"\n  send \"a\\nb\"\n  expect \"a\\n\"\n"
        "  half-close\n  expect \"b\"\n  expect close\n"
        "peer bob\n  connect unix \"/run/echo\"\n  send \"0123456789\" * 30000\n  expect reset\n");
    assert_ok();
}

static void stream_that_ends_too_early_disappoints(void **state) {
    (void)state;
    judge("ping_pong listen=unix:/run/echo",
        "peer alice\n  connect unix \"/run/echo\"\n  send \"a\"\n  half-close\n  expect \"ab\"\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "the program ended the stream");
}

static void connect_that_is_refused_disappoints(void **state) {
    (void)state;
    judge("ping_pong listen=unix:/run/echo", "peer alice\n  connect unix \"@echo\"\n");
    assert_verdict(
        WBH_VERDICT_PROTOCOL, "connects to the Unix socket \"@echo\"; but it was refused");
    judge("ping_pong listen=unix:/run/echo", "peer alice\n  expect refused unix \"/run/echo\"\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "but it stands");
}

/* The path of a datagram socket refuses streams, one that nobody made is not there. */
static void names_are_of_a_type_and_a_host(void **state) {
    (void)state;
    judge("unix_datagram on near listen=/run/echo\nhost near address=10.0.0.1",
        "peer alice on near\n  expect refused unix \"/run/echo\"\n  bind datagram\n"
        "  connect datagram \"/run/echo\"\n  send \"x\"\n  expect \"x\"\n"
        "peer bob\n  expect refused unix \"/run/echo\"\n");
    assert_ok();
    judge("unix_datagram on near listen=/run/echo\nhost near address=10.0.0.1",
        "peer bob\n  connect datagram \"/run/echo\"\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "bob connects");
}

/* The program's own buffer is what a peer that does not read fills. */
static void peer_that_does_not_read_fills_the_programs_buffer(void **state) {
    (void)state;
    judge("ping_pong listen=unix:/run/echo\nhost send-buffer=4608",
        "peer alice\n  connect unix \"/run/echo\"\n  read stop\n  send \"0123456789\" * 3000\n"
        "  send \"\\n\"\n  sleep 1ms\n  read slowly 1000 every 1ms\n"
        "  expect \"0123456789\" * 3000\n  expect \"\\n\"\n");
    assert_ok();
    /* Alone it would be one write. */
    assert_true(judged.calls > 40);
}

/* ---- messages ---- */

static void seqpackets_keep_their_borders_and_end(void **state) {
    (void)state;
    judge("small_unix type=seqpacket",
        "peer alice\n  connect seqpacket \"@small\"\n  send \"one\"\n  send \"two\" * 20000\n"
        "  expect \"one\"\n  expect \"two\" * 20000\n  expect silence 1ms\n  half-close\n"
        "  expect close\n"
        "peer bob\n  connect seqpacket \"@small\"\n  send \"bob\"\n  expect bytes 3\n");
    assert_ok();
    judge("small_unix type=seqpacket", "peer alice\n  connect seqpacket \"@small\"\n"
                                       "  send \"one\"\n  half-close\n  expect \"one\"\n"
                                       "  expect \"two\"\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "expects a message of 3 bytes: \"two\"; but the program");
    judge("small_unix type=seqpacket", "peer alice\n  connect seqpacket \"@small\"\n"
                                       "  send \"one\"\n  half-close\n  expect close\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "3 bytes came");
}

static void datagrams_go_to_whom_they_are_for(void **state) {
    (void)state;
    judge("small_unix",
        "peer alice\n  bind datagram \"@alice\"\n  connect datagram \"@small\"\n  send \"one\"\n"
        "  send \"\"\n  expect \"one\"\n  expect \"\"\n  expect silence 1ms\n"
        "peer bob\n  connect datagram \"@small\"\n  send \"nameless\"\n  expect silence 1ms\n");
    assert_ok();
}

/* A name may be had once; who has none of its own is heard all the same. */
static void datagram_name_that_is_taken_leaves_its_peer_mute(void **state) {
    (void)state;
    judge("small_unix",
        "peer alice\n  bind datagram \"@a\"\n  connect datagram \"@small\"\n  send \"a\"\n"
        "  expect \"a\"\n"
        "peer bob\n  bind datagram \"@a\"\n  connect datagram \"@small\"\n  send \"b\"\n"
        "  expect silence 1ms\n");
    assert_ok();
}

static void datagram_to_a_program_that_is_gone_is_refused(void **state) {
    (void)state;
    judge("small_unix", "peer alice\n  bind datagram\n  connect datagram \"@small\"\n"
                        "  send \"a\"\n  expect \"a\"\n  signal SIGTERM\n  sleep 1ms\n"
                        "  send \"b\"\n  expect refused\n");
    assert_ok();
}

/* The server tries to answer a peer that does not read and reads nobody meanwhile: eleven datagrams
 * lie in its queue, and the next waits until there is room. */
static void datagrams_wait_for_room_at_the_program(void **state) {
    (void)state;
    char scripts[1024] = "peer alice\n  bind datagram\n  send to \"@wouldblock\"\n  read stop\n";
    for (int i = 0; i < 12; i++) {
        strcat(scripts, "  send \"a\"\n");
    }
    strcat(scripts, "  sleep 5ms\npeer bob\n  after alice 16\n  bind datagram\n"
                    "  send to \"@wouldblock\"\n");
    for (int i = 0; i < 12; i++) {
        strcat(scripts, "  send \"b\"\n");
    }
    for (int i = 0; i < 12; i++) {
        strcat(scripts, "  expect \"b\"\n");
    }
    judge("unix_datagram", scripts);
    assert_ok();
    assert_true(judged.time_ns > UINT64_C(100000000)); /* so long it was busy with the deaf one */
}

/* Whoever is connected hears nobody else: the server is refused, and that is an error of this
 * answer. */
static void connected_datagram_socket_hears_its_peer_only(void **state) {
    (void)state;
    judge("small_unix as one\nprogram unix_datagram as two",
        "peer alice\n  bind datagram \"@a\"\n  connect datagram \"@small\"\n"
        "  send to \"@wouldblock\"\n  send \"x\"\n  expect silence 1ms\n"
        "  connect datagram \"@wouldblock\"\n  send \"y\"\n  expect \"y\"\n");
    assert_ok();
}

/* The answer goes to the name, which is another's by then. */
static void name_that_passes_to_another_brings_its_answers(void **state) {
    (void)state;
    judge("small_unix",
        "peer alice\n  bind datagram \"@n\"\n  send to \"@small\"\n  send \"a\"\n  close\n"
        "peer bob\n  after alice\n  bind datagram \"@n\"\n  expect \"a\"\n"
        "fault alice.recv 1 would-block\n");
    assert_ok();
    judge("small_unix style=doubles",
        "peer alice\n  bind datagram \"@n\"\n  send to \"@small\"\n  send \"a\"\n  close\n"
        "peer bob\n  after alice\n  bind datagram \"@n\"\n  expect \"a\"\n"
        "fault alice.recv 1 would-block\n");
    assert_verdict(WBH_VERDICT_DIVERGENCE, "has answered before");
}

/* ---- faults ---- */

static void faults_are_named_by_the_peer(void **state) {
    (void)state;
    judge("ping_pong listen=unix:@e",
        "peer alice\n  connect unix \"@e\"\n  send \"abc\\n\"\n  expect \"abc\\n\"\n  close\n"
        "  connect unix \"@e\"\n  send \"def\\n\"\n  expect \"def\\n\"\n"
        "fault alice.recv 1 short 1\nfault alice.send 1 would-block\n"
        "fault alice#2.recv 1 would-block\nfault alice#2.send 1 short 2\n"
        "fault accept 1 would-block\nfault alice#2.step 1 delay 1ms\n");
    assert_ok();
    judge("small_unix type=seqpacket",
        "peer alice\n  connect seqpacket \"@small\"\n  send \"abc\"\n  expect \"abc\"\n"
        "fault alice.recv 1 would-block\n");
    assert_ok();
    judge("small_unix", "peer alice\n  bind datagram\n  connect datagram \"@small\"\n"
                        "  send \"abc\"\n  expect \"abc\"\n"
                        "peer bob\n  bind datagram\n  connect datagram \"@small\"\n"
                        "  send \"abc\"\n  expect \"abc\"\n"
                        "fault alice.recv 1 would-block\nfault bob.recv 2 would-block\n");
    assert_int_equal(judged.planned_unfired, 1); /* bob's second moment */
    judge("unix_datagram", "peer alice\n  bind datagram\n  connect datagram \"@wouldblock\"\n"
                           "  send \"abc\"\n  expect \"abc\"\n"
                           "fault alice.send 1 error ENOBUFS\n");
    assert_int_equal(judged.verdict, WBH_VERDICT_OK); /* it owes her nothing more */
    assert_int_equal(judged.planned_unfired, 0);
}

/* ---- bugs ---- */

#define TWO_AT_ONCE                                                                                \
    "peer alice\n  bind datagram\n  connect datagram \"@small\"\n  send \"a\"\n  send \"b\"\n"
#define BLOCKED "fault alice.recv 1 would-block\nfault alice.recv 2 would-block\n"

static void server_that_reads_one_of_several_hangs(void **state) {
    (void)state;
    judge("small_unix style=one-read", TWO_AT_ONCE "  expect \"a\"\n  expect \"b\"\n" BLOCKED);
    assert_verdict(WBH_VERDICT_HANG, "expects a datagram of 1 bytes: \"b\"");
    assert_non_null(strstr(judged.findings[0].why, "1 datagram lies unread at descriptor"));
    judge("small_unix style=one-read trigger=level",
        TWO_AT_ONCE "  expect \"a\"\n  expect \"b\"\n" BLOCKED);
    assert_ok();
    judge("small_unix style=one-read", TWO_AT_ONCE "  expect \"a\"\n" BLOCKED);
    assert_verdict(WBH_VERDICT_HANG, "although 1 datagram, the first from alice, waits to be read");
}

static void later_messages_do_not_hide_an_edge_that_was_not_drained(void **state) {
    (void)state;
    judge("small_unix style=one-read",
        TWO_AT_ONCE "  expect \"a\"\n  send \"c\"\n  expect \"b\"\n  signal SIGTERM\n" BLOCKED);
    assert_verdict(WBH_VERDICT_MISUSE, "1 datagram, the first from alice, would never have been");
    assert_string_equal(judged.findings[0].oracle, "edge-drain");
    judge("small_unix style=one-read type=seqpacket",
        "peer alice\n  connect seqpacket \"@small\"\n  send \"a\"\n  send \"b\"\n  expect \"a\"\n"
        "  send \"c\"\n  expect \"b\"\n  signal SIGTERM\n" BLOCKED);
    assert_verdict(WBH_VERDICT_MISUSE, "alice");
    assert_string_equal(judged.findings[0].oracle, "edge-drain");
}

static void server_that_answers_twice_makes_messages_up(void **state) {
    (void)state;
    judge("small_unix style=doubles", TWO_AT_ONCE "  expect \"a\"\n");
    assert_verdict(WBH_VERDICT_DIVERGENCE, "has answered before");
    judge("small_unix style=doubles type=seqpacket",
        "peer alice\n  connect seqpacket \"@small\"\n  send \"a\"\n  expect \"a\"\n");
    assert_verdict(WBH_VERDICT_DIVERGENCE, "sends more than it read");
}

static void server_that_does_not_answer_keeps_its_peer_waiting(void **state) {
    (void)state;
    judge("small_unix style=mute", TWO_AT_ONCE "  expect \"a\"\n");
    assert_verdict(WBH_VERDICT_HANG, "expects a datagram of 1 bytes");
    assert_non_null(strstr(judged.findings[0].why, "read and not answered"));
}

static void answer_that_depends_on_timing_differs_from_the_run_without_faults(void **state) {
    (void)state;
    static const char *const opened[] = {
        "connect seqpacket \"@small\"", "bind datagram\n  connect datagram \"@small\""};
    for (size_t i = 0; i < 2; i++) {
        char scripts[256];
        (void)snprintf(scripts, sizeof(scripts),
            "peer alice\n  %s\n  send \"a\"\n  expect bytes 1\n  send \"b\"\n  expect bytes 1\n"
            "fault alice.recv 1 would-block\n",
            opened[i]);
        judge(i == 0 ? "small_counter type=seqpacket" : "small_counter", scripts);
        assert_verdict(WBH_VERDICT_DIVERGENCE, "alice");
        assert_string_equal(judged.findings[0].oracle, "divergence");
    }
}

/* ---- what cannot be run ---- */

static void assert_refused(const char *scripts, const char *part) {
    char error[256] = "";
    struct wbh_parse_error where;
    (void)snprintf(text, sizeof(text),
        "scenario \"x\"\nprogram ping_pong listen=unix:@e\npeer alice\n%s", scripts);
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    assert_non_null(scenario);
    assert_int_equal(wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), -1);
    if (strstr(error, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, error);
    }
    wbh_scenario_destroy(scenario);
}

static void script_that_asks_for_what_unix_sockets_lack_is_refused(void **state) {
    (void)state;
    assert_refused("  connect\n", "ping_pong listens on a Unix socket");
    assert_refused("  connect unix \"@e\"\n  reset\n", "to close it with bytes unread");
    assert_refused("  connect unix \"@e\"\n  send \"\"\n", "only a datagram may be empty");
    assert_refused("  connect seqpacket \"@e\"\n  send \"\"\n", "only a datagram may be empty");
    assert_refused("  connect seqpacket \"@e\"\n  read slowly 1 every 1ms\n", "\"read slowly\"");
    assert_refused("  bind datagram\n  half-close\n", "has a Unix socket here, which knows no");
    assert_refused("  bind datagram\n  send \"a\"\n", "has nobody to send to");
    assert_refused("  connect datagram \"@e\"\n  send \"0123456789\" * 21297\n", "at most 212960");
    assert_refused("  expect refused unix \"@e\"\n  send \"a\"\n", "no connection here to send on");
    assert_refused("  connect datagram \"@e\"\n  connect datagram \"@f\"\n"
                   "fault alice#2.recv 1 would-block\n",
        "has only 1 connection");
}

static int register_servers(void **state) {
    (void)state;
    unix_servers_register();
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_ends_either_way),
        cmocka_unit_test(stream_that_ends_too_early_disappoints),
        cmocka_unit_test(connect_that_is_refused_disappoints),
        cmocka_unit_test(names_are_of_a_type_and_a_host),
        cmocka_unit_test(peer_that_does_not_read_fills_the_programs_buffer),
        cmocka_unit_test(seqpackets_keep_their_borders_and_end),
        cmocka_unit_test(datagrams_go_to_whom_they_are_for),
        cmocka_unit_test(datagram_name_that_is_taken_leaves_its_peer_mute),
        cmocka_unit_test(datagram_to_a_program_that_is_gone_is_refused),
        cmocka_unit_test(datagrams_wait_for_room_at_the_program),
        cmocka_unit_test(connected_datagram_socket_hears_its_peer_only),
        cmocka_unit_test(name_that_passes_to_another_brings_its_answers),
        cmocka_unit_test(faults_are_named_by_the_peer),
        cmocka_unit_test(server_that_reads_one_of_several_hangs),
        cmocka_unit_test(later_messages_do_not_hide_an_edge_that_was_not_drained),
        cmocka_unit_test(server_that_answers_twice_makes_messages_up),
        cmocka_unit_test(server_that_does_not_answer_keeps_its_peer_waiting),
        cmocka_unit_test(answer_that_depends_on_timing_differs_from_the_run_without_faults),
        cmocka_unit_test(script_that_asks_for_what_unix_sockets_lack_is_refused),
    };
    return cmocka_run_group_tests(tests, register_servers, clean_up);
}
