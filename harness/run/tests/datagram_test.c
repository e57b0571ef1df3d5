/* Peers that speak UDP, and the oracles over datagrams: what they say of a correct server under
 * every fault, and of one with a bug. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "datagrams.h"
#include "judged.h"

static char text[4096];

static void judge(const char *program, const char *scripts) {
    (void)snprintf(text, sizeof(text), "scenario \"datagrams\"\nprogram %s\n%s", program, scripts);
    judge_text(text, NULL);
}

static void assert_ok(void) {
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("%s: %s", judged.findings[0].oracle, judged.findings[0].text);
    }
}

static void assert_verdict(enum wbh_verdict verdict, const char *part) {
    assert_string_equal(wbh_verdict_name(judged.verdict), wbh_verdict_name(verdict));
    if (strstr(judged.findings[0].text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, judged.findings[0].text);
    }
}

static void assert_received(uint32_t peer, const char *bytes) {
    size_t len;
    const uint8_t *received = wbh_runner_received(judged_runner(), peer, &len);
    assert_int_equal(len, strlen(bytes));
    assert_memory_equal(received, bytes, len);
}

/* ---- peers ---- */

static void peer_sends_and_expects_datagrams(void **state) {
    (void)state;
    judge("small_datagrams",
        "peer alice\n  bind udp\n  send \"one\"\n  send \"two\"\n  expect \"one\"\n"
        "  expect \"two\"\n  send \"\"\n  expect \"\"\n  send \"0123456789\" * 6000\n"
        "  expect \"0123456789\" * 6000\n  send \"abc\"\n  expect bytes 3\n  expect silence 1ms\n"
        "peer bob\n  bind udp\n  send \"bob\"\n  expect \"bob\"\n");
    assert_ok();
    assert_received(1, "bob");
}

static void peer_expects_borders_not_bytes(void **state) {
    (void)state;
    judge("small_datagrams",
        "peer alice\n  bind udp\n  send \"one\"\n  send \"two\"\n  expect \"onetwo\"\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "a datagram of 3 bytes came: \"one\"");
    judge("small_datagrams", "peer alice\n  bind udp\n  send \"one\"\n  expect bytes 2\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "a datagram of 3 bytes came: \"one\"");
    judge("small_datagrams", "peer alice\n  bind udp\n  send \"one\"\n  expect \"\"\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "a datagram of 3 bytes came: \"one\"");
}

static void peer_that_is_silenced_by_an_empty_datagram_objects(void **state) {
    (void)state;
    judge("small_datagrams", "peer alice\n  bind udp\n  send \"\"\n  expect silence 1ms\n");
    assert_verdict(WBH_VERDICT_PROTOCOL, "a datagram of 0 bytes came");
}

static void peer_binds_again_with_another_socket(void **state) {
    (void)state;
    judge("small_datagrams", "peer alice\n  bind udp\n  send \"a\"\n  expect \"a\"\n  close\n"
                             "  bind udp\n  send \"b\"\n  expect \"b\"\n");
    assert_ok();
    assert_received(0, "ab");
}

static void peer_is_refused_when_the_program_has_gone(void **state) {
    (void)state;
    judge("small_datagrams",
        "peer alice\n  bind udp\n  send \"a\"\n  expect \"a\"\n  signal SIGTERM\n  sleep 1ms\n"
        "  send \"b\"\n  expect refused\n");
    assert_ok();
    judge("small_datagrams", "peer alice\n  bind udp\n  send \"a\"\n  expect refused\n");
    assert_verdict(WBH_VERDICT_HANG, "expects what it sent to be refused");
}

static void peer_with_a_port_answers_a_program_that_asks(void **state) {
    (void)state;
    judge("small_questioner", "peer alice\n  bind udp 7004\n  expect \"ping\"\n  send \"pong\"\n");
    assert_ok();
    assert_int_equal(judged.exit_status, 0);
    judge("small_questioner", "peer alice\n  bind udp 7005\n  sleep 1ms\n");
    assert_int_equal(judged.exit_status, 1);
}

static void short_buffer_cuts_the_reply(void **state) {
    (void)state;
    judge("small_datagrams style=short",
        "peer alice\n  bind udp\n  send \"0123456789\"\n  send \"ab\"\n  expect \"0123\"\n"
        "  expect \"ab\"\n");
    assert_ok();
}

/* ---- faults ---- */

static const char one_after_the_other[] =
    "peer alice\n  bind udp\n  send \"one\"\n  expect \"one\"\n  send \"two\"\n  expect \"two\"\n"
    "  send \"\"\n  expect \"\"\n"
    "peer bob\n  bind udp\n  send \"1\"\n  expect \"1\"\n  send \"22\"\n  expect \"22\"\n";

static void correct_server_stands_every_transparent_fault(void **state) {
    (void)state;
    static const char *const triggers[] = {"edge", "level"};
    for (unsigned seed = 1; seed <= 300; seed++) {
        char head[256];
        (void)snprintf(head, sizeof(head), "small_datagrams trigger=%s\nfaults hostile seed=%u\n",
            triggers[seed % 2], seed);
        char *end = text;
        end += snprintf(
            text, sizeof(text), "scenario \"datagrams\"\nprogram %s%s", head, one_after_the_other);
        assert_true(end < text + sizeof(text));
        judge_text(text, NULL);
        assert_ok();
    }
}

static void failing_faults_accuse_nobody_wrongly(void **state) {
    (void)state;
    uint64_t dropped = 0;
    for (unsigned seed = 1; seed <= 300; seed++) {
        char head[256];
        (void)snprintf(
            head, sizeof(head), "small_datagrams trigger=edge\nfaults failing seed=%u\n", seed);
        judge(head, one_after_the_other);
        assert_ok();
        dropped += judged.faults.injected[WBH_POINT_INBOUND][WBH_ACTION_DROP];
    }
    assert_true(dropped != 0);
}

static void explicit_loss_is_seen_by_the_peer_alone(void **state) {
    (void)state;
    judge("small_datagrams",
        "peer alice\n  bind udp\n  send \"lost\"\n  expect silence 1ms\n  send \"again\"\n"
        "  expect \"again\"\nfault alice.inbound 1 drop\n");
    assert_ok();
    assert_received(0, "again");
    judge("small_datagrams", "peer alice\n  bind udp\n  send \"twice\"\n  expect \"twice\"\n"
                             "  expect \"twice\"\nfault alice.inbound 1 duplicate\n");
    assert_ok();
    assert_received(0, "twicetwice");
    judge("small_datagrams",
        "peer alice\n  bind udp\n  send \"slow\"\n  send \"fast\"\n  expect \"fast\"\n"
        "  expect \"slow\"\nfault alice.outbound 1 reorder 2ms\n");
    assert_ok();
    assert_received(0, "fastslow");
}

/* Keys name what happened, so that a run can be written out and taken again. */
static void run_written_out_as_a_plan_takes_the_same_course(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 50; seed++) {
        char error[256];
        (void)snprintf(text, sizeof(text),
            "scenario \"x\"\nprogram small_datagrams\nfaults failing seed=%u\n%s", seed,
            one_after_the_other);
        struct wbh_parse_error where;
        struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
        assert_non_null(scenario);
        struct wbh_run_options options = {.flags = WBH_RUN_RECORD};
        struct wbh_runner *runner = judged_runner();
        assert_int_equal(wbh_run(runner, scenario, &options, &judged, error, sizeof(error)), 0);
        uint64_t calls = judged.calls;
        uint64_t time_ns = judged.time_ns;
        const struct wbh_trace *trace = wbh_runner_trace(runner);
        assert_int_equal(
            wbh_scenario_set_plan(scenario, trace->decisions, trace->decision_count), 0);
        assert_int_equal(wbh_run(runner, scenario, NULL, &judged, error, sizeof(error)), 0);
        assert_int_equal(judged.planned_unfired, 0);
        assert_int_equal(judged.calls, calls);
        assert_int_equal(judged.time_ns, time_ns);
        wbh_scenario_destroy(scenario);
    }
}

/* ---- links, hosts, several programs ---- */

static void datagrams_lost_on_a_link_accuse_nobody(void **state) {
    (void)state;
    judge("small_datagrams\nlink alice loss=90%",
        "peer alice\n  bind udp\n  send \"a\"\n  send \"b\"\n  expect \"a\"\n"
        "peer bob\n  bind udp\n  send \"c\"\n  expect \"c\"\n");
    assert_ok();
    assert_received(0, "");
    assert_received(1, "c");
}

/* The order depends on moments that a delay moves, so that it is compared with nothing. */
static void datagrams_that_overtake_on_a_link_diverge_from_nothing(void **state) {
    (void)state;
    bool any_overtakes = false;
    for (unsigned seed = 1; seed <= 50; seed++) {
        char head[256];
        (void)snprintf(head, sizeof(head),
            "small_datagrams\nlink alice jitter=20ms\nfaults gentle seed=%u\n", seed);
        judge(head, "peer alice\n  bind udp\n  send \"a\"\n  send \"b\"\n  send \"c\"\n"
                    "  expect bytes 1\n  expect bytes 1\n  expect bytes 1\n");
        assert_ok();
        size_t len;
        any_overtakes |= memcmp(wbh_runner_received(judged_runner(), 0, &len), "abc", 3) != 0;
    }
    assert_true(any_overtakes);
}

static void peer_speaks_to_the_program_that_it_names(void **state) {
    (void)state;
    judge("small_datagrams\nprogram udp_echo as other",
        "peer alice\n  bind udp other\n  send \"a\"\n  expect \"a\"\n  bind udp\n"
        "  send \"b\"\n  expect \"b\"\n");
    assert_ok();
    judge("small_datagrams style=mute\nprogram udp_echo as other",
        "peer alice\n  bind udp other\n  send \"a\"\n  expect \"a\"\n  bind udp\n"
        "  send \"b\"\n  expect \"b\"\n");
    assert_verdict(WBH_VERDICT_HANG, "small_datagrams: alice expects a datagram");
}

static void peer_finds_a_program_by_an_address_of_ipv6(void **state) {
    (void)state;
    judge("udp_echo on far listen=[::]:7007\nhost far address=fd00::1\n"
          "host near address=fd00::2",
        "peer alice on near\n  bind udp\n  send \"a\"\n  expect \"a\"\n"
        "peer bob on far\n  bind udp\n  send \"b\"\n  expect \"b\"\n"
        "peer carol\n  bind udp\n  send \"c\"\n  expect \"c\"\n");
    assert_ok();
    assert_received(0, "a");
}

/* The fault comes while nobody is there, and is remembered when the program is back. */
static void fault_while_the_program_is_down_excuses_its_peer(void **state) {
    (void)state;
    static const char script[] =
        "at 1ms crash small_datagrams\nat 1s restart small_datagrams\n"
        "peer alice\n  sleep 10ms\n  bind udp\n  send \"a\"\n  expect refused\n";
    judge("small_datagrams", script);
    assert_ok();
    char text_with_fault[512];
    (void)snprintf(
        text_with_fault, sizeof(text_with_fault), "%sfault alice.inbound 1 drop\n", script);
    judge("small_datagrams", text_with_fault);
    assert_ok();
    assert_int_equal(judged.planned_unfired, 0);
}

/* ---- what cannot be run ---- */

static void assert_refused(const char *scripts, const char *part) {
    char error[256] = "";
    struct wbh_parse_error where;
    (void)snprintf(
        text, sizeof(text), "scenario \"x\"\nprogram small_datagrams\npeer alice\n%s", scripts);
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    assert_non_null(scenario);
    assert_int_equal(wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), -1);
    if (strstr(error, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, error);
    }
    wbh_scenario_destroy(scenario);
}

static void script_that_mixes_up_transports_is_refused(void **state) {
    (void)state;
    assert_refused("  bind udp\n  half-close\n", "knows no \"half-close\"");
    assert_refused("  bind udp\n  expect close\n", "knows no \"expect close\"");
    assert_refused("  bind udp\n  read stop\n", "knows no \"read stop\"");
    assert_refused("  bind udp\n  send \"0123456789\" * 6551\n", "at most 65507 bytes");
    assert_refused("  connect\n  send \"\"\n", "only a datagram may be empty");
    assert_refused("  bind udp\n  close\n  send \"a\"\n", "no connection here to send on");
    assert_refused("  bind udp\nfault alice#2.inbound 1 drop\n", "has only 1 connection");
}

/* Whether three fit depends on the moment: here they come together. */
static void datagrams_lost_in_a_full_queue_accuse_nobody(void **state) {
    (void)state;
    judge("small_datagrams\nhost recv-buffer=4096\n",
        "peer alice\n  bind udp\n  send \"0123456789\" * 300\n  send \"abcdefghij\" * 300\n"
        "  expect bytes 3000\n  expect bytes 3000\nfault alice.inbound 1 delay 1ms\n");
    assert_ok();
    size_t len;
    (void)wbh_runner_received(judged_runner(), 0, &len);
    assert_int_equal(len, 3000);
}

/* ---- bugs ---- */

static void server_that_reads_one_of_several_hangs(void **state) {
    (void)state;
    judge("small_datagrams style=one-read", "peer alice\n  bind udp\n  send \"a\"\n  send \"b\"\n"
                                            "  expect \"a\"\n  expect \"b\"\n"
                                            "fault alice.inbound 1 delay 1ms\n");
    assert_verdict(WBH_VERDICT_HANG, "expects a datagram of 1 bytes: \"b\"");
    assert_non_null(strstr(judged.findings[0].why, "1 datagram lies unread at descriptor"));
    judge("small_datagrams style=one-read trigger=level",
        "peer alice\n  bind udp\n  send \"a\"\n  send \"b\"\n  expect \"a\"\n  expect \"b\"\n"
        "fault alice.inbound 1 delay 1ms\n");
    assert_ok();
}

/* Nobody waits for the second one's answer. */
static void unread_datagrams_are_an_obligation_of_their_own(void **state) {
    (void)state;
    judge("small_datagrams style=one-read",
        "peer alice\n  bind udp\n  send \"a\"\n  send \"b\"\n  expect \"a\"\n"
        "fault alice.inbound 1 delay 1ms\n");
    assert_verdict(WBH_VERDICT_HANG, "although 1 datagram, the first from alice, waits to be read");
}

static void later_input_does_not_hide_an_edge_that_was_not_drained(void **state) {
    (void)state;
    judge("small_datagrams style=one-read",
        "peer alice\n  bind udp\n  send \"a\"\n  send \"b\"\n  expect \"a\"\n  send \"c\"\n"
        "  expect \"b\"\n  signal SIGTERM\nfault alice.inbound 1 delay 1ms\n");
    assert_verdict(WBH_VERDICT_MISUSE, "1 datagram, the first from alice, would never have been");
    assert_string_equal(judged.findings[0].oracle, "edge-drain");
}

static void server_that_answers_twice_makes_datagrams_up(void **state) {
    (void)state;
    judge(
        "small_datagrams style=doubles", "peer alice\n  bind udp\n  send \"a\"\n  expect \"a\"\n");
    assert_verdict(WBH_VERDICT_DIVERGENCE, "has answered before");
}

static void server_that_does_not_answer_keeps_its_peer_waiting(void **state) {
    (void)state;
    judge("small_datagrams style=mute", "peer alice\n  bind udp\n  send \"a\"\n  expect \"a\"\n");
    assert_verdict(WBH_VERDICT_HANG, "expects a datagram of 1 bytes");
    assert_non_null(strstr(judged.findings[0].why, "read and not answered"));
}

static int as_datagrams(void **state) {
    (void)state;
    datagrams_register();
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peer_sends_and_expects_datagrams),
        cmocka_unit_test(peer_expects_borders_not_bytes),
        cmocka_unit_test(peer_that_is_silenced_by_an_empty_datagram_objects),
        cmocka_unit_test(peer_binds_again_with_another_socket),
        cmocka_unit_test(peer_is_refused_when_the_program_has_gone),
        cmocka_unit_test(peer_with_a_port_answers_a_program_that_asks),
        cmocka_unit_test(short_buffer_cuts_the_reply),
        cmocka_unit_test(correct_server_stands_every_transparent_fault),
        cmocka_unit_test(failing_faults_accuse_nobody_wrongly),
        cmocka_unit_test(explicit_loss_is_seen_by_the_peer_alone),
        cmocka_unit_test(datagrams_lost_in_a_full_queue_accuse_nobody),
        cmocka_unit_test(datagrams_lost_on_a_link_accuse_nobody),
        cmocka_unit_test(datagrams_that_overtake_on_a_link_diverge_from_nothing),
        cmocka_unit_test(peer_speaks_to_the_program_that_it_names),
        cmocka_unit_test(peer_finds_a_program_by_an_address_of_ipv6),
        cmocka_unit_test(fault_while_the_program_is_down_excuses_its_peer),
        cmocka_unit_test(run_written_out_as_a_plan_takes_the_same_course),
        cmocka_unit_test(script_that_mixes_up_transports_is_refused),
        cmocka_unit_test(server_that_reads_one_of_several_hangs),
        cmocka_unit_test(unread_datagrams_are_an_obligation_of_their_own),
        cmocka_unit_test(later_input_does_not_hide_an_edge_that_was_not_drained),
        cmocka_unit_test(server_that_answers_twice_makes_datagrams_up),
        cmocka_unit_test(server_that_does_not_answer_keeps_its_peer_waiting),
    };
    return cmocka_run_group_tests_name("datagram", tests, as_datagrams, clean_up);
}
