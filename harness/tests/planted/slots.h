/* Slots for connections: numbers that are given out and taken back, the last first, and tokens that
 * tell one tenant of a slot from the next. */
#ifndef PLANTED_SLOTS_H
#define PLANTED_SLOTS_H

#include <stdint.h>

#include "bugs.h"
#include "wb/sys.h"

enum { PLANTED_SLOTS_MAX = 32, PLANTED_SLOT_NONE = 0xffff };

struct planted_slots {
    const struct wb_sys *sys;
    enum planted_bug bug;
    uint32_t limit;
    uint32_t first_free; /* PLANTED_SLOT_NONE: full */
    uint32_t next_free[PLANTED_SLOTS_MAX];
    uint32_t generation[PLANTED_SLOTS_MAX]; /* odd while in use */
    uint32_t retired[PLANTED_SLOTS_MAX];
    uint32_t retired_count;
};

void planted_slots_init(
    struct planted_slots *slots, const struct wb_sys *sys, enum planted_bug bug, uint32_t limit);

/* PLANTED_SLOT_NONE: all are in use. */
uint32_t planted_slots_take(struct planted_slots *slots);
/* Of a slot that is free already: no effect. */
void planted_slots_give_back(struct planted_slots *slots, uint32_t slot);
/* Given back when the pass ends: what it has still to report may bear the slot's token. */
void planted_slots_retire(struct planted_slots *slots, uint32_t slot);
void planted_slots_end_pass(struct planted_slots *slots);

/* Of a slot in use. */
uint64_t planted_slots_token(const struct planted_slots *slots, uint32_t slot);
/* PLANTED_SLOT_NONE: the tenant that bore this token is gone. */
uint32_t planted_slots_find(const struct planted_slots *slots, uint64_t token);

#endif
