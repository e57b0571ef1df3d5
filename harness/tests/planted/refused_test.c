/* Traps that cannot be planted, for the stack does not let anybody fall into them: what it does
 * instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judged.h"
#include "programs.h"
#include "until_stopped.h"
#include "wb/addr.h"
#include "wb/poll_evented.h"
#include "wb/resolve.h"
#include "wb/tcp.h"

enum { PORT = 6580, SEEDS = 20 };

/* ---- programs that end with the status of something that must be refused ---- */

static int resolve_bracketed(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc, (void)argv;
    static const struct planted_options usual;
    struct wb_runtime *runtime = planted_runtime_new(sys, &usual);
    struct wb_resolve resolve;
    wb_resolve_init(&resolve, runtime, "[::1]", PORT, WB_AF_UNSPEC);
    enum wb_status status = wb_runtime_block_on(runtime, &resolve.future);
    wb_runtime_destroy(runtime);
    return (int)status;
}

static int register_without_runtime(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc, (void)argv;
    const struct wb_addr addr = wb_addr_v4_any(PORT);
    struct wb_tcp_listener tcp;
    struct wb_poll_evented evented;
    if (wb_tcp_listener_bind(&tcp, sys, &addr, 0) != WB_OK) {
        return -1;
    }
    enum wb_status status = wb_poll_evented_init(&evented, NULL, wb_tcp_listener_source(&tcp));
    wb_tcp_listener_close(&tcp);
    return (int)status;
}

static const struct wbh_program programs[] = {
    {.name = "resolve_bracketed", .main = resolve_bracketed},
    {.name = "register_without_runtime", .main = register_without_runtime},
};

static int set_up_own(void **state) {
    (void)state;
    wbh_program_register(programs, sizeof programs / sizeof programs[0]);
    return 0;
}

static int set_up_twins(void **state) {
    (void)state;
    planted_register();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

static void assert_ends_with(const char *text, enum wb_status status) {
    judge_text(text, NULL);
    assert_int_equal(judged.finding_count, 0);
    assert_int_equal(judged.stop, SIM_STOP_EXITED);
    assert_int_equal(judged.exit_status, status);
}

/* ---- refused ---- */

static void t0_16_a_bracketed_address_is_no_name(void **state) {
    (void)state;
    assert_ends_with("scenario \"x\"\nprogram resolve_bracketed\n", WB_ERR_NO_ENTRY);
}

static void t2_07_nothing_is_registered_outside_a_runtime(void **state) {
    (void)state;
    assert_ends_with("scenario \"x\"\nprogram register_without_runtime\n", WB_ERR_NO_RUNTIME);
}

/* ---- borne ---- */

static void judge_with_seed(const char *text, const char *profile, uint64_t seed) {
    const struct wbh_run_options options = {.seed = &seed, .profile = profile};
    judge_text(text, &options);
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("seed %d: %s\n%s", (int)seed, judged.findings[0].text, judged.findings[0].why);
    }
}

static void t0_12_an_interrupted_wait_is_taken_up_again(void **state) {
    (void)state;
    judge_with_seed("scenario \"x\"\nprogram planted_async\n"
                    "fault wait 1 interrupt\nfault wait 2 interrupt\nfault wait 3 interrupt\n"
                    "peer alice\n  connect\n  send \"a\"\n  expect \"a\"\n  close\n",
        "none", 1);
    assert_int_equal(judged.faults.consumed[WBH_POINT_WAIT][WBH_ACTION_INTERRUPT], 3);
}

static void t0_20_one_report_a_wait_starves_nobody(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        judge_with_seed("scenario \"x\"\nprogram planted_async events=1\n"
                        "peer alice\n  connect\n  send \"0123456789\" * 500\n"
                        "  expect \"0123456789\" * 500\n  close\n"
                        "peer bob\n  connect\n  send \"0123456789\" * 500\n"
                        "  expect \"0123456789\" * 500\n  close\n",
            seed == 0 ? "none" : "hostile", seed);
    }
}

/* Both directions of a connection wait at a time, each in a place of its own. */
static void t2_06_reader_and_writer_wait_apart(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        judge_with_seed("scenario \"x\"\nprogram planted_relay\nhost send-buffer=4096\n"
                        "peer alice\n  buffers 4096\n  connect\n  read stop\n"
                        "  send \"0123456789\" * 2000\n  sleep 5ms\n  read on\n"
                        "  expect \"0123456789\" * 2000\n  close\n",
            seed == 0 ? "none" : "hostile", seed);
    }
}

int main(void) {
    const struct CMUnitTest refused[] = {
        cmocka_unit_test(t0_16_a_bracketed_address_is_no_name),
        cmocka_unit_test(t2_07_nothing_is_registered_outside_a_runtime),
    };
    const struct CMUnitTest borne[] = {
        cmocka_unit_test(t0_12_an_interrupted_wait_is_taken_up_again),
        cmocka_unit_test(t0_20_one_report_a_wait_starves_nobody),
        cmocka_unit_test(t2_06_reader_and_writer_wait_apart),
    };
    int failed = cmocka_run_group_tests(refused, set_up_own, tear_down);
    return failed + cmocka_run_group_tests(borne, set_up_twins, tear_down);
}
