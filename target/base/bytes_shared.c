/* Shared immutable bytes: references and their parts. */
#include "wb/bytes.h"

#include <assert.h>
#include <string.h>

#include "base/bytes_block.h"

struct wb_bytes_shared wb_bytes_shared_from_static(struct wb_bytes bytes) {
    return (struct wb_bytes_shared){bytes.ptr, bytes.len, NULL};
}

enum wb_status wb_bytes_shared_copy(
    const struct wb_sys *sys, struct wb_bytes bytes, struct wb_bytes_shared *out_shared) {
    if (bytes.len == 0) {
        *out_shared = (struct wb_bytes_shared){0};
        return WB_OK;
    }
    struct wb_bytes_block *block = wb__block_new(sys, bytes.len);
    if (block == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    memcpy(block->data, bytes.ptr, bytes.len);
    *out_shared = (struct wb_bytes_shared){block->data, bytes.len, block};
    return WB_OK;
}

enum wb_status wb_bytes_shared_adopt(const struct wb_sys *sys, void *ptr, size_t len, size_t size,
    struct wb_bytes_shared *out_shared) {
    assert(ptr != NULL && len <= size);
    struct wb_bytes_block *block = wb__block_adopt(sys, ptr, size);
    if (block == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *out_shared = (struct wb_bytes_shared){ptr, len, block};
    return WB_OK;
}

struct wb_bytes_shared wb_bytes_shared_acquire(const struct wb_bytes_shared *shared) {
    return wb_bytes_shared_slice(shared, 0, shared->len);
}

void wb_bytes_shared_release(struct wb_bytes_shared *shared) {
    if (shared == NULL) {
        return;
    }
    wb__block_release(shared->block);
    *shared = (struct wb_bytes_shared){0};
}

struct wb_bytes wb_bytes_shared_view(const struct wb_bytes_shared *shared) {
    return (struct wb_bytes){shared->ptr, shared->len};
}

struct wb_bytes_shared wb_bytes_shared_slice(
    const struct wb_bytes_shared *shared, size_t start, size_t end) {
    assert(start <= end && end <= shared->len);
    if (start == end) {
        return (struct wb_bytes_shared){0};
    }
    wb__block_acquire(shared->block);
    return (struct wb_bytes_shared){shared->ptr + start, end - start, shared->block};
}

struct wb_bytes_shared wb_bytes_shared_slice_ref(
    const struct wb_bytes_shared *shared, struct wb_bytes part) {
    if (part.len == 0) {
        return (struct wb_bytes_shared){0};
    }
    /* As numbers: pointers into different objects must not be compared. */
    uintptr_t begin = (uintptr_t)shared->ptr;
    uintptr_t at = (uintptr_t)part.ptr;
    assert(at >= begin && at - begin <= shared->len && part.len <= shared->len - (at - begin));
    return wb_bytes_shared_slice(shared, at - begin, at - begin + part.len);
}

struct wb_bytes_shared wb_bytes_shared_split_to(struct wb_bytes_shared *shared, size_t at) {
    struct wb_bytes_shared front = wb_bytes_shared_slice(shared, 0, at);
    wb_bytes_shared_advance(shared, at);
    return front;
}

struct wb_bytes_shared wb_bytes_shared_split_off(struct wb_bytes_shared *shared, size_t at) {
    struct wb_bytes_shared back = wb_bytes_shared_slice(shared, at, shared->len);
    wb_bytes_shared_truncate(shared, at);
    return back;
}

void wb_bytes_shared_truncate(struct wb_bytes_shared *shared, size_t len) {
    if (len == 0) {
        wb_bytes_shared_release(shared);
    } else if (len < shared->len) {
        shared->len = len;
    }
}

void wb_bytes_shared_advance(struct wb_bytes_shared *shared, size_t count) {
    assert(count <= shared->len);
    if (count == shared->len) {
        wb_bytes_shared_release(shared);
        return;
    }
    shared->ptr += count;
    shared->len -= count;
}

bool wb_bytes_shared_is_unique(const struct wb_bytes_shared *shared) {
    return wb__block_is_unique(shared->block);
}

bool wb_bytes_shared_try_into_mut(struct wb_bytes_shared *shared, struct wb_bytes_mut *out_mut) {
    struct wb_bytes_block *block = shared->block;
    if (!wb__block_is_unique(block)) {
        return false;
    }
    size_t offset = (size_t)(shared->ptr - block->data);
    *out_mut = (struct wb_bytes_mut){
        .ptr = block->data + offset,
        .len = shared->len,
        .capacity = block->size - offset,
        .block = block,
        .sys = block->sys,
    };
    *shared = (struct wb_bytes_shared){0};
    return true;
}
