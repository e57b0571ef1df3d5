/* The timeline, told from traces made by hand: what lines say, what is left out, what is folded. */
#include "report/timeline.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ALICE WBH_SUBJECT(0, 0)

static struct wbh_peer peers[] = {{.name = "alice"}};
static const struct wbh_scenario scenario = {.peers = peers, .peer_count = 1};

static const struct wbh_decision would_block = {.subject = ALICE,
    .ordinal = 2,
    .point = WBH_POINT_RECV,
    .action = WBH_ACTION_WOULD_BLOCK,
    .legality = WBH_LEGALITY_CONTRACT};

/* A connection, a fault, an answer. */
static struct sim_event story[] = {
    {.time_ns = 0,
        .kind = SIM_EVENT_CALL,
        .call = SIM_CALL_SOCKET,
        .fd = -1,
        .step = 1,
        .result = 3},
    {.time_ns = 200, .kind = SIM_EVENT_CALL, .call = SIM_CALL_LISTEN, .fd = 3, .step = 2},
    {.time_ns = 300,
        .kind = SIM_EVENT_CALL,
        .call = SIM_CALL_EPOLL_CTL,
        .fd = 3,
        .step = 3,
        .a = WB_EPOLL_CTL_ADD,
        .b = WB_EPOLLIN | WB_EPOLLET,
        .registration = 1},
    {.time_ns = 400, .kind = SIM_EVENT_CALL, .call = SIM_CALL_CLOCK, .fd = -1, .step = 4},
    {.time_ns = 500,
        .kind = SIM_EVENT_WAIT,
        .call = SIM_CALL_EPOLL_WAIT,
        .fd = 4,
        .step = 5,
        .a = (uint64_t)WB_TIMEOUT_INFINITE,
        .b = 64},
    {.time_ns = 1250000,
        .kind = SIM_EVENT_PEER,
        .fd = -1,
        .subject = ALICE,
        .step = 5,
        .a = WBH_STEP_SEND,
        .data = "hello world\n",
        .data_len = 12},
    {.time_ns = 1250000,
        .kind = SIM_EVENT_ARRIVE,
        .fd = -1,
        .subject = ALICE,
        .step = 5,
        .a = 12,
        .b = 4},
    {.time_ns = 1251000,
        .kind = SIM_EVENT_REPORT,
        .call = SIM_CALL_EPOLL_WAIT,
        .fd = 3,
        .step = 5,
        .registration = 1,
        .a = WB_EPOLLIN},
    {.time_ns = 1251500,
        .kind = SIM_EVENT_CALL,
        .call = SIM_CALL_ACCEPT,
        .fd = 3,
        .step = 6,
        .a = ALICE,
        .result = 5},
    {.time_ns = 1252000,
        .kind = SIM_EVENT_FAULT,
        .fd = 5,
        .subject = ALICE,
        .step = 7,
        .decision = &would_block},
    {.time_ns = 1252000,
        .kind = SIM_EVENT_CALL,
        .call = SIM_CALL_RECV,
        .fd = 5,
        .subject = ALICE,
        .step = 7,
        .a = 4096,
        .result = -EAGAIN},
    {.time_ns = 1253000,
        .kind = SIM_EVENT_CALL,
        .call = SIM_CALL_RECV,
        .fd = 5,
        .subject = ALICE,
        .step = 8,
        .a = 4096,
        .result = 0},
};

static const struct wbh_trace story_trace = {
    .events = story, .event_count = sizeof story / sizeof story[0]};

static void print(const struct wbh_trace *trace, const struct wbh_result *result, unsigned flags,
    size_t lines_max, struct wbh_text *out) {
    struct wbh_timeline timeline;
    assert_int_equal(wbh_timeline_build(&timeline, &scenario, trace, result), 0);
    wbh_timeline_print(&timeline, flags, lines_max, out);
    wbh_timeline_clean_up(&timeline);
    assert_false(out->failed);
}

static void timeline_of_a_fault_reads_like_a_story(void **state) {
    (void)state;
    static const struct wbh_result result = {0};
    struct wbh_text out = {0};
    print(&story_trace, &result, 0, 0, &out);
    assert_string_equal(out.bytes,
        "      0.000 ms  program  socket() = 3\n"
        "      0.000 ms  program  listen(socket 3) = 0\n"
        "      0.000 ms  program  epoll_ctl(add listener 3, IN|ET) = 0\n"
        "      0.000 ms  wait #1  begins, without a timeout\n"
        "      1.250 ms  alice    sends 12 bytes \"hello world\\n\"\n"
        "      1.250 ms  network  12 bytes reach the program on alice\n"
        "      1.251 ms  wait #1  reports listener 3 readable (edge)\n"
        "      1.251 ms  program  accept(listener 3) = alice (fd 5)\n"
        "      1.252 ms  FAULT    alice.recv 2 would-block  [contract]\n"
        "      1.252 ms  program  recv(alice, 4096) = EAGAIN\n"
        "      1.253 ms  program  recv(alice, 4096) = 0, the end of the stream\n");
    wbh_text_clean_up(&out);
}

static void timeline_verbose_shows_clock_reads(void **state) {
    (void)state;
    static const struct wbh_result result = {0};
    struct wbh_text out = {0};
    print(&story_trace, &result, WBH_PRINT_VERBOSE, 0, &out);
    assert_non_null(strstr(out.bytes, "program  clock_gettime()\n"));
    wbh_text_clean_up(&out);
}

static void timeline_names_timers_and_both_ends_of_a_pipe(void **state) {
    (void)state;
    static struct sim_event events[] = {
        {.kind = SIM_EVENT_CALL, .call = SIM_CALL_PIPE, .fd = 5, .step = 1, .a = 6},
        {.kind = SIM_EVENT_CALL, .call = SIM_CALL_PIPE, .fd = -1, .step = 2, .result = -EMFILE},
        {.kind = SIM_EVENT_CALL, .call = SIM_CALL_TIMERFD, .fd = 7, .step = 3, .result = 7},
        {.kind = SIM_EVENT_CALL, .call = SIM_CALL_TIMERFD, .fd = 7, .step = 4},
        {.kind = SIM_EVENT_CALL, .call = SIM_CALL_CLOSE, .fd = 6, .step = 5, .a = 1},
    };
    const struct wbh_trace trace = {.events = events, .event_count = 5};
    static const struct wbh_result result = {0};
    struct wbh_text out = {0};
    print(&trace, &result, 0, 0, &out);
    assert_string_equal(out.bytes, "      0.000 ms  program  pipe2() = 5 and 6\n"
                                   "      0.000 ms  program  pipe2() = EMFILE\n"
                                   "      0.000 ms  program  timerfd() = 7\n"
                                   "      0.000 ms  program  timerfd(timerfd 7) = 0\n"
                                   "      0.000 ms  program  close(pipe 6) = 0\n");
    wbh_text_clean_up(&out);
}

static void timeline_tells_what_becomes_of_a_program(void **state) {
    (void)state;
    static struct sim_event events[] = {
        {.kind = SIM_EVENT_PROCESS, .fd = -1, .step = 1, .a = SIM_PROCESS_GOES_ON},
        {.kind = SIM_EVENT_PROCESS, .fd = -1, .step = 2, .a = SIM_PROCESS_KILLED},
        {.kind = SIM_EVENT_PROCESS, .fd = -1, .step = 3, .a = SIM_PROCESS_SPARED},
        {.kind = SIM_EVENT_PROCESS, .fd = -1, .step = 4, .a = SIM_PROCESS_STARTED},
        {.kind = SIM_EVENT_PROCESS, .fd = -1, .step = 5, .a = SIM_PROCESS_EXITED, .result = 3},
    };
    const struct wbh_trace trace = {.events = events, .event_count = 5};
    static const struct wbh_result result = {0};
    struct wbh_text out = {0};
    print(&trace, &result, 0, 0, &out);
    assert_string_equal(out.bytes,
        "      0.000 ms  program  was to begin anew, and goes on since it has not ended\n"
        "      0.000 ms  program  is killed; its descriptors are closed\n"
        "      0.000 ms  program  was to be killed, and has ended already\n"
        "      0.000 ms  program  begins anew\n"
        "      0.000 ms  program  ends with status 3\n");
    wbh_text_clean_up(&out);
}

/* The trace has a call when it returns and what it caused while it ran; a story tells the cause
 * first. */
static void timeline_effect_of_a_call_follows_it(void **state) {
    (void)state;
    static struct sim_event events[] = {
        {.time_ns = 100,
            .kind = SIM_EVENT_ARRIVE,
            .fd = -1,
            .subject = WBH_SUBJECT(1, 0),
            .step = 3,
            .a = 9},
        {.time_ns = 100, .kind = SIM_EVENT_ARRIVE, .fd = -1, .subject = ALICE, .step = 3, .a = 6},
        {.time_ns = 200,
            .kind = SIM_EVENT_CALL,
            .call = SIM_CALL_SEND,
            .fd = 5,
            .subject = ALICE,
            .step = 3,
            .a = 6,
            .result = 6},
    };
    const struct wbh_trace trace = {.events = events, .event_count = 3};
    static const struct wbh_result result = {0};
    struct wbh_text out = {0};
    print(&trace, &result, 0, 0, &out);
    assert_string_equal(out.bytes, "      0.000 ms  network  9 bytes reach peer1\n"
                                   "      0.000 ms  program  send(alice, 6) = 6\n"
                                   "      0.000 ms  network  6 bytes reach alice\n");
    wbh_text_clean_up(&out);
}

static void timeline_finding_stands_at_its_time(void **state) {
    (void)state;
    static struct wbh_result result = {.finding_count = 2,
        .findings = {{.verdict = WBH_VERDICT_LEAK, .time_ns = 9000000, .text = "late"},
            {.verdict = WBH_VERDICT_HANG, .time_ns = 1250000, .text = "early"}}};
    struct wbh_text out = {0};
    print(&story_trace, &result, 0, 0, &out);
    const char *arrival = strstr(out.bytes, "reach the program");
    const char *early = strstr(out.bytes, "1.250 ms  FINDING  hang: early\n");
    const char *report = strstr(out.bytes, "reports listener");
    const char *late = strstr(out.bytes, "9.000 ms  FINDING  leak: late\n");
    assert_non_null(early);
    assert_non_null(late);
    assert_true(arrival < early && early < report);
    assert_string_equal(late, "9.000 ms  FINDING  leak: late\n");
    wbh_text_clean_up(&out);
}

enum { SPIN_PASSES = 50 };

/* A loop that reads nothing, over and over. */
static void make_spin(struct sim_event *events) {
    for (size_t i = 0; i < SPIN_PASSES; i++) {
        events[2 * i] = (struct sim_event){.time_ns = 1000 * i,
            .kind = SIM_EVENT_WAIT,
            .call = SIM_CALL_EPOLL_WAIT,
            .fd = 4,
            .a = (uint64_t)WB_TIMEOUT_INFINITE};
        events[2 * i + 1] = (struct sim_event){.time_ns = 1000 * i + 500,
            .kind = SIM_EVENT_CALL,
            .call = SIM_CALL_RECV,
            .fd = 5,
            .subject = ALICE,
            .a = 16,
            .result = -EAGAIN};
    }
}

static size_t count_lines(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

static void timeline_repetition_is_folded(void **state) {
    (void)state;
    struct sim_event events[2 * SPIN_PASSES];
    make_spin(events);
    const struct wbh_trace trace = {.events = events, .event_count = 2 * SPIN_PASSES};
    static const struct wbh_result result = {0};
    struct wbh_text out = {0};
    print(&trace, &result, 0, 0, &out);
    assert_int_equal(count_lines(out.bytes), 3);
    assert_non_null(strstr(out.bytes, "... the last 2 lines again, 49 times\n"));
    wbh_text_clean_up(&out);
    print(&trace, &result, WBH_PRINT_VERBOSE, 0, &out);
    assert_int_equal(count_lines(out.bytes), 2 * SPIN_PASSES);
    wbh_text_clean_up(&out);
}

static void timeline_longer_than_bound_loses_its_middle(void **state) {
    (void)state;
    struct sim_event events[100];
    for (size_t i = 0; i < 100; i++) {
        events[i] = (struct sim_event){
            .time_ns = 1000 * i, .kind = SIM_EVENT_ARRIVE, .fd = -1, .subject = ALICE, .a = i + 2};
    }
    const struct wbh_trace trace = {.events = events, .event_count = 100};
    static const struct wbh_result result = {0};
    struct wbh_text out = {0};
    print(&trace, &result, 0, 20, &out);
    assert_int_equal(count_lines(out.bytes), 21);
    assert_non_null(strstr(out.bytes, "... 80 lines left out\n"));
    assert_non_null(strstr(out.bytes, "  2 bytes reach alice\n"));
    assert_non_null(strstr(out.bytes, "101 bytes reach alice\n"));
    wbh_text_clean_up(&out);
}

static void timeline_colour_only_when_asked(void **state) {
    (void)state;
    static const struct wbh_result result = {0};
    struct wbh_text out = {0};
    print(&story_trace, &result, 0, 0, &out);
    assert_null(strchr(out.bytes, '\x1b'));
    wbh_text_clean_up(&out);
    print(&story_trace, &result, WBH_PRINT_COLOUR, 0, &out);
    assert_non_null(strstr(out.bytes, "\x1b[33mFAULT"));
    wbh_text_clean_up(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timeline_of_a_fault_reads_like_a_story),
        cmocka_unit_test(timeline_verbose_shows_clock_reads),
        cmocka_unit_test(timeline_names_timers_and_both_ends_of_a_pipe),
        cmocka_unit_test(timeline_tells_what_becomes_of_a_program),
        cmocka_unit_test(timeline_effect_of_a_call_follows_it),
        cmocka_unit_test(timeline_finding_stands_at_its_time),
        cmocka_unit_test(timeline_repetition_is_folded),
        cmocka_unit_test(timeline_longer_than_bound_loses_its_middle),
        cmocka_unit_test(timeline_colour_only_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
