/* Clocks, entropy, memory and threads: passed on and not noted. */
#include "semantics/note.h"

static uint64_t pass_clock_gettime(void *self, int clock) {
    return KERNEL(self, clock_gettime, clock);
}

static int pass_getrandom(void *self, void *buf, size_t len) {
    return KERNEL(self, getrandom, buf, len);
}

static int pass_resolve(void *self, const char *name, uint16_t port, int family,
    struct wb_sockaddr *out, uint32_t out_max) {
    return KERNEL(self, resolve, name, port, family, out, out_max);
}

static void *pass_alloc(void *self, size_t size) {
    return KERNEL(self, alloc, size);
}

static void *pass_resize(void *self, void *ptr, size_t old_size, size_t new_size) {
    return KERNEL(self, resize, ptr, old_size, new_size);
}

static void pass_free(void *self, void *ptr, size_t size) {
    KERNEL(self, free, ptr, size);
}

static int pass_thread_create(void *self, wb_thread_fn fn, void *arg, uint64_t *out_thread) {
    return KERNEL(self, thread_create, fn, arg, out_thread);
}

static int pass_thread_join(void *self, uint64_t thread) {
    return KERNEL(self, thread_join, thread);
}

static uint64_t pass_thread_self(void *self) {
    return wb_sys_thread_self(((struct wbh_recorder *)self)->kernel);
}

static int pass_mutex_init(void *self, struct wb_mutex *mutex) {
    return KERNEL(self, mutex_init, mutex);
}

static void pass_mutex_destroy(void *self, struct wb_mutex *mutex) {
    KERNEL(self, mutex_destroy, mutex);
}

static void pass_mutex_lock(void *self, struct wb_mutex *mutex) {
    KERNEL(self, mutex_lock, mutex);
}

static void pass_mutex_unlock(void *self, struct wb_mutex *mutex) {
    KERNEL(self, mutex_unlock, mutex);
}

static int pass_cond_init(void *self, struct wb_cond *cond) {
    return KERNEL(self, cond_init, cond);
}

static void pass_cond_destroy(void *self, struct wb_cond *cond) {
    KERNEL(self, cond_destroy, cond);
}

static void pass_cond_wait(void *self, struct wb_cond *cond, struct wb_mutex *mutex) {
    KERNEL(self, cond_wait, cond, mutex);
}

static int pass_cond_timedwait(
    void *self, struct wb_cond *cond, struct wb_mutex *mutex, int64_t timeout_ns) {
    return KERNEL(self, cond_timedwait, cond, mutex, timeout_ns);
}

static void pass_cond_signal(void *self, struct wb_cond *cond) {
    KERNEL(self, cond_signal, cond);
}

static void pass_cond_broadcast(void *self, struct wb_cond *cond) {
    KERNEL(self, cond_broadcast, cond);
}

static void pass_note(void *self, enum wb_note note, uint64_t a, uint64_t b) {
    wb_sys_note(((struct wbh_recorder *)self)->kernel, note, a, b);
}

static uint64_t pass_number(void *self) {
    const struct wb_sys *kernel = ((struct wbh_recorder *)self)->kernel;
    return kernel->ops->number != NULL ? kernel->ops->number(kernel->self) : 0;
}

static void pass_interleave(void *self, const void *object) {
    wb_sys_interleave(((struct wbh_recorder *)self)->kernel, object);
}

void wbh_recorder_take_rest(struct wb_sys_ops *ops) {
    ops->clock_gettime = pass_clock_gettime;
    ops->getrandom = pass_getrandom;
    ops->resolve = pass_resolve;
    ops->alloc = pass_alloc;
    ops->resize = pass_resize;
    ops->free = pass_free;
    ops->thread_create = pass_thread_create;
    ops->thread_join = pass_thread_join;
    ops->thread_self = pass_thread_self;
    ops->mutex_init = pass_mutex_init;
    ops->mutex_destroy = pass_mutex_destroy;
    ops->mutex_lock = pass_mutex_lock;
    ops->mutex_unlock = pass_mutex_unlock;
    ops->cond_init = pass_cond_init;
    ops->cond_destroy = pass_cond_destroy;
    ops->cond_wait = pass_cond_wait;
    ops->cond_timedwait = pass_cond_timedwait;
    ops->cond_signal = pass_cond_signal;
    ops->cond_broadcast = pass_cond_broadcast;
    ops->note = pass_note;
    ops->number = pass_number;
    ops->interleave = pass_interleave;
}
