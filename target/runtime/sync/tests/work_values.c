/* Work with watched and broadcast values: a thread sends them all and goes; one of those who get
 * them is aborted. */
#include <stdatomic.h>

#include "wb/async.h"
#include "wb/broadcast.h"
#include "wb/watch.h"
#include "work.h"

enum { LISTENERS = 3, VALUES = 6, CAPACITY = 2 };

/* ---- watch ---- */

struct tower {
    struct wb_watch_sender sender;
    struct wb_join_handle handles[LISTENERS];
};

struct watcher {
    struct wb_future future;
    struct wb_watch_receiver receiver;
    struct wb_watch_changed changed;
    int before;
    int value;
};

static enum wb_progress watcher_poll(struct wb_future *future, struct wb_context *context) {
    struct watcher *self = WB_FUTURE_OF(future, struct watcher, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_watch_changed_init(&self->changed, &self->receiver);
        WB_TRY_AWAIT(&self->changed.future);
        if (self->changed.future.status == WB_EOF) {
            WB_ASYNC_RETURN(self->value == VALUES ? WB_OK : WB_ERR_PARSE);
        }
        self->before = self->value;
        if (wb_watch_get(&self->receiver, &self->value) != WB_OK || self->value <= self->before) {
            WB_ASYNC_RETURN(WB_ERR_PARSE);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void watcher_drop(struct wb_future *future) {
    struct watcher *self = WB_FUTURE_OF(future, struct watcher, future);
    wb_future_drop(&self->changed.future);
    wb_watch_receiver_drop(&self->receiver);
}

static const struct wb_future_ops watcher_ops = {
    .size = sizeof(struct watcher),
    .offset = offsetof(struct watcher, future),
    .poll = watcher_poll,
    .drop = watcher_drop,
};

static void change_all(void *arg) {
    struct tower *tower = arg;
    for (int i = 1; i <= VALUES; i++) {
        wb_watch_set(&tower->sender, &i);
        if (i == VALUES / 2) {
            wb_join_handle_abort(&tower->handles[0]);
        }
    }
    wb_watch_sender_drop(&tower->sender);
}

static bool join_listeners(
    struct wb_runtime *runtime, struct wb_join_handle *handles, uint64_t thread) {
    bool is_right = true;
    for (int i = LISTENERS - 1; i > 0; i--) {
        is_right &= work_join(runtime, &handles[i]) == WB_OK;
    }
    work_end(runtime, thread);
    const enum wb_status status = work_join(runtime, &handles[0]);
    return is_right && (status == WB_OK || status == WB_ERR_CANCELLED);
}

bool work_watch(struct wb_runtime *runtime) {
    struct tower tower;
    struct wb_watch_receiver receiver;
    const struct wb_value_type type = {.size = sizeof(int)};
    if (wb_watch_new(wb_runtime_sys(runtime), &type, &(int){0}, &tower.sender, &receiver)
        != WB_OK) {
        return false;
    }
    for (int i = 0; i < LISTENERS; i++) {
        struct watcher watcher = {.receiver = wb_watch_receiver_clone(&receiver)};
        wb_future_init(&watcher.future, &watcher_ops);
        tower.handles[i] = work_spawn(runtime, &watcher.future, i);
    }
    wb_watch_receiver_drop(&receiver);
    return join_listeners(runtime, tower.handles, work_start(runtime, change_all, &tower));
}

/* ---- broadcast ---- */

struct station {
    struct wb_broadcast_sender sender;
    struct wb_join_handle handles[LISTENERS];
};

struct hearer {
    struct wb_future future;
    struct wb_broadcast_receiver receiver;
    struct wb_broadcast_receive receive;
    int value;
    int next; /* the value that is due */
};

/* What it missed and what it got are all values, in order. */
static bool is_in_order(struct hearer *self) {
    if (self->receive.future.status == WB_ERR_LIMIT) {
        self->next += (int)self->receiver.missed;
        return true;
    }
    return self->value == self->next++;
}

static enum wb_progress hearer_poll(struct wb_future *future, struct wb_context *context) {
    struct hearer *self = WB_FUTURE_OF(future, struct hearer, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_broadcast_receive_init(&self->receive, &self->receiver, &self->value);
        WB_AWAIT(&self->receive.future);
        if (self->receive.future.status == WB_EOF) {
            WB_ASYNC_RETURN(self->next == VALUES ? WB_OK : WB_ERR_PARSE);
        }
        if (!is_in_order(self)) {
            WB_ASYNC_RETURN(WB_ERR_PARSE);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void hearer_drop(struct wb_future *future) {
    struct hearer *self = WB_FUTURE_OF(future, struct hearer, future);
    wb_future_drop(&self->receive.future);
    wb_broadcast_receiver_drop(&self->receiver);
}

static const struct wb_future_ops hearer_ops = {
    .size = sizeof(struct hearer),
    .offset = offsetof(struct hearer, future),
    .poll = hearer_poll,
    .drop = hearer_drop,
};

static void send_all(void *arg) {
    struct station *station = arg;
    for (int i = 0; i < VALUES; i++) {
        if (wb_broadcast_send(&station->sender, &i) == WB_OK && i == VALUES / 2) {
            wb_join_handle_abort(&station->handles[0]);
        }
    }
    wb_broadcast_sender_drop(&station->sender);
}

static void count_drop(void *value, void *user_data) {
    (void)value;
    atomic_fetch_add((atomic_int *)user_data, 1);
}

bool work_broadcast(struct wb_runtime *runtime) {
    struct station station;
    struct wb_broadcast_receiver receiver;
    atomic_int dropped;
    atomic_init(&dropped, 0);
    const struct wb_value_type type = {
        .size = sizeof(int), .drop = count_drop, .user_data = &dropped};
    if (wb_broadcast_new(wb_runtime_sys(runtime), &type, CAPACITY, &station.sender, &receiver)
        != WB_OK) {
        return false;
    }
    for (int i = 0; i < LISTENERS; i++) {
        struct hearer hearer = {.receiver = wb_broadcast_subscribe(&station.sender)};
        wb_future_init(&hearer.future, &hearer_ops);
        station.handles[i] = work_spawn(runtime, &hearer.future, i);
    }
    wb_broadcast_receiver_drop(&receiver);
    const uint64_t thread = work_start(runtime, send_all, &station);
    const bool is_right = join_listeners(runtime, station.handles, thread);
    return is_right && atomic_load(&dropped) <= VALUES;
}
