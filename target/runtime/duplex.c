/* A pipe in memory, both ways: two rings, a lock, and who waits at each end of each ring. */
#include <assert.h>
#include <string.h>

#include "runtime/lock.h"
#include "wb/io.h"

enum { SIDES = 2 };

/* What one side writes and the other reads. */
struct way {
    unsigned char *bytes;
    size_t begin;
    size_t len;
    struct wb_task_waker reader; /* waits for bytes */
    struct wb_task_waker writer; /* waits for room */
    bool is_ended;               /* nothing more is written */
    bool is_deaf;                /* nothing more is read */
};

struct wb__duplex {
    const struct wb_sys *sys;
    struct wb__lock lock; /* of the rest */
    size_t capacity;
    uint32_t ends;
    struct way ways[SIDES]; /* by who writes */
};

static size_t size_of(size_t capacity) {
    return sizeof(struct wb__duplex) + SIDES * capacity;
}

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- the ring ---- */

static size_t put(struct way *way, size_t capacity, const unsigned char *buf, size_t len) {
    const size_t count = min_size(len, capacity - way->len);
    const size_t at = (way->begin + way->len) % capacity;
    const size_t first = min_size(count, capacity - at);
    memcpy(way->bytes + at, buf, first);
    memcpy(way->bytes, buf + first, count - first);
    way->len += count;
    return count;
}

static size_t get(struct way *way, size_t capacity, unsigned char *buf, size_t len) {
    const size_t count = min_size(len, way->len);
    const size_t first = min_size(count, capacity - way->begin);
    memcpy(buf, way->bytes + way->begin, first);
    memcpy(buf + first, way->bytes, count - first);
    way->begin = (way->begin + count) % capacity;
    way->len -= count;
    return count;
}

/* ---- waiting ---- */

static struct wb_task_waker take(struct wb_task_waker *slot) {
    const struct wb_task_waker waker = *slot;
    *slot = (struct wb_task_waker){0};
    return waker;
}

/* Puts the waker into the slot; what was there is the caller's to drop, without the lock. */
static void swap(struct wb_task_waker *slot, struct wb_task_waker *waker) {
    const struct wb_task_waker old = *slot;
    *slot = *waker;
    *waker = old;
}

/* ---- reading and writing ---- */

static enum wb_progress duplex_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    const struct wb_duplex *end =
        (struct wb_duplex *)(void *)((char *)self - offsetof(struct wb_duplex, read));
    struct wb__duplex *shared = end->shared;
    struct way *way = &shared->ways[1 - end->side];
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    struct wb_task_waker mine = wb_task_waker_clone(context->waker);
    struct wb_task_waker theirs = {0};
    enum wb_progress progress = WB_READY;
    wb__lock_enter(&shared->lock);
    if (way->len != 0) {
        *out_len = get(way, shared->capacity, buf, len);
        *out_status = WB_OK;
        theirs = take(&way->writer);
    } else if (way->is_ended) {
        *out_status = WB_EOF;
    } else {
        swap(&way->reader, &mine);
        progress = WB_PENDING;
    }
    wb__lock_leave(&shared->lock);
    wb_task_waker_drop(&mine);
    wb_task_waker_fire(&theirs);
    return progress;
}

static struct wb_duplex *writer_of(struct wb_async_write *write) {
    return (struct wb_duplex *)(void *)((char *)write - offsetof(struct wb_duplex, write));
}

static enum wb_progress duplex_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    const struct wb_duplex *end = writer_of(self);
    struct wb__duplex *shared = end->shared;
    struct way *way = &shared->ways[end->side];
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    struct wb_task_waker mine = wb_task_waker_clone(context->waker);
    struct wb_task_waker theirs = {0};
    enum wb_progress progress = WB_READY;
    wb__lock_enter(&shared->lock);
    if (way->is_ended || way->is_deaf) {
        *out_status = WB_ERR_BROKEN_PIPE;
    } else if (way->len < shared->capacity) {
        *out_len = put(way, shared->capacity, buf, len);
        *out_status = WB_OK;
        theirs = take(&way->reader);
    } else {
        swap(&way->writer, &mine);
        progress = WB_PENDING;
    }
    wb__lock_leave(&shared->lock);
    wb_task_waker_drop(&mine);
    wb_task_waker_fire(&theirs);
    return progress;
}

static void end_way(struct wb__duplex *shared, uint32_t side) {
    struct wb_task_waker reader = {0};
    wb__lock_enter(&shared->lock);
    shared->ways[side].is_ended = true;
    reader = take(&shared->ways[side].reader);
    wb__lock_leave(&shared->lock);
    wb_task_waker_fire(&reader);
}

static enum wb_progress duplex_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    const struct wb_duplex *end = writer_of(self);
    (void)context;
    end_way(end->shared, end->side);
    *out_status = WB_OK;
    return WB_READY;
}

static const struct wb_async_read_ops read_ops = {.poll_read = duplex_poll_read};
static const struct wb_async_write_ops write_ops = {
    .poll_write = duplex_poll_write,
    .poll_shutdown = duplex_poll_shutdown,
};

/* ---- life ---- */

static struct wb_duplex end_of(struct wb__duplex *shared, uint32_t side) {
    return (struct wb_duplex){{&read_ops}, {&write_ops}, shared, side};
}

enum wb_status wb_duplex_new(const struct wb_sys *sys, size_t capacity, struct wb_duplex *out_first,
    struct wb_duplex *out_second) {
    assert(capacity != 0 && capacity < SIZE_MAX / 4);
    struct wb__duplex *shared = WB_SYS(sys, alloc, size_of(capacity));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__duplex){.sys = sys, .capacity = capacity, .ends = SIDES};
    const enum wb_status status = wb__lock_init(&shared->lock, sys);
    if (status != WB_OK) {
        WB_SYS(sys, free, shared, size_of(capacity));
        return status;
    }
    unsigned char *bytes = (unsigned char *)(shared + 1);
    shared->ways[0].bytes = bytes;
    shared->ways[1].bytes = bytes + capacity;
    *out_first = end_of(shared, 0);
    *out_second = end_of(shared, 1);
    return WB_OK;
}

void wb_duplex_close(struct wb_duplex *duplex) {
    struct wb__duplex *shared = duplex->shared;
    if (shared == NULL) {
        return;
    }
    duplex->shared = NULL;
    struct way *out = &shared->ways[duplex->side];
    struct way *in = &shared->ways[1 - duplex->side];
    wb__lock_enter(&shared->lock);
    out->is_ended = true;
    in->is_deaf = true;
    struct wb_task_waker reader = take(&out->reader);
    struct wb_task_waker writer = take(&in->writer);
    struct wb_task_waker mine[] = {take(&out->writer), take(&in->reader)};
    const bool is_last = --shared->ends == 0;
    wb__lock_leave(&shared->lock);
    wb_task_waker_fire(&reader);
    wb_task_waker_fire(&writer);
    wb_task_waker_drop(&mine[0]);
    wb_task_waker_drop(&mine[1]);
    if (is_last) {
        wb__lock_clean_up(&shared->lock);
        WB_SYS(shared->sys, free, shared, size_of(shared->capacity));
    }
}
