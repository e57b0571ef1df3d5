/* Threads: their birth, their end, being joined, and the files that their calls keep. Who runs when
 * is in turns.c. */
#include "kernel/thread.h"

#include "kernel/fiber.h"
#include "kernel/internal.h"
#include "kernel/unix.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* ---- memory, which stays from run to run ---- */

static struct sim_thread *thread_at(struct sim_process *process, uint32_t number) {
    struct sim_thread *thread = process->threads[number];
    if (thread == NULL) {
        thread = calloc(1, sizeof(*thread));
        if (thread == NULL) {
            abort();
        }
        thread->process = process;
        thread->number = number;
        list_init(&thread->in_sleepers);
        process->threads[number] = thread;
    }
    return thread;
}

void threads_init(struct sim_process *process) {
    (void)thread_at(process, 0);
    process->thread_count = 1;
}

/* The first thread of a process may live again. */
static void forget_wait(struct sim_thread *thread) {
    thread->waits = SIM_THREAD_READY;
    thread->hears_instance_only = false;
    thread->awaited = NULL;
    thread->joins = NULL;
    thread->deadline_ns = UINT64_MAX;
}

static void thread_forget(struct sim_thread *thread) {
    thread->state = THREAD_NONE;
    thread->on_host = false;
    forget_wait(thread);
    thread->held = NULL;
    thread->held_list = NULL;
    thread->held_len = 0;
    thread->rights = NULL;
}

/* What a thread of an earlier run stood in went with the arena. */
void threads_reset(struct sim_process *process) {
    for (uint32_t i = 0; i < process->thread_count; i++) {
        struct sim_thread *thread = process->threads[i];
        thread_forget(thread);
        list_init(&thread->in_sleepers);
        thread->switch_ordinal = 0;
        thread->park_ordinal = 0;
    }
    process->thread_count = 1;
    process->threads_living = 0;
    process->acting = 0;
    process->last_thread = 0;
    process->thread_id = 1;
    process->threads[0]->id = 1;
    process->waits_at_conds = 0;
    process->mutex_serial = 0;
    process->note_number = 0;
    process->cond_serial = 0;
}

void threads_clean_up(struct sim_process *process) {
    for (uint32_t i = 0; i < SIM_THREADS_MAX && process->threads[i] != NULL; i++) {
        fiber_destroy(process->threads[i]->fiber);
        free(process->threads[i]->moved);
        free(process->threads[i]);
    }
}

/* ---- files that a call keeps ---- */

static bool is_one_of_several(const struct sim_kernel *kernel) {
    return kernel->current->threads_living > 1;
}

static void hold(struct sim_file *file) {
    assert(file->holds < UINT8_MAX); /* each thread once */
    file->holds++;
}

bool thread_hold_one(struct sim_kernel *kernel, struct sim_file *file) {
    if (!is_one_of_several(kernel) || file == NULL || kernel->thread->held != NULL) {
        return false;
    }
    kernel->thread->held = file;
    hold(file);
    return true;
}

struct sim_file **thread_hold_many(struct sim_kernel *kernel, size_t len) {
    if (!is_one_of_several(kernel) || len == 0) {
        return NULL;
    }
    struct sim_thread *thread = kernel->thread;
    thread->held_list = kernel_alloc(kernel, len * sizeof(struct sim_file *));
    thread->held_len = len;
    return thread->held_list;
}

/* A file that is listed twice is held once. */
static bool is_first(struct sim_file *const *list, size_t at) {
    size_t first = 0;
    while (list[first] != list[at]) {
        first++;
    }
    return first == at;
}

void thread_hold_listed(struct sim_kernel *kernel, size_t at, struct sim_file *file) {
    struct sim_file **list = kernel->thread->held_list;
    list[at] = file;
    if (file != NULL && is_first(list, at)) {
        hold(file);
    }
}

static void let_go(struct sim_thread *thread) {
    struct sim_kernel *kernel = thread->process->kernel;
    struct sim_file **list = thread->held_list;
    struct unix_control unsent = {.rights = thread->rights};
    thread->rights = NULL;
    unix_control_free(kernel, &unsent);
    if (thread->held != NULL) {
        struct sim_file *file = thread->held;
        thread->held = NULL;
        file_unhold(kernel, file);
    }
    if (list == NULL) {
        return;
    }
    thread->held_list = NULL;
    for (size_t i = thread->held_len; i-- > 0;) {
        if (list[i] != NULL && is_first(list, i)) {
            file_unhold(kernel, list[i]);
        }
    }
    kernel_free(kernel, list, thread->held_len * sizeof(struct sim_file *));
}

void thread_let_go(struct sim_kernel *kernel) {
    let_go(kernel->thread);
}

/* ---- the end ---- */

static void emit_thread(struct sim_thread *thread, enum sim_thread_change change, bool lives) {
    struct sim_event event = event_begin(thread->process->kernel, SIM_EVENT_THREAD);
    event.process = (uint8_t)thread->process->number;
    event.a = change;
    event.b = thread->number;
    event.result = lives;
    event_emit(thread->process->kernel, &event);
}

static void wake_joiner(const struct sim_thread *ended) {
    struct sim_process *process = ended->process;
    for (uint32_t i = 0; i < process->thread_count; i++) {
        struct sim_thread *thread = process->threads[i];
        thread->woken |= thread->state == THREAD_WAITING && thread->joins == ended;
    }
}

void thread_end(struct sim_thread *thread) {
    thread_forget(thread);
    thread->state = THREAD_ENDED;
    thread->process->threads_living--;
    emit_thread(thread, SIM_THREAD_RETURNED, false);
    wake_joiner(thread);
    turns_count(thread->process->kernel);
}

void threads_abandon(struct sim_process *process, bool told) {
    struct sim_process *before = process->kernel->current;
    process->kernel->current = process; /* whose doing it is that its files end */
    for (uint32_t i = 0; i < process->thread_count; i++) {
        struct sim_thread *thread = process->threads[i];
        bool lives = thread->state != THREAD_ENDED;
        if (thread->state == THREAD_NONE) {
            continue;
        }
        list_remove(&thread->in_sleepers);
        forget_wait(thread);
        let_go(thread);
        if (told && i != 0) {
            emit_thread(thread, SIM_THREAD_LEFT, lives);
        }
        if (i != 0) {
            thread_forget(thread);
        }
    }
    process->kernel->current = before;
    process->threads_living = 1;
    turns_count(process->kernel);
}

void sim_threads_end(struct sim_kernel *kernel) {
    threads_abandon(kernel->current, true);
}

/* ---- the calls ---- */

/* The lowest number that is free; SIM_THREADS_MAX: none. */
static uint32_t free_number(const struct sim_process *process) {
    for (uint32_t i = 1; i < process->thread_count; i++) {
        if (process->threads[i]->state == THREAD_NONE) {
            return i;
        }
    }
    return process->thread_count;
}

static int create(struct sim_kernel *kernel, wb_thread_fn fn, void *arg, uint64_t *out_number) {
    struct sim_process *process = kernel->current;
    if (!kernel->in_program) {
        return -ENOSYS; /* there is no run that could give it a turn */
    }
    int fault = choose_error(kernel, WBH_POINT_THREAD);
    if (fault != 0) {
        return fault;
    }
    uint32_t number = free_number(process);
    if (number == SIM_THREADS_MAX) {
        return -EAGAIN;
    }
    struct sim_thread *thread = thread_at(process, number);
    if (number == process->thread_count) {
        process->thread_count++;
        thread->switch_ordinal = 0;
        thread->park_ordinal = 0;
        list_init(&thread->in_sleepers);
    }
    thread_forget(thread);
    thread->id = ++process->thread_id;
    thread->fn = fn;
    thread->arg = arg;
    turns_start(thread);
    process->threads_living++;
    kernel->sys.ops = &sim_ops;
    turns_count(kernel);
    *out_number = number;
    return 0;
}

int sys_thread_create(void *self, wb_thread_fn fn, void *arg, uint64_t *out_thread) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    uint64_t number = 0;
    int result = create(kernel, fn, arg, &number);
    if (result == 0) {
        *out_thread = kernel->current->threads[number]->id;
    }
    return (int)call_return(kernel, SIM_CALL_THREAD, -1, NULL, result, number, 0);
}

static struct sim_thread *find(const struct sim_process *process, uint64_t id) {
    for (uint32_t i = 1; i < process->thread_count; i++) {
        struct sim_thread *thread = process->threads[i];
        if (thread->state != THREAD_NONE && thread->id == id) {
            return thread;
        }
    }
    return NULL;
}

static bool is_awaited(const struct sim_thread *joined) {
    const struct sim_process *process = joined->process;
    for (uint32_t i = 0; i < process->thread_count; i++) {
        if (process->threads[i]->joins == joined) {
            return true;
        }
    }
    return false;
}

static int join(struct sim_kernel *kernel, struct sim_thread *joined) {
    struct sim_thread *thread = kernel->thread;
    if (joined == NULL) {
        return -ESRCH;
    }
    if (joined == thread || joined->joins == thread) {
        return -EDEADLK;
    }
    if (is_awaited(joined)) {
        return -EINVAL;
    }
    thread->joins = joined;
    while (joined->state != THREAD_ENDED) {
        (void)turns_park(kernel, SIM_THREAD_AT_JOIN, UINT64_MAX);
    }
    thread->joins = NULL;
    joined->state = THREAD_NONE;
    return 0;
}

int sys_thread_join(void *self, uint64_t id) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_thread *joined = find(kernel->current, id);
    uint64_t number = joined != NULL ? joined->number : 0;
    int result = join(kernel, joined);
    return (int)call_return(kernel, SIM_CALL_JOIN, -1, NULL, result, number, 0);
}

/* The first one has no number that thread_create gave. */
uint64_t sys_thread_self(void *self) {
    const struct sim_kernel *kernel = self;
    const struct sim_thread *thread = kernel->thread;
    return thread == NULL || thread->number == 0 ? UINT64_MAX : thread->id;
}

/* ---- inspection ---- */

void sim_each_thread(struct sim_kernel *kernel, unsigned number,
    void (*visit)(void *user_data, const struct sim_thread_info *info), void *user_data) {
    const struct sim_process *process = process_get(kernel, number);
    for (uint32_t i = 0; i < process->thread_count; i++) {
        const struct sim_thread *thread = process->threads[i];
        if (thread->state == THREAD_NONE) {
            continue;
        }
        struct sim_thread_info info = {
            .thread = i,
            .waits = SIM_THREAD_READY,
            .holder = -1,
        };
        if (thread->state == THREAD_ENDED) {
            info.waits = SIM_THREAD_GONE;
        } else if (thread->state == THREAD_WAITING) {
            info.waits = (enum sim_thread_wait)thread->waits;
            info.has_deadline = thread->deadline_ns != UINT64_MAX;
        }
        if (info.waits == SIM_THREAD_AT_MUTEX || info.waits == SIM_THREAD_AT_COND
            || info.waits == SIM_THREAD_AT_JOIN) {
            lock_describe(thread, &info);
        }
        visit(user_data, &info);
    }
}
