/* The oracles of tasks and timers, each with a program that does what it objects to, and one that
 * does nearly the same and is right. The programs do nothing but what a list says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "judged.h"

#define MS INT64_C(1000000)

enum { EVENT_LOOP_TURNS = 3000 };

/* ---- programs that are lists ---- */

enum deed {
    DEED_END,
    DEED_NOTE,    /* what, a, b */
    DEED_SET,     /* notes that timer a is set for b ns from now on */
    DEED_FIRE,    /* notes that timer a fires, of which b does not matter */
    DEED_SLEEP,   /* a ns, in poll */
    DEED_LOOK,    /* at what is ready, in poll, without waiting */
    DEED_PASS_ON, /* a bytes through a pair of sockets, one by one */
    DEED_TURNS,   /* a turns of task b, each woken, polled, waiting; with a call in each */
    DEED_LISTEN,  /* registers a listener */
    DEED_FOREVER, /* waits for readiness without a timeout */
};

struct step {
    enum deed deed;
    uint64_t a;
    uint64_t b;
    enum wb_note what;
};

#define SPAWN(id, how)                                                                             \
    { DEED_NOTE, id, how, WB_NOTE_TASK_SPAWN }
#define POLL(id)                                                                                   \
    { DEED_NOTE, id, 0, WB_NOTE_TASK_POLL }
#define WAKE(id)                                                                                   \
    { DEED_NOTE, id, 0, WB_NOTE_TASK_WAKE }
#define WAIT(id)                                                                                   \
    { DEED_NOTE, id, 1, WB_NOTE_TASK_WAIT }
#define AGAIN(id)                                                                                  \
    { DEED_NOTE, id, 0, WB_NOTE_TASK_AGAIN }
#define END(id)                                                                                    \
    { DEED_NOTE, id, 0, WB_NOTE_TASK_END }
#define FORSAKEN(id, handle)                                                                       \
    { DEED_NOTE, id, handle, WB_NOTE_TASK_FORSAKEN }
#define CLEAR(id)                                                                                  \
    { DEED_NOTE, id, 0, WB_NOTE_TIMER_CLEAR }

static const struct step *list;
static bool has_come_to_its_end;

struct hands {
    const struct wb_sys *sys;
    int epfd;
    int listener;
    int pair[2];
};

static uint64_t now(const struct hands *hands) {
    return WB_SYS(hands->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

static void pass_on(const struct hands *hands, uint64_t count) {
    char byte = 'x';
    while (count-- != 0) {
        assert_int_equal(WB_SYS(hands->sys, send, hands->pair[0], &byte, 1, 0), 1);
        assert_int_equal(WB_SYS(hands->sys, recv, hands->pair[1], &byte, 1, 0), 1);
    }
}

static void take_turns(const struct hands *hands, uint64_t count, uint64_t id) {
    while (count-- != 0) {
        wb_sys_note(hands->sys, WB_NOTE_TASK_WAKE, id, 0);
        wb_sys_note(hands->sys, WB_NOTE_TASK_POLL, id, 0);
        pass_on(hands, 1);
        wb_sys_note(hands->sys, WB_NOTE_TASK_WAIT, id, 1);
    }
}

static void listen_somewhere(struct hands *hands) {
    struct wb_sockaddr addr = {.in = {.family = WB_AF_INET}};
    struct wb_epoll_event event = {.events = WB_EPOLLIN};
    hands->listener = WB_SYS(hands->sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(hands->sys, bind, hands->listener, &addr, sizeof addr.in), 0);
    assert_int_equal(WB_SYS(hands->sys, listen, hands->listener, 1), 0);
    assert_int_equal(
        WB_SYS(hands->sys, epoll_ctl, hands->epfd, WB_EPOLL_CTL_ADD, hands->listener, &event), 0);
}

static void take_step(struct hands *hands, const struct step *step) {
    struct wb_epoll_event event;
    switch (step->deed) {
    case DEED_NOTE:
        wb_sys_note(hands->sys, step->what, step->a, step->b);
        break;
    case DEED_SET:
        wb_sys_note(hands->sys, WB_NOTE_TIMER_SET, step->a, now(hands) + step->b);
        break;
    case DEED_FIRE:
        wb_sys_note(hands->sys, WB_NOTE_TIMER_FIRE, step->a, 0);
        break;
    case DEED_SLEEP:
        (void)WB_SYS(hands->sys, poll, NULL, 0, (int64_t)step->a);
        break;
    case DEED_LOOK:
        (void)WB_SYS(hands->sys, poll, NULL, 0, 0);
        break;
    case DEED_PASS_ON:
        pass_on(hands, step->a);
        break;
    case DEED_TURNS:
        take_turns(hands, step->a, step->b);
        break;
    case DEED_LISTEN:
        listen_somewhere(hands);
        break;
    case DEED_FOREVER:
        (void)WB_SYS(hands->sys, epoll_pwait2, hands->epfd, &event, 1, WB_TIMEOUT_INFINITE);
        break;
    case DEED_END:
        break;
    }
}

static int listed_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct hands hands = {.sys = sys, .listener = -1};
    (void)argc, (void)argv;
    hands.epfd = WB_SYS(sys, epoll_create1, 0);
    assert_int_equal(
        WB_SYS(sys, socketpair, WB_AF_UNIX, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0, hands.pair), 0);
    for (const struct step *step = list; step->deed != DEED_END; step++) {
        take_step(&hands, step);
    }
    const int fds[] = {hands.pair[0], hands.pair[1], hands.epfd, hands.listener};
    for (int i = 0; i < 4; i++) {
        if (fds[i] >= 0) {
            (void)WB_SYS(sys, close, fds[i]);
        }
    }
    has_come_to_its_end = true;
    return 0;
}

static int idler_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc, (void)argv;
    return WB_SYS(sys, poll, NULL, 0, 1000 * MS);
}

static const struct wbh_program programs[] = {
    {.name = "listed", .main = listed_main}, {.name = "idler", .main = idler_main}};

static bool does(const struct step *step, enum deed deed) {
    while (step->deed != DEED_END && step->deed != deed) {
        step++;
    }
    return step->deed == deed;
}

/* As long as there is a client, nobody is told to end. */
static void judge(const struct step *steps) {
    list = steps;
    has_come_to_its_end = false;
    judge_text(does(steps, DEED_SLEEP) ? "scenario \"x\"\nprogram listed\nprogram idler\n"
                                       : "scenario \"x\"\nprogram listed\n",
        NULL);
}

static void assert_silent(void) {
    if (judged.finding_count != 0) {
        fail_msg("%s: %s\n%s", judged.findings[0].oracle, judged.findings[0].text,
            judged.findings[0].why);
    }
    assert_true(has_come_to_its_end || does(list, DEED_FOREVER));
}

static void assert_found(const char *oracle, enum wbh_verdict verdict, const char *words) {
    const struct wbh_finding *finding = judged_finding(oracle);
    assert_non_null(finding);
    assert_string_equal(wbh_verdict_name(judged.verdict), wbh_verdict_name(verdict));
    if (strstr(finding->text, words) == NULL && strstr(finding->why, words) == NULL) {
        fail_msg("\"%s\" is not in:\n%s\n%s", words, finding->text, finding->why);
    }
}

#define FOUND(oracle, verdict, words, ...)                                                         \
    judge((const struct step[]){__VA_ARGS__, {DEED_END, 0, 0, 0}});                                \
    assert_found(oracle, verdict, words)
#define SILENT(...)                                                                                \
    judge((const struct step[]){__VA_ARGS__, {DEED_END, 0, 0, 0}});                                \
    assert_silent()

/* ---- turns ---- */

static void inv_11_a_poll_without_a_wake_is_found(void **state) {
    (void)state;
    FOUND("turns", WBH_VERDICT_MISUSE, "nobody has woken", SPAWN(1, 0), POLL(1), WAIT(1), POLL(1),
        END(1));
    SILENT(SPAWN(1, 0), POLL(1), WAIT(1), WAKE(1), POLL(1), END(1));
}

static void inv_11_many_wakes_are_one_poll(void **state) {
    (void)state;
    SILENT(SPAWN(1, 0), WAKE(1), POLL(1), WAKE(1), WAKE(1), AGAIN(1), WAKE(1), POLL(1), END(1));
    FOUND("turns", WBH_VERDICT_MISUSE, "nobody has woken", SPAWN(1, 0), POLL(1), WAKE(1), WAKE(1),
        AGAIN(1), POLL(1), WAIT(1), POLL(1), END(1));
}

static void inv_12_a_second_end_is_found(void **state) {
    (void)state;
    FOUND("turns", WBH_VERDICT_MISUSE, "dropped twice", SPAWN(1, 0), POLL(1), END(1), END(1));
    FOUND("turns", WBH_VERDICT_MISUSE, "has ended", SPAWN(1, 0), POLL(1), END(1), POLL(1));
    SILENT(SPAWN(1, 0), POLL(1), WAIT(1), END(1), WAKE(1)); /* who woke it did not know */
}

static void turns_a_poll_within_a_poll_of_the_same_is_found(void **state) {
    (void)state;
    FOUND("turns", WBH_VERDICT_MISUSE, "is being polled", SPAWN(1, 0), POLL(1), POLL(1), END(1));
    SILENT(SPAWN(1, 0), SPAWN(2, 0), POLL(1), POLL(2), END(2), END(1));
}

/* Numbers are a runtime's own. */
static void turns_of_two_runtimes_at_a_time_are_not_told_apart(void **state) {
    (void)state;
    SILENT(SPAWN(1, 0), POLL(1), WAIT(1), SPAWN(1, 0), POLL(1), POLL(1), END(1), END(1));
    FOUND("turns", WBH_VERDICT_MISUSE, "nobody has woken", SPAWN(1, 0), POLL(1), END(1),
        SPAWN(1, 0), POLL(1), WAIT(1), POLL(1), END(1));
}

static void inv_04_a_task_left_is_a_leak(void **state) {
    (void)state;
    FOUND("leak", WBH_VERDICT_LEAK, "left 1 task", SPAWN(1, 0), SPAWN(2, 0), POLL(1), WAIT(1),
        POLL(2), END(2));
}

/* ---- timers ---- */

static void inv_14_a_timer_that_fires_early_is_found(void **state) {
    (void)state;
    FOUND("timers", WBH_VERDICT_MISUSE, "before its time", {DEED_SET, 1, MS, 0},
        {DEED_SLEEP, MS / 2, 0, 0}, {DEED_FIRE, 1, 0, 0});
    SILENT({DEED_SET, 1, MS, 0}, {DEED_SLEEP, MS, 0, 0}, {DEED_FIRE, 1, 0, 0});
}

static void inv_14_a_timer_that_is_not_set_does_not_fire(void **state) {
    (void)state;
    FOUND("timers", WBH_VERDICT_MISUSE, "is not set", {DEED_SET, 1, MS, 0}, CLEAR(1),
        {DEED_SLEEP, MS, 0, 0}, {DEED_FIRE, 1, 0, 0});
    FOUND("timers", WBH_VERDICT_MISUSE, "is not set", {DEED_SET, 1, 0, 0}, {DEED_FIRE, 1, 0, 0},
        {DEED_FIRE, 1, 0, 0});
    SILENT({DEED_SET, 1, MS, 0}, CLEAR(1), {DEED_SET, 1, 0, 0}, {DEED_FIRE, 1, 0, 0});
}

/* Of two sets of timers that number theirs alike. */
static void timers_of_one_number_are_not_told_apart(void **state) {
    (void)state;
    SILENT({DEED_SET, 1, MS, 0}, {DEED_SET, 1, 0, 0}, {DEED_FIRE, 1, 0, 0}, {DEED_SLEEP, MS, 0, 0},
        {DEED_FIRE, 1, 0, 0});
}

/* ---- blocking ---- */

static void inv_07_a_poll_that_sleeps_is_found(void **state) {
    (void)state;
    FOUND("blocking", WBH_VERDICT_MISUSE, "task 1 blocks", SPAWN(1, 0), POLL(1),
        {DEED_SLEEP, MS, 0, 0}, END(1));
    SILENT(SPAWN(1, 0), POLL(1), {DEED_LOOK, 0, 0, 0}, END(1));
}

static void inv_07_sleep_between_polls_is_none_of_theirs(void **state) {
    (void)state;
    SILENT(SPAWN(1, 0), {DEED_SLEEP, MS, 0, 0}, POLL(1), WAIT(1), {DEED_SLEEP, MS, 0, 0}, WAKE(1),
        POLL(1), WAKE(1), AGAIN(1), {DEED_SLEEP, MS, 0, 0}, POLL(1), END(1));
}

static void inv_07_what_may_block_may(void **state) {
    (void)state;
    SILENT(SPAWN(1, WB_NOTE_SPAWN_BLOCKING), POLL(1), {DEED_SLEEP, MS, 0, 0}, END(1));
    SILENT(POLL(0), {DEED_SLEEP, MS, 0, 0}, END(0)); /* of an executor that numbers nothing */
}

static void inv_07_a_poll_that_never_comes_back_is_found(void **state) {
    (void)state;
    FOUND("blocking", WBH_VERDICT_MISUSE, "task 1 blocks", SPAWN(1, 0), POLL(1),
        {DEED_FOREVER, 0, 0, 0});
}

/* ---- fairness ---- */

/* With two tasks alive the bound is 1024 + 2 * 64. */
static void inv_24_a_task_without_a_turn_is_found(void **state) {
    (void)state;
    FOUND("fairness", WBH_VERDICT_HANG, "task 2 waits for its turn", SPAWN(1, 0), POLL(1), WAIT(1),
        SPAWN(2, 0), {DEED_TURNS, 1153, 1, 0}, POLL(2), END(2), END(1));
    SILENT(SPAWN(1, 0), POLL(1), WAIT(1), SPAWN(2, 0), {DEED_TURNS, 1152, 1, 0}, POLL(2), END(2),
        END(1));
}

static void inv_24_work_of_a_blocking_pool_takes_no_turns(void **state) {
    (void)state;
    SILENT(SPAWN(1, 0), POLL(1), WAIT(1), SPAWN(2, WB_NOTE_SPAWN_BLOCKING),
        {DEED_TURNS, EVENT_LOOP_TURNS, 1, 0}, POLL(2), END(2), END(1));
}

static void inv_24_a_timer_that_tasks_hold_up_is_found(void **state) {
    (void)state;
    FOUND("fairness", WBH_VERDICT_HANG, "timer 1 is late", SPAWN(1, 0), POLL(1), WAIT(1),
        {DEED_SET, 1, 0, 0}, {DEED_TURNS, EVENT_LOOP_TURNS, 1, 0}, {DEED_FIRE, 1, 0, 0}, END(1));
    SILENT(SPAWN(1, 0), POLL(1), WAIT(1), {DEED_SET, 1, 0, 0}, {DEED_TURNS, 1000, 1, 0},
        {DEED_FIRE, 1, 0, 0}, END(1));
}

static void inv_24_a_poll_that_goes_on_and_on_is_found(void **state) {
    (void)state;
    FOUND("fairness", WBH_VERDICT_LIMIT, "task 1 has moved something with 1025 calls", SPAWN(1, 0),
        POLL(1), {DEED_PASS_ON, 513, 0, 0}, END(1));
    SILENT(SPAWN(1, 0), POLL(1), {DEED_PASS_ON, 512, 0, 0}, WAKE(1), AGAIN(1), POLL(1),
        {DEED_PASS_ON, 512, 0, 0}, END(1));
    SILENT(SPAWN(1, WB_NOTE_SPAWN_UNBUDGETED), POLL(1), {DEED_PASS_ON, 2000, 0, 0}, END(1));
}

/* ---- wakers ---- */

static void inv_05_a_task_that_nobody_can_wake_is_found(void **state) {
    (void)state;
    FOUND("waker", WBH_VERDICT_HANG, "left no waker", SPAWN(1, 0), POLL(1), WAIT(1), FORSAKEN(1, 0),
        END(1));
    FOUND("waker", WBH_VERDICT_HANG, "last waker was dropped", SPAWN(1, 0), POLL(1), WAIT(1),
        {DEED_LOOK, 0, 0, 0}, SPAWN(2, 0), POLL(2), END(2), FORSAKEN(1, 0), END(1));
    SILENT(
        SPAWN(1, 0), POLL(1), WAIT(1), {DEED_NOTE, 0, 0, WB_NOTE_STOPPING}, FORSAKEN(1, 0), END(1));
}

/* Whoever has the handle may give the task up. */
static void inv_05_a_task_with_a_handle_alone_hangs_at_stillness(void **state) {
    (void)state;
    FOUND("waker", WBH_VERDICT_HANG, "only its handle is left", SPAWN(1, 0), POLL(1), WAIT(1),
        FORSAKEN(1, 1), {DEED_FOREVER, 0, 0, 0});
    SILENT(SPAWN(1, 0), POLL(1), WAIT(1), FORSAKEN(1, 1), {DEED_SLEEP, MS, 0, 0}, END(1));
}

static void inv_05_a_wake_without_a_turn_is_found(void **state) {
    (void)state;
    FOUND("waker", WBH_VERDICT_HANG, "task 1 is to be polled", SPAWN(1, 0), POLL(1), WAIT(1),
        WAKE(1), {DEED_FOREVER, 0, 0, 0});
    FOUND("waker", WBH_VERDICT_HANG, "task 1 is to be polled", {DEED_LISTEN, 0, 0, 0}, SPAWN(1, 0),
        {DEED_FOREVER, 0, 0, 0});
}

static void inv_05_tasks_that_wait_for_each_other_are_found(void **state) {
    (void)state;
    FOUND("waker", WBH_VERDICT_HANG, "2 tasks wait for ever", SPAWN(1, 0), SPAWN(2, 0), POLL(1),
        WAIT(1), POLL(2), WAIT(2), {DEED_FOREVER, 0, 0, 0});
    SILENT({DEED_LISTEN, 0, 0, 0}, SPAWN(1, 0), POLL(1), WAIT(1), {DEED_FOREVER, 0, 0, 0});
    SILENT(SPAWN(1, 0), POLL(1), WAIT(1), {DEED_SLEEP, MS, 0, 0}, WAKE(1), POLL(1), END(1));
}

/* ---- several programs ---- */

/* Each has tasks of its own, though their numbers are the same. */
static void inv_11_tasks_of_two_programs_are_told_apart(void **state) {
    (void)state;
    static const struct step right[] = {SPAWN(1, 0), POLL(1), WAIT(1), {DEED_SLEEP, MS, 0, 0},
        WAKE(1), POLL(1), END(1), {DEED_END, 0, 0, 0}};
    static const struct step wrong[] = {SPAWN(1, 0), POLL(1), WAIT(1), {DEED_SLEEP, MS, 0, 0},
        POLL(1), END(1), {DEED_END, 0, 0, 0}};
    static const char both[] =
        "scenario \"x\"\nprogram listed as a\nprogram listed as b\nprogram idler\n";
    list = right;
    judge_text(both, NULL);
    assert_silent();
    list = wrong;
    judge_text(both, NULL);
    assert_found("turns", WBH_VERDICT_MISUSE, "a: task 1 is polled");
    assert_int_equal(judged.finding_count, 2);
}

static int set_up(void **state) {
    (void)state;
    wbh_program_register(programs, sizeof programs / sizeof programs[0]);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inv_11_a_poll_without_a_wake_is_found),
        cmocka_unit_test(inv_11_many_wakes_are_one_poll),
        cmocka_unit_test(inv_12_a_second_end_is_found),
        cmocka_unit_test(turns_a_poll_within_a_poll_of_the_same_is_found),
        cmocka_unit_test(turns_of_two_runtimes_at_a_time_are_not_told_apart),
        cmocka_unit_test(inv_04_a_task_left_is_a_leak),
        cmocka_unit_test(inv_14_a_timer_that_fires_early_is_found),
        cmocka_unit_test(inv_14_a_timer_that_is_not_set_does_not_fire),
        cmocka_unit_test(timers_of_one_number_are_not_told_apart),
        cmocka_unit_test(inv_07_a_poll_that_sleeps_is_found),
        cmocka_unit_test(inv_07_sleep_between_polls_is_none_of_theirs),
        cmocka_unit_test(inv_07_what_may_block_may),
        cmocka_unit_test(inv_07_a_poll_that_never_comes_back_is_found),
        cmocka_unit_test(inv_24_a_task_without_a_turn_is_found),
        cmocka_unit_test(inv_24_work_of_a_blocking_pool_takes_no_turns),
        cmocka_unit_test(inv_24_a_timer_that_tasks_hold_up_is_found),
        cmocka_unit_test(inv_24_a_poll_that_goes_on_and_on_is_found),
        cmocka_unit_test(inv_05_a_task_that_nobody_can_wake_is_found),
        cmocka_unit_test(inv_05_a_task_with_a_handle_alone_hangs_at_stillness),
        cmocka_unit_test(inv_05_a_wake_without_a_turn_is_found),
        cmocka_unit_test(inv_05_tasks_that_wait_for_each_other_are_found),
        cmocka_unit_test(inv_11_tasks_of_two_programs_are_told_apart),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
