/* Fitting: whatever was decoded becomes a scenario that says what it does, within the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scenario/fit.h"
#include "wouldblock/run.h"

static struct wbh_scenario *parse(const char *text) {
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &error);
    assert_non_null(scenario);
    return scenario;
}

static struct wbh_scenario *fitted(const char *text) {
    struct wbh_scenario *scenario = parse(text);
    fit_scenario(scenario);
    return scenario;
}

/* Text is what a finding is kept as. */
static void assert_printable(const struct wbh_scenario *scenario) {
    size_t len;
    struct wbh_parse_error error;
    char *text = wbh_scenario_print(scenario, &len);
    assert_non_null(text);
    struct wbh_scenario *again = wbh_scenario_parse(text, len, &error);
    assert_non_null(again);
    assert_true(wbh_scenario_equal(scenario, again));
    wbh_scenario_destroy(again);
    free(text);
}

static uint64_t traffic_of(const struct wbh_scenario *scenario) {
    uint64_t traffic = 0;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            const struct wbh_step *step = &scenario->peers[p].steps[s];
            if (step->kind == WBH_STEP_SEND) {
                traffic += (uint64_t)step->data_len * step->repeat;
            }
        }
    }
    return traffic;
}

static void echo_scenario_keeps_what_it_says(void **state) {
    (void)state;
    const char *text =
        "scenario \"s\"\nprogram ping_pong trigger=edge max-connections=2\n"
        "host calls=500 fd-limit=9\nfaults hostile seed=7\n"
        "peer alice\n  connect\n  send \"a\\n\" * 9\n  expect \"a\\n\"\n  after bob 1\n"
        "peer bob\n  sleep 1s\n  signal SIGTERM\n"
        "fault alice.recv 1 short 1\nverdict ok\n";
    struct wbh_scenario *scenario = fitted(text);
    struct wbh_scenario *as_written = parse(text);
    assert_true(wbh_scenario_equal(scenario, as_written));
    wbh_scenario_destroy(as_written);
    wbh_scenario_destroy(scenario);
}

static void other_programs_become_an_echo_by_the_length_of_their_names(void **state) {
    (void)state;
    struct wbh_scenario *odd = fitted("scenario \"s\"\nprogram abc\nverdict ok\n");
    struct wbh_scenario *even = fitted("scenario \"s\"\nprogram abcd\nverdict hang\n");
    assert_string_equal(odd->program, "ping_pong");
    assert_string_equal(even->program, "multi_echo");
    assert_int_equal(even->verdict, WBH_VERDICT_OK);
    wbh_scenario_destroy(odd);
    wbh_scenario_destroy(even);
}

static void options_that_make_no_sense_go(void **state) {
    (void)state;
    struct wbh_scenario *scenario = fitted(
        "scenario \"s\"\nprogram ping_pong verbose=1 trigger=x max-connections=-3\nverdict ok\n");
    assert_int_equal(scenario->option_count, 1);
    assert_string_equal(scenario->options[0].name, "trigger");
    assert_string_equal(scenario->options[0].value, wbh_trigger_nth('x' % WBH_TRIGGER_COUNT));
    assert_printable(scenario);
    wbh_scenario_destroy(scenario);
}

static void flags_stay_where_the_program_has_them(void **state) {
    (void)state;
    struct wbh_scenario *echo =
        fitted("scenario \"s\"\nprogram ping_pong framed accept-once=level trigger\nverdict ok\n");
    assert_int_equal(echo->option_count, 2);
    assert_string_equal(echo->options[0].name, "accept-once");
    assert_string_equal(echo->options[0].value, "");
    assert_string_equal(echo->options[1].name, "trigger");
    assert_string_not_equal(echo->options[1].value, "");
    assert_printable(echo);
    wbh_scenario_destroy(echo);
    struct wbh_scenario *broadcast =
        fitted("scenario \"s\"\nprogram multi_echo framed accept-once\nverdict ok\n");
    assert_int_equal(broadcast->option_count, 1);
    assert_string_equal(broadcast->options[0].name, "framed");
    wbh_scenario_destroy(broadcast);
}

static void traffic_is_cut_to_its_bound(void **state) {
    (void)state;
    struct wbh_scenario *scenario = fitted("scenario \"s\"\nprogram ping_pong\n"
                                           "peer alice\n  connect\n  send \"0123456789\" * 60000\n"
                                           "  send \"0123456789\" * 60000\n"
                                           "verdict ok\n");
    assert_in_range(traffic_of(scenario), WBH_BOUND_TRAFFIC - 20, WBH_BOUND_TRAFFIC + 1);
    assert_int_equal(scenario->host.calls_max, WBH_BOUND_CALLS);
    assert_printable(scenario);
    wbh_scenario_destroy(scenario);
}

static void small_buffers_bound_the_traffic(void **state) {
    (void)state;
    struct wbh_scenario *scenario =
        fitted("scenario \"s\"\nprogram ping_pong\nhost send-buffer=100\n"
               "peer alice\n  buffers 2\n  connect\n  send \"0123456789\" * 60000\n"
               "  read slowly 1 every 1ms\nverdict ok\n");
    assert_in_range(traffic_of(scenario), WBH_BOUND_FILLS, 2 * WBH_BOUND_FILLS);
    assert_in_range(
        scenario->peers[0].steps[3].count, 2 * WBH_BOUND_FILLS / WBH_BOUND_SLOW_READS, 5);
    assert_printable(scenario);
    wbh_scenario_destroy(scenario);
}

/* Three peers of 256 steps: the last one's are cut off, and who waited for one of them waits for
 * its end. */
static void scripts_are_cut_and_waits_follow(void **state) {
    (void)state;
    static char text[65536];
    strcpy(text, "scenario \"s\"\nprogram ping_pong\n");
    const char *const names[] = {"peer a\n  after c 200\n", "peer b\n  sleep 1ms\n", "peer c\n"};
    for (size_t p = 0; p < 3; p++) {
        strcat(text, names[p]);
        for (unsigned s = 0; s < 255; s++) {
            strcat(text, "  sleep 1ms\n");
        }
    }
    strcat(text, "verdict ok\n");
    struct wbh_scenario *scenario = fitted(text);
    assert_int_equal(scenario->peers[0].step_count, 256);
    assert_int_equal(scenario->peers[1].step_count, 256);
    assert_int_equal(scenario->peers[2].step_count, 0);
    assert_int_equal(scenario->peers[0].steps[0].step, 0);
    wbh_scenario_destroy(scenario);
}

/* ---- several programs, hosts ---- */

static const char *option_of(const struct wbh_cast *cast, const char *name) {
    for (uint32_t i = 0; i < cast->option_count; i++) {
        if (strcmp(cast->options[i].name, name) == 0) {
            return cast->options[i].value;
        }
    }
    return NULL;
}

static void client_of_a_server_elsewhere_is_sent_there(void **state) {
    (void)state;
    struct wbh_scenario *scenario =
        fitted("scenario \"s\"\nprogram ping_pong_client on near server=1.2.3.4:5 clients=3\n"
               "program ping_pong as one on far trigger=edge\nprogram ping_pong as two on six\n"
               "host near address=10.0.0.1\nhost far address=10.0.0.2\nhost six address=fd00::1\n"
               "link near far latency=2000s\nat 2000s crash one\n"
               "peer alice on near\n  connect\nverdict ok\n");
    const struct wbh_cast client = wbh_scenario_program(scenario, 0);
    const struct wbh_cast server = wbh_scenario_program(scenario, 1);
    const struct wbh_cast sixth = wbh_scenario_program(scenario, 2);
    assert_string_equal(option_of(&server, "listen"), "0.0.0.0:7001");
    assert_string_equal(option_of(&sixth, "listen"), "[::]:7002");
    assert_string_equal(option_of(&client, "server"), "[fd00:0:0:0:0:0:0:1]:7002"); /* '5' is odd */
    assert_null(option_of(&client, "clients"));
    assert_int_not_equal(scenario->peers[0].steps[0].program, 0); /* nobody connects to a client */
    assert_true(scenario->links[0].latency_ns == WBH_BOUND_DURATION_NS);
    assert_true(scenario->moments[0].at_ns == WBH_BOUND_DURATION_NS);
    assert_printable(scenario);
    wbh_scenario_destroy(scenario);
}

/* Where peers of fuzz inputs mostly look for it. */
static void servers_of_unix_sockets_have_names_that_peers_know(void **state) {
    (void)state;
    struct wbh_scenario *scenario =
        fitted("scenario \"s\"\nprogram unix_datagram\nprogram seqpacket_echo listen=@x\n"
               "program unix_datagram_sender to=@y\nverdict ok\n");
    const struct wbh_cast first = wbh_scenario_program(scenario, 0);
    const struct wbh_cast second = wbh_scenario_program(scenario, 1);
    const struct wbh_cast third = wbh_scenario_program(scenario, 2);
    assert_string_equal(option_of(&first, "listen"), "@wouldblock");
    assert_string_equal(option_of(&second, "listen"), "@echo");
    assert_string_equal(option_of(&third, "to"), "@wouldblock");
    assert_printable(scenario);
    wbh_scenario_destroy(scenario);
    struct wbh_scenario *plain =
        fitted("scenario \"s\"\nprogram ping_pong listen=unix:@echo\nverdict ok\n");
    assert_string_equal(plain->options[0].value, "unix:@echo");
    wbh_scenario_destroy(plain);
    struct wbh_scenario *elsewhere =
        fitted("scenario \"s\"\nprogram ping_pong listen=0.0.0.0:1\nverdict ok\n");
    assert_int_equal(elsewhere->option_count, 0);
    wbh_scenario_destroy(elsewhere);
}

static void programs_that_become_others_keep_apart(void **state) {
    (void)state;
    struct wbh_scenario *scenario = fitted(
        "scenario \"s\"\nprogram abcdefgh\nprogram ping_pong\nprogram ijklmnop\nverdict ok\n");
    assert_string_equal(scenario->program, "ping_pong");
    assert_string_equal(wbh_scenario_program(scenario, 1).label, "ping_pong");
    assert_string_equal(wbh_scenario_program(scenario, 2).program, "ping_pong");
    assert_printable(scenario);
    wbh_scenario_destroy(scenario);
}

static void peers_leave_the_ports_of_programs_free(void **state) {
    (void)state;
    struct wbh_scenario *plain = fitted("scenario \"s\"\nprogram ping_pong\n"
                                        "peer alice\n  listen 6567\n  bind udp 8000\nverdict ok\n");
    assert_int_not_equal(plain->peers[0].steps[0].count, 6567);
    assert_int_equal(plain->peers[0].steps[1].count, 8000);
    wbh_scenario_destroy(plain);
    struct wbh_scenario *udp = fitted("scenario \"s\"\nprogram udp_echo\n"
                                      "peer alice\n  bind udp 7000\n  listen 6567\nverdict ok\n");
    assert_string_equal(udp->program, "udp_echo");
    assert_int_not_equal(udp->peers[0].steps[0].count, 7000);
    assert_int_equal(udp->peers[0].steps[1].count, 6567);
    wbh_scenario_destroy(udp);
}

/* Times that faults may decide about are left out, and so is the bound on connections. */
static void servers_of_http_have_all_the_time_there_is(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse(
        "scenario \"s\"\nprogram http_files head-timeout=5 max-connections=2 max-body=70 list\n"
        "verdict hang\n");
    fit_http_scenario(scenario);
    const struct wbh_cast cast = wbh_scenario_program(scenario, 0);
    assert_string_equal(scenario->program, "http_files");
    assert_string_equal(option_of(&cast, "head-timeout"), "0");
    assert_string_equal(option_of(&cast, "write-timeout"), "0");
    assert_string_equal(option_of(&cast, "max-body"), "70");
    assert_non_null(option_of(&cast, "list"));
    assert_null(option_of(&cast, "max-connections"));
    assert_int_equal(scenario->verdict, WBH_VERDICT_OK);
    assert_printable(scenario);
    wbh_scenario_destroy(scenario);
}

static void a_client_of_http_finds_the_first_peer_that_listens(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse("scenario \"s\"\nprogram ping_pong trigger=edge\n"
                                          "peer a\n  listen 99\npeer b\n  listen 8080\n"
                                          "verdict ok\n");
    fit_http_client_scenario(scenario);
    const struct wbh_cast cast = wbh_scenario_program(scenario, 0);
    assert_string_equal(scenario->program, "http_get");
    assert_string_equal(option_of(&cast, "url"), "http://127.0.0.1:8080/");
    assert_non_null(option_of(&cast, WBH_MAY_FAIL));
    assert_null(option_of(&cast, "trigger"));
    assert_int_equal(scenario->peers[0].steps[0].count, 8080);
    assert_int_equal(scenario->peers[1].steps[0].count, 8081);
    assert_printable(scenario);
    wbh_scenario_destroy(scenario);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echo_scenario_keeps_what_it_says),
        cmocka_unit_test(other_programs_become_an_echo_by_the_length_of_their_names),
        cmocka_unit_test(options_that_make_no_sense_go),
        cmocka_unit_test(flags_stay_where_the_program_has_them),
        cmocka_unit_test(traffic_is_cut_to_its_bound),
        cmocka_unit_test(small_buffers_bound_the_traffic),
        cmocka_unit_test(scripts_are_cut_and_waits_follow),
        cmocka_unit_test(client_of_a_server_elsewhere_is_sent_there),
        cmocka_unit_test(servers_of_unix_sockets_have_names_that_peers_know),
        cmocka_unit_test(programs_that_become_others_keep_apart),
        cmocka_unit_test(peers_leave_the_ports_of_programs_free),
        cmocka_unit_test(servers_of_http_have_all_the_time_there_is),
        cmocka_unit_test(a_client_of_http_finds_the_first_peer_that_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
