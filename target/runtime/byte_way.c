/* See byte_way.h. */
#include "runtime/byte_way.h"

#include <string.h>

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- the ring ---- */

static size_t put(struct wb__byte_way *way, const unsigned char *buf, size_t len) {
    const size_t count = min_size(len, way->capacity - way->len);
    const size_t at = (way->begin + way->len) % way->capacity;
    const size_t first = min_size(count, way->capacity - at);
    memcpy(way->bytes + at, buf, first);
    memcpy(way->bytes, buf + first, count - first);
    way->len += count;
    return count;
}

static size_t get(struct wb__byte_way *way, unsigned char *buf, size_t len) {
    const size_t count = min_size(len, way->len);
    const size_t first = min_size(count, way->capacity - way->begin);
    memcpy(buf, way->bytes + way->begin, first);
    memcpy(buf + first, way->bytes, count - first);
    way->begin = (way->begin + count) % way->capacity;
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

enum wb_progress wb__byte_way_poll_read(struct wb__byte_way *way, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    struct wb_task_waker mine = wb_task_waker_clone(context->waker);
    struct wb_task_waker theirs = {0};
    enum wb_progress progress = WB_READY;
    wb__lock_enter(&way->lock);
    if (way->len != 0) {
        *out_len = get(way, buf, len);
        *out_status = WB_OK;
        theirs = take(&way->writer);
    } else if (way->is_ended) {
        *out_status = WB_EOF;
    } else {
        swap(&way->reader, &mine);
        progress = WB_PENDING;
    }
    wb__lock_leave(&way->lock);
    wb_task_waker_drop(&mine);
    wb_task_waker_fire(&theirs);
    return progress;
}

enum wb_progress wb__byte_way_poll_write(struct wb__byte_way *way, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    struct wb_task_waker mine = wb_task_waker_clone(context->waker);
    struct wb_task_waker theirs = {0};
    enum wb_progress progress = WB_READY;
    wb__lock_enter(&way->lock);
    if (way->is_ended || way->is_deaf) {
        *out_status = WB_ERR_BROKEN_PIPE;
    } else if (way->len < way->capacity) {
        *out_len = put(way, buf, len);
        *out_status = WB_OK;
        theirs = take(&way->reader);
    } else {
        swap(&way->writer, &mine);
        progress = WB_PENDING;
    }
    wb__lock_leave(&way->lock);
    wb_task_waker_drop(&mine);
    wb_task_waker_fire(&theirs);
    return progress;
}

void wb__byte_way_end(struct wb__byte_way *way) {
    wb__lock_enter(&way->lock);
    way->is_ended = true;
    struct wb_task_waker reader = take(&way->reader);
    wb__lock_leave(&way->lock);
    wb_task_waker_fire(&reader);
}

void wb__byte_way_drop_writer(struct wb__byte_way *way) {
    wb__lock_enter(&way->lock);
    way->is_ended = true;
    struct wb_task_waker theirs = take(&way->reader);
    struct wb_task_waker mine = take(&way->writer);
    wb__lock_leave(&way->lock);
    wb_task_waker_fire(&theirs);
    wb_task_waker_drop(&mine);
}

void wb__byte_way_drop_reader(struct wb__byte_way *way) {
    wb__lock_enter(&way->lock);
    way->is_deaf = true;
    struct wb_task_waker theirs = take(&way->writer);
    struct wb_task_waker mine = take(&way->reader);
    wb__lock_leave(&way->lock);
    wb_task_waker_fire(&theirs);
    wb_task_waker_drop(&mine);
}

/* ---- life ---- */

void wb__byte_way_init(
    struct wb__byte_way *way, const struct wb_sys *sys, unsigned char *bytes, size_t capacity) {
    *way = (struct wb__byte_way){.bytes = bytes, .capacity = capacity};
    wb__lock_init(&way->lock, sys);
}

void wb__byte_way_clean_up(struct wb__byte_way *way) {
    wb__lock_clean_up(&way->lock);
}
