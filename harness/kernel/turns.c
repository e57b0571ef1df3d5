/* Several threads in one run, of one program or of several: whose turn it is, how a process ends,
 * is killed and begins again.
 *
 * One thread runs at a time, until it waits or ends, or has had its slice and another could run, or
 * a choice gives its turn away where it makes a call. Then the host's loop takes the next process
 * among those for which something has changed, in the order of their numbers after the one that ran
 * last, and of its threads the next by number likewise, unless a choice rotates these orders. Only
 * when none can run does the world act, or the clock jump.
 *
 * The host's loop runs on the host's stack. In a run of one program that is the stack of its first
 * thread, too: the loop then runs inside the call in which that one gave way. */
#include "kernel/fiber.h"
#include "kernel/internal.h"

#include <assert.h>
#include <stdlib.h>

/* A thread that never waits must not keep the others from running: as long as Linux's scheduler
 * lets one run where several want to. */
#define SLICE_NS UINT64_C(3000000)

void turns_count(struct sim_kernel *kernel) {
    bool were_taken = kernel->takes_turns;
    kernel->takes_turns = kernel->several || kernel->processes[0]->threads_living > 1;
    if (!were_taken) {
        kernel->turn_began_ns = kernel->now_ns;
    }
}

static void emit_process(
    struct sim_process *process, enum sim_process_change change, int exit_status) {
    struct sim_event event = event_begin(process->kernel, SIM_EVENT_PROCESS);
    event.process = (uint8_t)process->number;
    event.a = change;
    event.result = exit_status;
    event_emit(process->kernel, &event);
}

/* ---- begin and end ---- */

static void run_thread(void *arg) {
    struct sim_thread *thread = arg;
    struct sim_process *process = thread->process;
    if (thread->number == 0) {
        process->exit_status = process->program(process->arg);
    } else {
        thread->fn(thread->arg);
    }
    fiber_leave(thread->fiber, true);
}

void turns_start(struct sim_thread *thread) {
    if (thread->fiber == NULL) {
        thread->fiber = fiber_new();
    }
    fiber_start(thread->fiber, run_thread, thread);
    thread->state = THREAD_RUNNABLE;
}

static void start_process(struct sim_process *process) {
    process->doomed = false;
    process->exit_status = -1; /* until it returns */
    process->threads_living = 1;
    process->threads[0]->id = ++process->thread_id;
    turns_start(process->threads[0]);
}

void turns_begin_alone(struct sim_kernel *kernel) {
    struct sim_process *process = kernel->current;
    struct sim_thread *thread = process->threads[0];
    process->threads_living = 1;
    thread->on_host = true;
    thread->state = THREAD_RUNNING;
    kernel->thread = thread;
    kernel->ending = false;
    kernel->all_looked = false;
    kernel->chosen = NULL;
}

void turns_end_alone(struct sim_kernel *kernel) {
    kernel->current = kernel->processes[0];
    kernel->thread = kernel->current->threads[0];
    kernel->takes_turns = false;
}

/* Off all its stacks: it has ended, or is made to. */
static void end_process(struct sim_process *process, enum sim_process_change change) {
    struct sim_kernel *kernel = process->kernel;
    const struct sim_config *config = &kernel->config;
    threads_abandon(process, change == SIM_PROCESS_EXITED);
    process->threads[0]->state = THREAD_NONE;
    process->threads_living = 0;
    process->doomed = false;
    emit_process(process, change, process->exit_status);
    if (config->on_process_end != NULL) {
        config->on_process_end(config->user_data, process->number, change, process->exit_status);
    }
    process_empty(process);
}

bool turns_on_fiber(const struct sim_kernel *kernel) {
    const struct sim_thread *thread = kernel->thread;
    return thread->state == THREAD_RUNNING && !thread->on_host;
}

static void check_doom(struct sim_kernel *kernel) {
    if (kernel->current->doomed && turns_on_fiber(kernel)) {
        fiber_leave(kernel->thread->fiber, true);
    }
}

void turns_kill(struct sim_process *process) {
    struct sim_kernel *kernel = process->kernel;
    if (kernel->thread->process == process && kernel->thread->state == THREAD_RUNNING) {
        process->doomed = true;
        if (!kernel->in_world) {
            check_doom(kernel);
        }
    } else if (process_is_alive(process)) {
        end_process(process, SIM_PROCESS_KILLED);
    }
}

void sim_process_kill(struct sim_kernel *kernel, unsigned number) {
    struct sim_process *process = process_get(kernel, number);
    assert(kernel->several);
    if (!process_is_alive(process)) {
        emit_process(process, SIM_PROCESS_SPARED, 0);
        return;
    }
    turns_kill(process);
}

bool sim_process_is_alive(const struct sim_kernel *kernel, unsigned number) {
    return process_is_alive(process_get(kernel, number));
}

void sim_process_start(struct sim_kernel *kernel, unsigned number) {
    struct sim_process *process = process_get(kernel, number);
    assert(kernel->several);
    if (process_is_alive(process)) {
        emit_process(process, SIM_PROCESS_GOES_ON, 0);
        return;
    }
    process_revive(process);
    start_process(process);
    emit_process(process, SIM_PROCESS_STARTED, 0);
}

_Noreturn void turns_leave(struct sim_kernel *kernel) {
    kernel->ending = true;
    fiber_leave(kernel->thread->fiber, true);
    abort(); /* nobody enters it again */
}

/* ---- choosing ---- */

static bool can_run(const struct sim_thread *thread) {
    const struct sim_process *process = thread->process;
    if (thread->state != THREAD_WAITING) {
        return thread->state == THREAD_RUNNABLE;
    }
    bool hears_stirs = thread->waits == SIM_THREAD_IN_CALL && !thread->hears_instance_only;
    return thread->woken || thread->deadline_ns <= process->kernel->now_ns
           || (hears_stirs && thread->stirs_seen != process->stirs);
}

static bool any_can_run(const struct sim_process *process) {
    for (uint32_t i = 0; i < process->thread_count; i++) {
        if (can_run(process->threads[i])) {
            return true;
        }
    }
    return false;
}

/* Which of so many that could run is next, counted from the one whose turn it would be. */
static uint32_t choose_turn(
    struct sim_kernel *kernel, struct wbh_choice_point *point, uint32_t count) {
    if (count < 2 || !choice_possible(kernel)) {
        return 0;
    }
    point->kernel = WBH_ACTION_BIT(WBH_ACTION_ORDER);
    point->size = count;
    struct wbh_choice choice = choose(kernel, point);
    if (choice.action != WBH_ACTION_ORDER) {
        return 0;
    }
    choice_consumed(kernel, point->point, choice.action);
    return (uint32_t)choice.value;
}

/* NULL: nobody can run. */
static struct sim_process *next_process(struct sim_kernel *kernel) {
    struct sim_process *candidates[SIM_PROCESSES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 1; i <= kernel->process_count; i++) {
        uint32_t number = (kernel->last_turn + i) % kernel->process_count;
        if (any_can_run(kernel->processes[number])) {
            candidates[count++] = kernel->processes[number];
        }
    }
    if (count < 2 || !choice_possible(kernel)) {
        return count == 0 ? NULL : candidates[0];
    }
    struct wbh_choice_point point = {.point = WBH_POINT_RUN, .ordinal = ++kernel->run_ordinal};
    return candidates[choose_turn(kernel, &point, count)];
}

/* Those of a process that can run, by number from `first` on; returns how many. */
static uint32_t list_runnable(
    struct sim_process *process, uint32_t first, struct sim_thread *candidates[SIM_THREADS_MAX]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < process->thread_count; i++) {
        struct sim_thread *thread = process->threads[(first + i) % process->thread_count];
        if (can_run(thread) || thread->state == THREAD_RUNNING) {
            candidates[count++] = thread;
        }
    }
    return count;
}

static enum wbh_turn turn_of(const struct sim_thread *last) {
    if (last->state == THREAD_RUNNING) {
        return WBH_TURN_HELD;
    }
    return last->state == THREAD_RUNNABLE ? WBH_TURN_SPENT : WBH_TURN_OVER;
}

/* The choice is the moment of the thread that ran last: where it was called upon to give way, or
 * where it began to wait, or ended. */
static struct sim_thread *choose_thread(struct sim_process *process, uint32_t first) {
    struct sim_thread *candidates[SIM_THREADS_MAX];
    uint32_t count = list_runnable(process, first, candidates);
    if (count < 2 || !choice_possible(process->kernel)) {
        return candidates[0];
    }
    struct sim_thread *last = process->threads[process->last_thread];
    uint32_t subjects[SIM_THREADS_MAX];
    for (uint32_t i = 0; i < count; i++) {
        subjects[i] = thread_subject(candidates[i]);
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_SWITCH,
        .subject = thread_subject(last),
        .ordinal = ++last->switch_ordinal,
        .turn = (uint8_t)turn_of(last),
        .threads = subjects,
    };
    return candidates[choose_turn(process->kernel, &point, count)];
}

/* NULL: nobody can run. */
static struct sim_thread *next_thread(struct sim_kernel *kernel) {
    struct sim_thread *chosen = kernel->chosen;
    kernel->chosen = NULL;
    if (chosen != NULL) {
        return chosen;
    }
    struct sim_process *process = next_process(kernel);
    return process == NULL ? NULL : choose_thread(process, process->last_thread + 1);
}

/* ---- the host's loop ---- */

static uint64_t earliest_deadline_ns(const struct sim_kernel *kernel) {
    uint64_t earliest_ns = UINT64_MAX;
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        const struct sim_process *process = kernel->processes[i];
        for (uint32_t k = 0; k < process->thread_count; k++) {
            const struct sim_thread *thread = process->threads[k];
            if (thread->state == THREAD_WAITING && thread->deadline_ns < earliest_ns) {
                earliest_ns = thread->deadline_ns;
            }
        }
    }
    return earliest_ns;
}

static bool any_alive(const struct sim_kernel *kernel) {
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        if (process_is_alive(kernel->processes[i])) {
            return true;
        }
    }
    return false;
}

/* Lets everybody look again: a file that was handed from one process to another wakes its maker. */
static void stir_all(struct sim_kernel *kernel) {
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        kernel->processes[i]->stirs++;
    }
}

/* It has given way, or left its stack for good. */
static void finish_turn(struct sim_thread *thread) {
    struct sim_process *process = thread->process;
    if (thread->state != THREAD_RUNNING) {
        return;
    }
    if (process->doomed) {
        end_process(process, SIM_PROCESS_KILLED);
    } else if (thread->number == 0) {
        end_process(process, SIM_PROCESS_EXITED);
    } else {
        thread_end(thread);
    }
}

static void take_turn(struct sim_thread *thread) {
    struct sim_process *process = thread->process;
    struct sim_kernel *kernel = process->kernel;
    kernel->current = process;
    kernel->thread = thread;
    kernel->last_turn = process->number;
    process->last_thread = thread->number;
    process->acting = (uint8_t)thread->number;
    kernel->turn_began_ns = kernel->now_ns;
    thread->state = THREAD_RUNNING;
    if (thread->on_host) {
        return;
    }
    fiber_enter(thread->fiber);
    if (!kernel->ending) {
        finish_turn(thread);
    }
    process->acting = 0;
}

/* Until it is the turn of `mine` (NULL: of nobody's), whose stack this is; or until the run is
 * left, or nothing can ever happen, which kernel->ending tells. */
static void take_turns(struct sim_kernel *kernel, const struct sim_thread *mine) {
    while (!kernel->ending) {
        struct sim_thread *next = next_thread(kernel);
        if (next != NULL) {
            take_turn(next);
            if (next == mine) {
                return;
            }
            continue;
        }
        if (!kernel->all_looked && schedule_next_ns(kernel) == UINT64_MAX) {
            kernel->all_looked = true;
            stir_all(kernel);
            continue;
        }
        /* In whose name the world's events are. */
        kernel->current = kernel->processes[0];
        kernel->thread = kernel->current->threads[0];
        if (!wait_for_world(kernel, earliest_deadline_ns(kernel))) {
            kernel->stop = any_alive(kernel) ? SIM_STOP_QUIESCENT : SIM_STOP_EXITED;
            kernel->ending = true;
        }
        kernel->all_looked = false;
    }
}

/* ---- giving way ---- */

/* The present thread leaves its stack until its next turn. */
static void give_way(struct sim_kernel *kernel, enum thread_state state) {
    struct sim_thread *thread = kernel->thread;
    thread->state = (uint8_t)state;
    if (!thread->on_host) {
        fiber_leave(thread->fiber, false);
        return;
    }
    take_turns(kernel, thread);
    if (kernel->ending) {
        longjmp(kernel->leave, 1);
    }
}

/* Waits until it is woken or the deadline has come; false: only that. */
static bool wait_for_turn(struct sim_kernel *kernel, uint64_t deadline_ns) {
    struct sim_thread *thread = kernel->thread;
    const struct sim_process *process = thread->process;
    thread->deadline_ns = deadline_ns;
    thread->stirs_seen = process->stirs;
    thread->woken = false;
    give_way(kernel, THREAD_WAITING);
    thread->deadline_ns = UINT64_MAX;
    return thread->woken
           || (thread->waits == SIM_THREAD_IN_CALL && thread->stirs_seen != process->stirs);
}

bool turns_wait(struct sim_kernel *kernel, uint64_t deadline_ns) {
    bool nothing_is_due =
        schedule_next_ns(kernel) > kernel->now_ns && kernel->timer_next_ns > kernel->now_ns;
    if (kernel->now_ns >= deadline_ns && nothing_is_due) {
        return false;
    }
    kernel->thread->waits = SIM_THREAD_IN_CALL;
    return wait_for_turn(kernel, deadline_ns);
}

bool turns_park(struct sim_kernel *kernel, enum sim_thread_wait waits, uint64_t deadline_ns) {
    struct sim_thread *thread = kernel->thread;
    thread->waits = (uint8_t)waits;
    if (kernel->takes_turns) {
        return wait_for_turn(kernel, deadline_ns);
    }
    /* Alone: there is nobody who could ever wake it. */
    thread->deadline_ns = deadline_ns;
    thread->state = THREAD_WAITING;
    while (wait_advance(kernel, deadline_ns)) {
    }
    thread->state = THREAD_RUNNING;
    thread->deadline_ns = UINT64_MAX;
    return false;
}

/* True: another thread of the process was given the turn, and it has come back. */
static bool pre_empted(struct sim_kernel *kernel) {
    struct sim_thread *thread = kernel->thread;
    if (kernel->current->threads_living < 2 || !choice_possible(kernel)) {
        return false;
    }
    struct sim_thread *chosen = choose_thread(kernel->current, thread->number);
    if (chosen == thread) {
        return false;
    }
    kernel->chosen = chosen;
    give_way(kernel, THREAD_RUNNABLE);
    return true;
}

void turns_between_calls(struct sim_kernel *kernel) {
    if (kernel->thread->state != THREAD_RUNNING) {
        return;
    }
    check_doom(kernel);
    if (!pre_empted(kernel) && kernel->now_ns >= kernel->turn_began_ns + SLICE_NS) {
        give_way(kernel, THREAD_RUNNABLE);
    }
}

/* ---- a run of several programs ---- */

enum sim_stop sim_kernel_run_all(struct sim_kernel *kernel) {
    assert(!kernel->in_program && kernel->processes[0]->program != NULL);
    kernel->several = true;
    kernel->takes_turns = true;
    kernel->ending = false;
    kernel->all_looked = false;
    kernel->chosen = NULL;
    kernel->last_turn = kernel->process_count - 1;
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        start_process(kernel->processes[i]);
    }
    kernel->in_program = true;
    if (setjmp(kernel->leave) == 0) {
        take_turns(kernel, NULL);
    }
    kernel->in_program = false;
    kernel->in_world = false;
    kernel->several = false;
    kernel->takes_turns = false;
    kernel->current = kernel->processes[0];
    kernel->thread = kernel->current->threads[0];
    return kernel->stop;
}
