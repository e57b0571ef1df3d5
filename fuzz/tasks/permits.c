/* Semaphores, a mutex, a lock for reading and writing, notifications and a barrier, each beside its
 * model: first come, first served, and nothing is lost with whoever goes. */
#include "tasks/world.h"

enum {
    SEMAPHORES = 2,
    MUTEX = SEMAPHORES, /* in the model a semaphore, too */
    RWLOCK,
    PERMIT_KINDS,
    PERMITS_FIRST = 2,
    RELEASED_MAX = 8,
    BARRIER_SIZE = 2,
    BURST_MAX = 256,
};

#define ALL_PERMITS WB_SEMAPHORE_MAX

struct permits {
    struct line line;
    uint32_t available;
    uint32_t held[2]; /* by whoever was told so: one, or all at once */
    bool is_closed;
};

static struct {
    struct wb_semaphore semaphores[SEMAPHORES];
    struct wb_async_mutex mutex;
    struct wb_async_rwlock rwlock;
    struct wb_notify notify;
    struct wb_barrier barrier;
    struct permits permits[PERMIT_KINDS];
    struct line notified;
    uint64_t notify_rounds;
    bool has_kept_one;
    struct line at_barrier;
    uint32_t arrived;
    uint64_t barrier_rounds;
} here;

void permits_open(void) {
    memset(&here, 0, sizeof(here));
    for (uint32_t i = 0; i < SEMAPHORES; i++) {
        here.permits[i].available = PERMITS_FIRST * i + 1;
        CHECK(
            wb_semaphore_init(&here.semaphores[i], &world.sys, here.permits[i].available) == WB_OK);
    }
    here.permits[MUTEX].available = 1;
    here.permits[RWLOCK].available = ALL_PERMITS;
    CHECK(wb_async_mutex_init(&here.mutex, &world.sys) == WB_OK);
    CHECK(wb_async_rwlock_init(&here.rwlock, &world.sys) == WB_OK);
    CHECK(wb_notify_init(&here.notify, &world.sys) == WB_OK);
    CHECK(wb_barrier_init(&here.barrier, &world.sys, BARRIER_SIZE) == WB_OK);
}

void permits_close(void) {
    for (uint32_t i = 0; i < PERMIT_KINDS; i++) {
        CHECK(here.permits[i].line.count == 0);
    }
    for (uint32_t i = 0; i < SEMAPHORES; i++) {
        CHECK(wb_semaphore_available(&here.semaphores[i]) == here.permits[i].available);
        wb_semaphore_clean_up(&here.semaphores[i]);
    }
    wb_async_mutex_clean_up(&here.mutex);
    wb_async_rwlock_clean_up(&here.rwlock);
    wb_notify_clean_up(&here.notify);
    wb_barrier_clean_up(&here.barrier);
}

/* ---- permits ---- */

static void serve(struct permits *permits) {
    while (!permits->is_closed && permits->line.count != 0
           && permits->line.waits[0]->wanted <= permits->available) {
        permits->available -= permits->line.waits[0]->wanted;
        line_serve(&permits->line);
    }
}

static void give(struct permits *permits, uint32_t count) {
    permits->available += count;
    serve(permits);
}

static enum wb_status take(struct permits *permits, uint32_t count) {
    if (permits->is_closed) {
        return WB_ERR_CLOSED;
    }
    if (permits->line.count != 0 || permits->available < count) {
        return WB_WOULD_BLOCK;
    }
    permits->available -= count;
    return WB_OK;
}

static struct outcome permits_poll(int actor) {
    struct actor *it = actor_of(actor);
    struct permits *permits = &here.permits[it->target];
    if (!wait_pays(&it->inner)) {
        return pending();
    }
    const enum wb_status status = it->inner.is_served ? WB_OK : take(permits, it->inner.wanted);
    if (status == WB_WOULD_BLOCK) {
        line_enter(&permits->line, &it->inner);
        return pending();
    }
    wait_settle(&it->inner);
    return over(status);
}

static void permits_drop(int actor) {
    struct actor *it = actor_of(actor);
    const bool is_served = it->inner.is_served;
    if (it->inner.is_waiting) {
        wait_settle(&it->inner);
        give(&here.permits[it->target], is_served ? it->inner.wanted : 0);
    }
}

/* How many, of how many: a writer has all. */
static void hold(int kind, uint32_t count) {
    here.permits[kind].held[count == ALL_PERMITS] += count == ALL_PERMITS ? 1 : count;
}

static bool permits_finish(int actor, enum wb_status status) {
    const struct actor *it = actor_of(actor);
    if (status == WB_OK) {
        hold(it->target, it->inner.wanted);
    }
    return false;
}

static struct wb_future *wants(int actor, int kind, uint32_t wanted, struct wb_future *future) {
    actor_of(actor)->target = kind;
    actor_of(actor)->inner.wanted = wanted;
    return future;
}

static struct wb_future *acquire_begin(int actor, const struct step *step) {
    struct wb_acquire *acquire = &actor_of(actor)->body->u.acquire;
    const int kind = step->a % SEMAPHORES;
    const uint32_t wanted = step->b >> 4 & 3;
    wb_acquire_init(acquire, &here.semaphores[kind], wanted);
    return wants(actor, kind, wanted, &acquire->future);
}

static struct wb_future *lock_begin(int actor, const struct step *step) {
    struct wb_async_lock *lock = &actor_of(actor)->body->u.lock;
    (void)step;
    wb_async_lock_init(lock, &here.mutex);
    return wants(actor, MUTEX, 1, wb_async_lock_future(lock));
}

static struct wb_future *read_begin(int actor, const struct step *step) {
    struct wb_async_read_lock *read = &actor_of(actor)->body->u.read;
    (void)step;
    wb_async_read_lock_init(read, &here.rwlock);
    return wants(actor, RWLOCK, 1, wb_async_read_lock_future(read));
}

static struct wb_future *write_begin(int actor, const struct step *step) {
    struct wb_async_write_lock *write = &actor_of(actor)->body->u.write;
    (void)step;
    wb_async_write_lock_init(write, &here.rwlock);
    return wants(actor, RWLOCK, ALL_PERMITS, wb_async_write_lock_future(write));
}

const struct await_ops await_acquire = {acquire_begin, permits_poll, permits_finish, permits_drop};
const struct await_ops await_lock = {lock_begin, permits_poll, permits_finish, permits_drop};
const struct await_ops await_read = {read_begin, permits_poll, permits_finish, permits_drop};
const struct await_ops await_write = {write_begin, permits_poll, permits_finish, permits_drop};

/* Nothing at all, again and again: what uses up a budget. */
static struct wb_future *burst_begin(int actor, const struct step *step) {
    struct wb_acquire *acquire = &actor_of(actor)->body->u.acquire;
    if (actor_of(actor)->left == 0) {
        actor_of(actor)->left = 1u + step->a % BURST_MAX;
    }
    wb_acquire_init(acquire, &here.semaphores[0], 0);
    return wants(actor, 0, 0, &acquire->future);
}

static bool burst_finish(int actor, enum wb_status status) {
    (void)status;
    return --actor_of(actor)->left != 0;
}

const struct await_ops await_burst = {burst_begin, permits_poll, burst_finish, permits_drop};

/* ---- at once ---- */

/* New permits, or those that somebody has; the model does not mind. */
void act_release(int actor, const struct step *step) {
    (void)actor;
    const int kind = step->a % SEMAPHORES;
    const uint32_t count = step->b % 4;
    if (here.permits[kind].available + count <= RELEASED_MAX) {
        wb_semaphore_release(&here.semaphores[kind], count);
        give(&here.permits[kind], count);
    }
}

void act_try_acquire(int actor, const struct step *step) {
    (void)actor;
    const int kind = step->a % SEMAPHORES;
    const uint32_t count = step->b % 4;
    const enum wb_status status = wb_semaphore_try_acquire(&here.semaphores[kind], count);
    CHECK(status == take(&here.permits[kind], count));
    CHECK(wb_semaphore_available(&here.semaphores[kind]) == here.permits[kind].available);
}

void act_close_semaphore(int actor, const struct step *step) {
    (void)actor;
    const int kind = step->a % SEMAPHORES;
    wb_semaphore_close(&here.semaphores[kind]);
    here.permits[kind].is_closed = true;
    line_wake(&here.permits[kind].line);
}

static void unlock_mutex(void) {
    if (here.permits[MUTEX].held[0] != 0) {
        here.permits[MUTEX].held[0]--;
        wb_async_mutex_unlock(&here.mutex);
        give(&here.permits[MUTEX], 1);
    }
}

static void unlock_rwlock(bool writes) {
    struct permits *permits = &here.permits[RWLOCK];
    if (permits->held[writes] == 0) {
        return;
    }
    permits->held[writes]--;
    if (writes) {
        wb_async_rwlock_write_unlock(&here.rwlock);
    } else {
        wb_async_rwlock_read_unlock(&here.rwlock);
    }
    give(permits, writes ? ALL_PERMITS : 1);
}

void act_unlock(int actor, const struct step *step) {
    (void)actor;
    if (step->a % 3 == 0) {
        unlock_mutex();
    } else {
        unlock_rwlock(step->a % 3 == 1);
    }
}

static enum wb_status try_lock(int which) {
    if (which == 0) {
        return wb_async_mutex_try_lock(&here.mutex);
    }
    return which == 1 ? wb_async_rwlock_try_write(&here.rwlock)
                      : wb_async_rwlock_try_read(&here.rwlock);
}

void act_try_lock(int actor, const struct step *step) {
    (void)actor;
    const int which = step->a % 3;
    const int kind = which == 0 ? MUTEX : RWLOCK;
    const uint32_t wanted = which == 1 ? ALL_PERMITS : 1;
    const enum wb_status status = try_lock(which);
    CHECK(status == take(&here.permits[kind], wanted));
    if (status == WB_OK) {
        hold(kind, wanted);
    }
}

void act_downgrade(int actor, const struct step *step) {
    (void)actor;
    (void)step;
    struct permits *permits = &here.permits[RWLOCK];
    if (permits->held[1] != 0) {
        permits->held[1]--;
        permits->held[0]++;
        wb_async_rwlock_downgrade(&here.rwlock);
        give(permits, ALL_PERMITS - 1);
    }
}

/* ---- notifications ---- */

static void give_notification(void) {
    if (here.notified.count != 0) {
        line_serve(&here.notified);
    } else {
        here.has_kept_one = true;
    }
}

void act_notify(int actor, const struct step *step) {
    (void)actor;
    if (step->a % 4 != 0) {
        wb_notify_one(&here.notify);
        give_notification();
    } else {
        wb_notify_all(&here.notify);
        here.notify_rounds++;
        line_wake(&here.notified);
    }
}

static bool take_notification(struct wait *wait) {
    if (wait->is_served || wait->round != here.notify_rounds) {
        return true;
    }
    const bool has_kept_one = here.has_kept_one;
    here.has_kept_one = false;
    return has_kept_one;
}

static struct wb_future *notified_begin(int actor, const struct step *step) {
    (void)step;
    struct actor *it = actor_of(actor);
    wb_notified_init(&it->body->u.notified, &here.notify);
    it->inner.round = here.notify_rounds;
    return &it->body->u.notified.future;
}

static struct outcome notified_poll(int actor) {
    struct wait *wait = &actor_of(actor)->inner;
    if (!wait_pays(wait)) {
        return pending();
    }
    if (!take_notification(wait)) {
        line_enter(&here.notified, wait);
        return pending();
    }
    wait_settle(wait);
    return over(WB_OK);
}

static void notified_drop(int actor) {
    struct wait *wait = &actor_of(actor)->inner;
    const bool is_served = wait->is_served;
    if (wait->is_waiting) {
        wait_settle(wait);
        if (is_served) {
            give_notification();
        }
    }
}

const struct await_ops await_notified = {notified_begin, notified_poll, NULL, notified_drop};

/* ---- the barrier ---- */

static struct wb_future *barrier_begin(int actor, const struct step *step) {
    (void)step;
    struct wb_barrier_wait *wait = &actor_of(actor)->body->u.barrier;
    wb_barrier_wait_init(wait, &here.barrier);
    return &wait->future;
}

static struct outcome barrier_poll(int actor) {
    struct actor *it = actor_of(actor);
    struct wait *wait = &it->inner;
    if (!wait_pays(wait)) {
        return pending();
    }
    it->value = 0;
    if (!wait->is_waiting) {
        wait->round = here.barrier_rounds;
        if (++here.arrived == BARRIER_SIZE) {
            here.arrived = 0;
            here.barrier_rounds++;
            line_wake(&here.at_barrier);
            it->value = 1;
            return over(WB_OK);
        }
    }
    if (wait->round == here.barrier_rounds) {
        line_enter(&here.at_barrier, wait);
        return pending();
    }
    wait_settle(wait);
    return over(WB_OK);
}

static bool barrier_finish(int actor, enum wb_status status) {
    const struct actor *it = actor_of(actor);
    (void)status;
    CHECK(it->body->u.barrier.is_leader == (it->value == 1));
    return false;
}

static void barrier_drop(int actor) {
    struct wait *wait = &actor_of(actor)->inner;
    if (wait->is_waiting) {
        here.arrived -= wait->round == here.barrier_rounds ? 1 : 0;
        wait_settle(wait);
    }
}

const struct await_ops await_barrier = {barrier_begin, barrier_poll, barrier_finish, barrier_drop};
