/* A barrier: tasks wait until so many have come, then all go on; and again.
 *
 * The barrier is in its user's memory, which must not be moved, and must outlive its futures and
 * all calls on it. Thread: any; each future by one at a time. Allocates: nothing. */
#ifndef WB_BARRIER_H
#define WB_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/lock.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/waiter.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are private. */
struct wb_barrier {
    struct wb__lock lock;
    struct wb__wait_queue waiting;
    uint32_t size;
    uint32_t arrived;
    uint64_t rounds;
};

/* For `size` tasks; 0 is 1: nobody ever waits. Errors: none. */
WB_API WB_MUST_USE enum wb_status wb_barrier_init(
    struct wb_barrier *barrier, const struct wb_sys *sys, uint32_t size);

/* Nobody may wait. One of zero bytes, and one cleaned up before, is allowed. */
WB_API void wb_barrier_clean_up(struct wb_barrier *barrier);

/* Over with WB_OK when all of a round have come. It comes with its first poll; dropped while it
 * waits, it has not come. */
struct wb_barrier_wait {
    struct wb_future future;
    struct wb_barrier *barrier;
    struct wb__waiter waiter;
    uint64_t round;
    bool is_leader; /* once it is over: it was the last to come; one in each round */
};

WB_API void wb_barrier_wait_init(struct wb_barrier_wait *wait, struct wb_barrier *barrier);

#ifdef __cplusplus
}
#endif

#endif
