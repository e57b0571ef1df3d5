/* Permits: taken in the order of asking, given on by those who are dropped; and the mutex that is a
 * semaphore with one. */
#include "desk.h"

#include "wb/async_mutex.h"
#include "wb/semaphore.h"

static struct wb_semaphore semaphore;

static void open_semaphore(uint32_t permits) {
    assert_ok(wb_semaphore_init(&semaphore, desk.sys, permits));
}

static struct wb_acquire acquire_new(uint32_t count) {
    struct wb_acquire acquire;
    wb_acquire_init(&acquire, &semaphore, count);
    return acquire;
}

static void tk_39_permits_are_taken_and_given_back(void **state) {
    (void)state;
    open_semaphore(2);
    struct wb_acquire first = acquire_new(1);
    struct wb_acquire second = acquire_new(1);
    struct wb_acquire third = acquire_new(1);
    assert_over(&first.future, 0, WB_OK);
    assert_over(&second.future, 0, WB_OK);
    assert_int_equal(wb_semaphore_available(&semaphore), 0);
    assert_status(wb_semaphore_try_acquire(&semaphore, 1), WB_WOULD_BLOCK);
    assert_pending(&third.future, 0);
    wb_semaphore_release(&semaphore, 1);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&third.future, 0, WB_OK);
    wb_semaphore_release(&semaphore, 2);
    assert_int_equal(wb_semaphore_available(&semaphore), 2);
    wb_semaphore_clean_up(&semaphore);
}

static void tk_39_first_come_first_served(void **state) {
    (void)state;
    open_semaphore(0);
    struct wb_acquire waiting[4];
    for (int i = 0; i < 4; i++) {
        waiting[i] = acquire_new(1);
        assert_pending(&waiting[i].future, i);
    }
    assert_pending(&waiting[0].future, 0);
    for (int i = 0; i < 4; i++) {
        wb_semaphore_release(&semaphore, 1);
        for (int k = 0; k < 4; k++) {
            assert_int_equal(desk_woken(k), k == i);
        }
        assert_over(&waiting[i].future, i, WB_OK);
    }
    wb_semaphore_clean_up(&semaphore);
}

static void tk_39_small_wish_does_not_overtake_a_great_one(void **state) {
    (void)state;
    open_semaphore(2);
    struct wb_acquire great = acquire_new(3);
    struct wb_acquire small = acquire_new(1);
    assert_pending(&great.future, 0);
    assert_pending(&small.future, 1);
    assert_status(wb_semaphore_try_acquire(&semaphore, 1), WB_WOULD_BLOCK);
    wb_semaphore_release(&semaphore, 1);
    assert_int_equal(desk_woken(0), 1);
    assert_int_equal(desk_woken(1), 0);
    assert_over(&great.future, 0, WB_OK);
    wb_semaphore_release(&semaphore, 3);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&small.future, 1, WB_OK);
    wb_semaphore_clean_up(&semaphore);
}

static void tk_39_great_wish_that_is_dropped_lets_others_go(void **state) {
    (void)state;
    open_semaphore(1);
    struct wb_acquire great = acquire_new(2);
    struct wb_acquire small = acquire_new(1);
    assert_pending(&great.future, 0);
    assert_pending(&small.future, 1);
    wb_future_drop(&great.future);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&small.future, 1, WB_OK);
    wb_semaphore_clean_up(&semaphore);
}

static void tk_39_served_waiter_that_is_dropped_gives_on(void **state) {
    (void)state;
    open_semaphore(0);
    struct wb_acquire first = acquire_new(2);
    struct wb_acquire second = acquire_new(1);
    struct wb_acquire third = acquire_new(1);
    assert_pending(&first.future, 0);
    assert_pending(&second.future, 1);
    assert_pending(&third.future, 2);
    wb_semaphore_release(&semaphore, 2);
    assert_int_equal(desk_woken(0), 1);
    wb_future_drop(&first.future);
    assert_int_equal(desk_woken(1), 1);
    assert_int_equal(desk_woken(2), 1);
    assert_over(&second.future, 1, WB_OK);
    wb_future_drop(&third.future);
    assert_int_equal(wb_semaphore_available(&semaphore), 1);
    wb_semaphore_clean_up(&semaphore);
}

static void tk_39_release_serves_more_than_one_batch(void **state) {
    (void)state;
    open_semaphore(0);
    struct wb_acquire waiting[BELLS];
    for (int i = 0; i < BELLS; i++) {
        waiting[i] = acquire_new(1);
        assert_pending(&waiting[i].future, i);
    }
    wb_semaphore_release(&semaphore, BELLS + 2);
    for (int i = 0; i < BELLS; i++) {
        assert_int_equal(desk_woken(i), 1);
        assert_over(&waiting[i].future, i, WB_OK);
    }
    assert_int_equal(wb_semaphore_available(&semaphore), 2);
    wb_semaphore_clean_up(&semaphore);
}

static void tk_39_close_wakes_all_and_keeps_what_was_given(void **state) {
    (void)state;
    open_semaphore(0);
    struct wb_acquire served = acquire_new(1);
    struct wb_acquire waiting = acquire_new(1);
    assert_pending(&served.future, 0);
    assert_pending(&waiting.future, 1);
    wb_semaphore_release(&semaphore, 1);
    wb_semaphore_close(&semaphore);
    assert_int_equal(desk_woken(0), 1);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&served.future, 0, WB_OK);
    assert_over(&waiting.future, 1, WB_ERR_CLOSED);
    wb_semaphore_release(&semaphore, 1);
    assert_status(wb_semaphore_try_acquire(&semaphore, 1), WB_ERR_CLOSED);
    wb_semaphore_clean_up(&semaphore);
}

static void tk_39_last_task_that_polled_is_woken(void **state) {
    (void)state;
    open_semaphore(0);
    struct wb_acquire first = acquire_new(1);
    assert_pending(&first.future, 0);
    assert_pending(&first.future, 1);
    wb_semaphore_release(&semaphore, 1);
    assert_int_equal(desk_woken(0), 0);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&first.future, 1, WB_OK);
    wb_semaphore_clean_up(&semaphore);
}

static void semaphore_with_too_many_permits_is_refused(void **state) {
    (void)state;
    assert_status(wb_semaphore_init(&semaphore, desk.sys, WB_SEMAPHORE_MAX + 1), WB_ERR_INVALID);
    wb_semaphore_clean_up(&semaphore);
}

/* ---- the mutex ---- */

static struct wb_async_mutex mutex;

static struct wb_async_lock lock_new(void) {
    struct wb_async_lock lock;
    wb_async_lock_init(&lock, &mutex);
    return lock;
}

static void tk_39_mutex_is_handed_on_in_order(void **state) {
    (void)state;
    assert_ok(wb_async_mutex_init(&mutex, desk.sys));
    struct wb_async_lock first = lock_new();
    struct wb_async_lock second = lock_new();
    assert_over(wb_async_lock_future(&first), 0, WB_OK);
    assert_pending(wb_async_lock_future(&second), 1);
    assert_status(wb_async_mutex_try_lock(&mutex), WB_WOULD_BLOCK);
    wb_async_mutex_unlock(&mutex);
    assert_status(wb_async_mutex_try_lock(&mutex), WB_WOULD_BLOCK); /* it is the second's */
    assert_int_equal(desk_woken(1), 1);
    assert_over(wb_async_lock_future(&second), 1, WB_OK);
    wb_async_mutex_unlock(&mutex);
    assert_ok(wb_async_mutex_try_lock(&mutex));
    wb_async_mutex_unlock(&mutex);
    wb_async_mutex_clean_up(&mutex);
}

static void tk_39_aborted_future_1(void **state) {
    (void)state;
    assert_ok(wb_async_mutex_init(&mutex, desk.sys));
    struct wb_async_lock first = lock_new();
    struct wb_async_lock second = lock_new();
    assert_ok(wb_async_mutex_try_lock(&mutex));
    assert_pending(wb_async_lock_future(&first), 0);
    assert_pending(wb_async_lock_future(&second), 1);
    wb_async_mutex_unlock(&mutex); /* given to the first, which never hears of it */
    wb_future_drop(wb_async_lock_future(&first));
    assert_int_equal(desk_woken(1), 1);
    assert_over(wb_async_lock_future(&second), 1, WB_OK);
    wb_async_mutex_unlock(&mutex);
    wb_async_mutex_clean_up(&mutex);
}

static void tk_39_aborted_future_2(void **state) {
    (void)state;
    assert_ok(wb_async_mutex_init(&mutex, desk.sys));
    struct wb_async_lock first = lock_new();
    assert_ok(wb_async_mutex_try_lock(&mutex));
    assert_pending(wb_async_lock_future(&first), 0);
    wb_future_drop(wb_async_lock_future(&first)); /* before it was given anything */
    wb_async_mutex_unlock(&mutex);
    assert_int_equal(desk_woken(0), 0);
    assert_ok(wb_async_mutex_try_lock(&mutex));
    wb_async_mutex_unlock(&mutex);
    wb_async_mutex_clean_up(&mutex);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(tk_39_permits_are_taken_and_given_back),
        DESK(tk_39_first_come_first_served),
        DESK(tk_39_small_wish_does_not_overtake_a_great_one),
        DESK(tk_39_great_wish_that_is_dropped_lets_others_go),
        DESK(tk_39_served_waiter_that_is_dropped_gives_on),
        DESK(tk_39_release_serves_more_than_one_batch),
        DESK(tk_39_close_wakes_all_and_keeps_what_was_given),
        DESK(tk_39_last_task_that_polled_is_woken),
        DESK(semaphore_with_too_many_permits_is_refused),
        DESK(tk_39_mutex_is_handed_on_in_order),
        DESK(tk_39_aborted_future_1),
        DESK(tk_39_aborted_future_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
