#include "slots.h"

#include <assert.h>

void planted_slots_init(
    struct planted_slots *slots, const struct wb_sys *sys, enum planted_bug bug, uint32_t limit) {
    assert(limit <= PLANTED_SLOTS_MAX);
    *slots = (struct planted_slots){.sys = sys, .bug = bug, .limit = limit};
    for (uint32_t i = 0; i < limit; i++) {
        slots->next_free[i] = i + 1 < limit ? i + 1 : PLANTED_SLOT_NONE;
    }
}

uint32_t planted_slots_take(struct planted_slots *slots) {
    uint32_t slot = slots->first_free;
    if (slot != PLANTED_SLOT_NONE) {
        slots->first_free = slots->next_free[slot];
        slots->generation[slot] |= 1;
        wb_sys_note(slots->sys, WB_NOTE_SLOT_INSERT, 1, slot);
    }
    return slot;
}

void planted_slots_give_back(struct planted_slots *slots, uint32_t slot) {
    if ((slots->generation[slot] & 1) == 0 && slots->bug != PLANTED_DOUBLE_REMOVE) {
        return;
    }
    if ((slots->generation[slot] & 1) != 0) {
        slots->generation[slot]++;
        wb_sys_note(slots->sys, WB_NOTE_SLOT_REMOVE, 1, slot);
    }
    slots->next_free[slot] = slots->first_free;
    slots->first_free = slot;
}

void planted_slots_retire(struct planted_slots *slots, uint32_t slot) {
    slots->retired[slots->retired_count++] = slot;
}

void planted_slots_end_pass(struct planted_slots *slots) {
    while (slots->retired_count > 0) {
        planted_slots_give_back(slots, slots->retired[--slots->retired_count]);
    }
}

uint64_t planted_slots_token(const struct planted_slots *slots, uint32_t slot) {
    if (slots->bug == PLANTED_TOKEN_REUSED) {
        return slot;
    }
    return (uint64_t)slots->generation[slot] << 32 | slot;
}

uint32_t planted_slots_find(const struct planted_slots *slots, uint64_t token) {
    uint32_t slot = (uint32_t)token;
    if (slot >= slots->limit || (slots->generation[slot] & 1) == 0
        || token != planted_slots_token(slots, slot)) {
        return PLANTED_SLOT_NONE;
    }
    return slot;
}
