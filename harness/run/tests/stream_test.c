/* The runtime's streams on a system that does whatever it may: short reads and writes, WouldBlock
 * after a report, reports for nothing, edges of other makes, threads in any order. Programs that
 * are right are never blamed; those that break a rule of readiness are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "judged.h"
#include "streams.h"

enum { SEEDS = 200 };

static int setup(void **state) {
    (void)state;
    size_t count;
    const struct wbh_program *programs = stream_programs(&count);
    wbh_program_register(programs, count);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

static char text[2048];

static void judge(const char *program, const char *rest, uint64_t seed) {
    const struct wbh_run_options options = {
        .seed = &seed, .profile = seed % 4 == 0 ? "gentle" : "hostile"};
    (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram %s\n%s", program, rest);
    judge_text(text, &options);
}

/* Returns how many runs had an operation that would block though it was reported ready. */
static unsigned sweep(const char *program, const char *rest) {
    unsigned refused = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        judge(program, rest, seed);
        if (judged.verdict != WBH_VERDICT_OK) {
            fail_msg("%s seed %d: %s: %s\n%s", text, (int)seed, judged.findings[0].oracle,
                judged.findings[0].text, judged.findings[0].why);
        }
        refused += judged.faults.injected[WBH_POINT_RECV][WBH_ACTION_WOULD_BLOCK] != 0;
    }
    return refused;
}

static const char two_peers[] =
    "peer alice\n  connect\n  send \"0123456789\" * 100\n  expect \"0123456789\" * 100\n"
    "  send \"x\"\n  expect \"x\"\n  half-close\n  expect close\n"
    "peer bob\n  connect\n  send \"b\"\n  expect \"b\"\n  sleep 1ms\n  send \"c\"\n  expect \"c\"\n"
    "  half-close\n  expect close\n";

/* Small buffers, so that writes wait as well: several times in a run, of which these are most of
 * the cost. */
static const char tight[] = "host recv-buffer=4096 send-buffer=4096\n"
                            "peer alice\n  buffers 4096\n  connect\n  send \"0123456789\" * 1000\n"
                            "  expect \"0123456789\" * 1000\n  half-close\n  expect close\n";

static const char emulated[] =
    "host flavour=emulated-edge,split-reports,no-rdhup\n"
    "peer alice\n  connect\n  send \"0123456789\" * 100\n  expect \"0123456789\" * 100\n"
    "  half-close\n  expect close\n";

static const char per_transition[] =
    "host flavour=edge-per-transition,split-reports\n"
    "peer alice\n  connect\n  send \"0123456789\" * 100\n  expect \"0123456789\" * 100\n"
    "  send \"x\"\n  expect \"x\"\n  half-close\n  expect close\n";

/* Bytes and the end may come in one report. */
static const char last_words[] =
    "peer alice\n  connect\n  send \"hello\"\n  half-close\n  expect \"hello\"\n  expect close\n";

static const char *const crowds[] = {two_peers, tight, emulated, per_transition, last_words};

static void sweep_all(const char *program) {
    unsigned refused = 0;
    for (size_t i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
        refused += sweep(program, crowds[i]);
    }
    assert_true(refused > SEEDS / 4);
}

static void tk_30_streams_echo_under_every_fault(void **state) {
    (void)state;
    sweep_all("stream_echo");
}

static void tk_30_streams_echo_in_any_order_of_threads(void **state) {
    (void)state;
    sweep_all("stream_echo flavour=multi");
}

static void tk_21_readiness_alone_echoes_under_every_fault(void **state) {
    (void)state;
    sweep_all("evented_echo");
    sweep_all("evented_echo pause=yes");
}

static void tk_21_readiness_alone_echoes_in_any_order_of_threads(void **state) {
    (void)state;
    sweep_all("evented_echo flavour=multi");
    sweep_all("evented_echo flavour=multi pause=yes");
}

static void inv_14_a_reset_ends_its_connection_alone(void **state) {
    (void)state;
    static const char reset[] =
        "peer alice\n  connect\n  send \"a\" * 5000\n  expect bytes 100\n  reset\n"
        "peer bob\n  after alice\n  connect\n  send \"b\"\n  expect \"b\"\n";
    (void)sweep("stream_echo", reset);
    (void)sweep("stream_echo flavour=multi", reset);
}

static void tc_07_datagrams_come_back_one_by_one(void **state) {
    (void)state;
    static const char datagrams[] =
        "peer alice\n  bind udp\n  send \"1234\"\n  expect \"1234\"\n  send \"\"\n  expect \"\"\n"
        "  send \"x\"\n  expect \"x\"\n"
        "peer bob\n  bind udp\n  send \"b\"\n  expect \"b\"\n";
    (void)sweep("datagram_echo", datagrams);
    (void)sweep("datagram_echo flavour=multi", datagrams);
}

/* Lines in pieces, a last one without its end, one that is too long between two others; messages
 * with lengths that are cut anywhere; more of them than may be held back, for a peer that reads
 * late. */
static void tk_44_messages_come_back_under_every_fault(void **state) {
    (void)state;
    static const char lines[] =
        "peer alice\n  connect\n  send \"one\\ntwo\\r\\n\\nthr\"\n  sleep 1ms\n  send "
        "\"ee\\nlast\"\n"
        "  half-close\n  expect \"one\\ntwo\\n\\nthree\\nlast\\n\"\n  expect close\n"
        "peer bob\n  connect\n  send \"short\\n\"\n  send \"0\" * 101\n  send \"0\\nnext\\n\"\n"
        "  expect \"short\\nnext\\n\"\n  half-close\n  expect close\n";
    static const char late[] =
        "host recv-buffer=4096 send-buffer=4096\n"
        "peer alice\n  buffers 4096\n  connect\n  send \"0123456789\\n\" * 1000\n"
        "  expect \"0123456789\\n\" * 1000\n  half-close\n  expect close\n";
    static const char lengths[] =
        "peer alice\n  connect\n  send \"\\0\\x03abc\\0\\0\\0\"\n  sleep 1ms\n  send \"\\x02de\"\n"
        "  expect \"\\0\\x03abc\\0\\0\\0\\x02de\"\n  half-close\n  expect close\n"
        "peer bob\n  connect\n  send \"\\0\\x01b\" * 500\n  expect \"\\0\\x01b\" * 500\n  "
        "half-close\n"
        "  expect close\n";
    (void)sweep("framed_echo", lines);
    (void)sweep("framed_echo", late);
    (void)sweep("framed_echo codec=lengths", lengths);
}

static void tk_44_messages_come_back_in_any_order_of_threads(void **state) {
    (void)state;
    static const char lines[] =
        "peer alice\n  connect\n  send \"0123456789\\n\" * 100\n  expect \"0123456789\\n\" * 100\n"
        "  half-close\n  expect close\n"
        "peer bob\n  connect\n  send \"b\\n\"\n  expect \"b\\n\"\n  half-close\n  expect close\n";
    (void)sweep("framed_echo flavour=multi", lines);
}

static void tk_30_a_client_connects_by_name(void **state) {
    (void)state;
    static const char server[] =
        "peer server\n  listen 7105\n  accept\n  expect \"ping\\n\"\n  send \"pong\\r\\n\"\n"
        "  close\n";
    (void)sweep("stream_client", server);
    (void)sweep("stream_client flavour=multi", server);
    assert_int_equal(judged.exit_status, 0);
}

/* ---- bugs that must be found ---- */

static void expect_found(const char *program, const char *rest, enum wbh_verdict verdict) {
    unsigned found = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        judge(program, rest, seed);
        if (judged.verdict == WBH_VERDICT_OK) {
            continue;
        }
        if (judged.verdict != verdict) {
            fail_msg("%s seed %d: %s: %s", text, (int)seed, judged.findings[0].oracle,
                judged.findings[0].text);
        }
        found++;
    }
    if (found == 0) {
        fail_msg("%s: not found with %d seeds", program, SEEDS);
    }
}

static void t2_01_clearing_after_a_short_read_is_found(void **state) {
    (void)state;
    expect_found("evented_echo bug=short-read-clears", last_words, WBH_VERDICT_HANG);
}

static void t2_04_erasing_a_newer_report_is_found(void **state) {
    (void)state;
    expect_found("evented_echo pause=yes bug=newer-erased", two_peers, WBH_VERDICT_HANG);
}

static void t2_02_never_clearing_is_found(void **state) {
    (void)state;
    expect_found("evented_echo bug=never-cleared", two_peers, WBH_VERDICT_SPIN);
}

static void inv_22_one_seed_is_one_run(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        judge("stream_echo flavour=multi", two_peers, seed);
        const uint64_t hash = judged.hash;
        judge("stream_echo flavour=multi", two_peers, seed);
        assert_true(judged.hash == hash);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tk_30_streams_echo_under_every_fault),
        cmocka_unit_test(tk_30_streams_echo_in_any_order_of_threads),
        cmocka_unit_test(tk_21_readiness_alone_echoes_under_every_fault),
        cmocka_unit_test(tk_21_readiness_alone_echoes_in_any_order_of_threads),
        cmocka_unit_test(inv_14_a_reset_ends_its_connection_alone),
        cmocka_unit_test(tc_07_datagrams_come_back_one_by_one),
        cmocka_unit_test(tk_44_messages_come_back_under_every_fault),
        cmocka_unit_test(tk_44_messages_come_back_in_any_order_of_threads),
        cmocka_unit_test(tk_30_a_client_connects_by_name),
        cmocka_unit_test(t2_01_clearing_after_a_short_read_is_found),
        cmocka_unit_test(t2_04_erasing_a_newer_report_is_found),
        cmocka_unit_test(t2_02_never_clearing_is_found),
        cmocka_unit_test(inv_22_one_seed_is_one_run),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
