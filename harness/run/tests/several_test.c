/* Several programs in one scenario: each is judged for itself and named in what is found; a run of
 * them is as deterministic and as replayable as a run of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judged.h"

enum { PORT = 7100 };

static struct wb_sockaddr own_port(void) {
    struct wb_sockaddr addr = {0};
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    return addr;
}

/* ---- programs ---- */

static int listen_at_own_port(const struct wb_sys *sys) {
    struct wb_sockaddr addr = own_port();
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, bind, fd, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, listen, fd, 8);
    return fd;
}

/* Accepts a connection and forgets it. */
static int deaf_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    (void)WB_SYS(sys, accept4, listen_at_own_port(sys), NULL, NULL, 0);
    (void)WB_SYS(sys, poll, NULL, 0, WB_TIMEOUT_INFINITE);
    return 0;
}

/* Says something and waits for an answer, or for nothing if it is told to be quick. */
static int caller_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_sockaddr addr = own_port();
    char answer[8];
    bool quick = argc > 2 && strcmp(argv[2], "yes") == 0;
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    if (WB_SYS(sys, connect, fd, &addr, sizeof(addr.in)) != 0) {
        (void)WB_SYS(sys, close, fd);
        return 1;
    }
    (void)WB_SYS(sys, send, fd, "knock", 5, WB_MSG_NOSIGNAL);
    if (!quick) {
        (void)WB_SYS(sys, recv, fd, answer, sizeof(answer), 0);
    }
    (void)WB_SYS(sys, close, fd);
    return 0;
}

/* Sleeps three times, and leaves something open in the end. */
static int sleeper_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    for (int i = 0; i < 3; i++) {
        (void)WB_SYS(sys, poll, NULL, 0, INT64_C(1000000000));
    }
    (void)WB_SYS(sys, eventfd, 0, 0);
    return 0;
}

static int leaver_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    (void)WB_SYS(sys, eventfd, 0, 0);
    return 0;
}

/* Ends with the number of addresses that its host's name has, or 100 if it is not found. */
static int asker_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_sockaddr out[4];
    (void)argc;
    (void)argv;
    int count = WB_SYS(sys, resolve, "far", 80, WB_AF_UNSPEC, out, 4);
    return count >= 0 ? count : 100;
}

/* Ends with 1 where it finds no counter or nobody to talk to. */
static int sceptic_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_sockaddr addr = own_port();
    (void)argc;
    (void)argv;
    int counter = WB_SYS(sys, eventfd, 0, 0);
    if (counter < 0) {
        return 1;
    }
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    int result = WB_SYS(sys, connect, fd, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, close, fd);
    (void)WB_SYS(sys, close, counter);
    return result != 0;
}

/* Something is wrong, and it has nothing to do with anybody else. */
static int defeatist_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)sys;
    (void)argc;
    (void)argv;
    return 1;
}

/* No scenario can say that an option's value is empty. */
static int sender_of_nothing_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return wbh_program_find("unix_datagram_sender")->main(sys, argc, argv);
}
static const char *const sender_of_nothing_arguments[] = {"--message", "", "--count", "30", NULL};

static int spinner_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    for (;;) {
        (void)WB_SYS(sys, poll, NULL, 0, 0);
    }
    return 0;
}

static const char *const caller_options[] = {"quick", NULL};
static const struct wbh_program programs[] = {
    {.name = "deaf", .main = deaf_main, .port = PORT, .connects_to_itself = 0},
    {.name = "caller", .main = caller_main, .options = caller_options},
    {.name = "leaver", .main = leaver_main},
    {.name = "sleeper", .main = sleeper_main},
    {.name = "spinner", .main = spinner_main},
    {.name = "asker", .main = asker_main},
    {.name = "sceptic", .main = sceptic_main, .must_succeed = 1},
    {.name = "defeatist", .main = defeatist_main, .must_succeed = 1},
    {.name = "sender_of_nothing",
        .main = sender_of_nothing_main,
        .arguments = sender_of_nothing_arguments,
        .must_succeed = 1},
};

static int setup(void **state) {
    (void)state;
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

/* ---- what is found, and about whom ---- */

static const struct wbh_finding *found(const char *oracle, uint32_t process, const char *part) {
    const struct wbh_finding *finding = judged_finding(oracle);
    if (finding == NULL) {
        fail_msg("%s is silent", oracle);
        return NULL;
    }
    if (strstr(finding->text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, finding->text);
    }
    assert_int_equal(finding->process, process);
    return finding;
}

/* Whether a scenario of these programs can be run; otherwise why it cannot must say `part`. */
static bool can_run(const char *programs_text, const char *part) {
    char text[512];
    char error[256];
    struct wbh_parse_error where;
    (void)snprintf(text, sizeof text, "scenario \"x\"\n%s", programs_text);
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    assert_non_null(scenario);
    int result = wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error));
    wbh_scenario_destroy(scenario);
    if (result != 0) {
        assert_non_null(strstr(error, part));
    }
    return result == 0;
}

static void several_hang_names_the_program_that_does_not_read(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram caller as waiting\nprogram deaf as server\n", NULL);
    /* The caller came first and was refused. */
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    judge_text("scenario \"x\"\nprogram deaf as server\nprogram caller as waiting\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_HANG);
    found("hang", 0, "server: the program sleeps for ever although 5 bytes from local");
}

static void several_program_that_says_no_is_found_unless_it_came_too_early(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram ping_pong\nprogram sceptic\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    judge_text("scenario \"x\"\nprogram ping_pong\nprogram sceptic\nat 1s restart sceptic\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_PROTOCOL);
    found("expectation", 1, "sceptic: the program ended with status 1 though nobody told it");
    judge_text("scenario \"x\"\nprogram ping_pong\nprogram sceptic\nat 1s restart sceptic\n"
               "fault sceptic.open 1 error EMFILE\n",
        NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
}

/* That a program tried to reach somebody excuses that one, not the next run's. */
static void several_what_one_run_tried_excuses_nobody_in_the_next(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram caller as waiting\nprogram deaf as server\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    judge_text("scenario \"x\"\nprogram defeatist\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_PROTOCOL);
    found("expectation", 0, "the program ended with status 1 though nobody told it");
}

/* Nothing was judged: the scenario is wrong. */
static void several_program_that_does_not_take_its_options_is_not_run(void **state) {
    (void)state;
    assert_false(can_run("program ping_pong listen=nowhere\n",
        "line 2: the program ping_pong does not take its options: --listen: expected HOST:PORT"));
    assert_false(can_run("program ping_pong\n\nprogram multi_echo max-connections=none\n",
        "line 4: the program multi_echo does not take its options: --max-connections: expected"));
    assert_true(can_run("program ping_pong max-connections=1\n", NULL));
}

/* Whose script nobody wrote has no mistakes. */
static void several_program_that_does_not_take_arbitrary_options_is_passed_over(void **state) {
    (void)state;
    const struct wbh_run_options options = {.flags = WBH_RUN_TOLERANT};
    judge_text("scenario \"x\"\nprogram ping_pong listen=nowhere\n", &options);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.exit_status, 2);
}

/* Another line comes back: the client says so, and that counts unless it may fail. */
static void several_client_that_fails_is_found_unless_it_may(void **state) {
    (void)state;
    static const char script[] = "peer alice\n  listen 6567\n  accept\n  expect bytes 5\n"
                                 "  send \"pong\\n\"\n";
    char text[256];
    (void)snprintf(
        text, sizeof text, "scenario \"x\"\nprogram ping_pong_client message=ping\n%s", script);
    judge_text(text, NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_PROTOCOL);
    assert_non_null(judged_finding("expectation"));
    (void)snprintf(text, sizeof text,
        "scenario \"x\"\nprogram ping_pong_client message=ping may-fail\n%s", script);
    judge_text(text, NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.exit_status, 1);
    assert_false(can_run("program ping_pong may-fail\n", "ping_pong has no option \"may-fail\""));
}

/* A scenario that says its program may fail does not mean that it need not be started rightly. */
static void several_client_that_does_not_take_its_options_is_not_run_even_if_it_may_fail(
    void **state) {
    (void)state;
    assert_false(
        can_run("program ping_pong_client server=nowhere may-fail\n", "line 2: the program"));
    assert_false(can_run("program ping_pong\n"
                         "program ping_pong_client as client server=127.0.0.1 may-fail\n",
        "line 3: the program ping_pong_client does not take its options: operand: expected"));
}

static size_t changes_seen(enum sim_process_change change) {
    const struct wbh_trace *trace = wbh_runner_trace(judged_runner());
    size_t count = 0;
    for (size_t i = 0; i < trace->event_count; i++) {
        count += trace->events[i].kind == SIM_EVENT_PROCESS && trace->events[i].a == change;
    }
    return count;
}

static void several_moment_that_does_not_fit_is_seen(void **state) {
    (void)state;
    const struct wbh_run_options options = {.flags = WBH_RUN_RECORD};
    judge_text("scenario \"x\"\nprogram ping_pong\nat 10ms restart ping_pong\n"
               "at 20ms crash ping_pong\nat 30ms crash ping_pong\nat 40ms restart ping_pong\n",
        &options);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(changes_seen(SIM_PROCESS_GOES_ON), 1);
    assert_int_equal(changes_seen(SIM_PROCESS_KILLED), 1);
    assert_int_equal(changes_seen(SIM_PROCESS_SPARED), 1);
    assert_int_equal(changes_seen(SIM_PROCESS_STARTED), 1);
}

static void several_empty_unix_datagrams_come_back(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram unix_datagram\nprogram sender_of_nothing\n"
               "at 1s restart sender_of_nothing\n",
        NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
}

static void several_leak_names_the_program_that_left_something(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram ping_pong\nprogram leaver as second\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_LEAK);
    const struct wbh_finding *finding = found("leak", 1, "second: the program ended and left 1");
    assert_non_null(strstr(finding->why, "descriptor 3 is a eventfd"));
}

/* No peer is left and nothing is under way, but the second program is not through. */
static void several_client_that_waits_by_the_clock_is_not_cut_off(void **state) {
    (void)state;
    judge_text("scenario \"t\"\nprogram deaf\nprogram sleeper\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_LEAK);
    (void)found("leak", 1, "sleeper: the program ended and left 1");
}

static void several_spin_names_the_program_that_spins(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram ping_pong\nprogram spinner\n"
               "peer alice\n  connect\n  send \"x\\n\"\n  expect \"x\\n\"\n  close\n",
        NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_SPIN);
    found("spin", 1, "spinner: ");
}

static void several_peer_left_behind_blames_the_program_it_talked_to(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram ping_pong\nprogram deaf\n"
               "peer alice\n  connect deaf\n  send \"x\"\n  expect \"x\"\n",
        NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_HANG);
    found("hang", 1, "deaf: alice expects");
}

static void several_killed_program_answers_for_nothing(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram deaf as server\nprogram caller quick=yes\n"
               "at 1s crash server\n",
        NULL);
    /* Nothing can happen before the crash: the bytes lie there, and then the server is gone. */
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
}

static void several_host_is_found_by_its_name_unless_a_fault_says_otherwise(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram asker on far\nhost far address=10.0.0.1,fd00::1\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.exit_status, 2);
    judge_text("scenario \"x\"\nprogram asker on far\nhost far address=10.0.0.1,fd00::1\n"
               "fault resolve 1 error ETIMEDOUT\n",
        NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.exit_status, 100);
}

/* ---- ports ---- */

static void several_servers_at_one_port_are_told_of_before_the_run(void **state) {
    (void)state;
    const char *both = "line 3: ping_pong and other both listen at port 6567 of one host";
    assert_false(can_run("program ping_pong\nprogram ping_pong as other\n", both));
    assert_false(
        can_run("program ping_pong\nprogram multi_echo as other listen=0.0.0.0:6567\n", both));
    assert_false(can_run("program ping_pong on far listen=10.0.0.1:6567\n"
                         "program ping_pong as other on far listen=10.0.0.1:6567\n"
                         "host far address=10.0.0.1,10.0.0.2\n",
        both));
    assert_true(can_run("program ping_pong on far listen=10.0.0.1:6567\n"
                        "program ping_pong as other on far listen=10.0.0.2:6567\n"
                        "host far address=10.0.0.1,10.0.0.2\n",
        both));
    assert_true(can_run("program ping_pong\nprogram ping_pong as other on far\n"
                        "host far address=10.0.0.1\n",
        both));
    assert_true(can_run("program ping_pong\nprogram udp_echo listen=127.0.0.1:6567\n", both));
}

/* ---- determinism ---- */

static const char talk[] = "scenario \"x\"\nprogram ping_pong on far\n"
                           "program ping_pong_client as a on near server=10.0.0.1:6567\n"
                           "program ping_pong_client as b server=10.0.0.1:6567 trigger=level\n"
                           "host near address=10.0.0.2\nhost far address=10.0.0.1\n"
                           "link near far latency=3ms jitter=2ms bandwidth=100000 loss=10%\n"
                           "at 5ms partition near far\nat 1s heal\n"
                           "faults hostile seed=3\n";

static void several_run_twice_has_one_hash(void **state) {
    (void)state;
    judge_text(talk, NULL);
    uint64_t hash = judged.hash;
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    judge_text("scenario \"x\"\nprogram ping_pong\n", NULL);
    judge_text(talk, NULL);
    assert_true(judged.hash == hash);
}

static bool has_decision_of_another(const struct wbh_trace *trace) {
    for (size_t i = 0; i < trace->decision_count; i++) {
        if (trace->decisions[i].subject == WBH_SUBJECT_PROGRAM(1)
            || trace->decisions[i].subject == WBH_SUBJECT_PROGRAM(2)) {
            return true;
        }
    }
    return false;
}

/* Returns whether a program other than the first had a decision of its own. */
static bool check_plan(uint64_t seed) {
    struct wbh_parse_error where;
    char error[256];
    const struct wbh_run_options record = {.flags = WBH_RUN_RECORD, .seed = &seed};
    struct wbh_scenario *scenario = wbh_scenario_parse(talk, strlen(talk), &where);
    assert_non_null(scenario);
    assert_int_equal(wbh_run(judged_runner(), scenario, &record, &judged, error, sizeof(error)), 0);
    uint64_t calls = judged.calls;
    uint64_t time_ns = judged.time_ns;
    const struct wbh_trace *trace = wbh_runner_trace(judged_runner());
    bool of_another = has_decision_of_another(trace);
    assert_int_equal(wbh_scenario_set_plan(scenario, trace->decisions, trace->decision_count), 0);
    assert_int_equal(wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), 0);
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.calls, calls);
    assert_true(judged.time_ns == time_ns);
    wbh_scenario_destroy(scenario);
    return of_another;
}

static void several_run_is_reproduced_by_its_plan(void **state) {
    (void)state;
    bool of_another = false;
    for (uint64_t seed = 0; seed < 20; seed++) {
        of_another |= check_plan(seed);
    }
    assert_true(of_another);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_hang_names_the_program_that_does_not_read),
        cmocka_unit_test(several_program_that_says_no_is_found_unless_it_came_too_early),
        cmocka_unit_test(several_what_one_run_tried_excuses_nobody_in_the_next),
        cmocka_unit_test(several_program_that_does_not_take_its_options_is_not_run),
        cmocka_unit_test(several_program_that_does_not_take_arbitrary_options_is_passed_over),
        cmocka_unit_test(
            several_client_that_does_not_take_its_options_is_not_run_even_if_it_may_fail),
        cmocka_unit_test(several_moment_that_does_not_fit_is_seen),
        cmocka_unit_test(several_client_that_fails_is_found_unless_it_may),
        cmocka_unit_test(several_empty_unix_datagrams_come_back),
        cmocka_unit_test(several_leak_names_the_program_that_left_something),
        cmocka_unit_test(several_client_that_waits_by_the_clock_is_not_cut_off),
        cmocka_unit_test(several_spin_names_the_program_that_spins),
        cmocka_unit_test(several_peer_left_behind_blames_the_program_it_talked_to),
        cmocka_unit_test(several_killed_program_answers_for_nothing),
        cmocka_unit_test(several_host_is_found_by_its_name_unless_a_fault_says_otherwise),
        cmocka_unit_test(several_servers_at_one_port_are_told_of_before_the_run),
        cmocka_unit_test(several_run_twice_has_one_hash),
        cmocka_unit_test(several_run_is_reproduced_by_its_plan),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
