/* A part of a task that pays nothing from the budget. */
#include "wb/combine.h"
#include "wb/future.h"

static enum wb_progress unconstrained_poll(struct wb_future *future, struct wb_context *context) {
    const struct wb_unconstrained *self = WB_FUTURE_OF(future, struct wb_unconstrained, future);
    struct wb__turn *turn = context->turn;
    const bool was_unconstrained = turn != NULL && turn->is_unconstrained;
    if (turn != NULL) {
        turn->is_unconstrained = true;
    }
    const enum wb_progress progress = wb_future_poll(self->inner, context);
    if (turn != NULL) {
        turn->is_unconstrained = was_unconstrained;
    }
    return progress == WB_PENDING ? WB_PENDING : wb_future_end(future, self->inner->status);
}

static void unconstrained_drop(struct wb_future *future) {
    wb_future_drop(WB_FUTURE_OF(future, struct wb_unconstrained, future)->inner);
}

static const struct wb_future_ops unconstrained_ops = {
    .size = sizeof(struct wb_unconstrained),
    .offset = offsetof(struct wb_unconstrained, future),
    .poll = unconstrained_poll,
    .drop = unconstrained_drop,
};

void wb_unconstrained_init(struct wb_unconstrained *unconstrained, struct wb_future *inner) {
    unconstrained->inner = inner;
    wb_future_init(&unconstrained->future, &unconstrained_ops);
}
