/* Two runs of several programs: what depends on faults or trigger modes though it must not is
 * found, and what timing may change is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "judged.h"

enum { PORT = 7110 };

static struct wb_sockaddr own_port(void) {
    struct wb_sockaddr addr = {0};
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    return addr;
}

static bool option_is(int argc, char *const argv[], const char *name, const char *value) {
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], name) == 0) {
            return strcmp(argv[i + 1], value) == 0;
        }
    }
    return false;
}

/* ---- programs: blocking, one connection after the other ---- */

/* Reads to the end of the connection and answers each read with a letter: how many there were is
 * nobody's business. With "trigger level" it answers once, at the end. */
static void answer(const struct wb_sys *sys, int fd, bool at_end) {
    char buf[64];
    int64_t n = WB_SYS(sys, recv, fd, buf, sizeof(buf), 0);
    while (n > 0) {
        if (!at_end) {
            (void)WB_SYS(sys, send, fd, "a", 1, WB_MSG_NOSIGNAL);
        }
        n = WB_SYS(sys, recv, fd, buf, sizeof(buf), 0);
    }
    if (at_end) {
        (void)WB_SYS(sys, send, fd, "z", 1, WB_MSG_NOSIGNAL);
    }
    (void)WB_SYS(sys, close, fd);
}

static int counter_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_sockaddr addr = own_port();
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, bind, fd, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, listen, fd, 8);
    for (;;) {
        int accepted = WB_SYS(sys, accept4, fd, NULL, NULL, 0);
        if (accepted < 0) {
            return 1;
        }
        answer(sys, accepted, option_is(argc, argv, "--trigger", "level"));
    }
}

/* Says five bytes, or what a single send takes of them, and hears the answer out. */
static int talker_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_sockaddr addr = own_port();
    char buf[64];
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    if (WB_SYS(sys, connect, fd, &addr, sizeof(addr.in)) != 0) {
        (void)WB_SYS(sys, close, fd);
        return 1;
    }
    int64_t n = WB_SYS(sys, send, fd, "knock", 5, WB_MSG_NOSIGNAL | WB_MSG_DONTWAIT);
    if (n > 0 && n < 5 && !option_is(argc, argv, "--careless", "yes")) {
        (void)WB_SYS(sys, send, fd, &"knock"[n], (size_t)(5 - n), WB_MSG_NOSIGNAL);
    }
    (void)WB_SYS(sys, shutdown, fd, WB_SHUT_WR);
    do {
        n = WB_SYS(sys, recv, fd, buf, sizeof(buf), 0);
    } while (n > 0);
    (void)WB_SYS(sys, close, fd);
    return option_is(argc, argv, "--ends", "badly");
}

static const char *const trigger_option[] = {"trigger", NULL};
static const char *const talker_options[] = {"careless", "ends", NULL};
static const struct wbh_program programs[] = {
    {.name = "counter",
        .main = counter_main,
        .options = trigger_option,
        .port = PORT,
        .independent = 1},
    {.name = "busy_counter", .main = counter_main, .options = trigger_option, .port = PORT},
    {.name = "talker", .main = talker_main, .options = talker_options, .independent = 1},
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

/* ---- without faults and with them ---- */

static void diverges(const char *text, const char *says, uint32_t process) {
    judge_text(text, NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_DIVERGENCE);
    const struct wbh_finding *finding = judged_finding("divergence");
    assert_non_null(finding);
    if (strstr(finding->text, says) == NULL) {
        fail_msg("\"%s\" is not in: %s", says, finding->text);
    }
    assert_int_equal(finding->process, process);
    assert_int_equal(judged.finding_count, 1);
}

static void agrees(const char *text) {
    judge_text(text, NULL);
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("%s", judged.findings[0].text);
    }
    assert_int_equal(judged.planned_unfired, 0);
}

static void compare_server_that_answers_each_read_is_blamed(void **state) {
    (void)state;
    diverges("scenario \"x\"\nprogram counter\nprogram talker\nfault local1.b.recv 1 short 2\n",
        "counter: talker (local1.a) sees something else than without faults: it received 2 bytes "
        "instead of 1",
        0);
}

static void compare_client_that_swallows_its_rest_is_blamed(void **state) {
    (void)state;
    diverges("scenario \"x\"\nprogram counter\nprogram talker careless=yes\n"
             "fault local1.a.send 1 short 2\n",
        "talker: counter (local1.b) sees something else than without faults: it received 2 bytes "
        "instead of 5",
        1);
}

static void compare_peer_of_the_second_program_is_heard(void **state) {
    (void)state;
    diverges("scenario \"x\"\nprogram ping_pong\nprogram counter\n"
             "peer alice\n  connect counter\n  send \"knock\"\n  half-close\n"
             "  expect bytes 1\n  sleep 1ms\nfault alice.recv 1 short 2\n",
        "counter: alice sees something else than without faults", 1);
}

/* Its first connection in one run is its second in another, by number; not by who made it. */
static void compare_connections_are_known_by_who_made_them(void **state) {
    (void)state;
    agrees("scenario \"x\"\nprogram ping_pong\nprogram ping_pong_client as one message=one\n"
           "program ping_pong_client as two message=two\nfault run 1 order 1\n");
    assert_int_equal(judged.baseline_runs, 1);
}

/* ---- what timing may change ---- */

static void compare_client_that_gave_up_may_have_said_less(void **state) {
    (void)state;
    agrees("scenario \"x\"\nprogram counter\nprogram talker careless=yes ends=badly\n"
           "fault local1.a.send 1 short 2\n");
}

static void compare_program_that_is_not_independent_may_say_anything(void **state) {
    (void)state;
    agrees("scenario \"x\"\nprogram busy_counter\nprogram talker\nfault local1.b.recv 1 short 2\n");
}

static void compare_program_that_is_killed_may_say_anything(void **state) {
    (void)state;
    agrees("scenario \"x\"\nprogram counter\nprogram talker\nat 1s crash counter\n"
           "fault local1.b.recv 1 short 2\n");
}

/* In the run with the fault the talker comes first, and is refused. */
static void compare_connection_that_was_refused_is_left_out(void **state) {
    (void)state;
    agrees("scenario \"x\"\nprogram counter\nprogram talker\nfault run 1 order 1\n");
}

/* ---- trigger modes ---- */

static void compare_trigger_modes_between_programs(void **state) {
    (void)state;
    static const char text[] = "scenario \"x\"\nprogram counter\nprogram talker\n";
    struct wbh_parse_error where;
    char error[256];
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    assert_non_null(scenario);
    int result = wbh_run_triggers(judged_runner(), scenario, NULL, &judged, error, sizeof(error));
    wbh_scenario_destroy(scenario);
    assert_int_equal(result, 0);
    const struct wbh_finding *finding = judged_finding("triggers");
    assert_non_null(finding);
    assert_non_null(strstr(finding->text,
        "counter: talker (local1.a) sees something else than with trigger level: from byte 0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare_server_that_answers_each_read_is_blamed),
        cmocka_unit_test(compare_client_that_swallows_its_rest_is_blamed),
        cmocka_unit_test(compare_peer_of_the_second_program_is_heard),
        cmocka_unit_test(compare_connections_are_known_by_who_made_them),
        cmocka_unit_test(compare_client_that_gave_up_may_have_said_less),
        cmocka_unit_test(compare_program_that_is_not_independent_may_say_anything),
        cmocka_unit_test(compare_program_that_is_killed_may_say_anything),
        cmocka_unit_test(compare_connection_that_was_refused_is_left_out),
        cmocka_unit_test(compare_trigger_modes_between_programs),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
