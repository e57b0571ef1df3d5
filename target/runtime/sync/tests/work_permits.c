/* Work with permits: tasks take one or two of two, some of them are aborted, waiting or holding. */
#include <stdatomic.h>

#include "wb/async.h"
#include "wb/async_mutex.h"
#include "wb/semaphore.h"
#include "work.h"

enum { PERMITS = 2, TASKS = 4, TURNS = 3 };

struct room {
    struct wb_semaphore semaphore;
    struct wb_async_mutex mutex;
    atomic_int in_use;
    atomic_bool is_crowded;
    int guarded; /* by the mutex: not atomic */
    struct wb_join_handle handles[TASKS];
};

static void come(struct room *room, int count, int most) {
    if (atomic_fetch_add(&room->in_use, count) + count > most) {
        atomic_store(&room->is_crowded, true);
    }
}

static void go(struct room *room, int count) {
    atomic_fetch_sub(&room->in_use, count);
}

static void abort_two(void *arg) {
    struct room *room = arg;
    wb_join_handle_abort(&room->handles[1]);
    if (wb_semaphore_try_acquire(&room->semaphore, 1) == WB_OK) {
        come(room, 1, PERMITS);
        go(room, 1);
        wb_semaphore_release(&room->semaphore, 1);
    }
    wb_join_handle_abort(&room->handles[0]);
}

/* ---- semaphore ---- */

struct guest {
    struct wb_future future;
    struct room *room;
    struct wb_acquire acquire;
    int count;
    int turn;
    bool is_in;
};

static void leave_room(struct guest *self) {
    self->is_in = false;
    go(self->room, self->count);
    wb_semaphore_release(&self->room->semaphore, (uint32_t)self->count);
}

static enum wb_progress guest_poll(struct wb_future *future, struct wb_context *context) {
    struct guest *self = WB_FUTURE_OF(future, struct guest, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->turn < TURNS; self->turn++) {
        wb_acquire_init(&self->acquire, &self->room->semaphore, (uint32_t)self->count);
        WB_TRY_AWAIT(&self->acquire.future);
        come(self->room, self->count, PERMITS);
        self->is_in = true;
        WB_ASYNC_YIELD();
        leave_room(self);
    }
    WB_ASYNC_END(WB_OK);
}

static void guest_drop(struct wb_future *future) {
    struct guest *self = WB_FUTURE_OF(future, struct guest, future);
    wb_future_drop(&self->acquire.future);
    if (self->is_in) {
        leave_room(self);
    }
}

static const struct wb_future_ops guest_ops = {
    .size = sizeof(struct guest),
    .offset = offsetof(struct guest, future),
    .poll = guest_poll,
    .drop = guest_drop,
};

/* Also ends the two that were aborted. */
static bool join_all(struct wb_runtime *runtime, struct room *room) {
    const uint64_t thread = work_start(runtime, abort_two, room);
    bool is_right = true;
    for (int i = TASKS - 1; i >= 0; i--) {
        if (i == 1) {
            work_end(runtime, thread);
        }
        const enum wb_status status = work_join(runtime, &room->handles[i]);
        is_right &= status == WB_OK || (i < 2 && status == WB_ERR_CANCELLED);
    }
    return is_right && !atomic_load(&room->is_crowded) && atomic_load(&room->in_use) == 0
           && wb_semaphore_available(&room->semaphore) == PERMITS;
}

bool work_semaphore(struct wb_runtime *runtime) {
    struct room room = {0};
    if (wb_semaphore_init(&room.semaphore, wb_runtime_sys(runtime), PERMITS) != WB_OK) {
        return false;
    }
    for (int i = 0; i < TASKS; i++) {
        struct guest guest = {.room = &room, .count = 1 + i % PERMITS};
        wb_future_init(&guest.future, &guest_ops);
        room.handles[i] = work_spawn(runtime, &guest.future, i);
    }
    const bool is_right = join_all(runtime, &room);
    wb_semaphore_clean_up(&room.semaphore);
    return is_right;
}

/* ---- mutex ---- */

struct writer {
    struct wb_future future;
    struct room *room;
    struct wb_async_lock lock;
    int turn;
    int seen;
    bool has_mutex;
};

static void unlock(struct writer *self) {
    self->has_mutex = false;
    wb_async_mutex_unlock(&self->room->mutex);
}

static enum wb_progress writer_poll(struct wb_future *future, struct wb_context *context) {
    struct writer *self = WB_FUTURE_OF(future, struct writer, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->turn < TURNS; self->turn++) {
        wb_async_lock_init(&self->lock, &self->room->mutex);
        WB_TRY_AWAIT(wb_async_lock_future(&self->lock));
        self->has_mutex = true;
        self->seen = self->room->guarded;
        WB_ASYNC_YIELD();
        if (self->room->guarded != self->seen) {
            atomic_store(&self->room->is_crowded, true);
        }
        self->room->guarded = self->seen + 1;
        unlock(self);
    }
    WB_ASYNC_END(WB_OK);
}

static void writer_drop(struct wb_future *future) {
    struct writer *self = WB_FUTURE_OF(future, struct writer, future);
    wb_future_drop(wb_async_lock_future(&self->lock));
    if (self->has_mutex) {
        unlock(self);
    }
}

static const struct wb_future_ops writer_ops = {
    .size = sizeof(struct writer),
    .offset = offsetof(struct writer, future),
    .poll = writer_poll,
    .drop = writer_drop,
};

bool work_mutex(struct wb_runtime *runtime) {
    struct room room = {0};
    const struct wb_sys *sys = wb_runtime_sys(runtime);
    if (wb_semaphore_init(&room.semaphore, sys, PERMITS) != WB_OK
        || wb_async_mutex_init(&room.mutex, sys) != WB_OK) {
        return false;
    }
    for (int i = 0; i < TASKS; i++) {
        struct writer writer = {.room = &room};
        wb_future_init(&writer.future, &writer_ops);
        room.handles[i] = work_spawn(runtime, &writer.future, i);
    }
    const bool is_right = join_all(runtime, &room);
    const bool is_free = wb_async_mutex_try_lock(&room.mutex) == WB_OK;
    const bool is_counted = room.guarded >= 2 * TURNS;
    wb_async_mutex_unlock(&room.mutex);
    wb_async_mutex_clean_up(&room.mutex);
    wb_semaphore_clean_up(&room.semaphore);
    return is_right && is_free && is_counted;
}
