/* The growable buffer: room, writing, and splitting into parts that share an allocation.
 *
 * A part owns the bytes ptr .. ptr + capacity of its block and no other part touches them, so only
 * the reference count is shared. A part that finds itself alone owns the whole block. */
#include "wb/bytes.h"

#include <assert.h>
#include <string.h>

#include "base/bytes_block.h"

/* A first allocation by growth is at least this, so that small appends do not each reallocate. */
enum { CAPACITY_MIN = 64 };

struct wb_bytes_mut wb_bytes_mut_new(const struct wb_sys *sys) {
    return (struct wb_bytes_mut){.sys = sys};
}

enum wb_status wb_bytes_mut_with_capacity(
    const struct wb_sys *sys, size_t capacity, struct wb_bytes_mut *out_mut) {
    if (capacity == 0) {
        *out_mut = wb_bytes_mut_new(sys);
        return WB_OK;
    }
    struct wb_bytes_block *block = wb__block_new(sys, capacity);
    if (block == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *out_mut =
        (struct wb_bytes_mut){.ptr = block->data, .capacity = capacity, .block = block, .sys = sys};
    return WB_OK;
}

void wb_bytes_mut_release(struct wb_bytes_mut *mut) {
    if (mut == NULL) {
        return;
    }
    wb__block_release(mut->block);
    *mut = wb_bytes_mut_new(mut->sys);
}

struct wb_bytes wb_bytes_mut_view(const struct wb_bytes_mut *mut) {
    return (struct wb_bytes){mut->ptr, mut->len};
}

/* ---- room ---- */

static size_t offset_of(const struct wb_bytes_mut *mut) {
    return (size_t)(mut->ptr - mut->block->data);
}

bool wb_bytes_mut_try_reclaim(struct wb_bytes_mut *mut, size_t additional) {
    if (mut->capacity - mut->len >= additional) {
        return true;
    }
    if (!wb__block_is_unique(mut->block)) {
        return false;
    }
    size_t size = mut->block->size;
    size_t offset = offset_of(mut);
    if (size - offset - mut->len >= additional) {
        mut->capacity = size - offset;
        return true;
    }
    if (offset < mut->len || size - mut->len < additional) {
        return false;
    }
    memcpy(mut->block->data, mut->ptr, mut->len);
    mut->ptr = mut->block->data;
    mut->capacity = size;
    return true;
}

static enum wb_status move_to_new_block(struct wb_bytes_mut *mut, size_t size) {
    struct wb_bytes_block *block = wb__block_new(mut->sys, size);
    if (block == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    if (mut->len > 0) {
        memcpy(block->data, mut->ptr, mut->len);
    }
    wb__block_release(mut->block);
    mut->block = block;
    mut->ptr = block->data;
    mut->capacity = size;
    return WB_OK;
}

static enum wb_status resize_block(struct wb_bytes_mut *mut, size_t size) {
    struct wb_bytes_block *block = wb__block_resize(mut->block, size);
    if (block == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    mut->block = block;
    mut->ptr = block->data;
    mut->capacity = size;
    return WB_OK;
}

static size_t grown_size(const struct wb_bytes_mut *mut, size_t needed) {
    size_t size = mut->capacity <= WB__BYTES_SIZE_MAX / 2 ? mut->capacity * 2 : WB__BYTES_SIZE_MAX;
    size = size < CAPACITY_MIN ? CAPACITY_MIN : size;
    return size < needed ? needed : size;
}

enum wb_status wb__bytes_mut_grow(struct wb_bytes_mut *mut, size_t additional) {
    assert(additional <= WB__BYTES_SIZE_MAX - mut->len);
    if (wb_bytes_mut_try_reclaim(mut, additional)) {
        return WB_OK;
    }
    size_t needed = mut->len + additional;
    if (mut->block == NULL) {
        return move_to_new_block(mut, grown_size(mut, needed));
    }
    if (!wb__block_is_unique(mut->block)) {
        return move_to_new_block(mut, needed);
    }
    if (offset_of(mut) == 0) {
        return resize_block(mut, grown_size(mut, needed));
    }
    return move_to_new_block(mut, grown_size(mut, needed));
}

/* ---- writing ---- */

enum wb_status wb_bytes_mut_extend_from_within(struct wb_bytes_mut *mut, size_t start, size_t end) {
    assert(start <= end && end <= mut->len);
    enum wb_status status = wb_bytes_mut_reserve(mut, end - start);
    if (status != WB_OK || start == end) {
        return status;
    }
    memcpy(mut->ptr + mut->len, mut->ptr + start, end - start);
    mut->len += end - start;
    return WB_OK;
}

enum wb_status wb_bytes_mut_resize(struct wb_bytes_mut *mut, size_t len, uint8_t fill) {
    if (len <= mut->len) {
        mut->len = len;
        return WB_OK;
    }
    enum wb_status status = wb_bytes_mut_reserve(mut, len - mut->len);
    if (status != WB_OK) {
        return status;
    }
    memset(mut->ptr + mut->len, fill, len - mut->len);
    mut->len = len;
    return WB_OK;
}

void wb_bytes_mut_advance(struct wb_bytes_mut *mut, size_t count) {
    assert(count <= mut->len);
    if (count > 0) {
        mut->ptr += count;
        mut->len -= count;
        mut->capacity -= count;
    }
}

/* ---- parts ---- */

struct wb_bytes_mut wb_bytes_mut_split(struct wb_bytes_mut *mut) {
    return wb_bytes_mut_split_to(mut, mut->len);
}

struct wb_bytes_mut wb_bytes_mut_split_to(struct wb_bytes_mut *mut, size_t at) {
    assert(at <= mut->len);
    if (at == 0) {
        return wb_bytes_mut_new(mut->sys);
    }
    struct wb_bytes_mut front = *mut;
    front.len = at;
    front.capacity = at;
    wb__block_acquire(mut->block);
    wb_bytes_mut_advance(mut, at);
    return front;
}

struct wb_bytes_mut wb_bytes_mut_split_off(struct wb_bytes_mut *mut, size_t at) {
    assert(at <= mut->capacity);
    if (at == mut->capacity) {
        return wb_bytes_mut_new(mut->sys);
    }
    struct wb_bytes_mut back = *mut;
    back.ptr += at;
    back.capacity -= at;
    back.len = mut->len > at ? mut->len - at : 0;
    wb__block_acquire(mut->block);
    mut->capacity = at;
    wb_bytes_mut_truncate(mut, at);
    return back;
}

static bool is_behind(const struct wb_bytes_mut *mut, const struct wb_bytes_mut *other) {
    return mut->block != NULL && mut->block == other->block && mut->ptr + mut->len == other->ptr;
}

enum wb_status wb_bytes_mut_unsplit(struct wb_bytes_mut *mut, struct wb_bytes_mut *other) {
    if (other->capacity == 0) {
        wb_bytes_mut_release(other);
        return WB_OK;
    }
    if (is_behind(mut, other)) {
        mut->capacity = mut->len + other->capacity;
        mut->len += other->len;
        wb_bytes_mut_release(other);
        return WB_OK;
    }
    if (mut->len == 0) {
        wb_bytes_mut_release(mut);
        *mut = *other;
        *other = wb_bytes_mut_new(other->sys);
        return WB_OK;
    }
    enum wb_status status = wb_bytes_mut_extend(mut, wb_bytes_mut_view(other));
    if (status == WB_OK) {
        wb_bytes_mut_release(other);
    }
    return status;
}

struct wb_bytes_shared wb_bytes_mut_freeze(struct wb_bytes_mut *mut) {
    if (mut->len == 0) {
        wb_bytes_mut_release(mut);
        return (struct wb_bytes_shared){0};
    }
    struct wb_bytes_shared shared = {mut->ptr, mut->len, mut->block};
    *mut = wb_bytes_mut_new(mut->sys);
    return shared;
}
