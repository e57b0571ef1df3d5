/* Memory: alignment, contents over a resize, failure. */
#include "sys/contract/support.h"

#include <stddef.h>
#include <string.h>

static bool is_aligned(const void *ptr) {
    return (uintptr_t)ptr % _Alignof(max_align_t) == 0;
}

/* Whether all bytes have the value; the block then gets another one. */
static bool holds_then_becomes(uint8_t *block, size_t len, uint8_t value, uint8_t next) {
    for (size_t i = 0; i < len; i++) {
        if (block[i] != value) {
            return false;
        }
    }
    memset(block, next, len);
    return true;
}

static void alloc_gives_aligned_blocks_that_do_not_overlap(struct wb_contract_fixture *fx) {
    enum { BLOCK_COUNT = 64 };
    uint8_t *blocks[BLOCK_COUNT];
    bool is_right = true;
    for (size_t i = 0; i < BLOCK_COUNT; i++) {
        blocks[i] = SYS(alloc, i * 7 + 1);
        is_right = is_right && blocks[i] != NULL && is_aligned(blocks[i]);
        if (blocks[i] != NULL) {
            memset(blocks[i], (int)i, i * 7 + 1);
        }
    }
    for (size_t i = 0; i < BLOCK_COUNT; i++) {
        is_right = is_right && holds_then_becomes(blocks[i], i * 7 + 1, (uint8_t)i, 0xff);
        SYS(free, blocks[i], i * 7 + 1);
    }
    CHECK(is_right);
}

static void resize_keeps_the_contents_and_the_alignment(struct wb_contract_fixture *fx) {
    static const size_t sizes[] = {1, 100, 100000, 4000, 17};
    bool is_right = true;
    size_t old_size = 0;
    uint8_t *block = NULL;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && is_right; i++) {
        size_t kept = old_size < sizes[i] ? old_size : sizes[i];
        uint8_t *next = SYS(resize, block, old_size, sizes[i]);
        is_right = next != NULL;
        if (is_right) {
            block = next;
            old_size = sizes[i];
            is_right =
                is_aligned(block) && holds_then_becomes(block, kept, (uint8_t)i, (uint8_t)(i + 1));
            memset(block, (int)(i + 1), sizes[i]);
        }
    }
    SYS(free, block, old_size);
    CHECK(is_right);
}

static void alloc_beyond_all_memory_gives_null(struct wb_contract_fixture *fx) {
    void *block = SYS(alloc, SIZE_MAX / 4);
    CHECK(block == NULL);
}

static void resize_that_fails_leaves_the_block(struct wb_contract_fixture *fx) {
    uint8_t *block = SYS(alloc, 100);
    CHECK(block != NULL);
    memset(block, 5, 100);
    void *larger = SYS(resize, block, 100, SIZE_MAX / 4);
    bool is_whole = larger == NULL && holds_then_becomes(block, 100, 5, 6);
    SYS(free, larger == NULL ? block : larger, 100);
    CHECK(is_whole);
}

static void free_of_null_does_nothing(struct wb_contract_fixture *fx) {
    SYS(free, NULL, 0);
}

static const struct wb_contract_case cases[] = {
    CASE(alloc_gives_aligned_blocks_that_do_not_overlap, 0),
    CASE(resize_keeps_the_contents_and_the_alignment, 0),
    CASE(alloc_beyond_all_memory_gives_null, 0),
    CASE(resize_that_fails_leaves_the_block, 0),
    CASE(free_of_null_does_nothing, 0),
};
WB__CONTRACT_GROUP(memory);
