/* The handler form: one iteration after the other. */
#include "wb/event_loop.h"

#include <assert.h>

#include "wb/poll.h"
#include "wb/waker.h"
#include "reactor/batch.h"
#include "reactor/mailbox.h"
#include "reactor/selector.h"
#include "reactor/timer_wheel.h"

#define NS_PER_MS UINT64_C(1000000)

/* Defaults and bounds of the configuration. */
enum {
    EVENTS_CAPACITY_DEFAULT = 1024,
    NOTIFY_CAPACITY_DEFAULT = 4096,
    MESSAGES_PER_TICK_DEFAULT = 256,
    TIMER_TICK_MS_DEFAULT = 100,
    TIMER_WHEEL_SLOTS_DEFAULT = 1024,
    TIMER_WHEEL_SLOTS_MAX = 1 << 16,
    TIMER_CAPACITY_DEFAULT = 1 << 16,
    MESSAGES_AT_ONCE = 32, /* taken from the queue under one lock */
};

struct wb_event_loop {
    const struct wb_sys *sys;
    struct wb_event_loop_config config; /* without zeroes */
    struct wb_poll poll;
    struct wb_registry registry; /* the poll's, marked as serving this loop */
    struct wb__batch batch;
    struct wb__timer_wheel timers;
    struct wb_waker waker;      /* the mailbox's bell */
    struct wb_mailbox *mailbox; /* NULL until the first sender */
    bool is_running;
    bool is_iterating;
};

/* ---- life ---- */

static uint32_t or_default(uint32_t value, uint32_t default_value) {
    return value == 0 ? default_value : value;
}

static struct wb_event_loop_config complete(const struct wb_event_loop_config *given) {
    struct wb_event_loop_config config = {0};
    if (given != NULL) {
        config = *given;
    }
    config.events_capacity = or_default(config.events_capacity, EVENTS_CAPACITY_DEFAULT);
    config.notify_capacity = or_default(config.notify_capacity, NOTIFY_CAPACITY_DEFAULT);
    config.messages_per_tick = or_default(config.messages_per_tick, MESSAGES_PER_TICK_DEFAULT);
    config.timer_wheel_slots = or_default(config.timer_wheel_slots, TIMER_WHEEL_SLOTS_DEFAULT);
    config.timer_capacity = or_default(config.timer_capacity, TIMER_CAPACITY_DEFAULT);
    if (config.timer_tick_ns == 0) {
        config.timer_tick_ns = TIMER_TICK_MS_DEFAULT * NS_PER_MS;
    }
    return config;
}

static bool is_within_bounds(const struct wb_event_loop_config *config) {
    uint32_t slots = config->timer_wheel_slots;
    return config->events_capacity <= WB_EVENTS_CAPACITY_MAX
           && config->notify_capacity <= WB__MAILBOX_CAPACITY_MAX && slots <= TIMER_WHEEL_SLOTS_MAX
           && (slots & (slots - 1)) == 0 && config->timer_capacity <= WB__TIMER_CAPACITY_MAX;
}

static enum wb_status loop_open(struct wb_event_loop *loop) {
    enum wb_status status = wb__batch_init(&loop->batch, loop->sys, loop->config.events_capacity);
    if (status != WB_OK) {
        return status;
    }
    status = wb_poll_init_backend(&loop->poll, loop->sys, loop->config.backend);
    if (status != WB_OK) {
        return status;
    }
    loop->registry = *wb_poll_registry(&loop->poll);
    loop->registry.serves_loop = true;
    loop->registry.selector->batch = &loop->batch;
    return WB_OK;
}

enum wb_status wb_event_loop_new(const struct wb_sys *sys,
    const struct wb_event_loop_config *config, struct wb_event_loop **out_loop) {
    struct wb_event_loop_config completed = complete(config);
    if (!is_within_bounds(&completed)) {
        return WB_ERR_INVALID;
    }
    struct wb_event_loop *loop = WB_SYS(sys, alloc, sizeof(*loop));
    if (loop == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *loop = (struct wb_event_loop){.sys = sys, .config = completed};
    wb__timer_wheel_init(&loop->timers, sys, completed.timer_tick_ns, completed.timer_wheel_slots,
        completed.timer_capacity);
    enum wb_status status = loop_open(loop);
    if (status != WB_OK) {
        wb_event_loop_destroy(loop);
        return status;
    }
    *out_loop = loop;
    return WB_OK;
}

static void drop_message(struct wb_event_loop *loop, void *message) {
    if (loop->config.drop_message != NULL) {
        loop->config.drop_message(message, loop->config.drop_user_data);
    }
}

void wb_event_loop_destroy(struct wb_event_loop *loop) {
    if (loop == NULL) {
        return;
    }
    assert(!loop->is_iterating);
    wb__mailbox_close(loop->mailbox);
    wb_waker_clean_up(&loop->waker);
    wb__timer_wheel_clean_up(&loop->timers);
    if (loop->registry.selector != NULL) {
        loop->registry.selector->batch = NULL;
    }
    wb_poll_clean_up(&loop->poll);
    wb__batch_clean_up(&loop->batch);
    WB_SYS(loop->sys, free, loop, sizeof(*loop));
}

const struct wb_event_loop_config *wb_event_loop_configuration(const struct wb_event_loop *loop) {
    return &loop->config;
}

const struct wb_sys *wb_event_loop_sys(const struct wb_event_loop *loop) {
    return loop->sys;
}

/* ---- sources ---- */

enum wb_status wb_event_loop_register(struct wb_event_loop *loop, struct wb_source *source,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    if (token == WB_EVENT_LOOP_TOKEN) {
        return WB_ERR_INVALID;
    }
    return wb_registry_register(&loop->registry, source, token, interest, trigger);
}

enum wb_status wb_event_loop_reregister(struct wb_event_loop *loop, struct wb_source *source,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    if (token == WB_EVENT_LOOP_TOKEN) {
        return WB_ERR_INVALID;
    }
    return wb_registry_reregister(&loop->registry, source, token, interest, trigger);
}

enum wb_status wb_event_loop_deregister(struct wb_event_loop *loop, struct wb_source *source) {
    return wb_registry_deregister(&loop->registry, source);
}

/* ---- one iteration ---- */

static bool has_messages(struct wb_event_loop *loop) {
    return loop->mailbox != NULL && wb__mailbox_count(loop->mailbox) != 0;
}

static uint64_t now(const struct wb_event_loop *loop) {
    return WB_SYS(loop->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

/* The caller's timeout, or less if a timer is due before, or none if messages wait. The clock is
 * asked only if there are timers. */
static int64_t wait_timeout(struct wb_event_loop *loop, int64_t timeout_ns) {
    if (timeout_ns == 0 || has_messages(loop)) {
        return 0;
    }
    if (wb__timer_wheel_is_empty(&loop->timers)) {
        return timeout_ns;
    }
    uint64_t deadline_ns = wb__timer_wheel_deadline(&loop->timers);
    uint64_t now_ns = now(loop);
    uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    if (timeout_ns > 0 && (uint64_t)timeout_ns < left_ns) {
        return timeout_ns;
    }
    return left_ns > INT64_MAX ? INT64_MAX : (int64_t)left_ns;
}

static void dispatch_ready(
    struct wb_event_loop *loop, const struct wb_handler *handler, void *user_data) {
    struct wb_event event;
    while (wb__batch_next(&loop->batch, &event)) {
        if (event.token == WB_EVENT_LOOP_TOKEN) {
            continue; /* the waker's; the queue itself says what there is */
        }
        wb_sys_note(loop->sys, WB_NOTE_DISPATCH, event.token, event.flags);
        if (handler->ready != NULL) {
            handler->ready(loop, event, user_data);
        }
    }
}

static void dispatch_message(
    struct wb_event_loop *loop, const struct wb_handler *handler, void *message, void *user_data) {
    if (handler->notify != NULL) {
        handler->notify(loop, message, user_data);
    } else {
        drop_message(loop, message);
    }
}

/* Only the messages that are here when it begins: one that is sent by a handler waits its turn. */
static void dispatch_messages(
    struct wb_event_loop *loop, const struct wb_handler *handler, void *user_data) {
    if (loop->mailbox == NULL) {
        return;
    }
    uint32_t left = wb__mailbox_count(loop->mailbox);
    if (left > loop->config.messages_per_tick) {
        left = loop->config.messages_per_tick;
    }
    while (left != 0) {
        void *messages[MESSAGES_AT_ONCE];
        uint32_t wanted = left < MESSAGES_AT_ONCE ? left : MESSAGES_AT_ONCE;
        uint32_t taken = wb__mailbox_take(loop->mailbox, messages, wanted);
        assert(taken == wanted); /* nobody else takes */
        for (uint32_t i = 0; i < taken; i++) {
            dispatch_message(loop, handler, messages[i], user_data);
        }
        left -= taken;
    }
}

static void dispatch_timers(
    struct wb_event_loop *loop, const struct wb_handler *handler, void *user_data) {
    if (wb__timer_wheel_is_empty(&loop->timers)) {
        return;
    }
    uint64_t now_ns = now(loop);
    uint64_t value = 0;
    while (wb__timer_wheel_fire(&loop->timers, now_ns, &value)) {
        if (handler->timeout != NULL) {
            handler->timeout(loop, value, user_data);
        }
    }
}

enum wb_status wb_event_loop_run_once(struct wb_event_loop *loop, const struct wb_handler *handler,
    void *user_data, int64_t timeout_ns) {
    assert(!loop->is_iterating);
    enum wb_status status = wb__selector_wait(
        loop->registry.selector, &loop->batch.events, wait_timeout(loop, timeout_ns));
    wb__batch_begin(&loop->batch);
    if (status != WB_OK && status != WB_ERR_INTERRUPTED) {
        return status;
    }
    loop->is_iterating = true;
    if (status == WB_ERR_INTERRUPTED && handler->interrupted != NULL) {
        handler->interrupted(loop, user_data);
    }
    dispatch_ready(loop, handler, user_data);
    dispatch_messages(loop, handler, user_data);
    dispatch_timers(loop, handler, user_data);
    if (handler->tick != NULL) {
        handler->tick(loop, user_data);
    }
    loop->is_iterating = false;
    return WB_OK;
}

/* ---- running ---- */

enum wb_status wb_event_loop_run(
    struct wb_event_loop *loop, const struct wb_handler *handler, void *user_data) {
    enum wb_status status = WB_OK;
    loop->is_running = true;
    while (loop->is_running && status == WB_OK) {
        status = wb_event_loop_run_once(loop, handler, user_data, WB_TIMEOUT_INFINITE);
    }
    loop->is_running = false;
    return status;
}

void wb_event_loop_shutdown(struct wb_event_loop *loop) {
    loop->is_running = false;
}

bool wb_event_loop_is_running(const struct wb_event_loop *loop) {
    return loop->is_running;
}

/* ---- messages ---- */

static enum wb_status open_mailbox(struct wb_event_loop *loop) {
    enum wb_status status = wb_waker_init(&loop->waker, &loop->registry, WB_EVENT_LOOP_TOKEN);
    if (status != WB_OK) {
        return status;
    }
    const struct wb__mailbox_config config = {
        .capacity = loop->config.notify_capacity,
        .capacity_max = loop->config.notify_capacity,
        .bell_fd = wb_fd_source_fd(&loop->waker.event_fd),
        .drop_message = loop->config.drop_message,
        .drop_user_data = loop->config.drop_user_data,
    };
    status = wb__mailbox_new(loop->sys, &config, &loop->mailbox);
    if (status != WB_OK) {
        wb_waker_clean_up(&loop->waker);
    }
    return status;
}

enum wb_status wb_event_loop_sender(struct wb_event_loop *loop, struct wb_sender *out_sender) {
    if (loop->mailbox == NULL) {
        enum wb_status status = open_mailbox(loop);
        if (status != WB_OK) {
            return status;
        }
    }
    *out_sender = wb__mailbox_sender(loop->mailbox);
    return WB_OK;
}

/* ---- timers ---- */

enum wb_status wb_event_loop_timeout(
    struct wb_event_loop *loop, uint64_t delay_ns, uint64_t value, struct wb_timeout *out_timeout) {
    uint64_t id = 0;
    enum wb_status status = wb__timer_wheel_set(&loop->timers, now(loop), delay_ns, value, &id);
    if (status == WB_OK && out_timeout != NULL) {
        out_timeout->id = id;
    }
    return status;
}

bool wb_event_loop_clear_timeout(struct wb_event_loop *loop, struct wb_timeout timeout) {
    return wb__timer_wheel_clear(&loop->timers, timeout.id);
}
