/* Connecting to a name that has addresses of both families, when answers come late, from the wrong
 * one first, or not at all: by virtual time, to the millisecond. Spec: RFC 8305. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "connects.h"
#include "judged.h"

static int setup(void **state) {
    (void)state;
    size_t count;
    const struct wbh_program *programs = connect_programs(&count);
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

/* IPv4 first in the list of the host: the order is not that of the name server. */
#define HOSTS                                                                                      \
    "host near address=10.0.0.2,fd00::2\nhost far address=10.0.0.1,fd00::1\n"                      \
    "link near far latency=5ms\n"
#define SERVER "program welcoming on far\n"

/* Nothing but what the lines say: without a fault of chance, and with threads in their order. */
static void run_as(const char *options, const char *rest) {
    (void)snprintf(
        text, sizeof(text), "scenario \"x\"\nprogram hasty on near %s\n" HOSTS "%s", options, rest);
    judge_text(text, NULL);
    if (judged.verdict != WBH_VERDICT_OK || judged.stop != SIM_STOP_EXITED
        || judged.exit_status != 0) {
        fail_msg("%s\nstop %d, status %d, %s", text, (int)judged.stop, judged.exit_status,
            judged.finding_count != 0 ? judged.findings[0].text : "");
    }
}

static void connect_as(const char *options, const char *rest) {
    run_as(options, rest);
    assert_int_equal(judged.planned_unfired, 0);
}

/* On one thread and on several. */
static void both_connect_as(const char *options, const char *rest) {
    char with_flavour[256];
    connect_as(options, rest);
    (void)snprintf(with_flavour, sizeof(with_flavour), "flavour=multi %s", options);
    connect_as(with_flavour, rest);
}

static void rfc_8305_the_newer_family_comes_first(void **state) {
    (void)state;
    both_connect_as("family=6 after-ms=10 before-ms=12", SERVER);
}

static void rfc_8305_answers_of_the_newer_family_are_waited_for_a_little(void **state) {
    (void)state;
    both_connect_as("family=6 after-ms=40 before-ms=42", SERVER "fault resolve 1 delay 30ms\n");
    both_connect_as("family=4 after-ms=60 before-ms=62", SERVER "fault resolve 1 delay 90ms\n");
}

static void rfc_8305_the_other_family_is_not_waited_for(void **state) {
    (void)state;
    both_connect_as("family=6 after-ms=10 before-ms=12", SERVER "fault resolve 2 delay 5s\n");
}

static void rfc_8305_a_family_without_an_answer_does_not_matter(void **state) {
    (void)state;
    both_connect_as("family=4 after-ms=10 before-ms=12", SERVER "fault resolve 1 error ENOENT\n");
    both_connect_as("family=6 after-ms=10 before-ms=12", SERVER "fault resolve 2 error EIO\n");
    both_connect_as("family=4 after-ms=40 before-ms=42",
        SERVER "fault resolve 1 error ENOENT\nfault resolve 2 delay 30ms\n");
}

static void rfc_8305_the_next_attempt_begins_after_a_delay(void **state) {
    (void)state;
    both_connect_as(
        "family=4 after-ms=260 before-ms=262", SERVER "fault local1.a.connect 1 delay 2s\n");
}

static void rfc_8305_an_attempt_that_is_late_still_wins(void **state) {
    (void)state;
    both_connect_as("family=6 after-ms=310 before-ms=312",
        SERVER "fault local1.a.connect 1 delay 300ms\nfault local2.a.connect 1 delay 2s\n");
}

static void rfc_8305_the_next_attempt_begins_when_one_fails(void **state) {
    (void)state;
    both_connect_as("family=4 after-ms=10 before-ms=22",
        SERVER "fault local1.a.connect 1 error ECONNREFUSED\n");
}

/* The IPv4 addresses come when the attempt over IPv6 has been under way for a while. */
static void rfc_8305_late_addresses_join(void **state) {
    (void)state;
    both_connect_as("family=4 after-ms=410 before-ms=412",
        SERVER "fault local1.a.connect 1 delay 2s\nfault resolve 2 delay 400ms\n");
}

static void failing_everywhere_says_what_tells_most(void **state) {
    (void)state;
    both_connect_as("status=ERR_CONN_REFUSED before-ms=25", "");
    both_connect_as("status=ERR_NO_ENTRY before-ms=2",
        "fault resolve 1 error ENOENT\nfault resolve 2 error ENOENT\n");
    both_connect_as("status=ERR_TIMED_OUT before-ms=2",
        "fault resolve 1 error ENOENT\nfault resolve 2 error ETIMEDOUT\n");
    both_connect_as("status=ERR_TIMED_OUT before-ms=2",
        "fault resolve 1 error ETIMEDOUT\nfault resolve 2 error ENOENT\n");
}

static void given_up_it_leaves_nothing(void **state) {
    (void)state;
    static const char *const moments[] = {"0", "5", "55", "255", "300"};
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        char options[128];
        (void)snprintf(options, sizeof(options), "flavour=%s status=ERR_TIMED_OUT timeout-ms=%s",
            i % 2 == 0 ? "single" : "multi", moments[i]);
        run_as(options,
            SERVER "fault local1.a.connect 1 delay 2s\nfault local2.a.connect 1 delay 2s\n");
    }
}

static void connecting_leaves_nothing_in_any_order_of_threads(void **state) {
    (void)state;
    enum { SEEDS = 200 };
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct wbh_run_options options = {.flags = WBH_RUN_RECORD,
            .seed = &seed,
            .profile = seed % 4 == 0 ? "failing" : "hostile"};
        (void)snprintf(text, sizeof(text),
            "scenario \"x\"\nprogram hasty on near flavour=%s\n" HOSTS SERVER,
            seed % 2 == 0 ? "multi" : "single");
        judge_text(text, &options);
        if (judged.verdict != WBH_VERDICT_OK) {
            fail_msg("%s seed %d: %s", text, (int)seed, judged.findings[0].text);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_8305_the_newer_family_comes_first),
        cmocka_unit_test(rfc_8305_answers_of_the_newer_family_are_waited_for_a_little),
        cmocka_unit_test(rfc_8305_the_other_family_is_not_waited_for),
        cmocka_unit_test(rfc_8305_a_family_without_an_answer_does_not_matter),
        cmocka_unit_test(rfc_8305_the_next_attempt_begins_after_a_delay),
        cmocka_unit_test(rfc_8305_an_attempt_that_is_late_still_wins),
        cmocka_unit_test(rfc_8305_the_next_attempt_begins_when_one_fails),
        cmocka_unit_test(rfc_8305_late_addresses_join),
        cmocka_unit_test(failing_everywhere_says_what_tells_most),
        cmocka_unit_test(given_up_it_leaves_nothing),
        cmocka_unit_test(connecting_leaves_nothing_in_any_order_of_threads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
