/* Sleeping: the world acts, the clock jumps, and where neither can help the run's owner is asked.
 */
#include "kernel/internal.h"

#include <assert.h>
#include <errno.h>

uint64_t wait_deadline(const struct sim_kernel *kernel, int64_t timeout_ns) {
    if (timeout_ns < 0) {
        return UINT64_MAX;
    }
    return kernel->now_ns + (uint64_t)timeout_ns;
}

/* No farther than just past the end of the run: what lies behind it never happens. */
static void jump_to(struct sim_kernel *kernel, uint64_t at_ns) {
    if (at_ns <= kernel->now_ns) {
        return;
    }
    uint64_t past_end_ns = kernel_end_ns(kernel) + 1;
    if (kernel->in_program && at_ns > past_end_ns) {
        at_ns = past_end_ns;
    }
    struct sim_event event = event_begin(kernel, SIM_EVENT_JUMP);
    event.a = at_ns - kernel->now_ns;
    kernel->now_ns = at_ns;
    event_emit(kernel, &event);
    kernel_leave_if_late(kernel);
}

/* What the run's owner wants done when nothing will happen before the deadline. */
static int ask_idle(struct sim_kernel *kernel, uint64_t deadline_ns) {
    if (kernel->config.on_idle != NULL) {
        return kernel->config.on_idle(kernel->config.user_data, deadline_ns);
    }
    return 2;
}

enum advance { ADVANCE_ACTED, ADVANCE_TIMED_OUT, ADVANCE_STILL };

static enum advance advance(struct sim_kernel *kernel, uint64_t deadline_ns) {
    uint64_t next_ns = schedule_next_ns(kernel);
    /* A timer is another deadline of the program's. */
    bool awaits_timer = kernel->timer_next_ns < deadline_ns;
    deadline_ns = awaits_timer ? kernel->timer_next_ns : deadline_ns;
    if (next_ns != UINT64_MAX && next_ns <= deadline_ns) {
        jump_to(kernel, next_ns);
        schedule_run_due(kernel);
        return ADVANCE_ACTED;
    }
    if (kernel->now_ns >= deadline_ns) {
        timers_run_due(kernel);
        return awaits_timer ? ADVANCE_ACTED : ADVANCE_TIMED_OUT;
    }
    if (next_ns == UINT64_MAX) {
        int decided = ask_idle(kernel, deadline_ns);
        if (decided == 1) {
            return ADVANCE_ACTED;
        }
        if (decided == 0 || deadline_ns == UINT64_MAX) {
            return ADVANCE_STILL;
        }
    }
    jump_to(kernel, deadline_ns);
    timers_run_due(kernel);
    return awaits_timer ? ADVANCE_ACTED : ADVANCE_TIMED_OUT;
}

bool wait_for_world(struct sim_kernel *kernel, uint64_t deadline_ns) {
    if (kernel->stop_requested) {
        kernel_leave(kernel, SIM_STOP_REQUESTED);
    }
    return advance(kernel, deadline_ns) != ADVANCE_STILL;
}

bool wait_advance(struct sim_kernel *kernel, uint64_t deadline_ns) {
    if (kernel->takes_turns) {
        return turns_wait(kernel, deadline_ns);
    }
    if (kernel->stop_requested && kernel->in_program) {
        kernel_leave(kernel, SIM_STOP_REQUESTED);
    }
    enum advance came = advance(kernel, deadline_ns);
    if (came == ADVANCE_STILL) {
        /* Outside of sim_kernel_run nobody could be told: an endless wait for nothing is the
         * caller's error. */
        assert(kernel->in_program);
        kernel_leave(kernel, SIM_STOP_QUIESCENT);
    }
    return came == ADVANCE_ACTED;
}
