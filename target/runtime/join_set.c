/* Sets of tasks. Each task has a waker of its own, which puts it on the list of those that are
 * worth a look; so a set of many costs no more than those of it that end. */
#include "wb/join_set.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "runtime/lock.h"
#include "wb/blocking.h"

/* A task of the set, as long as the set has it or a waker knows it. */
struct member {
    struct wb__join_set *shared;
    struct member *prev; /* in a list of the set, under its lock */
    struct member *next;
    struct wb_join_handle handle; /* whoever uses the set alone touches it */
    uint64_t id;
    _Atomic uint32_t references;
    bool is_told; /* under the lock: in `told` */
    bool is_gone; /* under the lock: of no list any more */
};

struct list {
    struct member *first;
    struct member *last;
};

/* It outlives its struct wb_join_set while wakers know its tasks. */
struct wb__join_set {
    const struct wb_sys *sys;
    struct wb_runtime *runtime;
    _Atomic uint32_t references; /* of the set and of each member */
    size_t len;
    uint64_t last_id;
    struct wb__lock lock; /* of the rest */
    struct list told;     /* may have ended */
    struct list quiet;    /* will be heard of */
    struct wb_task_waker waker;
    const struct wb_join_next *waiting; /* whose waker that is; the set's own */
};

/* ---- lists ---- */

static void push(struct list *list, struct member *member) {
    member->prev = list->last;
    member->next = NULL;
    *(list->last == NULL ? &list->first : &list->last->next) = member;
    list->last = member;
}

static void unlink_member(struct list *list, struct member *member) {
    *(member->prev == NULL ? &list->first : &member->prev->next) = member->next;
    *(member->next == NULL ? &list->last : &member->next->prev) = member->prev;
}

static struct list *list_of(struct member *member) {
    return member->is_told ? &member->shared->told : &member->shared->quiet;
}

static void move(struct member *member, bool is_told) {
    unlink_member(list_of(member), member);
    member->is_told = is_told;
    push(list_of(member), member);
}

/* ---- life ---- */

static bool is_last(const struct wb_sys *sys, _Atomic uint32_t *references) {
    wb_sys_interleave(sys, references);
    return atomic_fetch_sub_explicit(references, 1, memory_order_acq_rel) == 1;
}

static void release_set(struct wb__join_set *shared) {
    const struct wb_sys *sys = shared->sys;
    if (is_last(sys, &shared->references)) {
        wb__lock_clean_up(&shared->lock);
        WB_SYS(sys, free, shared, sizeof(*shared));
    }
}

static void release_member(struct member *member) {
    struct wb__join_set *shared = member->shared;
    if (is_last(shared->sys, &member->references)) {
        WB_SYS(shared->sys, free, member, sizeof(*member));
        release_set(shared);
    }
}

enum wb_status wb_join_set_new(struct wb_join_set *out_set, struct wb_runtime *runtime) {
    *out_set = (struct wb_join_set){0};
    if (runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    const struct wb_sys *sys = wb_runtime_sys(runtime);
    struct wb__join_set *shared = WB_SYS(sys, alloc, sizeof(*shared));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__join_set){.sys = sys, .runtime = runtime};
    atomic_init(&shared->references, 1);
    wb__lock_init(&shared->lock, sys);
    out_set->shared = shared;
    return WB_OK;
}

/* ---- the waker of a member ---- */

static void member_clone(void *data) {
    struct member *member = data;
    wb_sys_interleave(member->shared->sys, &member->references);
    atomic_fetch_add_explicit(&member->references, 1, memory_order_relaxed);
}

static void member_wake(void *data) {
    struct member *member = data;
    struct wb__join_set *shared = member->shared;
    struct wb_task_waker waker = {0};
    wb__lock_enter(&shared->lock);
    if (!member->is_gone && !member->is_told) {
        move(member, true);
        waker = shared->waker;
        shared->waker = (struct wb_task_waker){0};
    }
    wb__lock_leave(&shared->lock);
    wb_task_waker_fire(&waker);
}

static void member_drop(void *data) {
    release_member(data);
}

static const struct wb_task_waker_ops member_waker_ops = {
    .clone = member_clone,
    .wake = member_wake,
    .drop = member_drop,
};

/* ---- spawning ---- */

static struct member *member_new(struct wb__join_set *shared) {
    struct member *member = WB_SYS(shared->sys, alloc, sizeof(*member));
    if (member != NULL) {
        *member = (struct member){.shared = shared};
        atomic_init(&member->references, 1);
        atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    }
    return member;
}

/* Its end will be told. One that has ended already is as good as told. */
static enum wb_status admit(
    struct wb__join_set *shared, struct member *member, enum wb_status status, uint64_t *out_id) {
    const struct wb_task_waker waker = {&member_waker_ops, member};
    struct wb_context context = wb_context_with_waker(&waker);
    if (status != WB_OK) {
        release_member(member);
        return status;
    }
    member->id = ++shared->last_id;
    shared->len++;
    if (out_id != NULL) {
        *out_id = member->id;
    }
    wb__lock_enter(&shared->lock);
    push(&shared->quiet, member);
    wb__lock_leave(&shared->lock);
    if (wb_future_poll(&member->handle.future, &context) == WB_READY) {
        member_wake(member);
    }
    return WB_OK;
}

enum wb_status wb_join_set_spawn(struct wb_join_set *set, struct wb_future *future,
    const struct wb_spawn_options *options, uint64_t *out_id) {
    struct wb__join_set *shared = set->shared;
    struct member *member = member_new(shared);
    if (member == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    return admit(shared, member,
        wb_runtime_spawn(shared->runtime, future, options, &member->handle), out_id);
}

enum wb_status wb_join_set_spawn_blocking(
    struct wb_join_set *set, enum wb_status (*fn)(void *arg), void *arg, uint64_t *out_id) {
    struct wb__join_set *shared = set->shared;
    struct member *member = member_new(shared);
    if (member == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    return admit(shared, member,
        wb_runtime_spawn_blocking(shared->runtime, fn, arg, &member->handle), out_id);
}

size_t wb_join_set_len(const struct wb_join_set *set) {
    return set->shared->len;
}

/* ---- the next ---- */

/* One that is worth a look, which counts as quiet from now on. NULL: none is; then `waker` is woken
 * when one is. What it was before is dropped. */
static struct member *take_told(struct wb__join_set *shared, const struct wb_task_waker *waker) {
    struct wb_task_waker unused = wb_task_waker_clone(waker);
    wb__lock_enter(&shared->lock);
    struct member *member = shared->told.first;
    if (member != NULL) {
        move(member, false);
    } else {
        const struct wb_task_waker replaced = shared->waker;
        shared->waker = unused;
        unused = replaced;
    }
    wb__lock_leave(&shared->lock);
    wb_task_waker_drop(&unused);
    return member;
}

/* It is no longer of the set; the handle has been moved away or given up. */
static void dismiss(struct wb__join_set *shared, struct member *member) {
    wb__lock_enter(&shared->lock);
    unlink_member(list_of(member), member);
    member->is_gone = true;
    wb__lock_leave(&shared->lock);
    shared->len--;
    release_member(member);
}

/* Wakers may be woken for nothing. */
static bool has_ended(struct member *member, const struct wb_context *context) {
    const struct wb_task_waker waker = {&member_waker_ops, member};
    struct wb_context derived = wb_context_derive(context, &waker);
    return wb_future_is_over(&member->handle.future)
           || wb_future_poll(&member->handle.future, &derived) == WB_READY;
}

static struct wb_task_waker take_waker(struct wb__join_set *shared) {
    wb__lock_enter(&shared->lock);
    const struct wb_task_waker waker = shared->waker;
    shared->waker = (struct wb_task_waker){0};
    wb__lock_leave(&shared->lock);
    return waker;
}

static enum wb_progress next_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_join_next *self = WB_FUTURE_OF(future, struct wb_join_next, future);
    struct wb__join_set *shared = self->set->shared;
    struct member *member = NULL;
    if (shared->len == 0) {
        return wb_future_end(future, WB_EOF);
    }
    if (shared->waiting != NULL && shared->waiting != self) {
        return wb_future_end(future, WB_ERR_ALREADY_IN_PROGRESS);
    }
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    while ((member = take_told(shared, context->waker)) != NULL) {
        if (has_ended(member, context)) {
            self->id = member->id;
            self->result = member->handle.future.status;
            self->handle = member->handle;
            dismiss(shared, member);
            return wb_future_end(future, WB_OK);
        }
    }
    shared->waiting = self;
    return WB_PENDING;
}

static void next_drop(struct wb_future *future) {
    struct wb_join_next *self = WB_FUTURE_OF(future, struct wb_join_next, future);
    struct wb__join_set *shared = self->set->shared;
    if (shared == NULL || shared->waiting != self) {
        return;
    }
    shared->waiting = NULL;
    struct wb_task_waker waker = take_waker(shared);
    wb_task_waker_drop(&waker);
}

static void next_drop_output(struct wb_future *future) {
    wb_join_handle_detach(&WB_FUTURE_OF(future, struct wb_join_next, future)->handle);
}

static const struct wb_future_ops next_ops = {
    .size = sizeof(struct wb_join_next),
    .offset = offsetof(struct wb_join_next, future),
    .poll = next_poll,
    .drop = next_drop,
    .drop_output = next_drop_output,
};

void wb_join_next_init(struct wb_join_next *next, struct wb_join_set *set) {
    *next = (struct wb_join_next){.set = set};
    wb_future_init(&next->future, &next_ops);
}

/* ---- all of them ---- */

static void abort_list(const struct list *list) {
    for (struct member *member = list->first; member != NULL; member = member->next) {
        wb_join_handle_abort(&member->handle);
    }
}

void wb_join_set_abort_all(struct wb_join_set *set) {
    struct wb__join_set *shared = set->shared;
    wb__lock_enter(&shared->lock);
    abort_list(&shared->told);
    abort_list(&shared->quiet);
    wb__lock_leave(&shared->lock);
}

static struct member *any_member(struct wb__join_set *shared) {
    wb__lock_enter(&shared->lock);
    struct member *member = shared->told.first != NULL ? shared->told.first : shared->quiet.first;
    wb__lock_leave(&shared->lock);
    return member;
}

/* Gives each of them up, one way or the other. */
static void give_up_all(
    struct wb__join_set *shared, void (*give_up)(struct wb_join_handle *handle)) {
    while (shared->len != 0) {
        struct member *member = any_member(shared);
        give_up(&member->handle);
        dismiss(shared, member);
    }
}

void wb_join_set_detach_all(struct wb_join_set *set) {
    give_up_all(set->shared, wb_join_handle_detach);
    struct wb_task_waker waker = take_waker(set->shared);
    wb_task_waker_fire(&waker);
}

void wb_join_set_destroy(struct wb_join_set *set) {
    struct wb__join_set *shared = set->shared;
    if (shared == NULL) {
        return;
    }
    set->shared = NULL;
    give_up_all(shared, wb_join_handle_cancel);
    struct wb_task_waker waker = shared->waker;
    wb_task_waker_drop(&waker);
    release_set(shared);
}
