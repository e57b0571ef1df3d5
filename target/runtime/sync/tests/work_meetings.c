/* Work with barriers, locks for readers and writers, and cancellation. */
#include <stdatomic.h>

#include "wb/async.h"
#include "wb/async_rwlock.h"
#include "wb/barrier.h"
#include "wb/cancellation.h"
#include "wb/time.h"
#include "work.h"

enum { TASKS = 4, TURNS = 3 };

/* ---- barrier: nobody is a round ahead ---- */

struct hall {
    struct wb_barrier barrier;
    atomic_int arrivals;
    atomic_int leaders;
};

struct walker {
    struct wb_future future;
    struct hall *hall;
    struct wb_barrier_wait wait;
    int turn;
};

static enum wb_progress walker_poll(struct wb_future *future, struct wb_context *context) {
    struct walker *self = WB_FUTURE_OF(future, struct walker, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->turn < TURNS; self->turn++) {
        atomic_fetch_add(&self->hall->arrivals, 1);
        wb_barrier_wait_init(&self->wait, &self->hall->barrier);
        WB_AWAIT(&self->wait.future);
        atomic_fetch_add(&self->hall->leaders, self->wait.is_leader ? 1 : 0);
        if (atomic_load(&self->hall->arrivals) < TASKS * (self->turn + 1)) {
            WB_ASYNC_RETURN(WB_ERR_PARSE);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void walker_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct walker, future)->wait.future);
}

static const struct wb_future_ops walker_ops = {
    .size = sizeof(struct walker),
    .offset = offsetof(struct walker, future),
    .poll = walker_poll,
    .drop = walker_drop,
};

bool work_barrier(struct wb_runtime *runtime) {
    struct hall hall = {.arrivals = 0};
    struct wb_join_handle handles[TASKS];
    if (wb_barrier_init(&hall.barrier, wb_runtime_sys(runtime), TASKS) != WB_OK) {
        return false;
    }
    for (int i = 0; i < TASKS; i++) {
        struct walker walker = {.hall = &hall};
        wb_future_init(&walker.future, &walker_ops);
        handles[i] = work_spawn(runtime, &walker.future, i);
    }
    bool is_right = true;
    for (int i = 0; i < TASKS; i++) {
        is_right &= work_join(runtime, &handles[i]) == WB_OK;
    }
    wb_barrier_clean_up(&hall.barrier);
    return is_right && atomic_load(&hall.leaders) == TURNS;
}

/* ---- readers and writers: two numbers that are equal whenever nobody writes ---- */

struct book {
    struct wb_async_rwlock lock;
    int left;
    int right;
    struct wb_join_handle handles[TASKS];
};

struct visitor {
    struct wb_future future;
    struct book *book;
    struct wb_async_read_lock read;
    struct wb_async_write_lock write;
    int turn;
    bool is_reading;
    bool is_writing;
};

static void end_reading(struct visitor *self) {
    self->is_reading = false;
    wb_async_rwlock_read_unlock(&self->book->lock);
}

static void end_writing(struct visitor *self) {
    self->is_writing = false;
    self->book->right = self->book->left;
    wb_async_rwlock_write_unlock(&self->book->lock);
}

static enum wb_progress reader_poll(struct wb_future *future, struct wb_context *context) {
    struct visitor *self = WB_FUTURE_OF(future, struct visitor, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->turn < TURNS; self->turn++) {
        wb_async_read_lock_init(&self->read, &self->book->lock);
        WB_TRY_AWAIT(wb_async_read_lock_future(&self->read));
        self->is_reading = true;
        if (self->book->left != self->book->right) {
            WB_ASYNC_RETURN(WB_ERR_PARSE);
        }
        WB_ASYNC_YIELD();
        end_reading(self);
    }
    WB_ASYNC_END(WB_OK);
}

static enum wb_progress writer_poll(struct wb_future *future, struct wb_context *context) {
    struct visitor *self = WB_FUTURE_OF(future, struct visitor, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->turn < TURNS; self->turn++) {
        wb_async_write_lock_init(&self->write, &self->book->lock);
        WB_TRY_AWAIT(wb_async_write_lock_future(&self->write));
        self->is_writing = true;
        self->book->left++;
        WB_ASYNC_YIELD();
        end_writing(self);
    }
    WB_ASYNC_END(WB_OK);
}

static void visitor_drop(struct wb_future *future) {
    struct visitor *self = WB_FUTURE_OF(future, struct visitor, future);
    wb_future_drop(wb_async_read_lock_future(&self->read));
    wb_future_drop(wb_async_write_lock_future(&self->write));
    if (self->is_reading) {
        end_reading(self);
    }
    if (self->is_writing) {
        end_writing(self);
    }
}

static const struct wb_future_ops reader_ops = {
    .size = sizeof(struct visitor),
    .offset = offsetof(struct visitor, future),
    .poll = reader_poll,
    .drop = visitor_drop,
};

static const struct wb_future_ops writer_ops = {
    .size = sizeof(struct visitor),
    .offset = offsetof(struct visitor, future),
    .poll = writer_poll,
    .drop = visitor_drop,
};

static void abort_two(void *arg) {
    struct book *book = arg;
    wb_join_handle_abort(&book->handles[0]);
    wb_join_handle_abort(&book->handles[1]);
}

bool work_rwlock(struct wb_runtime *runtime) {
    struct book book = {.left = 0};
    if (wb_async_rwlock_init(&book.lock, wb_runtime_sys(runtime)) != WB_OK) {
        return false;
    }
    for (int i = 0; i < TASKS; i++) {
        struct visitor visitor = {.book = &book};
        wb_future_init(&visitor.future, i % 2 == 0 ? &reader_ops : &writer_ops);
        book.handles[i] = work_spawn(runtime, &visitor.future, i);
    }
    const uint64_t thread = work_start(runtime, abort_two, &book);
    bool is_right = work_join(runtime, &book.handles[3]) == WB_OK;
    is_right &= work_join(runtime, &book.handles[2]) == WB_OK;
    work_end(runtime, thread);
    (void)work_join(runtime, &book.handles[1]);
    (void)work_join(runtime, &book.handles[0]);
    is_right &= wb_async_rwlock_try_write(&book.lock) == WB_OK;
    wb_async_rwlock_write_unlock(&book.lock);
    wb_async_rwlock_clean_up(&book.lock);
    return is_right && book.left == book.right && book.left >= TURNS;
}

/* ---- cancellation: all work would take for ever ---- */

struct stoppable {
    struct wb_future future;
    struct wb_cancellation token;
    struct wb_cancellation below;
    struct wb_sleep sleep;
    struct wb_until_cancelled until;
};

static enum wb_progress stoppable_poll(struct wb_future *future, struct wb_context *context) {
    struct stoppable *self = WB_FUTURE_OF(future, struct stoppable, future);
    WB_ASYNC_BEGIN(future, context);
    if (wb_cancellation_child(&self->token, &self->below) != WB_OK) {
        WB_ASYNC_RETURN(WB_ERR_NO_MEMORY);
    }
    wb_sleep_init_until(&self->sleep, context->runtime, UINT64_MAX);
    wb_until_cancelled_init(&self->until, &self->below, &self->sleep.future);
    WB_AWAIT(&self->until.future);
    WB_ASYNC_END(
        self->until.future.status == WB_ERR_CANCELLED && wb_cancellation_is_cancelled(&self->below)
            ? WB_EOF
            : WB_ERR_PARSE);
}

static void stoppable_drop(struct wb_future *future) {
    struct stoppable *self = WB_FUTURE_OF(future, struct stoppable, future);
    wb_future_drop(&self->until.future);
    wb_future_drop(&self->sleep.future);
    wb_cancellation_drop(&self->token);
    wb_cancellation_drop(&self->below);
}

static const struct wb_future_ops stoppable_ops = {
    .size = sizeof(struct stoppable),
    .offset = offsetof(struct stoppable, future),
    .poll = stoppable_poll,
    .drop = stoppable_drop,
};

struct stop {
    struct wb_cancellation root;
    struct wb_cancellation first; /* a token of the first task */
};

static void stop_all(void *arg) {
    struct stop *stop = arg;
    wb_cancellation_cancel(&stop->first);
    wb_cancellation_drop(&stop->first);
    wb_cancellation_cancel(&stop->root);
    wb_cancellation_drop(&stop->root);
}

bool work_cancellation(struct wb_runtime *runtime) {
    struct stop stop;
    struct wb_join_handle handles[TASKS];
    bool is_right = wb_cancellation_new(wb_runtime_sys(runtime), &stop.root) == WB_OK;
    for (int i = 0; i < TASKS && is_right; i++) {
        struct stoppable stoppable = {.sleep = {.deadline_ns = 0}};
        is_right = wb_cancellation_child(&stop.root, &stoppable.token) == WB_OK;
        if (i == 0 && is_right) {
            stop.first = wb_cancellation_clone(&stoppable.token);
        }
        wb_future_init(&stoppable.future, &stoppable_ops);
        handles[i] = work_spawn(runtime, &stoppable.future, i);
    }
    if (!is_right) {
        return false;
    }
    const uint64_t thread = work_start(runtime, stop_all, &stop);
    for (int i = 0; i < TASKS; i++) {
        is_right &= work_join(runtime, &handles[i]) == WB_EOF;
    }
    work_end(runtime, thread);
    return is_right;
}
