/* A struct wb_sys of which only memory and notes work, for tests: it checks that every block is
 * freed once with the pointer and size it was given, can refuse the n-th allocation, and keeps the
 * notes.
 *
 * Thread: alloc, resize and free may be called from several threads. */
#ifndef BASE_TESTS_TEST_SYS_H
#define BASE_TESTS_TEST_SYS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/sys.h"

enum { TEST_SYS_BLOCK_COUNT_MAX = 256, TEST_SYS_NOTE_COUNT_MAX = 256 };

struct test_sys_note {
    enum wb_note kind;
    uint64_t a;
    uint64_t b;
};

struct test_sys {
    struct wb_sys sys;
    pthread_mutex_t lock;
    struct {
        void *ptr;
        size_t size;
    } blocks[TEST_SYS_BLOCK_COUNT_MAX];
    size_t block_count;
    size_t request_count; /* allocations and resizes asked for, refused ones too */
    size_t refuse_at;     /* the request with this number is refused, counted from 1; 0: none */
    struct test_sys_note notes[TEST_SYS_NOTE_COUNT_MAX];
    size_t note_count;
};

/* cmocka fixtures: *state becomes a struct test_sys; the teardown fails if a block is left. */
int test_sys_setup(void **state);
int test_sys_teardown(void **state);

/* Starts counting anew and refuses the n-th request from here, or none if n is 0. */
void test_sys_refuse(struct test_sys *test, size_t n);

/* Whether the refusal that was asked for has happened. */
bool test_sys_has_refused(const struct test_sys *test);

/* The size that the block at this very address has; 0 if there is none. */
size_t test_sys_block_size(const struct test_sys *test, const void *ptr);

#endif
