/* Each oracle rings for a bug planted for it, with the right verdict and an explanation that names
 * the cause, and all of them are silent about the same server without the bug. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "small_server.h"

static char text[4096];

/* `what`: the rest of the program line and whatever lines follow; `scripts`: the peers. */
static void judge(const char *program, const char *what, const char *scripts) {
    (void)snprintf(
        text, sizeof(text), "scenario \"planted\"\nprogram %s %s\n%s\n", program, what, scripts);
    judge_text(text, NULL);
}

static void assert_found(const char *oracle, enum wbh_verdict verdict) {
    assert_string_equal(wbh_verdict_name(judged.verdict), wbh_verdict_name(verdict));
    const struct wbh_finding *finding = judged_finding(oracle);
    assert_non_null(finding);
    assert_int_equal(finding->verdict, verdict);
    assert_true(finding->text[0] != '\0');
}

static void assert_why(const char *oracle, const char *part) {
    const struct wbh_finding *finding = judged_finding(oracle);
    assert_non_null(finding);
    if (strstr(finding->why, part) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", part, finding->why);
    }
}

static void assert_silent(void) {
    if (judged.finding_count != 0) {
        fail_msg("%s: %s\n%s", judged.findings[0].oracle, judged.findings[0].text,
            judged.findings[0].why);
    }
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.stop, SIM_STOP_EXITED);
}

/* Longer than the server's reads, and two of them. */
#define LONG_EXCHANGE                                                                              \
    "peer alice\n  connect\n  send \"0123456789abcdef\" * 100\n  expect \"0123456789abcdef\" * "   \
    "100\n"                                                                                        \
    "  send \"more\"\n  expect \"more\"\n  half-close\n  expect close\n  close\n"
#define TWO_LINES "peer alice\n  connect\n  send \"one\"\n  expect \"one\"\n  close\n"

static const char *const modes[] = {"level", "edge", "oneshot", "edge-oneshot"};

static void judge_in_mode(const char *program, size_t mode, const char *rest, const char *scripts) {
    char what[512];
    (void)snprintf(what, sizeof(what), "trigger=%s %s", modes[mode], rest);
    judge(program, what, scripts);
}

/* ---- without a bug ---- */

static void healthy_server_in_every_mode_is_found_innocent(void **state) {
    (void)state;
    for (size_t mode = 0; mode < 4; mode++) {
        judge_in_mode("small_echo", mode, "", LONG_EXCHANGE);
        assert_silent();
    }
}

static void healthy_server_under_hostile_faults_is_found_innocent(void **state) {
    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        char rest[64];
        (void)snprintf(rest, sizeof(rest), "\nfaults hostile seed=%u", seed);
        judge_in_mode("small_echo", seed % 4, rest, LONG_EXCHANGE);
        assert_silent();
    }
}

static void healthy_server_under_failing_faults_is_found_innocent(void **state) {
    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        char rest[64];
        (void)snprintf(rest, sizeof(rest), "\nfaults failing seed=%u", seed);
        judge_in_mode("small_echo", 1 + seed % 3, rest, LONG_EXCHANGE);
        if (judged.verdict != WBH_VERDICT_OK) {
            /* This small server does not look at every result; allocations and opening must not be
             * what it is blamed for. */
            assert_true(judged.faults.injected[WBH_POINT_ALLOC][WBH_ACTION_FAIL] != 0
                        || judged.faults.injected[WBH_POINT_OPEN][WBH_ACTION_ERROR] != 0
                        || judged.faults.injected[WBH_POINT_REGISTER][WBH_ACTION_ERROR] != 0
                        || judged.faults.injected[WBH_POINT_ACCEPT][WBH_ACTION_ERROR] != 0);
        }
    }
}

static void healthy_broadcast_with_a_late_joiner_is_found_innocent(void **state) {
    (void)state;
    static const char scripts[] =
        "peer alice\n  connect\n  send \"first\"\n  expect \"first\"\n  sleep 1ms\n"
        "  send \"second\"\n  expect \"second\"\n  close\n"
        "peer bob\n  after alice 3\n  connect\n  expect \"second\"\n  close\n";
    for (size_t mode = 0; mode < 4; mode++) {
        judge_in_mode("small_broadcast", mode, "", scripts);
        assert_silent();
    }
}

static void healthy_server_held_back_by_a_peer_that_does_not_read_is_found_innocent(void **state) {
    (void)state;
    judge("small_echo", "trigger=edge\nhost send-buffer=4096 recv-buffer=4096",
        "peer alice\n  connect\n  read stop\n  send \"0123456789\" * 2000\n  sleep 10ms\n  read "
        "on\n"
        "  expect \"0123456789\" * 2000\n  close\n");
    assert_silent();
}

/* ---- hang: INV-05 ---- */

static void hang_with_an_edge_not_drained_says_read_until_eagain(void **state) {
    (void)state;
    judge("small_echo", "trigger=edge bug=no-drain",
        "peer alice\n  connect\n  send \"0123456789abcdef\" * 100\n"
        "  expect \"0123456789abcdef\" * 100\n");
    assert_found("hang", WBH_VERDICT_HANG);
    assert_why("hang", "read until EAGAIN");
    assert_why("hang", "1088 bytes arrived");
    assert_null(judged_finding("edge-drain"));
}

static void hang_with_a_one_shot_not_armed_again_says_mod(void **state) {
    (void)state;
    judge("small_echo", "trigger=oneshot bug=no-rearm",
        "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n  send \"b\"\n  expect \"b\"\n");
    assert_found("hang", WBH_VERDICT_HANG);
    assert_why("hang", "epoll_ctl MOD");
}

static void hang_with_write_interest_forgotten_says_out_is_not_armed(void **state) {
    (void)state;
    judge("small_echo",
        "trigger=level bug=forget-out\nfault alice.send 1 short 2\nfault alice.send 2 would-block",
        TWO_LINES);
    assert_found("hang", WBH_VERDICT_HANG);
    assert_why("hang", "OUT is not armed");
}

static void hang_with_one_accept_for_an_edge_names_the_pending_connection(void **state) {
    (void)state;
    judge("small_echo", "trigger=edge bug=accept-once\nfault accept 1 would-block",
        "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n"
        "peer bob\n  connect\n  send \"b\"\n  expect \"b\"\n");
    if (judged.verdict == WBH_VERDICT_OK) {
        /* Both must be pending when the edge is reported. */
        fail_msg("the schedule did not bring two connections under one edge");
    }
    assert_found("hang", WBH_VERDICT_HANG);
    assert_why("hang", "accept until EAGAIN");
}

static void hang_of_a_program_that_ignores_the_signal_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=ignore-signal", TWO_LINES);
    assert_found("hang", WBH_VERDICT_HANG);
}

static void hang_with_an_end_never_answered_names_the_step(void **state) {
    (void)state;
    judge("small_echo", "trigger=edge bug=never-close",
        "peer alice\n  connect\n  half-close\n  expect close\n");
    assert_found("hang", WBH_VERDICT_HANG);
    assert_why("hang", "step 3");
}

/* The two below have peers that expect nothing, as fuzzers make them. */
static void hang_with_output_cut_short_is_found_without_an_expectation(void **state) {
    (void)state;
    static const char scripts[] =
        "peer alice\n  buffers 4096\n  connect\n  read stop\n  send \"0123456789\" * 2000\n"
        "  sleep 1ms\n  read on\n";
    judge("small_echo", "trigger=level\nhost send-buffer=4096 recv-buffer=4096", scripts);
    assert_silent();
    judge("small_echo", "trigger=level bug=forget-out\nhost send-buffer=4096 recv-buffer=4096",
        scripts);
    assert_found("hang", WBH_VERDICT_HANG);
    assert_why("hang", "OUT is not armed");
}

static void hang_with_a_connection_never_closed_is_found_without_an_expectation(void **state) {
    (void)state;
    judge("small_echo", "trigger=edge bug=never-close", "peer alice\n  connect\n  half-close\n");
    assert_found("hang", WBH_VERDICT_HANG);
    assert_non_null(strstr(judged_finding("hang")->text, "keeps the connection open"));
}

static void hang_after_the_descriptor_limit_is_found(void **state) {
    (void)state;
    /* 0..2, the instance, signals, listener: one connection at a time. */
    static const char scripts[] =
        "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n  sleep 1ms\n  close\n"
        "peer bob\n  connect\n  send \"b\"\n  expect \"b\"\n  close\n";
    judge("small_echo", "trigger=level\nhost fd-limit=7", scripts);
    assert_silent();
    judge("small_echo", "trigger=level bug=deaf-after-limit\nhost fd-limit=7", scripts);
    assert_found("hang", WBH_VERDICT_HANG);
    assert_why("hang", "want of descriptors");
}

/* ---- edge-drain ---- */

static void edge_drain_of_a_bug_that_later_input_hides_is_told(void **state) {
    (void)state;
    /* The second piece comes before the peer looks for the rest of the first. */
    judge("small_echo", "trigger=edge bug=no-drain",
        "peer alice\n  connect\n  send \"x\" * 700\n  sleep 1ms\n  send \"y\"\n  expect bytes 701\n"
        "  close\n");
    assert_found("edge-drain", WBH_VERDICT_MISUSE);
    judge("small_echo", "trigger=edge",
        "peer alice\n  connect\n  send \"x\" * 700\n  sleep 1ms\n  send \"y\"\n  expect bytes 701\n"
        "  close\n");
    assert_silent();
}

/* Alice and Bob wait under one edge; Carol's brings the program back to the one it left. */
#define THREE_COME                                                                                 \
    "peer alice\n  connect\n"                                                                      \
    "peer bob\n  connect\n"                                                                        \
    "peer carol\n  sleep 100ms\n  connect\n  sleep 100ms\n  signal SIGTERM\n"

static void edge_drain_of_a_listener_that_later_connections_hide_is_told(void **state) {
    (void)state;
    judge("small_echo", "trigger=edge bug=accept-once\nfault accept 1 would-block", THREE_COME);
    assert_found("edge-drain", WBH_VERDICT_MISUSE);
    assert_why("edge-drain", "did not accept until EAGAIN");
    judge("small_echo", "trigger=edge\nfault accept 1 would-block", THREE_COME);
    assert_silent();
}

/* One accept a report is right where the report comes again. */
static void edge_drain_says_nothing_of_a_level_triggered_listener(void **state) {
    (void)state;
    judge("small_echo", "trigger=level bug=accept-once\nfault accept 1 would-block", THREE_COME);
    assert_silent();
}

/* Whoever sleeps in poll or select on the epoll instance owes it the same. */
static void edge_drain_of_a_sleep_in_poll_or_select_is_told(void **state) {
    (void)state;
    static const char *const ways[] = {"poll", "select"};
    for (size_t i = 0; i < 2; i++) {
        char what[64];
        (void)snprintf(what, sizeof(what), "trigger=edge bug=no-drain wait=%s", ways[i]);
        judge("small_echo", what,
            "peer alice\n  connect\n  send \"x\" * 700\n  sleep 1ms\n  send \"y\"\n"
            "  expect bytes 701\n  close\n");
        assert_found("edge-drain", WBH_VERDICT_MISUSE);
        (void)snprintf(what, sizeof(what), "trigger=edge wait=%s", ways[i]);
        judge("small_echo", what, LONG_EXCHANGE);
        assert_silent();
    }
}

/* ---- spin, interest: INV-06 ---- */

/* Reading is no answer where nothing can be read. */
static void interest_in_a_pipe_without_a_reader_is_told_as_such(void **state) {
    (void)state;
    judge("small_pipe", "", "");
    assert_found("interest", WBH_VERDICT_SPIN);
    assert_non_null(strstr(judged_finding("interest")->text, "the program never writes to it"));
    assert_why("interest", "the writing end of a pipe that nobody reads any more");
}

static void interest_in_writing_without_anything_to_write_is_found(void **state) {
    (void)state;
    judge("small_echo", "trigger=level bug=always-out", TWO_LINES);
    assert_found("interest", WBH_VERDICT_SPIN);
    assert_why("interest", "Arm OUT only while");
}

static void spin_on_an_end_that_is_read_again_and_again_is_found(void **state) {
    (void)state;
    judge("small_echo", "trigger=level bug=ignore-end",
        "peer alice\n  connect\n  half-close\n  sleep 1s\n  close\n");
    assert_found("spin", WBH_VERDICT_SPIN);
    assert_why("spin", "recv");
}

/* Would-blocks that are over after a while are no rest from it. */
static void spin_that_faults_interrupt_is_found_all_the_same(void **state) {
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++) {
        char rest[64];
        (void)snprintf(
            rest, sizeof(rest), "trigger=level bug=ignore-end\nfaults hostile seed=%u", seed);
        judge("small_echo", rest, "peer alice\n  connect\n  half-close\n  sleep 1s\n  close\n");
        assert_found("spin", WBH_VERDICT_SPIN);
    }
}

static void spin_on_accept_without_descriptors_is_found(void **state) {
    (void)state;
    judge("small_echo", "trigger=level bug=spin-on-limit\nhost fd-limit=7",
        "peer alice\n  connect\n  sleep 1ms\n  close\n"
        "peer bob\n  connect\n  sleep 1ms\n  close\n");
    assert_found("spin", WBH_VERDICT_SPIN);
}

static void spin_without_waiting_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=busy", "peer alice\n  connect\n  sleep 10ms\n  close\n");
    assert_found("spin", WBH_VERDICT_SPIN);
}

/* ---- conservation: INV-02 ---- */

#define CUT_SEND "fault alice.send 1 short 3\nfault alice.send 2 would-block"

static void conservation_with_a_tail_dropped_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=drop-tail\n" CUT_SEND,
        "peer alice\n  connect\n  send \"abcdef\"\n  expect bytes 3\n  send \"ghi\"\n"
        "  expect bytes 3\n  close\n");
    assert_found("conservation", WBH_VERDICT_DIVERGENCE);
    assert_why("conservation", "\"def");
}

static void conservation_with_a_beginning_repeated_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=repeat-tail\n" CUT_SEND,
        "peer alice\n  connect\n  send \"abcdef\"\n  expect bytes 6\n  close\n");
    assert_found("conservation", WBH_VERDICT_DIVERGENCE);
}

static void conservation_with_output_lost_at_the_end_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=close-unflushed\n" CUT_SEND,
        "peer alice\n  connect\n  send \"abcdef\"\n  half-close\n  expect bytes 3\n");
    assert_found("conservation", WBH_VERDICT_DIVERGENCE);
    assert_why("conservation", "flushed before a close");
}

static void conservation_with_a_receiver_left_out_is_found(void **state) {
    (void)state;
    static const char scripts[] =
        "peer alice\n  connect\n  sleep 1ms\n  send \"hi\"\n  expect \"hi\"\n"
        "peer bob\n  connect\n";
    judge("small_broadcast", "", scripts);
    assert_silent();
    judge("small_broadcast", "bug=leave-one-out", scripts);
    assert_found("conservation", WBH_VERDICT_DIVERGENCE);
}

#define FRAME_OF_5 "\\0\\0\\0\\0\\0\\0\\0\\x05"

/* The server knows nothing of frames: it is right as long as each comes by itself and whole. */
static void conservation_of_frames_counts_whole_ones(void **state) {
    (void)state;
    judge("small_frames", "",
        "peer alice\n  connect\n  send \"" FRAME_OF_5 "hello" FRAME_OF_5 "world\"\n"
        "  expect bytes 26\n"
        "peer bob\n  after alice\n  connect\n  send \"" FRAME_OF_5 "hello\"\n"
        "  expect bytes 13\n");
    assert_silent();
}

static void conservation_of_a_frame_sent_before_it_is_whole_is_found(void **state) {
    (void)state;
    judge("small_frames", "",
        "peer alice\n  connect\n  send \"" FRAME_OF_5 "he\"\n  sleep 1ms\n  send \"llo\"\n"
        "  expect bytes 13\n");
    assert_found("conservation", WBH_VERDICT_DIVERGENCE);
}

static void conservation_of_an_empty_frame_passed_on_is_found(void **state) {
    (void)state;
    judge("small_frames", "",
        "peer alice\n  connect\n  send \"\\0\\0\\0\\0\\0\\0\\0\\0\"\n  expect bytes 8\n");
    assert_found("conservation", WBH_VERDICT_DIVERGENCE);
}

static void conservation_with_a_frame_not_passed_on_is_found(void **state) {
    (void)state;
    judge("small_frames", "bug=leave-one-out",
        "peer alice\n  connect\n  sleep 1ms\n  send \"" FRAME_OF_5 "hello\"\n  expect bytes 13\n"
        "peer bob\n  connect\n");
    assert_found("conservation", WBH_VERDICT_DIVERGENCE);
}

/* ---- divergence: INV-23 ---- */

static void divergence_under_transparent_faults_is_found(void **state) {
    (void)state;
    /* Nothing is known of this program's bytes and nobody expects any: only the comparison can
     * tell. */
    static const char scripts[] =
        "peer alice\n  connect\n  send \"abcdef\"\n  sleep 1ms\n  send \"g\"\n";
    judge("small_opaque", "bug=drop-tail\nfault alice.send 1 short 3", scripts);
    assert_found("divergence", WBH_VERDICT_DIVERGENCE);
    assert_int_equal(judged.baseline_runs, 1);
    assert_non_null(strstr(judged_finding("divergence")->text, "from byte 3 on it received \"g\""));
    judge("small_opaque", "\nfault alice.send 1 short 3", scripts);
    assert_silent();
    assert_int_equal(judged.baseline_runs, 1);
    judge("small_opaque", "\nfault alice.recv 1 short 1", scripts);
    assert_silent();
    assert_int_equal(judged.baseline_runs, 0); /* known from the run before */
}

static void divergence_of_a_connection_cut_off_is_found(void **state) {
    (void)state;
    static const char scripts[] =
        "peer alice\n  connect\n  send \"a\"\n  sleep 1ms\n  half-close\n";
    judge("small_echo", "trigger=level bug=fatal-would-block\nfault alice.recv 1 would-block",
        scripts);
    assert_found("divergence", WBH_VERDICT_DIVERGENCE);
    judge("small_echo", "trigger=level\nfault alice.recv 1 would-block", scripts);
    assert_silent();
}

static void divergence_is_not_looked_for_without_faults(void **state) {
    (void)state;
    judge("small_echo", "trigger=edge", TWO_LINES);
    assert_silent();
    assert_int_equal(judged.baseline_runs, 0);
}

/* ---- expectation ---- */

static void expectation_of_other_bytes_is_found(void **state) {
    (void)state;
    judge("small_echo", "", "peer alice\n  connect\n  send \"abc\"\n  expect \"abd\"\n  close\n");
    assert_found("expectation", WBH_VERDICT_PROTOCOL);
    assert_non_null(strstr(judged_finding("expectation")->text, "from byte 2 on"));
}

static void expectation_of_silence_broken_is_found(void **state) {
    (void)state;
    judge(
        "small_echo", "", "peer alice\n  connect\n  send \"abc\"\n  expect silence 1ms\n  close\n");
    assert_found("expectation", WBH_VERDICT_PROTOCOL);
    judge("small_echo", "", "peer alice\n  connect\n  expect silence 1ms\n  close\n");
    assert_silent();
}

static void expectation_cut_off_by_an_end_acted_on_too_early_is_found(void **state) {
    (void)state;
    judge("small_echo", "trigger=level bug=end-first\nfault alice.inbound 1 delay 1ms",
        "peer alice\n  connect\n  send \"abc\"\n  half-close\n  expect \"abc\"\n  expect close\n");
    assert_found("expectation", WBH_VERDICT_PROTOCOL);
}

/* INV-01 */
static void expectation_that_a_server_survives_a_reset_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=exit-on-reset",
        "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n  reset\n");
    assert_found("expectation", WBH_VERDICT_PROTOCOL);
    judge("small_echo", "", "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n  reset\n");
    assert_silent();
}

/* ---- misuse, stale: INV-10, INV-13 ---- */

static void misuse_by_a_second_close_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=double-close", TWO_LINES);
    assert_found("misuse", WBH_VERDICT_MISUSE);
    assert_non_null(strstr(judged_finding("misuse")->text, "EBADF"));
}

static void misuse_by_a_second_registration_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=double-add", TWO_LINES);
    assert_found("misuse", WBH_VERDICT_MISUSE);
    assert_non_null(strstr(judged_finding("misuse")->text, "EEXIST"));
}

static void stale_event_of_the_same_batch_is_found(void **state) {
    (void)state;
    /* Both peers' bytes must come in one batch: the first one's wait is held up. */
    judge("small_echo", "trigger=level bug=close-others",
        "peer alice\n  connect\n  sleep 1ms\n  send \"a\"\n"
        "peer bob\n  connect\n  sleep 1ms\n  send \"b\"\n");
    assert_found("stale", WBH_VERDICT_MISUSE);
}

/* ---- leak, limit: INV-04, INV-09 ---- */

static void leak_of_a_descriptor_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=leak-descriptor\n",
        "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n  reset\n");
    assert_found("leak", WBH_VERDICT_LEAK);
    assert_why("leak", "alice");
}

static void leak_of_memory_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=leak-memory", TWO_LINES);
    assert_found("leak", WBH_VERDICT_LEAK);
    assert_non_null(strstr(judged_finding("leak")->text, "1 block of memory"));
}

static void limit_on_memory_passed_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=hoard", LONG_EXCHANGE);
    assert_non_null(judged_finding("limit"));
    assert_int_equal(judged_finding("limit")->verdict, WBH_VERDICT_LIMIT);
}

static void limit_on_calls_passed_is_found(void **state) {
    (void)state;
    judge("small_echo", "bug=busy\nhost calls=300", TWO_LINES);
    assert_non_null(judged_finding("limit"));
    assert_int_equal(judged.stop, SIM_STOP_STEPS);
}

static void oracles_are_listed_with_summaries(void **state) {
    (void)state;
    size_t count = 0;
    while (wbh_oracle_nth(count) != NULL) {
        assert_true(wbh_oracle_nth(count)->summary[0] != '\0');
        count++;
    }
    assert_int_equal(count, 19);
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
        cmocka_unit_test(healthy_server_in_every_mode_is_found_innocent),
        cmocka_unit_test(healthy_server_under_hostile_faults_is_found_innocent),
        cmocka_unit_test(healthy_server_under_failing_faults_is_found_innocent),
        cmocka_unit_test(healthy_broadcast_with_a_late_joiner_is_found_innocent),
        cmocka_unit_test(healthy_server_held_back_by_a_peer_that_does_not_read_is_found_innocent),
        cmocka_unit_test(hang_with_an_edge_not_drained_says_read_until_eagain),
        cmocka_unit_test(hang_with_a_one_shot_not_armed_again_says_mod),
        cmocka_unit_test(hang_with_write_interest_forgotten_says_out_is_not_armed),
        cmocka_unit_test(hang_with_one_accept_for_an_edge_names_the_pending_connection),
        cmocka_unit_test(hang_of_a_program_that_ignores_the_signal_is_found),
        cmocka_unit_test(hang_with_an_end_never_answered_names_the_step),
        cmocka_unit_test(hang_with_output_cut_short_is_found_without_an_expectation),
        cmocka_unit_test(hang_with_a_connection_never_closed_is_found_without_an_expectation),
        cmocka_unit_test(hang_after_the_descriptor_limit_is_found),
        cmocka_unit_test(edge_drain_of_a_bug_that_later_input_hides_is_told),
        cmocka_unit_test(edge_drain_of_a_listener_that_later_connections_hide_is_told),
        cmocka_unit_test(edge_drain_says_nothing_of_a_level_triggered_listener),
        cmocka_unit_test(edge_drain_of_a_sleep_in_poll_or_select_is_told),
        cmocka_unit_test(interest_in_a_pipe_without_a_reader_is_told_as_such),
        cmocka_unit_test(interest_in_writing_without_anything_to_write_is_found),
        cmocka_unit_test(spin_on_an_end_that_is_read_again_and_again_is_found),
        cmocka_unit_test(spin_that_faults_interrupt_is_found_all_the_same),
        cmocka_unit_test(spin_on_accept_without_descriptors_is_found),
        cmocka_unit_test(spin_without_waiting_is_found),
        cmocka_unit_test(conservation_with_a_tail_dropped_is_found),
        cmocka_unit_test(conservation_with_a_beginning_repeated_is_found),
        cmocka_unit_test(conservation_with_output_lost_at_the_end_is_found),
        cmocka_unit_test(conservation_with_a_receiver_left_out_is_found),
        cmocka_unit_test(conservation_of_frames_counts_whole_ones),
        cmocka_unit_test(conservation_of_a_frame_sent_before_it_is_whole_is_found),
        cmocka_unit_test(conservation_of_an_empty_frame_passed_on_is_found),
        cmocka_unit_test(conservation_with_a_frame_not_passed_on_is_found),
        cmocka_unit_test(divergence_under_transparent_faults_is_found),
        cmocka_unit_test(divergence_of_a_connection_cut_off_is_found),
        cmocka_unit_test(divergence_is_not_looked_for_without_faults),
        cmocka_unit_test(expectation_of_other_bytes_is_found),
        cmocka_unit_test(expectation_of_silence_broken_is_found),
        cmocka_unit_test(expectation_cut_off_by_an_end_acted_on_too_early_is_found),
        cmocka_unit_test(expectation_that_a_server_survives_a_reset_is_found),
        cmocka_unit_test(misuse_by_a_second_close_is_found),
        cmocka_unit_test(misuse_by_a_second_registration_is_found),
        cmocka_unit_test(stale_event_of_the_same_batch_is_found),
        cmocka_unit_test(leak_of_a_descriptor_is_found),
        cmocka_unit_test(leak_of_memory_is_found),
        cmocka_unit_test(limit_on_memory_passed_is_found),
        cmocka_unit_test(limit_on_calls_passed_is_found),
        cmocka_unit_test(oracles_are_listed_with_summaries),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
