/* The two smallest futures. */
#include "wb/future.h"

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
