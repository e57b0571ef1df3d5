/* A barrier. Who waits is let go by the number of rounds having changed. */
#include "wb/barrier.h"

#include "runtime/sync/wait_queue.h"

enum wb_status wb_barrier_init(
    struct wb_barrier *barrier, const struct wb_sys *sys, uint32_t size) {
    *barrier = (struct wb_barrier){.size = size == 0 ? 1 : size};
    wb__wait_queue_init(&barrier->waiting);
    wb__lock_init(&barrier->lock, sys);
    return WB_OK;
}

void wb_barrier_clean_up(struct wb_barrier *barrier) {
    wb__lock_clean_up(&barrier->lock);
}

/* It is the last to come. The lock is left. */
static enum wb_progress let_go(struct wb_barrier_wait *wait) {
    struct wb_barrier *barrier = wait->barrier;
    wait->is_leader = true;
    barrier->arrived = 0;
    barrier->rounds++;
    wb__wait_queue_wake_all(&barrier->waiting, &barrier->lock);
    return wb_future_end(&wait->future, WB_OK);
}

static enum wb_progress wait_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_barrier_wait *wait = WB_FUTURE_OF(future, struct wb_barrier_wait, future);
    struct wb_barrier *barrier = wait->barrier;
    if (wb__waiter_pay(&wait->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&barrier->lock);
    if (!wait->waiter.is_waiting) {
        wait->round = barrier->rounds;
        if (barrier->arrived + 1 == barrier->size) {
            return let_go(wait);
        }
        barrier->arrived++;
    }
    const bool may_go = wait->round != barrier->rounds;
    return wb__waiter_conclude(future, context, &wait->waiter, &barrier->waiting, &barrier->lock,
        may_go ? WB_OK : WB_WOULD_BLOCK);
}

static void wait_drop(struct wb_future *future) {
    struct wb_barrier_wait *wait = WB_FUTURE_OF(future, struct wb_barrier_wait, future);
    struct wb_barrier *barrier = wait->barrier;
    if (!wait->waiter.is_waiting) {
        return;
    }
    wb__lock_enter(&barrier->lock);
    if (wait->round == barrier->rounds) {
        barrier->arrived--;
    }
    struct wb_task_waker waker = wb__waiter_leave(&wait->waiter);
    wb__lock_leave(&barrier->lock);
    wb_task_waker_drop(&waker);
}

static const struct wb_future_ops wait_ops = {
    .size = sizeof(struct wb_barrier_wait),
    .offset = offsetof(struct wb_barrier_wait, future),
    .poll = wait_poll,
    .drop = wait_drop,
};

void wb_barrier_wait_init(struct wb_barrier_wait *wait, struct wb_barrier *barrier) {
    *wait = (struct wb_barrier_wait){.barrier = barrier};
    wb_future_init(&wait->future, &wait_ops);
}
