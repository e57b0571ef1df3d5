/* What the tests of threads share: a run with a lock, a condition and a list of who came by;
 * threads with a letter; answers to certain choices. */
#ifndef KERNEL_TESTS_THREAD_SUPPORT_H
#define KERNEL_TESTS_THREAD_SUPPORT_H

#include "kernel/tests/support.h"

enum { PLACES_MAX = 64 };
#define MS INT64_C(1000000)

struct fixture {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    char order[PLACES_MAX]; /* a letter each */
    size_t order_len;
    int calls[SIM_CALL_COUNT]; /* events of calls that were told */
    int returned;              /* threads whose function has returned, */
    int left;                  /* and those that nobody joined */
    struct wb_mutex mutex;
    struct wb_cond cond;
    int fd;
    int64_t result;
};

struct who {
    struct fixture *fixture;
    char letter;
    uint64_t id;
};

/* Also in the midst of a test: everything anew. */
void threads_begin(struct fixture *fixture, struct wbh_choice_source *source);
int threads_setup(void **state);
int threads_teardown(void **state);
enum sim_stop threads_run(struct fixture *fixture, int (*program)(void *arg));

void who_come_by(struct who *who);
void who_start(struct who *who, wb_thread_fn fn); /* fn gets `who` */
void who_join(const struct who *who);
void threads_doze(struct fixture *fixture, int64_t time_ns);
void threads_lock(struct fixture *fixture);
void threads_unlock(struct fixture *fixture);

/* A program of two threads, a and b, each of which comes by twice. */
int two_pass_by(void *arg);
/* Threads: one that keeps the lock, one that waits for a byte and comes by. */
void take_for_ever(void *arg);
void receive_a_byte(void *arg);

/* Answers so many moments, each once. */
struct plan {
    struct wbh_choice_source base;
    const struct wbh_decision *decisions;
    size_t len;
    size_t fired;
    uint32_t contract; /* what was offered so when one fired, */
    uint32_t kernel;
};
void threads_begin_planned(
    struct fixture *fixture, struct plan *plan, const struct wbh_decision *decisions, size_t len);

enum { FIRST = WBH_SUBJECT_NONE };
#define THREAD(number) WBH_SUBJECT_THREAD(0, number)
#define SWITCH(whose, which, by)                                                                   \
    {                                                                                              \
        .subject = (whose), .ordinal = (which), .point = WBH_POINT_SWITCH,                         \
        .action = WBH_ACTION_ORDER, .value = (by)                                                  \
    }

#define THREAD_TEST(name) cmocka_unit_test_setup_teardown(name, threads_setup, threads_teardown)

#endif
