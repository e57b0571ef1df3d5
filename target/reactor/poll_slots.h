/* Which slots of a poll_set are free, and which one a descriptor has: the lowest free slot and the
 * slot of a descriptor are found in constant time, whatever is registered.
 *
 * Thread: as the poll_set's shared part, under its lock. */
#ifndef WB_REACTOR_POLL_SLOTS_H
#define WB_REACTOR_POLL_SLOTS_H

#include <stdint.h>

#include "wb/status.h"
#include "wb/sys.h"

enum { WB__POLL_SLOTS_LEVELS = 3 };

struct wb__poll_slots {
    /* One block. On the first level a bit for each free slot; on each further one a bit for each
     * word of the level below that has any. The last level is looked through: its words stand for
     * 262,144 slots each. */
    uint64_t *words;
    uint32_t level_begin[WB__POLL_SLOTS_LEVELS + 1];
    uint32_t capacity; /* slots */
    uint32_t *slot_of; /* by descriptor: its slot + 1; 0: none */
    uint32_t fd_capacity;
};

/* All zero is one without room. */
void wb__poll_slots_clean_up(struct wb__poll_slots *slots, const struct wb_sys *sys);

/* Room for `capacity` slots, no fewer than there are: the new ones are free. Errors:
 * WB_ERR_NO_MEMORY, and nothing has changed. Allocates. */
WB_MUST_USE enum wb_status wb__poll_slots_grow(
    struct wb__poll_slots *slots, const struct wb_sys *sys, uint32_t capacity);

/* Room for a descriptor. Errors: WB_ERR_NO_MEMORY, and nothing has changed. Allocates. */
WB_MUST_USE enum wb_status wb__poll_slots_know(
    struct wb__poll_slots *slots, const struct wb_sys *sys, int fd);

/* The lowest free slot; the capacity: none is. */
uint32_t wb__poll_slots_lowest(const struct wb__poll_slots *slots);

/* Whether a descriptor has a slot. */
static inline int wb__poll_slots_has(const struct wb__poll_slots *slots, int fd) {
    return (uint32_t)fd < slots->fd_capacity && slots->slot_of[fd] != 0;
}

/* A free slot for a descriptor that there is room for, and back. */
void wb__poll_slots_take(struct wb__poll_slots *slots, uint32_t slot, int fd);
void wb__poll_slots_give_back(struct wb__poll_slots *slots, uint32_t slot, int fd);

#endif
