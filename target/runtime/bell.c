/* Bells: sleeping until one is called. */
#include "runtime/lock.h"

/* Looks at the bell before one sleeps, some microseconds: a call across threads takes ten times as
 * long if the other is asleep. Who looked in vain looks half as often the next time. */
enum { PATIENCE_MAX = 256, PATIENCE_MIN = 8 };

enum wb_status wb__bell_init(struct wb__bell *bell, const struct wb_sys *sys, bool is_patient) {
    *bell = (struct wb__bell){.patience = is_patient ? PATIENCE_MAX : 0};
    atomic_init(&bell->rings, 0);
    const enum wb_status status = wb__monitor_init(&bell->monitor, sys);
    return status == WB_OK ? wb__signal_init(&bell->rung, sys) : status;
}

void wb__bell_clean_up(struct wb__bell *bell) {
    wb__signal_clean_up(&bell->rung);
    wb__monitor_clean_up(&bell->monitor);
}

void wb__bell_ring(struct wb__bell *bell) {
    wb__monitor_enter(&bell->monitor);
    atomic_fetch_add_explicit(&bell->rings, 1, memory_order_release);
    wb__signal_send_all(&bell->rung);
    wb__monitor_leave(&bell->monitor);
}

static bool has_rung(struct wb__bell *bell, uint64_t heard) {
    return atomic_load_explicit(&bell->rings, memory_order_acquire) != heard;
}

/* Not where threads take turns, since nobody rings meanwhile. */
static void listen_awake(struct wb__bell *bell, uint64_t heard) {
    const uint32_t patience = bell->patience;
    if (patience == 0 || bell->monitor.sys->ops->interleave != NULL || has_rung(bell, heard)) {
        return;
    }
    for (uint32_t i = 0; i < patience; i++) {
        if (has_rung(bell, heard)) {
            bell->patience = PATIENCE_MAX;
            return;
        }
        wb__relax();
    }
    bell->patience = patience / 2 < PATIENCE_MIN ? PATIENCE_MIN : patience / 2;
}

/* The monitor is had once in any case: then whoever rang has left it. */
void wb__bell_await(struct wb__bell *bell, uint64_t heard, int64_t timeout_ns) {
    bool has_time = true;
    listen_awake(bell, heard);
    wb__monitor_enter(&bell->monitor);
    while (!has_rung(bell, heard) && has_time) {
        has_time = wb__signal_await_for(&bell->rung, &bell->monitor, timeout_ns);
    }
    wb__monitor_leave(&bell->monitor);
}
