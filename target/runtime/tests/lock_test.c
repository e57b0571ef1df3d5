/* Locks that threads want at the same time: what they guard is one thread's at a time, nobody waits
 * for ever, and who has had one last may free it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/lock.h"
#include "stage.h"

enum { THREADS = 4, TURNS = 20000, FREED = 3000 };

/* What the lock guards is not atomic, so that a thread too many in it loses a count. */
struct counter {
    struct wb__lock lock;
    uint64_t count;
    uint64_t twice;
};

static void count_up(void *arg) {
    struct counter *counter = arg;
    for (int i = 0; i < TURNS; i++) {
        wb__lock_enter(&counter->lock);
        counter->count++;
        if (i % 64 == 0) { /* long enough for the others to go to sleep */
            (void)WB_SYS(counter->lock.sys, poll, NULL, 0, 1000);
        }
        counter->twice += 2;
        assert_true(counter->twice == 2 * counter->count);
        wb__lock_leave(&counter->lock);
    }
}

static void count_with_all(const struct wb_sys *sys) {
    struct counter counter = {0};
    uint64_t threads[THREADS];
    wb__lock_init(&counter.lock, sys);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(WB_SYS(sys, thread_create, count_up, &counter, &threads[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(WB_SYS(sys, thread_join, threads[i]), 0);
    }
    assert_int_equal(counter.count, THREADS * TURNS);
    wb__lock_clean_up(&counter.lock);
}

static void one_thread_at_a_time_and_each_has_its_turn(void **state) {
    (void)state;
    count_with_all(&stage.world->sys);
}

static int refuse_mutex(void *self, struct wb_mutex *mutex) {
    (void)self, (void)mutex;
    return -ENOMEM;
}

static void who_cannot_wait_gives_way(void **state) {
    (void)state;
    struct wb_sys_ops ops = *stage.world->sys.ops;
    ops.mutex_init = refuse_mutex;
    count_with_all(&(struct wb_sys){&ops, stage.world->sys.self});
}

/* Two threads have it once each, and whoever comes last frees it. */
struct shared {
    struct wb__lock lock;
    int left;
};

static void leave_or_free(void *arg) {
    struct shared *shared = arg;
    const struct wb_sys *sys = shared->lock.sys;
    wb__lock_enter(&shared->lock);
    const bool is_last = --shared->left == 0;
    wb__lock_leave(&shared->lock);
    if (is_last) {
        wb__lock_clean_up(&shared->lock);
        WB_SYS(sys, free, shared, sizeof(*shared));
    }
}

static void who_has_it_last_may_free_it(void **state) {
    (void)state;
    const struct wb_sys *sys = &stage.world->sys;
    for (int i = 0; i < FREED; i++) {
        struct shared *shared = WB_SYS(sys, alloc, sizeof(*shared));
        uint64_t thread = 0;
        assert_non_null(shared);
        shared->left = 2;
        wb__lock_init(&shared->lock, sys);
        assert_int_equal(WB_SYS(sys, thread_create, leave_or_free, shared, &thread), 0);
        leave_or_free(shared);
        assert_int_equal(WB_SYS(sys, thread_join, thread), 0);
    }
}

#define LOCK(test)                                                                                 \
    { #test, test, stage_setup_bare, stage_teardown, NULL }

int main(void) {
    const struct CMUnitTest tests[] = {
        LOCK(one_thread_at_a_time_and_each_has_its_turn),
        LOCK(who_cannot_wait_gives_way),
        LOCK(who_has_it_last_may_free_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
