/* Mutexes and conditions. What is known of one lies in the program's own opaque storage, and who
 * waits for it is found among the process's threads; so nothing is left behind by one that is
 * forgotten, and its address is compared and never shown.
 *
 * A mutex that is unlocked is free: whoever of those that wait, or come by, has the next turn takes
 * it, as on Linux. In a process of one thread an operation is no call, takes no time and is not
 * told, unless it is wrong. What Linux leaves undefined is told as a failed call, and then done as
 * Linux does it, as far as that can be done. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum { MUTEX_MARK = 0x6d757478, COND_MARK = 0x636f6e64 };

struct mutex_state {
    uint32_t mark; /* MUTEX_MARK from init to destroy */
    uint32_t serial;
    uint64_t owner; /* id of a thread; 0: free */
};

struct cond_state {
    uint32_t mark;
    uint32_t serial;
};

_Static_assert(sizeof(struct mutex_state) <= sizeof(struct wb_mutex), "struct wb_mutex");
_Static_assert(sizeof(struct cond_state) <= sizeof(struct wb_cond), "struct wb_cond");

static struct mutex_state *mutex_state(struct wb_mutex *mutex) {
    return (struct mutex_state *)(void *)mutex->opaque;
}

static struct cond_state *cond_state(struct wb_cond *cond) {
    return (struct cond_state *)(void *)cond->opaque;
}

static bool is_shared(const struct sim_kernel *kernel) {
    return kernel->current->threads_living > 1;
}

/* A point where others may have a turn, if there are others. */
static void enter(struct sim_kernel *kernel) {
    if (is_shared(kernel)) {
        call_enter(kernel);
    }
}

static void tell(struct sim_kernel *kernel, enum sim_call call, int result, uint64_t serial) {
    if (result != 0 || is_shared(kernel)) {
        call_return(kernel, call, -1, NULL, result, serial, 0);
    }
}

/* ---- mutexes ---- */

static void mutex_begin(struct sim_kernel *kernel, struct mutex_state *state) {
    *state = (struct mutex_state){.mark = MUTEX_MARK, .serial = ++kernel->current->mutex_serial};
}

/* False: it was never initialised, or destroyed. It is initialised then. */
static bool is_mutex(struct sim_kernel *kernel, struct mutex_state *state) {
    if (state->mark == MUTEX_MARK) {
        return true;
    }
    mutex_begin(kernel, state);
    return false;
}

/* Those that wait for it can run exactly as long as nobody holds it. */
static void set_owner(struct sim_kernel *kernel, struct wb_mutex *mutex, uint64_t owner) {
    const struct sim_process *process = kernel->current;
    mutex_state(mutex)->owner = owner;
    for (uint32_t i = 0; process->threads_living > 1 && i < process->thread_count; i++) {
        struct sim_thread *thread = process->threads[i];
        if (thread->state == THREAD_WAITING && thread->waits == SIM_THREAD_AT_MUTEX
            && thread->awaited == mutex) {
            thread->owner = owner;
            thread->woken = owner == 0;
        }
    }
}

static void await(struct sim_thread *thread, struct wb_mutex *mutex) {
    thread->awaited = mutex;
    thread->awaited_serial = mutex_state(mutex)->serial;
    thread->owner = mutex_state(mutex)->owner;
}

static void release(struct sim_kernel *kernel, struct wb_mutex *mutex) {
    set_owner(kernel, mutex, 0);
}

static void acquire(struct sim_kernel *kernel, struct wb_mutex *mutex) {
    struct sim_thread *thread = kernel->thread;
    while (mutex_state(mutex)->owner != 0) {
        await(thread, mutex);
        (void)turns_park(kernel, SIM_THREAD_AT_MUTEX, UINT64_MAX);
        thread->awaited = NULL;
    }
    set_owner(kernel, mutex, thread->id);
}

int sys_mutex_init(void *self, struct wb_mutex *mutex) {
    struct sim_kernel *kernel = self;
    memset(mutex, 0, sizeof(*mutex));
    mutex_begin(kernel, mutex_state(mutex));
    return 0;
}

static bool is_awaited(const struct sim_process *process, const void *object) {
    for (uint32_t i = 0; i < process->thread_count; i++) {
        const struct sim_thread *thread = process->threads[i];
        if (thread->state == THREAD_WAITING && thread->awaited == object) {
            return true;
        }
    }
    return false;
}

void sys_mutex_destroy(void *self, struct wb_mutex *mutex) {
    struct sim_kernel *kernel = self;
    enter(kernel);
    struct mutex_state *state = mutex_state(mutex);
    int result = 0;
    if (!is_mutex(kernel, state)) {
        result = -EINVAL;
    } else if (state->owner != 0 || is_awaited(kernel->current, mutex)) {
        result = -EBUSY;
    }
    uint32_t serial = state->serial;
    if (result == 0) {
        memset(mutex, 0, sizeof(*mutex));
    }
    tell(kernel, SIM_CALL_MUTEX_DESTROY, result, serial);
}

void sys_mutex_lock(void *self, struct wb_mutex *mutex) {
    struct sim_kernel *kernel = self;
    enter(kernel);
    struct mutex_state *state = mutex_state(mutex);
    int result = is_mutex(kernel, state) ? 0 : -EINVAL;
    if (state->owner == kernel->thread->id) {
        /* Told before it waits for itself, for ever. */
        tell(kernel, SIM_CALL_MUTEX_LOCK, -EDEADLK, state->serial);
    }
    acquire(kernel, mutex);
    tell(kernel, SIM_CALL_MUTEX_LOCK, result, state->serial);
}

void sys_mutex_unlock(void *self, struct wb_mutex *mutex) {
    struct sim_kernel *kernel = self;
    enter(kernel);
    struct mutex_state *state = mutex_state(mutex);
    int result = 0;
    if (!is_mutex(kernel, state)) {
        result = -EINVAL;
    } else if (state->owner != kernel->thread->id) {
        result = -EPERM;
    }
    release(kernel, mutex);
    tell(kernel, SIM_CALL_MUTEX_UNLOCK, result, state->serial);
}

/* ---- conditions ---- */

static void cond_begin(struct sim_kernel *kernel, struct cond_state *state) {
    *state = (struct cond_state){.mark = COND_MARK, .serial = ++kernel->current->cond_serial};
}

static bool is_cond(struct sim_kernel *kernel, struct cond_state *state) {
    if (state->mark == COND_MARK) {
        return true;
    }
    cond_begin(kernel, state);
    return false;
}

int sys_cond_init(void *self, struct wb_cond *cond) {
    struct sim_kernel *kernel = self;
    memset(cond, 0, sizeof(*cond));
    cond_begin(kernel, cond_state(cond));
    return 0;
}

void sys_cond_destroy(void *self, struct wb_cond *cond) {
    struct sim_kernel *kernel = self;
    enter(kernel);
    struct cond_state *state = cond_state(cond);
    int result = 0;
    if (!is_cond(kernel, state)) {
        result = -EINVAL;
    } else if (is_awaited(kernel->current, cond)) {
        result = -EBUSY;
    }
    uint32_t serial = state->serial;
    if (result == 0) {
        memset(cond, 0, sizeof(*cond));
    }
    tell(kernel, SIM_CALL_COND_DESTROY, result, serial);
}

/* A wait may end though nobody has signalled. */
static bool wakes_for_nothing(struct sim_kernel *kernel) {
    if (!choice_possible(kernel)) {
        return false;
    }
    struct sim_thread *thread = kernel->thread;
    struct wbh_choice_point point = {
        .point = WBH_POINT_PARK,
        .subject = thread_subject(thread),
        .ordinal = ++thread->park_ordinal,
        .contract = WBH_ACTION_BIT(WBH_ACTION_WAKE),
    };
    if (choose(kernel, &point).action != WBH_ACTION_WAKE) {
        return false;
    }
    choice_consumed(kernel, point.point, WBH_ACTION_WAKE);
    return true;
}

/* The mutex is free while the thread waits. Returns 0 or -ETIMEDOUT. The condition may be gone when
 * it was signalled. */
static int wait_at(
    struct sim_kernel *kernel, struct wb_cond *cond, struct wb_mutex *mutex, uint64_t deadline_ns) {
    struct sim_thread *thread = kernel->thread;
    bool is_over = wakes_for_nothing(kernel);
    release(kernel, mutex);
    if (!is_over) {
        thread->wait_order = ++kernel->current->waits_at_conds;
        thread->awaited = cond;
        thread->awaited_serial = cond_state(cond)->serial;
        thread->mutex = mutex;
        is_over = turns_park(kernel, SIM_THREAD_AT_COND, deadline_ns);
        thread->awaited = NULL;
    }
    acquire(kernel, mutex);
    return is_over ? 0 : -ETIMEDOUT;
}

static int cond_wait(
    struct sim_kernel *kernel, struct wb_cond *cond, struct wb_mutex *mutex, uint64_t deadline_ns) {
    struct cond_state *state = cond_state(cond);
    bool is_fit_mutex = is_mutex(kernel, mutex_state(mutex));
    bool are_fit = is_cond(kernel, state) && is_fit_mutex;
    uint32_t serial = state->serial;
    bool is_owner = mutex_state(mutex)->owner == kernel->thread->id;
    if (!are_fit || !is_owner) {
        tell(kernel, SIM_CALL_COND_WAIT, are_fit ? -EPERM : -EINVAL, serial);
    }
    int result = wait_at(kernel, cond, mutex, deadline_ns);
    if (is_shared(kernel)) {
        call_return(
            kernel, SIM_CALL_COND_WAIT, -1, NULL, result, serial, mutex_state(mutex)->serial);
    }
    return result;
}

void sys_cond_wait(void *self, struct wb_cond *cond, struct wb_mutex *mutex) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    (void)cond_wait(kernel, cond, mutex, UINT64_MAX);
}

int sys_cond_timedwait(
    void *self, struct wb_cond *cond, struct wb_mutex *mutex, int64_t timeout_ns) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    return cond_wait(kernel, cond, mutex, wait_deadline(kernel, timeout_ns));
}

/* Those that wait for it, who came first first; returns how many. */
static uint32_t list_waiters(const struct sim_process *process, const struct wb_cond *cond,
    struct sim_thread *waiters[SIM_THREADS_MAX]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < process->thread_count; i++) {
        struct sim_thread *thread = process->threads[i];
        if (thread->state != THREAD_WAITING || thread->waits != SIM_THREAD_AT_COND
            || thread->awaited != cond) {
            continue;
        }
        uint32_t at = count++;
        for (; at > 0 && waiters[at - 1]->wait_order > thread->wait_order; at--) {
            waiters[at] = waiters[at - 1];
        }
        waiters[at] = thread;
    }
    return count;
}

/* It waits for the mutex from now on, and has its turn when that is free. */
static void signal_one(struct sim_thread *thread) {
    thread->waits = SIM_THREAD_AT_MUTEX;
    thread->deadline_ns = UINT64_MAX;
    await(thread, thread->mutex);
    thread->woken = thread->owner == 0;
}

static void cond_wake(void *self, enum sim_call call, struct wb_cond *cond) {
    struct sim_kernel *kernel = self;
    struct sim_thread *waiters[SIM_THREADS_MAX];
    enter(kernel);
    int result = is_cond(kernel, cond_state(cond)) ? 0 : -EINVAL;
    uint32_t count = list_waiters(kernel->current, cond, waiters);
    if (call == SIM_CALL_COND_SIGNAL && count != 0) {
        signal_one(waiters[choose_waiter(kernel, count)]);
    }
    for (uint32_t i = 0; call == SIM_CALL_COND_BROADCAST && i < count; i++) {
        signal_one(waiters[i]);
    }
    tell(kernel, call, result, cond_state(cond)->serial);
}

void sys_cond_signal(void *self, struct wb_cond *cond) {
    cond_wake(self, SIM_CALL_COND_SIGNAL, cond);
}

void sys_cond_broadcast(void *self, struct wb_cond *cond) {
    cond_wake(self, SIM_CALL_COND_BROADCAST, cond);
}

/* ---- atomic operations ---- */

static __attribute__((noinline)) void interleave(struct sim_kernel *kernel, const void *object) {
    call_enter(kernel);
    uint64_t offset = 0;
    uint64_t serial = memory_block_of(kernel->current, object, &offset);
    call_return(kernel, SIM_CALL_INTERLEAVE, -1, NULL, 0, serial, offset);
}

/* Most come where there is only one thread. */
void sys_interleave(void *self, const void *object) {
    struct sim_kernel *kernel = self;
    if (is_shared(kernel)) {
        interleave(kernel, object);
    }
}

/* ---- inspection ---- */

static int number_of(const struct sim_process *process, uint64_t id) {
    for (uint32_t i = 0; i < process->thread_count; i++) {
        const struct sim_thread *thread = process->threads[i];
        if (thread->id == id && thread->state != THREAD_NONE && thread->state != THREAD_ENDED) {
            return (int)i;
        }
    }
    return -1;
}

void lock_describe(const struct sim_thread *thread, struct sim_thread_info *info) {
    if (thread->waits == SIM_THREAD_AT_JOIN) {
        info->holder = (int)thread->joins->number;
        return;
    }
    info->object = thread->awaited_serial;
    if (thread->waits == SIM_THREAD_AT_MUTEX) {
        info->holder = number_of(thread->process, thread->owner);
        info->holder_is_gone = thread->owner != 0 && info->holder < 0;
    }
}
