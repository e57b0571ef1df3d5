/* Several programs in one run, each on a fiber of its own: whose turn it is, how one ends, is
 * killed and begins again.
 *
 * One program runs at a time, until it waits or ends, or until it has had its slice and another
 * could run. Then the host's loop chooses the next among those for whom something has changed, in
 * the order of their numbers after the one that ran last, unless a choice rotates it. Only when
 * none can run does the world act, or the clock jump. */
#include "kernel/fiber.h"
#include "kernel/internal.h"

#include <assert.h>
#include <stdlib.h>

/* A program that never waits must not keep the others from running: as long as Linux's scheduler
 * lets one run where several want to. */
#define SLICE_NS UINT64_C(3000000)

static void emit_process(
    struct sim_process *process, enum sim_process_change change, int exit_status) {
    struct sim_event event = event_begin(process->kernel, SIM_EVENT_PROCESS);
    event.process = (uint8_t)process->number;
    event.a = change;
    event.result = exit_status;
    event_emit(process->kernel, &event);
}

/* ---- the end of a process ---- */

/* Off its own stack: it has ended, or is made to. */
static void end_process(struct sim_process *process, enum sim_process_change change) {
    struct sim_kernel *kernel = process->kernel;
    const struct sim_config *config = &kernel->config;
    process->state = PROCESS_ENDED;
    process->doomed = false;
    emit_process(process, change, process->exit_status);
    if (config->on_process_end != NULL) {
        config->on_process_end(config->user_data, process->number, change, process->exit_status);
    }
    process_empty(process);
}

static void run_program(void *arg) {
    struct sim_process *process = arg;
    process->exit_status = process->program(process->arg);
    fiber_leave(process->fiber, true);
}

static void start_process(struct sim_process *process) {
    if (process->fiber == NULL) {
        process->fiber = fiber_new();
    }
    fiber_start(process->fiber, run_program, process);
    process->state = PROCESS_RUNNABLE;
    process->stirred = true;
    process->doomed = false;
    process->exit_status = -1; /* until it returns */
    process->deadline_ns = UINT64_MAX;
}

bool turns_on_fiber(const struct sim_kernel *kernel) {
    return kernel->several && kernel->current->state == PROCESS_RUNNING;
}

static void check_doom(struct sim_kernel *kernel) {
    if (kernel->current->doomed && turns_on_fiber(kernel)) {
        fiber_leave(kernel->current->fiber, true);
    }
}

void turns_kill(struct sim_process *process) {
    struct sim_kernel *kernel = process->kernel;
    if (process->state == PROCESS_RUNNING) {
        process->doomed = true;
        if (!kernel->in_world) {
            check_doom(kernel);
        }
    } else if (process->state != PROCESS_ENDED) {
        end_process(process, SIM_PROCESS_KILLED);
    }
}

void sim_process_kill(struct sim_kernel *kernel, unsigned number) {
    assert(kernel->several);
    turns_kill(process_get(kernel, number));
}

bool sim_process_is_alive(const struct sim_kernel *kernel, unsigned number) {
    return process_get(kernel, number)->state != PROCESS_ENDED;
}

void sim_process_start(struct sim_kernel *kernel, unsigned number) {
    struct sim_process *process = process_get(kernel, number);
    assert(kernel->several);
    if (process->state != PROCESS_ENDED) {
        return;
    }
    process_revive(process);
    start_process(process);
    emit_process(process, SIM_PROCESS_STARTED, 0);
}

/* ---- giving way ---- */

/* The present process leaves its stack until its next turn. */
static void give_way(struct sim_kernel *kernel, enum process_state state) {
    struct sim_process *process = kernel->current;
    process->state = (uint8_t)state;
    fiber_leave(process->fiber, false);
}

bool turns_wait(struct sim_kernel *kernel, uint64_t deadline_ns) {
    struct sim_process *process = kernel->current;
    bool nothing_is_due =
        schedule_next_ns(kernel) > kernel->now_ns && kernel->timer_next_ns > kernel->now_ns;
    if (kernel->now_ns >= deadline_ns && nothing_is_due) {
        return false;
    }
    process->deadline_ns = deadline_ns;
    process->stirred = false;
    give_way(kernel, PROCESS_WAITING);
    process->deadline_ns = UINT64_MAX;
    return process->stirred;
}

void turns_between_calls(struct sim_kernel *kernel) {
    if (!turns_on_fiber(kernel)) {
        return;
    }
    check_doom(kernel);
    if (kernel->now_ns >= kernel->turn_began_ns + SLICE_NS) {
        give_way(kernel, PROCESS_RUNNABLE);
    }
}

_Noreturn void turns_leave(struct sim_kernel *kernel) {
    kernel->ending = true;
    fiber_leave(kernel->current->fiber, true);
    abort(); /* nobody enters it again */
}

/* ---- choosing ---- */

static bool can_run(const struct sim_process *process) {
    struct sim_kernel *kernel = process->kernel;
    return process->state == PROCESS_RUNNABLE
           || (process->state == PROCESS_WAITING
               && (process->stirred || process->deadline_ns <= kernel->now_ns));
}

/* Which of so many that could run is next, counted from the one whose turn it would be. */
static uint32_t choose_turn(struct sim_kernel *kernel, uint32_t count) {
    if (count < 2 || !choice_possible(kernel)) {
        return 0;
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_RUN,
        .ordinal = ++kernel->run_ordinal,
        .kernel = WBH_ACTION_BIT(WBH_ACTION_ORDER),
        .size = count,
    };
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action != WBH_ACTION_ORDER) {
        return 0;
    }
    choice_consumed(kernel, point.point, choice.action);
    return (uint32_t)choice.value;
}

/* NULL: nobody can run. */
static struct sim_process *next_process(struct sim_kernel *kernel) {
    struct sim_process *candidates[SIM_PROCESSES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 1; i <= kernel->process_count; i++) {
        uint32_t number = (kernel->last_turn + i) % kernel->process_count;
        if (can_run(kernel->processes[number])) {
            candidates[count++] = kernel->processes[number];
        }
    }
    return count == 0 ? NULL : candidates[choose_turn(kernel, count)];
}

static void take_turn(struct sim_process *process) {
    struct sim_kernel *kernel = process->kernel;
    kernel->current = process;
    kernel->last_turn = process->number;
    kernel->turn_began_ns = kernel->now_ns;
    process->state = PROCESS_RUNNING;
    fiber_enter(process->fiber);
    if (process->state == PROCESS_RUNNING && !kernel->ending) {
        end_process(process, process->doomed ? SIM_PROCESS_KILLED : SIM_PROCESS_EXITED);
    }
}

/* ---- the host's loop ---- */

static uint64_t earliest_deadline_ns(const struct sim_kernel *kernel) {
    uint64_t earliest_ns = UINT64_MAX;
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        const struct sim_process *process = kernel->processes[i];
        if (process->state == PROCESS_WAITING && process->deadline_ns < earliest_ns) {
            earliest_ns = process->deadline_ns;
        }
    }
    return earliest_ns;
}

static bool any_alive(const struct sim_kernel *kernel) {
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        if (kernel->processes[i]->state != PROCESS_ENDED) {
            return true;
        }
    }
    return false;
}

/* Lets everybody look again: a file that was handed from one process to another wakes its maker. */
static void stir_all(struct sim_kernel *kernel) {
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        kernel->processes[i]->stirred = true;
    }
}

static enum sim_stop take_turns(struct sim_kernel *kernel) {
    bool all_looked = false;
    for (;;) {
        struct sim_process *next = next_process(kernel);
        if (next != NULL) {
            take_turn(next);
            if (kernel->ending) {
                return kernel->stop;
            }
            continue;
        }
        if (!all_looked && schedule_next_ns(kernel) == UINT64_MAX) {
            all_looked = true;
            stir_all(kernel);
            continue;
        }
        kernel->current = kernel->processes[0]; /* in whose name the world's events are */
        if (!wait_for_world(kernel, earliest_deadline_ns(kernel))) {
            return any_alive(kernel) ? SIM_STOP_QUIESCENT : SIM_STOP_EXITED;
        }
        all_looked = false;
    }
}

enum sim_stop sim_kernel_run_all(struct sim_kernel *kernel) {
    assert(!kernel->in_program && kernel->processes[0]->program != NULL);
    kernel->several = true;
    kernel->ending = false;
    kernel->last_turn = kernel->process_count - 1;
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        start_process(kernel->processes[i]);
    }
    enum sim_stop stop = SIM_STOP_EXITED;
    kernel->in_program = true;
    if (setjmp(kernel->leave) != 0) {
        stop = kernel->stop;
    } else {
        stop = take_turns(kernel);
    }
    kernel->in_program = false;
    kernel->in_world = false;
    kernel->several = false;
    kernel->current = kernel->processes[0];
    return stop;
}
