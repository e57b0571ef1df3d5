/* Many who read or one who writes, in the order of asking. */
#include "desk.h"

#include "wb/async_rwlock.h"

static struct wb_async_rwlock lock;

static struct wb_async_read_lock read_new(void) {
    struct wb_async_read_lock read;
    wb_async_read_lock_init(&read, &lock);
    return read;
}

static struct wb_async_write_lock write_new(void) {
    struct wb_async_write_lock write;
    wb_async_write_lock_init(&write, &lock);
    return write;
}

static void tk_39_read_shared(void **state) {
    (void)state;
    assert_ok(wb_async_rwlock_init(&lock, desk.sys));
    struct wb_async_read_lock first = read_new();
    struct wb_async_read_lock second = read_new();
    assert_over(wb_async_read_lock_future(&first), 0, WB_OK);
    assert_over(wb_async_read_lock_future(&second), 0, WB_OK);
    assert_status(wb_async_rwlock_try_write(&lock), WB_WOULD_BLOCK);
    wb_async_rwlock_read_unlock(&lock);
    wb_async_rwlock_read_unlock(&lock);
    assert_ok(wb_async_rwlock_try_write(&lock));
    wb_async_rwlock_write_unlock(&lock);
    wb_async_rwlock_clean_up(&lock);
}

static void tk_39_read_exclusive_pending(void **state) {
    (void)state;
    assert_ok(wb_async_rwlock_init(&lock, desk.sys));
    assert_ok(wb_async_rwlock_try_write(&lock));
    struct wb_async_read_lock reads[2] = {read_new(), read_new()};
    assert_pending(wb_async_read_lock_future(&reads[0]), 0);
    assert_pending(wb_async_read_lock_future(&reads[1]), 1);
    wb_async_rwlock_write_unlock(&lock);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(desk_woken(i), 1);
        assert_over(wb_async_read_lock_future(&reads[i]), i, WB_OK);
        wb_async_rwlock_read_unlock(&lock);
    }
    wb_async_rwlock_clean_up(&lock);
}

static void tk_39_write_order(void **state) {
    (void)state;
    assert_ok(wb_async_rwlock_init(&lock, desk.sys));
    assert_ok(wb_async_rwlock_try_read(&lock));
    struct wb_async_write_lock write = write_new();
    struct wb_async_read_lock read = read_new();
    assert_pending(wb_async_write_lock_future(&write), 0);
    assert_pending(wb_async_read_lock_future(&read), 1); /* behind the writer */
    assert_status(wb_async_rwlock_try_read(&lock), WB_WOULD_BLOCK);
    wb_async_rwlock_read_unlock(&lock);
    assert_int_equal(desk_woken(0), 1);
    assert_int_equal(desk_woken(1), 0);
    assert_over(wb_async_write_lock_future(&write), 0, WB_OK);
    wb_async_rwlock_write_unlock(&lock);
    assert_int_equal(desk_woken(1), 1);
    assert_over(wb_async_read_lock_future(&read), 1, WB_OK);
    wb_async_rwlock_read_unlock(&lock);
    wb_async_rwlock_clean_up(&lock);
}

static void tk_39_writer_that_is_dropped_lets_readers_go(void **state) {
    (void)state;
    assert_ok(wb_async_rwlock_init(&lock, desk.sys));
    assert_ok(wb_async_rwlock_try_read(&lock));
    struct wb_async_write_lock write = write_new();
    struct wb_async_read_lock read = read_new();
    assert_pending(wb_async_write_lock_future(&write), 0);
    assert_pending(wb_async_read_lock_future(&read), 1);
    wb_future_drop(wb_async_write_lock_future(&write));
    assert_int_equal(desk_woken(1), 1);
    assert_over(wb_async_read_lock_future(&read), 1, WB_OK);
    wb_async_rwlock_read_unlock(&lock);
    wb_async_rwlock_read_unlock(&lock);
    wb_async_rwlock_clean_up(&lock);
}

static void tk_39_downgrade_lets_readers_in(void **state) {
    (void)state;
    assert_ok(wb_async_rwlock_init(&lock, desk.sys));
    assert_ok(wb_async_rwlock_try_write(&lock));
    struct wb_async_read_lock read = read_new();
    struct wb_async_write_lock write = write_new();
    assert_pending(wb_async_read_lock_future(&read), 0);
    assert_pending(wb_async_write_lock_future(&write), 1);
    wb_async_rwlock_downgrade(&lock);
    assert_over(wb_async_read_lock_future(&read), 0, WB_OK);
    assert_int_equal(desk_woken(1), 0);
    wb_async_rwlock_read_unlock(&lock);
    wb_async_rwlock_read_unlock(&lock);
    assert_int_equal(desk_woken(1), 1);
    assert_over(wb_async_write_lock_future(&write), 1, WB_OK);
    wb_async_rwlock_write_unlock(&lock);
    wb_async_rwlock_clean_up(&lock);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(tk_39_read_shared),
        DESK(tk_39_read_exclusive_pending),
        DESK(tk_39_write_order),
        DESK(tk_39_writer_that_is_dropped_lets_readers_go),
        DESK(tk_39_downgrade_lets_readers_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
