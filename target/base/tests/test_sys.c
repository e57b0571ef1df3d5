/* The memory of tests. */
#include "test_sys.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A program that breaks the rules of the seam is beyond saving: cmocka could not report it from
 * another thread either. */
static void require(bool condition, const char *rule) {
    if (!condition) {
        print_error("memory misused: %s\n", rule);
        abort();
    }
}

static bool is_refused(struct test_sys *test) {
    test->request_count++;
    return test->request_count == test->refuse_at;
}

static size_t find(const struct test_sys *test, const void *ptr) {
    size_t i = 0;
    while (i < test->block_count && test->blocks[i].ptr != ptr) {
        i++;
    }
    return i;
}

static void add(struct test_sys *test, void *ptr, size_t size) {
    require(test->block_count < TEST_SYS_BLOCK_COUNT_MAX, "too many blocks for the test");
    test->blocks[test->block_count].ptr = ptr;
    test->blocks[test->block_count].size = size;
    test->block_count++;
}

static void drop(struct test_sys *test, const void *ptr, size_t size) {
    size_t i = find(test, ptr);
    require(i < test->block_count, "freed a block that is not there");
    require(test->blocks[i].size == size, "freed a block with another size than it had");
    test->blocks[i] = test->blocks[--test->block_count];
}

/* Fresh memory has no useful content. */
static void *fresh(size_t size) {
    require(size > 0, "asked for no bytes");
    void *ptr = malloc(size);
    require(ptr != NULL, "the test itself ran out of memory");
    memset(ptr, 0xa5, size);
    return ptr;
}

static void *memory_alloc(void *self, size_t size) {
    struct test_sys *test = self;
    void *ptr = NULL;
    pthread_mutex_lock(&test->lock);
    if (!is_refused(test)) {
        ptr = fresh(size);
        add(test, ptr, size);
    }
    pthread_mutex_unlock(&test->lock);
    return ptr;
}

/* Always moves, so that nobody gets away with keeping the old address. */
static void *memory_resize(void *self, void *ptr, size_t old_size, size_t new_size) {
    struct test_sys *test = self;
    void *moved = NULL;
    pthread_mutex_lock(&test->lock);
    if (!is_refused(test)) {
        moved = fresh(new_size);
        if (ptr != NULL) {
            memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
            drop(test, ptr, old_size);
            free(ptr);
        }
        add(test, moved, new_size);
    }
    pthread_mutex_unlock(&test->lock);
    return moved;
}

static void memory_free(void *self, void *ptr, size_t size) {
    struct test_sys *test = self;
    if (ptr == NULL) {
        return;
    }
    pthread_mutex_lock(&test->lock);
    drop(test, ptr, size);
    free(ptr);
    pthread_mutex_unlock(&test->lock);
}

static void record_note(void *self, enum wb_note kind, uint64_t a, uint64_t b) {
    struct test_sys *test = self;
    if (test->note_count < TEST_SYS_NOTE_COUNT_MAX) {
        test->notes[test->note_count] = (struct test_sys_note){kind, a, b};
    }
    test->note_count++;
}

static const struct wb_sys_ops ops = {
    .alloc = memory_alloc,
    .resize = memory_resize,
    .free = memory_free,
    .note = record_note,
};

int test_sys_setup(void **state) {
    struct test_sys *test = calloc(1, sizeof(*test));
    if (test == NULL || pthread_mutex_init(&test->lock, NULL) != 0) {
        free(test);
        return -1;
    }
    test->sys.ops = &ops;
    test->sys.self = test;
    *state = test;
    return 0;
}

int test_sys_teardown(void **state) {
    struct test_sys *test = *state;
    size_t leaked = test->block_count;
    for (size_t i = 0; i < leaked; i++) {
        print_error("leaked a block of %zu bytes\n", test->blocks[i].size);
        free(test->blocks[i].ptr);
    }
    pthread_mutex_destroy(&test->lock);
    free(test);
    return leaked == 0 ? 0 : -1;
}

void test_sys_refuse(struct test_sys *test, size_t n) {
    test->request_count = 0;
    test->refuse_at = n;
}

bool test_sys_has_refused(const struct test_sys *test) {
    return test->refuse_at != 0 && test->request_count >= test->refuse_at;
}

size_t test_sys_block_size(const struct test_sys *test, const void *ptr) {
    size_t i = find(test, ptr);
    return i < test->block_count ? test->blocks[i].size : 0;
}
