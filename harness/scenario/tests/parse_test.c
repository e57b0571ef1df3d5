/* What texts mean: every statement, step and fault, in the model's terms, and the canonical text.
 */
#include "wouldblock/scenario.h"

#include "wb/sys.h"
#include "wouldblock/kernel.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "scenario \"t\"\nprogram p\n"

static struct wbh_scenario *parse(const char *text) {
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &error);
    if (scenario == NULL) {
        char message[512];
        (void)wbh_parse_error_format(&error, "text", message, sizeof message);
        fail_msg("%s", message);
    }
    return scenario;
}

static void assert_prints(const char *text, const char *canonical) {
    struct wbh_scenario *scenario = parse(text);
    size_t len;
    char *printed = wbh_scenario_print(scenario, &len);
    assert_string_equal(printed, canonical);
    assert_int_equal(len, strlen(canonical));
    free(printed);
    wbh_scenario_destroy(scenario);
}

static void parse_head_fills_the_model(void **state) {
    (void)state;
    struct wbh_scenario *s = parse("\n# comment\nscenario \"a \\\"b\\\"\"  # title\n"
                                   "program\tping_pong trigger=edge listen=[::1]:0\n"
                                   "host fd-limit=64 time=60s flavour=no-rdhup memory=1048576\n"
                                   "faults hostile seed=18446744073709551615\nverdict leak\n");
    assert_string_equal(s->title, "a \"b\"");
    assert_string_equal(s->program, "ping_pong");
    assert_int_equal(s->program_line, 4);
    assert_int_equal(s->option_count, 2);
    assert_string_equal(s->options[0].name, "trigger");
    assert_string_equal(s->options[0].value, "edge");
    assert_string_equal(s->options[1].value, "[::1]:0");
    assert_int_equal(s->host.fd_limit, 64);
    assert_int_equal(s->host.time_max_ns, 60000000000);
    assert_int_equal(s->host.memory_max, 1048576);
    assert_int_equal(s->host.flavour, SIM_FLAVOUR_NO_RDHUP);
    assert_int_equal(s->host.calls_max, 0);
    assert_string_equal(s->profile, "hostile");
    assert_true(s->seed == UINT64_MAX);
    assert_int_equal(s->verdict, WBH_VERDICT_LEAK);
    wbh_scenario_destroy(s);
}

static void parse_flavours_are_the_kernels(void **state) {
    (void)state;
    struct wbh_scenario *s = parse(HEAD "host flavour=edge-per-transition\n");
    assert_int_equal(s->host.flavour, SIM_FLAVOUR_EDGE_PER_TRANSITION);
    wbh_scenario_destroy(s);
    s = parse(HEAD "host flavour=emulated-edge,split-reports\n");
    assert_int_equal(s->host.flavour, SIM_FLAVOUR_SPLIT_REPORTS | SIM_FLAVOUR_EMULATED_EDGE);
    wbh_scenario_destroy(s);
}

static void parse_defaults_are_no_fault_and_verdict_ok(void **state) {
    (void)state;
    struct wbh_scenario *s = parse(HEAD);
    assert_string_equal(s->profile, "none");
    assert_int_equal(s->seed, 0);
    assert_int_equal(s->verdict, WBH_VERDICT_OK);
    assert_int_equal(s->peer_count + s->fault_count + s->option_count, 0);
    wbh_scenario_destroy(s);
}

static void parse_steps_fill_the_model(void **state) {
    (void)state;
    struct wbh_scenario *s = parse(HEAD "peer alice\n  after bob 2\n  send \"a\\0\\xfF\" * 7\n"
                                        "  expect\t\"#\" # not a comment before this\n"
                                        "  read slowly 10 every 1500us\n  after bob\n"
                                        "  signal SIGINT\n"
                                        "peer bob\n  listen 8080\n  expect silence 50ms\n"
                                        "  expect bytes 12\n  expect refused\n");
    assert_int_equal(s->peer_count, 2);
    assert_string_equal(s->peers[0].name, "alice");
    assert_int_equal(s->peers[0].line, 3);
    const struct wbh_step *alice = s->peers[0].steps;
    assert_int_equal(s->peers[0].step_count, 6);
    assert_int_equal(alice[0].kind, WBH_STEP_AFTER);
    assert_int_equal(alice[0].peer, 1);
    assert_int_equal(alice[0].step, 2);
    assert_int_equal(alice[1].kind, WBH_STEP_SEND);
    assert_int_equal(alice[1].line, 5);
    assert_int_equal(alice[1].data_len, 3);
    assert_memory_equal(s->data + alice[1].data_offset, "a\0\xff", 3);
    assert_int_equal(alice[1].repeat, 7);
    assert_int_equal(alice[2].kind, WBH_STEP_EXPECT);
    assert_memory_equal(s->data + alice[2].data_offset, "#", 1);
    assert_int_equal(alice[2].repeat, 1);
    assert_int_equal(alice[3].count, 10);
    assert_int_equal(alice[3].duration_ns, 1500000);
    assert_int_equal(alice[4].step, 0);
    assert_int_equal(alice[5].count, WB_SIGINT);
    const struct wbh_step *bob = s->peers[1].steps;
    assert_int_equal(bob[0].count, 8080);
    assert_int_equal(bob[1].kind, WBH_STEP_EXPECT_SILENCE);
    assert_int_equal(bob[1].duration_ns, 50000000);
    assert_int_equal(bob[2].kind, WBH_STEP_EXPECT_COUNT);
    assert_int_equal(bob[2].count, 12);
    assert_int_equal(bob[3].kind, WBH_STEP_EXPECT_REFUSED);
    wbh_scenario_destroy(s);
}

static void parse_datagrams_may_be_empty_and_ports_left_out(void **state) {
    (void)state;
    static const char text[] = "scenario \"t\"\nprogram p\nfaults none\n\npeer alice\n"
                               "  bind udp\n  send \"\"\n  expect \"\" * 2\n  bind udp 9000\n"
                               "\nverdict ok\n";
    assert_prints(text, text);
    struct wbh_scenario *s = parse(text);
    const struct wbh_step *steps = s->peers[0].steps;
    assert_int_equal(steps[0].kind, WBH_STEP_BIND_UDP);
    assert_int_equal(steps[0].count, 0);
    assert_int_equal(steps[1].data_len, 0);
    assert_int_equal(steps[2].repeat, 2);
    assert_int_equal(steps[3].count, 9000);
    wbh_scenario_destroy(s);
}

static void parse_unix_sockets_are_named_in_quotes(void **state) {
    (void)state;
    static const char text[] =
        "scenario \"t\"\nprogram p as unix\nprogram q as seqpacket\nfaults none\n\npeer alice\n"
        "  connect unix \"/run/echo\"\n  connect seqpacket \"@a b\\xff\"\n"
        "  connect datagram \"echo\"\n  bind datagram\n  bind datagram \"@\"\n"
        "  expect refused unix \"/a\"\n  send to \"to\"\n  connect seqpacket\n  expect refused "
        "seqpacket\n  listen unix \"/run/a\"\n  listen seqpacket \"@a\"\n  listen 80\n"
        "\nverdict ok\n";
    assert_prints(text, text);
    struct wbh_scenario *s = parse(text);
    const struct wbh_step *steps = s->peers[0].steps;
    static const enum wbh_step_kind kinds[] = {WBH_STEP_CONNECT_UNIX, WBH_STEP_CONNECT_SEQPACKET,
        WBH_STEP_CONNECT_DATAGRAM, WBH_STEP_BIND_DATAGRAM, WBH_STEP_BIND_DATAGRAM,
        WBH_STEP_EXPECT_REFUSED_UNIX, WBH_STEP_SEND_TO, WBH_STEP_CONNECT, WBH_STEP_EXPECT_REFUSED,
        WBH_STEP_LISTEN_UNIX, WBH_STEP_LISTEN_SEQPACKET, WBH_STEP_LISTEN};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        assert_int_equal(steps[i].kind, kinds[i]);
        assert_int_equal(steps[i].program, i == 7 || i == 8 ? 1 : 0);
    }
    assert_int_equal(steps[0].data_len, 9);
    assert_memory_equal(s->data + steps[1].data_offset, "@a b\xff", steps[1].data_len);
    assert_int_equal(steps[3].data_len, 0);
    wbh_scenario_destroy(s);
}

static void parse_descriptors_bear_what_is_in_them(void **state) {
    (void)state;
    static const char text[] =
        "scenario \"t\"\nprogram p\nfaults none\n\npeer alice\n  pass pipe \"abc\" * 2\n"
        "  pass socket \"\"\n  expect descriptors 3\n\nverdict ok\n";
    assert_prints(text, text);
    struct wbh_scenario *s = parse(text);
    const struct wbh_step *steps = s->peers[0].steps;
    assert_memory_equal(s->data + steps[0].data_offset, "abc", 3);
    assert_int_equal(steps[0].repeat, 2);
    assert_int_equal(steps[1].data_len, 0);
    assert_int_equal(steps[2].count, 3);
    wbh_scenario_destroy(s);
}

static void parse_datagrams_are_for_the_program_that_is_named(void **state) {
    (void)state;
    static const char text[] =
        "scenario \"t\"\nprogram p\nprogram p as q\nfaults none\n\npeer alice\n"
        "  bind udp\n  bind udp q\n  bind udp 9000\n  bind udp 9000 q\n\nverdict ok\n";
    assert_prints(text, text);
    struct wbh_scenario *s = parse(text);
    const struct wbh_step *steps = s->peers[0].steps;
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(steps[i].program, i % 2);
        assert_int_equal(steps[i].count, i < 2 ? 0 : 9000);
    }
    wbh_scenario_destroy(s);
}

static void parse_every_step_word_is_its_kind(void **state) {
    (void)state;
    static const char *const arguments[WBH_STEP_KIND_COUNT] = {
        [WBH_STEP_LISTEN] = " 1",
        [WBH_STEP_SEND] = " \"x\"",
        [WBH_STEP_EXPECT] = " \"x\"",
        [WBH_STEP_EXPECT_SILENCE] = " 1s",
        [WBH_STEP_EXPECT_COUNT] = " 1",
        [WBH_STEP_SLEEP] = " 1s",
        [WBH_STEP_AFTER] = " bob",
        [WBH_STEP_READ_SLOWLY] = " 1 every 1s",
        [WBH_STEP_BUFFERS] = " 1",
        [WBH_STEP_SIGNAL] = " SIGTERM",
        [WBH_STEP_CONNECT_UNIX] = " \"/a\"",
        [WBH_STEP_CONNECT_SEQPACKET] = " \"/a\"",
        [WBH_STEP_CONNECT_DATAGRAM] = " \"/a\"",
        [WBH_STEP_EXPECT_REFUSED_UNIX] = " \"/a\"",
        [WBH_STEP_SEND_TO] = " \"/a\"",
        [WBH_STEP_LISTEN_UNIX] = " \"/a\"",
        [WBH_STEP_LISTEN_SEQPACKET] = " \"/a\"",
        [WBH_STEP_PASS_PIPE] = " \"x\"",
        [WBH_STEP_PASS_SOCKET] = " \"x\"",
        [WBH_STEP_EXPECT_DESCRIPTORS] = " 1",
        [WBH_STEP_SEND_SLOWLY] = " \"x\" every 1s",
        [WBH_STEP_HTTP_REQUEST] = " GET /",
        [WBH_STEP_HTTP_RESPONSE] = " 200",
        [WBH_STEP_EXPECT_HTTP_REQUEST] = " GET /",
        [WBH_STEP_EXPECT_HTTP_RESPONSE] = " 200",
    };
    for (int kind = 0; kind < WBH_STEP_KIND_COUNT; kind++) {
        char text[128] = HEAD "peer alice\n  ";
        strcat(text, wbh_step_word((enum wbh_step_kind)kind));
        strcat(text, arguments[kind] != NULL ? arguments[kind] : "");
        strcat(text, "\npeer bob\n");
        struct wbh_scenario *s = parse(text);
        assert_int_equal(s->peers[0].steps[0].kind, kind);
        wbh_scenario_destroy(s);
    }
}

static void parse_faults_fill_the_model(void **state) {
    (void)state;
    struct wbh_scenario *s =
        parse(HEAD "fault bob#3.recv 2 short 5\nfault accept 1 error EMFILE\n"
                   "fault wait 4 spurious bob readable,hangup\nfault local2.b.inbound 1 delay 3ms\n"
                   "fault none.connect 1 error ETIMEDOUT\nfault wait 9 spurious listener readable\n"
                   "peer alice\npeer bob\n");
    const struct wbh_decision *f = s->faults;
    assert_int_equal(s->fault_count, 6);
    assert_int_equal(f[0].subject, WBH_SUBJECT(1, 2));
    assert_int_equal(f[0].point, WBH_POINT_RECV);
    assert_int_equal(f[0].ordinal, 2);
    assert_int_equal(f[0].action, WBH_ACTION_SHORT);
    assert_int_equal(f[0].value, 5);
    assert_int_equal(s->fault_lines[0], 3);
    assert_int_equal(f[1].subject, WBH_SUBJECT_NONE);
    assert_int_equal(f[1].value, EMFILE);
    assert_int_equal(f[2].about, WBH_SUBJECT(1, 0));
    assert_int_equal(f[2].value, WB_EPOLLIN | WB_EPOLLHUP);
    assert_int_equal(f[3].subject, WBH_SUBJECT_LOCAL | 3);
    assert_int_equal(f[3].value, 3000000);
    assert_int_equal(f[4].subject, WBH_SUBJECT_NONE);
    assert_int_equal(f[4].point, WBH_POINT_CONNECT);
    assert_int_equal(f[5].about, WBH_SUBJECT_LISTENER);
    wbh_scenario_destroy(s);
}

static void parse_every_action_is_accepted_where_it_can_happen(void **state) {
    (void)state;
    static const char *const arguments[] = {
        [WBH_ARGUMENT_NONE] = "",
        [WBH_ARGUMENT_COUNT] = " 1",
        [WBH_ARGUMENT_TIME] = " 1ms",
        [WBH_ARGUMENT_EVENTS] = " alice writable",
    };
    for (int p = 0; p < WBH_POINT_COUNT; p++) {
        enum wbh_point point = (enum wbh_point)p;
        for (int a = 0; a < WBH_ACTION_COUNT; a++) {
            enum wbh_argument argument = wbh_action_argument((enum wbh_action)a);
            char text[160] = HEAD "peer alice\nfault ";
            strcat(text, wbh_point_is_per_connection(point) ? "alice." : "");
            strcat(text, wbh_point_name(point));
            strcat(text, " 1 ");
            strcat(text, wbh_action_name((enum wbh_action)a));
            if (argument == WBH_ARGUMENT_ERRNO) {
                int index = 0;
                while (index < 31 && (wbh_point_errnos(point) >> index & 1u) == 0) {
                    index++;
                }
                strcat(text, " ");
                strcat(text, wbh_errno_name(wbh_errno_nth((unsigned)index)));
            } else {
                strcat(text, arguments[argument]);
            }
            struct wbh_parse_error error;
            struct wbh_scenario *s = wbh_scenario_parse(text, strlen(text), &error);
            assert_int_equal(s != NULL, wbh_point_actions(point) >> a & 1u);
            wbh_scenario_destroy(s);
        }
    }
}

static void print_gives_the_canonical_text(void **state) {
    (void)state;
    assert_prints(
        "scenario   \"t\"\nverdict hang\nfault alice.step  1 delay 1500ms # late\n"
        "host flavour=no-rdhup,edge-per-transition recv-buffer=1 send-buffer=2\n"
        "program p  b=1  c   a=2\npeer alice\n\tsend \"\\x0a\\x41\\x00\\x7f\\xC3\\\\\" * 1\n"
        "\n\n\tsleep 60000ms\n    sleep 1001us\n",
        "scenario \"t\"\nprogram p b=1 c a=2\n"
        "host send-buffer=2 recv-buffer=1 flavour=edge-per-transition,no-rdhup\nfaults none\n"
        "\npeer alice\n  send \"\\nA\\0\\x7f\\xc3\\\\\"\n  sleep 60s\n  sleep 1001us\n"
        "\nfault alice.step 1 delay 1500ms\n\nverdict hang\n");
}

static void print_of_the_least_is_its_two_lines(void **state) {
    (void)state;
    assert_prints(HEAD, "scenario \"t\"\nprogram p\nfaults none\n\nverdict ok\n");
    assert_prints(
        "scenario \"\"\r\nprogram p", "scenario \"\"\nprogram p\nfaults none\n\nverdict ok\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_head_fills_the_model),
        cmocka_unit_test(parse_flavours_are_the_kernels),
        cmocka_unit_test(parse_defaults_are_no_fault_and_verdict_ok),
        cmocka_unit_test(parse_steps_fill_the_model),
        cmocka_unit_test(parse_datagrams_may_be_empty_and_ports_left_out),
        cmocka_unit_test(parse_descriptors_bear_what_is_in_them),
        cmocka_unit_test(parse_unix_sockets_are_named_in_quotes),
        cmocka_unit_test(parse_datagrams_are_for_the_program_that_is_named),
        cmocka_unit_test(parse_every_step_word_is_its_kind),
        cmocka_unit_test(parse_faults_fill_the_model),
        cmocka_unit_test(parse_every_action_is_accepted_where_it_can_happen),
        cmocka_unit_test(print_gives_the_canonical_text),
        cmocka_unit_test(print_of_the_least_is_its_two_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
