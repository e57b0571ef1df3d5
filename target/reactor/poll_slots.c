/* See poll_slots.h. */
#include "reactor/poll_slots.h"

#include <assert.h>
#include <string.h>

enum { WORD_BITS = 64, FD_CAPACITY_FIRST = 64 };

static uint32_t words_for(uint32_t bits) {
    return (bits + WORD_BITS - 1) / WORD_BITS;
}

static size_t words_size(const struct wb__poll_slots *slots) {
    return slots->level_begin[WB__POLL_SLOTS_LEVELS] * sizeof(*slots->words);
}

static size_t fds_size(const struct wb__poll_slots *slots) {
    return slots->fd_capacity * sizeof(*slots->slot_of);
}

void wb__poll_slots_clean_up(struct wb__poll_slots *slots, const struct wb_sys *sys) {
    WB_SYS(sys, free, slots->words, words_size(slots));
    WB_SYS(sys, free, slots->slot_of, fds_size(slots));
    *slots = (struct wb__poll_slots){0};
}

/* ---- bits ---- */

static void set_bit(struct wb__poll_slots *slots, uint32_t bit) {
    for (unsigned level = 0; level < WB__POLL_SLOTS_LEVELS; level++) {
        uint64_t *word = &slots->words[slots->level_begin[level] + bit / WORD_BITS];
        *word |= UINT64_C(1) << bit % WORD_BITS;
        bit /= WORD_BITS;
    }
}

static void clear_bit(struct wb__poll_slots *slots, uint32_t bit) {
    for (unsigned level = 0; level < WB__POLL_SLOTS_LEVELS; level++) {
        uint64_t *word = &slots->words[slots->level_begin[level] + bit / WORD_BITS];
        *word &= ~(UINT64_C(1) << bit % WORD_BITS);
        if (*word != 0) {
            return;
        }
        bit /= WORD_BITS;
    }
}

/* Of a word that has one. */
static uint32_t lowest_bit(uint64_t word) {
    uint32_t bit = 0;
    for (uint32_t half = WORD_BITS / 2; half != 0; half /= 2) {
        if ((word & ((UINT64_C(1) << half) - 1)) == 0) {
            word >>= half;
            bit += half;
        }
    }
    return bit;
}

uint32_t wb__poll_slots_lowest(const struct wb__poll_slots *slots) {
    const uint32_t *begin = slots->level_begin;
    const unsigned last = WB__POLL_SLOTS_LEVELS - 1;
    uint32_t at = 0;
    while (begin[last] + at < begin[last + 1] && slots->words[begin[last] + at] == 0) {
        at++;
    }
    if (begin[last] + at == begin[last + 1]) {
        return slots->capacity;
    }
    for (unsigned level = WB__POLL_SLOTS_LEVELS; level-- > 0;) {
        at = at * WORD_BITS + lowest_bit(slots->words[begin[level] + at]);
    }
    return at;
}

/* ---- room ---- */

enum wb_status wb__poll_slots_grow(
    struct wb__poll_slots *slots, const struct wb_sys *sys, uint32_t capacity) {
    struct wb__poll_slots larger = {
        .capacity = capacity, .slot_of = slots->slot_of, .fd_capacity = slots->fd_capacity};
    uint32_t bits = capacity;
    for (unsigned level = 0; level < WB__POLL_SLOTS_LEVELS; level++) {
        bits = words_for(bits);
        larger.level_begin[level + 1] = larger.level_begin[level] + bits;
    }
    larger.words = WB_SYS(sys, alloc, words_size(&larger));
    if (larger.words == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    memset(larger.words, 0, words_size(&larger));
    for (uint32_t slot = 0; slot < capacity; slot++) {
        const uint64_t word = slot < slots->capacity ? slots->words[slot / WORD_BITS] : UINT64_MAX;
        if ((word >> slot % WORD_BITS & 1u) != 0) {
            set_bit(&larger, slot);
        }
    }
    WB_SYS(sys, free, slots->words, words_size(slots));
    *slots = larger;
    return WB_OK;
}

enum wb_status wb__poll_slots_know(struct wb__poll_slots *slots, const struct wb_sys *sys, int fd) {
    assert(fd >= 0);
    uint32_t capacity = slots->fd_capacity != 0 ? slots->fd_capacity : FD_CAPACITY_FIRST;
    while (capacity <= (uint32_t)fd) {
        capacity *= 2;
    }
    if (capacity == slots->fd_capacity) {
        return WB_OK;
    }
    uint32_t *slot_of =
        WB_SYS(sys, resize, slots->slot_of, fds_size(slots), capacity * sizeof(*slot_of));
    if (slot_of == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    memset(slot_of + slots->fd_capacity, 0, (capacity - slots->fd_capacity) * sizeof(*slot_of));
    slots->slot_of = slot_of;
    slots->fd_capacity = capacity;
    return WB_OK;
}

/* ---- taking ---- */

void wb__poll_slots_take(struct wb__poll_slots *slots, uint32_t slot, int fd) {
    assert(slot < slots->capacity && (uint32_t)fd < slots->fd_capacity);
    clear_bit(slots, slot);
    slots->slot_of[fd] = slot + 1;
}

void wb__poll_slots_give_back(struct wb__poll_slots *slots, uint32_t slot, int fd) {
    assert(wb__poll_slots_has(slots, fd) && slots->slot_of[fd] == slot + 1);
    slots->slot_of[fd] = 0;
    set_bit(slots, slot);
}
