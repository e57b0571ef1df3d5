/* Plays about what is shared: permits, and news. */
#include "schedules/plays.h"

#include <string.h>

#include "wb/async.h"
#include "wb/broadcast.h"
#include "wb/semaphore.h"
#include "wb/time.h"
#include "wb/watch.h"

/* ---- permits ---- */

struct user {
    struct wb_future future;
    struct play *play;
    struct wb_semaphore *semaphore;
    struct wb_acquire acquire;
    struct wb_with_timeout timeout;
    atomic_uint *inside;
    uint32_t number;
    uint32_t left;
    bool has_permit;
    bool is_wrong;
};

static struct wb_future *begin_acquire(struct user *self) {
    wb_acquire_init(&self->acquire, self->semaphore, 1);
    wb_with_timeout_init(&self->timeout, self->play->runtime, &self->acquire.future,
        self->number % 2 == 0 ? 1000 * MS : 0);
    return &self->timeout.future;
}

static void enter(struct user *self) {
    self->has_permit = true;
    wb_sys_interleave(self->play->sys, self->inside);
    self->is_wrong = atomic_fetch_add(self->inside, 1) + 1 > self->play->room || self->is_wrong;
}

static void leave(struct user *self) {
    if (self->has_permit) {
        self->has_permit = false;
        wb_sys_interleave(self->play->sys, self->inside);
        atomic_fetch_sub(self->inside, 1);
        wb_semaphore_release(self->semaphore, 1);
    }
}

static enum wb_progress user_poll(struct wb_future *future, struct wb_context *context) {
    struct user *self = WB_FUTURE_OF(future, struct user, future);
    WB_ASYNC_BEGIN(future, context);
    while (self->left-- > 0) {
        (void)begin_acquire(self);
        WB_AWAIT(&self->timeout.future);
        if (self->timeout.future.status == WB_OK) {
            enter(self);
            WB_ASYNC_YIELD();
            leave(self);
        }
    }
    WB_ASYNC_END(self->is_wrong ? WB_ERR_INVALID : WB_OK);
}

static void user_drop(struct wb_future *future) {
    struct user *self = WB_FUTURE_OF(future, struct user, future);
    wb_future_drop(&self->timeout.future);
    leave(self);
}

static const struct wb_future_ops user_ops = {
    .size = sizeof(struct user),
    .offset = offsetof(struct user, future),
    .poll = user_poll,
    .drop = user_drop,
};

static enum wb_status spawn_user(struct play *play, struct wb_semaphore *semaphore,
    atomic_uint *inside, uint32_t number, struct wb_join_handle *out_handle) {
    const struct wb_spawn_options options = {.priority = (enum wb_priority)(number % 2)};
    struct user user = {.play = play,
        .semaphore = semaphore,
        .inside = inside,
        .number = number,
        .left = play->rounds};
    wb_future_init(&user.future, &user_ops);
    return wb_runtime_spawn(play->runtime, &user.future, &options, out_handle);
}

/* The last of several is aborted, wherever it is then. */
static bool end_user(struct play *play, struct wb_join_handle *handle, bool is_aborted) {
    if (is_aborted) {
        wb_join_handle_abort(handle);
    }
    const bool has_ended = ends_with(play, &handle->future, WB_OK);
    const bool was_cancelled = handle->future.status == WB_ERR_CANCELLED;
    wb_join_handle_detach(handle);
    return has_ended || (is_aborted && was_cancelled);
}

int play_permits(struct play *play) {
    struct wb_join_handle handles[PLAY_TASKS_MAX];
    struct wb_semaphore semaphore;
    atomic_uint inside;
    uint32_t spawned = 0;
    bool is_right = true;
    atomic_init(&inside, 0);
    play->room += play->room == 0 ? 1 : 0;
    if (wb_semaphore_init(&semaphore, play->sys, play->room) != WB_OK) {
        return 2;
    }
    while (spawned < play->tasks
           && spawn_user(play, &semaphore, &inside, spawned, &handles[spawned]) == WB_OK) {
        spawned++;
    }
    for (uint32_t i = spawned; i > 0; i--) {
        is_right = end_user(play, &handles[i - 1], i == spawned && i > 1) && is_right;
    }
    wb_runtime_destroy(play->runtime);
    play->runtime = NULL;
    is_right = is_right && wb_semaphore_available(&semaphore) == play->room;
    wb_semaphore_clean_up(&semaphore);
    if (spawned < play->tasks) {
        return 2;
    }
    return is_right ? 0 : 1;
}

/* ---- news ---- */

struct watcher {
    struct wb_future future;
    struct wb_watch_receiver watch;
    struct wb_watch_changed changed;
    struct wb_broadcast_receiver broadcast;
    struct wb_broadcast_receive receive;
    uint32_t latest;
    uint32_t heard;
    uint32_t value;
    uint32_t last; /* what it must end with */
};

/* False: the values do not go up, or the reading failed. */
static bool look(struct watcher *self) {
    uint32_t value = 0;
    const bool is_right = wb_watch_get(&self->watch, &value) == WB_OK && value >= self->latest;
    self->latest = value;
    return is_right;
}

/* False: one that was not missed is not there. */
static bool hear(struct watcher *self) {
    if (self->receive.future.status == WB_ERR_LIMIT) {
        self->heard += (uint32_t)self->broadcast.missed;
        return true;
    }
    self->heard++;
    return self->value == self->heard;
}

static enum wb_progress watcher_poll(struct wb_future *future, struct wb_context *context) {
    struct watcher *self = WB_FUTURE_OF(future, struct watcher, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_watch_changed_init(&self->changed, &self->watch);
        WB_AWAIT(&self->changed.future);
        if (self->changed.future.status == WB_EOF) {
            break;
        }
        if (!look(self)) {
            WB_ASYNC_RETURN(WB_ERR_INVALID);
        }
    }
    for (;;) {
        wb_broadcast_receive_init(&self->receive, &self->broadcast, &self->value);
        WB_AWAIT(&self->receive.future);
        if (self->receive.future.status == WB_EOF) {
            break;
        }
        if (!hear(self)) {
            WB_ASYNC_RETURN(WB_ERR_INVALID);
        }
    }
    WB_ASYNC_END(self->latest == self->last && self->heard == self->last ? WB_OK : WB_ERR_INVALID);
}

static void watcher_drop(struct wb_future *future) {
    struct watcher *self = WB_FUTURE_OF(future, struct watcher, future);
    wb_future_drop(&self->changed.future);
    wb_future_drop(&self->receive.future);
    wb_watch_receiver_drop(&self->watch);
    wb_broadcast_receiver_drop(&self->broadcast);
}

static const struct wb_future_ops watcher_ops = {
    .size = sizeof(struct watcher),
    .offset = offsetof(struct watcher, future),
    .poll = watcher_poll,
    .drop = watcher_drop,
};

struct publisher {
    uint32_t last;
    struct wb_watch_sender watch;
    struct wb_broadcast_sender broadcast;
};

static void publish(void *arg) {
    struct publisher *publisher = arg;
    for (uint32_t i = 1; i <= publisher->last; i++) {
        (void)!wb_broadcast_send(&publisher->broadcast, &i);
        wb_watch_set(&publisher->watch, &i);
    }
    wb_watch_sender_drop(&publisher->watch);
    wb_broadcast_sender_drop(&publisher->broadcast);
}

static enum wb_status spawn_watcher(
    struct play *play, const struct publisher *publisher, struct wb_join_handle *out_handle) {
    struct watcher watcher = {.last = publisher->last};
    watcher.watch = wb_watch_subscribe(&publisher->watch);
    watcher.broadcast = wb_broadcast_subscribe(&publisher->broadcast);
    wb_future_init(&watcher.future, &watcher_ops);
    const enum wb_status status =
        wb_runtime_spawn(play->runtime, &watcher.future, NULL, out_handle);
    if (status != WB_OK) {
        wb_future_drop(&watcher.future);
    }
    return status;
}

static bool open_news(struct play *play, struct publisher *publisher) {
    const struct wb_value_type type = {.size = sizeof(uint32_t)};
    const uint32_t first = 0;
    struct wb_watch_receiver watch;
    struct wb_broadcast_receiver broadcast;
    if (wb_watch_new(play->sys, &type, &first, &publisher->watch, &watch) != WB_OK) {
        return false;
    }
    wb_watch_receiver_drop(&watch);
    if (wb_broadcast_new(play->sys, &type, play->room + 1, &publisher->broadcast, &broadcast)
        != WB_OK) {
        wb_watch_sender_drop(&publisher->watch);
        return false;
    }
    wb_broadcast_receiver_drop(&broadcast);
    return true;
}

int play_news(struct play *play) {
    struct publisher publisher = {.last = play->rounds};
    struct wb_join_handle handles[PLAY_TASKS_MAX];
    uint64_t thread = 0;
    uint32_t spawned = 0;
    bool is_right = true;
    if (!open_news(play, &publisher)) {
        return 2;
    }
    while (spawned < play->tasks && spawn_watcher(play, &publisher, &handles[spawned]) == WB_OK) {
        spawned++;
    }
    const bool is_started = WB_SYS(play->sys, thread_create, publish, &publisher, &thread) == 0;
    if (!is_started) {
        publish(&publisher);
    }
    for (uint32_t i = 0; i < spawned; i++) {
        is_right = ends_with(play, &handles[i].future, WB_OK) && is_right;
        wb_join_handle_detach(&handles[i]);
    }
    if (is_started) {
        is_right = WB_SYS(play->sys, thread_join, thread) == 0 && is_right;
    }
    if (spawned < play->tasks) {
        return 2;
    }
    return is_right ? 0 : 1;
}
