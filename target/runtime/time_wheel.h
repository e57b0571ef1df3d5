/* A hierarchical timer wheel: eleven levels of 64 slots, so that every tick of a 64-bit clock has
 * its place. Setting, moving and clearing a timer is a few instructions, however many there are and
 * however far away; on its way to its tick a timer moves down a level at most ten times.
 *
 * The lowest level has a slot for each of the next ticks in the present block of 64, the second one
 * for each of the next blocks of 64 ticks in the present block of 4,096, and so on. A timer lies in
 * the level of the highest six bits in which its tick differs from the present one.
 *
 * Timers are the user's memory (struct wb__timer in wb/time.h). Those of one tick keep the order in
 * which they were set. Thread: one at a time. */
#ifndef WB_RUNTIME_TIME_WHEEL_H
#define WB_RUNTIME_TIME_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/time.h"

enum { WB__TIME_LEVELS = 11, WB__TIME_SLOTS = 64 };

struct wb__time_slot {
    struct wb__timer *head;
    struct wb__timer *tail;
    uint64_t tick_min; /* no timer in it is earlier; one that was may have been cleared */
};

/* An empty wheel at tick 0: all zero before `slots`, which may hold anything. */
struct wb__time_wheel {
    uint64_t done_tick; /* everything up to here has been popped */
    uint64_t count;
    uint64_t
        occupied[WB__TIME_LEVELS]; /* bit per slot; one that is not has nothing in it to read */
    struct wb__time_slot slots[WB__TIME_LEVELS][WB__TIME_SLOTS];
};

/* `timer` is in no wheel. False: that tick is done already, and the timer is not set. */
bool wb__time_wheel_set(struct wb__time_wheel *wheel, struct wb__timer *timer, uint64_t tick);

/* `timer` is in this wheel. */
void wb__time_wheel_clear(struct wb__time_wheel *wheel, struct wb__timer *timer);

/* When the next timer is due; false if there is none. May be too early if the first of more than
 * WB__TIME_SEARCH_MAX timers that lie close together was cleared. */
enum { WB__TIME_SEARCH_MAX = 64 };
bool wb__time_wheel_next(struct wb__time_wheel *wheel, uint64_t *out_tick);

/* Takes out the first timer that is due at `now_tick`; NULL if there is none, and time has moved
 * there. */
struct wb__timer *wb__time_wheel_pop(struct wb__time_wheel *wheel, uint64_t now_tick);

#endif
