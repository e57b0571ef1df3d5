/* One way of a pipe in memory: a ring of bytes, a lock, and who waits at either end. */
#ifndef WB_RUNTIME_BYTE_WAY_H
#define WB_RUNTIME_BYTE_WAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/lock.h"
#include "wb/future.h"
#include "wb/task_waker.h"

struct wb__byte_way {
    struct wb__lock lock; /* of the rest */
    unsigned char *bytes;
    size_t capacity;
    size_t begin;
    size_t len;
    struct wb_task_waker reader; /* waits for bytes */
    struct wb_task_waker writer; /* waits for room */
    bool is_ended;               /* nothing more is written */
    bool is_deaf;                /* nothing more is read */
};

/* `capacity` bytes at `bytes`, borrowed. Errors: those of making a lock. */
void wb__byte_way_init(
    struct wb__byte_way *way, const struct wb_sys *sys, unsigned char *bytes, size_t capacity);

/* Nobody waits any more. One whose init failed, or of zero bytes, is allowed. */
void wb__byte_way_clean_up(struct wb__byte_way *way);

/* As the operations of wb_async_read and wb_async_write. Spend from the task's budget. */
WB_MUST_USE enum wb_progress wb__byte_way_poll_read(struct wb__byte_way *way,
    struct wb_context *context, void *buf, size_t len, enum wb_status *out_status, size_t *out_len);
WB_MUST_USE enum wb_progress wb__byte_way_poll_write(struct wb__byte_way *way,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len);

/* The writer has finished: the reader hears of it after what was written. */
void wb__byte_way_end(struct wb__byte_way *way);

/* The writer, or the reader, goes, which the other one hears of; it waits no more. */
void wb__byte_way_drop_writer(struct wb__byte_way *way);
void wb__byte_way_drop_reader(struct wb__byte_way *way);

/* One of so many holders of a pipe goes: whether it was the last, which frees it. */
static inline bool wb__byte_way_leave(const struct wb_sys *sys, _Atomic uint32_t *holders) {
    wb_sys_interleave(sys, holders);
    return atomic_fetch_sub_explicit(holders, 1, memory_order_acq_rel) == 1;
}

#endif
