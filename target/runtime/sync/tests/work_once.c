/* Work that is done once: of several tasks one makes a thing, the first try fails, and two of them
 * are aborted, waiting or making. */
#include <stdatomic.h>

#include "wb/async.h"
#include "wb/once.h"
#include "work.h"

enum { TASKS = 5, ROUNDS = 3 };

struct workshop {
    struct wb_once once;
    atomic_int tries;
    int things; /* guarded by `once`: not atomic */
    struct wb_join_handle handles[TASKS];
};

/* ---- making ---- */

struct make {
    struct wb_future future;
    struct workshop *shop;
};

static enum wb_progress make_poll(struct wb_future *future, struct wb_context *context) {
    struct make *self = WB_FUTURE_OF(future, struct make, future);
    WB_ASYNC_BEGIN(future, context);
    WB_ASYNC_YIELD();
    if (atomic_fetch_add(&self->shop->tries, 1) == 0) {
        WB_ASYNC_RETURN(WB_ERR_LIMIT);
    }
    self->shop->things++;
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops make_ops = {
    .size = sizeof(struct make),
    .offset = offsetof(struct make, future),
    .poll = make_poll,
};

/* ---- wanting it ---- */

struct customer {
    struct wb_future future;
    struct workshop *shop;
    struct make make;
    struct wb_once_run run;
};

static enum wb_progress customer_poll(struct wb_future *future, struct wb_context *context) {
    struct customer *self = WB_FUTURE_OF(future, struct customer, future);
    WB_ASYNC_BEGIN(future, context);
    self->make = (struct make){.shop = self->shop};
    wb_future_init(&self->make.future, &make_ops);
    wb_once_run_init(&self->run, &self->shop->once, &self->make.future);
    WB_TRY_AWAIT(&self->run.future);
    WB_ASYNC_END(self->shop->things == 1 ? WB_OK : WB_ERR_PARSE);
}

static void customer_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct customer, future)->run.future);
}

static const struct wb_future_ops customer_ops = {
    .size = sizeof(struct customer),
    .offset = offsetof(struct customer, future),
    .poll = customer_poll,
    .drop = customer_drop,
};

static void abort_two(void *arg) {
    struct workshop *shop = arg;
    wb_join_handle_abort(&shop->handles[1]);
    wb_join_handle_abort(&shop->handles[0]);
}

static bool make_one(struct wb_runtime *runtime) {
    struct workshop shop = {.things = 0};
    int failed = 0;
    bool is_right = true;
    if (wb_once_init(&shop.once, wb_runtime_sys(runtime)) != WB_OK) {
        return false;
    }
    for (int i = 0; i < TASKS; i++) {
        struct customer customer = {.shop = &shop};
        wb_future_init(&customer.future, &customer_ops);
        shop.handles[i] = work_spawn(runtime, &customer.future, i);
    }
    const uint64_t thread = work_start(runtime, abort_two, &shop);
    for (int i = TASKS - 1; i >= 0; i--) {
        if (i == 1) { /* which the thread may still be about to abort */
            work_end(runtime, thread);
        }
        const enum wb_status status = work_join(runtime, &shop.handles[i]);
        failed += status == WB_ERR_LIMIT;
        is_right &=
            status == WB_OK || status == WB_ERR_LIMIT || (status == WB_ERR_CANCELLED && i < 2);
    }
    is_right &= wb_once_is_made(&shop.once) && shop.things == 1 && failed <= 1;
    wb_once_clean_up(&shop.once);
    return is_right;
}

bool work_once(struct wb_runtime *runtime) {
    bool is_right = true;
    for (int round = 0; round < ROUNDS; round++) {
        is_right &= make_one(runtime);
    }
    return is_right;
}
