/* See pool.h. */
#include "http/client/pool.h"

#include <assert.h>

/* ---- lists ---- */

static void list_init(struct wb__wait_link *ends) {
    ends->prev = ends;
    ends->next = ends;
}

static bool is_linked(const struct wb__wait_link *link) {
    return link->prev != NULL;
}

static void append(struct wb__wait_link *ends, struct wb__wait_link *link) {
    link->prev = ends->prev;
    link->next = ends;
    ends->prev->next = link;
    ends->prev = link;
}

static void take_out(struct wb__wait_link *link) {
    link->prev->next = link->next;
    link->next->prev = link->prev;
    *link = (struct wb__wait_link){NULL, NULL};
}

static struct wb__pooled *pooled_at(struct wb__wait_link *link) {
    return WB_FUTURE_OF(link, struct wb__pooled, link);
}

static struct wb__http_waiter *waiter_at(struct wb__wait_link *link) {
    return WB_FUTURE_OF(link, struct wb__http_waiter, link);
}

static void take_from_idle(struct wb__http_pool *pool, struct wb__pooled *pooled) {
    take_out(&pooled->link);
    pool->shared.idle_count--;
}

/* ---- life ---- */

static uint32_t or_default(uint32_t number, uint32_t otherwise) {
    return number != 0 ? number : otherwise;
}

static void settle_options(struct wb_http_client_options *options) {
    options->idle_max = or_default(options->idle_max, WB_HTTP_CLIENT_IDLE_MAX);
    options->idle_per_host_max =
        or_default(options->idle_per_host_max, WB_HTTP_CLIENT_IDLE_PER_HOST_MAX);
    if (options->idle_timeout_ns == 0) {
        options->idle_timeout_ns = WB_HTTP_CLIENT_IDLE_TIMEOUT_NS;
    }
}

enum wb_status wb_http_client_new(const struct wb_sys *sys, struct wb_http_connector *connector,
    const struct wb_http_client_options *options, struct wb_http_client *out_client) {
    out_client->pool = NULL;
    struct wb__http_pool *pool = WB_SYS(sys, alloc, sizeof *pool);
    if (pool == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *pool = (struct wb__http_pool){.sys = sys, .connector = connector, .shared = {.clients = 1}};
    if (options != NULL) {
        pool->options = *options;
    }
    settle_options(&pool->options);
    wb__lock_init(&pool->lock, sys);
    atomic_init(&pool->references, 1);
    list_init(&pool->shared.idle);
    list_init(&pool->shared.waiting);
    out_client->pool = pool;
    return WB_OK;
}

struct wb__http_pool *wb__http_pool_acquire(struct wb__http_pool *pool) {
    wb_sys_interleave(pool->sys, &pool->references);
    atomic_fetch_add_explicit(&pool->references, 1, memory_order_relaxed);
    return pool;
}

void wb__http_pool_release(struct wb__http_pool *pool) {
    wb_sys_interleave(pool->sys, &pool->references);
    if (atomic_fetch_sub_explicit(&pool->references, 1, memory_order_acq_rel) == 1) {
        wb__lock_clean_up(&pool->lock);
        WB_SYS(pool->sys, free, pool, sizeof *pool);
    }
}

struct wb_http_client wb_http_client_acquire(const struct wb_http_client *client) {
    struct wb__http_pool *pool = wb__http_pool_acquire(client->pool);
    wb__lock_enter(&pool->lock);
    pool->shared.clients++;
    wb__lock_leave(&pool->lock);
    return (struct wb_http_client){pool};
}

/* ---- closing what is idle ---- */

/* Nobody will use it; without the pool's lock. */
static void retire(struct wb__h1_client *client) {
    wb__h1c_retire(client);
    wb__h1c_release(client);
}

/* The one idle longest, with a reference; NULL: there is none. */
static struct wb__h1_client *take_oldest(struct wb__http_pool *pool) {
    if (pool->shared.idle.next == &pool->shared.idle) {
        return NULL;
    }
    struct wb__pooled *pooled = pooled_at(pool->shared.idle.next);
    take_from_idle(pool, pooled);
    return wb__h1c_acquire(pooled->client);
}

static void close_idle(struct wb__http_pool *pool) {
    for (bool any = true; any;) {
        wb__lock_enter(&pool->lock);
        struct wb__h1_client *client = take_oldest(pool);
        wb__lock_leave(&pool->lock);
        any = client != NULL;
        if (any) {
            retire(client);
        }
    }
}

void wb_http_client_release(struct wb_http_client *client) {
    struct wb__http_pool *pool = client->pool;
    client->pool = NULL;
    if (pool == NULL) {
        return;
    }
    wb__lock_enter(&pool->lock);
    const bool is_last = --pool->shared.clients == 0;
    wb__lock_leave(&pool->lock);
    if (is_last) {
        close_idle(pool);
    }
    wb__http_pool_release(pool);
}

size_t wb_http_client_idle(const struct wb_http_client *client) {
    struct wb__http_pool *pool = client->pool;
    wb__lock_enter(&pool->lock);
    const size_t count = pool->shared.idle_count;
    wb__lock_leave(&pool->lock);
    return count;
}

/* ---- taking ---- */

static uint64_t now_of(const struct wb__http_pool *pool) {
    return WB_SYS(pool->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

/* The last used first. Under the lock. */
static struct wb__pooled *find_idle(
    struct wb__http_pool *pool, const struct wb__http_origin *origin) {
    struct wb__wait_link *link = pool->shared.idle.prev;
    while (link != &pool->shared.idle) {
        if (wb__http_origin_equal(&pooled_at(link)->origin, origin)) {
            return pooled_at(link);
        }
        link = link->prev;
    }
    return NULL;
}

static bool is_usable(struct wb__h1_client *client) {
    const struct wb_h1_sender sender = {client};
    return wb_h1_sender_is_ready(&sender);
}

struct wb__h1_client *wb__http_pool_take(
    struct wb__http_pool *pool, const struct wb__http_origin *origin) {
    const uint64_t now_ns = now_of(pool);
    for (;;) {
        wb__lock_enter(&pool->lock);
        struct wb__pooled *pooled = find_idle(pool, origin);
        if (pooled == NULL) {
            wb__lock_leave(&pool->lock);
            return NULL;
        }
        take_from_idle(pool, pooled);
        struct wb__h1_client *client = wb__h1c_acquire(pooled->client);
        const bool is_fresh = now_ns < pooled->deadline_ns;
        wb__lock_leave(&pool->lock);
        if (is_fresh && is_usable(client)) {
            return client;
        }
        retire(client);
    }
}

/* ---- giving ---- */

static struct wb__http_waiter *find_waiter(
    struct wb__http_pool *pool, const struct wb__http_origin *origin) {
    struct wb__wait_link *link = pool->shared.waiting.next;
    while (link != &pool->shared.waiting) {
        if (wb__http_origin_equal(waiter_at(link)->origin, origin)) {
            return waiter_at(link);
        }
        link = link->next;
    }
    return NULL;
}

static uint32_t count_idle(struct wb__http_pool *pool, const struct wb__http_origin *origin) {
    uint32_t count = 0;
    for (struct wb__wait_link *link = pool->shared.idle.next; link != &pool->shared.idle;
         link = link->next) {
        count += wb__http_origin_equal(&pooled_at(link)->origin, origin) ? 1 : 0;
    }
    return count;
}

static uint64_t deadline_of(const struct wb__http_pool *pool) {
    const uint64_t now_ns = now_of(pool);
    const uint64_t timeout_ns = pool->options.idle_timeout_ns;
    return timeout_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + timeout_ns;
}

static bool may_keep(struct wb__http_pool *pool, const struct wb__pooled *pooled) {
    return pool->shared.clients != 0 && !pool->options.keeps_none
           && count_idle(pool, &pooled->origin) < pool->options.idle_per_host_max;
}

/* To the list; what has to go for it is returned, with a reference. Under the lock. */
static struct wb__h1_client *keep(struct wb__http_pool *pool, struct wb__pooled *pooled) {
    struct wb__h1_client *evicted =
        pool->shared.idle_count < pool->options.idle_max ? NULL : take_oldest(pool);
    pooled->deadline_ns = deadline_of(pool);
    append(&pool->shared.idle, &pooled->link);
    pool->shared.idle_count++;
    return evicted;
}

/* Under the lock; the waiter's waker is to be fired when that has been left. */
static struct wb_task_waker give(struct wb__http_waiter *waiter, struct wb__h1_client *client) {
    const struct wb_task_waker waker = waiter->waker;
    waiter->waker = (struct wb_task_waker){0};
    take_out(&waiter->link);
    waiter->given = wb__h1c_acquire(client);
    return waker;
}

void wb__http_pool_put(struct wb__h1_client *client) {
    struct wb__pooled *pooled = wb__pooled_of(client);
    struct wb__http_pool *pool = pooled->pool;
    struct wb_task_waker waker = {0};
    struct wb__h1_client *gone = NULL;
    wb__lock_enter(&pool->lock);
    assert(!is_linked(&pooled->link));
    /* asked under the lock: whoever ends it takes it out of the list afterwards */
    const bool can_be_used = is_usable(client);
    struct wb__http_waiter *waiter = find_waiter(pool, &pooled->origin);
    if (can_be_used && waiter != NULL) {
        waker = give(waiter, client);
    } else if (can_be_used && may_keep(pool, pooled)) {
        gone = keep(pool, pooled);
    } else {
        gone = wb__h1c_acquire(client);
    }
    wb__lock_leave(&pool->lock);
    wb_task_waker_fire(&waker);
    if (gone != NULL) {
        retire(gone);
    }
}

void wb__http_pool_give_back(struct wb__h1_client *client) {
    wb__http_pool_put(client);
    wb__h1c_stir(client);
    wb__h1c_release(client);
}

/* ---- waiting ---- */

bool wb__http_pool_wait(
    struct wb__http_pool *pool, struct wb__http_waiter *waiter, const struct wb_context *context) {
    struct wb_task_waker replaced = {0};
    wb__lock_enter(&pool->lock);
    const bool is_given = waiter->given != NULL;
    if (!is_given && !is_linked(&waiter->link)) {
        append(&pool->shared.waiting, &waiter->link);
    }
    if (!is_given && !wb_task_waker_will_wake(&waiter->waker, context->waker)) {
        replaced = waiter->waker;
        waiter->waker = wb_task_waker_clone(context->waker);
    }
    wb__lock_leave(&pool->lock);
    wb_task_waker_drop(&replaced);
    return is_given;
}

void wb__http_pool_stop(struct wb__http_pool *pool, struct wb__http_waiter *waiter) {
    wb__lock_enter(&pool->lock);
    if (is_linked(&waiter->link)) {
        take_out(&waiter->link);
    }
    struct wb__h1_client *given = waiter->given;
    struct wb_task_waker waker = waiter->waker;
    waiter->given = NULL;
    waiter->waker = (struct wb_task_waker){0};
    wb__lock_leave(&pool->lock);
    wb_task_waker_drop(&waker);
    if (given != NULL) {
        wb__http_pool_give_back(given);
    }
}

/* ---- the task of a connection ---- */

struct driving {
    struct wb_future future;
    struct wb_h1_connection connection;
    struct wb_h1_sender sender;
    struct wb_sleep nap; /* until it has been idle for too long */
    bool is_napping;
};

static struct driving *driving_of(struct wb_future *future) {
    return WB_FUTURE_OF(future, struct driving, future);
}

/* Whether it is idle, and until when. */
static bool is_idle(struct wb__pooled *pooled, uint64_t *out_deadline_ns) {
    wb__lock_enter(&pooled->pool->lock);
    const bool is_idle = is_linked(&pooled->link);
    *out_deadline_ns = pooled->deadline_ns;
    wb__lock_leave(&pooled->pool->lock);
    return is_idle;
}

/* Out of the list; true: it was in there. */
static bool leave_pool(struct wb__pooled *pooled) {
    wb__lock_enter(&pooled->pool->lock);
    const bool was_idle = is_linked(&pooled->link);
    if (was_idle) {
        take_from_idle(pooled->pool, pooled);
    }
    wb__lock_leave(&pooled->pool->lock);
    return was_idle;
}

/* The nap is set once for many times that it is idle: who wakes too early naps again. True: it was
 * idle for too long. */
static bool has_overslept(
    struct driving *driving, struct wb__pooled *pooled, struct wb_context *context) {
    uint64_t deadline_ns;
    while (context->runtime != NULL && is_idle(pooled, &deadline_ns)) {
        if (!driving->is_napping) {
            wb_sleep_init_until(&driving->nap, context->runtime, deadline_ns);
            driving->is_napping = true;
        }
        if (wb_future_poll(&driving->nap.future, context) == WB_PENDING) {
            return false;
        }
        driving->is_napping = false;
        if (wb_sleep_deadline(&driving->nap) >= deadline_ns) {
            return true;
        }
    }
    return false;
}

static enum wb_progress driving_poll(struct wb_future *future, struct wb_context *context) {
    struct driving *driving = driving_of(future);
    struct wb__h1_client *client = driving->sender.client;
    for (;;) {
        if (wb_future_poll(&driving->connection.future, context) == WB_READY) {
            return wb_future_end(future, driving->connection.future.status);
        }
        if (!has_overslept(driving, wb__pooled_of(client), context)) {
            return WB_PENDING;
        }
        if (leave_pool(wb__pooled_of(client))) {
            wb__h1c_retire(client);
        }
    }
}

static void driving_drop(struct wb_future *future) {
    struct driving *driving = driving_of(future);
    wb_future_drop(&driving->connection.future); /* from here on nobody puts it into the pool */
    (void)leave_pool(wb__pooled_of(driving->sender.client));
    if (driving->is_napping) {
        wb_future_drop(&driving->nap.future);
    }
    wb_h1_sender_drop(&driving->sender);
}

static const struct wb_future_ops driving_ops = {
    .size = sizeof(struct driving),
    .offset = offsetof(struct driving, future),
    .poll = driving_poll,
    .drop = driving_drop,
};

/* ---- new ones ---- */

static void on_ready(void *user_data) {
    struct wb__pooled *pooled = user_data;
    wb__http_pool_put(pooled->client);
}

static void on_destroy(void *user_data) {
    struct wb__pooled *pooled = user_data;
    struct wb__http_pool *pool = pooled->pool;
    WB_SYS(pool->sys, free, pooled, sizeof *pooled);
    wb__http_pool_release(pool);
}

static struct wb__pooled *make_pooled(struct wb__http_pool *pool,
    const struct wb__http_origin *origin, const struct wb_http_connected *connected) {
    struct wb__pooled *pooled = WB_SYS(pool->sys, alloc, sizeof *pooled);
    if (pooled != NULL) {
        *pooled = (struct wb__pooled){.pool = wb__http_pool_acquire(pool),
            .is_proxied = connected->is_proxied,
            .extras = connected->extras,
            .origin = *origin};
    }
    return pooled;
}

static enum wb_status execute(
    struct wb__http_pool *pool, struct wb_runtime *runtime, struct wb_future *future) {
    struct wb_http_executor *executor = pool->options.executor;
    struct wb_http_runtime_executor usual;
    if (executor == NULL && runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    wb_http_runtime_executor_init(&usual, runtime, NULL);
    executor = executor != NULL ? executor : &usual.executor;
    return executor->ops->execute(executor, future);
}

enum wb_status wb__http_pool_add(struct wb__http_pool *pool, struct wb_runtime *runtime,
    const struct wb__http_origin *origin, const struct wb_http_connected *connected,
    struct wb__h1_client **out_client) {
    struct driving driving = {.is_napping = false};
    struct wb__pooled *pooled = make_pooled(pool, origin, connected);
    if (pooled == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    enum wb_status status = wb_h1_handshake(
        pool->sys, &connected->io, &pool->options.h1, &driving.sender, &driving.connection);
    if (status != WB_OK) {
        on_destroy(pooled);
        return status;
    }
    struct wb__h1_client *client = driving.sender.client;
    pooled->client = wb__h1c_acquire(client);
    client->on_ready = on_ready;
    client->on_destroy = on_destroy;
    client->user_data = pooled;
    wb_future_init(&driving.future, &driving_ops);
    status = execute(pool, runtime, &driving.future);
    if (status == WB_OK) {
        *out_client = client;
        return WB_OK;
    }
    client->io = (struct wb_http_io){0}; /* still the caller's */
    wb_future_drop(&driving.future);
    wb__h1c_release(client);
    return status;
}
