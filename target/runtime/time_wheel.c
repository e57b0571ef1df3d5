/* The hierarchical timer wheel. */
#include "runtime/time_wheel.h"

#include <assert.h>
#include <stddef.h>

enum { BITS = 6, SLOT_MASK = WB__TIME_SLOTS - 1, TOP = WB__TIME_LEVELS - 1 };

/* A slot, by name. */
struct place {
    unsigned level;
    unsigned index;
};

static struct place place_of(const struct wb__time_wheel *wheel, uint64_t tick) {
    const uint64_t differs = (wheel->done_tick ^ tick) | SLOT_MASK;
    const unsigned level = (63u - (unsigned)__builtin_clzll(differs)) / BITS;
    return (struct place){level, (unsigned)(tick >> (level * BITS)) & SLOT_MASK};
}

/* The first tick that belongs there, in the present block of the level above. */
static uint64_t first_tick(const struct wb__time_wheel *wheel, struct place place) {
    const unsigned above = (place.level + 1) * BITS;
    const uint64_t block = place.level == TOP ? 0 : wheel->done_tick >> above << above;
    return block | (uint64_t)place.index << (place.level * BITS);
}

/* Every timer of a level comes before every timer of the next, and slots of a level are in order:
 * those that time has passed are empty. */
static bool find_first(const struct wb__time_wheel *wheel, struct place *out_place) {
    for (unsigned level = 0; level < WB__TIME_LEVELS; level++) {
        if (wheel->occupied[level] != 0) {
            *out_place = (struct place){level, (unsigned)__builtin_ctzll(wheel->occupied[level])};
            return true;
        }
    }
    return false;
}

static void link_timer(struct wb__time_wheel *wheel, struct wb__timer *timer) {
    const struct place place = place_of(wheel, timer->tick);
    struct wb__time_slot *slot = &wheel->slots[place.level][place.index];
    const uint64_t bit = UINT64_C(1) << place.index;
    timer->next = NULL;
    if ((wheel->occupied[place.level] & bit) == 0) {
        wheel->occupied[place.level] |= bit;
        timer->prev = NULL;
        *slot = (struct wb__time_slot){.head = timer, .tail = timer, .tick_min = timer->tick};
        return;
    }
    timer->prev = slot->tail;
    slot->tail->next = timer;
    slot->tail = timer;
    slot->tick_min = timer->tick < slot->tick_min ? timer->tick : slot->tick_min;
}

static void unlink_timer(
    struct wb__time_wheel *wheel, struct wb__timer *timer, struct place place) {
    struct wb__time_slot *slot = &wheel->slots[place.level][place.index];
    *(timer->prev == NULL ? &slot->head : &timer->prev->next) = timer->next;
    *(timer->next == NULL ? &slot->tail : &timer->next->prev) = timer->prev;
    if (slot->head == NULL) {
        wheel->occupied[place.level] &= ~(UINT64_C(1) << place.index);
    }
}

bool wb__time_wheel_set(struct wb__time_wheel *wheel, struct wb__timer *timer, uint64_t tick) {
    if (tick <= wheel->done_tick) {
        return false;
    }
    timer->tick = tick;
    link_timer(wheel, timer);
    wheel->count++;
    return true;
}

void wb__time_wheel_clear(struct wb__time_wheel *wheel, struct wb__timer *timer) {
    unlink_timer(wheel, timer, place_of(wheel, timer->tick));
    wheel->count--;
}

/* Makes the earliest tick of a slot exact again, if that takes few steps. */
static void search(struct wb__time_slot *slot) {
    uint64_t tick_min = UINT64_MAX;
    unsigned steps = 0;
    for (const struct wb__timer *timer = slot->head; timer != NULL; timer = timer->next) {
        if (++steps > WB__TIME_SEARCH_MAX) {
            return;
        }
        tick_min = timer->tick < tick_min ? timer->tick : tick_min;
    }
    slot->tick_min = tick_min;
}

bool wb__time_wheel_next(struct wb__time_wheel *wheel, uint64_t *out_tick) {
    struct place place;
    if (wheel->count == 0 || !find_first(wheel, &place)) {
        return false;
    }
    struct wb__time_slot *slot = &wheel->slots[place.level][place.index];
    if (place.level != 0) {
        search(slot);
    }
    *out_tick = slot->tick_min;
    return true;
}

/* Time enters the block of this slot: its timers move to lower levels. */
static void cascade(struct wb__time_wheel *wheel, struct place place) {
    struct wb__time_slot *slot = &wheel->slots[place.level][place.index];
    struct wb__timer *timer = slot->head;
    wheel->occupied[place.level] &= ~(UINT64_C(1) << place.index);
    while (timer != NULL) {
        struct wb__timer *next = timer->next;
        link_timer(wheel, timer);
        timer = next;
    }
}

struct wb__timer *wb__time_wheel_pop(struct wb__time_wheel *wheel, uint64_t now_tick) {
    struct place place;
    while (find_first(wheel, &place)) {
        const uint64_t tick = first_tick(wheel, place);
        if (tick > now_tick) {
            break;
        }
        assert(tick >= wheel->done_tick);
        wheel->done_tick = tick;
        if (place.level == 0) {
            struct wb__timer *timer = wheel->slots[0][place.index].head;
            unlink_timer(wheel, timer, place);
            wheel->count--;
            return timer;
        }
        cascade(wheel, place);
    }
    wheel->done_tick = now_tick > wheel->done_tick ? now_tick : wheel->done_tick;
    return NULL;
}
