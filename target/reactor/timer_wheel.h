/* A hashed timer wheel: setting and clearing cost the same however many timers there are, as long
 * as few of different turns share a slot, and the next deadline is known exactly, so that nobody
 * wakes for a tick without timers.
 *
 * Time is counted in ticks from the moment of the first timer. A timer is due at the first tick
 * that is not before its deadline, and at least one tick ahead. Its place is the tick modulo the
 * number of slots; timers of later turns wait in the same slot, which is sorted by tick and, within
 * a tick, by age.
 *
 * Thread: one. Announces: WB_NOTE_TIMER_SET, _CLEAR and _FIRE with the deadline at which the timer
 * is due. */
#ifndef WB_REACTOR_TIMER_WHEEL_H
#define WB_REACTOR_TIMER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/status.h"
#include "wb/sys.h"

/* Identifiers hold the index of a node in so many bits, and its generation in the rest. */
#define WB__TIMER_INDEX_BITS 24
#define WB__TIMER_CAPACITY_MAX (1u << WB__TIMER_INDEX_BITS)

struct wb__timer_node;
struct wb__timer_slot;

struct wb__timer_wheel {
    const struct wb_sys *sys;
    uint64_t tick_ns;
    uint64_t origin_ns;           /* tick 0 */
    uint64_t done_tick;           /* every timer is due after this one */
    uint64_t next_tick;           /* earliest tick of any timer; valid if next_is_known */
    struct wb__timer_slot *slots; /* NULL until the first timer */
    uint64_t *occupied;           /* bit per slot */
    struct wb__timer_node *nodes;
    uint32_t slot_count;
    uint32_t capacity_max;
    uint32_t node_capacity;
    uint32_t nodes_touched; /* nodes that were ever used */
    uint32_t free_head;
    uint32_t count;
    bool next_is_known;
};

/* slot_count is a power of two. Allocates nothing yet. */
void wb__timer_wheel_init(struct wb__timer_wheel *wheel, const struct wb_sys *sys, uint64_t tick_ns,
    uint32_t slot_count, uint32_t capacity_max);

/* Clears what is set. */
void wb__timer_wheel_clean_up(struct wb__timer_wheel *wheel);

/* Errors: WB_ERR_FULL, WB_ERR_NO_MEMORY. *out_id is never 0. */
WB_MUST_USE enum wb_status wb__timer_wheel_set(struct wb__timer_wheel *wheel, uint64_t now_ns,
    uint64_t delay_ns, uint64_t value, uint64_t *out_id);

/* Whether there was such a timer. */
bool wb__timer_wheel_clear(struct wb__timer_wheel *wheel, uint64_t id);

static inline bool wb__timer_wheel_is_empty(const struct wb__timer_wheel *wheel) {
    return wheel->count == 0;
}

/* The wheel must not be empty. */
uint64_t wb__timer_wheel_deadline(struct wb__timer_wheel *wheel);

/* Removes the first timer that is due at now_ns and gives its value; false if there is none. With
 * the same now_ns until it returns false: timers set in between are not due. */
bool wb__timer_wheel_fire(struct wb__timer_wheel *wheel, uint64_t now_ns, uint64_t *out_value);

#endif
