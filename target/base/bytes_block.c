/* Allocating, counting and freeing the memory behind shared and growable bytes. */
#include "base/bytes_block.h"

#include <assert.h>

struct wb_bytes_block *wb__block_adopt(const struct wb_sys *sys, void *data, size_t size) {
    struct wb_bytes_block *block = WB_SYS(sys, alloc, sizeof(*block));
    if (block == NULL) {
        return NULL;
    }
    block->sys = sys;
    atomic_init(&block->references, 1);
    block->data = data;
    block->size = size;
    block->is_adopted = true;
    return block;
}

struct wb_bytes_block *wb__block_new(const struct wb_sys *sys, size_t size) {
    assert(size <= WB__BYTES_SIZE_MAX);
    struct wb_bytes_block *block = WB_SYS(sys, alloc, sizeof(*block) + size);
    if (block == NULL) {
        return NULL;
    }
    block->sys = sys;
    atomic_init(&block->references, 1);
    block->data = (uint8_t *)(block + 1);
    block->size = size;
    block->is_adopted = false;
    return block;
}

static struct wb_bytes_block *resize_adopted(struct wb_bytes_block *block, size_t size) {
    uint8_t *data = WB_SYS(block->sys, resize, block->data, block->size, size);
    if (data == NULL) {
        return NULL;
    }
    block->data = data;
    block->size = size;
    return block;
}

struct wb_bytes_block *wb__block_resize(struct wb_bytes_block *block, size_t size) {
    assert(size <= WB__BYTES_SIZE_MAX && wb__block_is_unique(block));
    if (block->is_adopted) {
        return resize_adopted(block, size);
    }
    struct wb_bytes_block *moved =
        WB_SYS(block->sys, resize, block, sizeof(*block) + block->size, sizeof(*block) + size);
    if (moved == NULL) {
        return NULL;
    }
    moved->data = (uint8_t *)(moved + 1);
    moved->size = size;
    return moved;
}

/* Whoever acquires holds a reference already, so nothing needs to be ordered. */
void wb__block_acquire(struct wb_bytes_block *block) {
    if (block == NULL) {
        return;
    }
    size_t before = atomic_fetch_add_explicit(&block->references, 1, memory_order_relaxed);
    assert(before > 0 && before < SIZE_MAX / 2);
    (void)before;
}

static void destroy(struct wb_bytes_block *block) {
    const struct wb_sys *sys = block->sys;
    if (block->is_adopted) {
        WB_SYS(sys, free, block->data, block->size);
        WB_SYS(sys, free, block, sizeof(*block));
    } else {
        WB_SYS(sys, free, block, sizeof(*block) + block->size);
    }
}

/* Every holder's accesses come before its release, and the last release comes before the free. */
void wb__block_release(struct wb_bytes_block *block) {
    if (block == NULL) {
        return;
    }
    size_t before = atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before == 1) {
        destroy(block);
    }
}

bool wb__block_is_unique(const struct wb_bytes_block *block) {
    return block != NULL && atomic_load_explicit(&block->references, memory_order_acquire) == 1;
}
