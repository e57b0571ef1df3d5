/* The clients against the servers on real sockets: P1.22 and P2.16 of the conformance list. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "wb/examples.h"
#include "wb/sys_linux.h"

#include "program.h"

/* The client runs in the test's own thread, while the server runs as the one program. */
static int run_client(
    const char *name, uint16_t port, const char *trigger, char *option, char *value) {
    char program[32];
    char addr[32];
    char mode[16];
    char trigger_name[] = "--trigger";
    snprintf(program, sizeof program, "%s", name);
    snprintf(addr, sizeof addr, "127.0.0.1:%u", (unsigned)port);
    snprintf(mode, sizeof mode, "%s", trigger);
    char *argv[] = {program, addr, trigger_name, mode, option, value, NULL};
    return wb_example_find(name)->main(wb_sys_linux(), option == NULL ? 4 : 6, argv);
}

/* P1.22 */
static void client_of_ping_pong_gets_its_line_back(void **state) {
    (void)state;
    for (size_t i = 1; i < TRIGGERS_COUNT; i++) {
        uint16_t port = program_start("ping_pong", NULL, NULL);
        assert_int_equal(run_client("ping_pong_client", port, triggers[i], NULL, NULL), 0);
        program_stop();
    }
}

static void client_of_a_server_that_hangs_up_fails(void **state) {
    (void)state;
    uint16_t port = program_start("ping_pong", with_trigger(NULL, "--accept-once", NULL), NULL);
    assert_int_equal(run_client("ping_pong_client", port, "edge", NULL, NULL), 1);
    assert_int_equal(program_wait(), 0);
}

static void client_without_a_server_fails(void **state) {
    (void)state;
    uint16_t port = program_start("ping_pong", NULL, NULL);
    program_stop();
    assert_int_equal(run_client("ping_pong_client", port, "level", NULL, NULL), 1);
    char one[] = "1";
    char clients[] = "--clients";
    assert_int_equal(run_client("multi_echo_client", port, "level", clients, one), 1);
}

/* P2.16 */
static void clients_of_multi_echo_all_speak_and_hear(void **state) {
    (void)state;
    for (size_t i = 1; i < TRIGGERS_COUNT; i++) {
        uint16_t port = program_start("multi_echo", NULL, NULL);
        char iterations[] = "--iterations";
        char three[] = "3";
        assert_int_equal(run_client("multi_echo_client", port, triggers[i], iterations, three), 0);
        program_stop();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_of_ping_pong_gets_its_line_back),
        cmocka_unit_test(client_of_a_server_that_hangs_up_fails),
        cmocka_unit_test(client_without_a_server_fails),
        cmocka_unit_test(clients_of_multi_echo_all_speak_and_hear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
