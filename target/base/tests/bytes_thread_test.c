/* Reference counts under threads. */
#include "wb/bytes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

enum { THREAD_COUNT = 4, ROUND_COUNT = 5000 };

struct job {
    struct wb_bytes_shared shared;
    atomic_bool *go;
    size_t sum;
};

/* Acquires and releases whole and parts; ends by releasing its own reference. */
static void *use_and_release(void *arg) {
    struct job *job = arg;
    while (!atomic_load(job->go)) {
    }
    for (size_t i = 0; i < ROUND_COUNT; i++) {
        struct wb_bytes_shared whole = wb_bytes_shared_acquire(&job->shared);
        struct wb_bytes_shared part = wb_bytes_shared_slice(&whole, i % 4, 5);
        wb_bytes_shared_release(&whole);
        job->sum += part.len;
        wb_bytes_shared_release(&part);
    }
    wb_bytes_shared_release(&job->shared);
    return NULL;
}

/* BY-11: stress */
static void shared_count_is_exact_under_threads(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared shared;
    assert_int_equal(wb_bytes_shared_copy(&test->sys, wb_bytes_from("hello", 5), &shared), WB_OK);
    pthread_t threads[THREAD_COUNT];
    struct job jobs[THREAD_COUNT];
    atomic_bool go = false;
    for (size_t i = 0; i < THREAD_COUNT; i++) {
        jobs[i] = (struct job){wb_bytes_shared_acquire(&shared), &go, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, use_and_release, &jobs[i]), 0);
    }
    atomic_store(&go, true);
    for (size_t i = 0; i < THREAD_COUNT; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(jobs[i].sum, (5 + 4 + 3 + 2) * (ROUND_COUNT / 4));
    }
    /* Not one too many, not one too few. */
    assert_true(wb_bytes_shared_is_unique(&shared));
    assert_int_equal(test->block_count, 1);
    wb_bytes_shared_release(&shared);
}

struct half {
    struct wb_bytes_mut mut;
    atomic_bool *go;
    uint8_t byte;
    enum wb_status status;
};

static void *fill_half(void *arg) {
    struct half *half = arg;
    while (!atomic_load(half->go)) {
    }
    memset(half->mut.ptr, half->byte, half->mut.len);
    half->status = wb_bytes_mut_resize(&half->mut, 200, half->byte);
    return NULL;
}

static void assert_all(const struct wb_bytes_mut *mut, uint8_t byte) {
    assert_int_equal(mut->len, 200);
    for (size_t i = 0; i < mut->len; i++) {
        assert_int_equal(mut->ptr[i], byte);
    }
}

/* A-BUF-05: the halves of a buffer belong to two threads; each writes, and grows out of it. */
static void mut_halves_may_be_written_by_two_threads(void **state) {
    struct test_sys *test = *state;
    for (int round = 0; round < 50; round++) {
        struct half halves[2];
        atomic_bool go = false;
        pthread_t threads[2];
        halves[0] = (struct half){.go = &go, .byte = 'l'};
        assert_int_equal(wb_bytes_mut_with_capacity(&test->sys, 128, &halves[0].mut), WB_OK);
        assert_int_equal(wb_bytes_mut_resize(&halves[0].mut, 128, 0), WB_OK);
        halves[1] = (struct half){
            .mut = wb_bytes_mut_split_off(&halves[0].mut, 64), .go = &go, .byte = 'r'};
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, fill_half, &halves[i]), 0);
        }
        atomic_store(&go, true);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            assert_int_equal(halves[i].status, WB_OK);
        }
        assert_all(&halves[0].mut, 'l');
        assert_all(&halves[1].mut, 'r');
        wb_bytes_mut_release(&halves[0].mut);
        wb_bytes_mut_release(&halves[1].mut);
        assert_int_equal(test->block_count, 0);
    }
}

struct heir {
    struct wb_bytes_shared shared;
    atomic_bool *go;
    bool has_won;
    bool has_read;
};

/* Reads, then tries to become the one owner, and writes if it is. */
static void *read_then_inherit(void *arg) {
    struct heir *heir = arg;
    struct wb_bytes_mut mut;
    while (!atomic_load(heir->go)) {
    }
    heir->has_read = heir->shared.ptr[0] == 'h';
    heir->has_won = wb_bytes_shared_try_into_mut(&heir->shared, &mut);
    if (heir->has_won) {
        memset(mut.ptr, 'X', mut.len);
        wb_bytes_mut_release(&mut);
    }
    wb_bytes_shared_release(&heir->shared);
    return NULL;
}

/* BY-11, BY-10: whoever finds itself unique may write, for all others have read; at most one does.
 */
static void shared_becomes_writable_for_one_thread_at_most(void **state) {
    struct test_sys *test = *state;
    for (int round = 0; round < 100; round++) {
        struct heir heirs[2];
        atomic_bool go = false;
        pthread_t threads[2];
        heirs[0] = (struct heir){.go = &go};
        assert_int_equal(
            wb_bytes_shared_copy(&test->sys, wb_bytes_from("hello", 5), &heirs[0].shared), WB_OK);
        heirs[1] = (struct heir){.shared = wb_bytes_shared_acquire(&heirs[0].shared), .go = &go};
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, read_then_inherit, &heirs[i]), 0);
        }
        atomic_store(&go, true);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            assert_true(heirs[i].has_read);
        }
        assert_false(heirs[0].has_won && heirs[1].has_won);
        assert_int_equal(test->block_count, 0);
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(shared_count_is_exact_under_threads),
        CASE(shared_becomes_writable_for_one_thread_at_most),
        CASE(mut_halves_may_be_written_by_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
