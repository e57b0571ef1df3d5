/* Polling and dropping of futures, the context's own operations, and the two smallest futures. */
#include "wb/future.h"

#include <assert.h>

#include "runtime/turn.h"

/* ---- any future ---- */

enum wb_progress wb_future_poll(struct wb_future *future, struct wb_context *context) {
    return wb__future_poll(future, context);
}

void wb_future_drop(struct wb_future *future) {
    if (future->ops == NULL || future->point >= WB__FUTURE_DROPPED) {
        return;
    }
    future->point = WB__FUTURE_DROPPED;
    if (future->ops->drop != NULL) {
        future->ops->drop(future);
    }
}

/* ---- the context ---- */

void wb_context_wake(struct wb_context *context) {
    struct wb__turn *turn = context->turn;
    if (turn != NULL && context->waker == &turn->waker) {
        turn->is_woken = true;
    } else {
        wb_task_waker_wake(context->waker);
    }
}

enum wb_progress wb_context_spend(struct wb_context *context) {
    struct wb__turn *turn = context->turn;
    if (turn == NULL || turn->is_unconstrained) {
        return WB_READY;
    }
    if (turn->budget == 0) {
        wb_context_wake(context);
        return WB_PENDING;
    }
    turn->budget--;
    return WB_READY;
}

/* ---- yield ---- */

static enum wb_progress yield_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_yield *yield = WB_FUTURE_OF(future, struct wb_yield, future);
    if (yield->has_yielded) {
        return wb_future_end(future, WB_OK);
    }
    yield->has_yielded = true;
    wb_context_wake(context);
    return WB_PENDING;
}

static const struct wb_future_ops yield_ops = {
    .size = sizeof(struct wb_yield),
    .offset = offsetof(struct wb_yield, future),
    .poll = yield_poll,
};

void wb_yield_init(struct wb_yield *yield) {
    wb_future_init(&yield->future, &yield_ops);
    yield->has_yielded = false;
}

/* ---- done ---- */

static enum wb_progress done_poll(struct wb_future *future, struct wb_context *context) {
    (void)context;
    return wb_future_end(future, WB_FUTURE_OF(future, struct wb_done, future)->result);
}

static const struct wb_future_ops done_ops = {
    .size = sizeof(struct wb_done),
    .offset = offsetof(struct wb_done, future),
    .poll = done_poll,
};

void wb_done_init(struct wb_done *done, enum wb_status status) {
    wb_future_init(&done->future, &done_ops);
    done->result = status;
}
