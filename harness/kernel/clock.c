/* Clocks and entropy. */
#include "kernel/internal.h"

#include <errno.h>

/* 2024-01-01T00:00:00Z: the wall clock of every run begins here. */
#define REAL_START_NS (UINT64_C(1704067200) * 1000000000)

uint64_t real_now(const struct sim_kernel *kernel) {
    return kernel->now_ns + REAL_START_NS + kernel->real_offset_ns;
}

uint64_t sys_clock_gettime(void *self, int clock) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    uint64_t now_ns = kernel->now_ns;
    if (clock == WB_CLOCK_REALTIME) {
        if (choice_possible(kernel)) {
            struct wbh_choice_point point = {
                .point = WBH_POINT_CLOCK,
                .subject = process_subject(kernel->current),
                .ordinal = ++kernel->current->ordinal[WBH_POINT_CLOCK],
                .failing = WBH_ACTION_BIT(WBH_ACTION_JUMP),
            };
            struct wbh_choice choice = choose(kernel, &point);
            if (choice.action == WBH_ACTION_JUMP) {
                kernel->real_offset_ns += choice.value;
                choice_consumed(kernel, point.point, choice.action);
                timers_real_jumped(kernel);
            }
        }
        now_ns = real_now(kernel);
    }
    call_return(kernel, SIM_CALL_CLOCK, -1, NULL, 0, (uint64_t)clock, now_ns);
    return now_ns;
}

static uint64_t entropy_next(struct sim_process *process) {
    process->entropy += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t word = process->entropy;
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

int sys_getrandom(void *self, void *buf, size_t len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    if (buf == NULL && len != 0) {
        return (int)call_return(kernel, SIM_CALL_GETRANDOM, -1, NULL, -EFAULT, len, 0);
    }
    uint8_t *bytes = buf;
    for (size_t i = 0; i < len; i += 8) {
        uint64_t word = entropy_next(kernel->current);
        for (size_t k = 0; k < 8 && i + k < len; k++) {
            bytes[i + k] = (uint8_t)(word >> (8 * k));
        }
    }
    return (int)call_return(kernel, SIM_CALL_GETRANDOM, -1, NULL, 0, len, 0);
}
